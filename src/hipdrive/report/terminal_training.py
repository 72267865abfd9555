"""Plan and progress in the terminal: calm, without walls of numbers, and readable without colours."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.panel import Panel
from rich.segment import Segment
from rich.style import Style
from rich.table import Table
from rich.text import Text

from hipdrive.numbers import counted
from hipdrive.report.training_words import (
    GROUPS,
    LIGHT_MARKS,
    LIGHT_NAMES,
    NOT_ADVICE,
    NOTHING_YET,
    change_mark,
    day_from,
    name_of,
    picture_of,
    ready_words,
    scale_of,
    self_test_words,
    session_facts,
    short_day,
    todays_session,
    week_name,
    week_words,
)
from hipdrive.report.typed import in_terminal
from hipdrive.training.doses import dose_sentence, short_dose
from hipdrive.training.ladder import LINE_NAMES, PICTURES, Exercise
from hipdrive.training.load import monday_of
from hipdrive.training.pain import Light
from hipdrive.training.programme import LineState, PlannedExercise, PlannedSession, PlannedWeek, Programme
from hipdrive.training.trends import Trend, in_short

BARS: Final = "▁▂▃▄▅▆▇█"
GAP: Final = " "
ASCII: Final = str.maketrans("▁▂▃▄▅▆▇█●━─░■□○↑↓✓✗±–·×’…", "_.:-=+*#o=-:#..^v+x~--x'.")
LIGHT_STYLES: Final[Mapping[Light, str]] = {"green": "green", "amber": "yellow", "red": "bold red"}
SPARK: Final = "cyan"

MOST_WIDTH: Final = 100  # wider lines are hard to read
GAUGE_FROM: Final = 76  # columns from which on there is room for the band
TITLE_WIDTH: Final = 32
MOST_SPARK, LEAST_SPARK = 26, 10
GAUGE_WIDTH: Final = 15
MOST_CUES: Final = 5  # the others are counted only
QUIET: Final = ("cues", "measures")  # groups that say nothing where nothing has changed
SMALL_PRINT: Final = "Bands: 95 of 100 cases for shares, one standard deviation for what is measured."


@dataclass(frozen=True)
class Readable:
    """Something to print, in letters that the terminal has: with ASCII alone bars and marks become signs."""

    body: RenderableType

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Print it."""
        for segment in console.render(self.body, options):
            if options.ascii_only and not segment.control:
                yield Segment(in_ascii(segment.text), segment.style)
            else:
                yield segment


def in_ascii(text: str) -> str:
    """As many letters, all of them ASCII.

    Examples
    --------
    >>> in_ascii("▁▃█ ✓ 3 × 10")
    '_:# + 3 x 10'
    """
    return text.translate(ASCII).encode("ascii", "replace").decode()


def sparkline(values: Sequence[float | None], width: int, low: float | None = None, high: float | None = None) -> str:
    """Draw values as a row of bars.

    Parameters
    ----------
    values : sequence of float or None
        None, or no finite number, is a gap.
    width : int
        Most letters; more values than that are averaged, neighbours with neighbours.
    low, high : float or None
        Ends of the scale; those of the values where they are not given.

    Examples
    --------
    >>> sparkline([0, 1, None, 7], 10)
    '▁▂ █'
    >>> sparkline([3, 3], 10), sparkline([], 10)
    ('▄▄', '')
    """
    shown = _thinned([None if value is None or not math.isfinite(value) else value for value in values], max(width, 1))
    known = [value for value in shown if value is not None]
    if not known:
        return GAP * len(shown)
    bottom = min(known) if low is None else low
    top = max(known) if high is None else high
    return "".join(GAP if value is None else _bar(value, bottom, top) for value in shown)


def _bar(value: float, low: float, high: float) -> str:
    if high <= low:
        return BARS[3]
    share = min(max((value - low) / (high - low), 0.0), 1.0)
    return BARS[min(int(share * len(BARS)), len(BARS) - 1)]


