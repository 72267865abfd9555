"""Runs in files of watches and programs: what is read, what is left out, and which two are one run."""

from __future__ import annotations

import gzip
import io
import itertools
import re
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import fitdecode
import pytest
from garmin_fit_sdk import CrcCalculator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hipdrive.errors import HipdriveError
from hipdrive.exchange import runs as module
from hipdrive.exchange.activity import TYPED, fingerprint, same_run, steps_per_min
from hipdrive.exchange.fit_files import crc
from hipdrive.exchange.runs import Source, by_reason, new_runs, read_all, read_runs, read_source, sources, typed_run
from hipdrive.exchange.xml_files import _elements
from hipdrive.training.history import Run
from run_files import (
    BERLIN_IN_WINTER,
    START,
    Made,
    big_endian,
    fit_file,
    gpx_file,
    gpx_track,
    tcx_file,
    unwrapped,
    with_a_reused_number,
    with_compressed_times,
    with_types,
    wrapped,
)

BERLIN = ZoneInfo("Europe/Berlin")
SHORT = Made(seconds=120)


def reading(data: bytes, zone=UTC):
    return read_source(Source("file", lambda: data), zone)


def the_run(data: bytes, zone=UTC) -> Run:
    found = reading(data, zone)
    assert not found.left_out, found.left_out
    (run,) = found.runs
    return run


def reason(data: bytes) -> str:
    found = reading(data)
    assert not found.runs
    (left_out,) = found.left_out
    return left_out.why


@pytest.fixture
def folder(tmp_path):
    """A folder of one run in three formats, a ride, something damaged, and things that have nothing to do with runs."""
    (tmp_path / "watch.FIT").write_bytes(fit_file(Made(seconds=600)))
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "same.tcx.gz").write_bytes(gzip.compress(tcx_file(Made(seconds=600), front=" " * 10)))
    (tmp_path / "deeper" / "same.gpx").write_bytes(gpx_file(gpx_track(Made(seconds=600))))
    (tmp_path / "ride.fit").write_bytes(fit_file(Made(seconds=600, start=START + timedelta(days=1), sport="cycling")))
    (tmp_path / "broken.fit").write_bytes(fit_file(SHORT)[:-40])
    (tmp_path / "notes.txt").write_text("nothing")
    (tmp_path / "._watch.fit").write_bytes(b"a double of a Mac")
    return tmp_path


# what is read


@pytest.mark.parametrize("paused", [None, 600])
def test_a_fit_file_tells_everything(paused):
    run = the_run(fit_file(Made(paused_at=paused, pause_s=90 if paused else 0)))
    assert run.start == START
    assert run.start.utcoffset() == timedelta(hours=1), "local time of the watch"
    assert (run.distance_m, run.duration_s, run.ascent_m) == (8100, 2700, 40), "the timer stands still in a pause"
    assert (run.heart_rate_bpm, run.cadence_spm) == (148, 169), "steps of both feet"


def test_the_same_run_is_the_same_from_all_formats():
    made = Made(paused_at=600, pause_s=90)
    read = [the_run(data) for data in (fit_file(made), tcx_file(made), gpx_file(gpx_track(made)))]
    assert {run.source for run in read} == {"fit", "tcx", "gpx"}
    assert len({run.fingerprint for run in read}) == 1
    for run in read:
        assert run.start == START
        assert run.distance_m == pytest.approx(8100, rel=0.001)
        assert run.duration_s == pytest.approx(2700, abs=2)
        assert run.ascent_m == pytest.approx(40, abs=5)
        assert run.heart_rate_bpm == 148
        assert run.cadence_spm == pytest.approx(169, abs=1)


@pytest.mark.parametrize("hours", [-12, -3.5, 0, 5.75, 14])
def test_local_time_is_that_of_the_watch(hours):
    run = the_run(fit_file(SHORT, offset=timedelta(hours=hours)), BERLIN)
    assert run.start == START
    assert run.start.utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize("offset", [None, timedelta(days=900)])
def test_without_local_time_the_runners_zone_counts(offset):
    late = replace(SHORT, start=datetime(2026, 7, 20, 22, 30, tzinfo=UTC))
    for data in (fit_file(late, offset=offset), tcx_file(late), gpx_file(gpx_track(late))):
        run = the_run(data, BERLIN)
        assert run.start == late.start
        assert run.start.date() == date(2026, 7, 21), "after midnight in Berlin, in summer"


