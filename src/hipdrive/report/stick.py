"""A stick figure that moves on the page, for motions that nobody filmed: lab files and tables of landmarks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hipdrive.analysis import Examined
from hipdrive.pose.keypoints import BONES, KEYPOINTS
from hipdrive.report.words import SIDES

Array = NDArray[np.float64]

MOST_S: Final = 12.0  # a stretch long enough to see what repeats
MOST_HZ: Final = 30.0
HEIGHT: Final = 400  # of a view, in the units of its drawing
MARGIN: Final = 24
SLIMMEST: Final = 0.6  # width over height of a view
LEAST_SEEN_SHARE: Final = 0.5  # of the keypoints of the body, for a frame to be worth drawing

JOINTS: Final = tuple(name for name in KEYPOINTS if any(name in bone for bone in BONES))
VIEW_NAMES: Final = {"side": "From the side", "rear": "From behind", "front": "From the front"}

# Which way the second view looks at the motion's axes (x right, y down, z away from the first camera), and its name.
SECOND_VIEWS: Final = {
    "side": ("From behind", -1),
    "rear": ("From the right side", 1),
    "front": ("From the right side", -1),
}


@dataclass(frozen=True)
class StickFigure:
    """What the page draws.

    Attributes
    ----------
    data : dict
        For JSON: times, bones as pairs of joints with their side, views as points of every frame.
    views : list of (str, int)
        Names of the views with the width of their drawings; the height is `HEIGHT`.
    floor : int
        Height of the floor in the drawings.
    """

    data: dict[str, Any]
    views: list[tuple[str, int]]
    floor: int


def stick_figure(examined: Examined, most_s: float = MOST_S) -> StickFigure | None:
    """Make the moving stick figure of a motion without pictures.

    Parameters
    ----------
    examined : Examined
    most_s : float
        Of a longer motion a stretch of this length is shown.

    Returns
    -------
    StickFigure or None
        None where there is a clip, which shows more, or nothing that moves.
    """
    motion = examined.motion
    if examined.clip is not None or len(motion.time) < 2:
        return None
    body = motion.sel(keypoint=list(JOINTS))
    time_s = np.asarray(body.time.values, np.float64)
    seen_from = motion.attrs.get("seen_from", examined.analysis.view.id)
    first = np.asarray(body.image_position.values[..., :2], np.float64)
    world_m = np.asarray(body.world_position.values, np.float64)
    views = {VIEW_NAMES.get(seen_from, "As filmed"): first}
    # the depth that a network guesses is not worth a view of its own; a lab measures it
    if examined.analysis.source.kind == "mocap" and seen_from in SECOND_VIEWS:
        name, sign = SECOND_VIEWS[seen_from]
        views = {next(iter(views)): world_m[..., :2], name: world_m[..., [2, 1]] * (sign, 1)}
    is_seen = np.asarray(np.isfinite(next(iter(views.values()))).all(-1))
    frames = _frames(time_s, is_seen, _first_event_s(examined), most_s)
    if len(frames) < 2:
        return None
    hips = [JOINTS.index(f"{side}_hip") for side in SIDES]
    laid = {name: _laid_out(points[frames], hips) for name, points in views.items()}
    highest = min(float(np.nanmin(points[..., 1])) for points in laid.values())
    lowest = max(float(np.nanmax(points[..., 1])) for points in laid.values())
    scale = (HEIGHT - 2 * MARGIN) / max(lowest - highest, 1e-9)
    drawn, sizes = [], []
    for name, points in laid.items():
        reach = scale * float(np.nanmax(np.abs(points[..., 0])))
        width = round(max(2 * (reach + MARGIN), SLIMMEST * HEIGHT))
        placed = np.stack([width / 2 + scale * points[..., 0], MARGIN + scale * (points[..., 1] - highest)], -1)
        drawn.append([_whole_numbers(frame) for frame in placed])
        sizes.append((name, width))
    data = {
        "time": np.round(time_s[frames], 3).tolist(),
        "bones": [[JOINTS.index(a), JOINTS.index(b), _side_of(a, b)] for a, b in BONES],
        "views": drawn,
    }
    return StickFigure(data, sizes, HEIGHT - MARGIN)


def _first_event_s(examined: Examined) -> float:
    """When the first repetition or stride begins, a moment before it."""
    analysis = examined.analysis
    starts_s = [one.start_s for one in analysis.repetitions] + [one.contact_s for one in analysis.strides]
    return min(starts_s, default=0.0) - 0.5


def _frames(time_s: Array, is_seen: NDArray[np.bool_], from_s: float, most_s: float) -> NDArray[np.intp]:
    """Frames to draw: a stretch from a time on, no denser than a screen shows, where the body is seen."""
    rate_hz = (len(time_s) - 1) / (time_s[-1] - time_s[0])
    every = max(1, int(np.ceil(rate_hz / MOST_HZ - 1e-6)))
    start_s = max(float(time_s[0]), min(from_s, float(time_s[-1]) - most_s))
    frames = np.flatnonzero((time_s >= start_s) & (time_s <= start_s + most_s))[::every]
    return np.asarray(frames[is_seen[frames].mean(1) >= LEAST_SEEN_SHARE])


def _laid_out(points: Array, hips: list[int]) -> Array:
    """Points of a view with the hips in the middle of every frame: who travels stays in view."""
    middle = np.nanmean(points[:, hips, 0], axis=1, keepdims=True)
    points = points.copy()
    points[..., 0] -= np.where(np.isfinite(middle), middle, np.nanmedian(points[..., 0], axis=1, keepdims=True))
    return points


def _whole_numbers(points: Array) -> list[int | None]:
    """X and y of every joint in turn; None for both where one is missing."""
    return [round(float(value)) if np.isfinite(point).all() else None for point in points for value in point]


def _side_of(a: str, b: str) -> str:
    return next((side for side in SIDES if side in a and side in b), "both")
