"""Write the documents that follow from the code: cues, ladder, pain, self tests, the JSON Schema of analysis.json.

``python docs/make.py`` writes them; ``python docs/make.py --check`` only says whether they fit the code,
and its exit code is 1 when they do not.
"""

from __future__ import annotations

import argparse
import inspect
import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from hipdrive.movements import MOVEMENTS, Cue, Measure, Movement
from hipdrive.movements.cue import FAULT_SHARE
from hipdrive.movements.measure import USUAL_SD
from hipdrive.movements.runner import Runner, expected
from hipdrive.numbers import listed
from hipdrive.report.ladder import begin_words
from hipdrive.report.measures import unusual_words
from hipdrive.results import json_schema
from hipdrive.training.doses import dose_amount
from hipdrive.training.ladder import (
    HARD_FROM_LEVEL,
    LINE_NAMES,
    LINES,
    TOP_LEVEL,
    Exercise,
    Line,
    ladder,
    needs,
    of_line,
)
from hipdrive.training.pain import (
    ACCEPTABLE,
    LIGHT_WORDS,
    NOT_ADVICE,
    PAIN_COMES_BACK,
    PAIN_NO_BETTER,
    QUESTIONS,
    SAFE,
    WHEN_CALM,
    WHEN_CLEARED,
    Kind,
)
from hipdrive.training.selftest import CHANGE_SHARE, SIDE_SHARE, STRENGTH_ONLY, TESTS, SelfTest

DOCS: Final = Path(__file__).parent

# Words for names in the code. A name that is not here stops the making, so that a new one gets its words.
VIEW_WORDS: Final = {"side": "side-on", "front": "from the front", "rear": "from behind", "oblique": "obliquely"}
PHASE_WORDS: Final = {
    "rest": "at rest before the start",
    "raise": "on the way up",
    "top": "at the top",
    "lower": "on the way down",
    "whole": "from start to end",
}
OWN_WORDS: Final = {  # where a movement's own words are other ones
    "glute_bridge": {"front": "from the feet", "rear": "from the head"},
    "monster_walk": {
        "rest": "before the step",
        "raise": "while the leading foot travels",
        "top": "in the wide stance",
        "lower": "while the trailing foot catches up",
    },
}
SOMEBODY: Final = Runner(height_m=1.75, mass_kg=70, sex="f", age_years=35, speed_kmh=10)  # to ask what has an equation

INTRODUCTION: Final = f"""\
# Cues and measures

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

## Where you are among runners

A run is measured as a whole, over all of its strides. A measure is never a fault, because how one runs says
little about who gets hurt; it says where a runner is among runners.

| verdict | meaning |
| --- | --- |
| **good** | As usual, and neither leg by itself surely otherwise. |
| **check** | Not as usual. Surely so only beyond the limit by more than the error; the sentence beside it says which. |
| **not judged** | It could not be measured from this clip. The reason stands beside it. |

Where height, mass, sex, age and speed are given, some measures have a value that is usual *for this runner
at this speed* (Malisoux et al. 2023: 860 healthy runners, each at his or her own speed). Then the limit is
{USUAL_SD:g} standard deviations between such runners on both sides of it, in place of the one in the table.
"""

LADDER_INTRODUCTION: Final = f"""\
# The ladder of exercises

This page is made from `src/hipdrive/training/ladder.toml` by `python docs/make.py`; change that file, not this page.
In the terminal, `hipdrive ladder` shows the same, and `hipdrive ladder single_leg_bridge` one exercise.

Every exercise is a rung. There are {{rungs}} of them on three lines: hip extension (the gluteus maximus), the glutes at
the side (gluteus medius and minimus), and a short line for the calf, which does most of the push at a jog. Levels go
from 0 to {TOP_LEVEL}; a level of one line is about as hard as the same level of another.

| level | what it is | when |
| --- | --- | --- |
| 0 and 1 | light, to wake up and to learn | any day |
| 2 | a little harder | any day |
| {HARD_FROM_LEVEL} to {TOP_LEVEL} | hard leg work, in the end with a load | a day or two from hard runs and races |

## For runners of all abilities

- **New to it, or back after a break.** Begin at level 0 or 1 with the doses given here: slowly, two sets, and stop
  while you could still do three or four more. Sore muscles for a day or two after something new are usual.
- **Sore today.** Every exercise says what to do instead. Pain up to {SAFE:g} of 10 changes nothing; up to
  {ACCEPTABLE:g} is all right if it is gone the next morning; above that, stop and go one step down.
- **Older.** It is the same ladder. Stay on a rung for as long as you like, and keep a hand on a chair, a rail or a
  counter wherever you stand on one leg.
- **Getting down to the floor is hard.** Every exercise says how to do it on a bed, at a wall or standing; some are
  done standing anyway, such as {{standing}}.
- **Nothing at hand.** {{bare}} exercises need no equipment; {{with_a_band}} more need only a band, most of them on the
  line for the side.

What counts as equipment: a **step** is the bottom stair or a firm box; a **bench** is anything firm at knee height
that cannot slide; a **weight** is a dumbbell, or a rucksack with books; a **band** is a loop, or an elastic band tied
to one.

{NOT_ADVICE} Pain at rest or at night, numbness, swelling, or pain that does not get better: see a professional.

## How to read it

Percentages are shares of a muscle's greatest voluntary activity, as electrodes measure it. They differ two to four
times between labs and say which muscle works, not how much it grows. *Statics* are moments reckoned from the weights
of body parts; nobody was measured for them. *Proposal* marks what no study shows. The order of the rungs and the doses
are proposals, too: they follow from the sources, but no study has tried this ladder.
"""


