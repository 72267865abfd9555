"""How much to believe: the same movement under other assumptions, and what no assumption can tell.

No number about a muscle comes without the band of what it would be if the assumptions were different ones that are
as good. On a runner with force plates these moved the gluteus maximus by a factor of two, but not the order of the
muscles nor the direction they push in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hipdrive.muscles.curves import capacity, muscle_table
from hipdrive.muscles.effort import Solution, solve
from hipdrive.muscles.geometry import Geometry
from hipdrive.muscles.kinematics import LUMBAR_DOUBT_DEG
from hipdrive.muscles.model import COORDINATES, MuscleModel
from hipdrive.muscles.results import Architecture, Confidence

Array = NDArray[np.float64]

BALANCED: Final = tuple(
    COORDINATES.index(f"{joint}_{side}")
    for side in "rl"
    for joint in ("hip_flexion", "hip_adduction", "hip_rotation", "knee_angle", "ankle_angle")
)
"""The moments that muscles must give. The inner joints of the foot are held by bones and ligaments as well."""

NOT_ASKED_NM: Final = 1e4  # a reserve that costs nothing: the moment need not be met

STRENGTH_DOUBT: Final = 1.3
"""How much stronger or weaker a runner may be than others of the same mass: a choice, for the band."""

GLMAX_STRONGER: Final = 1.5  # gluteus maximus of a sprinter against that of others (Miller et al. 2021: 45 %)
GROUND_DOUBT: Final = (
    0.10  # of body weight, upwards: RMS of the estimated force; as a share of a peak of 2 BW it is less
)
PRESSED_DOUBT_M: Final = {"marked": 0.01, "drawn": 0.02}
"""How far joints may lie from the line of the ground force: 2 cm is the trembling of a pose network's landmarks."""

FORE_AFT_DOUBT_BW: Final = 0.05  # RMS of the estimated fore-aft force


@dataclass(frozen=True)
class Variant:
    """One set of assumptions.

    Attributes
    ----------
    name : str
        As a reader understands it.
    moving : bool
        Whether a muscle that shortens is weaker.
    by_volume : bool
        Whether the body spares large muscles more than small ones.
    hip_rotation : bool
        Whether muscles alone turn the thigh.
    tilt_deg : float
        How much more the hips are bent than they look.
    ground : float
        The vertical force of the ground over that assumed.
    fore_aft_bw : float
        Forward force of the ground on top of that assumed, in body weights.
    pressed_m : float
        How much further forwards the ground presses on the foot.
    """

    name: str
    architecture: Architecture = "rajagopal2016"
    passive: bool = True
    strength: float = 1.0
    glmax: float = 1.0
    moving: bool = True
    by_volume: bool = False
    hip_rotation: bool = True
    tilt_deg: float = 0.0
    ground: float = 1.0
    fore_aft_bw: float = 0.0
    pressed_m: float = 0.0


BASE: Final = Variant("as assumed")

VARIANTS: Final = (
    BASE,
    Variant("fibres and tendons of Uhlrich 2023", architecture="uhlrich2023"),
    Variant("stretched muscles do not pull", passive=False),
    Variant("all muscles stronger", strength=STRENGTH_DOUBT),
    Variant("all muscles weaker", strength=1 / STRENGTH_DOUBT),
    Variant("a stronger gluteus maximus", glmax=GLMAX_STRONGER),
    Variant("large muscles are spared", by_volume=True),
    Variant("quick muscles are as strong as slow ones", moving=False),
    Variant("ligaments turn the thigh too", hip_rotation=False),
    Variant("pelvis tilted forwards more", tilt_deg=LUMBAR_DOUBT_DEG),
    Variant("pelvis tilted forwards less", tilt_deg=-LUMBAR_DOUBT_DEG),
)
"""The variants of the validation; `variants_for` adds those of a ground force that was not measured."""


@dataclass(frozen=True, eq=False)
class Situation:
    """Frames in which the muscles are wanted, and all that acts in them.

    Attributes
    ----------
    geometry : Geometry
    tilted : dict of float to Geometry
        Lengths and arms with the hips bent more or less, by the angle [deg].
    required : ndarray, shape (n_frames, 20)
        What the movement needs.
    ground, fore_aft : ndarray, shape (n_frames, 20)
        Generalised force of the ground, and of one body weight forwards at the same place.
    pressed : ndarray, shape (n_frames, 20)
        Generalised force that comes on top when the ground presses one metre further forwards.
    """

    geometry: Geometry
    tilted: dict[float, Geometry]
    required: Array
    ground: Array
    fore_aft: Array
    pressed: Array


def variants_for(*, measured: bool, marked: bool) -> tuple[Variant, ...]:
    """Assumptions to try, with those on the ground force where no plate has measured it, and on where joints are."""
    pressed_m = PRESSED_DOUBT_M["marked" if marked else "drawn"]
    placed = (
        Variant("joints further behind the ground force", pressed_m=pressed_m),
        Variant("joints further before the ground force", pressed_m=-pressed_m),
    )
    if measured:
        return *VARIANTS, *placed
    return (
        *VARIANTS,
        *placed,
        Variant("ground pushes up more", ground=1 + GROUND_DOUBT),
        Variant("ground pushes up less", ground=1 - GROUND_DOUBT),
        Variant("ground pushes forwards more", fore_aft_bw=FORE_AFT_DOUBT_BW),
        Variant("ground pushes forwards less", fore_aft_bw=-FORE_AFT_DOUBT_BW),
    )


