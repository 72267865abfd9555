"""What a file is, told from its first bytes; its name is text to be shown, and tells one kind of text from another."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

from hipdrive.errors import HipdriveError

HEAD_BYTES: Final = 4096  # enough for everything below
MOST_NAME_LETTERS: Final = 120  # of a name that is shown
UNNAMED: Final = "clip"

# photographs: JPEG (ITU-T T.81, B.1.1.3), PNG (W3C PNG, 5.2), BMP
PHOTO_SIGNS: Final = ((0, b"\xff\xd8\xff", ".jpg"), (0, b"\x89PNG\r\n\x1a\n", ".png"), (0, b"BM", ".bmp"))
# Matroska and WebM (EBML, RFC 8794), GIF, Ogg (RFC 3533), FLV, MPEG program stream (ISO/IEC 13818-1)
VIDEO_SIGNS: Final = (
    (b"\x1a\x45\xdf\xa3", ".mkv"),
    (b"GIF8", ".gif"),
    (b"OggS", ".ogv"),
    (b"FLV\x01", ".flv"),
    (b"\x00\x00\x01\xba", ".mpg"),
)
# first boxes of MP4 and QuickTime files (ISO/IEC 14496-12; QuickTime File Format)
MP4_BOXES: Final = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
PICTURE_BRANDS: Final = (b"heic", b"heix", b"mif1", b"msf1", b"avif")  # photographs in a box of that kind
TRANSPORT_PACKETS: Final = (188, 192)  # bytes; a packet of an MPEG transport stream begins with 0x47
TEXT_SUFFIXES: Final = (".trc", ".mot", ".sto", ".csv", ".json")

CURE: Final = "choose a video (MP4, MOV, WebM), a photograph (JPEG, PNG), a lab file (TRC, C3D, MOT) or landmarks"


def kind_of(head: bytes, name: str) -> str:
    """Ending under which a file is kept.

    Parameters
    ----------
    head : bytes
        Its first bytes, `HEAD_BYTES` or all of it.
    name : str
        What its owner calls it, which tells one text from another.

    Returns
    -------
    str
        One of a fixed list, such as ``".mp4"``; never a part of the name.

    Raises
    ------
    HipdriveError
        When it is nothing that hipdrive reads.
    """
    shown = shown_name(name)
    if not head:
        raise HipdriveError(f"{shown} is empty: copy it from the phone again")
    kind = _picture(head) or _video(head) or _lab_file(head, shown)
    if kind is not None:
        return kind
    if head[4:8] == b"ftyp":
        raise HipdriveError(f"{shown} is a photograph that cannot be read here: save it as JPEG")
    raise HipdriveError(f"{shown} is neither video nor photograph nor motion: {CURE}")


def shown_name(name: str) -> str:
    r"""Name of a file as it is shown: without folders, without what cannot be seen, and not too long.

    Examples
    --------
    >>> shown_name("../../etc/passwd"), shown_name("C:\\me\\Brücke 1.mp4"), shown_name("\x00")
    ('passwd', 'Brücke 1.mp4', 'clip')
    """
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    seen = " ".join("".join(letter if letter.isprintable() else " " for letter in last).split())
    if len(seen) > MOST_NAME_LETTERS:
        seen = f"{seen[: MOST_NAME_LETTERS - 8]}…{seen[-7:]}"  # its end says what it is
    return seen if seen.strip(". ") else UNNAMED


def _picture(head: bytes) -> str | None:
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return ".webp"
    return next((suffix for at, sign, suffix in PHOTO_SIGNS if head[at:].startswith(sign)), None)


def _video(head: bytes) -> str | None:
    if head[4:8] in MP4_BOXES and head[8:12] not in PICTURE_BRANDS:
        return ".mp4"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return ".avi"
    for packet in TRANSPORT_PACKETS:
        start = packet - 188  # the longer ones begin with a time
        if len(head) > start + packet and head[start] == head[start + packet] == 0x47:
            return ".ts"
    return next((suffix for sign, suffix in VIDEO_SIGNS if head.startswith(sign)), None)


def _lab_file(head: bytes, name: str) -> str | None:
    if head.startswith(b"PAR1"):
        return ".parquet"
    suffix = PurePosixPath(name).suffix.lower()
    if suffix == ".c3d" and head[1:2] == b"\x50":  # C3D user guide: the second byte of the file
        return ".c3d"
    return suffix if suffix in TEXT_SUFFIXES and b"\0" not in head else None
