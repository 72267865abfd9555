"""The rules that a plan may never break, each by itself, and apart from the code that plans.

They are read from the history and the plan alone. Where a rule has a source it is named; a proposal is a choice of this
project.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import groupby
from typing import Final

from hipdrive.training.history import BANDS, History, PainReport, SetDone
from hipdrive.training.ladder import LINES, Exercise, Line, can_do, ladder
from hipdrive.training.pain import light, screened, stop_reason
from hipdrive.training.programme import PlannedExercise, PlannedSession, PlannedWeek, Programme

DAY: Final = timedelta(days=1)
CALF: Final = ("calf", "calves", "achilles", "ankle", "shin", "foot", "heel")  # a pain there concerns the calf alone


@dataclass(frozen=True)
class Rule:
    """One rule: what it says, who says so, and what of a plan breaks it."""

    text: str
    source: str
    breaks: Callable[[Case], Iterator[str]]


RULES: Final[list[Rule]] = []


def broken_rules(history: History, programme: Programme, today: date) -> list[str]:
    """What of a plan breaks a rule; empty for a plan that is safe.

    Parameters
    ----------
    history : History
        What the plan was made from.
    programme : Programme
    today : date
    """
    case = Case(history, programme, today)
    return [f"{rule.text} {broken}" for rule in RULES for broken in rule.breaks(case)]


def _rule(text: str, source: str) -> Callable[[Callable[[Case], Iterator[str]]], Callable[[Case], Iterator[str]]]:
    def enter(breaks: Callable[[Case], Iterator[str]]) -> Callable[[Case], Iterator[str]]:
        RULES.append(Rule(text, source, breaks))
        return breaks

    return enter


# -- when ------------------------------------------------------------------------------------------------------------


@_rule("Nothing is planned while a red flag is open, or before the first questions are answered.", "clinical standard")
def _rests(case: Case) -> Iterator[str]:
    must_rest = stop_reason(case.history, case.today) is not None or not screened(case.history)
    if must_rest and (case.programme.weeks or not case.programme.stopped):
        yield "It is planned."
    if not must_rest and case.programme.stopped:
        yield "It rests without need."


@_rule("Sessions are on free days from today on, never on a race, away, or twice on a day.", "proposal")
def _days(case: Case) -> Iterator[str]:
    profile = case.history.profile
    for session in case.sessions:
        day = session.day
        if day < case.today:
            yield f"{day} is over."
        if profile.free_days and day.weekday() not in profile.free_days:
            yield f"{day} is not free."
        if any(away.first <= day <= away.last for away in case.history.away):
            yield f"{day} is away."
        if any(race.day == day for race in case.history.races):
            yield f"{day} has a race."
        if day in case.trained_days or sum(other.day == day for other in case.sessions) > 1:
            yield f"{day} has two sessions."


@_rule("No more sessions a week than are wanted; what was done counts, and nothing is caught up on.", "proposal")
def _number(case: Case) -> Iterator[str]:
    for week in case.programme.weeks:
        done = sum(week.monday <= day < week.monday + 7 * DAY for day in case.trained_days)
        if week.sessions and len(week.sessions) + done > case.history.profile.sessions_a_week:
            yield f"The week of {week.monday} has {len(week.sessions)} and {done} done."


@_rule("Never hard leg work on two days running.", "ACSM 2009, Med Sci Sports Exerc: non-consecutive days")
def _apart(case: Case) -> Iterator[str]:
    days = case.hard_days
    for day in sorted(case.planned_hard_days):
        if day - DAY in days or day + DAY in days:
            yield f"{day} and the day beside it."


@_rule("Never sessions on three days running.", "proposal")
def _not_stacked(case: Case) -> Iterator[str]:
    days = case.trained_days | {session.day for session in case.sessions}
    for session in case.sessions:
        if any({session.day + DAY * (shift + each) for each in range(3)} <= days for shift in (-2, -1, 0)):
            yield f"{session.day}."


@_rule("No hard leg work on the day before a key run.", "Doma & Deakin 2013, Appl Physiol Nutr Metab; hours: proposal")
def _key_runs(case: Case) -> Iterator[str]:
    for day in sorted(case.planned_hard_days):
        if (day + DAY).weekday() in case.history.profile.key_run_days:
            yield f"{day}."


@_rule("No hard leg work in the two days before a race, nor on the day after.", "proposal")
def _races(case: Case) -> Iterator[str]:
    for race in case.history.races:
        for day in sorted(case.planned_hard_days):
            if race.day - 2 * DAY <= day <= race.day + DAY * (2 if race.distance_m >= 10_000 else 1):
                yield f"{day}, with the race on {race.day}."


# -- how much --------------------------------------------------------------------------------------------------------


@_rule("A session takes at most 25 minutes, and 15 at least in a usual week, with 3 to 6 exercises.", "proposal")
def _length(case: Case) -> Iterator[str]:
    for week in case.programme.weeks:
        for session in week.sessions:
            if session.minutes > 25:
                yield f"{session.day}: {session.minutes:.0f} minutes."
            if not 3 <= len(session.exercises) <= 6:
                yield f"{session.day}: {len(session.exercises)} exercises."
            usual = week.phase == "build" and not case.hurt_lately
            if usual and not session.test and session.minutes < 15:
                yield f"{session.day}: only {session.minutes:.0f} minutes."


@_rule("A deload has at most 60 % of the sets, of the same exercises.", "Bell 2023, Sports Med Open; share: proposal")
def _deload(case: Case) -> Iterator[str]:
    if case.hurt_lately:
        return
    for week in case.weeks("deload"):
        after = [session for later in case.weeks("build") if later.monday > week.monday for session in later.sessions]
        for session in week.sessions:
            usual = max((sets_of(other) for other in after if _names(other) == _names(session)), default=None)
            if usual and sets_of(session) > max(0.6 * usual, len(session.exercises)):
                yield f"{session.day}: {sets_of(session)} of {usual} sets."


@_rule("No more than six usual weeks in a row.", "Rogerson 2024, Sports Med Open: every 5.6 weeks on average")
def _rest_weeks(case: Case) -> Iterator[str]:
    for phase, weeks in groupby(case.programme.weeks, key=lambda week: week.phase if week.sessions else "rest"):
        if phase == "build" and len(list(weeks)) > 6:
            yield "There are more."


@_rule("After two weeks without training two thirds of the sets, after four a rung lower as well.", "proposal")
def _gap(case: Case) -> Iterator[str]:
    first = next(iter(case.sessions), None)
    if first is None or not case.trained_days:
        return
    gap = (first.day - max(case.trained_days)).days
    for entry in first.exercises if gap >= 14 else ():
        if entry.dose.sets > most_sets_after(ladder()[entry.exercise], 2 / 3):
            yield f"{entry.exercise} has {entry.dose.sets} sets after {gap} days."
    for line in LINES if gap >= 28 else ():
        before = case.hardest_of_late(line)
        if (
            before
            and before.level >= case.first_level
            and any(entry.exercise == before.id for entry in first.exercises)
        ):
            yield f"{before.id} again after {gap} days."


@_rule("No single run more than a tenth longer than the longest of 30 days.", "Frandsen 2025, Br J Sports Med")
def _long_run(case: Case) -> Iterator[str]:
    recent = [run.distance_m for run in case.history.runs if 0 < (case.today - run.start.date()).days <= 30]
    for week in case.programme.weeks:
        if week.long_run_limit_m is not None and week.long_run_limit_m > 1.1 * max(recent, default=0.0) + 1:
            yield f"{week.long_run_limit_m:.0f} m."


# -- how hard --------------------------------------------------------------------------------------------------------


@_rule(
    "A rung comes only after two sessions running with 2 in reserve, 80 % clean and no pain above 2.",
    "after ACSM 2009, Med Sci Sports Exerc; Thomee 1997, Phys Ther",
)
def _earned(case: Case) -> Iterator[str]:
    for rung in case.planned_rungs:
        if rung.id in case.ever_done or rung.level <= case.first_level or rung.level < case.top_level(rung.line):
            continue
        below = [one for one in case.ever_done if ladder()[one].line == rung.line]
        if not any(ladder()[one].level >= rung.level - 2 and case.was_ready(one) for one in below):
            yield f"{rung.id} was not earned."


@_rule("One thing grows at a time: one line, and none while the long run does.", "proposal")
def _one_thing(case: Case) -> Iterator[str]:
    harder = {line for line in LINES if case.is_harder(line)}
    if len(harder) > 1:
        yield f"{' and '.join(sorted(harder))} grow together."
    if harder and case.long_run_grew_this_week:
        yield f"{' and '.join(sorted(harder))} grows in a week in which the long run did."


@_rule("Nothing grows in an easier week.", "Bell 2023, Sports Med Open")
def _easier_weeks(case: Case) -> Iterator[str]:
    for week in case.programme.weeks:
        if week.phase != "build" and week.grows in LINES:
            yield f"{week.grows} in a week of {week.phase}."


@_rule("Level 5 only after ten weeks with training.", "Eihara 2022, Sports Med Open; proposal")
def _heavy(case: Case) -> Iterator[str]:
    weeks = {day - DAY * day.weekday() for day in case.trained_days}
    for week in case.programme.weeks[:1]:
        for session in week.sessions:
            for entry in session.exercises:
                if ladder()[entry.exercise].level >= 5 and len(weeks) < 10:
                    yield f"{entry.exercise} after {len(weeks)} weeks."


@_rule("After pain above 5 the line goes a rung down.", "Thomee 1997, Phys Ther")
def _pain(case: Case) -> Iterator[str]:
    for line in LINES:
        last = case.last_day(line)
        hurt = [day for day, score in case.pains_of(line) if score > 5 and last is not None and day >= last]
        before = case.hardest(line, last) if hurt and last else None
        for rung in case.planned_rungs if before else ():
            if rung.line == line and before and before.level > 0 and (rung == before or rung.level > before.level):
                yield f"{rung.id} is planned after {before.id} hurt."


@_rule("While pain has not settled there are fewer sets.", "Thomee 1997, Phys Ther; how many: proposal")
def _fewer_sets(case: Case) -> Iterator[str]:
    soon = [session for session in case.sessions[:1] if session.day - case.today <= 7 * DAY]
    for session in soon if case.unsettled else ():
        for entry in session.exercises:
            rung = ladder()[entry.exercise]
            if rung.line in case.unsettled and entry.dose.sets > most_sets_after(rung, 5 / 6):
                yield f"{entry.exercise} has {entry.dose.sets} sets."


# -- in order --------------------------------------------------------------------------------------------------------


@_rule("Only what there is equipment for.", "proposal")
def _equipment(case: Case) -> Iterator[str]:
    for rung in case.planned_rungs:
        if not can_do(rung, case.history.profile):
            yield f"{rung.id}."


@_rule("Every session has an id of its own in its week, and none that was done.", "so that calendars stay true")
def _ids(case: Case) -> Iterator[str]:
    used = {session.planned for session in case.history.sessions if session.day <= case.today}
    names = [session.id for session in case.sessions]
    for session in case.sessions:
        year, week, _ = session.day.isocalendar()
        if names.count(session.id) > 1 or session.id in used or not session.id.startswith(f"{year}-W{week:02}-"):
            yield f"{session.id}."


# -- reading ---------------------------------------------------------------------------------------------------------


class Case:
    """A history and the plan that was made from it, as the rules read them."""

    def __init__(self, history: History, programme: Programme, today: date) -> None:
        self.history = history
        self.programme = programme
        self.today = today
        self.sessions: list[PlannedSession] = sorted(programme.sessions, key=lambda session: session.day)
        self._done: dict[date, dict[str, tuple[SetDone, ...]]] = {}
        for session in history.sessions:
            if session.day <= today:
                of_day = self._done.setdefault(session.day, {})
                for entry in session.exercises:
                    if entry.exercise in ladder() and entry.sets:
                        of_day[entry.exercise] = of_day.get(entry.exercise, ()) + entry.sets
        self.trained_days = {day for day, of_day in self._done.items() if of_day}
        self.ever_done = {name for of_day in self._done.values() for name in of_day}
        self.planned_rungs = sorted(
            {ladder()[entry.exercise] for session in self.sessions for entry in session.exercises},
            key=lambda rung: rung.id,
        )

    def weeks(self, phase: str) -> Iterator[PlannedWeek]:
        """Weeks of a phase."""
        return (week for week in self.programme.weeks if week.phase == phase)

    @cached_property
    def planned_hard_days(self) -> set[date]:
        """Days with planned work above level 1."""
        return {session.day for session in self.sessions if _is_hard(entry.exercise for entry in session.exercises)}

    @cached_property
    def hard_days(self) -> set[date]:
        """Days with work above level 1, planned or done."""
        return self.planned_hard_days | {day for day, of_day in self._done.items() if _is_hard(of_day)}

    @property
    def first_level(self) -> int:
        """Up to here it may begin."""
        return 2 if self.history.profile.experience == "regular" else 1

    def last_day(self, line: Line) -> date | None:
        """Last day on which a line was trained."""
        return max((day for day in self._done if self.hardest(line, day)), default=None)

    def hardest(self, line: Line, day: date) -> Exercise | None:
        """Hardest exercise of a line that was done on a day."""
        done = [ladder()[name] for name in self._done.get(day, ()) if ladder()[name].line == line]
        return max(done, key=_height, default=None)

    def hardest_of_late(self, line: Line) -> Exercise | None:
        """Hardest exercise of a line in the last two weeks of training."""
        last = max(self.trained_days)
        done = [self.hardest(line, day) for day in self.trained_days if last - day <= 14 * DAY]
        return max((rung for rung in done if rung), key=_height, default=None)

    def top_level(self, line: Line) -> int:
        """Highest level of a line that was ever done."""
        return max((ladder()[name].level for name in self.ever_done if ladder()[name].line == line), default=-1)

    def pains_of(self, line: Line) -> list[tuple[date, float]]:
        """Pain that concerns a line: days and scores, in order."""
        pains = [(report.day, report.score) for report in self.history.pains if line in _lines(report)]
        for session in self.history.sessions:
            told = [_lines(report) for report in self.history.pains if report.day == session.day and report.score > 2]
            concerns = set().union(*told) or {ladder()[name].line for name in self._done.get(session.day, ())}
            if session.pain is not None and line in (concerns or LINES):
                pains.append((session.day, session.pain))
        return sorted(pain for pain in pains if pain[0] <= self.today)

    def was_ready(self, exercise: str) -> bool:
        """Whether its last two sessions allowed a step up, and nothing hurt since the first of them."""
        days = sorted(day for day, of_day in self._done.items() if exercise in of_day)[-2:]
        hurt = any(score > 2 and day >= days[0] for day, score in self.pains_of(ladder()[exercise].line))
        return len(days) == 2 and not hurt and all(_allows_a_step(self._done[day][exercise]) for day in days)

    def is_harder(self, line: Line) -> bool:
        """Whether this week's plan asks for more in a line than was ever done."""
        if not any(ladder()[name].line == line for name in self.ever_done):
            return False
        return any(
            ladder()[entry.exercise].line == line and self._asks_for_more(entry)
            for week in self.programme.weeks[:1]
            for session in week.sessions
            for entry in session.exercises
        )

    def _asks_for_more(self, planned: PlannedExercise) -> bool:
        rung = ladder()[planned.exercise]
        sets = [each for of_day in self._done.values() for each in of_day.get(rung.id, ())]
        if not sets:
            top = self.top_level(rung.line)
            above = rung.level == top and any(name in self.ever_done for name in rung.easier)
            return rung.level > self.first_level and (rung.level > top or above)
        bands = [BANDS.index(each.band) for each in sets if each.band]
        loads = [each.load_kg for each in sets if each.load_kg]
        stronger = bool(planned.dose.band and bands and BANDS.index(planned.dose.band) > max(bands))
        return stronger or bool(planned.dose.load_kg and loads and planned.dose.load_kg > max(loads))

    @cached_property
    def long_run_grew_this_week(self) -> bool:
        """Whether a run of this week was longer than all of the 30 days before it."""
        monday = self.today - DAY * self.today.weekday()
        for run in self.history.runs:
            day = run.start.date()
            before = [
                other.distance_m for other in self.history.runs if timedelta(0) < day - other.start.date() <= 30 * DAY
            ]
            if monday <= day <= self.today and before and run.distance_m > 1.02 * max(before):
                return True
        return False

    @property
    def hurt_lately(self) -> bool:
        """Whether there was pain above 2 in the last two weeks, or since a line was last trained."""
        return any(
            score > 2 and (self.today - day <= 14 * DAY or day >= (self.last_day(line) or day))
            for line in LINES
            for day, score in self.pains_of(line)
        )

    @cached_property
    def unsettled(self) -> set[Line]:
        """Lines whose newest pain, of the last week, was above 2 and not settled."""
        lines = set()
        for line in LINES:
            pains = self.pains_of(line)
            day, score = pains[-1] if pains else (date.min, 0.0)
            worst = max((each for other, each in pains if other == day), default=0.0)
            if self.today - day <= 7 * DAY and worst > 2 and (score > 5 or light(self.history, day) == "red"):
                lines.add(line)
        return lines


