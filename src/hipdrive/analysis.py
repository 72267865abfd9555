"""The road from a clip to an analysis, one stage after the other.

read_clip -> estimate_pose -> choose_athlete -> clean_motion -> find_view -> recognise_movement
          -> find_repetitions | find_strides -> measure -> judge -> advise -> Analysis

Files from a lab and landmarks of other programs enter at clean_motion.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Literal

import xarray as xr

from hipdrive.caveats import caveats
from hipdrive.errors import HipdriveError
from hipdrive.motion import Chosen, Sides, View, choose_athlete, find_view, smooth, tidy_motion
from hipdrive.motion.body import seen_from
from hipdrive.motion.files import is_motion_file, read_motion
from hipdrive.movements import (
    Cue,
    Measure,
    Measurement,
    Movement,
    Prepared,
    Runner,
    SidedMeasurement,
    judge_set,
    named,
    recognise_movement,
)
from hipdrive.movements.advise import advise
from hipdrive.movements.repetition import Repetition
from hipdrive.pose import QUALITIES, People, estimate_pose
from hipdrive.pose.weights import checksum
from hipdrive.results import (
    Analysis,
    JudgedCue,
    JudgedMeasure,
    JudgedRepetition,
    JudgedStride,
    RecognisedMovement,
    SeenView,
    Source,
)
from hipdrive.video import Clip, read_clip

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Settings:
    """What the user says about a clip.

    Attributes
    ----------
    movement : str or None
        What it is (``"glute_bridge"``, ``"monster_walk"``, ``"running"``); recognised when None.
    quality : {"standard", "fast", "best"}
        Which network looks, and how often.
    runner : Runner
        Who it is.
    slow_motion : float
        How many times slower than real life the file plays.
    runtime : {"litert", "openvino"}
        What runs the networks.
    rate_hz : float or None
        Frame rate of a table of landmarks that does not say it.
    """

    movement: str | None = None
    quality: str = "standard"
    runner: Runner = field(default_factory=Runner)
    slow_motion: float = 1.0
    runtime: str = "litert"
    rate_hz: float | None = None

    def __post_init__(self) -> None:
        if self.movement is not None:
            named(self.movement)  # a wrong name is said before the work, not after it


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
    views : tuple of Prepared
        What is measured from; a lab file is seen from several sides.
    """

    analysis: Analysis
    clip: Clip | None
    motion: xr.Dataset
    chosen: Chosen | None
    movement: Movement | None
    prepared: Prepared | None
    parts: tuple[Examined, ...] = ()
    views: tuple[Prepared, ...] = ()


