r"""Frames per second of the whole road and of the pose alone, beside a plain loop with the MediaPipe package.

    python benchmarks/speed.py ../shared/data/running/treadmill_side.mp4 --quality standard \
        --peer-python mediapipe-env/bin/python
    python benchmarks/speed.py ../shared/data/synthetic/bridge_1_good.mp4 --quality fast --runtime openvino

Same video, same weights, one run: ours, theirs, ours, theirs and so on, each in a process of its own, medians
over the rounds. Two questions:

- *whole road*: from the file to analysis.json (without the overlay), against decoding with OpenCV and one
  MediaPipe call a frame, which ends at the landmarks. Ours includes loading the networks, theirs does not.
- *pose alone*: the same frames, already in memory, to landmarks.

mediapipe 0.10.21 needs an environment of its own; how to make it, and how to give it the heavy network,
is in benchmarks/README.md. Without `--peer-python` only our side is measured.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hipdrive.video import Clip, Frame

PEER_SCRIPT = Path(__file__).with_name("mediapipe_loop.py")
COMPLEXITY = {"fast": 1, "standard": 2, "best": 2}
IN_MEMORY_FRAMES = 240  # 720 x 1280 px: 0.7 GB


@dataclass(frozen=True)
class Took:
    """What one run needed."""

    frames: int
    wall_s: float
    cpu_s: float
    networks_s: float = 0.0

    @property
    def rate_hz(self) -> float:
        """Frames per second."""
        return self.frames / self.wall_s


# our side, in a process of its own


@dataclass
class NetworkClock:
    """Processor time spent inside the networks."""

    calls_s: list[float] = field(default_factory=list)

    def watch(self) -> None:
        """From now on, every network that hipdrive loads is timed."""
        import hipdrive.pose.estimate as estimate

        load = estimate.load_networks  # type: ignore[attr-defined]

        def watched(network: Callable[[Any], Any]) -> Callable[[Any], Any]:
            def run(picture: Any) -> Any:
                start = time.thread_time()
                try:
                    return network(picture)
                finally:
                    self.calls_s.append(time.thread_time() - start)

            return run

        def load_watched(*arguments: Any, **settings: Any) -> list[Callable[[Any], Any]]:
            return [watched(network) for network in load(*arguments, **settings)]

        estimate.load_networks = load_watched  # type: ignore[attr-defined]


def in_memory(clip: Clip, frames: list[Frame]) -> Clip:
    """Return the clip with its frames already decoded."""
    from hipdrive.video import Clip

    class InMemory(Clip):
        def __iter__(self) -> Iterator[Frame]:
            return iter(frames)

    return InMemory(clip.path, clip.width_px, clip.height_px, clip.rate_hz, clip.duration_s)


def measure_here(task: str, path: Path, quality: str, runtime: str) -> Took:
    """Do one task in this process; everything is imported before the clock starts."""
    from hipdrive.analysis import analyse
    from hipdrive.pose import estimate_pose
    from hipdrive.video import read_clip

    clip = read_clip(path)
    if task == "pose":
        clip = in_memory(clip, list(itertools.islice(clip, IN_MEMORY_FRAMES)))
    networks = NetworkClock()
    networks.watch()
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    if task == "whole":
        analysis = analyse(path, quality=quality, runtime=runtime)
        analysis.to_json()
        frames = analysis.source.frames
    elif task == "pose":
        frames = len(estimate_pose(clip, quality, runtime=runtime).time_s)
    else:
        frames = sum(1 for _ in clip)
    return Took(frames, time.perf_counter() - wall_s, time.process_time() - cpu_s, sum(networks.calls_s))


# both sides, from outside


def ours(task: str, arguments: argparse.Namespace) -> Took:
    """Measure our side once."""
    settings = ["--quality", arguments.quality, "--runtime", arguments.runtime]
    return _run([sys.executable, __file__, str(arguments.clip), *settings, "--child", task])


def theirs(task: str, arguments: argparse.Namespace) -> Took:
    """Measure MediaPipe once."""
    settings = ["--complexity", str(COMPLEXITY[arguments.quality])]
    if task == "pose":
        settings += ["--in-memory", str(IN_MEMORY_FRAMES)]
    return _run([str(arguments.peer_python), str(PEER_SCRIPT), str(arguments.clip), *settings])


def _run(command: list[str]) -> Took:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\nfailed:\n{done.stderr}")
    told = json.loads(done.stdout.splitlines()[-1])
    return Took(**{name: told[name] for name in ("frames", "wall_s", "cpu_s", "networks_s") if name in told})


def compare(task: str, arguments: argparse.Namespace) -> tuple[list[Took], list[Took]]:
    """Ours, theirs, ours, theirs."""
    mine: list[Took] = []
    peers: list[Took] = []
    for _ in range(arguments.rounds):
        mine.append(ours(task, arguments))
        if arguments.peer_python:
            peers.append(theirs(task, arguments))
    return mine, peers


def rate_line(what: str, mine: list[Took], peers: list[Took]) -> str:
    """One row of the table."""
    line = f"{what:12s} {mine[0].frames:7d} {_spread([took.rate_hz for took in mine]):>22s}"
    if not peers:
        return line
    ratios = [a.rate_hz / b.rate_hz for a, b in zip(mine, peers, strict=True)]
    return f"{line} {_spread([took.rate_hz for took in peers]):>22s} {_spread(ratios, 2):>20s}"


def _spread(values: list[float], digits: int = 1) -> str:
    """Median, with the least and the most."""
    return f"{median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def bounds(whole: list[Took], decoding: Took) -> str:
    """Say what the whole road spends its processor time on."""
    wall_ms = median(took.wall_s / took.frames * 1e3 for took in whole)
    cpu_ms = median(took.cpu_s / took.frames * 1e3 for took in whole)
    networks_ms = median(took.networks_s / took.frames * 1e3 for took in whole)
    decode_ms = decoding.cpu_s / decoding.frames * 1e3
    return (
        f"whole road, a frame: {wall_ms:.1f} ms on the clock, {cpu_ms:.1f} ms of processor "
        f"({cpu_ms / wall_ms:.2f} of {os.cpu_count()} cores busy)\n"
        f"  of these: networks {networks_ms:.1f}, decoding {decode_ms:.1f}, "
        f"all else {cpu_ms - networks_ms - decode_ms:.1f} ms"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--quality", choices=COMPLEXITY, default="standard")
    parser.add_argument("--runtime", choices=("litert", "openvino"), default="litert")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer-python", type=Path, help="Python of an environment with mediapipe==0.10.21")
    parser.add_argument("--child", choices=("whole", "pose", "decode"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        took = measure_here(arguments.child, arguments.clip, arguments.quality, arguments.runtime)
        print(json.dumps(asdict(took)))
        return
    settings = f"{arguments.clip.name}, {arguments.quality}, {arguments.runtime}"
    print(f"{settings}, {arguments.rounds} rounds: median (least-most)")
    print(f"{'':12s} {'frames':>7s} {'hipdrive, frames/s':>22s} {'MediaPipe, frames/s':>22s} {'ratio':>20s}")
    whole, peers = compare("whole", arguments)
    print(rate_line("whole road", whole, peers), flush=True)
    print(rate_line("pose alone", *compare("pose", arguments)), flush=True)
    print(bounds(whole, ours("decode", arguments)))


if __name__ == "__main__":
    main()
