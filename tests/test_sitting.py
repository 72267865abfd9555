"""Breaks from sitting: when they come, what is said, and the command."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

import terminal
from hipdrive.cli import app, breaks
from hipdrive.diary import Diary
from hipdrive.errors import HipdriveError
from hipdrive.training.history import Profile
from hipdrive.training.sitting import (
    IDEAS,
    LEAST_EVERY_MIN,
    MESSAGE,
    MOST_A_DAY,
    MOST_EVERY_MIN,
    SETTING,
    BreakSettings,
    break_times,
    time_of,
)

FRIDAY = date(2026, 11, 20)
SOON = timedelta(minutes=1)  # times are given to the minute
runner = CliRunner()

times = st.times(time(0), time(23, 59)).map(lambda at: at.replace(second=0, microsecond=0))
wanted = (
    st.tuples(st.integers(LEAST_EVERY_MIN, MOST_EVERY_MIN), times, times)
    .filter(lambda given: given[1] < given[2])
    .map(lambda given: BreakSettings(*given, on=True))
)


@given(settings=wanted, day=st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_breaks_are_few_short_within_work_and_after_sitting(settings: BreakSettings, day: date) -> None:
    found = break_times(settings, day)
    assert len(found) <= MOST_A_DAY
    assert bool(found) <= (day.weekday() < 5)
    sits_since = datetime.combine(day, settings.begins)
    for one in found:
        starts = datetime.combine(day, one.at)
        assert 1 <= one.minutes <= 3
        assert starts - sits_since >= timedelta(minutes=LEAST_EVERY_MIN) - SOON
        assert starts - sits_since >= timedelta(minutes=settings.every_min) - SOON
        sits_since = starts + timedelta(minutes=one.minutes)
    assert sits_since <= datetime.combine(day, settings.ends)
    if day.weekday() < 5 and len(found) < MOST_A_DAY:  # nobody sits for twice as long as was asked for
        assert datetime.combine(day, settings.ends) - sits_since <= timedelta(minutes=1.5 * settings.every_min + 1)


@given(settings=wanted)
def test_what_to_do_goes_round(settings: BreakSettings) -> None:
    whats = [one.what for one in break_times(settings, FRIDAY)]
    assert all(whats[place] != whats[place + 1] for place in range(len(whats) - 1))
    assert len(set(whats)) == min(len(whats), len(IDEAS))


@given(settings=wanted)
def test_settings_are_kept_as_they_are(settings: BreakSettings) -> None:
    assert BreakSettings.from_text(settings.to_text()) == settings


def test_they_are_off_until_asked_for_and_free_on_sundays() -> None:
    assert break_times(BreakSettings.from_text(None), FRIDAY) == []
    assert break_times(BreakSettings(on=True), FRIDAY + timedelta(days=2)) == []
    assert len(break_times(BreakSettings(on=True), FRIDAY)) == MOST_A_DAY


@pytest.mark.parametrize("every", [29, 61])
def test_more_or_fewer_than_evidence_has_are_not_offered(every: int) -> None:
    with pytest.raises(HipdriveError, match="30 to 60"):
        BreakSettings(every)


@pytest.mark.parametrize("text", ["", "{}", "[1]", "nonsense", '{"every_min": "45"}'])
def test_kept_settings_that_cannot_be_read_say_so(text: str) -> None:
    with pytest.raises(HipdriveError, match="set the times of breaks again"):
        BreakSettings.from_text(text)


def test_times_of_day_are_read() -> None:
    assert time_of(" 09:05 ") == time(9, 5)
    with pytest.raises(HipdriveError, match="such as 09:00"):
        time_of("nine")


def test_nothing_is_claimed_that_nobody_has_shown() -> None:
    for one in break_times(BreakSettings(on=True), FRIDAY):
        assert one.text.endswith(MESSAGE)
        assert not re.search(r"amnesia|asleep|wake|switch|activat|prevent|injur|health|burn|!", one.text, re.IGNORECASE)


# -- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def diary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIPDRIVE_DATABASE", str(tmp_path / "diary.sqlite3"))
    with Diary.open() as opened:
        opened.add_athlete(Profile("Ada"))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[datetime]]:
    """A clock that is set by hand and runs only while somebody waits."""
    now = [datetime.combine(FRIDAY, time(9))]

    def sleep(seconds: float) -> None:
        now[0] += timedelta(seconds=max(seconds, 0.01) * 30)  # thirty times as fast

    monkeypatch.setattr(breaks, "_now", lambda zone: now[0])
    monkeypatch.setattr(breaks.clock, "sleep", sleep)
    monkeypatch.setattr("hipdrive.cli.common.today", lambda profile: now[0].date())
    yield now


def run(*arguments: str) -> Any:
    return runner.invoke(app, ["breaks", *arguments])


def kept() -> str | None:
    with Diary.open() as opened:
        return opened.athlete().setting(SETTING)


def test_settings_are_opt_in_and_can_be_taken_back() -> None:
    assert kept() is None
    assert run("--on", "--every", "60", "--from", "08:00", "--to", "12:00").exit_code == 0
    assert len(break_times(BreakSettings.from_text(kept()), FRIDAY)) == 3
    assert run("--off").exit_code == 0
    assert break_times(BreakSettings.from_text(kept()), FRIDAY) == []
    assert BreakSettings.from_text(kept()).every_min == 60  # for the next time


def test_it_counts_down_through_a_day_and_never_beyond_the_cap(clock: list[datetime]) -> None:
    done = run("--every", "30", "--from", "09:00", "--to", "19:00")
    assert done.exit_code == 0, done.output
    assert f"{MOST_A_DAY} breaks taken" in done.output
    assert done.output.count("This breaks up") == MOST_A_DAY
    assert kept() is None  # nothing is kept that was not asked for


def test_breaks_that_a_sleeping_machine_missed_are_passed_over(
    clock: list[datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    def sleep(seconds: float) -> None:
        clock[0] += timedelta(hours=2)

    monkeypatch.setattr(breaks.clock, "sleep", sleep)
    done = run("--every", "60", "--from", "09:00", "--to", "12:00")
    assert "0 breaks taken" in done.output


def test_after_work_there_is_nothing_to_wait_for(clock: list[datetime]) -> None:
    clock[0] = datetime.combine(FRIDAY, time(18))
    done = run()
    assert done.exit_code == 2 and "--to" in done.output


@pytest.mark.parametrize("arguments", [("--every", "5"), ("--from", "18:00", "--to", "09:00"), ("--from", "soon")])
def test_bad_times_are_one_sentence(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.exit_code == 2 and "Traceback" not in done.output


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminal on Windows")
def test_ctrl_c_ends_it_and_says_what_was_done() -> None:
    code = (
        "from datetime import date, datetime; import hipdrive.cli.breaks as b; "
        "b._now = lambda zone: datetime(2026, 11, 20, 9, 5); "
        "import hipdrive.cli.common as c; c.today = lambda profile: date(2026, 11, 20); "
        "from hipdrive.cli import main; main()"
    )
    with terminal.running([sys.executable, "-c", code, "breaks", "--every", "45"]) as typist:
        typist.read_until("to the next break")
        typist.press_ctrl_c()
        typist.read_until("0 breaks taken")
        assert typist.exit_code() == 0


def test_days_of_a_week_are_seven():
    with pytest.raises(HipdriveError, match="0 for Monday to 6"):
        BreakSettings(weekdays=(0, 7))
