"""Pictures of the scene, painted without a display and without a graphics driver."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from hipdrive.muscles.results import Array
from hipdrive.muscles.scene import BONE_COLOUR, Scene, rgb, tubes

STAGE_COLOUR: Final = "#262d34"  # as in the viewer
FLOOR_COLOUR: Final = "#3a444e"
FINER: Final = 2  # painted so many times larger, then made smaller: smooth edges
FIELD_OF_VIEW_DEG: Final = 30.0
FLOOR_SQUARE_M: Final = 0.25
FLOOR_SQUARES: Final = 5  # to each side
# Where the light comes from, seen from the camera: right, up, towards the camera; the same in the viewer.
LIGHT: Final = (0.35, 0.65, 0.68)
AMBIENT: Final = 0.42  # light on what is turned away, of 1


@dataclass(frozen=True)
class Camera:
    """From where one looks.

    Attributes
    ----------
    azimuth_deg : float
        0 is from where the model looks when it stands, 90 from its left, 180 from behind.
    elevation_deg : float
        Above the horizon.
    distance_m : float or None
        From the middle; None so far that the whole body is in the picture.
    """

    azimuth_deg: float = 140.0
    elevation_deg: float = 8.0
    distance_m: float | None = None


def middle_m(scene: Scene, frame: int) -> tuple[Array, float]:
    """Middle of the box round the bones, shape (3,), and half of its diagonal."""
    points_m = np.concatenate(scene.vertices_m(frame))
    low, high = points_m.min(axis=0), points_m.max(axis=0)
    return (low + high) / 2, float(np.linalg.norm(high - low)) / 2


def picture(
    scene: Scene, colours: Array, frame: int = 0, camera: Camera | None = None, size_px: tuple[int, int] = (900, 900)
) -> NDArray[np.uint8]:
    """Paint one frame, far things first.

    Parameters
    ----------
    scene : Scene
    colours : ndarray, shape (n_muscles, 3)
        sRGB from 0 to 1.
    frame : int
    camera : Camera, optional
    size_px : (int, int)
        Width and height.

    Returns
    -------
    ndarray, shape (height, width, 3)
        RGB.
    """
    camera = camera or Camera()
    width, height = size_px[0] * FINER, size_px[1] * FINER
    image = np.full((height, width, 3), 255 * rgb(STAGE_COLOUR), np.uint8)
    target, half_m = middle_m(scene, frame)
    if camera.distance_m is None:
        narrow = min(1.0, size_px[0] / size_px[1])
        camera = replace(camera, distance_m=half_m / np.sin(np.radians(FIELD_OF_VIEW_DEG) / 2) / narrow)
    _paint_floor(image, camera, target, scene.floor_m())
    cords, cord_faces = tubes(scene.paths_m[frame], scene.radius_m)
    surfaces = [
        (vertices, bone.faces, rgb(BONE_COLOUR))
        for vertices, bone in zip(scene.vertices_m(frame), scene.bones, strict=True)
    ]
    surfaces += [(cord, cord_faces, colour) for cord, colour in zip(cords, colours, strict=True)]
    corners, depths, shades = [], [], []
    for vertices, faces, colour in surfaces:
        seen = _seen(vertices, camera, target)
        triangles = seen[faces]
        normal = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
        lit = AMBIENT + (1 - AMBIENT) * np.abs(normal @ np.array(LIGHT) / np.linalg.norm(LIGHT))
        corners.append(_on_picture(triangles, width, height))
        depths.append(triangles[:, :, 2].mean(axis=1))
        shades.append(np.clip(lit[:, None] * colour, 0, 1) * 255)
    where, depth, shade = np.concatenate(corners), np.concatenate(depths), np.concatenate(shades)
    for triangle in np.argsort(depth):
        cv2.fillConvexPoly(image, where[triangle], shade[triangle].tolist(), cv2.LINE_8)
    return np.asarray(cv2.resize(image, size_px, interpolation=cv2.INTER_AREA), np.uint8)


def _paint_floor(image: NDArray[np.uint8], camera: Camera, target: Array, floor_m: float) -> None:
    reach = FLOOR_SQUARE_M * FLOOR_SQUARES
    for step in range(-FLOOR_SQUARES, FLOOR_SQUARES + 1):
        at = step * FLOOR_SQUARE_M
        for ends in ([[at, -reach], [at, reach]], [[-reach, at], [reach, at]]):
            line = np.array([[target[0] + x, floor_m, target[2] + z] for x, z in ends])
            a, b = _on_picture(_seen(line, camera, target), image.shape[1], image.shape[0]).tolist()
            cv2.line(image, a, b, (255 * rgb(FLOOR_COLOUR)).tolist(), FINER, cv2.LINE_AA)


def _seen(points_m: Array, camera: Camera, target: Array) -> Array:
    """Points as the camera has them: right, up, towards it, from its own place; shape (..., 3)."""
    azimuth, elevation = np.radians(camera.azimuth_deg), np.radians(camera.elevation_deg)
    # the model looks along x, and its left is -z
    back = np.array([np.cos(azimuth) * np.cos(elevation), np.sin(elevation), -np.sin(azimuth) * np.cos(elevation)])
    right = np.array([-np.sin(azimuth), 0.0, -np.cos(azimuth)])
    axes = np.stack([right, np.cross(back, right), back])
    return np.asarray((points_m - target) @ axes.T - np.array([0, 0, camera.distance_m or 0.0]))


def _on_picture(seen: Array, width_px: int, height_px: int) -> NDArray[np.int32]:
    """Perspective; the field of view is that of the height."""
    focal_px = height_px / 2 / np.tan(np.radians(FIELD_OF_VIEW_DEG) / 2)
    ahead = np.maximum(-seen[..., 2], 0.01)
    x = width_px / 2 + focal_px * seen[..., 0] / ahead
    y = height_px / 2 - focal_px * seen[..., 1] / ahead
    return np.asarray(np.stack([x, y], axis=-1).round(), np.int32)
