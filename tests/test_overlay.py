"""What is drawn: annotators, overlay video, key frames, and the words beside them."""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipdrive.analysis import Examined
from hipdrive.motion import Chosen
from hipdrive.motion.dataset import new_motion
from hipdrive.movements import MOVEMENTS
from hipdrive.movements.repetition import Repetition
from hipdrive.pose import KEYPOINTS
from hipdrive.report.annotate import (
    INK,
    VERDICT_RGB,
    AngleLabel,
    AthleteBox,
    Banner,
    BannerLine,
    Caption,
    CoachLine,
    RepCounter,
    Skeleton,
)
from hipdrive.report.keyframes import athlete_frame, key_frames
from hipdrive.report.overlay import (
    MOST_LINES,
    Athlete,
    Fall,
    falls,
    phase_word,
    reached,
    shown,
    write_overlay,
)
from hipdrive.report.words import COLOURS, MARKS, WORDS, value_text
from hipdrive.results import Analysis, JudgedCue, JudgedRepetition, RecognisedMovement, SeenView, Source
from hipdrive.video import Clip, Frame, VideoWriter, read_clip

GREY = 120
RATE_HZ = 20.0
SIZES = [(360, 640), (640, 360), (1080, 1920), (64, 64), (2, 3), (1, 1)]  # height, width


def grey(height: int, width: int) -> np.ndarray:
    return np.full((height, width, 3), GREY, np.uint8)


def changed(image: np.ndarray) -> np.ndarray:
    """Rows and columns where something was drawn on grey, which the codec may have shifted a little."""
    return np.argwhere((np.abs(image.astype(int) - GREY) > 8).any(-1))


# -- a small set of bridges ----------------------------------------------------------------------------------


@dataclass
class StandInSet:
    """Two bridges and a part of one, without a network having looked."""

    repetitions: tuple[Repetition, ...]
    line_deg: np.ndarray
    warnings: tuple[()] = ()

    def side_of(self, repetition: Repetition) -> str:
        return "both"

    def curves(self) -> dict[str, np.ndarray]:
        return {"hip height [trunk lengths]": self.line_deg / 180, "shoulder-hip-knee [deg]": self.line_deg}

    def line(self) -> tuple[str, ...]:
        return "left_shoulder", "left_hip", "left_knee"


PHASES_S = [(0.3, 0.7, 1.0, 1.4), (1.6, 2.0, 2.3, 2.7), (2.8, 3.2, 3.4, 3.4)]


def landmarks(time_s: np.ndarray, width: int, height: int) -> np.ndarray:
    """Somebody lying with the head on the left, hips going up and down; nobody from 2.4 to 2.6 s."""
    places = {"shoulder": (0.3, 0.7), "hip": (0.5, 0.7), "knee": (0.65, 0.4), "ankle": (0.72, 0.7)}
    places |= {"heel": (0.71, 0.75), "foot_index": (0.78, 0.73), "elbow": (0.4, 0.75), "wrist": (0.5, 0.77)}
    out = np.full((len(time_s), len(KEYPOINTS), 7), np.nan, np.float32)
    for number, name in enumerate(KEYPOINTS):
        x, y = places.get(name.partition("_")[2], (0.2, 0.68))
        rise = 0.15 * (1 - np.cos(2 * np.pi * (time_s - 0.2) / 1.3)) / 2 if "hip" in name else 0.0
        out[:, number, 0], out[:, number, 1] = x * width, (y - rise) * height
        out[:, number, 2:] = 0.0
        out[:, number, 6] = 0.9 if "left" in name else 0.4
    out[(time_s > 2.4) & (time_s < 2.6)] = np.nan
    return out


def judged(**verdicts: str) -> dict[str, JudgedCue]:
    return {
        cue.id: JudgedCue(172.0, cue.unit, 6.0, verdicts.get(cue.id, "not_judged"), None)  # type: ignore[arg-type]
        for cue in MOVEMENTS["glute_bridge"].cues
    }


VERDICTS: list[dict[str, str]] = [
    {"straight_line": "good", "slow_raise": "good"},
    {"straight_line": "fault", "shin_upright": "check", "hold_at_top": "check", "toes_lifted": "good"},
    {"straight_line": "fault"},
]


