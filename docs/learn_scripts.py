"""How the athlete moves in every film of the lessons: done right, and each fault, and what the motion really does.

The motions are those of the project's synthetic athlete, which is not part of the repository. A film's arguments are
those of its scripts; where they know no such fault, a function of this file changes the finished motion. Lengths are
in metres, angles in degrees; y is up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal

import numpy as np
from ladder_figure import Figure, Vector
from ladder_poses import IRON, MAT_M, ORANGE, Band, Bar, Box, Thing
from ladder_studio import MAT

Movement = Literal["glute_bridge", "monster_walk", "running"]

SCRIPT_HZ: Final = 30.0  # of bridges and walks; their scripts smooth by frames of this length
RUN_SCRIPT_HZ: Final = 50.0
EVERY: Final = 2  # of these frames is shown
FILM_HZ: Final = SCRIPT_HZ / EVERY
RUN_FILM_HZ: Final = 20.0  # slower than life: a stride is over too soon to be seen

BELT_M: Final = 0.16  # height of the treadmill
BELT_SPEED_MPS: Final = 2.9
STRIPES: Final = 3  # that pass in a stride, so that the film closes


@dataclass(frozen=True)
class Film:
    """One film: the movement, where the camera stands, and what the script is asked for.

    Attributes
    ----------
    movement : str
    name : str
        A cue or measure at fault; or ``right`` with what is behind it.
    view : str
        One of `VIEWS`.
    motion : mapping
        Arguments of the script, beside those of `USUAL`.
    change : callable or None
        Changes the finished motion.
    closer : tuple of str
        Joints; what lies in their middle is shown larger beside the athlete.
    hips : bool
        A line is drawn through both hips.
    """

    movement: Movement
    name: str
    view: str
    motion: Mapping[str, Any] = field(default_factory=dict)
    change: Callable[[Take], None] | None = None
    closer: tuple[str, ...] = ()
    hips: bool = False

    @property
    def id(self) -> str:
        """Name of its file."""
        return f"{self.movement}-{self.name}"


@dataclass(frozen=True)
class View:
    """Where the camera stands, and whether a mat lies across its view: as in the pictures of the ladder."""

    azimuth: float
    elevation: float
    mat: bool = False


VIEWS: Final = {
    "lying side": View(0, 8, mat=True),
    "lying feet": View(90, 20),
    "front": View(0, 6),
    "oblique": View(52, 6),
    "run side": View(90, 4),
    "run behind": View(180, 6),
}
ATHLETES_OF: Final[Mapping[Movement, str]] = {"glute_bridge": "mara", "monster_walk": "kofi", "running": "yuki"}
MAT_ALONG: Final = Box((-1.0, 0.0, -0.38), (0.95, MAT_M, 0.38), MAT)


class Take:
    """A film's motion: the frames of its script, and where every landmark truly is."""

    def __init__(self, film: Film, body: Any, motions: Any) -> None:
        self.film, self.body, self.motions = film, body, motions
        self.rate_hz = RUN_SCRIPT_HZ if film.movement == "running" else SCRIPT_HZ
        script = getattr(motions, {"glute_bridge": "bridge", "monster_walk": "monster"}.get(film.movement, "running"))
        frames, self.meta = script(body, fps=self.rate_hz, **{**USUAL[film.movement], **film.motion})
        self.frames: list[dict[str, Vector]] = [frame[0] for frame in frames]
        self.roots = [np.asarray(frame[1], float) for frame in frames]
        self.events: list[dict[str, Any]] = self.meta["events"]
        if film.change:
            film.change(self)

    def joints(self, k: int) -> dict[str, Vector]:
        """Joint centres in a frame."""
        return self.body.fk(self.frames[k], self.roots[k])[1]  # type: ignore[no-any-return]

    @cached_property
    def points(self) -> dict[str, Vector]:
        """Landmarks by name, each of shape (n_frames, 3)."""
        names = __import__("body").LM
        places = np.stack(
            [self.body.landmarks(*self.body.fk(f, r)) for f, r in zip(self.frames, self.roots, strict=True)]
        )
        return {name: places[:, k] for k, name in enumerate(names)}

    @cached_property
    def leg_m(self) -> float:
        """Length of a leg."""
        return float(self.body.len_thigh + self.body.len_shank)

    def stand(self, k: int, side: str, foot: Vector, ankle: Vector, towards: Vector) -> None:
        """Put a foot somewhere in a frame; the knee points `towards`."""
        frame, hip = self.frames[k], self.joints(k)[f"thigh_{side}"]
        thigh, shank, _ = self.motions.leg_ik(hip, ankle, towards, self.body.len_thigh, self.body.len_shank)
        frame[f"thigh_{side}"], frame[f"calf_{side}"], frame[f"foot_{side}"] = thigh, shank, foot

    def knee_way(self, k: int, side: str) -> Vector:
        """Where a knee points."""
        return np.asarray(self.frames[k][f"thigh_{side}"][:, 2] + self.frames[k][f"calf_{side}"][:, 2])

    def shown(self, longest: int) -> list[tuple[Figure, list[Thing]]]:
        """Figures and things of the frames that are shown; the last one rests until the film is as long as others."""
        running = self.film.movement == "running"
        picked = list(range(0, len(self.frames), 1 if running else EVERY))
        if not running:
            picked += [picked[-1]] * (longest - len(picked))
        poses = []
        for k in picked:
            figure = Figure(self.body)
            figure.frames, figure.root = self.frames[k], self.roots[k]
            poses.append((figure, self._things(k)))
        return poses

    def _things(self, k: int) -> list[Thing]:
        if self.film.movement == "glute_bridge":
            return [] if VIEWS[self.film.view].mat else [MAT_ALONG]
        if self.film.movement == "running":
            return treadmill(k / self.rate_hz, stride_s=120 / self.meta["cadence"])
        joints = self.joints(k)
        gap = np.linalg.norm(joints["foot_l"] - joints["foot_r"])
        loose = max(0.0, 0.8 * STANCE_M - gap) * 0.16  # a band that is not stretched stands off the legs
        return [Band("thigh", 0.86, 0.055, ORANGE, slack=0.02 + loose)]


