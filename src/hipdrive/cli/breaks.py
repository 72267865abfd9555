"""The command for breaks from sitting: `breaks`."""

from __future__ import annotations

import math
import time as clock
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Final
from zoneinfo import ZoneInfo

import typer

from hipdrive.cli.common import fail, my_diary
from hipdrive.numbers import counted

if TYPE_CHECKING:
    from rich.console import Console

    from hipdrive.training.sitting import BreakSettings

LOOK_S: Final = 1.0  # between two looks at the clock
LATE: Final = timedelta(minutes=10)


def breaks(
    every: Annotated[
        int | None, typer.Option(min=1, max=600, help="Minutes of sitting: 30 to 60.", show_default=False)
    ] = None,
    begins: Annotated[
        str | None, typer.Option("--from", help="When work begins, such as 09:00.", show_default=False)
    ] = None,
    ends: Annotated[str | None, typer.Option("--to", help="When it ends, such as 17:30.", show_default=False)] = None,
    on: Annotated[
        bool | None,
        typer.Option(
            "--on/--off", help="Keep these times, for the calendar, too; or want no breaks.", show_default=False
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No bell.")] = False,
) -> None:
    """Break up sitting: counts down here to the next break of a few minutes. Ctrl-C ends it.

    hipdrive breaks --every 45 --from 09:00 --to 17:30

    hipdrive breaks --on
    """  # fmt: skip
    from dataclasses import replace

    from rich.console import Console

    from hipdrive.cli.common import today
    from hipdrive.training.sitting import SETTING, BreakSettings, time_of

    console = Console(highlight=False)
    with my_diary() as athlete:
        settings = BreakSettings.from_text(athlete.setting(SETTING))
        settings = replace(
            settings,
            every_min=settings.every_min if every is None else every,
            begins=settings.begins if begins is None else time_of(begins),
            ends=settings.ends if ends is None else time_of(ends),
        )
        if on is not None:
            settings = replace(settings, on=on)
            athlete.set_setting(SETTING, settings.to_text())
        day = today(athlete.profile())
        zone = athlete.profile().time_zone
    if on is False:
        console.print("Breaks are off.")
        return
    if on:
        _say(console, settings)
        return
    weekdays = tuple(sorted({*settings.weekdays, day.weekday()}))  # asked for today, whatever day it is
    _run(console, replace(settings, on=True, weekdays=weekdays), day, zone, bell=not quiet)


def _say(console: Console, settings: BreakSettings) -> None:
    console.print(
        f"Breaks are on: after {settings.every_min} minutes of sitting, from {settings.begins:%H:%M} to "
        f"{settings.ends:%H:%M}, Monday to Friday. hipdrive breaks counts down here; hipdrive breaks --off ends it."
    )


def _run(console: Console, settings: BreakSettings, day: date, zone: str, *, bell: bool) -> None:
    """Count down to every break that is left today."""
    from hipdrive.training.sitting import break_times

    left = [one for one in break_times(settings, day) if datetime.combine(day, one.at) > _now(zone)]
    if not left:
        fail("no break is left for today: give other times with --from and --to")
    console.print(f"{counted(len(left), 'short break')} until {settings.ends:%H:%M}. Ctrl-C ends it.")
    done = 0
    try:
        for one in left:
            starts = datetime.combine(day, one.at)
            _wait(console, starts, zone, f"to the next break: {one.what}")
            if _now(zone) > starts + LATE:  # the machine was asleep, and so was the sitting
                continue
            if bell:
                console.bell()
            console.print(f"[bold]{one.at:%H:%M}[/bold]  {one.text} [dim]({counted(one.minutes, 'minute')})[/dim]")
            _wait(console, starts + timedelta(minutes=one.minutes), zone, one.what)
            done += 1
    except KeyboardInterrupt:
        console.print()
    console.print(f"{counted(done, 'break')} taken.")


def _wait(console: Console, until: datetime, zone: str, what: str) -> None:
    """Show how long it still is, quietly, until it is time."""
    with console.status("") as shown:
        while (left := until - _now(zone)) > timedelta(0):
            minutes, seconds = divmod(math.ceil(left.total_seconds()), 60)
            shown.update(f"[dim]{minutes}:{seconds:02} {what}[/dim]")
            clock.sleep(min(left.total_seconds(), LOOK_S))


def _now(zone: str) -> datetime:
    """Local time of the runner."""
    return datetime.now(ZoneInfo(zone)).replace(tzinfo=None)
