"""The clip once more, with what hipdrive saw drawn on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hipdrive.analysis import Examined
from hipdrive.movements.cue import Phase
from hipdrive.pose.keypoints import KEYPOINTS
from hipdrive.report.annotate import (
    AngleLabel,
    Banner,
    BannerLine,
    Caption,
    CoachLine,
    Image,
    RepCounter,
    Side,
    Skeleton,
)
from hipdrive.results import Analysis, JudgedRepetition, Verdict
from hipdrive.video import VideoWriter

LINE_CUE: Final = "straight_line"  # the cue that judges the coach's line
MOST_LINES: Final = 2
SHOWN_S: Final[dict[Verdict, float]] = {"fault": 2.5, "check": 2.5, "good": 1.5}  # long enough to be read
RANK: Final[tuple[Verdict, ...]] = ("fault", "check", "good")
LINE_COLOURED_S: Final = 0.4  # after the top the line keeps the colour of its verdict for so long


class Athlete:
    """The measured athlete, ready to be drawn on any picture of the clip.

    Parameters
    ----------
    examined : Examined
    """

    def __init__(self, examined: Examined) -> None:
        motion, prepared = examined.motion, examined.prepared
        self.time_s: NDArray[np.float64] = np.asarray(motion.time.values, np.float64)
        self.points_px: NDArray[np.float64] = motion.image_position.values[..., :2].astype(np.float64)
        self.confidence: NDArray[np.float64] = motion.confidence.values.astype(np.float64)
        self.near_side: Side | None = examined.analysis.view.near_side
        self.line: tuple[str, ...] = prepared.line() if prepared else ()
        # where the movement has no angle to show, as from the feet, there is no line to look at either
        angles = [curve for name, curve in (prepared.curves() if prepared else {}).items() if "[deg]" in name]
        self.line_deg: NDArray[np.float64] | None = angles[0] if angles else None
        self._same_frame_s = float(np.median(np.diff(self.time_s))) / 2 if len(self.time_s) > 1 else np.inf

    def row(self, time_s: float) -> int | None:
        """Row of the motion at a time of the clip; None where the motion has none."""
        nearest = int(np.argmin(np.abs(self.time_s - time_s)))
        return nearest if abs(self.time_s[nearest] - time_s) <= self._same_frame_s else None

    def draw(
        self,
        image: Image,
        row: int,
        *,
        zoom: float,
        origin_px: tuple[float, float] = (0.0, 0.0),
        repetition: JudgedRepetition | None = None,
        verdict: Verdict | None = None,
        angle_deg: float | None = None,
    ) -> Image:
        """Draw the skeleton, and where the movement has one, the coach's line with its angle.

        Parameters
        ----------
        image : ndarray of uint8, shape (height, width, 3)
        row : int
            Of the motion.
        zoom : float
            Pixels of `image` per pixel as filmed.
        origin_px : tuple of float
            The corner of `image`, top left, in pixels as filmed.
        repetition : JudgedRepetition, optional
            Its working leg carries the line.
        verdict : {"good", "check", "fault", "not_judged"}, optional
            Colours the line.
        angle_deg : float, optional
            Shown in place of the angle of this very instant.
        """
        points = (self.points_px[row] - origin_px) * zoom
        Skeleton().annotate(image, points, self.confidence[row], self.near_side)
        if self.line_deg is None:
            return image
        names = _on_working_leg(self.line, repetition)
        if angle_deg is None and names == self.line:
            angle_deg = float(self.line_deg[row])
        ends = points[[KEYPOINTS.index(name) for name in names]]
        CoachLine().annotate(image, ends, verdict)
        return AngleLabel().annotate(image, ends[len(ends) // 2], angle_deg, verdict)


def _on_working_leg(line: tuple[str, ...], repetition: JudgedRepetition | None) -> tuple[str, ...]:
    """Keypoints of the line, on the leg that works where only one does."""
    if repetition is None or repetition.side not in ("left", "right"):
        return line
    return tuple(f"{repetition.side}_{name.partition('_')[2]}" for name in line)


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
    if examined.movement is None:
        return []
    found = [
        Fall(
            phase_end_s(repetition, cue.phase),
            repetition.cues[cue.id].verdict,
            f"Rep {repetition.index}: {cue.name}",
            cue.weight,
        )
        for repetition in examined.analysis.complete_repetitions
        for cue in examined.movement.cues
        if cue.id in repetition.cues and repetition.cues[cue.id].verdict != "not_judged"
    ]
    return sorted(found, key=lambda fall: fall.time_s)


def phase_end_s(repetition: JudgedRepetition, phase: Phase) -> float:
    """When a phase of a repetition is over."""
    return {
        "rest": repetition.start_s,
        "raise": repetition.top_start_s,
        "top": repetition.top_end_s,
        "lower": repetition.end_s,
        "whole": repetition.end_s,
    }[phase]


def shown(all_falls: Sequence[Fall], time_s: float) -> list[BannerLine]:
    """Verdicts that the banner shows at a time: faults before checks before good, then the newest."""
    fresh = [fall for fall in all_falls if fall.time_s <= time_s < fall.time_s + SHOWN_S[fall.verdict]]
    fresh.sort(key=lambda fall: (RANK.index(fall.verdict), -fall.time_s, -fall.weight))
    return [BannerLine(fall.verdict, fall.text) for fall in fresh[:MOST_LINES]]


def count_at(analysis: Analysis, time_s: float) -> int:
    """Repetitions that have reached their top, of those that count."""
    return sum(repetition.top_start_s <= time_s for repetition in analysis.complete_repetitions)


def repetition_at(analysis: Analysis, time_s: float) -> JudgedRepetition | None:
    """Repetition under way at a time."""
    under_way = [each for each in analysis.repetitions if each.start_s <= time_s <= each.end_s]
    return under_way[-1] if under_way else None


def phase_word(repetition: JudgedRepetition | None, time_s: float) -> str:
    """Say what the athlete is doing."""
    if repetition is None:
        return "rest"
    if not repetition.complete:
        return "part rep"
    if time_s < repetition.top_start_s:
        return "raise"
    return "hold" if time_s <= repetition.top_end_s else "lower"


def _line_verdict(repetition: JudgedRepetition | None, time_s: float) -> Verdict | None:
    """Verdict that colours the coach's line: at the top, where it is judged, and for a moment after it."""
    if repetition is None or not repetition.complete or LINE_CUE not in repetition.cues:
        return None
    verdict = repetition.cues[LINE_CUE].verdict
    at_top = repetition.top_start_s <= time_s <= repetition.top_end_s + LINE_COLOURED_S
    return verdict if at_top and verdict != "not_judged" else None


