"""What the coach says: the weightiest first, never more than three things, nothing on a clean set."""

from dataclasses import replace

from hipdrive.movements import MOVEMENTS, judge_set
from hipdrive.movements.advise import advise, praise
from hipdrive.results import JudgedCue, JudgedRepetition

BRIDGE = MOVEMENTS["glute_bridge"]


def a_set(repetitions=4, **values):
    """Repetitions in which the cues named have the values given (one for all, or one each)."""
    judged = []
    for i in range(repetitions):
        cues = {cue.id: JudgedCue(None, cue.unit, None, "not_judged", "not seen") for cue in BRIDGE.cues}
        for name, value in values.items():
            cue = BRIDGE.cue(name)
            value = value[i] if isinstance(value, list) else value
            cues[name] = JudgedCue(value, cue.unit, cue.error, cue.band.verdict(value, cue.error), None)
        judged.append(JudgedRepetition(i + 1, "both", None, i, i + 0.3, i + 0.5, i + 0.9, True, cues))
    verdicts = {cue.id: judge_set([r.cues[cue.id] for r in judged]) for cue in BRIDGE.cues}
    return judged, verdicts


def test_a_clean_set_gets_praise_and_no_advice():
    judged, verdicts = a_set(straight_line=178, toes_lifted=20, slow_lower=2.5)
    assert advise(BRIDGE, judged, verdicts) == []
    assert len(praise(BRIDGE, verdicts)) == 3


def test_faults_come_first_and_no_more_than_three():
    judged, verdicts = a_set(straight_line=140, toes_lifted=-5, slow_lower=0.4, slow_raise=0.3, heels_near_hips=0.6)
    said = advise(BRIDGE, judged, verdicts)
    assert said[0].about == "straight_line"
    assert len(said) == 3
    assert "heels_near_hips" not in {advice.about for advice in said}  # a check can wait
    assert all(advice.say and advice.why and advice.next for advice in said)


def test_a_check_is_said_gently():
    judged, verdicts = a_set(straight_line=[168, 178, 168, 168])
    (advice,) = advise(BRIDGE, judged, verdicts)
    assert advice.say.startswith("Not quite there: “until knees, hips and shoulders")
    assert "It was 168°; the aim is 172 to 186°" in advice.say
    assert "3 of 4" in advice.say


def test_it_says_which_way_a_value_is_off():
    low, high = (advise(BRIDGE, *a_set(straight_line=value))[0].say for value in (150, 200))
    assert "short of the line" in low
    assert "past the straight line" in high


def test_incomplete_repetitions_are_not_advised_on():
    judged, verdicts = a_set(1, straight_line=140)
    assert advise(BRIDGE, [JudgedRepetition(**{**vars(judged[0]), "complete": False})], verdicts) == []


def test_a_weak_measurement_of_a_good_value_gives_no_advice():
    judged, verdicts = a_set(straight_line=178)
    weak = [
        replace(r, cues={**r.cues, "straight_line": replace(r.cues["straight_line"], verdict="check")}) for r in judged
    ]
    verdicts["straight_line"] = judge_set([r.cues["straight_line"] for r in weak])
    assert verdicts["straight_line"].verdict == "check"
    assert advise(BRIDGE, weak, verdicts) == []
