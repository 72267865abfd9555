"""TRC: markers as text, by Motion Analysis; OpenSim's way of exchanging them.

Five lines of header (file, names of settings, settings, names of markers, X1 Y1 Z1 ...), perhaps an empty one, and then
one line per frame: number, time, and three coordinates for every marker, empty where it was not seen.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from hipdrive.errors import HipdriveError
from hipdrive.motion.number_block import checked_clock, decoded, read_bytes, read_number_block, write_columns
from hipdrive.motion.trial import Trial, check_distance, check_size, metres_per, unique_names

HEADER_LINES: Final = 5
LONGEST_HEADER_BYTES: Final = 1_000_000
DECIMALS_MM: Final = 5  # a hundredth of a micrometre, as OpenSim's own files have
DECIMALS_S: Final = 9


def read_trc(path: Path) -> Trial:
    """Read a TRC file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Trial
        In the axes of the file, which are usually x forward, y up, z right, but TRC does not say.

    Raises
    ------
    HipdriveError
        When it is no TRC file, or a damaged one.
    """
    content = read_bytes(path)
    header, data = _parted(content, path.name)
    if not header[0].lstrip("\ufeff").lower().startswith("pathfiletype"):
        raise HipdriveError(f"{path.name} is no TRC file: its first line must begin with PathFileType")
    settings = _settings(header[1], header[2])
    names, notes = _names(header[3], settings, path.name)
    check_size(len(names), 1, path.name)
    numbers = read_number_block(data, 2 + 3 * len(names), path.name)
    check_size(len(names), len(numbers), path.name)
    if "units" not in settings:
        raise HipdriveError(f"{path.name} gives no unit: write Units (mm or m) into its second and third line")
    stated = _number(settings.get("numframes"))
    if stated is not None and stated != len(numbers):
        notes.append(f"the header promises {stated:g} frames, the file has {len(numbers)}")
    rate_hz = _number(settings.get("datarate"))
    time_s = checked_clock(numbers[:, 1], rate_hz, path.name)
    if rate_hz is None or not rate_hz > 0:
        rate_hz = (len(time_s) - 1) / float(time_s[-1] - time_s[0]) if len(time_s) > 1 else 0.0
        notes.append("the header has no frame rate; it was taken from the times")
    position_m = (numbers[:, 2:] * metres_per(settings["units"], path.name)).reshape(len(numbers), len(names), 3)
    check_distance(position_m, path.name)
    return Trial(unique_names(names), time_s, position_m, rate_hz, None, tuple(notes))


def write_trc(trial: Trial, path: Path) -> None:
    """Write a TRC file in millimetres; a missing marker has empty fields, as OpenSim reads it.

    Parameters
    ----------
    trial : Trial
        In the axes wanted in the file.
    path : Path
    """
    n_frames, n_markers = trial.position_m.shape[:2]
    rate = f"{trial.rate_hz:.12g}"
    names = [" ".join(name.split()) for name in trial.names]  # a tab or line end in a name would break the header
    header = [
        f"PathFileType\t4\t(X/Y/Z)\t{path.name}",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames",
        f"{rate}\t{rate}\t{n_frames}\t{n_markers}\tmm\t{rate}\t1\t{n_frames}",
        "Frame#\tTime\t" + "\t\t\t".join(names) + "\t\t",
        "\t\t" + "\t".join(f"X{i}\tY{i}\tZ{i}" for i in range(1, n_markers + 1)),
        "",
    ]
    coordinates_mm = np.round(trial.position_m.reshape(n_frames, -1) * 1000, DECIMALS_MM) + 0.0  # no minus zero
    columns = {"frame": np.arange(1, n_frames + 1), "time": np.round(trial.time_s, DECIMALS_S)}
    columns |= {str(i): column for i, column in enumerate(coordinates_mm.T)}
    write_columns("\n".join(header) + "\n", columns, path)


def _parted(content: bytes, name: str) -> tuple[list[str], bytes]:
    """Header lines and what follows them."""
    lines: list[bytes] = []
    rest = content[:LONGEST_HEADER_BYTES].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    *lines, rest = rest.split(b"\n", HEADER_LINES) if rest.count(b"\n") >= HEADER_LINES else [rest]
    if len(lines) < HEADER_LINES:
        raise HipdriveError(f"{name} is no TRC file: it has no header of five lines")
    # where the data begins in the content itself, whose line ends may be two characters
    start = 0
    for _ in range(HEADER_LINES):
        start = min(end for end in (content.find(b"\n", start), content.find(b"\r", start)) if end >= 0) + 1
        if content[start - 1 : start + 1] == b"\r\n":
            start += 1
    return [decoded(line) for line in lines], content[start:]


def _settings(names: str, values: str) -> dict[str, str]:
    tabs = "\t" in names and "\t" in values
    keys, given = (line.split("\t") if tabs else line.split() for line in (names, values))
    return {key.strip().lower(): value.strip() for key, value in zip(keys, given, strict=False) if value.strip()}


def _names(line: str, settings: dict[str, str], name: str) -> tuple[list[str], list[str]]:
    fields = [field.strip() for field in (line.split("\t") if "\t" in line else line.split())]
    if len(fields) < 3 or not fields[0].lower().startswith("frame"):
        raise HipdriveError(f"{name} is no TRC file: its fourth line must name Frame#, Time and the markers")
    names = [field for field in fields[2:] if field]
    stated = _number(settings.get("nummarkers"))
    notes = []
    if stated is not None and stated != len(names):
        notes.append(f"the header promises {stated:g} markers and names {len(names)}")
    return names, notes


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if np.isfinite(number) else None
