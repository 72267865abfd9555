"""What a judged clip says about a set."""

from datetime import date

import pytest

from hipdrive.results import Advice, JudgedMeasure
from hipdrive.training.watched import exercise_in, seen_in, set_in
from judged import analysis, repetition

DAY = date(2026, 11, 24)


GOOD = {"straight_line": "good", "slow_lower": "good", "toes_lifted": "not_judged"}


def test_a_clean_repetition_has_no_fault_and_is_mostly_good():
    clip = analysis(
        "glute_bridge",
        [
            repetition(1, **GOOD),
            repetition(2, straight_line="fault", slow_lower="good", as_high_as_best="good"),
            repetition(3, straight_line="good", slow_lower="check"),
            repetition(4, straight_line="good", slow_lower="good", hold_at_top="check"),
            repetition(5, complete=False, **GOOD),
        ],
    )
    made = set_in(clip, "glute_bridge", reserve=2, band="red")
    assert made.amount == 4, "a repetition that is cut off does not count"
    assert made.clean_share == 0.5
    assert made.fault_share == 0.25
    assert (made.reserve, made.band, made.seen_by) == (2, "red", "video")


def test_nothing_judged_is_not_clean_and_not_at_fault():
    made = set_in(analysis("glute_bridge", [repetition(1, straight_line="not_judged")]), "glute_bridge")
    assert (made.clean_share, made.fault_share, made.seen_by) == (None, None, None)


def test_a_walk_counts_the_steps_of_the_weaker_way():
    steps = [repetition(i, side, side, band_tension="good") for i, side in enumerate(["left"] * 4 + ["right"] * 3)]
    assert set_in(analysis("monster_walk", steps), "monster_walk").amount == 3
    assert set_in(analysis("monster_walk", steps[:4]), "monster_walk").amount == 4, "one way only was filmed"


@pytest.mark.parametrize(
    ("movement", "side", "planned", "rung"),
    [
        ("glute_bridge", "both", (), "glute_bridge"),
        ("glute_bridge", "left", (), "single_leg_bridge"),
        ("glute_bridge", "both", ("monster_walk", "slow_bridge"), "slow_bridge"),
        ("glute_bridge", "left", ("slow_bridge",), "single_leg_bridge"),
        ("monster_walk", "left", ("glute_bridge", "ankle_band_walk"), "ankle_band_walk"),
        ("running", None, ("glute_bridge",), None),
        ("unknown", None, ("glute_bridge",), None),
    ],
)
def test_the_rung_is_the_planned_one_that_looks_like_it(movement, side, planned, rung):
    assert exercise_in(analysis(movement, [repetition(1, side, straight_line="good")]), planned) == rung


def test_no_repetition_is_no_set():
    assert exercise_in(analysis("glute_bridge", [repetition(1, complete=False, **GOOD)])) is None


def test_trends_need_shares_measures_and_advice():
    clip = analysis(
        "glute_bridge",
        [repetition(1, **GOOD), repetition(2, straight_line="fault", slow_lower="check")],
        measures={
            "cadence_spm": JudgedMeasure(170.0, "steps/min", 2.0, None, "good", None, None, None),
            "contact_time_s": JudgedMeasure(None, "s", None, None, "not_judged", "why", None, None),
        },
        advice=[Advice("straight_line", "say", "why", "next")],
    )
    seen = seen_in(clip, DAY)
    assert (seen.day, seen.movement, seen.repetitions, seen.name) == (DAY, "glute_bridge", 2, "clip.mp4")
    assert seen.shares == {"straight_line": (2, 1, 1), "slow_lower": (2, 1, 0)}
    assert seen.measures == {"cadence_spm": (170.0, 2.0, "steps/min", None, None)}
    assert seen.advice == ("straight_line",)
