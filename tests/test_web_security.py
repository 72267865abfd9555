"""What keeps others out of the app: other names, other pages, other machines, too much at once."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect
from typer.testing import CliRunner

from hipdrive.cli import app as command
from hipdrive.cli import web
from hipdrive.diary import Diary
from hipdrive.errors import HipdriveError
from hipdrive.training.history import Profile
from hipdrive.web.accounts import add_account
from hipdrive.web.certificate import checked_pair, fingerprint, own_certificate
from hipdrive.web.security import (
    FREE_TRIES,
    MOST_BODY_BYTES,
    BodyLimit,
    Patience,
    SafeHeaders,
    csrf_token,
    network_of,
    own_names,
)
from hipdrive.web.settings import WebSettings, is_loopback
from hipdrive.web.who import COOKIE
from web_app import LOOPBACK, PAGE, TestClient, browser, settings_in, started, stranger

SOCKET = "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """The app on loopback, with a route and a socket that change nothing."""
    from hipdrive.web.app import make_app

    app = make_app(settings_in(tmp_path_factory.mktemp("app")))

    @app.websocket("/echo")
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(await websocket.receive_text())

    def broken(request: Request) -> None:
        raise ZeroDivisionError("a secret detail")

    app.add_api_route("/broken", broken)
    app.router.routes.insert(0, app.router.routes.pop())  # before the pages, which take all that is left
    app.router.routes.insert(0, app.router.routes.pop(-1))
    with started(app):
        yield app


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return browser(app)


def opens(client: TestClient, path: str, **headers: str) -> bool:
    """Whether a web socket is let in."""
    try:
        with client.websocket_connect(
            f"{LOOPBACK.replace('http', 'ws')}{path}", headers={"Upgrade": "websocket", **headers}
        ) as opened:
            if path == "/echo":
                opened.send_text("hello")
            return opened.receive_text() == "hello" or path == SOCKET
    except WebSocketDisconnect:
        return False


# -- names -------------------------------------------------------------------------------------------------------------

FOREIGN = [
    "evil.example",
    "127.0.0.1.evil.example",
    "evil.example:8765",
    "localhost@evil.example",
    "10.1.2.3",
    "",
    "[::1",
]


@pytest.mark.parametrize("host", FOREIGN)
def test_a_foreign_name_is_refused(client, host):
    """Another site that lets its name point here is not this app."""
    for path in ("/", "/healthz", "/api/v1/profile", "/_nicegui_ws/socket.io/?EIO=4&transport=polling", "/echo"):
        assert client.get(path, headers={"Host": host}).status_code == 421
    for path in (SOCKET, "/echo"):
        assert not opens(client, path, Host=host, Origin=f"http://{host}")


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost:8765", "LOCALHOST", "[::1]:8765", "localhost.:1"])
def test_the_own_name_is_right(client, host):
    assert client.get("/healthz", headers={"Host": host, "Origin": f"http://{host.lower()}"}).status_code == 200
    assert opens(client, "/echo", Host=host, Origin=f"http://{host.lower()}")


def test_in_the_network_it_goes_by_its_own_names_and_those_it_is_given():
    names = own_names(WebSettings(host="0.0.0.0", names=("Hips.example",)))
    assert {"localhost", "127.0.0.1", "hips.example", socket.gethostname().lower().rstrip(".")} <= names
    assert "0.0.0.0" not in names
    assert "my.example" in own_names(WebSettings(host="my.example"))
    assert own_names(WebSettings()) == {"localhost", "127.0.0.1", "::1"}


@pytest.mark.parametrize(
    ("host", "alone"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("127.8.8.8", True), ("0.0.0.0", False), ("::", False),
     ("192.168.1.2", False), ("localhost.evil.example", False), ("2130706433", False)],
)  # fmt: skip
def test_accounts_are_asked_for_wherever_others_can_reach_it(host, alone):
    assert is_loopback(host) is alone
    assert WebSettings(host=host).accounts is WebSettings(host=host).encrypted is not alone


# -- pages -------------------------------------------------------------------------------------------------------------

OTHERS = [
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost:3000"},
    {"Origin": "https://127.0.0.1:8765"},
    {"Origin": LOOPBACK, "Sec-Fetch-Site": "cross-site"},
]


@pytest.mark.parametrize("headers", OTHERS)
def test_a_page_of_others_changes_nothing(client, headers):
    for method, path in (("POST", "/account"), ("PUT", "/api/v1/profile"), ("DELETE", "/api/v1/races/2026-01-01")):
        answer = client.request(method, path, headers=headers, content=b"{}")
        assert answer.status_code == 403
        assert "another web site" in answer.text
    for path in (SOCKET, "/echo"):
        assert not opens(client, path, **headers)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_a_page_of_others_without_an_origin_changes_nothing(app, site):
    with_nothing = stranger(app)
    assert with_nothing.post("/account", headers={"Sec-Fetch-Site": site}).status_code == 403
    assert not opens(with_nothing, "/echo", **{"Sec-Fetch-Site": site})


def test_a_page_of_others_reads_nothing_but_may_lead_here(app):
    client = stranger(app)
    picture = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
    framed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}
    for headers in (picture, framed, {"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "same-site"}):
        assert client.get("/healthz", headers=headers).status_code == 403
    assert client.get("/healthz", headers=PAGE | {"Sec-Fetch-Site": "cross-site"}).status_code == 200
    assert "access-control-allow-origin" not in client.get("/healthz").headers


def test_pages_of_the_app_and_programs_are_let_in(app, client):
    assert opens(client, "/echo", Origin=LOOPBACK)
    assert opens(client, SOCKET, Origin=LOOPBACK)
    assert client.post("/account", data={"csrf": "wrong"}).status_code in (409, 422, 303)
    program = stranger(app)
    assert program.post("/api/v1/races", json={}).status_code not in (401, 403)


def test_a_cookie_without_an_origin_needs_the_token_of_its_page(app):
    client = stranger(app, cookies={COOKIE: "mine"})
    assert client.post("/logout").status_code == 403
    assert client.post("/logout", headers={"X-CSRF-Token": csrf_token(app.state.secret, "yours")}).status_code == 403
    right = {"X-CSRF-Token": csrf_token(app.state.secret, "mine")}
    assert client.post("/logout", headers=right).status_code != 403


# -- headers -----------------------------------------------------------------------------------------------------------


def directives(policy: str) -> dict[str, list[str]]:
    return {part.split()[0]: part.split()[1:] for part in policy.split(";")}


@pytest.mark.parametrize("path", ["/", "/account", "/nothing", "/healthz", "/api/v1/profile", "/broken"])
def test_every_answer_tells_the_browser_what_it_may_do(app, path):
    answer = browser(app, raise_server_exceptions=False).get(path, headers=PAGE)
    policy = directives(answer.headers["content-security-policy"])
    assert policy["frame-ancestors"] == policy["object-src"] == ["'none'"]
    assert "'unsafe-inline'" not in policy["script-src"]
    assert not [source for sources in policy.values() for source in sources if source.startswith(("http", "*"))]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "camera=(self)" in answer.headers["permissions-policy"]
    assert "microphone=()" in answer.headers["permissions-policy"]
    assert "no-" in answer.headers["cache-control"] or "max-age" in answer.headers["cache-control"]


def test_scripts_of_a_page_carry_the_number_of_the_answer_and_no_other_does(client):
    first, second = (client.get("/", headers=PAGE) for _ in range(2))
    numbers = []
    for answer in (first, second):
        (number,) = re.findall(r"'nonce-([\w-]{20,})'", answer.headers["content-security-policy"])
        scripts = re.findall(r"<script\b[^>]*>", answer.text)
        assert len(scripts) > 3
        assert all(f'nonce="{number}"' in script for script in scripts)
        numbers.append(number)
    assert numbers[0] != numbers[1]


def test_a_page_that_comes_in_pieces_arrives_whole():
    async def page(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
        for piece in (b"<scr", b"ipt>1</script><script", b" src=x>", b"</script><scripture>"):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"end"})

    answer = TestClient(SafeHeaders(page)).get("/")
    assert int(answer.headers["content-length"]) == len(answer.content)
    plain = re.sub(r' nonce="[\w-]+"', "", answer.text)
    assert plain == "<script>1</script><script src=x></script><scripture>end"
    assert answer.text.count("nonce=") == 2


def test_a_drawing_that_is_opened_by_itself_runs_nothing():
    answer = TestClient(SafeHeaders(HTMLResponse("<svg/>", media_type="image/svg+xml"))).get("/")
    assert "sandbox" in directives(answer.headers["content-security-policy"])
    assert "script-src" not in directives(answer.headers["content-security-policy"])


def test_a_route_may_have_a_policy_of_its_own():
    own = "default-src 'none'; frame-ancestors 'self'"
    page = HTMLResponse("<script>1</script>", headers={"content-security-policy": own})
    answer = TestClient(SafeHeaders(page)).get("/")
    assert (answer.headers["content-security-policy"], answer.text) == (own, "<script>1</script>")
    assert "x-frame-options" not in answer.headers
    assert answer.headers["x-content-type-options"] == "nosniff"


# -- how much ----------------------------------------------------------------------------------------------------------


def test_too_much_is_not_read():
    read = 0

    async def reader(scope, receive, send):
        nonlocal read
        more = True
        while more:
            message = await receive()
            read += len(message["body"])
            more = message.get("more_body", False)
        await HTMLResponse("taken")(scope, receive, send)

    client = TestClient(BodyLimit(reader, most_bytes=10_000))
    assert client.post("/x", content=b"a" * 10_000).text == "taken"
    read = 0
    answer = client.post("/x", content=b"a" * 10_001)  # says how much it is
    assert (answer.status_code, read) == (413, 0)
    assert answer.json()["detail"] == "this is more than 10 kB: send less at once"
    answer = client.post("/x", content=(b"a" * 1_000 for _ in range(100)))  # does not
    assert answer.status_code == 413
    assert read <= 10_000
    for path in ("/api/v1/uploads", "/api/v1/uploads/1", "/api/v1/runs/file"):  # which count by themselves
        assert client.post(path, content=b"a" * 20_000).text == "taken"
    assert client.post("/x", headers={"Content-Length": "-1"}).status_code == 413


async def silent(parts: list[Message], asked: Callable[[Receive, Send], Awaitable[None]]) -> list[Message]:
    """What is answered to somebody who sends parts of a request and then nothing more, ever."""
    said: list[Message] = []
    coming = iter(parts)

    async def receive() -> Message:
        if (part := next(coming, None)) is not None:
            return part
        await asyncio.sleep(600)
        raise AssertionError

    async def send(message: Message) -> None:
        said.append(message)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asked(receive, send)

    scope = {"type": "http", "path": "/x", "method": "POST", "headers": []}
    await asyncio.wait_for(BodyLimit(app, silence_s=0.05)(scope, receive, send), 20)
    return said


def test_who_begins_a_request_and_says_no_more_is_let_go():
    async def read(receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        await HTMLResponse("taken")({"type": "http", "method": "POST"}, receive, send)

    for begun in ([], [{"type": "http.request", "body": b"a", "more_body": True}]):
        said = asyncio.run(silent(begun, read))
        assert said[0]["status"] == 408
        assert (b"connection", b"close") in said[0]["headers"]
        assert b"nothing came for a minute" in said[1]["body"]


def test_an_answer_may_take_its_time():
    async def slow(receive: Receive, send: Send) -> None:
        assert not (await receive()).get("more_body")
        with pytest.raises(TimeoutError, match="ours"):
            async with asyncio.timeout(0.2):  # it waits for the end of the connection
                try:
                    await receive()
                except asyncio.CancelledError:
                    raise TimeoutError("ours") from None
        await HTMLResponse("taken")({"type": "http", "method": "POST"}, receive, send)

    said = asyncio.run(silent([{"type": "http.request", "body": b"a", "more_body": False}], slow))
    assert said[0]["status"] == 200


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/api/v1/plan", "GET"),
        ("/api/v1/sessions", "GET, POST"),
        ("/api/v1/sessions/2026-11-20", "PUT, DELETE"),
        ("/api/v1/profile", "GET, PUT"),
        ("/api/v1/uploads", "GET, POST"),
        (f"/api/v1/uploads/{uuid.UUID(int=1)}", "GET, PUT, DELETE"),
        ("/api/v1/openapi.json", "GET"),
    ],
)
def test_a_wrong_method_is_told_which_are_right(client, path, allowed):
    for method in {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"} - set(allowed.split(", ")):
        answer = client.request(method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed), method
        assert answer.headers["content-type"] == "application/problem+json"
        assert method in answer.json()["detail"]


def test_a_form_that_anybody_may_send_is_small(client):
    assert client.post("/login", content=b"a" * 20_000).status_code == 413
    assert client.post("/account", headers={"Content-Length": str(MOST_BODY_BYTES + 1)}).status_code == 413


# -- patience ----------------------------------------------------------------------------------------------------------


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_who_tries_again_and_again_waits_longer_each_time():
    clock = Clock()
    patience = Patience(clock)
    waits = []
    for _ in range(14):
        wait = patience.try_now("anna", "192.0.2.1")
        waits.append(wait)
        clock.now += wait
        if wait:
            assert patience.try_now("anna", "192.0.2.1") == 0
    assert waits[:FREE_TRIES] == [0] * FREE_TRIES
    assert waits[FREE_TRIES:] == sorted(waits[FREE_TRIES:])
    assert waits[FREE_TRIES] >= 1
    assert waits[-1] > 500


def test_a_name_is_not_locked_for_long_by_what_others_do():
    clock = Clock()
    patience = Patience(clock)
    for number in range(100):
        patience.try_now("anna", f"192.0.2.{number}")
        clock.now += 60
    clock.now -= 60
    assert 0 < patience.try_now("anna", "198.51.100.1") <= 60


def test_an_address_waits_whatever_names_it_tries_and_what_is_right_is_forgiven():
    patience = Patience(Clock())
    tries = [patience.try_now(f"name {number}", "2001:db8::1") for number in range(FREE_TRIES)]
    assert tries == [0] * FREE_TRIES
    assert patience.try_now("another", "2001:db8::2") > 0  # the same network
    assert patience.try_now("another", "2001:db8:0:1::2") == 0
    for _ in range(3 * FREE_TRIES):
        assert patience.try_now("anna", "192.0.2.9") == 0
        patience.was_right("anna", "192.0.2.9")


NAMES = st.integers(0, 20).map(str)
TRIES = st.lists(st.tuples(NAMES, NAMES.map("192.0.2.{}".format), st.booleans(), st.floats(0, 1e5)))


@given(TRIES)
def test_what_is_remembered_is_bounded(tries):
    clock = Clock()
    patience = Patience(clock, most=8)
    for name, address, right, pause in tries:
        clock.now += pause
        wait = patience.try_now(name, address)
        assert 0 <= wait <= 900
        if right and not wait:
            patience.was_right(name, address)
        assert len(patience._tries) <= 8


@given(st.text() | st.ip_addresses().map(str))
def test_any_address_has_a_network(address):
    assert isinstance(network_of(address), str)
    assert network_of("::ffff:192.0.2.1") == network_of("192.0.2.1") == "192.0.2.1"


# -- what is said when it does not work --------------------------------------------------------------------------------


def test_a_mistake_says_so_without_details(app, caplog):
    answer = browser(app, raise_server_exceptions=False).get("/broken", headers=PAGE)
    assert answer.status_code == 500
    assert "hipdrive made a mistake" in answer.text
    assert "secret detail" not in answer.text
    assert "ZeroDivisionError" not in answer.text


def test_a_page_that_is_not_there_says_so_in_plain_words(client):
    answer = client.get("/<b>nothing", headers=PAGE)
    assert answer.status_code == 404
    assert "There is no such page" in answer.text
    assert "<b>nothing" not in answer.text
    answer = client.get("/api/v1/nothing")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_the_app_keeps_its_secret_for_itself_and_over_a_restart(tmp_path):
    from hipdrive.web.app import make_app

    first, second = (make_app(settings_in(tmp_path)) for _ in range(2))
    assert first.state.secret == second.state.secret
    assert len(first.state.secret) == 64
    assert (tmp_path / "app" / "secret").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "app").stat().st_mode & 0o777 == 0o700
    (tmp_path / "file").touch()
    with pytest.raises(HipdriveError, match="cannot keep its files in"):
        make_app(settings_in(tmp_path / "file"))


# -- the certificate ---------------------------------------------------------------------------------------------------


def shake_hands(pair: tuple[Path, Path], name: str, trusted: Path) -> str:
    """Version of TLS that a client agrees on that trusts only this certificate and asks for this name."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*pair)
    client = ssl.create_default_context(cafile=str(trusted))
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    here = server.wrap_bio(to_server, to_client, server_side=True)
    there = client.wrap_bio(to_client, to_server, server_hostname=name)
    for _ in range(4):
        for side in (there, here):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return str(there.version())


