"""The next weeks, why they are as they are, and the ways to take them along."""

from __future__ import annotations

import io
import zipfile
from asyncio import to_thread
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from nicegui import ui

from hipdrive.diary import AthleteDiary
from hipdrive.errors import HipdriveError
from hipdrive.report.training_pages import PLAN_TEMPLATE, part, plan_shown
from hipdrive.report.training_words import aims_words
from hipdrive.training.done import day_words
from hipdrive.training.history import Away, History, Race
from hipdrive.training.ladder import ladder
from hipdrive.training.programme import Programme, plan
from hipdrive.web.accounts import calendar_address, remove_calendar, renew_calendar
from hipdrive.web.pages.frame import (
    button,
    fragment,
    frame,
    local_day,
    mine,
    number_field,
    other_button,
    picture_address,
    said_plainly,
    say,
    text_field,
    to_copy,
    words,
)
from hipdrive.web.pages.today import stopped
from hipdrive.web.subscription import address_for

MOST_KM = 1000.0


@ui.page("/plan")
async def plan_page() -> None:
    """Show the next weeks."""
    athlete = mine()
    history = await to_thread(athlete.history)
    programme = await to_thread(plan, history, local_day(history.profile))
    with frame("Plan", "/plan", facts=f"As of {day_words(programme.made_for)}"):
        for sentence in aims_words(history, programme.made_for):
            words("p", sentence).classes("soft")
        if programme.stopped:
            stopped(programme.stopped)
        else:
            _weeks(history, programme)
        _take_along(programme)
        _subscribe(athlete)
        _races(athlete)
        _away(athlete)


def _weeks(history: History, programme: Programme) -> None:
    shown = plan_shown(programme, history, ladder(), picture_address)
    if programme.notes:
        with ui.element("div").classes("card matters"), ui.element("ul"):
            for note in programme.notes:
                words("li", note)
    words("h2", "Week by week")
    fragment(part("weeks.html.j2", shown))
    words("p", "A missed day is planned anew by itself.").classes("note")
    words("h2", "Where you stand")
    fragment(part("stands.html.j2", shown))
    words("h2", "The exercises of these weeks")
    fragment(part("exercises.html.j2", {"cards": [*shown["cards"], *shown["others"]], "in_order": False}))


# -- to take along -----------------------------------------------------------------------------------------------------


def _take_along(programme: Programme) -> None:
    words("h2", "Take it along")
    with ui.element("div").classes("row-of"):
        other_button("For the calendar", _give_calendar)
        if programme.sessions:
            other_button("For the watch", _give_workouts)
            other_button("To print", _give_page)


def _subscribe(athlete: AthleteDiary) -> None:
    """Address at which calendar programs follow the plan: a secret one where there are accounts."""
    request = ui.context.client.request
    words("h2", "Subscribe in your calendar")
    words("p", "A calendar program that has this address follows the plan by itself: copy it there, as a new calendar.")
    if not request.app.state.settings.accounts:
        to_copy("Address of your calendar", address_for(request, None))
        words("p", "It works for programs on this machine, as long as hipdrive runs.").classes("note")
        return

    @ui.refreshable
    def shown(token: str | None = None) -> None:
        there = calendar_address(athlete)
        if token is not None:
            to_copy("Address of your calendar", address_for(request, token))
            words("p", "Copy it now: it cannot be shown again. Whoever has it can read your plan, and nothing else.")
        elif there is not None:
            used = "not read so far" if there.last_used_at is None else f"last read on {_local(there.last_used_at)}"
            words("p", f"Your calendar has an address since {_local(there.made_at)}; {used}.").props("role=status")
        with ui.element("div").classes("row-of"):
            other_button("Make a new address" if there else "Make an address", renew)
            if there:
                other_button("Switch it off", end)
        if there and token is None:
            words("p", "With a new address the one before no longer works.").classes("note")

    def renew() -> None:
        shown.refresh(renew_calendar(mine()))

    def end() -> None:
        remove_calendar(mine())
        shown.refresh(None)
        say("Switched off: calendar programs get nothing more.")

    def _local(moment: datetime) -> str:
        day = moment.astimezone(ZoneInfo(athlete.profile().time_zone)).date()
        return f"{day_words(day)} {day.year}"

    shown()


