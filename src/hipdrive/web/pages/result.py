"""What was seen in a clip: film and curves on one clock, repetitions with the moments of their verdicts, the diary.

The page is told in words by the server; what moves with the film (curves, cursor, model) is done in the browser by
``files/result.js``, which finds its elements by ``data-result`` and jumps wherever ``data-from`` says.
"""

from __future__ import annotations

import json
import uuid
from asyncio import to_thread
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import msgspec
from nicegui import app, ui
from nicegui.element import Element

from hipdrive.diary import AthleteDiary
from hipdrive.diary.entries import enter_analysis, what_follows
from hipdrive.diary.store import digest_of
from hipdrive.errors import HipdriveError
from hipdrive.movements import MOVEMENTS, Cue, Movement
from hipdrive.report.charts import curves_words
from hipdrive.report.lessons import lesson_address
from hipdrive.report.moments import ORDER, picture_of, seen_at, shown_by, stretch, told_to_script
from hipdrive.report.pieces import CURVES, Shot, read_pictures
from hipdrive.report.words import MARKS, SIDES, WORDS, counted, value_text
from hipdrive.results import Analysis, JudgedCue, JudgedRepetition, Verdict
from hipdrive.training.done import day_words
from hipdrive.training.watched import exercise_in
from hipdrive.web.jobs import DONE, Job, Jobs
from hipdrive.web.pages.frame import (
    button,
    frame,
    link_button,
    local_day,
    mine,
    of_ten,
    other_button,
    said_plainly,
    text_field,
    whole,
    words,
)
from hipdrive.web.pages.upload import FILES_AT, LOOK_S, bar

OVERLAY: Final = "overlay.mp4"
REPORT: Final = "report.html"
ANALYSIS: Final = "analysis.json"
MUSCLES: Final = "muscles.html"
LANDMARKS: Final = "landmarks.parquet"
PLOTLY_AT: Final = "/scripts/plotly.min.js"
PACES: Final = ((0.25, "¼", "Quarter speed"), (0.5, "½", "Half speed"), (1.0, "1", "Full speed"))
HOW_TO_MOVE: Final = (
    "Press the curves, or drag over them, to move the film. With keys: left and right for one picture, page up and "
    "page down for a second, home and end."
)
WHAT_MODEL: Final = (
    "Computed, not measured: the least effort of the muscles that explains the pose. The model shows a typical stretch "
    "of the clip, at the phase in which the film is."
)
MOST_COMMENT_LETTERS: Final = 2000


def _plotly() -> Path:
    """Plotly's own script, as the report has it."""
    spec = find_spec("plotly")
    assert spec is not None and spec.origin is not None  # the report needs it
    return Path(spec.origin).parent / "package_data" / "plotly.min.js"


app.add_static_file(local_file=_plotly(), url_path=PLOTLY_AT)


@cache
def _style() -> str:
    return Path(__file__).with_name("result.css").read_text(encoding="utf-8")


@ui.page("/result/{job_id}")
async def result_page(job_id: uuid.UUID) -> None:
    """Show a clip: how far it is, why it failed, or what was seen."""
    athlete = mine()
    jobs: Jobs = ui.context.client.request.app.state.jobs
    job = await to_thread(jobs.get, athlete.uid, str(job_id))
    if job is None:
        with frame("No such clip", "/film"):
            words("p", "There is no such clip here. Perhaps it was removed.").classes("card")
            link_button("Your clips", "/film")
    elif jobs.has_result(job):
        folder = jobs.result(job)
        analysis = await to_thread(_read, folder / ANALYSIS)
        movement = MOVEMENTS.get(analysis.movement.id)
        title = movement.name if movement else "Your clip"
        ui.add_head_html(f"<style>{_style()}</style>")
        ui.add_body_html(f'<script src="{FILES_AT}/result.js"></script>')
        with frame(title, "/film", facts=f"{job.name} · {_counted(analysis, movement)}"):
            _Result(analysis, movement, job, jobs, athlete).show()
    else:
        with frame("Your clip", "/film", facts=job.name):
            _not_yet(job, jobs)


def _read(path: Path) -> Analysis:
    try:
        return Analysis.from_json(path.read_bytes())
    except (OSError, msgspec.DecodeError):
        raise HipdriveError("the result of this clip cannot be read any more: remove it, and upload it again") from None


