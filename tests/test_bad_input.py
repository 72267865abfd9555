"""Whatever is handed in: one clear sentence, exit code 2 where nothing was analysed, never a traceback."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

import clips
import hipdrive
from hipdrive.errors import ClipError, HipdriveError, NobodyFound
from hipdrive.video import read_clip


def nobody(folder: Path) -> Path:
    return clips.write_clip(folder / "empty room.mp4", [clips.room(320, 240)] * 20)


def one_frame_of_nobody(folder: Path) -> Path:
    return clips.write_clip(folder / "one frame.mp4", [clips.room(320, 240)])


def photo_of_nobody(folder: Path) -> Path:
    return clips.turned_photo(folder / "wall.jpg", clips.room(320, 240), 1)


def large_room(folder: Path) -> Path:
    return clips.write_clip(folder / "4k.mp4", [clips.room(3840, 2160)] * 2, options={"preset": "ultrafast"})


def cut_room(folder: Path) -> Path:
    whole = clips.write_clip(folder / "cut.mp4", clips.numbered(60, 320, 240), options={"g": "5"})
    return clips.cut_off(whole, 0.7)


def zero_bytes(folder: Path) -> Path:
    (folder / "zero.mp4").touch()
    return folder / "zero.mp4"


def text(folder: Path) -> Path:
    (folder / "notes.mp4").write_text("three sets of twelve\n" * 50)
    return folder / "notes.mp4"


def without_index(folder: Path) -> Path:
    whole = clips.index_at_the_end(clips.write_clip(folder / "copy.mp4", clips.numbered(30)))
    return clips.cut_off(whole, 0.6)


def sound(folder: Path) -> Path:
    return clips.write_sound(folder / "voice.mp4")


def tiny(folder: Path) -> Path:
    return clips.write_clip(folder / "tiny.mp4", [clips.room(10, 10)] * 3)


def missing(folder: Path) -> Path:
    return folder / "not here.mp4"


def folder_itself(folder: Path) -> Path:
    return folder


def markup(folder: Path) -> Path:
    """A name that a terminal or a page could take for markup."""
    (folder / "[red]<b>set.mp4").write_text("no clip")
    return folder / "[red]<b>set.mp4"


Maker = Callable[[Path], Path]

UNREADABLE: dict[Maker, str] = {
    zero_bytes: r"zero\.mp4 is empty: copy",
    text: r"notes\.mp4 is not a video that can be read",
    without_index: r"copy\.mp4 is not a video that can be read: it is damaged, cut off",
    sound: r"voice\.mp4 has sound but no picture",
    tiny: r"tiny\.mp4 is only 10 x 10 px",
    missing: r"not here\.mp4 is not there: check the name",
    folder_itself: r"is a folder: name the clip in it",
    markup: r"\[red\]<b>set\.mp4 is not a video that can be read",
}

EMPTY: dict[Maker, str] = {
    nobody: r"nobody could be seen in empty room\.mp4: film from the side",
    one_frame_of_nobody: r"nobody could be seen in one frame\.mp4",
    photo_of_nobody: r"nobody could be seen in wall\.jpg",
    large_room: r"nobody could be seen in 4k\.mp4",
    cut_room: r"nobody could be seen in cut\.mp4",
}

ALL = UNREADABLE | EMPTY

unreadable = pytest.mark.parametrize(("make", "sentence"), UNREADABLE.items(), ids=lambda x: getattr(x, "__name__", ""))
empty = pytest.mark.parametrize(("make", "sentence"), EMPTY.items(), ids=lambda x: getattr(x, "__name__", ""))
everything = pytest.mark.parametrize(("make", "sentence"), ALL.items(), ids=lambda x: getattr(x, "__name__", ""))


@unreadable
def test_what_cannot_be_read_is_said(tmp_path: Path, make: Maker, sentence: str) -> None:
    with pytest.raises(ClipError, match=sentence) as said:
        hipdrive.analyse(make(tmp_path), quality="fast")
    assert is_one_sentence(str(said.value))


@empty
def test_nobody_in_view_is_said(tmp_path: Path, weights: None, make: Maker, sentence: str) -> None:
    with pytest.raises(NobodyFound, match=sentence) as said:
        hipdrive.analyse(make(tmp_path), quality="fast")
    assert is_one_sentence(str(said.value))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"quality": "superb"}, "no quality is called superb: choose from fast, standard, best"),
        ({"runtime": "abacus"}, "no runtime is called abacus"),
        ({"movement": "handstand"}, "handstand"),
        ({"height_m": 178}, "give it in metres"),
        ({"height_m": float("nan")}, "not plausible"),
        ({"slow_motion": 0}, "makes no sense"),
    ],
)
def test_a_wrong_setting_is_said(tmp_path: Path, weights: None, settings: dict[str, object], sentence: str) -> None:
    with pytest.raises(HipdriveError, match=sentence) as said:
        hipdrive.analyse(one_frame_of_nobody(tmp_path), **settings)  # type: ignore[arg-type]
    assert is_one_sentence(str(said.value))


@everything
def test_the_command_line_says_it_in_one_sentence(tmp_path: Path, weights: None, make: Maker, sentence: str) -> None:
    path = make(tmp_path)
    code, out, complaint = hipdrive_analyse(path)
    assert code == 2
    assert re.search(sentence, complaint), complaint
    assert len(complaint.strip().splitlines()) == 1
    assert not any(word in out + complaint for word in ("Traceback", "Error", "stumbled", "our mistake"))
    assert not list(tmp_path.glob("*.hipdrive")), "no folder is left for a clip that could not be analysed"


def test_one_bad_clip_does_not_stop_the_others(tmp_path: Path, weights: None, test_data: Path) -> None:
    good = one_frame_of_an_athlete(tmp_path, test_data)
    code, out, complaint = hipdrive_analyse(text(tmp_path), good, zero_bytes(tmp_path))
    assert code == 2
    assert "notes.mp4 is not a video" in complaint and "zero.mp4 is empty" in complaint
    assert "2 of 3 clips could not be analysed" in complaint
    assert (tmp_path / f"{good.stem}.hipdrive" / "analysis.json").is_file()
    assert good.stem in out


def test_one_frame_of_an_athlete_is_no_set_but_no_mistake_either(
    tmp_path: Path, weights: None, test_data: Path
) -> None:
    analysis = hipdrive.analyse(one_frame_of_an_athlete(tmp_path, test_data), quality="fast")
    assert analysis.source.frames == 1
    assert not analysis.complete_repetitions
    assert analysis.warnings


def test_a_large_clip_gives_pixels_as_filmed(tmp_path: Path, weights: None, test_data: Path) -> None:
    import cv2
    import numpy as np

    frame = next(iter(read_clip(test_data / "synthetic" / "bridge_1_good.mp4")))
    large = np.asarray(cv2.resize(frame.image, (3840, 2160)), np.uint8)
    small = clips.write_clip(tmp_path / "small.mp4", [frame.image] * 2, options={"crf": "0"})
    four_k = clips.write_clip(tmp_path / "4k.mp4", [large] * 2, options={"crf": "10", "preset": "ultrafast"})
    boxes = [
        np.array(hipdrive.analyse(path, movement="glute_bridge", quality="fast").provenance["athlete"]["box_px"])
        for path in (small, four_k)
    ]
    assert boxes[1] == pytest.approx(boxes[0] * 6, abs=6 * 3)


def test_the_program_itself_ends_with_code_2_and_without_a_traceback(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hipdrive", "analyse", str(text(tmp_path))],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "notes.mp4 is not a video that can be read" in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def is_one_sentence(said: str) -> bool:
    """One line, without a full stop in the middle, that tells the cure behind a colon."""
    return "\n" not in said and ":" in said and ". " not in said and not said.endswith((".", ":"))


def one_frame_of_an_athlete(folder: Path, test_data: Path) -> Path:
    frame = next(iter(read_clip(test_data / "synthetic" / "bridge_1_good.mp4")))
    return clips.write_clip(folder / "moment.mp4", [frame.image])


def hipdrive_analyse(*paths: Path) -> tuple[int, str, str]:
    """Exit code, output and complaints of the command line."""
    from hipdrive.cli import app

    done = CliRunner().invoke(app, ["analyse", "--quality", "fast", "--no-video", *map(str, paths)])
    return done.exit_code, done.stdout, done.stderr
