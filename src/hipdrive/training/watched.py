"""From an analysis to the diary: what a judged clip says about a set, and what trends need of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date
from typing import Final

from hipdrive.results import Analysis, JudgedRepetition
from hipdrive.training.history import Band, Seen, SetDone
from hipdrive.training.ladder import ladder

MOST_GOOD: Final = 0.5  # of the judged cues of a clean repetition are more than this good; proposal

# which rung a judged movement is, unless the plan or the runner says otherwise
USUAL_EXERCISES: Final = {
    ("glute_bridge", False): "glute_bridge",
    ("glute_bridge", True): "single_leg_bridge",
    ("monster_walk", False): "monster_walk",
}


def seen_in(analysis: Analysis, day: date) -> Seen:
    """What trends need of an analysis.

    Parameters
    ----------
    analysis : Analysis
    day : date
        The day on which it was filmed.
    """
    judged = [cue for repetition in analysis.complete_repetitions for cue in repetition.cues.items()]
    judged = [(name, cue) for name, cue in judged if cue.verdict != "not_judged"]
    shares = {
        name: (
            sum(other == name for other, _ in judged),
            sum(other == name and cue.verdict == "good" for other, cue in judged),
            sum(other == name and cue.verdict == "fault" for other, cue in judged),
        )
        for name in dict.fromkeys(name for name, _ in judged)
    }
    measures = {
        name: (measure.value, measure.error, measure.unit, measure.left, measure.right)
        for name, measure in analysis.measures.items()
        if measure.value is not None
    }
    return Seen(
        day,
        analysis.movement.id,
        len(analysis.complete_repetitions),
        shares,
        measures,
        tuple(advice.about for advice in analysis.advice),
        analysis.source.name,
    )


def exercise_in(analysis: Analysis, planned: Sequence[str] = ()) -> str | None:
    """Rung of the ladder that was filmed: the planned one that looks like it, else the usual one; None for a run.

    Parameters
    ----------
    analysis : Analysis
    planned : sequence of str
        Exercises planned for the day.
    """
    if not analysis.complete_repetitions:
        return None
    movement, one_leg = analysis.movement.id, _on_one_leg(analysis)
    rungs = ladder()
    alike = [name for name in planned if rungs[name].judged_as == movement and (rungs[name].dose.each_side == one_leg)]
    return alike[0] if alike else USUAL_EXERCISES.get((movement, one_leg))


def set_in(
    analysis: Analysis,
    exercise: str,
    *,
    reserve: float | None = None,
    load_kg: float | None = None,
    band: Band | None = None,
) -> SetDone:
    """One set as it was filmed: how much of it, and how much of that was as the coach wants it.

    A repetition is clean when none of the cues that apply is at fault and more than half of those judged are good. The
    share at fault is that of the cue that is at fault most often, as it is one thing at a time that a coach mends.

    Parameters
    ----------
    analysis : Analysis
    exercise : str
        Rung of the ladder.
    reserve, load_kg, band
        What no camera sees.
    """
    repetitions = analysis.complete_repetitions
    applying = ladder()[exercise].cues
    clean = [_is_clean(repetition, applying) for repetition in repetitions]
    known = [entry for entry in clean if entry is not None]
    return SetDone(
        _amount(analysis),
        reserve,
        load_kg,
        band,
        clean_share=sum(known) / len(known) if known else None,
        fault_share=max((_fault_share(repetitions, cue) for cue in applying), default=0.0) if known else None,
        seen_by="video" if known else None,
    )


def _amount(analysis: Analysis) -> float:
    """Repetitions, or steps each way; of the weaker side where both were filmed."""
    sides = Counter(
        repetition.direction or repetition.side
        for repetition in analysis.complete_repetitions
        if (repetition.direction or repetition.side) in ("left", "right")
    )
    return float(min(sides.values()) if sides else len(analysis.complete_repetitions))


def _on_one_leg(analysis: Analysis) -> bool:
    if analysis.movement.id != "glute_bridge":
        return False
    repetitions = analysis.complete_repetitions
    return 2 * sum(repetition.side in ("left", "right") for repetition in repetitions) > len(repetitions)


def _is_clean(repetition: JudgedRepetition, applying: Collection[str]) -> bool | None:
    """Whether it is as the coach wants it; None where nothing of it could be judged."""
    verdicts = [cue.verdict for name, cue in repetition.cues.items() if name in applying]
    verdicts = [verdict for verdict in verdicts if verdict != "not_judged"]
    if not verdicts:
        return None
    return "fault" not in verdicts and verdicts.count("good") > MOST_GOOD * len(verdicts)


def _fault_share(repetitions: Sequence[JudgedRepetition], cue: str) -> float:
    verdicts = [repetition.cues[cue].verdict for repetition in repetitions if cue in repetition.cues]
    judged = [verdict for verdict in verdicts if verdict != "not_judged"]
    return judged.count("fault") / len(judged) if judged else 0.0
