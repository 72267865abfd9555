"""Frames to landmarks: everybody in the clip, followed from frame to frame.

One thread decodes, and two more run the landmark network, each on its own frame: two networks on one
processor thread each are quicker than one network on two. Both frames of a pair are cut out by where the
person was in the frame before them, so results do not depend on which thread is first.
"""

from __future__ import annotations

import queue
import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from hipdrive.errors import HipdriveError
from hipdrive.pose import weights
from hipdrive.pose.detector import Detection, Detector
from hipdrive.pose.landmarker import N_KEYPOINTS, PRESENT, Landmarker, Pose
from hipdrive.pose.network import load_networks
from hipdrive.pose.regions import Region
from hipdrive.video import Clip, Frame


@dataclass(frozen=True)
class Quality:
    """Which network looks, and how often.

    Attributes
    ----------
    network : str
    mirrored_too : bool
        See `hipdrive.pose.landmarker.Landmarker`.
    """

    network: str
    mirrored_too: bool = False


QUALITIES: Final = {
    "fast": Quality("full"),
    "standard": Quality("heavy"),
    "best": Quality("heavy", mirrored_too=True),
}

FRAMES_AT_ONCE: Final = 2  # one for each of two processor cores
FRAMES_AHEAD: Final = 4  # decoded and waiting; keeps memory the same for any length
LOOK_EVERY_S: Final = 1.0  # for people who come into the picture
LOOK_AGAIN_S: Final = 0.25  # while nobody is in view
LOOK_CLOSELY_S: Final = 2.0  # in tiles, while nobody is in view
MOST_PEOPLE: Final = 4
BLOCK: Final = 1024  # frames kept together: small pieces would stay in memory after they are put together
SETTLING_LOOKS: Final = 2  # the detector's region is rough: 1.4 % of the body off, 0.6 % after two looks
SAME_BODY: Final = 0.1  # mean keypoint distance over region size under which two poses are one person
LYING_TILT_DEG: Final = 55.0  # trunk from the vertical; upright trunks stay under 45 even in a squat

Progress = Callable[[int], None]


@dataclass(frozen=True, eq=False)
class Person:
    """One person, as long as the network did not lose them.

    Attributes
    ----------
    frames : ndarray of int, shape (n,)
        Indices of the frames in which the person was seen.
    landmarks : ndarray of float32, shape (n, 33, 7)
        x, y, z in pixels of the clip as filmed, x, y, z in metres, confidence.
    """

    frames: NDArray[np.int64]
    landmarks: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class People:
    """Everybody seen in a clip.

    Attributes
    ----------
    time_s : ndarray of float, shape (n_frames,)
        Time of every frame of the clip.
    people : tuple of Person
    """

    time_s: NDArray[np.float64]
    people: tuple[Person, ...]


def estimate_pose(
    clip: Clip,
    quality: str = "standard",
    *,
    runtime: str = "litert",
    progress: Progress = lambda frames: None,
) -> People:
    """Find and follow everybody in a clip.

    Parameters
    ----------
    clip : Clip
    quality : {"fast", "standard", "best"}
        The full network; the heavy one; the heavy one on the crop and on its mirror image.
    runtime : {"litert", "openvino"}
    progress : callable
        Told the number of frames done so far.

    Returns
    -------
    People
        Without anybody when nobody is seen.

    Raises
    ------
    WeightsMissing
        When the networks are not on this machine.
    HipdriveError
        When quality or runtime are unknown.
    """
    chosen = _quality(quality)
    path = weights.network_path(chosen.network)
    (find,) = load_networks(weights.network_path("detector"), 1, runtime)
    looks = load_networks(path, 1 if clip.is_photo else FRAMES_AT_ONCE, runtime)
    crew = [Landmarker(look, chosen.mirrored_too) for look in looks]
    return follow_people(clip, Detector(find), crew, progress)


def _quality(name: str) -> Quality:
    if name not in QUALITIES:
        raise HipdriveError(f"no quality is called {name}: choose from {', '.join(QUALITIES)}")
    return QUALITIES[name]


class Finder(Protocol):
    """What `follow_people` asks of a detector."""

    def find(self, image: NDArray[np.uint8]) -> list[Detection]:
        """People that are large in the picture."""

    def find_small(self, image: NDArray[np.uint8]) -> list[Detection]:
        """People that are small in the picture."""

    def find_lying(self, image: NDArray[np.uint8]) -> list[Detection]:
        """Hints of people who lie on the floor."""


Looker = Callable[[NDArray[np.uint8], Region], Pose]


