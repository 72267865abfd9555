"""The live page in a real browser with a camera that plays a clip: counted, said, kept or thrown away."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import cv2
import pytest

from app_server import served
from hipdrive.diary import Diary
from hipdrive.diary.example import fill_example
from hipdrive.live import LEAST_RATE_HZ
from hipdrive.video import read_clip

pytest.importorskip("nicegui")
pytest.importorskip("playwright")

EXAMPLES = Path(__file__).parent.parent / "examples"
PHONE, WIDE = {"width": 360, "height": 740}, {"width": 1200, "height": 860}
LONGEST_MS = 90_000
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("weights")]


def camera_film(clip: Path, path: Path) -> Path:
    """What Chromium plays as a camera, 30 pictures a second and then from the beginning: one after the other."""
    with path.open("wb") as film:
        for frame in read_clip(clip):
            picture = cv2.cvtColor(cv2.resize(frame.image, (640, 360)), cv2.COLOR_RGB2BGR)
            film.write(cv2.imencode(".jpg", picture)[1].tobytes())
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("live")
    with Diary.open(str(folder / "diary.sqlite3")) as diary:
        fill_example(diary, date.today())
    return folder


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with served(folder, folder / "diary.sqlite3") as address:
        yield address


@contextmanager
def page_with_camera(address: str, film: Path, size: dict[str, int] = WIDE, colours: str = "light") -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium")
    if path is None:
        pytest.skip("there is no Chromium here")
    camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", *camera, f"--use-file-for-fake-video-capture={film}"]
        )
        context = browser.new_context(viewport=size, color_scheme=colours, base_url=address)
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/film/live")
        page.locator("#live[data-ready]").wait_for()
        yield page
        assert complaints == []
        browser.close()


def part(page: Any, name: str) -> Any:
    return page.locator(f"#live [data-part={name}]")


def kept(folder: Path) -> list[str]:
    with Diary.open(str(folder / "diary.sqlite3")) as diary:
        return [seen.name for seen in diary.athlete().history().seen if seen.name.startswith("live")]


def looks(page: Any) -> int:
    """How many pictures were looked at."""
    return int(page.locator("#live").get_attribute("data-looks"))


def counts_to(page: Any, number: int) -> None:
    page.wait_for_function(
        f"+document.querySelector('#live [data-part=count]').textContent >= {number}", timeout=LONGEST_MS
    )


@pytest.mark.parametrize(("name", "movement", "count"), [("bridge", "glute_bridge", 4), ("walk", "monster_walk", 6)])
def test_a_set_is_counted_and_kept(name, movement, count, address, folder, tmp_path):
    film = camera_film(EXAMPLES / f"{name}.mp4", tmp_path / "film.mjpeg")
    before = len(kept(folder))
    with page_with_camera(address, film) as page:
        part(page, "movement").select_option(movement)
        part(page, "start").click()
        begun = time.monotonic()
        counts_to(page, count)
        too_busy = looks(page) < LEAST_RATE_HZ * (time.monotonic() - begun)  # then it is not counted in one pass
        part(page, "stop").click()
        part(page, "sum").wait_for(timeout=LONGEST_MS)
        if not too_busy:
            assert part(page, "sum").text_content().startswith(f"{count} ")
        assert len(kept(folder)) == before
        part(page, "keep").click()
        page.get_by_text("In the diary of").wait_for()
    assert len(kept(folder)) == before + 1
    if too_busy:
        pytest.skip("this machine is too busy to look at enough pictures: all but the count was tested")


def test_with_the_keyboard_alone_on_a_phone_and_thrown_away(address, folder, tmp_path):
    film = camera_film(EXAMPLES / "walk.mp4", tmp_path / "film.mjpeg")
    before = kept(folder)
    with page_with_camera(address, film, PHONE, "dark") as page:
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        part(page, "movement").focus()
        page.keyboard.press("ArrowDown")
        assert part(page, "movement").input_value() == "monster_walk"
        part(page, "start").focus()
        page.keyboard.press("Enter")
        counts_to(page, 1)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert float(part(page, "count").evaluate("one => parseFloat(getComputedStyle(one).fontSize)")) >= 110
        page.keyboard.press("Enter")  # on Stop, which has the focus
        part(page, "throw").wait_for(timeout=LONGEST_MS)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.get_by_text("Nothing was kept").wait_for()
    assert kept(folder) == before


def test_the_voice_stays_off(address, tmp_path):
    film = camera_film(EXAMPLES / "walk.mp4", tmp_path / "film.mjpeg")
    with page_with_camera(address, film) as page:
        part(page, "mute").click()
        assert part(page, "mute").get_attribute("aria-pressed") == "true"
        page.reload()
        page.locator("#live[data-ready]").wait_for()
        assert part(page, "mute").text_content() == "Voice: off"


def test_who_leaves_the_page_leaves_no_camera_and_no_place(address, tmp_path):
    """As often as there are places, and once more."""
    film = camera_film(EXAMPLES / "walk.mp4", tmp_path / "film.mjpeg")
    with page_with_camera(address, film) as page:
        for _ in range(3):
            part(page, "start").click()
            page.locator("#live[data-looks]").wait_for(timeout=LONGEST_MS)
            page.goto("/film/live")
            page.locator("#live[data-ready]").wait_for()
