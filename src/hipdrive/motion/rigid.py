"""Bodies that move in one piece: where they are, and where two of them are joined."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LEAST_SPREAD_M: Final = 0.01
"""Three markers nearer than this to one line do not tell how the body is turned about it."""

LEAST_HINGE_DEG: Final = 30.0
"""The error of a functional joint grows steeply under this range of movement (Ehrig et al. 2006, J Biomech 39:2798)."""

MOST_POSES: Final = 3000  # more do not make a joint better known, only slower


def usual(values: Array) -> float:
    """Median of what is there; NaN when nothing is."""
    there = values[np.isfinite(values)]
    return float(np.median(there)) if len(there) else float("nan")


def largest(values: Array) -> float:
    """Greatest size of what is there; 0 when nothing is."""
    there = values[np.isfinite(values)]
    return float(np.abs(there).max()) if len(there) else 0.0


def fit_rigid(reference: Array, moving: Array) -> tuple[Array, Array]:
    """Find the turn and shift that take a set of points to where it is in every frame (Söderkvist & Wedin 1993).

    Parameters
    ----------
    reference : ndarray, shape (n_points, 3)
    moving : ndarray, shape (n_frames, n_points, 3)
        Some points may be missing in some frames.

    Returns
    -------
    rotation : ndarray, shape (n_frames, 3, 3)
    translation : ndarray, shape (n_frames, 3)
        ``moving = rotation @ reference + translation``; NaN where fewer than three points are seen, or all on a line.
    """
    seen = np.isfinite(moving).all(-1) & np.isfinite(reference).all(-1)
    rotation, translation = np.full((len(moving), 3, 3), np.nan), np.full((len(moving), 3), np.nan)
    for pattern in np.unique(seen, axis=0):
        if pattern.sum() < 3:
            continue
        frames = np.flatnonzero((seen == pattern).all(1))
        rest, now = reference[pattern], moving[np.ix_(frames, pattern)]
        rest_middle, now_middle = rest.mean(0), now.mean(1)
        if np.linalg.svd(rest - rest_middle, compute_uv=False)[1] < LEAST_SPREAD_M:
            continue
        u, _, vt = np.linalg.svd(np.einsum("nki,kj->nij", now - now_middle[:, None], rest - rest_middle))
        u[:, :, 2] *= np.sign(np.linalg.det(u) * np.linalg.det(vt))[:, None]
        turn = u @ vt
        rotation[frames], translation[frames] = turn, now_middle - turn @ rest_middle
    return rotation, translation


def carried(points: Array, rotation: Array, translation: Array) -> Array:
    """Where points fixed to a body are in every frame, shape (n_frames, n_points, 3)."""
    return np.asarray(np.einsum("nij,kj->nki", rotation, points) + translation[:, None])


def mean_shape(moving: Array) -> Array | None:
    """Usual arrangement of points of a body, shape (n_points, 3); None when they are never all seen."""
    whole = moving[np.isfinite(moving).all((1, 2))]
    if len(whole) == 0:
        return None
    whole = whole[:: max(1, len(whole) // MOST_POSES)]
    shape = whole[0]
    for _ in range(2):
        rotation, translation = fit_rigid(shape, whole)
        if not np.isfinite(rotation).all():
            return None
        shape = np.einsum("nji,nkj->nki", rotation, whole - translation[:, None]).mean(0)
    return np.asarray(shape)


def hinge(upper: tuple[Array, Array], lower: tuple[Array, Array]) -> tuple[Array, Array] | None:
    """Find the axis about which two bodies turn against each other (SARA; Ehrig et al. 2007, J Biomech 40:2150).

    Parameters
    ----------
    upper, lower : (rotation, translation)
        Poses of both bodies, shapes (n_frames, 3, 3) and (n_frames, 3).

    Returns
    -------
    (point, direction) or None
        Of the axis, in the frame of the upper body; None when the bodies turn too little against each other.
    """
    known = np.flatnonzero(np.isfinite(upper[0]).all((1, 2)) & np.isfinite(lower[0]).all((1, 2)))
    if len(known) < 10:
        return None
    known = known[:: max(1, len(known) // MOST_POSES)]
    turns, shifts = zip(*((turn[known], shift[known]) for turn, shift in (upper, lower)), strict=True)
    relative = np.einsum("nji,njk->nik", turns[0], turns[1])
    against_first = np.einsum("nik,jk->nij", relative, relative[0])
    angles_deg = np.degrees(np.arccos(np.clip((np.trace(against_first, axis1=1, axis2=2) - 1) / 2, -1, 1)))
    if float(np.percentile(angles_deg, 95)) < LEAST_HINGE_DEG:
        return None
    matrix = np.concatenate([turns[0], -turns[1]], axis=2).reshape(-1, 6)
    offset = (shifts[1] - shifts[0]).reshape(-1)
    u, singular, vt = np.linalg.svd(matrix, full_matrices=False)
    # the last direction is along the axis: moving the joint along it costs nothing
    solution = vt[:5].T @ ((u.T @ offset)[:5] / singular[:5])
    direction = vt[5, :3] / np.linalg.norm(vt[5, :3])
    return solution[:3], direction
