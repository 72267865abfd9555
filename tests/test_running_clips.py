"""Whole runs: rendered runners with exact truth, a real one, a lab run with force plates, and what is no run."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import hipdrive
from hipdrive.analysis import Examined, Settings, examine, examine_together
from hipdrive.errors import HipdriveError
from hipdrive.motion.files import read_table
from hipdrive.motion.sides import repair_sides
from hipdrive.results import Analysis

SIDE_RUNS = ["run_side_1_good", "run_side_2_no_extension", "run_side_3_overstride"]
CONTACT_N = 30.0  # the usual threshold of a force plate


@cache
def analysed(path: Path, quality: str = "standard") -> Analysis:
    return hipdrive.analyse(path, quality=quality)


@cache
def examined(path: Path, quality: str = "standard") -> Examined:
    return examine(path, Settings(quality=quality))


class Truth:
    """What really happens in a rendered run."""

    def __init__(self, clip: Path) -> None:
        described = json.loads(clip.with_suffix(".json").read_text())
        self.fps, self.frames = described["fps"], described["frames"]
        self.cadence_spm = described["meta"]["cadence"]
        self.events = described["meta"]["events"]
        self.points_px = np.load(clip.with_suffix(".npz"))["points2d"]

    def contacts_s(self, side: str) -> np.ndarray:
        return np.array([event["contact_exact"] for event in self.events if event["side"] == side]) / self.fps

    def median(self, side: str, name: str) -> float:
        return float(np.median([e["measured"][name] for e in self.events if e["side"] == side and "measured" in e]))


def contacts_s(analysis: Analysis, side: str) -> np.ndarray:
    return np.array([stride.contact_s for stride in analysis.strides if stride.side == side])


def check_strides(analysis: Analysis, truth: Truth) -> None:
    """No stride missed or invented, sides right, and every contact near the true one."""
    stride_s = 120 / truth.cadence_spm
    off_frames = []
    for side in ("left", "right"):
        found, true = contacts_s(analysis, side), truth.contacts_s(side)
        # strides are told from contact to contact, so the last one begins a stride before the end
        whole = true[(true > stride_s / 2) & (true < truth.frames / truth.fps - 1.5 * stride_s)]
        nearest = np.abs(found[:, None] - true)
        assert (nearest.min(1) < stride_s / 4).all(), "invented, or of the other leg"
        assert (np.abs(found[:, None] - whole).min(0) < stride_s / 4).all(), "missed"
        off_frames += (nearest.min(1) * truth.fps).tolist()
    assert np.median(off_frames) <= 2
    assert analysis.measures["cadence_spm"].value == pytest.approx(truth.cadence_spm, abs=1)


@pytest.mark.slow
@pytest.mark.usefixtures("weights")
@pytest.mark.parametrize("name", SIDE_RUNS)
def test_rendered_runs_from_the_side(test_data, name):
    clip = test_data / "synthetic" / f"{name}.mp4"
    analysis, truth = analysed(clip), Truth(clip)
    assert (analysis.movement.id, analysis.view.id) == ("running", "side")
    check_strides(analysis, truth)
    thigh, lean = analysis.measures["trailing_thigh_deg"], analysis.measures["trunk_lean_deg"]
    for side in ("left", "right"):
        # twice the printed error: each is one standard deviation
        true_thigh, true_lean = (
            truth.median(side, "peak_thigh_extension_vertical"),
            truth.median(side, "trunk_pitch_mean"),
        )
        assert getattr(thigh, side) == pytest.approx(true_thigh, abs=2 * thigh.error)
        assert getattr(lean, side) == pytest.approx(true_lean, abs=2 * lean.error)
    assert "fault" not in {measure.verdict for measure in analysis.measures.values()}


@pytest.mark.usefixtures("weights")
def test_a_rendered_run_at_a_glance(test_data):
    clip = test_data / "synthetic" / "run_side_1_good.mp4"
    check_strides(analysed(clip, "fast"), Truth(clip))


@pytest.mark.slow
@pytest.mark.usefixtures("weights")
@pytest.mark.parametrize("name", SIDE_RUNS)
def test_sides_stay_straight_through_crossing_legs(test_data, name):
    clip = test_data / "synthetic" / f"{name}.mp4"
    motion, truth = examined(clip).motion, Truth(clip).points_px
    left, right = (motion.image_position.sel(keypoint=f"{side}_ankle").values[:, :2] for side in ("left", "right"))
    n = min(len(left), len(truth))
    straight, exchanged = (
        np.linalg.norm(left[:n] - a[:n], axis=-1) + np.linalg.norm(right[:n] - b[:n], axis=-1)
        for a, b in ((truth[:, 27], truth[:, 28]), (truth[:, 28], truth[:, 27]))
    )
    assert (exchanged < straight).mean() <= 0.01
    assert repair_sides(motion)[1].exchanged_frames == 0  # nothing is left to mend


@pytest.mark.slow
@pytest.mark.usefixtures("weights")
def test_a_real_treadmill_run(test_data):
    clip = test_data / "running" / "treadmill_side.mp4"
    labels = json.loads((test_data / "labels.json").read_text())["running/treadmill_side.mp4"]
    analysis = analysed(clip)
    assert (analysis.movement.id, analysis.view.id, analysis.view.near_side) == ("running", "side", "left")
    assert analysis.measures["cadence_spm"].value == pytest.approx(labels["cadence_spm"], abs=1)
    for side, name in (("left", "L"), ("right", "R")):
        labelled = np.array(labels["contacts"][name])
        found = contacts_s(analysis, side) * labels["fps"]
        assert np.median(np.abs(found[:, None] - labelled).min(0)) <= 2
    # another pose model's landmarks of the same run
    other = analysed(test_data / "running" / "treadmill_side.rtmpose_halpe26.json")
    assert other.source.kind == "landmarks"
    for measure in ("cadence_spm", "contact_time_s"):
        ours, theirs = analysis.measures[measure], other.measures[measure]
        assert ours.value == pytest.approx(theirs.value, abs=ours.error)


def force_plate_contacts(path: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Touchdowns [s] and contact times [s] of each foot."""
    table = read_table(path)
    contacts = {}
    for side, name in (("right", "ground_force_vy"), ("left", "1_ground_force_vy")):
        on = table[name] > CONTACT_N
        down, up = (np.flatnonzero(np.diff(on.astype(int)) == turn) + 1 for turn in (1, -1))
        up = up[up > down[0]][: len(down)]
        contacts[side] = table.time_s[down], table.time_s[up] - table.time_s[down[: len(up)]]
    return contacts


