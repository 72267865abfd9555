"""The monster walk.

    A band under tension just above the knees; feet hip width, a slight bend in both knees; step outwards with one
    foot, knee facing forward, "lead with the knee"; step the other foot in slowly and with control, to catch up;
    repeat, to and fro. (This is the sideways walk. Some exercise lists mean a forward walk by the same name.)

One repetition is one step. The cues at the end of this file follow this text. Limits are those of the project's
evidence tables; there is no published limit for this exercise, so they lie outside the range that the evidence favours.
Errors were measured on 74 steps of 12 rendered athletes, filmed from the front and up to 23 deg beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from hipdrive.motion.dataset import image_middle, world_point
from hipdrive.motion.geometry import angle_deg, direction_deg, distance, median, wrapped_deg
from hipdrive.motion.view import Side, View
from hipdrive.movements.cue import INFINITY, WORSE, Band, Cue, Measurement, Phase
from hipdrive.movements.movement import Likeness, Moment, Movement, Prepared, Words
from hipdrive.movements.repetition import Repetition
from hipdrive.movements.steps import LEAST_STEP, OTHER, Step, find_steps
from hipdrive.results import Verdict, Warning_

Array = NDArray[np.float64]
Frames = NDArray[np.bool_]

SIDES: Final[tuple[Side, Side]] = ("left", "right")
LEG: Final = ("hip", "knee", "ankle")
FOOT: Final = ("ankle", "heel", "foot_index")
TRAVELS: Final[tuple[Literal["raise", "lower"], ...]] = ("raise", "lower")

# -- who does a monster walk --
UPRIGHT_DEG: Final = 50.0  # a trunk that leans more than the cue's worst limit is lying down or getting up
FACING: Final = 0.5  # across the picture, of the width of shoulders and hips: turned from the camera by up to 60 deg
LONGEST_HOLE_S: Final = 1.0  # out of position or out of sight for longer, and the walk before is another one
STANCE_S: Final = 1.5  # how much of the stand before the first step is looked at
LEAST_STANCE_S: Final = 0.2
REST_BEFORE_S: Final = 0.5
AROUND_TOP_S: Final = 0.1  # the wide stance may be short; for this long around it the feet have hardly moved

# -- what is seen --
EDGE: Final = 0.01  # of the picture's width: nearer to its edge the network draws a foot that is half outside
LEAST_SEEN: Final = 0.95  # of the frames of a step
AROUND_STEP_S: Final = 0.2  # before and after it, for a foot that is lost there was perhaps not at rest
# The angle from a phone's lens to its edge is much the same for all: the focal length of video is 0.75 to 0.95 of the
# longer side (26 to 33 mm on film of 36 mm, less what stabilising crops).
FOCAL_LENGTH: Final = 0.85

# In leg lengths, a step seems larger than it is: bent knees point to the phone, and the network puts the ankle a little
# high (rendered athletes: legs 0.93 as long as they are).
LEG_SHOWN: Final = 0.93
SAME_WAY: Final = 0.25  # two feet that go less differently than that go the same way

# -- the trunk --
SIDE_LEAN_ERROR_DEG: Final = 3.0
FORWARD_LEAN_ERROR_DEG: Final = 10.0  # of the lean forward that the network sees, which shows when it is turned aside

# Landmarks of the hips tilt a quarter more than the pelvis (3 to 9 deg, three rendered athletes: 0.9 to 1.5 of it).
PELVIS_SHOWN: Final = 1.25

# -- knees over the feet --
STRAIGHT_FROM_DEG: Final = 70.0  # 90 is straight from the front; farther aside, a knee bent forward seems to go in
# Landmarks show three quarters of how far a knee goes in (rendered athletes: 0.57 to 0.94, of one in black leggings
# 0.25), and the hips lie too far to one side, so that one knee seems 5 deg farther out and the other farther in. The
# sum of both knees is free of this. It is off by 8 deg at most (SD 4), which the stand before the first step tells:
# there, feet turned out and knees bent a little put each knee 3 deg outside.
VALGUS_SHOWN: Final = 0.75
LEAST_VALGUS_SHOWN: Final = 0.25
VALGUS_SHARE_ERROR: Final = 0.25
VALGUS_LEAST_ERROR_DEG: Final = 4.0
VALGUS_STAND_DEG: Final = -3.0
MOST_VALGUS_OFFSET_DEG: Final = 8.0
NO_STAND_ERROR_DEG: Final = 4.0

# -- knees bent --
# From the front, the bend is a matter of depth: the network sees 19 deg + 0.76 of it, SD 9 between athletes. From half
# the side it sees the bend itself, SD 8 (four rendered athletes).
BEND_SEEN_AT_0_DEG: Final = 19.0
BEND_SHOWN: Final = 0.76
BEND_ERROR_DEG: Final = 12.0
OBLIQUE_BEND_ERROR_DEG: Final = 10.0

# -- the trailing foot --
MOST_PEAK: Final = 4.0  # times the mean speed; a smooth reach has 1.9
USUAL_PEAK: Final = 2.5
PEAK_ERROR: Final = 0.4
# Lift of the trailing foot, of the athlete's own usual lift of both feet (rendered athletes: 1.0, SD 0.25; 0.1 to 0.4
# where the foot was dragged). Feet that are usually lifted by less than a fortieth of a leg (2 cm) are not told from
# dragged ones.
DRAGGED_SHARE: Final = 0.5
LIFT_ERROR: Final = 0.25
LEAST_USUAL_LIFT: Final = 0.025

# -- lead with the knee --
LEAST_RATE_FOR_LEAD_HZ: Final = 50.0
LEFT_SHARE: Final = 0.15  # of its way, after which a knee or a foot has surely left
BEFORE_LEAD_S: Final = 0.3
SHIN_OUT_DEG: Final = 10.0
MOST_LAG_OF_UPRIGHT_SHIN_S: Final = 0.15

UNSEEN_START_ERROR: Final = 0.08  # of the tension, where the usual closed stance stands in for the start


@dataclass(frozen=True, eq=False)
class MonsterWalk(Prepared):
    """A walk sideways, ready to be measured."""

    # -- where the athlete is -------------------------------------------------------------------------------------

    @cached_property
    def leg_px(self) -> float:
        """Length of thigh and shank in the picture, usual for this clip."""
        return median(self._leg_lengths_px)

    @cached_property
    def _leg_lengths_px(self) -> Array:
        """Length of thigh and shank in the picture, mean of both legs, shape (n_frames,)."""
        bones = [
            distance(self.point(f"{side}_{upper}"), self.point(f"{side}_{lower}"))
            for side in SIDES
            for upper, lower in (("hip", "knee"), ("knee", "ankle"))
        ]
        return np.asarray(np.sum(bones, axis=0) / 2)

    def _nearness(self, frames: Frames) -> float:
        """How large the athlete is in the picture in these frames, of the usual size: nearer to the phone is larger."""
        size = median(self._leg_lengths_px[frames]) / self.leg_px
        return size if np.isfinite(size) else 1.0

    @cached_property
    def to_left(self) -> int:
        """1 where the athlete's left is on the right of the picture (seen from the front), else -1."""
        across = [
            self.point(f"left_{joint}")[:, 0] - self.point(f"right_{joint}")[:, 0]
            for joint in ("shoulder", "hip", "ankle")
        ]
        return 1 if median(np.sum(across, axis=0)) >= 0 else -1

    @cached_property
    def feet(self) -> dict[Side, Array]:
        """Each ankle, to the athlete's left and up [leg lengths], shape (n_frames, 2)."""
        return {side: self.point(f"{side}_ankle") * [self.to_left, -1] / self.leg_px for side in SIDES}

    @cached_property
    def gap(self) -> Array:
        """Distance of the ankles [leg lengths], shape (n_frames,)."""
        return distance(self.feet["left"], self.feet["right"])

    @cached_property
    def _trunk_m(self) -> Array:
        """From hips to shoulders [m], along the axes of the picture, shape (n_frames, 3)."""
        shoulder, hip = (
            (world_point(self.motion, f"left_{joint}") + world_point(self.motion, f"right_{joint}")) / 2
            for joint in ("shoulder", "hip")
        )
        return np.asarray(shoulder - hip)

    @cached_property
    def _across_m(self) -> Array:
        """From right to left through shoulders and hips [m], shape (n_frames, 3)."""
        shoulders, hips = (
            world_point(self.motion, f"left_{joint}") - world_point(self.motion, f"right_{joint}")
            for joint in ("shoulder", "hip")
        )
        return np.asarray(shoulders + hips)

    @cached_property
    def in_position(self) -> Frames:
        """Frames in which the athlete is upright and faces the phone, or turns the back to it, shape (n_frames,).

        Frames in which that is not seen count as those around them.
        """
        trunk_px = image_middle(self.motion, "shoulder") - image_middle(self.motion, "hip")
        across_m = self._across_m
        seen = np.isfinite(trunk_px).all(1) & np.isfinite(across_m).all(1)
        with np.errstate(invalid="ignore"):
            upright = np.abs(wrapped_deg(np.degrees(np.arctan2(trunk_px[:, 0], -trunk_px[:, 1])))) < UPRIGHT_DEG
            faces = self.to_left * across_m[:, 0] > FACING * np.linalg.norm(across_m, axis=1)
        if not seen.any():
            return np.zeros(seen.shape, np.bool_)
        return np.asarray(np.interp(self.time_s, self.time_s[seen], (upright & faces)[seen]) > 0.5)

    # -- steps ----------------------------------------------------------------------------------------------------

    @cached_property
    def repetitions(self) -> tuple[Step, ...]:
        """Steps in order of time."""
        if not np.isfinite(self.leg_px):
            return ()
        steps = []
        for stretch in self._stretches:
            feet = {side: self.feet[side][stretch] for side in SIDES}
            steps += find_steps(feet, self.time_s[stretch])
        return tuple(steps)

    @cached_property
    def _stretches(self) -> list[NDArray[np.int64]]:
        """Frames from the first to the last of every stay in position; short holes do not end it."""
        inside = np.flatnonzero(self.in_position)
        if not len(inside):
            return []
        breaks = np.flatnonzero(np.diff(self.time_s[inside]) > LONGEST_HOLE_S) + 1
        return [np.arange(piece[0], piece[-1] + 1) for piece in np.split(inside, breaks)]

    def frames(self, repetition: Repetition, phase: Phase) -> Frames:
        """Frames of one phase of a step: stand, lead, wide stance, trail, or whole; shape (n_frames,)."""
        middle_s = (repetition.top_start_s + repetition.top_end_s) / 2
        before_s = max(
            [repetition.start_s - REST_BEFORE_S]
            + [other.end_s for other in self.repetitions if other.end_s <= repetition.start_s]
        )
        start_s, end_s = {
            "rest": (before_s, repetition.start_s),
            "raise": (repetition.start_s, repetition.top_start_s),
            "top": (
                min(repetition.top_start_s, middle_s - AROUND_TOP_S),
                max(repetition.top_end_s, middle_s + AROUND_TOP_S),
            ),
            "lower": (repetition.top_end_s, repetition.end_s),
            "whole": (repetition.start_s, repetition.end_s),
        }[phase]
        return np.asarray((self.time_s >= start_s) & (self.time_s <= end_s))

    def side_of(self, repetition: Repetition) -> Side | None:
        """Leading leg."""
        return repetition.side if isinstance(repetition, Step) else None

    def direction_of(self, repetition: Repetition) -> Side | None:
        """Where the athlete goes, by the athlete's own left and right: to the side of the leading leg."""
        return self.side_of(repetition)

    def led(self, step: Step) -> float:
        """How far the leading foot went outwards, in leg lengths as large as they are in this step."""
        return step.led * LEG_SHOWN / self._nearness(self.frames(step, "whole"))

    def went(self, step: Step) -> float:
        """How far the athlete went in this step, mean of both feet where the second follows as far as the first led."""
        both = (1 + step.trailed / step.led) / 2
        return self.led(step) * (both if abs(both - 1) < SAME_WAY else 1.0)

    @property
    def feet_always_seen(self) -> bool:
        """Whether both feet are seen from when the athlete is in position to the end."""
        return len(self._stretches) == 1 and bool(np.isfinite(self.gap[self._stretches[0]]).all())

    # -- the stand before the first step --------------------------------------------------------------------------

    @cached_property
    def stance(self) -> Frames | None:
        """Frames of the stand before the first step, or None where the clip does not show it.

        Feet that were out of sight for a while may have stepped meanwhile.
        """
        if not self.repetitions or not self.repetitions[0].has_raise:
            return None
        start_s = self.repetitions[0].start_s
        stretch = next(each for each in self._stretches if self.time_s[each[-1]] > start_s)
        before = stretch[self.time_s[stretch] < start_s]
        if not np.isfinite(self.gap[before]).all():
            return None
        stand = before[self.time_s[before] >= start_s - STANCE_S]
        if len(stand) < 2 or self.time_s[stand[-1]] - self.time_s[stand[0]] < LEAST_STANCE_S:
            return None
        frames = np.zeros(len(self.time_s), np.bool_)
        frames[stand] = True
        return frames

    @cached_property
    def start_gap(self) -> float:
        """Distance of the ankles in the stand before the first step, or else usual after a step [leg lengths]."""
        if self.stance is not None:
            return median(self.gap[self.stance]) / self._nearness(self.stance)
        return median(np.array([self._closed_gap(step) for step in self.repetitions if step.has_lower]))

    def _closed_gap(self, step: Step) -> float:
        """Least distance of the ankles from when the trailing foot leaves until it has landed [leg lengths]."""
        late = (self.time_s >= step.top_end_s) & (self.time_s <= step.end_s + AROUND_TOP_S)
        gap = self.gap[late & np.isfinite(self.gap)]
        return float(gap.min() / self._nearness(self.frames(step, "whole"))) if len(gap) else float("nan")

    # -- the feet off the floor -----------------------------------------------------------------------------------

    @cached_property
    def _soles(self) -> dict[Side, Array]:
        """Height of each foot in the picture, mean of ankle, heel and toes [leg lengths], shape (n_frames,)."""
        return {
            side: -np.mean([self.point(f"{side}_{part}")[:, 1] for part in FOOT], axis=0) / self.leg_px
            for side in SIDES
        }

    def lift(self, step: Step, phase: Literal["raise", "lower"]) -> float:
        """How far the foot that travels rises over the other one [leg lengths]."""
        side = step.side if phase == "raise" else OTHER[step.side]
        frames = np.flatnonzero(self.frames(step, phase))
        up = self._soles[side][frames] - self._soles[OTHER[side]][frames]
        if len(frames) < 3 or not np.isfinite(up).all():
            return float("nan")
        return float((up - np.interp(frames, frames[[0, -1]], up[[0, -1]])).max())

    @cached_property
    def usual_lift(self) -> float:
        """Lift usual for both feet of this athlete [leg lengths]; NaN where fewer than two steps show it."""
        whole = [step for step in self.repetitions if _whole(self, step) is None and step.trailed >= LEAST_STEP]
        lifts = [self.lift(step, phase) for step in whole for phase in TRAVELS]
        return median(np.array(lifts)) if len(whole) > 1 else float("nan")

    # -- angles ---------------------------------------------------------------------------------------------------

    @cached_property
    def knees_in_deg(self) -> Array:
        """How far the knees lie inside the lines from hip to ankle, left and right together, shape (n_frames,)."""
        total = np.zeros(len(self.time_s))
        for side in SIDES:
            hip, knee, ankle = (self.point(f"{side}_{joint}") for joint in LEG)
            bend = wrapped_deg(direction_deg(knee, ankle) - direction_deg(hip, knee))
            total += bend * (self.to_left if side == "left" else -self.to_left)
        return total

    @cached_property
    def side_lean_deg(self) -> Array:
        """Lean of the trunk to the athlete's left, shape (n_frames,).

        Two things make a lean forward look like one to the side. Beside the middle of the picture the shoulders, nearer
        to the lens than the hips, seem farther out. And who does not quite face the phone leans forward aside. How much
        nearer the shoulders are, and where the athlete faces, the network tells.
        """
        shoulder, hip = image_middle(self.motion, "shoulder"), image_middle(self.motion, "hip")
        with np.errstate(invalid="ignore", divide="ignore"):
            px_per_m = distance(shoulder, hip) / np.linalg.norm(self._trunk_m[:, :2], axis=1)
        farther_px = self._trunk_m[:, 2] * px_per_m
        trunk = shoulder - hip
        if self.motion.attrs["kind"] != "mocap":  # which is seen from very far away
            size_px = np.array([self.motion.attrs["width_px"], self.motion.attrs["height_px"]])
            off_middle = ((shoulder + hip) / 2 - size_px / 2) / (FOCAL_LENGTH * size_px.max())
            trunk = trunk + farther_px[:, None] * off_middle
        to_left = trunk[:, 0] * self.leftwards[0] + farther_px * self.leftwards[1]
        return np.asarray(np.degrees(np.arctan2(to_left, -trunk[:, 1])))

    @cached_property
    def leftwards(self) -> tuple[float, float]:
        """Where the athlete's left is: to the right of the picture and into the scene, together of length 1."""
        right, far = median(self._across_m[:, 0]), median(self._across_m[:, 2])
        return right / float(np.hypot(right, far)), far / float(np.hypot(right, far))

    @cached_property
    def pelvis_tilt_deg(self) -> Array:
        """Tilt of the pelvis, from the stand before the first step where that is seen; shape (n_frames,)."""
        names = ("right_hip", "left_hip") if self.to_left > 0 else ("left_hip", "right_hip")
        tilt = direction_deg(*(self.point(name) for name in names))
        level = 0.0 if self.stance is None else median(tilt[self.stance])
        return np.asarray(wrapped_deg(tilt - level) / PELVIS_SHOWN)

    # -- what the reports show ------------------------------------------------------------------------------------

    def curves(self) -> dict[str, Array]:
        """Curves worth showing, by name with unit."""
        return {"ankle gap [start gaps]": self.gap / self.start_gap, "side lean [deg]": self.side_lean_deg}

    def line(self) -> tuple[str, ...]:
        """Keypoints of the line that the coach looks at."""
        return "left_ankle", "right_ankle"

    @property
    def warnings(self) -> tuple[Warning_, ...]:
        """What the reader must know about this set."""
        said = []
        if self.repetitions and self.stance is None:
            text = (
                "the clip begins in a step, so the feet are compared with your usual stance after a step, not with the "
                "one you started from: stand still for a second before you start"
            )
            said.append(Warning_("starts_mid_step", text))
        lost = sum(self.out_of_sight(step) is not None for step in self.repetitions)
        if lost:
            text = (
                f"in {lost} of {len(self.repetitions)} steps a foot leaves the picture; those are not judged: put the "
                "phone farther away, or go fewer steps each way"
            )
            said.append(Warning_("feet_out_of_picture", text))
        if self.view.id == "rear":
            text = "from behind knees and hips are not judged: film from the front"
            said.append(Warning_("seen_from_behind", text))
        return tuple(said)

    def out_of_sight(self, step: Step) -> str | None:
        """Why a step cannot be judged: a foot leaves the picture. None where both feet are seen."""
        return self._out_of_sight[step]

    @cached_property
    def _out_of_sight(self) -> dict[Step, str | None]:
        return {step: self._look_for_feet(step) for step in self.repetitions}

    def _look_for_feet(self, step: Step) -> str | None:
        frames = (self.time_s >= step.start_s - AROUND_STEP_S) & (self.time_s <= step.end_s + AROUND_STEP_S)
        width_px, height_px = self.motion.attrs["width_px"], self.motion.attrs["height_px"]
        edge_px = EDGE * width_px
        for side in SIDES:
            foot = np.stack([self.point(f"{side}_{part}")[frames] for part in FOOT])
            far_in = (foot > edge_px) & (foot < [width_px - edge_px, height_px])  # NaN is not
            if far_in.all((0, 2)).mean() < LEAST_SEEN:
                return f"the {side} foot leaves the picture or is hidden in this step"
        return None


