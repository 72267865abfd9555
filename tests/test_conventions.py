"""The signs of docs/conventions.md, each shown with a few points placed by hand."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray

from hipdrive.motion import find_view, new_motion
from hipdrive.motion.geometry import angle_deg, direction_deg, height_over_line, turn_deg, wrapped_deg
from hipdrive.movements.glute_bridge import (
    GLUTE_BRIDGE,
    HIP_LINE_OFFSET_DEG,
    JOINTS_OVER_FLOOR_TRUNKS,
    TOE_LIFT_SHOWN,
    BridgeSet,
)
from hipdrive.pose.keypoints import KEYPOINTS, MIRRORED

WIDTH_PX, HEIGHT_PX, PX_PER_M = 960, 540, 300.0
TRUNK_M, THIGH_M, SHANK_M = 0.50, 0.42, 0.43
ANKLE_M = (0.0, 0.10)  # x along the floor from head to feet, height over the floor

Point = tuple[float, float]
Pose = dict[str, Point]
Filming = Callable[[Sequence[Pose]], BridgeSet]


# -- a stick figure, and cameras that film it ---------------------------------------------------------------


def lying(line_deg: float = 180, shin_deg: float = 0, toes_deg: float = 0) -> Pose:
    """Shoulder, hip, knee, ankle, heel and toe of a bridge with these angles, head to the left [m]."""
    shin, line = math.radians(shin_deg), math.radians(line_deg)
    knee = (ANKLE_M[0] + SHANK_M * math.sin(shin), ANKLE_M[1] + SHANK_M * math.cos(shin))
    reach = math.sqrt(TRUNK_M**2 + THIGH_M**2 - 2 * TRUNK_M * THIGH_M * math.cos(line))
    shoulder = (knee[0] - math.sqrt(reach**2 - (knee[1] - ANKLE_M[1]) ** 2), ANKLE_M[1])
    return {"shoulder": shoulder, "hip": _bend(shoulder, knee, line_deg), "knee": knee} | _foot(toes_deg)


def _bend(shoulder: Point, knee: Point, line_deg: float) -> Point:
    """Place of the hip: under the line from shoulder to knee when the angle on the front is under 180."""
    reach = math.dist(shoulder, knee)
    along = (TRUNK_M**2 - THIGH_M**2 + reach**2) / (2 * reach)
    below = math.copysign(math.sqrt(max(TRUNK_M**2 - along**2, 0)), 180 - line_deg)
    x, y = (knee[0] - shoulder[0]) / reach, (knee[1] - shoulder[1]) / reach
    return shoulder[0] + along * x + below * y, shoulder[1] + along * y - below * x


def _foot(toes_deg: float) -> Pose:
    # the heel is level with the shoulder, so that a flat foot lies along the line from shoulder to heel
    heel = (ANKLE_M[0] - 0.05, ANKLE_M[1])
    toe = (heel[0] + 0.2 * math.cos(math.radians(toes_deg)), heel[1] + 0.2 * math.sin(math.radians(toes_deg)))
    return {"ankle": ANKLE_M, "heel": heel, "foot_index": toe}


def with_hips_at(height_m: float) -> Pose:
    """A bridge with shoulders and feet in place and the hips at this height over the floor."""
    shoulder = (-0.80, ANKLE_M[1])
    hip = (shoulder[0] + math.sqrt(TRUNK_M**2 - (height_m - shoulder[1]) ** 2), height_m)
    apart = math.dist(hip, ANKLE_M)
    along = (THIGH_M**2 - SHANK_M**2 + apart**2) / (2 * apart)
    out = math.sqrt(THIGH_M**2 - along**2)
    x, y = (ANKLE_M[0] - hip[0]) / apart, (ANKLE_M[1] - hip[1]) / apart
    knee = (hip[0] + along * x - out * y, hip[1] + along * y + out * x)
    return {"shoulder": shoulder, "hip": hip, "knee": knee} | _foot(0)


def _labelled(time_s: NDArray[np.float64], landmarks: NDArray[np.float32]) -> xr.Dataset:
    return new_motion(time_s, landmarks, source="by hand", width_px=WIDTH_PX, height_px=HEIGHT_PX)


def motion_of(poses: Sequence[Pose], rate_hz: float = 30, right: Sequence[Pose] | None = None) -> xr.Dataset:
    """Film the poses side-on from the athlete's right, so that the head is on the left of the picture."""
    landmarks = np.zeros((len(poses), len(KEYPOINTS), 7), np.float32)
    landmarks[..., 6] = 1
    for side, depth_m, figures in (("left", 0.15, poses), ("right", -0.15, right or poses)):
        for i, figure in enumerate(figures):
            for joint, (x, height) in figure.items():
                row = landmarks[i, KEYPOINTS.index(f"{side}_{joint}")]
                row[:2] = 600 + PX_PER_M * x, 400 - PX_PER_M * height
                row[3:6] = x - figure["hip"][0], figure["hip"][1] - height, depth_m
    return _labelled(np.arange(len(poses)) / rate_hz, landmarks)


