"""Key frames: each repetition at the floor and at the top, and who was measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import cv2
import numpy as np

from hipdrive.analysis import Examined
from hipdrive.report.annotate import LEAST_CONFIDENCE, AthleteBox, Image
from hipdrive.report.overlay import LINE_CUE, Athlete
from hipdrive.results import JudgedRepetition, Verdict
from hipdrive.video import Clip, Frame

Moment = Literal["floor", "top", "photo"]

WIDTH_PX: Final = 640
LARGEST_ZOOM: Final = 2.0  # enlarging a small figure more shows only blur
MARGIN_SHARE: Final = 0.12  # of the larger side of the athlete, on every side: hands and hair reach beyond keypoints
LEAST_MARGIN_PX: Final = 8.0  # a single keypoint still makes a picture
SLIMMEST: Final = 0.45  # height of a picture over its width: a lying body alone would make a strip
BEFORE_START_S: Final = 0.1  # the hips surely rest a moment before they leave the floor


@dataclass(frozen=True, eq=False)
class KeyFrame:
    """One picture of one repetition.

    Attributes
    ----------
    repetition : int
        Its index in the analysis.
    moment : {"floor", "top", "photo"}
    time_s : float
    image : ndarray of uint8, shape (height, width, 3)
        RGB, cropped to the athlete, with skeleton, coach's line and angle.
    """

    repetition: int
    moment: Moment
    time_s: float
    image: Image


@dataclass(frozen=True)
class _Wanted:
    repetition: JudgedRepetition
    moment: Moment
    row: int


@dataclass(frozen=True)
class _Crop:
    """Part of the picture in pixels as filmed, and how much it is enlarged."""

    left: float
    top: float
    right: float
    bottom: float
    zoom: float

    def cut(self, frame: Frame, scale: float) -> Image:
        """Cut the part out of a frame that has `scale` pixels as filmed per pixel."""
        left, top, right, bottom = (round(edge / scale) for edge in (self.left, self.top, self.right, self.bottom))
        size = round((self.right - self.left) * self.zoom), round((self.bottom - self.top) * self.zoom)
        return _resized(frame.image[top:bottom, left:right], size)


def key_frames(examined: Examined, most: int = 24) -> list[KeyFrame]:
    """Show every repetition at the floor, just before it starts, and in the middle of its top.

    Parameters
    ----------
    examined : Examined
    most : int
        Pictures at most. When there are more repetitions, those with faults come first, then those with
        checks, then the first and the last; repetitions cut off by the ends of the clip come last.

    Returns
    -------
    list of KeyFrame
        In order of time, all cropped alike. Empty where there are no repetitions.
    """
    athlete = Athlete(examined)
    wanted = _wanted(examined, athlete, most)
    if not wanted:
        return []
    clip = examined.clip
    crop = _crop_around(athlete, [each.row for each in wanted], clip)
    frames = _frames_at(clip, [float(athlete.time_s[each.row]) for each in wanted])
    return [
        KeyFrame(
            each.repetition.index,
            each.moment,
            frame.time_s,
            _drawn(athlete, each, crop.cut(frame, clip.scale), crop),
        )
        for each, frame in zip(wanted, frames, strict=False)  # a clip damaged since has fewer frames
    ]


def athlete_frame(examined: Examined) -> Image:
    """Show who was measured: a whole frame from the middle of the clip, with the athlete framed.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
        RGB, at most 640 px wide.
    """
    athlete, clip = Athlete(examined), examined.clip
    seen = np.flatnonzero(np.isfinite(athlete.points_px).all(-1).any(-1))
    rows = seen if len(seen) else np.arange(len(athlete.time_s))
    middle_s = float(athlete.time_s[0] + athlete.time_s[-1]) / 2
    row = int(rows[np.argmin(np.abs(athlete.time_s[rows] - middle_s))])
    frame = next(_frames_at(clip, [float(athlete.time_s[row])]))
    zoom = min(1 / clip.scale, WIDTH_PX / clip.width_px)
    image = _resized(frame.image, (round(clip.width_px * zoom), round(clip.height_px * zoom)))
    left, top, right, bottom = _widened(examined.chosen.box_px, clip)
    AthleteBox().annotate(image, (left * zoom, top * zoom, right * zoom, bottom * zoom), "measured")
    return athlete.draw(image, row, zoom=zoom)


def _wanted(examined: Examined, athlete: Athlete, most: int) -> list[_Wanted]:
    """Moments worth a picture, at most `most`, in order of time."""
    if examined.prepared is None:
        return []
    moments = [
        _moments(judged, found.has_raise, examined.clip.is_photo, athlete)
        for judged, found in zip(examined.analysis.repetitions, examined.prepared.repetitions, strict=True)
    ]
    kept: list[_Wanted] = []
    for number in _by_interest(examined.analysis.repetitions):
        if len(kept) + len(moments[number]) <= most:
            kept += moments[number]
    return sorted(kept, key=lambda each: each.row)


def _moments(repetition: JudgedRepetition, has_floor: bool, is_photo: bool, athlete: Athlete) -> list[_Wanted]:
    if is_photo:
        return [_Wanted(repetition, "photo", 0)]
    times_s: list[tuple[Moment, float]] = [("top", (repetition.top_start_s + repetition.top_end_s) / 2)]
    if has_floor:
        times_s.insert(0, ("floor", max(repetition.start_s - BEFORE_START_S, 0.0)))
    return [_Wanted(repetition, moment, int(np.argmin(np.abs(athlete.time_s - time_s)))) for moment, time_s in times_s]


def _by_interest(repetitions: Sequence[JudgedRepetition]) -> list[int]:
    """Positions of the repetitions, the most interesting first."""

    def dullness(number: int) -> tuple[bool, int, bool, int]:
        repetition = repetitions[number]
        verdicts = {cue.verdict for cue in repetition.cues.values()}
        worst = 0 if "fault" in verdicts else 1 if "check" in verdicts else 2
        return not repetition.complete, worst, 0 < number < len(repetitions) - 1, number

    return sorted(range(len(repetitions)), key=dullness)


def _frames_at(clip: Clip, times_s: Sequence[float]) -> Iterator[Frame]:
    """Frames at rising times, in one reading that ends with the last of them."""
    waiting = list(times_s)
    for frame in clip:
        while waiting and frame.time_s >= waiting[0] - 1e-6:
            yield frame
            waiting.pop(0)
        if not waiting:
            return


def _crop_around(athlete: Athlete, rows: list[int], clip: Clip) -> _Crop:
    """Part of the picture that holds the athlete in all these rows."""
    points = athlete.points_px[rows][athlete.confidence[rows] >= LEAST_CONFIDENCE]
    points = points[np.isfinite(points).all(-1)]
    if len(points) == 0:
        box = (0.0, 0.0, float(clip.width_px), float(clip.height_px))
    else:
        (left, top), (right, bottom) = points.min(0), points.max(0)
        lacking = max(0.0, SLIMMEST * (right - left) - (bottom - top))
        box = _widened((left, top - lacking / 2, right, bottom + lacking / 2), clip)
    width, height = box[2] - box[0], box[3] - box[1]
    return _Crop(*box, zoom=min(WIDTH_PX / width, WIDTH_PX / height, LARGEST_ZOOM))


def _widened(box_px: tuple[float, float, float, float], clip: Clip) -> tuple[float, float, float, float]:
    """Widen a box by the margin, within the picture."""
    left, top, right, bottom = box_px
    margin = max(MARGIN_SHARE * max(right - left, bottom - top), LEAST_MARGIN_PX)
    return (
        max(0.0, left - margin),
        max(0.0, top - margin),
        min(float(clip.width_px), right + margin),
        min(float(clip.height_px), bottom + margin),
    )


def _drawn(athlete: Athlete, wanted: _Wanted, image: Image, crop: _Crop) -> Image:
    """Draw the athlete on a cut-out; at the top with the angle and verdict of the table."""
    verdict: Verdict | None = None
    angle_deg: float | None = None
    cue = wanted.repetition.cues.get(LINE_CUE)
    if cue is not None and wanted.moment != "floor":
        verdict = None if cue.verdict == "not_judged" else cue.verdict
        angle_deg = cue.value
    return athlete.draw(
        image, wanted.row, zoom=crop.zoom, origin_px=(crop.left, crop.top),
        repetition=wanted.repetition, verdict=verdict, angle_deg=angle_deg,
    )  # fmt: skip


def _resized(image: Image, size: tuple[int, int]) -> Image:
    shrinks = size[0] < image.shape[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.array(cv2.resize(image, (max(size[0], 1), max(size[1], 1)), interpolation=method), np.uint8)