def _largest(values: Array) -> float:
    """The largest number, whatever its sign, that holds for a tenth of the frames."""
    values = values[np.isfinite(values)]
    return float(np.abs(np.percentile(values, [10, 90])).max()) if len(values) else float("nan")


# -- measuring ----------------------------------------------------------------------------------------------------


def _whole(walk: MonsterWalk, step: Step) -> str | None:
    """Why a step cannot be judged as a whole."""
    if not step.complete:
        return "the clip does not show this step from beginning to end"
    return walk.out_of_sight(step)


def _band_tension(walk: MonsterWalk, step: Step) -> Measurement:
    """Least distance of the ankles while the trailing foot comes in, of their distance at the start."""
    reason = walk.out_of_sight(step)
    if reason or not step.has_lower:
        return Measurement.missing(reason or "the clip ends before the trailing foot has landed")
    ratio = walk._closed_gap(step) / walk.start_gap
    if walk.stance is None:
        return Measurement(ratio, UNSEEN_START_ERROR, at_best="check")
    return Measurement(ratio)


def _knees_bent(walk: MonsterWalk, step: Step) -> Measurement:
    """Bend of both knees, mean over the step, by the depth that the network sees."""
    reason = walk.out_of_sight(step)
    if reason:
        return Measurement.missing(reason)
    frames = walk.frames(step, "whole")
    seen_deg = [
        180 - median(angle_deg(*(world_point(walk.motion, f"{side}_{joint}")[frames] for joint in LEG)))
        for side in SIDES
    ]
    bend_deg, error_deg = float(np.mean(seen_deg)), OBLIQUE_BEND_ERROR_DEG
    if walk.view.id != "oblique":
        bend_deg, error_deg = (bend_deg - BEND_SEEN_AT_0_DEG) / BEND_SHOWN, BEND_ERROR_DEG
    low, high = _BEND.acceptable
    surely_fine = low <= bend_deg - error_deg and bend_deg + error_deg <= high
    if surely_fine and _BEND.verdict(bend_deg, error_deg) == "good":
        return Measurement(bend_deg, error_deg)
    return Measurement(bend_deg, error_deg, "from here it hardly shows how much the knees bend: look from the side")