def mirrored(motion: xr.Dataset) -> xr.Dataset:
    """Flip the picture: x is reversed, and what was the left side now looks like the right one."""
    image, world = motion.image_position.values.copy(), motion.world_position.values.copy()
    image[..., 0] = motion.attrs["width_px"] - image[..., 0]
    world[..., 0] *= -1
    order = list(MIRRORED)
    landmarks = np.concatenate([image, world, motion.confidence.values[..., None]], -1)[:, order]
    return _labelled(motion.time.values, landmarks)


def rolled(motion: xr.Dataset, degrees: float) -> xr.Dataset:
    """Turn the phone about its line of sight."""
    a = math.radians(degrees)
    turn = np.array([[math.cos(a), math.sin(a)], [-math.sin(a), math.cos(a)]], np.float32)
    image = motion.image_position.values.copy()
    image[..., :2] = (image[..., :2] - (480, 270)) @ turn + (480, 270)
    return motion.assign(image_position=motion.image_position.copy(data=image))


def seen(motion: xr.Dataset) -> BridgeSet:
    return BridgeSet(*find_view(motion))


def head_left(poses: Sequence[Pose]) -> BridgeSet:
    return seen(motion_of(poses))


def head_right(poses: Sequence[Pose]) -> BridgeSet:
    return seen(mirrored(motion_of(poses)))


def phone_askew(poses: Sequence[Pose]) -> BridgeSet:
    return seen(rolled(motion_of(poses), 12))


everyhow = pytest.mark.parametrize("filmed", [head_left, head_right, phone_askew])


# -- the side view ------------------------------------------------------------------------------------------


@everyhow
@pytest.mark.parametrize("line_deg", [140, 165, 180, 198])
def test_the_hip_line_is_180_when_straight_less_with_low_hips_and_more_when_arched(
    filmed: Filming, line_deg: float
) -> None:
    bridge = filmed([lying(line_deg)])
    for side in ("left", "right"):
        read = bridge.hip_line_deg(side)[0]
        assert read == pytest.approx(line_deg - HIP_LINE_OFFSET_DEG, abs=0.05)


@everyhow
@pytest.mark.parametrize("shin_deg", [-25, 0, 25])
def test_the_shin_tilts_positive_with_the_knee_beyond_the_foot(filmed: Filming, shin_deg: float) -> None:
    bridge = filmed([lying(170, shin_deg)])
    tilt = GLUTE_BRIDGE.cue("shin_upright").measure(bridge, bridge.repetitions[0])
    assert tilt.value == pytest.approx(shin_deg, abs=0.05)


@everyhow
@pytest.mark.parametrize("toes_deg", [-10, 0, 20])
def test_the_foot_pitches_positive_with_the_toes_up(filmed: Filming, toes_deg: float) -> None:
    bridge = filmed([lying(toes_deg=toes_deg)])
    assert bridge.foot_pitch_deg("left")[0] == pytest.approx(toes_deg, abs=0.05)
    assert bridge.foot_pitch_deg("right")[0] == pytest.approx(toes_deg, abs=0.05)


@everyhow
def test_hip_height_is_over_the_floor_line_whose_joints_are_a_fifth_of_a_trunk_high(
    filmed: Filming,
) -> None:
    low, high = (filmed([with_hips_at(height_m)]) for height_m in (0.10, 0.35))
    assert low.above_floor(low.point("left_hip"))[0] == pytest.approx(0, abs=0.1)
    assert low.hip_height_trunks[0] == pytest.approx(JOINTS_OVER_FLOOR_TRUNKS, abs=0.001)
    assert high.above_floor(high.point("left_hip"))[0] == pytest.approx(0.25 * PX_PER_M, abs=0.1)
    assert high.hip_height_trunks[0] == pytest.approx(JOINTS_OVER_FLOOR_TRUNKS + 0.25 / TRUNK_M, abs=0.001)


# -- sides and views ----------------------------------------------------------------------------------------


def test_the_near_side_is_the_athletes_own_and_changes_in_the_mirror() -> None:
    motion = motion_of([lying(170, 5, 10)])
    bridge, mirror = seen(motion), seen(mirrored(motion))
    assert (bridge.view.id, bridge.view.near_side) == ("side", "right")
    assert (mirror.view.id, mirror.view.near_side) == ("side", "left")


def test_what_is_farther_from_the_phone_has_a_larger_z() -> None:
    motion, view = find_view(motion_of([lying()]))
    z = motion.world_position.sel(space="z")
    assert view.near_side == "right"
    assert (z.sel(keypoint="left_hip") > z.sel(keypoint="right_hip")).all()


def test_a_lifted_foot_leaves_the_work_to_the_other_leg_and_sides_change_in_the_mirror() -> None:
    planted = [lying(175)]
    lifted = [{**planted[0], "ankle": (0.3, 0.7), "heel": (0.27, 0.74), "foot_index": (0.25, 0.9)}]
    motion = motion_of(planted, right=lifted)
    bridge, mirror = seen(motion), seen(mirrored(motion))
    assert bridge.side_of(bridge.repetitions[0]) == "left"
    assert mirror.side_of(mirror.repetitions[0]) == "right"
    both = head_left(planted)
    assert both.side_of(both.repetitions[0]) == "both"


