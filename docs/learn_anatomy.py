"""Compute what the lesson about the muscles shows, and paint its still pictures.

``python docs/learn_anatomy.py`` writes ``src/hipdrive/report/anatomy.json`` and the pictures beside it, in some
minutes: the bridge and the walk are bodies of 1.70 m and 75 kg held still, as in docs/muscles-validation.md, and the
run is the clip of examples/. ``--pictures`` only paints. Bones and muscle paths come from MyoLegs (Apache-2.0) and stay
in its package: written are poses, efforts and pictures.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import cv2
import msgspec
import numpy as np

from hipdrive.analysis import Settings, examine
from hipdrive.movements.runner import Runner
from hipdrive.muscles.exercises import what_if
from hipdrive.muscles.results import MUSCLE_GROUPS, Effort, GroupEffort
from hipdrive.muscles.source import muscles_of_examined
from hipdrive.muscles.still import Camera, picture
from hipdrive.report import anatomy
from hipdrive.report.anatomy import Figure, Told, Work

CLIP: Final = Path(__file__).parent.parent / "examples" / "run_side.mp4"
CLIP_HEIGHT_M: Final = 1.57  # of the runner; examples/README.md

HIPS_DEG: Final = (50, 42, 34, 26, 18, 10, 5, 0)  # of the rising bridge
STEPS_DEG: Final = (10, 14, 18, 22, 26)  # of the moving leg, in a walk
PHASES: Final = 24  # of a stride
UP_S: Final = 1.5
STEP_S: Final = 1.0

# What docs/muscles-validation.md says cannot be told, in a movement: not coloured.
UNTOLD: Final = {"glute_bridge": ("glmed", "hamstrings", "piriformis"), "monster_walk": ("piriformis",)}

STILL_PX: Final = (440, 520)
STILL_CAMERA: Final = Camera(azimuth_deg=150, elevation_deg=6, distance_m=1.55)
QUALITY: Final = 80
CALVES: Final = ("gastrocnemius", "soleus")


def main() -> None:
    """Compute and paint."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pictures", action="store_true", help="only paint")
    if not parser.parse_args().pictures:
        works = [_bridge(), _walk(), _run()]
        anatomy.FILE.write_bytes(msgspec.json.format(msgspec.json.encode(works), indent=1) + b"\n")
        anatomy.works.cache_clear()
    _paint()


def _bridge() -> Work:
    held = [what_if("glute_bridge", hips_deg=hips) for hips in HIPS_DEG]
    single = what_if("glute_bridge", single_leg=True)
    return Work(
        id="glute_bridge",
        frames=_frames(held),
        order=[*range(len(held)), *[len(held) - 1] * 3, *reversed(range(len(held)))],
        step_s=round(UP_S / len(held), 3),
        untold=list(UNTOLD["glute_bridge"]),
        told=[
            *_told(held[-1], "right", "at the top, on both legs"),
            *_told(single, "right", "at the top, on one leg"),
        ],
        muscles=list(held[0].muscles),
    )


def _walk() -> Work:
    held = [what_if("monster_walk", side="right", step_deg=step) for step in STEPS_DEG]
    held += [what_if("monster_walk", side="left", step_deg=step) for step in reversed(STEPS_DEG)]
    usual = what_if("monster_walk")
    return Work(
        id="monster_walk",
        frames=_frames(held),
        order=list(range(len(held))),
        step_s=round(STEP_S / len(STEPS_DEG), 3),
        untold=list(UNTOLD["monster_walk"]),
        told=[*_told(usual, "right", "in the leg that stands"), *_told(usual, "left", "in the leg that moves")],
        muscles=list(usual.muscles),
    )


