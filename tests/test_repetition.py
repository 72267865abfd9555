"""Counting: every repetition found, none invented, whatever the athlete's range and the clip's ends."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipdrive.movements.repetition import find_repetitions


def reach(share):
    share = np.clip(share, 0, 1)
    return share**3 * (10 - 15 * share + 6 * share**2)


def bridges(tops, up_s=1.2, hold_s=0.6, down_s=1.3, rest_s=0.5, lead_s=0.6, rate_hz=30.0):
    """Heights of a set with minimum-jerk rises; returns time, height and the true phase times."""
    length_s = lead_s + len(tops) * (up_s + hold_s + down_s + rest_s)
    time_s = np.arange(0, length_s, 1 / rate_hz)
    height, truth, start_s = np.zeros_like(time_s), [], lead_s
    for top in tops:
        times = np.cumsum([start_s, up_s, hold_s, down_s])
        height += top * (reach((time_s - times[0]) / up_s) - reach((time_s - times[2]) / down_s))
        truth.append(times)
        start_s = times[3] + rest_s
    return time_s, height, np.array(truth)


def phases(repetitions):
    return np.array([[r.start_s, r.top_start_s, r.top_end_s, r.end_s] for r in repetitions])


def test_phases_of_smooth_repetitions():
    time_s, height, truth = bridges([0.5, 0.45, 0.5])
    found = find_repetitions(height, time_s, 0.1)
    assert [r.complete for r in found] == [True, True, True]
    assert np.abs(phases(found) - truth).max() < 0.06


@settings(deadline=None)
@given(
    tops=st.lists(st.floats(0.3, 1.0), min_size=1, max_size=8),
    up_s=st.floats(0.4, 4),
    down_s=st.floats(0.4, 4),
    hold_s=st.floats(0, 3),
    rest_s=st.floats(0.1, 3),
    rate_hz=st.sampled_from([24, 29.97, 60, 120]),
    seed=st.integers(0, 2**16),
)
def test_every_repetition_is_found_and_none_invented(tops, up_s, down_s, hold_s, rest_s, rate_hz, seed):
    tops = [*tops, 1.0]  # the athlete's best sets the range
    time_s, height, _ = bridges(tops, up_s, hold_s, down_s, rest_s, rate_hz=rate_hz)
    trembling = np.random.default_rng(seed).normal(0, 0.01, len(height))
    found = find_repetitions(height + trembling, time_s, 0.1)
    assert [r.complete for r in found] == [True] * len(tops)
    ordered = phases(found).ravel()
    assert (np.diff(ordered) >= -1e-9).all()


@settings(deadline=None)
@given(st.floats(0.1, 100), st.floats(-50, 50))
def test_counting_does_not_depend_on_the_unit(unit, offset):
    time_s, height, _ = bridges([0.5, 0.3, 0.5])
    found = find_repetitions(height * unit + offset, time_s, 0.1 * unit)
    assert phases(found) == pytest.approx(phases(find_repetitions(height, time_s, 0.1)), abs=1e-6)


@pytest.mark.parametrize(
    ("cut", "complete"),
    [
        ((0.0, 3.4), [True]),  # the second has not begun
        ((0.0, 4.9), [True, False]),  # ends on the second's way up
        ((0.0, 5.6), [True, False]),  # ends at its top
        ((1.9, 9.9), [False, True]),  # begins at the first's top
        ((2.9, 9.9), [False, True]),  # begins on its way down
        ((2.0, 5.5), [False, False]),  # from top to top
    ],
)
def test_ends_of_a_clip_are_incomplete(cut, complete):
    time_s, height, _ = bridges([0.5, 0.5])
    inside = (time_s >= cut[0]) & (time_s <= cut[1])
    found = find_repetitions(height[inside], time_s[inside], 0.1)
    assert [r.complete for r in found] == complete


def test_lying_still_is_no_repetition():
    time_s = np.arange(0, 10, 1 / 30)
    trembling = np.random.default_rng(0).normal(0, 0.01, len(time_s))
    assert find_repetitions(trembling, time_s, 0.1) == []
    assert find_repetitions(np.full_like(time_s, np.nan), time_s, 0.1) == []
    assert find_repetitions(trembling[:1], time_s[:1], 0.1) == []


def test_a_gap_does_not_break_the_count():
    time_s, height, _ = bridges([0.5, 0.5, 0.5])
    height[100:115] = np.nan
    assert sum(r.complete for r in find_repetitions(height, time_s, 0.1)) == 3


def test_hips_that_do_not_touch_the_floor_between_repetitions():
    time_s = np.arange(0, 12, 1 / 30)
    height = reach(time_s / 1.5) * (0.5 - 0.2 * (1 - np.cos(2 * np.pi * np.clip(time_s - 2, 0, 6) / 2)) / 2)
    height *= 1 - reach((time_s - 9) / 1.5)
    assert sum(r.complete for r in find_repetitions(height, time_s, 0.1)) == 4
