"""How it goes: trends with their bands, runs, self tests."""

from __future__ import annotations

import tempfile
from asyncio import to_thread
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from nicegui import ui
from nicegui.events import MultiUploadEventArguments

from hipdrive.diary import AthleteDiary
from hipdrive.exchange.activity import Found
from hipdrive.exchange.runs import MEGABYTE, import_words, new_runs, read_source, sources
from hipdrive.exchange.words import plain
from hipdrive.numbers import counted
from hipdrive.report.training_pages import part, progress_shown
from hipdrive.report.training_words import short_day
from hipdrive.training.done import day_words
from hipdrive.training.history import Run, TestResult
from hipdrive.training.load import long_run_spikes, long_run_words, run_day
from hipdrive.training.programme import plan
from hipdrive.training.selftest import TESTS, result_words
from hipdrive.training.trends import DAYS
from hipdrive.web.pages.frame import fragment, frame, link_button, local_day, mine, said_plainly, say, words
from hipdrive.web.security import MOST_BODY_BYTES

MOST_UPLOAD_BYTES: Final = MOST_BODY_BYTES - MEGABYTE  # what the app takes at once, less what stands round the files
MOST_UPLOADS: Final = 200  # files at once; more come as one ZIP file
SHOWN_RUNS: Final = 10
TOO_MUCH: Final = (
    f"These are too many, or too large: at most {MOST_UPLOADS} files of together {MOST_UPLOAD_BYTES // MEGABYTE} MB. "
    "'hipdrive runs import' takes more."
)
CHOOSER: Final = """
<div class="chooser"><q-btn no-caps outline color="primary" label="Choose files" @click="props.pickFiles"></q-btn>
<span>or drop them here</span><span style="display: none"><q-uploader-add-trigger></q-uploader-add-trigger></span></div>
"""
SPANS: Final = {84: "12 weeks", 182: "Half a year", 365: "A year"}
SHORTEST_NAME: Final = 40  # letters of a file's name that are said


@ui.page("/progress")
async def progress_page(days: int = DAYS) -> None:
    """Show how it went."""
    athlete = mine()
    history = await to_thread(athlete.history)
    today = local_day(history.profile)
    days = days if days in SPANS else DAYS
    programme = await to_thread(plan, history, today)
    shown = await to_thread(progress_shown, history, programme, days)
    html = await to_thread(part, "trends.html.j2", shown)
    with frame("Progress", "/progress", facts=f"{shown['since']} to {day_words(today)}"):
        with ui.element("nav").props('aria-label="How far to look back"').classes("row-of"):
            for span, name in SPANS.items():
                link = link_button(name, f"/progress?days={span}", main=span == days)
                if span == days:
                    link.props("aria-current=page")
        if shown["in_short"]:
            words("h2", "In short")
            with ui.element("div").classes("card matters"), ui.element("ul"):
                for sentence in shown["in_short"]:
                    words("li", sentence)
        if shown["groups"]:
            fragment(html)
            words(
                "p", f"The shaded band around a curve is where the true value may well be. {shown['small_print']}"
            ).classes("note")
        else:
            words("p", "The diary is empty so far. What you do and film is shown here.").classes("card")
        _tests(history.tests)
        _runs(history.runs, today)


def _tests(results: tuple[TestResult, ...]) -> None:
    words("h2", "Test yourself")
    last = {result.test: result for result in results}
    with ui.element("ul").classes("plain-list"):
        for test in TESTS:
            with ui.element("li"):
                with ui.element("div"):
                    words("strong", test.name)
                    result = last.get(test.id)
                    said = f"{short_day(result.day)}: {result_words(result)}" if result else "not done yet"
                    words("div", said).classes("soft")
                link_button("Do it", f"/test/{test.id}").props(f'aria-label="Do it: {test.name}"')


def _runs(runs: tuple[Run, ...], today: date) -> None:
    words("h2", "Bring in runs")
    words("p", "FIT, TCX and GPX files of a watch, or a ZIP file of many. Bringing the same in twice changes nothing.")
    said = ui.element("div").props("role=status")

    async def bring(event: MultiUploadEventArguments) -> None:
        with said_plainly():
            said.clear()
            with said:
                words("p", f"Reading {counted(len(event.files), 'file')} ...")
            with tempfile.TemporaryDirectory() as folder:
                parts = []
                for number, file in enumerate(event.files):
                    path = Path(folder) / f"{number}"  # what a stranger called it is said, and no path
                    await file.save(path)
                    parts.append((path, plain(file.name, SHORTEST_NAME)))
                lines = await to_thread(_kept, mine(), parts)
            said.clear()
            with said, ui.element("div").classes("card said"):
                for line in lines:
                    words("p", line)
            uploader.reset()

    uploader = ui.upload(
        multiple=True,
        auto_upload=True,
        max_file_size=MOST_UPLOAD_BYTES,
        max_total_size=MOST_UPLOAD_BYTES,
        max_files=MOST_UPLOADS,
        on_multi_upload=bring,
        on_rejected=lambda: say(TOO_MUCH),
    ).props('flat accept=".fit,.tcx,.gpx,.gz,.zip"')
    uploader.add_slot("header", CHOOSER)
    uploader.add_slot("list", "<div></div>")
    if not runs:
        return
    words("h2", "Your last runs")
    words("p", long_run_words(runs, today))
    spikes = {spike.run: spike for spike in long_run_spikes(runs)}
    with ui.element("ul").classes("plain-list"):
        for run in reversed(runs[-SHOWN_RUNS:]):
            with ui.element("li"):
                pace = f"{run.distance_m / 1000:.1f} km in {timedelta(seconds=round(run.duration_s))}"
                words("span", f"{short_day(run_day(run))}: {pace}")
                if run in spikes:
                    words("span", spikes[run].words).classes("soft")


def _kept(athlete: AthleteDiary, files: list[tuple[Path, str]]) -> list[str]:
    """Read files and keep the new runs of them; gives what to say about it."""
    zone = ZoneInfo(athlete.profile().time_zone)
    parts = []
    for path, name in files:
        for source in sources([path]):
            named = replace(source, name=name) if source.name == path.name else source
            parts.append(read_source(named, zone))
    found = Found(
        tuple(run for one in parts for run in one.runs), tuple(entry for one in parts for entry in one.left_out)
    )
    with athlete.together():
        new = new_runs(athlete.history().runs, found.runs)
        athlete.add_runs(new)
    return import_words(new, found)
