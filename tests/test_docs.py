"""The documents: made from the code, complete, and without dead links."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote

import jsonschema  # type: ignore[import-untyped]
import pytest

import made
from hipdrive.movements import MOVEMENTS, Cue, Measure, Movement, Runner, SidedMeasurement
from hipdrive.results import (
    Analysis,
    JudgedCue,
    JudgedRepetition,
    RecognisedMovement,
    SeenView,
    SetVerdict,
    Source,
)

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(
    page
    for page in ROOT.rglob("*.md")
    if not any(part.startswith(".") or part in ("dist", "build") for part in page.relative_to(ROOT).parts)
)
CUES = [(movement, cue) for movement in MOVEMENTS.values() for cue in movement.cues]
MEASURES = [measure for movement in MOVEMENTS.values() for measure in movement.measures] or list(made.MEASURES)
BRIDGE_CUES = [
    "heels_near_hips",
    "straight_line",
    "shin_upright",
    "as_high_as_best",
    "toes_lifted",
    "heels_down",
    "slow_raise",
    "hold_at_top",
    "slow_lower",
    "feet_hip_width",
    "knees_in_line",
    "pelvis_level",
]

each_cue = pytest.mark.parametrize(("movement", "cue"), CUES, ids=lambda one: one.id)


@pytest.fixture(scope="module")
def make() -> ModuleType:
    """Load docs/make.py, which is no part of the package."""
    spec = importlib.util.spec_from_file_location("make", DOCS / "make.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# -- what is made from the code -----------------------------------------------------------------------------


def test_the_documents_fit_the_code() -> None:
    check = subprocess.run(
        [sys.executable, str(DOCS / "make.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert (check.returncode, check.stderr) == (0, "")


def test_a_stale_or_missing_document_is_named(
    make: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make.main([], tmp_path) == 0
    assert make.main(["--check"], tmp_path) == 0
    cues = tmp_path / "cues.md"
    cues.write_text(cues.read_text(encoding="utf-8").replace("172 to 186", "170 to 186"), encoding="utf-8")
    assert make.main(["--check"], tmp_path) == 1
    assert capsys.readouterr().err == "cues.md does not fit the code: run 'python docs/make.py'\n"
    assert "170 to 186" in cues.read_text(encoding="utf-8")  # checking mends nothing
    (tmp_path / "analysis-1.schema.json").unlink()
    assert make.main(["--check"], tmp_path) == 1
    assert capsys.readouterr().err.startswith("cues.md and analysis-1.schema.json do not fit the code")


def test_infinite_limits_are_said_in_words(make: ModuleType) -> None:
    infinity = float("inf")
    assert make.range_words(1, 3) == "1 to 3"
    assert make.range_words(10, infinity) == "10 and more"
    assert make.range_words(-infinity, 2) == "up to 2"
    assert make.range_words(-infinity, infinity) == "any"


@each_cue
def test_values_printed_as_faults_are_faults(make: ModuleType, movement: Movement, cue: Cue) -> None:
    printed = [float(part.split()[0]) for part in make.fault_words(cue).split(";")]
    assert [cue.band.verdict(value, cue.error - 1e-9) for value in printed] == ["fault"] * len(printed)


def test_the_schema_takes_an_analysis_and_refuses_another_version() -> None:
    schema = json.loads((DOCS / "analysis-1.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    analysis = Analysis(
        source=Source("bridge.mp4", "video", 22.1, 663, 30.0, 960, 540),
        movement=RecognisedMovement("glute_bridge", "recognised", 1.0),
        view=SeenView("side", "right", 1.0),
        repetitions=[
            JudgedRepetition(
                1,
                "both",
                None,
                1.0,
                2.5,
                3.7,
                6.4,
                True,
                {"straight_line": JudgedCue(176.0, "deg", 6.0, "good", None)},
            )
        ],
        set={"straight_line": SetVerdict("good", 1, 0)},
    )
    written = json.loads(analysis.to_json())
    jsonschema.validate(written, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(written | {"schema": "hipdrive.analysis/2"}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(written | {"set": {"straight_line": {"verdict": "perfect"}}}, schema)


# -- what the cues say --------------------------------------------------------------------------------------


def test_every_cue_of_the_glute_bridge_is_there() -> None:
    assert sorted(cue.id for cue in MOVEMENTS["glute_bridge"].cues) == sorted(BRIDGE_CUES)


@each_cue
def test_every_cue_has_sources_and_an_error(movement: Movement, cue: Cue) -> None:
    assert cue.band.source.strip()
    assert cue.error_source.strip()
    assert 0 < cue.error < float("inf")


@each_cue
def test_every_cue_has_words_for_each_way_to_be_at_fault(movement: Movement, cue: Cue) -> None:
    low, high = cue.band.limit
    for limit, beyond, words in ((low, -1, cue.too_low), (high, 1, cue.too_high)):
        if abs(limit) < float("inf"):
            value = limit + beyond * 2 * cue.error
            assert cue.band.verdict(value, cue.error) == "fault"
            assert cue.says(value, "fault") == words
            assert words.endswith(".")
    assert all(text.endswith(".") for text in (cue.well_done, cue.why, cue.next))


@each_cue
def test_the_coach_is_quoted(movement: Movement, cue: Cue) -> None:
    assert cue.coach.lower() in movement.coach.lower()


@each_cue
def test_every_cue_stands_in_the_table(movement: Movement, cue: Cue) -> None:
    text = section((DOCS / "cues.md").read_text(encoding="utf-8"), movement)
    assert text.count(f"| `{cue.id}` |") == 4
    for words in (cue.coach, cue.band.source, cue.error_source, cue.well_done, cue.next):
        assert words in text


def section(text: str, movement: Movement) -> str:
    """The part of the page that is about a movement."""
    return text.partition(f"(`{movement.id}`)\n")[2].partition("\n## ")[0]


# -- what the measures say ----------------------------------------------------------------------------------


def test_a_run_gets_tables_of_measures(make: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make, "MOVEMENTS", {"running": made.RUN_LIKE, "monster_walk": made.WALK_LIKE})
    page = make.cues_page()
    run, walk = section(page, made.RUN_LIKE), section(page, made.WALK_LIKE)
    for measure in made.MEASURES:
        assert run.count(f"| `{measure.id}` |") == 4
        assert measure.meaning in run and measure.band.source in run and measure.next in run
    assert "| `trailing_thigh_deg` | deg | 20 to 30 | 12 and more | under 6 | not known | 6 |" in run
    assert "| `cadence_spm` | steps/min | 155 to 190 | 140 to 205 | under 138; over 207 | by an equation | 2 |" in run
    assert "Below 60 frames per second a range is shown for `contact_time_s`:" in run
    assert "What is looked at" not in run and "Where most runners are" not in walk
    assert "| from the front | in the wide stance |" in walk


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.id)
def test_every_measure_has_sources_an_error_and_words(make: ModuleType, measure: Measure) -> None:
    assert measure.band.source.strip() and measure.error_source.strip() and measure.meaning.strip()
    assert 0 < measure.error < float("inf")
    low, high = measure.band.limit
    for limit, beyond, words in ((low, -1, measure.too_low), (high, 1, measure.too_high)):
        if abs(limit) < float("inf"):
            value = limit + beyond * 2 * measure.error
            assert measure.judged(SidedMeasurement(value), Runner()).verdict == "check"
            assert words.endswith(".")
            assert f"{limit + beyond * measure.error:.3g}" in make.unusual_words(measure)
    assert all(text.endswith(".") for text in (measure.well_done, measure.why, measure.next))


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.id)
def test_no_measure_threatens(measure: Measure) -> None:
    said = " ".join((measure.too_low, measure.too_high, measure.why)).lower()
    assert not re.findall(r"\b(?:injur|hurt|pain|damage|danger|wrong|fault|bad\b|risk)", said)


# -- links and pictures -------------------------------------------------------------------------------------


def _targets(text: str) -> list[str]:
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    links = re.findall(r"\]\(\s*<?([^)>\s]+)>?[^)]*\)", prose)
    return links + re.findall(r"(?:src|href)=\"([^\"]+)\"", prose)


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ +(.+?) *$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_pictures_exist(page: Path) -> None:
    dead = []
    for target in _targets(page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = unquote(target).partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in _anchors(file)):
            dead.append(target)
    assert dead == []


def test_the_pages_are_found() -> None:
    found = {str(page.relative_to(ROOT)) for page in PAGES}
    assert {"README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/filming.md"} <= found


@pytest.mark.parametrize("picture", sorted((DOCS / "pictures").glob("*.svg")), ids=lambda picture: picture.name)
def test_drawings_carry_a_title_and_a_description_and_load_nothing(picture: Path) -> None:
    from xml.etree import ElementTree

    names = {"svg": "http://www.w3.org/2000/svg"}
    drawing = ElementTree.parse(picture).getroot()
    assert drawing.findtext("svg:title", namespaces=names)
    assert drawing.findtext("svg:desc", namespaces=names)
    text = picture.read_text(encoding="utf-8")
    assert "<script" not in text and "href" not in text and "<image" not in text