def examined(clip: Clip, time_s: np.ndarray, *, known: bool = True, **marks: object) -> Examined:
    motion = new_motion(
        time_s,
        landmarks(time_s, clip.width_px, clip.height_px),
        source=clip.name,
        width_px=clip.width_px,
        height_px=clip.height_px,
    )
    repetitions = [
        JudgedRepetition(number, "both", None, *phases, complete=number < 3, cues=judged(**verdicts))
        for number, (phases, verdicts) in enumerate(zip(PHASES_S, VERDICTS, strict=True), start=1)
    ]
    analysis = Analysis(
        Source(clip.name, "video", 3.4, len(time_s), RATE_HZ, clip.width_px, clip.height_px),
        RecognisedMovement("glute_bridge" if known else "unknown", "recognised", 0.9),
        SeenView("side", "left", 1.0),
        repetitions=repetitions if known else [],
    )
    found = tuple(Repetition(*phases, complete=number < 2) for number, phases in enumerate(PHASES_S))
    prepared = StandInSet(found, np.linspace(120, 175, len(time_s)))
    box_px = (0.2 * clip.width_px, 0.4 * clip.height_px, 0.8 * clip.width_px, 0.8 * clip.height_px)
    chosen = Chosen(people_seen=1, seen_share=0.9, box_px=box_px)
    movement = MOVEMENTS["glute_bridge"] if known else None
    return Examined(analysis, clip, motion, chosen, movement, prepared if known else None)  # type: ignore[arg-type]


def film(path: Path, time_s: np.ndarray, width: int = 160, height: int = 96) -> Path:
    with VideoWriter(path, width, height, RATE_HZ) as writer:
        for t in time_s:
            writer.write(grey(height, width), float(t))
    return path


@pytest.fixture(scope="module")
def even_s() -> np.ndarray:
    return np.arange(70) / RATE_HZ


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory, even_s: np.ndarray) -> Clip:
    return read_clip(film(tmp_path_factory.mktemp("clip") / "bridge.mp4", even_s))


# -- annotators ----------------------------------------------------------------------------------------------


def draw_everything(image: np.ndarray, points: np.ndarray, confidence: np.ndarray) -> np.ndarray:
    image = Skeleton().annotate(image, points, confidence, "left")
    image = CoachLine().annotate(image, points[:3], "fault")
    image = AngleLabel().annotate(image, points[1], 174.0)
    image = AthleteBox().annotate(image, (*points[0], *points[-1]), "measured")
    image = RepCounter().annotate(image, 12, "raise")
    image = Caption().annotate(image, "near side: right")
    lines = [
        BannerLine("fault", "Rep 12: as high as your best"),
        BannerLine("check", "Rep 12: straight line"),
    ]
    return Banner().annotate(image, lines)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("far", [1.0, 3.0, 1e6, 1e30, np.inf, -2.0, np.nan])
def test_annotators_draw_in_place_whatever_the_points(size: tuple[int, int], far: float) -> None:
    image = grey(*size)
    points = np.random.default_rng(1).uniform(0, 1, (33, 2)) * size[::-1]
    points[::2] *= far
    confidence = np.where(np.arange(33) % 5, 0.9, np.nan)
    assert draw_everything(image, points, confidence) is image
    assert image.shape == (*size, 3)
    assert image.dtype == np.uint8
    assert len(changed(image))


def test_unsure_and_missing_points_leave_no_bone() -> None:
    points = np.random.default_rng(2).uniform(10, 90, (33, 2))
    assert not len(changed(Skeleton().annotate(grey(100, 100), points, np.full(33, 0.1))))
    assert not len(changed(Skeleton().annotate(grey(100, 100), np.full((33, 2), np.nan), np.ones(33))))
    assert not len(changed(AngleLabel().annotate(grey(100, 100), points[0], float("nan"))))
    assert not len(changed(AngleLabel().annotate(grey(100, 100), points[0], None)))
    assert not len(changed(AthleteBox().annotate(grey(100, 100), (float("nan"), 0, 5, 5))))
    assert not len(changed(Banner().annotate(grey(100, 100), [])))


def test_near_side_is_stronger_than_far_side() -> None:
    points = np.full((33, 2), np.nan)
    for side, y in (("left", 40.0), ("right", 80.0)):
        points[KEYPOINTS.index(f"{side}_hip")], points[KEYPOINTS.index(f"{side}_knee")] = (50, y), (150, y)
    image = Skeleton().annotate(grey(200, 200), points, np.ones(33), "left")
    thickness = {y: int((image[y - 10 : y + 10, 100] != GREY).any(-1).sum()) for y in (40, 80)}
    assert thickness[40] > thickness[80] > 0
    assert tuple(image[40, 100]) == Skeleton().near_rgb


