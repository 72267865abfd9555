"""The REST API under /api/v1: what the app can do, for other programs. JSON is the same as on the disk.

A route reads what was sent, calls the diary or the training, and writes down what comes back. It has no rules of its
own: what is taken and how much of it is said by the diary.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from fastapi import Path as PathPart
from fastapi.openapi.utils import get_openapi
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, Response, StreamingResponse

from hipdrive.diary import AthleteDiary
from hipdrive.diary.entries import enter_session
from hipdrive.diary.limits import MOST_ANALYSIS_BYTES, called, checked
from hipdrive.diary.moments import zone_name, zone_named
from hipdrive.diary.portable import ZonedRun
from hipdrive.diary.store import digest_of
from hipdrive.errors import HipdriveError, NeedsCare
from hipdrive.exchange.activity import fingerprint, new_runs
from hipdrive.exchange.runs import Found, import_words
from hipdrive.exchange.subscribed import calendar_of
from hipdrive.exchange.watch import workout
from hipdrive.movements import MOVEMENTS
from hipdrive.results import Analysis
from hipdrive.training.done import planned_for, read_did
from hipdrive.training.history import (
    Away,
    PainReport,
    Profile,
    Race,
    Run,
    Screening,
    SessionDone,
    TestResult,
)
from hipdrive.training.ladder import Exercise, exercise_named, ladder, picture_path
from hipdrive.training.pain import QUESTIONS, Question
from hipdrive.training.profile import QUESTIONS as PROFILE_QUESTIONS
from hipdrive.training.profile import changed
from hipdrive.training.programme import Programme, plan
from hipdrive.training.selftest import TESTS, SelfTest, self_test, values
from hipdrive.training.sitting import SETTING as BREAKS
from hipdrive.training.sitting import BreakSettings, time_of
from hipdrive.training.trends import DAYS, Trend, trends
from hipdrive.web import uploads
from hipdrive.web.accounts import (
    ApiToken,
    add_token,
    calendar_address,
    remove_calendar,
    remove_token,
    renew_calendar,
    tokens,
)
from hipdrive.web.described import components
from hipdrive.web.examples import EXAMPLES
from hipdrive.web.jobs import make_private
from hipdrive.web.kinds import shown_name
from hipdrive.web.messages import (
    AnalysisKept,
    Breaks,
    CalendarMade,
    CalendarTold,
    Done,
    EntryTold,
    Erase,
    Erased,
    JobTold,
    MovementTold,
    NewRun,
    NewToken,
    RunsKept,
    SeenAnalysis,
    TokenMade,
)
from hipdrive.web.problems import SCHEMA as PROBLEM_SCHEMA
from hipdrive.web.problems import Problem
from hipdrive.web.reading import read_apart, read_called
from hipdrive.web.rest import (
    BYTES,
    DAY_ASKED,
    JSON,
    PAGE,
    PREFIX,
    ApiRoute,
    Before,
    Day,
    Described,
    Limit,
    Me,
    answer,
    body_of,
    keep_body,
    me_or_nobody,
    page,
)
from hipdrive.web.subscription import ICS, address_for
from hipdrive.web.uploads import ZIP, JobId, job_of, told

MOST_WEEKS: Final = 12  # of a plan, as on the command line
LEAST_DAYS, MOST_DAYS = 7, 3660  # of progress, as on the command line
INCOMING: Final = "incoming-runs"  # what a file with runs is called here, whatever its owner calls it
MOST_LEFT_OUT: Final = 1000  # files of which it is told one by one why they were left out
MOST_BESIDE_BYTES: Final = 4 * 1024 * 1024  # a larger file is read by a process of its own, which takes a second more
SOON_S: Final = 10.0  # in which most files are read; after that it is said that there is still somebody
ALIVE_S: Final = 10.0  # browsers and programs take a connection for broken after a minute of silence and more
PICTURE_LIVES_S: Final = 86_400

FIT: Final = "application/vnd.ant.fit"
WEBP: Final = "image/webp"

# ranges of which an end may be missing
OPEN_ENDED: Final[Mapping[str, tuple[str, ...]]] = {
    "Band": ("good", "acceptable", "limit"),
    "Trend": ("usual", "scale"),
}

GONE: Final = (
    "Everything is gone from the diary. hipdrive cannot reach what lies elsewhere: exports and backups you made, "
    "result folders beside your clips, calendars you subscribed to, and what your system's own backups hold."
)

ABOUT: Final = """\
Everything that hipdrive knows and can do for one runner: the diary, the plan, clips, and what was seen in them.

