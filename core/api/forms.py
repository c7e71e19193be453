"""Forms with files, bounded, and kept in memory: what people say does not get onto a disk."""

from __future__ import annotations

from typing import Any

from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from core.api.bodies import bounded
from core.api.described import MULTIPART
from core.errors import GearboxError


class _InMemory(MultiPartParser):
    spool_max_size = 1 << 40


async def form_of(request: Request, most: int) -> dict[str, Any]:
    """Fields and at most one file, by name; those named `name[]` as lists.

    Raises:
        TooLarge: it has more than `most` bytes; see `bounded`.
        GearboxError: it is no such form.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MULTIPART:
        raise GearboxError("The request is no form with a file.", f"Send Content-Type: {MULTIPART}.")
    parser = _InMemory(request.headers, bounded(request, most), max_files=1, max_fields=50)
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, UnicodeDecodeError, LookupError):
        raise GearboxError(
            "The form can't be read.", "Send one file with its fields, as multipart/form-data."
        ) from None
    return {name.removesuffix("[]"): form.getlist(name) if name.endswith("[]") else form[name] for name in form if name}
