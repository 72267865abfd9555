"""The diary in the terminal: week by week, the newest first, with the ids by which entries are taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from hipdrive.diary.taking_back import KIND_WORDS, Entry
from hipdrive.report.terminal_training import Readable
from hipdrive.report.training_words import short_day, week_of
from hipdrive.training.load import monday_of

MOST_WIDTH: Final = 100  # wider lines are hard to read
NOTHING: Final = "Nothing was entered in these weeks."
HOW: Final = "To take one back: hipdrive diary --take-back ID. To change its note: hipdrive diary --note ID TEXT."


def diary_view(entries: Sequence[Entry], today: date, width: int = 80) -> RenderableType:
    """Show entries, the newest week first.

    Parameters
    ----------
    entries : sequence of Entry
        The newest first.
    today : date
    width : int
        Columns of the terminal.
    """
    if not entries:
        return Text(NOTHING)
    parts: list[RenderableType] = []
    for monday, of_week in groupby(entries, key=lambda entry: monday_of(entry.day)):
        parts += [Text(week_of(monday, today), style="bold"), *map(entry_view, of_week), Text("")]
    return Readable(Padding(Group(*parts, Text(HOW, style="dim")), (0, max(0, width - MOST_WIDTH), 0, 0)))


def entry_view(entry: Entry) -> RenderableType:
    """Show one entry, with its id."""
    heading = Text.assemble(
        f"  {short_day(entry.day)}  ", (KIND_WORDS[entry.kind], "cyan"), "  ", (entry.id, "dim"), overflow="fold"
    )
    said = [entry.words, *entry.details, *([f"“{entry.note}”"] if entry.note else [])]
    return Group(heading, *(Padding(Text(in_a_line(line)), (0, 0, 0, 4)) for line in said))


def in_a_line(text: str) -> str:
    """Text of a stranger, without what moves the cursor."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
