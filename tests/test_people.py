"""Following people and choosing the athlete, without the networks: what is seen is made up here."""

import numpy as np
import pytest

from hipdrive.errors import NobodyFound
from hipdrive.motion.athlete import choose_athlete
from hipdrive.pose import KEYPOINTS
from hipdrive.pose.detector import Detection
from hipdrive.pose.estimate import People, Person, follow_people
from hipdrive.pose.landmarker import Pose
from hipdrive.pose.regions import Region, region_around
from hipdrive.video import Clip, Frame

N = len(KEYPOINTS)


class Scene(Clip):
    """A clip of a given number of grey frames."""

    def __init__(self, frames, rate_hz=30.0, scale_px=640):
        super().__init__("scene.mp4", scale_px, scale_px, rate_hz, frames / rate_hz)  # type: ignore[arg-type]
        self.frames = frames

    name = "scene.mp4"

    def __iter__(self):
        for i in range(self.frames):
            image = np.zeros((64, 64, 3), np.uint8)
            image[0, 0] = divmod(i, 256)[0], i % 256, 0  # so that a landmarker can tell the frame
            yield Frame(i, i / self.rate_hz, image)


def frame_number(image):
    return int(image[0, 0, 0]) * 256 + int(image[0, 0, 1])


class Actor:
    """Somebody at a place, in view during some frames."""

    def __init__(self, x, first=0, last=10**9, size=100.0):
        self.x, self.first, self.last, self.size = x, first, last, size

    def is_there(self, frame):
        return self.first <= frame <= self.last

    def points(self):
        hips = np.array([self.x, 300.0])
        return np.stack([hips, hips + (0, -self.size), hips + (0, -20.0), hips + (0, -self.size)])


class Detector:
    """Finds all who are there, and counts how often it is asked."""

    def __init__(self, actors):
        self.actors, self.looks, self.close_looks = actors, 0, 0

    def find(self, image):
        self.looks += 1
        return [Detection(0.9, a.points()) for a in self.actors if a.is_there(frame_number(image))]

    def find_small(self, image):
        self.close_looks += 1
        return []

    def find_lying(self, image):
        return self.find(image)


def landmarker(actors):
    def look(image, region):
        nearest = min(actors, key=lambda a: abs(a.x - region.centre_x_px))
        there = nearest.is_there(frame_number(image)) and abs(nearest.x - region.centre_x_px) < 30
        points = np.zeros((N, 3))
        points[:, 0] = nearest.x
        place = nearest.points()
        return Pose(0.99 if there else 0.01, points, np.zeros((N, 3)), np.ones(N), region_around(place[0], place[1]))

    return look


def follow(actors, frames=120, crew=2):
    detector = Detector(actors)
    return follow_people(Scene(frames), detector, [landmarker(actors)] * crew), detector


def test_one_person_is_followed_and_met_once():
    people, detector = follow([Actor(200)])
    assert [len(p.frames) for p in people.people] == [120]
    assert detector.looks <= 8  # once a second, and once for those who may lie: not in every frame


@pytest.mark.parametrize("frames", [15, 16, 17, 100])
def test_what_is_kept_in_blocks_comes_back_whole(monkeypatch, frames):
    monkeypatch.setattr("hipdrive.pose.estimate.BLOCK", 16)
    (person,) = follow([Actor(200)], frames)[0].people
    assert person.landmarks.shape == (frames, N, 7)
    assert (person.landmarks[:, :, 0] == 200).all()
    assert (person.landmarks[:, :, 6] == 1).all()


def test_several_people_are_kept_apart():
    people, _ = follow([Actor(100), Actor(400), Actor(550)])
    assert sorted(float(p.landmarks[0, 0, 0]) for p in people.people) == [100, 400, 550]
    assert [len(p.frames) for p in people.people] == [120] * 3


def test_who_comes_later_is_met_within_a_second():
    people, _ = follow([Actor(100), Actor(400, first=50)], frames=150)
    late = max(people.people, key=lambda p: p.frames[0])
    assert 50 <= late.frames[0] <= 82


