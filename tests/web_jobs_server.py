"""A queue in a process of its own, to be killed: ``python web_jobs_server.py FOLDER WORKER``."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from hipdrive.diary import Diary
from hipdrive.web.jobs import Jobs
from hipdrive.web.settings import WebSettings

if __name__ == "__main__":
    folder, worker = Path(sys.argv[1]), sys.argv[2]
    diary = Diary.open(str(folder / "diary.sqlite3"))
    jobs = Jobs(WebSettings(folder=folder), diary, command=lambda job, result: [sys.executable, worker, job, result])
    jobs.start()
    time.sleep(120)
