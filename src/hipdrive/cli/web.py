"""Commands for the app: `app`, and `app account` for those who use it from other machines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hipdrive.cli.common import fail, plain_errors

if TYPE_CHECKING:
    from hipdrive.diary import AthleteDiary, Diary
    from hipdrive.web.serve import Place
    from hipdrive.web.settings import WebSettings

PACKAGES = ("nicegui", "argon2", "cryptography")  # what the extra `app` brings

app = typer.Typer(invoke_without_command=True, rich_markup_mode="rich", add_completion=False)
account = typer.Typer(help="Who may sign in from other machines.", no_args_is_help=True)
app.add_typer(account, name="account")

LoginName = Annotated[str, typer.Argument(metavar="NAME", help="Name to sign in with.", show_default=False)]


@app.callback()
def open_app(
    context: typer.Context,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 for any that is free.")] = 8765,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the browser.")] = True,
    host: Annotated[
        str, typer.Option(help="Address on which it listens; 0.0.0.0 lets others in your network reach it.")
    ] = "127.0.0.1",
    name: Annotated[
        list[str] | None, typer.Option(help="Another name by which browsers call this machine.", show_default=False)
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option(help="PEM file, for HTTPS; without it one is made.", show_default=False)
    ] = None,
    key: Annotated[Path | None, typer.Option(help="PEM file of its key.", show_default=False)] = None,
) -> None:
    """Open the app in the browser. Everything stays on this machine.

    hipdrive app

    For a phone in the same network, with an account for you first:

    hipdrive app account add anna

    hipdrive app --host 0.0.0.0
    """  # fmt: skip
    if context.invoked_subcommand is not None:
        return
    _need_app()
    from hipdrive.web.serve import serve
    from hipdrive.web.settings import WebSettings

    if (certificate is None) != (key is None):
        fail("a certificate and its key belong together: give both, --certificate and --key")
    settings = WebSettings(host=host, port=port, names=tuple(name or ()), certificate=certificate, key=key)
    with plain_errors():
        _check_who(settings)
        serve(settings, lambda place: _ready(place, browser=browser))


@account.command("add")
def add(
    name: LoginName,
    athlete: Annotated[
        str | None, typer.Option(metavar="NAME", help="Whose diary; needed where there are several athletes.")
    ] = None,
) -> None:
    """Make an account; asks for its password."""
    _need_app()
    from hipdrive.diary import Diary
    from hipdrive.web.accounts import add_account

    with plain_errors(), Diary.open() as diary:
        mine = diary.athlete(athlete or _same_name(diary, name))
        add_account(mine, name, _password())
        _say(f"{mine.profile().name} can sign in as {name}. Then: hipdrive app --host 0.0.0.0")


@account.command("list")
def list_accounts() -> None:
    """Say who has an account."""
    _need_app()
    from hipdrive.diary import Diary
    from hipdrive.web.accounts import accounts

    with plain_errors(), Diary.open() as diary:
        names = dict(diary.athletes())
        there = accounts(diary)
        for name, uid in there:
            _say(f"{name}  ({names[uid]})")
        if not there:
            _say("There is no account yet: hipdrive app account add NAME makes one.")


@account.command("password")
def password(name: LoginName) -> None:
    """Set another password; asks for it. All browsers are signed out."""
    _need_app()
    from hipdrive.diary import Diary
    from hipdrive.web.accounts import change_password

    with plain_errors(), Diary.open() as diary:
        change_password(_owner(diary, name), _password())
        _say(f"{name} has another password, and is signed out everywhere.")


@account.command("remove")
def remove(name: LoginName) -> None:
    """Remove an account, with all that is signed in by it. The diary stays."""
    _need_app()
    from hipdrive.diary import Diary
    from hipdrive.web.accounts import remove_account

    with plain_errors(), Diary.open() as diary:
        remove_account(_owner(diary, name))
        _say(f"{name} can no longer sign in. The diary is still there.")


# -- how -----------------------------------------------------------------------------------------------------------


def _need_app() -> None:
    """Say at once when the app is not installed."""
    from importlib.util import find_spec

    if not all(map(find_spec, PACKAGES)):
        fail("the app is not installed: run pip install 'hipdrive[app]' once")


def _check_who(settings: WebSettings) -> None:
    """Nobody opens the app to others without accounts, nor to themselves where it is not clear who that is."""
    from hipdrive.diary import Diary
    from hipdrive.web.accounts import accounts

    with Diary.open(settings.database) as diary:
        if settings.accounts and not accounts(diary):
            fail(
                f"on {settings.host} other machines reach the app, so it asks who they are, and nobody has an account "
                "yet: make one with 'hipdrive app account add NAME'"
            )
        if not settings.accounts and diary.athletes():
            diary.athlete()


def _ready(place: Place, *, browser: bool) -> None:
    import threading
    import webbrowser

    _say(f"hipdrive is at {place.address} and ends with Ctrl-C.")
    if place.fingerprint:
        _say(f"Browsers ask once whether to trust this machine. Its certificate: SHA-256 {place.fingerprint}")
    if browser:
        threading.Thread(target=webbrowser.open, args=(place.address,), daemon=True).start()


def _same_name(diary: Diary, name: str) -> str | None:
    """Athlete who is called as the account is to be."""
    from hipdrive.diary.limits import called

    return next((uid for uid, other in diary.athletes() if called(other) == called(name)), None)


def _owner(diary: Diary, name: str) -> AthleteDiary:
    from hipdrive.diary.limits import called
    from hipdrive.web.accounts import accounts

    uid = next((uid for other, uid in accounts(diary) if called(other) == called(name)), None)
    if uid is None:
        fail(f"nobody signs in as {name}: 'hipdrive app account list' says who does")
    return diary.athlete_by_uid(uid)


def _password() -> str:
    text: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return text


def _say(text: str) -> None:
    typer.echo(text)
