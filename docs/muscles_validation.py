"""Write docs/muscles-validation.md: what the model finds in the two exercises, beside what EMG has found.

``python docs/muscles_validation.py`` computes and writes it, in some ten seconds; ``--check`` only says whether the
page fits the code, and its exit code is 1 when it does not.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from hipdrive.muscles.exercises import what_if
from hipdrive.muscles.results import GROUP_NAMES, Effort, GroupEffort, Side

PAGE: Final = Path(__file__).parent / "muscles-validation.md"

BRIDGE: Final = ("glmax", "glmed", "hamstrings", "vasti", "rectus_femoris", "gastrocnemius")
WALK: Final = ("glmax", "glmed", "glmin", "tfl", "vasti")


@dataclass(frozen=True)
class Posture:
    """A row of a table: its name and what is asked of `what_if`."""

    name: str
    exercise: str
    settings: dict[str, Any]

    def effort(self) -> Effort:
        """How hard the muscles work."""
        return what_if(self.exercise, **self.settings)


def bridge(name: str, **settings: Any) -> Posture:
    """Row of the glute bridge."""
    return Posture(name, "glute_bridge", settings)


def walk(name: str, **settings: Any) -> Posture:
    """Row of the monster walk."""
    return Posture(name, "monster_walk", settings)


BRIDGES: Final = (
    bridge("hips low by 50 deg", hips_deg=50),
    bridge("hips low by 30 deg", hips_deg=30),
    bridge("hips low by 10 deg", hips_deg=10),
    bridge("straight line"),
    bridge("arched by 10 deg", hips_deg=-10),
    bridge("straight, heels only, toes lifted", pressing="heels"),
    bridge("straight, forefoot only", pressing="forefoot"),
    bridge("straight, thighs 15 deg apart", abduction_deg=15),
    bridge("straight, thighs 30 deg apart", abduction_deg=30),
    bridge("straight, 20 kg on the hips", load_kg=20),
    bridge("one leg", single_leg=True),
    bridge("one leg, heel only, toes lifted", single_leg=True, pressing="heels"),
    bridge("one leg, forefoot only", single_leg=True, pressing="forefoot"),
    bridge("straight, slippery floor (0.1)", friction=0.1),
    bridge("straight, sticky floor (1.0)", friction=1.0),
)
WALKS: Final = (
    walk("no band", band_n=0),
    walk("band 50 N at the knees"),
    walk("band 100 N at the knees", band_n=100),
    walk("band 150 N at the knees", band_n=150),
    walk("band 50 N at the ankles", band_at="ankle"),
    walk("band 50 N at the feet", band_at="foot"),
    walk("nearly upright (knee 8, lean 3)", knees_deg=8, lean_deg=3),
    walk("knee 25, lean 15", knees_deg=25, lean_deg=15),
    walk("knee 45, lean 28", knees_deg=45, lean_deg=28),
)


@dataclass(frozen=True)
class Finding:
    """What a study found, and what the model says to it: the group's typical value grows in the order of `postures`.

    Attributes
    ----------
    read
        Whether the study's figures were read, or are remembered.
    """

    study: str
    read: bool
    found: str
    group: str
    postures: tuple[str, ...]
    sides: tuple[Side, ...] = ("right",)
    falls: bool = False  # whether the group falls in that order instead
    emg_pct: tuple[float, ...] = ()  # what EMG says, in the same order


FINDINGS: Final = (
    Finding(
        "anatomy; the coach's cue",
        True,
        "higher hips ask for more of gluteus maximus",
        "glmax",
        ("hips low by 50 deg", "hips low by 30 deg", "hips low by 10 deg", "straight line", "arched by 10 deg"),
    ),
    Finding(
        "Kang 2016",
        True,
        "bridge with abduction: gluteus maximus 30 deg > 15 deg > 0 deg",
        "glmax",
        ("straight line", "straight, thighs 15 deg apart", "straight, thighs 30 deg apart"),
    ),
    Finding(
        "Ekstrom 2007",
        False,
        "gluteus maximus about 25 % on both legs, about 40 % on one",
        "glmax",
        ("straight line", "one leg"),
        emg_pct=(25, 40),
    ),
    Finding(
        "Ekstrom 2007",
        False,
        "gluteus medius 28 % on both legs, 47 % on one",
        "glmed",
        ("straight line", "one leg"),
        emg_pct=(28, 47),
    ),
    Finding(
        "Ekstrom 2007",
        False,
        "hamstrings 24 % on both legs, 40 % on one",
        "hamstrings",
        ("straight line", "one leg"),
        emg_pct=(24, 40),
    ),
    Finding(
        "Escamilla 2024",
        True,
        "bridge on one leg: quadriceps more with the toes lifted than with the heel lifted (abstract read in part)",
        "vasti",
        ("one leg, forefoot only", "one leg, heel only, toes lifted"),
    ),
    Finding(
        "Youdas 2013",
        True,
        "gluteus medius of the moving leg 35 ± 16 %, of the standing leg 52 ± 18 %",
        "glmed",
        ("band 50 N at the knees",),
        ("left", "right"),
        emg_pct=(35, 52),
    ),
    Finding(
        "Youdas 2013",
        True,
        "gluteus maximus of the moving leg 13 ± 9 %, of the standing leg 19 ± 13 %",
        "glmax",
        ("band 50 N at the knees",),
        ("left", "right"),
        emg_pct=(13, 19),
    ),
    Finding(
        "Berry 2015",
        True,
        "tensor fasciae latae more in the standing than in the moving leg",
        "tfl",
        ("band 50 N at the knees",),
        ("left", "right"),
    ),
    Finding(
        "Lewis 2018",
        True,
        "gluteus maximus rises with the band from knees to ankles to feet",
        "glmax",
        ("band 50 N at the knees", "band 50 N at the ankles", "band 50 N at the feet"),
    ),
    Finding(
        "Lewis 2018",
        True,
        "gluteus medius rises with the band from knees to ankles to feet",
        "glmed",
        ("band 50 N at the knees", "band 50 N at the ankles", "band 50 N at the feet"),
    ),
    Finding(
        "Cambridge 2012",
        False,
        "a band farther down is more gluteal work",
        "glmed",
        ("band 50 N at the knees", "band 50 N at the feet"),
    ),
    Finding(
        "mechanics",
        True,
        "more tension is more of gluteus medius",
        "glmed",
        ("no band", "band 50 N at the knees", "band 100 N at the knees", "band 150 N at the knees"),
    ),
    Finding(
        "Berry 2015",
        True,
        "squatting instead of upright: gluteus maximus rises",
        "glmax",
        ("nearly upright (knee 8, lean 3)", "knee 25, lean 15", "knee 45, lean 28"),
    ),
    Finding(
        "Berry 2015",
        True,
        "squatting instead of upright: gluteus medius rises",
        "glmed",
        ("nearly upright (knee 8, lean 3)", "knee 25, lean 15", "knee 45, lean 28"),
    ),
    Finding(
        "Berry 2015",
        True,
        "squatting instead of upright: tensor fasciae latae falls",
        "tfl",
        ("nearly upright (knee 8, lean 3)", "knee 25, lean 15", "knee 45, lean 28"),
        falls=True,
    ),
)

ALIKE: Final = 2.0  # sizes that differ by no more than this factor are called alike
LEAST_CHANGE_PCT: Final = 0.5  # less than this is no change

INTRODUCTION: Final = """\
# Muscles in the two exercises: model and EMG