async def _planned() -> tuple[AthleteDiary, History, Programme]:
    """The plan as it is at this moment, which may be another than that on the page."""
    athlete = mine()
    history = await to_thread(athlete.history)
    return athlete, history, await to_thread(plan, history, local_day(history.profile))


async def _give_calendar() -> None:
    from hipdrive.exchange.subscribed import calendar_of

    with said_plainly():
        athlete, history, programme = await _planned()
        data = await to_thread(calendar_of, athlete, history, programme, now=datetime.now(UTC))
        ui.download.content(data, "hipdrive.ics", "text/calendar")


async def _give_workouts() -> None:
    with said_plainly():
        _, _, programme = await _planned()
        ui.download.content(await to_thread(_workouts, programme), "hipdrive-workouts.zip", "application/zip")


def _workouts(programme: Programme) -> bytes:
    """Workouts of all sessions in one ZIP file."""
    from hipdrive.exchange.watch import need_writer, workout

    need_writer()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number, session in enumerate(programme.sessions, start=1):
            archive.writestr(f"{number:02}-{session.day.isoformat()}.fit", workout(session, ladder()))
    return packed.getvalue()


async def _give_page() -> None:
    with said_plainly():
        _, history, programme = await _planned()
        page = await to_thread(lambda: part(PLAN_TEMPLATE, plan_shown(programme, history, ladder())))
        ui.download.content(page.encode(), "plan.html", "text/html")


# -- races, and days away ----------------------------------------------------------------------------------------------


def _races(athlete: AthleteDiary) -> None:
    words("h2", "Races")
    today = local_day(athlete.profile())
    races = [race for race in athlete.history().races if race.day >= today]
    if not races:
        words("p", "No race is entered. The plan goes easy before one.").classes("soft")
    with ui.element("ul").classes("plain-list"):
        for race in races:
            said = f"{day_words(race.day)} {race.day.year}: {race.name or 'race'}, {race.distance_m / 1000:g} km"
            with ui.element("li"):
                words("span", said)
                other_button("Take back", lambda day=race.day: _take_back_race(day)).props(
                    f'aria-label="Take back the race of {race.day.isoformat()}"'
                )
    with ui.element("details"):
        words("summary", "Enter a race")
        day = text_field("Day", kind="date")
        km = number_field("Kilometres", most=MOST_KM)
        name = text_field("What it is called")

        def enter() -> None:
            with said_plainly():
                if km.value is None or not 0 < km.value <= MOST_KM:
                    raise HipdriveError("how long is the race? Give kilometres such as 42.2")
                mine().add_race(Race(_day(day.value), km.value * 1000, name.value.strip()))
                ui.navigate.reload()

        with ui.element("div").classes("row-of"):
            button("Enter the race", enter)


def _take_back_race(day: date) -> None:
    with said_plainly():
        mine().remove_race(day)
        ui.navigate.reload()


def _away(athlete: AthleteDiary) -> None:
    words("h2", "Days away")
    today = local_day(athlete.profile())
    entries = [away for away in athlete.history().away if away.last >= today]
    if not entries:
        words("p", "The plan goes round days on which you cannot train, and nothing is missed.").classes("soft")
    with ui.element("ul").classes("plain-list"):
        for away in entries:
            with ui.element("li"):
                words("span", f"{day_words(away.first)} to {day_words(away.last)}{f': {away.why}' if away.why else ''}")
                other_button("Take back", lambda first=away.first: _take_back_away(first)).props(
                    f'aria-label="Take back the days from {away.first.isoformat()} on"'
                )
    with ui.element("details"):
        words("summary", "Enter days away")
        first = text_field("First day", kind="date")
        last = text_field("Last day", kind="date")
        why = text_field("Why", hint="if you like: travel, illness")

        def enter() -> None:
            with said_plainly():
                begins = _day(first.value)
                mine().add_away(Away(begins, _day(last.value or first.value), why.value.strip()))
                ui.navigate.reload()

        with ui.element("div").classes("row-of"):
            button("Enter the days", enter)


def _take_back_away(first: date) -> None:
    with said_plainly():
        mine().remove_away(first)
        ui.navigate.reload()


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        raise HipdriveError("a day is missing: choose one") from None