@pytest.mark.parametrize(
    "write", [lambda zone: tcx_file(SHORT, zone=zone), lambda zone: gpx_file(gpx_track(SHORT, zone=zone))]
)
def test_times_with_and_without_a_zone(write):
    assert the_run(write("+01:00"), BERLIN).start == START - timedelta(hours=1)
    assert the_run(write(""), BERLIN).start == START.replace(tzinfo=BERLIN)


def test_big_endian_compressed_and_developer_data_are_read_alike():
    plain = fit_file(SHORT)
    expected = the_run(plain)
    others = [big_endian(plain), with_compressed_times(plain), fit_file(SHORT, power=True)]
    others += [with_a_reused_number(plain)]
    others += [big_endian(fit_file(SHORT, power=True))]
    for data in others:
        assert the_run(data) == expected
    # the test's own files are right: another decoder reads the same out of them
    for data in others:
        with fitdecode.FitReader(io.BytesIO(data), check_crc=fitdecode.CrcCheck.RAISE) as reader:
            sessions = [
                frame for frame in reader if isinstance(frame, fitdecode.FitDataMessage) and frame.name == "session"
            ]
        assert [session.get_value("total_distance") for session in sessions] == [360]


@pytest.mark.parametrize("told", [lambda kind: kind & 0x1F, lambda kind: 0x0D if kind in (0x00, 0x02) else kind])
def test_types_told_loosely_are_understood(told):
    """Without the mark of several bytes; numbers of one byte as bytes."""
    plain = fit_file(SHORT)
    loose = with_types(plain, told)
    assert loose != plain
    assert the_run(loose) == the_run(plain)


def test_every_run_of_a_triathlon_and_of_chained_files():
    swim = replace(SHORT, sport="swimming", seconds=900)
    run = replace(SHORT, start=START + timedelta(hours=2))
    ride = replace(SHORT, start=START + timedelta(hours=1), sport="cycling", speed_m_s=9)
    found = reading(fit_file(swim, ride, run))
    assert [found_run.start for found_run in found.runs] == [run.start]
    assert [entry.why for entry in found.left_out] == ["swimming", "cycling"]

    chained = reading(fit_file(SHORT) + fit_file(run) + bytes(8))
    assert [found_run.start for found_run in chained.runs] == [SHORT.start, run.start]
    assert reading(fit_file(SHORT, records=False) * 101).left_out[0].damaged


def test_indoor_runs_have_a_distance_without_gps():
    assert the_run(fit_file(replace(SHORT, sub_sport="treadmill"))).distance_m == 360
    assert the_run(fit_file(replace(SHORT, sport="fitness_equipment", sub_sport="treadmill"))).distance_m == 360
    assert the_run(tcx_file(SHORT, gps=False)).distance_m == 360


def test_tcx_takes_from_the_points_what_laps_do_not_say():
    assert the_run(tcx_file(SHORT, lap_distance=False)).distance_m == pytest.approx(360, abs=1)
    assert the_run(tcx_file(SHORT, lap_distance=False, point_distance=False)).distance_m == pytest.approx(360, abs=8)
    assert the_run(tcx_file(SHORT, lap_time=False)).duration_s == pytest.approx(120, abs=1)
    assert the_run(tcx_file(SHORT, laps=1)) == the_run(tcx_file(SHORT, laps=4))


def test_gpx_of_both_versions_with_several_tracks_and_gaps():
    tomorrow = replace(SHORT, start=START + timedelta(days=1))
    ride = replace(SHORT, start=START + timedelta(days=2), speed_m_s=9)
    file = gpx_file(gpx_track(SHORT), gpx_track(tomorrow, kind="trail_running"), gpx_track(ride, kind="cycling"))
    found = reading(file)
    assert [run.start for run in found.runs] == [SHORT.start, tomorrow.start]
    assert [entry.why for entry in found.left_out] == ["cycling"]
    assert the_run(gpx_file(gpx_track(SHORT), version="1.0")) == the_run(gpx_file(gpx_track(SHORT)))

    paused = replace(SHORT, paused_at=60, pause_s=300)
    for split in (True, False):
        run = the_run(gpx_file(gpx_track(paused, split=split)))
        assert run.duration_s == pytest.approx(120, abs=2), "a pause is no running"
        assert run.distance_m == pytest.approx(360, abs=4)


