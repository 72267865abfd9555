"""The folder with everything about one clip, or about several views of one run."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import msgspec

from hipdrive.analysis import Examined
from hipdrive.motion import write_landmarks
from hipdrive.muscles import Effort
from hipdrive.results import Analysis

OVERLAY = "overlay.mp4"
REPORT = "report.html"

REPETITION_COLUMNS = (
    "repetition",
    "complete",
    "side",
    "direction",
    "start_s",
    "top_start_s",
    "top_end_s",
    "end_s",
    "cue",
    "value",
    "unit",
    "error",
    "verdict",
    "reason",
)
STRIDE_COLUMNS = ("source", "side", "contact_s", "toe_off_s", "next_contact_s")
MEASURE_COLUMNS = (
    "measure",
    "value",
    "unit",
    "error",
    "left",
    "right",
    "expected",
    "expected_sd",
    "deviation_sd",
    "verdict",
    "reason",
)


def write_folder(
    examined: Examined,
    folder: Path,
    *,
    video: bool = True,
    pieces: bool = False,
    effort: Effort | None = None,
    progress: Callable[[int], None] = lambda frames: None,
) -> None:
    """Write analysis.json, tables, landmarks.parquet, report.html and, if wanted, overlay.mp4.

    The tables are repetitions.csv, and of a run strides.csv and measures.csv. Landmarks, overlays and curves of
    further views are numbered: ``overlay_2.mp4``. What is quick and cannot be replaced comes first, so that a crash
    later loses nothing of it.

    Parameters
    ----------
    examined : Examined
    folder : Path
        Made if it is not there.
    video : bool
        Whether to draw the overlay.
    pieces : bool
        Whether the curves and the key frames of the report are wanted as files of their own, too, as the app shows them
        (`hipdrive.report.pieces`).
    effort : Effort, optional
        How hard the muscles work, for muscles.html and a panel in the report.
    progress : callable
        Told the number of overlay frames done so far.
    """
    from hipdrive.report.html import write_report
    from hipdrive.report.overlay import write_overlay
    from hipdrive.report.pieces import CURVES, write_curves, write_pictures

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "analysis.json").write_text(examined.analysis.to_json() + "\n", encoding="utf-8")
    write_repetitions(examined.analysis, folder / "repetitions.csv")
    write_strides(examined, folder / "strides.csv")
    write_measures(examined.analysis, folder / "measures.csv")
    parts = examined.parts or (examined,)
    for number, part in enumerate(parts, start=1):
        write_landmarks(part.motion, folder / _numbered("landmarks.parquet", number))
    overlays: list[str | None] = []
    done = 0
    for number, part in enumerate(parts, start=1):
        name = _numbered(OVERLAY, number)
        before = done
        drawn = video and write_overlay(part, folder / name, lambda frames, before=before: progress(before + frames))  # type: ignore[misc]
        done += part.analysis.source.frames
        overlays.append(name if drawn else None)
    if effort is not None:
        from hipdrive.report.muscles import write_muscles

        write_muscles(effort, folder)
    shown = write_report(examined, folder / REPORT, overlays, effort)
    if pieces:
        for number, shown_part in enumerate(shown, start=1):
            write_curves(shown_part.examined, folder / _numbered(CURVES, number))
        write_pictures([picture for shown_part in shown for picture in shown_part.pictures], folder)


def _numbered(name: str, number: int) -> str:
    """Name of a file, from the second on with its number."""
    path = Path(name)
    return name if number == 1 else f"{path.stem}_{number}{path.suffix}"


def write_repetitions(analysis: Analysis, path: Path) -> None:
    """Write one row per repetition and cue."""
    _write_table(path, REPETITION_COLUMNS, analysis.to_rows())


def write_strides(examined: Examined, path: Path) -> None:
    """Write one row per stride; nothing where there are none."""
    rows = [
        {"source": part.analysis.source.name, **msgspec.to_builtins(stride)}
        for part in examined.parts or (examined,)
        for stride in part.analysis.strides
    ]
    if rows:
        _write_table(path, STRIDE_COLUMNS, rows)


def write_measures(analysis: Analysis, path: Path) -> None:
    """Write one row per measure; nothing where there are none."""
    rows = [
        {"measure": name, **msgspec.to_builtins(measure), "deviation_sd": measure.deviation_sd}
        for name, measure in analysis.measures.items()
    ]
    if rows:
        _write_table(path, MEASURE_COLUMNS, rows)


def _write_table(path: Path, columns: Iterable[str], rows: Iterable[Mapping[str, object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(columns))
        writer.writeheader()
        writer.writerows(rows)
