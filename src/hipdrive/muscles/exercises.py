"""Glute bridge and monster walk as postures that muscles, floor and band hold still.

    what_if("glute_bridge", single_leg=True, hips_deg=0, knees_deg=90, load_kg=10)
    what_if("monster_walk", knees_deg=35, lean_deg=20, band_n=50, band_at="ankle")

Both exercises are slow, so that every instant is a balance of forces. A monster walk is looked at in the step, while
one leg stands: with both feet on the floor its friction can carry the band, and nothing is known about the muscles.

What the answer depends on and nobody sees (fibre lengths, friction, tissue that pulls when stretched, what the body
minds) is varied one after the other; the band of a muscle goes from the least to the most of these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from hipdrive.errors import HipdriveError
from hipdrive.muscles.results import MUSCLE_GROUPS, Architecture, Confidence, Effort, GroupEffort, ModelSettings, Side
from hipdrive.results import Analysis, JudgedRepetition, Warning_

if TYPE_CHECKING:
    from hipdrive.analysis import Examined
    from hipdrive.muscles.curves import MuscleTable
    from hipdrive.muscles.geometry import BodyPoint, Geometry
    from hipdrive.muscles.model import MuscleModel

Array = NDArray[np.float64]

Pressing = Literal["whole foot", "heels", "forefoot"]
BandAt = Literal["knee", "ankle", "foot"]

SIDES: Final[tuple[Side, Side]] = ("right", "left")
OTHER: Final[dict[Side, Side]] = {"left": "right", "right": "left"}
LETTER: Final[dict[Side, str]] = {"left": "l", "right": "r"}

# -- the athlete, when nothing is said: the model as it comes --
USUAL_HEIGHT_M: Final = 1.70
USUAL_MASS_KG: Final = 75.0

# -- places, in the axes of the bones (forward, up, to the right), of the model as it comes; read off its bones --
HEEL_M: Final = (0.0, -0.012, 0.0)
BALLS_M: Final = (
    (0.175, -0.012, -0.035),
    (0.155, -0.012, 0.035),
)  # under the first and the fifth toe's joint, right foot
SHOULDER_BLADES_M: Final = (
    (-0.205, 0.42, -0.12),
    (-0.205, 0.42, 0.12),
)  # from the pelvis, which the trunk is rigid with
HIP_CREASE_M: Final = (0.02, -0.06, 0.0)  # where a bar lies: between the front of the pelvis and the hip joints
MID_FOOT_M: Final = (0.10, 0.0, 0.0)  # who stands on one leg has the centre of mass over this
BAND_PLACES_M: Final[dict[BandAt, tuple[str, tuple[float, float, float]]]] = {
    "knee": ("femur", (0.0, -0.34, 0.0)),
    "ankle": ("tibia", (0.0, -0.36, 0.0)),
    "foot": ("calcn", (0.15, 0.0, 0.0)),
}

# -- what is not seen --
USUAL_FRICTION: Final = 0.6  # rubber on a mat or a wooden floor: 0.5 to 0.8
UNSEEN_FRICTIONS: Final = (0.3, 1.0)
STRONGER: Final = 1.3  # strength of muscles for a body's mass differs between people by about this factor
# What the joint itself gives, for the price of one muscle fully active [Nm]. Ligaments hold subtalar and toe joints.
RESERVE_NM: Final = 10.0
FOOT_RESERVE_NM: Final = 30.0
FOOT_JOINTS: Final = ("subtalar", "mtp")
TOES_UP_DEG: Final = 15.0  # "lift your toes"
LIFT_HIP_DEG: Final = 6.0  # how much more hip and knee of the moving leg are bent, to clear the floor
LIFT_KNEE_DEG: Final = 12.0
EXACT: Final = 1e-9  # metres and radians squared; a posture is found when less is off
MOST_SLIP_N: Final = 0.1  # N and Nm that come from nowhere where the floor cannot give them
CANNOT_HOLD_NM: Final = 10.0  # missing at a joint, more than what bones and ligaments of the model may be wrong by

# -- how far the model is good --
KNEE_VALID_DEG: Final = 105.0  # beyond, the model's knee and its stretched muscles are not the ones of a person
KNEE_MOST_DEG: Final = 120.0  # the end of the model's knee
DEEP_SQUAT_DEG: Final = 45.0  # from here on gluteus medius falls in the model and rises in EMG (Berry 2015)


@dataclass(frozen=True)
class GluteBridge:
    """A bridge held still.

    Attributes
    ----------
    hips_deg
        Flexion of the working hips: 0 is a straight line, positive with the hips low, negative arched.
    knees_deg
        Bend of the working knees.
    single_leg, side
        Whether one leg does it, and which; the other one is held in line with the trunk.
    abduction_deg
        Thighs apart.
    pressing
        What of the foot presses on the floor; with the heels the toes are lifted.
    load_kg
        On the hips.
    """

    hips_deg: float = 0.0
    knees_deg: float = 90.0
    single_leg: bool = False
    side: Side = "right"
    abduction_deg: float = 0.0
    pressing: Pressing = "whole foot"
    load_kg: float = 0.0

    @property
    def working(self) -> tuple[Side, ...]:
        """Legs that press on the floor."""
        return (self.side,) if self.single_leg else SIDES


@dataclass(frozen=True)
class MonsterWalk:
    """A banded step sideways, in the instant when one leg stands.

    Attributes
    ----------
    knees_deg
        Bend of the standing knee.
    lean_deg
        Of the trunk, forward.
    step_deg
        How far the moving thigh is out from the pelvis.
    band_n
        Tension of the band [N].
    band_at
        Where the band is: just above the knees, round the ankles or the feet.
    side
        The leg that stands.
    """

    knees_deg: float = 35.0
    lean_deg: float = 20.0
    step_deg: float = 20.0
    band_n: float = 50.0
    band_at: BandAt = "knee"
    side: Side = "right"

    @property
    def working(self) -> tuple[Side, ...]:
        """The leg that presses on the floor."""
        return (self.side,)


Posture = GluteBridge | MonsterWalk

EXERCISES: Final[dict[str, type[GluteBridge] | type[MonsterWalk]]] = {
    "glute_bridge": GluteBridge,
    "monster_walk": MonsterWalk,
}

# What can be asked for, with the unit; beyond, no body does it or the model has no answer.
PLAUSIBLE: Final[dict[str, tuple[float, float, str]]] = {
    "hips_deg": (-25, 80, "degrees of flexion"),
    "knees_deg": (0, KNEE_MOST_DEG, "degrees"),
    "abduction_deg": (0, 40, "degrees"),
    "load_kg": (0, 300, "kilograms"),
    "lean_deg": (-10, 60, "degrees"),
    "step_deg": (0, 45, "degrees"),
    "band_n": (0, 400, "newtons"),
    "friction": (0, 2, "friction coefficient"),
    "height_m": (1.0, 2.3, "metres"),
    "mass_kg": (25, 250, "kilograms"),
}


def what_if(
    exercise: str,
    *,
    height_m: float = USUAL_HEIGHT_M,
    mass_kg: float = USUAL_MASS_KG,
    architecture: Architecture | None = None,
    passive: bool | None = None,
    friction: float | None = None,
    **settings: Any,
) -> Effort:
    """How hard the muscles work in a posture of an exercise.

    Parameters
    ----------
    exercise : {"glute_bridge", "monster_walk"}
    height_m, mass_kg : float, optional
        Of the athlete.
    architecture, passive, friction : optional
        Fibre lengths, whether stretched tissue pulls, the floor's friction. What is left out is part of the doubt.
    **settings
        The attributes of `GluteBridge` or `MonsterWalk`.

    Returns
    -------
    Effort
        Of one instant.

    Raises
    ------
    HipdriveError
        When a setting is unknown or not plausible, or the posture cannot be taken.
    """
    posture = _posture(exercise, settings)
    _check_plausible({"height_m": height_m, "mass_kg": mass_kg, "friction": friction})
    unseen = Unseen(architecture, passive, friction)
    return effort_of([posture], ModelSettings(height_m, mass_kg), unseen, source=_words(posture))


def _posture(exercise: str, settings: Mapping[str, Any]) -> Posture:
    """Make a posture of what was asked for."""
    if exercise not in EXERCISES:
        raise HipdriveError(f"there is no exercise {exercise!r}: take one of {', '.join(EXERCISES)}")
    kind = EXERCISES[exercise]
    known = {field.name: field.type for field in fields(kind)}
    for name in settings:
        if name not in known:
            raise HipdriveError(f"{exercise} has no setting {name!r}: it has {', '.join(known)}")
    _check_plausible(settings)
    for name, choices in {"pressing": Pressing, "band_at": BandAt, "side": Side}.items():
        if name in settings and settings[name] not in get_args(choices):
            raise HipdriveError(f"{name} cannot be {settings[name]!r}: take one of {', '.join(get_args(choices))}")
    return kind(**settings)


def _check_plausible(values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name not in PLAUSIBLE or value is None:
            continue
        low, high, unit = PLAUSIBLE[name]
        if not low <= value <= high:  # NaN is not
            raise HipdriveError(f"{name} is {value:g}: it must be from {low:g} to {high:g} {unit}")


def _words(posture: Posture) -> str:
    """Say in words which posture it is."""
    if isinstance(posture, GluteBridge):
        legs = f"on the {posture.side} leg" if posture.single_leg else "on both legs"
        line = f"hips {posture.hips_deg:+.0f} deg from straight" if posture.hips_deg else "hips straight"
        load = f", {posture.load_kg:g} kg on the hips" if posture.load_kg else ""
        return f"what-if: glute bridge {legs}, {line}, knees {posture.knees_deg:.0f} deg, {posture.pressing}{load}"
    return (
        f"what-if: monster walk, {posture.side} leg standing, knee {posture.knees_deg:.0f} deg, lean "
        f"{posture.lean_deg:.0f} deg, band {posture.band_n:.0f} N at the {posture.band_at}"
    )


# -- what nobody sees ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Variant:
    """One opinion about what is not seen."""

    architecture: Architecture
    passive: bool
    friction: float
    strength: float = 1.0
    by_volume: bool = False  # the body minds the work of large muscles more: squares weighted by volume


@dataclass(frozen=True)
class Unseen:
    """What is said about the body and the floor; None leaves it in doubt."""

    architecture: Architecture | None = None
    passive: bool | None = None
    friction: float | None = None

    @property
    def usual(self) -> tuple[Variant, ...]:
        """The likeliest opinions; their mean is the typical value."""
        architectures = (self.architecture,) if self.architecture else get_args(Architecture)
        passive = True if self.passive is None else self.passive
        friction = USUAL_FRICTION if self.friction is None else self.friction
        return tuple(Variant(architecture, passive, friction) for architecture in architectures)

    @property
    def others(self) -> tuple[Variant, ...]:
        """What else may be so, one thing at a time."""
        found: list[Variant] = []
        for usual in self.usual:
            found += [replace(usual, strength=STRONGER), replace(usual, strength=1 / STRONGER)]
            found.append(replace(usual, by_volume=True))
            if self.passive is None:
                found.append(replace(usual, passive=False))
            if self.friction is None:
                found += [replace(usual, friction=friction) for friction in UNSEEN_FRICTIONS]
        return tuple(found)


# -- postures ------------------------------------------------------------------------------------------------------


def pose_of(model: MuscleModel, posture: Posture) -> Array:
    """Coordinates of the model in a posture, with the floor at height 0, shape (20,).

    Raises
    ------
    HipdriveError
        When the posture cannot be taken.
    """
    return _lie(model, posture) if isinstance(posture, GluteBridge) else _stand(model, posture)


def _lie(model: MuscleModel, bridge: GluteBridge) -> Array:
    """Turn trunk and ankles until shoulder blades and heels are on the floor, with the feet flat or the toes lifted."""
    leg = LETTER[bridge.working[0]]
    heel, ball = _point(model, f"calcn_{leg}", HEEL_M), _point(model, f"calcn_{leg}", BALLS_M[0])
    blade = _point(model, "pelvis", SHOULDER_BLADES_M[0])
    toes_up_rad = np.radians(TOES_UP_DEG if bridge.pressing == "heels" else 0.0)

    def posed(tilt_rad: float, ankle_rad: float) -> Array:
        joints = {"pelvis_tilt": tilt_rad}
        for side in SIDES:
            works = side in bridge.working
            joints[f"hip_flexion_{LETTER[side]}"] = np.radians(bridge.hips_deg if works else 0.0)
            joints[f"hip_adduction_{LETTER[side]}"] = -np.radians(bridge.abduction_deg if works else 0.0)
            joints[f"knee_angle_{LETTER[side]}"] = np.radians(bridge.knees_deg if works else 0.0)
            joints[f"ankle_angle_{LETTER[side]}"] = ankle_rad if works else 0.0
        return _coordinates(joints)

    def off(unknown: Array) -> list[float]:
        at_heel, at_ball, at_blade = _places(model, posed(*unknown), (heel, ball, blade))
        sole = at_ball - at_heel
        return [at_heel[1] - at_blade[1], np.arctan2(sole[1], np.hypot(sole[0], sole[2])) - toes_up_rad]

    starts = [(tilt_rad, ankle_rad) for tilt_rad in np.radians([70, 100, 130]) for ankle_rad in (-0.3, 0.2)]
    found = _solved(off, starts, ((np.radians(40), -1.2), (np.radians(160), 0.9)))
    if found is None:
        raise HipdriveError(
            f"with the hips at {bridge.hips_deg:g} and the knees at {bridge.knees_deg:g} deg feet and shoulders do not "
            "both lie on the floor: take knees nearer to 90 deg"
        )
    return _on_floor(model, posed(*found), (heel,))


def _stand(model: MuscleModel, walk: MonsterWalk) -> Array:
    """Lean shank and hip of the standing leg until the centre of mass is over the middle of its foot."""
    from hipdrive.muscles.geometry import pose_geometry

    stands, moves = LETTER[walk.side], LETTER[OTHER[walk.side]]
    outward = 1.0 if walk.side == "right" else -1.0
    foot = _point(model, f"calcn_{stands}", MID_FOOT_M)
    heel, ball = _point(model, f"calcn_{stands}", HEEL_M), _point(model, f"calcn_{stands}", BALLS_M[0])

    def posed(shank_rad: float, adduction_rad: float) -> Array:
        flexion_rad = np.radians(walk.lean_deg + walk.knees_deg) - shank_rad  # lean and thigh add up
        joints = {"pelvis_tilt": -np.radians(walk.lean_deg)}
        for leg in (stands, moves):
            joints[f"hip_flexion_{leg}"] = flexion_rad
            joints[f"knee_angle_{leg}"] = np.radians(walk.knees_deg)
            joints[f"ankle_angle_{leg}"] = shank_rad
        joints[f"hip_adduction_{stands}"] = adduction_rad
        joints[f"hip_adduction_{moves}"] = -np.radians(walk.step_deg)
        joints[f"hip_flexion_{moves}"] += np.radians(LIFT_HIP_DEG)
        joints[f"knee_angle_{moves}"] += np.radians(LIFT_KNEE_DEG)
        return _coordinates(joints)

    def off(unknown: Array) -> list[float]:
        geometry = pose_geometry(model, posed(*unknown)[None], points=(foot,))
        ahead = geometry.com_m[0] - geometry.point_m[0, 0]
        return [ahead[0], outward * ahead[2]]

    found = _solved(off, [(np.radians(15), np.radians(8))], ((-0.2, -0.8), (1.0, 0.8)))
    if found is None:
        raise HipdriveError(
            f"nobody keeps balance on one foot with the knee at {walk.knees_deg:g} and the trunk at {walk.lean_deg:g} "
            "deg: bend the knee as much again as the trunk leans"
        )
    return _on_floor(model, posed(*found), (heel, ball))


def _coordinates(joints: Mapping[str, float]) -> Array:
    from hipdrive.muscles.model import COORDINATES

    return np.array([joints.get(name, 0.0) for name in COORDINATES])


def _solved(off: Any, starts: Sequence[tuple[float, float]], bounds: Any) -> Array | None:
    """Find unknowns for which nothing is off; None where there are none."""
    from scipy.optimize import least_squares

    for start in starts:
        found = least_squares(off, start, bounds=bounds)
        if found.cost < EXACT:
            return np.asarray(found.x)
    return None


def _point(model: MuscleModel, body: str, at_m: tuple[float, float, float]) -> BodyPoint:
    """Place a point on a bone of the athlete's size."""
    from hipdrive.muscles.geometry import BodyPoint
    from hipdrive.muscles.model import MODEL_HEIGHT_M, SEGMENTS

    names = {bone: segment for segment, bones in SEGMENTS.items() for bone in bones}
    longer = model.settings.segment_scale.get(names[body.split("_")[0]], model.settings.height_m / MODEL_HEIGHT_M)
    return BodyPoint(body, longer * np.array(at_m))


