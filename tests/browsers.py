"""Real browsers for the tests of the app: pages that must neither complain nor ask anybody else, and cameras."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import pytest

from hipdrive.video import read_clip

PHONE, WIDE = {"width": 360, "height": 740}, {"width": 1200, "height": 860}
CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
FILMED_PX = (640, 360)
WCAG = "wcag2[12]?a{1,2}"  # tags of axe-core for levels A and AA

# Set before any script of a page: what it would say aloud stands in `spoken`, and is heard at once.
SILENT_VOICE = """
window.spoken = [];
window.silenced = 0;
speechSynthesis.speak = (said) => { window.spoken.push(said.text); said.onend?.(); };
speechSynthesis.cancel = () => { window.silenced += 1; };
"""


@contextmanager
def chromium_with(*options: str) -> Iterator[Any]:
    """Debian's Chromium."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium")
    if path is None:
        pytest.skip("there is no Chromium here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", *options])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def page_of(
    browser: Any, address: str, size: dict[str, int] = WIDE, colours: str = "light", may_say: str = "^$"
) -> Iterator[Any]:
    """A page that must neither complain, but for what is expected, nor ask anybody else."""
    context = browser.new_context(
        viewport=size, color_scheme=colours, reduced_motion="reduce", base_url=address, ignore_https_errors=True
    )
    page = context.new_page()
    complaints, asked = listened_to(page)
    try:
        yield page
        assert [said for said in complaints if not re.search(may_say, said)] == []
        assert elsewhere(asked, address) == []
    finally:
        context.close()


def listened_to(page: Any) -> tuple[list[str], list[str]]:
    """What a page complains about from now on, and what it asks for."""
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(re.sub("^ws", "http", socket.url)))
    return complaints, asked


def elsewhere(asked: list[str], address: str) -> list[str]:
    """What is not at the app's own address."""
    own = (f"{address}/", "data:", "blob:")
    return [url for url in asked if url != address and not url.startswith(own)]


def open_page(page: Any, path: str) -> None:
    """Open a page, and wait until it hears the app."""
    page.goto(path)
    page.wait_for_selector("h1")
    page.wait_for_function("() => window.socket === undefined || window.socket.connected")


def choose(page: Any, question: str, answer: str) -> None:
    page.get_by_role("group", name=question).get_by_role("radio", name=answer, exact=True).click()


def number(page: Any, question: str, answer: int) -> None:
    page.get_by_role("group", name=question).get_by_role("button", name=str(answer), exact=True).click()


def camera_film(clip: Path, path: Path) -> Path:
    """What Chromium plays as a camera, 30 pictures a second and then from the beginning: one after the other."""
    with path.open("wb") as film:
        for frame in read_clip(clip):
            picture = cv2.cvtColor(cv2.resize(frame.image, FILMED_PX), cv2.COLOR_RGB2BGR)
            film.write(cv2.imencode(".jpg", picture)[1].tobytes())
    return path


def plays(film: Path) -> tuple[str, ...]:
    """Options of a browser whose camera plays a film, and is allowed to everybody."""
    return (*CAMERA, f"--use-file-for-fake-video-capture={film}")


def is_dark(page: Any) -> bool:
    """Whether the words are brighter than what they stand on."""
    words = page.evaluate("getComputedStyle(document.body).color.match(/[0-9.]+/g).slice(0, 3).map(Number)")
    return bool(sum(words) > 3 * 128)


def in_the_way(page: Any) -> list[tuple[str, str, list[str]]]:
    """What axe-core finds: everything against WCAG 2.2 A and AA, and whatever else is serious."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        (one["id"], one["impact"], [node["html"][:200] for node in one["nodes"]][:3])
        for one in found
        if one["impact"] in ("serious", "critical") or any(re.fullmatch(WCAG, tag) for tag in one["tags"])
    ]
