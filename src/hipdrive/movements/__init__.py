"""One file per movement, each reading like the coach's text; cues, repetitions, recognition."""

from hipdrive.movements.cue import Band, Cue, Measurement, judge_set
from hipdrive.movements.movement import Movement, PreparedSet
from hipdrive.movements.recognise import MOVEMENTS, named, recognise_movement

__all__ = [
    "MOVEMENTS",
    "Band",
    "Cue",
    "Measurement",
    "Movement",
    "PreparedSet",
    "judge_set",
    "named",
    "recognise_movement",
]