def _counted(analysis: Analysis, movement: Movement | None) -> str:
    if movement is None:
        return "none of the movements that hipdrive knows"
    if movement.measures and not movement.cues:
        return counted(len(analysis.strides), "stride")
    return counted(len(analysis.complete_repetitions), movement.words.repetition)


def _not_yet(job: Job, jobs: Jobs) -> None:
    """Say how far it is; the page comes anew when it has ended."""
    uid = job.athlete_uid
    if job.ended:
        words("p", f"{job.say[:1].upper()}{job.say[1:]}.").classes("card calm")
        link_button("Choose a clip", "/film", main=True)
        return
    said = words("p", f"{job.say[:1].upper()}{job.say[1:]} ...").classes("big").props("role=status")
    shown = bar(job)
    words("p", "You can close this page; it goes on, and your clips are on the page Film.").classes("soft")

    async def look() -> None:
        now = await to_thread(jobs.get, uid, job.id)
        if now is None or now.ended:
            ui.navigate.reload()
            return
        said.text = f"{now.say[:1].upper()}{now.say[1:]} ..."
        if now.total_frames:
            shown.props(f"value={min(100, round(100 * now.done_frames / now.total_frames))}")

    async def cancel() -> None:
        await to_thread(jobs.cancel, mine().uid, job.id)

    with ui.element("div").classes("row-of"):
        ui.button("Cancel", on_click=cancel, color=None).props("no-caps outline color=primary")
    ui.timer(LOOK_S, look)


# -- what was seen -----------------------------------------------------------------------------------------------------


