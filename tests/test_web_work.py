"""Long work in a real browser: clips on their way do not stop the pages, and it outlives pages and the app itself."""

from __future__ import annotations

import re
import shutil
import struct
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app_server import free_port, served
from browsers import PHONE, chromium_with, open_page, page_of
from hipdrive.diary import Diary
from hipdrive.diary.example import fill_example

pytest.importorskip("nicegui")
pytest.importorskip("playwright")

EXAMPLES = Path(__file__).parent.parent / "examples"
CLIP_BYTES = 150 * 1024**2  # of which a browser sends nine parts or more
ROAD_BYTES_S = 6_000_000  # of a home network
LONGEST_MS = 600_000
WORKED = "progress[aria-label='How far the analysis is'][value]"
MOST_WAIT_S = 15.0  # for any page while clips come in, on a busy machine
MOST_STILL_MS = 2000.0  # in which a page that sends a clip draws nothing
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("weights")]

# The longest time that the page has not drawn; counted from when this is run.
STILL = """
window.still = 0;
let last = performance.now();
const look = (now) => { window.still = Math.max(window.still, now - last); last = now; requestAnimationFrame(look); };
requestAnimationFrame(look);
"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with chromium_with() as browser:
        yield browser


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    path = tmp_path / "diary.sqlite3"
    with Diary.open(str(path)) as diary:
        fill_example(diary, date.today())
    return path


def long_clip(path: Path) -> Path:
    """The bridge, as long as a phone's film: the rest is room that a player passes over."""
    shutil.copy(EXAMPLES / "bridge.mp4", path)
    with path.open("ab") as film:
        film.write(struct.pack(">I4s", CLIP_BYTES, b"free"))
        film.truncate(film.tell() + CLIP_BYTES - 8)
    return path


def slow_road(page: Any) -> None:
    """Let a page send no faster than in a home network."""
    limits = {"offline": False, "latency": 5, "downloadThroughput": -1, "uploadThroughput": ROAD_BYTES_S}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", limits)


def send(page: Any, clip: Path) -> None:
    page.locator("[data-upload=file]").set_input_files(clip)


def test_two_clips_at_once_leave_every_page_alive(chromium: Any, diary: Path, tmp_path: Path) -> None:
    clips = [long_clip(tmp_path / name) for name in ("left.mp4", "right.mp4")]
    with (
        served(tmp_path, diary) as address,
        page_of(chromium, address) as left,
        page_of(chromium, address) as right,
        page_of(chromium, address, PHONE) as other,
    ):
        for page in (left, right):
            open_page(page, "/film")
            page.evaluate(STILL)
            slow_road(page)
        for page, clip in zip((left, right), clips, strict=True):
            send(page, clip)
            page.get_by_text(re.compile(r"Sending .*: \d+ of 151 MB")).wait_for()
        waited = []
        for path in ("/", "/plan", "/done", "/progress"):
            began = time.monotonic()
            open_page(other, path)
            waited.append(time.monotonic() - began)
            for page in (left, right):  # they say how far they are, and can be cancelled
                assert "result" in page.url or page.evaluate("window.still") < MOST_STILL_MS
        assert max(waited) < MOST_WAIT_S
        for page in (left, right):
            page.wait_for_url("**/result/*", timeout=LONGEST_MS)
        open_page(other, "/film")
        for clip in clips:
            other.get_by_text(clip.name, exact=True).wait_for()
        while other.get_by_role("button", name="Cancel").filter(visible=True).count():
            other.get_by_role("button", name="Cancel").filter(visible=True).first.click()
            other.wait_for_timeout(500)
        assert other.get_by_role("button", name="Remove").count() == 2


def test_a_clip_on_its_way_can_be_called_back(chromium: Any, diary: Path, tmp_path: Path) -> None:
    with served(tmp_path, diary) as address, page_of(chromium, address, PHONE) as page:
        open_page(page, "/film")
        slow_road(page)
        clip = long_clip(tmp_path / "long.mp4")
        for wait_ms in (0, 1000, 3000):  # before it is announced, and in the middle of its first part
            send(page, clip)
            page.wait_for_timeout(wait_ms)
            page.locator("[data-upload=cancel] button").click()
            page.get_by_text("Cancelled.").wait_for()
            page.locator("[data-upload=drop]").wait_for()
            assert not list((tmp_path / "app" / "jobs").rglob("*.part"))
        assert page.get_by_text("None yet.").is_visible()


def test_work_goes_on_without_the_page_and_after_a_restart(chromium: Any, diary: Path, tmp_path: Path) -> None:
    port = free_port()
    lost = "ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE"  # said while the app is not there
    with page_of(chromium, f"http://127.0.0.1:{port}", PHONE, may_say=lost) as stays:
        with served(tmp_path, diary, port=port) as address:
            with page_of(chromium, address, PHONE) as page:
                open_page(page, "/film")
                send(page, EXAMPLES / "bridge.mp4")
                page.wait_for_url("**/result/*")
                result = page.url
                page.locator(WORKED).wait_for(timeout=LONGEST_MS)
            open_page(stays, "/film")  # the page that began it is closed
            stays.locator(WORKED).wait_for(timeout=LONGEST_MS)
        with served(tmp_path, diary, port=port) as address:
            stays.get_by_role("link", name="See it").wait_for(timeout=LONGEST_MS)  # comes back by itself
            with page_of(chromium, address, PHONE) as page:
                open_page(page, result)
                page.get_by_role("heading", name=re.compile(r"^Repetition 4")).first.wait_for()
