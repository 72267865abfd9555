"""Plan and progress in the terminal and as pages: readable anywhere, escaped, and alone."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console, RenderableType
from typer.testing import CliRunner

import training_weeks
from hipdrive.report.small_charts import HEIGHT, WIDTH, small_chart, ticks
from hipdrive.report.terminal_training import (
    BARS,
    gauge_line,
    in_ascii,
    ladder_bar,
    plan_view,
    progress_view,
    session_view,
    sparkline,
)
from hipdrive.report.training_pages import write_plan_page, write_progress_page
from hipdrive.report.training_words import GROUPS, NOTHING_YET, PHASE_WORDS
from hipdrive.report.typed import in_terminal
from hipdrive.training.doses import dose_sentence
from hipdrive.training.history import History, Profile, SessionDone, TestResult
from hipdrive.training.ladder import Dose, ladder
from hipdrive.training.programme import Programme
from hipdrive.training.trends import Curve, Point, Trend, trends
from training_weeks import HOSTILE, TODAY

WIDTHS = (60, 80, 120, 200)
STOPPED = Programme(TODAY, (), (), stopped=f"Please see a doctor this week. {HOSTILE}")


def printed(view: RenderableType, width: int, *, colours: bool = False, encoding: str = "utf-8") -> str:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    console = Console(file=file, width=width, force_terminal=colours, color_system="256" if colours else None)
    console.print(view)
    file.flush()
    file.buffer.seek(0)  # type: ignore[attr-defined]
    return file.buffer.read().decode(encoding)  # type: ignore[attr-defined]


def weeks_trends(history: History | None = None) -> tuple[Trend, ...]:
    return trends(history or training_weeks.history(), ladder(), TODAY)


def hostile_history() -> History:
    """Hostile wherever a stranger's words can stand."""
    history = training_weeks.history(HOSTILE)
    return replace(
        history,
        tests=(*history.tests, TestResult(TODAY, HOSTILE, HOSTILE, 3.0, 4.0, error=1.0)),
        seen=(
            *history.seen,
            replace(history.seen[0], day=TODAY, movement=HOSTILE, shares={HOSTILE: (3, 2, 1)}),
            replace(history.seen[0], day=TODAY, shares={}, measures={HOSTILE: (1.0, 0.5, HOSTILE, None, 2.0)}),
        ),
    )


def hostile_programme() -> Programme:
    programme = training_weeks.programme(why=HOSTILE)
    week = replace(programme.weeks[0], why=HOSTILE, grows=HOSTILE)
    sessions = tuple(
        replace(
            session,
            when=HOSTILE,
            test=HOSTILE,
            exercises=(*session.exercises, replace(session.exercises[0], exercise=HOSTILE, why=HOSTILE)),
        )
        for session in week.sessions
    )
    lines = tuple(replace(line, why=HOSTILE) for line in programme.lines)
    return replace(
        programme, weeks=(replace(week, sessions=sessions), *programme.weeks[1:]), lines=lines, notes=(HOSTILE,)
    )


# -- sparklines ---------------------------------------------------------------------------------------------

VALUES = st.lists(st.none() | st.floats(allow_nan=True, allow_infinity=True), max_size=60)


@settings(deadline=None)
@given(VALUES, st.integers(1, 40))
def test_a_sparkline_fits_and_keeps_its_gaps(values: Sequence[float | None], width: int) -> None:
    line = sparkline(values, width)
    assert len(line) == min(len(values), width)
    assert set(line) <= {*BARS, " "}
    if len(values) <= width:
        unknown = [value is None or value != value or abs(value) == float("inf") for value in values]
        assert [letter == " " for letter in line] == unknown


def test_a_sparkline_shows_the_order_of_values() -> None:
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8) == BARS
    assert sparkline([5, 5, 5], 8) == "▄▄▄"
    assert sparkline([None, None], 8) == "  "
    assert sparkline([0, 10], 8, 0, 100) == "▁▁"
    assert sparkline([-50, 500], 8, 0, 100) == "▁█"
    assert sparkline([0, 2, None, 8, None, None], 3) == "▁█ "


def test_a_gauge_shows_value_band_and_what_is_usual() -> None:
    point = Point(TODAY, 50.0, 40.0, 60.0, "50")
    trend = Trend("x", "cues", "x", "", (Curve("", (point,)),), "x.", usual=(80.0, 100.0), scale=(0.0, 100.0))
    assert gauge_line(trend, 11) == "────━●━─░░░"
    assert gauge_line(replace(trend, usual=None, scale=(50.0, 50.0)), 3) == "─●─"


def test_a_ladder_of_six_rungs() -> None:
    assert [ladder_bar(level, 5) for level in (0, 5)] == ["■□□□□□", "■■■■■■"]


