"""What a run shows from behind: whether pelvis, legs and feet stay in line.

    Gluteus medius, minimus and piriformis keep legs and hips steady, so that the legs move straight forwards and
    backwards with no sideways motion or rotation.

None at all is no aim: some drop of the pelvis (about 5 degrees) and adduction of the hip (about 10) is how people run.

Slopes, offsets and errors come from 27 rendered runs with exact truth: women and men, shorts, leggings and trousers,
day light and dim, drops of 0 to 14 degrees, phones 0.5 to 1.7 m high, up to 17 degrees off the line and turned by 6.
Errors are those on rendered runs (of the drop leaving one clip out, of the others on the runs that set their offsets),
made larger for what is not rendered: cloth that slides on skin.

What is one leg's and what the other's can be told only of the pelvis. A phone that stands a few degrees off the line
sees the bent knees, which are ahead of the body, to one side of it: one leg seems to fall inwards, the other outwards.
In the mean of both legs that cancels, as does a phone that is held askew; in their difference it is all one sees
(r -0.1 with the truth). So hip and knee have no left and right here.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.signal import butter, hilbert, sosfiltfilt

from hipdrive.motion.angles3d import hip_angles_deg
from hipdrive.motion.body import opensim_point, seen_from
from hipdrive.motion.clean import LONGEST_GAP_S
from hipdrive.motion.dataset import image_point, world_point
from hipdrive.motion.sides import stride_rate_hz
from hipdrive.movements.cue import INFINITY, Band
from hipdrive.movements.measure import BodyLine, Measure, SidedMeasurement, too_few
from hipdrive.movements.stride import Stride
from hipdrive.movements.strides import SIDES, Side, find_strides_from_side, leg_length_px

if TYPE_CHECKING:
    from hipdrive.movements.running import Run

Array = NDArray[np.float64]

# Where in the stride of the left leg (0 at its contact) each signal of `_signals` passes its mean on the way up, mean
# of 26 rendered runs. Each depends on how high the phone stands, but in opposite ways, so that their sum does not:
# it was wrong by 0.014 strides (1 SD), 0.03 at worst, for phones from 0.5 to 1.7 m high.
LEFT_LOW_AT: Final = 0.022
LEFT_BEHIND_AT: Final = 0.124
LEFT_PITCHED_AT: Final = 0.345

# Mid-stance, in shares of a stride after contact: the knees pass each other (0.10, SD 0.01, on rendered runs, 0.12 on
# a lab run). Only then does the cloth on the pelvis show the pelvis alone: earlier and later the thighs pull at it, one
# forwards and one backwards, by up to 7 degrees of seeming tilt.
MID_STANCE: Final = 0.12
AROUND: Final = 0.04  # of a stride, to either side: a third of a stance together

# From what is seen to what is.
DROP_SLOPE: Final = 1.28  # cloth turns less than the bones under it; the line goes through zero, as symmetry asks
STEP_WIDTH_SLOPE: Final = (
    0.78  # the network draws the leg too short, and the heel, on the outside of a turned-out foot,
)
STEP_WIDTH_OFFSET: Final = -0.030  # farther out than the ankle; in leg lengths
KNEE_OFFSET_DEG: Final = 0.6
THIGH_OFFSET_DEG: Final = 2.5  # the network draws the hips too close to each other
DROP_ERROR_DEG: Final = 2.0
STEP_WIDTH_ERROR: Final = 0.02
KNEE_ERROR_DEG: Final = 3.5
ADDUCTION_ERROR_DEG: Final = 3.0
LAB_ERROR_DEG: Final = 2.0  # of markers on skin over bone
LAB_DROP_ERROR_DEG: Final = 1.0
LAB_STEP_WIDTH_ERROR: Final = 0.01
OTHER_MODEL: Final = 2.0  # times the error, for landmarks of networks that were not held against truth

LEAST_DROPS: Final = 5  # strides of each leg: single drops scatter by some degrees
LEAST_RATE_HZ: Final = 24.0  # the pelvis was followed in clips of 30 and 60; with fewer frames it turns too far in one
LEAST_QUALITY: Final = 0.5  # of the band across the hips must have been followed there and back
LEAST_AGREEMENT: Final = 0.7  # 0.88 to 0.98 on rendered runs: the band must go up and down with the hips
MOST_CHANGE_DEG: Final = 3.0  # between the two halves of the clip; up to 1.8 on rendered runs
PHASES: Final = 50  # at which a stride is read

BAND: Final = (0.6, 1.4)  # of the rate of the strides: what one wave a stride is made of
PADDING_STRIDES: Final = 4  # more than the filter remembers
LEAST_AMPLITUDE: Final = 0.3  # of the usual one: where the legs move less the runner does not run


def find_strides_from_behind(motion: xr.Dataset) -> tuple[Stride, ...]:
    """Find the strides of a run filmed from behind or from in front.

    Parameters
    ----------
    motion : xarray.Dataset
        Sides mended; may have gaps, in which no stride is found.

    Returns
    -------
    tuple of Stride
        Of both legs, in order of contact. Those of a lab are found from the side. From a video, **toe-off is not
        seen from here**: it is put where it usually is, so that contact, flight and duty must not be told from these
        strides. Left and right come in turn at even distances: neither can a limp be told.
    """
    if motion.attrs.get("kind") == "mocap":
        return find_strides_from_side(seen_from(motion, "side"))
    time_s = np.asarray(motion.time.values, np.float64)
    phase = stride_phase(motion)
    strides: list[Stride] = []
    for side, offset in zip(SIDES, (0.0, 0.5), strict=True):
        contacts_s = _crossings_s(time_s, phase - offset)
        strides += [
            Stride(side, float(start_s), float("nan"), float(end_s))
            for start_s, end_s in itertools.pairwise(contacts_s)
            if _whole(time_s, phase, start_s, end_s)
        ]
    return tuple(sorted(strides, key=lambda stride: stride.contact_s))


def stride_phase(motion: xr.Dataset) -> Array:
    """Strides of the left leg since some contact of the left foot, shape (n_frames,); NaN where nobody strides.

    Three things go up and down once a stride: which foot is lower in the picture, which is nearer to the phone, and
    which points down. Only their main wave is used, so that trembling and single bad frames do no harm.
    """
    time_s = np.asarray(motion.time.values, np.float64)
    phase = np.full(len(time_s), np.nan)
    signals = _signals(motion)
    seen = np.flatnonzero(np.isfinite(signals[0][0]))
    if len(seen) < 10 or not leg_length_px(motion) > 0:
        return phase
    rate_hz = stride_rate_hz(signals[0][0][seen, None], time_s[seen])
    if rate_hz is None:
        return phase
    wave = np.zeros(len(time_s), complex)
    for values, passes_at in signals:
        part = _wave(values, time_s, rate_hz)
        if np.isfinite(part).any():
            # a sine that passes zero upwards at `passes_at` gets the angle of a sine that passes it at 0
            wave += np.nan_to_num(part / np.nanmedian(np.abs(part))) * np.exp(2j * np.pi * passes_at)
    strong = np.abs(wave) > LEAST_AMPLITUDE * np.median(np.abs(wave)[np.abs(wave) > 0])
    for stretch in np.split(np.arange(len(time_s)), np.flatnonzero(np.diff(strong)) + 1):
        if strong[stretch[0]]:
            phase[stretch] = np.unwrap(np.angle(wave[stretch])) / (2 * np.pi) + 0.25
    return phase


def _signals(motion: xr.Dataset) -> tuple[tuple[Array, float], ...]:
    """What tells the phase of the stride, left minus right, and when in the stride it passes its mean going up."""
    low, near, pitched = [], [], []
    for side in SIDES:
        ankle, heel, toe = (image_point(motion, f"{side}_{joint}") for joint in ("ankle", "heel", "foot_index"))
        low.append((ankle + heel)[:, 1] / 2)
        near.append(-world_point(motion, f"{side}_ankle")[:, 2])
        pitched.append((toe - heel)[:, 1])
    return tuple(
        (left - right, passes_at)
        for (left, right), passes_at in zip(
            (low, near, pitched), (LEFT_LOW_AT, LEFT_BEHIND_AT, LEFT_PITCHED_AT), strict=True
        )
    )


def _wave(values: Array, time_s: Array, rate_hz: float) -> NDArray[np.complex128]:
    """The main wave of a signal with its angle and height, NaN in long gaps."""
    wave = np.full(len(values), np.nan + 0j)
    seen = np.flatnonzero(np.isfinite(values))
    if len(seen) < 10:
        return wave
    for stretch in np.split(seen, 1 + np.flatnonzero(np.diff(time_s[seen]) > LONGEST_GAP_S)):
        if time_s[stretch[-1]] - time_s[stretch[0]] < 2 / rate_hz:
            continue
        step_s = float(np.median(np.diff(time_s[stretch])))
        even_s = np.arange(time_s[stretch[0]], time_s[stretch[-1]] + step_s / 2, step_s)
        even = np.interp(even_s, time_s[stretch], values[stretch])
        sections = butter(2, [share * rate_hz for share in BAND], "bandpass", fs=1 / step_s, output="sos")
        stride = round(1 / rate_hz / step_s)
        before, after = np.tile(even[:stride], PADDING_STRIDES), np.tile(even[-stride:], PADDING_STRIDES)
        longer = np.concatenate([before, even, after])  # the strides beyond the ends were like the first and the last
        filtered = hilbert(sosfiltfilt(sections, longer - longer.mean()))[len(before) : -len(after)]
        frames = np.arange(stretch[0], stretch[-1] + 1)
        wave[frames] = np.interp(time_s[frames], even_s, filtered.real) + 1j * np.interp(
            time_s[frames], even_s, filtered.imag
        )
    return wave


def _crossings_s(time_s: Array, phase: Array) -> list[float]:
    """When the phase passes whole numbers."""
    whole = np.floor(phase)
    after = 1 + np.flatnonzero(np.diff(whole) == 1)
    share = (whole[after] - phase[after - 1]) / (phase[after] - phase[after - 1])
    return [float(at) for at in time_s[after - 1] + share * (time_s[after] - time_s[after - 1])]


def _whole(time_s: Array, phase: Array, start_s: float, end_s: float) -> bool:
    """Whether one stride, and no gap, lies between two contacts."""
    inside = phase[(time_s >= start_s) & (time_s <= end_s)]
    return bool(len(inside) > 1 and np.isfinite(inside).all() and np.ptp(inside) <= 1)


# -- what is measured ---------------------------------------------------------------------------------------------


def pelvic_drop(run: Run) -> SidedMeasurement:
    """How far the pelvis is down on the side of the swinging leg in mid-stance, about its own mean over the stride.

    A video shows how the pelvis moves, not whether it is level on average: an obliquity that never changes is not
    seen, and of a difference between the sides about a quarter goes into the mean. Markers show it all: of a lab run
    this is the peak in stance, against the level.
    """
    if run.has_pelvis_markers:
        right_down_deg = _lab_tilt_deg(run.motion)
        return run.of_legs(
            lambda stride: _peak_in_stance(run, _inwards(stride.side) * right_down_deg, stride),
            LAB_DROP_ERROR_DEG,
        )
    reason = _why_no_tilt(run)
    if reason is not None:
        return SidedMeasurement.missing(reason)
    drops = {side: _drops_deg(run, side) for side in SIDES}
    few = too_few(drops, LEAST_DROPS)
    if few is not None:
        return few
    for values in drops.values():
        early, late = np.array_split(values, 2)
        if abs(np.median(early) - np.median(late)) > MOST_CHANGE_DEG:
            return SidedMeasurement.missing(
                "the two halves of the clip do not show the same drop: wear clothes with more contrast"
            )
    left, right = (float(np.median(drops[side])) for side in SIDES)
    scatter = max(float(values.std() / np.sqrt(len(values))) for values in drops.values())
    return SidedMeasurement((left + right) / 2, float(np.hypot(DROP_ERROR_DEG, scatter)), left=left, right=right)


def hip_adduction(run: Run) -> SidedMeasurement:
    """How far the thigh of the standing leg leans inwards against the pelvis in mid-stance, mean of both legs.

    Thigh against the vertical of the picture, and the drop of the pelvis on top of it. Of a lab run the peak in stance,
    left and right.
    """
    if run.has_pelvis_markers:
        angles = {side: hip_angles_deg(run.motion, side).adduction_deg for side in SIDES}
        return run.of_legs(lambda stride: _peak_in_stance(run, angles[stride.side], stride), LAB_ERROR_DEG)
    drop = pelvic_drop(run)
    if drop.value is None:
        return SidedMeasurement.missing(f"it needs the drop of the pelvis; {drop.reason}")
    motion = _from_behind(run)
    leans = {side: _thigh_inwards_deg(motion, side) for side in SIDES}
    thigh = run.of_legs(lambda stride: _at_mid_stance(run, leans[stride.side], stride))
    if thigh.value is None:
        return thigh
    return SidedMeasurement(thigh.value + THIGH_OFFSET_DEG + drop.value, ADDUCTION_ERROR_DEG)


def knee_frontal(run: Run) -> SidedMeasurement:
    """How far the knee is inside (positive) or outside the line from hip to ankle in mid-stance, mean of both legs."""
    motion = _from_behind(run)
    angles = {side: _knee_inwards_deg(motion, side) for side in SIDES}
    knee = run.of_legs(lambda stride: _at_mid_stance(run, angles[stride.side], stride))
    if knee.value is None or run.has_true_joints:
        return knee if knee.value is None else _with_error(knee, LAB_ERROR_DEG)
    offset_deg = KNEE_OFFSET_DEG if run.is_blazepose else 0.0
    return SidedMeasurement(knee.value + offset_deg, KNEE_ERROR_DEG * _model(run))


def step_width(run: Run) -> SidedMeasurement:
    """How far the feet are apart sideways from one step to the next, in leg lengths; negative where they cross over."""
    motion = _from_behind(run)
    leg_px = leg_length_px(motion)
    outwards = {side: _foot_to_the_right(motion, side) / leg_px for side in SIDES}
    place = {
        side: np.array([_at_mid_stance(run, outwards[side], stride) for stride in run.strides if stride.side == side])
        for side in SIDES
    }
    few = too_few(place)
    if few is not None:
        return few
    # a runner wanders on the belt: each step is held against those of the other foot before and after it
    apart = float(np.nanmedian(_against_neighbours(run, place)))
    if run.has_true_joints:
        return SidedMeasurement(apart, LAB_STEP_WIDTH_ERROR)
    if run.is_blazepose:
        apart = STEP_WIDTH_OFFSET + STEP_WIDTH_SLOPE * apart
    return SidedMeasurement(apart, STEP_WIDTH_ERROR * _model(run))


# -- how it is measured -------------------------------------------------------------------------------------------


def _from_behind(run: Run) -> xr.Dataset:
    return seen_from(run.motion, "rear") if run.has_true_joints else run.motion


def _model(run: Run) -> float:
    """By how much the errors grow for landmarks of other networks."""
    return 1.0 if run.is_blazepose else OTHER_MODEL


def _inwards(side: Side) -> int:
    """Direction of the body's middle in a picture from behind, for a leg: 1 where it is on the right."""
    return 1 if side == "left" else -1


