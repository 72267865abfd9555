"""Clips that have been looked at, put into the queue's place without a worker."""

from __future__ import annotations

import shutil
import uuid
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from hipdrive.diary import Diary
from hipdrive.diary.tables import JobRow
from hipdrive.web.jobs import DONE, RESULT, athlete_folder
from hipdrive.web.worker import Asked


def put_finished(database: Path, app_folder: Path, result: Path, name: str, *without: str) -> str:
    """A job of the only athlete that is done, with a copy of a result, but for some of its files; gives its id."""
    job = str(uuid.uuid4())
    with Diary.open(str(database)) as diary:
        athlete = diary.athlete()
        folder = athlete_folder(app_folder, athlete.uid) / job
        shutil.copytree(result, folder / RESULT, ignore=shutil.ignore_patterns(*without))
        now = datetime.now(UTC)
        with athlete.own(writing=True) as own:
            own.add(
                JobRow,
                {
                    "uid": job,
                    "name": name,
                    "state": "done",
                    "asked": {**msgspec.to_builtins(Asked()), "tries": 1},
                    "done_frames": 10,
                    "total_frames": 10,
                    "say": DONE,
                    "made_at": now,
                    "changed_at": now,
                },
            )
    return job
