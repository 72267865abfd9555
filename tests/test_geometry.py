"""Angles and distances: what must hold for any points."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hipdrive.motion.geometry import (
    angle_deg,
    direction_deg,
    distance,
    height_over_line,
    turn_deg,
    wrapped_deg,
)

points = arrays(np.float64, 2, elements=st.integers(-500, 500).map(float))
angles = st.floats(-180, 180)


def rotated(point, degrees):
    a = np.radians(degrees)
    return point @ np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])


def apart(*some):
    return all(distance(a, b) > 1 for i, a in enumerate(some) for b in some[i + 1 :])


@given(points, points, points, angles)
def test_angles_do_not_change_when_the_picture_is_turned(a, b, c, degrees):
    if not apart(a, b, c):
        return
    turned = [rotated(p, degrees) for p in (a, b, c)]
    assert angle_deg(*turned) == pytest.approx(angle_deg(a, b, c), abs=1e-4)
    assert wrapped_deg(turn_deg(*turned) - turn_deg(a, b, c)) == pytest.approx(0, abs=1e-6)


@given(points, points, points)
def test_a_turn_and_its_reverse_make_a_circle(a, b, c):
    if not apart(a, b, c):
        return
    assert (turn_deg(a, b, c) + turn_deg(c, b, a)) % 360 in (
        pytest.approx(0, abs=1e-6),
        pytest.approx(360, abs=1e-6),
    )
    assert min(turn_deg(a, b, c), 360 - turn_deg(a, b, c)) == pytest.approx(angle_deg(a, b, c), abs=1e-4)


@given(points, points, points)
def test_a_mirror_turns_the_other_way(a, b, c):
    if not apart(a, b, c):
        return
    flip = np.array([-1.0, 1.0])
    assert wrapped_deg(turn_deg(a, b, c) + turn_deg(a * flip, b * flip, c * flip)) == pytest.approx(0, abs=1e-6)
    assert height_over_line(a * flip, b * flip, c * flip) == pytest.approx(-height_over_line(a, b, c), abs=1e-6)


def test_directions_on_the_screen():
    origin = np.zeros(2)
    assert direction_deg(origin, np.array([1.0, 0.0])) == 0
    assert direction_deg(origin, np.array([0.0, -1.0])) == 90  # up on the screen is -y
    assert height_over_line(np.array([5.0, -3.0]), origin, np.array([10.0, 0.0])) == 3


def test_missing_stays_missing():
    a, b, missing = np.zeros(2), np.ones(2), np.full(2, np.nan)
    for function in (angle_deg, turn_deg, height_over_line):
        assert np.isnan(function(a, missing, b))
        assert np.isnan(function(missing, a, b))
    assert np.isnan(distance(a, missing))
