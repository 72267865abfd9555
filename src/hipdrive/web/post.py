"""The weekly mail goes out by itself while the app is open, to those who asked for it."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from starlette.concurrency import run_in_threadpool

from hipdrive.errors import HipdriveError
from hipdrive.exchange.mail import mail_settings, public_url
from hipdrive.exchange.weekly import send_if_due

if TYPE_CHECKING:
    from hipdrive.diary import Diary

LOOK_S: Final = 900.0  # between two looks whether a mail is due; proposal

logger = logging.getLogger(__name__)


async def post(diary: Diary) -> None:
    """Send what is due, for ever."""
    while True:
        try:
            await run_in_threadpool(post_due, diary, datetime.now(UTC))
        except Exception:  # the diary may be busy, or its server away for a while
            logger.exception("nobody could be looked up for the weekly mail")
        await asyncio.sleep(LOOK_S)


def post_due(diary: Diary, now: datetime) -> int:
    """Send the mails that are due; gives how many they were. Without a mail server none is.

    Parameters
    ----------
    diary : Diary
    now : datetime
        With a zone.
    """
    try:
        settings, public = mail_settings(), public_url()
    except HipdriveError:
        return 0
    sent = 0
    for uid, _ in diary.athletes():
        try:
            sent += send_if_due(diary.athlete_by_uid(uid), settings, now, public)
        except HipdriveError as error:
            logger.warning("a weekly mail was not sent: %s", error)
    return sent
