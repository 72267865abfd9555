"""How soon the live page of the app shows what the camera saw, in a real browser on the same machine.

    python benchmarks/live_page.py bridge glute_bridge
    python benchmarks/live_page.py walk

A clip of the examples is played as the camera of Debian's Chromium, for 40 s. The page writes down how long each
picture took from the camera to the skeleton, and how old the newest picture was that a sentence rests on when it was
shown.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from app_server import served  # noqa: E402
from browsers import camera_film, chromium_with, open_page, page_of, plays  # noqa: E402
from hipdrive.diary import Diary  # noqa: E402
from hipdrive.diary.example import fill_example  # noqa: E402

LASTS_S = 40.0
BEGINS_S = 3.0  # until everything is loaded
LISTEN = """() => {
    window.delays = {"data-delay-ms": [], "data-cue-delay-ms": []};
    const live = document.getElementById("live");
    new MutationObserver((all) => {
        for (const one of all) window.delays[one.attributeName].push(+live.getAttribute(one.attributeName));
    }).observe(live, {attributeFilter: Object.keys(window.delays)});
}"""


def main(clip: str, movement: str = "") -> None:
    """Play the clip, listen, print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Diary.open(str(folder / "diary.sqlite3")) as diary:
            fill_example(diary, date.today())
        film = camera_film(ROOT / "examples" / f"{clip}.mp4", folder / "film.mjpeg")
        with (
            served(folder, folder / "diary.sqlite3") as address,
            chromium_with(*plays(film)) as browser,
            page_of(browser, address) as page,
        ):
            open_page(page, "/film/live")
            page.locator("#live[data-ready]").wait_for()
            page.locator("[data-part=movement]").select_option(movement)
            page.locator("[data-part=start]").click()
            page.locator("#live[data-looks]").wait_for(timeout=90_000)
            time.sleep(BEGINS_S)
            page.evaluate(LISTEN)
            time.sleep(LASTS_S)
            delays = page.evaluate("window.delays")
    pictures, sentences = sorted(delays["data-delay-ms"]), delays["data-cue-delay-ms"]
    print(f"{clip}, {movement or 'to be recognised'}: {len(pictures) / LASTS_S:.1f} pictures a second")
    print(
        f"  camera to skeleton: median {statistics.median(pictures)} ms, 95 % {pictures[int(0.95 * len(pictures))]} ms"
    )
    print(f"  newest picture to sentence on the screen [ms]: {sentences}")


if __name__ == "__main__":
    main(*sys.argv[1:])
