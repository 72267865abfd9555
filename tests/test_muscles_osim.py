"""The reader of OpenSim models, and its engine, on models made by hand whose answers are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hipdrive.errors import HipdriveError
from hipdrive.motion.mot import Table
from hipdrive.muscles import osim_engine as engine
from hipdrive.muscles.osim import OsimModel, read_osim, simm_spline

Array = NDArray[np.float64]

ROD_M = 0.4  # both rods of the double pendulum
ROD_KG = 2.0
ORIGIN_M, INSERTION_M = 0.3, 0.1  # of the muscle, above and below the knee
GRAVITY_M_S2 = 9.80665
MOVING = """<MovingPathPoint name="sliding"><socket_parent_frame>/bodyset/shank</socket_parent_frame>
    {curves}</MovingPathPoint>"""
CONDITIONAL = """<ConditionalPathPoint name="sometimes"><socket_parent_frame>/bodyset/thigh</socket_parent_frame>
    <location>0.05 -0.4 0</location><socket_coordinate>/jointset/knee/knee</socket_coordinate>
    <range>0.5 3</range></ConditionalPathPoint>"""


def body(name: str) -> str:
    return f"""<Body name="{name}"><mass>{ROD_KG}</mass><mass_center>0 {-ROD_M / 2} 0</mass_center>
        <inertia>0.01 0.001 0.01 0 0 0</inertia></Body>"""


def pin(name: str, parent: str, child: str, at: str) -> str:
    return f"""<PinJoint name="{name}"><socket_parent_frame>above</socket_parent_frame>
        <socket_child_frame>/bodyset/{child}</socket_child_frame>
        <coordinates><Coordinate name="{name}"><locked>false</locked></Coordinate></coordinates>
        <frames><PhysicalOffsetFrame name="above"><socket_parent>{parent}</socket_parent>
        <translation>{at}</translation><orientation>0 0 0</orientation></PhysicalOffsetFrame></frames></PinJoint>"""


def point(name: str, segment: str, y_m: float) -> str:
    return f"""<PathPoint name="{name}"><socket_parent_frame>/bodyset/{segment}</socket_parent_frame>
        <location>0 {y_m} 0</location></PathPoint>"""


def muscle(points: str, kind: str = "Thelen2003Muscle", wrap: str = "") -> str:
    return f"""<{kind} name="bender"><GeometryPath name="path">
        <PathPointSet><objects>{points}</objects></PathPointSet><PathWrapSet><objects>{wrap}</objects></PathWrapSet>
        </GeometryPath><max_isometric_force>500</max_isometric_force></{kind}>"""


def written(
    folder: Path, muscles: str = "", *, version: int = 40000, extra: str = "", joints: str | None = None
) -> Path:
    """A thigh and a shank that hang from the ground, as a file."""
    if joints is None:
        joints = pin("knee", "/bodyset/thigh", "shank", f"0 {-ROD_M} 0") + pin("hip", "/ground", "thigh", "0 1 0")
    path = folder / "legs.osim"
    path.write_text(
        f"""<?xml version="1.0"?><OpenSimDocument Version="{version}"><Model name="legs">
        <gravity>0 {-GRAVITY_M_S2} 0</gravity><BodySet><objects>{body("thigh")}{body("shank")}</objects></BodySet>
        <JointSet><objects>{joints}</objects></JointSet><ForceSet><objects>{muscles}</objects></ForceSet>
        {extra}</Model></OpenSimDocument>"""
    )
    return path


@pytest.fixture(scope="module")
def legs(tmp_path_factory: pytest.TempPathFactory) -> OsimModel:
    points = point("origin", "thigh", -ROD_M + ORIGIN_M) + point("insertion", "shank", -INSERTION_M)
    return read_osim(written(tmp_path_factory.mktemp("legs"), muscle(points)))


def places(model: OsimModel, hip: object, knee: object) -> Array:
    hip, knee = np.broadcast_arrays(np.atleast_1d(np.asarray(hip, float)), np.atleast_1d(np.asarray(knee, float)))
    place = np.zeros((len(hip), 2))
    place[:, model.coordinates.index("hip")], place[:, model.coordinates.index("knee")] = hip, knee
    return place


angles = st.floats(-2.5, 2.5)


# what is read


def test_joints_are_sorted_from_the_ground(legs: OsimModel) -> None:
    assert [joint.child.body for joint in legs.joints] == [legs.body("thigh"), legs.body("shank")]
    assert legs.mass_kg == 2 * ROD_KG
    assert legs.is_angle.all()
    assert legs.is_carried.tolist() == [[False, False], [False, True], [True, True]]  # ground, thigh, shank


def test_parameters_left_out_are_those_of_opensim(legs: OsimModel) -> None:
    thelen = legs.muscles[0].thelen
    assert thelen.strongest_n == 500
    assert (thelen.fibre_m, thelen.fastest_per_s, thelen.eccentric_most) == (0.1, 10, 1.4)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": 30516}, "before 4.0"),
        ({"muscles": muscle("", kind="Millard2012EquilibriumMuscle")}, "only Thelen2003Muscle"),
        ({"muscles": muscle("", wrap="<PathWrap name='round'/>")}, "wraps round a surface"),
        ({"muscles": muscle(point("origin", "arm", 0.0))}, "none of its bodies"),
        ({"muscles": muscle("<PathPoint name='p'/>")}, "no socket_parent_frame"),
        (
            {"extra": "<ConstraintSet><objects><CoordinateCouplerConstraint name='both'/></objects></ConstraintSet>"},
            "both",
        ),
        ({"joints": pin("knee", "/bodyset/shank", "thigh", "0 0 0")}, "hang on nothing"),
        ({"joints": "<FreeJoint name='free'/>"}, "socket_parent_frame"),
    ],
)
def test_what_cannot_be_computed_is_refused(tmp_path: Path, change: dict[str, object], said: str) -> None:
    with pytest.raises(HipdriveError, match=said):
        read_osim(written(tmp_path, **change))  # type: ignore[arg-type]


@pytest.mark.parametrize("content", ["", "no xml", "<OpenSimDocument Version='40000'/>", "<Model"])
def test_what_is_no_model_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "model.osim"
    path.write_text(content)
    with pytest.raises(HipdriveError):
        read_osim(path)


# curves


@given(st.lists(st.floats(-2, 2), min_size=4, max_size=4), st.integers(4, 9))
def test_the_spline_is_a_cubic_through_a_cubic(coefficients: list[float], n_points: int) -> None:
    cubic = np.polynomial.Polynomial(coefficients)
    x = np.linspace(-1, 1, n_points)
    inside = np.linspace(-1, 1, 31)
    value, slope = simm_spline(x, cubic(x))(inside)
    np.testing.assert_allclose(value, cubic(inside), atol=1e-9)
    np.testing.assert_allclose(slope, cubic.deriv()(inside), atol=1e-8)


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=8), st.floats(0.1, 3))
def test_the_spline_goes_through_its_points_and_straight_on(y: list[float], beyond: float) -> None:
    x = np.arange(len(y), dtype=float)
    curve = simm_spline(x, np.array(y))
    np.testing.assert_allclose(curve(x)[0], y, atol=1e-9)
    (end, further), (slope, same) = curve(x[-1] + np.array([0.0, beyond]))
    assert further == pytest.approx(end + beyond * slope, abs=1e-9)
    assert same == pytest.approx(slope, abs=1e-9)


# where it is and what it needs


@given(angles, angles)
def test_the_foot_is_where_the_rods_lead(legs: OsimModel, hip: float, knee: float) -> None:
    at = engine.posture(legs, places(legs, hip, knee))
    end = at.origin_m[0, legs.body("shank")] + at.turn[0, legs.body("shank")] @ [0, -ROD_M, 0]
    turn = np.array([hip, hip + knee])
    np.testing.assert_allclose(end, [ROD_M * np.sin(turn).sum(), 1 - ROD_M * np.cos(turn).sum(), 0], atol=1e-12)


@given(angles, angles)
def test_holding_still_takes_the_weight_times_its_lever(legs: OsimModel, hip: float, knee: float) -> None:
    place = places(legs, hip, knee)
    still = engine.Motion(np.zeros(1), place, np.zeros_like(place), np.zeros_like(place))
    moment = engine.inverse_dynamics(legs, still)[0]
    weight_n, (thigh, shank) = ROD_KG * GRAVITY_M_S2, ROD_M * np.sin([hip, hip + knee])
    assert moment[legs.coordinates.index("knee")] == pytest.approx(weight_n * shank / 2, abs=1e-9)
    expected = weight_n * (thigh / 2 + thigh + shank / 2)
    assert moment[legs.coordinates.index("hip")] == pytest.approx(expected, abs=1e-9)


@given(angles, angles, st.floats(-5, 5), st.floats(-5, 5))
def test_moments_do_the_work_that_the_energy_takes(
    legs: OsimModel, hip: float, knee: float, hip_rate: float, knee_rate: float
) -> None:
    """Power of the moments is the rate of kinetic and potential energy: it holds inertia and centrifugal forces."""
    acceleration = np.array([3.0, -2.0])

    def motion(time_s: float) -> engine.Motion:
        start, rate = places(legs, hip, knee), places(legs, hip_rate, knee_rate)
        place = start + rate * time_s + acceleration * time_s**2 / 2
        return engine.Motion(np.zeros(1), place, rate + acceleration * time_s, acceleration[None])

    def energy(time_s: float) -> float:
        now, total = motion(time_s), 0.0
        at = engine.posture(legs, now.place)
        for i, segment in enumerate(legs.bodies):
            turning, shifting = np.split((at.twist * now.speed[:, :, None])[0, legs.is_carried[i]].sum(0), 2)
            centre = at.origin_m[0, i] + at.turn[0, i] @ segment.centre_m
            velocity = shifting + np.cross(turning, centre)
            total += segment.mass_kg * (velocity @ velocity / 2 + GRAVITY_M_S2 * centre[1])
            total += turning @ at.turn[0, i] @ segment.inertia_kgm2 @ at.turn[0, i].T @ turning / 2
        return total

    h = 1e-4
    now = motion(0.0)
    power = float(engine.inverse_dynamics(legs, now)[0] @ now.speed[0])
    assert power == pytest.approx((energy(h) - energy(-h)) / (2 * h), abs=1e-3)


def test_a_force_on_the_foot_is_carried_by_the_joints(legs: OsimModel) -> None:
    place = places(legs, 0.3, 0.4)
    still = engine.Motion(np.zeros(1), place, np.zeros_like(place), np.zeros_like(place))
    at = engine.posture(legs, place)
    foot = at.origin_m[:, legs.body("shank")] + at.turn[0, legs.body("shank")] @ [0, -ROD_M, 0]
    push = engine.ExternalForce("shank", np.array([[0.0, 100.0, 0.0]]), foot, np.array([[0.0, 0.0, 5.0]]))
    less = engine.inverse_dynamics(legs, still) - engine.inverse_dynamics(legs, still, [push])
    lever_m = ROD_M * np.sin([0.3, 0.7])
    assert less[0, legs.coordinates.index("knee")] == pytest.approx(100 * lever_m[1] + 5)
    assert less[0, legs.coordinates.index("hip")] == pytest.approx(100 * lever_m.sum() + 5)


# muscles


@given(angles)
def test_length_is_that_of_the_law_of_cosines(legs: OsimModel, knee: float) -> None:
    paths = engine.PathEngine(legs).paths(places(legs, 0.7, knee))
    squared = ORIGIN_M**2 + INSERTION_M**2 + 2 * ORIGIN_M * INSERTION_M * np.cos(knee)
    length_m = np.sqrt(squared)
    assert paths.length_m[0, 0] == pytest.approx(length_m)
    arm_m = ORIGIN_M * INSERTION_M * np.sin(knee) / length_m
    assert paths.arm_m[0, legs.coordinates.index("knee"), 0] == pytest.approx(arm_m, abs=1e-12)
    assert paths.arm_m[0, legs.coordinates.index("hip"), 0] == 0  # it does not cross the hip


def sliding_muscle() -> str:
    spline = "<SimmSpline><x>-2 -1 0 1 2</x><y>0.02 0.03 0.05 0.04 0.03</y></SimmSpline>"
    scaled = f"<MultiplierFunction><function>{spline}</function><scale>1.2</scale></MultiplierFunction>"
    parts = {"x": scaled, "y": "<LinearFunction><coefficients>0.01 -0.1</coefficients></LinearFunction>"}
    parts["z"] = "<Constant><value>0.01</value></Constant>"
    curves = "".join(
        f"<socket_{k}_coordinate>/jointset/knee/knee</socket_{k}_coordinate><{k}_location>{part}</{k}_location>"
        for k, part in parts.items()
    )
    first = point("origin", "ground", 1.3).replace("/bodyset/ground", "/ground")
    return muscle(first + CONDITIONAL + MOVING.format(curves=curves) + point("insertion", "shank", -0.3))


@given(angles, angles.filter(lambda knee: abs(knee - 0.5) > 1e-3))
def test_arms_are_the_fall_of_length(tmp_path_factory: pytest.TempPathFactory, hip: float, knee: float) -> None:
    """Over points that slide, and one that is touched beyond 0.5 rad only."""
    model = read_osim(written(tmp_path_factory.getbasetemp(), sliding_muscle()))
    paths, h = engine.PathEngine(model), 1e-6
    arm_m = paths.paths(places(model, hip, knee)).arm_m[0, :, 0]
    for i in range(2):
        step = h * np.eye(2)[i]
        lengths = [paths.paths(places(model, hip, knee) + sign * step).length_m[0, 0] for sign in (-1, 1)]
        assert arm_m[i] == pytest.approx(-(lengths[1] - lengths[0]) / (2 * h), abs=1e-7)


def test_a_conditional_point_is_touched_in_its_range_only(tmp_path: Path) -> None:
    points = point("origin", "thigh", -0.1) + CONDITIONAL + point("insertion", "shank", -INSERTION_M)
    model = read_osim(written(tmp_path, muscle(points)))
    length_m = engine.PathEngine(model).paths(places(model, 0.0, [0.4, 0.6])).length_m[:, 0]
    straight = np.sqrt(ORIGIN_M**2 + INSERTION_M**2 + 2 * ORIGIN_M * INSERTION_M * np.cos([0.4, 0.6]))
    assert length_m[0] == pytest.approx(straight[0])
    end = np.array([INSERTION_M * np.sin(0.6), -ROD_M - INSERTION_M * np.cos(0.6)])
    assert length_m[1] == pytest.approx(np.hypot(0.05, ORIGIN_M) + np.hypot(*(end - [0.05, -ROD_M])))


def test_capacity_is_greatest_at_the_optimal_length(legs: OsimModel) -> None:
    length_m = np.linspace(0.24, 0.36, 61)[:, None]  # the tendon is 0.2 m, the fibre 0.1 m
    force_n = engine.capacity(legs, length_m, np.zeros_like(length_m)).force_n[:, 0]
    assert force_n.max() == pytest.approx(500)
    assert length_m[force_n.argmax(), 0] == pytest.approx(0.3)


@given(st.floats(-1, 1), st.floats(0.1, 0.5), st.floats(1.1, 1.8))
def test_force_falls_with_shortening_and_stays_below_its_most(speed: float, shape: float, most: float) -> None:
    now, faster = engine.force_over_speed(np.array([speed, speed - 0.05]), shape, most)
    assert faster <= now
    assert 0 <= now < most
    assert engine.force_over_speed(np.array([0.0]), shape, most)[0] == 1
    assert engine.force_over_speed(np.array([-1.0]), shape, most)[0] == 0


# what is measured


def test_degrees_become_radians(legs: OsimModel) -> None:
    time_s = np.linspace(0, 1, 11)
    table = Table(("knee",), time_s, 90 * np.sin(time_s)[:, None], True)
    motion = engine.read_motion(table, legs)
    np.testing.assert_allclose(motion.place, places(legs, 0.0, np.pi / 2 * np.sin(time_s)))
    np.testing.assert_allclose(motion.speed, places(legs, 0.0, np.pi / 2 * np.cos(time_s)), atol=1e-5)
    with pytest.raises(HipdriveError, match="inDegrees=yes"):
        engine.read_motion(Table(("knee",), time_s, table.values, False, "walk"), legs)


def test_forces_are_taken_along_a_curve() -> None:
    time_s = np.arange(0, 1, 1 / 60)
    names = [f"{part}{axis}" for part in ("f", "p", "m") for axis in "xyz"]
    values = np.stack([np.sin(6 * time_s + i) for i in range(len(names))], axis=1)
    between_s = np.linspace(0.1, 0.8, 50)
    table = Table(tuple(names), time_s, values, False)
    (found,) = engine.read_external_forces(table, {"calcn_r": ("f", "p", "m")}, between_s)
    np.testing.assert_allclose(found.point_m[:, 0], np.sin(6 * between_s + 3), atol=1e-5)
    np.testing.assert_allclose(found.moment_nm[:, 2], np.sin(6 * between_s + 8), atol=1e-5)