def _thigh_inwards_deg(motion: xr.Dataset, side: Side) -> Array:
    """Thigh against the vertical of the picture, positive with the knee nearer to the middle than the hip [deg]."""
    thigh = image_point(motion, f"{side}_knee") - image_point(motion, f"{side}_hip")
    return np.asarray(_inwards(side) * np.degrees(np.arctan2(thigh[:, 0], thigh[:, 1])))


def _knee_inwards_deg(motion: xr.Dataset, side: Side) -> Array:
    """Bend of the line hip, knee, ankle in the picture, positive with the knee inside [deg]."""
    hip, knee, ankle = (image_point(motion, f"{side}_{joint}") for joint in ("hip", "knee", "ankle"))
    thigh, shank = (np.degrees(np.arctan2(part[:, 0], part[:, 1])) for part in (knee - hip, ankle - knee))
    return np.asarray(_inwards(side) * (thigh - shank))


def _foot_to_the_right(motion: xr.Dataset, side: Side) -> Array:
    """Where a foot is in the picture [px]; ankle and heel together tremble less than either."""
    return np.asarray((image_point(motion, f"{side}_ankle") + image_point(motion, f"{side}_heel"))[:, 0] / 2)


def _against_neighbours(run: Run, place: dict[Side, Array]) -> Array:
    """How far each step is outside the mean of the other foot's steps before and after it, shape (n_steps,)."""
    times_s = {side: np.array([s.contact_s for s in run.strides if s.side == side]) for side in SIDES}
    apart = []
    for side, other in (SIDES, SIDES[::-1]):
        seen = np.isfinite(place[other])
        beside = np.interp(times_s[side], times_s[other][seen], place[other][seen])
        apart.append(_inwards(side) * (beside - place[side]))
    return np.concatenate(apart)


