"""Clips come in by themselves or in parts, wait in a queue that survives, and are looked at under limits."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import cv2
import httpx
import msgspec
import pytest
import uvicorn
from fastapi import FastAPI, Request
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from clips import numbered, room, write_clip, write_sound
from hipdrive.cli import app as cli
from hipdrive.diary import AthleteDiary, Diary
from hipdrive.errors import HipdriveError
from hipdrive.results import Analysis
from hipdrive.training.history import Profile
from hipdrive.web import jobs as queue
from hipdrive.web import uploads, who
from hipdrive.web.jobs import Job, Jobs, NoRoom, Patience, checked_asked, forget_files, worker_command
from hipdrive.web.kinds import kind_of, shown_name
from hipdrive.web.settings import WebSettings
from hipdrive.web.worker import ASKED, Order

ROOT = Path(__file__).parent.parent
MP4 = b"\0\0\0\x18ftypmp42" + bytes(5000)  # begins as a video does
SOON_S = 60.0  # on a busy machine

# workers that only seem to work; the folders of the job and of its result are argv[1] and argv[2]
QUICK = """
import json, sys, pathlib
folder, result = map(pathlib.Path, sys.argv[1:])
result.mkdir()
print("not for anybody", flush=True)
for said in ({"total": 20}, {"step": "looking"}, {"done": 20}, {"done": "many"}, ["?"]):
    print(json.dumps(said), flush=True)
(result / "analysis.json").write_text("{}")
(result / "seen.txt").write_bytes(next(folder.glob("upload.*")).read_bytes()[:12])
with (folder.parents[2] / "order.txt").open("a") as file:
    file.write(json.loads((folder / "asked.json").read_text())["name"] + "\\n")
"""
SLEEPER = """
import json, os, pathlib, subprocess, sys, time
folder, result = map(pathlib.Path, sys.argv[1:])
result.mkdir()
(result / "analysis.json").write_text("half of")
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
(folder.parents[2] / "pids.txt").write_text(f"{os.getpid()} {child.pid}")
print(json.dumps({"total": 100, "done": 7, "step": "looking"}), flush=True)
time.sleep(600)
"""
REAL = """
import pathlib, sys
from hipdrive.web import worker
def work(order, folder, result, teller):
    {work}
