"""Planned sessions as workouts for a watch: FIT files, with the strength exercises that watches know.

What watches accept, and where the limits here come from, is in docs/watch.md.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from hipdrive.errors import HipdriveError
from hipdrive.exchange.words import plain
from hipdrive.training.ladder import Dose, Exercise, WatchExercise
from hipdrive.training.ladder import ladder as whole_ladder
from hipdrive.training.programme import WARM_UP_MINUTES, PlannedExercise, PlannedSession, Programme

MOST_STEPS: Final = 50  # of one workout, as Garmin Connect and its watches take them

# bytes of texts, without the zero at their end
NAME_BYTES: Final = 15  # Garmin's own SDK in C, which watches are built with, holds 16 with the zero
STEP_NAME_BYTES: Final = 40  # proposal: a longer one would not fit on a watch; small watches cut it at 15
NOTES_BYTES: Final = 200  # proposal: three screens of a small watch; the dose stands first, for those that cut
DESCRIPTION_BYTES: Final = 250  # a field of FIT holds 255

MS_PER_S: Final = 1000
LAST_OLD_CATEGORY: Final = 32  # categories above it came later; older watches may refuse a workout that names one

# what older watches call what newer ones have a name of its own for
OLDER_NAMES: Final = {
    WatchExercise("banded_exercises", "glute_bridge"): WatchExercise("hip_raise", "hip_raise"),
    WatchExercise("banded_exercises", "lateral_band_walks"): WatchExercise(
        "hip_stability", "lateral_walks_with_band_at_ankles"
    ),
}

WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

PLAIN_LETTERS: Final = str.maketrans("“”‘’–—×", "\"\"''--x")  # the fonts of watches are small

WARM_UP_NOTES: Final = "Walk or march until you feel warm."


def need_writer() -> None:
    """Say at once, before any work, when what writes files for watches is not installed.

    Raises
    ------
    HipdriveError
        When it is not.
    """
    if find_spec("garmin_fit_sdk") is None:
        raise HipdriveError("what writes workouts for a watch is not installed: run pip install 'hipdrive[watch]' once")


def write_workouts(
    programme: Programme, folder: Path, ladder: Mapping[str, Exercise] | None = None, *, older_watch: bool = False
) -> list[Path]:
    """Write a workout for every planned session, named after the session.

    Parameters
    ----------
    programme : Programme
    folder : Path
        Is made when it is not there.
    ladder : mapping of str to Exercise, optional
        All exercises, unless others are given.
    older_watch : bool
        Use only exercises that older watches know, too.

    Returns
    -------
    list of Path
        Empty when nothing is planned.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for session in programme.sessions:
        if not re.fullmatch(r"[A-Za-z0-9-]{1,40}", session.id):
            raise HipdriveError("a session has no id such as 2026-W48-1, after which its file could be named")
        path = folder / f"{session.id}.fit"
        path.write_bytes(workout(session, ladder, older_watch=older_watch))
        written.append(path)
    return written


def workout(
    session: PlannedSession, ladder: Mapping[str, Exercise] | None = None, *, older_watch: bool = False
) -> bytes:
    """A session as a FIT workout; the same session gives the same bytes.

    Every set is a step that ends after its repetitions or its time, each side by itself, followed by a rest; sets are
    repeated by the watch.

    Raises
    ------
    HipdriveError
        When it has more steps than a watch takes, or the extra `watch` is not installed.
    """
    need_writer()
    from garmin_fit_sdk import Encoder
    from garmin_fit_sdk.profile import Profile

    exercises = whole_ladder() if ladder is None else ladder
    steps = list(_steps(session, exercises, older_watch=older_watch))
    if len(steps) > MOST_STEPS:
        raise HipdriveError(
            f"{session.id} has {len(steps)} steps, and a watch takes {MOST_STEPS}: plan fewer exercises for it"
        )
    messages = [
        ("FILE_ID", _file_id(session)),
        ("WORKOUT", _workout(session, len(steps))),
        *(("WORKOUT_STEP", {"message_index": place, **step}) for place, step in enumerate(steps)),
        *(("EXERCISE_TITLE", {"message_index": place, **title}) for place, title in enumerate(_titles(steps))),
    ]
    encoder = Encoder()
    for kind, message in messages:
        encoder.write_mesg({"mesg_num": Profile["mesg_num"][kind], **message})
    encoded: bytes = encoder.close()
    return encoded


def _file_id(session: PlannedSession) -> dict[str, Any]:
    """Who wrote it, and a number of its own that stays when it is planned anew."""
    return {
        "type": "workout",
        "manufacturer": "development",
        "product": 1,
        "serial_number": zlib.crc32(session.id.encode()) or 1,
        "time_created": datetime.combine(session.day, time(), UTC),
    }


def _workout(session: PlannedSession, steps: int) -> dict[str, Any]:
    day = session.day
    return {
        "sport": "training",
        "sub_sport": "strength_training",
        "num_valid_steps": steps,
        "wkt_name": cut(f"Hips {WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}", NAME_BYTES),
        "wkt_description": cut(f"{session.when}: {session.why}", DESCRIPTION_BYTES),
    }


