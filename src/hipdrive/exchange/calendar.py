"""The plan as a calendar (iCalendar, RFC 5545) that can be imported again and again.

An event keeps its UID when it moves. What was published is remembered: the SEQUENCE and the times of an event change
only with its content, so that the same plan gives the same bytes, and what is planned no more is cancelled.
"""

from __future__ import annotations

import uuid
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from hipdrive.errors import HipdriveError
from hipdrive.exchange.words import (
    NOT_ADVICE,
    capitalised,
    exercise_words,
    plain,
    test_words,
    whole_minutes,
)
from hipdrive.training.doses import dose_manner
from hipdrive.training.history import Profile, Race
from hipdrive.training.ladder import Exercise
from hipdrive.training.programme import PlannedSession, Programme
from hipdrive.training.sitting import BreakSettings, break_times

if TYPE_CHECKING:
    import icalendar

PRODUCT: Final = "-//hipdrive//plan//EN"
REMIND_MINUTES: Final = 30  # before a session; proposal
MOST_REMIND_MINUTES: Final = 7 * 24 * 60
REMEMBERED: Final = timedelta(days=60)  # after an event; it moves within its week only
BREAK_WEEKS: Final = 4  # ahead: who exports no plan any more is left in peace; proposal
ANY_MONDAY: Final = date(2024, 1, 1)  # what to do in a break goes by the day; so it is the same in every export
ALL_DAY: Final = timedelta(days=1)
SEEN_YEARS: Final = 8  # after which a rule of a zone is taken for one
RULE_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True)
class CalendarEvent:
    """What an event says; times are local times of its zone.

    Attributes
    ----------
    uid : str
    day : date
        Of a repeated event the first one.
    at : time or None
        None lasts the whole day.
    minutes : int
    zone : str
    summary, description : str
    categories : tuple of str
    remind_minutes : int or None
        Before it starts; None for no alarm.
    busy : bool
        Whether it takes the time, for those who look for a free hour.
    weekdays : tuple of int
        On which it is repeated, 0 for Monday; empty for once.
    until : date or None
        Last day on which it may be repeated.
    cancelled : bool
    """

    uid: str
    day: date
    at: time | None
    minutes: int
    zone: str
    summary: str
    description: str
    categories: tuple[str, ...]
    remind_minutes: int | None = None
    busy: bool = True
    weekdays: tuple[int, ...] = ()
    until: date | None = None
    cancelled: bool = False

    @property
    def starts(self) -> datetime:
        """Its first instant."""
        return datetime.combine(self.day, self.at or time(), zone_of(self.zone))

    @property
    def ends(self) -> datetime:
        """Its last instant; of a repeated event, the end of the last of them."""
        if self.at is None:
            return self.starts + ALL_DAY
        last = self.starts if self.until is None else datetime.combine(self.until, self.at, self.starts.tzinfo)
        return (last.astimezone(UTC) + timedelta(minutes=self.minutes)).astimezone(self.starts.tzinfo)


@dataclass(frozen=True)
class Published:
    """An event as it was published last.

    Attributes
    ----------
    event : CalendarEvent
    sequence : int
        How often it has changed.
    changed : datetime
        When it changed last, in UTC.
    """

    event: CalendarEvent
    sequence: int
    changed: datetime


