"""What all commands share: where results go, and how one says that something is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from datetime import date

    from rich.console import Console

    from hipdrive.diary import AthleteDiary
    from hipdrive.training.history import Profile

BAD_INPUT = 2  # exit code


def fail(text: str) -> NoReturn:
    """Say in one sentence what is wrong, and end with exit code 2."""
    from rich.console import Console

    from hipdrive.report.terminal import error_line

    error_line(Console(stderr=True), text)
    raise typer.Exit(BAD_INPUT)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Whatever hipdrive or the system complain about within becomes one sentence and exit code 2."""
    from hipdrive.errors import HipdriveError

    try:
        yield
    except HipdriveError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename or 'file'}: {error.strerror or error}")


@contextmanager
def my_diary() -> Iterator[AthleteDiary]:
    """Open the diary of the runner at this machine; complaints within are said in one sentence."""
    from hipdrive.diary import Diary

    with plain_errors(), Diary.open() as diary:
        yield diary.athlete()


def today(profile: Profile) -> date:
    """The day it is where the runner lives."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    return datetime.now(ZoneInfo(profile.time_zone)).date()


def day_of(text: str | None, profile: Profile) -> date:
    """Day that was named, "2026-11-20" or "yesterday"; today when none was, and never a day to come."""
    from datetime import date, timedelta

    now = today(profile)
    if text is None or text.strip().lower() == "today":
        return now
    if text.strip().lower() == "yesterday":
        return now - timedelta(days=1)
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        fail(f"{text.strip()[:20]!r} is no day: give one such as {now.isoformat()}, or yesterday")
    if day > now:
        fail(f"{day.isoformat()} is still to come: give the day on which it was done")
    return day


def results_folder(job: tuple[Path, ...], out: Path | None, *, several: bool) -> Path:
    """Folder for the results of one clip or of several views: beside the clip unless it is named."""
    name = f"{'+'.join(clip.stem for clip in job)}.hipdrive"
    if out is None:
        return job[0].with_name(name)
    return out / name if several else out


def need_muscles(complaints: Console) -> None:
    """Say at once, before any work, when bones and muscles are not installed."""
    from importlib.util import find_spec

    from hipdrive.report.terminal import error_line

    if find_spec("mujoco") is None or find_spec("myo_sim") is None:
        error_line(complaints, "the bones and muscles are not installed: run pip install 'hipdrive[muscles]' once")
        raise typer.Exit(BAD_INPUT)
