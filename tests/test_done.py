"""From a planned session and a few answers to what was done."""

from datetime import date

import pytest

from hipdrive.errors import HipdriveError
from hipdrive.training.done import Did, dose_words, planned_for, read_did, session_done, without_day
from hipdrive.training.history import History, Profile, SessionDone
from hipdrive.training.ladder import Dose
from hipdrive.training.programme import PlannedExercise, PlannedSession, PlannedWeek, Programme

MONDAY, TUESDAY, THURSDAY, NEXT_MONDAY = (date(2026, 11, day) for day in (23, 24, 26, 30))


def session(number: int, day: date) -> PlannedSession:
    exercises = (
        PlannedExercise("glute_bridge", Dose(3, 10, 12), "why"),
        PlannedExercise("monster_walk", Dose(2, 8, 12, "steps each way", band="red"), "why"),
    )
    return PlannedSession(f"2026-W{day.isocalendar().week}-{number}", day, exercises, "any time", False, "why")


PROGRAMME = Programme(
    MONDAY,
    (
        PlannedWeek(MONDAY, "build", (session(1, TUESDAY), session(2, THURSDAY)), "hip", None, "why"),
        PlannedWeek(NEXT_MONDAY, "build", (session(1, NEXT_MONDAY),), "hip", None, "why"),
    ),
    (),
)


def test_a_session_may_be_done_on_its_day_or_earlier_in_its_week():
    assert planned_for(PROGRAMME, TUESDAY) == session(1, TUESDAY)
    assert planned_for(PROGRAMME, MONDAY) == session(1, TUESDAY)
    assert planned_for(PROGRAMME, date(2026, 11, 25)) == session(2, THURSDAY)
    assert planned_for(PROGRAMME, date(2026, 11, 27)) is None, "the next week's is not done in this one"


def test_as_planned_is_all_of_it_to_the_top():
    done = session_done(session(1, TUESDAY), TUESDAY, did={}, reserve=3, clean=True, rpe=7, pain=1, note="fine")
    assert (done.planned, done.rpe, done.pain, done.note) == ("2026-W48-1", 7, 1, "fine")
    bridge, walk = done.exercises
    assert [(one.amount, one.reserve, one.clean_share, one.seen_by) for one in bridge.sets] == [(12, 3, 1, "self")] * 3
    assert [(one.amount, one.band) for one in walk.sets] == [(12, "red")] * 2


def test_what_was_different_and_what_was_left_out():
    did = {"glute_bridge": Did(2, 9), "calf_raise": Did(1, 15)}
    done = session_done(session(1, TUESDAY), TUESDAY, did=did, left_out={"monster_walk"})
    assert {entry.exercise: [one.amount for one in entry.sets] for entry in done.exercises} == {
        "glute_bridge": [9, 9],
        "calf_raise": [15],
    }
    assert all(one.clean_share is None and one.seen_by is None for entry in done.exercises for one in entry.sets)


def test_a_day_can_be_told_as_if_nothing_had_been_done():
    history = History(Profile("A"), sessions=(SessionDone(MONDAY, ()), SessionDone(TUESDAY, ())))
    assert without_day(history, TUESDAY).sessions == history.sessions[:1]


@pytest.mark.parametrize(
    "text", ["glute_bridge", "glute_bridge=3", "glute_bridge=0x10", "glute_bridge=3x999", "x" * 999]
)
def test_what_cannot_be_read_shows_how_it_is_written(text):
    with pytest.raises(HipdriveError, match=r"glute_bridge=3x10|out of bounds"):
        read_did(text)


def test_an_unknown_exercise_names_those_like_it():
    with pytest.raises(HipdriveError, match="glute_bridge"):
        read_did("glutebridge=3x10")


def test_doses_in_words():
    assert (
        dose_words(PlannedExercise("a", Dose(2, 20, 20, "seconds", each_side=True), "")) == "2 x 20 seconds each side"
    )
