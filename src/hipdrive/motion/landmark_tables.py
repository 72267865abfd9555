"""Landmarks of other pose models, as tables: CSV, Parquet and JSON.

Tables are tidy (one row per frame and keypoint), as hipdrive writes them, or wide (one row per frame, columns such as
``left_hip_x``). JSON has the frames in a list, each a list of keypoints, each ``[x, y, confidence]``, ``[x, y, z]`` or
an object, alone or under a header with frame rate, size of the picture and names of the keypoints.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from hipdrive.errors import HipdriveError
from hipdrive.motion.dataset import Kind, logged, new_motion, read_landmarks, tidy_table
from hipdrive.motion.number_block import check_file, checked_clock, decoded, read_bytes
from hipdrive.motion.rigid import largest
from hipdrive.motion.trial import check_size
from hipdrive.pose import KEYPOINTS

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]

_LIMBS: Final = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
COCO_17: Final = (
    "nose",
    *(f"{side}_{part}" for part in ("eye", "ear", *_LIMBS) for side in ("left", "right")),
)
"""Order of the keypoints of COCO (Lin et al. 2014)."""

HALPE_26: Final = (
    *COCO_17,
    *("head", "neck", "mid_hip"),
    *("left_foot_index", "right_foot_index", "left_small_toe", "right_small_toe", "left_heel", "right_heel"),
)
"""Order of Halpe's keypoints of body and feet (Fang et al. 2022, AlphaPose); the big toe is BlazePose's foot index."""

LAYOUTS: Final[dict[int, tuple[str, ...]]] = {33: KEYPOINTS, 26: HALPE_26, 17: COCO_17}
"""Which keypoints a file has that does not name them, by their number."""

OTHER_NAMES: Final[dict[str, str]] = {
    "big_toe": "foot_index",
    "toe": "foot_index",
    "bigtoe": "foot_index",
    "smalltoe": "small_toe",
    "midhip": "mid_hip",
    "pelvis": "mid_hip",
}
"""What others call a keypoint, without its side."""

KEYPOINT_COLUMNS: Final = ("keypoint", "landmark", "bodypart", "joint", "name", "keypoint_name")
TIME_COLUMNS: Final[dict[str, float]] = {
    "time_s": 1.0,
    "time": 1.0,
    "t": 1.0,
    "timestamp": 1.0,
    "timestamp_s": 1.0,
    "seconds": 1.0,
    "time_ms": 0.001,
    "timestamp_ms": 0.001,
}
"""Columns of time, and their unit in seconds."""

FRAME_COLUMNS: Final = ("frame", "frame_id", "frame_index", "frame_number")
LONGEST_LINE_BYTES: Final = 1_000_000  # of the names of the columns
FORMAT: Final = "hipdrive.motion/1"
CONFIDENCES: Final = ("confidence", "conf", "visibility", "score", "likelihood", "c", "v", "p")
MOST_NORMALISED: Final = 3.0
"""Positions in shares of the picture lie between 0 and 1, and a little outside; nobody films 3 pixels."""

COLUMN: Final = re.compile(
    rf"^(?P<keypoint>.+?)[ _.:-](?P<world>world[ _.:-])?(?P<what>x|y|z|{'|'.join(CONFIDENCES)})(?P<unit>_px|_m)?$",
    re.IGNORECASE,
)


def read_landmark_table(
    path: Path, *, rate_hz: float | None = None, size_px: tuple[int, int] | None = None
) -> xr.Dataset:
    """Read landmarks that a pose model has found.

    Parameters
    ----------
    path : Path
        CSV, Parquet or JSON.
    rate_hz : float, optional
        Frame rate of the clip, for a file that does not say it.
    size_px : (int, int), optional
        Width and height of the picture, for a file that does not say them.

    Returns
    -------
    xarray.Dataset
        Kind ``"landmarks"``, or what it was when hipdrive wrote the file. Keypoints that BlazePose does not have
        stand behind its 33.

    Raises
    ------
    HipdriveError
        When the file is damaged, or does not say when or where something was.
    """
    if rate_hz is not None and not 0 < rate_hz < 100_000:
        raise HipdriveError(f"a frame rate of {rate_hz} frames/s is not plausible: give frames per second, such as 30")
    suffix = path.suffix.lower()
    if suffix == ".json":
        return _read_json(path, rate_hz, size_px)
    if suffix == ".parquet":
        return _read_parquet(path, rate_hz, size_px)
    return _read_csv(path, rate_hz, size_px)


def keypoint_name(name: str) -> str:
    """Name that hipdrive has for a keypoint of another model.

    Examples
    --------
    >>> keypoint_name("l_big_toe"), keypoint_name("RIGHT KNEE"), keypoint_name("LHip"), keypoint_name("mid_hip")
    ('left_foot_index', 'right_knee', 'left_hip', 'mid_hip')
    """
    snake = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=^[LR])(?=[A-Z][a-z])", "_", name.strip())
    words = [word for word in re.split(r"[\s_.:-]+", snake.lower()) if word]
    sides = {"l": "left", "r": "right", "left": "left", "right": "right"}
    side = [sides[word] for word in words if word in sides]
    part = "_".join(word for word in words if word not in sides)
    part = OTHER_NAMES.get(part, part)
    if part == "mouth":
        return f"mouth_{side[0]}" if side else part
    return f"{side[0]}_{part}" if side else part


# --- JSON


def _read_json(path: Path, rate_hz: float | None, size_px: tuple[int, int] | None) -> xr.Dataset:
    try:
        content = json.loads(read_bytes(path))
    except (ValueError, RecursionError) as error:
        raise HipdriveError(f"{path.name} is damaged: it is not JSON ({str(error)[:80]})") from error
    header = content if isinstance(content, dict) else {}
    if str(header.get("schema", "")).startswith("hipdrive.analysis"):
        raise HipdriveError(f"{path.name} holds results, no motion: give landmarks.parquet, which lies beside it")
    frames = content if isinstance(content, list) else _first(header, "frames", "landmarks", "data")
    if not isinstance(frames, list) or not frames:
        raise HipdriveError(f"{path.name} has no list of frames: expected frames x keypoints x [x, y, confidence]")
    stated = _first(header, "fps", "rate_hz", "frame_rate", "framerate")
    rate_hz = rate_hz or _positive(stated)
    width, height = (
        _positive(_first(header, name, f"{name}_px", f"image_{name}", f"video_{name}")) for name in ("width", "height")
    )
    if width and height and width < 1e6 and height < 1e6:
        size_px = size_px or (round(width), round(height))
    given = _first(header, "keypoint_names", "keypoints", "names")
    values, names = _json_frames(frames, given, path.name)
    times = _first(header, "timestamps", "time_s", "times")
    time_s = _clock(times, len(frames), rate_hz, path.name)
    tells_depth = len(names) == len(KEYPOINTS) and values.shape[-1] == 3
    parts = np.full((*values.shape[:2], 7), np.nan)
    world = tells_depth and _is_world(values, names)
    if world:
        parts[..., 3:6] = values
    else:
        parts[..., :2] = values[..., :2]
        if values.shape[-1] > 3 or tells_depth:
            parts[..., 2] = values[..., 2]
        if values.shape[-1] > 2 and not tells_depth:
            parts[..., 6] = values[..., -1]
        beside = path.with_name(path.name.replace("_image", "_world"))
        if tells_depth and beside != path and beside.is_file():
            other, other_names = _json_frames(json.loads(read_bytes(beside)), None, beside.name)
            if other.shape == values.shape and other_names == names:
                parts[..., 3:6] = other
    return _motion(time_s, parts, names, rate_hz, size_px, path.name)


def _json_frames(frames: list[Any], given: object, name: str) -> tuple[Array, list[str]]:
    """Numbers of all frames, shape (n_frames, n_keypoints, 2 to 4), and the names of the keypoints."""
    names = [str(one) for one in given] if isinstance(given, list) and given else None
    listed: list[list[Any] | None] = []
    for frame in frames:
        inside = _first(frame, "keypoints", "landmarks", "pose_landmarks") if isinstance(frame, dict) else frame
        if isinstance(inside, dict):  # names to positions
            names = names or list(inside) or None
            inside = [inside.get(one) for one in names or ()]
        listed.append(inside if isinstance(inside, list) and inside else None)
    seen = [frame for frame in listed if frame is not None]
    if not seen:
        raise HipdriveError(f"{name} has no landmarks in any frame")
    n_keypoints = len(names) if names else max(len(frame) for frame in seen)
    if names is None and n_keypoints not in LAYOUTS:
        raise HipdriveError(
            f"{name} has {n_keypoints} keypoints and does not name them: add keypoint_names, "
            "or use BlazePose's 33, Halpe's 26 or COCO's 17"
        )
    check_size(n_keypoints, len(listed), name)
    names = names or list(LAYOUTS[n_keypoints])
    points = [[_numbers_of(point) for point in frame] for frame in seen]
    depth = max((len(point) for frame in points for point in frame if point), default=0)
    if not 2 <= depth <= 4:
        raise HipdriveError(
            f"{name}: every keypoint must have x, y and perhaps z and a confidence, not {depth} numbers"
        )
    for number, frame in enumerate(points, start=1):
        if len(frame) != n_keypoints or any(point and len(point) != depth for point in frame):
            raise HipdriveError(f"{name} is damaged: frame {number} of those with landmarks is not like the others")
    nothing = [np.nan] * depth
    values = np.full((len(listed), n_keypoints, depth), np.nan)
    try:
        block = np.array([[point or nothing for point in frame] for frame in points], np.float64)
    except (ValueError, TypeError, OverflowError) as error:
        raise HipdriveError(f"{name} is damaged: a keypoint has something that is no number") from error
    values[[i for i, frame in enumerate(listed) if frame is not None]] = block
    return values, _renamed(names, name)


def _numbers_of(point: object) -> list[Any]:
    """Coordinates of one keypoint; empty when it is missing."""
    if isinstance(point, dict):
        confidence = _first(point, *CONFIDENCES)
        numbers = [point.get("x"), point.get("y"), point.get("z"), confidence]
        return [number for number in numbers if number is not None]
    if isinstance(point, list) and point and point[0] is not None and not isinstance(point[0], (list, dict)):
        return [np.nan if number is None else number for number in point]
    return []


def _is_world(values: Array, names: Sequence[str]) -> bool:
    """World landmarks of BlazePose are metres from the middle of the hips."""
    hips = values[:, [names.index("left_hip"), names.index("right_hip")]].mean(1)
    hips = hips[np.isfinite(hips).all(-1)]
    return bool(len(hips) and np.abs(hips).max() < 0.05)


def _first(table: Mapping[str, Any], *names: str) -> Any:
    return next((table[name] for name in names if table.get(name) is not None), None)


def _positive(value: object) -> float | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < 1e9:
        return float(value)
    return None


# --- CSV and Parquet


def _read_parquet(path: Path, rate_hz: float | None, size_px: tuple[int, int] | None) -> xr.Dataset:
    import pyarrow as pa
    import pyarrow.parquet as pq

    check_file(path)
    try:
        if b"hipdrive.log" in (pq.read_schema(path).metadata or {}):
            return read_landmarks(path)
        frame = pq.read_table(path).to_pandas()
    except (pa.ArrowException, ValueError, KeyError, IndexError, TypeError, OSError, MemoryError) as error:
        raise HipdriveError(f"{path.name} is damaged: {str(error).splitlines()[0][:100]}") from error
    return _from_frame(frame, rate_hz, size_px, path.name)


def _read_csv(path: Path, rate_hz: float | None, size_px: tuple[int, int] | None) -> xr.Dataset:
    import pyarrow as pa
    from pyarrow import csv

    content = read_bytes(path)
    attributes, start = {}, 0
    while content.startswith(b"#", start):  # hipdrive's own header: # name: value
        end = content.find(b"\n", start) + 1 or len(content)
        key, _, value = decoded(content[start:end]).lstrip("# ").rstrip("\r\n").partition(": ")
        attributes[key], start = value, end
    # names stay names, also where all of them look like numbers
    keypoint_columns = dict.fromkeys(KEYPOINT_COLUMNS, pa.dictionary(pa.int32(), pa.string()))
    content = content[start:] if start else content
    first = content[:LONGEST_LINE_BYTES].lstrip().split(b"\n", 1)[0]
    delimiter = max(b",;\t", key=first.count)
    try:
        frame = csv.read_csv(
            pa.BufferReader(content),
            parse_options=csv.ParseOptions(delimiter=chr(delimiter)),
            convert_options=csv.ConvertOptions(
                null_values=["", "nan", "NaN", "NA", "null", "None"], column_types=keypoint_columns
            ),
        ).to_pandas()
    except (pa.ArrowException, ValueError, MemoryError) as error:
        raise HipdriveError(f"{path.name} is damaged: {str(error).splitlines()[0][:100]}") from error
    if attributes.get("format") == FORMAT:
        return _own_csv(frame, attributes, path.name)
    if size_px is None and {"width_px", "height_px"} <= attributes.keys():
        width, height = attributes["width_px"], attributes["height_px"]
        size_px = (int(width), int(height)) if width.isdecimal() and height.isdecimal() else None
    return _from_frame(frame, rate_hz, size_px, path.name)


def write_tidy_csv(motion: xr.Dataset, path: Path) -> None:
    """Write a motion as CSV: what it is in lines that begin with #, then one row per frame and keypoint."""
    from pyarrow import csv

    header = {"format": FORMAT} | {name: " | ".join(str(value).splitlines()) for name, value in motion.attrs.items()}
    with path.open("wb") as file:
        file.write("".join(f"# {name}: {text}\n" for name, text in header.items()).encode())
        csv.write_csv(tidy_table(motion), file)


