"""The lessons: films of right and wrong, how sure each cue is, and a model of the muscles.

Films, pictures and the model are no private data; they are closed to strangers all the same, as is everything but the
page for signing in.
"""

from __future__ import annotations

import gzip
from functools import cache
from threading import Lock
from typing import Final

from nicegui import app, ui
from starlette.exceptions import HTTPException
from starlette.responses import Response

from hipdrive.movements import MOVEMENTS
from hipdrive.report.anatomy import STILLS, model_is_there, model_json
from hipdrive.report.lessons import (
    ABOUT,
    ANATOMY_AT,
    LEARN_AT,
    anatomy_body,
    anatomy_script,
    lesson_address,
    lesson_body,
    lessons_script,
    lessons_style,
    overview_body,
)
from hipdrive.training.lessons import FILMS
from hipdrive.web.pages.frame import fragment, frame

FILMS_AT: Final = "/films"
STILLS_AT: Final = "/anatomy"
MODEL_AT: Final = f"{LEARN_AT}/model.json"
KEPT_S: Final = 3600  # by a browser
ABOUT_MUSCLES: Final = "What each muscle of the hip does, in the bridge, the walk and the run, and how sure that is."

app.add_media_files(FILMS_AT, FILMS)
app.add_static_files(STILLS_AT, STILLS)

_one_at_a_time = Lock()  # two would load the bones twice


@app.get(MODEL_AT, include_in_schema=False)
def model() -> Response:
    """Give the model of the muscles; it takes seconds to make, once."""
    if not model_is_there():
        raise HTTPException(404)
    with _one_at_a_time:
        content = _packed_model()
    headers = {"content-encoding": "gzip", "cache-control": f"private, max-age={KEPT_S}"}
    return Response(content, media_type="application/json", headers=headers)


@cache
def _packed_model() -> bytes:
    return gzip.compress(model_json().encode(), mtime=0)


@ui.page(LEARN_AT)
def learn_page() -> None:
    """Show what there is to learn."""
    _show("Learn", ABOUT, overview_body(FILMS_AT, STILLS_AT), lessons_script())


@ui.page(ANATOMY_AT)
def anatomy_page() -> None:
    """Show the muscles."""
    body = anatomy_body(MODEL_AT if model_is_there() else "", STILLS_AT)
    _show("Muscles", ABOUT_MUSCLES, body, anatomy_script())


@ui.page(f"{LEARN_AT}/{{lesson}}")
def lesson_page(lesson: str) -> None:
    """Show the lesson of a movement."""
    lessons = {lesson_address(movement.id): movement for movement in MOVEMENTS.values()}
    movement = lessons.get(f"{LEARN_AT}/{lesson}")
    if movement is None:
        raise HTTPException(404)
    name = movement.name[:1].upper() + movement.name[1:]
    _show(name, ABOUT, lesson_body(movement.id, FILMS_AT), lessons_script())


def _show(title: str, facts: str, body: str, script: str) -> None:
    ui.add_head_html(f"<style>{lessons_style()}</style>")
    with frame(title, LEARN_AT, facts=facts):
        fragment(body)
    ui.run_javascript(f"(() => {{{script}}})()")
