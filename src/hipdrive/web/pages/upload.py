"""A clip on its way in: which movement it is, the file, how far it is; and the clips of before."""

from __future__ import annotations

from asyncio import to_thread
from pathlib import Path
from typing import Final

from nicegui import app, ui
from nicegui.element import Element

from hipdrive.movements import MOVEMENTS
from hipdrive.web.filmed import is_kept, test_of
from hipdrive.web.jobs import Job, Jobs
from hipdrive.web.pages.frame import frame, group, is_there, link_button, mine, other_button, words

FILES: Final = Path(__file__).with_name("files")
FILES_AT: Final = "/page-files"
LOOK_S: Final = 1.0  # between two looks at the jobs
SHOWN: Final = 10  # clips, the last ones
LIVE: Final = "/film/live"  # the page of the camera
# of a phone that films 60, 120 or 240 pictures a second and plays 30
SLOWER: Final = {"": "Not at all", "2": "2 times", "4": "4 times (120 pictures a second)", "8": "8 times (240)"}
TAKEN: Final = "video/*,image/jpeg,image/png,.trc,.c3d,.mot,.csv,.parquet"

app.add_static_files(FILES_AT, FILES)


@ui.page("/film")
def film_page() -> None:
    """Take a clip, and show what became of others."""
    athlete = mine()
    takes_clips()
    with frame("Film", "/film"):
        if is_there(LIVE):
            words("h2", "With the camera, live")
            words("p", "hipdrive counts and coaches while you move. Nothing is stored unless you keep it.")
            with ui.element("div").classes("row-of"):
                link_button("Begin live", LIVE, main=True).classes("main")
        words("h2", "From a clip")
        with group("Which movement is it?"), ui.element("div").classes("choices"):
            _choice("movement", "", "Recognise it", chosen=True)
            for movement in MOVEMENTS.values():
                _choice("movement", movement.id, movement.name)
        with ui.element("details"):
            words("summary", "It is in slow motion")
            with group("How much slower does it play?"), ui.element("div").classes("choices"):
                for times, name in SLOWER.items():
                    _choice("slow_motion", times, name, chosen=not times)
        drop(then="/result/")
        with ui.element("details"):
            words("summary", "How to film it")
            with ui.element("ul"):
                for movement in MOVEMENTS.values():
                    words("li", f"{movement.name}: {movement.how_to_film}")
        _clips(athlete.uid)


def _choice(asks: str, value: str, name: str, *, chosen: bool = False) -> None:
    with ui.element("label").classes("choice"):
        made = ui.element("input").props(f'type=radio name={asks} value="{value}" data-asked')
        if chosen:
            made.props("checked")
        words("span", name)


def takes_clips() -> None:
    """Let a page take clips; see `drop`."""
    ui.add_body_html(f'<script src="{FILES_AT}/upload.js"></script>')


def drop(asked: str = "", then: str = "", *, what: str = "a clip", taken: str = TAKEN) -> None:
    """Where a clip is chosen or dropped, how far it is on its way, and how to cancel it.

    Parameters
    ----------
    asked : str
        What is asked of it, as it stands in an address; nothing that a user has written.
    then : str
        Beginning of the address that is opened when it is there, which ends with the number of the clip; the page stays
        when left out.
    what : str
        What is to be chosen.
    taken : str
        Kinds of files.
    """
    with ui.element("div").props(f'data-upload=form data-asked="{asked}" data-then="{then}"'):
        with ui.element("label").classes("drop").props("data-upload=drop"):
            words("strong", f"Choose {what}, or drop it here")
            words("span", "MP4, MOV or WebM; up to 2 GB. It goes no further than hipdrive.").classes("soft")
            ui.element("input").props(f'type=file data-upload=file accept="{taken}"')
        ui.element("progress").props('data-upload=progress hidden max=1 value=0 aria-label="How much is there"')
        words("p", "").props("data-upload=said role=status")
        with ui.element("div").props("data-upload=cancel hidden").classes("row-of"):
            other_button("Cancel", lambda: None)


def _clips(uid: str) -> None:
    jobs: Jobs = ui.context.client.request.app.state.jobs

    @ui.refreshable
    def listed() -> None:
        found = jobs.of(uid)[:SHOWN]
        if not found:
            words("p", "None yet.").classes("soft")
        with ui.element("ul").classes("plain-list"):
            for job in found:
                with ui.element("li"):
                    _clip(job, jobs)

    words("h2", "Your clips")
    listed()
    seen = [_look(job) for job in jobs.of(uid)]

    def look() -> None:
        """Draw the list anew when something in it has changed."""
        nonlocal seen
        now = [_look(job) for job in jobs.of(uid)]
        if now != seen:
            seen = now
            listed.refresh()

    ui.timer(LOOK_S, look)


def _look(job: Job) -> tuple[str, str, str, int]:
    """What of a job can be seen; its progress in hundredths."""
    return job.id, job.state, job.say, round(100 * job.done_frames / (job.total_frames or 1))


def _clip(job: Job, jobs: Jobs) -> None:
    async def remove() -> None:
        await to_thread(jobs.remove, mine().uid, job.id)

    async def cancel() -> None:
        await to_thread(jobs.cancel, mine().uid, job.id)

    with ui.element("div"):
        words("strong", job.name)
        if test := test_of(job):
            words("div", f"Self test: {test.name} ({job.asked.side} leg)").classes("soft")
        words("div", job.say).classes("soft")
        if not job.ended:
            bar(job)
    with ui.element("div").classes("row-of"):
        if jobs.has_result(job):
            link_button("See it", f"/test/{test.id}" if test and not is_kept(jobs, job) else f"/result/{job.id}")
        if job.ended:
            other_button("Remove", remove)
        else:
            other_button("Cancel", cancel)


def bar(job: Job) -> Element:
    """How far a job is."""
    shown = ui.element("progress").props('aria-label="How far the analysis is" max=100')
    if job.state == "running" and job.total_frames:
        shown.props(f"value={min(100, round(100 * job.done_frames / job.total_frames))}")
    return shown
