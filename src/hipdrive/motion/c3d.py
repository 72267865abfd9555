"""C3D: markers as the systems of labs store them (https://www.c3d.org), by the library ezc3d."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from hipdrive.errors import HipdriveError
from hipdrive.motion.number_block import check_file
from hipdrive.motion.trial import Axis, Trial, check_distance, check_size, metres_per, unique_names

BLOCK_BYTES: Final = 512
C3D_KEY: Final = 0x50  # the second byte of every C3D file
INTEL, VAX, MIPS = 84, 85, 86  # processors whose numbers a file may have
HEADER_FRAMES: Final = 65_535  # the header has two bytes for the number of frames
OWN_GROUP: Final = "HIPDRIVE"
START: Final = "TIME_START_S"  # C3D counts frames and cannot say when between two of them a trial begins
EVEN: Final = 0.01  # of a frame, by which times may differ from an even clock


def read_c3d(path: Path) -> Trial:
    """Read a C3D file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Trial
        In the axes of the file; `Trial.up` is what POINT:Y_SCREEN says.

    Raises
    ------
    HipdriveError
        When it is no C3D file, a damaged one, or has no markers.
    """
    _check_header(path)
    import ezc3d

    try:
        content: Any = ezc3d.c3d(str(path))
        points = np.asarray(content["data"]["points"], np.float64)
    except (OSError, RuntimeError, ValueError, KeyError, IndexError, MemoryError, TypeError, OverflowError) as error:
        raise HipdriveError(f"{path.name} is damaged: ezc3d says {str(error)[:80]!r}") from error
    parameters = content["parameters"]
    n_frames = _long_trial_frames(parameters)
    if n_frames > points.shape[2]:
        points = _long_points(path, points.shape[1], n_frames)
    check_size(points.shape[1], points.shape[2], path.name)
    rate_hz = float(_parameter(parameters, "POINT", "RATE", content["header"]["points"]["frame_rate"]))
    if not 0 < rate_hz < 1e6:
        raise HipdriveError(f"{path.name} is damaged: it says {rate_hz:g} frames a second")
    unit = str(_parameter(parameters, "POINT", "UNITS", ""))
    notes = []
    if not unit.strip():
        unit = "mm"
        notes.append("the file gives no unit: millimetres were taken")
    labels = _labels(parameters, points.shape[1])
    start_s = _parameter(parameters, OWN_GROUP, START, int(content["header"]["points"]["first_frame"]) / rate_hz)
    position_m = np.moveaxis(points[:3], 0, -1).transpose(1, 0, 2) * metres_per(unit, path.name)
    position_m = np.where(np.isfinite(position_m).all(-1, keepdims=True), position_m, np.nan)
    check_distance(position_m, path.name)
    time_s = float(start_s) + np.arange(points.shape[2]) / rate_hz
    return Trial(unique_names(labels), time_s, position_m, rate_hz, _up(parameters), tuple(notes))


def write_c3d(trial: Trial, path: Path) -> None:
    """Write a C3D file in millimetres; a missing marker has the residual -1.

    C3D has one frame rate: positions at uneven times are moved to an even clock between their neighbours.

    Parameters
    ----------
    trial : Trial
        In the axes wanted in the file; `Trial.up` goes into POINT:Y_SCREEN.
    path : Path

    Raises
    ------
    HipdriveError
        When the file cannot be written.
    """
    import ezc3d

    position_m, rate_hz = _on_even_clock(trial)
    missing = np.isnan(position_m).any(-1)
    points = np.ones((4, len(trial.names), len(position_m)))
    points[:3] = np.where(np.isnan(position_m), 0.0, position_m * 1000).transpose(2, 1, 0)
    content: Any = ezc3d.c3d()
    point = content["parameters"]["POINT"]
    point["RATE"]["value"] = [rate_hz]
    point["UNITS"]["value"] = ["mm"]
    point["LABELS"]["value"] = [" ".join(name.split()) for name in trial.names]
    if trial.up is not None:
        content.add_parameter("POINT", "X_SCREEN", ["+X"])
        content.add_parameter("POINT", "Y_SCREEN", [trial.up.upper()])
    content.add_parameter(OWN_GROUP, START, [float(trial.time_s[0])])
    for name, frame in (("ACTUAL_START_FIELD", 1), ("ACTUAL_END_FIELD", len(position_m))):
        content.add_parameter(
            "TRIAL", name, [frame % 65_536, frame // 65_536]
        )  # in two halves, as C3D has no more bytes
    first_frame = round(float(trial.time_s[0]) * rate_hz)
    content["header"]["points"]["first_frame"] = first_frame if 0 <= first_frame < HEADER_FRAMES else 0
    content["data"]["points"] = points
    content["data"]["meta_points"]["residuals"] = np.where(missing.T, -1.0, 0.0)[None]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        content.write(str(path))
    except (OSError, RuntimeError, ValueError) as error:
        raise HipdriveError(f"cannot write {path}: {str(error)[:80]}") from error


def _check_header(path: Path) -> None:
    """Refuse what is no C3D file, and one that promises more than it has: a library would ask for that much memory."""
    check_file(path)
    try:
        with path.open("rb") as file:
            header = file.read(BLOCK_BYTES)
            size = file.seek(0, 2)
            if len(header) < BLOCK_BYTES or header[1] != C3D_KEY:
                raise HipdriveError(f"{path.name} is no C3D file: its header is not that of one")
            file.seek(max(header[0] - 1, 0) * BLOCK_BYTES)
            parameters = file.read(4)
    except OSError as error:
        raise HipdriveError(f"cannot read {path}: {error.strerror or error}") from error
    processor = parameters[3] if len(parameters) == 4 else 0
    if processor not in (INTEL, VAX, MIPS):
        raise HipdriveError(f"{path.name} is damaged: its parameters are not where its header says")
    order = ">" if processor == MIPS else "<"
    n_points, n_analog, first, last = struct.unpack_from(f"{order}HHHH", header, 2)
    data_block = struct.unpack_from(f"{order}H", header, 16)[0]
    n_frames = max(last - first + 1, 0)
    # the sign of the scale tells floats from two-byte numbers; floats of the VAX have theirs elsewhere
    size_of_number = 4 if processor != VAX and struct.unpack_from(f"{order}f", header, 12)[0] < 0 else 2
    if last >= HEADER_FRAMES:
        n_frames = 0  # beyond that the header cannot say how many there are
    least = (data_block - 1) * BLOCK_BYTES + n_frames * (n_points * 4 + n_analog) * size_of_number
    if n_points == 0:
        raise HipdriveError(f"{path.name} has no markers: forces alone are no motion")
    if data_block == 0 or size < least:
        raise HipdriveError(f"{path.name} is cut off: it has {size} of at least {least} bytes, copy it again")


def _long_trial_frames(parameters: Any) -> int:
    """Number of frames that TRIAL says, which has room for more than the header."""
    ends = [
        _parameter(parameters, "TRIAL", f"ACTUAL_{which}_FIELD", None, all_of_it=True) for which in ("START", "END")
    ]
    if any(end is None or len(end) != 2 for end in ends):
        return 0
    first, last = (int(low) % 65_536 + 65_536 * (int(high) % 65_536) for low, high in ends)
    return last - first + 1


def _long_points(path: Path, n_points: int, n_frames: int) -> NDArray[np.float64]:
    """Read more frames than the header can count, which ezc3d 1.7 stops at; shape (3, n_points, n_frames)."""
    with path.open("rb") as file:
        header = file.read(BLOCK_BYTES)
        n_analog, scale, data_block = (
            struct.unpack_from(f"<{kind}", header, at)[0] for kind, at in (("H", 4), ("f", 12), ("H", 16))
        )
        width = 4 * n_points + n_analog
        file.seek((data_block - 1) * BLOCK_BYTES)
        numbers = np.fromfile(file, "<f4", n_frames * width) if scale < 0 else np.empty(0, np.float32)
    if len(numbers) < n_frames * width:
        raise HipdriveError(
            f"{path.name} has more than {HEADER_FRAMES} frames in a form that cannot be read: cut it in parts"
        )
    frames = numbers.reshape(n_frames, width)[:, : 4 * n_points].reshape(n_frames, n_points, 4).astype(np.float64)
    frames[frames[..., 3] < 0] = np.nan
    return frames[..., :3].transpose(2, 1, 0)


def _parameter(parameters: Any, group: str, name: str, otherwise: Any, *, all_of_it: bool = False) -> Any:
    try:
        value = parameters[group][name]["value"]
        if all_of_it:
            return value
        return value[0] if len(value) else otherwise
    except (KeyError, IndexError, TypeError):
        return otherwise


def _labels(parameters: Any, n_points: int) -> list[str]:
    labels: list[str] = []
    for number in ("", *(str(i) for i in range(2, 100))):  # 255 to a parameter
        try:
            labels += [str(label).strip() for label in parameters["POINT"][f"LABELS{number}"]["value"]]
        except (KeyError, TypeError):
            break
    return (labels + [""] * n_points)[:n_points]


def _up(parameters: Any) -> Axis | None:
    said = str(_parameter(parameters, "POINT", "Y_SCREEN", "")).strip().lower()
    said = said if said.startswith(("+", "-")) else f"+{said}"
    return cast(Axis, said) if said in ("+x", "-x", "+y", "-y", "+z", "-z") else None


def _on_even_clock(trial: Trial) -> tuple[NDArray[np.float64], float]:
    """Positions at even steps, and how many of them a second."""
    time_s = trial.time_s
    if len(time_s) < 2:
        return trial.position_m, trial.rate_hz if trial.rate_hz > 0 else 1.0
    step_s = float(time_s[-1] - time_s[0]) / (len(time_s) - 1)
    even_s = time_s[0] + np.arange(len(time_s)) * step_s
    if np.abs(time_s - even_s).max() <= EVEN * step_s:
        return trial.position_m, trial.rate_hz if abs(trial.rate_hz * step_s - 1) < EVEN / len(time_s) else 1 / step_s
    columns = trial.position_m.reshape(len(time_s), -1)
    after = np.clip(np.searchsorted(time_s, even_s), 1, len(time_s) - 1)
    share = ((even_s - time_s[after - 1]) / (time_s[after] - time_s[after - 1]))[:, None]
    moved = columns[after - 1] * (1 - share) + columns[after] * share
    return moved.reshape(trial.position_m.shape), 1 / step_s
