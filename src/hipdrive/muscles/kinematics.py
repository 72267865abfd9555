"""Inverse kinematics: the pose of the bones that fits joints or markers best.

All frames at once, by Levenberg-Marquardt: every frame has its own damping, which falls while steps help and rises when
they do not.

Two hips do not tell how the pelvis is tilted, only how trunk and pelvis stand together. Where there are markers on the
pelvis they tell it. Elsewhere, as in every video, the trunk is taken to stand on the pelvis as in quiet standing
(`LUMBAR_DOUBT_DEG` says how wrong that may be): the middle of the shoulders is then a point of the pelvis, which counts
little enough that the hips alone decide how level it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from hipdrive.errors import HipdriveError
from hipdrive.motion.angles3d import zxy_deg
from hipdrive.motion.body import FROM_OPENSIM, VIEWS, axes_of, heading, opensim_point, pelvis_frame
from hipdrive.motion.dataset import image_point
from hipdrive.motion.rigid import usual
from hipdrive.muscles.geometry import joint_values
from hipdrive.muscles.ground import SIDES
from hipdrive.muscles.model import (
    COORDINATES,
    MODEL_HEIGHT_M,
    PELVIS,
    SEGMENT_LENGTHS_M,
    MuscleModel,
    scale_from_lengths,
)

Array = NDArray[np.float64]

FROM_SIDE_DEG: Final = 30.0  # a runner who runs within this of the plane of the picture is seen from the side

LUMBAR_DOUBT_DEG: Final = 5.0
"""How far the pelvis may be tilted from where the trunk lets expect it, 1 SD: the offset was 4.9 deg on a runner."""

# Where points lie on the bones of the unscaled model [m], in the axes of the bone (x forward, y up, z right), all of
# Rajagopal et al. 2016, whose skeleton this is. Heel and toes of a pose network lie on the sole.
HIPS_PLACE: Final = (-0.0563, -0.0785, 0.0)  # their middle; the pelvis begins at the middle of the ASIS
LOIN_PLACE: Final = (-0.1007, 0.0815, 0.0)  # where the trunk stands on the pelvis
SHOULDERS_PLACE: Final = (-0.1007 + 0.0032, 0.0815 + 0.3715, 0.0)  # their middle, with the trunk as in a quiet stand
SACRUM_RISE_RAD: Final = float(np.arctan2(0.035 - 0.0181, 0.155 + 0.0095))
"""How far the line from the markers on the ASIS to those on the PSIS rises backwards in the model's marker set."""
MARKED_FOOT: Final = {"heel": (-0.025, 0.020, 0.0), "foot_index": (0.205, 0.030, 0.0)}
DRAWN_FOOT: Final = {"heel": (0.0, 0.0, 0.0), "foot_index": (0.229, 0.0, 0.0)}

MOST_HIDDEN: Final = 2  # points of a frame

FOOT_WEIGHT: Final = 0.3  # shoes and their markers are not where the bones are: together they tell the turn of the foot
SHOULDERS_WEIGHT: Final = 0.2  # against 1 of a joint: at 0.53 m from the hips they still tell the tilt of the trunk

# How strongly a joint is drawn to its usual angle, as the square of metres per radian: 1e-6 only where nothing else
# tells; the turn of the thigh is seen badly at a straight knee, and the foot's inner joints not at all.
PRIOR: Final = {"hip_rotation": 2e-3, "subtalar_angle": 1.0, "mtp_angle": 1.0}
PRIOR_DRAWN: Final = {**PRIOR, "hip_rotation": 2e-2}  # depth in a video is guessed
PRIOR_ELSE: Final = 1e-6
USUAL: Final = {"hip_flexion": 0.3, "knee_angle": 0.6}  # radians, halfway in a run; all others 0

FIRST_DAMPING: Final = 1e-3
LEAST_DAMPING: Final = 1e-8
MOST_STEPS: Final = 30
LEAST_STEP: Final = 1e-5  # metres and radians
MOST_STEP: Final = 0.4