def _own_csv(frame: pd.DataFrame, attributes: dict[str, str], name: str) -> xr.Dataset:
    """Read back what `write_tidy_csv` wrote."""
    try:
        time_s, parts, names = _tidy(frame, {column: column for column in frame.columns}, "keypoint", "time_s", name)
        order = [*KEYPOINTS, *(one for one in names if one not in KEYPOINTS)]
        motion = new_motion(
            time_s,
            parts[:, [names.index(one) for one in order]],
            source=attributes["source"],
            width_px=int(attributes["width_px"]),
            height_px=int(attributes["height_px"]),
            kind=cast(Kind, attributes["kind"]),
            further=order[len(KEYPOINTS) :],
        )
        rate_hz = float(attributes["rate_hz"])
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise HipdriveError(f"{name} is damaged: {error} is not as hipdrive wrote it") from error
    log = attributes.get("log", "").replace(" | ", "\n")
    text = {key: value for key, value in attributes.items() if key in ("lab_axes", "seen_from")}
    return motion.assign_attrs(rate_hz=rate_hz, log=f"{log}\n" if log else "", **text)


def _from_frame(frame: pd.DataFrame, rate_hz: float | None, size_px: tuple[int, int] | None, name: str) -> xr.Dataset:
    frame = frame.rename(columns=lambda column: str(column).strip())
    if frame.columns.duplicated().any():
        raise HipdriveError(f"{name} has two columns named {frame.columns[frame.columns.duplicated()][0]!r}")
    lower = {column.lower(): column for column in frame.columns}
    keypoint = next((lower[column] for column in KEYPOINT_COLUMNS if column in lower), None)
    clock = next((lower[column] for column in TIME_COLUMNS if column in lower), None)
    number = next((lower[column] for column in FRAME_COLUMNS if column in lower), None)
    if len(frame) == 0:
        raise HipdriveError(f"{name} has no rows")
    when: Array | None
    try:
        if keypoint is not None:
            when, parts, names = _tidy(frame, lower, keypoint, clock or number, name)
        else:
            parts, names = _wide(frame, name)
            column = clock or number
            when = None if column is None else frame[column].to_numpy(np.float64)
    except (ValueError, TypeError, OverflowError) as error:
        raise HipdriveError(f"{name} is damaged: a column of numbers has something else in it") from error
    if clock is not None and when is not None:
        when = when * TIME_COLUMNS[clock.lower()]
    elif when is not None and rate_hz is not None:
        when = (when - when[0]) / rate_hz  # frames may have been left out
    else:
        when = None
    time_s = _clock(when, len(parts), rate_hz, name)
    return _motion(time_s, parts, _renamed(names, name), rate_hz, size_px, name)


