"""Pieces of the report as files of their own, for a page that shows them on the clock of the film: curves, pictures."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from hipdrive.analysis import Examined
from hipdrive.report.charts import curves_figure
from hipdrive.report.stick import HEIGHT, stick_figure
from hipdrive.report.words import Side

if TYPE_CHECKING:
    from hipdrive.report.html import Picture

CURVES: Final = "curves.json"
PICTURES: Final = "pictures.json"
PICTURE: Final = re.compile(r"picture_\d{2,3}\.jpg")
MOST_STICK_S: Final = 300.0  # half a megabyte
TIME_DECIMALS: Final = 4  # a tenth of a millisecond tells frames apart at 240 a second


@dataclass(frozen=True)
class Shot:
    """A key frame that lies beside the report.

    Attributes
    ----------
    file : str
    width_px, height_px : int
    where : str
        "Repetition 2, top".
    moment : str
        "top".
    time_s : float
    repetition : int or None
        Its index in the analysis.
    side : {"left", "right"} or None
        Leg of a stride.
    """

    file: str
    width_px: int
    height_px: int
    where: str
    moment: str
    time_s: float
    repetition: int | None = None
    side: Side | None = None


def write_curves(examined: Examined, path: Path) -> bool:
    """Write what moves with the film: the curves as a Plotly figure, and a stick figure where there is no film.

    Parameters
    ----------
    examined : Examined
    path : Path
        Of the JSON file: ``frame_s`` has the time of every frame, ``figure`` the curves, and ``stick`` the figure, each
        null where there is none.

    Returns
    -------
    bool
        False where nothing moves: a photograph, a movement that is not known.
    """
    figure, stick = curves_figure(examined, beside_film=True), stick_figure(examined, MOST_STICK_S)
    if figure is None and stick is None:
        return False
    frame_s = np.round(np.asarray(examined.motion.time.values, np.float64), TIME_DECIMALS)
    content: dict[str, Any] = {"frame_s": frame_s.tolist(), "figure": None, "stick": None}
    if figure is not None:
        content["figure"] = json.loads(figure.to_json())
    if stick is not None:
        name, width = stick.views[0]
        views = stick.data["views"][:1]
        content["stick"] = {**stick.data, "views": views, "name": name, "width": width, "height": HEIGHT}
    path.write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")
    return True


def write_pictures(pictures: Sequence[Picture], folder: Path) -> None:
    """Write key frames as JPEG, and what each shows into pictures.json; nothing where there are none."""
    shots = []
    for number, picture in enumerate(pictures, start=1):
        shot = Shot(
            f"picture_{number:02d}.jpg",
            picture.width_px,
            picture.height_px,
            picture.where,
            picture.moment,
            round(picture.time_s, TIME_DECIMALS),
            picture.repetition,
            picture.side,
        )
        (folder / shot.file).write_bytes(picture.jpeg)
        shots.append(shot)
    if shots:
        (folder / PICTURES).write_bytes(msgspec.json.encode(shots))


def read_pictures(folder: Path) -> list[Shot]:
    """Key frames of a result; none where there is no such file, or it is another one's."""
    try:
        return msgspec.json.decode((folder / PICTURES).read_bytes(), type=list[Shot])
    except (FileNotFoundError, msgspec.DecodeError):
        return []
