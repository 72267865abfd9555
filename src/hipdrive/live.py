"""The coach who watches: counts and says one thing at a time while the athlete exercises before a camera.

The road is that of a file (`hipdrive.analysis.prepare_people`), gone again several times a second over the last
seconds, so that a measure has one implementation. What is new here is only when to believe it: a repetition counts
once it is over and has settled, and is never taken back; a cue is said when it is surely at fault more than once; and
in the end all that was seen is examined as if it had been a file, and that count is the one that is told.

Pictures are looked at in one process and the road is gone in another (`Beside`), as threads of one process wait for
each other at every small step of Python: they halve the number of pictures.
"""

from __future__ import annotations

import gc
import itertools
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from hipdrive.analysis import Examined, Settings, examine_people, judge_repetition, prepare_people
from hipdrive.errors import HipdriveError, NobodyFound
from hipdrive.motion import View, find_view, new_motion
from hipdrive.movements import Movement, Prepared, Runner, judge_set, named
from hipdrive.movements.movement import SURE_ENOUGH
from hipdrive.movements.repetition import Repetition
from hipdrive.pose import KEYPOINTS, People
from hipdrive.pose.estimate import Following, follow_camera
from hipdrive.pose.landmarker import Pose
from hipdrive.results import JudgedRepetition
from hipdrive.video import Clip

Array = NDArray[np.float64]
Image = NDArray[np.uint8]
Phase = Literal["rest", "raise", "top", "lower"]

# What follows are proposals, set so that a coach would not talk more, unless a source is named.
# -- how much is looked at, and how often --
LOOK_EVERY_S: Final = 0.1  # or as often as a look takes, if that is longer
WINDOW_S: Final = 15.0  # two slow repetitions
BEFORE_LAST_S: Final = 3.0  # a long hold is looked at from this long before it
LONGEST_WINDOW_S: Final = 90.0
# -- counting --
# After its end, when a filter of 6 Hz has seen enough of what came next. In 13
# sets (62 repetitions) the count was right with any from 0 to 0.4 s; with 0.2 none was counted before the end that the
# whole set shows, with 0 up to 0.45 s.
SETTLED_S: Final = 0.2
JUST_S: Final = 0.25  # at the top for less may still be the way up
# -- saying --
LATEST: Final = 3  # repetitions that a sentence is about
LEAST_AT_FAULT: Final = 2  # of them; once is chance
QUIET_S: Final = 6.0
SAME_AGAIN_S: Final = 20.0
PRAISE_EVERY: Final = 5  # repetitions
SHOWN_S: Final = 5.0
# -- what the camera must see --
RECENT_S: Final = 1.5
MOSTLY: Final = 0.6  # of the recent pictures
LEAST_RATE_HZ: Final = 8.0  # example clips at 10 are counted as at 30
LEAST_BODY: Final = 0.25  # of the long side; smaller bodies are lost now and then (measured on photographs)
DARK: Final = 40.0  # mean grey, 0 to 255; asked only where nobody is found
STILL_TRUNKS: Final = 0.3  # hips that move less than this are not walking to their place
LYING_DEG: Final = 55.0  # trunk from upright
# -- the end --
IDLE_S: Final = 10.0
UP_S: Final = 3.0
UNSEEN_S: Final = 5.0
# So that memory is bounded: 17 MB of landmarks of each person at 30 pictures a second.
LONGEST_SET_S: Final = 600.0
LEAST_STEP_S: Final = 1 / 120

_PARTS: Final = {
    "feet": ("left_ankle", "right_ankle", "left_heel", "right_heel", "left_foot_index", "right_foot_index"),
    "knees": ("left_knee", "right_knee"),
    "hips": ("left_hip", "right_hip"),
    "shoulders": ("left_shoulder", "right_shoulder"),
}
_HIPS: Final = [KEYPOINTS.index(name) for name in _PARTS["hips"]]
_SHOULDERS: Final = [KEYPOINTS.index(name) for name in _PARTS["shoulders"]]


@dataclass(frozen=True)
class Hint:
    """What stands in the way of seeing well.

    Attributes
    ----------
    code : {"slow", "nobody", "dark", "out_of_picture", "small", "somebody_else", "view"}
    say : str
    """

    code: str
    say: str


