"""Bridge and monster walk as balances of forces: the mathematics, and the directions that EMG has found."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipdrive.errors import HipdriveError
from hipdrive.muscles.contact import ROOT, band_force, friction_pyramid, hold
from hipdrive.muscles.exercises import GluteBridge, MonsterWalk, Unseen, _held, muscles_of_exercise, pose_of, what_if
from hipdrive.muscles.model import load_model
from hipdrive.muscles.results import Effort, GroupEffort
from hipdrive.results import Analysis, JudgedCue, JudgedRepetition, RecognisedMovement, SeenView, Source

pytest.importorskip("mujoco")
pytest.importorskip("myo_sim")


def group(effort: Effort, name: str, side: str = "right") -> GroupEffort:
    (found,) = [each for each in effort.groups if (each.group, each.side) == (name, side)]
    return found


def percent(effort: Effort, name: str, side: str = "right") -> float:
    typical = group(effort, name, side).typical_pct
    assert typical is not None
    return typical


# -- the mathematics -----------------------------------------------------------------------------------------------


@given(st.floats(0, 2), st.lists(st.floats(0, 10), min_size=4, max_size=4))
def test_no_mix_of_edges_slips(friction: float, shares: list[float]) -> None:
    force = np.array(shares) @ friction_pyramid(friction)
    assert force[1] == pytest.approx(sum(shares))
    assert np.hypot(force[0], force[2]) <= friction * force[1] + 1e-12


def test_band_pulls_its_ends_together() -> None:
    right, left = np.array([0.1, 0.5, 0.2]), np.array([0.1, 0.4, -0.2])
    force = band_force(right, left, 50.0)
    assert np.linalg.norm(force) == pytest.approx(50)
    assert force @ (left - right) > 0
    assert force == pytest.approx(-band_force(left, right, 50.0))


def block(friction: float, sideways_n: float, n_muscles: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Hold a block of 100 N on two places 1 m apart that is pushed sideways; gives both forces and what is missing."""
    places = np.array([[-0.5, 0, 0], [0.5, 0, 0]])
    jacobian = np.zeros((1, 2, 3, ROOT + 1))
    for number, place in enumerate(places):
        jacobian[0, number, :, :3] = np.eye(3)
        for axis in range(3):
            jacobian[0, number, :, 3 + axis] = np.cross(np.eye(3)[axis], place)
    wanted = np.zeros((1, ROOT + 1))
    wanted[0, 0], wanted[0, 1] = -sideways_n, 100.0
    held = hold(
        np.zeros((1, ROOT + 1, n_muscles)),
        wanted,
        np.ones((1, n_muscles)),
        jacobian,
        np.array([friction]),
        reserve_nm=np.array([1.0]),
    )
    return held.floor_n[0], held.missing[0]


def test_a_block_rests_on_both_places_alike() -> None:
    floor_n, missing = block(0.5, 0.0)
    assert floor_n[:, 1] == pytest.approx([50, 50], abs=1e-3)
    assert np.abs(missing[:ROOT]).max() < 1e-6


def test_friction_holds_a_push_up_to_its_share_of_the_weight() -> None:
    floor_n, missing = block(0.5, 40.0)
    assert floor_n[:, 0].sum() == pytest.approx(-40)
    assert np.abs(missing[:ROOT]).max() < 1e-6
    floor_n, missing = block(0.3, 40.0)  # too slippery: some of the push must come from nowhere, and is told
    assert -missing[0] > 5
    assert np.abs(floor_n[:, 0]).sum() <= 0.3 * floor_n[:, 1].sum() + 1e-6


# -- what-if -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def straight() -> Effort:
    return what_if("glute_bridge")


@pytest.fixture(scope="module")
def step() -> Effort:
    return what_if("monster_walk", band_n=50)


def test_higher_hips_are_more_gluteus_maximus(straight: Effort) -> None:
    low = what_if("glute_bridge", hips_deg=30)
    arched = what_if("glute_bridge", hips_deg=-10)
    assert percent(low, "glmax") + 5 < percent(straight, "glmax") < percent(arched, "glmax")


def test_one_leg_works_harder_than_two(straight: Effort) -> None:
    single = what_if("glute_bridge", single_leg=True, side="left")
    assert percent(single, "glmax", "left") > 1.3 * percent(straight, "glmax", "left")
    assert percent(single, "glmed", "left") > 20
    assert percent(single, "glmax", "right") < 5  # the leg in the air
    assert "in the air" in group(single, "glmax", "right").note


