"""A run from behind: on a runner of sticks about whom all is known, on rendered runs, and on one from a lab."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hipdrive.motion import View, choose_athlete, clean_motion, find_view, new_motion
from hipdrive.motion.files import read_motion
from hipdrive.motion.pelvis_flow import follow_pelvis
from hipdrive.movements.measure import SidedMeasurement
from hipdrive.movements.runner import Runner
from hipdrive.movements.running import Run
from hipdrive.movements.running_rear import (
    DROP_SLOPE,
    REAR_MEASURES,
    find_strides_from_behind,
    hip_adduction,
    knee_frontal,
    pelvic_drop,
    step_width,
)
from hipdrive.movements.strides import CONTACT_AFTER_REACH, Side
from hipdrive.pose import KEYPOINTS, estimate_pose
from hipdrive.video import read_clip
from stick_runner import OFFSET, SHANK_PX, THIGH_PX, knee_flexion_deg, phase_of_reach, thigh_behind_deg

Array = NDArray[np.float64]

BEHIND = View("rear", None, 1.0, 88.0)
AWAY = 560.0  # of the phone, in the runner's own px: 3 m, as his leg of 160 is 0.86 m
HIP_HALF, FOOT = 12.0, 30.0
SIDES: tuple[Side, Side] = ("left", "right")


def runner_from_behind(
    cadence_spm: float = 168.0,
    rate_hz: float = 30.0,
    seconds: float = 8.0,
    *,
    phone_height: float = 190.0,
    apart: float = 18.0,
    knee_in: float = 0.0,
    drop_deg: Mapping[Side, float] | None = None,
    roll_deg: float = 0.0,
    mirrored: bool = False,
) -> xr.Dataset:
    """Motion of somebody who runs on the spot, seen by a phone behind him.

    Parameters
    ----------
    phone_height : float
        Over the ground, where a leg is 160.
    apart : float
        Ankle from ankle, sideways.
    knee_in : float
        Of the knee towards the middle.
    drop_deg : mapping of side to float, optional
        Of the pelvis in stance on each leg; the tilt is put into the motion as if the cloth had been followed.
    roll_deg : float
        The phone is turned by so much.
    mirrored : bool
        As the network sees the mirrored clip: his right hand is his left one there.
    """
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    stride = cadence_spm / 120 * time_s
    points: dict[str, Array] = {}  # right, up from the ground, ahead
    hip_up = 165 + 8 * np.cos(4 * np.pi * stride)
    for side, sign in (("left", -1.0), ("right", 1.0)):
        phase = stride + OFFSET[side]
        behind = np.radians(thigh_behind_deg(phase))
        shank = behind + np.radians(knee_flexion_deg(phase))
        knee_ahead, knee_up = -THIGH_PX * np.sin(behind), hip_up - THIGH_PX * np.cos(behind)
        ankle_ahead, ankle_up = knee_ahead - SHANK_PX * np.sin(shank), knee_up - SHANK_PX * np.cos(shank)
        pitch = np.maximum(shank - 0.4, 0)  # the heel is lifted with the shank
        full = np.ones_like(stride)
        points |= {
            f"{side}_shoulder": np.stack([sign * 20 * full, hip_up + 100, 0 * full], -1),
            f"{side}_hip": np.stack([sign * HIP_HALF * full, hip_up, 0 * full], -1),
            f"{side}_knee": np.stack([sign * ((HIP_HALF + apart / 2) / 2 - knee_in) * full, knee_up, knee_ahead], -1),
            f"{side}_ankle": np.stack([sign * apart / 2 * full, ankle_up, ankle_ahead], -1),
            f"{side}_heel": np.stack([sign * apart / 2 * full, ankle_up - 8, ankle_ahead - 8], -1),
            f"{side}_foot_index": np.stack(
                [sign * apart / 2 * full, ankle_up - 8 - FOOT * np.sin(pitch), ankle_ahead + FOOT * np.cos(pitch)], -1
            ),
        }
    landmarks = np.full((len(time_s), len(KEYPOINTS), 7), np.nan, np.float32)
    roll = np.radians(roll_deg)
    for name, point in points.items():
        across, up, ahead = point.T
        x, y = AWAY * across / (AWAY + ahead), -AWAY * (up - phone_height) / (AWAY + ahead)
        x, y = x * np.cos(roll) - y * np.sin(roll), x * np.sin(roll) + y * np.cos(roll)
        if mirrored:
            x, name = -x, name.replace("left", "LEFT").replace("right", "left").replace("LEFT", "right")
        row = landmarks[:, KEYPOINTS.index(name)]
        row[:, 0], row[:, 1] = 320 + x, 240 + y
        row[:, 3:6] = np.stack([across, -up, ahead], -1) / 186  # m
        row[:, 6] = 1
    motion = new_motion(time_s, landmarks, source="sticks.mp4", width_px=640, height_px=480)
    if drop_deg is None:
        return motion
    return with_tilt(motion, right_down_deg(stride, drop_deg) * (-1 if mirrored else 1))


def first_contact(side: Side) -> float:
    """Phase of the runner's clock at which a foot comes down."""
    return (phase_of_reach() + CONTACT_AFTER_REACH - OFFSET[side]) % 1


