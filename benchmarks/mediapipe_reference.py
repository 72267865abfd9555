"""What the MediaPipe package says about frames of clips: the reference of `tests/test_parity.py`.

Runs in an environment of its own, because mediapipe 0.10.21 needs numpy below 2:

    python3.11 -m venv mediapipe-env
    mediapipe-env/bin/pip install mediapipe==0.10.21
    mediapipe-env/bin/python benchmarks/mediapipe_reference.py parity.npz CLIP...

Every frame is treated as a single picture, without smoothing or tracking. Beside the landmarks the region
in which MediaPipe looked for them is kept, so that another landmarker can be asked about the very same one.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import cv2
import numpy as np

GRAPH = "mediapipe/modules/pose_landmark/pose_landmark_cpu.binarypb"


def single_picture_graph(complexity: int) -> Any:
    """Return the graph behind `mp.solutions.pose.Pose`, which itself does not tell its region."""
    from mediapipe.python.solution_base import SolutionBase  # type: ignore[import-not-found]

    return SolutionBase(
        binary_graph_path=GRAPH,
        side_inputs={
            "model_complexity": complexity,
            "smooth_landmarks": False,
            "enable_segmentation": False,
            "smooth_segmentation": False,
            "use_prev_landmarks": False,
        },
        outputs=["pose_landmarks", "pose_world_landmarks", "pose_rect_from_detection"],
    )


def describe(image: np.ndarray, seen: Any) -> dict[str, Any] | None:
    """One row of the table, in pixels of the picture and in metres; None when nobody was found."""
    if seen.pose_landmarks is None:
        return None
    height, width = image.shape[:2]
    region = seen.pose_rect_from_detection
    points = seen.pose_landmarks.landmark
    world = seen.pose_world_landmarks.landmark
    return {
        # centre x, centre y and side in px, turn in radians: hipdrive.pose.regions.Region
        "region": [region.x_center * width, region.y_center * height, region.width * width, region.rotation],
        "image": [[p.x * width, p.y * height, p.z * width] for p in points],
        "world": [[p.x, p.y, p.z] for p in world],
        "confidence": [p.visibility for p in points],
    }


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("clips", type=Path, nargs="+")
    parser.add_argument("--frames", type=int, default=6, help="frames of each clip, evenly spread")
    parser.add_argument("--complexity", type=int, default=1, help="1: full network, 2: heavy")
    arguments = parser.parse_args()

    import mediapipe  # type: ignore[import-not-found]

    graph = single_picture_graph(arguments.complexity)
    rows = []
    for clip in arguments.clips:
        video = cv2.VideoCapture(str(clip))
        count = int(video.get(cv2.CAP_PROP_FRAME_COUNT))
        wanted = set(np.linspace(0, count - 1, arguments.frames).astype(int).tolist())
        for number in range(count):
            read, picture = video.read()
            if not read:
                break
            if number not in wanted:
                continue
            image = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
            row = describe(image, graph.process({"image": image}))
            print(f"{clip.name} frame {number}: {'nobody' if row is None else 'somebody'}")
            if row is not None:
                rows.append(row | {"clip": clip.name, "frame": number})
    columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    floats = {name: column.astype(np.float32) for name, column in columns.items() if column.dtype.kind == "f"}
    made_by = {
        "mediapipe": mediapipe.__version__,
        "opencv": cv2.__version__,
        "complexity": arguments.complexity,
    }
    np.savez_compressed(arguments.out, **(columns | floats | made_by))


if __name__ == "__main__":
    main()
