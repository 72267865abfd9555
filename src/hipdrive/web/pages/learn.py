"""The lessons: films of right and wrong, and how sure each cue is."""

from __future__ import annotations

from nicegui import app, ui

from hipdrive.report.lessons import ABOUT, lessons_body, lessons_script, lessons_style
from hipdrive.training.lessons import FILMS
from hipdrive.web.pages.frame import fragment, frame

FILMS_AT = "/films"

app.add_media_files(FILMS_AT, FILMS)


@ui.page("/learn")
def learn_page() -> None:
    """Show the lessons."""
    ui.add_head_html(f"<style>{lessons_style()}</style>")
    with frame("Learn", "/learn", facts=ABOUT):
        fragment(lessons_body(FILMS_AT))
    ui.run_javascript(f"(() => {{{lessons_script()}}})()")
