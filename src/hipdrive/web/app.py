"""The app as one ASGI application: its layers, its routes, what it opens and closes, what it says when it cannot."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Final

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Match

from hipdrive.errors import HipdriveError
from hipdrive.web.certificate import private_folder, write_private
from hipdrive.web.plain import plain_page
from hipdrive.web.problems import problem
from hipdrive.web.security import (
    API,
    LOGIN,
    BodyLimit,
    OwnNames,
    OwnPages,
    Patience,
    SafeHeaders,
    SignedIn,
    Sparingly,
    own_names,
    tell,
)
from hipdrive.web.settings import WebSettings
from hipdrive.web.who import NobodyYet, NotSignedIn

if TYPE_CHECKING:
    from pathlib import Path

ROUTERS: Final = ("api", "uploads", "live_socket", "account_pages", "subscription")  # modules that have a `router`
PAGES: Final = "hipdrive.web.pages"
AWAY_S: Final = 120.0  # for which a phone may sleep and find the page, and what was typed, as it was; proposal
CALENDARS_OFTEN: Final = (60, 600.0)  # in ten minutes; programs ask every five minutes at most; proposal
MAILS_OFTEN: Final = (5, 3600.0)  # in an hour, of one athlete; proposal
METHODS: Final = ("GET", "POST", "PUT", "DELETE")  # of the API
OTHERS: Final = ("HEAD", "PATCH", "OPTIONS", "TRACE")
SECRET: Final = "secret"  # file in the folder of the app
SECRET_BYTES: Final = 32


def make_app(settings: WebSettings) -> FastAPI:
    """Make the app.

    ``app.state`` holds `settings`, and from its start to its end the `diary` and the `jobs`. NiceGUI has one app of its
    own in every program, which is mounted here; so of two apps made in one program only the later one has pages.

    Parameters
    ----------
    settings : WebSettings

    Raises
    ------
    HipdriveError
        When its folder cannot be made.
    """
    secret = _secret(settings.folder)
    app = FastAPI(title="hipdrive", openapi_url=None, docs_url=None, redoc_url=None, lifespan=_open_and_close)
    app.state.settings = settings
    app.state.secret = secret
    app.state.patience = Patience()
    app.state.calendars = Sparingly(*CALENDARS_OFTEN)
    app.state.mails = Sparingly(*MAILS_OFTEN)
    for kind, say in HANDLERS.items():
        app.add_exception_handler(kind, say)
    app.add_api_route("/healthz", _is_well, include_in_schema=False)
    for name in ROUTERS:
        if find_spec(f"hipdrive.web.{name}"):
            app.include_router(import_module(f"hipdrive.web.{name}").router)
    _end_api(app)
    _add_pages(app, settings.folder)
    app.add_middleware(BodyLimit)
    if settings.accounts:
        app.add_middleware(SignedIn)
    app.add_middleware(OwnPages, secret=secret)
    app.add_middleware(OwnNames, names=own_names(settings))
    app.add_middleware(SafeHeaders)  # what is added last is outermost
    return app


@asynccontextmanager
async def _open_and_close(app: FastAPI) -> AsyncIterator[None]:
    """From its start to its end it has the diary open and works on clips."""
    from hipdrive.diary import Diary
    from hipdrive.web.accounts import get_ready
    from hipdrive.web.jobs import Jobs
    from hipdrive.web.post import post

    settings: WebSettings = app.state.settings
    with ExitStack() as open_things:
        diary = await run_in_threadpool(Diary.open, settings.database)
        open_things.callback(diary.close)
        app.state.diary = diary
        if settings.accounts:
            await run_in_threadpool(get_ready)
        jobs = Jobs(settings, diary)
        app.state.jobs = jobs
        await run_in_threadpool(jobs.start)
        posting = asyncio.create_task(post(diary))
        try:
            yield
        finally:
            posting.cancel()
            await run_in_threadpool(jobs.stop)


def _end_api(app: FastAPI) -> None:
    """Answer what is under the API and no route of it, as the pages come next and would take it for one of theirs."""
    known = list(app.router.routes)

    def no_such_route(request: Request) -> Response:
        scopes = {method: {**request.scope, "method": method} for method in METHODS}
        fitting = [name for name, scope in scopes.items() if any(one.matches(scope)[0] is Match.FULL for one in known)]
        if not fitting:
            return problem(404, "there is nothing at this address: /api/v1/openapi.json has all that there are")
        sentence = f"this address takes {' and '.join(fitting)}, and not {request.method}"
        return problem(405, sentence, {"allow": ", ".join(fitting)})

    app.add_api_route(f"{API}{{rest:path}}", no_such_route, methods=[*METHODS, *OTHERS], include_in_schema=False)


def _add_pages(app: FastAPI, folder: Path) -> None:
    """Mount NiceGUI with all of our pages."""
    import nicegui
    from nicegui import ui
    from nicegui.storage import Storage

    for module in iter_modules(import_module(PAGES).__path__):
        import_module(f"{PAGES}.{module.name}")
    inner = nicegui.app
    Storage.path = folder / "pages"  # and not beside whatever is worked on; pages of ours keep nothing there
    inner.storage = Storage()
    inner.middleware_stack = None  # of an app made before
    inner.user_middleware.clear()
    inner.state = app.state  # a request to a page is one to the inner app
    for kind, say in HANDLERS.items():
        inner.add_exception_handler(kind, say)
    ui.run_with(
        app,
        title="hipdrive",
        dark=None,
        language="en-US",
        tailwind=False,
        gzip_middleware_factory=None,  # the scripts in a page get their number later, and this machine is near
        show_welcome_message=False,
        reconnect_timeout=AWAY_S,
    )


def _secret(folder: Path) -> str:
    """Secret of this installation, made once; what is signed with it is valid after a restart."""
    try:
        path = private_folder(folder) / SECRET
        if not path.is_file():
            write_private(path, secrets.token_hex(SECRET_BYTES).encode())
        return path.read_text("ascii")
    except OSError as error:
        raise HipdriveError(f"the app cannot keep its files in {folder}: {error.strerror or error}") from None


# -- answers of its own ------------------------------------------------------------------------------------------------


def _is_well() -> Response:
    """For whoever watches over it; says nothing about anybody."""
    return JSONResponse({"status": "ok"})


def _sign_in(request: Request, error: Exception) -> Response:
    if _is_for_programs(request):
        return problem(401, str(error), {"www-authenticate": "Bearer"})
    return RedirectResponse(LOGIN, 303)


def _begin(request: Request, error: Exception) -> Response:
    return problem(409, str(error)) if _is_for_programs(request) else RedirectResponse("/profile", 303)


def _cannot(request: Request, error: Exception) -> Response:
    return _say(request, 422, "This did not work", str(error))


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    title, sentence = {
        404: ("There is no such page", "Perhaps the address was mistyped, or the page is no longer there."),
        405: ("This cannot be done here", "The address is right, but it takes other requests."),
    }.get(error.status_code, ("This did not work", str(error.detail)))
    response = _say(request, error.status_code, title, sentence)
    response.headers.update(error.headers or {})
    return response


def _broken(request: Request, error: Exception) -> Response:
    """Something that should not be; what it was stands in the terminal, as the error itself goes on to the server."""
    sentence = "hipdrive made a mistake, and nothing was changed by it. The terminal it runs in says what it was."
    response = _say(request, 500, "Something went wrong", sentence)
    tell(response.headers, request.scope)  # this is said outside of all layers
    return response


def _say(request: Request, status: int, title: str, sentence: str) -> Response:
    return problem(status, sentence) if _is_for_programs(request) else plain_page(title, sentence, status=status)


def _is_for_programs(request: Request) -> bool:
    path: str = request.scope["path"]
    return path.startswith(API)


HANDLERS: Final[dict[int | type[Exception], Callable[[Request, Exception], Response]]] = {
    NotSignedIn: _sign_in,
    NobodyYet: _begin,
    HipdriveError: _cannot,
    404: _http,
    HTTPException: _http,
    Exception: _broken,
}
