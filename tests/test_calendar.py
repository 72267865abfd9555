"""The plan in the calendar: read back by two libraries, and imported again and again."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import icalendar
import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st
from ical.calendar_stream import IcsCalendarStream

from hipdrive.errors import HipdriveError
from hipdrive.exchange.calendar import CalendarEvent, calendar, event_uid, remembered, to_remember, zone_rules
from hipdrive.training.history import Race
from hipdrive.training.sitting import MOST_A_DAY, BreakSettings
from planned import EXERCISES, LADDER, MONDAY, PROFILE, programme, session

NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
UID = "8d1f4e52"


def write(plan, published=None, *, profile=PROFILE, now=NOW, **options):
    return calendar(plan, profile, UID, published or {}, LADDER, now=now, **options)


def read(data: bytes):
    """Events, by the second library."""
    return IcsCalendarStream.calendar_from_ics(data.decode()).events


def components(data: bytes):
    return icalendar.Calendar.from_ical(data).walk("VEVENT")


class Store:
    """A calendar program as small as can be: events by UID, the higher SEQUENCE wins, cancelled ones go."""

    def __init__(self):
        self.events = {}

    def take(self, data: bytes) -> int:
        """Import a file; the number of events that changed."""
        changed = 0
        for event in read(data):
            known = self.events.get(event.uid)
            if known is None or event.sequence > known.sequence:
                changed += 1
                self.events[event.uid] = event
            else:
                same = known == event
                assert same or event.sequence < known.sequence, "other content under the same number"
        return changed

    @property
    def shown(self):
        return sorted((e for e in self.events.values() if e.status != "CANCELLED"), key=lambda e: e.start_datetime)


PLAN = programme(session(MONDAY), session(MONDAY + timedelta(days=3), 2, test="single-leg-bridge"))


def test_a_session_is_an_event_with_its_time_its_doses_and_an_alarm():
    data, _ = write(PLAN, remind_minutes=45)
    for first, second in (read(data), components(data)):
        assert first.uid != second.uid
    first, second = read(data)
    assert first.dtstart == datetime(2026, 11, 23, 18, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    assert first.dtstart.tzinfo.key == "Europe/Berlin"
    minutes = PLAN.sessions[0].minutes
    assert minutes <= (first.dtend - first.dtstart).total_seconds() / 60 < minutes + 1
    assert second.dtend - second.dtstart > first.dtend - first.dtstart  # the self test takes time, too
    assert first.categories == ["Strength"]
    assert second.categories == ["Strength", "Self test"]
    assert "First the self test: single leg bridge" in second.description
    assert "Glute bridge: 3 sets of 10 to 12\n" in first.description
    assert "Monster walk: 2 sets of 8 to 10 steps each way with the red band\nStop with" in first.description
    assert "Side plank: 2 sets of 20 to 30 s on each side\n60 s of rest\n" in first.description
    for exercise in EXERCISES:
        assert f"Why: {exercise.why}" in first.description
    assert "After your run" in first.description
    assert "Two days before your long run" in first.description
    assert "not medical advice" in first.description
    assert [alarm.trigger for alarm in first.alarm] == [-timedelta(minutes=45)]
    [alarm] = components(data)[0].walk("VALARM")
    assert alarm["ACTION"] == "DISPLAY"
    assert alarm["DESCRIPTION"] == first.summary


def test_reminders_can_be_left_out_and_are_bounded():
    assert not any(event.alarm for event in read(write(PLAN, remind_minutes=None)[0]))
    with pytest.raises(HipdriveError, match="0 to 10080"):
        write(PLAN, remind_minutes=-5)


def test_the_file_is_as_the_standard_wants_it():
    long = session(MONDAY, why="größer, weiter; höher\\schneller " * 20)
    data, _ = write(programme(long), profile=replace(PROFILE, name="Zoë; Ada, \\n"))
    assert data.endswith(b"END:VCALENDAR\r\n")
    lines = data.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert b"\n" not in b"".join(lines)
    for line in lines:
        line.decode()  # no letter is torn in two
    assert " ".join(long.why.split())[1:] in components(data)[0]["DESCRIPTION"]
    assert icalendar.Calendar.from_ical(data)["X-WR-CALNAME"] == "hipdrive: Zoë; Ada, \\n"
    for name in (b"VERSION:2.0", b"PRODID:", b"DTSTAMP:", b"UID:", b"SEQUENCE:0", b"LAST-MODIFIED:", b"CLASS:PRIVATE"):
        assert name in data
    assert b"METHOD" not in data  # it would ask for an organizer


def test_the_same_plan_gives_the_same_bytes_whenever_it_is_written():
    first, published = write(PLAN)
    second, again = write(PLAN, published, now=NOW + timedelta(hours=7))
    assert second == first
    assert again == published
    assert remembered(to_remember(published)) == published
    assert remembered(None) == {}


def test_importing_twice_changes_nothing():
    store, (data, published) = Store(), write(PLAN)
    assert store.take(data) == 2
    assert store.take(data) == 0
    assert store.take(write(PLAN, published, now=NOW + timedelta(hours=1))[0]) == 0
    assert len(store.shown) == 2


def test_a_session_that_moves_in_its_week_takes_its_event_along():
    store, (data, published) = Store(), write(PLAN)
    store.take(data)
    moved = programme(replace(PLAN.sessions[0], day=MONDAY + timedelta(days=1)), PLAN.sessions[1])
    later = NOW + timedelta(hours=1)
    data, published = write(moved, published, now=later)
    assert store.take(data) == 1
    assert [event.dtstart.day for event in store.shown] == [24, 26]
    entry = published[event_uid(UID, f"session/{PLAN.sessions[0].id}")]
    assert (entry.sequence, entry.changed) == (1, later)
    untouched = published[event_uid(UID, f"session/{PLAN.sessions[1].id}")]
    assert (untouched.sequence, untouched.changed) == (0, NOW)
    back, published = write(PLAN, published, now=later)  # in the same second
    assert store.take(back) == 1
    assert store.shown[0].dtstart.day == 23
    assert published[entry.event.uid].changed > later


def test_what_is_planned_no_more_goes_and_may_come_back():
    store, (data, published) = Store(), write(PLAN)
    store.take(data)
    shorter = programme(PLAN.sessions[1])
    data, published = write(shorter, published)
    assert store.take(data) == 1
    assert [event.dtstart.day for event in store.shown] == [26]
    assert not any(
        alarm for event in components(data) if event["STATUS"] == "CANCELLED" for alarm in event.walk("VALARM")
    )
    again, published = write(shorter, published)
    assert again == data  # cancelled once, not anew each time
    data, published = write(PLAN, published)
    assert store.take(data) == 1
    assert len(store.shown) == 2


def test_a_stopped_plan_takes_all_that_is_to_come_out_and_leaves_the_past():
    store, (data, published) = Store(), write(PLAN)
    store.take(data)
    tuesday = NOW + timedelta(days=2)
    data, published = write(programme(stopped="see a professional first"), published, now=tuesday)
    assert store.take(data) == 1
    assert [event.dtstart.day for event in store.shown] == [23]
    assert not write(programme(), published, now=NOW + timedelta(days=200))[1]  # forgotten in the end


def test_other_runners_have_other_events():
    mine, _ = write(PLAN)
    theirs, _ = calendar(PLAN, PROFILE, "another", {}, LADDER, now=NOW)
    assert not {event.uid for event in read(mine)} & {event.uid for event in read(theirs)}


def test_races_last_a_day_and_block_no_time():
    races = (Race(date(2026, 10, 1), 10_000, "over"), Race(date(2026, 12, 6), 21_097.5, "Advent, half"))
    data, published = write(programme(), races=races)
    [event] = read(data)
    assert (event.dtstart, event.dtend) == (date(2026, 12, 6), date(2026, 12, 7))
    assert event.summary == "Race: Advent, half, 21.1 km"
    assert event.transparency == "TRANSPARENT"
    data, _ = write(programme(), published)
    assert [event.status for event in read(data)] == ["CANCELLED"]


BREAKS = BreakSettings(60, time(9), time(17), weekdays=(0, 2, 4), on=True)


def occurrences(event) -> list[datetime]:
    """Local starts of a repeated event."""
    start = event["DTSTART"].dt
    rule = event["RRULE"].to_ical().decode()
    return list(rrulestr(rule, dtstart=start))


def test_breaks_are_repeated_with_an_alarm_and_come_to_an_end():
    data, published = write(programme(made_for=date(2027, 3, 18)), breaks=BREAKS, now=datetime(2027, 3, 18, tzinfo=UTC))
    events = components(data)
    assert 4 <= len(events) <= MOST_A_DAY
    for event, other in zip(events, read(data), strict=True):
        starts = occurrences(event)
        assert starts == [start.replace(tzinfo=starts[0].tzinfo) for start in other.as_rrule()]
        assert [f"{start:%a}" for start in starts] == ["Mon", "Wed", "Fri"] * 4
        assert {start.time() for start in starts} == {event["DTSTART"].dt.time()}  # summer time begins in between
        assert len({start.utcoffset() for start in starts}) == 2
        assert starts[0].date() == date(2027, 3, 15)
        assert starts[-1].date() == date(2027, 4, 9)
        [alarm] = event.walk("VALARM")
        assert alarm["TRIGGER"].dt == timedelta(0)
        assert other.transparency == "TRANSPARENT"
        assert other.description.count("This breaks up sitting.") == 1
    later = datetime(2027, 3, 20, tzinfo=UTC)
    assert write(programme(made_for=date(2027, 3, 20)), published, breaks=BREAKS, now=later)[0] == data
    off, _ = write(programme(made_for=date(2027, 3, 20)), published, now=later)
    assert {event["STATUS"] for event in components(off)} == {"CANCELLED"}


def test_breaks_are_only_for_those_who_ask_and_rest_with_the_plan():
    for plan, settings_ in (
        (programme(), None),
        (programme(), BreakSettings()),
        (programme(stopped="see a doctor"), BREAKS),
        (programme(), replace(BREAKS, weekdays=())),
    ):
        assert not components(write(plan, breaks=settings_)[0])


@pytest.mark.parametrize(
    ("zone", "days", "hours"),
    [
        ("Europe/Berlin", (date(2027, 3, 27), date(2027, 3, 28)), (17, 16)),
        ("Europe/Berlin", (date(2026, 10, 24), date(2026, 10, 25)), (16, 17)),
        ("America/New_York", (date(2027, 3, 13), date(2027, 3, 14)), (23, 22)),
        ("America/New_York", (date(2026, 10, 31), date(2026, 11, 1)), (22, 23)),
        ("Australia/Sydney", (date(2026, 10, 3), date(2026, 10, 4)), (8, 7)),
        ("Australia/Sydney", (date(2027, 4, 3), date(2027, 4, 4)), (7, 8)),
        ("Asia/Kolkata", (date(2027, 3, 27), date(2027, 3, 28)), (12.5, 12.5)),
        ("UTC", (date(2027, 3, 27), date(2027, 3, 28)), (18, 18)),
        ("Mars/Olympus", (date(2027, 3, 27), date(2027, 3, 28)), (18, 18)),
    ],
)
def test_six_in_the_evening_stays_six_in_the_evening(zone, days, hours):
    now = datetime(2026, 9, 1, tzinfo=UTC)
    data, _ = write(
        programme(*(session(day, place) for place, day in enumerate(days))),
        profile=replace(PROFILE, time_zone=zone),
        now=now,
    )
    by_id = [event.start_datetime.astimezone(UTC) for event in read(data)]
    by_rules = [instant(data, event["DTSTART"]) for event in components(data)]
    for instants in (by_id, by_rules):
        assert [(moment.hour + moment.minute / 60) for moment in instants] == list(hours)
    assert (b"VTIMEZONE" in data) == (zone not in ("UTC", "Mars/Olympus"))


def instant(data: bytes, start) -> datetime:
    """Instant of a start by the rules that the file itself brings, as a program without names of zones takes it."""
    if start.dt.tzinfo is UTC or start.params.get("TZID") is None:
        return start.dt.astimezone(UTC)
    [rules] = icalendar.Calendar.from_ical(data).walk("VTIMEZONE")
    assert rules["TZID"] == start.params["TZID"]
    return start.dt.replace(tzinfo=None).replace(tzinfo=UTC) - offset_by_rules(rules, start.dt.replace(tzinfo=None))


def onsets_of(rules) -> list[tuple[datetime, timedelta, timedelta]]:
    """Every change up to 2028, in the local time before it, with the offsets before and after it."""
    onsets = []
    for rule in rules.subcomponents:
        start, before, after = rule["DTSTART"].dt, rule["TZOFFSETFROM"].td, rule["TZOFFSETTO"].td
        every = [start]
        if "RRULE" in rule:
            every = rrulestr(rule["RRULE"].to_ical().decode(), dtstart=start).between(start, datetime(2028, 1, 1), True)
        onsets += [(onset, before, after) for onset in every]
    return sorted(onsets)


def offset_by_rules(rules, local: datetime) -> timedelta:
    return max(onset for onset in onsets_of(rules) if onset[0] <= local)[2]


@pytest.mark.parametrize(
    ("zone", "summer", "winter"),
    [
        ("Europe/Berlin", (3, "-1SU"), (10, "-1SU")),
        ("America/New_York", (3, "2SU"), (11, "1SU")),
        ("Australia/Sydney", (10, "1SU"), (4, "1SU")),
        ("Europe/Dublin", (3, "-1SU"), (10, "-1SU")),  # whose winter, by law, is the exception
    ],
)
def test_zones_with_a_rule_say_it_as_outlook_wants_it(zone, summer, winter):
    rules = zone_rules(zone, 2026, 2027)
    said = {rule.name: (rule["RRULE"]["BYMONTH"], rule["RRULE"]["BYDAY"]) for rule in rules.subcomponents}
    assert len(rules.subcomponents) == 2
    assert said == {"DAYLIGHT": summer, "STANDARD": winter}


ZONES = (
    "Europe/Berlin",
    "Europe/Dublin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "America/Santiago",
)


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    local=st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2027, 12, 31)),
)
def test_the_rules_of_a_zone_are_those_of_the_zone(zone, local):
    rules = zone_rules(zone, 2026, 2027)
    there = local.replace(microsecond=0, tzinfo=ZoneInfo(zone))
    exists = there.astimezone(UTC).astimezone(ZoneInfo(zone)) == there
    twice = there.utcoffset() != there.replace(fold=1).utcoffset()
    if exists and not twice:
        assert offset_by_rules(rules, local) == there.utcoffset()


@pytest.mark.parametrize("zone", ZONES)
def test_every_change_of_the_clocks_is_there_at_its_second(zone):
    def offset(instant):
        return instant.astimezone(ZoneInfo(zone)).utcoffset()

    changes = {}
    for onset, before, after in onsets_of(zone_rules(zone, 2026, 2027)):
        instant = (onset - before).replace(tzinfo=UTC)  # RFC 5545, 3.6.5: in the local time before the change
        changes[instant] = after
        assert offset(instant) == after
        assert offset(instant - timedelta(seconds=1)) == before
    hours = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number) for number in range(2 * 365 * 24)]
    changed = [after for before, after in pairwise(hours) if offset(before) != offset(after)]
    assert len(changed) == sum(hours[0] < instant <= hours[-1] for instant in changes) >= 4


TEXTS = st.text(max_size=60) | st.sampled_from(
    ["\r\nBEGIN:VEVENT\r\nEND:VEVENT", "a\x00b\x1bc\u2028d\x85e", "\ud800", 'x";,:\\N\\n', "🏃‍♀️ é ẞ", "=?utf-8?q?x?="]
)


@settings(max_examples=50, deadline=None)
@given(name=TEXTS, why=TEXTS, when=TEXTS, race=TEXTS)
def test_whatever_names_and_notes_hold_there_is_one_event_for_each(name, why, when, race):
    plan = programme(session(MONDAY, why=why, when=when))
    races = (Race(MONDAY, 5000, race),)
    data, published = write(plan, profile=replace(PROFILE, name=name), races=races)
    one, other = read(data), components(data)
    assert len(one) == len(other) == 2
    assert {event.uid for event in one} == {str(event["UID"]) for event in other} == set(published)
    for event in other:
        entry = published[str(event["UID"])].event
        # icalendar takes a written \\N for an end of the line, as in a file
        texts = (entry.summary.replace("\\N", "\n"), entry.description.replace("\\N", "\n"))
        assert (event["SUMMARY"], event["DESCRIPTION"]) == texts
    for event in one:
        entry = published[event.uid].event
        texts = (entry.summary.replace("\\N", "\n"), entry.description.replace("\\N", "\n"))
        assert (event.summary, event.description) == texts
    assert remembered(to_remember(published)) == published
    assert write(plan, published, profile=replace(PROFILE, name=name), races=races)[0] == data
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.dictionaries(st.integers(1, 3), st.integers(0, 13)), max_size=6))
def test_after_any_changes_the_calendar_shows_what_is_planned(plans):
    store, published = Store(), {}
    for step, days in enumerate(plans):
        plan = programme(*(session(MONDAY + timedelta(days=day), place) for place, day in days.items()))
        data, published = write(plan, published, now=NOW + timedelta(seconds=step))
        store.take(data)
        store.take(data)
        assert [event.dtstart.date() for event in store.shown] == sorted(s.day for s in plan.sessions)


def test_an_event_in_the_hour_that_is_left_out_still_ends_after_it_starts():
    event = CalendarEvent("u", date(2027, 3, 28), time(2, 30), 20, "Europe/Berlin", "s", "d", ())
    assert event.ends - event.starts.astimezone(UTC) == timedelta(minutes=20)
