"""What a runner has of their own in the app, in a browser: calendar, weekly mail, files of clips, the way out."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from app_server import served
from browsers import PHONE, WIDE, chromium_with, in_the_way, open_page, page_of
from finished_jobs import put_finished
from hipdrive.diary import AthleteDiary, Diary
from hipdrive.diary.example import fill_example
from hipdrive.exchange.mail import PASSWORD, SENDER, SERVER
from hipdrive.exchange.weekly import subscription
from hipdrive.training.history import Profile
from hipdrive.web.accounts import add_account
from run_files import Made, fit_file
from test_mail import Inbox, body_of, mail_server

pytest.importorskip("nicegui")
pytest.importorskip("playwright")
pytestmark = pytest.mark.slow

PASSWORDS = {"Anna": "over hill and dale", "Ben": "a calm half marathon"}
STRANGE = 'bridge "1" <b>.mp4'  # a name that is no markup and ends no attribute


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with chromium_with() as browser:
        yield browser


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Anna has twelve weeks behind her."""
    with Diary.open(str(tmp_path / "diary.sqlite3")) as diary:
        fill_example(diary, date.today())
    return tmp_path / "diary.sqlite3"


@contextmanager
def anna(database: Path) -> Iterator[AthleteDiary]:
    with Diary.open(str(database)) as diary:
        yield diary.athlete()


@contextmanager
def no_mail(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in (SERVER, SENDER, PASSWORD):
        monkeypatch.delenv(name, raising=False)
    yield


def with_accounts(database: Path) -> None:
    with Diary.open(str(database)) as diary:
        add_account(diary.athlete(), "Anna", PASSWORDS["Anna"])
        add_account(diary.add_athlete(Profile("Ben")), "Ben", PASSWORDS["Ben"])


def sign_in(page: Any, name: str) -> None:
    page.goto("/login")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORDS[name])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_selector("h1.title")


