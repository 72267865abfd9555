"""Finding strides: when each foot meets the ground and leaves it.

From the side two things are seen clearly in every pose model, at any frame rate and on a treadmill: the foot is
farthest ahead of the hips just before it meets the ground, and the thigh is farthest behind them just after the toes
leave it. Both are broad turning points of large movements, so trembling hardly moves them; the lowest point of the
ankle, which comes to mind first, is flat, and drowns in it.
"""

from __future__ import annotations

import itertools
from typing import Final, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.signal import find_peaks

from hipdrive.motion.clean import low_pass
from hipdrive.motion.dataset import image_middle, image_point
from hipdrive.motion.geometry import distance, median
from hipdrive.motion.sides import striding_hz
from hipdrive.movements.stride import Stride

Array = NDArray[np.float64]
Side = Literal["left", "right"]

SIDES: Final[tuple[Side, Side]] = ("left", "right")

# Contact after the foot is farthest ahead, in shares of a stride: 0.039 on 24 trials on a force plate (29 ms of 0.75 s,
# SD 16 ms: StrideCheck 2026), 0.020 on a lab run at 4 m/s, 0.06 on rendered runs.
CONTACT_AFTER_REACH: Final = 0.035
# Toe-off before the thigh is farthest behind: 0.052 on the lab run, 0.033 to 0.053 (mean 0.044) on six rendered runs.
TOE_OFF_BEFORE_TRAIL: Final = 0.045
SHORTEST_STRIDE: Final = 0.7  # of the usual one
LONGEST_STRIDE: Final = 1.4
STANCE: Final = (0.12, 0.75)  # of a stride: where toe-off is looked for after contact
LEAST_REACH_LEGS: Final = 0.15  # a foot that swings by less than this about its mean does not stride
EVENT_CUTOFF_HZ: Final = 8.0  # five times the rate of the strides of a quick runner


def find_strides_from_side(motion: xr.Dataset) -> tuple[Stride, ...]:
    """Find the strides of a run or walk filmed from the side.

    Parameters
    ----------
    motion : xarray.Dataset
        Sides mended; may have gaps, in which no stride is found.

    Returns
    -------
    tuple of Stride
        Of both legs, in order of contact.
    """
    time_s = np.asarray(motion.time.values, np.float64)
    leg_px = leg_length_px(motion)
    rate_hz = striding_hz(motion)
    if rate_hz is None or not leg_px > 0:
        return ()
    strides = []
    for side in SIDES:
        ahead = foot_ahead_px(motion, side) / leg_px
        behind = thigh_behind_deg(motion, side)
        reaches_s = _peaks_s(time_s, ahead, rate_hz, LEAST_REACH_LEGS)
        trails_s = _peaks_s(time_s, behind, rate_hz, 0.0)
        strides += _strides(side, reaches_s, trails_s, rate_hz)
    return tuple(sorted(strides, key=lambda stride: stride.contact_s))


def leg_length_px(motion: xr.Dataset) -> float:
    """Length of thigh and shank in the picture, of the longer leg (the nearer, or the one less foreshortened)."""
    lengths = []
    for side in SIDES:
        hip, knee, ankle = (image_point(motion, f"{side}_{joint}") for joint in ("hip", "knee", "ankle"))
        lengths.append(median(distance(hip, knee)) + median(distance(knee, ankle)))
    return max((length for length in lengths if np.isfinite(length)), default=float("nan"))


def facing(motion: xr.Dataset) -> int:
    """1 where the athlete faces the right of the picture, -1 where the left, by the feet."""
    forward = [
        image_point(motion, f"{side}_foot_index")[:, 0] - image_point(motion, f"{side}_heel")[:, 0] for side in SIDES
    ]
    return -1 if median(np.concatenate(forward)) < 0 else 1


def foot_ahead_px(motion: xr.Dataset, side: Side) -> Array:
    """How far a foot is ahead of the mid hip, the mean of ankle, heel and toe [px], shape (n_frames,)."""
    joints = [image_point(motion, f"{side}_{joint}")[:, 0] for joint in ("ankle", "heel", "foot_index")]
    return np.asarray(facing(motion) * (np.mean(joints, axis=0) - image_middle(motion, "hip")[:, 0]))


def thigh_behind_deg(motion: xr.Dataset, side: Side) -> Array:
    """Angle of the thigh behind the vertical of the picture [deg], shape (n_frames,)."""
    thigh = image_point(motion, f"{side}_knee") - image_point(motion, f"{side}_hip")
    return np.asarray(np.degrees(np.arctan2(-facing(motion) * thigh[:, 0], thigh[:, 1])))


def _peaks_s(time_s: Array, values: Array, rate_hz: float, least_height: float) -> Array:
    """Times of the peaks of a signal that has one in every stride.

    The slow wave of the stride says which peaks there are, the quicker signal when each of them is.
    """
    peaks: list[float] = []
    for part in _seen_parts(time_s, values, 1 / rate_hz):
        times, seen = time_s[part], values[part]
        wave = low_pass(seen, times, 1.5 * rate_hz)
        sharp = low_pass(seen, times, EVENT_CUTOFF_HZ)
        step_s = float(np.median(np.diff(times)))
        swing = 2 * float(wave.std())
        found, _ = find_peaks(wave, distance=max(1, round(SHORTEST_STRIDE / rate_hz / step_s)), prominence=swing / 2)
        if swing < least_height:
            continue
        reach = max(1, round(0.15 / rate_hz / step_s))
        peaks += [_top_s(times, sharp, int(peak), reach) for peak in found]
    return np.array(peaks)


def _seen_parts(time_s: Array, values: Array, least_s: float) -> list[slice]:
    """Stretches without gaps that are at least so long."""
    edges = np.flatnonzero(np.diff(np.r_[False, np.isfinite(values), False].astype(int)))
    parts = [slice(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return [
        part for part in parts if part.stop - part.start > 9 and time_s[part.stop - 1] - time_s[part.start] > least_s
    ]


def _top_s(time_s: Array, values: Array, near: int, reach: int) -> float:
    """When a curve is highest near a frame: the top of the parabola through the highest sample and its neighbours."""
    first = max(near - reach, 0)
    top = first + int(np.argmax(values[first : near + reach + 1]))
    if not 0 < top < len(values) - 1:
        return float(time_s[top])
    before, at, after = values[top - 1 : top + 2]
    bend = before - 2 * at + after
    shift = 0.5 * (before - after) / bend if bend < 0 else 0.0
    step_s = float(time_s[top + 1] - time_s[top - 1]) / 2
    return float(time_s[top]) + float(np.clip(shift, -1, 1)) * step_s


def _strides(side: Side, reaches_s: Array, trails_s: Array, rate_hz: float) -> list[Stride]:
    """Strides from one reach of the foot to the next, with the trailing of the thigh between them."""
    usual_s = 1 / rate_hz
    strides = []
    for reach_s, next_s in itertools.pairwise(reaches_s.tolist()):
        length_s = next_s - reach_s
        if not SHORTEST_STRIDE * usual_s <= length_s <= LONGEST_STRIDE * usual_s:
            continue
        contact_s = reach_s + CONTACT_AFTER_REACH * length_s
        trailing = trails_s[
            (trails_s > contact_s + STANCE[0] * length_s) & (trails_s < contact_s + STANCE[1] * length_s)
        ]
        if len(trailing) != 1:
            continue
        strides.append(
            Stride(
                side,
                contact_s=contact_s,
                toe_off_s=float(trailing[0]) - TOE_OFF_BEFORE_TRAIL * length_s,
                next_contact_s=next_s + CONTACT_AFTER_REACH * length_s,
            )
        )
    return strides
