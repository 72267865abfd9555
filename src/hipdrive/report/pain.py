"""How pain and what to do about it are shown in the terminal."""

from __future__ import annotations

from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from hipdrive.report.terminal_training import LIGHT_STYLES, Readable
from hipdrive.report.training_words import LIGHT_MARKS
from hipdrive.report.typed import in_terminal
from hipdrive.training.history import History, PainReport
from hipdrive.training.pain import LIGHT_WORDS, WHEN_WORDS, Light

SHOWN: Final = 5  # reports, the last ones
TEXT_WIDTH: Final = 80  # columns; longer lines are hard to read


def light_view(light: Light) -> RenderableType:
    """The traffic light of a day, and what it asks for."""
    heading = Text(f"{LIGHT_MARKS[light]} {light}", style=LIGHT_STYLES[light])
    return Readable(Group(heading, Padding(Text(LIGHT_WORDS[light]), (0, 0, 0, 2))))


def stop_view(reason: str) -> RenderableType:
    """Why nothing is planned, and whom to see."""
    return Panel(
        Text(in_terminal(reason)), title="Before you train on", border_style="yellow", width=TEXT_WIDTH, padding=(1, 2)
    )


def reports_view(history: History) -> RenderableType:
    """The last reports of pain."""
    if not history.pains:
        return Text("No pain has been entered.", style="dim")
    return Group(*(_report(report) for report in history.pains[-SHOWN:]))


def _report(report: PainReport) -> Text:
    words = [f"{report.day.isoformat()}  {report.score:g} of 10", report.where, WHEN_WORDS[report.when]]
    if report.settled is not None:
        words.append("settled by the morning" if report.settled else "not settled by the morning")
    return Text(", ".join(filter(None, words)))