def _places(model: MuscleModel, pose: Array, points: Sequence[BodyPoint]) -> list[Array]:
    from hipdrive.muscles.geometry import body_poses

    bodies = body_poses(model, pose[None])
    indices = [model.body(point.body) for point in points]
    return [
        bodies.position_m[0, body] + bodies.rotation[0, body] @ point.local_m
        for body, point in zip(indices, points, strict=True)
    ]


def _on_floor(model: MuscleModel, pose: Array, points: Sequence[BodyPoint]) -> Array:
    """Lift the body until the lowest of the points is at height 0."""
    from hipdrive.muscles.model import coordinate

    lifted = pose.copy()
    lifted[coordinate("pelvis_ty")] -= min(place[1] for place in _places(model, pose, points))
    return lifted


# -- effort --------------------------------------------------------------------------------------------------------


def effort_of(
    postures: Sequence[Posture],
    settings: ModelSettings,
    unseen: Unseen | None = None,
    *,
    source: str,
    time_s: Array | None = None,
    doubts: Sequence[Sequence[Posture]] = (),
    told: Sequence[bool] | None = None,
    warnings: Sequence[Warning_] = (),
) -> Effort:
    """How hard the muscles work in postures of one exercise.

    Parameters
    ----------
    postures
        One or more, in order of time.
    unseen
        What is said about body and floor.
    time_s : ndarray, shape (n_postures,), optional
    doubts
        For every posture, others that it may have been as well.
    told
        Which postures the numbers of the groups are made from; the others are then the frames. All are both when left
        out.
    warnings
        What is known already.
    """
    unseen = unseen or Unseen()
    lying = isinstance(postures[0], GluteBridge)
    model = _loaded(settings, arms=not lying)  # of who lies, the floor carries the arms
    doubts = doubts or [()] * len(postures)
    every = [*postures, *(other for others in doubts for other in others)]
    owner = [*range(len(postures)), *(of for of, others in enumerate(doubts) for _ in others)]
    rows = [
        (number, variant)
        for number, posture in enumerate(every)
        for variant in (*unseen.usual, *(unseen.others if number < len(postures) else ()))
    ]
    poses = np.array([pose_of(model, posture) for posture in every])
    activation, missing = _held(model, every, poses, rows)
    of_posture = np.array([owner[number] for number, _ in rows])
    is_typical = np.array([number < len(postures) and variant in unseen.usual for number, variant in rows])
    typical = np.array([activation[is_typical & (of_posture == of)].mean(0) for of in range(len(postures))])
    short = [np.abs(missing[is_typical & (of_posture == of)]).max(0) for of in range(len(postures))]

    shown = [of for of in range(len(postures)) if told is None or told[of]]
    frames = [of for of in range(len(postures)) if of not in shown] or shown
    said = [*warnings, *_warnings([postures[of] for of in shown], np.max([short[of] for of in shown], axis=0))]
    groups = tuple(
        _group_effort(group, side, model, postures, shown, activation, of_posture, is_typical, {w.code for w in said})
        for side in SIDES
        for group in MUSCLE_GROUPS
    )
    return Effort(
        source=source,
        groups=groups,
        time_s=(np.arange(len(postures), dtype=float) if time_s is None else time_s)[frames],
        activation=typical[frames],
        muscles=model.muscles,
        coordinates=poses[frames],
        settings=replace(settings, passive=unseen.usual[0].passive, architecture=unseen.usual[0].architecture),
        warnings=tuple(said),
    )


