"""Commands for what is to come: `plan`, and an example diary to try it with: `example`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hipdrive.cli.common import fail, my_diary, plain_errors, today

if TYPE_CHECKING:
    from hipdrive.training.history import History
    from hipdrive.training.programme import Programme

CALENDAR_FILE = "hipdrive.ics"
PLAN_PAGE = "plan.html"


class PlanFormat(StrEnum):
    """Where the plan goes."""

    ics = "ics"
    fit = "fit"
    html = "html"


def plan(
    export: Annotated[
        list[PlanFormat] | None,
        typer.Option(
            help="ics: for the calendar. fit: for the watch. html: a page. As often as wanted.", show_default=False
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder to write into. Default: here.", show_default=False)
    ] = Path(),
    weeks: Annotated[int, typer.Option(min=1, max=12, help="How many weeks to look ahead.")] = 4,
    alarm: Annotated[
        int, typer.Option(min=0, max=1440, help="Minutes before a session at which the calendar reminds of it.")
    ] = 30,
    older_watch: Annotated[
        bool, typer.Option("--older-watch", help="fit: only exercise names that older watches know, too.")
    ] = False,
) -> None:
    """Show the next weeks, and why each thing is there.

    hipdrive plan

    hipdrive plan --export ics --export fit --export html
    """  # fmt: skip
    from datetime import UTC, datetime

    from rich.console import Console
    from rich.markup import escape

    from hipdrive.exchange.subscribed import calendar_of
    from hipdrive.exchange.watch import need_writer, write_workouts
    from hipdrive.report.terminal_training import plan_view
    from hipdrive.report.training_words import aims_words
    from hipdrive.training.ladder import ladder
    from hipdrive.training.programme import plan as plan_weeks

    if PlanFormat.fit in (export or ()):
        with plain_errors():
            need_writer()
    screen = Console(highlight=False)
    with my_diary() as athlete:
        history = athlete.history()
        programme = plan_weeks(history, today(history.profile), weeks)
        for sentence in aims_words(history, programme.made_for):
            screen.print(sentence, style="dim", markup=False)
        screen.print(plan_view(programme, ladder(), screen.width))
        written: list[Path] = []
        for kind in dict.fromkeys(export or ()):
            out.mkdir(parents=True, exist_ok=True)
            if kind is PlanFormat.ics:
                data = calendar_of(athlete, history, programme, now=datetime.now(UTC), remind_minutes=alarm)
                (out / CALENDAR_FILE).write_bytes(data)
                written.append(out / CALENDAR_FILE)
            elif kind is PlanFormat.fit:
                written += write_workouts(programme, out, older_watch=older_watch)
            else:
                written.append(_write_page(history, programme, out / PLAN_PAGE))
        for path in written:
            screen.print(f"Written: [bold]{escape(str(path))}[/bold]", soft_wrap=True)


def _write_page(history: History, programme: Programme, path: Path) -> Path:
    from hipdrive.report.training_pages import write_plan_page
    from hipdrive.training.ladder import ladder

    write_plan_page(programme, history, ladder(), path)
    return path


def example(
    out: Annotated[Path, typer.Argument(help="Diary to write.")] = Path("example-diary.db"),
) -> None:
    """Write a diary of twelve weeks, simulated, to try everything out with."""
    from datetime import date

    from rich.console import Console
    from rich.markup import escape

    from hipdrive.diary import Diary
    from hipdrive.diary.example import fill_example

    if out.exists():
        fail(f"{out} is there already: name another file, or remove it")
    with plain_errors(), Diary.open(str(out)) as diary:
        fill_example(diary, date.today())
    screen = Console(highlight=False)
    screen.print(f"Written: [bold]{escape(str(out))}[/], twelve weeks of a simulated runner. Look at it with:")
    for command in ("plan", "progress", "runs list", "digest show"):
        screen.print(f"    HIPDRIVE_DATABASE={escape(str(out))} hipdrive {command}", soft_wrap=True)