def _steps(session: PlannedSession, ladder: Mapping[str, Exercise], *, older_watch: bool) -> Iterator[dict[str, Any]]:
    """Steps in the order in which they are done, without their places."""
    yield {**_for_time("Warm up", WARM_UP_MINUTES * 60, "warmup"), "notes": WARM_UP_NOTES}
    place = 1
    if session.test is not None:
        yield _self_test(session.test)
        place += 1
    for planned in session.exercises:
        exercise = ladder[planned.exercise]
        one_set = [_set(planned, exercise, side, older_watch=older_watch) for side in _sides(planned.dose)]
        one_set += [_for_time("Rest", planned.dose.rest_s, "rest")] if planned.dose.rest_s else []
        yield from one_set
        if planned.dose.sets > 1:
            yield _again(place, planned.dose.sets)
        place += len(one_set) + (planned.dose.sets > 1)


def _set(planned: PlannedExercise, exercise: Exercise, side: str, *, older_watch: bool) -> dict[str, Any]:
    """One set of one side."""
    dose = planned.dose
    if dose.unit == "seconds":
        step = _for_time(exercise.name, dose.most, "active")
    else:
        step = _step(exercise.name, "reps", dose.most, "active")
    step["notes"] = cut(_notes(dose, exercise, side), NOTES_BYTES)
    step |= _watch_numbers(OLDER_NAMES.get(exercise.watch, exercise.watch) if older_watch else exercise.watch)
    if dose.load_kg is not None:
        step |= {"exercise_weight": dose.load_kg, "weight_display_unit": "kilogram"}
    return step


def _for_time(name: str, seconds: float, intensity: str) -> dict[str, Any]:
    return _step(name, "time", round(seconds * MS_PER_S), intensity)


def _self_test(test: str) -> dict[str, Any]:
    """A self test ends when the button is pressed."""
    notes = cut(f"{test.replace('-', ' ').capitalize()}. hipdrive test {test} guides you.", NOTES_BYTES)
    return {**_step("Self test", "open", 0, "active"), "notes": notes}


def _again(first: int, sets: int) -> dict[str, Any]:
    """Do the steps from `first` on until they were done `sets` times."""
    return {
        "duration_type": "repeat_until_steps_cmplt",
        "duration_value": first,
        "target_type": "open",
        "target_value": sets,
    }


def _step(name: str, ends_after: str, amount: int, intensity: str) -> dict[str, Any]:
    return {
        "wkt_step_name": cut(name, STEP_NAME_BYTES),
        "duration_type": ends_after,
        "duration_value": amount,
        "target_type": "open",
        "target_value": 0,
        "intensity": intensity,
    }


def _sides(dose: Dose) -> Sequence[str]:
    if dose.unit == "steps each way":
        return ("To the left", "To the right")
    return ("Left side", "Right side") if dose.each_side else ("",)


def _notes(dose: Dose, exercise: Exercise, side: str) -> str:
    """Side and dose, and then as much of how it is done as fits."""
    amount = f"{dose.least}" if dose.least == dose.most else f"{dose.least}-{dose.most}"
    if dose.unit == "seconds":
        told = [side, f"{amount} s, stop before it shakes"]
    else:
        least, most = dose.reserve
        told = [side, f"{amount}, stop with {f'{least}-{most}' if least != most else least} still in you"]
    told += [f"{dose.band} band".capitalize()] if dose.band else []
    notes = " ".join(f"{part}." for part in told if part)
    for sentence in exercise.how[1:]:  # the first says how to lie or stand
        if len(f"{notes} {sentence}".encode()) > NOTES_BYTES:
            break
        notes += f" {sentence}"
    return notes


def _watch_numbers(exercise: WatchExercise) -> dict[str, int]:
    """Numbers of an exercise in the FIT profile."""
    from garmin_fit_sdk.profile import Profile

    types = Profile["types"]
    category = next((key for key, word in types["exercise_category"].items() if word == exercise.category), None)
    names = types.get(f"{exercise.category}_exercise_name", {})
    name = next((key for key, word in names.items() if word == exercise.name), None)
    if category is None or name is None:
        raise HipdriveError(f"watches know no exercise {exercise.name} of {exercise.category}: mend it in the ladder")
    return {"exercise_category": category, "exercise_name": name}


def _titles(steps: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Our own names for exercises, where one exercise of the watch is not two of ours."""
    named = {
        (step["exercise_category"], step["exercise_name"], step["wkt_step_name"]): None
        for step in steps
        if "exercise_name" in step
    }
    times = Counter((category, name) for category, name, _ in named)
    return [
        {"exercise_category": category, "exercise_name": name, "wkt_step_name": title}
        for category, name, title in named
        if times[category, name] == 1
    ]


def cut(text: str, most: int) -> str:
    """Text on one line of at most so many bytes, cut between letters.

    Examples
    --------
    >>> cut("Hips Tue 24 Nov and more", 15)
    'Hips Tue 24 Nov'
    >>> cut("Müller", 2)
    'M'
    """
    return plain(text).translate(PLAIN_LETTERS).encode()[:most].decode(errors="ignore").rstrip()
