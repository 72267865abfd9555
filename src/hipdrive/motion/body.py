"""From markers to a body: which way is up and forward, where the joints are, and the motion that follows from it.

A motion from a lab has the axes of a camera that looks at the athlete's right side: x forward, y **down**, z to the
athlete's left [m], from the lab's origin. Its 33 BlazePose keypoints are joint centres and points computed from
markers; behind them come the pelvis' bony points (`PELVIS`), the sides of knee and ankle, and every marker under its
own name. ``image_position`` is the view of that camera from very far away, 1000 px for a metre.

The attribute ``lab_axes`` has the nine numbers (row by row) of the matrix that turns the motion's axes into the lab's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, cast

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from hipdrive.errors import HipdriveError
from hipdrive.motion.dataset import logged, new_motion
from hipdrive.motion.marker_names import MarkerNames, Side
from hipdrive.motion.rigid import carried, fit_rigid, hinge, mean_shape, usual
from hipdrive.motion.trial import Axis, Trial
from hipdrive.pose import KEYPOINTS

Array = NDArray[np.float64]
LabView = Literal["side", "rear", "front"]
SIDES: Final[tuple[Side, Side]] = ("left", "right")

PELVIS: Final = ("left_asis", "right_asis", "left_psis", "right_psis", "sacrum")
"""Bony points of the pelvis; ``sacrum`` is the marker between the PSIS, or their middle."""

JOINT_SIDES: Final = tuple(
    f"{side}_{joint}_{where}" for joint in ("knee", "ankle") for side in SIDES for where in ("lateral", "medial")
)

PX_PER_M: Final = 1000.0
MARGIN_PX: Final = 100.0

# OpenSim's axes are x forward, y up, z right; turned half round about x they are hipdrive's.
FROM_OPENSIM: Final[Array] = np.diag([1.0, -1.0, -1.0])

# Axes of the camera of each view, in those of the side view: x and y of the picture, and into the scene.
VIEWS: Final[dict[LabView, Array]] = {
    "side": np.eye(3),
    "rear": np.array([[0.0, 0.0, -1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]),
    "front": np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]]),
}

ALONG_AXIS_DEG: Final = 15.0
"""Treadmills and walkways lie along an axis of the lab; who runs within this of an axis runs along it."""

LEAST_FACING: Final = 0.3
"""Somebody who faces all ways has no forward: length of the mean of unit vectors."""

# Hip joint centre from the pelvis, Harrington et al. 2007 (J Biomech 40:595), the regression without leg length, from
# the middle of the ASIS: x forward and y up in the pelvis, z to the right; PD is the depth from the middle of the ASIS
# to the middle of the PSIS, PW the width between the ASIS, all in metres.
HARRINGTON_X: Final = (-0.24, -0.0099)  # of PD
HARRINGTON_Y: Final = (-0.30, -0.0109)  # of PW
HARRINGTON_Z: Final = (0.33, 0.0073)  # of PW

# Half the breadth of a joint over its bones, where only the marker on its outer side is there: mean of men and
# women, bimalleolar breadth in ANSUR II (Gordon et al. 2014), knee breadth with skin and half a marker. An elbow or a
# wrist with one marker is taken to be there: an arm points anywhere, and nothing rests on it.
HALF_JOINT_M: Final = {"knee": 0.050, "ankle": 0.035, "elbow": 0.0, "wrist": 0.0}
SHOULDER_UNDER_ACROMION: Final = 0.17
"""Of the distance between the acromia (Rab et al. 2002, Gait Posture 15:257)."""

ANKLE_FROM_HEEL: Final = (0.25, 0.10)
"""Forward along and up from the line heel to toe, in its lengths (foot in Winter 2009, fig. 4.1)."""

NOSE_FROM_TEMPLES: Final = 0.7
"""Nose before the middle of the temples, in distances between them, by eye: it only tells which way the head points."""


@dataclass
class _Found:
    """Points of the body as they are found, in OpenSim's axes [m], and how."""

    points: dict[str, Array] = field(default_factory=dict)
    how: list[str] = field(default_factory=list)


