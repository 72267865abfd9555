"""Measures of a run: what they are, where a runner is among runners, and how sure we can be.

A measure belongs to the whole clip, not to one repetition. It says where the runner is among runners; it is never a
fault, because running form predicts injury weakly or not at all (30 prospective studies: Peterson et al. 2022).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from hipdrive.movements.cue import Band, Measurement, rounded
from hipdrive.movements.runner import Expected, Runner, expected
from hipdrive.results import JudgedMeasure, Verdict

USUAL_SD: Final = 2.0  # further from the expected value than this is worth a look [evidence 9.3]


@dataclass(frozen=True)
class SidedMeasurement(Measurement):
    """A value with its error, and the values of the left and the right leg where they can be told apart.

    Attributes
    ----------
    left, right : float or None
        In the unit of the value.
    """

    left: float | None = None
    right: float | None = None


def too_few(values: Mapping[Literal["left", "right"], NDArray[np.float64]], least: int = 3) -> SidedMeasurement | None:
    """The reason why nothing is measured, where fewer strides of a leg are seen: they tell chance, not habit.

    Parameters
    ----------
    values : mapping of str to ndarray, shape (n_strides,)
        A value for each stride of each leg, NaN where it is not seen.
    least : int
    """
    for side, of_leg in values.items():
        if np.isfinite(of_leg).sum() < least:
            reason = f"fewer than {least} strides of the {side} leg are seen: film for 10 s or longer"
            return SidedMeasurement.missing(reason)
    return None


@dataclass(frozen=True)
class BodyLine:
    """Where on the body a measure is seen, for drawings.

    Attributes
    ----------
    keypoints : tuple of str
        In order; ``{side}`` stands for the leg of the stride, ``mid_`` for the middle of left and right.
    at : {"always", "contact", "mid_stance", "toe_off"}
        When in the stride it is seen.
    """

    keypoints: tuple[str, ...]
    at: Literal["always", "contact", "mid_stance", "toe_off"] = "always"


@dataclass(frozen=True)
class Measure:
    """One thing that is measured on a run.

    Attributes
    ----------
    id : str
        Name in analysis.json.
    name : str
        A few words for tables.
    coach : str
        The coach's own words it belongs to.
    meaning : str
        What is measured, in one plain sentence.
    measure : callable
        Takes the prepared run, returns a `SidedMeasurement`.
    unit : str
    views : tuple of str
        Views from which it can be measured.
    band : Band
        Where most runners are (`good`), up to where it is usual (`acceptable`; beyond it the verdict is "check"), and
        beyond which value, by the error, it is surely unusual (`limit`).
    error : float
        One standard deviation of the measurement, with its source in `error_source`.
    error_source : str
    too_low, too_high, well_done : str
        What to say. Never a threat.
    why : str
        Why it matters, in a sentence.
    next : str
        What to try.
    weight : int
        How much it matters beside other measures: 3 most; 0 is never advised on.
    range_below_hz : float
        Below this frame rate the value is shown as a range.
    line : BodyLine or None
        Where on the body it is seen.
    """

    id: str
    name: str
    coach: str
    meaning: str
    measure: Callable[[Any], SidedMeasurement]
    unit: str
    views: tuple[str, ...]
    band: Band
    error: float
    error_source: str
    too_low: str
    too_high: str
    well_done: str
    why: str
    next: str
    weight: int = 1
    range_below_hz: float = 0.0
    line: BodyLine | None = None

    def judged(self, measurement: SidedMeasurement, runner: Runner) -> JudgedMeasure:
        """Turn a measurement into the measure's entry of analysis.json."""
        usual = expected(self.id, runner)
        error = self.error if measurement.error is None else measurement.error
        verdict: Verdict = "not_judged"
        if measurement.value is not None and measurement.reason is None:
            verdict = self._verdict(measurement, error, usual)
        return JudgedMeasure(
            value=rounded(measurement.value),
            unit=self.unit,
            error=rounded(error) if measurement.value is not None else None,
            expected=rounded(usual.value) if usual else None,
            expected_sd=rounded(usual.spread) if usual else None,
            verdict=verdict,
            reason=measurement.reason,
            left=rounded(measurement.left),
            right=rounded(measurement.right),
        )

    def _verdict(self, measurement: SidedMeasurement, error: float, usual: Expected | None) -> Verdict:
        """Good where the value is as usual and no leg by itself is surely unusual; "check" otherwise."""
        known = (usual.value, usual.spread) if usual else (None, None)
        low, high = self.accepted(*known)
        assert measurement.value is not None
        if measurement.at_best != "good" or not low <= measurement.value <= high:
            return "check"
        low, high = self.limits(*known)
        legs = [value for value in (measurement.left, measurement.right) if value is not None]
        return "check" if any(value < low - error or value > high + error for value in legs) else "good"

    def accepted(self, expected: float | None, spread: float | None) -> tuple[float, float]:
        """Where a value is good: as runners usually are, or as this one is expected to be."""
        return self.band.acceptable if expected is None or spread is None else self.limits(expected, spread)

    def limits(self, expected: float | None, spread: float | None) -> tuple[float, float]:
        """Values beyond which, by the error, it is surely unusual: of this runner where known, else of all."""
        if expected is None or spread is None:
            return self.band.limit
        return expected - USUAL_SD * spread, expected + USUAL_SD * spread
