"""The page of a result: its logic, and in a real browser film, curves, verdicts, muscles and diary."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app_server import served
from browsers import PHONE, WIDE, chromium_with, in_the_way, number, open_page, page_of
from finished_jobs import put_finished
from hipdrive.analysis import Settings, examine
from hipdrive.diary import AthleteDiary, Diary
from hipdrive.diary.example import fill_example
from hipdrive.errors import HipdriveError
from hipdrive.movements import MOVEMENTS, Runner
from hipdrive.report.folder import write_folder
from hipdrive.report.moments import picture_of, seen_at, shown_by, stretch, told_to_script
from hipdrive.report.pieces import CURVES, PICTURE, Shot, read_pictures
from hipdrive.results import (
    Advice,
    Analysis,
    JudgedMeasure,
    JudgedStride,
    RecognisedMovement,
    SeenView,
    Source,
    Warning_,
)
from hipdrive.web.jobs import Job, Jobs
from hipdrive.web.settings import WebSettings
from hipdrive.web.uploads import page_policy
from test_report import HOSTILE, examined_set

pytest.importorskip("nicegui")

EXAMPLES = Path(__file__).parent.parent / "examples"
CLIPS = ("bridge", "walk", "run_side", "run_rear")
MODEL_MAY_SAY = "GPU stall due to ReadPixels|software WebGL|GroupMarkerNotSet"  # of a browser without a graphics card
AXIS = "document.querySelector('[data-result=plot]')._fullLayout.xaxis"
BRIDGE = MOVEMENTS["glute_bridge"]


# -- pieces ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a set of three bridges, of which the second stays low; in a grey room."""
    folder = tmp_path_factory.mktemp("drawn")
    write_folder(examined_set(folder), folder / "result", pieces=True)
    return folder / "result"


@pytest.fixture(scope="module")
def analysis(drawn: Path) -> Analysis:
    return Analysis.from_json((drawn / "analysis.json").read_bytes())


def test_curves_lie_on_the_clock_of_the_film(drawn: Path, analysis: Analysis) -> None:
    told = json.loads((drawn / CURVES).read_text())
    assert len(told["frame_s"]) == analysis.source.frames
    assert (np.diff(told["frame_s"]) > 0).all()
    lines = [line for line in told["figure"]["data"] if "unit" in line.get("meta", {})]
    assert [(line["name"], line["meta"]["unit"], line["meta"]["decimals"]) for line in lines] == [
        ("hip height", "trunk lengths", 2),
        ("shoulder-hip-knee", "deg", 0),
    ]
    assert all(line["x"] == pytest.approx(told["frame_s"], abs=1e-3) for line in lines)
    fields = {(shape["x0"], shape["x1"]) for shape in told["figure"]["layout"]["shapes"]}
    assert {(one.start_s, one.end_s) for one in analysis.repetitions} <= fields
    assert {(one.top_start_s, one.top_end_s) for one in analysis.repetitions} <= fields
    assert any((shape["y0"], shape["y1"]) == BRIDGE.cue("straight_line").band.good for shape in shapes_of(told))
    assert told["stick"] is None  # the film shows more


def shapes_of(told: dict[str, Any]) -> list[dict[str, Any]]:
    return list(told["figure"]["layout"]["shapes"])


def test_pictures_lie_beside_the_report_and_say_what_they_show(drawn: Path) -> None:
    shots = read_pictures(drawn)
    assert [(shot.repetition, shot.moment) for shot in shots] == [
        (number, moment) for number in (1, 2, 3) for moment in ("floor", "top")
    ]
    for shot in shots:
        assert PICTURE.fullmatch(shot.file)
        assert (drawn / shot.file).read_bytes()[:2] == b"\xff\xd8"
    assert read_pictures(drawn.parent) == []


