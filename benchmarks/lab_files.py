"""How long an hour of forty markers at 100 Hz takes to write and to read, in every format (of CSV a tenth).

Run: python benchmarks/lab_files.py [minutes]
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from hipdrive.motion.body import motion_from_markers, trial_from_motion
from hipdrive.motion.c3d import read_c3d, write_c3d
from hipdrive.motion.files import read_motion, read_table, write_motion, write_table
from hipdrive.motion.marker_names import marker_names
from hipdrive.motion.skeleton import COORDINATES, motion_from_angles
from hipdrive.motion.trc import read_trc, write_trc
from hipdrive.motion.trial import Trial

RATE_HZ = 100.0
N_MARKERS = 40


def walking(n_frames: int) -> Trial:
    from hipdrive.motion.mot import Table

    time_s = np.arange(n_frames) / RATE_HZ
    swing = 20 * np.sin(2 * np.pi * time_s)
    columns = [swing if "flexion" in name else np.abs(swing) if "knee" in name else 0 * swing for name in COORDINATES]
    body = trial_from_motion(motion_from_angles(Table(COORDINATES, time_s, np.stack(columns, -1), True), source="made"))
    rng = np.random.default_rng(0)
    further = tuple(
        f"T{number}" for number in range(N_MARKERS - len(body.names))
    )  # more markers beside those of the body
    position_m = np.concatenate([body.position_m, body.position_m[:, : len(further)]], axis=1)
    return Trial(body.names + further, time_s, position_m + rng.normal(0, 0.0005, position_m.shape), RATE_HZ)


def timed(what: str, path: Path, action) -> object:  # type: ignore[no-untyped-def]
    begun = time.perf_counter()
    result = action()
    took_s = time.perf_counter() - begun
    size_mb = path.stat().st_size / 1e6
    print(f"{what:24s} {took_s:7.2f} s   {size_mb:7.1f} MB   {size_mb / took_s:7.1f} MB/s", flush=True)
    return result


def main() -> None:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    n_frames = round(minutes * 60 * RATE_HZ)
    print(f"{minutes:g} minutes, {n_frames} frames of {N_MARKERS} markers")
    trial = walking(n_frames)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for suffix, write, read in ((".trc", write_trc, read_trc), (".c3d", write_c3d, read_c3d)):
            path = folder / f"hour{suffix}"
            timed(f"write {suffix}", path, lambda write=write, path=path: write(trial, path))
            timed(f"read {suffix}", path, lambda read=read, path=path: read(path))
        path = folder / "hour.trc"
        motion = timed("body from markers", path, lambda: motion_from_markers(trial, marker_names(), source="hour.trc"))
        timed("read .trc to a motion", path, lambda: read_motion(path))
        path = folder / "hour.mot"
        timed("write .mot (from body)", path, lambda: write_motion(motion, path))  # type: ignore[arg-type]
        table = timed("read .mot", path, lambda: read_table(path))
        timed("write .mot (table)", path, lambda: write_table(table, path))  # type: ignore[arg-type]
        timed("read .mot to a motion", path, lambda: read_motion(path))
        path = folder / "hour.parquet"
        timed("write .parquet", path, lambda: write_motion(motion, path))  # type: ignore[arg-type]
        timed("read .parquet", path, lambda: read_motion(path))
        tenth = motion.isel(time=slice(n_frames // 10))  # type: ignore[attr-defined]
        path = folder / "tenth.csv"  # an hour of CSV is larger than what is read at once
        timed("write .csv, a tenth", path, lambda: write_motion(tenth, path))
        timed("read .csv, a tenth", path, lambda: read_motion(path))


if __name__ == "__main__":
    main()