@dataclass(frozen=True)
class Said:
    """One sentence of the coach.

    Attributes
    ----------
    number : int
        1 for the first of the set: what has a new number is new.
    about : str
        Id of the cue.
    kind : {"fault", "praise"}
    say : str
        One short sentence.
    next : str
        What to do, in a sentence; empty for praise.
    at_s : float
    """

    number: int
    about: str
    kind: Literal["fault", "praise"]
    say: str
    next: str
    at_s: float


@dataclass(frozen=True, eq=False)
class Sight:
    """What the coach sees now.

    Attributes
    ----------
    time_s : float
        Of the picture, since the first.
    landmarks : ndarray of float, shape (33, 3), or None
        Of the athlete: x and y [px of the picture], confidence.
    hint : Hint or None
        None when all is well.
    movement : str or None
        Id, once it is known.
    count : int
        Repetitions so far; it never falls.
    phase : {"rest", "raise", "top", "lower"} or None
        None before the first movement.
    phase_s : float
        How long it has lasted.
    cue : Said or None
        The one sentence that holds now.
    ended : str or None
        Why the set is over.
    """

    time_s: float
    landmarks: Array | None
    hint: Hint | None = None
    movement: str | None = None
    count: int = 0
    phase: Phase | None = None
    phase_s: float = 0.0
    cue: Said | None = None
    ended: str | None = None


