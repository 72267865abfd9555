"""Commands that show the muscles: `muscles`, `anatomy`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from hipdrive.cli.common import BAD_INPUT, need_muscles, results_folder


class ExerciseName(StrEnum):
    """Exercises of which one can ask what if."""

    glute_bridge = "glute_bridge"
    monster_walk = "monster_walk"


def muscles(
    source: Annotated[
        Path | None,
        typer.Argument(
            help="A folder that analyse wrote (CLIP.hipdrive), a clip, or a lab file. None with --exercise.",
            show_default=False,
        ),
    ] = None,
    forces: Annotated[
        Path | None,
        typer.Option(help="Forces of force plates for a run: a MOT or STO file.", show_default=False),
    ] = None,
    exercise: Annotated[
        ExerciseName | None,
        typer.Option(help="What if: a posture of this exercise, no video.", show_default=False),
    ] = None,
    height: Annotated[
        float | None, typer.Option(help="Your height in metres, such as 1.78.", show_default=False)
    ] = None,
    mass: Annotated[float | None, typer.Option(help="Your mass in kilograms, such as 68.", show_default=False)] = None,
    movement: Annotated[
        str | None,
        typer.Option(help="What the clip shows. Recognised when left out.", show_default=False),
    ] = None,
    band: Annotated[
        float | None, typer.Option(help="Monster walk: tension of the band in newtons, such as 50.", show_default=False)
    ] = None,
    band_at: Annotated[
        str | None, typer.Option(help="What if, monster walk: band at the knee, ankle or foot.", show_default=False)
    ] = None,
    hips: Annotated[
        float | None,
        typer.Option(help="What if, bridge: hip flexion in degrees; 0 is a straight line.", show_default=False),
    ] = None,
    knees: Annotated[
        float | None, typer.Option(help="What if: bend of the knees in degrees.", show_default=False)
    ] = None,
    lean: Annotated[
        float | None, typer.Option(help="What if, monster walk: lean of the trunk in degrees.", show_default=False)
    ] = None,
    step: Annotated[
        float | None,
        typer.Option(help="What if, monster walk: moving thigh out to the side, in degrees.", show_default=False),
    ] = None,
    apart: Annotated[
        float | None, typer.Option(help="What if, bridge: thighs apart, in degrees.", show_default=False)
    ] = None,
    pressing: Annotated[
        str | None,
        typer.Option(help="What if, bridge: 'whole foot', 'heels' or 'forefoot' on the floor.", show_default=False),
    ] = None,
    single_leg: Annotated[bool, typer.Option("--single-leg", help="What if, bridge: on one leg.")] = False,
    load: Annotated[
        float | None, typer.Option(help="What if, bridge: kilograms on the hips.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder for the results. Default: beside the source.", show_default=False),
    ] = None,
) -> None:
    """Say how hard each muscle works, with its doubt, and show it in space.

    hipdrive muscles bridge.hipdrive

    hipdrive muscles trial.trc --forces grf.mot --mass 65.9 --height 1.78

    hipdrive muscles --exercise glute_bridge --single-leg --hips 0 --knees 90 --load 10
    """  # fmt: skip
    from rich.console import Console

    from hipdrive.errors import HipdriveError
    from hipdrive.report.terminal import error_line

    complaints = Console(stderr=True)
    if (source is None) == (exercise is None):
        error_line(complaints, "name a folder, a clip or a lab file, or ask what if with --exercise, and not both")
        raise typer.Exit(BAD_INPUT)
    asked = {
        "hips_deg": hips,
        "knees_deg": knees,
        "lean_deg": lean,
        "step_deg": step,
        "abduction_deg": apart,
        "pressing": pressing,
        "single_leg": single_leg or None,
        "load_kg": load,
        "band_at": band_at,
    }
    posture = {name: value for name, value in asked.items() if value is not None}
    if source is not None and posture:
        error_line(complaints, "a posture is for --exercise only: what is in a clip is seen in the clip")
        raise typer.Exit(BAD_INPUT)
    if exercise is not None and forces is not None:
        error_line(complaints, "--forces belong to a run that was filmed or measured: leave them out with --exercise")
        raise typer.Exit(BAD_INPUT)
    need_muscles(complaints)
    from hipdrive.analysis import Settings
    from hipdrive.movements import Runner
    from hipdrive.muscles.exercises import what_if
    from hipdrive.muscles.source import muscles_of
    from hipdrive.report.muscles import PAGE, terminal_table, write_muscles

    try:
        if exercise is not None:
            body = {"height_m": height, "mass_kg": mass, "band_n": band}
            given = {name: value for name, value in body.items() if value is not None}
            effort = what_if(exercise.value, **posture, **given)  # type: ignore[arg-type]
            folder = out or Path(f"{exercise.value}.muscles")
        else:
            assert source is not None
            with complaints.status(f"computing the muscles of {source.name}"):
                effort = muscles_of(source, Settings(movement, runner=Runner(height, mass)), forces=forces, band_n=band)
            folder = out or (source if source.is_dir() else results_folder((source,), None, several=False))
        write_muscles(effort, folder)
    except HipdriveError as error:
        error_line(complaints, str(error))
        raise typer.Exit(BAD_INPUT) from None
    except OSError as error:
        error_line(complaints, f"{error.filename or source}: {error.strerror or error}")
        raise typer.Exit(BAD_INPUT) from None
    screen = Console(highlight=False)
    screen.print(terminal_table(effort))
    screen.print(f"In space: [bold]{folder / PAGE}[/bold]", soft_wrap=True)


def anatomy(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the results.")] = Path("anatomy"),
) -> None:
    """Show the muscles of hip and leg in space, by name, and what each does."""
    from rich.console import Console

    from hipdrive.report.terminal import error_line

    complaints = Console(stderr=True)
    need_muscles(complaints)
    from hipdrive.report.muscles import ANATOMY_PAGE, write_anatomy

    try:
        write_anatomy(out)
    except OSError as error:
        error_line(complaints, f"{error.filename or out}: {error.strerror or error}")
        raise typer.Exit(BAD_INPUT) from None
    Console(highlight=False).print(f"Written: [bold]{out / ANATOMY_PAGE}[/bold]", soft_wrap=True)
