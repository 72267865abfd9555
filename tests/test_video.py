"""Frames carry the time of the container and stand upright, whatever made or damaged the file."""

from __future__ import annotations

import threading
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from av.codec import codecs_available
from hypothesis import given, settings
from hypothesis import strategies as st

import clips
from hipdrive.errors import ClipError
from hipdrive.pose.estimate import _read_ahead
from hipdrive.video import VideoWriter, read_clip
from hipdrive.video.clip import WORKING_SIDE_PX

LOSSLESS = {"crf": "0", "preset": "ultrafast"}


def times_of(path: Path, slow_motion: float = 1.0) -> list[float]:
    return [frame.time_s for frame in read_clip(path, slow_motion=slow_motion)]


# the right way up


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_clip_is_shown_as_the_phone_was_held(tmp_path: Path, quarters: int) -> None:
    upright = clips.marked(128, 96)
    stored = np.rot90(upright, quarters)  # counter-clockwise; the player turns it back clockwise
    path = clips.turn_when_shown(clips.write_clip(tmp_path / "held.mp4", [stored] * 2), quarters)

    clip = read_clip(path)
    image = next(iter(clip)).image

    assert (clip.width_px, clip.height_px) == (128, 96)
    assert image.shape == (96, 128, 3)
    assert clips.red_corner(image) == "upper left"


def test_a_portrait_clip_without_a_tag_stays_portrait(tmp_path: Path) -> None:
    clip = read_clip(clips.write_clip(tmp_path / "portrait.mp4", [clips.marked(96, 176)]))
    assert (clip.width_px, clip.height_px) == (96, 176)
    assert clips.red_corner(next(iter(clip)).image) == "upper left"


@pytest.mark.parametrize(("orientation", "quarters"), [(1, 0), (6, 1), (3, 2), (8, 3)])
def test_a_photo_is_turned_by_its_exif_tag(tmp_path: Path, orientation: int, quarters: int) -> None:
    stored = np.rot90(clips.marked(128, 96), quarters)
    clip = read_clip(clips.turned_photo(tmp_path / "photo.jpg", stored, orientation))
    frames = list(clip)
    assert clip.is_photo
    assert (clip.width_px, clip.height_px, clip.rate_hz, clip.duration_s) == (128, 96, 0, 0)
    assert [frame.time_s for frame in frames] == [0.0]
    assert clips.red_corner(frames[0].image) == "upper left"


def test_colours_are_red_green_blue(tmp_path: Path) -> None:
    red, green, blue = next(iter(read_clip(clips.write_clip(tmp_path / "red.mp4", [clips.marked()])))).image[4, 4]
    assert red > 180 and green < 80 and blue < 80


def test_oblong_pixels_are_stretched_to_squares(tmp_path: Path) -> None:
    # camcorders store 16:9 in 4:3 pixels; angles measured in those would be wrong
    path = clips.write_clip(tmp_path / "camcorder.mp4", [clips.marked(96, 96)], options={"x264-params": "sar=16/9"})
    clip = read_clip(path)
    assert (clip.width_px, clip.height_px) == (171, 96)
    assert next(iter(clip)).image.shape == (96, 171, 3)


# times


@pytest.mark.parametrize("rate_hz", [24, Fraction(30_000, 1001), 60, 240])
def test_even_times(tmp_path: Path, rate_hz: Fraction | int) -> None:
    path = clips.write_clip(tmp_path / "even.mp4", clips.numbered(12), rate_hz=rate_hz)
    assert times_of(path) == pytest.approx([float(i / Fraction(rate_hz)) for i in range(12)], abs=1e-4)
    assert read_clip(path).rate_hz == pytest.approx(float(rate_hz), rel=1e-3)
    assert read_clip(path).duration_s == pytest.approx(float(12 / Fraction(rate_hz)), abs=1e-3)


@pytest.mark.parametrize("name", ["uneven.mp4", "uneven.mov", "uneven.mkv"])
def test_uneven_times_are_kept(tmp_path: Path, name: str) -> None:
    times_s = [0.0, 0.033, 0.1, 0.133, 0.3, 0.333, 0.34, 0.9]
    path = clips.write_clip(tmp_path / name, clips.numbered(len(times_s)), times_s)
    assert times_of(path) == pytest.approx(times_s, abs=6e-4)