class _Result:
    """Everything about one clip.

    Parameters
    ----------
    analysis : Analysis
    movement : Movement or None
    job : Job
    jobs : Jobs
    athlete : AthleteDiary
    """

    def __init__(
        self, analysis: Analysis, movement: Movement | None, job: Job, jobs: Jobs, athlete: AthleteDiary
    ) -> None:
        self.analysis = analysis
        self.movement = movement
        self.job = job
        self.jobs = jobs
        self.athlete = athlete
        folder = jobs.result(job)
        self.files = {path.name for path in folder.iterdir()}
        self.shots = [shot for shot in read_pictures(folder) if shot.file in self.files]
        self.at = f"/api/v1/jobs/{job.id}/files"
        self.moves = OVERLAY in self.files or CURVES in self.files  # so that there is something to jump in

    def show(self) -> None:
        """Put all of it onto the page."""
        analysis, movement = self.analysis, self.movement
        page = ui.element("div").classes("result" if self.moves else "result still").props("data-result=page")
        page.props["data-told"] = json.dumps(told_to_script(analysis, movement))
        with page:
            if self.moves:
                with ui.element("div").classes("both"):
                    self._stage()
                    self._curves()
            with ui.element("div").classes("first-words"):
                _advice(analysis, movement)
            with ui.element("div").classes("rest"):
                if movement is not None:
                    self._set(movement)
                    self._measures(movement)
                    self._repetitions(movement)
                    self._strides(movement)
                    _unjudged(analysis, movement)
                _warnings(analysis)
                self._muscles()
                if REPORT in self.files:
                    words("h2", "All of it")
                    words("p", "Tables, limits with their sources, how it was measured.").classes("soft")
                    with ui.element("div").classes("row-of"):
                        link_button("The full report", f"{self.at}/{REPORT}").props("target=_blank")
                    link_button("All files of it (ZIP)", f"{self.at}.zip").props("download")
                self._diary()

    # -- film and curves -------------------------------------------------------------------------------------------

    def _stage(self) -> None:
        source = self.analysis.source
        with ui.element("section").classes("stage").props('aria-label="Film"'):
            if OVERLAY in self.files:
                film = ui.element("video").classes("overlay").props("playsinline muted preload=auto")
                film.props(f'src="{self.at}/{OVERLAY}" width={source.width_px} height={source.height_px}')
                film.props('aria-label="Your clip with what was seen drawn over it"')
            else:
                with ui.element("div").classes("figure").props('data-result=figure role=img aria-label="Stick figure"'):
                    words("p", "There is no film of this set.").classes("soft")
            with ui.element("div").classes("controls").props('role=group aria-label="Play"'):
                _icon_button("play_arrow", "Play").props("data-play")
                _icon_button("navigate_before", "One picture back").props("data-step=-1")
                _icon_button("navigate_next", "One picture on").props("data-step=1")
                with ui.element("span").classes("paces").props('role=group aria-label="Speed"'):
                    for rate, text, name in PACES:
                        pressed = "true" if rate == 1 else "false"
                        _plain_button(text, name).props(f"data-pace={rate} aria-pressed={pressed}")
                if OVERLAY in self.files:
                    _icon_button("fullscreen", "Whole screen").props("data-whole")
                words("span", "").classes("clock-line soft").props("data-result=clock")

    def _curves(self) -> None:
        if CURVES not in self.files:
            return
        with ui.element("section").classes("curves").props('aria-label="Curves"'):
            with ui.element("div").classes("curves-head"):
                words("h2", "Curves")
                _plain_button("Closer", "A closer look at the curves").props(
                    "data-result=closer aria-pressed=false hidden"
                )
            slider = ui.element("div").classes("slider").props("data-result=slider role=slider tabindex=0")
            slider.props(f'data-curves="{self.at}/{CURVES}" data-plotly="{PLOTLY_AT}"')
            slider.props(
                f'aria-label="Moment of the clip" aria-valuemin=0 aria-valuenow=0 '
                f"aria-valuemax={self.analysis.source.duration_s:.3f}"
            )
            with slider:
                ui.element("div").classes("plot").props("data-result=plot aria-hidden=true")
                ui.element("div").classes("cursor").props("data-result=cursor aria-hidden=true hidden")
                words("p", "Drawing the curves ...").classes("soft waiting").props("data-result=waiting")
            words("p", "").classes("readout").props("data-result=readout aria-hidden=true")
            with ui.element("details"):
                words("summary", "How to read and use them")
                for sentence in curves_words(self.movement, self.analysis) if self.movement else ():
                    words("p", sentence)
                words("p", HOW_TO_MOVE)

    def _jump(self, name: str, start_s: float, end_s: float | None = None) -> Element:
        """A button that takes the film to a moment, or plays a stretch of it."""
        made = ui.element("button").props(f"type=button data-from={start_s:.3f}")
        made.props["aria-label"] = name
        return made.props(f"data-to={end_s:.3f}") if end_s is not None else made

    # -- verdicts --------------------------------------------------------------------------------------------------

    def _set(self, movement: Movement) -> None:
        judged = [(cue, self.analysis.set[cue.id]) for cue in movement.cues if cue.id in self.analysis.set]
        judged = [entry for entry in judged if entry[1].verdict != "not_judged"]
        if not judged:
            return
        words("h2", "The set")
        with ui.element("ul").classes("plain-list jumps"):
            for cue, verdict in sorted(judged, key=lambda entry: ORDER.index(entry[1].verdict)):
                at_fault = f", {verdict.repetitions_at_fault} at fault" if verdict.repetitions_at_fault else ""
                shown = shown_by(self.analysis, cue, verdict.verdict)
                self._line(
                    movement, cue, shown, verdict.verdict, f"{verdict.repetitions_judged} judged{at_fault}", of_set=True
                )

    def _line(
        self,
        movement: Movement,
        cue: Cue,
        repetition: JudgedRepetition | None,
        verdict: Verdict,
        details: str,
        *,
        of_set: bool = False,
    ) -> None:
        """A verdict; where there is a film or a curve, pressing it shows the moment from which it comes."""
        with ui.element("li"):
            if repetition is not None and self.moves:
                start_s, end_s = stretch(cue, repetition)
                where = f", {movement.words.repetition} {repetition.index}" if of_set else ""
                said = (
                    f"{cue.name}: {WORDS[verdict]}{f', {details}' if details else ''}. Show it{where}, {start_s:.1f} s"
                )
                line = self._jump(said, start_s, end_s)
            else:
                line = ui.element("div")
            with line.classes("line"):
                with ui.element("span"):
                    words("strong" if of_set else "span", _named(cue.name))
                    if details:
                        words("span", details).classes("soft details")
                _verdict(verdict)

    def _measures(self, movement: Movement) -> None:
        from hipdrive.report.measures import sentence, told, value_words

        measured = told(movement, self.analysis)
        if not measured:
            return
        words("h2", "Measured")
        with ui.element("ul").classes("cards"):
            for measure, judged in measured:
                with ui.element("li").classes("card"):
                    words("h3", _named(measure.name))
                    words("p", value_words(measure, judged, self.analysis.source.rate_hz)).classes("big")
                    words("p", sentence(measure, judged)).classes("soft")
                    seen_s = seen_at(measure, self.analysis)
                    if seen_s is not None and self.moves:
                        shown = self._jump(f"Show {measure.name}, {seen_s:.2f} s", seen_s).classes("plain-button")
                        with shown:
                            words("span", f"Show, {seen_s:.2f} s")

    def _repetitions(self, movement: Movement) -> None:
        is_photo = self.analysis.source.frames == 1
        shown = self.analysis.repetitions if is_photo else self.analysis.complete_repetitions
        if not shown:
            return
        words("h2", "The photograph" if is_photo else "One by one")
        with ui.element("ul").classes("cards"):
            for repetition in shown:
                with ui.element("li").classes("card").props(f"data-span={repetition.index}"):
                    self._repetition(repetition, movement)

    def _repetition(self, repetition: JudgedRepetition, movement: Movement) -> None:
        is_photo = self.analysis.source.frames == 1
        name = "What it shows" if is_photo else f"{_named(movement.words.repetition)} {repetition.index}"
        side = f", {repetition.side}" if repetition.side in SIDES else ""
        words("h3", f"{name}{side}")
        cues = [(cue, repetition.cues[cue.id]) for cue in movement.cues if cue.id in repetition.cues]
        cues = sorted(
            (entry for entry in cues if entry[1].verdict != "not_judged"), key=lambda one: ORDER.index(one[1].verdict)
        )
        shot = picture_of(
            repetition, [cue for cue, judged in cues if judged.verdict in ("fault", "check")], self.shots, movement
        )
        played = f"from {repetition.start_s:.1f} to {repetition.end_s:.1f} s"
        if self.moves:
            made = self._jump(f"Show {name.lower()}", repetition.start_s, repetition.end_s)
            with made.classes("picture" if shot else "plain-button"):
                if shot:
                    self._picture(shot)
                words("span", f"{f'{_named(shot.moment)}; ' if shot else 'Show, '}{played}")
        elif shot:
            self._picture(shot)
        good = [entry for entry in cues if entry[1].verdict == "good"]
        to_mend = [entry for entry in cues if entry[1].verdict != "good"]
        self._judged(movement, repetition, to_mend)
        if good:
            with ui.element("details"):
                words("summary", f"{len(good)} good" if to_mend else f"All {len(good)} good")
                self._judged(movement, repetition, good)

    def _judged(self, movement: Movement, repetition: JudgedRepetition, cues: Sequence[tuple[Cue, JudgedCue]]) -> None:
        if not cues:
            return
        with ui.element("ul").classes("plain-list jumps"):
            for cue, judged in cues:
                details = "" if judged.value is None else value_text(judged.value, judged.unit, judged.error)
                self._line(movement, cue, repetition, judged.verdict, details)

    def _picture(self, shot: Shot) -> None:
        made = ui.element("img").props(f'src="{self.at}/{shot.file}" width={shot.width_px} height={shot.height_px}')
        made.props["alt"] = f"{shot.where}, with the skeleton and the lines to look at"
        made.props("loading=lazy")

    def _strides(self, movement: Movement) -> None:
        """Key frames of a run, which has no repetitions to show them in."""
        shots = [shot for shot in self.shots if shot.repetition is None]
        if not shots:
            return
        words("h2", movement.words.key_frames)
        with ui.element("ul").classes("cards pictures"):
            for shot in shots:
                with ui.element("li"):
                    if self.moves:
                        with self._jump(f"Show {shot.where}, {shot.time_s:.2f} s", shot.time_s).classes("picture"):
                            self._picture(shot)
                            words("span", f"{shot.where}, {shot.time_s:.2f} s")
                    else:
                        self._picture(shot)
                        words("p", shot.where)

    # -- muscles ---------------------------------------------------------------------------------------------------

    def _muscles(self) -> None:
        """The model in space; where there is none, the way to it."""
        if self.movement is None or not (MUSCLES in self.files or LANDMARKS in self.files):
            return
        uid, job_id = self.job.athlete_uid, self.job.id
        job = self.job
        words("h2", "The muscles").props("id=muscles")

        @ui.refreshable
        def shown() -> None:
            if (self.jobs.result(job) / MUSCLES).is_file():
                self._model()
            elif not job.ended:
                words("p", f"{_named(job.say)} ... You can close this page; it goes on.").props("role=status")
                bar(job)
                with ui.element("div").classes("row-of"):
                    other_button("Cancel", cancel)
                ui.timer(LOOK_S, look)
            elif find_spec("mujoco") is None or find_spec("myo_sim") is None:
                words("p", "Bones and muscles are not installed: run pip install 'hipdrive[muscles]' once.")
            else:
                if job.say != DONE:
                    words("p", f"{_named(job.say)}.").classes("card calm")
                else:
                    words(
                        "p", "Which muscles do the work, in a model that moves with the film. It takes a minute or two."
                    )
                with ui.element("div").classes("row-of"):
                    other_button("Work out the muscles", begin)

        async def begin() -> None:
            nonlocal job
            with said_plainly():
                begun = await to_thread(self.jobs.add_muscles, mine().uid, job_id)
                job = begun or job
                shown.refresh()

        async def cancel() -> None:
            await to_thread(self.jobs.cancel, mine().uid, job_id)

        async def look() -> None:
            nonlocal job
            now = await to_thread(self.jobs.get, uid, job_id)
            if now is not None and _look(now) != _look(job):
                job = now
                shown.refresh()

        shown()

    def _model(self) -> None:
        at = f"{self.at}/{MUSCLES}"
        words(
            "p",
            WHAT_MODEL,
        ).classes("soft")
        with ui.element("div").classes("row-of"):
            other_button("Show the model", lambda: None).props(f'data-result=model data-src="{at}"')
            link_button("On a page of its own, with all numbers", at).props("target=_blank")
        ui.element("div").classes("model-box").props("data-result=model-box hidden")

    # -- the diary -------------------------------------------------------------------------------------------------

    def _diary(self) -> None:
        words("h2", "Your comment, and the diary")
        content, outcome = ui.element("div"), ui.element("div")

        def draw(*said: str) -> None:
            content.clear()
            outcome.clear()
            with content:
                kept = self._kept_on()
                if kept is not None:
                    self._in_diary(kept)
                self._ask(draw, in_diary=kept is not None)
            if said:
                with outcome, ui.element("div").classes("card said").props("role=status"):
                    for sentence in said:
                        words("p", sentence)

        draw()

    def _kept_on(self) -> date | None:
        """Day on which this very analysis is in the diary."""
        seen = self.athlete.seen_by_digest().get(digest_of(self.analysis))
        return None if seen is None else seen.day

    def _in_diary(self, day: date) -> None:
        """What was kept, so that it is not once more."""
        history = self.athlete.history()
        session = next((one for one in history.sessions if one.day == day), None)
        hurt = "".join(f", {one.where}" for one in history.pains if one.day == day and one.where)
        with ui.element("div").classes("card said").props("data-result=kept"):
            words("p", f"This is in your diary of {day_words(day)}.").classes("big")
            if session is None or not exercise_in(self.analysis):
                return
            if session.rpe is not None:
                words("p", f"How hard it was: {session.rpe:g} of 10.")
            if session.pain is not None:
                words("p", f"The worst pain: {session.pain:g} of 10{hurt}.")
            if session.note and session.note != self._comment():
                words("p", f"You wrote: {session.note}").classes("note-kept")

    def _comment(self) -> str:
        """What the runner wrote about this very analysis."""
        return self.athlete.setting(comment_name(self.analysis)) or ""

    def _ask(self, draw: Callable[..., None], *, in_diary: bool) -> None:
        """The comment, and what no camera sees."""
        analysis = self.analysis
        effort = pain = where = None
        if not in_diary and exercise_in(analysis):  # of a run only the measures are kept
            effort = of_ten("How hard was it?", "10 is all you had, 7 left three in reserve.")
            pain = of_ten("The worst pain in it?", "0 is none, 10 the worst you can think of.")
            where = text_field("Where did it hurt?", hint="such as left hip")
            whole(where).bind_visibility_from(pain, "value", backward=bool)
        note = text_field("Your comment", self._comment(), "in your own words, if you like", "textarea")
        note.props(f"autogrow maxlength={MOST_COMMENT_LETTERS}")
        said = words("p", "").props("role=status")

        async def keep_comment() -> None:
            with said_plainly():
                await to_thread(mine().set_setting, comment_name(analysis), text_of(note.value))
                said.text = "Your comment is kept." if text_of(note.value) else "There is no comment now."

        async def keep() -> None:
            with said_plainly():
                athlete = mine()
                today = local_day(athlete.profile())
                hurts = pain.value if pain else None

                def enter() -> str:
                    with athlete.together():
                        athlete.set_setting(comment_name(analysis), text_of(note.value))
                        return enter_analysis(
                            athlete,
                            analysis,
                            today,
                            rpe=effort.value if effort else None,
                            pain=hurts,
                            where=(where.value or "") if where and hurts else "",
                            note=text_of(note.value) or "",
                        )

                entered = await to_thread(enter)
                follows = await to_thread(what_follows, athlete, today)
                draw(entered, *follows)

        with ui.element("div").classes("row-of"):
            if in_diary:
                other_button("Keep the comment", keep_comment)
                link_button("Back to today", "/")
            else:
                button("Add to diary", keep).classes("main")
                other_button("Only keep the comment", keep_comment)


