"""How the body lies and stands in every exercise of the ladder: one function for each exercise, start and end.

A function poses the `Figure` and gives the things around it. ``end`` is False for the start of the exercise and True
for its end. Lengths are in metres, angles in degrees; `ladder_figure` says how the world is turned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from ladder_figure import (
    BACK,
    LEFTWARD,
    ON_THE_BACK,
    ON_THE_SIDE,
    SIDES,
    STANDING,
    Figure,
    Side,
    Vector,
    solve,
    turn,
)

Rgb = tuple[float, float, float]

MAT_M: Final = 0.01  # thickness of the mat
HIP_WIDTH_M: Final = 0.22  # between the middles of the feet
TOES_OUT: Final = 6.0
TOES_UP: Final = 16.0  # in bridges
HEELS_NEAR: Final = 0.43  # in bridges: from hip to heel in leg lengths, the hips down
SMALL: Final = 142.0  # hips some 12 cm higher than on the floor
STRAIGHT: Final = 177.0  # shoulder, hip and knee "in line": what the bridge's judge calls good

WOOD: Final[Rgb] = (0.80, 0.66, 0.48)
PAD: Final[Rgb] = (0.25, 0.28, 0.33)
CLOTH: Final[Rgb] = (0.90, 0.86, 0.78)
IRON: Final[Rgb] = (0.22, 0.23, 0.26)
PALE: Final[Rgb] = (0.72, 0.74, 0.76)
BLUE: Final[Rgb] = (0.10, 0.42, 0.85)
RED: Final[Rgb] = (0.74, 0.20, 0.20)
ORANGE: Final[Rgb] = (0.95, 0.48, 0.08)
VIOLET: Final[Rgb] = (0.48, 0.18, 0.66)


@dataclass(frozen=True)
class Box:
    """A solid box between two corners."""

    low: tuple[float, float, float]
    high: tuple[float, float, float]
    colour: Rgb


@dataclass(frozen=True)
class Bar:
    """A round bar from one point to another."""

    start: Vector
    end: Vector
    radius: float
    colour: Rgb


@dataclass(frozen=True)
class Band:
    """A loop of rubber round both legs: at the share of the way from the upper joint to the lower one."""

    upper: Literal["thigh", "calf", "foot"]
    share: float
    width: float
    colour: Rgb
    slack: float = 0.020  # outside of the skin, so that it lies on the clothes


Thing = Box | Bar | Band
Feet = dict[Side, dict[str, Any]]  # where each foot is put: what `Figure.foot` takes
Pose = Callable[[Figure, bool], list[Thing]]


@dataclass(frozen=True)
class Picture:
    """What is on the picture of an exercise.

    Attributes
    ----------
    pose : callable
        Poses the figure and gives the things around it.
    athlete : str
        One of `ATHLETES`.
    azimuth, elevation : float
        Where the camera stands: 0 is in front of somebody who stands, 90 at the left of him or her.
    mat : bool
        Is there a mat?
    closer : tuple of str
        Joints; what lies in their middle is shown larger beside the athlete.
    glow : bool
        At the end the glutes are lit, because nothing else is to be seen.
    slow : bool
        A clock says that slowness is what matters.
    """

    pose: Pose
    athlete: str
    azimuth: float = 0
    elevation: float = 8
    mat: bool = False
    closer: tuple[str, ...] = ()
    glow: bool = False
    slow: bool = False


# -- on the back -------------------------------------------------------------------------------------------------


def _lie_back(figure: Figure, lift: float) -> None:
    """Lie on the back, the pelvis tipped up by `lift`; the upper back stays on the mat, the spine follows evenly."""
    figure.spine(ON_THE_BACK, pelvis=-lift, chest=-0.55 * lift - 2, head=0.5 * lift - 2)
    figure.lie(BACK, MAT_M)
    figure.move([-0.45 - figure.middle("upperarm")[0], 0, -figure.middle("upperarm")[2]])


def _flat_on_the_back(figure: Figure) -> float:
    """Lift with which the pelvis, too, lies on the mat."""

    def error(lift: float) -> float:
        _lie_back(figure, lift)
        return figure.lowest(("pelvis", "spine_01")) - MAT_M

    return solve(error, -15, 20)


def _bridge(figure: Figure, hip_angle: float | None, *, standing: Sequence[Side] = SIDES, knees_out: float = 0) -> None:
    """Bridge on the feet `standing`, raised until the angle at the hip is `hip_angle`; None is on the floor."""
    flat = _flat_on_the_back(figure)
    x = figure.middle("thigh")[0] + HEELS_NEAR * (figure.thigh + figure.shank)

    def pose(lift: float) -> None:
        _lie_back(figure, lift)
        for side in standing:
            foot = _foot_below(side, x, MAT_M)
            figure.foot(side, **foot, toes_up=TOES_UP, knee_out=knees_out)

    def error(lift: float) -> float:
        pose(lift)
        return figure.line(standing[0]) - hip_angle if hip_angle else 0

    pose(flat if hip_angle is None else solve(error, flat, 45))
    figure.nod(MAT_M)
    for side in SIDES:
        _arm_on_the_floor(figure, side)


def _foot_below(side: Side, x: float, y: float) -> dict[str, Any]:
    """A foot of somebody who lies on the back: heel at x, knee up."""
    a = LEFTWARD[side]
    return {"at": (x, y, -a * HIP_WIDTH_M / 2), "heading": 90 + a * TOES_OUT, "knee": (0, 1, 0)}


def _arm_on_the_floor(figure: Figure, side: Side) -> None:
    shoulder = figure.joints[f"upperarm_{side}"]
    out = -LEFTWARD[side]
    at = [shoulder[0] + 0.40, MAT_M + 0.03, shoulder[2] + 0.15 * out]
    figure.hand(side, at, elbow=(0, 0.1, out), palm=(0, -1, 0), fingers=(1, -0.1, 0.1 * out), curl=3, floor=MAT_M)


def small_bridge(figure: Figure, end: bool) -> list[Thing]:
    """Hips a hand's length off the floor."""
    _bridge(figure, SMALL if end else None)
    return []


def glute_bridge(figure: Figure, end: bool) -> list[Thing]:
    """From the floor to a straight line."""
    _bridge(figure, STRAIGHT if end else None)
    return []


def band_bridge(figure: Figure, end: bool) -> list[Thing]:
    """A band above the knees, which push outwards."""
    _bridge(figure, STRAIGHT if end else None, knees_out=7)
    return [Band("thigh", 0.86, 0.055, ORANGE)]


def marching_bridge(figure: Figure, end: bool) -> list[Thing]:
    """Hips stay up; one foot comes off by a hand's breadth."""
    _bridge(figure, STRAIGHT)
    if end:
        figure.foot("r", **_foot_below("r", figure.joints["foot_r"][0] - 0.10, MAT_M + 0.15), toes_up=4)
    return []


def slow_bridge(figure: Figure, end: bool) -> list[Thing]:
    """From just above the floor to a straight line."""
    _bridge(figure, STRAIGHT if end else 128)
    return []


def two_up_one_down(figure: Figure, end: bool) -> list[Thing]:
    """Up with both legs; half-way down with one."""
    _bridge(figure, 148 if end else STRAIGHT)
    if end:
        _stretch_beside(figure, "l")
    return []


def single_leg_bridge(figure: Figure, end: bool) -> list[Thing]:
    """Up and down on one leg, the other stretched."""
    _bridge(figure, STRAIGHT if end else None, standing=("r",))
    _stretch_beside(figure, "l")
    return []


def _stretch_beside(figure: Figure, side: Side) -> None:
    """Stretch a leg, its thigh beside the other one."""
    other: Side = "r" if side == "l" else "l"
    figure.leg(side)
    thigh = figure.frames[f"thigh_{other}"]
    figure.frames[f"thigh_{side}"] = thigh
    for bone, bend in (("calf", 6), ("foot", 0), ("ball", 0)):
        figure.frames[f"{bone}_{side}"] = thigh @ turn("x", bend)


# -- on a bench ----------------------------------------------------------------------------------------------------

BENCH_M: Final = 0.38
BENCH_EDGE_M: Final = -0.30
BELOW_SHOULDER_M: Final = 0.11  # the lower end of the shoulder blades, on the edge of the bench


