"""The ladder of exercises: what there is, how to do it, what it asks for and what comes before and after.

The ladder is data: `ladder.toml` beside this file. A step up or down is always along `harder` and `easier`.
"""

from __future__ import annotations

import dataclasses
import difflib
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

import msgspec

from hipdrive.errors import HipdriveError
from hipdrive.training.history import BANDS, Profile

Line = Literal["hip", "lateral", "calf"]
Unit = Literal["repetitions", "steps each way", "seconds"]

LINES: Final[tuple[Line, ...]] = ("hip", "lateral", "calf")
LINE_NAMES: Final[Mapping[Line, str]] = {"hip": "hip extension", "lateral": "glutes at the side", "calf": "calf"}
EQUIPMENT: Final = ("band", "bench", "step", "weight")  # "band" is there when the profile names a colour
TOP_LEVEL: Final = 5
HARD_FROM_LEVEL: Final = 3  # hard leg work, to be kept a day or two from key runs; proposal

# Where rungs are passed over because something is missing, the next one may be this many levels up; proposal.
MOST_LEVELS_UP: Final = 2

FILE: Final = Path(__file__).with_name("ladder.toml")
PICTURES: Final = Path(__file__).with_name("pictures")


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
    without_floor : str
        What to do where getting down to the floor is hard.
    video : str
        What hipdrive sees of it in a video, or why nothing.
    colours : int
        Bands of different colours that it takes, where it takes a band.
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
    without_floor: str = ""
    video: str = ""
    colours: int = 1


@dataclass(frozen=True)
class Move:
    """A step along the ladder.

    Attributes
    ----------
    exercise : str or None
        Where it leads; None where there is nothing to go to.
    why : str
        A sentence.
    """

    exercise: str | None
    why: str


# -- asking -------------------------------------------------------------------------------------------------------


@cache
def ladder() -> Mapping[str, Exercise]:
    """All exercises by id, line by line, the lowest first."""
    return read_ladder(FILE.read_text(encoding="utf-8"))


def of_line(line: Line) -> tuple[Exercise, ...]:
    """Exercises of a line, the lowest level first."""
    return tuple(sorted((one for one in ladder().values() if one.line == line), key=lambda one: one.level))


def exercise_named(text: str) -> Exercise:
    """Exercise by its id or its name, however it is written.

    Raises
    ------
    HipdriveError
        When there is none; the message lists those that are written alike.

    Examples
    --------
    >>> exercise_named("Single-leg bridge").id
    'single_leg_bridge'
    """
    by_word = {word: one for one in ladder().values() for word in (one.id, _plain(one.name))}
    wanted = _plain(text)
    if wanted in by_word:
        return by_word[wanted]
    alike = [by_word[word].id for word in difflib.get_close_matches(wanted, by_word, n=6, cutoff=0.5)]
    alike += [one.id for one in ladder().values() if len(wanted) > 2 and wanted in one.id]
    cure = f"did you mean {', '.join(dict.fromkeys(alike))}?" if alike else "the ladder lists them all"
    raise HipdriveError(f"{text[:40]!r} is no exercise of the ladder: {cure}")


def picture_path(exercise: Exercise) -> Path:
    """Where the picture of an exercise is."""
    return PICTURES / exercise.picture


def missing(exercise: Exercise, equipment: Collection[str], bands: Collection[str]) -> tuple[str, ...]:
    """What it takes and is not there, in words.

    Parameters
    ----------
    exercise : Exercise
    equipment : collection of str
        What is there, of `EQUIPMENT`; a band is there when there is a colour.
    bands : collection of str
        Colours that are there.

    Examples
    --------
    >>> missing(ladder()["strong_band_walk"], (), ("red",))
    ('a second, stronger band',)
    """
    lacking = []
    for thing in exercise.equipment:
        if thing != "band" and thing not in equipment:
            lacking.append(f"a {thing}")
        elif thing == "band" and len(set(bands)) < exercise.colours:
            lacking.append("a second, stronger band" if bands else _needs_words(exercise, thing))
    return tuple(lacking)