def treadmill(time_s: float, stride_s: float) -> list[Thing]:
    """A treadmill with stripes on its belt, which is where it was after every stride."""
    spacing = BELT_SPEED_MPS * stride_s / STRIPES
    things: list[Thing] = [
        Box((-0.42, 0.02, -0.88), (0.42, BELT_M - 0.012, 0.95), IRON),
        Box((-0.27, 0.05, -0.87), (0.27, BELT_M, 0.94), (0.20, 0.20, 0.21)),
        Box((-0.36, 0.02, 0.95), (0.36, 0.28, 1.2), (0.62, 0.64, 0.66)),
    ]
    things += [
        Box((x - 0.06, 0.05, -0.88), (x + 0.06, BELT_M + 0.01, 0.95), (0.62, 0.64, 0.66)) for x in (-0.345, 0.345)
    ]
    for x in (-0.38, 0.38):
        things.append(Bar(np.array([x, 0.12, 1.05]), np.array([x, 1.12, 1.18]), 0.025, IRON))
    things.append(Bar(np.array([-0.38, 1.1, 1.18]), np.array([0.38, 1.1, 1.18]), 0.025, IRON))
    z = 0.90 - (BELT_SPEED_MPS * time_s) % spacing
    while z > -0.82:
        things.append(Box((-0.2, BELT_M - 0.01, z - 0.03), (0.2, BELT_M + 0.002, z), (0.72, 0.72, 0.72)))
        z -= spacing
    return things


# -- faults that the scripts do not know -------------------------------------------------------------------------


def _share_of_rise(take: Take) -> Vector:
    """How high the hips are in every frame, from 0 to 1."""
    height = np.array([root[1] for root in take.roots])
    return np.asarray((height - height.min()) / np.ptp(height))