def test_far_points_neither_stop_nor_bend_a_line() -> None:
    outside = np.array([(10.0, 50.0), (250.0, 50.0)])
    image = CoachLine().annotate(grey(100, 100), outside, "good")
    assert tuple(image[50, 99]) == VERDICT_RGB["good"]
    absurd = np.array([(10.0, 50.0), (1e12, 50.0)])
    drawn = changed(CoachLine().annotate(grey(100, 100), absurd, "good"))
    assert drawn[:, 1].max() < 20  # only the joint that is in the picture


@pytest.mark.parametrize("factor", [1, 3])
def test_drawings_grow_with_the_picture(factor: int) -> None:
    small, large = (RepCounter().annotate(grey(360 * k, 640 * k), 3, "hold") for k in (1, factor))
    share = [changed(image).max(0) / image.shape[:2] for image in (small, large)]
    assert share[1] == pytest.approx(share[0], abs=0.02)


@pytest.mark.parametrize("size", [(360, 640), (640, 360), (1080, 1920)])
def test_long_verdicts_fit_the_width(size: tuple[int, int]) -> None:
    image = Banner().annotate(grey(*size), [BannerLine("check", "Rep 12: " + "as high as your best " * 3)])
    light = np.argwhere((image > 200).all(-1) | (image == VERDICT_RGB["check"]).all(-1))
    assert 0.8 * size[1] < light[:, 1].max() < size[1] - 1


def test_verdicts_differ_without_colour() -> None:
    """The marks alone tell the verdicts apart: their dark strokes differ."""
    strokes = []
    for verdict in ("good", "check", "fault"):
        image = Banner().annotate(np.full((360, 640, 3), 255, np.uint8), [BannerLine(verdict, "Rep 1: x")])
        mark = image[-38:, :40].astype(int)
        strokes.append(np.abs(mark - INK).sum(-1) < 60)
    assert all((a != b).sum() > 20 for i, a in enumerate(strokes) for b in strokes[:i])


def test_label_stays_in_the_picture() -> None:
    for corner in [(0.0, 0.0), (639.0, 0.0), (0.0, 359.0), (639.0, 359.0)]:
        whole = AngleLabel().annotate(grey(360, 640), np.array((320.0, 180.0)), 174.0)
        cornered = AngleLabel().annotate(grey(360, 640), np.array(corner), 174.0)
        assert len(changed(cornered)) == len(changed(whole))


# -- what is shown when --------------------------------------------------------------------------------------


def test_verdicts_fall_at_the_end_of_their_phase(clip: Clip, even_s: np.ndarray) -> None:
    fallen = {(fall.text, fall.time_s) for fall in falls(examined(clip, even_s))}
    assert ("Rep 1: slow raise", 0.7) in fallen
    assert ("Rep 1: straight line", 1.0) in fallen
    assert ("Rep 2: toes lifted", 2.7) in fallen
    assert len(fallen) == 6  # nothing of what was not judged, nothing of the repetition that does not count


def test_faults_come_first_and_good_is_brief() -> None:
    fallen = [Fall(1.0, verdict, verdict, 2) for verdict in ("good", "check", "fault")]
    assert [line.verdict for line in shown(fallen, 1.1)] == ["fault", "check"]
    assert [line.verdict for line in shown(fallen[:1], 2.0)] == ["good"]
    assert [line.verdict for line in shown(fallen, 3.0)] == ["fault", "check"]
    assert shown(fallen[:1], 3.0) == shown(fallen, 0.9) == shown(fallen, 4.0) == []


@given(
    st.lists(st.builds(Fall, st.floats(0, 20), st.sampled_from(["good", "check", "fault"]), st.just("x"), st.just(1))),
    st.floats(0, 25),
)
def test_never_more_lines_than_can_be_read(fallen: list[Fall], time_s: float) -> None:
    assert len(shown(fallen, time_s)) <= MOST_LINES


def test_repetitions_count_at_their_top(clip: Clip, even_s: np.ndarray) -> None:
    analysis = examined(clip, even_s).analysis
    assert [len(reached(analysis, t)) for t in (0.0, 0.69, 0.7, 1.9, 2.0, 3.4)] == [0, 0, 1, 1, 2, 2]
    first, _, part = analysis.repetitions
    bridge = MOVEMENTS["glute_bridge"]
    assert [phase_word(bridge, first, t) for t in (0.4, 0.8, 1.2)] == ["raise", "hold", "lower"]
    assert phase_word(bridge, part, 3.0) == "part rep"
    assert phase_word(bridge, None, 0.0) == "rest"


