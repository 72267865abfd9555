"""The weekly mail on its way: a real server takes it, a real click ends it."""

import os
import re
import shutil
import socket
import ssl
import stat
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from wsgiref.simple_server import make_server
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from hypothesis import example, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from hipdrive.cli import app
from hipdrive.diary import Diary
from hipdrive.errors import HipdriveError
from hipdrive.exchange import weekly
from hipdrive.exchange.digest import digest
from hipdrive.exchange.mail import (
    MailSettings,
    NotSent,
    PerhapsSent,
    Unsubscribe,
    mail_address,
    mail_settings,
    message,
    public_url,
    send,
)
from hipdrive.exchange.unsubscribe import QuietHandler, switch_off, unsubscribe_app, unsubscribe_token, whose
from hipdrive.web.post import post_due
from planned import MONDAY, PROFILE, history, programme, session

NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
ME = "me@example.org"
FOUND = digest(history(), programme(session(MONDAY)), MONDAY)


# -- servers ------------------------------------------------------------------------------------------------------


class Inbox:
    """What a server does with mail: keep it, or as a test wants it."""

    def __init__(self):
        self.mails = []
        self.users = []
        self.rcpt_reply = self.data_reply = None

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.rcpt_reply:
            return self.rcpt_reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.data_reply == "hang up":
            self.mails.append(envelope.content)
            server.transport.abort()
            return "250 OK"
        if self.data_reply:
            return self.data_reply
        assert envelope.rcpt_tos == [ME]
        self.users.append((session.ssl is not None, session.authenticated))
        self.mails.append(envelope.content)
        return "250 OK"

    def read(self):
        return [message_from_bytes(mail, policy=default) for mail in self.mails]