def motion_from_markers(
    trial: Trial, names: MarkerNames, *, source: str, static: Trial | None = None, static_name: str = ""
) -> xr.Dataset:
    """Find the body under the markers.

    Parameters
    ----------
    trial : Trial
    names : MarkerNames
    source : str
        Name of the file.
    static : Trial, optional
        The athlete standing with more markers on, from which knees and ankles are learnt.
    static_name : str
        Name of its file, for the log.

    Returns
    -------
    xarray.Dataset
        Kind ``"mocap"``.

    Raises
    ------
    HipdriveError
        When the markers do not tell a body, or left and right are exchanged in their names.
    """
    trial = without_zeros(trial)
    to_opensim, axes_text = lab_axes(trial, names)
    turned = np.asarray(trial.position_m @ to_opensim.T)
    found = _Found()
    _name_points(found, trial.names, turned, names)
    _check_sides(found, source)
    still = None
    if static is not None:
        static = without_zeros(static)
        still = _learn(found, trial.names, turned, static, names, static_name)
    _joint_centres(found, trial.names, turned, names, still)
    if not any(name in found.points for name in ("left_hip", "right_hip", "left_ankle", "right_ankle")):
        raise HipdriveError(
            f"{source} has no marker that hipdrive knows on pelvis or legs (it has {_some(trial.names)}): "
            "name them in a markers.toml beside the file"
        )
    motion = assembled(
        trial.time_s,
        {name: path @ FROM_OPENSIM for name, path in found.points.items()},
        dict(zip(trial.names, np.moveaxis(turned @ FROM_OPENSIM, 1, 0), strict=True)),
        to_lab=to_opensim.T @ FROM_OPENSIM,
        rate_hz=trial.rate_hz,
        source=source,
    )
    for step in (*trial.notes, axes_text, *found.how):
        motion = logged(motion, f"markers: {step}")
    return motion


def assembled(
    time_s: Array,
    points: dict[str, Array],
    markers: dict[str, Array],
    *,
    to_lab: Array,
    rate_hz: float,
    source: str,
) -> xr.Dataset:
    """Make a motion of kind ``"mocap"`` out of paths in hipdrive's axes.

    Parameters
    ----------
    time_s : ndarray, shape (n_frames,)
    points : dict of str to ndarray, shape (n_frames, 3)
        Keypoints and further points of the body [m].
    markers : dict of str to ndarray, shape (n_frames, 3)
        Every marker under its own name.
    to_lab : ndarray, shape (3, 3)
        Turns hipdrive's axes into the lab's.
    rate_hz : float
    source : str
    """
    further = {name: path for name, path in points.items() if name not in KEYPOINTS} | {
        name: path for name, path in markers.items() if name not in points and name not in KEYPOINTS
    }
    n_frames = len(time_s)
    landmarks = np.full((n_frames, len(KEYPOINTS) + len(further), 7), np.nan)
    for i, name in enumerate((*KEYPOINTS, *further)):
        path = points.get(name, further.get(name))
        if path is not None:
            landmarks[:, i, 3:6] = path
    landmarks[..., 6] = np.where(np.isfinite(landmarks[..., 3:6]).all(-1), 1.0, np.nan)
    motion = new_motion(
        time_s, landmarks, source=source, width_px=0, height_px=0, kind="mocap", further=tuple(further)
    ).assign_attrs(
        rate_hz=rate_hz, lab_axes=" ".join(repr(float(number)) for number in to_lab.ravel()), seen_from="side"
    )
    return _pictured(motion)