def test_load_on_the_hips_is_more_gluteus_maximus(straight: Effort) -> None:
    assert percent(what_if("glute_bridge", load_kg=20), "glmax") > 1.2 * percent(straight, "glmax")


def test_gluteus_maximus_of_the_bridge_is_as_large_as_in_emg(straight: Effort) -> None:
    effort = group(straight, "glmax")
    assert effort.low_pct is not None and effort.high_pct is not None and effort.typical_pct is not None
    assert 10 < effort.typical_pct < 30  # Ekstrom 2007: about 25
    assert effort.low_pct < effort.typical_pct < effort.high_pct


def test_both_legs_of_a_bridge_do_the_same(straight: Effort) -> None:
    for name in ("glmax", "vasti", "soleus"):
        assert percent(straight, name) == pytest.approx(percent(straight, name, "left"), abs=0.1)


def test_more_tension_is_more_gluteal_work(step: Effort) -> None:
    without, strong = what_if("monster_walk", band_n=0), what_if("monster_walk", band_n=100)
    for name in ("glmax", "glmed", "glmin", "tfl"):
        assert percent(without, name) < percent(step, name) < percent(strong, name)


def test_a_lower_band_is_more_gluteal_work(step: Effort) -> None:
    ankle, foot = what_if("monster_walk", band_at="ankle"), what_if("monster_walk", band_at="foot")
    assert percent(step, "glmed") + 5 < percent(ankle, "glmed")
    assert percent(step, "glmax") < percent(ankle, "glmax") < percent(foot, "glmax")


def test_the_standing_leg_works_harder_than_the_moving_one(step: Effort) -> None:
    for name in ("glmax", "glmed", "glmin"):
        assert percent(step, name) > 2 * percent(step, name, "left")


def test_the_other_leg_standing_is_the_mirror_image(step: Effort) -> None:
    mirrored = what_if("monster_walk", band_n=50, side="left")
    for name in ("glmax", "glmed", "glmin", "tfl", "vasti"):
        assert percent(mirrored, name, "left") == pytest.approx(percent(step, name), abs=0.2)
        assert percent(mirrored, name, "right") == pytest.approx(percent(step, name, "left"), abs=0.2)


@pytest.mark.parametrize("posture", [GluteBridge(single_leg=True, load_kg=40), MonsterWalk(band_n=150)])
def test_floor_and_band_alone_hold_the_free_body(posture: GluteBridge | MonsterWalk) -> None:
    model = load_model(arms=isinstance(posture, MonsterWalk))
    poses = pose_of(model, posture)[None]
    variants = (*Unseen().usual, *Unseen().others)
    activation, missing = _held(model, [posture], poses, [(0, variant) for variant in variants])
    assert np.abs(missing[:, :ROOT]).max() < 1e-6
    assert (activation >= 0).all() and (activation <= 1).all()


def test_what_is_said_is_no_longer_in_doubt() -> None:
    known = what_if("glute_bridge", architecture="uhlrich2023", passive=True, friction=0.6)
    unknown = what_if("glute_bridge")
    assert Unseen("uhlrich2023", passive=True, friction=0.6).others == tuple(
        replace(Unseen("uhlrich2023", passive=True, friction=0.6).usual[0], **change)
        for change in ({"strength": 1.3}, {"strength": 1 / 1.3}, {"by_volume": True})
    )
    widths = [
        high - low
        for effort in (known, unknown)
        if (low := group(effort, "glmax").low_pct) is not None and (high := group(effort, "glmax").high_pct) is not None
    ]
    assert widths[0] < widths[1]


@pytest.mark.slow
def test_the_page_of_the_validation_fits_the_code() -> None:
    script = Path(__file__).parents[1] / "docs" / "muscles_validation.py"
    assert subprocess.run([sys.executable, str(script), "--check"], check=False).returncode == 0


def test_feet_on_ice_are_told() -> None:
    icy = what_if("glute_bridge", knees_deg=60, friction=0)
    firm = what_if("glute_bridge", knees_deg=60)
    assert percent(icy, "glmax") != pytest.approx(percent(firm, "glmax"), abs=0.5)
    assert all(np.isfinite(effort.activation).all() for effort in (icy, firm))


# -- what must stand beside the numbers ----------------------------------------------------------------------------


def test_warnings_of_the_bridge(straight: Effort) -> None:
    assert {"hamstrings_in_bridge", "piriformis"} <= {warning.code for warning in straight.warnings}
    assert group(straight, "hamstrings").confidence == "poor"
    assert "EMG" in group(straight, "hamstrings").note
    piriformis = group(straight, "piriformis")
    assert piriformis.confidence == "not identifiable" and piriformis.typical_pct is None


