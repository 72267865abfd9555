"""The plan: where it begins, what leads on and down, on which days, and that it is a function of the history alone."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from random import Random

import pytest

from hipdrive.training.history import (
    Away,
    ExerciseDone,
    History,
    PainReport,
    Profile,
    Race,
    Run,
    Screening,
    SessionDone,
    SetDone,
    TestResult,
)
from hipdrive.training.ladder import ladder
from hipdrive.training.pain import screening_questions
from hipdrive.training.programme import MOST_MINUTES, Programme, plan
from hipdrive.training.simulate import simulate

MONDAY = date(2026, 9, 7)
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
SCREENED = (Screening(MONDAY - DAY, {question.id: False for question in screening_questions()}),)
PROFILE = Profile("Ada", bands=("yellow", "red", "green"), equipment=("step", "bench", "weight"))
GOOD = SetDone(15, 3, clean_share=1.0, fault_share=0.0, seen_by="video")


def history(*sessions: SessionDone, profile: Profile = PROFILE, **more) -> History:
    return History(profile, screenings=SCREENED, sessions=sessions, **more)


def did(day: date, each: SetDone = GOOD, *, pain: float | None = 0.0, **exercises: SetDone) -> SessionDone:
    """A session of some exercises, three sets of each; other sets where they are named."""
    names = exercises or dict.fromkeys(("glute_bridge", "monster_walk", "calf_raise"), each)
    done = tuple(ExerciseDone(name, (one,) * 3) for name, one in names.items())
    return SessionDone(day, done, rpe=7, pain=pain)


def standing(history: History, today: date, line: str = "hip"):
    return next(state for state in plan(history, today).lines if state.line == line)


def main_exercise(programme: Programme, line: str = "hip", week: int = 0) -> str:
    session = programme.weeks[week].sessions[0]
    return next(entry.exercise for entry in session.exercises if ladder()[entry.exercise].line == line)


def a_run(day: date, km: float) -> Run:
    return Run(datetime.combine(day, time(7), UTC), 1000 * km, 360 * km)


def weeks_of_training(number: int, **more) -> list[SessionDone]:
    """Two sessions a week in which nobody looked, so that nothing leads on."""
    unseen = SetDone(10, 3)
    return [did(MONDAY + WEEK * week + DAY * day, unseen, **more) for week in range(number) for day in (0, 3)]


# -- where it begins


@pytest.mark.parametrize(
    ("experience", "hip", "lateral", "calf"),
    [
        ("new", "glute_bridge", "monster_walk", "calf_raise"),
        ("some", "glute_bridge", "monster_walk", "calf_raise"),
        ("regular", "band_bridge", "strong_band_walk", "single_leg_calf_raise"),
    ],
)
def test_begins_by_experience(experience, hip, lateral, calf):
    programme = plan(history(profile=replace(PROFILE, experience=experience)), MONDAY)
    assert [state.exercise for state in programme.lines] == [hip, lateral, calf]


def test_age_and_mass_change_nothing():
    old = replace(PROFILE, birth_year=1941, mass_kg=130.0, height_m=1.6, sex="f")
    assert plan(history(profile=old), MONDAY) == plan(history(), MONDAY)


def test_a_short_hold_begins_lower_and_a_later_one_changes_nothing():
    short = TestResult(MONDAY, "single-leg-bridge", "s", left=9.0, right=25.0)
    assert standing(history(tests=(short,)), MONDAY).exercise == "small_bridge"
    later = replace(short, day=MONDAY + 8 * DAY)
    assert standing(history(did(MONDAY), tests=(later,)), MONDAY + 9 * DAY).exercise == "glute_bridge"


def test_without_a_band_nothing_needs_one():
    programme = plan(history(profile=Profile("Ada")), MONDAY)
    assert main_exercise(programme, "lateral") == "side_lying_abduction"
    assert not any(ladder()[entry.exercise].equipment for session in programme.sessions for entry in session.exercises)


def test_the_first_questions_come_first():
    programme = plan(History(PROFILE), MONDAY)
    assert programme.weeks == () and "questions about your health" in programme.stopped


def test_a_red_flag_stops_and_clearing_it_goes_on():
    flag = PainReport(MONDAY, 4, "shin", flags=("bone_spot",))
    assert plan(history(pains=(flag,)), MONDAY + DAY).stopped
    cleared = PainReport(MONDAY + 20 * DAY, 0, "shin", "rest", flags=("bone_spot",), cleared=MONDAY + 20 * DAY)
    assert plan(history(pains=(flag, cleared)), MONDAY + 21 * DAY).stopped is None


# -- what leads on


def test_two_clean_sessions_with_reserve_lead_on_the_next_week():
    one, two = did(MONDAY), did(MONDAY + 3 * DAY)
    assert standing(history(one), MONDAY + WEEK).exercise == "glute_bridge", "one is not enough"
    before = standing(history(one, two), MONDAY + 4 * DAY)
    assert (before.exercise, before.sessions_ready) == ("glute_bridge", 2), "not within the week"
    programme = plan(history(one, two), MONDAY + WEEK)
    assert programme.weeks[0].grows == "hip"
    assert main_exercise(programme) == "band_bridge"


@pytest.mark.parametrize(
    ("sets", "said"),
    [
        (replace(GOOD, amount=14), "15 repetitions"),
        (replace(GOOD, reserve=1), "2 or more are still in you"),
        (replace(GOOD, reserve=None), "how many more"),
        (replace(GOOD, clean_share=0.7), "80%"),
        (replace(GOOD, clean_share=None, fault_share=None, seen_by=None), "film one set"),
    ],
)
def test_what_is_missing_is_said_and_does_not_lead_on(sets, said):
    state = standing(history(did(MONDAY, sets), did(MONDAY + 3 * DAY, sets)), MONDAY + WEEK)
    assert (state.exercise, state.sessions_ready) == ("glute_bridge", 0)
    assert said in state.why


def test_two_good_sessions_with_a_bad_one_between_do_not_lead_on():
    bad = replace(GOOD, reserve=1)
    sessions = (did(MONDAY), did(MONDAY + 2 * DAY, bad), did(MONDAY + 4 * DAY))
    assert standing(history(*sessions), MONDAY + WEEK).sessions_ready == 1


def test_one_line_grows_a_week_each_in_its_turn():
    sessions = [did(MONDAY), did(MONDAY + 3 * DAY)]
    grown = []
    for week in range(1, 4):
        monday = MONDAY + WEEK * week
        programme = plan(history(*sessions), monday)
        grown.append(programme.weeks[0].grows)
        for day in (0, 3):
            names = [state.exercise for state in programme.lines]
            sessions.append(did(monday + DAY * day, **dict.fromkeys(names, GOOD)))
    assert grown == ["hip", "lateral", "calf"]


def test_a_longer_long_run_makes_the_lines_wait():
    sessions = (did(MONDAY), did(MONDAY + 3 * DAY))
    runs = (a_run(MONDAY - DAY, 10), a_run(MONDAY + WEEK + DAY, 10.6))
    after = plan(history(*sessions, runs=runs), MONDAY + WEEK + 2 * DAY)
    assert after.weeks[0].grows == "long run"
    assert standing(history(*sessions, runs=runs), MONDAY + WEEK + 2 * DAY).exercise == "glute_bridge"
    at_last = plan(history(*sessions, runs=runs), MONDAY + 2 * WEEK)
    assert at_last.weeks[0].grows == "hip", "it was its turn"


def test_the_long_run_stays_while_a_line_grows():
    runs = (a_run(MONDAY - DAY, 10),)
    grows = plan(history(did(MONDAY), did(MONDAY + 3 * DAY), runs=runs), MONDAY + WEEK)
    rests = plan(history(did(MONDAY), runs=runs), MONDAY + WEEK)
    assert grows.weeks[0].long_run_limit_m == pytest.approx(10_000)
    assert rests.weeks[0].long_run_limit_m == pytest.approx(11_000)


def test_a_step_that_was_not_tried_waits_and_no_other_is_added():
    sessions = (did(MONDAY), did(MONDAY + 3 * DAY))
    later = plan(history(*sessions, did(MONDAY + WEEK + DAY, monster_walk=GOOD)), MONDAY + 2 * WEEK)
    assert later.weeks[0].grows == "hip"
    assert [state.exercise for state in later.lines] == ["band_bridge", "monster_walk", "calf_raise"]


def test_colour_comes_before_the_next_rung():
    profile = replace(PROFILE, experience="regular")
    sets = dict.fromkeys(("band_bridge",), replace(GOOD, band="yellow"))
    sessions = (did(MONDAY, **sets), did(MONDAY + 3 * DAY, **sets))
    assert standing(history(*sessions, profile=profile), MONDAY + WEEK).dose.band == "red"


def test_level_five_waits_for_ten_weeks_of_training():
    sessions, today = [], MONDAY
    for _ in range(14):
        state = standing(history(*sessions), today)
        sets = replace(GOOD, band=state.dose.band, amount=30)
        sessions += [did(today + DAY * day, **{state.exercise: sets}) for day in (0, 3)]
        weeks = len({session.day.isocalendar()[:2] for session in sessions}) - 1
        assert ladder()[state.exercise].level < 5 or weeks >= 10
        today += WEEK
    assert ladder()[standing(history(*sessions), today).exercise].level == 5


def test_what_is_ready_and_cannot_go_on_says_why():
    only_floor = Profile("Ada")
    sessions, today = [], MONDAY
    for _ in range(9):
        state = standing(history(*sessions, profile=only_floor), today)
        sessions += [did(today + DAY * day, **{state.exercise: replace(GOOD, amount=40)}) for day in (0, 3)]
        today += WEEK
    assert "heavy work" in standing(history(*sessions, profile=only_floor), today).why
    sides = [did(MONDAY + WEEK * week + DAY * day, side_lying_abduction=GOOD) for week in range(2) for day in (0, 3)]
    state = standing(history(*sides, profile=only_floor), MONDAY + 2 * WEEK, "lateral")
    assert "needs a band" in state.why and (state.dose.least, state.dose.most) == (12, 18)


# -- what leads down


@pytest.mark.parametrize(
    "each",
    [replace(GOOD, fault_share=0.4, clean_share=0.6), replace(GOOD, amount=7, reserve=0)],
    ids=["faults", "nothing left"],
)
def test_faults_and_nothing_left_lead_down_at_once(each):
    state = standing(history(did(MONDAY, glute_bridge=each)), MONDAY + DAY)
    assert state.exercise == "small_bridge"
    assert standing(history(did(MONDAY, glute_bridge=each)), MONDAY + DAY, "lateral").exercise == "monster_walk"


def test_pain_above_five_leads_every_line_down_once():
    hurt = history(did(MONDAY, pain=6))
    lower = [one.exercise for one in plan(hurt, MONDAY).lines]
    assert lower[0] == "small_bridge" and [ladder()[name].level for name in lower] == [0, 0, 0]
    told_again = replace(hurt, pains=(PainReport(MONDAY, 7, "left hip", "after"),))
    assert [one.exercise for one in plan(told_again, MONDAY).lines] == lower
    assert main_exercise(plan(hurt, MONDAY + 3 * DAY)) == "small_bridge"


def test_pain_of_the_calf_leaves_the_hips_alone():
    report = PainReport(MONDAY, 6, "right calf", "after")
    lines = plan(history(did(MONDAY, pain=6), pains=(report,)), MONDAY + DAY).lines
    assert [one.exercise for one in lines] == ["glute_bridge", "monster_walk", "calf_raise"]
    assert "calf" in [one.line for one in lines if "Pain" in one.why]


def test_amber_that_settled_keeps_and_amber_that_did_not_takes_a_set():
    settled = history(did(MONDAY, pain=4))
    assert standing(settled, MONDAY + 2 * DAY).sessions_ready == 0
    usual = plan(settled, MONDAY + 2 * DAY).sessions[0]
    report = PainReport(MONDAY + DAY, 4, "left hip", "next_morning", settled=False)
    held = plan(replace(settled, pains=(report,)), MONDAY + 2 * DAY).sessions[0]
    assert [one.exercise for one in held.exercises] == [one.exercise for one in usual.exercises]
    assert all(less.dose.sets < more.dose.sets for less, more in zip(held.exercises, usual.exercises, strict=True))


def test_a_step_is_taken_back_when_it_hurts_before_it_was_tried():
    sessions = (did(MONDAY), did(MONDAY + 3 * DAY))
    hurts = PainReport(MONDAY + WEEK, 3, "hip")
    assert standing(history(*sessions, pains=(hurts,)), MONDAY + WEEK + DAY).exercise == "glute_bridge"


@pytest.mark.parametrize(
    ("days", "exercise", "sets"),
    [(13, "band_bridge", 2), (14, "band_bridge", 1), (28, "glute_bridge", 1), (84, "small_bridge", 1)],
)
def test_gaps_come_back_gently(days, exercise, sets):
    profile = replace(PROFILE, experience="regular")
    last = did(MONDAY, band_bridge=SetDone(10, 3))
    programme = plan(history(last, profile=profile), MONDAY + days * DAY)
    assert main_exercise(programme) == exercise
    assert programme.sessions[0].exercises[0].dose.sets == sets
    assert (programme.weeks[0].phase == "return") == (days >= 14)


# -- weeks


def test_every_sixth_week_is_a_deload_with_half_of_the_sets_and_the_same_exercises():
    programme = plan(history(*weeks_of_training(5)), MONDAY + 5 * WEEK)
    deload, usual = programme.weeks[:2]
    assert (deload.phase, usual.phase) == ("deload", "build")
    names, before = deload.sessions[-1].exercises, usual.sessions[-1].exercises
    assert [one.exercise for one in names] == [one.exercise for one in before]
    share = sum(one.dose.sets for one in names) / sum(one.dose.sets for one in before)
    assert 0.5 <= share <= 0.6


def test_a_week_without_training_is_rest_enough():
    sessions = [session for session in weeks_of_training(6) if session.day.isocalendar()[1] != 39]
    assert plan(history(*sessions), MONDAY + 6 * WEEK).weeks[0].phase == "build"


def test_later_weeks_ask_for_a_third_set_of_fewer_repetitions():
    first = plan(history(), MONDAY).lines[0].dose
    later = plan(history(*weeks_of_training(4)), MONDAY + 4 * WEEK).lines[0].dose
    assert (first.sets, first.most, first.reserve) == (2, 15, (3, 4))
    assert (later.sets, later.most, later.reserve) == (3, 12, (2, 3))


def test_sessions_are_never_too_long():
    for experience in ("new", "regular"):
        for number in (0, 4, 12):
            made = history(*weeks_of_training(number), profile=replace(PROFILE, experience=experience))
            for session in plan(made, MONDAY + WEEK * number, 6).sessions:
                assert session.minutes <= MOST_MINUTES
                assert 3 <= len(session.exercises) <= 5


# -- days


HARD = replace(PROFILE, experience="regular", run_days=(1, 3, 6), key_run_days=(3, 6), sessions_a_week=3)


def test_hard_work_keeps_away_from_key_runs_and_from_hard_work():
    programme = plan(history(profile=HARD), MONDAY)
    for session in programme.sessions:
        demanding = any(ladder()[one.exercise].level > 1 for one in session.exercises)
        assert not demanding or session.day.weekday() not in (2, 5)
    days = [session.day for session in programme.sessions]
    assert all((after - before).days > 1 for before, after in pairwise(days))


def test_where_only_the_day_before_a_key_run_is_free_it_is_light_and_says_why():
    session = plan(history(profile=replace(HARD, free_days=(5,))), MONDAY).sessions[0]
    assert not session.hard and "key run" in session.why
    assert all(ladder()[one.exercise].level <= 1 for one in session.exercises)


def test_after_the_run_of_the_same_day():
    profile = replace(PROFILE, run_days=(1, 4))
    assert {session.when for session in plan(history(profile=profile), MONDAY).sessions} == {"after your run"}


def test_a_missed_session_moves_within_its_week_and_is_not_caught_up_on():
    monday = plan(history(), MONDAY).weeks[0].sessions
    wednesday = plan(history(), MONDAY + 2 * DAY).weeks[0].sessions
    sunday = plan(history(), MONDAY + 6 * DAY).weeks[0].sessions
    following = plan(history(), MONDAY + WEEK).weeks[0].sessions
    assert [one.id for one in monday] == [one.id for one in wednesday] == ["2026-W37-1", "2026-W37-2"]
    assert all(one.day >= MONDAY + 2 * DAY for one in wednesday)
    assert len(sunday) == 1 and len(following) == 2


def test_sessions_are_not_stacked_when_days_run_out():
    thrice = history(profile=replace(PROFILE, sessions_a_week=3))
    assert [one.day for one in plan(thrice, MONDAY + 4 * DAY).weeks[0].sessions] == [MONDAY + 4 * DAY, MONDAY + 6 * DAY]


def test_where_only_two_days_side_by_side_are_free_one_is_light():
    sessions = plan(history(profile=replace(PROFILE, experience="regular", free_days=(5, 6))), MONDAY).weeks[0].sessions
    levels = [max(ladder()[one.exercise].level for one in session.exercises) for session in sessions]
    assert sorted(levels) == [1, 2]
    weekend = replace(PROFILE, free_days=(5, 6))
    unplanned = did(MONDAY + 4 * DAY)
    assert len(plan(history(profile=weekend), MONDAY).weeks[0].sessions) == 2
    left = plan(history(unplanned, profile=replace(weekend, sessions_a_week=3)), MONDAY + 5 * DAY).weeks[0].sessions
    assert [one.day for one in left] == [MONDAY + 6 * DAY], "not Friday, Saturday and Sunday"


def test_what_was_done_uses_up_its_id():
    first = plan(history(), MONDAY).sessions[0]
    done = replace(did(MONDAY), planned=first.id)
    left = plan(history(done), MONDAY + DAY).weeks[0].sessions
    assert [one.id for one in left] == ["2026-W37-2"]
    without_plan = plan(history(replace(done, planned=None)), MONDAY + DAY).weeks[0].sessions
    assert [one.id for one in without_plan] == ["2026-W37-2"]


def test_all_done_is_all_done():
    programme = plan(history(did(MONDAY), did(MONDAY + 2 * DAY), did(MONDAY + 3 * DAY)), MONDAY + 4 * DAY)
    assert programme.weeks[0].sessions == () and "is done" in programme.weeks[0].why


def test_nothing_on_days_away_or_of_a_race_and_nothing_hard_near_it():
    race = Race(MONDAY + 5 * DAY, 21_097.5, "the half")
    away = Away(MONDAY + WEEK, MONDAY + WEEK + 6 * DAY)
    programme = plan(history(profile=HARD, races=(race,), away=(away,)), MONDAY)
    assert programme.weeks[0].phase == "race"
    assert programme.weeks[1].sessions == ()
    for session in programme.weeks[0].sessions:
        near = -4 <= (race.day - session.day).days <= 2
        assert session.day != race.day
        assert not (near and any(ladder()[one.exercise].level > 1 for one in session.exercises))


def test_a_self_test_is_due_in_the_first_week_and_every_four():
    tests = [(session.day, session.test) for session in plan(history(), MONDAY, 6).sessions if session.test]
    assert [name for _, name in tests] == ["single-leg-bridge", "side-plank"] * 2
    assert tests[2][0] - tests[0][0] >= timedelta(days=28)


# -- a pure function


def test_the_same_history_in_any_order_gives_the_same_plan():
    lived, _ = simulate(11, 14)
    today = lived.sessions[-1].day + DAY
    rng = Random(1)
    for _ in range(5):
        shuffled = replace(
            lived,
            **{
                name: tuple(rng.sample(getattr(lived, name), len(getattr(lived, name))))
                for name in ("sessions", "pains", "tests", "runs", "races", "away", "screenings")
            },
        )
        assert plan(shuffled, today) == plan(lived, today)


def test_what_lies_ahead_is_not_read():
    lived, _ = simulate(11, 14)
    today = lived.sessions[len(lived.sessions) // 2].day
    past = replace(
        lived,
        sessions=tuple(one for one in lived.sessions if one.day <= today),
        pains=tuple(one for one in lived.pains if one.day <= today),
        tests=tuple(one for one in lived.tests if one.day <= today),
        runs=tuple(one for one in lived.runs if one.start.date() <= today),
    )
    assert plan(lived, today) == plan(past, today)


def test_everything_says_why():
    programme = plan(history(*weeks_of_training(3)), MONDAY + 3 * WEEK)
    assert all(session.why and all(one.why for one in session.exercises) for session in programme.sessions)
    assert all(week.why for week in programme.weeks) and all(line.why for line in programme.lines)
