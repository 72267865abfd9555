"""What hipdrive keeps: take it along, keep it safe, erase it; and the reminders that one may want."""

from __future__ import annotations

import tempfile
from asyncio import to_thread
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from nicegui import ui

from hipdrive.diary import AthleteDiary, Diary
from hipdrive.diary.backup import backup, left_beside
from hipdrive.diary.limits import called
from hipdrive.errors import HipdriveError
from hipdrive.exchange.unsubscribe import switch_off
from hipdrive.exchange.weekly import subscription
from hipdrive.training.sitting import LEAST_EVERY_MIN, MESSAGE, MOST_EVERY_MIN, SETTING, BreakSettings, time_of
from hipdrive.web.pages.frame import (
    button,
    frame,
    local_day,
    mine,
    number_field,
    other_button,
    said_plainly,
    say,
    text_field,
    words,
)

ELSEWHERE = (
    "hipdrive cannot reach what lies elsewhere: exports and backups you made, result folders beside your clips, "
    "calendars you subscribed to, and what your system's own backups hold."
)


@ui.page("/data")
def data_page() -> None:
    """Show what can be done with one's data."""
    athlete = mine()
    with frame("Your data", "/data"):
        content = ui.element("div")
        with content:
            words(
                "p",
                "The diary lies on the machine that hipdrive runs on. "
                "Nothing of it is sent anywhere unless you ask for it.",
            )
            _take_along(athlete)
            _breaks(athlete)
            _weekly_mail(athlete)
            _erase(athlete, content)


def _take_along(athlete: AthleteDiary) -> None:
    words("h2", "Take it along")
    words("p", "Everything of yours in open formats: JSON, tables, and a text that explains them.")
    with ui.element("div").classes("row-of"):
        button("Export everything", _give_export)
        if len(athlete.diary.athletes()) == 1:  # a backup holds everybody
            other_button("Backup of the diary", _give_backup)


async def _give_export() -> None:
    with said_plainly():
        athlete = mine()
        name = f"hipdrive-{local_day(athlete.profile()).isoformat()}.zip"
        ui.download.content(await to_thread(_exported, athlete), name, "application/zip")


def _exported(athlete: AthleteDiary) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.zip"
        athlete.export(path)
        return path.read_bytes()


async def _give_backup() -> None:
    with said_plainly():
        diary = mine().diary
        if len(diary.athletes()) != 1:
            raise HipdriveError("there are several in this diary: 'hipdrive data backup' writes it for all of them")
        name = f"hipdrive-diary-{datetime.now():%Y%m%d-%H%M%S}.sqlite3"
        ui.download.content(await to_thread(_backed_up, diary), name, "application/octet-stream")


def _backed_up(diary: Diary) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return backup(diary, Path(folder) / "backup.sqlite3").read_bytes()


def _breaks(athlete: AthleteDiary) -> None:
    settings = BreakSettings.from_text(athlete.setting(SETTING))
    words("h2", "Breaks from sitting")
    words("p", f"They come into your calendar, Monday to Friday, if you want them. {MESSAGE}")
    on = ui.checkbox("I want breaks", value=settings.on)
    every = number_field("After so many minutes", settings.every_min, least=LEAST_EVERY_MIN, most=MOST_EVERY_MIN)
    begins = text_field("From", f"{settings.begins:%H:%M}", kind="time")
    ends = text_field("To", f"{settings.ends:%H:%M}", kind="time")

    def keep() -> None:
        with said_plainly():
            changed = replace(
                settings,
                every_min=int(every.value or 0),
                begins=time_of(begins.value),
                ends=time_of(ends.value),
                on=on.value,
            )
            mine().set_setting(SETTING, changed.to_text())
            say("Breaks are on; the calendar file has them." if changed.on else "Breaks are off.")

    with ui.element("div").classes("row-of"):
        button("Keep these times", keep)


def _weekly_mail(athlete: AthleteDiary) -> None:
    to = subscription(athlete)
    if to is None:
        return
    words("h2", "Weekly mail")
    said = words("p", f"A mail about your week goes to {to.to}.").props("role=status")

    def stop() -> None:
        switch_off(mine())
        said.text = "The weekly mail is off."

    with ui.element("div").classes("row-of"):
        other_button("Switch it off", stop)


def _erase(athlete: AthleteDiary, content: ui.element) -> None:
    name = athlete.profile().name
    words("h2", "Erase everything")
    words("p", "Everything of yours in the diary will be gone for good. Export it first if you may want it again.")
    typed = text_field(f"To erase it, type the name: {name}")

    async def erase() -> None:
        with said_plainly():
            athlete = mine()
            if called(typed.value) != called(athlete.profile().name):
                typed.error = "This is not the name, so nothing was erased."
                return
            typed.error = None
            await to_thread(ui.context.client.request.app.state.jobs.forget, athlete.uid)
            await to_thread(athlete.erase)
            content.clear()
            with content, ui.element("div").classes("card said").props("role=status"):
                words("p", "Everything of yours is gone from the diary.").classes("big")
                words("p", ELSEWHERE)
                for left in left_beside(athlete.diary):
                    words("p", f"Delete this one, too: {left}")

    with ui.element("div").classes("row-of"):
        ui.button("Erase everything", on_click=erase, color=None).props("no-caps unelevated").classes("danger")