def _loaded(settings: ModelSettings, *, arms: bool) -> MuscleModel:
    """Load a body, or take the one of the last time: it takes seconds."""
    scale = tuple(sorted(settings.segment_scale.items()))
    return _load_once(settings.height_m, settings.mass_kg, scale, settings.strength, arms)


@lru_cache(maxsize=2)
def _load_once(
    height_m: float, mass_kg: float, scale: tuple[tuple[str, float], ...], strength: float, arms: bool
) -> MuscleModel:
    from hipdrive.muscles.model import load_model

    return load_model(ModelSettings(height_m, mass_kg, dict(scale), strength=strength), arms=arms)


def _held(
    model: MuscleModel, postures: Sequence[Posture], poses: Array, rows: Sequence[tuple[int, Variant]]
) -> tuple[Array, Array]:
    """Solve every row, a posture with an opinion; all in one batch.

    Returns
    -------
    activation : ndarray, shape (n_rows, n_muscles)
    missing : ndarray, shape (n_rows, 20)
        What floor and muscles do not bring about.
    """
    from hipdrive.muscles.contact import ROOT, hold
    from hipdrive.muscles.curves import capacity
    from hipdrive.muscles.geometry import pose_geometry
    from hipdrive.muscles.model import COORDINATES

    floor, touches = _floor_places(model, postures)
    geometry = pose_geometry(model, poses, points=(*floor, *_carried_places(model)))
    load = _carried(model, postures, geometry, len(floor))
    of = np.array([number for number, _ in rows])
    opinions = {(variant.architecture, variant.strength) for _, variant in rows}
    made = {opinion: _table(model, *opinion) for opinion in opinions}

    capacity_n, wanted = [], []
    for number, variant in rows:
        table = made[variant.architecture, variant.strength]
        can = capacity(table, geometry.length_m[number], passive=variant.passive)
        capacity_n.append(can.active_n)
        wanted.append(geometry.required[number] - load[number] - geometry.arm_m[number] @ can.passive_n)
    arguments = (
        geometry.arm_m[of],
        np.array(wanted),
        np.array(capacity_n),
        geometry.point_jacobian[of, : len(floor), :3] * touches[of][:, :, None, None],
        np.array([variant.friction for _, variant in rows]),
    )
    soft = np.array([name.startswith(FOOT_JOINTS) for name in COORDINATES[ROOT:]])
    reserve_nm = np.where(soft, FOOT_RESERVE_NM, RESERVE_NM)
    volume = model.table.max_force_n * model.table.fibre_m
    activation = np.full((len(rows), len(model.muscles)), np.nan)
    missing = np.full_like(arguments[1], np.nan)
    for by_volume, cost in ((False, np.ones(len(volume))), (True, volume / volume.mean())):
        these = np.array([variant.by_volume is by_volume for _, variant in rows])
        held = hold(*(argument[these] for argument in arguments), reserve_nm=reserve_nm, cost=cost)
        activation[these], missing[these] = held.activation, held.missing
    missing[:, ROOT:][:, soft] = 0.0  # ligaments
    return activation, missing