def seen_from(motion: xr.Dataset, view: LabView) -> xr.Dataset:
    """Look at a motion from a lab from another side.

    Parameters
    ----------
    motion : xarray.Dataset
        Of kind ``"mocap"``.
    view : {"side", "rear", "front"}
        ``side`` is from the athlete's right; from the ``rear`` the athlete's right is on the right of the picture.

    Returns
    -------
    xarray.Dataset
        With ``image_position`` as that camera sees it, ``world_position`` along its axes, and ``lab_axes`` to match.

    Raises
    ------
    HipdriveError
        When the motion is not from a lab: one camera sees one side.
    """
    if motion.attrs.get("kind") != "mocap":
        raise HipdriveError("only a motion from a lab can be looked at from another side: film that side as well")
    if motion.attrs["seen_from"] == view:
        return motion
    turn = VIEWS[view] @ VIEWS[motion.attrs["seen_from"]].T
    turned = motion.assign(world_position=motion.world_position.copy(data=motion.world_position.values @ turn.T))
    to_lab = axes_of(motion) @ turn.T
    attributes = {"seen_from": view, "lab_axes": _axes_attribute(to_lab)}
    return logged(_pictured(turned.assign_attrs(attributes)), f"seen_from: {view}")


def axes_of(motion: xr.Dataset) -> Array:
    """Matrix that turns the axes of a motion into those of its lab, shape (3, 3)."""
    return np.array([float(number) for number in motion.attrs["lab_axes"].split()]).reshape(3, 3)


def trial_from_motion(motion: xr.Dataset) -> Trial:
    """Every keypoint of a motion that has places in space, as markers.

    Parameters
    ----------
    motion : xarray.Dataset

    Returns
    -------
    Trial
        In the axes of the lab it came from; a motion from video has x forward, y up and z right, from the middle of the
        hips.

    Raises
    ------
    HipdriveError
        When there are no places in space, as in landmarks of a picture.
    """
    seen = np.isfinite(motion.world_position.values).all(-1).any(0)
    if not seen.any():
        raise HipdriveError(
            f"{motion.attrs['source']} has positions in the picture but none in space: export it as csv or parquet"
        )
    names = tuple(str(name) for name in motion.keypoint.values[seen])
    position_m = motion.world_position.values[:, seen].astype(np.float64)
    if "lab_axes" in motion.attrs:
        to_lab = axes_of(motion)
    else:
        turned = dict(zip(names, np.moveaxis(position_m @ FROM_OPENSIM, 1, 0), strict=True))
        up = np.array([0.0, 1.0, 0.0])
        facing = list(_facing(turned))
        forward = heading(facing, up)[0] if facing else np.array([1.0, 0.0, 0.0])
        to_lab = np.stack([forward, up, np.cross(forward, up)]) @ FROM_OPENSIM
    up_text = _axis_text(to_lab @ [0.0, -1.0, 0.0])
    return Trial(
        names,
        motion.time.values.astype(np.float64),
        position_m @ to_lab.T,
        float(motion.attrs["rate_hz"]),
        cast(Axis, up_text) if len(up_text) == 2 else None,
    )


def opensim_point(motion: xr.Dataset, name: str) -> Array:
    """Path of a keypoint in OpenSim's axes, x forward, y up, z right, as the athlete mostly faces [m], shape (n, 3)."""
    position_m = motion.world_position.sel(keypoint=name).values
    return np.asarray(position_m @ VIEWS[motion.attrs.get("seen_from", "side")] @ FROM_OPENSIM, np.float64)


def _axes_attribute(to_lab: Array) -> str:
    return " ".join(repr(float(number)) for number in to_lab.ravel())


def _pictured(motion: xr.Dataset) -> xr.Dataset:
    """Fill in the picture that a camera very far away would take: it fits the whole trial."""
    image_px = motion.world_position.values * PX_PER_M
    low, high = (edge.reduce(edge.reduce(image_px[..., :2])) for edge in (np.fmin, np.fmax))  # past what is missing
    if not np.isfinite(high).all():
        return motion
    image_px[..., :2] += MARGIN_PX - low
    size_px = np.ceil(high - low + 2 * MARGIN_PX).astype(int)
    hips = [i for i, name in enumerate(motion.keypoint.values) if name in ("left_hip", "right_hip")]
    image_px[..., 2] -= image_px[:, hips, 2].mean(1, keepdims=True)
    return motion.assign(image_position=motion.image_position.copy(data=image_px)).assign_attrs(
        width_px=int(size_px[0]), height_px=int(size_px[1])
    )


