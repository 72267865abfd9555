"""One clip, analysed in a process of its own: ``python -m hipdrive.web.worker FOLDER RESULT``.

FOLDER holds the upload and ``asked.json``, which says what is wanted; everything that comes of it is written into
RESULT, which the server moves to its place when this process ends well. Where there is a result already, from which
the muscles can be worked out without the clip, only they are written. On the way it says how far it is, one JSON
object a line on standard output. A clip of a stranger is decoded here, so the process limits itself before it looks at
anything, and it ends as soon as the server does, at which the pipe on its standard input closes.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, Literal

import msgspec

from hipdrive.errors import HipdriveError

if TYPE_CHECKING:
    from hipdrive.analysis import Examined, Settings
    from hipdrive.muscles import Effort
    from hipdrive.training.selftest import SelfTest, Timed

ASKED: Final = "asked.json"
FAILED: Final = 2  # exit code: why has been said

NO_MEMORY: Final = (
    "{name} takes more memory than a clip may: export it with at most 1080p, or cut it to the set, and try again"
)
NO_ROOM: Final = "there is no room left on the disk: remove old results and try again"
STUMBLED: Final = "hipdrive stumbled over {name}, which is our mistake: export it as MP4 (H.264) and try again"

MOST_RATE_HZ: Final = 240.0  # the fastest that phones film
TELL_EVERY_S: Final = 0.2
OPENCV_NO_MEMORY: Final = -4  # cv::Error::StsNoMem
LOOKING, DRAWING, WRITING = "looking at every frame", "drawing what was seen", "writing the report"
MUSCLES: Final = "working out the muscles"
DONE_BEFORE: Final = "result"  # beside the upload


@dataclass(frozen=True)
class Limits:
    """What one clip may take.

    Attributes
    ----------
    memory_bytes : int
        Of addresses, most of which are never used: 2.8 GB were seen with the heavy network on 4K, of which 0.7 GB
        were really in memory. The rest is for processors with more cores, and for long clips.
    cpu_s : int
    file_bytes : int
        Of any file written.
    files : int
        Open at once.
    niceness : int
        So that the pages, and the rest of the machine, come first.
    """

    memory_bytes: int = 5 * 1024**3
    cpu_s: int = 8 * 3600
    file_bytes: int = 4 * 1024**3
    files: int = 256
    niceness: int = 10


@dataclass(frozen=True)
class Asked:
    """What the user says about a clip; see `hipdrive.analysis.Settings`.

    Attributes
    ----------
    movement : str or None
        What it is; recognised when left out.
    quality : {"fast", "standard", "best"}
        How closely it is looked at.
    height_m, mass_kg, sex, age_years : float or str or None
        Of the runner; from the profile when left out.
    speed_kmh : float or None
        Of a run.
    slow_motion : float
        How many times slower than real life the file plays.
    rate_hz : float or None
        Of a table of landmarks that does not say it.
    video : bool
        Whether the overlay is drawn.
    muscles : bool
        Whether the muscles are computed, too.
    keep_upload : bool
        Whether the clip itself stays when the result is there.
    test, side : str or None
        The self test that it is a clip of, and the leg that the runner says it shows; both or none of them.
    """

    movement: str | None = None
    quality: Literal["fast", "standard", "best"] = "standard"
    height_m: float | None = None
    mass_kg: float | None = None
    sex: Literal["f", "m"] | None = None
    age_years: float | None = None
    speed_kmh: float | None = None
    slow_motion: float = 1.0
    rate_hz: float | None = None
    video: bool = True
    muscles: bool = False
    keep_upload: bool = False
    test: str | None = None
    side: Literal["left", "right"] | None = None

    def self_test(self) -> SelfTest | None:
        """Give the self test that is to be timed; None where it is no clip of one.

        Raises
        ------
        HipdriveError
            When there is none of that name, it goes by hand, or no leg is named.
        """
        from hipdrive.training.selftest import filmed_test

        if (self.test is None) != (self.side is None):
            raise HipdriveError("a clip of a self test shows one leg: say both test and side")
        return None if self.test is None else filmed_test(self.test)

    def settings(self) -> Settings:
        """Make the settings of the analysis.

        Raises
        ------
        HipdriveError
            When something in it makes no sense.
        """
        from hipdrive.analysis import Settings
        from hipdrive.movements import Runner
        from hipdrive.training.selftest import FILMED_AS

        if not 0 < self.slow_motion <= MOST_RATE_HZ:
            raise HipdriveError(f"slow motion of {self.slow_motion:g} makes no sense: give a number such as 4 or 8")
        if self.rate_hz is not None and not self.rate_hz > 0:
            raise HipdriveError(f"{self.rate_hz:g} frames per second make no sense: give a number such as 30")
        runner = Runner(self.height_m, self.mass_kg, self.sex, self.age_years, self.speed_kmh)
        movement = FILMED_AS if self.self_test() else self.movement
        return Settings(movement, self.quality, runner, self.slow_motion, rate_hz=self.rate_hz)


class Order(msgspec.Struct, frozen=True):
    """What stands in ``asked.json``: how the clip is shown, how its file is called here, and what is wanted."""

    name: str
    upload: str
    asked: Asked
    most_clip_s: float


def limit_this_process(limits: Limits) -> None:
    """Take no more than that from now on. Where the system knows no such limits, only the server's clock is left."""
    if hasattr(os, "nice"):
        os.nice(limits.niceness)
    try:
        import resource
    except ImportError:  # Windows
        return
    wanted = {
        resource.RLIMIT_AS: limits.memory_bytes,
        resource.RLIMIT_CPU: limits.cpu_s,
        resource.RLIMIT_FSIZE: limits.file_bytes,
        resource.RLIMIT_NOFILE: limits.files,
        resource.RLIMIT_CORE: 0,
    }
    for limit, value in wanted.items():
        hard = resource.getrlimit(limit)[1]
        most = value if hard == resource.RLIM_INFINITY else min(value, hard)
        # at the soft limit of time comes a signal that says so, at the hard one the end without a word
        resource.setrlimit(limit, (most, hard if limit == resource.RLIMIT_CPU else most))


