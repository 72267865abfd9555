"""Reader of OpenSim models whose muscles run over points, not round surfaces: the family of gait2392 and Hamner 2010.

A user with a scaled model of this kind can use it instead of MyoLegs, and on it our engine can be held against
OpenSim itself, number by number. ``osim_engine`` moves what is read here.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hipdrive.errors import HipdriveError
from hipdrive.motion.number_block import read_bytes

Array = NDArray[np.float64]

Curve = Callable[[Array], tuple[Array, Array]]
"""A function of one coordinate: its value and its slope, each of the shape of the coordinate."""

OLDEST_VERSION: Final = 40_000
"""OpenSim 4.0 changed how joints are written; OpenSim itself converts older files when it saves them."""

JOINT_AXES: Final[dict[str, int]] = {"PinJoint": 1, "UniversalJoint": 2, "BallJoint": 3, "WeldJoint": 0}
"""Rotations, of those about x, y, z in this order, that joints of fixed kinds have; a pin turns about z."""

DEFAULTS: Final[dict[str, float]] = {
    "max_isometric_force": 1000.0,
    "optimal_fiber_length": 0.1,
    "tendon_slack_length": 0.2,
    "pennation_angle_at_optimal": 0.0,
    "max_contraction_velocity": 10.0,
    "KshapeActive": 0.45,
    "Af": 0.25,
    "Flen": 1.4,
}
"""What OpenSim 4.6 takes for a parameter of a Thelen2003Muscle that the file leaves out."""


@dataclass(frozen=True, eq=False)
class Body:
    """A segment.

    Attributes
    ----------
    name : str
    mass_kg : float
    centre_m : ndarray, shape (3,)
        Centre of mass, in the axes of the body.
    inertia_kgm2 : ndarray, shape (3, 3)
        About the centre of mass, in the axes of the body.
    """

    name: str
    mass_kg: float
    centre_m: Array
    inertia_kgm2: Array


@dataclass(frozen=True, eq=False)
class Offset:
    """Where a joint is fixed on a body: the body's index, the place (3,) and the turn (3, 3) in its axes."""

    body: int
    place_m: Array
    turn: Array


@dataclass(frozen=True, eq=False)
class Axis:
    """One of the six movements of a joint: along or about a unit direction, by a curve of a coordinate.

    ``coordinate`` is the index of the coordinate, or None where the movement is constant.
    """

    coordinate: int | None
    direction: Array
    curve: Curve


@dataclass(frozen=True, eq=False)
class Joint:
    """What joins a body to its parent: three rotations in turn, and three translations in the parent's axes."""

    parent: Offset
    child: Offset
    rotations: tuple[Axis, Axis, Axis]
    translations: tuple[Axis, Axis, Axis]
    coordinates: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class PathPoint:
    """A point that a muscle runs through.

    Attributes
    ----------
    body : int
    place_m : ndarray, shape (3,)
        In the axes of the body; not used when the point moves.
    moves : tuple of (int, Curve)
        Of a point that slides on its body: coordinate and curve of its x, y and z. Else empty.
    only_while : (int, float, float) or None
        Coordinate and range in which the muscle touches the point; None when always.
    """

    body: int
    place_m: Array
    moves: tuple[tuple[int, Curve], ...] = ()
    only_while: tuple[int, float, float] | None = None


@dataclass(frozen=True)
class Thelen:
    """Parameters of a muscle after Thelen 2003 (J Biomech Eng 125:70), with their names in OpenSim.

    Attributes
    ----------
    strongest_n : float
        max_isometric_force.
    fibre_m, tendon_m : float
        optimal_fiber_length, tendon_slack_length.
    pennation_rad : float
        pennation_angle_at_optimal.
    fastest_per_s : float
        max_contraction_velocity, in optimal fibre lengths.
    active_width : float
        KshapeActive, of the Gaussian of force over length.
    concentric_shape : float
        Af, of force over velocity.
    eccentric_most : float
        Flen, force of a lengthening fibre over the isometric one.
    """

    strongest_n: float
    fibre_m: float
    tendon_m: float
    pennation_rad: float
    fastest_per_s: float
    active_width: float
    concentric_shape: float
    eccentric_most: float


@dataclass(frozen=True, eq=False)
class Muscle:
    """A muscle: its path from origin to insertion, and what it is made of."""

    name: str
    points: tuple[PathPoint, ...]
    thelen: Thelen


