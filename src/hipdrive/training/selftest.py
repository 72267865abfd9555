"""Self tests of strength: how each is done, what ends it, what others reach, and what a result says.

The tests are data. Norms are few, of students or other adults and never of runners, and differ between studies; so
they are rough bands, and a runner's own other side and own earlier results say more. How strong somebody is says little
about how they run, and nothing here says whether somebody will get hurt.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from hipdrive.errors import HipdriveError
from hipdrive.numbers import counted, side_text, value_text
from hipdrive.training.history import Side, TestResult

if TYPE_CHECKING:
    from hipdrive.analysis import Examined

Kind = Literal["hold", "repetitions", "quality"]

SIDE_SHARE: Final = 0.15  # of the better side: a difference that is worth training; proposal
CHANGE_SHARE: Final = (
    0.20  # of the earlier result: a change worth showing; norms of one test differ by as much, proposal
)
SIDES: Final[tuple[Side, Side]] = ("left", "right")

# Three trials of one person by one tester had an ICC of 0.87 to 0.94 where adults differed by 25 s (SD) about 81 s,
# which leaves 6 to 9 s within a person, about a tenth: Lehecka et al., Int J Sports Phys Ther 2021.
AGAIN_SHARE: Final = 0.10
THUMB_S: Final = 1.0  # of a runner who lies down, or gets up, with the stop-watch in reach; proposal
REPETITION: Final = 1.0  # the last one counts or not; proposal
ITEM: Final = 1.0  # of five: raters of the single-leg squat agree with a kappa of 0.6 to 0.8, Crossley et al. 2011

STRENGTH_ONLY: Final = "This is about strength; it does not tell how you run, and it does not foretell injuries."


@dataclass(frozen=True)
class Norm:
    """What others reach, as a rough band.

    Attributes
    ----------
    who : str
        Whom it was measured on.
    low, high : float
        In the unit of the test; about two thirds of them lie between, or half where the source gives quartiles.
    source : str
    sex : {"f", "m"} or None
        None for both.
    """

    who: str
    low: float
    high: float
    source: str
    sex: Literal["f", "m"] | None = None


@dataclass(frozen=True)
class SelfTest:
    """One self test.

    Attributes
    ----------
    id, name : str
    kind : {"hold", "repetitions", "quality"}
    unit : str
    sides : bool
        Left and right are tested one after the other.
    how : tuple of str
        Step by step.
    ends : str
        What ends it.
    norms : tuple of Norm
    norm_note : str
        What must be known about the norms, or why there are none.
    hand_error : float
        By hand, one standard deviation, in `unit`.
    again_share : float
        How much one and the same person differs from one time to the next, as a share of the result.
    error_source : str
    from_video : bool
        Whether hipdrive can take it from a video.
    lasts_s : int or None
        Length of a test that has a fixed one.
    asks : tuple of str
        What is looked at, each with yes or no, for a test of quality.
    strength : bool
        Whether it is a test of strength.
    """

    id: str
    name: str
    kind: Kind
    unit: str
    sides: bool
    how: tuple[str, ...]
    ends: str
    norms: tuple[Norm, ...]
    norm_note: str
    hand_error: float
    again_share: float
    error_source: str
    from_video: bool = False
    lasts_s: int | None = None
    asks: tuple[str, ...] = ()
    strength: bool = True

    def error(self, value: float, measured: float | None = None) -> float:
        """One standard deviation of a result, from one time to the next, in `unit`.

        Parameters
        ----------
        value : float
        measured : float or None
            Error of measuring it; that by hand when left out.
        """
        return math.hypot(self.hand_error if measured is None else measured, self.again_share * value)


_AGAIN_SOURCE = "from one time to the next as for the bridge (Lehecka et al. 2021), proposal"

TESTS: Final[tuple[SelfTest, ...]] = (
    SelfTest(
        id="single-leg-bridge",
        name="Single-leg bridge, held",
        kind="hold",
        unit="s",
        sides=True,
        how=(
            "Lie on your back, arms crossed on your chest, one heel on the floor close to your hips.",
            "Stretch out the other leg, its thigh beside the thigh of the working leg.",
            "Raise your hips until shoulder, hip and knee are in line, and hold.",
            "Rest two minutes before the other leg.",
        ),
        ends="Stop when your hips sag and stay low, when the other foot comes down, or when it hurts.",
        norms=(
            Norm(
                "145 adults, most of them students",
                35.0,
                95.0,
                "proposal; two published norms, 65 (SD 33) s and 81 (SD 25) s, differ by 16 s: Worst & Henderson, "
                "Int J Sports Phys Ther 2026; Lehecka et al., Int J Sports Phys Ther 2021",
            ),
        ),
        norm_note="No runners were measured.",
        hand_error=THUMB_S,
        again_share=AGAIN_SHARE,
        error_source="by hand: proposal; by video: rendered athletes; from one time to the next: Lehecka et al. 2021",
        from_video=True,
    ),
    SelfTest(
        id="single-leg-bridge-reps",
        name="Single-leg bridge, repeated",
        kind="repetitions",
        unit="reps",
        sides=True,
        how=(
            "Lie on your back with one heel on the floor close to your hips, the other leg stretched out.",
            "Raise your hips until shoulder, hip and knee are in line, then lower them: about two seconds each.",
            "Count the repetitions that reach the line.",
            "Rest two minutes before the other leg.",
        ),
        ends="Stop when two repetitions in a row stay short of the line, when you need to rest, or when it hurts.",
        norms=(),
        norm_note="Published counts are for a heel on a high box, so there is nothing to compare these with.",
        hand_error=REPETITION,
        again_share=AGAIN_SHARE,
        error_source=f"by hand and by video: proposal; {_AGAIN_SOURCE}",
        from_video=True,
    ),
    SelfTest(
        id="side-plank",
        name="Side plank, held",
        kind="hold",
        unit="s",
        sides=True,
        how=(
            "Lie on your side with the elbow under the shoulder and the feet on top of each other.",
            "Raise your hips until ankles, hips and shoulders are in line, and hold.",
            "The side that counts is the one you lie on. Rest two minutes before the other.",
        ),
        ends="Stop when your hips sag and stay low, or when it hurts.",
        norms=(
            Norm(
                "men of 20 to 29; fewer with age, 14 at 70 to 79",
                30.0,
                48.0,
                "Kaur et al. 2021, as quoted by others: 39 (SD 9) s",
                "m",
            ),
            Norm(
                "women of 20 to 29; fewer with age, 18 at 70 to 79",
                35.0,
                59.0,
                "Kaur et al. 2021, as quoted by others: 47 (SD 12) s",
                "f",
            ),
        ),
        norm_note="Other studies found much longer times, and no runners were measured.",
        hand_error=THUMB_S,
        again_share=AGAIN_SHARE,
        error_source=f"by hand: proposal; {_AGAIN_SOURCE}",
    ),
    SelfTest(
        id="front-plank",
        name="Front plank, held",
        kind="hold",
        unit="s",
        sides=False,
        how=(
            "Lie face down on forearms and toes, the elbows under the shoulders.",
            "Raise your hips until ankles, hips and shoulders are in line, and hold.",
        ),
        ends="Stop when your hips sag or rise and you cannot mend it, or when it hurts.",
        norms=(
            Norm("male students", 52.0, 196.0, "Strand et al., J Hum Kinet 2014: 194 men, 124 (SD 72) s", "m"),
            Norm("female students", 20.0, 146.0, "Strand et al., J Hum Kinet 2014: 277 women, 83 (SD 63) s", "f"),
        ),
        norm_note="No runners were measured.",
        hand_error=THUMB_S,
        again_share=AGAIN_SHARE,
        error_source=f"by hand: proposal; {_AGAIN_SOURCE}",
    ),
    SelfTest(
        id="sit-to-stand",
        name="Sit to stand in one minute",
        kind="repetitions",
        unit="reps",
        sides=False,
        how=(
            "Sit on a chair of usual height against a wall, feet flat, hands on your hips.",
            "Stand up straight and sit down again as often as you can in one minute.",
            "Count every time you stand straight.",
        ),
        ends="It lasts one minute. You may pause; stop when it hurts or you feel dizzy.",
        norms=(
            Norm(
                "men of 20 to 24; the middle one falls to 30 at 75 to 79",
                41.0,
                57.0,
                "Strassmann et al., Int J Public Health 2013: quartiles",
                "m",
            ),
            Norm(
                "women of 20 to 24; the middle one falls to 27 at 75 to 79",
                39.0,
                55.0,
                "Strassmann et al., Int J Public Health 2013: quartiles",
                "f",
            ),
        ),
        norm_note="Of 6926 adults in Switzerland, half of those of that age lay between.",
        hand_error=REPETITION,
        again_share=AGAIN_SHARE,
        error_source=f"by hand: proposal; {_AGAIN_SOURCE}",
        lasts_s=60,
    ),
    SelfTest(
        id="single-leg-squat",
        name="Single-leg squat, how it looks",
        kind="quality",
        unit="of 5",
        sides=True,
        how=(
            "Stand on a step of 20 cm on one leg, arms crossed, the other foot hanging free.",
            "Bend the knee as far as you can with control, five times, about two seconds each.",
            "Watch a video from the front, a mirror, or ask somebody, and answer five questions.",
        ),
        ends="Five repetitions, or when it hurts.",
        norms=(),
        norm_note="It has no numbers of others: good is five of five.",
        hand_error=ITEM,
        again_share=0.0,
        error_source="raters agree with a kappa of 0.60 to 0.80: Crossley et al., Am J Sports Med 2011",
        asks=(
            "Did the trunk stay upright and still?",
            "Did the pelvis stay level and facing forward?",
            "Did the thigh stay in line, without turning inwards?",
            "Did the knee stay over the foot?",
            "Was it smooth, without wobbling or touching down?",
        ),
        strength=False,
    ),
)
_BY_ID: Final = {test.id: test for test in TESTS}


def self_test(name: str) -> SelfTest:
    """Self test by its id.

    Raises
    ------
    HipdriveError
        When there is none of that name.
    """
    test = _BY_ID.get(name.strip().lower().replace("_", "-").replace(" ", "-"))
    if test is None:
        raise HipdriveError(f"there is no test {name[:40]!r}: take one of {', '.join(_BY_ID)}")
    return test


# -- what a result says ----------------------------------------------------------------------------------------------


def compare(
    test: SelfTest, result: TestResult, earlier: Sequence[TestResult] = (), sex: Literal["f", "m"] | None = None
) -> tuple[str, ...]:
    """What a result says: beside the other side, beside the last earlier one, and beside others.

    Parameters
    ----------
    test : SelfTest
    result : TestResult
    earlier : sequence of TestResult
        In the order of time; those of other tests are passed over.
    sex : {"f", "m"} or None
        For norms that know it.
    """
    before = [one for one in earlier if one.test == test.id and one.unit == result.unit]
    said = [_between_sides(test, result), *_since_then(test, result, before), _beside_others(test, result, sex)]
    if test.strength:
        said.append(STRENGTH_ONLY)
    return tuple(filter(None, said))


def values(result: TestResult) -> dict[str, float]:
    """What was measured, by side: left, right, or "" for a test that has none."""
    known = {"left": result.left, "right": result.right, "": result.both}
    return {side: value for side, value in known.items() if value is not None}


def _between_sides(test: SelfTest, result: TestResult) -> str:
    if result.left is None or result.right is None:
        return ""
    better, other = ("left", "right") if result.left >= result.right else ("right", "left")
    most, least = max(result.left, result.right), min(result.left, result.right)
    if most <= 0 or most - least <= SIDE_SHARE * most:
        return f"Left and right are alike, within {SIDE_SHARE:.0%}."
    away = f"Your {other} side is {(most - least) / most:.0%} below your {better}"
    if most - least <= _difference_error(_error(test, result, most), _error(test, result, least)):
        return f"{away}, which is within what differs from one time to the next. Test again before you act on it."
    return f"{away}, more than the error. It is worth training: begin each set with the {other} side."


def _since_then(test: SelfTest, result: TestResult, before: Sequence[TestResult]) -> list[str]:
    if not before:
        return ["This is your first result; the next one will show how it changes."]
    last, now = values(before[-1]), values(result)
    day = f"{before[-1].day.day} {before[-1].day:%B %Y}"
    parts = []
    for side in (side for side in now if side in last):
        away = now[side] - last[side]
        error = _difference_error(_error(test, result, now[side]), _error(test, before[-1], last[side]))
        sure = abs(away) > max(CHANGE_SHARE * last[side], error)
        way = f"{'up' if away > 0 else 'down'} by {value_text(abs(away), test.unit, error)}"
        parts.append(f"{side or 'it'} {way if sure else 'has not changed beyond the error'}")
    return [f"Since {day}: {', '.join(parts)}."] if parts else []


def _beside_others(test: SelfTest, result: TestResult, sex: Literal["f", "m"] | None) -> str:
    norms = [norm for norm in test.norms if norm.sex is None or sex is None or norm.sex == sex]
    bands = [f"{norm.low:g} to {norm.high:g} {test.unit} ({norm.who})" for norm in norms]
    if not bands:
        return test.norm_note
    where = ""
    if len(norms) == 1:
        places = {_place(value, norms[0]) for value in values(result).values()}
        where = f"{_upper(' and '.join(sorted(places)))} the usual band. "
    return f"{where}As a rough guide: {'; '.join(bands)}. {test.norm_note}"


def _place(value: float, norm: Norm) -> str:
    if value < norm.low:
        return "below"
    return "above" if value > norm.high else "within"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _error(test: SelfTest, result: TestResult, value: float) -> float:
    return test.error(value) if result.error is None else max(result.error, test.again_share * value)


def _difference_error(*errors: float) -> float:
    return math.hypot(*errors)


# -- from a video ----------------------------------------------------------------------------------------------------

FILMED_AS: Final = "glute_bridge"  # the movement that every test from a video shows
A_HOLD_S: Final = 5.0  # at the top; a repetition takes about two seconds each way, proposal
A_SET: Final = 3  # repetitions; who tries a hold again does so once, proposal
SIDE_RIGHT, SIDE_FILMS = 9, 11  # films in which the leg was told right; see `hipdrive.movements.hold`

ENDED: Final[dict[str, str]] = {
    "sag": "your hips had dropped by 10 degrees",
    "foot": "the other foot came down",
    "clip": "the video ends in the hold",
}


@dataclass(frozen=True)
class Timed:
    """One side of a test, taken from a video or by hand.

    Attributes
    ----------
    side : {"left", "right"} or None
        None when it is not seen which leg works, or both do.
    value, error : float
        In the unit of the test; the error is that of measuring alone.
    note : str
        What must be known about it.
    by_video : bool
    ended : str
        What ended a hold; empty where it is not known.
    start_s, end_s : float or None
        When a hold began and ended in its video.
    """

    side: Side | None
    value: float
    error: float
    note: str = ""
    by_video: bool = False
    ended: str = ""
    start_s: float | None = None
    end_s: float | None = None


def filmed_test(name: str) -> SelfTest:
    """Self test that is taken from a video, by its id.

    Raises
    ------
    HipdriveError
        When there is none of that name, or it goes by hand.
    """
    test = self_test(name)
    if not test.from_video:
        raise HipdriveError(f"{test.id} is not taken from a video: use the stop-watch, or give the result by hand")
    return test


def timed(test: SelfTest, examined: Examined) -> Timed:
    """Take a test from a video.

    Raises
    ------
    HipdriveError
        When this test cannot be taken from a video, or not from this one; the message says why and what to do.
    """
    from hipdrive.movements import MOVEMENTS
    from hipdrive.movements.glute_bridge import BridgeSet
    from hipdrive.movements.hold import find_hold
    from hipdrive.movements.recognise import recognise_movement

    bridges = examined.prepared
    filmed_test(test.id)
    if not isinstance(bridges, BridgeSet):
        raise HipdriveError("the video shows no bridge: film from the side with the whole body in the picture")
    shown = recognise_movement(bridges.motion, bridges.view)[1].id  # whatever it was looked at as
    if shown in MOVEMENTS and shown != FILMED_AS:
        what = MOVEMENTS[shown].name.lower()
        raise HipdriveError(f"the video shows a {what}, not a bridge: choose the video of this test")
    tops_s = [one.top_end_s - one.top_start_s for one in examined.analysis.complete_repetitions]
    long = max(tops_s, default=0.0) >= A_HOLD_S
    if test.kind == "repetitions":
        if long and len(tops_s) < A_SET:
            raise HipdriveError("the video shows one long hold, not repetitions: use it for the test that is held")
        return _repeated(examined)
    if len(tops_s) >= A_SET and not long:
        raise HipdriveError("the video shows repetitions, not one long hold: use it for the test that is repeated")
    hold = find_hold(bridges)
    if hold.side == "both":
        raise HipdriveError("both feet are on the floor: stretch out one leg for this test")
    note = ENDED["clip"] if hold.still_held else ""
    return Timed(hold.side, hold.seconds, hold.error_s, note, True, ENDED[hold.ended_by], hold.start_s, hold.end_s)


def _repeated(examined: Examined) -> Timed:
    """Complete repetitions on one leg; of the leg that does most."""
    counts = {side: sum(one.side == side for one in examined.analysis.complete_repetitions) for side in SIDES}
    most = max(SIDES, key=lambda side: counts[side])
    if not counts[most]:
        raise HipdriveError("no repetition on one leg is seen: film from the side, from the floor up and down again")
    others = counts["left"] + counts["right"] - counts[most]
    unsure = f"{counted(others, 'repetition')} on the other leg left out" if others else ""
    return Timed(most, float(counts[most]), REPETITION, unsure, True)


def result_words(result: TestResult) -> str:
    """Say a result.

    Examples
    --------
    >>> from datetime import date
    >>> result_words(TestResult(date(2026, 11, 20), "single-leg-bridge", "s", left=41, right=35, error=4))
    'left 41 s, right 35 s, ± 4 s'
    """
    texts = [f"{side} {side_text(value, result.error)} {result.unit}".strip() for side, value in values(result).items()]
    error = "" if result.error is None else f", ± {side_text(result.error, result.error)} {result.unit}"
    return ", ".join(texts) + error