def ladder_page() -> str:
    """Text of ladder.md."""
    rungs = ladder()
    standing = [rungs[name].name.lower() for name in ("monster_walk", "hip_hitch", "step_up", "calf_raise")]
    introduction = LADDER_INTRODUCTION.format(
        rungs=len(rungs),
        standing=listed(standing),
        bare=sum(not rung.equipment for rung in rungs.values()),
        with_a_band=sum(rung.equipment == ("band",) for rung in rungs.values()),
    )
    return "\n".join([introduction, *(_line_section(line) for line in LINES)])


def _line_section(line: Line) -> str:
    table = _table(
        ("level", "exercise", "to begin with", "it needs", "judged from a video"),
        [
            (
                str(rung.level),
                _rung_link(rung),
                dose_amount(rung.dose),
                listed(needs(rung)) or "nothing",
                "yes" if rung.judged_as else "no",
            )
            for rung in of_line(line)
        ],
    )
    return (
        "\n\n".join([f"## {LINE_NAMES[line].capitalize()}", table, *(_rung_section(rung) for rung in of_line(line))])
        + "\n"
    )


def _rung_section(rung: Exercise) -> str:
    steps = "\n".join(f"{number}. {step}" for number, step in enumerate(rung.how, 1))
    facts = {
        "To begin with": begin_words(rung),
        "It needs": f"{listed(needs(rung)) or 'nothing'}.",
        "Why": rung.why,
        "Says who": f"{rung.source}.",
        "Sore or new": rung.when_sore,
        "If the floor is hard to reach": rung.without_floor,
        "From a video": _video_words(rung),
        "One step down": _rung_links(rung.easier) or "nothing: start here.",
        "One step up": _rung_links(rung.harder) or "nothing: the top of its line.",
    }
    picture = (
        f'<img src="../src/hipdrive/training/pictures/{rung.picture}" width="420" '
        f'alt="{rung.name}, done by a rendered athlete">'
    )
    level = f"Level {rung.level}{', hard leg work' if rung.hard else ''}. In the terminal: `{rung.id}`."
    listing = "\n".join(f"- **{label}:** {words}" for label, words in facts.items())
    return "\n\n".join([f"### {rung.name}", level, picture, steps, listing])


def _video_words(rung: Exercise) -> str:
    if rung.judged_as is None:
        return rung.video
    movement = MOVEMENTS[rung.judged_as]
    looked_at = listed([cue.name for cue in movement.cues if cue.id in rung.cues])
    return f"{rung.video} It looks at: {looked_at}. How to film it is said in [filming.md](filming.md)."


def _rung_links(names: Sequence[str]) -> str:
    links = listed([_rung_link(ladder()[name]) for name in names])
    return f"{links}." if links else ""


def _rung_link(rung: Exercise) -> str:
    anchor = "".join(letter for letter in rung.name.lower() if letter.isalnum() or letter in "- ").replace(" ", "-")
    return f"[{rung.name}](#{anchor})"


