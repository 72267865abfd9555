"""Motion: labels, gaps, filter, sides, view; each on motion made by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipdrive.motion import clean_motion, find_view, new_motion, read_landmarks, write_landmarks
from hipdrive.motion.clean import fill_gaps, hide_outside, low_pass, smooth
from hipdrive.motion.dataset import image_point
from hipdrive.motion.sides import exchange_all_sides, repair_sides
from hipdrive.pose import KEYPOINTS

RATE_HZ = 30.0
INDEX = {name: i for i, name in enumerate(KEYPOINTS)}


def motion_of(landmarks, time_s=None):
    time_s = np.arange(len(landmarks)) / RATE_HZ if time_s is None else time_s
    return new_motion(time_s, landmarks, source="clip.mp4", width_px=640, height_px=360)


def walking(frames=120, step_px=80.0):
    """Legs that pass each other once a second, seen from the side; standing on the left of the picture."""
    landmarks = np.zeros((frames, 33, 7), np.float32)
    swing = step_px * np.sin(2 * np.pi * np.arange(frames) / RATE_HZ)
    heights = {"shoulder": 60, "hip": 160, "knee": 220, "ankle": 290, "heel": 300, "foot_index": 300}
    for name, i in INDEX.items():
        joint = next((joint for joint in heights if name.endswith(joint)), "shoulder")
        side = 1 if name.startswith("left") else -1
        share = {"knee": 0.5, "ankle": 1.0, "heel": 1.0, "foot_index": 1.0}.get(joint, 0.0)
        landmarks[:, i, 0] = 320 + side * share * swing + (15 if joint == "foot_index" else 0)
        landmarks[:, i, 1] = heights[joint]
        landmarks[:, i, 3:6] = [0.0, (heights[joint] - 160) / 200, -0.15 * side]
        landmarks[:, i, 6] = 1.0
    return landmarks


FEET = ["ankle", "heel", "foot_index"]


def with_exchanged(landmarks, frames, joints):
    wrong = landmarks.copy()
    for joint in joints:
        left, right = INDEX[f"left_{joint}"], INDEX[f"right_{joint}"]
        wrong[frames, left], wrong[frames, right] = landmarks[frames, right], landmarks[frames, left]
    return wrong


@pytest.mark.parametrize("joints", [FEET, ["knee", *FEET]], ids=["feet", "legs"])
@pytest.mark.parametrize("frames", [[40], list(range(34, 41)), list(range(5, 12)) + list(range(80, 86))])
def test_exchanged_legs_are_put_right_or_hidden(joints, frames):
    truth = walking()
    mended, sides = repair_sides(motion_of(with_exchanged(truth, frames, joints)))
    for joint in joints:
        for side in ("left", "right"):
            seen, true = image_point(mended, f"{side}_{joint}"), truth[:, INDEX[f"{side}_{joint}"], :2]
            apart = np.abs(truth[:, INDEX[f"left_{joint}"], 0] - truth[:, INDEX[f"right_{joint}"], 0]) > 30
            shown = apart & np.isfinite(seen[:, 0])
            assert seen[shown] == pytest.approx(true[shown], abs=0.01)
            assert shown.sum() > 0.7 * apart.sum()
    assert sides.exchanged_frames >= len(frames) - 2


def test_right_legs_are_left_alone():
    truth = walking()
    mended, sides = repair_sides(motion_of(truth))
    assert sides.exchanged_frames == 0
    shown = np.isfinite(mended.image_position.values)
    assert shown.mean() > 0.97
    assert mended.image_position.values[shown] == pytest.approx(truth[..., :3][shown])


def test_legs_that_cannot_be_told_apart_are_called_uncertain_and_hidden():
    random = np.random.default_rng(0)
    thrown = walking()
    thrown[40:70, :, 0] += random.normal(0, 60, (30, 33))
    thrown = with_exchanged(thrown, 40 + np.flatnonzero(random.random(30) < 0.5), ["knee", *FEET])
    motion, sides = repair_sides(motion_of(thrown))
    assert sides.uncertain_s
    assert all(1.0 < start < end < 2.7 for start, end in sides.uncertain_s)
    start, end = sides.uncertain_s[0]
    hidden = motion.image_position.sel(time=slice(start, end), keypoint=["left_ankle", "left_knee"])
    assert hidden.isnull().any()


def test_whole_body_exchange_is_its_own_inverse():
    motion = motion_of(walking())
    twice = exchange_all_sides(exchange_all_sides(motion))
    assert twice.image_position.values == pytest.approx(motion.image_position.values)
    once = exchange_all_sides(motion)
    assert image_point(once, "left_knee") == pytest.approx(image_point(motion, "right_knee"))


def test_short_gaps_are_filled_and_long_ones_stay():
    landmarks = walking()
    landmarks[:, :, 0] = np.arange(120)[:, None]
    landmarks[20:24] = np.nan
    landmarks[60:80] = np.nan
    filled = image_point(fill_gaps(motion_of(landmarks)), "left_hip")[:, 0]
    assert filled[18:26] == pytest.approx(np.arange(18, 26))
    assert np.isnan(filled[60:80]).all()
    assert np.isfinite(filled).sum() == 100


def test_what_lies_beyond_the_picture_is_hidden():
    landmarks = walking()
    landmarks[:, INDEX["left_ankle"], 0] = 700
    hidden = hide_outside(motion_of(landmarks))
    assert np.isnan(image_point(hidden, "left_ankle")).all()
    assert np.isfinite(image_point(hidden, "right_ankle")).all()


@settings(deadline=None, max_examples=25)
@given(
    rate_hz=st.sampled_from([10.0, 24.0, 29.97, 60.0, 240.0]),
    unevenness=st.floats(0, 0.4),
    seed=st.integers(0, 1000),
)
def test_the_filter_keeps_slow_movement_on_any_clock(rate_hz, unevenness, seed):
    random = np.random.default_rng(seed)
    time_s = np.cumsum((1 + unevenness * random.uniform(-1, 1, int(4 * rate_hz))) / rate_hz)
    slow = np.sin(2 * np.pi * 0.5 * time_s)
    kept = low_pass(slow[:, None], time_s)[:, 0]
    inside = slice(len(slow) // 6, -len(slow) // 6)
    assert kept[inside] == pytest.approx(slow[inside], abs=0.05)


def test_the_filter_takes_out_trembling_and_leaves_gaps():
    landmarks = walking()
    landmarks[:, :, :2] += np.random.default_rng(0).normal(0, 3, landmarks[:, :, :2].shape).astype(np.float32)
    landmarks[60] = np.nan
    calm = smooth(motion_of(landmarks))
    hip = image_point(calm, "left_hip")
    assert np.isnan(hip[60]).all()
    assert np.nanstd(hip[:, 1]) < 2.2
    assert np.isfinite(np.delete(hip, 60, axis=0)).all()


def test_the_filter_does_not_reach_across_a_hole_in_the_clip():
    landmarks = walking()
    landmarks[60:, :, :2] += 200  # something happened while the file was damaged
    time_s = np.arange(120) / RATE_HZ + np.where(np.arange(120) >= 60, 2.0, 0.0)
    before = image_point(smooth(motion_of(landmarks, time_s)), "left_hip")[58]
    assert before == pytest.approx(landmarks[58, INDEX["left_hip"], :2], abs=0.5)


@pytest.mark.parametrize("frames", [1, 2, 9])
def test_clips_of_a_few_frames_pass_through(frames):
    cleaned, _ = clean_motion(motion_of(walking(frames)))
    assert cleaned.image_position.shape == (frames, 33, 3)
    assert np.isfinite(cleaned.image_position.values).all()


def test_clips_without_anybody_pass_through():
    cleaned, sides = clean_motion(motion_of(np.full((20, 33, 7), np.nan, np.float32)))
    assert np.isnan(cleaned.image_position.values).all()
    assert sides.exchanged_frames == 0
    assert find_view(cleaned)[1].id == "unknown"


def test_view_from_the_side_and_its_mirror():
    _, view = find_view(motion_of(walking()))
    assert (view.id, view.near_side) == ("side", "left")
    assert view.off_side_deg == pytest.approx(0, abs=1)


@pytest.mark.parametrize(("left_at", "expected"), [(0.2, "front"), (-0.2, "rear")])
def test_view_from_front_and_rear(left_at, expected):
    landmarks = walking()
    for name, i in INDEX.items():
        landmarks[:, i, 3] = left_at if name.startswith("left") else -left_at
        landmarks[:, i, 5] = 0
    _, view = find_view(motion_of(landmarks))
    assert (view.id, view.near_side) == (expected, None)


def test_landmarks_go_to_parquet_and_back(tmp_path):
    landmarks = walking(20)
    landmarks[3] = np.nan
    motion = motion_of(landmarks)
    write_landmarks(motion, tmp_path / "landmarks.parquet")
    back = read_landmarks(tmp_path / "landmarks.parquet")
    assert back.identical(motion)


def test_labels_refuse_what_does_not_fit():
    with pytest.raises(ValueError, match=r"shape \(5, 33, 7\)"):
        new_motion(np.arange(5.0), np.zeros((5, 32, 7), np.float32), source="", width_px=1, height_px=1)
    with pytest.raises(ValueError, match="rise"):
        motion_of(walking(3), np.array([0.0, 0.0, 1.0]))
