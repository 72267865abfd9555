"""The road from a clip to an analysis, one stage after the other.

read_clip -> estimate_pose -> choose_athlete -> clean_motion -> find_view -> recognise_movement
          -> find_repetitions -> measure -> judge -> advise -> Analysis
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import xarray as xr

from hipdrive.errors import HipdriveError
from hipdrive.motion import Chosen, Sides, View, choose_athlete, clean_motion, find_view
from hipdrive.movements import Cue, Measurement, Movement, Prepared, judge_set, named, recognise_movement
from hipdrive.movements.advise import advise
from hipdrive.movements.repetition import Repetition
from hipdrive.pose import QUALITIES, estimate_pose
from hipdrive.pose.weights import checksum
from hipdrive.results import (
    Analysis,
    JudgedCue,
    JudgedRepetition,
    RecognisedMovement,
    SeenView,
    Source,
    Warning_,
)
from hipdrive.video import Clip, read_clip

LEAST_SEEN_SHARE = 0.8  # of the clip, under which the reader is told that the athlete was lost
LEAST_RATE_HZ = 20.0  # under which tempo is coarse


@dataclass(frozen=True, eq=False)
class Examined:
    """An analysis with what it rests on, for reports.

    Attributes
    ----------
    analysis : Analysis
    clip : Clip or None
        None where there is no picture: a lab file, a table of landmarks.
    motion : xarray.Dataset
        Clean.
    chosen : Chosen or None
        None where there was nobody to choose from.
    movement : Movement or None
    prepared : Prepared or None
        The set with its curves; None when the movement is none that hipdrive knows.
    parts : tuple of Examined
        The views of one run that were examined together; empty for a single one.
    """

    analysis: Analysis
    clip: Clip | None
    motion: xr.Dataset
    chosen: Chosen | None
    movement: Movement | None
    prepared: Prepared | None
    parts: tuple[Examined, ...] = ()


def analyse(
    path: str | Path,
    *,
    movement: str | None = None,
    quality: str = "standard",
    height_m: float | None = None,
    slow_motion: float = 1.0,
    runtime: str = "litert",
    progress: Callable[[int], None] = lambda frames: None,
) -> Analysis:
    """Judge the exercise in a clip.

    Parameters
    ----------
    path : str or Path
        A video or a photograph.
    movement : str, optional
        What it is (``"glute_bridge"``); recognised when left out.
    quality : {"standard", "fast", "best"}
        Which network looks, and how often.
    height_m : float, optional
        The athlete's height [m]; kept with the analysis for measures that need a scale.
    slow_motion : float
        How many times slower than real life the file plays.
    runtime : {"litert", "openvino"}
    progress : callable
        Told the number of frames done so far.

    Returns
    -------
    Analysis

    Raises
    ------
    HipdriveError
        When nothing can be analysed; the message says why and what to do.

    Examples
    --------
    >>> import hipdrive
    >>> analysis = hipdrive.analyse("examples/bridge.mp4")  # doctest: +SKIP
    """
    return examine(
        path,
        movement=movement,
        quality=quality,
        height_m=height_m,
        slow_motion=slow_motion,
        runtime=runtime,
        progress=progress,
    ).analysis


def examine(
    path: str | Path,
    *,
    movement: str | None = None,
    quality: str = "standard",
    height_m: float | None = None,
    slow_motion: float = 1.0,
    runtime: str = "litert",
    progress: Callable[[int], None] = lambda frames: None,
) -> Examined:
    """Do as `analyse` does, and keep what the analysis rests on."""
    if movement is not None:
        named(movement)  # a wrong name is said before the work, not after it
    if height_m is not None and not 0.5 <= height_m <= 2.6:
        raise HipdriveError(f"a height of {height_m} m is not plausible: give it in metres, such as 1.78")
    clip = read_clip(path, slow_motion=slow_motion)
    # the landmarks of everybody are not kept: a long clip has a hundred megabytes of them
    motion, chosen = choose_athlete(estimate_pose(clip, quality, runtime=runtime, progress=progress), clip, movement)
    motion, sides = clean_motion(motion)
    motion, view = find_view(motion)
    known, recognised = recognise_movement(motion, view, movement)
    prepared = known.prepare(motion, view) if known else None
    repetitions = judge_repetitions(known, prepared, view) if known and prepared else []
    judged_set = {
        cue.id: judge_set([repetition.cues[cue.id] for repetition in repetitions if repetition.complete])
        for cue in (known.cues if known else ())
    }
    analysis = Analysis(
        source=_source(clip, motion),
        movement=recognised,
        view=SeenView(view.id, view.near_side, round(view.confidence, 2)),
        repetitions=repetitions,
        set=judged_set,
        advice=advise(known, repetitions, judged_set) if known else [],
        warnings=_warnings(clip, motion, chosen, sides, view, recognised, prepared),
        provenance={
            "hipdrive": version("hipdrive"),
            "model": QUALITIES[quality].network,
            "model_sha256": checksum(QUALITIES[quality].network),
            "detector_sha256": checksum("detector"),
            "runtime": runtime,
            "settings": {
                "quality": quality,
                "movement": movement,
                "height_m": height_m,
                "slow_motion": slow_motion,
            },
            "athlete": {
                "people_seen": chosen.people_seen,
                "seen_share": round(chosen.seen_share, 3),
                "box_px": [round(edge) for edge in chosen.box_px],
            },
            "sides": {
                "exchanged_frames": sides.exchanged_frames,
                "uncertain_s": [[round(a, 2), round(b, 2)] for a, b in sides.uncertain_s],
            },
            "steps": motion.attrs["log"].splitlines(),
        },
    )
    return Examined(analysis, clip, motion, chosen, known, prepared)


def judge_repetitions(movement: Movement, prepared: Prepared, view: View) -> list[JudgedRepetition]:
    """Measure and judge every cue in every repetition."""
    return [
        JudgedRepetition(
            index=number,
            side=prepared.side_of(repetition),
            direction=prepared.direction_of(repetition),
            start_s=round(repetition.start_s, 3),
            top_start_s=round(repetition.top_start_s, 3),
            top_end_s=round(repetition.top_end_s, 3),
            end_s=round(repetition.end_s, 3),
            complete=repetition.complete,
            cues={cue.id: _judge(cue, prepared, repetition, view) for cue in movement.cues},
        )
        for number, repetition in enumerate(prepared.repetitions, start=1)
    ]


def _judge(cue: Cue, prepared: Prepared, repetition: Repetition, view: View) -> JudgedCue:
    if view.id not in cue.views:
        wanted = {"side": "side-on", "front": "from the feet"}
        asked_for = " or ".join(wanted[name] for name in cue.views if name in wanted)
        return cue.judged(Measurement.missing(f"it cannot be seen from here: film {asked_for}"))
    return cue.judged(cue.measure(prepared, repetition))


def _source(clip: Clip, motion: xr.Dataset) -> Source:
    time_s = motion.time.values
    return Source(
        name=clip.name,
        kind="video",
        duration_s=round(float(time_s[-1] - time_s[0]), 3),
        frames=len(time_s),
        rate_hz=round(float(motion.attrs["rate_hz"]), 3),
        width_px=clip.width_px,
        height_px=clip.height_px,
    )


def _warnings(
    clip: Clip,
    motion: xr.Dataset,
    chosen: Chosen,
    sides: Sides,
    view: View,
    recognised: RecognisedMovement,
    prepared: Prepared | None,
) -> list[Warning_]:
    said = [Warning_(code, text) for code, text in clip.warnings.items()]
    rate_hz = float(motion.attrs["rate_hz"])
    if clip.filmed_rate_hz and rate_hz and clip.filmed_rate_hz > 1.5 * rate_hz:
        factor = clip.filmed_rate_hz / rate_hz
        said.append(
            Warning_(
                "slow_motion_file",
                f"the phone says it filmed {clip.filmed_rate_hz:.0f} frames/s but the file plays {rate_hz:.0f}: "
                f"give --slow-motion {factor:.0f} for true times",
            )
        )
    if chosen.people_seen > 1:
        said.append(
            Warning_(
                "several_people",
                f"{chosen.people_seen} people are in view; the one in the frame drawn in the report was measured",
            )
        )
    if chosen.seen_share < LEAST_SEEN_SHARE and len(motion.time) > 1:
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
                f"filmed about {view.off_side_deg:.0f} deg off the side: angles cannot be judged; film side-on",
            )
        )
    if recognised.id == "unknown" and len(motion.time) == 1:
        said.append(Warning_("one_picture", "one picture does not tell the movement: name it, --movement glute_bridge"))
    elif recognised.id == "unknown":
        said.append(
            Warning_(
                "movement_unknown",
                "this is none of the movements hipdrive knows, so nothing was judged; "
                "if it is one, name it with --movement",
            )
        )
    elif prepared is not None:
        said += prepared.warnings
        if not prepared.repetitions:
            said.append(Warning_("no_repetition", "no repetition was found: show the whole set, hips down to hips up"))
    return said
