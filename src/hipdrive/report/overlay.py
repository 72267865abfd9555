"""The clip once more, with what hipdrive saw drawn on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hipdrive.analysis import Examined
from hipdrive.movements import Measure, Movement
from hipdrive.movements.cue import Phase
from hipdrive.pose.keypoints import KEYPOINTS
from hipdrive.report.annotate import (
    AngleLabel,
    Banner,
    BannerLine,
    Caption,
    CoachLine,
    ContactStrip,
    Directions,
    Image,
    Notes,
    PlumbLine,
    RepCounter,
    SideLetters,
    Skeleton,
)
from hipdrive.report.words import SIDES, Side
from hipdrive.results import Analysis, JudgedRepetition, JudgedStride, Verdict
from hipdrive.video import VideoWriter

MOST_LINES: Final = 2
SHOWN_S: Final[dict[Verdict, float]] = {"fault": 2.5, "check": 2.5, "good": 1.5}  # long enough to be read
RANK: Final[tuple[Verdict, ...]] = ("fault", "check", "good")
LINE_COLOURED_S: Final = 0.4  # after the top the line keeps the colour of its verdict for so long
INSTANT_SHOWN_S: Final = 0.05  # a line of one instant of a stride is shown so long before and after it
# Of a stride whose toe-off is not seen: half of the 33 to 39 % in which a foot is on the ground (Fukuchi et al. 2017).
MID_STANCE_SHARE: Final = 0.18
CONTACT_MARK_S: Final = 0.05  # a contact whose end is not seen is marked by so much
WORLD_PX_PER_M: Final = 300.0  # of a lab file without pictures
WORLD_MARGIN_M: Final = 0.3

Array = NDArray[np.float64]


@dataclass(frozen=True)
class DrawnLine:
    """A line along the body.

    Attributes
    ----------
    keypoints : tuple of str
        In order; ``mid_hip`` is the middle of both hips.
    verdict : {"good", "check", "fault", "not_judged"} or None
        Colours it.
    angle_deg : float or None
        Written beside it.
    plumb : bool
        Whether the upright, or the level, from its first point is drawn, too.
    """

    keypoints: tuple[str, ...]
    verdict: Verdict | None = None
    angle_deg: float | None = None
    plumb: bool = False


class Athlete:
    """The measured athlete, ready to be drawn on any picture of the clip.

    Parameters
    ----------
    examined : Examined
    """

    def __init__(self, examined: Examined) -> None:
        motion, prepared, movement = examined.motion, examined.prepared, examined.movement
        self.movement = movement
        self.analysis = examined.analysis
        self.time_s: Array = np.asarray(motion.time.values, np.float64)
        body = motion.isel(keypoint=slice(len(KEYPOINTS)))  # a lab has markers of its own behind them
        self.points_px: Array = _picture_points(body.image_position.values, body.world_position.values)
        self.confidence: Array = body.confidence.values.astype(np.float64)
        self.near_side: Side | None = examined.analysis.view.near_side
        self.by_side = movement is not None and (bool(movement.measures) or _has_directions(examined.analysis))
        self.line: tuple[str, ...] = ()
        self.line_deg: Array | None = None
        if prepared is not None and movement is not None and movement.line_cue is not None:
            names = {name for name, cue_id in movement.curve_cues if cue_id == movement.line_cue}
            shown = {name: values for name, values in prepared.curves().items() if name in names}
            # where its curve cannot be seen, as from the feet, there is no line to look at either
            self.line = prepared.line() if shown or not names else ()
            self.line_deg = next((values for name, values in shown.items() if name.endswith("[deg]")), None)
        self._same_frame_s = float(np.median(np.diff(self.time_s))) / 2 if len(self.time_s) > 1 else np.inf

    def row(self, time_s: float) -> int | None:
        """Row of the motion at a time of the clip; None where the motion has none."""
        nearest = int(np.argmin(np.abs(self.time_s - time_s)))
        return nearest if abs(self.time_s[nearest] - time_s) <= self._same_frame_s else None

    def draw(
        self,
        image: Image,
        row: int,
        lines: Sequence[DrawnLine] = (),
        *,
        zoom: float,
        origin_px: tuple[float, float] = (0.0, 0.0),
    ) -> Image:
        """Draw the skeleton and lines along the body.

        Parameters
        ----------
        image : ndarray of uint8, shape (height, width, 3)
        row : int
            Of the motion.
        lines : sequence of DrawnLine
        zoom : float
            Pixels of `image` per pixel as filmed.
        origin_px : tuple of float
            The corner of `image`, top left, in pixels as filmed.
        """
        points = (self.points_px[row] - origin_px) * zoom
        Skeleton(by_side=self.by_side).annotate(image, points, self.confidence[row], self.near_side)
        if self.by_side:
            SideLetters().annotate(image, points, self.confidence[row])
        placed = [(line, np.array([_point(points, name) for name in line.keypoints])) for line in lines]
        for line, ends in placed:
            if line.plumb:
                PlumbLine().annotate(image, ends[:2])
            CoachLine().annotate(image, ends, line.verdict)
        labels: dict[str, tuple[DrawnLine, Array]] = {}  # over the lines; of two at one joint the first
        for line, ends in placed:
            middle = len(ends) // 2
            labels.setdefault(line.keypoints[middle], (line, ends[middle]))
        for line, joint in labels.values():
            AngleLabel().annotate(image, joint, line.angle_deg, line.verdict)
        return image

    def coach_lines(
        self,
        row: int,
        repetition: JudgedRepetition | None,
        verdict: Verdict | None = None,
        angle_deg: float | None = None,
    ) -> list[DrawnLine]:
        """Line that the coach looks at in an exercise, on the leg that works.

        Parameters
        ----------
        row : int
            Of the motion.
        repetition : JudgedRepetition or None
            Its working leg carries the line.
        verdict : {"good", "check", "fault", "not_judged"}, optional
            Colours the line.
        angle_deg : float, optional
            Shown in place of the angle of this very instant.
        """
        if not self.line:
            return []
        names = _on_working_leg(self.line, repetition)
        if angle_deg is None and names == self.line and self.line_deg is not None:
            angle_deg = float(self.line_deg[row])
        return [DrawnLine(names, verdict, angle_deg)]

    def run_lines(self, time_s: float) -> list[DrawnLine]:
        """Lines of the measures that are seen at this moment of the run, coloured by their verdicts."""
        if self.movement is None:
            return []
        strides = self.analysis.strides
        drawn = []
        for measure in self.movement.measures:
            judged = self.analysis.measures.get(measure.id)
            if measure.line is None or judged is None or not is_shown(measure, self.analysis):
                continue
            if measure.line.at == "always":
                drawn.append(DrawnLine(_of_side(measure, None), judged.verdict, plumb=True))
                continue
            for side in {stride.side for stride in strides if _is_at(measure, stride, time_s)}:
                own = {"left": judged.left, "right": judged.right}[side]
                value = judged.value if own is None else own
                angle_deg = value if judged.unit == "deg" else None
                drawn.append(DrawnLine(_of_side(measure, side), judged.verdict, angle_deg, plumb=True))
        return drawn


def _picture_points(image_px: NDArray[np.float32], world_m: NDArray[np.float32]) -> Array:
    """Places in the picture, shape (n_frames, 33, 2); without a picture, those seen along the z axis of the world."""
    points = np.asarray(image_px[..., :2], np.float64)
    if np.isfinite(points).any() or not np.isfinite(world_m).any():
        return points
    flat = np.asarray(world_m[..., :2], np.float64)
    return np.asarray((flat - np.nanmin(flat, axis=(0, 1)) + WORLD_MARGIN_M) * WORLD_PX_PER_M)


def _point(points: Array, name: str) -> Array:
    """Place of a keypoint, or of the middle of both sides."""
    place, _, joint = name.partition("_")
    if place != "mid":
        return np.asarray(points[KEYPOINTS.index(name)])
    return np.asarray(points[[KEYPOINTS.index(f"{side}_{joint}") for side in SIDES]].mean(0))


def _on_working_leg(line: tuple[str, ...], repetition: JudgedRepetition | None) -> tuple[str, ...]:
    """Keypoints of the line, on the leg that works where only one does; one across both legs stays as it is."""
    goes_across = len({name.partition("_")[0] for name in line}) > 1
    if goes_across or repetition is None or repetition.side not in ("left", "right"):
        return line
    return tuple(f"{repetition.side}_{name.partition('_')[2]}" for name in line)


def _of_side(measure: Measure, side: Side | None) -> tuple[str, ...]:
    assert measure.line is not None
    return tuple(name.format(side=side or "mid") for name in measure.line.keypoints)


def _is_at(measure: Measure, stride: JudgedStride, time_s: float) -> bool:
    """Whether a stride is at the instant at which a measure is seen."""
    assert measure.line is not None
    wanted_s = instant_s(stride, measure.line.at)
    return wanted_s is not None and abs(wanted_s - time_s) <= INSTANT_SHOWN_S


def instant_s(stride: JudgedStride, name: str) -> float | None:
    """When a stride is at contact, mid-stance or toe-off; None for a toe-off that this view does not show."""
    if name == "contact":
        return stride.contact_s
    if name == "toe_off":
        return stride.toe_off_s
    if stride.toe_off_s is None:
        return stride.contact_s + MID_STANCE_SHARE * (stride.next_contact_s - stride.contact_s)
    return (stride.contact_s + stride.toe_off_s) / 2


def is_shown(measure: Measure, analysis: Analysis) -> bool:
    """Whether a measure was judged and this view shows it."""
    judged = analysis.measures.get(measure.id)
    return judged is not None and judged.verdict != "not_judged" and analysis.view.id in measure.views


def _has_directions(analysis: Analysis) -> bool:
    return any(repetition.direction is not None for repetition in analysis.repetitions)


# -- what is shown when --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fall:
    """A verdict at the moment when it falls.

    Attributes
    ----------
    time_s : float
        End of the phase in which the cue is read.
    verdict : {"good", "check", "fault"}
    text : str
    weight : int
        How much the cue matters beside others.
    """

    time_s: float
    verdict: Verdict
    text: str
    weight: int


def falls(examined: Examined) -> list[Fall]:
    """Verdicts of the repetitions that count, in order of time; what was not judged says nothing here."""
    movement = examined.movement
    if movement is None:
        return []
    found = [
        Fall(
            phase_s(repetition, cue.phase)[1],
            repetition.cues[cue.id].verdict,
            f"{movement.words.short.capitalize()} {repetition.index}: {cue.name}",
            cue.weight,
        )
        for repetition in examined.analysis.complete_repetitions
        for cue in movement.cues
        if cue.id in repetition.cues and repetition.cues[cue.id].verdict != "not_judged"
    ]
    return sorted(found, key=lambda fall: fall.time_s)


def phase_s(repetition: JudgedRepetition, phase: Phase) -> tuple[float, float]:
    """When a phase of a repetition begins and ends; the rest before it is its start."""
    return {
        "rest": (repetition.start_s, repetition.start_s),
        "raise": (repetition.start_s, repetition.top_start_s),
        "top": (repetition.top_start_s, repetition.top_end_s),
        "lower": (repetition.top_end_s, repetition.end_s),
        "whole": (repetition.start_s, repetition.end_s),
    }[phase]


def shown(all_falls: Sequence[Fall], time_s: float) -> list[BannerLine]:
    """Verdicts that the banner shows at a time: faults before checks before good, then the newest."""
    fresh = [fall for fall in all_falls if fall.time_s <= time_s < fall.time_s + SHOWN_S[fall.verdict]]
    fresh.sort(key=lambda fall: (RANK.index(fall.verdict), -fall.time_s, -fall.weight))
    return [BannerLine(fall.verdict, fall.text) for fall in fresh[:MOST_LINES]]


def reached(analysis: Analysis, time_s: float) -> list[JudgedRepetition]:
    """Repetitions that have reached their top, of those that count."""
    return [repetition for repetition in analysis.complete_repetitions if repetition.top_start_s <= time_s]


def repetition_at(analysis: Analysis, time_s: float) -> JudgedRepetition | None:
    """Repetition under way at a time."""
    under_way = [each for each in analysis.repetitions if each.start_s <= time_s <= each.end_s]
    return under_way[-1] if under_way else None


def phase_word(movement: Movement, repetition: JudgedRepetition | None, time_s: float) -> str:
    """Say what the athlete is doing."""
    words = movement.words
    if repetition is None:
        return words.rest
    if not repetition.complete:
        return f"part {words.short}"
    if time_s < repetition.top_start_s:
        return words.out
    return words.top if time_s <= repetition.top_end_s else words.back


def contacts_s(strides: Sequence[JudgedStride]) -> dict[Side, list[tuple[float, float]]]:
    """When each foot is on the ground, from contact to toe-off; a short mark where the toe-off is not seen."""
    return {
        side: [
            (one.contact_s, one.contact_s + CONTACT_MARK_S if one.toe_off_s is None else one.toe_off_s)
            for one in strides
            if one.side == side
        ]
        for side in SIDES
    }


def stance_word(strides: Sequence[JudgedStride], time_s: float) -> str:
    """Say which foot is on the ground, or which met it last; nothing where no stride is known."""
    under_way = [stride for stride in strides if stride.contact_s <= time_s <= stride.next_contact_s]
    if not under_way:
        return ""
    if any(stride.toe_off_s is None for stride in under_way):
        return f"{max(under_way, key=lambda stride: stride.contact_s).side} step"
    on_ground = {stride.side for stride in under_way if stride.toe_off_s is not None and time_s <= stride.toe_off_s}
    if len(on_ground) == 2:
        return "both feet"
    return f"{on_ground.pop()} foot" if on_ground else "flight"


STANCE_WORDS: Final = ("left foot", "right foot", "both feet", "flight", "left step", "right step")


def _line_verdict(movement: Movement, repetition: JudgedRepetition | None, time_s: float) -> Verdict | None:
    """Verdict that colours the coach's line: in the phase in which it is judged, and for a moment after it."""
    cue_id = movement.line_cue
    if repetition is None or not repetition.complete or cue_id is None or cue_id not in repetition.cues:
        return None
    verdict = repetition.cues[cue_id].verdict
    start_s, end_s = phase_s(repetition, movement.cue(cue_id).phase)
    return verdict if start_s <= time_s <= end_s + LINE_COLOURED_S and verdict != "not_judged" else None