# -- the video -----------------------------------------------------------------------------------------------


def streams(path: Path) -> tuple[str, str, list[float], tuple[int, int]]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        assert len(container.streams) == 1
        times = [float(frame.time) for frame in container.decode(stream)]
        return context.name, str(context.pix_fmt), times, (context.width, context.height)


def test_overlay_keeps_frames_times_and_size(clip: Clip, even_s: np.ndarray, tmp_path: Path) -> None:
    done: list[int] = []
    assert write_overlay(examined(clip, even_s), tmp_path / "overlay.mp4", done.append)
    codec, pixels, times, size = streams(tmp_path / "overlay.mp4")
    assert (codec, pixels, size) == ("h264", "yuv420p", (160, 96))
    assert times == pytest.approx(even_s, abs=1e-4)
    assert done == list(range(1, 71))
    assert [path.name for path in tmp_path.iterdir()] == ["overlay.mp4"]


def test_overlay_shows_the_verdict_when_it_has_fallen(clip: Clip, even_s: np.ndarray, tmp_path: Path) -> None:
    write_overlay(examined(clip, even_s), tmp_path / "overlay.mp4")
    strip = {
        round(frame.time_s, 2): float(frame.image[-6:, 80:].mean()) for frame in read_clip(tmp_path / "overlay.mp4")
    }
    assert strip[0.65] == pytest.approx(GREY, abs=6)
    assert strip[0.75] < GREY - 30


@pytest.mark.parametrize("uneven_s", [np.cumsum([0, 0.03, 0.1, 0.04, 0.2, 0.033, 0.5]), np.array([0.0, 1.0])])
def test_overlay_of_an_uneven_clock(uneven_s: np.ndarray, tmp_path: Path) -> None:
    uneven = read_clip(film(tmp_path / "uneven.mp4", uneven_s))
    write_overlay(examined(uneven, np.array([frame.time_s for frame in uneven])), tmp_path / "overlay.mp4")
    assert streams(tmp_path / "overlay.mp4")[2] == pytest.approx(uneven_s, abs=1e-4)


def test_slow_motion_becomes_real_time(tmp_path: Path, even_s: np.ndarray) -> None:
    slow = read_clip(film(tmp_path / "slow.mp4", even_s * 4), slow_motion=4)
    write_overlay(examined(slow, even_s), tmp_path / "overlay.mp4")
    assert streams(tmp_path / "overlay.mp4")[2] == pytest.approx(even_s, abs=1e-4)


def turned(path: Path) -> Path:
    """Write a quarter turn into the track header of an MP4, as a phone does that was held upright."""
    data = bytearray(path.read_bytes())
    matrix = data.index(b"tkhd") + 4 + 40
    data[matrix : matrix + 36] = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
    return path


def test_overlay_of_a_turned_phone_is_upright(tmp_path: Path, even_s: np.ndarray) -> None:
    portrait = read_clip(turned(film(tmp_path / "turned.mp4", even_s[:5])))
    assert (portrait.width_px, portrait.height_px) == (96, 160)
    write_overlay(examined(portrait, even_s[:5]), tmp_path / "overlay.mp4")
    assert streams(tmp_path / "overlay.mp4")[3] == (96, 160)
    assert read_clip(tmp_path / "overlay.mp4").height_px == 160


def test_odd_sizes_become_even(tmp_path: Path) -> None:
    clip = OddClip(tmp_path / "odd", 151, 95, RATE_HZ, 0.2)
    write_overlay(examined(clip, np.arange(4) / RATE_HZ), tmp_path / "overlay.mp4")
    assert streams(tmp_path / "overlay.mp4")[3] == (150, 94)


class OddClip(Clip):
    def __iter__(self) -> Iterator[Frame]:
        return (Frame(i, i / RATE_HZ, grey(self.height_px, self.width_px)) for i in range(4))


def test_unknown_movement_gets_a_skeleton_only(clip: Clip, even_s: np.ndarray, tmp_path: Path) -> None:
    assert write_overlay(examined(clip, even_s, known=False), tmp_path / "overlay.mp4")
    for frame in read_clip(tmp_path / "overlay.mp4"):
        assert frame.image[:30, :60].mean() == pytest.approx(GREY, abs=6)  # no counter
        assert frame.image[-8:].mean() == pytest.approx(GREY, abs=6)  # no banner
    assert np.abs(frame.image.astype(int) - GREY).max() > 60
    assert key_frames(examined(clip, even_s, known=False)) == []


