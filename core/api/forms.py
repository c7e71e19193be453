"""Forms with files, bounded, and kept in memory: what people say does not get onto a disk."""

from __future__ import annotations

import re
from typing import Any

from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from core.api.bodies import bounded
from core.api.described import MULTIPART
from core.errors import GearboxError

_INNER = re.compile(r"([a-z_]+)\[([a-z_]+)\]")


class _InMemory(MultiPartParser):
    spool_max_size = 1 << 40


async def form_of(
    request: Request, most: int, *, files: int = 1, several: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """Fields and at most `files` files, by name; those named `name[]`, and those in `several`, as lists.

    What is named `name[inner]` is in a mapping, as clients write objects in a form.

    Raises:
        TooLarge: it has more than `most` bytes; see `bounded`.
        GearboxError: it is no such form.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MULTIPART:
        raise GearboxError("The request is no form with a file.", f"Send Content-Type: {MULTIPART}.")
    parser = _InMemory(request.headers, bounded(request, most), max_files=files, max_fields=50)
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, UnicodeDecodeError, LookupError):
        most_files = "one file with its fields" if files == 1 else f"at most {files} files with their fields"
        raise GearboxError("The form can't be read.", f"Send {most_files}, as multipart/form-data.") from None
    gathered: dict[str, Any] = {}
    for name, value in form.multi_items():
        plain = name.removesuffix("[]")
        if plain != name or plain in several:
            held = gathered.get(plain)
            gathered[plain] = [*held, value] if isinstance(held, list) else [value]
        elif inner := _INNER.fullmatch(name):
            gathered[inner[1]] = {inner[2]: value}
        elif name:
            gathered[plain] = value
    return gathered
