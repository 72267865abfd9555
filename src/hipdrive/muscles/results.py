"""What the muscle engine says: the types of muscles.json."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from hipdrive.results import Warning_

Array = NDArray[np.float64]

SCHEMA: Final = "hipdrive.muscles/1"

Side = Literal["left", "right"]

Confidence = Literal["good", "fair", "poor", "not identifiable"]

Architecture = Literal["rajagopal2016", "uhlrich2023"]
"""Whose fibre and tendon lengths a muscle has; the difference between the two is part of the doubt."""

MUSCLE_GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "glmax": ("glmax1", "glmax2", "glmax3"),
    "glmed": ("glmed1", "glmed2", "glmed3"),
    "glmin": ("glmin1", "glmin2", "glmin3"),
    "piriformis": ("piri",),
    "tfl": ("tfl",),
    "iliopsoas": ("iliacus", "psoas"),
    "adductors": ("addbrev", "addlong", "addmagDist", "addmagIsch", "addmagMid", "addmagProx", "grac"),
    "sartorius": ("sart",),
    "rectus_femoris": ("recfem",),
    "vasti": ("vasint", "vaslat", "vasmed"),
    "hamstrings": ("bflh", "semimem", "semiten"),
    "biceps_short": ("bfsh",),
    "gastrocnemius": ("gaslat", "gasmed"),
    "soleus": ("soleus",),
    "tibialis_anterior": ("tibant",),
    "tibialis_posterior": ("tibpost",),
    "peronei": ("perbrev", "perlong"),
    "toe_flexors": ("fdl", "fhl"),
    "toe_extensors": ("edl", "ehl"),
}
"""The 40 muscle paths of a leg, by group. Hamstrings are those that cross the hip: not the short head of biceps."""

GROUP_NAMES: Final[dict[str, str]] = {
    "glmax": "gluteus maximus",
    "glmed": "gluteus medius",
    "glmin": "gluteus minimus",
    "piriformis": "piriformis",
    "tfl": "tensor fasciae latae",
    "iliopsoas": "iliopsoas",
    "adductors": "adductors",
    "sartorius": "sartorius",
    "rectus_femoris": "rectus femoris",
    "vasti": "vasti",
    "hamstrings": "hamstrings",
    "biceps_short": "biceps femoris, short head",
    "gastrocnemius": "gastrocnemius",
    "soleus": "soleus",
    "tibialis_anterior": "tibialis anterior",
    "tibialis_posterior": "tibialis posterior",
    "peronei": "peronei",
    "toe_flexors": "toe flexors",
    "toe_extensors": "toe extensors",
}
"""Their names as a reader knows them."""


@dataclass(frozen=True)
class ModelSettings:
    """The body the muscles were computed on.

    Attributes
    ----------
    height_m, mass_kg
        Of the athlete.
    segment_scale
        Length of a segment over that of the model as it comes, by the name of its body without side: pelvis, torso,
        femur, tibia, foot. What is not named follows the height.
    architecture
        Fibre and tendon lengths.
    passive
        Whether muscles pull when they are stretched, without being active.
    strength
        All muscles this many times as strong as usual for the mass.
    """

    height_m: float
    mass_kg: float
    segment_scale: dict[str, float] = field(default_factory=dict)
    architecture: Architecture = "rajagopal2016"
    passive: bool = True
    strength: float = 1.0


@dataclass(frozen=True)
class GroupEffort:
    """How hard a muscle group works, and what its work does.

    Attributes
    ----------
    group : str
        A key of `MUSCLE_GROUPS`.
    low_pct, typical_pct, high_pct
        Percent of its maximum: the band of doubt, and the value in its middle. None where nothing can be said.
    work_j_per_kg
        Positive work of its fibres, per stride or repetition and kilogram of the athlete.
    support_m_per_s, forward_m_per_s
        By how much it changes the velocity of the body in a stance, upwards and forwards.
    note
        What the reader must know about the number; empty when nothing.
    """

    group: str
    side: Side
    low_pct: float | None
    typical_pct: float | None
    high_pct: float | None
    confidence: Confidence
    work_j_per_kg: float | None = None
    support_m_per_s: float | None = None
    forward_m_per_s: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Effort:
    """How hard every muscle works over a movement.

    Attributes
    ----------
    activation : ndarray, shape (n_frames, n_muscles)
        From 0 to 1.
    coordinates : ndarray, shape (n_frames, 20)
        Pose of the model, in metres and radians, as named by `hipdrive.muscles.model.COORDINATES`.
    """

    source: str
    groups: tuple[GroupEffort, ...]
    time_s: Array
    activation: Array
    muscles: tuple[str, ...]
    coordinates: Array
    settings: ModelSettings
    warnings: tuple[Warning_, ...] = ()
    schema: str = SCHEMA

    def to_json(self) -> bytes:
        """Serialise as muscles.json; the same object comes back from `from_json`."""
        return msgspec.json.encode(self, enc_hook=_encode)

    @classmethod
    def from_json(cls, data: bytes | str) -> Effort:
        """Read muscles.json. Raises `msgspec.ValidationError` when it is not one."""
        return msgspec.json.decode(data, type=cls, dec_hook=_decode)


def _encode(value: object) -> list[Any] | float:
    if isinstance(value, np.floating):
        return float(value)
    if isinstance(value, np.ndarray):
        return _without_nan(value)
    raise NotImplementedError(type(value))


def _without_nan(value: Array) -> list[Any]:
    objects = value.astype(object)
    objects[~np.isfinite(value)] = None
    values: list[Any] = objects.tolist()
    return values


def _decode(kind: type, value: object) -> object:
    return np.array(value, dtype=float)  # None becomes NaN