def _thrust(figure: Figure, end: bool) -> None:
    """Shoulder blades on the edge of the bench, feet below the knees; hips near the floor or in line."""

    def pose(tip: float) -> None:
        figure.spine(ON_THE_BACK, pelvis=tip, chest=tip * 0.85, head=32 if end else 12)
        joints, chest = figure.joints, figure.frame("spine_03")
        shoulders = (joints["upperarm_l"] + joints["upperarm_r"]) / 2
        blades = shoulders - chest[:, 1] * BELOW_SHOULDER_M
        back = figure.part(BACK) - blades
        near = back[np.abs(back @ chest[:, 1]) < 0.03]
        blades = blades + chest[:, 2] * float((near @ chest[:, 2]).min())
        figure.move([BENCH_EDGE_M - 0.01 - blades[0], BENCH_M + 0.005 - blades[1], -shoulders[2]])
        for side in SIDES:
            figure.foot(side, **_foot_below(side, BENCH_EDGE_M + 0.32 + figure.thigh, 0))

    def height(tip: float) -> float:
        pose(tip)
        return -(figure.lowest(("pelvis", "thigh_l", "thigh_r")) - 0.05)

    def straight(lift: float) -> float:
        pose(-lift)
        return figure.line("r") - STRAIGHT

    if end:
        pose(-solve(straight, -40, 30))
    else:
        pose(solve(height, 0, 70))


def _bench() -> Box:
    return Box((BENCH_EDGE_M - 0.42, 0, -0.5), (BENCH_EDGE_M, BENCH_M, 0.5), PAD)


def _hand_on_hip(figure: Figure, side: Side) -> None:
    """Put a hand on the rim of the pelvis, thumb behind."""
    a, pelvis = LEFTWARD[side], figure.frame("pelvis")
    at = figure.joints[f"thigh_{side}"] + pelvis @ np.array([a * 0.085, 0.13, 0.015])
    figure.hand(
        side,
        at,
        elbow=pelvis @ np.array([a, 0.1, -0.35]),
        palm=pelvis @ np.array([-a, 0, -0.2]),
        fingers=pelvis @ np.array([-a * 0.35, -0.6, 0.75]),
        curl=9,
    )


def hip_thrust(figure: Figure, end: bool) -> list[Thing]:
    """Shoulder blades on a bench."""
    _thrust(figure, end)
    for side in SIDES:
        _hand_on_hip(figure, side)
    return [_bench()]


def loaded_hip_thrust(figure: Figure, end: bool) -> list[Thing]:
    """The same with a weight across the hips, held with both hands."""
    _thrust(figure, end)
    pelvis, thigh = figure.frame("pelvis"), figure.frame("thigh_r")
    across, hips = pelvis[:, 0], figure.middle("thigh")
    up = pelvis[:, 2] if end else thigh[:, 2] + 0.35 * pelvis[:, 2]  # down on the floor the weight lies on the thighs
    up = up / np.linalg.norm(up)
    belly = hips + up * 0.11 + pelvis[:, 1] * 0.02 if end else hips + up * 0.125 - thigh[:, 1] * 0.19
    for side in SIDES:
        a = LEFTWARD[side]
        wrist = belly + a * 0.195 * across + 0.02 * up + 0.07 * pelvis[:, 1]
        figure.hand(
            side,
            wrist,
            elbow=pelvis @ np.array([a, 0.4, -0.4]),
            palm=-a * across,
            fingers=-pelvis[:, 1] - 0.2 * a * across,
            curl=14,
        )
    towel = Bar(belly - 0.010 * up, belly + 0.008 * up, 0.15, CLOTH)
    plate = Bar(belly + 0.008 * up, belly + 0.053 * up, 0.135, RED)
    hub = Bar(belly + 0.050 * up, belly + 0.058 * up, 0.045, PALE)
    return [_bench(), towel, plate, hub]


# -- standing ------------------------------------------------------------------------------------------------------


def _stand(
    figure: Figure,
    feet: Feet,
    *,
    on: Side,
    knee: float,
    hips: tuple[float, float] = (0, 0),
    **spine: Any,
) -> None:
    """Stand on the feet given, hips over (x, z), as low as the `knee` of the leg `on` is bent."""

    def pose(height: float) -> None:
        figure.spine(STANDING, **spine)
        figure.root = np.array([hips[0], height, hips[1]])
        for side, foot in feet.items():
            figure.foot(side, **foot)

    def error(height: float) -> float:
        pose(height)
        return knee - figure.angles()[f"knee flexion {on}"]

    leg = figure.thigh + figure.shank
    pose(solve(error, 0.3 * leg, 1.6 * leg))


def _heel(
    side: Side, width: float = HIP_WIDTH_M, z: float = -0.06, y: float = 0, x: float = 0, **more: Any
) -> dict[str, Any]:
    """A foot whose heel stands at one half of `width` beside x."""
    a = LEFTWARD[side]
    return {"at": (x + a * width / 2, y, z), "heading": a * TOES_OUT, **more}


