"""Angles of pelvis and hips in space, from a motion of a lab.

Conventions are those of OpenSim's models (Delp et al. 1990; Rajagopal et al. 2016), which follow the ISB (Wu et al.
2002) in their signs: the frames have x forward, y up, z right, and turn about z, then x, then y.

- Pelvis: ``tilt`` back is positive; ``list`` is positive with the **right side down**; ``rotation`` is positive when
  the pelvis turns to the left.
- Hip: ``flexion``, ``adduction`` and ``rotation`` inwards are positive on both sides.

The pelvis is that of its markers: forward is from the sacral marker to the middle of the ASIS. A model's pelvis is
turned against it by a constant tilt, which depends on where the sacral marker was put and goes into tilt and flexion
alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from hipdrive.errors import HipdriveError
from hipdrive.motion.body import opensim_point, pelvis_frame
from hipdrive.motion.marker_names import Side

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PelvisAngles:
    """How the pelvis stands in the lab [deg], each of shape (n_frames,)."""

    tilt_deg: Array
    list_deg: Array
    rotation_deg: Array


@dataclass(frozen=True, eq=False)
class HipAngles:
    """How a thigh stands to the pelvis [deg], each of shape (n_frames,).

    ``rotation_deg`` is NaN where nothing on the knee tells how the thigh is turned.
    """

    flexion_deg: Array
    adduction_deg: Array
    rotation_deg: Array


def pelvis_angles_deg(motion: xr.Dataset) -> PelvisAngles:
    """Tilt, list and rotation of the pelvis.

    Parameters
    ----------
    motion : xarray.Dataset
        Of kind ``"mocap"``, with ASIS and sacrum.

    Returns
    -------
    PelvisAngles

    Raises
    ------
    HipdriveError
        When the motion has no pelvis markers: the two hips of a pose model do not tell how the pelvis stands.
    """
    return PelvisAngles(*zxy_deg(_pelvis(motion)))


def hip_angles_deg(motion: xr.Dataset, side: Side) -> HipAngles:
    """Flexion, adduction and rotation of a hip.

    Parameters
    ----------
    motion : xarray.Dataset
        Of kind ``"mocap"``, with ASIS and sacrum.
    side : {"left", "right"}

    Returns
    -------
    HipAngles

    Raises
    ------
    HipdriveError
        When the motion has no pelvis markers.
    """
    pelvis = _pelvis(motion)
    hip, knee = (opensim_point(motion, f"{side}_{joint}") for joint in ("hip", "knee"))
    names = set(motion.keypoint.values.tolist())
    has_axis = {f"{side}_knee_lateral", f"{side}_knee_medial"} <= names
    if has_axis:
        outwards = opensim_point(motion, f"{side}_knee_lateral") - opensim_point(motion, f"{side}_knee_medial")
        to_right = outwards if side == "right" else -outwards
    else:
        to_right = pelvis[..., 2]  # only for a whole frame; flexion and adduction do not depend on it
    thigh = frame_of(hip - knee, to_right)
    flexion, adduction, rotation = zxy_deg(np.swapaxes(pelvis, -1, -2) @ thigh)
    sign = 1 if side == "right" else -1
    return HipAngles(flexion, sign * adduction, sign * rotation if has_axis else np.full_like(rotation, np.nan))


def frame_of(up: Array, to_right: Array) -> Array:
    """Frame of a segment whose y axis is along `up`, shape (n_frames, 3, 3), columns x forward, y up, z right."""
    with np.errstate(invalid="ignore", divide="ignore"):
        y = up / np.linalg.norm(up, axis=-1, keepdims=True)
        x = np.cross(y, to_right)
        x /= np.linalg.norm(x, axis=-1, keepdims=True)
    return np.stack([x, y, np.cross(x, y)], axis=-1)


def zxy_deg(rotation: Array) -> tuple[Array, Array, Array]:
    """Angles about z, then x, then y that a rotation is made of [deg].

    Parameters
    ----------
    rotation : ndarray, shape (..., 3, 3)

    Returns
    -------
    tuple of ndarray, shape (...,)
        The first and last lie between -180 and 180, the second between -90 and 90.
    """
    about_z = np.arctan2(-rotation[..., 0, 1], rotation[..., 1, 1])
    about_x = np.arcsin(np.clip(rotation[..., 2, 1], -1, 1))
    about_y = np.arctan2(-rotation[..., 2, 0], rotation[..., 2, 2])
    return np.degrees(about_z), np.degrees(about_x), np.degrees(about_y)


def from_zxy_deg(about_z: Array, about_x: Array, about_y: Array) -> Array:
    """Rotation that `zxy_deg` takes apart, shape (..., 3, 3)."""
    (ca, sa), (cb, sb), (cc, sc) = (
        (np.cos(np.radians(angle)), np.sin(np.radians(angle))) for angle in (about_z, about_x, about_y)
    )
    rows = [
        [ca * cc - sa * sb * sc, -sa * cb, ca * sc + sa * sb * cc],
        [sa * cc + ca * sb * sc, ca * cb, sa * sc - ca * sb * cc],
        [-cb * sc, sb, cb * cc],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def _pelvis(motion: xr.Dataset) -> Array:
    needed = ("left_asis", "right_asis", "sacrum")
    if not set(needed) <= set(motion.keypoint.values.tolist()):
        raise HipdriveError(
            f"{motion.attrs['source']} has no ASIS and sacrum markers: without them nobody knows how the pelvis stands"
        )
    _, rotation = pelvis_frame(*(opensim_point(motion, name) for name in needed))
    return rotation
