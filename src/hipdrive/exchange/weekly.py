"""The weekly mail of one athlete: asked for, confirmed, sent once a week, and switched off.

Nothing is sent until an address was given and the code that was sent there came back, so that a slip of the pen writes
to nobody else. Every mail tells how to get out.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from email.message import EmailMessage
from hmac import compare_digest
from typing import TYPE_CHECKING, Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from hipdrive.errors import HipdriveError
from hipdrive.exchange.mail import MailSettings, NotSent, Unsubscribe, mail_address, message, send
from hipdrive.exchange.unsubscribe import DIGEST, WANTED, unsubscribe_token

if TYPE_CHECKING:
    from hipdrive.diary import AthleteDiary
    from hipdrive.exchange.digest import Digest

SENT: Final = "digest_sent"  # setting: the week that was sent last
BEGUN: Final = " begun"  # after the week, from before it is sent until it is known to be
SUNDAY: Final = 6  # on which the week is not over
MORNING: Final = time(7)
CODE_DIGITS: Final = 6
CODE_HOLDS: Final = timedelta(days=3)
MOST_TRIES: Final = 5

CONFIRM_SUBJECT: Final = "Your code for the weekly mail of hipdrive"
CONFIRM_TEXT: Final = """\
Somebody, most likely you, wants hipdrive to write to this address once a week:
the last week, the next sessions, and one tip.

To switch it on, give this code on the page Data of the app: {code}
Or type, in the terminal:

    hipdrive digest on --code {code}

