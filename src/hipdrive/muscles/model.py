"""The legs, trunk and muscles of one athlete: MyoLegs, repaired where it is faulty and scaled to the athlete's size.

The world of the model and the frames of its bodies are those of OpenSim: x forwards, y up, z to the athlete's right,
in metres. Its pose is twenty numbers, named in `COORDINATES`; knee and kneecap follow from the knee angle.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from hipdrive.errors import HipdriveError
from hipdrive.muscles.curves import MuscleTable, muscle_table
from hipdrive.muscles.results import MUSCLE_GROUPS, Array, ModelSettings, Side

PELVIS: Final = ("pelvis_tx", "pelvis_ty", "pelvis_tz", "pelvis_tilt", "pelvis_list", "pelvis_rotation")
"""Where the pelvis is, in metres, and its turns about z, then x, then y, in radians (leaning back is positive tilt)."""

LEG: Final = (
    "hip_flexion",
    "hip_adduction",
    "hip_rotation",
    "knee_angle",
    "ankle_angle",
    "subtalar_angle",
    "mtp_angle",
)
"""The joints of a leg, in radians; flexion, adduction, inward rotation and toes up are positive."""

COORDINATES: Final = (*PELVIS, *(f"{joint}_{side}" for side in "rl" for joint in LEG))
"""What a pose is given by, in order. Forces of the pelvis coordinates are in N, all others in Nm."""

GRAVITY_M_PER_S2: Final = 9.80665

MODEL_HEIGHT_M: Final = 1.70
"""The person the legs were measured for (Rajagopal et al. 2016); the bones of MyoLegs stand 1.69 m tall."""

MOST_KNEE_DEG: Final = 105.0
"""Beyond, with the hip straight, the stretched front of the thigh resists absurdly: 48 Nm here, 119 Nm at 120 deg."""

SEGMENTS: Final[dict[str, tuple[str, ...]]] = {
    "pelvis": ("pelvis",),
    "femur": ("femur", "patella"),
    "tibia": ("tibia",),
    "foot": ("talus", "calcn", "toes"),
}
"""Beginnings of the names of the bodies that are scaled together; all others are the torso."""

SEGMENT_LENGTHS_M: Final[dict[str, float]] = {"pelvis": 0.1545, "femur": 0.4045, "tibia": 0.4001, "torso": 0.5331}
"""Of the model as it comes: between the hips, hip to knee, knee to ankle, and the middle of the hips to that of the
shoulders (joints of model Rajagopal2016)."""


@dataclass(frozen=True)
class _Lump:
    """Mass of a part that MyoLegs lacks or has wrong; centre in the frame of the pelvis, inertia about it in kg m2."""

    mass_kg: float
    centre_m: tuple[float, float, float]
    inertia: tuple[float, float, float]


TRUNK: Final = _Lump(26.8266, (-0.1307, 0.4015, 0.0), (1.4745, 0.7555, 1.4314))
"""Torso and head of model Rajagopal2016. MyoLegs has its trunk's centre of mass 0.15 m lower, and no arms."""

ARM: Final = _Lump(3.705, (-0.0145, 0.234, 0.170), (0.028, 0.042, 0.066))
"""Right arm of model Rajagopal2016, upper arm hanging and elbow bent at a right angle, in one piece."""

REPAIRED_PATHS: Final[dict[str, tuple[str, ...]]] = {
    "glmax1": ("Gmax1_at_pelvis_wrap", "Gmax1_at_pelvis_site_glmax1"),
    "glmax2": ("Gmax2_at_pelvis_wrap", "Gmax2_at_pelvis_site_glmax2"),
    "psoas": ("PS_at_brim_wrap", "PS_at_brim_site_psoas"),
}
"""Muscles whose wrapping round the pelvis is commented out in MyoLegs ("to prevent jumps"), with the cylinder and the
site on the side where the muscle passes, which are still in the file. Without them the arm of gluteus maximus falls to
nothing in deep hip flexion, where it is 26 mm."""

BRIM_LENGTH_M: Final = 0.10
"""Of the cylinders at the brim of the pelvis in model Rajagopal2016; MyoLegs has spheres in their place."""

