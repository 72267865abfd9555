"""Bones and muscles to look at: the model file, the names, the colours, the pictures."""

import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

pytest.importorskip("mujoco", reason="bones and muscles are not installed: pip install 'hipdrive[muscles]'")
pytest.importorskip("myo_sim", reason="bones and muscles are not installed: pip install 'hipdrive[muscles]'")

from hipdrive.muscles import GROUP_NAMES, MUSCLE_GROUPS
from hipdrive.muscles.model import COORDINATES, coordinate, load_model
from hipdrive.muscles.scene import (
    EFFORT_COLOURS,
    NOT_TOLD_COLOUR,
    PATH_POINTS,
    anatomy_colours,
    effort_colour,
    muscle_name,
    rgb,
    scene_of,
    tubes,
    with_points,
    write_glb,
)
from hipdrive.muscles.still import Camera, picture


@pytest.fixture(scope="module")
def model():
    return load_model()


@pytest.fixture(scope="module")
def scene(model):
    pose = np.zeros((2, len(COORDINATES)))
    pose[:, coordinate("pelvis_ty")] = 0.93
    pose[1, coordinate("hip_flexion_r")], pose[1, coordinate("knee_angle_r")] = 1.0, 1.2
    return scene_of(model, pose, np.array([0.0, 0.1]))


def parsed(data: bytes) -> tuple[dict, bytes]:
    magic, version, length = struct.unpack_from("<4sII", data)
    assert (magic, version, length) == (b"glTF", 2, len(data))
    size, kind = struct.unpack_from("<I4s", data, 12)
    assert kind == b"JSON"
    text = json.loads(data[20 : 20 + size])
    size_of_rest, kind = struct.unpack_from("<I4s", data, 20 + size)
    assert kind == b"BIN\0"
    assert len(data) == 28 + size + size_of_rest
    return text, data[28 + size :]


def test_the_model_file_has_a_node_for_every_body_and_muscle(scene, tmp_path):
    write_glb(scene, tmp_path / "a.glb", anatomy_colours(scene.muscles))
    data = (tmp_path / "a.glb").read_bytes()
    assert len(data) < 3e6
    text, numbers = parsed(data)
    names = [node["name"] for node in text["nodes"]]
    assert {"pelvis", "femur_l", "tibia_r", "calcn_l", "torso"} <= set(names)
    assert set(scene.muscles) <= set(names)
    assert text["scenes"][0]["nodes"] == [names.index("hipdrive")]
    for accessor in text["accessors"]:
        view = text["bufferViews"][accessor["bufferView"]]
        size = {5126: 4, 5123: 2}[accessor["componentType"]] * {"VEC3": 3, "SCALAR": 1}[accessor["type"]]
        assert view["byteLength"] == accessor["count"] * size
        assert view["byteOffset"] + view["byteLength"] <= len(numbers)
    for mesh in text["meshes"]:
        for part in mesh["primitives"]:
            accessor = text["accessors"][part["indices"]]
            view = text["bufferViews"][accessor["bufferView"]]
            indices = np.frombuffer(numbers, "<u2", accessor["count"], view["byteOffset"])
            assert indices.max() < text["accessors"][part["attributes"]["POSITION"]]["count"]


def test_the_skeleton_stands_on_its_feet_and_moves(scene):
    standing, raised = (np.concatenate(scene.vertices_m(frame)) for frame in (0, 1))
    assert 1.5 < np.ptp(standing[:, 1]) < 1.85  # y is up
    assert abs(standing[:, 1].min()) < 0.05
    femur = scene.bodies.index("tibia_r")
    assert scene.position_m[1, femur, 0] > scene.position_m[0, femur, 0] + 0.2  # x is forwards
    right, left = (
        scene.position_m[0, scene.bodies.index("femur_r"), 2],
        scene.position_m[0, scene.bodies.index("femur_l"), 2],
    )
    assert right > left  # z is to the right
    np.testing.assert_allclose(raised.shape, standing.shape)


def test_paths_are_those_of_the_model_in_length(scene, model):
    from hipdrive.muscles.geometry import pose_geometry

    pose = np.zeros((1, len(COORDINATES)))
    pose[0, coordinate("pelvis_ty")] = 0.93
    length_m = pose_geometry(model, pose).length_m[0]
    drawn_m = np.linalg.norm(np.diff(scene.paths_m[0], axis=1), axis=2).sum(axis=1)
    assert (drawn_m <= length_m + 1e-6).all()  # a chord across what a muscle wraps round is shorter
    straight = [scene.muscles.index(name) for name in ("glmed1_r", "soleus_l", "piri_r")]
    np.testing.assert_allclose(drawn_m[straight], length_m[straight], atol=1e-6)


def test_every_muscle_has_a_name_of_its_own(scene):
    names = [muscle_name(muscle) for muscle in scene.muscles]
    assert len(set(names)) == len(names) == 80
    assert muscle_name("glmax1_l") == "left gluteus maximus, part 1 of 3"
    assert set(GROUP_NAMES) == set(MUSCLE_GROUPS)


def test_stronger_muscles_are_drawn_thicker(scene):
    radius = dict(zip(scene.muscles, scene.radius_m, strict=True))
    assert radius["soleus_r"] > radius["vaslat_r"] > radius["glmax1_r"] > 0.002


@given(arrays(float, (5, 3), elements=st.floats(-1, 1)), st.integers(5, 20))
def test_more_points_do_not_change_a_path(path, count):
    longer = with_points(path, count)
    assert len(longer) == count
    np.testing.assert_allclose(
        np.linalg.norm(np.diff(longer, axis=0), axis=1).sum(), np.linalg.norm(np.diff(path, axis=0), axis=1).sum()
    )
    np.testing.assert_array_equal(longer[[0, -1]], path[[0, -1]])
    with pytest.raises(ValueError):
        with_points(path, 4)


@given(arrays(float, (3, PATH_POINTS, 3), elements=st.floats(-1, 1)))
def test_cords_are_finite_and_stay_close_to_their_path(paths):
    vertices, faces = tubes(paths, np.full(3, 0.01))
    assert np.isfinite(vertices).all()
    assert faces.max() < vertices.shape[1]
    low, high = paths.min(axis=1) - 0.0101, paths.max(axis=1) + 0.0101
    assert (vertices >= low[:, None]).all() and (vertices <= high[:, None]).all()


def test_colours_go_from_rest_to_the_utmost_and_grey_is_not_told():
    for share, colour in EFFORT_COLOURS:
        np.testing.assert_allclose(effort_colour(np.array(share)), rgb(colour))
    np.testing.assert_allclose(effort_colour(np.array([np.nan])), [rgb(NOT_TOLD_COLOUR)])
    np.testing.assert_allclose(effort_colour(np.array(7.0)), rgb(EFFORT_COLOURS[-1][1]))


def test_the_picture_shows_what_is_asked_for(scene):
    red = np.tile([1.0, 0.0, 0.0], (len(scene.muscles), 1))
    painted = picture(scene, red, 0, Camera(), (150, 200)).astype(int)
    assert painted.shape == (200, 150, 3)
    is_red = (painted[..., 0] > 90) & (painted[..., 1] < 30)
    assert 0.005 < is_red.mean() < 0.4
    blue = picture(scene, red[:, ::-1], 0, Camera(), (150, 200)).astype(int)
    assert not ((blue[..., 0] > 90) & (blue[..., 1] < 30)).any()
    assert (picture(scene, red, 1, Camera(), (150, 200)) != painted).mean() > 0.01