The code holds for three days. If it was not you, do nothing: nothing more will
come.
"""


@dataclass(frozen=True)
class Wanted:
    """A weekly mail that was asked for and not yet confirmed."""

    to: str
    code: str
    until: datetime
    tries: int = 0


@dataclass(frozen=True)
class Subscription:
    """A weekly mail that was confirmed: where it goes, and since when."""

    to: str
    since: date


def subscription(athlete: AthleteDiary) -> Subscription | None:
    """Where the weekly mail goes; None when it is off."""
    text = athlete.setting(DIGEST)
    return None if text is None else msgspec.json.decode(text, type=Subscription)


def ask(athlete: AthleteDiary, to: str, settings: MailSettings, now: datetime) -> None:
    """Send a code to an address. Until it comes back nothing more is sent there.

    Parameters
    ----------
    athlete : AthleteDiary
    to : str
        Address.
    settings : MailSettings
    now : datetime
        With a zone.
    """
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    wanted = Wanted(mail_address(to), code, now + CODE_HOLDS)
    athlete.set_setting(WANTED, msgspec.json.encode(wanted).decode())
    text = CONFIRM_TEXT.format(code=code)
    send(
        message(CONFIRM_SUBJECT, text, None, settings=settings, to=wanted.to, message_id=str(uuid.uuid4()), now=now),
        settings,
    )


def asked_for(athlete: AthleteDiary, now: datetime) -> str | None:
    """Address to which a code was sent that can still be confirmed; None where there is none."""
    text = athlete.setting(WANTED)
    wanted = None if text is None else msgspec.json.decode(text, type=Wanted)
    return wanted.to if wanted is not None and now <= wanted.until and wanted.tries < MOST_TRIES else None


def confirm(athlete: AthleteDiary, code: str, now: datetime) -> Subscription:
    """Switch the weekly mail on with the code that was sent.

    Raises
    ------
    HipdriveError
        When it is not the one, or too old.
    """
    with athlete.together():
        text = athlete.setting(WANTED)
        wanted = None if text is None else msgspec.json.decode(text, type=Wanted)
        right = wanted is not None and compare_digest(wanted.code.encode(), code.strip().encode())
        usable = wanted is not None and now <= wanted.until and wanted.tries < MOST_TRIES
        if wanted is not None and usable and right:
            on = Subscription(wanted.to, now.date())
            athlete.set_setting(DIGEST, msgspec.json.encode(on).decode())
            athlete.set_setting(WANTED, None)
            return on
        if wanted is not None and usable:
            athlete.set_setting(WANTED, msgspec.json.encode(replace(wanted, tries=wanted.tries + 1)).decode())
    if usable:
        raise HipdriveError("that is not the code that was sent: look into the newest mail")
    raise HipdriveError("there is no code to confirm any more: have a new one sent, 'hipdrive digest on --to YOU'")


def compose(
    athlete: AthleteDiary, found: Digest, to: str, settings: MailSettings, now: datetime, url: str | None
) -> EmailMessage:
    """Write the mail of a week.

    Its Message-ID is the same for the same athlete and week, so that a mailbox can tell a second copy.
    """
    token = unsubscribe_token(athlete)
    return message(
        found.subject,
        found.text,
        found.html,
        settings=settings,
        to=to,
        message_id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"hipdrive:{athlete.uid}/{DIGEST}/{found.week}/{to}")),
        now=now,
        unsubscribe=Unsubscribe(token, url),
    )


def unsubscribe_url(athlete: AthleteDiary, public: str | None) -> str | None:
    """Page at which one click switches the weekly mail of an athlete off; None where there is none on the web."""
    return None if public is None else f"{public}/unsubscribe/{unsubscribe_token(athlete)}"


def send_weekly(
    athlete: AthleteDiary,
    found: Digest,
    settings: MailSettings,
    now: datetime,
    url: str | None,
    *,
    again: bool = False,
) -> Literal["sent", "sent before"]:
    """Send the mail of a week, once.

    That it is about to be sent is kept before it is sent. When the way to the server breaks off in between, or the
    machine goes down, nobody knows whether it went: the next time says so and sends nothing unless it is told to.

    Parameters
    ----------
    athlete : AthleteDiary
    found : Digest
    settings : MailSettings
    now : datetime
        With a zone.
    url : str or None
        Of the page to unsubscribe.
    again : bool
        Send it although it was, or may have been, sent.

    Raises
    ------
    HipdriveError
        When no weekly mail is wanted, or it may have been sent; `NotSent` and `PerhapsSent` as `mail.send` says.
    """
    with athlete.together():
        wanted, before = subscription(athlete), athlete.setting(SENT)
        if wanted is None:
            raise HipdriveError("the weekly mail is off: switch it on with 'hipdrive digest on --to YOU'")
        if before == found.week and not again:
            return "sent before"
        if before == found.week + BEGUN and not again:
            raise HipdriveError(
                "sending this week's mail was begun and not finished, so it may have arrived: look into the inbox, and "
                "if it is not there run 'hipdrive digest send --again'"
            )
        athlete.set_setting(SENT, found.week + BEGUN)
    try:
        send(compose(athlete, found, wanted.to, settings, now, url), settings)
    except NotSent:
        athlete.set_setting(SENT, before)
        raise
    athlete.set_setting(SENT, found.week)
    return "sent"


def send_if_due(athlete: AthleteDiary, settings: MailSettings, now: datetime, public: str | None) -> bool:
    """Send the mail of the last week from Monday morning on, where it is wanted and was not sent; gives whether it was.

    Who asked for it in the middle of a week gets the first one on the next Monday.

    Parameters
    ----------
    athlete : AthleteDiary
    settings : MailSettings
    now : datetime
        With a zone.
    public : str or None
        Where others reach hipdrive on the web.
    """
    from hipdrive.exchange.digest import digest
    from hipdrive.training.programme import plan

    on = subscription(athlete)
    local = now.astimezone(ZoneInfo(athlete.profile().time_zone))
    today = local.date()
    monday = today - timedelta(days=today.weekday())
    if on is None or on.since > monday or today.weekday() == SUNDAY or (today == monday and local.time() < MORNING):
        return False
    history, url = athlete.history(), unsubscribe_url(athlete, public)
    found = digest(history, plan(history, today), today, unsubscribe_url=url)
    if (athlete.setting(SENT) or "").removesuffix(BEGUN) == found.week:  # what was begun may have arrived
        return False
    return send_weekly(athlete, found, settings, local, url) == "sent"
