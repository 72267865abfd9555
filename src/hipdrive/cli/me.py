"""Command for who runs: `me`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hipdrive.cli.common import fail, plain_errors, today

if TYPE_CHECKING:
    from rich.console import Console

    from hipdrive.diary import AthleteDiary
    from hipdrive.training.history import Profile

Answer = Annotated[str | None, typer.Option(show_default=False)]


def me(
    name: Answer = None,
    height: Annotated[str | None, typer.Option(help="In metres.", show_default=False)] = None,
    mass: Annotated[str | None, typer.Option(help="In kilograms.", show_default=False)] = None,
    sex: Annotated[str | None, typer.Option(help="f or m.", show_default=False)] = None,
    born: Annotated[str | None, typer.Option(help="Year of birth.", show_default=False)] = None,
    experience: Annotated[
        str | None, typer.Option(help="With strength work: new, some or regular.", show_default=False)
    ] = None,
    runs: Annotated[
        str | None, typer.Option(help="Days on which you run: 'Tue, Thu, Sun'.", show_default=False)
    ] = None,
    key_runs: Annotated[
        str | None, typer.Option(help="Those of them that are hard or long.", show_default=False)
    ] = None,
    free: Annotated[
        str | None, typer.Option(help="Days with time for strength; - for any.", show_default=False)
    ] = None,
    sessions: Annotated[str | None, typer.Option(help="Strength sessions a week: 2 or 3.", show_default=False)] = None,
    sat: Annotated[str | None, typer.Option(help="Hours sat on a usual day.", show_default=False)] = None,
    bands: Annotated[str | None, typer.Option(help="Colours: 'yellow, red'.", show_default=False)] = None,
    equipment: Annotated[str | None, typer.Option(help="bench, step, weight.", show_default=False)] = None,
    goals: Annotated[
        str | None, typer.Option(help="In your own words, several with a semicolon between them.", show_default=False)
    ] = None,
    at: Annotated[str | None, typer.Option(help="Time of day of sessions in the calendar.", show_default=False)] = None,
    zone: Annotated[str | None, typer.Option(help="Time zone: Europe/Berlin.", show_default=False)] = None,
    ask: Annotated[bool, typer.Option("--ask", help="Ask everything again.")] = False,
) -> None:
    """Show or change who you are: the first time everything is asked, health questions first.

    hipdrive me

    hipdrive me --runs 'Tue, Thu, Sun' --key-runs Sun --bands 'yellow, red'
    """  # fmt: skip
    from rich.console import Console

    from hipdrive.cli.pain import ask_screening
    from hipdrive.diary import Diary
    from hipdrive.training.profile import changed

    typed = {
        "name": name,
        "height_m": height,
        "mass_kg": mass,
        "sex": sex,
        "birth_year": born,
        "experience": experience,
        "run_days": runs,
        "key_run_days": key_runs,
        "free_days": free,
        "sessions_a_week": sessions,
        "hours_sat": sat,
        "bands": bands,
        "equipment": equipment,
        "goals": goals,
        "session_at": at,
        "time_zone": zone,
    }
    answers = {field: text for field, text in typed.items() if text is not None}
    screen = Console(highlight=False)
    with plain_errors(), Diary.open() as diary:
        new = not diary.athletes()
        before = _nobody() if new else diary.athlete().profile()
        asks = ask or (new and not answers)
        screening = ask_screening(screen, today(before)) if asks else None
        after = changed(_asked(before, screen) if asks else before, answers)
        if not after.name:
            fail("a name is wanted first: hipdrive me --name YOURS, or hipdrive me alone, which asks for everything")
        athlete = diary.add_athlete(after) if new else diary.athlete()
        if after != before and not new:
            athlete.save_profile(after)
        if screening is not None:
            athlete.add_screening(screening)
        _show(athlete, screen)


def _nobody() -> Profile:
    from tzlocal import get_localzone_name

    from hipdrive.training.history import Profile

    return Profile(name="", time_zone=get_localzone_name() or "UTC")


def _asked(profile: Profile, screen: Console) -> Profile:
    """Ask every question; Enter keeps what is there."""
    from hipdrive.errors import HipdriveError
    from hipdrive.report.terminal import error_line
    from hipdrive.training.profile import QUESTIONS, changed

    screen.print("[dim]Enter keeps what stands in brackets. Everything stays on this machine.[/]")
    for asked in QUESTIONS:
        kept = asked.words(getattr(profile, asked.field))
        while True:
            text = typer.prompt(f"{asked.text} ({asked.hint})", default=kept, show_default=bool(kept))
            try:
                profile = changed(profile, {asked.field: text})
                break
            except HipdriveError as error:
                error_line(screen, str(error))
    return profile


def _show(athlete: AthleteDiary, screen: Console) -> None:
    """Print the profile as a card, and what to do next."""
    from rich.table import Table
    from rich.text import Text

    from hipdrive.training.pain import screened
    from hipdrive.training.profile import QUESTIONS

    history = athlete.history()
    card = Table.grid(padding=(0, 2))
    for asked in QUESTIONS[1:]:
        card.add_row(Text(asked.label, style="dim"), Text(asked.words(getattr(history.profile, asked.field)) or "–"))
    screen.print(Text(history.profile.name, style="bold"), card)
    following = "hipdrive plan" if screened(history) else "hipdrive screen, the questions before the first plan"
    screen.print(f"\nNext: [bold]{following}[/bold].")
    screen.print("[dim]To change something: hipdrive me --height 1.80, or hipdrive me --ask.[/]")
