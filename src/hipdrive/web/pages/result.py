"""What was seen in a clip: the film beside the repetitions, verdicts with their reasons, and the way into the diary."""

from __future__ import annotations

import uuid
from asyncio import to_thread
from pathlib import Path
from typing import Final

import msgspec
from nicegui import ui

from hipdrive.diary.entries import enter_analysis, what_follows
from hipdrive.errors import HipdriveError
from hipdrive.movements import MOVEMENTS, Movement
from hipdrive.report.words import MARKS, WORDS, counted, value_text
from hipdrive.results import Analysis, JudgedRepetition, Verdict
from hipdrive.web.jobs import Job, Jobs
from hipdrive.web.pages.frame import (
    button,
    frame,
    link_button,
    local_day,
    mine,
    of_ten,
    said_plainly,
    text_field,
    whole,
    words,
)
from hipdrive.web.pages.upload import LOOK_S, bar

OVERLAY: Final = "overlay.mp4"
REPORT: Final = "report.html"
ANALYSIS: Final = "analysis.json"
MUSCLES: Final = "muscles.html"
ORDER: Final[tuple[Verdict, ...]] = ("fault", "check", "good", "not_judged")


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
    elif job.state == "done":
        folder = jobs.result(job)
        analysis = await to_thread(_read, folder / ANALYSIS)
        movement = MOVEMENTS.get(analysis.movement.id)
        title = movement.name if movement else "Your clip"
        with frame(title, "/film", facts=f"{job.name} · {_counted(analysis, movement)}"):
            _result(analysis, movement, job, {path.name for path in folder.iterdir()})
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


def _result(analysis: Analysis, movement: Movement | None, job: Job, files: set[str]) -> None:
    at = f"/api/v1/jobs/{job.id}/files"
    if OVERLAY in files:
        ui.element("video").props(f'src="{at}/{OVERLAY}" controls playsinline muted preload=metadata').classes(
            "overlay"
        ).props('aria-label="Your clip with what was seen drawn over it"')
    _advice(analysis, movement)
    if analysis.warnings:
        words("h2", "To know about this clip")
        with ui.element("ul"):
            for warning in analysis.warnings:
                words("li", f"{warning.text[:1].upper()}{warning.text[1:]}.")
    if movement is not None:
        _set(analysis, movement)
        _measures(analysis, movement)
        _repetitions(analysis, movement, seekable=OVERLAY in files)
        _unjudged(analysis, movement)
    with ui.element("div").classes("row-of"):
        if REPORT in files:
            link_button("The full report, with curves", f"{at}/{REPORT}").props("target=_blank")
        if MUSCLES in files:
            link_button("The muscles", f"{at}/{MUSCLES}").props("target=_blank")
    _to_diary(analysis)


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


def _verdict(verdict: Verdict) -> None:
    """Mark and word; the colour stands beside them."""
    with ui.element("span").classes(f"verdict {verdict}"):
        words("span", MARKS[verdict]).props("aria-hidden=true").classes("mark")
        words("span", WORDS[verdict])


def _set(analysis: Analysis, movement: Movement) -> None:
    judged = [(cue, analysis.set[cue.id]) for cue in movement.cues if cue.id in analysis.set]
    judged = [entry for entry in judged if entry[1].verdict != "not_judged"]
    if not judged:
        return
    words("h2", "The set")
    with ui.element("ul").classes("plain-list"):
        for cue, verdict in sorted(judged, key=lambda entry: ORDER.index(entry[1].verdict)):
            with ui.element("li"):
                with ui.element("div"):
                    words("strong", _named(cue.name))
                    at_fault = f", {verdict.repetitions_at_fault} at fault" if verdict.repetitions_at_fault else ""
                    words("div", f"{verdict.repetitions_judged} judged{at_fault}").classes("soft")
                _verdict(verdict.verdict)


def _measures(analysis: Analysis, movement: Movement) -> None:
    from hipdrive.report.measures import sentence, told, value_words

    measured = told(movement, analysis)
    if not measured:
        return
    words("h2", "Measured")
    with ui.element("ul").classes("cards"):
        for measure, judged in measured:
            with ui.element("li").classes("card"):
                words("h3", measure.name)
                words("p", value_words(measure, judged, analysis.source.rate_hz)).classes("big")
                words("p", sentence(measure, judged)).classes("soft")


def _repetitions(analysis: Analysis, movement: Movement, *, seekable: bool) -> None:
    shown = analysis.complete_repetitions
    if not shown:
        return
    words("h2", "One by one")
    with ui.element("ul").classes("cards"):
        for repetition in shown:
            with ui.element("li").classes("card"):
                _repetition(repetition, movement, seekable)


def _repetition(repetition: JudgedRepetition, movement: Movement, seekable: bool) -> None:
    name = f"{movement.words.repetition[:1].upper()}{movement.words.repetition[1:]} {repetition.index}"
    side = f", {repetition.side}" if repetition.side in ("left", "right") else ""
    words("h3", f"{name}{side}")
    if seekable:
        start_s = float(repetition.start_s)
        seek = f"const film = document.querySelector('video.overlay'); film.currentTime = {start_s:.3f}; film.play(); "
        seek += "film.scrollIntoView({block: 'nearest'})"
        made = ui.button(f"Show, {start_s:.1f} s", color=None).props("no-caps outline color=primary")
        made.props(f'aria-label="Show {name.lower()}"').on("click", js_handler=f"() => {{ {seek} }}")
    cues = [(cue, repetition.cues[cue.id]) for cue in movement.cues if cue.id in repetition.cues]
    cues = sorted(
        (entry for entry in cues if entry[1].verdict != "not_judged"), key=lambda one: ORDER.index(one[1].verdict)
    )
    with ui.element("ul").classes("plain-list"):
        for cue, judged in cues:
            with ui.element("li"):
                with ui.element("span"):
                    words("span", _named(cue.name))
                    if judged.value is not None:
                        words("div", value_text(judged.value, judged.unit, judged.error)).classes("soft")
                _verdict(judged.verdict)


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


# -- into the diary ----------------------------------------------------------------------------------------------------


def _to_diary(analysis: Analysis) -> None:
    words("h2", "Into the diary")
    content = ui.element("div")
    with content:
        effort = of_ten("How hard was it?", "10 is all you had, 7 left three in reserve.")
        pain = of_ten("The worst pain in it?", "0 is none, 10 the worst you can think of.")
        where = text_field("Where did it hurt?", hint="such as left hip")
        whole(where).bind_visibility_from(pain, "value", backward=bool)
        note = text_field("In your own words", hint="if you like")

        async def keep() -> None:
            with said_plainly():
                athlete = mine()
                today = local_day(athlete.profile())
                said = await to_thread(
                    lambda: enter_analysis(
                        athlete,
                        analysis,
                        today,
                        rpe=effort.value,
                        pain=pain.value,
                        where=where.value if pain.value else "",
                        note=note.value,
                    )
                )
                follows = await to_thread(what_follows, athlete, today)
                content.clear()
                with content, ui.element("div").classes("card said").props("role=status"):
                    for sentence in (said, *follows):
                        words("p", sentence)
                with content, ui.element("div").classes("row-of"):
                    link_button("Back to today", "/", main=True)

        with ui.element("div").classes("row-of"):
            button("Add to diary", keep).classes("main")
