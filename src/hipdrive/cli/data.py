"""Commands for what hipdrive keeps about you: `data where`, `export`, `import`, `erase`, `backup`, `restore`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hipdrive.cli.common import fail, plain_errors

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(help="What hipdrive keeps about you: take it with you, keep it safe, erase it.", no_args_is_help=True)

Who = Annotated[
    str | None, typer.Option("--athlete", metavar="NAME", help="Whose diary; needed where there are several.")
]


@app.command()
def where() -> None:
    """Say where the diary lies, how large it is and who is in it."""
    from hipdrive.diary import Diary
    from hipdrive.diary.backup import left_beside
    from hipdrive.diary.database import address

    console = _console()
    with plain_errors():
        url = address()
        path = Path(url.database or "") if url.get_backend_name() == "sqlite" else None
        if path and not path.exists():
            console.print(f"There is no diary yet. It will lie in {path}.", soft_wrap=True)
            return
        with Diary.open() as diary:
            console.print(diary.where, soft_wrap=True)
            if path:
                console.print(f"{_size(path) / 1e6:.1f} MB")
            for uid, name in diary.athletes():
                console.print(f"{name}  ({uid})", soft_wrap=True)
            for left in left_beside(diary):
                console.print(f"Beside it: {left}", soft_wrap=True)


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="A new folder, or a new file that ends in .zip.")],
    athlete: Who = None,
) -> None:
    """Write everything of yours in open formats: JSON, tables, a README that explains them."""
    from hipdrive.diary import Diary

    with plain_errors(), Diary.open() as diary:
        written = diary.athlete(athlete).export(folder)
    _console().print(f"{_files(len(written))} in {folder}; README.txt says what is what.", soft_wrap=True)


@app.command("import")
def import_(
    source: Annotated[Path, typer.Argument(help="everything.json of an export, its folder or its .zip.")],
) -> None:
    """Read an export back, as the diary of somebody who is not in it yet."""
    from hipdrive.diary import Diary
    from hipdrive.diary.portable import bring_in

    with plain_errors(), Diary.open() as diary:
        profile = bring_in(diary, source).profile()
    _console().print(f"The diary of {profile.name} is there again.", soft_wrap=True)


@app.command()
def erase(
    athlete: Who = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase everything of yours from the diary. It cannot be taken back."""
    from hipdrive.diary import Diary
    from hipdrive.diary.backup import left_beside
    from hipdrive.diary.limits import called
    from hipdrive.web.jobs import forget_files
    from hipdrive.web.settings import default_folder

    console = _console()
    with plain_errors(), Diary.open() as diary:
        if not diary.athletes():
            diary.scrub()  # of an erasure that another program kept from its end
            console.print("There is nobody in the diary, and nothing is left of those who were.")
            return
        mine = diary.athlete(athlete)
        name = mine.profile().name
        if not yes:
            console.print(f"Everything of {name} in {diary.where} will be gone for good.", soft_wrap=True)
            console.print("'hipdrive data export' takes it with you first.")
            typed = typer.prompt(f"To erase it, type the name, {name}", default="", show_default=False)
            if called(typed) != called(name):
                fail("this was not the name, so nothing was erased")
        forget_files(default_folder(), mine.uid)  # clips and results of the app
        mine.erase()
        console.print(f"Everything of {name} is gone from the diary.", soft_wrap=True)
        console.print(
            "hipdrive cannot reach what lies elsewhere: exports and backups you made, result folders beside your "
            "clips, calendars you subscribed to, and what your system's own backups hold.",
            soft_wrap=True,
        )
        for left in left_beside(diary):
            console.print(f"Delete this one, too: {left}", soft_wrap=True)


@app.command()
def backup(
    file: Annotated[Path | None, typer.Argument(help="A new file; by default here, named by the moment.")] = None,
) -> None:
    """Write the whole diary, of everybody in it, into one file."""
    from datetime import datetime

    from hipdrive.diary import Diary
    from hipdrive.diary.backup import backup as write

    target = file or Path(f"hipdrive-diary-{datetime.now():%Y%m%d-%H%M%S}.sqlite3")
    with plain_errors(), Diary.open() as diary:
        write(diary, target)
    _console().print(f"Backup: {target}", soft_wrap=True)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What 'hipdrive data backup' wrote.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of the diary that is there, after a backup of that.")
    ] = False,
) -> None:
    """Read a backup into the diary, also into one on another database."""
    from hipdrive.diary import Diary
    from hipdrive.diary.backup import restore as read

    console = _console()
    with plain_errors(), Diary.open() as diary:
        aside = read(diary, file, replace=replace)
        names = ", ".join(name for _, name in diary.athletes())
        console.print(f"The diary of {names} is there again.", soft_wrap=True)
        if aside:
            console.print(f"What was there before: {aside}", soft_wrap=True)


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False, markup=False)


def _files(number: int) -> str:
    from hipdrive.report.words import counted

    return counted(number, "file")


def _size(path: Path) -> int:
    """Bytes of the file and of the log beside it."""
    return sum(one.stat().st_size for one in (path, path.with_name(f"{path.name}-wal")) if one.exists())