def right_down_deg(stride: Array, drop_deg: Mapping[Side, float]) -> Array:
    """Tilt of a pelvis that drops in mid-stance, as the flow shows it."""
    tilt = np.zeros_like(stride)
    for side, sign in zip(SIDES, (1, -1), strict=True):
        away = (stride - first_contact(side) - 0.12 + 0.5) % 1 - 0.5
        tilt += sign * drop_deg[side] * np.exp(-2 * (away / 0.22) ** 2)
    return tilt / DROP_SLOPE


def with_tilt(motion: xr.Dataset, tilt_deg: Array, quality: float = 0.9, agreement: float = 0.95) -> xr.Dataset:
    return motion.assign(
        pelvis_tilt_deg=("time", tilt_deg), pelvis_flow_quality=("time", np.full(len(tilt_deg), quality))
    ).assign_attrs(pelvis_flow_agreement=agreement)


def run_of(motion: xr.Dataset) -> Run:
    return Run(motion, BEHIND)


# -- strides ------------------------------------------------------------------------------------------------------


@given(
    cadence=st.floats(145, 205),
    rate=st.sampled_from([24, 29.97, 30, 50, 60, 120]),
    phone=st.floats(90, 320),
)
@settings(max_examples=25, deadline=None)
def test_every_stride_is_found_at_any_rate_and_from_any_height(cadence: float, rate: float, phone: float) -> None:
    strides = find_strides_from_behind(runner_from_behind(cadence, rate, 6.0, phone_height=phone))
    stride_s = 120 / cadence
    for side in SIDES:
        found = np.array([stride.contact_s for stride in strides if stride.side == side])
        true = np.arange(first_contact(side) * stride_s, 6.0, stride_s)
        assert np.abs(found[:, None] - true).min(1).max() < 0.12 * stride_s  # none invented, and of this side
        assert len(true) - 3 <= len(found) <= len(true)
        assert np.allclose(np.diff(found), stride_s, atol=0.03 * stride_s)


