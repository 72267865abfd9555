"""Which movement is it? Each movement says how sure it is; below a limit it is none of them."""

from __future__ import annotations

from typing import Final

import xarray as xr

from hipdrive.errors import HipdriveError
from hipdrive.motion import View
from hipdrive.movements.glute_bridge import GLUTE_BRIDGE
from hipdrive.movements.monster_walk import MONSTER_WALK
from hipdrive.movements.movement import SURE_ENOUGH, Likeness, Movement
from hipdrive.movements.running import RUNNING
from hipdrive.results import RecognisedMovement

MOVEMENTS: Final[dict[str, Movement]] = {movement.id: movement for movement in (GLUTE_BRIDGE, MONSTER_WALK, RUNNING)}


def recognise_movement(
    motion: xr.Dataset, view: View, asked: str | None = None
) -> tuple[Movement | None, RecognisedMovement]:
    """Tell the movement of a clip.

    Parameters
    ----------
    motion : xarray.Dataset
        Clean.
    view : View
    asked : str, optional
        Id of the movement the user names; then nothing is guessed.

    Returns
    -------
    movement : Movement or None
        None when it is none that hipdrive knows.
    recognised : RecognisedMovement

    Raises
    ------
    HipdriveError
        When the movement asked for is not known.
    """
    if asked is not None:
        movement = named(asked)
        return movement, RecognisedMovement(movement.id, "asked", 1.0, "named by the user")
    likeness = {movement: movement.recognise(motion, view) for movement in MOVEMENTS.values()}
    best = max(likeness, key=lambda movement: likeness[movement].confidence)
    confidence = likeness[best].confidence
    if confidence >= SURE_ENOUGH:
        return best, RecognisedMovement(best.id, "recognised", round(confidence, 2), likeness[best].why)
    return None, RecognisedMovement("unknown", "recognised", round(1 - confidence, 2), _why_none(likeness))


def _why_none(likeness: dict[Movement, Likeness]) -> str:
    """What speaks against every movement."""
    return "; ".join(f"no {movement.name.lower()}: {found.why}" for movement, found in likeness.items())


def named(movement_id: str) -> Movement:
    """Movement by its id.

    Raises
    ------
    HipdriveError
        When there is none of that name; the message lists those there are.
    """
    if movement_id not in MOVEMENTS:
        raise HipdriveError(f"no movement is called {movement_id}: choose from {', '.join(MOVEMENTS)}")
    return MOVEMENTS[movement_id]
