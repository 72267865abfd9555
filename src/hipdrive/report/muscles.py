"""What the user sees of the muscles: a page with the model in space, a table, pictures, and the panel of the report."""

from __future__ import annotations

import base64
import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from hipdrive.muscles.results import GROUP_NAMES, MUSCLE_GROUPS, Array, Confidence, Effort, GroupEffort, ModelSettings
from hipdrive.muscles.scene import (
    BONE_COLOUR,
    EFFORT_COLOURS,
    NOT_TOLD_COLOUR,
    PATH_POINTS,
    TENDON_THICKNESS,
    Scene,
    anatomy_colours,
    effort_colour,
    group_of,
    rgb,
    told_activation,
    write_glb,
)
from hipdrive.muscles.still import Camera, middle_m, picture
from hipdrive.report.page import csp_hash, embeddable, page_environment
from hipdrive.report.words import SIDE_COLOURS, SIDE_LETTERS, SIDES, Side, listed

if TYPE_CHECKING:
    from rich.console import Group

TEMPLATE: Final = "muscles.html.j2"
SCRIPT: Final = "muscles.js"
SPACE: Final = "space.js"
RESULT: Final = "muscles.json"
PAGE: Final = "muscles.html"
TABLE: Final = "muscles.csv"
MODEL: Final = "muscles.glb"
PICTURE: Final = "muscles.png"
ANATOMY_PAGE: Final = "anatomy.html"
ANATOMY_MODEL: Final = "anatomy.glb"
ANATOMY_PICTURE: Final = "anatomy.png"

MOST_MOMENTS: Final = 60  # shown of a movement: smooth to the eye, and the page stays under 2 MB
SHOWN_S: Final = 1.2  # of a longer movement: one and a half strides of a run
LENGTH_UNIT_M: Final = 1e-4  # coordinates travel as whole tenths of a millimetre
EFFORT_STEPS: Final = 200  # half percents
NOT_TOLD: Final = 255
STANDING_M: Final = 0.93  # pelvis over the floor when the unscaled model stands straight, so that its feet are on it

# The glutei first, as the article has them; then the rest from the hip down.
GLUTEAL: Final = ("glmax", "glmed", "glmin", "piriformis")
ORDER: Final = (*GLUTEAL, *(group for group in MUSCLE_GROUPS if group not in GLUTEAL))

COACH_DRIVE: Final = "The gluteus maximus drives the leg backwards."
COACH_STEADY: Final = (
    "Gluteus medius, minimus and piriformis keep legs and hips steady, so that the legs move straight forwards and "
    "backwards with no sideways motion or rotation."
)
# The coach's sentence on a muscle, and what it does in the exercises (anatomy; the paths in muscles.html show it).
COACH: Final[dict[str, str]] = {
    "glmax": COACH_DRIVE,
    "glmed": COACH_STEADY,
    "glmin": COACH_STEADY,
    "piriformis": COACH_STEADY,
}
DOES: Final[dict[str, str]] = {
    "glmax": "The large one at the back of the hip. It straightens the hip and turns the thigh outwards. In the bridge "
    "it raises the hips; in the run it straightens the leg under the body, and slows it before the foot lands.",
    "glmed": "At the side of the hip. It holds the pelvis level over the standing leg and takes the leg out to the "
    "side. In the monster walk the standing side works more than the moving one; in the run it works while a foot is "
    "down.",
    "glmin": "The small one under the gluteus medius. It does the same work, and holds the thigh in its socket.",
    "piriformis": "A short muscle from the sacrum to the top of the thigh. It turns the straight thigh outwards, and "
    "takes the bent one out to the side.",
    "tfl": "At the front of the side of the hip. It pulls on the long band down to the shin, bends the hip and helps "
    "to take the leg out.",
    "iliopsoas": "Bends the hip: it swings the leg forward after the toes have left the ground.",
    "adductors": "Draw the thighs together.",
    "sartorius": "A long strap that bends hip and knee.",
    "rectus_femoris": "The part of the quadriceps that crosses the hip: it bends the hip and straightens the knee.",
    "vasti": "The rest of the quadriceps. They straighten the knee, and take up the landing in the run.",
    "hamstrings": "At the back of the thigh, across hip and knee: they straighten the hip and bend the knee.",
    "biceps_short": "The part of the biceps femoris that only bends the knee.",
    "gastrocnemius": "The two-headed calf muscle: it pushes the toes down and bends the knee.",
    "soleus": "The deep calf muscle: it pushes the toes down, and so the body up and forwards.",
    "tibialis_anterior": "At the front of the shin: it lifts the foot.",
    "tibialis_posterior": "Deep in the calf: it turns the sole inwards and holds the arch.",
    "peronei": "At the outside of the shin: they turn the sole outwards.",
    "toe_flexors": "Bend the toes.",
    "toe_extensors": "Lift the toes.",
}

