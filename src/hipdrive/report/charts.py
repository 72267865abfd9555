"""Curves as Plotly figures: over time with the moment of every verdict, and over the stride.

Panels lie over each other on one clock: on top a row of marks for each judged cue, or when each foot is on the ground;
below it the curves. The background is transparent and all lines are of middle tone, so that light and dark pages can
carry it.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from hipdrive.analysis import Examined
from hipdrive.movements import Cue, Movement
from hipdrive.report.overlay import contacts_s
from hipdrive.report.words import (
    COLOURS,
    MARKS,
    SIDE_COLOURS,
    SIDE_LETTERS,
    SIDES,
    WORDS,
    Side,
    bounds_text,
    counted,
    value_text,
)
from hipdrive.results import Analysis, JudgedRepetition, JudgedStride

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Array = NDArray[np.float64]

MOST_POINTS: Final = 4000
DECIMALS: Final = 3  # of a curve: finer than any screen
WHOLE_UNITS: Final = {"deg": 0}  # decimals that are worth reading; no angle is known to less than a degree
USUAL_DECIMALS: Final = 2

CURVE_COLOUR: Final = "#3f83bd"  # contrast 4 on white and 4.4 on the dark page
GRID_COLOUR: Final = "rgba(128,128,128,0.3)"
TEXT_COLOUR: Final = "#808080"
REPETITION_OPACITY: Final = {True: 0.16, False: 0.06}  # complete, incomplete
TOP_OPACITY: Final = 0.14  # more, between the way up and the way down
BAND_COLOUR: Final = "rgba(47,160,107,0.25)"

CURVE_PX: Final = 190
BESIDE_FILM_PX: Final = 100  # of a curve that has to be seen together with the film
CUE_ROW_PX: Final = 24
MARK_PX: Final = 17
TITLE_PX: Final = 42  # between panels
TITLE_LIFT_PX, ABOVE_NUMBERS_PX = 4, 20  # of a title over its panel: over the numbers of repetitions, if they are there
TOP_PX, BOTTOM_PX = 58, 52
NAMES_PX: Final = 140  # cue names beside their row
REPETITION_PX: Final = 45  # least width of one, so that its marks keep apart
SECOND_PX: Final = 60  # least width of a second of running, so that its contacts do
LEAST_CURVE_PX: Final = 260
MOST_CURVE_PX: Final = 6000
CONTACT_ROW_PX: Final = 26
CONTACT_OPACITY: Final = 0.10
STRIDE_PX: Final = 270
SIDE_DASH: Final[dict[Side, str]] = {"left": "solid", "right": "6px,3px"}


def judged_cues(movement: Movement, repetitions: Sequence[JudgedRepetition]) -> list[Cue]:
    """Cues that got a verdict in at least one of the repetitions."""
    return [
        cue
        for cue in movement.cues
        if any(repetition.cues[cue.id].verdict != "not_judged" for repetition in repetitions)
    ]


def moment_s(cue: Cue, repetition: JudgedRepetition) -> float:
    """When in the repetition a cue falls: the middle of its phase, the end for the whole."""
    return {
        "rest": repetition.start_s,
        "raise": (repetition.start_s + repetition.top_start_s) / 2,
        "top": (repetition.top_start_s + repetition.top_end_s) / 2,
        "lower": (repetition.top_end_s + repetition.end_s) / 2,
        "whole": repetition.end_s,
    }[cue.phase]


def thinned(time_s: Array, values: Array, most: int = MOST_POINTS) -> tuple[Array, Array]:
    """Leave out points that no screen can show; peaks, dips and gaps stay.

    Parameters
    ----------
    time_s, values : ndarray, shape (n,)
        NaN where there is no value.
    most : int

    Returns
    -------
    time_s, values : ndarray, shape (at most `most`,)
    """
    if len(time_s) <= most:
        return time_s, values
    keep: list[int] = []
    for part in np.array_split(np.arange(len(time_s)), most // 3):
        is_seen = np.isfinite(values[part])
        seen, missing = part[is_seen], part[~is_seen]
        if len(seen):
            keep += [int(seen[np.argmin(values[seen])]), int(seen[np.argmax(values[seen])])]
        keep += missing[:1].tolist()
    kept = np.unique(keep)
    return time_s[kept], values[kept]


def curves_figure(examined: Examined, *, beside_film: bool = False) -> Figure | None:
    """Draw every curve of the set, with repetitions shaded and verdicts marked.

    Parameters
    ----------
    examined : Examined
    beside_film : bool
        Small, and without the marks of the verdicts, for a page that shows both on one clock.

    Returns
    -------
    plotly.graph_objects.Figure or None
        None when there is no curve: no known movement, a photograph, nobody in position.
    """
    curves = _visible_curves(examined)
    if not curves or examined.movement is None:
        return None
    import plotly.graph_objects as go

    analysis, movement = examined.analysis, examined.movement
    complete = analysis.complete_repetitions
    cues = [] if beside_film else judged_cues(movement, complete)
    contacts = {side: spans for side, spans in contacts_s(analysis.strides).items() if spans}
    first_px = CUE_ROW_PX * len(cues) or CONTACT_ROW_PX * len(contacts)
    panels_px = [first_px] * bool(first_px) + [BESIDE_FILM_PX if beside_film else CURVE_PX] * len(curves)
    domains, height_px = _stacked(panels_px)
    time_s = np.asarray(examined.motion.time.values, np.float64)
    figure = go.Figure(layout=_layout(height_px, time_s, last_axis=len(panels_px)))
    _shade_repetitions(figure, analysis.repetitions)
    _shade_contacts(figure, contacts)
    if cues:
        _add_verdicts(figure, movement, cues, complete, domains[0])
    elif contacts:
        _add_contacts(figure, contacts, domains[0])
    for number, (name, values) in enumerate(curves.items(), start=1 + bool(first_px)):
        band = _band_of(movement, name)
        lift_px = ABOVE_NUMBERS_PX if number == 1 and analysis.repetitions else TITLE_LIFT_PX
        _add_curve(figure, number, name, *thinned(time_s, values), band, domains[number - 1], lift_px)
    return figure


def curves_words(movement: Movement, *analyses: Analysis) -> list[str]:
    """Say what the fields and bands behind the curves of one or several views are."""
    if not any(analysis.repetitions for analysis in analyses):
        said = "Coloured fields are the times in which this foot is on the ground"
        if any(stride.toe_off_s is None for analysis in analyses for stride in analysis.strides):
            said += "; a narrow one is a contact whose end this view does not show"
        return [f"{said}."]
    words = movement.words
    said = f"Grey fields are {words.repetition}s, paler ones incomplete; the darker middle is the {words.top}."
    behind = {cue_id for _, cue_id in movement.curve_cues}
    return [said] + [
        f"The green band is where {cue.name} is good: {bounds_text(cue.band.good)} {cue.unit}"
        f"{', either way' if cue.band.good[0] == 0 else ''}{'; it counts at the top' if cue.phase == 'top' else ''}."
        for cue in movement.cues
        if cue.id in behind
    ]


def least_width_px(examined: Examined) -> int:
    """Width under which the drawing would be crowded; a narrower page scrolls it in its own box."""
    wanted_px = REPETITION_PX * len(examined.analysis.repetitions)
    if examined.analysis.strides:
        wanted_px = round(SECOND_PX * examined.analysis.source.duration_s)
    return NAMES_PX + min(max(LEAST_CURVE_PX, wanted_px), MOST_CURVE_PX)


def stride_figures(examined: Examined) -> list[Figure]:
    """Draw every curve over the stride: the mean of the strides of each leg, and one SD between them around it."""
    if examined.prepared is None:
        return []
    figures = []
    for name, by_side in examined.prepared.stride_curves().items():
        seen = {side: by_side[side] for side in SIDES if side in by_side and np.isfinite(by_side[side]).any()}
        if seen:
            figures.append(_stride_figure(name, seen, examined.analysis.strides))
    return figures


def _stride_figure(name: str, curves: dict[Side, Array], strides: Sequence[JudgedStride]) -> Figure:
    import plotly.graph_objects as go

    quantity, unit = quantity_and_unit(name)
    figure = go.Figure(layout=_layout(STRIDE_PX, np.array([0.0, 100.0]), last_axis=1))
    percent = np.arange(101)
    for side, values in curves.items():
        seen = np.isfinite(values).any(0)
        mean, spread = np.full(101, np.nan), np.full(101, np.nan)
        mean[seen], spread[seen] = np.nanmean(values[:, seen], axis=0), np.nanstd(values[:, seen], axis=0)
        x = np.concatenate([percent[seen], percent[seen][::-1]])
        y = np.concatenate([(mean + spread)[seen], (mean - spread)[seen][::-1]])
        figure.add_scatter(
            x=x.tolist(), y=np.round(y, DECIMALS).tolist(), mode="lines", fill="toself", hoverinfo="skip",
            line={"width": 0}, fillcolor=_faint(SIDE_COLOURS[side], 0.2), showlegend=False,
        )  # fmt: skip
        figure.add_scatter(
            x=percent.tolist(),
            y=np.round(mean, DECIMALS).tolist(),
            mode="lines",
            name=f"{SIDE_LETTERS[side]} {side}, {counted(len(values), 'stride')}",
            line={"color": SIDE_COLOURS[side], "width": 2.5, "dash": SIDE_DASH[side]},
            hovertemplate=f"{side}, %{{x}} %: %{{y:.3g}} {escape(unit)}<extra></extra>",
        )
        shares = [
            (one.toe_off_s - one.contact_s) / (one.next_contact_s - one.contact_s)
            for one in strides
            if one.side == side and one.toe_off_s is not None
        ]
        if shares:
            figure.add_vline(
                x=100 * float(np.median(shares)),
                line={"color": SIDE_COLOURS[side], "width": 1.5, "dash": "dot"},
            )
    figure.update_layout(
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": -0.28, "yanchor": "top"},
        margin={"l": 44, "r": 12, "t": 34, "b": 78},
        xaxis={"title": {"text": "stride [%]", "standoff": 4}, "anchor": "y"},
        yaxis={"gridcolor": GRID_COLOUR, "zeroline": False, "fixedrange": True, "automargin": True, "nticks": 6},
    )
    _add_title(figure, f"{quantity.capitalize()} [{unit}]" if unit else quantity.capitalize(), (0.0, 1.0))
    return figure


def _faint(colour: str, opacity: float) -> str:
    """Return a colour such as ``#2f86c9`` that lets through what lies behind it."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"


