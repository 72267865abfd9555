"""Serving the app until somebody ends it: its port, its certificate, its address in words."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from hipdrive.errors import HipdriveError
from hipdrive.web.settings import WebSettings

ALL: Final = ("0.0.0.0", "::")  # all addresses of this machine
GRACE_S: Final = 3  # for answers that are on their way when it ends
MOST_MESSAGE_BYTES: Final = 4 * 1024**2  # of a web socket: a picture of 640x480 without compression has 1.2 MB
BACKLOG: Final = 128  # connections that wait to be taken up


@dataclass(frozen=True)
class Place:
    """Where the app is.

    Attributes
    ----------
    address : str
        For the browser at this machine, or for others where they can reach it.
    fingerprint : str or None
        SHA-256 of the certificate that the app made itself, as browsers show it.
    """

    address: str
    fingerprint: str | None = None


def serve(settings: WebSettings, ready: Callable[[Place], None]) -> None:
    """Serve the app until it is told to end (Ctrl-C, or a signal).

    Parameters
    ----------
    settings : WebSettings
    ready : callable
        Called once it answers.

    Raises
    ------
    HipdriveError
        When the port is taken, or the certificate is none.
    """
    import uvicorn

    from hipdrive.web.app import make_app

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets=sockets)
            if self.started:
                ready(place)

    with _listening(settings) as listener:
        settings = replace(settings, port=listener.getsockname()[1])
        pair = _pair(settings)
        place = _place(settings, pair)
        config = uvicorn.Config(
            make_app(settings),
            log_level="warning",
            access_log=False,
            proxy_headers=False,  # nobody stands in between, so nobody may say that somebody else asks
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
            ws_max_size=MOST_MESSAGE_BYTES,
            ssl_certfile=pair and pair[0],
            ssl_keyfile=pair and pair[1],
        )
        try:
            Server(config).run(sockets=[listener])
        except KeyboardInterrupt:  # Ctrl-C, said once more after all was closed
            return


def _listening(settings: WebSettings) -> socket.socket:
    """Socket on the wanted port."""
    host, port = settings.host, settings.port
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, where = found[0]
        return socket.create_server(where[:2], family=family, backlog=BACKLOG)
    except socket.gaierror:
        raise HipdriveError(_no_address(host)) from None
    except OverflowError:
        raise HipdriveError(f"{port} is no port: give one from 1024 to 65535") from None
    except OSError as error:
        cures = {
            errno.EADDRINUSE: f"port {port} is taken, perhaps by a hipdrive that is open already: "
            f"close that, or take another one with --port {port + 1 if port < 65535 else 8765}",
            errno.EACCES: f"port {port} is not for everybody: take one from 1024 to 65535",
            errno.EADDRNOTAVAIL: _no_address(host),
        }
        cure = cures.get(error.errno or 0, f"port {port} of {host} cannot be used: {error.strerror}")
        raise HipdriveError(cure) from None


def _no_address(host: str) -> str:
    return f"this machine has no address {host}: give one of its own, or 0.0.0.0 for all of them"


def _pair(settings: WebSettings) -> tuple[Path, Path] | None:
    """Certificate and key."""
    from hipdrive.web.certificate import checked_pair, own_certificate
    from hipdrive.web.security import own_names

    if settings.certificate is not None and settings.key is not None:
        return checked_pair(settings.certificate, settings.key)
    return own_certificate(settings.folder, own_names(settings)) if settings.encrypted else None


def _place(settings: WebSettings, pair: tuple[Path, Path] | None) -> Place:
    from hipdrive.web.certificate import fingerprint
    from hipdrive.web.security import own_addresses

    host = settings.host.strip("[]")
    if host in ALL:
        host = next(iter(own_addresses()), "localhost")
    shown = f"[{host}]" if ":" in host else host
    made = pair is not None and settings.certificate is None
    address = f"{'https' if settings.encrypted else 'http'}://{shown}:{settings.port}"
    return Place(address, fingerprint(pair[0]) if made and pair else None)
