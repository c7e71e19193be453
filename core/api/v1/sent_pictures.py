"""Pictures that a form brings, looked at before anybody is asked to do something with them."""

from __future__ import annotations

import asyncio
import io
import struct
from dataclasses import dataclass

from starlette.datastructures import UploadFile

from core.api.v1.errors import Oversized, Unusable
from core.providers.media_types import media_type_of
from data.values.operations import Media

MAX_PICTURE_BYTES = 25 * 1024 * 1024
PNG = "image/png"
KINDS = (PNG, "image/jpeg", "image/webp")
"""What picture models take."""


@dataclass(frozen=True, slots=True)
class SentPicture:
    """A picture and its size in pixels."""

    media: Media
    size: tuple[int, int]


async def read_picture(file: object, field: str, kinds: tuple[str, ...] = KINDS) -> SentPicture:
    """The picture in a form's field. What it is labelled as counts nothing, its bytes do.

    Its head is read, and a PNG's checksums; pixels are not unpacked: that is the provider's, who looks at them.

    Raises:
        Unusable: there is no file, or it is no picture of these kinds, or a broken one.
        Oversized: it is.
    """
    if not isinstance(file, UploadFile):
        raise Unusable(f"There is no file in “{field}”.", "Send the picture as a file.", param=field)
    data = await file.read()
    if len(data) > MAX_PICTURE_BYTES:
        said = f"The picture in “{field}” is larger than {MAX_PICTURE_BYTES // 1024**2} MiB."
        raise Oversized(said, "Send a smaller one.", param=field)
    kind = media_type_of(data)
    if kind not in kinds:
        said = "is empty" if not data else f"is no {_named(kinds)}"
        raise Unusable(f"The file in “{field}” {said}.", f"Send a {_named(kinds)} picture.", param=field)
    size = await asyncio.to_thread(_size, data)
    if size is None:
        raise Unusable(
            f"The picture in “{field}” can't be read: it is damaged or cut off.", "Send all of it.", param=field
        )
    return SentPicture(Media(data, kind), size)


def _size(data: bytes) -> tuple[int, int] | None:
    """None where it can't be read, or unpacks to more than any picture has."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as opened:
            size = opened.size
            opened.verify()
    except (OSError, SyntaxError, ValueError, struct.error, Image.DecompressionBombError):
        return None
    return size


def _named(kinds: tuple[str, ...]) -> str:
    names = [{"image/webp": "WebP"}.get(kind, kind.partition("/")[2].upper()) for kind in kinds]
    return " or ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