def test_sparse_points_and_a_leap_of_gps():
    assert the_run(gpx_file(gpx_track(replace(SHORT, every_s=8)))).distance_m == pytest.approx(360, abs=3)
    leap = gpx_track(SHORT).replace('lat="52.0010792"', 'lat="53.0010792"')
    assert leap != gpx_track(SHORT)
    assert the_run(gpx_file(leap)).distance_m == pytest.approx(354, abs=1), (
        "two steps of 3 m are lost, no degree is won"
    )


def test_trembling_heights_are_no_climb():
    number = itertools.count()
    flat = replace(SHORT, climb_m=0)
    trembling = re.sub(
        rb"(<AltitudeMeters>)100.0", lambda found: found[1] + (b"102.0", b"98.0")[next(number) % 2], tcx_file(flat)
    )
    assert the_run(trembling).ascent_m == 0
    assert the_run(tcx_file(replace(SHORT, climb_m=30))).ascent_m == pytest.approx(30, abs=5)


def test_points_that_were_read_are_forgotten():
    elements = _elements(gpx_file())
    _, root, _ = next(elements)
    sizes = [sum(1 for _ in root.iter()) for place, _ in enumerate(elements) if place % 300 == 0]
    assert len(sizes) > 50
    assert max(sizes) < 2000, "of 2700 points with six elements each; the parser reads a little ahead"


def test_a_track_that_names_no_sport_is_told_by_its_speed():
    assert the_run(gpx_file(gpx_track(SHORT, kind=None))).distance_m == pytest.approx(360, abs=1)
    assert the_run(gpx_file(gpx_track(SHORT, kind="9"))).distance_m == pytest.approx(360, abs=1)
    assert "too slow or fast" in reason(gpx_file(gpx_track(replace(SHORT, speed_m_s=8.5), kind=None)))
    assert "too slow or fast" in reason(gpx_file(gpx_track(replace(SHORT, speed_m_s=1.2), kind="")))


@pytest.mark.parametrize(
    ("told", "steps"), [(84.5, 169), (95, 190), (170, 170), (0, None), (None, None), (115, 230), (115.5, 115.5)]
)
def test_cadence_counts_both_feet(told, steps):
    assert steps_per_min(told) == steps


def test_missing_is_none():
    bare = fit_file(SHORT, leave_out=("total_ascent", "avg_heart_rate", "avg_cadence", "avg_fractional_cadence"))
    run = the_run(bare)
    assert (run.ascent_m, run.heart_rate_bpm, run.cadence_spm) == (None, None, None)
    assert the_run(fit_file(SHORT, leave_out=("total_timer_time",))).duration_s == 120
    odd = the_run(fit_file(SHORT, also={"avg_heart_rate": 1, "avg_cadence": 0}))
    assert odd.heart_rate_bpm is None


# what is left out


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (fit_file(replace(SHORT, sport="cycling")), "cycling"),
        (fit_file(replace(SHORT, sport="generic")), "another sport"),
        (fit_file(replace(SHORT, sport="cross_country_skiing")), "cross country skiing"),
        (tcx_file(SHORT, sport="Biking"), "biking"),
        (tcx_file(SHORT, sport="Other"), "another sport"),
        (gpx_file(gpx_track(SHORT, kind="hiking")), "hiking"),
        (fit_file(SHORT, kind="workout"), "no activity"),
        (fit_file(kind="course"), "no activity"),
        (gpx_file("<wpt lat='1' lon='2'/>"), "no activity"),
        (b"<TrainingCenterDatabase><Courses/></TrainingCenterDatabase>", "no activity"),
        (b"<html></html>", "no activity"),
        (fit_file(SHORT, leave_out=("total_distance",)), "without a distance"),
        (fit_file(replace(SHORT, speed_m_s=0)), "without a distance"),
        (fit_file(SHORT, leave_out=("start_time",)), "without a date"),
        (fit_file(replace(SHORT, start=datetime(1989, 12, 31, 1, tzinfo=UTC))), "without a date"),
        (with_types(fit_file(SHORT), lambda kind: 0x07 if kind == 0x86 else kind), "without a date"),  # texts
        (
            fit_file(SHORT, leave_out=("total_timer_time", "total_elapsed_time")),
            "without a duration",
        ),
        (fit_file(SHORT, also={"total_distance": 40_000_000}), "nobody runs"),
        (fit_file(SHORT, also={"total_distance": 1600}), "nobody runs"),
        (tcx_file(SHORT, gps=False, lap_distance=False, point_distance=False), "without a distance"),
        (gpx_file(gpx_track(SHORT, times=False)), "without a date"),
        (gpx_file(gpx_track(SHORT, times=False, kind=None)), "without times"),
        (gpx_file("<trk><type>running</type><trkseg/></trk>"), "without a date"),
        (gpx_file(gpx_track(replace(SHORT, seconds=1))[:-40] + "</trkseg></trk>"), "damaged"),
    ],
)
def test_what_is_no_run_is_left_out_with_a_word(data, why):
    assert why in reason(data)


