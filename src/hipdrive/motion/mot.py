"""MOT and STO: tables over time as OpenSim and SIMM write them, of joint angles, forces or anything else.

A header of any length that ends with ``endheader``, a line with the names of the columns, then numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hipdrive.errors import HipdriveError
from hipdrive.motion.number_block import checked_clock, decoded, read_bytes, read_number_block, write_columns

LONGEST_HEADER_BYTES: Final = 2_000_000
MOST_COLUMNS: Final = 20_000
END: Final = "endheader"


@dataclass(frozen=True, eq=False)
class Table:
    """Columns over time.

    Attributes
    ----------
    labels : tuple of str
        Of the columns without time, each different.
    time_s : ndarray, shape (n_rows,)
        Rising.
    values : ndarray, shape (n_rows, n_labels)
    in_degrees : bool
        Whether angles are in degrees; in radians otherwise.
    name : str
        What the file calls itself.
    notes : tuple of str
        What was odd about the file.
    """

    labels: tuple[str, ...]
    time_s: NDArray[np.float64]
    values: NDArray[np.float64]
    in_degrees: bool
    name: str = ""
    notes: tuple[str, ...] = ()

    def __getitem__(self, label: str) -> NDArray[np.float64]:
        """Column by its label, shape (n_rows,)."""
        return self.values[:, self.labels.index(label)]

    def __contains__(self, label: str) -> bool:
        """Whether there is such a column."""
        return label in self.labels


def read_table(path: str | Path) -> Table:
    """Read a MOT or STO file.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    Table

    Raises
    ------
    HipdriveError
        When it is no such file, or a damaged one.
    """
    path = Path(path)
    content = read_bytes(path)
    header, data = _parted(content, path.name)
    settings = _settings(header)
    labels, data = _labels(data, path.name)
    numbers = read_number_block(data, len(labels), path.name)
    notes = []
    for key, count, what in (("nrows", len(numbers), "rows"), ("ncolumns", len(labels), "columns")):
        stated = settings.get(key)
        if stated is not None and stated.isdecimal() and int(stated[:18]) != count:
            notes.append(f"the header promises {stated[:18]} {what}, the file has {count}")
    return Table(
        labels[1:],
        checked_clock(numbers[:, 0], None, path.name),
        numbers[:, 1:],
        # files of SIMM do not say, and are in degrees; OpenSim always says
        settings.get("indegrees", "no" if "version" in settings else "yes").lower() != "no",
        settings.get("name", header[0].strip() if header else ""),
        tuple(notes),
    )


def write_table(table: Table, path: Path, comment: str = "") -> None:
    """Write a MOT or STO file as OpenSim reads it.

    Parameters
    ----------
    table : Table
    path : Path
    comment : str
        Lines for the header.
    """
    labels = ["_".join(label.split()) for label in table.labels]  # a space would make two columns of one
    header = [
        " ".join((table.name or "Coordinates").split()),
        "version=1",
        f"nRows={len(table.time_s)}",
        f"nColumns={len(labels) + 1}",
        f"inDegrees={'yes' if table.in_degrees else 'no'}",
        *comment.replace("=", ":").splitlines(),
        END,
        "\t".join(["time", *labels]),
    ]
    columns = {"time": table.time_s} | {str(i): column for i, column in enumerate(table.values.T)}
    write_columns("\n".join(header) + "\n", columns, path, missing="nan")


def _parted(content: bytes, name: str) -> tuple[list[str], bytes]:
    beginning = content[:LONGEST_HEADER_BYTES]
    at = beginning.lower().find(END.encode())
    if at < 0:
        raise HipdriveError(f"{name} is no MOT or STO file: it has no line {END!r}")
    header = decoded(beginning[:at]).splitlines()
    rest = content[at + len(END) :]
    return header, rest.lstrip(b" \t").lstrip(b"\r\n")


def _settings(header: list[str]) -> dict[str, str]:
    """``key=value`` lines of OpenSim and ``key value`` lines of SIMM."""
    settings: dict[str, str] = {}
    simm = {"name": "name", "datacolumns": "ncolumns", "datarows": "nrows"}
    for line in header:
        key, equals, value = line.partition("=")
        if equals:
            settings.setdefault(key.strip().lower(), value.strip())
            continue
        word, _, value = line.strip().partition(" ")
        if word.lower() in simm:
            settings.setdefault(simm[word.lower()], value.strip())
    return settings


def _labels(data: bytes, name: str) -> tuple[tuple[str, ...], bytes]:
    ends = [end for end in (data.find(b"\n"), data.find(b"\r")) if end >= 0]
    if not ends:
        raise HipdriveError(f"{name} has a header but no data: export it again")
    line = decoded(data[: min(ends)])
    labels = [label.strip() for label in (line.rstrip().split("\t") if "\t" in line.strip() else line.split())]
    if not labels or labels[0].lower() != "time":
        raise HipdriveError(f"{name} is damaged: its first column must be named 'time'")
    if not 2 <= len(labels) <= MOST_COLUMNS:
        raise HipdriveError(f"{name} has {len(labels)} columns; between 2 and {MOST_COLUMNS} can be read")
    if not all(labels) or len(set(labels)) < len(labels):
        raise HipdriveError(f"{name} is damaged: its columns need names, each a different one")
    return tuple(labels), data[min(ends) :]
