"""Commands for what hurts, and for the questions before the first plan: `pain`, `screen`."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from hipdrive.cli.common import day_of, fail, my_diary, today

if TYPE_CHECKING:
    from datetime import date

    from rich.console import Console

    from hipdrive.diary import AthleteDiary
    from hipdrive.training.history import Screening
    from hipdrive.training.pain import Question


class When(StrEnum):
    """When it hurts."""

    during = "during"
    after = "after"
    next_morning = "next_morning"
    run = "run"
    rest = "rest"


def pain(
    score: Annotated[
        float | None, typer.Argument(min=0, max=10, help="How much it hurts, 0 to 10.", show_default=False)
    ] = None,
    where: Annotated[str, typer.Option(help="Where, such as 'left hip'.")] = "",
    when: Annotated[When, typer.Option(help="When it hurt.")] = When.during,
    settled: Annotated[
        bool | None,
        typer.Option(
            "--settled/--not-settled", help="Back to how it was before by the next morning.", show_default=False
        ),
    ] = None,
    ask: Annotated[
        bool | None,
        typer.Option("--ask/--no-ask", help="Ask all questions, or none. Default: by the score.", show_default=False),
    ] = None,
    cleared: Annotated[
        str | None,
        typer.Option(help="Day on which a professional said that training is all right.", show_default=False),
    ] = None,
    note: Annotated[str, typer.Option(help="In your own words.")] = "",
    day: Annotated[
        str | None, typer.Option(help="When it was: 2026-11-20, or yesterday. Default: today.", show_default=False)
    ] = None,
) -> None:
    """Enter what hurts, and see what it means for training. Without a score: how things stand.

    hipdrive pain 4 --where 'left hip' --when next_morning

    hipdrive pain --cleared 2026-11-20
    """  # fmt: skip
    from rich.console import Console

    from hipdrive.diary.entries import enter_clearance
    from hipdrive.training.history import PainReport

    if score is not None and cleared is not None:
        fail("enter one at a time: the pain, or the day on which a professional said that training is all right")
    console = Console(highlight=False)
    with my_diary() as athlete:
        profile = athlete.profile()
        if score is not None:
            flags, settled = _follow_up(console, score, when, settled, ask)
            athlete.add_pain(PainReport(day_of(day, profile), score, where, when.value, settled, flags, note=note))
        elif ask:
            fail("give the score, too: hipdrive pain 4 --ask")
        elif cleared is not None:
            console.print(enter_clearance(athlete, day_of(cleared, profile), today(profile)))
        _show(console, athlete, day_of(day, profile), listing=score is None)


def screen() -> None:
    """Answer the health questions that come before the first plan, again or for the first time."""
    from rich.console import Console

    from hipdrive.report.pain import stop_view
    from hipdrive.training.pain import stop_reason

    console = Console(highlight=False)
    with my_diary() as athlete:
        athlete.add_screening(ask_screening(console, today(athlete.profile())))
        reason = stop_reason(athlete.history(), today(athlete.profile()))
        console.print(
            stop_view(reason) if reason else "\nThank you. Nothing speaks against a plan: [bold]hipdrive plan[/]"
        )


def ask_screening(console: Console, day: date | None = None) -> Screening:
    """Ask the questions that come before the first plan, and what hurts.

    Parameters
    ----------
    console : rich.console.Console
    day : date, optional
        The day of the answers; today when left out.
    """
    from datetime import date

    from hipdrive.training.history import Screening
    from hipdrive.training.pain import NOT_ADVICE, ask, screening_questions

    console.print(f"Some questions about your health first, to be answered with y or n. [dim]{NOT_ADVICE}[/]\n")
    answers = _asked(screening_questions())
    if typer.confirm("Does anything hurt at the moment?", default=None):
        answers |= _asked(ask(MOST_PAIN))
    return Screening(day or date.today(), answers)


MOST_PAIN = 10.0


def _asked(questions: Iterable[Question]) -> dict[str, bool]:
    return {question.id: bool(typer.confirm(question.text, default=None)) for question in questions}


def _follow_up(
    console: Console, score: float, when: When, settled: bool | None, wanted: bool | None
) -> tuple[tuple[str, ...], bool | None]:
    """Ask what the score asks for: ids of what was answered with yes, and whether it has settled."""
    from hipdrive.training.pain import SAFE, ask

    if wanted is False:
        return (), settled
    if when is When.next_morning and settled is None and score > SAFE:
        settled = typer.confirm("Is it back to how it was before you exercised?", default=None)
    questions = ask(MOST_PAIN if wanted else score, at_rest=when is When.rest)
    if questions:
        console.print("Please answer with y or n; it tells whether someone should have a look first.")
    answers = _asked(questions)
    return tuple(flag for flag, so in answers.items() if so), settled


def _show(console: Console, athlete: AthleteDiary, day: date, *, listing: bool) -> None:
    """Print the traffic light of the day, what lasts, and why nothing is planned, if so."""
    from hipdrive.report.pain import light_view, reports_view, stop_view
    from hipdrive.training.pain import NOT_ADVICE, light, rising, stop_reason

    history = athlete.history()
    if listing:
        console.print(reports_view(history))
    if reason := stop_reason(history, day):
        console.print(stop_view(reason))
        return
    if (colour := light(history, day)) is not None:
        console.print(light_view(colour))
        if rising(history, day):
            console.print("  It hurts more than in the week before.")
        console.print(f"[dim]{NOT_ADVICE}[/]")