def write_overlay(examined: Examined, path: Path, progress: Callable[[int], None] = lambda frames: None) -> bool:
    """Write the clip with skeleton, coach's line, counter and verdicts drawn on it, as H.264 in MP4.

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
        False for a photograph, of which no video is made.
    """
    if examined.clip.is_photo or len(examined.motion.time) < 2:
        return False
    clip = examined.clip
    size_px = round(clip.width_px / clip.scale), round(clip.height_px / clip.scale)
    draw = _draughtsman(examined)
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


def _draughtsman(examined: Examined) -> Callable[[Image, float], Image]:
    """Make the function that draws on the picture of a time."""
    analysis, athlete, all_falls = examined.analysis, Athlete(examined), falls(examined)
    zoom = 1 / examined.clip.scale

    def draw(image: Image, time_s: float) -> Image:
        repetition, row = repetition_at(analysis, time_s), athlete.row(time_s)
        if row is not None:
            verdict = _line_verdict(repetition, time_s)
            athlete.draw(image, row, zoom=zoom, repetition=repetition, verdict=verdict)
        if examined.prepared is None:
            return image
        RepCounter().annotate(image, count_at(analysis, time_s), phase_word(repetition, time_s))
        if athlete.near_side:
            Caption().annotate(image, f"near side: {athlete.near_side}")
        return Banner().annotate(image, shown(all_falls, time_s))

    return draw
