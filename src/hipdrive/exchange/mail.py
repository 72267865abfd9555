"""Mail: settings from the environment, a message with the headers of a list, and handing it to a server."""

from __future__ import annotations

import os
import re
import smtplib
import ssl
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy, Policy
from email.utils import format_datetime, parseaddr
from ipaddress import ip_address
from pathlib import Path
from typing import Final, Literal, TypeVar
from urllib.parse import quote, unquote, urlsplit

from hipdrive.errors import HipdriveError
from hipdrive.exchange.words import plain

SERVER: Final = "HIPDRIVE_SMTP"
PASSWORD: Final = "HIPDRIVE_SMTP_PASSWORD"
PASSWORD_FILE: Final = "HIPDRIVE_SMTP_PASSWORD_FILE"
AUTHORITY: Final = "HIPDRIVE_SMTP_CA"
PLAIN: Final = "HIPDRIVE_SMTP_PLAIN"
SENDER: Final = "HIPDRIVE_MAIL_FROM"
PUBLIC_URL: Final = "HIPDRIVE_PUBLIC_URL"

T = TypeVar("T")
Security = Literal["starttls", "tls", "none"]
SECURITY: Final[Mapping[str, tuple[Security, int]]] = {  # by scheme, with the usual port
    "smtp": ("starttls", 587),
    "smtps": ("tls", 465),
    "smtp-plain": ("none", 25),
}
TIMEOUT_S: Final = 30.0
MOST_PASSWORD_BYTES: Final = 1024
MOST_ADDRESS_LETTERS: Final = 254  # RFC 5321, 4.5.3.1.3, less the brackets
MOST_SUBJECT_LETTERS: Final = 200
MOST_NAME_LETTERS: Final = 120
GREETING: Final = "[127.0.0.1]"  # how we call ourselves, so that the name of the machine stays here

ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"  # RFC 5322, 3.2.3
LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
ADDRESS: Final = re.compile(rf"{ATOM}(?:\.{ATOM})*@{LABEL}(?:\.{LABEL})*")


class NotSent(HipdriveError):
    """The mail was surely not sent."""


class PerhapsSent(HipdriveError):
    """The connection was lost while the mail was handed over."""


@dataclass(frozen=True)
class MailSettings:
    """Which server takes the mail, and who it comes from.

    Attributes
    ----------
    host : str
    port : int
    security : {"starttls", "tls", "none"}
    sender : str
        Address.
    sender_name : str
    user, password : str or None
    authority : str or None
        File with certificates to trust instead of the usual ones.
    """

    host: str
    port: int
    security: Security
    sender: str
    sender_name: str = ""
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    authority: str | None = None


@dataclass(frozen=True)
class Unsubscribe:
    """How to get out of a list.

    Attributes
    ----------
    token : str
        Of `hipdrive.exchange.unsubscribe`.
    url : str or None
        Page that takes the token; None where nothing of hipdrive is on the web.
    """

    token: str
    url: str | None = None


def mail_settings(environ: Mapping[str, str] = os.environ) -> MailSettings:
    """Read the settings.

    Raises
    ------
    HipdriveError
        When something is missing or cannot be right; the message names the variable, and never the password.
    """
    server = environ.get(SERVER, "").strip()
    if not server:
        raise HipdriveError(f"no mail server is set: give one in {SERVER}, such as smtp://me@mail.example.org:587")
    try:
        parts = urlsplit(server)
        port = parts.port
    except ValueError:
        raise HipdriveError(f"{SERVER} cannot be read: write it as smtp://me@mail.example.org:587") from None
    if parts.scheme not in SECURITY or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise HipdriveError(f"{SERVER} cannot be read: write it as smtp://me@mail.example.org:587")
    if parts.password is not None:
        raise HipdriveError(f"take the password out of {SERVER} and put it into {PASSWORD}, or a file, {PASSWORD_FILE}")
    security, usual_port = SECURITY[parts.scheme]
    if security == "none" and not is_loopback(parts.hostname) and environ.get(PLAIN) != "1":
        raise HipdriveError(
            f"{parts.hostname} would get the mail unencrypted: use smtp:// or smtps://, or set {PLAIN}=1 if you mean it"
        )
    name, sender = parseaddr(environ.get(SENDER, ""))
    if not sender:
        raise HipdriveError(f"mail needs a sender: give an address in {SENDER}, such as me@example.org")
    user = unquote(parts.username) if parts.username else None
    return MailSettings(
        host=parts.hostname,
        port=usual_port if port is None else port,
        security=security,
        sender=mail_address(sender),
        sender_name=plain(name, MOST_NAME_LETTERS),
        user=user,
        password=_password(environ) if user else None,
        authority=environ.get(AUTHORITY) or None,
    )


