"""Trends: what changed, what may be chance, what is not known."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

import training_weeks
from hipdrive.training.history import (
    Away,
    ExerciseDone,
    History,
    PainReport,
    Profile,
    Run,
    Screening,
    Seen,
    SessionDone,
    SetDone,
    TestResult,
)
from hipdrive.training.ladder import ladder
from hipdrive.training.trends import (
    CHANGE_WORTH,
    Trend,
    change_of,
    first_day,
    in_short,
    shares_differ,
    trends,
    wilson,
)

TODAY = training_weeks.TODAY
NOBODY = History(Profile("Ada"))


def found(history: History, today: date = TODAY, days: int = 84) -> dict[str, Trend]:
    return {trend.id: trend for trend in trends(history, ladder(), today, days)}


def done(day: date, exercise: str = "glute_bridge", **changes: float) -> SessionDone:
    return SessionDone(day, (ExerciseDone(exercise, (SetDone(10),)),), **changes)  # type: ignore[arg-type]


def bridge(day: date, judged: int, good: int, fault: int = 0) -> Seen:
    return Seen(day, "glute_bridge", judged, {"hold_at_top": (judged, good, fault)})


def film(day: date, value: float, error: float | None = 1.0, measure: str = "cadence_spm") -> Seen:
    return Seen(day, "running", 0, measures={measure: (value, error, "steps/min", None, None)})


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


# -- what is not known --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("good", "of", "low", "high"),
    [(0, 10, 0.0, 0.2775), (1, 10, 0.0179, 0.4042), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0)],
)
def test_the_interval_of_a_share_is_wilsons(good: int, of: int, low: float, high: float) -> None:
    assert wilson(good, of) == pytest.approx((low, high), abs=2e-4)


@settings(deadline=None)
@given(st.integers(1, 400).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_interval_is_scipys_and_holds_the_share(share: tuple[int, int]) -> None:
    low, high = wilson(*share)
    theirs = binomtest(*share).proportion_ci(method="wilson")
    assert (low, high) == pytest.approx((theirs.low, theirs.high), abs=2e-4)
    assert 0 <= low <= share[0] / share[1] <= high <= 1


def test_a_share_of_nothing_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="nothing"):
        wilson(0, 0)


@settings(deadline=None)
@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 30), st.integers(1, 30))
def test_shares_differ_both_ways_or_not_at_all(good: int, other: int, more: int, others: int) -> None:
    first, last = (good, good + more), (other, other + others)
    assert shares_differ(first, last) == shares_differ(last, first)
    assert not shares_differ(first, first)


def test_few_repetitions_are_no_change() -> None:
    assert not shares_differ((1, 3), (3, 3))
    assert shares_differ((10, 30), (30, 30))


def test_a_change_is_one_beyond_the_error_and_worth_showing() -> None:
    assert change_of(160, 161.4, 1) == "none"  # sqrt(2) is 1.414
    assert change_of(160, 161.5, 1) == "perhaps"
    assert change_of(160, 162.9, 1) == "sure"
    assert change_of(160, 162.9, 1, least=3) == "none"
    assert change_of(160, 180, None, least=3) == "perhaps"
    assert change_of(160, 160, None) == "none"


@settings(deadline=None)
@given(st.floats(-50, 50), st.floats(-50, 50), st.floats(0.01, 20), st.floats(0, 20))
def test_a_change_is_the_same_both_ways_and_never_below_the_error(
    first: float, last: float, error: float, least: float
) -> None:
    change = change_of(first, last, error, least)
    assert change == change_of(last, first, error, least)
    if change != "none":
        assert abs(last - first) > max(math.sqrt(2) * error, least)


# -- sessions -----------------------------------------------------------------------------------------------


def test_nothing_gives_nothing() -> None:
    assert trends(NOBODY, ladder(), TODAY) == ()
    assert in_short(()) == ()


def test_weeks_away_do_not_count() -> None:
    monday = TODAY - timedelta(days=TODAY.weekday())
    began = monday - timedelta(weeks=4)
    sessions = tuple(done(began + timedelta(weeks=week, days=day)) for week in (0, 1, 3) for day in (1, 4))
    holiday = Away(began + timedelta(weeks=2), began + timedelta(weeks=2, days=6))
    history = replace(NOBODY, screenings=(Screening(began, {}),), sessions=sessions, away=(holiday,))
    trend = found(history)["sessions"]
    assert [point.words for point in trend.curves[0].points] == ["2 of 2"] * 3
    assert trend.sentence == "6 sessions done, 6 wanted. Well kept up. 1 week away or stopped does not count."
    missed = found(replace(history, away=()))["sessions"]
    assert [point.words for point in missed.curves[0].points] == ["2 of 2", "2 of 2", "0 of 2", "2 of 2"]
    assert "planned anew" in missed.sentence and "away" not in missed.sentence


def test_days_on_which_the_plan_is_stopped_are_not_asked_for() -> None:
    monday = TODAY - timedelta(days=TODAY.weekday())
    began = monday - timedelta(weeks=3)
    flag = PainReport(began + timedelta(weeks=1), 6, "groin", flags=("groin",))
    history = replace(NOBODY, sessions=(done(began), done(began + timedelta(days=3))), pains=(flag,))
    trend = found(history)["sessions"]
    assert [point.day for point in trend.curves[0].points] == [began]
    assert "do not count" in trend.sentence


def test_this_week_is_asked_for_only_as_far_as_it_is_over() -> None:
    tuesday = found(replace(NOBODY, sessions=(done(ago(30)),)))["sessions"]
    assert TODAY.weekday() == 1 and tuesday.newest.day < TODAY - timedelta(days=1)
    sunday = found(replace(NOBODY, sessions=(done(ago(30)),)), TODAY + timedelta(days=5))["sessions"]
    assert sunday.newest.words == "0 so far"
    monday = found(replace(NOBODY, sessions=(done(ago(30)),)), TODAY + timedelta(days=6))["sessions"]
    assert monday.newest.words == "0 of 2"


def test_no_more_is_wanted_than_there_are_free_days() -> None:
    profile = Profile("Ada", sessions_a_week=3, free_days=(2,))
    trend = found(History(profile, sessions=(done(ago(20)), done(ago(13)))))["sessions"]
    assert {point.words.partition(" of ")[2] for point in trend.curves[0].points[1:]} == {"1"}


def test_two_sessions_of_one_day_are_one() -> None:
    history = replace(NOBODY, sessions=(done(ago(8)), done(ago(8))))
    assert found(history)["sessions"].curves[0].points[0].value == 1


def test_effort_of_a_day_is_its_mean_and_none_is_no_point() -> None:
    history = replace(NOBODY, sessions=(done(ago(9), rpe=6.0), done(ago(9), rpe=8.0), done(ago(7))))
    trend = found(history)["effort"]
    assert [(point.day, point.value) for point in trend.curves[0].points] == [(ago(9), 7.0)]
    assert "as meant" in trend.sentence
    harder = found(replace(NOBODY, sessions=(done(ago(9), rpe=9.5),)))["effort"]
    assert "harder than meant" in harder.sentence


def test_the_hardest_rung_of_a_day_is_its_level() -> None:
    hip = [rung for rung in ladder().values() if rung.line == "hip"]
    low, high = min(hip, key=lambda rung: rung.level), max(hip, key=lambda rung: rung.level)
    sets = (SetDone(8),)
    both = SessionDone(ago(5), (ExerciseDone(low.id, sets), ExerciseDone(high.id, sets), ExerciseDone("unknown", sets)))
    history = replace(NOBODY, sessions=(done(ago(20), low.id), both))
    trend = found(history)["level:hip"]
    assert [point.words for point in trend.curves[0].points] == [low.name, high.name]
    assert trend.sentence == f"From {low.name}, level {low.level}, to {high.name}, level {high.level}."
    back = found(replace(history, sessions=(*history.sessions, done(ago(1), low.id))))["level:hip"]
    assert "Steps back are part of it" in back.sentence


# -- what the camera saw ------------------------------------------------------------------------------------


def test_clips_of_one_day_are_one_point() -> None:
    history = replace(NOBODY, seen=(bridge(ago(9), 6, 3, 1), bridge(ago(9), 4, 4)))
    trend = found(history)["cue:glute_bridge:hold_at_top"]
    (point,) = trend.curves[0].points
    assert (point.value, point.words) == (70.0, "7 of 10 good, 1 at fault")
    assert (point.low, point.high) == tuple(100 * end for end in wilson(7, 10))
    assert trend.change is None and "only roughly: 40 to 89 %" in trend.sentence


def test_a_better_cue_is_said_to_be_better_only_beyond_chance() -> None:
    sure = found(replace(NOBODY, seen=(bridge(ago(30), 10, 2), bridge(ago(9), 10, 9))))
    unsure = found(replace(NOBODY, seen=(bridge(ago(30), 10, 7), bridge(ago(9), 10, 9))))
    worse = found(replace(NOBODY, seen=(bridge(ago(30), 10, 10), bridge(ago(9), 10, 1))))
    assert [one["cue:glute_bridge:hold_at_top"].change for one in (sure, unsure, worse)] == ["sure", "none", "sure"]
    assert "better, by more than chance" in sure["cue:glute_bridge:hold_at_top"].sentence
    assert "no change beyond chance" in unsure["cue:glute_bridge:hold_at_top"].sentence
    assert "less often, by more than chance" in worse["cue:glute_bridge:hold_at_top"].sentence


def test_the_first_days_are_held_against_the_last() -> None:
    seen = tuple(bridge(ago(days), 10, good) for days, good in ((60, 6), (50, 5), (40, 6), (30, 9), (20, 10), (10, 9)))
    trend = found(replace(NOBODY, seen=seen))["cue:glute_bridge:hold_at_top"]
    assert trend.change == "sure"
    assert "28 of 30 on the last 3 days, 17 of 30 on the first 3: better" in trend.sentence


def test_a_cue_that_was_never_judged_is_not_there() -> None:
    assert trends(replace(NOBODY, seen=(bridge(ago(9), 0, 0),)), ladder(), TODAY) == ()


def test_the_movement_is_named_where_there_are_two() -> None:
    walk = Seen(ago(3), "monster_walk", 8, {"pelvis_level": (8, 8, 0)})
    both = found(replace(NOBODY, seen=(bridge(ago(9), 4, 4), walk)))
    assert both["cue:glute_bridge:hold_at_top"].title == "hold at the top (glute bridge)"
    assert found(replace(NOBODY, seen=(walk,)))["cue:monster_walk:pelvis_level"].title == "pelvis level"


def test_a_measure_changes_when_it_is_beyond_its_error() -> None:
    assert CHANGE_WORTH["cadence_spm"] == 3
    changed = found(replace(NOBODY, seen=(film(ago(40), 165), film(ago(4), 171))))["measure:cadence_spm"]
    alike = found(replace(NOBODY, seen=(film(ago(40), 165), film(ago(4), 167.5))))["measure:cadence_spm"]
    assert (changed.change, alike.change) == ("sure", "none")
    assert "up by 6.0 ± 1.4 steps/min" in changed.sentence
    assert "no change beyond the error" in alike.sentence
    assert changed.usual == (155, 190)
    single = found(replace(NOBODY, seen=(film(ago(4), 171),)))["measure:cadence_spm"]
    assert single.change is None and single.newest.low == 170


def test_two_films_of_a_day_do_not_shrink_the_error() -> None:
    history = replace(NOBODY, seen=(film(ago(4), 170, 1.0), film(ago(4), 172, 2.0)))
    (point,) = found(history)["measure:cadence_spm"].curves[0].points
    assert (point.value, point.low, point.high) == (171, 169, 173)


def test_every_measure_with_a_least_change_is_one_of_the_movements() -> None:
    from hipdrive.movements import MOVEMENTS

    assert set(CHANGE_WORTH) <= {measure.id for movement in MOVEMENTS.values() for measure in movement.measures}


# -- self tests, pain, runs ---------------------------------------------------------------------------------


def result(day: date, left: float | None, right: float | None, error: float | None = 2.0) -> TestResult:
    return TestResult(day, "single-leg-bridge", "s", left, right, error=error)


def test_sides_are_compared_beyond_their_error() -> None:
    far = found(replace(NOBODY, tests=(result(ago(3), 30, 40),)))["test:single-leg-bridge"]
    alike = found(replace(NOBODY, tests=(result(ago(3), 36, 40),)))["test:single-leg-bridge"]
    other = replace(result(ago(3), 36, 40), test="of another release")
    near = found(replace(NOBODY, tests=(other,)))["test:of another release"]
    assert "The left is 25 % lower: worth beginning" in far.sentence
    assert "The left is 10 % lower, which is common" in near.sentence
    assert "alike within the error" in alike.sentence
    assert far.title == "Single-leg bridge, held" and far.usual == (35, 95)
    assert [curve.name for curve in far.curves] == ["left", "right"]


def test_one_side_alone_and_the_last_of_a_day() -> None:
    history = replace(NOBODY, tests=(result(ago(9), 20, None, None), result(ago(9), 30, None, None)))
    (curve,) = found(history)["test:single-leg-bridge"].curves
    assert [(point.value, point.low) for point in curve.points] == [(30, pytest.approx(30 - math.hypot(1, 3)))]
    assert not found(replace(NOBODY, tests=(result(ago(9), None, None),)))


def test_a_test_changes_by_a_fifth_and_beyond_its_error() -> None:
    grown = (result(ago(40), 30, 30), result(ago(4), 40, 33))
    trend = found(replace(NOBODY, tests=grown))["test:single-leg-bridge"]
    assert "Left 40 ± 4 s, perhaps up by 10 ± 6 s" in trend.sentence
    assert "right 33 ± 3 s, no change beyond the error" in trend.sentence
    assert trend.change == "perhaps"
    much = found(replace(NOBODY, tests=(result(ago(40), 30, 30), result(ago(4), 60, 60))))["test:single-leg-bridge"]
    assert much.change == "sure"


def test_pain_is_the_worst_of_the_week_with_its_light() -> None:
    monday = TODAY - timedelta(days=TODAY.weekday() + 7)
    history = replace(
        NOBODY,
        sessions=(done(monday, pain=1.0), done(monday - timedelta(days=7), pain=0.0)),
        pains=(PainReport(monday + timedelta(days=2), 4, "hip", settled=True),),
    )
    points = found(history)["pain"].curves[0].points
    assert [point.value for point in points] == [0, 4]
    assert points[0].light == "green" and points[1].light in ("amber", "red")
    calm = found(replace(NOBODY, sessions=(done(monday, pain=1.0),)))["pain"]
    assert calm.sentence == "Never above 1 of 10: train as planned."
    stop = found(replace(NOBODY, pains=(PainReport(monday, 7, "hip"),)))["pain"]
    assert stop.newest.light == "red" and "the plan says" in stop.sentence
    flag = found(replace(NOBODY, pains=(PainReport(monday, 1, "groin", flags=("groin",)),)))["pain"]
    assert flag.newest.light == "red" and "1 of 10, with a sign to have looked at" in flag.sentence
    assert "pain" not in found(replace(NOBODY, sessions=(done(monday),)))


def run(day: date, km: float) -> Run:
    return Run(datetime.combine(day, time(7), UTC), 1000 * km, 330 * km)


def test_weeks_without_a_recorded_run_are_gaps() -> None:
    history = replace(NOBODY, runs=(run(ago(22), 10), run(ago(21), 8), run(ago(1), 9)))
    trend = found(history)["distance"]
    assert all(point.value > 0 for point in trend.curves[0].points)
    assert sum(point.value for point in trend.curves[0].points) == pytest.approx(27)
    longest = found(history)["longest"]
    assert "11.0 km" in longest.sentence and [curve.name for curve in longest.curves] == ["", "limit"]


def test_a_run_beyond_the_limit_is_told_calmly() -> None:
    trend = found(replace(NOBODY, runs=(run(ago(9), 10), run(ago(2), 15))))["longest"]
    assert trend.sentence.endswith("1 run in these weeks went beyond this.")


# -- any history --------------------------------------------------------------------------------------------

DAYS = st.dates(ago(150), TODAY + timedelta(days=20))
AMOUNTS = st.floats(0, 1e4)
MAYBE = st.none() | AMOUNTS
SCORES = st.none() | st.floats(0, 10)
SETS = st.lists(st.builds(SetDone, AMOUNTS), max_size=2).map(tuple)
EXERCISES = st.builds(ExerciseDone, st.sampled_from([*ladder(), "of another release"]), SETS)
SESSIONS = st.builds(SessionDone, DAYS, st.lists(EXERCISES, max_size=3).map(tuple), SCORES, SCORES)
PAINS = st.builds(PainReport, DAYS, st.floats(0, 10), settled=st.none() | st.booleans())
TESTS = st.builds(
    TestResult, DAYS, st.sampled_from(["side-plank", "x"]), st.sampled_from(["s", "m"]), MAYBE, MAYBE, MAYBE, MAYBE
)
RUNS = st.builds(run, DAYS, st.floats(0, 200))
AWAY = st.builds(lambda first, days: Away(first, first + timedelta(days=days)), DAYS, st.integers(0, 30))
SHARES = st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(0, 20)).map(
    lambda three: (sum(three), three[0], three[1])
)
MEASURES = st.tuples(st.floats(-1e3, 1e3), MAYBE, st.sampled_from(["deg", "s"]), MAYBE, MAYBE)
SEEN = st.builds(
    Seen,
    DAYS,
    st.sampled_from(["glute_bridge", "running", "unknown"]),
    st.integers(0, 20),
    st.dictionaries(st.sampled_from(["hold_at_top", "y"]), SHARES, max_size=2),
    st.dictionaries(st.sampled_from(["cadence_spm", "z"]), MEASURES, max_size=2),
)


def by_day(entries: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(entries, max_size=6).map(
        lambda some: tuple(sorted(some, key=lambda one: getattr(one, "day", None) or one.start.date()))
    )


HISTORIES = st.builds(
    History,
    st.builds(Profile, st.just("Ada"), sessions_a_week=st.sampled_from([2, 3])),
    sessions=by_day(SESSIONS),
    pains=by_day(PAINS),
    tests=by_day(TESTS),
    runs=by_day(RUNS),
    away=st.lists(AWAY, max_size=2).map(tuple),
    seen=by_day(SEEN),
)


@settings(deadline=None, max_examples=60)
@given(HISTORIES, st.sampled_from([7, 84, 365]))
def test_whatever_the_history_points_are_in_order_and_within_their_bands(history: History, days: int) -> None:
    every = trends(history, ladder(), TODAY, days)
    assert len({trend.id for trend in every}) == len(every)
    for trend in every:
        assert trend.title and trend.sentence.endswith(".")
        for curve in trend.curves:
            dates = [point.day for point in curve.points]
            assert dates and dates == sorted(set(dates))
            assert first_day(TODAY, days) <= dates[0] and dates[-1] <= TODAY
            for point in curve.points:
                assert math.isfinite(point.value) and point.words
                assert (point.low is None) == (point.high is None)
                if point.low is not None and point.high is not None:
                    assert point.low <= point.value + 1e-9 and point.value <= point.high + 1e-9
    assert trends(history, ladder(), TODAY, days) == every  # of the history alone
