"""How a route of the API is made: bodies read and checked, answers written, complaints told, all of it described."""

from __future__ import annotations

import hashlib
import inspect
import shutil
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from fastapi import Path as PathPart
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BeforeValidator
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from hipdrive.diary import AthleteDiary
from hipdrive.diary.limits import whole
from hipdrive.errors import HipdriveError, NameTaken, NotInDiary
from hipdrive.web import who
from hipdrive.web.described import schema_of
from hipdrive.web.jobs import LEAST_FREE_BYTES, NoRoom
from hipdrive.web.problems import CLOSE, PROBLEM, SILENT, Problem, problem, sentence
from hipdrive.web.who import NobodyYet, NotSignedIn

PREFIX: Final = "/api/v1"
JSON: Final = "application/json"
BYTES: Final = "application/octet-stream"
MOST_BODY_BYTES: Final = 8 * 1024 * 1024  # of JSON: a session has some hundred, an import of a thousand runs 300,000
BLOCK_BYTES: Final = 1024**2  # of a file that are held in memory
MOST_PAGE: Final = 1000
PAGE: Final = 100

T = TypeVar("T")
Function = TypeVar("Function", bound=Callable[..., Any])

WELL: Final[Mapping[int, str]] = {
    200: "Here it is.",
    201: "It is kept.",
    202: "It is there and waits for its turn; the header Location says where to ask how far it is.",
    204: "It is done.",
    206: "The part that the header Range asked for.",
}
WHY: Final[Mapping[int, str]] = {
    304: "Nothing has changed since the answer with this ETag.",
    401: "Nobody is signed in: give a token.",
    404: "There is no such thing, or it is not yours.",
    408: "Nothing came for a minute: send it again, or go on.",
    409: "It does not go together with what is there, or the diary has not begun: put a profile first.",
    413: "It is larger than what is taken.",
    415: "It is not of a kind that is taken.",
    416: "The header Range asks for what is not in it.",
    422: "It cannot be understood, or is out of its limits.",
    507: "There is no room left on the disk.",
}


class ApiRoute(APIRoute):
    """A route whose complaints are problem details, and whose answers have an ETag."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap what FastAPI does."""
        handler = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return unless_known(request, await handler(request))
            except RequestValidationError as error:
                return problem(422, sentence(error.errors()))
            except ClientDisconnect:
                return problem(400, "the connection broke: send it again")
            except TimeoutError:
                return problem(408, SILENT)
            except Problem as error:
                return problem(error.status, str(error))
            except HTTPException as error:
                return problem(error.status_code, str(error.detail), dict(error.headers or {}))
            except HipdriveError as error:
                status = _status_of(error)
                return problem(status, str(error), {"WWW-Authenticate": "Bearer"} if status == 401 else None)

        return answered


class UploadRoute(ApiRoute):
    """A route for large bodies: with a complaint it hangs up, as the rest may still be on its way."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap what others do."""
        handler = super().get_route_handler()

        async def answered(request: Request) -> Response:
            response = await handler(request)
            if response.status_code >= 400:
                response.headers.update(CLOSE)
            return response

        return answered


def _status_of(error: HipdriveError) -> int:
    """Status of a complaint; what the diary will not take cannot be processed."""
    by_kind = {NotSignedIn: 401, NotInDiary: 404, NameTaken: 409, NobodyYet: 409, NoRoom: 507}
    return next((status for kind, status in by_kind.items() if isinstance(error, kind)), 422)


def unless_known(request: Request, response: Response) -> Response:
    """Answer "not modified" to those who have just this already."""
    if request.method not in ("GET", "HEAD") or response.status_code != 200 or type(response) is not Response:
        return response
    mark = f'"{hashlib.sha256(response.body).hexdigest()[:32]}"'
    kept = {"ETag": mark, "Cache-Control": response.headers.get("Cache-Control", "private, no-cache")}
    known = [one.strip().removeprefix("W/") for one in request.headers.get("If-None-Match", "").split(",")]
    if mark in known or known == ["*"]:
        return Response(status_code=304, headers=kept)
    response.headers.update(kept)
    return response


# -- who asks ------------------------------------------------------------------------------------------------------


def me(request: Request) -> AthleteDiary:
    """Diary of whoever asks."""
    return who.athlete_of(request)


