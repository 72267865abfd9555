"""From a run to its muscles: poses, ground forces, what drives, and what is said about it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipdrive.errors import HipdriveError
from hipdrive.motion.mot import Table
from hipdrive.movements import Runner
from hipdrive.movements.stride import Stride
from hipdrive.muscles.doubt import BASE, VARIANTS, Variant, band, confidence_in, deviation_share, variants_for
from hipdrive.muscles.drive import ROLLING, rolling_drive
from hipdrive.muscles.ground import (
    GRAVITY_M_PER_S2,
    Feet,
    centre_of_mass,
    contacts_of,
    estimate_ground,
    ground_from_table,
)
from hipdrive.muscles.results import MUSCLE_GROUPS, GroupEffort

MASS_KG = 70.0
WEIGHT_N = MASS_KG * GRAVITY_M_PER_S2
STEP_S = 0.36
CONTACT_S = 0.25


def made_strides(n_steps: int = 8) -> list[Stride]:
    """Left and right in turn, a step each `STEP_S`."""
    return [
        Stride(("left", "right")[i % 2], start, start + CONTACT_S, start + 2 * STEP_S)
        for i in range(n_steps)
        if (start := 0.1 + i * STEP_S) is not None
    ]


def made_feet(time_s: np.ndarray) -> Feet:
    """Feet that stay where they are, the left one to the left; z is to the right."""
    place = np.zeros((len(time_s), 2, 3))
    place[:, 0, 2], place[:, 1, 2] = -0.1, 0.1
    forward = np.zeros_like(place)
    forward[..., 0] = 1.0
    return Feet(place, forward, 0.2)


def made_centre(time_s: np.ndarray, strides: list[Stride]) -> np.ndarray:
    """Centre of mass one metre up that passes over the foot in every contact."""
    centre = np.zeros((len(time_s), 3))
    centre[:, 1] = 1.0
    for stride in strides:
        on = (time_s >= stride.contact_s) & (time_s <= stride.toe_off_s)
        centre[on, 0] = np.linspace(-0.2, 0.5, on.sum())
    return centre


# -- ground -----------------------------------------------------------------------------------------------------------


def test_over_a_step_the_ground_carries_the_weight_and_neither_brakes_nor_pushes() -> None:
    time_s = np.arange(0, 3.2, 0.005)
    strides = made_strides()
    ground = estimate_ground(
        time_s, contacts_of(strides), made_centre(time_s, strides), made_feet(time_s), MASS_KG
    )  # fmt: skip
    assert len(ground.contacts) == 8
    for contact in ground.contacts:
        foot = ("left", "right").index(contact.side)
        on = (time_s >= contact.start_s) & (time_s <= contact.end_s)
        impulse = ground.force_n[on, foot].sum(0) * 0.005
        assert impulse[1] == pytest.approx(WEIGHT_N * STEP_S, rel=0.01)
        assert impulse[0] == pytest.approx(0.0, abs=1e-9)
        assert ground.force_n[on, foot, 1].max() == pytest.approx(WEIGHT_N * STEP_S / CONTACT_S * np.pi / 2, rel=0.01)
        braking, pushing = np.array_split(ground.force_n[on, foot, 0], 2)
        assert braking.mean() < 0 < pushing.mean()  # first the centre of mass is behind the foot, then before it
    assert not ground.force_n[time_s < 0.1].any()


def test_the_seen_acceleration_shapes_the_force_but_not_its_impulse() -> None:
    time_s = np.arange(0, 3.2, 0.005)
    strides = made_strides()
    wave = np.zeros_like(time_s)
    for stride in strides:
        phase = (time_s - stride.contact_s) / CONTACT_S
        on = (phase > 0) & (phase < 1)
        wave[on] = 1.4 * np.sin(np.pi * phase[on]) + 0.4 * np.sin(2 * np.pi * phase[on])  # earlier than half a sine
    ground = estimate_ground(
        time_s,
        contacts_of(strides),
        made_centre(time_s, strides),
        made_feet(time_s),
        MASS_KG,
        vertical_m_per_s2=(wave - 1) * GRAVITY_M_PER_S2,
    )
    first = ground.contacts[0]
    on = (time_s > first.start_s) & (time_s < first.end_s)
    force = ground.force_n[on, 0, 1]
    assert force.sum() * 0.005 == pytest.approx(WEIGHT_N * STEP_S, rel=0.01)
    assert np.argmax(force) < len(force) / 2


def test_a_walk_has_no_contacts_of_one_foot_alone() -> None:
    walk = [Stride(side, start, start + 0.7, start + 1.1) for side, start in (("left", 0.0), ("right", 0.55))]
    assert contacts_of(walk) == ()


def plate_table(time_s: np.ndarray, ground_force: np.ndarray, at: np.ndarray, prefix: str = "1_ground_force_") -> Table:
    labels = tuple(f"{prefix}{kind}{axis}" for kind in "vp" for axis in "xyz")
    return Table(labels, time_s, np.concatenate([ground_force, at], axis=1), True)


def test_a_force_is_given_to_the_foot_that_stands_there() -> None:
    time_s = np.arange(0, 1, 0.01)
    force, at = np.zeros((100, 3)), np.zeros((100, 3))
    force[20:45, 1] = 1500 * np.sin(np.pi * np.linspace(0.02, 0.98, 25))
    force[60:85, 1] = force[20:45, 1]
    at[20:45] = 0.1, 0.0, 0.11  # the right foot, then the left one
    at[60:85] = 0.1, 0.0, -0.11
    ground = ground_from_table(plate_table(time_s, force, at), time_s, made_feet(time_s), MASS_KG, np.eye(3))
    assert ground.measured
    assert [contact.side for contact in ground.contacts] == ["right", "left"]
    assert ground.force_n[30, 1, 1] == pytest.approx(force[30, 1])
    assert not ground.force_n[30, 0].any()
    assert ground.place_m[70, 0] == pytest.approx(at[70])


def test_forces_are_turned_with_the_lab() -> None:
    time_s = np.arange(0, 1, 0.01)
    force, at = np.zeros((100, 3)), np.zeros((100, 3))
    force[20:45, 2] = 1000.0  # a lab whose z is up and whose y is to the left
    at[:, 1] = 0.11
    to_body = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
    ground = ground_from_table(plate_table(time_s, force, at), time_s, made_feet(time_s), MASS_KG, to_body)
    assert ground.force_n[30, 0] == pytest.approx([0, 1000, 0])


@pytest.mark.parametrize(
    ("labels", "times", "newtons", "says"),
    [
        (("knee_angle_r", "hip_flexion_r"), (0, 1), 0.0, "no ground forces"),
        (None, (50, 51), 1000.0, "of the same trial"),
        (None, (0, 1), 0.0, "nobody stands"),
    ],
)
def test_forces_that_do_not_belong_are_refused(
    labels: tuple[str, ...] | None, times: tuple[float, float], newtons: float, says: str
) -> None:
    time_s, table_s = np.linspace(0, 1, 50), np.linspace(*times, 50)
    force = np.zeros((50, 3))
    force[10:40, 1] = newtons
    table = plate_table(table_s, force, np.zeros((50, 3)))
    if labels:
        table = Table(labels, table_s, np.zeros((50, len(labels))), True)
    with pytest.raises(HipdriveError, match=says):
        ground_from_table(table, time_s, made_feet(time_s), MASS_KG, np.eye(3))


@given(shift=st.tuples(*[st.floats(-5, 5)] * 3))
def test_the_centre_of_mass_goes_where_the_body_goes(shift: tuple[float, float, float]) -> None:
    names = ("shoulder", "hip", "knee", "ankle", "heel", "foot_index", "ear", "elbow", "wrist")
    heights = (1.4, 0.9, 0.5, 0.1, 0.0, 0.0, 1.6, 1.1, 0.9)
    points = {
        f"{side}_{name}": np.array([[0.0, height, z]])
        for side, z in (("left", -0.1), ("right", 0.1))
        for name, height in zip(names, heights, strict=True)
    }
    centre = centre_of_mass(points)
    assert centre[0, 2] == pytest.approx(0.0)
    assert 0.9 < centre[0, 1] < 1.1
    moved = centre_of_mass({name: path + shift for name, path in points.items()})
    assert moved[0] == pytest.approx(centre[0] + shift)


# -- drive ------------------------------------------------------------------------------------------------------------


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000))
def test_what_all_forces_do_adds_up_to_the_force_of_the_ground(seed: int) -> None:
    random = np.random.default_rng(seed)
    n_frames, n, n_muscles = 3, 9, 5
    half = random.normal(size=(n_frames, n, n))
    mass = half @ np.swapaxes(half, 1, 2) + n * np.eye(n)
    foot, centre = random.normal(size=(n_frames, 6, n)), random.normal(size=(n_frames, 3, n))
    muscles = random.normal(size=(n_frames, n, n_muscles))
    gravity, velocity = random.normal(size=(2, n_frames, n))
    acceleration, push = random.normal(size=(n_frames, n)), random.normal(size=(n_frames, 4))
    held = foot[:, list(ROLLING)]
    bias = np.zeros((n_frames, 6))
    bias[:, list(ROLLING)] = -np.einsum("fij,fj->fi", held, acceleration)  # the foot neither slips nor twists
    needed = np.einsum("fij,fj->fi", mass, acceleration) + gravity + velocity
    others = needed - np.einsum("fic,fi->fc", held, push) - muscles.sum(2)
    drive = rolling_drive(mass, foot, bias, centre, muscles, gravity, velocity, others)
    assert drive.rebuilt_n == pytest.approx(push[:, :3], abs=1e-8)
    whole = drive.muscles_m_per_s2.sum(1) + drive.gravity_m_per_s2 + drive.rest_m_per_s2
    assert whole == pytest.approx(np.einsum("fij,fj->fi", centre, acceleration), abs=1e-8)


# -- doubt and words --------------------------------------------------------------------------------------------------


def test_doubts_add_up_as_squares_on_either_side() -> None:
    assert band([30.0, 33.0, 34.0, 18.0, float("nan")]) == pytest.approx((18.0, 30.0, 35.0))
    assert band([95.0, 100.0, 100.0, 0.0]) == pytest.approx((0.0, 95.0, 100.0))
    assert band([20.0, 20.0]) == (20.0, 20.0, 20.0)
    assert band([20.0, 26.0, 10.0], [1.0, 0.5, 1.0]) == pytest.approx((10.0, 20.0, 23.0))
    assert deviation_share(BASE) == 1.0 > deviation_share(Variant("fast", moving=False))
    assert np.isnan(band([float("nan"), 3.0])).all()


def test_confidence_is_no_better_than_the_validation() -> None:
    from_markers = {group: confidence_in(group, marked=True) for group in MUSCLE_GROUPS}
    assert {group for group, word in from_markers.items() if word == "good"} == {"glmax", "glmed", "vasti", "soleus"}
    assert from_markers["piriformis"] == "not identifiable"
    assert confidence_in("hamstrings", marked=False) == "poor"
    assert confidence_in("glmax", marked=False, adds_up=False) == "fair"


def test_every_assumption_is_tried_once_and_more_of_them_without_plates() -> None:
    few, more = variants_for(measured=True, marked=True), variants_for(measured=False, marked=False)
    assert few[0] is BASE
    assert set(VARIANTS) < set(few)
    assert len(few) < len(more)
    assert len({variant.name for variant in more}) == len(more)


def made_groups(glmax: float | None, calf: float | None, work: float = 0.2) -> list[GroupEffort]:
    """Both legs; of the other groups, iliopsoas and vasti do most work."""
    works = dict.fromkeys(MUSCLE_GROUPS, 0.1) | {"iliopsoas": 0.4, "vasti": 0.5, "glmax": work}
    forward = {"glmax": glmax, "soleus": calf, "gastrocnemius": calf}
    return [
        GroupEffort(group, side, 8.0, 20.0, 36.0, "good", works[group], forward_m_per_s=forward.get(group))
        for side in ("left", "right")
        for group in MUSCLE_GROUPS
    ]


def test_what_was_found_says_who_works_and_who_pushes() -> None:
    from hipdrive.muscles.chain import what_was_found

    hard = what_was_found(made_groups(0.05, 0.3))
    assert "works hard (number 3 of 19 muscle groups by work, 8 to 36 % of its maximum" in hard
    assert "the calf pushes you forward more: calf +0.60 m/s, gluteus maximus +0.05 m/s" in hard
    assert "pushes you forward more than the calf" in what_was_found(made_groups(0.5, 0.1))
    assert "does not work hard" in what_was_found(made_groups(0.05, 0.3, work=0.01))
    assert "cannot be told" in what_was_found(made_groups(None, None))


def test_plates_are_refused_with_a_video() -> None:
    from hipdrive.motion.dataset import new_motion
    from hipdrive.muscles.chain import muscles_of_run

    video = new_motion(np.arange(3) / 30, np.zeros((3, 33, 7)), source="run.mp4", width_px=10, height_px=10)
    with pytest.raises(HipdriveError, match=r"grf\.mot cannot be used with a video"):
        muscles_of_run(video, [], Runner(), "grf.mot")


# -- poses ------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_pose_of_a_model_is_found_from_its_own_joints() -> None:
    pytest.importorskip("mujoco")
    from hipdrive.muscles.kinematics import fit_pose, place, targets_of
    from hipdrive.muscles.model import COORDINATES, load_model

    model = load_model()
    random = np.random.default_rng(4)
    pose = np.zeros((40, len(COORDINATES)))
    pose[:, :3] = random.uniform(-1, 1, (40, 3))
    for name, low, high in (
        *(("pelvis_tilt", -20, 20), ("pelvis_list", -10, 10), ("pelvis_rotation", -20, 20)),
        *((f"hip_flexion_{side}", -15, 80) for side in "rl"),
        *((f"hip_adduction_{side}", -15, 15) for side in "rl"),
        *((f"knee_angle_{side}", 25, 90) for side in "rl"),
        *((f"ankle_angle_{side}", -20, 20) for side in "rl"),
    ):
        pose[:, COORDINATES.index(name)] = np.radians(random.uniform(low, high, 40))
    names = [
        f"{side}_{joint}" for side in ("left", "right") for joint in ("hip", "knee", "ankle", "heel", "foot_index")
    ]
    targets = targets_of(dict.fromkeys((*names, "mid_shoulder")), marked=False)  # type: ignore[arg-type]
    position, jacobian = place(model, targets, pose)
    step = 1e-6 * random.normal(size=pose.shape)
    moved, _ = place(model, targets, pose + step)
    assert moved - position == pytest.approx(np.einsum("fpic,fc->fpi", jacobian, step), abs=1e-10)
    points = {target.seen: position[:, i] for i, target in enumerate(targets)}
    found = fit_pose(model, points, marked=False)
    off_deg = np.degrees(np.abs(found.pose - pose)[:, 6:])
    assert np.median(found.error_m) < 0.002
    assert np.percentile(off_deg, 95) < 3  # what is left is the pull to a thigh that is not turned


@pytest.mark.slow
def test_hidden_legs_are_refused() -> None:
    pytest.importorskip("mujoco")
    from hipdrive.muscles.kinematics import fit_pose
    from hipdrive.muscles.model import load_model

    with pytest.raises(HipdriveError, match="left knee"):
        fit_pose(load_model(), {"left_hip": np.zeros((5, 3))}, marked=False)


# -- a whole run on force plates --------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("with_plates", [True, False])
def test_muscles_of_a_runner_on_force_plates(
    test_data: Path, with_plates: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("mujoco")
    from hipdrive.analysis import Settings, examine
    from hipdrive.muscles import chain

    folder = test_data / "mocap" / "hamner_running"
    runner = Runner(height_m=1.78, mass_kg=65.9)
    examined = examine(folder / "subject02_running.trc", Settings(movement="running", runner=runner))
    assert examined.prepared is not None
    kept = []
    made = chain._run
    monkeypatch.setattr(chain, "_run", lambda *given, **named: kept.append(made(*given, **named)) or kept[0])
    forces = folder / "subject02_running_grf.mot" if with_plates else None
    effort = chain.muscles_of_run(examined.motion, examined.prepared.strides, runner, forces)
    run = kept[0]
    solution, force_n = chain.explained(run.model, run.situation)
    assert solution.imbalance.max() < 1e-6
    for foot, side in enumerate(chain.SIDES):
        frames, drive = chain.drive_of(run, force_n, side)
        measured = run.ground.force_n[frames, foot]
        agree = [np.corrcoef(drive.rebuilt_n[:, axis], measured[:, axis])[0, 1] for axis in (0, 1)]
        # 0.99 upwards holds for poses made consistent with the forces; these are raw markers
        assert agree[0] >= 0.95
        assert agree[1] >= 0.98
        told = {group.group: group for group in effort.groups if group.side == side}
        assert told["soleus"].forward_m_per_s + told["gastrocnemius"].forward_m_per_s > 0.4
        assert 0 < told["glmax"].forward_m_per_s < 0.3 * told["soleus"].forward_m_per_s
        assert told["vasti"].forward_m_per_s == min(one.forward_m_per_s or 0 for one in told.values())
        assert told["soleus"].support_m_per_s + told["vasti"].support_m_per_s > 1.5
        assert (
            36 / 2 < told["glmax"].typical_pct < 36 * 2
        )  # 36 % with another model: levels are good to a factor of two
        assert told["glmed"].typical_pct > told["glmax"].typical_pct
        assert told["vasti"].work_j_per_kg == max(one.work_j_per_kg or 0 for one in told.values())
        assert told["piriformis"].typical_pct is None
    assert "the calf pushes you forward more" in effort.warnings[-1].text
    assert ("ground_estimated" in {warning.code for warning in effort.warnings}) is not with_plates


@pytest.mark.slow
def test_the_same_runner_as_a_video_sees_him(test_data: Path) -> None:
    """Thirty-three landmarks from the middle of the hips, 1 cm of trembling and 2 cm in depth, no plates."""
    pytest.importorskip("mujoco")
    from hipdrive.analysis import Settings, examine
    from hipdrive.motion.clean import smooth
    from hipdrive.motion.dataset import new_motion
    from hipdrive.muscles.chain import muscles_of_run

    path = test_data / "mocap" / "hamner_running" / "subject02_running.trc"
    runner = Runner(height_m=1.83, mass_kg=65.9)
    examined = examine(path, Settings(movement="running", runner=runner))
    assert examined.prepared is not None
    strides = examined.prepared.strides
    in_lab = muscles_of_run(examined.motion, strides, runner)
    place_m = examined.motion.world_position.values[:, :33].astype(np.float64)
    place_m += np.random.default_rng(0).normal(0, 0.01, place_m.shape) * (1, 1, 2)
    from_hips_m = place_m - place_m[:, 23:25].mean(1, keepdims=True)
    landmarks = np.concatenate([1000 * place_m, from_hips_m, np.ones((*place_m.shape[:2], 1))], axis=-1)
    video = new_motion(examined.motion.time.values, landmarks, source="run.mp4", width_px=2000, height_px=2000)
    in_video = muscles_of_run(smooth(video, 8.0), strides, runner)
    for lab, seen in zip(in_lab.groups, in_video.groups, strict=True):
        if lab.confidence != "good":
            continue
        assert seen.confidence == "good"
        assert lab.typical_pct is not None and seen.typical_pct is not None
        assert seen.low_pct < lab.typical_pct < seen.high_pct
        assert 0.5 < seen.typical_pct / lab.typical_pct < 2
        assert seen.forward_m_per_s == pytest.approx(lab.forward_m_per_s, abs=0.15)
    poor = {group.group: group.confidence for group in in_video.groups}
    assert poor["hamstrings"] == "poor"
    assert "the calf pushes you forward more" in in_video.warnings[-1].text
    assert type(in_video).from_json(in_video.to_json()).groups == in_video.groups