def test_a_late_start_is_taken_off(tmp_path: Path) -> None:
    path = clips.write_clip(tmp_path / "late.mkv", clips.numbered(5), [2.0 + i / 25 for i in range(5)])
    assert times_of(path) == pytest.approx([i / 25 for i in range(5)], abs=1.1e-3)


def test_slow_motion_is_played_at_the_true_speed(tmp_path: Path) -> None:
    path = clips.write_clip(tmp_path / "slow.mp4", clips.numbered(16), rate_hz=30)
    clip = read_clip(path, slow_motion=8)
    assert [frame.time_s for frame in clip] == pytest.approx([i / 240 for i in range(16)], abs=1e-5)
    assert clip.rate_hz == pytest.approx(240)
    assert clip.duration_s == pytest.approx(16 / 240, abs=1e-3)


@pytest.mark.parametrize("slow_motion", [0, -2, float("nan"), float("inf")])
def test_a_slow_motion_that_makes_no_sense_is_refused(tmp_path: Path, slow_motion: float) -> None:
    with pytest.raises(ClipError, match="makes no sense"):
        read_clip(tmp_path / "any.mp4", slow_motion=slow_motion)


def test_a_clip_can_be_read_twice(tmp_path: Path) -> None:
    clip = read_clip(clips.write_clip(tmp_path / "twice.mp4", clips.numbered(5)))
    first, second = list(clip), list(clip)
    assert [frame.time_s for frame in first] == [frame.time_s for frame in second]
    assert all(np.array_equal(a.image, b.image) for a, b in zip(first, second, strict=True))


# kinds of file


@pytest.mark.parametrize(
    ("name", "codec", "pixels", "clock"),
    [
        ("phone.mp4", "libx264", "yuv420p", Fraction(1, 90_000)),
        ("phone.MOV", "libx264", "yuv420p", Fraction(1, 600)),
        ("browser.webm", "libvpx-vp9", "yuv420p", Fraction(1, 1000)),
        ("recorder.mkv", "libx264", "yuv420p", Fraction(1, 1000)),
        ("picture.gif", "gif", "rgb8", Fraction(1, 100)),
        ("hevc.mp4", "libx265", "yuv420p", Fraction(1, 90_000)),
        ("hdr.mov", "libx265", "yuv420p10le", Fraction(1, 600)),
    ],
)
def test_every_kind_of_file_is_read(tmp_path: Path, name: str, codec: str, pixels: str, clock: Fraction) -> None:
    if codec not in codecs_available:
        pytest.skip(f"this build of PyAV cannot write {codec}")
    options = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    images = [clips.marked()] * 6
    path = clips.write_clip(
        tmp_path / name, images, rate_hz=20, codec=codec, pixels=pixels, options=options, clock=clock
    )
    frames = list(read_clip(path))
    assert [frame.index for frame in frames] == list(range(6))
    assert [frame.time_s for frame in frames] == pytest.approx([i / 20 for i in range(6)], abs=2e-3)
    assert all(frame.image.dtype == np.uint8 and clips.red_corner(frame.image) == "upper left" for frame in frames)


@pytest.mark.parametrize("size", [(3840, 2160), (2160, 3840)])
def test_4k_is_scaled_down_and_says_by_how_much(tmp_path: Path, size: tuple[int, int]) -> None:
    path = clips.write_clip(tmp_path / "4k.mp4", [clips.marked(*size)], options=LOSSLESS)
    clip = read_clip(path)
    image = next(iter(clip)).image
    assert (clip.width_px, clip.height_px) == size
    assert max(image.shape) == WORKING_SIDE_PX
    corner_x = int(np.flatnonzero(image[5, :, 0] > 180).max() + 1)
    assert corner_x * clip.scale == pytest.approx(size[0] / 4, abs=2 * clip.scale)


def test_a_large_photo_is_scaled_too(tmp_path: Path) -> None:
    clip = read_clip(clips.turned_photo(tmp_path / "large.jpg", clips.marked(3000, 4000), 1))
    assert next(iter(clip)).image.shape == (WORKING_SIDE_PX, 1440, 3)
    assert clip.scale == pytest.approx(4000 / WORKING_SIDE_PX)