@dataclass(frozen=True, eq=False)
class OsimModel:
    """A model as the file has it.

    Attributes
    ----------
    name : str
    gravity_m_s2 : ndarray, shape (3,)
    bodies : tuple of Body
        The first is the ground.
    coordinates : tuple of str
    joints : tuple of Joint
        Parents before children.
    muscles : tuple of Muscle
    locked : frozenset of str
        Coordinates that the file holds still.
    is_carried : ndarray of bool, shape (n_bodies, n_coordinates)
        Whether a coordinate moves a body.
    is_angle : ndarray of bool, shape (n_coordinates,)
    """

    name: str
    gravity_m_s2: Array
    bodies: tuple[Body, ...]
    coordinates: tuple[str, ...]
    joints: tuple[Joint, ...]
    muscles: tuple[Muscle, ...]
    locked: frozenset[str]
    is_carried: NDArray[np.bool_]
    is_angle: NDArray[np.bool_]

    @property
    def mass_kg(self) -> float:
        """Of the whole body."""
        return sum(body.mass_kg for body in self.bodies)

    @property
    def muscle_names(self) -> tuple[str, ...]:
        """In the order of the columns of every result."""
        return tuple(muscle.name for muscle in self.muscles)

    def body(self, name: str) -> int:
        """Index of a body."""
        return [body.name for body in self.bodies].index(name)


def read_osim(path: str | Path) -> OsimModel:
    """Read a model of OpenSim 4.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    OsimModel
        Forces that are not muscles (motors, ligaments, contact) are left out.

    Raises
    ------
    HipdriveError
        When it is no such file, or has what cannot be computed here: muscles that wrap round surfaces, other
        muscles than Thelen's, coupled coordinates.
    """
    path = Path(path)
    try:
        document = ET.fromstring(read_bytes(path))
        model = document.find("Model")
        if model is None:
            raise HipdriveError(f"{path.name} is no OpenSim model")
        if int(document.get("Version", "0")) < OLDEST_VERSION:
            raise HipdriveError(f"{path.name} is of an OpenSim before 4.0: open it in OpenSim 4 and save it again")
        return _Reader(model).read()
    except ET.ParseError as error:
        raise HipdriveError(f"{path.name} is damaged: {error}") from error
    except _Unreadable as error:
        raise HipdriveError(f"{path.name} cannot be used: {error}") from error


class _Unreadable(HipdriveError):
    """The model has something that cannot be read or computed."""


