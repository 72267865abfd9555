"""The command for what was entered, and for taking it back: `diary`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hipdrive.cli.common import day_of, fail, my_diary, today

if TYPE_CHECKING:
    from datetime import date

    from rich.console import Console

    from hipdrive.diary import AthleteDiary

WEEKS, MOST_WEEKS = 4, 520


def diary(
    weeks: Annotated[int, typer.Option(min=1, max=MOST_WEEKS, help="How many weeks to show.")] = WEEKS,
    before: Annotated[
        str | None, typer.Option(help="Only what lies before this day: 2026-11-20.", show_default=False)
    ] = None,
    take_back: Annotated[
        str | None,
        typer.Option(
            "--take-back", metavar="ID", help="Take an entry back; its id stands beside it.", show_default=False
        ),
    ] = None,
    note: Annotated[
        tuple[str, str] | None,
        typer.Option("--note", metavar="ID TEXT", help="Put another note to an entry.", show_default=False),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask, but where it was a sign to heed.")] = False,
) -> None:
    """Show what you entered, the newest first, and take back what was a mistake.

    Sessions, films, pain, self tests, runs, answers about your health: what is taken back is gone with all that came
    of it, and the plan is as if it had never been entered.

    hipdrive diary

    hipdrive diary --take-back pain-12-4f2a9c

    hipdrive diary --note session-31-90ab12 'left hip tired'
    """  # fmt: skip
    from rich.console import Console

    console = Console(highlight=False)
    if take_back is not None and note is not None:
        fail("one at a time: take an entry back, or change its note")
    with my_diary() as athlete:
        if take_back is not None:
            _take_back(console, athlete, take_back, ask=not yes)
        elif note is not None:
            athlete.change_note(*note)
            console.print("The note is changed.")
        else:
            profile = athlete.profile()
            _show(console, athlete, weeks, None if before is None else day_of(before, profile), today(profile))


def _show(console: Console, athlete: AthleteDiary, weeks: int, before: date | None, now: date) -> None:
    """Print the entries of so many weeks up to a day, and say where earlier ones are."""
    from datetime import timedelta

    from hipdrive.report.terminal_diary import diary_view
    from hipdrive.training.load import monday_of

    first = monday_of((before or now) - timedelta(days=1 if before else 0)) - timedelta(weeks=weeks - 1)
    console.print(diary_view(athlete.entries(first, before), now, console.width))
    if earlier := athlete.last_day(first):
        until = monday_of(earlier) + timedelta(weeks=1)
        console.print(f"Earlier: [bold]hipdrive diary --before {until.isoformat()}[/]", soft_wrap=True)


def _take_back(console: Console, athlete: AthleteDiary, entry_id: str, *, ask: bool) -> None:
    from rich.text import Text

    from hipdrive.report.terminal_diary import entry_view, in_a_line

    gone = athlete.goes_with(entry_id)
    if ask or gone.care:
        console.print(entry_view(gone.entry))
        for sentence in gone.along:
            console.print(Text(f"    and {in_a_line(sentence)}"))
        if not typer.confirm(gone.care or "Take it back? It cannot be brought back."):
            console.print("Nothing was taken back.")
            return
    athlete.take_back(entry_id, by_mistake=True)
    console.print("[green]✓[/] Taken back. The plan is as if it had never been entered: [bold]hipdrive plan[/]")
