"""How far a runner has come on every line of the ladder, and why: a fold over what happened, week by week.

On a Monday one thing may grow: a line, or the long run, whichever had its turn longest ago. On the days of the week,
what was done and felt only holds back, leads down, or counts towards the next step. Nothing here asks for the time, and
the same history, in whatever order, gives the same state.

Where a rule has a source it stands beside it; a proposal is a choice of this project.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Any, Final, Literal, NamedTuple

from hipdrive.training.history import BANDS, Band, History, PainReport, Profile, Run, SetDone
from hipdrive.training.ladder import LINES, Dose, Exercise, Line, can_do, ladder, next_down, next_up, of_line
from hipdrive.training.load import WINDOW, monday_of, run_day
from hipdrive.training.pain import ACCEPTABLE, SAFE, light

Phase = Literal["build", "deload", "return", "race", "keep"]
Stage = Literal["learn", "build", "heavy"]
Thing = Literal["hip", "lateral", "calf", "long run", "nothing"]

# Step up: after the position stand of the ACSM 2009, Med Sci Sports Exerc (more than the target on two sessions
# running, load by 2 to 10 %); how many are in reserve and how many clean is a proposal.
READY_SESSIONS: Final = 2
READY_RESERVE: Final = 2.0  # repetitions; beginners misjudge by 1 to 2 (Zourdos 2016, J Strength Cond Res)
READY_SETS: Final = 2  # or more
READY_CLEAN: Final = 0.8  # of the repetitions
LOAD_STEP: Final = 1.05
COLOURS_A_RUNG: Final = 2  # of bands, before the next rung; proposal
FURTHER: Final = 1.5  # times the range, where there is no next rung; proposal

# Step down; proposals, but for the limits of pain (Thomee 1997, Phys Ther), which are those of `pain`.
MOST_FAULTS: Final = 0.3  # of the repetitions

# Stages, in training weeks that were really done, and what they ask for; proposals. That heavy work needs ten weeks to
# show is in Eihara 2022, Sports Med Open.
LEARN_WEEKS: Final = 4
HEAVY_AFTER_WEEKS: Final = 10
HEAVY_LEVEL: Final = 5
BUILD_SETS: Final = 3
BUILD_RANGE: Final = (8, 12)
BUILD_RESERVE: Final = (2, 3)

# Deload: coaches agree on it (Bell 2023, Sports Med Open) and take it every 5.6 weeks on average (Rogerson 2024, Sports
# Med Open).
DELOAD_AFTER_WEEKS: Final = 5

# Coming back after days without training; proposals.
GAP_DAYS: Final = 14  # two thirds of the sets for a week
LONG_GAP_DAYS: Final = 28  # and a rung down
VERY_LONG_GAP_DAYS: Final = 84  # and two rungs down
RETURN_DAYS: Final = 7

# Races that are worth a light week; shorter ones are key runs. Proposals.
RACE_WEEK_M: Final = 10_000.0
EASY_DAY_M: Final = 6_000.0  # an easy day afterwards for each of these
MOST_EASY_DAYS: Final = 7

HOLD_DAYS: Final = 14  # after pain that had not settled, when nothing more is said; proposal
GPS_NOISE: Final = 1.02  # a long run is longer than the one before when it is that much longer; proposal
BUILDING: Final = timedelta(days=28)  # the long run is being built when it grew in these; proposal

# Where to begin, before anything was seen; proposals.
FIRST_LEVELS: Final = {"new": 1, "some": 1, "regular": 2}
LOW_HOLD_S: Final = {"single-leg-bridge": 20.0, "side-plank": 15.0}
TEST_OF_LINE: Final[Mapping[Line, str]] = {"hip": "single-leg-bridge", "lateral": "side-plank"}

# Words that tell which line hurts; any other place concerns all of them. Proposal.
CALF_WORDS: Final = ("calf", "calves", "achilles", "ankle", "shin", "foot", "heel")


@dataclass(frozen=True)
class LineState:
    """Where the runner stands on one line of the ladder, and what leads on."""

    line: Line
    exercise: str
    dose: Dose
    sessions_ready: int  # in a row that allowed a step up; two lead on
    why: str


@dataclass(frozen=True)
class Standing:
    """Where the runner stands on one line.

    Attributes
    ----------
    exercise : str
    load_kg, band
        What makes it harder.
    longer : bool
        With a longer range, as there is no next rung.
    ready : int
        Sessions in a row that allowed a step up.
    held_since : date or None
        Day of pain that had not settled or rises; as long as it holds, there are fewer sets.
    down_for_pain : bool
        Went a rung down for pain and was not trained since.
    last_done : str or None
        Hardest exercise of the line on the last day it was trained.
    came, leads_on : str
        Why it stands here, and what leads on.
    """

    line: Line
    exercise: str
    load_kg: float | None = None
    band: Band | None = None
    longer: bool = False
    ready: int = 0
    held_since: date | None = None
    down_for_pain: bool = False
    last_done: str | None = None
    came: str = ""
    leads_on: str = ""

    @property
    def rung(self) -> Exercise:
        """The exercise, as the ladder has it."""
        return ladder()[self.exercise]


@dataclass(frozen=True)
class Progress:
    """What the fold knows at the end of a day.

    Attributes
    ----------
    monday : date
        Of this week.
    standings : mapping of str to Standing
    training_weeks : int
        Weeks before this one in which there was a session.
    loaded_weeks : int
        Those of them in a row that were no easier ones.
    trained : bool
        This week.
    last : date or None
        Last day of training.
    back_since : date or None
        First day of training after the last gap.
    phase : str
    grows : str
    before_growth : Standing or None
        The line that grows, as it was before; None once it was trained as it is now.
    turns : mapping of str to date
        Monday on which each thing had its last turn.
    """

    monday: date
    standings: Mapping[Line, Standing]
    training_weeks: int = 0
    loaded_weeks: int = 0
    trained: bool = False
    last: date | None = None
    back_since: date | None = None
    phase: Phase = "build"
    grows: Thing = "nothing"
    why_growth: str = ""
    before_growth: Standing | None = None
    turns: Mapping[str, date] = field(default_factory=dict)

    @property
    def stage(self) -> Stage:
        """Which doses are asked for."""
        return stage_of(self.training_weeks)


def stage_of(training_weeks: int) -> Stage:
    """Which doses are asked for after some weeks of training."""
    if training_weeks < LEARN_WEEKS:
        return "learn"
    return "build" if training_weeks < HEAVY_AFTER_WEEKS else "heavy"


def progress(history: History, today: date) -> Progress:
    """Fold all that happened up to a day, that day included.

    Parameters
    ----------
    history : History
        What comes after the day is left unread, but for races.
    today : date
    """
    return fold(Facts(history, today))


def fold(facts: Facts) -> Progress:
    """Fold all that happened, week by week."""
    today = facts.today
    first = facts.first_session or today
    state = Progress(monday_of(first - timedelta(days=HOLD_DAYS)), first_standings(facts.history, first))
    state = begin_week(state, state.monday, facts)
    for day in facts.days[bisect_left(facts.days, state.monday) :]:
        state = _live(_in_week_of(state, day, facts), day, facts)
    return _in_week_of(state, today, facts)


def _in_week_of(state: Progress, day: date, facts: Facts) -> Progress:
    while state.monday < monday_of(day):
        state = begin_week(state, state.monday + timedelta(weeks=1), facts)
    return state


def line_states(state: Progress) -> tuple[LineState, ...]:
    """What the fold says about every line, for people."""
    return tuple(
        LineState(
            line,
            one.exercise,
            dose_of(one, state.stage),
            min(one.ready, READY_SESSIONS),
            f"{one.came} {one.leads_on}".strip(),
        )
        for line, one in state.standings.items()
    )


# -- what happened ---------------------------------------------------------------------------------------------------


class Hurt(NamedTuple):
    """Pain of a day, and the lines it concerns."""

    score: float
    lines: frozenset[Line]


class Facts:
    """A history up to a day, by days and in no order of its own."""

    def __init__(self, history: History, today: date) -> None:
        self.history = up_to(history, today)
        self.profile = history.profile
        self.today = today
        self._sessions = _by_day(self.history.sessions)
        self._pains = _by_day(self.history.pains)
        self.growth_of_run = _growths(self.history.runs, {race.day for race in history.races})
        self.days = sorted({*self._sessions, *self._pains, *self.growth_of_run})
        self.first_session = min(self._sessions, default=None)
        self._growth_days = sorted(self.growth_of_run)
        self._run_days = [run_day(run) for run in self.history.runs]

    def sets(self, day: date) -> dict[str, tuple[SetDone, ...]]:
        """Sets of a day, by exercise; what is no exercise of the ladder is left out."""
        done: dict[str, tuple[SetDone, ...]] = {}
        for session in self._sessions.get(day, ()):
            for entry in session.exercises:
                if entry.exercise in ladder() and entry.sets:
                    done[entry.exercise] = done.get(entry.exercise, ()) + entry.sets
        return done

    def hurts(self, day: date) -> list[Hurt]:
        """Pain of a day. A report of the same day tells where the pain of a session was."""
        reports = self._pains.get(day, ())
        hurts = [Hurt(report.score, lines_of(report)) for report in reports]
        told = frozenset[Line]().union(*(lines_of(report) for report in reports if report.score > SAFE))
        trained = frozenset(ladder()[name].line for name in self.sets(day))
        scores = [session.pain for session in self._sessions.get(day, ()) if session.pain is not None]
        if scores:
            hurts.append(Hurt(max(scores), told or trained or frozenset(LINES)))
        return hurts

    def long_run_grew(self, first: date, last: date) -> bool:
        """Whether a run of these days, both included, was longer than the longest of the month before it."""
        place = bisect_left(self._growth_days, first)
        return place < len(self._growth_days) and self._growth_days[place] <= last

    def long_run_wanted(self, day: date) -> bool:
        """Whether the long run is being built: it grew of late, or a race is to come that is longer."""
        if self.long_run_grew(day - BUILDING, day - timedelta(days=1)):
            return True
        first, end = bisect_left(self._run_days, day - WINDOW), bisect_left(self._run_days, day)
        recent = [run.distance_m for run in self.history.runs[first:end]]
        to_come = [race.distance_m for race in self.history.races if race.day >= day]
        return bool(recent and to_come) and max(to_come) > max(recent)


def up_to(history: History, today: date) -> History:
    """History without what is said of days after today; races and days away to come stay."""
    return replace(
        history,
        screenings=tuple(sorted((one for one in history.screenings if one.day <= today), key=attrgetter("day"))),
        sessions=tuple(sorted((one for one in history.sessions if one.day <= today), key=attrgetter("day"))),
        pains=tuple(sorted((one for one in history.pains if one.day <= today), key=attrgetter("day"))),
        tests=tuple(sorted((one for one in history.tests if one.day <= today), key=attrgetter("day"))),
        runs=tuple(sorted((one for one in history.runs if run_day(one) <= today), key=attrgetter("start"))),
    )


def lines_of(report: PainReport) -> frozenset[Line]:
    """Lines that a pain concerns: the calf's alone when the words tell, else all."""
    where = report.where.lower()
    return frozenset[Line](("calf",)) if any(word in where for word in CALF_WORDS) else frozenset(LINES)


