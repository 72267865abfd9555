"""Signing in, and that nobody reaches what is another's, whatever route they take."""

from __future__ import annotations

import hashlib
import io
import re
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from starlette.websockets import WebSocketDisconnect
from typer.testing import CliRunner

from diary_pages import DAY, all_rows, bridge, fill
from hipdrive.cli import app as command
from hipdrive.diary import AthleteDiary, Diary
from hipdrive.diary.scope import everybodys
from hipdrive.diary.tables import AccountRow, WebSessionRow
from hipdrive.errors import HipdriveError
from hipdrive.training.history import Profile, Race, Screening
from hipdrive.training.pain import screening_questions
from hipdrive.web import accounts, security, uploads
from hipdrive.web.api import openapi
from hipdrive.web.security import FREE_TRIES, OPEN, Patience, Sparingly
from hipdrive.web.who import COOKIE, SECURE_COOKIE
from hipdrive.web.worker import Asked
from web_app import HERE, PAGE, TestClient, all_routes, browser, running, settings_in, sign_in, stranger

MARK = "Quittenbrot"  # a word that is nowhere else
PASSWORDS = {"anna": "drei kleine Worte", "ben": "noch drei Worte mehr"}
SOCKETS = HERE.replace("http", "ws")
SOCKET = f"{SOCKETS}/_nicegui_ws/socket.io/?EIO=4&transport=websocket"


@pytest.fixture(scope="module")
def shared_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """The app as others reach it, with two athletes who have accounts; Anna has one of everything."""
    with running(settings_in(tmp_path_factory.mktemp("app"), "0.0.0.0")) as app:
        diary: Diary = app.state.diary
        for name in PASSWORDS:
            mine = diary.add_athlete(Profile(f"{name} {MARK}" if name == "anna" else name))
            accounts.add_account(mine, name, PASSWORDS[name])
        yield app


@pytest.fixture
def app(shared_app: FastAPI) -> FastAPI:
    shared_app.state.patience = Patience()
    return shared_app


@pytest.fixture
def anna(app: FastAPI) -> TestClient:
    return sign_in(app, "anna", PASSWORDS["anna"])


@pytest.fixture
def ben(app: FastAPI) -> TestClient:
    return sign_in(app, "Ben", PASSWORDS["ben"])  # capitals do not matter


def is_in(client: TestClient) -> bool:
    answer = client.get("/account", headers=PAGE)
    assert answer.status_code in (200, 303)
    return bool(answer.status_code == 200)


def opens(client: TestClient) -> bool:
    try:
        with client.websocket_connect(SOCKET, headers={"Upgrade": "websocket", "Host": "127.0.0.1:8765"}) as opened:
            return opened.receive_text().startswith("0")
    except WebSocketDisconnect:
        return False


def csrf(client: TestClient) -> str:
    (token,) = set(re.findall(r'name="csrf" value="(\w+)"', client.get("/account", headers=PAGE).text))
    return str(token)


# -- route by route ----------------------------------------------------------------------------------------------------