def quantity_and_unit(name: str) -> tuple[str, str]:
    """Take the name of a curve apart.

    Examples
    --------
    >>> quantity_and_unit("hip height [trunk lengths]"), quantity_and_unit("share")
    (('hip height', 'trunk lengths'), ('share', ''))
    """
    quantity, _, unit = name.removesuffix("]").partition(" [")
    return quantity, unit


def _visible_curves(examined: Examined) -> dict[str, Array]:
    if examined.prepared is None or len(examined.motion.time) < 2:
        return {}
    curves = examined.prepared.curves()
    return {name: values for name, values in curves.items() if np.isfinite(values).sum() > 1}


def _stacked(panels_px: list[int]) -> tuple[list[tuple[float, float]], int]:
    """Place panels under each other: shares of the drawing's height from its bottom, and the whole height."""
    inner_px = sum(panels_px) + TITLE_PX * (len(panels_px) - 1)
    domains, top_px = [], inner_px
    for panel_px in panels_px:
        domains.append(((top_px - panel_px) / inner_px, top_px / inner_px))
        top_px -= panel_px + TITLE_PX
    return domains, inner_px + TOP_PX + BOTTOM_PX


def _layout(height_px: int, time_s: Array, last_axis: int) -> dict[str, Any]:
    return {
        "template": None,
        "height": height_px,
        "margin": {"l": 44, "r": 12, "t": TOP_PX, "b": BOTTOM_PX},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "system-ui, sans-serif", "size": 13, "color": TEXT_COLOUR},
        "showlegend": False,
        "hovermode": "closest",
        "dragmode": "zoom",
        "xaxis": {
            "title": {"text": "time [s]", "standoff": 8},
            "range": [float(time_s[0]), float(time_s[-1])],
            "anchor": _axis("y", last_axis),
            "gridcolor": GRID_COLOUR,
            "zeroline": False,
        },
    }