def test_an_activity_without_a_summary_is_left_out():
    # a definition of nothing but the file's kind, as a watch leaves it that ran out of battery
    whole = fit_file(SHORT)
    empty = fit_file(replace(SHORT, seconds=1), kind="activity", records=False)
    assert len(empty) < len(whole)
    only_kind = unwrapped(empty)[: unwrapped(empty).index(b"\x41")]
    assert reason(wrapped(only_kind)) == "an activity without a summary"


# damage and attacks


def damage(data: bytes) -> str:
    found = reading(data)
    assert not found.runs
    (left_out,) = found.left_out
    assert left_out.damaged
    return left_out.why


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a run",
        fit_file(SHORT)[:-1],
        fit_file(SHORT)[:200],
        fit_file(SHORT)[:100] + b"\1" + fit_file(SHORT)[101:],
        fit_file(SHORT) + b"rubbish",
        b"\x0e\x10\xd9\x07\0\0\0\0.FIT\0\0\1\1",
        wrapped(unwrapped(fit_file(SHORT))[:-3]),
        wrapped(b"\x00"),
        wrapped(b"\x40\0\0\0"),
        wrapped(b"\x83\0"),
        wrapped(b"\x40\0\0\x12\0\1\5\0\0" + b"\0"),  # a sport of no bytes
        with_types(fit_file(SHORT, also={"avg_speed": 65.28}), lambda kind: 0x02 if kind == 0x84 else kind),
        tcx_file(SHORT)[:-20],
        gpx_file(gpx_track(SHORT)).replace(b"</trkpt>", b"", 1),
        b"<",
        b"<?xml version='1.0' encoding='nonsense'?><gpx/>",
        gzip.compress(b"nothing"),
        gzip.compress(fit_file(SHORT))[:-20],
        b"\x1f\x8bnot gzip",
    ],
)
def test_a_damaged_file_is_one_clear_sentence(data):
    sentence = damage(data)
    assert sentence.startswith("file ")
    assert ":" in sentence, "the cure is named"
    assert "\n" not in sentence


@pytest.mark.parametrize(
    "attack",
    [
        b'<!DOCTYPE gpx [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><gpx><trk><type>&b;</type></trk></gpx>',
        b'<!DOCTYPE gpx [<!ENTITY a SYSTEM "file:///etc/passwd">]><gpx><trk><type>&a;</type></trk></gpx>',
        b'<!DOCTYPE gpx SYSTEM "http://example.org/gpx.dtd"><gpx/>',
        b"<gpx>" + b"<a>" * 100_000,
        b"<gpx>" + b"<a>" * 1000 + b"</a>" * 1000 + b"</gpx>",
    ],
)
def test_nothing_comes_from_xml_entities_or_depth(attack):
    sentence = damage(attack)
    assert "passwd" not in sentence
    assert "lol" not in sentence


