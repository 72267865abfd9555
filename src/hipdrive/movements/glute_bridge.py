"""The glute bridge.

    Lie on your back, feet near your hips, hip width apart; lift your toes so your weight comes down through your
    heels; slowly raise your hips until knees, hips and shoulders are in a straight line; lower slowly and with
    control; repeat.

The cues at the end of this file follow this text. Limits and errors are those of the project's evidence tables,
with their sources; almost no cue has a published limit, so limits lie outside the range that the evidence favours,
widened by the error of measurement. Signs are those of ``docs/conventions.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from hipdrive.motion.clean import low_pass
from hipdrive.motion.dataset import confidence_of, image_middle, world_point
from hipdrive.motion.geometry import (
    angle_deg,
    direction_deg,
    distance,
    height_over_line,
    median,
    turn_deg,
    wrapped_deg,
)
from hipdrive.motion.view import Side, View
from hipdrive.movements.cue import INFINITY, Band, Cue, Measurement, Phase
from hipdrive.movements.movement import SURE_ENOUGH, Likeness, Moment, Movement, Prepared, Words
from hipdrive.movements.repetition import Repetition, find_repetitions
from hipdrive.results import Warning_

Array = NDArray[np.float64]
Frames = NDArray[np.bool_]

JOINTS_OVER_FLOOR_TRUNKS: Final = 0.2  # shoulder and ankle of a lying person: 10 cm over the floor, of a trunk of 50 cm
# Height against the own best: rendered athletes SD 0.03; more for low tops, where the hips stick in the landmarks.
HEIGHT_ERROR: Final = 0.03
HEIGHT_ERROR_SHARE: Final = 0.15
LEAST_RISE_TRUNKS: Final = 0.12  # hips that rise by less of the trunk's length do not bridge

# Where BlazePose puts the hip. On 17 rendered athletes filmed side-on it read the line at the top 7 deg too high (SD 5
# between athletes: 3 in women, 11 in men); on photographs marked by eye it read 5 deg too low. One offset for
# everybody, leaning to the truth that is exact; the rest is in the error.
HIP_LINE_OFFSET_DEG: Final = 6.0

# A turned foot shows three quarters of its turn (rendered athletes: 0.46 to 1.1 by clip); a flat one read -1 to 7 deg
# in single repetitions.
TOE_LIFT_SHOWN: Final = 0.75
TOE_LIFT_ERROR_SHARE: Final = 0.25
FLAT_FOOT_ERROR_DEG: Final = 4.0
# Against the line from shoulder to heel, flat feet (rendered, real) read -5 to 16 deg, feet lifted by 20 deg 22 to 27.
# Up to this a foot is taken for flat.
FLAT_UP_TO_DEG: Final = 13.0
# Two postures of a foot: this far apart, and by this many times the spread within them. A flat foot seems to turn by
# up to 8 deg with the rise of the hips, but gradually.
TWO_POSTURES_DEG: Final = 8.0
TWO_POSTURES_SPREADS: Final = 4.0
ONE_POSTURE_ERROR_DEG: Final = 6.0  # SD of flat feet between athletes

CONFIDENT: Final = 0.3  # visibility only tells gross hiding: 0.5 to 1 on the near side, 0 to 0.5 for a hidden leg
LEAST_SEEN: Final = 0.6  # of the frames of a phase
LEAST_KNEE_HEIGHT_TRUNKS: Final = 0.2  # knees bent with the feet on the floor are higher than the hips at rest
FOOT_IN_AIR_SHANKS: Final = 0.6  # a foot this much higher than the other is in the air
FOOT_LOST_LEGS: Final = 0.2  # a planted foot does not move by a fifth of a leg; if it seems to, it was mistaken
LEAST_VOTES: Final = 0.25  # of the frames of a repetition, to say which leg works
LEAST_KNEE_BEND_DEG: Final = 40.0  # feet 85 % of a leg from the hips still bend the knees by 60
LEAST_HOME_SHARE: Final = 0.3  # of the frames with a foot at home, to believe in a planted foot
AWAY_TRUNKS: Final = 0.5  # shoulders this far from home: the athlete is getting up or lying down
FROM_FEET_CUTOFF_HZ: Final = 1.5
REST_BEFORE_S: Final = 0.5
LEAST_TOP_S: Final = 0.1
# On 16 rendered athletes times of about a second were off by 0.15 to 0.19 s (RMS), of two to three seconds by 0.4:
# the network lets the hips stick in the last centimetres over the floor, which are more of a low repetition.
TEMPO_LEAST_ERROR_S: Final = 0.18
TEMPO_ERROR_SHARE: Final = 0.2
SLOW_MOTION_S: Final = 6.0  # nobody takes this long for the way up and again for the way down
PHOTO_LINE_DEG: Final = 165.0  # one picture in line is in line; one below may be on its way


@dataclass(frozen=True)
class FlatFoot:
    """How a foot reads when it lies flat.

    Attributes
    ----------
    pitch_deg : float
    shows_lift : bool
        Whether the clip shows the same foot lifted, too. Where it has one posture only, that posture is taken for
        flat because a lifted foot would read more; this is less sure.
    """

    pitch_deg: float
    shows_lift: bool


@dataclass(frozen=True, eq=False)
class BridgeSet(Prepared):
    """A set of glute bridges, ready to be measured."""

    @property
    def lies(self) -> bool:
        """Whether the athlete lies: always."""
        return True

    @property
    def is_photo(self) -> bool:
        """Whether there is one instant only."""
        return len(self.time_s) == 1

    @property
    def from_feet(self) -> bool:
        """Whether the camera looks along the body, where legs hide hips and nothing but widths can be judged."""
        return self.view.id in ("front", "rear")

    # -- where the athlete lies -----------------------------------------------------------------------------------

    @cached_property
    def trunk_px(self) -> float:
        """Length of the trunk in the picture."""
        return median(distance(image_middle(self.motion, "shoulder"), image_middle(self.motion, "hip")))

    def leg_px(self, side: Side) -> float:
        """Length of thigh and shank in the picture."""
        return self._legs_px[side]

    @cached_property
    def _legs_px(self) -> dict[Side, float]:
        lengths: dict[Side, float] = {}
        for side in _SIDES:
            hip, knee, ankle = (self.point(f"{side}_{joint}") for joint in ("hip", "knee", "ankle"))
            lengths[side] = median(distance(hip, knee)) + median(distance(knee, ankle))
        return lengths

    @cached_property
    def _at_home(self) -> Frames:
        """Frames in which the shoulders are where they are while a knee is bent, which they are in every bridge.

        This leaves out who walks to the mat and back.
        """
        shoulder = image_middle(self.motion, "shoulder")
        bent = np.any([self._knee_bend_deg(side) > LEAST_KNEE_BEND_DEG for side in _SIDES], axis=0)
        home = bent & np.isfinite(shoulder).all(1)
        for _ in range(2):  # the second time without those who were far away the first time
            if home.any():
                strayed = distance(shoulder, np.median(shoulder[home], axis=0))
                home = strayed < AWAY_TRUNKS * self.trunk_px
        return np.asarray(home)

    def _knee_bend_deg(self, side: Side) -> Array:
        return 180 - angle_deg(*(self.point(f"{side}_{joint}") for joint in ("hip", "knee", "ankle")))

    @cached_property
    def foot_home(self) -> Array:
        """Where the planted foot's ankle is [px]: the middle of the lowest quarter of all places of both ankles.

        A foot in the air, or one that the network put there by mistake, is higher.
        """
        ankles = np.concatenate([self.point(f"{side}_ankle")[self._at_home] for side in _SIDES])
        ankles = ankles[np.isfinite(ankles).all(1)]
        if not len(ankles):
            return np.full(2, np.nan)
        lowest = ankles[ankles[:, 1] >= np.percentile(ankles[:, 1], 75)]
        return np.asarray(np.median(lowest, axis=0))

    @cached_property
    def in_position(self) -> Frames:
        """Frames in which the athlete lies where the exercise is done, shape (n_frames,)."""
        shoulder, hip = (image_middle(self.motion, joint) for joint in ("shoulder", "hip"))
        seen = np.isfinite(np.hstack([shoulder, hip])).all(1)
        if self.from_feet:
            return np.asarray(seen)
        # the trunk lies along the line from shoulders to feet, and does not reach the feet
        along = np.abs(wrapped_deg(direction_deg(shoulder, hip) - direction_deg(shoulder, self.foot_home)))
        lies = (along < 50) & (distance(shoulder, self.foot_home) > 0.9 * self.trunk_px)
        return np.asarray(seen & self._at_home & lies)

    @cached_property
    def floor(self) -> tuple[Array, Array]:
        """Two points of a line along the floor [px]: the shoulders and the planted ankle.

        Both joints of a lying person are about 10 cm above the floor, so the line is level with it, whichever way
        the phone was turned.
        """
        return np.nanmedian(image_middle(self.motion, "shoulder")[self.in_position], axis=0), self.foot_home

    def foot_is_home(self, side: Side) -> Frames:
        """Frames in which a foot is where the planted foot is, shape (n_frames,)."""
        near = distance(self.point(f"{side}_ankle"), self.foot_home) < FOOT_LOST_LEGS * self.leg_px(side)
        return np.asarray(near | self.is_photo)

    @cached_property
    def _front(self) -> int:
        """1 where the athlete's front is on the left of the way from shoulders to feet, else -1."""
        knees = height_over_line(image_middle(self.motion, "knee"), *self.floor)
        return -1 if median(knees[self.in_position]) < 0 else 1

    def above_floor(self, point: Array) -> Array:
        """Height of a point over the floor line [px], shape (n_frames,)."""
        if self.from_feet:
            return np.asarray(self.floor[1][1] - point[:, 1])
        return self._front * height_over_line(point, *self.floor)

    @cached_property
    def hip_height_trunks(self) -> Array:
        """Height of the hips over the floor, in trunk lengths; NaN out of position.

        From the feet the trunk is foreshortened, so the unit is half a leg; and the hips tremble behind the knees,
        so that only what is slow is kept, enough to count.
        """
        hips = self.above_floor(image_middle(self.motion, "hip"))
        if not self.from_feet:
            return np.where(self.in_position, hips / self.trunk_px + JOINTS_OVER_FLOOR_TRUNKS, np.nan)
        seen = self.in_position
        hips[seen] = low_pass(hips[seen], self.time_s[seen], FROM_FEET_CUTOFF_HZ)
        return np.where(seen, 4 * hips / (self.leg_px("left") + self.leg_px("right")), np.nan)

    def hip_line_deg(self, side: Side) -> Array:
        """Angle from shoulder over hip to knee on the front of the body: 180 straight, less with the hips low."""
        return self.line_deg(*(self.point(f"{side}_{joint}") for joint in ("shoulder", "hip", "knee")))

    def line_deg(self, shoulder: Array, hip: Array, knee: Array) -> Array:
        """Angle of `hip_line_deg` for points that are not those of one side."""
        angle = turn_deg(shoulder, hip, knee)
        return (angle if self._front > 0 else 360 - angle) - HIP_LINE_OFFSET_DEG

    def foot_pitch_deg(self, side: Side) -> Array:
        """Angle of heel to toe over the line from shoulder to heel; toes up is positive."""
        shoulder, heel, toe = self.floor[0], self.point(f"{side}_heel"), self.point(f"{side}_foot_index")
        floor_deg = direction_deg(shoulder, np.nanmedian(heel[self.in_position], axis=0))
        return wrapped_deg(self._front * (direction_deg(heel, toe) - floor_deg))

    # -- repetitions ----------------------------------------------------------------------------------------------

    @cached_property
    def repetitions(self) -> tuple[Repetition, ...]:
        """Bridges in order of time. A photograph is one incomplete repetition of no length."""
        if self.is_photo:
            return (Repetition(0.0, 0.0, 0.0, 0.0, complete=False, has_raise=False, has_lower=False),)
        if not self.in_position.any():
            return ()
        return tuple(find_repetitions(self.hip_height_trunks, self.time_s, LEAST_RISE_TRUNKS))

    def frames(self, repetition: Repetition, phase: Phase) -> Frames:
        """Frames of one phase of a repetition, shape (n_frames,)."""
        if self.is_photo:
            return np.ones(1, bool)
        middle_s = (repetition.top_start_s + repetition.top_end_s) / 2
        start_s, end_s = {
            "rest": (self._rest_from_s(repetition), repetition.start_s),
            "raise": (repetition.start_s, repetition.top_start_s),
            "top": (
                min(repetition.top_start_s, middle_s - LEAST_TOP_S / 2),
                max(repetition.top_end_s, middle_s + LEAST_TOP_S / 2),
            ),
            "lower": (repetition.top_end_s, repetition.end_s),
            "whole": (repetition.start_s, repetition.end_s),
        }[phase]
        return np.asarray((self.time_s >= start_s) & (self.time_s <= end_s) & self.in_position)

    def _rest_from_s(self, repetition: Repetition) -> float:
        earlier = [other.end_s for other in self.repetitions if other.end_s <= repetition.start_s]
        return max([repetition.start_s - REST_BEFORE_S, *earlier])

    @cached_property
    def top_height_trunks(self) -> dict[Repetition, float]:
        """Height of the hips at the top of every repetition."""
        return {
            repetition: median(self.hip_height_trunks[self.frames(repetition, "top")])
            for repetition in self.repetitions
        }

    def rise_share(self, repetition: Repetition) -> float:
        """How far the hips rise in a repetition, as a share of the highest one."""
        floor = float(np.nanpercentile(self.hip_height_trunks, 1))
        highest = max(self.top_height_trunks.values()) - floor
        return float(np.clip((self.top_height_trunks[repetition] - floor) / highest, 0.2, 1))

    def side_of(self, repetition: Repetition) -> Literal["left", "right", "both"] | None:
        """Leg that works: both, or the one that stays on the floor, by what most frames of the repetition show."""
        if repetition not in self._sides:  # every cue asks
            self._sides[repetition] = self._side_of(repetition)
        return self._sides[repetition]

    @cached_property
    def _sides(self) -> dict[Repetition, Literal["left", "right", "both"] | None]:
        return {}

    def _side_of(self, repetition: Repetition) -> Literal["left", "right", "both"] | None:
        left, right = (self.above_floor(self.point(f"{side}_ankle")) for side in _SIDES)
        shank = max(median(distance(self.point(f"{side}_knee"), self.point(f"{side}_ankle"))) for side in _SIDES)
        planted = np.any([self.foot_is_home(side) for side in _SIDES], axis=0)
        over_other = {"left": right - left, "right": left - right}  # how much higher the other leg's foot is
        frames = self.frames(repetition, "whole") & np.isfinite(left) & np.isfinite(right) & planted
        votes: dict[Literal["left", "right", "both"], int] = {
            side: int((over_other[side] > FOOT_IN_AIR_SHANKS * shank)[frames].sum()) for side in _SIDES
        }
        votes["both"] = int(frames.sum()) - sum(votes.values())
        if frames.sum() < LEAST_VOTES * self.frames(repetition, "whole").sum():
            return None
        return max(votes, key=lambda side: votes[side])

    def measured_side(self, repetition: Repetition) -> Side:
        """Leg to measure: the one that works, of two the nearer."""
        side = self.side_of(repetition)
        return side if side in ("left", "right") else self.view.near_side or "left"

    # -- what the reports show ------------------------------------------------------------------------------------

    def curves(self) -> dict[str, Array]:
        """Curves worth showing, by name with unit."""
        side = self.view.near_side or "left"
        curves = {"hip height [trunk lengths]": self.hip_height_trunks}
        if self.view.id == "side":
            line = np.where(self.in_position, self.hip_line_deg(side), np.nan)
            curves["shoulder-hip-knee [deg]"] = line
        return curves

    def line(self) -> tuple[str, ...]:
        """Keypoints of the line that the coach looks at."""
        side = self.view.near_side or "left"
        return f"{side}_shoulder", f"{side}_hip", f"{side}_knee"

    @cached_property
    def slow_motion_suspected(self) -> bool:
        """Whether the tempo is implausible for a person: then the clock of the file is wrong."""
        complete = [repetition for repetition in self.repetitions if repetition.complete]
        if not complete:
            return False
        up = float(np.median([repetition.top_start_s - repetition.start_s for repetition in complete]))
        down = float(np.median([repetition.end_s - repetition.top_end_s for repetition in complete]))
        return up > SLOW_MOTION_S and down > SLOW_MOTION_S

    @property
    def warnings(self) -> tuple[Warning_, ...]:
        """What the reader must know about this set."""
        if self.from_feet:
            text = (
                "from the feet the legs hide the hips: repetitions may be miscounted and only widths are judged; "
                "film from the side for everything else"
            )
            return (Warning_("from_feet", text),)
        if not self.slow_motion_suspected:
            return ()
        text = (
            "the hips move too slowly for a person, so this is probably a slow-motion file: "
            "say how much slower it plays, 8 times for 240 frames/s played at 30 (4 times for 120); "
            "until then tempo is not judged"
        )
        return (Warning_("slow_motion_suspected", text),)

    @cached_property
    def flat_foot(self) -> dict[Side, FlatFoot | None]:
        """Each foot lying flat, where the clip shows it."""
        return {side: self._flat_foot(side) for side in _SIDES}

    def _flat_foot(self, side: Side) -> FlatFoot | None:
        pitch = self.foot_pitch_deg(side)[self.in_position]
        pitch = pitch[np.isfinite(pitch)]
        if len(pitch) < 5:
            return None
        low, high, spread = _two_levels(pitch)
        if high - low >= max(TWO_POSTURES_DEG, TWO_POSTURES_SPREADS * spread):
            return FlatFoot(low, shows_lift=True) if low <= FLAT_UP_TO_DEG else None
        middle = float(np.median(pitch))
        return FlatFoot(middle, shows_lift=False) if middle <= FLAT_UP_TO_DEG else None


