"""Which marker is which part of the body: a table that a user can read and extend (`markers.toml`)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import resources
from pathlib import Path
from typing import Final, Literal

import platformdirs

from hipdrive.errors import HipdriveError

Side = Literal["left", "right"]
TABLE_NAME: Final = "markers.toml"


@dataclass(frozen=True)
class MarkerNames:
    """Names that markers go by.

    Attributes
    ----------
    patterns : dict of str to tuple of str
        For a role such as ``"knee.lateral"`` or ``"left.body.heel"`` the names to look for, best first.
    """

    patterns: dict[str, tuple[str, ...]]

    def find(self, names: Sequence[str], role: str, side: Side | None = None) -> str | None:
        """First of the file's names that plays a role, None when none does."""
        return next(iter(self.find_all(names, role, side)), None)

    def find_all(self, names: Sequence[str], role: str, side: Side | None = None) -> list[str]:
        """All of the file's names that play a role, best first."""
        found: list[str] = []
        for pattern in self.patterns.get(f"{side}.{role}", ()) + self.patterns.get(role, ()):
            wanted = _for_side(pattern, side)
            found += [name for name in names if name not in found and _matches(plain(name), wanted)]
        return found


def plain(name: str) -> str:
    """Name without what programs add to it.

    Examples
    --------
    >>> plain("Subject 1:L.ASIS"), plain("r_knee_study")
    ('lasis', 'rkneestudy')
    """
    return re.sub(r"[^a-z0-9*]", "", name.rsplit(":", 1)[-1].lower())


def marker_names(beside: Path | None = None) -> MarkerNames:
    """Read hipdrive's table and the user's own over it.

    Parameters
    ----------
    beside : Path, optional
        Folder of the trial, where a ``markers.toml`` may be.

    Raises
    ------
    HipdriveError
        When a table of the user's is not of the right form.
    """
    own = resources.files("hipdrive.motion").joinpath(TABLE_NAME).read_text("utf-8")
    patterns = _patterns(tomllib.loads(own), TABLE_NAME)
    for folder in (platformdirs.user_config_path("hipdrive"), beside):
        table = folder / TABLE_NAME if folder else None
        if table is None or not table.is_file():
            continue
        try:
            given = _patterns(tomllib.loads(table.read_text("utf-8")), str(table))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            raise HipdriveError(f"{table} cannot be read as a table of markers: {error}") from error
        for role, names in given.items():
            patterns[role] = names + patterns.get(role, ())
    return MarkerNames(patterns)


def _patterns(table: dict[str, object], source: str) -> dict[str, tuple[str, ...]]:
    """``{"knee": {"lateral": [...]}}`` as ``{"knee.lateral": (...)}``; ``left_lateral`` as ``left.knee.lateral``."""
    patterns: dict[str, tuple[str, ...]] = {}
    for section, roles in table.items():
        if not isinstance(roles, dict):
            raise HipdriveError(f"{source}: {section!r} must be a section such as [knee]")
        for role, names in roles.items():
            if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
                raise HipdriveError(f'{source}: {section}.{role} must be a list of names such as ["LKNE"]')
            side, _, rest = role.partition("_")
            sided = side in ("left", "right")
            key = f"{side}.{section}.{rest}" if sided else f"{section}.{role}"
            patterns[key] = tuple(names)
    return patterns


def _for_side(pattern: str, side: Side | None) -> tuple[str, ...]:
    if side is None or "{side}" not in pattern:
        return (plain(pattern),)
    before_or_behind = (pattern, pattern.replace("{side}", "") + "{side}")
    return tuple(plain(form.replace("{side}", word)) for form in before_or_behind for word in (side[0], side))


def _matches(name: str, wanted: tuple[str, ...]) -> bool:
    return any(name == form or ("*" in form and fnmatchcase(name, form)) for form in wanted)