def test_the_weekly_mail_is_asked_for_confirmed_sent_and_switched_off(
    chromium: Any, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = Inbox()
    with mail_server(inbox) as port:
        monkeypatch.setenv(SERVER, f"smtp-plain://localhost:{port}")
        monkeypatch.setenv(SENDER, "Coach <coach@example.org>")
        with served(tmp_path, database) as address, page_of(chromium, address, PHONE) as page:
            open_page(page, "/data")
            page.get_by_label("Your mail address").fill("no address")
            page.get_by_role("button", name="Send me a code").click()
            page.get_by_text("is no mail address").wait_for()
            page.get_by_label("Your mail address").fill("me@example.org")
            page.get_by_role("button", name="Send me a code").click()
            page.get_by_label("The code that was sent").fill("12")
            page.get_by_role("button", name="Switch it on").click()
            page.get_by_text("not the code").wait_for()
            (code,) = re.findall(r"--code (\d{6})", body_of(inbox.read()[0], "plain"))
            page.get_by_label("The code that was sent").fill(code)
            assert in_the_way(page) == []
            page.get_by_role("button", name="Switch it on").click()
            page.get_by_text("A mail about your week goes to me@example.org.").wait_for()
            page.get_by_role("button", name="Send me one now").click()
            page.get_by_text("Sent to me@example.org.").wait_for()
            assert [mail["To"] for mail in inbox.read()] == ["me@example.org"] * 2
            assert "List-Unsubscribe" in inbox.read()[1]
            for _ in range(4):
                page.get_by_role("button", name="Send me one now").click()
                page.wait_for_timeout(300)
            page.get_by_text("That was a lot of mail: try again in").wait_for()
            assert len(inbox.read()) <= 5
            page.get_by_role("button", name="Switch it off").click()
            page.get_by_role("button", name="Send me a code").wait_for()
        with anna(database) as athlete:
            assert subscription(athlete) is None


def test_without_a_mail_server_it_is_said_plainly(
    chromium: Any, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with no_mail(monkeypatch), served(tmp_path, database) as address, page_of(chromium, address) as page:
        open_page(page, "/data")
        page.get_by_text("No mail can be sent from here, as no mail server is set up").wait_for()
        assert page.get_by_role("button", name="Send me a code").count() == 0


def test_runs_come_in_with_one_sentence_for_each_that_does_not(chromium: Any, database: Path, tmp_path: Path) -> None:
    files = {
        "new.fit": fit_file(Made(datetime(2020, 1, 1, 6, tzinfo=UTC))),
        "ride.fit": fit_file(Made(sport="cycling")),
        "<b>bad.fit": b"hello",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for name, content in {**files, "more.fit": fit_file(Made(datetime(2020, 1, 2, 6, tzinfo=UTC)))}.items():
            archive.writestr(name, content)
    with served(tmp_path, database) as address, page_of(chromium, address, PHONE, "dark") as page:
        open_page(page, "/progress")
        page.locator("[data-runs=file]").set_input_files([tmp_path / name for name in [*files, "all.zip"]])
        kept = page.locator("[data-runs=kept]")
        kept.get_by_text("2 new runs.").wait_for()
        assert kept.get_by_text("1 run in the diary already").is_visible()
        assert kept.get_by_text("Left out: 2 x cycling.").is_visible()
        assert (
            kept.get_by_role("listitem").all_inner_texts()
            == ["<b>bad.fit is no FIT, TCX or GPX file: name a file of a watch or a program for runners."] * 2
        )
        assert page.locator("[data-runs=drop]").is_visible()
        assert in_the_way(page) == []


def test_files_of_a_clip_are_taken_along(chromium: Any, database: Path, tmp_path: Path) -> None:
    result = tmp_path / "result"
    result.mkdir()
    for name in ("analysis.json", "repetitions.csv", "landmarks.parquet", "curves.json"):
        (result / name).write_text(name)
    put_finished(database, tmp_path / "app", result, STRANGE)
    with served(tmp_path, database) as address, page_of(chromium, address, PHONE) as page:
        open_page(page, "/data")
        page.get_by_text(STRANGE).wait_for()
        with page.expect_download() as coming:
            page.get_by_role("link", name="All files of").click()
        with zipfile.ZipFile(coming.value.path()) as archive:
            assert sorted(archive.namelist()) == ["analysis.json", "landmarks.parquet", "repetitions.csv"]
        page.get_by_text("One by one").click()
        with page.expect_download() as coming:
            page.get_by_role("link", name="repetitions.csv").click()
        assert coming.value.suggested_filename == "repetitions.csv"
        assert Path(coming.value.path()).read_text() == "repetitions.csv"


def test_the_calendar_of_this_machine_has_an_address(chromium: Any, database: Path, tmp_path: Path) -> None:
    with served(tmp_path, database) as address, page_of(chromium, address, PHONE) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        open_page(page, "/plan")
        page.get_by_role("button", name="Copy: Address of your calendar").click()
        page.get_by_text("Copied.").wait_for()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert (
            copied
            == f"{address}/api/v1/plan.ics"
            == page.get_by_role("textbox", name="Address of your calendar").input_value()
        )
        assert httpx.get(copied).text.startswith("BEGIN:VCALENDAR")
        assert page.get_by_text("Signed in as").count() == 0
        assert page.get_by_role("button", name="Sign out").count() == 0


def test_each_runner_has_a_calendar_address_and_the_way_out(chromium: Any, database: Path, tmp_path: Path) -> None:
    with_accounts(database)
    with served(tmp_path, database, accounts=True) as address, httpx.Client(verify=False) as program:
        with page_of(chromium, address, PHONE) as page:
            page.context.grant_permissions(["clipboard-read", "clipboard-write"])
            sign_in(page, "Anna")
            open_page(page, "/plan")
            page.get_by_role("button", name="Make an address").click()
            page.get_by_role("button", name="Copy: Address of your calendar").click()
            page.get_by_text("Copied.").wait_for()
            first = page.evaluate("navigator.clipboard.readText()")
            assert program.get(first).text.startswith("BEGIN:VCALENDAR")
            assert in_the_way(page) == []
            open_page(page, "/plan")
            page.get_by_text("Your calendar has an address since").wait_for()
            assert page.get_by_role("textbox", name="Address of your calendar").count() == 0
            page.get_by_role("button", name="Make a new address").click()
            second = page.get_by_role("textbox", name="Address of your calendar").input_value()
            assert [program.get(one).status_code for one in (first, second)] == [404, 200]
            page.get_by_role("button", name="Switch it off").click()
            page.get_by_role("button", name="Make an address").wait_for()
            assert program.get(second).status_code == 404
        for size in (PHONE, WIDE):
            with page_of(chromium, address, size) as page:
                sign_in(page, "Ben")
                for path in ("/", "/film", "/learn", "/plan", "/progress", "/profile", "/data"):
                    open_page(page, path)
                    page.get_by_text("Signed in as Ben").scroll_into_view_if_needed()
                    assert page.get_by_role("button", name="Sign out").is_visible(), path
                    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
                page.get_by_role("button", name="Sign out").click()
                page.wait_for_url(f"{address}/login")
                page.goto("/data")
                page.wait_for_url(re.compile("/login"))
                sign_in(page, "Ben")
                open_page(page, "/profile")
                page.get_by_role("link", name="Account").first.click()
                page.get_by_role("heading", name="Account").wait_for()
