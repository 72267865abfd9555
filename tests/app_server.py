"""The app, served by a process of its own for tests in a browser."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SERVE = """
import sys, uvicorn
from pathlib import Path
from hipdrive.web.app import make_app
from hipdrive.web.settings import WebSettings
folder, database, port = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
uvicorn.run(make_app(WebSettings(port=port, folder=folder, database=database)), port=port, log_level="warning")
"""
LONGEST_START_S = 60.0


@contextmanager
def served(folder: Path, database: Path) -> Iterator[str]:
    """Serve a diary; gives the address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (folder / "server.log").open("w+")
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(folder / "app"), str(database), str(port)], stdout=log, stderr=log
    )
    try:
        _wait(process, port, folder / "server.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + LONGEST_START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the app did not start: {log.read_text()}")
