"""What calendar and mail say alike: a session and its exercises in words, and texts made fit to travel."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from typing import Final

from hipdrive.training.doses import dose_amount
from hipdrive.training.ladder import Exercise
from hipdrive.training.programme import PlannedExercise, PlannedSession

MOST_LETTERS: Final = 2000  # of one text; what is longer is cut
TEST_MINUTES: Final = 5.0  # a self test before a session; proposal
NOT_ADVICE: Final = "hipdrive gives training tips. It is not medical advice."

NO_LETTERS: Final = ("Cc", "Cs", "Zl", "Zp")  # Unicode: control characters, halves of letters, ends of lines


def plain(text: str, most: int = MOST_LETTERS) -> str:
    """Text on one line, without control characters and not too long.

    Examples
    --------
    >>> plain(" Mary " + chr(10) + "Bcc: all")
    'Mary Bcc: all'
    """
    shown = "".join(" " if unicodedata.category(letter) in NO_LETTERS else letter for letter in text)
    shown = " ".join(shown.split())
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def capitalised(text: str) -> str:
    """Text with a capital at its beginning; the others stay as they are."""
    return text[:1].upper() + text[1:]


def exercise_words(planned: PlannedExercise, ladder: Mapping[str, Exercise]) -> str:
    """Name and dose: "Glute bridge: 3 sets of 10 to 12 with the red band"."""
    name = ladder[planned.exercise].name if planned.exercise in ladder else planned.exercise.replace("_", " ")
    return f"{name}: {dose_amount(planned.dose)}"


def whole_minutes(session: PlannedSession) -> int:
    """How long a session takes, with its self test."""
    return math.ceil(session.minutes + (TEST_MINUTES if session.test else 0))


def test_words(session: PlannedSession) -> str | None:
    """Say which self test comes first, and how to begin it; None where there is none."""
    if session.test is None:
        return None
    test = plain(session.test)
    return f"First the self test: {test.replace('-', ' ')} (hipdrive test {test})"
