"""Descriptions of the API's JSON, made from the dataclasses that are sent and taken.

What a class and its attributes mean stands in its docstring; units stand in the names. Limits are those of the diary.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from hipdrive.diary.limits import MOST_ENTRIES, MOST_LETTERS, RANGES

REF: Final = "#/components/schemas/{name}"
TEXT: Final = r"^[^\u0000]*$"  # PostgreSQL holds no NUL

UNITS: Final = {
    "_m": "metres",
    "_s": "seconds",
    "_min": "minutes",
    "_kg": "kilograms",
    "_bpm": "beats a minute",
    "_spm": "steps of both feet a minute",
    "_deg": "degrees",
    "_hz": "hertz",
    "_px": "pixels",
}


def schema_of(kind: Any) -> dict[str, Any]:
    """JSON Schema of a type, which refers to the components for the dataclasses in it."""
    (schema,), _ = msgspec.json.schema_components([kind], ref_template=REF)
    return schema


def components(
    given: Iterable[Any],
    taken: Iterable[Any],
    *,
    open_ended: Mapping[str, Iterable[str]],
    choices: Mapping[tuple[str, str], Iterable[str]],
    examples: Iterable[Any],
) -> dict[str, Any]:
    """JSON Schemas of all dataclasses by name.

    Parameters
    ----------
    given, taken : iterable of type
        What is sent and what is taken. What is taken says its limits, and allows nothing else.
    open_ended : mapping of str to iterable of str
        By class, ranges of which an end may be missing, null in JSON.
    choices : mapping of (str, str) to iterable of str
        By class and field, the words that are known.
    examples : iterable
        Values of these classes.
    """
    taken = list(taken)
    _, schemas = msgspec.json.schema_components([*given, *taken], ref_template=REF)
    for name, schema in schemas.items():
        _say(schema)
        for field in open_ended.get(name, ()):
            _open_ends(schema["properties"][field])
    _, limited = msgspec.json.schema_components(taken, ref_template=REF)
    for name in limited:
        _limit(schemas[name])
    for (name, attribute), known in choices.items():
        schemas[name]["properties"][attribute]["enum"] = list(known)
    for example in examples:
        schemas[type(example).__name__].setdefault("examples", []).append(msgspec.to_builtins(example))
    return schemas


def query_of(kind: Any, choices: Mapping[str, Iterable[str]]) -> list[dict[str, Any]]:
    """Descriptions of parameters of an address, one for each attribute of a dataclass; none has to be there.

    Parameters
    ----------
    kind : type
    choices : mapping of str to iterable of str
        By attribute, the words that are known.
    """
    _, schemas = msgspec.json.schema_components([kind], ref_template=REF)
    schema = schemas[kind.__name__]
    _say(schema)
    told = []
    for name, field in schema["properties"].items():
        described, default = field.pop("description", ""), field.pop("default", None)
        part = next(one for one in field.get("anyOf", [field]) if one.get("type") != "null")
        part |= {} if default is None else {"default": default}
        part |= {"enum": list(choices[name])} if name in choices else {}
        told.append({"name": name, "in": "query", "required": False, "description": described, "schema": part})
    return told


# -- words ---------------------------------------------------------------------------------------------------------


def _say(schema: dict[str, Any]) -> None:
    """Put what a docstring says about attributes where readers of the schema look for it."""
    whole, attributes = _read_docstring(schema.get("description", ""))
    schema["description"] = whole
    for name, field in schema.get("properties", {}).items():
        unit = next((f"In {words}." for end, words in UNITS.items() if name.endswith(end)), "")
        said = " ".join(filter(None, (attributes.get(name, ""), unit)))
        if said:
            field["description"] = said


def _read_docstring(text: str) -> tuple[str, dict[str, str]]:
    """Say what a class is, and what each of its attributes is."""
    whole, _, listed = inspect.cleandoc(text).partition("Attributes\n----------\n")
    whole = whole.partition("\nExamples\n")[0]
    said: dict[str, str] = {}
    names: list[str] = []
    for line in listed.partition("\n\n")[0].splitlines():
        if line.startswith(" "):
            said |= {name: f"{said.get(name, '')} {line.strip()}".strip() for name in names}
        else:
            names = re.split(r",\s*", line.partition(" : ")[0].strip())
    return _plain(whole.strip()), {name: _plain(words) for name, words in said.items()}


def _plain(text: str) -> str:
    """Words of Python as those of JSON."""
    return text.replace("`", "").replace("None", "null")


# -- limits --------------------------------------------------------------------------------------------------------


def _open_ends(field: dict[str, Any]) -> None:
    """Let the ends of a range be null."""
    for pair in _all(field):
        if "prefixItems" in pair:
            pair["prefixItems"] = [{"anyOf": [end, {"type": "null"}]} for end in pair["prefixItems"]]
            field["description"] = f"{field.get('description', '')} null at an end: no limit there.".strip()


def _limit(schema: dict[str, Any]) -> None:
    """Say the limits that the diary has for what it takes."""
    schema["additionalProperties"] = False
    for name, field in schema.get("properties", {}).items():
        for part in _all(field):
            kind = part.get("type")
            if kind in ("number", "integer") and name in RANGES:
                least, most = RANGES[name]
                part |= {"minimum": least, "maximum": most} | part
            elif kind == "string" and "format" not in part:
                part |= {"maxLength": MOST_LETTERS, "pattern": TEXT} | part
            elif kind == "array":
                part["maxItems"] = min(MOST_ENTRIES, part.get("maxItems", MOST_ENTRIES))
            elif kind == "object":
                part["maxProperties"] = MOST_ENTRIES


def _all(field: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A schema and those within it, but for the components it refers to."""
    yield field
    for part in field.get("anyOf", []):
        yield from _all(part)
    if isinstance(field.get("items"), dict):
        yield from _all(field["items"])
