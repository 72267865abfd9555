"""Make the pictures of the exercise ladder: a rendered athlete at the start and at the end of every exercise.

    HIPDRIVE_SYNTH=FOLDER python docs/ladder_pictures.py [--only ID ...] [--check]

FOLDER holds the renderer of the project's synthetic athlete (body.py, render.py, rooms.py and assets/athlete.npz);
without the variable it is looked for in ../shared/synth, seen from the top of the repository. Nothing of it is in the
repository, and nobody needs it to use the pictures. It runs without a graphics card: ``pip install moderngl`` and, on
Debian, ``apt install libegl1 libegl-mesa0 libgl1-mesa-dri``.

The poses stand in ladder_poses.py. ``--check`` only measures them: joints within their range, nothing in the floor.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import scipy.spatial
from ladder_figure import LEFTWARD, RANGES, SIDES, Figure, Vector, unit
from ladder_poses import POSES, Band, Bar, Box, Picture, Rgb, Thing
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Pixels = NDArray[np.uint8]

REPOSITORY: Final = Path(__file__).resolve().parents[1]
PICTURES: Final = REPOSITORY / "src" / "hipdrive" / "training" / "pictures"
SHEET: Final = REPOSITORY / "docs" / "pictures" / "ladder.webp"
VARIABLE: Final = "HIPDRIVE_SYNTH"

PANEL_PX: Final = (400, 300)
MOST_BYTES: Final = 35_000  # of one picture
FINER: Final = 2.0  # drawn so many times larger, then made smaller: smooth edges
FOCAL: Final = 2.2  # focal length over the width of a panel: far away and calm
CLOSER: Final = 2.2  # how much larger the round view is
INSET_PX: Final = 144
FILLED: Final = 0.90  # share of the panel that the athlete and the things may fill

WALL: Final = (0.855, 0.875, 0.880)
FLOOR: Final = (0.800, 0.760, 0.700)
SKIRTING: Final = (0.93, 0.93, 0.92)
MAT: Final = (0.30, 0.46, 0.50)
MAT_CORNERS: Final = {False: ((-1.0, 0, -0.36), (1.0, 0.01, 0.36)), True: ((-0.36, 0, -1.0), (0.36, 0.01, 1.0))}
GLOW: Final = (255, 140, 40)

LIGHT: Final = {"Lc": (0.80, 0.76, 0.70), "sky": (0.60, 0.62, 0.65), "gnd": (0.38, 0.35, 0.32)}

FAIR, TAN, BROWN, DARK = (0.86, 0.67, 0.58), (0.74, 0.54, 0.43), (0.52, 0.35, 0.26), (0.36, 0.24, 0.18)
BLACK, BRUNETTE, BLOND, GREY, GINGER = (
    (0.08, 0.07, 0.07),
    (0.20, 0.13, 0.09),
    (0.62, 0.48, 0.28),
    (0.50, 0.49, 0.48),
    (0.42, 0.20, 0.12),
)


@dataclass(frozen=True)
class Athlete:
    """An athlete of the renderer: parameters of the body and colours."""

    woman: bool
    ancestry: str
    skin: Rgb
    hair: Rgb
    hair_cut: str
    top: str
    top_colour: Rgb
    bottom: str
    bottom_colour: Rgb
    muscle: float = 0.6
    weight: float = 0.45
    height: float = 0.5

    def body(self, engine: Engine) -> Any:
        """Body of the renderer."""
        return engine.body.Body(
            gender=0.0 if self.woman else 1.0,
            race={self.ancestry: 1.0},
            muscle=self.muscle,
            weight=self.weight,
            height=self.height,
            top=self.top,
            bottom=self.bottom,
            hair=self.hair_cut,
            feet="shoes02",
            loose=0.7,
        )

    def look(self) -> dict[str, Any]:
        """Colours of the renderer."""
        return {
            "skin": self.skin,
            "hairc": self.hair,
            "topc": self.top_colour,
            "botc": self.bottom_colour,
            "shoec": (0.26, 0.33, 0.46),
            "solec": (0.95, 0.95, 0.95),
            "stripe": (0.26, 0.33, 0.46),
            "pattern": 0,
        }


ATHLETES: Final = {
    "mara": Athlete(
        True, "caucasian", FAIR, BRUNETTE, "ponytail01", "tank", (0.13, 0.42, 0.45), "leggings", (0.30, 0.32, 0.42)
    ),
    "jonas": Athlete(
        False, "caucasian", FAIR, BLOND, "short02", "tshirt", (0.72, 0.24, 0.20), "shorts", (0.15, 0.17, 0.24)
    ),
    "amara": Athlete(True, "african", DARK, BLACK, "cap", "tshirt", (0.93, 0.72, 0.20), "leggings", (0.34, 0.30, 0.45)),
    "kofi": Athlete(
        False, "african", BROWN, BLACK, "cap", "tshirt", (0.62, 0.74, 0.80), "shorts", (0.16, 0.28, 0.42), muscle=0.7
    ),
    "yuki": Athlete(
        True, "asian", TAN, BLACK, "ponytail01", "tshirt", (0.52, 0.28, 0.55), "shorts", (0.22, 0.23, 0.30), height=0.45
    ),
    "wei": Athlete(False, "asian", TAN, BLACK, "short02", "tshirt", (0.20, 0.45, 0.30), "shorts", (0.30, 0.31, 0.34)),
    "ruth": Athlete(
        True,
        "caucasian",
        FAIR,
        GREY,
        "short04",
        "tshirt",
        (0.25, 0.45, 0.70),
        "leggings",
        (0.32, 0.34, 0.40),
        muscle=0.5,
        weight=0.55,
    ),
    "karl": Athlete(
        False,
        "caucasian",
        TAN,
        GREY,
        "short04",
        "tshirt",
        (0.35, 0.42, 0.50),
        "shorts",
        (0.14, 0.15, 0.18),
        muscle=0.5,
        weight=0.6,
    ),
}


@dataclass(frozen=True)
class Engine:
    """Modules of the renderer."""

    body: Any
    render: Any
    rooms: Any


def engine() -> Engine:
    """Import the renderer.

    Raises
    ------
    SystemExit
        If it is not there.
    """
    folder = Path(os.environ.get(VARIABLE) or REPOSITORY.parent / "shared" / "synth")
    if not (folder / "body.py").is_file():
        raise SystemExit(
            f"There is no renderer in {folder}. Set {VARIABLE} to the folder of the synthetic athlete; "
            f"the first lines of docs/ladder_pictures.py say what it holds. The pictures themselves are in {PICTURES}."
        )
    sys.path.append(str(folder))
    return Engine(*(importlib.import_module(name) for name in ("body", "render", "rooms")))


# -- what is measured ----------------------------------------------------------------------------------------------

FLESH_M: Final = 0.035  # skin that lies on something gives way; drawn bodies do not
SOLE_M: Final = 0.012


def complaints(figure: Figure, things: Sequence[Thing]) -> list[str]:
    """What a pose has that no body can do: joints beyond their range, flesh or feet in the floor or in a box."""
    found = []
    for name, value in figure.angles().items():
        low, high = RANGES[name[:-2]]
        if not low <= value <= high:
            found.append(f"{name} {value:.0f}")
    points, bones = figure.solid()
    feet = np.array([bone.startswith(("foot", "ball")) for bone in bones])
    depth = -points[:, 1]
    for box in (thing for thing in things if isinstance(thing, Box)):
        inside = np.minimum(points - np.array(box.low), np.array(box.high) - points).min(1)
        depth = np.maximum(depth, inside)
    for of, most in ((feet, SOLE_M), (~feet, FLESH_M)):
        worst = int(np.argmax(np.where(of, depth, -1)))
        if depth[worst] > most:
            found.append(f"{bones[worst]} {depth[worst] * 100:.1f} cm inside")
    return found


# -- what is drawn -------------------------------------------------------------------------------------------------


LIMB_M: Final = 0.16  # no part of a limb is farther from its bone


def _lin(colour: Rgb) -> Rgb:
    r, g, b = (float(c) ** 2.2 for c in colour)
    return r, g, b


def _band(figure: Figure, band: Band) -> Vector:
    """Triangles of a loop round both legs that lies close to the skin."""
    lower = {"thigh": "calf", "calf": "foot", "foot": "ball"}[band.upper]
    joints = figure.joints
    centre = {s: joints[f"{band.upper}_{s}"] * (1 - band.share) + joints[f"{lower}_{s}"] * band.share for s in SIDES}
    along = {s: unit(joints[f"{band.upper}_{s}"] - joints[f"{lower}_{s}"]) for s in SIDES}
    mean = unit(along["l"] + along["r"])
    u = centre["l"] - centre["r"]
    u = unit(u - mean * (u @ mean))
    v = np.cross(mean, u)
    corners, owners = [], []
    for side in SIDES:
        bones = [f"{bone}_{side}" for bone in ((band.upper, lower) if band.upper == "foot" else (band.upper,))]
        points = figure.part(bones, bare=False) - centre[side]
        points = points[(np.abs(points @ along[side]) < 0.016) & (np.linalg.norm(points, axis=1) < LIMB_M)]
        points = points - np.outer(points @ along[side], along[side])
        corners.append(points @ np.stack([u, v], 1) + (centre[side] - centre["r"]) @ np.stack([u, v], 1))
        owners += [side] * len(points)
    flat = np.concatenate(corners)
    hull = scipy.spatial.ConvexHull(flat).vertices
    loop = []
    for k in hull:
        side = owners[k]
        offset = flat[k] - (centre[side] - centre["r"]) @ np.stack([u, v], 1)
        outward = unit(flat[k] - flat.mean(0))
        point = centre[side] + (offset[0] + 0.004 * outward[0]) * u + (offset[1] + 0.004 * outward[1]) * v
        loop.append((point, along[side]))
    rows = []
    colour = _lin(band.colour)
    for (p, a), (q, b) in zip(loop, loop[1:] + loop[:1], strict=True):
        h = band.width / 2
        quad = (p - a * h, q - b * h, q + b * h, p + a * h)
        normal = unit(np.cross(q - p, a))
        rows += [[*quad[k], *normal, 0, 0, -1, *colour] for k in (0, 1, 2, 0, 2, 3)]
    return np.array(rows, np.float32)


class Studio:
    """A calm, plain room with a camera."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.renderer = engine.render.Renderer(*PANEL_PX, ss=FINER, shadow=2048)

    def picture(self, picture: Picture) -> tuple[list[Pixels], list[str]]:
        """Both panels of a picture, and what is wrong with the poses."""
        athlete = ATHLETES[picture.athlete]
        body = athlete.body(self.engine)
        self.renderer.set_body(body, athlete.look())
        posed, wrong = [], []
        for end in (False, True):
            figure = Figure(body)
            things = picture.pose(figure, end)
            posed.append((figure, things))
            wrong += [f"{'end' if end else 'start'}: {text}" for text in complaints(figure, things)]
        camera = self._camera(picture, posed)
        panels = []
        for end, (figure, things) in zip((False, True), posed, strict=True):
            panel = self._panel(picture, figure, things, camera)
            if picture.glow and end:
                panel = self._lit(panel, self._panel(picture, _gone(figure), things, camera), figure, camera)
            if picture.closer:
                near = self._closer(np.mean([figure.joints[j] for j in picture.closer], 0), camera)
                panel = _inset(panel, self._panel(picture, figure, things, near))
            panels.append(panel)
        return panels, wrong

    def _closer(self, point: Vector, camera: dict[str, Any]) -> dict[str, Any]:
        """A camera with a longer lens that looks at a point, for the middle of the panel."""
        pixels, _ = self.engine.render.project(point[None], camera)
        away = (pixels[0] - [camera["cx"], camera["cy"]]) * CLOSER
        x, y = PANEL_PX[0] / 2 - away[0], PANEL_PX[1] / 2 - away[1]
        return camera | {"fx": camera["fx"] * CLOSER, "fy": camera["fy"] * CLOSER, "cx": x, "cy": y}

    def _lit(self, panel: Pixels, empty: Pixels, figure: Figure, camera: dict[str, Any]) -> Pixels:
        """Let the glutes glow: soft spots behind both hip joints."""
        joints, pelvis = figure.joints, figure.frame("pelvis")
        spots = np.stack(
            [joints[f"thigh_{s}"] + pelvis @ np.array([-LEFTWARD[s] * 0.015, -0.045, -0.10]) for s in SIDES]
        )
        pixels, _ = self.engine.render.project(spots, camera)
        y, x = np.mgrid[0 : PANEL_PX[1], 0 : PANEL_PX[0]]
        radius = 0.075 * FOCAL * PANEL_PX[0] / self.distance
        heat = np.zeros(panel.shape[:2])
        for px, py in pixels:
            heat = np.maximum(heat, np.exp(-((((x - px) / radius) ** 2 + ((y - py) / radius) ** 2) ** 2)))
        body = np.abs(panel.astype(int) - empty).max(2) > 12  # where the athlete is
        share = (0.7 * heat * body)[..., None]
        return np.asarray(panel * (1 - share) + np.array(GLOW) * share).astype(np.uint8)

    def _camera(self, picture: Picture, posed: Sequence[tuple[Figure, list[Thing]]]) -> dict[str, Any]:
        a, e = np.deg2rad([picture.azimuth, picture.elevation])
        way = np.array([np.sin(a) * np.cos(e), np.sin(e), np.cos(a) * np.cos(e)])
        seen = [figure.points() for figure, _ in posed]
        for _, things in posed:
            seen += [np.array([thing.low, thing.high]) for thing in things if isinstance(thing, Box)]
            seen += [np.array([thing.start, thing.end]) for thing in things if isinstance(thing, Bar)]
        points = np.concatenate(seen)
        target = (points.min(0) + points.max(0)) / 2
        width, height = PANEL_PX
        distance = 4.0
        for _ in range(6):  # the room for both poses decides how far away the camera is
            rotation, shift = self.engine.render.look_at(target + way * distance, target)
            camera = {
                "R": rotation,
                "t": shift,
                "fx": FOCAL * width,
                "fy": FOCAL * width,
                "cx": width / 2,
                "cy": height / 2,
            }
            pixels, _ = self.engine.render.project(points, camera)
            low, high = pixels.min(0), pixels.max(0)
            off = ((low + high) / 2 - np.array([width, height]) / 2) * distance / (FOCAL * width)
            target = target + rotation.T @ np.array([off[0], off[1], 0])
            distance *= float(max((high - low) / (FILLED * np.array([width, height]))))
        self.way, self.target, self.distance = way, target, distance
        return camera

    def _panel(self, picture: Picture, figure: Figure, things: Sequence[Thing], camera: dict[str, Any]) -> Pixels:
        rooms = self.engine.rooms
        back, solid = rooms.Mesh(), rooms.Mesh()
        away = -np.array([self.way[0], 0, self.way[2]])
        away = away / np.linalg.norm(away)
        right = np.cross(away, [0, 1, 0])
        middle = np.array([self.target[0], 0, self.target[2]])

        def spot(x: float, y: float, z: float) -> Vector:
            return np.asarray(middle + x * right + np.array([0, y, 0]) + z * away)

        wall = 1.7
        solid.quad(spot(-6, 0, -6), spot(6, 0, -6), spot(6, 0, wall), spot(-6, 0, wall), col=_lin(FLOOR))
        back.quad(spot(-6, 0, wall), spot(6, 0, wall), spot(6, 4, wall), spot(-6, 4, wall), col=_lin(WALL))
        back.quad(
            spot(-6, 0, wall - 0.02),
            spot(6, 0, wall - 0.02),
            spot(6, 0.09, wall - 0.02),
            spot(-6, 0.09, wall - 0.02),
            col=_lin(SKIRTING),
        )
        if picture.mat:
            solid.box(*MAT_CORNERS[picture.azimuth < -45], col=_lin(MAT))
        extra = []
        for thing in things:
            if isinstance(thing, Box):
                solid.box(thing.low, thing.high, col=_lin(thing.colour))
            elif isinstance(thing, Bar):
                _bar(solid, thing)
            else:
                extra.append(_band(figure, thing))
        blank = np.full((8, 8, 3), 255, np.uint8)
        self.renderer.set_env(back.arr(), [blank], solid.arr())
        from_left = -right * 0.5 - away * 0.8 + np.array([0, 1.25, 0])
        self.renderer.set_light(from_left, **LIGHT, soft=2.5, center=tuple(self.target), radius=1.6)
        placed = self.engine.body.Body.skin(figure.body, *figure.body.fk(figure.frames, figure.root))
        loops = np.concatenate(extra) if extra else None
        return np.asarray(self.renderer.draw(*placed, camera, _occluders(figure), loops))


