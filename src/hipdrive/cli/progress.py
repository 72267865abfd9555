"""The command for how things went: `progress`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hipdrive.cli.common import my_diary, today

LEAST_DAYS, MOST_DAYS = 7, 3660


def progress(
    days: Annotated[int, typer.Option(min=LEAST_DAYS, max=MOST_DAYS, help="How many days to look back.")] = 84,
    html: Annotated[Path | None, typer.Option(help="Write it as a page, too.", show_default=False)] = None,
) -> None:
    """Show how it goes, with what is not known: sessions, cues, self tests, pain, runs.

    hipdrive progress

    hipdrive progress --days 365 --html progress.html
    """  # fmt: skip
    from rich.console import Console
    from rich.markup import escape

    from hipdrive.report.terminal_training import progress_view
    from hipdrive.training.ladder import ladder
    from hipdrive.training.trends import trends

    screen = Console(highlight=False)
    with my_diary() as athlete:
        history = athlete.history()
        now = today(history.profile)
        screen.print(progress_view(trends(history, ladder(), now, days), screen.width))
        if html is not None:
            from hipdrive.report.training_pages import write_progress_page
            from hipdrive.training.programme import plan

            html.parent.mkdir(parents=True, exist_ok=True)
            write_progress_page(history, plan(history, now), html, days)
            screen.print(f"Written: [bold]{escape(str(html))}[/bold]", soft_wrap=True)
