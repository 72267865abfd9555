"""Clips that are analysed one after the other, in a queue that lives in the diary.

Whatever becomes of the server, the queue survives: a job's state stands in the table ``jobs``, its files in a folder
of its own, and a result is moved to its place as a whole. One thread hands one clip after the other to a process of its
own (`hipdrive.web.worker`), which keeps two cores busy anyway. First come, first served, but an athlete who had a turn
waits until the others who wait have had one.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, Literal, cast, get_args

import msgspec

from hipdrive.errors import HipdriveError
from hipdrive.web.kinds import HEAD_BYTES, kind_of, shown_name
from hipdrive.web.worker import ASKED, NO_MEMORY, Asked, Order, is_whole

if TYPE_CHECKING:
    from hipdrive.analysis import Examined
    from hipdrive.diary import Diary
    from hipdrive.web.settings import WebSettings

State = Literal["queued", "running", "done", "failed", "cancelled"]
ENDED: Final = ("done", "failed", "cancelled")

UPLOAD: Final = "upload"  # the clip, with an ending that is told from its bytes
RESULT: Final = "result"  # folder
WORKING: Final = "working-"  # folder of a result that is not finished, with a random end
PAGE: Final = ".html"
STARTED: Final = "tries"  # beside what is asked, how often it was begun
LOG: Final = "worker.log"

# proposals
MOST_WAITING: Final = 10  # clips of one athlete in the queue
MOST_BYTES: Final = 20 * 1024**3  # of one athlete on the disk
LEAST_FREE_BYTES: Final = 1024**3  # that are left to others on the disk
MOST_TRIES: Final = 3  # a clip that brings down the server does so no more than three times
KEPT_UPLOAD_S: Final = 24 * 3600.0  # an upload that was interrupted
LOOK_S: Final = 0.05  # how often a process is looked after
ASK_S: Final = 0.5  # how often the diary is asked whether a job is still wanted, as another program can end it, too
IDLE_S: Final = 5.0
END_S: Final = 10.0  # for a process that was ended
MOST_LINE_LETTERS: Final = 4096

WAITING: Final = "waiting for its turn"
BEGUN: Final = "getting ready"
DONE: Final = "ready"
CANCELLED: Final = "cancelled"
TOO_LONG: Final = "{name} took too long and was ended: cut it to the set, or choose the quality fast, and try again"
STUCK: Final = "{name} was ended because nothing went on any more: export it as MP4 (H.264) and try again"
CRASHED: Final = "{name} brought the analysis down: export it as MP4 (H.264) and try again"
TRIED: Final = "hipdrive ended {tries} times while it looked at {name}: export it as MP4 (H.264) and try again"
LOST: Final = "the file of {name} is gone: upload it again"
NO_MUSCLES: Final = "ready, but without the muscles: {why}"
NOT_READY: Final = "{name} is not ready yet: wait until it is"
UNFINISHED: Final = "{name} could not be analysed, which is our mistake: try again"

CHOICES: Final = {"quality": ("fast", "standard", "best"), "sex": ("f", "m"), "side": ("left", "right")}

# what a worker needs of the environment; the rest, such as passwords of the diary and of mail, is not its business
KEPT_VARIABLES: Final = (
    "PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "TEMP", "TMP", "XDG_DATA_HOME", "XDG_CACHE_HOME",
    "LD_LIBRARY_PATH", "PYTHONPATH", "HIPDRIVE_MODELS", "SYSTEMROOT", "LOCALAPPDATA", "APPDATA", "USERPROFILE",
)  # fmt: skip

logger = logging.getLogger(__name__)


class NoRoom(HipdriveError):
    """There is no room for another clip, on the disk or in the queue."""


@dataclass(frozen=True)
class Job:
    """A clip that is to be analysed, or was.

    Attributes
    ----------
    id : str
        A UUID.
    athlete_uid : str
    name : str
        What its owner calls it.
    state : {"queued", "running", "done", "failed", "cancelled"}
    done_frames : int
    total_frames : int or None
        None while it is not known.
    say : str
        How far it is, or why it failed, in words.
    asked : Asked
    tries : int
        How often it was begun.
    made_at : datetime or None
    """

    id: str
    athlete_uid: str
    name: str
    state: State
    done_frames: int = 0
    total_frames: int | None = None
    say: str = ""
    asked: Asked = field(default_factory=Asked)
    tries: int = 0
    made_at: datetime | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ENDED


@dataclass(frozen=True)
class Patience:
    """How long a worker may take.

    Ten minutes filmed with 60 frames per second and seen by the heavy network twice take an hour on two cores. Judging
    that many frames takes a minute, in which nothing is told, and three beside other work.

    Attributes
    ----------
    all_s : float
    still_s : float
        Without any progress.
    """

    all_s: float = 4 * 3600.0
    still_s: float = 900.0


Command = Callable[[Path, Path], Sequence[str]]


def worker_command(folder: Path, result: Path) -> list[str]:
    """Command that analyses the clip in a folder."""
    return [sys.executable, "-m", "hipdrive.web.worker", str(folder), str(result)]


class Jobs:
    """The queue.

    Parameters
    ----------
    settings : WebSettings
    diary : Diary
    command : callable
        Folder of a job and folder for its result to the command that does it.
    patience : Patience
    """

    def __init__(
        self, settings: WebSettings, diary: Diary, *, command: Command = worker_command, patience: Patience = Patience()
    ) -> None:
        self.settings = settings
        self.diary = diary
        self.root = settings.folder / "jobs"
        self._command = command
        self._patience = patience
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._lock = threading.Lock()  # for what follows
        self._running: Job | None = None  # with its progress, which is not worth writing down
        self._unwanted = threading.Event()  # the running job
        self._served: dict[str, int] = {}  # athlete's uid to the number of the turn they had last

    # -- what athletes do ------------------------------------------------------------------------------------------

    def submit(
        self, athlete_uid: str, name: str, source: Path, asked: Asked | Mapping[str, Any], *, job_id: str | None = None
    ) -> Job:
        """Put a clip at the end of the queue.

        Parameters
        ----------
        athlete_uid : str
        name : str
            What its owner calls it; any text.
        source : Path
            The file. It is moved into the folder of the job.
        asked : Asked or mapping
        job_id : str or None
            UUID of an upload that becomes a job; a new one otherwise.

        Raises
        ------
        HipdriveError
            When it is no clip, makes no sense, or there is no room; the sentence names the cure. The file stays.
        """
        asked = checked_asked(asked)
        name = shown_name(name)
        with source.open("rb") as file:
            suffix = kind_of(file.read(HEAD_BYTES), name)
        job = Job(job_id or str(uuid.uuid4()), athlete_uid, name, "queued", say=WAITING, asked=asked)
        self.check_room(athlete_uid, 0)
        folder = self.folder(job)
        make_private(folder)
        order = Order(name, f"{UPLOAD}{suffix}", asked, self.settings.most_clip_s)
        (folder / ASKED).write_bytes(msgspec.json.encode(order))
        upload = folder / order.upload
        shutil.move(source, upload)
        try:
            job = self._insert(job)
        except BaseException:
            shutil.move(upload, source)
            raise
        self._wake.set()
        return job

    def put_result(self, athlete_uid: str, examined: Examined) -> Job:
        """Put what was examined already, as a set before the live camera, among the results.

        Raises
        ------
        NoRoom
            When there is none; the sentence names the cure.
        """
        from hipdrive.report.folder import write_folder

        self.check_room(athlete_uid, 0)
        name = shown_name(examined.analysis.source.name)
        job = Job(str(uuid.uuid4()), athlete_uid, name, "done", say=DONE)
        folder = self.folder(job)
        make_private(folder)
        try:
            write_folder(examined, folder / WORKING, video=False, pieces=True)
            (folder / WORKING).rename(self.result(job))
            return self._insert(job)
        except BaseException:
            _remove(folder)
            raise

    def of(self, athlete_uid: str) -> list[Job]:
        """All jobs of an athlete, the newest first."""
        from hipdrive.diary.tables import JobRow

        with self.diary.athlete_by_uid(athlete_uid).own(writing=False) as own:
            rows = own.rows(JobRow, order=[JobRow.id])
        return [self._with_progress(_job(row, athlete_uid)) for row in reversed(rows)]

    def get(self, athlete_uid: str, job_id: str) -> Job | None:
        """One job of an athlete; None where there is none, or it is another one's."""
        from hipdrive.diary.tables import JobRow

        with self.diary.athlete_by_uid(athlete_uid).own(writing=False) as own:
            rows = own.rows(JobRow, JobRow.uid == job_id)
        return self._with_progress(_job(rows[0], athlete_uid)) if rows else None

    def cancel(self, athlete_uid: str, job_id: str) -> Job | None:
        """End a job that waits or runs; nothing happens to one that has ended."""
        job = self.get(athlete_uid, job_id)
        if job is None or job.ended:
            return job
        if self.has_result(job):  # only more was wanted of it
            if self._change(job, ("queued", "running"), **_ready()):
                with self._lock:
                    if self._running is not None and self._running.id == job_id:
                        self._unwanted.set()
        elif self._change(job, ("queued", "running"), state="cancelled", say=CANCELLED):
            with self._lock:
                if self._running is not None and self._running.id == job_id:
                    self._unwanted.set()
            if job.state == "queued":  # else when its process has ended
                self._clear(replace(job, state="cancelled"))
        return self.get(athlete_uid, job_id)

    def add_muscles(self, athlete_uid: str, job_id: str) -> Job | None:
        """Have the muscles worked out for a job that is done, too; its clip is not needed, and its result stays.

        Raises
        ------
        HipdriveError
            When it is not done; the sentence names the cure.
        """
        job = self.get(athlete_uid, job_id)
        if job is None:
            return None
        if job.state != "done" or not self.has_result(job):
            raise HipdriveError(NOT_READY.format(name=job.name))
        self.check_room(athlete_uid, 0)
        folder, upload = self.folder(job), UPLOAD
        wanted = replace(job, asked=replace(job.asked, muscles=True), tries=0)
        with suppress(FileNotFoundError):  # where a result came without a clip
            upload = msgspec.json.decode((folder / ASKED).read_bytes(), type=Order).upload
        order = Order(job.name, upload, wanted.asked, self.settings.most_clip_s)
        (folder / ASKED).write_bytes(msgspec.json.encode(order))
        if self._change(
            job, ("done",), state="queued", say=WAITING, asked=_kept(wanted), done_frames=0, total_frames=None
        ):
            self._wake.set()
        return self.get(athlete_uid, job_id)

    def has_result(self, job: Job) -> bool:
        """Whether there is a result to be shown, whatever else is being worked on."""
        return is_whole(self.result(job))

    def remove(self, athlete_uid: str, job_id: str) -> bool:
        """Remove a job with all its files; gives whether it was there."""
        from hipdrive.diary.tables import JobRow

        job = self.cancel(athlete_uid, job_id)
        if job is None:
            return False
        with self.diary.athlete_by_uid(athlete_uid).own(writing=True) as own:
            own.remove(JobRow, JobRow.uid == job_id)
        self._wait_for_end_of(lambda running: running.id == job_id)
        _remove(self.folder(job))
        return True

    def forget(self, athlete_uid: str) -> None:
        """Remove all jobs, results and uploads of an athlete, as before their diary is erased."""
        from hipdrive.diary.tables import JobRow

        with self.diary.athlete_by_uid(athlete_uid).own(writing=True) as own:
            own.remove(JobRow)
        with self._lock:
            if self._running is not None and self._running.athlete_uid == athlete_uid:
                self._unwanted.set()
        self._wait_for_end_of(lambda running: running.athlete_uid == athlete_uid)
        forget_files(self.settings.folder, athlete_uid)

    def folder(self, job: Job) -> Path:
        """Folder of a job. Its name is made of UUIDs, never of anything that a user has written."""
        return athlete_folder(self.settings.folder, job.athlete_uid) / str(uuid.UUID(job.id))

    def result(self, job: Job) -> Path:
        """Folder of the result, as `hipdrive.report.folder.write_folder` writes it; there when the job is done."""
        return self.folder(job) / RESULT

    def used_bytes(self, athlete_uid: str) -> int:
        """Size of everything that is kept for an athlete."""
        folder = athlete_folder(self.settings.folder, athlete_uid)
        total = 0
        for path in folder.rglob("*"):
            with suppress(FileNotFoundError):  # a file that ends being there meanwhile takes no room
                total += path.lstat().st_size
        return total

    def check_room(self, athlete_uid: str, size_bytes: int) -> None:
        """See that there is room for so much more.

        Raises
        ------
        NoRoom
            When there is not; the sentence names the cure.
        """
        waiting = sum(not job.ended for job in self.of(athlete_uid))
        if waiting >= MOST_WAITING:
            raise NoRoom(f"{waiting} clips are waiting already: wait until some are done, or cancel them")
        used = self.used_bytes(athlete_uid)
        if used + size_bytes > MOST_BYTES:
            raise NoRoom(f"your clips and results take {used / 1e9:.1f} GB: remove old results first")
        make_private(self.root)
        if shutil.disk_usage(self.root).free - size_bytes < LEAST_FREE_BYTES:
            raise NoRoom("there is no room left on the disk: remove old results first")

    # -- the one who works them off ----------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to work: first what was begun before, and not finished."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._work_off, name="jobs", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; a clip that is being looked at is begun again at the next start."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _work_off(self) -> None:
        make_private(self.root)
        with _alone(self.root / "lock", self._stopping) as alone:
            picked_up = False
            while alone and not self._stopping.is_set():
                self._wake.clear()
                try:
                    picked_up = picked_up or self._pick_up()
                    job = self._next()
                except Exception:  # the diary may be busy, or its server away for a while
                    logger.exception("the queue cannot be read")
                    job = None
                if job is None:
                    self._wake.wait(IDLE_S)
                    continue
                picked_up = self._do(job)

    def _pick_up(self) -> bool:
        """Queue again what was running when the server ended, and remove what was left lying about."""
        for job in self._all("running"):
            if job.tries >= MOST_TRIES:
                say = TRIED.format(tries=job.tries, name=job.name)
                failed = _ready(say) if self.has_result(job) else {"state": "failed", "say": say}
                self._change(job, ("running",), **failed)
            else:
                self._change(job, ("running",), state="queued", say=WAITING)
        for job in self._all("done", "failed", "cancelled"):
            self._clear(job)
        self.sweep()
        return True

    def sweep(self) -> None:
        """Remove uploads that nobody has gone on with for a day. Results are never removed here."""
        known = {job.id for job in self._all(*get_args(State))}
        for folder in [*self.root.glob("*/*"), *self.root.glob("upload-*")]:
            if folder.name not in known and not (folder / RESULT).exists() and _is_old(folder):
                _remove(folder)

    def _next(self) -> Job | None:
        """Take the next job, if there is one."""
        waiting = self._all("queued")
        for job in sorted(waiting, key=lambda each: self._served.get(each.athlete_uid, 0)):  # stable
            job = replace(job, state="running", say=BEGUN, tries=job.tries + 1)
            if self._change(job, ("queued",), state="running", say=BEGUN, asked=_kept(job)):
                self._served[job.athlete_uid] = max(self._served.values(), default=0) + 1
                return job
        return None

    def _do(self, job: Job) -> bool:
        """Do a job; gives whether the diary could be told how it ended."""
        with self._lock:
            self._running = job
            self._unwanted.clear()
        had_result = self.has_result(job)
        try:
            state, say = self._analyse(job)
        except Exception:
            logger.exception("job %s", job.id)
            state, say = "failed", UNFINISHED.format(name=job.name)
        if had_result and state != "queued":
            say = NO_MUSCLES.format(why=say) if state == "failed" else DONE
            state = "done"
        try:
            self._end(job, state, say, had_result)
        except Exception:  # it still says that it is running, and is picked up again
            logger.exception("job %s cannot be ended", job.id)
            return False
        finally:
            with self._lock:
                self._running = None
        return True

    def _end(self, job: Job, state: State, say: str, had_result: bool) -> None:
        with self._lock:
            progress = self._running or job
        values: dict[str, Any] = {"state": state, "say": say}
        if state == "queued":  # the server ends; that is not the clip's fault
            values |= {"asked": _kept(replace(job, tries=job.tries - 1))}
        else:
            values |= {"done_frames": progress.done_frames, "total_frames": progress.total_frames}
        if not self._change(job, ("running",), **values) and not had_result:  # cancelled or erased meanwhile
            state = "cancelled"
        if state != "queued":
            self._clear(replace(job, state=state))

    def _analyse(self, job: Job) -> tuple[State, str]:
        """Have the clip analysed by a process; gives how that ended."""
        folder = self.folder(job)
        if not (folder / ASKED).is_file():
            return "failed", LOST.format(name=job.name)
        for left in folder.glob(f"{WORKING}*"):
            _remove(left)
        working = folder / f"{WORKING}{uuid.uuid4().hex}"
        heard = _Heard()
        with (folder / LOG).open("wb") as log:
            process = subprocess.Popen(
                self._command(folder.absolute(), working.absolute()),
                stdin=subprocess.PIPE,  # never written to; it closes when the server ends, however that ends
                stdout=subprocess.PIPE,
                stderr=log,
                env=_environment(),
                start_new_session=True,
            )
            with process:
                assert process.stdout is not None
                listener = threading.Thread(target=self._listen, args=(job, process.stdout, heard), daemon=True)
                listener.start()
                try:
                    why = self._look_after(job, process, heard)
                finally:
                    _end_group(process)
                listener.join(END_S)
        try:
            return self._outcome(job, process.returncode, why, heard.failed, working)
        finally:
            _remove(working)

    def _look_after(self, job: Job, process: subprocess.Popen[bytes], heard: _Heard) -> str | None:
        """Wait until the process has ended, or has to be ended; gives why."""
        began = asked = time.monotonic()
        while process.poll() is None:
            now = time.monotonic()
            why = None
            if now - asked > ASK_S:
                asked = now
                if not self._is_wanted(job):
                    self._unwanted.set()
            if self._stopping.is_set():
                why = "stopping"
            elif self._unwanted.is_set():
                why = "unwanted"
            elif now - began > self._patience.all_s:
                why = TOO_LONG
            elif now - max(heard.at, began) > self._patience.still_s:
                why = STUCK
            if why is not None:
                return why
            with suppress(subprocess.TimeoutExpired):
                process.wait(LOOK_S)
        return None

    def _outcome(
        self, job: Job, code: int, why: str | None, failed: str | None, working: Path
    ) -> tuple[State, str]:  # fmt: skip
        if why == "stopping":
            return "queued", WAITING
        if why == "unwanted":
            return "cancelled", CANCELLED
        if why is not None:
            return "failed", why.format(name=job.name)
        if code == 0 and is_whole(working):
            _remove(self.result(job))
            working.rename(self.result(job))
            return "done", DONE
        if code == 0 and self.has_result(job):
            for path in sorted(working.iterdir(), key=lambda each: each.suffix == PAGE):  # the page when all is there
                path.replace(self.result(job) / path.name)
            return "done", DONE
        if failed is not None:
            return "failed", failed
        logger.warning("job %s: the worker ended with %s", job.id, code)
        if code == -getattr(signal, "SIGXCPU", 0):
            return "failed", TOO_LONG.format(name=job.name)
        if code == -getattr(signal, "SIGKILL", 0):  # not by us: the system needed the memory
            return "failed", NO_MEMORY.format(name=job.name)
        return "failed", CRASHED.format(name=job.name)

    def _listen(self, job: Job, out: IO[bytes], heard: _Heard) -> None:
        """Hear how far the process is, until it ends. What is no such line is passed over."""
        while line := out.readline(MOST_LINE_LETTERS):
            try:
                said = json.loads(line)
            except ValueError:
                continue
            if not isinstance(said, dict):
                continue
            heard.at = time.monotonic()
            if isinstance(said.get("failed"), str):
                heard.failed = said["failed"]
            changed: dict[str, Any] = {}
            for key, name, kind in (("done", "done_frames", int), ("total", "total_frames", int), ("step", "say", str)):
                if isinstance(said.get(key), kind):
                    changed[name] = said[key]
            with self._lock:
                if self._running is not None and self._running.id == job.id:
                    self._running = replace(self._running, **changed)

    # -- how -------------------------------------------------------------------------------------------------------

    def _with_progress(self, job: Job) -> Job:
        with self._lock:
            now = self._running
        if now is None or now.id != job.id or job.state != "running":
            return job
        return replace(job, done_frames=now.done_frames, total_frames=now.total_frames, say=now.say)

    def _all(self, *states: State) -> list[Job]:
        """Jobs of everybody in these states, as they came."""
        from hipdrive.diary.scope import everybodys
        from hipdrive.diary.tables import JobRow

        with self.diary.database.reading() as connection:
            rows = everybodys(connection, JobRow, JobRow.state.in_(states), order=[JobRow.id])
        return [_job(row, row["athlete_uid"]) for row in rows]

    def _insert(self, job: Job) -> Job:
        from hipdrive.diary.tables import JobRow

        now = datetime.now(UTC)
        with self.diary.athlete_by_uid(job.athlete_uid).own(writing=True) as own:
            own.add(
                JobRow,
                {
                    "uid": job.id,
                    "name": job.name,
                    "state": job.state,
                    "asked": _kept(job),
                    "done_frames": 0,
                    "total_frames": None,
                    "say": job.say,
                    "made_at": now,
                    "changed_at": now,
                },
            )
        return replace(job, made_at=now)

    def _change(self, job: Job, states: Sequence[State], **values: Any) -> bool:
        """Change a job, if it is in one of these states; gives whether it was."""
        from hipdrive.diary.tables import JobRow

        try:
            mine = self.diary.athlete_by_uid(job.athlete_uid)
        except HipdriveError:  # erased
            return False
        with mine.own(writing=True) as own:
            if not own.rows(JobRow, JobRow.uid == job.id, JobRow.state.in_(states)):
                return False
            own.change(JobRow, {**values, "changed_at": datetime.now(UTC)}, JobRow.uid == job.id)
        return True

    def _is_wanted(self, job: Job) -> bool:
        """Whether it still says that it is running; where the diary cannot be asked, it is."""
        try:
            return any(other.id == job.id for other in self._all("running"))
        except HipdriveError:
            return True

    def _clear(self, job: Job) -> None:
        """Remove of an ended job what is not asked to be kept."""
        folder = self.folder(job)
        if job.state == "cancelled":
            _remove(folder)
            return
        for path in folder.glob(f"{WORKING}*"):
            _remove(path)
        if job.state != "done" or not job.asked.keep_upload:
            for path in folder.glob(f"{UPLOAD}.*"):
                _remove(path)

    def _wait_for_end_of(self, meant: Callable[[Job], bool]) -> None:
        until = time.monotonic() + END_S
        while time.monotonic() < until:
            with self._lock:
                if self._running is None or not meant(self._running):
                    return
            time.sleep(LOOK_S)


