"""Runs in TCX and GPX files, as programs for runners write them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from io import BytesIO
from typing import TYPE_CHECKING, Final

from hipdrive.errors import HipdriveError
from hipdrive.exchange.activity import (
    FIRST_YEAR,
    LAST_YEAR,
    Found,
    LeftOut,
    Recorded,
    found_in,
    number,
    steps_per_min,
)

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    import numpy as np
    from numpy.typing import NDArray

MOST_POINTS: Final = 1_000_000  # of one file: eleven days at one a second
MOST_DEPTH: Final = 50  # of elements in one another

EARTH_RADIUS_M: Final = 6_371_008.8  # mean radius; Moritz 2000, J Geodesy (GRS 80)
LEAST_MOVING_M_S: Final = 0.5  # slower than this over a few seconds is standing; proposal
MOVING_OVER_S: Final = 5.0  # over which this is looked at, as single steps of GPS tremble; proposal
MOST_GPS_SPEED_M_S: Final = 12.0  # between two points; what is faster is a leap of GPS or a ride; proposal
CLIMB_M: Final = 5.0  # ups and downs smaller than this are trembling of the height; proposal

# of a GPX file that does not name its sport; proposal: walking ends and cycling begins about there
RUNNING_M_S: Final = (1.8, 6.0)
RUNNING_WORDS: Final = ("run", "jog", "treadmill")
STRAVA_RUN: Final = "9"  # older files of Strava name the sport by its number


@dataclass
class Point:
    """One point of a track; what is not told is None, times in seconds since 1970."""

    time_s: float | None = None
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    height_m: float | None = None
    distance_m: float | None = None
    heart_rate_bpm: float | None = None
    cadence: float | None = None


@dataclass
class Lap:
    """What a lap of a TCX file says."""

    duration_s: float | None = None
    distance_m: float | None = None
    heart_rate_bpm: float | None = None
    cadence: float | None = None
    points: list[Point] = field(default_factory=list)


@dataclass(frozen=True)
class Travelled:
    """What a row of points adds up to."""

    distance_m: float
    moving_s: float


def is_xml(data: bytes) -> bool:
    """Whether a file looks like XML, whatever stands in it."""
    return data[:64].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<")


def runs_in_xml(data: bytes, name: str, zone: tzinfo) -> Found:
    """Runs of a TCX or GPX file.

    A time without a zone is local time of the runner.

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
        When the file is damaged, has too many points, or holds XML entities.
    """
    from xml.etree.ElementTree import ParseError

    # files of Strava begin with blanks, which XML does not allow
    elements = _elements(data.lstrip(b" \t\r\n"))
    try:
        root = next(elements)[1]
        reader = READERS.get(root.tag.rpartition("}")[2])
        found = found_in(reader(elements, zone), name) if reader else Found()
    except _TooMuch as much:
        raise HipdriveError(f"{name} {much}") from None
    except (ParseError, ValueError, LookupError):  # ValueError: entities and document types, which may be attacks
        raise HipdriveError(f"{name} is damaged: export it again") from None
    return found if found != Found() else Found(left_out=(LeftOut(name, "no activity"),))


def _tcx(elements: Iterator[tuple[bool, Element, str]], zone: tzinfo) -> Iterator[Recorded]:
    """Activities of a TCX file.

    The duration of a lap is that of the timer, its distance that of the watch; where they are missing, they are taken
    from its points.
    """
    laps: list[Lap] = []
    start: datetime | None = None
    lap, point, points = Lap(), Point(), 0
    where: list[str] = []
    for begins, element, tag in elements:
        if begins:
            where.append(tag)
            if tag == "Activity":
                laps, start = [], None
            elif tag == "Lap":
                lap = Lap()
                started = _time(element.get("StartTime"), zone)
                start = start or started
            elif tag == "Trackpoint":
                point = Point()
            continue
        where.pop()
        inside = where[-1] if where else ""
        value = number(element.text)
        if tag == "Trackpoint":
            points += 1
            if points > MOST_POINTS:
                raise _TooMuch(f"holds more than {MOST_POINTS:,} points: export each activity by itself")
            lap.points.append(point)
        elif "Trackpoint" in where:
            _tcx_point(point, tag, inside, element.text, value, zone)
        elif tag == "TotalTimeSeconds":
            lap.duration_s = value
        elif tag == "DistanceMeters" and inside == "Lap":
            lap.distance_m = value
        elif tag == "Value" and inside == "AverageHeartRateBpm":
            lap.heart_rate_bpm = value
        elif tag == "AvgRunCadence":
            lap.cadence = value
        elif tag == "Id" and inside == "Activity":
            start = start or _time(element.text, zone)
        elif tag == "Lap":
            laps.append(lap)
        elif tag == "Activity":
            yield _tcx_activity(element.get("Sport"), start, laps, zone)


def _tcx_point(point: Point, tag: str, inside: str, text: str | None, value: float | None, zone: tzinfo) -> None:
    if tag == "Time":
        time = _time(text, zone)
        point.time_s = None if time is None else time.timestamp()
    elif tag == "LatitudeDegrees":
        point.latitude_deg = value
    elif tag == "LongitudeDegrees":
        point.longitude_deg = value
    elif tag == "AltitudeMeters":
        point.height_m = value
    elif tag == "DistanceMeters":
        point.distance_m = value
    elif tag == "Value" and inside == "HeartRateBpm":
        point.heart_rate_bpm = value
    elif tag in ("RunCadence", "Cadence"):
        point.cadence = value


def _tcx_activity(sport: str | None, start: datetime | None, laps: Sequence[Lap], zone: tzinfo) -> Recorded:
    word = (sport or "").lower()
    points = [point for lap in laps for point in lap.points]
    if start is None:
        start = _first_time(points, zone)
    return Recorded(
        "tcx",
        word if word in ("running", "biking") else "another sport",
        None if start is None else start.astimezone(zone),
        _sum(_lap_distance_m(lap) for lap in laps),
        _sum(_lap_duration_s(lap) for lap in laps),
        _ascent_m(points),
        _mean([point.heart_rate_bpm for point in points])
        or _weighted_mean([(lap.heart_rate_bpm, lap.duration_s) for lap in laps]),
        steps_per_min(
            _weighted_mean([(lap.cadence, lap.duration_s) for lap in laps])
            or _mean([point.cadence for point in points])
        ),
    )


def _lap_distance_m(lap: Lap) -> float | None:
    """What the lap says, else what its points counted, else how far they lie apart."""
    if lap.distance_m:
        return lap.distance_m
    counted = [point.distance_m for point in lap.points if point.distance_m is not None]
    if counted and counted[-1] > counted[0]:
        return counted[-1] - counted[0]
    return _travelled(lap.points).distance_m


def _lap_duration_s(lap: Lap) -> float | None:
    if lap.duration_s:
        return lap.duration_s
    times = [point.time_s for point in lap.points if point.time_s is not None]
    return max(times) - min(times) if times else None


def _gpx(elements: Iterator[tuple[bool, Element, str]], zone: tzinfo) -> Iterator[Recorded]:
    """Tracks of a GPX file, each an activity; between its segments the watch was stopped.

    Distance is measured along the points, and the duration is the time in which they moved.
    """
    segments: list[list[Point]] = []
    kind, point, points = "", Point(), 0
    where: list[str] = []
    for begins, element, tag in elements:
        if begins:
            where.append(tag)
            if tag == "trk":
                segments, kind = [], ""
            elif tag == "trkseg":
                segments.append([])
            elif tag == "trkpt":
                point = Point(
                    latitude_deg=number(element.get("lat")),
                    longitude_deg=number(element.get("lon")),
                )
            continue
        where.pop()
        if tag == "trkpt" and segments:
            points += 1
            if points > MOST_POINTS:
                raise _TooMuch(f"holds more than {MOST_POINTS:,} points: export each activity by itself")
            segments[-1].append(point)
        elif "trkpt" in where:
            _gpx_point(point, tag, element.text, zone)
        elif tag == "type" and where[-1:] == ["trk"]:
            kind = (element.text or "").strip()
        elif tag == "trk":
            yield _gpx_activity(kind, segments, zone)


def _gpx_point(point: Point, tag: str, text: str | None, zone: tzinfo) -> None:
    if tag == "time":
        time = _time(text, zone)
        point.time_s = None if time is None else time.timestamp()
    elif tag == "ele":
        point.height_m = number(text)
    elif tag in ("hr", "heartrate"):
        point.heart_rate_bpm = number(text)
    elif tag in ("cad", "cadence"):
        point.cadence = number(text)


def _gpx_activity(kind: str, segments: Sequence[Sequence[Point]], zone: tzinfo) -> Recorded:
    points = [point for segment in segments for point in segment]
    parts = [_travelled(segment) for segment in segments]
    distance_m, moving_s = sum(part.distance_m for part in parts), sum(part.moving_s for part in parts)
    return Recorded(
        "gpx",
        _gpx_sport(kind, distance_m, moving_s),
        _first_time(points, zone),
        distance_m,
        moving_s,
        _ascent_m(points),
        _mean([point.heart_rate_bpm for point in points]),
        steps_per_min(_mean([point.cadence for point in points])),
    )


def _gpx_sport(kind: str, distance_m: float, moving_s: float) -> str:
    """Word for the sport; where none is named, the speed tells."""
    word = kind.lower().replace("_", " ")
    if any(running in word for running in RUNNING_WORDS) or word == STRAVA_RUN:
        return "running"
    if word:
        return word[:40] if word.isprintable() and not word.isdigit() else "another sport"
    if not moving_s:
        return "a track without times"
    slowest, fastest = RUNNING_M_S
    return "running" if slowest <= distance_m / moving_s <= fastest else "a track that names no sport, too slow or fast"


def _travelled(points: Sequence[Point]) -> Travelled:
    """How far points lead, and for how long they moved.

    Time counts as moving where, over a few seconds, it went faster than one stands; a leap between two points faster
    than anybody runs is left out.
    """
    import numpy as np

    rows = [
        (point.time_s, point.latitude_deg, point.longitude_deg)
        for point in points
        if point.time_s is not None and _is_place(point.latitude_deg, point.longitude_deg)
    ]
    if len(rows) < 2:
        return Travelled(0.0, 0.0)
    times_s, latitudes_deg, longitudes_deg = np.array(rows, dtype=np.float64).T
    onward = np.concatenate([[True], times_s[1:] > np.maximum.accumulate(times_s)[:-1]])
    times_s = times_s[onward]
    steps_s = np.diff(times_s)
    steps_m = _apart_m(latitudes_deg[onward], longitudes_deg[onward])
    runnable = steps_m <= MOST_GPS_SPEED_M_S * steps_s
    _, stretch = np.unique((times_s[:-1] - times_s[0]) // MOVING_OVER_S, return_inverse=True)
    stretch_m = np.bincount(stretch, weights=steps_m * runnable)
    stretch_s = np.bincount(stretch, weights=steps_s * runnable)
    counted = runnable & (stretch_m >= LEAST_MOVING_M_S * stretch_s)[stretch]
    return Travelled(float(steps_m[counted].sum()), float(steps_s[counted].sum()))


def _apart_m(latitudes_deg: NDArray[np.float64], longitudes_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distances of points from those before them, over the ground (haversine), shape one less."""
    import numpy as np

    latitudes, longitudes = np.radians(latitudes_deg), np.radians(longitudes_deg)
    half = (
        np.sin(np.diff(latitudes) / 2) ** 2
        + np.cos(latitudes[1:]) * np.cos(latitudes[:-1]) * np.sin(np.diff(longitudes) / 2) ** 2
    )
    apart: NDArray[np.float64] = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(half, 0, 1)))
    return apart