def test_pieces_are_written_for_the_app_alone(tmp_path: Path) -> None:
    write_folder(examined_set(tmp_path), tmp_path / "result", video=False)
    assert not {CURVES, "pictures.json"} & {path.name for path in (tmp_path / "result").iterdir()}


def test_where_there_is_no_film_a_figure_moves(tmp_path: Path) -> None:
    filmed = examined_set(tmp_path)
    write_folder(replace(filmed, clip=None, chosen=None), tmp_path / "result", pieces=True)
    told = json.loads((tmp_path / "result" / CURVES).read_text())
    assert told["figure"] is not None and not (tmp_path / "result" / "overlay.mp4").exists()
    stick = told["stick"]
    assert stick["time"][-1] == pytest.approx(told["frame_s"][-1], abs=0.1)
    (frames,) = stick["views"]
    assert len(frames) == len(stick["time"]) and len(frames[0]) == 2 * (1 + max(max(b[:2]) for b in stick["bones"]))


# -- moments -----------------------------------------------------------------------------------------------------------


def test_a_verdict_leads_to_where_it_was_read(analysis: Analysis) -> None:
    one = analysis.repetitions[1]
    assert stretch(BRIDGE.cue("straight_line"), one) == ((one.top_start_s + one.top_end_s) / 2, None)
    assert stretch(BRIDGE.cue("slow_raise"), one) == (one.start_s, one.top_start_s)
    assert stretch(BRIDGE.cue("slow_lower"), one) == (one.top_end_s, one.end_s)


def test_the_set_leads_to_a_repetition_that_was_judged_so(analysis: Analysis) -> None:
    line = BRIDGE.cue("straight_line")
    verdicts = [one.cues[line.id].verdict for one in analysis.repetitions]
    assert verdicts[1] == "fault" and verdicts[0] == "good"
    for wanted, index in (("fault", 2), ("good", 1), ("check", 2)):
        shown = shown_by(analysis, line, wanted)  # type: ignore[arg-type]
        assert shown is not None and shown.index == index, wanted
    unseen = BRIDGE.cue("knees_in_line")
    assert shown_by(analysis, unseen, "good") is None


def test_the_picture_of_a_repetition_shows_what_is_worst_in_it(analysis: Analysis) -> None:
    shots = [Shot(f"picture_0{n}.jpg", 10, 10, "", moment, n, 2) for n, moment in enumerate(("floor", "top"))]
    low = analysis.repetitions[1]
    feet, line, raised = (BRIDGE.cue(name) for name in ("heels_near_hips", "straight_line", "slow_raise"))
    assert picture_of(low, [feet, line], shots, BRIDGE) is shots[0]
    assert picture_of(low, [raised, line], shots, BRIDGE) is shots[1]
    assert picture_of(low, [], shots, BRIDGE) is shots[1]
    assert picture_of(low, [], shots[:1], BRIDGE) is shots[0]
    assert picture_of(analysis.repetitions[0], [], shots, BRIDGE) is None


def test_the_script_is_told_stretches_with_their_words(analysis: Analysis) -> None:
    told = told_to_script(analysis, BRIDGE)
    assert [span["number"] for span in told["spans"]] == [1, 2, 3]
    span = told["spans"][1]
    assert (span["name"], span["phases"]) == ("repetition 2", ["raise", "hold", "lower"])
    assert span["knots"] == sorted(span["knots"]) and len(span["knots"]) == 4
    assert 2 * 4 < told["close_s"] < 3 * 5
    strides = [JudgedStride("left", 1.0, 1.3, 1.8), JudgedStride("right", 1.4, None, 2.1)]
    run = told_to_script(replace(analysis, repetitions=[], strides=strides), MOVEMENTS["running"])
    assert [(one["knots"], one["phases"]) for one in run["spans"]] == [
        ([1.0, 1.3, 1.8], ["on the ground", "in the air"]),
        ([1.4, 2.1], [""]),
    ]
    nothing = told_to_script(replace(analysis, repetitions=[]), None)
    assert (nothing["spans"], nothing["close_s"]) == ([], None)


