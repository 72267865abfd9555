"""Commands that look at a clip: `analyse`, `export`, `movements`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hipdrive.cli.common import BAD_INPUT, my_diary, need_muscles, results_folder, today

if TYPE_CHECKING:
    from rich.console import Console

    from hipdrive.analysis import Examined, Settings
    from hipdrive.diary import AthleteDiary
    from hipdrive.muscles import Effort

DEBUG = "HIPDRIVE_DEBUG"  # set it to see where an unexpected error comes from


class QualityName(StrEnum):
    """Which network looks, and how often."""

    fast = "fast"
    standard = "standard"
    best = "best"


class RuntimeName(StrEnum):
    """What runs the networks."""

    litert = "litert"
    openvino = "openvino"


class SexName(StrEnum):
    """As the reference equations know it."""

    f = "f"
    m = "m"


class ExportKind(StrEnum):
    """Formats of other programs."""

    trc = "trc"
    mot = "mot"
    c3d = "c3d"
    csv = "csv"
    parquet = "parquet"


def analyse(
    clips: Annotated[
        list[Path],
        typer.Argument(
            help="Videos, photographs, lab files (TRC, C3D, MOT) or tables of landmarks (CSV, Parquet, JSON).",
            show_default=False,
        ),
    ],
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
        typer.Option(
            help="What it is: glute_bridge, monster_walk or running. Recognised when left out.", show_default=False
        ),
    ] = None,
    together: Annotated[
        bool, typer.Option("--together", help="The files are views of one run: one report for all of them.")
    ] = False,
    height: Annotated[
        float | None, typer.Option(help="Your height in metres, such as 1.78.", show_default=False)
    ] = None,
    mass: Annotated[float | None, typer.Option(help="Your mass in kilograms, such as 68.", show_default=False)] = None,
    sex: Annotated[SexName | None, typer.Option(help="Your sex: f or m.", show_default=False)] = None,
    age: Annotated[float | None, typer.Option(help="Your age in years, such as 34.", show_default=False)] = None,
    speed: Annotated[
        float | None,
        typer.Option(
            help="Speed of the run in km/h, such as 11. With height, mass, sex and age: what is usual for you.",
            show_default=False,
        ),
    ] = None,
    quality: Annotated[
        QualityName, typer.Option(help="fast: a quick look. best: twice as slow, a quarter less noise.")
    ] = QualityName.standard,
    slow_motion: Annotated[
        float,
        typer.Option(help="How many times slower than life the file plays: 8 for 240 frames/s played at 30."),
    ] = 1.0,
    rate: Annotated[
        float | None,
        typer.Option(help="Frames per second of a table of landmarks that does not say it.", show_default=False),
    ] = None,
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
    muscles: Annotated[
        bool, typer.Option("--muscles", help="Also compute how hard each muscle works: a table, and muscles.html.")
    ] = False,
    log: Annotated[
        bool, typer.Option("--log", help="Put it into your diary; height and the like come from your profile.")
    ] = False,
) -> None:
    """Judge an exercise or measure a run: cue by cue, with advice and a report.

    Bridges from the side, monster walks from the front, runs from the side and from behind; whole body in view:

        hipdrive analyse bridge.mp4 walk.mp4

        hipdrive analyse run.mp4 --height 1.78 --mass 68 --sex f --age 34 --speed 11

        hipdrive analyse run_side.mp4 run_rear.mp4 --together

        hipdrive analyse trial.trc
    """  # fmt: skip
    from contextlib import nullcontext
    from dataclasses import replace

    from rich.console import Console

    from hipdrive.analysis import Settings
    from hipdrive.errors import HipdriveError
    from hipdrive.movements import Runner
    from hipdrive.report.terminal import error_line
    from hipdrive.training.profile import filled_in

    screen, complaints = Console(quiet=json_to == "-"), Console(stderr=True)
    if muscles:
        need_muscles(complaints)
    jobs = [tuple(clips)] if together else [(clip,) for clip in clips]
    if json_to is not None and json_to != "-" and len(jobs) > 1:
        error_line(complaints, "--json FILE takes one clip: leave it out, each clip's folder has its analysis.json")
        raise typer.Exit(BAD_INPUT)
    if together and len(clips) < 2:
        error_line(complaints, "--together takes two views of one run: name both files")
        raise typer.Exit(BAD_INPUT)
    try:
        runner = Runner(height, mass, None if sex is None else sex.value, age, speed)
        settings = Settings(movement, quality.value, runner, slow_motion, runtime.value, rate)
    except HipdriveError as error:
        error_line(complaints, str(error))
        raise typer.Exit(BAD_INPUT) from None
    with my_diary() if log else nullcontext() as athlete:
        if athlete is not None:
            profile = athlete.profile()
            settings = replace(settings, runner=filled_in(runner, profile, today(profile)))
        failed = 0
        for job in jobs:
            folder = results_folder(job, out, several=len(jobs) > 1)
            name = " + ".join(clip.name for clip in job)
            examined = _spared(
                lambda job=job, folder=folder: _examine_and_write(job, folder, video, muscles, settings, complaints),  # type: ignore[misc]
                name,
                complaints,
            )
            if examined is None:
                failed += 1
                continue
            _show(examined, folder, json_to, screen)
            if athlete is not None:
                kept = _spared(lambda kept=examined: _log(athlete, kept, screen), name, complaints)  # type: ignore[misc]
                failed += kept is None
    if failed:
        if len(jobs) > 1:
            error_line(complaints, f"{failed} of {len(jobs)} clips could not be analysed")
        raise typer.Exit(BAD_INPUT)


def _spared(work: Callable[[], Examined], name: str, complaints: Console) -> Examined | None:
    """Do the work; where it fails say why in one sentence, so that one bad file does not stop the others."""
    from hipdrive.errors import HipdriveError
    from hipdrive.report.terminal import error_line

    try:
        return work()
    except HipdriveError as error:
        error_line(complaints, str(error))
    except OSError as error:
        error_line(complaints, f"{name}: {error.strerror or error} ({error.filename or name})")
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        text = f"{name}: hipdrive stumbled ({type(error).__name__}: {error}); this is our mistake"
        error_line(complaints, f"{text}: please report it, with what {DEBUG}=1 shows")
    return None


def _show(examined: Examined, folder: Path, json_to: str | None, screen: Console) -> None:
    """Print the summary, and the JSON where it is wanted."""
    from hipdrive.report.terminal import summary

    screen.print(summary(examined.analysis, screen.width))
    screen.print(f"Report: [bold]{folder / 'report.html'}[/bold]\n", highlight=False, soft_wrap=True)
    if json_to == "-":
        sys.stdout.write(examined.analysis.to_json() + "\n")
    elif json_to is not None:
        Path(json_to).write_text(examined.analysis.to_json() + "\n", encoding="utf-8")


def _examine_and_write(
    job: tuple[Path, ...], folder: Path, video: bool, muscles: bool, settings: Settings, complaints: Console
) -> Examined:
    """Examine one clip, or several views of one run, under a progress bar and write its folder."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from hipdrive.analysis import examine, examine_together
    from hipdrive.report.folder import write_folder

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    expected = [_expected_frames(clip) for clip in job]
    total = sum(frames for frames in expected if frames) if all(expected) else None
    with Progress(*columns, console=complaints, transient=True) as bars:
        watching = bars.add_task(f"watching {' and '.join(clip.name for clip in job)}", total=total)

        def seen(frames: int) -> None:
            bars.update(watching, completed=frames)

        examined = examine(job[0], settings, seen) if len(job) == 1 else examine_together(job, settings, seen)
        drawing = bars.add_task("drawing", total=total, visible=video)
        effort = _effort(examined, complaints) if muscles else None
        write_folder(
            examined, folder, video=video, effort=effort, progress=lambda frames: bars.update(drawing, completed=frames)
        )
    return examined


