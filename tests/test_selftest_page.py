"""Self tests from clips: what is asked of a clip, which leg it is, what is kept, and the page where it is done."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

import judged
from app_server import served
from hipdrive.diary import Diary
from hipdrive.errors import HipdriveError
from hipdrive.training.history import PainReport, Profile, Side
from hipdrive.training.selftest import TESTS, Timed, self_test
from hipdrive.web.filmed import (
    by_leg,
    clear,
    clips_of,
    day_of,
    is_kept,
    leg_words,
    mark_kept,
    read_timed,
    test_of,
    write_timed,
)
from hipdrive.web.jobs import Job, Jobs, checked_asked
from hipdrive.web.settings import WebSettings
from hipdrive.web.worker import Asked, Order

test_of.__test__ = False  # type: ignore[attr-defined]  # it is none of pytest's

HOLD = Path(__file__).parent / "hold.mp4"
A_BRIDGE = judged.analysis("glute_bridge", [judged.repetition(1, straight_line="good")])
BRIDGE, REPETITIONS = self_test("single-leg-bridge"), self_test("single-leg-bridge-reps")
MP4 = b"\0\0\0\x18ftypmp42" + bytes(5000)  # begins as a video does
SOON_S = 60.0

# a worker that only seems to work: it says what it was told to say of a clip of this name, or fails with it
PRETENDS = """
import json, pathlib, sys
folder, result = map(pathlib.Path, sys.argv[1:])
told = json.loads((folder.parents[2] / "told.json").read_text())
says = told[json.loads((folder / "asked.json").read_text())["name"]]
if not says.startswith("{"):
    print(json.dumps({"failed": says}), flush=True)
    sys.exit(2)