@dataclass
class _Heard:
    """What a worker has said: when it was heard last, and why it failed."""

    at: float = 0.0
    failed: str | None = None


def checked_asked(asked: Asked | Mapping[str, Any]) -> Asked:
    """What is asked, if it makes sense.

    Parameters
    ----------
    asked : Asked or mapping
        Values may be text, as they come with an address.

    Raises
    ------
    HipdriveError
        When it does not; the sentence names the cure.
    """
    if not isinstance(asked, Asked):
        given = {name: value for name, value in asked.items() if value is not None and value != ""}
        unknown = set(given) - set(Asked.__dataclass_fields__)
        if unknown:
            raise HipdriveError(f"{min(unknown)[:40]!r} is not known: leave it out")
        for name, choices in CHOICES.items():
            if given.get(name, choices[0]) not in choices:
                raise HipdriveError(f"no {name} is called {str(given[name])[:20]!r}: choose {' or '.join(choices)}")
        try:
            asked = msgspec.convert(given, Asked, strict=False)
        except msgspec.ValidationError as error:
            raise HipdriveError(f"this makes no sense: {error}") from None
    asked.settings()
    return asked


def athlete_folder(folder: Path, athlete_uid: str) -> Path:
    """Folder of everything of an athlete, within the folder of the app."""
    return folder / "jobs" / str(uuid.UUID(athlete_uid))


