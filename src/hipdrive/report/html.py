"""The report: one HTML file that opens from the disk and asks nothing of any other machine."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import cv2
import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup
from numpy.typing import NDArray

from hipdrive.analysis import Examined
from hipdrive.movements import MOVEMENTS, Cue, Movement
from hipdrive.movements.advise import praise
from hipdrive.report.charts import CUE_OF_CURVE, curves_figure, judged_cues, least_width_px
from hipdrive.report.keyframes import KeyFrame, athlete_frame, key_frames
from hipdrive.report.words import COLOURS, MARKS, WORDS, value_text
from hipdrive.results import Analysis, JudgedCue, JudgedRepetition

TEMPLATE: Final = "report.html.j2"
PICTURE_WIDTH_PX: Final = 720  # sharp on a phone, and 24 of them stay under 2 MB
JPEG_QUALITY: Final = 82
MOST_ALIKE: Final = 3  # warnings of one kind, stretches of time in one sentence

DRAW_CURVES: Final = """
const figure = JSON.parse(document.getElementById("curves-data").textContent);
// a finger scrolls the page; only a mouse zooms
figure.layout.xaxis.fixedrange = matchMedia("(pointer: coarse)").matches;
Plotly.newPlot("curves", figure.data, figure.layout, {responsive: true, displayModeBar: false});
"""


@dataclass(frozen=True)
class Picture:
    """A picture with its words.

    Attributes
    ----------
    source : str
        A data address, so that the file stands alone.
    width_px, height_px : int
    where : str
        "Repetition 2, top".
    time_s : float
    cue : Cue or None
        What was judged at this moment, with its entry.
    judged : JudgedCue or None
    """

    source: str
    width_px: int
    height_px: int
    where: str
    time_s: float = 0.0
    cue: Cue | None = None
    judged: JudgedCue | None = None


def write_report(examined: Examined, path: Path, overlay: str | None = None) -> None:
    """Write the report of one clip.

    Parameters
    ----------
    examined : Examined
    path : Path
        Of the HTML file.
    overlay : str, optional
        Name of the overlay video, relative to the report.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "word": WORDS.__getitem__,
        "mark": MARKS.__getitem__,
        "value": _value,
        "bounds": _bounds,
    }
    page = environment.get_template(TEMPLATE)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(page.generate(_contents(examined, overlay)))


def _contents(examined: Examined, overlay: str | None) -> dict[str, Any]:
    """Everything the template names."""
    analysis, movement = examined.analysis, examined.movement
    shown = _shown(examined)
    figure = curves_figure(examined)
    scripts = _scripts() if figure is not None else []
    return {
        "analysis": analysis,
        "movement": movement,
        "is_photo": examined.clip.is_photo,
        "facts": _facts(examined),
        "plainly": _plainly(examined),
        "well_done": praise(movement, analysis.set) if movement else [],
        "warnings": _warnings(analysis),
        "overlay": quote(overlay) if overlay is not None else None,
        "columns": _columns(examined),
        "figure": htmlsafe_json_dumps(figure, dumps=_figure_json) if figure is not None else None,
        "figure_width_px": least_width_px(examined),
        "bands": _bands(movement),
        "pictures": _pictures(examined),
        "counted": len(analysis.complete_repetitions),
        "unjudged": _unjudged(movement, shown) if movement else [],
        "filming": [movement] if movement else list(MOVEMENTS.values()),
        "athlete": _picture(athlete_frame(examined), "who"),
        "followed": _followed(examined),
        "provenance": list(_flat(analysis.provenance)),
        "colours": COLOURS,
        "scripts": [Markup(script) for script in scripts],
        "script_hashes": [_csp_hash(script) for script in scripts],
    }


# -- words ---------------------------------------------------------------------------------------------------


def _value(judged: JudgedCue, unit: bool = True) -> str:
    return value_text(judged.value, judged.unit if unit else "", judged.error)


def _bounds(bounds: tuple[float, float]) -> str:
    """Range in words.

    Examples
    --------
    >>> _bounds((172, 186)), _bounds((10, float("inf")))
    ('172 to 186', 'from 10')
    """
    low, high = bounds
    if np.isfinite(low) and np.isfinite(high):
        return f"{low:g} to {high:g}"
    if np.isfinite(low):
        return f"from {low:g}"
    return f"up to {high:g}" if np.isfinite(high) else "any"


