"""The whole app on a diary of its own, and browsers that ask it, for the tests of what keeps others out."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import StarletteDeprecationWarning
from starlette.routing import BaseRoute, Mount

from hipdrive.web.settings import WebSettings

with warnings.catch_warnings():  # it would rather have httpx2
    warnings.simplefilter("ignore", StarletteDeprecationWarning)
    from starlette.testclient import TestClient

HERE = "https://127.0.0.1:8765"
LOOPBACK = "http://127.0.0.1:8765"
PAGE = {"Accept": "text/html", "Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


def settings_in(folder: Path, host: str = "127.0.0.1", **others: Any) -> WebSettings:
    return WebSettings(host=host, folder=folder / "app", database=str(folder / "diary.sqlite3"), **others)


@contextmanager
def running(settings: WebSettings) -> Iterator[FastAPI]:
    """The app from its start to its end."""
    from hipdrive.web.app import make_app

    app = make_app(settings)
    with started(app):
        yield app


@contextmanager
def started(app: FastAPI) -> Iterator[None]:
    """From its start to its end; all who ask it share its loop, as NiceGUI works in one only."""
    with browser(app) as first:
        app.state.portal = first.portal
        yield


def browser(app: FastAPI, **options: Any) -> TestClient:
    """Somebody without cookies; what they send by a form comes from a page of the app."""
    here = HERE if app.state.settings.encrypted else LOOPBACK
    return stranger(app, base_url=here, headers={"Origin": here}, **options)


def stranger(app: FastAPI, base_url: str = LOOPBACK, **options: Any) -> TestClient:
    """Somebody who does not say where they come from."""
    client = TestClient(app, base_url=base_url, follow_redirects=False, **options)
    client.portal = getattr(app.state, "portal", None)
    return client


def sign_in(app: FastAPI, name: str, password: str) -> TestClient:
    client = browser(app)
    answer = client.post("/login", data={"name": name, "password": password})
    assert (answer.status_code, answer.headers["location"]) == (303, "/"), answer.text
    return client


def all_routes(routes: Iterable[BaseRoute], before: str = "") -> Iterator[tuple[str, str]]:
    """Method and path of every route, those of what is mounted and included with them."""
    for route in routes:
        inner: Any = getattr(route, "original_router", None)  # FastAPI keeps an included router whole
        if inner is not None:
            yield from all_routes(inner.routes, before)
        elif isinstance(route, Mount):
            yield from all_routes(route.routes or [], before + route.path)
            if not route.routes:
                yield "GET", f"{before}{route.path}/x"
        else:
            for method in getattr(route, "methods", None) or {"WEBSOCKET"}:
                yield method, before + getattr(route, "path", "")