def test_a_lab_run_against_its_force_plate(test_data):
    lab = test_data / "mocap" / "hamner_running"
    analysis = analysed(lab / "subject02_running.trc")
    assert (analysis.movement.id, analysis.source.kind) == ("running", "mocap")
    cadence, contact = analysis.measures["cadence_spm"], analysis.measures["contact_time_s"]
    assert cadence.value == pytest.approx(174, abs=1)
    off_s = []
    for side, (down_s, contact_s) in force_plate_contacts(lab / "subject02_running_grf.mot").items():
        found = contacts_s(analysis, side)
        assert len(found) >= 12
        off_s += np.abs(found[:, None] - down_s).min(1).tolist()
        assert getattr(contact, side) == pytest.approx(float(np.mean(contact_s)), abs=0.010)
    assert np.median(off_s) <= 0.015
    drop, adduction, extension = (
        analysis.measures[name] for name in ("pelvic_drop_deg", "hip_adduction_deg", "hip_extension_deg")
    )
    assert (drop.right, drop.left) == (pytest.approx(7.7, abs=2), pytest.approx(2.8, abs=2))
    assert (adduction.right, adduction.left) == (pytest.approx(14.6, abs=2), pytest.approx(10.2, abs=2))
    assert (extension.right, extension.left) == (pytest.approx(27.8, abs=5), pytest.approx(27.4, abs=5))


def test_joint_angles_run_as_their_markers_do(test_data):
    lab = test_data / "mocap" / "hamner_running"
    markers, angles = analysed(lab / "subject02_running.trc"), analysed(lab / "reference_ik.mot")
    for name in ("cadence_spm", "contact_time_s", "trailing_thigh_deg"):
        assert angles.measures[name].value == pytest.approx(
            markers.measures[name].value, abs=markers.measures[name].error
        )


@pytest.mark.parametrize(
    ("trial", "word"),
    [
        ("gait10dof_walking/subject01_walk.trc", "a walk"),
        ("gait10dof_walking/reference_ik.mot", "a walk"),
        ("opencap_squats/squats.mot", "do not stride"),
    ],
)
def test_walks_and_squats_are_not_judged_as_runs(test_data, trial, word):
    analysis = analysed(test_data / "mocap" / trial)
    assert analysis.movement.id == "unknown"
    assert word in analysis.movement.why
    assert (analysis.strides, analysis.measures, analysis.repetitions) == ([], {}, [])


@pytest.mark.slow
@pytest.mark.usefixtures("weights")
def test_two_views_of_a_run_make_one_report(test_data):
    clips = [test_data / "synthetic" / f"{name}.mp4" for name in ("run_back_1_good", "run_side_1_good")]
    both = examine_together(clips, Settings(quality="fast"))
    assert [part.analysis.view.id for part in both.parts] == ["side", "rear"]
    measures = both.analysis.measures
    assert measures["trailing_thigh_deg"].value == both.parts[0].analysis.measures["trailing_thigh_deg"].value
    assert measures["step_width_leg_lengths"].value == both.parts[1].analysis.measures["step_width_leg_lengths"].value
    with pytest.raises(HipdriveError, match="same side"):
        examine_together([clips[1], clips[1]], Settings(quality="fast"))


def test_together_takes_runs_only(test_data):
    lab = test_data / "mocap"
    with pytest.raises(HipdriveError, match="shows no run"):
        examine_together(
            [lab / "hamner_running" / "subject02_running.trc", lab / "gait10dof_walking" / "subject01_walk.trc"]
        )
    with pytest.raises(HipdriveError, match="name both"):
        examine_together([lab / "hamner_running" / "subject02_running.trc"])
