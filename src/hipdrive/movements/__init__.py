"""One file per movement, each reading like the coach's text; cues, repetitions, recognition."""

from hipdrive.movements.cue import Band, Cue, Measurement, judge_set
from hipdrive.movements.measure import Measure, SidedMeasurement
from hipdrive.movements.movement import Movement, Prepared
from hipdrive.movements.recognise import MOVEMENTS, named, recognise_movement
from hipdrive.movements.runner import Runner
from hipdrive.movements.stride import Stride

__all__ = [
    "MOVEMENTS",
    "Band",
    "Cue",
    "Measure",
    "Measurement",
    "Movement",
    "Prepared",
    "Runner",
    "SidedMeasurement",
    "Stride",
    "judge_set",
    "named",
    "recognise_movement",
]
