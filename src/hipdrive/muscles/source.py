"""Muscles of whatever is at hand: the folder of an analysis, a clip, or a file from a lab."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec
import xarray as xr

from hipdrive.analysis import Examined, Settings, examine
from hipdrive.errors import HipdriveError
from hipdrive.motion import find_view
from hipdrive.motion.files import read_motion
from hipdrive.movements import MOVEMENTS
from hipdrive.movements.runner import Runner
from hipdrive.movements.stride import Stride
from hipdrive.muscles.chain import muscles_of_run
from hipdrive.muscles.exercises import muscles_of_exercise
from hipdrive.muscles.results import Effort
from hipdrive.results import Analysis, JudgedStride

ANALYSIS: Final = "analysis.json"
LANDMARKS: Final = "landmarks.parquet"

Progress = Callable[[int], None]


def muscles_of(
    source: Path,
    settings: Settings,
    *,
    forces: Path | None = None,
    band_n: float | None = None,
    progress: Progress = lambda percent: None,
) -> Effort:
    """Compute the muscles of a folder that `analyse` wrote, of a clip, or of a file from a lab.

    Parameters
    ----------
    source : Path
    settings : Settings
        Movement, quality and runner; of a folder, what its analysis knows of the runner fills the gaps.
    forces : Path, optional
        MOT or STO file with the forces of force plates, for a run.
    band_n : float, optional
        Tension of the band, for a monster walk.
    progress : callable
        Told how many percent are done, for a run.

    Raises
    ------
    HipdriveError
        When there is nothing whose muscles can be computed.
    """
    if not source.is_dir():
        return muscles_of_examined(examine(source, settings), forces=forces, band_n=band_n, progress=progress)
    analysis = _analysis_in(source)
    runner = _runner(analysis, settings.runner)
    if analysis.movement.id != "running":
        _refuse_forces(forces)
        return muscles_of_exercise(analysis, height_m=runner.height_m, mass_kg=runner.mass_kg, band_n=band_n)
    strides = [_stride(stride) for stride in analysis.strides]
    return muscles_of_run(_motion_in(source), strides, runner, forces, progress)


def muscles_of_result(folder: Path, progress: Progress = lambda percent: None) -> Effort:
    """Compute the muscles from the folder of an analysis as if it had just been analysed, without its clip.

    Parameters
    ----------
    folder : Path
        As `hipdrive.report.folder.write_folder` writes it.
    progress : callable
        Told how many percent are done, for a run.

    Raises
    ------
    HipdriveError
        When there is nothing whose muscles can be computed.
    """
    analysis = _analysis_in(folder)
    known = MOVEMENTS.get(analysis.movement.id)
    motion, view = find_view(_motion_in(folder))
    prepared = None if known is None else known.prepare(motion, view)
    return muscles_of_examined(Examined(analysis, None, motion, None, known, prepared), progress=progress)


def _analysis_in(folder: Path) -> Analysis:
    if not (folder / ANALYSIS).is_file():
        raise HipdriveError(f"{folder} is no folder of an analysis: it has no {ANALYSIS}; analyse the clip first")
    try:
        return Analysis.from_json((folder / ANALYSIS).read_bytes())
    except msgspec.ValidationError as error:
        raise HipdriveError(f"{folder / ANALYSIS} is no analysis of this version: analyse the clip again") from error


def _motion_in(folder: Path) -> xr.Dataset:
    if not (folder / LANDMARKS).is_file():
        raise HipdriveError(f"{folder} has no {LANDMARKS}: analyse the clip again")
    return read_motion(folder / LANDMARKS)


def muscles_of_examined(
    examined: Examined,
    *,
    forces: Path | None = None,
    band_n: float | None = None,
    progress: Progress = lambda percent: None,
) -> Effort:
    """Compute the muscles of what was just analysed. Of two views of one run, those of the first are taken."""
    seen = examined.parts[0] if examined.parts else examined
    runner = _runner(seen.analysis, Runner())
    if seen.analysis.movement.id != "running":
        _refuse_forces(forces)
        return muscles_of_exercise(seen, height_m=runner.height_m, mass_kg=runner.mass_kg, band_n=band_n)
    strides = [_stride(stride) for stride in seen.analysis.strides]
    return muscles_of_run(seen.motion, strides, runner, forces, progress)


def _refuse_forces(forces: Path | None) -> None:
    if forces is not None:
        raise HipdriveError(f"{forces.name}: forces are used for runs only; leave them out")


def _runner(analysis: Analysis, given: Runner) -> Runner:
    """Who it is: as given now, else as given to the analysis."""
    said = analysis.provenance.get("settings", {})
    return replace(
        given,
        height_m=given.height_m or said.get("height_m"),
        mass_kg=given.mass_kg or said.get("mass_kg"),
    )


def _stride(judged: JudgedStride) -> Stride:
    toe_off_s = float("nan") if judged.toe_off_s is None else judged.toe_off_s
    return Stride(judged.side, judged.contact_s, toe_off_s, judged.next_contact_s)
