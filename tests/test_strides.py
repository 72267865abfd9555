"""Strides from the side, on a runner of sticks about whom all is known."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from hipdrive.motion import tidy_motion
from hipdrive.motion.sides import exchange_all_sides, repair_sides, stride_rate_hz, striding_hz
from hipdrive.movements.running import slow_strides
from hipdrive.movements.strides import CONTACT_AFTER_REACH, find_strides_from_side
from stick_runner import phase_of_reach, stick_runner


def contacts_s(motion, side):
    return np.array([stride.contact_s for stride in find_strides_from_side(motion) if stride.side == side])


def true_contacts_s(cadence_spm, seconds, side):
    stride_s = 120 / cadence_spm
    first = (phase_of_reach() + CONTACT_AFTER_REACH - {"left": 0.0, "right": 0.5}[side]) % 1 * stride_s
    return np.arange(first, seconds, stride_s)


@given(cadence=st.floats(140, 210), rate=st.sampled_from([24, 25, 29.97, 30, 50, 60, 120, 240]))
@settings(max_examples=25, deadline=None)
def test_every_stride_is_found_at_any_rate(cadence, rate):
    motion = stick_runner(cadence, rate, 6.0)
    for side in ("left", "right"):
        found, true = contacts_s(motion, side), true_contacts_s(cadence, 6.0, side)
        inner = true[(true > 0.5) & (true < 4.8)]
        nearest = np.abs(found[:, None] - inner).min(0)
        assert (nearest < 0.02).all()
        assert len(found) <= len(true)


def test_cadence_and_toe_off_are_exact():
    strides = find_strides_from_side(stick_runner(171.0, 60, 8))
    assert {stride.side for stride in strides} == {"left", "right"}
    assert np.mean([120 / stride.length_s for stride in strides]) == pytest.approx(171.0, abs=0.1)
    # the thigh trails most at a phase of 0.4, and the toes leave 0.045 of a stride before it
    contact = phase_of_reach() + CONTACT_AFTER_REACH
    assert np.median([s.contact_time_s / s.length_s for s in strides]) == pytest.approx(0.4 - 0.045 - contact, abs=0.01)


def test_strides_come_in_turn():
    strides = find_strides_from_side(stick_runner())
    assert all(a.side != b.side for a, b in itertools.pairwise(strides))


@given(st.data())
@settings(max_examples=15, deadline=None)
def test_legs_taken_for_each_other_are_put_right(data):
    motion = stick_runner(rate_hz=30)
    share = data.draw(st.floats(0, 0.2))
    wrong = np.random.default_rng(data.draw(st.integers(0, 99))).random(motion.sizes["time"]) < share
    exchanged = exchange_all_sides(motion)
    confused = motion.where(~xr.DataArray(wrong, dims="time"), exchanged)
    mended, _ = repair_sides(confused)
    for joint in ("knee", "ankle"):
        right = mended.image_position.sel(keypoint=f"left_{joint}")
        true = motion.image_position.sel(keypoint=f"left_{joint}")
        off = np.abs((right - true).sel(space="x").values)
        # where both legs lie over each other it does not matter which is which
        assert np.nanpercentile(off, 99) < 12


def test_the_mirrored_runner_has_the_same_strides_on_the_other_side():
    ahead, back = stick_runner(faces_right=True), stick_runner(faces_right=False)
    swapped = {"left": "right", "right": "left"}
    mirrored = find_strides_from_side(exchange_all_sides(back))
    for one, other in zip(find_strides_from_side(ahead), mirrored, strict=True):
        assert one.side == swapped[other.side]
        assert one.contact_s == pytest.approx(other.contact_s)
        assert one.toe_off_s == pytest.approx(other.toe_off_s)


def test_an_uneven_clock_moves_nothing():
    rng = np.random.default_rng(1)
    time_s = np.arange(240) / 30 + rng.uniform(-0.008, 0.008, 240)
    found = contacts_s(stick_runner(time_s=time_s), "left")
    true = true_contacts_s(168.0, 8.0, "left")
    inner = true[(true > 0.5) & (true < 6.8)]
    assert np.abs(found[:, None] - inner).min(0).max() < 0.02


def test_no_stride_reaches_across_a_gap():
    motion = stick_runner()
    gap = (motion.time > 3.0) & (motion.time < 4.0)
    strides = find_strides_from_side(tidy_motion(motion.where(~gap))[0])
    assert strides
    assert not [s for s in strides if s.contact_s < 4.0 and s.next_contact_s > 3.0]


@pytest.mark.parametrize("frames", [1, 2, 5, 20])
def test_short_pieces_have_no_strides(frames):
    assert find_strides_from_side(stick_runner(time_s=np.arange(frames) / 30)) == ()


def test_nobody_strides_who_stands_still():
    motion = stick_runner()
    still = motion.map(lambda variable: variable.copy(data=np.broadcast_to(variable.values[:1], variable.shape).copy()))
    assert striding_hz(still) is None
    assert find_strides_from_side(still) == ()


@pytest.mark.parametrize("factor", [4, 8])
def test_slow_motion_is_noticed(factor):
    motion = stick_runner(rate_hz=120, seconds=6)
    slowed = motion.assign_coords(time=motion.time.values * factor)
    assert slow_strides(motion) is None
    assert slow_strides(slowed) == factor


def test_a_single_wave_is_no_stride():
    time_s = np.arange(300) / 30
    rising = np.stack([time_s, time_s**2], -1)
    assert stride_rate_hz(rising, time_s) is None
    assert stride_rate_hz(np.sin(2 * np.pi * 1.4 * time_s)[:, None], time_s) == pytest.approx(1.4, abs=0.01)