def without_zeros(trial: Trial) -> Trial:
    """Take a marker at exactly 0, 0, 0 for missing, as many programs write it."""
    at_origin = (trial.position_m == 0).all(-1)
    if not at_origin.any():
        return trial
    note = f"{at_origin.sum()} positions are exactly 0, 0, 0 and were taken for missing"
    position_m = np.where(at_origin[..., None], np.nan, trial.position_m)
    return Trial(trial.names, trial.time_s, position_m, trial.rate_hz, trial.up, (*trial.notes, note))


# --- Which way is up and forward


def lab_axes(trial: Trial, names: MarkerNames) -> tuple[Array, str]:
    """Find up and forward from the body, since files do not say or are wrong.

    Feet stand under shanks in everything that is done on the feet, also in a bridge, and pelvis and feet point forward.

    Returns
    -------
    to_opensim : ndarray, shape (3, 3)
        Turns the lab's axes to x forward, y up, z right.
    text : str
        What was found, for the log.

    Raises
    ------
    HipdriveError
        When too few markers are known to tell.
    """
    paths = _Found()
    _name_points(paths, trial.names, trial.position_m, names)
    points = paths.points
    up, up_text = _up(points, _clusters(trial.names, trial.position_m, names), trial.up)
    facing = list(_facing(points))
    if not facing:
        raise HipdriveError(
            "the markers do not tell which way the athlete faces: needed are ASIS and sacrum, or heels and toes"
        )
    forward, forward_text = heading(facing, up)
    return np.stack([forward, up, np.cross(forward, up)]), f"up is {up_text}, {forward_text}"


def heading(facing: Sequence[Array], up: Array) -> tuple[Array, str]:
    """Direction that the athlete mostly faces, level.

    Parameters
    ----------
    facing : sequence of ndarray, shape (n_frames, 3)
        Directions that point forward, long where they tell much.
    up : ndarray, shape (3,)

    Returns
    -------
    forward : ndarray, shape (3,)
        An axis of the lab where one is near.
    text : str
        For the log.
    """
    level = [directions - np.outer(directions @ up, up) for directions in facing]
    level = [directions[np.isfinite(directions).all(-1)] for directions in level]
    level = [directions for directions in level if len(directions)]
    if not level:
        raise HipdriveError("pelvis and feet are never all seen: nobody can tell which way the athlete faces")
    forward = np.sum([directions.mean(0) for directions in level], axis=0)
    usual = float(np.sum([np.linalg.norm(directions, axis=-1).mean() for directions in level]))
    turns = ""
    if np.linalg.norm(forward) < LEAST_FACING * usual:
        forward, turns = np.sum([directions[0] for directions in level], axis=0), ", where the athlete faces at first"
    length = float(np.linalg.norm(forward))
    if not length > 0:
        raise HipdriveError("pelvis and feet point nowhere: nobody can tell which way the athlete faces")
    forward = forward / length
    main = int(np.argmax(np.abs(forward)))
    nearest = np.zeros(3)
    nearest[main] = np.sign(forward[main])
    if np.degrees(np.arccos(np.clip(forward @ nearest, -1, 1))) <= ALONG_AXIS_DEG:
        forward = nearest
    return forward, f"forward is {_axis_text(forward)}{turns}"


_FEET: Final = ("heel", "foot_index", "ankle_lateral")