def comment_name(analysis: Analysis) -> str:
    """Name under which the diary keeps the comment on an analysis."""
    return f"comment {digest_of(analysis)}"


def text_of(value: str | None) -> str | None:
    """What was typed, if anything was."""
    return (value or "").strip()[:MOST_COMMENT_LETTERS] or None


def _look(job: Job) -> tuple[str, str, int]:
    """What of a job can be seen while muscles are worked out."""
    return job.state, job.say, round(100 * job.done_frames / (job.total_frames or 1))


def _plain_button(text: str, name: str) -> Element:
    """A small button that the page's own script listens to."""
    made = ui.element("button").classes("plain-button").props("type=button")
    made.props["aria-label"] = name
    made.props["title"] = name
    with made:
        words("span", text).props("aria-hidden=true")
    return made


def _icon_button(icon: str, name: str) -> Element:
    """A small button with a picture for its name."""
    made = ui.element("button").classes("plain-button").props("type=button")
    made.props["aria-label"] = name
    made.props["title"] = name
    with made:
        ui.icon(icon).props("aria-hidden=true")
    return made


def _advice(analysis: Analysis, movement: Movement | None) -> None:
    words("h2", "What matters most")
    if not analysis.advice:
        said = "Nothing to mend in what could be judged." if movement else "Nothing was judged in this clip."
        words("p", said).classes("card said")
    for advice in analysis.advice:
        with ui.element("div").classes("card said"):
            words("p", advice.say).classes("big")
            words("p", advice.why).classes("soft")
            words("p", advice.next)
            if movement is not None:
                lesson = ui.link("Right and wrong, in moving pictures", lesson_address(movement.id, advice.about))
                lesson.props["aria-label"] = f"{advice.say} Right and wrong, in moving pictures"


def _warnings(analysis: Analysis) -> None:
    if not analysis.warnings:
        return
    words("h2", "To know about this clip")
    with ui.element("ul"):
        for warning in analysis.warnings:
            words("li", f"{_named(warning.text)}.")


def _verdict(verdict: Verdict) -> None:
    """Mark and word; the colour stands beside them."""
    with ui.element("span").classes(f"verdict {verdict}"):
        words("span", MARKS[verdict]).props("aria-hidden=true").classes("mark")
        words("span", WORDS[verdict])


def _named(name: str) -> str:
    return f"{name[:1].upper()}{name[1:]}"


def _unjudged(analysis: Analysis, movement: Movement) -> None:
    from hipdrive.report.html import unjudged

    groups = unjudged(movement, analysis, analysis.complete_repetitions or analysis.repetitions)
    if not groups:
        return
    with ui.element("details"):
        words("summary", "What was not judged, and why")
        with ui.element("ul"):
            for reason, names in groups:
                words("li", f"{', '.join(names)}: {reason}.")
