"""Motion: one athlete in one clip, labelled.

An `xarray.Dataset` with the dimensions ``time`` [s], ``keypoint`` (names) and ``space`` (x, y, z) and the variables

- ``image_position`` [px]: x to the right, y down, z into the scene relative to the hips;
- ``world_position`` [m]: relative to the mid hip, along the same axes;
- ``confidence``: 0 to 1.

Missing is NaN, never zero. The attributes ``source``, ``rate_hz``, ``width_px``, ``height_px`` are plain numbers
and text; ``kind`` is ``"video"``, ``"landmarks"`` or ``"mocap"``; ``log`` has a line for every step applied.

The first 33 keypoints are always those of BlazePose. A motion from a lab ("mocap") has its pelvis points and every
marker behind them, and its ``world_position`` is measured from the lab's origin; see `hipdrive.motion.body`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from hipdrive.pose import KEYPOINTS

if TYPE_CHECKING:
    import pyarrow as pa

SPACE = ("x", "y", "z")
DIMS = ("time", "keypoint", "space")

Kind = Literal["video", "landmarks", "mocap"]
WHOLE_NUMBERS: Final = ("width_px", "height_px")
NUMBERS: Final = ("rate_hz",)


def new_motion(
    time_s: NDArray[np.float64],
    landmarks: NDArray[np.float32] | NDArray[np.float64],
    *,
    source: str,
    width_px: int,
    height_px: int,
    kind: Kind = "video",
    further: Sequence[str] = (),
) -> xr.Dataset:
    """Label the landmarks of one athlete.

    Parameters
    ----------
    time_s : ndarray, shape (n_frames,)
        Rising.
    landmarks : ndarray, shape (n_frames, 33 + n_further, 7)
        Image x, y, z [px], world x, y, z [m], confidence; NaN where nobody was seen.
    source : str
        Name of the file.
    width_px, height_px : int
    kind : {"video", "landmarks", "mocap"}
        Where the landmarks come from.
    further : sequence of str
        Names of keypoints behind the 33 of BlazePose.

    Returns
    -------
    xarray.Dataset

    Raises
    ------
    ValueError
        When the shapes do not fit or time does not rise.
    """
    names = [*KEYPOINTS, *further]
    if len(set(names)) < len(names):
        raise ValueError("every keypoint needs a name of its own")
    if landmarks.shape != (len(time_s), len(names), 7):
        raise ValueError(f"landmarks must have shape ({len(time_s)}, {len(names)}, 7), not {landmarks.shape}")
    if (np.diff(time_s) <= 0).any():
        raise ValueError("time_s must rise from frame to frame")
    rate_hz = (len(time_s) - 1) / float(time_s[-1] - time_s[0]) if len(time_s) > 1 else 0.0
    return xr.Dataset(
        {
            "image_position": (DIMS, landmarks[..., 0:3]),
            "world_position": (DIMS, landmarks[..., 3:6]),
            "confidence": (DIMS[:2], landmarks[..., 6]),
        },
        coords={"time": time_s, "keypoint": names, "space": list(SPACE)},
        attrs={
            "source": source,
            "rate_hz": rate_hz,
            "width_px": width_px,
            "height_px": height_px,
            "kind": kind,
            "log": "",
        },
    )


def logged(motion: xr.Dataset, step: str) -> xr.Dataset:
    """Return the motion with one more line in its log."""
    return motion.assign_attrs(log=f"{motion.attrs['log']}{step}\n")


def image_point(motion: xr.Dataset, keypoint: str) -> NDArray[np.float64]:
    """X and y of a keypoint in the picture [px], shape (n_frames, 2)."""
    return np.array(motion["image_position"].values[:, _number(motion, keypoint), :2], np.float64)


def image_middle(motion: xr.Dataset, joint: str) -> NDArray[np.float64]:
    """Mid-point of the left and right joint in the picture [px], shape (n_frames, 2)."""
    return (image_point(motion, f"left_{joint}") + image_point(motion, f"right_{joint}")) / 2


def world_point(motion: xr.Dataset, keypoint: str) -> NDArray[np.float64]:
    """x, y and z of a keypoint [m], shape (n_frames, 3)."""
    return np.array(motion["world_position"].values[:, _number(motion, keypoint)], np.float64)


def confidence_of(motion: xr.Dataset, *keypoints: str) -> NDArray[np.float64]:
    """Least confidence among the keypoints, shape (n_frames,)."""
    numbers = [_number(motion, keypoint) for keypoint in keypoints]
    return np.asarray(np.fmin.reduce(motion["confidence"].values[:, numbers], axis=1), np.float64)


def _number(motion: xr.Dataset, keypoint: str) -> int:
    """Place of a keypoint along its dimension: asked for thousands of times, for which labelled access is too slow."""
    number = motion.indexes["keypoint"].get_loc(keypoint)
    assert isinstance(number, int)  # names are unique
    return number


def write_landmarks(motion: xr.Dataset, path: Path) -> None:
    """Write the motion as a tidy Parquet table: one row per frame and keypoint."""
    import pyarrow.parquet as pq

    attributes = {f"hipdrive.{key}": str(value) for key, value in motion.attrs.items()}
    pq.write_table(tidy_table(motion).replace_schema_metadata(attributes), path, compression="zstd")


def tidy_table(motion: xr.Dataset) -> pa.Table:
    """Table with one row per frame and keypoint."""
    import pyarrow as pa

    n_frames, n_keypoints = motion.confidence.shape
    names = pa.DictionaryArray.from_arrays(
        np.tile(np.arange(n_keypoints, dtype=np.int8 if n_keypoints < 128 else np.int32), n_frames),
        pa.array(motion.keypoint.values.tolist()),
    )
    columns = {"time_s": np.repeat(motion.time.values, n_keypoints), "keypoint": names}
    for variable, unit in (("image_position", "px"), ("world_position", "m")):
        for i, axis in enumerate(SPACE):
            columns[f"{variable.removesuffix('_position')}_{axis}_{unit}"] = motion[variable].values[:, :, i].ravel()
    columns["confidence"] = motion.confidence.values.ravel()
    return pa.table(columns)


def read_landmarks(path: Path) -> xr.Dataset:
    """Read back what `write_landmarks` wrote."""
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    attributes = {
        key.decode().removeprefix("hipdrive."): value.decode()
        for key, value in (table.schema.metadata or {}).items()
        if key.startswith(b"hipdrive.")
    }
    time_s = table["time_s"].to_numpy()
    names = table["keypoint"][: int((time_s == time_s[0]).sum())].to_pylist()  # those of the first frame
    numbers = [name for name in table.column_names if name not in ("time_s", "keypoint")]
    landmarks = np.stack([table[name].to_numpy() for name in numbers], -1).reshape(-1, len(names), 7)
    motion = new_motion(
        time_s[:: len(names)],
        landmarks,
        source=attributes["source"],
        width_px=int(attributes["width_px"]),
        height_px=int(attributes["height_px"]),
        further=names[len(KEYPOINTS) :],
    )
    read = {name: _read_attribute(name, text) for name, text in attributes.items()}
    return motion.assign_attrs({**motion.attrs, **read})


def _read_attribute(name: str, text: str) -> str | int | float:
    if name in WHOLE_NUMBERS:
        return int(text)
    return float(text) if name in NUMBERS else text
