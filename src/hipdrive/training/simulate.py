"""Simulated runners: what they can do, how they train, what hurts, and how they live with the plan from day to day.

They are there to try the plan on: on thousands of them no rule of safety may ever be broken, whatever they do. They are
no model of people; every number here is a proposal. A seed gives the same life each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final, NamedTuple

from hipdrive.training.history import (
    BANDS,
    Away,
    ExerciseDone,
    Experience,
    History,
    PainReport,
    Profile,
    Race,
    Run,
    Screening,
    Seen,
    SessionDone,
    SetDone,
    TestResult,
)
from hipdrive.training.ladder import EQUIPMENT, LINES, Dose, Exercise, Line, ladder
from hipdrive.training.load import MOST_GROWTH, monday_of
from hipdrive.training.pain import ACCEPTABLE, SAFE, screening_questions
from hipdrive.training.programme import PlannedExercise, PlannedSession, Programme, plan

DAY: Final = timedelta(days=1)
BEGINS: Final = date(2025, 9, 1)  # a Monday

ABILITY: Final[Mapping[Experience, float]] = {"new": 1.4, "some": 2.0, "regular": 3.0}  # in levels of the ladder
REPETITIONS_A_LEVEL: Final = 4.0  # that one can do more of an exercise a level lower
BAND_STEP: Final = 0.25  # levels by which the next colour is harder
LOAD_STEP: Final = 0.04  # levels for every kilogram
LOSS_A_WEEK: Final = 0.03  # levels without training
FLARE_WEEKS: Final = 60  # on average between pains out of the blue, for each of two
MAIN_FAULT: Final = 0.6  # of the repetitions that are not clean, those at fault in the weakest cue
FIRST_LOAD_KG: Final = 5.0
PLACES: Final = ("left hip", "right hip", "left knee", "right knee", "right calf", "left Achilles tendon", "")
FLAGS: Final = ("bone_spot", "rest_or_night", "limp")


@dataclass(frozen=True)
class Athlete:
    """What a simulated runner is like.

    Attributes
    ----------
    adherence : float
        Share of the planned sessions that are done.
    gain : float
        Levels won by a session that is neither too easy nor too hard.
    misjudges : float
        Repetitions in reserve that are said too many; beginners are off by 1 to 2 (Zourdos 2016, J Strength Cond Res).
    looks : float
        Share of the sessions that are filmed or judged by oneself.
    care : float
        How clean the repetitions of an exercise are at first, 0 to 1.
    frail : float
        Chance of pain in a usual session.
    obeys : float
        Share of the days on which the plan is followed; on others something else is done, or on another day.
    long_run_m : float
        At first.
    tests : float
        Share of the self tests that are done when they are due.
    """

    profile: Profile
    adherence: float
    gain: float
    misjudges: float
    looks: float
    care: float
    frail: float
    obeys: float
    long_run_m: float
    tests: float = 0.7


class Flare(NamedTuple):
    """Pain that begins on a day: how bad at first, for how many days, where, and what speaks for a red flag."""

    day: date
    peak: float
    days: int
    where: str
    flags: tuple[str, ...] = ()

    def score(self, day: date) -> float:
        """Pain on a day; it fades evenly."""
        past = (day - self.day).days
        return 0.0 if not 0 <= past < self.days else float(round(self.peak * (1 - past / self.days)))


@dataclass(frozen=True)
class Fate:
    """What happens to a simulated runner, whatever the plan says."""

    races: tuple[Race, ...] = ()
    away: tuple[Away, ...] = ()
    ill_weeks: frozenset[date] = frozenset()  # Mondays of weeks in which nothing is done, and nobody was told before
    flares: tuple[Flare, ...] = ()
    spikes: Mapping[date, float] = field(default_factory=dict)  # long runs, times what would be right, by Monday


def simulate(seed: int, weeks: int = 26) -> tuple[History, list[Programme]]:
    """Let a runner live with the plan.

    Parameters
    ----------
    seed : int
        Who it is and what happens; the same seed gives the same life.
    weeks : int

    Returns
    -------
    History, list of Programme
        All that happened, and the plans that were looked at, in order.
    """
    history, programmes = History(Profile("")), []
    for history, programme in mornings(seed, weeks):  # noqa: B007 -- the last one is meant
        programmes.append(programme)
    return history, programmes


def mornings(seed: int, weeks: int = 26) -> Iterator[tuple[History, Programme]]:
    """Mornings of a simulated life: what happened so far, and the plan that is made from it."""
    rng = Random(seed)
    yield from Life(an_athlete(rng), a_fate(rng, BEGINS, weeks), BEGINS, rng).mornings(weeks)


def an_athlete(rng: Random) -> Athlete:
    """Some runner."""
    experience: Experience = rng.choice(("new", "new", "some", "regular"))
    run_days = tuple(sorted(rng.sample(range(7), rng.choice((2, 3, 3, 4, 5)))))
    free_days = () if rng.random() < 0.4 else tuple(sorted(rng.sample(range(7), rng.randint(1, 5))))
    profile = Profile(
        "A simulated runner",
        experience=experience,
        run_days=run_days,
        key_run_days=tuple(sorted(rng.sample(run_days, rng.randint(0, 2)))),
        free_days=free_days,
        sessions_a_week=rng.choice((2, 2, 3)),
        bands=tuple(sorted(rng.sample(BANDS[:5], rng.choice((0, 1, 2, 3, 4))), key=BANDS.index)),
        equipment=tuple(thing for thing in EQUIPMENT[1:] if rng.random() < 0.5),
    )
    return Athlete(
        profile,
        adherence=rng.uniform(0.5, 1.0),
        gain=rng.uniform(0.04, 0.16),
        misjudges=rng.gauss(0.5, 1.2),
        looks=rng.choice((0.0, 0.5, 0.9, 1.0, 1.0)),
        care=rng.uniform(0.45, 0.95),
        frail=rng.choice((0.002, 0.01, 0.03)),
        obeys=rng.choice((0.8, 0.95, 1.0)),
        long_run_m=rng.uniform(5_000, 16_000),
    )


def a_fate(rng: Random, first: date, weeks: int) -> Fate:
    """Some months: races, holidays, weeks in bed, pain out of the blue, long runs that were too long."""
    days, mondays = 7 * weeks, [first + timedelta(weeks=week) for week in range(weeks)]
    races = tuple(
        Race(first + DAY * rng.randrange(days), rng.choice((5_000.0, 10_000.0, 21_097.5, 42_195.0)), "a race")
        for _ in range(rng.choice((0, 0, 1, 2)))
    )
    starts = [first + DAY * rng.randrange(days) for _ in range(rng.choice((0, 1, 2)))]
    away = tuple(Away(start, start + DAY * rng.choice((3, 9, 16, 35)), "travel") for start in starts)
    flares = tuple(
        a_flare(rng, first + DAY * rng.randrange(days), flags=(rng.choice(FLAGS),) if rng.random() < 0.15 else ())
        for _ in range(sum(rng.random() < weeks / FLARE_WEEKS for _ in range(2)))
    )
    return Fate(
        races,
        away,
        frozenset(monday for monday in mondays if rng.random() < 0.06),
        flares,
        {monday: rng.uniform(1.2, 1.8) for monday in mondays if rng.random() < 0.05},
    )


def a_flare(rng: Random, day: date, flags: tuple[str, ...] = ()) -> Flare:
    """Some pain that begins on a day."""
    return Flare(day, rng.choice((3.0, 4.0, 4.0, 5.0, 6.0, 7.0)), rng.choice((2, 4, 8, 20)), rng.choice(PLACES), flags)


# -- an example ------------------------------------------------------------------------------------------------------

EXAMPLE_WEEKS: Final = 12
EXAMPLE_SEED: Final = 5
EXAMPLE_ATHLETE: Final = Athlete(
    Profile(
        "Example runner (simulated)",
        height_m=1.72,
        mass_kg=66.0,
        sex="f",
        birth_year=1988,
        experience="new",
        run_days=(1, 3, 6),
        key_run_days=(6,),
        free_days=(0, 1, 2, 3, 4),
        sessions_a_week=2,
        hours_sat=8.0,
        bands=("yellow", "red", "green"),
        equipment=("step",),
        goals=("run 10 km without the hip telling me about it",),
    ),
    adherence=0.95,
    gain=0.1,
    misjudges=0.2,
    looks=0.9,
    care=0.62,
    frail=0.0,
    obeys=1.0,
    long_run_m=7_500.0,
    tests=0.0,
)
EXAMPLE_TEST_DAYS: Final = (0, 42, 81)
EXAMPLE_FILM_DAYS: Final = (3, 45, 80)
# value at the first and the last film, error and unit; the errors are those that hipdrive prints for a phone
EXAMPLE_RUNNING: Final[Mapping[str, tuple[float, float, float, str]]] = {
    "cadence_spm": (163.0, 169.0, 2.0, "steps/min"),
    "contact_time_s": (0.268, 0.256, 0.025, "s"),
    "overstride_leg_lengths": (0.19, 0.17, 0.03, "leg lengths"),
    "pelvic_drop_deg": (6.8, 5.6, 2.0, "deg"),
}
# share of the repetitions that are at fault in the cue when none is clean: two weak points each, the rest is small
EXAMPLE_WEAK: Final[Mapping[str, float]] = {
    "toes_lifted": 0.9,
    "slow_lower": 0.7,
    "trailing_foot_controlled": 0.9,
    "band_tension": 0.6,
}
USUALLY_WEAK: Final = 0.15


def example_history(today: date) -> History:
    """Twelve weeks of one simulated runner up to yesterday, for trying things out.

    A long run that was too long in the fourth week, a little pain in the fifth, a week in bed in the seventh, and a
    race over 10 km in the tenth.

    Parameters
    ----------
    today : date
        The day after the last day of the diary.
    """
    first = monday_of(today) - timedelta(weeks=EXAMPLE_WEEKS)
    mondays = [first + timedelta(weeks=week) for week in range(EXAMPLE_WEEKS + 1)]
    fate = Fate(
        races=(Race(mondays[9] + 6 * DAY, 10_000.0, "City run"),),
        ill_weeks=frozenset({mondays[6]}),
        flares=(Flare(mondays[4] + 3 * DAY, 4.0, 4, "left hip"),),
        spikes={mondays[3]: 1.4},
    )
    life = Life(EXAMPLE_ATHLETE, fate, first, Random(EXAMPLE_SEED))
    for _ in life.mornings(EXAMPLE_WEEKS, more_days=today.weekday()):
        pass
    tests = tuple(
        test for place, day in enumerate(EXAMPLE_TEST_DAYS) for test in _example_tests(first + DAY * day, place)
    )
    return replace(life.history, tests=tests, seen=_example_films(first, life.history))


def _example_tests(day: date, place: int) -> tuple[TestResult, ...]:
    grown = place / (len(EXAMPLE_TEST_DAYS) - 1)
    return (
        TestResult(day, "single-leg-bridge", "s", 26 + 21 * grown, 34 + 17 * grown, error=3.0),
        TestResult(day, "side-plank", "s", 27 + 14 * grown, 29 + 14 * grown, error=3.0),
    )


def _example_films(first: date, history: History) -> tuple[Seen, ...]:
    films = [
        _film_of_a_set(session.day, ladder()[entry.exercise], entry.sets[0])
        for session in history.sessions[::2]
        for entry in session.exercises[:2]
        if entry.sets[0].seen_by == "video"
    ]
    films += [_film_of_a_run(first + DAY * day, place) for place, day in enumerate(EXAMPLE_FILM_DAYS)]
    return tuple(sorted(films, key=lambda film: (film.day, film.movement, film.name)))


def _film_of_a_set(day: date, rung: Exercise, done: SetDone) -> Seen:
    """What is seen of a set: faults in the weak cues as often as it was not clean."""
    judged, unclean = int(done.amount), 1 - (done.clean_share or 0.0)
    faults = {cue: round(judged * unclean * EXAMPLE_WEAK.get(cue, USUALLY_WEAK)) for cue in rung.cues}
    shares = {cue: (judged, judged - fault - (judged - fault) // 8, fault) for cue, fault in faults.items()}
    advice = tuple(sorted((cue for cue in faults if faults[cue]), key=lambda cue: -faults[cue])[:2])
    return Seen(
        day, rung.judged_as or "", judged, shares, advice=advice, name=f"{rung.name} of {day.day} {day:%B}, simulated"
    )


def _film_of_a_run(day: date, place: int) -> Seen:
    grown = place / (len(EXAMPLE_FILM_DAYS) - 1)
    measures = {
        name: (round(before + grown * (after - before), 3), error, unit, None, None)
        for name, (before, after, error, unit) in EXAMPLE_RUNNING.items()
    }
    return Seen(day, "running", 0, measures=measures, name=f"Run of {day.day} {day:%B}, simulated")


# -- living ----------------------------------------------------------------------------------------------------------


class Life:
    """A runner from the first morning on.

    Parameters
    ----------
    athlete : Athlete
    fate : Fate
    first : date
        The first day.
    rng : Random
        What is left to chance.
    """

    def __init__(self, athlete: Athlete, fate: Fate, first: date, rng: Random) -> None:
        self.athlete = athlete
        self.fate = fate
        self.first = first
        self.rng = rng
        answers = {question.id: False for question in screening_questions()}
        self.history = History(
            athlete.profile, screenings=(Screening(first, answers),), races=fate.races, away=fate.away
        )
        level = ABILITY[athlete.profile.experience]
        self.ability: dict[Line, float] = {line: level + rng.uniform(-0.3, 0.6) for line in LINES}
        self.practice: dict[str, int] = {}
        self.flares = list(fate.flares)
        self.long_run_m = athlete.long_run_m

    def mornings(self, weeks: int, more_days: int = 0) -> Iterator[tuple[History, Programme]]:
        """Live day by day, and plan on every morning on which the runner looks: see `_looks`."""
        programme, known = None, self.history
        for number in range(7 * weeks + more_days):
            today = self.first + DAY * number
            if programme is None or self._looks(today, programme, known):
                known = self.history
                programme = plan(self.history, today)
                yield self.history, programme
            self.live(today, programme)

    def _looks(self, today: date, programme: Programme, known: History) -> bool:
        """On Mondays, when something was done or felt, when a session was left out, and when there is one today."""
        return (
            today.weekday() == 0
            or len(self.history.sessions) != len(known.sessions)
            or len(self.history.pains) != len(known.pains)
            or any(session.day in (today, today - DAY) for session in programme.sessions)
        )

    def live(self, today: date, programme: Programme) -> None:
        """One day: the run, the session, and how it feels."""
        if today.weekday() == 0:
            self._new_week()
        if not self._is_out(today):
            self._run(today)
            session = self._session_today(today, programme)
            if session is not None:
                self._train(today, session)
        self._tell_pain(today, rests=programme.stopped is not None)

    # -- running

    def _is_out(self, today: date) -> bool:
        return monday_of(today) in self.fate.ill_weeks or any(
            away.first <= today <= away.last for away in self.fate.away
        )

    def _new_week(self) -> None:
        self.ability = {line: max(0.3, level - LOSS_A_WEEK) for line, level in self.ability.items()}
        if self.rng.random() < 0.4:
            self.long_run_m *= self.rng.uniform(1.0, MOST_GROWTH)
        self.long_run_m = min(self.long_run_m, 32_000)

    def _run(self, today: date) -> None:
        hurts = max((flare.score(today) for flare in self.flares), default=0.0)
        race = next((race for race in self.fate.races if race.day == today), None)
        if race and hurts <= SAFE:
            self._add_run(today, race.distance_m)
        elif today.weekday() in self.athlete.profile.run_days and hurts <= ACCEPTABLE and self.rng.random() < 0.9:
            is_long = today.weekday() == self.athlete.profile.run_days[-1]
            spike = self.fate.spikes.get(monday_of(today), 1.0) if is_long else 1.0
            self._add_run(today, self.long_run_m * (spike if is_long else self.rng.uniform(0.4, 0.7)))
            if self.rng.random() < self.athlete.frail * (spike**4 - 1):
                self.flares.append(a_flare(self.rng, today + DAY))

    def _add_run(self, today: date, distance_m: float) -> None:
        pace_s_m = self.rng.uniform(0.32, 0.38)
        run = Run(
            datetime.combine(today, time(7), UTC),
            round(distance_m),
            round(distance_m * pace_s_m),
            source="simulated",
            fingerprint=f"simulated-{today}",
        )
        self.history = replace(self.history, runs=(*self.history.runs, run))

    # -- training

    def _session_today(self, today: date, programme: Programme) -> PlannedSession | None:
        """Session that is done today: the planned one, now and then one of another day, now and then none."""
        to_come = [session for session in programme.sessions if session.day >= today]
        planned = next((session for session in to_come if session.day == today), None)
        if self.rng.random() > self.athlete.obeys:
            return self.rng.choice(to_come[:2]) if to_come and self.rng.random() < 0.3 else None
        return planned if self.rng.random() < self.athlete.adherence else None

    def _train(self, today: date, session: PlannedSession) -> None:
        looks = self.rng.random() < self.athlete.looks
        all_of_it = self.rng.random() < 0.9
        planned = session.exercises if all_of_it else session.exercises[: self.rng.randint(1, len(session.exercises))]
        done = tuple(ExerciseDone(entry.exercise, self._sets(entry, looks)) for entry in planned)
        reserves = [each.reserve for entry in done for each in entry.sets if each.reserve is not None]
        rpe = float(max(3, min(10, round(10 - sum(reserves) / len(reserves))))) if reserves else None
        pain = self._pain_of_session(today, reserves) if self.rng.random() < 0.9 else None
        same_week = session.day.isocalendar()[:2] == today.isocalendar()[:2]
        known = session.id if same_week and self.rng.random() < 0.9 else None
        self._add_session(SessionDone(today, done, rpe, pain, known))
        if session.test and self.rng.random() < self.athlete.tests:
            self._test(today, session.test)

    def _add_session(self, session: SessionDone) -> None:
        self.history = replace(self.history, sessions=(*self.history.sessions, session))

    def _sets(self, planned: PlannedExercise, looks: bool) -> tuple[SetDone, ...]:
        rung, dose = ladder()[planned.exercise], planned.dose
        clean = self._clean(rung) if looks else None
        filmed = looks and rung.judged_as is not None
        sets = []
        for number in range(dose.sets):
            could = self._could(rung, dose, tired=0.4 * number)
            amount = max(1, min(dose.most, int(could - 2) if could >= dose.least + 2 else int(could)))
            reserve = max(0.0, could - amount) / (2.0 if dose.unit == "seconds" else 1.0)
            sets.append(
                SetDone(
                    float(amount),
                    self._said(reserve),
                    dose.load_kg or (FIRST_LOAD_KG if "weight" in rung.equipment else None),
                    dose.band,  # type: ignore[arg-type]
                    clean,
                    round(MAIN_FAULT * (1 - clean), 2) if clean is not None and filmed else None,
                    None if clean is None else "video" if filmed else "self",
                )
            )
        self._grow_stronger(rung, dose)
        return tuple(sets)

    def _could(self, rung: Exercise, dose: Dose, tired: float) -> float:
        """How many there would be, if all was given."""
        band = (BANDS.index(dose.band) if dose.band else 0) * BAND_STEP
        spare = self.ability[rung.line] - rung.level - band - LOAD_STEP * (dose.load_kg or 0.0)
        a_level = REPETITIONS_A_LEVEL * (2.0 if dose.unit == "seconds" else 1.0)
        return max(1.0, rung.dose.most + a_level * (spare + 0.5) - tired + self.rng.gauss(0.0, 0.7))

    def _said(self, reserve: float) -> float | None:
        if self.rng.random() < 0.05:
            return None
        return float(max(0, min(6, round(reserve + self.rng.gauss(self.athlete.misjudges, 0.5)))))

    def _clean(self, rung: Exercise) -> float:
        practice = self.practice[rung.id] = self.practice.get(rung.id, 0) + 1
        share = self.athlete.care + 0.08 * practice + self.rng.gauss(0.0, 0.06)
        return round(max(0.0, min(1.0, share)), 2)

    def _grow_stronger(self, rung: Exercise, dose: Dose) -> None:
        """Train most where it is neither far too easy nor too hard."""
        distance = abs(rung.level - self.ability[rung.line])
        self.ability[rung.line] += self.athlete.gain * max(0.0, 1 - distance / 2) * min(1.0, dose.sets / 3)

    def _test(self, today: date, test: str) -> None:
        line: Line = "hip" if test == "single-leg-bridge" else "lateral"
        hold_s = 15 + 12 * self.ability[line]
        left, right = (round(hold_s * self.rng.uniform(0.85, 1.1)) for _ in range(2))
        result = TestResult(today, test, "s", float(left), float(right), error=3.0)
        self.history = replace(self.history, tests=(*self.history.tests, result))

    # -- pain

    def _pain_of_session(self, today: date, reserves: list[float]) -> float:
        nothing_left = bool(reserves) and min(reserves) <= 0
        if self.rng.random() < self.athlete.frail * (4 if nothing_left else 1):
            self.flares.append(a_flare(self.rng, today))
        worst = max((flare.score(today) for flare in self.flares), default=0.0)
        return worst or float(self.rng.random() < 0.2)

    def _tell_pain(self, today: date, rests: bool) -> None:
        """Say in the diary how it feels: most days on which it hurts, and now and then when it is calm again."""
        for flare in self.flares:
            score = flare.score(today)
            begins = flare.day == today
            if begins or (score > 0 and self.rng.random() < 0.4):
                settled = None if begins else score <= SAFE
                flags = flare.flags if begins else ()
                report = PainReport(today, score, flare.where, "next_morning", settled, flags)
                self._add_pain(replace(report, when="after") if begins else report)
            if flare.flags and today == flare.day + DAY * (flare.days + 14):
                self._add_pain(PainReport(today, 0.0, flare.where, "rest", True, flare.flags, cleared=today))
        calm = not any(flare.score(today) for flare in self.flares)
        if rests and calm and self.rng.random() < 0.3:
            self._add_pain(PainReport(today, 0.0, "", "rest", True))

    def _add_pain(self, report: PainReport) -> None:
        self.history = replace(self.history, pains=(*self.history.pains, report))
