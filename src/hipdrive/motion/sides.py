"""Left and right: find where the network took one leg for the other, mend it, or say that it is not sure.

Each frame is either as labelled or has its feet, or its knees, exchanged (in a single-leg bridge the knees lie over
each other and only the feet are confused). Bodies do not jump, so the right reading of the whole clip is the one in
which both legs move least: a hidden Markov model of two states, solved exactly in both directions. Where both readings
are about as good, the sides are called uncertain and what is uncertain is hidden, so that nothing is judged by it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from hipdrive.motion.dataset import image_point, logged
from hipdrive.motion.geometry import distance, median
from hipdrive.pose.keypoints import other_side

PARTS: Final = (("ankle", "heel", "foot_index"), ("knee",))
"""The keypoints of a leg that change places together."""

# How far a leg may stray from where it is expected: three times what it usually does in this clip, at least the
# network's own trembling (in leg lengths).
USUAL_STEPS: Final = 3.0
LEAST_STEP: Final = 0.03
# The label is right more often than not; weak, so that a long stretch of exchanged legs can still be found.
TRUST_IN_LABEL: Final = 0.1
# Where both feet have places of their own, this many leg lengths apart, a foot at the other one's place is likelier to
# be the other one. A place is what holds for most of five seconds: longer than a confusion, shorter than what is
# done with one leg. Feet that pass each other have no places.
PLACE: Final = 0.3
USUAL_S: Final = 5.0
# Strides come 0.5 to 2.2 times a second, from a slow walk to a sprint. Legs stride where much of what their difference
# does has one such frequency. It may drift, so it is learnt anew from a few strides around each moment.
STRIDE_RATE_HZ: Final = (0.5, 2.2)
STRIDING_SHARE: Final = 0.2  # exchanged labels spread the rest over all frequencies
STRIDES_AROUND: Final = 2.0
# How much the ankles move against each other (SD): 0.2 in runs seen from behind, more from the side, 0.01 in squats,
# up to 0.04 in bridges.
LEAST_STRIDING_LEGS: Final = 0.06
MOST_TRUST_IN_STRIDE: Final = 5.0  # log odds: one frame alone never overrules all the others
UNSURE: Final = (0.1, 0.9)
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
    rate_hz = striding_hz(motion)
    exchanged, unsure = np.zeros(len(time_s), bool), np.zeros(len(time_s), bool)
    for part in PARTS:
        left, right = (
            np.stack([image_point(motion, f"{side}_{joint}") for joint in part], 1) for side in ("left", "right")
        )
        seen = np.flatnonzero(np.isfinite(left).all((1, 2)) & np.isfinite(right).all((1, 2)))
        if len(seen) < 3 or not leg_px > 0:
            continue
        probability = np.zeros(len(time_s))
        probability[seen] = _exchanged(left[seen] / leg_px, right[seen] / leg_px, time_s[seen], rate_hz)
        apart = np.zeros(len(time_s), bool)
        apart[seen] = distance(left[seen], right[seen]).mean(1) / leg_px > APART
        doubtful = (probability > UNSURE[0]) & (probability < UNSURE[1]) & apart
        motion = _with_hidden(_with_exchanged(motion, part, probability > 0.5), part, doubtful)
        exchanged |= (probability > 0.5) & apart
        unsure |= doubtful
    sides = Sides(int(exchanged.sum()), tuple(_stretches(unsure, time_s)))
    return logged(motion, f"repair_sides: legs exchanged in {sides.exchanged_frames} frames"), sides


def exchange_all_sides(motion: xr.Dataset) -> xr.Dataset:
    """Every left keypoint for its right one, in the whole clip."""
    names = motion.keypoint.values.tolist()
    mirrored = [names.index(other) if (other := other_side(name)) in names else i for i, name in enumerate(names)]
    exchanged = motion.isel(keypoint=mirrored).assign_coords(keypoint=motion.keypoint)
    return logged(exchanged, "exchange_all_sides")


def _leg_length_px(motion: xr.Dataset) -> float:
    lengths = [
        distance(image_point(motion, f"{side}_{a}"), image_point(motion, f"{side}_{b}"))
        for side in ("left", "right")
        for a, b in (("hip", "knee"), ("knee", "ankle"))
    ]
    return float(np.nansum([median(length) for length in lengths]) / 2)


def _exchanged(
    left: NDArray[np.float64], right: NDArray[np.float64], time_s: NDArray[np.float64], rate_hz: float | None
) -> NDArray[np.float64]:
    """Probability for each frame that its legs are exchanged, given the whole clip.

    A leg is expected between where it was and where its last two frames point to: the first tells legs that rest from
    legs that are confused, the second legs that pass each other from legs that turn round. The states of the chain are
    therefore pairs: whether the frame before and this one are exchanged. The usual place of each foot tells which is
    which after both were seen in one place.

    Parameters
    ----------
    left, right : ndarray, shape (n_frames, n_joints, 2)
        In leg lengths; at least three frames.
    time_s : ndarray, shape (n_frames,)
    rate_hz : float or None
        Strides in a second; None where the legs do not stride.
    """
    legs = np.stack([left, right], 1)  # (n, leg, joint, xy)
    before, now, after = legs[:-2], legs[1:-1], legs[2:]
    # strays[i, p, q]: how far the legs stray if before (p) and after (q) are exchanged against now
    strays = np.stack(
        [np.stack([_stray(b, now, c) for c in (after, after[:, ::-1])], -1) for b in (before, before[:, ::-1])],
        axis=1,
    )
    step_length = max(LEAST_STEP, USUAL_STEPS * float(np.median(strays[:, 0, 0])))
    # log_step[i, a, b, c]: frame i exchanged (a), i + 1 exchanged (b), i + 2 exchanged (c)
    a, b, c = np.ogrid[:2, :2, :2]
    log_step = -strays[:, a ^ b, b ^ c] / step_length
    usual = _usual_place(legs, time_s)
    at_home, at_other = (np.linalg.norm(legs - place, axis=-1).mean((1, 2)) for place in (usual, usual[:, ::-1]))
    have_own_places = np.linalg.norm(usual[:, 0] - usual[:, 1], axis=-1).mean(1) > PLACE
    have_own_places &= np.median(at_home) < PLACE
    own_place = np.where(have_own_places, np.clip((at_other - at_home) / PLACE, -1, 1), 0)
    as_labelled = own_place + _strided(legs[:, 0] - legs[:, 1], time_s, rate_hz) + TRUST_IN_LABEL
    log_seen = np.stack([as_labelled, -as_labelled], -1)
    return _chain(log_seen, log_step)


def _chain(log_seen: NDArray[np.float64], log_step: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability of state 1 in every frame of a chain whose states are pairs, the frame before and this one.

    In plain numbers: for arrays of two by two the calls would take ten times as long as the sums.

    Parameters
    ----------
    log_seen : ndarray, shape (n_frames, 2)
        Of each state by what the frame itself shows.
    log_step : ndarray, shape (n_frames - 2, 2, 2, 2)
        Of each three states in a row.
    """
    n = len(log_seen)
    seen, step = log_seen.tolist(), log_step.reshape(-1, 8).tolist()
    # a, b, c, d: the frame before and this one as labelled, this one exchanged, the one before exchanged, both
    forward, backward = [(0.0, 0.0, 0.0, 0.0)] * n, [(0.0, 0.0, 0.0, 0.0)] * n
    (before_0, before_1), (now_0, now_1) = seen[:2]
    forward[1] = a, b, c, d = before_0 + now_0, before_0 + now_1, before_1 + now_0, before_1 + now_1
    for i in range(2, n):
        (now_0, now_1), (s000, s001, s010, s011, s100, s101, s110, s111) = seen[i], step[i - 2]
        w, x = _log_add(a + s000, c + s100) + now_0, _log_add(a + s001, c + s101) + now_1
        y, z = _log_add(b + s010, d + s110) + now_0, _log_add(b + s011, d + s111) + now_1
        most = max(w, x, y, z)
        forward[i] = a, b, c, d = w - most, x - most, y - most, z - most
    a = b = c = d = 0.0
    for i in range(n - 2, 0, -1):
        (next_0, next_1), (s000, s001, s010, s011, s100, s101, s110, s111) = seen[i + 1], step[i - 1]
        a, b, c, d = a + next_0, b + next_1, c + next_0, d + next_1
        w, x = _log_add(s000 + a, s001 + b), _log_add(s010 + c, s011 + d)
        y, z = _log_add(s100 + a, s101 + b), _log_add(s110 + c, s111 + d)
        most = max(w, x, y, z)
        backward[i] = a, b, c, d = w - most, x - most, y - most, z - most
    both = (np.array(forward[1:]) + np.array(backward[1:])).reshape(-1, 2, 2)
    odds = np.logaddexp.reduce(both, axis=1)  # over the state of the frame before
    first = np.logaddexp.reduce(both[0], axis=1)
    odds = np.concatenate([first[None], odds])
    return np.asarray(np.exp(odds[:, 1] - np.logaddexp(odds[:, 0], odds[:, 1])))


