"""Who runs, and what is usual for such a runner."""

import pytest

from hipdrive.errors import HipdriveError
from hipdrive.movements import Runner
from hipdrive.movements.runner import expected

MAN = Runner(height_m=1.78, mass_kg=75, sex="m", age_years=40, speed_kmh=10.5)
WOMAN = Runner(height_m=1.66, mass_kg=60, sex="f", age_years=40, speed_kmh=9)


# worked out by hand from the published equations; the mid hip moves 17 mm more than the mass centre
@pytest.mark.parametrize(
    ("runner", "measure", "value", "digits"),
    [
        (MAN, "cadence_spm", 164, 0),
        (MAN, "contact_time_s", 0.279, 3),
        (MAN, "duty_factor_pct", 38.0, 1),
        (MAN, "vertical_oscillation_m", 0.081 + 0.017, 3),
        (WOMAN, "cadence_spm", 165, 0),
        (WOMAN, "contact_time_s", 0.295, 3),
        (WOMAN, "duty_factor_pct", 40.4, 1),
        (WOMAN, "vertical_oscillation_m", 0.073 + 0.017, 3),
    ],
)
def test_what_is_usual_follows_the_equations(runner, measure, value, digits):
    assert round(expected(measure, runner).value, digits) == pytest.approx(value, abs=1e-9)


def test_flight_is_what_contact_leaves_of_the_step():
    flight = expected("flight_time_s", MAN).value
    assert flight == pytest.approx(60 / expected("cadence_spm", MAN).value - expected("contact_time_s", MAN).value)


def test_nothing_is_expected_of_somebody_half_known():
    half = Runner(height_m=1.78, mass_kg=75)
    assert expected("cadence_spm", half) is None
    assert half.missing() == ("sex", "age", "speed")
    assert expected("trunk_lean_deg", MAN) is None


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"height_m": 178}, "metres"),
        ({"mass_kg": 0}, "kilograms"),
        ({"age_years": 340}, "years"),
        ({"speed_kmh": 100}, "km/h"),
        ({"sex": "x"}, "f or m"),
    ],
)
def test_what_cannot_be_is_said_with_its_unit(wrong, word):
    with pytest.raises(HipdriveError, match=word):
        Runner(**wrong)
