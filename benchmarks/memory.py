"""Does memory grow with the length of a clip? Peak of the whole road for 1 minute and for 10 minutes.

    python benchmarks/memory.py ../shared/data/synthetic/bridge_1_good.mp4

The clip given is repeated, without encoding it again, to 1 and to 10 minutes. Each is analysed by a process
of its own (`--quality fast`), because the peak of a process never falls.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any


def repeat(clip: Path, length_s: float, out: Path) -> None:
    """Write the pictures of a clip again and again until `length_s` is filled."""
    import av

    with av.open(str(clip)) as source, av.open(str(out), "w", format="mp4") as target:
        stream = source.streams.video[0]
        copy = target.add_stream_from_template(stream)
        assert stream.time_base is not None and stream.duration is not None
        for round_number in range(round(length_s / float(stream.duration * stream.time_base))):
            source.seek(0)
            for packet in source.demux(stream):
                if packet.dts is None or packet.pts is None:
                    continue
                packet.dts += round_number * stream.duration
                packet.pts += round_number * stream.duration
                packet.stream = copy
                target.mux(packet)


def analyse_here(clip: Path, quality: str) -> dict[str, float]:
    """Take the whole road in this process and tell what it needed."""
    from hipdrive.analysis import analyse

    analysis = analyse(clip, quality=quality)
    written = analysis.to_json()
    # kilobytes on Linux, bytes on macOS
    unit = 1 if sys.platform == "darwin" else 1024
    return {
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6,
        "frames": analysis.source.frames,
        "seconds": analysis.source.duration_s,
        "repetitions": len(analysis.complete_repetitions),
        "json_kb": len(written) / 1e3,
    }


def analyse_elsewhere(clip: Path, quality: str) -> dict[str, Any]:
    """Do the same in a process of its own."""
    command = [sys.executable, __file__, str(clip), "--quality", quality, "--child"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--quality", default="fast")
    parser.add_argument("--minutes", type=float, nargs=2, default=(1, 10))
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        print(json.dumps(analyse_here(arguments.clip, arguments.quality)))
        return
    peaks = []
    with tempfile.TemporaryDirectory() as folder:
        for minutes in arguments.minutes:
            clip = Path(folder) / f"{minutes:g}_minutes.mp4"
            repeat(arguments.clip, minutes * 60, clip)
            found = analyse_elsewhere(clip, arguments.quality)
            peaks.append(found["peak_mb"])
            print(
                f"{found['seconds']:.1f} s, {found['frames']} frames, {found['repetitions']} repetitions: "
                f"peak {found['peak_mb']:.0f} MB",
                flush=True,
            )
    print(f"the longer clip needs {peaks[1] / peaks[0]:.3f} times the memory of the shorter one")


if __name__ == "__main__":
    main()
