"""A generic skeleton: from joint angles to where the joints are, and back.

The coordinates are those of OpenSim's models of gait (gait2392, Rajagopal 2016): ``pelvis_tilt``, ``pelvis_tx``,
``hip_flexion_r``, ``knee_angle_r`` and so on. Frames have x forward, y up and z right and turn about z, then x, then y;
adduction and rotation of left limbs count the other way round, so that they mean the same on both sides. Joint angles
have no lengths: those of the segments are shares of the athlete's height.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from hipdrive.errors import HipdriveError
from hipdrive.motion.angles3d import frame_of, from_zxy_deg, zxy_deg
from hipdrive.motion.body import FROM_OPENSIM, SIDES, assembled, axes_of, heading, opensim_point, pelvis_frame
from hipdrive.motion.dataset import logged
from hipdrive.motion.marker_names import Side
from hipdrive.motion.mot import Table
from hipdrive.motion.rigid import largest, usual

Array = NDArray[np.float64]

HEIGHT_M: Final = 1.75
"""Of an athlete who does not say."""

# Lengths in shares of body height, Drillis & Contini 1966 as in Winter, Biomechanics and Motor Control, fig. 4.1.
THIGH: Final = 0.530 - 0.285
SHANK: Final = 0.285 - 0.039
FOOT_HEIGHT: Final = 0.039
FOOT_LENGTH: Final = 0.152
SHOULDER_OVER_HIP: Final = 0.818 - 0.530
HALF_SHOULDERS: Final = 0.129
UPPER_ARM: Final = 0.186
FOREARM: Final = 0.146
EYES_OVER_SHOULDER: Final = 0.936 - 0.818
# Places in the pelvis from the middle of the ASIS, in shares of the 1.70 m of the model (Rajagopal et al. 2016).
HIP_IN_PELVIS: Final = (-0.0563 / 1.70, -0.0785 / 1.70, 0.0773 / 1.70)
BACK_IN_PELVIS: Final = (-0.1007 / 1.70, 0.0815 / 1.70, 0.0)
HALF_ASIS: Final = 0.128 / 1.70
PELVIS_DEPTH: Final = 0.157 / 1.70
HEEL_BEHIND_ANKLE: Final = 0.0488 / 1.70
HALF_KNEE: Final = 0.05 / 1.75
NOSE_BEFORE_NECK: Final = 0.07  # of height; by eye, it only tells which way the head points

SHOULDER_OVER_BACK: Final = SHOULDER_OVER_HIP + HIP_IN_PELVIS[1] - BACK_IN_PELVIS[1]

MOST_RADIANS: Final = 3.5
"""No hip or knee turns by 200 degrees; OpenSim has written degrees under a header that says radians."""

LEAST_BEND_DEG: Final = 15.0
"""An elbow or a knee that is bent by less does not tell how the bone above it is turned."""

PELVIS_ANGLES: Final = ("pelvis_tilt", "pelvis_list", "pelvis_rotation")
PELVIS_PLACE: Final = ("pelvis_tx", "pelvis_ty", "pelvis_tz")
BACK_ANGLES: Final = ("lumbar_extension", "lumbar_bending", "lumbar_rotation")
LIMB_ANGLES: Final = (
    *("hip_flexion", "hip_adduction", "hip_rotation", "knee_angle", "ankle_angle"),
    *("arm_flex", "arm_add", "arm_rot", "elbow_flex"),
)
COORDINATES: Final = (
    *PELVIS_ANGLES,
    *PELVIS_PLACE,
    *(f"{angle}_{side}" for side in ("r", "l") for angle in LIMB_ANGLES[:5]),
    *BACK_ANGLES,
    *(f"{angle}_{side}" for side in ("r", "l") for angle in LIMB_ANGLES[5:]),
)
"""Names and order of the coordinates that hipdrive reads and writes."""

NEEDED: Final = ("hip_flexion_r", "hip_flexion_l", "knee_angle_r", "knee_angle_l")


def motion_from_angles(table: Table, *, source: str, height_m: float | None = None) -> xr.Dataset:
    """Place the joints of a generic skeleton by joint angles.

    Parameters
    ----------
    table : Table
    source : str
        Name of the file.
    height_m : float, optional
        The athlete's height [m].

    Returns
    -------
    xarray.Dataset
        Kind ``"mocap"``.

    Raises
    ------
    HipdriveError
        When the table has forces or something else but no joint angles.
    """
    columns = {_coordinate(label): table[label] for label in reversed(table.labels) if _coordinate(label)}
    _check(columns, table, source)
    height_m = height_m or HEIGHT_M
    most = max(largest(columns[name]) for name in NEEDED)
    in_degrees = table.in_degrees or most > MOST_RADIANS
    turning = {
        name: column if in_degrees or name in PELVIS_PLACE else np.degrees(column)
        for name, column in columns.items()
        if name in COORDINATES
    }
    knees = np.concatenate([turning["knee_angle_r"], turning["knee_angle_l"]])
    bends_negative = largest(knees[knees < 0]) > largest(knees[knees > 0])
    if bends_negative:
        turning |= {name: -turning[name] for name in ("knee_angle_r", "knee_angle_l")}
    angles = {name: turning.get(name, np.zeros(len(table.time_s))) for name in COORDINATES}
    points = forward_kinematics(angles, height_m)
    forward, text = heading(
        [(points["left_asis"] + points["right_asis"]) / 2 - points["sacrum"]], np.array([0.0, 1.0, 0.0])
    )
    to_opensim = np.stack([forward, [0.0, 1.0, 0.0], np.cross(forward, [0.0, 1.0, 0.0])])
    motion = assembled(
        table.time_s,
        {name: path @ to_opensim.T @ FROM_OPENSIM for name, path in points.items()},
        {},
        to_lab=to_opensim.T @ FROM_OPENSIM,
        rate_hz=(len(table.time_s) - 1) / float(np.ptp(table.time_s)) if len(table.time_s) > 1 else 0.0,
        source=source,
    )
    absent = [name for name in COORDINATES if name not in turning]
    steps = [
        *table.notes,
        f"joints of a generic skeleton {height_m:.2f} m high (Drillis & Contini), {text}",
        *(["angles are in degrees, although the header says radians"] if in_degrees != table.in_degrees else []),
        f"a bent knee is {'negative' if bends_negative else 'positive'} in the file",
        *([f"taken as 0 because the file has no {', '.join(absent)}"] if absent else []),
    ]
    for step in steps:
        motion = logged(motion, f"angles: {step}")
    return motion


def forward_kinematics(angles: dict[str, Array], height_m: float) -> dict[str, Array]:
    """Where the joints are, given all `COORDINATES`.

    Parameters
    ----------
    angles : dict of str to ndarray, shape (n_frames,)
        Degrees and metres; a bent knee is positive.
    height_m : float

    Returns
    -------
    dict of str to ndarray, shape (n_frames, 3)
        In OpenSim's axes [m].
    """

    def turned(frame: Array, *names: str, sign: float = 1.0) -> Array:
        flexion, *others = (angles[name] for name in names)
        return np.asarray(frame @ from_zxy_deg(flexion, *(sign * other for other in others)))

    def bent(frame: Array, angle_deg: Array) -> Array:
        nothing = np.zeros_like(angle_deg)
        return np.asarray(frame @ from_zxy_deg(angle_deg, nothing, nothing))

    def place(start: Array, frame: Array, *local: float) -> Array:
        return np.asarray(start + frame @ (np.array(local) * height_m))

    origin = np.stack([angles[name] for name in PELVIS_PLACE], axis=-1)
    pelvis = from_zxy_deg(*(angles[name] for name in PELVIS_ANGLES))
    torso = turned(pelvis, *BACK_ANGLES)
    back = place(origin, pelvis, *BACK_IN_PELVIS)
    points = {"sacrum": place(origin, pelvis, -PELVIS_DEPTH, 0, 0)}
    points["nose"] = place(back, torso, NOSE_BEFORE_NECK, SHOULDER_OVER_BACK + EYES_OVER_SHOULDER - 0.02, 0)
    for side, letter, sign in (("right", "r", 1.0), ("left", "l", -1.0)):
        points[f"{side}_asis"] = place(origin, pelvis, 0, 0, sign * HALF_ASIS)
        points[f"{side}_ear"] = place(back, torso, 0, SHOULDER_OVER_BACK + EYES_OVER_SHOULDER, sign * HALF_ASIS / 2)
        thigh = turned(pelvis, *(f"{angle}_{letter}" for angle in LIMB_ANGLES[:3]), sign=sign)
        shank = bent(thigh, -angles[f"knee_angle_{letter}"])
        foot = bent(shank, angles[f"ankle_angle_{letter}"])
        hip = place(origin, pelvis, HIP_IN_PELVIS[0], HIP_IN_PELVIS[1], sign * HIP_IN_PELVIS[2])
        knee = place(hip, thigh, 0, -THIGH, 0)
        ankle = place(knee, shank, 0, -SHANK, 0)
        heel = place(ankle, foot, -HEEL_BEHIND_ANKLE, -FOOT_HEIGHT, 0)
        arm = turned(torso, *(f"{angle}_{letter}" for angle in LIMB_ANGLES[5:8]), sign=sign)
        shoulder = place(back, torso, 0, SHOULDER_OVER_BACK, sign * HALF_SHOULDERS)
        elbow = place(shoulder, arm, 0, -UPPER_ARM, 0)
        points |= {
            f"{side}_hip": hip,
            f"{side}_knee": knee,
            f"{side}_knee_lateral": place(knee, thigh, 0, 0, sign * HALF_KNEE),
            f"{side}_knee_medial": place(knee, thigh, 0, 0, -sign * HALF_KNEE),
            f"{side}_ankle": ankle,
            f"{side}_heel": heel,
            f"{side}_foot_index": place(heel, foot, FOOT_LENGTH, 0, 0),
            f"{side}_shoulder": shoulder,
            f"{side}_elbow": elbow,
            f"{side}_wrist": place(elbow, bent(arm, angles[f"elbow_flex_{letter}"]), 0, -FOREARM, 0),
        }
    return points


def angles_from_motion(motion: xr.Dataset) -> Table:
    """Find the joint angles of a motion, with the same conventions as `motion_from_angles`.

    With pelvis markers all of them are told. Without, as from video, the pelvis is taken to stand in line with the
    trunk, and angles out of the plane of the picture are only as good as the guessed depth.

    Parameters
    ----------
    motion : xarray.Dataset
        With world positions of hips, knees, ankles and shoulders.

    Returns
    -------
    Table
        Degrees and metres; a bent knee is positive; NaN where a point is missing. Coordinates that nothing tells are
        left out.

    Raises
    ------
    HipdriveError
        When there are no world positions of hips and knees.
    """
    points = _points_for_angles(motion)
    missing = [name for name in ("left_hip", "right_hip", "left_knee", "right_knee") if name not in points]
    if missing:
        raise HipdriveError(
            f"{motion.attrs['source']} has no positions in space of {', '.join(missing)}: joint angles cannot be found"
        )
    lengths = [np.linalg.norm(points[f"{side}_hip"] - points[f"{side}_knee"], axis=-1) for side in SIDES]
    height_m = usual(np.stack(lengths)) / THIGH
    angles: dict[str, Array] = {}
    pelvis, origin = _pelvis(points, height_m)
    angles |= dict(zip(PELVIS_ANGLES, zxy_deg(pelvis), strict=True))
    angles |= dict(zip(PELVIS_PLACE, origin.T, strict=True))
    torso = pelvis
    if {"left_shoulder", "right_shoulder"} <= points.keys():
        back = origin + pelvis @ (np.array(BACK_IN_PELVIS) * height_m)
        across = points["right_shoulder"] - points["left_shoulder"]
        torso = frame_of((points["left_shoulder"] + points["right_shoulder"]) / 2 - back, across)
        angles |= dict(zip(BACK_ANGLES, zxy_deg(_relative(pelvis, torso)), strict=True))
    for side in SIDES:
        angles |= _leg_angles(points, pelvis, side)
        angles |= _arm_angles(points, torso, side)
    labels = tuple(name for name in COORDINATES if name in angles)
    return Table(labels, motion.time.values, np.stack([angles[name] for name in labels], axis=-1), True, "Coordinates")


def _coordinate(label: str) -> str:
    """Name of the coordinate in a column, which paths of OpenSim 4 end with; empty for a speed and the like."""
    parts = label.split("/")
    if len(parts) > 1:
        return parts[-2] if parts[-1] == "value" else ""
    return label


def _check(columns: dict[str, Array], table: Table, source: str) -> None:
    missing = [name for name in NEEDED if name not in columns]
    forces = [label for label in table.labels if "force" in label.lower() or "torque" in label.lower()]
    has_angles = not missing and any(largest(columns[name]) > 0 for name in NEEDED)
    if has_angles:
        return
    what = "forces" if forces else f"columns such as {', '.join(table.labels[:3])}"
    raise HipdriveError(
        f"{source} has {what} but no joint angles, so there is no motion in it: "
        "give the file with the markers or the joint angles of the same trial"
    )


def _points_for_angles(motion: xr.Dataset) -> dict[str, Array]:
    """Points in space, in the lab's axes where its y is up, else in OpenSim's as the athlete faces."""
    points = {str(name): opensim_point(motion, str(name)) for name in motion.keypoint.values}
    if motion.attrs.get("kind") == "mocap":
        to_lab = axes_of(motion)
        if np.allclose(to_lab @ [0, -1, 0], [0, 1, 0]):
            points = {
                str(name): motion.world_position.sel(keypoint=name).values.astype(np.float64) @ to_lab.T
                for name in motion.keypoint.values
            }
    return {name: path for name, path in points.items() if np.isfinite(path).any()}


def _pelvis(points: dict[str, Array], height_m: float) -> tuple[Array, Array]:
    """Frame of the pelvis and the middle of its ASIS."""
    if {"left_asis", "right_asis", "sacrum"} <= points.keys():
        origin, frame = pelvis_frame(points["left_asis"], points["right_asis"], points["sacrum"])
        return frame, origin
    middle = (points["left_hip"] + points["right_hip"]) / 2
    across = points["right_hip"] - points["left_hip"]
    if {"left_shoulder", "right_shoulder"} <= points.keys():
        up = (points["left_shoulder"] + points["right_shoulder"]) / 2 - middle
    else:
        up = middle - (points["left_knee"] + points["right_knee"]) / 2
    to_right = across / np.linalg.norm(across, axis=-1, keepdims=True)
    x = np.cross(up, to_right)
    x /= np.linalg.norm(x, axis=-1, keepdims=True)
    frame = np.stack([x, np.cross(to_right, x), to_right], axis=-1)
    return frame, middle - frame @ (np.array([HIP_IN_PELVIS[0], HIP_IN_PELVIS[1], 0.0]) * height_m)


def _relative(frame: Array, other: Array) -> Array:
    return np.asarray(np.swapaxes(frame, -1, -2) @ other)


def _local(frame: Array, vectors: Array) -> Array:
    return np.asarray(np.einsum("nji,nj->ni", frame, vectors))


def _leg_angles(points: dict[str, Array], pelvis: Array, side: Side) -> dict[str, Array]:
    letter, sign = side[0], 1.0 if side == "right" else -1.0
    hip, knee, ankle = (points.get(f"{side}_{joint}") for joint in ("hip", "knee", "ankle"))
    if hip is None or knee is None:
        return {}
    lateral, medial = points.get(f"{side}_knee_lateral"), points.get(f"{side}_knee_medial")
    if lateral is not None and medial is not None:
        to_right = sign * (lateral - medial)
    elif ankle is not None:
        # the knee is a hinge, and its axis stands upright on the plane of thigh and shank
        to_right = _hinge_axis(hip - knee, ankle - knee, pelvis[..., 2])
    else:
        to_right = pelvis[..., 2]
    thigh = frame_of(hip - knee, to_right)
    flexion, adduction, rotation = zxy_deg(_relative(pelvis, thigh))
    angles = {
        f"hip_flexion_{letter}": flexion,
        f"hip_adduction_{letter}": sign * adduction,
        f"hip_rotation_{letter}": sign * rotation,
    }
    if ankle is None:
        return angles
    down = _local(thigh, ankle - knee)
    angles[f"knee_angle_{letter}"] = -np.degrees(np.arctan2(down[:, 0], -down[:, 1]))
    heel, toe = points.get(f"{side}_heel"), points.get(f"{side}_foot_index")
    if heel is not None and toe is not None:
        along = _local(frame_of(knee - ankle, thigh[..., 2]), toe - heel)
        angles[f"ankle_angle_{letter}"] = np.degrees(np.arctan2(along[:, 1], along[:, 0]))
    return angles


def _arm_angles(points: dict[str, Array], torso: Array, side: Side) -> dict[str, Array]:
    letter, sign = side[0], 1.0 if side == "right" else -1.0
    shoulder, elbow, wrist = (points.get(f"{side}_{joint}") for joint in ("shoulder", "elbow", "wrist"))
    if shoulder is None or elbow is None or wrist is None:
        return {}
    arm = frame_of(shoulder - elbow, _hinge_axis(wrist - elbow, shoulder - elbow, torso[..., 2]))
    flexion, adduction, rotation = zxy_deg(_relative(torso, arm))
    down = _local(arm, wrist - elbow)
    return {
        f"arm_flex_{letter}": flexion,
        f"arm_add_{letter}": sign * adduction,
        f"arm_rot_{letter}": sign * rotation,
        f"elbow_flex_{letter}": np.degrees(np.arctan2(down[:, 0], -down[:, 1])),
    }


def _hinge_axis(first: Array, second: Array, otherwise: Array) -> Array:
    """Axis of a hinge between two bones, to the right; `otherwise` where the joint is too straight to tell it."""
    axis = np.cross(first, second)
    bent = np.linalg.norm(axis, axis=-1) > np.sin(np.radians(LEAST_BEND_DEG)) * (
        np.linalg.norm(first, axis=-1) * np.linalg.norm(second, axis=-1)
    )
    return np.where(bent[:, None], axis, otherwise)
