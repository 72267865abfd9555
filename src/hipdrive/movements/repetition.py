"""Counting repetitions and finding their phases.

Counting is relative to the athlete's own range; how good a repetition is, is none of its business. A turn counts
only when the movement has come back by a set share of the range, so trembling and small dips are not counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

TURN_SHARE: Final = 0.2  # of the range: the lowest fifth of a full bridge still counts, trembling does not
AT_REST_SHARE: Final = 0.2  # the ends of a clip count as the floor when they are this near to it
# Where a phase begins is hard to see: hips creep at the top and, in the landmarks, stick in the last centimetres over
# the floor. The middle of the way is clear, so the ends are told from where a smooth reach (minimum jerk: Flash
# & Hogan, J Neurosci 1985) that passes these two shares of the way at the times seen begins and ends.
LOW, HIGH = 0.40, 0.75
TIME_AT_LOW, TIME_AT_HIGH = 0.4463, 0.6406  # of the whole time of the reach


@dataclass(frozen=True)
class Repetition:
    """Up and down again.

    Attributes
    ----------
    start_s : float
        Leaves the bottom.
    top_start_s, top_end_s : float
        Reaches and leaves the top.
    end_s : float
        Is back at the bottom.
    complete : bool
        Whether the clip shows it from bottom to bottom.
    has_raise, has_lower : bool
        Whether the clip shows the way up, the way down.
    """

    start_s: float
    top_start_s: float
    top_end_s: float
    end_s: float
    complete: bool
    has_raise: bool = True
    has_lower: bool = True


def find_repetitions(height: Array, time_s: Array, least_range: float, floor_pct: float = 1) -> list[Repetition]:
    """Find the repetitions of a movement that goes up and down.

    Parameters
    ----------
    height : ndarray, shape (n,)
        Smooth; NaN where the athlete is not in position.
    time_s : ndarray, shape (n,)
    least_range : float
        A range under this, in the unit of height, is no movement.
    floor_pct : float
        The floor is as high as this percentage of all frames, or lower; less than one where the top is held for long.

    Returns
    -------
    list of Repetition
        In order of time; incomplete ones at the ends of the clip are marked.
    """
    seen = np.isfinite(height)
    if seen.sum() < 5:
        return []
    height, time_s = height[seen], time_s[seen]
    floor, ceiling = np.percentile(height, floor_pct), np.percentile(height, 99.5)
    if ceiling - floor < least_range:
        return []
    turns = _turns(height, TURN_SHARE * (ceiling - floor))
    at_rest = floor + AT_REST_SHARE * (ceiling - floor)
    repetitions = []
    for i, (top, is_top) in enumerate(turns):
        if not is_top:
            continue
        before = turns[i - 1][0] if i else None
        after = turns[i + 1][0] if i + 1 < len(turns) else None
        inner_before = i - 1 > 0
        inner_after = i + 1 < len(turns) - 1
        starts_low = before is not None and (inner_before or height[before] <= at_rest)
        ends_low = after is not None and (inner_after or height[after] <= at_rest)
        repetitions.append(_with_phases(height, time_s, before, top, after, bool(starts_low and ends_low)))
    return repetitions


def _turns(height: Array, least: float) -> list[tuple[int, bool]]:
    """Alternating bottoms and tops as (index, is top), a turn being a way back of at least `least`."""
    turns: list[tuple[int, bool]] = []
    low = high = 0
    rising: bool | None = None
    for i, h in enumerate(height):
        if h > height[high]:
            high = i
        if h < height[low]:
            low = i
        if rising is not False and h < height[high] - least:
            if rising is None:
                # the first thing seen is a way down; what came before it is a top, or a rise to one
                before = int(np.argmin(height[: high + 1]))
                if height[high] - height[before] >= least:
                    turns.append((before, False))
            turns.append((high, True))
            rising, low = False, i
        elif rising is not True and h > height[low] + least:
            turns.append((low, False))
            rising, high = True, i
    if rising is True:
        turns.append((high, True))
    elif rising is False:
        turns.append((low, False))
    return turns


def _with_phases(
    height: Array, time_s: Array, before: int | None, top: int, after: int | None, complete: bool
) -> Repetition:
    first, last = 0 if before is None else before, len(height) - 1 if after is None else after
    start_s = top_start_s = float(time_s[first])
    top_end_s = end_s = float(time_s[last])
    if before is not None:
        up = slice(before, top + 1)
        start_s, top_start_s = _reach(height[up], time_s[up])
    if after is not None:
        down = slice(top, after + 1)  # a rise, looked at backwards
        end_s, top_end_s = (-t for t in _reach(height[down][::-1], -time_s[down][::-1]))
    middle_s = (top_start_s + top_end_s) / 2
    if top_end_s < top_start_s:  # turned round at once: two smooth reaches overlap
        top_start_s = top_end_s = middle_s
    return Repetition(
        start_s,
        top_start_s,
        top_end_s,
        end_s,
        complete,
        has_raise=before is not None,
        has_lower=after is not None,
    )


def _reach(height: Array, time_s: Array) -> tuple[float, float]:
    """When a rise from the first to the last height begins and ends."""
    low, high = (height[0] + share * (height[-1] - height[0]) for share in (LOW, HIGH))
    above = int(np.argmax(height >= high))
    below = int(np.flatnonzero(height[: above + 1] <= low)[-1])
    low_s, high_s = _crossing_s(height, time_s, below, low), _crossing_s(height, time_s, above - 1, high)
    length_s = (high_s - low_s) / (TIME_AT_HIGH - TIME_AT_LOW)
    begin_s = low_s - TIME_AT_LOW * length_s
    return max(begin_s, float(time_s[0])), min(begin_s + length_s, float(time_s[-1]))


def _crossing_s(height: Array, time_s: Array, frame: int, level: float) -> float:
    """When a level is passed between a frame and the next, by a straight line."""
    share = (level - height[frame]) / (height[frame + 1] - height[frame])
    return float(time_s[frame] + share * (time_s[frame + 1] - time_s[frame]))
