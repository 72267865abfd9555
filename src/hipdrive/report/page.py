"""What every page has in common: templates that escape everything, and scripts that a strict policy lets run."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined


def page_environment(*others: Path) -> Environment:
    """Templates of this and of other folders: everything is escaped, and a name that is missing is a mistake."""
    environment = Environment(
        loader=FileSystemLoader([Path(__file__).parent, *others]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    return environment


def embeddable(script: str) -> str:
    """Make a script fit to stand within a page, without a change of what it does.

    An end tag would end it early, a carriage return is lost in reading and would spoil its checksum, and the
    control characters that Plotly has in two of its strings are no valid HTML.
    """
    script = script.replace("</script", "<\\/script").replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"[\x00-\x08\x0b\x0e-\x1f\x7f]", lambda found: f"\\x{ord(found[0]):02x}", script)


def csp_hash(script: str) -> str:
    """Name of a script in the page's security policy: nothing but these very scripts may run."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
