"""From raw landmarks to motion that can be measured: hide, mend, bridge short gaps, take out the trembling."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from hipdrive.motion.dataset import DIMS, logged
from hipdrive.motion.sides import Sides, repair_sides

LONGEST_GAP_S: Final = 0.25  # a body part does little of its own in a quarter of a second of a slow exercise
CUTOFF_HZ: Final = 6.0  # usual for human movement on video (Winter, Biomechanics and Motor Control, ch. 3)
EVEN: Final = 0.05  # frames that are off by less of a step count as even: files round their times to milliseconds
ORDER: Final = 2  # twice, forward and backward: no delay


def clean_motion(motion: xr.Dataset, cutoff_hz: float = CUTOFF_HZ) -> tuple[xr.Dataset, Sides]:
    """Make the motion ready to be measured: `tidy_motion`, then `smooth`.

    Parameters
    ----------
    motion : xarray.Dataset
        As the network or the lab gave it.
    cutoff_hz : float
        What is quicker than this is trembling.

    Returns
    -------
    motion : xarray.Dataset
    sides : Sides
        Where left and right were exchanged or stay uncertain.
    """
    motion, sides = tidy_motion(motion)
    return smooth(motion, cutoff_hz), sides


def tidy_motion(motion: xr.Dataset) -> tuple[xr.Dataset, Sides]:
    """Hide what is outside of the picture, mend the sides, bridge short gaps.

    In a lab nothing is outside, and markers have names that do not change sides.
    """
    if motion.attrs["kind"] == "mocap":
        return fill_gaps(motion), Sides(0, ())
    motion = hide_outside(motion)
    motion, sides = repair_sides(motion)
    return fill_gaps(motion), sides


def hide_outside(motion: xr.Dataset) -> xr.Dataset:
    """Take out keypoints beyond the edge of the picture: there the network invents."""
    x, y = motion.image_position.values[..., 0], motion.image_position.values[..., 1]
    inside = (x >= 0) & (x <= motion.attrs["width_px"]) & (y >= 0) & (y <= motion.attrs["height_px"])
    outside = ~inside & ~np.isnan(x)
    if outside.any():  # copies are not made for nothing: a long clip has 17 MB of landmarks
        motion = motion.where(xr.DataArray(inside, dims=DIMS[:2]))
    return logged(motion, f"hide_outside: {float(outside.mean()):.1%} of the keypoints")


def fill_gaps(motion: xr.Dataset, longest_s: float = LONGEST_GAP_S) -> xr.Dataset:
    """Join short gaps by straight lines; longer ones stay missing."""
    time_s = motion.time.values
    filled = {
        name: (variable.dims, filled, variable.attrs)
        for name, variable in motion.data_vars.items()
        if (filled := _filled(variable.values, time_s, longest_s)) is not variable.values
    }
    return logged(motion.assign(filled), f"fill_gaps: up to {longest_s} s")


def _filled(values: NDArray[np.float32], time_s: NDArray[np.float64], longest_s: float) -> NDArray[np.float32]:
    if not np.isnan(values).any():
        return values
    values = values.copy()
    columns = values.reshape(len(time_s), -1)
    for number in np.flatnonzero(np.isnan(columns).any(0)):
        column = columns[:, number]
        known = np.flatnonzero(~np.isnan(column))
        for before, after in itertools.pairwise(known):
            if after - before > 1 and time_s[after] - time_s[before] <= longest_s:
                gap = slice(before + 1, after)
                column[gap] = np.interp(time_s[gap], time_s[[before, after]], column[[before, after]])
    return values


def smooth(motion: xr.Dataset, cutoff_hz: float = CUTOFF_HZ) -> xr.Dataset:
    """Low-pass positions with a Butterworth filter without delay; every stretch between gaps by itself."""
    time_s = motion.time.values
    smoothed = {
        name: (DIMS, _low_passed(motion[name].values, time_s, cutoff_hz))  # labels would be compared again
        for name in ("image_position", "world_position")
    }
    return logged(motion.assign(smoothed), f"smooth: {cutoff_hz} Hz")


def low_pass(
    values: NDArray[np.float64], time_s: NDArray[np.float64], cutoff_hz: float = CUTOFF_HZ
) -> NDArray[np.float64]:
    """Low-pass columns without gaps, on a clock that may be uneven.

    Parameters
    ----------
    values : ndarray, shape (n, ...)
    time_s : ndarray, shape (n,)
    cutoff_hz : float
        Lowered to 0.4 of the frame rate where the clip is too slow for it.

    Returns
    -------
    ndarray, same shape
        The values themselves when there are too few to filter.
    """
    n = len(time_s)
    if n < 10:
        return values
    steps_s = np.diff(time_s)
    step_s = float(np.median(steps_s))
    columns = values.reshape(n, -1)
    sections = _sections(cutoff_hz, step_s)
    if np.abs(steps_s - step_s).max() < EVEN * step_s:
        return np.asarray(sosfiltfilt(sections, columns, axis=0, padlen=min(n - 1, 30))).reshape(values.shape)
    even_s = np.arange(time_s[0], time_s[-1] + step_s / 2, step_s)
    out = np.empty_like(columns)
    for i, column in enumerate(columns.T):
        filtered = sosfiltfilt(sections, np.interp(even_s, time_s, column), padlen=min(len(even_s) - 1, 30))
        out[:, i] = np.interp(time_s, even_s, filtered)
    return out.reshape(values.shape)


@lru_cache(16)
def _sections(cutoff_hz: float, step_s: float) -> NDArray[np.float64]:
    """The filter for a clock, designed once."""
    return np.asarray(butter(ORDER, min(cutoff_hz, 0.4 / step_s), fs=1 / step_s, output="sos"))


def _low_passed(values: NDArray[np.float32], time_s: NDArray[np.float64], cutoff_hz: float) -> NDArray[np.float32]:
    values = values.copy()
    seen = np.asarray(~np.isnan(values).any(-1))
    together: dict[bytes, list[int]] = {}  # keypoints seen in the same frames, which are most, take one filter
    for keypoint in range(values.shape[1]):
        together.setdefault(seen[:, keypoint].tobytes(), []).append(keypoint)
    for keypoints in together.values():
        for start, end in _stretches(seen[:, keypoints[0]], time_s):
            stretch = values[start:end, keypoints].astype(np.float64)
            values[start:end, keypoints] = low_pass(stretch, time_s[start:end], cutoff_hz)
    return values


def _stretches(seen: NDArray[np.bool_], time_s: NDArray[np.float64]) -> Iterator[tuple[int, int]]:
    """First and last + 1 of the frames seen without a break, in the sight or in the time of the clip."""
    steps_s = np.diff(time_s)
    usual_s = float(np.median(steps_s)) if len(steps_s) else 0.0
    holes = 1 + np.flatnonzero(steps_s > max(LONGEST_GAP_S, 3 * usual_s))
    for piece in np.split(np.arange(len(seen)), holes):
        edges = np.flatnonzero(np.diff(np.r_[False, seen[piece], False].astype(int)))
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            yield int(piece[0] + start), int(piece[0] + end)