def test_who_goes_and_comes_back_is_one_athlete_again():
    here, back = Actor(100, last=59), Actor(104, first=75)
    people, _ = follow([here, back], frames=150)
    assert len(people.people) == 2
    motion, chosen = choose_athlete(standing(people), Scene(150))
    seen = np.isfinite(motion.image_position.values[:, 0, 0])
    assert seen[:60].all() and not seen[60:75].any() and seen[110:].all()
    assert chosen.people_seen == 1


def standing(people):
    """Give the made-up people a body, so that they have a size."""
    heights = {"shoulder": -60.0, "hip": 0.0, "knee": 50.0, "ankle": 100.0}
    for person in people.people:
        for i, name in enumerate(KEYPOINTS):
            joint = name.split("_")[-1]
            person.landmarks[:, i, 1] = 300 + heights.get(joint, 0.0)
    return people


def test_nobody_costs_few_looks():
    people, detector = follow([Actor(100, first=10**6)], frames=300)
    assert people.people == ()
    assert detector.close_looks <= 6
    assert detector.looks <= 42


@pytest.mark.parametrize("crew", [1, 2, 3])
def test_frames_left_over_at_the_end_are_not_lost(crew):
    people, _ = follow([Actor(200)], frames=31, crew=crew)
    assert len(people.time_s) == 31
    assert people.people[0].frames.tolist() == list(range(31))


def test_an_error_while_decoding_is_not_swallowed():
    class Broken(Scene):
        def __iter__(self):
            yield from list(super().__iter__())[:3]
            raise RuntimeError("damaged")

    with pytest.raises(RuntimeError, match="damaged"):
        follow_people(Broken(10), Detector([]), [landmarker([Actor(0)])])


def body(frames, lying, moves, x=0.0, size=1.0):
    """Landmarks of somebody who stands or lies, and bends the hips or not."""
    landmarks = np.zeros((frames, N, 7), np.float32)
    bend = np.sin(np.linspace(0, 12, frames)) * (40 if moves else 0)
    places = {"shoulder": (0, -100), "hip": (0, 0), "knee": (60, 40), "ankle": (60, 120)}
    for i, name in enumerate(KEYPOINTS):
        joint = next((joint for joint in places if name.endswith(joint)), "hip")
        px, py = places[joint]
        py = py + (bend if joint == "hip" else 0)
        pair = (-py, px) if lying else (px, py)
        landmarks[:, i, 0], landmarks[:, i, 1] = (
            x + size * np.asarray(pair[0]),
            300 + size * np.asarray(pair[1]),
        )
    return Person(np.arange(frames), landmarks)


def choose(*persons, movement=None, frames=100):
    people = People(np.arange(frames) / 30, persons)
    motion, chosen = choose_athlete(people, Scene(frames), movement)
    return float(np.nanmean(motion.image_position.sel(keypoint="left_knee").values[:, 0])), chosen


def test_the_one_who_moves_is_the_athlete():
    mover, watcher = body(100, False, True, x=100), body(100, False, False, x=500)
    assert choose(watcher, mover)[0] < 300
    assert choose(mover, watcher)[1].people_seen == 2


def test_the_one_on_the_floor_is_the_athlete_of_a_bridge():
    lying, squatting = body(100, True, True, x=100), body(100, False, True, x=500, size=1.5)
    assert choose(squatting, lying)[0] < 300
    assert choose(squatting, lying, movement="glute_bridge")[0] < 300


def test_a_passer_by_is_not_the_athlete():
    athlete, passer_by = body(100, False, True, x=100), body(20, False, True, x=500, size=1.3)
    assert choose(passer_by, athlete)[0] < 300


def test_a_glimpse_is_nobody():
    with pytest.raises(NobodyFound, match="film from the side"):
        choose(body(2, False, True))
    with pytest.raises(NobodyFound):
        choose()


def test_regions_follow_the_body_round():
    upright = region_around(np.array([100.0, 100.0]), np.array([100.0, 0.0]))
    assert upright == Region(100.0, 100.0, 250.0, pytest.approx(0.0))
    assert region_around(np.array([0.0, 0.0]), np.array([100.0, 0.0])).turn_rad == pytest.approx(np.pi / 2)