def _step_size(walk: MonsterWalk, step: Step) -> Measurement:
    """How much wider the feet are in the wide stance than before, in leg lengths."""
    reason = walk.out_of_sight(step)
    if reason or not step.has_raise:
        return Measurement.missing(reason or "the clip begins after the leading foot has left")
    return Measurement(walk.led(step))


def _knees_over_feet(walk: MonsterWalk, step: Step) -> Measurement:
    """How far the knee is inside the line from hip to ankle in the wide stance, from the stand at the start."""
    reason = _whole(walk, step)
    if walk.view.off_side_deg < STRAIGHT_FROM_DEG:
        reason = "filmed too far beside the front to tell knees that go in from knees that bend"
    if reason:
        return Measurement.missing(reason)
    usual_deg = 2 * VALGUS_STAND_DEG
    seen_deg = walk.knees_in_deg
    if walk.stance is not None:
        compared_deg = median(seen_deg[walk.stance])
    else:
        compared_deg = median(np.array([median(seen_deg[walk.frames(other, "top")]) for other in walk.repetitions]))
    offset_deg = np.clip(compared_deg - usual_deg, -MOST_VALGUS_OFFSET_DEG, MOST_VALGUS_OFFSET_DEG)
    more_deg = (median(seen_deg[walk.frames(step, "top")]) - offset_deg - usual_deg) / VALGUS_SHOWN
    in_deg = VALGUS_STAND_DEG + more_deg
    error_deg = float(np.hypot(VALGUS_LEAST_ERROR_DEG, VALGUS_SHARE_ERROR * more_deg))
    if walk.stance is None:
        return Measurement(in_deg, float(np.hypot(error_deg, NO_STAND_ERROR_DEG)), at_best="check")
    # where landmarks show little of it, even a small angle may be a large one
    most_deg = VALGUS_STAND_DEG + more_deg * VALGUS_SHOWN / LEAST_VALGUS_SHOWN
    return Measurement(in_deg, error_deg, at_best="good" if most_deg <= _KNEES_GOOD_UP_TO_DEG else "check")


