"""What a runner enters, whoever asks for it: a session that was done, a set on film, a clearance, a self test, runs.

The command line and the app ask in their own ways; what is kept, and what is said about it, is the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, timedelta

from hipdrive.diary.store import AthleteDiary
from hipdrive.errors import HipdriveError
from hipdrive.results import Analysis
from hipdrive.training.done import Did, day_words, planned_for, session_done
from hipdrive.training.history import Band, ExerciseDone, PainReport, Screening, SessionDone, TestResult
from hipdrive.training.ladder import exercise_named, ladder
from hipdrive.training.pain import LIGHT_WORDS, light, open_flags, stop_reason, unsettled_report
from hipdrive.training.programme import PlannedSession, plan
from hipdrive.training.selftest import SelfTest, Timed, compare
from hipdrive.training.watched import exercise_in, set_in


def enter_session(
    athlete: AthleteDiary,
    planned: PlannedSession,
    day: date,
    *,
    did: Mapping[str, Did],
    left_out: Collection[str] = (),
    clean: bool | None = None,
    rpe: float | None = None,
    pain: float | None = None,
    where: str = "",
    note: str = "",
) -> SessionDone:
    """Keep a session as it was planned, with what was different, and where it hurt.

    Parameters
    ----------
    athlete : AthleteDiary
    planned, day, did, left_out, clean, rpe, pain, note
        As in `hipdrive.training.done.session_done`.
    where : str
        Where it hurt, in the runner's own words.
    """
    session = session_done(
        planned,
        day,
        did=did,
        left_out=left_out,
        reserve=None if rpe is None else 10 - rpe,
        clean=clean,
        rpe=rpe,
        pain=pain,
        note=note,
    )
    with athlete.together():
        athlete.log_session(session)
        if pain and where:
            athlete.add_pain(PainReport(day, pain, where))
    return session


def enter_analysis(
    athlete: AthleteDiary,
    analysis: Analysis,
    day: date,
    *,
    exercise: str | None = None,
    rpe: float | None = None,
    pain: float | None = None,
    where: str = "",
    load_kg: float | None = None,
    band: Band | None = None,
    note: str = "",
) -> str:
    """Keep an analysis, and the set it shows, if it shows one; gives what to say about it.

    Parameters
    ----------
    athlete : AthleteDiary
    analysis : Analysis
    day : date
        On which it was filmed.
    exercise : str, optional
        Rung of the ladder, where it is not the planned or the usual one.
    rpe, pain, where, load_kg, band, note
        What no camera sees.

    Raises
    ------
    HipdriveError
        When it does not show the exercise that was named.
    """
    planned = planned_for(athlete.history(), day)
    rungs = [entry.exercise for entry in planned.exercises] if planned else []
    rung = exercise_named(exercise).id if exercise else exercise_in(analysis, rungs)
    name = analysis.source.name
    if rung and analysis.movement.id not in (ladder()[rung].judged_as, "unknown"):
        raise HipdriveError(
            f"{name} shows a {analysis.movement.id}, which is not how a {rung} is judged: leave out the exercise, "
            "or name another"
        )
    if rung is None:
        athlete.keep_analysis(day, analysis)
        return f"{name} is in the diary, for its measures: it shows no set of the ladder."
    made = set_in(analysis, rung, reserve=None if rpe is None else 10 - rpe, load_kg=load_kg, band=band)
    with athlete.together():  # a clip without its set, or the other way round, would be half of the truth
        if not athlete.keep_analysis(day, analysis):
            return f"{name} is in the diary already; nothing is counted twice."
        athlete.log_exercise(
            day, ExerciseDone(rung, (made,)), rpe=rpe, pain=pain, note=note, planned=planned.id if planned else None
        )
        if pain and where:
            athlete.add_pain(PainReport(day, pain, where))
    seen = "" if made.clean_share is None else f", {made.clean_share:.0%} of them clean"
    return f"In the diary of {day_words(day)}: {ladder()[rung].name}, {made.amount:g} {ladder()[rung].dose.unit}{seen}."


def enter_settled(athlete: AthleteDiary, day: date, settled: bool) -> None:
    """Keep whether the pain that was last asked about was back to how it was by the next morning."""
    with athlete.together():
        if (report := unsettled_report(athlete.history(), day)) is not None:
            athlete.add_pain(replace(report, settled=settled))


def what_follows(athlete: AthleteDiary, day: date) -> list[str]:
    """Say what the pain of a day means for the next time, and when that is."""
    history = athlete.history()
    colour = light(history, day)
    said = [] if colour is None else [LIGHT_WORDS[colour]]
    programme = plan(history, day + timedelta(days=1))
    if programme.stopped:
        said.append(programme.stopped)
    elif programme.sessions:
        said.append(f"Next: {day_words(programme.sessions[0].day)}.")
    return said


def enter_clearance(athlete: AthleteDiary, cleared: date, today: date) -> str:
    """Keep that a professional said on a day that training is all right; gives what to say about it."""
    with athlete.together():
        history = athlete.history()
        if stop_reason(history, today) is None:
            return "Nothing is open that a professional would have to clear."
        before = open_flags(history, today)
        athlete.add_screening(Screening(today, {question.id: True for question in before}, cleared=cleared))
        after = open_flags(athlete.history(), today)
    if after:
        return f"Entered. {len(after)} of your answers came after that day and are still open."
    return "Entered, and good to hear. Start one step easier than where you stopped."


def enter_test(
    athlete: AthleteDiary, test: SelfTest, day: date, found: Mapping[str, Timed], note: str = ""
) -> tuple[TestResult, tuple[str, ...]]:
    """Keep the result of a self test; gives it, and what it says beside earlier ones.

    Parameters
    ----------
    athlete : AthleteDiary
    test : SelfTest
    day : date
    found : mapping of str to Timed
        By side, ``left`` and ``right``, or ``both`` for a test that has none.
    note : str
    """
    by_video = any(one.by_video for one in found.values())
    value = {side: one.value for side, one in found.items()}
    result = TestResult(
        day,
        test.id,
        test.unit,
        left=value.get("left"),
        right=value.get("right"),
        both=value.get("both"),
        error=test.error(max(value.values()), max(one.error for one in found.values())),
        timed_by="video" if by_video else "hand",
        note="; ".join(filter(None, [note, *(one.note for one in found.values())])),
    )
    history = athlete.history()
    earlier = [one for one in history.tests if one.day <= day]
    athlete.add_test(result)
    return result, compare(test, result, earlier, history.profile.sex)