def _axis(letter: str, number: int) -> str:
    return letter if number == 1 else f"{letter}{number}"


def _shade_repetitions(figure: Figure, repetitions: Sequence[JudgedRepetition]) -> None:
    """Shade each from its start to its end, and its top more."""
    for repetition in repetitions:
        fields = [(repetition.start_s, repetition.end_s, REPETITION_OPACITY[repetition.complete])]
        if repetition.complete:
            fields.append((repetition.top_start_s, repetition.top_end_s, TOP_OPACITY))
        for start_s, end_s, opacity in fields:
            figure.add_shape(
                type="rect", layer="below", x0=start_s, x1=end_s, y0=0, y1=1, yref="paper", line_width=0,
                fillcolor=f"rgba(128,128,128,{opacity})",
            )  # fmt: skip
        figure.add_annotation(
            text=_number(repetition),
            x=(repetition.start_s + repetition.end_s) / 2,
            y=1,
            yref="paper",
            yanchor="bottom",
            showarrow=False,
        )


def _number(repetition: JudgedRepetition) -> str:
    """Its number, with the letter of its direction if it has one; in brackets when it does not count."""
    way = f" {SIDE_LETTERS[repetition.direction]}" if repetition.direction else ""
    return f"{repetition.index}{way}" if repetition.complete else f"({repetition.index}{way})"