def _thinned(values: Sequence[float | None], most: int) -> list[float | None]:
    """Values, or the means of so many groups of neighbours."""
    if len(values) <= most:
        return list(values)
    thinned: list[float | None] = []
    for place in range(most):
        group = values[place * len(values) // most : (place + 1) * len(values) // most]
        known = [value for value in group if value is not None]
        thinned.append(sum(known) / len(known) if known else None)
    return thinned


# -- the plan --------------------------------------------------------------------------------------------------------


def plan_view(programme: Programme, rungs: Mapping[str, Exercise], width: int = 80) -> RenderableType:
    """Show the next weeks, today first, and why each thing is there.

    Parameters
    ----------
    programme : Programme
    rungs : mapping of str to Exercise
        The ladder.
    width : int
        Columns of the terminal.
    """
    width = min(width, MOST_WIDTH)
    parts: list[RenderableType] = []
    if programme.stopped is not None:
        parts.append(_stopped(programme.stopped))
    today = todays_session(programme)
    if today is not None:
        parts += [session_view(today, rungs, width, programme.made_for), Text("")]
    elif programme.sessions:
        following = day_from(programme.sessions[0].day, programme.made_for)
        parts += [Text.assemble("Nothing is planned for today. Next: ", (following, "bold"), "."), Text("")]
    elif programme.stopped is None:
        parts += [Text("Nothing is planned in these weeks."), Text("")]
    for number, week in enumerate(programme.weeks):
        parts += [_week(week, programme, rungs, whole=number == 0), Text("")]
    if programme.lines:
        parts += [Text("Where you stand", style="bold"), _lines(programme.lines, rungs, width), Text("")]
    parts += [Text(note) for note in programme.notes]
    anew = "A missed day is planned anew by itself. " if programme.weeks else ""
    parts.append(Text(f"{anew}{NOT_ADVICE}", style="dim"))
    return Readable(_narrow(Group(*parts), width))


def session_view(
    session: PlannedSession, rungs: Mapping[str, Exercise], width: int = 80, today: date | None = None
) -> RenderableType:
    """Show one session, exercise by exercise: how much of it, and why.

    Parameters
    ----------
    session : PlannedSession
    rungs : mapping of str to Exercise
        The ladder.
    width : int
        Columns of the terminal.
    today : date or None
        Default: the day of the session.
    """
    heading = Text(day_from(session.day, today or session.day), style="bold")
    heading.append(f"  {' · '.join(session_facts(session))}", style="not bold dim")
    parts: list[RenderableType] = [heading]
    if session.why:
        parts.append(Text(session.why, style="dim"))
    if test := self_test_words(session):
        parts += [Text(""), Text(f"{test} (hipdrive test {session.test})")]
    for number, planned in enumerate(session.exercises, start=1):
        parts += [Text(""), _exercise(number, planned, rungs)]
    if any(picture_of(rungs.get(planned.exercise)) for planned in session.exercises):
        parts += [Text(""), Text(f"Pictures: {PICTURES}", style="dim", overflow="fold")]
    return Readable(_narrow(Group(*parts), min(width, MOST_WIDTH)))


def _exercise(number: int, planned: PlannedExercise, rungs: Mapping[str, Exercise]) -> RenderableType:
    row = Table.grid(padding=(0, 1))
    row.add_column(justify="right")
    row.add_column()
    picture = picture_of(rungs.get(planned.exercise))
    name = Text(name_of(planned.exercise, rungs), style="bold")
    if picture is not None:
        name.stylize(Style(link=picture.as_uri()))
        name.append(f"  {picture.name}", style="not bold dim")
    said = [name, Text(dose_sentence(planned.dose))]
    if planned.why:
        said.append(Text(planned.why, style="dim"))
    row.add_row(Text(f"{number}.", style="dim"), Group(*said))
    return row


def _week(week: PlannedWeek, programme: Programme, rungs: Mapping[str, Exercise], *, whole: bool) -> RenderableType:
    """One week: session by session where it is the first, else days and names only."""
    heading = Text(week_name(week, programme.made_for), style="bold")
    heading.append(f"  {' · '.join(week_words(week))}", style="not bold cyan")
    rows = Table.grid(padding=(0, 2))
    rows.add_column(no_wrap=True)
    rows.add_column()
    for sessions in [[session] for session in week.sessions] if whole else _alike(week.sessions):
        days = "\n".join(short_day(session.day) for session in sessions)
        rows.add_row(Text(days), _in_week(sessions[0], programme.made_for, rungs, whole=whole))
    why = [Text(week.why, style="dim")] if week.why else []
    body = rows if week.sessions else Text("No session this week.", style="dim")
    return Group(heading, *why, Padding(body, (0, 0, 0, 2)))


def _in_week(session: PlannedSession, today: date, rungs: Mapping[str, Exercise], *, whole: bool) -> RenderableType:
    if session.day == today:
        return Text("today, as above")
    parts = [Text(" · ").join([_named(planned, rungs, whole=whole) for planned in session.exercises])]
    if whole:
        parts.append(Text(f"{session.minutes:.0f} min, {session.when}. {session.why}", style="dim"))
    if test := self_test_words(session):
        parts.append(Text(f"{test} (hipdrive test {session.test})"))
    return Group(*parts)


def _alike(sessions: Sequence[PlannedSession]) -> list[list[PlannedSession]]:
    """Sessions of a week, those with the same exercises together."""
    groups: dict[tuple[object, ...], list[PlannedSession]] = {}
    for session in sessions:
        key = (session.test, *(planned.exercise for planned in session.exercises))
        groups.setdefault(key, []).append(session)
    return list(groups.values())


def _named(planned: PlannedExercise, rungs: Mapping[str, Exercise], *, whole: bool) -> Text:
    text = Text(name_of(planned.exercise, rungs))
    if whole:
        text.append(f" {short_dose(planned.dose)}", style="dim")
    return text


def _lines(lines: Sequence[LineState], rungs: Mapping[str, Exercise], width: int) -> Table:
    """Each line of the ladder with its rungs up to where the runner is."""
    top = max((rung.level for rung in rungs.values()), default=0)
    table = Table.grid(padding=(0, 2))
    for _ in range(3):
        table.add_column()
    for state in lines:
        rung = rungs.get(state.exercise)
        bar = ladder_bar(rung.level, top) if rung else ""
        said = Text(name_of(state.exercise, rungs), style="bold")
        if ready := ready_words(state):
            said.append(f"  {ready}", style="not bold green")
        table.add_row(Text(LINE_NAMES[state.line]), Text(bar, style=SPARK), Group(said, Text(state.why, style="dim")))
    return table


def ladder_bar(level: int, top: int) -> str:
    """Rungs of a ladder, full ones up to a level.

    Examples
    --------
    >>> ladder_bar(2, 5)
    '■■■□□□'
    """
    return "■" * (level + 1) + "□" * (top - level)


def _stopped(why: str) -> RenderableType:
    return Padding(
        Panel(
            Text(in_terminal(why)),
            title="The plan rests for now",
            title_align="left",
            border_style="yellow",
            padding=(1, 2),
        ),
        (0, 0, 1, 0),
    )


# -- progress --------------------------------------------------------------------------------------------------------


def progress_view(found: Sequence[Trend], width: int = 80) -> RenderableType:
    """Show every trend: a row of bars for the weeks, the newest value within its band, and a sentence.

    Parameters
    ----------
    found : sequence of Trend
    width : int
        Columns of the terminal.
    """
    width = min(width, MOST_WIDTH)
    if not found:
        return Readable(_narrow(Text(in_terminal(NOTHING_YET)), width))
    days = [point.day for trend in found for curve in trend.curves for point in curve.points]
    weeks = Weeks(monday_of(min(days)), monday_of(max(days)))
    parts: list[RenderableType] = [Text("In short", style="bold")]
    parts += [Padding(Text(sentence), (0, 0, 0, 2)) for sentence in in_short(found)]
    for group, title in GROUPS.items():
        of_group = [trend for trend in found if trend.group == group]
        if not of_group:
            continue
        parts += [Text(""), Text(title, style="bold")]
        shown = of_group[:MOST_CUES] if group == "cues" else of_group
        for trend in shown:
            parts.append(Padding(Group(*_trend(trend, weeks, width - 2)), (0, 0, 0, 2)))
        if others := len(of_group) - len(shown):
            more = f"{counted(others, 'other cue')} {'was' if others == 1 else 'were'} good at least as often."
            parts.append(Padding(Text(more, style="dim"), (0, 0, 0, 2)))
    parts += [Text(""), _legend(weeks, width), Text(f"{SMALL_PRINT} {NOT_ADVICE}", style="dim")]
    return Readable(_narrow(Group(*parts), width))


@dataclass(frozen=True)
class Weeks:
    """The weeks that are shown, by their Mondays."""

    first: date
    last: date

    def __len__(self) -> int:
        return (self.last - self.first).days // 7 + 1

    def of(self, trend: Trend) -> list[float | None]:
        """Mean of the first curve's values in each week; None where there is none."""
        values: list[list[float]] = [[] for _ in range(len(self))]
        for point in trend.curves[0].points:
            values[(monday_of(point.day) - self.first).days // 7].append(point.value)
        return [sum(of_week) / len(of_week) if of_week else None for of_week in values]


def _trend(trend: Trend, weeks: Weeks, width: int) -> list[RenderableType]:
    row = Table.grid(padding=(0, 2), expand=False)
    title_width = min(TITLE_WIDTH, width // 3)
    row.add_column(width=title_width)
    spark_width = min(max(len(weeks), LEAST_SPARK), MOST_SPARK)
    row.add_column(width=spark_width, no_wrap=True)
    low, high = scale_of(trend)
    cells: list[RenderableType] = [
        Text(trend.title),
        Text(sparkline(weeks.of(trend), spark_width, low, high), style=SPARK),
    ]
    if width >= GAUGE_FROM:
        row.add_column(width=GAUGE_WIDTH, no_wrap=True)
        cells.append(Text(gauge_line(trend, GAUGE_WIDTH)))
    row.add_column()
    cells.append(_newest(trend))
    row.add_row(*cells)
    if trend.change == "none" and trend.group in QUIET:
        return [row]  # its equals sign says it all
    return [row, Padding(Text(trend.sentence, style="dim"), (0, 0, 0, 2))]


def _newest(trend: Trend) -> Text:
    """The newest value of every curve, with a mark of how it has changed, or its light."""
    newest = trend.newest
    if newest.light is not None:
        mark = f"{LIGHT_MARKS[newest.light]} {LIGHT_NAMES[newest.light]}"
        return Text.assemble(newest.words, "  ", (mark, LIGHT_STYLES[newest.light]))
    named = [curve for curve in trend.curves if curve.name in ("left", "right")]
    words = newest.words
    if trend.curves[0].name:
        words = ", ".join(f"{curve.name[0].upper()} {curve.points[-1].words}" for curve in named)
    text = Text(words)
    if mark := change_mark(trend):
        text.append(f"  {mark}", style="bold" if trend.change == "sure" else "dim")
    return text


def gauge_line(trend: Trend, width: int) -> str:
    """The newest value on its scale: what is usual, where the value may well be, and the value itself."""
    low, high = scale_of(trend)
    newest = trend.newest

    def place(value: float) -> int:
        share = (value - low) / (high - low) if high > low else 0.5
        return round(min(max(share, 0.0), 1.0) * (width - 1))

    signs = ["─"] * width
    if trend.usual is not None:
        for column in range(place(trend.usual[0]), place(trend.usual[1]) + 1):
            signs[column] = "░"
    if newest.low is not None and newest.high is not None:
        for column in range(place(newest.low), place(newest.high) + 1):
            signs[column] = "━"
    signs[place(newest.value)] = "●"
    return "".join(signs)


def _legend(weeks: Weeks, width: int) -> Text:
    each = "a bar for each week" if len(weeks) <= MOST_SPARK else "bars from the first week to this one"
    text = f"{each}, gaps where nothing is known; = no change beyond the error, ↑ ↓ a sure change, ? perhaps one"
    if width - 2 >= GAUGE_FROM:
        text += "; ● the newest, ━ where it may well be, ░ usual or wanted"
    return Text(f"{text[0].upper()}{text[1:]}.", style="dim")


def _narrow(body: RenderableType, width: int) -> RenderableType:
    """Keep lines no longer than so many columns."""
    from rich.constrain import Constrain

    return Constrain(body, width)
