"""What a run shows from the side, on a runner of sticks about whom all is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipdrive.motion import find_view, smooth
from hipdrive.motion.sides import exchange_all_sides
from hipdrive.movements import Runner
from hipdrive.movements.running import LEG_HEIGHTS, LEG_SHOWN, RUNNING, Run, recognise
from hipdrive.movements.running_side import (
    SIDE_MEASURES,
    TRAILING_THIGH_OFFSET_DEG,
    TRUNK_LEAN_OFFSET_DEG,
    cadence,
    contact_error_s,
    contact_time,
    flight_time,
    hip_extension,
    overstride,
    trailing_thigh,
    trunk_lean,
    vertical_oscillation,
)
from stick_runner import LEAN_DEG, OSCILLATION_PX, SHANK_PX, THIGH_PX, TRAILING_DEG, stick_runner


def run_of(motion, height_m=0.0):
    motion, view = find_view(motion)
    return Run(smooth(motion, RUNNING.cutoff_hz).assign_attrs(height_m=height_m), view)


@given(
    faces_right=st.booleans(),
    rate=st.sampled_from([30, 60, 120]),
    cadence_spm=st.floats(150, 190),
    scale=st.floats(0.3, 3),
)
@settings(max_examples=15, deadline=None)
def test_angles_do_not_depend_on_size_side_or_rate(faces_right, rate, cadence_spm, scale):
    run = run_of(stick_runner(cadence_spm, rate, 6, faces_right=faces_right, scale=scale, kind="landmarks"))
    assert run.view.near_side == ("right" if faces_right else "left")
    for side in ("left", "right"):
        assert getattr(trailing_thigh(run), side) == pytest.approx(TRAILING_DEG, abs=1)
        assert getattr(trunk_lean(run), side) == pytest.approx(LEAN_DEG, abs=0.2)
    assert cadence(run).value == pytest.approx(cadence_spm, abs=0.3)


def test_offsets_are_those_of_the_own_network_only():
    own, other = (run_of(stick_runner(kind=kind)) for kind in ("video", "landmarks"))
    assert trailing_thigh(own).value - trailing_thigh(other).value == pytest.approx(TRAILING_THIGH_OFFSET_DEG)
    assert trunk_lean(own).value - trunk_lean(other).value == pytest.approx(TRUNK_LEAN_OFFSET_DEG)


def test_the_mirrored_run_has_the_same_values_on_the_other_side():
    seen = run_of(stick_runner(faces_right=True))
    # the mirror turns the picture and the names
    mirrored = run_of(exchange_all_sides(stick_runner(faces_right=False)))
    for measure in (trailing_thigh, trunk_lean, overstride, contact_time, flight_time, cadence):
        assert measure(seen).left == pytest.approx(measure(mirrored).right, abs=0.3)
        assert measure(seen).right == pytest.approx(measure(mirrored).left, abs=0.3)


def test_oscillation_needs_the_height_and_scales_with_it():
    assert "how tall you are" in vertical_oscillation(run_of(stick_runner())).reason
    metres_per_px = 1.8 * LEG_HEIGHTS * LEG_SHOWN / (THIGH_PX + SHANK_PX)
    measured = vertical_oscillation(run_of(stick_runner(), height_m=1.8))
    assert measured.value == pytest.approx(OSCILLATION_PX * metres_per_px, rel=0.03)


def test_contact_and_flight_make_a_step():
    run = run_of(stick_runner(160))
    assert contact_time(run).value + flight_time(run).value == pytest.approx(60 / 160, abs=0.002)


@pytest.mark.parametrize(("rate", "error_s"), [(30, 0.025), (59.99, 0.02), (60, 0.02), (120, 0.015), (240, 0.015)])
def test_contact_is_less_sure_at_a_lower_rate(rate, error_s):
    assert contact_error_s(run_of(stick_runner(rate_hz=rate, seconds=3))) == error_s


def test_a_camera_does_not_see_the_pelvis():
    assert "pelvis" in hip_extension(run_of(stick_runner())).reason


def test_few_strides_tell_chance():
    measured = cadence(run_of(stick_runner(seconds=2.2)))
    assert measured.value is None
    assert "10 s" in measured.reason


def test_a_leg_that_is_not_seen_is_said():
    motion = stick_runner()
    hidden = motion.where(~motion.keypoint.isin(["left_knee"]))
    assert trailing_thigh(run_of(hidden)).value is None


def test_no_measure_is_ever_a_fault():
    run = run_of(stick_runner(200, 60), height_m=1.2)
    somebody = Runner(1.9, 100, "m", 70, 8)
    judged = [measure.judged(measure.measure(run), somebody) for measure in SIDE_MEASURES]
    assert {"fault"}.isdisjoint(each.verdict for each in judged)
    assert "check" in {each.verdict for each in judged}
    for each in judged:
        assert (each.value is None) == (each.verdict == "not_judged")
        assert (each.value is None) == bool(each.reason)
        assert each.value is None or each.error > 0


def test_where_the_runner_is_known_the_own_expected_value_counts():
    run = run_of(stick_runner(cadence_spm=185))
    measure = next(measure for measure in SIDE_MEASURES if measure.id == "cadence_spm")
    tall = Runner(2.0, 90, "m", 25, 8)
    anybody, himself = measure.judged(measure.measure(run), Runner()), measure.judged(measure.measure(run), tall)
    assert (anybody.verdict, anybody.expected) == ("good", None)
    assert himself.verdict == "check"
    assert himself.deviation_sd == pytest.approx((himself.value - himself.expected) / 9)


def test_a_run_is_recognised_and_says_why():
    motion, view = find_view(stick_runner())
    found = recognise(motion, view)
    assert found.confidence == 1
    assert "steps/min" in found.why


def test_a_walk_is_no_run():
    motion, view = find_view(stick_runner(cadence_spm=108))
    found = recognise(motion, view)
    assert found.confidence < 0.5
    assert "a walk" in found.why


def test_whoever_lies_does_not_run():
    motion = stick_runner()
    lying = motion.assign(image_position=motion.image_position.copy(data=motion.image_position.values[:, :, [1, 0, 2]]))
    assert recognise(lying, find_view(lying)[1]).confidence == 0


def test_curves_of_strides_begin_and_end_at_contact():
    run = run_of(stick_runner(kind="landmarks"))
    curves = run.stride_curves()["thigh behind vertical [deg]"]
    assert curves["left"].shape[1] == curves["right"].shape[1] == 101
    assert np.nanmax(curves["left"]) == pytest.approx(TRAILING_DEG, abs=1)
    assert np.allclose(curves["left"][:, 0], curves["left"][:, -1], atol=3)
