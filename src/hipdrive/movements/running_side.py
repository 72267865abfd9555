"""What a run shows from the side: how often, how long, how far, and how the hips drive the legs backwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from hipdrive.motion.angles3d import hip_angles_deg
from hipdrive.motion.dataset import image_middle
from hipdrive.movements.cue import INFINITY, Band
from hipdrive.movements.measure import BodyLine, Measure, SidedMeasurement
from hipdrive.movements.stride import Stride
from hipdrive.movements.strides import SIDES, facing, thigh_behind_deg

if TYPE_CHECKING:
    from hipdrive.movements.running import Run

Array = NDArray[np.float64]

SIDE: Final = ("side",)
TIMED: Final = ("side", "oblique")  # times need no right angle to the camera

# Contact time, by frame rate: force plates against video of 33 frames/s (SD 20 to 29 ms) and ideal points of 33 to 120
# (SD 15 to 20 ms): StrideCheck 2026.
CONTACT_ERROR_S: Final = ((120.0, 0.015), (60.0, 0.020), (0.0, 0.025))
# How the network's points lie off the joints, on eight rendered runners with exact truth. Thigh: read 1.9 deg too
# little behind (SD 2.1, slope 1.00); photographs marked by eye agree in sign. Trunk: read 3.9 deg too upright (SD 1.2,
# slope 0.82); photographs do not agree in sign, which is in the error.
TRAILING_THIGH_OFFSET_DEG: Final = 2.0
TRUNK_LEAN_OFFSET_DEG: Final = 4.0


def cadence(run: Run) -> SidedMeasurement:
    """Steps of both feet in a minute: of the mean stride, in which errors of single contacts cancel."""
    return run.of_legs(lambda stride: stride.length_s, typical=lambda lengths_s: 120 / float(np.mean(lengths_s)))


def contact_time(run: Run) -> SidedMeasurement:
    """How long a foot is on the ground."""
    return run.of_legs(lambda stride: stride.contact_time_s, contact_error_s(run))


def duty_factor(run: Run) -> SidedMeasurement:
    """Share of the stride in which the foot is on the ground."""
    return run.of_legs(lambda stride: 100 * stride.contact_time_s / stride.length_s)


def flight_time(run: Run) -> SidedMeasurement:
    """How long both feet are off the ground, after the step of the leg."""
    return run.of_legs(lambda stride: stride.length_s / 2 - stride.contact_time_s, contact_error_s(run))


def vertical_oscillation(run: Run) -> SidedMeasurement:
    """How far the trunk goes up and down in a step.

    Read at the shoulders: BlazePose's hips show 0.80 of it (SD 0.08 on eight rendered runners), its shoulders all.
    """
    if run.metres_per_px is None:
        return SidedMeasurement.missing("the picture has no scale: say how tall you are")
    joint = "hip" if run.has_true_joints else "shoulder"
    height_m = -image_middle(run.motion, joint)[:, 1] * run.metres_per_px
    return run.of_legs(lambda stride: float(np.ptp(_during(run, height_m, stride, 0.0, 0.5))))


def overstride(run: Run) -> SidedMeasurement:
    """How far ahead of the hips the heel meets the ground, in leg lengths."""
    ahead = {
        side: facing(run.motion)
        * (run.point(f"{side}_heel") - image_middle(run.motion, "hip"))[:, 0]
        / run.leg_px(side)
        for side in SIDES
    }
    return run.of_legs(lambda stride: _at(run, ahead[stride.side], stride.contact_s))


def trailing_thigh(run: Run) -> SidedMeasurement:
    """How far the thigh goes behind the vertical at the end of the push."""
    offset_deg = TRAILING_THIGH_OFFSET_DEG if run.is_blazepose else 0.0
    behind = {side: thigh_behind_deg(run.motion, side) + offset_deg for side in SIDES}
    return run.of_legs(lambda stride: float(_during(run, behind[stride.side], stride, 0.2, 0.65).max()))


def hip_extension(run: Run) -> SidedMeasurement:
    """How far the thigh goes behind the line of the pelvis at the end of the push."""
    if not run.has_pelvis_markers:
        return SidedMeasurement.missing(
            "a camera does not see how the pelvis stands; the trailing thigh is measured instead"
        )
    extension = {side: -hip_angles_deg(run.motion, side).flexion_deg for side in SIDES}
    return run.of_legs(lambda stride: float(_during(run, extension[stride.side], stride, 0.2, 0.65).max()))


def trunk_lean(run: Run) -> SidedMeasurement:
    """How far the trunk leans forward, from mid hip to mid shoulder, in the mean over a stride."""
    trunk = image_middle(run.motion, "shoulder") - image_middle(run.motion, "hip")
    offset_deg = TRUNK_LEAN_OFFSET_DEG if run.is_blazepose else 0.0
    lean = np.degrees(np.arctan2(facing(run.motion) * trunk[:, 0], -trunk[:, 1])) + offset_deg
    return run.of_legs(lambda stride: float(_during(run, lean, stride, 0.0, 1.0).mean()))


def asymmetry(run: Run) -> SidedMeasurement:
    """How much the contact times of both legs differ, of their mean."""
    contact = contact_time(run)
    if contact.left is None or contact.right is None:
        return SidedMeasurement.missing(contact.reason or "one leg could not be followed")
    return SidedMeasurement(200 * abs(contact.left - contact.right) / (contact.left + contact.right))


def contact_error_s(run: Run) -> float:
    """Error of a contact time at the frame rate of this clip (1 SD)."""
    rate_hz = float(run.motion.attrs["rate_hz"])
    return next(error_s for least_hz, error_s in CONTACT_ERROR_S if rate_hz > 0.98 * least_hz)


def _during(run: Run, values: Array, stride: Stride, start: float, end: float) -> Array:
    """Values of a curve between two shares of a stride; NaN alone where none is seen."""
    start_s, end_s = (stride.contact_s + share * stride.length_s for share in (start, end))
    seen = values[run.frames_between(start_s, end_s)]
    return seen if len(seen) and np.isfinite(seen).all() else np.array([np.nan])


def _at(run: Run, values: Array, time_s: float) -> float:
    """Value of a curve at a time, between the frames around it; NaN where one of them is missing."""
    after = int(np.searchsorted(run.time_s, time_s))
    if not 0 < after < len(values):
        return float("nan")
    return float(np.interp(time_s, run.time_s[after - 1 : after + 1], values[after - 1 : after + 1]))


# -- the measures --------------------------------------------------------------------------------------------------

SIDE_MEASURES: Final = (
    Measure(
        id="trailing_thigh_deg",
        name="trailing thigh",
        coach="the gluteus maximus drives the leg backwards",
        meaning="How far your thigh reaches behind the vertical at the end of the push",
        measure=trailing_thigh,
        unit="deg",
        views=SIDE,
        band=Band(
            good=(20, 30),
            acceptable=(15, INFINITY),
            limit=(12, INFINITY),
            source="20 to 28 deg at 3 to 4 m/s; no optimum is known: Souza 2016, Phys Med Rehabil Clin N Am",
        ),
        error=3,
        error_source="rendered runners: slope 1.00, SD 2.1 after an offset of 2 deg; 3 for the far leg",
        too_low="Your thigh does not go far behind you.",
        too_high="Your thigh goes far behind you.",
        well_done="Your hips drive the legs well behind you.",
        why="Behind the body the push moves you forwards; slow runners need less of it.",
        next="On a few strides of each run, push the ground away behind you and stay tall.",
        weight=3,
        line=BodyLine(("{side}_hip", "{side}_knee"), at="toe_off"),
    ),
    Measure(
        id="hip_extension_deg",
        name="hip extension",
        coach="the gluteus maximus drives the leg backwards",
        meaning="How far your thigh goes behind the line of your pelvis",
        measure=hip_extension,
        unit="deg",
        views=SIDE,
        band=Band(
            good=(5, 30),
            acceptable=(0, INFINITY),
            limit=(-INFINITY, INFINITY),
            source="about 10 deg in slow runners, 28 in a model; it depends on how the pelvis is defined: Souza 2016",
        ),
        error=5,
        error_source="a lab run against its published joint angles",
        too_low="Your hips extend little.",
        too_high="Your hips extend far.",
        well_done="Your hips extend.",
        why="It takes the tilt of the pelvis out of the trailing thigh.",
        next="Nothing to change by itself.",
        weight=0,
    ),
    Measure(
        id="overstride_leg_lengths",
        name="reach at contact",
        coach="the legs move straight forwards and backwards",
        meaning="How far ahead of your hips the heel meets the ground",
        measure=overstride,
        unit="leg lengths",
        views=SIDE,
        band=Band(
            good=(0.10, 0.19),
            acceptable=(-INFINITY, 0.22),
            limit=(-INFINITY, 0.23),
            source="0.153 (SD 0.031) in 39 runners of Fukuchi et al. 2017, projected: StrideCheck 2026; no limit known",
        ),
        error=0.04,
        error_source="markers: bias -0.04, SD 0.02 (StrideCheck 2026); rendered runners: bias +0.05, SD 0.01",
        too_low="Your foot lands close to your hips.",
        too_high="Your foot lands far ahead of your hips.",
        well_done="Your foot lands near your hips.",
        why="A foot far ahead brakes every step.",
        next="Try 5 % more steps a minute at the same speed, for a few minutes at a time.",
        weight=3,
        line=BodyLine(("mid_hip", "{side}_heel"), at="contact"),
    ),
    Measure(
        id="trunk_lean_deg",
        name="trunk lean",
        coach="keep legs and hips steady",
        meaning="How far your trunk leans forwards from the hips, on average",
        measure=trunk_lean,
        unit="deg",
        views=SIDE,
        band=Band(
            good=(2, 9),
            acceptable=(0, 13),
            limit=(-1, 15),
            source="elites about 3 deg, recreational 5 to 7.5: Preece et al. 2016, Teng & Powers 2015",
        ),
        error=4,
        error_source="rendered runners: SD 1.2, slope 0.8 after an offset of 4 deg; photographs differ by 3",
        too_low="Your trunk leans backwards.",
        too_high="Your trunk leans far forwards.",
        well_done="Your trunk leans forwards a little.",
        why="A little lean lets the hips do more and the knees less.",
        next="Lean from the ankles, not from the waist.",
        weight=2,
        line=BodyLine(("mid_hip", "mid_shoulder")),
    ),
    Measure(
        id="cadence_spm",
        name="cadence",
        coach="the legs move straight forwards and backwards",
        meaning="Steps of both feet in a minute",
        measure=cadence,
        unit="steps/min",
        views=(*TIMED, "rear", "front"),
        band=Band(
            good=(155, 190),
            acceptable=(145, 200),
            limit=(145, 200),
            source="164 (SD 9) in 860 runners, Malisoux et al. 2023; 162 to 183 at 2.5 to 4.5 m/s, Fukuchi et al. 2017",
        ),
        error=1,
        error_source="rendered runners: within 0.1; a treadmill run counted from its pixels: within 0.3",
        too_low="You take few steps a minute.",
        too_high="You take many steps a minute.",
        well_done="Your cadence is usual.",
        why="More steps of the same speed are shorter ones, with less load on knees and hips in each.",
        next="If you feel your knees, try 5 % more steps a minute at the same speed.",
        weight=2,
    ),
    Measure(
        id="contact_time_s",
        name="contact time",
        coach="the gluteus maximus drives the leg backwards",
        meaning="How long each foot is on the ground",
        measure=contact_time,
        unit="s",
        views=TIMED,
        band=Band(
            good=(0.20, 0.32),
            acceptable=(0.18, 0.36),
            limit=(0.17, 0.38),
            source="0.292 to 0.214 s from 2.5 to 4.5 m/s, Fukuchi et al. 2017; SD between runners 0.03 s",
        ),
        error=0.025,
        error_source="by frame rate: 25 ms at 30 frames/s, 20 at 60, 15 at 120 (StrideCheck 2026)",
        too_low="Your contacts are short.",
        too_high="Your contacts are long.",
        well_done="Your contact time is usual.",
        why="It falls with speed; by itself it tells little about economy.",
        next="Nothing to change by itself.",
        weight=0,
        range_below_hz=60,
    ),
    Measure(
        id="duty_factor_pct",
        name="duty factor",
        coach="the gluteus maximus drives the leg backwards",
        meaning="Share of the stride in which a foot is on the ground",
        measure=duty_factor,
        unit="%",
        views=TIMED,
        band=Band(
            good=(30, 43),
            acceptable=(28, 47),
            limit=(26, 48),
            source="39.4 to 32.8 % from 2.5 to 4.5 m/s, Fukuchi et al. 2017; 39 (SD 4), Malisoux et al. 2023",
        ),
        error=3,
        error_source="contact time over stride time",
        too_low="You are in the air for long.",
        too_high="You are on the ground for long.",
        well_done="Your duty factor is usual.",
        why="It falls with speed.",
        next="Nothing to change by itself.",
        weight=0,
        range_below_hz=60,
    ),
    Measure(
        id="flight_time_s",
        name="flight time",
        coach="the gluteus maximus drives the leg backwards",
        meaning="How long both feet are off the ground in a step",
        measure=flight_time,
        unit="s",
        views=TIMED,
        band=Band(
            good=(0.06, 0.13),
            acceptable=(0.04, 0.15),
            limit=(0.03, 0.15),
            source="computed from contact and stride times of Fukuchi et al. 2017",
        ),
        error=0.025,
        error_source="that of the contact time",
        too_low="You hardly leave the ground.",
        too_high="You are in the air for long.",
        well_done="Your flight time is usual.",
        why="It rises with speed.",
        next="Nothing to change by itself.",
        weight=0,
        range_below_hz=60,
    ),
    Measure(
        id="vertical_oscillation_m",
        name="vertical oscillation",
        coach="keep legs and hips steady",
        meaning="How far your trunk goes up and down in a step",
        measure=vertical_oscillation,
        unit="m",
        views=SIDE,
        band=Band(
            good=(0.07, 0.11),
            acceptable=(0.05, 0.125),
            limit=(0.05, 0.125),
            source="mid hip 0.094 m (SD 0.014) in Fukuchi's runners, projected: StrideCheck 2026",
        ),
        error=0.008,
        error_source="rendered runners: SD 5 %; the share of the legs in the height differs by 4 % between people",
        too_low="You go up and down little.",
        too_high="You go up and down a lot.",
        well_done="You go up and down as runners do.",
        why="What goes up is not going forwards; but some of it is what lets you fly.",
        next="Look at a point on the horizon and keep it still.",
        weight=1,
    ),
    Measure(
        id="asymmetry_pct",
        name="left and right",
        coach="keep legs and hips steady",
        meaning="How much the contact times of both legs differ",
        measure=asymmetry,
        unit="%",
        views=TIMED,
        band=Band(
            good=(0, 4),
            acceptable=(0, 8),
            limit=(-INFINITY, 8),
            source="below 4 % in 250 healthy runners, Vincent et al. 2025; no link with injury, Malisoux et al. 2024",
        ),
        error=4,
        error_source="rendered runners with equal legs",
        too_low="",
        too_high="Your left and right contacts differ.",
        well_done="Left and right are alike.",
        why="Some difference is usual and harmless; a new one can be a sign of sparing a leg.",
        next="If one leg hurts, rest and see a professional; if not, there is nothing to change.",
        weight=1,
    ),
)
