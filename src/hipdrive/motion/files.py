"""The door for files from the lab and from other pose models."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import xarray as xr

from hipdrive.errors import HipdriveError
from hipdrive.motion.body import motion_from_markers, trial_from_motion
from hipdrive.motion.c3d import read_c3d, write_c3d
from hipdrive.motion.dataset import logged, write_landmarks
from hipdrive.motion.landmark_tables import read_landmark_table, write_tidy_csv
from hipdrive.motion.marker_names import marker_names
from hipdrive.motion.mot import Table, read_table, write_table
from hipdrive.motion.skeleton import angles_from_motion, motion_from_angles
from hipdrive.motion.trc import read_trc, write_trc
from hipdrive.motion.trial import Trial

__all__ = [
    "EXPORT_KINDS",
    "MOTION_SUFFIXES",
    "Table",
    "export_motion",
    "find_static",
    "is_motion_file",
    "read_motion",
    "read_table",
    "read_trial",
    "write_motion",
    "write_table",
]

MARKER_SUFFIXES: Final = (".trc", ".c3d")
ANGLE_SUFFIXES: Final = (".mot", ".sto")
TABLE_SUFFIXES: Final = (".csv", ".parquet", ".json")
MOTION_SUFFIXES: Final = (*MARKER_SUFFIXES, *ANGLE_SUFFIXES, *TABLE_SUFFIXES)
"""Endings of the files that `read_motion` reads."""

EXPORT_KINDS: Final = ("trc", "mot", "c3d", "csv", "parquet")
"""What `write_motion` writes."""

LANDMARKS: Final = "landmarks.parquet"  # in the folder of an analysis

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
    if suffix in ANGLE_SUFFIXES:
        return motion_from_angles(read_table(path), source=path.name, height_m=height_m)
    if suffix in TABLE_SUFFIXES:
        return read_landmark_table(path, rate_hz=rate_hz, size_px=size_px)
    raise HipdriveError(f"{path.name} is no motion file: these are {', '.join(MOTION_SUFFIXES)}")


def read_trial(path: Path) -> Trial:
    """Read the markers of a TRC or C3D file as they are, in the lab's axes."""
    return read_c3d(path) if path.suffix.lower() == ".c3d" else read_trc(path)


def write_motion(motion: xr.Dataset, path: str | Path, kind: str | None = None) -> None:
    """Write a motion for other programs.

    Markers and joints (TRC, C3D) stand in the axes of the lab that the motion came from; what came from a video has x
    forward, y up and z right, from the middle of the hips in every frame. Joint angles (MOT) are found from them. CSV
    and Parquet have one row per frame and keypoint and keep everything.

    Parameters
    ----------
    motion : xarray.Dataset
    path : str or Path
    kind : {"trc", "mot", "c3d", "csv", "parquet"}, optional
        The ending of the path when left out.

    Raises
    ------
    HipdriveError
        When the motion has nothing that such a file could hold, or the file cannot be written.
    """
    path = Path(path)
    kind = kind or path.suffix.lower().removeprefix(".")
    if kind not in EXPORT_KINDS:
        raise HipdriveError(f"a motion cannot be written as {kind!r}: choose {', '.join(EXPORT_KINDS)}")
    if len(motion.time) == 0:
        raise HipdriveError(f"{motion.attrs['source']} has no frames to write")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if kind == "trc":
            write_trc(trial_from_motion(motion), path)
        elif kind == "c3d":
            write_c3d(trial_from_motion(motion), path)
        elif kind == "mot":
            write_table(angles_from_motion(motion), path, _about_angles(motion))
        elif kind == "csv":
            write_tidy_csv(motion, path)
        else:
            write_landmarks(motion, path)
    except OSError as error:
        raise HipdriveError(f"cannot write {path}: {error.strerror or error}") from error


def export_motion(folder_or_file: str | Path, kind: str, out: str | Path | None = None) -> Path:
    """Write the motion of an analysis, or of a motion file, in another format.

    Parameters
    ----------
    folder_or_file : str or Path
        A ``.hipdrive`` folder, or a file that `read_motion` reads.
    kind : {"trc", "mot", "c3d", "csv", "parquet"}
    out : str or Path, optional
        File to write. When left out it stands beside what is read, with the ending of its kind, and must not be there
        yet.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    HipdriveError
        When there is no motion to read, or it cannot be written so.
    """
    given = Path(folder_or_file)
    if kind not in EXPORT_KINDS:
        raise HipdriveError(f"a motion cannot be written as {kind!r}: choose {', '.join(EXPORT_KINDS)}")
    path = Path(out) if out is not None else given.with_suffix(f".{kind}")
    if out is None and path.exists():
        raise HipdriveError(f"{path} is there already: name another file to write")
    if given.is_dir():
        if not (given / LANDMARKS).is_file():
            raise HipdriveError(f"{given} is no folder of an analysis: it has no {LANDMARKS}")
        motion = read_motion(given / LANDMARKS)
    elif is_motion_file(given):
        motion = read_motion(given)
    else:
        raise HipdriveError(f"{given.name} has no motion in it: analyse it, then export the folder that is written")
    write_motion(motion, path, kind)
    return path


def _about_angles(motion: xr.Dataset) -> str:
    lines = [
        f"Joint angles by hipdrive from {motion.attrs['source']}",
        "Conventions of Rajagopal 2016: degrees and metres, bent knee positive, pelvis_list positive right side down",
    ]
    if "sacrum" not in motion.keypoint.values:
        lines += [
            "No pelvis markers: the pelvis is taken to stand in line with the trunk. The origin is that of the motion,",
            "which is the middle of the hips in every frame when it came from a video",
        ]
    if motion.attrs.get("kind") != "mocap":
        lines.append("From one camera: angles out of the plane of the picture rest on guessed depth and are only rough")
    return "\n".join(lines)


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