def test_a_client_that_trusts_the_certificate_accepts_it_for_all_names(tmp_path):
    names = ["localhost", "127.0.0.1", "::1", "anna-laptop.local", "192.0.2.7"]
    pair = own_certificate(tmp_path / "app", names)
    for name in names:
        assert shake_hands(pair, name, pair[0]) == "TLSv1.3"
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(pair, "evil.example", pair[0])
    other = own_certificate(tmp_path / "other", names)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(pair, "localhost", other[0])
    assert [path.stat().st_mode & 0o777 for path in pair] == [0o600, 0o600]
    assert re.fullmatch(r"([0-9A-F]{2}:){31}[0-9A-F]{2}", fingerprint(pair[0]))


def test_the_certificate_is_kept_until_it_ends_or_a_name_is_new(tmp_path):
    now = datetime.now(UTC)
    first = own_certificate(tmp_path, ["localhost"], now=now)[0].read_bytes()
    assert own_certificate(tmp_path, ["localhost"], now=now + timedelta(days=300))[0].read_bytes() == first
    second = own_certificate(tmp_path, ["localhost", "192.0.2.7"], now=now)[0].read_bytes()
    assert second != first
    assert own_certificate(tmp_path, ["localhost"], now=now)[0].read_bytes() == second  # it has more than is needed
    assert own_certificate(tmp_path, ["localhost"], now=now + timedelta(days=360))[0].read_bytes() != second
    (tmp_path / "certificate.pem").write_text("broken")
    pair = own_certificate(tmp_path, ["localhost"], now=now)
    assert shake_hands(pair, "localhost", pair[0]) == "TLSv1.3"


