"""What keeps others out: each a small layer round the whole app, its web sockets included.

Any page in any browser on this machine may send requests to a loopback address, so even without accounts the app
answers only to its own name (`OwnNames`), and to its own pages or to programs that are no browser (`OwnPages`). Where
other machines reach it, nothing but the page for signing in is open (`SignedIn`), whatever routes are added later.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
import math
import re
import secrets
import socket
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from hipdrive.web.problems import CLOSE, SILENT, problem
from hipdrive.web.settings import WebSettings, is_loopback
from hipdrive.web.who import optional_athlete, session_token

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE: Final = ("GET", "HEAD", "OPTIONS")  # RFC 9110 9.2.1: they change nothing
CSRF_HEADER: Final = "x-csrf-token"
LOGIN: Final = "/login"
OPEN: Final = frozenset({LOGIN, "/healthz", "/favicon.ico"})  # to those who are not signed in
CALENDARS: Final = "/calendar/"  # open, too: what follows is the secret of an athlete, and gives their calendar only
API: Final = "/api/"
UPLOADS: Final = ("/api/v1/uploads", "/api/v1/runs/file")  # these count by themselves and write to the disk
MOST_FORM_BYTES: Final = 16 * 1024  # of a form with a name and a password, which anybody may send
MOST_BODY_BYTES: Final = 64 * 1024**2  # a year of runs as one file; all other requests are far smaller; proposal
SILENCE_S: Final = 60.0  # for which the rest of a request may be waited for; proposal
CHECK_EVERY_S: Final = 15.0  # an open web socket is closed so soon after its owner signed out; proposal
REFUSED: Final = 1008  # RFC 6455 7.4.1: a message that breaks the rules of this place

# What a page may load and do. NiceGUI's templates are compiled in the browser (Vue) and its server sends it code to
# run, so 'unsafe-eval' has to be; scripts in the page carry a number of this answer, so that no other text becomes a
# script. Quasar and Plotly write styles into elements, which does not run anything.
POLICY: Final = (
    "default-src 'self'; script-src 'self' 'unsafe-eval'{nonce}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' blob:; connect-src 'self' blob: {sockets}; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
STRANGE: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox"  # for a drawing that is opened by itself
HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",  # with no-referrer, browsers say "Origin: null" of our own forms
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=(), display-capture=()",
}
SCRIPT: Final = re.compile(rb"<script(?=[\s>])")

FREE_TRIES: Final = 4  # before one has to wait; people mistype
LONGEST_WAIT_S: Final[dict[str, float]] = {"name": 60.0, "address": 900.0}  # a name's is short: others can cause it
FORGET_S: Final = 86_400.0
MOST_REMEMBERED: Final = 10_000  # names and addresses


# -- the name by which it is called ------------------------------------------------------------------------------------


class OwnNames:
    """Answer only to names of this machine.

    Another web site can let its own name point here and would then count as the same place for the browser (DNS
    rebinding). An address cannot be turned so: the one on which a request came in is always right.
    """

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self.app = app
        self.names = frozenset(names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on or refuse it."""
        if scope["type"] in ("http", "websocket") and not self._is_mine(scope):
            sentence = "hipdrive does not go by this name here: start it with --host and the name, or use its address\n"
            await _refuse(scope, receive, send, PlainTextResponse(sentence, 421))
            return
        await self.app(scope, receive, send)

    def _is_mine(self, scope: Scope) -> bool:
        hosts = Headers(scope=scope).getlist("host")
        name = _name_of(hosts[0]) if len(hosts) == 1 else None
        if name is None:
            return False
        server = scope.get("server")
        return name in self.names or (server is not None and _is_address(name) and name == str(server[0]).lower())


