"""Pictures of the ladder: every exercise has its own, it is small, and its pose can be made again."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from hipdrive.training.ladder import PICTURES, ladder

DOCS = Path(__file__).parent.parent / "docs"
BREAKS = ("half_kneeling_stretch", "stand_and_walk")  # for breaks from sitting
NAMES = sorted([*(exercise.picture for exercise in ladder().values()), *(f"{name}.webp" for name in BREAKS)])

SIZE_PX = (800, 300)  # start and end, side by side
MOST_BYTES = 35_000
MOST_BYTES_IN_ALL = 900_000
MOST_BYTES_SHEET = 250_000


@pytest.mark.parametrize("name", NAMES)
def test_every_exercise_has_a_small_picture(name: str) -> None:
    path = PICTURES / name
    assert path.stat().st_size <= MOST_BYTES
    with Image.open(path) as image:
        assert image.format == "WEBP"
        assert image.size == SIZE_PX
        image.load()


@pytest.mark.parametrize("name", NAMES)
def test_start_and_end_differ(name: str) -> None:
    with Image.open(PICTURES / name) as image:
        middle = image.width // 2
        start = image.convert("L").crop((0, 0, middle - 16, image.height))
        end = image.convert("L").crop((middle + 16, 0, image.width, image.height))
    changed = sum(abs(a - b) > 24 for a, b in zip(start.tobytes(), end.tobytes(), strict=True))
    assert changed > 200


def test_no_two_are_the_same() -> None:
    assert len({hashlib.sha256((PICTURES / name).read_bytes()).digest() for name in NAMES}) == len(NAMES)


def test_there_are_no_others_and_they_are_small_together() -> None:
    there = sorted(PICTURES.glob("*.webp"))
    assert [path.name for path in there] == NAMES
    assert sum(path.stat().st_size for path in there) <= MOST_BYTES_IN_ALL


def test_the_sheet_is_small() -> None:
    path = DOCS / "pictures" / "ladder.webp"
    assert path.stat().st_size <= MOST_BYTES_SHEET
    with Image.open(path) as image:
        image.load()


def test_every_picture_has_a_pose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(DOCS))
    from ladder_poses import POSES  # type: ignore[import-not-found]

    assert sorted(f"{name}.webp" for name in POSES) == NAMES


def test_without_the_renderer_it_says_what_is_missing(tmp_path: Path) -> None:
    made = _make("--check", renderer=tmp_path)
    assert made.returncode == 1
    assert "HIPDRIVE_SYNTH" in made.stderr
    assert "Traceback" not in made.stderr


@pytest.mark.slow
@pytest.mark.skipif("HIPDRIVE_SYNTH" not in os.environ, reason="the renderer is not part of the repository")
def test_every_pose_is_one_that_a_body_can_do() -> None:
    made = _make("--check", renderer=Path(os.environ["HIPDRIVE_SYNTH"]))
    assert made.returncode == 0, made.stdout + made.stderr


def _make(*arguments: str, renderer: Path) -> subprocess.CompletedProcess[str]:
    """Run the maker of the pictures."""
    return subprocess.run(
        [sys.executable, str(DOCS / "ladder_pictures.py"), *arguments],
        env=os.environ | {"HIPDRIVE_SYNTH": str(renderer)},
        capture_output=True,
        text=True,
        check=False,
    )
