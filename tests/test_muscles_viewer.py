"""The page with the model in space, the table, and the commands that write them."""

import json
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

pytest.importorskip("mujoco", reason="bones and muscles are not installed: pip install 'hipdrive[muscles]'")
pytest.importorskip("myo_sim", reason="bones and muscles are not installed: pip install 'hipdrive[muscles]'")

from hipdrive.cli import app
from hipdrive.muscles import MUSCLE_GROUPS, Effort, GroupEffort, ModelSettings
from hipdrive.muscles.model import COORDINATES, coordinate, load_model
from hipdrive.report.muscles import (
    ORDER,
    band_words,
    findings,
    moments,
    rows_of,
    terminal_table,
    warning_words,
    write_anatomy,
    write_muscles,
)
from hipdrive.results import Warning_

run = CliRunner().invoke
HOSTILE = "</script><script>alert(1)</script>"
SIDES = ("left", "right")


def groups() -> tuple[GroupEffort, ...]:
    """Efforts made by hand: the gluteus maximus works, the calf drives, the piriformis cannot be told."""
    made = []
    for group in MUSCLE_GROUPS:
        for side in SIDES:
            if group == "piriformis":
                made.append(GroupEffort(group, side, None, None, None, "not identifiable", note="noise"))
            else:
                low = 30.0 if group == "glmax" else 5.0
                forward = 0.6 if group == "soleus" else 0.05
                note = HOSTILE if group == "glmed" else ""
                made.append(
                    GroupEffort(group, side, low, low + 5, low + 10, "good", 0.2, 0.3, forward, note)  # type: ignore[arg-type]
                )
    return tuple(made)


@pytest.fixture(scope="module")
def effort() -> Effort:
    """A leg that swings, with muscles that work in turn."""
    model, frames = load_model(), 12
    time_s = np.arange(frames) / 20
    pose = np.zeros((frames, len(COORDINATES)))
    pose[:, coordinate("pelvis_ty")] = 0.93
    pose[:, coordinate("hip_flexion_r")] = np.linspace(-0.3, 1.0, frames)
    activation = np.clip(np.linspace(0, 1, frames)[:, None] * np.linspace(0.2, 1, len(model.muscles)), 0, 1)
    return Effort(
        source=f"run {HOSTILE}.trc",
        groups=groups(),
        time_s=time_s,
        activation=activation,
        muscles=model.muscles,
        coordinates=pose,
        settings=ModelSettings(1.78, 66.0),
        warnings=(
            Warning_("hamstrings", "hamstrings are <b>poor</b>"),
            Warning_("who_pushes", "The calf pushes more."),
        ),
    )