_SIDES: Final[tuple[Side, Side]] = ("left", "right")


def _two_levels(values: Array) -> tuple[float, float, float]:
    """Split the values into two groups, each at least a tenth of them, by Otsu's criterion.

    Returns the medians of the lower and the higher group, and the spread (SD) within the groups.
    """
    ordered = np.sort(values)
    n = len(ordered)
    cuts = np.arange(max(1, n // 10), max(2, n - n // 10))
    below = np.cumsum(ordered)[cuts - 1]
    low, high = below / cuts, (ordered.sum() - below) / (n - cuts)
    best = int(np.argmax(cuts * (n - cuts) * (high - low) ** 2))
    groups = ordered[: cuts[best]], ordered[cuts[best] :]
    centres = [float(np.median(group)) for group in groups]
    spread = np.concatenate([group - centre for group, centre in zip(groups, centres, strict=True)]).std()
    return centres[0], centres[1], float(spread)


# -- measuring ----------------------------------------------------------------------------------------------------


def _seen(bridge: BridgeSet, repetition: Repetition, phase: Phase, side: Side, joints: tuple[str, ...]) -> Frames | str:
    """Frames of a phase in which the joints are seen, or why there are too few."""
    frames = bridge.frames(repetition, phase)
    if not frames.any():
        return f"the {_PHASE_WORDS[phase]} of this repetition is not in the clip"
    names = [f"{side}_{joint}" for joint in joints]
    clear = confidence_of(bridge.motion, *names) >= CONFIDENT
    for name in names:
        clear &= np.isfinite(bridge.point(name)).all(1)
    if "ankle" in joints:
        clear &= bridge.foot_is_home(side)
    if (frames & clear).sum() < LEAST_SEEN * frames.sum():
        parts = " or ".join(joint.replace("foot_index", "toe") for joint in joints)
        return f"the {side} {parts} cannot be seen well enough"
    return np.asarray(frames & clear)


_PHASE_WORDS: Final = {
    "rest": "rest before the start",
    "raise": "way up",
    "top": "top",
    "lower": "way down",
    "whole": "whole",
}


def _heel_distance(bridge: BridgeSet, repetition: Repetition) -> Measurement:
    """Distance from hip to ankle in leg lengths, at rest."""
    if not (repetition.has_raise or bridge.is_photo):
        return Measurement.missing("the start of this repetition is not in the clip")
    side = bridge.measured_side(repetition)
    frames = _seen(bridge, repetition, "rest", side, ("hip", "knee", "ankle"))
    if isinstance(frames, str):
        return Measurement.missing(frames)
    hip, ankle = bridge.point(f"{side}_hip")[frames], bridge.point(f"{side}_ankle")[frames]
    ratio = median(distance(hip, ankle)) / bridge.leg_px(side)
    if bridge.is_photo:
        return Measurement(ratio, 0.03, "one picture cannot tell whether the hips rest on the floor")
    return Measurement(ratio)


def _hip_line(bridge: BridgeSet, repetition: Repetition) -> Measurement:
    """Shoulder-hip-knee angle at the top."""
    side = bridge.measured_side(repetition)
    frames = _seen(bridge, repetition, "top", side, ("shoulder", "hip", "knee", "ankle"))
    if isinstance(frames, str):
        return Measurement.missing(frames)
    line_deg = median(bridge.hip_line_deg(side)[frames])
    if bridge.is_photo and line_deg < PHOTO_LINE_DEG:
        return Measurement(line_deg, 6.0, "one picture cannot tell a low top from the way up or down")
    if not (bridge.is_photo or (repetition.has_raise or repetition.has_lower)):
        return Measurement(line_deg, 6.0, "the top of this repetition is not in the clip")
    return Measurement(line_deg)


def _shin(bridge: BridgeSet, repetition: Repetition) -> Measurement:
    """Tilt of the shank from upright at the top; positive with the knee beyond the foot."""
    side = bridge.measured_side(repetition)
    frames = _seen(bridge, repetition, "top", side, ("knee", "ankle"))
    if isinstance(frames, str):
        return Measurement.missing(frames)
    shank_deg = direction_deg(bridge.point(f"{side}_ankle")[frames], bridge.point(f"{side}_knee")[frames])
    tilt_deg = median(90 - wrapped_deg(bridge._front * (shank_deg - direction_deg(*bridge.floor))))
    return (
        Measurement(tilt_deg, 5.0, "one picture cannot tell whether this is the top")
        if bridge.is_photo
        else Measurement(tilt_deg)
    )


def _height_of_best(bridge: BridgeSet, repetition: Repetition) -> Measurement:
    """Hip height at the top against the athlete's own best in this clip."""
    if len(bridge.repetitions) < 2:
        return Measurement.missing("there is no other repetition to compare with")
    share = bridge.top_height_trunks[repetition] / max(bridge.top_height_trunks.values())
    if not np.isfinite(share):
        return Measurement.missing("the top of this repetition is not seen")
    return Measurement(share, float(np.hypot(HEIGHT_ERROR, HEIGHT_ERROR_SHARE * (1 - share))))


def _toe_lift(bridge: BridgeSet, repetition: Repetition) -> Measurement:
    """Turn of the foot up from the same foot lying flat, as a rule through the repetition."""
    if bridge.is_photo:
        return Measurement.missing("one picture shows no flat foot to compare with")
    side = bridge.measured_side(repetition)
    frames = _seen(bridge, repetition, "whole", side, ("ankle", "heel", "foot_index"))
    if isinstance(frames, str):
        return Measurement.missing(frames)
    flat = bridge.flat_foot[side]
    if flat is None:
        return Measurement.missing(
            "the clip shows no flat foot to compare with: start with the feet flat for a second, then lift your toes"
        )
    lift_deg = (median(bridge.foot_pitch_deg(side)[frames]) - flat.pitch_deg) / TOE_LIFT_SHOWN
    error_deg = np.hypot(FLAT_FOOT_ERROR_DEG, TOE_LIFT_ERROR_SHARE * lift_deg)
    if flat.shows_lift:
        return Measurement(lift_deg, float(error_deg))
    return Measurement(lift_deg, float(np.hypot(error_deg, ONE_POSTURE_ERROR_DEG)), at_best="check")


def _heel_rise(bridge: BridgeSet, repetition: Repetition) -> Measurement:
    """How far the heel leaves the floor, in percent of the leg."""
    if bridge.is_photo:
        return Measurement.missing("one picture cannot tell whether the heel moves")
    side = bridge.measured_side(repetition)
    frames = _seen(bridge, repetition, "whole", side, ("ankle", "heel"))
    if isinstance(frames, str):
        return Measurement.missing(frames)
    heel = bridge.above_floor(bridge.point(f"{side}_heel"))
    at_home = median(heel[bridge.in_position])
    return Measurement(100 * (float(np.percentile(heel[frames], 75)) - at_home) / bridge.leg_px(side))


def _time(bridge: BridgeSet, repetition: Repetition, seconds: float, is_seen: bool) -> Measurement:
    if bridge.is_photo:
        return Measurement.missing("one picture has no tempo")
    if not is_seen:
        return Measurement.missing("the clip does not show it from beginning to end")
    error = max(TEMPO_LEAST_ERROR_S, TEMPO_ERROR_SHARE * seconds, 2 / bridge.motion.attrs["rate_hz"])
    error /= bridge.rise_share(repetition)
    if bridge.slow_motion_suspected:
        return Measurement(seconds, error, "the clip seems to be in slow motion: say how much slower it plays")
    return Measurement(seconds, error)


def _raise_time(bridge: BridgeSet, repetition: Repetition) -> Measurement:
    """Time from leaving the floor to reaching the top."""
    return _time(bridge, repetition, repetition.top_start_s - repetition.start_s, repetition.has_raise)


def _hold_time(bridge: BridgeSet, repetition: Repetition) -> Measurement:
    """Time at the top."""
    seconds = repetition.top_end_s - repetition.top_start_s
    return _time(bridge, repetition, seconds, repetition.has_raise and repetition.has_lower)


def _lower_time(bridge: BridgeSet, repetition: Repetition) -> Measurement:
    """Time from leaving the top to reaching the floor."""
    return _time(bridge, repetition, repetition.end_s - repetition.top_end_s, repetition.has_lower)


def _gap_ratio(bridge: BridgeSet, repetition: Repetition, joint: str, to: str) -> Measurement:
    """Distance of both joints over the distance of two others, at the top, seen from the feet."""
    frames = bridge.frames(repetition, "top")
    names = [f"{side}_{name}" for name in (joint, to) for side in _SIDES]
    clear = frames & (confidence_of(bridge.motion, *names) >= CONFIDENT)
    gaps = {name: (bridge.point(f"left_{name}") - bridge.point(f"right_{name}"))[clear] for name in (joint, to)}
    # from the feet the athlete's left is on the right of the picture; legs that hide the hips break this
    in_order = np.all([np.abs(gap[:, 1]) < gap[:, 0] for gap in gaps.values()], axis=0)
    if not frames.any() or in_order.sum() < LEAST_SEEN * frames.sum():
        return Measurement.missing(_HIDDEN_FROM_FEET)
    ratio = median(np.linalg.norm(gaps[joint], axis=1)[in_order] / np.linalg.norm(gaps[to], axis=1)[in_order])
    return (
        Measurement(ratio, 0.2, "one picture cannot tell whether this is the top")
        if bridge.is_photo
        else Measurement(ratio)
    )


_HIDDEN_FROM_FEET: Final = "the legs hide the body from here: raise the phone to 1.5 m and step back"


def _foot_width(bridge: BridgeSet, repetition: Repetition) -> Measurement:
    """Distance of the ankles over the distance of the hips, at the top."""
    return _gap_ratio(bridge, repetition, "ankle", "hip")


def _knee_width(bridge: BridgeSet, repetition: Repetition) -> Measurement:
    """Distance of the knees over the distance of the ankles, at the top."""
    return _gap_ratio(bridge, repetition, "knee", "ankle")


def _pelvis_tilt(bridge: BridgeSet, repetition: Repetition) -> Measurement:
    """Tilt of the hip line against the shoulder line at the top, seen from the feet."""
    if bridge.side_of(repetition) == "both":
        return Measurement.missing("it matters on one leg; on two the pelvis has no reason to tilt")
    width = _foot_width(bridge, repetition)
    if width.value is None:
        return width
    frames = bridge.frames(repetition, "top")
    hips, shoulders = (
        direction_deg(bridge.point(f"right_{joint}"), bridge.point(f"left_{joint}"))[frames]
        for joint in ("hip", "shoulder")
    )
    return Measurement(abs(median(wrapped_deg(hips - shoulders))))


# -- recognising --------------------------------------------------------------------------------------------------


def recognise(motion: xr.Dataset, view: View) -> Likeness:
    """How sure it is that this is a glute bridge, and why.

    Shoulders and feet stay where they are, the trunk lies between them, and the hips rise on the side to which
    the knees point. In a squat the shoulders travel with the hips.
    """
    bridge = BridgeSet(motion, view)
    lying = bridge.in_position
    if bridge.is_photo or lying.sum() < 5:
        return Likeness(0.0, "nobody lies with bent knees")
    if not any(repetition.complete for repetition in bridge.repetitions):
        return Likeness(0.0, "the hips do not rise and sink between shoulders and feet")
    if bridge.from_feet:
        if _lies_away(bridge):
            return Likeness(_LIES_FROM_FEET, "somebody lies with the feet to the camera, and the hips rise")
        return Likeness(0.0, "the trunk does not point away from the camera")
    if not _lies_level(bridge):
        return Likeness(0.0, "the trunk is upright")
    hips, shoulders = (_spread(image_middle(motion, joint)[lying]) for joint in ("hip", "shoulder"))
    stays = 1 - shoulders / max(hips, 1e-9)
    at_home = np.any([bridge.foot_is_home(side) for side in _SIDES], axis=0)
    feet_seen = lying & np.any([np.isfinite(bridge.point(f"{side}_ankle")).all(1) for side in _SIDES], axis=0)
    planted = feet_seen.any() and at_home[feet_seen].mean() > LEAST_HOME_SHARE
    knees_px = median(bridge.above_floor(image_middle(motion, "knee"))[lying])
    bent = knees_px / bridge.trunk_px > LEAST_KNEE_HEIGHT_TRUNKS
    if not (planted and bent):
        return Likeness(0.0, "the feet are not planted under bent knees")
    confidence = float(np.clip(2 * stays, 0, 1) * np.clip(2 * lying.mean(), 0, 1))
    if confidence < SURE_ENOUGH:
        return Likeness(confidence, "the shoulders travel with the hips")
    return Likeness(confidence, "somebody lies, shoulders and feet stay where they are, and the hips rise")


_LIES_FROM_FEET: Final = 0.6  # legs hide the rest, so it is never quite sure


def _lies_away(bridge: BridgeSet) -> bool:
    """Whether the trunk points away from the camera, with the knees over the hips: seen from the feet."""
    shoulders, hips = (
        (world_point(bridge.motion, f"left_{joint}") + world_point(bridge.motion, f"right_{joint}")) / 2
        for joint in ("shoulder", "hip")
    )
    trunk = np.nanmedian(shoulders - hips, axis=0)
    knees_px = median(image_middle(bridge.motion, "hip")[:, 1] - image_middle(bridge.motion, "knee")[:, 1])
    return bool(trunk[2] > 0.5 * np.linalg.norm(trunk) and knees_px > 0)


def _lies_level(bridge: BridgeSet) -> bool:
    """Whether the line from shoulders to feet is nearer to level than to upright in the picture."""
    floor_deg = abs(float(direction_deg(*bridge.floor)))
    return min(floor_deg, 180 - floor_deg) < 45


def _spread(points: Array) -> float:
    """How far points reach, a twentieth on both ends left out [px]."""
    low, high = np.nanpercentile(points, [5, 95], axis=0)
    return float(np.linalg.norm(high - low))


# -- the cues, in the order of the coach's text -------------------------------------------------------------------

SIDE: Final = ("side",)
SIDE_OR_OBLIQUE: Final = ("side", "oblique")
FRONT: Final = ("front",)

GLUTE_BRIDGE: Final = Movement(
    id="glute_bridge",
    name="Glute bridge",
    coach=(
        "Lie on your back, feet near your hips, hip width apart; lift your toes so your weight comes down through your "
        "heels; slowly raise your hips until knees, hips and shoulders are in a straight line; lower slowly and with "
        "control; repeat."
    ),
    how_to_film=(
        "Put the phone on the floor or a low stool at hip height (20 to 40 cm), side-on, 2 to 3 m away, with your "
        "whole body in the picture. Lie still with flat feet for a second before the first repetition and "
        "after the last."
    ),
    prepare=BridgeSet,
    recognise=recognise,
    words=Words(key_frames="Floor and top"),
    moments=(Moment("floor", "rest"), Moment("top", "top")),
    line_cue="straight_line",
    curve_cues=(("shoulder-hip-knee [deg]", "straight_line"),),
    cues=(
        Cue(
            id="heels_near_hips",
            name="feet near hips",
            coach="feet near your hips",
            measure=_heel_distance,
            unit="leg lengths",
            views=SIDE,
            phase="rest",
            band=Band(
                good=(0.38, 0.58),
                acceptable=(0.33, 0.71),
                limit=(0.28, 0.71),
                source="knees bent 110-135 deg work the glutes and spare the hamstrings: Ho et al. 2020, Res Sports "
                "Med; Lehecka et al. 2017, IJSPT; ratio computed from segment lengths",
            ),
            error=0.03,
            error_source="rendered athletes: bias 0.02, SD 0.015",
            too_low="Your heels are tucked in very close.",
            too_high="Your feet are too far from your hips.",
            well_done="Your feet are near your hips.",
            why="Far feet hand the work to the hamstrings; near feet leave it to the glutes.",
            next="Before you start, set your heels so that your fingertips almost touch them.",
            weight=3,
        ),
        Cue(
            id="feet_hip_width",
            name="feet hip width",
            coach="hip width apart",
            measure=_foot_width,
            unit="hip widths",
            views=FRONT,
            phase="top",
            band=Band(
                good=(0.8, 1.6),
                acceptable=(0.6, 2.2),
                limit=(0.6, 2.5),
                source="proposal round hip width; 30 deg of abduction is not worse: Kang et al. 2016, Man Ther",
            ),
            error=0.5,
            error_source="rendered athletes from the feet: the network draws hips 0.6 to 0.8 as wide as they are",
            too_low="Your feet are close together.",
            too_high="Your feet are wide apart.",
            well_done="Your feet are hip width apart.",
            why="Hip width lets both glutes push straight up.",
            next="Set your feet under your hip bones before you start.",
            weight=1,
        ),
        Cue(
            id="toes_lifted",
            name="toes lifted",
            coach="lift your toes so your weight comes down through your heels",
            measure=_toe_lift,
            unit="deg",
            views=SIDE,
            phase="whole",
            band=Band(
                good=(10, INFINITY),
                acceptable=(5, INFINITY),
                limit=(5, INFINITY),
                source="article; Escamilla et al. 2024, Bioengineering 11:356; "
                "pushing by the heel moves work to the hip",
            ),
            error=FLAT_FOOT_ERROR_DEG,
            error_source="rendered athletes; grows by a quarter of the lift, and by 6 deg where the foot never moves",
            too_low="Your toes stay on the mat.",
            too_high="",
            well_done="Your toes are up.",
            why="With the weight on the heels the hamstrings do less and the glutes more.",
            next="Pull your toes towards your shins before each rise and keep them there.",
            weight=2,
        ),
        Cue(
            id="heels_down",
            name="heels down",
            coach="your weight comes down through your heels",
            measure=_heel_rise,
            unit="% of leg length",
            views=SIDE,
            phase="whole",
            band=Band(
                good=(-INFINITY, 2),
                acceptable=(-INFINITY, 4),
                limit=(-INFINITY, 5),
                source="article; proposal outside measurement error",
            ),
            error=2,
            error_source="rendered athletes whose heels stay down",
            too_low="",
            too_high="Your heels come off the mat.",
            well_done="Your heels stay down.",
            why="Without the heel the calf and the back of the thigh take over.",
            next="Press your heels into the mat from the first moment.",
            weight=2,
        ),
        Cue(
            id="slow_raise",
            name="slow raise",
            coach="slowly raise your hips",
            measure=_raise_time,
            unit="s",
            views=SIDE_OR_OBLIQUE,
            phase="raise",
            band=Band(good=(1, 3), acceptable=(0.7, 5), limit=(0.7, INFINITY), source="article; proposal"),
            error=TEMPO_LEAST_ERROR_S,
            error_source="rendered athletes; grows with the time",
            too_low="You swing your hips up.",
            too_high="You take long to rise; that is fine as long as it stays smooth.",
            well_done="You rise slowly.",
            why="A slow rise is made by the glutes; a quick one by swing.",
            next="Count one, two on the way up.",
            weight=2,
        ),
        Cue(
            id="straight_line",
            name="straight line",
            coach="until knees, hips and shoulders are in a straight line",
            measure=_hip_line,
            unit="deg",
            views=SIDE,
            phase="top",
            band=Band(
                good=(172, 186),
                acceptable=(165, 190),
                limit=(165, 190),
                source="article; widened by the error of measurement",
            ),
            error=6,
            error_source="SD 6.4 deg from the side: Cosoli et al. 2026; rendered athletes: SD 5 between bodies",
            too_low="Your hips stop short of the line from shoulders to knees.",
            too_high="You push past the straight line.",
            well_done="Knees, hips and shoulders are in line at the top.",
            why="The last part of the rise is where the gluteus maximus works hardest.",
            next="Squeeze your glutes at the top until shoulders, hips and knees make one line, ribs down.",
            weight=3,
        ),
        Cue(
            id="shin_upright",
            name="shins upright",
            coach="feet near your hips",
            measure=_shin,
            unit="deg",
            views=SIDE,
            phase="top",
            band=Band(
                good=(-15, 15),
                acceptable=(-25, 25),
                limit=(-25, 25),
                source="statics: heels 14 cm farther out add 0.2 Nm/kg of hamstring work; proposal",
            ),
            error=5,
            error_source="rendered athletes: bias 2, SD 2; floor line 3",
            too_low="Your shins lean back towards your hips at the top: your feet are too far out.",
            too_high="Your knees go past your feet at the top: your feet are too close.",
            well_done="Your shins are upright at the top.",
            why="Over an upright shin the knee needs no force, and all of the work is left to the hip.",
            next="Move your feet a hand's breadth until your shins stand upright at the top.",
            weight=1,
        ),
        Cue(
            id="as_high_as_best",
            name="as high as your best",
            coach="until knees, hips and shoulders are in a straight line",
            measure=_height_of_best,
            unit="share of own best",
            views=SIDE_OR_OBLIQUE,
            phase="top",
            band=Band(
                good=(0.95, INFINITY),
                acceptable=(0.90, INFINITY),
                limit=(0.88, INFINITY),
                source="proposal; own best as reference",
            ),
            error=HEIGHT_ERROR,
            error_source="rendered athletes: SD 0.03, more for low tops",
            too_low="Some repetitions stay lower than your best.",
            too_high="",
            well_done="Every repetition is as high as your best.",
            why="Height that fades is the first sign that the glutes are tired.",
            next="Stop the set when you cannot reach your own height any more.",
            weight=2,
        ),
        Cue(
            id="hold_at_top",
            name="hold at the top",
            coach="in a straight line",
            measure=_hold_time,
            unit="s",
            views=SIDE_OR_OBLIQUE,
            phase="top",
            band=Band(
                good=(1, 5),
                acceptable=(0.5, INFINITY),
                limit=(0.3, INFINITY),
                source="proposal; studies hold 5 s",
            ),
            error=TEMPO_LEAST_ERROR_S,
            error_source="rendered athletes; grows with the time",
            too_low="You turn round at the top without a stop.",
            too_high="You hold the top for long; that is fine.",
            well_done="You hold the top.",
            why="The top is where the glutes are shortest and work hardest.",
            next="Stay at the top for one slow breath.",
            weight=1,
        ),
        Cue(
            id="slow_lower",
            name="slow lowering",
            coach="lower slowly and with control",
            measure=_lower_time,
            unit="s",
            views=SIDE_OR_OBLIQUE,
            phase="lower",
            band=Band(
                good=(2, INFINITY),
                acceptable=(1.2, INFINITY),
                limit=(1.0, INFINITY),
                source="article; proposal",
            ),
            error=TEMPO_LEAST_ERROR_S,
            error_source="rendered athletes; grows with the time",
            too_low="You let your hips drop.",
            too_high="",
            well_done="You lower with control.",
            why="Half of the training is in the way down.",
            next="Count one, two, three on the way down.",
            weight=2,
        ),
        Cue(
            id="knees_in_line",
            name="knees in line",
            coach="hip width apart",
            measure=_knee_width,
            unit="ankle widths",
            views=FRONT,
            phase="top",
            band=Band(good=(0.85, 1.3), acceptable=(0.75, INFINITY), limit=(0.75, INFINITY), source="proposal"),
            error=0.2,
            error_source="rendered athletes from the feet",
            too_low="Your knees fall inwards.",
            too_high="Your knees fall outwards.",
            well_done="Your knees stay over your feet.",
            why="Knees in line mean that the gluteus medius holds.",
            next="Keep your knees as far apart as your feet; a band above the knees reminds you.",
            weight=2,
        ),
        Cue(
            id="pelvis_level",
            name="pelvis level",
            coach="straight line",
            measure=_pelvis_tilt,
            unit="deg",
            views=FRONT,
            phase="top",
            band=Band(
                good=(0, 5),
                acceptable=(0, 10),
                limit=(-INFINITY, 10),
                source="the single-leg test ends at 10 deg: Worst & Henderson 2026",
            ),
            error=10,
            error_source="rendered athletes from the feet",
            too_low="",
            too_high="Your pelvis tilts to the side of the lifted leg.",
            well_done="Your pelvis stays level.",
            why="A level pelvis on one leg is what the gluteus medius is for.",
            next="Imagine a glass of water on each hip bone.",
            weight=2,
        ),
    ),
)
