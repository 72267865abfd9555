"""The ladder of exercises: `hipdrive ladder`."""

from __future__ import annotations

from typing import Annotated

import typer

from hipdrive.cli.common import plain_errors


def ladder(
    exercise: Annotated[
        str | None, typer.Argument(help="Show one exercise: single_leg_bridge.", show_default=False)
    ] = None,
) -> None:
    """List the exercises level by level, or show how one of them is done: hipdrive ladder single_leg_bridge."""
    from rich.console import Console
    from rich.text import Text

    from hipdrive.report.ladder import ladder_view, rung_view
    from hipdrive.training.ladder import exercise_named, picture_path

    screen = Console(highlight=False)
    if exercise is None:
        screen.print(ladder_view(screen.width))
        return
    with plain_errors():
        rung = exercise_named(exercise)
    screen.print(rung_view(rung))
    if picture_path(rung).is_file():
        screen.print(Text.assemble("Picture: ", (str(picture_path(rung)), "bold")), soft_wrap=True)
