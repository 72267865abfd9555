"""The REST API: every route good and bad, on a real diary; two athletes never meet."""

from __future__ import annotations

import io
import json
import shutil
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema  # type: ignore[import-untyped]
import msgspec
import pytest
from fastapi import FastAPI
from icalendar import Calendar
from starlette.requests import ClientDisconnect

from hipdrive.diary import AthleteDiary
from hipdrive.diary.portable import everything
from hipdrive.errors import HipdriveError
from hipdrive.training.history import PainReport, Profile
from hipdrive.training.ladder import ladder
from hipdrive.web import api, reading, rest
from hipdrive.web.settings import WebSettings
from hipdrive.web.worker import Limits
from run_files import Made, fit_file
from web_api import ANALYSIS, CLIP, TODAY, WHO, Client, api_app, client_of, filled_diary

SCREENING = {"day": "2026-11-20", "answers": {"heart": False}, "cleared": None}
SESSION = {
    "day": "2026-11-20",
    "exercises": [{"exercise": "clam", "sets": [{"amount": 12, "reserve": 3}]}],
    "rpe": 7,
}
RACE = {"day": "2027-04-11", "distance_m": 42195.0, "name": "Spring marathon"}
AWAY = {"first": "2026-12-20", "last": "2027-01-03", "why": "at the sea"}
RUN = {"start": "2026-11-20T23:30:00+01:00", "distance_m": 8200, "duration_s": 2760}
TEST = {"day": "2026-11-20", "test": "single-leg-bridge", "unit": "s", "left": 41, "right": 35}
PAIN = {"day": "2026-11-20", "score": 3, "where": "left hip", "when": "next_morning", "settled": True}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled_diary(tmp_path_factory.mktemp("filled"))


@pytest.fixture
def app(tmp_path: Path, filled: Path) -> Iterator[FastAPI]:
    with api_app(Path(shutil.copy(filled, tmp_path))) as app:
        yield app


@pytest.fixture
def runner(app: FastAPI) -> Client:
    return client_of(app, "Example runner (simulated)")


@pytest.fixture
def berta(app: FastAPI) -> Client:
    return client_of(app, "Berta")


def diary_of(client: Client) -> AthleteDiary:
    diary: AthleteDiary = client.app.state.diary.athlete(client.headers[WHO])
    return diary