def gluteal_squeeze(figure: Figure, end: bool) -> list[Thing]:
    """Standing at ease; then the glutes are squeezed, and the pelvis comes up a little in front."""
    feet = {side: _heel(side) for side in SIDES}
    _stand(figure, feet, on="l", knee=6, pelvis=-3 if end else 5, chest=-1, head=4)
    for side in SIDES:
        figure.arm(side, flex=2, out=14, elbow=14, palm_in=20, curl=50 if end else 22)
    return []


def _walk(
    figure: Figure, end: bool, band: Band, *, toward: Side = "l", wide: float = 0.58, knee: float = 30, **foot: Any
) -> list[Thing]:
    """Feet hip width apart; then a step outwards, the other foot stays."""
    narrow = 0.27
    width = wide if end else narrow
    x = LEFTWARD[toward] * (width - narrow) / 2
    feet = {side: _heel(side, width, x=x, **foot) for side in SIDES}
    _stand(figure, feet, on=toward, knee=knee, hips=(x, -0.10), pelvis=16, chest=22, head=-14)
    for side in SIDES:
        s = LEFTWARD[side]
        chest, centre = figure.frame("spine_03"), figure.middle("upperarm")
        at = centre + chest @ np.array([s * 0.055, -0.10, 0.27])
        figure.hand(
            side,
            at,
            elbow=chest @ np.array([s * 0.8, -1, 0]),
            palm=(-s, 0, 0),
            fingers=chest @ np.array([-s * 0.4, 0.9, 0.5]),
            curl=14,
        )
    return [band]


def monster_walk(figure: Figure, end: bool) -> list[Thing]:
    """Band above the knees."""
    return _walk(figure, end, Band("thigh", 0.84, 0.05, ORANGE))


def strong_band_walk(figure: Figure, end: bool) -> list[Thing]:
    """A broader, stronger band above the knees."""
    return _walk(figure, end, Band("thigh", 0.82, 0.10, VIOLET), toward="r", knee=38)


def ankle_band_walk(figure: Figure, end: bool) -> list[Thing]:
    """Band round the ankles."""
    return _walk(figure, end, Band("calf", 0.84, 0.05, BLUE, slack=0.008))


def foot_band_walk(figure: Figure, end: bool) -> list[Thing]:
    """Band round the feet."""
    return _walk(figure, end, Band("foot", 0.62, 0.05, RED, slack=0.004), toward="r", wide=0.54, heading=0)


def hip_hitch(figure: Figure, end: bool) -> list[Thing]:
    """On the edge of a step: the free hip sinks and is lifted."""
    step = 0.16
    drop = -10 if end else 14
    x = 0.12
    hip = figure.hip_width / 2
    _stand(
        figure,
        {"l": _heel("l", 0, y=step, x=x)},
        on="l",
        knee=4,
        hips=(x - 0.01 - hip * np.cos(np.deg2rad(drop)), 0.0),
        side=(drop, 0),
        head=2,
    )
    figure.leg("r", out=drop + 2, flex=2, knee=5)
    rail = np.array([0.46, 0.0, 0.10])
    figure.hand(
        "l", rail + [-0.03, 0.98, -0.06], elbow=(0.6, -1, -0.6), palm=(0.4, -1, 0), fingers=(0.4, -0.2, 1), curl=18
    )
    _hand_on_hip(figure, "r")
    return [
        Box((0.02, 0, -0.22), (0.62, step, 0.26), WOOD),
        Bar(rail + [0, step, 0], rail + [0, 0.96, 0], 0.018, PALE),
        Bar(rail + [0, 0.96, -0.25], rail + [0, 0.96, 0.25], 0.022, PALE),
    ]


def step_up(figure: Figure, end: bool) -> list[Thing]:
    """One whole foot on the step; then tall on it."""
    step = 0.24
    up = _heel("r", y=step, z=0.14)
    if end:
        _stand(figure, {"r": up}, on="r", knee=5, hips=(-0.04, 0.20), side=(0, 1), head=2)
        figure.leg("l", flex=-4, out=3, knee=24, toes_down=12)
    else:
        _stand(
            figure, {"r": up, "l": _heel("l", z=-0.30)}, on="l", knee=9, hips=(0, -0.12), pelvis=18, chest=20, head=-12
        )
    for side in SIDES:
        forward = (12 if side == "l" else -8) + (0 if end else 14)
        figure.arm(side, flex=forward, out=10, elbow=25, palm_in=30)
    return [Box((-0.32, 0, 0.08), (0.32, step, 0.52), WOOD)]