@dataclass(frozen=True)
class Target:
    """A point of a bone that a landmark or marker shows.

    Attributes
    ----------
    seen : str
        Name of the keypoint, or ``"mid_shoulder"``.
    body, segment : str
        Bone of the model, and with what it is scaled.
    place_m : tuple of float
        On the bone, in its axes.
    """

    seen: str
    body: str
    segment: str
    place_m: tuple[float, float, float]
    weight: float = 1.0


@dataclass(frozen=True, eq=False)
class Fitted:
    """Poses that fit.

    Attributes
    ----------
    pose : ndarray, shape (n_frames, 20)
        In the order of `hipdrive.muscles.model.COORDINATES`; NaN in frames that show too little.
    error_m : ndarray, shape (n_frames,)
        RMS distance of the joints from where they were seen.
    """

    pose: Array
    error_m: Array


def body_points(motion: xr.Dataset) -> dict[str, Array]:
    """Paths of the seen keypoints, of mid hip and mid shoulder, shape (n_frames, 3).

    Their axes are x forward, y up, z right [m]. From a video
    they are measured from the middle of the hips, else from the lab's origin.
    """
    points = {
        str(name): opensim_point(motion, str(name))
        for name in motion.keypoint.values
        if np.isfinite(motion.world_position.sel(keypoint=name).values).any()
    }
    if not {"left_hip", "right_hip"} <= points.keys():
        raise HipdriveError(f"{motion.attrs['source']} shows no hips in space: muscles are computed of a whole body")
    for joint in ("shoulder", "hip"):
        if {f"left_{joint}", f"right_{joint}"} <= points.keys():
            points[f"mid_{joint}"] = (points[f"left_{joint}"] + points[f"right_{joint}"]) / 2
    if motion.attrs.get("kind") == "mocap":
        return points
    feet = [
        points[f"{side}_foot_index"] - points[f"{side}_heel"]
        for side in SIDES
        if {f"{side}_foot_index", f"{side}_heel"} <= points.keys()
    ]
    if not feet:
        raise HipdriveError(f"{motion.attrs['source']} shows no feet: muscles are computed of a whole body in space")
    up = np.array([0.0, 1.0, 0.0])
    forward, _ = heading(feet, up)
    if abs(forward[0]) > np.cos(np.radians(FROM_SIDE_DEG)):
        points = _as_pictured(motion, points)
    to_forward = np.stack([forward, up, np.cross(forward, up)])
    return {name: path @ to_forward.T for name, path in points.items()}


def _as_pictured(motion: xr.Dataset, points: dict[str, Array]) -> dict[str, Array]:
    """Points of a run filmed from the side: where the picture shows them; only the depth is the network's."""

    def in_picture(name: str) -> Array:
        if name.startswith("mid_"):
            return np.asarray((in_picture(name.replace("mid", "left")) + in_picture(name.replace("mid", "right"))) / 2)
        return image_point(motion, name) * (1.0, -1.0)

    legs = [
        (f"{side}_{upper}", f"{side}_{lower}")
        for side in SIDES
        for upper, lower in (("hip", "knee"), ("knee", "ankle"))
        if {f"{side}_{upper}", f"{side}_{lower}"} <= points.keys()
    ]
    middle_px = in_picture("mid_hip")
    of_network_m = sum(usual(np.linalg.norm((points[a] - points[b])[:, :2], axis=-1)) for a, b in legs)
    of_picture_px = sum(usual(np.linalg.norm(in_picture(a) - in_picture(b), axis=-1)) for a, b in legs)
    if not of_picture_px > 0:
        return points
    metres_per_px = of_network_m / of_picture_px
    return {
        name: np.concatenate([(in_picture(name) - middle_px) * metres_per_px, path[:, 2:]], axis=1)
        for name, path in points.items()
    }


def lab_to_body(motion: xr.Dataset) -> Array:
    """Matrix that turns the axes of the lab into those of `body_points`, shape (3, 3)."""
    to_body = FROM_OPENSIM.T @ VIEWS[motion.attrs.get("seen_from", "side")].T
    return np.asarray(to_body @ axes_of(motion).T)