KNEE_SLIDES: Final[dict[str, tuple[float, ...]]] = {
    "knee_angle_translation1": (-3e-6, -0.005431, -0.003854, 0.002559, -0.000242),
    "knee_angle_translation2": (0.0, 0.008907, -0.006497, 0.000238, 0.000196),
}
"""How far the shank slides on the femur with the knee angle, m by rad: fitted to model Rajagopal2016, 0 to 120 deg,
to 0.01 mm. With MyoLegs' own numbers the bent shank is 14 mm off, and hamstrings 9 mm longer or shorter."""


@dataclass(frozen=True)
class MuscleModel:
    """One athlete, ready to be posed.

    Attributes
    ----------
    mj : mujoco.MjModel
        With more joints than `COORDINATES`: the coupled ones of the knee are in `coupling`.
    muscles : tuple of str
        Names such as ``glmax1_r``; every array over muscles is in this order.
    table : MuscleTable
        Forces and lengths of the muscles, scaled.
    address : ndarray of int, shape (20,)
        Where each of `COORDINATES` stands among the joints of `mj`.
    coupling : tuple of Coupling
    """

    mj: Any
    settings: ModelSettings
    muscles: tuple[str, ...]
    table: MuscleTable
    address: np.ndarray
    coupling: tuple[Coupling, ...]

    @property
    def mass_kg(self) -> float:
        """Of the whole body that the model carries; less than the athlete's without arms."""
        return float(self.mj.body_mass.sum())

    def body(self, name: str) -> int:
        """Index of a body such as ``calcn_r`` or ``pelvis``."""
        return int(self.mj.body(name).id)

    def of_group(self, group: str, side: Side) -> np.ndarray:
        """Indices of the muscles of a group of `MUSCLE_GROUPS`, shape (n_paths,)."""
        return np.array([self.muscles.index(f"{stem}_{side[0]}") for stem in MUSCLE_GROUPS[group]])

    def group_share(self, values: Array, group: str, side: Side) -> Array:
        """Mean of a muscle quantity over a group, each path by its strength; values (..., n_muscles) to (...)."""
        paths = self.of_group(group, side)
        return np.asarray(np.average(values[..., paths], axis=-1, weights=self.table.max_force_n[paths]))


@dataclass(frozen=True)
class Coupling:
    """A joint that follows another: its value is a polynomial of it, lowest power first."""

    joint: int
    coordinate: int
    polynomial: np.ndarray


def coordinate(name: str) -> int:
    """Index of a coordinate."""
    return COORDINATES.index(name)


def scale_from_lengths(lengths_m: Mapping[str, float]) -> dict[str, float]:
    """Turn lengths seen on the athlete, by the keys of `SEGMENT_LENGTHS_M`, into `ModelSettings.segment_scale`."""
    return {name: length_m / SEGMENT_LENGTHS_M[name] for name, length_m in lengths_m.items() if np.isfinite(length_m)}


def load_model(settings: ModelSettings | None = None, *, arms: bool = True) -> MuscleModel:
    """Load MyoLegs, repair it, and scale it to an athlete. Takes about two seconds.

    Parameters
    ----------
    settings
        Who; without it, the person the model was measured on.
    arms
        Whether the trunk carries the arms. Arms that lie on the floor are carried by it.
    """
    settings = settings or ModelSettings(height_m=MODEL_HEIGHT_M, mass_kg=75.0)
    _check(settings)
    mujoco, myo_sim = _packages()
    with _quiet(mujoco):
        spec = myo_sim.load_spec("myolegs")
        _repair_paths(mujoco, spec)
        _free_pelvis(mujoco, spec)
        _weigh_trunk(spec)
        original = spec.compile()
        _scale(spec, original, settings, arms=arms)
        scaled = spec.compile()
    for model in (original, scaled):
        model.dof_armature[:] = 0.0  # MyoLegs' rotors, there for learning to walk, are no part of a body
        model.opt.disableflags |= int(mujoco.mjtDisableBit.mjDSBL_CONTACT)
        model.opt.gravity[:] = 0.0, -GRAVITY_M_PER_S2, 0.0
    _repair_knee(original, femur_scale=1.0)
    _repair_knee(scaled, femur_scale=_scale_of("femur", settings))
    muscles = tuple(scaled.actuator(i).name for i in range(scaled.nu))
    stems = [muscle.removesuffix("_r").removesuffix("_l") for muscle in muscles]
    before, after = (
        MuscleModel(model, settings, muscles, muscle_table(stems), *_coordinates(model)) for model in (original, scaled)
    )
    table = muscle_table(
        stems,
        settings.architecture,
        mass_kg=settings.mass_kg,
        path_scale=_neutral_lengths(after) / _neutral_lengths(before),
        strength=settings.strength,
    )
    return replace(after, table=table)