def _floor_places(model: MuscleModel, postures: Sequence[Posture]) -> tuple[list[BodyPoint], Array]:
    """Places that may touch the floor, and which of them do, shape (n_postures, n_places)."""
    points: list[BodyPoint] = []
    touches: list[list[bool]] = []
    for side in SIDES:
        outward = 1.0 if side == "right" else -1.0
        feet = {"heel": (HEEL_M,), "ball": tuple((x, y, outward * z) for x, y, z in BALLS_M)}
        for part, places in feet.items():
            for place in places:
                points.append(_point(model, f"calcn_{LETTER[side]}", place))
                touches.append([side in posture.working and part in _pressed(posture) for posture in postures])
    for place in SHOULDER_BLADES_M:
        points.append(_point(model, "pelvis", place))
        touches.append([isinstance(posture, GluteBridge) for posture in postures])
    return points, np.array(touches, float).T


def _pressed(posture: Posture) -> tuple[str, ...]:
    if isinstance(posture, GluteBridge):
        return {"whole foot": ("heel", "ball"), "heels": ("heel",), "forefoot": ("ball",)}[posture.pressing]
    return ("heel", "ball")


def _carried_places(model: MuscleModel) -> list[BodyPoint]:
    """Where a load and bands pull: the hip crease, then both legs of every place of a band."""
    bands = [_point(model, f"{bone}_{LETTER[side]}", place) for bone, place in BAND_PLACES_M.values() for side in SIDES]
    return [_point(model, "pelvis", HIP_CREASE_M), *bands]