def body_of(mail, kind: str) -> str:
    return mail.get_body((kind,)).get_content().replace("\r\n", "\n")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def mail_server(inbox, tls=None, *, at_once=False, password=None):
    def knows(server, session, envelope, mechanism, data):
        return AuthResult(success=(data.login, data.password) == (b"me", password.encode()), handled=False)

    options = {"require_starttls": True, "tls_context": tls} if tls and not at_once else {}
    if password:
        options |= {"authenticator": knows, "auth_required": True, "auth_require_tls": not at_once}
    server = Controller(inbox, hostname="127.0.0.1", port=free_port(), ssl_context=tls if at_once else None, **options)
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for localhost that nobody has signed, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate of the test server")
    folder = tmp_path_factory.mktemp("certificate")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    subprocess.run(
        [*command.split(), "-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "crt.pem"],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return folder / "crt.pem", folder / "key.pem"


@pytest.fixture(scope="module")
def tls(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


@pytest.fixture
def inbox():
    return Inbox()


@pytest.fixture
def server(inbox):
    """Settings for a plain server on this machine."""
    with mail_server(inbox) as port:
        yield MailSettings("127.0.0.1", port, "none", "coach@example.org", "hipdrive")


def letter(using, subject="Your week", **changes):
    options = {"settings": using, "to": ME, "message_id": "abc", "now": NOW, **changes}
    return message(subject, "hé\n", "<p>hé</p>\n", **options)


# -- the server --------------------------------------------------------------------------------------------------


def secured(port, certificate, **changes):
    return replace(
        MailSettings("localhost", port, "starttls", "coach@example.org", authority=str(certificate[0])), **changes
    )


def test_with_starttls_and_password(inbox, tls, certificate):
    with mail_server(inbox, tls, password="geheim") as port:
        using = secured(port, certificate, user="me", password="geheim")
        send(letter(using), using)
    assert inbox.users == [(True, True)]
    [mail] = inbox.read()
    assert mail["Subject"] == "Your week"


def test_with_tls_from_the_first_byte(inbox, tls, certificate):
    with mail_server(inbox, tls, at_once=True) as port:
        using = secured(port, certificate, security="tls")
        send(letter(using), using)
    assert len(inbox.mails) == 1


def test_a_wrong_password_is_one_sentence_without_it(inbox, tls, certificate):
    with mail_server(inbox, tls, password="geheim") as port:
        using = secured(port, certificate, user="me", password="falsch")
        with pytest.raises(NotSent, match="HIPDRIVE_SMTP_PASSWORD") as told:
            send(letter(using), using)
    assert "falsch" not in str(told.value)
    assert "falsch" not in repr(using)
    assert not inbox.mails


def test_a_certificate_is_checked(inbox, tls, certificate):
    with mail_server(inbox, tls) as port:
        for using in (secured(port, certificate, authority=None), secured(port, certificate, host="127.0.0.1")):
            with pytest.raises(NotSent, match="cannot be trusted"):
                send(letter(using), using)
    assert not inbox.mails


def test_no_encryption_no_mail(inbox, certificate):
    with mail_server(inbox) as port:
        for security, words in (("starttls", "offers no encryption"), ("tls", "no encrypted connection")):
            using = secured(port, certificate, security=security)
            with pytest.raises(NotSent, match=words):
                send(letter(using), using)
    assert not inbox.mails


def test_nobody_there():
    using = MailSettings("127.0.0.1", free_port(), "none", ME)
    with pytest.raises(NotSent, match="cannot be reached"):
        send(letter(using), using)
    using = replace(using, host="nobody.invalid")
    with pytest.raises(NotSent, match="cannot be reached"):
        send(letter(using), using)


def test_what_the_server_refuses_is_surely_not_sent(inbox, server):
    inbox.rcpt_reply = "550 5.1.1 no such\tuser"
    with pytest.raises(NotSent, match=r"no mail for me@example.org and said 550 5.1.1 no such user"):
        send(letter(server), server)
    inbox.rcpt_reply, inbox.data_reply = None, "451 later"
    with pytest.raises(NotSent, match="451 later"):
        send(letter(server), server)
    with pytest.raises(NotSent, match="asks for no password"):
        send(letter(server), replace(server, user="me", password="x"))


def test_a_connection_lost_while_handing_over_is_no_answer(inbox, server):
    inbox.data_reply = "hang up"
    with pytest.raises(PerhapsSent):
        send(letter(server), server)


# -- the message --------------------------------------------------------------------------------------------------


def test_the_mail_as_it_arrives(inbox, server):
    url = "https://coach.example.org/a/long/way/to/hipdrive/unsubscribe/" + "x" * 90
    send(letter(server, unsubscribe=Unsubscribe("t-1.s_2", url)), server)
    [mail] = inbox.read()
    assert mail["From"] == "hipdrive <coach@example.org>"
    assert mail["To"] == ME
    assert mail["Date"].datetime == NOW
    assert mail["Message-ID"] == "<abc@example.org>"
    assert mail["List-Id"] == "<digest.hipdrive.example.org>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    raw = inbox.mails[0].decode("ascii")
    folded = f"List-Unsubscribe: <{url}>,\r\n <mailto:coach@example.org?subject=unsubscribe%20t-1.s_2>\r\n"
    assert folded in raw  # never broken up within, never encoded
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert body_of(mail, "plain") == "hé\n"
    assert all(len(line) <= 998 for line in raw.split("\r\n"))


def test_without_a_page_there_is_no_one_click(server):
    mail = letter(server, unsubscribe=Unsubscribe("t.s"))
    assert mail["List-Unsubscribe"] == "<mailto:coach@example.org?subject=unsubscribe%20t.s>"
    assert "List-Unsubscribe-Post" not in mail
    assert "List-Unsubscribe" not in letter(server)


ODD = [
    "=?utf-8?q?=0aBcc:_x@y.org?=",
    "=?utf-8?q?=0aBcc:?=" * 9,
    "a\r\nBcc: x@y.org",
    "a\n\nbody",
    "\ud800",
    "ünï " * 40,
]
TEXTS = st.text(max_size=80) | st.sampled_from(ODD)


@settings(max_examples=60, deadline=None)
@given(subject=TEXTS, name=TEXTS, url=st.none() | st.just("https://x.org/u/t"))
@example(subject=ODD[0], name="", url=None)
@example(subject="", name=ODD[0], url=None)
def test_no_text_makes_a_header(subject, name, url):
    using = mail_settings({"HIPDRIVE_SMTP": "smtp://x.org", "HIPDRIVE_MAIL_FROM": ME})
    using = replace(using, sender_name=name)
    mail = letter(using, subject, message_id=name, unsubscribe=Unsubscribe("t", url))
    read = message_from_bytes(mail.as_bytes(), policy=default)
    assert sorted(set(read.keys())) == sorted(read.keys())
    known = {"Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "List-Unsubscribe", "List-Id"}
    assert set(read.keys()) - {"List-Unsubscribe-Post", "MIME-Version", "Content-Type"} == known
    assert [one.addr_spec for one in read["From"].addresses] == [ME]
    assert read["To"].addresses[0].addr_spec == ME
    assert body_of(read, "plain") == "hé\n"


# -- the settings -------------------------------------------------------------------------------------------------

GOOD = {"HIPDRIVE_SMTP": "smtp://me%40example.org@mail.example.org", "HIPDRIVE_MAIL_FROM": f"Coach <{ME}>"}


def test_settings_are_read():
    using = mail_settings({**GOOD, "HIPDRIVE_SMTP_PASSWORD": "p w"})
    assert using == MailSettings("mail.example.org", 587, "starttls", ME, "Coach", "me@example.org", "p w")
    using = mail_settings({**GOOD, "HIPDRIVE_SMTP": "smtps://mail.example.org"})
    assert (using.port, using.security, using.user) == (465, "tls", None)
    using = mail_settings({**GOOD, "HIPDRIVE_SMTP": "smtp-plain://localhost:1025"})
    assert (using.port, using.security) == (1025, "none")
    asked = {**GOOD, "HIPDRIVE_SMTP": "smtp-plain://mail.example.org", "HIPDRIVE_SMTP_PLAIN": "1"}
    assert mail_settings(asked).security == "none"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"HIPDRIVE_SMTP": ""}, "no mail server is set"),
        ({"HIPDRIVE_SMTP": "mail.example.org"}, "cannot be read"),
        ({"HIPDRIVE_SMTP": "http://mail.example.org"}, "cannot be read"),
        ({"HIPDRIVE_SMTP": "smtp://mail.example.org:99999"}, "cannot be read"),
        ({"HIPDRIVE_SMTP": "smtp://[mail"}, "cannot be read"),
        ({"HIPDRIVE_SMTP": "smtp://me:geheim@mail.example.org"}, "take the password out"),
        ({"HIPDRIVE_SMTP": "smtp-plain://mail.example.org"}, "unencrypted"),
        ({"HIPDRIVE_SMTP": "smtp-plain://localhost.example.org"}, "unencrypted"),
        ({"HIPDRIVE_MAIL_FROM": ""}, "HIPDRIVE_MAIL_FROM"),
        ({"HIPDRIVE_MAIL_FROM": "me"}, "no mail address"),
        ({}, "HIPDRIVE_SMTP_PASSWORD"),
    ],
)
def test_settings_that_cannot_be_right_name_the_cure(changes, words):
    with pytest.raises(HipdriveError, match=words) as told:
        mail_settings({**GOOD, **changes})
    assert "geheim" not in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.skipif(os.name != "posix", reason="rights of files are those of POSIX")