def test_photograph_and_single_frame_make_no_video(clip: Clip, even_s: np.ndarray, tmp_path: Path) -> None:
    assert not write_overlay(examined(clip, even_s[:1]), tmp_path / "overlay.mp4")
    assert not write_overlay(examined(replace(clip, is_photo=True), even_s), tmp_path / "overlay.mp4")
    assert not list(tmp_path.iterdir())


def test_nothing_half_done_remains(clip: Clip, even_s: np.ndarray, tmp_path: Path) -> None:
    class Interrupted(Exception):
        pass

    def interrupt(frames: int) -> None:
        if frames == 5:
            raise Interrupted

    with pytest.raises(Interrupted):
        write_overlay(examined(clip, even_s), tmp_path / "overlay.mp4", interrupt)
    assert not list(tmp_path.iterdir())


def test_motion_of_a_large_clip_is_drawn_on_the_smaller_frame(tmp_path: Path) -> None:
    large = read_clip(film(tmp_path / "large.mp4", np.arange(3) / RATE_HZ, 2400, 400))
    assert large.scale == 1.25
    write_overlay(examined(large, np.arange(3) / RATE_HZ, known=False), tmp_path / "overlay.mp4")
    last = list(read_clip(tmp_path / "overlay.mp4"))[-1].image
    assert last.shape == (320, 1920, 3)
    drawn = np.argwhere(np.abs(last.astype(int) - GREY).max(-1) > 50)
    expected_px = np.array([(0.4, 0.2), (0.77, 0.78)]) * (320, 1920)  # knee to wrist, nose to toe
    assert np.abs(np.array([drawn.min(0), drawn.max(0)]) - expected_px).max() < 8


def test_rows_missing_from_the_motion_are_not_borrowed(clip: Clip, even_s: np.ndarray) -> None:
    athlete = Athlete(examined(clip, even_s[:20]))
    assert athlete.row(even_s[7]) == 7
    assert athlete.row(even_s[19] + 0.2) is None


def test_line_lies_on_the_leg_that_works(clip: Clip, even_s: np.ndarray) -> None:
    known = examined(clip, even_s)
    athlete = Athlete(known)
    knee = KEYPOINTS.index("right_knee")
    athlete.points_px[0, knee] += (0.0, -15.0)
    x, y = np.rint(athlete.points_px[0, knee]).astype(int)
    right = replace(known.analysis.repetitions[0], side="right")
    image = athlete.draw(grey(96, 160), 0, athlete.coach_lines(0, right, "good"), zoom=1.0)
    assert tuple(image[y, x]) == VERDICT_RGB["good"]


# -- key frames ----------------------------------------------------------------------------------------------


@dataclass
class CountingClip(Clip):
    readings: int = 0
    delivered: list[float] = field(default_factory=list)

    def __iter__(self) -> Iterator[Frame]:
        self.readings += 1
        for frame in super().__iter__():
            self.delivered.append(frame.time_s)
            yield frame


def test_key_frames_come_from_one_reading(clip: Clip, even_s: np.ndarray) -> None:
    counting = CountingClip(clip.path, clip.width_px, clip.height_px, clip.rate_hz, clip.duration_s)
    frames = key_frames(examined(counting, even_s))
    assert [(frame.repetition, frame.moment) for frame in frames] == [
        (number, moment) for number in (1, 2, 3) for moment in ("floor", "top")
    ]
    assert [frame.time_s for frame in frames] == pytest.approx([0.2, 0.85, 1.5, 2.15, 2.7, 3.3], abs=0.03)
    assert counting.readings == 1
    assert max(counting.delivered) == frames[-1].time_s < even_s[-1]
    assert len({frame.image.shape for frame in frames}) == 1
    assert max(frames[0].image.shape[1] for frame in frames) <= 640


def test_key_frames_show_the_body_large_and_the_verdict(clip: Clip, even_s: np.ndarray) -> None:
    frames = {(frame.repetition, frame.moment): frame.image for frame in key_frames(examined(clip, even_s))}
    drawn = changed(frames[1, "top"])
    assert np.ptp(drawn[:, 1]) > 0.7 * frames[1, "top"].shape[1]
    has = {
        key: {v for v, rgb in VERDICT_RGB.items() if (image == rgb).all(-1).sum() > 30} for key, image in frames.items()
    }
    assert has[1, "top"] == {"good"}
    assert has[2, "top"] == {"fault"}
    assert has[1, "floor"] == set()