CONFIDENCE_MARKS: Final[dict[Confidence, str]] = {"good": "✓", "fair": "~", "poor": "?", "not identifiable": "–"}
CONFIDENCE_COLOURS: Final[dict[Confidence, str]] = {
    "good": "#1b7f4d",
    "fair": "#3f6f93",
    "poor": "#a36100",
    "not identifiable": "#6b7280",
}
SURE_ENOUGH: Final = ("good", "fair")  # what may be named in a sentence

CLAIM: Final = "who_pushes"  # code of what was found about the coach's claim that the gluteus maximus drives the run

TABLE_COLUMNS: Final = (
    "group",
    "side",
    "low_pct",
    "typical_pct",
    "high_pct",
    "confidence",
    "work_j_per_kg",
    "support_m_per_s",
    "forward_m_per_s",
    "note",
)


@dataclass(frozen=True)
class Row:
    """A muscle group of one side, as list, table and panel show it.

    Attributes
    ----------
    id : str
        ``glmax-right``.
    name : str
    side : {"left", "right"}
    effort : GroupEffort or None
        None in the anatomy.
    band : str
        "12 to 25 %", or a dash.
    coach, does : str
        Empty where there is nothing to say.
    """

    id: str
    group: str
    name: str
    side: Side
    effort: GroupEffort | None
    band: str
    coach: str
    does: str

    @property
    def gluteal(self) -> bool:
        """Whether it is one of the four that the coach names."""
        return self.group in GLUTEAL


# -- what is written -----------------------------------------------------------------------------------------


def write_muscles(effort: Effort, folder: Path) -> None:
    """Write everything about the muscles into a folder: result, table, page, model and picture.

    Parameters
    ----------
    effort : Effort
    folder : Path
        Made if it is not there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RESULT).write_bytes(effort.to_json() + b"\n")
    write_table(effort, folder / TABLE)
    told = told_activation(effort)
    shown = moments(effort.time_s, hardest(told))
    scene = scene_of_effort(effort, shown)
    told = told[shown]
    start = hardest(told)
    colours = effort_colour(told[start])
    write_glb(scene, folder / MODEL, colours, start)
    camera = _camera(scene, start, harder_side(told[start], scene.muscles))
    still = picture(scene, colours, start, camera, (1200, 900))
    _write_png(still, folder / PICTURE)
    page = viewer(scene, rows_of(effort), effort=effort, told=told, start=start, still=still, camera=camera)
    (folder / PAGE).write_text(page, encoding="utf-8", newline="\n")


def write_anatomy(folder: Path) -> None:
    """Write the anatomy alone: the standing model with each gluteal muscle in a colour of its own."""
    from hipdrive.muscles.model import COORDINATES, coordinate, load_model
    from hipdrive.muscles.scene import scene_of

    folder.mkdir(parents=True, exist_ok=True)
    pose = np.zeros((1, len(COORDINATES)))
    pose[0, coordinate("pelvis_ty")] = STANDING_M
    scene = scene_of(load_model(), pose, np.zeros(1))
    colours = anatomy_colours(scene.muscles)
    write_glb(scene, folder / ANATOMY_MODEL, colours)
    still = picture(scene, colours, 0, Camera(), (700, 1000))
    _write_png(still, folder / ANATOMY_PICTURE)
    page = viewer(scene, anatomy_rows(), own=colours, still=still)
    (folder / ANATOMY_PAGE).write_text(page, encoding="utf-8", newline="\n")


def write_table(effort: Effort, path: Path) -> None:
    """Write one row per muscle group and side."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(TABLE_COLUMNS))
        writer.writeheader()
        writer.writerows({name: getattr(one, name) for name in TABLE_COLUMNS} for one in _ordered(effort))