# Every route with a name in its address, and which thing of Anna's is asked for there. A route that is not here fails.
OF_ANNA = {
    "/api/v1/analyses/{id}": "/api/v1/analyses/{analysis}",
    "/api/v1/away/{first}": "/api/v1/away/{day}",
    "/api/v1/diary/{id}": "/api/v1/diary/{entry}?by_mistake=true",
    "/api/v1/jobs/{id}": "/api/v1/jobs/{job}",
    "/api/v1/jobs/{id}/analysis": "/api/v1/jobs/{job}/analysis",
    "/api/v1/jobs/{id}/cancel": "/api/v1/jobs/{job}/cancel",
    "/api/v1/jobs/{id}/muscles": "/api/v1/jobs/{job}/muscles",
    "/api/v1/jobs/{id}/files": "/api/v1/jobs/{job}/files",
    "/api/v1/jobs/{id}/files.zip": "/api/v1/jobs/{job}/files.zip",
    "/api/v1/jobs/{id}/files/{name}": "/api/v1/jobs/{job}/files/report.html",
    "/api/v1/races/{day}": "/api/v1/races/{race}",
    "/api/v1/sessions/{day}": "/api/v1/sessions/{day}",
    "/api/v1/tokens/{name:path}": "/api/v1/tokens/{token_name}",
    "/api/v1/uploads/{id}": "/api/v1/uploads/{upload}?offset=0",
    "/result/{job_id}": "/result/{job}",
}
# Those that are the same for everybody: what hipdrive knows, its scripts and pictures, and what is not there.
OF_NOBODY = {
    "/api/v1/ladder/{exercise}": "/api/v1/ladder/clam",
    "/api/v1/ladder/{exercise}/picture": "/api/v1/ladder/clam/picture",
    "/api/v1/plan/{session}.fit": "/api/v1/plan/2026-W10-1.fit",  # of one's own plan, which is no secret name
    "/api/{rest:path}": "/api/v1/nothing",
    "/anatomy/{path:path}": "/anatomy/all.webp",
    "/films/{filename:path}": "/films/x",
    "/learn/{lesson}": "/learn/glute-bridge",
    "/live-files/{path:path}": "/live-files/x",
    "/page-files/{path:path}": "/page-files/x",
    "/pictures/{path:path}": "/pictures/clam.webp",
    "/test/{name}": "/test/side-plank",
}
SECRET = "/calendar/{name}"  # who has this address is let in; see the tests of calendars
NICEGUI = "/_nicegui"


def filled(route: str, values: dict[str, str]) -> str:
    """A path with something of Anna's in the place of each of its names."""
    if "{" not in route:
        return route
    if route.startswith(NICEGUI):
        return re.sub(r"\{\w+(:\w+)?\}", "x", route)
    if route == SECRET:
        return "/calendar/" + "x" * 43 + ".ics"
    assert route in OF_ANNA or route in OF_NOBODY, f"{route} is new: say here what of Anna's is asked for by it"
    return {**OF_ANNA, **OF_NOBODY}[route].format(**values)


@pytest.fixture(scope="module")
def of_anna(shared_app: FastAPI) -> dict[str, str]:
    """Names by which Anna's things are asked for; every text of hers holds the mark."""
    diary: Diary = shared_app.state.diary
    mine = diary.athlete(f"anna {MARK}")
    token = accounts.add_token(mine, f"watch {MARK}")
    job_id, upload_id = str(uuid.uuid4()), str(uuid.uuid4())
    with mine.own(writing=True) as own:
        kept = own.rows(AccountRow), own.rows(WebSessionRow)
        own.remove(AccountRow)
    fill(mine, MARK)
    with mine.own(writing=True) as own:  # the account with which she signs in, in the place of the filled one
        own.change(AccountRow, {"called": "anna", "name": "anna", "password": kept[0][0]["password"]})
    with diary.database.writing() as connection:
        connection.execute(text("UPDATE jobs SET uid = :uid"), {"uid": job_id})
    jobs = shared_app.state.jobs
    result = jobs.result(jobs.get(mine.uid, job_id))
    result.mkdir(parents=True)
    (result / "report.html").write_text(MARK)
    (result / f"{MARK}.csv").write_text("")  # so that even its name is seen
    (result / "analysis.json").write_text(replace(bridge(MARK), repetitions=[], measures={}, advice=[]).to_json())
    upload = jobs.root / mine.uid / upload_id
    upload.mkdir()
    (upload / uploads.PART).write_bytes(b"")
    (upload / uploads.NOTE).write_bytes(msgspec.json.encode(uploads.Note(MARK, 1000, Asked())))
    return {
        "job": job_id, "upload": upload_id, "analysis": next(iter(mine.seen_by_digest())), "day": DAY.isoformat(),
        "race": mine.history().races[0].day.isoformat(), "token_name": f"watch {MARK}", "token": token,
        "uid": mine.uid, "entry": mine.entries()[0].id,
    }  # fmt: skip


def routes(app: FastAPI) -> list[tuple[str, str]]:
    return sorted(set(all_routes(app.routes)))


def said(answer: Any) -> str:
    """All that an answer says, what is packed in it, too."""
    if answer.headers.get("content-type") != "application/zip":
        return str(answer.text)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return " ".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