def _run() -> Work:
    examined = examine(CLIP, Settings(runner=Runner(height_m=CLIP_HEIGHT_M)))
    effort = muscles_of_examined(examined)
    strides = [
        stride
        for stride in examined.analysis.strides
        if stride.side == "left" and effort.time_s[0] <= stride.contact_s and stride.next_contact_s <= effort.time_s[-1]
    ]
    phase = np.arange(PHASES) / PHASES

    def mean(values: Any) -> Any:
        of_each = [
            [
                np.interp(one.contact_s + phase * (one.next_contact_s - one.contact_s), effort.time_s, column)
                for column in values.T
            ]
            for one in strides
        ]
        return np.mean(of_each, axis=0).T

    pose = mean(effort.coordinates)
    pose[:, [0, 2]] -= pose[:, [0, 2]].mean(axis=0)  # it stays where it is
    duration_s = float(np.mean([one.next_contact_s - one.contact_s for one in strides]))
    standing = np.zeros(len(effort.time_s), bool)
    for stride in strides:
        if stride.toe_off_s is not None:
            standing |= (effort.time_s >= stride.contact_s) & (effort.time_s <= stride.toe_off_s)
    parts = effort.activation[standing].mean(axis=0)
    return Work(
        id="running",
        frames=[Figure(_rounded(a, 4), _rounded(b, 3)) for a, b in zip(pose, mean(effort.activation), strict=True)],
        order=list(range(PHASES)),
        step_s=round(duration_s / PHASES, 4),
        untold=["piriformis"],
        told=[_both(effort, group, _parts(effort, parts, group, "left")) for group in anatomy.SHOWN],
        muscles=list(effort.muscles),
    )


def _frames(held: list[Effort]) -> list[Figure]:
    return [Figure(_rounded(one.coordinates[0], 4), _rounded(one.activation[0], 3)) for one in held]


def _told(effort: Effort, side: str, where: str) -> list[Told]:
    groups = {one.group: one for one in effort.groups if one.side == side}
    return [_of(groups[name], where, _parts(effort, effort.activation[0], name, side)) for name in anatomy.SHOWN]


def _of(one: GroupEffort, where: str, parts: list[float]) -> Told:
    low, typical, high = (_whole(value) for value in (one.low_pct, one.typical_pct, one.high_pct))
    return Told(one.group, where, low, typical, high, one.confidence, parts)


def _both(effort: Effort, group: str, parts: list[float]) -> Told:
    """Both legs of a run together: the widest band, the lesser confidence."""
    words = list(anatomy.CONFIDENCES)
    sides = [one for one in effort.groups if one.group == group]
    worst = max(sides, key=lambda one: words.index(one.confidence))
    lows, highs = ([getattr(one, name) for one in sides] for name in ("low_pct", "high_pct"))
    if None in (*lows, *highs):
        return Told(group, "in the mean of a stance", None, None, None, worst.confidence, [])
    typical = float(np.mean([one.typical_pct for one in sides]))
    return Told(
        group,
        "in the mean of a stance",
        _whole(min(lows)),
        _whole(typical),
        _whole(max(highs)),
        worst.confidence,
        parts,
    )


def _parts(effort: Effort, activation: Any, group: str, side: str) -> list[float]:
    """Percent of the parts of a muscle that has some, from the upper to the lower one."""
    names = [f"{part}_{side[0]}" for part in MUSCLE_GROUPS[group]]
    if group != "glmax":
        return []
    return [round(100 * float(activation[effort.muscles.index(name)]), 0) for name in names]


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _rounded(values: Any, digits: int) -> list[float]:
    rounded: list[float] = np.round(values, digits).tolist()
    return rounded


def _paint() -> None:
    """One picture of all, and one of each muscle lit alone."""
    scene = anatomy.standing_scene()
    anatomy.STILLS.mkdir(exist_ok=True)
    for group in (None, *anatomy.SHOWN):
        lit = anatomy.only(scene, group)
        camera = replace(STILL_CAMERA, distance_m=None) if group in CALVES else STILL_CAMERA
        image = picture(lit, anatomy.own_colours(lit), 0, camera, STILL_PX)
        path = anatomy.still_path(group)
        cv2.imwrite(str(path), np.ascontiguousarray(image[:, :, ::-1]), [cv2.IMWRITE_WEBP_QUALITY, QUALITY])


if __name__ == "__main__":
    main()
