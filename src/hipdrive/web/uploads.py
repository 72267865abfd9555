"""Clips on their way in, and files on their way out: the part of the API under ``/uploads`` and ``/jobs/{id}/files``.

A clip comes whole, as the body of ``POST /uploads?name=bridge.mp4``; then nothing is kept of one that breaks off. A
phone loses its connection now and then, so it can also come in parts. ``POST /uploads?name=bridge.mp4&size=123456``
without a body opens an upload and gives its id; ``PUT /uploads/{id}?offset=0`` brings bytes from there on, as many as
one likes, and whatever arrived before a connection broke is kept. ``GET /uploads/{id}`` says how many bytes are there,
and that is where to go on. With the last byte the upload becomes a job of the same id.
"""

from __future__ import annotations

import asyncio
import html
import re
import shutil
import threading
import time
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Annotated, Final
from zoneinfo import ZoneInfo

import msgspec
from fastapi import APIRouter, Query, Request
from fastapi import Path as PathPart
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from hipdrive.diary import AthleteDiary
from hipdrive.errors import HipdriveError
from hipdrive.movements import MOVEMENTS, Runner
from hipdrive.report.pieces import CURVES, PICTURE, PICTURES
from hipdrive.training.profile import filled_in
from hipdrive.web.described import query_of
from hipdrive.web.jobs import LEAST_FREE_BYTES, Job, Jobs, NoRoom, athlete_folder, checked_asked, make_private
from hipdrive.web.kinds import HEAD_BYTES, kind_of, shown_name
from hipdrive.web.messages import FileTold, JobTold, UploadTold
from hipdrive.web.problems import Problem, problem
from hipdrive.web.rest import BLOCK_BYTES, BYTES, PREFIX, ApiRoute, Described, Me, announced, answer
from hipdrive.web.worker import Asked

PART_BYTES: Final = 8 * 1024**2  # that a page sends at once: seconds on a slow road; proposal
MOST_UNFINISHED: Final = 5  # uploads of one athlete; proposal
ABANDONED_S: Final = 900.0  # without a byte, after which one may make room for another; proposal
MOST_NAME_LETTERS: Final = 500  # of a name that is taken; it is shown shorter
PART, NOTE = "incoming.part", "incoming.json"
ZIP: Final = "application/zip"
FORM: Final = "multipart/form-data"

# what is given away of a result, and as what
KINDS: Final = {
    ".html": "text/html",
    ".mp4": "video/mp4",
    ".json": "application/json",
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".glb": "model/gltf-binary",
}
PACKED: Final = frozenset({".html", ".json", ".csv", ".glb"})  # the others are small already
OWN_POLICY: Final = re.compile(rb'http-equiv="Content-Security-Policy" content="([^"]*)"')
POLICY_WITHIN_BYTES: Final = 4 * 1024**2  # the template's head; the scripts come later
SANDBOX: Final = "frame-ancestors 'self'; sandbox allow-scripts allow-downloads"
# reports show films that lie beside them, for which they have to come from the same place as those
WITH_FILMS: Final = {"report.html": " allow-same-origin"}

router = APIRouter(prefix=PREFIX, route_class=ApiRoute)
described = Described(router)
route = described.route

JobId = Annotated[str, PathPart(pattern="^[0-9a-f-]{36}$", description="As the answer to an upload, or /jobs, has it.")]
UploadId = Annotated[uuid.UUID, PathPart(description="As the answer to the POST has it.")]


class Overtaken(Exception):
    """Another request has begun to bring bytes of the same upload."""


class Note(msgspec.Struct, frozen=True):
    """What is known of an upload before it is there."""

    name: str
    size: int
    asked: Asked


# -- uploads -----------------------------------------------------------------------------------------------------------


