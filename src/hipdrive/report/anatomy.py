"""The lesson about the muscles: what each does, when it works, how sure that is, and a model of them to turn.

Bones and muscle paths are those of MyoLegs (Apache-2.0); they are taken from its package when that is installed, and
are not part of hipdrive. Poses and efforts are, in `anatomy.json`, and so are still pictures for where there is no
package or the browser cannot draw in space. ``docs/learn_anatomy.py`` computes and paints them.
"""

from __future__ import annotations

import base64
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from hipdrive.errors import HipdriveError
from hipdrive.movements import MOVEMENTS
from hipdrive.muscles.results import GROUP_NAMES, MUSCLE_GROUPS, Array, Confidence
from hipdrive.muscles.scene import (
    EFFORT_COLOURS,
    GROUP_COLOURS,
    NOT_TOLD_COLOUR,
    OTHER_COLOUR,
    PATH_POINTS,
    Bone,
    Faces,
    Scene,
    group_of,
    rgb,
    scene_of,
)
from hipdrive.muscles.still import Camera
from hipdrive.report.muscles import (
    COACH,
    CONFIDENCE_COLOURS,
    CONFIDENCE_MARKS,
    DOES,
    GLUTEAL,
    STANDING_M,
    packed,
)
from hipdrive.training.ladder import ladder

FILE: Final = Path(__file__).with_name("anatomy.json")
WORDS: Final = Path(__file__).with_name("anatomy.toml")
STILLS: Final = Path(__file__).with_name("anatomy_stills")
CONFIDENCES: Final[tuple[Confidence, ...]] = ("good", "fair", "poor", "not identifiable")  # from most to least

# The gluteal muscles, and those that take over or do what the glutei are said to do.
SHOWN: Final = (*GLUTEAL, "tfl", "hamstrings", "gastrocnemius", "soleus")
NAMES: Final = {**GROUP_NAMES, "gastrocnemius": "calf (gastrocnemius)", "soleus": "calf (soleus)"}
COLOURS: Final = {**GROUP_COLOURS, "gastrocnemius": "#0072b2", "soleus": "#4477aa"}

HARDLY_PCT: Final = 2  # the engine lets no muscle do less than 1 %

BETWEEN: Final = 2  # strands drawn between two neighbouring parts of a broad muscle, so that it looks like one
BROAD: Final = ("glmax", "glmed", "glmin")
STRAND: Final = 0.85  # thickness of a strand of a broad muscle, of its part's
LEFT_OUT: Final = ("hat_jaw",)
COARSE_M: Final = 0.009  # corners of a bone that are nearer are one: a phone has the page quickly
FINE_BONE: Final = 460  # a bone with fewer corners is left as it is

STANDING: Final = "standing"
# Where one looks from: azimuth and elevation [deg] as in `Camera`; the height looked at, half of what is seen [m].
CAMERAS: Final[dict[str, tuple[float, float, float, float]]] = {
    STANDING: (150, 8, 0.92, 0.32),
    "glute_bridge": (62, 4, 0.25, 0.62),
    "monster_walk": (200, 8, 0.62, 0.68),
    "running": (135, 6, 0.62, 0.72),
}
LONG: Final = ("tfl", "hamstrings", "gastrocnemius", "soleus")  # reach below the hips: whole legs are looked at
LEGS: Final = {"middle": [0.0, 0.55, 0.0], "half": 0.62}  # m
AHEAD_M: Final = 0.15  # of the pelvis, in a bridge: the legs are more to look at than the head


class Figure(msgspec.Struct, array_like=True, frozen=True):
    """A pose of the model, and how hard its muscles work in it, from 0 to 1."""

    pose: list[float]
    activation: list[float]


class Told(msgspec.Struct, frozen=True):
    """How hard a muscle works, in percent of its maximum; `parts` from the upper to the lower one."""

    group: str
    where: str
    low: int | None
    typical: int | None
    high: int | None
    confidence: Confidence
    parts: list[float]

    @property
    def band(self) -> str:
        """Say it as a band, never as a bare number."""
        if self.confidence == "not identifiable" or self.low is None or self.high is None:
            return "cannot be told"
        if self.high <= HARDLY_PCT:
            return "next to nothing"
        return f"{self.low} to {self.high} %" if self.low != self.high else f"about {self.low} %"


class Work(msgspec.Struct, frozen=True):
    """A movement: its figures, the order and pace in which they are shown, and what is told of the muscles."""

    id: str
    frames: list[Figure]
    order: list[int]
    step_s: float
    untold: list[str]
    told: list[Told]
    muscles: list[str]


class Phase(msgspec.Struct, frozen=True):
    """What a muscle does in a movement, and what the engine cannot say of it."""

    works: str
    cannot: str = ""