This page is made by `python docs/muscles_validation.py`; change that, not this page. It shows where the model of
`hipdrive.muscles.exercises` agrees with published EMG, and where it does not.

The model is a body of 1.70 m and 75 kg held still. Its numbers are shares of a muscle's greatest force; EMG is in
percent of a maximal voluntary contraction, which is not the same. So **directions** are compared, and sizes only
roughly: one that is less than half or more than twice what EMG says is called so. A number stands with its band, from
the least to the most of what is found with other fibre lengths, with and without passive tissue, on floors of a
friction of 0.3 to 1, with muscles 1.3 times as strong or as weak, and when large muscles are spared. EMG of one study
is a mean over people, with a standard deviation of about half its size. "Remembered" figures were not looked up again.
"""

LIMITS: Final = """\
## What cannot be told

- **Hamstrings in the bridge.** The model needs a quarter of what EMG finds. At 90 deg of knee bend their fibres are
  very short, and a tendon that does not stretch makes them shorter still. Friction under the feet, which no camera
  sees, shifts work between hamstrings and quadriceps, as the last rows show. Lehecka 2017 (read) found 24 % with the
  knee at 135 deg and 75 % at 90 deg on one leg; the model's knee ends before, so this cannot be tested.
- **Piriformis.** Small changes of what is not seen double or halve it. It is given no number anywhere.
- **Gluteus medius in a deep squat.** In the model its arm of abduction turns into one of inward rotation as the hip
  bends, and gluteus maximus takes over. EMG says otherwise (Berry 2015).
- **Gluteus medius in a bridge on both legs.** The model has no need of it; people tense it, perhaps to steady the
  pelvis.