def follow_people(
    clip: Clip, detector: Finder, crew: Sequence[Looker], progress: Progress = lambda frames: None
) -> People:
    """Follow everybody through a clip with as many frames at once as there are landmarkers in the crew."""
    cv2.setNumThreads(1)  # the crew keeps the cores busy already
    followed = _Followed(detector, crew[0])
    times: list[float] = []
    idle: queue.SimpleQueue[Looker] = queue.SimpleQueue()
    for landmarker in crew:
        idle.put(landmarker)

    def look(image: NDArray[np.uint8], region: Region) -> Pose:
        landmarker = idle.get()
        try:
            return landmarker(image, region)
        finally:
            idle.put(landmarker)

    with ThreadPoolExecutor(len(crew)) as pool:
        for frames in _in_groups(_read_ahead(clip), len(crew)):
            followed.look_round(frames[0])
            pending = [
                (track, [pool.submit(look, frame.image, track.region) for frame in frames]) for track in followed.tracks
            ]
            for track, poses in pending:
                track.extend(frames, [pose.result() for pose in poses])
            followed.let_go()
            times += [frame.time_s for frame in frames]
            progress(len(times))
    people = tuple(track.person(clip.scale) for track in followed.tracks + followed.gone)
    return People(np.array(times), people)


def follow_camera(quality: str = "fast", runtime: str = "litert") -> Following:
    """Load the networks for pictures that come one at a time.

    Parameters and what is raised are those of `estimate_pose`.
    """
    chosen = _quality(quality)
    (find,) = load_networks(weights.network_path("detector"), 1, runtime)
    (look,) = load_networks(weights.network_path(chosen.network), 1, runtime)
    return Following(Detector(find), Landmarker(look, chosen.mirrored_too))


class Following:
    """Everybody in front of a camera, followed from picture to picture as in a clip.

    Parameters
    ----------
    detector : Finder
    landmarker : callable
    """

    def __init__(self, detector: Finder, landmarker: Looker) -> None:
        self._followed = _Followed(detector, landmarker)
        self._landmarker = landmarker
        self._time_s: list[float] = []
        self._gone: list[Person] = []

    def see(self, image: NDArray[np.uint8], time_s: float) -> list[Pose]:
        """Look at the next picture, RGB and upright, and tell who is in it."""
        frame = Frame(len(self._time_s), time_s, image)
        self._followed.look_round(frame)
        poses = [self._landmarker(image, track.region) for track in self._followed.tracks]
        for track, pose in zip(self._followed.tracks, poses, strict=True):
            track.extend([frame], [pose])
        self._followed.let_go()
        self._gone += [track.person(1.0) for track in self._followed.gone]  # as small as can be
        self._followed.gone.clear()
        self._time_s.append(time_s)
        return [pose for pose in poses if pose.presence >= PRESENT]

    def people(self, since_s: float = -np.inf) -> People:
        """Everybody seen since then; frames count from the first picture since then."""
        first = bisect_left(self._time_s, since_s)
        since = [_since(person.frames, person.landmarks, first) for person in self._gone]
        since += [track.since(first) for track in self._followed.tracks]
        return People(np.array(self._time_s[first:]), tuple(person for person in since if len(person.frames)))


def _since(frames: NDArray[np.int64], landmarks: NDArray[np.float32], first: int) -> Person:
    """A person from a frame on."""
    begin = int(np.searchsorted(frames, first))
    return Person(frames[begin:] - first, landmarks[begin:])


@dataclass(eq=False)
class _Track:
    """A person being followed."""

    region: Region
    frames: list[int] = field(default_factory=list)
    blocks: list[NDArray[np.float32]] = field(default_factory=list)
    lost: bool = False

    def extend(self, frames: Sequence[Frame], poses: Sequence[Pose]) -> None:
        seen = [(frame, pose) for frame, pose in zip(frames, poses, strict=True) if pose.presence >= PRESENT]
        for frame, pose in seen:
            row = len(self.frames) % BLOCK
            if row == 0:
                self.blocks.append(np.empty((BLOCK, N_KEYPOINTS, 7), np.float32))
            self.blocks[-1][row] = np.hstack([pose.image, pose.world, pose.confidence[:, None]])
            self.frames.append(frame.index)
        self.lost = not seen
        if seen:
            self.region = seen[-1][1].next_region

    def since(self, first: int) -> Person:
        """Who is being followed, from a frame on, in a copy."""
        block = bisect_left(self.frames, first) // BLOCK
        if block == len(self.blocks):
            return Person(np.empty(0, np.int64), np.empty((0, N_KEYPOINTS, 7), np.float32))
        frames = np.array(self.frames[block * BLOCK :])
        return _since(frames, np.concatenate(self.blocks[block:])[: len(frames)], first)

    def person(self, scale: float) -> Person:
        """Who was followed, taken out of the track."""
        landmarks = np.empty((len(self.frames), N_KEYPOINTS, 7), np.float32)
        for start in range(0, len(landmarks), BLOCK):
            rows = landmarks[start : start + BLOCK]
            rows[:] = self.blocks.pop(0)[: len(rows)]
        landmarks[:, :, :3] *= scale
        return Person(np.array(self.frames), landmarks)


