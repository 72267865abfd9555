"""How long a bridge is held, as the test of it counts: from the hips at the top until they have sagged.

The test ends when the hips have dropped by more than 10 deg from where they started (Worst & Henderson 2026). From the
side that is the angle from shoulder over hip to knee of the leg that works. What it reads in a clip lies off the truth
by a few degrees, but by nearly the same all along, and so the drop is told better than the angle is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from hipdrive.errors import HipdriveError
from hipdrive.motion.geometry import distance, median
from hipdrive.motion.view import Side
from hipdrive.movements.glute_bridge import FOOT_IN_AIR_SHANKS, BridgeSet
from hipdrive.movements.repetition import Repetition, find_repetitions

Array = NDArray[np.float64]
Frames = NDArray[np.bool_]

SAG_DEG: Final = 10.0  # more ends the test: Worst & Henderson 2026
REFERENCE_S: Final = 1.0  # the beginning of the hold, which its sag is told from; proposal
LASTS_S: Final = 0.3  # what is shorter is a mistake of the network; proposal
FOOT_DOWN_SHANKS: Final = 0.3  # half of what a foot in the air is higher than the other (`FOOT_IN_AIR_SHANKS`)
FOOT_LASTS_S: Final = 1.0  # feet that the network exchanges pass each other, too, in up to half a second
LEAST_IN_AIR: Final = 0.2  # of all frames, to take it for a bridge on one leg; proposal
LEAST_RISE_DEG: Final = 20.0  # a bridge rises by 40 to 60; less is no bridge, proposal
FLOOR_PCT: Final = 0.1  # of a hold of five minutes, 0.3 s on the floor
LEAST_HOLD_S: Final = 2.0  # the top of a repetition is no hold; proposal
LEAST_SEEN: Final = 0.8  # of the frames of a hold
SURE_SHARE: Final = 0.8  # of the frames of a hold, to say which leg works; proposal
SIDES: Final[tuple[Side, Side]] = ("left", "right")
Ending = Literal["sag", "foot", "clip"]
# Against 12 rendered holds of 7 to 15 s (either leg, near and far, steady and trembling, phone in the hand) the time
# was off by 0.0 s in the mean, SD 0.25, at most 0.55; the beginning SD 0.13, the angle 2 deg. Of the 11 on one leg the
# leg was told right in 9, wrong in 1 and not told in 1.
SAG_ERROR_DEG: Final = 2.0
START_ERROR_S: Final = 0.2


@dataclass(frozen=True)
class Hold:
    """One hold.

    Attributes
    ----------
    side : {"left", "right", "both"} or None
        Leg or legs on the floor; None for one leg when it is not seen which.
    start_s, end_s : float
        Hips at the top; hips more than 10 deg lower, the other foot down, or the end of the clip.
    error_s : float
        One standard deviation of how long it lasted.
    ended_by : {"sag", "foot", "clip"}
        Which of them it was. When the clip ends before the hold does, it lasted at least this long.
    """

    side: Literal["left", "right", "both"] | None
    start_s: float
    end_s: float
    error_s: float
    ended_by: Ending

    @property
    def seconds(self) -> float:
        """How long it lasted."""
        return self.end_s - self.start_s

    @property
    def still_held(self) -> bool:
        """Whether the clip ends before the hold does."""
        return self.ended_by == "clip"


def find_hold(bridges: BridgeSet) -> Hold:
    """Find the longest hold in a clip of a bridge.

    Raises
    ------
    HipdriveError
        When there is none, or it cannot be timed; the message says why and what to do.
    """
    if bridges.view.id != "side":
        raise HipdriveError(
            "the hold can be timed from the side only: put the phone beside you, at the height of your hips"
        )
    line_deg = _hip_line_deg(bridges)
    risen = find_repetitions(line_deg, bridges.time_s, LEAST_RISE_DEG, FLOOR_PCT)
    if not risen:
        raise HipdriveError("no bridge is seen: film from before the hips leave the floor until they are down again")
    begun = [repetition for repetition in risen if repetition.has_raise]
    if not begun:
        raise HipdriveError("the clip begins in the middle of the hold: start it before the hips leave the floor")
    hold = _hold(bridges, line_deg, max(begun, key=lambda repetition: repetition.end_s - repetition.top_start_s))
    if hold.seconds < LEAST_HOLD_S:
        raise HipdriveError(
            f"no hold of {LEAST_HOLD_S:g} s or more is seen: raise your hips and stay as long as you can"
        )
    return hold


def _hold(bridges: BridgeSet, line_deg: Array, risen: Repetition) -> Hold:
    frames = bridges.frames_between(risen.top_start_s, risen.end_s)
    time_s, line_deg = bridges.time_s[frames], line_deg[frames]
    sag_deg = median(line_deg[time_s <= risen.top_start_s + REFERENCE_S]) - line_deg
    if not np.isfinite(sag_deg).mean() >= LEAST_SEEN:
        raise HipdriveError("shoulders, hips or knees are hidden in the hold: film with the whole body in the picture")
    feet = _Feet.of(bridges)
    one_leg = feet.one_is_up(bridges.frames_between(risen.top_start_s, risen.top_start_s + REFERENCE_S))
    foot_s = _begins_s(one_leg & (feet.apart_shanks < FOOT_DOWN_SHANKS)[frames], time_s, FOOT_LASTS_S)
    early_s, end_s, late_s = (
        min(_begins_s(sag_deg > SAG_DEG + doubt_deg, time_s, LASTS_S), foot_s, float(time_s[-1]))
        for doubt_deg in (-SAG_ERROR_DEG, 0.0, SAG_ERROR_DEG)
    )
    side = feet.works(bridges.frames_between(risen.top_start_s, end_s)) if one_leg else "both"
    error_s = math.hypot(START_ERROR_S, (late_s - early_s) / 2)
    ended_by: Ending = "clip" if end_s == time_s[-1] else "foot" if end_s == foot_s else "sag"
    return Hold(side, risen.top_start_s, end_s, error_s, ended_by)


@dataclass(frozen=True, eq=False)
class _Feet:
    """Which foot is on the floor, as far as the ankles show it.

    Attributes
    ----------
    left_is_lower : ndarray of bool, shape (n_frames,)
    apart_shanks : ndarray, shape (n_frames,)
        How much higher one ankle is than the other, in lengths of a shank; NaN where it is not seen.
    """

    left_is_lower: Frames
    apart_shanks: Array

    @classmethod
    def of(cls, bridges: BridgeSet) -> _Feet:
        left, right = (bridges.above_floor(bridges.point(f"{side}_ankle")) for side in SIDES)
        shanks_px = (distance(bridges.point(f"{side}_knee"), bridges.point(f"{side}_ankle")) for side in SIDES)
        apart_shanks = np.where(bridges.in_position, np.abs(left - right), np.nan) / max(map(median, shanks_px))
        return cls(left < right, apart_shanks)

    def one_is_up(self, frames: slice) -> bool:
        """Whether one foot is in the air for most of these frames."""
        return bool(median(self.apart_shanks[frames]) > FOOT_IN_AIR_SHANKS)

    def works(self, frames: slice) -> Side | None:
        """The one leg on the floor; None when it goes by both names."""
        seen = self.left_is_lower[frames][np.isfinite(self.apart_shanks[frames])]
        left_share = float(seen.mean()) if len(seen) else 0.5
        if max(left_share, 1 - left_share) < SURE_SHARE:
            return None
        return "left" if left_share > 0.5 else "right"


def _hip_line_deg(bridges: BridgeSet) -> Array:
    """Angle from the near shoulder over the near hip to the knee of the leg on the floor, shape (n_frames,).

    NaN where the athlete is not in position. The angle does not shake with the phone, as the height of the hips does.

    The network takes one leg for the other now and then, mostly when one lies behind the other. The leg on the floor
    is the one with the lower ankle. Its knee moves little, so that it is the one that is nearer to where it mostly is.
    """
    near = bridges.view.near_side or "left"
    shoulder, hip, knee = (bridges.point(f"{near}_{joint}") for joint in ("shoulder", "hip", "knee"))
    feet = _Feet.of(bridges)
    if np.mean(feet.apart_shanks > FOOT_IN_AIR_SHANKS) > LEAST_IN_AIR:
        left, right = (bridges.point(f"{side}_knee") for side in SIDES)
        lower = np.where(feet.left_is_lower[:, None], left, right)[np.isfinite(feet.apart_shanks)]
        mostly = np.array([median(along) for along in lower.T])
        away = np.nan_to_num([distance(left, mostly), distance(right, mostly)], nan=np.inf)
        knee = np.where((away[0] < away[1])[:, None], left, right)
    return np.where(bridges.in_position, bridges.line_deg(shoulder, hip, knee), np.nan)


def _begins_s(so: Frames, time_s: Array, lasts_s: float) -> float:
    """When something begins to be so and stays so for a while; infinity when it never does."""
    for frame in np.flatnonzero(so):
        following = so[frame : np.searchsorted(time_s, time_s[frame] + lasts_s, side="right")]
        if following.all() and time_s[-1] >= time_s[frame] + lasts_s:
            return float(time_s[frame])
    return math.inf
