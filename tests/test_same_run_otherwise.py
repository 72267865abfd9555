"""The same run filmed otherwise: mirrored, turned, cut off, with a hole, with somebody else in view."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

import hipdrive
from clips import turn_when_shown
from hipdrive.results import Analysis
from test_same_clip_otherwise import OTHER, refilmed

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("weights")]
ROOT = Path(__file__).parent.parent
SIDE, REAR = (ROOT / "examples" / f"run_{view}.mp4" for view in ("side", "rear"))


@cache
def plain(clip: Path) -> Analysis:
    return hipdrive.analyse(clip, quality="fast", height_m=1.57)


def analysed(clip: Path) -> Analysis:
    return hipdrive.analyse(clip, quality="fast", height_m=1.57)


def assert_same_run(a: Analysis, b: Analysis, mirrored: bool = False) -> None:
    """Same strides, and values that differ by no more than two looks do; in the mirror the sides change places."""
    assert a.movement.id == b.movement.id == "running"
    assert abs(len(a.strides) - len(b.strides)) <= 2
    for name, one in a.measures.items():
        other = b.measures[name]
        if one.value is None or other.value is None:
            continue
        for ours, theirs in (("value", "value"), ("left", "right" if mirrored else "left")):
            x, y = getattr(one, ours), getattr(other, theirs)
            assert x is None or y is None or abs(x - y) <= 2 * max(one.error, other.error), (name, ours)


@pytest.mark.parametrize("clip", [SIDE, REAR], ids=["side", "rear"])
def test_a_mirror_exchanges_the_sides_and_keeps_the_values(clip, tmp_path):
    mirrored = analysed(refilmed(clip, tmp_path / "m.mp4", lambda image: image[:, ::-1]))
    assert mirrored.view.id == plain(clip).view.id
    assert mirrored.view.near_side == OTHER[plain(clip).view.near_side]
    assert_same_run(plain(clip), mirrored, mirrored=True)


@pytest.mark.parametrize("clip", [SIDE, REAR], ids=["side", "rear"])
def test_a_phone_held_upright_changes_nothing(clip, tmp_path):
    # stored lying on its side, as phones do, with a note how to turn it
    turned = refilmed(clip, tmp_path / "t.mp4", lambda image: np.rot90(image, 1))
    assert_same_run(plain(clip), analysed(turn_when_shown(turned, 1)))


def test_somebody_at_the_side_is_not_measured(tmp_path):
    def with_another(image: np.ndarray) -> np.ndarray:
        image = image.copy()
        width = image.shape[1]
        small = image[:, width // 4 : 3 * width // 4][::2, ::2]
        image[-small.shape[0] :, : small.shape[1]] = small[:, ::-1]
        return image

    analysis = analysed(refilmed(SIDE, tmp_path / "two.mp4", with_another))
    assert_same_run(plain(SIDE), analysis)


def test_nothing_is_measured_where_the_picture_is_black(tmp_path):
    shown = iter(range(10_000))
    hidden = refilmed(SIDE, tmp_path / "hole.mp4", lambda image: image * (not 180 <= next(shown) < 240))
    analysis = analysed(hidden)
    # no stride begins before the hole and ends behind it
    assert not [s for s in analysis.strides if s.contact_s < 3.0 and s.next_contact_s > 4.0]
    assert analysis.measures["cadence_spm"].value == pytest.approx(plain(SIDE).measures["cadence_spm"].value, abs=2)


@pytest.mark.parametrize("clip", [SIDE, REAR], ids=["side", "rear"])
def test_feet_outside_of_the_picture_are_not_guessed(clip, tmp_path):
    without_feet = refilmed(clip, tmp_path / "cut.mp4", lambda image: image[: image.shape[0] * 3 // 5])
    analysis = analysed(without_feet)
    assert analysis.strides == []
    assert all(measure.value is None for measure in analysis.measures.values())


def test_slow_motion_is_noticed_and_put_right(tmp_path):
    slowed = refilmed(SIDE, tmp_path / "slow.mp4", lambda image: image, slower=8)
    suspicious = analysed(slowed)
    assert "slow_motion_suspected" in {warning.code for warning in suspicious.warnings}
    assert (suspicious.movement.id, suspicious.measures) == ("unknown", {})
    corrected = hipdrive.analyse(slowed, quality="fast", slow_motion=8, height_m=1.57)
    assert_same_run(plain(SIDE), corrected)
