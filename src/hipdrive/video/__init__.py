"""Frames with true timestamps and the right way up; writing video."""

from hipdrive.video.clip import Clip, Frame, read_clip
from hipdrive.video.writer import VideoWriter

__all__ = ["Clip", "Frame", "VideoWriter", "read_clip"]
