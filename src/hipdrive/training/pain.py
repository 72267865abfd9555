"""Pain and red flags: what is asked, what the traffic light shows, and when a professional should look first.

The traffic light is the model of Thomee (A comprehensive treatment approach for patellofemoral pain syndrome in young
women, Phys Ther 1997): up to 2 of 10 is safe, up to 5 acceptable when it is gone by the next morning and does not rise
from week to week. People with Achilles tendinopathy who kept on running and jumping by it did as well as those who
rested (Silbernagel et al., Am J Sports Med 2007). It is not for an injured bone: there the limit is 0.

What the questions ask for is clinical standard; none of it is a diagnosis. A question that was answered with yes stays
open until a professional has said that training is all right. Nothing here is medical advice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Final, Literal

from hipdrive.training.history import History, PainReport, Screening

Light = Literal["green", "amber", "red"]
Kind = Literal["screening", "red flag"]

SAFE: Final = 2.0  # of 10; Thomee 1997
ACCEPTABLE: Final = 5.0  # of 10; Thomee 1997, Silbernagel et al. 2007
WEEK: Final = timedelta(days=7)
RISE: Final = 1.0  # of 10, from week to week (Silbernagel et al. 2007 allow none); the smallest step told, proposal
COMES_BACK: Final = 2  # days above `ACCEPTABLE` within `COMES_BACK_WITHIN`; proposal
COMES_BACK_WITHIN: Final = timedelta(days=14)  # proposal
NO_BETTER_WEEKS: Final = 3  # clinical standard: two to three weeks
CALM_DAYS: Final = 2  # days on which pain was told and was safe; proposal
CALM_AFTER: Final = timedelta(days=7)  # since the last day on which it was not; proposal

WHEN_WORDS: Final[dict[str, str]] = {
    "during": "while exercising",
    "after": "after exercising",
    "next_morning": "the next morning",
    "run": "on a run",
    "rest": "at rest",
}
NOT_ADVICE: Final = "This is not medical advice."
WHEN_CLEARED: Final = "When a professional has said that training is all right, enter the day."
WHEN_CALM: Final = "If the pain settles to 2 or less for a week, and you enter it, the plan goes on by itself."
PAIN_COMES_BACK: Final = (
    "Pain above 5 has come back. Please leave out running and strength work for now, and see a doctor or a "
    "physiotherapist."
)
PAIN_NO_BETTER: Final = (
    "It has hurt for three weeks and is no better. Please leave out what hurts, and see a doctor or a physiotherapist."
)

LIGHT_WORDS: Final[dict[Light, str]] = {
    "green": "Pain up to 2 is fine. Train as planned.",
    "amber": (
        "Pain of 3 to 5 is acceptable if it is back to how it was by tomorrow morning and does not rise from week to "
        "week. Train as planned, and tell hipdrive tomorrow how it feels."
    ),
    "red": "That is more than is good to train with. Leave out what hurts; the plan goes one step back.",
}


@dataclass(frozen=True)
class Question:
    """A question that is answered with yes or no.

    Attributes
    ----------
    id : str
        As the diary keeps it.
    text : str
        The question.
    kind : {"screening", "red flag"}
        Asked before the first plan, or when something hurts.
    yes : str
        What to say when the answer is yes: what to do next.
    source : str
    urgent : bool
        Someone should look at it today.
    bone : bool
        Speaks for an injured bone, where no pain is acceptable.
    """

    id: str
    text: str
    kind: Kind
    yes: str
    source: str
    urgent: bool = False
    bone: bool = False


_PARQ = "after the PAR-Q+ (Warburton et al., Health Fit J Can 2011), in words of our own"
_BONE = "Warden et al., Management and prevention of bone stress injuries in runners, JOSPT 2014"
_SPINE = "Finucane et al., International framework for red flags, JOSPT 2020"
_USUAL = "clinical standard"

_ASK_FIRST = "Please ask your doctor before you start, and show what you plan to do."
_BONE_YES = (
    "This can have many causes; one is a bone that needs rest. Please do not run or jump, and see a doctor this week."
)
_SEE_SOMEONE = "Please leave out what hurts, and see a doctor or a physiotherapist this week."
_CALL_NOW = "Please stop now and call your local emergency number."

QUESTIONS: Final[tuple[Question, ...]] = (
    Question(
        "heart",
        "Has a doctor told you that you have a heart condition or high blood pressure?",
        "screening",
        _ASK_FIRST,
        _PARQ,
    ),
    Question(
        "chest_pain",
        "Do you feel pain or pressure in your chest, at rest or when you move?",
        "screening",
        "Please see a doctor today, before you train. If you feel it now, call your local emergency number.",
        _PARQ,
        urgent=True,
    ),
    Question(
        "dizzy",
        "Have you fainted, or lost your balance from dizziness, in the last 12 months?",
        "screening",
        _ASK_FIRST,
        _PARQ,
    ),
    Question(
        "illness",
        "Do you have a long-term illness, or take medicine for one, that could matter when you train?",
        "screening",
        _ASK_FIRST,
        _PARQ,
    ),
    Question(
        "bone_or_joint",
        "Do you have a bone, joint or muscle problem that gets worse when you are more active?",
        "screening",
        "Please ask a doctor or a physiotherapist which exercises suit you before you start.",
        _PARQ,
    ),
    Question(
        "supervised",
        "Has a doctor said that you should train only under supervision?",
        "screening",
        _ASK_FIRST,
        _PARQ,
    ),
    Question(
        "operation",
        "Have you had an operation in the last three months?",
        "screening",
        "Please ask the team that operated on you when you may train, and with what.",
        _USUAL,
    ),
    Question(
        "pregnancy",
        "Are you pregnant, or did you give birth in the last months, and have pain, bleeding or dizziness?",
        "screening",
        "Please call your midwife or doctor today, before you train.",
        _USUAL,
        urgent=True,
    ),
    Question(
        "low_energy",
        "Have your periods stopped or become rare, are you tired for weeks, or have you had several stress fractures?",
        "screening",
        "Your body may be getting less energy than it uses. Please see a doctor, best one who knows sport, "
        "before you add training.",
        "Mountjoy et al., IOC consensus on relative energy deficiency in sport, Br J Sports Med 2023",
    ),
    Question(
        "chest_or_breath",
        "Do you have chest pain, trouble breathing, or have you fainted?",
        "red flag",
        _CALL_NOW,
        _USUAL,
        urgent=True,
    ),
    Question(
        "saddle_or_bladder",
        "Is it numb between your legs, is holding or passing water or stool newly difficult, or is a leg getting weak?",
        "red flag",
        "Please go to an emergency department now.",
        _SPINE,
        urgent=True,
    ),
    Question(
        "no_weight",
        "Is it impossible to put your weight on the leg?",
        "red flag",
        "Please keep off the leg, and have a doctor look at it today.",
        _USUAL,
        urgent=True,
    ),
    Question(
        "calf",
        "Is one calf swollen, warm or sore to the touch, without a knock or a strain?",
        "red flag",
        "Please see a doctor today, and do not massage it.",
        _USUAL,
        urgent=True,
    ),
    Question(
        "fever",
        "Do you have a fever, or is a joint hot and swollen?",
        "red flag",
        "Please rest, and call a doctor today.",
        _USUAL,
        urgent=True,
    ),
    Question(
        "groin",
        "Does it hurt deep in the groin or hip when you stand or walk on the leg?",
        "red flag",
        "This can have many causes; one is a bone that needs rest. Please do not run, keep weight off the leg where "
        "you can, and call a doctor today.",
        _BONE,
        urgent=True,
        bone=True,
    ),
    Question(
        "bone_spot",
        "Is there one spot on a bone that hurts when you press it?",
        "red flag",
        _BONE_YES,
        _BONE,
        bone=True,
    ),
    Question(
        "hop",
        "Has it hurt when you hopped or landed on that leg? (No need to try it.)",
        "red flag",
        _BONE_YES,
        _BONE,
        bone=True,
    ),
    Question("rest_or_night", "Does it hurt at rest, or wake you at night?", "red flag", _BONE_YES, _BONE, bone=True),
    Question("limp", "Do you limp?", "red flag", _SEE_SOMEONE, _USUAL),
    Question("joint", "Is a joint swollen, does it lock, or does it give way?", "red flag", _SEE_SOMEONE, _USUAL),
    Question("numb", "Is there numbness or tingling in the leg that spreads?", "red flag", _SEE_SOMEONE, _SPINE),
    Question("weight_loss", "Have you lost weight without wanting to?", "red flag", _SEE_SOMEONE, _SPINE),
)
_BY_ID: Final = {question.id: question for question in QUESTIONS}


def question(flag: str) -> Question:
    """Question by its id; one that this release does not know keeps its flag and gets plain words."""
    return _BY_ID.get(flag) or Question(flag, flag, "red flag", _SEE_SOMEONE, "another release of hipdrive")


def screening_questions() -> tuple[Question, ...]:
    """What is asked before the first plan."""
    return tuple(entry for entry in QUESTIONS if entry.kind == "screening")


def ask(score: float, *, at_rest: bool = False) -> tuple[Question, ...]:
    """What to ask about pain of this score, 0 to 10.

    Nothing while it is safe; all red flags when it is more than acceptable. In between, and for any pain at rest, only
    what speaks for an injured bone, because the traffic light does not hold for one.
    """
    red_flags = tuple(entry for entry in QUESTIONS if entry.kind == "red flag")
    if score > ACCEPTABLE:
        return red_flags
    return tuple(entry for entry in red_flags if entry.bone) if score > SAFE or (at_rest and score > 0) else ()


def screened(history: History) -> bool:
    """Whether every question that comes before the first plan has been answered."""
    answered = {flag for screening in history.screenings for flag in screening.answers}
    return all(entry.id in answered for entry in screening_questions())


def open_flags(history: History, today: date) -> tuple[Question, ...]:
    """Questions that were answered with yes and that no professional has cleared since, urgent ones first.

    A record with `cleared` clears the flags that it names itself, from that day back; one that names none clears all
    that were raised before that day. Answers of a screening that carries its own `cleared` are cleared whenever that
    was, because they are about what was there already.
    """
    records = _records(history, today)
    clearing = [record for record in records if record.cleared is not None and record.cleared <= today]
    still_open = [
        flag
        for record in records
        for flag in _flags(record)
        if not any(_clears(other, flag, record) for other in clearing)
    ]
    order = {entry.id: place for place, entry in enumerate(QUESTIONS)}
    flags = sorted(dict.fromkeys(still_open), key=lambda flag: (not question(flag).urgent, order.get(flag, len(order))))
    return tuple(question(flag) for flag in flags)


def light(history: History, day: date) -> Light | None:
    """Traffic light of one day; None where nobody said how it felt.

    Amber becomes red when it had not settled by the next morning, or when pain rises from week to week. While a red
    flag is open it is red whatever the pain, as the limit for a bone that may be injured is 0.
    """
    if any(entry.kind == "red flag" for entry in open_flags(history, day)):
        return "red"
    scores = [one.score for one in _felt(history, day) if one.told == day]
    if not scores:
        return None
    worst = max(scores)
    if worst <= SAFE:
        return "green"
    if worst > ACCEPTABLE or not _settled(history, day) or rising(history, day):
        return "red"
    return "amber"


def unsettled_report(history: History, today: date) -> PainReport | None:
    """Pain of the last week of which nobody has said whether it had settled by the next morning, the newest; or None.

    Only pain that is neither safe nor more than acceptable depends on it. The pain of a session is told as a report.
    """
    since = today - WEEK
    reports = [report for report in history.pains if report.when != "next_morning" and since <= report.day < today]
    told = {report.day for report in history.pains if report.settled is not None}
    reports += [
        PainReport(session.day, session.pain)
        for session in history.sessions
        if session.pain is not None and since <= session.day < today
    ]
    open_ones = [report for report in reports if SAFE < report.score <= ACCEPTABLE and report.day not in told]
    return max(open_ones, key=lambda report: (report.day, report.score), default=None)


def rising(history: History, today: date) -> bool:
    """Whether the worst pain of the last seven days is more than safe and higher than that of the seven before."""
    felt = _felt(history, today)
    this_week, last_week = _worst(felt, today), _worst(felt, today - WEEK)
    if this_week is None or last_week is None:
        return False
    return this_week > SAFE and this_week >= last_week + RISE


def stop_reason(history: History, today: date) -> str | None:
    """Why nothing should be planned, and what to do; None when there is no reason.

    An open flag, pain above 5 that comes back, or pain that is no better after three weeks. The last two end when a
    professional has said that training is all right, or when the pain has been safe for a week.
    """
    flags = open_flags(history, today)
    if flags:
        sentences = [entry.yes for entry in flags]
        return " ".join(dict.fromkeys([*sentences, WHEN_CLEARED, NOT_ADVICE]))
    why = _lasting_pain(history, today)
    return f"{why} {WHEN_CLEARED} {WHEN_CALM} {NOT_ADVICE}" if why else None


# -- flags -----------------------------------------------------------------------------------------------------------


def _records(history: History, today: date) -> list[Screening | PainReport]:
    records: list[Screening | PainReport] = [*history.screenings, *history.pains]
    return [record for record in records if record.day <= today]


def _flags(record: Screening | PainReport) -> tuple[str, ...]:
    if isinstance(record, PainReport):
        return record.flags
    return tuple(flag for flag, so in record.answers.items() if so)


def _clears(other: Screening | PainReport, flag: str, raised: Screening | PainReport) -> bool:
    if other.cleared is None:
        return False
    if not _flags(other):
        return other.cleared > raised.day
    if flag not in _flags(other):
        return False
    return other.cleared >= raised.day or (other is raised and isinstance(other, Screening))


def _cleared_on(history: History, today: date) -> date | None:
    """The last day on which a professional said that training is all right."""
    days = [record.cleared for record in _records(history, today) if record.cleared is not None]
    return max((day for day in days if day <= today), default=None)


# -- pain ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Felt:
    """Pain of 0 to 10: the day it was told, and the day whose load it belongs to."""

    told: date
    load: date
    score: float


def _felt(history: History, today: date) -> list[_Felt]:
    """All pain that was told up to today, in the order of the load."""
    felt = [_Felt(session.day, session.day, session.pain) for session in history.sessions if session.pain is not None]
    for report in history.pains:
        in_the_morning = report.when == "next_morning"
        felt.append(_Felt(report.day, report.day - timedelta(days=1) if in_the_morning else report.day, report.score))
    return sorted((one for one in felt if one.told <= today), key=lambda one: (one.load, one.told))


def _worst(felt: Sequence[_Felt], last: date) -> float | None:
    """Worst pain of the seven days up to the last."""
    return max((one.score for one in felt if last - WEEK < one.told <= last), default=None)


def _settled(history: History, day: date) -> bool:
    """Whether nothing says that pain of this day, or of the day before, was still there the next morning."""
    for report in history.pains:
        in_the_morning = report.when == "next_morning" and report.day in (day, day + timedelta(days=1))
        if (report.day == day or in_the_morning) and report.settled is False:
            return False
        if in_the_morning and report.settled is None and report.score > SAFE:
            return False
    return True


def _lasting_pain(history: History, today: date) -> str | None:
    """Why pain by itself asks for a professional; None when it does not, or has been safe for a week since."""
    cleared = _cleared_on(history, today)
    felt = [one for one in _felt(history, today) if cleared is None or one.told > cleared]
    why, episode = None, felt[:0]
    for _, of_a_day in groupby(felt, key=lambda one: one.load):
        episode.extend(of_a_day)
        if _is_calm(episode):
            why, episode = None, []
        elif _comes_back(episode):
            why = PAIN_COMES_BACK
        elif _no_better(episode):
            why = why or PAIN_NO_BETTER
    return why


def _comes_back(episode: Sequence[_Felt]) -> bool:
    """Whether it was more than acceptable on several days of the last two weeks."""
    since = episode[-1].load - COMES_BACK_WITHIN
    return len({one.load for one in episode if one.score > ACCEPTABLE and one.load > since}) >= COMES_BACK


def _no_better(episode: Sequence[_Felt]) -> bool:
    """Whether it hurt in every one of the last three weeks, and in the last no less than in the first."""
    weeks = [_worst(episode, episode[-1].told - WEEK * back) for back in range(NO_BETTER_WEEKS)]
    hurt = [worst for worst in weeks if worst is not None and worst > SAFE]
    return len(hurt) == NO_BETTER_WEEKS and hurt[0] >= hurt[-1]


def _is_calm(episode: Sequence[_Felt]) -> bool:
    """Whether pain was always safe, or was told to be on some days, the last of them a week after it was not."""
    hurt = [one.load for one in episode if one.score > SAFE]
    if not hurt:
        return True
    calm = {one.load for one in episode if one.load > hurt[-1]}
    return len(calm) >= CALM_DAYS and max(calm) - hurt[-1] >= CALM_AFTER