def _up(points: dict[str, Array], clusters: dict[str, Array], stated: Axis | None) -> tuple[Array, str]:
    over_feet = []
    for side in SIDES:
        feet = [
            points[name] for name in (f"{side}_heel", f"{side}_foot_index", f"{side}_ankle_lateral") if name in points
        ]
        shank = [points[name] for name in (f"{side}_knee", f"{side}_knee_lateral") if name in points]
        shank += [clusters[f"{side}_shank"].mean(1)] if f"{side}_shank" in clusters else []
        if feet and shank:
            over_feet.append(_mean_over_time(shank[0] - np.mean(feet, axis=0)))
    if not over_feet:
        high = [points[name] for name in points if name.endswith(("asis", "sacrum", "acromion", "temple"))]
        low = [
            points[name] for name in points if name.endswith(("heel", "foot_index", "ankle_lateral", "knee_lateral"))
        ]
        if high and low:
            over_feet.append(_mean_over_time(np.mean(high, axis=0) - np.mean(low, axis=0)))
    up = np.zeros(3)
    over = np.sum(over_feet, axis=0) if over_feet else np.full(3, np.nan)
    if np.isfinite(over).all():
        up[np.argmax(np.abs(over))] = np.sign(over[np.argmax(np.abs(over))])
    elif stated is not None:
        up["xyz".index(stated[1])] = 1.0 if stated[0] == "+" else -1.0
    else:
        raise HipdriveError("the markers do not tell which way is up: needed are markers on the feet and above them")
    text = _axis_text(up)
    return up, text if stated in (None, text) else f"{text} (the file says {stated})"


def _facing(points: dict[str, Array]) -> Iterable[Array]:
    """Directions that point forward [m], each of shape (n_frames, 3)."""
    if {"left_asis", "right_asis", "sacrum"} <= points.keys():
        yield (points["left_asis"] + points["right_asis"]) / 2 - points["sacrum"]
    for side in SIDES:
        if {f"{side}_heel", f"{side}_foot_index"} <= points.keys():
            yield points[f"{side}_foot_index"] - points[f"{side}_heel"]


def _mean_over_time(directions: Array) -> Array:
    seen = directions[np.isfinite(directions).all(-1)]
    return np.asarray(seen.mean(0)) if len(seen) else np.full(3, np.nan)


def _axis_text(axis: Array) -> str:
    largest = int(np.argmax(np.abs(axis)))
    if abs(axis[largest]) == 1:
        return f"{'+' if axis[largest] > 0 else '-'}{'xyz'[largest]}"
    return f"({', '.join(f'{number:.3f}' for number in axis)})"


# --- Which marker is what


_CENTRES: Final = ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")


def _name_points(found: _Found, have: tuple[str, ...], position_m: Array, names: MarkerNames) -> None:
    """Take over what a marker gives by itself."""

    def path(role: str, side: Side | None = None) -> Array | None:
        name = names.find(have, role, side)
        return None if name is None else position_m[:, have.index(name)]

    for name in (*KEYPOINTS, *PELVIS, *JOINT_SIDES):  # hipdrive's own names, as it exports them
        if name in have:
            found.points[name] = position_m[:, have.index(name)]
    for side in SIDES:
        roles = {f"{side}_{name}": f"pelvis.{name}" for name in ("asis", "psis")}
        roles |= {
            f"{side}_{name}": f"centres.{name}" for name in ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")
        }
        roles |= {f"{side}_{j}_{where}": f"{j}.{where}" for j in HALF_JOINT_M for where in ("lateral", "medial")}
        roles |= {
            f"{side}_heel": "body.heel",
            f"{side}_foot_index": "body.toe",
            f"{side}_acromion": "body.acromion",
            f"{side}_temple": "body.temple",
            f"{side}_back_of_head": "body.back_of_head",
        }
        for name, role in roles.items():
            marker = path(role, side)
            if marker is not None:
                found.points.setdefault(name, marker)
        if f"{side}_foot_index" not in found.points:
            first, fifth = (path(f"body.{which}_metatarsal", side) for which in ("first", "fifth"))
            if first is not None and fifth is not None:
                found.points[f"{side}_foot_index"] = (first + fifth) / 2
    sacrum = path("middle.sacrum")
    if sacrum is not None:
        found.points.setdefault("sacrum", sacrum)
    elif {"left_psis", "right_psis"} <= found.points.keys():
        found.points.setdefault("sacrum", (found.points["left_psis"] + found.points["right_psis"]) / 2)


