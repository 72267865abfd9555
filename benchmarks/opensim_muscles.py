"""The other side of `muscles.py` and of `tests/test_muscles_referee.py`: OpenSim itself, in a process of its own.

    python benchmarks/opensim_muscles.py MODEL.osim COORDINATES.sto LOADS.xml FOLDER --start 0.75 --end 0.85

Writes into FOLDER what OpenSim finds (`geometry.npz`, `id.sto`, `run_StaticOptimization_activation.sto` and
`..._force.sto`) and prints one line of JSON with the seconds that each of the tools took.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import opensim

BALANCED = ("hip", "knee", "ankle", "lumbar")  # coordinates whose moments the muscles have to make
RESERVE_NM = 1.0  # of those: a reserve of 1 Nm costs as much as a whole muscle
FREE_NM = 1000.0  # of all others, which no leg muscle moves
LARGEST_CONTROL = 1e4


def with_reserves(path: Path, balanced: tuple[str, ...], folder: Path) -> Path:
    """Put a motor of our own at every free coordinate, as static optimisation needs."""
    model = opensim.Model(str(path))
    forces = model.updForceSet()
    for i in reversed(range(forces.getSize())):
        if forces.get(i).getConcreteClassName() == "CoordinateActuator":
            forces.remove(i)
    state = model.initSystem()
    coordinates = [model.getCoordinateSet().get(i) for i in range(model.getCoordinateSet().getSize())]
    # all are asked before the first motor: it makes the state a stale one
    free = [one.getName() for one in coordinates if not one.getDefaultLocked() and not one.isDependent(state)]
    for name in free:
        motor = opensim.CoordinateActuator(name)
        motor.setName(f"{name}_reserve")
        motor.setOptimalForce(RESERVE_NM if name.startswith(balanced) else FREE_NM)
        motor.setMinControl(-LARGEST_CONTROL)
        motor.setMaxControl(LARGEST_CONTROL)
        model.addForce(motor)
    model.finalizeConnections()
    model.printToXML(str(folder / "with_reserves.osim"))
    return folder / "with_reserves.osim"


def write_geometry(path: Path, motion: Path, start_s: float, end_s: float, n_frames: int, folder: Path) -> None:
    """Lengths and moment arms of all muscles in some frames."""
    model = opensim.Model(str(path))
    state = model.initSystem()
    table = opensim.TimeSeriesTable(str(motion))
    in_degrees = table.getTableMetaDataString("inDegrees") == "yes"
    coordinates = [model.getCoordinateSet().get(i) for i in range(model.getCoordinateSet().getSize())]
    muscles = [model.getMuscles().get(i) for i in range(model.getMuscles().getSize())]
    labels = list(table.getColumnLabels())
    times = np.array(table.getIndependentColumn())
    rows = np.unique(np.searchsorted(times, np.linspace(start_s, end_s, n_frames)))
    places, lengths, arms = [], [], []
    for row in rows:
        values = table.getRowAtIndex(int(row))
        place = []
        for coordinate in coordinates:
            name = coordinate.getName()
            value = values[labels.index(name)] if name in labels else 0.0
            rotates = coordinate.getMotionType() != opensim.Coordinate.Translational
            value = np.radians(value) if in_degrees and rotates else value
            coordinate.setLocked(state, False)
            coordinate.setValue(state, float(value), False)
            place.append(value)
        model.realizePosition(state)
        places.append(place)
        lengths.append([muscle.getLength(state) for muscle in muscles])
        arms.append([[muscle.computeMomentArm(state, coordinate) for muscle in muscles] for coordinate in coordinates])
    np.savez(
        folder / "geometry.npz",
        coordinates=[coordinate.getName() for coordinate in coordinates],
        muscles=[muscle.getName() for muscle in muscles],
        place=places,
        length_m=lengths,
        arm_m=arms,
    )


def inverse_dynamics(path: Path, arguments: argparse.Namespace) -> float:
    """Write `id.sto` and return the seconds it took."""
    tool = opensim.InverseDynamicsTool()
    tool.setModelFileName(str(path))
    tool.setCoordinatesFileName(str(arguments.motion))
    tool.setExternalLoadsFileName(str(arguments.loads))
    tool.setStartTime(arguments.start)
    tool.setEndTime(arguments.end)
    tool.setLowpassCutoffFrequency(-1)
    tool.setResultsDir(str(arguments.folder))
    tool.setOutputGenForceFileName("id.sto")
    muscles = opensim.ArrayStr()
    muscles.append("Muscles")
    tool.setExcludedForces(muscles)
    began_s = time.perf_counter()
    tool.run()
    return time.perf_counter() - began_s


def static_optimisation(path: Path, arguments: argparse.Namespace) -> tuple[float, float]:
    """Write activations and forces and return the seconds it took, on the clock and of the processor."""
    task = opensim.StaticOptimization()
    task.setStartTime(arguments.start)
    task.setEndTime(arguments.end)
    task.setStepInterval(arguments.step)
    task.setUseMusclePhysiology(True)
    task.setActivationExponent(2)
    task.setConvergenceCriterion(1e-4)
    task.setMaxIterations(100)
    tool = opensim.AnalyzeTool()
    tool.setName("run")
    tool.setModelFilename(str(path))
    tool.setReplaceForceSet(False)
    tool.setResultsDir(str(arguments.folder))
    tool.setInitialTime(arguments.start)
    tool.setFinalTime(arguments.end)
    tool.setSolveForEquilibrium(False)
    tool.setCoordinatesFileName(str(arguments.motion))
    tool.setLowpassCutoffFrequency(-1)
    tool.setExternalLoadsFileName(str(arguments.loads))
    tool.updAnalysisSet().cloneAndAppend(task)
    setup = str(arguments.folder / "setup.xml")
    tool.printToXML(setup)
    tool = opensim.AnalyzeTool(setup)  # only one that is read from a file loads the model
    began_s, began_cpu_s = time.perf_counter(), time.process_time()
    tool.run()
    return time.perf_counter() - began_s, time.process_time() - began_cpu_s


def main() -> None:
    """Compute and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for name in ("model", "motion", "loads", "folder"):
        parser.add_argument(name, type=lambda text: Path(text).resolve())
    parser.add_argument("--start", type=float, required=True, help="s")
    parser.add_argument("--end", type=float, required=True, help="s")
    parser.add_argument("--step", type=int, default=1, help="static optimisation of every so many frames")
    parser.add_argument("--geometry-frames", type=int, default=0, help="lengths and moment arms in so many frames")
    parser.add_argument("--balanced", nargs="+", default=list(BALANCED), help="beginnings of coordinates")
    arguments = parser.parse_args()
    opensim.Logger.setLevelString("off")
    opensim.Logger.removeFileSink()  # it writes opensim.log into the folder it is started in
    arguments.folder.mkdir(parents=True, exist_ok=True)
    if arguments.geometry_frames:
        window = arguments.start, arguments.end
        write_geometry(arguments.model, arguments.motion, *window, arguments.geometry_frames, arguments.folder)
    ready = with_reserves(arguments.model, tuple(arguments.balanced), arguments.folder)
    id_s = inverse_dynamics(ready, arguments)
    so_s, so_cpu_s = static_optimisation(ready, arguments)
    print(json.dumps({"id_s": id_s, "so_s": so_s, "so_cpu_s": so_cpu_s}))


if __name__ == "__main__":
    main()
