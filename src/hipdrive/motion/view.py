"""From where the athlete was filmed, and which side of the body is nearer to the camera."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from hipdrive.motion.dataset import image_middle, image_point, logged, world_point
from hipdrive.motion.sides import exchange_all_sides

ViewId = Literal["side", "front", "rear", "oblique", "unknown"]
Side = Literal["left", "right"]

# Angle between the line through both shoulders or hips and the line of sight. On rendered athletes filmed
# from 0 to 23 degrees off the side it read 5 to 27, from 41 degrees 46, from the feet 80 to 90.
SIDE_UP_TO_DEG: Final = 35.0
FRONT_FROM_DEG: Final = 60.0


# Mean of the distances between both shoulders and both hips of somebody seen from the front, in trunk lengths: shoulder
# joints 0.22, hip joints 0.11 and trunk 0.288 of body height (Winter, Biomechanics and Motor Control, fig. 4.1).
WIDTH_OF_TRUNK: Final = (0.22 + 0.11) / 2 / 0.288
# A foot or a nose that points sideways by less than this, in shank or trunk lengths, does not tell where it points.
LEAST_POINTING: Final = 0.03


@dataclass(frozen=True)
class View:
    """From where the athlete was filmed.

    Attributes
    ----------
    id : {"side", "front", "rear", "oblique", "unknown"}
        For a lying athlete, front is from the feet.
    near_side : {"left", "right"} or None
        Side of the body nearer to the camera; None from front and rear.
    confidence : float
        Share of the frames that agree, 0 to 1.
    off_side_deg : float
        0 when filmed exactly from the side, 90 from front or rear.
    """

    id: ViewId
    near_side: Side | None
    confidence: float
    off_side_deg: float


UNKNOWN: Final = View("unknown", None, 0.0, float("nan"))


def find_view(motion: xr.Dataset) -> tuple[xr.Dataset, View]:
    """Tell the view, and put the sides right where the network exchanged them throughout.

    Which side is near follows from depth, and once more, independently, from the way head and knees point. Where
    the two disagree the network has taken left for right in the whole clip.

    Parameters
    ----------
    motion : xarray.Dataset

    Returns
    -------
    motion : xarray.Dataset
        With left and right exchanged where they were wrong.
    view : View
    """
    across = _across(motion)
    seen = np.isfinite(across).all(-1)
    if not seen.any():
        view = view_by_picture(motion)
        return logged(motion, f"find_view: {view.id}, near side {view.near_side}, by the picture alone"), view
    across = across[seen]
    off_side_deg = np.degrees(np.arctan2(np.hypot(across[:, 0], across[:, 1]), np.abs(across[:, 2])))
    typical_deg = float(np.median(off_side_deg))
    if typical_deg > FRONT_FROM_DEG:
        faces = across[:, 0] > 0  # the athlete's left is on the right of the picture
        share = float(faces.mean())
        return motion, View("front" if share > 0.5 else "rear", None, max(share, 1 - share), typical_deg)
    left_is_far = across[:, 2] > 0
    share = float(left_is_far.mean())
    near: Side = "right" if share > 0.5 else "left"
    by_posture = _near_side_by_posture(motion)
    if by_posture is not None and by_posture != near:
        motion, near = exchange_all_sides(motion), by_posture
    on_side = off_side_deg <= SIDE_UP_TO_DEG if typical_deg <= SIDE_UP_TO_DEG else off_side_deg > SIDE_UP_TO_DEG
    view = View("side" if typical_deg <= SIDE_UP_TO_DEG else "oblique", near, float(on_side.mean()), typical_deg)
    return logged(motion, f"find_view: {view.id}, near side {near}, {typical_deg:.0f} deg off the side"), view


def view_by_picture(motion: xr.Dataset) -> View:
    """Tell the view from the picture alone, for landmarks without depth.

    How far left and right are apart tells how far off the side the camera stood; which is on the right, whether from
    the front or from behind; where feet, head and knees point, which side is near. Whether the labels left and right
    are right cannot be told.

    Parameters
    ----------
    motion : xarray.Dataset

    Returns
    -------
    View
    """
    shoulder, hip = (image_middle(motion, joint) for joint in ("shoulder", "hip"))
    shoulders, hips = (
        image_point(motion, f"left_{joint}") - image_point(motion, f"right_{joint}") for joint in ("shoulder", "hip")
    )
    across = (shoulders + hips) / 2
    up = shoulder - hip
    trunk_px = np.linalg.norm(up, axis=-1)
    seen = np.isfinite(across).all(-1) & (trunk_px > 0)
    if not seen.any():
        return UNKNOWN
    widths = np.linalg.norm(across[seen], axis=-1) / trunk_px[seen] / WIDTH_OF_TRUNK
    off_side_deg = np.degrees(np.arcsin(np.clip(widths, 0, 1)))
    typical_deg = float(np.median(off_side_deg))
    if typical_deg > FRONT_FROM_DEG:
        share = float((across[seen, 0] > 0).mean())
        return View("front" if share > 0.5 else "rear", None, max(share, 1 - share), typical_deg)
    told = [share for share in _left_is_far_shares(motion) if share is not None]
    if not told:
        return UNKNOWN
    left_is_far = float(np.mean(told))
    on_side = off_side_deg <= SIDE_UP_TO_DEG if typical_deg <= SIDE_UP_TO_DEG else off_side_deg > SIDE_UP_TO_DEG
    confidence = min(float(on_side.mean()), max(left_is_far, 1 - left_is_far))
    near: Side = "right" if left_is_far > 0.5 else "left"
    return View("side" if typical_deg <= SIDE_UP_TO_DEG else "oblique", near, confidence, typical_deg)


def _left_is_far_shares(motion: xr.Dataset) -> Iterator[float | None]:
    """Share of the frames in which the left side is far, told by feet, head and knees; None from what does not tell."""
    ears = np.stack([image_point(motion, f"{side}_ear") for side in ("left", "right")])
    ear = np.where(np.isfinite(ears), ears, 0).sum(0) / np.isfinite(ears).sum(0).clip(1)
    behind_nose = np.where(np.isfinite(ears).any(0), ear, image_middle(motion, "shoulder"))
    up = image_middle(motion, "shoulder") - image_middle(motion, "hip")
    pointers = [(up, image_point(motion, "nose") - behind_nose)]
    for side in ("left", "right"):  # a foot stands across its shank, whatever the leg does
        toe, heel, knee, ankle = (
            image_point(motion, f"{side}_{part}") for part in ("foot_index", "heel", "knee", "ankle")
        )
        pointers.append((knee - ankle, toe - heel))
    for upwards, front in pointers:
        # left = up x front in a right-handed frame (x right, y down, z into the scene)
        left_depth = upwards[:, 0] * front[:, 1] - upwards[:, 1] * front[:, 0]
        with np.errstate(invalid="ignore", divide="ignore"):
            told = left_depth / np.linalg.norm(upwards, axis=-1) ** 2
        told = told[np.isfinite(told) & (np.abs(told) > LEAST_POINTING)]
        yield float((told > 0).mean()) if len(told) else None
    posture = _near_side_by_posture(motion)
    yield None if posture is None else float(posture == "right")


def _across(motion: xr.Dataset) -> NDArray[np.float64]:
    """From right to left through shoulders and hips [m], shape (n_frames, 3)."""
    shoulders, hips = (
        world_point(motion, f"left_{joint}") - world_point(motion, f"right_{joint}") for joint in ("shoulder", "hip")
    )
    return np.asarray((shoulders + hips) / 2)


def _near_side_by_posture(motion: xr.Dataset) -> Side | None:
    """Near side from the directions of head and knees in the picture; None where they do not tell."""
    shoulder, hip, knee, ankle = (image_middle(motion, joint) for joint in ("shoulder", "hip", "knee", "ankle"))
    up, front = shoulder - hip, knee - (hip + ankle) / 2
    # left = up x front in a right-handed frame (x right, y down, z into the scene)
    left_depth = up[:, 0] * front[:, 1] - up[:, 1] * front[:, 0]
    size = np.linalg.norm(up, axis=-1) * np.linalg.norm(ankle - hip, axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        told = left_depth / size
    told = told[np.isfinite(told)]
    told = told[np.abs(told) > 0.15]  # a knee bent by less says nothing
    if len(told) == 0 or abs(float((told > 0).mean()) - 0.5) < 0.3:
        return None
    return "right" if float((told > 0).mean()) > 0.5 else "left"
