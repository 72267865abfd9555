"""Files with runs that strangers send: read here, or by a process of its own with limits where they are large."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Final
from zipfile import is_zipfile
from zoneinfo import ZoneInfo

from hipdrive.errors import HipdriveError
from hipdrive.exchange.activity import Found, LeftOut
from hipdrive.exchange.runs import MOST_ZIP_BYTES, read_all, sources
from hipdrive.web.worker import Limits, limit_this_process

LIMITS: Final = Limits(memory_bytes=2 * 1024**3, cpu_s=2 * 3600, file_bytes=2 * MOST_ZIP_BYTES)  # proposals


def read_called(path: Path, name: str, zone: ZoneInfo) -> Found:
    """Runs of a file, a zip file or not, and what was left out.

    Parameters
    ----------
    path : Path
        With a name that is nowhere in what can be said of it.
    name : str
        What its owner calls it, for what is said.
    zone : ZoneInfo
        Zone of the runner.
    """
    if is_zipfile(path):
        path = path.rename(path.with_suffix(".zip"))
    own = path.name
    read = read_all((replace(one, name=name) if one.name == own else one for one in sources([path])), zone)
    left_out = tuple(replace(one, why=one.why.replace(own, name)) for one in read.left_out)
    if not read.runs and not left_out:
        left_out = (LeftOut(name, f"no FIT, TCX or GPX files are in {name}", damaged=True),)
    return Found(read.runs, left_out)


def read_apart(path: Path, name: str, zone: ZoneInfo, limits: Limits = LIMITS) -> Found:
    """The same by a process of its own, so that nobody else has to wait, with limits on memory and time.

    Raises
    ------
    HipdriveError
        When it takes more.
    """
    with ProcessPoolExecutor(1, get_context("spawn"), limit_this_process, (limits,)) as pool:
        try:
            return pool.submit(read_called, path, name, zone).result()
        except (BrokenProcessPool, MemoryError):
            raise HipdriveError(
                f"{name} takes more memory or time than a file with runs may: bring it in parts"
            ) from None