def test_a_password_file_is_for_its_owner_only(tmp_path):
    file = tmp_path / "password"
    file.write_text("p w\n")
    file.chmod(stat.S_IRUSR | stat.S_IRGRP)
    environ = {**GOOD, "HIPDRIVE_SMTP_PASSWORD_FILE": str(file)}
    with pytest.raises(HipdriveError, match="chmod 600"):
        mail_settings(environ)
    file.chmod(stat.S_IRUSR | stat.S_IWUSR)
    assert mail_settings(environ).password == "p w"
    for nothing in ("", "x" * 2000):
        file.write_text(nothing)
        with pytest.raises(HipdriveError, match="holds no password"):
            mail_settings(environ)
    file.unlink()
    with pytest.raises(HipdriveError, match="cannot be read"):
        mail_settings(environ)


def test_addresses_and_pages():
    assert mail_address(" a.b+c@x.example.org ") == "a.b+c@x.example.org"
    for wrong in ("", "me", "a@b@c", "a b@c.org", "a@c.org\nBcc: x@y.org", "a@c.org,x@y.org", ".a@c.org", "é@c.org"):
        with pytest.raises(HipdriveError, match="no mail address"):
            mail_address(wrong)
    with pytest.raises(HipdriveError, match="no mail address"):
        mail_address(f"{'a' * 250}@c.org")
    assert public_url({}) is None
    assert public_url({"HIPDRIVE_PUBLIC_URL": "https://x.org/a/"}) == "https://x.org/a"
    assert public_url({"HIPDRIVE_PUBLIC_URL": "http://localhost:8025"}) == "http://localhost:8025"
    for wrong in ("http://x.org", "x.org", "https://x.org/ >", "https://x.org/?a", "https://"):
        with pytest.raises(HipdriveError, match="HIPDRIVE_PUBLIC_URL"):
            public_url({"HIPDRIVE_PUBLIC_URL": wrong})