def test_a_measure_is_shown_in_the_leg_that_is_farther_off() -> None:
    running = MOVEMENTS["running"]
    (reach,) = [one for one in running.measures if one.id == "overstride_leg_lengths"]
    strides = [JudgedStride("left", s, s + 0.25, s + 0.7) for s in (1.0, 1.7, 2.4)]
    strides += [JudgedStride("right", s + 0.35, s + 0.6, s + 1.05) for s in (1.0, 1.7, 2.4)]
    judged = JudgedMeasure(0.3, reach.unit, 0.03, 0.2, "check", None, 0.2, 0.4)
    run = Analysis(
        Source("run.mp4", "video", 4.0, 240, 60.0, 640, 360),
        RecognisedMovement("running", "asked", 1.0),
        SeenView("side", "left", 1.0),
        strides=strides,
        measures={reach.id: judged},
    )
    assert seen_at(reach, run) == 2.05
    assert seen_at(reach, replace(run, measures={reach.id: replace(judged, left=0.05)})) == 2.05
    assert seen_at(reach, replace(run, measures={reach.id: replace(judged, left=-0.1)})) == 1.7
    assert seen_at(reach, replace(run, view=SeenView("rear", None, 1.0))) is None
    assert seen_at(reach, replace(run, strides=[])) is None


# -- muscles afterwards ------------------------------------------------------------------------------------------------


@dataclass
class Queue:
    """A queue with one clip that is done, and a worker that is a script."""

    diary: Diary
    mine: AthleteDiary
    jobs: Jobs
    id: str

    def job(self) -> Job:
        job = self.jobs.get(self.mine.uid, self.id)
        assert job is not None
        return job

    def after(self, *states: str) -> Job:
        for _ in range(600):
            if self.job().state in states:
                return self.job()
            self.jobs._stopping.wait(0.1)
        raise AssertionError(self.job())


WRITES = "result.mkdir(); [(result / n).write_text('new') for n in ('muscles.json', 'muscles.html')]"
REFUSES = "print(json.dumps({'failed': 'no step shows the knees'}), flush=True); sys.exit(2)"
WAITS = "print(json.dumps({'total': 100, 'done': 3}), flush=True); time.sleep(600)"


@pytest.fixture
def queue(tmp_path: Path, drawn: Path, request: pytest.FixtureRequest) -> Iterator[Queue]:
    database, app = tmp_path / "diary.sqlite3", tmp_path / "app"
    with Diary.open(str(database)) as diary:
        fill_example(diary, date.today())
        job = put_finished(database, app, drawn, "set.mp4")
        script = f"import json, sys, time, pathlib\nresult = pathlib.Path(sys.argv[2])\n{request.param}"
        (tmp_path / "worker.py").write_text(script)
        jobs = Jobs(
            WebSettings(folder=app, database=str(database)),
            diary,
            command=lambda folder, result: ["python", str(tmp_path / "worker.py"), str(folder), str(result)],
        )
        jobs.start()
        try:
            yield Queue(diary, diary.athlete(), jobs, job)
        finally:
            jobs.stop()


@pytest.mark.parametrize("queue", [WRITES], indirect=True)
def test_muscles_join_the_result_that_is_there(queue: Queue, drawn: Path) -> None:
    begun = queue.jobs.add_muscles(queue.mine.uid, queue.id)
    assert begun is not None and begun.state in ("queued", "running", "done")
    done = queue.after("done")
    assert done.say == "ready" and done.asked.muscles
    there = {path.name for path in queue.jobs.result(done).iterdir()}
    assert there == {path.name for path in drawn.iterdir()} | {"muscles.json", "muscles.html"}


