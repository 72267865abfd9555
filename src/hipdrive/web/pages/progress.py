"""How it goes: trends with their bands, runs, self tests."""

from __future__ import annotations

from asyncio import to_thread
from datetime import date, timedelta
from typing import Final

from nicegui import ui

from hipdrive.report.training_pages import part, progress_shown
from hipdrive.report.training_words import short_day
from hipdrive.training.done import day_words
from hipdrive.training.history import Run, TestResult
from hipdrive.training.load import long_run_spikes, long_run_words, run_day
from hipdrive.training.programme import plan
from hipdrive.training.selftest import TESTS, result_words
from hipdrive.training.trends import DAYS
from hipdrive.web.pages.frame import fragment, frame, link_button, local_day, mine, words
from hipdrive.web.pages.runs import bring_in_runs

SHOWN_RUNS: Final = 10
SPANS: Final = {84: "12 weeks", 182: "Half a year", 365: "A year"}


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
    bring_in_runs()
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
