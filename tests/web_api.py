"""A small app with the API alone, on a real diary, for the tests of the API."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from unittest.mock import patch

from fastapi import FastAPI, Request
from starlette.exceptions import StarletteDeprecationWarning

from hipdrive.diary import AthleteDiary, Diary
from hipdrive.diary.example import fill_example, simulated_analysis
from hipdrive.training.history import Profile, Screening, Seen
from hipdrive.training.pain import screening_questions
from hipdrive.web import api, rest, uploads
from hipdrive.web.app import HANDLERS
from hipdrive.web.jobs import Jobs, make_private
from hipdrive.web.settings import WebSettings
from hipdrive.web.who import NotSignedIn

with warnings.catch_warnings():  # it would rather have httpx2
    warnings.simplefilter("ignore", StarletteDeprecationWarning)
    from starlette.testclient import TestClient as Client

ANALYSIS = simulated_analysis(
    Seen(date(2026, 11, 20), "glute_bridge", 5, {"hold_at_top": (5, 4, 0)}, name="bridge.mp4")
)
CLIP = b"\0\0\0\x18ftypmp42" + b"\0" * 100  # how an MP4 begins
TODAY = date(2026, 11, 24)  # a Tuesday, whatever day it is: what is planned goes by the week
WHO = "X-Test-Athlete"  # who asks, in the place of a session or a token


def _judged(folder: Path, result: Path) -> list[str]:
    """Command that does not look, and says what it has seen."""
    code = f"""if True:
        from pathlib import Path
        result = Path({str(result)!r})
        result.mkdir()
        (result / "analysis.json").write_text({ANALYSIS.to_json()!r})
        (result / "repetitions.csv").write_text("repetition,cue")
        (result / "curves.json").write_text("[]")
        (result / "worker.log").write_text("not for anybody")
        print('{{"done": 30, "total": 30}}', flush=True)
    """
    return [sys.executable, "-I", "-c", code]


def filled_diary(folder: Path) -> Path:
    """File of a diary with the example runner and with Berta, who has only begun."""
    path = folder / "diary.sqlite3"
    with Diary.open(str(path)) as diary:
        fill_example(diary, TODAY)
        berta = diary.add_athlete(Profile("Berta", time_zone="Europe/Berlin"))
        berta.add_screening(Screening(TODAY, {question.id: False for question in screening_questions()}))
    return path


@contextmanager
def running(app: FastAPI, diary: Diary, folder: Path) -> Iterator[None]:
    """What the app has while it runs, on a Tuesday."""
    app.state.diary = diary
    app.state.settings = WebSettings(folder=folder)
    app.state.jobs = Jobs(app.state.settings, diary, command=_judged)
    make_private(app.state.jobs.root)
    for part in (api, uploads):
        app.include_router(part.router)
    with patch.object(api, "_today", lambda profile: TODAY):
        yield


@contextmanager
def api_app(path: Path) -> Iterator[FastAPI]:
    """The API on a diary; who asks is told by a header."""
    with Diary.open(str(path)) as diary:
        app = FastAPI(openapi_url=None)
        for kind, say in HANDLERS.items():
            app.add_exception_handler(kind, say)

        def told(request: Request) -> AthleteDiary:
            name = request.headers.get(WHO)
            if name is None:
                raise NotSignedIn
            return diary.athlete(name)

        app.dependency_overrides[rest.me] = told
        app.dependency_overrides[rest.me_or_nobody] = told
        with running(app, diary, path.parent):
            yield app


def client_of(app: FastAPI, name: str | None) -> Client:
    return Client(app, headers={} if name is None else {WHO: name})
