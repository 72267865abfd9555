"""Monster walks on film: rendered athletes with exact truth, in the mirror, cut off at the edge, and what is none."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import hipdrive
from hipdrive.results import Analysis
from hipdrive.video import VideoWriter, read_clip

WALKS = [
    "monster_1_good",
    "monster_2_valgus",
    "monster_3_feet_close",
    "monster_4_drag_snap",
    "monster_5_upright_bob",
    "monster_6_lean_tilt",
]
pytestmark = pytest.mark.usefixtures("weights")


@cache
def analysed(path: Path, quality: str = "standard", movement: str | None = None) -> Analysis:
    return hipdrive.analyse(path, quality=quality, movement=movement)


class Truth:
    """What really happens in a rendered clip."""

    def __init__(self, clip: Path) -> None:
        described = json.loads(clip.with_suffix(".json").read_text())
        self.events = described["meta"]["events"]
        self.stance_m = described["meta"]["stance"]
        self.fps = described["fps"]
        points = np.load(clip.with_suffix(".npz"))["points3d"]
        self.gap_m = np.linalg.norm(points[:, 27] - points[:, 28], axis=1)

    def phases_s(self) -> np.ndarray:
        names = ("start", "lead_down", "trail_lift", "trail_down")
        return np.array([[event[name] for name in names] for event in self.events]) / self.fps

    def values(self, cue_id: str) -> list[float]:
        """True values of a cue, one for every step."""
        return [float(_VALUES[cue_id](self, event)) for event in self.events]


_VALUES = {
    "band_tension": lambda truth, e: truth.gap_m[e["trail_lift"] : e["end"]].min() / truth.stance_m,
    "knees_bent": lambda truth, e: e["measured"]["knee_flexion_mean"],
    "knees_over_feet": lambda truth, e: e["measured"]["lead_fppa_max"],
    "trailing_foot_controlled": lambda truth, e: (e["trail_down"] - e["trail_lift"]) / (e["lead_down"] - e["start"]),
    "trunk_steady": lambda truth, e: abs(e["measured"]["trunk_side_peak"]),
}
LIMITS = {  # acceptable up to, at fault from
    "band_tension": (0.75, 0.7),
    "knees_bent": (12, 10),
    "knees_over_feet": (12, 15),
    "trailing_foot_controlled": (0.5, 0.5),
    "trunk_steady": (10, 10),
}


def phases_s(analysis: Analysis) -> np.ndarray:
    return np.array([[r.start_s, r.top_start_s, r.top_end_s, r.end_s] for r in analysis.repetitions])


def check_against_truth(analysis: Analysis, truth: Truth) -> None:
    """Every step with its direction, none invented, and no fault where the truth is acceptable."""
    assert (analysis.movement.id, analysis.view.id) == ("monster_walk", "front")
    steps = analysis.complete_repetitions
    assert len(analysis.repetitions) == len(steps) == len(truth.events)
    assert [step.side for step in steps] == [event["lead_foot"] for event in truth.events]
    assert [step.direction for step in steps] == [event["side"] for event in truth.events]
    assert (np.median(np.abs(phases_s(analysis) - truth.phases_s()), axis=0) < 0.1).all()
    for cue_id, (acceptable, limit) in LIMITS.items():
        worse = 1 if limit >= acceptable and cue_id in ("knees_over_feet", "trunk_steady") else -1
        for step, event, true_value in zip(steps, truth.events, truth.values(cue_id), strict=True):
            cue = step.cues[cue_id]
            if cue.verdict == "fault" and not (cue_id == "trailing_foot_controlled" and event["params"].get("drag")):
                assert worse * true_value > worse * acceptable, (cue_id, event)
            if cue.verdict == "good":
                assert worse * true_value < worse * limit, (cue_id, event)
    for step, event in zip(steps, truth.events, strict=True):
        if not event["params"]:
            assert "fault" not in {cue.verdict for cue in step.cues.values()}


def test_a_rendered_walk_at_a_glance(test_data):
    clip = test_data / "synthetic" / "monster_1_good.mp4"
    analysis = analysed(clip, "fast")
    check_against_truth(analysis, Truth(clip))
    robust = ("band_tension", "trailing_foot_controlled", "trunk_steady", "both_directions")
    assert {analysis.set[cue_id].verdict for cue_id in robust} == {"good"}


@pytest.mark.slow
@pytest.mark.parametrize("name", WALKS)
def test_rendered_walks(test_data, name):
    clip = test_data / "synthetic" / f"{name}.mp4"
    check_against_truth(analysed(clip), Truth(clip))


@pytest.mark.slow
def test_printed_errors_are_one_standard_deviation(test_data):
    for cue_id, error in (("band_tension", 0.04), ("trailing_foot_controlled", 0.08), ("trunk_steady", 3.0)):
        off = []
        for name in WALKS:
            clip = test_data / "synthetic" / f"{name}.mp4"
            seen = [step.cues[cue_id].value for step in analysed(clip).complete_repetitions]
            off += [
                value - true for value, true in zip(seen, Truth(clip).values(cue_id), strict=True) if value is not None
            ]
        assert len(off) > 30
        assert np.sqrt(np.mean(np.square(off))) <= error


def faults(analysis: Analysis, cue_id: str) -> list[int]:
    return [i for i, step in enumerate(analysis.repetitions) if step.cues[cue_id].verdict == "fault"]


@pytest.mark.slow
def test_scripted_faults_are_found(test_data):
    clips = test_data / "synthetic"
    assert faults(analysed(clips / "monster_3_feet_close.mp4"), "band_tension") == [0, 1, 4]
    # a foot that snaps in 0.2 s is surely too quick, in 0.22 s only nearly; of two that drag one is seen surely
    snaps_and_drags = faults(analysed(clips / "monster_4_drag_snap.mp4"), "trailing_foot_controlled")
    assert {2} < set(snaps_and_drags) <= {1, 2, 3, 5}
    inwards = analysed(clips / "monster_2_valgus.mp4").repetitions
    assert [step.cues["knees_over_feet"].verdict == "good" for step in inwards] == [
        True,
        False,
        False,
        True,
        False,
        True,
    ]
    leans = [step.cues["trunk_steady"].verdict for step in analysed(clips / "monster_6_lean_tilt.mp4").repetitions]
    assert [verdict != "good" for verdict in leans[1:3]] == [True, True]


@pytest.mark.slow
def test_in_the_mirror_sides_change_and_values_stay(test_data, tmp_path):
    clip = test_data / "synthetic" / "monster_4_drag_snap.mp4"
    turned = analysed(rewritten(clip, tmp_path / "mirror.mp4", lambda image: image[:, ::-1]))
    plain = analysed(clip)
    swapped = {"left": "right", "right": "left"}
    assert [step.direction for step in turned.repetitions] == [swapped[step.direction] for step in plain.repetitions]
    off_s = np.abs(phases_s(turned) - phases_s(plain))  # the network sees another picture
    assert np.median(off_s) < 0.03
    assert off_s.max() < 0.15
    for here, there in zip(plain.repetitions, turned.repetitions, strict=True):
        for cue_id in ("band_tension", "trailing_foot_controlled", "trunk_steady"):
            one, other = here.cues[cue_id], there.cues[cue_id]
            assert other.value == pytest.approx(one.value, abs=2.5 * one.error)


@pytest.mark.slow
def test_feet_that_leave_the_picture_are_not_judged(test_data, tmp_path):
    clip = test_data / "synthetic" / "monster_1_good.mp4"
    cut = analysed(rewritten(clip, tmp_path / "cut.mp4", lambda image: image[:, 220:430]), movement="monster_walk")
    for step in cut.repetitions:
        assert "fault" not in {cue.verdict for cue in step.cues.values()}
    tension = [step.cues["band_tension"] for step in cut.repetitions]
    assert any(cue.verdict == "not_judged" and "picture" in (cue.reason or "") for cue in tension)


@pytest.mark.slow
@pytest.mark.parametrize("steps", [slice(0, 3), slice(3, 6)])
def test_one_way_only(test_data, tmp_path, steps):
    clip = test_data / "synthetic" / "monster_1_good.mp4"
    times_s = Truth(clip).phases_s()[steps]
    window_s = (times_s[0, 0] - 0.4 if steps.start == 0 else times_s[0, 0] - 0.1, times_s[-1, 3] + 0.1)
    path = rewritten(clip, tmp_path / "way.mp4", lambda image: image, window_s)
    analysis = analysed(path)
    assert {step.direction for step in analysis.repetitions} == {"left" if steps.start == 0 else "right"}
    assert analysis.set["both_directions"].verdict in ("fault", "not_judged")


@pytest.mark.slow
@pytest.mark.parametrize(
    "clip",
    [
        "squat/front_pexels_5034577.mp4",
        "squat/oblique_pexels_4838220.mp4",
        "bridge/pexels_6525487.mp4",
        "synthetic/bridge_1_good.mp4",
        "synthetic/bridge_5_knees.mp4",
        "running/treadmill_side.mp4",
        "synthetic/run_side_1_good.mp4",
        "synthetic/run_back_1_good.mp4",
        "synthetic/run_back_3_crossover.mp4",
    ],
)
def test_what_is_no_monster_walk(test_data, clip):
    assert analysed(test_data / clip, "fast").movement.id != "monster_walk"


def rewritten(clip: Path, path: Path, change, window_s=(0.0, np.inf)) -> Path:
    """The same clip with every picture changed, or a part of it."""
    source = read_clip(clip)
    frames = [frame for frame in source if window_s[0] <= frame.time_s <= window_s[1]]
    images = [np.ascontiguousarray(change(frame.image)) for frame in frames]
    with VideoWriter(path, images[0].shape[1], images[0].shape[0], 30.0) as writer:
        for frame, image in zip(frames, images, strict=True):
            writer.write(image, frame.time_s - frames[0].time_s)
    return path
