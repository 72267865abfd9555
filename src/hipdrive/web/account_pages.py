"""Pages for signing in and out, and of one's account: forms, as only an answer to a form can set a cookie safely."""

from __future__ import annotations

import hmac
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from hipdrive.diary.limits import called
from hipdrive.errors import HipdriveError
from hipdrive.web import accounts
from hipdrive.web.plain import template_page
from hipdrive.web.security import LOGIN, csrf_token
from hipdrive.web.who import COOKIE, SECURE_COOKIE, athlete_of, optional_athlete, session_token

if TYPE_CHECKING:
    from hipdrive.diary import AthleteDiary

WRONG: Final = "Name or password is not right."  # and never which of them
MOST_FIELDS: Final = 10

router = APIRouter(include_in_schema=False)


@router.get(LOGIN)
def login_page(request: Request, then: str = "/") -> Response:
    """Ask for name and password."""
    if not request.app.state.settings.accounts or optional_athlete(request) is not None:
        return RedirectResponse("/", 303)
    return template_page("login.html.j2", title="Sign in", wrong="", name="", then=_own_path(then))


@router.post(LOGIN)
async def login(request: Request) -> Response:
    """Sign a browser in, with a token that it has not had before."""
    if not request.app.state.settings.accounts:
        return RedirectResponse("/", 303)
    form = await _form(request)
    return await run_in_threadpool(_login, request, form)


def _login(request: Request, form: dict[str, str]) -> Response:
    name, then = form.get("name", ""), _own_path(form.get("then", "/"))
    shown: dict[str, Any] = {"title": "Sign in", "name": name[: accounts.MOST_LETTERS], "then": then}
    state = request.app.state
    address = request.client.host if request.client else ""
    wait_s = math.ceil(state.patience.try_now(called(name)[: accounts.MOST_LETTERS], address))
    if wait_s:
        wrong = f"That was wrong too often. Try again in {wait_s} s."
        response = template_page("login.html.j2", status=429, wrong=wrong, **shown)
        response.headers["retry-after"] = str(wait_s)
        return response
    athlete = accounts.right_password(state.diary, name, form.get("password", ""))
    if athlete is None:
        return template_page("login.html.j2", status=401, wrong=WRONG, **shown)
    state.patience.was_right(called(name)[: accounts.MOST_LETTERS], address)
    before = session_token(request)
    if before:
        accounts.end_session(state.diary, before)
    led_on = RedirectResponse(then, 303)
    _set_cookie(request, led_on, accounts.begin_session(athlete))
    return led_on


@router.post("/logout")
async def logout(request: Request) -> Response:
    """Sign a browser out."""
    await _form(request, checked=True)
    token = session_token(request)
    if token:
        await run_in_threadpool(accounts.end_session, request.app.state.diary, token)
    response = RedirectResponse(LOGIN, 303)
    _set_cookie(request, response, None)
    return response


@router.get("/account")
def account_page(request: Request) -> Response:
    """Show the account."""
    return _account(request, athlete_of(request), {})


@router.post("/account")
async def make_account(request: Request) -> Response:
    """Make the account of whoever is at this machine."""

    def act(mine: AthleteDiary, form: dict[str, str]) -> dict[str, str]:
        accounts.add_account(mine, form.get("name", ""), form.get("password", ""))
        return {"said": "The account is made."}

    return await _change(request, act)


@router.post("/account/password")
async def change_password(request: Request) -> Response:
    """Set another password."""

    def act(mine: AthleteDiary, form: dict[str, str]) -> dict[str, str]:
        if request.app.state.settings.accounts:
            _check_present(request, mine, form.get("present", ""))
        accounts.change_password(mine, form.get("password", ""), keep=session_token(request))
        return {"said": "The password is changed."}

    return await _change(request, act)


@router.post("/account/others")
async def end_others(request: Request) -> Response:
    """Sign all other browsers out."""

    def act(mine: AthleteDiary, _: dict[str, str]) -> dict[str, str]:
        accounts.end_all_sessions(mine, keep=session_token(request))
        return {"said": "All other browsers are signed out."}

    return await _change(request, act)


@router.post("/account/tokens")
async def make_token(request: Request) -> Response:
    """Make a token and show it once."""
    return await _change(request, lambda mine, form: {"token": accounts.add_token(mine, form.get("name", ""))})


@router.post("/account/tokens/remove")
async def remove_token(request: Request) -> Response:
    """Take a token back."""

    def act(mine: AthleteDiary, form: dict[str, str]) -> dict[str, str]:
        accounts.remove_token(mine, form.get("name", ""))
        return {"said": "The token is taken back: the program is not let in any more."}

    return await _change(request, act)


# -- how -----------------------------------------------------------------------------------------------------------


def _account(request: Request, mine: AthleteDiary, said: dict[str, str], status: int = 200) -> Response:
    state = request.app.state
    return template_page(
        "account.html.j2",
        status=status,
        title="Account",
        name=accounts.account_name(mine),
        suggested=mine.profile().name,
        tokens=accounts.tokens(mine),
        signed_in=state.settings.accounts,
        csrf=csrf_token(state.secret, session_token(request) or ""),
        least=accounts.LEAST_LETTERS,
        **{"wrong": "", "said": "", "token": ""} | said,
    )


async def _change(request: Request, act: Callable[[AthleteDiary, dict[str, str]], dict[str, str]]) -> Response:
    """Do what a form of the account asks for, and show the account again."""
    form = await _form(request, checked=True)

    def do() -> Response:
        mine = athlete_of(request)
        try:
            return _account(request, mine, act(mine, form))
        except HipdriveError as error:
            sentence = str(error)
            return _account(request, mine, {"wrong": f"{sentence[:1].upper()}{sentence[1:]}."}, 422)

    return await run_in_threadpool(do)


def _check_present(request: Request, mine: AthleteDiary, password: str) -> None:
    """Whoever finds a browser signed in does not get the account by that."""
    name = called(accounts.account_name(mine) or "")
    patience, address = request.app.state.patience, request.client.host if request.client else ""
    wait_s = math.ceil(patience.try_now(name, address))
    if wait_s:
        raise HipdriveError(f"that was wrong too often: try again in {wait_s} s")
    if accounts.right_password(request.app.state.diary, name, password) is None:
        raise HipdriveError("the present password is not right")
    patience.was_right(name, address)


async def _form(request: Request, *, checked: bool = False) -> dict[str, str]:
    """Fields of a form; `checked`: of one that was made for this very session."""
    body = await request.body()
    try:
        fields = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise HipdriveError("this form cannot be read: send it from its page") from None
    form = {name: values[-1] for name, values in fields.items()}
    if checked:
        right = csrf_token(request.app.state.secret, session_token(request) or "")
        if not hmac.compare_digest(form.get("csrf", "").encode(), right.encode()):
            raise HipdriveError("this form is no longer valid: open its page again")
    return form


def _set_cookie(request: Request, response: Response, token: str | None) -> None:
    """Give the browser its token, or take it away."""
    encrypted = request.app.state.settings.encrypted
    response.set_cookie(
        SECURE_COOKIE if encrypted else COOKIE,
        token or "",
        max_age=int(accounts.LONGEST.total_seconds()) if token else 0,
        path="/",
        secure=encrypted,
        httponly=True,
        samesite="lax",
    )


def _own_path(path: str) -> str:
    """Give a path within the app, never the address of another place."""
    fine = path.startswith("/") and not path.startswith("//") and path.isprintable() and "\\" not in path
    return path if fine else "/"