_KNEES_GOOD_UP_TO_DEG: Final = 8.0


def _lead_with_knee(walk: MonsterWalk, step: Step) -> Measurement:
    """How much later the leading knee leaves than its foot."""
    if walk.motion.attrs["rate_hz"] < LEAST_RATE_FOR_LEAD_HZ:
        return Measurement.missing("it takes 60 frames/s or more to see which leaves first")
    reason = _whole(walk, step)
    if reason:
        return Measurement.missing(reason)
    frames = (walk.time_s >= step.start_s - BEFORE_LEAD_S) & (walk.time_s <= step.top_start_s)
    knee, ankle = (walk.point(f"{step.side}_{joint}")[frames] for joint in ("knee", "ankle"))
    knee_s, foot_s = (_leaves_s(point[:, 0], walk.time_s[frames]) for point in (knee, ankle))
    outwards = walk.to_left if step.side == "left" else -walk.to_left
    shin_out_deg = np.degrees(np.arctan2(outwards * (ankle - knee)[:, 0], (ankle - knee)[:, 1])).max()
    lag_s = knee_s - foot_s
    if shin_out_deg < SHIN_OUT_DEG:  # a foot that goes first tilts the shin; over an upright shin no knee is late
        lag_s = min(lag_s, MOST_LAG_OF_UPRIGHT_SHIN_S)
    return Measurement(lag_s)