def _clusters(have: tuple[str, ...], position_m: Array, names: MarkerNames) -> dict[str, Array]:
    """Markers of every segment with three or more of them, shapes (n_frames, n_markers, 3)."""
    return {
        segment: position_m[:, [have.index(name) for name in markers]]
        for segment, markers in _cluster_names(have, names).items()
        if len(markers) >= 3
    }


def _cluster_names(have: tuple[str, ...], names: MarkerNames) -> dict[str, list[str]]:
    return {
        f"{side}_{segment}": names.find_all(have, f"clusters.{segment}", side)
        for side in SIDES
        for segment in ("thigh", "shank", "foot")
    }


def _check_sides(found: _Found, source: str) -> None:
    """Refuse exchanged sides: a wrong side is worse than no answer."""
    pairs = [
        found.points[f"right_{part}"] - found.points[f"left_{part}"]
        for part in ("asis", "psis", "acromion", "heel", "hip", "shoulder")
        if {f"right_{part}", f"left_{part}"} <= found.points.keys()
    ]
    to_right = [float(pair[:, 2][np.isfinite(pair[:, 2])].mean()) for pair in pairs if np.isfinite(pair[:, 2]).any()]
    if to_right and np.median(to_right) < 0:
        raise HipdriveError(
            f"the right markers of {source} are on the left of the body: the file is mirrored, or names are exchanged"
        )


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:6]) + (" ..." if len(names) > 6 else "")


# --- Where the joints are


@dataclass(frozen=True, eq=False)
class _Still:
    """The athlete standing: the mean place of every marker [m], and of every named point."""

    markers: dict[str, Array]
    points: dict[str, Array]


def _learn(
    found: _Found, have: tuple[str, ...], position_m: Array, static: Trial, names: MarkerNames, static_name: str
) -> _Still | None:
    """Place on the moving segments what only the standing trial has on them."""
    standing = _Found()
    _name_points(standing, static.names, static.position_m, names)
    still = _Still(
        {name: _middle_of(static[name]) for name in static.names},
        {name: _middle_of(path) for name, path in standing.points.items()},
    )
    placed, residual_mm = [], []
    for side in SIDES:
        for joint, segments in (("knee", ("thigh", "shank")), ("ankle", ("shank",))):
            wanted = [
                name
                for name in (f"{side}_{joint}_lateral", f"{side}_{joint}_medial", f"{side}_{joint}")
                if name in still.points and not _well_seen(found.points.get(name))
            ]
            carriers = []
            for segment in segments if wanted else ():
                markers = [
                    name
                    for name in names.find_all(have, f"clusters.{segment}", side)
                    if name in still.markers and np.isfinite(still.markers[name]).all()
                ]
                if len(markers) < 3:
                    continue
                rest = np.stack([still.markers[name] for name in markers])
                now = position_m[:, [have.index(name) for name in markers]]
                rotation, translation = fit_rigid(rest, now)
                residual_mm.append(np.linalg.norm(carried(rest, rotation, translation) - now, axis=-1).ravel() * 1000)
                carriers.append(carried(np.stack([still.points[name] for name in wanted]), rotation, translation))
            if carriers:
                places = _mean_of_seen(np.stack(carriers))
                for i, name in enumerate(wanted):
                    found.points[name] = places[:, i]
                placed.append(f"{side} {joint}")
    if placed:
        found.how.append(
            f"{', '.join(placed)} learnt from {static_name} and carried by the markers of thigh and shank, "
            f"which fit within {usual(np.concatenate(residual_mm)):.0f} mm in the median"
        )
    return still


