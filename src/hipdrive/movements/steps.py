"""Finding sideways steps: the counterpart of `hipdrive.movements.repetition` for who travels.

A step is one foot going outwards and the other catching up. Feet stay on the floor or travel, with nothing between, so
the travels of each foot are found first, where it is quicker than a foot that only trembles; then they are paired. A
foot that goes outwards and comes back itself is no step.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hipdrive.motion.clean import CUTOFF_HZ
from hipdrive.motion.view import Side
from hipdrive.movements.repetition import Repetition

Array = NDArray[np.float64]

# In leg lengths. Landmarks of a foot on the floor wander by 0.02 in a second; the smallest step outwards worth the name
# is little more than half of what is called too small (0.10).
LEAST_SPEED: Final = 0.10  # per second; a step of 0.2 that takes two seconds is twice as quick at its middle
LEAST_TRAVEL: Final = 0.03
LEAST_STEP: Final = 0.06
PAUSE_S: Final = 0.12  # a shorter rest is a hesitation
SMALL_SHARE: Final = 0.5  # who goes outwards with the second foot by less than this only sets the feet apart again
MOSTLY_SIDEWAYS: Final = 1.0  # as much sideways as up or down in the picture, else the athlete walks to the phone
LEAST_LIFT: Final = 0.015
SLOW_SHARE: Final = 0.3  # of the least speed, down to which a travel's beginning and end are followed
LONGEST_WIDE_S: Final = 1.0  # a clip that begins with wide feet for longer begins with a stand, not in a step

OTHER: Final[dict[Side, Side]] = {"left": "right", "right": "left"}

# Where a travel begins and ends is hard to see in a foot that creeps; where it has done a tenth, the half and nine
# tenths of its way is clear. The ends are told from these by the course of a smooth reach (minimum jerk: Flash & Hogan,
# J Neurosci 1985), each end by its own half, so that a foot may be quick at one end and slow at the other.
EARLY, HALF, LATE = 0.1, 0.5, 0.9
TIME_AT_EARLY: Final = 0.2469  # of the whole time of the reach

# The filter draws a quick travel out. It is flat up to its fourth order, so it adds to the fourth power of the time:
# reaches of 0.10 to 0.40 s come out as the fourth root of their fourth power and that of 0.19 to 0.23 s.
DRAWN_OUT_S: Final = 1.26 / CUTOFF_HZ
SHORTEST_S: Final = 0.1  # nobody sets a foot elsewhere in less, and less could not be told


@dataclass(frozen=True)
class Step(Repetition):
    """One step to the side.

    The wide stance is its top: `start_s` when the leading foot leaves, `top_start_s` when it lands, `top_end_s` when
    the trailing foot leaves, `end_s` when that has landed.

    Attributes
    ----------
    side : {"left", "right"}
        The leading foot. Feet do not cross, so this is also where the athlete goes.
    led, trailed : float
        How far the leading foot goes outwards and the trailing foot comes after it [leg lengths]; the second is
        negative where it goes away instead, NaN where it cannot be seen.
    lead_s, trail_s : float
        How long each foot is on its way: longer than its phase where the second leaves before the first has landed.
    """

    side: Side = "left"
    led: float = float("nan")
    trailed: float = float("nan")
    lead_s: float = float("nan")
    trail_s: float = float("nan")


@dataclass(frozen=True)
class Travel:
    """One foot from one place to another.

    Attributes
    ----------
    side : {"left", "right"}
        The foot.
    start_s, end_s : float
    outwards : float
        How far it goes away from the other foot; negative when it comes nearer [leg lengths].
    begun, ended : bool
        Whether the clip shows the foot at rest before and after.
    """

    side: Side
    start_s: float
    end_s: float
    outwards: float
    begun: bool
    ended: bool


def find_steps(places: Mapping[Side, Array], time_s: Array) -> list[Step]:
    """Find the steps of feet that go to and fro without crossing.

    Parameters
    ----------
    places : mapping of side to ndarray, shape (n, 2)
        Each foot, to the athlete's left and up [leg lengths]; smooth, NaN where it is not seen.
    time_s : ndarray, shape (n,)

    Returns
    -------
    list of Step
        In order of time; those that the clip cuts off are marked.
    """
    travels = [travel for side in places for travel in find_travels(side, places[side], time_s)]
    travels.sort(key=lambda travel: travel.start_s)
    steps: list[Step] = []
    lead: Travel | None = None
    touch: Travel | None = None  # a small travel of the second foot, which counts when no larger one follows
    for travel in travels:
        outwards = travel.outwards >= LEAST_STEP
        if abs(travel.outwards) < LEAST_STEP:
            if lead and travel.side != lead.side and travel.start_s > (lead.start_s + lead.end_s) / 2:
                touch = travel
        elif lead is None:
            if outwards:
                lead = travel
            elif steps and travel.side != steps[-1].side:  # it comes after the other in two hops
                steps[-1] = _further(steps[-1], travel)
            elif not steps and travel.start_s - time_s[0] < LONGEST_WIDE_S:  # the other has gone before the clip
                steps.append(_step(None, travel, time_s))
        elif travel.side != lead.side:
            catches_up = travel.outwards < SMALL_SHARE * lead.outwards
            stayed = Travel(travel.side, travel.start_s, travel.start_s, 0.0, begun=True, ended=True)
            trail = travel if catches_up else touch or _lift(places, lead, travel.start_s, time_s) or stayed
            steps.append(_step(lead, trail, time_s))
            lead, touch = (None if catches_up else travel), None
        elif not outwards:
            lead = touch = None  # the foot comes back itself: no step
        else:
            touch = touch or _lift(places, lead, travel.start_s, time_s)
            if touch is None:  # outwards in two hops
                lead = replace(lead, end_s=travel.end_s, outwards=lead.outwards + travel.outwards, ended=travel.ended)
            else:
                steps.append(_step(lead, touch, time_s))
                lead, touch = travel, None
    if lead is not None:
        steps.append(_step(lead, touch or _lift(places, lead, float(time_s[-1]), time_s), time_s))
    return steps


def _further(step: Step, travel: Travel) -> Step:
    """A step whose trailing foot goes on after a stop."""
    return replace(
        step,
        end_s=travel.end_s,
        trailed=step.trailed - travel.outwards,
        trail_s=step.trail_s + travel.end_s - step.end_s,
        complete=step.complete and travel.ended,
        has_lower=travel.ended,
    )


def _step(lead: Travel | None, trail: Travel | None, time_s: Array) -> Step:
    if lead is None:
        assert trail is not None
        start_s = top_start_s = float(time_s[0])
        side = OTHER[trail.side]
    else:
        start_s, top_start_s, side = lead.start_s, lead.end_s, lead.side
    top_end_s, end_s = (top_start_s, top_start_s) if trail is None else (trail.start_s, trail.end_s)
    if top_end_s < top_start_s:  # the second foot leaves before the first has landed
        top_start_s = top_end_s = (top_start_s + top_end_s) / 2
    end_s = max(end_s, top_end_s)
    has_raise = lead is not None and lead.begun
    has_lower = trail is not None and trail.ended
    return Step(
        start_s,
        top_start_s,
        top_end_s,
        end_s,
        complete=has_raise and has_lower,
        has_raise=has_raise,
        has_lower=has_lower,
        side=side,
        led=float("nan") if lead is None else lead.outwards,
        trailed=float("nan") if trail is None else -trail.outwards,
        lead_s=float("nan") if lead is None else lead.end_s - lead.start_s,
        trail_s=float("nan") if trail is None else trail.end_s - trail.start_s,
    )


def find_travels(side: Side, place: Array, time_s: Array) -> list[Travel]:
    """Find where one foot goes from one place to another, sideways.

    Parameters
    ----------
    side : {"left", "right"}
    place : ndarray, shape (n, 2)
        To the athlete's left, and up [leg lengths]; NaN where the foot is not seen.
    time_s : ndarray, shape (n,)

    Returns
    -------
    list of Travel
    """
    seen = np.asarray(np.isfinite(place).all(1))
    if seen.sum() < 5:
        return []
    to_left, up = (np.interp(time_s, time_s[seen], column[seen]) for column in place.T)
    speed = np.gradient(to_left, time_s)
    travels = []
    for first, last in _quick(speed, time_s):
        way = to_left[last] - to_left[first]
        seen_way = np.abs(np.diff(to_left[first : last + 1])[seen[first:last] & seen[first + 1 : last + 1]]).sum()
        sideways = abs(way) >= max(LEAST_TRAVEL, MOSTLY_SIDEWAYS * abs(up[last] - up[first]))
        if not sideways or seen_way < abs(way) / 2:
            continue
        start_s, end_s = _sharpened(*_reach(to_left[first : last + 1], time_s[first : last + 1]))
        begun = bool(start_s > time_s[0] and not (first == 0 and abs(speed[0]) >= LEAST_SPEED))
        ended = bool(end_s < time_s[-1] and not (last == len(speed) - 1 and abs(speed[-1]) >= LEAST_SPEED))
        outwards = float(way if side == "left" else -way)
        travels.append(
            Travel(side, max(start_s, float(time_s[0])), min(end_s, float(time_s[-1])), outwards, begun, ended)
        )
    return travels


def _quick(speed: Array, time_s: Array) -> list[tuple[int, int]]:
    """First and last frames of all stretches in which a foot travels one way."""
    way = np.where(np.abs(speed) >= LEAST_SPEED, np.sign(speed), 0)
    edges = np.flatnonzero(np.diff(way)) + 1
    runs = [(int(a), int(b) - 1) for a, b in itertools.pairwise([0, *edges, len(way)]) if way[a]]
    joined: list[tuple[int, int]] = []
    for first, last in runs:
        if joined and way[joined[-1][1]] == way[first] and time_s[first] - time_s[joined[-1][1]] < PAUSE_S:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return [_with_ends(first, last, speed, time_s) for first, last in joined]


def _with_ends(first: int, last: int, speed: Array, time_s: Array) -> tuple[int, int]:
    """The same stretch with its slow beginning and end."""
    way = np.sign(speed[first])
    most_s = max(PAUSE_S, (time_s[last] - time_s[first]) / 2)
    earliest, latest = time_s[first] - most_s, time_s[last] + most_s
    while first > 0 and time_s[first - 1] >= earliest and way * speed[first - 1] > SLOW_SHARE * LEAST_SPEED:
        first -= 1
    while last < len(speed) - 1 and time_s[last + 1] <= latest and way * speed[last + 1] > SLOW_SHARE * LEAST_SPEED:
        last += 1
    return first, last


def _reach(path: Array, time_s: Array) -> tuple[float, float]:
    """When a smooth reach along a path begins and ends."""
    share = np.maximum.accumulate((path - path[0]) / (path[-1] - path[0]))
    early_s, half_s, late_s = (float(np.interp(level, share, time_s)) for level in (EARLY, HALF, LATE))
    before, after = ((t - half_s) * HALF / (HALF - TIME_AT_EARLY) for t in (early_s, late_s))
    return half_s + before, half_s + after


def _sharpened(start_s: float, end_s: float) -> tuple[float, float]:
    """Ends of a travel before the filter drew them out."""
    seconds, middle_s = end_s - start_s, (start_s + end_s) / 2
    true_s = max(seconds**4 - DRAWN_OUT_S**4, SHORTEST_S**4) ** 0.25
    return middle_s - true_s / 2, middle_s + true_s / 2


def _lift(places: Mapping[Side, Array], lead: Travel, until_s: float, time_s: Array) -> Travel | None:
    """Find a foot that is lifted and put down where it was, after the other has landed."""
    trailing = OTHER[lead.side]
    between = np.flatnonzero((time_s >= lead.end_s) & (time_s <= until_s))
    if len(between) < 5:
        return None
    up = places[trailing][between, 1] - places[lead.side][between, 1]
    if not np.isfinite(up).all():
        return None
    over = up - np.interp(between, between[[0, -1]], up[[0, -1]])
    top = int(np.argmax(over))
    if over[top] < LEAST_LIFT:
        return None
    high = np.flatnonzero(over >= over[top] / 2)
    first_s, last_s = time_s[between[high[0]]], time_s[between[high[-1]]]
    quarter_s = (last_s - first_s) / 2  # a lift is over half its height for half of its time
    sideways = places[trailing][between[-1], 0] - places[trailing][between[0], 0]
    return Travel(
        trailing,
        float(max(first_s - quarter_s, lead.end_s)),
        float(min(last_s + quarter_s, until_s)),
        float(sideways if trailing == "left" else -sideways),
        begun=True,
        ended=True,
    )
