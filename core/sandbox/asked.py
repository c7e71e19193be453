"""The fields of requests to the sandbox: read, bounded and checked, with what is wrong as OpenAI's error."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Collection, Mapping
from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request

from core.sandbox.refusals import RefusedError

MAX_UPLOAD_BYTES = 25 * 1024 * 1024
_SIZE = re.compile(r"(\d{2,4})x(\d{2,4})")


@contextlib.asynccontextmanager
async def form_of(request: Request) -> AsyncIterator[FormData]:
    """The request's form, bounded; empty for JSON."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        raise RefusedError(411, "A form needs its length in advance.")
    if int(length) > MAX_UPLOAD_BYTES:
        raise RefusedError(413, f"The request is larger than the sandbox's {MAX_UPLOAD_BYTES} bytes.", "too_large")
    try:
        async with request.form(max_files=16, max_fields=32, max_part_size=256 * 1024) as form:
            yield form
    except HTTPException as error:
        raise RefusedError(400, f"The form can't be read: {error.detail}") from None


def model_in(body: Mapping[str, Any], *names: str) -> str:
    """The model, which must be one of `names`."""
    name = body.get("model")
    if name not in names:
        which = "'" + "' or '".join(names) + "'"
        raise RefusedError(404, f"The sandbox's one model for this is {which}.", "model_not_found")
    return str(name)


def text_in(body: Mapping[str, Any], name: str = "prompt") -> str:
    """A text that must be there."""
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise RefusedError(400, f"'{name}' must be a text.")
    return value


def size_in(body: Mapping[str, Any], least: int, most: int) -> tuple[int, int] | None:
    """Width and height in pixels; None where none was named."""
    value = body.get("size")
    if value in {None, "", "auto"}:
        return None
    named = _SIZE.fullmatch(str(value))
    sides = (int(named[1]), int(named[2])) if named else (0, 0)
    if not all(least <= side <= most for side in sides):
        raise RefusedError(400, f"'size' must be WIDTHxHEIGHT, each from {least} to {most}.", "invalid_size")
    return sides


def number_in(body: Mapping[str, Any], name: str, default: int, least: int, most: int) -> int:
    """A whole number within limits."""
    value = body.get(name)
    if value is None or value == "":
        return default
    if isinstance(value, str) and value.isdecimal():  # forms know texts only
        value = int(value[:9])
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise RefusedError(400, f"'{name}' must be a whole number from {least} to {most}.")
    return value


def are_all(values: Collection[Any], kind: type) -> bool:
    """Whether there are any, all of that kind."""
    return bool(values) and all(isinstance(value, kind) for value in values)