def _facts(examined: Examined) -> list[str]:
    """Repetitions, view and length, for the line under the heading."""
    analysis = examined.analysis
    facts = []
    if examined.clip.is_photo:
        facts.append("one photograph")
    elif examined.movement is not None:
        counted = len(analysis.complete_repetitions)
        facts.append(f"{counted} repetition{'' if counted == 1 else 's'} counted")
        if incomplete := len(analysis.repetitions) - counted:
            facts.append(f"{incomplete} incomplete")
    near = f", {analysis.view.near_side} side near" if analysis.view.near_side else ""
    facts.append(f"{analysis.view.id} view{near}" if analysis.view.id != "unknown" else "view not known")
    if not examined.clip.is_photo:
        minutes, seconds = divmod(analysis.source.duration_s, 60)
        facts.append(f"{minutes:.0f} min {seconds:.0f} s" if minutes else f"{seconds:.1f} s")
    return facts


def _plainly(examined: Examined) -> str | None:
    """Say plainly how it stands where the coach has nothing to mend."""
    analysis, movement = examined.analysis, examined.movement
    if analysis.advice:
        return None
    if movement is None:
        return "Nothing was judged in this clip."
    if examined.clip.is_photo:
        return "A photograph shows one instant: its angles are below. Nothing was counted; it has no tempo."
    if not analysis.repetitions:
        return "No repetition was found, so nothing was judged."
    if not analysis.complete_repetitions:
        return "Only parts of repetitions are in the clip, so nothing was counted or judged."
    if all(verdict.verdict == "not_judged" for verdict in analysis.set.values()):
        return "The repetitions were counted, but no cue could be judged; the reasons are further down."
    return "There is nothing to mend in what could be judged. Keep it like this."


def _followed(examined: Examined) -> list[str]:
    """How the athlete was followed, and how sure left and right are."""
    chosen, sides = examined.chosen, examined.analysis.provenance.get("sides", {})
    said = [
        "One person was in view: the one in the frame."
        if chosen.people_seen == 1
        else f"Up to {chosen.people_seen} people were in view; the one in the frame was measured."
    ]
    if not examined.clip.is_photo:
        said.append(f"The athlete was followed in {chosen.seen_share:.0%} of the clip.")
    if exchanged := sides.get("exchanged_frames"):
        said.append(f"Left and right leg were taken for each other in {exchanged} frames and put right.")
    if uncertain := sides.get("uncertain_s"):
        said.append(f"Left and right leg stay uncertain {_stretches(uncertain)}.")
    elif not exchanged and not examined.clip.is_photo:
        said.append("Left and right leg were told apart throughout.")
    return said


def _stretches(spans_s: Sequence[Sequence[float]]) -> str:
    """Stretches of time in words, summed up where there are many.

    Examples
    --------
    >>> _stretches([(0.5, 1.25)])
    'from 0.5 to 1.2 s'
    """
    if len(spans_s) <= MOST_ALIKE:
        return " and ".join(f"from {start:.1f} to {end:.1f} s" for start, end in spans_s)
    total_s = sum(end - start for start, end in spans_s)
    return f"in {len(spans_s)} stretches, {total_s:.1f} s in all"


def _warnings(analysis: Analysis) -> list[str]:
    """Warnings as sentences; many of one kind are cut short."""
    texts: dict[str, list[str]] = {}
    for warning in analysis.warnings:
        texts.setdefault(warning.code, []).append(f"{warning.text[:1].upper()}{warning.text[1:]}.")
    for alike in texts.values():
        if (more := len(alike) - MOST_ALIKE) > 0:
            alike[MOST_ALIKE:] = [f"{more} more like this."]
    return [text for alike in texts.values() for text in alike]


