"""Runs in FIT files, as watches write them.

A file of an hour holds some 3600 records of one second and a handful of summaries, and only the summaries are needed.
A decoder would decode every record, so the summaries are sifted out first, which needs no more than the sizes of the
records, and only they are decoded.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from typing import Any, Final

from hipdrive.errors import HipdriveError
from hipdrive.exchange.activity import Found, LeftOut, Recorded, found_in, number, steps_per_min

# FIT protocol: header of a file, headers of records, sizes
MARK: Final = b".FIT"  # at byte 8 of the header
HEADER_SIZES: Final = (12, 14)
HEADER_LAYOUT: Final = "<BBHI4s"  # size of the header, versions of protocol and profile, size of the records, mark
PROTOCOL_2_0: Final = 0x20
CRC_SIZE: Final = 2
COMPRESSED_TIME, DEFINITION, DEVELOPER_DATA = 0x80, 0x40, 0x20
LOCAL_NUMBER, COMPRESSED_LOCAL_NUMBER = 0x0F, 0x60
CRC_POLYNOMIAL: Final = 0xA001

# FIT protocol: base types of fields; the number says it all, the mark of those of several bytes may be left out
TYPE_NUMBER, SEVERAL_BYTES = 0x1F, 0x80
SEVERAL_BYTES_TYPES: Final = frozenset({3, 4, 5, 6, 8, 9, 11, 12, 14, 15, 16})
BYTE, UINT8 = 0x0D, 0x02

# FIT profile: numbers of messages
FILE_ID, SESSION, ACTIVITY = 0, 18, 34
SUMMARIES: Final = frozenset({FILE_ID, SESSION, ACTIVITY})
MOST_CHAINED: Final = 100  # files in one file; watches chain a handful

FIT_EPOCH: Final = datetime(1989, 12, 31, tzinfo=UTC)
TIME_BITS: Final = 32  # of a moment in seconds
MOST_OFFSET: Final = timedelta(hours=14)  # of local time from UTC, either way
OFFSET_STEP: Final = timedelta(minutes=15)  # all zones are a multiple of it


Messages = dict[int, list[dict[str, Any]]]
"""Fields of messages, by the number of their message."""


def is_fit(data: bytes) -> bool:
    """Whether a file begins as FIT files do."""
    return data[8:12] == MARK


def runs_in_fit(data: bytes, name: str, zone: tzinfo) -> Found:
    """Runs of a FIT file, chained files included.

    Duration is the time of the timer, with pauses out; where there is none, the moving or the elapsed time. Local time
    is that of the watch where it is there, else of `zone`.

    Parameters
    ----------
    data : bytes
    name : str
        Of the file, for what is said about it.
    zone : tzinfo
        Zone of the runner.

    Raises
    ------
    HipdriveError
        When the file is damaged.
    """
    found = Found()
    for body in _bodies(data, name):
        found += _runs_in(_decoded(_summaries(body, name), name), name, zone)
    return found


def _runs_in(messages: Messages, name: str, zone: tzinfo) -> Found:
    kinds = [message.get("type") for message in messages.get(FILE_ID, [])]
    if kinds and kinds[0] != "activity":
        return Found(left_out=(LeftOut(name, "no activity"),))
    sessions = messages.get(SESSION, [])
    if not sessions:
        return Found(left_out=(LeftOut(name, "an activity without a summary"),))
    activities = messages.get(ACTIVITY, [])
    local = (_offset(activities[0]) if activities else None) or zone
    return found_in([_recorded(session, local) for session in sessions], name)


def _recorded(session: dict[str, Any], zone: tzinfo) -> Recorded:
    """What a session says."""
    start = _moment(session.get("start_time"))
    cadence = number(session.get("avg_cadence"))
    fraction = number(session.get("avg_fractional_cadence")) or 0.0
    times = (number(session.get(f"total_{kind}_time")) for kind in ("timer", "moving", "elapsed"))
    return Recorded(
        "fit",
        _sport(session),
        None if start is None else start.astimezone(zone),
        number(session.get("total_distance")),
        next((time for time in times if time), None),
        number(session.get("total_ascent")),
        number(session.get("avg_heart_rate")),
        steps_per_min(None if cadence is None else cadence + fraction),
    )


def _sport(session: dict[str, Any]) -> str:
    """Word for the sport, "running" for runs; gym machines say treadmill where watches say running."""
    sport, kind = session.get("sport"), session.get("sub_sport")
    if sport == "running" or (sport == "fitness_equipment" and kind == "treadmill"):
        return "running"
    return sport.replace("_", " ") if isinstance(sport, str) and sport != "generic" else "another sport"


def _offset(activity: dict[str, Any]) -> timezone | None:
    """Zone of the watch: by how much its local time is ahead of UTC."""
    time, local = _moment(activity.get("timestamp")), _moment(activity.get("local_timestamp"))
    if time is None or local is None:
        return None
    offset = OFFSET_STEP * round((local - time) / OFFSET_STEP)
    return timezone(offset) if abs(offset) <= MOST_OFFSET else None


def _moment(value: object) -> datetime | None:
    """Moment of so many seconds as watches count them."""
    seconds = number(value)
    if seconds is None or not 0 <= seconds < 1 << TIME_BITS:
        return None
    return FIT_EPOCH + timedelta(seconds=seconds)


def _decoded(summaries: bytes, name: str) -> Messages:
    """Fields of the summaries: numbers in the units of the profile, and words; moments stay numbers."""
    import fitdecode

    header = struct.pack(HEADER_LAYOUT, min(HEADER_SIZES), PROTOCOL_2_0, 0, len(summaries), MARK)
    messages: Messages = {}
    try:
        with fitdecode.FitReader(
            header + summaries + bytes(CRC_SIZE),
            processor=None,  # it would make moments of whatever stands where a moment belongs
            check_crc=fitdecode.CrcCheck.DISABLED,
            error_handling=fitdecode.ErrorHandling.IGNORE,  # what describes the fields of apps was sifted out
        ) as reader:
            for frame in reader:
                if isinstance(frame, fitdecode.FitDataMessage):
                    messages.setdefault(frame.global_mesg_num, []).append(_own_fields(frame))
    except (fitdecode.FitError, TypeError, ValueError):  # the latter where a value is not of the kind of its field
        if SESSION not in messages:
            raise _damaged(name) from None
    return messages


def _own_fields(message: Any) -> dict[str, Any]:
    """Fields of the watch itself by name, without those of apps, and without what is derived from others."""
    return {
        (field.parent_field or field.field).name: field.value
        for field in message.fields
        if field.field is not None and field.field_def is not None and not field.field_def.is_dev
    }


def _bodies(data: bytes, name: str) -> Iterator[bytes]:
    """Records of each of the files that are chained in one, after their length and check sum were looked at."""
    start = 0
    for _ in range(MOST_CHAINED):
        if start and not data[start : start + 1].strip(b"\0"):  # the end, or zeros with which some programs fill up
            return
        first = start + data[start]
        end = first + int.from_bytes(data[start + 4 : start + 8], "little")
        if data[start] not in HEADER_SIZES or not is_fit(data[start:first]) or end + CRC_SIZE > len(data):
            raise _damaged(name)
        if crc(data[start:end]) != int.from_bytes(data[end : end + CRC_SIZE], "little"):
            raise _damaged(name)
        yield data[first:end]
        start = end + CRC_SIZE
    raise HipdriveError(f"{name} chains more than {MOST_CHAINED} files: import them one by one")


def _summaries(body: bytes, name: str) -> bytes:
    """Summaries among the records, with the definitions that say how they are laid out."""
    sizes: dict[int, int] = {}
    wanted: set[int] = set()
    kept = bytearray()
    at = 0
    try:
        while at < len(body):
            header = body[at]
            if header & COMPRESSED_TIME:  # a record of one moment, never a summary
                at += 1 + sizes[(header & COMPRESSED_LOCAL_NUMBER) >> 5]
                continue
            local = header & LOCAL_NUMBER
            if header & DEFINITION:
                end, sizes[local], message = _definition(body, at)
                wanted.discard(local)
                if message in SUMMARIES:
                    wanted.add(local)
            else:
                end = at + 1 + sizes[local]
            if local in wanted:
                kept += _with_whole_types(body[at:end]) if header & DEFINITION else body[at:end]
            at = end
    except (KeyError, IndexError):
        raise _damaged(name) from None
    if at != len(body):
        raise _damaged(name)
    return bytes(kept)


def _definition(body: bytes, at: int) -> tuple[int, int, int]:
    """End of a definition, size of the records it defines, and number of their message."""
    big_endian = body[at + 2] != 0
    message = int.from_bytes(body[at + 3 : at + 5], "big" if big_endian else "little")
    end = at + 6 + 3 * body[at + 5]
    size = sum(body[at + 7 : end : 3])
    if body[at] & DEVELOPER_DATA:
        first, end = end + 1, end + 1 + 3 * body[end]
        size += sum(body[first + 1 : end : 3])
    return end, size, message


def _with_whole_types(definition: bytes) -> bytes:
    """Definition with base types as the decoder knows them; single bytes are numbers to it, too."""
    whole = bytearray(definition)
    types = slice(8, 6 + 3 * whole[5], 3)
    whole[types] = whole[types].translate(_whole_types())
    return bytes(whole)


@cache
def _whole_types() -> bytes:
    numbers = [byte & TYPE_NUMBER for byte in range(256)]
    return bytes(
        UINT8 if number == BYTE else number | (SEVERAL_BYTES if number in SEVERAL_BYTES_TYPES else 0)
        for number in numbers
    )


def crc(data: bytes) -> int:
    """Check sum of FIT files."""
    table, value = _crc_table(), 0
    for byte in data:
        value = (value >> 8) ^ table[(value ^ byte) & 0xFF]
    return value


@cache
def _crc_table() -> list[int]:
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ CRC_POLYNOMIAL if value & 1 else value >> 1
        table.append(value)
    return table


def _damaged(name: str) -> HipdriveError:
    return HipdriveError(f"{name} is damaged or cut short: copy it from the watch again")
