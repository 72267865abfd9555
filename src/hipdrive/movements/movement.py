"""A movement: the coach's text, its cues and measures, and how a clip of it is prepared for measuring."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from hipdrive.motion import View
from hipdrive.motion.clean import CUTOFF_HZ
from hipdrive.motion.dataset import image_point
from hipdrive.movements.cue import Cue, Phase
from hipdrive.movements.measure import Measure
from hipdrive.movements.repetition import Repetition
from hipdrive.movements.stride import Stride
from hipdrive.results import Warning_

Array = NDArray[np.float64]


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

    def point(self, keypoint: str) -> Array:
        """Place of a keypoint in the picture [px], shape (n_frames, 2)."""
        return image_point(self.motion, keypoint)

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
        Takes the clean motion and the view, returns a `Prepared`.
    recognise : callable
        Takes the clean motion and the view, returns how sure it is that this is the movement, 0 to 1.
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
    prepare: Callable[[xr.Dataset, View], Any]
    recognise: Callable[[xr.Dataset, View], float]
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