def targets_of(points: Mapping[str, Array], *, marked: bool) -> tuple[Target, ...]:
    """Points of the bones that the seen points show.

    Parameters
    ----------
    points : mapping of str to ndarray
        As from `body_points`.
    marked : bool
        Whether heels and toes are markers on a shoe, and the pelvis may have markers of its own.
    """
    targets = []
    if "loin" in points:
        targets.append(Target("loin", "pelvis", "pelvis", LOIN_PLACE))
    elif "mid_shoulder" in points:
        targets.append(Target("mid_shoulder", "pelvis", "torso", SHOULDERS_PLACE, SHOULDERS_WEIGHT))
    foot = MARKED_FOOT if marked else DRAWN_FOOT
    for side in SIDES:
        letter = side[0]
        bones = {
            "hip": (f"femur_{letter}", "femur", (0.0, 0.0, 0.0)),
            "knee": (f"tibia_{letter}", "tibia", (0.0, 0.0, 0.0)),
            "ankle": (f"talus_{letter}", "foot", (0.0, 0.0, 0.0)),
        }
        targets += [Target(f"{side}_{joint}", *bone) for joint, bone in bones.items()]
        targets += [
            Target(f"{side}_{end}", f"calcn_{letter}", "foot", place, FOOT_WEIGHT)
            for end, place in foot.items()
            if f"{side}_{end}" in points
        ]
    return tuple(targets)


def fit_pose(model: MuscleModel, points: Mapping[str, Array], *, marked: bool) -> Fitted:
    """Find the pose of the model in every frame.

    Parameters
    ----------
    model : MuscleModel
        Of the athlete's lengths.
    points : mapping of str to ndarray, shape (n_frames, 3)
        As from `body_points`.
    marked : bool
        Whether the points come from markers of a lab.

    Returns
    -------
    Fitted

    Raises
    ------
    HipdriveError
        When hips, knees or ankles are not seen in space.
    """
    missing = [
        f"{side} {joint}"
        for side in SIDES
        for joint in ("hip", "knee", "ankle")
        if f"{side}_{joint}" not in points
    ]  # fmt: skip
    if missing:
        raise HipdriveError(f"{', '.join(missing)} not seen in space: muscles are computed of both whole legs")
    known = {**points, **_pelvis_points(model, points, marked)}
    targets = targets_of(known, marked=marked)
    wanted = np.stack([known[target.seen] for target in targets], axis=1)
    seen = np.asarray(np.isfinite(wanted).all(-1))
    start = _start(known)
    usable = np.isfinite(start).all(-1) & (seen.sum(1) >= len(targets) - MOST_HIDDEN)
    pose = np.full_like(start, np.nan)
    error_m = np.full(len(start), np.nan)
    if usable.any():
        pose[usable], error_m[usable] = _levenberg_marquardt(
            model, targets, wanted[usable], seen[usable], start[usable], marked
        )
    return Fitted(pose, error_m)


def segment_scale(points: Mapping[str, Array], *, marked: bool) -> dict[str, float]:
    """How long the athlete's segments are, over those of the model as it comes, as in `ModelSettings`.

    Markers tell every length. Of the landmarks of a video only the whole leg is taken, for knees and feet are drawn
    some centimetres from where they are; the rest follows the height.
    """

    def usual_length(*pairs: tuple[str, str]) -> float:
        seen = [
            np.linalg.norm(points[first] - points[second], axis=-1)
            for first, second in pairs
            if {first, second} <= points.keys()
        ]
        return usual(np.concatenate(seen)) if seen else float("nan")

    def of_legs(first: str, second: str) -> float:
        return usual_length(*((f"{side}_{first}", f"{side}_{second}") for side in SIDES))

    thigh_m, shank_m = of_legs("hip", "knee"), of_legs("knee", "ankle")
    if not marked:
        leg = (thigh_m + shank_m) / (SEGMENT_LENGTHS_M["femur"] + SEGMENT_LENGTHS_M["tibia"])
        return {"femur": leg, "tibia": leg} if np.isfinite(leg) else {}
    lengths = {
        "pelvis": usual_length(("left_hip", "right_hip")),
        "femur": thigh_m,
        "tibia": shank_m,
        "torso": usual_length(("mid_hip", "mid_shoulder")),
    }
    scale = scale_from_lengths(lengths)
    foot = of_legs("heel", "foot_index") / float(
        np.linalg.norm(np.subtract(MARKED_FOOT["foot_index"], MARKED_FOOT["heel"]))
    )
    return {**scale, "foot": foot} if np.isfinite(foot) else scale


