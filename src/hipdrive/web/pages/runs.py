"""Bringing in runs: files of a watch, or all of an export, one file after the other."""

from __future__ import annotations

from typing import Final

from nicegui import ui

from hipdrive.web.pages.frame import words
from hipdrive.web.pages.upload import FILES_AT

MOST_FILES: Final = 2000  # at once, each a request of its own; more come as one ZIP file; proposal
GIGABYTE: Final = 1024**3
TAKEN: Final = ".fit,.tcx,.gpx,.gz,.zip"


def bring_in_runs() -> None:
    """Take files; what came of them is said below."""
    most_bytes = ui.context.client.request.app.state.settings.most_upload_bytes
    ui.add_body_html(f'<script src="{FILES_AT}/runs.js"></script>')
    words("h2", "Bring in runs")
    words("p", "FIT, TCX and GPX files of a watch, or a ZIP file of many. Bringing the same in twice changes nothing.")
    with (
        ui.element("label")
        .classes("drop")
        .props(f"data-runs=drop data-most-bytes={most_bytes} data-most-files={MOST_FILES}")
    ):
        words("strong", "Choose files, or drop them here")
        words(
            "span", f"As many as {MOST_FILES:,}, or all of an export; up to {most_bytes / GIGABYTE:g} GB each."
        ).classes("soft")
        ui.element("input").props(f'type=file multiple data-runs=file accept="{TAKEN}"')
    ui.element("progress").props('data-runs=progress hidden max=1 value=0 aria-label="How much is there"')
    words("p", "").props("data-runs=said role=status")
    ui.element("div").props("data-runs=kept hidden role=status").classes("card said")
