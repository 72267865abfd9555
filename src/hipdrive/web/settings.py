"""What the app is told when it starts."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

PORT: Final = 8765  # of no service that is widely used; proposal
MOST_UPLOAD_BYTES: Final = 2 * 1024**3  # some minutes of a phone's 4K film
MOST_CLIP_S: Final = 600.0  # a set takes a minute or two, a run is filmed for one; proposal


def default_folder() -> Path:
    """Where the app keeps what is neither diary nor result: uploads that wait, its certificate, its secret."""
    from platformdirs import user_data_path

    return user_data_path("hipdrive", appauthor=False) / "app"


@dataclass(frozen=True)
class WebSettings:
    """Settings of the app.

    Attributes
    ----------
    host : str
        Name or address on which it listens.
    port : int
        0 for any that is free.
    folder : Path
        For files of the app; only its owner may look into it.
    database : str or None
        Address of the diary; see `hipdrive.diary.database.address`.
    certificate, key : Path or None
        PEM files for HTTPS. Without them the app makes its own where it is reached from other machines.
    names : tuple of str
        Further names and addresses by which browsers call this machine.
    most_upload_bytes : int
    most_clip_s : float
    """

    host: str = "127.0.0.1"
    port: int = PORT
    folder: Path = field(default_factory=default_folder)
    database: str | None = None
    certificate: Path | None = None
    key: Path | None = None
    names: tuple[str, ...] = ()
    most_upload_bytes: int = MOST_UPLOAD_BYTES
    most_clip_s: float = MOST_CLIP_S

    @property
    def accounts(self) -> bool:
        """Whether one signs in: as soon as other machines can reach it."""
        return not is_loopback(self.host)

    @property
    def encrypted(self) -> bool:
        """Whether it speaks HTTPS: always when other machines can reach it, as cameras need it."""
        return self.accounts or self.certificate is not None


def is_loopback(host: str) -> bool:
    """Whether a name or address of a host is this machine's own, which no other machine reaches."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
