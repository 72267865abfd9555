"""A runner made of sticks, seen from the side: all about him is known, at any frame rate."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from hipdrive.motion import new_motion
from hipdrive.pose import KEYPOINTS

Array = NDArray[np.float64]
Side = Literal["left", "right"]

THIGH_PX: Final = 80.0
SHANK_PX: Final = 80.0
TRUNK_PX: Final = 100.0
TRAILING_DEG: Final = 20.0
LEAN_DEG: Final = 7.0
OSCILLATION_PX: Final = 16.0
OFFSET: Final = {"left": 0.0, "right": 0.5}  # of a stride


def thigh_behind_deg(phase: Array) -> Array:
    """Angle of the thigh behind the vertical: TRAILING_DEG at most, at a phase of 0.4."""
    return TRAILING_DEG - 28 * (1 - np.cos(2 * np.pi * (phase - 0.4)))


def knee_flexion_deg(phase: Array) -> Array:
    """Most at 0.72, in the swing."""
    return 15 + 37 * (1 + np.cos(2 * np.pi * (phase - 0.72)))


def foot_ahead_px(phase: Array) -> Array:
    """How far the ankle is ahead of the hip."""
    behind, flexion = np.radians(thigh_behind_deg(phase)), np.radians(knee_flexion_deg(phase))
    return -THIGH_PX * np.sin(behind) - SHANK_PX * np.sin(behind + flexion)


def phase_of_reach() -> float:
    """Phase at which the ankle is farthest ahead."""
    phase = np.linspace(0, 1, 100_001)
    return float(phase[np.argmax(foot_ahead_px(phase))])


def stick_runner(
    cadence_spm: float = 168.0,
    rate_hz: float = 60.0,
    seconds: float = 8.0,
    *,
    faces_right: bool = True,
    time_s: Array | None = None,
    kind: Literal["video", "landmarks", "mocap"] = "video",
    scale: float = 1.0,
) -> xr.Dataset:
    """Motion of somebody who runs on the spot, all keypoints seen.

    Parameters
    ----------
    cadence_spm : float
    rate_hz, seconds : float
        Of the even clock; left out where `time_s` is given.
    faces_right : bool
        Of the picture; then the right side is the near one.
    time_s : ndarray, shape (n,), optional
    kind : str
    scale : float
        Size of the runner in the picture.
    """
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz if time_s is None else time_s
    stride = cadence_spm / 120 * time_s
    ahead = 1.0 if faces_right else -1.0
    points: dict[str, Array] = {}
    hip_y = 200 + OSCILLATION_PX / 2 * np.cos(4 * np.pi * stride)
    lean = np.radians(LEAN_DEG)
    for side in ("left", "right"):
        phase = stride + OFFSET[side]
        behind, flexion = np.radians(thigh_behind_deg(phase)), np.radians(knee_flexion_deg(phase))
        hip = np.stack([np.full_like(time_s, 320.0), hip_y], -1)
        knee = hip + THIGH_PX * np.stack([-ahead * np.sin(behind), np.cos(behind)], -1)
        below = behind + flexion
        ankle = knee + SHANK_PX * np.stack([-ahead * np.sin(below), np.cos(below)], -1)
        points |= {
            f"{side}_hip": hip,
            f"{side}_knee": knee,
            f"{side}_ankle": ankle,
            f"{side}_heel": ankle + [-ahead * 8, 10],
            f"{side}_foot_index": ankle + [ahead * 30, 12],
            f"{side}_shoulder": hip + TRUNK_PX * np.array([ahead * np.sin(lean), -np.cos(lean)]),
        }
    landmarks = np.full((len(time_s), len(KEYPOINTS), 7), np.nan, np.float32)
    landmarks[:, :, 6] = 1.0
    landmarks[:, :, 3:6] = 0.0
    for number, name in enumerate(KEYPOINTS):
        left = name.startswith("left")
        place = points.get(name, points["left_shoulder" if left else "right_shoulder"] + [ahead * 5, -20])
        landmarks[:, number, :2] = scale * place
        landmarks[:, number, 2] = 0.0
        # the near side is the right one of somebody who faces the right of the picture: z is into the scene
        landmarks[:, number, 5] = (0.2 if left else -0.2) * ahead
    return new_motion(
        time_s, landmarks, source="sticks", width_px=round(640 * scale), height_px=round(480 * scale), kind=kind
    )
