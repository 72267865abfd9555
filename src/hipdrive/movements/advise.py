"""From verdicts to what the coach says: one to three things that matter most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from hipdrive.movements.movement import Movement
from hipdrive.results import Advice, JudgedRepetition, SetVerdict

MOST_ADVICE: Final = 3
LEAST_SHARE: Final = 0.3  # of the judged repetitions: a thing seen less often is not worth a sentence


def advise(
    movement: Movement, repetitions: Sequence[JudgedRepetition], verdicts: dict[str, SetVerdict]
) -> list[Advice]:
    """Say what to change, the weightiest first.

    Parameters
    ----------
    movement : Movement
    repetitions : sequence of JudgedRepetition
    verdicts : dict of str to SetVerdict
        Verdict of every cue over the set.

    Returns
    -------
    list of Advice
        At most three; faults before checks.
    """
    ranked = []
    for cue in movement.cues:
        verdict = verdicts[cue.id]
        judged = [
            repetition.cues[cue.id]
            for repetition in repetitions
            if repetition.complete and repetition.cues[cue.id].verdict != "not_judged"
        ]
        off = [entry for entry in judged if entry.verdict != "good"]
        if verdict.verdict not in ("fault", "check") or len(off) < max(1, LEAST_SHARE * len(judged)):
            continue
        typical = float(np.median([entry.value for entry in off if entry.value is not None]))
        say = cue.says(typical, verdict.verdict)
        if say:
            if len(off) < len(judged):
                say = f"{say.removesuffix('.')} ({len(off)} of {len(judged)} repetitions)."
            share = (verdict.repetitions_at_fault + 0.25 * len(off)) / len(judged)
            ranked.append((verdict.verdict == "fault", cue.weight * share, cue, say))
    ranked.sort(key=lambda entry: entry[:2], reverse=True)
    faults = [entry for entry in ranked if entry[0]]
    # where there are faults, what only needs a look can wait
    chosen = (faults or ranked[:1])[:MOST_ADVICE]
    return [Advice(about=cue.id, say=say, why=cue.why, next=cue.next) for _, _, cue, say in chosen]


def praise(movement: Movement, verdicts: dict[str, SetVerdict]) -> list[str]:
    """What went well, in the coach's words."""
    return [cue.well_done for cue in movement.cues if verdicts[cue.id].verdict == "good"]
