"""From a run to its muscles: bones, ground, joint moments, least effort, and who pushes the runner forwards.

    motion -> fit_pose -> ground -> pose_geometry -> explained (many variants) -> rolling_drive -> Effort

Numbers are means over the stances of a leg. Curves of single frames are in `Effort.activation` for the picture only:
the noise of a video moves the curve of a muscle far more than its mean.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from hipdrive.errors import HipdriveError
from hipdrive.motion.clean import low_pass
from hipdrive.motion.files import read_table
from hipdrive.motion.rigid import usual
from hipdrive.motion.skeleton import HEIGHT_M
from hipdrive.movements.runner import Runner
from hipdrive.movements.running import LEG_HEIGHTS, LEG_SHOWN
from hipdrive.movements.stride import Stride
from hipdrive.muscles.doubt import (
    BASE,
    VARIANTS,
    Situation,
    Variant,
    band,
    confidence_in,
    deviation_share,
    explained,
    note_on,
    variants_for,
)
from hipdrive.muscles.drive import Drive, rolling_drive
from hipdrive.muscles.geometry import BodyPoint, Geometry, body_poses, pose_geometry
from hipdrive.muscles.ground import (
    GRAVITY_M_PER_S2,
    SIDES,
    Feet,
    Ground,
    centre_of_mass,
    contacts_of,
    estimate_ground,
    ground_from_table,
)
from hipdrive.muscles.kinematics import body_points, fit_pose, lab_to_body, segment_scale
from hipdrive.muscles.model import COORDINATES, MOST_KNEE_DEG, MuscleModel, load_model
from hipdrive.muscles.results import GROUP_NAMES, MUSCLE_GROUPS, Effort, GroupEffort, ModelSettings, Side
from hipdrive.results import Warning_

Array = NDArray[np.float64]

RATE_HZ: Final = 100.0  # 25 frames in the contact of a run, whatever the camera gave
CUTOFF_HZ: Final = 8.0
"""Of the joint angles. At 15 Hz and more the accelerations are mostly trembling (0.3 to 0.6 BW fore-aft)."""
MOST_S: Final = 20.0  # some fifty contacts: more do not make a mean better
LEAST_STANCES: Final = 3  # of a leg
MASS_KG: Final = 70.0
"""Of a runner who does not say: efforts do not depend on it, for strength is taken to grow with mass."""
SPLINE_DEGREE: Final = 5
DRIVEN: Final = [i for i, name in enumerate(COORDINATES) if not name.startswith(("subtalar", "mtp"))]
"""Coordinates that move when a muscle alone pulls; the foot is stiff in itself."""
CALVES: Final = ("soleus", "gastrocnemius")
LEAST_AGREEMENT: Final = 0.9
"""Of the rebuilt force of the ground with the real one: 0.95 and more with markers, 0.3 with a wrong constraint."""

HARD_WORKERS: Final = 9
"""Groups that do most work in a stride, of 19: the upper half works hard. On the runner of the validation the gluteus
maximus was the second to the seventh, by the stance and by how joints were seen. Percents are less certain than order.
"""

Progress = Callable[[int], None]


def muscles_of_run(
    motion: xr.Dataset,
    strides: Sequence[Stride],
    runner: Runner,
    forces: str | Path | None = None,
    progress: Progress = lambda percent: None,
) -> Effort:
    """Compute which muscles do the work of a run.

    Parameters
    ----------
    motion : xarray.Dataset
        Clean, from a lab or a video.
    strides : sequence of Stride
        Of both legs.
    runner : Runner
        Height and mass; usual ones are taken, with a warning, when they are not said.
    forces : str or Path, optional
        MOT or STO file with the forces of force plates, by the same clock and in the same axes.
    progress : callable
        Told how many percent are done.

    Returns
    -------
    Effort

    Raises
    ------
    HipdriveError
        When too little of the body is seen, it is no run, or the forces do not belong to it.
    """
    marked = motion.attrs.get("kind") == "mocap"
    if forces is not None and not marked:
        raise HipdriveError(
            f"{Path(forces).name} cannot be used with a video, which does not tell where the plates are: "
            "leave the forces out, or give the marker file of the same trial"
        )
    points = body_points(motion)
    warnings = _assumed(runner, marked)
    if not marked and runner.height_m:
        points = _of_height(points, runner.height_m)
    settings = ModelSettings(
        height_m=runner.height_m or HEIGHT_M,
        mass_kg=runner.mass_kg or MASS_KG,
        segment_scale=segment_scale(points, marked=marked),
    )
    model = load_model(settings)
    progress(5)
    time_s = np.asarray(motion.time.values, np.float64)
    fitted = fit_pose(model, points, marked=marked)
    progress(30)
    movement = _movement(time_s, fitted.pose, [stride.contact_s for stride in strides])
    feet = _feet(model, movement.pose)
    if forces is None:
        ground = _estimated(movement, strides, points, time_s, feet, settings.mass_kg, marked)
    else:
        table = read_table(forces)
        ground = ground_from_table(
            table, movement.time_s, feet, settings.mass_kg, lab_to_body(motion), Path(forces).name
        )
    ground = _in_seen_frames(ground, movement)
    _check_stances(ground, motion.attrs["source"], forces)
    run = _run(model, movement, ground, free=not marked)
    progress(55)
    variants = variants_for(measured=ground.measured, marked=marked)
    efforts = []
    for done, variant in enumerate(variants, start=1):
        efforts.append(_efforts(run, variant))
        progress(55 + 30 * done // len(variants))
    solution, force_n = explained(model, run.situation, BASE)
    shares = [deviation_share(variant) for variant in variants]
    groups = _groups(run, force_n, efforts, shares, strides, marked=marked)
    progress(95)
    warnings += _about(run, forces is not None, marked)
    warnings.append(Warning_("who_pushes", what_was_found(groups)))
    progress(100)
    return Effort(
        source=str(motion.attrs["source"]),
        groups=groups,
        time_s=movement.time_s,
        activation=solution.activation,
        muscles=model.muscles,
        coordinates=movement.pose,
        settings=settings,
        warnings=tuple(warnings),
    )


def what_was_found(groups: Sequence[GroupEffort]) -> str:
    """Say plainly what was found about the coach's claim that the gluteus maximus drives the leg backwards."""

    def of(name: str, field: str) -> float:
        return _mean([getattr(group, field) for group in groups if group.group == name])

    low, high = of("glmax", "low_pct"), of("glmax", "high_pct")
    share = f"{low:.0f} to {high:.0f} % of its maximum in the mean of a stance"
    glmax, calf = of("glmax", "forward_m_per_s"), sum(of(name, "forward_m_per_s") for name in CALVES)
    if not np.isfinite(glmax + calf):
        return (
            f"The gluteus maximus gives some {share}; whether it works harder than others, and who pushes you forward, "
            "cannot be told, for the feet slide in these landmarks."
        )
    names = sorted({group.group for group in groups}, key=lambda name: -np.nan_to_num(of(name, "work_j_per_kg")))
    rank = names.index("glmax") + 1
    work = "works hard" if rank <= HARD_WORKERS else "does not work hard"
    said = f"The gluteus maximus {work} (number {rank} of {len(names)} muscle groups by work, {share})"
    drive = f"calf {calf:+.2f} m/s, gluteus maximus {glmax:+.2f} m/s a stance"
    if calf > glmax:
        return f"{said}; the calf pushes you forward more: {drive}."
    return f"{said}, and pushes you forward more than the calf does: {drive}."