@pytest.mark.parametrize("name", ["100%.mp4", "set %03d.mp4", "Brücke 橋 🏃.mp4", "-rf.mp4", "12:30.mp4", "a'b\"c.mp4"])
def test_any_file_name_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    with VideoWriter(Path(name), 128, 96, 30) as writer:
        writer.write(clips.marked(), 0.0)
    assert Path(name).is_file()
    assert len(list(read_clip(name))) == 1


# what cannot be read


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(ClipError, match="not there: check the name"):
        read_clip(tmp_path / "bridge.mp4")


def test_a_name_too_long_for_the_file_system(tmp_path: Path) -> None:
    with pytest.raises(ClipError, match=r"cannot be opened|not there"):
        read_clip(tmp_path / ("x" * 5000 + ".mp4"))


def test_folder(tmp_path: Path) -> None:
    with pytest.raises(ClipError, match="is a folder"):
        read_clip(tmp_path)


@pytest.mark.parametrize("name", ["bridge.mp4", "bridge.jpg"])
def test_zero_bytes(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    with pytest.raises(ClipError, match="is empty"):
        read_clip(tmp_path / name)


@pytest.mark.parametrize("name", ["notes.mp4", "notes.jpg"])
def test_text_in_disguise(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("three sets of twelve\n" * 50)
    with pytest.raises(ClipError, match=f"{name} is not a"):
        read_clip(tmp_path / name)


def test_sound_alone(tmp_path: Path) -> None:
    with pytest.raises(ClipError, match="sound but no picture"):
        read_clip(clips.write_sound(tmp_path / "voice.mp4"))


@pytest.mark.parametrize("size", [(10, 10), (640, 32)])
def test_too_small(tmp_path: Path, size: tuple[int, int]) -> None:
    with pytest.raises(ClipError, match=f"only {size[0]} x {size[1]} px"):
        read_clip(clips.write_clip(tmp_path / "tiny.mp4", [clips.room(*size)]))


def test_an_hour_is_too_long(tmp_path: Path) -> None:
    path = clips.write_clip(tmp_path / "long.mp4", clips.numbered(3), [0.0, 2000.0, 4000.0])
    with pytest.raises(ClipError, match="cut it to the set"):
        read_clip(path)


def test_an_index_that_never_came(tmp_path: Path) -> None:
    path = clips.index_at_the_end(clips.write_clip(tmp_path / "copy.mp4", clips.numbered(30)))
    assert len(list(read_clip(path))) == 30
    with pytest.raises(ClipError, match="damaged, cut off or no video"):
        read_clip(clips.cut_off(path, 0.6))


def test_what_is_left_of_a_cut_file_is_read_and_said(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (90, 96, 128, 3), np.uint8)
    path = clips.cut_off(clips.write_clip(tmp_path / "cut.mp4", noise, options={"bf": "0"}), 0.5)
    clip = read_clip(path)
    frames = list(clip)
    assert 30 <= len(frames) <= 50
    assert "of 3.0 s" in clip.warnings["ends_early"]
    assert [frame.time_s for frame in frames] == pytest.approx([i / 30 for i in range(len(frames))], abs=1e-4)


def test_a_whole_file_is_not_called_cut(tmp_path: Path) -> None:
    clip = read_clip(clips.write_clip(tmp_path / "whole.mp4", clips.numbered(90)))
    assert len(list(clip)) == 90
    assert not clip.warnings


def test_a_scratch_in_the_middle_does_not_end_the_clip(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (90, 96, 128, 3), np.uint8)
    path = clips.write_clip(tmp_path / "scratched.mp4", noise, options={"bf": "0", "g": "10"})
    data = bytearray(path.read_bytes())
    middle = data.index(b"mdat") + (len(data) - data.index(b"mdat")) // 2
    data[middle : middle + 3000] = bytes(3000)
    path.write_bytes(data)
    clip = read_clip(path)
    times_s = [frame.time_s for frame in clip]
    assert times_s[-1] == pytest.approx(89 / 30, abs=1e-3)
    assert 70 <= len(times_s) < 90
    assert "damaged" in clip.warnings
    assert "ends_early" not in clip.warnings


@pytest.mark.parametrize(
    "script",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nother.mp4\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nhttp://localhost:9/other.ts\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile other.mp4\n",
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period/></MPD>',
    ],
)
@pytest.mark.parametrize("name", ["playlist.mp4", "playlist.m3u8"])
def test_a_file_that_names_other_files_is_refused(tmp_path: Path, script: str, name: str) -> None:
    clips.write_clip(tmp_path / "other.mp4", clips.numbered(3))
    (tmp_path / name).write_text(script)
    with pytest.raises(ClipError, match="is not a video that can be read"):
        read_clip(tmp_path / name)


def test_an_index_without_pictures(tmp_path: Path) -> None:
    path = clips.write_clip(tmp_path / "index.mp4", clips.numbered(3))
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"mdat") + 4])
    with pytest.raises(ClipError, match="no frame that can be decoded"):
        read_clip(path)


