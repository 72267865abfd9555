"""The ladder of exercises: whole, honest about what is seen and who says so, and kind to those who own little."""

import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from typer.testing import CliRunner

import stick_bridger
from hipdrive.cli import app
from hipdrive.errors import HipdriveError
from hipdrive.motion import clean_motion, find_view, new_motion
from hipdrive.movements import MOVEMENTS, recognise_movement
from hipdrive.movements.glute_bridge import BridgeSet
from hipdrive.report.ladder import ladder_view, rung_view
from hipdrive.training.history import BANDS, Profile
from hipdrive.training.ladder import (
    EQUIPMENT,
    FILE,
    LINES,
    MOST_LEVELS_UP,
    can_do,
    exercise_named,
    ladder,
    missing,
    next_down,
    next_up,
    of_line,
    read_ladder,
)
from hipdrive.training.programme import WARM_UP_MINUTES

RUNGS = list(ladder().values())
IDS = {
    "hip": "gluteal_squeeze small_bridge glute_bridge band_bridge slow_bridge marching_bridge two_up_one_down "
    "single_leg_bridge hip_thrust step_up loaded_hip_thrust split_squat single_leg_deadlift",
    "lateral": "clam side_lying_abduction monster_walk strong_band_walk hip_hitch ankle_band_walk foot_band_walk "
    "side_plank single_leg_squat_to_box side_plank_leg_lift lateral_step_up",
    "calf": "calf_raise single_leg_calf_raise loaded_calf_raise",
}
TEXT = FILE.read_text(encoding="utf-8")

each_rung = pytest.mark.parametrize("rung", RUNGS, ids=lambda rung: rung.id)
owned_equipment = st.sets(st.sampled_from([thing for thing in EQUIPMENT if thing != "band"]))
owned_bands = st.sets(st.sampled_from(BANDS))
run = CliRunner().invoke


# -- the data -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", LINES)
def test_every_exercise_of_the_lines_is_there_lowest_first(line):
    rungs = of_line(line)
    assert {rung.id for rung in rungs} == set(IDS[line].split())
    assert [rung.level for rung in rungs] == sorted(rung.level for rung in rungs)


def test_the_lines_have_the_levels_of_the_evidence():
    levels = {line: {rung.level for rung in of_line(line)} for line in LINES}
    assert levels == {"hip": {0, 1, 2, 3, 4, 5}, "lateral": {0, 1, 2, 3, 4, 5}, "calf": {0, 2, 4}}


@pytest.mark.parametrize("movement", ["glute_bridge", "monster_walk"])
def test_the_coach_is_quoted_word_for_word(movement):
    def words(text):
        return re.findall(r"[a-z]+", text.lower())

    assert words(" ".join(ladder()[movement].how)) == words(MOVEMENTS[movement].coach)


@each_rung
def test_cues_are_those_of_the_movement_it_is_judged_as(rung):
    if rung.judged_as is None:
        assert not rung.cues and rung.video.startswith(("No", "Not yet"))
        return
    assert set(rung.cues) <= {cue.id for cue in MOVEMENTS[rung.judged_as].cues}
    assert rung.video.startswith(("Yes", "In part"))


@each_rung
def test_no_dose_is_what_a_cue_calls_a_fault(rung):
    """A tempo that the exercise asks for is good in the eyes of the cues that apply to it."""
    if rung.judged_as != "glute_bridge":
        return
    cues = {cue.id: cue for cue in MOVEMENTS["glute_bridge"].cues}
    for name, seconds in zip(("slow_raise", "hold_at_top", "slow_lower"), rung.dose.tempo_s, strict=True):
        assert name not in rung.cues or cues[name].band.good[0] <= seconds <= cues[name].band.good[1]


def test_what_is_no_plain_bridge_is_not_judged_as_one():
    assert "straight_line" not in ladder()["small_bridge"].cues
    assert "hold_at_top" not in ladder()["slow_bridge"].cues
    assert ladder()["marching_bridge"].judged_as is None
    assert "pelvis_level" in ladder()["single_leg_bridge"].cues
    assert "pelvis_level" not in ladder()["glute_bridge"].cues  # on two legs there is no reason to tilt
    for name in ("ankle_band_walk", "foot_band_walk"):
        assert "lead_with_knee" not in ladder()[name].cues