def end_with_the_server() -> None:
    """End this process, and what it has started, as soon as the server is gone."""

    def wait() -> None:
        while os.read(sys.stdin.fileno(), 1):  # not by the buffer, whose lock would be held when Python ends
            pass
        if hasattr(os, "killpg") and os.getpgid(0) == os.getpid():
            os.killpg(0, signal.SIGKILL)
        os._exit(FAILED)

    threading.Thread(target=wait, daemon=True).start()


class Teller:
    """Says how far it is.

    Parameters
    ----------
    out : text file
    """

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._said_at = 0.0

    def say(self, **what: Any) -> None:
        """Say something now."""
        self._out.write(json.dumps(what) + "\n")
        self._out.flush()
        self._said_at = time.monotonic()

    def frames(self, before: int, most: int | None) -> Callable[[int], None]:
        """Progress of one pass over the clip, which goes on from the frames counted before, up to so many."""
        done = 0

        def progress(frames: int) -> None:
            nonlocal done
            done = max(done, frames if most is None else min(frames, most))  # a second look begins at the first again
            if time.monotonic() - self._said_at >= TELL_EVERY_S:
                self.say(done=before + done)

        return progress


def main(folder: Path, result: Path, limits: Limits = Limits()) -> int:
    """Analyse the clip in a folder; gives the exit code."""
    teller = Teller(_own_output())
    end_with_the_server()
    limit_this_process(limits)
    name = "the clip"
    try:
        order = msgspec.json.decode((folder / ASKED).read_bytes(), type=Order)
        name = order.name
        work(order, folder, result, teller)
    except MemoryError:
        teller.say(failed=NO_MEMORY.format(name=name))
    except HipdriveError as error:
        teller.say(failed=str(error))
    except Exception as error:
        traceback.print_exc()
        teller.say(failed=_sentence(error, name))
    else:
        return 0
    return FAILED


