"""Glute bridges on film: rendered athletes with exact truth, a real one, photographs, and what is no bridge."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import hipdrive
from hipdrive.results import Analysis

BRIDGES = [
    "bridge_1_good",
    "bridge_2_low_hips",
    "bridge_3_toes_up",
    "bridge_4_feet_far_fast",
    "bridge_5_knees",
    "bridge_6_single_leg",
]
pytestmark = pytest.mark.usefixtures("weights")


@cache
def analysed(path: Path, quality: str = "standard", movement: str | None = None) -> Analysis:
    return hipdrive.analyse(path, quality=quality, movement=movement)


class Truth:
    """What really happens in a rendered clip."""

    def __init__(self, clip: Path) -> None:
        described = json.loads(clip.with_suffix(".json").read_text())
        self.fps = described["fps"]
        self.events = described["meta"]["events"]
        self.lifted = described["meta"]["lifted"]
        self.near = "right" if described["meta"]["head_left"] else "left"
        self.arrays = np.load(clip.with_suffix(".npz"))

    def phases_s(self) -> np.ndarray:
        return np.array([[e["start"], e["top_start"], e["top_end"], e["end"]] for e in self.events]) / self.fps

    def top_deg(self, side: str) -> np.ndarray:
        line = self.arrays[f"angle_hip_sagittal_{side}"]
        return np.array([np.median(line[e["top_start"] : e["top_end"] + 1]) for e in self.events])

    def toe_lift_deg(self, side: str) -> np.ndarray:
        """Lift from the flat foot, whose sole the landmarks see at -1 deg."""
        pitch = self.arrays[f"angle_toe_pitch_{side}"]
        return np.array([np.median(pitch[e["start"] : e["end"]]) for e in self.events]) + 1.0

    def working_side(self) -> str:
        return self.near if self.lifted is None else {"left": "right", "right": "left"}[self.lifted]


def check_against_truth(analysis: Analysis, truth: Truth, may_miss_side: bool = False) -> None:
    """What must hold for every clip: all repetitions, none invented, and no fault where the truth is good."""
    complete = analysis.complete_repetitions
    sides = {"both" if truth.lifted is None else truth.working_side()} | ({None} if may_miss_side else set())
    assert len(complete) == len(truth.events)
    assert {r.side for r in complete} <= sides
    assert analysis.view.near_side == truth.near
    assert (np.median(np.abs(phases_s(analysis) - truth.phases_s()), axis=0) < 0.25).all()
    side = truth.working_side()
    for repetition, top_deg, lift_deg in zip(complete, truth.top_deg(side), truth.toe_lift_deg(side), strict=True):
        line, toes = repetition.cues["straight_line"], repetition.cues["toes_lifted"]
        check_verdict(line, top_deg, good_from=172, fault_below=160)
        check_verdict(toes, lift_deg, good_from=10, fault_below=3)


def phases_s(analysis: Analysis) -> np.ndarray:
    return np.array([[r.start_s, r.top_start_s, r.top_end_s, r.end_s] for r in analysis.complete_repetitions])


def check_verdict(cue, true_value, good_from, fault_below):
    """The verdict agrees with the truth wherever the truth is clear of the limit by more than the printed error."""
    if cue.verdict == "not_judged":
        assert cue.reason
        return
    if true_value >= good_from:
        assert cue.verdict != "fault"
    if true_value > good_from + cue.error:
        assert cue.verdict == "good"
    if true_value < fault_below - cue.error:
        assert cue.verdict == "fault"
    elif true_value > fault_below + cue.error:
        assert cue.verdict != "fault"


@pytest.mark.parametrize("name", ["bridge_1_good", "bridge_6_single_leg"])
def test_rendered_bridges_at_a_glance(test_data, name):
    clip = test_data / "synthetic" / f"{name}.mp4"
    # the full network puts a planted foot half-way to the lifted one; then the side is left open
    check_against_truth(analysed(clip, "fast"), Truth(clip), may_miss_side=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", BRIDGES)
def test_rendered_bridges(test_data, name):
    clip = test_data / "synthetic" / f"{name}.mp4"
    check_against_truth(analysed(clip), Truth(clip))


@pytest.mark.slow
def test_phases_of_all_rendered_bridges(test_data):
    clips = [test_data / "synthetic" / f"{name}.mp4" for name in BRIDGES]
    errors = np.concatenate([phases_s(analysed(clip)) - Truth(clip).phases_s() for clip in clips])
    assert (np.median(np.abs(errors), axis=0) < 0.15).all()


@pytest.mark.slow
def test_angle_at_the_top(test_data):
    errors = []
    for name in BRIDGES:
        clip = test_data / "synthetic" / f"{name}.mp4"
        truth = Truth(clip)
        seen = [r.cues["straight_line"].value for r in analysed(clip).complete_repetitions]
        errors += [value - true for value, true in zip(seen, truth.top_deg(truth.working_side()), strict=True) if value]
    assert len(errors) >= 22
    assert np.median(np.abs(errors)) <= 4
    assert np.sqrt(np.mean(np.square(errors))) <= 6  # the printed error is one standard deviation


@pytest.mark.slow
def test_scripted_faults_are_found(test_data):
    clips = test_data / "synthetic"
    assert analysed(clips / "bridge_2_low_hips.mp4").set["straight_line"].repetitions_at_fault == 3
    far = analysed(clips / "bridge_4_feet_far_fast.mp4")
    assert far.set["heels_near_hips"].verdict == "fault"
    assert far.set["slow_lower"].verdict == "fault"
    toes = [r.cues["toes_lifted"].verdict for r in analysed(clips / "bridge_3_toes_up.mp4").complete_repetitions]
    assert [verdict == "good" for verdict in toes] == [False, True, True, False]


@pytest.mark.parametrize("quality", ["fast", pytest.param("standard", marks=pytest.mark.slow)])
def test_a_real_bridge(test_data, quality):
    analysis = analysed(test_data / "bridge" / "pexels_6525487.mp4", quality)
    labels = json.loads((test_data / "labels.json").read_text())["bridge/pexels_6525487.mp4"]
    assert (analysis.movement.id, analysis.view.id, analysis.view.near_side) == (
        "glute_bridge",
        "side",
        "right",
    )
    assert [r.complete for r in analysis.repetitions] == [False, True, False]
    whole = analysis.repetitions[1]
    assert whole.cues["straight_line"].verdict == "good"
    assert whole.cues["toes_lifted"].verdict != "good"
    top_s = np.array(labels["top_phases"][1]) / labels["fps"]
    # marked by hand to 0.2 s, measured to 0.18 s
    assert abs(whole.top_start_s - top_s[0]) < 0.3
    assert abs(whole.top_end_s - top_s[1]) < 0.3
    assert "fault" not in {cue.verdict for cue in whole.cues.values()}


@pytest.mark.parametrize(
    ("photo", "lowest_deg", "highest_deg", "verdict"),
    [
        ("Butt_Lift_Bridge_1.jpg", 172, 195, {"good", "check"}),
        ("Butt_Lift_Bridge_0.jpg", 125, 155, {"not_judged"}),
    ],
)
def test_photographs_give_angles_without_tempo(test_data, photo, lowest_deg, highest_deg, verdict):
    analysis = analysed(test_data / "photos" / photo, "standard", "glute_bridge")
    (instant,) = analysis.repetitions
    assert not instant.complete
    assert lowest_deg <= instant.cues["straight_line"].value <= highest_deg
    assert instant.cues["straight_line"].verdict in verdict
    for cue in ("slow_raise", "hold_at_top", "slow_lower"):
        assert (instant.cues[cue].value, instant.cues[cue].verdict) == (None, "not_judged")


def test_a_photograph_of_one_leg(test_data):
    analysis = analysed(test_data / "photos" / "Single_Leg_Glute_Bridge_1.jpg", "standard", "glute_bridge")
    assert analysis.repetitions[0].side == analysis.view.near_side == "right"


@pytest.mark.parametrize(
    ("clip", "movement"),
    [
        ("synthetic/monster_1_good.mp4", "monster_walk"),
        pytest.param("running/treadmill_side.mp4", "running", marks=pytest.mark.slow),
        pytest.param("synthetic/run_side_1_good.mp4", "running", marks=pytest.mark.slow),
        pytest.param("synthetic/run_back_1_good.mp4", "running", marks=pytest.mark.slow),
    ],
)
def test_every_movement_is_recognised_as_itself(test_data, clip, movement):
    recognised = analysed(test_data / clip, "fast").movement
    assert (recognised.id, recognised.chosen) == (movement, "recognised")
    assert recognised.why


@pytest.mark.parametrize("clip", ["squat/front_pexels_5034577.mp4", "squat/oblique_pexels_4838220.mp4"])
def test_what_is_no_movement_of_ours_is_not_judged(test_data, clip):
    analysis = analysed(test_data / clip, "fast")
    assert analysis.movement.id == "unknown"
    assert (analysis.repetitions, analysis.set, analysis.advice) == ([], {}, [])
    assert "movement_unknown" in {warning.code for warning in analysis.warnings}


def test_analysis_goes_to_json_and_back(test_data):
    analysis = analysed(test_data / "synthetic" / "bridge_1_good.mp4", "fast")
    assert Analysis.from_json(analysis.to_json()) == analysis
    assert json.loads(analysis.to_json())["schema"] == "hipdrive.analysis/1"
    frame = analysis.to_frame()
    assert len(frame) == sum(len(r.cues) for r in analysis.repetitions)