Days are `YYYY-MM-DD`, local days of the runner; times are ISO 8601 with their offset. Units stand in the names: `_m`
metres, `_s` seconds, `_kg` kilograms, `_spm` steps of both feet a minute, `_bpm` beats a minute, `_deg` degrees. Pain
and effort go from 0 to 10, shares from 0 to 1, weekdays from 0 for Monday. `null` is what was not asked or not seen. An
`error` is one standard deviation.

On the machine of one runner nothing is asked. Where there are accounts, send a token: `Authorization: Bearer TOKEN`.
What goes wrong is told in one sentence, as problem details (RFC 9457). None of this is medical advice.
"""

TAGS: Final = (
    ("plan", "What comes next, and why."),
    ("progress", "How it goes, with what is not known."),
    ("profile", "Who runs, and the questions before the first plan."),
    ("training", "What was done, felt and tested."),
    ("runs", "Runs, races and days away."),
    ("clips", "From a clip to its analysis."),
    ("knowledge", "The ladder of exercises, the movements that are judged, self tests, questions."),
    ("data", "Take everything along, or erase it."),
    ("tokens", "How other programs and calendars get in, where there are accounts."),
)


_reading: Final[dict[str, asyncio.Task[RunsKept] | None]] = {}  # by athlete: one file with runs at a time

router = APIRouter(prefix=PREFIX, route_class=ApiRoute)
_described = Described(router)
route = _described.route


def _today(profile: Profile) -> date:
    """The day it is where the runner lives."""
    return datetime.now(ZoneInfo(profile.time_zone)).date()


# -- the description -----------------------------------------------------------------------------------------------


@router.get("/openapi.json", include_in_schema=False)
def openapi_json() -> Response:
    """Give the description of all of it."""
    return answer(openapi())


@cache
def openapi() -> dict[str, Any]:
    """Description of the API (OpenAPI 3.1)."""
    description = get_openapi(
        title="hipdrive",
        version=version("hipdrive"),
        summary="A runner's glute exercises and runs: judged, planned, kept on the runner's own machine.",
        description=ABOUT,
        routes=[*router.routes, *uploads.router.routes],
        tags=[{"name": name, "description": said} for name, said in TAGS],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    schemas = components(
        [*_described.given, *uploads.described.given],
        [*_described.taken, *uploads.described.taken],
        open_ended=OPEN_ENDED,
        choices={("ExerciseDone", "exercise"): ladder(), ("TestResult", "test"): [test.id for test in TESTS]},
        examples=EXAMPLES,
    )
    description["components"] = {
        "schemas": schemas | {"Problem": PROBLEM_SCHEMA},
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "Made under /tokens."}},
    }
    description["security"] = [{"token": []}, {}]
    return description


# -- plan and progress ---------------------------------------------------------------------------------------------

Weeks = Annotated[int, Query(ge=1, le=MOST_WEEKS, description="How many weeks, this one included.")]


@route("GET", "/plan", "plan", gives=Programme)
def get_plan(me: Me, weeks: Weeks = 4) -> Response:
    """Get the next weeks, and why each thing is there.

    When nothing can be planned, `stopped` says why and what to do.
    """
    return answer(_plan(me, weeks))


@route("GET", "/plan.ics", "plan", file=ICS)
def get_calendar(
    me: Me,
    weeks: Weeks = 4,
    alarm_min: Annotated[int, Query(ge=0, le=1440, description="Minutes before a session for the reminder.")] = 30,
) -> Response:
    """Get the plan as a calendar.

    Events keep their UID when they move, so it can be imported again and again.
    """
    history = me.history()
    programme = plan(history, _today(history.profile), weeks)
    data = calendar_of(me, history, programme, now=datetime.now(UTC), remind_minutes=alarm_min)
    return _file(data, ICS, "hipdrive.ics")


@route("GET", "/plan/{session}.fit", "plan", file=FIT, problems=[404])
def get_workout(
    me: Me,
    session: Annotated[
        str, PathPart(pattern=r"^\d{4}-W\d{2}-\d{1,2}$", description="A planned session, such as 2026-W48-1.")
    ],
    older_watch: Annotated[bool, Query(description="Only exercise names that older watches know.")] = False,
) -> Response:
    """Get a session of the plan as a workout for a watch (FIT)."""
    planned = next((one for one in _plan(me, MOST_WEEKS).sessions if one.id == session), None)
    if planned is None:
        raise Problem(404, f"no session {session} is planned: the plan says which there are")
    return _file(workout(planned, older_watch=older_watch), FIT, f"{planned.id}.fit")


@route("GET", "/progress", "progress", gives=tuple[Trend, ...])
def get_progress(
    me: Me, days: Annotated[int, Query(ge=LEAST_DAYS, le=MOST_DAYS, description="How far to look back.")] = DAYS
) -> Response:
    """Get how it goes: sessions, cues, self tests, runs and measures.

    A change is called one only when it is larger than the error of what was measured.
    """
    history = me.history()
    return answer(trends(history, ladder(), _today(history.profile), days))


def _plan(me: AthleteDiary, weeks: int) -> Programme:
    history = me.history()
    return plan(history, _today(history.profile), weeks)


def _file(content: bytes, kind: str, name: str) -> Response:
    return Response(content, 200, {"Content-Disposition": f'attachment; filename="{name}"'}, kind)


# -- who it is -----------------------------------------------------------------------------------------------------


@route("GET", "/profile", "profile", gives=Profile)
def get_profile(me: Me) -> Response:
    """Get who you are, and how your week looks."""
    return answer(me.profile())


@route("PUT", "/profile", "profile", takes=Profile, gives=Profile, problems=[413, 415])
def put_profile(
    request: Request,
    me: Annotated[AthleteDiary | None, Depends(me_or_nobody)],
    profile: Annotated[Profile, Depends(body_of(Profile))],
) -> Response:
    """Say who you are, and how your week looks; this begins a diary.

    What is left out goes back to what it is at the beginning: get it, change it, put it.
    """
    profile = _plausible(profile)
    if me is None:
        request.app.state.diary.add_athlete(profile)
    else:
        me.save_profile(profile)
    return answer(profile)


def _plausible(profile: Profile) -> Profile:
    """Profile that could have been typed in."""
    profile = checked(profile)
    changed(profile, {asked.field: asked.words(getattr(profile, asked.field)) for asked in PROFILE_QUESTIONS})
    return profile


@route("GET", "/screenings", "profile", gives=tuple[Screening, ...])
def get_screenings(request: Request, me: Me, limit: Limit = PAGE, before: Before = None) -> Response:
    """Get your answers to the questions before the first plan."""
    return page(request, me.history().screenings, lambda one: one.day, limit, before)


@route("POST", "/screenings", "profile", takes=Screening, gives=Screening, status=201, problems=[413, 415])
def post_screening(me: Me, screening: Annotated[Screening, Depends(body_of(Screening))]) -> Response:
    """Answer the questions before the first plan, see /questions.

    Without it nothing is planned. An answer of true stays open until a later screening says when a professional said
    that training is all right (`cleared`).
    """
    me.add_screening(screening)
    return answer(screening, 201)


@route("GET", "/settings/breaks", "profile", gives=Breaks)
def get_breaks(me: Me) -> Response:
    """Get when breaks from sitting are wanted."""
    kept = BreakSettings.from_text(me.setting(BREAKS))
    return answer(_breaks(kept))


@route("PUT", "/settings/breaks", "profile", takes=Breaks, gives=Breaks, problems=[413, 415])
def put_breaks(me: Me, breaks: Annotated[Breaks, Depends(body_of(Breaks))]) -> Response:
    """Say when breaks from sitting are wanted."""
    wanted = BreakSettings(
        breaks.every_min, time_of(breaks.begins), time_of(breaks.ends), tuple(breaks.weekdays), breaks.on
    )
    me.set_setting(BREAKS, wanted.to_text())
    return answer(_breaks(wanted))


def _breaks(kept: BreakSettings) -> Breaks:
    return Breaks(**asdict(kept) | {"begins": f"{kept.begins:%H:%M}", "ends": f"{kept.ends:%H:%M}"})


# -- training ------------------------------------------------------------------------------------------------------


@route("GET", "/sessions", "training", gives=tuple[SessionDone, ...])
def get_sessions(request: Request, me: Me, limit: Limit = PAGE, before: Before = None) -> Response:
    """Get what was done for strength, a session a day, in the order of time."""
    return page(request, me.history().sessions, lambda one: one.day, limit, before)


@route("POST", "/sessions", "training", takes=SessionDone, gives=SessionDone, status=201, problems=[413, 415])
def post_session(me: Me, session: Annotated[SessionDone, Depends(body_of(SessionDone))]) -> Response:
    """Keep what was done on a day.

    There is one session a day: what comes later joins it. The very same again changes nothing. The answer is the
    session of that day.
    """
    _on_the_ladder(session)
    me.log_session(session)
    return answer(_session(me, session.day), 201)


@route("PUT", "/sessions/{day}", "training", takes=SessionDone, gives=SessionDone, problems=[413, 415])
def put_session(me: Me, day: Day, session: Annotated[SessionDone, Depends(body_of(SessionDone))]) -> Response:
    """Correct what was done on a day."""
    if session.day != day:
        raise Problem(422, f"the session is of {session.day}, the address of {day}: name the same day in both")
    _on_the_ladder(session)
    me.log_session(session, replace=True)
    return answer(_session(me, day))


@route("DELETE", "/sessions/{day}", "training", status=204, problems=[404])
def delete_session(me: Me, day: Day) -> Response:
    """Take back what was kept for a day."""
    me.remove_session(day)
    return Response(status_code=204)


@route("POST", "/done", "training", takes=Done, gives=SessionDone, status=201, problems=[413, 415])
def post_done(me: Me, done: Annotated[Done, Depends(body_of(Done))]) -> Response:
    """Say that the planned session was done, and what was different.

    What is in the diary of that day already is not counted twice. When nothing is planned, the answer is 409 and says
    why.
    """
    with me.together():
        history = me.history()
        day = done.day or _today(history.profile)
        planned = planned_for(history, day)
        if planned is None:
            raise Problem(409, plan(history, day).stopped or "nothing is planned for the rest of this week")
        there = {one.exercise for session in history.sessions if session.day == day for one in session.exercises}
        enter_session(
            me,
            planned,
            day,
            did=dict(read_did(f"{name}={one.sets}x{one.amount}") for name, one in done.did.items()),
            left_out={exercise_named(name).id for name in done.left_out} | there,
            clean=done.clean,
            rpe=done.rpe,
            pain=done.pain,
            where=done.where,
            note=done.note,
        )
        return answer(_session(me, day), 201)


@route("GET", "/pains", "training", gives=tuple[PainReport, ...])
def get_pains(request: Request, me: Me, limit: Limit = PAGE, before: Before = None) -> Response:
    """Get how things hurt, in the order of time."""
    return page(request, me.history().pains, lambda one: one.day, limit, before)


@route("POST", "/pains", "training", takes=PainReport, gives=PainReport, status=201, problems=[413, 415])
def post_pain(me: Me, pain: Annotated[PainReport, Depends(body_of(PainReport))]) -> Response:
    """Tell how something hurts; the plan heeds it."""
    me.add_pain(pain)
    return answer(pain, 201)


@route("GET", "/tests", "training", gives=tuple[TestResult, ...])
def get_tests(request: Request, me: Me, limit: Limit = PAGE, before: Before = None) -> Response:
    """Get results of self tests, in the order of time."""
    return page(request, me.history().tests, lambda one: one.day, limit, before)


@route("POST", "/tests", "training", takes=TestResult, gives=TestResult, status=201, problems=[413, 415])
def post_test(me: Me, result: Annotated[TestResult, Depends(body_of(TestResult))]) -> Response:
    """Keep the result of a self test, see /selftests.

    When `error` is left out, that of the test by hand is taken.
    """
    test = self_test(result.test)
    found = values(result)
    if result.unit != test.unit or not found or ("" in found) == test.sides or (test.sides and "" in found):
        sides = "left, right or both of them" if test.sides else "both, as it has no sides"
        raise Problem(422, f"{test.id} is told in {test.unit}, as {sides}")
    error = test.error(max(found.values())) if result.error is None else result.error
    kept = checked(replace(result, test=test.id, error=error))
    me.add_test(kept)
    return answer(kept, 201)


@route("GET", "/diary", "training", gives=tuple[EntryTold, ...])
def get_diary(request: Request, me: Me, limit: Limit = PAGE, before: Before = None) -> Response:
    """Get what was entered, in words and in the order of time: sessions, films, pain, self tests, runs and the rest."""
    told = [msgspec.convert(entry, EntryTold, from_attributes=True) for entry in reversed(me.entries(before=before))]
    return page(request, told, lambda entry: entry.day, limit, before)


@route("DELETE", "/diary/{id}", "training", status=204, problems=[404])
def delete_entry(
    me: Me,
    id: Annotated[str, PathPart(max_length=100, description="As /diary has it.")],
    by_mistake: Annotated[bool, Query(description="The question of the answer 409 was answered with yes.")] = False,
) -> Response:
    """Take back what was entered by mistake, with what came of it.

    A red flag, or pain that is more than acceptable, is taken back only after a question: the answer is 409 with the
    question, which is to be put to the runner.
    """
    try:
        me.take_back(id, by_mistake=by_mistake)
    except NeedsCare as question:
        raise Problem(409, str(question)) from None
    return Response(status_code=204)


def _on_the_ladder(session: SessionDone) -> None:
    for done in session.exercises:
        if done.exercise not in ladder():
            raise HipdriveError(f"{done.exercise[:40]!r} is no exercise of the ladder: /ladder has them by their ids")


def _session(me: AthleteDiary, day: date) -> SessionDone:
    return next(one for one in me.history().sessions if one.day == day)


# -- runs ----------------------------------------------------------------------------------------------------------


@route("GET", "/runs", "runs", gives=tuple[ZonedRun, ...])
def get_runs(request: Request, me: Me, limit: Limit = PAGE, before: Before = None) -> Response:
    """Get runs, in the order of time."""
    runs = [ZonedRun(**vars(run), zone=zone_name(run.start)) for run in me.history().runs]
    return page(request, runs, lambda run: run.start.date(), limit, before)


@route("POST", "/runs", "runs", takes=tuple[NewRun, ...], gives=RunsKept, problems=[413, 415])
def post_runs(me: Me, runs: Annotated[tuple[NewRun, ...], Depends(body_of(tuple[NewRun, ...]))]) -> Response:
    """Keep runs; those that are there already are not kept twice."""
    return answer(_keep_runs(me, Found(tuple(map(_run, runs)))))


@route("POST", "/runs/file", "runs", upload=BYTES, gives=RunsKept, problems=[408, 413, 507])
async def post_run_file(
    request: Request,
    me: Me,
    name: Annotated[str, Query(max_length=500, description="What you call it, for what is said about it.")] = "",
) -> Response:
    """Bring runs in from a file of a watch: FIT, TCX or GPX, also packed with gzip, or a zip file of them.

    The body is the file as it is; an export of all data may be a zip file of zip files. What is in the diary already is
    not kept twice. What cannot be read is told in the answer, and does not stop the others. While a large one is read,
    empty lines come before the answer.
    """
    if me.uid in _reading:
        raise Problem(409, "another file is being read for you: send the next one when that has ended")
    settings = request.app.state.settings
    root: Path = request.app.state.jobs.root
    make_private(root)
    folder = Path(mkdtemp(prefix="upload-", dir=root))
    _reading[me.uid] = None
    try:
        await keep_body(request, folder / INCOMING, settings.most_upload_bytes, shown_name(name))
        _reading[me.uid] = reading = asyncio.create_task(_bring_in(me, folder, shown_name(name)))
    except BaseException:
        del _reading[me.uid]
        await asyncio.shield(run_in_threadpool(shutil.rmtree, folder, True))
        raise
    await asyncio.wait([reading], timeout=SOON_S)
    return answer(reading.result()) if reading.done() else StreamingResponse(_at_last(reading), media_type=JSON)


@route("GET", "/races", "runs", gives=tuple[Race, ...])
def get_races(me: Me) -> Response:
    """Get races, past and to come."""
    return answer(me.history().races)


@route("POST", "/races", "runs", takes=Race, gives=Race, status=201, problems=[413, 415])
def post_race(me: Me, race: Annotated[Race, Depends(body_of(Race))]) -> Response:
    """Enter a race, in the place of another one on that day; the plan goes easy before it."""
    me.add_race(race)
    return answer(race, 201)


@route("DELETE", "/races/{day}", "runs", status=204, problems=[404])
def delete_race(me: Me, day: Day) -> Response:
    """Take a race back."""
    me.remove_race(day)
    return Response(status_code=204)


@route("GET", "/away", "runs", gives=tuple[Away, ...])
def get_away(me: Me) -> Response:
    """Get days on which nothing could be done, or will."""
    return answer(me.history().away)


@route("POST", "/away", "runs", takes=Away, gives=Away, status=201, problems=[413, 415])
def post_away(me: Me, away: Annotated[Away, Depends(body_of(Away))]) -> Response:
    """Enter days on which you cannot train; the plan goes round them."""
    me.add_away(away)
    return answer(away, 201)


@route("DELETE", "/away/{first}", "runs", status=204, problems=[404])
def delete_away(me: Me, first: Day) -> Response:
    """Take days away back that begin on that day."""
    me.remove_away(first)
    return Response(status_code=204)


def _run(new: NewRun) -> Run:
    """Run in its zone, with the mark by which it is known again."""
    run = checked(Run(**{name: value for name, value in vars(new).items() if name != "zone"}))
    start = run.start if new.zone is None else run.start.astimezone(zone_named(new.zone))
    return replace(run, start=start, fingerprint=run.fingerprint or fingerprint(start, run.distance_m))


async def _bring_in(me: AthleteDiary, folder: Path, name: str) -> RunsKept:
    """Read a file and keep its runs, whether somebody still waits for it or not."""
    try:
        return await run_in_threadpool(_read_and_keep, me, folder / INCOMING, name)
    finally:
        del _reading[me.uid]
        await run_in_threadpool(shutil.rmtree, folder, True)


async def _at_last(reading: asyncio.Task[RunsKept]) -> AsyncIterator[bytes]:
    """Empty lines, so that nobody takes the connection for broken, and then the answer."""
    while not reading.done():
        yield b"\n"
        await asyncio.wait([reading], timeout=ALIVE_S)
    try:
        kept = reading.result()
    except HipdriveError as error:  # too late for a status
        kept = RunsKept(0, 0, (str(error),))
    yield msgspec.json.encode(kept)


def _read_and_keep(me: AthleteDiary, path: Path, name: str) -> RunsKept:
    apart = path.stat().st_size > MOST_BESIDE_BYTES
    found = (read_apart if apart else read_called)(path, name, ZoneInfo(me.profile().time_zone))
    return _keep_runs(me, found)


def _keep_runs(me: AthleteDiary, found: Found) -> RunsKept:
    with me.together():
        new = new_runs(me.history().runs, found.runs)
        me.add_runs(new)
    said = tuple(import_words(new, found))
    return RunsKept(len(new), len(found.runs) - len(new), said, found.left_out[:MOST_LEFT_OUT])


# -- clips ---------------------------------------------------------------------------------------------------------


@route("GET", "/jobs", "clips", gives=tuple[JobTold, ...])
def get_jobs(request: Request, me: Me) -> Response:
    """Get all clips that were sent and not removed, the newest first."""
    return answer([told(job) for job in request.app.state.jobs.of(me.uid)])


@route("GET", "/jobs/{id}", "clips", gives=JobTold, problems=[404])
def getjob_of(request: Request, me: Me, id: JobId) -> Response:
    """Get how far the analysis of a clip is."""
    return answer(told(job_of(request, me, id)))


@route("POST", "/jobs/{id}/cancel", "clips", gives=JobTold, problems=[404])
def post_cancel(request: Request, me: Me, id: JobId) -> Response:
    """End an analysis that waits or runs; nothing happens to one that has ended."""
    job_of(request, me, id)
    return answer(told(request.app.state.jobs.cancel(me.uid, id)))


@route("POST", "/jobs/{id}/muscles", "clips", gives=JobTold, status=202, problems=[404, 507])
def post_muscles(request: Request, me: Me, id: JobId) -> Response:
    """Have the muscles worked out for a clip that was looked at; its result stays, and gets more files."""
    job_of(request, me, id)
    job = request.app.state.jobs.add_muscles(me.uid, id)
    return answer(told(job), 202, {"Location": f"{PREFIX}/jobs/{id}"})


@route("DELETE", "/jobs/{id}", "clips", status=204, problems=[404])
def deletejob_of(request: Request, me: Me, id: JobId) -> Response:
    """Remove a clip with everything that came of it; what was kept in the diary stays there."""
    if not request.app.state.jobs.remove(me.uid, id):
        raise Problem(404, "there is no such clip: /jobs has those that are there")
    return Response(status_code=204)


@route("GET", "/jobs/{id}/analysis", "clips", gives=Analysis, problems=[404])
def get_job_analysis(request: Request, me: Me, id: JobId) -> Response:
    """Get what was seen, byte for byte as in analysis.json.

    Before it is ready, or when it failed, the answer is 409 and says why.
    """
    job = job_of(request, me, id)
    analysis = request.app.state.jobs.result(job) / "analysis.json"
    if not analysis.is_file() and job.state == "done":
        raise Problem(404, "what was seen in this clip was removed: film or upload it again")
    if not analysis.is_file():
        raise Problem(409, f"there is no analysis ({job.state}): {job.say}")
    return Response(analysis.read_bytes(), media_type=JSON)


# -- analyses ------------------------------------------------------------------------------------------------------


@route("GET", "/analyses", "clips", gives=tuple[SeenAnalysis, ...])
def get_analyses(request: Request, me: Me, limit: Limit = PAGE, before: Before = None) -> Response:
    """Get what was seen in clips, in short, in the order of time."""
    seen = [SeenAnalysis(**vars(one), id=digest) for digest, one in me.seen_by_digest().items()]
    return page(request, seen, lambda one: one.day, limit, before)


@route("GET", "/analyses/{id}", "clips", gives=Analysis, problems=[404])
def get_analysis(
    me: Me, id: Annotated[str, PathPart(pattern="^[0-9a-f]{64}$", description="As /analyses has it.")]
) -> Response:
    """Get an analysis whole, byte for byte as in analysis.json."""
    return Response(me.analysis(id).to_json(), media_type=JSON)


@route("POST", "/analyses", "clips", takes=Analysis, open_to_more=True, gives=AnalysisKept, problems=[413, 415])
def post_analysis(
    me: Me,
    analysis: Annotated[Analysis, Depends(body_of(Analysis, MOST_ANALYSIS_BYTES, open_to_more=True))],
    day: Annotated[date | None, DAY_ASKED, Query(description="When it was filmed; today when left out.")] = None,
) -> Response:
    """Keep an analysis, as analysis.json has it.

    The same analysis again is not kept twice; with another day it moves there. The set that it shows is told by
    /sessions.
    """
    new = me.keep_analysis(day or _today(me.profile()), analysis)
    return answer(AnalysisKept(digest_of(analysis), new))


# -- what is known -------------------------------------------------------------------------------------------------


@route("GET", "/ladder", "knowledge", gives=tuple[Exercise, ...])
def get_ladder(me: Me) -> Response:
    """Get all exercises, line by line, the lowest first."""
    return answer(tuple(ladder().values()))


ExerciseId = Annotated[str, PathPart(description="An exercise of the ladder, such as glute_bridge.")]


@route("GET", "/ladder/{exercise}", "knowledge", gives=Exercise, problems=[404])
def get_exercise(me: Me, exercise: ExerciseId) -> Response:
    """Get one exercise: how to do it, why, and what comes before and after."""
    return answer(_exercise(exercise))


@route("GET", "/ladder/{exercise}/picture", "knowledge", file=WEBP, problems=[404])
def get_picture(me: Me, exercise: ExerciseId) -> Response:
    """Get the picture of an exercise."""
    content = picture_path(_exercise(exercise)).read_bytes()
    return Response(content, 200, {"Cache-Control": f"private, max-age={PICTURE_LIVES_S}"}, WEBP)


@route("GET", "/movements", "knowledge", gives=tuple[MovementTold, ...])
def get_movements(me: Me) -> Response:
    """Get the movements that are judged: the coach's words, every cue and measure with limits, error and sources."""
    told = [msgspec.convert(movement, MovementTold, from_attributes=True) for movement in MOVEMENTS.values()]
    return answer(told)


