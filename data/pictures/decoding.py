"""One picture's pixels as the app gets them: from a process of its own that is killed at the first trouble."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from data.documents.asking import ask
from data.values.errors import GearboxError

KINDS = ("HEIF", "AVIF", "TIFF", "BMP", "PNG", "JPEG", "GIF", "WEBP")
"""What can be decoded, by Pillow's names; HEIF is what telephones call HEIC."""

_BANDS = {"RGB": 3, "RGBA": 4}
_MOST_AT_ONCE = threading.BoundedSemaphore(2)
"""Each keeps a core busy; whoever comes next waits."""

_SECONDS = 20.0
_MEMORY = 1536 * 1024 * 1024


class PictureError(GearboxError):
    """A picture that can't be decoded: broken, or of more pixels than are allowed."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """Pixels, row by row: `mode` is RGB or RGBA, `content` a byte for each of its bands."""

    mode: str
    width: int
    height: int
    content: bytes


def decode(content: bytes, kind: str, *, pixels: int, side: int) -> Decoded:
    """The first picture in a file, upright, made at most `side` pixels long. Blocks.

    Its process has an empty environment, no files, no network, and no rights, as far as the system has such fences. It
    answers with pixels and no file: nothing that it says is parsed here.

    Args:
        kind: one of `KINDS`.
        pixels: a picture may have at most.

    Raises:
        PictureError: in words that complete "... ".
    """
    request = {"kind": kind, "pixels": pixels, "side": side, "seconds": _SECONDS, "memory": _MEMORY}
    with _MOST_AT_ONCE:
        reply, drawn = ask("data.pictures.child", request, content, seconds=_SECONDS, answer=4 * side * side)
    try:
        if "error" in reply:
            raise PictureError(str(reply["error"]))
        mode, width, height = str(reply["mode"]), int(reply["width"]), int(reply["height"])
        if not (0 < width <= side and 0 < height <= side and len(drawn) == width * height * _BANDS[mode]):
            raise PictureError("needs too much memory or time to read")
    except (KeyError, TypeError, ValueError):
        raise PictureError("needs too much memory or time to read") from None
    return Decoded(mode, width, height, drawn)
