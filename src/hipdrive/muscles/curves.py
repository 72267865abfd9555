"""Muscle physiology: how much a muscle can pull at its length and speed, and how much it pulls when merely stretched.

A muscle is a fibre of fixed thickness on a stiff tendon. Its path length tells the length of the fibre, and that and
its speed tell the share of its greatest force that it can give (Millard et al. 2013, J Biomech Eng 135:021005).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.interpolate import PchipInterpolator

from hipdrive.muscles.results import Architecture, Array

MUSCLES: Final[dict[str, tuple[float, float, float, float, float, float, float, float]]] = {
    # greatest force N, pennation rad, | A: fibre, tendon m, | B: fibre, tendon m, | passive strain at no and full force
    "addbrev": (625.8, 0.1148, 0.1031, 0.03545, 0.1031, 0.03545, -0.1844, 0.5060),
    "addlong": (916.8, 0.1378, 0.1082, 0.13180, 0.1082, 0.13180, -0.1942, 0.5013),
    "addmagDist": (597.3, 0.1947, 0.1772, 0.08738, 0.1772, 0.08738, 0.0000, 0.7000),
    "addmagIsch": (597.3, 0.1680, 0.1562, 0.21634, 0.1562, 0.21634, 0.0057, 0.7000),
    "addmagMid": (597.3, 0.2073, 0.1377, 0.04663, 0.1377, 0.04663, 0.0000, 0.7000),
    "addmagProx": (597.3, 0.3115, 0.1056, 0.04032, 0.1056, 0.04032, 0.0000, 0.7000),
    "bflh": (1313.2, 0.1759, 0.0976, 0.32523, 0.0976, 0.33250, 0.1368, 0.7054),
    "bfsh": (557.1, 0.2642, 0.1103, 0.10582, 0.1103, 0.10582, 0.0438, 0.6995),
    "edl": (603.5, 0.2183, 0.0693, 0.36888, 0.0693, 0.36888, 0.1015, 0.7075),
    "ehl": (285.9, 0.1973, 0.0748, 0.32680, 0.0748, 0.32680, 0.0817, 0.7148),
    "fdl": (423.2, 0.2248, 0.0446, 0.37877, 0.0446, 0.37877, -0.0065, 0.6999),
    "fhl": (907.8, 0.2580, 0.0527, 0.35434, 0.0527, 0.35434, 0.0076, 0.7002),
    "gaslat": (1575.1, 0.2102, 0.0588, 0.37607, 0.0690, 0.37400, -0.1932, 0.6637),
    "gasmed": (3115.5, 0.1657, 0.0510, 0.39872, 0.0590, 0.38700, 0.1506, 0.5506),
    "glmax1": (983.8, 0.3540, 0.1470, 0.04884, 0.1470, 0.08730, 0.0000, 0.7000),
    "glmax2": (1406.0, 0.3674, 0.1570, 0.06789, 0.1570, 0.10900, 0.0000, 0.7000),
    "glmax3": (947.8, 0.3824, 0.1670, 0.06972, 0.1670, 0.10300, 0.0398, 0.7005),
    "glmed1": (1093.5, 0.3166, 0.0730, 0.05582, 0.0765, 0.05850, 0.0000, 0.7000),
    "glmed2": (765.1, 0.3166, 0.0730, 0.06525, 0.0840, 0.07545, -0.1330, 0.6904),
    "glmed3": (871.2, 0.3166, 0.0730, 0.04523, 0.0781, 0.04840, -0.1914, 0.6558),
    "glmin1": (374.0, 0.1745, 0.0680, 0.01614, 0.0813, 0.01930, 0.0, 0.7000),
    "glmin2": (394.8, 0.0000, 0.0560, 0.02610, 0.0687, 0.03202, 0.0011, 0.7000),
    "glmin3": (446.8, 0.0175, 0.0380, 0.05087, 0.0353, 0.04720, -0.0352, 0.6991),
    "grac": (281.3, 0.1720, 0.2278, 0.17201, 0.2278, 0.17201, -0.1886, 0.7245),
    "iliacus": (1021.1, 0.2799, 0.1066, 0.09612, 0.1066, 0.09612, -0.1607, 0.5021),
    "perbrev": (521.2, 0.2052, 0.0454, 0.14753, 0.0454, 0.14753, -0.0287, 0.6992),
    "perlong": (1115.4, 0.2480, 0.0508, 0.33222, 0.0508, 0.33222, -0.0877, 0.6966),
    "piri": (1029.8, 0.1745, 0.0260, 0.11491, 0.0260, 0.11491, -0.1829, 0.7031),
    "psoas": (1426.8, 0.2155, 0.1169, 0.09954, 0.1169, 0.09954, -0.0763, 0.5033),
    "recfem": (2191.7, 0.2170, 0.0759, 0.44849, 0.0759, 0.45040, 0.1998, 0.8997),
    "sart": (249.4, 0.0261, 0.4030, 0.12400, 0.4030, 0.12400, -0.0729, 0.7021),
    "semimem": (2201.0, 0.2546, 0.0690, 0.34759, 0.0860, 0.33500, 0.1537, 0.7045),
    "semiten": (591.3, 0.2413, 0.1930, 0.24720, 0.1930, 0.24720, 0.1142, 0.7136),
    "soleus": (6194.8, 0.3814, 0.0440, 0.27676, 0.0440, 0.28135, 0.0402, 0.7660),
    "tfl": (411.2, 0.0524, 0.0950, 0.44950, 0.0931, 0.44075, 0.1572, 0.6394),
    "tibant": (1227.5, 0.1952, 0.0683, 0.24046, 0.0683, 0.24046, 0.1588, 0.7084),
    "tibpost": (1730.2, 0.2265, 0.0378, 0.28078, 0.0378, 0.28078, -0.0731, 0.6980),
    "vasint": (1697.4, 0.0631, 0.0993, 0.20221, 0.1170, 0.20500, 0.1757, 0.7075),
    "vaslat": (5148.8, 0.2529, 0.0994, 0.22060, 0.1170, 0.22100, 0.1935, 0.7111),
    "vasmed": (2747.8, 0.4222, 0.0968, 0.19990, 0.1100, 0.20800, 0.1781, 0.7060),
}
"""The muscle paths of a leg, for a person of 1.70 m and 75.3 kg.