# reading ahead


def readers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "decode"]


def test_reading_ahead_changes_nothing(tmp_path: Path) -> None:
    clip = read_clip(clips.write_clip(tmp_path / "clip.mp4", clips.numbered(20)))
    assert [frame.time_s for frame in _read_ahead(clip)] == [frame.time_s for frame in clip]
    assert not readers()


def test_stopping_early_leaves_no_thread_behind(tmp_path: Path) -> None:
    frames = _read_ahead(read_clip(clips.write_clip(tmp_path / "clip.mp4", clips.numbered(60))))
    next(frames)
    assert readers()
    frames.close()  # type: ignore[attr-defined]
    assert not readers()


def test_an_error_while_reading_ahead_reaches_the_reader(tmp_path: Path) -> None:
    path = clips.write_clip(tmp_path / "clip.mp4", clips.numbered(5))
    clip = read_clip(path)
    path.write_text("gone")
    with pytest.raises(ClipError):
        list(_read_ahead(clip))
    assert not readers()


# writing


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    times_s = [0.0, 0.02, 0.05, 0.3, 0.31, 1.0]
    images = [np.full((96, 128, 3), 20 + 40 * i, np.uint8) for i in range(6)]
    with VideoWriter(tmp_path / "out.mp4", 128, 96, 30) as writer:
        for image, time_s in zip(images, times_s, strict=True):
            writer.write(image, time_s)
    frames = list(read_clip(tmp_path / "out.mp4"))
    assert [frame.time_s for frame in frames] == pytest.approx(times_s, abs=1e-4)
    assert [int(frame.image.mean()) for frame in frames] == pytest.approx([20 + 40 * i for i in range(6)], abs=3)


def test_odd_sizes_lose_one_pixel(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "odd.mp4", 129, 97, 30) as writer:
        writer.write(clips.marked(129, 97), 0.0)
    clip = read_clip(tmp_path / "odd.mp4")
    assert (clip.width_px, clip.height_px) == (128, 96)


def test_what_is_written_plays_in_a_browser(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "out.mp4", 128, 96, 30) as writer:
        for i, image in enumerate(clips.numbered(5)):
            writer.write(image, i / 30)
    with av.open(str(tmp_path / "out.mp4")) as container:
        codec = container.streams.video[0].codec_context
        assert (codec.name, codec.pix_fmt) == ("h264", "yuv420p")
    data = (tmp_path / "out.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")  # so that it starts before it is loaded in full


@settings(max_examples=25, deadline=None)
@given(
    gaps_ms=st.lists(st.integers(1, 900), min_size=1, max_size=12),
    start_ms=st.integers(0, 5000),
    rate_hz=st.sampled_from([1.0, 24.0, 30_000 / 1001, 240.0]),
    slow_motion=st.sampled_from([1.0, 4.0, 8.0]),
)
def test_any_rising_times_survive_writing_and_reading(
    tmp_path_factory: pytest.TempPathFactory,
    gaps_ms: list[int],
    start_ms: int,
    rate_hz: float,
    slow_motion: float,
) -> None:
    path = tmp_path_factory.mktemp("times") / "clip.mp4"
    times_s = (start_ms + np.cumsum([0, *gaps_ms])) / 1000
    with VideoWriter(path, 96, 64, rate_hz) as writer:
        for time_s in times_s:
            writer.write(clips.room(96, 64), float(time_s))
    read = times_of(path, slow_motion)
    assert read == pytest.approx((times_s - times_s[0]) / slow_motion, abs=2e-5)
    assert cv2.imread(str(path)) is None  # a video, not a picture with a video's name