def test_a_deep_squat_says_that_gluteus_medius_is_wrong(step: Effort) -> None:
    assert "gluteus_medius_in_squat" not in {warning.code for warning in step.warnings}
    deep = what_if("monster_walk", knees_deg=50, lean_deg=30)
    assert "gluteus_medius_in_squat" in {warning.code for warning in deep.warnings}
    assert group(deep, "glmed").confidence == "poor"
    assert percent(deep, "glmax") > percent(step, "glmax")


def test_knees_bent_beyond_the_model_are_not_believed() -> None:
    folded = what_if("glute_bridge", knees_deg=115)
    assert "knee_beyond_105" in {warning.code for warning in folded.warnings}
    assert {each.confidence for each in folded.groups} <= {"poor", "fair", "not identifiable"}
    assert group(folded, "glmax").confidence == "poor"


@pytest.mark.parametrize(
    ("exercise", "settings", "says"),
    [
        ("plank", {}, "no exercise"),
        ("glute_bridge", {"band_n": 30}, "no setting"),
        ("glute_bridge", {"knees_deg": 170}, "knees_deg is 170"),
        ("glute_bridge", {"pressing": "toes"}, "take one of"),
        ("monster_walk", {"band_n": float("nan")}, "band_n"),
        ("monster_walk", {"height_m": 178}, "height_m"),
        ("glute_bridge", {"knees_deg": 0}, "do not both lie on the floor"),
    ],
)
def test_what_cannot_be_asked_is_said_with_the_cure(exercise: str, settings: dict[str, Any], says: str) -> None:
    with pytest.raises(HipdriveError, match=says):
        what_if(exercise, **settings)


def test_json_there_and_back(straight: Effort) -> None:
    again = Effort.from_json(straight.to_json())
    assert again.groups == straight.groups and again.warnings == straight.warnings


# -- from an analysis ----------------------------------------------------------------------------------------------


def analysis(movement: str, repetitions: list[JudgedRepetition]) -> Analysis:
    return Analysis(
        Source("clip.mp4", "video", 10.0, 300, 30.0, 1920, 1080),
        RecognisedMovement(movement, "asked", 1.0),  # type: ignore[arg-type]
        SeenView("side", "right", 1.0),
        repetitions,
    )


def repetition(side: str, index: int = 0, **values: float) -> JudgedRepetition:
    cues = {name: JudgedCue(value, "", 6.0, "good", None) for name, value in values.items()}
    start_s = 4.0 * index
    return JudgedRepetition(index, side, None, start_s, start_s + 1, start_s + 2, start_s + 3, True, cues)  # type: ignore[arg-type]


def test_a_higher_bridge_of_a_clip_is_more_work() -> None:
    low, high = (
        muscles_of_exercise(analysis("glute_bridge", [repetition("both", straight_line=line, shin_upright=0.0)]))
        for line in (155.0, 182.0)
    )
    assert percent(low, "glmax") < percent(high, "glmax")
    assert len(low.time_s) == 1 and low.time_s[0] == pytest.approx(1.5)


def test_a_bridge_on_one_leg_is_told_from_one_on_both() -> None:
    single = muscles_of_exercise(analysis("glute_bridge", [repetition("left", straight_line=178.0, shin_upright=2.0)]))
    assert percent(single, "glmax", "left") > 15 > percent(single, "glmax", "right")


def test_knees_that_were_not_seen_are_said() -> None:
    effort = muscles_of_exercise(analysis("glute_bridge", [repetition("both", straight_line=178.0)]))
    assert {"knees_not_seen", "usual_body", "hamstrings_in_bridge"} <= {warning.code for warning in effort.warnings}


def test_a_monster_walk_has_both_legs_standing() -> None:
    steps = [repetition("left", number, knees_bent=30.0, step_size=0.35) for number in range(3)]
    effort = muscles_of_exercise(analysis("monster_walk", steps))
    assert len(effort.time_s) == 2
    assert percent(effort, "glmed", "left") == pytest.approx(percent(effort, "glmed", "right"), abs=0.2)
    assert percent(effort, "glmed") > 20
    assert "band_not_seen" in {warning.code for warning in effort.warnings}


def test_a_run_is_neither_exercise() -> None:
    with pytest.raises(HipdriveError, match="not a bridge"):
        muscles_of_exercise(analysis("running", []))


def test_a_bridge_without_a_hip_line_says_so() -> None:
    with pytest.raises(HipdriveError, match="from the side"):
        muscles_of_exercise(analysis("glute_bridge", [repetition("both")]))
