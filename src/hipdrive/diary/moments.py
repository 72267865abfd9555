"""Zones of time as text: a run comes back in the zone in which it was run."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def zone_name(moment: datetime) -> str:
    """Name of the zone of a moment, "Europe/Berlin", or its offset then, "+01:00"."""
    if isinstance(moment.tzinfo, ZoneInfo) and moment.tzinfo.key:
        return moment.tzinfo.key
    return moment.isoformat(timespec="microseconds")[len("2026-01-01T00:00:00.000000") :]


def zone_named(name: str) -> tzinfo:
    """Give the zone of that name or offset; UTC, with the moment unchanged, where this machine does not know it."""
    try:
        if name[:1] in ("+", "-"):
            return datetime.fromisoformat(f"2026-01-01T00:00:00{name}").tzinfo or UTC
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a name too long for a file, or that of a folder
        return UTC