def explained(model: MuscleModel, situation: Situation, variant: Variant = BASE) -> tuple[Solution, Array]:
    """Find the least effort under a set of assumptions.

    Returns
    -------
    solution : Solution
    force_n : ndarray, shape (n_frames, n_muscles)
        Pull of every muscle, active and passive.
    """
    geometry = situation.tilted[variant.tilt_deg] if variant.tilt_deg else situation.geometry
    stems = [muscle.rpartition("_")[0] for muscle in model.muscles]
    table = muscle_table(
        stems,
        variant.architecture,
        mass_kg=model.settings.mass_kg,
        path_scale=model.table.fibre_m / muscle_table(stems, model.settings.architecture).fibre_m,
        strength=model.settings.strength * variant.strength,
    )
    is_glmax = np.array([stem.startswith("glmax") for stem in stems])
    table = table.stronger(np.where(is_glmax, variant.glmax, 1.0))
    can = capacity(
        table, geometry.length_m, geometry.speed_m_per_s if variant.moving else None, passive=variant.passive
    )
    rows = list(BALANCED)
    arm_m = geometry.arm_m[:, rows]
    outside = variant.ground * situation.ground + variant.fore_aft_bw * situation.fore_aft
    outside = outside + variant.pressed_m * situation.pressed
    moment = (situation.required - outside)[:, rows] - np.einsum("fcm,fm->fc", arm_m, can.passive_n)
    turning = np.array(["hip_rotation" in COORDINATES[row] for row in rows])
    volume = table.max_force_n * table.fibre_m
    solution = solve(
        arm_m,
        moment,
        can.active_n,
        optimal=np.where(turning & (not variant.hip_rotation), NOT_ASKED_NM, 1.0),
        cost=volume / volume.mean() if variant.by_volume else 1.0,
    )
    return solution, solution.activation * can.active_n + can.passive_n


def deviation_share(variant: Variant) -> float:
    """How much of what a variant changes counts as one standard deviation.

    Leaving a part of physiology out is the end of what is possible, not its usual range; what is equally likely
    anywhere from nothing to the end has a root mean square of 1/sqrt(3) of it.
    """
    is_end = not (variant.passive and variant.moving and variant.hip_rotation)
    return 1 / np.sqrt(3.0) if is_end else 1.0


def band(values: Sequence[float], shares: Sequence[float] | None = None) -> tuple[float, float, float]:
    """Lowest, likely and highest percent.

    The doubts do not depend on each other, so what they add below and above is added as squares.

    Parameters
    ----------
    values : sequence of float
        Percents by every variant, the first by `BASE`; NaN where a variant has no answer.
    shares : sequence of float, optional
        `deviation_share` of every variant; 1 when left out.
    """
    base = values[0]
    off = np.nan_to_num(np.array(values[1:]) - base) * (1.0 if shares is None else np.array(shares[1:]))
    below, above = (float(np.linalg.norm(off[sign * off > 0])) for sign in (-1, 1))
    return float(np.maximum(base - below, 0.0)), base, float(np.minimum(base + above, 100.0))


# Agreement with the published forces of the same runner (CMC), and how far the assumptions of `VARIANTS` and the noise
# of a video move a group: see the validation. Groups that are not named were not compared or agreed badly.
_CONFIDENCE: Final[dict[str, Confidence]] = {
    "glmax": "good",
    "glmed": "good",
    "vasti": "good",
    "soleus": "good",
    "glmin": "fair",
    "gastrocnemius": "fair",
    "hamstrings": "fair",
    "iliopsoas": "fair",
    "piriformis": "not identifiable",
}

_NOTES: Final = {
    "piriformis": "its share goes from nothing to full with assumptions that are equally good",
    "glmin": "its share depends on how the work of the abductors is split",
    "gastrocnemius": "the spring of the Achilles tendon is left out, so its share with the soleus is rough",
}
NOTE_VIDEO_HAMSTRINGS: Final = "2 cm of trembling in the landmarks moves it by half"


def confidence_in(group: str, *, marked: bool, adds_up: bool = True) -> Confidence:
    """How far the number of a group in a run can be believed.

    Parameters
    ----------
    marked : bool
        From markers, not from a video.
    adds_up : bool
        Whether what all forces do gives back the force of the ground. Where it does not, nothing is better than fair.
    """
    if group == "hamstrings" and not marked:
        return "poor"
    confidence = _CONFIDENCE.get(group, "poor")
    return "fair" if confidence == "good" and not adds_up else confidence


def note_on(group: str, *, marked: bool) -> str:
    """What the reader must know about a group in a run; empty when nothing."""
    if group == "hamstrings" and not marked:
        return NOTE_VIDEO_HAMSTRINGS
    return _NOTES.get(group, "")
