"""Pictures that a person attaches: looked at, made no larger than models take them, and drawn anew.

What is kept was written here and not by whoever sent it: where it was taken, by whom and with what, comments and what
was hidden behind its end are gone.
"""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
from typing import TYPE_CHECKING

from core.errors import GearboxError
from data.values.media import Blob, StoredBlob
from data.values.parts import ImagePart

if TYPE_CHECKING:
    from PIL.Image import Image

PICTURE_BYTES = 20 * 1024 * 1024
"""Largest picture taken; photos of telephones have 2 to 12 MB."""

MOST_PIXELS = 64_000_000
"""Of one picture, before it is made smaller: 190 MB of memory while it is. A bomb of 100 kB may claim a billion."""

LONGEST_SIDE = 2_000
"""Pixels of what is kept: Anthropic takes no more of many pictures, OpenAI and Gemini make larger ones smaller."""

KEPT_BYTES = 3_500_000
"""Largest picture kept: Anthropic takes 5 MB, in base64."""

_PREVIEW_SIDE = 480
_KINDS = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
}
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, OverflowError, TypeError, struct.error)


def kind_of(content: bytes) -> str | None:
    """PNG, JPEG, GIF or WEBP by the first bytes; None: it is no picture that can be taken."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    return next((kind for signature, kind in _KINDS.items() if content.startswith(signature)), None)


def read_picture(name: str, content: bytes, kind: str) -> tuple[ImagePart, StoredBlob]:
    """The part for a picture, and what is kept of it. Takes up to a second for the largest; blocks.

    Raises:
        GearboxError: too large, or broken.
    """
    if len(content) > PICTURE_BYTES:
        raise GearboxError(
            f"“{name}” has {len(content) / 2**20:,.0f} MB; a picture may have {PICTURE_BYTES // 2**20}.",
            "Save it smaller, or send the part that matters.",
        )
    image = _opened(name, content, kind)
    has_alpha = image.mode == "RGBA"
    kept_as = "PNG" if has_alpha or kind in {"PNG", "GIF"} else "JPEG"
    drawn = _drawn(image, kept_as)
    if len(drawn) > KEPT_BYTES:
        kept_as, drawn = "JPEG", _drawn(_on_white(image), "JPEG")
    blob = Blob(hashlib.sha256(drawn).hexdigest(), f"image/{kept_as.lower()}", len(drawn))
    return ImagePart(blob, name, image.width, image.height), StoredBlob(blob, drawn, _preview(image))


def preview_of(name: str, content: bytes) -> bytes:
    """The small picture of one that `read_picture` drew. Blocks. Raises GearboxError where it can't be read."""
    kind = kind_of(content)
    if kind is None:
        raise GearboxError(f"“{name}” is no picture that can be taken.", "PNG, JPEG, GIF and WebP are.")
    return _preview(_opened(name, content, kind))


def without_extras(content: bytes) -> bytes:
    """A PNG file without what no picture needs: colour profiles, texts, dates. Where one is broken, none would be read.

    Chunks as in https://www.w3.org/TR/png-3/#5Chunk-layout: critical ones have names that begin with a capital.
    """
    kept, place = [content[:8]], 8
    while place + 12 <= len(content):
        length, name = struct.unpack_from(">I4s", content, place)
        end = place + 12 + length
        if name[:1].isupper() or name in {b"tRNS", b"eXIf"}:  # what is see-through, and which way is up
            kept.append(content[place:end])
        if name == b"IEND":
            break
        place = end
    return b"".join(kept)


def _preview(image: Image) -> bytes:
    preview = image.copy()
    preview.thumbnail((_PREVIEW_SIDE, _PREVIEW_SIDE))
    return _drawn(preview, "WEBP")


def _opened(name: str, content: bytes, kind: str) -> Image:
    """The first picture in a file, upright, at most `LONGEST_SIDE` long, in RGB or RGBA, without anything beside it."""
    content = without_extras(content) if kind == "PNG" else content
    from PIL import Image, ImageOps  # at the first picture: most processes never see one

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # ours is the stricter limit
        try:
            with Image.open(io.BytesIO(content), formats=[kind]) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise GearboxError(
                        f"“{name}” has {opened.width:,} × {opened.height:,} pixels; that is more than can be taken.",
                        "Save it smaller, or send the part that matters.",
                    )
                opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG need not be decoded in full
                opened.load()
                image = ImageOps.exif_transpose(opened)
                image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
                clean = image.convert("RGBA" if image.has_transparency_data else "RGB")
        except Image.DecompressionBombError:
            raise GearboxError(f"“{name}” has more pixels than can be taken.", "Save it smaller.") from None
        except _BROKEN:
            raise GearboxError(
                f"“{name}” is broken: it begins like a {kind} picture, but can't be read to its end.",
                "Open it in a picture editor and save it again.",
            ) from None
    clean.info = {}
    return clean


def _drawn(image: Image, kind: str) -> bytes:
    out = io.BytesIO()
    quality = {"JPEG": {"quality": 90}, "WEBP": {"quality": 80}, "PNG": {"compress_level": 6}}[kind]
    image.save(out, kind, **quality)
    return out.getvalue()


def _on_white(image: Image) -> Image:
    from PIL import Image

    if image.mode != "RGBA":
        return image
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground
