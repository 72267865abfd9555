"""The HTML report: whole, self-contained, escaped, and readable in a real browser."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import xarray as xr

import clips
from hipdrive.analysis import Examined, judge_repetitions
from hipdrive.motion import Chosen, View, new_motion
from hipdrive.movements import judge_set
from hipdrive.movements.advise import advise, praise
from hipdrive.movements.glute_bridge import GLUTE_BRIDGE, HIP_LINE_OFFSET_DEG
from hipdrive.pose import KEYPOINTS
from hipdrive.report.charts import MOST_POINTS, curves_figure, moment_s, thinned
from hipdrive.report.html import write_report
from hipdrive.report.words import WORDS, value_text
from hipdrive.results import Analysis, RecognisedMovement, SeenView, Source, Warning_
from hipdrive.video import read_clip
from hipdrive.video.writer import VideoWriter

WIDTH_PX, HEIGHT_PX, RATE_HZ = 320, 240, 30
TOPS_DEG = (180.0, 148.0, 178.0)  # of the line from shoulder to knee: the second repetition stays low
REP_S, REST_S = 4.5, 1.0
TRUNK_PX, THIGH_PX, SHANK_PX = 70.0, 60.0, 60.0
SHOULDER, ANKLE = np.array([70.0, 190.0]), np.array([205.0, 190.0])
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>.mp4"
VIEW = View("side", "right", 1.0, 0.0)


# -- a set of bridges made by hand --------------------------------------------------------------------------


def hip_and_knee(lift: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places of hip and knee, shape (n, 2), with the trunk lifted by an angle; shoulder and foot stay."""
    hip = SHOULDER + TRUNK_PX * np.stack([np.cos(lift), -np.sin(lift)], -1)
    to_ankle = ANKLE - hip
    reach = np.linalg.norm(to_ankle, axis=-1)
    inner = np.arccos((THIGH_PX**2 + reach**2 - SHANK_PX**2) / (2 * THIGH_PX * reach))
    heading = np.arctan2(-to_ankle[:, 1], to_ankle[:, 0]) + inner
    return hip, hip + THIGH_PX * np.stack([np.cos(heading), -np.sin(heading)], -1)


def lift_for(line_deg: np.ndarray) -> np.ndarray:
    """How far the trunk is lifted for an angle from shoulder over hip to knee."""
    lift = np.radians(np.linspace(-10, 45, 500))
    hip, knee = hip_and_knee(lift)
    heading = np.arctan2(hip[:, 1] - knee[:, 1], knee[:, 0] - hip[:, 0])
    shown_deg = 180 + np.degrees(lift - heading)
    assert (np.diff(shown_deg) > 0).all() and shown_deg[0] < line_deg.min() and line_deg.max() < shown_deg[-1]
    return np.interp(line_deg, shown_deg, lift)


def lines_deg(time_s: np.ndarray) -> np.ndarray:
    """Angle of the line at every moment: a smooth rise, a stay and a smooth way down in every repetition."""
    line = np.full(len(time_s), 125.0)
    for number, top_deg in enumerate(TOPS_DEG):
        along = (time_s - REST_S - number * (REP_S + REST_S)) / REP_S
        up, down = np.clip(along / 0.3, 0, 1), np.clip((along - 0.6) / 0.4, 0, 1)
        share = up**3 * (10 - 15 * up + 6 * up**2) * (1 - down**3 * (10 - 15 * down + 6 * down**2))
        line += (top_deg - 125.0) * share
    return line


def bridge_motion(line_deg: np.ndarray, time_s: np.ndarray, source: str) -> xr.Dataset:
    """Landmarks of an athlete on the back, head on the left of the picture, the right side near."""
    landmarks = np.zeros((len(time_s), len(KEYPOINTS), 7), np.float32)
    landmarks[..., 6] = 0.95
    hip, knee = hip_and_knee(lift_for(line_deg + HIP_LINE_OFFSET_DEG))
    heel, toe = ANKLE + np.array([-4, 8]), ANKLE + np.array([18, 8])
    joints = {"shoulder": SHOULDER, "hip": hip, "knee": knee, "ankle": ANKLE, "heel": heel, "foot_index": toe}
    for side, depth in (("left", 0.15), ("right", -0.15)):
        for joint, place in joints.items():
            number = KEYPOINTS.index(f"{side}_{joint}")
            landmarks[:, number, :2] = place
            landmarks[:, number, 3:5] = place / 140
            landmarks[:, number, 5] = depth
    return new_motion(time_s, landmarks, source=source, width_px=WIDTH_PX, height_px=HEIGHT_PX)