def _tidy(
    frame: pd.DataFrame, lower: dict[str, str], keypoint: str, when: str | None, name: str
) -> tuple[Array, Array, list[str]]:
    import pandas as pd

    if when is None or when not in frame.columns or keypoint not in frame.columns:
        raise HipdriveError(f"{name} has a column {keypoint!r} but none that says when: add time_s or frame")
    wanted = [
        *(("x", "image_x_px", "x_px"), ("y", "image_y_px", "y_px"), ("z", "image_z_px", "z_px")),
        *((f"world_{axis}_m", f"world_{axis}", f"{axis}_m") for axis in "xyz"),
        CONFIDENCES,
    ]
    columns = [next((lower[form] for form in forms if form in lower), None) for forms in wanted]
    if columns[0] is None and columns[3] is None:
        raise HipdriveError(f"{name} has no columns of positions: expected x and y, or image_x_px and image_y_px")
    codes, names = pd.factorize(frame[keypoint])
    times = frame[when].to_numpy(np.float64)
    if not np.isfinite(times).all() or (codes < 0).any():
        raise HipdriveError(f"{name} is damaged: a row has no time or no keypoint")
    moments, row = np.unique(times, return_inverse=True)
    check_size(len(names), len(moments), name)
    if len(moments) * len(names) > 2 * len(frame) + 1000:
        raise HipdriveError(
            f"{name} has {len(frame)} rows for {len(moments)} times and {len(names)} keypoints: "
            "the rows of one frame must have the same time"
        )
    if np.bincount(row * len(names) + codes).max() > 1:
        raise HipdriveError(f"{name} has a keypoint twice at the same time: one athlete a file")
    parts = np.full((len(moments), len(names), 7), np.nan)
    for i, column in enumerate(columns):
        if column is not None:
            parts[row, codes, i] = frame[column].to_numpy(np.float64)
    return moments, parts, [str(one) for one in names]