@each_rung
def test_watches_know_it(rung):
    from garmin_fit_sdk import Profile as FitProfile

    types = FitProfile["types"]
    assert rung.watch.category in types["exercise_category"].values()
    assert rung.watch.name in types[f"{rung.watch.category}_exercise_name"].values()


@each_rung
def test_hard_work_begins_at_level_3(rung):
    assert rung.hard == (rung.level >= 3)


def test_sessions_of_four_to_six_exercises_take_15_to_25_minutes():
    minutes = sorted(rung.dose.minutes for rung in RUNGS)
    assert WARM_UP_MINUTES + 6 * minutes[0] >= 15  # six of the shortest
    assert WARM_UP_MINUTES + 5 * minutes[-1] <= 25  # five of the longest


@each_rung
def test_doses_to_begin_with_are_as_in_the_evidence(rung):
    dose = rung.dose
    assert dose.reserve == ((2, 3) if rung.level == 5 or rung.id == "loaded_calf_raise" else (3, 4))
    if dose.unit == "repetitions":
        assert 2 <= dose.sets <= 3
        assert 5 <= dose.least < dose.most <= (10 if rung.level == 5 else 15)
    elif dose.unit == "steps each way":
        assert (dose.sets, dose.least, dose.most) == (2, 8, 12)
    else:
        assert dose.most <= 30


def test_the_slow_bridge_is_slow():
    assert ladder()["slow_bridge"].dose.tempo_s == (3, 0, 4)


@each_rung
def test_it_is_said_who_says_so(rung):
    assert re.search(r"\b(19|20)\d\d, [A-Z]", rung.source) or re.search(r"\b(proposal|statics)\b", rung.source)
    if re.search(r"\d+ (?:to \d+ )?%", rung.why):  # a number has an author and a year
        assert re.search(r"[A-Z]\w+ et al\. (19|20)\d\d, [A-Z]", rung.source)


@each_rung
def test_words_are_calm_short_and_whole(rung):
    texts = (*rung.how, rung.why, rung.when_sore, rung.without_floor, rung.video)
    assert all(text[0].isupper() or text[0] == "“" for text in texts)
    assert all(text.rstrip("”").endswith((".", "”.")) for text in texts)
    assert all(len(step.split()) <= 32 for step in rung.how)
    said = " ".join(texts).lower()
    assert not re.findall(r"\b(?:injur|damage|danger|wrong|heal|cure|prevent|must|never|amnesia|activat)\w*", said)


# -- the way up and down --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", LINES)
def test_every_exercise_can_be_reached_from_below(line):
    seen, waiting = set(), [of_line(line)[0].id]
    while waiting:
        name = waiting.pop()
        seen.add(name)
        waiting += [above for above in ladder()[name].harder if above not in seen]
    assert seen == {rung.id for rung in of_line(line)}


@each_rung
def test_steps_go_to_the_next_level_of_the_line_and_back(rung):
    levels = sorted({other.level for other in of_line(rung.line)})
    above = levels[min(levels.index(rung.level) + 1, len(levels) - 1)]
    for name in rung.harder:
        assert ladder()[name].level in (rung.level, above)
        assert rung.id in ladder()[name].easier
    assert rung.easier or rung.level == 0
    assert rung.harder or rung.level == levels[-1]
    below = [levels.index(ladder()[name].level) for name in rung.easier]
    assert all(levels.index(rung.level) - level <= 1 for level in below)


@pytest.mark.parametrize("line", LINES)
def test_who_owns_everything_climbs_to_the_top_level_by_level(line):
    name, levels = of_line(line)[0].id, []
    while name is not None:
        levels.append(ladder()[name].level)
        name = next_up(name).exercise
    assert levels == sorted(levels)
    assert set(levels) == {rung.level for rung in of_line(line)}