def split_squat(figure: Figure, end: bool) -> list[Thing]:
    """A long stride, straight down and up."""
    feet: Feet = {"r": _heel("r", z=0.24), "l": _heel("l", z=-0.58, on="ball", heel_up=62 if end else 40)}
    _stand(
        figure,
        feet,
        on="r",
        knee=79 if end else 20,
        hips=(0, -0.17 if end else -0.15),
        pelvis=14 if end else 4,
        chest=15 if end else 5,
        head=-8,
    )
    for side in SIDES:
        _hand_on_hip(figure, side)
    return []


def single_leg_deadlift(figure: Figure, end: bool) -> list[Thing]:
    """Hips back, trunk forward, the free leg in line with it."""
    tip = 72 if end else 3
    _stand(
        figure,
        {"r": _heel("r", 0.06)},
        on="r",
        knee=18 if end else 10,
        hips=(0.03, -0.12 if end else 0),
        pelvis=tip,
        chest=tip - 2,
        head=-18 if end else 0,
    )
    if end:
        figure.leg("l", flex=-2, knee=4, toes_down=-4)
    else:
        figure.leg("l", flex=22, knee=52, toes_down=4)
    for side in SIDES:
        figure.arm(side, flex=tip - 2 if end else 0, out=8, elbow=10, palm_in=45)
    return []


def single_leg_squat_to_box(figure: Figure, end: bool) -> list[Thing]:
    """Down on one leg until the box is touched."""
    box, edge = 0.42, -0.17
    foot = _heel("r", 0.08, z=0.0)
    if end:

        def pose(height: float) -> None:
            figure.spine(STANDING, pelvis=36, chest=40, head=-24)
            figure.root = np.array([0.04, height, -0.27])
            figure.foot("r", **foot)

        def error(height: float) -> float:
            pose(height)
            seat = figure.part(("pelvis", "thigh_r"))
            return float(seat[seat[:, 2] < edge - 0.02][:, 1].min()) - box + 0.015

        pose(solve(error, 0.3, 0.9))
        figure.leg("l", flex=106, knee=14, toes_down=-6)
    else:
        _stand(figure, {"r": foot}, on="r", knee=7, hips=(0.03, 0.06), pelvis=2, head=2)
        figure.leg("l", flex=24, knee=28, toes_down=0)
    for side in SIDES:
        figure.arm(side, flex=105 if end else 55, out=4, elbow=8, palm_in=50, curl=10)
    return [Box((-0.26, 0, -0.65), (0.30, box, edge), WOOD)]


def lateral_step_up(figure: Figure, end: bool) -> list[Thing]:
    """Sideways on a step, a weight in each hand."""
    step = 0.20
    up = _heel("r", 0, y=step, x=-0.16)
    hip = figure.hip_width / 2
    if end:
        _stand(figure, {"r": up}, on="r", knee=5, hips=(-0.15 + hip, 0), pelvis=2, head=2)
        figure.leg("l", flex=3, out=3, knee=8)
    else:
        _stand(
            figure,
            {"r": up, "l": _heel("l", 0, x=0.13)},
            on="l",
            knee=7,
            hips=(0.02, -0.05),
            pelvis=10,
            chest=13,
            head=-8,
        )
    things: list[Thing] = [Box((-0.50, 0, -0.24), (-0.05, step, 0.30), WOOD)]
    for side in SIDES:
        things += _weight_in_hand(figure, side, flex=0 if end else 13)
    return things


def _weight_in_hand(figure: Figure, side: Side, flex: float = 0) -> list[Thing]:
    """A hanging arm that holds a dumbbell."""
    figure.arm(side, flex=flex, out=15, elbow=8, palm_in=10, curl=58)
    hand = figure.frame(f"hand_{side}")
    palm, along = -LEFTWARD[side] * hand[:, 0], hand[:, 2]
    grip = figure.joints[f"hand_{side}"] - 0.085 * hand[:, 1] + 0.028 * palm
    heads = (Bar(grip + a * 0.06 * along, grip + a * 0.12 * along, 0.055, IRON) for a in (-1, 1))
    return [Bar(grip - 0.06 * along, grip + 0.06 * along, 0.016, PALE), *heads]