@pytest.fixture(scope="module")
def folder(effort: Effort, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("muscles")
    write_muscles(effort, folder)
    return folder


def test_everything_is_written_and_small(effort, folder):
    assert sorted(path.name for path in folder.iterdir()) == [
        "muscles.csv", "muscles.glb", "muscles.html", "muscles.json", "muscles.png",
    ]  # fmt: skip
    assert (folder / "muscles.html").stat().st_size < 3e6
    back = Effort.from_json((folder / "muscles.json").read_bytes())
    assert back.groups == effort.groups
    assert len((folder / "muscles.csv").read_text().splitlines()) == 1 + len(effort.groups)


def test_words_of_others_cannot_break_the_page(folder):
    page = (folder / "muscles.html").read_text(encoding="utf-8")
    assert HOSTILE not in page
    assert "<b>poor</b>" not in page
    assert "script-src 'sha256-" in unescape(page) and "default-src 'none'" in page
    assert page.count("<script") == 3


def test_bands_and_words():
    assert band_words(GroupEffort("glmax", "left", 12.4, 16.0, 24.8, "good")) == "12 to 25 %"
    assert band_words(GroupEffort("glmax", "left", None, None, None, "poor")) == "cannot be told"


def test_what_was_found_keeps_effort_work_support_and_drive_apart(effort):
    said = findings(effort)
    assert said[0] == "The calf pushes more."
    assert any(one.startswith("Works hardest") and "gluteus maximus" in one for one in said)
    assert any(one.startswith("Pushes the body forward most: soleus") for one in said)
    assert warning_words(effort) == ["Hamstrings are <b>poor</b>."]


def test_what_cannot_be_told_is_named_by_no_finding(effort):
    from dataclasses import replace

    unsure = replace(
        effort, groups=tuple(replace(one, confidence="not identifiable") for one in effort.groups), warnings=()
    )
    assert findings(unsure) == []


def test_the_glutei_come_first(effort):
    rows = rows_of(effort)
    assert [row.group for row in rows[:8:2]] == ["glmax", "glmed", "glmin", "piriformis"]
    assert set(ORDER) == set(MUSCLE_GROUPS)
    assert all(row.does for row in rows)


def test_of_a_long_movement_a_stride_and_more_is_shown():
    time_s = np.arange(2000) / 100
    shown = moments(time_s, 1990)
    assert 1.0 < np.ptp(time_s[shown]) < 1.3
    assert shown[-1] < 2000
    assert list(moments(time_s[:5], 2)) == [0, 1, 2, 3, 4]
    assert len(moments(np.arange(70) / 10, 0)) == 60


def test_the_terminal_says_it_too(effort):
    from rich.console import Console

    console = Console(width=100)
    with console.capture() as captured:
        console.print(terminal_table(effort))
    text = captured.get()
    assert "30 to 40 %" in text and "not identifiable" in text and "drive" in text


# -- commands ------------------------------------------------------------------------------------------------


def test_a_source_or_an_exercise_and_not_both(tmp_path):
    for arguments in (
        ["muscles"],
        ["muscles", "a.trc", "--exercise", "glute_bridge"],
        ["muscles", "a.trc", "--hips", "3"],
    ):
        result = run(app, arguments)
        assert result.exit_code == 2
        assert "--exercise" in result.output
    result = run(app, ["muscles", str(tmp_path)])
    assert result.exit_code == 2
    assert "analysis.json" in " ".join(result.output.split())


def test_a_posture_nobody_takes_is_refused(tmp_path):
    result = run(app, ["muscles", "--exercise", "glute_bridge", "--load", "3000", "-o", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert "kilograms" in result.output
    assert not (tmp_path / "out").exists()


def test_without_the_extra_one_sentence_names_the_cure(monkeypatch):
    import importlib.util

    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *more: None if name == "mujoco" else real(name, *more)
    )
    for arguments in (["anatomy"], ["muscles", "a.trc"], ["analyse", "a.mp4", "--muscles"]):
        result = run(app, arguments)
        assert result.exit_code == 2
        assert "pip install 'hipdrive[muscles]'" in " ".join(result.output.split())


def test_doctor_knows_the_extra():
    assert "myo-sim: 0.2.3" in run(app, ["doctor"]).output


@pytest.mark.slow
def test_what_if_writes_everything(tmp_path):
    result = run(app, ["muscles", "--exercise", "glute_bridge", "--single-leg", "--load", "10", "-o", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert "gluteus maximus" in result.output
    assert json.loads((tmp_path / "muscles.json").read_text())["schema"] == "hipdrive.muscles/1"
    assert (tmp_path / "muscles.html").stat().st_size < 3e6


# -- in a browser --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: pip install playwright"
    )
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    with playwright.sync_playwright() as tool:
        arguments = [
            "--no-sandbox",
            "--disable-background-networking",
            "--use-angle=swiftshader",
            "--enable-unsafe-swiftshader",
        ]
        running = tool.chromium.launch(executable_path=chromium, args=arguments)
        yield running
        running.close()


PIXELS = """() => {
    const canvas = document.getElementById("stage");
    const gl = canvas.getContext("webgl");
    const pixels = new Uint8Array(4 * canvas.width * canvas.height);
    gl.readPixels(0, 0, canvas.width, canvas.height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
    let [seen, sum] = [0, 0];
    for (let i = 0; i < pixels.length; i += 4) {
        if (pixels[i + 3]) seen++;
        sum = (sum * 31 + pixels[i] + 7 * pixels[i + 1] + 13 * pixels[i + 2]) % 1000000007;
    }
    return [seen / (canvas.width * canvas.height), sum];
}"""


@pytest.mark.slow
@pytest.mark.parametrize("width_px", [360, 1200])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_viewer_turns_scrubs_names_and_hides(folder: Path, browser: Any, width_px: int, scheme: str) -> None:
    page = browser.new_page(viewport={"width": width_px, "height": 900}, color_scheme=scheme)
    complaints: list[str] = []
    asked: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("dialog", lambda dialog: complaints.append(f"dialog {dialog.message}"))
    page.on("request", lambda request: asked.append(request.url))
    page.goto((folder / "muscles.html").as_uri())
    page.wait_for_timeout(300)
    covered, first = page.evaluate(PIXELS)
    assert covered > 0.02

    page.fill("#moment", "2")
    _, scrubbed = page.evaluate(PIXELS)
    assert scrubbed != first
    assert page.text_content("#clock") == "0.10 s"

    page.focus("#stage")
    page.keyboard.press("ArrowLeft")
    _, turned = page.evaluate(PIXELS)
    assert turned != scrubbed

    page.click("[data-at=hips]")
    box = page.locator("#stage").bounding_box()
    named = None
    for share in np.linspace(0.3, 0.7, 15):
        page.mouse.click(box["x"] + share * box["width"], box["y"] + 0.55 * box["height"])
        about = page.locator("#about [data-about]:visible")
        if about.count():
            named = about.first.get_attribute("data-about")
            break
    assert named is not None and named.rpartition("-")[0] in MUSCLE_GROUPS
    assert "of its maximum" in about.first.text_content() or "cannot be told" in about.first.text_content()
    assert page.locator(f"[data-row={named}] button").get_attribute("aria-pressed") == "true"
    _, chosen = page.evaluate(PIXELS)
    page.click("#hide-chosen")
    _, hidden = page.evaluate(PIXELS)
    assert hidden != chosen
    assert not page.locator(f"[data-row={named}] input").is_checked()
    page.click("#only-gluteal")
    assert page.locator("#muscles input:checked").count() == 8

    assert page.locator("tbody tr").count() == 2 * len(MUSCLE_GROUPS)
    assert HOSTILE in page.locator("tbody").text_content()  # as text
    assert page.evaluate("document.documentElement.scrollWidth") <= width_px
    assert all(address.startswith(("data:", (folder / "muscles.html").as_uri())) for address in asked)
    assert complaints == []
    page.close()


@pytest.mark.slow
def test_the_anatomy_opens_and_has_no_effort(browser: Any, tmp_path: Path) -> None:
    write_anatomy(tmp_path)
    assert (tmp_path / "anatomy.html").stat().st_size < 3e6
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto((tmp_path / "anatomy.html").as_uri())
    page.wait_for_timeout(300)
    covered, _ = page.evaluate(PIXELS)
    assert covered > 0.02
    page.click("[data-row=glmax-left] button")
    assert "drives the leg backwards" in page.locator("[data-about=glmax-left]").text_content()
    assert page.locator("#moment").count() == 0
    assert complaints == []
    page.close()


@pytest.mark.slow
def test_without_a_graphics_card_the_picture_and_the_table_stay(folder: Path, browser: Any) -> None:
    page = browser.new_page()
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null;")
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto((folder / "muscles.html").as_uri())
    assert page.locator(".fallback img").is_visible()
    page.click("[data-row=glmax-left] button")
    assert page.locator("[data-about=glmax-left]").is_visible()
    assert complaints == []
    page.close()
