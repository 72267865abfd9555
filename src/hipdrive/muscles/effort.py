"""The least effort that explains the joint moments.

Many muscles can give one moment. The body is taken to choose the activations `a` whose squares add up to least
(Crowninshield & Brand 1981, J Biomech 14:793). With `A` the moments at full activation, `r` reserve moments that stand
for what the muscles cannot give, and `f` pushes of the floor, each frame is

    minimise    sum c a^2 + sum (r / optimal)^2 + sum d f^2
    so that     A a + E f + r = tau,    least <= a <= most,    f >= 0

It is solved by its dual, which has one unknown `y` per moment: the best `a` for given `y` is ``A' y / c``, cut off at
its bounds, and `y` is right when the moments balance. Their imbalance is piecewise linear in `y`; Newton's method with
an exact line search ends on the right piece after some ten steps, from anywhere, for all frames at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from hipdrive.muscles.results import Array

LEAST_ACTIVATION: Final = 0.01
"""A muscle is never quite silent (the bound that OpenSim's muscles have)."""

PUSH_COST: Final = 1e-9
"""Cost of a push of the floor, per square newton: 1000 N weigh as much as one muscle at 3 %. It only makes the choice
among equally good pushes unique."""

MOST_STEPS: Final = 200
"""Running needs 9 steps on average and 25 at most; bridges with a floor some more."""

ALLOWED_IMBALANCE_NM: Final = 1e-6
"""A frame that does not balance to this is not solved; its values are NaN."""

_AIM_NM: Final = 1e-9  # Newton goes on to here while it still gains


@dataclass(frozen=True)
class Solution:
    """The least effort in every frame; NaN in frames that have none.

    Attributes
    ----------
    activation : ndarray, shape (n_frames, n_muscles)
    push : ndarray, shape (n_frames, n_pushes)
        Of the extra columns.
    reserve : ndarray, shape (n_frames, n_moments)
        What the muscles could not give, and something else must have.
    imbalance : ndarray, shape (n_frames,)
        Largest error of a moment, Nm.
    steps : ndarray of int, shape (n_frames,)
    """

    activation: Array
    push: Array
    reserve: Array
    imbalance: Array
    steps: np.ndarray

    @property
    def solved(self) -> np.ndarray:
        """Frames that have an answer, shape (n_frames,)."""
        return np.isfinite(self.imbalance) & (self.imbalance <= ALLOWED_IMBALANCE_NM)


def solve(
    arm_m: Array,
    moment: Array,
    capacity_n: Array,
    *,
    optimal: float | Array = 1.0,
    least: float = LEAST_ACTIVATION,
    most: float = 1.0,
    cost: float | Array = 1.0,
    pushes: Array | None = None,
    push_cost: float | Array = PUSH_COST,
) -> Solution:
    """Find the least effort in every frame.

    Parameters
    ----------
    arm_m : ndarray, shape (n_frames, n_moments, n_muscles)
        Moment arms: the rows of `Geometry.arm_m` that are to be balanced.
    moment : ndarray, shape (n_frames, n_moments)
        To be given by muscles and pushes: `Geometry.required` less outside forces and passive muscles.
    capacity_n : ndarray, shape (n_frames, n_muscles)
        Pull at full activation.
    optimal : float or ndarray, shape (n_moments,)
        A reserve of this size costs as much as one muscle at full activation. Small where nothing else than muscles
        and pushes may act (1e-3 for the pelvis in the air), large where the moment need not be met.
    cost : float or ndarray, shape (n_muscles,)
        Weight of each muscle's squared activation, such as its volume.
    pushes : ndarray, shape (n_frames, n_moments, n_pushes)
        Moments of one newton of each push; pushes are not negative and have no upper bound.
    push_cost : float or ndarray, shape (n_pushes,)
    """
    columns, lower, upper, weight = arm_m * capacity_n[:, None, :], least, most, np.broadcast_to(cost, arm_m.shape[-1:])
    n_muscles, n_pushes = arm_m.shape[-1], 0 if pushes is None else pushes.shape[-1]
    low, high = np.full(n_muscles, lower), np.full(n_muscles, upper)
    if pushes is not None:
        columns = np.concatenate([columns, pushes], axis=-1)
        low, high = np.append(low, np.zeros(n_pushes)), np.append(high, np.full(n_pushes, np.inf))
        weight = np.append(weight, np.broadcast_to(push_cost, n_pushes))
    give = np.broadcast_to(np.square(optimal), moment.shape[-1:])

    known = np.flatnonzero(np.isfinite(columns).all((1, 2)) & np.isfinite(moment).all(1))
    x = np.full((len(moment), n_muscles + n_pushes), np.nan)
    reserve, imbalance = np.full_like(moment, np.nan, dtype=float), np.full(len(moment), np.nan)
    steps = np.zeros(len(moment), int)
    if len(known):
        x[known], reserve[known], imbalance[known], steps[known] = _newton(
            _Dual(columns[known], moment[known], low, high, weight, give)
        )
    unsolved = ~(imbalance <= ALLOWED_IMBALANCE_NM)
    x[unsolved], reserve[unsolved] = np.nan, np.nan
    return Solution(x[:, :n_muscles], x[:, n_muscles:], reserve, imbalance, steps)


@dataclass(frozen=True)
class _Dual:
    """The dual problem of some frames: columns (frames, moments, unknowns) and what belongs to them."""

    columns: Array
    moment: Array
    low: Array
    high: Array
    weight: Array
    give: Array

    def of(self, frames: np.ndarray) -> _Dual:
        return _Dual(self.columns[frames], self.moment[frames], self.low, self.high, self.weight, self.give)

    def pull(self, y: Array) -> Array:
        """What each unknown would be without bounds."""
        return np.asarray((y[:, None, :] @ self.columns)[:, 0] / self.weight)

    def cut(self, pull: Array) -> Array:
        """What it is within them."""
        return np.clip(pull, self.low, self.high)

    def is_free(self, pull: Array) -> np.ndarray:
        return (pull > self.low) & (pull < self.high)

    def missing(self, x: Array, reserve: Array) -> Array:
        """By how much the moments given fall behind those asked for: the dual falls most steeply this way."""
        return np.asarray(self.moment - (self.columns @ x[:, :, None])[..., 0] - reserve)

    def newton(self, pull: Array, missing: Array) -> Array:
        """Step of `y` that gives what is missing, if no unknown meets a bound."""
        free = self.is_free(pull) / self.weight
        curvature = (self.columns * free[:, None, :]) @ self.columns.swapaxes(1, 2) + np.diag(self.give)
        return np.asarray(np.linalg.solve(curvature, missing[..., None])[..., 0], dtype=np.float64)


def _newton(whole: _Dual) -> tuple[Array, Array, Array, np.ndarray]:
    """Solve all frames; those that are ready drop out. Gives unknowns, reserves, imbalances and steps."""
    y_all = np.zeros_like(whole.moment, dtype=float)
    steps = np.zeros(len(y_all), int)
    best = np.full(len(y_all), np.inf)
    best_y = y_all.copy()
    left = np.arange(len(y_all))
    dual = whole
    for step in range(MOST_STEPS + 1):
        y = y_all[left]
        pull = dual.pull(y)
        missing = dual.missing(dual.cut(pull), dual.give * y)
        size = np.abs(missing).max(1)
        better = size < best[left]
        best[left[better]], best_y[left[better]], steps[left[better]] = size[better], y[better], step
        # rounding ends the gain somewhere below what is allowed
        go_on = (size > _AIM_NM) & ~((best[left] <= ALLOWED_IMBALANCE_NM) & ~better)
        if not go_on.any() or step == MOST_STEPS:
            break
        if not go_on.all():
            left, dual = left[go_on], dual.of(go_on)
            y, pull, missing = y[go_on], pull[go_on], missing[go_on]
        direction = dual.newton(pull, missing)
        y_all[left] = y + _step_length(dual, pull, missing, direction)[:, None] * direction
    return *_polished(whole, best_y), steps


def _polished(dual: _Dual, y: Array) -> tuple[Array, Array, Array]:
    """Unknowns, reserves and imbalances, the last rounding taken out of the unknowns themselves.

    A cheap unknown is `y` times a large number, and so is the rounding of `y`; one more step is made beside it.
    """
    pull = dual.pull(y)
    x, reserve = dual.cut(pull), dual.give * y
    step = dual.newton(pull, dual.missing(x, reserve))
    better_x = np.where(dual.is_free(pull), dual.cut(x + dual.pull(step)), x)
    better_reserve = reserve + dual.give * step
    before, after = (np.abs(dual.missing(*one)).max(1) for one in ((x, reserve), (better_x, better_reserve)))
    gain = (after < before)[:, None]
    return np.where(gain, better_x, x), np.where(gain, better_reserve, reserve), np.minimum(before, after)


def _step_length(dual: _Dual, pull: Array, missing: Array, direction: Array) -> Array:
    """Where the dual is least along a direction, exactly, shape (n_frames,).

    The slope along the direction grows in straight pieces. It bends where an unknown comes off a bound (steeper from
    there) and where it reaches one (flatter): sorted, these places give all pieces.
    """
    change = dual.pull(direction)
    moving = np.abs(change) > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        to_low = np.where(moving, (dual.low - pull) / change, np.inf)
        to_high = np.where(moving, (dual.high - pull) / change, np.inf)
    comes_off, reaches = np.minimum(to_low, to_high), np.maximum(to_low, to_high)
    bend = np.where(moving, dual.weight * change**2, 0.0)
    ground = (dual.give * direction**2).sum(1)
    steepness = ground + np.where((comes_off <= 0) & (reaches > 0), bend, 0.0).sum(1)

    at = np.concatenate([comes_off, reaches], axis=1)
    by = np.concatenate([bend, -bend], axis=1)
    ahead = (at > 0) & np.isfinite(at)
    at, by = np.where(ahead, at, np.inf), np.where(ahead, by, 0.0)
    order = np.argsort(at, axis=1)
    at, by = np.take_along_axis(at, order, 1), np.take_along_axis(by, order, 1)
    start = np.concatenate([np.zeros((len(at), 1)), np.where(np.isfinite(at), at, 0.0)], axis=1)
    steep = np.maximum(steepness[:, None] + np.concatenate([np.zeros((len(at), 1)), by.cumsum(1)], 1), ground[:, None])
    rise = steep[:, :-1] * np.maximum(np.diff(start, axis=1), 0.0)
    slope = -(direction * missing).sum(1)[:, None] + np.concatenate([np.zeros((len(at), 1)), rise.cumsum(1)], 1)
    # the last place with a falling slope; places at infinity do not count
    falling = (slope < 0) & np.concatenate([np.ones((len(at), 1), bool), np.isfinite(at)], axis=1)
    piece = falling.shape[1] - 1 - np.argmax(falling[:, ::-1], axis=1)
    rows = np.arange(len(at))
    with np.errstate(divide="ignore", invalid="ignore"):
        length = start[rows, piece] - slope[rows, piece] / steep[rows, piece]
    return np.where(falling.any(1) & np.isfinite(length), length, 1.0)