@pytest.mark.parametrize(("most", "kept"), [(6, {1, 2, 3}), (5, {1, 2}), (4, {1, 2}), (3, {2}), (2, {2}), (1, set())])
def test_faults_are_kept_when_there_is_no_room(clip: Clip, even_s: np.ndarray, most: int, kept: set[int]) -> None:
    frames = key_frames(examined(clip, even_s), most)
    assert {frame.repetition for frame in frames} == kept
    assert [frame.time_s for frame in frames] == sorted(frame.time_s for frame in frames)


def test_photograph_is_its_own_key_frame(clip: Clip, even_s: np.ndarray) -> None:
    photo = OddClip(Path("photo.jpg"), 900, 600, 0.0, 0.0, is_photo=True)
    whole = examined(photo, even_s[:1])
    one = replace(whole.analysis, repetitions=whole.analysis.repetitions[:1])
    assert whole.prepared is not None
    prepared = StandInSet(tuple(whole.prepared.repetitions[:1]), np.array([174.0]))
    (frame,) = key_frames(replace(whole, analysis=one, prepared=prepared))
    assert (frame.repetition, frame.moment, frame.time_s) == (1, "photo", 0.0)
    assert athlete_frame(whole).shape == (427, 640, 3)


def test_athlete_frame_frames_the_athlete(clip: Clip, even_s: np.ndarray) -> None:
    image = athlete_frame(examined(clip, even_s))
    assert image.shape == (96, 160, 3)
    top, left = changed(image).min(0)
    margin = 0.12 * 0.6 * 160
    assert left == pytest.approx(0.2 * 160 - margin, abs=3)
    assert top <= 0.4 * 96 - margin


@pytest.mark.parametrize("keypoints", [[], ["left_hip"]])
def test_pictures_of_somebody_hardly_seen(clip: Clip, even_s: np.ndarray, keypoints: list[str]) -> None:
    whole = examined(clip, even_s)
    hardly = replace(whole, motion=whole.motion.where(whole.motion.keypoint.isin(keypoints)))
    assert len(key_frames(hardly)) == 6
    assert athlete_frame(hardly).shape == (96, 160, 3)


# -- words ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "unit", "error", "text"),
    [
        (173.62, "deg", 6.0, "174 ± 6 deg"),
        (1.08, "s", 0.2, "1.1 ± 0.2 s"),
        (0.518, "leg lengths", 0.03, "0.52 ± 0.03 leg lengths"),
        (1.08, "s", 0.18, "1.08 ± 0.18 s"),
        (9.0, "", 0.96, "9.0 ± 1.0"),
        (9.0, "", 9.6, "9 ± 10"),
        (9.0, "", 1.96, "9 ± 2"),
        (12345.0, "m", 123.0, "12340 ± 120 m"),
        (-0.2, "deg", 3.0, "0 ± 3 deg"),
        (-4.2, "deg", 3.0, "-4 ± 3 deg"),
        (174.2, "deg", None, "174 deg"),
        (0.5, "s", 0.0, "0.500 s"),
        (None, "deg", 3.0, "–"),
        (float("nan"), "deg", 3.0, "–"),
    ],
)
def test_value_text(value: float | None, unit: str, error: float | None, text: str) -> None:
    assert value_text(value, unit, error) == text


@given(st.floats(-1e4, 1e4), st.floats(1e-3, 1e3))
def test_rounding_loses_less_than_the_error(value: float, error: float) -> None:
    match = re.fullmatch(r"(-?[\d.]+) ± ([\d.]+)", value_text(value, "", error))
    assert match
    written_value, written_error = float(match[1]), float(match[2])
    assert abs(written_value - value) <= 0.26 * error
    assert abs(written_error - error) <= 0.26 * error
    assert len(match[2].replace(".", "").strip("0")) <= 2
    assert len(match[1].partition(".")[2]) == len(match[2].partition(".")[2])


def luminance(colour: str) -> float:
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in shares]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def test_colours_can_be_read_on_white() -> None:
    assert set(COLOURS) == set(MARKS) == set(WORDS)
    assert len(set(MARKS.values())) == len(set(WORDS.values())) == 4
    assert all(1.05 / (luminance(colour) + 0.05) >= 4.5 for colour in COLOURS.values())