def forget_files(folder: Path, athlete_uid: str) -> None:
    """Remove uploads and results of an athlete from the folder of the app, running or not."""
    _remove(athlete_folder(folder, athlete_uid))


def make_private(folder: Path) -> None:
    """Make a folder into which only its owner may look."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _remove(path: Path) -> None:
    """Remove a file or folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)  # what is being removed by another thread, too
    else:
        path.unlink(missing_ok=True)


def _is_old(folder: Path) -> bool:
    times = [folder.stat().st_mtime, *(path.stat().st_mtime for path in folder.iterdir())] if folder.is_dir() else []
    return bool(times) and time.time() - max(times) > KEPT_UPLOAD_S


def _environment() -> dict[str, str]:
    one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # two networks at once keep the cores busy
    return {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ} | one_thread


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it has started, at once; nothing happens when it has ended."""
    if process.poll() is not None:
        return
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait(END_S)


def _ready(say: str = DONE) -> dict[str, Any]:
    """Columns of a job whose result is there."""
    return {"state": "done", "say": say}


def _kept(job: Job) -> dict[str, Any]:
    """Column `asked`."""
    return {**msgspec.to_builtins(job.asked), STARTED: job.tries}


def _job(row: Mapping[Any, Any], athlete_uid: str) -> Job:
    asked = dict(row["asked"])
    tries = int(asked.pop(STARTED, 0))
    return Job(
        id=row["uid"],
        athlete_uid=athlete_uid,
        name=row["name"],
        state=cast(State, row["state"]),
        done_frames=row["done_frames"],
        total_frames=row["total_frames"],
        say=row["say"],
        asked=msgspec.convert(asked, Asked),
        tries=tries,
        made_at=row["made_at"],
    )


@contextmanager
def _alone(path: Path, stopping: threading.Event) -> Iterator[bool]:
    """Be the only program on this machine that works in a folder; waits for another one, if need be.

    Gives False when told to stop before that.
    """
    with path.open("a+b") as file:
        while not _locked(file):
            if stopping.wait(ASK_S):
                yield False
                return
        yield True


def _locked(file: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
