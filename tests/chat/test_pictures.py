"""Pictures are taken for what they are, cleaned, and made no larger than models take them."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from core.chat.attachments import Attachment, read_all
from core.chat.pictures import KEPT_BYTES, LONGEST_SIDE, PICTURE_BYTES, preview_of
from core.errors import GearboxError
from data.values.media import StoredBlob
from data.values.parts import ImagePart

SECRET = "51.5007N"


def drawn(kind: str, size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "teal" if mode != "L" else 90).save(out, kind, **options)
    return out.getvalue()


def read(content: bytes, name: str = "cat.png") -> tuple[ImagePart, StoredBlob]:
    received = read_all([Attachment(name, content)])
    (part,), (blob,) = received.parts, received.blobs
    assert isinstance(part, ImagePart)
    assert part.blob == blob.blob
    assert blob.blob.digest == hashlib.sha256(blob.content).hexdigest() and blob.blob.size == len(blob.content)
    return part, blob


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize(
    ("kind", "kept"),
    [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("GIF", "image/png"), ("WEBP", "image/jpeg")],
    ids=["png", "jpeg", "gif", "webp"],
)
def test_a_picture_is_taken_whatever_its_name(kind: str, kept: str) -> None:
    part, blob = read(drawn(kind), "notes.txt")
    assert (part.name, part.width, part.height) == ("notes.txt", 40, 30)
    assert blob.blob.media_type == kept == Image.MIME[opened(blob.content).format or ""]
    assert blob.preview is not None and opened(blob.preview).format == "WEBP"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_pictures_of_any_colours_are_taken(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (8, 8)).save(out, "JPEG" if mode == "CMYK" else "PNG")
    _, blob = read(out.getvalue())
    assert opened(blob.content).mode == ("RGBA" if mode in {"LA", "RGBA"} else "RGB")


def test_where_a_picture_was_taken_and_what_is_said_in_it_is_gone() -> None:
    exif = Image.Exif()
    exif[0x010E] = SECRET
    exif.get_ifd(0x8825)[1] = SECRET  # GPS
    comment = PngImagePlugin.PngInfo()
    comment.add_text("Location", SECRET)
    sent = [
        drawn("JPEG", exif=exif.tobytes(), comment=SECRET.encode()),
        drawn("PNG", exif=exif.tobytes(), pnginfo=comment),
        drawn("WEBP", exif=exif.tobytes(), xmp=SECRET.encode()),
        drawn("GIF", comment=SECRET.encode()),
        drawn("JPEG") + SECRET.encode(),
    ]
    for content in sent:
        assert SECRET.encode() in content
        _, blob = read(content)
        assert SECRET.encode() not in blob.content + (blob.preview or b"")
        assert not opened(blob.content).getexif()


def test_a_picture_that_lies_on_its_side_is_put_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    part, _ = read(drawn("JPEG", (40, 30), exif=exif.tobytes()))
    assert (part.width, part.height) == (30, 40)


def test_a_large_picture_is_made_smaller() -> None:
    part, blob = read(drawn("JPEG", (5_000, 2_500)))
    assert (part.width, part.height) == (LONGEST_SIDE, LONGEST_SIDE // 2)
    assert opened(blob.content).size == (part.width, part.height)


def test_a_picture_that_does_not_pack_well_is_kept_as_a_jpeg() -> None:
    out = io.BytesIO()
    noise = Image.effect_noise((1_300, 1_300), 90)
    Image.merge("RGBA", [noise, noise.transpose(Image.Transpose.ROTATE_90), noise, noise]).save(
        out, "PNG", compress_level=1
    )
    assert len(out.getvalue()) > KEPT_BYTES
    _, blob = read(out.getvalue())
    assert blob.blob.media_type == "image/jpeg"
    assert blob.blob.size <= KEPT_BYTES


def _claims(width: int, height: int) -> bytes:
    """A PNG whose header claims a size that its data, a few bytes of zeros, unpack to as far as they reach."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1_000_000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (_claims(30_000, 30_000), "pixels"),
        (_claims(100_000, 100_000), "pixels"),
        (_claims(9_000, 8_000), "pixels"),
        (_claims(0, 10), "broken"),
        (drawn("PNG", (400, 300))[:-40], "broken"),
        (drawn("JPEG", (400, 300))[:300], "broken"),
        (drawn("GIF")[:20], "broken"),
        (b"RIFF\x10\0\0\0WEBPVP8 ....", "broken"),
        (drawn("PNG") + b"\0" * PICTURE_BYTES, "MB"),
    ],
    ids=[
        "bomb",
        "larger",
        "over the limit",
        "no width",
        "cut png",
        "cut jpeg",
        "cut gif",
        "cut webp",
        "too large",
    ],
)
def test_what_can_t_be_taken_is_refused_by_name(content: bytes, said: str) -> None:
    with pytest.raises(GearboxError, match=said) as refusal:
        read(content)
    assert "cat.png" in str(refusal.value)
    assert refusal.value.remedy


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["PNG", "JPEG", "GIF", "WEBP"]), st.integers(0, 700), st.binary(min_size=1, max_size=8))
def test_a_damaged_picture_is_taken_or_refused_and_nothing_else(kind: str, place: int, damage: bytes) -> None:
    content = bytearray(drawn(kind))
    content[place : place + len(damage)] = damage
    try:
        received = read_all([Attachment("a", bytes(content))])
    except GearboxError:
        return
    for part, blob in zip(received.parts, received.blobs, strict=False):
        if isinstance(part, ImagePart):
            opened(blob.content).load()


def test_a_broken_colour_profile_is_no_broken_picture() -> None:
    """As in the picture of MCP's reference server: every browser draws it."""
    whole = drawn("PNG", (40, 30))
    profile = struct.pack(">I4s", 4, b"iCCP") + b"none" + b"\0\0\0\0"  # its checksum is wrong
    content = whole[:33] + profile + whole[33:] + b"what hides behind the end"
    part, stored = read(content)
    assert (part.width, part.height) == (40, 30)
    assert preview_of("a.png", content)
    assert b"iCCP" not in stored.content and b"hides" not in stored.content