worker.work = work
sys.exit(worker.main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), worker.Limits({limits})))
"""


@pytest.fixture
def diary(tmp_path: Path) -> Iterator[Diary]:
    with Diary.open(str(tmp_path / "diary.sqlite3")) as opened:
        yield opened


@pytest.fixture
def anna(diary: Diary) -> AthleteDiary:
    return diary.add_athlete(Profile("Anna", height_m=1.7))


@pytest.fixture
def ben(diary: Diary) -> AthleteDiary:
    return diary.add_athlete(Profile("Ben"))


@pytest.fixture
def make(tmp_path: Path, diary: Diary) -> Iterator[Callable[..., Jobs]]:
    """Make a queue whose worker is a script; it is stopped in the end."""
    made: list[Jobs] = []

    def make_jobs(script: str = QUICK, patience: Patience | None = None, **settings: Any) -> Jobs:
        path = tmp_path / f"{uuid4()}.py"
        path.write_text(script)
        made.append(
            Jobs(
                WebSettings(folder=tmp_path, **settings),
                diary,
                command=lambda folder, result: [sys.executable, str(path), str(folder), str(result)],
                patience=patience or Patience(),
            )
        )
        return made[-1]

    yield make_jobs
    for jobs in made:
        jobs.stop()


def clip(tmp_path: Path, content: bytes = MP4) -> Path:
    path = tmp_path / f"{uuid4()}.tmp"
    path.write_bytes(content)
    return path


def until(true: Callable[[], Any], what: str = "it") -> Any:
    """Wait until something is true."""
    end = time.monotonic() + SOON_S
    while time.monotonic() < end:
        if found := true():
            return found
        time.sleep(0.02)
    raise AssertionError(f"{what} did not happen in {SOON_S} s")


def ended(jobs: Jobs, job: Job) -> Job:
    def look() -> Job | None:
        now = jobs.get(job.athlete_uid, job.id)
        assert now is not None
        return now if now.ended else None

    return until(look, "the end of the job")


def failure(jobs: Jobs, anna: AthleteDiary, tmp_path: Path) -> str:
    """Sentence with which a clip fails."""
    job = jobs.submit(anna.uid, "bridge.mp4", clip(tmp_path), {})
    jobs.start()
    failed = ended(jobs, job)
    assert failed.state == "failed"
    until(lambda: not list(jobs.folder(job).glob("upload.*")), "removing the upload")
    assert not list(jobs.folder(job).glob("working-*")) and not jobs.result(job).exists()
    return failed.say


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")  # nobody waits for it


def all_end(running: list[int]) -> None:
    """Wait for the end of processes: they are ended at once, but the system takes its time on a busy machine."""
    until(lambda: not any(map(is_alive, running)), "the end of the processes")


def pids(tmp_path: Path) -> list[int]:
    path = tmp_path / "pids.txt"
    text = until(lambda: path.exists() and path.read_text(), "the start of the worker")
    return [int(pid) for pid in text.split()]


# -- the queue ---------------------------------------------------------------------------------------------------------


def test_clip_waits_is_analysed_and_leaves_its_result(
    make: Callable[..., Jobs], anna: AthleteDiary, tmp_path: Path
) -> None:
    jobs = make()
    source = clip(tmp_path)
    job = jobs.submit(anna.uid, "bridge.mp4", source, {"quality": "fast"})
    assert (job.state, job.say, job.name) == ("queued", queue.WAITING, "bridge.mp4")
    assert not source.exists()
    jobs.start()
    done = ended(jobs, job)
    assert (done.state, done.done_frames, done.total_frames, done.tries) == ("done", 20, 20, 1)
    assert (jobs.result(job) / "seen.txt").read_bytes() == MP4[:12]
    until(lambda: not list(jobs.folder(job).glob("upload.*")), "removing the upload")
    assert jobs.of(anna.uid) == [done]


def test_upload_stays_when_that_is_asked(make: Callable[..., Jobs], anna: AthleteDiary, tmp_path: Path) -> None:
    jobs = make()
    job = jobs.submit(anna.uid, "bridge.mp4", clip(tmp_path), {"keep_upload": "true"})
    jobs.start()
    assert ended(jobs, job).state == "done"
    jobs.stop()
    assert (jobs.folder(job) / "upload.mp4").read_bytes() == MP4


def test_whoever_had_a_turn_waits_for_the_others(
    make: Callable[..., Jobs], anna: AthleteDiary, ben: AthleteDiary, tmp_path: Path
) -> None:
    jobs = make()
    for name in ("a1", "a2", "a3"):
        jobs.submit(anna.uid, name, clip(tmp_path), {})
    for name in ("b1", "b2"):
        jobs.submit(ben.uid, name, clip(tmp_path), {})
    jobs.start()
    order = tmp_path / "order.txt"
    until(lambda: order.exists() and len(order.read_text().split()) == 5, "five jobs")
    assert order.read_text().split() == ["a1", "b1", "a2", "b2", "a3"]


def test_progress_is_told_and_a_cancelled_job_ends_with_all_its_processes(
    make: Callable[..., Jobs], anna: AthleteDiary, tmp_path: Path
) -> None:
    jobs = make(SLEEPER)
    job = jobs.submit(anna.uid, "bridge.mp4", clip(tmp_path), {})
    waiting = jobs.submit(anna.uid, "walk.mp4", clip(tmp_path), {})
    jobs.start()
    now = until(lambda: (got := jobs.get(anna.uid, job.id)) and got.done_frames and got, "progress")
    assert (now.state, now.done_frames, now.total_frames, now.say) == ("running", 7, 100, "looking")
    cancelled = jobs.cancel(anna.uid, waiting.id)
    assert cancelled is not None and cancelled.state == "cancelled" and not jobs.folder(waiting).exists()
    began = time.monotonic()
    cancelled = jobs.cancel(anna.uid, job.id)
    assert cancelled is not None and cancelled.state == "cancelled"
    all_end(pids(tmp_path))
    assert time.monotonic() - began < 20.0  # and not after its 600 s
    until(lambda: not jobs.folder(job).exists(), "removing the files")
    assert jobs.cancel(anna.uid, job.id) == cancelled  # once more changes nothing


def test_another_program_can_cancel_too(make: Callable[..., Jobs], anna: AthleteDiary, tmp_path: Path) -> None:
    jobs, other = make(SLEEPER), make()
    job = jobs.submit(anna.uid, "bridge.mp4", clip(tmp_path), {})
    jobs.start()
    running = pids(tmp_path)
    other.cancel(anna.uid, job.id)
    all_end(running)


def test_only_one_program_works_in_a_folder(make: Callable[..., Jobs], anna: AthleteDiary, tmp_path: Path) -> None:
    first, second = make(SLEEPER), make(QUICK)
    job = first.submit(anna.uid, "bridge.mp4", clip(tmp_path), {})
    first.start()
    running = pids(tmp_path)
    second.start()  # and does not take what the other has begun
    time.sleep(0.3)
    assert all(map(is_alive, running))
    first.stop()
    assert ended(second, job).state == "done"


def test_stopping_puts_the_clip_back_and_does_not_count(
    make: Callable[..., Jobs], anna: AthleteDiary, tmp_path: Path
) -> None:
    jobs = make(SLEEPER)
    job = jobs.submit(anna.uid, "bridge.mp4", clip(tmp_path), {})
    jobs.start()
    running = pids(tmp_path)
    jobs.stop()
    all_end(running)
    back = jobs.get(anna.uid, job.id)
    assert back is not None and (back.state, back.tries) == ("queued", 0)
    assert (jobs.folder(job) / "upload.mp4").exists() and not list(jobs.folder(job).glob("working-*"))


def test_what_was_running_when_the_server_was_killed_is_done_again(
    make: Callable[..., Jobs], anna: AthleteDiary, tmp_path: Path
) -> None:
    jobs = make()
    job = jobs.submit(anna.uid, "bridge.mp4", clip(tmp_path), {})
    real = tmp_path / "real.py"  # ends with its server, as the real one does
    real.write_text(REAL.format(work=f"exec({SLEEPER!r}, {{}})", limits=""))
    server = subprocess.Popen([sys.executable, str(ROOT / "tests/web_jobs_server.py"), str(tmp_path), str(real)])
    try:
        running = pids(tmp_path)
    finally:
        server.send_signal(signal.SIGKILL)
        server.wait()
    all_end(running)
    left = jobs.get(anna.uid, job.id)
    assert left is not None and (left.state, left.tries) == ("running", 1)
    assert list(jobs.folder(job).glob("working-*/analysis.json"))
    jobs.start()
    done = ended(jobs, job)
    assert (done.state, done.tries) == ("done", 2)
    assert (jobs.result(job) / "analysis.json").read_text() == "{}"
    assert not list(jobs.folder(job).glob("working-*"))


def test_a_clip_that_brings_the_server_down_is_not_tried_for_ever(
    make: Callable[..., Jobs], anna: AthleteDiary, tmp_path: Path
) -> None:
    jobs = make()
    job = jobs.submit(anna.uid, "bridge.mp4", clip(tmp_path), {})
    asked = {**msgspec.to_builtins(job.asked), queue.STARTED: queue.MOST_TRIES}
    jobs._change(job, ("queued",), state="running", asked=asked)
    jobs.start()
    failed = ended(jobs, job)
    assert failed.state == "failed" and "3 times" in failed.say and "export it" in failed.say


def test_end_that_cannot_be_written_down_is_come_back_to(
    make: Callable[..., Jobs], anna: AthleteDiary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = make()
    job = jobs.submit(anna.uid, "bridge.mp4", clip(tmp_path), {})
    end, failed = jobs._end, []

    def busy_once(*ending: Any) -> None:
        if not failed:
            failed.append(ending)
            raise HipdriveError("the diary is being written by another program: try again when that has ended")
        end(*ending)

    monkeypatch.setattr(jobs, "_end", busy_once)
    jobs.start()
    done = ended(jobs, job)
    assert failed and (done.state, done.tries) == ("done", 2)


def test_upload_that_is_gone_is_said(make: Callable[..., Jobs], anna: AthleteDiary, tmp_path: Path) -> None:
    jobs = make()
    job = jobs.submit(anna.uid, "bridge.mp4", clip(tmp_path), {})
    forget_files(tmp_path, anna.uid)
    jobs.start()
    assert ended(jobs, job).say == "the file of bridge.mp4 is gone: upload it again"


def test_erased_is_everything(
    make: Callable[..., Jobs], diary: Diary, anna: AthleteDiary, ben: AthleteDiary, tmp_path: Path
) -> None:
    jobs = make(SLEEPER)
    job = jobs.submit(anna.uid, "bridge.mp4", clip(tmp_path), {})
    other = jobs.submit(ben.uid, "ben.mp4", clip(tmp_path), {})
    jobs.start()
    running = pids(tmp_path)
    jobs.forget(anna.uid)
    assert not jobs.folder(job).parent.exists()
    all_end(running)
    anna.erase()
    assert [each.id for each in jobs.of(ben.uid)] == [other.id] and jobs.folder(other).exists()


def test_erasing_only_the_diary_ends_a_job_too(make: Callable[..., Jobs], anna: AthleteDiary, tmp_path: Path) -> None:
    jobs = make(SLEEPER)
    job = jobs.submit(anna.uid, "bridge.mp4", clip(tmp_path), {})
    jobs.start()
    running = pids(tmp_path)
    anna.erase()
    all_end(running)
    until(lambda: not jobs.folder(job).exists(), "removing the files")


def test_erasing_at_the_command_line_takes_the_files_of_the_app(
    make: Callable[..., Jobs], anna: AthleteDiary, ben: AthleteDiary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = make()
    job = jobs.submit(anna.uid, "bridge.mp4", clip(tmp_path), {})
    other = jobs.submit(ben.uid, "bridge.mp4", clip(tmp_path), {})
    monkeypatch.setattr("hipdrive.web.settings.default_folder", lambda: tmp_path)
    monkeypatch.setenv("HIPDRIVE_DATABASE", str(tmp_path / "diary.sqlite3"))
    jobs.diary.close()
    said = CliRunner().invoke(cli, ["data", "erase", "--athlete", "Anna", "--yes"])
    assert said.exit_code == 0, said.output
    assert not jobs.folder(job).parent.exists() and jobs.folder(other).exists()


def test_remove_takes_result_and_entry(
    make: Callable[..., Jobs], anna: AthleteDiary, ben: AthleteDiary, tmp_path: Path
) -> None:
    jobs = make()
    job = jobs.submit(anna.uid, "bridge.mp4", clip(tmp_path), {})
    jobs.start()
    ended(jobs, job)
    assert not jobs.remove(ben.uid, job.id) and jobs.result(job).exists()
    assert jobs.remove(anna.uid, job.id)
    assert jobs.of(anna.uid) == [] and not jobs.folder(job).exists()


def test_queue_and_disk_have_limits(
    make: Callable[..., Jobs], anna: AthleteDiary, ben: AthleteDiary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = make()
    for _ in range(queue.MOST_WAITING):
        jobs.submit(anna.uid, "bridge.mp4", clip(tmp_path), {})
    source = clip(tmp_path)
    with pytest.raises(NoRoom, match="10 clips are waiting already: wait"):
        jobs.submit(anna.uid, "bridge.mp4", source, {})
    assert source.exists()
    jobs.submit(ben.uid, "bridge.mp4", source, {})
    with pytest.raises(NoRoom, match="remove old results"):
        jobs.check_room(ben.uid, queue.MOST_BYTES)
    monkeypatch.setattr(queue, "LEAST_FREE_BYTES", 2**60)
    with pytest.raises(NoRoom, match="no room left on the disk"):
        jobs.check_room(ben.uid, 1)


def test_uploads_that_nobody_goes_on_with_are_removed_and_results_never(
    make: Callable[..., Jobs], anna: AthleteDiary, tmp_path: Path
) -> None:
    jobs = make()
    mine = queue.athlete_folder(tmp_path, anna.uid)
    old, new, result = (mine / str(uuid4()) for _ in range(3))
    for folder in (old, new, result):
        folder.mkdir(parents=True)
        (folder / "incoming.part").write_bytes(b"0")
    (result / "result").mkdir()
    for path in (old, old / "incoming.part", result, result / "incoming.part", result / "result"):
        os.utime(path, (0, 0))
    jobs.sweep()
    assert not old.exists() and new.exists() and result.exists()


# -- limits ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("work", "limits", "sentence"),
    [
        ("bytearray(2 * 1024**3)", "memory_bytes=1024**3", "takes more memory than a clip may"),
        ("while True: pass", "cpu_s=1", "took too long and was ended: cut it"),
        ("result.mkdir(); (result / 'big').write_bytes(bytes(5000))", "file_bytes=4096", "no room left on the disk"),
        ("[open('/dev/null') for _ in range(99)]", "files=32", "hipdrive stumbled over bridge.mp4"),
        ("import os; os.abort()", "", "bridge.mp4 brought the analysis down"),
        ("import os; os.kill(os.getpid(), 9)", "", "takes more memory than a clip may"),
        ("raise ZeroDivisionError", "", "hipdrive stumbled over bridge.mp4"),
        ("pass", "", "bridge.mp4 brought the analysis down"),  # says that it is done, and nothing is there
    ],
)
def test_what_takes_too_much_ends_with_one_sentence(
    work: str, limits: str, sentence: str, make: Callable[..., Jobs], anna: AthleteDiary, tmp_path: Path
) -> None:
    said = failure(make(REAL.format(work=work, limits=limits)), anna, tmp_path)
    assert sentence in said and "Traceback" not in said and str(tmp_path) not in said


@pytest.mark.parametrize(
    ("patience", "sentence"),
    [(Patience(all_s=1.0), "took too long"), (Patience(still_s=1.0), "nothing went on any more")],
)
def test_clock_ends_what_does_not_end(
    patience: Patience, sentence: str, make: Callable[..., Jobs], anna: AthleteDiary, tmp_path: Path
) -> None:
    assert sentence in failure(make(SLEEPER, patience), anna, tmp_path)
    all_end(pids(tmp_path))


def test_worker_knows_no_secrets_and_gives_way(
    make: Callable[..., Jobs], anna: AthleteDiary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIPDRIVE_DATABASE", "postgresql://anna:secret@example/hipdrive")
    work = "import os, resource, json; " + "; ".join(
        [
            "out = folder.parents[2] / 'env.json'",
            "core = resource.getrlimit(resource.RLIMIT_CORE)",
            "out.write_text(json.dumps([dict(os.environ), os.nice(0), core, os.getsid(0) == os.getpid()]))",
        ]
    )
    failure(make(REAL.format(work=work, limits="niceness=3")), anna, tmp_path)
    environment, niceness, core, leads = msgspec.json.decode((tmp_path / "env.json").read_bytes())
    assert "secret" not in str(environment) and "HIPDRIVE_DATABASE" not in environment
    assert niceness >= 3 and core == [0, 0] and leads


# -- the real worker ---------------------------------------------------------------------------------------------------


def really(jobs: Jobs, anna: AthleteDiary, name: str, source: Path, asked: dict[str, Any]) -> Job:
    jobs._command = worker_command
    job = jobs.submit(anna.uid, name, source, asked)
    jobs.start()
    end = time.monotonic() + 300
    while not (now := jobs.get(anna.uid, job.id)) or not now.ended:
        assert time.monotonic() < end
        time.sleep(0.1)
    return now


def test_clip_that_is_too_long_is_not_decoded(make: Callable[..., Jobs], anna: AthleteDiary, tmp_path: Path) -> None:
    source = write_clip(tmp_path / "long.mp4", numbered(60))
    failed = really(make(most_clip_s=1.0), anna, "Brücke 1.mp4", source, {})
    assert failed.say == "Brücke 1.mp4 lasts 2 seconds: cut it to the set or the run, at most 1 seconds"


def test_sound_alone_is_called_by_its_own_name(make: Callable[..., Jobs], anna: AthleteDiary, tmp_path: Path) -> None:
    failed = really(make(), anna, "../../Größe 你好.mp4", write_sound(tmp_path / "sound.mp4"), {})
    assert failed.say == "Größe 你好.mp4 has sound but no picture: choose the video file"


def test_empty_room_on_a_photograph(
    make: Callable[..., Jobs], anna: AthleteDiary, tmp_path: Path, weights: None
) -> None:
    source = tmp_path / "photo.png"
    cv2.imwrite(str(source), room(320, 240))
    failed = really(make(), anna, "Küche.JPG", source, {"quality": "fast"})
    assert failed.state == "failed" and failed.say.startswith("nobody could be seen in Küche.JPG")


@pytest.mark.slow
def test_bridge_becomes_a_whole_folder(
    make: Callable[..., Jobs], anna: AthleteDiary, tmp_path: Path, weights: None
) -> None:
    jobs = make()
    source = clip(tmp_path, (ROOT / "examples/bridge.mp4").read_bytes())
    done = really(
        jobs, anna, "C:\\Users\\anna\\Brücke <1>.mp4", source, {"quality": "fast", "movement": "glute_bridge"}
    )
    assert done.state == "done", done.say
    analysis = Analysis.from_json((jobs.result(done) / "analysis.json").read_bytes())
    assert analysis.source.name == "Brücke <1>.mp4" and analysis.movement.id == "glute_bridge"
    assert len(analysis.repetitions) >= 3
    assert done.done_frames == done.total_frames == 2 * analysis.source.frames
    written = {path.name for path in jobs.result(done).iterdir()}
    assert {"analysis.json", "report.html", "overlay.mp4", "landmarks.parquet", "repetitions.csv"} <= written
    for path in jobs.result(done).iterdir():
        assert b"upload.mp4" not in path.read_bytes() and str(tmp_path).encode() not in path.read_bytes()


# -- names and kinds ---------------------------------------------------------------------------------------------------


@given(st.text(max_size=400))
def test_shown_name_is_short_printable_and_no_path(name: str) -> None:
    shown = shown_name(name)
    assert 0 < len(shown) <= 120 and shown.isprintable()
    assert "/" not in shown and "\\" not in shown and shown not in (".", "..")
    assert shown_name(shown) == shown


@given(st.binary(max_size=300), st.text(max_size=30))
def test_kind_is_of_a_fixed_list_or_refused(head: bytes, name: str) -> None:
    try:
        kind = kind_of(head, name)
    except HipdriveError as error:
        assert ":" in str(error)
    else:
        assert kind[0] == "." and kind[1:].isalnum() and len(kind) <= 8


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (MP4, "film.jpg", ".mp4"),
        (b"\0\0\0\x14ftypqt  ", "IMG_1.MOV", ".mp4"),
        (b"\x1a\x45\xdf\xa3....webm", "a.webm", ".mkv"),
        (b"RIFF....AVI LIST", "a", ".avi"),
        (b"RIFF....WEBPVP8 ", "a", ".webp"),
        (b"\xff\xd8\xff\xe1", "a.mp4", ".jpg"),
        (b"PathFileType\t4", "trial.TRC", ".trc"),
        (b"PAR1....", "a.mp4", ".parquet"),
        (b"\x02\x50", "walk.c3d", ".c3d"),
        (b'{"frames": []}', "a.json", ".json"),
    ],
)
def test_kind_is_told_by_the_bytes(head: bytes, name: str, kind: str) -> None:
    assert kind_of(head, name) == kind


@pytest.mark.parametrize(
    ("head", "name", "sentence"),
    [
        (b"just some text", "clip.mp4", "neither video nor photograph"),
        (b"", "clip.mp4", "is empty"),
        (b"\0\0\0\x18ftypheic", "a.heic", "save it as JPEG"),
        (b"MZ\x90\0", "../../x.csv", "x.csv is neither"),
        (b"#EXTM3U\nhttp://example/", "list.m3u8", "is neither"),
        (b"<html>", "page.html", "is neither"),
    ],
)
def test_what_is_no_clip_is_refused(head: bytes, name: str, sentence: str) -> None:
    with pytest.raises(HipdriveError, match=sentence):
        kind_of(head, name)


def test_kinds_are_what_the_readers_read(tmp_path: Path) -> None:
    """What real writers write is taken for what it is."""
    for suffix, container in (
        (".mp4", "mp4"),
        (".mov", "mov"),
        (".mkv", "matroska"),
        (".avi", "avi"),
        (".ts", "mpegts"),
    ):
        path = write_clip(tmp_path / f"a{suffix}", numbered(3), container=container)
        assert kind_of(path.read_bytes()[:4096], "a") == {".mov": ".mp4"}.get(suffix, suffix)
    for suffix in (".jpg", ".png", ".webp", ".bmp"):
        cv2.imwrite(str(tmp_path / f"a{suffix}"), room())
        assert kind_of((tmp_path / f"a{suffix}").read_bytes()[:4096], "a") == suffix


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"quality": "excellent"}, "fast"),
        ({"height_m": "170"}, "not plausible"),
        ({"height_m": "nan"}, "not plausible"),
        ({"movement": "dance"}, "dance"),
        ({"folder": "/etc"}, "'folder' is not known"),
        ({"slow_motion": "0"}, "makes no sense"),
        ({"rate_hz": "-1"}, "make no sense"),
    ],
)
def test_nonsense_is_said_before_the_work(asked: dict[str, str], sentence: str) -> None:
    with pytest.raises(HipdriveError, match=sentence):
        checked_asked(asked)


# -- over the wire -----------------------------------------------------------------------------------------------------


@contextmanager
def serving(jobs: Jobs, athletes: dict[str, AthleteDiary], monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve the queue; who asks says so in a header."""
    app = FastAPI()
    app.include_router(uploads.router)
    app.state.settings, app.state.diary, app.state.jobs = jobs.settings, jobs.diary, jobs

    def athlete_of(request: Request) -> AthleteDiary:
        return athletes[request.headers.get("x-athlete", "anna")]

    monkeypatch.setattr(who, "athlete_of", athlete_of)

    @app.get("/light")
    def light() -> str:
        return "ok"

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        until(lambda: server.started, "the start of the server")
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(SOON_S)