def _check(settings: ModelSettings) -> None:
    if not 1.0 <= settings.height_m <= 2.5:
        raise HipdriveError(f"A height of {settings.height_m:g} m is not a person's: give it in metres, as in 1.78.")
    if not 20.0 <= settings.mass_kg <= 250.0:
        raise HipdriveError(f"A mass of {settings.mass_kg:g} kg is not a person's: give it in kilograms, as in 65.9.")
    known = {*SEGMENTS, "torso"}
    for name, factor in settings.segment_scale.items():
        if name not in known:
            raise HipdriveError(f"There is no segment '{name}': the segments are {', '.join(sorted(known))}.")
        if not 0.5 <= factor <= 2.0:
            raise HipdriveError(f"A {name} {factor:.2f} times as long as usual is no person's: check the lengths.")


def _packages() -> tuple[Any, Any]:
    try:
        import mujoco
        import myo_sim
    except ImportError as missing:
        raise HipdriveError(
            "The bones and muscles are not installed: run pip install 'hipdrive[muscles]' once."
        ) from missing
    return mujoco, myo_sim


@contextmanager
def _quiet(mujoco: Any) -> Iterator[None]:
    """MyoLegs is put together of parts without prefix, which MuJoCo warns about, on a terminal and in a log file."""
    before = mujoco.get_mju_user_warning()
    mujoco.set_mju_user_warning(lambda _: None)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        mujoco.set_mju_user_warning(before)


def _repair_paths(mujoco: Any, spec: Any) -> None:
    for side in "rl":
        for muscle, (cylinder, way) in REPAIRED_PATHS.items():
            tendon = spec.add_tendon(name=f"{muscle}_{side}_wrapped")
            tendon.limited = 0
            tendon.wrap_site(f"{muscle}-P1_{side}")
            tendon.wrap_site(f"{muscle}-P2_{side}")
            tendon.wrap_geom(f"{cylinder}_{side}", f"{way}_{side}")
            tendon.wrap_site(f"{muscle}-P3_{side}")
            tendon.wrap_site(f"{muscle}-P4_{side}")
            spec.delete(spec.tendon(spec.actuator(f"{muscle}_{side}").target))
            spec.actuator(f"{muscle}_{side}").target = tendon.name
        for brim in ("PS_at_brim_wrap", "IL_at_brim_wrap"):
            geom = spec.geom(f"{brim}_{side}")
            geom.type, geom.size = mujoco.mjtGeom.mjGEOM_CYLINDER, (geom.size[0], BRIM_LENGTH_M / 2, 0.0)