# -- in the terminal ----------------------------------------------------------------------------------------


def views(history: History, programme: Programme, width: int) -> list[RenderableType]:
    made = [plan_view(programme, ladder(), width), progress_view(weeks_trends(history), width)]
    return made + [session_view(session, ladder(), width) for session in programme.sessions[:1]]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_everything_fits_and_is_readable_without_colours(width: int, encoding: str) -> None:
    for view in views(training_weeks.history(), training_weeks.programme(), width):
        text = printed(view, width, encoding=encoding)
        assert "\x1b" not in text
        assert max(cell_len(line) for line in text.splitlines()) <= width
        assert "Single-leg bridge" in text


@pytest.mark.parametrize("width", WIDTHS)
def test_the_plan_says_what_and_why_today_first(width: int) -> None:
    text = " ".join(printed(plan_view(training_weeks.programme(), ladder(), width), width).split())
    assert text.startswith("Today, Tue 24 Nov")
    for words in (
        "3 sets of 6 to 10 on each side, slow: 2 s up, 1 s hold",
        "with the green band",
        "The next band comes after one more clean session.",
        "hipdrive test single-leg-bridge",
        "This week",
        PHASE_WORDS["deload"],
        "runs up to 17.4 km",
        "1 of the 2 sessions that lead on",
        "half marathon",
        "Not medical advice",
    ):
        assert words in text


def test_a_day_without_a_session_names_the_next() -> None:
    programme = replace(training_weeks.programme(), made_for=TODAY + timedelta(days=1))
    programme = replace(programme, weeks=programme.weeks[1:])
    text = printed(plan_view(programme, ladder(), 80), 80)
    assert text.startswith("Nothing is planned for today. Next: Tue 1 Dec.")


def test_a_stopped_plan_says_why_and_what_to_do() -> None:
    text = printed(plan_view(STOPPED, ladder(), 80), 80)
    assert "The plan rests for now" in text and "Please see a doctor this week." in text
    assert "missed" not in text


def test_progress_has_every_group_and_the_light_in_words() -> None:
    text = printed(progress_view(weeks_trends(), 100), 100)
    for title in GROUPS.values():
        assert title in text
    assert "✓ fine" in text
    assert "171.0 ± 1.0 steps/min  ↑" in text and "0.25 ± 0.03 s  =" in text


def test_colours_only_add() -> None:
    view = progress_view(weeks_trends(), 80)
    coloured = re.sub(r"\x1b\[[0-9;]*m", "", printed(view, 80, colours=True))
    assert coloured == printed(view, 80)


def test_nothing_yet_is_said_kindly() -> None:
    text = " ".join(printed(progress_view((), 60), 60).split())
    assert text == in_terminal(NOTHING_YET)
    nothing = printed(plan_view(Programme(TODAY, (), ()), ladder(), 60), 60)
    assert nothing.startswith("Nothing is planned in these weeks.")


@pytest.mark.parametrize("width", WIDTHS)
def test_markup_of_strangers_stays_text(width: int) -> None:
    for view in views(hostile_history(), hostile_programme(), width):
        text = printed(view, width)
        assert max(cell_len(line) for line in text.splitlines()) <= width
        assert "[bold]" in text


def test_ascii_keeps_the_width() -> None:
    text = "▁▂▃▄▅▆▇█ ●━─░ ■□ ↑↓ ✓✗ ± × Müller 走"
    assert in_ascii(text).isascii() and len(in_ascii(text)) == len(text)


def test_doses_of_the_ladder_are_said_in_words() -> None:
    for rung in ladder().values():
        words = dose_sentence(rung.dose)
        assert words.startswith(f"{rung.dose.sets} set") and "None" not in words and "  " not in words
    heavy = Dose(3, 6, 8, reserve=(2, 3), load_kg=12.5, band="red")
    assert "with the red band and 12.5 kg, slow" in dose_sentence(heavy)


# -- drawings -----------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_ticks_are_few_even_and_within(low: float, span: float) -> None:
    high = low + span
    if high - low < 1e-9 * max(abs(low), abs(high)) or high - low < 1e-6:
        return
    numbers = ticks(low, high)
    assert 1 <= len(numbers) <= 5
    slack = 1e-6 * max(abs(low), abs(high), 1.0)
    assert all(low - slack <= number <= high + slack for number in numbers)


def test_drawings_stay_within_their_frame() -> None:
    for trend in weeks_trends(hostile_history()):
        chart = small_chart(trend, TODAY - timedelta(days=90), TODAY)
        places = [(dot.x, dot.y) for dot in chart.dots]
        places += [(bar.x, bar.y) for bar in chart.bars]
        places += [(bar.x + bar.width, bar.y + bar.height) for bar in chart.bars]
        assert places or chart.lines
        assert all(-1 <= x <= WIDTH + 1 and 0 <= y <= HEIGHT for x, y in places)


