"""The 33 keypoints of BlazePose: their names, their order, their mirror images, the bones between them."""

from __future__ import annotations

from typing import Final

KEYPOINTS: Final[tuple[str, ...]] = (
    "nose",
    "left_eye_inner",
    "left_eye",
    "left_eye_outer",
    "right_eye_inner",
    "right_eye",
    "right_eye_outer",
    "left_ear",
    "right_ear",
    "mouth_left",
    "mouth_right",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_pinky",
    "right_pinky",
    "left_index",
    "right_index",
    "left_thumb",
    "right_thumb",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
    "left_heel",
    "right_heel",
    "left_foot_index",
    "right_foot_index",
)


def other_side(name: str) -> str:
    """Name of the same keypoint on the other side of the body.

    Examples
    --------
    >>> other_side("left_hip"), other_side("mouth_right"), other_side("nose")
    ('right_hip', 'mouth_left', 'nose')
    """
    if "left" in name:
        return name.replace("left", "right")
    return name.replace("right", "left")


MIRRORED: Final[tuple[int, ...]] = tuple(KEYPOINTS.index(other_side(name)) for name in KEYPOINTS)
"""Where each keypoint goes when the picture is mirrored."""


def _both_sides(*bones: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((f"{side}_{a}", f"{side}_{b}") for side in ("left", "right") for a, b in bones)


BONES: Final[tuple[tuple[str, str], ...]] = (
    ("left_shoulder", "right_shoulder"),
    ("left_hip", "right_hip"),
    *_both_sides(
        ("shoulder", "hip"),
        ("shoulder", "elbow"),
        ("elbow", "wrist"),
        ("hip", "knee"),
        ("knee", "ankle"),
        ("ankle", "heel"),
        ("heel", "foot_index"),
        ("ankle", "foot_index"),
    ),
    ("nose", "left_ear"),
    ("nose", "right_ear"),
)