def _carried(model: MuscleModel, postures: Sequence[Posture], geometry: Geometry, first: int) -> Array:
    """Generalised forces of loads and bands, shape (n_postures, 20)."""
    from hipdrive.muscles.contact import band_force
    from hipdrive.muscles.geometry import outside_force
    from hipdrive.muscles.model import GRAVITY_M_PER_S2

    force_n = np.zeros_like(geometry.point_m)
    for number, posture in enumerate(postures):
        if isinstance(posture, GluteBridge):
            force_n[number, first, 1] = -posture.load_kg * GRAVITY_M_PER_S2
            continue
        right = first + 1 + 2 * list(BAND_PLACES_M).index(posture.band_at)
        places = geometry.point_m[number]
        force_n[number, right] = band_force(places[right], places[right + 1], posture.band_n)
        force_n[number, right + 1] = -force_n[number, right]
    return outside_force(geometry, force_n)


def _table(model: MuscleModel, architecture: Architecture, strength: float) -> MuscleTable:
    """Muscles of the athlete by another opinion about fibre lengths and strength."""
    from hipdrive.muscles.curves import muscle_table

    stems = [muscle.rpartition("_")[0] for muscle in model.muscles]
    path_scale = model.table.fibre_m / muscle_table(stems, model.settings.architecture).fibre_m
    other = muscle_table(stems, architecture, mass_kg=model.settings.mass_kg, path_scale=path_scale)
    return other.stronger(strength * model.settings.strength)


# -- words and numbers ---------------------------------------------------------------------------------------------

# How far a group can be believed in general (running: agreement with published forces; exercises: with EMG).
CONFIDENCE: Final[dict[str, Confidence]] = {
    "glmax": "good",
    "glmed": "good",
    "vasti": "good",
    "soleus": "good",
    "hamstrings": "poor",
    "piriformis": "not identifiable",
}
USUAL_CONFIDENCE: Final[Confidence] = "fair"
WORDS: Final[tuple[Confidence, ...]] = ("good", "fair", "poor")
WIDE_PCT: Final = 15.0  # a band wider than this and than its typical value is worth one word less

