"""A clip: an iterator of upright frames that carry the time of the container."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import av
import cv2
import numpy as np
from av.container import InputContainer
from numpy.typing import NDArray

from hipdrive.errors import ClipError

PHOTO_SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})

# The containers of phones, cameras and screen recorders. Playlists and streams, which can name other
# files or hosts, are left out on purpose.
FORMATS: Final = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,gif,avi,mpegts,mpeg,ogg,flv"

MIN_SIDE_PX: Final = 64  # a body in less than 64 px has no knees to speak of
MAX_SIDE_PX: Final = 8192
MAX_DURATION_S: Final = 3600.0

# The networks look at 224 and 256 px; a picture of 1920 px loses them nothing and is four times as quick
# to convert as 4K.
WORKING_SIDE_PX: Final = 1920


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a clip.

    Attributes
    ----------
    index : int
        Position among the frames of the clip, from 0.
    time_s : float
        Seconds of real time since the first frame.
    image : ndarray of uint8, shape (height, width, 3)
        RGB, upright, at most `WORKING_SIDE_PX` on its long side.
    """

    index: int
    time_s: float
    image: NDArray[np.uint8]


@dataclass
class Clip:
    """A video or photograph, ready to be read frame by frame, as often as needed.

    Attributes
    ----------
    path : Path
    width_px, height_px : int
        Size of the upright picture as filmed.
    scale : float
        Pixels as filmed per pixel of `Frame.image` (1 unless the clip is larger than `WORKING_SIDE_PX`).
    rate_hz : float
        Mean frame rate in real time as the container declares it; 0 for a photograph.
    duration_s : float
        Length in real time as the container declares it; 0 when it does not say, or for a photograph.
    slow_motion : float
        How many times slower than real life the file plays.
    filmed_rate_hz : float or None
        Rate at which the phone says it filmed, where its file says so.
    is_photo : bool
    warnings : dict of str to str
        What the last reading met, by code: a damaged end, missing times.
    """

    path: Path
    width_px: int
    height_px: int
    rate_hz: float
    duration_s: float
    slow_motion: float = 1.0
    filmed_rate_hz: float | None = None
    is_photo: bool = False
    warnings: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """File name without its folders."""
        return self.path.name

    @property
    def scale(self) -> float:
        """Pixels as filmed per pixel of `Frame.image`."""
        return max(1.0, max(self.width_px, self.height_px) / WORKING_SIDE_PX)

    @property
    def working_size_px(self) -> tuple[int, int]:
        """Width and height of `Frame.image`."""
        return round(self.width_px / self.scale), round(self.height_px / self.scale)

    def __iter__(self) -> Iterator[Frame]:
        return _photo_frames(self) if self.is_photo else _video_frames(self)


def read_clip(path: str | Path, *, slow_motion: float = 1.0) -> Clip:
    """Open a video or a photograph.

    Parameters
    ----------
    path : str or Path
        A local file: MP4, MOV, WebM, MKV, AVI or GIF, or a JPEG, PNG or WebP photograph.
    slow_motion : float
        How many times slower than real life the file plays: 8 for 240 frames/s played at 30.

    Returns
    -------
    Clip

    Raises
    ------
    ClipError
        When the file is missing, empty, damaged, no video, too small, too large or too long.
    """
    path = Path(path)
    if not math.isfinite(slow_motion) or slow_motion <= 0:
        raise ClipError(f"slow motion of {slow_motion} makes no sense: give a number such as 4 or 8")
    _check_file(path)
    clip = _describe_photo(path) if path.suffix.lower() in PHOTO_SUFFIXES else _describe_video(path, slow_motion)
    if min(clip.width_px, clip.height_px) < MIN_SIDE_PX:
        raise ClipError(
            f"{path.name} is only {clip.width_px} x {clip.height_px} px: nobody can be seen in it; "
            f"film with at least {MIN_SIDE_PX} px, better 640"
        )
    if max(clip.width_px, clip.height_px) > MAX_SIDE_PX:
        raise ClipError(f"{path.name} is {clip.width_px} x {clip.height_px} px: export it with at most 4K")
    if clip.duration_s > MAX_DURATION_S:
        raise ClipError(
            f"{path.name} lasts {clip.duration_s / 60:.0f} minutes: "
            f"cut it to the set, at most {MAX_DURATION_S / 60:.0f}"
        )
    return clip


def count_frames(clip: Clip, most: int) -> tuple[int, float]:
    """Count the frames of a video without decoding them: what a container declares can be wrong, or a lie.

    Parameters
    ----------
    clip : Clip
        No photograph.
    most : int
        Where counting ends.

    Returns
    -------
    frames : int
        One more than `most` when there are more.
    length_s : float
        Seconds of real time from the first frame counted to the last.
    """
    frames, times_s = 0, (math.inf, -math.inf)
    with _open(clip.path) as container:
        for packet in container.demux(container.streams.video[0]):
            frames += packet.size > 0  # the last packet is empty
            if packet.pts is not None:
                time_s = float(packet.pts * packet.time_base)
                times_s = min(times_s[0], time_s), max(times_s[1], time_s)
            if frames > most:
                break
    return frames, max(times_s[1] - times_s[0], 0.0) / clip.slow_motion


def _check_file(path: Path) -> None:
    try:
        if path.is_dir():
            raise ClipError(f"{path.name} is a folder: name the clip in it")
        if not path.is_file():
            raise ClipError(f"{path} is not there: check the name")
        with path.open("rb") as file:
            empty = not file.read(1)
    except OSError as error:
        raise ClipError(f"{path.name} cannot be opened: {error.strerror}") from error
    if empty:
        raise ClipError(f"{path.name} is empty: copy it from the phone again")


