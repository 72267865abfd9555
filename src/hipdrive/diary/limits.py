"""What the diary takes: everything is checked before it is written, the same for every database."""

from __future__ import annotations

import math
import operator
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any, Final, TypeVar

import msgspec

from hipdrive.errors import HipdriveError

# Limits keep out slips of the finger and broken files. They lie outside what happens; all are proposals.
MOST_LETTERS: Final = 2_000  # of a text
MOST_NAME_LETTERS: Final = 120  # of the athlete's name
MOST_SETTING_LETTERS: Final = 1_000_000  # the calendar's memory is one setting
MOST_ENTRIES: Final = 500  # of a list within one record
MOST_RUNS: Final = 50_000  # of one import
MOST_ANALYSIS_BYTES: Final = 64_000_000
FIRST_DAY: Final = date(1900, 1, 1)
LAST_DAY: Final = date(2199, 12, 31)
MOST: Final = 1e9  # of any number that has no limit of its own

SCORE: Final = (0.0, 10.0)
SHARE: Final = (0.0, 1.0)
RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "rpe": SCORE,
    "pain": SCORE,
    "score": SCORE,
    "clean_share": SHARE,
    "fault_share": SHARE,
    "amount": (0.0, 100_000.0),
    "reserve": (0.0, 100.0),
    "load_kg": (0.0, 1_000.0),
    "error": (0.0, MOST),
    "distance_m": (0.0, 10_000_000.0),
    "duration_s": (0.0, 100 * 86_400.0),
    "ascent_m": (0.0, 1_000_000.0),
    "heart_rate_bpm": (0.0, 400.0),
    "cadence_spm": (0.0, 1_000.0),
    "height_m": (0.2, 3.0),
    "mass_kg": (1.0, 700.0),
    "birth_year": (1850, 2199),
    "hours_sat": (0.0, 24.0),
    "sessions_a_week": (0, 21),
    "run_days": (0, 6),
    "key_run_days": (0, 6),
    "free_days": (0, 6),
}

KINDS: Final[Mapping[str, str]] = {
    "Profile": "profile",
    "Screening": "screening",
    "SessionDone": "session",
    "PainReport": "pain report",
    "TestResult": "self test",
    "Run": "run",
    "Race": "race",
    "Away": "time away",
    "Seen": "analysis",
}
UNITS: Final = ("m", "s", "kg", "bpm", "spm")

Record = TypeVar("Record")


def checked(record: Record) -> Record:
    """Give a record as it can be kept: plain types, all values within their limits.

    Raises
    ------
    HipdriveError
        When something is no value of its kind, or out of range.
    """
    what = _spoken(type(record).__name__)
    try:
        plain = msgspec.to_builtins(record, builtin_types=(date, datetime), enc_hook=_plain_number)
        clean: Record = whole(msgspec.convert(plain, type(record)))
    except (msgspec.ValidationError, TypeError) as error:
        raise HipdriveError(f"this {what} cannot be kept: {error}") from None
    for name, value in _leaves(clean, ""):
        _check(what, name, value)
    return clean


def whole(value: Any) -> Any:
    """Give a record that was read with all of its fields.

    msgspec leaves fields that were not given to the class, and would leave them out when it writes the record again.
    """
    if hasattr(value, "__dataclass_fields__"):
        return type(value)(**{one.name: whole(getattr(value, one.name)) for one in fields(value)})
    if isinstance(value, Mapping):
        return {key: whole(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(whole(entry) for entry in value)
    return value


def checked_text(what: str, text: str, most: int = MOST_LETTERS) -> str:
    """Give a text that every database can hold.

    Raises
    ------
    HipdriveError
        When it is too long, or holds a NUL or half a character.
    """
    if len(text) > most:
        raise HipdriveError(f"the {what} has {len(text)} letters: shorten it to {most}")
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise HipdriveError(f"the {what} holds a character that is no text (NUL or half a character): leave it out")
    return text


def checked_name(name: str) -> str:
    """Give the name of an athlete that can be shown, asked for and typed.

    Raises
    ------
    HipdriveError
        When it is empty, too long or not to be typed.
    """
    checked_text("name", name, MOST_NAME_LETTERS)
    if not name.strip() or not name.isprintable() or name != name.strip():
        raise HipdriveError("the name needs letters that can be read and typed, with no space before or after")
    return name


def called(name: str) -> str:
    """Give the name by which athletes are told apart: however its letters are composed, without capitals."""
    return unicodedata.normalize("NFC", name.strip()).casefold()


def checked_day(day: date) -> date:
    """Give a day on which something can have happened.

    Raises
    ------
    HipdriveError
        When it is before 1900 or after 2199.
    """
    if not FIRST_DAY <= day <= LAST_DAY:
        raise HipdriveError(f"the day {day} is out of range: give one from {FIRST_DAY} to {LAST_DAY}")
    return day


def _plain_number(value: Any) -> float | int:
    """Plain numbers from those of numpy."""
    return float(value) if isinstance(value, float) else operator.index(value)


def _leaves(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Everything within a record, with the name of the field it stands in."""
    if hasattr(value, "__dataclass_fields__"):
        for one in fields(value):
            yield from _leaves(getattr(value, one.name), one.name)
    elif isinstance(value, Mapping):
        if len(value) > MOST_ENTRIES:
            raise HipdriveError(f"{_spoken(name)} has {len(value)} entries: no more than {MOST_ENTRIES} can be kept")
        for key, entry in value.items():
            yield name, key
            yield from _leaves(entry, name)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        if len(value) > MOST_ENTRIES:
            raise HipdriveError(f"{_spoken(name)} has {len(value)} entries: no more than {MOST_ENTRIES} can be kept")
        for entry in value:
            yield from _leaves(entry, name)
    else:
        yield name, value


def _check(what: str, name: str, value: Any) -> None:
    if isinstance(value, str):
        checked_text(f"{_spoken(name)} of the {what}", value)
    elif isinstance(value, datetime):
        if value.tzinfo is None:
            raise HipdriveError(f"the {_spoken(name)} of the {what} has no time zone: give it one")
        checked_day(value.date())
    elif isinstance(value, date):
        checked_day(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        least, most = RANGES.get(name, (-MOST, MOST))
        if not math.isfinite(value):
            raise HipdriveError(f"the {_spoken(name)} of the {what} is no number: leave it out when it is not known")
        if not least <= value <= most:
            raise HipdriveError(f"the {_spoken(name)} of the {what} is {value:g}: it has to be {least:g} to {most:g}")


def _spoken(name: str) -> str:
    """Words for a name in code: "PainReport" is a pain report, "load_kg" the load in kg."""
    if name in KINDS:
        return KINDS[name]
    words, _, unit = name.rpartition("_")
    return f"{words} in {unit}".replace("_", " ") if unit in UNITS and words else name.replace("_", " ")