def _heels_up(take: Take) -> None:
    """Roll up onto the balls of the feet with the rise."""
    for k, share in enumerate(_share_of_rise(take)):
        for side in "lr":
            sole, flat = take.motions.Foot(take.body, side), take.frames[k][f"foot_{side}"]
            raised = flat @ _turned("x", 26 * share)
            ankle = take.joints(k)[f"foot_{side}"] + flat @ sole.ball - raised @ sole.ball
            take.stand(k, side, raised, ankle, take.knee_way(k, side))
            take.frames[k][f"ball_{side}"] = flat


def _pelvis_sinks(take: Take) -> None:
    """Let the side of the lifted leg, the left one, sink with the rise of a single-leg bridge."""
    for k, share in enumerate(_share_of_rise(take)):
        frame, way = take.frames[k], take.knee_way(k, "r")
        ankle, foot = take.joints(k)["foot_r"], frame["foot_r"]
        for bone, part in (("pelvis", 1.0), ("spine_01", 0.75), ("spine_02", 0.35)):
            frame[bone] = frame[bone] @ _turned("y", 24 * share * part)
        take.stand(k, "r", foot, ankle, way)


def _pelvis_tips(take: Take) -> None:
    """Let the free side of the pelvis sink while the trailing foot comes in, the trunk upright."""
    for k in range(len(take.frames)):
        tip = 0.0
        for event in take.events:
            start, end = event["lead_down"] - 4, event["trail_down"] + 4
            if start <= k <= end:
                sign = 1 if event["lead_foot"] == "left" else -1
                tip = sign * 19 * np.sin(np.pi * (k - start) / (end - start)) ** 2
        frame, joints = take.frames[k], take.joints(k)
        feet = {s: (frame[f"foot_{s}"], joints[f"foot_{s}"], take.knee_way(k, s)) for s in "lr"}
        for bone, part in (("pelvis", 1.0), ("spine_01", 0.5)):
            frame[bone] = _turned("z", tip * part) @ frame[bone]
        for side, (foot, ankle, way) in feet.items():
            take.stand(k, side, foot, ankle, way)


LATE_S: Final = 0.4  # the knee comes after the foot


def _foot_first(take: Take) -> None:
    """Let the leading knee stay where it is while the foot goes out, and follow later."""
    late = round(LATE_S * take.rate_hz)
    for event in take.events:
        side, out = ("l", 1) if event["lead_foot"] == "left" else ("r", -1)
        knee = [take.joints(k)[f"calf_{side}"][0] for k in range(len(take.frames))]
        for k in range(event["start"], min(event["trail_down"] + late, len(take.frames))):
            joints, frame = take.joints(k), take.frames[k]
            hip, ankle, way = joints[f"thigh_{side}"], joints[f"foot_{side}"], take.knee_way(k, side)
            wanted = knee[max(k - late, 0)]
            low, high = 0.0, 75.0  # degrees that the leg turns inwards about the line from hip to ankle
            for _ in range(24):
                turned = (low + high) / 2
                pole = take.motions.pole_swivel(ankle - hip, way, np.array([-out, 0.0, 0.0]), turned)
                take.stand(k, side, frame[f"foot_{side}"], ankle, pole)
                if out * (take.joints(k)[f"calf_{side}"][0] - wanted) > 0:
                    low = turned
                else:
                    high = turned


def _turned(axis: str, degrees: float) -> Vector:
    return np.asarray(__import__("body").rot(axis, degrees))


# -- the films -----------------------------------------------------------------------------------------------------