PAIN_INTRODUCTION: Final = f"""\
# Pain

This page is made from the code by `python docs/make.py`; change `src/hipdrive/training/pain.py`, not this page.
{NOT_ADVICE} hipdrive asks and stops; it names no illness, and a question answered with yes says only that somebody
should have a look first.

    hipdrive pain 4 --where "left hip" --when next_morning
    hipdrive pain --cleared 2026-11-20
    hipdrive screen

## The traffic light

| light | pain, of 10 | what is said |
| --- | --- | --- |
| **green** | 0 to {SAFE:g} | {LIGHT_WORDS["green"]} |
| **amber** | 3 to {ACCEPTABLE:g} | {LIGHT_WORDS["amber"]} |
| **red** | above {ACCEPTABLE:g} | {LIGHT_WORDS["red"]} |

Amber becomes red when it has not settled by the next morning, or when the worst pain of the last seven days is higher
than that of the seven before. While a red flag is open the light is red whatever the pain: for a bone that may be
injured the limit is 0.

The limits are those of Thomee (Phys Ther 1997). People with Achilles tendinopathy who went on running and jumping by
them did as well as those who rested for six weeks (Silbernagel et al., Am J Sports Med 2007, 38 people). Above
{SAFE:g}, and at rest above 0, hipdrive asks what speaks for an injured bone; above {ACCEPTABLE:g} all the questions for
when something hurts.

## What stops the plan

- A question answered with yes, until a professional has said that training is all right. {WHEN_CLEARED}
  `hipdrive pain --cleared DAY` does so.
- Pain above {ACCEPTABLE:g} on two days within two weeks: "{PAIN_COMES_BACK}"
- Pain above {SAFE:g} in each of three weeks and in the last no less than in the first: "{PAIN_NO_BETTER}"

For the last two: {WHEN_CALM} Saying nothing ends no stop, and answering no at another time takes no yes back. How
often and how long is a choice of this project.
"""

TESTS_INTRODUCTION: Final = f"""\
# Self tests

This page is made from the code by `python docs/make.py`; change `src/hipdrive/training/selftest.py`, not this page.

    hipdrive test                                                        # all of them, with your last results
    hipdrive test single-leg-bridge                                      # with a stop-watch
    hipdrive test single-leg-bridge --left left.mp4 --right right.mp4    # from videos
    hipdrive test single-leg-bridge --left 41 --right 35                 # by hand

{STRENGTH_ONLY} Norms are few, of students and other adults, and never of runners, so they are rough bands. Your own
other side and your own earlier results say more:

- Left and right differ when it is by more than {SIDE_SHARE:.0%} of the better side, and by more than the error.
- A result has changed when it is by more than {CHANGE_SHARE:.0%}, and by more than the error.

Both shares are choices of this project. The error holds what one person differs from one time to the next, about a
tenth (reckoned from Lehecka et al. 2021).

## From a video

Put the phone beside you at the height of your hips, the whole body in the picture, and begin before the hips leave the
floor. A hold ends when the angle from shoulder over hip to knee is 10° smaller than in its first second, as in the
published test (Worst & Henderson 2026), or when the other foot stays down. On 12 rendered holds of 7 to 15 s the time
was off by 0.0 s in the mean (SD 0.25 s, at most 0.55 s). Of 11 on one leg the leg was told right in 9, wrong in 1, and
not told in 1: name the sides with `--left` and `--right`. No real video with a measured hold was at hand.

In the app, the page of the test takes a clip of each leg, shows what was timed, asks which leg it was, and keeps
nothing before you say so. A video of another movement, or of the other test, is refused.
"""


def pain_page() -> str:
    """Text of pain.md."""
    parts = [
        PAIN_INTRODUCTION,
        "## Asked before the first plan\n",
        _questions("screening") + "\n",
        "## Asked when something hurts\n",
        _questions("red flag") + "\n",
    ]
    return "\n".join(parts)


def _questions(kind: Kind) -> str:
    return _table(
        ("question", "when the answer is yes", "today", "source"),
        [(one.text, one.yes, "yes" if one.urgent else "", one.source) for one in QUESTIONS if one.kind == kind],
    )


def tests_page() -> str:
    """Text of selftests.md."""
    return "\n".join([TESTS_INTRODUCTION, *(_test_section(test) for test in TESTS)])