def public_url(environ: Mapping[str, str] = os.environ) -> str | None:
    """Where others reach hipdrive on the web, without a slash at the end; None where they do not.

    Raises
    ------
    HipdriveError
        When it is no address, or one that is not encrypted.
    """
    url = environ.get(PUBLIC_URL, "").strip().rstrip("/")
    if not url:
        return None
    parts = urlsplit(url)
    encrypted = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    if not encrypted or not parts.hostname or not re.fullmatch(r"[!-;=?-~]+", url) or parts.query or parts.fragment:
        raise HipdriveError(f"{PUBLIC_URL} cannot be used: write it as https://example.org/hipdrive")
    return url


def mail_address(text: str) -> str:
    """A mail address as it can be written to, in plain ASCII letters.

    Raises
    ------
    HipdriveError
        When it is none.

    Examples
    --------
    >>> mail_address(" me@example.org ")
    'me@example.org'
    """
    address = text.strip()
    if len(address) > MOST_ADDRESS_LETTERS or not ADDRESS.fullmatch(address):
        raise HipdriveError(f"{plain(text, 60)!r} is no mail address: give one such as me@example.org")
    return address


def is_loopback(host: str) -> bool:
    """Whether a host is this very machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def message(
    subject: str,
    text: str,
    html: str | None,
    *,
    settings: MailSettings,
    to: str,
    message_id: str,
    now: datetime,
    unsubscribe: Unsubscribe | None = None,
) -> EmailMessage:
    """Write a mail.

    Parameters
    ----------
    subject, text : str
    html : str or None
        The same once more, for those who show it.
    settings : MailSettings
    to : str
        Address.
    message_id : str
        What is before the @; the same for the same mail, so that a second copy can be told.
    now : datetime
        With a zone.
    unsubscribe : Unsubscribe or None
        For mail of a list: its headers after RFC 2369, RFC 2919 and, where there is a page, RFC 8058.
    """
    domain = settings.sender.rpartition("@")[2]
    mail = EmailMessage(policy=POLICY)
    mail["Subject"] = _header(subject, MOST_SUBJECT_LETTERS)
    mail["From"] = Address(display_name=_header(settings.sender_name, MOST_NAME_LETTERS), addr_spec=settings.sender)
    mail["To"] = Address(addr_spec=mail_address(to))
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{quote(_header(message_id, MOST_NAME_LETTERS), safe='')}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answer from machines, please
    if unsubscribe is not None:
        ways = [f"<mailto:{quote(settings.sender, safe='@')}?subject=unsubscribe%20{quote(unsubscribe.token)}>"]
        if unsubscribe.url is not None:
            ways = [f"<{unsubscribe.url}>", *ways]
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mail["List-Unsubscribe"] = ", ".join(ways)
        mail["List-Id"] = f"<digest.hipdrive.{domain}>"
    mail.set_content(text)
    if html is not None:
        mail.add_alternative(html, subtype="html")
    return mail


def _header(text: str, most: int) -> str:
    """Text that is one header and no more.

    What looks like an encoded word (RFC 2047) would be decoded when the header is folded, line ends and all, and so
    begin another header; Python checks for that from 3.11.10 and 3.12.5 on.
    """
    return plain(text, most).replace("=?", "= ?")


class _Unbroken(UnstructuredHeader, BaseHeader):
    """A header of addresses of pages, which Python would break up within, and so spoil."""

    def fold(self, *, policy: Policy) -> str:
        """One address a line."""
        return f"{self.name}: {str(self).replace(', ', f',{policy.linesep} ')}{policy.linesep}"


def _policy() -> EmailPolicy[EmailMessage]:
    headers = HeaderRegistry()
    for name in ("list-unsubscribe", "message-id", "list-id"):
        headers.map_to_type(name, _Unbroken)
    return SMTP.clone(cte_type="7bit", header_factory=headers)


POLICY: Final = _policy()


def send(mail: EmailMessage, settings: MailSettings, *, timeout_s: float = TIMEOUT_S) -> None:
    """Hand a mail to the server.

    Raises
    ------
    NotSent
        When the server surely has not taken it.
    PerhapsSent
        When the connection was lost while it was handed over, so that nobody knows.
    """
    to, data = mail["To"].addresses[0].addr_spec, mail.as_bytes()
    server = _connected(settings, timeout_s)
    try:
        _told(lambda: _envelope(server, settings.sender, to), settings)
        try:
            code, reply = server.data(data)
        except smtplib.SMTPDataError as error:
            code, reply = error.smtp_code, _bytes(error.smtp_error)
        except (smtplib.SMTPException, OSError):
            raise PerhapsSent(
                f"the connection to {settings.host} was lost while the mail was handed over, so it may have been sent: "
                "look into the inbox before you send it again"
            ) from None
        if code != 250:
            raise NotSent(f"{settings.host} did not take the mail and said {_reply(code, reply)}: try again later")
        with suppress(smtplib.SMTPException, OSError):  # it is sent; how the server says goodbye is its own affair
            server.quit()
    finally:
        server.close()


def _connected(settings: MailSettings, timeout_s: float) -> smtplib.SMTP:
    """Server, after encryption and password."""

    def connect() -> smtplib.SMTP:
        trusted = None if settings.security == "none" else ssl.create_default_context(cafile=settings.authority)
        if settings.security == "tls":
            return smtplib.SMTP_SSL(
                settings.host, settings.port, local_hostname=GREETING, timeout=timeout_s, context=trusted
            )
        return smtplib.SMTP(settings.host, settings.port, local_hostname=GREETING, timeout=timeout_s)

    def secure_and_log_in() -> None:
        server.ehlo_or_helo_if_needed()
        if settings.security == "starttls":
            if not server.has_extn("starttls"):
                raise NotSent(
                    f"{settings.host} offers no encryption on port {settings.port}: write smtps:// in {SERVER}"
                )
            server.starttls(context=ssl.create_default_context(cafile=settings.authority))
            server.ehlo()
        if settings.user is not None:
            if not server.has_extn("auth"):
                raise NotSent(f"{settings.host} asks for no password here: leave the name out of {SERVER}")
            server.login(settings.user, settings.password or "")

    server = _told(connect, settings)
    try:
        _told(secure_and_log_in, settings)
    except NotSent:
        server.close()
        raise
    return server


def _envelope(server: smtplib.SMTP, sender: str, to: str) -> None:
    code, reply = server.mail(sender)
    if code != 250:
        raise NotSent(f"the server takes no mail from {sender} and said {_reply(code, reply)}: check {SENDER}")
    code, reply = server.rcpt(to)
    if code not in (250, 251):
        raise NotSent(f"the server takes no mail for {to} and said {_reply(code, reply)}: check the address")


def _told(do: Callable[[], T], settings: MailSettings) -> T:
    """Do something with the server; whatever goes wrong becomes one sentence."""
    where = f"{settings.host}:{settings.port}"
    try:
        return do()
    except smtplib.SMTPAuthenticationError:
        raise NotSent(f"{settings.host} did not accept name and password: check {SERVER} and {PASSWORD}") from None
    except smtplib.SMTPNotSupportedError as error:
        raise NotSent(f"{settings.host} cannot do what is asked ({plain(str(error), 120)}): check {SERVER}") from None
    except ssl.SSLCertVerificationError as error:
        raise NotSent(
            f"the certificate of {settings.host} cannot be trusted ({error.verify_message}): check the name, or give "
            f"the file of your own authority in {AUTHORITY}"
        ) from None
    except ssl.SSLError:
        raise NotSent(
            f"no encrypted connection to {where}: smtps:// is usual on port 465, smtp:// on port 587; check {SERVER}"
        ) from None
    except (smtplib.SMTPException, OSError) as error:
        reason = plain(getattr(error, "strerror", None) or str(error) or type(error).__name__, 120)
        raise NotSent(f"{where} cannot be reached ({reason}): check {SERVER} and your connection") from None


def _password(environ: Mapping[str, str]) -> str:
    if environ.get(PASSWORD):
        return environ[PASSWORD]
    name = environ.get(PASSWORD_FILE)
    if not name:
        raise HipdriveError(f"the mail server asks for a password: give it in {PASSWORD}, or a file, {PASSWORD_FILE}")
    try:
        with Path(name).open("rb") as file:
            if os.name == "posix" and os.fstat(file.fileno()).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise HipdriveError(f"others can read {name}: run chmod 600 on it")
            data = file.read(MOST_PASSWORD_BYTES + 1)
            password = data.decode().rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise HipdriveError(f"{name} cannot be read: check {PASSWORD_FILE}") from None
    if not password or len(data) > MOST_PASSWORD_BYTES:
        raise HipdriveError(f"{name} holds no password: write it there, on one line")
    return password


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _reply(code: int, reply: bytes) -> str:
    return plain(f"{code} {reply.decode('utf-8', 'replace')}", 120)