@route("GET", "/selftests", "knowledge", gives=tuple[SelfTest, ...])
def get_selftests(me: Me) -> Response:
    """Get the self tests: how each is done, what ends it, what others reach."""
    return answer(TESTS)


@route("GET", "/questions", "knowledge", gives=tuple[Question, ...])
def get_questions(me: Me) -> Response:
    """Get the questions about health: those before the first plan, and those for when something hurts."""
    return answer(QUESTIONS)


def _exercise(name: str) -> Exercise:
    if name not in ladder():
        raise Problem(404, f"{name[:40]!r} is no exercise of the ladder: /ladder has them by their ids")
    return ladder()[name]


# -- everything ----------------------------------------------------------------------------------------------------


@route("GET", "/export", "data", file=ZIP)
def get_export(me: Me) -> Response:
    """Take everything along: one zip file in open formats, with a README that says what is what."""
    folder = TemporaryDirectory(prefix="hipdrive-")  # only its owner may look into it
    try:
        (path,) = me.export(Path(folder.name) / "diary.zip")
    except BaseException:
        folder.cleanup()
        raise
    return FileResponse(path, media_type=ZIP, filename="hipdrive-diary.zip", background=BackgroundTask(folder.cleanup))


@route("POST", "/erase", "data", takes=Erase, gives=Erased, problems=[413, 415])
def post_erase(request: Request, me: Me, erase: Annotated[Erase, Depends(body_of(Erase))]) -> Response:
    """Erase everything of yours: diary, clips, results, account. It cannot be taken back.

    Nothing is erased unless the name is the one in the profile.
    """
    if called(erase.name) != called(me.profile().name):
        raise Problem(422, "this is not the name in the profile, so nothing was erased")
    request.app.state.jobs.forget(me.uid)
    me.erase()
    return answer(Erased(GONE))