WARNINGS: Final[dict[str, tuple[str, str]]] = {
    "hamstrings_in_bridge": (
        "hamstrings",
        "Hamstrings in the bridge are not to be believed: EMG finds several times as much, and friction under the "
        "feet, which nobody sees, shifts work between hamstrings and quadriceps.",
    ),
    "piriformis": (
        "piriformis",
        "Piriformis cannot be told: small changes of what is not seen double or halve it.",
    ),
    "gluteus_medius_in_squat": (
        "glmed",
        "Gluteus medius in a deep squat is not to be believed: in the model it falls with the bend of the hips, in "
        "EMG it rises.",
    ),
    "gluteus_medius_in_bridge": (
        "glmed",
        "Gluteus medius in a bridge on both legs is too low: the model needs it hardly at all, EMG finds about a "
        "quarter of the maximum.",
    ),
    "knee_beyond_105": (
        "",
        "The knee is bent by more than 105 deg, where the model's knee and stretched muscles are no longer those of a "
        "person: no number here is to be believed.",
    ),
}


def _warnings(postures: Sequence[Posture], missing: Array) -> list[Warning_]:
    """What must stand wherever these numbers are shown."""
    from hipdrive.muscles.contact import ROOT
    from hipdrive.muscles.model import COORDINATES

    codes = ["piriformis"]
    if any(isinstance(posture, GluteBridge) for posture in postures):
        codes.append("hamstrings_in_bridge")
    if any(isinstance(posture, GluteBridge) and not posture.single_leg for posture in postures):
        codes.append("gluteus_medius_in_bridge")
    if any(isinstance(posture, MonsterWalk) and posture.knees_deg >= DEEP_SQUAT_DEG for posture in postures):
        codes.append("gluteus_medius_in_squat")
    if any(posture.knees_deg > KNEE_VALID_DEG for posture in postures):
        codes.append("knee_beyond_105")
    said = [Warning_(code, WARNINGS[code][1]) for code in codes]
    if not missing[:ROOT].max() <= MOST_SLIP_N:
        text = "On so slippery a floor this posture cannot be held: its numbers are not to be believed."
        said.append(Warning_("slips", text))
    worst = ROOT + int(np.argmax(missing[ROOT:]))
    if missing[worst] > CANNOT_HOLD_NM:
        joint = COORDINATES[worst].rpartition("_")[0].replace("_", " ")
        text = (
            f"The muscles of the model cannot hold this posture: {missing[worst]:.0f} Nm are missing at the "
            f"{joint}, so its numbers are not to be believed."
        )
        said.append(Warning_("cannot_hold", text))
    return said


def _group_effort(
    group: str,
    side: Side,
    model: MuscleModel,
    postures: Sequence[Posture],
    shown: Sequence[int],
    activation: Array,
    of_posture: NDArray[np.intp],
    is_typical: NDArray[np.bool_],
    codes: set[str],
) -> GroupEffort:
    """One group of one leg: the mean over the postures in which this leg works, with its band."""
    works = [of for of in shown if side in postures[of].working]
    share_pct = 100 * model.group_share(activation, group, side)
    bands = []
    for of in works or shown:
        rows = of_posture == of
        typical_pct = share_pct[rows & is_typical].mean()
        bands.append((share_pct[rows].min(), typical_pct, share_pct[rows].max()))
    low_pct, typical_pct, high_pct = (float(value) for value in np.mean(bands, axis=0))
    if not np.isfinite(bands).all():
        return GroupEffort(group, side, None, None, None, "not identifiable", note="No answer was found.")
    confidence = CONFIDENCE.get(group, USUAL_CONFIDENCE)
    notes = [] if works else [_IDLE[type(postures[0])]]
    notes += [WARNINGS[code][1] for code in WARNINGS if code in codes and WARNINGS[code][0] == group]
    if confidence == "not identifiable":
        return GroupEffort(group, side, None, None, None, confidence, note=" ".join(notes))
    if high_pct - low_pct > max(WIDE_PCT, typical_pct):
        confidence = WORDS[min(WORDS.index(confidence) + 1, len(WORDS) - 1)]
    wrong_group = any(WARNINGS[code][0] == group for code in codes & WARNINGS.keys())
    if wrong_group or codes & {"knee_beyond_105", "cannot_hold", "slips"}:
        confidence = "poor"
    if not works:
        less_sure = group in TOO_LOW_WHEN_MOVING and isinstance(postures[0], MonsterWalk)
        confidence = "poor" if less_sure or confidence == "poor" else "fair"
    return GroupEffort(group, side, low_pct, typical_pct, high_pct, confidence, note=" ".join(notes))


_IDLE: Final[dict[type[Posture], str]] = {
    GluteBridge: "The leg in the air.",
    MonsterWalk: "The moving leg: EMG finds more than the model, whose moving leg is held still.",
}
TOO_LOW_WHEN_MOVING: Final = ("glmax", "glmed", "tfl")  # against Youdas 2013


# -- from an analysis ----------------------------------------------------------------------------------------------

