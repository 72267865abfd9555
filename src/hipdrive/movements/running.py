"""Running.

    The gluteus maximus drives the leg backwards; gluteus medius, minimus and piriformis keep legs and hips steady, so
    that the legs move straight forwards and backwards with no sideways motion or rotation.

From the side one sees the drive (``running_side.py``), from behind how steady legs and hips are (``running_rear.py``).
Strides are found in ``strides.py`` and ``running_rear.py``. Signs are those of ``docs/conventions.md``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from hipdrive.motion.body import PX_PER_M
from hipdrive.motion.dataset import image_middle
from hipdrive.motion.geometry import distance, median
from hipdrive.motion.pelvis_flow import follow_pelvis
from hipdrive.motion.sides import striding_hz
from hipdrive.motion.view import Side, View
from hipdrive.movements.measure import SidedMeasurement, too_few
from hipdrive.movements.movement import SURE_ENOUGH, Likeness, Movement, Prepared
from hipdrive.movements.running_rear import REAR_MEASURES, find_strides_from_behind
from hipdrive.movements.running_side import SIDE_MEASURES
from hipdrive.movements.stride import Stride
from hipdrive.movements.strides import EVENT_CUTOFF_HZ, SIDES, find_strides_from_side, leg_length_px, thigh_behind_deg
from hipdrive.results import Warning_
from hipdrive.video import Clip

Array = NDArray[np.float64]

# From hip to ankle in a picture, of stature: thigh 0.245 and shank 0.246 (Drillis & Contini 1966, in Winter).
# BlazePose's hip and ankle lie nearer to each other: 0.927 of the true length (SD 0.02) on eight rendered runners.
LEG_HEIGHTS: Final = 0.491
LEG_SHOWN: Final = 0.927
# The ankle is lifted towards the hips by 0.27 to 0.44 of a leg in nine rendered and two real runs, by 0.19 in a walk
# in a lab: the knee bends by 80 deg and more in the swing of a jog, by 60 in that of a walk (Novacheck 1998).
WALK_LIFT_LEGS: Final = 0.19
RUN_LIFT_LEGS: Final = 0.27
# Runners make 150 steps a minute and more (162 at a jog of 2.5 m/s: Fukuchi et al. 2017), walkers 100 to 130.
WALK_SPM: Final = 115.0
RUN_SPM: Final = 140.0
UPRIGHT_DEG: Final = 45.0
LEAST_STRIDES: Final = 2  # of both legs together, to be recognised


@dataclass(frozen=True, eq=False)
class Run(Prepared):
    """A run seen from one view, ready to be measured.

    Attributes
    ----------
    known_strides : tuple of Stride or None
        Strides that another view of the same instants has shown; found in this view when None.
    """

    known_strides: tuple[Stride, ...] | None = None

    @cached_property
    def strides(self) -> tuple[Stride, ...]:
        """Strides of both legs in order of contact."""
        if self.known_strides is not None:
            return self.known_strides
        if self.view.id in ("front", "rear"):
            return find_strides_from_behind(self.motion)
        return find_strides_from_side(self.motion)

    @property
    def has_true_joints(self) -> bool:
        """Whether the joints come from a lab and lie where they are, not where a network draws them."""
        return self.motion.attrs.get("kind") == "mocap"

    @property
    def is_blazepose(self) -> bool:
        """Whether the joints lie where hipdrive's own network draws them; other models have other offsets."""
        return self.motion.attrs.get("kind") == "video"

    @property
    def has_pelvis_markers(self) -> bool:
        """Whether markers show how the pelvis stands."""
        return {"left_asis", "right_asis"} <= set(self.motion.keypoint.values.tolist())

    def leg_px(self, side: Side) -> float:
        """Length of thigh and shank in the picture, the median over the clip."""
        hip, knee, ankle = (self.point(f"{side}_{joint}") for joint in ("hip", "knee", "ankle"))
        return median(distance(hip, knee)) + median(distance(knee, ankle))

    def of_legs(
        self,
        value: Callable[[Stride], float],
        error: float | None = None,
        typical: Callable[[Array], float] = lambda values: float(np.median(values)),
    ) -> SidedMeasurement:
        """Measure every stride: what is typical of each leg, and the mean of both legs.

        Parameters
        ----------
        value : callable
            Of a stride; NaN where it is not seen.
        error : float, optional
            1 SD, where it is not that of the measure.
        typical : callable
            Takes the values of one leg, shape (n_strides,).
        """
        values = {
            side: np.array([value(stride) for stride in self.strides if stride.side == side], np.float64)
            for side in SIDES
        }
        if few := too_few(values):
            return few
        left, right = (typical(values[side][np.isfinite(values[side])]) for side in SIDES)
        return SidedMeasurement((left + right) / 2, error, left=left, right=right)

    @cached_property
    def metres_per_px(self) -> float | None:
        """Scale of the picture: of a lab file known, of a video from the runner's height; None without it."""
        if self.has_true_joints:
            return 1 / PX_PER_M
        height_m = self.motion.attrs.get("height_m")
        leg_px = leg_length_px(self.motion)
        return height_m * LEG_HEIGHTS * LEG_SHOWN / leg_px if height_m and leg_px > 0 else None

    def curves(self) -> dict[str, Array]:
        """Curves worth showing, by name with unit."""
        if self.view.id in ("front", "rear"):
            # away from mid-stance the thighs pull at the cloth, so it is not called the tilt of the pelvis
            tilt = self.motion.get("pelvis_tilt_deg")
            return {} if tilt is None else {"tilt of the cloth at the hips [deg]": np.asarray(tilt.values, np.float64)}
        return {f"{side} thigh behind vertical [deg]": thigh_behind_deg(self.motion, side) for side in SIDES}

    def stride_curves(self) -> dict[str, dict[Literal["left", "right"], Array]]:
        """Curves over the strides of each leg, from contact to the next contact in percent."""
        if self.view.id in ("front", "rear"):
            return {}
        curves: dict[Literal["left", "right"], Array] = {}
        for side in SIDES:
            behind = thigh_behind_deg(self.motion, side)
            rows = [
                np.interp(np.linspace(stride.contact_s, stride.next_contact_s, 101), self.time_s, behind)
                for stride in self.strides
                if stride.side == side
            ]
            curves[side] = np.array(rows).reshape(-1, 101)
        return {"thigh behind vertical [deg]": curves}

    def line(self) -> tuple[str, ...]:
        """Keypoints of the line that the coach looks at: the thigh that drives."""
        side = self.view.near_side or "left"
        return f"{side}_shoulder", f"{side}_hip", f"{side}_knee"

    @property
    def warnings(self) -> tuple[Warning_, ...]:
        """What the reader must know about this run."""
        if self.view.id == "oblique":
            text = "the run was filmed askew: only times are measured; film exactly from the side or from behind"
            return (Warning_("oblique_run", text),)
        return ()