@pytest.mark.parametrize(("left_is_on_the", "view_id"), [("right of the picture", "front"), ("left", "rear")])
def test_front_is_from_the_feet_where_the_athletes_left_is_on_the_right(left_is_on_the: str, view_id: str) -> None:
    sign = 1 if left_is_on_the.startswith("right") else -1
    landmarks = np.ones((3, len(KEYPOINTS), 7), np.float32)
    for joint in ("shoulder", "hip"):
        landmarks[:, KEYPOINTS.index(f"left_{joint}"), 3:6] = (sign * 0.15, 0, 0)
        landmarks[:, KEYPOINTS.index(f"right_{joint}"), 3:6] = (-sign * 0.15, 0, 0)
    _, view = find_view(_labelled(np.arange(3) / 30, landmarks))
    assert (view.id, view.near_side) == (view_id, None)


# -- times --------------------------------------------------------------------------------------------------

RAISE_S, HOLD_S, LOWER_S = 1.5, 1.0, 2.0


def a_set() -> list[Pose]:
    """A second of rest, up, hold, down, a second of rest."""
    time_s = np.arange(0, 2 + RAISE_S + HOLD_S + LOWER_S, 1 / 30)
    share = _reach((time_s - 1) / RAISE_S) - _reach((time_s - 1 - RAISE_S - HOLD_S) / LOWER_S)
    return [with_hips_at(0.12 + 0.20 * float(part)) for part in share]


def _reach(part: NDArray[np.float64]) -> NDArray[np.float64]:
    """A smooth reach from 0 to 1 (minimum jerk)."""
    t = np.clip(part, 0, 1)
    return np.asarray(t**3 * (10 - 15 * t + 6 * t**2))


@everyhow
def test_a_repetition_leaves_the_floor_reaches_and_leaves_the_top_and_is_back(filmed: Filming) -> None:
    bridge = filmed(a_set())
    (repetition,) = bridge.repetitions
    assert repetition.complete
    assert repetition.start_s == pytest.approx(1.0, abs=0.1)
    assert repetition.top_start_s == pytest.approx(1.0 + RAISE_S, abs=0.1)
    assert repetition.top_end_s == pytest.approx(1.0 + RAISE_S + HOLD_S, abs=0.1)
    assert repetition.end_s == pytest.approx(1.0 + RAISE_S + HOLD_S + LOWER_S, abs=0.1)


def test_the_three_times_are_the_stretches_between_the_four_moments() -> None:
    bridge = head_left(a_set())
    (repetition,) = bridge.repetitions
    moments = (repetition.start_s, repetition.top_start_s, repetition.top_end_s, repetition.end_s)
    for cue_id, start_s, end_s in zip(("slow_raise", "hold_at_top", "slow_lower"), moments, moments[1:], strict=False):
        assert GLUTE_BRIDGE.cue(cue_id).measure(bridge, repetition).value == pytest.approx(end_s - start_s)


def test_toes_count_as_lifted_from_the_same_foot_lying_flat_with_what_the_network_hides_added() -> None:
    poses = a_set()
    lifted = [pose | _foot(18) for pose in poses]
    bridge = head_left([*poses, *lifted])
    measure = GLUTE_BRIDGE.cue("toes_lifted").measure
    flat, up = (measure(bridge, repetition).value for repetition in bridge.repetitions)
    assert flat == pytest.approx(0, abs=0.2)
    assert up == pytest.approx(18 / TOE_LIFT_SHOWN, abs=0.2)


# -- angles of the picture ----------------------------------------------------------------------------------


def at(x: float, y: float) -> NDArray[np.float64]:
    return np.array([x, y], np.float64)


def test_directions_go_counter_clockwise_from_the_right_although_y_is_down() -> None:
    here = at(0, 0)
    assert [float(direction_deg(here, at(*to))) for to in ((1, 0), (0, -1), (0, 1))] == [0, 90, -90]


def test_turns_go_clockwise_on_the_screen_and_past_180() -> None:
    left, here = at(-1, 0), at(0, 0)
    assert float(turn_deg(left, here, at(0, -1))) == pytest.approx(90)  # from the left over the top
    assert float(turn_deg(left, here, at(0, 1))) == pytest.approx(270)
    assert float(angle_deg(left, here, at(0, 1))) == pytest.approx(90)


def test_heights_over_a_line_are_positive_on_the_left_of_the_way_along_it() -> None:
    above = at(5, -2)
    assert float(height_over_line(above, at(0, 0), at(10, 0))) == pytest.approx(2)
    assert float(height_over_line(above, at(10, 0), at(0, 0))) == pytest.approx(-2)


def test_differences_of_angles_are_taken_the_short_way() -> None:
    assert float(wrapped_deg(np.array(350.0))) == pytest.approx(-10)