TO_MYOLEGS: Final = np.array([[0.0, 0.0, -1.0], [-1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
"""Turns a direction (forwards, up, right) into the frame that MyoLegs stands in (left, back, up)."""


def _free_pelvis(mujoco: Any, spec: Any) -> None:
    """Put six joints in the place of the free one, so that a pose is angles and its rate their derivatives."""
    root = spec.body("Full Body")
    spec.delete(root.joints[0])
    root.pos = np.zeros(3)
    quaternion = np.zeros(4)
    mujoco.mju_mat2Quat(quaternion, TO_MYOLEGS.T.ravel())
    root.quat = quaternion
    slide, hinge = mujoco.mjtJoint.mjJNT_SLIDE, mujoco.mjtJoint.mjJNT_HINGE
    kinds = (slide, slide, slide, hinge, hinge, hinge)
    for name, kind, axis in zip(PELVIS, kinds, (0, 1, 2, 2, 0, 1), strict=True):
        root.add_joint(name=name, type=kind, axis=TO_MYOLEGS[:, axis])


def _segment(body: str) -> str:
    for segment, beginnings in SEGMENTS.items():
        if body.startswith(beginnings):
            return segment
    return "torso"


def _weigh_trunk(spec: Any) -> None:
    """Give the trunk the mass of `TRUNK` and `ARM`: one lump on the body at the pelvis, none on its other pieces."""
    pieces = [
        body for body in spec.bodies if body.name not in ("world", "Full Body") and _segment(body.name) == "torso"
    ]
    for body in pieces:
        _weigh(body, 0.0, np.zeros(3), np.zeros(3))
    base = spec.body("sacrum")
    _weigh(base, TRUNK.mass_kg, np.array(TRUNK.centre_m), np.array(TRUNK.inertia))
    for side, sign in (("r", 1.0), ("l", -1.0)):
        centre = np.array(ARM.centre_m) * (1.0, 1.0, sign)
        _weigh(base.add_body(name=f"arm_{side}"), ARM.mass_kg, centre, np.array(ARM.inertia))


def _weigh(body: Any, mass_kg: float, centre_m: Array, inertia: Array, turn: Sequence[float] = (1, 0, 0, 0)) -> None:
    body.explicitinertial = True
    body.mass, body.ipos, body.inertia, body.iquat = mass_kg, centre_m, inertia, turn
    body.fullinertia = np.full(6, np.nan)  # not given


def _scale_of(segment: str, settings: ModelSettings) -> float:
    return settings.segment_scale.get(segment, settings.height_m / MODEL_HEIGHT_M)


def _scale(spec: Any, original: Any, settings: ModelSettings, *, arms: bool) -> None:
    """Lengths by segment; masses all by the same factor, so that the whole weighs what the athlete does."""
    lighter = settings.mass_kg / float(original.body_mass.sum())
    scaled_meshes = set()
    for body in spec.bodies:
        if body.name == "world":
            continue
        longer = _scale_of(_segment(body.name), settings)
        above = body.parent.name
        body.pos = np.array(body.pos) * (1.0 if above == "world" else _scale_of(_segment(above), settings))
        for part in (*body.sites, *body.joints):
            part.pos = np.array(part.pos) * longer
        for geom in body.geoms:
            geom.pos, geom.size = np.array(geom.pos) * longer, np.array(geom.size) * longer
            if geom.meshname and geom.meshname not in scaled_meshes:
                mesh = spec.mesh(geom.meshname)
                mesh.scale = np.array(mesh.scale) * longer
                scaled_meshes.add(geom.meshname)
        was = original.body(body.name)
        carried = 0.0 if body.name.startswith("arm_") and not arms else 1.0
        heavier = lighter * carried
        _weigh(body, was.mass[0] * heavier, was.ipos * longer, was.inertia * heavier * longer**2, was.iquat)


def _repair_knee(model: Any, *, femur_scale: float) -> None:
    """Let shank and kneecap slide on the femur as they do; in metres, which grow with it."""
    for i in range(model.neq):
        slide = model.joint(model.eq_obj1id[i]).name
        if slide[:-2] in KNEE_SLIDES:
            model.eq_data[i, :5] = KNEE_SLIDES[slide[:-2]]
        if "translation" in slide:
            model.eq_data[i, :5] *= femur_scale


def _coordinates(model: Any) -> tuple[np.ndarray, tuple[Coupling, ...]]:
    address = np.array([model.joint(name).dofadr[0] for name in COORDINATES])
    couplings = tuple(
        Coupling(
            joint=int(model.jnt_dofadr[model.eq_obj1id[i]]),
            coordinate=COORDINATES.index(model.joint(model.eq_obj2id[i]).name),
            polynomial=model.eq_data[i, :5].copy(),
        )
        for i in range(model.neq)
    )
    if len(address) + len(couplings) != model.nv:
        raise HipdriveError("These are not the legs hipdrive knows: install myo-sim 0.2.3.")
    return address, couplings


def _neutral_lengths(model: MuscleModel) -> Array:
    """Of the muscle paths in an upright stand, shape (n_muscles,)."""
    from hipdrive.muscles.geometry import pose_geometry

    return np.asarray(pose_geometry(model, np.zeros((1, len(COORDINATES)))).length_m[0])
