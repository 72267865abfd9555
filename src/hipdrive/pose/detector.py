"""Who is in the picture: BlazePose's person detector, with tiles for small figures.

The graph parameters (anchors, letterbox, weighted suppression) are those of MediaPipe's pose_detection
module (Apache-2.0), rewritten.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from hipdrive.pose.network import Network
from hipdrive.pose.regions import Region, crop, region_around

INPUT_PX: Final = 224
SURE: Final = 0.5  # MediaPipe's own threshold for a person
HINT: Final = 0.25  # enough to have a closer look; the landmark network then decides
SAME_PERSON_OVERLAP: Final = 0.3

# The detector sees 224 px: a body under a quarter of the long side is missed. Half-overlapping squares of
# these fractions found everybody down to 8 % of the picture (measured on 26 cut-out figures).
TILE_LEVELS: Final = (1.6, 2.5, 4.0)


@dataclass(frozen=True, eq=False)
class Detection:
    """A person, roughly.

    Attributes
    ----------
    score : float
        0 to 1.
    points_px : ndarray of float, shape (4, 2)
        Mid hip, a point on the circle round the whole body, mid shoulder, the same for the upper body.
    """

    score: float
    points_px: NDArray[np.float64]

    @property
    def region(self) -> Region:
        """Where the landmark network should look."""
        return region_around(self.points_px[0], self.points_px[1])


def _anchors() -> NDArray[np.float64]:
    """Centres of the 2254 anchors in units of the input, shape (2254, 2)."""
    layers = []
    for stride, per_cell in ((8, 2), (16, 2), (32, 6)):
        cells = INPUT_PX // stride
        centre = (np.arange(cells) + 0.5) / cells
        grid = np.stack(np.meshgrid(centre, centre), -1).reshape(-1, 1, 2)
        layers.append(np.repeat(grid, per_cell, 1).reshape(-1, 2))
    return np.concatenate(layers)


ANCHORS: Final = _anchors()


class Detector:
    """Finds people in one picture.

    Parameters
    ----------
    network : Network
        The detection network.
    """

    def __init__(self, network: Network) -> None:
        self._network = network

    def find(self, image: NDArray[np.uint8], least_score: float = SURE) -> list[Detection]:
        """People that are large in the picture, surest first."""
        height, width = image.shape[:2]
        side = max(height, width)
        square = crop(image, Region(width / 2, height / 2, side, 0.0), INPUT_PX, cv2.BORDER_CONSTANT)
        outputs = self._network(square.astype(np.float32)[None] * (2 / 255) - 1)
        boxes = next(o for o in outputs if o.shape[-1] == 12)[0].astype(np.float64)
        logits = next(o for o in outputs if o.shape[-1] == 1)[0, :, 0].astype(np.float64)
        scores = 1 / (1 + np.exp(-np.clip(logits, -100, 100)))
        offset = np.array([(width - side) / 2, (height - side) / 2])
        return [
            Detection(score, corners_and_points[2:] * side + offset)
            for score, corners_and_points in _merge(boxes, scores, least_score)
        ]

    def find_small(self, image: NDArray[np.uint8]) -> list[Detection]:
        """Look at ever smaller tiles until somebody is found; dear, so only when nobody is found at once."""
        height, width = image.shape[:2]
        for level in TILE_LEVELS:
            found = []
            for x, y, side in _tiles(width, height, level):
                tile = np.ascontiguousarray(image[y : y + side, x : x + side])
                found += [Detection(d.score, d.points_px + np.array([x, y])) for d in self.find(tile)]
            if found:
                return sorted(found, key=lambda detection: -detection.score)
        return []

    def find_lying(self, image: NDArray[np.uint8]) -> list[Detection]:
        """Hints of people in the picture turned by quarters.

        When others are in view, the upright ones win over the one on the floor; turned, the picture gives
        the lying one away. A lone person gains nothing by it.
        """
        height, width = image.shape[:2]
        found = []
        for quarters in range(4):
            turned = np.ascontiguousarray(np.rot90(image, -quarters))
            found += [
                Detection(d.score, _turn_back(d.points_px, quarters, width, height)) for d in self.find(turned, HINT)
            ]
        return sorted(found, key=lambda detection: -detection.score)


def _merge(
    boxes: NDArray[np.float64], scores: NDArray[np.float64], least_score: float
) -> Iterator[tuple[float, NDArray[np.float64]]]:
    """Weighted non-maximum suppression; yields score and (corners, points) in input sides, shape (6, 2)."""
    kept = np.flatnonzero(scores >= least_score)
    kept = kept[np.argsort(-scores[kept], kind="stable")]
    box, anchor, score = boxes[kept], ANCHORS[kept], scores[kept]
    centre, half = box[:, :2] / INPUT_PX + anchor, box[:, 2:4] / INPUT_PX / 2
    points = np.concatenate(
        [
            (centre - half)[:, None],
            (centre + half)[:, None],
            box[:, 4:].reshape(-1, 4, 2) / INPUT_PX + anchor[:, None],
        ],
        axis=1,
    )
    left = np.arange(len(kept))
    while len(left):
        corner = points[left, :2]
        low, high = np.maximum(corner[:, 0], corner[0, 0]), np.minimum(corner[:, 1], corner[0, 1])
        shared = np.prod(np.clip(high - low, 0, None), -1)
        area = np.prod(np.clip(corner[:, 1] - corner[:, 0], 0, None), -1)
        same = shared / np.maximum(area + area[0] - shared, 1e-9) > SAME_PERSON_OVERLAP
        same[0] = True
        group = left[same]
        weight = score[group, None, None]
        yield float(score[group[0]]), (points[group] * weight).sum(0) / weight.sum()
        left = left[~same]


def _tiles(width: int, height: int, level: float) -> Iterator[tuple[int, int, int]]:
    """Half-overlapping squares of side long side / level that cover the picture: x, y, side."""
    side = math.ceil(max(width, height) / level)

    def starts(length: int) -> list[int]:
        if length <= side:
            return [0]
        count = math.ceil((length - side) / (side / 2)) + 1
        return [int(start) for start in np.linspace(0, length - side, count)]

    for y in starts(height):
        for x in starts(width):
            yield x, y, side


def _turn_back(points: NDArray[np.float64], quarters: int, width: int, height: int) -> NDArray[np.float64]:
    """Points of the picture turned clockwise by quarters, in the picture itself."""
    x, y = points[:, 0], points[:, 1]
    return (
        np.stack([x, y], -1),
        np.stack([y, height - x], -1),
        np.stack([width - x, height - y], -1),
        np.stack([width - y, x], -1),
    )[quarters]