def sets_of(session: PlannedSession) -> int:
    """How many sets a session has."""
    return sum(entry.dose.sets for entry in session.exercises)


def _names(session: PlannedSession) -> frozenset[str]:
    return frozenset(entry.exercise for entry in session.exercises)


def most_sets_after(rung: Exercise, share: float) -> int:
    """How many sets are left of three, or of those of the ladder when they are more."""
    return int(share * max(3, rung.dose.sets))


def _height(rung: Exercise) -> tuple[int, int]:
    """Level, and within it the place on the ladder."""
    return rung.level, list(ladder()).index(rung.id)


def _is_hard(exercises: Iterable[str]) -> bool:
    return any(ladder()[name].hard or ladder()[name].level > 1 for name in exercises)


def _lines(report: PainReport) -> set[Line]:
    return {"calf"} if any(word in report.where.lower() for word in CALF) else set(LINES)


def _allows_a_step(sets: Iterable[SetDone]) -> bool:
    reserves = [each.reserve for each in sets if each.reserve is not None]
    clean = [each.clean_share for each in sets if each.clean_share is not None]
    faults = [each.fault_share for each in sets if each.fault_share is not None]
    clear = bool(clean) and sum(clean) >= 0.8 * len(clean) and max(faults, default=0.0) <= 0.3
    return bool(reserves) and min(reserves) >= 2 and clear