def _leaves_s(place: Array, time_s: Array) -> float:
    """When a point has gone a set share of its way."""
    way = (place - np.median(place[:3])) / (place[-1] - np.median(place[:3]))
    return float(np.interp(LEFT_SHARE, np.maximum.accumulate(way), time_s))


def _trailing_foot(walk: MonsterWalk, step: Step) -> Measurement:
    """Time of the trailing foot's way, of the leading foot's; dragging and jerking count as well."""
    reason = _whole(walk, step)
    if reason:
        return Measurement.missing(reason)
    if not step.trailed >= LEAST_STEP:
        return Measurement.missing("the trailing foot hardly moves in this step")
    return Measurement(step.trail_s / step.lead_s, at_best=max(_jerk(walk, step), _drag(walk, step), key=WORSE.index))


def _jerk(walk: MonsterWalk, step: Step) -> Verdict:
    """Verdict on the trailing foot's highest speed, of its mean speed."""
    frames = (walk.time_s >= step.end_s - step.trail_s) & (walk.time_s <= step.end_s)
    speed = np.abs(np.gradient(walk.feet[OTHER[step.side]][:, 0], walk.time_s))[frames]
    peak = float(np.nanmax(speed, initial=0.0)) * step.trail_s / step.trailed
    if peak <= USUAL_PEAK + PEAK_ERROR:
        return "good"
    return "fault" if peak >= MOST_PEAK + PEAK_ERROR else "check"


