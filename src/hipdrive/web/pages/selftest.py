"""Self tests: how each is done, a stop-watch that can be read from the mat, clips of it, and what the result says."""

from __future__ import annotations

import time
from asyncio import to_thread
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Final

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from hipdrive.diary import AthleteDiary
from hipdrive.diary.entries import enter_test
from hipdrive.errors import HipdriveError
from hipdrive.movements import MOVEMENTS
from hipdrive.numbers import side_text, value_text
from hipdrive.report.training_words import short_day
from hipdrive.training.history import Side, TestResult
from hipdrive.training.pain import stop_reason
from hipdrive.training.selftest import (
    FILMED_AS,
    SIDES,
    SelfTest,
    Timed,
    result_words,
    self_test,
    values,
)
from hipdrive.web.filmed import by_leg, clear, clips_of, day_of, leg_words, mark_kept, read_timed
from hipdrive.web.jobs import Job, Jobs
from hipdrive.web.pages.frame import (
    BUTTON,
    button,
    frame,
    group,
    link_button,
    local_day,
    mine,
    number_field,
    other_button,
    said_plainly,
    text_field,
    words,
    yes_or_no,
)
from hipdrive.web.pages.upload import LOOK_S, bar, drop, takes_clips

GET_READY_S: Final = 5
LONGEST_S: Final = 600.0  # nobody holds for ten minutes
TICK_S: Final = 0.1  # between two looks at the clock
MOST: Final = 3600.0  # of a result, in its unit
SHOWN_BEFORE: Final = 3  # earlier results beside a new one
OVERLAY: Final = "overlay.mp4"
HAND, FILM = "hand", "film"
IN_ONE_FILM: Final = {
    "hold": "Begin the film before your hips leave the floor, and let it run until they are down again.",
    "repetitions": "Begin the film before the first repetition, and let it run until the hips are down after the last.",
}


@ui.page("/test/{name}")
async def test_page(name: str) -> None:
    """Do a self test."""
    athlete = mine()
    try:
        test = self_test(name)
    except HipdriveError as error:
        with frame("Self test", "/progress"):
            words("p", f"{error}.").classes("card calm")
        return
    jobs: Jobs = ui.context.client.request.app.state.jobs
    clips = await to_thread(clips_of, jobs, athlete.uid, test) if test.from_video else {}
    history = await to_thread(athlete.history)
    with frame(test.name, "/progress"):
        content = ui.element("div")
        with content:
            if reason := stop_reason(history, local_day(history.profile)):
                words("p", reason).classes("card calm")
                if clips:  # what was done before it was known to hurt is not lost
                    _Filming(test, content, jobs, clips, may_film=False)
                return
            with ui.element("ol"):
                for step in test.how:
                    words("li", step)
            words("p", test.ends).classes("card calm")
            with ui.element("div").classes("ways"):
                _ways(test, content, clips)


def _ways(test: SelfTest, content: ui.element, clips: dict[Side, Job]) -> None:
    """Let it be taken by hand or from film, where both can be done."""
    if not test.from_video:
        words("p", "This test goes by hand: hipdrive cannot take it from film.").classes("soft")
        _Taking(test, content)
        return
    takes_clips()
    with group("How do you take it?"):
        way = ui.radio({HAND: "By hand", FILM: "Film it"}, value=FILM if clips else HAND).props("inline")
    by_hand, from_film = ui.element("div"), ui.element("div")
    by_hand.bind_visibility_from(way, "value", value=HAND)
    from_film.bind_visibility_from(way, "value", value=FILM)
    with by_hand:
        _Taking(test, content)
    with from_film:
        _Filming(test, content, ui.context.client.request.app.state.jobs, clips)


# -- by hand -----------------------------------------------------------------------------------------------------------