def needs(exercise: Exercise) -> tuple[str, ...]:
    """What it takes, in words."""
    return tuple(_needs_words(exercise, thing) for thing in exercise.equipment)


def can_do(exercise: Exercise, profile: Profile) -> bool:
    """Whether a runner has what it takes."""
    return not missing(exercise, profile.equipment, profile.bands)


def next_up(exercise: str, equipment: Collection[str] = EQUIPMENT, bands: Collection[str] = BANDS) -> Move:
    """Next exercise up the ladder that can be done with what is there.

    Of the exercises one step up the usual one comes first. Where none of them can be done, the nearest beyond them is
    taken, at most two levels up.

    Parameters
    ----------
    exercise : str
    equipment, bands : collection of str
        What is there.
    """
    here = ladder()[exercise]
    if not here.harder:
        return Move(None, f"{here.name} is the top of its line: from here on only its dose grows.")
    highest = max(here.level + MOST_LEVELS_UP, *(ladder()[name].level for name in here.harder))
    found, passed = _nearest(here.harder, lambda one: one.harder, equipment, bands, highest)
    lacks = _lacks_words(here.harder, equipment, bands)
    if found is None:
        return Move(None, f"Nothing above {here.name} can be done yet: {lacks}. Until then, do more of it.")
    if not passed:
        return Move(found.id, f"{found.name} is next after {here.name}.")
    level = min(one.level for one in passed)
    if found.level > level:
        return Move(found.id, f"Nothing of level {level} can be done: {lacks}. {found.name} is next.")
    return Move(found.id, f"{found.name} is next: {lacks}.")


def next_down(exercise: str, equipment: Collection[str] = EQUIPMENT, bands: Collection[str] = BANDS) -> Move:
    """Next exercise down the ladder that can be done with what is there.

    Parameters
    ----------
    exercise : str
    equipment, bands : collection of str
        What is there.
    """
    here = ladder()[exercise]
    found, passed = _nearest(here.easier, lambda one: one.easier, equipment, bands, TOP_LEVEL)
    if found is None:
        return Move(None, f"There is nothing easier than {here.name}: do less of it, or rest.")
    if not passed:
        return Move(found.id, f"{found.name} is one step below {here.name}.")
    return Move(found.id, f"{found.name} is next: {_lacks_words(here.easier, equipment, bands)}.")


def _plain(text: str) -> str:
    return "_".join("".join(letter if letter.isalnum() else " " for letter in text.lower()).split())


def _needs_words(exercise: Exercise, thing: str) -> str:
    return "two bands of different colours" if thing == "band" and exercise.colours > 1 else f"a {thing}"


def _nearest(
    names: Collection[str],
    follow: Callable[[Exercise], Collection[str]],
    equipment: Collection[str],
    bands: Collection[str],
    highest: int,
) -> tuple[Exercise | None, list[Exercise]]:
    """Nearest exercise that can be done, and those that were passed over on the way to it."""
    passed: list[Exercise] = []
    waiting = list(names)
    while waiting:
        one = ladder()[waiting.pop(0)]
        if one in passed or one.level > highest:
            continue
        if not missing(one, equipment, bands):
            return one, passed
        passed.append(one)
        waiting += follow(one)
    return None, passed


def _lacks_words(names: Collection[str], equipment: Collection[str], bands: Collection[str]) -> str:
    lacks = {ladder()[name].name: missing(ladder()[name], equipment, bands) for name in names}
    return ", ".join(f"{name} needs {' and '.join(things)}" for name, things in lacks.items() if things)


# -- reading ------------------------------------------------------------------------------------------------------


