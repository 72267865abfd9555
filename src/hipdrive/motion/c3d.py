"""C3D: markers as the systems of labs store them (https://www.c3d.org/HTML/).

Written by the library ezc3d. Read by hipdrive itself, because ezc3d 1.7 takes the whole program down with it on a
damaged file, stops after 65535 frames, and needs ten times as long.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from hipdrive.errors import HipdriveError
from hipdrive.motion.number_block import check_file, decoded
from hipdrive.motion.trial import Axis, Trial, check_distance, check_size, metres_per, unique_names

BLOCK_BYTES: Final = 512
C3D_KEY: Final = 0x50  # the second byte of every C3D file
INTEL, VAX, MIPS = 84, 85, 86  # processors whose numbers a file may have
HEADER_FRAMES: Final = 65_535  # the header has two bytes for the number of a frame
OWN_GROUP: Final = "HIPDRIVE"
START: Final = "TIME_START_S"  # C3D counts frames and cannot say when between two of them a trial begins
EVEN: Final = 0.01  # of a frame, by which times may differ from an even clock

Value = list[str] | list[float]


@dataclass(frozen=True)
class _Header:
    """What the first block of a file says."""

    processor: int
    n_points: int
    n_analog: int  # numbers of a frame behind its points
    first_frame: int
    last_frame: int
    scale: float
    data_block: int
    rate_hz: float

    @property
    def order(self) -> str:
        return ">" if self.processor == MIPS else "<"


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
    check_file(path)
    try:
        content = np.memmap(path, np.uint8, "r")
    except (OSError, ValueError) as error:
        raise HipdriveError(f"cannot read {path}: {error}") from error
    header, parameters = _described(content, path.name)
    points = _points(content, header, _n_frames(header, parameters, content.size, path.name))
    rate_hz = _number(parameters, "POINT:RATE", header.rate_hz)
    if not 0 < rate_hz < 1e6:
        raise HipdriveError(f"{path.name} is damaged: it says {rate_hz:g} frames a second")
    notes = []
    unit = _text(parameters, "POINT:UNITS")
    if not unit:
        unit = "mm"
        notes.append("the file gives no unit: millimetres were taken")
    position_m = points * metres_per(unit, path.name)
    check_distance(position_m, path.name)
    start_s = _number(parameters, f"{OWN_GROUP}:{START}", (header.first_frame - 1) / rate_hz)
    time_s = start_s + np.arange(len(points)) / rate_hz
    if not (np.diff(time_s) > 0).all() or not np.isfinite(time_s).all():
        raise HipdriveError(f"{path.name} is damaged: it begins at {start_s:g} s")
    names = unique_names(_labels(parameters, header.n_points))
    return Trial(names, time_s, position_m, rate_hz, _up(parameters), tuple(notes))


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


def _described(content: NDArray[np.uint8], name: str) -> tuple[_Header, dict[str, Value]]:
    """Header and parameters, such as ``POINT:RATE``."""
    if content.size < BLOCK_BYTES or content[1] != C3D_KEY:
        raise HipdriveError(f"{name} is no C3D file: its header is not that of one")
    start = max(int(content[0]) - 1, 1) * BLOCK_BYTES
    section = content[start : start + 256 * BLOCK_BYTES].tobytes()
    if len(section) < 4 or section[3] not in (INTEL, VAX, MIPS):
        raise HipdriveError(f"{name} is damaged: its parameters are not where its header says")
    processor = section[3]
    order = ">" if processor == MIPS else "<"
    block = content[:BLOCK_BYTES].tobytes()
    n_points, n_analog, first, last = struct.unpack_from(f"{order}HHHH", block, 2)
    (data_block,) = struct.unpack_from(f"{order}H", block, 16)
    scale, rate_hz = (float(_floats(block[at : at + 4], processor)[0]) for at in (12, 20))
    header = _Header(processor, n_points, n_analog, first, last, scale, data_block, rate_hz)
    if n_points == 0:
        raise HipdriveError(f"{name} has no markers: forces alone are no motion")
    if data_block == 0 or not np.isfinite(scale) or scale == 0:
        raise HipdriveError(f"{name} is damaged: its header does not say where and how its numbers stand")
    try:
        return header, _parameters(section, header)
    except (struct.error, IndexError, ValueError) as error:
        raise HipdriveError(f"{name} is damaged: its parameters cannot be read") from error


def _parameters(section: bytes, header: _Header) -> dict[str, Value]:
    """Walk the records of groups and parameters; the offset in each leads to the next."""
    groups: dict[int, str] = {}
    found: list[tuple[int, str, Value]] = []
    at = 4
    while at + 2 < len(section):
        length, group = abs(struct.unpack_from("b", section, at)[0]), struct.unpack_from("b", section, at + 1)[0]
        if length == 0 or group == 0:
            break
        named = decoded(section[at + 2 : at + 2 + length]).strip().upper()
        at += 2 + length
        (offset,) = struct.unpack_from(f"{header.order}H", section, at)
        if group < 0:
            groups[-group] = named
        else:
            found.append((group, named, _value(section, at + 2, header.processor)))
        if offset == 0:
            break
        at += offset
    return {f"{groups.get(group, '')}:{named}": value for group, named, value in found}


def _value(section: bytes, at: int, processor: int) -> Value:
    kind, n_dimensions = struct.unpack_from("bB", section, at)
    shape = list(section[at + 2 : at + 2 + n_dimensions])
    count = int(np.prod(shape, dtype=np.int64)) if shape else 1
    start = at + 2 + n_dimensions
    data = section[start : start + count * abs(kind)]
    if len(data) < count * abs(kind):
        raise ValueError("a parameter reaches beyond its section")
    if kind == -1:
        width = shape[0] if shape else 1
        return [decoded(data[i : i + width]).strip(" \0") for i in range(0, len(data), width)] if width else []
    if kind == 4:
        return [float(number) for number in _floats(data, processor)]
    order = ">" if processor == MIPS else "<"
    types = {1: "u1", 2: f"{order}i2"}
    return [float(number) for number in np.frombuffer(data, types[kind])] if kind in types else []


def _floats(data: bytes, processor: int) -> NDArray[np.float32]:
    """Floats of four bytes; those of the VAX have their halves exchanged and are four times as large."""
    if processor == VAX:
        halves = np.frombuffer(data, "<u2").reshape(-1, 2)[:, ::-1]
        with np.errstate(invalid="ignore"):
            return (np.ascontiguousarray(halves).view("<f4").ravel() / 4).astype(np.float32)
    return np.frombuffer(data, ">f4" if processor == MIPS else "<f4").astype(np.float32)


def _n_frames(header: _Header, parameters: dict[str, Value], size: int, name: str) -> int:
    """How many frames there are: the header counts to 65535, and parameters know better."""
    in_header = header.last_frame - header.first_frame + 1
    frame_bytes = (4 * header.n_points + header.n_analog) * (4 if header.scale < 0 else 2)
    room = (size - (header.data_block - 1) * BLOCK_BYTES) // frame_bytes
    if header.last_frame < HEADER_FRAMES:
        if not 0 < in_header <= room:
            raise HipdriveError(f"{name} is cut off: it has {max(room, 0)} of {in_header} frames, copy it again")
        n_frames = in_header
    else:
        first, last = (
            sum(
                int(half) % 65_536 * 65_536**i
                for i, half in enumerate(_numbers(parameters, f"TRIAL:ACTUAL_{which}_FIELD"))
            )
            for which in ("START", "END")
        )
        n_frames = last - first + 1 if last else int(_number(parameters, "POINT:LONG_FRAMES", in_header))
        if not 0 < n_frames <= room:
            raise HipdriveError(f"{name} is cut off: it has {max(room, 0)} of {n_frames} frames, copy it again")
    check_size(header.n_points, n_frames, name)
    return n_frames


def _points(content: NDArray[np.uint8], header: _Header, n_frames: int) -> NDArray[np.float64]:
    """Positions in the unit of the file, shape (n_frames, n_points, 3); NaN where the residual says missing."""
    floating = header.scale < 0
    width, item = 4 * header.n_points + header.n_analog, 4 if floating else 2
    start = (header.data_block - 1) * BLOCK_BYTES
    raw = content[start : start + n_frames * width * item]
    if floating:
        numbers = _floats(raw.tobytes(), VAX) if header.processor == VAX else raw.view(f"{header.order}f4")
    else:
        numbers = raw.view(f"{header.order}i2")
    frames = numbers.reshape(n_frames, width)[:, : 4 * header.n_points].reshape(n_frames, header.n_points, 4)
    with np.errstate(invalid="ignore"):
        points = frames[..., :3].astype(np.float64) * (1.0 if floating else header.scale)
        gone = ~(frames[..., 3] >= 0) | ~np.isfinite(points).all(-1)
    points[gone] = np.nan
    return points


def _numbers(parameters: dict[str, Value], key: str) -> list[float]:
    return [value for value in parameters.get(key, []) if isinstance(value, float) and np.isfinite(value)]


def _number(parameters: dict[str, Value], key: str, otherwise: float) -> float:
    return next(iter(_numbers(parameters, key)), otherwise)


def _text(parameters: dict[str, Value], key: str) -> str:
    return next((value.strip() for value in parameters.get(key, []) if isinstance(value, str)), "")


def _labels(parameters: dict[str, Value], n_points: int) -> list[str]:
    labels: list[str] = []
    for number in ("", *range(2, 100)):  # 255 to a parameter
        labels += [label for label in parameters.get(f"POINT:LABELS{number}", []) if isinstance(label, str)]
    return (labels + [""] * n_points)[:n_points]


def _up(parameters: dict[str, Value]) -> Axis | None:
    said = _text(parameters, "POINT:Y_SCREEN").lower()
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
