"""Angles and distances of points, for pictures (y down) and for space.

Every function works on arrays with the coordinates last and lets missing values (NaN) through.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def distance(a: Array, b: Array) -> Array:
    """Distance of two points, shape (...,), in the unit of the points."""
    return np.asarray(np.linalg.norm(b - a, axis=-1))


def median(values: Array) -> float:
    """Median of what is there; NaN where nothing is.

    Examples
    --------
    >>> median(np.array([1.0, np.nan, 3.0])), median(np.array([np.nan]))
    (2.0, nan)
    """
    seen = values[np.isfinite(values)]
    return float(np.median(seen)) if len(seen) else float("nan")


def angle_deg(a: Array, b: Array, c: Array) -> Array:
    """Angle at b between the lines to a and to c, 0 to 180 [deg].

    Examples
    --------
    >>> float(angle_deg(np.array([0., 1.]), np.array([0., 0.]), np.array([1., 0.])))
    90.0
    """
    u, v = a - b, c - b
    dot = (u * v).sum(-1)
    lengths = np.linalg.norm(u, axis=-1) * np.linalg.norm(v, axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.degrees(np.arccos(np.clip(dot / lengths, -1, 1))))


def turn_deg(a: Array, b: Array, c: Array) -> Array:
    """Angle at b from the line to a round to the line to c, clockwise on the screen, 0 to 360 [deg].

    Unlike `angle_deg` it goes on past 180, so a straight line and a line bent the other way differ.

    Parameters
    ----------
    a, b, c : ndarray, shape (..., 2)
        Points of the picture, y down.
    """
    u, v = a - b, c - b
    cross = u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]
    dot = (u * v).sum(-1)
    return np.asarray(np.degrees(np.arctan2(cross, dot)) % 360)


def direction_deg(a: Array, b: Array) -> Array:
    """Direction of the line from a to b, counter-clockwise from the picture's right, -180 to 180 [deg]."""
    d = b - a
    return np.asarray(np.degrees(np.arctan2(-d[..., 1], d[..., 0])))


def height_over_line(point: Array, a: Array, b: Array) -> Array:
    """Signed distance of a point of the picture from the line a to b; positive on the left going from a to b.

    On the screen (y down) and going rightwards, left is up.
    """
    along = b - a
    to_point = point - a
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(
            (along[..., 1] * to_point[..., 0] - along[..., 0] * to_point[..., 1]) / np.linalg.norm(along, axis=-1)
        )


def wrapped_deg(angle: Array) -> Array:
    """The same angle between -180 and 180 [deg]."""
    return np.asarray((np.asarray(angle) + 180) % 360 - 180)
