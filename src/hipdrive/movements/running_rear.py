"""What a run shows from behind: whether pelvis, legs and feet stay in line.

    Gluteus medius, minimus and piriformis keep legs and hips steady, so that the legs move straight forwards and
    backwards with no sideways motion or rotation.

None at all is no aim: some drop of the pelvis (about 5 degrees) and adduction of the hip (about 10) is how people run.
Errors, slopes and offsets are those of `CALIBRATION_CLIPS` rendered runs with exact truth; see `docs/architecture.md`.
"""

from __future__ import annotations

import itertools
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.signal import butter, hilbert, sosfiltfilt

from hipdrive.motion.clean import LONGEST_GAP_S
from hipdrive.motion.dataset import image_point, world_point
from hipdrive.motion.sides import stride_rate_hz
from hipdrive.movements.measure import Measure
from hipdrive.movements.stride import Stride
from hipdrive.movements.strides import SIDES, leg_length_px

Array = NDArray[np.float64]

CALIBRATION_CLIPS: Final = 27

# Where in the stride of the left leg (0 at its contact) each signal of `_signals` passes its mean on the way up, mean
# of 26 rendered runs. Each depends on how high the phone stands, but in opposite ways, so that their sum does not:
# it was wrong by 0.014 strides (1 SD), 0.03 at worst, for phones from 0.5 to 1.7 m high.
LEFT_LOW_AT: Final = 0.022
LEFT_BEHIND_AT: Final = 0.124
LEFT_PITCHED_AT: Final = 0.345

BAND: Final = (0.6, 1.4)  # of the rate of the strides: what one wave a stride is made of
PADDING_STRIDES: Final = 4  # more than the filter remembers
LEAST_AMPLITUDE: Final = 0.3  # of the usual one: where the legs move less the runner does not run
USUAL_DUTY: Final = 0.38  # of a stride; 39 (4) % of 860 runners at their own speed (Malisoux et al. 2023)


def find_strides_from_behind(motion: xr.Dataset) -> tuple[Stride, ...]:
    """Find the strides of a run filmed from behind or from in front.

    Parameters
    ----------
    motion : xarray.Dataset
        Sides mended; may have gaps, in which no stride is found.

    Returns
    -------
    tuple of Stride
        Of both legs, in order of contact. **Toe-off is not seen from here**: it is put where it usually is, so that
        contact, flight and duty must not be told from these strides. Left and right come in turn at even distances:
        neither can a limp be told.
    """
    time_s = np.asarray(motion.time.values, np.float64)
    phase = stride_phase(motion)
    strides: list[Stride] = []
    for side, offset in zip(SIDES, (0.0, 0.5), strict=True):
        contacts_s = _crossings_s(time_s, phase - offset)
        strides += [
            Stride(side, float(start_s), float(start_s + USUAL_DUTY * (end_s - start_s)), float(end_s))
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


REAR_MEASURES: Final[tuple[Measure, ...]] = ()