class Words(msgspec.Struct, frozen=True):
    """What is said of a muscle."""

    trains: list[str]
    glute_bridge: Phase
    monster_walk: Phase
    running: Phase
    parts: str = ""


@dataclass(frozen=True)
class InMovement:
    """A muscle in a movement, as the page says it."""

    id: str
    name: str
    works: str
    told: list[Told]
    cannot: str


@dataclass(frozen=True)
class Muscle:
    """A muscle, as the page says it."""

    id: str
    name: str
    colour: str
    gluteal: bool
    coach: str
    does: str
    parts: str
    movements: list[InMovement]
    trains: list[str]


# -- words ---------------------------------------------------------------------------------------------------


@cache
def works() -> Mapping[str, Work]:
    """Movements with what was computed of them."""
    return {one.id: one for one in msgspec.json.decode(FILE.read_bytes(), type=list[Work])}


@cache
def muscles() -> tuple[Muscle, ...]:
    """Muscles in the order of the list."""
    try:
        said = msgspec.convert(tomllib.loads(WORDS.read_text(encoding="utf-8")), dict[str, Words])
        return tuple(_muscle(group, said[group]) for group in SHOWN)
    except (msgspec.ValidationError, KeyError) as error:
        raise HipdriveError(f"{WORDS.name}: {error}: install hipdrive again") from None


def _muscle(group: str, said: Words) -> Muscle:
    return Muscle(
        id=group,
        name=_capital(NAMES[group]),
        colour=COLOURS.get(group, OTHER_COLOUR),
        gluteal=group in GLUTEAL,
        coach=COACH.get(group, ""),
        does=DOES[group],
        parts=said.parts,
        movements=[_in_movement(group, name, getattr(said, name)) for name in works()],
        trains=[ladder()[exercise].name for exercise in said.trains],
    )


def _in_movement(group: str, movement: str, phase: Phase) -> InMovement:
    told = [one for one in works()[movement].told if one.group == group]
    return InMovement(movement, MOVEMENTS[movement].name, phase.works, told, phase.cannot)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def anatomy_shown() -> dict[str, Any]:
    """What the template names, but for where the model and the pictures are."""
    return {
        "muscles": muscles(),
        "movements": [(one, _capital(MOVEMENTS[one].name)) for one in works()],
        "confidence_marks": CONFIDENCE_MARKS,
        "confidence_colours": CONFIDENCE_COLOURS,
        "scale": [(round(100 * share), colour) for share, colour in EFFORT_COLOURS],
        "not_told": NOT_TOLD_COLOUR,
    }


# -- still pictures ------------------------------------------------------------------------------------------


def still_path(group: str | None) -> Path:
    """File of the picture in which a muscle is lit; of all of them when None."""
    return STILLS / f"{group or 'all'}.webp"


def still_data(group: str | None) -> str:
    """Picture as an address that holds it."""
    return f"data:image/webp;base64,{base64.b64encode(still_path(group).read_bytes()).decode()}"


def only(scene: Scene, group: str | None) -> Scene:
    """A scene with a single muscle; with all when None."""
    kept = [number for number, muscle in enumerate(scene.muscles) if group in (None, group_of(muscle)[0])]
    return replace(
        scene,
        muscles=tuple(scene.muscles[number] for number in kept),
        paths_m=scene.paths_m[:, kept],
        radius_m=scene.radius_m[kept],
    )


def own_colours(scene: Scene) -> Array:
    """Colour of each muscle by its group, shape (n_muscles, 3)."""
    return np.array([rgb(COLOURS[group_of(muscle)[0]]) for muscle in scene.muscles])


# -- the model -----------------------------------------------------------------------------------------------


def model_is_there() -> bool:
    """Whether the packages with bones and muscle paths are installed."""
    return find_spec("mujoco") is not None and find_spec("myo_sim") is not None


@cache
def model_json() -> str:
    """Everything that the viewer draws, as JSON that may stand within a page.

    Raises
    ------
    HipdriveError
        When bones and muscles are not installed.
    """
    scenes = {STANDING: standing_scene(), **{name: _scene(name) for name in works()}}
    scene = _joined(list(scenes.values()))
    told = np.concatenate([np.full((1, len(scene.muscles)), np.nan), *(_told(name, scene) for name in works())])
    described, numbers = packed(scene, told, own_colours(scene), 0, Camera(*CAMERAS[STANDING][:2]))
    for muscle in described["muscles"]:
        muscle["row"] = muscle["row"].split("-")[0]  # both sides at once
    first, shown = 0, {}
    for name, one in scenes.items():
        order, step_s = ([0], 0.0) if name == STANDING else (works()[name].order, works()[name].step_s)
        azimuth_deg, elevation_deg, height_m, half_m = CAMERAS[name]
        shown[name] = {
            "order": [first + frame for frame in order],
            "step": step_s,
            "azimuth": azimuth_deg,
            "elevation": elevation_deg,
            "at": {"middle": [AHEAD_M if name == "glute_bridge" else 0.0, height_m, 0.0], "half": half_m},
        }
        first += len(one.time_s)
    whole = {**described, "movements": shown, "long": LONG, "legs": LEGS, "numbers": numbers}
    return json.dumps(whole, separators=(",", ":"))