USUAL_LINE_ERROR_DEG: Final = 6.0  # of the hip line, as the cue prints it
USUAL_KNEE_ERROR_DEG: Final = 10.0  # shin tilt 5, hip line 6, and thighs and shanks of other lengths
USUAL_KNEE_DEG: Final = 90.0
UNSEEN_KNEES_DEG: Final = (75.0, 105.0)
USUAL_BAND_N: Final = 50.0  # a light to medium loop at a step's width; no camera sees its tension
UNSEEN_BANDS_N: Final = (20.0, 100.0)
LEAN_PER_KNEE: Final = 0.55  # of the trunk for the knee's bend: what keeps the body over the foot
STEP_DEG: Final = (10.0, 40.0)
REPETITION_FRAMES: Final = 15
LOWEST_HIPS_DEG: Final = 60.0  # bent more, the hips rest on the floor


def muscles_of_exercise(
    seen: Analysis | Examined,
    *,
    height_m: float | None = None,
    mass_kg: float | None = None,
    band_n: float | None = None,
) -> Effort:
    """How hard the muscles worked in a bridge or a monster walk that was analysed.

    Of a bridge, the numbers are those of the tops of all complete repetitions; where the motion is at hand
    (`Examined`), the frames follow one repetition from the floor to the floor. Of a monster walk there is one posture
    for each leg that stands, from the medians of all steps.

    Parameters
    ----------
    seen : Analysis or Examined
    height_m, mass_kg : float, optional
        Of the athlete; those of the analysis when left out.
    band_n : float, optional
        Tension of the band.

    Raises
    ------
    HipdriveError
        When it is neither exercise, or nothing of it can be used.
    """
    analysis = seen if isinstance(seen, Analysis) else seen.analysis
    said = analysis.provenance.get("settings", {})
    given = {"height_m": height_m or said.get("height_m"), "mass_kg": mass_kg or said.get("mass_kg")}
    _check_plausible(given | {"band_n": band_n})
    settings = ModelSettings(given["height_m"] or USUAL_HEIGHT_M, given["mass_kg"] or USUAL_MASS_KG)
    warnings = []
    if None in given.values():
        text = (
            f"Height or mass were not given: {settings.height_m:g} m and {settings.mass_kg:g} kg are taken. "
            "The shares of the maximum hardly depend on it."
        )
        warnings.append(Warning_("usual_body", text))
    if analysis.movement.id == "glute_bridge":
        return _muscles_of_bridge(seen, analysis, settings, warnings)
    if analysis.movement.id == "monster_walk":
        return _muscles_of_walk(analysis, settings, warnings, band_n)
    raise HipdriveError(
        f"this is {analysis.movement.id.replace('_', ' ')}, not a bridge or a monster walk: take a clip of one of these"
    )


def _cue(repetition: JudgedRepetition, cue: str) -> tuple[float | None, float | None]:
    """Value and error of a cue; None where it was not measured."""
    judged = repetition.cues.get(cue)
    return (judged.value, judged.error) if judged else (None, None)


def _muscles_of_bridge(
    seen: Analysis | Examined, analysis: Analysis, settings: ModelSettings, warnings: list[Warning_]
) -> Effort:
    tops, doubts, times_s, knees_seen = [], [], [], []
    for repetition in analysis.complete_repetitions:
        line_deg, line_error_deg = _cue(repetition, "straight_line")
        shin_deg, _ = _cue(repetition, "shin_upright")
        if line_deg is None:
            continue
        hips_deg = float(np.clip(180 - line_deg, *PLAUSIBLE["hips_deg"][:2]))
        knee_deg = USUAL_KNEE_DEG if shin_deg is None else _knee_of_shin(hips_deg, shin_deg)
        single_leg = repetition.side in SIDES
        top = GluteBridge(hips_deg, knee_deg, single_leg, _side(repetition.side) if single_leg else "right")
        knee_error_deg = USUAL_KNEE_ERROR_DEG if shin_deg is not None else max(UNSEEN_KNEES_DEG) - USUAL_KNEE_DEG
        knees_seen.append(shin_deg is not None)
        tops.append(top)
        doubts.append(_doubts_of_bridge(top, line_error_deg or USUAL_LINE_ERROR_DEG, knee_error_deg))
        times_s.append((repetition.top_start_s + repetition.top_end_s) / 2)
    if not tops:
        raise HipdriveError(
            "no complete bridge shows its hip line: film one from the side, from the floor to the floor"
        )
    if not all(knees_seen):
        text = (
            f"The bend of the knees is not seen in every repetition; there it is taken to be {USUAL_KNEE_DEG:.0f} deg."
        )
        warnings.append(Warning_("knees_not_seen", text))
    told = [True] * len(tops)
    if not isinstance(seen, Analysis):
        for time_s, posture in _through_repetition(seen, tops, times_s):
            tops.append(posture)
            doubts.append(())
            times_s.append(time_s)
            told.append(False)
    order = np.argsort(times_s, kind="stable")
    return effort_of(
        [tops[of] for of in order],
        settings,
        source=f"{analysis.source.name}: glute bridge",
        time_s=np.array(times_s)[order],
        doubts=[doubts[of] for of in order],
        told=[told[of] for of in order],
        warnings=warnings,
    )


def _side(side: str | None) -> Side:
    return "left" if side == "left" else "right"


def _doubts_of_bridge(top: GluteBridge, hips_error_deg: float, knee_error_deg: float) -> tuple[GluteBridge, ...]:
    """What the top may have been as well: one error more and less of hips and knees."""
    found = []
    for sign in (-1, 1):
        hips_deg = float(np.clip(top.hips_deg + sign * hips_error_deg, *PLAUSIBLE["hips_deg"][:2]))
        knees_deg = float(np.clip(top.knees_deg + sign * knee_error_deg, LEAST_BRIDGE_KNEE_DEG, KNEE_MOST_DEG))
        found += [replace(top, hips_deg=hips_deg), replace(top, knees_deg=knees_deg)]
    return tuple(found)


