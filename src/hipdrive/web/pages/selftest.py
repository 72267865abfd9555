"""Self tests: how each is done, a stop-watch that can be read from the mat, and what the result says."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Final

from nicegui import ui

from hipdrive.diary import AthleteDiary
from hipdrive.diary.entries import enter_test
from hipdrive.errors import HipdriveError
from hipdrive.training.pain import stop_reason
from hipdrive.training.selftest import SIDES, SelfTest, Timed, result_words, self_test
from hipdrive.web.pages.frame import (
    BUTTON,
    button,
    frame,
    link_button,
    local_day,
    mine,
    number_field,
    said_plainly,
    words,
    yes_or_no,
)

GET_READY_S: Final = 5
LONGEST_S: Final = 600.0  # nobody holds for ten minutes
LOOK_S: Final = 0.1  # between two looks at the clock
MOST: Final = 3600.0  # of a result, in its unit


@ui.page("/test/{name}")
def test_page(name: str) -> None:
    """Do a self test."""
    athlete = mine()
    try:
        test = self_test(name)
    except HipdriveError as error:
        with frame("Self test", "/progress"):
            words("p", str(error)).classes("card calm")
        return
    with frame(test.name, "/progress"):
        today = local_day(athlete.profile())
        if reason := stop_reason(athlete.history(), today):
            words("p", reason).classes("card calm")
            return
        with ui.element("ol"):
            for step in test.how:
                words("li", step)
        words("p", test.ends).classes("card calm")
        content = ui.element("div")
        with content:
            _Taking(test, content)


class _Taking:
    """Takes one side after the other, by the stop-watch or by hand."""

    def __init__(self, test: SelfTest, content: ui.element) -> None:
        self.test = test
        self.content = content
        self.found: dict[str, float] = {}
        self.sides: tuple[str, ...] = SIDES if test.sides else ("both",)
        if test.kind == "quality":
            self._look()
        else:
            self._fields()

    # -- by hand, and what the stop-watch fills in

    def _fields(self) -> None:
        self.fields: dict[str, ui.number] = {}
        for side in self.sides:
            named = "" if side == "both" else f", {side}"
            words("h2", f"{'Result' if not named else side[:1].upper() + side[1:]}")
            if self.test.kind == "hold" or self.test.lasts_s:
                with ui.element("div").classes("watch stack"):
                    _StopWatch(self.test, named, partial(self._held, side))
            label = f"{'Seconds held' if self.test.kind == 'hold' else 'Repetitions'}{named}"
            self.fields[side] = number_field(label, most=MOST)
        self.wrong = words("p", "").classes("wrong").props("role=alert")
        with ui.element("div").classes("row-of"):
            button("Keep the result", self._keep_fields).classes("main")
            link_button("Not now", "/progress")

    def _held(self, side: str, seconds: float) -> None:
        if self.test.kind == "hold":
            self.fields[side].value = round(seconds, 1)

    def _keep_fields(self) -> None:
        values = {side: field.value for side, field in self.fields.items()}
        if any(value is None or not 0 <= value <= MOST for value in values.values()):
            self.wrong.text = (
                f"Give a number from 0 to {MOST:g} for {'each side' if self.test.sides else 'the result'}."
            )
            return
        self._keep({side: float(value) for side, value in values.items()})

    # -- what is looked at

    def _look(self) -> None:
        answers: dict[str, list[ui.radio]] = {}
        for side in self.sides:
            words("h2", f"Standing on the {side} leg")
            answers[side] = [yes_or_no(question) for question in self.test.asks]
        self.wrong = words("p", "").classes("wrong").props("role=alert")

        def keep() -> None:
            if any(radio.value is None for radios in answers.values() for radio in radios):
                self.wrong.text = "Answer each question with yes or no."
                return
            self._keep({side: float(sum(bool(one.value) for one in radios)) for side, radios in answers.items()})

        with ui.element("div").classes("row-of"):
            button("Keep the result", keep).classes("main")

    def _keep(self, values: dict[str, float]) -> None:
        with said_plainly():
            athlete: AthleteDiary = mine()
            found = {side: Timed(None, value, self.test.hand_error) for side, value in values.items()}
            result, said = enter_test(athlete, self.test, local_day(athlete.profile()), found)
            self.content.clear()
            with self.content, ui.element("div").classes("card said").props("role=status"):
                words("p", result_words(result)).classes("big")
                for sentence in said:
                    words("p", sentence)
            with self.content, ui.element("div").classes("row-of"):
                link_button("Back to progress", "/progress", main=True)


class _StopWatch:
    """Counts down to the start, then up until it is stopped; or down, where the test has a length."""

    def __init__(self, test: SelfTest, named: str, then: Callable[[float], None]) -> None:
        self.test = test
        self.then = then
        self.named = named
        self.began_s: float | None = None
        self.clock = words("div", "0").classes("clock").props("aria-hidden=true")
        self.said = words("div", f"You have {GET_READY_S} seconds to get into position.").classes("clock-words")
        self.said.props("role=status")
        self.press = ui.button(f"Start{named}", on_click=self._pressed).props(BUTTON)
        self.timer = ui.timer(LOOK_S, self._tick, active=False)

    def _pressed(self) -> None:
        if self.began_s is None:
            self.began_s = time.monotonic() + GET_READY_S
            self.press.text = f"Stop{self.named}"
            self.said.text = "Get ready"
            self.timer.activate()
        else:
            self._stop()

    def _tick(self) -> None:
        if self.began_s is None:
            return
        seconds = time.monotonic() - self.began_s
        if seconds < 0:
            self.clock.text = f"{int(-seconds) + 1}"
            return
        if self.said.text == "Get ready":
            self.said.text = "Go"
        length_s = self.test.lasts_s
        self.clock.text = f"{int(seconds) if length_s is None else max(0, int(length_s - seconds) + 1)}"
        if seconds >= (LONGEST_S if length_s is None else length_s):
            self._stop()

    def _stop(self) -> None:
        assert self.began_s is not None
        seconds = max(0.0, time.monotonic() - self.began_s)
        self.began_s = None
        self.timer.deactivate()
        self.press.text = f"Start again{self.named}"
        self.said.text = "Stopped before it began." if seconds == 0 else f"{seconds:.1f} s"
        self.clock.text = f"{seconds:.0f}"
        if seconds > 0:
            self.then(seconds)
