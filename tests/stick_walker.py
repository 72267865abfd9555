"""A walker made of sticks before a phone: who steps to the side, and how, is known exactly."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from hipdrive.motion import View, clean_motion, find_view, new_motion
from hipdrive.motion.sides import exchange_all_sides
from hipdrive.pose import KEYPOINTS

SIGN = {"left": 1, "right": -1}
OTHER = {"left": "right", "right": "left"}
THIGH_M, SHANK_M, TRUNK_M, HIPS_M, SHOULDERS_M = 0.42, 0.42, 0.5, 0.2, 0.36


@dataclass(frozen=True)
class SideStep:
    """One step as it is wanted [s, m]; `gap_m` is where the trailing foot stops."""

    side: str
    step_m: float = 0.25
    gap_m: float | None = None
    lead_s: float = 0.55
    wide_s: float = 0.15
    trail_s: float = 0.55
    closed_s: float = 0.2
    trail_lift_m: float = 0.04
    lean_deg: float = 0.0
    knee_in_deg: float = 0.0
    knee_late_s: float = 0.0


@dataclass(frozen=True)
class Walk:
    """A walk with all its times: leading foot leaves, lands, trailing foot leaves, lands."""

    motion: xr.Dataset
    view: View
    times_s: np.ndarray
    leg_px: float


def reach(t):
    """Way of a smooth reach (minimum jerk) at a share of its time."""
    t = np.clip(t, 0, 1)
    return 10 * t**3 - 15 * t**4 + 6 * t**5


def stick_walk(
    steps,
    rate_hz=30.0,
    stance_m=0.36,
    stand_s=1.0,
    knee_bend_deg=30.0,
    behind=False,
    away_m=3.5,
    width_px=640,
    toes_out=0.02,
    trunk_lean_deg=15.0,
    comes_from_m=0.0,
):
    """Film a walker; with `comes_from_m` the walker first comes towards the phone and at the end goes back."""
    come_s = 3.0 if comes_from_m else 0.0
    total_s = 2 * stand_s + 2 * come_s + sum(s.lead_s + s.wide_s + s.trail_s + s.closed_s for s in steps)
    t = np.arange(0, total_s, 1 / rate_hz)
    foot = {side: np.full(len(t), sign * stance_m / 2) for side, sign in SIGN.items()}
    knee_late = {side: np.zeros(len(t)) for side in SIGN}
    lift = {side: np.zeros(len(t)) for side in SIGN}
    lean, inwards = np.zeros(len(t)), {side: np.zeros(len(t)) for side in SIGN}
    now, times = come_s + stand_s, []
    for s in steps:
        way, trailing = SIGN[s.side], OTHER[s.side]
        lands, leaves = now + s.lead_s, now + s.lead_s + s.wide_s
        ends = leaves + s.trail_s
        late = reach((t - now - s.knee_late_s) / s.lead_s) - reach((t - now) / s.lead_s)
        knee_late[s.side] += way * s.step_m * late
        foot[s.side] += way * s.step_m * reach((t - now) / s.lead_s)
        stop = foot[s.side][-1] - way * (stance_m if s.gap_m is None else s.gap_m)
        foot[trailing] += (stop - foot[trailing][-1]) * reach((t - leaves) / s.trail_s)
        lift[s.side] += 0.04 * np.sin(np.pi * np.clip((t - now) / s.lead_s, 0, 1)) ** 2
        lift[trailing] += s.trail_lift_m * np.sin(np.pi * np.clip((t - leaves) / s.trail_s, 0, 1)) ** 2
        whole = np.sin(np.pi * np.clip((t - now) / (ends - now), 0, 1)) ** 2
        lean += way * s.lean_deg * whole
        inwards[s.side] += s.knee_in_deg * whole
        times.append([now, lands, leaves, ends])
        now = ends + s.closed_s
    away = (
        away_m + comes_from_m * (1 - reach(t / come_s) + reach((t - total_s + come_s) / come_s)) if come_s else away_m
    )
    if come_s:  # walking: the feet pass each other in depth and are lifted in turn
        walking = (t < come_s) | (t > total_s - come_s)
        for side, sign in SIGN.items():
            lift[side] += np.where(walking, 0.08 * np.maximum(0, sign * np.sin(2 * np.pi * t)), 0)
    points = _skeleton(foot, lift, knee_late, inwards, lean, knee_bend_deg, trunk_lean_deg, toes_out, behind)
    points[:, :, 2] += np.broadcast_to(away, t.shape)[:, None]
    image = 600 * points[:, :, :2] / points[:, :, 2:] + [width_px / 2, 180]
    hips = points[:, [KEYPOINTS.index("left_hip"), KEYPOINTS.index("right_hip")]].mean(1, keepdims=True)
    landmarks = np.concatenate(
        [image, np.zeros((*image.shape[:2], 1)), points - hips, np.ones((*image.shape[:2], 1))], -1
    )
    raw = new_motion(t, landmarks.astype(np.float32), source="walk", width_px=width_px, height_px=360)
    motion, _ = clean_motion(raw)
    motion, view = find_view(motion)
    return Walk(motion, view, np.array(times).reshape(-1, 4), 600 * (THIGH_M + SHANK_M) / away_m)


def _skeleton(foot, lift, knee_late, inwards, lean_deg, knee_bend_deg, trunk_lean_deg, toes_out, behind):
    """Points along the axes of a phone at hip height, 1 m over the floor, shape (n, 33, 3) [m]."""
    n = len(foot["left"])
    facing = 1 if behind else -1  # into the scene or out of it
    across = 1 if not behind else -1  # the athlete's left is on the right of the picture
    half = np.radians(knee_bend_deg) / 2
    bend_m = THIGH_M * np.sin(half)
    middle = (foot["left"] + foot["right"]) / 2
    widest = max(abs(foot["left"] - middle).max(), 0.2) - HIPS_M / 2
    hip_height = 0.08 + np.sqrt(((THIGH_M + SHANK_M) * np.cos(half)) ** 2 - widest**2)
    places = {}
    side_lean, fore = np.radians(lean_deg), np.radians(trunk_lean_deg)
    up = TRUNK_M * np.cos(side_lean) * np.cos(fore)
    shoulders = middle + TRUNK_M * np.sin(side_lean)
    for side, sign in SIGN.items():
        hip = np.stack([middle + sign * HIPS_M / 2, np.full(n, hip_height), np.zeros(n)], -1)
        ankle = np.stack([foot[side], 0.08 + lift[side], np.zeros(n)], -1)
        knee = (hip + ankle) / 2
        knee[:, 0] += 0.75 * knee_late[side] - sign * THIGH_M * np.tan(np.radians(inwards[side]) / 2)
        knee[:, 2] += facing * bend_m
        shoulder = np.stack(
            [shoulders + sign * SHOULDERS_M / 2, hip_height + up, np.full(n, facing * TRUNK_M * np.sin(fore))], -1
        )
        places |= {f"{side}_hip": hip, f"{side}_knee": knee, f"{side}_ankle": ankle, f"{side}_shoulder": shoulder}
        places[f"{side}_heel"] = ankle + [0, -0.06, -facing * 0.05]
        places[f"{side}_foot_index"] = ankle + [sign * toes_out, -0.06, facing * 0.15]
    head = (places["left_shoulder"] + places["right_shoulder"]) / 2 + [0, 0.25, 0]
    points = np.stack([places.get(name, head) for name in KEYPOINTS], 1)
    return np.stack([across * points[..., 0], 1.0 - points[..., 1], points[..., 2]], -1)


def mirrored(motion):
    """The same clip in a mirror: the picture is turned round, and so are left and right."""
    image, world = motion.image_position.values.copy(), motion.world_position.values.copy()
    image[..., 0] = motion.attrs["width_px"] - image[..., 0]
    world[..., 0] *= -1
    turned = motion.assign(
        image_position=motion.image_position.copy(data=image), world_position=motion.world_position.copy(data=world)
    )
    return exchange_all_sides(turned)


def to_and_fro(n=2, **changes):
    """Steps to the left and as many back."""
    return [replace(SideStep(side), **changes) for side in ("left", "right") for _ in range(n)]
