"""Lessons: every cue has its evidence and its film, the films show what they say, and the page stands alone."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from typer.testing import CliRunner

from hipdrive.cli import app
from hipdrive.errors import HipdriveError
from hipdrive.movements import MOVEMENTS
from hipdrive.report import anatomy
from hipdrive.report.anatomy import SHOWN, STILLS, Told, muscles, still_path, works
from hipdrive.report.lessons import (
    ANATOMY_AT,
    LEARN_AT,
    RIGHT,
    anatomy_body,
    chapters,
    film_names,
    lesson_address,
    lesson_body,
    lessons_page,
    overview_body,
    write_lessons_page,
)
from hipdrive.training import lessons as module
from hipdrive.training.ladder import ladder
from hipdrive.training.lessons import FILMS, STRENGTHS, claims, film_path, lessons, looked_at

DOCS = Path(__file__).parent.parent / "docs"
IDS = [(movement.id, item.id) for movement in MOVEMENTS.values() for item in looked_at(movement)]
FILM_NAMES = sorted(path.stem for path in FILMS.glob("*.mp4"))

SIZE_PX = (400, 300)
MOST_BYTES = 80_000
MOST_BYTES_IN_ALL = 3_000_000
MOST_BYTES_OF_PAGE = 4_000_000
MOST_BYTES_OF_MODEL = 1_000_000
MOST_BYTES_OF_STILLS = 150_000


def frames(name: str) -> np.ndarray:
    with av.open(str(film_path(name))) as film:
        return np.stack([frame.to_ndarray(format="gray") for frame in film.decode(video=0)]).astype(int)


# -- what is known -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("movement", "cue"), IDS)
def test_every_cue_has_its_evidence_and_a_film_or_a_reason_why_not(movement: str, cue: str) -> None:
    lesson = lessons()[movement, cue]
    assert lesson.strength in STRENGTHS
    assert lesson.says.endswith(".")
    if lesson.no_film:
        assert not lesson.film
    else:
        assert film_path(lesson.film).is_file()
        assert film_path(lesson.right).is_file()
        item = next(item for item in looked_at(MOVEMENTS[movement]) if item.id == cue)
        assert getattr(item, lesson.shows)  # what is said of this fault


@pytest.mark.parametrize("lesson", [*lessons().values(), *claims()])
def test_what_is_shown_has_a_source_and_no_note_of_ours(lesson) -> None:
    if lesson.strength != "a coach's choice":
        assert lesson.sources
    text = " ".join((lesson.says, *lesson.sources))
    assert not re.search(r"\[|\]|memory|evidence\.md|proposal", text)
    for source in lesson.sources:
        assert re.search(r"\b(19|20)\d\d\b|et al\.|computed for this project", source)


def test_the_coach_s_five_sentences_are_told_honestly() -> None:
    assert [claim.strength for claim in claims()] == ["partly", "not shown", "partly", "not shown", "supported"]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("[running.cadence_spm]", "[running.no_such]", "cadence_spm"),
        ('strength = "supported"', 'strength = "certain"', "certain"),
        ('strength = "supported"', 'strenght = "supported"', "strength"),
        ("[running.cadence_spm]", "[running.no_such]\nx = 1\n[running.cadence_spm]", "no_such"),
    ],
)
def test_a_broken_table_is_named(tmp_path, monkeypatch, old, new, complaint) -> None:
    broken = tmp_path / "lessons.toml"
    broken.write_text(module.FILE.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    monkeypatch.setattr(module, "FILE", broken)
    with pytest.raises(HipdriveError, match=complaint):
        module._all.__wrapped__()


# -- the films ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILM_NAMES)
def test_a_film_is_small_and_closes(name: str) -> None:
    assert film_path(name).stat().st_size <= MOST_BYTES
    with av.open(str(film_path(name))) as film:
        (stream,) = film.streams
        assert stream.codec_context.name == "h264"
        assert (stream.width, stream.height) == SIZE_PX
    seen = frames(name)
    steps = np.abs(np.diff(seen, axis=0)).mean((1, 2))
    assert steps.max() > 0.3  # something moves
    assert np.abs(seen[0] - seen[-1]).mean() <= 1.5 * steps.max()  # the seam is no larger than a step


def test_there_are_no_others_and_they_are_small_together() -> None:
    assert sorted(film_names(chapters())) == FILM_NAMES
    assert sum(film_path(name).stat().st_size for name in FILM_NAMES) <= MOST_BYTES_IN_ALL


def test_a_fault_looks_otherwise_than_what_is_right() -> None:
    for lesson in lessons().values():
        if lesson.film:
            fault, right = (frames(name) for name in (lesson.film, lesson.right))
            least = min(len(fault), len(right))
            assert (np.abs(fault[:least] - right[:least]) > 24).sum((1, 2)).max() > 400, lesson.film


def test_every_film_has_a_script(monkeypatch) -> None:
    monkeypatch.syspath_prepend(str(DOCS))
    from learn_scripts import FILMS as SCRIPTS

    assert sorted(film.id for film in SCRIPTS) == FILM_NAMES
    assert {film.id for film in SCRIPTS if film.name.startswith("right")} >= {
        f"{movement}-{name}" for movement, names in RIGHT.items() for name in names
    }


def test_without_the_renderer_it_says_what_is_missing(tmp_path) -> None:
    made = _make("--check", renderer=tmp_path)
    assert made.returncode == 1
    assert "HIPDRIVE_SYNTH" in made.stderr
    assert "Traceback" not in made.stderr


@pytest.mark.slow
@pytest.mark.skipif("HIPDRIVE_SYNTH" not in os.environ, reason="the renderer is not part of the repository")
def test_every_fault_lies_past_its_limit_and_what_is_right_does_not() -> None:
    made = _make("--check", renderer=Path(os.environ["HIPDRIVE_SYNTH"]))
    assert made.returncode == 0, made.stdout + made.stderr
    assert made.stdout.count("limits") == sum(not name.split("-")[1].startswith("right") for name in FILM_NAMES)


def _make(*arguments: str, renderer: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(DOCS / "learn_films.py"), *arguments],
        env=os.environ | {"HIPDRIVE_SYNTH": str(renderer)},
        capture_output=True,
        text=True,
        check=False,
    )


# -- the page ----------------------------------------------------------------------------------------------------


class Reader(HTMLParser):
    """Reads a page: its text, its films, and whatever it asks of others."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.films: list[str] = []
        self.addresses: list[str] = []
        self.scripts: list[str] = []
        self.text, self.policy, self._within = "", "", ""
        self.feed(page)

    def handle_starttag(self, tag, attrs) -> None:
        given = dict(attrs)
        self._within = tag if tag in ("script", "style") and "type" not in given else "data" if "type" in given else ""
        self.addresses += [given[name] for name in ("src", "href", "poster") if name in given]
        if tag == "video":
            self.films.append(given["data-film"])
            assert {"muted", "loop", "playsinline", "aria-label"} <= set(given)
            assert "autoplay" not in given
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"]

    def handle_endtag(self, tag) -> None:
        self._within = ""

    def handle_data(self, data) -> None:
        if self._within == "script":
            self.scripts.append(data)
        elif not self._within:
            self.text += data


