"""The 33 landmarks of one person in one region of one picture.

Output layout and refinement as in MediaPipe's pose_landmark graph (Apache-2.0), rewritten.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from hipdrive.pose.keypoints import KEYPOINTS, MIRRORED
from hipdrive.pose.network import Network
from hipdrive.pose.regions import Region, crop, region_around, to_image

INPUT_PX: Final = 256
POINTS: Final = 39  # 33 keypoints, 2 that place the next region, 4 unused
REFINE_CELLS: Final = 7  # of MediaPipe's Tasks API
REFINE_LEAST: Final = 0.5
PRESENT: Final = 0.5  # below this the network says that nobody is in its region
N_KEYPOINTS: Final = len(KEYPOINTS)

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Pose:
    """One person in one picture.

    Attributes
    ----------
    presence : float
        Probability that a person fills the region, 0 to 1.
    image : ndarray of float, shape (33, 3)
        x and y in pixels of the picture, z in pixels towards the scene, relative to the hips.
    world : ndarray of float, shape (33, 3)
        Metres, relative to the mid hip, along the axes of the picture.
    confidence : ndarray of float, shape (33,)
        Visibility, 0 to 1.
    next_region : Region
        Where to look for the same person in the next picture.
    """

    presence: float
    image: Array
    world: Array
    confidence: Array
    next_region: Region


@dataclass(frozen=True, eq=False)
class _Raw:
    """Decoded output in the frame of a crop."""

    presence: float
    points: Array  # (39, 3) crop pixels
    world: Array  # (33, 3)
    confidence: Array  # (33,)


class Landmarker:
    """Landmarks of the person in a given region.

    Parameters
    ----------
    network : Network
        A landmark network without its segmentation head.
    mirrored_too : bool
        Look at the crop and at its mirror image and take the mean: twice the cost, a quarter less noise, and
        the left/right bias of the heavy network's world landmarks (up to 4 cm a knee) cancels.
    """

    def __init__(self, network: Network, mirrored_too: bool = False) -> None:
        self._network = network
        self._mirrored_too = mirrored_too

    def __call__(self, image: NDArray[np.uint8], region: Region) -> Pose:
        """Landmarks of whoever is in the region of an RGB picture."""
        picture = crop(image, region, INPUT_PX, cv2.BORDER_REPLICATE).astype(np.float32)[None] * (1 / 255)
        raw = self._look(picture)
        if self._mirrored_too:
            raw = _mean(raw, _unmirrored(self._look(np.ascontiguousarray(picture[:, :, ::-1]))))
        return _placed(raw, region)

    def _look(self, picture: NDArray[np.float32]) -> _Raw:
        by_size = {output.size: output for output in self._network(picture)}
        points = by_size[POINTS * 5].reshape(POINTS, 5).astype(np.float64)
        points[:, :2] = _refined(points[:, :2], by_size[64 * 64 * POINTS][0])
        return _Raw(
            presence=float(by_size[1].item()),  # already a probability
            points=points[:, :3],
            world=by_size[POINTS * 3].reshape(POINTS, 3)[:N_KEYPOINTS].astype(np.float64),
            confidence=_sigmoid(points[:N_KEYPOINTS, 3]),
        )


def _sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -100, 100))))


def _refined(points: Array, heatmap: NDArray[np.float32]) -> Array:
    """Pull points to the centre of mass of their heatmaps.

    Parameters
    ----------
    points : ndarray, shape (39, 2)
        Crop pixels.
    heatmap : ndarray, shape (64, 64, 39)
        Logits.
    """
    cells = heatmap.shape[0]
    unit = INPUT_PX / cells
    column, row = (points / unit).astype(int).T
    around = np.arange(REFINE_CELLS) - REFINE_CELLS // 2
    rows, columns = row[:, None] + around, column[:, None] + around
    inside = ((rows >= 0) & (rows < cells))[:, :, None] & ((columns >= 0) & (columns < cells))[:, None, :]
    patch = heatmap[
        rows.clip(0, cells - 1)[:, :, None],
        columns.clip(0, cells - 1)[:, None, :],
        np.arange(POINTS)[:, None, None],
    ]
    weight = _sigmoid(patch.astype(np.float64)) * inside
    total = weight.sum((1, 2))
    in_crop = ((points >= 0) & (points < INPUT_PX)).all(1)
    use = in_crop & (weight.max((1, 2)) >= REFINE_LEAST)
    total = np.where(total > 0, total, 1)
    centre = np.stack([(weight.sum(1) * columns).sum(1), (weight.sum(2) * rows).sum(1)], -1) / total[:, None]
    return np.where(use[:, None], centre * unit, points)


def _unmirrored(raw: _Raw) -> _Raw:
    """Turn back what was seen in the mirror: x flipped, left and right exchanged."""
    order = [*MIRRORED, *range(N_KEYPOINTS, POINTS)]
    flip = np.array([-1.0, 1.0, 1.0])
    return _Raw(
        raw.presence,
        raw.points[order] * flip + np.array([INPUT_PX, 0, 0]),
        raw.world[list(MIRRORED)] * flip,
        raw.confidence[list(MIRRORED)],
    )


def _mean(a: _Raw, b: _Raw) -> _Raw:
    return _Raw(
        (a.presence + b.presence) / 2,
        (a.points + b.points) / 2,
        (a.world + b.world) / 2,
        (a.confidence + b.confidence) / 2,
    )


def _placed(raw: _Raw, region: Region) -> Pose:
    """From the crop into the picture: turn, scale and shift."""
    points = to_image(raw.points[:, :2], region, INPUT_PX)
    depth = raw.points[:, 2:] * (region.size_px / INPUT_PX)
    cos, sin = math.cos(region.turn_rad), math.sin(region.turn_rad)
    turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    return Pose(
        presence=raw.presence,
        image=np.hstack([points, depth])[:N_KEYPOINTS],
        world=raw.world @ turn.T,
        confidence=raw.confidence,
        next_region=region_around(points[N_KEYPOINTS], points[N_KEYPOINTS + 1]),
    )