def _why_no_tilt(run: Run) -> str | None:
    """Why the tilt of the pelvis must not be used, or None."""
    if "pelvis_tilt_deg" not in run.motion:
        return "it is seen in the clip alone, not in landmarks: analyse the video itself"
    if float(run.motion.attrs["rate_hz"]) < LEAST_RATE_HZ:
        return f"the pelvis turns too far between two frames: film with {LEAST_RATE_HZ:.0f} frames per second or more"
    if float(np.median(run.motion.pelvis_flow_quality.values[1:])) < LEAST_QUALITY:
        return "shorts or waistband could not be followed: wear some with more contrast, in better light"
    if run.motion.attrs["pelvis_flow_agreement"] < LEAST_AGREEMENT:
        return "what moves beside the hips does not move with them: film from behind, with nothing in between"
    return None


def _drops_deg(run: Run, side: Side) -> Array:
    """Drop of the pelvis in mid-stance of each stride of a leg, swing side down positive [deg]."""
    tilt_deg = np.asarray(run.motion.pelvis_tilt_deg.values, np.float64)  # right side down is positive
    share = np.arange(PHASES) / PHASES
    stance = np.abs(share - MID_STANCE) <= AROUND
    drops = []
    for stride in run.strides:
        first, last = np.searchsorted(run.time_s, [stride.contact_s, stride.next_contact_s]) + [-1, 1]
        around = slice(max(first, 0), last)  # with the frames before and after
        if stride.side != side or not np.isfinite(tilt_deg[around]).all() or last > len(tilt_deg):
            continue
        times_s = np.append(stride.contact_s + share * stride.length_s, stride.next_contact_s)
        curve = np.interp(times_s, run.time_s[around], tilt_deg[around])
        curve = curve[:-1] - (curve[-1] - curve[0]) * share  # a stride ends as it began: the rest is drift
        drops.append(_inwards(side) * DROP_SLOPE * float(curve[stance].mean() - curve.mean()))
    return np.array(drops)