def _wide(frame: pd.DataFrame, name: str) -> tuple[Array, list[str]]:
    places: dict[str, dict[int, str]] = {}
    for column in frame.columns:
        found = COLUMN.match(column)
        if found is None:
            continue
        what = found["what"].lower()
        world = found["world"] is not None or found["unit"] == "_m"
        place = 6 if what in CONFIDENCES else "xyz".index(what) + (3 if world else 0)
        places.setdefault(found["keypoint"], {})[place] = column
    places = {
        keypoint: columns
        for keypoint, columns in places.items()
        if {0, 1} <= columns.keys() or {3, 4} <= columns.keys()
    }
    if not places:
        raise HipdriveError(
            f"{name} has no landmarks: expected columns keypoint, time_s, x and y, or columns such as left_hip_x"
        )
    check_size(len(places), len(frame), name)
    parts = np.full((len(frame), len(places), 7), np.nan)
    for i, columns in enumerate(places.values()):
        for place, column in columns.items():
            parts[:, i, place] = frame[column].to_numpy(np.float64)
    return parts, list(places)


# --- What all have in common


def _renamed(names: Sequence[str], name: str) -> list[str]:
    renamed = [keypoint_name(given) for given in names]
    twice = sorted({one for one in renamed if renamed.count(one) > 1})
    if twice:
        raise HipdriveError(f"{name} has {twice[0]!r} twice")
    if not {"left_hip", "right_hip", "left_shoulder", "right_shoulder"} & set(renamed):
        raise HipdriveError(f"{name} has no shoulders and hips among its keypoints ({', '.join(names[:5])} ...)")
    return renamed


