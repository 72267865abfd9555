"""The ladder of exercises: what there is, how to do it, what it asks for and what comes before and after.

The ladder is data: `ladder.toml` beside this file. A step up or down is always along `harder` and `easier`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Line = Literal["hip", "lateral", "calf"]
Unit = Literal["repetitions", "steps each way", "seconds"]

LINES: Final[tuple[Line, ...]] = ("hip", "lateral", "calf")
EQUIPMENT: Final = ("band", "bench", "step", "weight")  # "band" is there when the profile names a colour


@dataclass(frozen=True)
class Dose:
    """How much of an exercise.

    Attributes
    ----------
    sets : int
    least, most : int
        Range of one set, in `unit`.
    each_side : bool
        The set is done once for each side.
    tempo_s : tuple of float
        Raise, hold and lower, in seconds; (0, 0, 0) for a hold.
    rest_s : int
        After each set.
    reserve : tuple of int
        Repetitions that should still be possible, least and most.
    load_kg, band
        What makes it harder.
    """

    sets: int
    least: int
    most: int
    unit: Unit = "repetitions"
    each_side: bool = False
    tempo_s: tuple[float, float, float] = (2.0, 1.0, 3.0)
    rest_s: int = 60
    reserve: tuple[int, int] = (3, 4)
    load_kg: float | None = None
    band: str | None = None

    @property
    def minutes(self) -> float:
        """How long it takes, rests included, at the top of the range."""
        one = 1.0 if self.unit == "seconds" else sum(self.tempo_s)
        sides = 2 if self.each_side or self.unit == "steps each way" else 1
        return self.sets * (self.most * one * sides + self.rest_s) / 60


@dataclass(frozen=True)
class WatchExercise:
    """What a watch calls it: names of the FIT profile."""

    category: str
    name: str


@dataclass(frozen=True)
class Exercise:
    """One rung of the ladder.

    Attributes
    ----------
    id, name : str
    line : {"hip", "lateral", "calf"}
    level : int
        0 to 5; the same level of another line is about as hard.
    how : tuple of str
        Step by step, as a coach says it.
    why, source : str
        What it is good for, and who says so.
    equipment : tuple of str
        Of `EQUIPMENT`.
    dose : Dose
        To begin with.
    hard : bool
        Hard leg work, to be kept apart from key runs and races.
    judged_as : str or None
        Movement that hipdrive judges it as from a video.
    cues : tuple of str
        Cues of that movement that apply.
    easier, harder : tuple of str
        Exercises one step down and up, the usual one first.
    when_sore : str
        What to do instead, or how, when it is sore or all is new.
    watch : WatchExercise
    picture : str
        Name of the picture in `training/pictures`.
    """

    id: str
    name: str
    line: Line
    level: int
    how: tuple[str, ...]
    why: str
    source: str
    equipment: tuple[str, ...]
    dose: Dose
    hard: bool
    judged_as: str | None
    cues: tuple[str, ...]
    easier: tuple[str, ...]
    harder: tuple[str, ...]
    when_sore: str
    watch: WatchExercise
    picture: str
