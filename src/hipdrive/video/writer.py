"""Writing video that every browser and phone plays."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

CLOCK_HZ: Final = 90_000  # the usual clock of MP4; holds 24, 25, 29.97 and 240 frames/s without drift


class VideoWriter:
    """H.264 in MP4 with the time of every frame kept, variable frame rate included.

    Parameters
    ----------
    path : Path
    width_px, height_px : int
        Rounded down to even numbers, as the codec demands.
    rate_hz : float
        A hint for the encoder; the times passed to `write` are what counts.
    """

    def __init__(self, path: Path, width_px: int, height_px: int, rate_hz: float) -> None:
        self.width_px, self.height_px = width_px // 2 * 2, height_px // 2 * 2
        self._container = av.open(str(path.absolute()), "w", format="mp4", options={"movflags": "+faststart"})
        rate = Fraction(max(rate_hz, 1.0)).limit_denominator(1001)
        self._stream = self._container.add_stream("libx264", rate=rate, options={"crf": "23", "preset": "veryfast"})
        self._stream.width, self._stream.height = self.width_px, self.height_px
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.time_base = Fraction(1, CLOCK_HZ)
        self._last = -1

    def write(self, image: NDArray[np.uint8], time_s: float) -> None:
        """Append one RGB picture, shape (height, width, 3), shown from `time_s` on."""
        picture = av.VideoFrame.from_ndarray(
            np.ascontiguousarray(image[: self.height_px, : self.width_px]), format="rgb24"
        )
        self._last = max(self._last + 1, round(time_s * CLOCK_HZ))
        picture.pts, picture.time_base = self._last, Fraction(1, CLOCK_HZ)
        self._container.mux(self._stream.encode(picture))

    def close(self) -> None:
        """Finish the file."""
        self._container.mux(self._stream.encode())
        self._container.close()

    def __enter__(self) -> VideoWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
