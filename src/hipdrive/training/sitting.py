"""Breaks from sitting: when, and what to do. Only for those who ask for them.

What is known: 228 desk workers who were reminded took about five breaks a day and had a systolic pressure lower by 1 to
3 mmHg for nine months, in a study without a control group (Mainsbridge et al., J Occup Environ Med 2018). Those who sit
for more than 7 hours and move little extend the hip by 6 deg less than those who sit little and move much
(Boukabache et al., Musculoskelet Sci Pract 2021); seen at one time, so that nobody knows what came first. No study has
shown that sitting switches the glutes off. So a break breaks up sitting, and nothing more is said of it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

import msgspec

from hipdrive.errors import HipdriveError

LEAST_EVERY_MIN: Final = 30  # minutes of sitting; proposal
MOST_EVERY_MIN: Final = 60  # proposal
MOST_A_DAY: Final = 8  # proposal; more are soon ignored: users took 5.5 a day, Mainsbridge et al. 2018
WORKDAYS: Final = (0, 1, 2, 3, 4)
SETTING: Final = "breaks"  # of the diary
MESSAGE: Final = "This breaks up sitting."


@dataclass(frozen=True)
class Idea:
    """Something to do in a break."""

    what: str
    text: str
    minutes: int


IDEAS: Final[tuple[Idea, ...]] = (
    Idea(
        "stand and walk", "Stand up and walk a round: to the window, for a glass of water, up and down the stairs.", 3
    ),
    Idea("five bridges", "Lie down and do five bridges on both legs, two seconds up and three down.", 2),
    Idea("glute squeeze", "Stand tall and squeeze your glutes for 10 seconds; three times, with a breath between.", 1),
    Idea(
        "hip flexor stretch",
        "Kneel on one knee, tuck the pelvis under and lean forward a little until the front of the hip pulls: "
        "30 seconds each side.",
        2,
    ),
)


@dataclass(frozen=True)
class SittingBreak:
    """One break.

    Attributes
    ----------
    at : time
        Local time of the runner.
    minutes : int
    what, text : str
        What to do, in short and in full.
    """

    at: time
    minutes: int
    what: str
    text: str


@dataclass(frozen=True)
class BreakSettings:
    """When breaks are wanted.

    Attributes
    ----------
    every_min : int
        Minutes of sitting before a break, 30 to 60.
    begins, ends : time
        Local times between which somebody sits and works.
    weekdays : tuple of int
        0 for Monday.
    on : bool
        Whether they are wanted at all.
    """

    every_min: int = 45
    begins: time = time(9)
    ends: time = time(17, 30)
    weekdays: tuple[int, ...] = WORKDAYS
    on: bool = False

    def __post_init__(self) -> None:
        if not LEAST_EVERY_MIN <= self.every_min <= MOST_EVERY_MIN:
            raise HipdriveError(
                f"a break every {self.every_min} minutes is not offered: take {LEAST_EVERY_MIN} to {MOST_EVERY_MIN}"
            )
        if not set(self.weekdays) <= set(range(7)):
            raise HipdriveError("the days of a week are 0 for Monday to 6 for Sunday: give those")
        if self.ends <= self.begins:
            raise HipdriveError(
                f"{self.ends:%H:%M} is not after {self.begins:%H:%M}: give a working day that ends later"
            )

    def to_text(self) -> str:
        """Text for the diary's setting `SETTING`."""
        fields = asdict(self) | {"begins": f"{self.begins:%H:%M}", "ends": f"{self.ends:%H:%M}"}
        return msgspec.json.encode(fields).decode()

    @classmethod
    def from_text(cls, text: str | None) -> BreakSettings:
        """Settings from the diary; those to begin with, off, where there is none.

        Raises
        ------
        HipdriveError
            When the text is no such setting.
        """
        if text is None:
            return cls()
        try:
            kept = msgspec.json.decode(text, type=_Kept)
            return cls(kept.every_min, time_of(kept.begins), time_of(kept.ends), tuple(kept.weekdays), kept.on)
        except msgspec.MsgspecError:
            raise HipdriveError("the kept times of breaks cannot be read: set the times of breaks again") from None


class _Kept(msgspec.Struct):
    every_min: int
    begins: str
    ends: str
    weekdays: list[int]
    on: bool


def time_of(text: str) -> time:
    """Read a time of day, "09:00".

    Raises
    ------
    HipdriveError
        When it is none.
    """
    try:
        return time.fromisoformat(text.strip()).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise HipdriveError(f"{text.strip()[:20]!r} is no time of day: give one such as 09:00") from None


def break_times(settings: BreakSettings, day: date) -> list[SittingBreak]:
    """Breaks of one day, in order; none on a day without work, or when they are switched off.

    A break follows every stretch of sitting that is as long as was asked for, and none comes shortly before the end.
    Where that makes more than there should be, they are spread evenly over the day.

    Examples
    --------
    >>> breaks = break_times(BreakSettings(60, time(9), time(12), on=True), date(2026, 11, 20))
    >>> [(f"{one.at:%H:%M}", one.what) for one in breaks]
    [('10:00', 'stand and walk'), ('11:03', 'five bridges')]
    """
    if not settings.on or day.weekday() not in settings.weekdays:
        return []
    begins, ends = (datetime.combine(day, at) for at in (settings.begins, settings.ends))
    sits_for = timedelta(minutes=settings.every_min)
    starts: list[datetime] = []
    at = begins + sits_for
    while at <= ends - sits_for / 2:
        starts.append(at)
        at += timedelta(minutes=idea_for(day, len(starts) - 1).minutes) + sits_for
    if len(starts) > MOST_A_DAY:
        starts = [begins + (ends - begins) * number / (MOST_A_DAY + 1) for number in range(1, MOST_A_DAY + 1)]
    ideas = [idea_for(day, number) for number in range(len(starts))]
    return [
        SittingBreak(start.time().replace(second=0, microsecond=0), idea.minutes, idea.what, f"{idea.text} {MESSAGE}")
        for start, idea in zip(starts, ideas, strict=True)
    ]


def idea_for(day: date, number: int) -> Idea:
    """What to do in a break of a day, the first of which has the number 0: one after the other, other ones each day."""
    return IDEAS[(day.toordinal() + number) % len(IDEAS)]
