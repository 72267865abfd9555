"""What the API says when it cannot do what was asked: one sentence, as problem details (RFC 9457)."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec
from starlette.responses import Response

PROBLEM: Final = "application/problem+json"
SILENT: Final = "nothing came for a minute, so the connection was taken for broken: send it again"
CLOSE: Final = {"connection": "close"}  # with a complaint about a body of which the rest may still be on its way

SCHEMA: Final[dict[str, Any]] = {
    "title": "Problem",
    "description": "Why it could not be done (RFC 9457). The detail is one sentence that can be shown to people.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string", "description": "What the status means."},
        "status": {"type": "integer", "description": "The HTTP status, once more."},
        "detail": {"type": "string", "description": "What is wrong, and what to do."},
    },
    "examples": [
        {
            "type": "about:blank",
            "title": "Unprocessable Content",
            "status": 422,
            "detail": "the pain of the session is 11: it has to be 0 to 10",
        }
    ],
}

# by name in RFC 9110; Python names them differently from release to release
TITLES: Final = {413: "Content Too Large", 422: "Unprocessable Content"}


class Problem(Exception):
    """Something that cannot be done.

    Parameters
    ----------
    status : int
        Of HTTP.
    detail : str
        One sentence.
    """

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    """Answer that says why it could not be done."""
    title = TITLES.get(status) or HTTPStatus(status).phrase
    content = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return Response(msgspec.json.encode(content), status, headers, PROBLEM)


def sentence(errors: Sequence[Any]) -> str:
    """One sentence of what pydantic says about parameters.

    Examples
    --------
    >>> sentence([{"loc": ("query", "weeks"), "msg": "Input should be greater than or equal to 1"}])
    'weeks: input should be greater than or equal to 1'
    """
    first = errors[0]
    message = str(first["msg"]).removeprefix("Value error, ")
    return f"{first['loc'][-1]}: {message[:1].lower()}{message[1:]}"