def read_ladder(text: str) -> Mapping[str, Exercise]:
    """Read a ladder and check that it is whole.

    Parameters
    ----------
    text : str
        As in ladder.toml.

    Raises
    ------
    HipdriveError
        When something is wrong; the message says in which exercise, and what.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise HipdriveError(f"the ladder cannot be read: {error}") from None
    rungs = MappingProxyType({name: _read_exercise(name, table) for name, table in tables.items()})
    faults = [(exercise.id, wrong) for exercise in rungs.values() for wrong in _wrong_in_itself(exercise)]
    faults += [(exercise.id, wrong) for exercise in rungs.values() for wrong in _wrong_steps(exercise, rungs)]
    if faults:
        raise _broken(*faults[0])
    try:
        TopologicalSorter({one.id: one.easier for one in rungs.values()}).prepare()
    except CycleError as error:
        raise _broken(error.args[1][0], "its way up comes back to itself") from None
    return rungs


def _read_exercise(name: str, table: Any) -> Exercise:
    if not isinstance(table, dict):
        raise _broken(name, "it is no table")
    for fields, given in ((Exercise, table), (Dose, table.get("dose", {})), (WatchExercise, table.get("watch", {}))):
        unknown = set(given) - {field.name for field in dataclasses.fields(fields)}
        if unknown:
            raise _broken(name, f"{', '.join(sorted(unknown))} is nothing that the ladder knows")
    try:
        return msgspec.convert({"id": name, "picture": f"{name}.webp", "judged_as": None, **table}, Exercise)
    except msgspec.ValidationError as error:
        raise _broken(name, str(error)) from None


def _wrong_in_itself(exercise: Exercise) -> list[str]:
    dose = exercise.dose
    texts = (exercise.name, *exercise.how, exercise.why, exercise.source, exercise.when_sore, exercise.video)
    checks = {
        f"level {exercise.level} is not from 0 to {TOP_LEVEL}": 0 <= exercise.level <= TOP_LEVEL,
        "it needs 3 to 6 steps": 3 <= len(exercise.how) <= 6,
        "a text is empty": all(text.strip() for text in (*texts, exercise.without_floor)),
        f"equipment has to be of {', '.join(EQUIPMENT)}": set(exercise.equipment) <= set(EQUIPMENT),
        "it takes several colours, but no band": exercise.colours == 1 or "band" in exercise.equipment,
        "a dose needs sets, and a range from least to most": dose.sets >= 1 and 1 <= dose.least <= dose.most,
        "a hold has no tempo, and everything else needs one": (dose.unit == "seconds") == (sum(dose.tempo_s) == 0),
        "a time is negative": min(*dose.tempo_s, dose.rest_s) >= 0,
        "the reserve has to go from least to most": 0 <= dose.reserve[0] <= dose.reserve[1],
        "cues and the movement that they belong to come together": bool(exercise.cues)
        == (exercise.judged_as is not None),
    }
    return [words for words, holds in checks.items() if not holds]


def _wrong_steps(exercise: Exercise, rungs: Mapping[str, Exercise]) -> list[str]:
    """What is wrong with the steps from an exercise to others."""
    wrong = [f"there is no {name}" for name in (*exercise.easier, *exercise.harder) if name not in rungs]
    if wrong:
        return wrong
    levels = sorted({one.level for one in rungs.values() if one.line == exercise.line and one.level > exercise.level})
    if exercise.level > 0 and not exercise.easier:
        wrong.append("it has nothing easier")
    for above in (rungs[name] for name in exercise.harder):
        if exercise.id not in above.easier:
            wrong.append(f"{above.id} is harder, but does not name it as easier")
        if above.line != exercise.line:
            wrong.append(f"{above.id} is of another line")
        if above.level < exercise.level:
            wrong.append(f"{above.id} is harder, but of a lower level")
    wrong += [
        f"{name} is easier, but does not name it as harder"
        for name in exercise.easier
        if exercise.id not in rungs[name].harder
    ]
    if exercise.harder and levels and rungs[exercise.harder[0]].level > levels[0]:
        wrong.append(f"its usual step up passes over level {levels[0]}")
    return wrong


def _broken(name: str, what: str) -> HipdriveError:
    return HipdriveError(f"the ladder is broken at {name}: {what}")