def _log_add(a: float, b: float) -> float:
    """Logarithm of the sum of what two logarithms stand for."""
    return a + math.log1p(math.exp(b - a)) if a > b else b + math.log1p(math.exp(a - b))


def _usual_place(legs: NDArray[np.float64], time_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Running median over `USUAL_S`, told at about ten places a second."""
    rate_hz = (len(time_s) - 1) / (time_s[-1] - time_s[0])
    every = max(1, round(rate_hz / 10))
    window = max(3, round(USUAL_S * rate_hz / every))
    columns = legs.reshape(len(legs), -1)
    sparse = median_filter(columns[::every], size=(window, 1), mode="reflect")
    usual = [np.interp(time_s, time_s[::every], column) for column in sparse.T]
    return np.stack(usual, -1).reshape(legs.shape)


def _strided(apart: NDArray[np.float64], time_s: NDArray[np.float64], rate_hz: float | None) -> NDArray[np.float64]:
    """How much the labels agree with what the legs do in every stride: half the log odds, 0 where they do not stride.

    One leg does what the other does half a stride later. So their difference, as labelled, is a constant and the odd
    harmonics of the stride; and where they are exchanged, its negative. The constant and two harmonics are fitted to a
    few strides around each moment, and frames that look exchanged are turned round for the next fit.

    Parameters
    ----------
    apart : ndarray, shape (n_frames, n_joints, 2)
        From the right to the left leg, in leg lengths.
    time_s : ndarray, shape (n_frames,)
    rate_hz : float or None

    Returns
    -------
    ndarray, shape (n_frames,)
    """
    columns = apart.reshape(len(apart), -1)
    if rate_hz is None:
        return np.zeros(len(apart))
    turn = 2 * np.pi * rate_hz * time_s
    waves = np.stack([np.ones_like(turn), *(wave(k * turn) for k in (1, 3) for wave in (np.cos, np.sin))], -1)
    reach_s = STRIDES_AROUND / rate_hz
    middles_s = np.arange(time_s[0], time_s[-1] + reach_s / 2, reach_s / 2)
    sign = np.ones(len(apart))
    for _ in range(3):
        expected, weights = np.zeros_like(columns), np.zeros(len(apart))
        for middle_s in middles_s:
            near = np.flatnonzero(np.abs(time_s - middle_s) < reach_s)
            if len(near) < 2 * waves.shape[1]:
                continue
            weight = np.cos(np.pi / 2 * (time_s[near] - middle_s) / reach_s) ** 2
            root = np.sqrt(weight)[:, None]
            fit = np.linalg.lstsq(root * waves[near], root * sign[near, None] * columns[near], rcond=None)[0]
            expected[near] += weight[:, None] * (waves[near] @ fit)
            weights[near] += weight
        expected /= np.maximum(weights, 1e-9)[:, None]
        agreement = (columns * expected).mean(1)
        sign = np.where(agreement < 0, -1.0, 1.0)
    strayed = ((sign[:, None] * columns - expected) ** 2).mean(1)
    spread = max(LEAST_STEP**2, float(np.median(strayed)))
    return np.asarray(np.clip(agreement / spread, -MOST_TRUST_IN_STRIDE, MOST_TRUST_IN_STRIDE))


def striding_hz(motion: xr.Dataset) -> float | None:
    """Strides of one leg in a second, or None where the legs do not stride."""
    time_s = np.asarray(motion.time.values, np.float64)
    knees, ankles = (
        image_point(motion, f"left_{joint}") - image_point(motion, f"right_{joint}") for joint in ("knee", "ankle")
    )
    apart = np.hstack([knees, ankles])
    seen = np.isfinite(apart).all(1)
    if seen.sum() < 10 or not ankles[seen].std(0).max() > LEAST_STRIDING_LEGS * _leg_length_px(motion):
        return None
    return stride_rate_hz(apart[seen], time_s[seen])


def stride_rate_hz(columns: NDArray[np.float64], time_s: NDArray[np.float64]) -> float | None:
    """How many strides a second the legs make, or None where they do not stride.

    Parameters
    ----------
    columns : ndarray, shape (n_frames, n)
        Differences between the legs.
    time_s : ndarray, shape (n_frames,)
    """
    length_s = float(time_s[-1] - time_s[0])
    if length_s < 1 / STRIDE_RATE_HZ[0] or len(time_s) < 10:
        return None
    step_s = float(np.median(np.diff(time_s)))
    even_s = np.arange(time_s[0], time_s[-1] + step_s / 2, step_s)
    even = np.stack([np.interp(even_s, time_s, column) for column in columns.T], -1)
    even = (even - even.mean(0)) * np.hanning(len(even))[:, None]
    length = 2 ** int(np.ceil(np.log2(8 * len(even))))
    power = (np.abs(np.fft.rfft(even, length, axis=0)) ** 2).sum(1)
    frequency = np.fft.rfftfreq(length, step_s)
    usual = np.flatnonzero((frequency >= STRIDE_RATE_HZ[0]) & (frequency <= STRIDE_RATE_HZ[1]))
    if len(usual) < 3:
        return None
    best = usual[np.argmax(power[usual])]
    if best in (usual[0], usual[-1]):  # the foot of a slower or quicker wave
        return None
    beside = np.abs(frequency - frequency[best]) < 2 / length_s
    return float(frequency[best]) if power[beside].sum() > STRIDING_SHARE * power.sum() else None


def _stray(before: NDArray[np.float64], now: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.float64]:
    step = np.linalg.norm(after - now, axis=-1)
    bend = np.linalg.norm(after - 2 * now + before, axis=-1)
    return np.asarray(((step + bend) / 2).mean((1, 2)))


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
        values[frames, left], values[frames, right] = (
            values[frames, right].copy(),
            values[frames, left].copy(),
        )
    return motion


def _with_hidden(motion: xr.Dataset, part: tuple[str, ...], hide: NDArray[np.bool_]) -> xr.Dataset:
    if not hide.any():
        return motion
    names = [f"{side}_{joint}" for side in ("left", "right") for joint in part]
    hidden = xr.DataArray(hide, dims="time") & motion.keypoint.isin(names)
    return motion.where(~hidden)


def _stretches(mask: NDArray[np.bool_], time_s: NDArray[np.float64]) -> list[tuple[float, float]]:
    edges = np.flatnonzero(np.diff(np.r_[False, mask, False].astype(int)))
    spans = [(float(time_s[a]), float(time_s[b - 1])) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return [(start, end) for start, end in spans if end - start >= LEAST_UNSURE_S]
