"""The sandbox's pictures as files: made of a prompt, or of other pictures."""

from __future__ import annotations

import hashlib
import io
import struct
import textwrap
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

MIN_SIDE, MAX_SIDE = 64, 2_048
SOFTWARE = "Gearbox sandbox (scripted)"
_SAID_CHARS = 400
# What Pillow raises at what is no picture, beside its own DecompressionBombError, which is none of them.
UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, OverflowError, struct.error, zlib.error, MemoryError)


def draw(prompt: str, size: tuple[int, int], number: int = 0, style: int = 0) -> bytes:
    """A PNG of `size` pixels; `number` tells several pictures of one prompt apart, `style` the models."""
    from core.sandbox.painting import mark, paint

    return png(mark(paint(prompt, size, number, style)), prompt)


def edit(
    pictures: Sequence[bytes], prompt: str, size: tuple[int, int] | None, *, mask: bytes | None = None, number: int = 0
) -> bytes:
    """The given pictures as one PNG, changed as the prompt says; where it says nothing known, with it written below.

    Several are put side by side first. Where a mask is transparent the change is, everywhere else nothing changes.

    Raises:
        ValueError: one is no picture, or has too many pixels.
    """
    from PIL import Image, ImageOps

    from core.sandbox.changes import change, changes_in
    from core.sandbox.painting import mark

    given = [opened(each) for each in pictures]
    before = given[0] if len(given) == 1 else collage(given)
    before = ImageOps.fit(before, size or _fitting(before.size))
    wanted = changes_in(prompt)
    if wanted:
        after = change(before, wanted)
    elif len(given) > 1:
        after = before.copy()
    else:
        after = _written_on(before, prompt, number)
    if mask is not None and after.size == before.size:
        after = Image.composite(before, after, opened(mask, "RGBA").getchannel("A").resize(before.size))
    return png(mark(after), prompt)


def opened(picture: bytes, mode: str = "RGB") -> Image:
    """The picture, upright.

    Raises:
        ValueError: it is none, or has too many pixels.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(picture)) as found:  # reads the head only: no pixel is unpacked yet
            is_large = max(found.size) > MAX_SIDE * 2
            upright = found if is_large else ImageOps.exif_transpose(found).convert(mode)
    except (*UNREADABLE, Image.DecompressionBombError) as error:
        raise ValueError("The file is no picture.") from error
    if is_large:
        raise ValueError(f"The picture is larger than {MAX_SIDE * 2} pixels a side.")
    return upright


def collage(pictures: Sequence[Image]) -> Image:
    """Side by side, in rows of at most three, with a little room between them."""
    from PIL import Image, ImageOps

    columns = 2 if len(pictures) in {2, 4} else min(3, len(pictures))
    rows = -(-len(pictures) // columns)
    side, gap = MAX_SIDE // (columns + 1), 12
    ratio = pictures[0].size[1] / pictures[0].size[0]
    tile = (side, max(MIN_SIDE, min(side * 2, int(side * ratio))))
    whole = Image.new("RGB", (columns * (side + gap) + gap, rows * (tile[1] + gap) + gap), (250, 248, 244))
    for place, picture in enumerate(pictures):
        row, column = divmod(place, columns)
        whole.paste(ImageOps.fit(picture, tile), (gap + column * (side + gap), gap + row * (tile[1] + gap)))
    return whole


def said_of(picture: bytes) -> str:
    """What one of the sandbox's own pictures was asked for; empty for others, and where its words were taken out."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(picture)) as found:
            words = found.info
            return str(words.get("Description", "")) if words.get("Software") == SOFTWARE else ""
    except (*UNREADABLE, Image.DecompressionBombError):
        return ""


def png(picture: Image, said: str) -> bytes:
    """As a PNG that says what it is of."""
    from PIL.PngImagePlugin import PngInfo

    words = PngInfo()
    words.add_text("Software", SOFTWARE)
    words.add_itxt("Description", said[:_SAID_CHARS])
    out = io.BytesIO()
    picture.save(out, "PNG", pnginfo=words, compress_level=4)
    return out.getvalue()


def _written_on(picture: Image, prompt: str, number: int) -> Image:
    """With the prompt on a strip at its foot."""
    from PIL import ImageDraw, ImageFont

    canvas = picture.copy()
    width, height = canvas.size
    letter = max(10, min(canvas.size) // 32)
    font, line = ImageFont.load_default(letter), max(12, int(width / (letter * 0.55)))
    text = "\n".join(textwrap.wrap(f"“{prompt}”", line, max_lines=2, placeholder="…"))
    top = height - int(letter * 1.35 * (text.count("\n") + 1)) - letter * 2
    red, green, blue = (
        part // 3 for part in hashlib.sha256(f"{number}{prompt}".encode("utf-8", "replace")).digest()[:3]
    )
    pen = ImageDraw.Draw(canvas)
    pen.rectangle((0, top, width, height), fill=(red, green, blue))
    pen.multiline_text((letter, top + letter // 3), text, fill=(255, 255, 255), font=font)
    return canvas


def _fitting(size: tuple[int, int]) -> tuple[int, int]:
    scale = min(1.0, MAX_SIDE / max(size))
    return max(MIN_SIDE, int(size[0] * scale)), max(MIN_SIDE, int(size[1] * scale))