@pytest.mark.parametrize("queue", [REFUSES], indirect=True)
def test_where_there_are_no_muscles_the_result_stays_and_says_why(queue: Queue, drawn: Path) -> None:
    queue.jobs.add_muscles(queue.mine.uid, queue.id)
    queue.after("running", "done")
    done = queue.after("done")
    assert done.say == "ready, but without the muscles: no step shows the knees"
    assert {path.name for path in queue.jobs.result(done).iterdir()} == {path.name for path in drawn.iterdir()}


@pytest.mark.parametrize("queue", [WAITS], indirect=True)
def test_muscles_can_be_cancelled_without_harm(queue: Queue, drawn: Path) -> None:
    queue.jobs.add_muscles(queue.mine.uid, queue.id)
    queue.after("running")
    with pytest.raises(HipdriveError, match="not ready yet"):
        queue.jobs.add_muscles(queue.mine.uid, queue.id)
    assert queue.jobs.has_result(queue.job())
    queue.jobs.cancel(queue.mine.uid, queue.id)
    assert queue.after("done").say == "ready"
    queue.jobs._wait_for_end_of(lambda running: running.id == queue.id)
    assert {path.name for path in queue.jobs.result(queue.job()).iterdir()} == {path.name for path in drawn.iterdir()}
    assert queue.jobs.remove(queue.mine.uid, queue.id)
    assert not queue.jobs.folder(Job(queue.id, queue.mine.uid, "", "done")).exists()


@pytest.mark.parametrize("queue", [WAITS], indirect=True)
def test_a_clip_that_is_no_ones_has_no_muscles(queue: Queue) -> None:
    assert queue.jobs.add_muscles(queue.mine.uid, "0" * 8 + "-0000-4000-8000-" + "0" * 12) is None


def test_only_the_report_is_of_the_same_origin(tmp_path: Path) -> None:
    head = '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">'
    for name in ("report.html", "muscles.html"):
        (tmp_path / name).write_text(head)
    assert "allow-same-origin" in page_policy(tmp_path / "report.html")
    assert "allow-same-origin" not in page_policy(tmp_path / "muscles.html")
    assert "frame-ancestors 'self'" in page_policy(tmp_path / "muscles.html")


# -- in a browser ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    pytest.importorskip("playwright")
    with chromium_with("--enable-unsafe-swiftshader") as browser:
        yield browser


@dataclass
class App:
    """The app with some results."""

    address: str
    database: Path
    jobs: dict[str, str]

    def path(self, name: str) -> str:
        return f"/result/{self.jobs[name]}"


