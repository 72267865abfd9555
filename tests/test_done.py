"""From a planned session and a few answers to what was done."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from hipdrive.errors import HipdriveError
from hipdrive.training.done import Did, planned_for, read_did, session_done
from hipdrive.training.history import History, Profile, Screening, SessionDone
from hipdrive.training.ladder import Dose
from hipdrive.training.pain import screening_questions
from hipdrive.training.programme import PlannedExercise, PlannedSession, plan

MONDAY = date(2026, 11, 23)
TUESDAY = date(2026, 11, 24)
SCREENED = (Screening(MONDAY, {question.id: False for question in screening_questions()}),)
HISTORY = History(Profile("A", run_days=(1, 3, 6), bands=("red",)), SCREENED)


def session(number: int, day: date) -> PlannedSession:
    exercises = (
        PlannedExercise("glute_bridge", Dose(3, 10, 12), "why"),
        PlannedExercise("monster_walk", Dose(2, 8, 12, "steps each way", band="red"), "why"),
    )
    return PlannedSession(f"2026-W{day.isocalendar().week}-{number}", day, exercises, "any time", False, "why")


def test_a_session_may_be_done_on_its_day_or_earlier_in_its_week():
    first, second = plan(HISTORY, MONDAY, weeks=1).sessions
    assert planned_for(HISTORY, first.day) == first
    assert planned_for(HISTORY, MONDAY).id == first.id
    done = replace(HISTORY, sessions=(SessionDone(first.day, (), planned=first.id),))
    assert planned_for(done, second.day).id == second.id
    assert planned_for(done, first.day) == first, "told as if nothing had been done on that day"


def test_what_was_done_on_a_later_day_is_not_done_again():
    both = tuple(SessionDone(one.day, (), planned=one.id) for one in plan(HISTORY, MONDAY, weeks=1).sessions)
    assert planned_for(replace(HISTORY, sessions=both), both[0].day + timedelta(days=1)) is None


def test_while_the_plan_rests_nothing_is_planned():
    assert planned_for(replace(HISTORY, screenings=()), MONDAY) is None


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


@pytest.mark.parametrize(
    "text", ["glute_bridge", "glute_bridge=3", "glute_bridge=0x10", "glute_bridge=3x999", "x" * 999]
)
def test_what_cannot_be_read_shows_how_it_is_written(text):
    with pytest.raises(HipdriveError, match=r"glute_bridge=3x10|out of bounds"):
        read_did(text)


def test_an_unknown_exercise_names_those_like_it():
    with pytest.raises(HipdriveError, match="glute_bridge"):
        read_did("glutebridge=3x10")
