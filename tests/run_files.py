"""Files of runs as watches and programs write them, made here: no file of anybody else is in the repository."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from garmin_fit_sdk import CrcCalculator, Encoder
from garmin_fit_sdk.profile import Profile

NUMBERS = Profile["mesg_num"]
FIT_EPOCH = datetime(1989, 12, 31, tzinfo=UTC)
START = datetime(2026, 11, 20, 6, 12, 30, tzinfo=UTC)
BERLIN_IN_WINTER = timezone(timedelta(hours=1))


@dataclass(frozen=True)
class Made:
    """A run as it truly was: even pace along a meridian, hills of one sine."""

    start: datetime = START
    seconds: int = 2700
    speed_m_s: float = 3.0
    paused_at: int | None = None
    pause_s: int = 0
    climb_m: float = 40.0
    heart_rate_bpm: int = 148
    strides_per_min: float = 84.5
    sport: str = "running"
    sub_sport: str = "generic"
    every_s: int = 1

    @property
    def distance_m(self) -> float:
        return self.seconds * self.speed_m_s

    @property
    def elapsed_s(self) -> int:
        return self.seconds + self.pause_s

    def points(self):
        """Moment, latitude, longitude, height and distance of every record."""
        for second in range(0, self.seconds + 1, self.every_s):
            pause_s = self.pause_s if self.paused_at is not None and second > self.paused_at else 0
            distance_m = second * self.speed_m_s
            yield (
                self.start + timedelta(seconds=second + pause_s),
                52.0 + math.degrees(distance_m / 6_371_008.8),
                13.0,
                100 + self.climb_m * (1 - math.cos(2 * math.pi * second / self.seconds)) / 2,
                distance_m,
            )


def fit_body(
    runs: Sequence[Made],
    *,
    kind: str = "activity",
    offset: timedelta | None = timedelta(hours=1),
    records: bool = True,
    leave_out: Sequence[str] = (),
    power: bool = False,
    also: dict[str, object] | None = None,
) -> bytes:
    """A FIT file of one activity with a session for every run."""
    descriptions = {}
    application = {"mesg_num": NUMBERS["DEVELOPER_DATA_ID"], "developer_data_index": 0, "application_id": [1] * 16}
    described = {
        "mesg_num": NUMBERS["FIELD_DESCRIPTION"],
        "developer_data_index": 0,
        "field_definition_number": 0,
        "fit_base_type_id": 0x84,
        "field_name": "Power",
        "units": "Watts",
    }
    if power:
        descriptions = {0: {"developer_data_id_mesg": application, "field_description_mesg": described}}
    encoder = Encoder(descriptions)
    watch = {"type": kind, "manufacturer": "development", "product": 1, "serial_number": 7, "time_created": START}
    encoder.write_mesg({"mesg_num": NUMBERS["FILE_ID"], **watch})
    if power:
        encoder.write_mesg(application)
        encoder.write_mesg(described)
    extra = {"developer_fields": {0: 251}} if power else {}
    for run in runs:
        for time, latitude, longitude, height_m, distance_m in run.points() if records else ():
            record = {
                "timestamp": time,
                "position_lat": round(latitude * 2**31 / 180),
                "position_long": round(longitude * 2**31 / 180),
                "enhanced_altitude": height_m,
                "distance": distance_m,
                "heart_rate": run.heart_rate_bpm,
                "cadence": int(run.strides_per_min),
                "fractional_cadence": run.strides_per_min % 1,
            }
            encoder.write_mesg({"mesg_num": NUMBERS["RECORD"], **record, **extra})
    for run in runs:
        session = {
            "timestamp": run.start + timedelta(seconds=run.elapsed_s),
            "start_time": run.start,
            "total_elapsed_time": run.elapsed_s,
            "total_timer_time": run.seconds,
            "total_distance": run.distance_m,
            "total_ascent": round(run.climb_m),
            "avg_heart_rate": run.heart_rate_bpm,
            "avg_cadence": int(run.strides_per_min),
            "avg_fractional_cadence": run.strides_per_min % 1,
            "sport": run.sport,
            "sub_sport": run.sub_sport,
            **(also or {}),
        }
        session = {name: value for name, value in session.items() if name not in leave_out}
        encoder.write_mesg({"mesg_num": NUMBERS["SESSION"], **session, **extra})
    end = runs[-1].start + timedelta(seconds=runs[-1].elapsed_s) if runs else START
    activity = {"timestamp": end, "num_sessions": len(runs), "total_timer_time": sum(run.seconds for run in runs)}
    if offset is not None:
        activity["local_timestamp"] = int((end + offset - FIT_EPOCH).total_seconds())
    encoder.write_mesg({"mesg_num": NUMBERS["ACTIVITY"], **activity})
    return encoder.close()


def fit_file(*runs: Made, **settings: object) -> bytes:
    return fit_body(runs or (Made(),), **settings)  # type: ignore[arg-type]


def wrapped(records: bytes) -> bytes:
    """Records with the header and the check sum of a FIT file."""
    header = struct.pack("<BBHI4s", 14, 0x20, 21218, len(records), b".FIT")
    header += struct.pack("<H", CrcCalculator.calculate_crc(header, 0, 12))
    whole = header + records
    return whole + struct.pack("<H", CrcCalculator.calculate_crc(whole, 0, len(whole)))


def unwrapped(file: bytes) -> bytes:
    return file[14:-2]


def big_endian(file: bytes) -> bytes:
    """The same FIT file with the bytes of its numbers the other way round, as some watches write them."""
    body, turned, at, layouts = unwrapped(file), bytearray(), 0, {}
    while at < len(body):
        header = body[at]
        if header & 0x40:
            count = body[at + 5]
            end = at + 6 + 3 * count
            fields = [(body[place + 1], body[place + 2]) for place in range(at + 6, end, 3)]
            developer = []
            if header & 0x20:
                end += 1 + 3 * body[end]
                developer = [(body[place + 1], 0x84) for place in range(end - 3 * body[at + 6 + 3 * count], end, 3)]
            layouts[header & 0x0F] = fields + developer
            turned += body[at : at + 2] + b"\1" + body[at + 3 : at + 5][::-1] + body[at + 5 : end]
            at = end
            continue
        turned.append(header)
        at += 1
        for size, kind in layouts[header & 0x0F]:
            value = body[at : at + size]
            step = {0x83: 2, 0x84: 2, 0x85: 4, 0x86: 4, 0x88: 4, 0x8C: 4, 0x8B: 2}.get(kind, 1)
            turned += b"".join(value[place : place + step][::-1] for place in range(0, size, step))
            at += size
    return wrapped(bytes(turned))


def with_types(file: bytes, told: Callable[[int], int]) -> bytes:
    """The same FIT file in which the types of fields are told otherwise; not for fields of apps."""
    body, at, sizes = bytearray(unwrapped(file)), 0, {}
    while at < len(body):
        local = body[at] & 0x0F
        if body[at] & 0x40:
            end = at + 6 + 3 * body[at + 5]
            sizes[local] = sum(body[at + 7 : end : 3])
            body[at + 8 : end : 3] = bytes(told(kind) for kind in body[at + 8 : end : 3])
            at = end
        else:
            at += 1 + sizes[local]
    return wrapped(bytes(body))


def with_compressed_times(file: bytes) -> bytes:
    """The same FIT file with records in front whose headers hold their time, as old watches write them."""
    definition = bytes([0x43, 0, 0]) + struct.pack("<H", NUMBERS["RECORD"]) + bytes([1, 3, 1, 2])
    records = b"".join(bytes([0x80 | 3 << 5 | second % 32, 140 + second]) for second in range(40))
    return wrapped(definition + records + unwrapped(file))


def with_a_reused_number(file: bytes) -> bytes:
    """The same FIT file in which the number of the first message becomes that of records, as busy watches do."""
    body = unwrapped(file)
    fields = body[5]
    first = 6 + 3 * fields + 1 + sum(body[7 : 6 + 3 * fields : 3])
    records = bytes([0x40, 0, 0]) + struct.pack("<H", NUMBERS["RECORD"]) + bytes([1, 3, 1, 2]) + b"\0\x90" * 30
    return wrapped(body[:first] + records + body[first:])


def tcx_file(
    run: Made | None = None,
    *,
    sport: str = "Running",
    laps: int = 3,
    gps: bool = True,
    lap_distance: bool = True,
    point_distance: bool = True,
    lap_time: bool = True,
    zone: str = "Z",
    front: str = "",
) -> bytes:
    """A TCX file of one activity with even laps."""
    run = run or Made()
    points = list(run.points())
    size = -(-len(points) // laps)

    def text(time: datetime) -> str:
        return f"{time:%Y-%m-%dT%H:%M:%S}{zone}"

    written = []
    for first in range(0, len(points), size):
        part = points[first : first + size + 1]
        seconds, metres = run.seconds * (len(part) - 1) / (len(points) - 1), part[-1][4] - part[0][4]
        track = "".join(
            f"<Trackpoint><Time>{text(time)}</Time>"
            + (
                f"<Position><LatitudeDegrees>{latitude:.7f}</LatitudeDegrees>"
                f"<LongitudeDegrees>{longitude:.7f}</LongitudeDegrees></Position>"
                if gps
                else ""
            )
            + f"<AltitudeMeters>{height_m:.1f}</AltitudeMeters>"
            + (f"<DistanceMeters>{distance_m:.2f}</DistanceMeters>" if point_distance else "")
            + f"<HeartRateBpm><Value>{run.heart_rate_bpm}</Value></HeartRateBpm><Extensions>"
            f"<x:TPX><x:RunCadence>{int(run.strides_per_min)}</x:RunCadence></x:TPX></Extensions></Trackpoint>"
            for time, latitude, longitude, height_m, distance_m in part
        )
        written.append(
            f'<Lap StartTime="{text(part[0][0])}">'
            + (f"<TotalTimeSeconds>{seconds}</TotalTimeSeconds>" if lap_time else "")
            + (f"<DistanceMeters>{metres}</DistanceMeters>" if lap_distance else "")
            + f"<AverageHeartRateBpm><Value>{run.heart_rate_bpm}</Value></AverageHeartRateBpm><Track>{track}</Track>"
            f"<Extensions><x:LX><x:AvgRunCadence>{run.strides_per_min}</x:AvgRunCadence></x:LX></Extensions></Lap>"
        )
    return (
        front + '<?xml version="1.0" encoding="UTF-8"?>'
        '<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2" '
        'xmlns:x="http://www.garmin.com/xmlschemas/ActivityExtension/v2"><Activities>'
        f'<Activity Sport="{sport}"><Id>{text(run.start)}</Id>{"".join(written)}</Activity>'
        "</Activities></TrainingCenterDatabase>"
    ).encode()


def gpx_track(
    run: Made | None = None, *, kind: str | None = "running", zone: str = "Z", times: bool = True, split: bool = True
) -> str:
    """A track of a GPX file; a pause begins a new segment unless `split` is false."""
    run = run or Made()
    parts: list[list[str]] = [[]]
    before = run.start
    for time, latitude, longitude, height_m, _ in run.points():
        if split and (time - before).total_seconds() > run.every_s:
            parts.append([])
        before = time
        moment = f"<time>{time:%Y-%m-%dT%H:%M:%S}.000{zone}</time>" if times else ""
        parts[-1].append(
            f'<trkpt lat="{latitude:.7f}" lon="{longitude:.7f}"><ele>{height_m:.1f}</ele>{moment}<extensions>'
            f"<t:TrackPointExtension><t:hr>{run.heart_rate_bpm}</t:hr><t:cad>{int(run.strides_per_min)}</t:cad>"
            "</t:TrackPointExtension></extensions></trkpt>"
        )
    name = f"<type>{kind}</type>" if kind is not None else ""
    segments = "".join(f"<trkseg>{''.join(part)}</trkseg>" for part in parts)
    return f"<trk><name>Morning &amp; run</name>{name}{segments}</trk>"


def gpx_file(*tracks: str, version: str = "1.1") -> bytes:
    space = f"http://www.topografix.com/GPX/{version.replace('.', '/')}"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><gpx version="{version}" creator="hipdrive tests" xmlns="{space}" '
        'xmlns:t="http://www.garmin.com/xmlschemas/TrackPointExtension/v1"><metadata><time>2026-11-20T06:12:30Z'
        f"</time></metadata>{''.join(tracks or (gpx_track(),))}</gpx>"
    ).encode()