def _gone(figure: Figure) -> Figure:
    """The same figure, far below the floor."""
    away = Figure(figure.body)
    away.frames, away.root = figure.frames, figure.root - [0, 50, 0]
    return away


def _inset(panel: Pixels, larger: Pixels) -> Pixels:
    """Set the middle of a larger view into the lower left corner, in a round frame."""
    size, edge = INSET_PX, 10
    mask = Image.new("L", (size * 4, size * 4), 0)
    ImageDraw.Draw(mask).ellipse((0, 0, size * 4 - 1, size * 4 - 1), fill=255)
    ring = Image.new("L", (size * 4, size * 4), 0)
    ImageDraw.Draw(ring).ellipse((0, 0, size * 4 - 1, size * 4 - 1), outline=255, width=12)
    x, y = (PANEL_PX[0] - size) // 2, (PANEL_PX[1] - size) // 2
    round_view = Image.fromarray(larger[y : y + size, x : x + size])
    image, corner = Image.fromarray(panel), (edge, PANEL_PX[1] - size - edge)
    image.paste(round_view, corner, mask.resize((size, size), Image.Resampling.LANCZOS))
    image.paste(
        "white", (*corner, corner[0] + size, corner[1] + size), ring.resize((size, size), Image.Resampling.LANCZOS)
    )
    return np.asarray(image)