def _drag(walk: MonsterWalk, step: Step) -> Verdict:
    """Verdict on the trailing foot's lift, of the athlete's usual lift."""
    if not walk.usual_lift >= LEAST_USUAL_LIFT:
        return "good"
    share = walk.lift(step, "lower") / walk.usual_lift
    if share > DRAGGED_SHARE:
        return "good"
    return "fault" if share <= DRAGGED_SHARE - LIFT_ERROR else "check"


def _trunk_lean(walk: MonsterWalk, step: Step) -> Measurement:
    """Most sideways lean of the trunk in the step, shoulders over hips, from upright."""
    frames = walk.frames(step, "whole")
    if not step.complete:
        return Measurement.missing("the clip does not show this step from beginning to end")
    if np.isfinite(walk.side_lean_deg[frames]).mean() < LEAST_SEEN:
        return Measurement.missing("the trunk is not seen throughout this step")
    error_deg = float(np.hypot(SIDE_LEAN_ERROR_DEG, FORWARD_LEAN_ERROR_DEG * walk.leftwards[1]))
    return Measurement(_largest(walk.side_lean_deg[frames]), error_deg)


def _pelvis_tilt(walk: MonsterWalk, step: Step) -> Measurement:
    """Most tilt of the hip line in the step, from the stand at the start."""
    frames = walk.frames(step, "whole")
    if not step.complete:
        return Measurement.missing("the clip does not show this step from beginning to end")
    if np.isfinite(walk.pelvis_tilt_deg[frames]).mean() < LEAST_SEEN:
        return Measurement.missing("the hips are not seen throughout this step")
    return Measurement(_largest(walk.pelvis_tilt_deg[frames]))


def _directions(walk: MonsterWalk, step: Step) -> Measurement:
    """Difference between the ways to the left and to the right, in number or size of the steps, whichever is more.

    It belongs to the set and stands in every step. A difference of one step is none.
    """
    steps = walk.repetitions
    number = {side: sum(other.side == side for other in steps) for side in SIDES}
    if len(steps) < 2:
        return Measurement.missing("one step does not tell whether you go to and fro")
    few, many = sorted(number.values())
    in_number = 100.0 * (many - few) / many if many - few > 1 else 0.0
    if in_number and not all(other.complete for other in (steps[0], steps[-1])):
        return Measurement(in_number, 5.0, "the clip is cut off in a step, so there may be steps that it does not show")
    if in_number and not walk.feet_always_seen:
        return Measurement(
            in_number, 5.0, "the feet are out of sight for a while, so there may be steps that are not seen"
        )
    whole = [other for other in steps if other.has_raise and walk.out_of_sight(other) is None]
    sizes = [median(np.array([walk.went(other) for other in whole if other.side == side])) for side in SIDES]
    in_size = 100.0 * (1 - min(sizes) / max(sizes)) if np.isfinite(sizes).all() else 0.0
    return Measurement(max(in_number, in_size))


# -- recognising --------------------------------------------------------------------------------------------------

SURE_FROM_STEPS: Final = 2  # one step to the side is a side-step, not a walk
LEAST_TRAVEL_SHARE: Final = 0.3  # of the leading foot's way, that the hips go along in a step
MOST_LIFT: Final = 0.3  # of a leg; higher is marching, running or skating
SHORTEST_STEP_S: Final = 0.35  # feet follow each other slower than in a run
APART: Final = 0.05  # of a leg: feet nearer than that may be crossing


