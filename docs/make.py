"""Write the documents that follow from the code: the table of cues and the JSON Schema of analysis.json.

``python docs/make.py`` writes them; ``python docs/make.py --check`` only says whether they fit the code,
and its exit code is 1 when they do not.
"""

from __future__ import annotations

import argparse
import inspect
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from hipdrive.movements import MOVEMENTS, Cue, Movement
from hipdrive.movements.cue import FAULT_SHARE
from hipdrive.results import json_schema

DOCS: Final = Path(__file__).parent

# Words for names in the code. A name that is not here stops the making, so that a new one gets its words.
VIEW_WORDS: Final = {"side": "side-on", "front": "from the feet", "oblique": "obliquely"}
PHASE_WORDS: Final = {
    "rest": "at rest before the start",
    "raise": "on the way up",
    "top": "at the top",
    "lower": "on the way down",
    "whole": "from start to end",
}

INTRODUCTION: Final = f"""\
# Cues

This page is made from the code by `python docs/make.py`; change the movement's file in
`src/hipdrive/movements`, not this page. Signs and units are explained in [conventions.md](conventions.md),
and how to film in [filming.md](filming.md).

## How a verdict is given

Every cue is measured in every repetition by itself. A measured value comes with its error: one standard
deviation, so about two thirds of all measurements lie within that much of the truth, and nearly all within
twice as much.

| verdict | meaning |
| --- | --- |
| **good** | The value is within the *good* range. |
| **check** | The value is not in the good range, but no sure fault either. Look at it yourself. |
| **fault** | The value lies beyond the *limit* by at least its error. |
| **not judged** | It could not be seen, or must not be judged from this clip. The reason stands beside it. |

Between the good range and a sure fault there is thus always a stretch of "check": hipdrive would rather ask
for a look than call a good repetition faulty. Some measurements say by themselves that they are weak, and
then "check" is the best verdict they can get. The *acceptable* range is for the reader: what a coach would
let pass. No verdict depends on it.

The columns below give the usual error. Times have a larger one when they are long, when the repetition is
low, or when the clip has few frames per second; analysis.json has the error of each single value.

Over the whole set, only complete repetitions in which the cue was judged count. The set is at **fault**
when at least {FAULT_SHARE:.0%} of them are; it is **good** when at least {FAULT_SHARE:.0%} of them are good
and none is at fault; it is **not judged** when none of them was; otherwise it is **check**.

Counting repetitions uses none of these numbers: it goes by the athlete's own range of movement in the clip,
so a low repetition is counted and then judged as low.

Few cues have a published limit. Where a source says *proposal*, the limit is a choice of this project, put
outside the range that the evidence favours.
"""


def cues_page() -> str:
    """Text of cues.md."""
    parts = [INTRODUCTION, *(_movement_section(movement) for movement in MOVEMENTS.values())]
    return "\n".join(parts)


def schema_page() -> str:
    """Text of analysis-1.schema.json."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


PAGES: Final[dict[str, Callable[[], str]]] = {"cues.md": cues_page, "analysis-1.schema.json": schema_page}


def _movement_section(movement: Movement) -> str:
    seen = _table(
        ("cue", "the coach says", "what is measured", "filmed", "when"),
        [
            (
                f"`{cue.id}`",
                f"“{cue.coach}”",
                measured_words(cue),
                " or ".join(VIEW_WORDS[view] for view in cue.views),
                PHASE_WORDS[cue.phase],
            )
            for cue in movement.cues
        ],
    )
    limits = _table(
        ("cue", "unit", "good", "acceptable", "limit", "fault", "error (1 SD)"),
        [
            (
                f"`{cue.id}`",
                cue.unit,
                range_words(*cue.band.good),
                range_words(*cue.band.acceptable),
                range_words(*cue.band.limit),
                fault_words(cue),
                f"{cue.error:g}",
            )
            for cue in movement.cues
        ],
    )
    sources = _table(
        ("cue", "where the limits come from", "where the error comes from"),
        [(f"`{cue.id}`", cue.band.source, cue.error_source) for cue in movement.cues],
    )
    sayings = _table(
        ("cue", "good", "too low", "too high", "why it matters", "what to do next"),
        [(f"`{cue.id}`", cue.well_done, cue.too_low, cue.too_high, cue.why, cue.next) for cue in movement.cues],
    )
    return "\n\n".join(
        (
            f"## {movement.name} (`{movement.id}`)",
            f"> {movement.coach}",
            f"**How to film.** {movement.how_to_film}",
            "### What is looked at",
            seen,
            "### When it is good, and when it is a fault",
            limits,
            "### Sources",
            sources,
            "### What is said",
            sayings + "\n",
        )
    )


def measured_words(cue: Cue) -> str:
    """Say what a cue measures: the first line of its measure's docstring, or else the measure's name."""
    said = inspect.getdoc(cue.measure)
    if said:
        return said.splitlines()[0]
    return cue.measure.__name__.strip("_").replace("_", " ").capitalize() + "."


def range_words(low: float, high: float) -> str:
    """Say a range in words; an infinite end is no end.

    Examples
    --------
    >>> range_words(1, 3), range_words(10, float("inf")), range_words(float("-inf"), 2)
    ('1 to 3', '10 and more', 'up to 2')
    """
    if low == -float("inf") and high == float("inf"):
        return "any"
    if high == float("inf"):
        return f"{low:g} and more"
    return f"up to {high:g}" if low == -float("inf") else f"{low:g} to {high:g}"


def fault_words(cue: Cue) -> str:
    """From which values on a cue is a fault, with its usual error."""
    low, high = cue.band.limit
    beyond = []
    if low != -float("inf"):
        beyond.append(f"{low - cue.error:.3g} and less")
    if high != float("inf"):
        beyond.append(f"{high + cue.error:.3g} and more")
    return "; ".join(beyond) or "never"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def stale(folder: Path = DOCS) -> list[str]:
    """Names of the documents in a folder that are missing or do not fit the code."""
    return [
        name
        for name, page in PAGES.items()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != page()
    ]


def write(folder: Path = DOCS) -> None:
    """Write every document."""
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


def main(arguments: Sequence[str] | None = None, folder: Path = DOCS) -> int:
    """Write or check the documents and return the exit code."""
    parser = argparse.ArgumentParser(description="Write the documents that follow from the code.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a document is stale")
    if not parser.parse_args(arguments).check:
        write(folder)
        return 0
    old = stale(folder)
    if old:
        verb = "does" if len(old) == 1 else "do"
        print(f"{' and '.join(old)} {verb} not fit the code: run 'python docs/make.py'", file=sys.stderr)
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main())
