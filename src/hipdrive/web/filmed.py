"""Self tests that are taken from clips: which clip shows which leg, what was timed in it, and what was kept of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import msgspec

from hipdrive.errors import HipdriveError
from hipdrive.training.history import Side
from hipdrive.training.selftest import SIDES, SelfTest, Timed, self_test

if TYPE_CHECKING:
    from hipdrive.web.jobs import Job, Jobs

TIMED: Final = "selftest.json"  # in the result
KEPT: Final = "kept"  # beside the result, when it is in the diary
MOST_BYTES: Final = 10_000  # of a file that has some hundred


def write_timed(result: Path, timed: Timed) -> None:
    """Write what was timed into the folder of a result."""
    (result / TIMED).write_bytes(msgspec.json.encode(timed))


def read_timed(result: Path) -> Timed:
    """Read what was timed.

    Raises
    ------
    HipdriveError
        When it is not there, or damaged.
    """
    try:
        with (result / TIMED).open("rb") as file:
            return msgspec.json.decode(file.read(MOST_BYTES), type=Timed)
    except (OSError, msgspec.DecodeError):
        raise HipdriveError("what was timed in this clip cannot be read: remove it, and upload it again") from None


def test_of(job: Job) -> SelfTest | None:
    """Self test that a clip is of; None for any other clip."""
    return None if job.asked.test is None else self_test(job.asked.test)


def clips_of(jobs: Jobs, athlete_uid: str, test: SelfTest) -> dict[Side, Job]:
    """The newest clip of each leg, if nothing of it has been kept yet; those that were cancelled do not count."""
    newest: dict[Side, Job] = {}
    for job in jobs.of(athlete_uid):
        if test_of(job) is test and job.state != "cancelled" and job.asked.side is not None:
            newest.setdefault(job.asked.side, job)
    return {side: job for side, job in newest.items() if not is_kept(jobs, job)}


def is_kept(jobs: Jobs, job: Job) -> bool:
    """Whether what a clip shows is in the diary."""
    return (jobs.folder(job) / KEPT).exists()


def mark_kept(jobs: Jobs, kept: Sequence[Job]) -> None:
    """Note that what these clips show is in the diary."""
    for job in kept:
        if jobs.folder(job).is_dir():  # removed meanwhile by another page
            (jobs.folder(job) / KEPT).touch(mode=0o600)


def clear(jobs: Jobs, job: Job) -> None:
    """Remove a clip of a test, and earlier ones of the same leg of which nothing was kept."""
    for other in jobs.of(job.athlete_uid):
        same = (other.asked.test, other.asked.side) == (job.asked.test, job.asked.side)
        if other.id == job.id or (same and other.ended and not is_kept(jobs, other)):
            jobs.remove(job.athlete_uid, other.id)


def by_leg(found: Sequence[tuple[Side | None, Timed]]) -> dict[str, Timed]:
    """What was found, by the leg that the runner says it is.

    Raises
    ------
    HipdriveError
        When a leg is not said, or both are said to be the same, or there is none; the sentence names the cure.
    """
    if not found:
        raise HipdriveError("there is no result yet: choose a clip, or give seconds or repetitions by hand")
    if any(side is None for side, _ in found):
        raise HipdriveError("say of each clip which leg was on the floor")
    legs: Mapping[str, Timed] = {str(side): one for side, one in found}
    if len(legs) < len(found):
        raise HipdriveError(f"both are said to be of the {next(iter(legs))} leg: say which of them is the other")
    return {side: legs[side] for side in SIDES if side in legs}


def day_of(clips: Sequence[Job], zone: str, today: date) -> date:
    """The day on which clips came here, the last one, where the runner lives; today when there is none."""
    days = [job.made_at.astimezone(ZoneInfo(zone)).date() for job in clips if job.made_at is not None]
    return min(max(days, default=today), today)


def leg_words(said: Side, timed: Timed) -> str:
    """Say which leg the film seems to show, and how sure that is."""
    from hipdrive.training.selftest import SIDE_FILMS, SIDE_RIGHT

    sure = f"From film hipdrive gets this right in {SIDE_RIGHT} of {SIDE_FILMS} clips, so your word counts."
    if timed.side is None:
        return f"The film does not show it clearly. {sure}"
    if timed.side == said:
        return f"It looks like the {said} leg, as you said. {sure}"
    return f"You chose {said}, and it looks like the {timed.side} leg. {sure}"
