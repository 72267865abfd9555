"""Accounts: who may sign in, which browsers are signed in, and which programs may ask.

The diary keeps an Argon2 hash of a password, and the SHA-256 of a token. A token is 256 bits of chance, so nobody can
find it by trying, and a quick hash is enough.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.exc import IntegrityError

from hipdrive.diary.limits import called, checked_name, checked_text
from hipdrive.diary.scope import everybodys
from hipdrive.diary.store import AthleteDiary, Diary
from hipdrive.diary.tables import AccountRow, ApiTokenRow, CalendarAddressRow, WebSessionRow
from hipdrive.errors import HipdriveError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

TOKEN_BYTES: Final = 32  # OWASP, Session Management: at least 128 bits
API_TOKEN_BEGINS: Final = "hipdrive_"  # so that programs which look for leaked keys know it
IDLE: Final = timedelta(days=14)  # a runner trains two or three times a week; proposal
LONGEST: Final = timedelta(days=90)  # then one signs in again, used or not; proposal
SEEN_EVERY: Final = timedelta(minutes=10)  # not every look at a page is worth a write
LEAST_LETTERS: Final = 12  # NIST SP 800-63B-4 wants 15 where nothing else is asked for, OWASP 8; proposal in between
MOST_LETTERS: Final = 256  # hashing costs the more, the longer; NIST SP 800-63B-4 wants at least 64 to be taken
MOST_TOKENS: Final = 20  # of one athlete; proposal
AT_ONCE: Final = threading.Semaphore(2)  # each hash takes 64 MiB and a core


@dataclass(frozen=True)
class ApiToken:
    """A token as it can be shown: never the token itself."""

    name: str
    made_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True)
class CalendarAddress:
    """The secret address of a calendar as it can be shown: never the address itself."""

    made_at: datetime
    last_used_at: datetime | None


# -- accounts ------------------------------------------------------------------------------------------------------


def add_account(athlete: AthleteDiary, name: str, password: str) -> None:
    """Let an athlete sign in.

    Parameters
    ----------
    athlete : AthleteDiary
    name : str
        To sign in with; capitals do not matter.
    password : str

    Raises
    ------
    HipdriveError
        When the name is taken, the athlete has an account, or the password is too easy to find.
    """
    name = checked_name(name)
    hashed = _hash(checked_password(password, name))
    values = {"name": name, "called": called(name), "password": hashed, "made_at": datetime.now(UTC)}
    try:
        with athlete.own(writing=True) as own:
            if own.rows(AccountRow):
                raise HipdriveError("there is an account already: 'hipdrive app account password' changes its password")
            own.add(AccountRow, values)
    except IntegrityError:
        raise HipdriveError(f"somebody else signs in as {name}: choose another name") from None


def account_name(athlete: AthleteDiary) -> str | None:
    """Name with which an athlete signs in, None without an account."""
    with athlete.own(writing=False) as own:
        return next((str(row["name"]) for row in own.rows(AccountRow)), None)


def accounts(diary: Diary) -> list[tuple[str, str]]:
    """Name of every account and uid of its athlete, by name."""
    with diary.database.reading() as connection:
        rows = everybodys(connection, AccountRow, order=[AccountRow.called])
    return [(row["name"], row["athlete_uid"]) for row in rows]


def change_password(athlete: AthleteDiary, password: str, *, keep: str | None = None) -> None:
    """Set another password, and end all sessions but the one with the token `keep`."""
    hashed = _hash(checked_password(password, account_name(athlete) or ""))
    with athlete.own(writing=True) as own:
        if not own.rows(AccountRow):
            raise HipdriveError("there is no account yet: make one first")
        own.change(AccountRow, {"password": hashed})
        own.remove(WebSessionRow, WebSessionRow.token != _digest(keep or ""))


def remove_account(athlete: AthleteDiary) -> None:
    """Let an athlete no longer sign in, nor any browser, program or calendar that did; the diary stays.

    Raises
    ------
    HipdriveError
        When there is no account.
    """
    with athlete.own(writing=True) as own:
        if not own.remove(AccountRow):
            raise HipdriveError("there is no account to remove")
        own.remove(WebSessionRow)
        own.remove(ApiTokenRow)
        own.remove(CalendarAddressRow)


def checked_password(password: str, name: str) -> str:
    """Give a password that is hard enough to find.

    Raises
    ------
    HipdriveError
        When it is too short or too long, or is the name.
    """
    checked_text("password", password, MOST_LETTERS)
    if len(password) < LEAST_LETTERS or len(set(password)) < LEAST_LETTERS // 2:
        raise HipdriveError(
            f"this password is too easy to find: take at least {LEAST_LETTERS} letters, such as three words"
        )
    if called(name) and called(name) in called(password) and len(password) < len(name) + LEAST_LETTERS:
        raise HipdriveError("your name is the first that others try: leave it out of the password")
    return password


def right_password(diary: Diary, name: str, password: str) -> AthleteDiary | None:
    """Athlete of an account, if the password is right; it takes as long for a name that is not there."""
    if len(name) > MOST_LETTERS or len(password) > MOST_LETTERS:
        return None
    with diary.database.reading() as connection:
        rows = everybodys(connection, AccountRow, AccountRow.called == called(name))
    row = rows[0] if rows else None
    right = _verify(row["password"] if row else _nobodys_hash(), password)
    if row is None or not right:
        return None
    athlete = AthleteDiary(diary, row["athlete_id"], row["athlete_uid"])
    if _hasher().check_needs_rehash(row["password"]):  # made when less was thought to be enough
        with athlete.own(writing=True) as own:
            own.change(AccountRow, {"password": _hash(password)})
    return athlete


# -- browsers ------------------------------------------------------------------------------------------------------


def begin_session(athlete: AthleteDiary, *, now: datetime | None = None) -> str:
    """Sign a browser in; gives the token for its cookie, always a new one."""
    now = now or datetime.now(UTC)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with athlete.own(writing=True) as own:
        own.remove(WebSessionRow, WebSessionRow.expires_at <= now)
        own.remove(WebSessionRow, WebSessionRow.seen_at <= now - IDLE)
        row = {"token": _digest(token), "made_at": now, "seen_at": now, "expires_at": now + LONGEST}
        own.add(WebSessionRow, row)
    return token


def athlete_of_session(diary: Diary, token: str, *, now: datetime | None = None) -> AthleteDiary | None:
    """Athlete who is signed in with a token, None when nobody is (any more)."""
    now = now or datetime.now(UTC)
    row = _row_of(diary, WebSessionRow, token)
    if row is None or now >= row["expires_at"] or now >= row["seen_at"] + IDLE:
        return None
    athlete = AthleteDiary(diary, row["athlete_id"], row["athlete_uid"])
    if now >= row["seen_at"] + SEEN_EVERY:
        with athlete.own(writing=True) as own:
            own.change(WebSessionRow, {"seen_at": now}, WebSessionRow.token == _digest(token))
    return athlete


def end_session(diary: Diary, token: str) -> None:
    """Sign a browser out."""
    row = _row_of(diary, WebSessionRow, token)
    if row is not None:
        with AthleteDiary(diary, row["athlete_id"], row["athlete_uid"]).own(writing=True) as own:
            own.remove(WebSessionRow, WebSessionRow.token == _digest(token))


def end_all_sessions(athlete: AthleteDiary, *, keep: str | None = None) -> int:
    """Sign all browsers of an athlete out but the one with the token `keep`; gives how many they were."""
    with athlete.own(writing=True) as own:
        return own.remove(WebSessionRow, WebSessionRow.token != _digest(keep or ""))


# -- programs ------------------------------------------------------------------------------------------------------


def add_token(athlete: AthleteDiary, name: str) -> str:
    """Let a program ask in the name of an athlete; gives its token, which cannot be shown again.

    Raises
    ------
    HipdriveError
        When the name is taken, or there are too many.
    """
    name = checked_name(name)
    token = API_TOKEN_BEGINS + secrets.token_urlsafe(TOKEN_BYTES)
    row = {"token": _digest(token), "name": name, "made_at": datetime.now(UTC), "last_used_at": None}
    with athlete.own(writing=True) as own:
        there = own.values(ApiTokenRow.name)
        if name in there:
            raise HipdriveError(f"there is a token called {name}: choose another name")
        if len(there) >= MOST_TOKENS:
            raise HipdriveError(f"there are {MOST_TOKENS} tokens: take one back that is not needed any more")
        own.add(ApiTokenRow, row)
    return token


def tokens(athlete: AthleteDiary) -> list[ApiToken]:
    """Tokens of an athlete, by name."""
    with athlete.own(writing=False) as own:
        rows = own.rows(ApiTokenRow, order=[ApiTokenRow.name])
    return [ApiToken(row["name"], row["made_at"], row["last_used_at"]) for row in rows]


def remove_token(athlete: AthleteDiary, name: str) -> None:
    """Take a token back.

    Raises
    ------
    HipdriveError
        When there is none of that name.
    """
    with athlete.own(writing=True) as own:
        if not own.remove(ApiTokenRow, ApiTokenRow.name == name):
            raise HipdriveError(f"there is no token called {name}")


def athlete_of_token(diary: Diary, token: str, *, now: datetime | None = None) -> AthleteDiary | None:
    """Athlete in whose name a program may ask, None when the token is not known."""
    return _athlete_of(diary, ApiTokenRow, token, now or datetime.now(UTC))


def get_ready() -> None:
    """Do now what would make the first wrong name take longer than others."""
    _nobodys_hash()


# -- calendars -----------------------------------------------------------------------------------------------------


def renew_calendar(athlete: AthleteDiary) -> str:
    """Give the secret of a new address of an athlete's calendar; an earlier one is worth nothing from now on."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = {"token": _digest(token), "made_at": datetime.now(UTC), "last_used_at": None}
    with athlete.own(writing=True) as own:
        own.remove(CalendarAddressRow)
        own.add(CalendarAddressRow, row)
    return token


