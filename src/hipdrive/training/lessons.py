"""The lessons: why each cue is there, how strong the evidence for it is, and which film shows it.

What the coach says, why it matters and the limits stand with the cue itself; the rest is data, `lessons.toml` beside
this file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

import msgspec

from hipdrive.errors import HipdriveError
from hipdrive.movements import MOVEMENTS
from hipdrive.movements.cue import Cue
from hipdrive.movements.measure import Measure
from hipdrive.movements.movement import Movement

Strength = Literal["supported", "partly", "not shown", "a coach's choice"]

STRENGTHS: Final[Mapping[Strength, str]] = {
    "supported": "Studies that measured it agree with it.",
    "partly": "Part of it is shown, or mechanics speak for it, or studies do not agree.",
    "not shown": "Studies looked, and did not find it; or there are none for what is said.",
    "a coach's choice": "Good sense and experience. Nobody has measured it, or nobody has found a limit.",
}

FILE: Final = Path(__file__).with_name("lessons.toml")
FILMS: Final = Path(__file__).with_name("films")


@dataclass(frozen=True)
class Claim:
    """Something that the coach says of the muscles, and what is known of it.

    Attributes
    ----------
    words : str
    strength : str
        One of `STRENGTHS`.
    says : str
    sources : tuple of str
        Author, year and, where it is sure, journal.
    """

    words: str
    strength: Strength
    says: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Lesson:
    """What is known of a cue or a measure, and what there is to be seen.

    Attributes
    ----------
    movement, id : str
    strength : str
        One of `STRENGTHS`.
    says : str
    sources : tuple of str
    film, right : str
        Films of the fault and of the movement done right, seen by the same camera; empty where there is none.
    shows : {"too_low", "too_high"}
        What the film of the fault shows.
    no_film : str
        Why there is none.
    """

    movement: str
    id: str
    strength: Strength
    says: str
    sources: tuple[str, ...]
    film: str = ""
    right: str = ""
    shows: Literal["too_low", "too_high"] = "too_low"
    no_film: str = ""


def claims() -> tuple[Claim, ...]:
    """What the coach says of the muscles."""
    return _all()[0]


def lessons() -> Mapping[tuple[str, str], Lesson]:
    """Lessons by movement and cue or measure, in the order in which the movement has them."""
    return _all()[1]


def looked_at(movement: Movement) -> tuple[Cue | Measure, ...]:
    """Everything that is judged or measured of a movement."""
    return (*movement.cues, *movement.measures)


def film_path(name: str) -> Path:
    """File of a film."""
    return FILMS / f"{name}.mp4"


@cache
def _all() -> tuple[tuple[Claim, ...], Mapping[tuple[str, str], Lesson]]:
    table = tomllib.loads(FILE.read_text(encoding="utf-8"))
    try:
        said = msgspec.convert(table.pop("claims"), tuple[Claim, ...])
        known: dict[tuple[str, str], Lesson] = {
            (movement.id, item.id): _lesson(movement.id, item.id, table[movement.id].pop(item.id))
            for movement in MOVEMENTS.values()
            for item in looked_at(movement)
        }
    except KeyError as error:
        raise _broken(f"there is nothing about {error.args[0]}") from None
    except msgspec.ValidationError as error:
        raise _broken(str(error)) from None
    left = [name for names in table.values() for name in names]
    if left:
        raise _broken(f"there is no cue or measure {', '.join(sorted(left))}")
    return said, MappingProxyType(known)


def _lesson(movement: str, cue: str, table: dict[str, Any]) -> Lesson:
    if table.get("no_film"):
        seen = {"film": "", "right": ""}
    else:
        seen = {"film": f"{movement}-{table.get('film', cue)}", "right": f"{movement}-{table['right']}"}
    return msgspec.convert({**table, "movement": movement, "id": cue, **seen}, Lesson)


def _broken(what: str) -> HipdriveError:
    return HipdriveError(f"{FILE.name}: {what}: install hipdrive again")