# -- how the body moves ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Movement:
    """Smooth poses at even times, with their rates; (n_frames, 20) each. `seen` is where the pose was seen."""

    time_s: Array
    pose: Array
    rate: Array
    acceleration: Array
    seen: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class _Run:
    """A run on a model with all forces on it; of the points the first is the left foot, the second the right."""

    model: MuscleModel
    movement: _Movement
    ground: Ground
    situation: Situation


def _of_height(points: dict[str, Array], height_m: float) -> dict[str, Array]:
    """Points of a video at the size of the runner, by the length of the legs."""
    legs = [
        np.linalg.norm(points[f"{side}_{upper}"] - points[f"{side}_{lower}"], axis=-1)
        for side in SIDES
        for upper, lower in (("hip", "knee"), ("knee", "ankle"))
        if {f"{side}_{upper}", f"{side}_{lower}"} <= points.keys()
    ]
    seen_m = sum(usual(length) for length in legs) / 2
    if not seen_m > 0:
        return points
    return {name: path * (height_m * LEG_HEIGHTS * LEG_SHOWN / seen_m) for name, path in points.items()}


def _movement(time_s: Array, pose: Array, near_s: Sequence[float]) -> _Movement:
    """Fill gaps, smooth, and take rates, at `RATE_HZ`, of at most `MOST_S` about the middle of the strides."""
    from scipy.interpolate import make_interp_spline

    known = np.isfinite(pose).all(1)
    if known.sum() < 4 * SPLINE_DEGREE:
        raise HipdriveError("the whole body is seen in too few frames: film the run with head and feet in the picture")
    first, last = time_s[known][0], time_s[known][-1]
    inside = (time_s >= first) & (time_s <= last)
    angles = pose[known].copy()
    angles[:, 3:6] = np.unwrap(angles[:, 3:6], axis=0)  # turns of the pelvis
    clock = time_s[inside]
    filled = np.stack([np.interp(clock, time_s[known], column) for column in angles.T], axis=-1)
    smooth = np.stack([low_pass(column, clock, CUTOFF_HZ) for column in filled.T], axis=-1)
    spline = make_interp_spline(clock, smooth, k=SPLINE_DEGREE)
    middle = float(np.median(near_s)) if len(near_s) else (first + last) / 2
    start = max(first, min(middle - MOST_S / 2, last - MOST_S))
    stop = min(last, start + MOST_S)
    even_s = start + np.arange(int((stop - start) * RATE_HZ) + 1) / RATE_HZ
    step_s = float(np.median(np.diff(time_s)))
    nearest = np.abs(even_s[:, None] - time_s[known][None, :]).min(1) if len(time_s) < 20_000 else np.zeros(len(even_s))
    return _Movement(even_s, spline(even_s), spline(even_s, 1), spline(even_s, 2), nearest <= step_s)