def scene_of_effort(effort: Effort, shown: NDArray[np.int64]) -> Scene:
    """Scene of the frames that are shown."""
    from hipdrive.muscles.model import load_model
    from hipdrive.muscles.scene import scene_of

    return scene_of(load_model(effort.settings), effort.coordinates[shown], effort.time_s[shown])


def moments(time_s: Array, around: int) -> NDArray[np.int64]:
    """Frames that are shown: all of a few, else some `SHOWN_S` seconds around one frame, a stride of a run and more.

    Examples
    --------
    >>> moments(np.arange(3) / 10, 1)
    array([0, 1, 2])
    >>> shown = moments(np.arange(1000) / 100, 500)
    >>> len(shown), shown[0], shown[-1]
    (60, 440, 558)
    """
    if len(time_s) <= MOST_MOMENTS:
        return np.arange(len(time_s))
    frame_s = float(np.median(np.diff(time_s)))
    step = max(1, round(SHOWN_S / MOST_MOMENTS / frame_s))
    step = min(step, len(time_s) // MOST_MOMENTS)
    reach = step * MOST_MOMENTS
    first = min(max(around - reach // 2, 0), len(time_s) - reach)
    return first + step * np.arange(MOST_MOMENTS)


def hardest(activation: Array) -> int:
    """Frame in which the muscles work hardest, all together; 0 where nothing is told."""
    total = np.nansum(activation, axis=1)
    return int(np.argmax(total))


def _camera(scene: Scene, frame: int, side: Side = "left") -> Camera:
    """From the side, a little from above, and of who stands a little from behind: the glutei are at the back."""
    azimuth_deg = 125.0 if _stands(scene, frame) else 75.0
    return Camera(azimuth_deg if side == "left" else 360.0 - azimuth_deg, elevation_deg=12.0)


def harder_side(told: Array, muscles: Sequence[str]) -> Side:
    """Side whose gluteal muscles work harder in a frame; told is of shape (n_muscles,)."""
    of = [group_of(muscle) for muscle in muscles]
    sums = {
        side: np.nansum(told[[group in GLUTEAL and one == side for group, one in of]])
        for side in SIDES
    }  # fmt: skip
    return "right" if sums["right"] > sums["left"] else "left"


def _stands(scene: Scene, frame: int) -> bool:
    size = np.ptp(np.concatenate(scene.vertices_m(frame)), axis=0)
    return bool(size[1] > max(size[0], size[2]))


def _write_png(image: NDArray[np.uint8], path: Path) -> None:
    path.write_bytes(_encoded(image, ".png"))


def _encoded(image: NDArray[np.uint8], kind: str) -> bytes:
    done, data = cv2.imencode(kind, np.ascontiguousarray(image[:, :, ::-1]))
    if not done:
        raise ValueError(f"a picture of shape {image.shape} cannot be written as {kind}")
    return data.tobytes()


# -- words ---------------------------------------------------------------------------------------------------


def rows_of(effort: Effort) -> list[Row]:
    """Rows of the table, the glutei first."""
    return [_row(one.group, one.side, one) for one in _ordered(effort)]


def anatomy_rows() -> list[Row]:
    """Rows without effort, both sides."""
    return [_row(group, side, None) for group in ORDER for side in SIDES]


def _ordered(effort: Effort) -> list[GroupEffort]:
    return sorted(effort.groups, key=lambda one: (ORDER.index(one.group), SIDES.index(one.side)))


def _row(group: str, side: Side, effort: GroupEffort | None) -> Row:
    band = "" if effort is None else band_words(effort)
    return Row(
        f"{group}-{side}", group, GROUP_NAMES[group], side, effort, band, COACH.get(group, ""), DOES.get(group, "")
    )


def band_words(one: GroupEffort) -> str:
    """Say how hard a group works as a band, never as a bare number.

    Examples
    --------
    >>> band_words(GroupEffort("glmax", "left", 12.4, 16, 24.8, "good"))
    '12 to 25 %'
    >>> band_words(GroupEffort("piriformis", "left", 0, 20, 90, "not identifiable"))
    'cannot be told'
    """
    if one.confidence == "not identifiable" or one.low_pct is None or one.high_pct is None:
        return "cannot be told"
    low, high = round(one.low_pct), round(one.high_pct)
    return f"{low} to {high} %" if low != high else f"about {low} %"


def findings(effort: Effort) -> list[str]:
    """Say in sentences who works hardest, does most work, holds up and drives: these are different questions.

    Only groups whose numbers are good or fair are named; who works hardest, only among the good ones.
    """
    said = [one.text for one in effort.warnings if one.code == CLAIM]
    good = [one for one in effort.groups if one.confidence == "good" and one.typical_pct is not None]
    if good:
        first = max(good, key=lambda one: one.typical_pct or 0.0)
        others = [one for one in good if one.group != first.group]
        surely = all((one.high_pct or 0) < (first.low_pct or 0) for one in others)
        sides = [f"{band_words(one)} of its maximum {one.side}" for one in good if one.group == first.group]
        words = "Works hardest for its strength" if surely else "Seems to work hardest for its strength"
        said.append(f"{words}: {GROUP_NAMES[first.group]}, {listed(sides)}.")
    for attribute, words, unit in (
        ("work_j_per_kg", "Does most work", "J/kg"),
        ("support_m_per_s", "Holds the body up most", "m/s upwards"),
        ("forward_m_per_s", "Pushes the body forward most", "m/s forwards"),
    ):
        known = [
            one for one in effort.groups if one.confidence in SURE_ENOUGH and getattr(one, attribute) is not None
        ]  # fmt: skip
        most = max(known, key=lambda one: float(getattr(one, attribute)), default=None)
        if most is not None and getattr(most, attribute) > 0:
            sides = [f"{getattr(one, attribute):+.2f} {one.side}" for one in known if one.group == most.group]
            said.append(f"{words}: {GROUP_NAMES[most.group]} ({listed(sides)}, {unit}).")
    return said


def warning_words(effort: Effort) -> list[str]:
    """Warnings as sentences; what was found is told elsewhere."""
    texts = [one.text.rstrip(".") for one in effort.warnings if one.code != CLAIM]
    return [f"{text[:1].upper()}{text[1:]}." for text in texts]


# -- short forms: terminal and report --------------------------------------------------------------------------

IDLE_PCT: Final = 5.0  # muscles that surely stay below it are left out of the short forms


def short_rows(effort: Effort) -> list[Row]:
    """Rows of the gluteal muscles and of all others that work."""
    return [
        row
        for row in rows_of(effort)
        if row.gluteal or (row.effort is not None and (row.effort.high_pct or 0) >= IDLE_PCT)
    ]


def panel_rows(effort: Effort) -> list[Row]:
    """Rows of the report's panel: the gluteal muscles, and of the others those that work and can be trusted."""
    return [
        row
        for row in short_rows(effort)
        if row.gluteal or (row.effort is not None and row.effort.confidence in SURE_ENOUGH)
    ]


def terminal_table(effort: Effort) -> Group:
    """Return what the terminal shows: table, what was found, warnings."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    groups = effort.groups
    more = {
        name: title
        for name, title in {
            "work_j_per_kg": "work",
            "support_m_per_s": "support",
            "forward_m_per_s": "drive",
        }.items()
        if any(getattr(one, name) is not None for one in groups)
    }
    table = Table(title=Text(effort.source), title_justify="left", pad_edge=False)
    for title in ("muscle", "", "of its maximum", "confidence"):
        table.add_column(title, no_wrap=title in ("", "of its maximum"))  # words may wrap, numbers must not
    for title in more.values():
        table.add_column(title, justify="right", no_wrap=True, min_width=5)
    for row in short_rows(effort):
        one = row.effort
        assert one is not None
        told = one.confidence != "not identifiable"
        values = [getattr(one, name) if told else None for name in more]
        numbers = ["–" if value is None else f"{value:+.2f}" for value in values]
        word = f"{CONFIDENCE_MARKS[one.confidence]} {one.confidence}"
        table.add_row(row.name, SIDE_LETTERS[row.side], row.band, word, *numbers)
    left_out = f"All other muscles: under {IDLE_PCT:.0f} % of their maximum, or not to be told."
    said = [*findings(effort), *(f"! {text}" for text in warning_words(effort))]
    if more:
        left_out += " Work in J/kg a stride; support upwards and drive forwards in m/s a stance."
    return Group(table, Text(left_out, style="dim"), *(Text(text) for text in said))


# -- the page ------------------------------------------------------------------------------------------------


def viewer(
    scene: Scene,
    rows: Sequence[Row],
    *,
    effort: Effort | None = None,
    told: Array | None = None,
    own: Array | None = None,
    start: int = 0,
    still: NDArray[np.uint8] | None = None,
    camera: Camera | None = None,
) -> str:
    """Make the page: one HTML file that works from the disk and asks nothing of any other machine.

    Parameters
    ----------
    scene : Scene
        Of the moments shown.
    rows : sequence of Row
    effort : Effort, optional
        Without it the page is the anatomy.
    told : ndarray, shape (n_frames, n_muscles), optional
        Activation of the moments shown, NaN where nothing can be told.
    own : ndarray, shape (n_muscles, 3), optional
        Fixed colours of the muscles, instead of those of their effort.
    start : int
        Moment shown first.
    still : ndarray, optional
        Picture for browsers that cannot draw in space.
    camera : Camera, optional
        From where one looks first.
    """
    environment = page_environment()
    environment.filters["letter"] = SIDE_LETTERS.__getitem__
    script = space_script() + embeddable((Path(__file__).parent / SCRIPT).read_text(encoding="utf-8"))
    described, numbers = packed(scene, told, own, start, camera or _camera(scene, start))
    groups = list(effort.groups) if effort else []
    return environment.get_template(TEMPLATE).render(
        effort=effort,
        rows=rows,
        columns={
            name: any(getattr(one, name) is not None for one in groups)
            for name in ("work_j_per_kg", "support_m_per_s", "forward_m_per_s")
        },
        findings=findings(effort) if effort else [],
        coach=(COACH_DRIVE, COACH_STEADY),
        warnings=warning_words(effort) if effort else [],
        settings=_settings_words(effort.settings) if effort else [],
        scene=described,
        numbers=numbers,
        moments=len(scene.time_s),
        start=start,
        still=None if still is None else base64.b64encode(_encoded(still, ".jpg")).decode(),
        confidence_marks=CONFIDENCE_MARKS,
        confidence_colours=CONFIDENCE_COLOURS,
        scale=[(round(100 * share), colour) for share, colour in EFFORT_COLOURS],
        not_told=NOT_TOLD_COLOUR,
        group_colours=_group_colours(rows, own, scene),
        side_colours=SIDE_COLOURS,
        script=Markup(script),
        script_hash=csp_hash(script),
    )


def space_script() -> str:
    """Script that draws a model in space, for whatever page has one."""
    return embeddable((Path(__file__).parent / SPACE).read_text(encoding="utf-8"))


def _group_colours(rows: Sequence[Row], own: Array | None, scene: Scene) -> dict[str, str]:
    """Colour of each row where colours are fixed."""
    if own is None:
        return {}
    first = {group_of(muscle): colour for muscle, colour in zip(scene.muscles, own, strict=True)}
    return {row.id: f"#{bytes((255 * first[row.group, row.side]).round().astype(int).tolist()).hex()}" for row in rows}


def _settings_words(settings: ModelSettings) -> list[tuple[str, str]]:
    scaled = ", ".join(f"{name} {factor:.2f}" for name, factor in settings.segment_scale.items())
    return [
        ("height", f"{settings.height_m:.2f} m"),
        ("mass", f"{settings.mass_kg:.1f} kg"),
        ("segments", f"{scaled} times the model's" if scaled else "after the height"),
        ("muscles", f"lengths of fibres and tendons: {settings.architecture}"),
        ("stretched tissue", "pulls" if settings.passive else "left out"),
        ("bones and muscle paths", "MyoLegs (MyoSuite, Apache-2.0), repaired and scaled"),
    ]


def packed(
    scene: Scene, told: Array | None, own: Array | None, start: int, camera: Camera
) -> tuple[dict[str, Any], str]:
    """Scene as `space.js` wants it: a description, and all numbers as one block in base64."""
    shift = scene.position_m[:, [scene.bodies.index("pelvis")]] * [1, 0, 1]  # the floor goes along with the runner
    parts: dict[str, NDArray[Any]] = {
        "position": (scene.position_m - shift).astype("<f4"),
        "rotation": scene.rotation.astype("<f4"),
        "paths": _whole(scene.paths_m - shift[:, :, None]),
    }
    for number, bone in enumerate(scene.bones):
        parts[f"vertices-{number}"] = _whole(bone.vertices_m)
        parts[f"faces-{number}"] = bone.faces.astype("<u2")
    if told is not None:
        steps = np.clip(np.nan_to_num(told) * EFFORT_STEPS, 0, EFFORT_STEPS).round()
        parts["effort"] = np.where(np.isnan(told), NOT_TOLD, steps).astype("u1")
    block, placed = bytearray(), {}
    for name, values in parts.items():
        placed[name] = (values.dtype.name, len(block), values.size)
        block += values.tobytes() + b"\0" * (-values.nbytes % 4)
    hips = scene.paths_m[start] - shift[start]
    at_hips = hips[[group_of(muscle)[0] in GLUTEAL for muscle in scene.muscles]].reshape(-1, 3)
    middle, half_m = middle_m(scene, start)
    described = {
        "time": scene.time_s.round(4).tolist(),
        "bodies": scene.bodies,
        "bones": [{"name": bone.name, "body": scene.bodies.index(bone.body)} for bone in scene.bones],
        "muscles": [
            {"name": muscle, "row": "-".join(group_of(muscle)), "radius": round(float(radius), 5)}
            for muscle, radius in zip(scene.muscles, scene.radius_m, strict=True)
        ],
        "parts": placed,
        "pathPoints": PATH_POINTS,
        "pathUnit": LENGTH_UNIT_M,
        "boneUnit": LENGTH_UNIT_M,
        "tendon": TENDON_THICKNESS,
        "floor": round(scene.floor_m(), 4),
        "start": start,
        "camera": {"azimuth": camera.azimuth_deg, "elevation": camera.elevation_deg},
        "whole": {"middle": (middle - shift[start, 0]).round(3).tolist(), "half": round(half_m, 3)},
        "hips": {"middle": at_hips.mean(axis=0).round(3).tolist(), "half": 0.32},
        "colours": [(share, rgb(colour).round(4).tolist()) for share, colour in EFFORT_COLOURS],
        "notTold": rgb(NOT_TOLD_COLOUR).round(4).tolist(),
        "boneColour": rgb(BONE_COLOUR).round(4).tolist(),
        "own": None if own is None else own.round(4).tolist(),
    }
    return json.loads(json.dumps(described)), base64.b64encode(bytes(block)).decode()


def _whole(values_m: Array) -> NDArray[np.int16]:
    return np.clip((values_m / LENGTH_UNIT_M).round(), -32768, 32767).astype("<i2")
