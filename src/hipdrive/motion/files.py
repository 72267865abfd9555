"""The door for files from the lab and from other pose models."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import xarray as xr

from hipdrive.errors import HipdriveError
from hipdrive.motion.body import motion_from_markers
from hipdrive.motion.dataset import logged
from hipdrive.motion.landmark_tables import read_landmark_table
from hipdrive.motion.marker_names import marker_names
from hipdrive.motion.trc import read_trc
from hipdrive.motion.trial import Trial

MARKER_SUFFIXES: Final = (".trc",)
TABLE_SUFFIXES: Final = (".csv", ".parquet", ".json")
MOTION_SUFFIXES: Final = (*MARKER_SUFFIXES, *TABLE_SUFFIXES)
"""Endings of the files that `read_motion` reads."""

STATIC_WORDS: Final = ("static", "calib", "standing", "neutral", "tpose", "t-pose")
"""How a trial is called in which the athlete only stands."""


def is_motion_file(path: str | Path) -> bool:
    """Whether the ending of a file is one that `read_motion` reads."""
    return Path(path).suffix.lower() in MOTION_SUFFIXES


def read_motion(
    path: str | Path,
    *,
    rate_hz: float | None = None,
    size_px: tuple[int, int] | None = None,
    height_m: float | None = None,
    static: str | Path | None = None,
) -> xr.Dataset:
    """Read a motion that a lab or another pose model has measured.

    Parameters
    ----------
    path : str or Path
        TRC, C3D, MOT or STO from a lab; CSV, Parquet or JSON with landmarks.
    rate_hz : float, optional
        Frame rate of landmarks whose file does not say it.
    size_px : (int, int), optional
        Width and height of the picture that landmarks are in, when their file does not say them.
    height_m : float, optional
        The athlete's height [m], for joint angles, which have no lengths; 1.75 when left out.
    static : str or Path, optional
        Marker file of the athlete standing, from which knees and ankles are learnt. When left out, one beside the
        trial with "static" or the like in its name is taken.

    Returns
    -------
    xarray.Dataset
        As described in `hipdrive.motion.dataset`; its attribute ``kind`` is ``"landmarks"`` or ``"mocap"``.

    Raises
    ------
    HipdriveError
        When the file cannot be read as motion; the message says why and what to do.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix in MARKER_SUFFIXES:
        return _read_marked(path, None if static is None else Path(static))
    if suffix in TABLE_SUFFIXES:
        return read_landmark_table(path, rate_hz=rate_hz, size_px=size_px)
    raise HipdriveError(f"{path.name} is no motion file: these are {', '.join(MOTION_SUFFIXES)}")


def read_trial(path: Path) -> Trial:
    """Read markers as they are in the file."""
    return read_trc(path)


def _read_marked(path: Path, static: Path | None) -> xr.Dataset:
    trial = read_trial(path)
    notes = []
    beside = static or find_static(path)
    standing = None
    if beside is not None:
        try:
            standing = read_trial(beside)
        except HipdriveError as error:
            if static is not None:
                raise
            notes.append(f"{beside.name} beside it was not used: {error}")
    motion = motion_from_markers(
        trial,
        marker_names(path.parent),
        source=path.name,
        static=standing,
        static_name=beside.name if beside else "",
    )
    for note in notes:
        motion = logged(motion, f"markers: {note}")
    return motion


def find_static(path: Path) -> Path | None:
    """The standing trial beside a moving one, by its name; None when there is none.

    Among several the one whose name begins most like the trial's is taken.
    """

    def is_static(one: Path) -> bool:
        return any(word in one.stem.lower() for word in STATIC_WORDS)

    if is_static(path):
        return None
    candidates = sorted(
        one for one in path.parent.iterdir() if one.suffix.lower() in MARKER_SUFFIXES and is_static(one)
    )

    def alike(one: Path) -> int:
        pairs = zip(one.stem.lower(), path.stem.lower(), strict=False)
        return next((i for i, (a, b) in enumerate(pairs) if a != b), len(one.stem))

    return max(candidates, key=alike, default=None)