LEAST_BRIDGE_KNEE_DEG: Final = 50.0  # with straighter knees the model's feet do not lie flat


def _knee_of_shin(hips_deg: float, shin_deg: float) -> float:
    """Bend of the knees of who lies with shoulders and ankles equally high over the floor.

    The trunk rises at an angle p, the thigh at p + hips, and the shank comes down to the ankle.
    """
    from scipy.optimize import brentq

    from hipdrive.muscles.model import SEGMENT_LENGTHS_M

    trunk, thigh, shank = (SEGMENT_LENGTHS_M[name] for name in ("torso", "femur", "tibia"))
    hips, shin = np.radians([hips_deg, shin_deg])

    def too_high(rise: float) -> float:
        return float(trunk * np.sin(rise) + thigh * np.sin(rise + hips) - shank * np.cos(shin))

    lowest, highest = -np.pi / 4, np.pi / 3
    if too_high(lowest) * too_high(highest) > 0:
        return USUAL_KNEE_DEG
    rise_deg = np.degrees(brentq(too_high, lowest, highest))
    return float(np.clip(rise_deg + hips_deg + 90 + shin_deg, LEAST_BRIDGE_KNEE_DEG, KNEE_MOST_DEG))


def _through_repetition(
    seen: Examined, tops: Sequence[GluteBridge], times_s: Sequence[float]
) -> list[tuple[float, GluteBridge]]:
    """Follow the repetition with the most usual top from the floor to the floor, at even times."""
    from hipdrive.motion.geometry import angle_deg
    from hipdrive.movements.glute_bridge import BridgeSet

    bridge = seen.prepared
    if not isinstance(bridge, BridgeSet):
        return []
    hips_deg = [top.hips_deg for top in tops]
    usual = int(np.argmin(np.abs(np.array(hips_deg) - np.median(hips_deg))))
    (repetition,) = [each for each in bridge.repetitions if each.start_s <= times_s[usual] <= each.end_s][:1]
    side = bridge.measured_side(repetition)
    line_deg = bridge.hip_line_deg(side)
    bend_deg = 180 - angle_deg(*(bridge.point(f"{side}_{joint}") for joint in ("hip", "knee", "ankle")))
    known = np.isfinite(line_deg) & np.isfinite(bend_deg)
    found = []
    for time_s in np.linspace(repetition.start_s, repetition.end_s, REPETITION_FRAMES):
        hips = 180 - float(np.interp(time_s, bridge.time_s[known], line_deg[known]))
        knees = float(np.interp(time_s, bridge.time_s[known], bend_deg[known]))
        if hips > LOWEST_HIPS_DEG or not LEAST_BRIDGE_KNEE_DEG <= knees <= KNEE_MOST_DEG:
            continue  # hips on the floor, or landmarks that are wrong
        hips = max(hips, PLAUSIBLE["hips_deg"][0])
        found.append((float(time_s), replace(tops[usual], hips_deg=hips, knees_deg=knees)))
    return found


def _muscles_of_walk(
    analysis: Analysis, settings: ModelSettings, warnings: list[Warning_], band_n: float | None
) -> Effort:
    steps = analysis.complete_repetitions
    bends = [(value, error) for value, error in (_cue(step, "knees_bent") for step in steps) if value is not None]
    if not bends:
        raise HipdriveError(
            "no complete step shows how far the knees are bent: film the walk from the front, feet in sight"
        )
    knees_deg = float(np.clip(np.median([value for value, _ in bends]), 0, KNEE_VALID_DEG))
    error_deg = float(np.median([error or USUAL_KNEE_ERROR_DEG for _, error in bends]))
    sizes = [value for value, _ in (_cue(step, "step_size") for step in steps) if value is not None]
    step_deg = float(np.clip(np.degrees(np.arcsin(min(np.median(sizes), 0.9))), *STEP_DEG)) if sizes else 20.0
    walks, doubts = [], []
    for side in SIDES:
        walk = MonsterWalk(
            knees_deg, LEAN_PER_KNEE * knees_deg, step_deg, USUAL_BAND_N if band_n is None else band_n, side=side
        )
        others = [_bent(walk, max(knees_deg + sign * error_deg, 0.0)) for sign in (-1, 1)]
        if band_n is None:
            others += [replace(walk, band_n=other_n) for other_n in UNSEEN_BANDS_N]
        walks.append(walk)
        doubts.append(others)
    text = (
        f"Not seen from the front, and taken as usual: the trunk leans {walks[0].lean_deg:.0f} deg forward"
        + ("" if band_n is not None else f"; the band pulls with {USUAL_BAND_N:.0f} N, just above the knees")
        + ". The numbers are those of a leg while it stands and the other one moves."
    )
    return effort_of(
        walks,
        settings,
        source=f"{analysis.source.name}: monster walk",
        doubts=doubts,
        warnings=[*warnings, Warning_("band_not_seen", text)],
    )


def _bent(walk: MonsterWalk, knees_deg: float) -> MonsterWalk:
    knees_deg = min(knees_deg, KNEE_VALID_DEG)
    return replace(walk, knees_deg=knees_deg, lean_deg=LEAN_PER_KNEE * knees_deg)