def me_or_nobody(request: Request) -> AthleteDiary | None:
    """Diary of whoever asks; None where it has not begun."""
    try:
        return me(request)
    except NobodyYet:
        return None


Me = Annotated[AthleteDiary, Depends(me)]


# -- what is described ---------------------------------------------------------------------------------------------


class Described:
    """Adds routes to a router together with what they take and give.

    Attributes
    ----------
    given, taken : list of type
        What the routes give and take; see `hipdrive.web.described.components`.
    """

    def __init__(self, router: APIRouter) -> None:
        self.router = router
        self.given: list[Any] = []
        self.taken: list[Any] = []

    def route(
        self,
        method: str,
        path: str,
        tag: str,
        *,
        gives: Any = None,
        takes: Any = None,
        open_to_more: bool = False,
        status: int = 200,
        also: Sequence[int] = (),
        problems: Sequence[int] = (),
        file: str | Sequence[str] | None = None,
        upload: str | None = None,
        upload_needed: bool = True,
        parameters: Sequence[Mapping[str, Any]] = (),
    ) -> Callable[[Function], Function]:
        """Make a route of a function; its docstring is what strangers read.

        Parameters
        ----------
        method, path, tag : str
        gives, takes : type or None
            What is sent and taken as JSON.
        open_to_more : bool
            What is taken may have fields that are not known, and limits of its own.
        status : int
            When all is well.
        also : sequence of int
            Other statuses of the same answer.
        problems : sequence of int
            What else can be answered, beside 401, 409 and 422.
        file : str or sequence of str or None
            Media types of an answer that is no JSON.
        upload : str or None
            Media type of a body that is no JSON.
        upload_needed : bool
            Whether there has to be one.
        parameters : sequence of mapping
            Descriptions of parameters that the function reads by itself.
        """

        def add(function: Function) -> Function:
            summary, _, description = (inspect.getdoc(function) or "").partition("\n\n")
            self.router.add_api_route(
                path,
                function,
                methods=[method],
                tags=[tag],
                status_code=status,
                summary=summary.rstrip("."),
                description=description,
                operation_id=function.__name__,
                response_model=None,
                response_class=Response,
                responses=self._answers(method, gives, (status, *also), problems, file),
                openapi_extra=self._body(takes, upload, upload_needed, open_to_more=open_to_more)
                | ({"parameters": [dict(one) for one in parameters]} if parameters else {}),
                route_class_override=UploadRoute if upload else None,
            )
            return function

        return add

    def _answers(
        self,
        method: str,
        gives: Any,
        well: Sequence[int],
        problems: Sequence[int],
        file: str | Sequence[str] | None,
    ) -> dict[int | str, dict[str, Any]]:
        told: dict[int | str, dict[str, Any]] = {status: {"description": WELL[status]} for status in well}
        content: dict[str, Any] = {}
        if gives is not None:
            self.given.append(gives)
            content = {JSON: {"schema": schema_of(gives)}}
        elif file is not None:
            kinds = [file] if isinstance(file, str) else file
            content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in kinds}
        if content:
            for status in well:
                told[status]["content"] = content
        if method == "GET":
            told[304] = {"description": WHY[304]}
        for bad in sorted({401, 409, 422, *problems}):
            content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
            told[bad] = {"description": WHY[bad], "content": content}
        return told

    def _body(self, takes: Any, upload: str | None, needed: bool, *, open_to_more: bool) -> dict[str, Any]:
        if takes is not None:
            (self.given if open_to_more else self.taken).append(takes)
            return {"requestBody": {"required": True, "content": {JSON: {"schema": schema_of(takes)}}}}
        if upload is not None:
            content = {upload: {"schema": {"type": "string", "format": "binary"}}}
            return {"requestBody": {"required": needed, "content": content}}
        return {}


# -- what is asked -------------------------------------------------------------------------------------------------


def _read_day(text: Any) -> date:
    try:
        return msgspec.convert(text, date)
    except msgspec.ValidationError:
        raise ValueError("give a day such as 2026-11-20") from None


Day = Annotated[date, BeforeValidator(_read_day), PathPart(description="A day, such as 2026-11-20.")]
Limit = Annotated[
    int,
    Query(ge=1, le=MOST_PAGE, description="How many at most; a day is never divided, so there may be a few more."),
]
DAY_ASKED: Final = BeforeValidator(lambda text: None if text is None else _read_day(text))
Before = Annotated[
    date | None,
    DAY_ASKED,
    Query(description="Only what is of earlier days than this one. The header Link of an answer has the next page."),
]


