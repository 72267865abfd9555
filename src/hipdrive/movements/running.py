"""Running.

    The gluteus maximus drives the leg backwards; gluteus medius, minimus and piriformis keep legs and hips steady, so
    that the legs move straight forwards and backwards with no sideways motion or rotation.

From the side one sees the drive, from behind how steady legs and hips are. What is measured follows this text at the
end of the file; strides are found in ``strides.py``, and what each view shows is measured in ``running_side.py`` and
``running_rear.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hipdrive.motion.geometry import distance
from hipdrive.motion.view import Side
from hipdrive.movements.movement import Prepared
from hipdrive.movements.stride import Stride


@dataclass(frozen=True, eq=False)
class Run(Prepared):
    """A run seen from one view, ready to be measured."""

    @cached_property
    def strides(self) -> tuple[Stride, ...]:
        """Strides of both legs in order of contact."""
        return ()

    def leg_px(self, side: Side) -> float:
        """Length of thigh and shank in the picture, the median over the clip."""
        hip, knee, ankle = (self.point(f"{side}_{joint}") for joint in ("hip", "knee", "ankle"))
        return float(np.nanmedian(distance(hip, knee)) + np.nanmedian(distance(knee, ankle)))
