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
from data.pictures import PictureError, decode
from data.values.media import Blob, StoredBlob
from data.values.parts import ImagePart

if TYPE_CHECKING:
    from PIL.Image import Image

PICTURES = "PNG, JPEG, GIF, WebP, HEIC, AVIF, TIFF and BMP"
"""The kinds that are taken, as people call them."""

PICTURE_BYTES = 20 * 1024 * 1024
"""Largest picture taken; photos of telephones have 2 to 12 MB."""

MOST_PIXELS = 64_000_000
"""Of one picture, before it is made smaller: 190 MB of memory while it is. A bomb of 100 kB may claim a billion."""

LONGEST_SIDE = 2_000
"""Pixels of what is kept: Anthropic takes no more of many pictures, OpenAI and Gemini make larger ones smaller."""

KEPT_BYTES = 3_500_000
"""Largest picture kept: Anthropic takes 5 MB, in base64."""

_MOST_SCANS = 100
"""Of one JPEG: programs write 1 to 12. Each goes over all its pixels, a tenth of a second for 90 bytes."""

_PIXELS_HERE = 16_000_000
"""Of a picture that the app decodes itself, in 170 MB and less; larger ones are left to a process with limits."""

_COMPLICATED = {"HEIF", "AVIF", "TIFF", "BMP"}
"""Formats with large readers and a long list of holes: decoded by a process that has no rights."""

_PREVIEW_SIDE = 720
_KINDS = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
}
_HEIF = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_BMP_HEADERS = {bytes([size, 0, 0, 0]) for size in (12, 40, 52, 56, 64, 108, 124)}
"""How long the second header of a bitmap may be; a text may begin with BM."""

_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, OverflowError, TypeError, struct.error)


def kind_of(content: bytes) -> str | None:
    """PNG, JPEG, GIF, WEBP, HEIF, AVIF, TIFF or BMP by the first bytes; None: it is no picture that can be taken."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    if content[4:8] == b"ftyp":
        brands = content[8 : min(int.from_bytes(content[:4], "big"), 200)]
        known = {brands[place : place + 4] for place in range(0, len(brands), 4)}
        return "AVIF" if known & {b"avif", b"avis"} else "HEIF" if known & _HEIF else None
    if content[:2] == b"BM" and content[14:18] in _BMP_HEADERS:
        return "BMP"
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
        raise GearboxError(f"“{name}” is no picture that can be taken.", f"{PICTURES} are.")
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
    if kind == "JPEG" and content.count(b"\xff\xda") > _MOST_SCANS:
        raise GearboxError(f"“{name}” is drawn over and over; that is more than can be taken.", "Save it anew as JPEG.")
    if kind in _COMPLICATED:
        return _decoded_apart(name, content, kind)
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
                if opened.width * opened.height > _PIXELS_HERE:
                    return _decoded_apart(name, content, kind)
                opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG need not be decoded in full
                opened.thumbnail((LONGEST_SIDE, LONGEST_SIDE))  # before anything that makes a copy
                image = ImageOps.exif_transpose(opened)
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


def _decoded_apart(name: str, content: bytes, kind: str) -> Image:
    from PIL import Image

    try:
        decoded = decode(content, kind, pixels=MOST_PIXELS, side=LONGEST_SIDE)
    except PictureError as problem:
        raise GearboxError(
            f"“{name}” {problem}.", "Save it smaller, or as JPEG or PNG, or send the part that matters."
        ) from None
    return Image.frombytes(decoded.mode, (decoded.width, decoded.height), decoded.content)


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
