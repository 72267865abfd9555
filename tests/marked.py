"""A walking body with markers on it, whose joints and angles are known exactly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hipdrive.motion.angles3d import frame_of
from hipdrive.motion.skeleton import COORDINATES, forward_kinematics
from hipdrive.motion.trial import Trial

Array = NDArray[np.float64]
HEIGHT_M = 1.75
KNEE_PAIRS = ("Knee.Lat", "Knee.Med", "Ankle.Lat", "Ankle.Med")


def walking_angles(n_frames: int = 120, swing: float = 1.0) -> dict[str, Array]:
    """Joint angles of somebody who walks two steps, or stands when the swing is 0."""
    phase = np.linspace(0, 4 * np.pi, n_frames)
    angles = {name: np.zeros(n_frames) for name in COORDINATES}
    angles["pelvis_ty"] += 1.0
    angles["pelvis_tx"] += 1.2 * phase / (2 * np.pi) * swing
    angles["pelvis_list"] += 5 * np.sin(phase) * swing
    angles["pelvis_rotation"] += 6 * np.cos(phase) * swing
    for letter, shift in (("r", 0.0), ("l", np.pi)):
        angles[f"hip_flexion_{letter}"] += (10 + 25 * np.sin(phase + shift)) * swing
        angles[f"hip_adduction_{letter}"] += 6 * np.cos(phase + shift) * swing
        angles[f"hip_rotation_{letter}"] += 4 * np.sin(phase + shift) * swing
        angles[f"knee_angle_{letter}"] += (32 + 30 * np.cos(phase + shift)) * swing
        angles[f"ankle_angle_{letter}"] += 20 * np.sin(2 * phase + shift) * swing
        angles[f"elbow_flex_{letter}"] += 60
    return angles


def marked_trial(
    angles: dict[str, Array],
    *,
    pairs: bool = True,
    axes: Array | None = None,
    rate_hz: float = 60.0,
    start_s: float = 0.0,
) -> Trial:
    """Put markers on the body.

    Parameters
    ----------
    pairs : bool
        Whether knees and ankles carry markers on both sides, as in a standing trial.
    axes : ndarray, shape (3, 3)
        Turns OpenSim's axes into those of the lab.
    """
    points = forward_kinematics(angles, HEIGHT_M)
    markers = {
        "R.ASIS": points["right_asis"],
        "L.ASIS": points["left_asis"],
        "V.Sacral": points["sacrum"],
    }
    for side, letter, sign in (("right", "R", 1.0), ("left", "L", -1.0)):
        hip, knee, ankle = (points[f"{side}_{joint}"] for joint in ("hip", "knee", "ankle"))
        to_right = sign * (points[f"{side}_knee_lateral"] - points[f"{side}_knee_medial"])
        thigh, shank = frame_of(hip - knee, to_right), frame_of(knee - ankle, to_right)
        spots = ((0.05, -0.10, 0.06), (0.09, -0.2, 0.02), (-0.03, -0.25, 0.07))
        for name, spot in zip(("Upper", "Front", "Rear"), spots, strict=True):
            markers[f"{letter}.Thigh.{name}"] = hip + thigh @ (np.array(spot) * [1, 1, sign])
            markers[f"{letter}.Shank.{name}"] = knee + shank @ (np.array(spot) * [0.8, 1, 0.8 * sign])
        markers[f"{letter}.Heel"] = points[f"{side}_heel"]
        markers[f"{letter}.Toe.Tip"] = points[f"{side}_foot_index"]
        markers[f"{letter}.Acromium"] = points[f"{side}_shoulder"]
        if pairs:
            markers[f"{letter}.Knee.Lat"] = points[f"{side}_knee_lateral"]
            markers[f"{letter}.Knee.Med"] = points[f"{side}_knee_medial"]
            markers[f"{letter}.Ankle.Lat"] = ankle + shank @ np.array([0, 0, 0.04 * sign])
            markers[f"{letter}.Ankle.Med"] = ankle - shank @ np.array([0, 0, 0.04 * sign])
    position_m = np.stack(list(markers.values()), axis=1)
    if axes is not None:
        position_m = position_m @ axes.T
    time_s = start_s + np.arange(len(position_m)) / rate_hz
    return Trial(tuple(markers), time_s, position_m, rate_hz)
