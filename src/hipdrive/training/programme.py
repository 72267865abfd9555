"""The next weeks: a pure function of the history.

`plan` takes what `progression` says about every line, puts together sessions that fit into 25 minutes, and lays them on
the days that `days` finds. Sources stand beside the rules; a proposal is a choice of this project.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final, Literal

from hipdrive.training.days import DAY, LIGHT_LEVEL, Chosen, Days
from hipdrive.training.history import History, Profile, SessionDone
from hipdrive.training.ladder import LINES, Dose, Line, can_do, ladder, next_down, of_line
from hipdrive.training.load import MOST_GROWTH, long_run_limit_m, monday_of
from hipdrive.training.pain import screened, stop_reason
from hipdrive.training.progression import (
    Facts,
    Progress,
    Stage,
    Standing,
    begin_week,
    came_back,
    dose_of,
    first_band,
    fold,
    line_states,
)
from hipdrive.training.progression import LineState as LineState
from hipdrive.training.progression import Phase as Phase

# 2 to 3 sessions of 15 to 25 minutes: as in the trial of Leppanen 2024, Br J Sports Med; the length is a proposal.
LEAST_MINUTES: Final = 15.0
MOST_MINUTES: Final = 25.0
TEST_MINUTES: Final = 3.0  # for a self test, of these
TEST_EVERY: Final = timedelta(days=28)  # proposal
MOST_IDS: Final = 20  # of a week; more than anybody trains in it
NEW_WEEKS: Final = 4  # with a word about easier ways; proposal
TESTS: Final = ("single-leg-bridge", "side-plank")
QUESTIONS_FIRST: Final = "A few questions about your health come first. Then the plan is made."

# Fewer sets, same movements: Bell 2023, Sports Med Open (coaches' consensus on deloads); 40 to 50 % is a proposal.
DELOAD_LEAST: Final = 0.5
DELOAD_MOST: Final = 0.6
RETURN_SETS: Final = 2 / 3  # in the first week back; proposal

Role = Literal["main", "companion", "calf"]


@dataclass(frozen=True)
class PlannedExercise:
    """An exercise with its dose, and why it is there."""

    exercise: str
    dose: Dose
    why: str


@dataclass(frozen=True)
class PlannedSession:
    """One session of strength.

    Attributes
    ----------
    id : str
        "2026-W48-1": ISO week and place in it. It stays when the session moves to another day of the week.
    day : date
    when : str
        "after your run", "any time of the day".
    hard : bool
        Holds hard leg work.
    why : str
        Why it is on this day.
    test : str or None
        Self test to be done first.
    """

    id: str
    day: date
    exercises: tuple[PlannedExercise, ...]
    when: str
    hard: bool
    why: str
    test: str | None = None

    @property
    def minutes(self) -> float:
        """How long it takes, warming up included."""
        return WARM_UP_MINUTES + sum(planned.dose.minutes for planned in self.exercises)


WARM_UP_MINUTES = 2.0


@dataclass(frozen=True)
class PlannedWeek:
    """One week, from Monday.

    Attributes
    ----------
    phase : str
    grows : str
        The one thing that grows this week: a line of the ladder, "long run" or "nothing".
    long_run_limit_m : float or None
        No single run should be longer.
    why : str
    """

    monday: date
    phase: Phase
    sessions: tuple[PlannedSession, ...]
    grows: str
    long_run_limit_m: float | None
    why: str


@dataclass(frozen=True)
class Programme:
    """The next weeks, or why there are none.

    `stopped` says why nothing is planned and what to do; then `weeks` is empty.
    """

    made_for: date
    weeks: tuple[PlannedWeek, ...]
    lines: tuple[LineState, ...]
    stopped: str | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def sessions(self) -> tuple[PlannedSession, ...]:
        """All planned sessions, in the order of time."""
        return tuple(session for week in self.weeks for session in week.sessions)


# -- the plan --------------------------------------------------------------------------------------------------------


def plan(history: History, today: date, weeks: int = 4) -> Programme:
    """Plan the next weeks, from this one on.

    The same history gives the same plan. Weeks to come are planned as if all goes as it does now; they are planned
    anew whenever something is added to the history.

    Parameters
    ----------
    history : History
        What lies after today is not looked at, but for races and days away.
    today : date
        A day of the runner; days before it are not planned any more.
    weeks : int
        How many, this one included.
    """
    facts = Facts(history, today)
    state = fold(facts)
    stopped = _stopped(facts.history, today)
    if stopped:
        return Programme(today, (), line_states(state), stopped)
    planner = _Planner(facts, today)
    now, this_week = planner.week(state)
    state, planned = now, [this_week]
    while len(planned) < weeks:
        state = begin_week(state, state.monday + timedelta(weeks=1), facts, expected=True)
        state, week = planner.week(state)
        planned.append(week)
    return Programme(today, tuple(planned), line_states(now), notes=_notes(now))


def _notes(state: Progress) -> tuple[str, ...]:
    notes = []
    if state.training_weeks <= NEW_WEEKS:
        notes.append("Every exercise has an easier way for days on which it is too much; doing that counts as much.")
    if any(one.held_since for one in state.standings.values()):
        notes.append("Something hurts: there are fewer sets until it has settled. Enter how it feels in the morning.")
    return tuple(notes)


def _stopped(history: History, today: date) -> str | None:
    reason = stop_reason(history, today)
    if reason is None and not screened(history):
        return QUESTIONS_FIRST
    return reason


class _Planner:
    """Plans one week after the other, and remembers what it planned."""

    def __init__(self, facts: Facts, today: date) -> None:
        self.facts = facts
        self.profile = facts.profile
        self.today = today
        self.days = Days(facts.history, today)
        self.chosen: list[Chosen] = []
        self._tested = {
            test: max((done.day for done in facts.history.tests if done.test == test), default=date.min)
            for test in TESTS
        }

    def week(self, state: Progress) -> tuple[Progress, PlannedWeek]:
        """Plan a week, and say what is known at its end if all goes as planned."""
        wanted = self.profile.sessions_a_week
        done = [one for one in self.facts.history.sessions if monday_of(one.day) == state.monday]
        number = max(0, wanted - len({one.day for one in done}))
        full = _session(state, self.profile, light=False)
        demanding = any(ladder()[one.exercise].level > LIGHT_LEVEL for one in full)
        chosen = self.days.choose(state.monday, number, self.chosen, demanding)
        if chosen:
            state = came_back(state, chosen[0].day, self.profile)
        ids = _ids(state.monday, done, {one.planned for one in self.facts.history.sessions})
        sessions = tuple(self._planned(state, one, name) for one, name in zip(chosen, ids, strict=False))
        self.chosen += chosen
        week = PlannedWeek(
            state.monday,
            state.phase,
            sessions,
            state.grows,
            self._long_run_limit_m(state),
            self._why(state, chosen, number),
        )
        if chosen:
            state = replace(state, trained=True, last=chosen[-1].day, before_growth=None)
        return state, week

    def _planned(self, state: Progress, one: Chosen, name: str) -> PlannedSession:
        test = self._test_due(state, one)
        minutes = MOST_MINUTES - (TEST_MINUTES if test or state.phase in ("deload", "race") else 0)
        exercises = _session(state, self.profile, light=one.light, most_minutes=minutes)
        when = "after your run" if one.day.weekday() in self.profile.run_days else "any time of the day"
        hard = any(ladder()[entry.exercise].hard for entry in exercises)
        return PlannedSession(name, one.day, exercises, when, hard, _sentence(one.why), test)

    def _test_due(self, state: Progress, one: Chosen) -> str | None:
        """Self test that is due, not before a race, nor while something hurts, nor on the day after hard work."""
        before = one.day - DAY
        tired = before in self.days.demanding or any(other.day == before and not other.light for other in self.chosen)
        hurts = any(standing.held_since for standing in state.standings.values())
        if state.phase == "race" or tired or hurts:
            return None
        for test in TESTS:
            if self._tested[test] == date.min or one.day - self._tested[test] >= TEST_EVERY:
                self._tested[test] = one.day
                return test
        return None

    def _long_run_limit_m(self, state: Progress) -> float | None:
        """A tenth more than the longest of 30 days; no more than the longest while a line grows or something hurts."""
        limit_m = long_run_limit_m(self.facts.history.runs, self.today)
        stays = state.grows in LINES or any(one.held_since for one in state.standings.values())
        return limit_m / MOST_GROWTH if limit_m is not None and stays else limit_m

    def _why(self, state: Progress, chosen: Sequence[Chosen], number: int) -> str:
        words = [_PHASES[state.phase], state.why_growth]
        if number == 0:
            words.append("What was planned for this week is done.")
        elif len(chosen) < number:
            words.append(f"There is room for {len(chosen)} of {number}; nothing has to be caught up on.")
        if any(one.light for one in chosen):
            words.append("Some sessions are light, because of the runs beside them.")
        return " ".join(word for word in words if word)


_PHASES: Final[dict[Phase, str]] = {
    "build": "",
    "deload": "An easy week: about half of the sets, the same movements, and nothing grows.",
    "return": "Back after a break: two thirds of the sets for a week.",
    "race": "A race is near, or just done: fewer sets, nothing grows, and hard work keeps away from it.",
    "keep": "What you have is kept while the pain settles: fewer sets, nothing grows.",
}


def _ids(monday: date, done: Sequence[SessionDone], used: Collection[str | None]) -> list[str]:
    """Ids of the week that are left, in order; a session that was done without one uses up the first."""
    year, week, _ = monday.isocalendar()
    ids = [f"{year}-W{week:02}-{place}" for place in range(1, MOST_IDS + 1)]
    others = {one.day for one in done} - {one.day for one in done if one.planned in ids}
    return [name for name in ids if name not in used][len(others) :]


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


# -- a session -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Part:
    role: Role
    line: Line
    planned: PlannedExercise
    held: bool


def _session(
    state: Progress, profile: Profile, *, light: bool, most_minutes: float = MOST_MINUTES
) -> tuple[PlannedExercise, ...]:
    """Put a session together: hips, sides, one easier exercise of both, calf."""
    parts = _fit(_parts(state, profile, light), most_minutes)
    sets = [part.planned.dose.sets for part in parts]
    if state.phase in ("deload", "race"):
        sets = _deloaded(sets)
    elif state.phase == "return":
        sets = [max(1, int(number * RETURN_SETS)) for number in sets]
    sets = [max(1, number - part.held) for number, part in zip(sets, parts, strict=True)]
    return tuple(_with_sets(part.planned, number) for part, number in zip(parts, sets, strict=True))


def _parts(state: Progress, profile: Profile, light: bool) -> list[_Part]:
    mains: list[_Part] = []
    companions: list[_Part] = []
    for line in LINES:
        one = state.standings[line]
        main = _lightened(one, profile) if light else one
        mains.append(_main_part(main, one, state.stage))
        companion = _companion(main, profile)
        if companion and line != "calf":
            companions.append(_companion_part(line, companion, profile, one))
    return [*mains[:2], *companions, *mains[2:]]


def _main_part(main: Standing, one: Standing, stage: Stage) -> _Part:
    why = one.came if main is one else f"In place of {one.rung.name}, as this is a light day."
    role: Role = "calf" if one.line == "calf" else "main"
    return _Part(role, one.line, PlannedExercise(main.exercise, dose_of(main, stage), why), one.held_since is not None)


def _companion(main: Standing, profile: Profile) -> str | None:
    """An exercise a step easier; at the lowest rung another one as easy, unless it was left for pain."""
    easier = next_down(main.exercise, profile.equipment, profile.bands).exercise
    if easier or main.down_for_pain:
        return easier
    alike = [rung.id for rung in of_line(main.line) if rung.level == main.rung.level and can_do(rung, profile)]
    return next((name for name in alike if name != main.exercise), None)


def _companion_part(line: Line, exercise: str, profile: Profile, one: Standing) -> _Part:
    rung = ladder()[exercise]
    dose = replace(rung.dose, band=first_band(rung, profile))
    why = "No harder than the one above, to do more of it well."
    return _Part("companion", line, PlannedExercise(exercise, dose, why), one.held_since is not None)


def _lightened(one: Standing, profile: Profile) -> Standing:
    """The nearest exercise below that is light."""
    while one.rung.hard or one.rung.level > LIGHT_LEVEL:
        below = next_down(one.exercise, profile.equipment, profile.bands).exercise
        if below is None:
            return one
        one = Standing(one.line, below, band=first_band(ladder()[below], profile))
    return one


def _fit(parts: list[_Part], most_minutes: float) -> list[_Part]:
    """Trim what matters least until it fits: sets of the easier exercises, then of the calf, then of the main ones."""
    while _minutes(parts) > most_minutes:
        for role, least in (("companion", 1), ("calf", 2), ("main", 2), ("calf", 1)):
            trimmable = [part for part in parts if part.role == role and part.planned.dose.sets > least]
            if trimmable:
                most = max(trimmable, key=lambda part: part.planned.dose.minutes)
                one_less = replace(most, planned=_with_sets(most.planned, most.planned.dose.sets - 1))
                parts = [one_less if part is most else part for part in parts]
                break
        else:
            parts = _without_a_companion(parts)
    return parts


def _without_a_companion(parts: list[_Part]) -> list[_Part]:
    companions = [part for part in parts if part.role == "companion"]
    if not companions:
        least = [part for part in parts if part.planned.dose.sets > 1]
        most = max(least, key=lambda part: part.planned.dose.minutes)
        return [replace(part, planned=_with_sets(part.planned, 1)) if part is most else part for part in parts]
    longest = max(companions, key=lambda part: part.planned.dose.minutes)
    return [part for part in parts if part is not longest]


def _minutes(parts: Sequence[_Part]) -> float:
    return WARM_UP_MINUTES + sum(part.planned.dose.minutes for part in parts)


def _with_sets(planned: PlannedExercise, sets: int) -> PlannedExercise:
    return replace(planned, dose=replace(planned.dose, sets=sets))


def _deloaded(sets: Sequence[int]) -> list[int]:
    """40 to 50 % fewer sets, as far as every exercise keeps one; the first exercises keep the most."""
    fewer = [max(1, number // 2) for number in sets]
    for place, number in enumerate(sets):
        if fewer[place] < number and sum(fewer) + 1 <= DELOAD_MOST * sum(sets):
            fewer[place] += 1
    return fewer
