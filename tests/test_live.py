"""The coach who watches: believing, saying, ending, and what the camera must see; on real pixels where it can be."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from multiprocessing import active_children
from pathlib import Path

import cv2
import numpy as np
import pytest

from hipdrive import live
from hipdrive.analysis import Settings, examine
from hipdrive.errors import HipdriveError, NobodyFound
from hipdrive.live import (
    IDLE_S,
    LONGEST_SET_S,
    QUIET_S,
    SAME_AGAIN_S,
    SETTLED_S,
    UNSEEN_S,
    UP_S,
    Asked,
    Beside,
    LiveCoach,
    Sight,
    Standing,
    Tally,
    Voice,
    why_over,
)
from hipdrive.movements import named
from hipdrive.pose import People
from hipdrive.results import JudgedCue, JudgedRepetition, Verdict
from hipdrive.video import Clip, Frame, read_clip

EXAMPLES = Path(__file__).parent.parent / "examples"
BRIDGES = ["1_good", "2_low_hips", "3_toes_up", "4_feet_far_fast", "5_knees", "6_single_leg"]
WALKS = ["1_good", "2_valgus", "3_feet_close", "4_drag_snap", "5_upright_bob", "6_lean_tilt"]
CLIPS = [f"bridge_{name}" for name in BRIDGES] + [f"monster_{name}" for name in WALKS]


# -- believing, without pictures ---------------------------------------------------------------------------------------


def repetition(start_s: float, seconds: float = 2.0, **verdicts: Verdict) -> JudgedRepetition:
    """A whole one, good in everything that is not said otherwise."""
    cues = {}
    for cue in named("glute_bridge").cues:
        verdict = verdicts.get(cue.id, "good")
        low, high = cue.band.good
        good = low if np.isfinite(low) else high
        value = good if verdict == "good" else cue.band.limit[0] - 2 * cue.error
        cues[cue.id] = JudgedCue(value, cue.unit, cue.error, verdict, None)
    return JudgedRepetition(1, "both", None, start_s, start_s + 0.5, start_s + 1, start_s + seconds, True, cues)


class TestTally:
    def test_counts_once_what_every_look_shows_again(self):
        tally = Tally()
        first, second = repetition(1.0), repetition(4.0)
        assert tally.add([first], 3.5) == 1
        assert tally.add([replace(first, end_s=3.3)], 4.0) == 0
        assert tally.add([first, second], 7.0) == 1
        assert [one.index for one in tally.repetitions] == [1, 2]

    def test_waits_until_it_has_settled(self):
        tally = Tally()
        assert tally.add([repetition(1.0)], 3.0 + SETTLED_S / 2) == 0
        assert tally.add([repetition(1.0)], 3.0 + SETTLED_S) == 1

    def test_does_not_count_what_is_cut_off(self):
        assert Tally().add([replace(repetition(1.0), complete=False)], 9.0) == 0

    def test_takes_nothing_back(self):
        tally = Tally()
        tally.add([repetition(1.0)], 9.0)
        tally.add([], 12.0)
        assert tally.count == 1


class TestTheEnd:
    STANDING = Standing(count=3, under_way=False, idle_s=1.0, up_s=0.0, unseen_s=0.0, lasted_s=60.0)

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"idle_s": IDLE_S}, "no repetition has begun"),
            ({"up_s": UP_S, "idle_s": UP_S}, "left your place"),
            ({"unseen_s": UNSEEN_S}, "nobody has been in view"),
            ({"lasted_s": LONGEST_SET_S, "count": 0}, "10 minutes"),
        ],
    )
    def test_says_why(self, change, words):
        assert words in (why_over(replace(self.STANDING, **change)) or "")

    @pytest.mark.parametrize(
        "change",
        [
            {},
            {"under_way": True, "idle_s": 45.0},  # a long hold
            {"count": 0, "idle_s": 45.0, "up_s": 45.0, "unseen_s": 45.0},  # it has not begun
            {"up_s": UP_S, "idle_s": UP_S / 2},  # lost for a moment
        ],
    )
    def test_goes_on(self, change):
        assert why_over(replace(self.STANDING, **change)) is None


class TestVoice:
    BRIDGE = named("glute_bridge")

    def hear(self, *faults: dict[str, Verdict], voice: Voice | None = None, every_s: float = 4.0) -> list:
        """What is said after each repetition."""
        voice, counted, said = voice or Voice(), [], []
        for number, verdicts in enumerate(faults):
            counted.append(repetition(every_s * number, **verdicts))
            said.append(voice.heed(self.BRIDGE, counted, every_s * number + 3))
        return said

    def test_once_is_chance(self):
        assert self.hear({"straight_line": "fault"}, {}, {"straight_line": "fault"})[:2] == [None, None]
        assert self.hear({"straight_line": "fault"}) == [None]

    def test_twice_is_said_in_the_words_of_the_cue(self):
        said = self.hear({"straight_line": "fault"}, {"straight_line": "fault"})
        assert said[1].about == "straight_line"
        assert said[1].say == self.BRIDGE.cue("straight_line").too_low
        assert said[1].next == self.BRIDGE.cue("straight_line").next

    def test_the_weightiest_first_and_the_next_one_later(self):
        both: dict[str, Verdict] = {"hold_at_top": "fault", "straight_line": "fault"}
        said = self.hear(both, both, both, both)
        assert said[1].about == "straight_line"
        assert said[2] is None, "too soon"
        assert said[3].about == "hold_at_top"

    def test_not_what_was_good_in_between(self):
        flat: dict[str, Verdict] = {"toes_lifted": "fault"}
        assert self.hear({}, flat, flat)[-1] is None
        assert self.hear({}, flat, flat, flat)[-1].about == "toes_lifted"

    def test_is_quiet_in_between(self):
        faults: dict[str, Verdict] = {cue.id: "fault" for cue in self.BRIDGE.cues if np.isfinite(cue.band.limit[0])}
        voice = Voice()
        said = [one for one in self.hear(*[faults] * 40, voice=voice, every_s=1.5) if one]
        assert np.diff([one.at_s for one in said]).min() >= QUIET_S
        for cue_id in faults:
            times = [one.at_s for one in said if one.about == cue_id]
            assert len(times) < 2 or np.diff(times).min() >= SAME_AGAIN_S

    @pytest.mark.parametrize("verdict", ["check", "not_judged"])
    def test_does_not_say_what_is_not_sure(self, verdict):
        doubts: dict[str, Verdict] = {cue.id: verdict for cue in self.BRIDGE.cues}
        assert not any(self.hear(*[doubts] * 8))

    def test_praises_now_and_then_and_not_for_the_same(self):
        said = [one for one in self.hear(*[{}] * 20) if one]
        assert {one.kind for one in said} == {"praise"}
        assert 2 <= len(said) <= 4
        assert len({one.about for one in said}) == len(said)

    def test_tells_who_has_mended_it(self):
        low: dict[str, Verdict] = {"straight_line": "fault"}
        said = [one for one in self.hear(low, low, {}, {}, {}, {}) if one]
        assert [(one.kind, one.about) for one in said[:2]] == [("fault", "straight_line"), ("praise", "straight_line")]


# -- on real pixels ----------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def seldom(monkeypatch):
    """Look less often than for an athlete who waits: the answers are the same, and the tests shorter."""
    monkeypatch.setattr(live, "LOOK_EVERY_S", 0.4)


def watch(frames: Iterator[Frame], movement: str | None = None) -> tuple[list[Sight], LiveCoach]:
    """All that the coach sees in these frames."""
    coach = LiveCoach(movement, aside=False)
    return [coach.see(frame.image, frame.time_s) for frame in frames], coach


def then_still(frames: Iterator[Frame], seconds: float = 1.0) -> Iterator[Frame]:
    """The frames, and the last one for a while longer, so that the last repetition has time to settle."""
    last = None
    for frame in frames:
        yield frame
        last = frame
    assert last is not None
    for later_s in np.arange(0.1, seconds, 0.1):
        yield replace(last, time_s=last.time_s + float(later_s))


def every(path: Path, step: int = 1) -> Iterator[Frame]:
    return (frame for frame in read_clip(path) if frame.index % step == 0)


def must_hold(sights: list[Sight]) -> None:
    """What is so for every set of one person whom the camera sees well."""
    assert [sight.hint for sight in sights if sight.hint] == []
    counts = [sight.count for sight in sights]
    assert counts == sorted(counts)
    assert not any(sight.ended for sight in sights)


@pytest.mark.usefixtures("weights")
def test_bridges_of_the_example():
    sights, coach = watch(every(EXAMPLES / "bridge.mp4", 3), "glute_bridge")
    must_hold(sights)
    examined = coach.finish()
    assert sights[-1].count == len(examined.analysis.complete_repetitions) == 4
    assert {sight.phase for sight in sights} >= {"raise", "top", "lower", "rest"}
    assert not any(sight.cue and sight.cue.kind == "fault" for sight in sights)
    assert examined.clip is None
    assert examined.analysis.source.kind == "video"


@pytest.mark.slow
@pytest.mark.usefixtures("weights")
@pytest.mark.parametrize("step", [1, 2])
@pytest.mark.parametrize("name", CLIPS)
def test_counts_as_a_file_does(name, step, test_data):
    """Same pictures, same count; what is said was at fault in the file, too; all is quiet about the camera."""
    path = test_data / "synthetic" / f"{name}.mp4"
    sights, coach = watch(then_still(every(path, step)), "glute_bridge" if "bridge" in name else "monster_walk")
    must_hold(sights)
    analysis = coach.finish().analysis
    assert sights[-1].count == len(analysis.complete_repetitions)
    if step == 1:
        assert sights[-1].count == len(from_file(path).complete_repetitions)
    faults = {sight.cue.about for sight in sights if sight.cue and sight.cue.kind == "fault"}
    at_fault = {cue_id for cue_id, verdict in analysis.set.items() if verdict.repetitions_at_fault >= 2}
    assert faults <= at_fault
    if name.endswith("good"):
        assert not faults


@cache
def from_file(path: Path):
    movement = "glute_bridge" if "bridge" in path.name else "monster_walk"
    return examine(path, Settings(movement, "fast")).analysis


@pytest.mark.slow
@pytest.mark.usefixtures("weights")
@pytest.mark.parametrize(("name", "movement"), [("bridge", "glute_bridge"), ("walk", "monster_walk")])
def test_recognises_the_movement(name, movement):
    sights, coach = watch(every(EXAMPLES / f"{name}.mp4", 2))
    assert sights[-1].movement == movement
    assert sights[-1].count == len(coach.finish().analysis.complete_repetitions) > 0


@pytest.mark.slow
@pytest.mark.usefixtures("weights")
def test_looking_aside_counts_the_same():
    """In a process of its own, at the pace of the pictures or quicker."""
    coach = LiveCoach("glute_bridge")
    counts = [coach.see(frame.image, frame.time_s).count for frame in every(EXAMPLES / "bridge.mp4", 2)]
    assert counts == sorted(counts)
    assert len(coach.finish().analysis.complete_repetitions) == 4


@pytest.mark.slow
@pytest.mark.usefixtures("weights")
def test_the_set_ends_by_itself_when_the_athlete_lies_still():
    frames = list(every(EXAMPLES / "bridge.mp4", 2))
    sights, coach = watch(then_still(iter(frames), IDLE_S + 3), "glute_bridge")
    assert "no repetition has begun" in (sights[-1].ended or "")
    assert next(sight.time_s for sight in sights if sight.ended) > frames[-1].time_s
    assert len(coach.finish().analysis.complete_repetitions) == 4


# -- what the camera must see ------------------------------------------------------------------------------------------


def first_s(path: Path, seconds: float = 2.5, step: int = 3) -> list[Frame]:
    return [frame for frame in every(path, step) if frame.time_s < seconds]


def hints(frames: list[Frame], movement: str | None = "glute_bridge") -> set[str]:
    sights, _ = watch(iter(frames), movement)
    return {sight.hint.code for sight in sights if sight.hint}


def changed(frames: list[Frame], change) -> list[Frame]:
    return [replace(frame, image=np.ascontiguousarray(change(frame.image))) for frame in frames]


@pytest.mark.usefixtures("weights")
class TestHints:
    BRIDGE = EXAMPLES / "bridge.mp4"

    def test_nothing_to_say_of_a_good_place(self):
        assert hints(first_s(self.BRIDGE)) == set()

    def test_nobody(self):
        assert hints(changed(first_s(self.BRIDGE), lambda image: np.full_like(image, 120))) == {"nobody"}

    def test_dark(self):
        assert hints(changed(first_s(self.BRIDGE), lambda image: image // 32)) <= {"dark"}
        assert hints(changed(first_s(self.BRIDGE), lambda image: np.full_like(image, 9))) == {"dark"}

    def test_too_few_pictures(self):
        assert hints(first_s(self.BRIDGE, 3.5, 15)) == {"slow"}

    def test_feet_out_of_the_picture(self):
        frames = first_s(self.BRIDGE)
        coach = LiveCoach("glute_bridge", aside=False)
        landmarks = coach.see(frames[0].image, 0.0).landmarks
        assert landmarks is not None
        knee_x, ankle_x = landmarks[[25, 26], 0].mean(), landmarks[[27, 28], 0].mean()
        edge = int((knee_x + ankle_x) / 2)

        def cropped(image):
            return image[:, :edge] if ankle_x > knee_x else image[:, edge:]

        assert hints(changed(frames, cropped)) == {"out_of_picture"}

    def test_small(self):
        def far(image):
            room = np.full((1440, 2560, 3), image.mean((0, 1)), np.uint8)
            small = cv2.resize(image, None, fx=0.9, fy=0.9, interpolation=cv2.INTER_AREA)
            room[500 : 500 + small.shape[0], 800 : 800 + small.shape[1]] = small
            return room

        assert "small" in hints(changed(first_s(self.BRIDGE, 2.2), far))

    def test_somebody_else(self):
        walk = [frame.image for frame in first_s(EXAMPLES / "walk.mp4")]
        frames = first_s(self.BRIDGE)

        def beside(frame, other):
            standing = cv2.resize(other[:, 150:400], (375, 540))
            return replace(frame, image=np.hstack([frame.image[:, 130:790], standing]))

        both = [beside(frame, other) for frame, other in zip(frames, walk, strict=False)]
        assert hints(both) == {"somebody_else"}

    def test_not_facing_the_camera(self):
        """Who stands still and shows the side is told to turn for a walk; who faces the camera is not."""
        side = next(every(EXAMPLES / "run_side.mp4"))
        assert hints([replace(side, time_s=number / 10) for number in range(30)], "monster_walk") == {"view"}
        assert hints(first_s(EXAMPLES / "walk.mp4"), "monster_walk") == set()

    def test_turned_phone_is_no_trouble(self):
        """The picture of a phone that stands upright while the athlete lies: the body goes from top to bottom."""
        assert "nobody" not in hints(changed(first_s(self.BRIDGE), np.rot90))


class TestBeside:
    def test_an_end_that_nobody_asked_for_is_told(self):
        beside = Beside()
        until_s = time.monotonic() + 120
        while not beside.free and time.monotonic() < until_s:
            assert beside.answer() is None
            time.sleep(0.05)
        assert beside.free, "it has begun"
        (process,) = [child for child in active_children() if child.name == "look"]
        process.kill()
        process.join()
        nobody = People(np.empty(0), ())
        with pytest.raises(HipdriveError, match="begin the set again"):
            beside.ask(Asked(nobody, Clip(Path("live"), 64, 48, 0.0, 0.0), Settings(), False, 0.0))
            beside.answer()
        beside.close()
        beside.close()
        assert not [child for child in active_children() if child.name == "look"]


class TestPictures:
    def test_no_set_without_pictures(self):
        class Nobody:
            def find(self, image):
                return []

            find_small = find_lying = find

        from hipdrive.pose.estimate import Following

        coach = LiveCoach("glute_bridge", aside=False, following=Following(Nobody(), lambda image, region: None))
        with pytest.raises(NobodyFound):
            coach.finish()
        coach.see(np.zeros((48, 64, 3), np.uint8), 5.0)
        assert coach.see(np.zeros((48, 64, 3), np.uint8), 4.0).time_s == 0.0, "an old picture is not looked at"
        with pytest.raises(HipdriveError, match="size"):
            coach.see(np.zeros((64, 48, 3), np.uint8), 6.0)
        with pytest.raises(NobodyFound):
            coach.finish()

    def test_a_run_is_not_coached_live(self):
        with pytest.raises(HipdriveError, match="have the film looked at"):
            LiveCoach("running")
