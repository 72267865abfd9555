"""The calendar of one athlete, as it is given out again and again: what it said is remembered in the diary."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from hipdrive.exchange.calendar import REMIND_MINUTES, calendar, remembered, to_remember
from hipdrive.training.ladder import ladder
from hipdrive.training.sitting import SETTING as BREAKS
from hipdrive.training.sitting import BreakSettings

if TYPE_CHECKING:
    from hipdrive.diary import AthleteDiary
    from hipdrive.training.history import History
    from hipdrive.training.programme import Programme

CALENDAR: Final = "calendar"  # the setting that keeps what was put into the calendar before


def calendar_of(
    athlete: AthleteDiary,
    history: History,
    programme: Programme,
    *,
    now: datetime,
    remind_minutes: int | None = REMIND_MINUTES,
) -> bytes:
    """Give the plan as a calendar, and remember it first, so that no event is ever given out twice as new.

    Parameters
    ----------
    athlete : AthleteDiary
    history : History
    programme : Programme
    now : datetime
        With a zone.
    remind_minutes : int or None
        Before a session.
    """
    with athlete.together():
        before = athlete.setting(CALENDAR)
        data, published = calendar(
            programme,
            history.profile,
            athlete.uid,
            remembered(before),
            ladder(),
            now=now,
            races=history.races,
            remind_minutes=remind_minutes,
            breaks=BreakSettings.from_text(athlete.setting(BREAKS)),
        )
        if (after := to_remember(published)) != before:
            athlete.set_setting(CALENDAR, after)
    return data