@pytest.fixture
def served(
    make: Callable[..., Jobs], anna: AthleteDiary, ben: AthleteDiary, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[httpx.Client, Jobs]]:
    jobs = make(most_upload_bytes=30_000_000)
    with (
        serving(jobs, {"anna": anna, "ben": ben}, monkeypatch) as address,
        httpx.Client(base_url=f"{address}/api/v1", timeout=SOON_S) as client,
    ):
        yield client, jobs


BEN = {"x-athlete": "ben"}


def annas(jobs: Jobs) -> list[Job]:
    return jobs.of(jobs.diary.athlete("Anna").uid)


def test_clip_comes_in_parts_and_goes_on_where_it_broke_off(served: tuple[httpx.Client, Jobs]) -> None:
    client, jobs = served
    name = "../../Brücke «1» 🍑.mp4"
    begun = client.post("/uploads", params={"name": name, "size": len(MP4), "quality": "fast"})
    assert begun.status_code == 201
    upload = begun.json()
    assert (upload["offset"], upload["size"], upload["name"]) == (0, len(MP4), "Brücke «1» 🍑.mp4")
    path = f"/uploads/{upload['id']}"
    assert client.put(path, params={"offset": 0}, content=MP4[:3000]).json()["offset"] == 3000
    wrong = client.put(path, params={"offset": 2000}, content=MP4[2000:])
    assert wrong.status_code == 409 and wrong.headers["upload-offset"] == "3000"
    assert client.get(path).json()["offset"] == 3000
    assert [each["id"] for each in client.get("/uploads").json()] == [upload["id"]]
    assert client.put(path, params={"offset": 3000}, content=MP4[3000:] + b"!").status_code == 413
    last = client.put(path, params={"offset": 3000}, content=MP4[3000:])
    assert (last.status_code, last.headers["location"]) == (202, f"/api/v1/jobs/{upload['id']}")
    job = last.json()["job"]
    assert (job["id"], job["state"], job["name"]) == (upload["id"], "queued", "Brücke «1» 🍑.mp4")
    again = client.put(path, params={"offset": 3000}, content=MP4[3000:])  # the answer was lost
    assert again.json()["job"]["id"] == client.get(path).json()["job"]["id"] == job["id"]
    assert client.get("/uploads").json() == []
    mine = jobs.get(jobs.diary.athlete("Anna").uid, job["id"])
    assert mine is not None
    assert (jobs.folder(mine) / "upload.mp4").read_bytes() == MP4
    order = msgspec.json.decode((jobs.folder(mine) / ASKED).read_bytes(), type=Order)
    assert (order.name, order.asked.quality) == ("Brücke «1» 🍑.mp4", "fast")
    inside = {path.relative_to(jobs.root).parts for path in jobs.root.rglob("*") if path.is_file()}
    assert all(len(parts) == 3 or parts == ("lock",) for parts in inside), inside


