"""Runs and steps made by hand: real motions, movements and analyses, without a network having looked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

import clips
from hipdrive.analysis import Examined
from hipdrive.motion import Chosen, View, new_motion
from hipdrive.movements import Band, Cue, Measure, Measurement, Movement, Prepared, Runner, SidedMeasurement, judge_set
from hipdrive.movements.advise import advise
from hipdrive.movements.measure import BodyLine
from hipdrive.movements.movement import Moment, Words
from hipdrive.movements.repetition import Repetition
from hipdrive.movements.stride import Stride
from hipdrive.pose import KEYPOINTS
from hipdrive.results import (
    Analysis,
    JudgedMeasure,
    JudgedRepetition,
    JudgedStride,
    RecognisedMovement,
    SeenView,
    Source,
    Verdict,
)
from hipdrive.video import VideoWriter, read_clip

Array = NDArray[np.float64]
Side = Literal["left", "right"]

WIDTH_PX, HEIGHT_PX, RATE_HZ = 320, 240, 30
STRIDE_S, STANCE_SHARE, RUN_S = 0.72, 0.35, 4.0
TRUNK_PX, THIGH_PX, SHANK_PX, FOOT_PX = 55.0, 45.0, 45.0, 18.0
PX_PER_M = 110.0
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>.mp4"

KNOWN = Runner(height_m=1.78, mass_kg=68, sex="f", age_years=34, speed_kmh=11)


# -- a run ---------------------------------------------------------------------------------------------------


def measure(measure_id: str, unit: str, good: tuple[float, float], limit: tuple[float, float], **more: Any) -> Measure:
    """A measure whose value is given by the test."""
    settings: dict[str, Any] = {
        "id": measure_id,
        "name": measure_id.rpartition("_")[0].replace("_", " "),
        "coach": "drives the leg backwards",
        "meaning": f"What {measure_id} means.",
        "measure": lambda run: run.given[measure_id],
        "unit": unit,
        "views": ("side",),
        "band": Band(good, limit, limit, f"source of {measure_id}"),
        "error": 2.0,
        "error_source": f"error source of {measure_id}",
        "too_low": f"{measure_id} is lower than in most runners.",
        "too_high": f"{measure_id} is higher than in most runners.",
        "well_done": f"{measure_id} is like that of most runners.",
        "why": f"Why {measure_id} matters.",
        "next": f"What to try about {measure_id}.",
    }
    return Measure(**{**settings, **more})


MEASURES = (
    measure("cadence_spm", "steps/min", (155, 190), (140, 205), weight=2),
    measure("contact_time_s", "s", (0.2, 0.3), (0.17, 0.35), error=0.02, range_below_hz=60.0),
    measure("duty_factor_pct", "%", (28, 40), (24, 46)),
    measure(
        "trailing_thigh_deg", "deg", (20, 30), (12, float("inf")), error=6.0, weight=3,
        line=BodyLine(("{side}_hip", "{side}_knee"), "toe_off"),
    ),
    measure(
        "trunk_lean_deg", "deg", (2, 9), (-1, 15), error=4.0, weight=2, line=BodyLine(("mid_hip", "mid_shoulder"))
    ),
    measure("pelvic_drop_deg", "deg", (-float("inf"), 7), (-float("inf"), 9.5), views=("rear",)),
)  # fmt: skip

RUN_LIKE = Movement(
    id="running",
    name="Running",
    coach="The gluteus maximus drives the leg backwards.",
    how_to_film="Stand the phone 3 m from the treadmill, side-on.",
    prepare=lambda motion, view: MadeRun(motion, view),
    recognise=lambda motion, view: 1.0,
    measures=MEASURES,
)

GIVEN: Mapping[str, SidedMeasurement] = {
    "cadence_spm": SidedMeasurement(166.7, 1.0),
    "contact_time_s": SidedMeasurement(0.252, 0.03, left=0.25, right=0.254),
    "duty_factor_pct": SidedMeasurement(35.0, 3.0),
    "trailing_thigh_deg": SidedMeasurement(4.0, 3.0, left=6.0, right=2.0),
    "trunk_lean_deg": SidedMeasurement(6.0, 4.0),
    "pelvic_drop_deg": SidedMeasurement(None, reason="it cannot be seen from here: film from behind"),
}


@dataclass(frozen=True, eq=False)
class MadeRun(Prepared):
    """A run whose strides and measurements are given."""

    made: tuple[Stride, ...] = ()
    given: Mapping[str, SidedMeasurement] = field(default_factory=lambda: GIVEN)

    @property
    def strides(self) -> tuple[Stride, ...]:
        return self.made

    def curves(self) -> dict[str, Array]:
        return {f"{side} thigh [deg]": thigh_deg(self.time_s, side) for side in ("left", "right")}

    def stride_curves(self) -> dict[str, dict[Side, Array]]:
        phase = np.linspace(0, 1, 101)
        rows = {side: sum(stride.side == side for stride in self.made) for side in ("left", "right")}
        return {
            "thigh [deg]": {
                side: np.array([28 * np.cos(2 * np.pi * phase) + number for number in range(rows[side])])
                for side in ("left", "right")
                if rows[side]
            }
        }


def phase_of(time_s: Array, side: Side) -> Array:
    """Share of the stride since the last contact of a foot."""
    return (time_s / STRIDE_S + (0.0 if side == "left" else 0.5)) % 1


def thigh_deg(time_s: Array, side: Side) -> Array:
    """Angle of the thigh before the plumb line."""
    return 28 * np.cos(2 * np.pi * phase_of(time_s, side))


def strides(duration_s: float = RUN_S) -> tuple[Stride, ...]:
    """Strides that follow from `phase_of`, in order of contact."""
    found = []
    for side, first_s in (("left", 0.0), ("right", STRIDE_S / 2)):
        for contact_s in np.arange(first_s, duration_s - STRIDE_S + 1e-9, STRIDE_S):
            ends = contact_s + STANCE_SHARE * STRIDE_S, contact_s + STRIDE_S
            found.append(Stride(side, float(contact_s), *map(float, ends)))  # type: ignore[arg-type]
    return tuple(sorted(found, key=lambda stride: stride.contact_s))


def runner_points(time_s: Array) -> dict[str, Array]:
    """Places in the picture of somebody who runs to the right, each of shape (n, 2)."""
    hip = np.stack([np.full_like(time_s, 150.0), 105 - 4 * np.cos(4 * np.pi * time_s / STRIDE_S)], -1)
    places = {"nose": hip + (16, -TRUNK_PX - 28)}
    for side in ("left", "right"):
        thigh = np.radians(thigh_deg(time_s, side))
        bend = np.radians(15 + 70 * np.clip(np.sin(2 * np.pi * (phase_of(time_s, side) - 0.3)), 0, 1))
        knee = hip + THIGH_PX * np.stack([np.sin(thigh), np.cos(thigh)], -1)
        ankle = knee + SHANK_PX * np.stack([np.sin(thigh - bend), np.cos(thigh - bend)], -1)
        shoulder = hip + (6, -TRUNK_PX)
        elbow = shoulder + 28 * np.stack([-np.sin(thigh), np.cos(thigh)], -1)
        joints = {"shoulder": shoulder, "hip": hip, "knee": knee, "ankle": ankle, "elbow": elbow, "ear": hip + (8, -85)}
        joints |= {"heel": ankle + (-5, 6), "foot_index": ankle + (FOOT_PX, 7), "wrist": elbow + (20, -6)}
        places |= {f"{side}_{joint}": place for joint, place in joints.items()}
    return places


def run_motion(time_s: Array, source: str, *, kind: str = "video") -> xr.Dataset:
    """Landmarks of `runner_points`; from a lab with true depth."""
    landmarks = np.full((len(time_s), len(KEYPOINTS), 7), np.nan, np.float32)
    for name, place in runner_points(time_s).items():
        number = KEYPOINTS.index(name)
        landmarks[:, number, :2] = place
        landmarks[:, number, 2] = 0.0
        depth_m = 0.1 * (("left" in name) - ("right" in name))  # the right side is near
        landmarks[:, number, 3:5] = place / PX_PER_M
        landmarks[:, number, 5] = depth_m
        landmarks[:, number, 6] = 0.5 if "left" in name else 0.95
    motion = new_motion(time_s, landmarks, source=source, width_px=WIDTH_PX, height_px=HEIGHT_PX)
    return motion.assign_attrs(kind=kind, seen_from="side")


def judged_measures(given: Mapping[str, SidedMeasurement], runner: Runner) -> dict[str, JudgedMeasure]:
    return {one.id: one.judged(given[one.id], runner) for one in MEASURES}


def examined_run(
    folder: Path,
    *,
    runner: Runner = KNOWN,
    given: Mapping[str, SidedMeasurement] = GIVEN,
    kind: Literal["video", "landmarks", "mocap"] = "video",
    view: Literal["side", "rear"] = "side",
    name: str = "run.mp4",
) -> Examined:
    """A measured run, with a clip of a grey room unless it comes from a file of landmarks."""
    time_s = np.arange(0, RUN_S, 1 / RATE_HZ)
    clip = None
    if kind == "video":
        with VideoWriter(folder / name, WIDTH_PX, HEIGHT_PX, RATE_HZ) as video:
            for moment in time_s:
                video.write(clips.room(WIDTH_PX, HEIGHT_PX), float(moment))
        clip = read_clip(folder / name)
    near: Side | None = "right" if view == "side" else None
    motion = run_motion(time_s, name, kind=kind)
    prepared = MadeRun(motion, View(view, near, 1.0, 0.0), strides(), given)
    measures = judged_measures(given, runner)
    settings = {key: getattr(runner, key) for key in Runner.__dataclass_fields__}
    analysis = Analysis(
        source=Source(name, kind, RUN_S, len(time_s), float(RATE_HZ), WIDTH_PX, HEIGHT_PX),
        movement=RecognisedMovement("running", "asked", 1.0),
        view=SeenView(view, near, 1.0),
        strides=[JudgedStride(one.side, one.contact_s, one.toe_off_s, one.next_contact_s) for one in prepared.strides],
        measures=measures,
        advice=advise(RUN_LIKE, [], {}, measures),
        provenance={"hipdrive": "0", "settings": settings},
    )
    chosen = None if clip is None else Chosen(1, 1.0, (90.0, 15.0, 215.0, 215.0))
    return Examined(analysis, clip, motion, chosen, RUN_LIKE, prepared)


def examined_together(folder: Path) -> Examined:
    """The same run from the side and from behind."""
    side = examined_run(folder, name="side.mp4")
    rear_given = {one.id: SidedMeasurement(None, reason="it cannot be seen from here") for one in MEASURES}
    rear_given["pelvic_drop_deg"] = SidedMeasurement(5.0, 2.0, left=4.0, right=6.0)
    rear = examined_run(folder, given=rear_given, view="rear", name="rear.mp4")
    measures = {**side.analysis.measures, "pelvic_drop_deg": rear.analysis.measures["pelvic_drop_deg"]}
    analysis = replace(side.analysis, measures=measures)
    return replace(side, analysis=analysis, parts=(side, rear))


# -- steps ---------------------------------------------------------------------------------------------------


def _knee_gap(walk: MadeWalk, repetition: Repetition) -> Measurement:
    """Distance of the knees over that of the feet."""
    return Measurement(0.6 if repetition.start_s > 3 else 1.0)


def cue(cue_id: str, phase: str, limit: tuple[float, float], **more: Any) -> Cue:
    settings: dict[str, Any] = {
        "id": cue_id,
        "name": cue_id.replace("_", " "),
        "coach": "knee facing forward",
        "measure": _knee_gap,
        "unit": "foot gaps",
        "views": ("front",),
        "phase": phase,
        "band": Band((0.85, 1.2), (0.75, 1.5), limit, "source"),
        "error": 0.05,
        "error_source": "error source",
        "too_low": "Your knees fall inwards.",
        "too_high": "Your knees are far apart.",
        "well_done": "Your knees stay over your feet.",
        "why": "Because.",
        "next": "Push the knees out.",
    }
    return Cue(**{**settings, **more})


WALK_LIKE = Movement(
    id="monster_walk",
    name="Monster walk",
    coach="Step outwards with one foot, knee facing forward; repeat, to and fro.",
    how_to_film="From the front.",
    prepare=lambda motion, view: MadeWalk(motion, view),
    recognise=lambda motion, view: 1.0,
    cues=(cue("knees_over_feet", "top", (0.75, float("inf"))), cue("band_tension", "whole", (0.7, float("inf")))),
    words=Words("step", "step", rest="feet together", out="step out", top="wide", back="catch up", key_frames="Wide"),
    moments=(Moment("wide", "top"), Moment("closed", "whole")),
    line_cue="knees_over_feet",
)

STEP_S, FIRST_STEP_S = 1.2, 0.4
WAYS: tuple[Side, ...] = ("left", "left", "right", "right")


@dataclass(frozen=True, eq=False)
class MadeWalk(Prepared):
    """Steps to the left and back to the right."""

    @property
    def repetitions(self) -> tuple[Repetition, ...]:
        starts_s = [FIRST_STEP_S + number * STEP_S for number in range(len(WAYS))]
        return tuple(Repetition(t, t + 0.4, t + 0.6, t + 1.1, complete=True) for t in starts_s)

    def curves(self) -> dict[str, Array]:
        return {"foot gap [leg lengths]": _gap(self.time_s)}

    def line(self) -> tuple[str, ...]:
        return "left_hip", "left_knee", "left_ankle"


def _gap(time_s: Array) -> Array:
    along = (time_s - FIRST_STEP_S) % STEP_S
    in_set = (time_s >= FIRST_STEP_S) & (time_s < FIRST_STEP_S + len(WAYS) * STEP_S)
    return 0.3 + 0.25 * in_set * (np.clip(along / 0.4, 0, 1) - np.clip((along - 0.6) / 0.5, 0, 1))


def examined_walk(folder: Path) -> Examined:
    """Four judged steps, filmed from the front."""
    time_s = np.arange(0, FIRST_STEP_S + len(WAYS) * STEP_S + 0.3, 1 / RATE_HZ)
    path = folder / "walk.mp4"
    with VideoWriter(path, WIDTH_PX, HEIGHT_PX, RATE_HZ) as video:
        for moment in time_s:
            video.write(clips.room(WIDTH_PX, HEIGHT_PX), float(moment))
    landmarks = np.full((len(time_s), len(KEYPOINTS), 7), np.nan, np.float32)
    travel = np.interp(time_s, FIRST_STEP_S + STEP_S * np.arange(5), [0, 30, 60, 30, 0])  # left is on the right
    for side, sign in (("left", 1), ("right", -1)):  # from the front
        half = 45 * _gap(time_s)
        heights = {"ear": (5, 45), "shoulder": (22, 75), "elbow": (30, 100), "wrist": (24, 120), "hip": (12, 125)}
        for joint, (out, down) in heights.items():
            landmarks[:, KEYPOINTS.index(f"{side}_{joint}"), :2] = np.stack(
                [120 + travel + sign * out, np.full_like(travel, down)], -1
            )
        legs = (("knee", 0.8, 165), ("ankle", 1.0, 205), ("heel", 1.0, 208), ("foot_index", 1.1, 214))
        for joint, share, down in legs:
            landmarks[:, KEYPOINTS.index(f"{side}_{joint}"), :2] = np.stack(
                [120 + travel + sign * (10 + share * half), np.full_like(travel, down)], -1
            )
    landmarks[:, 0, :2] = np.stack([120 + travel, np.full_like(travel, 48)], -1)
    landmarks[..., 2:6] = 0.0
    landmarks[..., 6] = 0.9
    motion = new_motion(time_s, landmarks, source=path.name, width_px=WIDTH_PX, height_px=HEIGHT_PX)
    prepared = MadeWalk(motion, View("front", None, 1.0, 90.0))
    verdicts: list[Verdict] = ["good", "check", "good", "fault"]
    repetitions = [
        JudgedRepetition(
            number, way, way, one.start_s, one.top_start_s, one.top_end_s, one.end_s, True,
            {
                "knees_over_feet": replace(WALK_LIKE.cues[0].judged(Measurement(0.9)), verdict=verdict),
                "band_tension": WALK_LIKE.cues[1].judged(Measurement(1.0)),
            },
        )
        for number, (one, way, verdict) in enumerate(zip(prepared.repetitions, WAYS, verdicts, strict=True), start=1)
    ]  # fmt: skip
    judged_set = {one.id: judge_set([each.cues[one.id] for each in repetitions]) for one in WALK_LIKE.cues}
    analysis = Analysis(
        source=Source(path.name, "video", float(time_s[-1]), len(time_s), float(RATE_HZ), WIDTH_PX, HEIGHT_PX),
        movement=RecognisedMovement("monster_walk", "asked", 1.0),
        view=SeenView("front", None, 1.0),
        repetitions=repetitions,
        set=judged_set,
        advice=advise(WALK_LIKE, repetitions, judged_set),
    )
    return Examined(analysis, read_clip(path), motion, Chosen(1, 1.0, (85, 40, 230, 220)), WALK_LIKE, prepared)
