"""The words, marks and colours that every report shares.

Colour never stands alone: a word and a mark stand beside it, for those who cannot tell the colours.
"""

from __future__ import annotations

import math
from typing import Final, Literal

from hipdrive.numbers import counted, listed, range_words, side_text, value_text
from hipdrive.results import Verdict

__all__ = [
    "COLOURS",
    "MARKS",
    "SIDES",
    "SIDE_COLOURS",
    "SIDE_LETTERS",
    "SOURCE_WORDS",
    "WORDS",
    "Side",
    "bounds_text",
    "counted",
    "listed",
    "range_words",
    "side_text",
    "value_text",
]

Side = Literal["left", "right"]

WORDS: Final[dict[Verdict, str]] = {
    "good": "good",
    "check": "check",
    "fault": "fault",
    "not_judged": "not judged",
}
MARKS: Final[dict[Verdict, str]] = {"good": "✓", "check": "?", "fault": "✗", "not_judged": "–"}

# As HTML writes them. On white each has a contrast of at least 4.5 (WCAG 2 AA), as text and as a field under
# white text; the red is darker than the green, for eyes that cannot tell them by hue.
COLOURS: Final[dict[Verdict, str]] = {
    "good": "#1b7f4d",
    "check": "#a36100",
    "fault": "#b3261e",
    "not_judged": "#6b7280",
}

# The sides of the body: a blue and a reddish purple, which no verdict has and which differ for colour-blind eyes
# (Okabe and Ito); the letter always stands beside the colour. Both have a contrast of 3 or more on white and on
# the dark page, as lines need (WCAG 2).
SIDES: Final[tuple[Side, Side]] = ("left", "right")
SIDE_LETTERS: Final[dict[Side, str]] = {"left": "L", "right": "R"}
SIDE_COLOURS: Final[dict[Side, str]] = {"left": "#2f86c9", "right": "#bd5c9c"}

SOURCE_WORDS: Final[dict[str, str]] = {
    "video": "a video",
    "landmarks": "landmarks of another program",
    "mocap": "a lab file",
}


def bounds_text(bounds: tuple[float, float]) -> str:
    """Range in words.

    Examples
    --------
    >>> bounds_text((172, 186)), bounds_text((10, float("inf")))
    ('172 to 186', 'from 10')
    """
    low, high = bounds
    if math.isfinite(low) and math.isfinite(high):
        return f"{low:g} to {high:g}"
    if math.isfinite(low):
        return f"from {low:g}"
    return f"up to {high:g}" if math.isfinite(high) else "any"