def calendar(
    programme: Programme,
    profile: Profile,
    athlete_uid: str,
    published: Mapping[str, Published],
    ladder: Mapping[str, Exercise],
    *,
    now: datetime,
    races: Sequence[Race] = (),
    remind_minutes: int | None = REMIND_MINUTES,
    breaks: BreakSettings | None = None,
) -> tuple[bytes, dict[str, Published]]:
    """Write the plan as a calendar.

    Parameters
    ----------
    programme : Programme
    profile : Profile
        Its time of day and its zone; a zone that is not known is taken for UTC.
    athlete_uid : str
        With the id of a session it makes the UID of the event.
    published : mapping of str to Published
        What was published before, by UID: what this function gave the last time.
    ladder : mapping of str to Exercise
    now : datetime
        With a zone. It dates what is new or changed; what lies before it is never cancelled.
    races : sequence of Race
        Those to come are entered, too.
    remind_minutes : int or None
        How long before a session to remind of it; None for no reminder.
    breaks : BreakSettings or None
        Breaks from sitting, where they are wanted. They are left out while the plan is stopped.

    Returns
    -------
    data : bytes
        The file.
    published : dict of str to Published
        To be remembered, best before the file is given away.
    """
    if remind_minutes is not None and not 0 <= remind_minutes <= MOST_REMIND_MINUTES:
        raise HipdriveError(
            f"a reminder comes 0 to {MOST_REMIND_MINUTES} minutes before a session: give a number of those"
        )
    zone = zone_name(profile.time_zone)
    events = [
        *(_of_session(session, profile, zone, athlete_uid, ladder, remind_minutes) for session in programme.sessions),
        *(_of_race(race, zone, athlete_uid) for race in races if race.day >= now.astimezone(zone_of(zone)).date()),
        *(_breaks(breaks, programme, zone, athlete_uid) if breaks is not None and programme.stopped is None else ()),
    ]
    known = _brought_forward({event.uid: event for event in events}, published, now)
    shown = [entry for entry in known.values() if entry.event.ends > now or entry.event in events]
    return _file(shown, profile.name), known


def remembered(text: str | None) -> dict[str, Published]:
    """What was published before, from the text that the diary keeps."""
    return {} if text is None else msgspec.json.decode(text, type=dict[str, Published])


def to_remember(published: Mapping[str, Published]) -> str:
    """What was published, as a text for the diary to keep."""
    return msgspec.json.encode(published).decode()


def zone_name(name: str) -> str:
    """Name of a time zone, where it is known; else "UTC"."""
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"


def zone_of(name: str) -> tzinfo:
    """Zone by its name; UTC is Python's own, for which no rules need be written."""
    return UTC if name in ("UTC", "Etc/UTC", "Etc/UCT", "Etc/Universal", "Etc/Zulu") else ZoneInfo(name)


