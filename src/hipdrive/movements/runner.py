"""Who runs, and what is usual for such a runner.

The expected values are the regressions of Malisoux et al. 2023 (Orthop J Sports Med; 860 healthy recreational runners
at their own speed on an instrumented treadmill), as quoted by later authors.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final, Literal

from hipdrive.errors import HipdriveError

PLAUSIBLE: Final = {
    "height_m": (0.5, 2.6, "metres, such as 1.78"),
    "mass_kg": (15.0, 300.0, "kilograms, such as 68"),
    "age_years": (5.0, 110.0, "years, such as 34"),
    "speed_kmh": (3.0, 45.0, "km/h, such as 11"),
}


@dataclass(frozen=True)
class Runner:
    """What is known of the runner; everything may be unknown.

    Attributes
    ----------
    height_m, mass_kg, age_years : float or None
    sex : {"f", "m"} or None
    speed_kmh : float or None
        Speed of the run, from the treadmill or a watch.

    Raises
    ------
    HipdriveError
        When a value is not plausible; the message says in which unit it is wanted.
    """

    height_m: float | None = None
    mass_kg: float | None = None
    sex: Literal["f", "m"] | None = None
    age_years: float | None = None
    speed_kmh: float | None = None

    def __post_init__(self) -> None:
        for name, (low, high, unit) in PLAUSIBLE.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                what = name.rpartition("_")[0]
                article = "an" if what[0] in "aeiou" else "a"
                raise HipdriveError(f"{article} {what} of {value:g} is not plausible: give it in {unit}")
        if self.sex not in (None, "f", "m"):
            raise HipdriveError(f"the reference equations know no sex {self.sex!r}: give f or m, or leave it out")

    def missing(self) -> tuple[str, ...]:
        """Names of what is not known, in plain words."""
        return tuple(field.name.partition("_")[0] for field in fields(self) if getattr(self, field.name) is None)


@dataclass(frozen=True)
class Expected:
    """What is usual for this runner.

    Attributes
    ----------
    value : float
    spread : float
        One standard deviation between runners.
    """

    value: float
    spread: float


def expected(measure_id: str, runner: Runner) -> Expected | None:
    """Value that is usual for this runner at this speed.

    Parameters
    ----------
    measure_id : str
        As in analysis.json.
    runner : Runner

    Returns
    -------
    Expected or None
        None where there is no equation for the measure, or the runner is not known well enough for it.

    Examples
    --------
    >>> man = Runner(height_m=1.78, mass_kg=75, sex="m", age_years=40, speed_kmh=10.5)
    >>> round(expected("cadence_spm", man).value)
    164
    """
    if measure_id == "flight_time_s":
        return _expected_flight(runner)
    if runner.missing() or measure_id not in _EQUATIONS:
        return None
    constant, woman, per_year, per_kg, per_m, per_kmh, spread, to_unit = _EQUATIONS[measure_id]
    assert runner.age_years is not None and runner.mass_kg is not None  # for the type checker; `missing` has seen to it
    assert runner.height_m is not None and runner.speed_kmh is not None
    value = (
        constant
        + woman * (runner.sex == "f")
        + per_year * runner.age_years
        + per_kg * runner.mass_kg
        + per_m * runner.height_m
        + per_kmh * runner.speed_kmh
    )
    return Expected(to_unit * value, to_unit * spread)


def _expected_flight(runner: Runner) -> Expected | None:
    """What of the expected step is left when the expected contact is taken away."""
    steps_spm, contact_s = expected("cadence_spm", runner), expected("contact_time_s", runner)
    if steps_spm is None or contact_s is None:
        return None
    return Expected(60 / steps_spm.value - contact_s.value, contact_s.spread)


# constant, woman, per year, per kg, per m of height, per km/h, SD between runners, into the unit of the measure.
# Equations and SDs of cadence, duty and oscillation: Malisoux et al. 2023; the SD of contact time follows from that of
# duty (4 % of a stride of 0.73 s). The oscillation of the equation is that of the body's mass centre (mean 77 mm); the
# mid hip that a picture shows moves by more (94 mm, Fukuchi's markers projected), hence the offset of 17 mm.
_EQUATIONS: Final[dict[str, tuple[float, float, float, float, float, float, float, float]]] = {
    "cadence_spm": (203.056, 0.0, 0.193, 0.0, -44.242, 3.067, 9.0, 1.0),
    "contact_time_s": (259.01, 12.8, 0.0, 0.855, 77.122, -17.314, 30.0, 0.001),
    "duty_factor_pct": (44.446, 1.756, 0.039, 0.121, 0.0, -1.626, 4.0, 1.0),
    "vertical_oscillation_m": (36.451 + 17.0, -6.749, -0.275, -0.284, 43.148, 0.0, 12.0, 0.001),
}