def body_of(
    kind: type[T], most_bytes: int = MOST_BODY_BYTES, *, open_to_more: bool = False
) -> Callable[[Request], Awaitable[T]]:
    """Reader of a JSON body: of the right type, with no field that is not known, and not too large."""

    async def read(request: Request) -> T:
        if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != JSON:
            raise Problem(415, f"send it as JSON, with the header Content-Type: {JSON}")
        content = bytearray()
        async for chunk in request.stream():
            content += chunk
            _check_size(len(content), most_bytes)
        return await run_in_threadpool(decoded, bytes(content), kind, open_to_more=open_to_more)

    return read


def decoded(content: bytes, kind: type[T], *, open_to_more: bool = False) -> T:
    """Read JSON strictly.

    Raises
    ------
    Problem
        When it is no JSON of this kind, or has a field that is not known.
    """
    try:
        value: T = whole(msgspec.json.decode(content, type=kind))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(422, f"this cannot be read: {error}") from None
    if open_to_more:
        return value
    unknown = next(_unknown(msgspec.json.decode(content), msgspec.to_builtins(value)), None)
    if unknown is not None:
        raise Problem(422, f"there is no field {unknown[:40]!r}: look for its name in the description of the API")
    return value


def _unknown(sent: Any, read: Any) -> Iterator[str]:
    """Fields that were sent and that nobody has read."""
    if isinstance(sent, dict) and isinstance(read, dict):
        for name, value in sent.items():
            if name in read:
                yield from _unknown(value, read[name])
            else:
                yield name
    elif isinstance(sent, list) and isinstance(read, (list, tuple)):
        for one, other in zip(sent, read, strict=False):
            yield from _unknown(one, other)


async def keep_body(request: Request, path: Path, most_bytes: int, name: str = "this") -> None:
    """Write a body into a file, block by block.

    Raises
    ------
    Problem
        When there is none, it is larger than that, or there is no room on the disk.
    """

    def write(block: bytes | bytearray) -> None:
        if shutil.disk_usage(path.parent).free - len(block) < LEAST_FREE_BYTES:
            raise OSError
        file.write(block)

    _check_size(announced(request), most_bytes, name)
    size, buffer = 0, bytearray()
    try:
        with path.open("wb") as file:
            async for chunk in request.stream():
                size += len(chunk)
                _check_size(size, most_bytes, name)
                buffer += chunk
                if len(buffer) >= BLOCK_BYTES:
                    await run_in_threadpool(write, buffer)
                    buffer = bytearray()
            await run_in_threadpool(write, buffer)
    except TimeoutError:
        raise
    except OSError:
        raise Problem(507, "there is no room left on the disk: remove old results first") from None
    if not size:
        raise Problem(422, "the body is empty: send the file as the body of the request")


def announced(request: Request) -> int:
    """Bytes that a body is said to have; 0 where it is not said."""
    told = request.headers.get("Content-Length", "")
    return int(told) if told.isascii() and told.isdigit() else 0


def _check_size(size: int, most_bytes: int, name: str = "this") -> None:
    if size > most_bytes:
        raise Problem(413, f"{name} is larger than what is taken, {most_bytes:,} bytes: send less at once")


# -- what is answered ----------------------------------------------------------------------------------------------


def answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer in JSON, as the diary writes it."""
    return Response(msgspec.json.encode(value), status, headers, JSON)


def page(
    request: Request, records: Sequence[T], day_of: Callable[[T], date], limit: int, before: date | None
) -> Response:
    """Answer with the newest records before a day, in the order of time.

    All of a day come together, so that none is lost between two pages.
    """
    there = [one for one in records if before is None or day_of(one) < before]
    if len(there) <= limit:
        return answer(there)
    first = day_of(there[-limit])
    shown = [one for one in there if day_of(one) >= first]
    earlier = request.url.include_query_params(limit=limit, before=first.isoformat())
    link = {"Link": f'<{earlier.path}?{earlier.query}>; rel="next"'} if len(shown) < len(there) else None
    return answer(shown, headers=link)