def test_size_and_number_are_limited(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "MOST_BYTES", 10_000)
    bomb = gzip.compress(bytes(1_000_000))
    assert len(bomb) < 10_000
    assert "larger than" in damage(bomb)
    large = tmp_path / "large.fit"
    large.write_bytes(fit_file())
    with pytest.raises(HipdriveError, match="larger than"):
        read_runs(large)
    monkeypatch.setattr(module, "MOST_FILES", 3)
    *read, last = sources([large] * 9)
    assert len(read) == 3
    (left_out,) = read_source(last).left_out
    assert "more than 3 files: bring it in parts" in left_out.why
    monkeypatch.setattr("hipdrive.exchange.xml_files.MOST_POINTS", 100)
    assert "more than 100 points" in damage(gpx_file(gpx_track(replace(SHORT, every_s=1))))
    assert "more than 100 points" in damage(tcx_file(replace(SHORT, seconds=101), laps=1, gps=False)[:10_000_000])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_mutated_files_give_nothing_but_a_sentence(data):
    made = Made(seconds=20)
    originals = (
        fit_file(made, power=True),
        fit_file(made, made, records=False),
        tcx_file(made),
        gpx_file(gpx_track(made)),
    )
    file = bytearray(data.draw(st.sampled_from(originals)))
    is_fit = file[8:12] == b".FIT"
    if is_fit and data.draw(st.booleans()):  # below the check sum, which would catch everything
        file = bytearray(unwrapped(bytes(file)))
    else:
        is_fit = False
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(file) - 1))
        kind = data.draw(st.sampled_from(["change", "cut", "repeat", "insert"]))
        if kind == "change":
            file[place] = data.draw(st.integers(0, 255))
        elif kind == "cut":
            del file[place : place + data.draw(st.integers(1, 20))]
        elif kind == "repeat":
            file[place:place] = file[place : place + data.draw(st.integers(1, 60))]
        else:
            file[place:place] = data.draw(st.binary(min_size=1, max_size=8))
        if not file:
            break
    found = reading(wrapped(bytes(file)) if is_fit else bytes(file), BERLIN)
    for run in found.runs:
        assert run.distance_m > 0
        assert run.duration_s > 0
        assert run.start.tzinfo is not None
    for entry in found.left_out:
        assert entry.why
        assert "\n" not in entry.why


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_any_records_give_nothing_but_a_sentence(records):
    reading(wrapped(records))


@settings(deadline=None)
@given(st.binary(max_size=3000))
def test_the_check_sum_is_the_official_one(data):
    assert crc(data) == CrcCalculator.calculate_crc(data, 0, len(data))