def recognise(motion: xr.Dataset, view: View) -> Likeness:
    """How sure it is that this is a monster walk.

    The athlete is upright and faces the phone (or turns the back to it); one foot goes outwards, the other
    follows, the hips go along, and the feet never cross.
    """
    if len(motion.time) < 5:
        return Likeness(0.0, "so few pictures show no steps")
    if view.id not in ("front", "rear", "oblique"):
        return Likeness(0.0, "the athlete does not face the phone")
    walk = MonsterWalk(motion, view)
    if not walk.in_position.any():
        return Likeness(0.0, "nobody stands upright facing the phone")
    steps = [step for step in walk.repetitions if step.complete]
    if not steps:
        return Likeness(0.0, "no foot goes sideways with the other following")
    walked = [step for step in steps if _walks(walk, step)]
    apart = walk.to_left * (walk.point("left_ankle") - walk.point("right_ankle"))[:, 0] / walk.leg_px > APART
    first, last = steps[0].start_s, steps[-1].end_s
    seen = (walk.time_s >= first) & (walk.time_s <= last) & np.isfinite(walk.gap)
    sure = (
        len(walked)
        / len(walk.repetitions)
        * min(1.0, len(walked) / SURE_FROM_STEPS)
        * (float(apart[seen].mean()) if seen.any() else 0.0)
    )
    text = f"{len(walked)} of {len(walk.repetitions)} steps go sideways, one foot after the other, without crossing"
    return Likeness(float(np.clip(sure, 0, 1)), text)


def _walks(walk: MonsterWalk, step: Step) -> bool:
    """Whether the hips go along, the feet stay low, and it is slower than a run."""
    frames = walk.frames(step, "whole")
    hips = walk.to_left * image_middle(walk.motion, "hip")[frames, 0] / walk.leg_px
    hips = hips[np.isfinite(hips)]
    if len(hips) < 3 or step.end_s - step.start_s < SHORTEST_STEP_S:
        return False
    way = (hips[-1] - hips[0]) * (1 if step.side == "left" else -1)
    lifts = np.array([walk.lift(step, "raise"), walk.lift(step, "lower")])
    return bool(way > LEAST_TRAVEL_SHARE * step.led and not (lifts > MOST_LIFT).any())


# -- the cues, in the order of the coach's text -------------------------------------------------------------------

_FRONT: Final = ("front",)
_FRONT_OR_OBLIQUE: Final = ("front", "oblique")
_FRONT_OR_REAR: Final = ("front", "rear")
_ANY_ACROSS: Final = ("front", "rear", "oblique")
_RENDERED: Final = "74 steps of 12 rendered athletes"

_BEND: Final = Band(
    good=(20, 50),
    acceptable=(12, 65),
    limit=(10, 75),
    source="article; a squat works the glutes more and the hip flexor at its side less than standing upright: "
    "Berry et al. 2015, JOSPT; limits proposed",
)