def _feet(model: MuscleModel, pose: Array) -> Feet:
    poses = body_poses(model, pose)
    bodies = [model.body(f"calcn_{side[0]}") for side in SIDES]
    toes = model.body("toes_r")
    return Feet(
        poses.position_m[:, bodies],
        poses.rotation[..., 0][:, bodies],
        float(np.linalg.norm(model.mj.body_pos[toes])),  # of the joint of the toes in the heel bone
    )


def _estimated(
    movement: _Movement,
    strides: Sequence[Stride],
    points: dict[str, Array],
    time_s: Array,
    feet: Feet,
    mass_kg: float,
    marked: bool,
) -> Ground:
    from scipy.interpolate import make_interp_spline

    centre = centre_of_mass(points)
    known = np.isfinite(centre).all(1)
    spline = make_interp_spline(time_s[known], centre[known], k=SPLINE_DEGREE)
    return estimate_ground(
        movement.time_s,
        contacts_of(strides),
        spline(movement.time_s),
        feet,
        mass_kg,
        spline(movement.time_s, 2)[:, 1] if marked else None,  # in a video nothing is seen against the ground
    )


def _in_seen_frames(ground: Ground, movement: _Movement) -> Ground:
    """Only contacts in which the body was seen throughout."""
    contacts = tuple(
        contact
        for contact in ground.contacts
        if movement.seen[(movement.time_s >= contact.start_s) & (movement.time_s <= contact.end_s)].all()
    )
    return replace(ground, contacts=contacts)


def _check_stances(ground: Ground, source: str, forces: str | Path | None) -> None:
    for side in SIDES:
        count = sum(contact.side == side for contact in ground.contacts)
        if count < (1 if forces is not None else LEAST_STANCES):
            raise HipdriveError(
                f"{source} shows {count} whole contacts of the {side} foot without the other one on the ground: "
                "muscles are computed of a run, filmed from the side for 10 s or longer"
            )


