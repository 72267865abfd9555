"""Runs in files of watches and programs: FIT, TCX and GPX, alone, packed with gzip, in folders and in zip files.

Files come from anywhere. They are read, never unpacked to disk; what a file calls itself is never a path; size and
number are limited; a damaged file is one sentence and does not stop the others.
"""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import partial
from io import BytesIO
from itertools import chain
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Final

from hipdrive.errors import HipdriveError
from hipdrive.exchange.activity import Found, LeftOut, by_reason, new_runs, typed_run
from hipdrive.exchange.fit_files import is_fit, runs_in_fit
from hipdrive.exchange.xml_files import is_xml, runs_in_xml
from hipdrive.numbers import counted

if TYPE_CHECKING:
    from hipdrive.training.history import Run

__all__ = [
    "Found",
    "LeftOut",
    "Source",
    "by_reason",
    "import_words",
    "new_runs",
    "read_all",
    "read_runs",
    "read_source",
    "sources",
    "typed_run",
]

MEGABYTE: Final = 1024 * 1024
MOST_BYTES: Final = 64 * MEGABYTE  # of one activity, unpacked; a day at one record a second is 5 MB as FIT, 40 as TCX
MOST_ZIP_BYTES: Final = 2048 * MEGABYTE  # of a zip file within a zip file, as in an export of all data from Garmin
MOST_FILES: Final = 100_000
MOST_UNPACKED_BYTES: Final = 32 * 1024 * MEGABYTE  # of all files of an import; 6000 runs as TCX, ten years; proposal
MOST_RATIO: Final = 250  # of unpacked to packed; TCX files reach 60 where every second is alike, bombs 1000; proposal
ALWAYS_BYTES: Final = MEGABYTE  # so much does no harm, however it is packed
MOST_NAMED: Final = 5  # damaged files of an import; the others are counted

ENDINGS: Final = (".fit", ".tcx", ".gpx", ".fit.gz", ".tcx.gz", ".gpx.gz")
GZIP_MARK: Final = b"\x1f\x8b"

STRANGE: Final = "{name} is packed as no file of a watch is, so it was not read: download it again"

# what the standard library says of zip files that are damaged, locked or packed in an unknown way
ZIP_ERRORS: Final = (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, zlib.error, ValueError)


@dataclass(frozen=True)
class Source:
    """One file that may hold runs.

    Attributes
    ----------
    name : str
        As it is called, without the folders it lies in.
    read : callable
        Gives its content, and complains about one that is too large.
    unpacked_bytes : int
        Of a file that is packed.
    """

    name: str
    read: Callable[[], bytes]
    unpacked_bytes: int = 0


def read_runs(path: Path, zone: tzinfo = UTC) -> list[Run]:
    """Runs of a file, a folder or a zip file; each run once, in the order of time.

    Parameters
    ----------
    path : Path
    zone : tzinfo
        Zone of the runner, for files that do not tell local time.

    Raises
    ------
    HipdriveError
        When a single file is damaged. In a folder or a zip file it is passed over; `read_source` tells of it.
    """
    if path.is_file() and not _is_zip(path):
        return new_runs((), _found(_file(path), zone).runs)
    return new_runs((), (run for source in sources([path]) for run in read_source(source, zone).runs))


def read_source(source: Source, zone: tzinfo = UTC) -> Found:
    """Runs of one file and what was left out; a damaged file is left out, too."""
    try:
        return _found(source, zone)
    except HipdriveError as error:
        return Found(left_out=(LeftOut(source.name, str(error), damaged=True),))


def read_all(found: Iterable[Source], zone: tzinfo = UTC) -> Found:
    """Runs of many files and what was left out, each with why."""
    runs: list[Run] = []
    left_out: list[LeftOut] = []
    for source in found:
        part = read_source(source, zone)
        runs += part.runs
        left_out += part.left_out
    return Found(tuple(runs), tuple(left_out))


def sources(paths: Iterable[Path]) -> Iterator[Source]:
    """Files to be read in what was named: files as they are, and what looks like a run in folders and zip files.

    A source is to be read before the next one is asked for, as zip files are open only that long. What is more than may
    be is left out: the last source complains of it.

    Parameters
    ----------
    paths : iterable of Path
        Files, folders, zip files.

    Raises
    ------
    HipdriveError
        When there is no such file.
    """
    unpacked = 0
    for count, source in enumerate(chain.from_iterable(map(_sources_in, paths))):
        unpacked += source.unpacked_bytes
        if count == MOST_FILES or unpacked > MOST_UNPACKED_BYTES:
            limit = f"{MOST_FILES:,} files" if count == MOST_FILES else f"{MOST_UNPACKED_BYTES // 1024**3} GB"
            complaint = f"{source.name} and what comes after it was not read, as there is more than {limit}"
            yield Source(source.name, partial(_complain, f"{complaint}: bring it in parts"))
            return
        yield source


