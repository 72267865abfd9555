"""What hipdrive keeps: take it along, keep it safe, erase it; and the reminders that one may want."""

from __future__ import annotations

import math
import tempfile
from asyncio import to_thread
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from nicegui import ui

from hipdrive.diary import AthleteDiary, Diary
from hipdrive.diary.backup import backup, left_beside
from hipdrive.diary.limits import called
from hipdrive.errors import HipdriveError
from hipdrive.exchange.digest import digest
from hipdrive.exchange.mail import mail_settings, public_url
from hipdrive.exchange.unsubscribe import switch_off
from hipdrive.exchange.weekly import ask, asked_for, confirm, send_weekly, subscription, unsubscribe_url
from hipdrive.training.programme import plan
from hipdrive.training.sitting import LEAST_EVERY_MIN, MESSAGE, MOST_EVERY_MIN, SETTING, BreakSettings, time_of
from hipdrive.web.jobs import Jobs
from hipdrive.web.pages.frame import (
    button,
    frame,
    link_button,
    local_day,
    mine,
    number_field,
    other_button,
    said_plainly,
    say,
    text_field,
    words,
)
from hipdrive.web.rest import PREFIX
from hipdrive.web.uploads import to_take_along

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
            _clips(athlete)
            _breaks(athlete)
            _weekly_mail()
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
            raise HipdriveError(
                "there are several in this diary: whoever looks after this machine can back up all of them"
            )
        name = f"hipdrive-diary-{datetime.now():%Y%m%d-%H%M%S}.sqlite3"
        ui.download.content(await to_thread(_backed_up, diary), name, "application/octet-stream")


def _backed_up(diary: Diary) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return backup(diary, Path(folder) / "backup.sqlite3").read_bytes()


def _clips(athlete: AthleteDiary) -> None:
    """What was seen in clips, to take along: the files that the command line writes."""
    jobs: Jobs = ui.context.client.request.app.state.jobs
    done = [job for job in jobs.of(athlete.uid) if jobs.has_result(job)]
    words("h2", "Results of clips")
    if not done:
        words("p", "None yet. A clip that was looked at has an analysis, tables, landmarks and a report.").classes(
            "soft"
        )
        return
    words("p", "For each clip: what was seen (analysis.json), tables, landmarks, the report, and the film.")
    with ui.element("ul").classes("plain-list"):
        for job in done:
            at = f"{PREFIX}/jobs/{job.id}/files"
            with ui.element("li"):
                with ui.element("div"):
                    words("strong", job.name)
                    with ui.element("details"):
                        words("summary", "One by one")
                        with ui.element("ul"):
                            for path in to_take_along(jobs, job):
                                with ui.element("li"):
                                    words("a", path.name).props(f'href="{at}/{path.name}" download="{path.name}"')
                                    words("span", f" {math.ceil(path.stat().st_size / 1000):,} kB").classes("soft")
                packed = link_button("All in one ZIP", f"{at}.zip")
                packed.props["aria-label"] = f"All files of {job.name} in one ZIP"  # a name may hold quotes


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


def _weekly_mail() -> None:
    """Let it be asked for, confirmed with a code, sent once, and switched off."""

    @ui.refreshable
    def shown() -> None:
        athlete = mine()
        on, asked = subscription(athlete), asked_for(athlete, datetime.now(UTC))
        why_not = _why_no_mail()
        if on is not None:
            words("p", f"A mail about your week goes to {on.to}.").props("role=status")
            words("p", "It is sent on Monday morning, or later in the week when hipdrive was closed then.").classes(
                "note"
            )
        elif why_not is None:
            words("p", "Your week, what comes next, and one tip. It is off until you switch it on.")
        if why_not is not None:
            words("p", f"No mail can be sent from here, as no mail server is set up: {why_not}.").classes("card calm")
        elif on is None:
            _ask_for_mail(asked, shown.refresh)
        with ui.element("div").classes("row-of"):
            if on is not None and why_not is None:
                other_button("Send me one now", send_now)
            if on is not None:
                other_button("Switch it off", stop)

    async def send_now() -> None:
        with said_plainly():
            _not_too_often()
            say("The mail is being sent.")
            to = await to_thread(_send_now, mine())
            say(f"Sent to {to}.")

    def stop() -> None:
        switch_off(mine())
        say("The weekly mail is off.")
        shown.refresh()

    words("h2", "Weekly mail")
    shown()


def _why_no_mail() -> str | None:
    try:
        mail_settings()
    except HipdriveError as error:
        return str(error)
    return None


def _ask_for_mail(asked: str | None, then: Callable[[], object]) -> None:
    """Ask for an address, or for the code that was sent to it."""
    to = text_field("Your mail address", asked or "", "A code is sent there, so that it is surely yours.", "email")

    async def ask_for_code() -> None:
        with said_plainly():
            _not_too_often()
            say("The code is being sent.")
            await to_thread(ask, mine(), to.value or "", mail_settings(), datetime.now(UTC))
            say("The code is on its way. Look into your inbox.")
            then()

    with ui.element("div").classes("row-of"):
        other_button("Send the code again" if asked else "Send me a code", ask_for_code)
    if asked is None:
        return
    code = text_field("The code that was sent", hint="six digits").props("inputmode=numeric autocomplete=one-time-code")

    def switch_on() -> None:
        with said_plainly():
            confirm(mine(), code.value or "", datetime.now(UTC))
            say("The weekly mail is on.")
            then()

    with ui.element("div").classes("row-of"):
        button("Switch it on", switch_on)


def _not_too_often() -> None:
    """Mail costs others something: so much in an hour, and no more."""
    wait_s = ui.context.client.request.app.state.mails.wait_s("mail", mine().uid)
    if wait_s:
        raise HipdriveError(f"that was a lot of mail: try again in {max(1, round(wait_s / 60))} minutes")


def _send_now(athlete: AthleteDiary) -> str:
    """Send the mail of the last whole week, sent before or not; gives where it went."""
    settings, url = mail_settings(), unsubscribe_url(athlete, public_url())
    history = athlete.history()
    today = local_day(history.profile)
    found = digest(history, plan(history, today), today, unsubscribe_url=url)
    now = datetime.now(ZoneInfo(history.profile.time_zone))
    send_weekly(athlete, found, settings, now, url, again=True)
    on = subscription(athlete)
    return on.to if on is not None else "you"


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