class _Taking:
    """Takes one side after the other, by the stop-watch or by hand."""

    def __init__(self, test: SelfTest, content: ui.element) -> None:
        self.test = test
        self.content = content
        self.sides: tuple[str, ...] = SIDES if test.sides else ("both",)
        if test.kind == "quality":
            self._look()
        else:
            self._fields()

    # -- what the stop-watch fills in

    def _fields(self) -> None:
        self.fields: dict[str, ui.number] = {}
        for side in self.sides:
            named = "" if side == "both" else f", {side}"
            words("h2", side.capitalize() if named else "Result")
            if self.test.kind == "hold" or self.test.lasts_s:
                with ui.element("div").classes("watch stack"):
                    _StopWatch(self.test, named, partial(self._held, side))
            self.fields[side] = number_field(f"{_amount(self.test)}{named}", most=MOST)
        self.more = _More()
        self.wrong = _wrong()
        with ui.element("div").classes("row-of"):
            button("Keep the result", self._keep_fields).classes("main")
            link_button("Not now", "/progress")

    def _held(self, side: str, seconds: float) -> None:
        if self.test.kind == "hold":
            self.fields[side].value = round(seconds, 1)

    def _keep_fields(self) -> None:
        given = {side: field.value for side, field in self.fields.items()}
        if any(value is None or not 0 <= value <= MOST for value in given.values()):
            self.wrong.text = (
                f"Give a number from 0 to {MOST:g} for {'each side' if self.test.sides else 'the result'}."
            )
            return
        self._keep({side: float(value) for side, value in given.items()})

    # -- what is looked at

    def _look(self) -> None:
        answers: dict[str, list[ui.radio]] = {}
        for side in self.sides:
            words("h2", f"Standing on the {side} leg")
            answers[side] = [yes_or_no(question) for question in self.test.asks]
        self.more = _More()
        self.wrong = _wrong()

        def keep() -> None:
            if any(radio.value is None for radios in answers.values() for radio in radios):
                self.wrong.text = "Answer each question with yes or no."
                return
            self._keep({side: float(sum(bool(one.value) for one in radios)) for side, radios in answers.items()})

        with ui.element("div").classes("row-of"):
            button("Keep the result", keep).classes("main")
            link_button("Not now", "/progress")

    def _keep(self, given: dict[str, float]) -> None:
        with said_plainly():
            athlete = mine()
            day = self.more.day(local_day(athlete.profile()))
            found = {side: Timed(None, value, self.test.hand_error) for side, value in given.items()}
            _kept(self.content, athlete, self.test, day, found, self.more.note)


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
        self.timer = ui.timer(TICK_S, self._tick, active=False)

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


# -- from film ---------------------------------------------------------------------------------------------------------


class _Filming:
    """Takes a clip of each leg; nothing is kept before the runner says so."""

    def __init__(
        self, test: SelfTest, content: ui.element, jobs: Jobs, clips: dict[Side, Job], *, may_film: bool = True
    ) -> None:
        self.test = test
        self.content = content
        self.jobs = jobs
        self.uid = mine().uid
        self.may_film = may_film
        if may_film:
            words(
                "p", f"One clip for each leg. {IN_ONE_FILM[test.kind]} Either leg may be the one nearer to the phone."
            )
            with ui.element("details"):
                words("summary", "How to film it")
                words("p", MOVEMENTS[FILMED_AS].how_to_film)
        self.legs = [_Leg(self, side, clips.get(side)) for side in SIDES]
        self.more = _More(of_clip=True)
        self.wrong = _wrong()
        with ui.element("div").classes("row-of"):
            self.press = button("Keep the result", self._keep).classes("main")
            link_button("Not now", "/progress")
        self.ready()
        self.timer = ui.timer(LOOK_S, self._look)

    async def _look(self) -> None:
        """See how far the clips are, and draw anew what has changed."""
        clips = await to_thread(clips_of, self.jobs, self.uid, self.test)
        for leg in self.legs:
            leg.see(clips.get(leg.side))
        self.ready()

    def ready(self) -> None:
        """Offer to keep what there is."""
        there = [leg.side for leg in self.legs if leg.result is not None]
        self.press.text = f"Keep the {there[0]} leg alone" if len(there) == 1 else "Keep the result"
        self.press.set_visibility(bool(there))

    async def _keep(self) -> None:
        self.wrong.text = ""
        found = [(leg.said, leg.result) for leg in self.legs]
        try:
            legs = by_leg([(said, result) for said, result in found if result is not None])
        except HipdriveError as error:
            self.wrong.text = f"{str(error)[:1].upper()}{str(error)[1:]}."
            return
        with said_plainly():
            athlete = mine()
            profile = athlete.profile()
            used = [leg.job for leg in self.legs if leg.job is not None and leg.result is not None]
            day = self.more.day(local_day(profile), day_of(used, profile.time_zone, local_day(profile)))
            self.timer.deactivate()
            _kept(self.content, athlete, self.test, day, legs, self.more.note)
            mark_kept(self.jobs, used)