@pytest.fixture(scope="module")
def page() -> str:
    return lessons_page(model=False)


def test_the_page_says_everything(page) -> None:
    text = Reader(page).text
    for movement in MOVEMENTS.values():
        assert movement.coach in text
        for item in looked_at(movement):
            for words in (item.coach, item.why, item.next, lessons()[movement.id, item.id].says):
                assert words in text
    for claim in claims():
        assert claim.words in text
        assert claim.says in text
    assert "Not medical advice" in text


def test_the_page_stands_alone(page) -> None:
    seen = Reader(page)
    assert set(seen.films) == set(FILM_NAMES)
    assert all(address.startswith(("#", "data:image/webp;base64,")) for address in seen.addresses)
    assert len(page.encode()) < MOST_BYTES_OF_PAGE
    (script,) = seen.scripts
    name = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{name}'" in seen.policy
    assert "default-src 'none'" in seen.policy


def test_a_run_is_never_at_fault(page) -> None:
    run = page[page.index('id="running"') : page.index('id="anatomy"')]
    assert "shows-fault" not in run
    assert "shows-unusual" in run


def test_a_lesson_is_part_of_a_page_of_the_app() -> None:
    for movement in MOVEMENTS.values():
        body = lesson_body(movement.id, "/films")
        assert 'data-films="/films"' in body
        assert "<script" not in body
        for item in looked_at(movement):
            anchor = lesson_address(movement.id, item.id).partition("#")[2]
            assert body.count(f'id="{anchor}"') == 1
    assert lesson_address("glute_bridge", "toes_lifted") == "/learn/glute-bridge#glute_bridge-toes_lifted"