class LiveCoach:
    """Watches one set, picture by picture.

    Pictures must come from one thread, one after the other; the caller drops those that come while one is looked at.

    Parameters
    ----------
    movement : str or None
        Id of the exercise; recognised when None, which takes some repetitions.
    quality : {"fast", "standard", "best"}
        "fast" keeps up with a camera.
    runner : Runner, optional
    runtime : {"litert", "openvino"}
    aside : bool
        Go the road in a process of its own, so that the picture does not stop meanwhile. False gives the same answers
        for the same pictures, every time.
    following : Following, optional
        Who finds the people; by default the networks.

    Raises
    ------
    WeightsMissing
        When the networks are not on this machine.
    HipdriveError
        When movement, quality or runtime are unknown, or it is a run.

    Examples
    --------
    >>> coach = LiveCoach("glute_bridge")  # doctest: +SKIP
    >>> for picture, time_s in camera:  # doctest: +SKIP
    ...     sight = coach.see(picture, time_s)
    ...     if sight.ended:
    ...         break
    >>> analysis = coach.finish().analysis  # doctest: +SKIP
    """

    def __init__(
        self,
        movement: str | None = None,
        quality: str = "fast",
        *,
        runner: Runner | None = None,
        runtime: str = "litert",
        aside: bool = True,
        following: Following | None = None,
    ) -> None:
        self._settings = Settings(movement, quality, runner or Runner(), runtime=runtime)
        if movement is not None and not named(movement).cues:
            raise HipdriveError("a run is not coached live: film it, and have the film looked at")
        self._following = following or follow_camera(quality, runtime)
        self._looks: Looks = Beside() if aside else Within()
        self._first_s: float | None = None
        self._size_px = (0, 0)
        self._due_s = LOOK_EVERY_S
        self._movement = named(movement) if movement else None
        self._is_it = False
        self._now = Now()
        self._tally = Tally()
        self._voice = Voice()
        self._glance = _Glance()
        self._hint: Hint | None = None
        self._sight: Sight | None = None

    def see(self, picture: Image, time_s: float) -> Sight:
        """Look at the next picture.

        Parameters
        ----------
        picture : ndarray of uint8, shape (height, width, 3)
            RGB, upright; all of one size.
        time_s : float
            When it was taken, by any clock. A picture that is hardly later than the one before, or earlier, is not
            looked at.

        Returns
        -------
        Sight

        Raises
        ------
        HipdriveError
            When the picture has another size than those before.
        """
        height, width = picture.shape[:2]
        if self._first_s is None:
            self._first_s, self._size_px = time_s, (width, height)
        if (width, height) != self._size_px:
            raise HipdriveError("the picture has changed its size: begin the set again, and leave the phone as it is")
        time_s -= self._first_s
        if self._sight is not None and (self._sight.ended or time_s < self._sight.time_s + LEAST_STEP_S):
            return self._sight
        poses = self._following.see(picture, time_s)
        self._glance.add(time_s, poses, picture)
        self._go_the_road(time_s)
        self._sight = self._seen(time_s)
        return self._sight

    @property
    def ready(self) -> bool:
        """Whether it can count by now; what it sees before is not lost."""
        self._take(self._looks.answer())
        return self._looks.free

    def finish(self, name: str = "live") -> Examined:
        """Examine all that was seen, as if it came from a file.

        Parameters
        ----------
        name : str
            What the set is called.

        Returns
        -------
        Examined
            Its repetitions are what is told in the end.

        Raises
        ------
        NobodyFound
            When nobody was seen for long enough.
        """
        self.close()
        return examine_people(self._following.people(), self._camera(name), self._settings)

    def close(self) -> None:
        """Stop looking."""
        self._looks.close()

    # -- the road over the last seconds -----------------------------------------------------------------------------

    def _go_the_road(self, time_s: float) -> None:
        self._take(self._looks.answer())
        if time_s < self._due_s:
            return
        self._hint = self._glance.hint(self._size_px, self._movement if self._tally.count == 0 else None)
        if not self._looks.free:
            return
        self._due_s = time_s + LOOK_EVERY_S
        people = self._following.people(self._window_from_s(time_s))
        settings = replace(self._settings, movement=self._movement.id if self._movement else None)
        self._looks.ask(Asked(people, self._camera("live"), settings, self._is_it, self._tally.end_s))
        self._take(self._looks.answer())

    def _window_from_s(self, time_s: float) -> float:
        since_last_s = self._tally.end_s - BEFORE_LAST_S
        return max(min(time_s - WINDOW_S, since_last_s), time_s - LONGEST_WINDOW_S)

    def _camera(self, name: str) -> Clip:
        return Clip(Path(name), *self._size_px, rate_hz=0.0, duration_s=0.0)

    def _take(self, look: Look | None) -> None:
        """Believe what a look has shown, as far as it can be believed."""
        if look is None:
            return
        movement = named(look.movement)
        if not self._is_it:
            # who says what it is needs little likeness, but getting down on the mat is no bridge
            self._is_it = look.likeness > 0 if self._settings.movement else look.likeness >= SURE_ENOUGH
            if self._is_it:
                self._movement = movement
        self._now = look.now
        self._glance.follow(look)
        if self._is_it and self._tally.add(look.repetitions, look.now.until_s):
            self._voice.heed(movement, self._tally.repetitions, look.now.until_s)

    # -- what is told ----------------------------------------------------------------------------------------------

    def _seen(self, time_s: float) -> Sight:
        phase, phase_s = self._now.phase if self._is_it else None, time_s - self._now.phase_from_s
        standing = Standing(
            count=self._tally.count,
            # the top may be held for as long as one can; who takes longer on the way has stopped on it
            under_way=phase == "top" or (phase in ("raise", "lower") and phase_s < IDLE_S),
            idle_s=self._now.until_s - self._tally.end_s,  # as of the last look, which may be slow in coming
            up_s=self._now.until_s - self._now.in_position_until_s,
            unseen_s=time_s - self._glance.seen_until_s,
            lasted_s=time_s,
        )
        return Sight(
            time_s,
            self._glance.landmarks,
            self._hint,
            self._movement.id if self._movement else None,
            self._tally.count,
            phase,
            phase_s if phase else 0.0,
            self._voice.now(time_s),
            why_over(standing),
        )


# -- a look over the last seconds ------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Asked:
    """What a look is about.

    Attributes
    ----------
    people : People
        Everybody in the last seconds.
    camera : Clip
    settings : Settings
    is_it : bool
        Whether the movement is known by now.
    counted_until_s : float
        When the last repetition that counts has ended.
    """

    people: People
    camera: Clip
    settings: Settings
    is_it: bool
    counted_until_s: float