STANCE_M: Final = 0.34
GOOD_REPETITION: Final = {
    "shortfall": 3,
    "raise_s": 1.3,
    "hold_s": 1.0,
    "lower_s": 2.1,
    "rest_s": 0.3,
    "toe_lift": 18,
    "knees_in": 0,
}
GOOD_STEP: Final = {"stance": STANCE_M, "step": 0.27, "lead_s": 0.6, "trail_s": 0.7, "gap_s": 0.15}
USUAL: Final[Mapping[Movement, Mapping[str, Any]]] = {
    "glute_bridge": {"reps": [GOOD_REPETITION], "heel_dist": 0.41, "lead": 0.2, "tail": 0.1},
    "monster_walk": {**GOOD_STEP, "steps": 1, "arms": "hips", "lead": 0.4, "tail": 0.4, "knee_flex": 32, "lean": 18},
    "running": {
        "floor": BELT_M,
        "speed": BELT_SPEED_MPS,
        "seconds": 0.72,  # one stride
        "cadence": 120 / 0.72,
        "hip_ext": 12,
        "overstride": -8,
        "lean": 7,
        "drop": 4,
        "fppa_peak": 2,
        "step_width": 0.08,
    },
}


def _repetition(**changed: float) -> dict[str, Any]:
    return {"reps": [{**GOOD_REPETITION, **changed}]}


def _stride(stride_s: float, **changed: float) -> dict[str, Any]:
    return {"seconds": stride_s, "cadence": 120 / stride_s, **changed}


_QUICK: Final = {**GOOD_REPETITION, "raise_s": 0.8, "hold_s": 0.5, "lower_s": 1.0, "rest_s": 0.15}

_FOOT: Final = ("foot_r", "ball_r")

FILMS: Final = (
    Film("glute_bridge", "right", "lying side"),
    Film("glute_bridge", "heels_near_hips", "lying side", {"heel_dist": 0.78}),
    Film("glute_bridge", "right-toes", "lying side", closer=_FOOT),
    Film("glute_bridge", "toes_lifted", "lying side", _repetition(toe_lift=0), closer=_FOOT),
    Film("glute_bridge", "heels_down", "lying side", _repetition(toe_lift=0), _heels_up, closer=_FOOT),
    Film("glute_bridge", "slow_raise", "lying side", _repetition(raise_s=0.35, rest_s=1.25)),
    Film("glute_bridge", "straight_line", "lying side", _repetition(shortfall=27)),
    Film("glute_bridge", "shin_upright", "lying side", {"heel_dist": 0.66}),
    Film("glute_bridge", "as_high_as_best", "lying side", {"reps": [_QUICK, {**_QUICK, "shortfall": 30}]}),
    Film("glute_bridge", "hold_at_top", "lying side", _repetition(hold_s=0, rest_s=1.3)),
    Film("glute_bridge", "slow_lower", "lying side", _repetition(lower_s=0.4, rest_s=2.0)),
    Film("glute_bridge", "right-feet", "lying feet"),
    Film("glute_bridge", "feet_hip_width", "lying feet", {"foot_width": 0.58}),
    Film("glute_bridge", "knees_in_line", "lying feet", _repetition(knees_in=14)),
    Film("glute_bridge", "right-single", "lying feet", {"lifted": "left"}, hips=True),
    Film("glute_bridge", "pelvis_level", "lying feet", {"lifted": "left"}, _pelvis_sinks, hips=True),
    Film("monster_walk", "right", "front"),
    Film("monster_walk", "band_tension", "front", {"stance": 0.13}),
    Film("monster_walk", "step_size", "front", {"step": 0.04}),
    Film("monster_walk", "knees_over_feet", "front", {"step_faults": {0: {"valgus": 24}, 1: {"valgus": 24}}}),
    Film("monster_walk", "lead_with_knee", "front", {}, _foot_first),
    Film("monster_walk", "trailing_foot_controlled", "front", {"trail_s": 0.2}),
    Film("monster_walk", "trunk_steady", "front", {"step_faults": {0: {"tilt": 24}, 1: {"tilt": 24}}}),
    Film("monster_walk", "right-hips", "front", hips=True),
    Film("monster_walk", "pelvis_level", "front", {}, _pelvis_tips, hips=True),
    Film("monster_walk", "right-oblique", "oblique"),
    Film("monster_walk", "knees_bent", "oblique", {"knee_flex": 3, "lean": 3}),
    Film("running", "right", "run side"),
    Film("running", "trailing_thigh_deg", "run side", {"hip_ext": -2}),
    Film("running", "overstride_leg_lengths", "run side", {"overstride": 9}),
    Film("running", "trunk_lean_deg", "run side", {"lean": 24}),
    Film("running", "cadence_spm", "run side", _stride(0.88, osc=0.09)),
    Film("running", "vertical_oscillation_m", "run side", {"osc": 0.16}),
    Film("running", "right-behind", "run behind"),
    Film("running", "right-hips", "run behind", hips=True),
    Film("running", "pelvic_drop_deg", "run behind", {"drop": 15}, hips=True),
    Film("running", "hip_adduction_deg", "run behind", {"drop": 13, "step_width": -0.05, "fppa_peak": 6}),
    Film("running", "knee_frontal_deg", "run behind", {"fppa_peak": 25}),
    Film("running", "step_width_leg_lengths", "run behind", {"step_width": -0.07}),
)


