"""A stick figure that does bridges of all kinds, seen exactly from the side: landmarks without a network's mistakes."""

from __future__ import annotations

import numpy as np

from hipdrive.pose import KEYPOINTS

RATE_HZ = 30.0
TRUNK_M, THIGH_M, SHANK_M = 0.5, 0.43, 0.43
JOINTS_OVER_FLOOR_M = 0.1
ANKLE_M = np.array([0.87, JOINTS_OVER_FLOOR_M])  # along the floor from the shoulders, and up
HALF_WIDTH_M = 0.1
PIXELS_PER_M = 250.0
INDEX = {name: i for i, name in enumerate(KEYPOINTS)}


def straight_deg() -> float:
    """Tilt of the trunk at which shoulder, hip and knee are in line."""
    tilts = np.linspace(10, 50, 4001)
    gaps = [abs(np.linalg.norm(_knee(_hip(tilt)) - _shoulder()) - TRUNK_M - THIGH_M) for tilt in tilts]
    return float(tilts[int(np.argmin(gaps))])


def repetition(raise_s: float, hold_s: float, lower_s: float, height: float = 1.0, rest_s: float = 0.6):
    """Height of the hips through one repetition, as a share of the straight line, shape (n_frames,)."""
    parts = [
        height * _smooth(raise_s),
        np.full(round(hold_s * RATE_HZ), height),
        height * _smooth(lower_s)[::-1],
        np.zeros(round(rest_s * RATE_HZ)),
    ]
    return np.concatenate(parts)


def landmarks(heights, extended: dict[str, np.ndarray] | None = None, toes_up_deg: float = 20.0):
    """Landmarks of a set, shape (n_frames, 33, 7).

    Parameters
    ----------
    heights : array of float, shape (n_frames,)
        Height of the hips as a share of the straight line.
    extended : dict
        By side, how far that leg's knee is stretched in the air, 0 to 1, shape (n_frames,). The right leg is near.
    toes_up_deg : float
        From the second second on; before that the feet lie flat.
    """
    frames = []
    top_deg = straight_deg()
    for i, height in enumerate(heights):
        toes_deg = toes_up_deg * float(np.clip(i / RATE_HZ - 1, 0, 1))
        lifts = {side: float((extended or {}).get(side, np.zeros(len(heights)))[i]) for side in ("left", "right")}
        frames.append(_pose(height * top_deg, lifts, toes_deg))
    space = np.array(frames)  # along the body, up, to the left
    image = np.stack([180 + PIXELS_PER_M * space[..., 0], 300 - PIXELS_PER_M * space[..., 1]], -1)
    image[..., 0] += 4 * space[..., 2]  # no two joints exactly over each other
    world = np.stack([space[..., 0], -space[..., 1], space[..., 2]], -1)
    world -= world[:, [INDEX["left_hip"], INDEX["right_hip"]]].mean(1, keepdims=True)
    empty, seen = np.zeros((*space.shape[:2], 1)), np.ones((*space.shape[:2], 1))
    return np.concatenate([image, empty, world, seen], -1).astype(np.float32)


def _smooth(seconds: float):
    return 0.5 - 0.5 * np.cos(np.linspace(0, np.pi, round(seconds * RATE_HZ)))


def _shoulder():
    return np.array([0.0, JOINTS_OVER_FLOOR_M])


def _hip(tilt_deg: float):
    return _shoulder() + TRUNK_M * _direction(tilt_deg)


def _direction(degrees: float):
    return np.array([np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))])


def _knee(hip):
    """Knee over a planted foot: where thigh and shank meet above the line from hip to ankle."""
    way = ANKLE_M - hip
    far = float(np.linalg.norm(way))
    along = (THIGH_M**2 - SHANK_M**2 + far**2) / (2 * far)
    up = np.sqrt(max(THIGH_M**2 - along**2, 0.0))
    return hip + along * way / far + up * np.array([-way[1], way[0]]) / far


def _pose(tilt_deg: float, lifts: dict[str, float], toes_deg: float):
    points = np.zeros((len(KEYPOINTS), 3))
    hip, shoulder = _hip(tilt_deg), _shoulder()
    knee = _knee(hip)
    thigh_deg = float(np.rad2deg(np.arctan2(*(knee - hip)[::-1])))
    down_deg = float(np.rad2deg(np.arctan2(*(ANKLE_M - knee)[::-1])))
    for side, out in (("left", HALF_WIDTH_M), ("right", -HALF_WIDTH_M)):
        shank_deg = down_deg + lifts[side] * (thigh_deg - down_deg)
        ankle = knee + SHANK_M * _direction(shank_deg)
        foot_deg = shank_deg - down_deg + toes_deg
        heel = ankle + 0.07 * _direction(shank_deg)
        places = {
            "shoulder": shoulder,
            "hip": hip,
            "knee": knee,
            "ankle": ankle,
            "heel": heel,
            "foot_index": heel + 0.2 * _direction(foot_deg),
            "elbow": shoulder + [0.25, -0.05],
            "wrist": shoulder + [0.5, -0.05],
        }
        for name, place in places.items():
            points[INDEX[f"{side}_{name}"]] = [*place, out]
    head = [*(shoulder + [-0.2, 0.02]), 0.0]
    for name, i in INDEX.items():
        if not points[i].any():
            points[i] = points[INDEX[f"{name.partition('_')[0]}_wrist"]] if _is_hand(name) else head
    return points


def _is_hand(name: str) -> bool:
    return any(part in name for part in ("pinky", "index", "thumb")) and "foot" not in name
