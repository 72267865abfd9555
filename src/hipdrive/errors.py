"""What hipdrive says when it cannot go on: one clear sentence that names the cure."""

from __future__ import annotations


class HipdriveError(Exception):
    """Nothing could be analysed. The message is one sentence, fit to be shown to the user."""


class ClipError(HipdriveError):
    """The file cannot be read as a clip or a photograph."""


class NobodyFound(HipdriveError):
    """The clip can be read, but nobody is seen in it."""


class WeightsMissing(HipdriveError):
    """The weights of the pose networks are not on this machine, or are not the ones hipdrive was built on."""


class NotInDiary(HipdriveError):
    """What was asked for is not in the diary."""


class NameTaken(HipdriveError):
    """Somebody else in the diary has this name."""


class NeedsCare(HipdriveError):
    """What was entered is taken back only after a question was answered with yes; the message is the question."""