@pytest.fixture(scope="module")
def app(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The drawn set: whole, without its film, without anything but what was judged, and with words of a stranger."""
    folder = tmp_path_factory.mktemp("app")
    strange = tmp_path_factory.mktemp("strange") / "result"
    shutil.copytree(drawn, strange)
    analysis = Analysis.from_json((drawn / "analysis.json").read_bytes())
    hostile = replace(
        analysis,
        source=replace(analysis.source, name=HOSTILE),
        advice=[Advice("straight_line", HOSTILE, HOSTILE, HOSTILE)],
        warnings=[Warning_("x", HOSTILE)],
    )
    (strange / "analysis.json").write_text(hostile.to_json())
    live = tmp_path_factory.mktemp("live")
    filmed = examined_set(live)
    write_folder(replace(filmed, clip=None, chosen=None), live / "result", pieces=True)
    photo = tmp_path_factory.mktemp("photo")
    write_folder(examined_set(photo, photo=True), photo / "result", pieces=True)
    yield from serve(
        folder,
        {
            "whole": (drawn, "set.mp4"),
            "live": (live / "result", "live"),
            "bare": (drawn, "bare.mp4", "*.mp4", CURVES, "picture*", "*.html", "*.parquet"),
            "photo": (photo / "result", "top.jpg"),
            "strange": (strange, HOSTILE),
        },
    )


@pytest.fixture(scope="module")
def filmed(weights: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The example clips, looked at."""
    folder = tmp_path_factory.mktemp("filmed")
    for name in CLIPS:
        examined = examine(EXAMPLES / f"{name}.mp4", Settings(quality="fast", runner=Runner(1.75, 68.0, "f", 34.0)))
        write_folder(examined, folder / name, pieces=True)
    yield from serve(folder, {name: (folder / name, f"{name}.mp4") for name in CLIPS})


def serve(folder: Path, results: dict[str, tuple[Any, ...]]) -> Iterator[App]:
    database = folder / "diary.sqlite3"
    with Diary.open(str(database)) as diary:
        fill_example(diary, date.today())
    jobs = {name: put_finished(database, folder / "app", *result) for name, result in results.items()}
    with served(folder, database) as address:
        yield App(address, database, jobs)


def opened(page: Any, path: str) -> Any:
    """Open a result, and wait until its curves are drawn; gives the slider."""
    open_page(page, path)
    page.locator("[data-result=waiting]").wait_for(state="hidden")
    return page.get_by_role("slider", name="Moment of the clip")


def film_s(page: Any) -> float:
    page.wait_for_function("() => !document.querySelector('video.overlay').seeking")
    return float(page.evaluate("document.querySelector('video.overlay').currentTime"))


def cursor_comes_to(page: Any, time_s: float) -> bool:
    """Whether the cursor is drawn there, with the next pictures of the browser."""
    until_s = time.monotonic() + 10
    while abs(cursor_s(page) - time_s) > 0.01 and time.monotonic() < until_s:
        page.wait_for_timeout(50)
    return abs(cursor_s(page) - time_s) <= 0.01


def cursor_s(page: Any) -> float:
    """Time at which the cursor stands, as drawn."""
    return float(
        page.evaluate(
            f"""() => {{ const axis = {AXIS};
            const x = new DOMMatrix(getComputedStyle(document.querySelector('[data-result=cursor]')).transform).e;
            return axis.range[0] + (x - axis._offset) / axis._length * (axis.range[1] - axis.range[0]) }}"""
        )
    )


@pytest.mark.slow
def test_the_film_and_the_curves_move_each_other(chromium: Any, app: App, analysis: Analysis) -> None:
    last_s = analysis.source.duration_s
    with page_of(chromium, app.address) as page:
        slider = opened(page, app.path("whole"))
        page.evaluate("document.querySelector('video.overlay').currentTime = 7.5")
        page.wait_for_function("() => document.querySelector('[data-result=slider]').ariaValueNow > 7")
        assert cursor_s(page) == pytest.approx(7.5, abs=0.05)

        box = slider.bounding_box()
        axis = page.evaluate(f"[{AXIS}._offset, {AXIS}._length]")
        x = [box["x"] + 1 + axis[0] + share * axis[1] for share in (0.25, 0.5, 0.75)]
        page.mouse.click(x[0], box["y"] + 100)
        assert film_s(page) == pytest.approx(0.25 * last_s, abs=0.1)
        page.mouse.move(x[0], box["y"] + 100)
        page.mouse.down()
        for place in x:
            page.mouse.move(place, box["y"] + 120)
        assert cursor_s(page) == pytest.approx(0.75 * last_s, abs=0.1)
        page.mouse.up()
        assert film_s(page) == pytest.approx(0.75 * last_s, abs=0.1)

        page.get_by_role("button", name="Play").click()
        page.wait_for_function(f"() => document.querySelector('video.overlay').currentTime > {0.75 * last_s + 0.5}")
        page.get_by_role("button", name="Pause").click()
        page.get_by_role("button", name="Play").wait_for()
        page.wait_for_timeout(200)
        assert cursor_s(page) == pytest.approx(film_s(page), abs=0.1)


@pytest.mark.slow
def test_the_cursor_follows_in_a_browser_that_tells_no_pictures(chromium: Any, app: App) -> None:
    with page_of(chromium, app.address) as page:
        page.add_init_script("delete HTMLVideoElement.prototype.requestVideoFrameCallback")
        opened(page, app.path("whole"))
        page.get_by_role("button", name="Play").click()
        page.wait_for_function("() => document.querySelector('[data-result=slider]').ariaValueNow > 1")
        page.get_by_role("button", name="Pause").click()
        page.get_by_role("button", name="Play").wait_for()
        page.wait_for_timeout(500)
        assert cursor_s(page) == pytest.approx(film_s(page), abs=0.3)


@pytest.mark.slow
def test_the_curve_is_a_slider_for_the_keyboard(chromium: Any, app: App, analysis: Analysis) -> None:
    low = analysis.repetitions[1]
    with page_of(chromium, app.address, PHONE) as page:
        slider = opened(page, app.path("whole"))
        slider.focus()
        page.keyboard.press("End")
        assert film_s(page) == pytest.approx(analysis.source.duration_s, abs=0.05)
        page.keyboard.press("Home")
        assert film_s(page) == 0
        for count in range(1, 4):
            page.keyboard.press("ArrowRight")
            assert int(film_s(page) * 30 + 1e-6) == count  # one picture each
        page.keyboard.press("ArrowLeft")
        assert int(film_s(page) * 30 + 1e-6) == 2
        page.keyboard.press("PageUp")
        assert film_s(page) == pytest.approx(1.07, abs=0.05)
        page.evaluate(f"document.querySelector('video.overlay').currentTime = {(low.top_start_s + low.top_end_s) / 2}")
        page.wait_for_function("() => document.querySelector('[data-result=slider]').ariaValueText.includes('hold')")
        said = slider.get_attribute("aria-valuetext")
        assert re.fullmatch(
            r"\d+\.\d\d s, repetition 2, hold, hip height -?[\d.]+ trunk lengths, shoulder-hip-knee 14\d deg", said
        ), said
        assert float(slider.get_attribute("aria-valuemax")) == pytest.approx(analysis.source.duration_s, abs=1e-3)


@pytest.mark.slow
def test_pictures_go_one_by_one_and_slowly(chromium: Any, app: App) -> None:
    with page_of(chromium, app.address) as page:
        opened(page, app.path("whole"))
        for _ in range(2):
            page.get_by_role("button", name="One picture on").click()
            film_s(page)
        assert int(film_s(page) * 30 + 1e-6) == 2
        page.get_by_role("button", name="One picture back").click()
        assert int(film_s(page) * 30 + 1e-6) == 1
        for name, rate in (("Quarter speed", 0.25), ("Half speed", 0.5), ("Full speed", 1)):
            page.get_by_role("button", name=name).click()
            assert page.evaluate("document.querySelector('video.overlay').playbackRate") == rate
            pressed = page.get_by_role("group", name="Speed").get_by_role("button", pressed=True)
            assert [one.get_attribute("aria-label") for one in pressed.all()] == [name]


@pytest.mark.slow
def test_a_verdict_shows_its_moment(chromium: Any, app: App, analysis: Analysis) -> None:
    low = analysis.repetitions[1]
    top_s = (low.top_start_s + low.top_end_s) / 2
    with page_of(chromium, app.address) as page:
        opened(page, app.path("whole"))
        card = page.locator("[data-span='2']")
        assert card.get_by_role("button", name="Show repetition 2").locator("img").is_visible()
        card.get_by_role("button", name="straight line: fault").click()
        assert film_s(page) == pytest.approx(top_s, abs=0.01)
        assert page.evaluate("document.querySelector('video.overlay').paused")
        assert card.get_attribute("aria-current") == "true"
        page.get_by_role("button", name="Show it, repetition 2").first.click()
        assert film_s(page) == pytest.approx(top_s, abs=0.01)
        card.get_by_role("button", name="Show repetition 2").click()  # plays it, and stops at its end
        page.wait_for_function("() => !document.querySelector('video.overlay').paused")
        page.wait_for_function("() => document.querySelector('video.overlay').paused")
        assert film_s(page) == pytest.approx(low.end_s, abs=0.4)


@pytest.mark.slow
def test_a_closer_look_goes_along(chromium: Any, app: App, analysis: Analysis) -> None:
    with page_of(chromium, app.address, PHONE) as page:
        slider = opened(page, app.path("whole"))
        page.get_by_role("button", name="A closer look").click()
        shown = f"{AXIS}.range"
        first = page.evaluate(shown)
        assert first[1] - first[0] < 0.8 * analysis.source.duration_s
        slider.focus()
        page.keyboard.press("End")
        film_s(page)
        second = page.evaluate(shown)
        assert second[1] == pytest.approx(analysis.source.duration_s, abs=0.05) and second[0] > first[0]


@pytest.mark.slow
def test_a_set_without_a_film_has_curves_and_a_figure(chromium: Any, app: App, analysis: Analysis) -> None:
    with page_of(chromium, app.address, PHONE) as page:
        opened(page, app.path("live"))
        assert page.locator("video").count() == 0
        bone = page.locator("[data-result=figure] line").first
        page.locator("[data-span='2']").get_by_role("button", name="straight line: fault").click()
        low = analysis.repetitions[1]
        assert cursor_comes_to(page, (low.top_start_s + low.top_end_s) / 2)
        where = [page.locator("[data-result=figure] line").nth(n).get_attribute("y1") for n in range(10)]
        page.get_by_role("slider").focus()
        page.keyboard.press("Home")
        assert where != [page.locator("[data-result=figure] line").nth(n).get_attribute("y1") for n in range(10)]
        assert bone.count() == 1
        page.get_by_role("button", name="Play").click()
        page.wait_for_function("() => document.querySelector('[data-result=slider]').ariaValueNow > 1")
        page.get_by_role("button", name="Pause").click()


@pytest.mark.slow
def test_what_was_judged_is_told_where_nothing_else_is_left(chromium: Any, app: App) -> None:
    with page_of(chromium, app.address, PHONE) as page:
        open_page(page, app.path("bare"))
        page.get_by_role("heading", name="Repetition 2").wait_for()
        assert page.get_by_role("slider").count() == 0
        assert page.get_by_role("button", name=re.compile("^Show")).count() == 0
        assert page.get_by_role("heading", name="The muscles").count() == 0
        assert page.locator("[data-span='2']").get_by_text("Straight line").is_visible()


@pytest.mark.slow
def test_a_photograph_shows_its_angles(chromium: Any, app: App) -> None:
    with page_of(chromium, app.address, PHONE) as page:
        open_page(page, app.path("photo"))
        page.get_by_role("heading", name="The photograph").wait_for()
        card = page.locator("[data-span='1']")
        assert card.locator("img").is_visible()
        assert page.get_by_role("slider").count() == 0


@pytest.mark.slow
def test_words_of_strangers_stay_words(chromium: Any, app: App) -> None:
    with page_of(chromium, app.address) as page:
        opened(page, app.path("strange"))
        assert page.get_by_text(HOSTILE).count() >= 4
        assert page.locator("img[src=x]").count() == 0


@pytest.mark.slow
def test_what_was_kept_is_told_and_not_kept_twice(chromium: Any, app: App) -> None:
    wrote = f"Left foot slipped. {HOSTILE}"
    with page_of(chromium, app.address, PHONE) as page:
        opened(page, app.path("whole"))
        page.get_by_role("button", name="Half speed").click()
        page.get_by_label("Your comment").fill("not yet")
        page.get_by_role("button", name="Only keep the comment").click()
        page.get_by_text("Your comment is kept.").wait_for()
        assert page.get_by_role("button", name="Half speed").get_attribute("aria-pressed") == "true"
        assert page.locator("[data-result=plot] svg").count() > 0  # what the script has made is still there
        opened(page, app.path("whole"))
        assert page.get_by_label("Your comment").input_value() == "not yet"
        number(page, "How hard was it?", 8)
        number(page, "The worst pain in it?", 0)
        page.get_by_label("Your comment").fill(wrote)
        page.get_by_role("button", name="Add to diary").click()
        page.get_by_text("This is in your diary of").wait_for()
        with Diary.open(str(app.database)) as diary:
            before = diary.athlete().history()
        assert before.sessions[-1].rpe == 8
        opened(page, app.path("whole"))
        kept = page.locator("[data-result=kept]")
        assert "How hard it was: 8 of 10." in kept.inner_text()
        assert page.get_by_role("button", name="Add to diary").count() == 0
        assert page.get_by_label("Your comment").input_value() == wrote
        page.get_by_label("Your comment").fill("It was the mat.")
        page.get_by_role("button", name="Keep the comment").click()
        page.get_by_text("Your comment is kept.").wait_for()
        opened(page, app.path("whole"))
        assert page.get_by_label("Your comment").input_value() == "It was the mat."
    with Diary.open(str(app.database)) as diary:
        assert diary.athlete().history().sessions == before.sessions


@pytest.mark.slow
@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["phone", "wide"])
@pytest.mark.parametrize("name", CLIPS)
def test_every_result_opens_quietly(chromium: Any, filmed: App, name: str, size: dict[str, int], colours: str) -> None:
    with page_of(chromium, filmed.address, size, colours) as page:
        opened(page, filmed.path(name))
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        for summary in page.locator("details > summary").all():
            summary.click()
        assert in_the_way(page) == []