def _open(path: Path) -> InputContainer:
    options = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
    try:
        return av.open(str(path.absolute()), options=options)  # "12:30.mp4" alone would be read as a protocol
    except av.error.FFmpegError as error:
        raise ClipError(
            f"{path.name} is not a video that can be read: it is damaged, cut off or no video at all; "
            "copy it from the phone again, or export it as MP4"
        ) from error


def _describe_video(path: Path, slow_motion: float) -> Clip:
    with _open(path) as container:
        if not container.streams.video:
            raise ClipError(f"{path.name} has sound but no picture: choose the video file")
        stream = container.streams.video[0]
        first = next(_decoded(container, {}), None)
        if first is None:
            raise ClipError(
                f"{path.name} holds no frame that can be decoded: "
                "copy it from the phone again, or export it as MP4 (H.264)"
            )
        width, height = round(first.width * _pixel_width(container)), first.height
        if _quarter_turns(first.rotation) % 2:
            width, height = height, width
        rate = float(stream.average_rate or stream.base_rate or 0)
        return Clip(
            path=path,
            width_px=width,
            height_px=height,
            rate_hz=rate * slow_motion,
            duration_s=_declared_duration_s(container) / slow_motion,
            slow_motion=slow_motion,
            filmed_rate_hz=_filmed_rate_hz({**container.metadata, **stream.metadata}),
        )


def _declared_duration_s(container: InputContainer) -> float:
    stream = container.streams.video[0]
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return (container.duration or 0) / av.time_base


def _pixel_width(container: InputContainer) -> float:
    """Width of a stored pixel over its height: 1 for phones, 4/3 for some camcorders."""
    ratio = float(container.streams.video[0].sample_aspect_ratio or 1)
    return ratio if 0.25 <= ratio <= 4 else 1.0


def _filmed_rate_hz(metadata: dict[str, str]) -> float | None:
    """Rate at which the camera took the pictures; Android phones write it into slow-motion files."""
    try:
        return float(metadata["com.android.capture.fps"])
    except (KeyError, ValueError):
        return None


def _decoded(container: InputContainer, warnings: dict[str, str]) -> Iterator[av.VideoFrame]:
    """Decode until the end; what is damaged is left out, with a warning."""
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
            pictures = packet.decode() if packet else []
        except av.error.FFmpegError:
            warnings["damaged"] = "parts of the file are damaged and were left out: copy it from the phone again"
            continue
        if packet is None:
            return
        yield from pictures


def _quarter_turns(rotation_deg: int) -> int:
    """Quarter turns counter-clockwise that bring a picture upright, 0 to 3."""
    return round(rotation_deg / 90) % 4


def _video_frames(clip: Clip) -> Iterator[Frame]:
    clip.warnings.clear()
    with _open(clip.path) as container:
        rate = container.streams.video[0].average_rate or 30
        first_s: float | None = None
        last_s = -math.inf
        index = 0
        for number, picture in enumerate(_decoded(container, clip.warnings)):
            if picture.pts is None:
                clip.warnings["times_missing"] = (
                    "some frames carry no time; they were placed by the mean frame rate: tempo is less sure"
                )
            time_s = float(number / rate) if picture.pts is None else float(picture.time)
            first_s = time_s if first_s is None else first_s
            if time_s <= last_s:
                clip.warnings["times_not_rising"] = "some frames carry a time that does not rise; they were left out"
                continue
            last_s = time_s
            real_s = (time_s - first_s) / clip.slow_motion
            if real_s > MAX_DURATION_S:
                clip.warnings["too_long"] = f"only the first {MAX_DURATION_S / 60:.0f} minutes were read"
                return
            yield Frame(index, real_s, _upright(picture, clip))
            index += 1
        seen_s = 0.0 if first_s is None else (last_s - first_s) / clip.slow_motion
        # a frame rate's worth of slack, and a second for files whose sound outlasts the picture
        if seen_s < 0.9 * clip.duration_s - 1.0:
            clip.warnings["ends_early"] = (
                f"the file is cut off or damaged: of {clip.duration_s:.1f} s, {seen_s:.1f} s could be read"
            )


def _upright(picture: av.VideoFrame, clip: Clip) -> NDArray[np.uint8]:
    turns = _quarter_turns(picture.rotation)
    width, height = clip.working_size_px[:: -1 if turns % 2 else 1]
    options: dict[str, Any] = {"format": "rgb24"}
    if (picture.width, picture.height) != (width, height):
        options |= {"width": width, "height": height}
    image = np.asarray(picture.to_ndarray(**options), np.uint8)
    return np.ascontiguousarray(np.rot90(image, turns)) if turns else image


def _load_photo(path: Path) -> NDArray[np.uint8]:
    """Pixels of a photograph, RGB, turned upright by its EXIF tag."""
    data = np.frombuffer(path.read_bytes(), np.uint8)
    try:
        image = cv2.imdecode(data, cv2.IMREAD_COLOR)
    except cv2.error:
        image = None
    if image is None:
        raise ClipError(f"{path.name} is not a picture that can be read: save it as JPEG again")
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)


def _describe_photo(path: Path) -> Clip:
    height, width = _load_photo(path).shape[:2]
    return Clip(path=path, width_px=width, height_px=height, rate_hz=0.0, duration_s=0.0, is_photo=True)


def _photo_frames(clip: Clip) -> Iterator[Frame]:
    image = _load_photo(clip.path)
    if clip.scale > 1:
        image = np.asarray(cv2.resize(image, clip.working_size_px, interpolation=cv2.INTER_AREA), np.uint8)
    yield Frame(0, 0.0, image)