def _run(model: MuscleModel, movement: _Movement, ground: Ground, *, free: bool) -> _Run:
    """Find all that follows from movement and ground.

    Where the body is only seen against itself (`free`), its centre of mass moves as the ground pushes it.
    """
    poses = body_poses(model, movement.pose)
    points = []
    for foot, side in enumerate(SIDES):
        heel = model.body(f"calcn_{side[0]}")
        away = ground.place_m[:, foot] - poses.position_m[:, heel]
        local = np.einsum("fji,fj->fi", poses.rotation[:, heel], away)
        local[~ground.loaded(foot)] = 0.0
        points.append(BodyPoint(f"calcn_{side[0]}", local))
    geometry = pose_geometry(model, movement.pose, movement.rate, movement.acceleration, points, inertia=True)
    assert geometry.mass_matrix is not None
    if free:
        missing = ground.force_n.sum(1) - geometry.required[:, :3]  # the first three are forces on the whole body
        more = missing / model.mass_kg
        required = geometry.required + np.einsum("fij,fj->fi", geometry.mass_matrix[:, :, :3], more)
        acceleration = movement.acceleration.copy()
        acceleration[:, :3] += more
        geometry, movement = replace(geometry, required=required), replace(movement, acceleration=acceleration)
    tilted = {}
    for variant in VARIANTS:
        if variant.tilt_deg:
            bent = movement.pose.copy()
            bent[:, [COORDINATES.index(f"hip_flexion_{side}") for side in "rl"]] += np.radians(variant.tilt_deg)
            tilted[variant.tilt_deg] = pose_geometry(model, bent, movement.rate)
    vertical = np.array([0.0, 1.0, 0.0])
    moments = ground.twist_nm[..., None] * vertical
    weight_n = model.mass_kg * GRAVITY_M_PER_S2
    jacobian = geometry.point_jacobian
    pushes = np.einsum("fpic,fpi->fc", jacobian[:, :, :3], ground.force_n)
    twists = np.einsum("fpic,fpi->fc", jacobian[:, :, 3:], moments)
    forward = np.stack([ground.loaded(foot) for foot in range(2)], axis=1) * weight_n
    fore_aft = np.einsum("fpc,fp->fc", jacobian[:, :, 0], forward)
    ahead = np.cross([1.0, 0.0, 0.0], ground.force_n)  # moment of the force when it acts one metre further forwards
    pressed = np.einsum("fpic,fpi->fc", jacobian[:, :, 3:], ahead)
    situation = Situation(geometry, tilted, geometry.required, pushes + twists, fore_aft, pressed)
    return _Run(model, movement, ground, situation)


# -- what the muscles do ----------------------------------------------------------------------------------------------


def _stances(run: _Run, side: Side) -> list[NDArray[np.bool_]]:
    """Frames of every whole contact of a foot."""
    time_s = run.movement.time_s
    loaded = run.ground.loaded(SIDES.index(side))
    return [
        (time_s >= contact.start_s) & (time_s <= contact.end_s) & loaded
        for contact in run.ground.contacts
        if contact.side == side
    ]


def _standing(run: _Run, side: Side) -> NDArray[np.bool_]:
    return np.asarray(np.any(_stances(run, side), axis=0))


def _only(situation: Situation, frames: NDArray[np.bool_]) -> Situation:
    def cut(geometry: Geometry) -> Geometry:
        return replace(
            geometry,
            length_m=geometry.length_m[frames],
            arm_m=geometry.arm_m[frames],
            speed_m_per_s=geometry.speed_m_per_s[frames],
        )

    return Situation(
        cut(situation.geometry),
        {angle: cut(geometry) for angle, geometry in situation.tilted.items()},
        situation.required[frames],
        situation.ground[frames],
        situation.fore_aft[frames],
        situation.pressed[frames],
    )


def _efforts(run: _Run, variant: Variant) -> dict[tuple[str, Side], float]:
    """Mean of every group over the stances of its leg, in percent of its maximum."""
    standing = {side: _standing(run, side) for side in SIDES}
    either = standing["left"] | standing["right"]
    solution, _ = explained(run.model, _only(run.situation, either), variant)
    efforts = {}
    for side in SIDES:
        activation = solution.activation[standing[side][either]]
        for group in MUSCLE_GROUPS:
            share = run.model.group_share(activation, group, side)
            efforts[group, side] = 100 * _mean(share)
    return efforts


def drive_of(run: _Run, force_n: Array, side: Side) -> tuple[NDArray[np.bool_], Drive]:
    """Split what the ground does in the stances of a leg among the muscles.

    Returns
    -------
    frames : ndarray of bool, shape (n_frames,)
    drive : Drive
        Of these frames.
    """
    foot = SIDES.index(side)
    frames = _standing(run, side)
    geometry = run.situation.geometry
    assert geometry.mass_matrix is not None and geometry.com_jacobian is not None
    muscles = (geometry.arm_m * force_n[:, None, :])[frames]
    mass, centre = geometry.mass_matrix[frames], geometry.com_jacobian[frames]
    gravity = run.model.mass_kg * GRAVITY_M_PER_S2 * centre[:, 1]
    required = run.situation.required[frames]
    velocity = required - np.einsum("fij,fj->fi", mass, run.movement.acceleration[frames]) - gravity
    here = geometry.point_jacobian[frames, foot]
    push = np.einsum("fic,fi->fc", here[:, :3], run.ground.force_n[frames, foot])
    push += here[:, 4] * run.ground.twist_nm[frames, foot, None]
    others = required - push - muscles.sum(2)
    drive = rolling_drive(
        mass[:, DRIVEN][:, :, DRIVEN],
        here[:, :, DRIVEN],
        geometry.point_bias[frames, foot],
        centre[:, :, DRIVEN],
        muscles[:, DRIVEN],
        gravity[:, DRIVEN],
        velocity[:, DRIVEN],
        others[:, DRIVEN],
    )
    return frames, drive


