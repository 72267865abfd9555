"""Commands for the weekly mail: `digest on`, `off`, `show`, `send`, `serve`."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hipdrive.cli.common import fail, my_diary, plain_errors, today

if TYPE_CHECKING:
    from datetime import datetime

    from hipdrive.diary import AthleteDiary
    from hipdrive.exchange.digest import Digest

app = typer.Typer(
    help="A weekly mail: the last week, the next sessions, one tip. Off until you switch it on.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
)

DRAFT_SENDER = "hipdrive@localhost"  # of a mail that is only written to a file, where no other is set
PORT = 8025


@app.command("on")
def on(
    to: Annotated[str | None, typer.Option(help="Where it shall go: me@example.org.", show_default=False)] = None,
    code: Annotated[str | None, typer.Option(help="The code that was sent there.", show_default=False)] = None,
) -> None:
    """Switch the weekly mail on: first --to, which sends a code, then --code.

    hipdrive digest on --to me@example.org

    hipdrive digest on --code 482913
    """  # fmt: skip
    from rich.console import Console
    from rich.markup import escape

    from hipdrive.exchange.mail import mail_settings
    from hipdrive.exchange.weekly import ask, confirm

    if (to is None) == (code is None):
        fail("give an address first, --to me@example.org, and then the code that was sent there, --code 482913")
    screen = Console(highlight=False)
    with my_diary() as athlete:
        if to is not None:
            ask(athlete, to, mail_settings(), _now(athlete))
            screen.print(f"A code is on its way to {escape(to.strip())}. Then: [bold]hipdrive digest on --code CODE[/]")
        elif code is not None:
            agreed = confirm(athlete, code, _now(athlete))
            screen.print(f"The weekly mail is on and goes to {escape(agreed.to)}.")
            screen.print("To send it, let [bold]hipdrive digest send[/] run every Sunday evening or Monday morning.")


@app.command("off")
def off() -> None:
    """Switch the weekly mail off, at once."""
    from rich.console import Console

    from hipdrive.exchange.unsubscribe import switch_off

    with my_diary() as athlete:
        was_on = switch_off(athlete)
    Console(highlight=False).print("The weekly mail is off." if was_on else "The weekly mail was off already.")


@app.command("show")
def show(
    html: Annotated[
        Path | None, typer.Option(help="Write it as a page into this file instead.", show_default=False)
    ] = None,
) -> None:
    """Show what the next weekly mail says, without sending anything."""
    from rich.console import Console

    screen = Console(highlight=False)
    with my_diary() as athlete:
        found = _found(athlete, None)
        if html is not None:
            html.write_text(found.html, encoding="utf-8")
            screen.print(f"Written: [bold]{html}[/bold]", soft_wrap=True)
            return
    screen.print(found.subject, style="bold", markup=False)
    screen.print()
    screen.print(found.text, markup=False, soft_wrap=True)


@app.command("send")
def send(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write the mail into a file and send nothing.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Send it although it was sent, or may have been.")] = False,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for --dry-run.")] = Path(),
) -> None:
    """Send the mail of the last whole week, once; run it as often as you like.

    The server stands in HIPDRIVE_SMTP (smtp://me@mail.example.org:587), its password in HIPDRIVE_SMTP_PASSWORD or in a
    file, HIPDRIVE_SMTP_PASSWORD_FILE, and the sender in HIPDRIVE_MAIL_FROM.
    """
    from rich.console import Console
    from rich.markup import escape

    from hipdrive.exchange.mail import mail_settings, public_url
    from hipdrive.exchange.weekly import send_weekly, subscription, unsubscribe_url

    screen = Console(highlight=False)
    with my_diary() as athlete:
        url = unsubscribe_url(athlete, public_url())
        found = _found(athlete, url)
        if dry_run:
            out.mkdir(parents=True, exist_ok=True)
            path = _write_draft(athlete, found, url, out)
            screen.print(f"Written, not sent: [bold]{escape(str(path))}[/bold]", soft_wrap=True)
            return
        wanted = subscription(athlete)
        outcome = send_weekly(athlete, found, mail_settings(), _now(athlete), url, again=again)
        assert wanted is not None  # nothing is sent without it
        if outcome == "sent":
            screen.print(f"Sent to {escape(wanted.to)}: {found.subject}.", soft_wrap=True)
        else:
            screen.print(f"The mail of {found.week} was sent before.")


@app.command("serve")
def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on this machine.")] = PORT,
) -> None:
    """Serve the page to unsubscribe, on this machine only: put a web server with HTTPS before it.

    Its address on the web stands in HIPDRIVE_PUBLIC_URL; then every mail has a link that works with one click.
    """
    from wsgiref.simple_server import make_server

    from rich.console import Console

    from hipdrive.diary import Diary
    from hipdrive.exchange.unsubscribe import QuietHandler, unsubscribe_app

    with plain_errors(), Diary.open() as diary:
        try:
            server = make_server("127.0.0.1", port, unsubscribe_app(diary), handler_class=QuietHandler)
        except OSError as error:
            fail(f"port {port} cannot be used ({error.strerror}): name another with --port")
        where = f"http://127.0.0.1:{port}/unsubscribe/"
        Console(highlight=False).print(f"The page to unsubscribe is at {where}. Ctrl+C ends it.")
        with server, suppress(KeyboardInterrupt):
            server.serve_forever()


def _found(athlete: AthleteDiary, url: str | None) -> Digest:
    from hipdrive.exchange.digest import digest
    from hipdrive.training.programme import plan

    history = athlete.history()
    day = today(history.profile)
    return digest(history, plan(history, day), day, unsubscribe_url=url)


def _write_draft(athlete: AthleteDiary, found: Digest, url: str | None, out: Path) -> Path:
    """Write the mail as it would be sent, to nobody in particular where no address is set."""
    import os

    from hipdrive.exchange.mail import SENDER, SERVER, MailSettings, mail_settings
    from hipdrive.exchange.weekly import compose, subscription

    complete = os.environ.get(SERVER) and os.environ.get(SENDER)
    settings = mail_settings() if complete else MailSettings("localhost", 25, "none", DRAFT_SENDER)
    wanted = subscription(athlete)
    to = settings.sender if wanted is None else wanted.to
    path = out / f"hipdrive-{found.week}.eml"
    path.write_bytes(compose(athlete, found, to, settings, _now(athlete), url).as_bytes())
    return path


def _now(athlete: AthleteDiary) -> datetime:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    return datetime.now(ZoneInfo(athlete.profile().time_zone))
