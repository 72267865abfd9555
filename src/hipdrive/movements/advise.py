"""From verdicts to what the coach says: one to three things that matter most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import numpy as np

from hipdrive.movements.cue import Cue
from hipdrive.movements.measure import Measure
from hipdrive.movements.movement import Movement
from hipdrive.results import Advice, JudgedCue, JudgedMeasure, JudgedRepetition, SetVerdict

MOST_ADVICE: Final = 3
MOST_PRAISE: Final = 3  # of measures
LEAST_SHARE: Final = 0.3  # of the judged repetitions: a thing seen less often is not worth a sentence

NO_MEASURES: Final[Mapping[str, JudgedMeasure]] = MappingProxyType({})


def advise(
    movement: Movement,
    repetitions: Sequence[JudgedRepetition],
    verdicts: Mapping[str, SetVerdict],
    measures: Mapping[str, JudgedMeasure] = NO_MEASURES,
) -> list[Advice]:
    """Say what to change, the weightiest first.

    Parameters
    ----------
    movement : Movement
    repetitions : sequence of JudgedRepetition
    verdicts : mapping of str to SetVerdict
        Verdict of every cue over the set.
    measures : mapping of str to JudgedMeasure
        Measures of a run.

    Returns
    -------
    list of Advice
        At most three; faults before checks.
    """
    return (_on_cues(movement, repetitions, verdicts) + _on_measures(movement, measures))[:MOST_ADVICE]


def _on_cues(
    movement: Movement, repetitions: Sequence[JudgedRepetition], verdicts: Mapping[str, SetVerdict]
) -> list[Advice]:
    ranked = []
    for cue in movement.cues:
        verdict = verdicts[cue.id]
        judged = [
            repetition.cues[cue.id]
            for repetition in repetitions
            if repetition.complete and repetition.cues[cue.id].verdict != "not_judged"
        ]
        # a weak measurement of a good value is a "check", too, but says nothing about the athlete
        off = [entry for entry in judged if entry.verdict != "good" and not _is_within(cue, entry)]
        if verdict.verdict not in ("fault", "check") or len(off) < max(1, LEAST_SHARE * len(judged)):
            continue
        typical = float(np.median([entry.value for entry in off if entry.value is not None]))
        # a thing that is wrong in a few repetitions only is still wrong in those
        mostly_fault = 2 * sum(entry.verdict == "fault" for entry in off) > len(off)
        say = cue.says(typical, "fault" if mostly_fault else verdict.verdict)
        if say:
            if len(off) < len(judged):
                say = f"{say.removesuffix('.')} ({len(off)} of {len(judged)} {movement.words.repetition}s)."
            share = (verdict.repetitions_at_fault + 0.25 * len(off)) / len(judged)
            ranked.append((verdict.verdict == "fault", cue.weight * share, cue, say))
    ranked.sort(key=lambda entry: entry[:2], reverse=True)
    faults = [entry for entry in ranked if entry[0]]
    # where there are faults, what only needs a look can wait
    chosen = (faults or ranked[:1])[:MOST_ADVICE]
    return [Advice(about=cue.id, say=say, why=cue.why, next=cue.next) for _, _, cue, say in chosen]


def _is_within(cue: Cue, judged: JudgedCue) -> bool:
    return judged.value is not None and cue.band.good[0] <= judged.value <= cue.band.good[1]


def _on_measures(movement: Movement, measures: Mapping[str, JudgedMeasure]) -> list[Advice]:
    """Advice on measures that are worth a look, by weight and by how surely they are beyond the usual."""
    ranked = []
    for measure in movement.measures:
        judged = measures.get(measure.id)
        if judged is None or judged.verdict != "check" or measure.weight == 0:
            continue
        beyond = errors_beyond(measure, judged)
        say = measure.too_low if beyond < 0 else measure.too_high
        if leg := unusual_leg(measure, judged):
            say = f"{say.removesuffix('.')} (the {leg} leg)."
        if abs(beyond) >= 1 and say:  # what the error leaves open is not advised on
            ranked.append((measure.weight * abs(beyond), measure, say))
    ranked.sort(key=lambda entry: entry[0], reverse=True)
    return [Advice(measure.id, say, measure.why, measure.next) for _, measure, say in ranked[:MOST_ADVICE]]


def errors_beyond(measure: Measure, judged: JudgedMeasure) -> float:
    """How many errors of measurement a value, or that of one leg, lies beyond the usual: negative below it, 0 within.

    Parameters
    ----------
    measure : Measure
    judged : JudgedMeasure

    Returns
    -------
    float
    """
    return max((_beyond(measure, judged, value) for value in _of_judged(judged).values()), key=abs, default=0.0)


def off_usual(measure: Measure, judged: JudgedMeasure) -> int:
    """-1 where a value is lower than is usual, 1 where it is higher, else 0."""
    low, high = measure.accepted(judged.expected, judged.expected_sd)
    return 0 if judged.value is None else int(judged.value > high) - int(judged.value < low)


def unusual_leg(measure: Measure, judged: JudgedMeasure) -> str | None:
    """Leg that is beyond the usual where the other is not, "left" or "right"."""
    values = _of_judged(judged)
    beyond = [side for side in ("left", "right") if side in values and _beyond(measure, judged, values[side])]
    return beyond[0] if len(beyond) == 1 and {"left", "right"} <= values.keys() else None


def _of_judged(judged: JudgedMeasure) -> dict[str, float]:
    """Values of both legs together and of each of them, where there are any."""
    values = {"both": judged.value, "left": judged.left, "right": judged.right}
    return {name: value for name, value in values.items() if value is not None}


def _beyond(measure: Measure, judged: JudgedMeasure, value: float) -> float:
    low, high = measure.limits(judged.expected, judged.expected_sd)
    error = judged.error or measure.error
    return min(value - low, 0.0) / error + max(value - high, 0.0) / error


def is_usual(measure: Measure, judged: JudgedMeasure) -> bool:
    """Whether a value is where most runners are; within one SD of what is usual for this runner where it is known."""
    if judged.value is None or judged.verdict != "good":
        return False
    if judged.deviation_sd is not None:
        return abs(judged.deviation_sd) <= 1
    return measure.band.good[0] <= judged.value <= measure.band.good[1]


def praise(
    movement: Movement, verdicts: Mapping[str, SetVerdict], measures: Mapping[str, JudgedMeasure] = NO_MEASURES
) -> list[str]:
    """What went well, in the coach's words; of measures the weightiest only, the others have their place further on."""
    said = [cue.well_done for cue in movement.cues if cue.id in verdicts and verdicts[cue.id].verdict == "good"]
    good = [
        measure
        for measure in movement.measures
        if measure.weight and measure.well_done and measure.id in measures and is_usual(measure, measures[measure.id])
    ]
    good.sort(key=lambda measure: -measure.weight)
    return said + [measure.well_done for measure in good[:MOST_PRAISE]]
