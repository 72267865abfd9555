"""Measures of a run in words and as a gauge: where the runner is among runners, never "you will be hurt"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from hipdrive.errors import HipdriveError
from hipdrive.movements import Measure, Movement, Runner
from hipdrive.movements.advise import errors_beyond, is_usual, off_usual, unusual_leg
from hipdrive.movements.cue import range_text
from hipdrive.report.words import SIDES, Side, listed, range_words, side_text, value_text
from hipdrive.results import Analysis, JudgedMeasure

AS_USUAL_SD: Final = 0.5  # nearer to the expected value than this is simply "as usual"
HINT: Final = "Take this as a hint only."
MARGIN_SHARE: Final = 0.08  # of the scale of a gauge, kept free at both ends


def told(movement: Movement, analysis: Analysis) -> list[tuple[Measure, JudgedMeasure]]:
    """Measures that have a value worth telling, in the order of the movement."""
    return [
        (measure, judged)
        for measure in movement.measures
        if (judged := analysis.measures.get(measure.id)) is not None
        and judged.value is not None
        and judged.verdict != "not_judged"
    ]


def not_told(movement: Movement, analysis: Analysis) -> dict[str, list[str]]:
    """Reasons why measures were not judged, each with the names of the measures."""
    reasons: dict[str, list[str]] = {}
    for measure in movement.measures:
        judged = analysis.measures.get(measure.id)
        if judged is not None and judged.verdict == "not_judged":
            reasons.setdefault(judged.reason or "no reason is known", []).append(measure.name)
    return reasons


def value_words(measure: Measure, judged: JudgedMeasure, rate_hz: float) -> str:
    """Write the value with its error, or as a range where the clip has too few frames for a number.

    Parameters
    ----------
    measure : Measure
    judged : JudgedMeasure
    rate_hz : float
        Frames per second of the clip.
    """
    if judged.value is not None and judged.error and rate_hz < measure.range_below_hz:
        return range_words(judged.value, judged.unit, judged.error)
    return value_text(judged.value, judged.unit, judged.error)


def unusual_words(measure: Measure) -> str:
    """From which values on a measure is worth a look, with its usual error."""
    low, high = measure.band.limit
    beyond = []
    if np.isfinite(low):
        beyond.append(f"under {low - measure.error:.3g}")
    if np.isfinite(high):
        beyond.append(f"over {high + measure.error:.3g}")
    return "; ".join(beyond) or "never"


def usual_words(measure: Measure, judged: JudgedMeasure) -> str:
    """Say what is usual: for this runner where it is known, else for runners."""
    if judged.expected is not None and judged.expected_sd:
        return value_text(judged.expected, judged.unit, judged.expected_sd)
    return f"{range_text(*measure.band.good)} {judged.unit}"


def away_words(judged: JudgedMeasure) -> str:
    """Say how far the value lies from what is usual for this runner: "1.2 SD above"; empty where it is not known."""
    away_sd = judged.deviation_sd
    if away_sd is None:
        return ""
    if abs(away_sd) < AS_USUAL_SD:
        return "as usual"
    return f"{abs(away_sd):.1f} SD {'above' if away_sd > 0 else 'below'}"


def sentence(measure: Measure, judged: JudgedMeasure) -> str:
    """Say in plain words where the runner is among runners.

    Parameters
    ----------
    measure : Measure
    judged : JudgedMeasure
        With a value.
    """
    return f"{_said(measure, judged)} {_among_runners(measure, judged)}"


def _said(measure: Measure, judged: JudgedMeasure) -> str:
    """Say how the value is: usual, a little off, perhaps or surely unusual."""
    beyond = errors_beyond(measure, judged)
    if judged.verdict == "check":
        if abs(beyond) >= 1:
            said = measure.too_low if beyond < 0 else measure.too_high
            leg = unusual_leg(measure, judged)
            return f"{said.removesuffix('.')} (the {leg} leg)." if leg else said
        off = off_usual(measure, judged)
        # a measurement that is unusual at best and yet within the usual is a weak one
        return f"Perhaps unusually {'low' if off < 0 else 'high'}, but the error leaves it open." if off else HINT
    if is_usual(measure, judged):
        return measure.well_done
    assert judged.value is not None
    middle = judged.expected if judged.deviation_sd is not None else measure.band.good[0]
    assert middle is not None
    return f"A little {'lower' if judged.value < middle else 'higher'} than usual, which is fine."


def _among_runners(measure: Measure, judged: JudgedMeasure) -> str:
    usual = usual_words(measure, judged)
    away = away_words(judged)
    if not away:
        return f"Most runners: {usual}."
    where = "" if away == "as usual" else f"; you are {away}"
    return f"Usual for a runner like you at this speed: {usual}{where}."


def runner_of(analysis: Analysis) -> Runner:
    """Runner as far as the settings of the analysis tell."""
    settings = analysis.provenance.get("settings")
    known = settings if isinstance(settings, dict) else {}
    try:
        return Runner(**{name: known.get(name) for name in Runner.__dataclass_fields__})
    except (HipdriveError, TypeError):  # an analysis.json written by hand
        return Runner()


def what_to_give(analysis: Analysis, before: str = "") -> str | None:
    """Say what to tell hipdrive of the runner to learn what is usual for him or her; None where nothing lacks.

    Parameters
    ----------
    analysis : Analysis
    before : str
        What stands before each name, so that it is what one types.
    """
    lacking = runner_of(analysis).missing()
    measured = [judged for judged in analysis.measures.values() if judged.value is not None]
    if not lacking or not measured or any(judged.expected is not None for judged in measured):
        return None
    options = listed([f"{before}{name}" for name in lacking])
    return f"Give {options} to learn what is usual for a runner like you at this speed."


# -- gauge ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Gauge:
    """Where marks stand on a scale, in percent of its width.

    Attributes
    ----------
    usual : tuple of (float, float)
        Where most runners are.
    usual_ends : list of (float, str)
        Ends of that range with their numbers, as far as it has ends.
    expected : tuple of (float, float, float) or None
        One SD below what is usual for this runner, that itself, and one SD above.
    error : tuple of (float, float)
        One error below and above the value.
    value : float
    sides : list of (str, float)
        Left and right, as far as known.
    """

    usual: tuple[float, float]
    usual_ends: list[tuple[float, str]]
    expected: tuple[float, float, float] | None
    error: tuple[float, float]
    value: float
    sides: list[tuple[Side, float]]


def gauge(measure: Measure, judged: JudgedMeasure) -> Gauge:
    """Lay out the gauge of a measure that has a value.

    Parameters
    ----------
    measure : Measure
    judged : JudgedMeasure

    Returns
    -------
    Gauge
        Everything between 0 and 100.
    """
    assert judged.value is not None
    error = judged.error or 0.0
    own = {"left": judged.left, "right": judged.right}
    sides: list[tuple[Side, float]] = [(side, value) for side in SIDES if (value := own[side]) is not None]
    expected = _around(judged.expected, judged.expected_sd)
    bounds = [*measure.band.good, *measure.limits(judged.expected, judged.expected_sd)]
    scale = _Scale([judged.value - error, judged.value + error, *(value for _, value in sides), *expected, *bounds])
    low, high = measure.band.good
    return Gauge(
        usual=(scale(low), scale(high)),
        usual_ends=[(scale(end), f"{end:g}") for end in (low, high) if np.isfinite(end)],
        expected=(scale(expected[0]), scale(expected[1]), scale(expected[2])) if expected else None,
        error=(scale(judged.value - error), scale(judged.value + error)),
        value=scale(judged.value),
        sides=[(side, scale(value)) for side, value in sides],
    )


def gauge_words(measure: Measure, judged: JudgedMeasure, rate_hz: float) -> str:
    """Say what the gauge shows, for those who cannot see it."""
    said = [value_words(measure, judged, rate_hz), f"most runners {range_text(*measure.band.good)}"]
    if judged.expected is not None and judged.expected_sd:
        said.append(f"usual for you {value_text(judged.expected, '', judged.expected_sd)}")
    own = {"left": judged.left, "right": judged.right}
    said += [f"{side} {side_text(own[side], judged.error)}" for side in SIDES if own[side] is not None]
    return "; ".join(said)


def _around(value: float | None, spread: float | None) -> Sequence[float]:
    return () if value is None or not spread else (value - spread, value, value + spread)


class _Scale:
    """From values to percent of a scale that holds all finite ones; infinite ends lie at its ends."""

    def __init__(self, values: Iterable[float]) -> None:
        finite = [value for value in values if np.isfinite(value)]
        self.low, self.high = min(finite), max(finite)
        margin = MARGIN_SHARE * (self.high - self.low) or 1.0
        self.low, self.high = self.low - margin, self.high + margin

    def __call__(self, value: float) -> float:
        return round(float(np.clip(100 * (value - self.low) / (self.high - self.low), 0, 100)), 2)