@route(
    "POST",
    "/uploads",
    "clips",
    upload=BYTES,
    upload_needed=False,
    gives=UploadTold,
    status=202,
    also=[201],
    problems=[408, 413, 415, 507],
    parameters=query_of(Asked, {"movement": MOVEMENTS}),
)
async def post_upload(
    request: Request,
    me: Me,
    name: Annotated[
        str, Query(max_length=MOST_NAME_LETTERS, description="What you call it; its ending tells lab files apart.")
    ] = "",
    size: Annotated[
        int | None, Query(ge=1, description="Of the clip in bytes, when it is to come in parts; then without a body.")
    ] = None,
) -> Response:
    """Send a clip to be analysed: a video, a photograph, or a file from a lab.

    The body is the file as it is. The answer, 202, comes as soon as all of it is there; its header Location says where
    to ask how far the analysis is. Height, mass, sex and age are those of the profile where they are left out.

    Without a body, and with `size`, it opens an upload in parts, 201; see PUT.
    """
    jobs: Jobs = request.app.state.jobs
    said = {key: value for key, value in request.query_params.items() if key not in ("name", "size")}
    whole = "transfer-encoding" in request.headers or announced(request) > 0
    if whole and request.headers.get("content-type", "").startswith(FORM):
        raise Problem(415, "send the file itself as the body, not a form: curl --data-binary @bridge.mp4")
    if whole:
        size = announced(request) or None
    elif size is None:
        raise Problem(422, "the body is empty: send the file as the body, or say how many bytes will come, size=")
    name, most = shown_name(name), jobs.settings.most_upload_bytes
    if size is not None and size > most:
        raise _too_large(name, most)
    folder = _folder(jobs, me, str(uuid.uuid4()))
    await run_in_threadpool(_open, jobs, me, folder, Note(name, size or most, checked_asked(said)), size or 0)
    if not whole:
        return answer(await run_in_threadpool(_state, folder), 201, {"Location": f"{PREFIX}/uploads/{folder.name}"})
    try:
        await _pour(request, folder / PART, 0, size or most, name)
        return _finished(await run_in_threadpool(_submit, jobs, me, folder), 202)
    except BaseException:  # also when the one who sends is gone: a whole clip cannot go on
        await asyncio.shield(run_in_threadpool(shutil.rmtree, folder, True))
        raise


@route(
    "PUT",
    "/uploads/{id}",
    "clips",
    upload=BYTES,
    gives=UploadTold,
    also=[202],
    problems=[404, 408, 413, 415, 507],
)
async def put_upload(
    request: Request, me: Me, id: UploadId, offset: Annotated[int, Query(ge=0, description="Of the first byte.")]
) -> Response:
    """Bring bytes of a clip, from an offset on.

    What came before a connection broke is kept; where the offset is another one, the answer is 409 and its header
    Upload-Offset says where to go on. With the last byte it becomes a job of the same id, 202.
    """
    jobs: Jobs = request.app.state.jobs
    folder = _folder(jobs, me, str(id))
    note = await run_in_threadpool(_note, folder)
    if note is None:
        job = await run_in_threadpool(jobs.get, me.uid, str(id))
        if job is None:
            raise _no_upload()
        return _finished(job, 200)
    if offset + announced(request) > note.size:
        raise Problem(413, f"{note.name} was said to have {note.size} bytes, and these are more: upload it again")
    try:
        there = await _pour(request, folder / PART, offset, note.size, note.name)
    except _Elsewhere as elsewhere:
        return problem(409, f"go on at byte {elsewhere.offset}", {"upload-offset": str(elsewhere.offset)})
    except _NoClip:
        await run_in_threadpool(shutil.rmtree, folder, True)
        raise
    if there < note.size:
        return answer(await run_in_threadpool(_state, folder))
    return _finished(await run_in_threadpool(_submit, jobs, me, folder), 202)


@route("GET", "/uploads", "clips", gives=tuple[UploadTold, ...])
def get_uploads(request: Request, me: Me) -> Response:
    """Get uploads that were begun and not finished."""
    folders = sorted(athlete_folder(request.app.state.settings.folder, me.uid).glob(f"*/{NOTE}"))
    return answer([state for note in folders if (state := _state(note.parent)) is not None])


@route("GET", "/uploads/{id}", "clips", gives=UploadTold, problems=[404])
def get_upload(request: Request, me: Me, id: UploadId) -> Response:
    """Get how many bytes of a clip are there, which is where to go on."""
    jobs: Jobs = request.app.state.jobs
    job = jobs.get(me.uid, str(id))
    if job is not None:
        return _finished(job, 200)
    state = _state(_folder(jobs, me, str(id)))
    if state is None:
        raise _no_upload()
    return answer(state)


@route("DELETE", "/uploads/{id}", "clips", status=204, problems=[404])
def delete_upload(request: Request, me: Me, id: UploadId) -> Response:
    """Forget an upload; the analysis of one that is there already is cancelled."""
    jobs: Jobs = request.app.state.jobs
    folder = _folder(jobs, me, str(id))
    if jobs.cancel(me.uid, str(id)) is None:
        if not (folder / NOTE).is_file():
            raise _no_upload()
        shutil.rmtree(folder, ignore_errors=True)
    return Response(status_code=204)


