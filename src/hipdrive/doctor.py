"""Is everything there? Weights, codecs, versions; and how to mend what is not."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from hipdrive.errors import WeightsMissing
from hipdrive.pose import weights

PACKAGES: Final = ("av", "opencv-python-headless", "ai-edge-litert", "numpy", "xarray", "plotly")
OPTIONAL: Final = {
    "openvino": "a quicker runtime for the heavy network",
    "mujoco": "the muscles: pip install 'hipdrive[muscles]'",
    "myo-sim": "the muscles: pip install 'hipdrive[muscles]'",
    "garmin-fit-sdk": "workouts for a watch: pip install 'hipdrive[watch]'",
}
DECODERS: Final = {"h264": "H.264", "hevc": "HEVC (iPhone)", "vp9": "VP9 (WebM)", "av1": "AV1", "gif": "GIF"}


@dataclass(frozen=True)
class Finding:
    """One thing looked at.

    Attributes
    ----------
    name : str
    found : str
        What is there.
    cure : str or None
        What to do; None when all is well.
    """

    name: str
    found: str
    cure: str | None = None


def examine_installation() -> Iterator[Finding]:
    """Look at everything an analysis needs."""
    yield Finding("Python", platform.python_version())
    yield from _packages()
    yield from _weights()
    yield from _codecs()


def _packages() -> Iterator[Finding]:
    for name in ("hipdrive", *PACKAGES, *OPTIONAL):
        try:
            yield Finding(name, version(name))
        except PackageNotFoundError:
            if name in OPTIONAL:
                yield Finding(name, f"not installed (optional: {OPTIONAL[name]})")
            else:
                yield Finding(name, "missing", "pip install hipdrive")


def _weights() -> Iterator[Finding]:
    for name, expected in weights.WEIGHTS.items():
        found = weights.checksum(name)
        if found is None:
            yield Finding(f"weights: {name}", "missing", "run 'hipdrive setup'")
        elif found not in expected.checksums:
            path = weights.original_path(name)
            yield Finding(
                f"weights: {name}",
                f"{path} is not the expected file",
                f"delete {path} and run 'hipdrive setup'",
            )
        else:
            try:
                yield Finding(f"weights: {name}", f"{weights.network_path(name)} (sha256 {found[:12]}...)")
            except WeightsMissing:
                yield Finding(f"weights: {name}", "not yet prepared", "run 'hipdrive setup'")


def _codecs() -> Iterator[Finding]:
    import av

    for codec, name in DECODERS.items():
        readable = codec in av.codecs_available
        yield Finding(f"reads {name}", "yes" if readable else "no", None if readable else "pip install --upgrade av")
    writable = "libx264" in av.codecs_available
    yield Finding("writes H.264", "yes" if writable else "no", None if writable else "pip install --upgrade av")
