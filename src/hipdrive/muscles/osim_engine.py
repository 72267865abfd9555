"""Moves a model of ``osim``: where its bodies are, what its joints must do, how long its muscles are and how they pull.

Everything is computed for all frames at once. A *twist* is how a body moves with a coordinate: turn and shift
of the point that is at the ground's origin, six numbers about one common point, so that twists can be added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hipdrive.errors import HipdriveError
from hipdrive.motion.mot import Table
from hipdrive.muscles.osim import Axis, Muscle, OsimModel, PathPoint, simm_spline

Array = NDArray[np.float64]

MOTION_STEP_S: Final = 1e-5
"""How far the motion is followed each way to see how the twists change; exact to 1e-9 rad/s2 in running."""

RANGE_MARGIN: Final = 1e-5
"""By so much (rad) OpenSim widens the range of a conditional path point."""

LARGEST_ANGLE_RAD: Final = 7.0
"""A whole turn and more: no joint of the body gets there, but many in degrees do."""

SHORTEST_FIBRE: Final = 1e-6
"""Of the optimal length: keeps a fibre whose tendon would be longer than the path from having no length."""


@dataclass(frozen=True, eq=False)
class Motion:
    """Coordinates over time and how they change.

    Attributes
    ----------
    time_s : ndarray, shape (n_frames,)
    place, speed, acceleration : ndarray, shape (n_frames, n_coordinates)
        Radians or metres, per second, per second squared.
    """

    time_s: Array
    place: Array
    speed: Array
    acceleration: Array


@dataclass(frozen=True, eq=False)
class ExternalForce:
    """What the ground does to a body: force (n_frames, 3) N, at a point m, and a free moment Nm, in ground axes."""

    body: str
    force_n: Array
    point_m: Array
    moment_nm: Array


@dataclass(frozen=True, eq=False)
class Posture:
    """Where the bodies are.

    Attributes
    ----------
    turn : ndarray, shape (n_frames, n_bodies, 3, 3)
        From the axes of a body to those of the ground.
    origin_m : ndarray, shape (n_frames, n_bodies, 3)
    twist : ndarray, shape (n_frames, n_coordinates, 6)
        Turn and shift that a coordinate gives all bodies beyond it.
    """

    turn: Array
    origin_m: Array
    twist: Array


@dataclass(frozen=True, eq=False)
class MusclePaths:
    """How the muscles run.

    Attributes
    ----------
    length_m : ndarray, shape (n_frames, n_muscles)
        From origin to insertion.
    arm_m : ndarray, shape (n_frames, n_coordinates, n_muscles)
        Moment that one newton gives each coordinate: the fall of length with the coordinate.
    """

    length_m: Array
    arm_m: Array

    def speed_m_s(self, motion: Motion) -> Array:
        """How fast the muscles lengthen, shape (n_frames, n_muscles)."""
        speed: Array = -np.einsum("tcm,tc->tm", self.arm_m, motion.speed)
        return speed


# what is measured


def read_motion(table: Table, model: OsimModel, time_s: Array | None = None) -> Motion:
    """Put quintic splines through a table of coordinates, as OpenSim does.

    Parameters
    ----------
    table : Table
        Coordinates that it does not have are taken as 0.
    model : OsimModel
    time_s : ndarray, shape (n_frames,), optional
        Else the times of the table.

    Raises
    ------
    HipdriveError
        When the file says radians, but has degrees.
    """
    from scipy.interpolate import make_interp_spline

    place = np.zeros((len(table.time_s), len(model.coordinates)))
    for i, name in enumerate(model.coordinates):
        if name in table:
            place[:, i] = np.radians(table[name]) if table.in_degrees and model.is_angle[i] else table[name]
    if np.abs(place[:, model.is_angle]).max() > LARGEST_ANGLE_RAD:
        raise HipdriveError(f"{table.name} has degrees, but says radians: write inDegrees=yes in its header")
    spline = make_interp_spline(table.time_s, place, k=5)
    times = table.time_s if time_s is None else time_s
    return Motion(times, spline(times), spline(times, nu=1), spline(times, nu=2))


def read_external_forces(
    table: Table, prefixes: Mapping[str, tuple[str, str, str]], time_s: Array
) -> tuple[ExternalForce, ...]:
    """Take ground forces from a table at the times of a motion, along a spline.

    Parameters
    ----------
    table : Table
    prefixes : mapping of str to three str
        Body, and how its columns of force, point and free moment begin (``x``, ``y``, ``z`` follow).
    time_s : ndarray, shape (n_frames,)
        A straight line between samples of 60 Hz would cost 2 Nm at the hip.
    """

    def columns(prefix: str) -> Array:
        return np.stack([simm_spline(table.time_s, table[prefix + axis])(time_s)[0] for axis in "xyz"], axis=-1)

    return tuple(ExternalForce(body, *map(columns, own)) for body, own in prefixes.items())


# bodies


def posture(model: OsimModel, place: Array) -> Posture:
    """Place every body.

    Parameters
    ----------
    model : OsimModel
    place : ndarray, shape (n_frames, n_coordinates)
        Radians or metres.
    """
    n_frames = len(place)
    turn = np.tile(np.eye(3), (n_frames, len(model.bodies), 1, 1))
    origin = np.zeros((n_frames, len(model.bodies), 3))
    twist = np.zeros((n_frames, len(model.coordinates), 6))
    for joint in model.joints:
        parent, child = joint.parent, joint.child
        parent_turn = turn[:, parent.body]
        frame_turn = parent_turn @ parent.turn
        moved = origin[:, parent.body] + parent_turn @ parent.place_m
        for axis in joint.translations:
            shift, slope = _along(axis, place)
            direction = frame_turn @ axis.direction
            moved = moved + shift[:, None] * direction
            if axis.coordinate is not None:
                twist[:, axis.coordinate, 3:] += slope[:, None] * direction
        for axis in joint.rotations:
            angle, slope = _along(axis, place)
            if axis.coordinate is not None:
                about = slope[:, None] * (frame_turn @ axis.direction)
                twist[:, axis.coordinate, :3] += about
                twist[:, axis.coordinate, 3:] += np.cross(moved, about)
            frame_turn = frame_turn @ _turn_about(axis.direction, angle)
        turn[:, child.body] = frame_turn @ child.turn.T
        origin[:, child.body] = moved - turn[:, child.body] @ child.place_m
    return Posture(turn, origin, twist)


def _along(axis: Axis, place: Array) -> tuple[Array, Array]:
    """Angle or shift on an axis in every frame, and how it changes with its coordinate."""
    return axis.curve(np.zeros(len(place)) if axis.coordinate is None else place[:, axis.coordinate])


def _turn_about(direction: Array, angle_rad: Array) -> Array:
    """Rodrigues' formula, shape (n_frames, 3, 3)."""
    x, y, z = direction
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    sine, versine = np.sin(angle_rad)[:, None, None], (1 - np.cos(angle_rad))[:, None, None]
    turn: Array = np.eye(3) + sine * cross + versine * (cross @ cross)
    return turn