class _Leg:
    """One leg: a clip that is to be chosen, on its way, refused, or timed; or a number by hand."""

    def __init__(self, filming: _Filming, side: Side, job: Job | None) -> None:
        self.filming = filming
        self.side = side
        self.job = job
        self.said: Side | None = side
        self.result: Timed | None = None
        words("h2", f"{side.capitalize()} leg")
        self.box = ui.element("div").classes("stack")
        self._draw()

    def see(self, job: Job | None) -> None:
        """Show a clip as it is now; only what has changed is drawn anew, as another clip may be on its way."""
        before, self.job = self.job, job
        if job is not None and before is not None and (job.id, job.state) == (before.id, before.state):
            if not job.ended:
                self._tell(job)
        elif job is not before:
            self._draw()

    def _draw(self) -> None:
        self.box.clear()
        self.said, self.result = self.side, None
        with self.box:
            if self.job is None:
                self._choose()
            elif self.job.state == "done":
                self._show(self.job)
            elif self.job.state == "failed":
                words("p", f"{self.job.name}: {self.job.say}.").classes("card calm").props("role=status")
                self._choose()
            else:
                self._wait(self.job)

    def _choose(self) -> None:
        filming = self.filming
        if filming.may_film:
            drop(
                f"test={filming.test.id}&side={self.side}", what=f"the clip of the {self.side} leg", taken="video/*"
            )  # ids of ours
        with ui.element("details"):
            words("summary", f"Give the {self.side} leg by hand")
            number_field(f"{self.side.capitalize()} leg: {_amount(filming.test).lower()}", most=MOST).on_value_change(
                lambda event: self._by_hand(event.value)
            )

    def _by_hand(self, value: float | None) -> None:
        given = value is not None and 0 <= value <= MOST
        self.said = self.side
        self.result = Timed(None, float(value), self.filming.test.hand_error) if given and value is not None else None
        self.filming.ready()

    # -- on its way

    def _wait(self, job: Job) -> None:
        words("strong", job.name)
        self.line = words("p", "").classes("big").props("role=status")
        self.bar = bar(job)
        words("p", "You can close this page; it goes on, and is here when you come back.").classes("soft")
        with ui.element("div").classes("row-of"):
            other_button("Cancel", self._cancel).props(f'aria-label="Cancel the clip of the {self.side} leg"')
        self._tell(job)

    def _tell(self, job: Job) -> None:
        self.line.text = f"{job.say[:1].upper()}{job.say[1:]} ..."
        if job.state == "running" and job.total_frames:
            self.bar.props(f"value={min(100, round(100 * job.done_frames / job.total_frames))}")

    async def _cancel(self) -> None:
        if self.job is not None:
            await to_thread(self.filming.jobs.cancel, self.filming.uid, self.job.id)

    # -- timed

    def _show(self, job: Job) -> None:
        test, folder = self.filming.test, self.filming.jobs.result(job)
        try:
            timed = read_timed(folder)
        except HipdriveError as error:
            words("p", f"{str(error)[:1].upper()}{str(error)[1:]}.").classes("card calm")
            self._removing()
            return
        self.result = timed
        with ui.element("div").classes("card stack timed"):
            film = None
            if (folder / OVERLAY).is_file():
                film = ui.element("video").classes("overlay")
                at = f"#t={timed.start_s:.2f}" if timed.start_s else ""  # the picture it begins with
                film.props(f'src="/api/v1/jobs/{job.id}/files/{OVERLAY}{at}" controls playsinline muted')
                film.props(f'aria-label="The clip of the {self.side} leg with what was seen drawn over it"')
            with ui.element("div"):
                words("p", _measured(test, timed)).classes("big")
                for sentence in _why(timed):
                    words("p", sentence)
            if film is not None and timed.start_s is not None:
                with ui.element("div").classes("row-of"):
                    self._seek(film, timed.start_s)
            self._ask(timed)
            with ui.element("div").classes("row-of"):
                self._removing()
                link_button("All that was seen in it", f"/result/{job.id}")

    def _seek(self, film: ui.element, start_s: float) -> None:
        seek = f"const film = document.getElementById('{film.html_id}'); film.currentTime = {start_s:.3f}; film.play()"
        made = ui.button(f"Show the hold, from {start_s:.1f} s", color=None).props("no-caps outline color=primary")
        made.props(f'aria-label="Show the hold of the {self.side} leg"')
        made.on("click", js_handler=f"() => {{ {seek} }}")

    def _ask(self, timed: Timed) -> None:
        """Ask which leg it was; answered beforehand where film and runner agree."""
        self.said = self.side if timed.side == self.side else None

        def say(side: Side) -> None:
            self.said = side

        with group("Which leg was on the floor?", leg_words(self.side, timed)):
            ui.radio(
                {side: side.capitalize() for side in SIDES},
                value=self.said,
                on_change=lambda event: say(event.value),
            ).props("inline")

    def _removing(self) -> None:
        async def remove() -> None:
            if self.job is not None:
                await to_thread(clear, self.filming.jobs, self.job)

        other_button("Remove this clip", remove).props(f'aria-label="Remove the clip of the {self.side} leg"')


