"""hipdrive: films, counts and judges a runner's glute exercises, on the runner's own machine.

>>> import hipdrive
>>> analysis = hipdrive.analyse("bridge.mp4")  # doctest: +SKIP
>>> [repetition.cues["straight_line"].verdict for repetition in analysis.complete_repetitions]  # doctest: +SKIP
['good', 'good', 'check', 'good']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hipdrive.analysis import analyse
    from hipdrive.errors import HipdriveError
    from hipdrive.movements import MOVEMENTS
    from hipdrive.results import Analysis

__all__ = ["MOVEMENTS", "Analysis", "HipdriveError", "analyse"]

_HOMES = {
    "analyse": "hipdrive.analysis",
    "Analysis": "hipdrive.results",
    "HipdriveError": "hipdrive.errors",
    "MOVEMENTS": "hipdrive.movements",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used: numpy, xarray and the networks take a second to load."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'hipdrive' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