def work(order: Order, folder: Path, result: Path, teller: Teller) -> None:
    """Look at a clip and write everything about it."""
    from hipdrive.analysis import examine
    from hipdrive.report.folder import write_folder
    from hipdrive.web.filmed import write_timed

    if is_whole(before := folder / DONE_BEFORE):
        result.mkdir()
        if order.asked.muscles and not (before / "muscles.html").is_file():
            add_muscles(before, result, teller)
        return
    upload = folder / order.upload
    with _called(upload.name, order.name):
        passes = 2 if order.asked.video else 1  # over the clip: looking and drawing
        frames = check_length(upload, order)
        teller.say(total=None if frames is None else passes * frames, step=LOOKING)
        examined = examine(upload, order.asked.settings(), teller.frames(0, frames))
        examined = named_as(examined, upload.name, order.name)
        timed = _timed(order.asked, examined)
        seen = examined.analysis.source.frames
        teller.say(done=seen, total=passes * seen, step=DRAWING if order.asked.video else WRITING)
        effort = _effort(examined) if order.asked.muscles else None
        drawn = teller.frames(seen, seen)
        write_folder(examined, result, video=order.asked.video, pieces=True, effort=effort, progress=drawn)
        if timed is not None:
            write_timed(result, timed)
        teller.say(done=passes * seen)


def is_whole(result: Path) -> bool:
    """Whether there is a result, with what the muscles are worked out from."""
    return (result / "analysis.json").is_file()


def add_muscles(before: Path, result: Path, teller: Teller) -> None:
    """Work out the muscles from a result that is there, and write them into a folder of their own.

    Raises
    ------
    HipdriveError
        When there are none to be worked out; the sentence says why.
    """
    from hipdrive.muscles.source import muscles_of_result
    from hipdrive.report.muscles import write_muscles

    teller.say(total=100, step=MUSCLES)
    write_muscles(muscles_of_result(before, lambda percent: teller.say(done=percent)), result)


def check_length(upload: Path, order: Order) -> int | None:
    """Frames of a clip; None for what is no clip.

    Raises
    ------
    HipdriveError
        When it is longer than a clip may be.
    """
    from hipdrive.motion.files import is_motion_file
    from hipdrive.video import read_clip
    from hipdrive.video.clip import count_frames

    if is_motion_file(upload):
        return None
    clip = read_clip(upload, slow_motion=order.asked.slow_motion)
    if clip.is_photo:
        return 1
    most_frames = round(order.most_clip_s * MOST_RATE_HZ)
    frames, length_s = count_frames(clip, most_frames)
    length_s = max(length_s, clip.duration_s)
    if length_s > order.most_clip_s:
        most = _minutes(order.most_clip_s)
        raise HipdriveError(f"{order.name} lasts {_minutes(length_s)}: cut it to the set or the run, at most {most}")
    if frames > most_frames:
        raise HipdriveError(f"{order.name} has more than {most_frames} frames: cut it to the set or the run")
    return frames


def named_as(examined: Examined, stored: str, shown: str) -> Examined:
    """Everything that was examined, called as its owner calls it; how its file is called here is nobody's business."""
    analysis = examined.analysis
    attributes = {
        name: value.replace(stored, shown) if isinstance(value, str) else value
        for name, value in examined.motion.attrs.items()
    }
    provenance = dict(analysis.provenance)
    if "steps" in provenance:
        provenance["steps"] = [step.replace(stored, shown) for step in provenance["steps"]]
    return replace(
        examined,
        analysis=replace(analysis, source=replace(analysis.source, name=shown), provenance=provenance),
        motion=examined.motion.assign_attrs(attributes),
    )


@contextmanager
def _called(stored: str, shown: str) -> Iterator[None]:
    """Whatever is complained about within names the clip as its owner does."""
    try:
        yield
    except HipdriveError as error:
        raise HipdriveError(str(error).replace(stored, shown)) from error


def _timed(asked: Asked, examined: Examined) -> Timed | None:
    """Result of the self test that was asked for, if one was."""
    from hipdrive.training.selftest import timed

    test = asked.self_test()
    return None if test is None else timed(test, examined)


def _effort(examined: Examined) -> Effort | None:
    """Muscles of what was analysed; where there are none, the analysis stands without them."""
    from hipdrive.muscles.source import muscles_of_examined

    try:
        return muscles_of_examined(examined)
    except HipdriveError as error:
        print(error, file=sys.stderr)
        return None


def _sentence(error: Exception, name: str) -> str:
    if getattr(error, "code", None) == OPENCV_NO_MEMORY or getattr(error, "errno", None) == errno.ENOMEM:
        return NO_MEMORY.format(name=name)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
        return NO_ROOM
    return STUMBLED.format(name=name)


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f} minutes".replace(".0 ", " ") if seconds >= 60 else f"{seconds:.0f} seconds"


def _own_output() -> IO[str]:
    """Keep standard output for ourselves: whatever libraries print goes where complaints go."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return out


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