def event_uid(athlete_uid: str, name: str) -> str:
    """UID of an event: the same for the same athlete and name, and telling neither."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"hipdrive:{athlete_uid}/{name}"))


def _of_session(
    session: PlannedSession,
    profile: Profile,
    zone: str,
    athlete_uid: str,
    ladder: Mapping[str, Exercise],
    remind_minutes: int | None,
) -> CalendarEvent:
    test = test_words(session)
    minutes = whole_minutes(session)
    blocks = [[capitalised(plain(session.when)), capitalised(plain(session.why))]]
    blocks += [[test]] if test else []
    blocks += [
        [
            exercise_words(planned, ladder),
            capitalised(dose_manner(planned.dose)),
            f"Why: {plain(planned.why)}" if planned.why else "",
        ]
        for planned in session.exercises
    ]
    blocks += [[NOT_ADVICE]]
    return CalendarEvent(
        uid=event_uid(athlete_uid, f"session/{session.id}"),
        day=session.day,
        at=time.fromisoformat(profile.session_at),
        minutes=minutes,
        zone=zone,
        summary=f"Strength for runners, {minutes} min" + (", with a self test" if test else ""),
        description="\n\n".join("\n".join(filter(None, block)) for block in blocks if any(block)),
        categories=("Strength", "Self test") if test else ("Strength",),
        remind_minutes=remind_minutes,
    )


def _of_race(race: Race, zone: str, athlete_uid: str) -> CalendarEvent:
    distance = f"{race.distance_m / 1000:.4g} km"
    return CalendarEvent(
        uid=event_uid(athlete_uid, f"race/{race.day.isoformat()}/{race.distance_m:g}"),
        day=race.day,
        at=None,
        minutes=0,
        zone=zone,
        summary=f"Race: {plain(race.name)}, {distance}" if plain(race.name) else f"Race, {distance}",
        description="The plan keeps hard leg work away from it.",
        categories=("Race",),
        busy=False,
    )


def _breaks(settings: BreakSettings, programme: Programme, zone: str, athlete_uid: str) -> list[CalendarEvent]:
    """Breaks from sitting, each repeated on every working day of the weeks to come and no longer.

    In the calendar a break is at the same time every day, with the same thing to do; through the day they differ.
    """
    if not settings.on or not settings.weekdays:
        return []
    weekdays = tuple(sorted(settings.weekdays))
    monday = programme.made_for - timedelta(days=programme.made_for.weekday())
    return [
        CalendarEvent(
            uid=event_uid(athlete_uid, f"break/{number}"),
            day=monday + timedelta(days=weekdays[0]),
            at=one.at,
            minutes=one.minutes,
            zone=zone,
            summary=f"Break: {one.what}",
            description=one.text,
            categories=("Break",),
            remind_minutes=0,
            busy=False,
            weekdays=weekdays,
            until=monday + timedelta(weeks=BREAK_WEEKS, days=weekdays[-1] - 7),
        )
        for number, one in enumerate(break_times(settings, ANY_MONDAY + timedelta(days=weekdays[0])))
    ]


def _brought_forward(
    events: Mapping[str, CalendarEvent], published: Mapping[str, Published], now: datetime
) -> dict[str, Published]:
    """What is planned now, with what was published before: unchanged, changed, or cancelled."""
    known = {uid: _renewed(event, published.get(uid), now) for uid, event in events.items()}
    for uid, before in published.items():
        if uid in known or before.event.ends < now - REMEMBERED:
            continue
        still_to_come = before.event.ends > now
        event = replace(before.event, cancelled=True, remind_minutes=None) if still_to_come else before.event
        known[uid] = _renewed(event, before, now)
    return known


def _renewed(event: CalendarEvent, before: Published | None, now: datetime) -> Published:
    """The event as published before, or with the next number where its content is another."""
    second = now.astimezone(UTC).replace(microsecond=0)
    if before is None:
        return Published(event, 0, second)
    if event == before.event:
        return before
    return Published(event, before.sequence + 1, max(second, before.changed + timedelta(seconds=1)))


def _file(published: Sequence[Published], name: str) -> bytes:
    import icalendar

    file = icalendar.Calendar()
    file.add("PRODID", PRODUCT)
    file.add("VERSION", "2.0")
    file.add("CALSCALE", "GREGORIAN")
    file.add("X-WR-CALNAME", plain(f"hipdrive: {name}", 120))
    for zone in sorted({entry.event.zone for entry in published if entry.event.at is not None}):
        if zone_of(zone) is not UTC:
            events = [entry.event for entry in published if entry.event.zone == zone]
            years = [event.starts.year for event in events] + [event.ends.year for event in events]
            file.add_component(zone_rules(zone, min(years), max(years)))
    for entry in sorted(published, key=lambda entry: (entry.event.day, entry.event.at or time(), entry.event.uid)):
        file.add_component(_component(entry))
    return bytes(file.to_ical())


def _component(published: Published) -> icalendar.Event:
    import icalendar

    event, component = published.event, icalendar.Event()
    component.add("UID", event.uid)
    component.add("SEQUENCE", published.sequence)
    component.add("DTSTAMP", published.changed)
    component.add("LAST-MODIFIED", published.changed)
    component.add("DTSTART", event.day if event.at is None else event.starts)
    component.add("DTEND", event.day + ALL_DAY if event.at is None else replace(event, until=None).ends)
    component.add("SUMMARY", event.summary)
    component.add("DESCRIPTION", event.description)
    component.add("CATEGORIES", list(event.categories))
    component.add("CLASS", "PRIVATE")  # in a calendar that colleagues see, the time is taken, and no more is told
    component.add("TRANSP", "OPAQUE" if event.busy else "TRANSPARENT")
    component.add("STATUS", "CANCELLED" if event.cancelled else "CONFIRMED")
    if event.weekdays:
        rule = {"FREQ": "WEEKLY", "BYDAY": [RULE_DAYS[day] for day in event.weekdays]}
        component.add("RRULE", rule | ({"UNTIL": event.ends.astimezone(UTC)} if event.until else {}))
    if event.remind_minutes is not None:
        alarm = icalendar.Alarm()
        alarm.add("ACTION", "DISPLAY")
        alarm.add("DESCRIPTION", event.summary)
        alarm.add("TRIGGER", -timedelta(minutes=event.remind_minutes))
        component.add_component(alarm)
    return component


def zone_rules(name: str, first_year: int, last_year: int) -> icalendar.Timezone:
    """Rules of a time zone for some years, both included.

    Where the clocks change on the same two days of every year ("the last Sunday of March"), it is said so, as Outlook
    understands nothing else ([MS-STANOICAL] 2.2.47); elsewhere every change stands by itself. Each is written in the
    local time before the change (RFC 5545, 3.6.5).
    """
    import icalendar

    zone, last_seen = ZoneInfo(name), max(last_year, first_year + SEEN_YEARS)
    changes = _clock_changes(name, first_year - 1, last_seen)
    yearly = _yearly(zone, changes[1:], first_year - 1, last_seen)
    rules = icalendar.Timezone()
    rules.add("TZID", name)
    for change in yearly or [change for change in changes if change.year <= last_year + 1]:
        before, after = _offset(zone, change - timedelta(seconds=1)), _offset(zone, change)
        rule = icalendar.TimezoneDaylight() if _goes_forward(zone, change) else icalendar.TimezoneStandard()
        rule.add("DTSTART", (change + before).replace(tzinfo=None))
        rule.add("TZOFFSETFROM", before)
        rule.add("TZOFFSETTO", after)
        rule.add("TZNAME", change.astimezone(zone).tzname() or name)
        if change in yearly:
            rule.add("RRULE", {"FREQ": "YEARLY", **yearly[change]})
        rules.add_component(rule)
    return rules


def _yearly(
    zone: ZoneInfo, changes: Sequence[datetime], first_year: int, last_year: int
) -> dict[datetime, dict[str, str | int]]:
    """First change to summer time and first change back, each with its rule; empty where they follow no rule."""
    found: dict[datetime, dict[str, str | int]] = {}
    for forward in (True, False):
        alike = [change for change in changes if _goes_forward(zone, change) is forward]
        local = [change + _offset(zone, change - timedelta(seconds=1)) for change in alike]
        if [change.year for change in local] != list(range(first_year, last_year + 1)):
            return {}
        days = {
            (change.time(), change.month, change.weekday(), _offset(zone, instant))
            for change, instant in zip(local, alike, strict=True)
        }
        weeks = {(change.day - 1) // 7 + 1 for change in local}
        if all(change.day + 7 > monthrange(change.year, change.month)[1] for change in local):
            weeks = {-1}
        if len(days) != 1 or len(weeks) != 1:
            return {}
        found[alike[0]] = {"BYMONTH": local[0].month, "BYDAY": f"{weeks.pop()}{RULE_DAYS[local[0].weekday()]}"}
    return dict(sorted(found.items(), key=lambda entry: entry[0]))


def _goes_forward(zone: ZoneInfo, change: datetime) -> bool:
    return _offset(zone, change) > _offset(zone, change - timedelta(seconds=1))


@cache
def _clock_changes(name: str, first_year: int, last_year: int) -> tuple[datetime, ...]:
    """Instants in UTC, to the second, at which the clocks of a zone change; the first is the beginning."""
    zone = ZoneInfo(name)
    day = datetime(first_year, 1, 1, tzinfo=UTC) - timedelta(days=2)  # nowhere are clocks further from UTC
    end = datetime(last_year + 1, 1, 1, tzinfo=UTC) + timedelta(days=2)
    changes = [day]
    while day < end:
        low, high = day, day + timedelta(days=1)
        if _offset(zone, low) != _offset(zone, high):
            while high - low > timedelta(seconds=1):
                middle = (low + (high - low) / 2).replace(microsecond=0)
                low, high = (middle, high) if _offset(zone, middle) == _offset(zone, day) else (low, middle)
            changes.append(high)
        day += timedelta(days=1)
    return tuple(changes)


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta:
    offset = instant.astimezone(zone).utcoffset()
    assert offset is not None
    return offset