def _shade_contacts(figure: Figure, contacts: dict[Side, list[tuple[float, float]]]) -> None:
    for side, spans in contacts.items():
        for start_s, end_s in spans:
            figure.add_shape(
                type="rect", layer="below", x0=start_s, x1=end_s, y0=0, y1=1, yref="paper", line_width=0,
                fillcolor=_faint(SIDE_COLOURS[side], CONTACT_OPACITY),
            )  # fmt: skip


def _add_contacts(figure: Figure, contacts: dict[Side, list[tuple[float, float]]], domain: tuple[float, float]) -> None:
    """One row of bars for each foot: on the ground from where to where."""
    for row, (side, spans) in enumerate(contacts.items()):
        times_s = [time_s for start_s, end_s in spans for time_s in (start_s, end_s, None)]
        figure.add_scatter(
            x=times_s,
            y=[row if time_s is not None else None for time_s in times_s],
            name=side,
            mode="lines",
            connectgaps=False,
            line={"color": SIDE_COLOURS[side], "width": CONTACT_ROW_PX / 2},
            hovertemplate=f"{side} foot on the ground, %{{x:.2f}} s<extra></extra>",
        )
    figure.update_layout(
        yaxis={
            "domain": domain,
            "range": [len(contacts) - 0.5, -0.5],
            "tickvals": list(range(len(contacts))),
            "ticktext": [f"{SIDE_LETTERS[side]} {side}" for side in contacts],
            "ticks": "",
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
            "automargin": True,
        }
    )
    _add_title(figure, "Feet on the ground", domain)


