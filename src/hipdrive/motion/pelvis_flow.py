"""Tilt of the pelvis of somebody seen from behind, from the motion of the cloth beside the hips.

A pose network puts its two hip landmarks on a level line whatever the pelvis does (slope against the truth about 0 on
rendered runners). The picture knows better: when the right side of the pelvis sinks, all that can be seen of shorts or
waistband on the right sinks, and on the left it rises. So a band across the hips is followed from frame to frame by
dense optical flow, and the slope of its vertical motion from left to right is the speed at which the pelvis tilts. What
the body does as a whole, up and down with every step, is the same on both sides and has no part in the slope.

The sum of these speeds is the tilt about its own mean. A pelvis that is always askew looks no different.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.ndimage import median_filter
from scipy.signal import butter, detrend, sosfiltfilt

from hipdrive.motion.dataset import image_middle, image_point, logged
from hipdrive.video import Clip, Frame

Array = NDArray[np.float64]

# Lengths in trunks (mid shoulder to mid hip) from the mid hip; a pelvis is about 0.7 of a trunk wide. The band begins
# over the landmarks of the hips and ends at the top of the thighs: higher up, cloth and skin follow the spine, which
# turns less; lower down they follow the thighs.
BAND_X: Final = 0.40
BAND_Y: Final = (-0.05, 0.15)
CROP_X: Final = 0.70
CROP_Y: Final = (-0.45, 0.45)

TRUNK_PX: Final = 120.0  # the picture is scaled to this: the hips of a runner seen whole at 360 lines, and half more
GRID_PX: Final = 3  # flow is read at every third pixel; DIS smooths over eight
LONGEST_STEP_S: Final = 0.12  # between two frames: in more time a step is half over and cloth looks different
LONGEST_GAP_S: Final = 0.1  # over which a turn that was not seen is taken from those before and after it
SIZE_S: Final = 2.0  # over which the size of the runner in the picture is taken for constant

THERE_AND_BACK_PX: Final = 0.75  # a point that does not come back to where it was has not been followed
NOISE: Final = 0.5  # grey levels for each pixel: with less vertical texture there is nothing to hold on to
LEAST_POINTS: Final = 20  # of each side
ROUNDS: Final = 5  # of fitting the line, in which points that do not fit it (hands, hems, background) lose their say
LEAST_S: Final = 1.5  # two strides: in less, tilt cannot be told from drift
DRIFT_HZ: Final = 0.3  # slower than this is the sum of small errors; nobody strides so slowly


@dataclass(frozen=True)
class TiltStep:
    """How the pelvis turned from one frame to the next.

    Attributes
    ----------
    turn_deg : float
        In the picture, clockwise positive; NaN where the band could not be followed.
    together_px : float
        Vertical motion that both sides share, in pixels of the scaled picture.
    quality : float
        Share of the band that was followed there and back, on the side where it is less, 0 to 1.
    """

    turn_deg: float
    together_px: float
    quality: float


def follow_pelvis(motion: xr.Dataset, clip: Clip, progress: Callable[[int], None] = lambda frames: None) -> xr.Dataset:
    """Add the tilt of the pelvis to the motion of somebody seen from behind (or from in front).

    The clip is read once, and only two frames of it are kept.

    Parameters
    ----------
    motion : xarray.Dataset
        Clean, of this clip: the middle of the hips is good, only their line is not.
    clip : Clip
    progress : callable
        Told the number of frames done so far.

    Returns
    -------
    xarray.Dataset
        With ``pelvis_tilt_deg`` (time): positive when the **right side of the body is down**, about its own slow mean,
        NaN where it could not be followed; ``pelvis_flow_quality`` (time), 0 to 1; and the attribute
        ``pelvis_flow_agreement``: correlation of the band's motion up and down with that of the landmarks of the hips.
        It is low where the flow holds on to something else.
    """
    time_s = np.asarray(motion.time.values, np.float64)
    middle, trunk_px = _where(motion, time_s)
    steps = [TiltStep(np.nan, np.nan, 0.0)] * len(time_s)
    before: Frame | None = None
    for frame in clip:
        if frame.index >= len(time_s):
            break
        if before is not None and frame.time_s - before.time_s <= LONGEST_STEP_S:
            both = slice(frame.index - 1, frame.index + 1)
            steps[frame.index] = tilt_between(
                before.image, frame.image, middle[both].mean(0) / clip.scale, trunk_px[frame.index] / clip.scale
            )
        before = frame
        progress(frame.index + 1)
    turn_deg = np.array([step.turn_deg for step in steps])
    across = image_point(motion, "right_hip")[:, 0] - image_point(motion, "left_hip")[:, 0]
    face_to_face = (across < 0).sum() > (across > 0).sum()  # the right hip is on the left of the picture
    tilt_deg = _summed(-turn_deg if face_to_face else turn_deg, time_s)
    agreement = _agreement(np.array([step.together_px for step in steps]), middle[:, 1] * TRUNK_PX / trunk_px)
    return logged(
        motion.assign(
            pelvis_tilt_deg=("time", tilt_deg),
            pelvis_flow_quality=("time", np.array([step.quality for step in steps])),
        ).assign_attrs(pelvis_flow_agreement=agreement),
        f"follow_pelvis: {np.isfinite(turn_deg).mean():.0%} of the frames",
    )


def tilt_between(before: NDArray[np.uint8], after: NDArray[np.uint8], middle_px: Array, trunk_px: float) -> TiltStep:
    """How the band across the hips turned between two pictures.

    Parameters
    ----------
    before, after : ndarray of uint8, shape (height, width, 3)
        RGB.
    middle_px : ndarray, shape (2,)
        Middle of the hips.
    trunk_px : float
        From the middle of the hips to that of the shoulders.

    Returns
    -------
    TiltStep
    """
    if not (np.isfinite(middle_px).all() and trunk_px > 0):
        return TiltStep(np.nan, np.nan, 0.0)
    first, second = (_crop(image, middle_px, trunk_px) for image in (before, after))
    flow, there_and_back_px = _flow(first, second)
    texture = cv2.boxFilter(np.square(cv2.Sobel(first, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)), -1, (9, 9))
    top, bottom = (round((y - CROP_Y[0]) * TRUNK_PX) for y in BAND_Y)
    first_x, last_x = (round((x + CROP_X) * TRUNK_PX) for x in (-BAND_X, BAND_X))
    rows, columns = slice(top, bottom, GRID_PX), slice(first_x, last_x, GRID_PX)
    x = np.arange(first.shape[1])[columns] - CROP_X * TRUNK_PX
    good = (there_and_back_px[rows, columns] < THERE_AND_BACK_PX) & (texture[rows, columns] > NOISE**2)
    left, right = good[:, x < 0], good[:, x > 0]
    quality = float(min(left.mean(), right.mean()))
    if min(left.sum(), right.sum()) < LEAST_POINTS:
        return TiltStep(np.nan, np.nan, quality)
    slope, together_px = _line(np.broadcast_to(x, good.shape)[good], flow[rows, columns, 1][good])
    return TiltStep(float(np.degrees(np.arctan(slope))), together_px, quality)


def _where(motion: xr.Dataset, time_s: Array) -> tuple[Array, Array]:
    """Middle of the hips, shape (n_frames, 2), and length of the trunk, shape (n_frames,), in pixels."""
    middle = image_middle(motion, "hip")
    trunk_px = np.linalg.norm(image_middle(motion, "shoulder") - middle, axis=-1)
    seen = np.isfinite(trunk_px)
    if seen.sum() < 2:
        return middle, trunk_px
    frames = max(3, round(SIZE_S / float(np.median(np.diff(time_s)))))
    return middle, median_filter(np.interp(time_s, time_s[seen], trunk_px[seen]), size=frames, mode="nearest")


def _crop(image: NDArray[np.uint8], middle_px: Array, trunk_px: float) -> NDArray[np.uint8]:
    """Grey picture of the hips, scaled so that the trunk is `TRUNK_PX` long."""
    scale = TRUNK_PX / trunk_px
    width, height = round(2 * CROP_X * TRUNK_PX), round((CROP_Y[1] - CROP_Y[0]) * TRUNK_PX)
    to_crop = np.array(
        [[scale, 0, CROP_X * TRUNK_PX - scale * middle_px[0]], [0, scale, -CROP_Y[0] * TRUNK_PX - scale * middle_px[1]]]
    )
    flags = cv2.INTER_LINEAR
    if scale < 0.6:  # a warp takes single pixels: what is large is first made small by means of areas
        reach = np.array([CROP_X, max(-CROP_Y[0], CROP_Y[1])]) * trunk_px + 2
        low = np.maximum(np.floor(middle_px - reach), 0).astype(int)
        high = np.minimum(np.ceil(middle_px + reach), image.shape[1::-1]).astype(int)
        if (high - low < 2).any():
            return np.zeros((height, width), np.uint8)
        part = image[low[1] : high[1], low[0] : high[0]]
        small = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        shrunk = np.array(small.shape[1::-1]) / np.array(part.shape[1::-1])
        to_crop = np.array(
            [
                [scale / shrunk[0], 0, to_crop[0, 2] + scale * low[0]],
                [0, scale / shrunk[1], to_crop[1, 2] + scale * low[1]],
            ]
        )
        image = np.asarray(small, np.uint8)
    warped = cv2.warpAffine(image, to_crop, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.cvtColor(warped, cv2.COLOR_RGB2GRAY), np.uint8)


def _flow(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Flow from the first picture to the second [px], and by how much a point misses itself there and back [px]."""
    there = np.asarray(_dis().calc(first, second, None), np.float32)
    back = np.asarray(_dis().calc(second, first, None), np.float32)
    rows, columns = np.indices(first.shape, np.float32)
    came_back = cv2.remap(back, columns + there[..., 0], rows + there[..., 1], cv2.INTER_LINEAR)
    return there, np.asarray(np.linalg.norm(there + came_back, axis=-1), np.float32)