Forces, pennation and lengths A: Rajagopal et al. 2016 (IEEE Trans Biomed Eng 63:2068), model Rajagopal2016. Lengths B
and the passive strains, calibrated so that a stretched leg resists as measured: Uhlrich et al. 2022 (Sci Rep 12:11405)
and its revised hip of 2023, model RajagopalLaiUhlrich2023. Both read from the models with OpenSim 4.6. The uncalibrated
strains of A (0 to 0.7) make rectus femoris pull absurdly with the hip straight and the knee bent; they are not used.
"""

REFERENCE_MASS_KG: Final = 75.337
"""Of the person of `MUSCLES`: the mass of model Rajagopal2016."""

SPEED_LIMIT_PER_S: Final = 10.0
"""Fastest shortening, in fibre lengths a second (Rajagopal et al. 2016)."""

LEAST_FIBRE: Final = 1e-3
"""A fibre is never shorter than this share of its optimal length, so that a slack tendon divides nothing by 0."""

# The curves of Millard et al. 2013 with their default shape, read from OpenSim 4.6. Between the points a monotone cubic
# is within 0.002 of the curve (0.006 for the active length).
_ACTIVE_LENGTH: Final = np.arange(0.30, 1.901, 0.05)
_ACTIVE_FORCE: Final = np.array(
    [0.0138, 0.1018, 0.2041, 0.3078, 0.4117, 0.5156, 0.6190, 0.7194, 0.8007, 0.8483, 0.8873]
    + [0.9250, 0.9624, 0.9961, 1.0000, 0.9965, 0.9613, 0.9038, 0.8428, 0.7809, 0.7186, 0.6562]
    + [0.5937, 0.5312, 0.4688, 0.4063, 0.3438, 0.2813, 0.2189, 0.1566, 0.0946, 0.0340, 0.0000]
)  # share of the greatest force, over fibre length / optimal fibre length

_STRETCH: Final = np.arange(0.0, 1.01, 0.1)
_PASSIVE_FORCE: Final = np.array([0, 0.0106, 0.0272, 0.0548, 0.1060, 0.1872, 0.2972, 0.4376, 0.6090, 0.8008, 1.0])
_PASSIVE_SLOPE: Final = 2.0  # beyond full stretch the curve goes on as a straight line

_SPEED: Final = np.array(
    [-1.0, -0.9, -0.8, -0.7, -0.6, -0.5, -0.4, -0.3, -0.2, -0.16, -0.12, -0.08, -0.06, -0.04, -0.02, 0.0]
    + [0.02, 0.04, 0.06, 0.1, 0.14, 0.18, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
)  # share of the fastest shortening; lengthening is positive
_SPEED_FORCE: Final = np.array(
    [
        0.0,
        0.0125,
        0.0379,
        0.0665,
        0.1041,
        0.1581,
        0.2333,
        0.3302,
        0.4519,
        0.5114,
        0.5825,
        0.6754,
        0.7363,
        0.8114,
        0.9014,
    ]
    + [1.0, 1.0928, 1.1530, 1.1874, 1.2252, 1.2473, 1.2630, 1.2832, 1.2947, 1.3141, 1.3311, 1.3470, 1.3624, 1.3775]
    + [1.3925, 1.4]
)

_active = PchipInterpolator(_ACTIVE_LENGTH, _ACTIVE_FORCE)
_passive = PchipInterpolator(_STRETCH, _PASSIVE_FORCE)
_speed = PchipInterpolator(_SPEED, _SPEED_FORCE)


@dataclass(frozen=True)
class MuscleTable:
    """What the muscles of a model are made of; every field has shape (n_muscles,)."""

    max_force_n: Array
    pennation_rad: Array
    fibre_m: Array
    tendon_m: Array
    slack_strain: Array
    full_strain: Array

    def stronger(self, factor: float | Array) -> MuscleTable:
        """Give the same muscles, so many times as strong."""
        return replace(self, max_force_n=self.max_force_n * factor)


@dataclass(frozen=True)
class Capacity:
    """What the muscles can do in every frame; every field has shape (n_frames, n_muscles).

    Attributes
    ----------
    active_n
        Pull on the tendon at full activation, without the passive part.
    passive_n
        Pull without any activation.
    fibre_length
        In optimal fibre lengths. Under 0.5 or over 1.5 the muscle's force is a guess.
    fibre_speed
        In shares of the fastest shortening; lengthening is positive.
    """

    active_n: Array
    passive_n: Array
    fibre_length: Array
    fibre_speed: Array


def muscle_table(
    stems: Sequence[str],
    architecture: Architecture = "rajagopal2016",
    *,
    mass_kg: float = REFERENCE_MASS_KG,
    path_scale: Array | float = 1.0,
    strength: float = 1.0,
) -> MuscleTable:
    """Give the muscles of an athlete.

    Muscle volume grows with height and mass (Handsfield et al. 2014, J Biomech 47:631), fibres with height: so the
    thickness, and with it the force, grows with mass.

    Parameters
    ----------
    stems
        Keys of `MUSCLES`, in the order wanted.
    path_scale
        Length of each muscle's path over that of the person of `MUSCLES`, in the same posture.
    strength
        All muscles this many times as strong as usual for the mass.
    """
    rows = np.array([MUSCLES[stem] for stem in stems])
    fibre, tendon = (2, 3) if architecture == "rajagopal2016" else (4, 5)
    return MuscleTable(
        max_force_n=rows[:, 0] * strength * mass_kg / REFERENCE_MASS_KG,
        pennation_rad=rows[:, 1],
        fibre_m=rows[:, fibre] * path_scale,
        tendon_m=rows[:, tendon] * path_scale,
        slack_strain=rows[:, 6],
        full_strain=rows[:, 7],
    )


def active_share(fibre_length: Array) -> Array:
    """Share of the greatest force at a fibre length, in optimal lengths."""
    inside = np.clip(fibre_length, _ACTIVE_LENGTH[0], _ACTIVE_LENGTH[-1])
    return np.where(inside == fibre_length, _active(inside), 0.0)


def speed_share(fibre_speed: Array) -> Array:
    """Share of the greatest force at a fibre speed; more than 1 while the fibre is pulled longer."""
    return np.asarray(_speed(np.clip(fibre_speed, -1.0, 1.0)))


def passive_share(stretch: Array) -> Array:
    """Passive pull over the greatest force; stretch is 0 where the fibre is slack and 1 where it pulls in full."""
    inside = np.clip(stretch, 0.0, 1.0)
    return np.asarray(_passive(inside) + _PASSIVE_SLOPE * np.maximum(stretch - 1.0, 0.0))


def capacity(
    table: MuscleTable,
    length_m: Array,
    speed_m_per_s: Array | None = None,
    *,
    passive: bool = True,
    by_length: bool = True,
) -> Capacity:
    """Tell what the muscles can do at these lengths and speeds of their paths.

    Parameters
    ----------
    length_m, speed_m_per_s : ndarray, shape (n_frames, n_muscles)
        Of the whole path, lengthening positive. Without a speed nothing moves.
    passive, by_length
        Whether stretched muscles pull, and whether the force depends on the length at all: for bands of doubt.
    """
    thickness_m = table.fibre_m * np.sin(table.pennation_rad)
    along_m = np.maximum(length_m - table.tendon_m, LEAST_FIBRE * table.fibre_m)
    fibre_m = np.hypot(along_m, thickness_m)
    cosine = along_m / fibre_m
    fibre_length = fibre_m / table.fibre_m
    speed = np.zeros_like(length_m) if speed_m_per_s is None else speed_m_per_s
    fibre_speed = speed * cosine / (SPEED_LIMIT_PER_S * table.fibre_m)
    share = speed_share(fibre_speed) * (active_share(fibre_length) if by_length else 1.0)
    stretch = (fibre_length - 1.0 - table.slack_strain) / (table.full_strain - table.slack_strain)
    pull = passive_share(stretch) if passive else np.zeros_like(stretch)
    return Capacity(
        active_n=table.max_force_n * share * cosine,
        passive_n=table.max_force_n * pull * cosine,
        fibre_length=fibre_length,
        fibre_speed=fibre_speed,
    )
