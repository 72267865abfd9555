"""What to type. Words of hipdrive say what to do, for its pages have buttons; the terminal adds the command to them."""

from __future__ import annotations

import re
from typing import Final

TYPED: Final = {
    "enter the day": "hipdrive pain --cleared DAY",
    "a few questions about your health come first": "hipdrive screen",
    "begin with your profile": "hipdrive me",
    "begin with the first session of the plan": "hipdrive plan",
    "set the times of breaks again": "hipdrive breaks --on",
    "the ladder lists them all": "hipdrive ladder",
    "erase it again": "hipdrive data erase",
    "film it, and have the film looked at": "hipdrive analyse",
    "it can be entered by hand": "hipdrive runs add",
    "say how much slower it plays": "--slow-motion",
    "name the movement": "--movement",
    "say how tall you are": "--height",
    "say how many frames a second it has": "--rate",
    "leave out the exercise": "--exercise",
    "look at your diary anew": "hipdrive diary",
}
_KNOWN: Final = re.compile("|".join(map(re.escape, TYPED)), re.IGNORECASE)


def in_terminal(text: str) -> str:
    """Add to a text what to type for that which it says to do.

    Examples
    --------
    >>> in_terminal("the diary is empty: begin with your profile")
    'the diary is empty: begin with your profile (hipdrive me)'
    """
    return _KNOWN.sub(lambda found: f"{found[0]} ({TYPED[found[0].lower()]})", text)