- **The moving leg** is held still in the model, and in life it is thrown out and braked: too low.
- **Knees beyond 105 deg.** The model's knee and its passive tissue are no longer those of a person.
- **Double stance** in the monster walk is not computed: friction of the floor can carry the band, and nothing follows
  about the muscles.
"""


def group_of(effort: Effort, group: str, side: Side) -> GroupEffort:
    """Find one group of one leg."""
    (found,) = [each for each in effort.groups if (each.group, each.side) == (group, side)]
    return found


def cell(effort: GroupEffort) -> str:
    """Return typical value and band."""
    if effort.typical_pct is None:
        return "not identifiable"
    return f"{effort.typical_pct:.0f} ({effort.low_pct:.0f}-{effort.high_pct:.0f})"


def table(postures: Sequence[Posture], efforts: dict[str, Effort], groups: Sequence[str], sides: Sequence[Side]) -> str:
    """Table of the postures; the second of two sides is the moving leg."""
    legs = {"right": "", "left": "moving leg: "}
    columns = [(group, side) for side in sides for group in (groups if side == "right" else groups[:2])]
    lines = [
        "| % of the maximum (band) | " + " | ".join(legs[side] + GROUP_NAMES[group] for group, side in columns) + " |",
        "| --- |" + " --- |" * len(columns),
    ]
    for posture in postures:
        effort = efforts[posture.name]
        held = " *" if any(warning.code == "cannot_hold" for warning in effort.warnings) else ""
        cells = [cell(group_of(effort, group, side)) for group, side in columns]
        lines.append(f"| {posture.name}{held} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def verdict(finding: Finding, values: Sequence[float]) -> str:
    """Whether the model goes the way that was found."""
    sign = -1 if finding.falls else 1
    steps = [sign * (after - before) for before, after in pairwise(values)]
    if all(step > LEAST_CHANGE_PCT for step in steps):
        return "yes"
    if all(step < -LEAST_CHANGE_PCT for step in steps):
        return "**no, the other way**"
    if sign * (values[-1] - values[0]) > LEAST_CHANGE_PCT:
        return "as a whole, not in every step"
    return "**no**"


def size(finding: Finding, values: Sequence[float]) -> str:
    """Whether the model's numbers are about as large as those of EMG."""
    if not finding.emg_pct:
        return "-"
    pairs = zip(values, finding.emg_pct, strict=True)
    wrong = [f"{value:.0f} for {emg:g}" for value, emg in pairs if not 1 / ALIKE <= value / emg <= ALIKE]
    return f"**no**: {', '.join(wrong)}" if wrong else "yes"


def findings(efforts: dict[str, Effort]) -> str:
    """Table of the studies."""
    lines = ["| study | found | model, same order | direction | size |", "| --- | --- | --- | --- | --- |"]
    for finding in FINDINGS:
        values = []
        for name in finding.postures:
            for side in finding.sides:
                typical = group_of(efforts[name], finding.group, side).typical_pct
                if typical is None:
                    raise ValueError(f"{finding.group} has no value in {name}")
                values.append(typical)
        study = finding.study + ("" if finding.read else " (remembered, not read)")
        shown = " → ".join(f"{value:.0f}" for value in values)
        lines.append(
            f"| {study} | {finding.found} | {GROUP_NAMES[finding.group]} {shown} | {verdict(finding, values)} | "
            f"{size(finding, values)} |"
        )
    return "\n".join(lines)


def page() -> str:
    """Compute the whole page."""
    efforts = {posture.name: posture.effort() for posture in (*BRIDGES, *WALKS)}
    parts = [
        INTRODUCTION,
        "## Directions\n",
        findings(efforts) + "\n",
        "## Glute bridge, knees 90 deg\n",
        table(BRIDGES, efforts, BRIDGE, ("right",)) + "\n",
        "## Monster walk, one leg standing; knee 35, lean 20 where nothing else is said\n",
        table(WALKS, efforts, WALK, ("right", "left")) + "\n",
    ]
    if any(warning.code == "cannot_hold" for effort in efforts.values() for warning in effort.warnings):
        parts.append("\\* The muscles of the model cannot hold this posture.\n")
    return "\n".join([*parts, LIMITS])


def main() -> int:
    """Write the page, or check it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, say whether the page fits the code")
    check = parser.parse_args().check
    text = page()
    if check:
        fits = PAGE.exists() and PAGE.read_text() == text
        print(f"{PAGE.name} {'fits' if fits else 'does not fit the code: run python docs/muscles_validation.py'}")
        return 0 if fits else 1
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
