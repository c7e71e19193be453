"""The files of a conversation, found by the name that a model calls them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

from core.errors import GearboxError
from core.tools.tool import Attached, ToolContext

_MOST_NAMED = 20

Fits = Callable[[Attached], bool]


def is_picture(file: Attached) -> bool:
    """Whether a file is a picture."""
    return file.media_type.startswith("image/")


def is_sound(file: Attached) -> bool:
    """Whether a file is a sound."""
    return file.media_type.startswith("audio/")


def is_read(file: Attached) -> bool:
    """Whether a file is a document or a text."""
    return not is_picture(file) and not is_sound(file)


def named(context: ToolContext, fits: Fits, what: str, name: str | None) -> Attached:
    """The file of a kind that a model names; without a name the newest one, of two with one name also.

    Args:
        what: the kind in words, such as "picture".

    Raises:
        GearboxError: there is none of the kind, or none with the name; it says which there are.
    """
    known = [each for each in context.attached if fits(each)]
    if not known:
        others = f" There are: {_names(list(context.attached))}." if context.attached else ""
        raise GearboxError(f"There is no {what} in this conversation.{others}", "Ask the person to attach one.")
    if name is None or not name.strip():
        return known[-1]
    for alike in (_as_it_is, _in_any_case, _without_ending):
        found = [each for each in known if alike(each.name) == alike(name)]
        if found:
            return found[-1]
    raise GearboxError(f"There is no {what} “{name.strip()}” in this conversation. There are: {_names(known)}.")


def each_named(context: ToolContext, fits: Fits, what: str, names: Sequence[str]) -> list[Attached]:
    """The files that a model names; without a name the newest one. Raises GearboxError as `named` does."""
    if not names:
        return [named(context, fits, what, None)]
    return [named(context, fits, what, name) for name in names]


def _as_it_is(name: str) -> str:
    return name


def _in_any_case(name: str) -> str:
    return name.replace("\\", "/").rsplit("/", 1)[-1].strip(" “”\"'").casefold()


def _without_ending(name: str) -> str:
    return PurePosixPath(_in_any_case(name)).stem


def _names(files: list[Attached]) -> str:
    names = list(dict.fromkeys(f"“{each.name}”" for each in reversed(files)))
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more
