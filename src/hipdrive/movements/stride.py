"""Strides: from one contact of a foot to the next contact of the same foot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Stride:
    """One stride of one leg.

    Attributes
    ----------
    side : {"left", "right"}
    contact_s : float
        The foot meets the ground.
    toe_off_s : float
        It leaves the ground; NaN where that is not seen.
    next_contact_s : float
        It meets the ground again.
    """

    side: Literal["left", "right"]
    contact_s: float
    toe_off_s: float
    next_contact_s: float

    @property
    def length_s(self) -> float:
        """From contact to contact."""
        return self.next_contact_s - self.contact_s

    @property
    def contact_time_s(self) -> float:
        """How long the foot is on the ground."""
        return self.toe_off_s - self.contact_s
