"""Draw docs/pictures/training-simulated.svg: load, progress and pain stops of simulated runners.

``python docs/training_plot.py`` lets a thousand runners live with the plan for twelve weeks, holds every plan against
the rules of `hipdrive.training.safety`, draws the picture, and prints what docs/training.md says about them. It takes
some minutes on all processors.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Final

from hipdrive.training.ladder import LINES, ladder
from hipdrive.training.load import monday_of
from hipdrive.training.safety import broken_rules
from hipdrive.training.simulate import BEGINS, mornings

PICTURE: Final = Path(__file__).parent / "pictures" / "training-simulated.svg"
WEEKS: Final = 12
LONG_WEEKS: Final = 26  # of the three that are shown one by one
SHOWN: Final = (  # and their seeds
    ("Keeps at it and looks at every session", 7),
    ("Pain, a plan that rests, and the way back", 10),
    ("Weeks away in between", 19),
)

COLOURS: Final = {"hip": "#0072b2", "lateral": "#d55e00", "calf": "#00795c"}
DASHES: Final = {"hip": "", "lateral": "7 3", "calf": "2 3"}
NAMES: Final = {"hip": "hips", "lateral": "sides", "calf": "calf"}
RED, GREY, INK = "#b3261e", "#c9ced6", "#24292f"
BLUE, PINK = "#8fa3b8", "#f6d9d6"
Points = list[tuple[float, float]]
WIDTH, LEFT, INNER = 900, 70, 790


@dataclass(frozen=True)
class Week:
    """A week of one life: sets done, level of each line, worst pain, and whether the plan rested."""

    sets: int
    levels: tuple[int, ...]
    pain: float
    stopped: bool
    phase: str


@dataclass(frozen=True)
class Lived:
    """A life: its weeks, and counts."""

    seed: int
    weeks: tuple[Week, ...]
    plans: int
    broken: int
    done: int
    wanted: int


def live(seed: int, weeks: int = WEEKS) -> Lived:
    """Let one runner live with the plan."""
    plans = broken = 0
    seen: dict[int, tuple[tuple[int, ...], str]] = {}
    stopped: set[int] = set()
    for history, programme in mornings(seed, weeks):
        plans += 1
        broken += len(broken_rules(history, programme, programme.made_for))
        week = (programme.made_for - BEGINS).days // 7
        phase = programme.weeks[0].phase if programme.weeks else "stop"
        seen[week] = (tuple(ladder()[line.exercise].level for line in programme.lines), phase)
        if programme.stopped is not None:
            stopped.add(week)
    made = []
    for week in range(weeks):
        first = BEGINS + timedelta(weeks=week)
        sessions = [one for one in history.sessions if monday_of(one.day) == first]
        told = [one.pain or 0.0 for one in sessions]
        told += [one.score for one in history.pains if monday_of(one.day) == first]
        sets = sum(len(entry.sets) for one in sessions for entry in one.exercises)
        made.append(Week(sets, seen[week][0], max(told, default=0.0), week in stopped, seen[week][1]))
    done = len({one.day for one in history.sessions})
    return Lived(seed, tuple(made), plans, broken, done, weeks * history.profile.sessions_a_week)


# -- drawing ---------------------------------------------------------------------------------------------------------


def text(x: float, y: float, words: str, *, size: int = 13, colour: str = INK, anchor: str = "start") -> str:
    """Words."""
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}">{words}</text>'


def line(points: Sequence[tuple[float, float]], colour: str, *, width: float = 2, dash: str = "") -> str:
    """A line through points."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"{dashes}/>'


def box(x: float, y: float, width: float, height: float, colour: str) -> str:
    """A filled box."""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>'