# -- once a week, and not at all -------------------------------------------------------------------------------------


@pytest.fixture
def diary(tmp_path):
    with Diary.open(str(tmp_path / "diary.sqlite3")) as diary:
        yield diary


@pytest.fixture
def athlete(diary):
    return diary.add_athlete(PROFILE)


def switch_on(athlete, inbox, using):
    weekly.ask(athlete, ME, using, NOW)
    weekly.confirm(athlete, code_in(inbox.read().pop()), NOW)
    inbox.mails.clear()


def code_in(mail) -> str:
    return re.search(r"--code (\d{6})", mail.get_content())[1]


def test_nothing_is_sent_until_the_code_comes_back(athlete, inbox, server):
    with pytest.raises(HipdriveError, match="is off"):
        weekly.send_weekly(athlete, FOUND, server, NOW, None)
    weekly.ask(athlete, ME, server, NOW)
    with pytest.raises(HipdriveError, match="is off"):
        weekly.send_weekly(athlete, FOUND, server, NOW, None)
    code = code_in(inbox.read().pop())
    with pytest.raises(HipdriveError, match="not the code"):
        weekly.confirm(athlete, "abcdef", NOW)
    assert weekly.confirm(athlete, f" {code} ", NOW).to == ME
    with pytest.raises(HipdriveError, match="no code to confirm"):
        weekly.confirm(athlete, code, NOW)
    assert weekly.send_weekly(athlete, FOUND, server, NOW, None) == "sent"


def test_a_code_grows_old_and_cannot_be_guessed(athlete, inbox, server):
    weekly.ask(athlete, ME, server, NOW)
    code = code_in(inbox.read().pop())
    with pytest.raises(HipdriveError, match="no code to confirm"):
        weekly.confirm(athlete, code, NOW + timedelta(days=4))
    for _ in range(weekly.MOST_TRIES):
        with pytest.raises(HipdriveError, match="not the code"):
            weekly.confirm(athlete, "no", NOW)
    with pytest.raises(HipdriveError, match="no code to confirm"):
        weekly.confirm(athlete, code, NOW)


def test_once_a_week(athlete, inbox, server):
    switch_on(athlete, inbox, server)
    assert weekly.send_weekly(athlete, FOUND, server, NOW, None) == "sent"
    assert weekly.send_weekly(athlete, FOUND, server, NOW, None) == "sent before"
    assert weekly.send_weekly(athlete, replace(FOUND, week="2026-W48"), server, NOW, None) == "sent"
    assert len(inbox.mails) == 2
    first, second = (mail["Message-ID"] for mail in inbox.read())
    assert first != second


def test_what_was_not_sent_is_sent_the_next_time(athlete, inbox, server):
    switch_on(athlete, inbox, server)
    inbox.data_reply = "451 later"
    with pytest.raises(NotSent):
        weekly.send_weekly(athlete, FOUND, server, NOW, None)
    inbox.data_reply = None
    assert weekly.send_weekly(athlete, FOUND, server, NOW, None) == "sent"