def _pelvis_points(model: MuscleModel, points: Mapping[str, Array], marked: bool) -> dict[str, Array]:
    """Where the trunk stands on the pelvis, by the markers of the pelvis; nothing without them."""
    if marked and {"left_asis", "right_asis", "sacrum"} <= points.keys():
        _, frame = pelvis_frame(points["left_asis"], points["right_asis"], points["sacrum"])
        cos, sin = np.cos(SACRUM_RISE_RAD), np.sin(SACRUM_RISE_RAD)
        frame = frame @ np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
        middle = (points["left_hip"] + points["right_hip"]) / 2
        return {"loin": middle + frame @ ((np.array(LOIN_PLACE) - HIPS_PLACE) * _scale(model, "pelvis"))}
    return {}


def _start(points: Mapping[str, Array]) -> Array:
    """Pelvis where its points are, joints halfway, shape (n_frames, 20)."""
    middle = (points["left_hip"] + points["right_hip"]) / 2
    above = points.get("loin", points.get("mid_shoulder", middle + np.array([0.0, 1.0, 0.0])))
    frame = _frame(above - middle, points["right_hip"] - points["left_hip"])
    turns = np.radians(np.stack(zxy_deg(frame), axis=-1))
    joints = [USUAL.get(name.rpartition("_")[0], 0.0) for name in COORDINATES[len(PELVIS) :]]
    return np.concatenate([middle - frame @ HIPS_PLACE, turns, np.tile(joints, (len(middle), 1))], axis=1)


def _levenberg_marquardt(
    model: MuscleModel, targets: Sequence[Target], wanted: Array, seen: NDArray[np.bool_], start: Array, marked: bool
) -> tuple[Array, Array]:
    """Least squares of all frames at once, within what the joints allow.

    Returns
    -------
    pose : ndarray, shape (n_frames, 20)
    error_m : ndarray, shape (n_frames,)
    """
    weights = np.where(seen, np.array([target.weight for target in targets]), 0.0)[..., None]
    wanted = np.where(seen[..., None], wanted, 0.0)
    priors = PRIOR if marked else PRIOR_DRAWN
    prior = np.array([priors.get(name.rpartition("_")[0], PRIOR_ELSE) for name in COORDINATES])
    prior[: len(PELVIS)] = 0.0

    def cost_of(pose: Array, placed: Array) -> Array:
        from_usual = (prior * (pose - start) ** 2).sum(1)
        return np.asarray(((weights * (wanted - placed)) ** 2).sum((1, 2)) + from_usual)

    low, high = _limits(model)
    pose, damping = start, np.full(len(start), FIRST_DAMPING)
    placed, jacobian = place(model, targets, pose)
    cost = cost_of(pose, placed)
    for _ in range(MOST_STEPS):
        slopes = (weights[..., None] * jacobian).reshape(len(pose), -1, len(prior))
        off = (weights * (wanted - placed)).reshape(len(pose), -1, 1)
        curvature = np.swapaxes(slopes, 1, 2) @ slopes + np.diag(prior) + damping[:, None, None] * np.eye(len(prior))
        downhill = (np.swapaxes(slopes, 1, 2) @ off)[..., 0] - prior * (pose - start)
        step = np.clip(np.linalg.solve(curvature, downhill[..., None])[..., 0], -MOST_STEP, MOST_STEP)
        tried = np.clip(pose + step, low, high)
        placed_there, jacobian_there = place(model, targets, tried)
        cost_there = cost_of(tried, placed_there)
        better = cost_there <= cost
        pose = np.where(better[:, None], tried, pose)
        placed = np.where(better[:, None, None], placed_there, placed)
        jacobian = np.where(better[:, None, None, None], jacobian_there, jacobian)
        cost = np.where(better, cost_there, cost)
        damping = np.clip(damping * np.where(better, 0.1, 10.0), LEAST_DAMPING, 1.0)
        if np.abs(step).max() < LEAST_STEP:
            break
    distance = np.where(weights[..., 0] == 1, np.linalg.norm(wanted - placed, axis=-1), 0.0)
    return pose, np.sqrt((distance**2).sum(1) / (weights[..., 0] == 1).sum(1))


