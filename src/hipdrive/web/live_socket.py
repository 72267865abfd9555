"""The live coach over a web socket: pictures in, what the coach sees out. Nothing is kept unless the runner says so.

The page sends, as text, ``{"do": "begin", "movement": "glute_bridge"}`` (or null, to let it be recognised) and is told
``{"kind": "ready"}``. From then on each binary message is a picture: eight bytes with the page's clock in milliseconds
(a big-endian double), then a JPEG or WebP of the camera, upright. The newest picture is looked at and those that wait
are dropped; every look is answered with ``{"kind": "sight", ...}``. ``{"do": "finish"}`` is answered with
``{"kind": "summary", ...}``: the whole set, examined as if it came from a file. After it, ``{"do": "keep"}``, with
``rpe``, ``pain`` and ``where`` if the runner says so, puts it into the diary and its curves among the results, and
closing the socket throws it away.
"""

from __future__ import annotations

import asyncio
import io
import json
import math
import struct
import time
from collections import deque
from dataclasses import asdict
from datetime import datetime
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import msgspec
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from hipdrive.errors import HipdriveError
from hipdrive.web.jobs import NoRoom
from hipdrive.web.who import athlete_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hipdrive.analysis import Examined
    from hipdrive.diary import AthleteDiary
    from hipdrive.live import LiveCoach, Sight
    from hipdrive.web.jobs import Jobs

ADDRESS: Final = "/live"
# Proposals: a picture of 640x480 has 30 to 60 kB as JPEG.
MOST_PICTURE_BYTES: Final = 1024 * 1024
MOST_TEXT_CHARACTERS: Final = 1000
MOST_SIDE_PX: Final = 1280
LEAST_SIDE_PX: Final = 64
MOST_MESSAGES_A_SECOND: Final = 120
SILENCE_S: Final = 60.0  # then the place is given to others
SUMMARY_WAITS_S: Final = 900.0  # for the runner to get up and choose
MOST_AT_ONCE: Final = 2  # each takes more than one processor core
CLOCK: Final = struct.Struct(">d")  # milliseconds
KINDS: Final = ("JPEG", "WEBP")
CONFIDENCE_SCALE: Final = 100

REFUSED: Final = 1008  # RFC 6455 7.4.1: a message that breaks the rules of this place
BUSY: Final = 1013  # IANA's registry of close codes: try again later

router: Final = APIRouter()
places: Final = BoundedSemaphore(MOST_AT_ONCE)


class Told(msgspec.Struct, frozen=True):
    """What the page says in words."""

    do: str
    movement: str | None = None
    rpe: float | None = None
    pain: float | None = None
    where: str = ""


class NotUnderstood(HipdriveError):
    """The page sent what it should not."""


@router.websocket(ADDRESS)
async def live(socket: WebSocket) -> None:
    """Coach one set after the other for as long as the page is open."""
    try:
        athlete = await run_in_threadpool(athlete_of, socket)
    except HipdriveError:  # not signed in, or nobody has begun: the page itself says so
        await socket.close(REFUSED)
        return
    await socket.accept()
    if not places.acquire(blocking=False):
        await _end(socket, BUSY, "others are being coached right now: try again in a few minutes")
        return
    try:
        async with _Set(socket, athlete) as coached:
            await coached.run()
    except WebSocketDisconnect:
        return
    except HipdriveError as error:
        await _end(socket, REFUSED, str(error))
    finally:
        places.release()


async def _end(socket: WebSocket, code: int, why: str) -> None:
    """Say why, and close."""
    if socket.client_state is not WebSocketState.CONNECTED:
        return
    try:
        await socket.send_text(json.dumps({"kind": "refused", "say": why}))
        await socket.close(code)
    except WebSocketDisconnect:
        return