def test_a_certificate_that_is_none_is_refused_plainly(tmp_path):
    pair, other = own_certificate(tmp_path / "a", ["localhost"]), own_certificate(tmp_path / "b", ["localhost"])
    assert checked_pair(*pair) == pair
    for certificate, key in ((pair[0], other[1]), (pair[1], pair[0]), (Path(__file__), pair[1])):
        with pytest.raises(HipdriveError, match="are no certificate and its key"):
            checked_pair(certificate, key)
    with pytest.raises(HipdriveError, match="is not there"):
        checked_pair(tmp_path / "nothing.pem", pair[1])


# -- the command -------------------------------------------------------------------------------------------------------


@pytest.fixture
def at_home(tmp_path, monkeypatch):
    """Folders and a diary of one's own for the command."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HIPDRIVE_DATABASE", str(tmp_path / "diary.sqlite3"))
    return tmp_path


def says(*arguments: str, typed: str = "", code: int = 2) -> str:
    result = CliRunner().invoke(command, ["app", *arguments], input=typed)
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


def test_what_cannot_be_served_is_said_in_one_sentence(at_home):
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        assert f"port {port} is taken" in says("--no-browser", "--port", str(port))
    assert "hipdrive app account add NAME" in says("--no-browser", "--host", "0.0.0.0")
    assert "give both, --certificate and --key" in says("--no-browser", "--certificate", "x.pem")
    assert "x.pem is not there" in says("--port", "0", "--certificate", "x.pem", "--key", "y.pem")


def test_an_address_of_another_machine_is_refused(at_home):
    from hipdrive.web.serve import serve

    for host in ("192.0.2.1", "nowhere.invalid"):
        with pytest.raises(HipdriveError, match=f"this machine has no address {host}"):
            serve(settings_in(at_home, host, port=0), lambda _: None)


def test_without_its_packages_the_cure_is_named(at_home, monkeypatch):
    monkeypatch.setattr(web, "PACKAGES", ("nicegui", "surely_not_there"))
    for arguments in ([], ["account", "list"], ["account", "add", "anna"]):
        assert "pip install 'hipdrive[app]'" in says(*arguments)


@contextmanager
def opened_by_command(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command in a process of its own, and where it says the app is."""
    command = [sys.executable, "-m", "hipdrive", "app", "--no-browser", "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        stop = threading.Timer(120, process.kill)
        stop.start()
        try:
            line = process.stdout.readline()
            matched = re.fullmatch(r"hipdrive is at (https?://[0-9.]+:\d+) and ends with Ctrl-C\.\n", line)
            assert matched, line + process.stderr.read()
            yield process, matched[1]
        finally:
            stop.cancel()
            process.kill()


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is a signal elsewhere")
def test_the_command_serves_says_where_and_ends_by_ctrl_c(at_home):
    with opened_by_command() as (process, address):
        assert address.startswith("http://127.0.0.1:")
        with httpx.Client(base_url=address) as client:
            assert client.get("/healthz").json() == {"status": "ok"}
            assert client.get("/", headers={"Host": "evil.example"}).status_code == 421
            assert "hipdrive" in client.get("/profile").text
        process.send_signal(signal.SIGINT)
        assert (*process.communicate(), process.returncode) == ("", "", 0)


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is a signal elsewhere")
def test_the_command_lets_others_in_by_https_with_an_account(at_home):
    with Diary.open() as diary:
        add_account(diary.add_athlete(Profile("Anna")), "anna", "drei kleine Worte")
    with opened_by_command("--host", "0.0.0.0") as (process, address):
        assert address.startswith("https://")
        certificate = at_home / "data" / "hipdrive" / "app" / "certificate.pem"
        assert fingerprint(certificate) in process.stdout.readline()
        trusting = ssl.create_default_context(cafile=str(certificate))
        with httpx.Client(base_url=address, verify=trusting) as client:
            assert client.get("/plan", headers=PAGE).headers["location"] == "/login?then=/plan"
            assert client.get("/api/v1/profile").status_code == 401
            given = {"name": "anna", "password": "drei kleine Worte"}
            assert client.post("/login", data=given, headers={"Origin": address}).status_code == 303
            assert client.get("/api/v1/profile").json()["name"] == "Anna"
        with httpx.Client(base_url=address) as client, pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY"):
            client.get("/healthz")
        process.send_signal(signal.SIGINT)
        assert (*process.communicate(), process.returncode) == ("", "", 0)
