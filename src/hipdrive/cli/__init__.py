"""The command line: what commands there are. Each is a function of a module beside this one; no logic of its own."""

from __future__ import annotations

import typer

from hipdrive.cli import (
    breaks,
    data,
    diary,
    digest,
    house,
    ladder,
    learn,
    log,
    look,
    me,
    muscles,
    pain,
    plan,
    progress,
    runs,
    selftest,
    web,
)
from hipdrive.cli.plain import PlainGroup

app = typer.Typer(
    name="hipdrive",
    cls=PlainGroup,
    help="Counts and judges a runner's glute exercises and measures the run, on your own machine.\n\n"
    "Start with: [bold]hipdrive analyse bridge.mp4[/bold]",
    rich_markup_mode="rich",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

PANELS = {
    "Look": (look.analyse, look.export, look.movements, learn.learn),
    "Muscles": (muscles.muscles, muscles.anatomy),
    "Train": (
        me.me,
        plan.plan,
        log.done,
        log.log,
        diary.diary,
        progress.progress,
        selftest.test,
        pain.pain,
        pain.screen,
        breaks.breaks,
        ladder.ladder,
        plan.example,
        runs.race,
        runs.away,
    ),
    "This installation": (house.doctor, house.setup),
}
app.add_typer(web.app, name="app", rich_help_panel="App")
for panel, commands in PANELS.items():
    for command in commands:
        app.command(rich_help_panel=panel)(command)
app.add_typer(runs.app, name="runs", rich_help_panel="Train")
app.add_typer(digest.app, name="digest", rich_help_panel="Train")
app.add_typer(data.app, name="data", rich_help_panel="This installation")


def main() -> None:
    """Run the command line."""
    app()
