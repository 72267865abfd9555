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

    With the muscles installed, a model of them that can be turned lies beside it.
    """
    from importlib.util import find_spec
    from urllib.parse import quote

    from rich.console import Console

    from hipdrive.report.lessons import write_lessons_page

    anatomy = ""
    with plain_errors():
        out.parent.mkdir(parents=True, exist_ok=True)
        if find_spec("mujoco") and find_spec("myo_sim"):
            from hipdrive.report.muscles import ANATOMY_PAGE, write_anatomy

            folder = out.parent / f"{out.stem}-anatomy"
            write_anatomy(folder)
            anatomy = quote(f"{folder.name}/{ANATOMY_PAGE}")
        write_lessons_page(out, anatomy)
    Console(highlight=False).print(f"Written: [bold]{out}[/bold]", soft_wrap=True)