def _ascent_m(points: Sequence[Point]) -> float | None:
    """Metres climbed, without the trembling of the height; None where half of the points have no height."""
    heights_m = [point.height_m for point in points if point.height_m is not None]
    if not heights_m or 2 * len(heights_m) < len(points):
        return None
    climbed_m, turn_m = 0.0, heights_m[0]
    for height_m in heights_m:
        if abs(height_m - turn_m) >= CLIMB_M:
            climbed_m += max(height_m - turn_m, 0.0)
            turn_m = height_m
    return climbed_m


def _elements(data: bytes) -> Iterator[tuple[bool, Element, str]]:
    """Beginnings (True) and ends of elements, with their names without name spaces; what has ended is forgotten."""
    from defusedxml.ElementTree import iterparse

    above: list[Element] = []
    for event, element in iterparse(BytesIO(data), events=("start", "end"), forbid_dtd=True):
        tag = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
        if event == "start":
            if len(above) > MOST_DEPTH:
                raise _TooMuch("is no file of a watch: its elements lie too deep in one another")
            above.append(element)
            yield True, element, tag
            continue
        above.pop()
        if above:  # the end of the root is the end of the file
            yield False, element, tag
            above[-1].remove(element)


class _TooMuch(Exception):
    """More than a file of a runner holds."""


def _time(text: str | None, zone: tzinfo) -> datetime | None:
    """Time as files write it; without a zone it is local."""
    try:
        time = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    if not FIRST_YEAR < time.year < LAST_YEAR:
        return None
    return time.replace(tzinfo=zone) if time.tzinfo is None else time


def _first_time(points: Sequence[Point], zone: tzinfo) -> datetime | None:
    first_s = min((point.time_s for point in points if point.time_s is not None), default=None)
    return None if first_s is None else datetime.fromtimestamp(first_s, zone)


def _is_place(latitude_deg: float | None, longitude_deg: float | None) -> bool:
    if latitude_deg is None or longitude_deg is None:
        return False
    return abs(latitude_deg) <= 90 and abs(longitude_deg) <= 180


def _sum(values: Iterator[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value]
    return sum(known) / len(known) if known else None


def _weighted_mean(values: Sequence[tuple[float | None, float | None]]) -> float | None:
    known = [(value, weight) for value, weight in values if value and weight and weight > 0]
    return sum(value * weight for value, weight in known) / sum(weight for _, weight in known) if known else None


READERS: Final = {"TrainingCenterDatabase": _tcx, "gpx": _gpx}  # by the element that all others lie in