# -- recognising --------------------------------------------------------------------------------------------------


def recognise(motion: xr.Dataset, view: View) -> Likeness:
    """How sure it is that this is a run, and why.

    In a run an upright body strides, the feet are lifted high behind it, and it makes many steps.
    """
    rate_hz = striding_hz(motion)
    if rate_hz is None:
        return Likeness(0.0, "the legs do not stride")
    upright = _upright_share(motion)
    if upright < 0.5:
        return Likeness(0.0, "the trunk is not upright")
    lift, cadence_spm = foot_lift_legs(motion), 120 * rate_hz
    confidence = _ramp(lift, WALK_LIFT_LEGS, RUN_LIFT_LEGS) * _ramp(cadence_spm, WALK_SPM, RUN_SPM) * upright
    seen = f"upright, {cadence_spm:.0f} steps/min, feet lifted by {lift:.2f} leg lengths"
    if confidence < SURE_ENOUGH:
        is_walk = lift > WALK_LIFT_LEGS / 2
        return Likeness(confidence, f"{seen}: {'a walk' if is_walk else 'small steps'}, not a run")
    strides = len(Run(motion, view).strides)
    if strides < LEAST_STRIDES:
        return Likeness(0.0, f"{seen}, but {strides} whole strides are seen: film for 10 s or longer")
    return Likeness(confidence, f"{seen}: a run")


def slow_strides(motion: xr.Dataset) -> int | None:
    """How many times too slowly somebody runs: 4 or 8 in a slow-motion file, else None."""
    if striding_hz(motion) is not None or foot_lift_legs(motion) < RUN_LIFT_LEGS:
        return None
    for factor in (8, 4):
        quicker = motion.assign_coords(time=motion.time.values / factor)
        if (rate_hz := striding_hz(quicker)) is not None and 120 * rate_hz > WALK_SPM:
            return factor
    return None


def foot_lift_legs(motion: xr.Dataset) -> float:
    """How far the ankles are lifted towards the hips in the strides, in leg lengths, of the leg that shows more."""
    hip = image_middle(motion, "hip")[:, 1]
    lifts = []
    for side in SIDES:
        below = np.asarray(motion.image_position.sel(keypoint=f"{side}_ankle").values[:, 1], np.float64) - hip
        if np.isfinite(below).any():
            lifts.append(float(np.subtract(*np.nanpercentile(below, [95, 5]))))
    return max(lifts, default=0.0) / leg_length_px(motion)


def _upright_share(motion: xr.Dataset) -> float:
    """Share of the frames in which the trunk is nearer to upright than to lying."""
    trunk = image_middle(motion, "shoulder") - image_middle(motion, "hip")
    tilt_deg = np.degrees(np.arctan2(np.abs(trunk[:, 0]), -trunk[:, 1]))
    seen = np.isfinite(tilt_deg)
    return float((tilt_deg[seen] < UPRIGHT_DEG).mean()) if seen.any() else 0.0


def _look_again(motion: xr.Dataset, view: View, clip: Clip, progress: Callable[[int], None]) -> xr.Dataset:
    """Follow the pelvis in the pictures of a run seen from front or behind, where landmarks do not show its tilt."""
    return follow_pelvis(motion, clip, progress) if view.id in ("front", "rear") else motion


def _ramp(value: float, low: float, high: float) -> float:
    return float(np.clip((value - low) / (high - low), 0, 1))


RUNNING: Final = Movement(
    id="running",
    name="Running",
    coach=(
        "The gluteus maximus drives the leg backwards; gluteus medius, minimus and piriformis keep legs and hips "
        "steady, so that the legs move straight forwards and backwards with no sideways motion or rotation."
    ),
    how_to_film=(
        "On a treadmill, phone at hip height and 3 m away, exactly from the side for the drive of the hips, exactly "
        "from behind for how steady they are; 10 s or longer, whole body in the picture, 60 frames per second or more. "
        "From behind, wear shorts or a waistband that stand out from shirt and background."
    ),
    prepare=Run,
    look_again=_look_again,
    recognise=recognise,
    measures=(*SIDE_MEASURES, *REAR_MEASURES),
    cutoff_hz=EVENT_CUTOFF_HZ,
)