# -- the calf ------------------------------------------------------------------------------------------------------

WALL_M: Final = 0.46  # in front of the ankles


def _rise(figure: Figure, end: bool, standing: Sequence[Side], on_wall: Sequence[Side] = SIDES) -> None:
    """Stand on the feet `standing`, flat or on the toes, with fingertips on the wall; another foot is lifted."""
    feet: Feet = {}
    for side in standing:
        sole = figure.sole[side]
        ball_z = -0.06 + sole.ball[2] - sole.heel[2]
        width = HIP_WIDTH_M if len(standing) == 2 else 0.06
        a = LEFTWARD[side]
        feet[side] = {"at": (a * width / 2, 0, ball_z), "heading": 0.0, "on": "ball", "heel_up": 44 if end else 0}
    x = 0.0 if len(standing) == 2 else LEFTWARD[standing[0]] * (0.05 - figure.hip_width / 2)
    _stand(figure, feet, on=standing[0], knee=5, hips=(x, 0.10 if end else 0.03), pelvis=2, chest=2, head=0)
    for side in SIDES:
        if side not in standing:
            figure.leg(side, flex=2, knee=62, toes_down=14)
        if side in on_wall:
            shoulder = figure.joints[f"upperarm_{side}"]
            at = (shoulder[0], 1.16, WALL_M - 0.155)
            figure.hand(
                side, at, elbow=(LEFTWARD[side] * 0.5, -1, -0.2), palm=(0, -0.6, 1), fingers=(0, 0.75, 0.8), curl=3
            )


def _wall() -> Box:
    return Box((-0.55, 0, WALL_M), (0.55, 1.75, WALL_M + 0.07), (0.66, 0.70, 0.72))


def calf_raise(figure: Figure, end: bool) -> list[Thing]:
    """Up on the toes of both feet, fingertips on a wall."""
    _rise(figure, end, SIDES)
    return [_wall()]


def single_leg_calf_raise(figure: Figure, end: bool) -> list[Thing]:
    """Up on the toes of one foot."""
    _rise(figure, end, ("r",))
    return [_wall()]


def loaded_calf_raise(figure: Figure, end: bool) -> list[Thing]:
    """Up on the toes of one foot, a weight in the hand of that side."""
    _rise(figure, end, ("r",), on_wall=("l",))
    return [_wall(), *_weight_in_hand(figure, "r")]


# -- on the side ---------------------------------------------------------------------------------------------------

PRESSED_M: Final = 0.022  # flesh that the body's weight presses flat


def _lie_on_the_side(figure: Figure) -> None:
    """Lie on the right side, head on the stretched lower arm, the upper hand on the mat in front of the chest."""

    def lower_arm(floor: float | None) -> None:
        at = figure.joints["upperarm_r"] + [-0.40, -0.05, 0.12]
        figure.hand("r", at, elbow=(0, 0, 1), palm=(0, -1, 0), fingers=(-1, 0, 0.1), curl=4, floor=floor)

    def error(tip: float) -> float:
        figure.spine(turn("z", -tip) @ ON_THE_SIDE, head=6, tilt=8)
        figure.frames["clavicle_r"] = figure.frame("spine_03") @ turn("z", -28)  # the shoulder comes up to the ear
        figure.lie(("pelvis",), MAT_M - PRESSED_M / 2)
        lower_arm(None)
        return figure.lowest(("spine_03", "spine_02", "upperarm_r", "lowerarm_r")) - MAT_M + PRESSED_M

    error(solve(error, -10, 14))
    figure.move([-0.30 - figure.joints["spine_03"][0], 0, 0])
    lower_arm(MAT_M)
    at = figure.joints["spine_03"] + [-0.04, 0, 0.30]
    figure.hand("l", at, elbow=(0.6, 1, 0.3), palm=(0, -1, 0), fingers=(-0.9, -0.1, 0.5), curl=3, floor=MAT_M)


def _lower_leg(figure: Figure, *, flex: float, knee: float) -> None:
    """Lay the right leg on the mat, bent."""
    figure.leg("r", flex=flex, knee=knee)
    ankle, front = figure.joints["foot_r"].copy(), figure.joints["calf_r"] - figure.joints["thigh_r"]
    ankle[1] = MAT_M + 0.05
    figure.shin("r", ankle, knee=front * [1, 0, 1], toes_down=8)


