"""Who pushes the runner forwards: what each muscle alone would do to the centre of mass.

A muscle at the hip also pushes the foot against the ground, through all the bones between. What comes back is found by
letting the muscle alone act on the body while the foot rolls on the ground at the centre of pressure: it may not slip
(three translations) nor twist. A foot that is welded to the ground would push wrongly by a multiple: it could also pull
with moments that no ground gives.

    [ M  -J' ] [ acceleration ]   [ generalised force ]
    [ J   0  ] [ ground force ] = [ -what J changes by ]

Since this is linear, the contributions of muscles, gravity, velocity and what is left must add up to the force that
the ground really gave. That is the check of it (`Drive.rebuilt_n`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

ROLLING: Final = (0, 1, 2, 4)
"""Rows of a foot's Jacobian (three of place, three of turn, y up) that the ground holds: no slip, no twist."""


@dataclass(frozen=True, eq=False)
class Drive:
    """What every force does to the centre of mass while one foot stands; x forward, y up, z right.

    Attributes
    ----------
    muscles_m_per_s2 : ndarray, shape (n_frames, n_muscles, 3)
        Acceleration of the centre of mass by each muscle alone.
    rest_m_per_s2 : ndarray, shape (n_frames, 3)
        By velocity and whatever else acts at the joints: reserves, what carries the arms.
    gravity_m_per_s2 : ndarray, shape (n_frames, 3)
        By gravity, with the ground holding the foot against it.
    rebuilt_n : ndarray, shape (n_frames, 3)
        Sum of the ground forces of all contributions.
    """

    muscles_m_per_s2: Array
    gravity_m_per_s2: Array
    rest_m_per_s2: Array
    rebuilt_n: Array


def rolling_drive(
    mass_matrix: Array,
    foot_jacobian: Array,
    foot_bias: Array,
    centre_jacobian: Array,
    muscles: Array,
    gravity: Array,
    velocity: Array,
    others: Array,
) -> Drive:
    """Split the motion of the centre of mass among all that acts.

    Parameters
    ----------
    mass_matrix : ndarray, shape (n_frames, n, n)
    foot_jacobian : ndarray, shape (n_frames, 6, n)
        Of the standing foot at the centre of pressure: place, then turn.
    foot_bias : ndarray, shape (n_frames, 6)
        Change of the Jacobian times velocity.
    centre_jacobian : ndarray, shape (n_frames, 3, n)
        Of the centre of mass.
    muscles : ndarray, shape (n_frames, n, n_muscles)
        Generalised force of each muscle.
    gravity, velocity : ndarray, shape (n_frames, n)
        Generalised forces that hold the body against gravity, and that its velocities need at no acceleration.
    others : ndarray, shape (n_frames, n)
        Generalised forces that neither muscles nor the ground under this foot give.

    Returns
    -------
    Drive
    """
    rows = list(ROLLING)
    held, bias = foot_jacobian[:, rows], foot_bias[:, rows]
    n_frames, n_held, n = held.shape
    matrix = np.zeros((n_frames, n + n_held, n + n_held))
    matrix[:, :n, :n] = mass_matrix
    matrix[:, :n, n:] = -np.swapaxes(held, 1, 2)
    matrix[:, n:, :n] = held
    n_muscles = muscles.shape[2]
    right = np.zeros((n_frames, n + n_held, n_muscles + 3))
    right[:, :n, :n_muscles] = muscles
    right[:, :n, n_muscles] = -gravity
    right[:, :n, n_muscles + 1] = -velocity
    right[:, n:, n_muscles + 1] = -bias
    right[:, :n, n_muscles + 2] = others
    solution = np.linalg.solve(matrix, right)
    centre = centre_jacobian @ solution[:, :n]
    return Drive(
        np.swapaxes(centre[:, :, :n_muscles], 1, 2),
        centre[:, :, n_muscles],
        centre[:, :, n_muscles + 1] + centre[:, :, n_muscles + 2],
        solution[:, n : n + 3].sum(-1),
    )