def _bar(mesh: Any, bar: Bar) -> None:
    """Draw a bar with closed ends."""
    mesh.cyl(bar.start, bar.end, bar.radius, col=_lin(bar.colour), n=28)
    way = unit(bar.end - bar.start)
    u = unit(np.cross(way, [0.3, 1, 0.2]))
    v = np.cross(way, u)
    ring = [bar.radius * (np.cos(a) * u + np.sin(a) * v) for a in np.linspace(0, 2 * np.pi, 29)]
    for middle, normal in ((bar.start, -way), (bar.end, way)):
        for a, b in pairwise(ring):
            for p in (middle, middle + a, middle + b):
                mesh.t.append([*p, *normal, 0, 0, -1, *_lin(bar.colour)])


def _occluders(figure: Figure) -> NDArray[np.float32]:
    """Spheres that darken the floor beneath the body: x, y, z, radius."""
    j = figure.joints
    spheres = [
        (figure.middle("thigh"), 0.13),
        (j["spine_02"], 0.12),
        (figure.middle("upperarm"), 0.13),
        (j["head"], 0.10),
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


def together(panels: Sequence[Pixels]) -> Image.Image:
    """Panels side by side, with a thin white gap."""
    width, height = PANEL_PX
    image = Image.new("RGB", (width * len(panels), height), "white")
    for k, panel in enumerate(panels):
        image.paste(Image.fromarray(panel), (k * width, 0))
    pen = ImageDraw.Draw(image)
    for k in range(1, len(panels)):
        pen.rectangle((k * width - 2, 0, k * width + 1, height), fill="white")
    return image


def as_webp(image: Image.Image, most: int) -> bytes:
    """Picture as WebP, as fine as the size allows."""
    for quality in range(90, 30, -5):
        buffer = BytesIO()
        image.save(buffer, "WEBP", quality=quality, method=6)
        if buffer.tell() <= most:
            return buffer.getvalue()
    raise ValueError("the picture stays too large")


def sheet(names: Sequence[str]) -> Image.Image:
    """All pictures with their names, small, on one sheet."""
    columns, width, height, foot = 4, 400, 150, 22
    rows = -(-len(names) // columns)
    image = Image.new("RGB", (columns * width, rows * (height + foot)), "white")
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(15)
    for k, name in enumerate(names):
        x, y = k % columns * width, k // columns * (height + foot)
        with Image.open(PICTURES / f"{name}.webp") as one:
            image.paste(one.resize((width - 8, height - 3)), (x + 4, y))
        pen.text((x + 6, y + height - 1), name.replace("_", " "), fill=(40, 45, 50), font=font)
    return image


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the pictures and the sheet."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", nargs="*", metavar="ID", help="only these exercises")
    parser.add_argument("--check", action="store_true", help="measure the poses, draw nothing")
    parser.add_argument("--out", type=Path, default=PICTURES, help="folder of the pictures")
    asked = parser.parse_args(arguments)
    studio = Studio(engine())
    failed = False
    for name in asked.only or POSES:
        panels, wrong = studio.picture(POSES[name])
        failed |= bool(wrong)
        image = as_webp(together(panels), MOST_BYTES)
        (asked.out / f"{name}.webp").write_bytes(image)
        print(f"{name}: {len(image) / 1000:.0f} kB", *wrong, sep="; ")
    if not asked.only:
        SHEET.write_bytes(as_webp(sheet(list(POSES)), 250_000))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
