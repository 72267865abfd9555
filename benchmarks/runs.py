"""How long runs of an hour at one record a second take to be read, beside decoding all of their records.

Run: python benchmarks/runs.py [files]

The files are made here. Both sides read the same bytes in memory with the same decoder, the clock is processor time,
the check sum is looked at by both.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import fitdecode

from hipdrive.exchange.runs import Source, read_source

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from run_files import Made, fit_file, gpx_file, gpx_track, tcx_file

HOUR = Made(seconds=3600)


def processor_s(work: Callable[[bytes], object], files: list[bytes]) -> float:
    work(files[0])
    begin = time.process_time()
    for file in files:
        work(file)
    return time.process_time() - begin


def ours(file: bytes) -> None:
    assert len(read_source(Source("run", lambda: file)).runs) == 1


def all_records(file: bytes) -> None:
    with fitdecode.FitReader(io.BytesIO(file), check_crc=fitdecode.CrcCheck.RAISE) as reader:
        assert sum(isinstance(frame, fitdecode.FitDataMessage) and frame.name == "session" for frame in reader) == 1


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    few = max(count // 50, 2)
    days = [Made(start=HOUR.start + timedelta(days=day), seconds=3600) for day in range(few)]
    files = [fit_file(day, power=True) for day in days]
    many = [files[place % few] for place in range(count)]
    own_s = processor_s(ours, many)
    print(f"{count} FIT files of {len(files[0]) / 1000:.0f} kB: {own_s:.1f} s, {own_s / count * 1000:.1f} ms a file")
    other_s = processor_s(all_records, files) / few * count
    print(f"all records, from {few} files: {other_s:.0f} s, {other_s / own_s:.0f} times as long")
    for name, file in (("TCX", tcx_file(HOUR)), ("GPX", gpx_file(gpx_track(HOUR)))):
        print(f"{name} of {len(file) / 1000:.0f} kB: {processor_s(ours, [file] * few) / few * 1000:.0f} ms a file")


if __name__ == "__main__":
    main()