def _test_section(test: SelfTest) -> str:
    steps = "\n".join(f"{number}. {step}" for number, step in enumerate((*test.how, *test.asks), 1))
    norms = _table(
        ("who", test.unit, "source"), [(norm.who, f"{norm.low:g} to {norm.high:g}", norm.source) for norm in test.norms]
    )
    again = f"{test.again_share:.0%} of the result" if test.again_share else "not known"
    listing = "\n".join(
        [
            f"- **Ends:** {test.ends}",
            f"- **From a video:** {'yes' if test.from_video else 'no, by hand only'}.",
            f"- **Error (1 SD):** by hand {test.hand_error:g} {test.unit}; from one time to the next {again}. "
            f"Says who: {test.error_source}.",
            f"- **Others:** {test.norm_note}",
        ]
    )
    parts = [f"## {test.name} (`{test.id}`)", steps, listing, *([norms] if test.norms else [])]
    return "\n\n".join(parts) + "\n"


def cues_page() -> str:
    """Text of cues.md."""
    parts = [INTRODUCTION, *(_movement_section(movement) for movement in MOVEMENTS.values())]
    return "\n".join(parts)


def schema_page() -> str:
    """Text of analysis-1.schema.json."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


PAGES: Final[dict[str, Callable[[], str]]] = {
    "cues.md": cues_page,
    "analysis-1.schema.json": schema_page,
    "ladder.md": ladder_page,
    "pain.md": pain_page,
    "selftests.md": tests_page,
}


def _movement_section(movement: Movement) -> str:
    parts = [
        f"## {movement.name} (`{movement.id}`)",
        f"> {movement.coach}",
        f"**How to film.** {movement.how_to_film}",
    ]
    if movement.cues:
        parts += _cue_tables(movement)
    if movement.measures:
        parts += _measure_tables(movement)
    return "\n\n".join(parts) + "\n"


def _words(movement: Movement, name: str) -> str:
    """Words of a view or a phase, the movement's own ones first."""
    words = VIEW_WORDS | PHASE_WORDS | OWN_WORDS.get(movement.id, {})
    return words[name]


def _filmed(movement: Movement, views: Sequence[str]) -> str:
    return " or ".join(_words(movement, view) for view in views)


def _cue_tables(movement: Movement) -> list[str]:
    seen = _table(
        ("cue", "the coach says", "what is measured", "filmed", "when"),
        [
            (
                f"`{cue.id}`",
                f"“{cue.coach}”",
                measured_words(cue),
                _filmed(movement, cue.views),
                _words(movement, cue.phase),
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
    return [
        "### What is looked at",
        seen,
        "### When it is good, and when it is a fault",
        limits,
        "### Sources",
        sources,
        "### What is said",
        sayings,
    ]


def _measure_tables(movement: Movement) -> list[str]:
    meant = _table(
        ("measure", "the coach says", "what is measured", "filmed"),
        [(f"`{one.id}`", f"“{one.coach}”", one.meaning, _filmed(movement, one.views)) for one in movement.measures],
    )
    ranges = _table(
        ("measure", "unit", "most runners", "usual", "surely unusual", "usual for a runner like you", "error (1 SD)"),
        [
            (
                f"`{one.id}`",
                one.unit,
                range_words(*one.band.good),
                range_words(*one.band.acceptable),
                unusual_words(one),
                "by an equation" if expected(one.id, SOMEBODY) else "not known",
                f"{one.error:g}",
            )
            for one in movement.measures
        ],
    )
    sources = _table(
        ("measure", "where the ranges come from", "where the error comes from"),
        [(f"`{one.id}`", one.band.source, one.error_source) for one in movement.measures],
    )
    sayings = _table(
        ("measure", "good", "too low", "too high", "why it matters", "what to try"),
        [(f"`{one.id}`", one.well_done, one.too_low, one.too_high, one.why, one.next) for one in movement.measures],
    )
    return [
        "### What is measured",
        meant,
        "### Where most runners are",
        ranges + _range_note(movement.measures),
        "### Sources",
        sources,
        "### What is said",
        sayings,
    ]


def _range_note(measures: Sequence[Measure]) -> str:
    """Say which measures are ranges where a clip has few frames per second."""
    coarse = [one for one in measures if one.range_below_hz]
    if not coarse:
        return ""
    names = " and ".join(f"`{one.id}`" for one in coarse)
    rate_hz = max(one.range_below_hz for one in coarse)
    return (
        f"\n\nBelow {rate_hz:g} frames per second a range is shown for {names}: one error to both sides of the value."
    )


def measured_words(cue: Cue) -> str:
    """Say what a cue measures: the first line of its measure's docstring, or else the measure's name."""
    measure = cue.measure.func if isinstance(cue.measure, partial) else cue.measure
    said = inspect.getdoc(measure)
    if said:
        return said.splitlines()[0]
    return measure.__name__.strip("_").replace("_", " ").capitalize() + "."


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
