"""What is said about an option that cannot be read: one sentence with the cure, for all commands in one place."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable
from enum import Enum
from typing import Any, Final

import typer
from typer.core import TyperGroup
from typer.models import ParameterInfo

from hipdrive.cli.common import fail

NUMBERS: Final = {int: "a whole number", float: "a number"}


class PlainGroup(TyperGroup):
    """The commands; a number that is out of range, or none, is told in one sentence."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            sentence = _sentence(error) if type(error) is typer.BadParameter else None  # a missing one is none of these
            if sentence is None:
                raise
            fail(sentence)


def _sentence(error: typer.BadParameter) -> str | None:
    """Say what an option takes, as its command declares it; None where it is no number and no choice."""
    function, parameter = _declared(error)
    hint = typing.get_type_hints(inspect.unwrap(function), include_extras=True) if function else {}
    declared = hint.get(str(getattr(parameter, "name", "")))
    kinds = [kind for kind in _leaves(declared) if isinstance(kind, type)]
    info = next((one for one in _leaves(declared) if isinstance(one, ParameterInfo)), None)
    kind = next((kind for kind in kinds if _wanted(kind, info)), None)
    if kind is None or parameter is None:
        return None
    name = next((text for text in parameter.opts if text.startswith("-")), None) or f"the {parameter.name}"
    about = (info.help or "").partition(". ")[0].rstrip(".") if info and not issubclass(kind, Enum) else ""
    return f"{name} needs {_wanted(kind, info)}{f' ({about[:1].lower()}{about[1:]})' if about else ''}"


def _declared(error: typer.BadParameter) -> tuple[Callable[..., Any] | None, Any]:
    """Function of the command, and the parameter that is wrong."""
    command = getattr(error.ctx, "command", None)
    return getattr(command, "callback", None), error.param


def _leaves(hint: Any) -> list[Any]:
    """Everything that an annotation is made of."""
    inner = [*typing.get_args(hint), *getattr(hint, "__metadata__", ())]
    return [leaf for one in inner for leaf in _leaves(one)] if inner else [hint]


def _wanted(kind: type, info: ParameterInfo | None) -> str | None:
    """Words for what is taken: "a number from 0 to 10"."""
    if issubclass(kind, Enum):
        return f"one of {', '.join(str(choice.value) for choice in kind)}"
    if kind not in NUMBERS:
        return None
    least, most = (info.min, info.max) if info else (None, None)
    if least is not None and most is not None:
        return f"{NUMBERS[kind]} from {_plain(least)} to {_plain(most)}"
    if least is not None:
        return f"{NUMBERS[kind]} from {_plain(least)} on"
    return NUMBERS[kind]


def _plain(number: float) -> str:
    return re.sub(r"\.0$", "", str(number))