def _open(jobs: Jobs, mine: AthleteDiary, folder: Path, note: Note, announced_bytes: int) -> None:
    """Make the folder of an upload, if there is room for it."""
    note = _of_athlete(note, mine)
    jobs.sweep()
    for abandoned in _abandoned(folder.parent):
        shutil.rmtree(abandoned, ignore_errors=True)
    states = [_state(path.parent) for path in folder.parent.glob(f"*/{NOTE}")]
    open_ones = [state for state in states if state is not None]
    if len(open_ones) >= MOST_UNFINISHED:
        raise NoRoom(f"{len(open_ones)} uploads are not finished: go on with them, or cancel them")
    to_come = sum((state.size or 0) - (state.offset or 0) for state in open_ones)
    jobs.check_room(mine.uid, announced_bytes + to_come)
    make_private(folder)
    (folder / PART).touch(mode=0o600)
    (folder / NOTE).write_bytes(msgspec.json.encode(note))


def _abandoned(folder: Path) -> list[Path]:
    """Uploads that nobody goes on with, when there are so many that no other could begin; the longest quiet first."""
    quiet_s = {path.parent: time.time() - path.stat().st_mtime for path in folder.glob(f"*/{PART}") if path.is_file()}
    too_many = 1 + len(quiet_s) - MOST_UNFINISHED
    quiet = sorted((each for each in quiet_s if quiet_s[each] > ABANDONED_S), key=lambda each: -quiet_s[each])
    return quiet[: max(0, too_many)]


async def _pour(request: Request, path: Path, offset: int, most: int, name: str) -> int:
    """Write what comes to the end of a file, a block at a time; gives its size then.

    What arrived before the connection broke is kept.
    """
    with _said_plainly():
        writer = await run_in_threadpool(_Writer, path, offset, most, name)
        buffer = bytearray()
        try:
            async for part in request.stream():
                buffer += part
                if len(buffer) >= BLOCK_BYTES:
                    block, buffer = buffer, bytearray()
                    await run_in_threadpool(writer.write, block)
        finally:
            await asyncio.shield(run_in_threadpool(writer.close, buffer))
        return writer.offset


@contextmanager
def _said_plainly() -> Iterator[None]:
    """Say in one sentence why bytes cannot be written."""
    try:
        yield
    except Overtaken:
        raise Problem(409, "another connection goes on with this upload") from None
    except TimeoutError:
        raise Problem(408, "nothing came for a minute: ask how many bytes are there, and go on") from None
    except FileNotFoundError:
        raise Problem(404, "this upload was cancelled") from None
    except OSError as error:
        raise Problem(507, f"the clip cannot be written: {error.strerror or error}") from None


def _of_athlete(note: Note, mine: AthleteDiary) -> Note:
    """What is asked, with what is missing of the runner taken from the profile."""
    asked, profile = note.asked, mine.profile()
    said = Runner(asked.height_m, asked.mass_kg, asked.sex, asked.age_years, asked.speed_kmh)
    runner = filled_in(said, profile, datetime.now(ZoneInfo(profile.time_zone)).date())
    return Note(note.name, note.size, replace(asked, **asdict(runner)))


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


class _NoClip(Problem):
    """The first bytes are those of no clip."""

    def __init__(self, detail: str) -> None:
        super().__init__(415, detail)


def _submit(jobs: Jobs, mine: AthleteDiary, folder: Path) -> Job:
    """Make a job of an upload that is there."""
    note = _note(folder)
    if note is None:
        raise Problem(404, "this upload was cancelled")
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


def _state(folder: Path) -> UploadTold | None:
    """How far an upload is."""
    note = _note(folder)
    with suppress(FileNotFoundError):
        if note is not None:
            offset = (folder / PART).stat().st_size
            return UploadTold(folder.name, note.name, offset, note.size, PART_BYTES, None)
    return None


def _finished(job: Job, status: int) -> Response:
    """Answer that all of an upload is there."""
    upload = UploadTold(job.id, job.name, None, None, PART_BYTES, told(job))
    return answer(upload, status, {"Location": f"{PREFIX}/jobs/{job.id}"})