def _lab_tilt_deg(motion: xr.Dataset) -> Array:
    """How far the right side of the pelvis is down, from the heights of both ASIS [deg]."""
    across = opensim_point(motion, "left_asis") - opensim_point(motion, "right_asis")
    return np.asarray(np.degrees(np.arctan2(across[:, 1], np.hypot(across[:, 0], across[:, 2]))))


def _peak_in_stance(run: Run, values: Array, stride: Stride) -> float:
    """Highest value of a curve while the foot is on the ground; NaN where a part of it is missing."""
    inside = values[run.frames_between(stride.contact_s, stride.toe_off_s)]
    return float(inside.max()) if len(inside) and np.isfinite(inside).all() else float("nan")


def _at_mid_stance(run: Run, values: Array, stride: Stride) -> float:
    """Mean of a curve around mid-stance; NaN where a part of it is missing."""
    times_s = stride.contact_s + (MID_STANCE + AROUND * np.linspace(-1, 1, 5)) * stride.length_s
    return float(np.interp(times_s, run.time_s, values).mean())


def _with_error(measurement: SidedMeasurement, error: float) -> SidedMeasurement:
    return replace(measurement, error=error)


# -- the measures -------------------------------------------------------------------------------------------------

REAR: Final = ("rear",)
STEADY: Final = "keep legs and hips steady"
STRAIGHT: Final = "the legs move straight forwards and backwards with no sideways motion"

