"""Where the athletes of the exercise ladder are photographed: who they are, a plain room, a camera and calm light.

The drawing is done by the renderer of the project's synthetic athlete, which is not part of the repository.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product
from pathlib import Path
from typing import Any, Final

import numpy as np
from ladder_figure import LEFTWARD, SIDES, Figure, Vector, unit
from ladder_poses import MAT_M, Band, Bar, Box, Picture, Rgb, Thing
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.spatial import ConvexHull

Pixels = NDArray[np.uint8]
Camera = dict[str, Any]  # as the renderer wants it: R, t, fx, fy, cx, cy

REPOSITORY: Final = Path(__file__).resolve().parents[1]
VARIABLE: Final = "HIPDRIVE_SYNTH"

PANEL_PX: Final = (400, 300)
FINER: Final = 2.0  # drawn so many times larger, then made smaller: smooth edges
FOCAL: Final = 2.2  # focal length over the width of a panel: far away and calm
FILLED: Final = 0.90  # share of the panel that the athlete and the things may fill
CLOSER: Final = 2.2  # how much larger a round view is
INSET_PX: Final = 144  # diameter of a round view
DIFFERS: Final = 12  # of 255: here the athlete covers the room

WALL: Final = (0.900, 0.915, 0.920)
FLOOR: Final = (0.850, 0.810, 0.750)
SKIRTING: Final = (0.95, 0.95, 0.94)
MAT: Final = (0.30, 0.46, 0.50)
GLOW: Final = (255, 140, 40)

WALL_M: Final = 1.7  # behind the athlete
MAT_HALF_M: Final = (1.0, 0.38)  # half of its length and of its width
LIMB_M: Final = 0.16  # no part of a limb is farther from its bone
LIGHT: Final = {"Lc": (0.80, 0.76, 0.70), "sky": (0.60, 0.62, 0.65), "gnd": (0.38, 0.35, 0.32)}


# -- the athletes --------------------------------------------------------------------------------------------------

FAIR, TAN, BROWN, DARK = (0.86, 0.67, 0.58), (0.74, 0.54, 0.43), (0.52, 0.35, 0.26), (0.36, 0.24, 0.18)
BLACK, BRUNETTE, BLOND, GREY = (0.08, 0.07, 0.07), (0.20, 0.13, 0.09), (0.62, 0.48, 0.28), (0.50, 0.49, 0.48)
TROUSERS: Final = {"leggings": (0.33, 0.33, 0.44), "shorts": (0.18, 0.21, 0.29)}
SHOES, SOLES = (0.26, 0.33, 0.46), (0.95, 0.95, 0.95)


@dataclass(frozen=True)
class Athlete:
    """An athlete of the renderer: shape of the body, clothes and colours; shares go from 0 to 1."""

    woman: bool
    ancestry: str
    skin: Rgb
    hair: tuple[str, Rgb]
    top: tuple[str, Rgb]
    bottom: str
    muscle: float = 0.6
    weight: float = 0.45

    def body(self, bodies: Any) -> Any:
        """Body of the renderer, whose module `bodies` is."""
        return bodies.Body(
            gender=0.0 if self.woman else 1.0,
            race={self.ancestry: 1.0},
            muscle=self.muscle,
            weight=self.weight,
            hair=self.hair[0],
            top=self.top[0],
            bottom=self.bottom,
            feet="shoes02",
            loose=0.7,
        )

    def look(self) -> dict[str, Any]:
        """Colours of the renderer."""
        colours = {"skin": self.skin, "hairc": self.hair[1], "topc": self.top[1], "botc": TROUSERS[self.bottom]}
        return colours | {"shoec": SHOES, "solec": SOLES, "stripe": SHOES, "pattern": 0}


TAIL, CROP, SHORT, LONGER = "ponytail01", "cap", "short02", "short04"
RED, BLUE, YELLOW, SKY = (0.72, 0.24, 0.20), (0.25, 0.45, 0.70), (0.93, 0.72, 0.20), (0.62, 0.74, 0.80)
TEAL, PLUM, GREEN, SLATE = (0.13, 0.42, 0.45), (0.52, 0.28, 0.55), (0.20, 0.45, 0.30), (0.35, 0.42, 0.50)

ATHLETES: Final = {
    "mara": Athlete(True, "caucasian", FAIR, (TAIL, BRUNETTE), ("tank", TEAL), "leggings"),
    "amara": Athlete(True, "african", DARK, (CROP, BLACK), ("tshirt", YELLOW), "leggings"),
    "yuki": Athlete(True, "asian", TAN, (TAIL, BLACK), ("tshirt", PLUM), "shorts"),
    "ruth": Athlete(True, "caucasian", FAIR, (TAIL, GREY), ("tshirt", BLUE), "leggings", muscle=0.5, weight=0.55),
    "jonas": Athlete(False, "caucasian", FAIR, (SHORT, BLOND), ("tshirt", RED), "shorts"),
    "kofi": Athlete(False, "african", BROWN, (CROP, BLACK), ("tshirt", SKY), "shorts", muscle=0.7),
    "wei": Athlete(False, "asian", TAN, (SHORT, BLACK), ("tshirt", GREEN), "shorts"),
    "karl": Athlete(False, "caucasian", TAN, (LONGER, GREY), ("tshirt", SLATE), "shorts", muscle=0.5, weight=0.6),
}


# -- the renderer --------------------------------------------------------------------------------------------------


def renderer_folder() -> Path | None:
    """Where the renderer is, or None when it is not there."""
    folder = Path(os.environ.get(VARIABLE) or REPOSITORY.parent / "shared" / "synth")
    return folder if (folder / "body.py").is_file() else None


class Studio:
    """A calm, plain room with a camera. All panels have one size, because the renderer can draw only one.

    Raises
    ------
    SystemExit
        If the renderer is not there.
    """

    def __init__(self) -> None:
        folder = renderer_folder()
        if not folder:
            raise SystemExit(
                f"There is no renderer. Set {VARIABLE} to the folder of the synthetic athlete; the first lines of "
                "docs/ladder_pictures.py say what it holds. To use the pictures nobody needs it."
            )
        sys.path.append(str(folder))
        self.bodies = importlib.import_module("body")

    @cached_property
    def drawing(self) -> Any:
        """Module that draws; it needs OpenGL, which posing and measuring do not."""
        return importlib.import_module("render")

    @cached_property
    def rooms(self) -> Any:
        """Module of shapes."""
        return importlib.import_module("rooms")

    @cached_property
    def renderer(self) -> Any:
        """What draws."""
        return self.drawing.Renderer(*PANEL_PX, ss=FINER, shadow=2048)

    def posed(self, picture: Picture) -> list[tuple[Figure, list[Thing]]]:
        """Figure and things at the start and at the end."""
        body = ATHLETES[picture.athlete].body(self.bodies)
        poses = []
        for end in (False, True):
            figure = Figure(body)
            poses.append((figure, picture.pose(figure, end)))
        return poses

    def panels(self, picture: Picture, posed: Sequence[tuple[Figure, list[Thing]]]) -> list[Pixels]:
        """Start and end, seen by one camera that stands where both have room."""
        body = posed[0][0].body
        self.renderer.set_body(body, ATHLETES[picture.athlete].look())
        shot = Shot(self, picture, posed)
        start, end = (shot.draw(figure, things) for figure, things in posed)
        if picture.glow:
            end = shot.glowing(end, *posed[1])
        panels = [start, end]
        if picture.closer:
            panels = [inset(p, shot.closer(*pose)) for p, pose in zip(panels, posed, strict=True)]
        return panels


class Shot:
    """Where the camera stands for one picture, and what it sees."""

    def __init__(self, studio: Studio, picture: Picture, posed: Sequence[tuple[Figure, list[Thing]]]) -> None:
        self.studio, self.picture = studio, picture
        azimuth, elevation = np.deg2rad([picture.azimuth, picture.elevation])
        level = np.array([np.sin(azimuth), 0, np.cos(azimuth)])
        way = level * np.cos(elevation) + np.array([0, np.sin(elevation), 0])
        points = np.concatenate([p for figure, things in posed for p in (figure.points(), *map(_extent, things))])
        self.target = (points.min(0) + points.max(0)) / 2
        self.distance = 4.0
        self.away, self.right = -level, np.cross(-level, [0, 1, 0])
        width, height = PANEL_PX
        for _ in range(6):  # step back or come nearer until everything fills the panel
            rotation, shift = studio.drawing.look_at(self.target + way * self.distance, self.target)
            lens = {"fx": FOCAL * width, "fy": FOCAL * width, "cx": width / 2, "cy": height / 2}
            self.camera: Camera = {"R": rotation, "t": shift, **lens}
            pixels, _ = studio.drawing.project(points, self.camera)
            low, high = pixels.min(0), pixels.max(0)
            off = ((low + high) / 2 - [width / 2, height / 2]) * self.distance / (FOCAL * width)
            self.target = self.target + rotation.T @ np.array([*off, 0])
            self.distance *= float(max((high - low) / (FILLED * np.array([width, height]))))

    def draw(self, figure: Figure, things: Sequence[Thing], camera: Camera | None = None) -> Pixels:
        """One panel."""
        renderer, rooms = self.studio.renderer, self.studio.rooms
        behind, solid = rooms.Mesh(), rooms.Mesh()
        self._room(behind, solid)
        bands = [np.zeros((0, 12), np.float32)]
        for thing in things:
            if isinstance(thing, Box):
                solid.box(thing.low, thing.high, col=_linear(thing.colour))
            elif isinstance(thing, Bar):
                _bar(solid, thing)
            else:
                bands.append(_band(figure, thing))
        renderer.set_env(behind.arr(), [np.full((8, 8, 3), 255, np.uint8)], solid.arr())
        light = np.array([0, 1.25, 0]) - self.right * 0.5 - self.away * 0.8
        renderer.set_light(light, **LIGHT, soft=2.5, center=tuple(self.target), radius=1.6)
        skin = figure.body.skin(*figure.body.fk(figure.frames, figure.root))
        return np.asarray(renderer.draw(*skin, camera or self.camera, _occluders(figure), np.concatenate(bands)))

    def _room(self, behind: Any, solid: Any) -> None:
        middle = self.target * [1, 0, 1]

        def spot(x: float, y: float, z: float) -> Vector:
            return np.asarray(middle + x * self.right + np.array([0, y, 0]) + z * self.away)

        def upright(z: float, height: float, colour: Rgb) -> None:
            corners = (spot(-6, 0, z), spot(6, 0, z), spot(6, height, z), spot(-6, height, z))
            behind.quad(*corners, col=_linear(colour))

        upright(WALL_M, 4, WALL)
        upright(WALL_M - 0.02, 0.09, SKIRTING)
        floor = (spot(-6, 0, -6), spot(6, 0, -6), spot(6, 0, WALL_M), spot(-6, 0, WALL_M))
        solid.quad(*floor, col=_linear(FLOOR))
        if self.picture.mat:
            long, wide = MAT_HALF_M
            x, z = (long, wide) if abs(self.away[2]) > abs(self.away[0]) else (wide, long)
            solid.box(middle - [x, 0, z], middle + [x, MAT_M, z], col=_linear(MAT))

    def _covers(self, panel: Pixels, things: Sequence[Thing], figure: Figure) -> NDArray[np.bool_]:
        """Where the athlete is: where the panel differs from the one without."""
        nobody = Figure(figure.body)
        nobody.frames, nobody.root = figure.frames, figure.root - [0, 50, 0]
        solid = [thing for thing in things if not isinstance(thing, Band)]
        return np.asarray(np.abs(panel.astype(int) - self.draw(nobody, solid)).max(2) > DIFFERS)

    def glowing(self, panel: Pixels, figure: Figure, things: Sequence[Thing]) -> Pixels:
        """The same panel with glowing glutes: soft spots behind both hip joints."""
        joints, pelvis = figure.joints, figure.frame("pelvis")
        spots = [joints[f"thigh_{s}"] + pelvis @ np.array([-LEFTWARD[s] * 0.015, -0.045, -0.10]) for s in SIDES]
        pixels, _ = self.studio.drawing.project(np.stack(spots), self.camera)
        y, x = np.mgrid[0 : PANEL_PX[1], 0 : PANEL_PX[0]]
        radius = 0.075 * FOCAL * PANEL_PX[0] / self.distance
        off = [((x - px) ** 2 + (y - py) ** 2) / radius**2 for px, py in pixels]
        share = 0.7 * np.exp(-(np.minimum(*off) ** 2)) * self._covers(panel, things, figure)
        lit = panel * (1 - share[..., None]) + np.array(GLOW) * share[..., None]
        return np.asarray(lit, np.uint8)

    def closer(self, figure: Figure, things: Sequence[Thing]) -> Pixels:
        """A panel with what matters larger and in its middle: the same camera with a longer lens."""
        point = np.mean([figure.joints[joint] for joint in self.picture.closer], 0)
        pixels, _ = self.studio.drawing.project(point[None], self.camera)
        middle = np.array(PANEL_PX) / 2
        cx, cy = middle - (pixels[0] - middle) * CLOSER
        lens = {"fx": self.camera["fx"] * CLOSER, "fy": self.camera["fy"] * CLOSER, "cx": cx, "cy": cy}
        return self.draw(figure, things, self.camera | lens)


# -- shapes --------------------------------------------------------------------------------------------------------


def _linear(colour: Rgb) -> Rgb:
    """Colour as the light sees it."""
    red, green, blue = (float(c) ** 2.2 for c in colour)
    return red, green, blue


def _extent(thing: Thing) -> Vector:
    """Points round which the camera leaves room."""
    if isinstance(thing, Box):
        return np.array(list(product(*zip(thing.low, thing.high, strict=True))))
    return np.array([thing.start, thing.end]) if isinstance(thing, Bar) else np.zeros((0, 3))


def _bar(mesh: Any, bar: Bar) -> None:
    """Draw a bar with closed ends."""
    colour, way = _linear(bar.colour), unit(bar.end - bar.start)
    mesh.cyl(bar.start, bar.end, bar.radius, col=colour, n=28)
    u = unit(np.cross(way, [0.3, 1, 0.2]))
    ring = [bar.radius * (np.cos(a) * u + np.sin(a) * np.cross(way, u)) for a in np.linspace(0, 2 * np.pi, 29)]
    for middle, normal in ((bar.start, -way), (bar.end, way)):
        for a, b in pairwise(ring):
            mesh.t += [[*p, *normal, 0, 0, -1, *colour] for p in (middle, middle + a, middle + b)]


def _band(figure: Figure, band: Band) -> NDArray[np.float32]:
    """Triangles of a loop that is taut round both legs: the hull of what it encloses."""
    lower = {"thigh": "calf", "calf": "foot", "foot": "ball"}[band.upper]
    joints = figure.joints
    ends = {s: (joints[f"{band.upper}_{s}"], joints[f"{lower}_{s}"]) for s in SIDES}
    centre = {s: top + band.share * (bottom - top) for s, (top, bottom) in ends.items()}
    along = {s: unit(top - bottom) for s, (top, bottom) in ends.items()}
    mean, apart = unit(along["l"] + along["r"]), centre["l"] - centre["r"]
    u = unit(apart - mean * (apart @ mean))
    plane = np.stack([u, np.cross(mean, u)], 1)  # the loop is found in this plane, through the right leg's centre
    flat, owners = [], []
    for side in SIDES:
        bones = (band.upper, lower) if band.upper == "foot" else (band.upper,)
        points = figure.part([f"{bone}_{side}" for bone in bones], bare=False) - centre[side]
        height = points @ along[side]
        points = points[(np.abs(height) < band.width / 2) & (np.linalg.norm(points, axis=1) < LIMB_M)]
        flat.append((points - np.outer(points @ along[side], along[side]) + centre[side] - centre["r"]) @ plane)
        owners += [side] * len(points)
    outline = np.concatenate(flat)
    loop = []
    for k in ConvexHull(outline).vertices:
        side = owners[k]
        pushed_out = outline[k] + band.slack * unit(outline[k] - outline.mean(0))
        loop.append((centre[side] + plane @ (pushed_out - (centre[side] - centre["r"]) @ plane), along[side]))
    rows: list[list[float]] = []
    for (p, a), (q, b) in pairwise([*loop, loop[0]]):
        corners = (p - a * band.width / 2, q - b * band.width / 2, q + b * band.width / 2, p + a * band.width / 2)
        normal = unit(np.cross(q - p, a))
        rows += [[*corners[k], *normal, 0, 0, -1, *_linear(band.colour)] for k in (0, 1, 2, 0, 2, 3)]
    return np.array(rows, np.float32)


def _occluders(figure: Figure) -> NDArray[np.float32]:
    """Spheres that darken the floor beneath the body: x, y, z, radius."""
    j = figure.joints
    spheres = [
        (figure.middle("thigh"), 0.13),
        (j["spine_02"], 0.12),
        (figure.middle("upperarm"), 0.13),
        (j["head"], 0.1),
    ]
    for s in SIDES:
        spheres += [((j[f"thigh_{s}"] + j[f"calf_{s}"]) / 2, 0.08), ((j[f"calf_{s}"] + j[f"foot_{s}"]) / 2, 0.055)]
        spheres += [
            (j[f"foot_{s}"], 0.05),
            (j[f"ball_{s}"], 0.045),
            (j[f"lowerarm_{s}"], 0.045),
            (j[f"hand_{s}"], 0.04),
        ]
    return np.array([[*p, r] for p, r in spheres], np.float32)


def inset(panel: Pixels, larger: Pixels) -> Pixels:
    """Set the middle of a larger view into the upper left corner, in a round frame."""
    edge, fine = 10, INSET_PX * 4
    inside, frame = Image.new("L", (fine, fine), 0), Image.new("L", (fine, fine), 0)
    ImageDraw.Draw(inside).ellipse((0, 0, fine - 1, fine - 1), fill=255)
    ImageDraw.Draw(frame).ellipse((0, 0, fine - 1, fine - 1), outline=255, width=12)
    x, y = ((side - INSET_PX) // 2 for side in PANEL_PX)
    view = Image.fromarray(larger[y : y + INSET_PX, x : x + INSET_PX])
    image, corner = Image.fromarray(panel), (edge, edge)
    small = (INSET_PX, INSET_PX)
    image.paste(view, corner, inside.resize(small, Image.Resampling.LANCZOS))
    image.paste(Image.new("RGB", small, "white"), corner, frame.resize(small, Image.Resampling.LANCZOS))
    return np.asarray(image)
