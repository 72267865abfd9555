"""Markers of one trial as a lab measured them, before anything is known about the body they are on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from hipdrive.errors import HipdriveError
from hipdrive.motion.rigid import largest

Axis = Literal["+x", "-x", "+y", "-y", "+z", "-z"]

METRES: Final[dict[str, float]] = {"mm": 0.001, "cm": 0.01, "dm": 0.1, "m": 1.0, "in": 0.0254, "ft": 0.3048}
"""Units that marker files use, in metres."""

MOST_MARKERS: Final = 2_000
MOST_FRAMES: Final = 20_000_000
FARTHEST_M: Final = 2_000.0  # nobody measures markers over more than that; the unit is wrong then


@dataclass(frozen=True, eq=False)
class Trial:
    """Markers over time, in the axes of the lab.

    Attributes
    ----------
    names : tuple of str
        One for every marker, each different.
    time_s : ndarray, shape (n_frames,)
        Rising.
    position_m : ndarray, shape (n_frames, n_markers, 3)
        NaN where a marker was not seen.
    rate_hz : float
    up : str or None
        The axis that the file says points up, such as ``"+z"``.
    notes : tuple of str
        What was odd about the file.
    """

    names: tuple[str, ...]
    time_s: NDArray[np.float64]
    position_m: NDArray[np.float64]
    rate_hz: float
    up: Axis | None = None
    notes: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        """Path of a marker [m], shape (n_frames, 3)."""
        return self.position_m[:, self.names.index(name)]


def metres_per(unit: str, name: str) -> float:
    """Length of a unit in metres.

    Raises
    ------
    HipdriveError
        When it is no unit of length.
    """
    try:
        return METRES[unit.strip().lower()]
    except KeyError:
        raise HipdriveError(
            f"{name} gives positions in {unit.strip()[:20]!r}: the unit must be one of {', '.join(METRES)}"
        ) from None


def unique_names(names: Sequence[str]) -> tuple[str, ...]:
    """Number names that occur more than once, and name those that have none.

    Examples
    --------
    >>> unique_names(["heel", "toe", "heel", ""])
    ('heel', 'toe', 'heel_2', 'marker_4')
    """
    taken: set[str] = set()
    unique = []
    for number, given in enumerate(names, start=1):
        wanted = name = given or f"marker_{number}"
        again = 2
        while name in taken:
            name, again = f"{wanted}_{again}", again + 1
        taken.add(name)
        unique.append(name)
    return tuple(unique)


def check_size(n_markers: int, n_frames: int, name: str) -> None:
    """Refuse counts that no lab has.

    Raises
    ------
    HipdriveError
    """
    if not 0 < n_markers <= MOST_MARKERS:
        raise HipdriveError(f"{name} has {n_markers} markers; between 1 and {MOST_MARKERS} can be read")
    if not 0 < n_frames <= MOST_FRAMES:
        raise HipdriveError(f"{name} has {n_frames} frames; between 1 and {MOST_FRAMES} can be read")


def check_distance(position_m: NDArray[np.float64], name: str) -> None:
    """Refuse positions that no lab is large enough for.

    Raises
    ------
    HipdriveError
    """
    farthest_m = largest(position_m)
    if farthest_m > FARTHEST_M:
        raise HipdriveError(f"{name} has a marker {farthest_m / 1000:.3g} km away: the unit in its header is wrong")