REAR_MEASURES: Final[tuple[Measure, ...]] = (
    Measure(
        id="pelvic_drop_deg",
        name="pelvic drop",
        coach=STEADY,
        meaning="How far your pelvis sinks on the side of the swinging leg when the knees pass each other",
        measure=pelvic_drop,
        unit="deg",
        views=REAR,
        band=Band(
            good=(0, 7),
            acceptable=(-2, 9),
            limit=(-INFINITY, 9.5),
            source="5.7 (SD 2.4) deg on 88 legs filmed from behind, 95th percentile 9.5: Loh & Kong 2026; injured"
            " runners do not differ there",
        ),
        error=DROP_ERROR_DEG,
        error_source="27 rendered runs, one left out: 1.2 deg after times 1.28; 2 for cloth that slides on skin",
        too_low="Your pelvis rises on the side of the swinging leg.",
        too_high="Your pelvis sinks more than in most runners on the side of the swinging leg.",
        well_done="Your pelvis stays as level as that of most runners.",
        why="The gluteus medius of the standing leg holds the pelvis; some drop is normal.",
        next="Monster walks and single-leg bridges, twice a week; shorter, quicker steps help, too.",
        weight=3,
    ),
    Measure(
        id="hip_adduction_deg",
        name="hip adduction",
        coach=STEADY,
        meaning="How far the thigh of your standing leg leans inwards against the pelvis, mean of both legs",
        measure=hip_adduction,
        unit="deg",
        views=REAR,
        band=Band(
            good=(5, 17),
            acceptable=(2, 20),
            limit=(-INFINITY, 21),
            source="peak 13.3 (SD 4.2) in women, 9.6 (3.4) in men at 4 m/s; 20 and more is called much in a trial of"
            " Willy & Davis 2011",
        ),
        error=ADDUCTION_ERROR_DEG,
        error_source="27 rendered runs: 2.0 deg, r 0.96, in the mean of both legs; their difference is not seen",
        too_low="Your thighs lean inwards little.",
        too_high="Your thighs lean inwards more than in most runners.",
        well_done="Your thighs lean inwards as in most runners.",
        why="Pelvis and thigh together load the outside of the hip.",
        next="Monster walks with the knees over the feet; try a little more room between your feet.",
        weight=2,
        line=BodyLine(("{side}_hip", "{side}_knee"), at="mid_stance"),
    ),
    Measure(
        id="knee_frontal_deg",
        name="knee line",
        coach=STRAIGHT,
        meaning="How far your knees are inside (+) or outside (-) the line from hip to ankle, mean of both legs",
        measure=knee_frontal,
        unit="deg",
        views=REAR,
        band=Band(
            good=(-8, 8),
            acceptable=(-12, 12),
            limit=(-13, 13),
            source="1.6 (SD 6.3) deg outside in 81 runners filmed from behind: Loh 2025; it does not match valgus in"
            " space: Dingenen et al.",
        ),
        error=KNEE_ERROR_DEG,
        error_source="27 rendered runs: 2.6 deg, r 0.79, in the mean of both legs; their difference is not seen",
        too_low="Your knees point outwards more than in most runners.",
        too_high="Your knees point inwards more than in most runners.",
        well_done="Your knees stay in line.",
        why="Knees over the feet carry you straight on.",
        next="Monster walks, “lead with the knee”, in front of a mirror.",
        weight=1,
        line=BodyLine(("{side}_hip", "{side}_knee", "{side}_ankle"), at="mid_stance"),
    ),
    Measure(
        id="step_width_leg_lengths",
        name="step width",
        coach=STRAIGHT,
        meaning="How far your ankles are apart sideways from step to step; negative where the feet cross over",
        measure=step_width,
        unit="leg lengths",
        views=REAR,
        band=Band(
            good=(0.04, 0.13),
            acceptable=(0.02, INFINITY),
            limit=(0.02, INFINITY),
            source="8 to 10 (SD 2) cm at 2.5 to 4.5 m/s, Fukuchi et al. 2017; about 6 cm, Brindle et al. 2014",
        ),
        error=STEP_WIDTH_ERROR,
        error_source="27 rendered runs: SD 0.017 leg lengths about a line of slope 0.78, r 0.96",
        too_low="Your feet land almost on one line or cross over.",
        too_high="Your feet land wide apart.",
        well_done="Your feet land as far apart as those of most runners.",
        why="Narrow steps strain the outside of thigh and knee more (Meardon et al. 2012).",
        next="Run along a line on the ground, one foot on each side of it.",
        weight=2,
    ),
)
