"""The least effort: it is the least, it balances the moments, and many frames at once are as one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import lsq_linear

from hipdrive.muscles.effort import ALLOWED_IMBALANCE_NM, LEAST_ACTIVATION, solve

MUSCLES = 24


def a_problem(seed: int, n_frames: int = 1, n_moments: int = 6) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Arms of some centimetres, of which each muscle has a few, forces of muscles, and moments of all sizes."""
    random = np.random.default_rng(seed)
    arm_m = random.normal(scale=0.04, size=(n_frames, n_moments, MUSCLES)) * (random.random((n_moments, MUSCLES)) < 0.5)
    capacity_n = random.uniform(100, 4000, (n_frames, MUSCLES)) * (random.random((n_frames, MUSCLES)) < 0.9)
    moment_nm = random.normal(scale=10 ** random.uniform(0, 3), size=(n_frames, n_moments))
    return arm_m, moment_nm, capacity_n


seeds = st.integers(0, 2**32 - 1)


@settings(deadline=None, max_examples=100)
@given(seeds, st.sampled_from([0.01, 1.0, 10.0]))
def test_moments_balance_and_no_change_is_better(seed: int, optimal: float) -> None:
    arm_m, moment_nm, capacity_n = a_problem(seed, n_frames=5)
    found = solve(arm_m, moment_nm, capacity_n, optimal=optimal)
    assert found.solved.all()
    columns = arm_m * capacity_n[:, None]
    given_nm = np.einsum("fkm,fm->fk", columns, found.activation) + found.reserve
    np.testing.assert_allclose(given_nm, moment_nm, atol=ALLOWED_IMBALANCE_NM)
    assert found.activation.min() >= LEAST_ACTIVATION
    assert found.activation.max() <= 1.0
    # Karush, Kuhn, Tucker: the price of a moment tells each activation, but where a bound holds it
    price = found.reserve / optimal**2
    wanted = np.einsum("fkm,fk->fm", columns, price)
    np.testing.assert_allclose(found.activation, np.clip(wanted, LEAST_ACTIVATION, 1.0), atol=1e-6)


@settings(deadline=None, max_examples=30)
@given(seeds)
def test_scipy_finds_the_same(seed: int) -> None:
    arm_m, moment_nm, capacity_n = a_problem(seed)
    found = solve(arm_m, moment_nm, capacity_n, optimal=2.0)
    matrix = np.vstack([np.eye(MUSCLES), arm_m[0] * capacity_n[0] / 2.0])
    target = np.append(np.zeros(MUSCLES), moment_nm[0] / 2.0)
    expected = lsq_linear(matrix, target, (LEAST_ACTIVATION, 1.0), method="bvls", tol=1e-14).x
    np.testing.assert_allclose(found.activation[0], expected, atol=1e-6)


@settings(deadline=None, max_examples=30)
@given(seeds)
def test_scipy_finds_the_same_pushes_of_the_floor(seed: int) -> None:
    arm_m, moment_nm, capacity_n = a_problem(seed)
    pushes = np.random.default_rng(seed + 1).normal(scale=0.3, size=(1, moment_nm.shape[1], 8))
    found = solve(arm_m, moment_nm, capacity_n, pushes=pushes, push_cost=1e-6)
    assert found.push.min() >= 0.0
    weight = 1e-3  # the square root of the cost of a push
    columns = np.hstack([arm_m[0] * capacity_n[0], pushes[0] / weight])
    matrix = np.vstack([np.eye(MUSCLES + 8), columns])
    target = np.append(np.zeros(MUSCLES + 8), moment_nm[0])
    low, high = (
        np.append(np.full(MUSCLES, LEAST_ACTIVATION), np.zeros(8)),
        np.append(np.ones(MUSCLES), np.full(8, np.inf)),
    )
    expected = lsq_linear(matrix, target, (low, high), method="bvls", tol=1e-14).x
    np.testing.assert_allclose(found.activation[0], expected[:MUSCLES], atol=1e-6)
    np.testing.assert_allclose(found.push[0], expected[MUSCLES:] / weight, atol=1e-3)


@settings(deadline=None, max_examples=20)
@given(seeds)
def test_many_frames_are_the_same_as_one_by_one(seed: int) -> None:
    arm_m, moment_nm, capacity_n = a_problem(seed, n_frames=8)
    whole = solve(arm_m, moment_nm, capacity_n)
    for frame in range(8):
        here = slice(frame, frame + 1)
        one = solve(arm_m[here], moment_nm[here], capacity_n[here])
        np.testing.assert_allclose(whole.activation[here], one.activation, atol=1e-9)
        np.testing.assert_allclose(whole.reserve[here], one.reserve, atol=1e-9)


@settings(deadline=None, max_examples=30)
@given(seeds)
def test_free_pushes_can_take_the_pelvis_exactly(seed: int) -> None:
    """Six rows that nothing but muscles and floor may carry, as in a bridge."""
    arm_m, moment_nm, capacity_n = a_problem(seed, n_frames=3, n_moments=10)
    arm_m[:, :6] = 0.0  # muscles do not act on the pelvis as a whole
    random = np.random.default_rng(seed + 1)
    pushes = random.normal(size=(3, 10, 16))
    share = random.uniform(0, 500, (3, 16))
    moment_nm[:, :6] = np.einsum("fke,fe->fk", pushes[:, :6], share)  # so that the floor can
    found = solve(arm_m, moment_nm, capacity_n, pushes=pushes, optimal=np.r_[np.full(6, 1e-3), np.full(4, 10.0)])
    assert found.solved.all()
    assert np.abs(found.reserve[:, :6]).max() < 1e-2


def test_a_costly_muscle_does_less() -> None:
    arm_m, moment_nm, capacity_n = a_problem(3)
    cost = np.ones(MUSCLES)
    usual = solve(arm_m, moment_nm, capacity_n).activation[0]
    busiest = int(np.argmax(np.where(usual < 1.0, usual, 0.0)))
    cost[busiest] = 10.0
    assert solve(arm_m, moment_nm, capacity_n, cost=cost).activation[0, busiest] < usual[busiest]


def test_missing_frames_stay_missing() -> None:
    arm_m, moment_nm, capacity_n = a_problem(4, n_frames=3)
    moment_nm[1] = np.nan
    found = solve(arm_m, moment_nm, capacity_n)
    assert found.solved.tolist() == [True, False, True]
    assert np.isnan(found.activation[1]).all()
    assert np.isnan(found.reserve[1]).all()
    assert np.isfinite(found.activation[[0, 2]]).all()


def test_nothing_to_do_is_the_least_activation() -> None:
    arm_m, moment_nm, capacity_n = a_problem(5)
    found = solve(np.zeros_like(arm_m), np.zeros_like(moment_nm), capacity_n)
    assert found.activation[0] == pytest.approx(LEAST_ACTIVATION)
    assert found.reserve[0] == pytest.approx(0.0)