class _Set:
    """One connection: its coach, the picture that waits, and what came of the set."""

    def __init__(self, socket: WebSocket, athlete: AthleteDiary) -> None:
        self._socket = socket
        self._athlete = athlete
        self._coach: LiveCoach | None = None
        self._examined: Examined | None = None
        self._waiting: bytes | None = None
        self._has_come = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self._arrivals: deque[float] = deque(maxlen=MOST_MESSAGES_A_SECOND)

    async def __aenter__(self) -> _Set:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stop()

    async def run(self) -> None:
        """Take messages until the page closes."""
        while True:
            text, picture = await self._next()
            if picture is not None:
                if self._looking is not None and self._looking.done():
                    await self._looking  # raises what has ended it
                if self._coach is not None:
                    self._waiting = picture  # the one that waited is dropped
                    self._has_come.set()
            elif text is not None:
                await self._heed(_told(text))

    async def _next(self) -> tuple[str | None, bytes | None]:
        patience_s = SUMMARY_WAITS_S if self._examined is not None else SILENCE_S
        try:
            message = await asyncio.wait_for(self._socket.receive(), patience_s)
        except TimeoutError:
            raise HipdriveError("nothing has come for a while, so the camera was let go: begin again") from None
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1000))
        now = time.monotonic()
        if len(self._arrivals) == self._arrivals.maxlen and now - self._arrivals[0] < 1.0:
            raise NotUnderstood("that is more than can be looked at: send a picture when the last is answered")
        self._arrivals.append(now)
        return message.get("text"), message.get("bytes")

    async def _heed(self, told: Told) -> None:
        if told.do == "begin":
            await self._begin(told.movement)
        elif told.do == "finish" and self._coach is not None:
            await self._finish(self._coach)
        elif told.do == "keep" and self._examined is not None:
            try:
                said, result = await run_in_threadpool(self._keep, self._examined, told)
            except HipdriveError as error:  # the set is not lost for it
                await self._say(kind="not_kept", say=str(error))
                return
            self._examined = None  # once
            await self._say(kind="kept", say=said, result=result)
        else:
            raise NotUnderstood("this cannot be done now: begin a set first")

    async def _begin(self, movement: str | None) -> None:
        from hipdrive.live import LiveCoach

        await self._stop()
        self._examined = None
        self._coach = await run_in_threadpool(LiveCoach, movement)
        self._looking = asyncio.create_task(self._look(self._coach))
        await self._say(kind="ready", movement=movement)

    async def _look(self, coach: LiveCoach) -> None:
        """Look at the newest picture, again and again, until this coach is let go."""
        while True:
            await self._has_come.wait()
            self._has_come.clear()
            picture, self._waiting = self._waiting, None
            if self._coach is not coach:
                return
            if picture is None:
                continue
            came = time.perf_counter()
            try:
                sight, clock_ms = await run_in_threadpool(_see, coach, picture)
                took_ms = round(1000 * (time.perf_counter() - came))
                await self._say(kind="sight", clock_ms=clock_ms, took_ms=took_ms, **_sight(sight))
            except WebSocketDisconnect:
                return
            except HipdriveError as error:
                await _end(self._socket, REFUSED, str(error))
                return

    async def _finish(self, coach: LiveCoach) -> None:
        await self._stop()
        name = f"live {datetime.now(ZoneInfo(self._athlete.profile().time_zone)):%Y-%m-%d %H:%M:%S}"
        try:
            self._examined = await run_in_threadpool(coach.finish, name)
        except HipdriveError as error:
            await self._say(kind="nothing", say=str(error))
            return
        await self._say(kind="summary", **_summary(self._examined))

    def _keep(self, examined: Examined, told: Told) -> tuple[str, str | None]:
        """Put the set into the diary and among the results; gives what to say, and the result's id."""
        from hipdrive.diary.entries import enter_analysis

        today = datetime.now(ZoneInfo(self._athlete.profile().time_zone)).date()
        said = enter_analysis(
            self._athlete, examined.analysis, today, rpe=told.rpe, pain=told.pain, where=told.where if told.pain else ""
        )
        jobs: Jobs = self._socket.app.state.jobs
        try:
            return said, jobs.put_result(self._athlete.uid, examined).id
        except NoRoom as error:
            return f"{said} Its curves are not kept: {error}.", None

    async def _stop(self) -> None:
        """Let the coach go, once it has looked at the picture that it has."""
        looking, self._looking = self._looking, None
        coach, self._coach = self._coach, None
        self._waiting = None
        self._has_come.set()
        if looking is not None:
            await looking
        self._has_come.clear()
        if coach is not None:
            await run_in_threadpool(coach.close)

    async def _say(self, **told: Any) -> None:
        await self._socket.send_text(json.dumps(told, separators=(",", ":")))