def inverse_dynamics(
    model: OsimModel, motion: Motion, forces: Sequence[ExternalForce] = (), at: Posture | None = None
) -> Array:
    """Moments (forces, for translations) at the coordinates that make the body move as it does.

    Parameters
    ----------
    model : OsimModel
    motion : Motion
    forces : sequence of ExternalForce
    at : Posture, optional
        Of the motion, when already computed.

    Returns
    -------
    ndarray, shape (n_frames, n_coordinates)
        Nm or N. Newton's and Euler's equations of every body, about the origin of the ground.
    """
    at = at or posture(model, motion.place)
    ahead, behind = (posture(model, motion.place + sign * MOTION_STEP_S * motion.speed).twist for sign in (1, -1))
    twist_rate = (ahead - behind) / (2 * MOTION_STEP_S)
    speed = at.twist * motion.speed[:, :, None]
    acceleration = at.twist * motion.acceleration[:, :, None] + twist_rate * motion.speed[:, :, None]
    moments = np.zeros_like(motion.place)
    for i, body in enumerate(model.bodies[1:], start=1):
        carried = model.is_carried[i]
        turning, shifting = np.split(speed[:, carried].sum(1), 2, axis=1)
        turning_rate, shifting_rate = np.split(acceleration[:, carried].sum(1), 2, axis=1)
        centre = at.origin_m[:, i] + at.turn[:, i] @ body.centre_m
        velocity = shifting + np.cross(turning, centre)
        centre_acceleration = shifting_rate + np.cross(turning_rate, centre) + np.cross(turning, velocity)
        inertia = at.turn[:, i] @ body.inertia_kgm2 @ at.turn[:, i].swapaxes(1, 2)
        spin = _apply(inertia, turning)
        force = body.mass_kg * (centre_acceleration - model.gravity_m_s2)
        moment = _apply(inertia, turning_rate) + np.cross(turning, spin) + np.cross(centre, force)
        for outer in forces:
            if outer.body == body.name:
                force = force - outer.force_n
                moment = moment - np.cross(outer.point_m, outer.force_n) - outer.moment_nm
        wrench = np.concatenate([moment, force], axis=1)
        moments[:, carried] += _apply(at.twist[:, carried], wrench)
    return moments


