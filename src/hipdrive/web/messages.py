"""What the API takes and gives beside the records of the diary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, make_dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal, get_type_hints

from msgspec import Meta

from hipdrive.exchange.activity import LeftOut
from hipdrive.movements import Cue, Measure
from hipdrive.training.done import MOST_AMOUNT, MOST_SETS
from hipdrive.training.history import Run, Seen
from hipdrive.training.sitting import WORKDAYS

TimeOfDay = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


@dataclass(frozen=True)
class Did:
    """How an exercise went that was not done as planned.

    Attributes
    ----------
    sets : int
    amount : int
        In the weakest of them, in the unit of the exercise's dose.
    """

    sets: Annotated[int, Meta(ge=1, le=MOST_SETS)]
    amount: Annotated[int, Meta(ge=1, le=MOST_AMOUNT)]


@dataclass(frozen=True)
class Done:
    """What was different from the plan of a day; with nothing in it, all was done as planned.

    Attributes
    ----------
    day : date or None
        Today when left out.
    did : mapping of str to Did
        By exercise: those of which more or less was done. The others were done to the top of their range.
    left_out : tuple of str
        Exercises that were not done.
    clean : bool or None
        Whether every repetition looked as the coach wants it, in the runner's own eyes.
    rpe : float or None
        How hard it was, 0 to 10: 10 is all there was, 7 left three repetitions in reserve.
    pain : float or None
        The worst pain in it, 0 to 10.
    where : str
        Where it hurt, in the runner's own words.
    note : str
    """

    day: date | None = None
    did: Mapping[str, Did] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    clean: bool | None = None
    rpe: float | None = None
    pain: float | None = None
    where: str = ""
    note: str = ""


@dataclass(frozen=True)
class NewRun(Run):
    """A run to be kept. Sending it twice changes nothing.

    Attributes
    ----------
    start : datetime
        With its offset, "2026-11-20T07:30:00+01:00".
    ascent_m : float or None
    heart_rate_bpm, cadence_spm : float or None
        On average.
    source : str
        Which program or watch says so.
    fingerprint : str
        The same for the same run, whatever file it comes from; made from start and distance when left out.
    zone : str or None
        Name of the zone in which it was run, "Europe/Berlin", or its offset; that of the start when left out.
    """

    start: Annotated[datetime, Meta(tz=True)]
    zone: str | None = None


@dataclass(frozen=True)
class RunsKept:
    """What came of runs that were sent.

    Attributes
    ----------
    new : int
        Runs that were not in the diary.
    known : int
        Runs that were, or that came twice.
    say : tuple of str
        The same in sentences, and what was left out, and why.
    left_out : tuple
        Files and activities that were left out, one by one; the first thousand.
    """

    new: int
    known: int
    say: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True)
class SeenAnalysis(Seen):
    """What trends know of an analysis, and where to get all of it.

    Attributes
    ----------
    shares : mapping of str to tuple of int
        For every cue: repetitions judged, good, at fault.
    measures : mapping of str to tuple
        For every measure: value, error (1 SD), unit, left, right.
    advice : tuple of str
        What was advised on, the weightiest first: ids of cues and measures.
    id : str
        For /analyses/{id}: the SHA-256 of what it says.
    """

    id: str = ""


@dataclass(frozen=True)
class AnalysisKept:
    """An analysis that is in the diary.

    Attributes
    ----------
    id : str
        For /analyses/{id}.
    new : bool
        Whether it was not there before.
    """

    id: str
    new: bool


@dataclass(frozen=True)
class JobTold:
    """A clip that is to be analysed, or was.

    Attributes
    ----------
    id : str
        For /jobs/{id}.
    name : str
        What its owner calls it.
    state : {"queued", "running", "done", "failed", "cancelled"}
    done_frames : int
    total_frames : int or None
        None while it is not known.
    say : str
        How far it is, or why it failed, in words.
    made_at : datetime or None
        When it was sent.
    """

    id: str
    name: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    done_frames: int
    total_frames: int | None
    say: str
    made_at: datetime | None


@dataclass(frozen=True)
class UploadTold:
    """A clip on its way in.

    Attributes
    ----------
    id : str
        For /uploads/{id}, and for /jobs/{id} as soon as all of it is there.
    name : str
        What its owner calls it.
    offset : int or None
        How many bytes are there, which is where to go on; None when all are.
    size : int or None
        How many it has in all; None when all are there.
    part_bytes : int
        A good size of a part.
    job : JobTold or None
        Its analysis, when all of it is there.
    """

    id: str
    name: str
    offset: int | None
    size: int | None
    part_bytes: int
    job: JobTold | None


@dataclass(frozen=True)
class FileTold:
    """A file of a result.

    Attributes
    ----------
    name : str
        For /jobs/{id}/files/{name}.
    kind : str
        Its media type.
    bytes : int
        How large it is.
    """

    name: str
    kind: str
    bytes: int


@dataclass(frozen=True)
class EntryTold:
    """Something that was entered into the diary.

    Attributes
    ----------
    id : str
        For /diary/{id}.
    kind : {"session", "film", "pain", "test", "run", "health", "race", "away"}
    day : date
    words : str
        What was entered, in a line.
    details : tuple of str
        The exercises of a session.
    note : str
        In the runner's own words.
    """

    id: str
    kind: Literal["session", "film", "pain", "test", "run", "health", "race", "away"]
    day: date
    words: str
    details: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class NewToken:
    """Asks for a token.

    Attributes
    ----------
    name : str
        What it is for: "my watch".
    """

    name: str


@dataclass(frozen=True)
class TokenMade:
    """A new token, which cannot be shown again.

    Attributes
    ----------
    token : str
        To be sent with every request: "Authorization: Bearer TOKEN".
    """

    name: str
    token: str


@dataclass(frozen=True)
class CalendarTold:
    """Whether calendar programs can read the plan at a secret address; the address itself cannot be shown again.

    Attributes
    ----------
    on : bool
    made_at : datetime or None
        When the address was made.
    last_used_at : datetime or None
        When a program read it last, to some minutes.
    """

    on: bool
    made_at: datetime | None = None
    last_used_at: datetime | None = None


@dataclass(frozen=True)
class CalendarMade:
    """A new secret address of a calendar, which is told this once.

    Attributes
    ----------
    address : str
        For a calendar program, to be subscribed to. Whoever has it can read the plan, and nothing else.
    """

    address: str


@dataclass(frozen=True)
class Breaks:
    """When breaks from sitting are wanted; they stand in the calendar.

    Attributes
    ----------
    every_min : int
        Of sitting before a break: 30 to 60.
    begins, ends : str
        Local times between which somebody sits, "09:00".
    weekdays : tuple of int
        0 for Monday.
    on : bool
        Whether they are wanted at all.
    """

    every_min: int = 45
    begins: TimeOfDay = "09:00"
    ends: TimeOfDay = "17:30"
    weekdays: tuple[int, ...] = WORKDAYS
    on: bool = False


@dataclass(frozen=True)
class Erase:
    """Asks to erase everything; it cannot be taken back.

    Attributes
    ----------
    name : str
        Of the athlete, once more, as a sign that it is meant.
    """

    name: str


@dataclass(frozen=True)
class Erased:
    """What is gone, and what could not be reached."""

    say: str


def _told(kind: type, *without: str) -> Any:
    """The class without what cannot be told in JSON, functions above all."""
    hints = get_type_hints(kind)
    names = [entry.name for entry in fields(kind) if entry.name not in without]
    told = make_dataclass(kind.__name__, [(name, hints[name]) for name in names], frozen=True)
    told.__doc__ = kind.__doc__
    return told


CueTold = _told(Cue, "measure")
MeasureTold = _told(Measure, "measure", "line")


@dataclass(frozen=True)
class MovementTold:
    """A movement that is judged from a clip.

    Attributes
    ----------
    coach : str
        The coach's own words.
    how_to_film : str
        Where to put the phone.
    cues : tuple
        Judged in every repetition.
    measures : tuple
        Measured over the whole clip.
    """

    id: str
    name: str
    coach: str
    how_to_film: str
    cues: tuple[CueTold, ...]  # type: ignore[valid-type]
    measures: tuple[MeasureTold, ...]  # type: ignore[valid-type]
