"""Which movement is it? Each movement says how sure it is; below a limit it is none of them."""

from __future__ import annotations

from typing import Final

import xarray as xr

from hipdrive.errors import HipdriveError
from hipdrive.motion import View
from hipdrive.movements.glute_bridge import GLUTE_BRIDGE
from hipdrive.movements.movement import Movement
from hipdrive.results import RecognisedMovement

MOVEMENTS: Final[dict[str, Movement]] = {movement.id: movement for movement in (GLUTE_BRIDGE,)}
SURE_ENOUGH: Final = 0.5


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
        return movement, RecognisedMovement(movement.id, "asked", 1.0)
    confidence, best = max(
        ((movement.recognise(motion, view), movement) for movement in MOVEMENTS.values()),
        key=lambda pair: pair[0],
    )
    if confidence < SURE_ENOUGH:
        return None, RecognisedMovement("unknown", "recognised", round(float(1 - confidence), 2))
    return best, RecognisedMovement(best.id, "recognised", round(float(confidence), 2))


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