def test_the_walk_finds_all_routes(app, of_anna):
    found = routes(app)
    assert len(found) > 60
    for known in (("GET", "/"), ("GET", "/api/v1/profile"), ("POST", "/api/v1/erase"), ("GET", "/account"),
                  ("PUT", "/api/v1/uploads/{id}"), ("GET", SECRET)):  # fmt: skip
        assert known in found
    assert set(OF_ANNA) | set(OF_NOBODY) <= {route for _, route in found}
    described = {(method.upper(), path) for path, methods in openapi()["paths"].items() for method in methods}
    assert described <= {(method, route.replace(":path}", "}")) for method, route in found}


def test_nobody_gets_in_by_any_route_without_signing_in(app, of_anna):
    before = all_rows(app.state.diary)
    nobody = browser(app)
    wrong = stranger(app, HERE, cookies={SECURE_COOKIE: "x" * 43}, headers={"Origin": HERE})
    program = stranger(app, HERE, headers={"Authorization": f"Bearer {of_anna['token'][:-1]}"})
    for method, route in routes(app):
        path = filled(route, of_anna)
        if method == "WEBSOCKET":
            for client in (nobody, wrong, program):
                with (
                    pytest.raises(WebSocketDisconnect),
                    client.websocket_connect(f"{HERE.replace('http', 'ws')}{path}"),
                ):
                    pytest.fail(f"{path} is open")
            continue
        if route in OPEN:
            continue
        for client in (nobody, wrong, program):
            answer = client.request(method, path)
            assert answer.status_code == (404 if route == SECRET else 401), (method, path)
            assert MARK not in said(answer), (method, path)
        if method == "GET" and route != SECRET:
            page = nobody.get(path, headers=PAGE)
            assert (page.status_code, page.headers.get("location", "").partition("=")[0]) in (
                (303, "/login?then"), (401, ""),
            )  # fmt: skip
    assert not opens(nobody)
    assert not opens(wrong)
    assert all_rows(app.state.diary) == before


def test_one_never_sees_or_changes_what_is_anothers_by_any_route(app, anna, of_anna, ben):
    """Anna sees her own by many routes; Ben asks all of them, for things of hers by name, and never does."""
    diary: Diary = app.state.diary
    uid = diary.athlete("ben").uid
    seen = [
        route for method, route in routes(app) if method == "GET" and MARK in said(anna.get(filled(route, of_anna)))
    ]
    named = {route for method, route in routes(app) if method == "GET" and route in OF_ANNA}
    assert named | {"/api/v1/profile", "/api/v1/pains", "/api/v1/races", "/api/v1/export", "/account"} <= set(seen)
    before = all_rows(diary, but=uid)
    folder = app.state.jobs.root / of_anna["uid"]
    files = sorted(folder.rglob("*"))
    assert len(files) >= 6
    bodies = ({}, {"name": f"anna {MARK}", "day": DAY.isoformat(), "uid": of_anna["uid"]})
    for method, route in routes(app):
        if method in ("HEAD", "WEBSOCKET") or route in ("/logout",):
            continue
        path = filled(route, of_anna)
        for body in bodies if method != "GET" else bodies[:1]:
            answer = ben.request(method, path, json=body) if method != "GET" else ben.get(path)
            assert MARK not in said(answer).replace(of_anna["token_name"], ""), (method, path)
            assert answer.status_code < 500, (method, path, answer.text)
            if route in OF_ANNA and route.startswith("/api"):
                assert answer.status_code in (404, 422), (method, path)
            form = {"csrf": csrf(ben), "name": of_anna["token_name"], "password": "a quite new password"}
            if method == "POST" and route.startswith("/account"):
                assert MARK not in ben.post(path, data=form).text.replace(of_anna["token_name"], ""), (method, path)
    assert all_rows(diary, but=uid) == before
    assert sorted(folder.rglob("*")) == files
    assert is_in(ben)  # he was all along