@dataclass(frozen=True, eq=False)
class Look:
    """What it has shown.

    Attributes
    ----------
    movement : str
    likeness : float
        How much it looks like that movement, 0 to 1; 1 where it was known.
    now : Now
    lies : bool
    place_px : ndarray, shape (2,), or None
        Where the athlete's hips were last seen.
    repetitions : list of JudgedRepetition
        The whole ones behind those that count.
    """

    movement: str
    likeness: float
    now: Now
    lies: bool
    place_px: Array | None
    repetitions: list[JudgedRepetition]


def look_at(asked: Asked) -> Look | None:
    """Go the road; None where there is nobody, or no exercise that is coached."""
    try:
        movement, prepared = prepare_people(asked.people, asked.camera, asked.settings)
    except NobodyFound:
        return None
    if movement is None or prepared is None or not movement.cues:
        return None
    likeness = 1.0 if asked.is_it else movement.recognise(prepared.motion, prepared.view).confidence
    hips = (prepared.point("left_hip") + prepared.point("right_hip")) / 2
    seen = np.flatnonzero(np.isfinite(hips).all(1))
    new = [one for one in prepared.repetitions if one.complete and is_new(one, asked.counted_until_s)]
    return Look(
        movement.id,
        likeness,
        Now.of(prepared),
        prepared.lies,
        hips[seen[-1]] if len(seen) else None,
        [judge_repetition(movement, prepared, one, number) for number, one in enumerate(new, 1)],
    )


class Looks(Protocol):
    """Where looks are taken, one after the other."""

    @property
    def free(self) -> bool:
        """Whether one can be asked for."""

    def ask(self, asked: Asked) -> None:
        """Ask for a look."""

    def answer(self) -> Look | None:
        """Return what has been shown since, if anything."""

    def close(self) -> None:
        """Take no more of them."""


class Within:
    """Looks are taken here and now."""

    def __init__(self) -> None:
        self.free = True
        self._look: Look | None = None

    def ask(self, asked: Asked) -> None:
        """Take the look."""
        self._look = look_at(asked)

    def answer(self) -> Look | None:
        """Return it, once."""
        look, self._look = self._look, None
        return look

    def close(self) -> None:
        """Do nothing: there is nothing to end."""


class Beside:
    """Looks are taken in a process of its own, which ends when this one does.

    It takes a second or two to be ready; it is not free until then.
    """

    def __init__(self) -> None:
        context = get_context("spawn")  # threads of this process may hold locks that a fork would copy
        self._here, there = context.Pipe()
        self._process = context.Process(target=_look_on, args=(there,), name="look", daemon=True)
        self._process.start()
        there.close()
        self._busy = True

    @property
    def free(self) -> bool:
        """Whether it has answered."""
        return not self._busy

    def ask(self, asked: Asked) -> None:
        """Send what to look at."""
        self._busy = True
        try:
            self._here.send(asked)
        except OSError:
            raise HipdriveError(GONE) from None

    def answer(self) -> Look | None:
        """Return the answer, if it is there."""
        try:
            if not self._busy or not self._here.poll():
                return None
            look: Look | None = self._here.recv()
        except (EOFError, OSError):
            raise HipdriveError(GONE) from None
        self._busy = False
        return look

    def close(self) -> None:
        """End the process."""
        if self._here.closed:
            return
        self._here.close()
        self._process.terminate()
        self._process.join()
        self._process.close()


GONE: Final = "the part that counts has ended, perhaps for want of memory: close other programs and begin the set again"


def _look_on(there: Connection) -> None:
    """Answer until the other side is gone."""
    gc.freeze()  # what was imported stays, and need not be looked through again and again
    there.send(None)
    while True:
        try:
            asked = there.recv()
        except (EOFError, KeyboardInterrupt):
            return
        there.send(look_at(asked))


# -- counting --------------------------------------------------------------------------------------------------------


