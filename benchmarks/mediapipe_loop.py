"""A plain loop over a video with the MediaPipe package: what `speed.py` compares with.

Runs in an environment with mediapipe 0.10.21 (see `mediapipe_reference.py`). Prints its seconds as JSON;
starting up is not in them.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np


def frames_of(clip: Path, most: int | None = None) -> Iterator[np.ndarray]:
    """Upright RGB pictures."""
    video = cv2.VideoCapture(str(clip))
    number = 0
    while most is None or number < most:
        read, picture = video.read()
        if not read:
            return
        yield cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
        number += 1


def main() -> None:
    """Time the loop and print it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clip", type=Path)
    parser.add_argument("--complexity", type=int, default=1)
    parser.add_argument("--in-memory", type=int, help="decode so many frames first, without the clock")
    arguments = parser.parse_args()

    import mediapipe  # type: ignore[import-not-found]

    with mediapipe.solutions.pose.Pose(model_complexity=arguments.complexity) as pose:
        pose.process(np.zeros((256, 256, 3), np.uint8))  # starts the graph
        frames = frames_of(arguments.clip, arguments.in_memory)
        if arguments.in_memory:
            frames = iter(list(frames))
        wall, cpu, count, seen = time.perf_counter(), time.process_time(), 0, 0
        for image in frames:
            found = pose.process(image)
            count += 1
            seen += found.pose_landmarks is not None
        took = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
    print(json.dumps(took | {"frames": count, "seen": seen}))


if __name__ == "__main__":
    main()