def examined_set(folder: Path, *, photo: bool = False, seconds: float | None = None) -> Examined:
    """A judged set, or a judged photograph of its top, with a clip of a grey room."""
    if photo:
        path = folder / "bridge.jpg"
        cv2.imwrite(str(path), clips.room(WIDTH_PX, HEIGHT_PX))
        time_s, line_deg = np.zeros(1), np.array([180.0])
    else:
        path = folder / "bridge.mp4"
        time_s = np.arange(0, seconds or REST_S + len(TOPS_DEG) * (REP_S + REST_S), 1 / RATE_HZ)
        line_deg = lines_deg(time_s)
        with VideoWriter(path, WIDTH_PX, HEIGHT_PX, RATE_HZ) as video:
            for moment in time_s:
                video.write(clips.room(WIDTH_PX, HEIGHT_PX), float(moment))
    motion = bridge_motion(line_deg, time_s, path.name)
    prepared = GLUTE_BRIDGE.prepare(motion, VIEW)
    repetitions = judge_repetitions(GLUTE_BRIDGE, prepared)
    verdicts = {
        cue.id: judge_set([one.cues[cue.id] for one in repetitions if one.complete]) for cue in GLUTE_BRIDGE.cues
    }
    analysis = Analysis(
        source=Source(path.name, "video", float(time_s[-1]), len(time_s), float(RATE_HZ), WIDTH_PX, HEIGHT_PX),
        movement=RecognisedMovement("glute_bridge", "asked", 1.0),
        view=SeenView("side", "right", 1.0),
        repetitions=repetitions,
        set=verdicts,
        advice=advise(GLUTE_BRIDGE, repetitions, verdicts),
        provenance={"hipdrive": "0", "sides": {"exchanged_frames": 4, "uncertain_s": [[1.0, 1.5]]}},
    )
    box_px = (66.0, 100.0, 223.0, 198.0)
    return Examined(analysis, read_clip(path), motion, Chosen(1, 1.0, box_px), GLUTE_BRIDGE, prepared)


@pytest.fixture(scope="module")
def examined(tmp_path_factory: pytest.TempPathFactory) -> Examined:
    made = examined_set(tmp_path_factory.mktemp("set"))
    assert len(made.analysis.complete_repetitions) == len(TOPS_DEG)
    return made


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Examined:
    return examined_set(tmp_path_factory.mktemp("photo"), photo=True)


# -- reading the page ---------------------------------------------------------------------------------------

VOID = frozenset({"meta", "img", "br", "link", "source", "input", "hr"})


@dataclass
class Row:
    head: str = ""
    cells: list[tuple[str, str]] = field(default_factory=list)
    """Text and title of every cell."""