def test_single_exchanged_frames_do_no_harm() -> None:
    motion = runner_from_behind()
    clean = find_strides_from_behind(motion)
    values = motion.image_position.values
    left = [i for i, name in enumerate(KEYPOINTS) if name.startswith("left")]
    right = [KEYPOINTS.index(KEYPOINTS[i].replace("left", "right")) for i in left]
    for frame in np.random.default_rng(1).choice(len(values), len(values) // 8, replace=False):
        values[frame, left], values[frame, right] = values[frame, right].copy(), values[frame, left].copy()
    strides = find_strides_from_behind(motion)
    assert abs(len(strides) - len(clean)) <= 1  # one at an end
    for stride in strides:
        assert min(abs(stride.contact_s - other.contact_s) for other in clean if other.side == stride.side) < 2 / 30


def test_no_stride_lies_over_a_long_gap() -> None:
    motion = runner_from_behind()
    motion.image_position.values[100:130] = np.nan
    motion.world_position.values[100:130] = np.nan
    strides = find_strides_from_behind(motion)
    assert strides
    assert not any(stride.contact_s < 129 / 30 and stride.next_contact_s > 100 / 30 for stride in strides)


def test_who_stands_still_makes_no_strides() -> None:
    motion = runner_from_behind()
    still = motion.map(lambda variable: variable.copy(data=np.repeat(variable.values[:1], len(motion.time), axis=0)))
    assert find_strides_from_behind(still) == ()
    nobody = motion.where(motion.time < 0)
    assert find_strides_from_behind(nobody) == ()


# -- measures -----------------------------------------------------------------------------------------------------


def seen(run: Run) -> dict[str, SidedMeasurement]:
    return {measure.__name__: measure(run) for measure in (pelvic_drop, hip_adduction, knee_frontal, step_width)}


@given(left=st.floats(0, 14), right=st.floats(0, 14))
@settings(max_examples=15, deadline=None)
def test_the_drop_is_read_about_its_own_mean_on_each_side(left: float, right: float) -> None:
    drop = pelvic_drop(run_of(runner_from_behind(drop_deg={"left": left, "right": right})))
    share = 0.276  # of the stride that a bump of this width fills: what goes into the mean
    assert drop.left is not None and drop.right is not None and drop.value is not None
    assert drop.left == pytest.approx(left - share * (left - right), abs=0.15 * left + 0.15 * right + 0.3)
    assert drop.right == pytest.approx(right + share * (left - right), abs=0.15 * left + 0.15 * right + 0.3)
    assert drop.value == pytest.approx((drop.left + drop.right) / 2)


def test_a_constant_obliquity_changes_nothing() -> None:
    motion = runner_from_behind(drop_deg={"left": 6, "right": 6})
    askew = motion.assign(pelvis_tilt_deg=motion.pelvis_tilt_deg + 5)
    assert pelvic_drop(run_of(askew)).value == pytest.approx(pelvic_drop(run_of(motion)).value)


def test_in_the_mirror_sides_swap_and_values_stay() -> None:
    drops: dict[Side, float] = {"left": 9, "right": 4}
    here = seen(run_of(runner_from_behind(drop_deg=drops, knee_in=3)))
    there = seen(run_of(runner_from_behind(drop_deg=drops, knee_in=3, mirrored=True)))
    for name, measurement in here.items():
        assert there[name].value == pytest.approx(measurement.value, abs=0.02), name
        for one, other in ((there[name].left, measurement.right), (there[name].right, measurement.left)):
            assert (one is None) == (other is None)
            if one is not None:
                assert one == pytest.approx(other, abs=0.02), name


@given(roll=st.floats(-8, 8))
@settings(max_examples=10, deadline=None)
def test_a_phone_held_askew_changes_nothing(roll: float) -> None:
    drops: dict[Side, float] = {"left": 8, "right": 5}
    straight = seen(run_of(runner_from_behind(drop_deg=drops)))
    askew = seen(run_of(runner_from_behind(drop_deg=drops, roll_deg=roll)))
    for name, measurement in straight.items():
        assert measurement.value is not None and measurement.error is not None
        assert askew[name].value == pytest.approx(measurement.value, abs=measurement.error / 2), name


@pytest.mark.parametrize("apart", [-8.0, 0.0, 12.0, 24.0])
def test_step_width_grows_with_the_steps_and_is_negative_where_they_cross(apart: float) -> None:
    width = step_width(run_of(runner_from_behind(apart=apart)))
    exact = step_width(run_of(runner_from_behind(apart=apart).assign_attrs(kind="landmarks")))  # no network's offsets
    assert width.value is not None and width.error is not None
    assert exact.value == pytest.approx(apart / 160, abs=0.02)
    assert exact.error == pytest.approx(2 * width.error)
    wider = step_width(run_of(runner_from_behind(apart=apart + 10))).value
    assert wider is not None and wider > width.value + 0.03
    if apart < 0:
        assert width.value < 0


def test_knees_inwards_are_positive() -> None:
    inwards, straight, outwards = (
        knee_frontal(run_of(runner_from_behind(knee_in=by))).value for by in (6.0, 0.0, -6.0)
    )
    assert inwards is not None and straight is not None and outwards is not None
    assert inwards > straight + 4
    assert outwards < straight - 4
    assert straight == pytest.approx(0.6, abs=1)  # the offset of the network, which these sticks have not


def test_thighs_inwards_and_a_dropping_pelvis_are_adduction() -> None:
    level, dropping = (
        hip_adduction(run_of(runner_from_behind(drop_deg={"left": by, "right": by}))) for by in (0.0, 8.0)
    )
    assert level.value is not None and dropping.value is not None
    assert dropping.value - level.value == pytest.approx(8, abs=1)
    assert level.left is None and level.right is None


# -- what is not told ---------------------------------------------------------------------------------------------


def test_landmarks_alone_show_no_drop() -> None:
    run = run_of(runner_from_behind())
    assert pelvic_drop(run).value is None
    assert "video" in (pelvic_drop(run).reason or "")
    assert hip_adduction(run).value is None
    assert knee_frontal(run).value is not None


@pytest.mark.parametrize(
    ("spoilt", "word"),
    [
        (lambda motion: with_tilt(motion, motion.pelvis_tilt_deg.values, quality=0.3), "contrast"),
        (lambda motion: with_tilt(motion, motion.pelvis_tilt_deg.values, agreement=0.2), "beside the hips"),
        (lambda motion: with_tilt(motion, np.full(len(motion.time), np.nan)), "strides"),
        (lambda motion: with_tilt(motion, motion.pelvis_tilt_deg.values * (motion.time.values < 4)), "halves"),
        (lambda motion: motion.isel(time=slice(0, 90)), "strides"),
        (lambda motion: motion.isel(time=slice(None, None, 2)).assign_attrs(rate_hz=15.0), "frames per second"),
    ],
)
def test_a_drop_that_is_badly_seen_is_not_told(spoilt: Any, word: str) -> None:
    drop = pelvic_drop(run_of(spoilt(runner_from_behind(drop_deg={"left": 10, "right": 10}))))
    assert drop.value is None
    assert word in (drop.reason or "")


def test_a_measure_is_good_only_where_it_is_usual() -> None:
    measure = next(measure for measure in REAR_MEASURES if measure.id == "pelvic_drop_deg")
    verdicts = [measure.judged(SidedMeasurement(value), Runner()).verdict for value in (5.0, 8.9, 9.1, 12.0)]
    assert verdicts == ["good", "good", "check", "check"]
    for measure in REAR_MEASURES:
        assert measure.error > 0 and measure.error_source and measure.band.source
        low, high = measure.band.limit
        assert low <= measure.band.good[0] and measure.band.good[1] <= high


# -- whole clips --------------------------------------------------------------------------------------------------


@cache
def rendered(path: Path) -> tuple[Run, dict[str, Any], dict[str, Array]]:
    clip = read_clip(path)
    motion, _ = choose_athlete(estimate_pose(clip), clip)
    motion, view = find_view(clean_motion(motion)[0])
    truth = json.loads(path.with_suffix(".json").read_text())
    return Run(follow_pelvis(motion, clip), view), truth, dict(np.load(path.with_suffix(".npz")))


@pytest.mark.slow
@pytest.mark.usefixtures("weights")
@pytest.mark.parametrize("name", ["run_back_1_good", "run_back_2_drop", "run_back_3_crossover"])
def test_rendered_runs_meet_their_truth(test_data: Path, name: str) -> None:
    run, truth, arrays = rendered(test_data / "synthetic" / f"{name}.mp4")
    assert run.view.id == "rear"
    fps, stride = truth["fps"], 120 / truth["meta"]["cadence"] * truth["fps"]
    obliquity = arrays["angle_pelvis_obliquity"].astype(float)
    width, drops = {}, {}
    for side, sign in (("left", 1), ("right", -1)):
        true = np.array([event["contact_exact"] for event in truth["meta"]["events"] if event["side"] == side])
        found = np.array([s.contact_s for s in run.strides if s.side == side]) * fps
        assert np.abs(found[:, None] - true).min(1).max() < 2  # every contact, of the right side, none invented
        inner = true[(true > 3) & (true < truth["frames"] - stride - 3)]
        assert np.abs(found[:, None] - inner).min(0).max() < 2  # none missed
        mid = np.rint(true[true + 0.12 * stride < truth["frames"] - 1] + 0.12 * stride).astype(int)
        whole = slice(round(true[0]), round(true[0] + stride * int((truth["frames"] - 1 - true[0]) / stride)))
        drops[side] = sign * (np.median(obliquity[mid]) - obliquity[whole].mean())
        ankle = list(arrays["landmarks"]).index(f"{side}_ankle")
        width[side] = np.median(arrays["points3d"][mid, ankle, 0])
    lengths_s = [s.length_s for s in run.strides]
    assert 120 / np.median(lengths_s) == pytest.approx(truth["meta"]["cadence"], abs=1)
    found_drop, found_width = pelvic_drop(run), step_width(run)
    assert found_drop.error is not None and found_width.error is not None
    assert found_drop.value == pytest.approx((drops["left"] + drops["right"]) / 2, abs=1.5 * found_drop.error)
    assert found_drop.left == pytest.approx(drops["left"], abs=1.5 * found_drop.error)
    assert found_drop.right == pytest.approx(drops["right"], abs=1.5 * found_drop.error)
    leg_m = 0.86
    assert found_width.value == pytest.approx((width["left"] - width["right"]) / leg_m, abs=2 * found_width.error)
    for measure in REAR_MEASURES:
        judged = measure.judged(measure.measure(run), Runner())
        if name == "run_back_1_good":
            assert judged.verdict == "good", measure.id


@pytest.mark.slow
def test_a_lab_run_meets_its_truth(test_data: Path) -> None:
    motion, _ = clean_motion(read_motion(test_data / "mocap/hamner_running/subject02_running.trc"), 8.0)
    motion, view = find_view(motion)
    run = Run(motion, view)
    drop, adduction, width = pelvic_drop(run), hip_adduction(run), step_width(run)
    assert drop.right == pytest.approx(7.7, abs=1)
    assert drop.left == pytest.approx(2.8, abs=1)
    assert adduction.right == pytest.approx(14.6, abs=2)
    assert adduction.left == pytest.approx(10.2, abs=2)
    assert width.value is not None and 0 < width.value < 0.15
    assert len(find_strides_from_behind(motion)) >= 24
