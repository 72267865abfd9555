"""Cues: what the coach says, how it is measured, when it is good, and how sure we can be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Self

from hipdrive.results import JudgedCue, SetVerdict, Verdict

Phase = Literal["rest", "raise", "top", "lower", "whole"]

FAULT_SHARE: Final = 0.6  # of the judged repetitions, for a set to be at fault [evidence 8.2]
LEAST_JUDGED_SHARE: Final = 0.5  # of the complete repetitions: fewer good ones do not speak for the set
INFINITY: Final = float("inf")
WORSE: Final[tuple[Verdict, ...]] = ("good", "check", "fault")


@dataclass(frozen=True)
class Measurement:
    """A value with its error, or the reason why there is none.

    Attributes
    ----------
    value : float or None
    error : float or None
        One standard deviation, in the unit of the value.
    reason : str or None
        Why there is no value, or why it must not be judged.
    at_best : {"good", "check", "fault"}
        The best verdict that the measurement can support, whatever its value.
    """

    value: float | None
    error: float | None = None
    reason: str | None = None
    at_best: Verdict = "good"

    @classmethod
    def missing(cls, reason: str) -> Self:
        """Nothing could be measured."""
        return cls(None, None, reason)


@dataclass(frozen=True)
class Band:
    """Where a value is good, acceptable or at fault.

    Each holds from its lower to its upper number; an infinite number means that there is no such limit.

    Attributes
    ----------
    good, acceptable : tuple of (float, float)
    limit : tuple of (float, float)
        A fault lies beyond one of these by at least the error of the measurement.
    source : str
        Where the limits come from.
    """

    good: tuple[float, float]
    acceptable: tuple[float, float]
    limit: tuple[float, float]
    source: str

    def verdict(self, value: float, error: float) -> Verdict:
        """Judge a value: between good and what is surely a fault lies "check"."""
        if self.good[0] <= value <= self.good[1]:
            return "good"
        surely_out = value <= self.limit[0] - error or value >= self.limit[1] + error
        return "fault" if surely_out else "check"


@dataclass(frozen=True)
class Cue:
    """One thing the coach looks at.

    Attributes
    ----------
    id : str
        Name in analysis.json.
    name : str
        A few words for tables.
    coach : str
        The coach's own words.
    measure : callable
        Takes the prepared set and a repetition, returns a `Measurement`.
    unit : str
    views : tuple of str
        Views from which it can be judged.
    phase : {"rest", "raise", "top", "lower", "whole"}
        When in the repetition it is read.
    band : Band
    error : float
        One standard deviation of the measurement, with its source in `error_source`.
    error_source : str
    too_low, too_high, well_done : str
        What to say.
    why : str
        Why it matters, in a sentence.
    next : str
        What to do in the next set.
    weight : int
        How much it matters beside other cues: 3 most.
    """

    id: str
    name: str
    coach: str
    measure: Callable[[Any, Any], Measurement]
    unit: str
    views: tuple[str, ...]
    phase: Phase
    band: Band
    error: float
    error_source: str
    too_low: str
    too_high: str
    well_done: str
    why: str
    next: str
    weight: int = 2

    def judged(self, measurement: Measurement) -> JudgedCue:
        """Turn a measurement into the cue's entry of analysis.json."""
        value, error = measurement.value, measurement.error
        if value is None or measurement.reason is not None:
            return JudgedCue(rounded(value), self.unit, rounded(error), "not_judged", measurement.reason)
        error = self.error if error is None else error
        verdict = max(self.band.verdict(value, error), measurement.at_best, key=WORSE.index)
        return JudgedCue(rounded(value), self.unit, rounded(error), verdict, None)

    def says(self, value: float, verdict: Verdict) -> str:
        """What to say about a value that is not good; more gently where it is no fault."""
        blunt = self.too_low if value < self.band.good[0] else self.too_high
        if verdict == "fault" or not blunt:
            return blunt
        digits = 0 if self.error >= 1 else 2
        number = f"{round(value, digits) + 0.0:.{digits}f}"  # + 0.0 takes the sign off -0
        shown, degrees = (f"{number}°", "°") if self.unit == "deg" else (f"{number} {self.unit}".rstrip(), "")
        return f"Not quite there: “{self.coach}”. It was {shown}; the aim is {range_text(*self.band.good)}{degrees}."


def rounded(number: float | None) -> float | None:
    """Round to what is worth storing, as a plain float."""
    return None if number is None else round(float(number), 3)


def range_text(low: float, high: float) -> str:
    """Words for a range, one end of which may be open.

    Examples
    --------
    >>> range_text(0.5, 2), range_text(10, INFINITY), range_text(-INFINITY, 2)
    ('0.5 to 2', 'at least 10', 'at most 2')
    """
    if low == -INFINITY:
        return f"at most {high:g}"
    if high == INFINITY:
        return f"at least {low:g}"
    return f"{low:g} to {high:g}"


def judge_set(cues: Sequence[JudgedCue]) -> SetVerdict:
    """One verdict over the complete repetitions: at fault only when most of them are, and not good by a few of them."""
    judged = [cue for cue in cues if cue.verdict != "not_judged"]
    at_fault = sum(cue.verdict == "fault" for cue in judged)
    good = sum(cue.verdict == "good" for cue in judged)
    verdict: Verdict
    few = len(judged) < LEAST_JUDGED_SHARE * len(cues)
    if not judged or (few and good == len(judged)):
        verdict = "not_judged"
    elif at_fault >= FAULT_SHARE * len(judged):
        verdict = "fault"
    elif good >= FAULT_SHARE * len(judged) and not at_fault:
        verdict = "good"
    else:
        verdict = "check"
    return SetVerdict(verdict, len(judged), at_fault)