# -- the video -----------------------------------------------------------------------------------------------


def write_overlay(examined: Examined, path: Path, progress: Callable[[int], None] = lambda frames: None) -> bool:
    """Write the clip with skeleton, lines, counter and verdicts drawn on it, as H.264 in MP4.

    Frames are read, drawn and written one by one, so memory does not grow with the length of the clip. Times
    are those of real life: a slow-motion file becomes a video of normal speed. There is no sound.

    Parameters
    ----------
    examined : Examined
    path : Path
        Where the video goes; written beside it under another name until it is whole.
    progress : callable
        Told the number of frames done so far.

    Returns
    -------
    bool
        False where there is no video to draw on: a photograph, a lab file.
    """
    clip = examined.clip
    if clip is None or clip.is_photo or len(examined.motion.time) < 2:
        return False
    size_px = round(clip.width_px / clip.scale), round(clip.height_px / clip.scale)
    draw = _draughtsman(examined, 1 / clip.scale)
    partial = path.with_name(f"{path.name}.partial")
    try:
        with VideoWriter(partial, *size_px, clip.rate_hz) as writer:
            for done, frame in enumerate(clip, start=1):
                writer.write(draw(frame.image, frame.time_s), frame.time_s)
                progress(done)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return True


def _draughtsman(examined: Examined, zoom: float) -> Callable[[Image, float], Image]:
    """Make the function that draws on the picture of a time."""
    movement, athlete = examined.movement, Athlete(examined)
    if movement is None or examined.prepared is None:
        return lambda image, time_s: _drawn(athlete, image, time_s, [], zoom)
    if movement.measures and not movement.cues:
        return _run_draughtsman(examined.analysis, athlete, zoom)
    return _exercise_draughtsman(examined, movement, athlete, zoom)