def _by_day(told: Sequence[Any]) -> dict[date, tuple[Any, ...]]:
    return {day: tuple(of_day) for day, of_day in groupby(told, key=attrgetter("day"))}


def _growths(runs: Sequence[Run], races: Collection[date]) -> dict[date, float]:
    """Days whose longest run was longer than that of the 30 days before, and how much longer; races are none."""
    growths: dict[date, float] = {}
    days = [run_day(run) for run in runs]
    for place, run in enumerate(runs):
        before = runs[bisect_left(days, days[place] - WINDOW) : bisect_left(days, days[place])]
        longest_m = max((other.distance_m for other in before), default=None)
        if longest_m and run.distance_m > GPS_NOISE * longest_m and days[place] not in races:
            growths[days[place]] = max(run.distance_m / longest_m, growths.get(days[place], 0.0))
    return growths


# -- where to begin --------------------------------------------------------------------------------------------------


def first_standings(history: History, day: date) -> dict[Line, Standing]:
    """Where a runner begins: by experience, and a level lower after a low test. Neither age nor mass matters."""
    return {line: _first_standing(line, history, day) for line in LINES}


def _first_standing(line: Line, history: History, day: date) -> Standing:
    level, why = FIRST_LEVELS[history.profile.experience], "You begin here: hard enough to learn it, easy to do well."
    if _test_was_low(line, history, day):
        level, why = level - 1, "You begin here, a level lower, as the self test was short: it grows from there."
    within = [rung for rung in of_line(line) if rung.level <= level and can_do(rung, history.profile)]
    highest = [rung for rung in within if rung.level == within[-1].level]
    return _placed(Standing(line, highest[-1 if within[-1].level == 0 else 0].id), history.profile, why)