def _add_verdicts(
    figure: Figure,
    movement: Movement,
    cues: Sequence[Cue],
    repetitions: Sequence[JudgedRepetition],
    domain: tuple[float, float],
) -> None:
    """One row of marks for each cue, one trace for each verdict."""
    for verdict in WORDS:
        marks = [
            (moment_s(cue, repetition), row, _said(movement, cue, repetition))
            for row, cue in enumerate(cues)
            for repetition in repetitions
            if repetition.cues[cue.id].verdict == verdict
        ]
        if not marks:
            continue
        times_s, rows, texts = zip(*marks, strict=True)
        figure.add_scatter(
            x=times_s,
            y=rows,
            name=WORDS[verdict],
            mode="markers+text",
            text=MARKS[verdict],
            textfont={"color": "white", "size": 12},
            hovertext=texts,
            hoverinfo="text",
            marker={"color": COLOURS[verdict], "size": MARK_PX, "line": {"color": "white", "width": 1}},
            cliponaxis=False,
        )
    figure.update_layout(
        yaxis={
            "domain": domain,
            "range": [len(cues) - 0.5, -0.5],
            "tickvals": list(range(len(cues))),
            "ticktext": [cue.name for cue in cues],
            "ticks": "",
            "gridcolor": GRID_COLOUR,
            "zeroline": False,
            "fixedrange": True,
            "automargin": True,
        }
    )
    _add_title(figure, "Verdicts", domain, ABOVE_NUMBERS_PX)


def _said(movement: Movement, cue: Cue, repetition: JudgedRepetition) -> str:
    """Words of one mark: "rep 2, straight line: check, 168 ± 6 deg"."""
    judged = repetition.cues[cue.id]
    details = [WORDS[judged.verdict]]
    if judged.value is not None:
        details.append(value_text(judged.value, judged.unit, judged.error))
    if judged.reason:
        details.append(judged.reason)
    way = f" to the {repetition.direction}" if repetition.direction else ""
    return escape(f"{movement.words.short} {repetition.index}{way}, {cue.name}: {', '.join(details)}")


def _band_of(movement: Movement, curve: str) -> tuple[float, float] | None:
    wanted = dict(movement.curve_cues).get(curve)
    return next((cue.band.good for cue in movement.cues if cue.id == wanted), None)


def _add_curve(
    figure: Figure,
    number: int,
    name: str,
    time_s: Array,
    values: Array,
    band: tuple[float, float] | None,
    domain: tuple[float, float],
    lift_px: int,
) -> None:
    quantity, unit = quantity_and_unit(name)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if band is not None and band[0] == 0 and low < 0:  # how much is judged, whichever way; the curve shows which
        band = (-band[1], band[1])
    if band is not None:
        low = min(low, band[0] if np.isfinite(band[0]) else low)
        high = max(high, band[1] if np.isfinite(band[1]) else high)
        figure.add_shape(
            type="rect",
            layer="below",
            xref="paper",
            x0=0,
            x1=1,
            yref=_axis("y", number),
            y0=max(band[0], low),
            y1=min(band[1], high),
            line_width=0,
            fillcolor=BAND_COLOUR,
        )
    figure.add_scatter(
        x=np.round(time_s, DECIMALS).tolist(),
        y=np.round(values, DECIMALS).tolist(),
        yaxis=_axis("y", number),
        name=quantity,
        meta={"unit": unit, "decimals": WHOLE_UNITS.get(unit, USUAL_DECIMALS)},
        mode="lines",
        connectgaps=False,
        line={"color": next((SIDE_COLOURS[one] for one in SIDES if one in quantity), CURVE_COLOUR), "width": 2},
        hovertemplate=f"%{{x:.1f}} s: %{{y:.3g}} {escape(unit)}<extra></extra>",
    )
    margin = 0.06 * (high - low) or 1.0
    figure.update_layout(
        {
            _axis("yaxis", number): {
                "domain": domain,
                "range": [low - margin, high + margin],
                "gridcolor": GRID_COLOUR,
                "zeroline": False,
                "fixedrange": True,
                "automargin": True,
                "nticks": 6,
            }
        }
    )
    _add_title(figure, f"{quantity.capitalize()} [{unit}]" if unit else quantity.capitalize(), domain, lift_px)


def _add_title(figure: Figure, text: str, domain: tuple[float, float], lift_px: int = TITLE_LIFT_PX) -> None:
    figure.add_annotation(
        text=f"<b>{escape(text)}</b>",
        x=0,
        xref="paper",
        xanchor="left",
        y=domain[1],
        yref="paper",
        yanchor="bottom",
        yshift=lift_px,
        showarrow=False,
    )