def test_the_overview_leads_to_every_lesson() -> None:
    seen = Reader(overview_body("/films", "/anatomy"))
    assert {address for address in seen.addresses if address.startswith(LEARN_AT)} == {
        ANATOMY_AT,
        *(lesson_address(movement) for movement in MOVEMENTS),
    }
    assert len(seen.films) == len(MOVEMENTS)


# -- the muscles -------------------------------------------------------------------------------------------------


def test_every_muscle_is_told_of_in_every_movement() -> None:
    assert [muscle.id for muscle in muscles()] == list(SHOWN)
    for muscle in muscles():
        assert [one.id for one in muscle.movements] == list(MOVEMENTS)
        assert all(one.works and one.told for one in muscle.movements)
        assert all(name in {exercise.name for exercise in ladder().values()} for name in muscle.trains)
        assert muscle.trains or not muscle.gluteal
        assert bool(muscle.coach) == muscle.gluteal


def test_what_cannot_be_told_has_no_number() -> None:
    for muscle in muscles():
        for one in muscle.movements:
            for told in one.told:
                if muscle.id == "piriformis":
                    assert told.confidence == "not identifiable"
                if told.confidence == "not identifiable":
                    assert (told.low, told.typical, told.high, told.parts) == (None, None, None, [])
                    assert told.band == "cannot be told"
                else:
                    assert told.low <= told.typical <= told.high
            if one.id in ("running", "glute_bridge") and muscle.id == "hamstrings":
                assert {told.confidence for told in one.told} == {"poor"}
                assert one.cannot
    assert {"glmed", "hamstrings", "piriformis"} == set(works()["glute_bridge"].untold)  # docs/muscles-validation.md


def test_a_number_is_said_as_a_band() -> None:
    assert Told("glmax", "", 6, 16, 22, "good", []).band == "6 to 22 %"
    assert Told("glmax", "", 5, 5, 5, "good", []).band == "about 5 %"
    assert Told("soleus", "", 1, 1, 2, "good", []).band == "next to nothing"


def test_the_words_of_the_muscles_say_all_of_it() -> None:
    text = Reader(anatomy_body("", "/anatomy")).text
    for muscle in muscles():
        for words in (muscle.name, muscle.does, muscle.coach, *muscle.trains):
            assert words in text
        for one in muscle.movements:
            for words in (one.works, one.cannot, *(told.band for told in one.told)):
                assert words in text


def test_the_pictures_of_the_muscles_are_small_and_all_there() -> None:
    wanted = {still_path(group) for group in (None, *SHOWN)}
    assert set(STILLS.iterdir()) == wanted
    assert sum(path.stat().st_size for path in wanted) <= MOST_BYTES_OF_STILLS


def test_broken_words_of_the_muscles_are_named(tmp_path, monkeypatch) -> None:
    broken = tmp_path / "anatomy.toml"
    broken.write_text(anatomy.WORDS.read_text(encoding="utf-8").replace("[glmed]", "[glmet]", 1), encoding="utf-8")
    monkeypatch.setattr(anatomy, "WORDS", broken)
    with pytest.raises(HipdriveError, match=r"anatomy\.toml"):
        anatomy.muscles.__wrapped__()


def test_the_numbers_are_those_of_the_engine() -> None:
    pytest.importorskip("mujoco")
    pytest.importorskip("myo_sim")
    from hipdrive.muscles.exercises import what_if

    now = {one.group: one for one in what_if("glute_bridge").groups if one.side == "right"}
    kept = [told for told in works()["glute_bridge"].told if told.where.endswith("both legs")]
    assert [told.group for told in kept] == list(SHOWN)
    for told in kept:
        one = now[told.group]
        assert told.confidence == one.confidence
        if told.low is not None:
            assert (one.low_pct, one.typical_pct, one.high_pct) == pytest.approx(
                (told.low, told.typical, told.high), abs=1
            )


