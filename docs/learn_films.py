"""Make the films of the lessons: a rendered athlete doing each movement right, and each fault beside it.

    HIPDRIVE_SYNTH=FOLDER python docs/learn_films.py [--only ID ...] [--check] [--sheets FOLDER]

FOLDER is that of docs/ladder_pictures.py, whose first lines say what it holds and what else is needed. To use the
films nobody needs it. All of them take some ten minutes on one core.

Every motion is measured before it is drawn, and nothing is written when a fault does not lie past the limit of its
cue, or when what is done right does. ``--check`` only measures. ``--sheets`` also writes eight frames of every film.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from ladder_figure import Figure
from ladder_poses import Box, Picture
from ladder_studio import ATHLETES, PANEL_PX, Pixels, Shot, Studio, inset
from learn_scripts import ATHLETES_OF, FILM_HZ, FILMS, RUN_FILM_HZ, VIEWS, Film, Take, measured
from PIL import Image, ImageDraw

from hipdrive.movements import MOVEMENTS
from hipdrive.training.lessons import FILMS as FOLDER
from hipdrive.training.lessons import lessons

MOST_BYTES: Final = 80_000  # of one film
ROUND_TIMES: Final = 6  # frames of each film for which the camera makes room
ON_SHEET: Final = 8
BEYOND: Final = 0.9  # hip widths, that the line through the hips goes on to both sides
LINE: Final = (230, 60, 150)


def limits(film: Film) -> tuple[float, float]:
    """Beyond these the cue or measure of a film is at fault, or surely unusual."""
    movement = MOVEMENTS[film.movement]
    return next(item.band.limit for item in (*movement.cues, *movement.measures) if item.id == film.name)


def complaints(takes: dict[str, Take]) -> list[str]:
    """Faults that are none, and faults in what is done right."""
    found = []
    for film in FILMS:
        if film.name.startswith("right") or film.id not in takes:
            continue
        low, high = limits(film)
        value = measured(takes[film.id], film.name)
        right = measured(takes[right_of(film).id], film.name)
        print(f"{film.id}: {value:.2f}, done right {right:.2f}, limits {low:g} to {high:g}")
        shows = "too_low" if value < low else "too_high" if value > high else "no fault"
        if shows != lessons()[film.movement, film.name].shows:
            found.append(f"{film.id} is {shows.replace('_', ' ')}")
        if not low < right < high:
            found.append(f"{right_of(film).id} is not right for {film.name}")
    return found


def right_of(film: Film) -> Film:
    """Film of the same movement done right, seen by the same camera."""
    same = [other for other in FILMS if other.movement == film.movement and other.view == film.view]
    lifted = film.motion.get("lifted")
    return next(o for o in same if o.name.startswith("right") and o.motion.get("lifted") == lifted)


def as_mp4(panels: Sequence[Pixels], rate_hz: float) -> bytes:
    """Film as H.264 in MP4, which every browser plays, as fine as the size allows.

    Raises
    ------
    ValueError
        If it is too large even when it is coarse.
    """
    for crf in range(22, 40, 2):
        buffer = BytesIO()
        with av.open(buffer, "w", format="mp4") as container:
            options = {"crf": str(crf), "preset": "veryslow", "tune": "animation"}
            stream = container.add_stream("libx264", rate=Fraction(rate_hz).limit_denominator(1000), options=options)
            stream.width, stream.height = PANEL_PX
            stream.pix_fmt = "yuv420p"
            stream.codec_context.thread_count = 1  # the same bytes on every machine
            for panel in panels:
                container.mux(stream.encode(av.VideoFrame.from_ndarray(panel, format="rgb24")))
            container.mux(stream.encode())
        if buffer.tell() <= MOST_BYTES:
            return buffer.getvalue()
    raise ValueError(f"the film takes more than {MOST_BYTES} bytes")


def with_hips(panel: Pixels, shot: Shot, figure: Figure) -> Pixels:
    """Draw a line through both hips, and beyond them."""
    left, right = (figure.joints[f"thigh_{side}"] for side in "lr")
    ends = np.array([left, right]) + np.array([[1], [-1]]) * (left - right) * BEYOND
    pixels, _ = shot.studio.drawing.project(ends, shot.camera)
    large = Image.fromarray(panel).resize((PANEL_PX[0] * 4, PANEL_PX[1] * 4))
    pen, points = ImageDraw.Draw(large), [tuple(point * 4) for point in pixels]
    pen.line(points, fill="white", width=20)
    pen.line(points, fill=LINE, width=10)
    return np.asarray(large.resize(PANEL_PX, Image.Resampling.LANCZOS))


def sheet(panels: Sequence[Pixels]) -> Image.Image:
    """Some frames of a film on one sheet."""
    width, height = PANEL_PX
    image = Image.new("RGB", (width * 4, height * math.ceil(ON_SHEET / 4)), "white")
    for k in range(ON_SHEET):
        panel = panels[k * len(panels) // ON_SHEET]
        image.paste(Image.fromarray(panel), (k % 4 * width, k // 4 * height))
    return image


def take_all(studio: Studio, films: Sequence[Film]) -> dict[str, Take]:
    """Motions of films, by the id of the film."""
    import motions

    def still(n: int, *_: Any, **__: Any) -> Any:
        return np.zeros(n)

    motions.noise = still  # a film that closes cannot sway at random
    bodies = {movement: ATHLETES[name].body(studio.bodies) for movement, name in ATHLETES_OF.items()}
    return {film.id: Take(film, bodies[film.movement], motions) for film in films}


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the films; the exit code is 1 when a motion does not show what it is to show."""
    ids = [film.id for film in FILMS]
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", nargs="+", choices=ids, metavar="ID", help="only these films")
    parser.add_argument("--check", action="store_true", help="measure the motions, draw nothing")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder of the films")
    parser.add_argument("--sheets", type=Path, help="folder for sheets of frames")
    asked = parser.parse_args(arguments)
    studio = Studio()
    wanted = [film for film in FILMS if film.id in (asked.only or ids)]
    views = {(film.movement, film.view) for film in wanted}
    takes = take_all(studio, [film for film in FILMS if (film.movement, film.view) in views])
    wrong = complaints(takes)
    for text in wrong:
        print(text, file=sys.stderr)
    if wrong or asked.check:
        return int(bool(wrong))
    for movement, view in sorted(views):
        here = {i: take for i, take in takes.items() if (take.film.movement, take.film.view) == (movement, view)}
        longest = max(len(take.shown(0)) for take in here.values())
        posed = {i: take.shown(longest) for i, take in here.items()}
        some = [pose for poses in posed.values() for pose in poses[:: max(1, len(poses) // ROUND_TIMES)]]
        some = [(figure, [thing for thing in things if not isinstance(thing, Box)]) for figure, things in some]
        angle = VIEWS[view]
        picture = Picture(
            lambda *_: [], ATHLETES_OF[movement], azimuth=angle.azimuth, elevation=angle.elevation, mat=angle.mat
        )
        shot = Shot(studio, picture, some)
        studio.renderer.set_body(some[0][0].body, ATHLETES[ATHLETES_OF[movement]].look())
        for film in (film for film in wanted if film.id in here):
            panels = [shot.draw(*pose) for pose in posed[film.id]]
            if film.closer:
                shot.picture = replace(picture, closer=film.closer)
                panels = [inset(p, shot.closer(*pose)) for p, pose in zip(panels, posed[film.id], strict=True)]
            if film.hips:
                panels = [with_hips(p, shot, figure) for p, (figure, _) in zip(panels, posed[film.id], strict=True)]
            content = as_mp4(panels, RUN_FILM_HZ if movement == "running" else FILM_HZ)
            (asked.out / f"{film.id}.mp4").write_bytes(content)
            print(f"{film.id}: {len(panels)} frames, {len(content) / 1000:.0f} kB", flush=True)
            if asked.sheets:
                sheet(panels).save(asked.sheets / f"{film.id}.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