def _apply(matrices: Array, vectors: Array) -> Array:
    """Matrix times vector in every frame."""
    product: Array = (matrices @ vectors[:, :, None])[:, :, 0]
    return product


# muscles


@dataclass(frozen=True, eq=False)
class _Strand:
    """A straight piece of a muscle, from point ``start`` to ``end``; there while both are touched and none between."""

    start: int
    end: int
    skipped: tuple[int, ...]


class PathEngine:
    """Lengths and moment arms of all muscles of a model, with everything prepared that does not change."""

    def __init__(self, model: OsimModel) -> None:
        self.model = model
        self._points: list[PathPoint] = [point for muscle in model.muscles for point in muscle.points]
        self._strands: list[_Strand] = []
        self._first_strand: list[int] = []
        first_point = 0
        for muscle in model.muscles:
            self._first_strand.append(len(self._strands))
            self._strands += _strands(muscle, first_point)
            first_point += len(muscle.points)
        self._start = np.array([strand.start for strand in self._strands])
        self._end = np.array([strand.end for strand in self._strands])
        body = np.array([point.body for point in self._points])
        carried = model.is_carried.astype(float)
        # 1 where a coordinate moves the end of a strand but not its start, -1 the other way round
        opens = (carried[body[self._end]] - carried[body[self._start]]).T
        self._crossing = np.flatnonzero(opens.any(0))
        self._opens = opens[:, self._crossing]
        owner = np.array([self._muscle_of(int(start)) for start in self._start[self._crossing]], int)
        self._moved, self._first_crossing = np.unique(owner, return_index=True)
        self._on_body = {int(i): np.flatnonzero(body == i) for i in np.unique(body)}

    @cached_property
    def _place_m(self) -> Array:
        return np.array([point.place_m for point in self._points])

    def paths(self, place: Array, at: Posture | None = None) -> MusclePaths:
        """Lengths and moment arms.

        Parameters
        ----------
        place : ndarray, shape (n_frames, n_coordinates)
        at : Posture, optional
            Of these coordinates, when already computed.
        """
        at = at or posture(self.model, place)
        local = np.broadcast_to(self._place_m, (len(place), *self._place_m.shape)).copy()
        slides = [(i, point) for i, point in enumerate(self._points) if point.moves]
        for i, point in slides:
            for k, (coordinate, curve) in enumerate(point.moves):
                local[:, i, k] = curve(place[:, coordinate])[0]
        points = np.empty_like(local)
        for body, own in self._on_body.items():
            points[:, own] = local[:, own] @ at.turn[:, body].swapaxes(1, 2) + at.origin_m[:, body, None]

        way = points[:, self._end] - points[:, self._start]
        length = np.sqrt(np.einsum("tsk,tsk->ts", way, way))
        is_there = self._is_there(place)
        pull = way * (is_there / np.maximum(length, np.finfo(float).tiny))[:, :, None]  # of one newton, on the start
        arm = self._arms(at, points, pull)
        for i, point in slides:
            on_point = pull[:, self._start == i].sum(1) - pull[:, self._end == i].sum(1)
            in_body = np.einsum("tji,tj->ti", at.turn[:, point.body], on_point)
            muscle = self._muscle_of(i)
            for k, (coordinate, curve) in enumerate(point.moves):
                arm[:, coordinate, muscle] += curve(place[:, coordinate])[1] * in_body[:, k]
        return MusclePaths(np.add.reduceat(length * is_there, self._first_strand, axis=1), arm)

    def _arms(self, at: Posture, points: Array, pull: Array) -> Array:
        """Work of the pull on the bodies: only strands between bodies that a coordinate moves apart count."""
        pull = pull[:, self._crossing]
        wrench = np.concatenate([np.cross(points[:, self._start[self._crossing]], pull), pull], axis=2)
        work = at.twist @ wrench.swapaxes(1, 2)
        work *= -self._opens
        arm = np.zeros((*work.shape[:2], len(self.model.muscles)))
        if len(self._moved):
            arm[:, :, self._moved] = np.add.reduceat(work, self._first_crossing, axis=2)
        return arm

    def _is_there(self, place: Array) -> Array:
        """1 where a strand is part of its muscle, else 0, shape (n_frames, n_strands)."""
        touched = np.ones((len(place), len(self._points)))
        for i, point in enumerate(self._points):
            if point.only_while:
                coordinate, low, high = point.only_while
                q = place[:, coordinate]
                touched[:, i] = (q >= low - RANGE_MARGIN) & (q <= high + RANGE_MARGIN)
        there = touched[:, self._start] * touched[:, self._end]
        for s, strand in enumerate(self._strands):
            for i in strand.skipped:
                there[:, s] *= 1 - touched[:, i]
        return there

    def _muscle_of(self, point: int) -> int:
        strand = int(np.flatnonzero((self._start == point) | (self._end == point))[0])
        return int(np.searchsorted(self._first_strand, strand, side="right")) - 1