def _test_was_low(line: Line, history: History, day: date) -> bool:
    name = TEST_OF_LINE.get(line)
    for test in history.tests:
        if test.test == name and test.day <= day:
            sides = [side for side in (test.left, test.right, test.both) if side is not None]
            if sides and min(sides) < LOW_HOLD_S[name]:
                return True
    return False


# -- a week begins ---------------------------------------------------------------------------------------------------


def begin_week(state: Progress, monday: date, facts: Facts, *, expected: bool = False) -> Progress:
    """On Monday: what the last week counts for, what kind of week this is, and the one thing that grows.

    Parameters
    ----------
    state : Progress
        Of the week before, or of this one when nothing was before.
    monday : date
    facts : Facts
    expected : bool
        The week is to come: what would grow is named, and nothing grows yet.
    """
    training_weeks = state.training_weeks + state.trained
    loaded_weeks = state.loaded_weeks + 1 if state.trained and state.phase in ("build", "keep") else 0
    begun = replace(
        state,
        monday=monday,
        training_weeks=training_weeks,
        loaded_weeks=loaded_weeks,
        trained=False,
        standings={line: _released(one, monday) for line, one in state.standings.items()},
        grows="nothing",
    )
    begun = replace(begun, phase=_phase(begun, facts))
    if begun.before_growth is not None and begun.phase == "build" and begun.stage == state.stage:
        return replace(begun, grows=state.grows, why_growth=state.why_growth)
    return _grow(_taken_back(begun), state.stage, facts, expected)


