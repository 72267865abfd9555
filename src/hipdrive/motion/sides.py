"""Left and right: find where the network took one leg for the other, mend it, or say that it is not sure.

Each frame is either as labelled or has its feet, or its knees, exchanged (in a single-leg bridge the knees lie over
each other and only the feet are confused). Bodies do not jump, so the right reading of the whole clip is the one in
which both legs move least: a hidden Markov model of two states, solved exactly in both directions. Where both readings
are about as good, the sides are called uncertain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from hipdrive.motion.dataset import image_point, logged
from hipdrive.motion.geometry import distance
from hipdrive.pose.keypoints import MIRRORED

PARTS: Final = (("ankle", "heel", "foot_index"), ("knee",))
"""The keypoints of a leg that change places together."""

# How far a leg may go from frame to frame: three times what it usually does in this clip, at least the network's own
# trembling (in leg lengths).
USUAL_STEPS: Final = 3.0
LEAST_STEP: Final = 0.03
# The label is right more often than not; weak, so that a long stretch of exchanged legs can still be found.
TRUST_IN_LABEL: Final = 0.1
UNSURE: Final = (0.05, 0.95)
LEAST_UNSURE_S: Final = 0.1
APART: Final = 0.12  # legs nearer to each other than this share of their length cannot be confused to any harm


@dataclass(frozen=True)
class Sides:
    """What was found about the legs' labels.

    Attributes
    ----------
    exchanged_frames : int
        Frames in which the legs were put right.
    uncertain_s : tuple of (float, float)
        Stretches of time in which the sides may be wrong.
    """

    exchanged_frames: int
    uncertain_s: tuple[tuple[float, float], ...]


def repair_sides(motion: xr.Dataset) -> tuple[xr.Dataset, Sides]:
    """Exchange the legs where the network confused them.

    Parameters
    ----------
    motion : xarray.Dataset

    Returns
    -------
    motion : xarray.Dataset
        With legs put right.
    sides : Sides
    """
    time_s = motion.time.values
    leg_px = _leg_length_px(motion)
    exchanged, unsure = np.zeros(len(time_s), bool), np.zeros(len(time_s), bool)
    for part in PARTS:
        left, right = (
            np.stack([image_point(motion, f"{side}_{joint}") for joint in part], 1) for side in ("left", "right")
        )
        seen = np.flatnonzero(np.isfinite(left).all((1, 2)) & np.isfinite(right).all((1, 2)))
        if len(seen) < 3 or not leg_px > 0:
            continue
        probability = np.zeros(len(time_s))
        probability[seen] = _exchanged(left[seen] / leg_px, right[seen] / leg_px)
        apart = np.zeros(len(time_s), bool)
        apart[seen] = distance(left[seen], right[seen]).mean(1) / leg_px > APART
        motion = _with_exchanged(motion, part, probability > 0.5)
        exchanged |= (probability > 0.5) & apart
        unsure |= (probability > UNSURE[0]) & (probability < UNSURE[1]) & apart
    sides = Sides(int(exchanged.sum()), tuple(_stretches(unsure, time_s)))
    return logged(motion, f"repair_sides: legs exchanged in {sides.exchanged_frames} frames"), sides


def exchange_all_sides(motion: xr.Dataset) -> xr.Dataset:
    """Every left keypoint for its right one, in the whole clip."""
    exchanged = motion.isel(keypoint=list(MIRRORED)).assign_coords(keypoint=motion.keypoint)
    return logged(exchanged, "exchange_all_sides")


def _leg_length_px(motion: xr.Dataset) -> float:
    lengths = [
        distance(image_point(motion, f"{side}_{a}"), image_point(motion, f"{side}_{b}"))
        for side in ("left", "right")
        for a, b in (("hip", "knee"), ("knee", "ankle"))
    ]
    with np.errstate(invalid="ignore"):
        return float(np.nansum([np.nanmedian(length) if np.isfinite(length).any() else np.nan for length in lengths]) / 2)


def _exchanged(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability for each frame that its legs are exchanged, given the whole clip.

    Parameters
    ----------
    left, right : ndarray, shape (n_frames, n_joints, 2)
        In leg lengths.
    """
    n = len(left)
    pair = np.stack([left, right], 1)  # (n, leg, joint, xy)
    keep = np.linalg.norm(pair[1:] - pair[:-1], axis=-1).mean((1, 2))
    swap = np.linalg.norm(pair[1:, ::-1] - pair[:-1], axis=-1).mean((1, 2))
    step_length = max(LEAST_STEP, USUAL_STEPS * float(np.median(keep)))
    log_stay, log_change = -keep / step_length, -swap / step_length
    log_prior = np.array([TRUST_IN_LABEL, -TRUST_IN_LABEL])
    forward, backward = np.zeros((n, 2)), np.zeros((n, 2))
    forward[0] = log_prior
    for i in range(1, n):
        step = np.array([[log_stay[i - 1], log_change[i - 1]], [log_change[i - 1], log_stay[i - 1]]])
        forward[i] = np.logaddexp.reduce(forward[i - 1][:, None] + step, axis=0) + log_prior
        forward[i] -= forward[i].max()
    for i in range(n - 2, -1, -1):
        step = np.array([[log_stay[i], log_change[i]], [log_change[i], log_stay[i]]])
        backward[i] = np.logaddexp.reduce(step + (backward[i + 1] + log_prior)[None, :], axis=1)
        backward[i] -= backward[i].max()
    both = forward + backward
    return np.asarray(np.exp(both[:, 1] - np.logaddexp(both[:, 0], both[:, 1])))


def _with_exchanged(motion: xr.Dataset, part: tuple[str, ...], exchange: NDArray[np.bool_]) -> xr.Dataset:
    if not exchange.any():
        return motion
    motion = motion.copy(deep=True)
    names = motion.keypoint.values.tolist()
    left = [names.index(f"left_{joint}") for joint in part]
    right = [names.index(f"right_{joint}") for joint in part]
    frames = np.flatnonzero(exchange)[:, None]
    for variable in motion.data_vars.values():
        values = variable.values
        values[frames, left], values[frames, right] = values[frames, right].copy(), values[frames, left].copy()
    return motion


def _stretches(mask: NDArray[np.bool_], time_s: NDArray[np.float64]) -> list[tuple[float, float]]:
    edges = np.flatnonzero(np.diff(np.r_[False, mask, False].astype(int)))
    spans = [(float(time_s[a]), float(time_s[b - 1])) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return [(start, end) for start, end in spans if end - start >= LEAST_UNSURE_S]
