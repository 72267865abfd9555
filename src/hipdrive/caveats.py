"""What the reader must know about a clip before believing what was measured in it."""

from __future__ import annotations

from typing import Final

import xarray as xr

from hipdrive.motion import Chosen, Sides, View
from hipdrive.movements import Prepared
from hipdrive.movements.running import slow_strides
from hipdrive.results import RecognisedMovement, Warning_
from hipdrive.video import Clip

LEAST_SEEN_SHARE: Final = 0.8  # of the clip, under which the reader is told that the athlete was lost
LEAST_RATE_HZ: Final = 20.0  # under which tempo is coarse


def caveats(
    clip: Clip | None,
    motion: xr.Dataset,
    chosen: Chosen | None,
    sides: Sides,
    view: View,
    recognised: RecognisedMovement,
    prepared: Prepared | None,
) -> list[Warning_]:
    """Everything that limits what was measured, in plain words.

    Parameters
    ----------
    clip : Clip or None
        None where there is no picture.
    motion : xarray.Dataset
        Clean.
    chosen : Chosen or None
        None where there was nobody to choose from.
    sides : Sides
    view : View
    recognised : RecognisedMovement
    prepared : Prepared or None
        None when the movement is none that hipdrive knows.

    Returns
    -------
    list of Warning_
    """
    said = [Warning_(code, text) for code, text in (clip.warnings if clip else {}).items()]
    rate_hz = float(motion.attrs["rate_hz"])
    if clip and clip.filmed_rate_hz and rate_hz and clip.filmed_rate_hz > 1.5 * rate_hz:
        times = clip.filmed_rate_hz / rate_hz
        said.append(
            Warning_(
                "slow_motion_file",
                f"the phone says it filmed {clip.filmed_rate_hz:.0f} frames/s but the file plays {rate_hz:.0f}: "
                f"say how much slower it plays, {times:.0f} times, for true times",
            )
        )
    if chosen and chosen.people_seen > 1:
        said.append(
            Warning_(
                "several_people",
                f"{chosen.people_seen} people are in view; the one in the frame drawn in the report was measured",
            )
        )
    if chosen and chosen.seen_share < LEAST_SEEN_SHARE and len(motion.time) > 1:
        said.append(
            Warning_("athlete_lost", f"the athlete could be followed in only {chosen.seen_share:.0%} of the clip")
        )
    said += [
        Warning_("sides_uncertain", f"left and right leg are uncertain from {start:.1f} to {end:.1f} s")
        for start, end in sides.uncertain_s
    ]
    if 0 < rate_hz < LEAST_RATE_HZ:
        said.append(Warning_("low_frame_rate", f"only {rate_hz:.0f} frames/s: times are coarse; film at 30 or more"))
    if view.id == "oblique":
        said.append(
            Warning_(
                "oblique_view",
                f"filmed about {view.off_side_deg:.0f} deg off the side: angles cannot be judged; film straight from "
                "the side, the front or behind",
            )
        )
    if recognised.id == "unknown" and (factor := slow_strides(motion)):
        said.append(
            Warning_(
                "slow_motion_suspected",
                f"the legs stride too slowly for a person, so this is probably a slow-motion file of a run: "
                f"say how much slower it plays, {factor} times",
            )
        )
    if recognised.id == "unknown" and len(motion.time) == 1:
        said.append(Warning_("one_picture", "one picture does not tell the movement: name the movement"))
    elif recognised.id == "unknown":
        said.append(
            Warning_(
                "movement_unknown",
                f"this is none of the movements hipdrive knows ({recognised.why}), so nothing was judged; "
                "if it is one, name the movement",
            )
        )
    elif prepared is not None:
        said += prepared.warnings
        said += _nothing_found(recognised, prepared)
    return said


def _nothing_found(recognised: RecognisedMovement, prepared: Prepared) -> list[Warning_]:
    """Say that a clip of a known movement shows no whole one."""
    if recognised.id == "running":
        text = "no stride was found: film for 10 s or longer, with the whole body in the picture"
        return [] if prepared.strides else [Warning_("no_stride", text)]
    text = "no repetition was found: show the whole set, from the start to the end"
    return [] if prepared.repetitions else [Warning_("no_repetition", text)]