def import_words(new: Sequence[Run], found: Found) -> list[str]:
    """Say what came in, what was there before, and what was left out, and why.

    Parameters
    ----------
    new : sequence of Run
        Those that were not in the diary, in the order of time.
    found : Found
        All that was in the files.
    """
    lines = [_new_words(new)]
    if known := len(found.runs) - len(new):
        lines.append(f"{counted(known, 'run')} in the diary already, or in several of these files.")
    others = by_reason([entry for entry in found.left_out if not entry.damaged])
    if others:
        lines.append(f"Left out: {', '.join(f'{len(names)} x {why}' for why, names in others.items())}.")
    damaged = [entry.why for entry in found.left_out if entry.damaged]
    lines += [f"{sentence}." for sentence in damaged[:MOST_NAMED]]
    if len(damaged) > MOST_NAMED:
        lines.append(f"{len(damaged) - MOST_NAMED} more files could not be read.")
    return lines


def _new_words(new: Sequence[Run]) -> str:
    if not new:
        return "No new runs."
    first, last = (run.start.date().isoformat() for run in (new[0], new[-1]))
    return f"{counted(len(new), 'new run')}, {first}{'' if first == last else f' to {last}'}."


def _sources_in(path: Path) -> Iterator[Source]:
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.is_file() and (_may_hold_runs(file.name) or _is_zip(file)):
                yield from _sources_in(file)
    elif not path.is_file():
        raise HipdriveError(f"{path} is not there: name files, folders or zip files with runs")
    elif _is_zip(path):
        with path.open("rb") as archive:
            yield from _sources_in_zip(archive, path.name, nested=True)
    else:
        yield _file(path)


def _file(path: Path) -> Source:
    return Source(path.name, lambda: _limited(path.open("rb"), path.name))


def _sources_in_zip(file: IO[bytes], name: str, *, nested: bool) -> Iterator[Source]:
    """Files of an open zip file; zip files in it are looked into, but none in them."""
    try:
        with zipfile.ZipFile(file) as archive:
            for member in archive.infolist():
                called = member.filename.rpartition("/")[2]
                if _may_hold_runs(called):
                    yield Source(called, partial(_member, archive, member, called), member.file_size)
                elif nested and called.lower().endswith(".zip"):
                    if is_bomb(member.file_size, member.compress_size):
                        yield Source(called, partial(_complain, STRANGE.format(name=called)))
                        continue
                    with TemporaryFile() as inner:
                        _copy(archive, member, inner)
                        yield from _sources_in_zip(inner, called, nested=False)
    except ZIP_ERRORS:
        yield Source(name, partial(_complain, f"{name} is damaged or locked: unpack it and name the folder"))
    except _TooLarge:
        yield Source(name, partial(_complain, f"{name} holds a file that is too large: unpack it and name the folder"))


def is_bomb(unpacked_bytes: int, packed_bytes: int) -> bool:
    """Whether something is packed smaller than any file of a watch can be."""
    return unpacked_bytes > max(ALWAYS_BYTES, MOST_RATIO * packed_bytes)


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, called: str) -> bytes:
    if is_bomb(member.file_size, member.compress_size):
        raise HipdriveError(STRANGE.format(name=called))
    return _limited(archive.open(member), called)


def _copy(archive: zipfile.ZipFile, member: zipfile.ZipInfo, to: IO[bytes]) -> None:
    """Unpack a zip file of a zip file, as looking about in it while it is packed takes for ever."""
    with archive.open(member) as inner:
        while block := inner.read(MEGABYTE):
            to.write(block)
            if to.tell() > MOST_ZIP_BYTES:
                raise _TooLarge


def _complain(text: str) -> bytes:
    raise HipdriveError(text)


class _TooLarge(Exception):
    """A zip file of a zip file is larger than any export."""


def _found(source: Source, zone: tzinfo) -> Found:
    """Runs of one file; raises where it is damaged."""
    try:
        data = _unpacked(source.read(), source.name)
    except (*ZIP_ERRORS, gzip.BadGzipFile):
        raise HipdriveError(f"{source.name} is damaged: copy or download it again") from None
    except OSError as error:
        raise HipdriveError(f"{source.name} cannot be read: {error.strerror or error}") from None
    if is_fit(data):
        return runs_in_fit(data, source.name, zone)
    if is_xml(data):
        return runs_in_xml(data, source.name, zone)
    raise HipdriveError(f"{source.name} is no FIT, TCX or GPX file: name a file of a watch or a program for runners")


def _unpacked(data: bytes, name: str) -> bytes:
    if not data.startswith(GZIP_MARK):
        return data
    unpacked = _limited(gzip.GzipFile(fileobj=BytesIO(data)), name)
    if is_bomb(len(unpacked), len(data)):
        raise HipdriveError(STRANGE.format(name=name))
    return unpacked


def _limited(file: IO[bytes] | gzip.GzipFile, name: str) -> bytes:
    """Content of a file, which is closed then."""
    with file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise HipdriveError(f"{name} is larger than {MOST_BYTES // MEGABYTE} MB: export each activity by itself")
    return data


def _may_hold_runs(name: str) -> bool:
    return name.lower().endswith(ENDINGS) and not name.startswith("._")  # ._: doubles that a Mac makes


def _is_zip(path: Path) -> bool:
    return path.suffix.lower() == ".zip" and zipfile.is_zipfile(path)
