"""Moments of a clip that a page leads to: where a verdict was read, which repetition and picture show it."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any, Final

from hipdrive.movements import Cue, Measure, Movement
from hipdrive.report.charts import moment_s
from hipdrive.report.keyframes import typical_stride
from hipdrive.report.overlay import instant_s, phase_s
from hipdrive.report.pieces import Shot
from hipdrive.results import Analysis, JudgedRepetition, Verdict

ORDER: Final[tuple[Verdict, ...]] = ("fault", "check", "good", "not_judged")  # the worst first
CLOSE_SPANS: Final = 2.5  # repetitions or strides in a closer look at the curves; proposal


def stretch(cue: Cue, repetition: JudgedRepetition) -> tuple[float, float | None]:
    """From when to when a cue is read; an end of None where one instant shows it."""
    if cue.phase in ("rest", "top"):
        return moment_s(cue, repetition), None
    return phase_s(repetition, cue.phase)


def shown_by(analysis: Analysis, cue: Cue, verdict: Verdict) -> JudgedRepetition | None:
    """The first repetition that was judged as the set was, or else the worst of them."""
    judged = [one for one in analysis.complete_repetitions if one.cues[cue.id].verdict != "not_judged"]
    alike = [one for one in judged if one.cues[cue.id].verdict == verdict]
    return next(iter(alike or sorted(judged, key=lambda one: ORDER.index(one.cues[cue.id].verdict))), None)


def picture_of(
    repetition: JudgedRepetition, to_mend: Sequence[Cue], shots: Sequence[Shot], movement: Movement
) -> Shot | None:
    """Key frame of a repetition that shows what is worst in it; its top where nothing is, or no picture shows it."""
    own = {shot.moment: shot for shot in shots if shot.repetition == repetition.index}
    named = {moment.phase: moment.name for moment in movement.moments}
    wanted = [named[cue.phase] for cue in to_mend if cue.phase in named]
    wanted += [named["top"]] if "top" in named else []
    return next((own[name] for name in wanted if name in own), next(iter(own.values()), None))


def seen_at(measure: Measure, analysis: Analysis) -> float | None:
    """When a measure of a run is seen best: at its line, in a typical stride of the leg that is farther off."""
    if measure.line is None or analysis.view.id not in measure.views:
        return None
    judged = analysis.measures[measure.id]
    off = {
        side: abs(value - (judged.expected or 0))
        for side, value in (("left", judged.left), ("right", judged.right))
        if value is not None
    }
    side = max(off, key=lambda one: off[one], default=None)
    stride = typical_stride([one for one in analysis.strides if side in (None, one.side)])
    return (
        None if stride is None else instant_s(stride, "mid_stance" if measure.line.at == "always" else measure.line.at)
    )


def told_to_script(analysis: Analysis, movement: Movement | None) -> dict[str, Any]:
    """What the page's script has to know: stretches of time with their phases, in words.

    Returns
    -------
    dict
        ``spans``: name, number, side, knots [s] and the words of the phases between them; ``close_s``: how much of the
        curves a closer look shows; ``rate_hz``; ``standing``: whether the model has a moment for each standing leg.
    """
    spans: list[dict[str, Any]] = []
    if movement is not None:
        said = movement.words
        for one in analysis.repetitions:
            knots = [one.start_s, one.top_start_s, one.top_end_s, one.end_s]
            phases = [said.out, said.top, said.back]
            name = f"{said.repetition} {one.index}" if one.complete else f"part of a {said.repetition}"
            spans.append({"name": name, "number": one.index, "side": one.side, "knots": knots, "phases": phases})
    for number, stride in enumerate(analysis.strides, start=1):
        knots, phases = [stride.contact_s, stride.next_contact_s], [""]
        if stride.toe_off_s is not None:
            knots.insert(1, stride.toe_off_s)
            phases = ["on the ground", "in the air"]
        spans.append(
            {"name": f"{stride.side} foot", "number": number, "side": stride.side, "knots": knots, "phases": phases}
        )
    lengths_s = [span["knots"][-1] - span["knots"][0] for span in spans]
    return {
        "spans": spans,
        "close_s": round(CLOSE_SPANS * median(lengths_s), 3) if lengths_s else None,
        "rate_hz": analysis.source.rate_hz,
        "duration_s": analysis.source.duration_s,
        "standing": analysis.movement.id == "monster_walk",
    }