class _Followed:
    """Who is being followed, who was, and when to look round for others."""

    def __init__(self, detector: Finder, landmarker: Looker) -> None:
        self._detector = detector
        self._landmarker = landmarker
        self._last_look_s = self._last_close_look_s = -np.inf
        self._somebody_lost = False
        self.tracks: list[_Track] = []
        self.gone: list[_Track] = []

    def look_round(self, frame: Frame) -> None:
        """Start following whoever is new, when it is time to look."""
        since = frame.time_s - self._last_look_s
        if since < (LOOK_AGAIN_S if self._somebody_lost or not self.tracks else LOOK_EVERY_S):
            return
        first_look = np.isinf(since)
        self._last_look_s = frame.time_s
        self._somebody_lost = False
        found = self._detector.find(frame.image)
        if not found and not self.tracks and frame.time_s - self._last_close_look_s >= LOOK_CLOSELY_S:
            self._last_close_look_s = frame.time_s
            found = self._detector.find_small(frame.image)
        self._drop_doubles()
        self._meet(found, frame)
        several = len(self.tracks) > 1
        if several or (first_look and self.tracks and not any(_lies(track.region) for track in self.tracks)):
            self._meet(self._detector.find_lying(frame.image), frame)

    def let_go(self) -> None:
        """Stop following those who were lost, and look round soon."""
        for track in [track for track in self.tracks if track.lost]:
            self._drop(track)
            self._somebody_lost = True

    def _meet(self, found: Iterable[Detection], frame: Frame) -> None:
        known = [track.region for track in self.tracks]
        for detection in found:
            if len(self.tracks) >= MOST_PEOPLE or any(_same(detection.region, region) for region in known):
                continue
            pose = self._landmarker(frame.image, detection.region)
            for _ in range(SETTLING_LOOKS - 1):
                if pose.presence >= PRESENT:
                    pose = self._landmarker(frame.image, pose.next_region)
            if pose.presence >= PRESENT and not any(_same(pose.next_region, region) for region in known):
                self.tracks.append(_Track(pose.next_region))
                known.append(pose.next_region)

    def _drop_doubles(self) -> None:
        """Two tracks that have come to follow one body: the older one stays."""
        for track in list(self.tracks):
            elder = self.tracks[: self.tracks.index(track)]
            if any(_same(track.region, other.region) for other in elder):
                self._drop(track)

    def _drop(self, track: _Track) -> None:
        self.tracks.remove(track)
        if track.frames:
            self.gone.append(track)


def _same(a: Region, b: Region) -> bool:
    apart = np.hypot(a.centre_x_px - b.centre_x_px, a.centre_y_px - b.centre_y_px)
    return bool(apart < SAME_BODY * max(a.size_px, b.size_px))


def _lies(region: Region) -> bool:
    return bool(abs(np.rad2deg(region.turn_rad)) > LYING_TILT_DEG)


def _in_groups(frames: Iterable[Frame], size: int) -> Iterator[list[Frame]]:
    group: list[Frame] = []
    for frame in frames:
        group.append(frame)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group


def _read_ahead(frames: Iterable[Frame]) -> Iterator[Frame]:
    """Decode in another thread, a few frames ahead."""
    ahead: queue.Queue[Any] = queue.Queue(FRAMES_AHEAD)
    stop = threading.Event()
    end = object()

    def put(item: Any) -> None:
        while not stop.is_set():
            try:
                return ahead.put(item, timeout=0.1)
            except queue.Full:
                continue

    def read() -> None:
        try:
            for frame in frames:
                put(frame)
                if stop.is_set():
                    return
        except BaseException as error:  # handed to the thread that reads the clip, which raises it
            put(error)
        put(end)

    reader = threading.Thread(target=read, name="decode", daemon=True)
    reader.start()
    try:
        while (item := ahead.get()) is not end:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()
        reader.join()