def own_names(settings: WebSettings) -> set[str]:
    """Names and addresses by which this machine is called."""
    names = {"localhost", "127.0.0.1", "::1", *settings.names}
    if settings.accounts:
        host = socket.gethostname().rstrip(".")
        names |= {host, host if host.endswith(".local") else f"{host}.local", *own_addresses()}
        if settings.host not in ("0.0.0.0", "::"):
            names.add(settings.host)
    return {name.lower().strip("[]") for name in names}


def own_addresses() -> list[str]:
    """Addresses of this machine in its networks; nothing is sent to find them."""
    found = []
    for family, elsewhere in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):  # RFC 5737, RFC 3849
        with socket.socket(family, socket.SOCK_DGRAM) as road:
            try:
                road.connect((elsewhere, 9))
            except OSError:  # no network of that kind
                continue
            found.append(str(road.getsockname()[0]).partition("%")[0])
    return [address for address in dict.fromkeys(found) if not is_loopback(address)]


def _name_of(host: str) -> str | None:
    """Name in a Host header, without the port."""
    matched = re.fullmatch(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?", host.lower())
    return matched[1].strip("[]").rstrip(".") if matched else None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


# -- the page that asks ------------------------------------------------------------------------------------------------


class OwnPages:
    """Answer to pages of this app and to programs, never to pages of others.

    Browsers say where a request comes from: in Origin (with everything that changes something, and with web sockets)
    and in Sec-Fetch-Site. Who says neither is no browser; with a cookie all the same, the token of `csrf_token` is
    asked for.
    """

    def __init__(self, app: ASGIApp, secret: str) -> None:
        self.app = app
        self.secret = secret

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on or refuse it."""
        if scope["type"] in ("http", "websocket") and not self._is_from_here(scope):
            sentence = "this came from another web site, so nothing was done: open hipdrive itself\n"
            await _refuse(scope, receive, send, PlainTextResponse(sentence, 403))
            return
        await self.app(scope, receive, send)

    def _is_from_here(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin is not None and origin.lower() != own_origin(scope):
            return False
        if scope["type"] == "http" and scope["method"] in SAFE:
            return site in (None, "same-origin", "none") or _is_a_visit(headers)
        if origin is not None or site is not None:
            return site in (None, "same-origin")
        token = session_token(HTTPConnection(scope))
        given = headers.get(CSRF_HEADER, "")
        return token is None or hmac.compare_digest(given.encode(), csrf_token(self.secret, token).encode())


def own_origin(scope: Scope) -> str:
    """Origin of the app's own pages as the browser that asks sees them."""
    scheme = "https" if scope["scheme"] in ("https", "wss") else "http"
    return f"{scheme}://{Headers(scope=scope).get('host', '')}".lower()


def csrf_token(secret: str, of: str) -> str:
    """Token that only a page made for the owner of the cookie `of` can know."""
    return hmac.new(secret.encode(), of.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()


def _is_a_visit(headers: Headers) -> bool:
    """Whether somebody follows a link to a page: it is shown to them, and the other site does not see it."""
    return headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"


# -- who is signed in --------------------------------------------------------------------------------------------------


class SignedIn:
    """Let nobody in who is not signed in, but for what `is_open`; a web socket ends soon after its owner signed out."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on, or lead to the page for signing in."""
        if scope["type"] not in ("http", "websocket") or is_open(scope["path"]):
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        if await run_in_threadpool(optional_athlete, connection) is None:
            await _refuse(scope, receive, send, _sign_in_first(connection))
            return
        watched = _watched(receive, connection) if scope["type"] == "websocket" else receive
        await self.app(scope, watched, send)


def is_open(path: str) -> bool:
    """Whether something is open to those who are not signed in."""
    return path in OPEN or path.startswith(CALENDARS)


def _watched(receive: Receive, connection: HTTPConnection) -> Receive:
    """Messages of a web socket until its owner is signed out."""
    checked_at = time.monotonic()

    async def next_message() -> Message:
        nonlocal checked_at
        message = await receive()
        if message["type"] == "websocket.receive" and time.monotonic() >= checked_at + CHECK_EVERY_S:
            if await run_in_threadpool(optional_athlete, connection) is None:
                return {"type": "websocket.disconnect", "code": REFUSED}
            checked_at = time.monotonic()
        return message

    return next_message


def _sign_in_first(connection: HTTPConnection) -> Response:
    path: str = connection.scope["path"]
    visit = connection.scope.get("method") in SAFE and "text/html" in connection.headers.get("accept", "")
    if visit and not path.startswith(API):
        return RedirectResponse(f"{LOGIN}?then={quote(path, safe='/')}", 303)
    return problem(401, "sign in first", {"www-authenticate": "Bearer"})


# -- how much ----------------------------------------------------------------------------------------------------------


class BodyLimit:
    """Read no more of a request than it may have, and wait no longer for the rest of it than it may be silent.

    Large uploads are counted where they are written.
    """

    def __init__(
        self,
        app: ASGIApp,
        most_bytes: int = MOST_BODY_BYTES,
        but: tuple[str, ...] = UPLOADS,
        silence_s: float = SILENCE_S,
    ) -> None:
        self.app = app
        self.most_bytes = most_bytes
        self.but = but
        self.silence_s = silence_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on, or end it where it becomes too large or is silent."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most_bytes = MOST_FORM_BYTES if is_open(scope["path"]) else self.most_bytes
        if scope["path"].startswith(self.but):
            most_bytes = sys.maxsize
        said = Headers(scope=scope).get("content-length", "0")
        if not (said.isascii() and said.isdigit()) or int(said) > most_bytes:
            await _too_large(most_bytes)(scope, receive, send)
            return
        got = 0
        begun = whole = False

        async def counted() -> Message:
            nonlocal got, whole
            async with asyncio.timeout(None if whole else self.silence_s):  # after all of it, it may take its time
                message = await receive()
            whole = not message.get("more_body", False)
            got += len(message.get("body", b""))
            if got > most_bytes:
                raise _TooLarge
            return message

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, counted, watched)
        except _TooLarge:
            if not begun:
                await _too_large(most_bytes)(scope, receive, send)
        except TimeoutError:
            if begun or whole:
                raise
            await problem(408, SILENT, CLOSE)(scope, receive, send)


def _too_large(most_bytes: int) -> Response:
    return problem(413, f"this is more than {most_bytes / 1024:,.0f} kB: send less at once", CLOSE)


class _TooLarge(Exception):
    """More came than may."""


# -- what browsers are told --------------------------------------------------------------------------------------------


class SafeHeaders:
    """Tell browsers what pages may do, and give the scripts that stand in a page the number that lets them run."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on with headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start: Message = {}
        page: list[bytes] | None = None  # what came of a page so far

        async def with_headers(message: Message) -> None:
            nonlocal start, page
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                kind = headers.get("content-type", "").partition(";")[0].strip()
                is_page = kind == "text/html" and scope["method"] != "HEAD" and "content-encoding" not in headers
                has_own = "content-security-policy" in headers  # a stricter one, of a route that knows what it gives
                nonce = secrets.token_urlsafe(16) if is_page and not has_own else None
                tell(headers, scope, kind, nonce)
                if nonce:
                    start, page = {**message, "nonce": nonce}, []
                    return
            elif page is not None and message["type"] == "http.response.body":
                page.append(message.get("body", b""))
                if message.get("more_body"):
                    return
                body = SCRIPT.sub(f'<script nonce="{start.pop("nonce")}"'.encode(), b"".join(page))
                MutableHeaders(scope=start)["content-length"] = str(len(body))
                page = None
                await send(start)
                message = {"type": "http.response.body", "body": body}
            await send(message)

        await self.app(scope, receive, with_headers)


def tell(headers: MutableHeaders, scope: Scope, kind: str = "text/html", nonce: str | None = None) -> None:
    """Put into an answer what a browser may do with it."""
    has_own = "content-security-policy" in headers  # which says who may frame it, better than the older header
    for name, value in HEADERS.items():
        if not (has_own and name == "x-frame-options"):
            headers.setdefault(name, value)
    sockets = own_origin(scope).replace("http", "ws", 1)  # older Safari does not count web sockets as 'self'
    policy = POLICY.format(nonce=f" 'nonce-{nonce}'" if nonce else "", sockets=sockets)
    strange = kind in ("image/svg+xml", "text/xml", "application/xml")
    headers.setdefault("content-security-policy", STRANGE if strange else policy)
    headers.setdefault("cache-control", "private, no-cache")


async def _refuse(scope: Scope, receive: Receive, send: Send, response: Response) -> None:
    """Answer, or close a web socket before it opens."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": REFUSED})
    else:
        await response(scope, receive, send)