# -- tokens --------------------------------------------------------------------------------------------------------


def _accounts(request: Request) -> None:
    """Tokens are for where there are accounts."""
    if not request.app.state.settings.accounts:
        raise Problem(404, "there are no accounts here, so no token is needed: programs on this machine just ask")


Accounts = Annotated[None, Depends(_accounts)]


@route("GET", "/settings/calendar", "tokens", gives=CalendarTold, problems=[404])
def get_calendar_address(me: Me, accounts: Accounts) -> Response:
    """Get whether calendar programs can read the plan at a secret address."""
    there = calendar_address(me)
    return answer(CalendarTold(False) if there is None else CalendarTold(True, there.made_at, there.last_used_at))


@route("POST", "/settings/calendar", "tokens", gives=CalendarMade, status=201, problems=[404])
def post_calendar_address(request: Request, me: Me, accounts: Accounts) -> Response:
    """Make a secret address at which calendar programs, which can show no token, read the plan.

    An earlier address is worth nothing from then on.
    """
    return answer(CalendarMade(address_for(request, renew_calendar(me))), 201)


@route("DELETE", "/settings/calendar", "tokens", status=204, problems=[404])
def delete_calendar_address(me: Me, accounts: Accounts) -> Response:
    """Switch the secret address off: calendar programs get nothing more."""
    if not remove_calendar(me):
        raise Problem(404, "there is no such address: a POST makes one")
    return Response(status_code=204)


@route("GET", "/tokens", "tokens", gives=tuple[ApiToken, ...], problems=[404])
def get_tokens(me: Me, accounts: Accounts) -> Response:
    """Get which tokens there are, and when each was used; not the tokens themselves."""
    return answer(tokens(me))


@route("POST", "/tokens", "tokens", takes=NewToken, gives=TokenMade, status=201, problems=[404, 413, 415])
def post_token(me: Me, accounts: Accounts, wanted: Annotated[NewToken, Depends(body_of(NewToken))]) -> Response:
    """Make a token with which another program can sign in. It is shown this once."""
    if wanted.name in {token.name for token in tokens(me)}:
        raise Problem(409, f"there is a token called {wanted.name}: choose another name")
    return answer(TokenMade(wanted.name, add_token(me, wanted.name)), 201)


@route("DELETE", "/tokens/{name:path}", "tokens", status=204, problems=[404])
def delete_token(me: Me, accounts: Accounts, name: Annotated[str, PathPart(description="Of the token.")]) -> Response:
    """Take a token back: who has it is signed out at once."""
    if name not in {token.name for token in tokens(me)}:
        raise Problem(404, "there is no such token: /tokens has their names")
    remove_token(me, name)
    return Response(status_code=204)
