"""Pages without NiceGUI: signing in, the account, and what is said when something does not work."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse

from hipdrive.report.page import page_environment
from hipdrive.report.training_pages import shared_colours

if TYPE_CHECKING:
    from jinja2 import Environment


def plain_page(title: str, sentence: str, *, status: int = 200) -> HTMLResponse:
    """Page that says one thing."""
    return template_page("plain.html.j2", status=status, title=title, sentence=sentence)


def template_page(template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Page of a template, with everything in it escaped."""
    made = _environment().get_template(template).render(shared_colours(), **values)
    return HTMLResponse(made, status, {"cache-control": "no-store"})


@cache
def _environment() -> Environment:
    return page_environment(Path(__file__).parent)