def place(model: MuscleModel, targets: Sequence[Target], pose: Array) -> tuple[Array, Array]:
    """Where the points of the bones are, and how they move with the coordinates.

    Returns
    -------
    position_m : ndarray, shape (n_frames, n_targets, 3)
    jacobian : ndarray, shape (n_frames, n_targets, 3, 20)
    """
    import mujoco

    mj, n_frames = model.mj, len(pose)
    joints, follow, _ = joint_values(model, pose)
    bodies = np.array([model.body(target.body) for target in targets])
    origin, frame = np.empty((n_frames, len(bodies), 3)), np.empty((n_frames, len(bodies), 9))
    motions, centre = np.empty((n_frames, mj.nv, 6)), np.empty((n_frames, 3))
    data = mujoco.MjData(mj)
    for f in range(n_frames):
        data.qpos[:] = joints[f]
        mujoco.mj_kinematics(mj, data)
        mujoco.mj_comPos(mj, data)
        origin[f], frame[f] = data.xpos[bodies], data.xmat[bodies]
        motions[f], centre[f] = data.cdof, data.subtree_com[mj.body_rootid[bodies[0]]]
    local_m = np.array([np.array(target.place_m) * _scale(model, target.segment) for target in targets])
    position_m = origin + np.einsum("fpij,pj->fpi", frame.reshape(n_frames, -1, 3, 3), local_m)
    # MuJoCo gives every joint's turning axis and the speed it gives to the centre of mass
    arm_m = (position_m - centre[:, None])[:, :, None]
    speeds = motions[:, None, :, 3:] + np.cross(motions[:, None, :, :3], arm_m)
    carries = np.array([[_carries(mj, joint, int(body)) for joint in range(mj.nv)] for body in bodies])
    by_joints = np.swapaxes(np.where(carries[None, :, :, None], speeds, 0.0), 2, 3)
    return position_m, by_joints @ follow[:, None]


def _limits(model: MuscleModel) -> tuple[Array, Array]:
    """Least and greatest value of every coordinate, (20,) each; the pelvis may be anywhere."""
    limits = np.array([model.mj.jnt_range[model.mj.joint(name).id] for name in COORDINATES], np.float64)
    limits[: len(PELVIS)] = -np.inf, np.inf
    return limits[:, 0], limits[:, 1]


def _scale(model: MuscleModel, segment: str) -> float:
    """Size of a segment over that of the model as it comes."""
    return model.settings.segment_scale.get(segment, model.settings.height_m / MODEL_HEIGHT_M)


def _carries(mj: Any, joint: int, body: int) -> bool:
    """Whether a joint moves a body: it belongs to it, or to one that carries it."""
    while body:
        if mj.dof_bodyid[joint] == body:
            return True
        body = int(mj.body_parentid[body])
    return False


def _frame(up: Array, to_right: Array) -> Array:
    """Frame whose z is to the right and whose y is upwards, shape (n_frames, 3, 3)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        z = to_right / np.linalg.norm(to_right, axis=-1, keepdims=True)
        x = np.cross(up, z)
        x /= np.linalg.norm(x, axis=-1, keepdims=True)
    return np.stack([x, np.cross(z, x), z], axis=-1)
