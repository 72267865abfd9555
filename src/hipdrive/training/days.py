"""Which days of a week are good for strength: not before key runs and races, not one hard day after the other."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations, pairwise
from typing import Final

from hipdrive.training.history import WEEKDAYS, History, Profile
from hipdrive.training.ladder import ladder
from hipdrive.training.pain import light
from hipdrive.training.progression import easy_days

DAY: Final = timedelta(days=1)

# Strength before running raised the cost of running on the day after (Doma & Deakin 2013, Appl Physiol Nutr Metab); how
# many days are kept free is a proposal.
DAYS_BEFORE_KEY_RUN: Final = 1
DAYS_BEFORE_RACE: Final = 2
LIGHT_LEVEL: Final = 1  # up to here it may be done on any day; proposal


@dataclass(frozen=True)
class Chosen:
    """A day for a session.

    Attributes
    ----------
    light : bool
        Only light exercises.
    why : str
    """

    day: date
    light: bool
    why: str


class Days:
    """What is known about the days of one runner.

    Parameters
    ----------
    history : History
        Up to today.
    today : date
    """

    def __init__(self, history: History, today: date) -> None:
        self.profile: Profile = history.profile
        self.today = today
        self._away = history.away
        self._races = sorted(history.races, key=lambda race: (race.day, race.distance_m))
        self.done = {session.day for session in history.sessions}
        self.demanding = {
            session.day
            for session in history.sessions
            if any(_demanding(entry.exercise) for entry in session.exercises)
        }
        free = history.profile.free_days
        self._weekend_only = len(free) == 2 and abs(free[0] - free[1]) in (1, 6)
        self._sore_today = light(history, today) == "red"

    def open(self, monday: date) -> list[date]:
        """Days of a week, from today on, on which a session can be."""
        return [day for day in (monday + DAY * number for number in range(7)) if self._is_open(day)]

    def _is_open(self, day: date) -> bool:
        free = self.profile.free_days
        return not (
            day < self.today
            or (day == self.today and self._sore_today)
            or day in self.done
            or (free and day.weekday() not in free)
            or any(away.first <= day <= away.last for away in self._away)
            or any(race.day == day for race in self._races)
        )

    def spared(self, day: date) -> str | None:
        """Why there is no hard work on a day; None when there may be."""
        for race in self._races:
            if timedelta(0) < race.day - day <= DAY * DAYS_BEFORE_RACE:
                return f"light, as {_name(race.name)} is near"
            if timedelta(0) <= day - race.day <= DAY * easy_days(race.distance_m):
                return f"light, as {_name(race.name)} was hard enough"
        tomorrow = day + DAY * DAYS_BEFORE_KEY_RUN
        if tomorrow.weekday() in self.profile.key_run_days:
            return f"light, as {WEEKDAYS[tomorrow.weekday()]} has a key run"
        return None

    def choose(self, monday: date, number: int, planned: Collection[Chosen], demanding: bool) -> list[Chosen]:
        """Choose the days of a week.

        As many sessions as are wanted, as few of them light as can be, and as far apart as can be; then days with a
        run, so that other days stay free, and then the earlier ones.

        Parameters
        ----------
        monday : date
        number : int
            How many sessions are wanted.
        planned : collection of Chosen
            What was planned for the weeks before.
        demanding : bool
            Full sessions hold more than light exercises.
        """
        full_days = self.demanding | {one.day for one in planned if not one.light}
        taken = self.done | {one.day for one in planned}
        ways = [
            self._lay_out(days, full_days, demanding)
            for size in range(min(number, 7) + 1)
            for days in combinations(self.open(monday), size)
        ]
        apart = [way for way in ways if self._is_apart(way, taken, full_days if demanding else None)]
        return max(apart, key=lambda way: self._merit(way, taken))

    def _lay_out(self, days: Sequence[date], full_days: Collection[date], demanding: bool) -> list[Chosen]:
        way: list[Chosen] = []
        full = set(full_days)
        for day in days:
            spared = self.spared(day) if demanding else None
            if spared is None and demanding and {day - DAY, day + DAY} & full:
                spared = "light, as the day beside it is a hard one"
            if demanding and spared is None:
                full.add(day)
            way.append(Chosen(day, spared is not None, self._why(day, spared)))
        return way

    def _why(self, day: date, spared: str | None) -> str:
        run = "on the day of a run, so that other days stay free" if day.weekday() in self.profile.run_days else ""
        return spared or run or "a free day"

    def _is_apart(self, way: Sequence[Chosen], taken: Collection[date], full_days: Collection[date] | None) -> bool:
        """Whether no two sessions are on days running; where no other days are free two may be, if one is light.

        `full_days` are those that are not light; None where every session is.
        """
        days = set(taken) | {one.day for one in way}
        if not self._weekend_only:
            return not any({one.day - DAY, one.day + DAY} & days for one in way)
        if any({one.day + DAY * (shift + each) for each in range(3)} <= days for one in way for shift in (-2, -1, 0)):
            return False
        if full_days is None:
            return True
        full = set(full_days) | {one.day for one in way if not one.light}
        return not any({one.day - DAY, one.day + DAY} & full for one in way if not one.light)

    def _merit(self, way: Sequence[Chosen], taken: Collection[date]) -> tuple[float, ...]:
        days = sorted({one.day for one in way} | {day for day in taken if way and abs((day - way[0].day).days) <= 7})
        gaps = [(after - before).days for before, after in pairwise(days)]
        return (
            len(way),
            sum(not one.light for one in way),
            -sum(gap == 1 for gap in gaps),
            -sum(gap == 2 for gap in gaps) if self.profile.sessions_a_week <= 2 else 0,
            sum(one.day.weekday() in self.profile.run_days for one in way),
            -sum(one.day.toordinal() for one in way),
        )


def _demanding(exercise: str) -> bool:
    rung = ladder().get(exercise)
    return rung is not None and (rung.hard or rung.level > LIGHT_LEVEL)


def _name(race: str) -> str:
    return race or "the race"