def dot(x: float, y: float, radius: float) -> str:
    """A red dot."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{RED}"/>'


def steps(values: Sequence[float], top: float, height: float, most: float, shift: float = 0.0) -> Points:
    """Points of a line that keeps its value for a week."""
    step = INNER / len(values)
    return [
        (LEFT + step * place, top + height * (1 - value / most) + shift)
        for week, value in enumerate(values)
        for place in (week, week + 1)
    ]


def level_axis(top: float, height: float) -> list[str]:
    """Levels 0 to 5, with thin lines."""
    parts = [text(14, top - 8, "level", size=11)]
    for level in range(6):
        y = top + height * (1 - level / 5)
        parts.append(line([(LEFT, y), (LEFT + INNER, y)], "#e7eaee", width=1))
        parts.append(text(LEFT - 10, y + 4, str(level), size=11, anchor="end"))
    return parts


def week_axis(y: float, weeks: int) -> list[str]:
    """Numbers of weeks."""
    step = INNER / weeks
    shown = [week for week in range(weeks) if weeks <= 12 or week % 2 == 0]
    return [text(LEFT + step * (week + 0.5), y, str(week + 1), size=11, anchor="middle") for week in shown]


def one_life(lived: Lived, name: str, top: float) -> list[str]:
    """Levels as lines, sets as bars, pain as dots; 190 high."""
    height, bars = 90.0, 34.0
    step = INNER / len(lived.weeks)
    parts = [text(LEFT, top - 10, name, size=14)]
    parts += level_axis(top, height)
    base = top + height + 16 + bars
    for place, week in enumerate(lived.weeks):
        x = LEFT + step * place
        if week.stopped:
            parts.append(box(x, top, step, height, PINK))
        tall = bars * min(1.0, week.sets / 36)
        colour = BLUE if week.phase == "build" else GREY
        parts.append(box(x + 3, base - tall, step - 6, tall, colour))
        if week.pain > 2:
            parts.append(dot(x + step / 2, base + 10, 1.5 + week.pain / 2))
    for number, name_of_line in enumerate(LINES):
        points = steps([week.levels[number] for week in lived.weeks], top, height, 5, shift=3.0 * (number - 1))
        parts.append(line(points, COLOURS[name_of_line], width=2.5, dash=DASHES[name_of_line]))
    parts += [text(14, base - 10, "sets", size=11), text(14, base + 14, "pain", size=11, colour=RED)]
    return [*parts, *week_axis(base + 32, len(lived.weeks))]


def all_lives(lives: Sequence[Lived], top: float) -> list[str]:
    """Middle and middle four fifths of the level of two lines, sets, and weeks in which something stopped."""
    height, bars = 120.0, 40.0
    weeks = len(lives[0].weeks)
    step = INNER / weeks
    heading = f"{len(lives)} runners: mean level of each line, and where four fifths of them are (hips)"
    parts = [text(LEFT, top - 10, heading, size=14)]
    parts += level_axis(top, height)
    tenths = [quantiles([lived.weeks[week].levels[0] for lived in lives], n=10) for week in range(weeks)]
    low = steps([each[0] for each in tenths], top, height, 5)
    high = steps([each[-1] for each in tenths], top, height, 5)
    outline = " ".join(f"{x:.1f},{y:.1f}" for x, y in [*low, *high[::-1]])
    parts.append(f'<polygon points="{outline}" fill="{COLOURS["hip"]}" opacity="0.15"/>')
    for number, name in enumerate(LINES):
        middles = [sum(lived.weeks[week].levels[number] for lived in lives) / len(lives) for week in range(weeks)]
        parts.append(line(steps(middles, top, height, 5), COLOURS[name], width=2.5, dash=DASHES[name]))
    base = top + height + 20 + bars
    for week in range(weeks):
        x = LEFT + step * week
        sets = sum(lived.weeks[week].sets for lived in lives) / len(lives)
        parts.append(box(x + 3, base - bars * min(1.0, sets / 30), step - 6, bars * min(1.0, sets / 30), BLUE))
        parts.append(text(x + step / 2, base - 4, f"{sets:.0f}", size=10, anchor="middle"))
        hurt = sum(lived.weeks[week].pain > 5 for lived in lives) / len(lives)
        rests = sum(lived.weeks[week].stopped for lived in lives) / len(lives)
        parts.append(text(x + step / 2, base + 16, f"{hurt:.1%}", size=11, colour=RED, anchor="middle"))
        parts.append(text(x + step / 2, base + 32, f"{rests:.1%}", size=11, colour=RED, anchor="middle"))
    parts += [
        text(14, base - 14, "sets", size=11),
        text(14, base + 16, "pain > 5", size=11, colour=RED),
        text(14, base + 32, "rests", size=11, colour=RED),
        text(14, base + 50, "week", size=11),
    ]
    return [*parts, *week_axis(base + 50, weeks)]


def legend(y: float) -> list[str]:
    """What the lines and marks are."""
    parts, x = [], float(LEFT)
    for name in LINES:
        parts.append(line([(x, y - 4), (x + 34, y - 4)], COLOURS[name], width=2.5, dash=DASHES[name]))
        parts.append(text(x + 40, y, NAMES[name], size=12))
        x += 95
    for colour, words, wide in ((BLUE, "sets, usual week", 130), (GREY, "sets, easier week", 135)):
        parts += [box(x, y - 11, 16, 12, colour), text(x + 22, y, words, size=12)]
        x += wide
    parts += [dot(x + 5, y - 4, 4), text(x + 14, y, "pain above 2", size=12)]
    parts += [box(x + 105, y - 11, 16, 12, PINK), text(x + 127, y, "the plan rests", size=12)]
    return parts


def picture(shown: Iterable[tuple[str, Lived]], lives: Sequence[Lived]) -> str:
    """All of it, as SVG."""
    parts, top = legend(26), 70.0
    for name, lived in shown:
        parts += one_life(lived, name, top)
        top += 220
    parts += all_lives(lives, top + 6)
    height = top + 260
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" font-family="sans-serif">'
    title = "<title>Simulated runners: level, sets and pain, week by week</title>"
    desc = (
        "<desc>Some simulated runners week by week: the level of hips, sides and calf, the sets of every week, "
        "and days of pain; below them how far a thousand of them came.</desc>"
    )
    return "\n".join([head, title, desc, box(0, 0, WIDTH, height, "#ffffff"), *parts, "</svg>", ""])


def said(lives: Sequence[Lived]) -> str:
    """What the page says about them."""
    done, wanted = sum(one.done for one in lives), sum(one.wanted for one in lives)
    last = [one.weeks[-1].levels for one in lives]
    stopped = sum(any(week.stopped for week in one.weeks) for one in lives) / len(lives)
    hurt = sum(any(week.pain > 5 for week in one.weeks) for one in lives) / len(lives)
    levels = ", ".join(f"{NAMES[name]} {median(each[place] for each in last):g}" for place, name in enumerate(LINES))
    return (
        f"{len(lives)} runners, {sum(one.plans for one in lives)} plans, "
        f"{sum(one.broken for one in lives)} rules broken {[one.seed for one in lives if one.broken] or ''}\n"
        f"median level after {len(lives[0].weeks)} weeks: {levels}\n"
        f"{done / wanted:.0%} of the sessions that were wanted were done\n"
        f"{hurt:.1%} of the runners had pain above 5, {stopped:.1%} had a plan that rested"
    )


def main() -> None:
    """Live, draw, say."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runners", type=int, default=1000)
    parser.add_argument("--first", type=int, default=1000, help="seed of the first")
    given = parser.parse_args()
    with ProcessPoolExecutor() as pool:
        shown = [(name, pool.submit(live, seed, LONG_WEEKS)) for name, seed in SHOWN]
        lives = list(pool.map(live, range(given.first, given.first + given.runners), chunksize=10))
        PICTURE.write_text(picture([(name, lived.result()) for name, lived in shown], lives), encoding="utf-8")
    print(said(lives))


if __name__ == "__main__":
    main()
