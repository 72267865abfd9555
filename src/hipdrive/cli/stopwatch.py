"""A stop-watch for the terminal: it counts down, shows large digits, and Enter stops it."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from hipdrive.errors import HipdriveError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live

REFRESH_HZ: Final = 10
LONGEST_S: Final = 600.0  # nobody holds for ten minutes

# Rows of each digit
DIGITS: Final = {
    "0": "###/# #/# #/# #/###",
    "1": "  #/  #/  #/  #/  #",
    "2": "###/  #/###/#  /###",
    "3": "###/  #/###/  #/###",
    "4": "# #/# #/###/  #/  #",
    "5": "###/#  /###/  #/###",
    "6": "###/#  /###/# #/###",
    "7": "###/  #/  #/  #/  #",
    "8": "###/# #/###/# #/###",
    "9": "###/# #/###/  #/###",
}


def wait_for_enter(console: Console, text: str) -> None:
    """Print a line and wait until Enter is pressed.

    Raises
    ------
    HipdriveError
        When there is no keyboard.
    """
    console.print(text)
    if not sys.stdin.readline():
        raise HipdriveError("there is no keyboard to press Enter on: give the result by hand, or a video")


def count_down(console: Console, seconds: int, title: str) -> None:
    """Count down to nothing, one a second, and ring."""
    with _shown(console) as shown:
        end_s = time.monotonic() + seconds
        while (left_s := end_s - time.monotonic()) > 0:
            _show(shown, title, int(left_s) + 1)
            time.sleep(min(left_s, 1 / REFRESH_HZ))
    console.bell()


def until_enter(console: Console, title: str) -> float:
    """Run until Enter is pressed, or for `LONGEST_S`; gives the seconds."""
    began_s = time.monotonic()
    pressed_s: list[float] = []

    def listen() -> None:
        sys.stdin.readline()
        pressed_s.append(time.monotonic())

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    with _shown(console) as shown:
        while listener.is_alive() and time.monotonic() < began_s + LONGEST_S:
            _show(shown, f"{title}\nEnter when it ends", int(time.monotonic() - began_s))
            listener.join(1 / REFRESH_HZ)
    console.bell()
    if listener.is_alive():
        console.print("Ten minutes are as long as it counts. Press Enter.")
        listener.join()
        return LONGEST_S
    return pressed_s[0] - began_s


def large(number: int) -> str:
    """Write a number in large digits.

    Examples
    --------
    >>> print(large(17))
        ██  ██████
        ██      ██
        ██      ██
        ██      ██
        ██      ██
    """
    rows = zip(*(DIGITS[digit].split("/") for digit in str(number)), strict=True)
    return "\n".join(" ".join(row) for row in rows).replace(" ", "  ").replace("#", "██")


@contextmanager
def _shown(console: Console) -> Iterator[Live | None]:
    """Give a screen to draw on, emptied again afterwards; none where the output is no terminal."""
    from rich.live import Live

    if not console.is_terminal:
        yield None
        return
    with Live(console=console, screen=True, refresh_per_second=REFRESH_HZ) as shown:
        yield shown


def _show(shown: Live | None, title: str, number: int) -> None:
    if shown is not None:
        shown.update(_page(title, number))


def _page(title: str, number: int) -> RenderableType:
    from rich.align import Align
    from rich.console import Group
    from rich.text import Text

    from hipdrive.report.terminal_training import Readable

    parts = Group(
        Align.center(Text(large(number), style="bold")), Text(""), Align.center(Text(title, justify="center"))
    )
    return Readable(Align.center(parts, vertical="middle"))
