"""A terminal with somebody who types, for commands that need one."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

PATIENCE_S = 60.0  # on a busy machine


class Typist:
    """Somebody who reads what a command shows, and types."""

    def __init__(self, main: int, child: subprocess.Popen[bytes]) -> None:
        self.main, self.child, self.shown = main, child, ""

    def read_until(self, text: str) -> None:
        """Wait for a text, and forget all that came before it."""
        end_s = time.monotonic() + PATIENCE_S
        while text not in self.shown:
            ended, before = self.child.poll() is not None, self.shown
            self._read()
            over = (ended and self.shown == before) or time.monotonic() > end_s  # what it said last is read, too
            assert not over, f"no {text!r} in {self.shown[-500:]!r}"
        self.shown = self.shown[self.shown.index(text) + len(text) :]

    def press_enter(self) -> None:
        os.write(self.main, b"\n")

    def press_ctrl_c(self) -> None:
        self.child.send_signal(signal.SIGINT)

    def exit_code(self) -> int:
        """Read on until it has ended."""
        end_s = time.monotonic() + PATIENCE_S
        while self.child.poll() is None and time.monotonic() < end_s:
            self._read()
        self._read()
        return self.child.wait(1)

    def _read(self) -> None:
        if select.select([self.main], [], [], 0.1)[0]:
            try:
                self.shown += os.read(self.main, 65536).decode(errors="replace")
            except OSError:  # so Linux says that the other end is closed
                time.sleep(0.05)


@contextmanager
def running(command: Sequence[str]) -> Iterator[Typist]:
    """Run a command in a terminal of 80 by 24; it does not outlive the block."""
    import pty

    main, other = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80", "LINES": "24"}
    with subprocess.Popen(command, stdin=other, stdout=other, stderr=other, env=environment) as child:
        os.close(other)
        try:
            yield Typist(main, child)
        finally:
            child.kill()
            os.close(main)