def _phase(state: Progress, facts: Facts) -> Phase:
    if race_in_week(facts.history, state.monday):
        return "race"
    if state.back_since is not None and state.monday < state.back_since + timedelta(days=RETURN_DAYS):
        return "return"
    if state.loaded_weeks >= DELOAD_AFTER_WEEKS:
        return "deload"
    return "keep" if all(one.held_since for one in state.standings.values()) else "build"


def race_in_week(history: History, monday: date) -> bool:
    """Whether a longer race is in a week, or most of the week is there to get over one."""
    half_week = monday + timedelta(days=3)
    return any(
        monday <= race.day <= monday + timedelta(days=6)
        or race.day < monday <= half_week <= race.day + timedelta(days=easy_days(race.distance_m))
        for race in history.races
        if race.distance_m >= RACE_WEEK_M
    )


def easy_days(distance_m: float) -> int:
    """Days after a race without hard leg work."""
    return max(1, min(MOST_EASY_DAYS, -int(-distance_m // EASY_DAY_M)))


def _grow(state: Progress, stage_before: Stage, facts: Facts, expected: bool) -> Progress:
    """Let one thing grow: of those that may, the one whose turn was longest ago."""
    if state.phase != "build":
        return replace(state, why_growth="")
    if state.stage != stage_before:
        return replace(state, why_growth="The doses change this week, so nothing else does.")
    ready = [one for one in state.standings.values() if one.ready >= READY_SESSIONS]
    grown = {one.line: after for one in ready if (after := _grown(one, facts.profile, state.stage))}
    things: list[Thing] = list(grown)
    if facts.long_run_wanted(state.monday) and not any(one.held_since for one in state.standings.values()):
        things.append("long run")
    if not things:
        return replace(state, why_growth="No line has two sessions yet that lead on.")
    thing = min(things, key=lambda one: state.turns.get(one, date.min))
    state = replace(state, grows=thing, turns={**state.turns, thing: state.monday}, why_growth=_TURNS[thing])
    if thing == "long run" or thing == "nothing":
        return state
    before = state.standings[thing]
    if expected:
        return _with(state, replace(before, ready=0))
    return replace(_with(state, grown[thing]), before_growth=before)


_TURNS: Final[Mapping[Thing, str]] = {
    "hip": "The hip line grows; the other lines and the long run stay as they are.",
    "lateral": "The side line grows; the other lines and the long run stay as they are.",
    "calf": "The calf line grows; the other lines and the long run stay as they are.",
    "long run": "The long run may grow; the exercises stay as they are.",
}


def _grown(one: Standing, profile: Profile, stage: Stage) -> Standing | None:
    """A line one step up: more load, the next colour, the next rung, or more repetitions; None at its end."""
    stronger = stronger_band(one.band, profile)
    move = next_up(one.exercise, profile.equipment, profile.bands)
    above = None if move.exercise is None else ladder()[move.exercise]
    earned = f"Two sessions running of {one.rung.name} were clean, with {READY_RESERVE:g} or more in reserve"
    if one.load_kg and above is None:
        load_kg = round(one.load_kg * LOAD_STEP, 1)
        return _dosed(one, f"{earned}: {load_kg:g} kg now.", load_kg=load_kg)
    if stronger and above and above.colours <= 1 and one.band == first_band(one.rung, profile):
        return _dosed(one, f"{earned}: the {stronger} band now.", band=stronger)
    if above is not None and above.level >= HEAVY_LEVEL and stage != "heavy":
        return None
    if above is not None:
        step = replace(one, exercise=above.id, load_kg=None, longer=False, ready=0)
        return _placed(step, profile, f"{earned}: {above.name} is next.")
    if stronger:
        return _dosed(one, f"{earned}: the {stronger} band now.", band=stronger)
    return None if one.longer else _dosed(one, f"{earned}: more of it now. {move.why}", longer=True)


def _placed(one: Standing, profile: Profile, why: str) -> Standing:
    band = first_band(one.rung, profile) if "band" in one.rung.equipment else None
    return replace(one, band=band, came=why, leads_on=TWO_SESSIONS)


def first_band(rung: Exercise, profile: Profile) -> Band | None:
    """Band to begin a rung with: the lightest there is, or the second where it takes two."""
    bands = [band for band in BANDS if band in profile.bands]
    return bands[min(rung.colours, len(bands)) - 1] if bands and "band" in rung.equipment else None


def stronger_band(band: Band | None, profile: Profile) -> Band | None:
    """Next stronger band that is there."""
    if band is None:
        return None
    return next((one for one in BANDS[BANDS.index(band) + 1 :] if one in profile.bands), None)


# -- a day -----------------------------------------------------------------------------------------------------------


def _live(state: Progress, day: date, facts: Facts) -> Progress:
    """What a day changes: the run comes first, then what was trained, then what hurts."""
    if day in facts.growth_of_run:
        state = _long_run_grew(state)
    done = facts.sets(day)
    if done:
        state = _train(came_back(state, day, facts.profile), day, done, facts.profile)
    return _feel(state, day, facts)


def _feel(state: Progress, day: date, facts: Facts) -> Progress:
    """The worst pain of a day counts, line by line."""
    hurts = facts.hurts(day)
    for line in LINES:
        scores = [hurt.score for hurt in hurts if line in hurt.lines]
        if scores:
            if max(scores) > SAFE:
                state = _does_not_grow(state, line)
            state = _with(state, _hurt(state.standings[line], max(scores), day, facts))
    return state


def _long_run_grew(state: Progress) -> Progress:
    """One thing grows: where the long run did, a line that has not yet been trained harder waits."""
    if state.before_growth is not None:
        state = replace(_taken_back(state), grows="long run", why_growth=_LONG_RUN_GREW)
    return replace(state, turns={**state.turns, "long run": state.monday})


_LONG_RUN_GREW: Final = "The long run grew this week, so the lines wait."


def _does_not_grow(state: Progress, line: Line) -> Progress:
    """A line that hurts does not grow, and neither does the long run."""
    if state.grows not in (line, "long run"):
        return state
    return replace(_taken_back(state), grows="nothing", why_growth=_HURTS)


_HURTS: Final = "Something hurts, so nothing grows for now."


_WAITS_NOW: Final = "What was to grow waits for now."


def _taken_back(state: Progress) -> Progress:
    """A line that grew and was not yet trained so is as it was before."""
    before = state.before_growth
    if before is None:
        return state
    turns = {thing: monday for thing, monday in state.turns.items() if thing != before.line}
    now = state.standings[before.line]  # what was trained since, easier as it was, stays known
    before = replace(before, last_done=now.last_done, down_for_pain=now.down_for_pain)
    return replace(_with(state, before), before_growth=None, grows="nothing", turns=turns, why_growth=_WAITS_NOW)


def came_back(state: Progress, day: date, profile: Profile) -> Progress:
    """After a gap, as it is on the first day back: fewer sets for a week, and lower rungs after a long one."""
    gap = (day - state.last).days if state.last else 0
    if gap < GAP_DAYS:
        return state
    state = _taken_back(state)
    rungs = (gap >= LONG_GAP_DAYS) + (gap >= VERY_LONG_GAP_DAYS)
    standings = dict(state.standings)
    for line, one in standings.items():
        standings[line] = replace(one, ready=0, down_for_pain=False, leads_on=TWO_SESSIONS)
        for _ in range(rungs):
            standings[line] = _rung_down(standings[line], profile, f"After {gap // 7} weeks without, a little lower")
    return replace(
        state,
        standings=standings,
        back_since=day,
        last=day,
        phase=state.phase if state.phase == "race" else "return",
        grows="nothing",
        why_growth="",
    )


def _train(state: Progress, day: date, done: Mapping[str, Sequence[SetDone]], profile: Profile) -> Progress:
    counts = state.phase in ("build", "keep")
    if _is_spoilt(state, done, profile):
        state = _taken_back(state)
    standings, untried = dict(state.standings), state.before_growth
    for line, one in state.standings.items():
        of_this = [name for name in done if ladder()[name].line == line]
        if of_this:
            hardest = max(of_this, key=lambda name: (ladder()[name].level, name == one.exercise, name))
            if one.down_for_pain or one.last_done != hardest:
                one = replace(one, down_for_pain=False, last_done=hardest)
        if one.exercise in done:
            one = _judged(one, done[one.exercise], state.stage, counts, profile)
            untried = None if state.grows == line else untried
        standings[line] = one
    return replace(state, standings=standings, trained=True, last=day, before_growth=untried)


def _is_spoilt(state: Progress, done: Mapping[str, Sequence[SetDone]], profile: Profile) -> bool:
    """Whether a line that grew was trained as before instead, on a light day, and not as well."""
    before = state.before_growth
    if before is None or state.standings[before.line].exercise in done or before.exercise not in done:
        return False
    return _judged(before, done[before.exercise], state.stage, True, profile).ready == 0


def _judged(one: Standing, sets: Sequence[SetDone], stage: Stage, counts: bool, profile: Profile) -> Standing:
    """A line after its exercise was done: down, on, or a session nearer to the next step."""
    dose = dose_of(one, stage)
    faults = [each.fault_share for each in sets if each.fault_share is not None]
    if faults and max(faults) > MOST_FAULTS:
        return _dose_down(one, profile, f"A fault in {max(faults):.0%} of the repetitions")
    if any(each.amount < dose.least and each.reserve is not None and each.reserve <= 0 for each in sets):
        return _dose_down(one, profile, f"Nothing was left before {dose.least} {dose.unit}")
    one = _as_done(one, sets)
    missing = _missing(one, sets, dose, least_sets=min(READY_SETS, dose.sets) if counts else 1)
    if missing:
        return replace(one, ready=0, leads_on=missing)
    if not counts:
        return one
    ready = one.ready + 1
    leads_on = "One more session like the last leads on." if ready < READY_SESSIONS else _outlook(one, profile, stage)
    return replace(one, ready=ready, leads_on=leads_on)


TWO_SESSIONS: Final = (
    "Two sessions running with the top of the range in every set, 2 or more in reserve and clean, lead on."
)


def _outlook(one: Standing, profile: Profile, stage: Stage) -> str:
    """What comes for a line that is ready."""
    if _grown(one, profile, stage) is not None:
        return "It is ready for the next step, which comes when it is its turn."
    if stage != "heavy" and _grown(one, profile, "heavy") is not None:
        return f"It is ready; the heavy work that is next begins after {HEAVY_AFTER_WEEKS} weeks of training."
    return "This is as far as it goes with what you have; keep it up."


def _missing(one: Standing, sets: Sequence[SetDone], dose: Dose, least_sets: int) -> str:
    """What a session lacked for a step up, in words; empty when it lacked nothing."""
    if len(sets) < least_sets or any(each.amount < dose.most for each in sets):
        return f"Reach {dose.most} {dose.unit} in every set, in two sessions running; then it leads on."
    if one.band and any(each.band and BANDS.index(each.band) < BANDS.index(one.band) for each in sets):
        return f"Two sessions running with the {one.band} band lead on."
    reserves = [each.reserve for each in sets if each.reserve is not None]
    if not reserves:
        return "Say how many more you could have done: with 2 or more in two sessions running it leads on."
    if min(reserves) < READY_RESERVE:
        return "It leads on when 2 or more are still in you after every set, in two sessions running."
    clean = [each.clean_share for each in sets if each.clean_share is not None]
    if not clean:
        return _look(one.rung)
    if sum(clean) < READY_CLEAN * len(clean):
        return f"It leads on when {READY_CLEAN:.0%} of the repetitions are clean, in two sessions running."
    return ""


def _look(rung: Exercise) -> str:
    if rung.judged_as:
        return "Nobody has looked at it: film one set each session, as clean repetitions lead on."
    return "Nobody has looked at it: use a mirror, or ask somebody, and say whether it was clean; that leads on."


def _as_done(one: Standing, sets: Sequence[SetDone]) -> Standing:
    """Take over the load that was really used, where none was set or it was a lighter one."""
    loads = [each.load_kg for each in sets if each.load_kg]
    if "weight" in one.rung.equipment and loads and (one.load_kg is None or min(loads) < one.load_kg):
        return replace(one, load_kg=min(loads))
    return one


def _hurt(one: Standing, score: float, day: date, facts: Facts) -> Standing:
    """A line after pain: the traffic light of Thomee 1997, Phys Ther."""
    if score > ACCEPTABLE:
        held = replace(one, ready=0, held_since=day)
        if one.down_for_pain:
            return held
        if one.last_done and ladder()[one.last_done].level < one.rung.level:
            held = replace(held, exercise=one.last_done, longer=False, load_kg=None)
        return replace(_rung_down(held, facts.profile, f"Pain of {score:g}"), down_for_pain=True)
    if score > SAFE:
        if light(facts.history, day) == "red":
            leads_on = "The pain had not settled, or rises from week to week: fewer sets until it has."
            return replace(one, ready=0, held_since=day, leads_on=leads_on)
        return replace(one, ready=0, leads_on=f"With pain of {score:g} it stays as it is.")
    return one if one.held_since is None else replace(one, held_since=None)


def _released(one: Standing, monday: date) -> Standing:
    """A hold ends by itself when nothing more was said for two weeks."""
    if one.held_since is not None and monday - one.held_since >= timedelta(days=HOLD_DAYS):
        return replace(one, held_since=None)
    return one


def _dose_down(one: Standing, profile: Profile, why: str) -> Standing:
    """Less load, a lighter band or the usual range where it had grown; else a rung down."""
    if one.longer:
        return _dosed(one, f"{why}: the usual range again.", longer=False)
    if one.load_kg:
        load_kg = round(one.load_kg / LOAD_STEP**2, 1)
        return _dosed(one, f"{why}: {load_kg:g} kg for now.", load_kg=load_kg)
    first = first_band(one.rung, profile)
    if one.band and first and BANDS.index(one.band) > BANDS.index(first):
        lighter = [band for band in BANDS[: BANDS.index(one.band)] if band in profile.bands][-1]
        return _dosed(one, f"{why}: the {lighter} band for now.", band=lighter)
    return _rung_down(one, profile, why)


def _rung_down(one: Standing, profile: Profile, why: str) -> Standing:
    down = next_down(one.exercise, profile.equipment, profile.bands).exercise
    if down is None:
        return _dosed(one, f"{why}: do less of it for now.", longer=False)
    kept = replace(one, exercise=down, load_kg=None, longer=False, ready=0)
    return _placed(kept, profile, f"{why}: {ladder()[down].name} for now.")


def _dosed(one: Standing, came: str, **changes: Any) -> Standing:
    return replace(one, ready=0, came=came, leads_on=TWO_SESSIONS, **changes)


def _with(state: Progress, one: Standing) -> Progress:
    if one is state.standings[one.line]:
        return state
    return replace(state, standings={**state.standings, one.line: one})


# -- doses -----------------------------------------------------------------------------------------------------------


def dose_of(one: Standing, stage: Stage) -> Dose:
    """Dose of a full session: to begin with as the ladder has it; later a third set, of 8 to 12, nearer to the end."""
    return _dose(one.exercise, one.load_kg, one.band, one.longer, stage)


@lru_cache(maxsize=1024)
def _dose(exercise: str, load_kg: float | None, band: Band | None, longer: bool, stage: Stage) -> Dose:
    dose = replace(ladder()[exercise].dose, load_kg=load_kg, band=band)
    if stage != "learn":
        least, most = dose.least, dose.most
        if dose.unit == "repetitions":
            least, most = min(least, BUILD_RANGE[0]), min(most, BUILD_RANGE[1])
        dose = replace(dose, sets=max(dose.sets, BUILD_SETS), least=least, most=most, reserve=BUILD_RESERVE)
    return replace(dose, least=dose.most, most=int(dose.most * FURTHER)) if longer else dose
