"""The command for self tests: `test`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hipdrive.cli.common import day_of, fail, my_diary
from hipdrive.numbers import listed

if TYPE_CHECKING:
    from datetime import date

    from rich.console import Console

    from hipdrive.diary import AthleteDiary
    from hipdrive.training.selftest import SelfTest, Timed

GET_READY_S = 5
MOST = 3600.0  # of a result, in its unit


def test(
    name: Annotated[str | None, typer.Argument(help="Which one. Without: all there are.", show_default=False)] = None,
    left: Annotated[str | None, typer.Option(help="Result of the left side, or its video.", show_default=False)] = None,
    right: Annotated[
        str | None, typer.Option(help="Result of the right side, or its video.", show_default=False)
    ] = None,
    result: Annotated[
        float | None, typer.Option(min=0, max=MOST, help="Result of a test without sides.", show_default=False)
    ] = None,
    video: Annotated[
        list[Path] | None,
        typer.Option(help="Video of one side, filmed from the side; once or twice.", show_default=False),
    ] = None,
    note: Annotated[str, typer.Option(help="In your own words.")] = "",
    day: Annotated[
        str | None, typer.Option(help="When it was: 2026-11-20, or yesterday. Default: today.", show_default=False)
    ] = None,
) -> None:
    """Test your strength, left and right: with the stop-watch here, from videos, or by hand.

    hipdrive test single-leg-bridge

    hipdrive test single-leg-bridge --video left.mp4 --video right.mp4

    hipdrive test single-leg-bridge --left 41 --right 35
    """  # fmt: skip
    from rich.console import Console

    from hipdrive.report.selftest import tests_view
    from hipdrive.training.selftest import TESTS, self_test

    console = Console(highlight=False)
    with my_diary() as athlete:
        if name is None:
            console.print(tests_view(TESTS, {one.test: one for one in athlete.history().tests}))
            return
        chosen = self_test(name)
        when = day_of(day, athlete.profile())
        found = _given(console, chosen, left, right, result, video or [])
        if found is None:
            if not _may_test(console, athlete, when):
                return
            found = _guided(console, chosen)
        _keep(console, athlete, chosen, when, found, note)


def _may_test(console: Console, athlete: AthleteDiary, day: date) -> bool:
    """Whether nothing speaks against going to one's limit; if so, print it."""
    from hipdrive.report.pain import stop_view
    from hipdrive.training.pain import stop_reason

    reason = stop_reason(athlete.history(), day)
    if reason:
        console.print(stop_view(reason))
    return reason is None


def _keep(
    console: Console, athlete: AthleteDiary, test: SelfTest, day: date, found: Mapping[str, Timed], note: str
) -> None:
    """Write the result into the diary, and say what it means beside earlier ones."""
    from hipdrive.diary.entries import enter_test
    from hipdrive.report.selftest import result_view

    earlier = [one for one in athlete.history().tests if one.day <= day]
    result, said = enter_test(athlete, test, day, found, note)
    console.print(result_view(test, result, earlier, said))


# -- given -----------------------------------------------------------------------------------------------------------


def _given(
    console: Console, test: SelfTest, left: str | None, right: str | None, both: float | None, videos: Sequence[Path]
) -> dict[str, Timed] | None:
    """Results by side from what was typed; None when nothing was."""
    from hipdrive.training.selftest import Timed

    sides = {side: text for side, text in (("left", left), ("right", right)) if text is not None}
    if test.sides and both is not None:
        fail(f"{test.id} has two sides: give --left and --right")
    if not test.sides and (sides or videos):
        fail(f"{test.id} has no sides and no video: give --result")
    if sides and videos:
        fail("name the sides of videos with --left FILE and --right FILE, or leave the sides out")
    if len(videos) > 2:
        fail("a test has two sides: give one or two videos")
    if both is not None:
        return {"both": Timed(None, both, test.hand_error)}
    if videos:
        by_side = _by_side([(path, _watched(console, test, path)) for path in videos])
        console.print(
            f"Taken for the {listed(list(by_side))} leg. If that is not so, name it: --left FILE --right FILE."
        )
        return by_side
    return {side: _side(console, test, text) for side, text in sides.items()} or None


def _side(console: Console, test: SelfTest, text: str) -> Timed:
    """Read a side that was named: a number, or the path of a video."""
    from hipdrive.training.selftest import Timed

    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return _watched(console, test, Path(text))
    if not 0 <= value <= MOST:
        fail(f"{text[:20]} is out of range: give 0 to {MOST:g} {test.unit}")
    return Timed(None, value, test.hand_error)


def _watched(console: Console, test: SelfTest, path: Path) -> Timed:
    from hipdrive.analysis import Settings, examine
    from hipdrive.training.selftest import FILMED_AS, timed

    with console.status(f"Looking at {path.name}"):
        found = timed(test, examine(path, Settings(movement=FILMED_AS)))
    console.print(f"{path.name}: {found.value:.1f} {test.unit} ± {found.error:.1f}", markup=False)
    if found.ended and found.ended != found.note:
        console.print(f"  {found.ended}", style="dim")
    if found.note:
        console.print(f"  {found.note}", style="yellow")
    return found


def _by_side(found: Sequence[tuple[Path, Timed]]) -> dict[str, Timed]:
    """Videos by the leg that is seen to work."""
    named = {one.side: one for _, one in found if one.side is not None}
    if len(named) < len(found):
        fail("it is not sure which leg works: name the videos with --left FILE and --right FILE")
    return {str(side): one for side, one in named.items()}


# -- guided ----------------------------------------------------------------------------------------------------------


def _guided(console: Console, test: SelfTest) -> dict[str, Timed]:
    """Show how it is done, and take the time or ask for the result, side by side."""
    from hipdrive.report.selftest import how_view
    from hipdrive.training.selftest import SIDES, Timed

    console.print(how_view(test))
    take = {"hold": _held, "repetitions": _counted, "quality": _looked_at}[test.kind]
    sides: Sequence[str] = SIDES if test.sides else ("both",)
    return {side: Timed(None, take(console, test, side), test.hand_error) for side in sides}


def _held(console: Console, test: SelfTest, side: str) -> float:
    from hipdrive.cli.stopwatch import count_down, until_enter, wait_for_enter

    title = test.name if side == "both" else f"{test.name}: {side}"
    wait_for_enter(console, f"[bold]{title}[/bold]. Press Enter, and get into position within {GET_READY_S} seconds.")
    count_down(console, GET_READY_S, f"{title}\nget ready")
    seconds = until_enter(console, title)
    console.print(f"{title}: {seconds:.1f} s")
    return seconds


def _counted(console: Console, test: SelfTest, side: str) -> float:
    from hipdrive.cli.stopwatch import count_down, wait_for_enter

    if test.lasts_s:
        wait_for_enter(console, f"Press Enter, and get into position within {GET_READY_S} seconds.")
        count_down(console, GET_READY_S, "get ready")
        count_down(console, test.lasts_s, test.name)
    which = "" if side == "both" else f", {side}"
    number = typer.prompt(f"How many{which}?", type=int)
    if not 0 <= number <= MOST:
        fail(f"{number} is out of range: give 0 to {MOST:g}")
    return float(number)


def _looked_at(console: Console, test: SelfTest, side: str) -> float:
    console.print(f"[bold]Standing on the {side} leg[/bold]")
    return float(sum(bool(typer.confirm(question, default=None)) for question in test.asks))
