"""Clips on their way in, and files on their way out: the part of the API under ``/uploads`` and ``/jobs/{id}/files``.

A phone loses its connection now and then, so a clip comes in parts. ``POST /uploads?name=bridge.mp4&size=123456``
opens an upload and gives its id; ``PUT /uploads/{id}?offset=0`` brings bytes from there on, as many as one likes, and
whatever arrived before a connection broke is kept. ``GET /uploads/{id}`` says how many bytes are there, and that is
where to go on. With the last byte the upload becomes a job of the same id. A small clip, or one from the same machine,
can come whole as the body of the POST; then nothing is kept of one that breaks off.
"""

from __future__ import annotations

import asyncio
import html
import re
import shutil
import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from hipdrive.errors import HipdriveError
from hipdrive.report.pieces import PICTURE
from hipdrive.web.jobs import LEAST_FREE_BYTES, RESULT, Job, Jobs, NoRoom, athlete_folder, checked_asked, make_private
from hipdrive.web.kinds import HEAD_BYTES, kind_of, shown_name
from hipdrive.web.problems import problem
from hipdrive.web.worker import Asked

if TYPE_CHECKING:
    from hipdrive.diary import AthleteDiary

PART_BYTES: Final = 8 * 1024**2  # that a page sends at once: seconds on a slow road; proposal
BLOCK_BYTES: Final = 1024**2  # that are held in memory
SILENCE_S: Final = 60.0  # after which a connection is taken for broken
MOST_UNFINISHED: Final = 5  # uploads of one athlete; proposal
PART, NOTE = "incoming.part", "incoming.json"

# what is given away of a result, and as what
FILES: Final = {
    "report.html": "text/html",
    "muscles.html": "text/html",
    "overlay.mp4": "video/mp4",
    "analysis.json": "application/json",
    "muscles.json": "application/json",
    "repetitions.csv": "text/csv",
    "strides.csv": "text/csv",
    "measures.csv": "text/csv",
    "muscles.csv": "text/csv",
    "selftest.json": "application/json",
    "landmarks.parquet": "application/vnd.apache.parquet",
    "curves.json": "application/json",
}
OWN_POLICY: Final = re.compile(rb'http-equiv="Content-Security-Policy" content="([^"]*)"')
POLICY_WITHIN_BYTES: Final = 4 * 1024**2  # the template's head; the scripts come later
# reports show films that lie beside them, for which they have to come from the same place as those
SANDBOX: Final = "frame-ancestors 'self'; sandbox allow-scripts allow-same-origin allow-downloads"

router = APIRouter(prefix="/api/v1", tags=["clips"])


class TooLarge(HipdriveError):
    """More bytes than a clip may have."""


class Overtaken(Exception):
    """Another request has begun to bring bytes of the same upload."""


class Note(msgspec.Struct, frozen=True):
    """What is known of an upload before it is there."""

    name: str
    size: int
    asked: Asked


# -- uploads -----------------------------------------------------------------------------------------------------------


@router.post("/uploads", status_code=201)
async def begin(request: Request) -> Response:
    """Open an upload, or bring a whole clip; `name`, `size` and what is asked stand in the address."""
    return await _answered(_begin, request)


@router.put("/uploads/{upload_id}")
async def go_on(request: Request, upload_id: uuid.UUID, offset: int) -> Response:
    """Bring bytes of an upload, from an offset on."""

    async def work(request: Request) -> Response:
        mine, jobs = await run_in_threadpool(_who, request)
        return await _go_on(request, mine, jobs, str(upload_id), offset)

    return await _answered(work, request)


@router.get("/uploads")
def unfinished(request: Request) -> Response:
    """List uploads that were begun and not finished."""
    mine, jobs = _who(request)
    folders = sorted(athlete_folder(jobs.settings.folder, mine.uid).glob(f"*/{NOTE}"))
    return _json([state for note in folders if (state := _state(note.parent)) is not None])


