"""What is none of the movements is not judged, and every choice says why; shown with figures of sticks."""

from __future__ import annotations

import numpy as np
import pytest

from hipdrive.motion import find_view, new_motion, smooth
from hipdrive.movements import MOVEMENTS, recognise_movement
from hipdrive.pose import KEYPOINTS
from stick_runner import stick_runner

TIME_S = np.arange(240) / 30
TRUNK, THIGH, SHANK, HEAD, FOOT = 100.0, 80.0, 80.0, 30.0, 40.0


def along(angle_deg, length):
    """A way in the picture, 0 to the right, 90 up; shape (n, 2)."""
    angle = np.radians(np.broadcast_to(angle_deg, TIME_S.shape))
    return length * np.stack([np.cos(angle), -np.sin(angle)], -1)


def figure(hip, trunk_deg, thigh_deg, shank_deg, foot_deg=0.0):
    """Somebody filmed from the side, facing the right of the picture, both legs alike."""
    hip = np.broadcast_to(hip, (len(TIME_S), 2))
    shoulder, knee = hip + along(trunk_deg, TRUNK), hip + along(thigh_deg, THIGH)
    ankle = knee + along(shank_deg, SHANK)
    toe = ankle + along(foot_deg, FOOT)
    head = shoulder + along(trunk_deg, HEAD)
    places = {"shoulder": shoulder, "hip": hip, "knee": knee, "ankle": ankle, "heel": ankle, "foot_index": toe}
    landmarks = np.zeros((len(TIME_S), len(KEYPOINTS), 7), np.float32)
    landmarks[:, :, 6] = 1
    for number, name in enumerate(KEYPOINTS):
        landmarks[:, number, :2] = places.get(name.partition("_")[2], head)
        landmarks[:, number, 5] = 0.2 if "left" in name else -0.2
    return new_motion(TIME_S, landmarks, source="sticks", width_px=640, height_px=480)


def recognised(motion):
    motion, view = find_view(motion)
    return recognise_movement(smooth(motion), view)[1]


WAVE = (1 - np.cos(2 * np.pi * TIME_S / 2)) / 2  # one in two seconds, 0 to 1

NONE_OF_OURS = {
    "standing": figure((300, 250), 90, -90, -90),
    "lying still": figure((300, 400), 180, 50, -60),
    "sit-ups": figure((300, 400), 180 - 80 * WAVE, 50, -60),
    "squats": figure(
        np.stack([300 - 40 * WAVE, 250 + 90 * WAVE], -1), 90 - 30 * WAVE, -90 + 90 * WAVE, -90 - 30 * WAVE
    ),
    "walking": stick_runner(cadence_spm=106),
}


@pytest.mark.parametrize("what", NONE_OF_OURS)
def test_none_of_ours_is_not_judged_and_says_why(what):
    found = recognised(NONE_OF_OURS[what])
    assert found.id == "unknown"
    for movement in MOVEMENTS.values():
        assert f"no {movement.name.lower()}: " in found.why


def test_a_bridge_of_sticks_is_a_bridge():
    # feet and shoulders stay, the hips rise: the figure is made from the floor up
    shoulder, ankle = np.array([150.0, 400.0]), np.array([370.0, 400.0])
    hip = np.stack([np.full(len(TIME_S), 250.0), 400 - 55 * WAVE], -1)
    knee = np.stack([np.full(len(TIME_S), 345.0), np.full(len(TIME_S), 320.0)], -1)
    motion = figure(hip, 0, 0, 0)
    values = motion.image_position.values
    for number, name in enumerate(KEYPOINTS):
        part = name.partition("_")[2]
        if part in ("knee", "ankle", "heel", "foot_index"):
            place = {"knee": knee, "ankle": ankle, "heel": ankle, "foot_index": ankle + [40, 0]}[part]
            values[:, number, :2] = place
        elif part != "hip":
            values[:, number, :2] = shoulder
    found = recognised(motion)
    assert found.id == "glute_bridge"
    assert "hips rise" in found.why


def test_a_run_of_sticks_is_a_run():
    found = recognised(stick_runner())
    assert (found.id, found.confidence) == ("running", 1.0)
    assert "steps/min" in found.why


def test_what_is_named_is_not_guessed():
    motion, view = find_view(NONE_OF_OURS["standing"])
    movement, found = recognise_movement(motion, view, "running")
    assert movement is MOVEMENTS["running"]
    assert (found.chosen, found.why) == ("asked", "named by the user")