def test_a_name_that_is_anothers_number_gives_nothing_of_theirs(tmp_path):
    """Anna's number as a name: a session of Anna's is still Anna's."""
    with Diary.open(str(tmp_path / "diary.sqlite3")) as diary:
        later = str(uuid.uuid4())
        diary.add_athlete(Profile(later))
        anna = diary.add_athlete(Profile("Anna"), uid=later)
        session = accounts.begin_session(anna)
        assert accounts.athlete_of_session(diary, session).profile().name == "Anna"
        assert diary.athlete_by_uid(later).profile().name == "Anna"
        with pytest.raises(HipdriveError, match="erased"):
            diary.athlete_by_uid("Anna")


# -- signing in and out ------------------------------------------------------------------------------------------------


def test_signing_in_gives_a_cookie_that_no_script_and_no_other_site_reads(app):
    client = browser(app)
    answer = client.post("/login", data={"name": "anna", "password": PASSWORDS["anna"], "then": "/plan"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/plan")
    (cookie,) = answer.headers.get_list("set-cookie")
    name, *flags = [part.strip().lower() for part in cookie.split(";")]
    assert name.startswith(f"{SECURE_COOKIE.lower()}=")
    assert len(name.partition("=")[2]) == 43  # 256 bits
    assert {"httponly", "secure", "samesite=lax", "path=/"} <= set(flags)
    assert not [flag for flag in flags if flag.startswith("domain")]
    assert is_in(client)
    assert opens(client)


def test_nothing_but_hashes_is_kept(app, anna):
    token = anna.cookies[SECURE_COOKIE]
    rows = repr(all_rows(app.state.diary))
    assert token not in rows
    assert PASSWORDS["anna"] not in rows
    assert rows.count("$argon2id$v=19$m=65536,t=3,p=4$") >= 2


@pytest.mark.parametrize(
    "then", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/a\nb", ""]
)
def test_signing_in_leads_to_no_other_place(app, then):
    answer = browser(app).post("/login", data={"name": "anna", "password": PASSWORDS["anna"], "then": then})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "evil" not in browser(app).get("/login", params={"then": then}, headers=PAGE).text


def test_a_session_from_before_is_worth_nothing_after_signing_in(app):
    """Whoever gave a browser its cookie does not get in with it (fixation), nor with the one before."""
    planted = "p" * 43
    client = stranger(app, HERE, cookies={SECURE_COOKIE: planted}, headers={"Origin": HERE})
    given = {"name": "anna", "password": PASSWORDS["anna"]}
    first = client.post("/login", data=given).cookies[SECURE_COOKIE]
    again = stranger(app, HERE, cookies={SECURE_COOKIE: first}, headers={"Origin": HERE})
    second = again.post("/login", data=given).cookies[SECURE_COOKIE]
    assert len({planted, first, second}) == 3
    for token, right in ((planted, False), (first, False), (second, True)):
        assert is_in(stranger(app, HERE, cookies={SECURE_COOKIE: token})) is right


def test_the_cookie_of_the_name_without_protection_is_not_taken(app, anna):
    assert not is_in(stranger(app, HERE, cookies={COOKIE: anna.cookies[SECURE_COOKIE]}))


def test_signing_out_ends_the_session_and_needs_its_own_form(app, anna):
    token = anna.cookies[SECURE_COOKIE]
    other = sign_in(app, "ben", PASSWORDS["ben"])
    assert anna.post("/logout", data={"csrf": csrf(other)}).status_code == 422
    assert is_in(anna)
    answer = anna.post("/logout", data={"csrf": csrf(anna)})
    assert answer.headers["location"] == "/login"
    assert SECURE_COOKIE not in anna.cookies
    assert not is_in(stranger(app, HERE, cookies={SECURE_COOKIE: token}))
    assert is_in(other)


def test_an_open_web_socket_ends_when_its_owner_signs_out(app, anna, monkeypatch):
    monkeypatch.setattr(security, "CHECK_EVERY_S", 0.0)
    with anna.websocket_connect(SOCKET, headers={"Upgrade": "websocket", "Host": "127.0.0.1:8765"}) as opened:
        assert opened.receive_text().startswith("0")
        opened.send_text("40")
        assert opened.receive_text().startswith("40")
        accounts.end_session(app.state.diary, anna.cookies[SECURE_COOKIE])
        opened.send_text('42["javascript_response",{}]')
        with pytest.raises(WebSocketDisconnect):
            while True:
                opened.receive_text()


def test_what_is_wrong_is_not_told_apart(app):
    answers = {}
    for name, password in (("anna", "wrong wrong wrong"), ("nobody", "wrong wrong wrong"), ("anna", ""), ("", "")):
        answer = browser(app).post("/login", data={"name": name, "password": password})
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers
        answers[name, password] = answer.text.replace(f'value="{name}"', "").replace(" autofocus", "")
    assert len(set(answers.values())) == 1


def test_a_name_that_is_not_there_costs_as_much(app, monkeypatch):
    """The same work is done: one hash of the same settings."""
    asked = []
    verify = accounts._verify
    monkeypatch.setattr(accounts, "_verify", lambda hashed, password: asked.append(hashed) or verify(hashed, password))
    for name in ("anna", "nobody"):
        assert accounts.right_password(app.state.diary, name, "wrong") is None
    assert len(asked) == 2
    assert len({hashed.rpartition("$")[0].rpartition("$")[0] for hashed in asked}) == 1


def test_what_is_typed_comes_back_as_text(app):
    answer = browser(app).post("/login", data={"name": '"><script>alert(1)</script>', "password": "x"})
    assert "<script" not in answer.text


def test_who_tries_too_often_waits_even_with_the_right_password(app):
    client = browser(app)
    app.state.patience.clock = lambda: 0.0
    for _ in range(FREE_TRIES):
        assert client.post("/login", data={"name": "anna", "password": "wrong"}).status_code == 401
    answer = client.post("/login", data={"name": "ANNA", "password": PASSWORDS["anna"]})
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert "Try again in" in answer.text
    app.state.patience.clock = lambda: 1e9
    assert client.post("/login", data={"name": "anna", "password": PASSWORDS["anna"]}).status_code == 303


def test_sessions_end_when_they_are_not_used_and_in_the_end_anyway(tmp_path):
    begun = datetime(2026, 11, 1, tzinfo=UTC)
    with Diary.open(str(tmp_path / "diary.sqlite3")) as diary:
        anna = diary.add_athlete(Profile("Anna"))

        def there(token: str, days: float) -> bool:
            return accounts.athlete_of_session(diary, token, now=begun + timedelta(days=days)) is not None

        idle, used = (accounts.begin_session(anna, now=begun) for _ in range(2))
        assert there(idle, 0.01)
        assert not there(idle, 14.1)
        assert [there(used, day) for day in range(0, 100, 10)] == [True] * 9 + [False]
        accounts.begin_session(anna, now=begun + timedelta(days=100))
        with diary.database.reading() as connection:
            assert len(everybodys(connection, WebSessionRow)) == 1  # the others were cleared away
        anna.erase()
        assert not there(used, 1)


# -- the account -------------------------------------------------------------------------------------------------------


def test_another_password_ends_all_other_sessions(app):
    given = PASSWORDS["ben"]
    here, there = (sign_in(app, "ben", given) for _ in range(2))
    form = {"csrf": csrf(here), "present": given, "password": "ganz andere Worte"}
    assert "not right" in here.post("/account/password", data=form | {"present": "wrong"}).text
    assert "too easy" in here.post("/account/password", data=form | {"password": "short"}).text
    assert is_in(there)
    assert "The password is changed" in here.post("/account/password", data=form).text
    assert (is_in(here), is_in(there)) == (True, False)
    assert browser(app).post("/login", data={"name": "ben", "password": given}).status_code == 401
    accounts.change_password(app.state.diary.athlete("ben"), given)
    assert not is_in(here)


def test_forms_of_the_account_need_the_token_of_the_session(app, anna, ben):
    for path in ("/account/password", "/account/others", "/account/tokens", "/account/tokens/remove", "/account"):
        for wrong in ("", csrf(ben), "ä"):
            assert anna.post(path, data={"csrf": wrong, "name": "x"}).status_code == 422


def test_a_program_gets_in_with_its_token_until_that_is_taken_back(app, ben):
    page = ben.post("/account/tokens", data={"csrf": csrf(ben), "name": "<b>watch"}).text
    (token,) = re.findall(r"<code>(hipdrive_[\w-]{43})</code>", page)
    assert "&lt;b&gt;watch" in page
    assert token not in ben.get("/account").text
    program = stranger(app, HERE, headers={"Authorization": f"bearer {token}"})
    assert program.get("/api/v1/profile").json()["name"] == "ben"
    assert accounts.tokens(app.state.diary.athlete("ben"))[0].last_used_at is not None
    wrong = stranger(app, HERE, headers={"Authorization": "Bearer x"}, cookies=dict(ben.cookies))
    assert wrong.get("/api/v1/profile").status_code == 401  # the cookie does not help
    ben.post("/account/tokens/remove", data={"csrf": csrf(ben), "name": "<b>watch"})
    assert program.get("/api/v1/profile").status_code == 401


def test_passwords_that_are_too_easy_are_refused():
    for password, name in (
        ("short", "anna"), ("aaaaaaaaaaaaaaaa", "anna"), ("Anna-Anna-1", "x"), ("annaannabelle1", "AnnaAnna"),
        ("a\0bcdefghijklmnop", "x"), ("x" * 300, "anna"),
    ):  # fmt: skip
        with pytest.raises(HipdriveError):
            accounts.checked_password(password, name)
    assert accounts.checked_password("drei kleine Worte", "anna") == "drei kleine Worte"


def test_hashes_of_earlier_settings_are_made_anew_and_letters_are_the_same_however_composed(tmp_path):
    from argon2 import PasswordHasher

    with Diary.open(str(tmp_path / "diary.sqlite3")) as diary:
        anna = diary.add_athlete(Profile("Anna"))
        accounts.add_account(anna, "Änna", "drei kleine Wörter")

        def kept() -> str:
            with anna.own(writing=False) as own:
                return str(own.rows(AccountRow)[0]["password"])

        weak = PasswordHasher(time_cost=1, memory_cost=1024).hash("drei kleine Wörter")
        with anna.own(writing=True) as own:
            own.change(AccountRow, {"password": weak})
        assert accounts.right_password(diary, "änna", "drei kleine Worter") is None
        assert kept() == weak
        assert accounts.right_password(diary, "A\u0308NNA", "drei kleine Wo\u0308rter").uid == anna.uid
        assert "m=65536,t=3" in kept()
        assert accounts.right_password(diary, "änna", "drei kleine Wörter").uid == anna.uid
        with pytest.raises(HipdriveError, match="there is an account already"):
            accounts.add_account(anna, "other", "drei kleine Wörter")
        with pytest.raises(HipdriveError, match="somebody else signs in as ÄNNA"):
            accounts.add_account(diary.add_athlete(Profile("Ben")), "ÄNNA", "drei kleine Wörter")


# -- calendars ---------------------------------------------------------------------------------------------------------


def screened(app: FastAPI, name: str, race: str) -> AthleteDiary:
    mine: AthleteDiary = app.state.diary.athlete(name)
    mine.add_screening(Screening(date.today(), {question.id: False for question in screening_questions()}))
    mine.add_race(Race(date.today() + timedelta(days=3), 10_000, race))
    return mine


def calendar(app: FastAPI, address: str, **headers: str) -> Any:
    """What a calendar program gets, which knows nothing but the address."""
    return stranger(app, HERE, headers=headers).get(address)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[FastAPI]:
    with running(settings_in(tmp_path, "0.0.0.0")) as app:
        for name in PASSWORDS:
            accounts.add_account(app.state.diary.add_athlete(Profile(name)), name, PASSWORDS[name])
            screened(app, name, f"race of {name}")
        yield app


def test_a_calendar_program_reads_the_plan_of_one_athlete_at_a_secret_address(two):
    anna, ben = (sign_in(two, name, PASSWORDS[name]) for name in PASSWORDS)
    assert anna.get("/api/v1/settings/calendar").json() == {"on": False, "made_at": None, "last_used_at": None}
    of_anna, of_ben = (client.post("/api/v1/settings/calendar").json()["address"] for client in (anna, ben))
    assert re.fullmatch(rf"{HERE}/calendar/[\w-]{{43}}\.ics", of_anna) and of_anna != of_ben
    for address, mine, other in ((of_anna, "anna", "ben"), (of_ben, "ben", "anna")):
        answer = calendar(two, address)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
        assert answer.text.startswith("BEGIN:VCALENDAR")
        assert f"race of {mine}" in answer.text and f"race of {other}" not in answer.text
        assert calendar(two, address, **{"If-None-Match": answer.headers["etag"]}).status_code == 304
        assert stranger(two, HERE).head(address).status_code == 200
    told = anna.get("/api/v1/settings/calendar").json()
    assert told["on"] and told["last_used_at"] and of_anna not in str(told)
    rows = repr(all_rows(two.state.diary))
    assert [secret for secret in (of_anna, of_ben) if secret[-47:-4] in rows] == []  # only hashes are kept
    with zipfile.ZipFile(io.BytesIO(anna.get("/api/v1/export").content)) as archive:
        exported = b"".join(map(archive.read, archive.namelist())).decode()
    assert hashlib.sha256(of_anna[-47:-4].encode()).hexdigest() not in exported


def test_the_address_of_a_calendar_gives_nothing_but_this_calendar(two):
    anna = sign_in(two, "anna", PASSWORDS["anna"])
    address = anna.post("/api/v1/settings/calendar").json()["address"]
    secret = address[-47:-4]
    before = all_rows(two.state.diary)
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert stranger(two, HERE).request(method, address).status_code in (401, 404, 405)
    for path in (
        secret,
        f"{secret}.ics/",
        f"{secret}.ics/x",
        f"../calendar/{secret}",
        f"{secret[:-1]}.ics",
        ".ics",
        "",
    ):
        assert calendar(two, f"{HERE}/calendar/{path}").status_code in (401, 404), path
    program = stranger(two, HERE, headers={"Authorization": f"Bearer {secret}"})
    with_cookie = stranger(two, HERE, cookies={SECURE_COOKIE: secret})
    for client in (program, with_cookie):
        assert client.get("/api/v1/plan.ics").status_code == 401
        assert client.get("/api/v1/profile").status_code == 401
    session = anna.cookies[SECURE_COOKIE]
    assert calendar(two, f"{HERE}/calendar/{session}.ics").status_code == 404
    assert all_rows(two.state.diary) == before


def test_the_address_of_a_calendar_is_renewed_and_switched_off(two):
    anna, ben = (sign_in(two, name, PASSWORDS[name]) for name in PASSWORDS)
    first, of_ben = (client.post("/api/v1/settings/calendar").json()["address"] for client in (anna, ben))
    second = anna.post("/api/v1/settings/calendar").json()["address"]
    assert [calendar(two, one).status_code for one in (first, second, of_ben)] == [404, 200, 200]
    assert anna.delete("/api/v1/settings/calendar").status_code == 204
    assert anna.delete("/api/v1/settings/calendar").status_code == 404
    assert [calendar(two, one).status_code for one in (first, second, of_ben)] == [404, 404, 200]
    third = anna.post("/api/v1/settings/calendar").json()["address"]
    mine = two.state.diary.athlete("anna")
    accounts.remove_account(mine)
    assert calendar(two, third).status_code == 404
    two.state.diary.athlete("ben").erase()
    assert calendar(two, of_ben).status_code == 404


def test_a_calendar_is_not_asked_for_without_end_and_its_address_is_in_no_log(two, caplog, capfd):
    anna, ben = (sign_in(two, name, PASSWORDS[name]) for name in PASSWORDS)
    address = anna.post("/api/v1/settings/calendar").json()["address"]
    two.state.calendars = Sparingly(5, 600, clock=lambda: 0.0)
    with caplog.at_level(0):
        answers = [calendar(two, address).status_code for _ in range(8)]
        wrong = calendar(two, f"{HERE}/calendar/{'y' * 43}.ics")
    assert answers == [200] * 5 + [429] * 3
    assert wrong.status_code == 429 and 0 < int(wrong.headers["retry-after"]) <= 600
    assert ben.get("/api/v1/plan.ics").status_code == 200
    logged = caplog.text + "".join(capfd.readouterr())
    assert address[-47:-4] not in logged.replace(f"GET {address}", "")  # the client of this test logs what it asks


def test_where_nobody_signs_in_there_is_no_secret_address(tmp_path: Path):
    with running(settings_in(tmp_path)) as app:
        mine = app.state.diary.add_athlete(Profile("anna"))
        screened(app, "anna", "race of anna")
        token = accounts.renew_calendar(mine)
        program = stranger(app)
        assert program.get(f"/calendar/{token}.ics").status_code == 404
        assert program.post("/api/v1/settings/calendar").status_code == 404
        assert "race of anna" in program.get("/api/v1/plan.ics").text


def test_so_often_and_no_more():
    now = 0.0
    sparingly = Sparingly(3, 30.0, clock=lambda: now, most=2)
    assert [sparingly.wait_s("a", "x") for _ in range(4)] == [0, 0, 0, 10]
    assert sparingly.wait_s("a", "y") == 0
    now = 10.0
    assert [sparingly.wait_s("a", "x") for _ in range(2)] == [0, 10]
    for name in "123":
        sparingly.wait_s("a", name)
    assert len(sparingly._paid_at) == 2


# -- alone at this machine ---------------------------------------------------------------------------------------------


def test_alone_at_this_machine_nobody_is_asked_who_they_are(tmp_path: Path):
    with running(settings_in(tmp_path)) as app:
        client = browser(app)
        assert client.get("/account", headers=PAGE).headers["location"] == "/profile"
        assert client.get("/api/v1/pains").status_code == 409
        app.state.diary.add_athlete(Profile("Anna"))
        assert client.get("/api/v1/profile").json()["name"] == "Anna"
        assert client.get("/login", headers=PAGE).headers["location"] == "/"
        form = {"csrf": csrf(client), "name": "anna", "password": "drei kleine Worte"}
        assert "The account is made" in client.post("/account", data=form).text
        assert accounts.accounts(app.state.diary) == [("anna", app.state.diary.athlete().uid)]
        app.state.diary.add_athlete(Profile("Ben"))
        answer = client.get("/account", headers=PAGE)
        assert answer.status_code == 422
        assert "HIPDRIVE_ATHLETE" in answer.text


def test_accounts_are_made_in_the_terminal(tmp_path, monkeypatch):
    monkeypatch.setenv("HIPDRIVE_DATABASE", str(tmp_path / "diary.sqlite3"))
    monkeypatch.setattr("getpass.getpass", lambda prompt: pytest.fail("this would ask a real terminal"))

    def says(*arguments: str, typed: str = "", code: int = 0) -> str:
        result = CliRunner().invoke(command, ["app", "account", *arguments], input=typed)
        assert result.exit_code == code, result.output
        return " ".join(result.output.split())

    good, better = "drei kleine Worte\n" * 2, "ganz andere Worte\n" * 2
    assert "begin with your profile (hipdrive me)" in says("add", "anna", typed=good, code=2)
    with Diary.open() as diary:
        diary.add_athlete(Profile("Anna"))
        diary.add_athlete(Profile("Ben"))
    assert "There is no account yet" in says("list")
    assert "too easy to find" in says("add", "anna", typed="short\nshort\n", code=2)
    assert "Anna can sign in as anna" in says("add", "anna", typed=good)
    assert "say who you are" in says("add", "coach", typed=good, code=2)
    assert "Ben can sign in as coach" in says("add", "coach", "--athlete", "Ben", typed=good)
    assert "there is an account already" in says("add", "anna", typed=good, code=2)
    assert says("list") == "anna (Anna) coach (Ben)"
    assert "has another password" in says("password", "ANNA", typed=better)
    with Diary.open() as diary:
        assert accounts.right_password(diary, "anna", "ganz andere Worte") is not None
    assert "nobody signs in as cleo" in says("remove", "cleo", code=2)
    assert "can no longer sign in" in says("remove", "anna")
    assert says("list") == "coach (Ben)"
