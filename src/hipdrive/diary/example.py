"""A diary of twelve weeks to try things out with. Everybody and everything in it is simulated, and says so."""

from __future__ import annotations

from datetime import date
from typing import Final

from hipdrive.diary.portable import KeptAnalysis, put_in
from hipdrive.diary.store import AthleteDiary, Diary
from hipdrive.results import (
    Advice,
    Analysis,
    JudgedCue,
    JudgedMeasure,
    JudgedRepetition,
    RecognisedMovement,
    SeenView,
    Source,
    Verdict,
    Warning_,
)
from hipdrive.training.history import Seen
from hipdrive.training.simulate import example_history

SIMULATED: Final = Warning_("simulated", "This was simulated, to try hipdrive out: nobody was filmed.")
REPETITION_S: Final = 6.0  # 2 s up, 1 s hold, 3 s down


def fill_example(diary: Diary, today: date) -> AthleteDiary:
    """Add a simulated runner with the twelve weeks up to yesterday.

    Parameters
    ----------
    diary : Diary
    today : date

    Raises
    ------
    HipdriveError
        When the simulated runner is in the diary already; then nothing is added.
    """
    history = example_history(today)
    films = [KeptAnalysis(seen.day, simulated_analysis(seen)) for seen in history.seen]
    with diary.adding(history.profile) as mine:
        put_in(mine, history, films)
        return mine


def simulated_analysis(seen: Seen) -> Analysis:
    """Analysis of which trends would keep just this."""
    return Analysis(
        Source(seen.name, "video", seen.repetitions * REPETITION_S, 0, 0.0, 0, 0),
        RecognisedMovement(seen.movement, "asked", 1.0),  # type: ignore[arg-type]
        SeenView("unknown", None, 0.0),
        repetitions=[_repetition(index, seen) for index in range(seen.repetitions)],
        measures={
            name: JudgedMeasure(value, unit, error, None, "check", None, left, right)
            for name, (value, error, unit, left, right) in seen.measures.items()
        },
        advice=[Advice(name, "", "", "") for name in seen.advice],
        warnings=[SIMULATED],
        provenance={"simulated": True, "day": seen.day.isoformat()},
    )


def _repetition(index: int, seen: Seen) -> JudgedRepetition:
    start_s = index * REPETITION_S
    cues = {name: _cue(index, *share) for name, share in seen.shares.items()}
    return JudgedRepetition(index + 1, None, None, start_s, start_s + 2, start_s + 3, start_s + 6, True, cues)


def _cue(index: int, judged: int, good: int, fault: int) -> JudgedCue:
    """Good ones first, those at fault last, as when one tires."""
    verdict: Verdict = "good" if index < good else "check" if index < judged - fault else "fault"
    return JudgedCue(None, "", None, verdict if index < judged else "not_judged", None)