@router.get("/uploads/{upload_id}")
def how_far(request: Request, upload_id: uuid.UUID) -> Response:
    """Say how many bytes of an upload are there, which is where to go on."""
    mine, jobs = _who(request)
    job = jobs.get(mine.uid, str(upload_id))
    if job is not None:
        return _json(_finished(job))
    state = _state(_folder(jobs, mine, str(upload_id)))
    return _no_upload() if state is None else _json(state)


@router.delete("/uploads/{upload_id}", status_code=204)
def drop(request: Request, upload_id: uuid.UUID) -> Response:
    """Forget an upload; one that is a job already is cancelled."""
    mine, jobs = _who(request)
    folder = _folder(jobs, mine, str(upload_id))
    if jobs.cancel(mine.uid, str(upload_id)) is None:
        if not (folder / NOTE).is_file():
            return _no_upload()
        shutil.rmtree(folder, ignore_errors=True)
    return Response(status_code=204)


async def _begin(request: Request) -> Response:
    mine, jobs = await run_in_threadpool(_who, request)
    said = dict(request.query_params)
    name, size = shown_name(said.pop("name", "")), said.pop("size", None)
    length = request.headers.get("content-length")
    whole = "transfer-encoding" in request.headers or (length is not None and length != "0")
    if whole:
        size = length
    most = jobs.settings.most_upload_bytes
    if size is None and not whole:
        raise HipdriveError("say how many bytes the clip has: size=")
    if size is not None and not (size.isascii() and size.isdigit()):
        raise HipdriveError(f"{size[:20]!r} is no number of bytes: give size= as a whole number")
    n_bytes = most if size is None else int(size)
    if n_bytes > most:
        raise _too_large(name, most)
    if n_bytes == 0:
        raise HipdriveError(f"{name} is empty: copy it from the phone again")
    upload_id = str(uuid.uuid4())
    folder = _folder(jobs, mine, upload_id)
    await run_in_threadpool(_open, jobs, mine, folder, name, n_bytes, size is not None, said)
    if not whole:
        return _json(await run_in_threadpool(_state, folder), 201)
    try:
        await _pour(request, folder / PART, 0, n_bytes, name)
        return _json(_finished(await run_in_threadpool(_submit, jobs, mine, folder)), 201)
    except BaseException:  # also when the one who sends is gone: a whole clip cannot go on
        await asyncio.shield(run_in_threadpool(shutil.rmtree, folder, True))
        raise


def _open(
    jobs: Jobs, mine: AthleteDiary, folder: Path, name: str, n_bytes: int, known: bool, said: dict[str, str]
) -> None:
    """Make the folder of an upload, if there is room for it and what is asked makes sense."""
    asked = _of_athlete(checked_asked(said), mine)
    jobs.sweep()
    states = [_state(note.parent) for note in folder.parent.glob(f"*/{NOTE}")]
    open_ones = [state for state in states if state is not None]
    if len(open_ones) >= MOST_UNFINISHED:
        raise NoRoom(f"{len(open_ones)} uploads are not finished: go on with them, or cancel them")
    to_come = sum(state["size"] - state["offset"] for state in open_ones)
    jobs.check_room(mine.uid, (n_bytes if known else 0) + to_come)
    make_private(folder)
    (folder / PART).touch(mode=0o600)
    (folder / NOTE).write_bytes(msgspec.json.encode(Note(name, n_bytes, asked)))


async def _go_on(request: Request, mine: AthleteDiary, jobs: Jobs, upload_id: str, offset: int) -> Response:
    folder = _folder(jobs, mine, upload_id)
    note = await run_in_threadpool(_note, folder)
    if note is None:
        job = await run_in_threadpool(jobs.get, mine.uid, upload_id)
        return _no_upload() if job is None else _json(_finished(job))
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or offset + int(length) > note.size:
        raise TooLarge(f"{note.name} was said to have {note.size} bytes, and these are more: upload it again")
    try:
        there = await _pour(request, folder / PART, offset, note.size, note.name)
    except _Elsewhere as elsewhere:
        return problem(409, f"go on at byte {elsewhere.offset}", {"upload-offset": str(elsewhere.offset)})
    except _NoClip:
        await run_in_threadpool(shutil.rmtree, folder, True)
        raise
    if there < note.size:
        return _json(await run_in_threadpool(_state, folder))
    return _json(_finished(await run_in_threadpool(_submit, jobs, mine, folder)), 201)


