"""The lessons: `hipdrive learn`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hipdrive.cli.common import plain_errors


def learn(
    out: Annotated[Path, typer.Option("--out", "-o", help="The page that is written.")] = Path("learn.html"),
) -> None:
    """Write a page to learn from: the coach's words, films of right and wrong, and how sure each cue is.

    With the muscles installed, there is a model of them in it that can be turned.
    """
    from rich.console import Console

    from hipdrive.report.lessons import write_lessons_page

    with plain_errors():
        out.parent.mkdir(parents=True, exist_ok=True)
        write_lessons_page(out)
    Console(highlight=False).print(f"Written: [bold]{out}[/bold]", soft_wrap=True)
