"""Take the pictures of the app, docs/pictures/app-*.webp: the example diary, and the rendered athletes of examples/.

    python docs/app_pictures.py [NAME ...]

It starts the app on a diary of its own and looks at it with Chromium; nothing of yours is opened. It takes some
minutes, as the clip of the result is really looked at, and the live coach really counts. NAME is one of `SHOTS`.
"""

from __future__ import annotations

import argparse
import io
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import cv2
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from hipdrive.diary import Diary
from hipdrive.diary.example import fill_example
from hipdrive.video import read_clip

PICTURES: Final = Path(__file__).parent / "pictures"
CLIP: Final = Path(__file__).parent.parent / "examples" / "bridge.mp4"
QUALITY: Final = 80  # of WebP
LONGEST_MS: Final = 600_000
CAMERA_PX: Final = (640, 360)
COUNTED: Final = 2  # repetitions, before the live coach is taken
SERVE: Final = """
import sys
from pathlib import Path
from hipdrive.web.serve import serve
from hipdrive.web.settings import WebSettings
folder = Path(sys.argv[1])
settings = WebSettings(port=0, folder=folder / "app", database=str(folder / "diary.sqlite3"))
serve(settings, lambda place: print(place.address, flush=True))
"""


@dataclass(frozen=True)
class Shot:
    """A picture: its page, its size [px] and what a pixel is made of, its colours."""

    path: str
    width: int
    height: int
    colours: str
    scale: float = 1.0


SHOTS: Final = {
    "today": Shot("/", 1200, 900, "light"),
    "progress": Shot("/progress", 1200, 900, "light"),
    "result": Shot("/film", 1200, 1000, "dark"),
    "phone": Shot("/", 390, 800, "dark", 2.0),
    "live": Shot("/film/live", 390, 800, "dark", 2.0),
}


def main(arguments: Sequence[str]) -> None:
    """Take the pictures that are named, all of them where none is."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SHOTS))
    names = asked.parse_args(arguments).names or list(SHOTS)
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        folder = Path(made)
        with Diary.open(str(folder / "diary.sqlite3")) as diary:
            fill_example(diary, date.today())
        camera = _camera(folder / "camera.mjpeg")
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=[
                "--no-sandbox",
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                f"--use-file-for-fake-video-capture={camera}",
            ],
        )
        with _served(folder) as address:
            for name in names:
                _keep(name, _taken(browser, address, name, SHOTS[name]))
        browser.close()


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    """Serve the app; gives its address."""
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(folder)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


def _camera(film: Path) -> Path:
    """The clip as Chromium plays it for a camera: one JPEG after the other."""
    with film.open("wb") as out:
        for frame in read_clip(CLIP):
            picture = cv2.cvtColor(cv2.resize(frame.image, CAMERA_PX), cv2.COLOR_RGB2BGR)
            out.write(cv2.imencode(".jpg", picture)[1].tobytes())
    return film


def _taken(browser: Any, address: str, name: str, shot: Shot) -> bytes:
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height},
        device_scale_factor=shot.scale,
        color_scheme=shot.colours,
        reduced_motion="reduce",
        base_url=address,
    )
    page: Page = context.new_page()
    page.set_default_timeout(LONGEST_MS)
    page.goto(shot.path)
    page.wait_for_load_state("networkidle")
    if name == "result":
        _look_at_a_clip(page)
    elif name == "live":
        _exercise(page)
    page.wait_for_timeout(1000)
    picture: bytes = page.screenshot()
    context.close()
    return picture


def _look_at_a_clip(page: Page) -> None:
    """Send the clip, wait for its result, and stop the film in the second repetition."""
    page.locator("[data-upload=file]").set_input_files(CLIP)
    page.wait_for_url("**/result/*")
    page.get_by_role("heading", name=re.compile(r"^Repetition \d+")).first.wait_for()
    page.wait_for_function("document.querySelector('video')?.readyState >= 2")
    page.evaluate("document.querySelector('video').currentTime = 8")


def _exercise(page: Page) -> None:
    """Begin a set, and wait until something is counted and said, on a machine that is not too busy for it."""
    page.locator("#live[data-ready]").wait_for()
    page.locator("[data-part=start]").click()
    page.wait_for_function(
        f"+document.querySelector('[data-part=count]').textContent >= {COUNTED}"
        " && document.querySelector('[data-part=cue]').textContent"
        " && !document.querySelector('[data-part=hint]').textContent"
    )


def _keep(name: str, picture: bytes) -> None:
    path = PICTURES / f"app-{name}.webp"
    Image.open(io.BytesIO(picture)).convert("RGB").save(path, quality=QUALITY, method=6)
    print(f"{path.name}: {path.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