async def _pour(request: Request, path: Path, offset: int, most: int, name: str) -> int:
    """Write what comes to the end of a file, a block at a time; gives its size then.

    What arrived before the connection broke is kept.
    """
    writer = await run_in_threadpool(_Writer, path, offset, most, name)
    buffer = bytearray()
    parts = aiter(request.stream())
    try:
        while True:
            try:
                part = await asyncio.wait_for(anext(parts), SILENCE_S)
            except StopAsyncIteration:
                break
            buffer += part
            if len(buffer) >= BLOCK_BYTES:
                block, buffer = buffer, bytearray()
                await run_in_threadpool(writer.write, block)
    finally:
        await asyncio.shield(run_in_threadpool(writer.close, buffer))
    return writer.offset


def _of_athlete(asked: Asked, mine: AthleteDiary) -> Asked:
    """What is asked, with what is missing of the runner taken from the profile."""
    from hipdrive.movements import Runner
    from hipdrive.training.profile import filled_in

    profile = mine.profile()
    said = Runner(asked.height_m, asked.mass_kg, asked.sex, asked.age_years, asked.speed_kmh)
    runner = filled_in(said, profile, datetime.now(ZoneInfo(profile.time_zone)).date())
    return replace(asked, **asdict(runner))


class _Writer:
    """The one request that writes an upload: one that comes later takes its place, as the earlier is likely dead."""

    _all: Final[dict[Path, _Writer]] = {}
    _choosing: Final = threading.Lock()

    def __init__(self, path: Path, offset: int, most: int, name: str) -> None:
        self._path, self._most, self._name = path, most, name
        self._writing = threading.Lock()
        self._file: IO[bytes] | None = None
        with self._choosing:
            earlier = self._all.get(path)
            self._all[path] = self
        if earlier is not None:
            earlier._end()
        with self._writing:
            self.offset = path.stat().st_size
            if offset != self.offset:
                self._forget()
                raise _Elsewhere(self.offset)
            self._file = path.open("ab", buffering=0)

    def write(self, block: bytes | bytearray) -> None:
        """Write a block."""
        with self._writing:
            if self._file is None:
                raise Overtaken
            if self.offset + len(block) > self._most:
                raise _too_large(self._name, self._most)
            if self.offset == 0 and len(block) >= min(HEAD_BYTES, self._most):
                try:
                    kind_of(bytes(block[:HEAD_BYTES]), self._name)
                except HipdriveError as error:
                    raise _NoClip(str(error)) from None
            if shutil.disk_usage(self._path.parent).free - len(block) < LEAST_FREE_BYTES:
                raise NoRoom("there is no room left on the disk: remove old results first")
            self._file.write(block)
            self.offset += len(block)

    def close(self, rest: bytes | bytearray) -> None:
        """Write what is left, unless another one writes by now, and close the file."""
        try:
            if rest and self._file is not None:
                self.write(rest)
        finally:
            self._end()
            self._forget()

    def _end(self) -> None:
        with self._writing:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _forget(self) -> None:
        with self._choosing:
            if self._all.get(self._path) is self:
                del self._all[self._path]


