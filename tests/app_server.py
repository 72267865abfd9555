"""The app, served by a process of its own for tests in a browser."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# With accounts it is as others reach it, but only this machine does: nothing of a test is open to a network.
SERVE = """
import sys, uvicorn
from pathlib import Path
from hipdrive.web.app import make_app
from hipdrive.web.certificate import own_certificate
from hipdrive.web.security import own_names
from hipdrive.web.settings import WebSettings
folder, database, port, host = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
settings = WebSettings(host=host, port=port, folder=folder, database=database)
pair = own_certificate(folder, own_names(settings)) if settings.encrypted else (None, None)
uvicorn.run(make_app(settings), port=port, log_level="warning", ssl_certfile=pair[0], ssl_keyfile=pair[1])
"""
ALONE, WITH_ACCOUNTS = "127.0.0.1", "0.0.0.0"
LONGEST_START_S = 60.0
LONGEST_END_S = 30.0


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def served(folder: Path, database: Path, *, accounts: bool = False, port: int | None = None) -> Iterator[str]:
    """Serve a diary; gives the address. With accounts one signs in, over HTTPS with a certificate of its own."""
    port = port or free_port()
    address = f"{'https' if accounts else 'http'}://127.0.0.1:{port}"
    given = [str(folder / "app"), str(database), str(port), WITH_ACCOUNTS if accounts else ALONE]
    with (folder / "server.log").open("a+") as log:
        process = subprocess.Popen([sys.executable, "-c", SERVE, *given], stdout=log, stderr=log)
        try:
            _wait(process, address, folder / "server.log")
            yield address
        finally:
            process.terminate()
            process.wait(LONGEST_END_S)


def _wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    until = time.monotonic() + LONGEST_START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2, context=unverified(address)):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the app did not start: {log.read_text()}")


def unverified(address: str) -> ssl.SSLContext | None:
    """For HTTPS with a certificate that nobody has signed."""
    return ssl._create_unverified_context() if address.startswith("https:") else None