def _well_seen(path: Array | None) -> bool:
    return path is not None and bool(np.isfinite(path).all(-1).mean() > 0.5)


def _middle_of(path: Array) -> Array:
    seen = path[np.isfinite(path).all(-1)]
    return np.asarray(np.median(seen, axis=0)) if len(seen) else np.full(3, np.nan)


def _mean_of_seen(places: Array) -> Array:
    """Mean over the first axis of what is there; NaN where nothing is."""
    seen = np.isfinite(places)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(seen, places, 0.0).sum(0) / seen.sum(0))


def _joint_centres(
    found: _Found, have: tuple[str, ...], position_m: Array, names: MarkerNames, still: _Still | None
) -> None:
    points = found.points
    _hips(found, still)
    clusters = _clusters(have, position_m, names)
    for side in SIDES:
        for joint in ("knee", "ankle", "elbow", "wrist"):
            name = f"{side}_{joint}"
            if name in points:
                continue
            lateral, medial = points.get(f"{name}_lateral"), points.get(f"{name}_medial")
            if lateral is not None and medial is not None:
                points[name] = (lateral + medial) / 2
                continue
            functional = _functional_knee(side, points, clusters) if joint == "knee" else None
            if functional is not None:
                points[name] = functional
                found.how.append(f"{name.replace('_', ' ')} from the axis about which thigh and shank turn (SARA)")
            elif lateral is not None:
                inwards_m = HALF_JOINT_M[joint]
                points[name] = lateral + _inwards(side, points) * inwards_m
                if inwards_m:
                    found.how.append(f"{side} {joint} {inwards_m * 100:.1f} cm inwards from its outer marker")
        if f"{side}_ankle" not in points and {f"{side}_heel", f"{side}_foot_index"} <= points.keys():
            ankle = _ankle_from_heel(points[f"{side}_heel"], points[f"{side}_foot_index"])
            pose = _pose(clusters[f"{side}_shank"]) if f"{side}_shank" in clusters else None
            if pose is not None:  # what hangs on the shank is steadier than what hangs on a shoe
                ankle = carried(_middle_of(_in_frame(ankle, *pose))[None], *pose)[:, 0]
            points[f"{side}_ankle"] = ankle
            found.how.append(f"{side} ankle from heel and toe, within 2 cm")
    _shoulders(found)
    _head(points)


def _hips(found: _Found, still: _Still | None) -> None:
    points = found.points
    if {"left_hip", "right_hip"} <= points.keys() or not {"left_asis", "right_asis", "sacrum"} <= points.keys():
        return
    like = (
        still.points if still is not None and {"left_asis", "right_asis", "sacrum"} <= still.points.keys() else points
    )
    width_m = usual(np.linalg.norm(like["left_asis"] - like["right_asis"], axis=-1))
    depth_m = usual(np.linalg.norm((like["left_asis"] + like["right_asis"]) / 2 - like["sacrum"], axis=-1))
    origin, rotation = pelvis_frame(points["left_asis"], points["right_asis"], points["sacrum"])
    for side, sign in (("left", -1), ("right", 1)):
        local = np.array(
            [
                HARRINGTON_X[0] * depth_m + HARRINGTON_X[1],
                HARRINGTON_Y[0] * width_m + HARRINGTON_Y[1],
                sign * (HARRINGTON_Z[0] * width_m + HARRINGTON_Z[1]),
            ]
        )
        points.setdefault(f"{side}_hip", origin + rotation @ local)
    found.how.append(
        "hip joint centres by Harrington 2007, "
        f"from a pelvis {width_m * 100:.1f} cm wide and {depth_m * 100:.1f} cm deep"
    )