# -- what the motion really does -----------------------------------------------------------------------------------


def measured(take: Take, cue_id: str) -> float:
    """Value of a cue or measure as it truly is in the motion, in the unit of the cue."""
    return float({"glute_bridge": _bridge, "monster_walk": _walk, "running": _run}[take.film.movement](take)[cue_id]())


def _length(a: Vector, b: Vector) -> Vector:
    return np.asarray(np.linalg.norm(a - b, axis=-1))


def _tilt(a: Vector, b: Vector) -> Vector:
    """Angle of a line against the floor."""
    return np.asarray(np.degrees(np.arctan2((b - a)[:, 1], np.hypot((b - a)[:, 0], (b - a)[:, 2]))))


def _inwards(hip: Vector, knee: Vector, ankle: Vector, out: int) -> Vector:
    """How far a knee is inside the line from hip to ankle, seen from the front."""
    a, b = (knee - hip)[:, :2], (ankle - knee)[:, :2]
    return np.asarray(out * np.degrees(np.arctan2(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0], (a * b).sum(1))))


def _bridge(take: Take) -> dict[str, Callable[[], Any]]:
    p, first, last = take.points, take.events[0], take.events[-1]
    top = slice(first["top_start"], first["top_end"] + 1)
    last_top = slice(last["top_start"], last["top_end"] + 1)
    hip, knee, ankle = p["right_hip"], p["right_knee"], p["right_ankle"]
    shank = knee - ankle

    def line() -> float:
        a, b = (p["right_shoulder"] - hip)[top, :2], (knee - hip)[top, :2]
        turned = np.degrees(np.arctan2(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0], (a * b).sum(1)))
        return float(np.median((-turned) % 360))

    def wide(joint: str, frames: slice) -> float:
        return float(np.median(_length(p[f"left_{joint}"], p[f"right_{joint}"])[frames]))

    def height(frames: slice) -> float:
        return float(np.median(hip[frames, 1])) - hip[0, 1]

    return {
        "heels_near_hips": lambda: _length(hip, ankle)[0] / take.leg_m,
        "feet_hip_width": lambda: wide("ankle", top) / wide("hip", top),
        "toes_lifted": lambda: np.median(_tilt(p["right_heel"], p["right_foot_index"]) - _flat_foot_deg(take)),
        "heels_down": lambda: 100 * np.ptp(p["right_heel"][:, 1]) / take.leg_m,
        "slow_raise": lambda: (first["top_start"] - first["start"]) / take.rate_hz,
        "straight_line": line,
        "shin_upright": lambda: np.median(np.degrees(np.arctan2(shank[top, 0], shank[top, 1]))),
        "as_high_as_best": lambda: height(last_top) / height(top),
        "hold_at_top": lambda: (first["top_end"] - first["top_start"]) / take.rate_hz,
        "slow_lower": lambda: (first["end"] - first["top_end"]) / take.rate_hz,
        "knees_in_line": lambda: wide("knee", top) / wide("ankle", top),
        "pelvis_level": lambda: np.median(np.abs(_tilt(p["left_hip"], p["right_hip"]))[top]),
    }


