"""Two runners who sign in, each in a browser of their own, over HTTPS: what is the one's is never the other's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app_server import served
from browsers import (
    PHONE,
    SILENT_VOICE,
    WIDE,
    camera_film,
    chromium_with,
    in_the_way,
    is_dark,
    open_page,
    page_of,
    plays,
)
from hipdrive.diary import Diary
from hipdrive.diary.example import fill_example
from hipdrive.training.history import Profile, Screening
from hipdrive.training.pain import screening_questions

pytest.importorskip("nicegui")
pytest.importorskip("playwright")

EXAMPLES = Path(__file__).parent.parent / "examples"
PASSWORDS = {"Anna": "over hill and dale", "Ben": "a calm half marathon"}
LONGEST_MS = 600_000
WAITS_MS = 2_500  # one second after four wrong tries from one address
SEES_MS = 60_000  # in which a socket hears that its owner has signed out, on a busy machine
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("weights")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Anna has twelve weeks behind her, Ben begins today."""
    from hipdrive.web.accounts import add_account

    folder = tmp_path_factory.mktemp("two")
    today = date.today()
    with Diary.open(str(folder / "diary.sqlite3")) as diary:
        anna = fill_example(diary, today)
        ben = diary.add_athlete(Profile("Ben Only", height_m=1.85, run_days=(2,)))
        ben.add_screening(Screening(today, {question.id: False for question in screening_questions()}))
        for athlete, name in ((anna, "Anna"), (ben, "Ben")):
            add_account(athlete, name, PASSWORDS[name])
    return folder


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with served(folder, folder / "diary.sqlite3", accounts=True) as address:
        yield address


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    film = camera_film(EXAMPLES / "walk.mp4", tmp_path_factory.mktemp("film") / "film.mjpeg")
    with chromium_with(*plays(film)) as browser:
        yield browser


@contextmanager
def both(chromium: Any, address: str, may_say: str = "status of 404") -> Iterator[tuple[Any, Any]]:
    """A page of Anna's and one of Ben's, who share nothing."""
    with ExitStack() as pages:
        made = []
        for name in PASSWORDS:
            page = pages.enter_context(page_of(chromium, address, PHONE, may_say=may_say))
            page.add_init_script(SILENT_VOICE)
            sign_in(page, name)
            made.append(page)
        yield made[0], made[1]


def sign_in(page: Any, name: str) -> None:
    page.goto("/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORDS[name])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Today").wait_for()


def sign_out(page: Any) -> None:
    page.goto("/account")
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_role("heading", name="Sign in").wait_for()


def part(page: Any, name: str) -> Any:
    return page.locator(f"#live [data-part={name}]")


def begin_live(page: Any) -> None:
    open_page(page, "/film/live")
    page.locator("#live[data-ready]").wait_for()
    part(page, "movement").select_option("monster_walk")
    part(page, "start").click()


def live_sets(folder: Path) -> dict[str, int]:
    """How many live sets everybody has kept."""
    with Diary.open(str(folder / "diary.sqlite3")) as diary:
        return {
            name: sum(seen.name.startswith("live") for seen in diary.athlete_by_uid(uid).history().seen)
            for uid, name in diary.athletes()
        }


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["phone", "wide"])
def test_the_pages_for_signing_in_are_for_everybody(chromium, address, size, colours):
    with page_of(chromium, address, size, colours, may_say="status of 401") as page:
        page.goto("/plan")
        assert page.url == f"{address}/login?then=/plan"
        assert is_dark(page) == (colours == "dark")
        assert in_the_way(page) == []
        page.get_by_label("Name").fill("Ben")
        page.get_by_label("Password").fill("wrong, and long enough")
        page.keyboard.press("Enter")
        page.get_by_role("alert").wait_for()
        assert in_the_way(page) == []
        page.wait_for_timeout(WAITS_MS)  # who was wrong here before, in the other looks of this test, too
        page.get_by_label("Password").fill(PASSWORDS["Ben"])
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Plan").wait_for()  # where they wanted to go
        page.goto("/account")
        assert page.get_by_text("Ben", exact=True).is_visible()
        assert in_the_way(page) == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        sign_out(page)


def test_each_sees_only_what_is_theirs(chromium, address, folder):
    with both(chromium, address) as (anna, ben):
        for page, own, others in ((anna, "Example", "Ben Only"), (ben, "Ben Only", "Example")):
            open_page(page, "/data")
            assert own in page.locator(".content").inner_text()
            assert others not in page.locator(".content").inner_text()
        open_page(anna, "/film")
        anna.locator("[data-upload=file]").set_input_files(EXAMPLES / "bridge.mp4")
        anna.wait_for_url("**/result/*")
        result = anna.url.rpartition("/")[2]
        anna.get_by_role("heading", name="One by one").wait_for(timeout=LONGEST_MS)
        open_page(ben, "/film")
        assert ben.get_by_text("None yet.").is_visible()
        open_page(ben, f"/result/{result}")
        assert ben.locator("video").count() == 0 and "bridge.mp4" not in ben.locator("body").inner_text()
        assert ben.goto(f"/api/v1/jobs/{result}/files/report.html").status == 404
        assert anna.goto(f"/api/v1/jobs/{result}/files/analysis.json").status == 200


def test_both_are_coached_at_once_and_keep_their_own(chromium, address, folder):
    before = live_sets(folder)
    with both(chromium, address) as (anna, ben):
        for page in (anna, ben):
            begin_live(page)
        for page in (anna, ben):
            page.wait_for_function(
                "+document.querySelector('#live [data-part=count]').textContent >= 1", timeout=LONGEST_MS
            )
        for page in (anna, ben):
            part(page, "stop").click()
            part(page, "sum").wait_for(timeout=LONGEST_MS)
        part(anna, "keep").click()
        anna.get_by_text("In the diary of").wait_for()
        part(ben, "throw").click()
        ben.get_by_text("Nothing was kept").wait_for()
    kept = {name: number - before[name] for name, number in live_sets(folder).items()}
    assert kept.pop("Ben Only") == 0
    assert list(kept.values()) == [1]


def test_who_signs_out_is_coached_no_longer(chromium, address):
    with both(chromium, address, may_say="WebSocket connection to .* failed|status of 401") as (anna, ben):
        begin_live(ben)
        ben.locator("#live[data-looks]").wait_for(timeout=LONGEST_MS)
        elsewhere = ben.context.new_page()
        sign_out(elsewhere)
        part(ben, "wrong").filter(has_text="start again").wait_for(timeout=SEES_MS)
        part(ben, "start").click()  # and cannot begin anew
        part(ben, "wrong").filter(has_text="start again").wait_for(timeout=SEES_MS)
        ben.goto("/plan")
        assert ben.url.startswith(f"{address}/login")
        open_page(anna, "/plan")  # whoever else is signed in stays
        assert anna.url == f"{address}/plan"