def clam(figure: Figure, end: bool) -> list[Thing]:
    """Heels together; the upper knee opens."""
    _lie_on_the_side(figure)
    _lower_leg(figure, flex=48, knee=88)
    front = figure.joints["calf_r"] - figure.joints["thigh_r"]
    ankle = figure.joints["foot_r"] + [0, 0.085, 0]
    figure.shin("l", ankle, knee=front * [1, 0, 1], knee_out=50 if end else 4, toes_down=8)
    return []


def side_lying_abduction(figure: Figure, end: bool) -> list[Thing]:
    """The upper leg, straight and in line with the trunk, is lifted heel first, as high as the shoulder."""
    _lie_on_the_side(figure)
    _lower_leg(figure, flex=45, knee=92)
    joints, leg = figure.joints, (figure.thigh + figure.shank) * 0.995
    hip = joints["thigh_l"]
    rise, back = (joints["upperarm_l"][1] if end else MAT_M + 0.13) - hip[1], -0.05
    ankle = hip + [np.sqrt(leg**2 - rise**2 - back**2), rise, back]
    figure.shin("l", ankle, knee=(0, -0.15, 1), toes_down=-6)
    return []


def _side_plank(figure: Figure, up: bool, lifted: float = 0) -> None:
    """On the right forearm and the feet; hips up or on the mat."""
    height = MAT_M + 0.042 + figure.upper

    def line(tip: float) -> None:
        figure.spine(turn("z", -tip) @ ON_THE_SIDE)
        figure.leg("r", out=-3, toes_down=0)
        figure.leg("l", out=-3 + lifted, toes_down=0)
        lowest = figure.part(("foot_r", "ball_r"), bare=False)[:, 1].min()
        figure.move([0, MAT_M - lowest, 0])

    def sunk(tip: float) -> None:
        figure.spine(ON_THE_SIDE, side=(-10, -tip))
        figure.lie(("pelvis", "thigh_r"), MAT_M - 0.01)

    def error(tip: float) -> float:
        (line if up else sunk)(tip)
        return float(figure.joints["upperarm_r"][1]) - height

    tip = solve(error, 0, 60)
    (line if up else sunk)(tip)
    figure.move([-0.45 - figure.joints["upperarm_r"][0], 0, -figure.joints["upperarm_r"][2]])
    if not up:
        hip = figure.middle("thigh")
        reach = (figure.thigh + figure.shank) * 0.985
        figure.shin("r", [hip[0] + reach, MAT_M + 0.052, hip[2]], knee=(0, 0, 1))
        figure.shin("l", [hip[0] + reach, MAT_M + 0.135, hip[2]], knee=(0, 0, 1))
    shoulder = figure.joints["upperarm_r"]
    elbow = shoulder - [0, figure.upper, 0]
    wrist = elbow + [0.02, -0.005, figure.fore * 0.995]
    figure.hand("r", wrist, elbow=(0, -1, -1), palm=(0, -1, 0), fingers=(0, 0, 1), curl=3, floor=MAT_M)
    _hand_on_hip(figure, "l")


def side_plank(figure: Figure, end: bool) -> list[Thing]:
    """Feet, hips and shoulders in line, carried by forearm and feet."""
    _side_plank(figure, end)
    return []


def side_plank_leg_lift(figure: Figure, end: bool) -> list[Thing]:
    """The same; the upper foot is lifted as high as the hip."""
    _side_plank(figure, True, lifted=16 if end else 0)
    return []


# -- breaks from sitting -------------------------------------------------------------------------------------------


def half_kneeling_stretch(figure: Figure, end: bool) -> list[Thing]:
    """On one knee; the hips come forward, the pelvis tucked, the trunk upright."""
    knee = np.array([-0.10, MAT_M + 0.058, -0.20])
    back = np.deg2rad(-18 if end else 6)
    hip = knee + figure.thigh * np.array([0, np.cos(back), -np.sin(back)])
    figure.spine(STANDING, pelvis=-6 if end else 4, chest=0, head=2)
    figure.root = np.zeros(3)
    figure.move(hip - figure.joints["thigh_r"])
    figure.shin("r", [-0.10, MAT_M + 0.075, knee[2] - figure.shank * 0.998], knee=(0, -0.3, 1), toes_down=44)
    figure.foot("l", (0.12, MAT_M, 0.30), heading=4)
    for side in SIDES:
        _hand_on_hip(figure, side)
    return []