@pytest.mark.parametrize("how", ["the line drops", "the machine goes down"])
def test_what_was_perhaps_sent_is_not_sent_twice_without_a_word(athlete, inbox, server, monkeypatch, how):
    switch_on(athlete, inbox, server)
    if how == "the line drops":
        inbox.data_reply = "hang up"
        with pytest.raises(PerhapsSent):
            weekly.send_weekly(athlete, FOUND, server, NOW, None)
        inbox.data_reply = None
    else:
        with monkeypatch.context() as patched:

            def send_and_die(mail, using):
                send(mail, using)
                raise KeyboardInterrupt

            patched.setattr(weekly, "send", send_and_die)
            with pytest.raises(KeyboardInterrupt):
                weekly.send_weekly(athlete, FOUND, server, NOW, None)
    assert len(inbox.mails) == 1
    for _ in range(2):
        with pytest.raises(HipdriveError, match=r"may have arrived.*--again"):
            weekly.send_weekly(athlete, FOUND, server, NOW, None)
    assert weekly.send_weekly(athlete, FOUND, server, NOW, None, again=True) == "sent"
    first, second = (mail["Message-ID"] for mail in inbox.read())
    assert first == second  # so that a mailbox can tell
    assert weekly.send_weekly(athlete, FOUND, server, NOW, None) == "sent before"


def test_the_app_sends_it_from_monday_morning_on_once_to_those_who_asked(athlete, inbox, server, monkeypatch):
    other = athlete.diary.add_athlete(replace(PROFILE, name="Nobody asked"))
    zone = ZoneInfo(athlete.profile().time_zone)
    monday = datetime(2026, 11, 30, 7, 5, tzinfo=zone)
    assert post_due(athlete.diary, monday) == 0  # no mail server is set
    monkeypatch.setenv("HIPDRIVE_SMTP", f"smtp-plain://127.0.0.1:{server.port}")
    monkeypatch.setenv("HIPDRIVE_MAIL_FROM", server.sender)
    assert post_due(athlete.diary, monday) == 0
    switch_on(athlete, inbox, server)  # on Monday, the 23rd
    wednesday = datetime(2026, 11, 25, 12, tzinfo=zone)
    assert other.setting("digest") is None
    looks = [
        (monday - timedelta(hours=1), 0),
        (monday - timedelta(days=1), 0),
        (monday, 1),
        (monday, 0),
        (monday + timedelta(days=3), 0),
        (monday + timedelta(days=6), 0),
        (monday + timedelta(days=9), 1),  # it was closed on Monday
    ]
    athlete.set_setting("digest_sent", "2026-W47")  # the week before
    assert [post_due(athlete.diary, now) for now, _ in looks] == [sent for _, sent in looks]
    assert len(inbox.mails) == 2
    athlete.set_setting("digest_sent", None)
    athlete.set_setting("digest", '{"to": "me@example.org", "since": "2026-11-24"}')
    assert post_due(athlete.diary, wednesday) == 0  # asked for in the middle of the week
    athlete.set_setting("digest_sent", "2026-W48 begun")
    assert post_due(athlete.diary, monday) == 0  # it may have arrived
    athlete.set_setting("digest_sent", None)
    inbox.data_reply = "451 later"
    assert post_due(athlete.diary, monday) == 0
    inbox.data_reply = None
    assert post_due(athlete.diary, monday) == 1


def test_two_at_once_send_one_mail(athlete, inbox, server, tmp_path):
    switch_on(athlete, inbox, server)
    environ = {
        **os.environ,
        "HIPDRIVE_DATABASE": str(tmp_path / "diary.sqlite3"),
        "HIPDRIVE_SMTP": f"smtp-plain://127.0.0.1:{server.port}",
        "HIPDRIVE_MAIL_FROM": server.sender,
    }
    command = [sys.executable, "-m", "hipdrive", "digest", "send"]
    both = [subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for _ in range(2)]
    told = [process.communicate(timeout=60)[0].decode() for process in both]
    assert len(inbox.mails) == 1, told
    assert sum(f"Sent to {ME}" in text for text in told) == 1, told


