"""Who asks: every page, every answer and every socket gets the diary of an athlete here, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hipdrive.errors import HipdriveError

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

    from hipdrive.diary import AthleteDiary, Diary

COOKIE: Final = "hipdrive"  # holds the token of a browser that is signed in
SECURE_COOKIE: Final = f"__Host-{COOKIE}"  # with HTTPS; browsers take such a name only with Secure and without Domain


class NotSignedIn(HipdriveError):
    """It is not known who asks. A page leads to /login, the API answers 401."""

    def __init__(self) -> None:
        super().__init__("sign in first")


class NobodyYet(HipdriveError):
    """The diary is empty: somebody has to begin it. A page leads to /profile, the API answers 409."""

    def __init__(self) -> None:
        super().__init__("the diary is empty: begin with your profile")


def athlete_of(connection: HTTPConnection) -> AthleteDiary:
    """Diary of whoever asks.

    On loopback without accounts this is the one athlete there is (or the one whom ``HIPDRIVE_ATHLETE`` names). With
    accounts it is the owner of the bearer token or, without one, of the session in the cookie.

    Parameters
    ----------
    connection : Request or WebSocket
        Of the app that `hipdrive.web.app.make_app` made.

    Raises
    ------
    NotSignedIn
        Where one signs in.
    NobodyYet
        When there is no athlete.
    HipdriveError
        When there are several and none is named; the sentence names the cure.
    """
    diary: Diary = connection.app.state.diary
    if not connection.app.state.settings.accounts:
        if not diary.athletes():
            raise NobodyYet
        return diary.athlete()
    mine = _signed_in(connection, diary)
    if mine is None:
        raise NotSignedIn
    return mine


def optional_athlete(connection: HTTPConnection) -> AthleteDiary | None:
    """Diary of whoever asks, or None when it is not known who that is."""
    try:
        return athlete_of(connection)
    except (NotSignedIn, NobodyYet):
        return None


def bearer_token(connection: HTTPConnection) -> str | None:
    """Token that a program sent: "Authorization: Bearer ..."."""
    kind, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" and token.strip() else None


def session_token(connection: HTTPConnection) -> str | None:
    """Token in the cookie of a browser."""
    name = SECURE_COOKIE if connection.app.state.settings.encrypted else COOKIE
    return connection.cookies.get(name)


def _signed_in(connection: HTTPConnection, diary: Diary) -> AthleteDiary | None:
    from hipdrive.web.accounts import athlete_of_session, athlete_of_token

    token = bearer_token(connection)
    if token is not None:  # a program that shows a wrong token is nobody, whatever cookies it has
        return athlete_of_token(diary, token)
    token = session_token(connection)
    return None if token is None else athlete_of_session(diary, token)