def stand_and_walk(figure: Figure, end: bool) -> list[Thing]:
    """From sitting to a few steps."""
    seat = 0.45
    stool = Box((-0.24, 0, -0.92), (0.24, seat, -0.50), WOOD)
    if end:
        feet: Feet = {"l": _heel("l", 0.16, z=0.36, toes_up=16), "r": _heel("r", 0.16, z=-0.14, on="ball", heel_up=34)}
        _stand(figure, feet, on="l", knee=7, hips=(0, 0.16), pelvis=3, chest=3, twist=8, head=0, look=-8)
        for side in SIDES:  # the arm swings with the other leg
            figure.arm(side, flex=2 - LEFTWARD[side] * 20, out=8, elbow=24, palm_in=30)
        return [stool]
    figure.spine(STANDING, pelvis=-4, chest=4, head=2)
    figure.root = np.array([0, seat + 0.12, -0.66])
    for side in SIDES:
        figure.foot(side, **_heel(side, z=-0.26))
    figure.lie(("pelvis", "thigh_l", "thigh_r"), seat - 0.02)
    for side in SIDES:
        figure.foot(side, **_heel(side, z=-0.26))
        knee, hip = figure.joints[f"calf_{side}"], figure.joints[f"thigh_{side}"]
        a = LEFTWARD[side]
        figure.hand(
            side,
            hip + (knee - hip) * 0.62 + [a * 0.01, 0.085, 0],
            elbow=(a * 0.7, -0.2, -1),
            palm=(0, -1, 0),
            fingers=(-a * 0.1, -0.15, 1),
            curl=6,
        )
    return [stool]


# -- all of them ---------------------------------------------------------------------------------------------------

POSES: Final[dict[str, Picture]] = {
    "gluteal_squeeze": Picture(gluteal_squeeze, "ruth", 168, 6, glow=True),
    "small_bridge": Picture(small_bridge, "karl", 0, 9, mat=True),
    "glute_bridge": Picture(glute_bridge, "mara", 0, 9, mat=True),
    "band_bridge": Picture(band_bridge, "kofi", 35, 16, mat=True),
    "marching_bridge": Picture(marching_bridge, "yuki", 12, 12, mat=True),
    "slow_bridge": Picture(slow_bridge, "jonas", 0, 9, mat=True, slow=True),
    "two_up_one_down": Picture(two_up_one_down, "amara", 0, 10, mat=True),
    "single_leg_bridge": Picture(single_leg_bridge, "wei", 0, 10, mat=True),
    "hip_thrust": Picture(hip_thrust, "mara", 12, 10),
    "step_up": Picture(step_up, "ruth", -68, 8),
    "loaded_hip_thrust": Picture(loaded_hip_thrust, "kofi", 14, 20),
    "split_squat": Picture(split_squat, "jonas", -72, 7),
    "single_leg_deadlift": Picture(single_leg_deadlift, "amara", -78, 7),
    "clam": Picture(clam, "yuki", 8, 22, mat=True),
    "side_lying_abduction": Picture(side_lying_abduction, "karl", 8, 22, mat=True),
    "monster_walk": Picture(monster_walk, "amara", 0, 6),
    "strong_band_walk": Picture(strong_band_walk, "wei", 0, 6),
    "hip_hitch": Picture(hip_hitch, "mara", 0, 6, closer=("foot_l", "foot_r")),
    "ankle_band_walk": Picture(ankle_band_walk, "jonas", 0, 6),
    "foot_band_walk": Picture(foot_band_walk, "ruth", 0, 10),
    "side_plank": Picture(side_plank, "kofi", 0, 10, mat=True),
    "single_leg_squat_to_box": Picture(single_leg_squat_to_box, "yuki", -80, 9),
    "side_plank_leg_lift": Picture(side_plank_leg_lift, "mara", 0, 10, mat=True),
    "lateral_step_up": Picture(lateral_step_up, "kofi", -14, 8),
    "calf_raise": Picture(calf_raise, "karl", -84, 6, closer=("foot_r", "ball_r")),
    "single_leg_calf_raise": Picture(single_leg_calf_raise, "amara", -84, 6, closer=("foot_r", "ball_r")),
    "loaded_calf_raise": Picture(loaded_calf_raise, "wei", -84, 6, closer=("foot_r", "ball_r")),
    "half_kneeling_stretch": Picture(half_kneeling_stretch, "ruth", -74, 8, mat=True),
    "stand_and_walk": Picture(stand_and_walk, "karl", -62, 8),
}