class _Reader:
    """Reads the parts of a model in the order in which they refer to each other."""

    def __init__(self, model: ET.Element) -> None:
        self.model = model
        self.bodies = [Body("ground", 0.0, np.zeros(3), np.zeros((3, 3))), *map(_body, _items(model, "BodySet"))]
        self.body_index = {body.name: i for i, body in enumerate(self.bodies)}
        coordinates = [part for joint in _items(model, "JointSet") for part in _inner(joint, "coordinates")]
        self.coordinate_index = {_name(part): i for i, part in enumerate(coordinates)}
        self.locked = frozenset(_name(part) for part in coordinates if _text(part, "locked", "false") == "true")

    def read(self) -> OsimModel:
        if constraints := _items(self.model, "ConstraintSet"):
            raise _Unreadable(f"its constraint {_name(constraints[0])} couples coordinates")
        joints = _parents_first([self._joint(part) for part in _items(self.model, "JointSet")])
        carried = np.zeros((len(self.bodies), len(self.coordinate_index)), bool)
        is_angle = np.zeros(len(self.coordinate_index), bool)
        for joint in joints:
            carried[joint.child.body] = carried[joint.parent.body]
            carried[joint.child.body, list(joint.coordinates)] = True
            is_angle[[axis.coordinate for axis in joint.rotations if axis.coordinate is not None]] = True
        return OsimModel(
            _name(self.model),
            _numbers(_text(self.model, "gravity", "0 -9.80665 0"), 3),
            tuple(self.bodies),
            tuple(self.coordinate_index),
            tuple(joints),
            tuple(self._muscles()),
            self.locked,
            carried,
            is_angle,
        )

    def _joint(self, part: ET.Element) -> Joint:
        own = tuple(self.coordinate_index[_name(inner)] for inner in _inner(part, "coordinates"))
        frames = {_name(frame): frame for frame in _inner(part, "frames")}
        parent, child = (self._offset(_text(part, f"socket_{end}_frame"), frames) for end in ("parent", "child"))
        axes = list(self._custom_axes(part) if part.tag == "CustomJoint" else _plain_axes(part, own))
        if len(axes) != 6:
            raise _Unreadable(f"its joint {_name(part)} has {len(axes)} axes instead of 6")
        return Joint(parent, child, (axes[0], axes[1], axes[2]), (axes[3], axes[4], axes[5]), own)

    def _custom_axes(self, part: ET.Element) -> Iterator[Axis]:
        for axis in _inner(part, "SpatialTransform"):
            names = _text(axis, "coordinates", "").split()
            if len(names) > 1:
                raise _Unreadable(f"its joint {_name(part)} moves along one axis by several coordinates")
            direction = _numbers(_text(axis, "axis"), 3)
            curves = [inner for inner in axis if inner.tag not in ("coordinates", "axis")]
            yield Axis(
                self.coordinate_index[names[0]] if names else None,
                direction / np.linalg.norm(direction),
                _curve(curves[0]) if curves else _constant(0.0),
            )

    def _offset(self, socket: str, frames: dict[str, ET.Element]) -> Offset:
        name = socket.split("/")[-1]
        if name not in frames:
            return Offset(self._body_of(socket), np.zeros(3), np.eye(3))
        frame = frames[name]
        return Offset(
            self._body_of(_text(frame, "socket_parent")),
            _numbers(_text(frame, "translation", "0 0 0"), 3),
            _turn_xyz(_numbers(_text(frame, "orientation", "0 0 0"), 3)),
        )

    def _body_of(self, socket: str) -> int:
        name = socket.split("/")[-1]
        if name not in self.body_index:
            raise _Unreadable(f"{socket} is none of its bodies")
        return self.body_index[name]

    def _coordinate_of(self, socket: str) -> int:
        name = socket.split("/")[-1]
        if name not in self.coordinate_index:
            raise _Unreadable(f"{socket} is none of its coordinates")
        return self.coordinate_index[name]

    def _muscles(self) -> Iterator[Muscle]:
        for part in _items(self.model, "ForceSet"):
            if "Muscle" not in part.tag:
                continue
            name, path = _name(part), part.find("GeometryPath")
            if part.tag != "Thelen2003Muscle" or path is None:
                raise _Unreadable(f"its muscle {name} is a {part.tag}; only Thelen2003Muscle can be computed")
            if _items(path, "PathWrapSet"):
                raise _Unreadable(f"its muscle {name} wraps round a surface; only paths over points can be computed")
            values = [float(_text(part, key, str(default))) for key, default in DEFAULTS.items()]
            yield Muscle(name, tuple(map(self._point, _items(path, "PathPointSet"))), Thelen(*values))

    def _point(self, part: ET.Element) -> PathPoint:
        body = self._body_of(_text(part, "socket_parent_frame"))
        if part.tag == "MovingPathPoint":
            moves = tuple(
                (self._coordinate_of(_text(part, f"socket_{k}_coordinate")), _curve(_inner(part, f"{k}_location")[0]))
                for k in "xyz"
            )
            return PathPoint(body, np.full(3, np.nan), moves)
        place_m = _numbers(_text(part, "location"), 3)
        if part.tag == "ConditionalPathPoint":
            low, high = _numbers(_text(part, "range"), 2)
            coordinate = self._coordinate_of(_text(part, "socket_coordinate"))
            return PathPoint(body, place_m, (), (coordinate, float(low), float(high)))
        if part.tag != "PathPoint":
            raise _Unreadable(f"its path point {_name(part)} is a {part.tag}")
        return PathPoint(body, place_m)


def _body(part: ET.Element) -> Body:
    xx, yy, zz, xy, xz, yz = _numbers(_text(part, "inertia"), 6)
    return Body(
        _name(part),
        float(_text(part, "mass")),
        _numbers(_text(part, "mass_center"), 3),
        np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]),
    )


def _plain_axes(part: ET.Element, own: tuple[int, ...]) -> Iterator[Axis]:
    if part.tag not in JOINT_AXES or len(own) != JOINT_AXES[part.tag]:
        raise _Unreadable(f"its joint {_name(part)} is a {part.tag}, which cannot be computed")
    x, y, z = np.eye(3)
    for i, direction in enumerate((z, x, y) if part.tag == "PinJoint" else (x, y, z)):
        free = i < len(own)
        yield Axis(own[i] if free else None, direction, _line(1.0, 0.0) if free else _constant(0.0))
    for direction in (x, y, z):
        yield Axis(None, direction, _constant(0.0))


