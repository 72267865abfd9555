"""The ladder of exercises in the terminal: all of it, and one rung with everything about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from hipdrive.numbers import listed
from hipdrive.report.words import MARKS
from hipdrive.training.doses import dose_sentence, table_dose
from hipdrive.training.ladder import LINE_NAMES, LINES, TOP_LEVEL, Exercise, ladder, needs, of_line
from hipdrive.training.pain import ACCEPTABLE, NOT_ADVICE

WIDEST: Final = 100  # columns of prose; longer lines are hard to read
WITH_DOSE_FROM: Final = 80  # columns
WITH_NAMES_FROM: Final = 116  # columns
WIDTHS: Final = {"level": 5, "exercise": 34, "name": 23, "to begin with": 22, "": 6, "needs": 16}  # columns

EQUIPMENT_WORDS: Final = (
    "A step: the bottom stair will do. A bench: anything firm at knee height that cannot slide. A weight: a rucksack "
    "with books will do. Two bands: of different colours."
)
PAIN_WORDS: Final = (
    f"Stop an exercise that hurts more than {ACCEPTABLE:g} of 10, and go one step down next time. {NOT_ADVICE}"
)


def ladder_view(width: int) -> RenderableType:
    """All lines, level by level, for so many columns of text."""
    parts: list[RenderableType] = []
    for line in LINES:
        parts += [Text(LINE_NAMES[line].capitalize(), style="bold"), _line_table(of_line(line), width), Text("")]
    legend = Text(f"{MARKS['good']} hipdrive judges it from a video; ", style="green")
    legend.append("hard: keep it a day or two from hard runs.", style="dim")
    more = Text.assemble("More about one of them: ", ("hipdrive ladder single_leg_bridge", "bold"))
    notes = Group(legend, Text(EQUIPMENT_WORDS, style="dim"), Text(""), more)
    return Group(*parts, Constrain(notes, WIDEST))


def _line_table(rungs: Sequence[Exercise], width: int) -> Table:
    """Rungs down; the columns are as wide for every line, and some only stand where there is room."""
    left_out = {"to begin with"} if width < WITH_DOSE_FROM else set()
    left_out |= {"exercise"} if width < WITH_NAMES_FROM else set()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in (name for name in WIDTHS if name not in left_out):
        table.add_column(name, width=WIDTHS[name], justify="right" if name == "level" else "left")
    level = None
    for rung in rungs:
        cells = {
            "level": Text("" if rung.level == level else str(rung.level)),
            "exercise": Text(rung.name),
            "name": Text(rung.id, style="cyan"),
            "to begin with": Text(table_dose(rung.dose)),
            "": _marks(rung),
            "needs": Text(listed([_short_need(thing) for thing in needs(rung)]), style="dim"),
        }
        table.add_row(*(cell for name, cell in cells.items() if name not in left_out))
        level = rung.level
    return table


def _short_need(thing: str) -> str:
    return thing.removeprefix("a ").removesuffix(" of different colours")


def _marks(rung: Exercise) -> Text:
    text = Text(MARKS["good"] if rung.judged_as else " ", style="green")
    return text.append(" hard" if rung.hard else "", style="dim")


def rung_view(rung: Exercise) -> RenderableType:
    """Everything about an exercise."""
    line = f"{LINE_NAMES[rung.line]}, level {rung.level} of {TOP_LEVEL}"
    heading = Text.assemble((rung.name, "bold"), f"  {rung.id}")
    steps = _grid()
    for number, step in enumerate(rung.how, 1):
        steps.add_row(Text(f"{number}.", style="bold"), Text(step))
    facts = _grid()
    for label, words in _facts(rung):
        facts.add_row(Text(label, style="bold"), Text(words))
    parts = Group(
        heading,
        Text(f"{line}{'; hard leg work: keep it a day or two from hard runs' if rung.hard else ''}", style="dim"),
        Padding(steps, (1, 0)),
        facts,
        Padding(Text(PAIN_WORDS, style="dim"), (1, 0)),
    )
    return Constrain(parts, WIDEST)


def _grid() -> Table:
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    return table


def begin_words(rung: Exercise) -> str:
    """How much of it to begin with, and how long that takes."""
    return f"{dose_sentence(rung.dose)}. About {rung.dose.minutes:.0f} minutes."


def _facts(rung: Exercise) -> list[tuple[str, str]]:
    """What is worth knowing about an exercise: a label and the words."""
    facts = [
        ("To begin with", begin_words(rung)),
        ("It needs", listed(needs(rung)) or "nothing"),
        ("Why", rung.why),
        ("Says who", rung.source),
        ("Sore or new", rung.when_sore),
        ("Floor is hard", rung.without_floor),
        ("Before it", _names(rung.easier) or "nothing: start here"),
        ("After it", _names(rung.harder) or "nothing: the top of its line"),
        ("From a video", rung.video),
    ]
    if rung.judged_as is not None:
        from hipdrive.movements import MOVEMENTS

        movement = MOVEMENTS[rung.judged_as]
        looked_at = [cue.name for cue in movement.cues if cue.id in rung.cues]
        facts += [("It looks at", listed(looked_at)), ("How to film", movement.how_to_film)]
    return facts


def _names(rungs: Sequence[str]) -> str:
    return ", ".join(f"{ladder()[name].name} ({name})" for name in rungs)
