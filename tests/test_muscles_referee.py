"""The muscle engine against OpenSim: same model, same movement, same forces; and against published forces.

Slow. Needs the extra `referee` (OpenSim 4.6), and below HIPDRIVE_TEST_DATA the folder `mocap/om` with files of
https://github.com/opensim-org/opensim-models: the running trial of Hamner, Seth & Delp 2010 (J Biomech 43:2709) and
the model Rajagopal2016.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from hipdrive.motion.mot import Table, read_table, write_table
from hipdrive.muscles import osim_engine as engine
from hipdrive.muscles.effort import Solution, solve
from hipdrive.muscles.osim import OsimModel, read_osim

pytestmark = pytest.mark.slow

Array = NDArray[np.float64]

OPENSIM = Path(__file__).parent.parent / "benchmarks" / "opensim_muscles.py"

WINDOW_S = (0.80, 0.90)  # the loaded middle of a left stance, while the right leg swings
CONVERGED_NM = 1.0  # OpenSim may leave its own moments unbalanced; by more than this it has not converged

BALANCED = ("hip", "knee", "ankle", "lumbar")
GROUND = {
    "calcn_r": ("ground_force_v", "ground_force_p", "ground_torque_"),
    "calcn_l": ("1_ground_force_v", "1_ground_force_p", "1_ground_torque_"),
}


def correlation(ours: Array, theirs: Array) -> float:
    return float(np.corrcoef(ours.ravel(), theirs.ravel())[0, 1])


def rms(values: Array) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


@dataclass(frozen=True)
class Trial:
    """Ten strides of subject 2, with the model that was fitted to them."""

    model_file: Path
    coordinates_file: Path
    forces_file: Path
    loads_file: Path
    published_file: Path


@dataclass(frozen=True)
class Ours:
    """What hipdrive finds on the model of the trial."""

    model: OsimModel
    moments: Array
    paths: engine.MusclePaths
    capacity_n: Array
    solution: Solution
    rows: list[int]

    @property
    def force_n(self) -> Array:
        return self.solution.activation * self.capacity_n


@pytest.fixture(scope="module")
def mocap(test_data: Path) -> Path:
    folder = test_data / "mocap" / "om"
    if not folder.is_dir():
        pytest.skip("the running trial is not here: see the top of this file")
    return folder


@pytest.fixture(scope="module")
def trial(mocap: Path) -> Trial:
    folder = mocap / "Pipelines" / "Hamner"
    found = folder / "outputReference"
    return Trial(
        found / "subject02_RRA_Adjusted.osim",
        found / "ResultsRRA" / "rra_run_1_Kinematics_q.sto",
        folder / "subject02_running_grf.mot",
        folder / "External_Loads.xml",
        found / "ResultsCMC" / "subject02_Actuation_force.sto",
    )


def run_opensim(*arguments: object) -> None:
    if importlib.util.find_spec("opensim") is None:
        pytest.skip("OpenSim is not installed: pip install 'hipdrive[referee]'")
    command = [sys.executable, str(OPENSIM), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.fixture(scope="module")
def referee(trial: Trial, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of what OpenSim finds in the window."""
    folder = tmp_path_factory.mktemp("opensim")
    start_s, end_s = WINDOW_S
    window = ("--start", start_s, "--end", end_s, "--geometry-frames", 10)
    run_opensim(trial.model_file, trial.coordinates_file, trial.loads_file, folder, *window)
    return folder


def find_effort(trial: Trial, time_s: Array) -> Ours:
    """All that static optimisation of OpenSim does: muscles that do not resist a stretch, stiff tendons."""
    model = read_osim(trial.model_file)
    motion = engine.read_motion(read_table(trial.coordinates_file), model, time_s)
    forces = engine.read_external_forces(read_table(trial.forces_file), GROUND, time_s)
    at = engine.posture(model, motion.place)
    moments = engine.inverse_dynamics(model, motion, forces, at)
    paths = engine.PathEngine(model).paths(motion.place, at)
    capacity_n = engine.capacity(model, paths.length_m, paths.speed_m_s(motion)).force_n
    rows = [i for i, name in enumerate(model.coordinates) if name.startswith(BALANCED)]
    solution = solve(paths.arm_m[:, rows], moments[:, rows], capacity_n)
    return Ours(model, moments, paths, capacity_n, solution, rows)


def columns(table: Table, names: Iterable[str]) -> Array:
    return np.stack([table[name] for name in names], axis=1)


# the same model in both


def test_lengths_and_moment_arms_are_those_of_opensim(trial: Trial, referee: Path) -> None:
    model = read_osim(trial.model_file)
    with np.load(referee / "geometry.npz") as theirs:
        assert tuple(theirs["coordinates"]) == model.coordinates
        assert tuple(theirs["muscles"]) == model.muscle_names
        paths = engine.PathEngine(model).paths(theirs["place"])
        np.testing.assert_allclose(paths.length_m, theirs["length_m"], atol=1e-12)
        np.testing.assert_allclose(paths.arm_m, theirs["arm_m"], atol=1e-9)


