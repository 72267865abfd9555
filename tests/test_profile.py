"""What is asked about a runner, and how answers are read."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipdrive.errors import HipdriveError
from hipdrive.movements.runner import Runner
from hipdrive.training.history import BANDS, Profile
from hipdrive.training.ladder import EQUIPMENT
from hipdrive.training.profile import QUESTIONS, changed, filled_in

days = st.sets(st.integers(0, 6)).map(lambda chosen: tuple(sorted(chosen)))
words = st.text("abcdefghijklmnopqrstuvwxyzäé '", min_size=1, max_size=20).map(lambda text: " ".join(text.split()))
profiles = st.builds(
    Profile,
    name=words.filter(bool),
    height_m=st.none() | st.integers(120, 210).map(lambda cm: cm / 100),
    mass_kg=st.none() | st.integers(30, 150).map(float),
    sex=st.sampled_from([None, "f", "m"]),
    birth_year=st.none() | st.integers(1940, 2015),
    experience=st.sampled_from(["new", "some", "regular"]),
    run_days=days,
    key_run_days=days,
    free_days=days,
    sessions_a_week=st.sampled_from([2, 3]),
    hours_sat=st.none() | st.integers(0, 24).map(float),
    bands=st.sets(st.sampled_from(BANDS)).map(lambda chosen: tuple(band for band in BANDS if band in chosen)),
    equipment=st.sets(st.sampled_from(EQUIPMENT)).map(lambda some: tuple(one for one in EQUIPMENT if one in some)),
    goals=st.lists(words.filter(lambda goal: goal and goal not in ("none", "no")), max_size=3).map(tuple),
    session_at=st.times().map(lambda time: f"{time:%H:%M}"),
    time_zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]),
)


@given(profiles)
def test_what_is_said_can_be_typed_again(profile):
    answers = {asked.field: asked.words(getattr(profile, asked.field)) for asked in QUESTIONS}
    assert changed(Profile(name="somebody else"), answers) == profile


@given(st.sampled_from(QUESTIONS), st.text(max_size=200))
def test_whatever_is_typed_is_read_or_refused_in_one_sentence(asked, text):
    try:
        changed(Profile(name="A"), {asked.field: text})
    except HipdriveError as error:
        assert "\n" not in str(error)
        assert len(str(error)) < 200


@pytest.mark.parametrize(
    ("field", "text", "cure"),
    [
        ("height_m", "178", "in metres"),
        ("mass_kg", "heavy", "is no number"),
        ("sex", "x", "f or m"),
        ("birth_year", "90", "four digits"),
        ("run_days", "Tue, someday", "Mon, Wed, Sat"),
        ("sessions_a_week", "7", "2 or 3"),
        ("hours_sat", "25", "24 hours"),
        ("bands", "pink", "yellow, red"),
        ("equipment", "trampoline", "bench, step, weight"),
        ("session_at", "6 pm", "18:00"),
        ("time_zone", "Mars/Olympus", "Europe/Berlin"),
        ("time_zone", "../../etc/passwd", "Europe/Berlin"),
        ("name", " \n ", "letters"),
    ],
)
def test_a_wrong_answer_names_the_cure(field, text, cure):
    with pytest.raises(HipdriveError, match=cure):
        changed(Profile(name="A"), {field: text})


def test_answers_are_read_as_people_type_them():
    answers = {"run_days": "tuesday thu;SUN", "height_m": "1,78", "bands": "Red yellow", "session_at": "7:30"}
    profile = changed(Profile(name="A"), answers)
    assert profile.run_days == (1, 3, 6)
    assert profile.height_m == 1.78
    assert profile.bands == ("yellow", "red")
    assert profile.session_at == "07:30"


def test_a_runner_is_filled_in_from_the_profile():
    profile = Profile(name="A", birth_year=1990, sex="f", height_m=1.7)
    runner = filled_in(Runner(height_m=1.8, speed_kmh=11), profile, date(2026, 11, 24))
    assert runner == Runner(1.8, None, "f", 36, 11)
