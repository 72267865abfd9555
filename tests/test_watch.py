"""Workouts for watches, read back by the official SDK and by another decoder."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import fitdecode
import pytest
from garmin_fit_sdk import Decoder, Stream
from garmin_fit_sdk.profile import Profile
from hypothesis import given, settings
from hypothesis import strategies as st

from hipdrive.errors import HipdriveError
from hipdrive.exchange.watch import (
    LAST_OLD_CATEGORY,
    NAME_BYTES,
    NOTES_BYTES,
    OLDER_NAMES,
    cut,
    workout,
    write_workouts,
)
from hipdrive.training.history import BANDS
from hipdrive.training.ladder import Dose, WatchExercise, ladder
from hipdrive.training.programme import PlannedExercise, PlannedSession, PlannedWeek, Programme

LADDER = ladder()
DAY = date(2026, 11, 24)
CATEGORIES = {word: key for key, word in Profile["types"]["exercise_category"].items()}


def session(*exercises: PlannedExercise, **changes) -> PlannedSession:
    planned = PlannedSession("2026-W48-1", DAY, exercises, "after your run", True, "two days before your long run")
    return replace(planned, **changes)


def programme(*sessions: PlannedSession) -> Programme:
    week = PlannedWeek(DAY - timedelta(days=1), "build", sessions, "hip", None, "")
    return Programme(DAY, (week,), ())


BRIDGE = PlannedExercise("glute_bridge", Dose(3, 10, 12, rest_s=45, reserve=(2, 3)), "")
WALK = PlannedExercise("monster_walk", Dose(2, 8, 10, "steps each way", band="red", rest_s=30), "")
PLANK = PlannedExercise("side_plank", Dose(1, 20, 30, "seconds", each_side=True, tempo_s=(0, 0, 0), rest_s=30), "")
THRUST = PlannedExercise("loaded_hip_thrust", Dose(2, 8, 8, rest_s=90, load_kg=42.5), "")
USUAL = session(BRIDGE, WALK, PLANK, THRUST)


def by_the_sdk(file: bytes) -> dict[str, list[dict]]:
    assert Decoder(Stream.from_byte_array(bytearray(file))).check_integrity()
    messages, errors = Decoder(Stream.from_byte_array(bytearray(file))).read()
    assert not errors
    return messages


def by_the_other(file: bytes) -> dict[str, list[dict]]:
    """Raw values of every field, as fitdecode reads them."""
    messages: dict[str, list[dict]] = {}
    with fitdecode.FitReader(
        io.BytesIO(file), check_crc=fitdecode.CrcCheck.RAISE, error_handling=fitdecode.ErrorHandling.RAISE
    ) as reader:
        for frame in reader:
            if isinstance(frame, fitdecode.FitDataMessage):
                fields = {field.field_def.def_num: field.raw_value for field in frame.fields if field.field_def}
                messages.setdefault(frame.name, []).append(fields)
    return messages


def test_a_session_step_by_step():
    """Written out by hand: this is what the watch does."""
    steps = by_the_sdk(workout(USUAL))["workout_step_mesgs"]
    told = [
        (
            step["message_index"],
            step.get("wkt_step_name"),
            step["duration_type"],
            step.get("duration_reps", step.get("duration_time", step.get("duration_step"))),
            step.get("repeat_steps"),
            step.get("intensity"),
        )
        for step in steps
    ]
    assert told == [
        (0, "Warm up", "time", 120, None, "warmup"),
        (1, "Glute bridge", "reps", 12, None, "active"),
        (2, "Rest", "time", 45, None, "rest"),
        (3, None, "repeat_until_steps_cmplt", 1, 3, None),
        (4, "Monster walk", "reps", 10, None, "active"),
        (5, "Monster walk", "reps", 10, None, "active"),
        (6, "Rest", "time", 30, None, "rest"),
        (7, None, "repeat_until_steps_cmplt", 4, 2, None),
        (8, "Side plank", "time", 30, None, "active"),
        (9, "Side plank", "time", 30, None, "active"),
        (10, "Rest", "time", 30, None, "rest"),
        (11, "Hip thrust with a load", "reps", 8, None, "active"),
        (12, "Rest", "time", 90, None, "rest"),
        (13, None, "repeat_until_steps_cmplt", 11, 2, None),
    ]
    assert [steps[place]["notes"].partition(".")[0] for place in (4, 5, 8, 9)] == [
        "To the left",
        "To the right",
        "Left side",
        "Right side",
    ]
    assert steps[1]["notes"].startswith("10-12, stop with 2-3 still in you. Lift your toes")
    assert "Red band." in steps[4]["notes"]
    assert (steps[11]["exercise_weight"], steps[11]["weight_display_unit"]) == (42.5, "kilogram")
    assert {step["exercise_category"] for step in steps if "exercise_category" in step} == {
        "hip_raise",
        "banded_exercises",
        "plank",
    }
    assert "exercise_category" not in steps[2], "a rest with a category is shown as an exercise"


def test_the_head_of_the_file():
    file = by_the_sdk(workout(USUAL))
    (kind,), (head,) = file["file_id_mesgs"], file["workout_mesgs"]
    assert kind["type"] == "workout"
    assert kind["time_created"] == datetime(2026, 11, 24, tzinfo=UTC)
    assert kind["serial_number"]
    assert (head["sport"], head["sub_sport"]) == ("training", "strength_training")
    assert head["num_valid_steps"] == len(file["workout_step_mesgs"])
    assert head["wkt_name"] == "Hips Tue 24 Nov"
    assert head["wkt_description"] == "after your run: two days before your long run"


def test_a_self_test_comes_first_and_ends_by_button():
    steps = by_the_sdk(workout(replace(USUAL, test="single-leg-bridge")))["workout_step_mesgs"]
    assert (steps[1]["wkt_step_name"], steps[1]["duration_type"]) == ("Self test", "open")
    assert "hipdrive test single-leg-bridge" in steps[1]["notes"]
    assert [step["duration_step"] for step in steps if "duration_step" in step] == [2, 5, 12]


@st.composite
def doses(draw):
    unit = draw(st.sampled_from(["repetitions", "steps each way", "seconds"]))
    least = draw(st.integers(1, 60))
    return Dose(
        draw(st.integers(1, 6)),
        least,
        least + draw(st.integers(0, 20)),
        unit,
        each_side=draw(st.booleans()) and unit != "steps each way",
        rest_s=draw(st.sampled_from([0, 15, 60, 180])),
        reserve=draw(st.sampled_from([(3, 4), (2, 2)])),
        load_kg=draw(st.none() | st.integers(1, 400).map(lambda halves: halves / 2)),
        band=draw(st.none() | st.sampled_from(BANDS)),
    )


planned_exercises = st.builds(PlannedExercise, st.sampled_from(sorted(LADDER)), doses(), st.just(""))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(planned_exercises, min_size=1, max_size=6), st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.booleans()
)
def test_two_decoders_read_the_same_and_it_adds_up(exercises, day, older_watch):
    file = workout(session(*exercises, day=day), older_watch=older_watch)
    assert file == workout(session(*exercises, day=day), older_watch=older_watch), "the same bytes"
    ours, theirs = by_the_sdk(file), by_the_other(file)
    (head,), (other_head,) = ours["workout_mesgs"], theirs["workout"]
    assert (head["wkt_name"], head["num_valid_steps"]) == (other_head[8], other_head[6])
    assert (other_head[4], other_head[11]) == (10, 20), "training, strength training"
    assert len(ours["workout_step_mesgs"]) == len(theirs["workout_step"]) == head["num_valid_steps"] <= 50

    raw, _ = Decoder(Stream.from_byte_array(bytearray(file))).read(
        apply_scale_and_offset=False, convert_types_to_strings=False, expand_components=False, merge_heart_rates=False
    )
    numbers = {entry["name"]: entry["num"] for entry in Profile["messages"][27]["fields"].values()}
    for step, other in zip(raw["workout_step_mesgs"], theirs["workout_step"], strict=True):
        plain = {numbers[name]: value for name, value in step.items() if name in numbers}
        assert plain == {number: value for number, value in other.items() if value is not None}

    assert done_by_a_watch(ours["workout_step_mesgs"]) == asked_for(exercises)


def done_by_a_watch(steps: list[dict]) -> list[tuple[str, float, float | None]]:
    """Do the steps as a watch does: what was done, and the rests."""
    done, times = [], {}
    place = 1  # after warming up
    while place < len(steps):
        step = steps[place]
        if step["duration_type"] == "repeat_until_steps_cmplt":
            times[place] = times.get(place, 1) + 1
            place = step["duration_step"] if times[place] <= step["repeat_steps"] else place + 1
            continue
        done.append(
            (step["wkt_step_name"], step.get("duration_reps", step.get("duration_time")), step.get("exercise_weight"))
        )
        place += 1
    return done


def asked_for(exercises: list[PlannedExercise]) -> list[tuple[str, float, float | None]]:
    asked = []
    for planned in exercises:
        dose = planned.dose
        sides = 2 if dose.each_side or dose.unit == "steps each way" else 1
        for _ in range(dose.sets):
            asked += [(LADDER[planned.exercise].name, dose.most, dose.load_kg)] * sides
            asked += [("Rest", dose.rest_s, None)] if dose.rest_s else []
    return asked


@pytest.mark.parametrize("exercise", LADDER.values(), ids=lambda exercise: exercise.id)
def test_watches_know_every_exercise_of_the_ladder(exercise):
    planned = session(PlannedExercise(exercise.id, exercise.dose, ""))
    steps = [step for step in by_the_sdk(workout(planned))["workout_step_mesgs"] if "exercise_name" in step]
    names = Profile["types"][f"{exercise.watch.category}_exercise_name"]
    assert steps
    for step in steps:
        assert step["exercise_category"] == exercise.watch.category
        assert names[step["exercise_name"]] == exercise.watch.name
        assert len(step["notes"].encode()) <= NOTES_BYTES
        assert exercise.how[1][:20] in step["notes"], "the coach's words are there"
    older = [
        step for step in by_the_sdk(workout(planned, older_watch=True))["workout_step_mesgs"] if "exercise_name" in step
    ]
    assert all(CATEGORIES[step["exercise_category"]] <= LAST_OLD_CATEGORY for step in older)


def test_older_names_are_names_of_the_profile():
    for exercise in OLDER_NAMES.values():
        assert exercise.name in Profile["types"][f"{exercise.category}_exercise_name"].values()


def test_titles_are_ours_where_they_are_clear():
    slow = PlannedExercise("slow_bridge", BRIDGE.dose, "")
    assert LADDER["slow_bridge"].watch == LADDER["glute_bridge"].watch
    titles = by_the_sdk(workout(session(BRIDGE, slow, WALK)))["exercise_title_mesgs"]
    assert [title["wkt_step_name"] for title in titles] == ["Monster walk"]


def test_files_are_named_by_the_session_alone(tmp_path):
    later = replace(USUAL, id="2026-W48-2", day=DAY + timedelta(days=2))
    paths = write_workouts(programme(USUAL, later), tmp_path / "new")
    assert [path.name for path in paths] == ["2026-W48-1.fit", "2026-W48-2.fit"]
    assert paths[0].read_bytes() == workout(USUAL)
    serials = {by_the_sdk(path.read_bytes())["file_id_mesgs"][0]["serial_number"] for path in paths}
    assert len(serials) == 2
    moved = by_the_sdk(workout(replace(USUAL, day=DAY + timedelta(days=1))))["file_id_mesgs"][0]
    assert moved["serial_number"] in serials, "a session that moves stays the same workout"
    assert write_workouts(Programme(DAY, (), (), stopped="pain"), tmp_path) == []
    with pytest.raises(HipdriveError, match="no id"):
        write_workouts(programme(replace(USUAL, id="../2026")), tmp_path)


def test_what_a_watch_cannot_take_is_one_sentence():
    with pytest.raises(HipdriveError, match="a watch takes 50"):
        workout(session(*[BRIDGE] * 17))
    assert workout(session(*[BRIDGE] * 16))
    nonsense = replace(LADDER["clam"], watch=WatchExercise("hip_raise", "clamshell_deluxe"))
    with pytest.raises(HipdriveError, match="clamshell_deluxe"):
        workout(session(PlannedExercise("clam", nonsense.dose, "")), {"clam": nonsense})


@settings(deadline=None)
@given(st.text(max_size=60), st.integers(1, 40))
def test_texts_fit_in_their_bytes(text, most):
    short = cut(text, most)
    assert len(short.encode()) <= most
    assert "\n" not in short
    assert "\0" not in short
    assert len(cut("Hips Wed 30 September", NAME_BYTES)) == NAME_BYTES
