"""What the command line prints."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from hipdrive.movements import MOVEMENTS, Cue, Movement
from hipdrive.movements.advise import praise
from hipdrive.movements.cue import range_text
from hipdrive.report.measures import (
    away_words,
    not_told,
    sentence,
    told,
    unusual_words,
    usual_words,
    value_words,
    what_to_give,
)
from hipdrive.report.typed import in_terminal
from hipdrive.report.words import MARKS, SIDE_LETTERS, SOURCE_WORDS, WORDS, counted, side_text
from hipdrive.results import Analysis, JudgedCue, JudgedRepetition, Verdict

STYLES: dict[Verdict, str] = {"good": "green", "check": "yellow", "fault": "bold red", "not_judged": "dim"}


COLUMN_WIDTH = 12  # of a cue in the table, lines included
FIRST_COLUMNS_WIDTH = 24  # of repetition and time


def summary(analysis: Analysis, width: int = 120) -> RenderableType:
    """Tables of repetitions and measures, what matters most, and what went well, for so many columns of text."""
    movement = MOVEMENTS.get(analysis.movement.id)
    parts: list[RenderableType] = [_heading(analysis, movement)]
    if movement is not None and analysis.repetitions:
        cues = _judged_cues(analysis, movement)
        at_once = max(2, (width - FIRST_COLUMNS_WIDTH) // COLUMN_WIDTH)
        parts += [_table(analysis, movement, cues[i : i + at_once]) for i in range(0, len(cues), at_once)]
        parts.append(_legend())
    if movement is not None and told(movement, analysis):
        parts += [_measures_table(analysis, movement, width), *_sentences(analysis, movement)]
    if movement is not None and movement.measures and (wanted := what_to_give(analysis, "--")):
        parts += [Text(""), Text(wanted)]
    parts += [Text(f"! {in_terminal(warning.text)}", style="yellow") for warning in analysis.warnings]
    if movement is not None:
        for advice in analysis.advice:
            parts += [
                Text(""),
                Text(advice.say, style="bold"),
                Text(f"  {advice.why}"),
                Text(f"  Next: {advice.next}"),
            ]
        if well_done := praise(movement, analysis.set, analysis.measures):
            parts += [Text(""), Text("What went well: " + " ".join(well_done), style="green")]
        if unseen := _unseen(analysis, movement):
            parts += [Text(""), Text(unseen, style="dim")]
    return Group(*parts)


def _heading(analysis: Analysis, movement: Movement | None) -> Text:
    name = movement.name if movement else "Movement not known"
    text = Text(f"{analysis.source.name}: {name}", style="bold")
    if movement is not None and movement.measures and not movement.cues:
        text.append(f", {counted(len(analysis.strides), 'stride')}", style="bold")
    elif movement is not None and analysis.source.frames > 1:
        count = len(analysis.complete_repetitions)
        partial = len(analysis.repetitions) - count
        text.append(f", {counted(count, movement.words.repetition)}", style="bold")
        if partial:
            text.append(f" and {partial} cut off by the ends of the clip", style="dim")
    near = f", {analysis.view.near_side} side near" if analysis.view.near_side else ""
    view = f"{analysis.view.id} view{near}" if analysis.source.kind != "mocap" else SOURCE_WORDS["mocap"]
    other = f"{SOURCE_WORDS['landmarks']}, " if analysis.source.kind == "landmarks" else ""
    text.append(f"  ({other}{view})", style="dim")
    return text


def _judged_cues(analysis: Analysis, movement: Movement) -> list[Cue]:
    return [
        cue
        for cue in movement.cues
        if any(repetition.cues[cue.id].verdict != "not_judged" for repetition in analysis.repetitions)
    ]


def _table(analysis: Analysis, movement: Movement, cues: Sequence[Cue]) -> Table:
    """Repetitions down, cues across."""
    table = Table(show_lines=False, pad_edge=False, header_style="bold")
    table.add_column(movement.words.short, justify="right")
    table.add_column("time", justify="right", no_wrap=True)
    for cue in cues:
        table.add_column(cue.name, justify="center", min_width=5)
    for repetition in analysis.repetitions:
        table.add_row(
            _number(repetition),
            f"{repetition.start_s:.1f}-{repetition.end_s:.1f} s",
            *(_cell(repetition.cues[cue.id]) for cue in cues),
            style=None if repetition.complete else "dim",
        )
    table.add_section()
    table.add_row(
        "set",
        "",
        *(Text(WORDS[analysis.set[cue.id].verdict], style=STYLES[analysis.set[cue.id].verdict]) for cue in cues),
    )
    return table


def _number(repetition: JudgedRepetition) -> str:
    """Its number, with the letter of its direction if it has one; in brackets when it does not count."""
    way = f" {SIDE_LETTERS[repetition.direction]}" if repetition.direction else ""
    return f"{repetition.index}{way}" if repetition.complete else f"({repetition.index}{way})"


def _measures_table(analysis: Analysis, movement: Movement, width: int) -> Table:
    """Measures down; value, sides and what is usual across."""
    rows = told(movement, analysis)
    has_sides = any(judged.left is not None or judged.right is not None for _, judged in rows)
    has_own = any(judged.deviation_sd is not None for _, judged in rows)
    table = Table(show_lines=False, pad_edge=False, header_style="bold")
    table.add_column("", no_wrap=True)
    table.add_column("measure", max_width=max(16, width // 4))
    table.add_column("value", justify="right")
    if has_sides:
        table.add_column("left", justify="right")
        table.add_column("right", justify="right")
    table.add_column("usual", justify="right")
    if has_own:
        table.add_column("you", justify="right")
    for measure, judged in rows:
        sides = [side_text(judged.left, judged.error), side_text(judged.right, judged.error)] if has_sides else []
        table.add_row(
            Text(MARKS[judged.verdict], style=STYLES[judged.verdict]),
            measure.name,
            value_words(measure, judged, analysis.source.rate_hz),
            *sides,
            usual_words(measure, judged),
            *([away_words(judged)] if has_own else []),
        )
    return table


def _sentences(analysis: Analysis, movement: Movement) -> list[RenderableType]:
    """What the measures mean, in plain words."""
    return [
        Padding(Text(f"{measure.name}: {sentence(measure, judged)}", style="dim"), (0, 0, 0, 2))
        for measure, judged in told(movement, analysis)
    ]


def _cell(cue: JudgedCue) -> Text:
    text = Text(MARKS[cue.verdict], style=STYLES[cue.verdict])
    if cue.value is not None and cue.verdict != "not_judged":
        text.append(f" {_short(cue.value)}", style="dim")
    return text


def _short(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 10 else f"{value:.1f}" if abs(value) >= 3 else f"{value:.2f}"


def _legend() -> Text:
    text = Text("")
    for verdict, mark in MARKS.items():
        text.append(f"{mark} {WORDS[verdict]}   ", style=STYLES[verdict])
    return text


def _unseen(analysis: Analysis, movement: Movement) -> str:
    names = [
        cue.name
        for cue in movement.cues
        if all(repetition.cues[cue.id].verdict == "not_judged" for repetition in analysis.repetitions)
    ]
    names = names if analysis.repetitions else []
    names += [name for measures in not_told(movement, analysis).values() for name in measures]
    return f"Not judged: {', '.join(names)}; the report says why." if names else ""


def movements_text() -> RenderableType:
    """Everything hipdrive knows, cue by cue."""
    parts: list[RenderableType] = []
    for movement in MOVEMENTS.values():
        parts += [
            Text(f"{movement.name}  ({movement.id})", style="bold"),
            Padding(Text(movement.coach, style="italic"), (0, 2)),
            Padding(Text(f"How to film: {movement.how_to_film}"), (0, 2, 1, 2)),
        ]
        for measure in movement.measures:
            most, usual = range_text(*measure.band.good), range_text(*measure.band.acceptable)
            parts.append(
                Padding(
                    Group(
                        Text.assemble((measure.id, "bold"), f"  {measure.meaning}"),
                        Text(f"most runners {most} {measure.unit}; usual {usual}; surely not {unusual_words(measure)}"),
                        Text(f"error ±{measure.error:g} {measure.unit}"),
                        Text(f"filmed from: {', '.join(measure.views)}", style="dim"),
                        Text(f"ranges: {measure.band.source}; error: {measure.error_source}", style="dim"),
                    ),
                    (0, 2, 1, 2),
                )
            )
        for cue in movement.cues:
            good, limit = range_text(*cue.band.good), range_text(*cue.band.limit)
            parts.append(
                Padding(
                    Group(
                        Text.assemble((cue.id, "bold"), f"  “{cue.coach}”"),
                        Text(f"good {good} {cue.unit}; limit {limit}; a fault is past it by the error, ±{cue.error:g}"),
                        Text(f"filmed from: {', '.join(cue.views)}; read at: {cue.phase}", style="dim"),
                        Text(f"limits: {cue.band.source}; error: {cue.error_source}", style="dim"),
                    ),
                    (0, 2, 1, 2),
                )
            )
    return Group(*parts)


def error_line(console: Console, text: str) -> None:
    """Print the one sentence that says what went wrong."""
    console.print(f"[bold red]✗[/] {escape(in_terminal(text))}", soft_wrap=True, highlight=False)