@each_rung
@settings(deadline=None)
@given(equipment=owned_equipment, bands=owned_bands)
def test_next_is_always_possible_higher_and_said(rung, equipment, bands):
    profile = Profile("Kim", equipment=tuple(equipment), bands=tuple(bands))
    up, down = next_up(rung.id, equipment, bands), next_down(rung.id, equipment, bands)
    for move in (up, down):
        assert move.why.endswith(".")
        assert move.exercise is None or can_do(ladder()[move.exercise], profile)
    if up.exercise is not None:
        direct = max(ladder()[name].level for name in rung.harder)
        assert rung.level <= ladder()[up.exercise].level <= max(rung.level + MOST_LEVELS_UP, direct)
    if down.exercise is not None:
        assert ladder()[down.exercise].level <= rung.level
    doable = [name for name in rung.harder if can_do(ladder()[name], profile)]
    assert not doable or up.exercise == doable[0]  # the usual one first


@settings(deadline=None)
@given(equipment=owned_equipment, bands=owned_bands)
def test_nobody_climbs_in_circles(equipment, bands):
    for rung in RUNGS:
        name, steps = rung.id, 0
        while name is not None:
            name, steps = next_up(name, equipment, bands).exercise, steps + 1
            assert steps <= len(RUNGS)


def test_missing_equipment_is_passed_over_and_named():
    assert next_up("glute_bridge", (), ()).exercise == "slow_bridge"
    assert "Bridge with a band needs a band" in next_up("glute_bridge", (), ()).why
    assert next_up("glute_bridge", (), ("red",)).exercise == "band_bridge"
    assert next_up("single_leg_bridge", ("step",), ()).exercise == "step_up"
    skipped = next_up("single_leg_bridge", (), ())
    assert skipped.exercise == "split_squat"
    assert skipped.why.startswith("Nothing of level 4 can be done: ")
    assert "needs a bench" in skipped.why and "needs a step" in skipped.why


def test_one_band_leads_past_the_stronger_one_to_the_ankles():
    move = next_up("monster_walk", (), ("red",))
    assert move.exercise == "ankle_band_walk"
    assert "a second, stronger band" in move.why
    assert next_up("monster_walk", (), ("red", "green")).exercise == "strong_band_walk"


def test_where_nothing_can_be_done_it_is_said():
    move = next_up("side_lying_abduction", (), ())
    assert move.exercise is None
    assert "Monster walk needs a band" in move.why and "do more of it" in move.why
    assert next_up("loaded_hip_thrust").exercise is None
    assert next_down("gluteal_squeeze").exercise is None
    assert "rest" in next_down("gluteal_squeeze").why


def test_down_goes_past_what_cannot_be_done():
    assert next_down("two_up_one_down").exercise == "slow_bridge"
    assert next_down("side_plank", (), ()).exercise == "side_lying_abduction"


def test_equipment_is_what_the_exercises_say():
    needs = {rung.id: set(rung.equipment) for rung in RUNGS if rung.equipment}
    assert needs == {
        "band_bridge": {"band"},
        "hip_thrust": {"bench"},
        "loaded_hip_thrust": {"bench", "weight"},
        "step_up": {"step"},
        "monster_walk": {"band"},
        "strong_band_walk": {"band"},
        "hip_hitch": {"step"},
        "ankle_band_walk": {"band"},
        "foot_band_walk": {"band"},
        "single_leg_squat_to_box": {"step"},
        "lateral_step_up": {"step", "weight"},
        "loaded_calf_raise": {"weight"},
    }
    assert missing(ladder()["strong_band_walk"], EQUIPMENT, ()) == ("two bands of different colours",)
    assert not can_do(ladder()["monster_walk"], Profile("Kim", equipment=("band",)))  # without a colour there is none