def _flat(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Nested provenance as rows of name and text."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, f"{name} {key}".strip().replace("_", " "))
    elif isinstance(value, list):
        yield name, "; ".join(map(str, value)) or "none"
    elif value is not None:
        yield name, str(value)


# -- verdicts ------------------------------------------------------------------------------------------------


def _shown(examined: Examined) -> list[JudgedRepetition]:
    """Repetitions whose cues are told: those that count; parts, or the photograph, where none does."""
    return examined.analysis.complete_repetitions or examined.analysis.repetitions


def _columns(examined: Examined) -> list[Cue]:
    """Cues of the table: judged ones; of a photograph also those that have a value."""
    if examined.movement is None:
        return []
    if not examined.clip.is_photo:
        return judged_cues(examined.movement, examined.analysis.complete_repetitions)
    instants = examined.analysis.repetitions
    return [cue for cue in examined.movement.cues if any(one.cues[cue.id].value is not None for one in instants)]


def _bands(movement: Movement | None) -> list[Cue]:
    """Cues whose band of good is drawn behind a curve."""
    return [cue for cue in (movement.cues if movement else ()) if cue.id in CUE_OF_CURVE.values()]


def _unjudged(movement: Movement, repetitions: Sequence[JudgedRepetition]) -> list[tuple[str, list[str]]]:
    """Reasons why cues were not judged, each with the cues, and the repetitions unless it is all of them."""
    groups: dict[str, list[str]] = {}
    for cue in movement.cues:
        numbers: dict[str, list[str]] = {}
        for repetition in repetitions:
            judged = repetition.cues[cue.id]
            if judged.verdict == "not_judged":
                numbers.setdefault(judged.reason or "no reason is known", []).append(str(repetition.index))
        for reason, where in numbers.items():
            some = f" (repetition {', '.join(where)})" if len(where) < len(repetitions) else ""
            groups.setdefault(reason, []).append(cue.name + some)
    return list(groups.items())


# -- pictures and scripts ------------------------------------------------------------------------------------


def _pictures(examined: Examined) -> list[Picture]:
    if examined.movement is None:
        return []
    return [_key_picture(frame, examined.analysis, examined.movement) for frame in key_frames(examined)]


def _key_picture(frame: KeyFrame, analysis: Analysis, movement: Movement) -> Picture:
    """Key frame with the verdict on the line; at the floor there is none."""
    where = "The photograph" if frame.moment == "photo" else f"Repetition {frame.repetition}, {frame.moment}"
    picture = _picture(frame.image, where, frame.time_s)
    repetition = next((one for one in analysis.repetitions if one.index == frame.repetition), None)
    cue = next(iter(_bands(movement)), None)
    if repetition is None or cue is None or frame.moment == "floor":
        return picture
    return replace(picture, cue=cue, judged=repetition.cues[cue.id])


def _picture(image: NDArray[np.uint8], where: str, time_s: float = 0.0) -> Picture:
    """Picture as JPEG within the page; RGB, shape (height, width, 3)."""
    height_px, width_px = image.shape[:2]
    if width_px > PICTURE_WIDTH_PX:
        width_px, height_px = PICTURE_WIDTH_PX, max(1, round(height_px * PICTURE_WIDTH_PX / width_px))
        image = np.asarray(cv2.resize(image, (width_px, height_px), interpolation=cv2.INTER_AREA), np.uint8)
    bgr = np.ascontiguousarray(image[:, :, ::-1])
    done, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise ValueError(f"a picture of shape {image.shape} cannot be written as JPEG")
    source = f"data:image/jpeg;base64,{base64.b64encode(data.tobytes()).decode()}"
    return Picture(source, width_px, height_px, where, time_s)


def _figure_json(figure: Any, **_: object) -> str:
    return str(figure.to_json())


def _scripts() -> list[str]:
    """Return Plotly itself, and what draws the curves."""
    from plotly.offline import get_plotlyjs

    return [_embeddable(script) for script in (get_plotlyjs(), DRAW_CURVES)]


def _embeddable(script: str) -> str:
    """Make a script fit to stand within a page, without a change of what it does.

    An end tag would end it early, a carriage return is lost in reading and would spoil its checksum, and the
    control characters that Plotly has in two of its strings are no valid HTML.
    """
    script = script.replace("</script", "<\\/script").replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"[\x00-\x08\x0b\x0e-\x1f\x7f]", lambda found: f"\\x{ord(found[0]):02x}", script)


def _csp_hash(script: str) -> str:
    """Name of a script in the page's security policy: nothing but these very scripts may run."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