@dataclass
class Tally:
    """Repetitions that count: none twice, none taken back.

    Attributes
    ----------
    repetitions : list of JudgedRepetition
        As they were judged when they had settled.
    """

    repetitions: list[JudgedRepetition] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many."""
        return len(self.repetitions)

    @property
    def end_s(self) -> float:
        """When the last one ended; 0 before the first."""
        return self.repetitions[-1].end_s if self.repetitions else 0.0

    def add(self, seen: Sequence[JudgedRepetition], until_s: float) -> int:
        """Count those that are whole, over, and have not been counted; tell how many are new."""
        before = self.count
        for one in seen:
            if one.complete and is_new(one, self.end_s) and one.end_s <= until_s - SETTLED_S:
                self.repetitions.append(replace(one, index=self.count + 1))
        return self.count - before


def is_new(repetition: JudgedRepetition | Repetition, counted_until_s: float) -> bool:
    """Whether it has not been counted: a look may move an end a little, no more."""
    return (repetition.start_s + repetition.end_s) / 2 > counted_until_s


@dataclass(frozen=True)
class Now:
    """How a look has found the athlete at its end.

    Attributes
    ----------
    until_s : float
        The look's last picture.
    phase : {"rest", "raise", "top", "lower"} or None
    phase_from_s : float
    in_position_until_s : float
        When the athlete was last where the exercise is done.
    """

    until_s: float = 0.0
    phase: Phase | None = None
    phase_from_s: float = 0.0
    in_position_until_s: float = 0.0

    @classmethod
    def of(cls, prepared: Prepared) -> Now:
        """Read it from the motion of the last seconds."""
        until_s = float(prepared.time_s[-1])
        inside = np.flatnonzero(prepared.in_position)
        position_s = float(prepared.time_s[inside[-1]]) if len(inside) else 0.0
        if not prepared.repetitions:
            return cls(until_s, in_position_until_s=position_s)
        last = prepared.repetitions[-1]
        phase: Phase
        if last.complete and last.end_s < until_s:
            phase, from_s = "rest", last.end_s
        elif until_s - last.top_start_s < JUST_S:
            phase, from_s = "raise", last.start_s
        elif last.top_end_s < last.end_s:
            phase, from_s = "lower", last.top_end_s
        else:
            phase, from_s = "top", last.top_start_s
        return cls(until_s, phase, from_s, position_s)


# -- the end -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """How far a set has come.

    Attributes
    ----------
    count : int
    under_way : bool
        Whether a repetition has begun.
    idle_s : float
        Since the last one ended.
    up_s : float
        Since the athlete was last where the exercise is done.
    unseen_s : float
        Since anybody was in view.
    lasted_s : float
    """

    count: int
    under_way: bool
    idle_s: float
    up_s: float
    unseen_s: float
    lasted_s: float


def why_over(standing: Standing) -> str | None:
    """Tell why a set is over, or None while it is not.

    Before the first repetition only the clock ends it.

    Examples
    --------
    >>> why_over(Standing(8, under_way=False, idle_s=11.0, up_s=0.0, unseen_s=0.0, lasted_s=70.0))
    'no repetition has begun for 10 s'
    >>> why_over(Standing(8, under_way=True, idle_s=40.0, up_s=0.0, unseen_s=0.0, lasted_s=70.0)) is None
    True
    """
    if standing.lasted_s >= LONGEST_SET_S:
        return f"a set lasts {LONGEST_SET_S / 60:.0f} minutes at most"
    if not standing.count:
        return None
    if standing.unseen_s >= UNSEEN_S:
        return f"nobody has been in view for {UNSEEN_S:.0f} s"
    if standing.up_s >= UP_S and standing.idle_s >= UP_S:
        return "you have left your place"
    if not standing.under_way and standing.idle_s >= IDLE_S:
        return f"no repetition has begun for {IDLE_S:.0f} s"
    return None


# -- saying ----------------------------------------------------------------------------------------------------------


@dataclass
class Voice:
    """Says little: what is surely at fault, the weightiest first, and now and then what is good."""

    last: Said | None = None
    said_s: dict[str, float] = field(default_factory=dict)
    praised_at: int = 0  # repetitions

    def now(self, time_s: float) -> Said | None:
        """Return the sentence that still holds."""
        return self.last if self.last is not None and time_s - self.last.at_s <= SHOWN_S else None

    def heed(self, movement: Movement, counted: Sequence[JudgedRepetition], time_s: float) -> Said | None:
        """Hear of new repetitions and say what there is to say about the latest; None for nothing."""
        if self.last is not None and time_s - self.last.at_s < QUIET_S:
            return None
        latest = counted[-LATEST:]
        at_fault = self._at_fault(movement, latest)
        for cue_id in at_fault:
            if time_s - self.said_s.get(cue_id, -np.inf) >= SAME_AGAIN_S:
                return self._say(movement, cue_id, latest, time_s)
        if not at_fault and (good := self._good(movement, latest)):
            mended = [cue_id for cue_id in good if cue_id in self.said_s and self.said_s[cue_id] != -np.inf]
            if mended or len(counted) - self.praised_at >= PRAISE_EVERY:
                self.praised_at = len(counted)
                return self._praise(movement, (mended or good)[0], time_s)
        return None

    @staticmethod
    def _at_fault(movement: Movement, latest: Sequence[JudgedRepetition]) -> list[str]:
        """Cues that are at fault, the last time included, and not good in between; the weightiest first."""
        verdicts = {cue.id: judge_set([one.cues[cue.id] for one in latest]) for cue in movement.cues}
        sure = [
            cue
            for cue in movement.cues
            if verdicts[cue.id].verdict == "fault"
            and verdicts[cue.id].repetitions_at_fault >= LEAST_AT_FAULT
            and latest[-1].cues[cue.id].verdict == "fault"
            and all(one.cues[cue.id].verdict != "good" for one in latest)
        ]
        sure.sort(key=lambda cue: (cue.weight, verdicts[cue.id].repetitions_at_fault), reverse=True)
        return [cue.id for cue in sure]

    def _good(self, movement: Movement, latest: Sequence[JudgedRepetition]) -> list[str]:
        """Cues that are good in every one of the latest, those not praised before and the weightiest first."""
        if len(latest) < LATEST:
            return []
        good = [cue for cue in movement.cues if all(one.cues[cue.id].verdict == "good" for one in latest)]
        good.sort(key=lambda cue: (cue.id not in self.said_s, cue.weight), reverse=True)
        return [cue.id for cue in good]

    def _say(self, movement: Movement, cue_id: str, latest: Sequence[JudgedRepetition], time_s: float) -> Said | None:
        cue = movement.cue(cue_id)
        values = [one.cues[cue_id].value for one in latest if one.cues[cue_id].verdict == "fault"]
        typical = float(np.median([value for value in values if value is not None]))
        self.said_s[cue_id] = time_s
        return self._speak(cue_id, "fault", cue.says(typical, "fault"), cue.next, time_s)

    def _praise(self, movement: Movement, cue_id: str, time_s: float) -> Said:
        self.said_s[cue_id] = -np.inf  # mended: it may be said again at once, and praised again only in its turn
        return self._speak(cue_id, "praise", movement.cue(cue_id).well_done, "", time_s)

    def _speak(self, about: str, kind: Literal["fault", "praise"], say: str, then: str, time_s: float) -> Said:
        self.last = Said(self.last.number + 1 if self.last else 1, about, kind, say, then, time_s)
        return self.last


# -- what the camera must see ----------------------------------------------------------------------------------------


class _Glance:
    """The last pictures: who is in them, where the athlete is, and what stands in the way of seeing well."""

    def __init__(self) -> None:
        self._recent: deque[tuple[float, int, Pose | None]] = deque()
        self._place_px: Array | None = None
        self._brightness = 255.0
        self._lies: bool | None = None  # as the last look has it
        self.seen_until_s = 0.0

    def add(self, time_s: float, poses: Sequence[Pose], picture: Image) -> None:
        """Take the next picture; the athlete is who is where the athlete was, or else the largest."""
        athlete = self._athlete(poses)
        if athlete is not None:
            self._place_px, self.seen_until_s = _middle(athlete, _HIPS), time_s
        else:
            self._brightness = float(picture[::8, ::8].mean())
        self._recent.append((time_s, len(poses), athlete))
        while self._recent[0][0] < time_s - RECENT_S:
            self._recent.popleft()

    def follow(self, look: Look) -> None:
        """Learn from a look who the athlete is."""
        self._lies = look.lies
        if look.place_px is not None:
            self._place_px = look.place_px

    @property
    def landmarks(self) -> Array | None:
        """The athlete now: x, y [px], confidence, shape (33, 3)."""
        athlete = self._recent[-1][2]
        return None if athlete is None else np.column_stack([athlete.image[:, :2], athlete.confidence])

    def hint(self, size_px: tuple[int, int], to_begin: Movement | None) -> Hint | None:
        """What is in the way; before the set begins also where the camera stands."""
        if self._recent[-1][0] < RECENT_S:
            return None
        if len(self._recent) < LEAST_RATE_HZ * RECENT_S:
            return Hint("slow", "Too few pictures arrive: close other programs, or come nearer to the network.")
        seen = [(time_s, pose) for time_s, _, pose in self._recent if pose is not None]
        if len(seen) < (1 - MOSTLY) * len(self._recent):
            if self._brightness < DARK:
                return Hint("dark", "It is dark here: put on a light.")
            return Hint("nobody", "Nobody is in the picture: go where the camera sees all of you.")
        poses = [pose for _, pose in seen]
        hint = _out_of_picture(poses, size_px) or _too_small(poses, size_px)
        if hint is None and np.mean([people > 1 for _, people, _ in self._recent]) > MOSTLY:
            hint = Hint("somebody_else", "Somebody else is in the picture: only one of you is counted.")
        if hint is None and to_begin is not None and len(seen) == len(self._recent):
            hint = self._wrong_view(seen, size_px, to_begin)
        return hint

    def _athlete(self, poses: Sequence[Pose]) -> Pose | None:
        if not poses:
            return None
        if self._place_px is None:
            return max(poses, key=lambda pose: pose.next_region.size_px)
        place_px = self._place_px
        return min(poses, key=lambda pose: float(np.linalg.norm(_middle(pose, _HIPS) - place_px)))

    def _wrong_view(
        self, seen: Sequence[tuple[float, Pose]], size_px: tuple[int, int], to_begin: Movement
    ) -> Hint | None:
        """Say how to turn to who has taken place and is not seen from where the exercise is judged."""
        poses = [pose for _, pose in seen]
        hips = np.array([_middle(pose, _HIPS) for pose in poses])
        trunk = np.median([_middle(pose, _SHOULDERS) for pose in poses], axis=0) - np.median(hips, axis=0)
        if np.ptp(hips, axis=0).max() > STILL_TRUNKS * np.linalg.norm(trunk):
            return None
        lies = np.degrees(np.arctan2(abs(trunk[0]), -trunk[1])) > LYING_DEG
        if lies != self._lies:
            return None
        landmarks = np.array([np.hstack([pose.image, pose.world, pose.confidence[:, None]]) for pose in poses])
        motion = new_motion(
            np.array([time_s for time_s, _ in seen]),
            landmarks,
            source="live",
            width_px=size_px[0],
            height_px=size_px[1],
        )
        return _turn(find_view(motion)[1], to_begin)


def _middle(pose: Pose, joints: list[int]) -> Array:
    return np.asarray(pose.image[joints, :2].mean(0))


def _out_of_picture(poses: Sequence[Pose], size_px: tuple[int, int]) -> Hint | None:
    """Name the part of the body that is beyond the edge in most pictures."""
    places = np.array([pose.image[:, :2] for pose in poses])
    outside = np.asarray(((places < 0) | (places > size_px)).any(-1))
    for part, names in _PARTS.items():
        joints = [KEYPOINTS.index(name) for name in names]
        if outside[:, joints].any(1).mean() > MOSTLY:
            return Hint("out_of_picture", f"Your {part} are out of the picture: put the camera farther away.")
    return None


def _too_small(poses: Sequence[Pose], size_px: tuple[int, int]) -> Hint | None:
    joints = [KEYPOINTS.index(name) for name in itertools.chain(*_PARTS.values())]
    bodies = [np.ptp(pose.image[joints, :2], axis=0).max() for pose in poses]
    if np.median(bodies) < LEAST_BODY * max(size_px):
        return Hint("small", "You are small in the picture: put the camera nearer.")
    return None


def _turn(view: View, movement: Movement) -> Hint | None:
    """Say how to turn where the view is another one than most cues of the movement want."""
    wanted = movement.cues[0].views
    if view.id == "unknown" or view.id in wanted:
        return None
    if "side" in wanted:
        return Hint("view", "Turn until the camera sees you straight from the side.")
    return Hint("view", "Turn until you face the camera.")