def _clock(times: object, n_frames: int, rate_hz: float | None, name: str) -> Array:
    if times is not None:
        try:
            time_s = np.asarray(times, np.float64)
        except (ValueError, TypeError, OverflowError) as error:
            raise HipdriveError(f"{name} is damaged: a time is no number") from error
        if time_s.shape != (n_frames,):
            raise HipdriveError(f"{name} is damaged: it has {time_s.size} times for {n_frames} frames")
        return checked_clock(time_s, rate_hz, name)
    if rate_hz is None:
        raise HipdriveError(f"{name} does not say its frame rate: say how many frames a second it has")
    return np.arange(n_frames) / rate_hz


def _motion(
    time_s: Array,
    parts: Array,
    names: Sequence[str],
    rate_hz: float | None,
    size_px: tuple[int, int] | None,
    source: str,
) -> xr.Dataset:
    if np.isinf(parts).any() or (np.abs(parts) > 1e9).any():
        raise HipdriveError(f"{source} is damaged: it has infinite or absurdly large numbers")
    notes = []
    has_picture = np.isfinite(parts[..., :2]).any()
    if not has_picture:
        if not np.isfinite(parts[..., 3:5]).any():
            raise HipdriveError(f"{source} has no landmarks in any frame")
        parts[..., :3] = parts[..., 3:6] * 1000
        notes.append("no positions in the picture: 1000 px were taken for a metre of the world positions")
    elif largest(parts[..., :2]) <= MOST_NORMALISED:
        if size_px is None:
            raise HipdriveError(
                f"{source} has positions in shares of the picture but not its size: add width and height"
            )
        parts[..., :3] *= [size_px[0], size_px[1], size_px[0]]
        notes.append(f"positions were shares of a picture of {size_px[0]} x {size_px[1]} px")
    missing = ~np.isfinite(parts[..., :2]).all(-1) | ((parts[..., :2] == 0).all(-1) & has_picture)
    parts[missing] = np.nan  # nobody's joint is in the very corner: models write 0, 0 for what they do not see
    if not np.isfinite(parts[..., 6]).any():
        parts[..., 6] = np.where(missing, np.nan, 1.0)
        notes.append("no confidences: every landmark is believed")
    parts[..., 6] = np.clip(parts[..., 6], 0, 1)  # heat map peaks of some models reach a little over 1
    if missing.all():
        raise HipdriveError(f"{source} has no landmarks in any frame")
    if size_px is None:
        corners = parts[~missing][:, :2]
        low = np.minimum(corners.min(0), 0)
        parts[..., :2] -= low
        size_px = (int(np.ceil(corners[:, 0].max() - low[0])) + 1, int(np.ceil(corners[:, 1].max() - low[1])) + 1)
        notes.append("the size of the picture is not said: the landmarks' own extent was taken")
    further = [name for name in names if name not in KEYPOINTS]
    landmarks = np.full((len(time_s), len(KEYPOINTS) + len(further), 7), np.nan)
    order = (*KEYPOINTS, *further)
    landmarks[:, [order.index(name) for name in names]] = parts
    motion = new_motion(
        time_s, landmarks, source=source, width_px=size_px[0], height_px=size_px[1], kind="landmarks", further=further
    )
    if rate_hz is not None and len(time_s) < 2:
        motion = motion.assign_attrs(rate_hz=rate_hz)
    for note in notes:
        motion = logged(motion, f"landmarks: {note}")
    return motion
