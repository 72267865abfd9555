"""What hurts, and what it means for training."""

from __future__ import annotations

from datetime import date
from typing import Final

from nicegui import ui

from hipdrive.diary import AthleteDiary
from hipdrive.diary.entries import enter_clearance
from hipdrive.errors import HipdriveError
from hipdrive.report.pain import SHOWN
from hipdrive.report.training_words import LIGHT_MARKS, LIGHT_NAMES, short_day
from hipdrive.training.history import PainReport
from hipdrive.training.pain import LIGHT_WORDS, SAFE, WHEN_WORDS, ask, light, rising, stop_reason
from hipdrive.training.told import told
from hipdrive.web.pages.frame import (
    button,
    frame,
    group,
    local_day,
    mine,
    of_ten,
    said_plainly,
    text_field,
    words,
    yes_or_no,
)

AT_REST: Final = "rest"
NEXT_MORNING: Final = "next_morning"


@ui.page("/pain")
def pain_page() -> None:
    """Ask what hurts, and say how things stand."""
    athlete = mine()
    with frame("Pain", "/"):
        standing = ui.element("div").props("aria-live=polite")
        with standing:
            _stand(athlete)
        words("h2", "Something hurts")
        _Report(athlete, standing)


def _stand(athlete: AthleteDiary) -> None:
    """Say what the light of today is, what was told lately, and why nothing is planned, if so."""
    history = athlete.history()
    today = local_day(history.profile)
    if reason := stop_reason(history, today):
        with ui.element("div").classes("card calm"):
            words("p", "The plan rests for now.").classes("big")
            words("p", reason)
        _clearance()
    elif (colour := light(history, today)) is not None:
        with ui.element("div").classes("card said"):
            words("p", f"{LIGHT_MARKS[colour]} Today: {LIGHT_NAMES[colour]}").classes("big light-mark")
            words("p", LIGHT_WORDS[colour])
            if rising(history, today):
                words("p", "It hurts more than in the week before.")
    if history.pains:
        with ui.element("details"):
            words("summary", "What you told lately")
            with ui.element("ul").classes("plain-list"):
                for report in reversed(history.pains[-SHOWN:]):
                    words("li", f"{short_day(report.day)}: {told(report)}")
    if reason or history.pains:
        with ui.element("p"):
            words("a", "Was something entered by mistake? The diary takes it back.").props("href=/diary")


def _clearance() -> None:
    with ui.element("details"):
        words("summary", "A professional said that training is all right")
        day = text_field("On which day?", kind="date")
        answer = words("p", "").props("role=status")

        def enter() -> None:
            with said_plainly():
                athlete = mine()
                today = local_day(athlete.profile())
                answer.text = enter_clearance(athlete, _day(day.value, today), today)

        with ui.element("div").classes("row-of"):
            button("Enter the day", enter)


class _Report:
    """The questions about pain; which ones are asked depends on the score."""

    def __init__(self, athlete: AthleteDiary, standing: ui.element) -> None:
        self.athlete = athlete
        self.standing = standing
        self.flags: dict[str, ui.radio] = {}
        self.settled: ui.radio | None = None
        self.score = of_ten("How much does it hurt?", "0 is none, 10 the worst you can think of.")
        self.where = text_field("Where?", hint="such as left hip")
        with group("When?"):
            self.when = ui.radio(dict(WHEN_WORDS), value="during")
        self.questions = ui.element("div").props("aria-live=polite")
        self.note = text_field("In your own words", hint="if you like")
        self.wrong = words("p", "").classes("wrong").props("role=alert")
        self.score.on_value_change(self._ask)
        self.when.on_value_change(self._ask)
        with ui.element("div").classes("row-of"):
            button("Keep it", self._keep).classes("main")

    def _ask(self) -> None:
        """Ask what this score asks for."""
        score, when = self.score.value, self.when.value
        self.questions.clear()
        self.flags, self.settled = {}, None
        if score is None:
            return
        with self.questions:
            if when == NEXT_MORNING and score > SAFE:
                self.settled = yes_or_no("Is it back to how it was before you exercised?")
            asked = ask(score, at_rest=when == AT_REST)
            if asked:
                words("p", "Please answer these; they tell whether someone should have a look first.")
            self.flags = {question.id: yes_or_no(question.text) for question in asked}

    def _keep(self) -> None:
        open_ones = [
            radio for radio in (*self.flags.values(), self.settled) if radio is not None and radio.value is None
        ]
        if self.score.value is None or open_ones:
            self.wrong.text = (
                "Choose how much it hurts, 0 to 10."
                if self.score.value is None
                else "Answer each question with yes or no."
            )
            return
        self.wrong.text = ""
        with said_plainly():
            athlete = mine()
            flags = tuple(name for name, radio in self.flags.items() if radio.value)
            athlete.add_pain(
                PainReport(
                    local_day(athlete.profile()),
                    float(self.score.value),
                    self.where.value.strip(),
                    self.when.value,
                    None if self.settled is None else self.settled.value,
                    flags,
                    note=self.note.value.strip(),
                )
            )
            self.standing.clear()
            with self.standing:
                _stand(athlete)
            self.score.value = None
            ui.run_javascript("window.scrollTo(0, 0)")


def _day(text: str | None, today: date) -> date:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        raise HipdriveError("a day is missing: choose the one on which it was said") from None
    if day > today:
        raise HipdriveError("this day is still to come: choose the one on which it was said")
    return day
