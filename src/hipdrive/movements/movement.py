"""A movement: the coach's text, its cues and measures, and how a clip of it is prepared for measuring."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from hipdrive.motion import View
from hipdrive.motion.clean import CUTOFF_HZ
from hipdrive.movements.cue import Cue, Phase
from hipdrive.movements.measure import Measure
from hipdrive.movements.repetition import Repetition
from hipdrive.movements.stride import Stride
from hipdrive.results import Warning_
from hipdrive.video import Clip

Array = NDArray[np.float64]
Frames = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Prepared:
    """A clip whose repetitions or strides are found and whose signals are ready to be measured.

    Every movement has its own, with what its cues and measures need.

    Attributes
    ----------
    motion : xarray.Dataset
        Clean.
    view : View
    """

    motion: xr.Dataset
    view: View

    @cached_property
    def time_s(self) -> Array:
        """Time of every frame, shape (n_frames,)."""
        return np.asarray(self.motion.time.values, np.float64)

    def frames_between(self, start_s: float, end_s: float) -> slice:
        """Frames from one time to another, both included."""
        return slice(int(np.searchsorted(self.time_s, start_s)), int(np.searchsorted(self.time_s, end_s, side="right")))

    @cached_property
    def _points(self) -> dict[str, Array]:
        """Place of every keypoint; asked for so often that labelled access is too slow for a live picture."""
        places = np.array(self.motion.image_position.values[..., :2], np.float64)
        places.setflags(write=False)
        return {str(name): places[:, number] for number, name in enumerate(self.motion.keypoint.values)}

    def point(self, keypoint: str) -> Array:
        """Place of a keypoint in the picture [px], shape (n_frames, 2); not to be written to."""
        return self._points[keypoint]

    @property
    def in_position(self) -> Frames:
        """Frames in which the athlete is where and how the exercise is done, shape (n_frames,)."""
        return np.ones(len(self.time_s), np.bool_)

    @property
    def lies(self) -> bool:
        """Whether the athlete lies, so that the front is seen from the feet."""
        return False

    @property
    def repetitions(self) -> Sequence[Repetition]:
        """Repetitions in order of time, incomplete ones included; a run has none."""
        return ()

    @property
    def strides(self) -> Sequence[Stride]:
        """Strides in order of time; an exercise has none."""
        return ()

    @property
    def warnings(self) -> Sequence[Warning_]:
        """What the reader must know about this clip."""
        return ()

    def side_of(self, repetition: Repetition) -> Literal["left", "right", "both"] | None:
        """Leg or legs that work."""
        return None

    def direction_of(self, repetition: Repetition) -> Literal["left", "right"] | None:
        """Where the athlete goes, by the athlete's own left and right; None on the spot."""
        return None

    def curves(self) -> dict[str, Array]:
        """Curves worth showing, by name with unit, each of shape (n_frames,)."""
        return {}

    def line(self) -> tuple[str, ...]:
        """Keypoints of the line that the coach looks at, in order."""
        return ()

    def stride_curves(self) -> dict[str, dict[Literal["left", "right"], Array]]:
        """Curves of the strides of each leg, by name with unit, each of shape (n_strides, 101).

        The columns are percents of the stride, from contact to the next contact of the same foot.
        """
        return {}


SURE_ENOUGH: Final = 0.5  # that a clip shows a movement; below it, it is none of them


@dataclass(frozen=True)
class Likeness:
    """How much a clip looks like a movement.

    Attributes
    ----------
    confidence : float
        0 to 1.
    why : str
        What was seen that speaks for it or against it, in a few words.
    """

    confidence: float
    why: str


@dataclass(frozen=True)
class Words:
    """How a movement is spoken of.

    Attributes
    ----------
    repetition, short : str
        One repetition, and the same where there is little room; their plural has an s.
    rest, out, top, back : str
        What the athlete does before, on the way to the top, at the top, and on the way from it.
    key_frames : str
        Heading over the pictures.
    """

    repetition: str = "repetition"
    short: str = "rep"
    rest: str = "rest"
    out: str = "raise"
    top: str = "hold"
    back: str = "lower"
    key_frames: str = "Key frames"


@dataclass(frozen=True)
class Moment:
    """A moment of a repetition that is worth a picture.

    Attributes
    ----------
    name : str
        As a caption says it.
    phase : {"rest", "raise", "top", "lower", "whole"}
        The picture is of the middle of this phase; of rest, of the last instant before the start; of the whole, of
        the end.
    """

    name: str
    phase: Phase


@dataclass(frozen=True)
class Movement:
    """One exercise, or the run.

    Attributes
    ----------
    id : str
        Name in analysis.json.
    name : str
    coach : str
        The coach's own words.
    how_to_film : str
        Where to put the phone.
    prepare : callable
        Takes the clean motion and the view, and for a run the strides where another view has shown them; returns a
        `Prepared`.
    recognise : callable
        Takes the clean motion and the view, returns a `Likeness`: how sure it is that this is the movement, and why.
    look_again : callable or None
        Takes the clean motion, the view, the clip and a progress callback, and returns the motion with what only the
        pictures themselves tell, such as the tilt of the pelvis.
    cues : tuple of Cue
        Judged in every repetition.
    measures : tuple of Measure
        Measured over the whole clip.
    cutoff_hz : float
        What is quicker than this is taken for trembling of the landmarks.
    words : Words
        How it is spoken of.
    moments : tuple of Moment
        Pictures of every repetition, in order.
    line_cue : str or None
        Id of the cue that judges the line that the coach looks at (`Prepared.line`).
    curve_cues : tuple of (str, str)
        Names of curves, each with the id of the cue whose good range is drawn behind it.
    """

    id: Literal["glute_bridge", "monster_walk", "running"]
    name: str
    coach: str
    how_to_film: str
    prepare: Callable[..., Any]
    recognise: Callable[[xr.Dataset, View], Likeness]
    look_again: Callable[[xr.Dataset, View, Clip, Callable[[int], None]], xr.Dataset] | None = None
    cues: tuple[Cue, ...] = ()
    measures: tuple[Measure, ...] = ()
    cutoff_hz: float = CUTOFF_HZ
    words: Words = Words()
    moments: tuple[Moment, ...] = (Moment("start", "rest"), Moment("top", "top"))
    line_cue: str | None = None
    curve_cues: tuple[tuple[str, str], ...] = ()

    def cue(self, cue_id: str) -> Cue:
        """Cue by its id."""
        return next(cue for cue in self.cues if cue.id == cue_id)
