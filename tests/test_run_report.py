"""Reports of runs and of steps: measures among runners, feet on the ground, two views, motions that nobody filmed."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

import made
from hipdrive.analysis import Examined
from hipdrive.motion import View
from hipdrive.movements import MOVEMENTS, Runner, SidedMeasurement
from hipdrive.movements.advise import advise, errors_beyond, praise
from hipdrive.report.annotate import (
    SIDE_RGB,
    BannerLine,
    ContactStrip,
    Directions,
    Notes,
    PlumbLine,
    SideLetters,
    Skeleton,
)
from hipdrive.report.charts import curves_figure, stride_figures
from hipdrive.report.folder import write_folder
from hipdrive.report.keyframes import athlete_frame, key_frames, typical_stride
from hipdrive.report.measures import gauge, sentence, usual_words, value_words, what_to_give
from hipdrive.report.overlay import Athlete, falls, phase_word, stance_word, write_overlay
from hipdrive.report.stick import HEIGHT, JOINTS, MOST_HZ, stick_figure
from hipdrive.report.terminal import summary
from hipdrive.results import Analysis, JudgedStride, SeenView
from hipdrive.video import read_clip
from test_report import Page, page_of

NOBODY = Runner()
CADENCE, CONTACT, DUTY, THIGH, LEAN, DROP = made.MEASURES


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Examined:
    return made.examined_run(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def lab() -> Examined:
    return made.examined_run(Path(), kind="mocap", name="trial.trc")


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Examined:
    return made.examined_together(tmp_path_factory.mktemp("together"))


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Examined:
    return made.examined_walk(tmp_path_factory.mktemp("walk"))


@pytest.fixture(scope="module")
def page(run: Examined, tmp_path_factory: pytest.TempPathFactory) -> Page:
    return page_of(run, tmp_path_factory.mktemp("page"), "overlay.mp4")


# -- measures in words --------------------------------------------------------------------------------------


def test_contact_is_a_range_where_frames_are_few() -> None:
    judged = CONTACT.judged(SidedMeasurement(0.241, 0.03), NOBODY)
    assert value_words(CONTACT, judged, 30.0) == "0.21 to 0.27 s"
    assert value_words(CONTACT, judged, 60.0) == "0.24 ± 0.03 s"


def test_sentences_say_where_one_is_and_never_threaten() -> None:
    usual = "Usual for a runner like you at this speed: 165 ± 9 steps/min"
    said = {value: sentence(CADENCE, CADENCE.judged(SidedMeasurement(value, 2.0), made.KNOWN)) for value in RATES}
    assert said[165.0] == f"{CADENCE.well_done} {usual}."
    assert said[172.0] == f"{CADENCE.well_done} {usual}; you are 0.8 SD above."
    assert said[178.0] == f"A little higher than usual, which is fine. {usual}; you are 1.5 SD above."
    assert said[145.0] == f"Perhaps unusually low, but the error leaves it open. {usual}; you are 2.2 SD below."
    assert said[120.0] == f"{CADENCE.too_low} {usual}; you are 5.0 SD below."


RATES = (165.0, 172.0, 178.0, 145.0, 120.0)


def test_sentences_without_a_value_of_ones_own() -> None:
    usual = "Most runners: 20 to 30 deg."
    said = {value: sentence(THIGH, THIGH.judged(SidedMeasurement(value, 6.0), NOBODY)) for value in (25, 18, 33, 9, 4)}
    assert said[25] == f"{THIGH.well_done} {usual}"
    assert said[18] == f"A little lower than usual, which is fine. {usual}"
    assert said[33] == f"A little higher than usual, which is fine. {usual}"
    assert said[9] == f"Perhaps unusually low, but the error leaves it open. {usual}"
    assert said[4] == f"{THIGH.too_low} {usual}"


def test_only_what_is_surely_usual_is_praised() -> None:
    near = {CADENCE.id: CADENCE.judged(SidedMeasurement(150.0, 2.0), made.KNOWN)}
    assert near[CADENCE.id].verdict == "good"
    assert praise(made.RUN_LIKE, {}, near) == []


def test_a_weak_measurement_is_called_a_hint_and_gives_no_advice() -> None:
    weak = THIGH.judged(SidedMeasurement(25.0, 6.0, at_best="check"), NOBODY)
    assert weak.verdict == "check" and errors_beyond(THIGH, weak) == 0
    assert "Take this as a hint" in sentence(THIGH, weak)
    assert advise(made.RUN_LIKE, [], {}, {THIGH.id: weak}) == []


def test_what_is_usual_is_this_runners_own_where_it_is_known() -> None:
    assert usual_words(CADENCE, CADENCE.judged(SidedMeasurement(165.0, 1.0), made.KNOWN)) == "165 ± 9 steps/min"
    assert usual_words(CADENCE, CADENCE.judged(SidedMeasurement(165.0, 1.0), NOBODY)) == "155 to 190 steps/min"


@pytest.mark.parametrize(
    ("runner", "said"),
    [
        (NOBODY, "Give --height, --mass, --sex, --age and --speed to learn"),
        (replace(made.KNOWN, speed_kmh=None), "Give --speed to learn"),
        (made.KNOWN, None),
    ],
)
def test_it_says_what_to_give(runner: Runner, said: str | None, tmp_path: Path) -> None:
    told = what_to_give(made.examined_run(tmp_path, runner=runner).analysis, "--")
    assert told is None if said is None else told is not None and told.startswith(said)


def test_nothing_is_asked_for_where_nothing_was_measured(run: Examined) -> None:
    empty = {one.id: one.judged(SidedMeasurement.missing("not seen"), NOBODY) for one in made.MEASURES}  # type: ignore[arg-type]
    assert what_to_give(replace(run.analysis, measures=empty, provenance={})) is None


values = st.floats(-400, 400)


@given(values, st.floats(0.01, 50), st.none() | values, st.none() | values, st.booleans())
def test_everything_on_a_gauge_lies_on_it_and_in_order(
    value: float, error: float, left: float | None, right: float | None, known: bool
) -> None:
    for one in (CADENCE, THIGH, DROP):
        judged = one.judged(SidedMeasurement(value, error, left=left, right=right), made.KNOWN if known else NOBODY)
        drawn = gauge(one, judged)
        places = [
            *drawn.usual,
            *drawn.error,
            drawn.value,
            *(place for _, place in drawn.sides),
            *(drawn.expected or ()),
        ]
        assert all(0 <= place <= 100 for place in places)
        assert drawn.usual[0] < drawn.usual[1]
        assert drawn.error[0] <= drawn.value <= drawn.error[1]
        assert (drawn.value < drawn.usual[0]) == (round(value, 3) < one.band.good[0]) or abs(
            drawn.value - drawn.usual[0]
        ) < 0.02
        assert [side for side, _ in drawn.sides] == [s for s, v in (("left", left), ("right", right)) if v is not None]
        assert (drawn.expected is not None) == (known and one is CADENCE)


# -- advice and praise --------------------------------------------------------------------------------------


def measured(**given_values: tuple[float, float]) -> dict[str, Any]:
    return {
        one.id: one.judged(SidedMeasurement(*given_values[one.id]), NOBODY)
        for one in made.MEASURES
        if one.id in given_values
    }


def test_advice_on_measures_goes_by_weight_and_by_how_sure_it_is() -> None:
    odd = measured(
        cadence_spm=(120.0, 2.0),  # 10 errors beyond, weight 2
        contact_time_s=(0.50, 0.02),  # 7.5 errors, weight 1
        duty_factor_pct=(60.0, 2.0),  # 7 errors, weight 1
        trailing_thigh_deg=(3.0, 6.0),  # 1.5 errors, weight 3
    )
    assert {judged.verdict for judged in odd.values()} == {"check"}
    said = advise(made.RUN_LIKE, [], {}, odd)
    assert [advice.about for advice in said] == ["cadence_spm", "contact_time_s", "duty_factor_pct"]
    assert said[0].say == CADENCE.too_low and said[1].say == CONTACT.too_high


def test_usual_measures_are_praised_and_not_advised_on() -> None:
    usual = measured(cadence_spm=(170.0, 2.0), trunk_lean_deg=(5.0, 4.0), trailing_thigh_deg=(24.0, 6.0))
    assert advise(made.RUN_LIKE, [], {}, usual) == []
    assert praise(made.RUN_LIKE, {}, usual) == [THIGH.well_done, CADENCE.well_done, LEAN.well_done]


def test_what_is_never_advised_on_is_not() -> None:
    silent = replace(made.RUN_LIKE, measures=tuple(replace(one, weight=0) for one in made.MEASURES))
    assert advise(silent, [], {}, measured(cadence_spm=(100.0, 2.0))) == []
    assert praise(silent, {}, measured(cadence_spm=(170.0, 2.0))) == []


# -- the page of a run --------------------------------------------------------------------------------------


def test_every_measure_has_its_card(run: Examined, page: Page) -> None:
    text = page.text
    assert "Where you are among runners" in text
    for one in made.MEASURES:
        judged = run.analysis.measures[one.id]
        if judged.value is None:
            continue
        assert one.meaning in text
        assert value_words(one, judged, made.RATE_HZ) in text
        assert sentence(one, judged) in text
    gauges = [
        a["aria-label"] for tag, a in page.tags if tag == "svg" and a.get("class") == "gauge" and "aria-label" in a
    ]
    assert len(gauges) == 5
    assert "trailing thigh: 4 ± 3 deg; most runners 20 to 30; left 6; right 2" in gauges
    assert any("usual for you 165 ± 9" in (words or "") for words in gauges)


def test_what_was_not_measured_is_told_with_its_reason(page: Page) -> None:
    assert "pelvic drop : it cannot be seen from here: film from behind." in page.text.replace("drop:", "drop :")
    for one in made.MEASURES:
        assert one.band.source in page.text and one.error_source in page.text


def test_a_run_has_strides_and_no_table_of_repetitions(page: Page) -> None:
    assert not page.rows
    assert "10 strides measured · side view, right side near" in page.text
    assert "Rep by rep" not in page.text
    assert "hurt" not in page.text.replace("How one runs says little about who gets hurt.", "")


def test_a_run_like_others_is_said_to_be_so(tmp_path: Path) -> None:
    usual = dict(made.GIVEN) | {"trailing_thigh_deg": SidedMeasurement(24.0, 6.0)}
    text = page_of(made.examined_run(tmp_path, given=usual), tmp_path).text
    assert "You run as most runners do, in everything that could be measured." in text


def test_a_run_without_any_measure_says_so(tmp_path: Path) -> None:
    nothing = {one.id: SidedMeasurement(None, reason="the feet are out of the picture") for one in made.MEASURES}
    text = page_of(made.examined_run(tmp_path, given=nothing), tmp_path).text
    assert "Nothing could be measured in this run" in text
    assert "the feet are out of the picture." in text


def test_hostile_measures_stay_text(run: Examined, tmp_path: Path) -> None:
    odd = replace(run.analysis.measures["pelvic_drop_deg"], reason=made.HOSTILE)
    measures = {**run.analysis.measures, "pelvic_drop_deg": odd}
    source = replace(run.analysis.source, name=made.HOSTILE)
    page = page_of(replace(run, analysis=replace(run.analysis, measures=measures, source=source)), tmp_path)
    assert "<script>alert" not in page.source and "<img src=x" not in page.source
    assert page.text.count(made.HOSTILE) >= 2


# -- charts -------------------------------------------------------------------------------------------------


def test_feet_on_the_ground_are_drawn_for_each_side(run: Examined) -> None:
    figure = curves_figure(run)
    assert figure is not None
    bars = {trace.name: trace for trace in figure.data if trace.name in ("left", "right")}
    for side in ("left", "right"):
        wanted = [(one.contact_s, one.toe_off_s) for one in run.analysis.strides if one.side == side]
        drawn = list(zip(bars[side].x[::3], bars[side].x[1::3], strict=True))
        assert drawn == wanted
        assert all(gap is None for gap in bars[side].x[2::3])
    assert sum(shape.yref == "paper" for shape in figure.layout.shapes) == len(run.analysis.strides)


def test_strides_are_averaged_with_their_spread(run: Examined) -> None:
    (figure,) = stride_figures(run)
    band, mean, *_ = figure.data
    assert mean.name == "L left, 5 strides"
    assert np.allclose(mean.y, 28 * np.cos(2 * np.pi * np.linspace(0, 1, 101)) + 2, atol=0.002)
    assert np.allclose(np.array(band.y[:101]) - np.array(mean.y), np.std(np.arange(5)), atol=0.002)
    toe_off = [shape.x0 for shape in figure.layout.shapes]
    assert toe_off == pytest.approx([100 * made.STANCE_SHARE] * 2)


def test_strides_that_were_never_seen_are_left_out(run: Examined) -> None:
    assert run.prepared is not None
    one_leg = [stride for stride in made.strides() if stride.side == "right"]
    (figure,) = stride_figures(replace(run, prepared=replace(run.prepared, made=tuple(one_leg))))
    assert [trace.name for trace in figure.data if trace.name] == ["R right, 5 strides"]


# -- pictures of a run --------------------------------------------------------------------------------------


def test_key_frames_of_a_run_are_a_typical_stride_of_each_leg(run: Examined) -> None:
    frames = key_frames(run)
    assert [frame.title for frame in frames] == [
        f"{side} foot, {moment}" for side in ("Left", "Right") for moment in ("contact", "mid-stance", "toe-off")
    ]
    assert len({frame.image.shape for frame in frames}) == 1
    for side in ("left", "right"):
        stride = typical_stride([one for one in run.analysis.strides if one.side == side])
        assert stride is not None
        times_s = [frame.time_s for frame in frames if frame.title.startswith(side.capitalize())]
        wanted = [stride.contact_s, (stride.contact_s + stride.toe_off_s) / 2, stride.toe_off_s]
        assert times_s == pytest.approx(wanted, abs=0.5 / made.RATE_HZ + 1e-6)
    assert [frame.measures for frame in frames[:3]] == [(), ("trunk_lean_deg",), ("trailing_thigh_deg",)]


def test_pictures_tell_the_value_of_their_leg(run: Examined, page: Page) -> None:
    text = page.text
    left = text.index("Left foot, toe-off"), text.index("Right foot, contact")
    assert "trailing thigh: check, 6 ± 3 deg" in text[slice(*left)]
    assert "trailing thigh: check, 2 ± 3 deg" in text[text.index("Right foot, toe-off") :]


def test_lines_are_drawn_only_in_views_that_show_them(run: Examined) -> None:
    rear = replace(run, analysis=replace(run.analysis, view=SeenView("rear", None, 1.0)))
    assert all(Athlete(rear).run_lines(stride.toe_off_s or 0.0) == [] for stride in run.analysis.strides)
    assert all(not frame.measures for frame in key_frames(rear))


def test_a_run_from_a_lab_is_shown_from_all_its_views(lab: Examined) -> None:
    assert isinstance(lab.prepared, made.MadeRun)
    behind = replace(lab.prepared, view=View("rear", None, 1.0, 90.0))
    frames = key_frames(replace(lab, views=(lab.prepared, behind)))
    assert [frame.title.endswith("from behind") for frame in frames] == [False] * 6 + [True] * 6


def test_the_typical_stride_is_no_odd_one() -> None:
    even = [JudgedStride("left", t, t + 0.25, t + 0.7) for t in (0.0, 0.7, 1.4, 2.1)]
    odd = JudgedStride("left", 2.8, 3.3, 4.2)
    assert typical_stride([odd, *even]) in even
    assert typical_stride([]) is None


def test_lines_of_a_run_appear_when_they_are_seen(run: Examined) -> None:
    athlete = Athlete(run)
    stride = next(one for one in run.analysis.strides if one.side == "left" and one.contact_s > 1)
    at_contact, at_toe_off = athlete.run_lines(stride.contact_s), athlete.run_lines(stride.toe_off_s)
    assert [line.keypoints for line in at_contact] == [("mid_hip", "mid_shoulder")]
    thigh = next(line for line in at_toe_off if line.keypoints == ("left_hip", "left_knee"))
    assert (thigh.verdict, thigh.angle_deg) == ("check", 6.0)


def test_what_the_feet_do_is_said() -> None:
    strides = [JudgedStride("left", 0.0, 0.3, 0.7), JudgedStride("right", 0.35, 0.65, 1.05)]
    said = [stance_word(strides, t) for t in (0.1, 0.32, 0.5, 0.9, 2.0)]
    assert said == ["left foot", "flight", "right foot", "flight", ""]
    walking = [JudgedStride("left", 0.0, 0.6, 1.0), JudgedStride("right", 0.5, 1.1, 1.5)]
    assert stance_word(walking, 0.55) == "both feet"


def test_a_view_without_toe_offs_shows_contacts_and_no_flight(run: Examined, tmp_path: Path) -> None:
    strides = [replace(one, toe_off_s=None) for one in run.analysis.strides]
    analysis = replace(run.analysis, strides=strides)
    behind = replace(run, analysis=analysis)
    assert stance_word(strides, 0.3) == "left step" and stance_word(strides, 0.5) == "right step"
    assert [frame.moment for frame in key_frames(behind)] == ["contact", "mid-stance"] * 2
    assert typical_stride(strides) in strides
    figure = curves_figure(behind)
    assert figure is not None
    assert all(shape.x1 - shape.x0 < 0.1 for shape in figure.layout.shapes if shape.yref == "paper")
    assert not stride_figures(behind)[0].layout.shapes
    assert "a narrow one is a contact whose end this view does not show" in page_of(behind, tmp_path).text
    write_folder(behind, tmp_path, video=False)
    assert {row["toe_off_s"] for row in rows_of(tmp_path / "strides.csv")} == {""}
    assert write_overlay(behind, tmp_path / "overlay.mp4")


def test_overlay_of_a_run_shows_cadence_and_contacts(run: Examined, tmp_path: Path) -> None:
    assert write_overlay(run, tmp_path / "overlay.mp4")
    before, after = (list(read_clip(path))[45].image.astype(int) for path in (run.clip.path, tmp_path / "overlay.mp4"))  # type: ignore[union-attr]
    changed = np.abs(after - before).max(-1) > 30
    assert changed[10:40, 10:60].mean() > 0.2  # the number
    assert changed[6:30, 190:310].mean() > 0.3  # the strip
    assert changed[-8:].mean() < 0.05  # nothing hides the feet


# -- motions that nobody filmed -----------------------------------------------------------------------------


def test_a_lab_file_has_figures_and_no_video(lab: Examined, tmp_path: Path) -> None:
    write_folder(lab, tmp_path)
    assert not list(tmp_path.glob("*.mp4"))
    page = Page(tmp_path / "report.html")
    assert "trial.trc, a lab file" in page.text and "measured in space" in page.text
    assert "Who was measured" not in page.text and athlete_frame(lab) is None
    assert len(key_frames(lab)) == 6
    assert ("input", "range") in [(tag, attributes.get("type")) for tag, attributes in page.tags]
    names = [
        a["aria-label"] for tag, a in page.tags if tag == "svg" and (a.get("aria-label") or "").startswith("Stick")
    ]
    assert names == ["Stick figure, from the side", "Stick figure, from behind"]


def test_landmarks_of_another_program_are_shown_as_filmed(tmp_path: Path) -> None:
    marks = made.examined_run(tmp_path, kind="landmarks", name="marks.csv")
    page = page_of(marks, tmp_path)
    assert "marks.csv, landmarks of another program" in page.text
    figure = stick_figure(marks)
    assert figure is not None and [name for name, _ in figure.views] == ["From the side"]


def test_the_stick_figure_stands_on_the_floor_and_keeps_left_and_right(lab: Examined) -> None:
    figure = stick_figure(lab)
    assert figure is not None
    time_s = np.array(figure.data["time"])
    assert np.diff(time_s).min() > 0.9 / MOST_HZ
    for (_, width), frames in zip(figure.views, figure.data["views"], strict=True):
        points = np.array(frames, float).reshape(len(frames), -1, 2)
        assert points[..., 1].max() == figure.floor < HEIGHT
        assert points.min() >= 0 and points[..., 0].max() <= width
    behind = np.array(figure.data["views"][1][0], float).reshape(-1, 2)
    assert behind[JOINTS.index("left_hip"), 0] < behind[JOINTS.index("right_hip"), 0]


def test_a_figure_with_holes_still_moves(lab: Examined) -> None:
    holes = lab.motion.copy(deep=True)
    ankle = list(holes.keypoint.values).index("left_ankle")
    for places in (holes.image_position.values, holes.world_position.values):
        places[20:40] = np.nan
        places[:, ankle] = np.nan
    figure = stick_figure(replace(lab, motion=holes))
    assert figure is not None and len(figure.data["time"]) == len(lab.motion.time) - 20
    assert None in figure.data["views"][0][0]
    assert json.loads(json.dumps(figure.data, allow_nan=False)) == figure.data
    nothing = lab.motion.copy(deep=True)
    nothing.image_position.values[:] = nothing.world_position.values[:] = np.nan
    assert stick_figure(replace(lab, motion=nothing)) is None


def test_a_clip_has_no_stick_figure(run: Examined) -> None:
    assert stick_figure(run) is None


# -- two views ----------------------------------------------------------------------------------------------


def test_two_views_share_one_report(together: Examined, tmp_path: Path) -> None:
    done: list[int] = []
    write_folder(together, tmp_path, progress=done.append)
    assert done == list(range(1, 2 * len(together.motion.time) + 1))
    names = {path.name for path in tmp_path.iterdir()}
    assert {"overlay.mp4", "overlay_2.mp4", "landmarks.parquet", "landmarks_2.parquet"} <= names
    page = Page(tmp_path / "report.html")
    assert [a["src"] for tag, a in page.tags if tag == "video"] == ["overlay.mp4", "overlay_2.mp4"]
    assert "side.mp4 and rear.mp4" in page.text
    assert page.text.count("Where you are among runners") == 1
    assert "pelvic_drop_deg is like that of most runners." in page.text
    identities = [a["id"] for _, a in page.tags if "id" in a]
    assert len(identities) == len(set(identities))


# -- tables -------------------------------------------------------------------------------------------------


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_strides_and_measures_are_tables(run: Examined, walk: Examined, tmp_path: Path) -> None:
    write_folder(run, tmp_path / "run", video=False)
    strides = rows_of(tmp_path / "run" / "strides.csv")
    assert len(strides) == len(run.analysis.strides)
    assert [float(row["contact_s"]) for row in strides] == [one.contact_s for one in run.analysis.strides]
    measures = {row["measure"]: row for row in rows_of(tmp_path / "run" / "measures.csv")}
    assert float(measures["trailing_thigh_deg"]["left"]) == 6.0
    deviation = run.analysis.measures["cadence_spm"].deviation_sd
    assert float(measures["cadence_spm"]["deviation_sd"]) == deviation
    assert measures["pelvic_drop_deg"]["value"] == "" and measures["pelvic_drop_deg"]["reason"]
    write_folder(walk, tmp_path / "walk", video=False)
    repetitions = rows_of(tmp_path / "walk" / "repetitions.csv")
    assert [row["direction"] for row in repetitions[::2]] == list(made.WAYS)
    assert not (tmp_path / "walk" / "strides.csv").exists() and not (tmp_path / "walk" / "measures.csv").exists()
    assert Analysis.from_json((tmp_path / "run" / "analysis.json").read_bytes()) == run.analysis


@pytest.mark.parametrize("width", [60, 80, 140])
def test_the_terminal_shows_measures(run: Examined, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setitem(MOVEMENTS, "running", made.RUN_LIKE)
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(summary(run.analysis, width))
    text = " ".join(console.export_text().replace("│", " ").split())
    assert "run.mp4: Running, 10 strides (side view, right side near)" in text
    assert "Not judged: pelvic drop; the report says why." in text
    assert text.count("What to try about trailing_thigh_deg.") == 1
    if width == 140:
        assert re.search(r"✓ cadence 166.7 ± 1.0 steps/min – – 165 ± 9 steps/min as usual", text)
        assert re.search(r"\? trailing thigh 4 ± 3 deg 6 2 20 to 30 deg", text)


# -- steps --------------------------------------------------------------------------------------------------


def test_steps_are_called_steps_and_have_directions(walk: Examined, tmp_path: Path) -> None:
    page = page_of(walk, tmp_path)
    text = page.text
    assert "4 steps counted · 2 to the left · 2 to the right · front view" in text
    assert "Step by step" in text and "Rep" not in text.replace("Report", "")
    assert [row.head.split()[:4] for row in page.rows[1:5]] == [
        [str(number), letter, "to", "the"] for number, letter in enumerate("LLRR", start=1)
    ]
    assert "Step 2 to the left, wide" in text
    figure = curves_figure(walk)
    assert figure is not None
    assert {"1 L", "2 L", "3 R", "4 R"} <= {note.text for note in figure.layout.annotations}
    said = {text for trace in figure.data if trace.hovertext for text in trace.hovertext}
    assert "step 4 to the right, knees over feet: fault, 0.90 ± 0.05 foot gaps" in said


def test_steps_are_spoken_of_in_the_words_of_the_movement(walk: Examined) -> None:
    first = walk.analysis.repetitions[0]
    words = [phase_word(made.WALK_LIKE, first, t) for t in (0.5, 0.9, 1.3)]
    assert words == ["step out", "wide", "catch up"]
    assert "Step 3: band tension" in {fall.text for fall in falls(walk)}


def test_key_frames_of_steps_show_the_leading_leg(walk: Examined) -> None:
    frames = key_frames(walk)
    assert [frame.moment for frame in frames] == ["wide", "closed"] * len(made.WAYS)
    assert [frame.cue for frame in frames[:2]] == ["knees_over_feet", None]
    athlete = Athlete(walk)
    (line,) = athlete.coach_lines(0, walk.analysis.repetitions[2])
    assert line.keypoints == ("right_hip", "right_knee", "right_ankle")
    assert line.angle_deg is None  # a ratio of gaps is no angle


def test_arrows_point_to_where_the_athlete_goes_in_the_picture() -> None:
    grey = np.full((360, 640, 3), 120, np.uint8)
    front = Directions(pointing_left="right").annotate(grey.copy(), {"left": 1, "right": 2}, "left")
    bright = np.argwhere(
        (front > 235).all(-1) | ((front[..., 0] > 240) & (front[..., 2] < 225) & (front[..., 2] > 200))
    )
    box = np.argwhere((front != 120).any(-1))
    middle_x = box[:, 1].mean()
    assert len(bright) and bright[:, 1].min() > middle_x  # from the front the athlete's left is on the right


def test_verdicts_of_steps_do_not_hide_the_feet(walk: Examined, tmp_path: Path) -> None:
    write_overlay(walk, tmp_path / "overlay.mp4")
    assert walk.clip is not None
    pairs = zip(walk.clip, read_clip(tmp_path / "overlay.mp4"), strict=True)
    changed = {round(a.time_s, 1): np.abs(a.image.astype(int) - b.image.astype(int)).max(-1) > 30 for a, b in pairs}
    assert not changed[0.5][62:80, 6:60].any() and changed[1.3][62:80, 6:60].mean() > 0.5
    assert max(frame[-10:].mean() for frame in changed.values()) < 0.05


# -- annotators ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(360, 640), (640, 360), (64, 64), (2, 3), (1, 1)])
@pytest.mark.parametrize("far", [1.0, 1e30, np.nan, -2.0])
def test_new_annotators_draw_in_place_whatever_the_points(size: tuple[int, int], far: float) -> None:
    image = np.full((*size, 3), 120, np.uint8)
    points = np.random.default_rng(1).uniform(0, 1, (33, 2)) * size[::-1]
    points[::2] *= far
    confidence = np.where(np.arange(33) % 5, 0.9, np.nan)
    drawn = Skeleton(by_side=True).annotate(image, points, confidence)
    drawn = SideLetters().annotate(drawn, points, confidence)
    drawn = PlumbLine().annotate(drawn, points[:2])
    drawn = Notes().annotate(drawn, [BannerLine("fault", "Step 12: knees over feet"), BannerLine("good", "x")])
    drawn = Directions().annotate(drawn, {"left": 12}, "left")
    drawn = ContactStrip().annotate(drawn, {"left": [(0.0, 0.3), (0.9, 1e6)], "right": [(-5.0, -4.0)]}, 0.2)
    assert drawn is image and image.shape == (*size, 3) and image.dtype == np.uint8


def test_the_strip_moves_with_time() -> None:
    def at(time_s: float) -> float:
        strip = ContactStrip().annotate(np.full((360, 640, 3), 120, np.uint8), {"left": [(1.0, 1.3)]}, time_s)
        blue = np.argwhere(np.abs(strip.astype(int) - SIDE_RGB["left"]).max(-1) < 90)
        bar = blue[blue[:, 1] > 380]
        return float(bar[:, 1].mean()) if len(bar) else float("nan")

    middle = at(1.15)
    assert at(0.6) > middle > at(1.7)
    assert np.isnan(at(5.0))


# -- in a browser -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: pip install playwright"
    )
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    with playwright.sync_playwright() as tool:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        running = tool.chromium.launch(executable_path=chromium, args=arguments)
        yield running
        running.close()


@pytest.mark.slow
@pytest.mark.parametrize("width_px", [360, 1200])
def test_the_stick_figure_plays_and_slides(lab: Examined, browser: Any, tmp_path: Path, width_px: int) -> None:
    page_of(lab, tmp_path)
    page = browser.new_page(viewport={"width": width_px, "height": 800})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto((tmp_path / "report.html").as_uri())
    knee = "() => [...document.querySelectorAll('.stick .bone.left')].map((b) => b.getAttribute('x1')).join()"
    bones = "() => document.querySelectorAll('.stick svg .bone').length"
    assert page.evaluate(bones) == 2 * 20
    before = page.evaluate(knee)
    page.fill(".stick input", "8")
    assert page.text_content(".stick output") == "0.27 s"
    assert page.evaluate(knee) != before
    page.click(".stick button")
    page.wait_for_function("() => document.querySelector('.stick input').value !== '8'")
    assert page.text_content(".stick button") == "Pause"
    assert page.evaluate("document.documentElement.scrollWidth") <= width_px
    assert complaints == []
    page.close()