def pelvis_frame(left_asis: Array, right_asis: Array, sacrum: Array) -> tuple[Array, Array]:
    """Frame of the pelvis: from the middle of the ASIS, z to the right ASIS, x forward in the plane of ASIS and sacrum.

    Returns
    -------
    origin : ndarray, shape (n_frames, 3)
    rotation : ndarray, shape (n_frames, 3, 3)
        Its columns are x forward, y up, z right.
    """
    origin = (left_asis + right_asis) / 2
    z = _unit(right_asis - left_asis)
    y = _unit(np.cross(z, origin - sacrum))
    return origin, np.stack([np.cross(y, z), y, z], axis=-1)


def _functional_knee(side: Side, points: dict[str, Array], clusters: dict[str, Array]) -> Array | None:
    """Knee on the axis about which thigh and shank turn, where it passes nearest to the hip."""
    if f"{side}_hip" not in points or not {f"{side}_thigh", f"{side}_shank"} <= clusters.keys():
        return None
    thigh, shank = _pose(clusters[f"{side}_thigh"]), _pose(clusters[f"{side}_shank"])
    axis = hinge(thigh, shank) if thigh is not None and shank is not None else None
    if thigh is None or axis is None:
        return None
    point, direction = axis
    hip = _middle_of(_in_frame(points[f"{side}_hip"], *thigh))
    return carried((point + direction * float((hip - point) @ direction))[None], *thigh)[:, 0]


def _pose(cluster: Array) -> tuple[Array, Array] | None:
    shape = mean_shape(cluster)
    return None if shape is None else fit_rigid(shape, cluster)


def _in_frame(path: Array, rotation: Array, translation: Array) -> Array:
    """Path as seen from a moving body, shape (n_frames, 3)."""
    return np.asarray(np.einsum("nji,nj->ni", rotation, path - translation))


def _inwards(side: Side, points: dict[str, Array]) -> Array:
    """Direction to the middle of the body, shape (n_frames, 3)."""
    if {"left_hip", "right_hip"} <= points.keys():
        to_right = _unit(points["right_hip"] - points["left_hip"])
    else:
        to_right = np.array([[0.0, 0.0, 1.0]])
    return to_right if side == "left" else -to_right


def _ankle_from_heel(heel: Array, toe: Array) -> Array:
    along = toe - heel
    length = np.linalg.norm(along, axis=-1, keepdims=True)
    across = _unit(np.cross(along, [0.0, 1.0, 0.0]))
    return np.asarray(heel + ANKLE_FROM_HEEL[0] * along + ANKLE_FROM_HEEL[1] * length * np.cross(across, _unit(along)))


def _shoulders(found: _Found) -> None:
    points = found.points
    if not {"left_acromion", "right_acromion", "left_hip", "right_hip"} <= points.keys():
        for side in SIDES:
            if f"{side}_acromion" in points:
                points.setdefault(f"{side}_shoulder", points[f"{side}_acromion"])
        return
    across = points["right_acromion"] - points["left_acromion"]
    middle = (points["left_acromion"] + points["right_acromion"]) / 2
    down = _unit((points["left_hip"] + points["right_hip"]) / 2 - middle)
    under = down * SHOULDER_UNDER_ACROMION * usual(np.linalg.norm(across, axis=-1))
    for side in SIDES:
        points.setdefault(f"{side}_shoulder", points[f"{side}_acromion"] + under)


def _head(points: dict[str, Array]) -> None:
    if not {"left_temple", "right_temple"} <= points.keys():
        return
    for side in SIDES:
        points.setdefault(f"{side}_ear", points[f"{side}_temple"])
    across = points["right_temple"] - points["left_temple"]
    if not {"left_shoulder", "right_shoulder"} <= points.keys():
        return
    middle = (points["left_temple"] + points["right_temple"]) / 2
    up = middle - (points["left_shoulder"] + points["right_shoulder"]) / 2
    width = np.linalg.norm(across, axis=-1, keepdims=True)
    points.setdefault("nose", middle + _unit(np.cross(up, across)) * NOSE_FROM_TEMPLES * width)


def _unit(vectors: Array) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))