def test_inverse_dynamics_are_those_of_opensim(trial: Trial, referee: Path) -> None:
    theirs = read_table(referee / "id.sto")
    ours = find_effort(trial, theirs.time_s)
    for i, name in enumerate(ours.model.coordinates):
        kind = "moment" if ours.model.is_angle[i] else "force"
        error = ours.moments[:, i] - theirs[f"{name}_{kind}"]
        assert rms(error) < 0.003, name  # Nm or N; the moments are of the order of 100


def test_activations_and_forces_are_those_of_opensim(trial: Trial, referee: Path) -> None:
    activations = read_table(referee / "run_StaticOptimization_activation.sto")
    forces = read_table(referee / "run_StaticOptimization_force.sto")
    ours = find_effort(trial, activations.time_s)
    assert ours.solution.solved.all()
    theirs = columns(activations, ours.model.muscle_names)
    reserve = columns(activations, [f"{ours.model.coordinates[i]}_reserve" for i in ours.rows])
    given = np.einsum("tcm,tm->tc", ours.paths.arm_m[:, ours.rows], theirs * ours.capacity_n) + reserve
    converged = np.abs(given - ours.moments[:, ours.rows]).max(1) < CONVERGED_NM
    assert converged.mean() > 0.9

    activation = ours.solution.activation[converged]
    assert correlation(activation, theirs[converged]) >= 0.999
    assert rms(activation - theirs[converged]) < 0.003
    force_n, their_force_n = ours.force_n[converged], columns(forces, ours.model.muscle_names)[converged]
    assert correlation(force_n, their_force_n) >= 0.999
    assert rms(force_n - their_force_n) < 3.0


def test_our_effort_is_no_greater_than_that_of_opensim(trial: Trial, referee: Path) -> None:
    activations = read_table(referee / "run_StaticOptimization_activation.sto")
    ours = find_effort(trial, activations.time_s)
    theirs = columns(activations, ours.model.muscle_names)
    reserve = columns(activations, [f"{ours.model.coordinates[i]}_reserve" for i in ours.rows])
    effort = np.square(ours.solution.activation).sum(1) + np.square(ours.solution.reserve).sum(1)
    assert (effort <= (np.square(theirs).sum(1) + np.square(reserve).sum(1)) * (1 + 1e-4)).all()


# published forces of the same trial


@pytest.mark.parametrize(("group", "least"), [("glut_max", 0.95), ("glut_med", 0.90), ("soleus", 0.95), ("vas_", 0.95)])
@pytest.mark.parametrize("side", ["r", "l"])
def test_forces_of_running_are_those_published(trial: Trial, group: str, least: float, side: str) -> None:
    """Computed muscle control has tendons that stretch and muscles that take time: the peaks agree only nearly."""
    published = read_table(trial.published_file)
    time_s = np.arange(published.time_s[0], published.time_s[-1], 0.0025)
    ours = find_effort(trial, time_s)
    own = [i for i, name in enumerate(ours.model.muscle_names) if name.startswith(group) and name.endswith(side)]
    force_n = ours.force_n[:, own].sum(1)
    names = [ours.model.muscle_names[i] for i in own]
    theirs_n = np.interp(time_s, published.time_s, columns(published, names).sum(1))
    assert correlation(force_n, theirs_n) >= least
    assert force_n.max() == pytest.approx(theirs_n.max(), rel=0.2)


# another model in OpenSim, and our legs


@dataclass(frozen=True)
class Run:
    """The same running on a body of another size: angles as they are, forces as of its weight, pressed on the feet."""

    labels: list[str]
    time_s: Array
    place: Array
    force_n: dict[str, Array]
    point_m: dict[str, Array]  # in the axes of the foot


RAJAGOPAL_KG = 75.337
RAJAGOPAL_WINDOW_S = (0.72, 1.58)  # a left stance, a right one, and most of both swings
LEAST_FORCE_N = 15.0  # of a foot on the ground
PLACED = ("pelvis", "hip", "knee", "ankle")


@pytest.fixture(scope="module")
def run(trial: Trial) -> Run:
    time_s = np.arange(0.70, 1.595, 0.005)
    model = read_osim(trial.model_file)
    motion = engine.read_motion(read_table(trial.coordinates_file), model, time_s)
    at = engine.posture(model, motion.place)
    labels = [name for name in model.coordinates if name.startswith(PLACED)]
    bends_back = np.array([-1.0 if name.startswith("knee") else 1.0 for name in labels])
    force_n, point_m = {}, {}
    for foot in engine.read_external_forces(read_table(trial.forces_file), GROUND, time_s):
        body = model.body(foot.body)
        local_m = np.einsum("tji,tj->ti", at.turn[:, body], foot.point_m - at.origin_m[:, body])
        lifted = foot.force_n[:, 1] < LEAST_FORCE_N
        local_m[lifted] = 0.1, -0.02, 0.0  # anywhere under the foot, so that splines stay smooth
        point_m[foot.body] = local_m
        force_n[foot.body] = np.where(lifted[:, None], 0.0, foot.force_n * RAJAGOPAL_KG / model.mass_kg)
    place = motion.place[:, [model.coordinates.index(name) for name in labels]] * bends_back
    return Run(labels, time_s, place, force_n, point_m)