class Page(HTMLParser):
    """Tags, texts and tables of a page; fails on tags that are not closed in order."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.open_tags: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.headings: list[tuple[int, str]] = []
        self.rows: list[Row] = []
        self.source = path.read_text("utf-8")
        self.feed(self.source)
        self.close()
        assert self.open_tags == []

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        if tag not in VOID:
            self.open_tags.append(tag)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append((int(tag[1]), ""))
        if tag == "tr":
            self.rows.append(Row())
        if tag == "td":
            self.rows[-1].cells.append(("", attributes.get("title") or ""))

    def handle_endtag(self, tag: str) -> None:
        assert self.open_tags.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open_tags and self.open_tags[-1] in ("script", "style"):
            return
        self.words.append(data)
        if self.headings and any(re.fullmatch(r"h[1-6]", tag) for tag in self.open_tags):
            level, text = self.headings[-1]
            self.headings[-1] = level, text + data
        if "td" in self.open_tags:
            text, title = self.rows[-1].cells[-1]
            self.rows[-1].cells[-1] = " ".join((text + " " + data).split()), title
        elif "tr" in self.open_tags:
            self.rows[-1].head += data + " "


def page_of(examined: Examined, folder: Path, overlay: str | None = None) -> Page:
    path = folder / "report.html"
    write_report(examined, path, overlay)
    return Page(path)


@pytest.fixture(scope="module")
def page(examined: Examined, tmp_path_factory: pytest.TempPathFactory) -> Page:
    return page_of(examined, tmp_path_factory.mktemp("page"), "overlay.mp4")


# -- tests --------------------------------------------------------------------------------------------------


def test_the_report_needs_no_other_machine(page: Page) -> None:
    assert not [tag for tag, _ in page.tags if tag in ("link", "iframe", "object", "embed", "base")]
    addresses = [
        value for _, attributes in page.tags for name, value in attributes.items() if name in ("src", "href", "srcset")
    ]
    assert len(addresses) > len(TOPS_DEG)
    assert all(
        address == "overlay.mp4" or (address or "").startswith("data:image/jpeg;base64,") for address in addresses
    )
    policy = next(a["content"] for tag, a in page.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy and policy.startswith("default-src 'none'")
    assert "http" not in policy and "unsafe-eval" not in policy
    style = re.search(r"<style>(.*?)</style>", page.source, re.DOTALL)
    assert style and "url(" not in style[1] and "@import" not in style[1]


def test_every_repetition_and_judged_cue_is_in_the_table(examined: Examined, page: Page) -> None:
    head, *rows = page.rows
    repetitions = examined.analysis.repetitions
    assert len(rows) == len(repetitions) + 1
    judged = [cue for cue in GLUTE_BRIDGE.cues if any(one.cues[cue.id].verdict != "not_judged" for one in repetitions)]
    assert len(judged) >= 5
    for cue in judged:
        assert f"{cue.name} {cue.unit}" in head.head
    for row, repetition in zip(rows, repetitions, strict=False):
        assert row.head.split()[0] == str(repetition.index)
        for (text, title), cue in zip(row.cells, judged, strict=True):
            entry = repetition.cues[cue.id]
            assert WORDS[entry.verdict] in text
            assert entry.value is None or value_text(entry.value, "", entry.error) in text
            assert title == (entry.reason or "")
    for (text, _), cue in zip(rows[-1].cells, judged, strict=True):
        assert WORDS[examined.analysis.set[cue.id].verdict] in text
    low = repetitions[1].cues["straight_line"]
    assert low.verdict == "fault" and low.value == pytest.approx(TOPS_DEG[1], abs=2)


def test_cues_that_were_not_judged_are_no_columns_but_told_with_their_reason(examined: Examined, page: Page) -> None:
    assert "knees in line" not in page.rows[0].head
    reason = examined.analysis.repetitions[0].cues["knees_in_line"].reason
    assert reason
    assert re.search(rf"knees in line[^:]*: {re.escape(reason)}", page.text)
    assert GLUTE_BRIDGE.how_to_film in page.text


def test_the_coach_speaks_first_and_praises(examined: Examined, page: Page) -> None:
    well_done = praise(GLUTE_BRIDGE, examined.analysis.set)
    assert examined.analysis.advice and well_done
    for advice in examined.analysis.advice:
        assert page.text.index(advice.say) < page.text.index("Rep by rep")
        assert advice.why in page.text and advice.next in page.text
    assert all(sentence in page.text for sentence in well_done)
    assert "Not medical advice" in page.text


def test_headings_are_in_order_and_pictures_and_tables_are_named(page: Page) -> None:
    levels = [level for level, _ in page.headings]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(text.strip() for _, text in page.headings)
    assert all(attributes.get("alt") for tag, attributes in page.tags if tag == "img")
    assert all(attributes.get("scope") in ("col", "row") for tag, attributes in page.tags if tag == "th")
    names = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(names) == len(set(names))
    labels = [attributes["aria-labelledby"] for _, attributes in page.tags if "aria-labelledby" in attributes]
    assert set(labels) <= set(names)
    assert ("html", {"lang": "en"}) in page.tags


def test_small_print_has_every_cue_with_limits_error_and_source(page: Page) -> None:
    text = page.text
    for cue in GLUTE_BRIDGE.cues:
        assert " ".join(cue.band.source.split()) in text
        assert cue.coach in text
        assert cue.error_source in text
    assert "172 to 186 deg" in text and "from 10 deg" in text


def test_sides_that_were_repaired_or_uncertain_are_told(page: Page) -> None:
    text = page.text
    assert "taken for each other in 4 frames" in text
    assert "uncertain from 1.0 to 1.5 s" in text


def hostile(examined: Examined) -> Examined:
    """The same set with a file name, a warning and a reason that try to run a script."""
    analysis = examined.analysis
    first, *others = analysis.repetitions
    entry = replace(first.cues["straight_line"], verdict="not_judged", reason=f'"><b onmouseover=alert(3)>{HOSTILE}')
    return replace(
        examined,
        analysis=replace(
            analysis,
            source=replace(analysis.source, name=HOSTILE),
            warnings=[Warning_("odd", f"</li>{HOSTILE}")],
            repetitions=[replace(first, cues={**first.cues, "straight_line": entry}), *others],
            provenance={"settings": {"note": HOSTILE}},
        ),
    )


def test_hostile_names_and_reasons_stay_text(examined: Examined, tmp_path: Path) -> None:
    page = page_of(hostile(examined), tmp_path, 'x" onerror="alert(4)')
    assert not [tag for tag in ("<script>alert", "<img src=x", "<b onmouseover") if tag in page.source]
    assert page.text.count(HOSTILE) >= 4
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    titles = [title for row in page.rows for _, title in row.cells if "onmouseover" in title]
    assert titles == [f'"><b onmouseover=alert(3)>{HOSTILE}']


def test_an_incomplete_repetition_is_listed_but_not_counted(tmp_path: Path) -> None:
    cut = examined_set(tmp_path, seconds=REST_S + 2 * (REP_S + REST_S) + 0.5 * REP_S)
    assert [one.complete for one in cut.analysis.repetitions] == [True, True, False]
    page = page_of(cut, tmp_path)
    assert page.rows[3].head.split()[0] == "3"
    assert page.rows[3].cells == [("incomplete – not counted", "")]
    assert "2 repetitions counted · 1 incomplete" in page.text
    figure = curves_figure(cut)
    assert figure is not None
    fields = {(shape.x0, shape.x1): shape.fillcolor for shape in figure.layout.shapes if shape.yref == "paper"}
    shades = [fields.pop((one.start_s, one.end_s)) for one in cut.analysis.repetitions]
    assert shades[0] == shades[1] != shades[2]
    assert list(fields) == [(one.top_start_s, one.top_end_s) for one in cut.analysis.complete_repetitions]


def test_many_warnings_of_one_kind_are_cut_short(examined: Examined, tmp_path: Path) -> None:
    warnings = [Warning_("sides_uncertain", f"unsure at {second} s") for second in range(20)]
    warnings.append(Warning_("low_frame_rate", "only 15 frames/s"))
    crowded = replace(examined, analysis=replace(examined.analysis, warnings=warnings))
    text = page_of(crowded, tmp_path).text
    assert "Unsure at 2 s." in text and "Unsure at 3 s." not in text
    assert "17 more like this." in text and "Only 15 frames/s." in text


def test_an_unknown_movement_says_so_and_draws_nothing(examined: Examined, tmp_path: Path) -> None:
    analysis = replace(
        examined.analysis,
        movement=RecognisedMovement("unknown", "recognised", 1.0),
        repetitions=[],
        set={},
        advice=[],
        warnings=[Warning_("movement_unknown", "this is none of the movements hipdrive knows")],
    )
    page = page_of(replace(examined, analysis=analysis, movement=None, prepared=None), tmp_path)
    assert "Nothing was judged in this clip." in page.text
    assert "This is none of the movements hipdrive knows." in page.text
    assert GLUTE_BRIDGE.how_to_film in page.text
    assert not page.rows
    assert "script" not in [tag for tag, _ in page.tags]
    assert (tmp_path / "report.html").stat().st_size < 200_000


def test_a_set_without_repetitions_says_so(tmp_path: Path) -> None:
    still = examined_set(tmp_path, seconds=0.9 * REST_S)
    assert not still.analysis.repetitions
    page = page_of(still, tmp_path)
    assert "No repetition was found, so nothing was judged." in page.text
    assert not page.rows


def test_a_photograph_shows_its_angles_without_counting(photo: Examined, tmp_path: Path) -> None:
    page = page_of(photo, tmp_path)
    assert "one photograph" in page.text
    head, row = page.rows
    line = photo.analysis.repetitions[0].cues["straight_line"]
    assert line.verdict == "good"
    assert "straight line" in head.head
    assert value_text(line.value, "", line.error) in " ".join(text for text, _ in row.cells)
    assert "incomplete" not in page.text.split("Small print")[0]
    assert "script" not in [tag for tag, _ in page.tags]


def test_marks_stand_in_a_row_for_each_cue_at_the_middle_of_its_phase(examined: Examined) -> None:
    figure = curves_figure(examined)
    assert figure is not None
    said = [text for trace in figure.data if trace.hovertext for text in trace.hovertext]
    low = examined.analysis.repetitions[1]
    assert low.cues["straight_line"].value is not None
    value = value_text(low.cues["straight_line"].value, "deg", low.cues["straight_line"].error)
    assert f"rep 2, straight line: fault, {value}" in said
    marks = {
        text: x for trace in figure.data if trace.hovertext for text, x in zip(trace.hovertext, trace.x, strict=True)
    }
    middle_s = (low.top_start_s + low.top_end_s) / 2
    assert marks[f"rep 2, straight line: fault, {value}"] == pytest.approx(middle_s)
    assert moment_s(GLUTE_BRIDGE.cue("toes_lifted"), low) == low.end_s
    assert moment_s(GLUTE_BRIDGE.cue("heels_near_hips"), low) == low.start_s
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    assert [len(line.x) for line in lines] == [len(examined.motion.time)] * 2


def test_thinning_keeps_peaks_dips_and_gaps() -> None:
    time_s = np.arange(0, 600, 1 / 60)
    values = np.sin(2 * np.pi * time_s / 7)
    values[12_345] = 9.0
    values[20_000] = -9.0
    values[30_000:30_200] = np.nan
    thin_s, thin = thinned(time_s, values)
    assert len(thin_s) == len(thin) <= MOST_POINTS
    assert (np.diff(thin_s) > 0).all()
    assert np.nanmax(thin) == 9.0 and np.nanmin(thin) == -9.0
    assert np.isnan(thin[(thin_s >= time_s[30_000]) & (thin_s < time_s[30_200])]).all()
    assert np.isnan(thin).any()


def test_missing_values_leave_gaps_in_the_curve(examined: Examined) -> None:
    hidden = examined.motion.copy(deep=True)
    hidden.image_position.values[100:150] = np.nan
    gap = replace(examined, motion=hidden, prepared=GLUTE_BRIDGE.prepare(hidden, VIEW))
    figure = curves_figure(gap)
    assert figure is not None
    for line in [trace for trace in figure.data if trace.mode == "lines"]:
        assert np.isnan(np.asarray(line.y, float)[100:150]).all()
        assert line.connectgaps is False


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
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_report_opens_offline_in_a_browser(
    examined: Examined, browser: Any, tmp_path: Path, width_px: int, scheme: str
) -> None:
    report = tmp_path / "report.html"
    shutil.copy(examined.clip.path, tmp_path / "overlay.mp4")
    write_report(hostile(examined), report, "overlay.mp4")
    page = browser.new_page(viewport={"width": width_px, "height": 800}, color_scheme=scheme)
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(f"dialog {dialog.message}"))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report.as_uri())
    page.wait_for_selector("#curves-1 .scatterlayer .trace")
    page.wait_for_function("document.querySelector('video').readyState >= 1")
    page.evaluate("""() => {
        const number = figures["curves-1"].data.findIndex((trace) => trace.name === "not judged");
        Plotly.Fx.hover("curves-1", [{curveNumber: number, pointNumber: 0}]);
    }""")
    hovering = page.wait_for_selector("#curves-1 .hoverlayer .hovertext").text_content()
    assert "rep 1, straight line: not judged" in hovering and "<script>alert(1)</script>" in hovering
    assert all(address.startswith(("data:", report.as_uri(), (tmp_path / "overlay.mp4").as_uri())) for address in asked)
    assert page.evaluate("document.documentElement.scrollWidth") <= width_px
    assert page.evaluate("[...document.images].every((picture) => picture.naturalWidth > 0)")
    assert complaints == []
    page.close()