MONSTER_WALK: Final = Movement(
    id="monster_walk",
    name="Monster walk",
    coach=(
        "A band under tension just above the knees; feet hip width, a slight bend in both knees; step outwards with "
        "one foot, knee facing forward, “lead with the knee”; step the other foot in slowly and with control, to catch "
        "up; repeat, to and fro."
    ),
    how_to_film=(
        "Stand the phone upright and still at hip height (80 to 110 cm), 3 to 4 m in front of the middle of your way, "
        "so that your whole body stays in the picture at both ends. Stand still with the band on for a second before "
        "the first step and after the last. Tight clothes let the knees be seen; 60 frames/s show which leaves first, "
        "knee or foot."
    ),
    prepare=MonsterWalk,
    recognise=recognise,
    words=Words(
        repetition="step",
        short="step",
        rest="stand",
        out="lead",
        top="wide stance",
        back="trail",
        key_frames="Wide and closed",
    ),
    moments=(Moment("wide", "top"), Moment("closed", "whole")),
    line_cue="band_tension",
    curve_cues=(("ankle gap [start gaps]", "band_tension"), ("side lean [deg]", "trunk_steady")),
    cues=(
        Cue(
            id="band_tension",
            name="band under tension",
            coach="a band under tension",
            measure=_band_tension,
            unit="start gaps",
            views=_ANY_ACROSS,
            phase="lower",
            band=Band(
                good=(0.9, INFINITY),
                acceptable=(0.75, INFINITY),
                limit=(0.7, INFINITY),
                source="article; proposal: the band slackens when the feet come nearer than at the start",
            ),
            error=0.04,
            error_source=f"{_RENDERED}: bias 0.00, SD 0.03; twice that where the start is not seen",
            too_low="Your feet come together and the band goes slack.",
            too_high="",
            well_done="You keep the band under tension.",
            why="The band trains the outer hips only while it pulls; slack, it does nothing.",
            next="Stop the trailing foot while your feet are still hip width apart.",
            weight=3,
        ),
        Cue(
            id="knees_bent",
            name="knees bent",
            coach="a slight bend in both knees",
            measure=_knees_bent,
            unit="deg",
            views=_FRONT_OR_OBLIQUE,
            phase="whole",
            band=_BEND,
            error=BEND_ERROR_DEG,
            error_source=f"{_RENDERED}: SD 11 between athletes",
            too_low="Your legs are almost straight.",
            too_high="You squat very deep.",
            well_done="Your knees stay bent.",
            why="Bent knees hand the work from the front of the hip to the glutes.",
            next="Sit back a little before the first step and stay at that height.",
            weight=2,
        ),
        Cue(
            id="step_size",
            name="step size",
            coach="step outwards with one foot",
            measure=_step_size,
            unit="leg lengths",
            views=_FRONT_OR_REAR,
            phase="raise",
            band=Band(
                good=(0.20, 0.45),
                acceptable=(0.12, 0.60),
                limit=(0.10, INFINITY),
                source="proposal; studies step between squares 30 cm apart: Berry et al. 2015, JOSPT",
            ),
            error=0.03,
            error_source=f"{_RENDERED}: bias 0.00, SD 0.02",
            too_low="Your steps are very small.",
            too_high="Your steps are very wide.",
            well_done="Your steps are neither too small nor too wide.",
            why="A step has to stretch the band without making you sway.",
            next="Step about half a hip width further than feels natural, and no more.",
            weight=1,
        ),
        Cue(
            id="knees_over_feet",
            name="knees over feet",
            coach="knee facing forward",
            measure=_knees_over_feet,
            unit="deg",
            views=_FRONT,
            phase="top",
            band=Band(
                good=(-INFINITY, _KNEES_GOOD_UP_TO_DEG),
                acceptable=(-INFINITY, 12),
                limit=(-INFINITY, 15),
                source="article; proposal",
            ),
            error=VALGUS_LEAST_ERROR_DEG,
            error_source=f"{_RENDERED}; grows by a quarter of the angle: landmarks show 0.25 to 0.94 of it",
            too_low="",
            too_high="Your knee falls inwards in the wide stance.",
            well_done="Your knees stay over your feet.",
            why="The band pulls the knees in; keeping them out is the work of the gluteus medius.",
            next="Push your knee out over your little toe before you put weight on it.",
            weight=3,
        ),
        Cue(
            id="lead_with_knee",
            name="lead with the knee",
            coach="lead with the knee",
            measure=_lead_with_knee,
            unit="s",
            views=_FRONT,
            phase="raise",
            band=Band(
                good=(-INFINITY, 0.05),
                acceptable=(-INFINITY, 0.15),
                limit=(-INFINITY, 0.2),
                source="article; proposal",
            ),
            error=0.05,
            error_source="74 steps of 12 rendered athletes, against perfect landmarks",
            too_low="",
            too_high="Your foot goes first and the knee comes after.",
            well_done="Your knee leads.",
            why="When the knee leads, the hip moves the leg and not the foot.",
            next="Think of pushing the band outwards with your knee.",
            weight=1,
        ),
        Cue(
            id="trailing_foot_controlled",
            name="trailing foot controlled",
            coach="step the other foot in slowly and with control",
            measure=_trailing_foot,
            unit="of the leading time",
            views=_ANY_ACROSS,
            phase="lower",
            band=Band(
                good=(0.8, INFINITY),
                acceptable=(0.5, INFINITY),
                limit=(0.5, INFINITY),
                source="article; the leg that stands works most: Berry et al. 2015, JOSPT; proposal",
            ),
            error=0.08,
            error_source=f"{_RENDERED}: bias 0.00, SD 0.06",
            too_low="Your trailing foot snaps back in.",
            too_high="Your trailing foot drags over the floor or jerks.",
            well_done="Your trailing foot comes in slowly.",
            why="While that foot comes in, the other leg alone holds you against the band: it works most there.",
            next="Lift the trailing foot and count one, two before you set it down.",
            weight=3,
        ),
        Cue(
            id="trunk_steady",
            name="trunk steady",
            coach="with control",
            measure=_trunk_lean,
            unit="deg",
            views=_FRONT_OR_REAR,
            phase="whole",
            band=Band(good=(0, 5), acceptable=(0, 10), limit=(-INFINITY, 10), source="proposal"),
            error=SIDE_LEAN_ERROR_DEG,
            error_source=f"{_RENDERED}: reads 1.5 deg too much, SD 1; more for who does not face the phone",
            too_low="",
            too_high="You lean your trunk sideways to get the foot across.",
            well_done="Your trunk stays upright.",
            why="Leaning over takes the load off the hip that should carry it.",
            next="Keep your breastbone over the middle between your feet.",
            weight=2,
        ),
        Cue(
            id="pelvis_level",
            name="pelvis level",
            coach="with control",
            measure=_pelvis_tilt,
            unit="deg",
            views=_FRONT,
            phase="whole",
            band=Band(good=(0, 5), acceptable=(0, 8), limit=(-INFINITY, 8), source="proposal"),
            error=4,
            error_source=f"{_RENDERED}: a level pelvis reads 1 to 4 deg",
            too_low="",
            too_high="Your pelvis tips to one side.",
            well_done="Your pelvis stays level.",
            why="A level pelvis on one leg is what the gluteus medius is for.",
            next="Imagine a glass of water on each hip bone.",
            weight=1,
        ),
        Cue(
            id="both_directions",
            name="to and fro",
            coach="repeat, to and fro",
            measure=_directions,
            unit="%",
            views=_FRONT_OR_REAR,
            phase="whole",
            band=Band(good=(0, 10), acceptable=(0, 20), limit=(-INFINITY, 25), source="article; proposal"),
            error=5,
            error_source=f"{_RENDERED}: sizes that are the same differ by 1 to 3 %",
            too_low="",
            too_high="You do more, or larger, steps to one side than to the other.",
            well_done="You walk as far to one side as to the other.",
            why="Each way trains the other leg more.",
            next="Do as many steps back as you did there.",
            weight=2,
        ),
    ),
)
