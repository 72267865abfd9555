"""The monster walk on landmarks that are known: sticks for what happens, rendered athletes for how it is measured."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipdrive.motion import clean_motion, find_view, new_motion
from hipdrive.movements import judge_set
from hipdrive.movements.cue import Measurement
from hipdrive.movements.monster_walk import MONSTER_WALK, MonsterWalk, recognise
from hipdrive.movements.steps import find_steps
from stick_walker import SideStep, mirrored, stick_walk, to_and_fro

WALKS = ["1_good", "2_valgus", "3_feet_close", "4_drag_snap", "5_upright_bob", "6_lean_tilt"]


def judged(walk, cue_id):
    cue = MONSTER_WALK.cue(cue_id)
    if walk.view.id not in cue.views:
        return [cue.judged(Measurement.missing("view")) for _ in walk.repetitions]
    return [cue.judged(cue.measure(walk, step)) for step in walk.repetitions]


def values(walk, cue_id):
    return [cue.value for cue in judged(walk, cue_id)]


def verdicts(walk, cue_id):
    return [cue.verdict for cue in judged(walk, cue_id)]


def prepared(steps, **film):
    walk = stick_walk(steps, **film)
    return MonsterWalk(walk.motion, walk.view), walk


def phases_s(walk):
    return np.array([[s.start_s, s.top_start_s, s.top_end_s, s.end_s] for s in walk.repetitions])


def part(motion, start_s, end_s):
    return motion.sel(time=slice(start_s, end_s))


# -- finding steps --------------------------------------------------------------------------------------------------

side_steps = st.builds(
    SideStep,
    side=st.sampled_from(["left", "right"]),
    step_m=st.floats(0.12, 0.4),
    lead_s=st.floats(0.3, 1.2),
    wide_s=st.floats(0.0, 0.5),
    trail_s=st.floats(0.2, 1.5),
    closed_s=st.floats(0.12, 0.6),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(side_steps, min_size=1, max_size=6), st.sampled_from([25.0, 30.0, 60.0]), st.floats(0.25, 0.45))
def test_every_step_is_found_and_none_invented(steps, rate_hz, stance_m):
    walk, truth = prepared(steps, rate_hz=rate_hz, stance_m=stance_m, away_m=6.0)
    assert [walk.side_of(step) for step in walk.repetitions] == [step.side for step in steps]
    assert all(step.complete for step in walk.repetitions)
    assert np.abs(phases_s(walk) - truth.times_s).max() < 0.12


def test_a_very_slow_walk():
    walk, truth = prepared(to_and_fro(1, lead_s=2.0, trail_s=3.0))
    assert np.abs(phases_s(walk) - truth.times_s).max() < 0.4
    assert values(walk, "trailing_foot_controlled") == pytest.approx([1.5, 1.5], abs=0.15)
    assert values(walk, "step_size") == pytest.approx([0.25 / 0.84] * 2, abs=0.04)


def test_a_foot_that_leaves_before_the_other_has_landed():
    walk, truth = prepared(to_and_fro(2, wide_s=-0.1))
    assert [step.side for step in walk.repetitions] == ["left", "left", "right", "right"]
    assert (np.diff(phases_s(walk), axis=1) >= 0).all()
    assert np.abs(phases_s(walk)[:, [0, 3]] - truth.times_s[:, [0, 3]]).max() < 0.12
    assert values(walk, "trailing_foot_controlled") == pytest.approx([1.0] * 4, abs=0.1)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0, 0.004))
def test_trembling_feet_do_not_step(seed, spread):
    time_s = np.arange(0, 5, 1 / 30)
    tremble = np.random.default_rng(seed).normal(0, spread, (2, len(time_s), 2))
    feet = {"left": [0.2, 0] + tremble[0], "right": [-0.2, 0] + tremble[1]}
    assert find_steps(feet, time_s) == []


def test_a_foot_that_comes_back_itself_is_no_step():
    time_s = np.arange(0, 6, 1 / 30)
    out = 0.3 * np.sin(np.pi * np.clip((time_s - 1) / 2, 0, 1)) ** 2
    still = np.zeros_like(time_s)
    feet = {"left": np.stack([0.2 + out, still], -1), "right": np.stack([still - 0.2, still], -1)}
    assert find_steps(feet, time_s) == []


def test_feet_set_apart_again_belong_to_the_step_before():
    steps = [SideStep("left", gap_m=0.12), SideStep("left"), SideStep("right", gap_m=0.12), SideStep("right")]
    walk, truth = prepared(steps)
    assert [step.side for step in walk.repetitions] == ["left", "left", "right", "right"]
    assert np.abs(phases_s(walk)[:, :2] - truth.times_s[:, :2]).max() < 0.12


def test_a_trailing_foot_that_is_put_down_where_it_was_ends_a_step():
    steps = [SideStep("left", gap_m=0.11), SideStep("left", gap_m=0.36), *to_and_fro(1)]
    walk, _ = prepared(steps)  # 0.11 m and a step of 0.25 m are just the stance
    assert [step.side for step in walk.repetitions] == ["left", "left", "left", "right"]
    assert all(step.complete for step in walk.repetitions)


def test_steps_cut_off_by_the_clip_are_incomplete():
    truth = stick_walk(to_and_fro(2))
    start_s, end_s = truth.times_s[0, 1] - 0.2, truth.times_s[-1, 2] + 0.2
    walk = MonsterWalk(part(truth.motion, start_s, end_s), truth.view)
    assert [step.side for step in walk.repetitions] == ["left", "left", "right", "right"]
    assert [step.complete for step in walk.repetitions] == [False, True, True, False]


def test_a_clip_that_begins_in_the_wide_stance():
    truth = stick_walk(to_and_fro(2, wide_s=0.4))
    walk = MonsterWalk(part(truth.motion, truth.times_s[0, 1] + 0.1, 99), truth.view)
    assert [step.complete for step in walk.repetitions] == [False, True, True, True]
    assert walk.side_of(walk.repetitions[0]) == "left"


def test_nothing_moves_for_want_of_pictures():
    motion = stick_walk(to_and_fro(1)).motion
    for frames in (1, 2, 4, 12):
        short = motion.isel(time=slice(0, frames))
        walk = MonsterWalk(short, find_view(short)[1])
        assert walk.repetitions == ()
        assert recognise(short, walk.view).confidence == 0


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_holes_in_the_sight_raise_nothing_and_invent_nothing(seed):
    random = np.random.default_rng(seed)
    truth = stick_walk(to_and_fro(2))
    motion = truth.motion.copy(deep=True)
    for _ in range(random.integers(1, 8)):
        first, keypoint = random.integers(len(motion.time)), random.integers(33)
        hole = {"time": slice(first, first + random.integers(1, 60))}
        for variable in ("image_position", "world_position"):
            motion[variable][hole | ({"keypoint": keypoint} if random.random() < 0.7 else {})] = np.nan
    walk = MonsterWalk(motion, truth.view)
    assert len(walk.repetitions) <= 4
    assert all(np.isfinite(phases_s(walk)).ravel())
    for cue in MONSTER_WALK.cues:
        assert "fault" not in verdicts(walk, cue.id), cue.id


# -- judging --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("film", [{}, {"behind": True}, {"rate_hz": 60.0}, {"away_m": 5.0}])
def test_a_good_walk_is_good(film):
    walk, _ = prepared(to_and_fro(3), **film)
    assert walk.view.id == ("rear" if film.get("behind") else "front")
    assert [walk.direction_of(step) for step in walk.repetitions] == ["left"] * 3 + ["right"] * 3
    for cue in MONSTER_WALK.cues:
        given_verdicts = set(verdicts(walk, cue.id))
        assert given_verdicts <= {"good", "not_judged"}, cue.id
    for cue_id in ("band_tension", "step_size", "trailing_foot_controlled", "trunk_steady", "both_directions"):
        assert set(verdicts(walk, cue_id)) == {"good"}
    assert recognise(walk.motion, walk.view).confidence > 0.9


def test_in_the_mirror_sides_change_and_values_stay():
    steps = [
        SideStep("left", gap_m=0.2),
        SideStep("left", lean_deg=8),
        SideStep("right", trail_s=0.3),
        SideStep("right"),
    ]
    walk, truth = prepared([*steps, SideStep("left", knee_in_deg=12)])
    motion, view = find_view(mirrored(truth.motion))
    other = MonsterWalk(motion, view)
    turned = {"left": "right", "right": "left"}
    assert [other.side_of(step) for step in other.repetitions] == [turned[step.side] for step in walk.repetitions]
    assert phases_s(other) == pytest.approx(phases_s(walk), abs=1e-3)
    for cue in MONSTER_WALK.cues:
        here, there = (np.array(values(each, cue.id), float) for each in (walk, other))
        assert there == pytest.approx(here, abs=0.02, nan_ok=True), cue.id
        assert verdicts(walk, cue.id) == verdicts(other, cue.id)


def test_feet_that_come_together_slacken_the_band():
    walk, _ = prepared(
        [SideStep("left", gap_m=0.12), SideStep("left"), SideStep("right", gap_m=0.3), SideStep("right")]
    )
    assert values(walk, "band_tension") == pytest.approx([0.12 / 0.36, 1.0, 0.3 / 0.36, 1.0], abs=0.03)
    assert verdicts(walk, "band_tension") == ["fault", "good", "check", "good"]


def test_a_snapping_and_a_dragging_foot():
    steps = [
        SideStep("left"),
        SideStep("left", trail_s=0.2),
        SideStep("left"),
        SideStep("right", trail_lift_m=0.0, trail_s=0.9),
        SideStep("right"),
        SideStep("right", trail_s=0.35),
    ]
    walk, _ = prepared(steps)
    assert verdicts(walk, "trailing_foot_controlled") == ["good", "fault", "good", "fault", "good", "check"]
    assert values(walk, "trailing_foot_controlled")[:2] == pytest.approx([1.0, 0.2 / 0.55], abs=0.08)


def test_who_never_lifts_the_feet_is_not_told_from_who_drags():
    walk, truth = prepared([SideStep(side, trail_lift_m=0.004) for side in ("left", "left", "right", "right")])
    motion = truth.motion.copy(deep=True)
    names = [f"{side}_{part}" for side in ("left", "right") for part in ("ankle", "heel", "foot_index")]
    height = motion.image_position.sel(keypoint=names, space="y")
    motion.image_position.loc[{"keypoint": names, "space": "y"}] = height.median("time")
    assert set(verdicts(MonsterWalk(motion, walk.view), "trailing_foot_controlled")) == {"good"}


def test_lean_and_steps_of_all_sizes():
    walk, _ = prepared(
        [SideStep("left", lean_deg=18), SideStep("left"), SideStep("right", step_m=0.055), SideStep("right")]
    )
    assert verdicts(walk, "trunk_steady") == ["fault", "good", "good", "good"]
    assert values(walk, "trunk_steady")[0] == pytest.approx(18, abs=2)
    assert verdicts(walk, "step_size") == ["good", "good", "fault", "good"]


def test_leaning_forward_beside_the_middle_is_no_lean_to_the_side():
    walk, _ = prepared(to_and_fro(3), trunk_lean_deg=40)
    assert max(values(walk, "trunk_steady")) < 2


def test_knees_that_fall_in():
    walk, _ = prepared([SideStep("left", knee_in_deg=25), SideStep("left"), SideStep("right"), SideStep("right")])
    assert verdicts(walk, "knees_over_feet") == ["fault", "good", "good", "good"]


def test_what_leads_is_seen_at_60_frames_a_second_only():
    steps = [
        SideStep("left"),
        SideStep("left", knee_late_s=0.3),
        SideStep("right"),
        SideStep("right", knee_late_s=-0.1),
    ]
    assert set(verdicts(prepared(steps)[0], "lead_with_knee")) == {"not_judged"}
    walk, _ = prepared(steps, rate_hz=60.0)
    lags = values(walk, "lead_with_knee")
    assert lags[0] == pytest.approx(0, abs=0.05)
    assert lags[1] > 0.1
    assert lags[3] < 0
    assert verdicts(walk, "lead_with_knee")[1] != "good"


@pytest.mark.parametrize(
    ("there", "back", "verdict"), [(3, 3, "good"), (3, 2, "good"), (4, 0, "fault"), (0, 2, "fault"), (6, 3, "fault")]
)
def test_to_and_fro_belongs_to_the_set(there, back, verdict):
    walk, _ = prepared([SideStep("left", step_m=0.2)] * there + [SideStep("right", step_m=0.2)] * back, away_m=6.0)
    assert judge_set(judged(walk, "both_directions")).verdict == verdict


def test_larger_steps_to_one_side():
    walk, _ = prepared([SideStep("left", step_m=0.2)] * 2 + [SideStep("right", step_m=0.3)] * 2)
    assert values(walk, "both_directions")[0] == pytest.approx(33, abs=4)
    assert set(verdicts(walk, "both_directions")) == {"fault"}


def test_one_way_in_a_clip_that_is_cut_off_is_not_judged():
    truth = stick_walk([SideStep("left")] * 4)
    walk = MonsterWalk(part(truth.motion, 0, truth.times_s[-1, 2] + 0.1), truth.view)
    assert set(verdicts(walk, "both_directions")) == {"not_judged"}
    assert set(verdicts(prepared([SideStep("left")])[0], "both_directions")) == {"not_judged"}


def test_without_the_start_the_band_is_compared_with_the_usual_stance():
    truth = stick_walk([SideStep("left"), *to_and_fro(2)])
    walk = MonsterWalk(part(truth.motion, truth.times_s[0, 1] - 0.2, 99), truth.view)
    assert {warning.code for warning in walk.warnings} == {"starts_mid_step"}
    assert set(verdicts(walk, "band_tension")) == {"check"}  # never good: the start was not seen
    assert values(walk, "band_tension")[1] == pytest.approx(1, abs=0.05)


def test_a_foot_out_of_the_picture_is_not_judged():
    walk, _ = prepared(to_and_fro(3), width_px=300)
    seen = [reason is None for reason in (walk.out_of_sight(step) for step in walk.repetitions)]
    assert any(seen)
    assert not all(seen)
    for cue_id in ("band_tension", "step_size", "trailing_foot_controlled", "knees_over_feet"):
        for cue, is_seen in zip(judged(walk, cue_id), seen, strict=True):
            assert (cue.verdict == "good") if is_seen else (cue.verdict == "not_judged" and "picture" in cue.reason)
    assert "feet_out_of_picture" in {warning.code for warning in walk.warnings}


def test_who_comes_from_afar_and_goes_back_only_steps_where_the_exercise_is_done():
    walk, truth = prepared(to_and_fro(2), comes_from_m=2.5)
    assert [step.side for step in walk.repetitions] == ["left", "left", "right", "right"]
    assert np.abs(phases_s(walk) - truth.times_s).max() < 0.12
    assert recognise(walk.motion, walk.view).confidence > 0.9


# -- recognising ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["stands", "comes and goes", "one step", "lunges", "marches"])
def test_what_is_no_monster_walk(kind):
    steps = [SideStep("left")] if kind == "one step" else []
    truth = stick_walk(steps, stand_s=4.0, comes_from_m=2.5 if kind == "comes and goes" else 0.0)
    motion, t = truth.motion.copy(deep=True), truth.motion.time.values
    for side, sign in (("left", 1), ("right", -1)):
        names = [f"{side}_{joint}" for joint in ("knee", "ankle", "heel", "foot_index")]
        swing = np.maximum(0, sign * np.sin(np.pi * t)) ** 2
        if kind == "lunges":  # one foot out to its side and back, then the other
            motion.image_position.loc[{"keypoint": names, "space": "x"}] += sign * 60 * swing[:, None]
        if kind == "marches":
            motion.image_position.loc[{"keypoint": names, "space": "y"}] -= 60 * swing[:, None]
    likeness = recognise(motion, truth.view)
    assert likeness.confidence <= 0.5
    assert likeness.why


# -- rendered athletes, their truth in place of the network -----------------------------------------------------------


@pytest.fixture(params=WALKS)
def rendered(request, test_data):
    clip = test_data / "synthetic" / f"monster_{request.param}"
    truth, meta = dict(np.load(f"{clip}.npz")), json.loads(clip.with_suffix(".json").read_text())["meta"]
    space = np.einsum("tij,tkj->tki", truth["R"], truth["points3d"])  # along the axes of the camera
    space -= space[:, 23:25].mean(1, keepdims=True)
    depth = truth["depth"][..., None]
    landmarks = np.concatenate([truth["points2d"], np.zeros_like(depth), space, np.ones_like(depth)], -1)
    time_s = np.arange(len(landmarks)) / 30
    motion = new_motion(time_s, landmarks.astype(np.float32), source="clip", width_px=640, height_px=360)
    motion, _ = clean_motion(motion)
    motion, view = find_view(motion)
    return MonsterWalk(motion, view), truth, meta["events"], meta["stance"]


def test_rendered_steps_with_their_phases(rendered):
    walk, _, events, _ = rendered
    true_s = np.array([[e["start"], e["lead_down"], e["trail_lift"], e["trail_down"]] for e in events]) / 30
    assert [step.side for step in walk.repetitions] == [e["lead_foot"] for e in events]
    assert all(step.complete for step in walk.repetitions)
    assert np.median(np.abs(phases_s(walk) - true_s)) < 0.05
    assert np.abs(phases_s(walk) - true_s).max() < 0.15
    assert recognise(walk.motion, walk.view).confidence > 0.9


def test_rendered_faults_are_measured(rendered):
    walk, truth, events, stance = rendered
    gap = np.linalg.norm(truth["points3d"][:, 27] - truth["points3d"][:, 28], axis=1)
    tension = [gap[e["trail_lift"] : e["end"]].min() / stance for e in events]
    assert values(walk, "band_tension") == pytest.approx(tension, abs=0.05)
    lean = [abs(e["measured"]["trunk_side_peak"]) for e in events]
    assert values(walk, "trunk_steady") == pytest.approx(lean, abs=2.5)
    ratio = [(e["trail_down"] - e["trail_lift"]) / (e["lead_down"] - e["start"]) for e in events]
    off = np.array(values(walk, "trailing_foot_controlled"), float) - ratio  # NaN where the foot hardly moves
    assert np.nanmedian(np.abs(off)) < 0.08
    assert np.nanmax(np.abs(off)) < 0.2