def test_a_line_is_not_drawn_across_a_long_gap() -> None:
    days = [TODAY - timedelta(days=days) for days in (300, 290, 20, 10)]
    points = tuple(Point(day, 5.0, 4.0, 6.0, "5") for day in days)
    trend = Trend("x", "tests", "x", "s", (Curve("", points),), "x.")
    (line,) = small_chart(trend, days[0], TODAY).lines
    assert line.d.count("M") == 2


def test_a_single_point_has_its_band() -> None:
    trend = Trend("x", "tests", "x", "s", (Curve("", (Point(TODAY, 5.0, 4.0, 6.0, "5"),)),), "x.")
    chart = small_chart(trend, TODAY - timedelta(days=7), TODAY)
    assert len(chart.dots) == 1 and chart.fields[0].d.startswith("M")


# -- pages --------------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """Elements of a page, and what is not closed."""

    VOID = frozenset({"meta", "img", "br", "input", "link", "hr"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.mismatched: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID and not (self.get_starttag_text() or "").endswith("/>"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.mismatched.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def pages(folder: Path, history: History, programme: Programme) -> dict[str, Path]:
    made = {name: folder / f"{name}.html" for name in ("plan", "progress")}
    write_plan_page(programme, history, ladder(), made["plan"])
    write_progress_page(history, programme, made["progress"])
    return made


CASES = {
    "usual": (training_weeks.history(), training_weeks.programme()),
    "hostile": (hostile_history(), hostile_programme()),
    "stopped": (training_weeks.history(), STOPPED),
    "empty": (History(Profile("Ada")), Programme(TODAY, (), ())),
}


@pytest.mark.parametrize("case", CASES)
def test_pages_are_whole_escaped_and_alone(case: str, tmp_path: Path) -> None:
    for path in pages(tmp_path, *CASES[case]).values():
        html = path.read_text(encoding="utf-8")
        page = Page(html)
        assert page.open == [] and page.mismatched == []
        tags = [tag for tag, _ in page.elements]
        assert "script" not in tags and "link" not in tags and "iframe" not in tags
        assert not re.search(r"https?://|@import|url\(", html)
        policy = next(attrs["content"] for tag, attrs in page.elements if "http-equiv" in attrs)
        assert policy is not None and "default-src 'none'" in policy and "script-src 'none'" in policy
        for tag, attrs in page.elements:
            assert not any(name.startswith("on") for name in attrs)
            if tag == "img":
                assert (attrs["src"] or "").startswith("data:image/") and attrs["alt"]
            if tag == "a":
                assert (attrs["href"] or "").startswith("#")
        ids = [attrs["id"] for _, attrs in page.elements if attrs.get("id")]
        assert len(ids) == len(set(ids))
        wanted = [(attrs.get("href") or "#")[1:] for tag, attrs in page.elements if tag == "a"]
        wanted += " ".join(attrs.get("aria-labelledby") or "" for _, attrs in page.elements).split()
        assert set(filter(None, wanted)) <= set(ids)
        assert tags.count("h1") == 1
        if case == "hostile":
            assert "<script>alert(1)</script>" in page.text


def test_the_plan_page_has_today_and_every_exercise_once(tmp_path: Path) -> None:
    text = pages(tmp_path, *CASES["usual"])["plan"].read_text(encoding="utf-8")
    assert text.index("Today, Tue 24 Nov") < text.index("Week by week")
    for name in ("single_leg_bridge", "strong_band_walk", "side_plank", "calf_raise"):
        rung = ladder()[name]
        assert text.count(f"<h3>{rung.name}</h3>") == 1
        assert all(step.replace("'", "&#39;") in text for step in rung.how)


def test_pictures_are_in_the_page_and_missing_ones_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import Image

    from hipdrive.report import training_words

    monkeypatch.setattr(training_words, "PICTURES", tmp_path)
    Image.new("RGB", (40, 30)).save(tmp_path / ladder()["side_plank"].picture)
    page = Page(pages(tmp_path, *CASES["usual"])["plan"].read_text(encoding="utf-8"))
    (picture,) = [attrs for tag, attrs in page.elements if tag == "img"]
    assert (picture["width"], picture["height"]) == ("40", "30")
    assert (picture["src"] or "").startswith("data:image/webp;base64,")


def test_a_progress_page_has_a_sentence_and_numbers_beside_every_chart(tmp_path: Path) -> None:
    page = Page(pages(tmp_path, *CASES["usual"])["progress"].read_text(encoding="utf-8"))
    found = weeks_trends()
    charts = [attrs for tag, attrs in page.elements if tag == "svg"]
    assert len(charts) == len(found) == sum(tag == "table" for tag, _ in page.elements)
    assert all(page.text.count(trend.sentence) >= 2 for trend in found)  # described in the drawing, and beside it


def test_names_of_any_letters_stay_text(tmp_path: Path) -> None:
    @settings(deadline=None, max_examples=15)
    @given(st.text(max_size=40))
    def check(name: str) -> None:
        history = replace(CASES["empty"][0], profile=Profile(name.encode("utf-8", "replace").decode()))
        for path in pages(tmp_path, history, CASES["empty"][1]).values():
            page = Page(path.read_text(encoding="utf-8"))
            assert page.open == [] and page.mismatched == []
            assert {tag for tag, _ in page.elements} <= {
                *("html", "head", "meta", "title", "style", "body", "main", "header", "h1", "p", "footer")
            }

    check()


# -- the command --------------------------------------------------------------------------------------------


def test_the_command_shows_progress_and_writes_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from hipdrive.cli import app
    from hipdrive.diary import Diary

    monkeypatch.setenv("HIPDRIVE_DATABASE", str(tmp_path / "diary.sqlite3"))
    monkeypatch.setenv("COLUMNS", "80")
    today = date.today()
    with Diary.open() as diary:
        mine = diary.add_athlete(Profile("Ada"))
        for days in (3, 6):
            session = training_weeks.sessions()[-1]
            mine.log_session(SessionDone(today - timedelta(days=days), session.exercises, 7.0, 0.0))
    page = tmp_path / "new" / "progress.html"
    result = CliRunner().invoke(app, ["progress", "--html", str(page)])
    assert result.exit_code == 0, result.output
    assert "2 sessions done" in result.output and "progress.html" in result.output
    assert "Progress of Ada" in page.read_text(encoding="utf-8")


# -- in a browser -------------------------------------------------------------------------------------------

# For every visible text its contrast with what lies behind it (WCAG 2), and how much it should have.
CONTRASTS = """() => {
    const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
    const numbers = (colour) => {
        canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const light = (rgb) => rgb.slice(0, 3).map((part) => part / 255)
        .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
    const behind = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const colour = numbers(getComputedStyle(at).backgroundColor);
            if (colour[3] === 255) return colour;
        }
        return [255, 255, 255, 255];
    };
    const found = [];
    for (const element of document.querySelectorAll("body *")) {
        const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
        if (!own || ["title", "desc"].includes(element.tagName) || !element.getClientRects().length) continue;
        const style = getComputedStyle(element);
        const inks = element instanceof SVGElement ? style.fill : style.color;
        const [one, other] = [light(numbers(inks)), light(behind(element))].sort((a, b) => b - a);
        const size = parseFloat(style.fontSize);
        const least = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
        const contrast = (one + 0.05) / (other + 0.05);
        if (contrast < least) found.push(`${element.textContent.trim().slice(0, 30)}: ${contrast.toFixed(2)}`);
    }
    return found;
}"""


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
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width_px", [390, 1100])
def test_pages_open_offline_in_a_browser(browser: Any, tmp_path: Path, width_px: int, scheme: str) -> None:
    for path in pages(tmp_path, *CASES["hostile"]).values():
        page = browser.new_page(viewport={"width": width_px, "height": 800}, color_scheme=scheme)
        complaints: list[str] = []
        asked: list[str] = []
        page.on("console", lambda message, to=complaints: to.append(message.text))
        page.on("pageerror", lambda error, to=complaints: to.append(str(error)))
        page.on("dialog", lambda dialog, to=complaints: to.append(f"dialog {dialog.message}"))
        page.on("request", lambda request, to=asked: to.append(request.url))
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width_px
        assert page.evaluate(CONTRASTS) == []
        folded = page.locator("details:not([open]) > summary")
        while folded.count():  # by keyboard alone
            folded.first.focus()
            page.keyboard.press("Enter")
        assert page.locator("details[open]").count() > 3
        assert page.evaluate("document.documentElement.scrollWidth") <= width_px
        assert page.evaluate(CONTRASTS) == []
        unnamed = "[...document.querySelectorAll('svg')].filter((one) => !one.querySelector('title').textContent)"
        assert page.evaluate(f"{unnamed}.length") == 0
        assert asked == [path.as_uri()]
        assert complaints == []
        page.close()


@pytest.mark.slow
def test_how_to_steps_are_printed_although_folded(browser: Any, tmp_path: Path) -> None:
    page = browser.new_page(viewport={"width": 800, "height": 1100})
    page.goto(pages(tmp_path, *CASES["usual"])["plan"].as_uri())
    step = page.get_by_text(ladder()["side_plank"].how[0]).first
    assert not step.is_visible()
    page.emulate_media(media="print")
    assert step.is_visible()
    page.close()
