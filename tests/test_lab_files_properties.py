"""What must hold for every file: nothing is lost on the way out and in again, and damage is said in one sentence."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hipdrive.errors import HipdriveError
from hipdrive.motion import new_motion
from hipdrive.motion.angles3d import from_zxy_deg, zxy_deg
from hipdrive.motion.c3d import read_c3d, write_c3d
from hipdrive.motion.files import MOTION_SUFFIXES, read_motion, write_motion
from hipdrive.motion.mot import Table, read_table, write_table
from hipdrive.motion.rigid import carried, fit_rigid, hinge
from hipdrive.motion.skeleton import (
    COORDINATES,
    PELVIS_PLACE,
    angles_from_motion,
    forward_kinematics,
    motion_from_angles,
)
from hipdrive.motion.trc import read_trc, write_trc
from hipdrive.motion.trial import Trial
from hipdrive.pose import KEYPOINTS
from marked import marked_trial, walking_angles

SOME = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

names = st.text(
    st.characters(codec="ascii", categories=["L", "N", "P", "S"]) | st.just(" "), min_size=1, max_size=12
).map(lambda text: " ".join(text.split()))
metres = st.floats(-50, 50).filter(lambda x: x == 0 or abs(x) > 1e-6)


@st.composite
def trials(draw: st.DrawFn, name: st.SearchStrategy[str] = names) -> Trial:
    found = draw(st.lists(name.filter(bool), min_size=1, max_size=5, unique=True))
    n_frames = draw(st.integers(1, 6))
    position_m = draw(arrays.arrays(float, (n_frames, len(found), 3), elements=metres))
    gone = draw(arrays.arrays(bool, (n_frames, len(found))))
    position_m[gone] = np.nan
    rate_hz = draw(st.floats(1, 2000))
    start_s = draw(st.floats(0, 1000))
    return Trial(tuple(found), start_s + np.arange(n_frames) / rate_hz, position_m, rate_hz)


@SOME
@given(trials())
def test_trc_keeps_names_times_and_places(trial: Trial) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_trc(trial, Path(folder) / "a.trc")
        back = read_trc(Path(folder) / "a.trc")
    assert back.names == trial.names
    np.testing.assert_allclose(back.position_m, trial.position_m, atol=1e-8, rtol=0)
    # a clock with very few decimals is taken for a rounded one
    np.testing.assert_allclose(back.time_s, trial.time_s, atol=1e-9, rtol=1e-12)
    assert back.rate_hz == pytest.approx(trial.rate_hz, rel=1e-11)


@SOME
@given(trials(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=12)))
def test_c3d_keeps_names_times_and_places_to_a_float(trial: Trial) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_c3d(trial, Path(folder) / "a.c3d")
        back = read_c3d(Path(folder) / "a.c3d")
    assert back.names == trial.names
    np.testing.assert_allclose(back.position_m, trial.position_m, atol=1e-9, rtol=1e-6)
    np.testing.assert_allclose(back.time_s, trial.time_s, atol=1e-6, rtol=1e-6)


@SOME
@given(
    st.lists(names.filter(bool).map(lambda name: name.replace(" ", ".")), min_size=1, max_size=5, unique=True),
    st.integers(1, 5),
    st.data(),
)
def test_tables_keep_every_number(labels: list[str], n_rows: int, data: st.DataObject) -> None:
    values = data.draw(arrays.arrays(float, (n_rows, len(labels)), elements=st.floats(allow_infinity=False)))
    time_s = np.cumsum(data.draw(arrays.arrays(float, n_rows, elements=st.floats(1e-4, 10))))
    assume("time" not in [label.lower() for label in labels])
    table = Table(tuple(labels), time_s, values, data.draw(st.booleans()), "a b")
    with tempfile.TemporaryDirectory() as folder:
        write_table(table, Path(folder) / "a.sto", "said = by nobody\nin two lines")
        back = read_table(Path(folder) / "a.sto")
    assert (back.labels, back.in_degrees, back.name) == (table.labels, table.in_degrees, "a b")
    np.testing.assert_array_equal(back.values, values)
    np.testing.assert_array_equal(back.time_s, time_s)


@SOME
@given(
    st.lists(names.filter(bool), max_size=3, unique=True),
    st.integers(1, 4),
    st.sampled_from(["csv", "parquet"]),
    st.data(),
)
def test_landmarks_keep_everything(further: list[str], n_frames: int, kind: str, data: st.DataObject) -> None:
    assume(not set(further) & set(KEYPOINTS))
    shape = (n_frames, len(KEYPOINTS) + len(further), 7)
    landmarks = data.draw(
        arrays.arrays(np.float32, shape, elements=st.floats(-(2.0**40), 2.0**40, width=32), fill=st.just(np.nan))
    )
    time_s = np.cumsum(data.draw(arrays.arrays(float, n_frames, elements=st.floats(1e-4, 10))))
    motion = new_motion(time_s, landmarks, source="a, b.mp4", width_px=3, height_px=4, further=further)
    with tempfile.TemporaryDirectory() as folder:
        write_motion(motion, Path(folder) / f"a.{kind}")
        back = read_motion(Path(folder) / f"a.{kind}")
    assert back.keypoint.values.tolist() == motion.keypoint.values.tolist()
    for variable in ("image_position", "world_position", "confidence"):
        np.testing.assert_array_equal(back[variable].values.astype(np.float32), motion[variable].values)
    np.testing.assert_array_equal(back.time, motion.time)
    assert back.attrs == motion.attrs


# --- Anything else


def only_says(read: Callable[[Path], object], content: bytes, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a{suffix}"
        path.write_bytes(content)
        with contextlib.suppress(HipdriveError):
            read(path)


@SOME
@given(st.binary(max_size=2000), st.sampled_from(MOTION_SUFFIXES))
def test_any_bytes_are_read_or_refused_in_words(content: bytes, suffix: str) -> None:
    only_says(read_motion, content, suffix)
    only_says(lambda path: read_motion(path, rate_hz=30, size_px=(640, 480)), content, suffix)


@pytest.fixture(scope="module")
def good_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("good")
    trial = marked_trial(walking_angles(4))
    write_trc(trial, folder / "a.trc")
    motion = read_motion(folder / "a.trc")
    for suffix in (".c3d", ".mot", ".csv", ".parquet"):
        write_motion(motion, folder / f"a{suffix}")
    frame = [[float(i), float(i) / 2, 0.5] for i in range(17)]
    (folder / "a.json").write_text(json.dumps({"fps": 30, "frames": [frame, frame, None]}))
    return {path.suffix: path.read_bytes() for path in folder.iterdir()}


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damage_anywhere_is_read_or_refused_in_words(good_files: dict[str, bytes], data: st.DataObject) -> None:
    suffix = data.draw(st.sampled_from(sorted(good_files)))
    content = bytearray(good_files[suffix])
    for _ in range(data.draw(st.integers(1, 4))):
        # headers are where most of the meaning is
        at = data.draw(st.integers(0, min(len(content), 2000) - 1) | st.integers(0, len(content) - 1))
        how = data.draw(st.sampled_from(["change", "cut", "insert", "remove"]))
        if how == "change":
            content[at] = data.draw(st.integers(0, 255))
        elif how == "insert":
            content[at:at] = data.draw(
                st.binary(min_size=1, max_size=8) | st.sampled_from([b"\t", b"\n", b"nan", b"-", b"9e99"])
            )
        elif how == "remove":
            del content[at : at + data.draw(st.integers(1, 50))]
        else:
            del content[max(at, 1) :]
        if len(content) < 2:
            break
    only_says(read_motion, bytes(content), suffix)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["frames", "fps", "keypoints", "keypoint_names", "x", "y", "timestamps"]), inner
        )
    ),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(json_values)
@example([[None], {"keypoints": {}}])  # a frame that names no keypoint
def test_any_json_is_read_or_refused_in_words(content: object) -> None:
    only_says(lambda path: read_motion(path, rate_hz=30), json.dumps(content).encode(), ".json")


# --- Geometry

angles_deg = st.floats(-80, 80)


@SOME
@given(st.tuples(st.floats(-179, 179), st.floats(-89, 89), st.floats(-179, 179)))
def test_angles_make_the_rotation_they_are_taken_from(angles: tuple[float, float, float]) -> None:
    rotation = from_zxy_deg(*(np.array([angle]) for angle in angles))
    np.testing.assert_allclose(rotation[0] @ rotation[0].T, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(np.concatenate(zxy_deg(rotation)), angles, atol=1e-6)


@SOME
@given(arrays.arrays(float, (3, len(COORDINATES)), elements=angles_deg), st.floats(1.2, 2.2))
def test_joint_angles_come_back_from_the_joints(columns: np.ndarray, height_m: float) -> None:
    for i, name in enumerate(COORDINATES):
        if name in PELVIS_PLACE:
            columns[:, i] /= 40
        elif name.startswith(("knee", "elbow")):
            columns[:, i] = 20 + np.abs(columns[:, i])  # a straight joint does not tell how the bone above is turned
        elif name.startswith("pelvis"):
            columns[:, i] /= 2  # nobody who faces all ways has a forward
    table = Table(COORDINATES, np.arange(3) / 50, columns, True)
    motion = motion_from_angles(table, source="a.mot", height_m=height_m)
    back = angles_from_motion(motion)
    assert back.labels == COORDINATES
    np.testing.assert_allclose(back.values, columns, atol=1e-5)


@SOME
@given(st.floats(1.2, 2.2))
def test_the_skeleton_is_as_high_as_asked(height_m: float) -> None:
    angles = {name: np.zeros(1) for name in COORDINATES}
    points = forward_kinematics(angles, height_m)
    eyes_over_heel = points["left_ear"][0, 1] - points["left_heel"][0, 1]
    assert eyes_over_heel == pytest.approx(0.936 * height_m, rel=0.01)


@SOME
@given(st.integers(0, 2**32 - 1))
def test_a_rigid_body_is_found_again(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rest = np.eye(4, 3) * 0.1 + rng.normal(size=(4, 3)) * 0.01  # never three on a line
    turn = from_zxy_deg(*rng.uniform(-80, 80, (3, 7)))
    shift = rng.normal(size=(7, 3))
    moving = carried(rest, turn, shift)
    moving[3, 1] = np.nan  # one of four is not needed
    moving[4, :2] = np.nan
    rotation, translation = fit_rigid(rest, moving)
    assert np.isnan(rotation[4]).all()
    known = np.arange(7) != 4
    np.testing.assert_allclose(rotation[known], turn[known], atol=1e-6)
    np.testing.assert_allclose(translation[known], shift[known], atol=1e-6)


@SOME
@given(st.integers(0, 2**32 - 1))
def test_a_hinge_is_found(seed: int) -> None:
    rng = np.random.default_rng(seed)
    place, tilt = rng.normal(size=3) * 0.2, from_zxy_deg(*rng.uniform(-60, 60, (3, 1)))[0]
    upper_turn, upper_shift = from_zxy_deg(*rng.uniform(-40, 40, (3, 50))), rng.normal(size=(50, 3))
    bend = from_zxy_deg(np.linspace(0, 70, 50), np.zeros(50), np.zeros(50))
    lower_turn = upper_turn @ tilt @ bend @ tilt.T
    lower_shift = upper_shift + np.einsum("nij,j->ni", upper_turn, place) - np.einsum("nij,j->ni", lower_turn, place)
    found = hinge((upper_turn, upper_shift), (lower_turn, lower_shift))
    assert found is not None
    point, direction = found
    assert abs(direction @ tilt[:, 2]) == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(np.cross(point - place, direction), 0, atol=1e-6)
    still = hinge((upper_turn, upper_shift), (upper_turn, upper_shift))
    assert still is None