def _strands(muscle: Muscle, first: int) -> list[_Strand]:
    """All pieces that may be there: points with none but conditional ones between them."""
    n, strands = len(muscle.points), []
    for start in range(n - 1):
        for end in range(start + 1, n):
            strands.append(_Strand(first + start, first + end, tuple(range(first + start + 1, first + end))))
            if muscle.points[end].only_while is None:
                break
    return strands


@dataclass(frozen=True, eq=False)
class Capacity:
    """What the muscles could give if fully active.

    Attributes
    ----------
    force_n : ndarray, shape (n_frames, n_muscles)
        Along the tendon; of the active fibres only.
    fibre_length, fibre_speed : ndarray, shape (n_frames, n_muscles)
        In optimal lengths, and in fastest speeds; lengthening is positive.
    """

    force_n: Array
    fibre_length: Array
    fibre_speed: Array


def capacity(model: OsimModel, length_m: Array, speed_m_s: Array) -> Capacity:
    """Active force of Thelen's muscle (2003) at full activation, with a tendon that does not stretch.

    Parameters
    ----------
    model : OsimModel
    length_m, speed_m_s : ndarray, shape (n_frames, n_muscles)
        Of the whole muscle; lengthening is positive.
    """
    strongest, fibre, tendon, pennation, fastest, width, shape, most = np.array(
        [list(vars(muscle.thelen).values()) for muscle in model.muscles]
    ).T
    thickness = fibre * np.sin(pennation)  # does not change
    along = np.maximum(length_m - tendon, SHORTEST_FIBRE * fibre)
    fibre_now = np.hypot(along, thickness)
    cosine = along / fibre_now
    relative = fibre_now / fibre
    speed = speed_m_s * cosine / (fibre * fastest)
    by_length = np.exp(-((relative - 1) ** 2) / width)
    force: Array = strongest * by_length * force_over_speed(speed, shape, most) * cosine
    return Capacity(force, relative, speed)


def force_over_speed(speed: Array, shape: Array | float, most: Array | float) -> Array:
    """Force of a fully active fibre over the isometric one (Thelen 2003, equations 6 and 7, solved for the force).

    Parameters
    ----------
    speed : ndarray
        In fastest speeds; shortening is negative.
    shape, most : ndarray or float
        Af and Flen.
    """
    shortening = (1 + speed) / (1 - np.minimum(speed, 0) / shape)
    rise = np.maximum(speed, 0) * (2 + 2 / shape) / (most - 1)
    lengthening = (1 + rise * most) / (1 + rise)
    force: Array = np.where(speed <= 0, np.maximum(shortening, 0), lengthening)
    return force
