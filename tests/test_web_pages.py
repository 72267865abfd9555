"""The pages of the app in a real browser: they open quietly, ask plainly, and what is entered is in the diary."""

from __future__ import annotations

import re
import shutil
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import msgspec
import pytest

from app_server import served
from browsers import PHONE, WIDE, choose, chromium_with, in_the_way, is_dark, number, open_page, page_of
from hipdrive.diary import AthleteDiary, Diary
from hipdrive.diary.example import fill_example
from hipdrive.movements import MOVEMENTS
from hipdrive.report.lessons import lesson_address
from hipdrive.training.ladder import ladder
from hipdrive.training.pain import screening_questions
from hipdrive.training.programme import plan
from hipdrive.training.selftest import TESTS
from hipdrive.training.sitting import SETTING, BreakSettings
from training_weeks import HOSTILE

pytest.importorskip("nicegui")
pytest.importorskip("playwright")

EXAMPLES = Path(__file__).parent.parent / "examples"
BRAVE = HOSTILE[:100]
LONGEST_WORK_S = 600.0
# Addresses of a page that has no single one; {job} is a clip that was looked at.
ADDRESSES = {
    "/test/{name}": [f"/test/{test.id}" for test in TESTS],
    "/learn/{lesson}": [lesson_address(movement) for movement in MOVEMENTS],
    "/result/{job_id}": ["/result/{job}"],
}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with chromium_with() as browser:
        yield browser


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Diary with twelve weeks, to be copied."""
    path = tmp_path_factory.mktemp("diary") / "example.sqlite3"
    with Diary.open(str(path)) as diary:
        fill_example(diary, date.today())
    return path


@pytest.fixture
def diary(example: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(example, tmp_path / "diary.sqlite3"))


@pytest.fixture(scope="module")
def address(example: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """App with the example; for tests that only look."""
    folder = tmp_path_factory.mktemp("app")
    with served(folder, Path(shutil.copy(example, folder / "diary.sqlite3"))) as found:
        yield found


@pytest.fixture(scope="module")
def every_page(address: str, weights: None) -> list[str]:
    """Address of every page that the app has, whoever has added it; one of a clip that was looked at."""
    from nicegui import Client

    from hipdrive.web.account_pages import router
    from hipdrive.web.app import PAGES

    for module in iter_modules(import_module(PAGES).__path__):
        import_module(f"{PAGES}.{module.name}")
    routes = {*Client.page_routes.values()} | {one.path for one in router.routes if "GET" in one.methods}
    assert len(routes) > 12
    job = looked_at(address, EXAMPLES / "bridge.mp4")
    pages = sorted(path.replace("{job}", job) for route in routes for path in ADDRESSES.get(route, [route]))
    assert [path for path in pages if "{" in path] == [], "say in ADDRESSES where such a page is"
    return pages


def looked_at(address: str, clip: Path) -> str:
    """Have a clip looked at; gives the number of the job."""

    def ask(path: str, body: bytes | None = None) -> Any:
        with urllib.request.urlopen(f"{address}/api/v1{path}", body, timeout=60) as answer:
            return msgspec.json.decode(answer.read())

    job = ask(f"/uploads?name={clip.name}&quality=fast", clip.read_bytes())["job"]
    until = time.monotonic() + LONGEST_WORK_S
    while job["state"] in ("queued", "running"):
        assert time.monotonic() < until, job
        time.sleep(0.5)
        job = ask(f"/jobs/{job['id']}")
    assert job["state"] == "done", job
    return str(job["id"])


@contextmanager
def mine(database: Path) -> Iterator[AthleteDiary]:
    with Diary.open(str(database)) as diary:
        yield diary.athlete()


# -- they open ---------------------------------------------------------------------------------------------------------


def test_today_says_what_is_next(chromium: Any, address: str) -> None:
    with page_of(chromium, address, PHONE) as page:
        open_page(page, "/")
        assert page.title() == "Today · hipdrive"
        assert page.get_by_role("link", name="I did it").is_visible()
        assert page.get_by_role("navigation", name="Pages").get_by_role("link", name="Plan").is_visible()
        assert page.get_by_text("This week").first.is_visible()


def test_the_first_visit_leads_to_the_questions_about_health(chromium: Any, tmp_path: Path) -> None:
    with served(tmp_path, tmp_path / "new.sqlite3") as address, page_of(chromium, address, PHONE) as page:
        open_page(page, "/")
        page.get_by_role("link", name="Begin").click()
        page.get_by_role("heading", name="Your health").wait_for()
        page.get_by_role("button", name="Go on").click()
        page.get_by_text("questions are still open").wait_for()
        for question in screening_questions():
            choose(page, question.text, "No")
        choose(page, "Does anything hurt at the moment?", "No")
        page.get_by_role("button", name="Go on").click()
        page.get_by_label("What shall we call you?").fill(BRAVE)
        page.get_by_label("How tall are you, in metres?").fill("178")
        page.get_by_role("button", name="Keep it, and see the plan").click()
        page.get_by_text("a height of 178 is not plausible").wait_for()
        page.get_by_text("Please look again at: Height, m.").wait_for()
        with Diary.open(str(tmp_path / "new.sqlite3")) as diary:
            assert diary.athletes() == []
        page.get_by_label("How tall are you, in metres?").fill("1,78")
        page.get_by_role("group", name="On which days do you usually run?").get_by_role("checkbox", name="Thu").click()
        page.get_by_role("button", name="Keep it, and see the plan").click()
        page.wait_for_url(f"{address}/")
        page.get_by_role("link", name="I did it").wait_for()
        with mine(tmp_path / "new.sqlite3") as athlete:
            profile = athlete.profile()
            assert (profile.name, profile.height_m, profile.run_days) == (" ".join(BRAVE.split()), 1.78, (3,))
            assert len(athlete.history().screenings) == 1
        open_page(page, "/data")  # where the name stands
        assert page.get_by_text(profile.name).is_visible()


@pytest.mark.slow
@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["phone", "wide"])
def test_every_page_opens_quietly_and_is_in_nobodys_way(
    chromium: Any, address: str, every_page: list[str], size: dict[str, int], colours: str
) -> None:
    pytest.importorskip("axe_playwright_python")
    slow_drawing = "GPU stall due to ReadPixels"  # of Chromium about itself, where it draws without a graphics card
    with page_of(chromium, address, size, colours, may_say=slow_drawing) as page:
        wrong = {path: found for path in every_page if (found := wrong_in(page, path, colours))}
    assert wrong == {}


def wrong_in(page: Any, path: str, colours: str) -> list[Any]:
    """Everything that is wrong with how a page looks, is ordered, and can be used."""
    open_page(page, path)
    page.wait_for_timeout(300)
    wrong: list[Any] = []
    if (over := page.evaluate("document.documentElement.scrollWidth - innerWidth")) > 0:
        wrong.append(f"{over} px too wide")
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(one => +one.tagName[1])")
    if levels[0] != 1 or levels.count(1) != 1 or any(after - before > 1 for before, after in pairwise(levels)):
        wrong.append(f"headings {levels}")
    if is_dark(page) != (colours == "dark"):
        wrong.append("not in the colours of the system")
    drawn = "[...document.querySelectorAll('svg rect[height]')].filter(one => one.checkVisibility())"
    bent = "one => Math.abs(parseFloat(getComputedStyle(one).height) - one.getAttribute('height')) > 0.5"
    if page.evaluate(f"{drawn}.filter({bent}).length"):
        wrong.append("a style of the page bends a drawing")
    for summary in page.locator("details:not([open]) > summary").all():
        if summary.is_visible():
            summary.click()
    return wrong + in_the_way(page)


@pytest.mark.slow
def test_the_colours_that_were_chosen_stay(chromium: Any, address: str) -> None:
    with page_of(chromium, address) as page:
        open_page(page, "/")
        page.get_by_role("button", name="Colours: as the system").click()
        page.get_by_role("button", name="Colours: dark").wait_for()
        page.wait_for_function("document.body.classList.contains('body--dark') && document.cookie.includes('dark')")
        open_page(page, "/plan")
        page.wait_for_function("document.body.classList.contains('body--dark')")


# -- what is entered is kept -------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_session_is_done_with_the_keyboard_alone(chromium: Any, diary: Path, tmp_path: Path) -> None:
    with mine(diary) as athlete:
        before = athlete.history()
        first = plan(before, date.today()).sessions[0]
    with served(tmp_path, diary) as address, page_of(chromium, address) as page:
        open_page(page, "/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.innerText") == "Skip to the content"
        page.keyboard.press("Enter")
        tab_to(page, "I did it")
        page.keyboard.press("Enter")
        page.wait_for_url("**/done")
        page.get_by_role("heading", name="I did it").wait_for()
        tab_to(page, "Keep it", fill={"Where did it hurt?": "left hip"}, press={"7": "How hard", "3": "worst pain"})
        page.keyboard.press("Enter")
        page.get_by_text("Well done").wait_for()
    with mine(diary) as athlete:
        done = athlete.history().sessions[-1]
        assert done.day == date.today()
        assert {entry.exercise for entry in done.exercises} == {entry.exercise for entry in first.exercises}
        assert (done.rpe, done.pain) == (7, 3)
        assert athlete.history().pains[-1].where == "left hip"


def tab_to(page: Any, wanted: str, fill: dict[str, str] | None = None, press: dict[str, str] | None = None) -> None:
    """Go on with the tab key until something of this name has the focus; on the way, answer what is asked."""
    for _ in range(120):
        page.keyboard.press("Tab")
        name, group, label = page.evaluate(
            """() => { const at = document.activeElement; const group = at.closest('fieldset');
            const label = at.id && document.querySelector(`label[for='${at.id}']`);
            return [at.innerText.trim(), group ? group.querySelector('legend').innerText : '',
                    label ? label.innerText : ''] }"""
        )
        if name == wanted:
            return
        if label in (fill or {}):
            page.keyboard.type((fill or {})[label])
        if (press or {}).get(name, "\n") in group:
            page.keyboard.press("Enter")
            page.wait_for_timeout(300)
    raise AssertionError(f"the tab key does not lead to {wanted}")


@pytest.mark.slow
def test_pain_with_a_red_flag_stops_the_plan_calmly(chromium: Any, diary: Path, tmp_path: Path) -> None:
    with served(tmp_path, diary) as address, page_of(chromium, address, PHONE) as page:
        open_page(page, "/pain")
        page.get_by_role("button", name="Keep it").click()
        page.get_by_text("Choose how much it hurts").wait_for()
        number(page, "How much does it hurt?", 4)
        page.get_by_role("group", name="Do you limp?").wait_for(state="detached")
        number(page, "How much does it hurt?", 7)
        page.get_by_role("group", name="Do you limp?").wait_for()
        for group in page.get_by_role("group").filter(has=page.get_by_role("radio", name="No", exact=True)).all():
            group.get_by_role("radio", name="No", exact=True).click()
        choose(page, "Do you limp?", "Yes")
        page.get_by_role("button", name="Keep it").click()
        page.get_by_text("The plan rests for now").wait_for()
        open_page(page, "/plan")
        assert page.get_by_role("heading", name="The plan rests for now").is_visible()
    with mine(diary) as athlete:
        report = athlete.history().pains[-1]
        assert (report.score, report.flags) == (7.0, ("limp",))


@pytest.mark.slow
def test_the_profile_says_what_is_wrong_and_keeps_what_is_right(chromium: Any, diary: Path, tmp_path: Path) -> None:
    with mine(diary) as athlete:
        before = athlete.profile()
    with served(tmp_path, diary) as address, page_of(chromium, address) as page:
        open_page(page, "/profile")
        page.get_by_label("Your time zone?").fill("Nowhere/Town")
        page.get_by_role("button", name="Keep it").click()
        page.get_by_text("is not known").first.wait_for()
        with mine(diary) as athlete:
            assert athlete.profile() == before
        page.get_by_label("Your time zone?").fill("Europe/Berlin")
        choose(page, "How many strength sessions a week?", "3")
        page.get_by_role("button", name="Keep it").click()
        page.get_by_text("Kept.").wait_for()
    with mine(diary) as athlete:
        after = athlete.profile()
        assert (after.time_zone, after.sessions_a_week) == ("Europe/Berlin", 3)
        assert (after.name, after.bands, after.free_days) == (before.name, before.bands, before.free_days)


@pytest.mark.slow
def test_a_race_comes_and_goes(chromium: Any, diary: Path, tmp_path: Path) -> None:
    day = date.today() + timedelta(days=20)
    with served(tmp_path, diary) as address, page_of(chromium, address) as page:
        open_page(page, "/plan")
        page.get_by_text("Enter a race").click()
        page.get_by_label("Day", exact=True).fill(day.isoformat())
        page.get_by_label("What it is called").fill(HOSTILE)
        page.get_by_role("button", name="Enter the race").click()
        page.get_by_text("How long is the race?").wait_for()
        page.get_by_label("Kilometres").fill("10")
        page.get_by_role("button", name="Enter the race").click()
        page.get_by_role("button", name=f"Take back the race of {day.isoformat()}").wait_for()
        assert page.get_by_text(HOSTILE).count() >= 1
        page.get_by_role("button", name=f"Take back the race of {day.isoformat()}").click()
        page.get_by_text("No race is entered").wait_for()


@pytest.mark.slow
def test_the_plan_can_be_taken_along(chromium: Any, diary: Path, tmp_path: Path) -> None:
    with served(tmp_path, diary) as address, page_of(chromium, address) as page:
        open_page(page, "/plan")
        for name, file in (("For the calendar", "hipdrive.ics"), ("To print", "plan.html")):
            with page.expect_download() as download:
                page.get_by_role("button", name=name).click()
            assert download.value.suggested_filename == file
            assert download.value.path().stat().st_size > 1000
    with mine(diary) as athlete:
        assert athlete.setting("calendar") is not None


@pytest.mark.slow
def test_the_watch_gets_a_workout_for_every_session(chromium: Any, diary: Path, tmp_path: Path) -> None:
    fitdecode = pytest.importorskip("fitdecode")
    with mine(diary) as athlete:
        planned = plan(athlete.history(), date.today()).sessions
    with served(tmp_path, diary) as address, page_of(chromium, address, PHONE) as page:
        open_page(page, "/plan")
        with page.expect_download() as download:
            page.get_by_role("button", name="For the watch").click()
        with zipfile.ZipFile(download.value.path()) as archive:
            days = [name[3:13] for name in archive.namelist()]
            assert days == [session.day.isoformat() for session in planned]
            for name in archive.namelist():
                with fitdecode.FitReader(archive.read(name)) as workout:
                    said = {frame.name for frame in workout if isinstance(frame, fitdecode.FitDataMessage)}
                assert {"file_id", "workout", "workout_step"} <= said


@pytest.mark.slow
def test_a_backup_becomes_the_diary_again(chromium: Any, diary: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.sqlite3"
    with mine(diary) as athlete:
        before = athlete.history()
    with served(tmp_path, diary) as address, page_of(chromium, address) as page:
        open_page(page, "/data")
        with page.expect_download() as download:
            page.get_by_role("button", name="Backup of the diary").click()
        download.value.save_as(kept)
    with served(tmp_path, kept) as address, page_of(chromium, address) as page:
        open_page(page, "/data")
        assert page.get_by_text(before.profile.name).first.is_visible()
    with mine(kept) as athlete:
        assert athlete.history() == before


@pytest.mark.slow
def test_breaks_are_switched_on_and_come_into_the_calendar(chromium: Any, diary: Path, tmp_path: Path) -> None:
    with served(tmp_path, diary) as address, page_of(chromium, address, PHONE) as page:
        open_page(page, "/data")
        page.get_by_role("checkbox", name="I want breaks").click()
        page.get_by_label("After so many minutes").fill("40")
        page.get_by_label("From", exact=True).fill("08:15")
        page.get_by_label("To", exact=True).fill("07:00")
        page.get_by_role("button", name="Keep these times").click()
        page.get_by_text("07:00 is not after 08:15").wait_for()
        with mine(diary) as athlete:
            assert athlete.setting(SETTING) is None
        page.get_by_label("To", exact=True).fill("16:45")
        page.get_by_role("button", name="Keep these times").click()
        page.get_by_text("Breaks are on").wait_for()
        with mine(diary) as athlete:
            kept = BreakSettings.from_text(athlete.setting(SETTING))
        assert (kept.on, kept.every_min, f"{kept.begins:%H:%M}", f"{kept.ends:%H:%M}") == (True, 40, "08:15", "16:45")
        open_page(page, "/plan")
        with page.expect_download() as download:
            page.get_by_role("button", name="For the calendar").click()
        assert download.value.path().read_text().count("RRULE:FREQ=WEEKLY") >= 1


@pytest.mark.slow
def test_runs_are_brought_in(chromium: Any, diary: Path, tmp_path: Path) -> None:
    from run_files import gpx_file

    with mine(diary) as athlete:
        before = len(athlete.history().runs)
    file = tmp_path / "evening.gpx"
    file.write_bytes(gpx_file())
    broken = tmp_path / "broken.fit"
    broken.write_bytes(b"no run at all")
    with served(tmp_path, diary) as address, page_of(chromium, address) as page:
        open_page(page, "/progress")
        page.locator("input[type=file]").set_input_files([file, broken])
        page.get_by_text("1 new run").wait_for()
        assert page.get_by_text("broken.fit is no FIT, TCX or GPX file").is_visible()
    with mine(diary) as athlete:
        assert len(athlete.history().runs) == before + 1


@pytest.mark.slow
def test_a_self_test_is_timed_and_kept(chromium: Any, diary: Path, tmp_path: Path) -> None:
    with served(tmp_path, diary) as address, page_of(chromium, address, PHONE) as page:
        open_page(page, "/test/single-leg-bridge")
        page.get_by_role("button", name="Keep the result").click()
        page.get_by_text("Give a number from 0").wait_for()
        page.get_by_role("button", name="Start, left").click()
        page.get_by_text("Go", exact=True).wait_for(timeout=15_000)
        page.wait_for_timeout(1500)
        page.get_by_role("button", name="Stop, left").click()
        held_s = float(page.get_by_label("Seconds held, left", exact=True).input_value())
        assert 1 < held_s < 6
        page.get_by_label("Seconds held, right", exact=True).fill("35")
        page.get_by_role("button", name="Keep the result").click()
        page.get_by_text("This is about strength").wait_for()
    with mine(diary) as athlete:
        result = athlete.history().tests[-1]
        assert (result.test, result.left, result.right) == ("single-leg-bridge", held_s, 35.0)


@pytest.mark.slow
def test_everything_is_exported_and_then_erased(chromium: Any, diary: Path, tmp_path: Path) -> None:
    with mine(diary) as athlete:
        name = athlete.profile().name
    with served(tmp_path, diary) as address, page_of(chromium, address) as page:
        open_page(page, "/data")
        with page.expect_download() as download:
            page.get_by_role("button", name="Export everything").click()
        with zipfile.ZipFile(download.value.path()) as archive:
            assert any(entry.endswith("everything.json") for entry in archive.namelist())
        page.get_by_label(re.compile("type the name")).fill("somebody")
        page.get_by_role("button", name="Erase everything").click()
        page.get_by_text("This is not the name").wait_for()
        with Diary.open(str(diary)) as there:
            assert len(there.athletes()) == 1
        page.get_by_label(re.compile("type the name")).fill(name)
        page.get_by_role("button", name="Erase everything").click()
        page.get_by_text("is gone from the diary").wait_for()
        with Diary.open(str(diary)) as there:
            assert there.athletes() == []
        open_page(page, "/")
        assert page.get_by_role("link", name="Begin").is_visible()


# -- clips -------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_what_is_no_clip_is_refused_plainly(chromium: Any, diary: Path, tmp_path: Path) -> None:
    text = tmp_path / "letter.mp4"
    text.write_text("Dear coach, this is no film. " * 10_000)
    refused = "status of 415"  # which browsers write down whatever the page makes of it
    with served(tmp_path, diary) as address, page_of(chromium, address, PHONE, may_say=refused) as page:
        open_page(page, "/film")
        page.locator("[data-upload=file]").set_input_files(text)
        page.locator("[data-upload=said].wrong").wait_for()
        assert "letter.mp4" in page.locator("[data-upload=said]").inner_text()
        assert page.locator("[data-upload=drop]").is_visible()


@pytest.mark.slow
@pytest.mark.usefixtures("weights")
def test_a_clip_is_sent_looked_at_and_put_into_the_diary(chromium: Any, diary: Path, tmp_path: Path) -> None:
    with served(tmp_path, diary) as address, page_of(chromium, address, PHONE) as page:
        open_page(page, "/film")
        page.get_by_label("Glute bridge").check()
        page.locator("[data-upload=file]").set_input_files(EXAMPLES / "bridge.mp4")
        page.wait_for_url("**/result/*")
        there = page.url
        open_page(page, "/film")  # the page can be closed, and comes back to it
        page.get_by_role("link", name="See it").wait_for(timeout=600_000)
        page.get_by_role("link", name="See it").click()
        page.wait_for_url(there)
        page.get_by_role("heading", name="One by one").wait_for()
        assert page.get_by_role("heading", name=re.compile(r"^Repetition \d+")).count() == 4
        page.get_by_role("button", name="Show repetition 3").click()
        page.wait_for_function("document.querySelector('video.overlay').currentTime > 5")
        number(page, "How hard was it?", 7)
        number(page, "The worst pain in it?", 1)
        page.get_by_role("button", name="Add to diary").click()
        page.get_by_text("In the diary of").wait_for()
    with mine(diary) as athlete:
        done = athlete.history().sessions[-1]
        assert (done.day, done.rpe, done.pain) == (date.today(), 7, 1)
        (one,) = done.exercises  # whichever of the bridges is planned
        assert ladder()[one.exercise].judged_as == "glute_bridge"
        assert (one.sets[0].amount, one.sets[0].seen_by) == (4, "video")
