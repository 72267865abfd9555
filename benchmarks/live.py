"""How many pictures a second the live coach looks at, and how soon it answers.

    python benchmarks/live.py examples/bridge.mp4 --movement glute_bridge

A clip is shown at its own pace as a camera would, in a picture of 640x480: when one picture has been looked at, the
newest is next, and those in between are dropped. What is measured is

- how many pictures a second are looked at, and from the JPEG of a picture to its answer (the skeleton);
- from the picture that lets a count or a sentence be told to the answer that tells it: which picture that is, is found
  before, without hurry, by a look at every picture;
- from the end of a repetition to its count: it has to settle first.
"""

from __future__ import annotations

import argparse
import itertools
import os
import struct
import time
from pathlib import Path

import cv2
import numpy as np

from hipdrive import live
from hipdrive.live import LOOK_EVERY_S, LiveCoach
from hipdrive.video import read_clip
from hipdrive.web.live_socket import read_picture

EDGE = cv2.BORDER_REPLICATE
WIDTH_PX, HEIGHT_PX = 640, 480  # as a page asks the camera for


def messages(path: Path) -> list[tuple[float, bytes]]:
    """Time [s] and message of every picture, as the page sends it."""
    made = []
    for frame in read_clip(path):
        scale = min(WIDTH_PX / frame.image.shape[1], HEIGHT_PX / frame.image.shape[0])
        small = cv2.resize(frame.image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        beside, over = WIDTH_PX - small.shape[1], HEIGHT_PX - small.shape[0]
        small = cv2.copyMakeBorder(small, over // 2, over - over // 2, beside // 2, beside - beside // 2, EDGE)
        jpeg = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 80])[1]
        made.append((frame.time_s, struct.pack(">d", 1000 * frame.time_s) + jpeg.tobytes()))
    return made


def told_first(film: list[tuple[float, bytes]], movement: str | None) -> tuple[list[float], list[float]]:
    """Times [s] of the pictures that let each count and each sentence be told."""
    live.LOOK_EVERY_S = 0.0
    coach = LiveCoach(movement, aside=False)
    counts, sentences = [], []
    for _, message in film:
        clock_ms, picture = read_picture(message)
        sight = coach.see(picture, clock_ms / 1000)
        counts += [sight.time_s] * (sight.count - len(counts))
        if sight.cue and sight.cue.number > len(sentences):
            sentences.append(sight.time_s)
    live.LOOK_EVERY_S = LOOK_EVERY_S
    return counts, sentences


def show(film: list[tuple[float, bytes]], movement: str | None) -> tuple[list[float], list[float]]:
    """Show it once, print what was measured, and give the times [s] of counts and sentences."""
    coach = LiveCoach(movement)
    coach.see(read_picture(film[0][1])[1], 0.0)  # the networks warm up
    while not coach.ready:
        time.sleep(0.1)
    answers_ms: list[float] = []
    counts: list[float] = []
    sentences: list[float] = []
    first, first_cpu = time.perf_counter(), time.process_time()
    number = 1
    while number < len(film):
        now_s = time.perf_counter() - first
        if film[number][0] > now_s:
            time.sleep(film[number][0] - now_s)
            continue
        while number + 1 < len(film) and film[number + 1][0] <= now_s:
            number += 1
        begun = time.perf_counter()
        clock_ms, picture = read_picture(film[number][1])
        sight = coach.see(picture, clock_ms / 1000)
        answered = time.perf_counter()
        answers_ms.append(1000 * (answered - begun))
        counts += [answered - first] * (sight.count - len(counts))
        if sight.cue and sight.cue.number > len(sentences):
            sentences.append(answered - first)
        number += 1
    lasted_s = time.perf_counter() - first
    cpu_ms = 1000 * (time.process_time() - first_cpu) / len(answers_ms)
    ends_s = [one.end_s for one in coach.finish().analysis.complete_repetitions]
    late_s = [told_s - end_s for told_s, end_s in zip(counts, ends_s, strict=False)]
    print(f"{len(film)} pictures in {film[-1][0]:.1f} s, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(
        f"  looked at: {len(answers_ms) / lasted_s:.1f} a second, {cpu_ms:.1f} ms of processor each, without the looks"
    )
    print(f"  picture to skeleton: median {np.median(answers_ms):.0f} ms, 95 % {np.percentile(answers_ms, 95):.0f} ms")
    print(f"  counted live {len(counts)}, in the end {len(ends_s)}", end="")
    print(f", {np.median(late_s):.1f} s after the end" if late_s else "")
    return counts, sentences


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--movement", choices=("glute_bridge", "monster_walk"))
    parser.add_argument("--rounds", type=int, default=1)
    arguments = parser.parse_args()
    film = messages(arguments.clip)
    could = told_first(film, arguments.movement)
    late_ms: list[float] = []
    for _ in itertools.repeat(None, arguments.rounds):
        for told_s, could_s in zip(show(film, arguments.movement), could, strict=True):
            late_ms += [1000 * (one - other) for one, other in zip(told_s, could_s, strict=False)]
    if late_ms:
        print(f"picture to count or sentence: median {np.median(late_ms):.0f} ms, ", end="")
        print(f"95 % {np.percentile(late_ms, 95):.0f} ms, of {len(late_ms)}")


if __name__ == "__main__":
    main()