def _groups(
    run: _Run,
    force_n: Array,
    efforts: Sequence[dict[tuple[str, Side], float]],
    shares: Sequence[float],
    strides: Sequence[Stride],
    *,
    marked: bool,
) -> tuple[GroupEffort, ...]:
    groups = []
    for side in SIDES:
        frames, drive = drive_of(run, force_n, side)
        change = np.nansum(drive.muscles_m_per_s2, axis=0) / RATE_HZ / len(_stances(run, side))
        adds_up = _adds_up(drive, run.ground.force_n[frames, SIDES.index(side)])
        for group in MUSCLE_GROUPS:
            paths = run.model.of_group(group, side)
            confidence = confidence_in(group, marked=marked, adds_up=adds_up)
            told = confidence != "not identifiable"
            low, typical, high = band([effort[group, side] for effort in efforts], shares)
            groups.append(
                GroupEffort(
                    group,
                    side,
                    low if told else None,
                    typical if told else None,
                    high if told else None,
                    confidence,
                    work_j_per_kg=_work_j_per_kg(run, force_n[:, paths], paths, strides, side) if told else None,
                    support_m_per_s=float(change[paths, 1].sum()) if told and adds_up else None,
                    forward_m_per_s=float(change[paths, 0].sum()) if told and adds_up else None,
                    note=note_on(group, marked=marked),
                )
            )
    return tuple(groups)


def _adds_up(drive: Drive, force_n: Array) -> bool:
    """Whether the contributions of all that acts give back the force of the ground, fore-aft and upwards.

    They do not where the foot slides in the landmarks while it should stand.
    """
    return all(
        float(np.corrcoef(drive.rebuilt_n[:, axis], force_n[:, axis])[0, 1]) >= LEAST_AGREEMENT for axis in (0, 1)
    )


def _work_j_per_kg(
    run: _Run, force_n: Array, paths: NDArray[np.int_], strides: Sequence[Stride], side: Side
) -> float | None:
    """Positive work of a group in a stride, the mean of whole strides; None when there is none."""
    time_s = run.movement.time_s
    power_w = -(force_n * run.situation.geometry.speed_m_per_s[:, paths]).sum(1)
    works = []
    for stride in strides:
        frames = (time_s >= stride.contact_s) & (time_s < stride.next_contact_s)
        inside = stride.contact_s >= time_s[0] and stride.next_contact_s <= time_s[-1]
        if stride.side == side and inside and run.movement.seen[frames].all():
            works.append(float(np.maximum(power_w[frames], 0.0).sum()) / RATE_HZ / run.model.settings.mass_kg)
    return _mean(works) if works else None


# -- words ------------------------------------------------------------------------------------------------------------


def _mean(values: Sequence[float | None] | Array) -> float:
    known = np.array([value for value in values if value is not None and np.isfinite(value)], dtype=float)
    return float(known.mean()) if len(known) else float("nan")


def _assumed(runner: Runner, marked: bool) -> list[Warning_]:
    warnings = []
    if runner.mass_kg is None:
        text = f"nobody said the runner's mass, so {MASS_KG:.0f} kg were taken; efforts in percent hardly depend on it"
        warnings.append(Warning_("mass_assumed", text))
    if runner.height_m is None and not marked:
        text = f"nobody said the runner's height, so bones have the size that the pose network guesses ({HEIGHT_M} m)"
        warnings.append(Warning_("height_assumed", text))
    return warnings


def _about(run: _Run, measured: bool, marked: bool) -> list[Warning_]:
    warnings = []
    if not measured:
        text = (
            "the force of the ground was not measured but follows from the motion, at steady speed: "
            f"the {GROUP_NAMES['glmax']} comes out about 15 % low"
        )
        warnings.append(Warning_("ground_estimated", text))
    if not marked:
        text = (
            "from a video only means over many stances tell anything, and the tilt of the pelvis is not seen: "
            "it is taken to stand under the trunk as in a quiet stand"
        )
        warnings.append(Warning_("muscles_from_video", text))
    knees = run.movement.pose[:, [COORDINATES.index(f"knee_angle_{side}") for side in "rl"]]
    if np.degrees(knees.max()) > MOST_KNEE_DEG:
        text = f"the knee bends by more than {MOST_KNEE_DEG:.0f} deg in the swing, where the model's knee is not right"
        warnings.append(Warning_("deep_knee", text))
    return warnings
