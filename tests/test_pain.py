"""Pain: the traffic light, red flags and when a professional should look first."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from hipdrive.cli import app
from hipdrive.diary import Diary
from hipdrive.training.history import History, PainReport, Profile, Screening, SessionDone
from hipdrive.training.pain import (
    LIGHT_WORDS,
    QUESTIONS,
    ask,
    light,
    open_flags,
    question,
    rising,
    screened,
    screening_questions,
    stop_reason,
    unsettled_report,
)

DAY = date(2026, 11, 18)
GREENER = {"green": 0, "amber": 1, "red": 2}
LONGEST_SENTENCE = 26  # words; plain English asks for 15 to 20 in the mean
URGENT = {entry.id for entry in QUESTIONS if entry.urgent}


def day(number: int) -> date:
    return DAY + timedelta(days=number)


def history(*records: Screening | PainReport | SessionDone) -> History:
    def of(kind: type) -> tuple:
        return tuple(sorted((record for record in records if isinstance(record, kind)), key=lambda record: record.day))

    return History(Profile("Ada"), screenings=of(Screening), pains=of(PainReport), sessions=of(SessionDone))


def hurt(number: int, score: float, **more: object) -> PainReport:
    return PainReport(day(number), score, **more)  # type: ignore[arg-type]


def flags(told: History, number: int) -> list[str]:
    return [entry.id for entry in open_flags(told, day(number))]


# -- the traffic light ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("score", "colour"),
    [(0, "green"), (2, "green"), (2.5, "amber"), (3, "amber"), (5, "amber"), (5.5, "red"), (10, "red")],
)
def test_light_goes_by_the_limits_of_thomee(score: float, colour: str) -> None:
    assert light(history(hurt(0, score)), DAY) == colour
    assert light(history(SessionDone(DAY, (), pain=score)), DAY) == colour


def test_amber_pain_is_asked_about_once_the_next_day() -> None:
    amber = hurt(0, 4, where="left hip")
    assert unsettled_report(history(amber), DAY) is None, "not on the day itself"
    assert unsettled_report(history(amber), day(1)) == amber
    assert unsettled_report(history(amber, replace(amber, settled=False)), day(2)) is None, "it was told"
    assert unsettled_report(history(hurt(0, 2), hurt(0, 6)), day(1)) is None, "neither depends on it"
    assert unsettled_report(history(amber), day(9)) is None, "too long ago to know"
    session = SessionDone(DAY, (), pain=4)
    assert unsettled_report(history(session), day(1)) == hurt(0, 4)


def test_nothing_told_is_no_light() -> None:
    assert light(history(), DAY) is None
    assert light(history(SessionDone(DAY, ())), DAY) is None
    assert light(history(hurt(1, 9)), DAY) is None


def test_worst_of_the_day_counts() -> None:
    assert light(history(hurt(0, 1), hurt(0, 6), SessionDone(DAY, (), pain=2)), DAY) == "red"


def test_amber_that_has_not_settled_is_red() -> None:
    assert light(history(hurt(0, 4, settled=False)), DAY) == "red"
    assert light(history(hurt(0, 4, settled=True)), DAY) == "amber"
    assert light(history(hurt(0, 4), hurt(1, 4, when="next_morning")), DAY) == "red"
    assert light(history(hurt(0, 4), hurt(1, 1, when="next_morning")), DAY) == "amber"
    # somebody whose usual is 3 is back to usual
    assert light(history(hurt(0, 4), hurt(1, 3, when="next_morning", settled=True)), DAY) == "amber"


def test_amber_that_rises_from_week_to_week_is_red() -> None:
    assert light(history(hurt(-8, 3), hurt(0, 4)), DAY) == "red"
    assert light(history(hurt(-8, 4), hurt(0, 4)), DAY) == "amber"
    assert light(history(hurt(0, 4)), DAY) == "amber"  # of the week before nothing is known


def test_rising_needs_more_than_safe_pain() -> None:
    assert not rising(history(hurt(-8, 0), hurt(0, 2)), DAY)
    assert rising(history(hurt(-8, 0), hurt(0, 3)), DAY)
    assert not rising(history(hurt(-8, 3), hurt(0, 3.5)), DAY)
    assert not rising(history(hurt(-8, 6), hurt(0, 4)), DAY)


def test_for_a_bone_the_limit_is_0_until_it_is_cleared() -> None:
    told = history(hurt(0, 1, flags=("bone_spot",)), hurt(1, 0.5))
    assert light(told, day(1)) == "red"
    cleared = history(*told.pains, Screening(day(9), {"bone_spot": True}, cleared=day(9)), hurt(10, 1))
    assert light(cleared, day(10)) == "green"


scores = st.floats(0, 10).map(lambda score: round(score, 1))
reports = st.builds(
    PainReport,
    day=st.integers(-25, 1).map(day),
    score=scores,
    when=st.sampled_from(["during", "after", "next_morning", "run", "rest"]),
    settled=st.sampled_from([None, True, False]),
    flags=st.lists(st.sampled_from(["groin", "limp", "fever", "of_tomorrow"]), max_size=1).map(tuple),
)
sessions = st.builds(SessionDone, day=st.integers(-25, 1).map(day), exercises=st.just(()), pain=st.none() | scores)
screenings = st.builds(
    Screening,
    day=st.integers(-25, 1).map(day),
    answers=st.dictionaries(st.sampled_from(["heart", "operation", "groin"]), st.booleans()),
)
diaries = st.lists(reports | sessions | screenings, max_size=12).map(lambda records: history(*records))


@given(told=diaries, report=reports, more=scores)
def test_more_pain_never_gives_a_greener_light(told: History, report: PainReport, more: float) -> None:
    of_today = replace(report, day=DAY)
    worse = replace(of_today, score=min(10.0, report.score + more))
    records = (*told.screenings, *told.pains, *told.sessions)
    less, then = light(history(*records, of_today), DAY), light(history(*records, worse), DAY)
    assert less and then and GREENER[then] >= GREENER[less]


@given(told=diaries, report=reports.map(lambda report: replace(report, day=max(DAY, report.day))))
def test_one_more_report_never_gives_a_greener_light(told: History, report: PainReport) -> None:
    before = light(told, DAY)
    after = light(history(*told.screenings, *told.pains, *told.sessions, report), DAY)
    assert before is None or (after is not None and GREENER[after] >= GREENER[before])


# -- flags ------------------------------------------------------------------------------------------------------------


@given(told=diaries, later=diaries)
def test_a_flag_never_vanishes_without_clearance(told: History, later: History) -> None:
    records = (*told.screenings, *told.pains, *told.sessions, *later.screenings, *later.pains, *later.sessions)
    for number in (0, 1, 400):
        assert set(flags(told, number)) <= set(flags(history(*records), number))
    said = {flag for report in told.pains for flag in report.flags}
    said |= {flag for screening in told.screenings for flag, so in screening.answers.items() if so}
    assert set(flags(told, 400)) == said
    assert (stop_reason(told, day(400)) is None) <= (not said)


@given(told=diaries)
def test_a_professional_clears_all_that_was_before(told: History) -> None:
    cleared = history(*told.screenings, *told.pains, *told.sessions, Screening(day(3), {}, cleared=day(2)))
    assert stop_reason(cleared, day(3)) is None
    assert stop_reason(cleared, day(2)) == stop_reason(told, day(2))  # nobody had entered it yet


def test_clearance_holds_for_what_it_names() -> None:
    told = history(
        hurt(0, 6, flags=("limp", "groin")),
        Screening(day(5), {"limp": True}, cleared=day(4)),
    )
    assert flags(told, 5) == ["groin"]
    assert flags(told, 4) == ["groin", "limp"]


def test_clearance_does_not_hold_for_what_comes_after() -> None:
    told = history(Screening(day(2), {}, cleared=day(2)), hurt(2, 7, flags=("calf",)), hurt(3, 1))
    assert flags(told, 9) == ["calf"]
    assert flags(history(*told.pains, Screening(day(4), {"calf": True}, cleared=day(1))), 9) == ["calf"]


def test_clearance_of_a_day_to_come_does_not_hold_yet() -> None:
    told = history(hurt(0, 6, flags=("limp",)), Screening(day(1), {"limp": True}, cleared=day(8)))
    assert flags(told, 2) == ["limp"]
    assert stop_reason(told, day(2)) is not None
    assert flags(told, 8) == []


def test_answers_that_a_doctor_knows_about_do_not_stop() -> None:
    told = history(Screening(day(0), {"heart": True, "operation": False}, cleared=day(-30)))
    assert flags(told, 0) == []


def test_saying_no_later_does_not_take_a_flag_away() -> None:
    told = history(Screening(day(0), {"heart": True}), Screening(day(1), {"heart": False}))
    assert flags(told, 1) == ["heart"]


def test_a_flag_of_another_release_stays() -> None:
    reason = stop_reason(history(hurt(0, 1, flags=("of_tomorrow",))), day(30))
    assert reason is not None and "see a doctor" in reason


def test_urgent_flags_come_first() -> None:
    told = history(hurt(0, 7, flags=("limp", "calf")), Screening(day(0), {"heart": True}))
    assert flags(told, 0) == ["calf", "heart", "limp"]
    reason = stop_reason(told, DAY)
    assert reason is not None and reason.startswith(question("calf").yes)


def test_screened_when_every_question_is_answered() -> None:
    answers = {entry.id: False for entry in screening_questions()}
    assert screened(history(Screening(DAY, answers)))
    first = next(iter(answers))
    missing = {flag: so for flag, so in answers.items() if flag != first}
    assert not screened(history(Screening(DAY, missing)))
    assert screened(history(Screening(DAY, missing), Screening(day(1), {first: True})))


# -- pain that lasts --------------------------------------------------------------------------------------------------


def test_pain_above_5_stops_when_it_comes_back() -> None:
    assert stop_reason(history(hurt(0, 6)), DAY) is None
    assert "come back" in str(stop_reason(history(hurt(0, 6), hurt(3, 6)), day(3)))
    assert stop_reason(history(hurt(0, 6), hurt(15, 6)), day(15)) is None


def test_the_morning_after_is_not_another_time() -> None:
    assert stop_reason(history(hurt(0, 6), hurt(1, 6, when="next_morning")), day(1)) is None
    assert stop_reason(history(hurt(0, 6), hurt(2, 6, when="next_morning")), day(2)) is not None


def test_three_weeks_without_getting_better_stop() -> None:
    same = [hurt(0, 4), hurt(8, 3), hurt(15, 4)]
    assert "three weeks" in str(stop_reason(history(*same), day(15)))
    assert stop_reason(history(*same[:2]), day(15)) is None
    assert stop_reason(history(hurt(0, 5), hurt(8, 4), hurt(15, 3)), day(15)) is None  # better


def test_silence_does_not_end_a_stop_but_a_calm_week_does() -> None:
    told = history(hurt(0, 6), hurt(3, 7))
    assert stop_reason(told, day(300)) is not None
    calm = history(*told.pains, hurt(5, 2), hurt(10, 1))
    assert stop_reason(calm, day(9)) is not None
    assert stop_reason(calm, day(10)) is None
    assert stop_reason(history(*calm.pains, hurt(11, 6)), day(11)) is None  # once is not coming back
    assert stop_reason(history(*calm.pains, hurt(8, 3)), day(10)) is not None


def test_clearance_ends_a_stop_for_pain() -> None:
    told = history(hurt(0, 6), hurt(3, 7), Screening(day(4), {}, cleared=day(4)))
    assert stop_reason(told, day(4)) is None
    assert stop_reason(history(*told.pains, *told.screenings, hurt(5, 6)), day(5)) is None


# -- what is asked ----------------------------------------------------------------------------------------------------


def test_more_pain_asks_no_less() -> None:
    asked = [{entry.id for entry in ask(tenth / 10)} for tenth in range(101)]
    assert all(before <= after for before, after in pairwise(asked))
    assert asked[20] == set()
    assert asked[30] == {entry.id for entry in QUESTIONS if entry.bone}
    assert {entry.id for entry in ask(1, at_rest=True)} == asked[30] and not ask(0, at_rest=True)
    assert asked[51] == {entry.id for entry in QUESTIONS if entry.kind == "red flag"}


def test_questions_cover_what_clinics_ask_for() -> None:
    all_words = " ".join(entry.text.lower() for entry in QUESTIONS)
    for word in (
        "at rest", "night", "spot on a bone", "hopped", "groin", "weight on the leg", "limp", "swollen", "lock",
        "give way", "calf", "chest", "breathing", "fainted", "numb", "between your legs", "fever", "lost weight",
        "periods", "stress fractures", "operation", "pregnant", "heart", "supervision", "medicine", "dizziness",
    ):  # fmt: skip
        assert word in all_words
    assert len({entry.id for entry in QUESTIONS}) == len(QUESTIONS)
    assert all(entry.source for entry in QUESTIONS)


# -- words ------------------------------------------------------------------------------------------------------------

SAID = [(entry.id, entry.yes) for entry in QUESTIONS] + list(LIGHT_WORDS.items())
ALARM = re.compile(
    r"danger|serious|severe|risk|warning|damage|\btorn?\b|ruptur|fatal|death|die\b|never|immediately|must\b|!|"
    r"\bthis is a\b|diagnos|worry",
    re.IGNORECASE,
)
BLAME = re.compile(r"your fault|should have|too lazy|fail|wrong|ignor|bad|weak\b|mistake|skipp", re.IGNORECASE)
NEXT = re.compile(r"\b(call|see|ask|show|go to|have a doctor|leave out|train as planned|keep off)\b", re.IGNORECASE)
NOW = re.compile(r"\b(now|today)\b", re.IGNORECASE)


def sentences(text: str) -> list[str]:
    return [sentence for sentence in re.split(r"(?<=[.?;])\s+", text) if sentence]


@pytest.mark.parametrize(("name", "text"), SAID)
def test_what_is_said_is_calm_and_names_what_to_do_next(name: str, text: str) -> None:
    assert NEXT.search(text), name
    assert not ALARM.search(text) and not BLAME.search(text), name
    assert all(len(sentence.split()) <= LONGEST_SENTENCE for sentence in sentences(text)), name
    assert bool(NOW.search(text)) == (name in URGENT), name


@pytest.mark.parametrize("entry", QUESTIONS, ids=lambda entry: entry.id)
def test_questions_are_short_and_answered_with_yes_or_no(entry) -> None:  # type: ignore[no-untyped-def]
    asked = re.sub(r"\s*\(.*\)$", "", entry.text)
    assert asked.endswith("?") and asked.count("?") == 1
    assert re.match(r"(Has|Have|Do|Does|Is|Are) ", asked)
    assert len(asked.split()) <= LONGEST_SENTENCE
    assert not ALARM.search(asked)


@pytest.mark.parametrize(
    "told",
    [
        history(hurt(0, 6), hurt(3, 6)),
        history(hurt(-16, 4), hurt(-8, 4), hurt(0, 4)),
        *(history(hurt(0, 1, flags=(entry.id,))) for entry in QUESTIONS),
    ],
)
def test_every_stop_says_whom_to_see_what_comes_then_and_that_it_is_no_advice(told: History) -> None:
    reason = stop_reason(told, day(3))
    assert reason is not None
    assert re.search(r"doctor|physiotherapist|emergency|midwife|team that operated", reason)
    assert "enter the day" in reason and "hipdrive" not in reason and "not medical advice" in reason
    assert not ALARM.search(reason) and not BLAME.search(reason)


# -- the commands -----------------------------------------------------------------------------------------------------

runner = CliRunner()
RED_FLAGS = [entry.id for entry in QUESTIONS if entry.kind == "red flag"]
BONE = [entry.id for entry in QUESTIONS if entry.bone]


@pytest.fixture
def diary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], History]:
    """A diary of one athlete; gives her history."""
    monkeypatch.setenv("HIPDRIVE_DATABASE", str(tmp_path / "diary.sqlite3"))
    monkeypatch.setattr("hipdrive.cli.pain.today", lambda profile: DAY)
    monkeypatch.setattr("hipdrive.cli.common.today", lambda profile: DAY)
    with Diary.open() as opened:
        opened.add_athlete(Profile("Ada"))

    def told() -> History:
        with Diary.open() as opened:
            return opened.athlete().history()

    return told


def run(*arguments: str, typed: str = "") -> tuple[int, str]:
    done = runner.invoke(app, arguments, input=typed)
    return done.exit_code, " ".join(done.output.replace("│", " ").split())


def answers(asked: list[str], *yes: str) -> str:
    return "".join("y\n" if flag in yes else "n\n" for flag in asked)


def test_little_pain_is_entered_without_questions(diary: Callable[[], History]) -> None:
    code, said = run("pain", "2", "--where", "left [hip]", "--when", "run", "--note", "on the hill")
    assert code == 0 and "green" in said and "[y/n]" not in said
    (report,) = diary().pains
    assert (report.score, report.where, report.when, report.note, report.day) == (
        2,
        "left [hip]",
        "run",
        "on the hill",
        DAY,
    )
    assert "left [hip]" in run("pain")[1]


def test_the_morning_after_asks_whether_it_has_settled(diary: Callable[[], History]) -> None:
    code, said = run("pain", "4", "--when", "next_morning", typed="n\n" + answers(BONE))
    assert code == 0 and "red" in said
    assert diary().pains[0].settled is False
    assert run("pain", "4", "--when", "next_morning", "--settled", typed=answers(BONE))[0] == 0
    assert diary().pains[1].settled is True


def test_strong_pain_asks_all_red_flags_and_stops_on_one(diary: Callable[[], History]) -> None:
    code, said = run("pain", "7", typed=answers(RED_FLAGS, "calf", "limp"))
    assert code == 0
    assert diary().pains[0].flags == ("calf", "limp")
    assert said.index("see a doctor today") < said.index("this week")
    assert "hipdrive pain --cleared" in said


def test_all_questions_can_be_asked_for_and_left_out(diary: Callable[[], History]) -> None:
    assert run("pain", "1", "--ask", typed=answers(RED_FLAGS, "groin"))[0] == 0
    assert run("pain", "6", "--no-ask")[0] == 0
    assert [report.flags for report in diary().pains] == [("groin",), ()]


def test_questions_that_are_not_answered_enter_nothing(diary: Callable[[], History]) -> None:
    assert run("pain", "7", typed="n\nn\n")[0] != 0
    assert diary().pains == ()


def test_clearance_is_entered_for_what_is_open(diary: Callable[[], History]) -> None:
    run("pain", "3", "--day", day(-3).isoformat(), typed=answers(BONE, "hop"))
    run("pain", "3", typed=answers(BONE, "bone_spot"))
    code, said = run("pain", "--cleared", day(-1).isoformat())
    assert code == 0 and "1 of your answers" in said
    assert flags(diary(), 0) == ["bone_spot"]
    assert run("pain", "--cleared", "today")[0] == 0
    assert flags(diary(), 0) == []
    assert "Nothing is open" in run("pain", "--cleared", "today")[1]


@pytest.mark.parametrize(
    "arguments",
    [("11",), ("-1",), ("3", "--cleared", "today"), ("--ask",), ("--cleared", "2999-01-01"), ("1", "--day", "x")],
)
def test_bad_input_of_pain_is_one_sentence(diary: Callable[[], History], arguments: tuple[str, ...]) -> None:
    code, said = run("pain", *arguments)
    assert code == 2 and "Traceback" not in said
    assert diary().pains == () and diary().screenings == ()


def test_screening_asks_what_comes_before_the_first_plan(diary: Callable[[], History]) -> None:
    first = [entry.id for entry in screening_questions()]
    code, said = run("screen", typed=answers(first) + "n\n")
    assert code == 0 and "hipdrive plan" in said and "not medical advice" in said
    assert screened(diary())
    code, said = run("screen", typed=answers(first, "heart") + "y\n" + answers(RED_FLAGS, "hop"))
    assert code == 0 and "ask your doctor" in said
    assert flags(diary(), 0) == ["heart", "hop"]