def complaint(response: Any, status: int) -> str:
    """The sentence of an answer that says why it could not be done."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    told = response.json()
    assert set(told) == {"type", "title", "status", "detail"} and told["status"] == status
    assert "\n" not in told["detail"] and told["detail"]
    return str(told["detail"])


def good(response: Any, status: int = 200) -> Any:
    assert response.status_code == status, response.text
    return response.json()


# -- the same JSON as on the disk ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/screenings", "screenings"),
        ("/sessions", "sessions"),
        ("/pains", "pains"),
        ("/tests", "tests"),
        ("/runs", "runs"),
        ("/races", "races"),
        ("/away", "away"),
    ],
)
def test_records_are_those_of_an_export(runner: Client, path: str, field: str) -> None:
    kept = everything(diary_of(runner))
    answer = runner.get(f"/api/v1{path}", params={"limit": 1000} if path not in ("/races", "/away") else None)
    assert answer.content == msgspec.json.encode(getattr(kept, field))
    assert field == "away" or good(answer)


def test_the_profile_is_that_of_an_export(runner: Client) -> None:
    assert runner.get("/api/v1/profile").content == msgspec.json.encode(everything(diary_of(runner)).profile)


def test_an_analysis_is_byte_for_byte_that_of_the_diary(runner: Client) -> None:
    listed = good(runner.get("/api/v1/analyses", params={"limit": 1000}))
    kept = diary_of(runner).analyses()
    assert [one["day"] for one in listed] == [str(day) for day, _ in kept] and listed
    for entry, (_, analysis) in zip(listed, kept, strict=True):
        assert runner.get(f"/api/v1/analyses/{entry['id']}").text == analysis.to_json()


def test_an_analysis_is_kept_once(berta: Client) -> None:
    text = ANALYSIS.to_json()
    headers = {"Content-Type": "application/json"}
    first = good(berta.post("/api/v1/analyses?day=2026-11-20", content=text, headers=headers))
    again = good(berta.post("/api/v1/analyses?day=2026-11-21", content=text, headers=headers))
    assert (first["new"], again["new"]) == (True, False) and first["id"] == again["id"]
    assert berta.get(f"/api/v1/analyses/{first['id']}").text == text
    (seen,) = good(berta.get("/api/v1/analyses"))
    assert (seen["day"], seen["repetitions"], seen["id"]) == ("2026-11-21", 5, first["id"])
    assert good(berta.post("/api/v1/analyses", content=text, headers=headers))["new"] is False
    assert good(berta.get("/api/v1/analyses"))[0]["day"] == str(TODAY)
    complaint(berta.get(f"/api/v1/analyses/{'0' * 64}"), 404)
    complaint(berta.get("/api/v1/analyses/../profile%00"), 404)
    assert "$.schema" in complaint(berta.post("/api/v1/analyses", json={"schema": "hipdrive.analysis/2"}), 422)


# -- who it is -------------------------------------------------------------------------------------------------------


def test_a_profile_is_changed(berta: Client) -> None:
    profile = good(berta.get("/api/v1/profile")) | {"height_m": 1.7, "run_days": [1, 3]}
    assert good(berta.put("/api/v1/profile", json=profile)) == profile
    assert diary_of(berta).profile() == msgspec.convert(profile, Profile)


@pytest.mark.parametrize(
    ("changed", "status", "says"),
    [
        ({"name": "Example runner (simulated)"}, 409, "choose a name that tells you apart"),
        ({"name": ""}, 422, "a name has 1 to 120 letters"),
        ({"height_m": 17}, 422, "height in m of the profile is 17"),
        ({"time_zone": "Mars/Base"}, 422, "give one such as Europe/Berlin"),
        ({"time_zone": "../../etc/passwd"}, 422, "give one such as Europe/Berlin"),
        ({"session_at": "25:00"}, 422, "is no time of day"),
        ({"sessions_a_week": 9}, 422, "give 2 or 3"),
        ({"run_days": [7]}, 422, "run days"),
        ({"height": 1.7}, 422, "no field 'height'"),
        ({"name": 3}, 422, "Expected `str`"),
    ],
)
def test_a_profile_that_cannot_be_is_refused(berta: Client, changed: dict[str, Any], status: int, says: str) -> None:
    before = good(berta.get("/api/v1/profile"))
    assert says in complaint(berta.put("/api/v1/profile", json=before | changed), status)
    assert good(berta.get("/api/v1/profile")) == before


def test_a_profile_begins_a_diary_where_nobody_signs_in(tmp_path: Path) -> None:
    from hipdrive.diary import Diary

    with Diary.open(str(tmp_path / "new.sqlite3")) as diary:
        app = FastAPI()
        app.state.diary, app.state.settings = diary, WebSettings(folder=tmp_path)
        app.include_router(api.router)
        nobody = client_of(app, None)
        assert "begin with your profile" in complaint(nobody.get("/api/v1/plan"), 409)
        assert good(nobody.put("/api/v1/profile", json={"name": "Cleo"}))["name"] == "Cleo"
        assert "come first" in good(nobody.get("/api/v1/plan"))["stopped"]
        assert [name for _, name in diary.athletes()] == ["Cleo"]


def test_questions_are_answered(berta: Client) -> None:
    asked = [one["id"] for one in good(berta.get("/api/v1/questions")) if one["kind"] == "screening"]
    wanted = SCREENING | {"answers": dict.fromkeys(asked, False)}
    assert good(berta.post("/api/v1/screenings", json=wanted), 201) == wanted
    assert wanted in good(berta.get("/api/v1/screenings"))
    complaint(berta.post("/api/v1/screenings", json=wanted | {"day": "1066-10-14"}), 422)


def test_breaks_are_wanted_and_stand_in_the_calendar(berta: Client) -> None:
    assert good(berta.get("/api/v1/settings/breaks"))["on"] is False
    wanted = {"every_min": 50, "begins": "08:00", "ends": "16:00", "weekdays": [0, 4], "on": True}
    assert good(berta.put("/api/v1/settings/breaks", json=wanted)) == wanted
    assert good(berta.get("/api/v1/settings/breaks")) == wanted
    assert b"RRULE" in berta.get("/api/v1/plan.ics").content
    for wrong in ({"every_min": 1}, {"begins": "17:00"}, {"weekdays": [7]}, {"ends": "soon"}):
        complaint(berta.put("/api/v1/settings/breaks", json=wanted | wrong), 422)
    assert good(berta.get("/api/v1/settings/breaks")) == wanted


# -- training --------------------------------------------------------------------------------------------------------


def test_a_session_is_kept_joined_corrected_and_taken_back(berta: Client) -> None:
    kept = good(berta.post("/api/v1/sessions", json=SESSION), 201)
    assert kept["exercises"][0]["sets"][0]["amount"] == 12
    more = SESSION | {"exercises": [{"exercise": "clam", "sets": [{"amount": 10}]}], "note": "tired"}
    joined = good(berta.post("/api/v1/sessions", json=more), 201)
    assert [one["amount"] for one in joined["exercises"][0]["sets"]] == [12, 10]
    assert good(berta.put("/api/v1/sessions/2026-11-20", json=SESSION)) == kept
    assert good(berta.get("/api/v1/sessions")) == [kept]
    assert "name the same day in both" in complaint(berta.put("/api/v1/sessions/2026-11-21", json=SESSION), 422)
    assert berta.delete("/api/v1/sessions/2026-11-20").status_code == 204
    assert "no session on 2026-11-20" in complaint(berta.delete("/api/v1/sessions/2026-11-20"), 404)
    assert good(berta.get("/api/v1/sessions")) == []


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"exercises": [{"exercise": "burpee", "sets": []}]}, "'burpee' is no exercise of the ladder"),
        ({"rpe": 11}, "rpe of the session is 11"),
        ({"note": "x" * 3000}, "3000 letters"),
        ({"note": "a\0b"}, "no text"),
        ({"day": "20.11.2026"}, "Invalid RFC3339"),
        ({"day": "2300-01-01"}, "out of range"),
        ({"exercises": [{"exercise": "clam", "sets": [{"amount": 3, "reps": 3}]}]}, "no field 'reps'"),
        ({"exercises": [{"exercise": "clam", "sets": [{"amount": 3, "band": "pink"}]}]}, "pink"),
    ],
)
def test_a_session_that_cannot_be_is_refused(berta: Client, changed: dict[str, Any], says: str) -> None:
    for answer in (
        berta.post("/api/v1/sessions", json=SESSION | changed),
        berta.put("/api/v1/sessions/2026-11-20", json=SESSION | changed),
    ):
        told = complaint(answer, 422)
        assert says in told or "name the same day" in told
    assert good(berta.get("/api/v1/sessions")) == []


def test_what_was_planned_is_done(runner: Client) -> None:
    before = good(runner.get("/api/v1/plan"))["weeks"][0]["sessions"]
    first = before[0]["exercises"][0]["exercise"]
    second = before[0]["exercises"][1]["exercise"]
    done = {"did": {first: {"sets": 1, "amount": 7}}, "left_out": [second], "rpe": 7, "pain": 1, "where": "left hip"}
    session = good(runner.post("/api/v1/done", json=done), 201)
    assert session["day"] == str(TODAY) and session["planned"] == before[0]["id"]
    assert session["exercises"][0] == {
        "exercise": first,
        "sets": [session["exercises"][0]["sets"][0] | {"amount": 7.0, "reserve": 3.0}],
    }
    assert second not in [one["exercise"] for one in session["exercises"]]
    assert diary_of(runner).history().pains[-1] == PainReport(TODAY, 1, "left hip")
    again = good(runner.post("/api/v1/done", json={}), 201)
    assert again["exercises"][0] == session["exercises"][0]  # nothing is counted twice


@pytest.mark.parametrize(
    ("done", "status"),
    [
        ({"did": {"burpee": {"sets": 1, "amount": 1}}}, 422),
        ({"did": {"clam": {"sets": 10**9, "amount": 1}}}, 422),
        ({"did": {"clam=3x3": {"sets": 1, "amount": 1}}}, 422),
        ({"left_out": ["nothing"]}, 422),
        ({"rpe": 12}, 422),
        ({"dya": "2026-11-20"}, 422),
    ],
)
def test_what_cannot_have_been_done_is_refused(runner: Client, done: dict[str, Any], status: int) -> None:
    before = diary_of(runner).history()
    complaint(runner.post("/api/v1/done", json=done), status)
    assert diary_of(runner).history() == before


def test_nothing_is_done_where_nothing_is_planned(berta: Client) -> None:
    good(berta.post("/api/v1/screenings", json=SCREENING | {"day": str(TODAY), "answers": {"heart": True}}), 201)
    assert "doctor" in complaint(berta.post("/api/v1/done", json={}), 409)


def test_pain_is_told(berta: Client) -> None:
    kept = good(berta.post("/api/v1/pains", json=PAIN), 201)
    assert good(berta.get("/api/v1/pains")) == [kept] and kept["flags"] == []
    complaint(berta.post("/api/v1/pains", json=PAIN | {"score": 11}), 422)
    complaint(berta.post("/api/v1/pains", json=PAIN | {"when": "always"}), 422)


def test_self_tests_are_kept_with_their_error(berta: Client) -> None:
    kept = good(berta.post("/api/v1/tests", json=TEST), 201)
    assert kept["error"] == pytest.approx(4.2, abs=0.1)  # a tenth of 41 s, and a thumb
    assert good(berta.get("/api/v1/tests")) == [kept]
    assert good(berta.post("/api/v1/tests", json=TEST | {"error": 1}), 201)["error"] == 1
    for wrong in (
        {"test": "handstand"},
        {"unit": "min"},
        {"left": None, "right": None},
        {"both": 3},
        {"test": "front-plank"},
        {"left": -1e12},
    ):
        complaint(berta.post("/api/v1/tests", json=TEST | wrong), 422)
    plank = {"day": "2026-11-20", "test": "front-plank", "unit": "s", "both": 60}
    assert good(berta.post("/api/v1/tests", json=plank), 201)["both"] == 60


# -- runs ------------------------------------------------------------------------------------------------------------


def test_runs_are_kept_once_in_their_zone(berta: Client) -> None:
    assert good(berta.post("/api/v1/runs", json=[RUN | {"zone": "Europe/Berlin"}, RUN]))["new"] == 1
    again = good(berta.post("/api/v1/runs", json=[RUN]))
    assert (again["new"], again["known"]) == (0, 1) and again["say"]
    (kept,) = good(berta.get("/api/v1/runs"))
    assert (kept["start"], kept["zone"]) == ("2026-11-20T23:30:00+01:00", "Europe/Berlin")
    assert good(berta.post("/api/v1/runs", json=[kept]))["new"] == 0  # what is given can be sent
    for wrong in (
        RUN | {"start": "2026-11-20T07:30:00"},
        RUN | {"start": "9999-12-31T23:59:59Z"},
        RUN | {"distance_m": -1},
        RUN | {"speed": 3},
        {"start": RUN["start"]},
    ):
        complaint(berta.post("/api/v1/runs", json=[wrong]), 422)
    assert "Expected `array`" in complaint(berta.post("/api/v1/runs", json=RUN), 422)
    good(berta.post("/api/v1/runs", json=[RUN | {"start": "2026-11-18T07:30:00Z", "zone": "x" * 1999}]))


def test_runs_come_from_files(berta: Client) -> None:
    file = fit_file(Made(datetime(2026, 11, 18, 6, 30, tzinfo=UTC)))
    assert good(berta.post("/api/v1/runs/file", content=file))["new"] == 1
    assert good(berta.post("/api/v1/runs/file", content=file))["new"] == 0
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../evil.fit", fit_file(Made(datetime(2026, 11, 19, 6, 30, tzinfo=UTC))))
    assert good(berta.post("/api/v1/runs/file", content=packed.getvalue()))["new"] == 1
    assert len(good(berta.get("/api/v1/runs"))) == 2
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("readme.txt", "hello")
    for content in (b"hello", packed.getvalue()):
        told = good(berta.post("/api/v1/runs/file", content=content))
        assert told["new"] == 0 and "no FIT, TCX or GPX" in told["left_out"][0]["why"]
    assert "empty" in complaint(berta.post("/api/v1/runs/file"), 422)


def test_of_a_large_export_the_good_ones_are_kept_and_each_other_one_is_named(
    app: FastAPI, berta: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for day in range(1, 20):
            archive.writestr(f"{day}.fit", fit_file(Made(datetime(2026, 10, day, 6, 30, tzinfo=UTC), 600)))
        archive.writestr("ride.fit", fit_file(Made(sport="cycling")))
        archive.writestr("../broken.fit", fit_file()[:-200])
        archive.writestr("bomb.tcx", bytes(5_000_000))
        for number in range(7):
            archive.writestr(f"text-{number}.gpx", b"hello")
    monkeypatch.setattr(api, "SOON_S", 0.001)  # as if it took long
    monkeypatch.setattr(api, "ALIVE_S", 0.001)
    answer = berta.post("/api/v1/runs/file?name=my-export.zip", content=packed.getvalue())
    assert answer.text.startswith("\n")
    kept = good(answer)
    assert (kept["new"], kept["known"]) == (19, 0)
    assert ("ride.fit", "cycling", False) in [tuple(one.values()) for one in kept["left_out"]]
    damaged = {one["name"]: one["why"] for one in kept["left_out"] if one["damaged"]}
    assert len(damaged) == 9 and all(name in why and "\n" not in why for name, why in damaged.items())
    assert "packed as no file" in damaged["bomb.tcx"]
    assert len(good(berta.get("/api/v1/runs"))) == 19
    assert not list(app.state.jobs.root.glob("upload-*"))
    told = good(berta.post("/api/v1/runs/file?name=bad.zip", content=packed.getvalue()[:-9]))
    assert told["new"] == 0 and told["left_out"][0]["damaged"]


def test_a_large_file_is_read_by_a_process_of_its_own_with_limits(tmp_path: Path) -> None:
    path = tmp_path / api.INCOMING
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("run.fit", fit_file(Made(seconds=60)))
        archive.writestr("broken.fit", b"hello")
    zone = ZoneInfo("Europe/Berlin")
    found = reading.read_apart(Path(shutil.copy(path, tmp_path / "other")), "my.zip", zone)
    assert found == reading.read_called(path, "my.zip", zone)
    assert len(found.runs) == len(found.left_out) == 1
    path.write_bytes(fit_file(Made(seconds=60)))
    with pytest.raises(HipdriveError, match=r"my\.fit takes more memory or time"):
        reading.read_apart(path, "my.fit", zone, Limits(memory_bytes=1024**2))


def test_what_goes_wrong_late_is_told_all_the_same(berta: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> None:
        time.sleep(0.2)
        raise HipdriveError("the diary is being written by another program: try again when that has ended")

    monkeypatch.setattr(api, "SOON_S", 0.001)
    monkeypatch.setattr(api, "_read_and_keep", busy)
    told = good(berta.post("/api/v1/runs/file", content=fit_file()))
    assert (told["new"], told["say"][0][:9]) == (0, "the diary")
    monkeypatch.setattr(api, "SOON_S", 10.0)
    assert "the diary" in complaint(berta.post("/api/v1/runs/file", content=fit_file()), 422)


def test_a_file_with_runs_is_called_by_its_name_and_comes_alone(berta: Client) -> None:
    for name, content in (("../../my <b>run.fit", b"hello"), ("broken.fit", fit_file()[:-200])):
        answer = berta.post("/api/v1/runs/file", params={"name": name}, content=content)
        (left_out,) = good(answer)["left_out"]
        assert left_out["name"] == name.rpartition("/")[2] and left_out["name"] in left_out["why"]
        assert api.INCOMING not in answer.text
    api._reading[diary_of(berta).uid] = None
    try:
        assert "another file" in complaint(berta.post("/api/v1/runs/file", content=fit_file()), 409)
    finally:
        api._reading.clear()
    app = berta.app
    app.state.settings = WebSettings(folder=app.state.settings.folder, most_upload_bytes=50)
    assert "run.fit is larger" in complaint(berta.post("/api/v1/runs/file?name=run.fit", content=fit_file()), 413)
    assert "larger" in complaint(berta.post("/api/v1/runs/file", content=iter([fit_file()])), 413)
    assert not api._reading and not list(app.state.jobs.root.glob("upload-*"))


def test_races_and_days_away_come_and_go(berta: Client) -> None:
    assert good(berta.post("/api/v1/races", json=RACE), 201) == RACE
    assert good(berta.post("/api/v1/races", json=RACE | {"name": "Other"}), 201)
    assert good(berta.get("/api/v1/races")) == [RACE | {"name": "Other"}]
    assert berta.delete("/api/v1/races/2027-04-11").status_code == 204
    complaint(berta.delete("/api/v1/races/2027-04-11"), 404)
    complaint(berta.delete("/api/v1/races/1800000000"), 422)
    complaint(berta.post("/api/v1/races", json=RACE | {"distance_m": -1}), 422)
    assert good(berta.post("/api/v1/away", json=AWAY), 201) == AWAY
    assert good(berta.get("/api/v1/away")) == [AWAY]
    assert "exchange them" in complaint(berta.post("/api/v1/away", json=AWAY | {"last": "2026-12-19"}), 422)
    assert berta.delete("/api/v1/away/2026-12-20").status_code == 204
    complaint(berta.delete("/api/v1/away/2026-12-20"), 404)


# -- plan, progress, knowledge ---------------------------------------------------------------------------------------


def test_the_plan_as_json_calendar_and_workout(runner: Client) -> None:
    plan = good(runner.get("/api/v1/plan", params={"weeks": 2}))
    assert len(plan["weeks"]) == 2 and plan["stopped"] is None
    sessions = [session for week in plan["weeks"] for session in week["sessions"]]
    calendar = runner.get("/api/v1/plan.ics", params={"weeks": 2})
    assert calendar.headers["content-type"].startswith("text/calendar")
    events = Calendar.from_ical(calendar.content).walk("VEVENT")
    assert {session["day"] for session in sessions} <= {str(event.decoded("dtstart"))[:10] for event in events}
    assert runner.get("/api/v1/plan.ics", params={"weeks": 2}).content == calendar.content
    workout = runner.get(f"/api/v1/plan/{sessions[0]['id']}.fit")
    assert workout.headers["content-type"] == "application/vnd.ant.fit" and workout.content[8:12] == b".FIT"
    assert "2020-W01-1" in complaint(runner.get("/api/v1/plan/2020-W01-1.fit"), 404)
    complaint(runner.get("/api/v1/plan/a%2Fb.fit"), 404)
    for weeks in ("0", "13", "many"):
        assert "weeks" in complaint(runner.get("/api/v1/plan", params={"weeks": weeks}), 422)


def test_progress_is_told(runner: Client) -> None:
    trends = good(runner.get("/api/v1/progress"))
    assert {trend["group"] for trend in trends} >= {"sessions", "cues", "runs"}
    assert all(trend["sentence"] and trend["curves"][0]["points"] for trend in trends)
    complaint(runner.get("/api/v1/progress?days=1"), 422)


def test_the_ladder_and_its_pictures(berta: Client) -> None:
    exercises = good(berta.get("/api/v1/ladder"))
    assert [one["id"] for one in exercises] == list(ladder())
    assert good(berta.get("/api/v1/ladder/clam")) in exercises
    for one in exercises:
        picture = berta.get(f"/api/v1/ladder/{one['id']}/picture")
        assert picture.headers["content-type"] == "image/webp" and picture.content[8:12] == b"WEBP"
    for path in ("burpee", "burpee/picture", "..%2F..%2Fladder.toml/picture"):
        complaint(berta.get(f"/api/v1/ladder/{path}"), 404)


def test_movements_say_their_limits_and_sources(berta: Client) -> None:
    bridge, walk, run = good(berta.get("/api/v1/movements"))
    assert (bridge["id"], walk["id"], run["id"]) == ("glute_bridge", "monster_walk", "running")
    line = next(cue for cue in bridge["cues"] if cue["id"] == "straight_line")
    assert line["unit"] == "deg" and line["band"]["source"] and line["error"] > 0
    assert any(None in cue["band"]["limit"] for cue in bridge["cues"])  # no limit at that end
    assert run["measures"] and not run["cues"]
    assert {test["id"] for test in good(berta.get("/api/v1/selftests"))} >= {"single-leg-bridge", "side-plank"}


# -- clips -----------------------------------------------------------------------------------------------------------


def test_a_clip_is_sent_and_its_analysis_is_what_stands_on_the_disk(app: FastAPI, berta: Client) -> None:
    sent = berta.post("/api/v1/uploads?name=../../bridge.mp4&movement=glute_bridge&video=false", content=CLIP)
    job = good(sent, 202)["job"]
    assert (job["state"], job["name"]) == ("queued", "bridge.mp4")
    assert sent.headers["location"] == f"/api/v1/jobs/{job['id']}"
    assert "(queued)" in complaint(berta.get(f"{sent.headers['location']}/analysis"), 409)
    assert "(queued)" in complaint(berta.get(f"{sent.headers['location']}/files.zip"), 404)
    assert "not ready yet" in complaint(berta.post(f"{sent.headers['location']}/muscles"), 422)
    assert good(berta.get(f"{sent.headers['location']}/files")) == []
    assert good(berta.get("/api/v1/jobs")) == [job]
    app.state.jobs.start()
    try:
        until = time.monotonic() + 20
        while good(berta.get(sent.headers["location"]))["state"] not in ("done", "failed"):
            assert time.monotonic() < until
            time.sleep(0.05)
    finally:
        app.state.jobs.stop()
    assert good(berta.get(sent.headers["location"]))["done_frames"] == 30
    assert berta.get(f"{sent.headers['location']}/analysis").text == ANALYSIS.to_json()
    files = good(berta.get(f"{sent.headers['location']}/files"))
    assert [(one["name"], one["kind"]) for one in files] == [
        ("analysis.json", "application/json"),
        ("repetitions.csv", "text/csv"),
    ]
    packed = berta.get(f"{sent.headers['location']}/files.zip")
    assert packed.headers["content-disposition"] == 'attachment; filename="hipdrive-bridge.zip"'
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        assert {info.filename: info.file_size for info in archive.infolist()} == {
            one["name"]: one["bytes"] for one in files
        }
        assert archive.read("analysis.json").decode() == ANALYSIS.to_json()
    assert good(berta.post(f"{sent.headers['location']}/cancel"))["state"] == "done"
    more = good(berta.post(f"{sent.headers['location']}/muscles"), 202)
    assert (more["state"], more["id"]) == ("queued", job["id"])
    assert "wait until it is" in complaint(berta.post(f"{sent.headers['location']}/muscles"), 422)
    assert berta.get(f"{sent.headers['location']}/analysis").text == ANALYSIS.to_json()
    assert good(berta.post(f"{sent.headers['location']}/cancel"))["state"] == "done"
    assert berta.delete(sent.headers["location"]).status_code == 204
    for answer in (
        berta.get(sent.headers["location"]),
        berta.delete(sent.headers["location"]),
        berta.get(f"{sent.headers['location']}/analysis"),
        berta.get(f"{sent.headers['location']}/files"),
        berta.get(f"{sent.headers['location']}/files.zip"),
        berta.get(f"{sent.headers['location']}/files/analysis.json"),
        berta.post(f"{sent.headers['location']}/cancel"),
    ):
        complaint(answer, 404)


def test_the_profile_is_taken_for_a_clip(app: FastAPI, berta: Client) -> None:
    good(berta.put("/api/v1/profile", json={"name": "Berta", "height_m": 1.68, "sex": "f"}))
    id = good(berta.post("/api/v1/uploads?speed_kmh=12", content=CLIP), 202)["id"]
    (job,) = app.state.jobs.of(diary_of(berta).uid)
    assert (job.id, job.asked.height_m, job.asked.sex, job.asked.speed_kmh) == (id, 1.68, "f", 12)
    assert good(berta.post(f"/api/v1/jobs/{id}/cancel"))["state"] == "cancelled"


def test_what_is_no_clip_is_refused_and_leaves_nothing(app: FastAPI, berta: Client) -> None:
    assert "neither video nor" in complaint(berta.post("/api/v1/uploads?name=a.mp4", content=b"hello" * 99), 415)
    assert "empty" in complaint(berta.post("/api/v1/uploads"), 422)
    assert "squat" in complaint(berta.post("/api/v1/uploads?movement=squat", content=CLIP), 422)
    assert "slow motion" in complaint(berta.post("/api/v1/uploads?slow_motion=nan", content=CLIP), 422)
    assert "not a form" in complaint(berta.post("/api/v1/uploads", files={"clip": CLIP}), 415)
    app.state.jobs.settings = WebSettings(folder=app.state.settings.folder, most_upload_bytes=50)
    assert "is larger than" in complaint(berta.post("/api/v1/uploads", content=CLIP), 413)
    assert "is larger than" in complaint(berta.post("/api/v1/uploads", content=iter([CLIP])), 413)  # of unknown size
    assert good(berta.get("/api/v1/jobs")) == []
    assert [path for path in app.state.jobs.root.rglob("*") if path.is_file()] == []


def test_a_full_disk_and_a_broken_connection_are_said(berta: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    def broken(*_: object) -> None:
        raise ClientDisconnect

    monkeypatch.setattr(Path, "open", full)
    assert "no room left" in complaint(berta.post("/api/v1/runs/file", content=CLIP), 507)
    monkeypatch.setattr(Path, "open", broken)
    assert "send it again" in complaint(berta.post("/api/v1/runs/file", content=CLIP), 400)


# -- everything ------------------------------------------------------------------------------------------------------


def test_everything_is_taken_along(runner: Client) -> None:
    answer = runner.get("/api/v1/export")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        kept = json.loads(archive.read("everything.json"))
    assert kept["profile"]["name"] == "Example runner (simulated)" and kept["sessions"]


def test_everything_is_erased_when_the_name_is_given(app: FastAPI, runner: Client, berta: Client) -> None:
    good(runner.post("/api/v1/uploads", content=CLIP), 202)
    assert "nothing was erased" in complaint(runner.post("/api/v1/erase", json={"name": "Berta"}), 422)
    complaint(runner.post("/api/v1/erase"), 415)
    assert good(runner.get("/api/v1/sessions"))
    assert "cannot reach" in good(runner.post("/api/v1/erase", json={"name": "EXAMPLE runner (simulated)"}))["say"]
    assert [name for _, name in app.state.diary.athletes()] == ["Berta"]
    assert [path for path in app.state.jobs.root.rglob("*") if path.is_file()] == []
    good(berta.get("/api/v1/profile"))


# -- tokens ----------------------------------------------------------------------------------------------------------


def test_tokens_are_for_where_there_are_accounts(app: FastAPI, berta: Client) -> None:
    for answer in (
        berta.get("/api/v1/tokens"),
        berta.post("/api/v1/tokens", json={"name": "watch"}),
        berta.delete("/api/v1/tokens/watch"),
    ):
        assert "no token is needed" in complaint(answer, 404)
    app.state.settings = WebSettings(host="0.0.0.0", folder=app.state.settings.folder)
    made = good(berta.post("/api/v1/tokens", json={"name": "a / watch"}), 201)
    complaint(berta.post("/api/v1/tokens", json={"name": "a / watch"}), 409)
    complaint(berta.post("/api/v1/tokens", json={"name": "\n"}), 422)
    (listed,) = good(berta.get("/api/v1/tokens"))
    assert set(listed) == {"name", "made_at", "last_used_at"} and made["token"] not in str(listed)
    app.dependency_overrides.clear()  # now it counts who shows the token
    asking = client_of(app, None)
    complaint(asking.get("/api/v1/profile"), 401)
    mine = {"Authorization": f"Bearer {made['token']}"}
    assert good(asking.get("/api/v1/profile", headers=mine))["name"] == "Berta"
    assert asking.delete("/api/v1/tokens/a%20%2F%20watch", headers=mine).status_code == 204
    complaint(asking.get("/api/v1/profile", headers=mine), 401)


# -- whoever it is ---------------------------------------------------------------------------------------------------


OPERATIONS = [(method, path) for path, methods in api.openapi()["paths"].items() for method in methods]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_route_wants_to_know_who_asks(app: FastAPI, method: str, path: str) -> None:
    address = path.format(
        day="2026-11-20", first="2026-11-20", session="2026-W48-1", exercise="clam", id="0" * 64, name="x"
    )
    if "/jobs/" in path or "/uploads/" in path:
        address = address.replace("0" * 64, UUID)
    answer = client_of(app, None).request(method, address, params={"offset": 0} if method == "put" else None)
    assert complaint(answer, 401) == "sign in first"
    assert answer.headers["www-authenticate"] == "Bearer"


UUID = "00000000-0000-4000-8000-000000000000"


def test_what_was_entered_by_mistake_is_taken_back(berta: Client) -> None:
    good(berta.post("/api/v1/pains", json={"day": "2026-11-20", "score": 2, "where": "left hip"}), 201)
    good(berta.post("/api/v1/pains", json={"day": "2026-11-21", "score": 3, "flags": ["groin"]}), 201)
    told, flag = [entry for entry in good(berta.get("/api/v1/diary")) if entry["kind"] == "pain"]
    assert (told["day"], told["words"]) == ("2026-11-20", "2 of 10, left hip, while exercising")
    assert good(berta.get("/api/v1/diary?before=2026-11-21"))[-1] == told
    assert berta.delete(f"/api/v1/diary/{told['id']}").status_code == 204
    complaint(berta.delete(f"/api/v1/diary/{told['id']}"), 404)
    assert "see a professional first" in complaint(berta.delete(f"/api/v1/diary/{flag['id']}"), 409)
    assert berta.delete(f"/api/v1/diary/{flag['id']}?by_mistake=true").status_code == 204
    assert good(berta.get("/api/v1/pains")) == []


def test_two_athletes_never_meet(app: FastAPI, runner: Client, berta: Client) -> None:
    """Nothing of one athlete is seen, changed or found by the other, route by route."""
    job = good(runner.post("/api/v1/uploads?name=secret.mp4", content=CLIP), 202)["job"]["id"]
    good(runner.post("/api/v1/races", json=RACE), 201)
    good(runner.post("/api/v1/away", json=AWAY), 201)
    session = good(runner.get("/api/v1/sessions"))[0]["day"]
    analysis = good(runner.get("/api/v1/analyses"))[0]["id"]
    entry = good(runner.get("/api/v1/diary"))[0]["id"]
    before = everything(diary_of(runner))
    for path in ("sessions", "pains", "tests", "runs", "races", "away", "analyses", "jobs"):
        assert good(berta.get(f"/api/v1/{path}")) == [], path
    for method, path in (
        ("GET", f"analyses/{analysis}"),
        ("GET", f"jobs/{job}"),
        ("GET", f"jobs/{job}/analysis"),
        ("GET", f"jobs/{job}/files"),
        ("GET", f"jobs/{job}/files.zip"),
        ("GET", f"jobs/{job}/files/analysis.json"),
        ("GET", f"uploads/{job}"),
        ("PUT", f"uploads/{job}?offset=0"),
        ("DELETE", f"uploads/{job}"),
        ("POST", f"jobs/{job}/cancel"),
        ("POST", f"jobs/{job}/muscles"),
        ("DELETE", f"jobs/{job}"),
        ("DELETE", f"sessions/{session}"),
        ("DELETE", f"diary/{entry}?by_mistake=true"),
        ("DELETE", "races/2027-04-11"),
        ("DELETE", "away/2026-12-20"),
    ):
        complaint(berta.request(method, f"/api/v1/{path}"), 404)
    assert "(simulated)" not in berta.get("/api/v1/profile").text + berta.get("/api/v1/plan").text
    with zipfile.ZipFile(io.BytesIO(berta.get("/api/v1/export").content)) as archive:
        assert b"(simulated)" not in b"".join(map(archive.read, archive.namelist()))
    good(berta.post("/api/v1/erase", json={"name": "Berta"}))
    after = everything(diary_of(runner))
    assert before == replace(after, made_at=before.made_at)
    assert good(runner.get(f"/api/v1/jobs/{job}"))["state"] == "queued"


# -- bodies, pages, answers that are known ---------------------------------------------------------------------------


def test_bodies_are_of_the_right_kind_and_not_too_large(berta: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    good(berta.post("/api/v1/races", content=json.dumps(RACE), headers=headers), 201)
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        answer = berta.post("/api/v1/races", content=json.dumps(RACE), headers={"Content-Type": kind})
        assert "application/json" in complaint(answer, 415)
    for text in (b"", b"{", b"[" * 100_000, b"\xff\xfe", b"null", b'{"day": 1e999}'):
        complaint(berta.post("/api/v1/races", content=text, headers=headers), 422)
    large = berta.post("/api/v1/races", content=b" " * (rest.MOST_BODY_BYTES + 1), headers=headers)
    assert "8,388,608 bytes" in complaint(large, 413)


def test_lists_come_in_pages_that_lose_nothing(berta: Client) -> None:
    day = date(2026, 1, 1)
    diary = diary_of(berta)
    for number in range(25):
        diary.add_pain(PainReport(day + timedelta(days=number // 3), number % 10, note=str(number)))
    address: str | None = "/api/v1/pains?limit=4"
    pages = []
    while address is not None:
        answer = berta.get(address)
        pages.append(good(answer))
        link = answer.headers.get("link")
        address = link.partition(">")[0].removeprefix("<") if link else None
    assert [one["note"] for page in reversed(pages) for one in page] == [str(number) for number in range(25)]
    assert len(pages) == 5 and all(4 <= len(page) <= 6 for page in pages[:-1])
    assert "such as 2026-11-20" in complaint(berta.get("/api/v1/pains?before=0"), 422)
    complaint(berta.get("/api/v1/pains?limit=0"), 422)


@pytest.mark.parametrize("path", ["plan", "plan.ics", "ladder/clam/picture", "profile"])
def test_what_is_known_is_not_sent_again(berta: Client, path: str) -> None:
    first = berta.get(f"/api/v1/{path}")
    mark = first.headers["etag"]
    known = berta.get(f"/api/v1/{path}", headers={"If-None-Match": f'"other", W/{mark}'})
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", mark)
    assert berta.get(f"/api/v1/{path}", headers={"If-None-Match": '"other"'}).content == first.content
    good(berta.put("/api/v1/profile", json={"name": "Berta", "session_at": "07:00", "time_zone": "Europe/Berlin"}))
    changed = berta.get(f"/api/v1/{path}", headers={"If-None-Match": mark}).status_code
    assert changed == (200 if path in ("profile", "plan.ics") else 304)


# -- the description -------------------------------------------------------------------------------------------------


def test_the_description_is_good_enough_for_strangers(berta: Client) -> None:
    described = good(berta.get("/api/v1/openapi.json"))
    assert described["openapi"].startswith("3.1") and described["info"]["description"]
    assert {tag["name"] for tag in described["tags"]} == {
        tag for methods in described["paths"].values() for one in methods.values() for tag in one["tags"]
    }
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (method, path)
            assert all(one.get("description") for one in operation.get("parameters", [])), (method, path)
            assert {"401", "422"} <= set(operation["responses"])
            assert any(int(status) < 300 for status in operation["responses"])
    for name, schema in described["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["description"], name
        assert "Attributes" not in schema["description"] and "`" not in schema["description"]
        for field, told in schema.get("properties", {}).items():
            if field.endswith(("_m", "_s", "_kg", "_bpm", "_spm", "_deg", "_min")):
                assert "In " in told["description"], (name, field)


def test_whatever_is_referred_to_is_there() -> None:
    text = json.dumps(api.openapi())
    there = set(api.openapi()["components"]["schemas"])
    wanted = {part.partition('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert wanted <= there and there <= wanted


def test_everything_that_is_sent_has_an_example_that_is_taken() -> None:
    described = json.loads(json.dumps(api.openapi()))
    schemas = described["components"]["schemas"]
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if content is None or path == "/api/v1/analyses":  # analyses are made by hipdrive
                continue
            reference = content["schema"].get("$ref") or content["schema"]["items"]["$ref"]
            (example,) = schemas[reference.rpartition("/")[2]]["examples"]
            whole = {"$ref": reference, "components": described["components"]}
            jsonschema.validate(example, whole, cls=jsonschema.Draft202012Validator)
            assert method in ("post", "put")


@pytest.mark.parametrize("path", ["plan", "progress", "profile", "sessions", "runs", "analyses", "ladder", "movements"])
def test_answers_are_as_described(runner: Client, path: str) -> None:
    described = api.openapi()
    answer = described["paths"][f"/api/v1/{path}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    whole = {**answer, "components": described["components"]}
    jsonschema.validate(good(runner.get(f"/api/v1/{path}")), whole, cls=jsonschema.Draft202012Validator)