def test_what_is_packed_too_well_is_left_out_and_the_others_are_kept(tmp_path, monkeypatch):
    export = tmp_path / "export.zip"
    with zipfile.ZipFile(export, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.fit", bytes(20_000_000))
        archive.writestr("bomb.tcx.gz", gzip.compress(bytes(20_000_000)))
        archive.writestr("bomb.zip", gzip.compress(bytes(20_000_000)) * 3)
        archive.writestr("same.zip", bytes(20_000_000))
        archive.writestr("good.fit", fit_file(SHORT))
        archive.writestr("alike.tcx", tcx_file(replace(SHORT, seconds=7200, climb_m=0), gps=False))
    found = read_all(sources([export]))
    assert len(found.runs) == 2
    strange = [entry.name for entry in found.left_out if "packed as no file of a watch is" in entry.why]
    assert strange == ["bomb.fit", "bomb.tcx.gz", "same.zip"]
    assert all(entry.damaged for entry in found.left_out)
    monkeypatch.setattr(module, "MOST_UNPACKED_BYTES", 20_000_000 + 100_000)
    found = read_all(sources([export]))
    assert "was not read, as there is more than" in found.left_out[-1].why


# folders and zip files


def test_a_folder_is_read_through_and_nothing_stops_it(folder):
    assert [run.distance_m for run in read_runs(folder)] == [1800]
    found = [read_source(source) for source in sources([folder])]
    assert sum(len(part.runs) for part in found) == 3
    left_out = [entry for part in found for entry in part.left_out]
    assert sorted((entry.name, entry.damaged) for entry in left_out) == [("broken.fit", True), ("ride.fit", False)]


def test_a_zip_file_of_an_export_with_a_zip_file_in_it(folder, tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(folder / "watch.FIT", "../../evil/watch.fit")
        archive.writestr("too/deep.zip", b"PK")
    export = tmp_path / "export.zip"
    with zipfile.ZipFile(export, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("uploaded/part1.zip", inner.getvalue())
        archive.write(folder / "ride.fit", "activities/ride.fit")
        archive.write(folder / "broken.fit", "activities/broken.fit")
        archive.writestr("profile.json", "{}")
    assert len(read_runs(export)) == 1
    assert [source.name for source in sources([export])] == ["watch.fit", "ride.fit", "broken.fit"]
    assert not (tmp_path.parent / "evil").exists()


def test_damaged_and_locked_zip_files_do_not_stop_the_others(folder):
    export = folder / "export.zip"
    with zipfile.ZipFile(export, "w") as archive:
        archive.write(folder / "ride.fit", "ride.fit")
    whole = bytearray(export.read_bytes())
    whole[60] ^= 0xFF  # in the member: its check sum is wrong
    (folder / "wrong.zip").write_bytes(whole)
    whole = bytearray(export.read_bytes())
    whole[whole.index(b"PK\1\2") + 8] |= 1  # says that it is locked
    (folder / "locked.zip").write_bytes(whole)
    whole = bytearray(export.read_bytes())
    whole[whole.index(b"PK\1\2")] = 0  # no list of members
    (folder / "listless.zip").write_bytes(whole)
    left_out = [entry for source in sources([folder]) for entry in read_source(source).left_out]
    assert [entry.name for entry in left_out if entry.damaged] == ["broken.fit", "listless.zip", "ride.fit", "ride.fit"]
    assert len(read_runs(folder)) == 1


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(HipdriveError, match="is not there"):
        list(sources([tmp_path / "none.fit"]))
    with pytest.raises(HipdriveError, match="not there"):
        read_runs(tmp_path / "none")


def test_reasons_are_counted(folder):
    left_out = [entry for source in sources([folder, folder / "ride.fit"]) for entry in read_source(source).left_out]
    assert next(iter(by_reason(left_out).items())) == ("cycling", ["ride.fit", "ride.fit"])


# one run, or two


def a_run(start=START, km=8.0, minutes=45.0, source="fit", **told) -> Run:
    return Run(start, km * 1000, minutes * 60, source=source, fingerprint=fingerprint(start, km * 1000), **told)


@pytest.mark.parametrize(
    ("apart_s", "km", "same"),
    [(0, 8.0, True), (100, 8.3, True), (-119, 7.4, True), (121, 8.0, False), (30, 7.1, False), (50, 0.1, False)],
)
def test_recordings_of_one_run_are_known(apart_s, km, same):
    watch, phone = a_run(), a_run(START + timedelta(seconds=apart_s), km, source="gpx")
    assert same_run(watch, phone) is same
    assert same_run(phone, watch) is same
    assert len(new_runs([watch], [phone])) == (0 if same else 1)
    assert len(new_runs([], [watch, phone])) == (1 if same else 2)


def test_the_recording_that_says_most_is_kept():
    poor, rich = a_run(), a_run(START + timedelta(seconds=5), source="gpx", heart_rate_bpm=140.0)
    for found in ([poor, rich], [rich, poor]):
        assert new_runs([], found) == [rich]


def test_zones_do_not_make_two_runs_of_one():
    there = a_run(START.astimezone(timezone(timedelta(hours=9))))
    assert there.fingerprint == a_run().fingerprint
    assert not new_runs([a_run(START.astimezone(BERLIN_IN_WINTER))], [there])


def test_typed_runs():
    noon = datetime(2026, 11, 20, 12, tzinfo=BERLIN)
    typed = typed_run(noon, 8000, 2700)
    assert typed.source == TYPED
    assert not new_runs([typed], [typed_run(noon, 8000, 2700)]), "typed twice is one run"
    assert new_runs([typed], [typed_run(noon, 8100, 2700)]), "two that differ are two"
    assert new_runs([typed], [typed_run(noon, 8000, 2700, time_known=True)]) == []

    recorded = a_run(km=8.1, minutes=46)
    assert not new_runs([typed], [recorded]), "it was typed in before the watch was read out"
    assert new_runs([typed], [a_run(START + timedelta(days=1))])
    back = a_run(START + timedelta(hours=9), km=8.05, minutes=45.5)
    assert len(new_runs([typed], [recorded, back])) == 1, "the way back is a run of its own"


many_runs = st.lists(
    st.builds(
        lambda minutes, km, typed: (
            typed_run(START + timedelta(minutes=minutes), km * 1000, 2700)
            if typed
            else a_run(START + timedelta(minutes=minutes), km)
        ),
        st.integers(0, 4000),
        st.floats(1, 30),
        st.booleans(),
    ),
    max_size=30,
)


@settings(deadline=None)
@given(many_runs, many_runs, st.randoms())
def test_importing_twice_changes_nothing(existing, found, random):
    existing = new_runs([], existing)
    new = new_runs(existing, found)
    assert not new_runs([*existing, *new], new)
    assert new == sorted(new, key=lambda run: run.start)
    assert len({run.fingerprint for run in [*existing, *new]}) == len(existing) + len(new)
    assert len(new_runs(existing, random.sample(found, len(found)))) >= bool(new)
