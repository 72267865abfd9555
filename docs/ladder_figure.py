"""A figure that can be posed: joints are turned, feet and hands are put where they belong, and contact is measured.

Lengths are in metres, angles in degrees. The world has y up. A figure that stands faces z, with its left at x.
``base`` is the way the whole body lies in the world; its columns say where the body's left, upper end and front
point to. Every segment has a frame like that, which is the identity when the body stands upright with hanging arms.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Side = Literal["l", "r"]

SIDES: Final[tuple[Side, Side]] = ("l", "r")
LEFTWARD: Final[dict[Side, float]] = {"l": 1.0, "r": -1.0}
UP: Final = np.array([0.0, 1.0, 0.0])
CENTRE: Final = np.zeros(3)
SPINE: Final = ("pelvis", "spine_01", "spine_02", "spine_03")
BACK: Final = ("spine_02", "spine_03", "clavicle_l", "clavicle_r")
SKIN, SHOE = 0, 3  # materials of the engine

STANDING: Final = np.eye(3)
ON_THE_BACK: Final = np.stack([-np.array([0.0, 0, 1]), np.array([-1.0, 0, 0]), UP], 1)  # head at -x
ON_THE_SIDE: Final = np.stack([UP, np.array([-1.0, 0, 0]), np.array([0.0, 0, 1])], 1)  # the right one, head at -x

# What joints can do, in degrees: least and most. Ranges of healthy adults (American Academy of Orthopaedic Surgeons,
# Joint Motion, 1965), somewhat wider where a joint bears weight or where the joint centres of the rig ask for it.
RANGES: Final = {
    "hip flexion": (-25, 125),
    "hip abduction": (-30, 50),
    "knee flexion": (-3, 145),
    "ankle dorsiflexion": (-50, 35),
    "elbow flexion": (-3, 150),
}


def turn(axis: Literal["x", "y", "z"], degrees: float) -> Vector:
    """Rotation about an axis: x tips the front down, y turns to the left, z tips the head to the right."""
    a = np.deg2rad(degrees)
    c, s = np.cos(a), np.sin(a)
    rows = {"x": [[1, 0, 0], [0, c, -s], [0, s, c]], "y": [[c, 0, s], [0, 1, 0], [-s, 0, c]]}
    return np.array(rows.get(axis, [[c, -s, 0], [s, c, 0], [0, 0, 1]]), float)


def unit(vector: Sequence[float] | Vector) -> Vector:
    """Vector of length 1 with the same direction."""
    v = np.asarray(vector, float)
    return np.asarray(v / np.linalg.norm(v), float)


def angle(a: Vector, b: Vector) -> float:
    """Angle between two directions."""
    return float(np.rad2deg(np.arccos(np.clip(unit(a) @ unit(b), -1, 1))))


def solve(error: Callable[[float], float], low: float, high: float) -> float:
    """Where a function that grows is zero, by halving; an end of the range where it has no zero."""
    for _ in range(18):
        middle = (low + high) / 2
        low, high = (middle, high) if error(middle) < 0 else (low, middle)
    return (low + high) / 2


def _two_bones(start: Vector, end: Vector, towards: Vector, first: float, second: float) -> tuple[Vector, Vector]:
    """Frames of two bones from `start` to `end` whose joint points `towards`; x is the hinge, z the way it points."""
    span = end - start
    length = min(float(np.linalg.norm(span)), (first + second) * 0.9995)
    u = unit(span)
    c = np.clip((first**2 + length**2 - second**2) / (2 * first * length), -1, 1)
    p = unit(towards - u * (u @ towards))
    joint = start + first * (c * u + np.sqrt(1 - c * c) * p)
    x = unit(np.cross(p, u))
    up_first, up_second = unit(start - joint), unit(joint - (start + u * length))
    return (
        np.stack([x, up_first, np.cross(x, up_first)], 1),
        np.stack([x, up_second, np.cross(x, up_second)], 1),
    )


class Sole:
    """One foot in its own frame, with the ankle at the origin: points that touch the floor."""

    def __init__(self, body: Any, side: Side) -> None:
        bone = f"foot_{side}"
        frame, ankle = body.C[bone], body.head[body.bi[bone]]
        shod = body.p["feet"] != "bare"
        of_foot = (
            (body.rest[:, 1] < 0.13) & (body.rest[:, 0] * LEFTWARD[side] > 0) & (body.mat == (SHOE if shod else SKIN))
        )
        points = (body.rest[of_foot] - ankle) @ frame.T
        self.points = points
        low = points[points[:, 1] < points[:, 1].min() + 0.04]
        ball = frame @ (body.head[body.bi[f"ball_{side}"]] - ankle)
        height = points[:, 1].min()
        self.heel = np.array([0.0, height, low[:, 2].min() + 0.012])
        self.ball = np.array([ball[0], height, ball[2]])
        self.ball_joint = ball
        self.toe = np.array([ball[0], height, points[:, 2].max() - 0.015])


class Figure:
    """A body and its pose.

    Parameters
    ----------
    body : Body
        Body of the engine.
    """

    def __init__(self, body: Any) -> None:
        self.body = body
        self.frames: dict[str, Vector] = {}
        self.root = np.zeros(3)
        self.stands_at: dict[Side, float] = {}  # height of what a foot stands on
        self.thigh, self.shank = float(body.len_thigh), float(body.len_shank)
        self.upper = float(np.linalg.norm(body.off["lowerarm_l"]))
        self.fore = float(np.linalg.norm(body.off["hand_l"]))
        self.sole = {side: Sole(body, side) for side in SIDES}
        self.hip_width = float(body.off["thigh_l"][0] * 2)
        self._bone_of = body.W.argmax(1)
        self._bare = body.mat[body.weld] == SKIN
        self._real = np.isin(body.mat[body.weld], (SKIN, SHOE))

    # ------------------------------------------------------------------------------------------------ measuring
    @property
    def joints(self) -> dict[str, Vector]:
        """Joint centres, in the world."""
        return self.body.fk(self.frames, self.root)[1]  # type: ignore[no-any-return]

    def frame(self, bone: str) -> Vector:
        """Frame of a segment, in the world."""
        return self.body.fk(self.frames, self.root)[0][bone]  # type: ignore[no-any-return]

    def middle(self, joint: str) -> Vector:
        """Point midway between a joint of the left and of the right."""
        joints = self.joints
        return np.asarray((joints[f"{joint}_l"] + joints[f"{joint}_r"]) / 2)

    def points(self) -> Vector:
        """Points of the skin and the shoes, in the order of `bone_names`."""
        placed, _ = self.body.skin(*self.body.fk(self.frames, self.root))
        welded = np.empty((len(self.body.weld), 3))
        welded[self.body.winv] = placed
        return welded

    def part(self, bones: Sequence[str], bare: bool = True) -> Vector:
        """Points of the skin (and of the shoes, too, unless `bare`) that belong to `bones`."""
        ids = [self.body.bi[bone] for bone in bones]
        return self.points()[np.isin(self._bone_of, ids) & (self._bare if bare else self._real)]

    def solid(self) -> tuple[Vector, list[str]]:
        """All points of skin and shoes, and the bone of each."""
        names = [self.body.bones[i] for i in self._bone_of[self._real]]
        return self.points()[self._real], names

    def lowest(self, bones: Sequence[str]) -> float:
        """Height of the lowest point of the skin that belongs to `bones`."""
        return float(self.part(bones)[:, 1].min())

    def line(self, side: Side) -> float:
        """Angle at the hip between shoulder and knee, seen from the side: 180 is straight, more is arched."""
        joints = self.joints
        shoulder, knee = joints[f"upperarm_{side}"], joints[f"calf_{side}"]
        a, b = shoulder - joints[f"thigh_{side}"], knee - joints[f"thigh_{side}"]
        left = self.frame("pelvis")[:, 0]
        a, b = a - left * (a @ left), b - left * (b @ left)
        return float(np.rad2deg(np.arctan2(np.cross(a, b) @ left, a @ b)) % 360)

    def angles(self) -> dict[str, float]:
        """Angles of the joints, named as in `RANGES` with the side behind."""
        found = {}
        for side in SIDES:
            thigh, calf = self.frame(f"thigh_{side}"), self.frame(f"calf_{side}")
            down = self.frame("pelvis").T @ -thigh[:, 1]
            found[f"hip flexion {side}"] = float(np.rad2deg(np.arctan2(down[2], -down[1])))
            found[f"hip abduction {side}"] = float(np.rad2deg(np.arcsin(LEFTWARD[side] * down[0])))
            found[f"knee flexion {side}"] = _bend(thigh, calf)
            found[f"ankle dorsiflexion {side}"] = -_bend(calf, self.frame(f"foot_{side}"))
            found[f"elbow flexion {side}"] = -_bend(self.frame(f"upperarm_{side}"), self.frame(f"lowerarm_{side}"))
        return found

    # ------------------------------------------------------------------------------------------------ the trunk
    def spine(
        self,
        base: Vector,
        *,
        pelvis: float = 0,
        chest: float | None = None,
        head: float = 0,
        side: tuple[float, float] = (0, 0),
        twist: float = 0,
        look: float = 0,
        tilt: float = 0,
    ) -> None:
        """Turn the trunk.

        Parameters
        ----------
        base : array
            How the body lies in the world.
        pelvis, chest : float
            Tipped forwards, against `base`; the spine goes evenly from one to the other.
        head : float
            Tipped forwards, against the chest.
        side : tuple of float
            Pelvis and chest, tipped to the right.
        twist, look : float
            Chest turned to the left against the pelvis, head against the chest.
        tilt : float
            Head tipped to the right, against the chest.
        """
        chest = pelvis if chest is None else chest
        for k, bone in enumerate(SPINE):
            share = k / 3
            tipped = pelvis + (chest - pelvis) * share
            aside = side[0] + (side[1] - side[0]) * share
            self.frames[bone] = base @ turn("y", twist * share) @ turn("z", aside) @ turn("x", tipped)
        top = self.frames["spine_03"]
        for bone, share in (("neck_01", 0.5), ("head", 1.0)):
            self.frames[bone] = top @ turn("z", tilt * share) @ turn("y", look * share) @ turn("x", head * share)

    def nod(self, height: float) -> None:
        """Tip the head until it lies at `height`."""
        top = self.frames["spine_03"]

        def error(head: float) -> float:
            for bone, share in (("neck_01", 0.5), ("head", 1.0)):
                self.frames[bone] = top @ turn("x", head * share)
            return self.lowest(("head", "neck_01")) - height

        solve(error, -25, 45)

    def move(self, by: Sequence[float] | Vector) -> None:
        """Shift the whole figure."""
        self.root = self.root + np.asarray(by, float)

    def lie(self, bones: Sequence[str], height: float) -> None:
        """Shift the figure up or down until the lowest point of `bones` is at `height`."""
        self.move([0, height - self.lowest(bones), 0])

    # ------------------------------------------------------------------------------------------------ legs
    def leg(
        self,
        side: Side,
        *,
        flex: float = 0,
        out: float = 0,
        turned_out: float = 0,
        knee: float = 0,
        toes_down: float = 0,
    ) -> None:
        """Turn the joints of a leg that stands nowhere."""
        a = LEFTWARD[side]
        thigh = self.frames["pelvis"] @ turn("z", a * out) @ turn("x", -flex) @ turn("y", a * turned_out)
        calf = thigh @ turn("x", knee)
        foot = calf @ turn("x", toes_down)
        self.stands_at.pop(side, None)
        for bone, frame in (("thigh", thigh), ("calf", calf), ("foot", foot), ("ball", foot)):
            self.frames[f"{bone}_{side}"] = frame

    def foot(
        self,
        side: Side,
        at: Sequence[float] | Vector,
        *,
        heading: float = 0,
        toes_up: float = 0,
        heel_up: float = 0,
        on: Literal["heel", "ball"] = "heel",
        knee: Sequence[float] | Vector | None = None,
        knee_out: float = 0,
    ) -> None:
        """Put a foot somewhere; the leg follows.

        Parameters
        ----------
        side : {"l", "r"}
        at : array
            Where the point `on` of the foot is to be.
        heading : float
            Where the toes point to: 0 is z, 90 is x.
        toes_up, heel_up : float
            Foot turned about the heel or about the ball; with the heel up the toes stay flat.
        on : {"heel", "ball"}
            The point of the foot that is put.
        knee : array, optional
            Where the knee points to; without it, as the foot does.
        knee_out : float
            Knee turned outwards about the line from hip to ankle.
        """
        sole = self.sole[side]
        flat = turn("y", heading)
        frame = flat @ turn("x", heel_up - toes_up)
        ball = flat if heel_up else frame
        point = np.asarray(at, float)
        if heel_up:  # the toes stay flat on the floor, and the foot turns about the joint above the ball
            ankle = point + flat @ (sole.ball_joint - sole.ball) - frame @ sole.ball_joint
        else:
            ankle = point - frame @ getattr(sole, on)
            ankle[1] = point[1] - (sole.points @ frame.T)[:, 1].min()  # heels are round
        self.shin(side, ankle, knee=flat[:, 2] if knee is None else knee, knee_out=knee_out)
        self.frames[f"foot_{side}"], self.frames[f"ball_{side}"] = frame, ball
        self.stands_at[side] = float(point[1])

    def shin(
        self,
        side: Side,
        ankle: Sequence[float] | Vector,
        *,
        knee: Sequence[float] | Vector,
        knee_out: float = 0,
        toes_down: float = 0,
    ) -> None:
        """Put an ankle somewhere; the leg follows, and the foot goes with the shin."""
        hip, ankle, towards = self.joints[f"thigh_{side}"], np.asarray(ankle, float), np.asarray(knee, float)
        if knee_out:
            u = unit(ankle - hip)
            p = unit(towards - u * (u @ towards))
            out = LEFTWARD[side] * self.frames["pelvis"][:, 0]
            q = out - u * (u @ out)
            q = unit(q - p * (p @ q))
            towards = np.cos(np.deg2rad(knee_out)) * p + np.sin(np.deg2rad(knee_out)) * q
        thigh, calf = _two_bones(hip, ankle, towards, self.thigh, self.shank)
        foot = calf @ turn("x", toes_down)
        self.stands_at.pop(side, None)
        for bone, frame in (("thigh", thigh), ("calf", calf), ("foot", foot), ("ball", foot)):
            self.frames[f"{bone}_{side}"] = frame

    # ------------------------------------------------------------------------------------------------ arms
    def arm(
        self,
        side: Side,
        *,
        flex: float = 0,
        out: float = 10,
        turned_in: float = 0,
        elbow: float = 12,
        palm_in: float = 0,
        curl: float = 20,
    ) -> None:
        """Turn the joints of an arm: `flex` forwards and `out` sideways against the chest."""
        a = LEFTWARD[side]
        upper = self.frames["spine_03"] @ turn("z", a * out) @ turn("x", -flex) @ turn("y", -a * turned_in)
        fore = upper @ turn("y", -a * palm_in / 2) @ turn("x", -elbow)
        self._arm(side, upper, fore, fore @ turn("y", -a * palm_in / 2), curl)

    def hand(
        self,
        side: Side,
        at: Sequence[float] | Vector,
        *,
        elbow: Sequence[float] | Vector,
        palm: Sequence[float] | Vector | None = None,
        fingers: Sequence[float] | Vector | None = None,
        curl: float = 20,
        floor: float | None = None,
    ) -> None:
        """Put a wrist somewhere; the arm follows.

        Parameters
        ----------
        side : {"l", "r"}
        at : array
            Where the wrist is to be.
        elbow : array
            Where the elbow points to.
        palm, fingers : array, optional
            Where palm and fingers point to; without them, as the forearm has them.
        curl : float
            Bend of the finger joints.
        floor : float, optional
            Height of what the hand lies on; the wrist is raised or lowered until it does.
        """
        at = np.asarray(at, float)
        if floor is not None:
            for _ in range(3):
                self.hand(side, at, elbow=elbow, palm=palm, fingers=fingers, curl=curl)
                at = at + UP * (floor - self.lowest(self._hand_bones(side)))
        shoulder = self.joints[f"upperarm_{side}"]
        upper, fore = _two_bones(shoulder, np.asarray(at, float), np.asarray(elbow, float), self.upper, self.fore)
        upper, fore = upper @ turn("y", 180), fore @ turn("y", 180)  # an elbow points backwards, a knee forwards
        hand = fore
        if palm is not None:
            wanted = fore.T @ np.asarray(palm, float)
            inwards = -LEFTWARD[side]
            about = float(np.rad2deg(np.arctan2(-wanted[2] * inwards, wanted[0] * inwards)))
            about = float(np.clip(about, -110, 110))
            fore, hand = fore @ turn("y", about * 0.55), fore @ turn("y", about)
        if fingers is not None:
            hand = _shortest(-hand[:, 1], unit(fingers)) @ hand
        self._arm(side, upper, fore, hand, curl)

    def _hand_bones(self, side: Side) -> list[str]:
        fingers = ("thumb", "index", "middle", "ring", "pinky")
        return [f"hand_{side}", *(f"{finger}_0{k}_{side}" for finger in fingers for k in (1, 2, 3))]

    def _arm(self, side: Side, upper: Vector, fore: Vector, hand: Vector, curl: float) -> None:
        for bone, frame in (("upperarm", upper), ("lowerarm", fore), ("hand", hand)):
            self.frames[f"{bone}_{side}"] = frame
        for finger in ("index", "middle", "ring", "pinky"):
            for k in (1, 2, 3):
                self.frames[f"{finger}_0{k}_{side}"] = hand @ turn("z", -LEFTWARD[side] * curl * k)
        aside = hand @ turn("y", LEFTWARD[side] * 45 * max(0, 1 - curl / 20))  # a flat hand has its thumb beside it
        for k in (1, 2, 3):
            self.frames[f"thumb_0{k}_{side}"] = aside @ turn("z", -LEFTWARD[side] * curl * (k - 1) * 0.3)


def _bend(upper: Vector, lower: Vector) -> float:
    """How far a segment is turned about the hinge (x) of the one above it."""
    inside = upper.T @ lower
    return float(np.rad2deg(np.arctan2(inside[2, 1], inside[1, 1])))


def _shortest(a: Vector, b: Vector) -> Vector:
    """Smallest rotation from one direction to another."""
    v, c = np.cross(a, b), float(a @ b)
    cross = np.array([[0, -v[2], v[1]], [v[2], 0, -v[0]], [-v[1], v[0], 0]])
    return np.asarray(np.eye(3) + cross + cross @ cross / (1 + c))
