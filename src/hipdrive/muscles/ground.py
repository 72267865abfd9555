"""What the ground does to the feet: from force plates, or without them from the motion of a run.

Axes are x forward, y up, z right. A runner stands on one foot at a time, so the force on this foot is all that moves
the centre of mass. Without plates it is made of what is sure: over a step the ground carries the body's weight; the
force rises and falls once in a contact; and it points from under the foot roughly at the centre of mass, or the runner
would topple. On fourteen strides of a runner over plates that came within 0.05 of body weight fore-aft, 0.10 upwards,
0.03 sideways (RMS). What is left is most at the hip, where the gluteus maximus comes out about 15 % low.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hipdrive.errors import HipdriveError
from hipdrive.motion.mot import Table
from hipdrive.movements.stride import Stride
from hipdrive.muscles.results import Side

Array = NDArray[np.float64]

SIDES: Final[tuple[Side, Side]] = ("left", "right")
GRAVITY_M_PER_S2: Final = 9.80665
LOADED_BW: Final = 0.05  # a plate that feels less is empty: 5 % of body weight is above the noise of a treadmill

# Harmonics of the contact that the motion tells of; higher ones are the trembling of skin and picture.
HARMONICS: Final = 3

# Centre of pressure of a running stance in shares of the contact, and how far before the back of the heel bone in
# shares of the length from there to the joint of the toes (0.197 m for this runner): mean of fourteen strides over
# plates. Taken from one foot and used for the other it gives the same muscle forces (r >= 0.99).
PRESSURE_AT: Final = (0.1, 0.3, 0.5, 0.7, 0.9)
PRESSURE_FOOT: Final = tuple(forward_m / 0.197 for forward_m in (0.02, 0.11, 0.176, 0.21, 0.235))

# Shares of body mass and where the centre of a segment lies between its ends: de Leva 1996 (J Biomech 29:1223), mean
# of women and men. The trunk is from mid shoulder to mid hip, the head from there to the ears, an arm without the hand
# reaches to the wrist with the hand's mass added to it, a foot is from heel to toe.
SEGMENTS: Final[tuple[tuple[str, str, float, float], ...]] = (
    ("mid_shoulder", "mid_hip", 0.430, 0.43),
    ("mid_shoulder", "mid_ear", 0.068, 0.80),
    *(
        segment
        for side in SIDES
        for segment in (
            (f"{side}_shoulder", f"{side}_elbow", 0.0263, 0.58),
            (f"{side}_elbow", f"{side}_wrist", 0.0150 + 0.0059, 0.59),
            (f"{side}_hip", f"{side}_knee", 0.1447, 0.385),
            (f"{side}_knee", f"{side}_ankle", 0.0457, 0.44),
            (f"{side}_heel", f"{side}_foot_index", 0.0133, 0.42),
        )
    ),
)


@dataclass(frozen=True)
class Contact:
    """One foot on the ground.

    Attributes
    ----------
    step_s : float
        From this contact to the next one of either foot.
    """

    side: Side
    start_s: float
    end_s: float
    step_s: float


@dataclass(frozen=True, eq=False)
class Ground:
    """Forces on the left and the right foot.

    Attributes
    ----------
    force_n, place_m : ndarray, shape (n_frames, 2, 3)
        Force, and the centre of pressure; both zero where the foot is in the air.
    twist_nm : ndarray, shape (n_frames, 2)
        Moment about the vertical through the centre of pressure.
    contacts : tuple of Contact
        Whole ones.
    measured : bool
        By force plates.
    """

    force_n: Array
    place_m: Array
    twist_nm: Array
    contacts: tuple[Contact, ...]
    measured: bool

    def loaded(self, foot: int) -> NDArray[np.bool_]:
        """Frames in which a foot (0 left, 1 right) stands in a whole contact, shape (n_frames,)."""
        return self.force_n[:, foot, 1] > 0


@dataclass(frozen=True, eq=False)
class Feet:
    """How the heel bones move, left and right.

    Attributes
    ----------
    place_m : ndarray, shape (n_frames, 2, 3)
        Back end of the heel bone under the ankle, on the sole.
    forward : ndarray, shape (n_frames, 2, 3)
        Unit vectors along the sole.
    length_m : float
        From there to the joint of the toes.
    """

    place_m: Array
    forward: Array
    length_m: float

    def pressed_at(self, foot: int, phase: Array) -> Array:
        """Usual centre of pressure at shares of the contact, in every frame, shape (n_frames, 3)."""
        ahead_m = self.length_m * np.interp(phase, PRESSURE_AT, PRESSURE_FOOT)
        return np.asarray(self.place_m[:, foot] + self.forward[:, foot] * ahead_m[:, None])


def centre_of_mass(points: Mapping[str, Array]) -> Array:
    """Centre of mass of the body from its joints, shape (n_frames, 3).

    Segments that are not seen are left out, and the rest counts for the whole.

    Parameters
    ----------
    points : mapping of str to ndarray, shape (n_frames, 3)
        By the names of keypoints; hips and shoulders at least.
    """
    ends = dict(points)
    for joint in ("shoulder", "hip", "ear"):
        if {f"left_{joint}", f"right_{joint}"} <= points.keys():
            ends[f"mid_{joint}"] = (points[f"left_{joint}"] + points[f"right_{joint}"]) / 2
    seen = [segment for segment in SEGMENTS if segment[0] in ends and segment[1] in ends]
    share = sum(mass for _, _, mass, _ in seen)
    if share < 0.5:
        raise HipdriveError("hips, knees and shoulders are not seen in space: the body's centre of mass is not known")
    return np.asarray(sum(mass * (ends[a] + at * (ends[b] - ends[a])) for a, b, mass, at in seen) / share)


def contacts_of(strides: Iterable[Stride]) -> tuple[Contact, ...]:
    """Contacts of both feet in order of time; those whose end is not seen, or that overlap another, are left out."""
    ordered = sorted((stride for stride in strides if stride.toe_off_s > stride.contact_s), key=lambda s: s.contact_s)
    if len(ordered) < 2:
        return ()
    starts = sorted({stride.contact_s for stride in ordered} | {stride.next_contact_s for stride in ordered})
    usual_s = float(np.median([stride.length_s for stride in ordered])) / 2
    contacts = []
    for stride in ordered:
        following = [start - stride.contact_s for start in starts if 0.5 * usual_s < start - stride.contact_s]
        step_s = following[0] if following and following[0] < 1.5 * usual_s else usual_s
        if stride.contact_time_s <= step_s:  # both feet on the ground: a walk, whose force is not one foot's
            contacts.append(Contact(stride.side, stride.contact_s, stride.toe_off_s, step_s))
    return tuple(contacts)


def estimate_ground(
    time_s: Array,
    contacts: Sequence[Contact],
    centre_m: Array,
    feet: Feet,
    mass_kg: float,
    vertical_m_per_s2: Array | None = None,
) -> Ground:
    """Forces of a steady run without force plates.

    Parameters
    ----------
    time_s : ndarray, shape (n_frames,)
        Evenly spaced.
    contacts : sequence of Contact
    centre_m : ndarray, shape (n_frames, 3)
        Of mass.
    feet : Feet
    mass_kg : float
    vertical_m_per_s2 : ndarray, shape (n_frames,), optional
        Vertical acceleration of the centre of mass, where it is seen against the ground. Without it the force rises
        and falls as half a sine (Morin et al. 2005, J Appl Biomech 21:167).

    Returns
    -------
    Ground
    """
    n = len(time_s)
    force_n, place_m = np.zeros((n, 2, 3)), np.zeros((n, 2, 3))
    whole = tuple(contact for contact in contacts if contact.start_s >= time_s[0] and contact.end_s <= time_s[-1])
    for contact in whole:
        foot = SIDES.index(contact.side)
        phase = (time_s - contact.start_s) / (contact.end_s - contact.start_s)
        on = (phase > 0) & (phase < 1)
        if on.sum() <= HARMONICS:
            continue
        sine = np.sin(np.pi * phase[on])
        pressed = feet.pressed_at(foot, phase)[on]
        weight_n = mass_kg * GRAVITY_M_PER_S2
        upwards = np.zeros(0)
        if vertical_m_per_s2 is not None:
            upwards = mass_kg * (vertical_m_per_s2[on] + GRAVITY_M_PER_S2)
        vertical_n = _vertical(contact, phase[on], weight_n, upwards)
        to_centre = centre_m[on] - pressed
        horizontal = to_centre[:, [0, 2]] / to_centre[:, 1:2] * vertical_n[:, None]
        horizontal[:, 0] -= horizontal[:, 0].sum() / sine.sum() * sine  # at steady speed no step brakes or pushes
        force_n[on, foot] = np.stack([horizontal[:, 0], vertical_n, horizontal[:, 1]], axis=-1)
        place_m[on, foot] = pressed
    return Ground(force_n, place_m, np.zeros((n, 2)), whole, measured=False)


def _vertical(contact: Contact, phase: Array, weight_n: float, upwards_n: Array) -> Array:
    """Vertical force of one contact, whose impulse is that of body weight over the step [N]."""
    contact_s = contact.end_s - contact.start_s
    sine = weight_n * contact.step_s / contact_s * np.pi / 2 * np.sin(np.pi * phase)
    if not len(upwards_n):
        return np.asarray(sine)
    order = np.arange(1, HARMONICS + 1)
    waves = np.sin(np.pi * phase[:, None] * order)
    share = np.linalg.lstsq(waves, upwards_n, rcond=None)[0]
    impulse = contact_s * float(share @ ((1 - np.cos(np.pi * order)) / (np.pi * order)))
    if impulse <= 0:
        return np.asarray(sine)
    both = (sine + waves @ share) / 2
    both *= weight_n * contact.step_s / ((weight_n * contact.step_s + impulse) / 2)
    return np.asarray(np.maximum(both, 0.0))


# -- from force plates ------------------------------------------------------------------------------------------------


def ground_from_table(
    table: Table, time_s: Array, feet: Feet, mass_kg: float, to_body: Array, source: str = "the force file"
) -> Ground:
    """Forces from a MOT or STO file, given to the foot that stands on them.

    Parameters
    ----------
    table : Table
        With columns that end with vx, vy, vz (force), px, py, pz (centre of pressure) and, of the same plate,
        ``torque_x``, ``torque_y``, ``torque_z`` or ``mx``, ``my``, ``mz``, which may be absent.
    time_s : ndarray, shape (n_frames,)
    feet : Feet
    mass_kg : float
    to_body : ndarray, shape (3, 3)
        Turns the lab's axes to x forward, y up, z right.
    source : str
        Name of the file, for what goes wrong.

    Returns
    -------
    Ground

    Raises
    ------
    HipdriveError
        When there are no forces in it, or not of these instants, or nobody stands on them.
    """
    plates = [(prefix, _torque_columns(table, prefix)) for prefix in _plates(table)]
    if not plates:
        raise HipdriveError(
            f"{source} has no ground forces: columns such as ground_force_vx, ground_force_vy, ground_force_vz and "
            "ground_force_px, ground_force_py, ground_force_pz are needed"
        )
    inside = (time_s >= table.time_s[0]) & (time_s <= table.time_s[-1])
    if not inside.any():
        raise HipdriveError(
            f"{source} covers {table.time_s[0]:.1f} to {table.time_s[-1]:.1f} s, but the motion "
            f"{time_s[0]:.1f} to {time_s[-1]:.1f} s: give the forces of the same trial"
        )
    n = len(time_s)
    force_n, place_m, twist_nm = np.zeros((n, 2, 3)), np.zeros((n, 2, 3)), np.zeros((n, 2))
    for prefix, torque in plates:
        force, place = (_columns(table, [f"{prefix}{kind}{axis}" for axis in "xyz"]) @ to_body.T for kind in "vp")
        twist = _columns(table, torque) @ to_body.T if torque else np.zeros_like(force)
        force, twist = (_between(table.time_s, path, time_s) for path in (force, twist))
        place = _held(table.time_s, place, _loaded(force, mass_kg, time_s, table.time_s), time_s)
        for stance in _stretches(inside & (force[:, 1] > LOADED_BW * mass_kg * GRAVITY_M_PER_S2)):
            foot = _nearest_foot(feet, place, stance)
            force_n[stance, foot] += force[stance]
            place_m[stance, foot] = place[stance]
            twist_nm[stance, foot] += twist[stance, 1]
    if not (force_n[..., 1] > 0).any():
        raise HipdriveError(
            f"nobody stands on the plates of {source} while the motion lasts: "
            "forces must be in newtons, upwards positive, in the axes of the markers"
        )
    return Ground(force_n, place_m, twist_nm, _contacts_by_force(force_n, time_s), measured=True)


def _plates(table: Table) -> list[str]:
    """What the columns of each plate begin with."""
    prefixes = [label[:-2] for label in table.labels if label.endswith("vx")]
    needed = [f"{kind}{axis}" for kind in "vp" for axis in "xyz"]
    return [prefix for prefix in prefixes if all(f"{prefix}{end}" in table for end in needed)]


def _torque_columns(table: Table, prefix: str) -> list[str]:
    """Columns with the free moment of a plate; none when the file has none."""
    stem = re.sub(r"force_?$", "", prefix)
    named = ([f"{stem}torque_{axis}" for axis in "xyz"], [f"{prefix}m{axis}" for axis in "xyz"])
    return next((labels for labels in named if all(label in table for label in labels)), [])


def _columns(table: Table, labels: Sequence[str]) -> Array:
    return np.nan_to_num(np.stack([table[label] for label in labels], axis=-1))


def _between(table_s: Array, path: Array, time_s: Array) -> Array:
    """Values at other instants, on a spline: a straight line through 60 forces a second is wrong by 2 Nm."""
    from scipy.interpolate import CubicSpline

    return np.asarray(CubicSpline(table_s, path, bc_type="natural")(np.clip(time_s, table_s[0], table_s[-1])))


def _loaded(force: Array, mass_kg: float, time_s: Array, table_s: Array) -> NDArray[np.bool_]:
    """Rows of the table in which the plate feels somebody."""
    return np.interp(table_s, time_s, force[:, 1]) > LOADED_BW * mass_kg * GRAVITY_M_PER_S2


def _held(table_s: Array, place: Array, loaded: NDArray[np.bool_], time_s: Array) -> Array:
    """Centre of pressure between the rows in which there is one: plates write zeros where nobody stands."""
    if not loaded.any():
        return np.zeros((len(time_s), 3))
    return np.stack([np.interp(time_s, table_s[loaded], place[loaded, axis]) for axis in range(3)], axis=-1)


def _stretches(on: NDArray[np.bool_]) -> list[slice]:
    edges = np.flatnonzero(np.diff(np.r_[False, on, False].astype(int)))
    return [slice(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _nearest_foot(feet: Feet, place: Array, stance: slice) -> int:
    middle = feet.place_m + 0.5 * feet.length_m * feet.forward
    away = [float(np.median(np.linalg.norm(place[stance] - middle[stance, foot], axis=-1))) for foot in (0, 1)]
    return int(np.argmin(away))


def _contacts_by_force(force_n: Array, time_s: Array) -> tuple[Contact, ...]:
    """Contacts that begin and end within the time."""
    last = len(time_s) - 1
    found = sorted(
        (float(time_s[stance.start]), float(time_s[stance.stop - 1]), side)
        for foot, side in enumerate(SIDES)
        for stance in _stretches(force_n[:, foot, 1] > 0)
        if stance.start > 0 and stance.stop <= last
    )
    starts = [start for start, _, _ in found]
    steps = np.diff(starts)
    usual_s = float(np.median(steps)) if len(steps) else float("nan")
    return tuple(
        Contact(side, start, end, float(steps[i]) if i < len(steps) else usual_s)
        for i, (start, end, side) in enumerate(found)
    )