def _flat_foot_deg(take: Take) -> float:
    """Angle of the line from heel to toes when the same foot lies flat: half a degree of it is the shoe's."""
    flat = Take(Film("glute_bridge", "flat", "lying side", _repetition(toe_lift=0)), take.body, take.motions).points
    return float(np.median(_tilt(flat["right_heel"], flat["right_foot_index"])))


def _walk(take: Take) -> dict[str, Callable[[], Any]]:
    p, event = take.points, take.events[0]
    step = slice(event["start"], event["end"])
    gap = np.abs(p["left_ankle"] - p["right_ankle"])[:, 0]
    trunk = p["left_shoulder"] + p["right_shoulder"] - p["left_hip"] - p["right_hip"]
    hip, knee, ankle = p["left_hip"], p["left_knee"], p["left_ankle"]  # the first step is to the left

    def bend() -> float:
        a, b = hip - knee, ankle - knee
        cosine = (a * b).sum(1) / _length(hip, knee) / _length(ankle, knee)
        return float(np.median(180 - np.degrees(np.arccos(cosine))[step]))

    def leaves(place: Vector) -> float:
        x = place[step, 0] - place[event["start"] - 1, 0]
        return float(np.argmax(x > 0.15 * x.max()) / take.rate_hz)

    return {
        "band_tension": lambda: gap.min() / STANCE_M,
        "knees_bent": bend,
        "step_size": lambda: (gap[step].max() - gap[step].min()) / take.leg_m,
        "knees_over_feet": lambda: _inwards(hip, knee, ankle, 1)[step].max(),
        "lead_with_knee": lambda: leaves(knee) - leaves(ankle),
        "trailing_foot_controlled": lambda: (
            (event["trail_down"] - event["trail_lift"]) / (event["lead_down"] - event["start"])
        ),
        "trunk_steady": lambda: np.abs(np.degrees(np.arctan2(trunk[:, 0], trunk[:, 1]))).max(),
        "pelvis_level": lambda: np.abs(_tilt(p["left_hip"], p["right_hip"])).max(),
    }


def _run(take: Take) -> dict[str, Callable[[], Any]]:
    p = take.points
    n, contact_share = len(take.frames), take.meta["contact"]
    hip, knee, ankle = p["left_hip"], p["left_knee"], p["left_ankle"]
    middle = (p["left_hip"] + p["right_hip"]) / 2
    shoulders = (p["left_shoulder"] + p["right_shoulder"]) / 2
    start = next(event["contact"] for event in take.events if event["side"] == "left")
    stance = (start + np.arange(round(contact_share * n))) % n
    mid = (start + round(0.45 * contact_share * n)) % n
    drop = _tilt(p["right_hip"], p["left_hip"])  # the left leg stands: its hip is the higher one
    lean_in = np.degrees(np.arctan2((hip - knee)[:, 0], (hip - knee)[:, 1]))
    thigh_back = np.degrees(np.arctan2((hip - knee)[:, 2], (hip - knee)[:, 1]))
    right_mid = (mid + n // 2) % n
    return {
        "trailing_thigh_deg": lambda: thigh_back.max(),
        "overstride_leg_lengths": lambda: (p["left_heel"] - middle)[start, 2] / take.leg_m,
        "trunk_lean_deg": lambda: np.mean(np.degrees(np.arctan2(*(shoulders - middle)[:, [2, 1]].T))),
        "cadence_spm": lambda: 120 / (n / take.rate_hz),
        "vertical_oscillation_m": lambda: np.ptp(middle[:, 1]),
        "pelvic_drop_deg": lambda: drop[mid],
        "hip_adduction_deg": lambda: (lean_in + drop)[stance].max(),
        "knee_frontal_deg": lambda: _inwards(hip, knee, ankle, 1)[mid],
        "step_width_leg_lengths": lambda: (p["left_ankle"][mid, 0] - p["right_ankle"][right_mid, 0]) / take.leg_m,
    }