# -- what both have --------------------------------------------------------------------------------------------------


class _More:
    """What need not be said: another day, and words of the runner's own."""

    def __init__(self, *, of_clip: bool = False) -> None:
        with ui.element("details"):
            words("summary", "Another day, or a note")
            hint = "when left open, the day on which the clips came here" if of_clip else "today when left open"
            self._day = text_field("When was it?", hint=hint, kind="date")
            self._note = text_field("In your own words", hint="if you like")

    @property
    def note(self) -> str:
        """Words of the runner's own."""
        return str(self._note.value or "")

    def day(self, today: date, usual: date | None = None) -> date:
        """Day that was named; else the usual one, else today."""
        if not self._day.value:
            return usual or today
        try:
            day = date.fromisoformat(self._day.value)
        except ValueError:
            raise HipdriveError("this is no day: choose one, or leave it open") from None
        if day > today:
            raise HipdriveError("this day is still to come: give the day on which it was done")
        return day


def _wrong() -> TextElement:
    return words("p", "").classes("wrong").props("role=alert")


def _amount(test: SelfTest) -> str:
    return "Seconds held" if test.kind == "hold" else "Repetitions"


def _measured(test: SelfTest, timed: Timed) -> str:
    if test.kind == "repetitions":
        return f"{timed.value:.0f} ± {timed.error:.0f} repetitions"
    return f"Held for {value_text(timed.value, test.unit, timed.error)}"


def _why(timed: Timed) -> list[str]:
    """Say what ended it, and what must be known about it."""
    said = []
    if timed.ended:
        from_to = "" if timed.end_s is None else f" at {timed.end_s:.1f} s of the film"
        said.append(f"{timed.ended[:1].upper()}{timed.ended[1:]}{from_to}.")
    if timed.note and timed.note == timed.ended:
        said.append("So it was held for at least this long. Let the film run on until the hips are down to know more.")
    elif timed.note:
        said.append(f"{timed.note[:1].upper()}{timed.note[1:]}.")
    return said


def _kept(
    content: ui.element, athlete: AthleteDiary, test: SelfTest, day: date, found: dict[str, Timed], note: str
) -> None:
    """Keep a result, and show what it says in place of what was asked."""
    earlier = [one for one in athlete.history().tests if one.test == test.id and one.unit == test.unit]
    result, said = enter_test(athlete, test, day, found, note)
    content.clear()
    with content:
        with ui.element("div").classes("card said").props("role=status"):
            words("p", result_words(result)).classes("big")
            for sentence in said:
                words("p", sentence)
        _beside(test, result, [one for one in earlier if one.day <= day])
        with ui.element("div").classes("row-of"):
            link_button("Back to progress", "/progress", main=True)
        ui.run_javascript("scrollTo(0, 0)")


def _beside(test: SelfTest, result: TestResult, earlier: list[TestResult]) -> None:
    """Show a result beside earlier ones, each with what differs from one time to the next."""
    shown = [*earlier[-SHOWN_BEFORE:], result]
    most = max([value + (one.error or 0) for one in shown for value in values(one).values()])
    words("h2", "Side by side" if test.sides else "Beside earlier ones")
    for side in (*SIDES, ""):
        told = [(one, value) for one in shown if (value := values(one).get(side)) is not None]
        if told and side:
            words("h3", side.capitalize())
        with ui.element("ul").classes("bars"):
            for one, value in told:
                with ui.element("li"):
                    words("span", short_day(one.day))
                    _bar(value, one.error or 0.0, most, now=one is result)
                    words("span", f"{side_text(value, one.error)} {test.unit}")
    words("p", "The light end of a bar is what differs from one time to the next anyway.").classes("soft")


def _bar(value: float, error: float, most: float, *, now: bool) -> None:
    """Full up to one error below the value, then light up to one above; in hundredths of the largest."""
    sure = 100 * max(value - error, 0) / most if most > 0 else 0
    doubt = 100 * (value + error) / most - sure if most > 0 else 0
    with ui.element("span").classes("bar now" if now else "bar").props("aria-hidden=true"):
        ui.element("span").classes("sure").style(f"width: {sure:.1f}%")
        ui.element("span").classes("doubt").style(f"width: {doubt:.1f}%")