@pytest.mark.slow
def test_a_measure_of_a_run_shows_its_moment(chromium: Any, filmed: App) -> None:
    with page_of(chromium, filmed.address, WIDE) as page:
        opened(page, filmed.path("run_side"))
        shown = page.get_by_role("button", name=re.compile("^Show reach at contact"))
        shown.click()
        wanted = float(re.search(r"([\d.]+) s", shown.inner_text())[1])  # type: ignore[index]
        assert film_s(page) == pytest.approx(wanted, abs=0.02)
        assert "foot" in page.locator("[data-result=readout]").inner_text()
        assert page.locator(".cards.pictures img").count() == 6


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bridge", "walk", "run_side"])
def test_the_muscles_are_worked_out_and_follow_the_film(chromium: Any, filmed: App, name: str) -> None:
    pytest.importorskip("mujoco")
    pytest.importorskip("myo_sim")
    with page_of(chromium, filmed.address, WIDE, may_say=MODEL_MAY_SAY) as page:
        opened(page, filmed.path(name))
        page.get_by_role("button", name="Work out the muscles").click()
        page.get_by_role("button", name="Show the model").click(timeout=300_000)
        frame = page.frame_locator("iframe")
        frame.locator("#stage").wait_for()
        model = next(one for one in page.frames if one.url.endswith("muscles.html"))
        model.wait_for_function("() => document.documentElement.classList.contains('beside')")
        spans = json.loads(page.locator("[data-result=page]").get_attribute("data-told"))["spans"]
        first, other = (spans[0], spans[-1]) if name == "walk" else (spans[1], spans[1])
        for at_s, before in ((first["knots"][0] + 0.05, None), (sum(other["knots"][1:3]) / 2, True)):
            before = before and model.evaluate("state.frame")
            page.evaluate(f"document.querySelector('video.overlay').currentTime = {at_s}")
            film_s(page)
            if before is None:
                page.wait_for_timeout(2000)  # to be told, and drawn without a graphics card
            else:
                model.wait_for_function("before => state.frame !== before", arg=before)
        page.evaluate("postMessage({moments_s: [0, 1, 2]}, '*')")  # of nobody that is listened to
        model.evaluate("postMessage({moment: 0}, '*')")
        assert not page.evaluate("document.querySelector('iframe').contentDocument")  # it is of no origin of ours
