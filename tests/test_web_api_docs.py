"""The requests of docs/api.md are sent as they stand there, one after the other."""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI

from hipdrive.diary import Diary
from hipdrive.web import api
from run_files import fit_file
from web_api import ANALYSIS, CLIP, Client, client_of, running

PAGE = (Path(__file__).parent.parent / "docs" / "api.md").read_text(encoding="utf-8")
REQUESTS = [
    line
    for block in re.findall(r"```sh\n(.*?)```", PAGE, flags=re.DOTALL)
    for line in re.split(r"\n(?=curl )", block.replace("\\\n", " ").strip())
]


@pytest.fixture
def nobody(tmp_path: Path) -> Iterator[Client]:
    """Whoever asks on their own machine, with a diary that has not begun."""
    with Diary.open(str(tmp_path / "diary.sqlite3")) as diary:
        app = FastAPI()
        with running(app, diary, tmp_path):
            yield client_of(app, None)


def send(client: Client, line: str, folder: Path, known: dict[str, str]) -> Any:
    """Do what curl would do, with what the shell would know."""
    words = iter(shlex.split(Template(line).substitute(known, API="/api/v1")))
    assert next(words) == "curl"
    method, address, headers, body, out = "GET", "", {}, b"", None
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = next(words).encode()
        elif word == "--data-binary":
            body = (folder / next(words).removeprefix("@")).read_bytes()
        elif word == "-o":
            out = folder / next(words)
        else:
            assert not address and word.startswith("/"), word
            address = word
    answer = client.request(method, address, content=body, headers=headers)
    assert answer.status_code in (200, 201, 202, 204), (line, answer.text)
    if out is not None:
        out.write_bytes(answer.content)
    return answer


def test_the_requests_of_the_page_do_what_it_says(nobody: Client, tmp_path: Path) -> None:
    assert len(REQUESTS) > 15
    (tmp_path / "run.fit").write_bytes(fit_file())
    (tmp_path / "bridge.mp4").write_bytes(CLIP)
    jobs = nobody.app.state.jobs
    (tmp_path / "part1").write_bytes(CLIP[:50])
    (tmp_path / "part2").write_bytes(CLIP[50:])
    answers: list[Any] = []
    known = {"SIZE": str(len(CLIP)), "OFFSET": "50"}
    for line in REQUESTS:
        answer = send(nobody, line, tmp_path, known)
        if "/diary?" in line:
            known["ENTRY"] = answer.json()[0]["id"]
        elif "&size=" in line:
            known["UPLOAD"] = answer.json()["id"]
        elif "/uploads?" in line:
            known["JOB"] = answer.json()["id"]
            jobs.start()
            until = time.monotonic() + 30
            while (now := nobody.get(answer.headers["location"]).json())["state"] in ("queued", "running"):
                assert time.monotonic() < until
                time.sleep(0.05)
            jobs.stop()
            assert now["state"] == "done", now
        answers.append(answer)
    by_path = {urlsplit(str(answer.url)).path.removeprefix("/api/v1"): answer for answer in answers}
    assert by_path["/plan"].json()["weeks"] and by_path["/plan"].json()["stopped"] is None
    assert (tmp_path / "hipdrive.ics").read_bytes().startswith(b"BEGIN:VCALENDAR")
    assert by_path["/runs/file"].json()["new"] == 1
    assert (tmp_path / "analysis.json").read_text() == ANALYSIS.to_json()
    assert (tmp_path / "bridge.zip").read_bytes().startswith(b"PK")
    assert by_path[f"/uploads/{known['UPLOAD']}"].json()["job"]["state"] == "queued"
    assert by_path["/analyses"].json()[0]["day"] == "2026-11-20"
    assert (tmp_path / "my-diary.zip").read_bytes().startswith(b"PK")
    assert nobody.app.state.diary.athletes() == []


def test_every_path_that_the_page_names_is_there() -> None:
    known = {re.sub(r"\{\w+\}", "X", path) for path in api.openapi()["paths"]}
    named = re.findall(r"`(?:GET |POST |DELETE |PUT )?(/[a-z][\w/.-]*)(?:\?[^`]*)?`", PAGE)
    assert len(named) >= 6
    for path in named:
        if path in ("/api/v1", "/api/v1/openapi.json"):
            continue
        plain = re.sub(r"ID|NAME|2026-W48-1", "X", path)
        assert f"/api/v1{plain}" in known, path
