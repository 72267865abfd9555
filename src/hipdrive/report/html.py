"""The report: one HTML file that opens from the disk and asks nothing of any other machine."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import cv2
import numpy as np
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup
from numpy.typing import NDArray

from hipdrive.analysis import Examined
from hipdrive.movements import MOVEMENTS, Cue, Measure, Movement
from hipdrive.movements.advise import praise
from hipdrive.muscles import Effort
from hipdrive.report.charts import curves_figure, curves_words, judged_cues, least_width_px, stride_figures
from hipdrive.report.keyframes import KeyFrame, athlete_frame, key_frames
from hipdrive.report.measures import (
    Gauge,
    away_words,
    gauge,
    gauge_words,
    not_told,
    sentence,
    told,
    unusual_words,
    value_words,
    what_to_give,
)
from hipdrive.report.page import csp_hash, embeddable, page_environment
from hipdrive.report.stick import HEIGHT, StickFigure, stick_figure
from hipdrive.report.words import (
    COLOURS,
    MARKS,
    SIDE_COLOURS,
    SIDE_LETTERS,
    SIDES,
    SOURCE_WORDS,
    WORDS,
    Side,
    bounds_text,
    counted,
    side_text,
    value_text,
)
from hipdrive.results import Analysis, JudgedCue, JudgedMeasure, JudgedRepetition, Verdict

TEMPLATE: Final = "report.html.j2"
SCRIPT: Final = "report.js"
PICTURE_WIDTH_PX: Final = 720  # sharp on a phone, and 24 of them stay under 2 MB
JPEG_QUALITY: Final = 82
MOST_ALIKE: Final = 3  # warnings of one kind, stretches of time in one sentence


@dataclass(frozen=True)
class Judgement:
    """Something that was judged, in words.

    Attributes
    ----------
    name : str
    verdict : {"good", "check", "fault", "not_judged"}
    value : str
        Empty where there is none.
    """

    name: str
    verdict: Verdict
    value: str


@dataclass(frozen=True)
class Picture:
    """A picture with its words.

    Attributes
    ----------
    jpeg : bytes
    width_px, height_px : int
    where : str
        "Repetition 2, top".
    time_s : float
    judgements : tuple of Judgement
        What was judged at this moment.
    moment : str
        "top".
    repetition : int or None
    side : {"left", "right"} or None
        Leg of a stride.
    """

    jpeg: bytes = field(repr=False)
    width_px: int
    height_px: int
    where: str
    time_s: float = 0.0
    judgements: tuple[Judgement, ...] = ()
    moment: str = ""
    repetition: int | None = None
    side: Side | None = None

    @property
    def source(self) -> str:
        """The picture as an address, so that a page stands alone."""
        return f"data:image/jpeg;base64,{base64.b64encode(self.jpeg).decode()}"


@dataclass(frozen=True)
class MeasureCard:
    """A measure as its card shows it.

    Attributes
    ----------
    measure : Measure
    judged : JudgedMeasure
    value : str
        With error, or as a range.
    away : str
        How far from what is usual for this runner: "1.2 SD above".
    sides : list of (str, str)
        Left and right with their values, as far as known.
    sentence : str
    gauge : Gauge
    gauge_words : str
    """

    measure: Measure
    judged: JudgedMeasure
    value: str
    away: str
    sides: list[tuple[Side, str]]
    sentence: str
    gauge: Gauge
    gauge_words: str


@dataclass(frozen=True)
class Chart:
    """A figure as JSON, fit to stand in the page, with the width under which it would be crowded."""

    data: str
    least_width_px: int


@dataclass(frozen=True)
class Part:
    """What the report shows of one clip; two views of one run are two parts.

    Attributes
    ----------
    title : str
        Tells it from the others.
    examined : Examined
    overlay : str or None
        Address of the video, relative to the report.
    curves : Chart or None
        Over time.
    strides : list of Chart
        Over the stride.
    pictures : list of Picture
    stick : StickFigure or None
    athlete : Picture or None
        Who was measured.
    followed : list of str
    """

    title: str
    examined: Examined
    overlay: str | None
    curves: Chart | None
    strides: list[Chart]
    pictures: list[Picture]
    stick: StickFigure | None
    athlete: Picture | None
    followed: list[str]


def write_report(
    examined: Examined,
    path: Path,
    overlay: str | Sequence[str | None] | None = None,
    effort: Effort | None = None,
) -> list[Part]:
    """Write the report of one clip, or of several views of one run.

    Parameters
    ----------
    examined : Examined
    path : Path
        Of the HTML file.
    overlay : str or sequence of str, optional
        Name of the overlay video, relative to the report; one for each part where there are parts.
    effort : Effort, optional
        How hard the muscles work; muscles.html stands beside the report.

    Returns
    -------
    list of Part
        What it shows of each clip.
    """
    environment = page_environment()
    environment.filters |= {
        "word": WORDS.__getitem__,
        "mark": MARKS.__getitem__,
        "letter": SIDE_LETTERS.__getitem__,
        "value": _value,
        "bounds": bounds_text,
        "unusual": unusual_words,
        "x": _gauge_x,
    }
    page = environment.get_template(TEMPLATE)
    parts = _parts(examined, overlay)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(page.generate(_contents(examined, parts) | _muscles(effort)))
    return parts


def _contents(examined: Examined, parts: list[Part]) -> dict[str, Any]:
    """Everything the template names."""
    analysis, movement = examined.analysis, examined.movement
    has_charts = any(part.curves or part.strides for part in parts)
    scripts = _scripts(has_charts) if has_charts or any(part.stick for part in parts) else []
    return {
        "analysis": analysis,
        "movement": movement,
        "words": movement.words if movement else None,
        "is_photo": _is_photo(examined),
        "facts": _facts(examined),
        "source_words": _source_words(examined),
        "plainly": _plainly(examined),
        "well_done": praise(movement, analysis.set, analysis.measures) if movement else [],
        "warnings": _warnings(analysis),
        "measures": _measure_cards(examined),
        "what_to_give": what_to_give(analysis) if movement and movement.measures else None,
        "parts": parts,
        "columns": _columns(examined),
        "curves_words": curves_words(movement, *(part.examined.analysis for part in parts)) if movement else [],
        "counted": len(analysis.complete_repetitions) or len(analysis.strides),
        "unjudged": unjudged(movement, analysis, _shown(examined)) if movement else [],
        "filming": [movement] if movement else list(MOVEMENTS.values()),
        "provenance": list(_flat(analysis.provenance)),
        "colours": COLOURS,
        "side_colours": SIDE_COLOURS,
        "stick_height": HEIGHT,
        "scripts": [Markup(script) for script in scripts],
        "script_hashes": [csp_hash(script) for script in scripts],
    }


def _muscles(effort: Effort | None) -> dict[str, Any]:
    """Panel of the muscles."""
    from hipdrive.report.muscles import CONFIDENCE_MARKS, PAGE, findings, panel_rows, warning_words

    if effort is None:
        return {"muscles": None}
    return {
        "muscles": {
            "rows": panel_rows(effort),
            "marks": CONFIDENCE_MARKS,
            "findings": findings(effort),
            "warnings": warning_words(effort),
            "page": PAGE,
        }
    }


def _is_photo(examined: Examined) -> bool:
    return examined.clip is not None and examined.clip.is_photo


# -- parts ---------------------------------------------------------------------------------------------------


def _parts(examined: Examined, overlay: str | Sequence[str | None] | None) -> list[Part]:
    seen = examined.parts or (examined,)
    overlays = [overlay] if overlay is None or isinstance(overlay, str) else list(overlay)
    overlays += [None] * (len(seen) - len(overlays))
    return [_part(one, video) for one, video in zip(seen, overlays, strict=True)]


def _part(examined: Examined, overlay: str | None) -> Part:
    figure, athlete = curves_figure(examined), athlete_frame(examined)
    view = examined.analysis.view.id
    return Part(
        title=f"{examined.analysis.source.name} ({view} view)",
        examined=examined,
        overlay=quote(overlay) if overlay is not None else None,
        curves=_chart(figure, least_width_px(examined)) if figure is not None else None,
        strides=[_chart(one, 0) for one in stride_figures(examined)],
        pictures=[_key_picture(frame, examined) for frame in key_frames(examined)],
        stick=stick_figure(examined),
        athlete=_picture(athlete, "who") if athlete is not None else None,
        followed=_followed(examined),
    )


def _chart(figure: Any, least_width_px: int) -> Chart:
    return Chart(htmlsafe_json_dumps(figure, dumps=_figure_json), least_width_px)


# -- measures ------------------------------------------------------------------------------------------------


def _measure_cards(examined: Examined) -> list[MeasureCard]:
    if examined.movement is None:
        return []
    return [_measure_card(examined, measure, judged) for measure, judged in told(examined.movement, examined.analysis)]


def _measure_card(examined: Examined, measure: Measure, judged: JudgedMeasure) -> MeasureCard:
    rate_hz = _rate_hz(examined, measure.id)
    own = {"left": judged.left, "right": judged.right}
    return MeasureCard(
        measure=measure,
        judged=judged,
        value=value_words(measure, judged, rate_hz),
        away=away_words(judged),
        sides=[(side, side_text(own[side], judged.error)) for side in SIDES if own[side] is not None],
        sentence=sentence(measure, judged),
        gauge=gauge(measure, judged),
        gauge_words=gauge_words(measure, judged, rate_hz),
    )


def _rate_hz(examined: Examined, measure_id: str) -> float:
    """Frames per second of the clip that gave a measure; the least where several did."""
    gave = [
        part.analysis.source.rate_hz
        for part in examined.parts
        if (judged := part.analysis.measures.get(measure_id)) is not None and judged.value is not None
    ]
    return min(gave, default=examined.analysis.source.rate_hz)


# -- words ---------------------------------------------------------------------------------------------------


def _value(judged: JudgedCue | JudgedMeasure, unit: bool = True) -> str:
    return value_text(judged.value, judged.unit if unit else "", judged.error)


def _gauge_x(percent: float) -> float:
    """Place on the drawing of a gauge, which is 340 wide with 10 free at both ends.

    Examples
    --------
    >>> _gauge_x(0), _gauge_x(50)
    (10.0, 170.0)
    """
    return round(10 + 3.2 * percent, 1)


def _facts(examined: Examined) -> list[str]:
    """Repetitions or strides, view and length, for the line under the heading."""
    parts = examined.parts or (examined,)
    facts = ["one photograph"] if _is_photo(examined) else _counted(examined)
    facts += [_view_words(part.analysis) for part in parts]
    if not _is_photo(examined):
        facts.append(" and ".join(_length_words(part.analysis.source.duration_s) for part in parts))
    return facts


def _counted(examined: Examined) -> list[str]:
    analysis, movement = examined.analysis, examined.movement
    if movement is None:
        return []
    if movement.measures and not movement.cues:
        strides = sum(len(part.analysis.strides) for part in examined.parts) or len(analysis.strides)
        return [f"{counted(strides, 'stride')} measured"]
    complete = len(analysis.complete_repetitions)
    facts = [f"{counted(complete, movement.words.repetition)} counted"]
    ways = [repetition.direction for repetition in analysis.complete_repetitions]
    facts += [f"{ways.count(side)} to the {side}" for side in SIDES if side in ways]
    if incomplete := len(analysis.repetitions) - complete:
        facts.append(f"{incomplete} incomplete")
    return facts


def _view_words(analysis: Analysis) -> str:
    if analysis.source.kind == "mocap":
        return "measured in space"
    near = f", {analysis.view.near_side} side near" if analysis.view.near_side else ""
    return f"{analysis.view.id} view{near}" if analysis.view.id != "unknown" else "view not known"


def _length_words(duration_s: float) -> str:
    minutes, seconds = divmod(duration_s, 60)
    return f"{minutes:.0f} min {seconds:.0f} s" if minutes else f"{seconds:.1f} s"


def _source_words(examined: Examined) -> str:
    """Names of the files, and what kind they are where they are no clips."""
    named = []
    for part in examined.parts or (examined,):
        source = part.analysis.source
        named.append(source.name if source.kind == "video" else f"{source.name}, {SOURCE_WORDS[source.kind]}")
    return " and ".join(named)


def _plainly(examined: Examined) -> str | None:
    """Say plainly how it stands where the coach has nothing to mend."""
    analysis, movement = examined.analysis, examined.movement
    if analysis.advice:
        return None
    if movement is None:
        return "Nothing was judged in this clip."
    if _is_photo(examined):
        return "A photograph shows one instant: its angles are below. Nothing was counted; it has no tempo."
    word = movement.words.repetition
    if movement.measures and not movement.cues:
        return _plainly_of_run(movement, analysis)
    if not analysis.repetitions:
        return f"No {word} was found, so nothing was judged."
    if not analysis.complete_repetitions:
        return f"Only parts of {word}s are in the clip, so nothing was counted or judged."
    if all(verdict.verdict == "not_judged" for verdict in analysis.set.values()):
        return f"The {word}s were counted, but no cue could be judged; the reasons are further down."
    return "There is nothing to mend in what could be judged. Keep it like this."


def _plainly_of_run(movement: Movement, analysis: Analysis) -> str:
    measured = told(movement, analysis)
    if not measured:
        return "Nothing could be measured in this run; the reasons are further down."
    if any(judged.verdict == "check" for _, judged in measured):
        return "Something here is unusual, but no reason to change anything. Where you are among runners is below."
    return "You run as most runners do, in everything that could be measured."


def _followed(examined: Examined) -> list[str]:
    """How the athlete was followed, and how sure left and right are."""
    chosen, sides = examined.chosen, examined.analysis.provenance.get("sides", {})
    if chosen is None:
        return []
    said = [
        "One person was in view: the one in the frame."
        if chosen.people_seen == 1
        else f"Up to {chosen.people_seen} people were in view; the one in the frame was measured."
    ]
    is_photo = _is_photo(examined)
    if not is_photo:
        said.append(f"The athlete was followed in {chosen.seen_share:.0%} of the clip.")
    if exchanged := sides.get("exchanged_frames"):
        said.append(f"Left and right leg were taken for each other in {exchanged} frames and put right.")
    if uncertain := sides.get("uncertain_s"):
        said.append(f"Left and right leg stay uncertain {_stretches(uncertain)}.")
    elif not exchanged and not is_photo:
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
    if not _is_photo(examined):
        return judged_cues(examined.movement, examined.analysis.complete_repetitions)
    instants = examined.analysis.repetitions
    return [cue for cue in examined.movement.cues if any(one.cues[cue.id].value is not None for one in instants)]


def unjudged(
    movement: Movement, analysis: Analysis, repetitions: Sequence[JudgedRepetition]
) -> list[tuple[str, list[str]]]:
    """Reasons why something was not judged, each with the cues and measures, and the repetitions unless it is all."""
    groups: dict[str, list[str]] = {}
    for cue in movement.cues:
        numbers: dict[str, list[str]] = {}
        for repetition in repetitions:
            judged = repetition.cues[cue.id]
            if judged.verdict == "not_judged":
                numbers.setdefault(judged.reason or "no reason is known", []).append(str(repetition.index))
        for reason, where in numbers.items():
            some = f" ({movement.words.repetition} {', '.join(where)})" if len(where) < len(repetitions) else ""
            groups.setdefault(reason, []).append(cue.name + some)
    for reason, names in not_told(movement, analysis).items():
        groups.setdefault(reason, []).extend(names)
    return list(groups.items())


# -- pictures and scripts ------------------------------------------------------------------------------------


def _key_picture(frame: KeyFrame, examined: Examined) -> Picture:
    """Key frame with what was judged at its moment."""
    analysis, movement = examined.analysis, examined.movement
    assert movement is not None  # there are no key frames without one
    picture = _picture(frame.image, frame.title, frame.time_s)
    said = []
    if frame.cue is not None:
        repetition = next(one for one in analysis.repetitions if one.index == frame.repetition)
        judged = repetition.cues[frame.cue]
        said.append(_judgement(movement.cue(frame.cue).name, judged))
    said += [
        _judgement(measure.name, _of_side(analysis.measures[measure.id], frame.side))
        for measure in movement.measures
        if measure.id in frame.measures
    ]
    return replace(picture, judgements=tuple(said), moment=frame.moment, repetition=frame.repetition, side=frame.side)


def _of_side(judged: JudgedMeasure, side: Side | None) -> JudgedMeasure:
    """The measure with the value of one leg, where it is known."""
    own = {"left": judged.left, "right": judged.right, None: None}[side]
    return judged if own is None else replace(judged, value=own)


def _judgement(name: str, judged: JudgedCue | JudgedMeasure) -> Judgement:
    return Judgement(name, judged.verdict, "" if judged.value is None else _value(judged))


def _picture(image: NDArray[np.uint8], where: str, time_s: float = 0.0) -> Picture:
    """Picture as JPEG; of RGB, shape (height, width, 3)."""
    height_px, width_px = image.shape[:2]
    if width_px > PICTURE_WIDTH_PX:
        width_px, height_px = PICTURE_WIDTH_PX, max(1, round(height_px * PICTURE_WIDTH_PX / width_px))
        image = np.asarray(cv2.resize(image, (width_px, height_px), interpolation=cv2.INTER_AREA), np.uint8)
    bgr = np.ascontiguousarray(image[:, :, ::-1])
    done, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise ValueError(f"a picture of shape {image.shape} cannot be written as JPEG")
    return Picture(data.tobytes(), width_px, height_px, where, time_s)


def _figure_json(figure: Any, **_: object) -> str:
    return str(figure.to_json())


def _scripts(has_charts: bool) -> list[str]:
    """Return Plotly itself where there are charts, and what draws them and moves the stick figures."""
    from plotly.offline import get_plotlyjs

    own = (Path(__file__).parent / SCRIPT).read_text(encoding="utf-8")
    return [embeddable(script) for script in ([get_plotlyjs(), own] if has_charts else [own])]
