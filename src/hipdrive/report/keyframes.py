"""Key frames: each repetition, or a typical stride, at the moments that matter; and who was measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import cv2
import numpy as np

from hipdrive.analysis import Examined
from hipdrive.movements import Measure, Movement
from hipdrive.movements.movement import Moment
from hipdrive.report.annotate import LEAST_CONFIDENCE, AthleteBox, Image, Points
from hipdrive.report.overlay import Athlete, DrawnLine, instant_s, is_shown, phase_s
from hipdrive.report.words import SIDES, Side
from hipdrive.results import Analysis, JudgedRepetition, JudgedStride, SeenView, Verdict
from hipdrive.video import Clip, Frame

WIDTH_PX: Final = 640
LARGEST_ZOOM: Final = 2.0  # enlarging a small figure more shows only blur
MARGIN_SHARE: Final = 0.12  # of the larger side of the athlete, on every side: hands and hair reach beyond keypoints
LEAST_MARGIN_PX: Final = 8.0  # a single keypoint still makes a picture
SLIMMEST: Final = 0.45  # height of a picture over its width: a lying body alone would make a strip
NARROWEST: Final = 0.6  # width over height: a runner's too
BEFORE_START_S: Final = 0.1  # the hips surely rest a moment before they leave the floor
PAPER: Final = (58, 66, 76)  # behind a figure that nobody filmed; dark enough for its light lines

STRIDE_MOMENTS: Final = {"contact": "contact", "mid_stance": "mid-stance", "toe_off": "toe-off"}


@dataclass(frozen=True, eq=False)
class KeyFrame:
    """One picture of one repetition or stride.

    Attributes
    ----------
    title : str
        "Repetition 2, top".
    moment : str
        "top".
    time_s : float
    image : ndarray of uint8, shape (height, width, 3)
        RGB, cropped to the athlete, with skeleton, lines and angles.
    repetition : int or None
        Its index in the analysis.
    cue : str or None
        Id of the cue whose line is shown as it was judged at this moment.
    measures : tuple of str
        Ids of the measures whose lines are shown.
    side : {"left", "right"} or None
        Leg of the stride.
    """

    title: str
    moment: str
    time_s: float
    image: Image
    repetition: int | None = None
    cue: str | None = None
    measures: tuple[str, ...] = ()
    side: Side | None = None


@dataclass(frozen=True)
class _Wanted:
    title: str
    moment: str
    time_s: float
    row: int
    lines: list[DrawnLine] = field(default_factory=list)
    repetition: int | None = None
    cue: str | None = None
    measures: tuple[str, ...] = ()
    side: Side | None = None


@dataclass(frozen=True)
class _Crop:
    """Part of the picture in pixels as filmed, and how much it is enlarged."""

    left: float
    top: float
    right: float
    bottom: float
    zoom: float

    def cut(self, image: Image, scale: float) -> Image:
        """Cut the part out of a picture that has `scale` pixels as filmed per pixel."""
        left, top, right, bottom = (round(edge / scale) for edge in (self.left, self.top, self.right, self.bottom))
        return _resized(image[top:bottom, left:right], self._size)

    def blank(self) -> Image:
        """Paper of the size of the part."""
        width, height = self._size
        return np.full((max(height, 1), max(width, 1), 3), PAPER, np.uint8)

    @property
    def _size(self) -> tuple[int, int]:
        return round((self.right - self.left) * self.zoom), round((self.bottom - self.top) * self.zoom)


def key_frames(examined: Examined, most: int = 24) -> list[KeyFrame]:
    """Show every repetition at its moments, or a typical stride of each leg at contact, mid-stance and toe-off.

    A run from a lab is shown from every side from which it was measured.

    Parameters
    ----------
    examined : Examined
        Without a clip the figure is drawn on plain paper.
    most : int
        Pictures at most. When there are more repetitions, those with faults come first, then those with
        checks, then the first and the last; repetitions cut off by the ends of the clip come last.

    Returns
    -------
    list of KeyFrame
        In order of time, those of strides by leg; all cropped alike. Empty where there is nothing to show.
    """
    return [frame for angle in _angles(examined) for frame in _frames_from(angle, most)]


def _angles(examined: Examined) -> list[Examined]:
    """The motion as each view shows it."""
    if examined.clip is not None or len(examined.views) < 2:
        return [examined]
    analysis = examined.analysis
    return [
        replace(
            examined,
            motion=view.motion,
            prepared=view,
            views=(view,),
            analysis=replace(analysis, view=SeenView(view.view.id, view.view.near_side, analysis.view.confidence)),
        )
        for view in examined.views
    ]


def _frames_from(examined: Examined, most: int) -> list[KeyFrame]:
    if examined.prepared is None or examined.movement is None:
        return []
    athlete = Athlete(examined)
    wanted = _repetitions_wanted(examined, examined.movement, athlete, most) or _strides_wanted(examined, athlete)
    if not wanted:
        return []
    clip = examined.clip
    edges = None if clip is None else (0.0, 0.0, float(clip.width_px), float(clip.height_px))
    crops = _crops(athlete, [each.row for each in wanted], edges)
    return [
        KeyFrame(
            each.title,
            each.moment,
            time_s,
            athlete.draw(image, each.row, each.lines, zoom=crop.zoom, origin_px=(crop.left, crop.top)),
            each.repetition,
            each.cue,
            each.measures,
            each.side,
        )
        for each, crop, time_s, image in _pictures(clip, wanted, crops, athlete.time_s)
    ]


def athlete_frame(examined: Examined) -> Image | None:
    """Show who was measured: a whole frame from the middle of the clip, with the athlete framed.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3), or None
        RGB, at most 640 px wide; None where nobody was filmed.
    """
    clip = examined.clip
    if clip is None or examined.chosen is None:
        return None
    athlete = Athlete(examined)
    seen = np.flatnonzero(np.isfinite(athlete.points_px).all(-1).any(-1))
    rows = seen if len(seen) else np.arange(len(athlete.time_s))
    middle_s = float(athlete.time_s[0] + athlete.time_s[-1]) / 2
    row = int(rows[np.argmin(np.abs(athlete.time_s[rows] - middle_s))])
    frame = next(_frames_at(clip, [float(athlete.time_s[row])]))
    zoom = min(1 / clip.scale, WIDTH_PX / clip.width_px)
    image = _resized(frame.image, (round(clip.width_px * zoom), round(clip.height_px * zoom)))
    left, top, right, bottom = _widened(examined.chosen.box_px, (0.0, 0.0, float(clip.width_px), float(clip.height_px)))
    AthleteBox().annotate(image, (left * zoom, top * zoom, right * zoom, bottom * zoom), "measured")
    return athlete.draw(image, row, zoom=zoom)


# -- moments of repetitions ----------------------------------------------------------------------------------


def _repetitions_wanted(examined: Examined, movement: Movement, athlete: Athlete, most: int) -> list[_Wanted]:
    """Moments of repetitions worth a picture, at most `most`, in order of time."""
    assert examined.prepared is not None
    is_photo = examined.clip is not None and examined.clip.is_photo
    moments = [
        _moments(movement, judged, found.has_raise, found.has_lower, is_photo, athlete)
        for judged, found in zip(examined.analysis.repetitions, examined.prepared.repetitions, strict=True)
    ]
    kept: list[_Wanted] = []
    for number in _by_interest(examined.analysis.repetitions):
        if len(kept) + len(moments[number]) <= most:
            kept += moments[number]
    return sorted(kept, key=lambda each: each.row)


def _moments(
    movement: Movement,
    repetition: JudgedRepetition,
    has_raise: bool,
    has_lower: bool,
    is_photo: bool,
    athlete: Athlete,
) -> list[_Wanted]:
    if is_photo:
        return [_moment_wanted(movement, repetition, None, athlete)]
    hidden = set() if has_raise else {"rest", "raise"}
    hidden |= set() if has_lower else {"lower", "whole"}
    return [
        _moment_wanted(movement, repetition, moment, athlete)
        for moment in movement.moments
        if moment.phase not in hidden
    ]


def _moment_wanted(
    movement: Movement, repetition: JudgedRepetition, moment: Moment | None, athlete: Athlete
) -> _Wanted:
    """Picture of a moment, or the photograph; the line with its verdict where the cue of the line is read."""
    time_s = 0.0 if moment is None else _moment_s(repetition, moment)
    row = int(np.argmin(np.abs(athlete.time_s - time_s)))
    cue_id = movement.line_cue
    if (
        cue_id is None
        or cue_id not in repetition.cues
        or (moment and not _is_read(movement, cue_id, repetition, time_s))
    ):
        lines, cue_id = athlete.coach_lines(row, repetition), None
    else:
        judged = repetition.cues[cue_id]
        verdict: Verdict | None = None if judged.verdict == "not_judged" else judged.verdict
        lines = athlete.coach_lines(row, repetition, verdict, judged.value if judged.unit == "deg" else None)
    title = f"{movement.words.repetition.capitalize()} {repetition.index}"
    way = f" to the {repetition.direction}" if repetition.direction else ""
    return _Wanted(
        "The photograph" if moment is None else f"{title}{way}, {moment.name}",
        "photo" if moment is None else moment.name,
        time_s, row, lines, repetition.index, cue_id,
    )  # fmt: skip


def _is_read(movement: Movement, cue_id: str, repetition: JudgedRepetition, time_s: float) -> bool:
    """Whether a cue is read at a time."""
    start_s, end_s = phase_s(repetition, movement.cue(cue_id).phase)
    return start_s <= time_s <= end_s


def _moment_s(repetition: JudgedRepetition, moment: Moment) -> float:
    return {
        "rest": max(repetition.start_s - BEFORE_START_S, 0.0),
        "raise": (repetition.start_s + repetition.top_start_s) / 2,
        "top": (repetition.top_start_s + repetition.top_end_s) / 2,
        "lower": (repetition.top_end_s + repetition.end_s) / 2,
        "whole": repetition.end_s,
    }[moment.phase]


def _by_interest(repetitions: Sequence[JudgedRepetition]) -> list[int]:
    """Positions of the repetitions, the most interesting first."""

    def dullness(number: int) -> tuple[bool, int, bool, int]:
        repetition = repetitions[number]
        verdicts = {cue.verdict for cue in repetition.cues.values()}
        worst = 0 if "fault" in verdicts else 1 if "check" in verdicts else 2
        return not repetition.complete, worst, 0 < number < len(repetitions) - 1, number

    return sorted(range(len(repetitions)), key=dullness)


# -- moments of strides --------------------------------------------------------------------------------------


def _strides_wanted(examined: Examined, athlete: Athlete) -> list[_Wanted]:
    """Contact, mid-stance and toe-off of a typical stride of each leg."""
    wanted = []
    for side in SIDES:
        stride = typical_stride([one for one in examined.analysis.strides if one.side == side])
        if stride is None:
            continue
        for name, words in STRIDE_MOMENTS.items():
            time_s = instant_s(stride, name)
            if time_s is None:
                continue
            row = int(np.argmin(np.abs(athlete.time_s - time_s)))
            lines = athlete.run_lines(time_s)
            measures = _measures_at(examined.movement, examined.analysis, name)
            behind = ", from behind" if examined.clip is None and examined.analysis.view.id == "rear" else ""
            title = f"{side.capitalize()} foot, {words}{behind}"
            wanted.append(_Wanted(title, words, time_s, row, lines, measures=measures, side=side))
    return wanted


def typical_stride(strides: Sequence[JudgedStride]) -> JudgedStride | None:
    """Stride whose length and contact are nearest to the medians; of equal ones that in the middle of the clip."""
    if not strides:
        return None
    times_s = np.array(
        [(one.next_contact_s - one.contact_s, (one.toe_off_s or np.nan) - one.contact_s) for one in strides]
    )
    known = times_s[:, np.isfinite(times_s).any(0)]
    off_s = np.round(np.nan_to_num(np.abs(known - np.nanmedian(known, axis=0)), nan=np.inf).sum(1), 3)
    from_middle = np.abs(np.arange(len(strides)) - len(strides) / 2)
    return strides[int(np.lexsort((from_middle, off_s))[0])]


def _measures_at(movement: Movement | None, analysis: Analysis, moment: str) -> tuple[str, ...]:
    """Measures whose line is seen at a moment of the stride, and no earlier in it."""
    measures: Iterable[Measure] = movement.measures if movement else ()
    return tuple(
        one.id
        for one in measures
        if one.line is not None
        and (one.line.at == moment or (one.line.at == "always" and moment == "mid_stance"))
        and is_shown(one, analysis)
    )


# -- pictures ------------------------------------------------------------------------------------------------


def _pictures(
    clip: Clip | None, wanted: Sequence[_Wanted], crops: Sequence[_Crop], time_s: Points
) -> Iterator[tuple[_Wanted, _Crop, float, Image]]:
    """Cut-outs with their times, in the order wanted."""
    if clip is None:
        yield from ((each, crop, each.time_s, crop.blank()) for each, crop in zip(wanted, crops, strict=True))
        return
    in_time = sorted(range(len(wanted)), key=lambda number: wanted[number].row)
    frames = _frames_at(clip, [float(time_s[wanted[number].row]) for number in in_time])
    cut = {
        number: (frame.time_s, crops[number].cut(frame.image, clip.scale))
        for number, frame in zip(in_time, frames, strict=False)  # a clip damaged since has fewer frames
    }
    yield from ((wanted[number], crops[number], *cut[number]) for number in sorted(cut))


def _frames_at(clip: Clip, times_s: Sequence[float]) -> Iterator[Frame]:
    """Frames at rising times, in one reading that ends with the last of them."""
    waiting = list(times_s)
    for frame in clip:
        while waiting and frame.time_s >= waiting[0] - 1e-6:
            yield frame
            waiting.pop(0)
        if not waiting:
            return


Box = tuple[float, float, float, float]  # left, top, right, bottom [px]


def _crops(athlete: Athlete, rows: list[int], edges: Box | None) -> list[_Crop]:
    """Parts of the picture that hold the athlete in these rows, all alike; `edges` are those of the picture, if any.

    They are one place, so that one sees what moved; who travels through the picture is followed.
    """
    points = np.where(athlete.confidence[rows] >= LEAST_CONFIDENCE, 0.0, np.nan)[..., None] + athlete.points_px[rows]
    seen = points[np.isfinite(points).all(-1).any(-1)]
    if len(seen) == 0:
        boxes = [edges or (0.0, 0.0, float(WIDTH_PX), SLIMMEST * WIDTH_PX)] * len(rows)
    elif athlete.by_side:
        size = (np.nanmax(seen, axis=1) - np.nanmin(seen, axis=1)).max(0)
        everywhere = (np.nanmax(seen, axis=(0, 1)) + np.nanmin(seen, axis=(0, 1))) / 2
        boxes = [_box_round(_middle(one, everywhere), size, edges) for one in points]
    else:
        low, high = np.nanmin(seen, axis=(0, 1)), np.nanmax(seen, axis=(0, 1))
        boxes = [_box_round((low + high) / 2, high - low, edges)] * len(rows)
    width, height = boxes[0][2] - boxes[0][0], boxes[0][3] - boxes[0][1]
    zoom = min(WIDTH_PX / width, WIDTH_PX / height, LARGEST_ZOOM)
    return [_Crop(*box, zoom=zoom) for box in boxes]


def _middle(points: Points, otherwise: Points) -> Points:
    """Middle of what is seen of the body, shape (2,)."""
    seen = points[np.isfinite(points).all(-1)]
    return (seen.min(0) + seen.max(0)) / 2 if len(seen) else otherwise


def _box_round(middle: Points, size: Points, edges: Box | None) -> Box:
    """Box with a margin round a body, neither a strip nor a pole, moved into the picture where it would hang over."""
    width, height = float(size[0]), float(size[1])
    width, height = max(width, NARROWEST * height), max(height, SLIMMEST * width)
    margin = max(MARGIN_SHARE * max(width, height), LEAST_MARGIN_PX)
    half = np.array([width, height]) / 2 + margin
    if edges is not None:
        half = np.minimum(half, np.array([edges[2] - edges[0], edges[3] - edges[1]]) / 2)
        middle = np.clip(middle, edges[:2] + half, edges[2:] - half)
    left, top, right, bottom = *(middle - half), *(middle + half)
    return float(left), float(top), float(right), float(bottom)


def _widened(box_px: Box, edges: Box | None) -> Box:
    """Widen a box by the margin, within the picture if there is one."""
    left, top, right, bottom = box_px
    margin = max(MARGIN_SHARE * max(right - left, bottom - top), LEAST_MARGIN_PX)
    left, top, right, bottom = left - margin, top - margin, right + margin, bottom + margin
    if edges is None:
        return left, top, right, bottom
    return max(edges[0], left), max(edges[1], top), min(edges[2], right), min(edges[3], bottom)


def _resized(image: Image, size: tuple[int, int]) -> Image:
    shrinks = size[0] < image.shape[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.array(cv2.resize(image, (max(size[0], 1), max(size[1], 1)), interpolation=method), np.uint8)
