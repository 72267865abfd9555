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
from hipdrive.report.words import MARKS, WORDS
from hipdrive.results import Analysis, JudgedCue, Verdict

STYLES: dict[Verdict, str] = {"good": "green", "check": "yellow", "fault": "bold red", "not_judged": "dim"}


COLUMN_WIDTH = 12  # of a cue in the table, lines included
FIRST_COLUMNS_WIDTH = 24  # of repetition and time


def summary(analysis: Analysis, width: int = 120) -> RenderableType:
    """Table of repetitions and cues, what matters most, and what went well, for so many columns of text."""
    movement = MOVEMENTS.get(analysis.movement.id)
    parts: list[RenderableType] = [_heading(analysis, movement)]
    if movement is not None and analysis.repetitions:
        cues = _judged_cues(analysis, movement)
        at_once = max(2, (width - FIRST_COLUMNS_WIDTH) // COLUMN_WIDTH)
        parts += [_table(analysis, cues[i : i + at_once]) for i in range(0, len(cues), at_once)]
        parts.append(_legend())
    parts += [Text(f"! {warning.text}", style="yellow") for warning in analysis.warnings]
    if movement is not None:
        for advice in analysis.advice:
            parts += [
                Text(""),
                Text(advice.say, style="bold"),
                Text(f"  {advice.why}"),
                Text(f"  Next: {advice.next}"),
            ]
        if well_done := praise(movement, analysis.set):
            parts += [Text(""), Text("What went well: " + " ".join(well_done), style="green")]
        if unseen := _unseen(analysis, movement):
            parts += [Text(""), Text(unseen, style="dim")]
    return Group(*parts)


def _heading(analysis: Analysis, movement: Movement | None) -> Text:
    name = movement.name if movement else "Movement not known"
    text = Text(f"{analysis.source.name}: {name}", style="bold")
    if movement is not None and analysis.source.frames > 1:
        count = len(analysis.complete_repetitions)
        partial = len(analysis.repetitions) - count
        text.append(f", {count} repetition{'' if count == 1 else 's'}", style="bold")
        if partial:
            text.append(f" and {partial} cut off by the ends of the clip", style="dim")
    near = f", {analysis.view.near_side} side near" if analysis.view.near_side else ""
    text.append(f"  ({analysis.view.id} view{near})", style="dim")
    return text


def _judged_cues(analysis: Analysis, movement: Movement) -> list[Cue]:
    return [
        cue
        for cue in movement.cues
        if any(repetition.cues[cue.id].verdict != "not_judged" for repetition in analysis.repetitions)
    ]


def _table(analysis: Analysis, cues: Sequence[Cue]) -> Table:
    """Repetitions down, cues across."""
    table = Table(show_lines=False, pad_edge=False, header_style="bold")
    table.add_column("rep", justify="right")
    table.add_column("time", justify="right", no_wrap=True)
    for cue in cues:
        table.add_column(cue.name, justify="center", min_width=5)
    for repetition in analysis.repetitions:
        table.add_row(
            str(repetition.index) if repetition.complete else f"({repetition.index})",
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
    if not names or not analysis.repetitions:
        return ""
    return f"Not judged: {', '.join(names)}; the report says why."


def movements_text() -> RenderableType:
    """Everything hipdrive knows, cue by cue."""
    parts: list[RenderableType] = []
    for movement in MOVEMENTS.values():
        parts += [
            Text(f"{movement.name}  ({movement.id})", style="bold"),
            Padding(Text(movement.coach, style="italic"), (0, 2)),
            Padding(Text(f"How to film: {movement.how_to_film}"), (0, 2, 1, 2)),
        ]
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
    console.print(f"[bold red]✗[/] {escape(text)}", soft_wrap=True, highlight=False)