def _parents_first(joints: list[Joint]) -> list[Joint]:
    """Sort from the ground outwards."""
    ordered: list[Joint] = []
    reached, waiting = {0}, joints
    while waiting:
        ready = [joint for joint in waiting if joint.parent.body in reached]
        if not ready:
            raise _Unreadable("some of its joints hang on nothing")
        ordered += ready
        reached |= {joint.child.body for joint in ready}
        waiting = [joint for joint in waiting if joint not in ready]
    return ordered


# curves


def _curve(part: ET.Element) -> Curve:
    if part.tag == "Constant":
        return _constant(float(_text(part, "value")))
    if part.tag == "LinearFunction":
        slope, start = _numbers(_text(part, "coefficients"), 2)
        return _line(float(slope), float(start))
    if part.tag == "MultiplierFunction":
        return _scaled(_curve(_inner(part, "function")[0]), float(_text(part, "scale")))
    if part.tag == "SimmSpline":
        return simm_spline(_numbers(_text(part, "x")), _numbers(_text(part, "y")))
    raise _Unreadable(f"it has a {part.tag}, a kind of function that cannot be computed")


def _constant(value: float) -> Curve:
    return lambda q: (np.full_like(q, value), np.zeros_like(q))


def _line(slope: float, start: float) -> Curve:
    return lambda q: (slope * q + start, np.full_like(q, slope))


def _scaled(curve: Curve, factor: float) -> Curve:
    def scaled(q: Array) -> tuple[Array, Array]:
        value, slope = curve(q)
        return factor * value, factor * slope

    return scaled


def simm_spline(x: Array, y: Array) -> Curve:
    """Cubic spline as SIMM and OpenSim compute it: straight on beyond its ends.

    At either end its third derivative is that of the cubic through the four points there (Forsythe, Malcolm & Moler
    1977, the spline that SIMM took over).

    Parameters
    ----------
    x : ndarray, shape (n_points,)
        Rising; two points or more.
    y : ndarray, shape (n_points,)

    Returns
    -------
    Curve
    """
    from scipy.interpolate import make_interp_spline

    if len(x) != len(y) or len(x) < 2 or not (np.diff(x) > 0).all():
        raise _Unreadable("a spline of it does not have two or more points with rising x")
    if len(x) == 2:
        slope = float((y[1] - y[0]) / (x[1] - x[0]))
        return _line(slope, float(y[0]) - slope * float(x[0]))
    ends = [_third_derivative(x[:4], y[:4])], [_third_derivative(x[-4:], y[-4:])]
    spline = make_interp_spline(x, y, k=3, bc_type=([(3, ends[0][0])], [(3, ends[1][0])]))
    slope_of = spline.derivative()

    def value_and_slope(q: Array) -> tuple[Array, Array]:
        inside = np.clip(q, x[0], x[-1])
        slope = slope_of(inside)
        return spline(inside) + (q - inside) * slope, slope

    return value_and_slope


def _third_derivative(x: Array, y: Array) -> float:
    """Of the cubic through four points; 0 through three."""
    if len(x) < 4:
        return 0.0
    divided = y
    for order in (1, 2, 3):
        divided = np.diff(divided) / (x[order:] - x[:-order])
    return 6.0 * float(divided[0])


# the XML


def _items(part: ET.Element, group: str) -> list[ET.Element]:
    """Members of a set."""
    return _inner(part, f"{group}/objects")


def _inner(part: ET.Element, tag: str) -> list[ET.Element]:
    found = part.find(tag)
    return [] if found is None else list(found)


def _name(part: ET.Element) -> str:
    return part.get("name", part.tag)


def _text(part: ET.Element, tag: str, default: str | None = None) -> str:
    text = (part.findtext(tag) or "").strip()
    if text:
        return text
    if default is None:
        raise _Unreadable(f"{_name(part)} has no {tag}")
    return default


def _numbers(text: str, count: int | None = None) -> Array:
    try:
        numbers = np.array([float(word) for word in text.split()])
    except ValueError as error:
        raise _Unreadable(f"{text[:40]!r} should be numbers") from error
    if count is not None and len(numbers) != count:
        raise _Unreadable(f"{text[:40]!r} should be {count} numbers")
    return numbers


def _turn_xyz(angles_rad: Array) -> Array:
    """Rotation about x, then the new y, then the new z, shape (3, 3)."""
    from scipy.spatial.transform import Rotation

    turn: Array = Rotation.from_euler("XYZ", angles_rad).as_matrix()
    return turn
