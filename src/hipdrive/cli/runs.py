"""Commands for what is run, and what is in the way of training: `runs`, `race`, `away`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hipdrive.cli.common import day_of, fail, my_diary, today

if TYPE_CHECKING:
    from datetime import date, time, tzinfo

    from rich.console import Console

    from hipdrive.diary import AthleteDiary
    from hipdrive.exchange.activity import Found
    from hipdrive.training.history import Run

app = typer.Typer(no_args_is_help=True, help="Bring in your runs, look at them, and see how long the next may be.")


@app.command("import")
def import_files(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="FIT, TCX and GPX files, also packed with gzip; folders, and zip files such as exports of all data.",
            show_default=False,
        ),
    ],
) -> None:
    """Bring runs in from files of a watch. Doing it twice changes nothing.

    hipdrive runs import ~/Garmin/*.fit

    hipdrive runs import export.zip
    """  # fmt: skip
    from zoneinfo import ZoneInfo

    from rich.console import Console

    from hipdrive.exchange.runs import import_words, new_runs
    from hipdrive.report.typed import in_terminal

    screen = Console(highlight=False)
    with my_diary() as athlete:
        found = _read(files, ZoneInfo(athlete.profile().time_zone))
        damaged = [entry.why for entry in found.left_out if entry.damaged]
        if damaged and len(damaged) == len(found.left_out) and not found.runs:
            more = f"; {len(damaged) - 1} more cannot be read either" if len(damaged) > 1 else ""
            fail(damaged[0] + more)
        with athlete.together():
            new = new_runs(athlete.history().runs, found.runs)
            athlete.add_runs(new)
        for line in map(in_terminal, import_words(new, found)):
            screen.print(line, markup=False, soft_wrap=True)
        _say_if_long(athlete, new, screen)


@app.command("list")
def list_weeks(
    weeks: Annotated[int, typer.Option(min=1, max=520, help="How many weeks to look back.")] = 12,
) -> None:
    """Show your runs week by week, and how long the next one may be."""
    from rich.console import Console

    from hipdrive.report.runs import runs_view

    with my_diary() as athlete:
        history = athlete.history()
        Console(highlight=False).print(runs_view(history.runs, today(history.profile), weeks))


@app.command("add")
def add(
    km: Annotated[float, typer.Option(min=0.1, max=1000, help="Kilometres, such as 8.2.", show_default=False)],
    minutes: Annotated[float, typer.Option(min=1, max=10_080, help="Minutes, such as 45.", show_default=False)],
    day: Annotated[
        str | None, typer.Option(help="When it was: 2026-11-20, or yesterday. Default: today.", show_default=False)
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(help="When it began, such as 07:30. Tells two runs of a day apart.", show_default=False),
    ] = None,
) -> None:
    """Enter a run by hand.

    hipdrive runs add --day 2026-11-20 --km 8.2 --minutes 45
    """  # fmt: skip
    from datetime import datetime, time
    from zoneinfo import ZoneInfo

    from rich.console import Console

    from hipdrive.exchange.activity import MOST_SPEED_M_S, new_runs, typed_run

    metres, seconds = km * 1000, minutes * 60
    if metres > MOST_SPEED_M_S * seconds:
        fail(f"{km:g} km in {minutes:g} minutes is faster than anybody runs: look at both once more")
    screen = Console(highlight=False)
    with my_diary() as athlete:
        profile = athlete.profile()
        begins = time(12) if at is None else _time(at)
        start = datetime.combine(day_of(day, profile), begins, ZoneInfo(profile.time_zone))
        run = typed_run(start, metres, seconds, time_known=at is not None)
        with athlete.together():
            new = new_runs(athlete.history().runs, [run])
            athlete.add_runs(new)
        if not new:
            fail("this run is in the diary already: if it was another one, say when it began, such as --at 18:00")
        screen.print(f"Entered: {km:g} km in {minutes:g} minutes on {start.date().isoformat()}.")
        _say_if_long(athlete, new, screen)


def race(
    day: Annotated[
        str | None,
        typer.Argument(help="The day of the race, such as 2027-04-11. Without it: all races.", show_default=False),
    ] = None,
    km: Annotated[
        float | None, typer.Option(min=0.1, max=1000, help="Kilometres, such as 42.2.", show_default=False)
    ] = None,
    name: Annotated[str, typer.Option(help="What it is called.")] = "",
    remove: Annotated[bool, typer.Option("--remove", help="Take the race of that day back.")] = False,
) -> None:
    """Enter a race: the plan goes easy before it.

    hipdrive race 2027-04-11 --km 42.2 --name 'Spring marathon'
    """  # fmt: skip
    from rich.console import Console

    from hipdrive.training.history import Race

    screen = Console(highlight=False)
    with my_diary() as athlete:
        if day is None:
            races = athlete.history().races
            for entry in races:
                screen.print(f"{entry.day.isoformat()}  {entry.distance_m / 1000:g} km  {entry.name}", markup=False)
            if not races:
                screen.print("No races: hipdrive race 2027-04-11 --km 42.2 enters one.")
        elif remove:
            athlete.remove_race(_day(day))
            screen.print(f"The race of {_day(day).isoformat()} is taken back.")
        elif km is None:
            fail("how long is the race? Say it with --km 42.2")
        else:
            athlete.add_race(Race(_day(day), km * 1000, name))
            screen.print(f"Entered: {_day(day).isoformat()}, {km:g} km. The plan knows it from now on: hipdrive plan")


def away(
    first: Annotated[
        str | None, typer.Argument(help="First day, such as 2026-12-20. Without it: all of them.", show_default=False)
    ] = None,
    last: Annotated[str | None, typer.Argument(help="Last day. Default: the first one.", show_default=False)] = None,
    why: Annotated[str, typer.Option(help="Travel, illness, in your own words.")] = "",
    remove: Annotated[bool, typer.Option("--remove", help="Take days back that begin on that day.")] = False,
) -> None:
    """Enter days on which you cannot train: the plan goes round them, and nothing is missed.

    hipdrive away 2026-12-20 2027-01-03 --why 'at the sea'
    """  # fmt: skip
    from rich.console import Console

    from hipdrive.training.history import Away

    screen = Console(highlight=False)
    with my_diary() as athlete:
        if first is None:
            days_away = athlete.history().away
            for entry in days_away:
                screen.print(f"{entry.first.isoformat()} to {entry.last.isoformat()}  {entry.why}", markup=False)
            if not days_away:
                screen.print("Never away: hipdrive away 2026-12-20 2027-01-03 enters days without training.")
        elif remove:
            athlete.remove_away(_day(first))
            screen.print(f"The days from {_day(first).isoformat()} on are taken back.")
        else:
            days = Away(_day(first), _day(last or first), why)
            athlete.add_away(days)
            screen.print(f"Entered: away from {days.first.isoformat()} to {days.last.isoformat()}.")


def _read(files: Sequence[Path], zone: tzinfo) -> Found:
    """Read files, with a bar that shows how far it is."""
    from rich.console import Console
    from rich.progress import track

    from hipdrive.exchange.runs import Found, read_source, sources

    number = sum(1 for _ in sources(files))
    if number == 0:
        fail("no FIT, TCX or GPX files are in there: name the files, or the folder that they lie in")
    parts = [
        read_source(source, zone)
        for source in track(
            sources(files), "Reading", total=number, console=Console(stderr=True), transient=True, disable=number < 3
        )
    ]
    return Found(
        tuple(run for part in parts for run in part.runs), tuple(entry for part in parts for entry in part.left_out)
    )


def _say_if_long(athlete: AthleteDiary, new: Sequence[Run], screen: Console) -> None:
    """Say it when the newest run of all is new and was much longer than those before it."""
    from hipdrive.report.runs import spike_view
    from hipdrive.training.load import long_run_spikes

    runs = athlete.history().runs
    newest = max(runs, key=lambda run: run.start, default=None)
    spike = next((spike for spike in long_run_spikes(runs) if spike.run == newest), None)
    if spike is not None and newest is not None and any(run.fingerprint == newest.fingerprint for run in new):
        screen.print(spike_view(spike))


def _day(text: str) -> date:
    """Any day, also one to come."""
    from datetime import date

    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        fail(f"{text.strip()[:20]!r} is no day: write it such as 2027-04-11")


def _time(text: str) -> time:
    """Time of a day."""
    from datetime import time

    try:
        read = time.fromisoformat(text.strip())
    except ValueError:
        fail(f"{text.strip()[:20]!r} is no time of day: write it such as 07:30")
    return read.replace(tzinfo=None)
