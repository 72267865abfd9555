"""The diary: what was entered, week by week; to be read, put right and taken back."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from textwrap import shorten
from typing import Final

import msgspec
from nicegui import ui

from hipdrive.diary import AthleteDiary
from hipdrive.diary.limits import MOST_LETTERS
from hipdrive.diary.store import digest_of
from hipdrive.diary.taking_back import KIND_WORDS, WITH_NOTE, Entry, Gone
from hipdrive.numbers import counted
from hipdrive.report.training_words import short_day, week_of
from hipdrive.results import Analysis
from hipdrive.training.load import monday_of
from hipdrive.web.jobs import Job, Jobs
from hipdrive.web.pages.frame import (
    button,
    frame,
    link_button,
    local_day,
    mine,
    other_button,
    said_plainly,
    say,
    words,
)

WEEKS: Final = 4  # on a page
MOST_SHOWN: Final = 200  # entries on a page; nobody enters as many in four weeks by hand
ANALYSIS: Final = "analysis.json"
LONG_NOTE, SHORT_NOTE = 300, 80  # letters
KEPT_DIGESTS: Final = 2_000
NOTHING_YET: Final = "The diary is empty so far. What you do, film and tell stands here."

Ask = Callable[[Entry], Awaitable[None] | None]
Do = Callable[[], Awaitable[None]]
Keep = Callable[[str], Awaitable[None]]


@dataclass(frozen=True)
class Shown:
    """What a page of the diary shows.

    Attributes
    ----------
    entries : tuple of Entry
        The newest first.
    earlier : date or None
        The Monday before which the page with earlier entries ends; None where there are none.
    results : mapping of str to str
        For films whose result is still there: digest to id of the job.
    """

    entries: tuple[Entry, ...]
    earlier: date | None
    results: Mapping[str, str]


@ui.page("/diary")
async def diary_page(before: str = "") -> None:
    """Show four weeks of the diary."""
    athlete = mine()
    today = local_day(await to_thread(athlete.profile))
    until = _monday(before, today)
    jobs: Jobs = ui.context.client.request.app.state.jobs
    with frame("Diary", "/diary", facts="What you entered, the newest first. What was a mistake can be taken back."):
        said = words("p", "").classes("unseen").props("role=status tabindex=-1")
        content = ui.element("div")
        asking = ui.element("div")

        async def show() -> None:
            shown = await to_thread(_shown, athlete, jobs, until, today)
            content.clear()
            with content:
                _weeks(shown, until, today, ask_back, ask_note)

        async def ask_back(entry: Entry) -> None:
            with said_plainly():
                gone = await to_thread(mine().goes_with, entry.id)
                asking.clear()
                with asking:
                    _ask_back(gone, lambda: take_back(gone))

        async def take_back(gone: Gone) -> None:
            with said_plainly():
                await to_thread(mine().take_back, gone.entry.id, by_mistake=gone.care is not None)
                await show()
                tell("Taken back. The plan is as if it had never been entered.")

        def ask_note(entry: Entry) -> None:
            asking.clear()
            with asking:
                _ask_note(entry, lambda text: change_note(entry, text))

        async def change_note(entry: Entry, text: str) -> None:
            with said_plainly():
                await to_thread(mine().change_note, entry.id, text)
                await show()
                tell("The note is changed.")

        def tell(text: str) -> None:
            said.text = text
            say(text)
            ui.run_javascript(f"document.getElementById('{said.html_id}').focus({{preventScroll: true}})")

        await show()


def _monday(text: str, today: date) -> date | None:
    """The Monday before which the page ends; None for the newest page."""
    try:
        monday = monday_of(date.fromisoformat(text))
        return monday if monday_of(today) >= monday > date(1900, 2, 1) else None
    except ValueError:
        return None


def _shown(athlete: AthleteDiary, jobs: Jobs, until: date | None, today: date) -> Shown:
    first = (until or monday_of(today) + timedelta(weeks=1)) - timedelta(weeks=WEEKS)
    entries = athlete.entries(first, until)
    last = athlete.last_day(first)
    films = {entry.digest for entry in entries if entry.digest}
    names = {getattr(entry.record, "name", "") for entry in entries if entry.digest}
    results = _results(jobs, athlete.uid, films, names) if films else {}
    return Shown(tuple(entries), None if last is None else monday_of(last) + timedelta(weeks=1), results)


def _results(jobs: Jobs, uid: str, digests: Collection[str], names: Collection[str]) -> dict[str, str]:
    """Jobs whose result is one of these analyses."""
    found = {}
    for job in jobs.of(uid):
        if job.state == "done" and job.name in names and (digest := _digest(jobs, job)) in digests:
            found[digest] = job.id
    return found


def _digest(jobs: Jobs, job: Job) -> str:
    path = jobs.result(job) / ANALYSIS
    with suppress(OSError, msgspec.DecodeError):
        return _digest_of(path, path.stat().st_mtime_ns)
    return ""


@lru_cache(KEPT_DIGESTS)
def _digest_of(path: Path, changed_ns: int) -> str:  # another result has another time
    return digest_of(Analysis.from_json(path.read_bytes()))


# -- week by week ------------------------------------------------------------------------------------------------------


def _weeks(shown: Shown, until: date | None, today: date, ask_back: Ask, ask_note: Ask) -> None:
    if not shown.entries:
        empty = "Nothing was entered in these weeks." if until or shown.earlier else NOTHING_YET
        words("p", empty).classes("card")
    for monday, of_week in groupby(shown.entries[:MOST_SHOWN], key=lambda entry: monday_of(entry.day)):
        words("h2", week_of(monday, today))
        with ui.element("ul").classes("plain-list"):
            for entry in of_week:
                with ui.element("li").classes("entry"):
                    _entry(entry, shown.results.get(entry.digest), ask_back, ask_note)
    if (more := len(shown.entries) - MOST_SHOWN) > 0:
        words("p", f"Of these weeks {counted(more, 'line')} more are not shown.")
    with ui.element("div").classes("row-of"):
        if shown.earlier:
            link_button("Earlier", f"/diary?before={shown.earlier.isoformat()}")
        if until:
            later = until + timedelta(weeks=WEEKS)
            newest = later > monday_of(today)
            link_button("Later", "/diary" if newest else f"/diary?before={later.isoformat()}")
        if not shown.entries and not shown.earlier and not until:
            link_button("To today", "/", main=True)


def _entry(entry: Entry, result: str | None, ask_back: Ask, ask_note: Ask) -> None:
    name = f"{KIND_WORDS[entry.kind]}, {short_day(entry.day)}"
    with ui.element("div"):
        with ui.element("p"):
            words("strong", KIND_WORDS[entry.kind])
            words("span", f" · {short_day(entry.day)}").classes("soft")
        words("p", f"{entry.words[:1].upper()}{entry.words[1:]}")
        if entry.details:
            with ui.element("ul"):
                for line in entry.details:
                    words("li", line)
        _note(entry.note)
        if result is not None:
            words("a", "What was seen").props(f'href=/result/{result} aria-label="What was seen: {name}"')
    with ui.element("div").classes("do"):
        if entry.kind in WITH_NOTE:
            text = "Change note" if entry.note else "Add note"
            other_button(text, lambda: ask_note(entry)).props(f'aria-label="{text}: {name}"')
        other_button("Take back", lambda: ask_back(entry)).props(f'aria-label="Take back: {name}"')


def _note(note: str) -> None:
    """Show what somebody wrote; a long one opens when it is wanted."""
    if len(note) > LONG_NOTE:
        with ui.element("details"):
            words("summary", f"Note: {shorten(note, SHORT_NOTE, placeholder=' ...')}")
            words("p", note).classes("note-text")
    elif note:
        words("p", note).classes("note-text")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '?', '!', ')')) else '.'}"


# -- questions ---------------------------------------------------------------------------------------------------------


def _ask_back(gone: Gone, take_back: Do) -> None:
    entry = gone.entry
    with ui.dialog(value=True).props('aria-label="Take back"') as dialog, ui.card():
        words("h2", f"Take back: {KIND_WORDS[entry.kind]}, {short_day(entry.day)}?")
        words("p", _sentence(entry.words))
        for line in (*entry.details, *gone.along):
            words("p", _sentence(line)).classes("soft")
        words("p", gone.care or "It cannot be brought back.").classes("card calm" if gone.care else "")

        async def yes() -> None:
            dialog.close()
            await take_back()

        with ui.element("div").classes("row-of"):
            other_button("Leave it", dialog.close)
            ui.button(
                "It was a mistake: take it back" if gone.care else "Take it back", on_click=yes, color=None
            ).props("no-caps unelevated").classes("danger")


def _ask_note(entry: Entry, keep: Keep) -> None:
    with ui.dialog(value=True).props('aria-label="Note"') as dialog, ui.card():
        words("h2", f"Note: {KIND_WORDS[entry.kind]}, {short_day(entry.day)}")
        words("label", "In your own words").props("for=diary-note")
        text = ui.textarea(value=entry.note).props(f"outlined rows=8 autofocus for=diary-note maxlength={MOST_LETTERS}")

        async def kept() -> None:
            dialog.close()
            await keep(text.value or "")

        with ui.element("div").classes("row-of"):
            other_button("Leave it as it is", dialog.close)
            button("Keep it", kept)