# -- the click -------------------------------------------------------------------------------------------------------


@contextmanager
def page(diary):
    """The page to unsubscribe, on this machine; gives its address."""
    with make_server("127.0.0.1", 0, unsubscribe_app(diary), handler_class=QuietHandler) as web:
        thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{web.server_port}"
        finally:
            web.shutdown()
            thread.join()


def ask_page(url, method="GET", body=None):
    """Status, headers and text of an answer."""
    request = urllib.request.Request(url, data=body, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read().decode()


def test_the_whole_way(diary, athlete, inbox, tls, certificate, monkeypatch, tmp_path):
    """Switched on, confirmed, sent, read, ended with one click, and nothing more comes."""
    run = CliRunner().invoke
    with mail_server(inbox, tls, password="geheim") as port, page(diary) as url:
        for name, value in {
            "HIPDRIVE_DATABASE": str(tmp_path / "diary.sqlite3"),
            "HIPDRIVE_SMTP": f"smtp://me@localhost:{port}",
            "HIPDRIVE_SMTP_PASSWORD": "geheim",
            "HIPDRIVE_SMTP_CA": str(certificate[0]),
            "HIPDRIVE_MAIL_FROM": "coach@example.org",
            "HIPDRIVE_PUBLIC_URL": url,
        }.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("HIPDRIVE_ATHLETE", raising=False)

        refused = run(app, ["digest", "send"])
        assert (refused.exit_code, "is off" in refused.output) == (2, True)
        assert run(app, ["digest", "on", "--to", ME]).exit_code == 0
        code = code_in(inbox.read().pop())
        assert run(app, ["digest", "on", "--code", code]).exit_code == 0
        sent = run(app, ["digest", "send"])
        assert (sent.exit_code, f"Sent to {ME}" in sent.output) == (0, True), sent.output
        assert "sent before" in run(app, ["digest", "send"]).output

        assert len(inbox.mails) == 2
        mail = inbox.read()[1]
        link = re.match(r"<([^>]+)>", mail["List-Unsubscribe"])[1]
        assert link.startswith(f"{url}/unsubscribe/")
        assert ME not in link
        for kind in ("plain", "html"):
            assert link in body_of(mail, kind)
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

        status, headers, text = ask_page(link)  # a scanner looks
        assert status == 200
        assert 'method="post"' in text
        assert headers["Referrer-Policy"] == "no-referrer"
        assert weekly.subscription(athlete) is not None

        for _ in range(2):  # the mail program clicks, and clicks again
            status, _, text = ask_page(link, "POST", b"List-Unsubscribe=One-Click")
            assert (status, "is off" in text) == (200, True)
        assert weekly.subscription(athlete) is None
        refused = run(app, ["digest", "send", "--again"])
        assert (refused.exit_code, "is off" in refused.output) == (2, True)
        assert len(inbox.mails) == 2


def test_a_draft_is_written_and_nothing_sent(diary, athlete, monkeypatch, tmp_path):
    monkeypatch.setenv("HIPDRIVE_DATABASE", str(tmp_path / "diary.sqlite3"))
    for name in ("HIPDRIVE_SMTP", "HIPDRIVE_MAIL_FROM", "HIPDRIVE_PUBLIC_URL", "HIPDRIVE_ATHLETE"):
        monkeypatch.delenv(name, raising=False)
    run = CliRunner().invoke
    assert run(app, ["digest", "send", "--dry-run", "-o", str(tmp_path / "out")]).exit_code == 0
    [path] = (tmp_path / "out").iterdir()
    mail = message_from_bytes(path.read_bytes(), policy=default)
    assert path.suffix == ".eml"
    assert "hipdrive digest off" in body_of(mail, "plain")
    assert "not medical advice" in run(app, ["digest", "show"]).output
    assert run(app, ["digest", "show", "--html", str(tmp_path / "mail.html")]).exit_code == 0
    assert (tmp_path / "mail.html").read_text().startswith("<!DOCTYPE html>")
    assert "off already" in run(app, ["digest", "off"]).output
    for wrong in (["digest", "on"], ["digest", "on", "--to", ME, "--code", "1"], ["digest", "on", "--to", ME]):
        result = run(app, wrong)
        assert result.exit_code == 2
        assert "Traceback" not in result.output


def test_a_token_is_for_one_athlete_and_cannot_be_made_up(diary, athlete, inbox, server):
    other = diary.add_athlete(replace(PROFILE, name="Bo"))
    token, others = unsubscribe_token(athlete), unsubscribe_token(other)
    assert token == unsubscribe_token(athlete) != others
    assert whose(diary, token).uid == athlete.uid
    assert whose(diary, others).uid == other.uid
    named, _, signature = token.partition(".")
    other_named, _, other_signature = others.partition(".")
    wrong = ["", ".", "x", named, f"{named}.", f"{named}.{other_signature}", f"{other_named}.{signature}"]
    wrong += [token[:-2], f"{token}x", f"{named}.{'A' * 43}", "x" * 10_000, "é.ü", token.upper()]
    for guess in wrong:
        assert whose(diary, guess) is None, guess
    assert whose(diary, token, "another list") is None
    other.erase()
    assert whose(diary, others) is None


@settings(max_examples=60, deadline=None)
@given(guess=st.text(max_size=100) | st.text("ABCabc012-_.=", max_size=100))
def test_any_guess_is_a_page_that_is_not_there(shared_diary, guess):
    code, body, _ = call(shared_diary, {"REQUEST_METHOD": "POST", "PATH_INFO": f"/unsubscribe/{guess}"})
    assert code == 404
    assert body == call(shared_diary, {"REQUEST_METHOD": "GET", "PATH_INFO": "/unsubscribe/other"})[1]


@pytest.fixture(scope="module")
def shared_diary(tmp_path_factory):
    with Diary.open(str(tmp_path_factory.mktemp("diary") / "diary.sqlite3")) as diary:
        unsubscribe_token(diary.add_athlete(PROFILE))
        yield diary


class Body:
    """A body that tells how much of it was read."""

    read_bytes = 0

    def read(self, length):
        self.read_bytes += length
        return b"x" * length


def call(diary, environ):
    """Code, body and headers of an answer."""
    told = []
    environ = {"wsgi.input": Body(), **environ}
    parts = unsubscribe_app(diary)(environ, lambda status, headers: told.append((status, headers)))
    [(status, headers)] = told
    return int(status[:3]), b"".join(parts), dict(headers)


def test_the_page_takes_what_it_must_and_no_more(diary, athlete):
    athlete.set_setting("digest", '{"to":"me@example.org","since":"2026-11-01"}')
    path = {"PATH_INFO": f"/mounted/somewhere/{unsubscribe_token(athlete)}"}
    code, body, headers = call(diary, {**path, "REQUEST_METHOD": "HEAD"})
    assert (code, body) == (200, b"")
    assert int(headers["Content-Length"]) > 0
    for method in ("PUT", "DELETE", "OPTIONS"):
        code, _, headers = call(diary, {**path, "REQUEST_METHOD": method})
        assert (code, headers["Allow"]) == (405, "GET, HEAD, POST")
    for length in ("10001", "99999999999", "-1", "x"):
        body = Body()
        code, _, _ = call(diary, {**path, "REQUEST_METHOD": "POST", "CONTENT_LENGTH": length, "wsgi.input": body})
        assert (code, body.read_bytes) == (413, 0)
    assert weekly.subscription(athlete) is not None
    assert call(diary, {**path, "REQUEST_METHOD": "POST"})[0] == 200
    assert weekly.subscription(athlete) is None
    assert switch_off(athlete) is False
    names = call(diary, {**path, "REQUEST_METHOD": "GET"})[1].decode()
    assert PROFILE.name not in names
    assert ME not in names
