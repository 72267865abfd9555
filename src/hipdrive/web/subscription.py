"""The plan of one athlete for calendar programs, which can show neither a cookie nor a token, at a secret address.

The secret is 256 bits of chance in the path; the diary keeps its SHA-256. It gives this calendar and nothing else, and
nothing can be changed with it. Where nobody signs in there is no secret: ``/api/v1/plan.ics`` is for every program on
this machine.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response

from hipdrive.exchange.subscribed import calendar_of
from hipdrive.training.programme import plan
from hipdrive.web import accounts
from hipdrive.web.rest import PREFIX, unless_known
from hipdrive.web.security import CALENDARS, network_of, own_origin

if TYPE_CHECKING:
    from hipdrive.diary import AthleteDiary

ICS: Final = "text/calendar"
ENDING: Final = ".ics"
PLAN: Final = f"{PREFIX}/plan{ENDING}"
HEADERS: Final = {"referrer-policy": "no-referrer", "x-robots-tag": "noindex"}
UNKNOWN: Final = "There is no calendar at this address (any more): the page Plan of hipdrive makes a new one.\n"
TOO_OFTEN: Final = "This was asked for too often: set the calendar to every hour or so.\n"

router = APIRouter(include_in_schema=False)


@router.api_route(f"{CALENDARS}{{name}}", methods=["GET", "HEAD"])
def subscribed(request: Request, name: str) -> Response:
    """Give the calendar of whoever has this address."""
    state = request.app.state
    address = network_of(request.client.host if request.client else "")
    wait_s = state.calendars.wait_s("address", address)
    known = state.settings.accounts and name.endswith(ENDING)
    mine = accounts.athlete_of_calendar(state.diary, name.removesuffix(ENDING)) if known and not wait_s else None
    if mine is not None:
        wait_s = state.calendars.wait_s("calendar", mine.uid)
    if wait_s:
        return PlainTextResponse(TOO_OFTEN, 429, {**HEADERS, "retry-after": str(math.ceil(wait_s))})
    if mine is None:
        return PlainTextResponse(UNKNOWN, 404, HEADERS)
    return unless_known(request, Response(_calendar(mine), 200, HEADERS, ICS))


def address_for(connection: HTTPConnection, token: str | None) -> str:
    """Address for a calendar program, as whoever asks reaches the app; `token` is None where nobody signs in."""
    return own_origin(connection.scope) + (PLAN if token is None else f"{CALENDARS}{token}{ENDING}")


def _calendar(mine: AthleteDiary) -> bytes:
    history = mine.history()
    today = datetime.now(ZoneInfo(history.profile.time_zone)).date()
    return calendar_of(mine, history, plan(history, today), now=datetime.now(UTC))
