"""Bones and muscles to look at: their shapes, where they are in every frame, and the colour of their effort.

The bones are those of MyoLegs. It has no flesh: a muscle is a path from bone to bone, drawn here as a cord that is
thick in the middle. How thick says how strong the muscle is; its outline is no anatomy.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from hipdrive.muscles.results import GROUP_NAMES, MUSCLE_GROUPS, Array, Effort, Side

if TYPE_CHECKING:
    from hipdrive.muscles.model import MuscleModel

Faces = NDArray[np.int64]

PATH_POINTS: Final = 12  # of a muscle in a frame; the longest path of MyoLegs has 11 with both ends of its wraps
SPECIFIC_TENSION_N_PER_M2: Final = 60e4  # Rajagopal et al. 2016: strength over cross-section, by which MyoLegs was made
DRAWN_THICKNESS: Final = 0.55  # of the true one: at 1 the thigh would be one lump and nothing behind it could be seen
TENDON_THICKNESS: Final = 0.3  # at the ends, of the thickness in the middle; chosen by eye
TUBE_SIDES: Final = 10

# Effort as a colour, by the share of the maximum. Dull blue is rest, yellow where a bridge is, dark red the utmost.
# Blue against yellow and light against dark tell it also to eyes that cannot tell red from green.
EFFORT_COLOURS: Final[tuple[tuple[float, str], ...]] = (
    (0.0, "#4d6f9f"),
    (0.15, "#8fa08a"),
    (0.3, "#e8c34a"),
    (0.6, "#ee7a30"),
    (1.0, "#c01818"),
)
NOT_TOLD_COLOUR: Final = "#868b92"  # of a muscle about whose effort nothing can be said
BONE_COLOUR: Final = "#e9e1cf"
# The anatomy without effort: each gluteal muscle has its own colour (Okabe and Ito's, for colour-blind eyes).
GROUP_COLOURS: Final[dict[str, str]] = {
    "glmax": "#d55e00",
    "glmed": "#e69f00",
    "glmin": "#f0e442",
    "piriformis": "#cc79a7",
    "tfl": "#56b4e9",
    "hamstrings": "#009e73",
}
OTHER_COLOUR: Final = "#8c6f6b"

SIDE_OF_SUFFIX: Final[dict[str, Side]] = {"l": "left", "r": "right"}
TO_GLTF: Final = (0.0, -(0.5**0.5), 0.0, 0.5**0.5)  # quaternion x y z w: what looks along x looks along z, glTF's front


@dataclass(frozen=True)
class Bone:
    """Surface of a bone.

    Attributes
    ----------
    body : str
        The body it moves with.
    vertices_m : ndarray, shape (n, 3)
        In the frame of the body.
    faces : ndarray, shape (m, 3)
        Indices of vertices.
    """

    name: str
    body: str
    vertices_m: Array
    faces: Faces


@dataclass(frozen=True)
class Scene:
    """Bones and muscles over time; x is forwards, y up and z to the right, as in the model.

    Attributes
    ----------
    bones : tuple of Bone
    bodies : tuple of str
        That have bones.
    time_s : ndarray, shape (n_frames,)
    position_m : ndarray, shape (n_frames, n_bodies, 3)
    rotation : ndarray, shape (n_frames, n_bodies, 4)
        Quaternions, w first.
    muscles : tuple of str
        Such as ``glmax1_r``.
    paths_m : ndarray, shape (n_frames, n_muscles, PATH_POINTS, 3)
        From origin to insertion.
    radius_m : ndarray, shape (n_muscles,)
        Of the cord in its middle.
    """

    bones: tuple[Bone, ...]
    bodies: tuple[str, ...]
    time_s: Array
    position_m: Array
    rotation: Array
    muscles: tuple[str, ...]
    paths_m: Array
    radius_m: Array

    def vertices_m(self, frame: int) -> list[Array]:
        """Vertices of each bone in space."""
        index = {body: number for number, body in enumerate(self.bodies)}
        turned = [_matrix(self.rotation[frame, index[bone.body]]) for bone in self.bones]
        return [
            bone.vertices_m @ turn.T + self.position_m[frame, index[bone.body]]
            for bone, turn in zip(self.bones, turned, strict=True)
        ]

    def floor_m(self) -> float:
        """Height of the lowest bone point of all frames, where the floor is drawn."""
        frames = range(0, len(self.time_s), max(1, len(self.time_s) // 10))
        return min(float(points[:, 1].min()) for frame in frames for points in self.vertices_m(frame))


# -- from the model ------------------------------------------------------------------------------------------


def scene_of(model: MuscleModel, pose: Array, time_s: Array) -> Scene:
    """Take bones and muscle paths out of the model in the given poses.

    Parameters
    ----------
    model : MuscleModel
    pose : ndarray, shape (n_frames, 20)
        In the order of `hipdrive.muscles.model.COORDINATES`.
    time_s : ndarray, shape (n_frames,)
    """
    import mujoco

    mj, data = model.mj, mujoco.MjData(model.mj)
    bones = bones_of(model)
    bodies = tuple(dict.fromkeys(bone.body for bone in bones))
    ids = [model.body(body) for body in bodies]
    position_m = np.empty((len(pose), len(bodies), 3))
    rotation = np.empty((len(pose), len(bodies), 4))
    paths_m = np.empty((len(pose), mj.nu, PATH_POINTS, 3))
    for frame, coordinates in enumerate(pose):
        data.qpos[model.address] = coordinates
        for one in model.coupling:
            data.qpos[one.joint] = np.polynomial.polynomial.polyval(coordinates[one.coordinate], one.polynomial)
        mujoco.mj_kinematics(mj, data)
        mujoco.mj_comPos(mj, data)
        mujoco.mj_tendon(mj, data)
        position_m[frame], rotation[frame] = data.xpos[ids], data.xquat[ids]
        points_m = data.wrap_xpos.reshape(-1, 3)
        for muscle in range(mj.nu):
            tendon = mj.actuator_trnid[muscle, 0]
            start = data.ten_wrapadr[tendon]
            paths_m[frame, muscle] = with_points(points_m[start : start + data.ten_wrapnum[tendon]], PATH_POINTS)
    cross_section_m2 = model.table.max_force_n / SPECIFIC_TENSION_N_PER_M2
    return Scene(
        bones=bones,
        bodies=bodies,
        time_s=np.asarray(time_s, float),
        position_m=position_m,
        rotation=rotation,
        muscles=model.muscles,
        paths_m=paths_m,
        radius_m=DRAWN_THICKNESS * np.sqrt(cross_section_m2 / np.pi),
    )


def bones_of(model: MuscleModel) -> tuple[Bone, ...]:
    """Bone surfaces of the model, without the scenery that MyoLegs brings along."""
    import mujoco

    mj, bones = model.mj, []
    for geom in range(mj.ngeom):
        body = mj.body(mj.geom_bodyid[geom]).name
        if mj.geom_type[geom] != mujoco.mjtGeom.mjGEOM_MESH or body == "world":
            continue
        mesh = mj.geom_dataid[geom]
        first, count = mj.mesh_vertadr[mesh], mj.mesh_vertnum[mesh]
        first_face, faces = mj.mesh_faceadr[mesh], mj.mesh_facenum[mesh]
        vertices_m = mj.mesh_vert[first : first + count] @ _matrix(mj.geom_quat[geom]).T + mj.geom_pos[geom]
        triangles = mj.mesh_face[first_face : first_face + faces].astype(np.int64)
        bones.append(Bone(mj.geom(geom).name, body, vertices_m, triangles))
    return tuple(bones)


def with_points(path_m: Array, count: int) -> Array:
    """Give a path exactly so many points without a change of its shape: the longest pieces are halved.

    Raises
    ------
    ValueError
        When the path has more points than that already.
    """
    if len(path_m) > count:
        raise ValueError(f"a muscle path of {len(path_m)} points does not fit into {count}")
    while len(path_m) < count:
        longest = int(np.argmax(np.linalg.norm(np.diff(path_m, axis=0), axis=1)))
        path_m = np.insert(path_m, longest + 1, (path_m[longest] + path_m[longest + 1]) / 2, axis=0)
    return path_m


def _matrix(quaternion: Array) -> Array:
    """Rotation matrix of a quaternion with w first."""
    w, x, y, z = quaternion
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


# -- names and colours ---------------------------------------------------------------------------------------


def group_of(muscle: str) -> tuple[str, Side]:
    """Group and side of a muscle of the model.

    Examples
    --------
    >>> group_of("glmax1_r")
    ('glmax', 'right')
    """
    stem, _, suffix = muscle.rpartition("_")
    return next(group for group, stems in MUSCLE_GROUPS.items() if stem in stems), SIDE_OF_SUFFIX[suffix]


def muscle_name(muscle: str) -> str:
    """Name as a reader knows it; parts of one muscle are numbered from front to back or top to bottom.

    Examples
    --------
    >>> muscle_name("glmax2_l"), muscle_name("soleus_r")
    ('left gluteus maximus, part 2 of 3', 'right soleus')
    """
    group, side = group_of(muscle)
    parts = MUSCLE_GROUPS[group]
    part = "" if len(parts) == 1 else f", part {parts.index(muscle.rpartition('_')[0]) + 1} of {len(parts)}"
    return f"{side} {GROUP_NAMES[group]}{part}"


def rgb(colour: str) -> Array:
    """Red, green and blue from 0 to 1 of a colour as HTML writes it; shape (3,)."""
    return np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])


def effort_colour(activation: Array) -> Array:
    """Colour of an effort from 0 to 1; grey where it is NaN.

    Returns
    -------
    ndarray, shape (..., 3)
        sRGB from 0 to 1.
    """
    at = [share for share, _ in EFFORT_COLOURS]
    stops = np.array([rgb(colour) for _, colour in EFFORT_COLOURS])
    share = np.clip(activation, 0, 1)
    mixed = np.stack([np.interp(share, at, stops[:, channel]) for channel in range(3)], axis=-1)
    return np.where(np.isnan(share)[..., None], rgb(NOT_TOLD_COLOUR), mixed)


def told_activation(effort: Effort) -> Array:
    """Activation with NaN for muscles whose effort cannot be told, shape (n_frames, n_muscles)."""
    untold = {(one.group, one.side) for one in effort.groups if one.confidence == "not identifiable"}
    hidden = np.array([group_of(muscle) in untold for muscle in effort.muscles])
    return np.where(hidden, np.nan, effort.activation)


def anatomy_colours(muscles: Sequence[str]) -> Array:
    """Colour of each muscle by its group, shape (n_muscles, 3)."""
    return np.array([rgb(GROUP_COLOURS.get(group_of(muscle)[0], OTHER_COLOUR)) for muscle in muscles])


# -- shapes --------------------------------------------------------------------------------------------------


def tubes(paths_m: Array, radius_m: Array, sides: int = TUBE_SIDES) -> tuple[Array, Faces]:
    """Cords round the paths of muscles.

    Parameters
    ----------
    paths_m : ndarray, shape (n_muscles, n_points, 3)
    radius_m : ndarray, shape (n_muscles,)
        In the middle.
    sides : int
        Corners of a cross-section.

    Returns
    -------
    vertices_m : ndarray, shape (n_muscles, n_rings * sides, 3)
    faces : ndarray, shape (m, 3)
        The same for every muscle.
    """
    paths_m = _rounded(paths_m)
    steps = np.linalg.norm(np.diff(paths_m, axis=1), axis=2)
    along = np.concatenate([np.zeros((len(paths_m), 1)), np.cumsum(steps, axis=1)], axis=1)
    along /= np.maximum(along[:, -1:], 1e-9)
    ring_m = radius_m[:, None] * (TENDON_THICKNESS + (1 - TENDON_THICKNESS) * np.sin(np.pi * along) ** 0.8)
    tangent = np.gradient(paths_m, axis=1)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=2, keepdims=True), 1e-9)
    across = np.empty_like(tangent)
    least = np.eye(3)[np.argmin(np.abs(tangent[:, 0]), axis=1)]
    before = np.cross(tangent[:, 0], least)
    for point in range(paths_m.shape[1]):  # carried along, so that the cord does not twist
        before = before - np.sum(before * tangent[:, point], axis=1, keepdims=True) * tangent[:, point]
        before = before / np.maximum(np.linalg.norm(before, axis=1, keepdims=True), 1e-9)
        across[:, point] = before
    third = np.cross(tangent, across)
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    circle = np.cos(angle)[:, None] * across[:, :, None] + np.sin(angle)[:, None] * third[:, :, None]
    vertices_m = paths_m[:, :, None] + ring_m[:, :, None, None] * circle
    rings = paths_m.shape[1]
    ring, side = np.meshgrid(np.arange(rings - 1), np.arange(sides), indexing="ij")
    a, b = (ring * sides + side).ravel(), (ring * sides + (side + 1) % sides).ravel()
    faces = np.concatenate([np.stack([a, b, a + sides], axis=1), np.stack([b, b + sides, a + sides], axis=1)])
    return vertices_m.reshape(len(paths_m), rings * sides, 3), faces


def _rounded(paths_m: Array) -> Array:
    """Corners cut once (Chaikin), ends kept; shape (n_muscles, 2 n_points, 3)."""
    a, b = paths_m[:, :-1], paths_m[:, 1:]
    inner = np.stack([0.75 * a + 0.25 * b, 0.25 * a + 0.75 * b], axis=2).reshape(len(paths_m), -1, 3)
    return np.concatenate([paths_m[:, :1], inner, paths_m[:, -1:]], axis=1)


def normals(vertices: Array, faces: Faces) -> Array:
    """Normals of the vertices: those of the faces around, weighted by area; shape (n, 3)."""
    corners = vertices[faces]
    of_face = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    total = np.zeros_like(vertices)
    for corner in range(3):
        np.add.at(total, faces[:, corner], of_face)
    length = np.linalg.norm(total, axis=1, keepdims=True)
    return np.asarray(np.where(length > 0, total / np.maximum(length, 1e-12), [0.0, 0.0, 1.0]))


# -- GLB -----------------------------------------------------------------------------------------------------


def write_glb(scene: Scene, path: Path, colours: Array, frame: int = 0) -> None:
    """Write bones and muscles in one frame as binary glTF 2.0, with one node a body and one a muscle.

    Parameters
    ----------
    scene : Scene
    path : Path
    colours : ndarray, shape (n_muscles, 3)
        sRGB from 0 to 1.
    frame : int
    """
    file = _Gltf()
    bone_material = file.material("bone", rgb(BONE_COLOUR))
    for number, body in enumerate(scene.bodies):
        parts = [
            file.primitive(bone.vertices_m, bone.faces, bone_material) for bone in scene.bones if bone.body == body
        ]
        w, x, y, z = scene.rotation[frame, number].tolist()
        position = scene.position_m[frame, number].tolist()
        file.node(body, parts, {"translation": position, "rotation": [x, y, z, w]})
    cords, faces = tubes(scene.paths_m[frame], scene.radius_m)
    for muscle, cord, colour in zip(scene.muscles, cords, colours, strict=True):
        material = file.material(muscle, colour)
        file.node(muscle, [file.primitive(cord, faces, material)], {"extras": {"name": muscle_name(muscle)}})
    path.write_bytes(file.binary())


class _Gltf:
    """A binary glTF in the making: one scene, one buffer."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._nodes: list[dict[str, Any]] = []
        self._meshes: list[dict[str, Any]] = []
        self._materials: list[dict[str, Any]] = []
        self._accessors: list[dict[str, Any]] = []
        self._views: list[dict[str, Any]] = []

    def material(self, name: str, colour: Array) -> int:
        """Add a dull material; glTF wants the colour linear."""
        linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
        surface = {"baseColorFactor": [*linear.round(5).tolist(), 1], "metallicFactor": 0, "roughnessFactor": 0.7}
        self._materials.append({"name": name, "doubleSided": True, "pbrMetallicRoughness": surface})
        return len(self._materials) - 1

    def primitive(self, vertices_m: Array, faces: Faces, material: int) -> dict[str, Any]:
        """Add a surface."""
        attributes = {
            "POSITION": self._accessor(vertices_m.astype("<f4"), "VEC3", 5126, 34962, ends=True),
            "NORMAL": self._accessor(normals(vertices_m, faces).astype("<f4"), "VEC3", 5126, 34962),
        }
        indices = self._accessor(faces.ravel().astype("<u2"), "SCALAR", 5123, 34963)
        return {"attributes": attributes, "indices": indices, "material": material}

    def node(self, name: str, primitives: list[dict[str, Any]], more: dict[str, Any]) -> None:
        """Add a node with its mesh."""
        self._meshes.append({"name": name, "primitives": primitives})
        self._nodes.append({"name": name, "mesh": len(self._meshes) - 1, **more})

    def binary(self) -> bytes:
        """Return the file."""
        root = {"name": "hipdrive", "rotation": TO_GLTF, "children": list(range(len(self._nodes)))}
        text = json.dumps(
            {
                "asset": {"version": "2.0", "generator": "hipdrive", "copyright": "bones: MyoLegs, Apache-2.0"},
                "scene": 0,
                "scenes": [{"nodes": [len(self._nodes)]}],
                "nodes": [*self._nodes, root],
                "meshes": self._meshes,
                "materials": self._materials,
                "accessors": self._accessors,
                "bufferViews": self._views,
                "buffers": [{"byteLength": len(self._buffer)}],
            },
            separators=(",", ":"),
        ).encode()
        text += b" " * (-len(text) % 4)
        chunks = [(b"JSON", text), (b"BIN\0", bytes(self._buffer))]
        body = b"".join(struct.pack("<I4s", len(chunk), kind) + chunk for kind, chunk in chunks)
        return struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body

    def _accessor(self, values: NDArray[Any], kind: str, component: int, target: int, *, ends: bool = False) -> int:
        data = values.tobytes()
        view = {"buffer": 0, "byteOffset": len(self._buffer), "byteLength": len(data), "target": target}
        self._views.append(view)
        self._buffer += data + b"\0" * (-len(data) % 4)
        accessor = {"bufferView": len(self._views) - 1, "componentType": component, "count": len(values), "type": kind}
        if ends:
            accessor |= {"min": values.min(axis=0).tolist(), "max": values.max(axis=0).tolist()}
        self._accessors.append(accessor)
        return len(self._accessors) - 1
