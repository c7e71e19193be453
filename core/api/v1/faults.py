"""What is wrong with a body, field by field, in words that repeat nothing of what it held."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import ErrorDetails, PydanticCustomError

from core.logs import redact

_MOST = 5
# A name as APIs have them. A key may stand where the name should, so one that could be a key is not repeated.
_NAME = re.compile(r"[a-z]{1,24}(?:_[a-z]{1,24}){0,4}|[a-z]{2,12}(?:[A-Z][a-z]{1,11}){1,2}|top[KP]")
_UNNAMED = "a field whose name is not repeated, as it may be a key"


def in_words(words: str) -> WrapValidator:
    """For a field's annotation: whatever is wrong with its value is said in these words, after the field's path.

    Where a value may be of several kinds, pydantic has a sentence for each, and together they contradict each other.
    """

    def checked(value: Any, check: ValidatorFunctionWrapHandler) -> Any:
        try:
            return check(value)
        except ValidationError:
            raise PydanticCustomError("unusable", "{words}", {"words": words}) from None

    return WrapValidator(checked)


def told(faults: Sequence[ErrorDetails], given: object) -> tuple[str, str | None]:
    """What is wrong with `given`, and the path of the first field that is to blame, None where it can't be named."""
    paths = [_path(fault, given) for fault in faults]
    words = dict.fromkeys(_words(fault, path) for fault, path in zip(faults, paths, strict=True))
    # Where a value may be of several kinds each says what it misses: who got furthest knows best.
    first = [path for path in paths if path == paths[0] or path.startswith(f"{paths[0]}.")]
    return "; ".join([*words][:_MOST]), max(first, key=lambda path: path.count(".")) or None


def _words(fault: ErrorDetails, path: str) -> str:
    if fault["type"] != "extra_forbidden":
        return f"{path or 'body'}: {fault['msg']}"
    return f"{path}: There is no such field" if _is_name(fault["loc"][-1]) else f"{path or 'it'} has {_UNNAMED}"


def _path(fault: ErrorDetails, given: Any) -> str:
    """Where in `given` it is. `loc` also has the names of kinds that a value could have been of."""
    path: list[str] = []
    last = len(fault["loc"]) - 1
    for place, step in enumerate(fault["loc"]):
        if _holds(given, step):
            given = given[step]
        elif place and not (place == last and fault["type"] == "missing"):
            continue
        if not (isinstance(step, int) or _is_name(step)):
            break
        path.append(str(step))
    return ".".join(path)


def _holds(given: Any, step: int | str) -> bool:
    if isinstance(given, list):
        return isinstance(step, int) and step < len(given)
    return isinstance(given, dict) and step in given


def _is_name(step: int | str) -> bool:
    return isinstance(step, str) and _NAME.fullmatch(step) is not None and redact(step) == step