def _exercise_draughtsman(
    examined: Examined, movement: Movement, athlete: Athlete, zoom: float
) -> Callable[[Image, float], Image]:
    analysis, all_falls, words = examined.analysis, falls(examined), movement.words
    phases = (words.rest, words.out, words.top, words.back, f"part {words.short}")
    counter = RepCounter((words.short, f"{words.short}s"), phases)
    said = Notes() if athlete.by_side else Banner()
    # from the front the athlete's right is on the left of the picture
    directions = Directions("left" if analysis.view.id == "rear" else "right") if athlete.by_side else None

    def draw(image: Image, time_s: float) -> Image:
        repetition, row = repetition_at(analysis, time_s), athlete.row(time_s)
        verdict = _line_verdict(movement, repetition, time_s)
        lines = [] if row is None else athlete.coach_lines(row, repetition, verdict)
        _drawn(athlete, image, time_s, lines, zoom)
        so_far = reached(analysis, time_s)
        counter.annotate(image, len(so_far), phase_word(movement, repetition, time_s))
        if directions is not None:
            counts = {side: sum(one.direction == side for one in so_far) for side in SIDES}
            directions.annotate(image, counts, repetition.direction if repetition else None)
        elif athlete.near_side:
            Caption().annotate(image, f"near side: {athlete.near_side}")
        return said.annotate(image, shown(all_falls, time_s))

    return draw


def _run_draughtsman(analysis: Analysis, athlete: Athlete, zoom: float) -> Callable[[Image, float], Image]:
    contacts, cadence = contacts_s(analysis.strides), analysis.measures.get("cadence_spm")
    counter = RepCounter(("step/min", "steps/min"), STANCE_WORDS)

    def draw(image: Image, time_s: float) -> Image:
        _drawn(athlete, image, time_s, athlete.run_lines(time_s), zoom)
        if cadence is not None and cadence.value is not None:
            verdict = None if cadence.verdict == "not_judged" else cadence.verdict
            counter.annotate(image, round(cadence.value), stance_word(analysis.strides, time_s), verdict)
        if analysis.strides:
            ContactStrip().annotate(image, contacts, time_s)
        return image

    return draw


def _drawn(athlete: Athlete, image: Image, time_s: float, lines: Sequence[DrawnLine], zoom: float) -> Image:
    row = athlete.row(time_s)
    return image if row is None else athlete.draw(image, row, lines, zoom=zoom)
