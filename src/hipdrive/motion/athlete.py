"""Who is the athlete, when several people are seen: decided once, from the whole clip."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from hipdrive.errors import NobodyFound
from hipdrive.motion.dataset import logged, new_motion
from hipdrive.motion.geometry import angle_deg, distance
from hipdrive.pose import KEYPOINTS, People, Person
from hipdrive.pose.estimate import LYING_TILT_DEG
from hipdrive.video import Clip

LEAST_SEEN_S: Final = 0.3  # a shorter glimpse of somebody is a mistake of the detector, or a passer-by

_SHOULDERS = [KEYPOINTS.index("left_shoulder"), KEYPOINTS.index("right_shoulder")]
_HIPS = [KEYPOINTS.index("left_hip"), KEYPOINTS.index("right_hip")]
_KNEES = [KEYPOINTS.index("left_knee"), KEYPOINTS.index("right_knee")]
_ANKLES = [KEYPOINTS.index("left_ankle"), KEYPOINTS.index("right_ankle")]


@dataclass(frozen=True)
class Chosen:
    """How the athlete was chosen.

    Attributes
    ----------
    people_seen : int
        Most people in view at one time.
    seen_share : float
        Share of the frames in which the athlete was seen, 0 to 1.
    box_px : tuple of float
        Left, top, right, bottom of where the athlete was.
    """

    people_seen: int
    seen_share: float
    box_px: tuple[float, float, float, float]


def choose_athlete(people: People, clip: Clip, movement: str | None = None) -> tuple[xr.Dataset, Chosen]:
    """Pick the one who exercises and label their landmarks.

    The athlete is seen long, is large in the picture and moves hips and knees. Where a lying movement is asked
    for, or somebody lies and moves, the lying one is it.

    Parameters
    ----------
    people : People
    clip : Clip
    movement : str, optional
        Id of the movement asked for.

    Returns
    -------
    motion : xarray.Dataset
    chosen : Chosen

    Raises
    ------
    NobodyFound
        When nobody was seen for long enough.
    """
    least_frames = 1 if len(people.time_s) < 3 else 1 + int((people.time_s < LEAST_SEEN_S).sum() // 2)
    persons = [person for person in _joined(people) if len(person.frames) >= least_frames]
    if not persons:
        raise NobodyFound(
            f"nobody could be seen in {clip.name}: film from the side with the whole body in view, in good light"
        )
    athlete = max(persons, key=lambda person: _standing_out(person, persons, movement))
    landmarks = athlete.landmarks
    if len(athlete.frames) < len(people.time_s):
        landmarks = np.full((len(people.time_s), len(KEYPOINTS), 7), np.nan, np.float32)
        landmarks[athlete.frames] = athlete.landmarks
    motion = new_motion(people.time_s, landmarks, source=clip.name, width_px=clip.width_px, height_px=clip.height_px)
    at_once = np.zeros(len(people.time_s), int)
    for person in persons:
        at_once[person.frames] += 1
    low, high = np.nanpercentile(athlete.landmarks[:, :, :2].reshape(-1, 2), [1, 99], axis=0)
    chosen = Chosen(
        people_seen=int(at_once.max()),
        seen_share=len(athlete.frames) / len(people.time_s),
        box_px=(float(low[0]), float(low[1]), float(high[0]), float(high[1])),
    )
    return logged(motion, f"choose_athlete: {chosen.people_seen} in view, seen {chosen.seen_share:.0%}"), chosen


def _joined(people: People) -> list[Person]:
    """Pieces of one person, lost and found again at the same place, put together."""
    pieces = sorted(people.people, key=lambda person: (int(person.frames[0]), -len(person.frames)))
    persons: list[Person] = []
    for piece in pieces:
        for number, person in enumerate(persons):
            if person.frames[-1] < piece.frames[0] and _close(person, piece):
                persons[number] = Person(
                    np.concatenate([person.frames, piece.frames]),
                    np.concatenate([person.landmarks, piece.landmarks]),
                )
                break
        else:
            persons.append(piece)
    return persons


def _close(before: Person, after: Person) -> bool:
    gone, back = before.landmarks[-1, :, :2], after.landmarks[0, :, :2]
    apart = np.linalg.norm(gone[_HIPS].mean(0) - back[_HIPS].mean(0))
    return bool(apart < max(_size_px(gone[None]), _size_px(back[None])))


def _size_px(points: NDArray[np.float32]) -> float:
    """Length of trunk, thigh and shank together: it does not shrink when the body folds."""
    chain = [points[:, joints].mean(1) for joints in (_SHOULDERS, _HIPS, _KNEES, _ANKLES)]
    return float(np.median(sum(distance(a, b) for a, b in itertools.pairwise(chain))))


def _standing_out(person: Person, everybody: list[Person], movement: str | None) -> float:
    """How much this person looks like the athlete; comparable within one clip only."""
    seen = len(person.frames) / max(len(other.frames) for other in everybody)
    sizes = [_size_px(other.landmarks[:, :, :2]) for other in everybody]
    size = _size_px(person.landmarks[:, :, :2]) / max(sizes)
    shoulder, hip, knee, ankle = (
        person.landmarks[:, joints, :2].mean(1) for joints in (_SHOULDERS, _HIPS, _KNEES, _ANKLES)
    )
    trunk = shoulder - hip
    tilt_deg = np.degrees(np.arctan2(np.abs(trunk[:, 0]), -trunk[:, 1]))
    lies = float(np.median(tilt_deg)) > LYING_TILT_DEG
    moved_deg = sum(
        float(np.subtract(*np.percentile(angle, [95, 5])))
        for angle in (angle_deg(shoulder, hip, knee), angle_deg(hip, knee, ankle))
    )
    score = seen * np.sqrt(size) * (1 + min(moved_deg, 90) / 45)
    if lies and (movement == "glute_bridge" or (movement is None and moved_deg > 20)):
        score *= 4
    return float(score)