def _no_upload() -> Problem:
    return Problem(404, "there is no such upload: begin it again")


def _too_large(name: str, most: int) -> Problem:
    return Problem(413, f"{name} is larger than {most / 1024**2:g} MB: cut it to the set, or export it with 1080p")


# -- results -----------------------------------------------------------------------------------------------------------


@route("GET", "/jobs/{id}/files", "clips", gives=tuple[FileTold, ...], problems=[404])
def get_files(request: Request, me: Me, id: JobId) -> Response:
    """Get which files a result has: the analysis, tables, landmarks, the report, the film.

    They are those of `hipdrive analyse` on the command line.
    """
    job = job_of(request, me, id)
    found = to_take_along(request.app.state.jobs, job)
    return answer([FileTold(path.name, KINDS[path.suffix], path.stat().st_size) for path in found])


@route("GET", "/jobs/{id}/files.zip", "clips", file=ZIP, problems=[404])
def get_all_files(request: Request, me: Me, id: JobId) -> Response:
    """Get all files of a result in one zip file."""
    job = job_of(request, me, id)
    found = to_take_along(request.app.state.jobs, job)
    if not found:
        raise Problem(404, f"there is no result of this clip ({job.state})")
    folder = TemporaryDirectory(prefix="hipdrive-")  # only its owner may look into it
    try:
        path = Path(folder.name) / "result.zip"
        _pack(found, path)
    except BaseException:
        folder.cleanup()
        raise
    name = f"hipdrive-{Path(job.name).stem or 'clip'}.zip"
    return FileResponse(path, media_type=ZIP, filename=name, background=BackgroundTask(folder.cleanup))


@route("GET", "/jobs/{id}/files/{name}", "clips", file=list(KINDS.values()), also=[206], problems=[404, 416])
def get_file(
    request: Request,
    me: Me,
    id: JobId,
    name: Annotated[str, PathPart(description="As /jobs/{id}/files has it, such as report.html.")],
) -> Response:
    """Get a file of a result; a part of it where the header Range asks for one."""
    job = job_of(request, me, id)
    path = next((path for path in files_of(request.app.state.jobs, job) if path.name == name), None)
    if path is None:
        raise Problem(404, "there is no such file of this clip: /jobs/{id}/files has those that are there")
    kind = KINDS[path.suffix]
    headers = {"cache-control": "private, no-cache", "x-content-type-options": "nosniff"}
    if kind == "text/html":
        headers["content-security-policy"] = page_policy(path)
    return FileResponse(path, media_type=kind, headers=headers)


def job_of(request: Request, mine: AthleteDiary, job_id: str) -> Job:
    """Job of whoever asks.

    Raises
    ------
    Problem
        When there is none, or it is another one's.
    """
    jobs: Jobs = request.app.state.jobs
    job = jobs.get(mine.uid, job_id)
    if job is None:
        raise Problem(404, "there is no such clip: /jobs has those that are there")
    return job


def files_of(jobs: Jobs, job: Job) -> list[Path]:
    """Files of a result that are given away; none before it is done."""
    if not jobs.has_result(job):
        return []
    return sorted(path for path in jobs.result(job).iterdir() if path.suffix in KINDS and path.is_file())


def to_take_along(jobs: Jobs, job: Job) -> list[Path]:
    """Files of a result as the command line has them, without what only the app needs."""
    pieces = (CURVES, PICTURES)
    return [path for path in files_of(jobs, job) if path.name not in pieces and not PICTURE.fullmatch(path.name)]


def told(job: Job) -> JobTold:
    """A job, without what is nobody's business."""
    return msgspec.convert(job, JobTold, from_attributes=True)


def _pack(files: list[Path], target: Path) -> None:
    with zipfile.ZipFile(target, "w") as archive:
        for path in files:
            archive.write(path, path.name, zipfile.ZIP_DEFLATED if path.suffix in PACKED else zipfile.ZIP_STORED)


def page_policy(path: Path) -> str:
    """Security policy of a page that was written for the disk: its own, which names its scripts, and less still."""
    with path.open("rb") as file:
        own = OWN_POLICY.search(file.read(POLICY_WITHIN_BYTES))
    policy = "default-src 'none'" if own is None else html.unescape(own[1].decode("ascii", "ignore"))
    return f"{policy}; {SANDBOX}{WITH_FILMS.get(path.name, '')}"
