"""Frames per second of the muscle engine's core, stage by stage, on a made-up movement of one leg swinging.

Run it alone: the numbers depend on what else the machine does.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from hipdrive.muscles.curves import capacity
from hipdrive.muscles.effort import solve
from hipdrive.muscles.geometry import BodyPoint, pose_geometry
from hipdrive.muscles.model import COORDINATES, coordinate, load_model

DRIVEN = ("hip_flexion", "hip_adduction", "hip_rotation", "knee_angle", "ankle_angle")
Result = TypeVar("Result")


def main() -> None:
    """Print the speed of each stage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=900)
    frames = parser.parse_args().frames

    model = load_model()
    time_s = np.arange(frames) / 60
    pose, rate, acceleration = np.zeros((3, frames, len(COORDINATES)))
    for k, name in enumerate(f"{joint}_{side}" for side in "rl" for joint in DRIVEN):
        swing, speed = 0.3, 2 * np.pi * 1.4  # rad, rad/s: strides of a runner
        pose[:, coordinate(name)] = 0.3 + swing * np.sin(speed * time_s + k)
        rate[:, coordinate(name)] = swing * speed * np.cos(speed * time_s + k)
        acceleration[:, coordinate(name)] = -swing * speed**2 * np.sin(speed * time_s + k)
    rows = [coordinate(f"{joint}_{side}") for side in "rl" for joint in DRIVEN]
    feet = [BodyPoint(f"calcn_{side}", np.array([0.1, 0.0, 0.0])) for side in "rl"]

    begun = time.perf_counter()
    geometry = timed("geometry and moments", frames, lambda: pose_geometry(model, pose, rate, acceleration, feet))
    timed("the same with inertia", frames, lambda: pose_geometry(model, pose, rate, acceleration, feet, inertia=True))
    able = timed("muscle capacity", frames, lambda: capacity(model.table, geometry.length_m, geometry.speed_m_per_s))
    passive = np.einsum("fcm,fm->fc", geometry.arm_m, able.passive_n)
    moment = (geometry.required - passive)[:, rows]
    found = timed("least effort", frames, lambda: solve(geometry.arm_m[:, rows], moment, able.active_n))
    print(f"{'all':24}{frames / (time.perf_counter() - begun):8.0f} frames/s")
    print(f"largest imbalance {np.nanmax(found.imbalance):.1e} Nm, {found.steps.mean():.1f} steps a frame")


def timed(stage: str, frames: int, run: Callable[[], Result]) -> Result:
    """Run a stage and print its speed."""
    begun = time.perf_counter()
    result = run()
    print(f"{stage:24}{frames / (time.perf_counter() - begun):8.0f} frames/s")
    return result


if __name__ == "__main__":
    main()
