"""Self tests: what a result says, what a video shows of it, and the command."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

import stick_bridger as stick
import stick_walker
import terminal
from hipdrive.cli import app, stopwatch
from hipdrive.diary import Diary
from hipdrive.errors import HipdriveError
from hipdrive.motion import clean_motion, find_view, new_motion
from hipdrive.movements.glute_bridge import BridgeSet
from hipdrive.training.history import PainReport, Profile, TestResult
from hipdrive.training.selftest import STRENGTH_ONLY, TESTS, Timed, compare, self_test, timed

DAY, BEFORE = date(2026, 11, 18), date(2026, 10, 3)
BRIDGE = self_test("single-leg-bridge")
runner = CliRunner()


def result(left: float | None = None, right: float | None = None, **more: Any) -> TestResult:
    settings = {"day": DAY, "test": BRIDGE.id, "unit": "s", "left": left, "right": right, **more}
    return TestResult(**settings)


# -- the tests as data ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("test", TESTS, ids=lambda test: test.id)
def test_each_test_says_how_it_is_done_what_ends_it_and_who_says_so(test: Any) -> None:
    assert len(test.how) >= 2 and all(step.endswith((".", "?")) for step in test.how)
    assert "when it hurts" in test.ends
    assert test.error_source and (test.norms or test.norm_note)
    for norm in test.norms:
        assert 0 < norm.low < norm.high
        assert re.search(r"(19|20)\d\d", norm.source)
    assert bool(test.asks) == (test.kind == "quality")
    assert test.sides or not test.from_video


def test_names_are_found_however_they_are_written() -> None:
    assert self_test(" Single_Leg Bridge") is BRIDGE
    with pytest.raises(HipdriveError, match="take one of single-leg-bridge"):
        self_test("handstand")


# -- what a result says -----------------------------------------------------------------------------------------------


def test_sides_that_differ_by_more_than_the_error_are_worth_training() -> None:
    said = " ".join(compare(BRIDGE, result(60, 40, error=6)))
    assert "right side is 33% below your left" in said
    assert "worth training" in said


def test_sides_that_differ_by_less_than_the_error_are_not() -> None:
    said = " ".join(compare(BRIDGE, result(60, 48, error=12)))
    assert "20% below" in said and "Test again" in said and "worth training" not in said


def test_sides_within_15_percent_are_alike() -> None:
    assert "alike" in compare(BRIDGE, result(100, 86, error=0.1))[0]
    assert "alike" not in compare(BRIDGE, result(100, 84, error=0.1))[0]


def test_a_change_counts_beyond_20_percent_and_the_error() -> None:
    earlier = [result(50, 50, day=BEFORE, error=1)]
    said = " ".join(compare(BRIDGE, result(61, 59, error=1), earlier))
    assert "left up by 11" in said and "right has not changed" in said
    assert "since 3 october 2026" in said.lower()
    unsure = " ".join(compare(BRIDGE, result(61, 59, error=10), earlier))
    assert "up by" not in unsure


def test_other_tests_and_units_are_no_earlier_results() -> None:
    others = [result(1, 1, test="side-plank"), result(1, 1, unit="reps")]
    assert "first result" in " ".join(compare(BRIDGE, result(50, 50), others))


def test_norms_go_by_sex_where_they_know_it() -> None:
    plank = self_test("side-plank")
    told = result(40, 40, test=plank.id)
    assert "women" in " ".join(compare(plank, told, sex="f")) and "men of" not in " ".join(
        compare(plank, told, sex="f")
    ).replace("women of", "")
    assert "men of 20" in " ".join(compare(plank, told)) and "women of" in " ".join(compare(plank, told))


@given(
    left=st.none() | st.floats(0, 3600),
    right=st.none() | st.floats(0, 3600),
    old=st.floats(0, 3600),
    error=st.none() | st.floats(0, 50),
    test=st.sampled_from(TESTS),
)
def test_whatever_the_result_nobody_is_scared_or_blamed(
    left: float | None, right: float | None, old: float, error: float | None, test: Any
) -> None:
    told = TestResult(DAY, test.id, test.unit, left, right, None if test.sides else old, error)
    said = compare(test, told, [TestResult(BEFORE, test.id, test.unit, old, old, old)])
    text = " ".join(said)
    assert (STRENGTH_ONLY in said) == test.strength
    assert not re.search(r"nan|inf\b|weak|poor|bad|fail|should have|at risk", text, re.IGNORECASE)
    assert all(sentence.strip().endswith(".") for sentence in said)
    if "worth training" in text:
        assert left is not None and right is not None and abs(left - right) > 0.15 * max(left, right)


# -- from a video -----------------------------------------------------------------------------------------------------


def examined(heights: Any, works: str) -> Any:
    """What the road gives for a stick figure on one leg, as far as a self test looks at it."""
    other = "left" if works == "right" else "right"
    landmarks = stick.landmarks(heights, {other: np.ones(len(heights))})
    times_s = np.arange(len(landmarks)) / stick.RATE_HZ
    motion, _ = clean_motion(new_motion(times_s, landmarks, source="clip", width_px=640, height_px=360))
    motion, view = find_view(motion)
    bridges = BridgeSet(motion, view)
    repetitions = [
        SimpleNamespace(side=bridges.side_of(one), top_start_s=one.top_start_s, top_end_s=one.top_end_s)
        for one in bridges.repetitions
        if one.complete
    ]
    return SimpleNamespace(prepared=bridges, analysis=SimpleNamespace(complete_repetitions=repetitions))


def hold(seconds: float) -> Any:
    return np.concatenate([np.zeros(30), stick.repetition(1.2, seconds, 1), np.zeros(30)])


def test_a_hold_and_a_count_are_taken_from_a_video() -> None:
    held = timed(BRIDGE, examined(hold(8), "right"))
    assert (held.side, held.by_video) == ("right", True)
    assert held.value == pytest.approx(8, abs=0.5)
    assert held.ended == "your hips had dropped by 10 degrees" and held.note == ""
    assert held.end_s is not None and held.start_s is not None
    assert held.end_s - held.start_s == pytest.approx(held.value)
    heights = np.concatenate([np.zeros(20), *[stick.repetition(1, 0.5, 1) for _ in range(4)], np.zeros(20)])
    counted = timed(self_test("single-leg-bridge-reps"), examined(heights, "left"))
    assert (counted.side, counted.value) == ("left", 4)


def test_a_video_of_the_other_test_is_refused() -> None:
    with pytest.raises(HipdriveError, match="one long hold, not repetitions"):
        timed(self_test("single-leg-bridge-reps"), examined(hold(8), "right"))
    heights = np.concatenate([np.zeros(20), *[stick.repetition(1, 2.5, 1) for _ in range(4)], np.zeros(20)])
    with pytest.raises(HipdriveError, match="repetitions, not one long hold"):
        timed(BRIDGE, examined(heights, "left"))


def test_a_video_of_another_movement_is_refused() -> None:
    motion, _ = clean_motion(stick_walker.stick_walk(stick_walker.to_and_fro()).motion)
    motion, view = find_view(motion)
    walk: Any = SimpleNamespace(prepared=BridgeSet(motion, view), analysis=SimpleNamespace(complete_repetitions=[]))
    for test in (BRIDGE, self_test("single-leg-bridge-reps")):
        with pytest.raises(HipdriveError, match="a monster walk, not a bridge"):
            timed(test, walk)


def test_a_video_that_ends_in_the_hold_says_so() -> None:
    seen = timed(BRIDGE, examined(hold(8)[:-75], "right"))
    assert seen.note == seen.ended == "the video ends in the hold"


def test_a_video_that_shows_no_such_test_is_refused() -> None:
    with pytest.raises(HipdriveError, match="not taken from a video"):
        timed(self_test("side-plank"), examined(hold(5), "right"))
    with pytest.raises(HipdriveError, match="no bridge"):
        timed(BRIDGE, SimpleNamespace(prepared=None))  # type: ignore[arg-type]
    both = examined(hold(5), "right")
    landmarks = stick.landmarks(hold(5))
    motion, _ = clean_motion(
        new_motion(np.arange(len(landmarks)) / 30, landmarks, source="clip", width_px=640, height_px=360)
    )
    motion, view = find_view(motion)
    both.prepared = BridgeSet(motion, view)
    with pytest.raises(HipdriveError, match="both feet"):
        timed(BRIDGE, both)


# -- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def diary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """A diary of one athlete; gives her history."""
    monkeypatch.setenv("HIPDRIVE_DATABASE", str(tmp_path / "diary.sqlite3"))
    monkeypatch.setenv("COLUMNS", "100")
    with Diary.open() as opened:
        opened.add_athlete(Profile("Ada", sex="f"))

    def history() -> Any:
        with Diary.open() as opened:
            return opened.athlete().history()

    return history


def run(*arguments: str, typed: str = "") -> Any:
    return runner.invoke(app, ["test", *arguments], input=typed)


def test_results_by_hand_are_kept_and_compared(diary: Callable[[], Any]) -> None:
    assert run("single-leg-bridge", "--left", "30", "--right", "34", "--day", "2026-10-03").exit_code == 0
    done = run("single-leg-bridge", "--left", "41,5", "--right", "31", "--note", "after a run")
    assert done.exit_code == 0, done.output
    assert "worth training" in done.output and "█" in done.output and "35 to 95" in done.output
    last = diary().tests[-1]
    assert (last.left, last.right, last.unit, last.timed_by, last.note) == (41.5, 31.0, "s", "hand", "after a run")
    assert last.error == pytest.approx(np.hypot(1.0, 4.15))
    assert "left 42 s, right 31 s" in run().output


@pytest.mark.parametrize(
    ("arguments", "cure"),
    [
        (("handstand",), "take one of"),
        (("front-plank", "--left", "30"), "--result"),
        (("single-leg-bridge", "--result", "30"), "--left and --right"),
        (("single-leg-bridge", "--left", "-4"), "out of range"),
        (("single-leg-bridge", "--left", "nan"), "out of range"),
        (("single-leg-bridge", "--left", "no.mp4"), "no.mp4"),
        (("single-leg-bridge", "--left", "4", "--video", "a.mp4"), "leave the sides out"),
        (("single-leg-bridge", "--left", "4", "--day", "2999-01-01"), "to come"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(
    diary: Callable[[], Any], arguments: tuple[str, ...], cure: str
) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert cure in " ".join(done.output.split())
    assert "Traceback" not in done.output
    assert diary().tests == ()


def test_videos_are_told_apart_by_the_leg_that_works(diary: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {"a.mp4": Timed("right", 35.0, 0.3, by_video=True), "b.mp4": Timed("left", 41.0, 0.4, by_video=True)}
    monkeypatch.setattr("hipdrive.analysis.examine", lambda path, settings: path)
    monkeypatch.setattr("hipdrive.training.selftest.timed", lambda test, path: seen[path.name])
    assert run("single-leg-bridge", "--video", "a.mp4", "--video", "b.mp4").exit_code == 0
    kept = diary().tests[-1]
    assert (kept.left, kept.right, kept.timed_by) == (41.0, 35.0, "video")
    seen["b.mp4"] = Timed(None, 41.0, 0.4, by_video=True)
    unsure = run("single-leg-bridge", "--video", "a.mp4", "--video", "b.mp4")
    assert unsure.exit_code == 2 and "--left" in unsure.output
    assert run("single-leg-bridge", "--left", "b.mp4", "--right", "a.mp4").exit_code == 0
    assert len(diary().tests) == 2


def test_five_questions_for_each_leg(diary: Callable[[], Any]) -> None:
    done = run("single-leg-squat", typed="y\ny\nn\ny\ny\n" + "n\n" * 5)
    assert done.exit_code == 0, done.output
    assert (diary().tests[-1].left, diary().tests[-1].right) == (4.0, 0.0)


def test_a_guided_test_counts_a_minute_down_and_asks(diary: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[int] = []
    monkeypatch.setattr(stopwatch, "count_down", lambda console, seconds, title: counted.append(seconds))
    done = run("sit-to-stand", typed="\n44\n")
    assert done.exit_code == 0, done.output
    assert counted[-1] == 60
    assert diary().tests[-1].both == 44.0


def test_nobody_is_sent_to_the_limit_while_a_flag_is_open(diary: Callable[[], Any]) -> None:
    with Diary.open() as opened:
        opened.athlete().add_pain(PainReport(DAY, 4, flags=("bone_spot",)))
    done = run("single-leg-bridge", typed="\n\n\n\n")
    assert done.exit_code == 0
    assert "see a doctor" in " ".join(done.output.replace("│", "").split())
    assert diary().tests == ()


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminal on Windows")
def test_the_stop_watch_in_a_terminal(diary: Callable[[], Any]) -> None:
    """Type on a terminal as a runner does; the time between two Enters is the result."""
    code = "import hipdrive.cli.selftest as s; s.GET_READY_S = 1; from hipdrive.cli import main; main()"
    with terminal.running([sys.executable, "-c", code, "test", "single-leg-bridge"]) as typist:
        took_s = []
        for _ in ("left", "right"):
            typist.read_until("Press Enter")
            typist.press_enter()
            typist.read_until("get ready")
            typist.read_until("Enter when it ends")
            began_s = time.monotonic()
            time.sleep(0.7)
            typist.press_enter()
            took_s.append(time.monotonic() - began_s)
        typist.read_until("first result")
        assert typist.exit_code() == 0
    kept = diary().tests[-1]
    assert [kept.left, kept.right] == pytest.approx(took_s, abs=0.6)


def test_large_digits_are_all_of_one_size() -> None:
    assert {len(row) for row in stopwatch.large(1234567890).split("\n")} == {78}