def _log(athlete: AthleteDiary, examined: Examined, screen: Console) -> Examined:
    """Put it into the diary of today."""
    from hipdrive.cli.log import log_analysis

    log_analysis(athlete, examined.analysis, today(athlete.profile()), screen)
    return examined


def _effort(examined: Examined, complaints: Console) -> Effort | None:
    """Muscles of what was analysed; where there are none, say why and go on: the analysis stands without them."""
    from hipdrive.errors import HipdriveError
    from hipdrive.muscles.source import muscles_of_examined
    from hipdrive.report.terminal import error_line

    try:
        return muscles_of_examined(examined)
    except HipdriveError as error:
        error_line(complaints, f"{examined.analysis.source.name}: no muscles: {error}")
        return None


def _expected_frames(path: Path) -> int | None:
    """Frames of a clip as its container declares them; None where that is not known."""
    from hipdrive.motion.files import is_motion_file
    from hipdrive.video import read_clip

    if is_motion_file(path):
        return None
    clip = read_clip(path)
    return 1 if clip.is_photo else round(clip.duration_s * clip.rate_hz) or None


def export(
    source: Annotated[
        Path,
        typer.Argument(
            help="A folder that analyse wrote (CLIP.hipdrive), or a lab file or table of landmarks.", show_default=False
        ),
    ],
    kind: Annotated[ExportKind, typer.Option("--to", help="The format that is wanted.", show_default=False)],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="File to write. Default: beside the source.", show_default=False)
    ] = None,
) -> None:
    """Write the motion for other programs: hipdrive export run.hipdrive --to trc."""
    from rich.console import Console

    from hipdrive.errors import HipdriveError
    from hipdrive.motion.files import export_motion
    from hipdrive.report.terminal import error_line

    try:
        written = export_motion(source, kind.value, out)
    except HipdriveError as error:
        error_line(Console(stderr=True), str(error))
        raise typer.Exit(BAD_INPUT) from None
    except OSError as error:
        error_line(Console(stderr=True), f"{source.name}: {error.strerror or error} ({error.filename or source})")
        raise typer.Exit(BAD_INPUT) from None
    Console(highlight=False).print(f"Written: [bold]{written}[/bold]", soft_wrap=True)


def movements() -> None:
    """List what hipdrive knows: every cue with the coach's words, limits and sources."""
    from rich.console import Console

    from hipdrive.report.terminal import movements_text

    Console(highlight=False).print(movements_text())
