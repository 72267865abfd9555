"""Verdicts: a fault only past the limit by the error; a set only when most repetitions are."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipdrive.movements import MOVEMENTS, Measurement, judge_set
from hipdrive.results import JudgedCue

CUES = [cue for movement in MOVEMENTS.values() for cue in movement.cues]


@pytest.mark.parametrize("cue", CUES, ids=lambda cue: cue.id)
@given(value=st.floats(-300, 300), error=st.floats(0.001, 30))
def test_a_fault_is_past_the_limit_by_the_error(cue, value, error):
    verdict = cue.band.verdict(value, error)
    low, high = cue.band.limit
    assert (verdict == "fault") == (
        (value <= low - error or value >= high + error) and not cue.band.good[0] <= value <= cue.band.good[1]
    )
    assert (verdict == "good") == (cue.band.good[0] <= value <= cue.band.good[1])


@pytest.mark.parametrize("cue", CUES, ids=lambda cue: cue.id)
def test_bands_lie_inside_each_other(cue):
    good, acceptable, limit = cue.band.good, cue.band.acceptable, cue.band.limit
    assert acceptable[0] <= good[0] < good[1]
    assert good[1] <= acceptable[1] or math.isinf(good[1]) or cue.id == "knees_in_line"
    assert limit[0] <= good[0] and limit[1] >= good[1]


def test_what_could_not_be_measured_is_not_judged():
    cue = CUES[0]
    judged = cue.judged(Measurement.missing("hidden"))
    assert (judged.value, judged.error, judged.verdict, judged.reason) == (None, None, "not_judged", "hidden")
    judged = cue.judged(Measurement(0.9, 0.03, "one picture"))
    assert (judged.value, judged.verdict, judged.reason) == (0.9, "not_judged", "one picture")


def test_a_measurement_can_be_too_weak_for_praise():
    toes = MOVEMENTS["glute_bridge"].cue("toes_lifted")
    assert toes.judged(Measurement(20.0)).verdict == "good"
    assert toes.judged(Measurement(20.0, at_best="check")).verdict == "check"


def verdicts(text):
    words = {"g": "good", "c": "check", "f": "fault", "n": "not_judged"}
    return [JudgedCue(None if letter == "n" else 1.0, "", 0.1, words[letter], None) for letter in text]


@pytest.mark.parametrize(
    ("repetitions", "verdict", "judged", "at_fault"),
    [
        ("gggg", "good", 4, 0),
        ("gggc", "good", 4, 0),
        ("gfff", "fault", 4, 3),
        ("ggff", "check", 4, 2),
        ("gggggggggf", "check", 10, 1),
        ("nnnn", "not_judged", 0, 0),
        ("nnf", "fault", 1, 1),
        ("nng", "not_judged", 1, 0),
        ("ng", "good", 1, 0),
        ("", "not_judged", 0, 0),
    ],
)
def test_a_set_is_at_fault_when_most_repetitions_are(repetitions, verdict, judged, at_fault):
    result = judge_set(verdicts(repetitions))
    assert (result.verdict, result.repetitions_judged, result.repetitions_at_fault) == (
        verdict,
        judged,
        at_fault,
    )
