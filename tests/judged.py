"""Analyses as if something had been judged."""

from hipdrive.results import (
    Analysis,
    JudgedCue,
    JudgedRepetition,
    RecognisedMovement,
    SeenView,
    Source,
)


def repetition(index, side="both", direction=None, complete=True, **verdicts):
    cues = {
        name: JudgedCue(None if verdict == "not_judged" else 1.0, "", 0.1, verdict, None)
        for name, verdict in verdicts.items()
    }
    return JudgedRepetition(index, side, direction, index, index + 0.3, index + 0.6, index + 0.9, complete, cues)


def analysis(movement, repetitions, **more):
    return Analysis(
        Source("clip.mp4", "video", 10.0, 300, 30.0, 640, 360),
        RecognisedMovement(movement, "recognised", 1.0),
        SeenView("side", "left", 1.0),
        repetitions,
        **more,
    )
