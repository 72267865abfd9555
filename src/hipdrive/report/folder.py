"""The folder with everything about one clip."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from hipdrive.analysis import Examined
from hipdrive.motion import write_landmarks
from hipdrive.results import Analysis

OVERLAY = "overlay.mp4"
REPORT = "report.html"


def write_folder(
    examined: Examined,
    folder: Path,
    *,
    video: bool = True,
    progress: Callable[[int], None] = lambda frames: None,
) -> None:
    """Write analysis.json, repetitions.csv, landmarks.parquet, report.html and, if wanted, overlay.mp4.

    What is quick and cannot be replaced comes first, so that a crash later loses nothing of it.

    Parameters
    ----------
    examined : Examined
    folder : Path
        Made if it is not there.
    video : bool
        Whether to draw the overlay.
    progress : callable
        Told the number of overlay frames done so far.
    """
    from hipdrive.report.html import write_report
    from hipdrive.report.overlay import write_overlay

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "analysis.json").write_text(examined.analysis.to_json() + "\n", encoding="utf-8")
    write_repetitions(examined.analysis, folder / "repetitions.csv")
    write_landmarks(examined.motion, folder / "landmarks.parquet")
    drawn = video and write_overlay(examined, folder / OVERLAY, progress)
    write_report(examined, folder / REPORT, OVERLAY if drawn else None)


def write_repetitions(analysis: Analysis, path: Path) -> None:
    """Write one row per repetition and cue."""
    rows = list(analysis.to_rows())
    columns = [
        "repetition",
        "complete",
        "side",
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
    ]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
