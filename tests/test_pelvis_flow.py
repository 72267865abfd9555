"""The pelvis followed by the cloth beside the hips: on pictures that turn as they are told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hipdrive.motion import new_motion
from hipdrive.motion.pelvis_flow import follow_pelvis, tilt_between
from hipdrive.pose import KEYPOINTS
from hipdrive.video import Clip, Frame

Picture = NDArray[np.uint8]

WIDTH, HEIGHT = 320, 240
TRUNK_PX = 90.0
MIDDLE = np.array([160.0, 130.0])


def cloth(seed: int = 0, contrast: float = 40.0) -> Picture:
    """Something to hold on to: blurred noise."""
    noise = np.random.default_rng(seed).normal(0, 1, (HEIGHT, WIDTH)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 2.5)
    grey = np.clip(128 + contrast * soft / soft.std(), 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def turned(picture: Picture, clockwise_deg: float, down_px: float = 0.0, aside_px: float = 0.0) -> Picture:
    """The picture turned about the middle of the hips and moved."""
    matrix = cv2.getRotationMatrix2D((float(MIDDLE[0]), float(MIDDLE[1])), -clockwise_deg, 1.0)
    matrix[:, 2] += aside_px, down_px
    moved = cv2.warpAffine(picture, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(moved, np.uint8)


@settings(max_examples=10, deadline=None)
@given(st.floats(-4, 4), st.floats(-4, 4), st.floats(-3, 3))
def test_a_turn_is_seen_and_what_the_body_does_as_a_whole_is_not(turn: float, down: float, aside: float) -> None:
    step = tilt_between(cloth(), turned(cloth(), turn, down, aside), MIDDLE, TRUNK_PX)
    assert step.turn_deg == pytest.approx(turn, abs=0.25 + 0.05 * abs(turn))
    assert step.together_px * TRUNK_PX / 120 == pytest.approx(down, abs=0.4)


@pytest.mark.parametrize("size", [0.5, 3.0])
def test_the_size_of_the_runner_in_the_picture_does_not_matter(size: float) -> None:
    before, after = (
        np.asarray(cv2.resize(picture, None, fx=size, fy=size, interpolation=cv2.INTER_AREA), np.uint8)
        for picture in (cloth(), turned(cloth(), 3.0))
    )
    assert tilt_between(before, after, MIDDLE * size, TRUNK_PX * size).turn_deg == pytest.approx(3.0, abs=0.4)


def test_a_hand_that_swings_by_has_no_say() -> None:
    before, after = cloth(), turned(cloth(), 2.0)
    hand = cloth(seed=7)[:14, :12]
    for picture, top in ((before, 112), (after, 126)):
        picture[top : top + 14, 182:194] = hand
    assert tilt_between(before, after, MIDDLE, TRUNK_PX).turn_deg == pytest.approx(2.0, abs=0.4)


def test_plain_cloth_is_not_followed() -> None:
    plain = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    step = tilt_between(plain, plain, MIDDLE, TRUNK_PX)
    assert np.isnan(step.turn_deg)
    assert step.quality == 0


def test_hips_outside_the_picture_or_unseen_are_not_followed() -> None:
    for middle in (np.array([np.nan, np.nan]), np.array([-500.0, 900.0])):
        step = tilt_between(cloth(), turned(cloth(), 2.0), middle, TRUNK_PX)
        assert np.isnan(step.turn_deg)


# -- whole clips --------------------------------------------------------------------------------------------------

RATE_HZ, SECONDS, STRIDE_HZ = 30.0, 6.0, 1.4


@dataclass
class Shown(Clip):
    """A clip made of pictures that are at hand."""

    pictures: tuple[Picture, ...] = ()
    times_read: int = 0

    def __iter__(self) -> Iterator[Frame]:
        self.times_read += 1
        for index, picture in enumerate(self.pictures):
            yield Frame(index, index / RATE_HZ, picture)


def tilt_deg() -> NDArray[np.float64]:
    """Right side down, left side down, once a stride."""
    return np.asarray(6 * np.sin(2 * np.pi * STRIDE_HZ * np.arange(round(SECONDS * RATE_HZ)) / RATE_HZ))


def down_px() -> NDArray[np.float64]:
    return np.asarray(4 * np.sin(4 * np.pi * STRIDE_HZ * np.arange(round(SECONDS * RATE_HZ)) / RATE_HZ))


def shown(mirrored: bool = False) -> Shown:
    pictures = tuple(turned(cloth(), tilt, down) for tilt, down in zip(tilt_deg(), down_px(), strict=True))
    if mirrored:
        pictures = tuple(np.ascontiguousarray(picture[:, ::-1]) for picture in pictures)
    return Shown(Path("shown.mp4"), WIDTH, HEIGHT, RATE_HZ, SECONDS, pictures=pictures)


def hips(face: bool = False, mirrored: bool = False) -> xr.Dataset:
    """A motion with level hips, as the network draws them: from behind, or face to face."""
    n_frames = round(SECONDS * RATE_HZ)
    landmarks = np.full((n_frames, len(KEYPOINTS), 7), np.nan, np.float32)
    middle_x = WIDTH - MIDDLE[0] if mirrored else MIDDLE[0]
    for side, sign in (("left", -1), ("right", 1)):
        for joint, height in (("hip", 0.0), ("shoulder", TRUNK_PX)):
            place = landmarks[:, KEYPOINTS.index(f"{side}_{joint}")]
            place[:, 0] = middle_x + (-sign if face else sign) * 16
            place[:, 1] = MIDDLE[1] - height + down_px()
    time_s = np.arange(n_frames) / RATE_HZ
    return new_motion(time_s, landmarks, source="shown.mp4", width_px=WIDTH, height_px=HEIGHT)


def test_the_tilt_of_a_clip_is_followed_and_the_clip_is_read_once() -> None:
    clip, told = shown(), list[int]()
    motion = follow_pelvis(hips(), clip, told.append)
    error = motion.pelvis_tilt_deg.values - tilt_deg()
    assert np.nanstd(error) < 0.5
    assert np.isfinite(error[1:]).all()
    assert clip.times_read == 1
    assert told[-1] == len(clip.pictures)
    assert motion.attrs["pelvis_flow_agreement"] > 0.9
    assert float(motion.pelvis_flow_quality[1:].median()) > 0.8


def test_in_the_mirror_the_other_side_is_down() -> None:
    motion = follow_pelvis(hips(mirrored=True), shown(mirrored=True))
    assert np.nanstd(motion.pelvis_tilt_deg.values + tilt_deg()) < 0.5


def test_face_to_face_right_is_on_the_left() -> None:
    motion = follow_pelvis(hips(face=True), shown())
    assert np.nanstd(motion.pelvis_tilt_deg.values + tilt_deg()) < 0.5


def test_what_moves_without_the_hips_does_not_agree_with_them() -> None:
    still = Shown(Path("still.mp4"), WIDTH, HEIGHT, RATE_HZ, SECONDS, pictures=(cloth(),) * round(SECONDS * RATE_HZ))
    assert follow_pelvis(hips(), still).attrs["pelvis_flow_agreement"] < 0.5


def test_a_short_gap_is_bridged_and_a_long_one_is_not() -> None:
    motion = hips()
    motion.image_position.values[60:61] = np.nan
    motion.image_position.values[100:112] = np.nan
    tilt = follow_pelvis(motion, shown()).pelvis_tilt_deg.values
    assert np.isfinite(tilt[50:70]).all()
    assert np.isnan(tilt[101:111]).all()


def test_one_frame_and_nobody_give_no_tilt() -> None:
    one = hips().isel(time=slice(0, 1))
    assert np.isnan(follow_pelvis(one, shown()).pelvis_tilt_deg.values).all()
    nobody = hips()
    nobody.image_position.values[:] = np.nan
    assert np.isnan(follow_pelvis(nobody, shown()).pelvis_tilt_deg.values).all()
