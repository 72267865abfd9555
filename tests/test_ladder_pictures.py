"""Pictures of the ladder: every exercise has its own, and it is small."""

from __future__ import annotations

import hashlib

import pytest
from PIL import Image

from hipdrive.training.ladder import PICTURES, ladder

BREAKS = ("half_kneeling_stretch", "stand_and_walk")  # for breaks from sitting
NAMES = sorted([*(exercise.picture for exercise in ladder().values()), *(f"{name}.webp" for name in BREAKS)])

PANELS_PX = (800, 300)  # start and end, side by side
MOST_BYTES = 35_000
MOST_BYTES_IN_ALL = 900_000


@pytest.mark.parametrize("name", NAMES)
def test_every_exercise_has_a_small_picture(name: str) -> None:
    path = PICTURES / name
    assert path.stat().st_size <= MOST_BYTES
    with Image.open(path) as image:
        assert image.format == "WEBP"
        assert image.size == PANELS_PX
        image.load()


@pytest.mark.parametrize("name", NAMES)
def test_start_and_end_differ(name: str) -> None:
    with Image.open(PICTURES / name) as image:
        middle = image.width // 2
        start = image.convert("L").crop((0, 0, middle - 4, image.height))
        end = image.convert("L").crop((middle + 4, 0, image.width, image.height))
    changed = sum(abs(a - b) > 24 for a, b in zip(start.tobytes(), end.tobytes(), strict=True))
    assert changed > 200


def test_no_two_are_the_same() -> None:
    assert len({hashlib.sha256((PICTURES / name).read_bytes()).digest() for name in NAMES}) == len(NAMES)


def test_there_are_no_others_and_they_are_small_together() -> None:
    there = sorted(PICTURES.glob("*.webp"))
    assert [path.name for path in there] == NAMES
    assert sum(path.stat().st_size for path in there) <= MOST_BYTES_IN_ALL