# -- patience ----------------------------------------------------------------------------------------------------------


class Patience:
    """Who gives wrong passwords waits longer each time: for a name, and for the address it comes from.

    What is remembered lies in memory and is bounded; what was not heard of for longest is forgotten first.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, most: int = MOST_REMEMBERED) -> None:
        self.clock = clock
        self.most = most
        self._tries: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()  # how many, when the last
        self._lock = threading.Lock()

    def try_now(self, name: str, address: str) -> float:
        """Count a try before the password is looked at; gives the seconds to wait before one is allowed, 0 for now."""
        keys = [("name", name), ("address", network_of(address))]
        with self._lock:
            now = self.clock()
            wait = max(self._wait_s(key, now) for key in keys)
            if wait > 0:
                return wait
            for key in keys:
                count, last = self._tries.pop(key, (0, now))
                self._tries[key] = (1 if now - last > FORGET_S else count + 1, now)
            while len(self._tries) > self.most:
                self._tries.popitem(last=False)
        return 0.0

    def was_right(self, name: str, address: str) -> None:
        """Forget the tries for a name; those of an address only become one less, as others may share it."""
        with self._lock:
            self._tries.pop(("name", name), None)
            key = ("address", network_of(address))
            if key in self._tries:
                count, last = self._tries[key]
                self._tries[key] = (count - 1, last)

    def _wait_s(self, key: tuple[str, str], now: float) -> float:
        count, last = self._tries.get(key, (0, now))
        if count < FREE_TRIES:
            return 0.0
        pause = min(LONGEST_WAIT_S[key[0]], math.ldexp(1.0, min(count - FREE_TRIES, 30)))
        return max(0.0, last + pause - now)


class Sparingly:
    """So often in a while and no more, for each who asks.

    All at once or one after the other: each time is paid back by and by (the generic cell rate algorithm). What is
    remembered lies in memory and is bounded; what was not heard of for longest is forgotten first.

    Parameters
    ----------
    often : int
    while_s : float
    """

    def __init__(
        self, often: int, while_s: float, clock: Callable[[], float] = time.monotonic, most: int = MOST_REMEMBERED
    ) -> None:
        self.clock = clock
        self.most = most
        self._each_s = while_s / often
        self._ahead_s = while_s - self._each_s
        self._paid_at: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._lock = threading.Lock()

    def wait_s(self, kind: str, name: str) -> float:
        """Count once more, if it may be; gives the seconds to wait otherwise, 0 for now."""
        with self._lock:
            now = self.clock()
            paid_at = max(now, self._paid_at.get((kind, name), now))
            wait = paid_at - now - self._ahead_s
            if wait > 0:
                return wait
            self._paid_at[kind, name] = paid_at + self._each_s
            self._paid_at.move_to_end((kind, name))
            while len(self._paid_at) > self.most:
                self._paid_at.popitem(last=False)
        return 0.0


def network_of(address: str) -> str:
    """Give what one person has of addresses: one of version 4, 2^64 of version 6."""
    try:
        ip: Any = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if ip.version == 6 and ip.ipv4_mapped is None:
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip.ipv4_mapped if ip.version == 6 else ip)