def _dis() -> cv2.DISOpticalFlow:
    """Dense inverse search (Kroeger et al. 2016); each call has its own, as it keeps buffers between calls."""
    return cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)


def _line(x: Array, y: Array) -> tuple[float, float]:
    """Slope and height of the line through most of the points: least squares with Cauchy weights."""
    weight = np.ones(len(x))
    slope = height = 0.0
    for _ in range(ROUNDS):
        x0, y0 = np.average(x, weights=weight), np.average(y, weights=weight)
        slope = float(np.sum(weight * (x - x0) * (y - y0)) / np.sum(weight * (x - x0) ** 2))
        height = float(y0 - slope * x0)
        off = y - height - slope * x
        spread = 1.4826 * float(np.median(np.abs(off))) + 1e-6
        weight = 1 / (1 + np.square(off / (2 * spread)))
    return slope, height


def _summed(turn_deg: Array, time_s: Array) -> Array:
    """Tilt from its steps, without the slow drift; every stretch without a long gap by itself."""
    tilt_deg = np.full(len(turn_deg), np.nan)
    known = np.flatnonzero(np.isfinite(turn_deg))
    if len(known) < 2:
        return tilt_deg
    step_s = float(np.median(np.diff(time_s)))
    sections = butter(2, min(DRIFT_HZ, 0.2 / step_s), "highpass", fs=1 / step_s, output="sos")
    for stretch in np.split(known, 1 + np.flatnonzero(np.diff(time_s[known]) > LONGEST_GAP_S + step_s)):
        frames = np.arange(stretch[0], stretch[-1] + 1)
        if len(frames) * step_s < LEAST_S:
            continue
        summed = np.cumsum(np.interp(time_s[frames], time_s[stretch], turn_deg[stretch]))
        padding = min(len(frames) - 1, round(1 / DRIFT_HZ / step_s))
        tilt_deg[frames] = sosfiltfilt(sections, detrend(summed), padtype="even", padlen=padding)
    return tilt_deg


def _agreement(together_px: Array, hips_px: Array) -> float:
    """Correlation of the band's own motion up and down with that of the hips' landmarks."""
    moved = np.r_[np.nan, np.diff(hips_px)]
    seen = np.isfinite(together_px) & np.isfinite(moved)
    if seen.sum() < 10 or np.std(moved[seen]) == 0 or np.std(together_px[seen]) == 0:
        return 0.0
    return float(np.corrcoef(together_px[seen], moved[seen])[0, 1])
