"""The block of numbers under the header of a text file from the lab, read fast and strictly."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hipdrive.errors import HipdriveError

LARGEST_BYTES: Final = 2_000_000_000
"""A day of forty markers at 100 Hz has ten times as much; nobody films that, and memory would not hold it."""

MISSING: Final = ("", "nan", "NaN", "NAN", "-nan", "-NaN", "-nan(ind)", "nan(ind)", "NA", "N/A", "1.#QNAN", "-1.#IND")
"""How programs write that there is no number."""

CLOCK_DECIMALS: Final = (2, 3, 4)
"""Programs write times with so few decimals that an even clock looks uneven."""


def check_file(path: Path) -> None:
    """Refuse a file that is not there, empty or too large, before it is opened.

    Raises
    ------
    HipdriveError
    """
    try:
        if not path.is_file():
            raise HipdriveError(f"there is no file {path}")
        size = path.stat().st_size
    except (OSError, ValueError) as error:
        raise HipdriveError(f"cannot read {path}: {error}") from error
    if size == 0:
        raise HipdriveError(f"{path.name} is empty: export it again")
    if size > LARGEST_BYTES:
        raise HipdriveError(
            f"{path.name} has {size / 1e9:.1f} GB, more than the {LARGEST_BYTES / 1e9:.0f} GB read at once: "
            "cut the trial into parts"
        )


def read_bytes(path: Path) -> bytes:
    """Read the file whole.

    Raises
    ------
    HipdriveError
        When it cannot be read, is empty or too large.
    """
    check_file(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise HipdriveError(f"cannot read {path}: {error.strerror or error}") from error
    if not content.strip():
        raise HipdriveError(f"{path.name} is empty: export it again")
    return content


def decoded(text: bytes) -> str:
    """Text of a header, whatever a program of any age and country wrote it in."""
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError:
        return text.decode("latin-1")


def read_number_block(block: bytes, n_columns: int, name: str) -> NDArray[np.float64]:
    """Read rows of numbers, between tabs or spaces.

    Parameters
    ----------
    block : bytes
        What follows the header. Lines end as on any system; empty lines are left out.
    n_columns : int
        Every row must have as many; further ones must be empty.
    name : str
        Of the file, for messages.

    Returns
    -------
    ndarray, shape (n_rows, n_columns)
        NaN where nothing is written. With tabs between the columns an empty field is a missing value.

    Raises
    ------
    HipdriveError
        When a row has too few or too many fields, or one of them is no number.
    """
    block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n").strip(b"\n \0\x1a")
    if not block.strip():
        raise HipdriveError(f"{name} has a header but no data: export it again")
    first_row = block.split(b"\n", 1)[0]
    n_tabs = first_row.count(b"\t")
    try:
        n_fields = max(n_tabs + 1, n_columns)
        numbers = _between_tabs(block, n_fields) if n_tabs else _between_spaces(block, n_columns)
    except (ValueError, OverflowError, MemoryError) as error:  # of pyarrow and pandas; both derive from ValueError
        raise HipdriveError(f"{name} is damaged: {_found(block, n_columns, n_tabs > 0, error)}") from error
    if np.isfinite(numbers[:, n_columns:]).any():
        raise HipdriveError(f"{name} is damaged: its rows have more than the {n_columns} fields that its header names")
    numbers = numbers[:, :n_columns]
    if np.isinf(numbers).any():
        raise HipdriveError(f"{name} is damaged: it has infinite numbers")
    return numbers


def _between_tabs(block: bytes, n_fields: int) -> NDArray[np.float64]:
    import pyarrow as pa
    from pyarrow import csv

    names = [str(i) for i in range(n_fields)]
    table = csv.read_csv(
        pa.BufferReader(block),
        read_options=csv.ReadOptions(column_names=names, block_size=1 << 24),
        parse_options=csv.ParseOptions(delimiter="\t", quote_char=False, ignore_empty_lines=True),
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.float64()), null_values=list(MISSING), check_utf8=False
        ),
    )
    numbers = np.empty((table.num_rows, n_fields))
    for i, column in enumerate(table.columns):
        numbers[:, i] = column.to_numpy()
    return numbers


def _between_spaces(block: bytes, n_columns: int) -> NDArray[np.float64]:
    import pandas as pd

    frame = pd.read_csv(io.BytesIO(block), sep=r"\s+", header=None, dtype=np.float64, na_values=list(MISSING))
    if frame.shape[1] < n_columns:
        raise ValueError("too few fields")
    numbers = frame.to_numpy(np.float64)
    # pandas fills short rows up without a word; where columns stand between spaces, nothing can be left out
    fields = sum(len(line.split()) for line in block.split(b"\n") if line.strip()) if np.isnan(numbers).any() else 0
    if fields and fields != numbers.size:
        raise ValueError("rows of different lengths")
    return numbers


def _found(block: bytes, n_columns: int, tabs: bool, error: Exception) -> str:
    """Say in which row the damage is."""
    rows = [row for row in block.split(b"\n") if row.strip()]
    for number, row in enumerate(rows, start=1):
        fields = row.split(b"\t") if tabs else row.split()
        where = "the last row of data" if number == len(rows) else f"row {number} of data"
        if len(fields) < n_columns:
            cure = ": the file is cut off, copy it again" if number == len(rows) else ""
            return f"{where} has {len(fields)} fields instead of {n_columns}{cure}"
        for field in fields:
            if field.strip() and not _is_number(field):
                return f"{where} has {decoded(field[:20])!r} where a number should be"
    return f"its rows differ in length ({str(error).splitlines()[0][:80]})"


def _is_number(field: bytes) -> bool:
    text = decoded(field).strip()
    try:
        float(text)
    except ValueError:
        return text in MISSING
    return True


def write_columns(
    header: str, columns: Mapping[str, NDArray[np.float64] | NDArray[np.int64]], path: Path, missing: str = ""
) -> None:
    """Write a header and then columns between tabs.

    Parameters
    ----------
    header : str
        With its last line end.
    columns : mapping of str to ndarray, shape (n_rows,)
    path : Path
    missing : str
        What stands for NaN.

    Raises
    ------
    HipdriveError
        When the file cannot be written.
    """
    import pyarrow as pa
    from pyarrow import csv

    table = pa.table({name: pa.array(column, from_pandas=missing == "") for name, column in columns.items()})
    try:
        with path.open("wb") as file:
            file.write(header.encode())
            csv.write_csv(table, file, csv.WriteOptions(include_header=False, delimiter="\t", quoting_style="none"))
    except OSError as error:
        raise HipdriveError(f"cannot write {path}: {error.strerror or error}") from error


def checked_clock(time_s: NDArray[np.float64], rate_hz: float | None, name: str) -> NDArray[np.float64]:
    """Check that time rises, and undo its rounding where the file's frame rate tells what it was.

    Parameters
    ----------
    time_s : ndarray, shape (n_frames,)
    rate_hz : float or None
        As the file says.
    name : str
        Of the file, for messages.

    Returns
    -------
    ndarray, shape (n_frames,)
        The even clock where the times written are that clock rounded to two, three or four decimals; else unchanged.

    Raises
    ------
    HipdriveError
        When a time is missing or does not rise.
    """
    if not np.isfinite(time_s).all():
        raise HipdriveError(f"{name} is damaged: a frame has no time")
    falls = np.flatnonzero(np.diff(time_s) <= 0)
    if len(falls):
        raise HipdriveError(
            f"{name} is damaged: time does not rise after frame {falls[0] + 1} ({time_s[falls[0]]:g} s)"
        )
    if rate_hz is None or not rate_hz > 0 or len(time_s) < 2:
        return time_s
    even_s: NDArray[np.float64] = time_s[0] + np.arange(len(time_s)) / rate_hz
    for decimals in CLOCK_DECIMALS:
        unit_s = 10.0**-decimals
        is_rounded = np.abs(time_s / unit_s - np.round(time_s / unit_s)).max() < 1e-4
        if is_rounded and np.abs(time_s - even_s).max() < 1.01 * unit_s:  # the first time is rounded, too
            return even_s
    return time_s