# -- reading --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("level = 3", "level = 7", "two_up_one_down: level 7 is not from 0 to 5"),
        (
            'equipment = ["bench"]',
            'equipment = ["sofa"]',
            "hip_thrust: equipment has to be of band, bench, step, weight",
        ),
        ('line = "lateral"', 'line = "side"', "clam: Invalid enum value 'side'"),
        ("least = 10", "least = 30", "glute_bridge: a dose needs sets"),
        ('harder = ["glute_bridge"]', 'harder = ["handstand"]', "small_bridge: there is no handstand"),
        ('harder = ["glute_bridge"]', "harder = []", "glute_bridge: small_bridge is easier, but does not name it"),
        ('easier = ["small_bridge"]', "easier = []", "small_bridge: glute_bridge is harder, but does not name it"),
        ('easier = ["small_bridge"]\n', "", "glute_bridge: Object missing required field `easier`"),
        ('video = "Yes', 'vidoe = "Yes', "small_bridge: vidoe is nothing that the ladder knows"),
        ("sets = 6", "series = 6", "gluteal_squeeze: series is nothing that the ladder knows"),
        ('  "Repeat.",\n]', '  " ",\n]', "glute_bridge: a text is empty"),
        ('judged_as = "glute_bridge"\n', "", "small_bridge: cues and the movement"),
        ("tempo_s = [0, 0, 0], rest_s = 15", "rest_s = 15", "gluteal_squeeze: a hold has no tempo"),
        ("[clam]", "[clam", "the ladder cannot be read"),
    ],
)
def test_a_broken_ladder_says_where_and_what(old, new, complaint):
    assert old in TEXT
    with pytest.raises(HipdriveError, match=re.escape(complaint)):
        read_ladder(TEXT.replace(old, new, 1))


def test_a_circle_is_found():
    text = TEXT.replace(
        'easier = []\nharder = ["small_bridge"]', 'easier = ["small_bridge"]\nharder = ["small_bridge"]'
    )
    text = text.replace(
        'easier = ["gluteal_squeeze"]\nharder = ["glute_bridge"]',
        'easier = ["gluteal_squeeze"]\nharder = ["gluteal_squeeze", "glute_bridge"]',
    )
    with pytest.raises(HipdriveError, match="comes back to itself"):
        read_ladder(text)


def test_a_level_is_not_passed_over():
    text = TEXT.replace('harder = ["band_bridge", "slow_bridge", "marching_bridge"]', 'harder = ["hip_thrust"]')
    text = text.replace('easier = ["glute_bridge"]', 'easier = ["small_bridge"]')
    with pytest.raises(HipdriveError, match="broken at"):
        read_ladder(text)


@pytest.mark.parametrize("name", ["single_leg_bridge", "Single-leg bridge", "SINGLE LEG BRIDGE", " single-leg_bridge "])
def test_names_may_be_written_as_one_likes(name):
    assert exercise_named(name).id == "single_leg_bridge"


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_other_name_gets_one_sentence(text):
    try:
        assert exercise_named(text) in RUNGS
    except HipdriveError as error:
        assert "is no exercise of the ladder" in str(error)


def test_the_ladder_is_light():
    code = "import sys, hipdrive.training.ladder as l; l.ladder(); print('numpy' in sys.modules, 'rich' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split() == ["False", "False"]


# -- the terminal ---------------------------------------------------------------------------------------------------


def shown(view, width):
    console = Console(width=width, color_system=None, highlight=False)
    with console.capture() as capture:
        console.print(view)
    return capture.get()


@pytest.mark.parametrize("width", [60, 79, 80, 116, 200])
def test_the_list_fits_and_has_every_name_whole(width):
    text = shown(ladder_view(width), width)
    assert max(len(line.rstrip()) for line in text.splitlines()) <= width
    words = set(text.split())
    assert words >= {rung.id for rung in RUNGS}
    assert text.count("hard\n") + len(re.findall(r"hard  ", text)) == sum(rung.hard for rung in RUNGS)
    assert ("2 × 10-15" in text) == (width >= 80)
    assert ("Side-lying leg lift" in text) == (width >= 116)


@pytest.mark.parametrize("width", [60, 200])
@each_rung
def test_one_rung_says_everything_at_any_width(width, rung):
    text = shown(rung_view(rung), width)
    assert max(len(line.rstrip()) for line in text.splitlines()) <= min(width, 100)
    flat = " ".join(re.sub(r"\n *(?=\S)", " ", text).split())
    for words in (rung.name, *rung.how, rung.why, rung.source, rung.when_sore, rung.without_floor, rung.video):
        assert " ".join(words.split()) in flat
    assert all(name in flat for name in (*rung.easier, *rung.harder))
    assert ("How to film" in flat) == (rung.judged_as is not None)
    assert "not medical advice" in flat


def test_the_command_lists_and_shows():
    listing = run(app, ["ladder"])
    assert listing.exit_code == 0
    assert all(rung.id in listing.output for rung in RUNGS)
    one = run(app, ["ladder", "Monster walk"])
    assert one.exit_code == 0
    assert "lead with the knee" in one.output