def test_the_model_is_small_and_has_every_muscle_on_both_sides() -> None:
    pytest.importorskip("mujoco")
    pytest.importorskip("myo_sim")
    text = anatomy.model_json()
    assert len(text) <= MOST_BYTES_OF_MODEL
    assert "<" not in text  # it may stand within a page
    scene = json.loads(text)
    assert {muscle["row"] for muscle in scene["muscles"]} == set(SHOWN)
    sides = Counter(muscle["name"].rpartition("_")[2] for muscle in scene["muscles"])
    assert sides["l"] == sides["r"] > 20
    frames = [frame for shown in scene["movements"].values() for frame in shown["order"]]
    assert sorted(set(frames)) == list(range(len(scene["time"])))
    assert len(scene["muscles"]) < 255  # the number of a muscle is a colour


@pytest.mark.slow
def test_the_written_page_has_the_model() -> None:
    pytest.importorskip("mujoco")
    pytest.importorskip("myo_sim")
    page = lessons_page()
    assert 'id="anatomy-model"' in page
    assert len(page.encode()) < MOST_BYTES_OF_PAGE


def test_the_command_writes_the_page(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("hipdrive.report.lessons.model_is_there", lambda: False)
    out = tmp_path / "new" / "page.html"
    made = CliRunner().invoke(app, ["learn", "--out", str(out)])
    assert made.exit_code == 0, made.output
    assert [path.name for path in out.parent.iterdir()] == ["page.html"]


def test_a_page_that_cannot_be_written_is_said_in_a_sentence(tmp_path) -> None:
    made = CliRunner().invoke(app, ["learn", "--out", str(tmp_path)])
    assert made.exit_code == 2
    assert "Traceback" not in made.output


# -- in a browser ------------------------------------------------------------------------------------------------

PLAYING = "[...document.querySelectorAll('video')].filter((video) => !video.paused).length"
READY = "document.querySelector('video').readyState >= 2"


def becomes(shown: Any, truth: str) -> None:
    """Wait until something is so; the page's policy does not let the browser itself ask again and again."""
    for _ in range(300):
        if shown.evaluate(truth):
            return
        shown.wait_for_timeout(100)
    raise AssertionError(truth)


@contextmanager
def opened(address: str, motion: str = "no-preference") -> Iterator[Any]:
    """A page that must neither complain nor ask anybody else."""
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no Chromium here")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        shown = browser.new_context(viewport={"width": 360, "height": 740}, reduced_motion=motion).new_page()
        complaints: list[str] = []
        shown.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        shown.on("pageerror", lambda error: complaints.append(str(error)))
        shown.goto(address)
        yield shown
        assert not complaints
        browser.close()


def test_films_play_while_they_are_seen_and_can_be_paused(tmp_path) -> None:
    path = tmp_path / "learn.html"
    write_lessons_page(path, model=False)
    with opened(path.as_uri()) as shown:
        shown.locator(".films").first.scroll_into_view_if_needed()
        becomes(shown, f"{READY} && {PLAYING} > 0")
        assert shown.evaluate(PLAYING) <= 6  # and not those that nobody sees
        assert shown.evaluate("document.documentElement.scrollWidth") == 360
        shown.locator("#all-films").click()
        becomes(shown, f"{PLAYING} == 0")
        shown.get_by_role("button", name="Play: Glute bridge, done right").click()
        becomes(shown, f"{PLAYING} == 3")


def test_films_stand_still_for_those_who_asked_for_less_motion(tmp_path) -> None:
    path = tmp_path / "learn.html"
    write_lessons_page(path, model=False)
    with opened(path.as_uri(), motion="reduce") as shown:
        becomes(shown, f"{READY} && document.querySelector('video').currentTime > 0")  # a telling moment
        shown.locator(".films").first.scroll_into_view_if_needed()
        shown.wait_for_timeout(300)
        assert shown.evaluate(PLAYING) == 0
