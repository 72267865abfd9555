"""One click out of the weekly mail: tokens that only hipdrive can write, and a small page that takes them.

The page is a WSGI application, so that it runs by itself or within another one. A look at the page (GET) changes
nothing, because scanners of mail follow every link; the button, or the mail program itself (RFC 8058), posts.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from wsgiref.simple_server import WSGIRequestHandler

from hipdrive.errors import HipdriveError

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from hipdrive.diary import AthleteDiary, Diary

DIGEST: Final = "digest"  # the list, and the setting that says where it goes; not set when it is not wanted
WANTED: Final = "digest_wanted"  # setting: asked for and not yet confirmed
SECRET: Final = "unsubscribe_secret"  # setting: what tokens of this athlete are signed with
SECRET_BYTES: Final = 32
MOST_TOKEN_LETTERS: Final = 400
MOST_BODY_BYTES: Final = 10_000

PAGE: Final = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>hipdrive: weekly mail</title>
<style>
body {{ margin: 0 auto; padding: 3rem 1rem; max-width: 30rem; font: 1.0625rem/1.55 system-ui, sans-serif; }}
h1 {{ font-size: 1.5rem; line-height: 1.25; }}
button {{ font: inherit; padding: 0.6rem 1.4rem; border: 0; border-radius: 0.5rem; background: #1d5f8c; color: #fff; }}
button:focus-visible {{ outline: 3px solid #7fb8e0; outline-offset: 2px; }}
</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""
ASK: Final = PAGE.format(
    title="Stop the weekly mail?",
    body="<p>One click, and no more of it will come. Your diary and your plan stay as they are.</p>\n"
    '<form method="post"><button name="List-Unsubscribe" value="One-Click">Stop the weekly mail</button></form>',
)
DONE: Final = PAGE.format(
    title="The weekly mail is off.",
    body="<p>No more of it will come. Should you want it back: <code>hipdrive digest on</code>.</p>",
)
UNKNOWN: Final = PAGE.format(
    title="This link does not work.",
    body="<p>Perhaps a part of it is missing: open it from the mail once more. In the terminal, "
    "<code>hipdrive digest off</code> does the same.</p>",
)
TOO_MUCH: Final = PAGE.format(title="That is too much.", body="<p>Use the button of the page, please.</p>")
WRONG_WAY: Final = PAGE.format(title="That does not work.", body="<p>Open the link from the mail, please.</p>")

STATUS: Final = {
    200: "200 OK",
    404: "404 Not Found",
    405: "405 Method Not Allowed",
    413: "413 Content Too Large",
}
HEADERS: Final = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "no-store"),
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Robots-Tag", "noindex"),
]


def unsubscribe_token(athlete: AthleteDiary, of: str = DIGEST) -> str:
    """Token that gets an athlete off a list. It names both and no mail address, and stays the same."""
    with athlete.together():
        secret = athlete.setting(SECRET)
        if secret is None:
            secret = secrets.token_hex(SECRET_BYTES)
            athlete.set_setting(SECRET, secret)
    return f"{_text(f'{of}:{athlete.uid}'.encode())}.{_signature(secret, of, athlete.uid)}"


def whose(diary: Diary, token: str, of: str = DIGEST) -> AthleteDiary | None:
    """Athlete who was given a token; None for one that hipdrive did not write."""
    if len(token) > MOST_TOKEN_LETTERS:
        return None
    named, _, signature = token.partition(".")
    try:
        name, _, uid = base64.urlsafe_b64decode(f"{named}{'=' * (-len(named) % 4)}").decode().partition(":")
    except (ValueError, binascii.Error):
        return None
    athlete = diary.athlete(uid) if uid in [known for known, _ in diary.athletes()] else None
    secret = None if athlete is None else athlete.setting(SECRET)
    # an unknown one takes as long as a known one
    expected = _signature(secret or secrets.token_hex(SECRET_BYTES), of, uid)
    genuine = hmac.compare_digest(expected.encode(), signature.encode())
    return athlete if genuine and secret is not None and name == of else None


def switch_off(athlete: AthleteDiary) -> bool:
    """Switch the weekly mail off, asked for or confirmed; whether it was on."""
    with athlete.together():
        was_on = athlete.setting(DIGEST) is not None
        athlete.set_setting(DIGEST, None)
        athlete.set_setting(WANTED, None)
    return was_on


def unsubscribe_app(diary: Diary) -> WSGIApplication:
    """Page at which the weekly mail is switched off.

    The last part of the path is the token. GET shows a button, POST switches off; again changes nothing more. A token
    that is not known is a page that is not there, whoever it names.

    Parameters
    ----------
    diary : Diary
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        code, page = _answer(diary, environ)
        data = page.encode()
        more = [("Allow", "GET, HEAD, POST")] if code == 405 else []
        start_response(STATUS[code], [*HEADERS, *more, ("Content-Length", str(len(data)))])
        return [] if environ.get("REQUEST_METHOD") == "HEAD" else [data]

    return answer


class QuietHandler(WSGIRequestHandler):
    """For `wsgiref`: keeps no log, as tokens stand in the paths, and waits for nobody."""

    timeout = 10.0  # s; one slow caller must not keep the others waiting

    def handle(self) -> None:
        """Answer one caller, or let go of one who says nothing."""
        with suppress(TimeoutError, ConnectionError):
            super().handle()

    def log_message(self, format: str, *args: object) -> None:
        """Write nothing."""


def _answer(diary: Diary, environ: WSGIEnvironment) -> tuple[int, str]:
    method = environ.get("REQUEST_METHOD", "GET")
    if method not in ("GET", "HEAD", "POST"):
        return 405, WRONG_WAY
    if method == "POST" and not _swallowed(environ):
        return 413, TOO_MUCH
    try:
        athlete = whose(diary, str(environ.get("PATH_INFO", "")).rstrip("/").rpartition("/")[2])
        if athlete is None:
            return 404, UNKNOWN
        if method == "POST":
            switch_off(athlete)
            return 200, DONE
    except HipdriveError:  # erased in this very moment
        return 404, UNKNOWN
    return 200, ASK


def _swallowed(environ: WSGIEnvironment) -> bool:
    """Read the body, which says nothing that the path does not; whether it was short enough."""
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return False
    if not 0 <= length <= MOST_BODY_BYTES:
        return False
    environ["wsgi.input"].read(length)
    return True


def _signature(secret: str, of: str, uid: str) -> str:
    return _text(hmac.digest(bytes.fromhex(secret), f"unsubscribe:{of}:{uid}".encode(), "sha256"))


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