def analyse(
    path: str | Path,
    *,
    movement: str | None = None,
    quality: str = "standard",
    height_m: float | None = None,
    mass_kg: float | None = None,
    sex: Literal["f", "m"] | None = None,
    age_years: float | None = None,
    speed_kmh: float | None = None,
    slow_motion: float = 1.0,
    runtime: str = "litert",
    progress: Progress = lambda frames: None,
) -> Analysis:
    """Judge the exercise, or measure the run, in a clip or a lab file.

    Parameters
    ----------
    path : str or Path
        A video, a photograph, a lab file (TRC, C3D, MOT) or a table of landmarks (CSV, Parquet, JSON).
    movement : str, optional
        What it is (``"glute_bridge"``, ``"monster_walk"``, ``"running"``); recognised when left out.
    quality : {"standard", "fast", "best"}
        Which network looks, and how often.
    height_m : float, optional
        The athlete's height [m]; the scale of what is measured in metres.
    mass_kg, age_years : float, optional
    sex : {"f", "m"}, optional
    speed_kmh : float, optional
        With height, mass, sex and age: what is usual for this runner at this speed.
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
    runner = Runner(height_m=height_m, mass_kg=mass_kg, sex=sex, age_years=age_years, speed_kmh=speed_kmh)
    return examine(path, Settings(movement, quality, runner, slow_motion, runtime), progress).analysis


def examine(
    path: str | Path, settings: Settings = Settings(), progress: Progress = lambda frames: None
) -> Examined:  # fmt: skip
    """Do as `analyse` does, and keep what the analysis rests on."""
    path = Path(path)
    seen = _read(path, settings) if is_motion_file(path) else _watch(path, settings, progress)
    return _examine(path.name, seen, settings, progress)


def examine_people(people: People, clip: Clip, settings: Settings = Settings()) -> Examined:
    """Examine people who have been seen already, as by a live camera whose pictures are gone.

    Parameters
    ----------
    people : People
    clip : Clip
        Name and size of the pictures; it is not read.
    settings : Settings

    Returns
    -------
    Examined
        Without a clip.

    Raises
    ------
    NobodyFound
        When nobody was seen for long enough.
    """
    return _examine(clip.name, _seen_in(people, clip, settings, None), settings)


def prepare_people(
    people: People, clip: Clip, settings: Settings = Settings()
) -> tuple[Movement | None, Prepared | None]:  # fmt: skip
    """Go the road of `examine_people` as far as the repetitions, and judge none of them.

    Returns
    -------
    movement : Movement or None
    prepared : Prepared or None
        None where the movement is.

    Raises
    ------
    NobodyFound
        When nobody was seen for long enough.
    """
    known, _, motion, view = _recognise(_seen_in(people, clip, settings, None), settings)
    return known, _views(known, motion, view)[0] if known else None


def _examine(name: str, seen: _Seen, settings: Settings, progress: Progress = lambda frames: None) -> Examined:
    """Go the road from tidy motion to an analysis."""
    known, recognised, motion, view = _recognise(seen, settings)
    if known is not None and known.look_again is not None and seen.clip is not None:
        motion = known.look_again(motion, view, seen.clip, progress)
    views = _views(known, motion, view) if known else ()
    prepared = views[0] if views else None
    repetitions = judge_repetitions(known, prepared) if known and prepared else []
    judged_set = {
        cue.id: judge_set([repetition.cues[cue.id] for repetition in repetitions if repetition.complete])
        for cue in (known.cues if known else ())
    }
    measures = judge_measures(known, views, settings.runner) if known else {}
    analysis = Analysis(
        source=_source(name, motion),
        movement=recognised,
        view=SeenView(view.id, view.near_side, round(view.confidence, 2)),
        repetitions=repetitions,
        strides=_strides(prepared) if prepared else [],
        measures=measures,
        set=judged_set,
        advice=advise(known, repetitions, judged_set, measures) if known else [],
        warnings=caveats(seen.clip, motion, seen.chosen, seen.sides, view, recognised, prepared),
        provenance=_provenance(seen, settings, motion),
    )
    return Examined(analysis, seen.clip, motion, seen.chosen, known, prepared, views=views)


def examine_together(
    paths: Sequence[str | Path], settings: Settings = Settings(), progress: Progress = lambda frames: None
) -> Examined:  # fmt: skip
    """Examine several views of one run, and measure each thing from the view that shows it.

    The views need not begin at the same moment.

    Parameters
    ----------
    paths : sequence of str or Path
        At least two.
    settings : Settings
    progress : callable
        Told the number of frames done so far, of all views.

    Returns
    -------
    Examined
        With the views as its `parts`, the one from the side first.

    Raises
    ------
    HipdriveError
        When a view shows no run, or all show it from the same side.
    """
    if len(paths) < 2:
        raise HipdriveError("two views of one run are examined together: name both files")
    parts: list[Examined] = []
    for path in paths:
        done = sum(part.analysis.source.frames for part in parts)
        part = examine(path, settings, partial(_further, progress, done))
        if part.analysis.movement.id != "running":
            raise HipdriveError(
                f"{part.analysis.source.name} shows no run, so it cannot be one of two views of it "
                f"({part.analysis.movement.why}): leave out --together, or say --movement running"
            )
        parts.append(part)
    parts.sort(key=lambda part: part.analysis.view.id != "side")  # stable: otherwise in the order given
    if len({part.analysis.view.id for part in parts}) == 1:
        raise HipdriveError(
            f"all views are from the same side ({parts[0].analysis.view.id}): --together joins one from the side with "
            "one from behind; analyse them one by one instead"
        )
    first, running = parts[0], named("running")
    views = tuple(view for part in parts for view in part.views)
    measures = judge_measures(running, views, settings.runner)
    warned = [warning for part in parts for warning in part.analysis.warnings]
    analysis = replace(
        first.analysis,
        source=replace(first.analysis.source, name=" + ".join(part.analysis.source.name for part in parts)),
        measures=measures,
        advice=advise(running, [], {}, measures),
        warnings=list(dict.fromkeys(warned)),
        provenance={**first.analysis.provenance, "parts": [part.analysis.provenance for part in parts]},
    )
    return replace(first, analysis=analysis, parts=tuple(parts), views=views)


def _further(progress: Progress, done: int, frames: int) -> None:
    """Tell the frames of this view on top of those done before."""
    progress(done + frames)


# -- from a file to clean motion -----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Seen:
    """Motion of one athlete, tidy but not yet smooth, and where it comes from."""

    motion: xr.Dataset
    sides: Sides
    clip: Clip | None = None
    chosen: Chosen | None = None


def _watch(path: Path, settings: Settings, progress: Progress) -> _Seen:
    """From a clip."""
    clip = read_clip(path, slow_motion=settings.slow_motion)
    # the landmarks of everybody are not kept: a long clip has a hundred megabytes of them
    return _seen_in(
        estimate_pose(clip, settings.quality, runtime=settings.runtime, progress=progress), clip, settings, clip
    )


def _seen_in(people: People, clip: Clip, settings: Settings, pictures: Clip | None) -> _Seen:
    """From everybody in view to the tidy motion of the athlete."""
    motion, chosen = choose_athlete(people, clip, settings.movement)
    motion, sides = tidy_motion(motion)
    return _Seen(_of_height(motion, settings), sides, pictures, chosen)


def _read(path: Path, settings: Settings) -> _Seen:
    """From a lab file or a table of landmarks."""
    if not path.is_file():
        raise HipdriveError(f"there is no file {path.name}: check the name")
    motion = read_motion(path, rate_hz=settings.rate_hz, height_m=settings.runner.height_m)
    motion, sides = tidy_motion(motion)
    return _Seen(_of_height(motion, settings), sides)


def _of_height(motion: xr.Dataset, settings: Settings) -> xr.Dataset:
    return motion.assign_attrs(height_m=settings.runner.height_m or 0.0)


def _recognise(seen: _Seen, settings: Settings) -> tuple[Movement | None, RecognisedMovement, xr.Dataset, View]:
    """Tell the movement from the view that shows it best, and smooth the motion as this movement wants it."""
    found = []
    for angle in _angles(seen.motion):
        motion, view = find_view(angle)
        # markers do not tremble, and where the user says what it is, nothing is looked at
        looked_at = motion if motion.attrs["kind"] == "mocap" or settings.movement else smooth(motion)
        known, recognised = recognise_movement(looked_at, view, settings.movement)
        found.append((known, recognised, motion, view))
    known, recognised, motion, view = max(
        found, key=lambda each: (each[0] is not None, each[3].id in _wanted(each[0]), each[1].confidence)
    )
    return known, recognised, smooth(motion, known.cutoff_hz) if known else smooth(motion), view


LAB_ANGLES: Final = ("side", "front")  # what comes from a lab can be looked at from anywhere


def _angles(motion: xr.Dataset) -> list[xr.Dataset]:
    """The motion as a camera sees it; of a lab file as several would see it."""
    if motion.attrs["kind"] != "mocap":
        return [motion]
    return [seen_from(motion, angle) for angle in LAB_ANGLES]


def _wanted(movement: Movement | None) -> tuple[str, ...]:
    """Views from which most of a movement can be judged."""
    if movement is None:
        return ()
    return (movement.cues or movement.measures)[0].views


def _views(known: Movement, motion: xr.Dataset, view: View) -> tuple[Prepared, ...]:
    """Prepare the motion for measuring; what comes from a lab once more from behind, for a run."""
    prepared = known.prepare(motion, view)
    if motion.attrs["kind"] != "mocap" or not known.measures:
        return (prepared,)
    behind = View("rear", None, view.confidence, 90.0)
    return prepared, known.prepare(seen_from(motion, "rear"), behind, prepared.strides)


# -- from measurements to verdicts -----------------------------------------------------------------------------------


def judge_repetitions(movement: Movement, prepared: Prepared) -> list[JudgedRepetition]:
    """Measure and judge every cue in every repetition."""
    return [
        judge_repetition(movement, prepared, repetition, number)
        for number, repetition in enumerate(prepared.repetitions, start=1)
    ]


def judge_repetition(movement: Movement, prepared: Prepared, repetition: Repetition, number: int) -> JudgedRepetition:
    """Measure and judge every cue in one repetition."""
    return JudgedRepetition(
        index=number,
        side=prepared.side_of(repetition),
        direction=prepared.direction_of(repetition),
        start_s=round(repetition.start_s, 3),
        top_start_s=round(repetition.top_start_s, 3),
        top_end_s=round(repetition.top_end_s, 3),
        end_s=round(repetition.end_s, 3),
        complete=repetition.complete,
        cues={cue.id: _judge(cue, prepared, repetition) for cue in movement.cues},
    )


def _judge(cue: Cue, prepared: Prepared, repetition: Repetition) -> JudgedCue:
    if prepared.view.id not in cue.views:
        return cue.judged(Measurement.missing(_film_from(cue.views, prepared)))
    return cue.judged(cue.measure(prepared, repetition))


def judge_measures(movement: Movement, views: Sequence[Prepared], runner: Runner) -> dict[str, JudgedMeasure]:
    """Take every measure from the first view that shows it."""
    return {measure.id: measure.judged(_measured(measure, views), runner) for measure in movement.measures}


def _measured(measure: Measure, views: Sequence[Prepared]) -> SidedMeasurement:
    measured = [measure.measure(view) for view in views if view.view.id in measure.views]
    seen = [each for each in measured if each.value is not None]
    if seen or measured:
        return (seen or measured)[0]
    return SidedMeasurement(None, None, _film_from(measure.views, views[0]))


_VIEW_WORDS: Final = {"side": "from the side", "front": "from the front", "rear": "from behind"}


def _film_from(wanted: Sequence[str], prepared: Prepared) -> str:
    words = {**_VIEW_WORDS, "front": "from the feet"} if prepared.lies else _VIEW_WORDS
    return f"it cannot be seen from here: film {' or '.join(words[view] for view in wanted if view in words)}"


def _strides(prepared: Prepared) -> list[JudgedStride]:
    """Strides as analysis.json has them; a toe-off that this view does not show is left out."""
    return [
        JudgedStride(
            stride.side,
            round(stride.contact_s, 3),
            None if stride.toe_off_s != stride.toe_off_s else round(stride.toe_off_s, 3),
            round(stride.next_contact_s, 3),
        )
        for stride in prepared.strides
    ]


# -- where it comes from -----------------------------------------------------------------------------------------------


def _source(name: str, motion: xr.Dataset) -> Source:
    time_s = motion.time.values
    kind = motion.attrs["kind"]
    return Source(
        name=name,
        kind=kind,
        duration_s=round(float(time_s[-1] - time_s[0]), 3),
        frames=len(time_s),
        rate_hz=round(float(motion.attrs["rate_hz"]), 3),
        width_px=0 if kind == "mocap" else int(motion.attrs["width_px"]),
        height_px=0 if kind == "mocap" else int(motion.attrs["height_px"]),
    )


def _provenance(seen: _Seen, settings: Settings, motion: xr.Dataset) -> dict[str, Any]:
    """Versions, checksums and settings: what it takes to get the same numbers again."""
    said: dict[str, Any] = {"hipdrive": version("hipdrive")}
    if seen.chosen is not None:
        network = QUALITIES[settings.quality].network
        said |= {
            "model": network,
            "model_sha256": checksum(network),
            "detector_sha256": checksum("detector"),
            "runtime": settings.runtime,
            "athlete": {
                "people_seen": seen.chosen.people_seen,
                "seen_share": round(seen.chosen.seen_share, 3),
                "box_px": [round(edge) for edge in seen.chosen.box_px],
            },
        }
    return said | {
        "settings": {
            "quality": settings.quality,
            "movement": settings.movement,
            **asdict(settings.runner),
            "slow_motion": settings.slow_motion,
        },
        "sides": {
            "exchanged_frames": seen.sides.exchanged_frames,
            "uncertain_s": [[round(a, 2), round(b, 2)] for a, b in seen.sides.uncertain_s],
        },
        "steps": motion.attrs["log"].splitlines(),
    }