@pytest.fixture(scope="module")
def rajagopal(mocap: Path, run: Run, tmp_path_factory: pytest.TempPathFactory) -> Table:
    """Muscle forces that OpenSim finds on Rajagopal2016 (80 muscles, wrapping, curves of Millard)."""
    folder = tmp_path_factory.mktemp("rajagopal")
    write_table(Table(tuple(run.labels), run.time_s, run.place, False), folder / "run.mot")
    parts = [(part, foot) for foot in run.force_n for part in ("force", "point")]
    names = tuple(f"{foot}_{part}_{axis}" for part, foot in parts for axis in "xyz")
    values = [run.force_n[foot] if part == "force" else run.point_m[foot] for part, foot in parts]
    write_table(Table(names, run.time_s, np.concatenate(values, axis=1), False), folder / "ground.mot")
    feet = "".join(
        f'<ExternalForce name="{foot}"><applied_to_body>{foot}</applied_to_body>'
        f"<force_expressed_in_body>ground</force_expressed_in_body>"
        f"<point_expressed_in_body>{foot}</point_expressed_in_body>"
        f"<force_identifier>{foot}_force_</force_identifier>"
        f"<point_identifier>{foot}_point_</point_identifier><torque_identifier/></ExternalForce>"
        for foot in run.force_n
    )
    (folder / "loads.xml").write_text(
        '<?xml version="1.0"?><OpenSimDocument Version="40000"><ExternalLoads name="ground">'
        f"<objects>{feet}</objects><datafile>ground.mot</datafile></ExternalLoads></OpenSimDocument>"
    )
    start_s, end_s = RAJAGOPAL_WINDOW_S
    files = (mocap / "Models" / "Rajagopal" / "Rajagopal2016.osim", folder / "run.mot", folder / "loads.xml", folder)
    run_opensim(*files, "--start", start_s, "--end", end_s, "--step", 4, "--balanced", "hip", "knee", "ankle")
    return read_table(folder / "run_StaticOptimization_force.sto")


@pytest.fixture(scope="module")
def legs(run: Run) -> tuple[tuple[str, ...], Array]:
    """Muscles of the repaired MyoLegs and their forces in the same running, shape (n_frames, n_muscles)."""
    pytest.importorskip("mujoco")
    from scipy.interpolate import make_interp_spline

    from hipdrive.muscles.curves import REFERENCE_MASS_KG, capacity
    from hipdrive.muscles.geometry import BodyPoint, outside_force, pose_geometry
    from hipdrive.muscles.model import COORDINATES, MODEL_HEIGHT_M, load_model
    from hipdrive.muscles.results import ModelSettings

    model = load_model(ModelSettings(MODEL_HEIGHT_M, REFERENCE_MASS_KG))
    place = np.zeros((len(run.time_s), len(COORDINATES)))
    place[:, [COORDINATES.index(name) for name in run.labels]] = run.place
    spline = make_interp_spline(run.time_s, place, k=5)
    feet = [BodyPoint(foot, point_m) for foot, point_m in run.point_m.items()]
    found = pose_geometry(model, place, spline(run.time_s, nu=1), spline(run.time_s, nu=2), feet)
    moments = found.required - outside_force(found, np.stack(list(run.force_n.values()), axis=1))
    rows = [i for i, name in enumerate(COORDINATES) if name.startswith(("hip", "knee", "ankle"))]
    most_n = capacity(model.table, found.length_m, found.speed_m_per_s, passive=False).active_n
    solution = solve(found.arm_m[:, rows], moments[:, rows], most_n)
    assert solution.solved.all()
    return model.muscles, solution.activation * most_n


@pytest.mark.parametrize(("group", "least"), [("glmax", 0.97), ("glmed", 0.97), ("glmin", 0.97)])
@pytest.mark.parametrize("side", ["r", "l"])
def test_gluteal_forces_of_our_legs_are_those_of_rajagopal(
    run: Run, rajagopal: Table, legs: tuple[tuple[str, ...], Array], group: str, least: float, side: str
) -> None:
    muscles, force_n = legs
    own = [i for i, name in enumerate(muscles) if name.startswith(group) and name.endswith(side)]
    ours_n = np.interp(rajagopal.time_s, run.time_s, force_n[:, own].sum(1))
    theirs_n = columns(rajagopal, [muscles[i] for i in own]).sum(1)
    assert correlation(ours_n, theirs_n) >= least
    assert ours_n.mean() == pytest.approx(theirs_n.mean(), rel=0.1)