class _Elsewhere(Exception):
    """The next byte is another one."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


class _NoClip(HipdriveError):
    """The first bytes are those of no clip."""


def _submit(jobs: Jobs, mine: AthleteDiary, folder: Path) -> Job:
    """Make a job of an upload that is there."""
    note = _note(folder)
    if note is None:
        raise HipdriveError("this upload was cancelled")
    try:
        job = jobs.submit(mine.uid, note.name, folder / PART, note.asked, job_id=folder.name)
    except HipdriveError as error:
        if isinstance(error, NoRoom):  # it can be tried again when there is
            raise
        shutil.rmtree(folder, ignore_errors=True)
        raise _NoClip(str(error)) from None
    (folder / NOTE).unlink(missing_ok=True)
    return job


def _folder(jobs: Jobs, mine: AthleteDiary, upload_id: str) -> Path:
    return athlete_folder(jobs.settings.folder, mine.uid) / str(uuid.UUID(upload_id))


def _note(folder: Path) -> Note | None:
    try:
        return msgspec.json.decode((folder / NOTE).read_bytes(), type=Note)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def _state(folder: Path) -> dict[str, Any] | None:
    """How far an upload is."""
    note = _note(folder)
    with suppress(FileNotFoundError):
        if note is not None:
            offset = (folder / PART).stat().st_size
            return _upload(folder.name, note.name, offset, note.size, None)
    return None


def _finished(job: Job) -> dict[str, Any]:
    told = {"id": job.id, "name": job.name, "state": job.state, "say": job.say}  # the rest tells GET /jobs/{id}
    return _upload(job.id, job.name, None, None, told)


def _upload(upload_id: str, name: str, offset: int | None, size: int | None, job: Any) -> dict[str, Any]:
    return {"id": upload_id, "name": name, "offset": offset, "size": size, "part_bytes": PART_BYTES, "job": job}


def _no_upload() -> Response:
    return problem(404, "there is no such upload: begin it again")


def _too_large(name: str, most: int) -> TooLarge:
    return TooLarge(f"{name} is larger than {most / 1024**2:g} MB: cut it to the set, or export it with 1080p")


# -- results -----------------------------------------------------------------------------------------------------------


@router.get("/jobs/{job_id}/files/{name}")
def result_file(request: Request, job_id: uuid.UUID, name: str) -> Response:
    """Give a file of a result; parts of it where a range is asked for."""
    mine, jobs = _who(request)
    job = jobs.get(mine.uid, str(job_id))
    if job is None:
        return _no_job()
    kind = "image/jpeg" if PICTURE.fullmatch(name) else FILES.get(name)
    path = None if kind is None else jobs.folder(job) / RESULT / name  # which comes into its place as a whole
    if path is None or not path.is_file():
        return problem(404, "there is no such file of this clip")
    headers = {"cache-control": "private, no-cache", "x-content-type-options": "nosniff"}
    if kind == "text/html":
        headers["content-security-policy"] = page_policy(path)
    return FileResponse(path, media_type=kind, headers=headers)


def page_policy(path: Path) -> str:
    """Security policy of a page that was written for the disk: its own, which names its scripts, and less still."""
    with path.open("rb") as file:
        own = OWN_POLICY.search(file.read(POLICY_WITHIN_BYTES))
    policy = "default-src 'none'" if own is None else html.unescape(own[1].decode("ascii", "ignore"))
    return f"{policy}; {SANDBOX}"


# -- how ---------------------------------------------------------------------------------------------------------------


def _who(request: Request) -> tuple[AthleteDiary, Jobs]:
    """Diary of whoever asks, and the queue."""
    from hipdrive.web.who import athlete_of

    return athlete_of(request), request.app.state.jobs


async def _answered(work: Callable[[Request], Any], request: Request) -> Response:
    """Answer, or say in one sentence why it could not be done and hang up, as the rest may still be on its way."""
    from hipdrive.web.who import NobodyYet, NotSignedIn

    try:
        answer: Response = await work(request)
        return answer
    except (NotSignedIn, NobodyYet):
        raise
    except HipdriveError as error:
        status, sentence = STATUSES.get(type(error), 422), str(error)
    except Overtaken:
        status, sentence = 409, "another connection goes on with this upload"
    except (ClientDisconnect, TimeoutError):
        status, sentence = 408, "the connection broke: ask how many bytes are there, and go on"
    except FileNotFoundError:
        status, sentence = 404, "this upload was cancelled"
    except OSError as error:
        status, sentence = 507, f"the clip cannot be written: {error.strerror or error}"
    return problem(status, sentence, {"connection": "close"})


STATUSES: Final[dict[type[HipdriveError], int]] = {TooLarge: 413, NoRoom: 507, _NoClip: 415}


def _json(content: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")


def _no_job() -> Response:
    return problem(404, "there is no such clip here")