def _told(text: str) -> Told:
    if len(text) > MOST_TEXT_CHARACTERS:
        raise NotUnderstood("that is too long to be understood")
    try:
        return msgspec.json.decode(text, type=Told)
    except msgspec.DecodeError:
        raise NotUnderstood("that was not understood: load the page again") from None


def _see(coach: LiveCoach, message: bytes) -> tuple[Sight, float]:
    clock_ms, picture = read_picture(message)
    return coach.see(picture, clock_ms / 1000), clock_ms


def read_picture(message: bytes) -> tuple[float, NDArray[np.uint8]]:
    """Time [ms] and picture (RGB) of a message.

    Raises
    ------
    HipdriveError
        When it is too large, or no picture of a kind that browsers make of a camera.
    """
    import cv2
    import numpy as np
    from PIL import Image, UnidentifiedImageError

    if not CLOCK.size < len(message) <= MOST_PICTURE_BYTES:
        raise NotUnderstood(f"a picture has {MOST_PICTURE_BYTES // 1024} kB at most")
    (clock_ms,) = CLOCK.unpack_from(message)
    if not math.isfinite(clock_ms):
        raise NotUnderstood("a picture needs the time at which it was taken")
    body = message[CLOCK.size :]
    try:
        with Image.open(io.BytesIO(body), formats=KINDS) as head:  # reads no more than the head
            size_px = head.size
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise NotUnderstood("pictures come as JPEG or WebP") from None
    if not LEAST_SIDE_PX <= min(size_px) <= max(size_px) <= MOST_SIDE_PX:
        raise NotUnderstood(f"a picture has {LEAST_SIDE_PX} to {MOST_SIDE_PX} pixels a side")
    picture = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    if picture is None:
        raise NotUnderstood("a picture arrived broken")
    return clock_ms, cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


# -- in words --------------------------------------------------------------------------------------------------------


def _sight(sight: Sight) -> dict[str, Any]:
    """As the page is told; landmarks as small whole numbers: x, y [px], confidence [%]."""
    points = None
    if sight.landmarks is not None:
        scaled = sight.landmarks * (1, 1, CONFIDENCE_SCALE)
        points = [round(number) for number in scaled.ravel().tolist()]
    return {
        "time_s": round(sight.time_s, 3),
        "points": points,
        "hint": None if sight.hint is None else asdict(sight.hint),
        "movement": sight.movement,
        "count": sight.count,
        "phase": sight.phase,
        "phase_s": round(sight.phase_s, 1),
        "cue": None if sight.cue is None else asdict(sight.cue),
        "ended": sight.ended,
    }


def _summary(examined: Examined) -> dict[str, Any]:
    from hipdrive.movements.advise import praise

    analysis, movement = examined.analysis, examined.movement
    return {
        "count": len(analysis.complete_repetitions),
        "movement": analysis.movement.id,
        "name": movement.name if movement else "No exercise that hipdrive knows",
        "unit": movement.words.repetition if movement else "repetition",
        "seconds": round(analysis.source.duration_s),
        "advice": [{"say": advice.say, "why": advice.why, "next": advice.next} for advice in analysis.advice],
        "praise": praise(movement, analysis.set) if movement else [],
        "warnings": [warning.text for warning in analysis.warnings],
    }
