r"""Frames per second of the muscle engine, beside static optimisation of OpenSim on the same trial, in one run.

    python benchmarks/muscles.py ../shared/data/mocap/om/Pipelines/Hamner

The folder is `Pipelines/Hamner` of https://github.com/opensim-org/opensim-models (running; 92 muscles, 13 moments).
Needs the extras `referee` and `muscles`. Rounds alternate: OpenSim on a tenth of a second of the trial (it takes half
a minute), hipdrive on the whole trial. Starting up, importing and reading the files are not counted, with either. Times
on the clock mean little while the machine does other things; so there is the ratio of processor times as well.

- *same model*: inverse dynamics, muscle geometry, capacity and least effort, as OpenSim does;
- *our legs*: the same on MyoLegs, without the forces of the ground;
- *markers to effort*: the pose of MyoLegs from the markers, then the same: the chain of one analysis, once;
- *with doubt*: `hipdrive.muscles.chain`, which loads and scales the legs, estimates the forces of the ground, and
  computes everything again for each variant of the ensemble, with who pushes.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

PEER_SCRIPT = Path(__file__).with_name("opensim_muscles.py")
WINDOW_S = (0.80, 0.90)
PEER_FRAMES = 100  # the coordinates have a frame every millisecond
MASS_KG, HEIGHT_M = 65.9, 1.78  # of the runner
BALANCED = ("hip", "knee", "ankle", "lumbar")
GROUND = {
    "calcn_r": ("ground_force_v", "ground_force_p", "ground_torque_"),
    "calcn_l": ("1_ground_force_v", "1_ground_force_p", "1_ground_torque_"),
}


@dataclass(frozen=True)
class Took:
    """Frames, and the seconds they took: on the clock, and of the processor."""

    frames: int
    wall_s: float
    cpu_s: float


@dataclass(frozen=True)
class Task:
    """Something to time: how many frames it does."""

    name: str
    frames: int
    run: Callable[[], Any]

    def measure(self) -> Took:
        """Do it once."""
        wall_s, cpu_s = time.perf_counter(), time.process_time()
        self.run()
        return Took(self.frames, time.perf_counter() - wall_s, time.process_time() - cpu_s)


def same_model(folder: Path) -> Task:
    """All that static optimisation of OpenSim does, on the model of the trial."""
    from hipdrive.motion.mot import read_table
    from hipdrive.muscles import osim_engine as engine
    from hipdrive.muscles.effort import solve
    from hipdrive.muscles.osim import read_osim

    found = folder / "outputReference"
    model = read_osim(found / "subject02_RRA_Adjusted.osim")
    coordinates = read_table(found / "ResultsRRA" / "rra_run_1_Kinematics_q.sto")
    ground = read_table(folder / "subject02_running_grf.mot")
    rows = [i for i, name in enumerate(model.coordinates) if name.startswith(BALANCED)]

    def run() -> None:
        motion = engine.read_motion(coordinates, model)
        forces = engine.read_external_forces(ground, GROUND, motion.time_s)
        at = engine.posture(model, motion.place)
        moments = engine.inverse_dynamics(model, motion, forces, at)
        paths = engine.PathEngine(model).paths(motion.place, at)
        capacity_n = engine.capacity(model, paths.length_m, paths.speed_m_s(motion)).force_n
        solved = solve(paths.arm_m[:, rows], moments[:, rows], capacity_n).solved
        if not solved.all():
            raise SystemExit(f"{(~solved).sum()} frames were not solved")

    return Task("same model", len(coordinates.time_s), run)


def our_legs(folder: Path) -> list[Task]:
    """The repaired MyoLegs: from poses, from markers, and the whole chain with its doubt."""
    from hipdrive.motion.files import read_motion
    from hipdrive.movements.runner import Runner
    from hipdrive.movements.strides import find_strides_from_side
    from hipdrive.muscles.chain import muscles_of_run
    from hipdrive.muscles.curves import capacity
    from hipdrive.muscles.effort import solve
    from hipdrive.muscles.geometry import pose_geometry
    from hipdrive.muscles.kinematics import body_points, fit_pose, segment_scale
    from hipdrive.muscles.model import COORDINATES, load_model
    from hipdrive.muscles.results import ModelSettings

    motion = read_motion(folder / "subject02_running.trc")
    points = body_points(motion)
    model = load_model(ModelSettings(HEIGHT_M, MASS_KG, segment_scale(points, marked=True)))
    time_s = motion.time.values
    pose = fit_pose(model, points, marked=True).pose
    seen = np.isfinite(pose).all(1)
    rows = [i for i, name in enumerate(COORDINATES) if name.startswith(("hip", "knee", "ankle"))]

    def effort(pose: NDArray[np.float64]) -> None:
        from scipy.interpolate import make_interp_spline

        spline = make_interp_spline(time_s[seen], pose[seen], k=5)
        found = pose_geometry(model, pose[seen], spline(time_s[seen], nu=1), spline(time_s[seen], nu=2))
        most_n = capacity(model.table, found.length_m, found.speed_m_per_s).active_n
        solve(found.arm_m[:, rows], found.required[:, rows], most_n)

    strides = find_strides_from_side(motion)
    runner = Runner(height_m=HEIGHT_M, mass_kg=MASS_KG)
    return [
        Task("our legs", int(seen.sum()), lambda: effort(pose)),
        Task("markers to effort", len(pose), lambda: effort(fit_pose(model, points, marked=True).pose)),
        Task("with doubt", len(pose), lambda: muscles_of_run(motion, strides, runner)),
    ]


def measure_opensim(folder: Path) -> Took:
    """Static optimisation of OpenSim, in a process of its own."""
    found = folder / "outputReference"
    with tempfile.TemporaryDirectory() as out:
        files = (
            found / "subject02_RRA_Adjusted.osim",
            found / "ResultsRRA" / "rra_run_1_Kinematics_q.sto",
            folder / "External_Loads.xml",
            out,
        )
        window = ("--start", str(WINDOW_S[0]), "--end", str(WINDOW_S[1]))
        command = [sys.executable, str(PEER_SCRIPT), *map(str, files), *window]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{' '.join(command)}\nfailed:\n{done.stderr}")
    took = json.loads(done.stdout.splitlines()[-1])
    return Took(PEER_FRAMES, took["so_s"], took["so_cpu_s"])


def spread(values: list[float], digits: int = 0) -> str:
    """Median, with the least and the most."""
    return f"{median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--alone", action="store_true", help="without OpenSim")
    arguments = parser.parse_args()
    tasks = [same_model(arguments.folder), *our_legs(arguments.folder)]
    mine: dict[str, list[Took]] = {task.name: [] for task in tasks}
    peer: list[Took] = []
    for _ in range(arguments.rounds):
        if not arguments.alone:
            peer.append(measure_opensim(arguments.folder))
        for task in tasks:
            mine[task.name].append(task.measure())
    print(f"running, {arguments.rounds} rounds: median (least-most)")
    print(f"{'':18s} {'frames':>7s} {'frames/s':>20s} {'times OpenSim':>20s} {'by processor time':>20s}")
    if peer:
        print(f"{'OpenSim':18s} {PEER_FRAMES:7d} {spread([took.frames / took.wall_s for took in peer], 2):>20s}")
    for name, all_took in mine.items():
        line = f"{name:18s} {all_took[0].frames:7d} {spread([took.frames / took.wall_s for took in all_took]):>20s}"
        if peer:
            pairs = [(ours.frames / theirs.frames, ours, theirs) for ours, theirs in zip(all_took, peer, strict=True)]
            line += f" {spread([more * theirs.wall_s / ours.wall_s for more, ours, theirs in pairs]):>20s}"
            line += f" {spread([more * theirs.cpu_s / ours.cpu_s for more, ours, theirs in pairs]):>20s}"
        print(line)


if __name__ == "__main__":
    main()
