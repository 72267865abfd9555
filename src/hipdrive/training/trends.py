"""How things went over the weeks: sessions, cues, self tests, pain, runs and measures, each with what is not known.

A change is called one only when it is larger than the error of what was measured; shares of few repetitions carry a
wide band, and weeks in which nothing could be done are gaps and no failure. All of it is a function of the history.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeVar

from hipdrive.numbers import counted, side_text, value_text
from hipdrive.training.history import History, Seen, TestResult
from hipdrive.training.ladder import LINE_NAMES, LINES, Exercise, Line
from hipdrive.training.load import long_run_limit_m, long_run_spikes, long_run_words, monday_of, run_day
from hipdrive.training.pain import ACCEPTABLE, SAFE, Light, light, open_flags, stop_reason
from hipdrive.training.selftest import CHANGE_SHARE, SIDE_SHARE, TESTS, SelfTest, values

if TYPE_CHECKING:
    from hipdrive.movements import Measure


class _Dated(Protocol):
    @property
    def day(self) -> date: ...


T = TypeVar("T")
D = TypeVar("D", bound=_Dated)

Group = Literal["sessions", "levels", "cues", "tests", "runs", "measures"]
Change = Literal["none", "perhaps", "sure"]

DAYS: Final = 84  # twelve weeks; proposal
WEEK: Final = timedelta(days=7)
SURE_SD: Final = 1.96  # of a normal distribution: 95 of 100
LATELY: Final = 3  # sessions, or days with clips; proposal
MOST_CHANGES: Final = 3  # in short
PERCENT: Final = 100.0

# What one feels as two to four repetitions in reserve, as the doses of the plan ask for; proposal
EFFORT_WANTED: Final = (6.0, 8.0)
EFFORT_ERROR: Final = "one's own estimate is good to 1 or 2"  # Zourdos 2016, J Strength Cond Res

# Smallest change of a measure of a run worth showing, in its unit. Proposals, from the errors that phones have against
# laboratories; what no number is given for changes when it changes by more than its error.
CHANGE_WORTH: Final[Mapping[str, float]] = {
    "cadence_spm": 3.0,
    "contact_time_s": 0.04,
    "flight_time_s": 0.04,
    "duty_factor_pct": 5.0,
    "vertical_oscillation_m": 0.015,
    "overstride_leg_lengths": 0.04,
    "trailing_thigh_deg": 8.0,
    "hip_extension_deg": 8.0,
    "trunk_lean_deg": 5.0,
    "pelvic_drop_deg": 4.0,
    "hip_adduction_deg": 7.0,
    "knee_frontal_deg": 7.0,
    "step_width_leg_lengths": 0.04,
}

LIGHT_ORDER: Final[tuple[Light, ...]] = ("green", "amber", "red")
SELF_TESTS: Final[Mapping[str, SelfTest]] = {test.id: test for test in TESTS}


@dataclass(frozen=True)
class Point:
    """A value of a day, or of the week that begins on it.

    Attributes
    ----------
    day : date
    value : float
    low, high : float or None
        Where it may well be: one error below and above, or for a share its 95 % interval.
    words : str
        What it is, for those who want the number: "8 of 10 good".
    light : {"green", "amber", "red"} or None
        Of pain.
    """

    day: date
    value: float
    low: float | None = None
    high: float | None = None
    words: str = ""
    light: Light | None = None


@dataclass(frozen=True)
class Curve:
    """Points in the order of time; each day is there once. The name is empty where a trend has one curve."""

    name: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Trend:
    """How one thing went.

    Attributes
    ----------
    id : str
        "cue:glute_bridge:hold_at_top".
    group : str
    title, unit : str
    curves : tuple of Curve
        The first one has at least one point.
    sentence : str
        In plain words, honest about what is not known.
    usual : tuple of float or None
        Where most are, or what is wanted; an end may be infinite.
    usual_words : str
        What that range is.
    scale : tuple of float or None
        Ends that the values cannot pass.
    weekly : bool
        Whether a point stands for a week.
    change : {"none", "perhaps", "sure"} or None
        From the first to the newest; None where one cannot say.
    """

    id: str
    group: Group
    title: str
    unit: str
    curves: tuple[Curve, ...]
    sentence: str
    usual: tuple[float, float] | None = None
    usual_words: str = ""
    scale: tuple[float, float] | None = None
    weekly: bool = False
    change: Change | None = None

    @property
    def newest(self) -> Point:
        """The last point of the first curve."""
        return self.curves[0].points[-1]


def trends(history: History, rungs: Mapping[str, Exercise], today: date, days: int = DAYS) -> tuple[Trend, ...]:
    """Everything that can be told of the last days, group by group.

    Parameters
    ----------
    history : History
    rungs : mapping of str to Exercise
        The ladder.
    today : date
        What is later does not count.
    days : int
        How far to look back; the first week is whole.

    Returns
    -------
    tuple of Trend
        Without those of which nothing is known.
    """
    since = first_day(today, days)
    every = [
        _adherence(history, since, today),
        _effort(history, since, today),
        _pain(history, since, today),
        *(_level(history, rungs, line, since, today) for line in LINES),
        *_cues(_within(history.seen, since, today)),
        *_tests(_within(history.tests, since, today), history.profile.sex),
        _distance(history, since, today),
        _longest(history, since, today),
        *_measures(_within(history.seen, since, today)),
    ]
    return tuple(trend for trend in every if trend is not None)


def first_day(today: date, days: int = DAYS) -> date:
    """Monday from which on is looked."""
    return monday_of(today - timedelta(days=days - 1))


def in_short(found: Sequence[Trend]) -> tuple[str, ...]:
    """The few sentences that matter most: how many sessions, what has surely changed, and pain."""
    said = [f"{trend.title}: {trend.sentence}" for trend in found if trend.change == "sure"]
    sessions = [trend.sentence for trend in found if trend.id == "sessions"]
    pain = [f"Pain: {trend.sentence}" for trend in found if trend.id == "pain"]
    return (*sessions, *(sentence[:1].upper() + sentence[1:] for sentence in said[:MOST_CHANGES]), *pain)


# -- what is not known -----------------------------------------------------------------------------------------------


def wilson(good: int, of: int) -> tuple[float, float]:
    """Share that lies behind some of so many, 95 % interval (Wilson 1927, J Am Stat Assoc).

    It takes repetitions for independent of each other. Those of one set are alike, so that the truth is less sure.

    Examples
    --------
    >>> wilson(0, 4), wilson(8, 10)
    ((0.0, 0.4899), (0.4902, 0.9433))
    """
    if of <= 0:
        raise ValueError("a share of nothing has no interval")
    share, z2 = good / of, SURE_SD**2
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = SURE_SD / (1 + z2 / of) * math.sqrt(share * (1 - share) / of + z2 / (4 * of**2))
    return round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4)


def shares_differ(first: tuple[int, int], last: tuple[int, int]) -> bool:
    """Whether two shares, each "so many of so many", differ by more than chance (Newcombe 1998, Stat Med, method 10).

    Examples
    --------
    >>> shares_differ((2, 10), (9, 10)), shares_differ((6, 10), (9, 10))
    (True, False)
    """
    if first[0] * last[1] > last[0] * first[1]:
        first, last = last, first
    first_share, last_share = first[0] / first[1], last[0] / last[1]
    up_to, from_ = wilson(*first)[1], wilson(*last)[0]
    return last_share - first_share > math.hypot(last_share - from_, up_to - first_share)


def change_of(first: float, last: float, error: float | None, least: float = 0.0) -> Change:
    """Whether something measured twice has changed.

    Parameters
    ----------
    first, last : float
    error : float or None
        One standard deviation of a single measurement.
    least : float
        Smallest change worth showing.

    Returns
    -------
    {"none", "perhaps", "sure"}
        None when it is no larger than the error of the difference, or than what is worth showing; sure from two of
        these errors on, and never where the error is not known.

    Examples
    --------
    >>> change_of(165, 171, 1, 3), change_of(165, 167, 1, 3), change_of(20, 26, 3)
    ('sure', 'none', 'perhaps')
    """
    away, of_both = abs(last - first), math.sqrt(2) * (error or 0.0)
    if away <= max(least, of_both):
        return "none"
    return "sure" if error and away >= 2 * of_both else "perhaps"


# -- sessions --------------------------------------------------------------------------------------------------------


def _adherence(history: History, since: date, today: date) -> Trend | None:
    """Sessions of each week; days away, days on which the plan was stopped, and those to come are not asked for."""
    known = [session.day for session in history.sessions] + [screening.day for screening in history.screenings]
    began = min((day for day in known if day <= today), default=None)
    if began is None:
        return None
    done_days = {session.day for session in history.sessions if session.exercises}
    points, all_wanted, left_out = [], 0, 0
    for monday in _mondays(max(since, monday_of(began)), today):
        week = [monday + timedelta(days=day) for day in range(7)]
        there = [day for day in week if began <= day < today and _could_train(history, day)]
        wanted = min(history.profile.sessions_a_week * len(there) // 7, sum(_is_free(history, day) for day in there))
        done = len(done_days & set(week))
        all_wanted += wanted
        left_out += not there and monday < monday_of(today)
        if wanted or done:
            words = f"{done} of {wanted}" if wanted else f"{done}, none asked for"
            if monday == monday_of(today):
                words = f"{done} so far"
            points.append(Point(monday, float(done), words=words))
    if not points:
        return None
    all_done = int(sum(point.value for point in points))
    a_week = min(history.profile.sessions_a_week, len(history.profile.free_days) or 7)
    return Trend(
        "sessions",
        "sessions",
        "sessions a week",
        "",
        (Curve("", tuple(points)),),
        _adherence_words(all_done, all_wanted, left_out),
        usual=(float(a_week), math.inf),
        usual_words=f"{a_week} a week are wanted",
        scale=(0.0, max(3.0, *(point.value for point in points))),
        weekly=True,
    )


def _could_train(history: History, day: date) -> bool:
    return not any(away.first <= day <= away.last for away in history.away) and stop_reason(history, day) is None


def _is_free(history: History, day: date) -> bool:
    free = history.profile.free_days
    return not free or day.weekday() in free


def _adherence_words(done: int, wanted: int, left_out: int) -> str:
    words = f"{counted(done, 'session')} done"
    if wanted:
        words += f", {wanted} wanted. " + (
            "Well kept up." if done >= wanted else "What was missed is planned anew by itself."
        )
    else:
        words += "."
    if left_out:
        weeks = f"{counted(left_out, 'week')} away or stopped"
        words += f" {weeks} {'does' if left_out == 1 else 'do'} not count."
    return words


def _effort(history: History, since: date, today: date) -> Trend | None:
    felt = [(session.day, session.rpe) for session in _within(history.sessions, since, today)]
    points = [
        Point(day, _mean(values), words=f"{_mean(values):g} of 10")
        for day, values in _by_day((day, rpe) for day, rpe in felt if rpe is not None)
    ]
    if not points:
        return None
    low, high = EFFORT_WANTED
    lately = _mean([point.value for point in points[-LATELY:]])
    where = "as meant" if low <= lately <= high else "easier than meant" if lately < low else "harder than meant"
    return Trend(
        "effort",
        "sessions",
        "effort",
        "0 to 10",
        (Curve("", tuple(points)),),
        f"Lately {lately:.0f} of 10, {where} ({low:.0f} to {high:.0f} leaves two to four repetitions in you); "
        f"{EFFORT_ERROR}.",
        usual=EFFORT_WANTED,
        usual_words="as the plan means it",
        scale=(0.0, 10.0),
    )


def _level(history: History, rungs: Mapping[str, Exercise], line: Line, since: date, today: date) -> Trend | None:
    """Hardest rung of a line on each day on which one of it was done."""
    done = [
        (session.day, rungs[entry.exercise])
        for session in _within(history.sessions, since, today)
        for entry in session.exercises
        if entry.sets and entry.exercise in rungs and rungs[entry.exercise].line == line
    ]
    hardest = [(day, max(of_day, key=lambda rung: rung.level)) for day, of_day in _by_day(done)]
    if not hardest:
        return None
    return Trend(
        f"level:{line}",
        "levels",
        LINE_NAMES[line],
        "level",
        (Curve("", tuple(Point(day, float(rung.level), words=rung.name) for day, rung in hardest)),),
        _level_words([rung for _, rung in hardest]),
        scale=(0.0, float(max(rung.level for rung in rungs.values()))),
    )


def _level_words(rungs: Sequence[Exercise]) -> str:
    first, last = rungs[0], rungs[-1]
    highest = max(rungs, key=lambda rung: rung.level)
    if last.level < highest.level:
        before = f"{highest.name}, level {highest.level}, before"
        return f"Now {last.name}, level {last.level}; {before}. Steps back are part of it."
    if last.id == first.id:
        return f"{last.name}, level {last.level}. Sets and repetitions grow first."
    return f"From {first.name}, level {first.level}, to {last.name}, level {last.level}."


# -- what the camera saw ---------------------------------------------------------------------------------------------


def _cues(seen: Sequence[Seen]) -> list[Trend]:
    """Share of good repetitions of every cue, those that were good least often first."""
    found: dict[tuple[str, str], list[tuple[date, tuple[int, int, int]]]] = {}
    for one in seen:
        for cue, share in one.shares.items():
            if share[0] > 0:
                found.setdefault((one.movement, cue), []).append((one.day, share))
    several = len({movement for movement, _ in found}) > 1
    least_first = sorted(found.items(), key=lambda entry: _share_of_all(entry[1]))
    return [_cue(movement, cue, shares, several=several) for (movement, cue), shares in least_first]


def _share_of_all(shares: Sequence[tuple[date, tuple[int, int, int]]]) -> float:
    good, judged = _good_of(shares)
    return good / judged


def _cue(movement: str, cue: str, shares: Sequence[tuple[date, tuple[int, int, int]]], *, several: bool) -> Trend:
    of_days = [
        (day, (sum(one[0] for one in of_day), sum(one[1] for one in of_day), sum(one[2] for one in of_day)))
        for day, of_day in _by_day(shares)
    ]
    words, change = _share_words(of_days)
    return Trend(
        f"cue:{movement}:{cue}",
        "cues",
        _cue_name(movement, cue, several=several),
        "% good",
        (Curve("", tuple(_share_point(day, *share) for day, share in of_days)),),
        words,
        scale=(0.0, PERCENT),
        change=change,
    )


def _share_point(day: date, judged: int, good: int, fault: int) -> Point:
    low, high = wilson(good, judged)
    words = f"{good} of {judged} good" + (f", {fault} at fault" if fault else "")
    return Point(day, PERCENT * good / judged, PERCENT * low, PERCENT * high, words)


def _share_words(of_days: Sequence[tuple[date, tuple[int, int, int]]]) -> tuple[str, Change | None]:
    """Compare the first days with the newest, up to `LATELY` of each."""
    day, (judged, good, _) = of_days[-1]
    now = f"{good} of {judged} good on {_day(day)}"
    if len(of_days) == 1:
        low, high = wilson(good, judged)
        return f"{now}. So few repetitions tell it only roughly: {PERCENT * low:.0f} to {PERCENT * high:.0f} %.", None
    days = min(LATELY, len(of_days) // 2)
    first, last = _good_of(of_days[:days]), _good_of(of_days[-days:])
    both = f"{first[0]} of {first[1]} on {_day(of_days[0][0])}"
    if days > 1:
        both = f"{last[0]} of {last[1]} on the last {days} days, {first[0]} of {first[1]} on the first {days}"
    if not shares_differ(first, last):
        return f"{now}, {both}: no change beyond chance.", "none"
    better = last[0] * first[1] > first[0] * last[1]
    return f"{now}, {both}: {'better' if better else 'less often'}, by more than chance.", "sure"


def _good_of(of_days: Sequence[tuple[date, tuple[int, int, int]]]) -> tuple[int, int]:
    return sum(share[1] for _, share in of_days), sum(share[0] for _, share in of_days)


def _cue_name(movement: str, cue: str, *, several: bool) -> str:
    """Name of a cue; with that of its movement where there are several, as they may share it."""
    from hipdrive.movements import MOVEMENTS

    known = MOVEMENTS.get(movement)
    name = next((one.name for one in known.cues if one.id == cue), None) if known else None
    of = f" ({known.name.lower() if known else _plain(movement)})" if several else ""
    return f"{name or _plain(cue)}{of}"


def _measures(seen: Sequence[Seen]) -> list[Trend]:
    known = _known_measures() if any(one.measures for one in seen) else {}
    names = dict.fromkeys(name for one in seen for name in one.measures)
    ordered = [name for name in known if name in names] + [name for name in names if name not in known]
    return [_measure(name, known.get(name), seen) for name in ordered]


def _known_measures() -> dict[str, Measure]:
    from hipdrive.movements import MOVEMENTS

    return {measure.id: measure for movement in MOVEMENTS.values() for measure in movement.measures}


def _measure(name: str, measure: Measure | None, seen: Sequence[Seen]) -> Trend:
    """Values of the days on which it was measured; two clips of a day give their mean, with the error of one of them.

    Most of the error is the camera's and the body's own, and is the same in both.
    """
    told = [(one.day, one.measures[name]) for one in seen if name in one.measures]
    unit = told[-1][1][2]
    points: list[Point] = []
    left: list[Point] = []
    right: list[Point] = []
    for day, of_day in _by_day((day, entry) for day, entry in told if entry[2] == unit):
        error = max((entry[1] for entry in of_day if entry[1] is not None), default=None)
        points.append(_measured(day, _mean([entry[0] for entry in of_day]), error, unit))
        for side, place in ((left, 3), (right, 4)):
            values = [value for entry in of_day if isinstance(value := entry[place], float | int)]
            if values:
                side.append(Point(day, _mean(values), words=value_text(_mean(values), unit)))
    change = _change(points, CHANGE_WORTH.get(name, 0.0))
    return Trend(
        f"measure:{name}",
        "measures",
        measure.name if measure else _plain(name),
        unit,
        (Curve("", tuple(points)), *_sides(left, right)),
        _measure_words(points, unit, change),
        usual=measure.band.good if measure else None,
        usual_words="most runners",
        change=change,
    )


def _measured(day: date, value: float, error: float | None, unit: str) -> Point:
    if error is None:
        return Point(day, value, words=value_text(value, unit))
    return Point(day, value, value - error, value + error, value_text(value, unit, error))


def _sides(left: Sequence[Point], right: Sequence[Point]) -> tuple[Curve, ...]:
    return tuple(Curve(name, tuple(points)) for name, points in (("left", left), ("right", right)) if points)


def _error(point: Point) -> float | None:
    return None if point.high is None else point.high - point.value


def _change(points: Sequence[Point], least: float) -> Change | None:
    """From the first to the newest, by the larger of their errors; None for a single one."""
    if len(points) < 2:
        return None
    errors = [_error(points[0]), _error(points[-1])]
    error = None if None in errors else max(one for one in errors if one is not None)
    return change_of(points[0].value, points[-1].value, error, least)


def _measure_words(points: Sequence[Point], unit: str, change: Change | None) -> str:
    first, last = points[0], points[-1]
    now = f"{last.words} on {_day(last.day)}"
    if change is None:
        return f"{now}. The next one will show whether it changes."
    before = f"{side_text(first.value, _error(first))} on {_day(first.day)}"
    return f"{now}, {before}: {_change_words(first, last, unit, change)}."


def _change_words(first: Point, last: Point, unit: str, change: Change) -> str:
    if change == "none":
        return "no change beyond the error"
    error = _error(last)
    away = value_text(abs(last.value - first.value), unit, None if error is None else math.sqrt(2) * error)
    way = "up" if last.value > first.value else "down"
    return f"{way} by {away}" if change == "sure" else f"perhaps {way} by {away}"


# -- self tests ------------------------------------------------------------------------------------------------------


def _tests(results: Sequence[TestResult], sex: Literal["f", "m"] | None) -> list[Trend]:
    told = [one for one in results if values(one)]
    return [_test(name, [one for one in told if one.test == name], sex) for name in dict.fromkeys(o.test for o in told)]


def _test(name: str, results: Sequence[TestResult], sex: Literal["f", "m"] | None) -> Trend:
    """One self test, side by side; the last one of a day counts, as it is that which was kept."""
    unit = results[-1].unit
    of_days = [of_day[-1] for _, of_day in _by_day((one.day, one) for one in results if one.unit == unit)]
    test = SELF_TESTS.get(name)
    curves = [_side_of_test(side, of_days, test) for side in ("", "left", "right")]
    curves = [curve for curve in curves if curve.points]
    changes = [_change(curve.points, CHANGE_SHARE * abs(curve.points[0].value)) for curve in curves]
    change = max((one for one in changes if one), key=("none", "perhaps", "sure").index, default=None)
    norms = [norm for norm in test.norms if norm.sex in (None, sex)] if test and test.unit == unit else []
    return Trend(
        f"test:{name}",
        "tests",
        test.name if test else _plain(name),
        unit,
        tuple(curves),
        " ".join([_tests_words(curves, changes, unit), *_sides_words(of_days[-1], test)]),
        usual=(norms[0].low, norms[0].high) if len(norms) == 1 else None,
        usual_words=f"{norms[0].who}, a rough guide" if len(norms) == 1 else "",
        change=change,
    )


def _side_of_test(side: str, results: Sequence[TestResult], test: SelfTest | None) -> Curve:
    told = [(one, values(one)[side]) for one in results if side in values(one)]
    return Curve(side, tuple(_measured(one.day, value, _test_error(test, one, value), one.unit) for one, value in told))


def _test_error(test: SelfTest | None, result: TestResult, value: float) -> float | None:
    """From one time to the next a body differs by more than a stop-watch errs."""
    if test is None:
        return result.error
    return test.error(value) if result.error is None else max(result.error, test.again_share * value)


def _tests_words(curves: Sequence[Curve], changes: Sequence[Change | None], unit: str) -> str:
    if len(curves) > 1 and set(changes) == {"none"} and len({curve.points[0].day for curve in curves}) == 1:
        now = ", ".join(f"{curve.name} {curve.points[-1].words}" for curve in curves)
        words = f"{now}: no change beyond the error since {_day(curves[0].points[0].day)}"
    else:
        words = "; ".join(_test_words(curve, change, unit) for curve, change in zip(curves, changes, strict=True))
    return f"{words[:1].upper()}{words[1:]}."


def _test_words(curve: Curve, change: Change | None, unit: str) -> str:
    first, last = curve.points[0], curve.points[-1]
    now = f"{curve.name} {last.words}".strip()
    if change is None:
        return f"{now} on {_day(last.day)}"
    return f"{now}, {_change_words(first, last, unit, change)} since {_day(first.day)}"


def _sides_words(result: TestResult, test: SelfTest | None) -> list[str]:
    """Say how far left and right are apart, when it is more than their error."""
    if result.left is None or result.right is None or max(result.left, result.right) <= 0:
        return []
    away = abs(result.left - result.right)
    share = away / max(result.left, result.right)
    weaker = "left" if result.left < result.right else "right"
    if away <= math.hypot(*(_test_error(test, result, value) or 0.0 for value in (result.left, result.right))):
        return ["Left and right are alike within the error."]
    if share <= SIDE_SHARE:
        return [f"The {weaker} is {PERCENT * share:.0f} % lower, which is common."]
    return [f"The {weaker} is {PERCENT * share:.0f} % lower: worth beginning each set on that side."]


# -- pain ------------------------------------------------------------------------------------------------------------


def _pain(history: History, since: date, today: date) -> Trend | None:
    told = [(session.day, session.pain) for session in history.sessions if session.pain is not None]
    told += [(report.day, report.score) for report in history.pains]
    by_week = _by_day((monday_of(day), (day, score)) for day, score in told if since <= day <= today)
    points = []
    for monday, of_week in by_week:
        worst = max(score for _, score in of_week)
        days = {day for day, _ in of_week}
        colour = _worst_light([_light_of(worst), *(light(history, day) for day in days)])
        flagged = any(entry.kind == "red flag" for day in days for entry in open_flags(history, day))
        words = f"{worst:g} of 10{', with a sign to have looked at' if flagged else ''}"
        points.append(Point(monday, worst, words=words, light=colour))
    if not points:
        return None
    return Trend(
        "pain",
        "sessions",
        "worst pain a week",
        "0 to 10",
        (Curve("", tuple(points)),),
        _pain_words(points),
        usual=(0.0, SAFE),
        usual_words="safe",
        scale=(0.0, 10.0),
        weekly=True,
    )


def _light_of(score: float) -> Light:
    return "green" if score <= SAFE else "amber" if score <= ACCEPTABLE else "red"


def _worst_light(lights: Iterable[Light | None]) -> Light:
    return max((one for one in lights if one is not None), key=LIGHT_ORDER.index)


def _pain_words(points: Sequence[Point]) -> str:
    last, worst = points[-1], max(points, key=lambda point: (LIGHT_ORDER.index(point.light or "green"), point.value))
    if worst.light == "green":
        return f"Never above {max(point.value for point in points):g} of 10: train as planned."
    week = f"in the week of {_day(last.day)}"
    if last.light == "green":
        now = f"At most {last.value:g} of 10 {week}, which is safe" if last.value else f"None {week}"
        return f"{now}; in that of {_day(worst.day)} it was {worst.words}."
    now = f"Up to {last.words}, {week}"
    if last.light == "amber":
        return f"{now}: acceptable if it is gone by the next morning and does not rise from week to week."
    return f"{now}: leave out what hurts; the plan says what to do."


# -- runs ------------------------------------------------------------------------------------------------------------


def _distance(history: History, since: date, today: date) -> Trend | None:
    """Distance of each week with a run; a week without a record is a gap, as it may have been run and not recorded."""
    by_week = _by_day((monday_of(run_day(run)), run.distance_m) for run in history.runs)
    km = [(monday, sum(of_week) / 1000) for monday, of_week in by_week if since <= monday <= today]
    points = [Point(monday, value, words=f"{value:.0f} km") for monday, value in km if value > 0]
    if not points:
        return None
    full = [point.value for point in points if point.day + WEEK <= today] or [points[-1].value]
    between = f"{min(full):.0f} to {max(full):.0f} km" if len(full) > 1 else f"{full[0]:.0f} km"
    return Trend(
        "distance",
        "runs",
        "distance a week",
        "km",
        (Curve("", tuple(points)),),
        f"{between} in the weeks that were recorded.",
        scale=(0.0, max(point.value for point in points)),
        weekly=True,
    )


def _longest(history: History, since: date, today: date) -> Trend | None:
    """Longest run of each week, and what no single run should have been longer than."""
    by_week = _by_day((monday_of(run_day(run)), run.distance_m) for run in history.runs if run.distance_m > 0)
    longest = [(monday, max(of_week) / 1000) for monday, of_week in by_week if since <= monday <= today]
    if not longest:
        return None
    limits = [(monday, long_run_limit_m(history.runs, monday)) for monday in _mondays(since, today)]
    spikes = [spike for spike in long_run_spikes(history.runs) if since <= run_day(spike.run) <= today]
    beyond = f" {counted(len(spikes), 'run')} in these weeks went beyond this." if spikes else ""
    limit = tuple(Point(day, metres / 1000, words=_km(metres / 1000)) for day, metres in limits if metres is not None)
    points = tuple(Point(day, value, words=_km(value)) for day, value in longest)
    return Trend(
        "longest",
        "runs",
        "longest run a week",
        "km",
        (Curve("", points), *([Curve("limit", limit)] if limit else [])),
        long_run_words(history.runs, today) + beyond,
        scale=(0.0, max(point.value for point in (*points, *limit))),
        weekly=True,
    )


def _km(value: float) -> str:
    return f"{value:.1f} km"


# -- days ------------------------------------------------------------------------------------------------------------


def _within(entries: Sequence[D], since: date, today: date) -> list[D]:
    return [entry for entry in entries if since <= entry.day <= today]


def _mondays(since: date, today: date) -> list[date]:
    return [monday_of(since) + week * WEEK for week in range((monday_of(today) - monday_of(since)).days // 7 + 1)]


def _by_day(entries: Iterable[tuple[date, T]]) -> list[tuple[date, list[T]]]:
    """Entries of each day, days in order; of one day in the order in which they came."""
    ordered = sorted(entries, key=itemgetter(0))
    return [(day, [entry for _, entry in of_day]) for day, of_day in groupby(ordered, key=itemgetter(0))]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _day(day: date) -> str:
    return f"{day.day} {day:%B}"


def _plain(name: str) -> str:
    return name.replace("_", " ").replace("-", " ")
