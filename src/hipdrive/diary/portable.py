"""Everything of one athlete in open formats, and back again.

``everything.json`` holds all of it, exactly; the tables beside it are for spreadsheets. No file gets its name from what
somebody wrote.
"""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal
from uuid import UUID

import msgspec

from hipdrive.diary.moments import zone_name, zone_named
from hipdrive.errors import HipdriveError
from hipdrive.results import Analysis
from hipdrive.training.history import (
    Away,
    History,
    PainReport,
    Profile,
    Race,
    Run,
    Screening,
    Seen,
    SessionDone,
    TestResult,
)

if TYPE_CHECKING:
    from hipdrive.diary.store import AthleteDiary, Diary

SCHEMA: Final = "hipdrive.diary/1"
EVERYTHING: Final = "everything.json"
MOST_BYTES: Final = 2_000_000_000  # of everything.json; proposal
FORMULA: Final = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
)  # a spreadsheet would run a cell that begins so (OWASP, CSV injection)

README: Final = """\
The diary of {name}, written by hipdrive on {day}.

everything.json   All of it, exactly. 'hipdrive data import everything.json' reads it back.
everything.schema.json
                  What stands in it, as a JSON Schema.
profile.json      Who you are and how your week looks.
*.csv             The same as tables for a spreadsheet: UTF-8, commas, a line of names first. Days are YYYY-MM-DD; units
                  stand in the names (_m metres, _s seconds, _kg kilograms, _spm steps a minute, _bpm beats a minute).
                  Scores of pain and effort go from 0 to 10, shares from 0 to 1. An empty cell was not asked or not
                  seen; where there is nothing at all, there is no table. A text that a spreadsheet would take for a
                  formula has a ' before it.
analyses/         What hipdrive saw in your clips, one analysis.json each. The clips themselves were never in the diary.
"""


@dataclass(frozen=True)
class ZonedRun(Run):
    """A run with the name of its zone, which JSON's times do not carry: "Europe/Berlin", or an offset, "+01:00"."""

    zone: str = "UTC"


@dataclass(frozen=True)
class KeptAnalysis:
    """An analysis and the day on which it was filmed."""

    day: date
    analysis: Analysis


@dataclass(frozen=True)
class Everything:
    """All that the diary holds of one athlete; every list is in the order of time."""

    uid: UUID
    made_at: datetime
    profile: Profile
    screenings: tuple[Screening, ...] = ()
    sessions: tuple[SessionDone, ...] = ()
    pains: tuple[PainReport, ...] = ()
    tests: tuple[TestResult, ...] = ()
    runs: tuple[ZonedRun, ...] = ()
    races: tuple[Race, ...] = ()
    away: tuple[Away, ...] = ()
    seen: tuple[Seen, ...] = ()
    analyses: tuple[KeptAnalysis, ...] = ()
    settings: dict[str, str] = field(default_factory=dict)
    schema: Literal["hipdrive.diary/1"] = SCHEMA


def everything(mine: AthleteDiary) -> Everything:
    """All that the diary holds of an athlete."""
    history = mine.history()
    return Everything(
        uid=UUID(mine.uid),
        made_at=datetime.now(UTC),
        profile=history.profile,
        screenings=history.screenings,
        sessions=history.sessions,
        pains=history.pains,
        tests=history.tests,
        runs=tuple(ZonedRun(**vars(run), zone=zone_name(run.start)) for run in history.runs),
        races=history.races,
        away=history.away,
        seen=history.seen,
        analyses=tuple(KeptAnalysis(day, analysis) for day, analysis in mine.analyses()),
        settings=mine.settings(),
    )


def json_schema() -> dict[str, Any]:
    """JSON Schema of everything.json, version 1."""
    schema = msgspec.json.schema(Everything)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": SCHEMA, **schema}


# -- out -----------------------------------------------------------------------------------------------------------


def export(mine: AthleteDiary, target: Path) -> list[Path]:
    """Write everything of an athlete.

    Parameters
    ----------
    mine : AthleteDiary
    target : Path
        A new folder, or a new file when its name ends in ".zip". It is there whole or not at all.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    HipdriveError
        When there is something already.
    """
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise HipdriveError(f"{target} is there already: name a new folder, or a new file that ends in .zip")
    target.parent.mkdir(parents=True, exist_ok=True)
    files = list(_files(everything(mine)))
    with tempfile.TemporaryDirectory(prefix=".hipdrive-", dir=target.parent) as unfinished:  # only its owner may look
        whole = Path(unfinished) / "export"
        if target.suffix.lower() == ".zip":
            with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, text in files:
                    archive.writestr(name, text)
            whole.chmod(0o600)
            whole.replace(target)
            return [target]
        whole.mkdir(mode=0o700)
        for name, text in files:
            path = whole / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(text.encode())
        if target.exists():
            target.rmdir()
        shutil.move(whole, target)
    return [target / name for name, _ in files]


