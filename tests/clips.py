"""Small clips, written by PyAV alone, and the ways in which files go wrong."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]

GREY: Final = (110, 110, 110)
RED: Final = (220, 20, 20)


def room(width: int = 128, height: int = 96) -> Image:
    """Nothing but a grey wall."""
    return np.full((height, width, 3), GREY, np.uint8)


def marked(width: int = 128, height: int = 96) -> Image:
    """A grey picture whose upper left corner is red."""
    image = room(width, height)
    image[: height // 4, : width // 4] = RED
    return image


def red_corner(image: Image) -> str:
    """Name of the corner that is red."""
    height, width = image.shape[:2]
    y, x = height // 8, width // 8
    corners = {
        "upper left": image[y, x],
        "upper right": image[y, -1 - x],
        "lower left": image[-1 - y, x],
        "lower right": image[-1 - y, -1 - x],
    }
    red = [name for name, (r, g, _) in corners.items() if int(r) - int(g) > 90]
    assert len(red) == 1, f"red corners: {red}"
    return red[0]


def numbered(count: int, width: int = 128, height: int = 96) -> list[Image]:
    """Grey pictures with a white bar that moves, so that no two are alike."""
    images = []
    for number in range(count):
        image = room(width, height)
        image[:, number * width // (count + 1) :][:, : max(width // (count + 1), 1)] = 250
        images.append(image)
    return images


def write_clip(
    path: Path,
    images: Iterable[Image],
    times_s: Sequence[float] | None = None,
    *,
    rate_hz: Fraction | int = 30,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    container: str | None = None,
    options: dict[str, str] | None = None,
    clock: Fraction = Fraction(1, 90_000),
) -> Path:
    """Write pictures at given times, or evenly."""
    images = list(images)
    times = [float(i / Fraction(rate_hz)) for i in range(len(images))] if times_s is None else list(times_s)
    height, width = images[0].shape[:2]
    with av.open(str(path.absolute()), "w", format=container, options={"movflags": "+faststart"}) as out:
        stream: Any = out.add_stream(codec, rate=Fraction(rate_hz), options=options or {})
        stream.width, stream.height, stream.pix_fmt = width, height, pixels
        stream.codec_context.time_base = clock
        for image, time_s in zip(images, times, strict=True):
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24").reformat(format=pixels)
            picture.pts, picture.time_base = round(time_s / clock), clock
            out.mux(stream.encode(picture))
        out.mux(stream.encode())
    return path


def write_sound(path: Path) -> Path:
    """Write a second of silence, without a picture."""
    with av.open(str(path), "w", format="mp4") as out:
        stream: Any = out.add_stream("aac", rate=44_100, layout="mono")
        for block in range(40):
            sound = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            sound.sample_rate, sound.pts = 44_100, block * 1024
            out.mux(stream.encode(sound))
        out.mux(stream.encode(None))
    return path


def turn_when_shown(path: Path, quarters: int) -> Path:
    """Write into an MP4 that a player shall turn its picture clockwise by quarters.

    The matrix of the track header (ISO/IEC 14496-12, 8.3.2) maps a stored point (x, y) to
    (a x + c y + tx, b x + d y + ty), y down.
    """
    data = bytearray(path.read_bytes())
    start = data.index(b"tkhd") + 4
    matrix_at = start + (52 if data[start] == 1 else 40)
    a, b, c, d = ((1, 0, 0, 1), (0, 1, -1, 0), (-1, 0, 0, -1), (0, -1, 1, 0))[quarters]
    one, unit = 1 << 16, 1 << 30
    struct.pack_into(">9i", data, matrix_at, a * one, b * one, 0, c * one, d * one, 0, 0, 0, unit)
    path.write_bytes(data)
    return path


def turned_photo(path: Path, image: Image, orientation: int) -> Path:
    """Write a JPEG whose EXIF tag says how it must be turned."""
    jpeg = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))[1].tobytes()
    # one directory with one entry: tag 0x0112 (orientation), type 3 (short), count 1
    directory = struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, orientation, 0, 0)
    exif = b"Exif\0\0" + struct.pack(">2sHI", b"MM", 42, 8) + directory
    path.write_bytes(jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:])
    return path


def cut_off(path: Path, share: float) -> Path:
    """Keep only the first part of a file, as when a copy was interrupted."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def index_at_the_end(path: Path) -> Path:
    """Write an MP4 again with its index (moov) behind the pictures, as phones do."""
    out = io.BytesIO()
    with av.open(str(path)) as source, av.open(out, "w", format="mp4") as target:
        stream = source.streams.video[0]
        copy = target.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.dts is not None:
                packet.stream = copy
                target.mux(packet)
    path.write_bytes(out.getvalue())
    return path
