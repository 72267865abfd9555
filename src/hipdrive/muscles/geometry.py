"""What follows from how the body moves: muscle lengths and arms, joint moments, and how points of the body move.

All for many frames at once. The coupled joints of the knee are folded in: everything is with respect to the twenty
numbers of `hipdrive.muscles.model.COORDINATES`, and the world is x forwards, y up, z to the right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import polynomial

from hipdrive.muscles.model import COORDINATES, MuscleModel
from hipdrive.muscles.results import Array


@dataclass(frozen=True)
class BodyPoint:
    """A point that is fixed to a body in each frame, such as where the floor presses on a foot.

    Attributes
    ----------
    body
        Name in the model, such as ``calcn_r``.
    local_m : ndarray, shape (3,) or (n_frames, 3)
        In the frame of the body.
    """

    body: str
    local_m: Array


@dataclass(frozen=True)
class Poses:
    """Where the bodies are; shapes (n_frames, n_bodies, 3) and (n_frames, n_bodies, 3, 3)."""

    position_m: Array
    rotation: Array


@dataclass(frozen=True)
class Geometry:
    """What follows from the movement, in every frame.

    Attributes
    ----------
    length_m : ndarray, shape (n_frames, n_muscles)
        Of the muscle paths.
    arm_m : ndarray, shape (n_frames, 20, n_muscles)
        Generalised force of one newton of pull: a moment arm, positive where the pull drives the coordinate upwards.
    speed_m_per_s : ndarray, shape (n_frames, n_muscles)
        Of the paths, lengthening positive.
    required : ndarray, shape (n_frames, 20)
        Generalised forces that the movement needs, with gravity: what muscles and outside forces must give together.
    point_m : ndarray, shape (n_frames, n_points, 3)
    point_jacobian : ndarray, shape (n_frames, n_points, 6, 20)
        Velocity of the point (3) and of its body's turning (3) in the world, by the rates of the coordinates.
    point_bias : ndarray, shape (n_frames, n_points, 6)
        Their acceleration when the rates of the coordinates do not change.
    com_m : ndarray, shape (n_frames, 3)
    com_jacobian : ndarray, shape (n_frames, 3, 20) or None
    mass_matrix : ndarray, shape (n_frames, 20, 20) or None
    """

    length_m: Array
    arm_m: Array
    speed_m_per_s: Array
    required: Array
    point_m: Array
    point_jacobian: Array
    point_bias: Array
    com_m: Array
    com_jacobian: Array | None
    mass_matrix: Array | None


def outside_force(geometry: Geometry, force_n: Array, moment_nm: Array | None = None) -> Array:
    """Generalised forces of forces on the points, shape (n_frames, 20): take them off `Geometry.required`.

    Parameters
    ----------
    force_n, moment_nm : ndarray, shape (n_frames, n_points, 3)
        In the world; without a moment, forces alone.
    """
    given = np.einsum("fpic,fpi->fc", geometry.point_jacobian[:, :, :3], force_n)
    if moment_nm is not None:
        given += np.einsum("fpic,fpi->fc", geometry.point_jacobian[:, :, 3:], moment_nm)
    return np.asarray(given)


def body_poses(model: MuscleModel, pose: Array) -> Poses:
    """Where all bodies are, for poses of shape (n_frames, 20)."""
    import mujoco

    joints, _, _ = joint_values(model, pose)
    data = mujoco.MjData(model.mj)
    position = np.empty((len(pose), model.mj.nbody, 3))
    rotation = np.empty((len(pose), model.mj.nbody, 9))
    for frame, values in enumerate(joints):
        data.qpos[:] = values
        mujoco.mj_kinematics(model.mj, data)
        position[frame], rotation[frame] = data.xpos, data.xmat
    return Poses(position, rotation.reshape(len(pose), -1, 3, 3))


def pose_geometry(
    model: MuscleModel,
    pose: Array,
    rate: Array | None = None,
    acceleration: Array | None = None,
    points: Sequence[BodyPoint] = (),
    *,
    inertia: bool = False,
) -> Geometry:
    """Follow a movement frame by frame.

    Parameters
    ----------
    pose, rate, acceleration : ndarray, shape (n_frames, 20)
        In the order of `COORDINATES`, in metres, radians and seconds. What is not given is zero.
    inertia
        Whether mass matrix and Jacobian of the centre of mass are wanted; they take time.
    """
    import mujoco

    mj, frames = model.mj, len(pose)
    rate = np.zeros_like(pose) if rate is None else rate
    acceleration = np.zeros_like(pose) if acceleration is None else acceleration
    joints, follow, turn = joint_values(model, pose)
    joint_bias = np.einsum("fjc,fc->fj", turn, rate**2)
    joint_rate = np.einsum("fjc,fc->fj", follow, rate)
    joint_acceleration = np.einsum("fjc,fc->fj", follow, acceleration) + joint_bias
    bodies = [model.body(point.body) for point in points]
    local_m = [np.broadcast_to(point.local_m, (frames, 3)) for point in points]

    length_m, arms = np.empty((frames, mj.nu)), np.empty((frames, mj.nu, mj.nv))
    force, com_m = np.empty((frames, mj.nv)), np.empty((frames, 3))
    point_m = np.empty((frames, len(points), 3))
    jacobian, jacobian_rate = np.zeros((2, frames, len(points), 6, mj.nv))
    com_jacobian = np.empty((frames, 3, mj.nv)) if inertia else None
    mass_matrix = np.empty((frames, mj.nv, mj.nv)) if inertia else None

    data = mujoco.MjData(mj)
    for f in range(frames):
        data.qpos[:], data.qvel[:], data.qacc[:] = joints[f], joint_rate[f], joint_acceleration[f]
        mujoco.mj_kinematics(mj, data)
        mujoco.mj_comPos(mj, data)
        mujoco.mj_tendon(mj, data)
        mujoco.mj_transmission(mj, data)
        mujoco.mj_comVel(mj, data)
        mujoco.mj_rne(mj, data, 1, force[f])
        length_m[f], com_m[f] = data.actuator_length, data.subtree_com[0]
        mujoco.mju_sparse2dense(
            arms[f], data.actuator_moment, data.moment_rownnz, data.moment_rowadr, data.moment_colind
        )
        for p, body in enumerate(bodies):
            point_m[f, p] = data.xpos[body] + data.xmat[body].reshape(3, 3) @ local_m[p][f]
            mujoco.mj_jac(mj, data, jacobian[f, p, :3], jacobian[f, p, 3:], point_m[f, p], body)
            mujoco.mj_jacDot(mj, data, jacobian_rate[f, p, :3], jacobian_rate[f, p, 3:], point_m[f, p], body)
        if com_jacobian is not None and mass_matrix is not None:
            mujoco.mj_jacSubtreeCom(mj, data, com_jacobian[f], 0)
            mujoco.mj_makeM(mj, data)
            mujoco.mj_fullM(mj, data, mass_matrix[f])

    folded = np.swapaxes(follow, 1, 2)
    arm_m = -folded @ np.swapaxes(arms, 1, 2)
    bias = np.einsum("fpij,fj->fpi", jacobian_rate, joint_rate) + np.einsum("fpij,fj->fpi", jacobian, joint_bias)
    return Geometry(
        length_m=length_m,
        arm_m=arm_m,
        speed_m_per_s=-np.einsum("fcm,fc->fm", arm_m, rate),
        required=np.einsum("fcj,fj->fc", folded, force),
        point_m=point_m,
        point_jacobian=jacobian @ follow[:, None],
        point_bias=bias,
        com_m=com_m,
        com_jacobian=None if com_jacobian is None else com_jacobian @ follow,
        mass_matrix=None if mass_matrix is None else folded @ mass_matrix @ follow,
    )


def joint_values(model: MuscleModel, pose: Array) -> tuple[Array, Array, Array]:
    """Values of all joints (n_frames, n_joints), and their first and second derivatives by the coordinates.

    The derivatives have shape (n_frames, n_joints, 20); each joint follows one coordinate, so there are no mixed ones.
    """
    frames, n_joints = len(pose), model.mj.nv
    rest = model.mj.qpos0
    values = np.tile(rest, (frames, 1))
    first, second = np.zeros((2, frames, n_joints, len(COORDINATES)))
    values[:, model.address] = pose
    first[:, model.address, np.arange(len(COORDINATES))] = 1.0
    for follower in model.coupling:
        leader = pose[:, follower.coordinate] - rest[model.address[follower.coordinate]]
        slope = polynomial.polyder(follower.polynomial)
        values[:, follower.joint] = rest[follower.joint] + polynomial.polyval(leader, follower.polynomial)
        first[:, follower.joint, follower.coordinate] = polynomial.polyval(leader, slope)
        second[:, follower.joint, follower.coordinate] = polynomial.polyval(leader, polynomial.polyder(slope))
    return values, first, second