result.mkdir()
(result / "analysis.json").write_text((folder.parents[2] / "analysis.json").read_text())
(result / "selftest.json").write_text(says)
"""


def timed(side: Side | None = "left", value: float = 41.0, **more: Any) -> Timed:
    return Timed(side, value, 0.3, by_video=True, **more)


# -- fast --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"test": "handstand", "side": "left"}, "there is no test 'handstand'"),
        ({"test": "side-plank", "side": "left"}, "use the stop-watch"),
        ({"test": "single-leg-bridge"}, "say both test and side"),
        ({"side": "left"}, "say both test and side"),
        ({"test": "single-leg-bridge", "side": "both"}, "choose left or right"),
    ],
)
def test_what_cannot_be_timed_is_said_before_the_clip_comes(asked: dict[str, str], sentence: str) -> None:
    with pytest.raises(HipdriveError, match=sentence):
        checked_asked(asked)


def test_a_clip_of_a_test_is_looked_at_as_a_bridge() -> None:
    asked = checked_asked({"test": "single-leg-bridge-reps", "side": "right", "movement": "running"})
    assert asked.self_test() is REPETITIONS
    assert asked.settings().movement == "glute_bridge"
    assert Asked().self_test() is None and Asked().settings().movement is None


def test_the_worker_writes_what_it_timed_and_draws_nothing_of_what_is_no_test(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hipdrive.web import worker

    drawn: list[Path] = []
    examined = SimpleNamespace(analysis=A_BRIDGE)

    def draw(examined: Any, folder: Path, **more: Any) -> None:
        folder.mkdir()
        drawn.append(folder)

    def refuse(test: Any, examined: Any) -> Timed:
        raise HipdriveError("the video shows a run, not a bridge")

    monkeypatch.setattr("hipdrive.analysis.examine", lambda path, settings, progress: examined)
    monkeypatch.setattr("hipdrive.report.folder.write_folder", draw)
    monkeypatch.setattr(worker, "check_length", lambda upload, order: 10)
    monkeypatch.setattr(worker, "named_as", lambda examined, stored, shown: examined)
    order = Order("clip.mp4", "upload.mp4", checked_asked({"test": BRIDGE.id, "side": "left"}), 60.0)
    teller: Any = SimpleNamespace(say=lambda **what: None, frames=lambda before, most: lambda frames: None)
    monkeypatch.setattr("hipdrive.training.selftest.timed", refuse)
    with pytest.raises(HipdriveError, match="a run, not a bridge"):
        worker.work(order, tmp_path, tmp_path / "refused", teller)
    assert drawn == []
    found = timed(ended="the other foot came down", start_s=2.0, end_s=43.0)
    monkeypatch.setattr("hipdrive.training.selftest.timed", lambda test, examined: found)
    worker.work(order, tmp_path, tmp_path / "result", teller)
    assert read_timed(tmp_path / "result") == found
    worker.work(replace_asked(order, Asked()), tmp_path, tmp_path / "other", teller)
    assert not (tmp_path / "other" / "selftest.json").exists()


def replace_asked(order: Order, asked: Asked) -> Order:
    return msgspec.structs.replace(order, asked=asked)


def test_what_was_timed_is_read_again_or_said_to_be_damaged(tmp_path: Path) -> None:
    found = timed(None, note="the video ends in the hold", start_s=1.5, end_s=42.5)
    write_timed(tmp_path, found)
    assert read_timed(tmp_path) == found
    for damaged in (b"", b"{}", b'{"side": "up", "value": 3, "error": 1}', b"\xff", b"[" * 20_000):
        (tmp_path / "selftest.json").write_bytes(damaged)
        with pytest.raises(HipdriveError, match="upload it again"):
            read_timed(tmp_path)


def test_the_runner_says_which_leg_it_is() -> None:
    one, other = timed("right", 41), timed("right", 35)
    assert by_leg([("left", one), ("right", other)]) == {"left": one, "right": other}
    assert list(by_leg([("right", one), ("left", other)])) == ["left", "right"]
    assert by_leg([("right", one)]) == {"right": one}
    for found, sentence in (
        ([], "no result yet"),
        ([(None, one)], "which leg was on the floor"),
        ([("left", one), ("left", other)], "both are said to be of the left leg"),
    ):
        with pytest.raises(HipdriveError, match=sentence):
            by_leg(found)  # type: ignore[arg-type]


def test_how_sure_the_leg_is_is_said_calmly() -> None:
    for said in (leg_words("left", timed("left")), leg_words("left", timed("right")), leg_words("left", timed(None))):
        assert "9 of 11" in said and "your word counts" in said
    assert "as you said" in leg_words("left", timed("left"))
    assert "looks like the right leg" in leg_words("left", timed("right"))


def test_the_day_is_the_one_on_which_the_last_clip_came_where_the_runner_lives() -> None:
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    jobs = [Job("a", "u", "n", "done", made_at=late), Job("b", "u", "n", "done", made_at=late - timedelta(days=3))]
    today = date(2026, 11, 24)
    assert day_of(jobs, "UTC", today) == date(2026, 11, 20)
    assert day_of(jobs, "Asia/Tokyo", today) == date(2026, 11, 21)
    assert day_of([], "UTC", today) == today
    assert day_of(jobs, "UTC", date(2026, 11, 19)) == date(2026, 11, 19)  # never to come, whatever the clocks say


class Filming:
    """A queue with the worker above."""

    def __init__(self, folder: Path, diary: Diary) -> None:
        (folder / "app").mkdir(exist_ok=True)
        (folder / "app" / "analysis.json").write_text(A_BRIDGE.to_json())
        script = folder / "pretends.py"
        script.write_text(PRETENDS)
        self.folder = folder
        self.told: dict[str, str] = {}
        self.jobs = Jobs(
            WebSettings(folder=folder / "app"),
            diary,
            command=lambda job, result: [sys.executable, str(script), str(job), str(result)],
        )

    def film(self, uid: str, side: Side, says: Timed | str, test: str = BRIDGE.id) -> Job:
        """Have a clip looked at: it is timed, or fails with a sentence."""
        source, name = self.folder / "clip.tmp", f"clip {len(self.told)}.mp4"
        source.write_bytes(MP4)
        self.told[name] = says if isinstance(says, str) else msgspec.json.encode(says).decode()
        (self.folder / "app" / "told.json").write_text(json.dumps(self.told))
        job = self.jobs.submit(uid, name, source, Asked(test=test, side=side))
        self.jobs.start()
        until(lambda: (now := self.jobs.get(uid, job.id)) is not None and now.ended)
        self.jobs.stop()
        found = self.jobs.get(uid, job.id)
        assert found is not None
        return found


def until(true: Callable[[], Any]) -> None:
    end = time.monotonic() + SOON_S
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_each_leg_has_its_newest_clip_until_it_is_kept(tmp_path: Path) -> None:
    with Diary.open(str(tmp_path / "diary.sqlite3")) as diary:
        anna, ben = diary.add_athlete(Profile("Anna")), diary.add_athlete(Profile("Ben"))
        filming = Filming(tmp_path, diary)
        jobs = filming.jobs
        refused = filming.film(anna.uid, "left", "no bridge is seen")
        assert (refused.state, refused.say) == ("failed", "no bridge is seen")
        assert test_of(refused) is BRIDGE
        assert clips_of(jobs, anna.uid, BRIDGE) == {"left": refused}
        left, right = filming.film(anna.uid, "left", timed("left")), filming.film(anna.uid, "right", timed(None))
        assert (left.asked.test, left.asked.side, left.state) == (BRIDGE.id, "left", "done")
        assert clips_of(jobs, anna.uid, BRIDGE) == {"left": left, "right": right}
        assert clips_of(jobs, anna.uid, REPETITIONS) == clips_of(jobs, ben.uid, BRIDGE) == {}
        clear(jobs, right)
        assert clips_of(jobs, anna.uid, BRIDGE) == {"left": left}
        mark_kept(jobs, [left, right])  # of which one was removed meanwhile
        assert is_kept(jobs, left) and clips_of(jobs, anna.uid, BRIDGE) == {}
        again = filming.film(anna.uid, "left", timed("left", 50))
        assert clips_of(jobs, anna.uid, BRIDGE) == {"left": again}
        clear(jobs, again)
        assert [job.id for job in jobs.of(anna.uid)] == [left.id]  # what was refused before is gone with it
        assert clips_of(jobs, anna.uid, BRIDGE) == {}


# -- in a browser ------------------------------------------------------------------------------------------------------

pytest.importorskip("nicegui")
pytest.importorskip("playwright")

from test_web_pages import PHONE, WIDE, chromium, diary, example, mine, open_page, page_of, tab_to  # noqa: E402

FIXTURES = (chromium, diary, example)


@pytest.fixture
def filmed(diary: Path, tmp_path: Path) -> Iterator[Callable[..., Job]]:
    """Clips that were looked at before the app opens."""
    with Diary.open(str(diary)) as opened:
        filming = Filming(tmp_path, opened)
        uid = opened.athlete().uid
        yield lambda side, says, test=BRIDGE.id: filming.film(uid, side, says, test)


def leg(page: Any, side: str) -> Any:
    """The radio buttons with which it is said which leg it was."""
    return page.get_by_role("group", name="Which leg was on the floor?").nth(("left", "right").index(side))


@pytest.mark.slow
def test_two_films_are_looked_at_confirmed_and_kept(
    chromium: Any, diary: Path, tmp_path: Path, filmed: Callable[..., Job]
) -> None:
    with mine(diary) as athlete:
        before = athlete.history().tests
    filmed("left", timed("left", 41.2, ended="the other foot came down", start_s=2.1, end_s=43.3))
    filmed("right", timed("left", 35.1, ended="the video ends in the hold", note="the video ends in the hold"))
    with served(tmp_path, diary) as address, page_of(chromium, address, PHONE) as page:
        open_page(page, f"/test/{BRIDGE.id}")
        assert page.get_by_role("radio", name="Film it").is_checked()
        page.get_by_text("Held for 41.2 ± 0.3 s").wait_for()
        assert page.get_by_text("The other foot came down at 43.3 s of the film.").is_visible()
        assert page.get_by_text("So it was held for at least this long.").is_visible()
        assert leg(page, "left").get_by_role("radio", name="Left").is_checked()
        assert not leg(page, "right").get_by_role("radio", name="Right").is_checked()  # film and runner disagree
        page.get_by_role("button", name="Keep the result").click()
        page.get_by_text("Say of each clip which leg was on the floor.").wait_for()
        leg(page, "right").get_by_role("radio", name="Left").click()
        page.get_by_role("button", name="Keep the result").click()
        page.get_by_text("Both are said to be of the left leg").wait_for()
        with mine(diary) as athlete:
            assert athlete.history().tests == before  # nothing was kept so far
        leg(page, "right").get_by_role("radio", name="Right").click()
        page.get_by_text("Another day, or a note").nth(1).click()
        page.get_by_label("In your own words").nth(1).fill("after a long run")
        page.get_by_role("button", name="Keep the result").click()
        page.get_by_text("left 41 s, right 35 s").wait_for()
        page.get_by_text("This is about strength").wait_for()
        assert page.locator(".bars li").count() >= 4
        open_page(page, f"/test/{BRIDGE.id}")  # what was kept is not offered again
        assert page.get_by_role("radio", name="By hand").is_checked()
        open_page(page, "/film")
        assert page.get_by_text("Self test: Single-leg bridge, held").count() == 2
        assert "/result/" in str(page.get_by_role("link", name="See it").first.get_attribute("href"))
    with mine(diary) as athlete:
        kept = athlete.history().tests[-1]
        assert (kept.day, kept.test, kept.timed_by) == (date.today(), BRIDGE.id, "video")
        assert (kept.left, kept.right) == (41.2, 35.1)
        assert kept.error == pytest.approx(BRIDGE.error(41.2, 0.3))
        assert kept.note == "after a long run; the video ends in the hold"


@pytest.mark.slow
def test_one_leg_may_be_given_by_hand_or_left_out(
    chromium: Any, diary: Path, tmp_path: Path, filmed: Callable[..., Job]
) -> None:
    filmed("left", "no bridge is seen: film from before the hips leave the floor until they are down again")
    filmed("right", timed("right", 35.1))
    yesterday = date.today() - timedelta(days=1)
    with served(tmp_path, diary) as address, page_of(chromium, address, WIDE) as page:
        open_page(page, f"/test/{BRIDGE.id}")
        page.get_by_text("no bridge is seen: film from before the hips leave the floor").wait_for()
        assert page.locator("[data-upload=form]").count() == 1
        assert page.get_by_role("button", name="Keep the right leg alone").is_visible()
        page.get_by_text("Give the left leg by hand").click()
        page.get_by_label("Left leg: seconds held").fill("40")
        page.get_by_role("button", name="Keep the result").wait_for()
        page.get_by_text("Another day, or a note").nth(1).click()
        page.get_by_label("When was it?").nth(1).fill((date.today() + timedelta(days=2)).isoformat())
        page.get_by_role("button", name="Keep the result").click()
        page.get_by_text("still to come").wait_for()
        page.get_by_label("When was it?").nth(1).fill(yesterday.isoformat())
        page.get_by_role("button", name="Keep the result").click()
        page.get_by_text("left 40 s, right 35 s").wait_for()
    with mine(diary) as athlete:
        kept = athlete.history().tests[-1]
        assert (kept.day, kept.left, kept.right) == (yesterday, 40.0, 35.1)
        assert kept.error == pytest.approx(BRIDGE.error(40.0))  # by hand is the coarser of both


@pytest.mark.slow
def test_films_of_before_it_hurt_can_be_kept_but_no_new_ones_are_asked_for(
    chromium: Any, diary: Path, tmp_path: Path, filmed: Callable[..., Job]
) -> None:
    filmed("left", timed("left", 41.2))
    with mine(diary) as athlete:
        athlete.add_pain(PainReport(date.today(), 7, flags=("limp",)))
    with served(tmp_path, diary) as address, page_of(chromium, address, PHONE) as page:
        open_page(page, f"/test/{BRIDGE.id}")
        page.get_by_role("button", name="Keep the left leg alone").wait_for()
        assert page.locator("[data-upload=form]").count() == 0
        open_page(page, f"/test/{REPETITIONS.id}")
        assert page.get_by_role("button", name="Start, left").count() == 0
        assert "hipdrive " not in page.locator(".card.calm").inner_text()  # no command is asked for


@pytest.mark.slow
@pytest.mark.parametrize(("size", "colours"), [(PHONE, "dark"), (WIDE, "light")], ids=["phone", "wide"])
def test_nothing_is_in_the_way(
    chromium: Any, diary: Path, tmp_path: Path, filmed: Callable[..., Job], size: dict[str, int], colours: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    filmed("left", timed("right", 41.2, ended="the other foot came down", start_s=2.1, end_s=43.3))
    filmed("right", "no bridge is seen: film from before the hips leave the floor until they are down again")
    with served(tmp_path, diary) as address, page_of(chromium, address, size, colours) as page:
        for test in TESTS:
            open_page(page, f"/test/{test.id}")
            by_hand = page.get_by_text("This test goes by hand")
            assert (by_hand.count() == 1) == (not test.from_video)
            for summary in page.locator("details > summary:visible").all():
                summary.click()
            page.wait_for_timeout(300)
            serious = [
                (one["id"], [node["html"][:200] for node in one["nodes"]][:3])
                for one in axe.run(page).response["violations"]
                if one["impact"] in ("serious", "critical")
            ]
            assert serious == [], test.id
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, test.id
        open_page(page, f"/test/{BRIDGE.id}")  # with the keyboard alone
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        tab_to(page, "Keep the left leg alone")
        page.keyboard.press("Enter")
        page.get_by_text("Say of each clip which leg was on the floor.").wait_for()


@pytest.mark.slow
@pytest.mark.usefixtures("weights")
def test_a_film_is_sent_timed_and_refused_by_the_other_test(chromium: Any, diary: Path, tmp_path: Path) -> None:
    """The rendered athlete on the left leg, 7.3 s: see tests/test_hold.py."""
    with mine(diary) as athlete:
        before = athlete.history().tests
    with served(tmp_path, diary) as address, page_of(chromium, address, PHONE) as page:
        open_page(page, f"/test/{BRIDGE.id}")
        page.get_by_role("radio", name="Film it").click()
        page.get_by_text("Begin the film before your hips leave the floor").wait_for()
        page.locator("[data-upload=file]").nth(0).set_input_files(HOLD)
        page.get_by_role("button", name="Cancel the clip of the left leg").wait_for()
        page.locator("[data-upload=file]").set_input_files(HOLD)  # the right leg's; the left one has its clip
        page.get_by_role("button", name="Cancel the clip of the right leg").click()
        page.get_by_text("Choose the clip of the right leg").wait_for()
        open_page(page, "/")  # the page can be closed, and comes back to it
        open_page(page, f"/test/{BRIDGE.id}")
        page.get_by_text("Held for 7.").wait_for(timeout=600_000)
        assert page.get_by_text("Your hips had dropped by 10 degrees at 9.").is_visible()
        assert leg(page, "left").get_by_role("radio", name="Left").is_checked()
        page.get_by_role("button", name="Show the hold of the left leg").click()
        page.wait_for_function("document.querySelector('video.overlay').currentTime > 2")
        with mine(diary) as athlete:
            assert athlete.history().tests == before
        open_page(page, f"/test/{REPETITIONS.id}")
        page.get_by_role("radio", name="Film it").click()
        page.locator("[data-upload=file]").nth(1).set_input_files(HOLD)
        page.get_by_text("the video shows one long hold, not repetitions").wait_for(timeout=600_000)
        open_page(page, f"/test/{BRIDGE.id}")
        page.get_by_role("button", name="Keep the left leg alone").click()
        page.get_by_text("left 7.").wait_for()
    with mine(diary) as athlete:
        kept = athlete.history().tests[-1]
        assert (kept.timed_by, kept.right) == ("video", None)
        assert kept.left == pytest.approx(7.33, abs=0.5)