def test_whole_clip_is_analysed_and_given_back_in_ranges(served: tuple[httpx.Client, Jobs]) -> None:
    client, jobs = served
    sent = client.post("/uploads", params={"name": "bridge.mp4"}, content=MP4)
    assert sent.status_code == 202
    path = f"/jobs/{sent.json()['job']['id']}"
    assert client.get(f"{path}/files/analysis.json").status_code == 404  # not yet
    job = annas(jobs)[0]
    jobs.start()
    assert ended(jobs, job).state == "done"
    result = jobs.result(job)
    (result / "overlay.mp4").write_bytes(bytes(range(256)))
    own = "default-src &#39;none&#39;; script-src &#39;sha256-abc=&#39;"
    (result / "report.html").write_text(f'<meta http-equiv="Content-Security-Policy" content="{own}"><p>hello')
    (result / "muscles.html").write_text("<p>nothing is known of this page")
    part = client.get(f"{path}/files/overlay.mp4", headers={"range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, bytes(range(10, 20)))
    assert part.headers["content-range"] == "bytes 10-19/256" and part.headers["content-type"] == "video/mp4"
    assert client.get(f"{path}/files/overlay.mp4", headers={"range": "bytes=-6"}).content == bytes(range(250, 256))
    assert client.get(f"{path}/files/overlay.mp4", headers={"range": "bytes=900-"}).status_code == 416
    whole = client.get(f"{path}/files/overlay.mp4")
    assert whole.headers["accept-ranges"] == "bytes" and len(whole.content) == 256

    report = client.get(f"{path}/files/report.html")
    policy = report.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'sha256-abc=';") and "sandbox allow-scripts" in policy
    assert client.get(f"{path}/files/muscles.html").headers["content-security-policy"].startswith("default-src 'none';")
    for name in ("asked.json", "worker.log", "seen.txt", "../asked.json", "..%2fasked.json", "%2fetc%2fpasswd"):
        assert client.get(f"{path}/files/{name}").status_code == 404, name


def test_clips_of_others_are_not_there(served: tuple[httpx.Client, Jobs]) -> None:
    client, jobs = served
    job = client.post("/uploads", params={"name": "bridge.mp4"}, content=MP4).json()["job"]
    upload = client.post("/uploads", params={"name": "walk.mp4", "size": 9000}).json()["id"]
    jobs.start()
    assert ended(jobs, annas(jobs)[0]).state == "done"
    for method, path in (
        ("GET", f"/jobs/{job['id']}/files/analysis.json"),
        ("GET", f"/uploads/{job['id']}"),
        ("GET", f"/uploads/{upload}"),
        ("PUT", f"/uploads/{upload}?offset=0"),
        ("DELETE", f"/uploads/{upload}"),
    ):
        assert client.request(method, path, headers=BEN).status_code == 404, (method, path)
        assert client.request(method, path.replace(path.split("/")[2][:36], str(uuid4()))).status_code == 404
        assert client.request(method, path.replace(path.split("/")[2][:36], "..")).status_code in (404, 405, 422)
    assert client.get("/uploads", headers=BEN).json() == []
    assert client.get(f"/jobs/{job['id']}/files/analysis.json").text == "{}"
    assert client.get(f"/uploads/{upload}").json()["offset"] == 0


@pytest.mark.parametrize(
    ("params", "content", "status"),
    [
        ({"name": "clip.mp4"}, b"just some text, whatever its name says", 415),
        ({"name": "clip.mp4"}, None, 422),  # neither size nor bytes
        ({"name": "clip.mp4", "size": "0"}, None, 422),
        ({"name": "clip.mp4", "size": "-1"}, None, 422),
        ({"name": "clip.mp4", "size": "²"}, None, 422),
        ({"name": "clip.mp4", "size": "1e3"}, None, 422),
        ({"name": "clip.mp4", "size": "30000001"}, None, 413),
        ({"name": "clip.mp4", "size": "9" * 400}, None, 413),
        ({"name": "clip.mp4", "quality": "?"}, MP4, 422),
        ({"name": "clip.mp4", "athlete_uid": "?"}, MP4, 422),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(
    params: dict[str, str], content: bytes | None, status: int, served: tuple[httpx.Client, Jobs]
) -> None:
    client, jobs = served
    answer = client.post("/uploads", params=params, content=content)
    assert answer.status_code == status
    assert len(answer.json()["detail"]) > 10
    assert not [path for path in jobs.root.rglob("*") if path.is_file()]
    assert annas(jobs) == []


def test_text_in_parts_is_refused_with_its_first_part(served: tuple[httpx.Client, Jobs]) -> None:
    client, _ = served
    upload = client.post("/uploads", params={"name": "clip.mp4", "size": 20_000_000}).json()["id"]
    answer = client.put(f"/uploads/{upload}", params={"offset": 0}, content=b"text " * 2000)
    assert answer.status_code == 415 and "neither video" in answer.json()["detail"]
    assert client.get(f"/uploads/{upload}").status_code == 404


def raw(client: httpx.Client, head: str, body: bytes = b"") -> socket.socket:
    """Send a request by hand."""
    road = socket.create_connection((client.base_url.host, client.base_url.port or 0), SOON_S)
    road.sendall(f"{head}\r\nHost: {client.base_url.host}\r\n".encode() + body)
    return road


def test_large_content_length_is_refused_before_anything_is_read(served: tuple[httpx.Client, Jobs]) -> None:
    client, jobs = served
    with raw(client, "POST /api/v1/uploads?name=a.mp4 HTTP/1.1", b"Content-Length: 99999999999999\r\n\r\n") as road:
        assert b" 413 " in road.recv(4096)
    assert not list(jobs.root.glob("*/*"))


def test_endless_stream_is_ended(served: tuple[httpx.Client, Jobs]) -> None:
    client, jobs = served

    def endless() -> Iterator[bytes]:
        yield MP4
        while True:
            yield bytes(1_000_000)

    with suppress(httpx.TransportError):  # the server has answered and hung up while we still sent
        assert client.post("/uploads", params={"name": "a.mp4"}, content=endless()).status_code == 413
    until(lambda: not list(jobs.root.glob("*/*")), "removing what came")
    assert annas(jobs) == []


def test_clip_that_breaks_off_is_removed_and_a_part_of_it_is_kept(served: tuple[httpx.Client, Jobs]) -> None:
    client, jobs = served
    with raw(client, "POST /api/v1/uploads?name=a.mp4 HTTP/1.1", b"Content-Length: 900000\r\n\r\n" + MP4):
        until(lambda: list(jobs.root.glob("*/*/incoming.part")), "the beginning")
    until(lambda: not list(jobs.root.glob("*/*")), "removing it")

    upload = client.post("/uploads", params={"name": "a.mp4", "size": 900_000}).json()["id"]
    head = f"PUT /api/v1/uploads/{upload}?offset=0 HTTP/1.1"
    with raw(client, head, b"Content-Length: 900000\r\n\r\n" + MP4):
        time.sleep(0.2)
    until(lambda: client.get(f"/uploads/{upload}").json()["offset"] == len(MP4), "keeping the part")
    rest = client.put(f"/uploads/{upload}", params={"offset": len(MP4)}, content=bytes(900_000 - len(MP4)))
    assert rest.json()["job"]["state"] == "queued"


def test_new_connection_takes_the_place_of_one_that_hangs(served: tuple[httpx.Client, Jobs]) -> None:
    client, jobs = served
    size = 3 * 1024**2
    upload = client.post("/uploads", params={"name": "a.mp4", "size": size}).json()["id"]
    head = f"PUT /api/v1/uploads/{upload}?offset=0 HTTP/1.1"
    first = MP4 + bytes(1536 * 1024)  # a block and a half: after the block nothing is written until more comes
    with raw(client, head, f"Content-Length: {size}\r\n\r\n".encode() + first) as hanging:
        there = until(lambda: client.get(f"/uploads/{upload}").json()["offset"], "the first block")
        rest = client.put(f"/uploads/{upload}", params={"offset": there}, content=bytes(size - there))
        assert rest.status_code == 202
        hanging.sendall(b"x" * (size - len(first)))  # comes back to life, and is not heard
        assert b" 409 " in hanging.recv(4096)
    mine = jobs.of(jobs.diary.athlete("Anna").uid)[0]
    content = (jobs.folder(mine) / "upload.mp4").read_bytes()
    assert len(content) == size and b"x" not in content and content.startswith(MP4)


def test_an_upload_that_nobody_goes_on_with_makes_room(served: tuple[httpx.Client, Jobs]) -> None:
    client, jobs = served
    begun = [client.post("/uploads", params={"name": "a.mp4", "size": 9000}).json()["id"] for _ in range(5)]
    assert client.post("/uploads", params={"name": "a.mp4", "size": 9000}).status_code == 507
    for upload, quiet_s in zip(begun, (10, 2000, 3000, 0, 0), strict=True):
        (part,) = jobs.root.glob(f"*/{upload}/incoming.part")
        os.utime(part, (time.time() - quiet_s,) * 2)
    assert client.post("/uploads", params={"name": "a.mp4", "size": 9000}).status_code == 201
    left = {one["id"] for one in client.get("/uploads").json()}
    assert begun[2] not in left and set(begun) - {begun[2]} < left


def test_upload_can_be_dropped_and_there_are_not_too_many(served: tuple[httpx.Client, Jobs]) -> None:
    client, _ = served
    begun = [client.post("/uploads", params={"name": "a.mp4", "size": 9000}).json()["id"] for _ in range(5)]
    full = client.post("/uploads", params={"name": "a.mp4", "size": 9000})
    assert full.status_code == 507 and "5 uploads are not finished" in full.json()["detail"]
    assert client.delete(f"/uploads/{begun[0]}").status_code == 204
    assert client.delete(f"/uploads/{begun[0]}").status_code == 404
    assert client.post("/uploads", params={"name": "a.mp4", "size": 9000}).status_code == 201


def test_job_is_cancelled_by_its_upload(served: tuple[httpx.Client, Jobs]) -> None:
    client, jobs = served
    job = client.post("/uploads", params={"name": "bridge.mp4"}, content=MP4).json()["job"]["id"]
    assert client.delete(f"/uploads/{job}").status_code == 204
    assert [each.state for each in annas(jobs)] == ["cancelled"]


def test_profile_fills_what_is_not_said(served: tuple[httpx.Client, Jobs]) -> None:
    client, jobs = served
    client.post("/uploads", params={"name": "run.mp4", "speed_kmh": "11", "mass_kg": "60"}, content=MP4)
    asked = annas(jobs)[0].asked
    assert (asked.height_m, asked.mass_kg, asked.speed_kmh, asked.sex) == (1.7, 60.0, 11.0, None)


def test_two_uploads_and_a_running_clip_leave_the_page_alone(served: tuple[httpx.Client, Jobs]) -> None:
    client, _ = served
    answers: list[int] = []

    def slowly() -> Iterator[bytes]:
        yield MP4
        for _ in range(20):
            time.sleep(0.02)
            yield bytes(1_000_000)
        until(lambda: len(waited) >= 5, "five answers while clips come in")

    def send() -> None:
        with httpx.Client(base_url=client.base_url, timeout=SOON_S) as mine:
            answers.append(mine.post("/uploads", params={"name": "a.mp4"}, content=slowly()).status_code)

    waited: list[float] = []
    senders = [threading.Thread(target=send) for _ in range(2)]
    for sender in senders:
        sender.start()
    while any(sender.is_alive() for sender in senders):
        began = time.monotonic()
        assert client.get(str(client.base_url.copy_with(path="/light"))).json() == "ok"
        waited.append(time.monotonic() - began)
        time.sleep(0.01)
    assert answers == [202, 202]
    assert sorted(waited)[len(waited) // 2] < 1.0