def _files(kept: Everything) -> Iterator[tuple[str, str]]:
    """Names and contents of all files."""
    yield "README.txt", README.format(name=kept.profile.name, day=kept.made_at.date())
    yield EVERYTHING, _pretty(kept)
    yield "everything.schema.json", _pretty(json_schema())
    yield "profile.json", _pretty(kept.profile)
    for name, rows in _tables(kept).items():
        if rows:
            yield f"{name}.csv", _csv(rows)
    for number, entry in enumerate(kept.analyses, start=1):
        yield _analysis_file(number, entry.day), entry.analysis.to_json() + "\n"


def _analysis_file(number: int, day: date) -> str:
    return f"analyses/{number:04}-{day}.analysis.json"


def _pretty(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=1).decode() + "\n"


def _tables(kept: Everything) -> dict[str, list[dict[str, Any]]]:
    """Rows of every table for spreadsheets."""
    file_names = [_analysis_file(number, entry.day) for number, entry in enumerate(kept.analyses, start=1)]
    analyses = list(zip(file_names, kept.seen, strict=True))
    return {
        "screenings": [
            {"day": one.day, "question": question, "answer": answer, "cleared": one.cleared}
            for one in kept.screenings
            for question, answer in one.answers.items()
        ],
        "sessions": [_without(asdict(one), "exercises") for one in kept.sessions],
        "sets": [
            {"day": session.day, "exercise": done.exercise, "set": number, **asdict(one)}
            for session in kept.sessions
            for done in session.exercises
            for number, one in enumerate(done.sets, start=1)
        ],
        "pains": [{**asdict(one), "flags": " ".join(one.flags)} for one in kept.pains],
        "tests": [asdict(one) for one in kept.tests],
        "runs": [asdict(one) for one in kept.runs],
        "races": [asdict(one) for one in kept.races],
        "away": [asdict(one) for one in kept.away],
        "analyses": [
            {"file": file, **_without(asdict(one), "shares", "measures"), "advice": " ".join(one.advice)}
            for file, one in analyses
        ],
        "cues": [
            {"file": file, "day": one.day, "cue": cue, "judged": judged, "good": good, "fault": fault}
            for file, one in analyses
            for cue, (judged, good, fault) in one.shares.items()
        ],
        "measures": [
            {"file": file, "day": one.day, "measure": name}
            | dict(zip(("value", "error", "unit", "left", "right"), values, strict=True))
            for file, one in analyses
            for name, values in one.measures.items()
        ],
        "settings": [{"name": name, "value": value} for name, value in kept.settings.items()],
    }


def _without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def _csv(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value.isoformat() if isinstance(value, date) else value


# -- in ------------------------------------------------------------------------------------------------------------


def bring_in(diary: Diary, source: Path) -> AthleteDiary:
    """Read everything of an athlete back.

    Parameters
    ----------
    diary : Diary
    source : Path
        everything.json, or the folder or ZIP file with it.

    Raises
    ------
    HipdriveError
        When it is no export, or the athlete is in this diary already. Then nothing of it is kept.
    """
    kept = _read(source)
    history = History(
        kept.profile,
        kept.screenings,
        kept.sessions,
        kept.pains,
        kept.tests,
        tuple(map(_run, kept.runs)),
        kept.races,
        kept.away,
    )
    with diary.adding(kept.profile, uid=str(kept.uid)) as mine:
        put_in(mine, history, kept.analyses)
        for name, value in kept.settings.items():
            mine.set_setting(name, value)
        return mine


def put_in(mine: AthleteDiary, history: History, analyses: Iterable[KeptAnalysis]) -> None:
    """Put everything that happened into a diary; what was seen comes with the analyses."""
    for screening in history.screenings:
        mine.add_screening(screening)
    for session in history.sessions:
        mine.log_session(session)
    for pain in history.pains:
        mine.add_pain(pain)
    for result in history.tests:
        mine.add_test(result)
    mine.add_runs(history.runs)
    for race in history.races:
        mine.add_race(race)
    for away in history.away:
        mine.add_away(away)
    for entry in analyses:
        mine.keep_analysis(entry.day, entry.analysis)


def _run(run: ZonedRun) -> Run:
    values = _without(vars(run), "zone")
    return Run(**{**values, "start": run.start.astimezone(zone_named(run.zone))})


def _read(source: Path) -> Everything:
    try:
        return msgspec.json.decode(_bytes(source), type=Everything)
    except (msgspec.DecodeError, zipfile.BadZipFile, KeyError, UnicodeDecodeError):
        raise HipdriveError(f"{source} is no export of hipdrive: name the {EVERYTHING} that it wrote") from None


def _bytes(source: Path) -> bytes:
    if source.is_dir():
        source = source / EVERYTHING
    if source.suffix.lower() == ".zip":
        with zipfile.ZipFile(source) as archive, archive.open(EVERYTHING) as file:
            content = file.read(MOST_BYTES + 1)
    else:
        with source.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise HipdriveError(f"{source} has more than {MOST_BYTES} bytes, which no diary has: name another file")
    return content
