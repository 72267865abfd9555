"""How numbers are written: with as many digits as their error allows, and words beside them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

MISSING: Final = "–"
NO_ERROR_DIGITS: Final = 3  # of a value whose error is not known
MOST_PLACES: Final = 3  # analysis.json holds no more


def value_text(value: float | None, unit: str, error: float | None = None) -> str:
    """Write a measured value with as many digits as its error allows.

    The error keeps one digit, or two where it begins with 1; the value ends at the same place.

    Parameters
    ----------
    value : float or None
        None, or no finite number, becomes a dash.
    unit : str
        Empty for a bare number.
    error : float or None
        One standard deviation; left out of the text when it is not known.

    Examples
    --------
    >>> value_text(173.62, "deg", 6.0)
    '174 ± 6 deg'
    >>> value_text(1.08, "s", 0.2)
    '1.1 ± 0.2 s'
    >>> value_text(0.518, "leg lengths", 0.03)
    '0.52 ± 0.03 leg lengths'
    >>> value_text(174.2, "deg")
    '174 deg'
    >>> value_text(None, "deg")
    '–'
    """
    if value is None or not math.isfinite(value):
        return MISSING
    if error is None or not math.isfinite(error) or error <= 0:
        number = _rounded(value, min(max(NO_ERROR_DIGITS - 1 - _exponent(value), 0), MOST_PLACES))
    else:
        places = _places(error)
        number = f"{_rounded(value, places)} ± {_rounded(error, places)}"
    return f"{number} {unit}".rstrip()


def range_words(value: float, unit: str, error: float) -> str:
    """Write a value that is known only roughly as a range: one error below it to one error above.

    Examples
    --------
    >>> range_words(0.241, "s", 0.03)
    '0.21 to 0.27 s'
    """
    places = _places(error)
    return f"{_rounded(value - error, places)} to {_rounded(value + error, places)} {unit}".rstrip()


def side_text(value: float | None, error: float | None) -> str:
    """Write the value of one side, as fine as the error allows, without the error.

    Examples
    --------
    >>> side_text(23.41, 6.0), side_text(None, 6.0)
    ('23', '–')
    """
    return value_text(value, "", error).partition(" ± ")[0]


def counted(number: int, word: str) -> str:
    """Number with its word in the singular or plural.

    Examples
    --------
    >>> counted(1, "step"), counted(4, "step")
    ('1 step', '4 steps')
    """
    return f"{number} {word}{'' if number == 1 else 's'}"


def listed(words: Sequence[str]) -> str:
    """Join words as one says them.

    Examples
    --------
    >>> listed(["--mass"]), listed(["--mass", "--sex", "--age"])
    ('--mass', '--mass, --sex and --age')
    """
    return " and ".join([*filter(None, [", ".join(words[:-1])]), *words[-1:]])


def _places(error: float) -> int:
    """Decimal places worth writing; negative for tens and hundreds."""
    exponent = _exponent(error)
    begins_with_1 = round(error, 1 - exponent) < 2 * 10.0**exponent
    return 1 - exponent if begins_with_1 else -exponent


def _exponent(value: float) -> int:
    """Power of ten of the first digit."""
    return int(f"{abs(value):e}".partition("e")[2])


def _rounded(value: float, places: int) -> str:
    text = f"{round(value, places):.{max(places, 0)}f}"
    return text.removeprefix("-") if float(text) == 0 else text