@pytest.mark.parametrize("name", ["glute_brige", "gluteus bridge"])
def test_an_unknown_name_lists_those_like_it(name):
    result = run(app, ["ladder", name])
    assert result.exit_code == 2
    assert "did you mean" in result.output and "glute_bridge" in result.output


@pytest.mark.parametrize("name", ["[red]x", "🦵" * 300, "\x1b[31m"])
def test_strange_names_are_told_plainly(name):
    result = run(app, ["ladder", name])
    assert result.exit_code == 2
    assert "is no exercise of the ladder" in result.output
    assert "\x1b[31m" not in result.output.replace("✗", "")
    assert len(result.output) < 300


# -- what is seen of it -----------------------------------------------------------------------------------------------


def stick_set(rung):
    """Four repetitions as the exercise asks for, of a stick figure filmed from the side; the left leg is lifted."""
    raise_s, hold_s, lower_s = rung.dose.tempo_s
    height = {"small_bridge": 0.45}.get(rung.id, 1.0)
    one = stick_bridger.repetition(raise_s, hold_s, lower_s, height)
    still = np.zeros(75)
    heights = np.concatenate([still, *[one] * 4, still])
    lifted = np.zeros(len(heights))
    if rung.id == "single_leg_bridge":
        lifted[60:-60] = 1
    elif rung.id == "two_up_one_down":  # in the air from the top to the floor
        once = np.zeros(len(one))
        once[round(raise_s * 30) : round(sum(rung.dose.tempo_s) * 30)] = 1
        lifted = np.concatenate([still, *[once] * 4, still])
    lifted = np.convolve(lifted, np.ones(9) / 9, "same")
    return bridge_of(stick_bridger.landmarks(heights, {"left": lifted}))


def bridge_of(landmarks):
    time_s = np.arange(len(landmarks)) / stick_bridger.RATE_HZ
    motion, _ = clean_motion(new_motion(time_s, landmarks, source="clip", width_px=640, height_px=360))
    motion, view = find_view(motion)
    return BridgeSet(motion, view), recognise_movement(motion, view)[1].id


def verdicts(bridge):
    cues = [cue for cue in MOVEMENTS["glute_bridge"].cues if bridge.view.id in cue.views]
    complete = [repetition for repetition in bridge.repetitions if repetition.complete]
    return {cue.id: {cue.judged(cue.measure(bridge, repetition)).verdict for repetition in complete} for cue in cues}


@pytest.mark.parametrize("rung", [rung for rung in RUNGS if rung.judged_as == "glute_bridge"], ids=lambda rung: rung.id)
def test_a_bridge_done_as_told_is_counted_and_has_no_fault(rung):
    bridge, recognised = stick_set(rung)
    assert (recognised, bridge.view.id) == ("glute_bridge", "side")
    assert sum(repetition.complete for repetition in bridge.repetitions) == 4
    assert {bridge.side_of(repetition) for repetition in bridge.repetitions} == {
        "right" if rung.dose.each_side else "both"
    }
    seen = verdicts(bridge)
    applying = [seen[cue] for cue in rung.cues if cue in seen]
    assert not any("fault" in cue for cue in applying)
    assert sum(cue == {"good"} for cue in applying) > len(applying) / 2


def test_cues_that_are_left_out_would_find_faults_where_there_are_none():
    assert verdicts(stick_set(ladder()["small_bridge"])[0])["straight_line"] == {"fault"}
    assert verdicts(stick_set(ladder()["slow_bridge"])[0])["hold_at_top"] == {"fault"}


def test_marching_shows_one_rise_whatever_the_feet_do():
    heights = np.concatenate([np.zeros(75), stick_bridger.repetition(2, 12, 3), np.zeros(75)])
    lifted = {side: np.zeros(len(heights)) for side in ("left", "right")}
    for march in range(6):
        lifted[("left", "right")[march % 2]][150 + 60 * march : 190 + 60 * march] = 0.35
    bridge, _ = bridge_of(stick_bridger.landmarks(heights, lifted))
    assert len(bridge.repetitions) == 1
