"""The live coach: the camera, the count, one sentence at a time."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from nicegui import app, ui

from hipdrive.movements import Movement, named
from hipdrive.report.page import page_environment
from hipdrive.web.pages.frame import fragment, frame, mine

STATIC: Final = Path(__file__).parent.parent / "static"
STATIC_AT: Final = "/live-files"
MOVEMENTS: Final = ("glute_bridge", "monster_walk")
DRAWINGS: Final = {
    "glute_bridge": f"{STATIC_AT}/filming-bridge-side.svg",
    "monster_walk": f"{STATIC_AT}/filming-monster-walk.svg",
}
DRAWN: Final = {
    "glute_bridge": "From above: the phone stands 2 to 3 metres away at right angles to the body, head and feet in the "
    "picture. Along the floor: it stands on a low stool, 20 to 40 centimetres high.",
    "monster_walk": "From above: the phone stands 3 to 4 metres straight in front of you, with two metres of floor to "
    "each side in the picture. From the side: it stands at hip height.",
}
TEMPO: Final = {"raise": "slow_raise", "top": "hold_at_top", "lower": "slow_lower"}  # cues that say how long at least

app.add_static_files(STATIC_AT, STATIC)


@ui.page("/film/live")
def live_page() -> None:
    """Coach a set."""
    mine()  # leads whoever is nobody yet to the beginning
    ui.add_head_html(f"<style>{_style()}</style>")
    movements = [named(name) for name in MOVEMENTS]
    with frame("Live", "/film", facts="Put the phone where it sees all of you, and exercise."):
        template = page_environment(Path(__file__).parent).get_template("live.html.j2")
        fragment(template.render(movements=movements, drawings=DRAWINGS, drawn=DRAWN))
    told = json.dumps({movement.id: _told(movement) for movement in movements})
    ui.run_javascript(f"import('{STATIC_AT}/live.js').then(one => one.live(document.getElementById('live'), {told}))")


@cache
def _style() -> str:
    return Path(__file__).with_name("live.css").read_text("utf-8")


def _told(movement: Movement) -> dict[str, Any]:
    """What the page must know of a movement: the words of its phases, and how long each should last at least [s]."""
    words, by_id = movement.words, {cue.id: cue for cue in movement.cues}
    return {
        "words": {"rest": words.rest, "raise": words.out, "top": words.top, "lower": words.back},
        "tempo": {phase: by_id[cue].band.good[0] for phase, cue in TEMPO.items() if cue in by_id},
    }
