"""Commands that write into the diary what was done: `log`, `done`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hipdrive.cli.common import day_of, fail, my_diary

if TYPE_CHECKING:
    from datetime import date

    from rich.console import Console

    from hipdrive.diary import AthleteDiary
    from hipdrive.results import Analysis
    from hipdrive.training.done import Did
    from hipdrive.training.history import SessionDone
    from hipdrive.training.programme import PlannedSession

Rpe = Annotated[
    float | None, typer.Option(min=0, max=10, help="How hard it was: 10 is all you had, 7 left three in reserve.")
]
Pain = Annotated[float | None, typer.Option(min=0, max=10, help="The worst pain in it, 0 to 10.")]
Where = Annotated[str, typer.Option(help="Where it hurt, such as 'left hip'.")]
Note = Annotated[str, typer.Option(help="In your own words.")]
Day = Annotated[
    str | None, typer.Option(help="When it was: 2026-11-20, or yesterday. Default: today.", show_default=False)
]
MOST_JSON_BYTES = 32 * 1024 * 1024  # an analysis of an hour has some


def log(
    folder: Annotated[
        Path, typer.Argument(help="What analyse wrote: CLIP.hipdrive, or its analysis.json.", show_default=False)
    ],
    exercise: Annotated[
        str | None,
        typer.Option(help="Rung of the ladder, where it is not the planned or the usual one.", show_default=False),
    ] = None,
    rpe: Rpe = None,
    pain: Pain = None,
    where: Where = "",
    load: Annotated[
        float | None, typer.Option(help="Kilograms on the hips or in the hands.", show_default=False)
    ] = None,
    band: Annotated[str | None, typer.Option(help="Colour of the band.", show_default=False)] = None,
    note: Note = "",
    day: Day = None,
) -> None:
    """Put a judged clip into the diary: hipdrive log bridge.hipdrive --rpe 7 --pain 1 --note 'left hip tired'."""
    from rich.console import Console

    with my_diary() as athlete:
        log_analysis(
            athlete,
            read_analysis(folder),
            day_of(day, athlete.profile()),
            Console(highlight=False),
            exercise=exercise,
            rpe=rpe,
            pain=pain,
            where=where,
            load_kg=load,
            band=band,
            note=note,
        )


def done(
    rpe: Rpe = None,
    pain: Pain = None,
    where: Where = "",
    clean: Annotated[
        bool | None,
        typer.Option("--clean/--not-clean", help="Every repetition looked as described.", show_default=False),
    ] = None,
    skip: Annotated[
        list[str] | None, typer.Option(help="An exercise that was left out; as often as needed.", show_default=False)
    ] = None,
    did: Annotated[
        list[str] | None,
        typer.Option(help="Where it was not as planned: glute_bridge=3x10.", show_default=False),
    ] = None,
    note: Note = "",
    day: Day = None,
) -> None:
    """Say what you did today: as planned, unless you say what was different.

    hipdrive done

    hipdrive done --rpe 7 --clean --did glute_bridge=3x10 --skip clam
    """  # fmt: skip
    from rich.console import Console

    from hipdrive.diary.entries import enter_session
    from hipdrive.training.done import planned_for, read_did
    from hipdrive.training.ladder import exercise_named
    from hipdrive.training.programme import plan

    screen = Console(highlight=False)
    with my_diary() as athlete:
        history = athlete.history()
        that_day = day_of(day, history.profile)
        different = dict(read_did(entry) for entry in did or ())
        left_out = {exercise_named(name).id for name in skip or ()}
        planned = planned_for(history, that_day)
        if planned is None:
            stopped = plan(history, that_day).stopped
            fail(stopped or "nothing is planned for the rest of this week: log a clip with hipdrive log")
        left_out |= {  # it is in the diary already
            entry.exercise for session in history.sessions if session.day == that_day for entry in session.exercises
        }
        if _asks(rpe, pain, clean, did):
            _ask_how_yesterday_settled(athlete, that_day)
            different |= _asked_amounts(planned, left_out, screen)
            rpe = rpe if rpe is not None else _prompt_number("How hard was it, 0 to 10? 10 is all you had", 7)
            if clean is None:
                clean = typer.confirm("Did every repetition look as described?", default=True)
            pain = pain if pain is not None else _prompt_number("The worst pain in it, 0 to 10?", 0)
            where = where or (typer.prompt("Where?", default="", show_default=False) if pain else "")
        session = enter_session(
            athlete,
            planned,
            that_day,
            did=different,
            left_out=left_out,
            clean=clean,
            rpe=rpe,
            pain=pain,
            where=where,
            note=note,
        )
        _say_what_follows(athlete, session, screen)


def log_analysis(
    athlete: AthleteDiary,
    analysis: Analysis,
    day: date,
    screen: Console,
    *,
    exercise: str | None = None,
    rpe: float | None = None,
    pain: float | None = None,
    where: str = "",
    load_kg: float | None = None,
    band: str | None = None,
    note: str = "",
) -> None:
    """Put an analysis into the diary, and the set it shows, if it shows one.

    Raises
    ------
    HipdriveError
        When it does not show the exercise that was named.
    """
    from hipdrive.diary.entries import enter_analysis
    from hipdrive.training.profile import read_band

    said = enter_analysis(
        athlete,
        analysis,
        day,
        exercise=exercise,
        rpe=rpe,
        pain=pain,
        where=where,
        load_kg=load_kg,
        band=read_band(band) if band else None,
        note=note,
    )
    screen.print(said, markup=False)
    _say_pain(athlete, day, screen)


def read_analysis(path: Path) -> Analysis:
    """Read analysis.json of a folder that analyse wrote, or the file itself."""
    import msgspec

    from hipdrive.results import Analysis

    file = path / "analysis.json" if path.is_dir() else path
    if not file.is_file():
        fail(f"{path.name} holds no analysis.json: analyse the clip first, hipdrive analyse CLIP")
    if file.stat().st_size > MOST_JSON_BYTES:
        fail(f"{file.name} is larger than any analysis: name the folder that analyse wrote")
    try:
        return Analysis.from_json(file.read_bytes())
    except (msgspec.DecodeError, UnicodeDecodeError):
        fail(f"{file.name} is no analysis of hipdrive: name the folder that analyse wrote, CLIP.hipdrive")


def _asks(*answers: object) -> bool:
    """Whether to ask: nothing was said, and somebody is there to answer."""
    import sys

    return all(answer is None or answer == [] for answer in answers) and sys.stdin.isatty()


def _asked_amounts(planned: PlannedSession, left_out: set[str], screen: Console) -> dict[str, Did]:
    """Ask for each exercise how it went; Enter for as planned."""
    from hipdrive.training.done import Did
    from hipdrive.training.doses import table_dose
    from hipdrive.training.ladder import ladder

    screen.print("[dim]For each exercise: how much in your weakest set? Enter: as planned. 0: left out.[/]")
    different = {}
    for entry in planned.exercises:
        if entry.exercise in left_out:
            continue
        amount = _prompt_number(f"{ladder()[entry.exercise].name}, {table_dose(entry.dose)}", entry.dose.most, most=600)
        if amount == 0:
            left_out.add(entry.exercise)
        elif amount != entry.dose.most:
            different[entry.exercise] = Did(entry.dose.sets, amount)
    return different


def _prompt_number(text: str, default: float, most: float = 10) -> float:
    while True:
        number: float = typer.prompt(text, default=default, type=float)
        if 0 <= number <= most:
            return number
        typer.echo(f"A number from 0 to {most:g}, please.")


def _ask_how_yesterday_settled(athlete: AthleteDiary, day: date) -> None:
    """Pain is judged by the next morning, so ask once when the last was in between."""
    from hipdrive.diary.entries import enter_settled
    from hipdrive.training.pain import unsettled_report

    if (report := unsettled_report(athlete.history(), day)) is not None:
        settled = typer.confirm(
            f"On {report.day:%A} it hurt, {report.score:g} of 10. Was it as before the next morning?"
        )
        enter_settled(athlete, day, settled)


def _say_what_follows(athlete: AthleteDiary, session: SessionDone, screen: Console) -> None:
    """Say thanks, what pain means for the next time, and when that is."""
    from datetime import timedelta

    from hipdrive.report.typed import in_terminal
    from hipdrive.report.words import counted
    from hipdrive.training.done import day_words
    from hipdrive.training.programme import plan

    screen.print(f"[green]✓[/] {counted(len(session.exercises), 'exercise')} in the diary. Well done.")
    _say_pain(athlete, session.day, screen)
    programme = plan(athlete.history(), session.day + timedelta(days=1))
    if programme.stopped:
        screen.print(in_terminal(programme.stopped), markup=False)
    elif programme.sessions:
        screen.print(f"Next: {day_words(programme.sessions[0].day)}. [bold]hipdrive plan[/] shows it.")


def _say_pain(athlete: AthleteDiary, day: date, screen: Console) -> None:
    from hipdrive.training.pain import LIGHT_WORDS, light

    if (colour := light(athlete.history(), day)) is not None:
        screen.print(LIGHT_WORDS[colour], markup=False)