def standing_scene() -> Scene:
    """The model as it stands, with the muscles that are shown."""
    from hipdrive.muscles.model import COORDINATES, coordinate

    pose = np.zeros((1, len(COORDINATES)))
    pose[0, coordinate("pelvis_ty")] = STANDING_M
    return _prepared(pose)


def _scene(movement: str) -> Scene:
    return _prepared(np.array([figure.pose for figure in works()[movement].frames]))


def _prepared(pose: Array) -> Scene:
    scene = scene_of(_model(), pose, np.arange(len(pose), dtype=float))
    bones = tuple(_coarse(bone) for bone in scene.bones if bone.name not in LEFT_OUT)
    scene = replace(scene, bones=bones)
    muscles, paths_m, radius_m = [], [], []
    for group in SHOWN:
        for side in "rl":
            parts = [scene.muscles.index(f"{part}_{side}") for part in MUSCLE_GROUPS[group]]
            for number, part in enumerate(parts):
                muscles.append(scene.muscles[part])
                paths_m.append(scene.paths_m[:, part])
                radius_m.append(scene.radius_m[part] * (STRAND if group in BROAD else 1))
                if group in BROAD and number + 1 < len(parts):
                    after = parts[number + 1]
                    for share in np.arange(1, BETWEEN + 1) / (BETWEEN + 1):
                        muscles.append(scene.muscles[part if share < 0.5 else after])
                        paths_m.append(_between(scene.paths_m[:, part], scene.paths_m[:, after], float(share)))
                        radius_m.append(STRAND * ((1 - share) * scene.radius_m[part] + share * scene.radius_m[after]))
    floor_m = scene.floor_m()
    lifted = np.array([0.0, floor_m, 0.0])
    return replace(
        scene,
        muscles=tuple(muscles),
        paths_m=np.stack(paths_m, axis=1) - lifted,
        radius_m=np.array(radius_m),
        position_m=scene.position_m - lifted,
    )


@cache
def _model() -> Any:
    from hipdrive.muscles.model import load_model

    return load_model()


def _between(one_m: Array, other_m: Array, share: float) -> Array:
    """Path between two, shape (n_frames, PATH_POINTS, 3): evenly spaced points of both are mixed."""
    return (1 - share) * _even(one_m) + share * _even(other_m)


def _even(paths_m: Array) -> Array:
    """Paths with points at even distances."""
    even = np.empty_like(paths_m)
    for frame, path_m in enumerate(paths_m):
        along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path_m, axis=0), axis=1))])
        at = np.linspace(0, along[-1], PATH_POINTS)
        even[frame] = np.stack([np.interp(at, along, path_m[:, axis]) for axis in range(3)], axis=1)
    return even


def _coarse(bone: Bone) -> Bone:
    """A bone with fewer corners: those within one small cube become one, in their middle."""
    if len(bone.vertices_m) <= FINE_BONE:
        return bone
    cubes = np.floor(bone.vertices_m / COARSE_M).astype(np.int64)
    _, of, count = np.unique(cubes, axis=0, return_inverse=True, return_counts=True)
    of = of.ravel()
    middles = np.zeros((len(count), 3))
    np.add.at(middles, of, bone.vertices_m)
    faces: Faces = of[bone.faces]
    a, b, c = faces.T
    kept = faces[(a != b) & (b != c) & (a != c)]
    _, first = np.unique(np.sort(kept, axis=1), axis=0, return_index=True)
    return replace(bone, vertices_m=middles / count[:, None], faces=kept[np.sort(first)])


def _told(movement: str, scene: Scene) -> Array:
    """Activation of what is drawn, NaN where nothing can be told, shape (n_frames, n_strands)."""
    work = works()[movement]
    column = [work.muscles.index(muscle) for muscle in scene.muscles]
    hidden = np.array([group_of(muscle)[0] in work.untold for muscle in scene.muscles])
    activation = np.array([figure.activation for figure in work.frames])[:, column]
    return np.where(hidden, np.nan, activation)


def _joined(scenes: Sequence[Scene]) -> Scene:
    """All frames of several scenes of one model, one after the other."""
    return replace(
        scenes[0],
        time_s=np.arange(sum(len(scene.time_s) for scene in scenes), dtype=float),
        position_m=np.concatenate([scene.position_m for scene in scenes]),
        rotation=np.concatenate([scene.rotation for scene in scenes]),
        paths_m=np.concatenate([scene.paths_m for scene in scenes]),
    )
