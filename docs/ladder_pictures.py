"""Make the pictures of the exercise ladder: a rendered athlete at the start and at the end of every exercise.

    HIPDRIVE_SYNTH=FOLDER python docs/ladder_pictures.py [--only ID ...] [--check]

FOLDER holds the renderer of the project's synthetic athlete (body.py, render.py, rooms.py and assets/athlete.npz);
without the variable it is looked for in ../shared/synth, seen from the top of the repository. Nothing of it is in the
repository, and to use the pictures nobody needs it. It runs without a graphics card: ``pip install moderngl`` and, on
Debian, ``apt install libegl1 libegl-mesa0 libgl1-mesa-dri``. All pictures take about a minute.

Every pose is measured before it is drawn, and nothing is written when one asks for what no body can do: a joint beyond
its range, a foot in or above the floor, a body inside a bench. ``--check`` only measures. The poses stand in
ladder_poses.py, athletes, room and camera in ladder_studio.py.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
from ladder_figure import RANGES, Figure
from ladder_poses import POSES, Box, Thing
from ladder_studio import PANEL_PX, REPOSITORY, Pixels, Studio
from PIL import Image, ImageDraw, ImageFont

PICTURES: Final = REPOSITORY / "src" / "hipdrive" / "training" / "pictures"
SHEET: Final = REPOSITORY / "docs" / "pictures" / "ladder.webp"
MOST_BYTES: Final = 35_000  # of one picture
MOST_BYTES_SHEET: Final = 250_000
GAP_PX: Final = 4  # white, between start and end
CHIP_PX: Final = 30  # diameter of a symbol's disc
INK: Final = (40, 45, 50)

FLESH_M: Final = 0.035  # flesh that lies on something gives way by as much; a drawn body does not
SOLE_M: Final = 0.012  # soles are not quite flat


def complaints(figure: Figure, things: Sequence[Thing]) -> list[str]:
    """What a pose has that no body can do."""
    found = []
    for name, degrees in figure.angles().items():
        low, high = RANGES[name[:-2]]
        if not low <= degrees <= high:
            found.append(f"{name} {degrees:.0f} degrees")
    for side, height in figure.stands_at.items():
        off = figure.part((f"foot_{side}", f"ball_{side}"), bare=False)[:, 1].min() - height
        if abs(off) > SOLE_M:
            found.append(f"foot {side} {off * 100:.1f} cm above where it is to be")
    points, bones = figure.solid()
    depth = -points[:, 1]
    for box in (thing for thing in things if isinstance(thing, Box)):
        depth = np.maximum(depth, np.minimum(points - np.array(box.low), np.array(box.high) - points).min(1))
    shod = np.array([bone.startswith(("foot", "ball")) for bone in bones])
    too_deep = depth > np.where(shod, SOLE_M, FLESH_M)
    found += sorted({f"{bone} inside of something" for bone, deep in zip(bones, too_deep, strict=True) if deep})
    return found


def side_by_side(panels: Sequence[Pixels], slow: bool) -> Image.Image:
    """Start and end with a white gap, an arrow from one to the other and, when it is to be `slow`, a clock."""
    width, height = PANEL_PX
    image = Image.new("RGB", (width * 2, height), "white")
    for k, panel in enumerate(panels):
        image.paste(Image.fromarray(panel), (k * width, 0))
    image.paste("white", (width - GAP_PX // 2, 0, width + GAP_PX // 2, height))
    arrow, clock = Image.new("RGB", (120, 120), "white"), Image.new("RGB", (120, 120), "white")
    pen = ImageDraw.Draw(arrow)
    pen.line((30, 60, 80, 60), fill=INK, width=9)
    pen.polygon(((70, 38), (94, 60), (70, 82)), fill=INK)
    pen = ImageDraw.Draw(clock)
    pen.ellipse((24, 24, 96, 96), outline=INK, width=8)
    pen.line((60, 36, 60, 62, 76, 72), fill=INK, width=8, joint="curve")
    _chip(image, arrow, height - 8 - CHIP_PX)
    if slow:
        _chip(image, clock, height - 14 - 2 * CHIP_PX)
    return image


def _chip(image: Image.Image, symbol: Image.Image, top: int) -> None:
    """Set a symbol, made smaller, into a white disc on the gap."""
    disc = Image.new("L", symbol.size, 0)
    ImageDraw.Draw(disc).ellipse((0, 0, symbol.width - 1, symbol.height - 1), fill=255)
    small = (CHIP_PX, CHIP_PX)
    corner = ((image.width - CHIP_PX) // 2, top)
    image.paste(symbol.resize(small, Image.Resampling.LANCZOS), corner, disc.resize(small, Image.Resampling.LANCZOS))


def as_webp(image: Image.Image, most: int) -> bytes:
    """Picture as WebP, as fine as the size allows.

    Raises
    ------
    ValueError
        If it is too large even when it is coarse.
    """
    for quality in range(90, 30, -5):
        buffer = BytesIO()
        image.save(buffer, "WEBP", quality=quality, method=6)
        if buffer.tell() <= most:
            return buffer.getvalue()
    raise ValueError(f"the picture takes more than {most} bytes")


def sheet(names: Sequence[str]) -> Image.Image:
    """All pictures with their names, small, on one sheet."""
    columns, width, height, foot, edge = 5, 320, 120, 24, 4
    image = Image.new("RGB", (columns * width, -(-len(names) // columns) * (height + foot)), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(15)
    for k, name in enumerate(names):
        x, y = k % columns * width, k // columns * (height + foot)
        with Image.open(PICTURES / f"{name}.webp") as one:
            image.paste(one.resize((width - 2 * edge, height - edge), Image.Resampling.LANCZOS), (x + edge, y + edge))
        pen.text((x + edge + 2, y + height), name.replace("_", " "), fill=INK, font=font)
    return image


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the pictures and the sheet; the exit code is 1 when a pose is one that no body can do."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", nargs="+", choices=POSES, metavar="ID", help="only these exercises")
    parser.add_argument("--check", action="store_true", help="measure the poses, draw nothing")
    parser.add_argument("--out", type=Path, default=PICTURES, help="folder of the pictures")
    asked = parser.parse_args(arguments)
    studio, failed = Studio(), False
    for name in asked.only or POSES:
        picture = POSES[name]
        posed = studio.posed(picture)
        wrong = [text for pose in posed for text in complaints(*pose)]
        failed |= bool(wrong)
        if wrong:
            print(f"{name}:", "; ".join(wrong))
        elif not asked.check:
            image = as_webp(side_by_side(studio.panels(picture, posed), picture.slow), MOST_BYTES)
            (asked.out / f"{name}.webp").write_bytes(image)
            print(f"{name}: {len(image) / 1000:.0f} kB")
    if not (failed or asked.check or asked.only):
        SHEET.write_bytes(as_webp(sheet(list(POSES)), MOST_BYTES_SHEET))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
