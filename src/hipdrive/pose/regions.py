"""The turned square that the landmark network looks at.

A region is centred on the hips, its upper edge lies beyond the head, and it is turned so that the body
stands upright in it whichever way the person lies: this is why lying people need no turning of the picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

BODY_MARGIN: Final = 1.25  # of MediaPipe's pose_landmark graph: the square is 1.25 times the circle round the body

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Region:
    """A turned square in the picture.

    Attributes
    ----------
    centre_x_px, centre_y_px : float
    size_px : float
        Length of a side.
    turn_rad : float
        Clockwise on the screen; 0 when the person stands upright.
    """

    centre_x_px: float
    centre_y_px: float
    size_px: float
    turn_rad: float


def region_around(hips_px: Array, reach_px: Array) -> Region:
    """Region of a body from its mid-hip point and a point on the circle round the whole body, each shape (2,)."""
    dx, dy = float(reach_px[0] - hips_px[0]), float(reach_px[1] - hips_px[1])
    turn = math.pi / 2 - math.atan2(-dy, dx)
    turn -= 2 * math.pi * math.floor((turn + math.pi) / (2 * math.pi))
    return Region(float(hips_px[0]), float(hips_px[1]), 2 * math.hypot(dx, dy) * BODY_MARGIN, turn)


def crop_to_image(region: Region, side_px: int) -> Array:
    """Affine matrix, shape (2, 3), from pixels of a square crop of `side_px` to pixels of the picture."""
    scale = region.size_px / side_px
    cos, sin, half = math.cos(region.turn_rad) * scale, math.sin(region.turn_rad) * scale, side_px / 2
    return np.array(
        [
            [cos, -sin, region.centre_x_px - cos * half + sin * half],
            [sin, cos, region.centre_y_px - sin * half - cos * half],
        ]
    )


def crop(image: NDArray[np.uint8], region: Region, side_px: int, border: int) -> NDArray[np.uint8]:
    """Cut a region out as a square of `side_px`; `border` is OpenCV's way to fill what lies outside."""
    return np.asarray(
        cv2.warpAffine(
            image,
            crop_to_image(region, side_px),
            (side_px, side_px),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=border,
            borderValue=(0, 0, 0),
        ),
        np.uint8,
    )


def to_image(points: Array, region: Region, side_px: int) -> Array:
    """Points of the crop, shape (n, 2), in pixels of the picture."""
    matrix = crop_to_image(region, side_px)
    return np.asarray(points @ matrix[:, :2].T + matrix[:, 2])
