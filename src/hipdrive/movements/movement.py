"""A movement: the coach's text, its cues, and how its repetitions are found and prepared for measuring."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import xarray as xr

from hipdrive.motion import View
from hipdrive.movements.cue import Cue
from hipdrive.movements.repetition import Repetition
from hipdrive.results import Warning_


class PreparedSet(Protocol):
    """A set whose repetitions are found and whose signals are ready for the cues."""

    @property
    def repetitions(self) -> Sequence[Repetition]:
        """Repetitions in order of time, incomplete ones included."""

    @property
    def warnings(self) -> Sequence[Warning_]:
        """What the reader must know about this set."""

    def side_of(self, repetition: Repetition) -> Literal["left", "right", "both"] | None:
        """Leg or legs that work."""

    def curves(self) -> dict[str, Any]:
        """Curves worth showing, by name with unit, each of shape (n_frames,)."""

    def line(self) -> tuple[str, ...]:
        """Keypoints of the line that the coach looks at, in order."""


@dataclass(frozen=True)
class Movement:
    """One exercise.

    Attributes
    ----------
    id : str
        Name in analysis.json.
    name : str
    coach : str
        The coach's own words.
    how_to_film : str
        Where to put the phone.
    cues : tuple of Cue
    prepare : callable
        Takes the clean motion and the view, returns a `PreparedSet`.
    recognise : callable
        Takes the clean motion and the view, returns how sure it is that this is the movement, 0 to 1.
    """

    id: Literal["glute_bridge", "monster_walk", "running"]
    name: str
    coach: str
    how_to_film: str
    cues: tuple[Cue, ...]
    prepare: Callable[[xr.Dataset, View], PreparedSet]
    recognise: Callable[[xr.Dataset, View], float]

    def cue(self, cue_id: str) -> Cue:
        """Cue by its id."""
        return next(cue for cue in self.cues if cue.id == cue_id)