def calendar_address(athlete: AthleteDiary) -> CalendarAddress | None:
    """When the address of an athlete's calendar was made and used; None where there is none."""
    with athlete.own(writing=False) as own:
        rows = own.rows(CalendarAddressRow)
    return CalendarAddress(rows[0]["made_at"], rows[0]["last_used_at"]) if rows else None


def remove_calendar(athlete: AthleteDiary) -> bool:
    """Switch the address of an athlete's calendar off; gives whether it was on."""
    with athlete.own(writing=True) as own:
        return bool(own.remove(CalendarAddressRow))


def athlete_of_calendar(diary: Diary, token: str, *, now: datetime | None = None) -> AthleteDiary | None:
    """Athlete whose calendar is read at an address, None where it is not known."""
    return _athlete_of(diary, CalendarAddressRow, token, now or datetime.now(UTC))


def _athlete_of(
    diary: Diary, table: type[ApiTokenRow] | type[CalendarAddressRow], token: str, now: datetime
) -> AthleteDiary | None:
    """Athlete to whom a token belongs, whose last use is written down now and then."""
    row = _row_of(diary, table, token)
    if row is None:
        return None
    athlete = AthleteDiary(diary, row["athlete_id"], row["athlete_uid"])
    if row["last_used_at"] is None or now >= row["last_used_at"] + SEEN_EVERY:
        with athlete.own(writing=True) as own:
            own.change(table, {"last_used_at": now}, table.token == row["token"])
    return athlete


# -- how -----------------------------------------------------------------------------------------------------------


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def _row_of(
    diary: Diary, table: type[WebSessionRow] | type[ApiTokenRow] | type[CalendarAddressRow], token: str
) -> Mapping[Any, Any] | None:
    with diary.database.reading() as connection:
        rows = everybodys(connection, table, table.token == _digest(token))
    return rows[0] if rows else None


@cache
def _hasher() -> PasswordHasher:
    """Argon2id with the second recommendation of RFC 9106, which is argon2-cffi's own choice: 64 MiB, 3 passes."""
    from argon2 import PasswordHasher

    return PasswordHasher()


def _plain(password: str) -> str:
    """The same bytes whatever keyboard composed the letters (NIST SP 800-63B-4: NFKC or NFC)."""
    return unicodedata.normalize("NFC", password)


def _hash(password: str) -> str:
    with AT_ONCE:
        return _hasher().hash(_plain(password))


def _verify(hashed: str, password: str) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        with AT_ONCE:
            return _hasher().verify(hashed, _plain(password).encode("utf-8", "surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    """Hash of a password that nobody knows, to be tried in vain."""
    return _hash(secrets.token_urlsafe(TOKEN_BYTES))
