"""The live page in a real browser with a camera that plays a clip: counted, said, kept or thrown away."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app_server import served
from browsers import (
    CAMERA,
    PHONE,
    SILENT_VOICE,
    WIDE,
    camera_film,
    chromium_with,
    in_the_way,
    open_page,
    page_of,
    plays,
)
from hipdrive.diary import Diary
from hipdrive.diary.example import fill_example
from hipdrive.live import LEAST_RATE_HZ

pytest.importorskip("nicegui")
pytest.importorskip("playwright")

EXAMPLES = Path(__file__).parent.parent / "examples"
LONGEST_MS = 90_000
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("weights")]


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
    with chromium_with(*plays(film)) as browser, page_of(browser, address, size, colours) as page:
        page.add_init_script(SILENT_VOICE)
        open_live(page)
        yield page


def open_live(page: Any) -> None:
    open_page(page, "/film/live")
    page.locator("#live[data-ready]").wait_for()


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


def is_counted(page: Any, number: int) -> bool:
    """Whether it counts so far; not where the machine is too busy to look often enough."""
    from playwright.sync_api import TimeoutError as TooLate

    begun, before = time.monotonic(), looks(page)
    try:
        counts_to(page, number)
    except TooLate:
        assert looks(page) - before < LEAST_RATE_HZ * (time.monotonic() - begun)
    return looks(page) - before >= LEAST_RATE_HZ * (time.monotonic() - begun)  # else not counted in one pass


@pytest.mark.parametrize(("name", "movement", "count"), [("bridge", "glute_bridge", 4), ("walk", "monster_walk", 6)])
def test_a_set_is_counted_and_kept(name, movement, count, address, folder, tmp_path):
    film = camera_film(EXAMPLES / f"{name}.mp4", tmp_path / "film.mjpeg")
    before = len(kept(folder))
    with page_with_camera(address, film) as page:
        part(page, "movement").select_option(movement)
        part(page, "start").click()
        page.locator("#live[data-looks]").wait_for(timeout=LONGEST_MS)
        too_busy = not is_counted(page, count)
        assert in_the_way(page) == []
        part(page, "stop").click()
        part(page, "sum").wait_for(timeout=LONGEST_MS)
        assert in_the_way(page) == []
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
        for size in (PHONE, {"width": PHONE["height"], "height": PHONE["width"]}, WIDE):  # upright, lying, on a table
            page.set_viewport_size(size)
            page.wait_for_function("document.documentElement.scrollHeight <= innerHeight")  # the page hears of it late
            for seen in (part(page, "count"), part(page, "stop"), part(page, "mute")):
                box = seen.bounding_box()
                assert box["y"] >= 0 and box["y"] + box["height"] <= size["height"]
        page.set_viewport_size(PHONE)
        page.keyboard.press("Enter")  # on Stop, which has the focus
        part(page, "throw").wait_for(timeout=LONGEST_MS)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.get_by_text("Nothing was kept").wait_for()
    assert kept(folder) == before


def spoken(page: Any) -> list[str]:
    """What was said aloud, of what hipdrive had to say."""
    return page.evaluate("window.spoken")


def test_what_is_written_is_said_aloud_until_the_voice_is_off(address, tmp_path):
    film = camera_film(EXAMPLES / "walk.mp4", tmp_path / "film.mjpeg")
    with page_with_camera(address, film) as page:
        part(page, "movement").select_option("monster_walk")
        part(page, "start").click()
        counts_to(page, 1)
        part(page, "stop").click()
        part(page, "sum").wait_for(timeout=LONGEST_MS)
        assert spoken(page)[-1].startswith(part(page, "sum").text_content())
        part(page, "throw").click()
        part(page, "mute").click()
        assert part(page, "mute").get_attribute("aria-pressed") == "true"
        open_live(page)
        assert part(page, "mute").text_content() == "Voice: off"
        part(page, "movement").select_option("monster_walk")
        part(page, "start").click()
        counts_to(page, 1)
        part(page, "stop").click()
        part(page, "sum").wait_for(timeout=LONGEST_MS)
        assert spoken(page) == []


def test_what_is_done_is_recognised(address, tmp_path):
    film = camera_film(EXAMPLES / "walk.mp4", tmp_path / "film.mjpeg")
    with page_with_camera(address, film) as page:
        part(page, "movement").select_option("")
        part(page, "start").click()
        counts_to(page, 2)
        part(page, "stop").click()
        part(page, "sum").wait_for(timeout=LONGEST_MS)
        assert part(page, "what").text_content() == "Monster walk"
        part(page, "throw").click()


@pytest.mark.parametrize(
    ("there", "sentence"),
    [(True, "The camera is not allowed"), (False, "No camera was found")],
    ids=["refused", "none"],
)
def test_without_a_camera_it_says_what_to_do(there, sentence, address):
    options = (CAMERA[0], "--deny-permission-prompts") if there else ()
    with chromium_with(*options) as browser, page_of(browser, address, PHONE) as page:
        if not there:
            page.context.grant_permissions(["camera"])
        open_live(page)
        part(page, "start").click()
        page.get_by_text(sentence).wait_for()
        assert part(page, "start").is_visible()
        assert in_the_way(page) == []


def test_who_leaves_the_page_leaves_no_camera_and_no_place(address, tmp_path):
    """As often as there are places, and once more."""
    film = camera_film(EXAMPLES / "walk.mp4", tmp_path / "film.mjpeg")
    with page_with_camera(address, film) as page:
        for _ in range(3):
            part(page, "start").click()
            page.locator("#live[data-looks]").wait_for(timeout=LONGEST_MS)
            page.goto("/film/live")
            page.locator("#live[data-ready]").wait_for()
