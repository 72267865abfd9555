"""Forces of the floor and of a band, found together with the muscles.

Lying on the back and standing on one leg, nobody knows how the floor's force is shared between heel, ball of the foot
and shoulders. So the shares are unknowns like the activations: a place that touches the floor can press with any
non-negative mix of four forces, the edges of a pyramid within the friction cone::

    minimise    sum c a^2                    (muscles; the floor costs nothing)
    such that   A a + sum_p J_p' G f = tau   (moment balance of every joint, force balance of the whole body)
                0 <= a <= 1,  f >= 0

`A` is what the muscles do at full activation, `J_p` the Jacobian of a place, `G` the pyramid's edges, `tau` what
gravity, the band and stretched muscles leave to be done. The six equations of the free body are exact, because nothing
but floor and band holds it. Joints have a small reserve, so that a posture that muscles cannot hold is told by what is
missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from hipdrive.muscles.effort import solve
from hipdrive.muscles.results import Array

ROOT: Final = 6  # equations of the free body, the first ones
# For the price of a muscle fully active this much force comes from nowhere [N, Nm]. What came is asked for again on top
# (the method of multipliers) until nothing does.
FROM_NOWHERE: Final = 1e-2
MOST_FROM_NOWHERE: Final = 1e-6
MOST_ROUNDS: Final = 8


@dataclass(frozen=True)
class Held:
    """Postures held by muscles and floor; NaN where there is no answer.

    Attributes
    ----------
    activation : ndarray, shape (n_frames, n_muscles)
    floor_n : ndarray, shape (n_frames, n_places, 3)
        Forces of the floor on the body.
    missing : ndarray, shape (n_frames, n)
        What muscles and floor do not bring about [N for the first three, else Nm].
    """

    activation: Array
    floor_n: Array
    missing: Array


def friction_pyramid(friction: Array | float) -> Array:
    """Edges of the pyramid within the friction cone of a level floor, shape (..., 4, 3).

    Every edge presses upwards (y) with 1; the pyramid's corners touch the cone, so no mix slips.
    """
    edges = np.zeros((*np.shape(friction), 4, 3))
    edges[..., 1] = 1.0
    for edge, (axis, sign) in enumerate(((0, 1), (0, -1), (2, 1), (2, -1))):
        edges[..., edge, axis] = sign * np.asarray(friction)
    return edges


def hold(
    arm_m: Array,
    wanted: Array,
    capacity_n: Array,
    touching: Array,
    friction: Array,
    *,
    reserve_nm: Array,
    cost: Array | float = 1.0,
) -> Held:
    """Share the load among muscles and floor with the least effort.

    Parameters
    ----------
    arm_m : ndarray, shape (n_frames, n, n_muscles)
        Generalised force of every muscle's pull.
    wanted : ndarray, shape (n_frames, n)
        What floor and active muscles must bring about [N, Nm].
    capacity_n : ndarray, shape (n_frames, n_muscles)
        Pull at full activation.
    touching : ndarray, shape (n_frames, n_places, 3, n)
        Jacobians of the places; zero for one that does not touch the floor.
    friction : ndarray, shape (n_frames,)
        Of the floor.
    reserve_nm : ndarray, shape (n - 6,)
        What a joint's bones and ligaments give for the price of one muscle fully active.
    cost : ndarray, shape (n_muscles,), optional
        Price of the square of an activation.
    """
    edges = friction_pyramid(friction)
    pushes = np.einsum("tpxn,tgx->tnpg", touching, edges).reshape(len(wanted), wanted.shape[1], -1)
    optimal = np.concatenate([np.full(ROOT, FROM_NOWHERE), reserve_nm])
    asked = wanted.astype(float)
    for _ in range(MOST_ROUNDS):
        found = solve(arm_m, asked, capacity_n, optimal=optimal, cost=cost, pushes=pushes)
        given = np.einsum("tnm,tm->tn", arm_m, capacity_n * found.activation)
        missing = wanted - given - np.einsum("tnp,tp->tn", pushes, found.push)
        if not (np.abs(missing[:, :ROOT]) > MOST_FROM_NOWHERE).any():
            break
        asked[:, :ROOT] += missing[:, :ROOT]
    shares = found.push.reshape(len(wanted), -1, len(edges[0]))
    return Held(found.activation, np.einsum("tpg,tgx->tpx", shares, edges), missing)


def band_force(from_m: Array, to_m: Array, newtons: float) -> Array:
    """Force of a stretched band on the first of two places [N], shape (..., 3)."""
    way = to_m - from_m
    return np.asarray(newtons * way / np.linalg.norm(way, axis=-1, keepdims=True))
