"""Pictures as a film that browsers play, without an encoder: WebM whose every frame is a key frame.

A lossy WebP is a VP8 key frame in a RIFF (RFC 6386, RFC 9649), and Pillow writes those. What is left is the container:
EBML (RFC 8794) with Matroska's elements (RFC 9559), of which WebM allows a few.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

_QUALITY = 78
_APP = b"Gearbox sandbox (scripted)"
_KEY_FRAME = 0x80


def webm(frames: Iterable[Image], size: tuple[int, int], frames_a_second: int) -> bytes:
    """The film; every frame is `size` pixels, RGB."""
    coded = [_vp8(frame) for frame in frames]
    step = 1_000 / frames_a_second
    seconds = [coded[at : at + frames_a_second] for at in range(0, len(coded), frames_a_second)]
    clusters = [_cluster(each, place * 1_000, step) for place, each in enumerate(seconds)]
    info = _element(
        0x1549A966,
        _element(0x2AD7B1, _number(1_000_000)),  # milliseconds
        _element(0x4489, struct.pack(">d", len(coded) * step)),
        _element(0x4D80, _APP),
        _element(0x5741, _APP),
    )
    body = [info, _tracks(size), *clusters]
    # Where things stand is counted from the beginning of the segment's content, whose first thing is this list itself.
    places, at = [], len(_seek_head(0))
    for part in body:
        places.append(at)
        at += len(part)
    cues = _cues(places[2:])
    head = _element(
        0x1A45DFA3,
        *(_element(key, _number(value)) for key, value in ((0x4286, 1), (0x42F7, 1), (0x42F2, 4), (0x42F3, 8))),
        _element(0x4282, b"webm"),
        _element(0x4287, _number(2)),
        _element(0x4285, _number(2)),
    )
    return head + _element(0x18538067, _seek_head(at), *body, cues)


def _vp8(frame: Image) -> bytes:
    """The key frame in a WebP of the picture."""
    out = io.BytesIO()
    frame.save(out, "WEBP", quality=_QUALITY, method=1)
    whole, place = out.getvalue(), 12
    while place + 8 <= len(whole):
        size = int.from_bytes(whole[place + 4 : place + 8], "little")
        if whole[place : place + 4] == b"VP8 ":
            return whole[place + 8 : place + 8 + size]
        place += 8 + size + size % 2
    raise AssertionError("a lossy WebP has a frame")


def _tracks(size: tuple[int, int]) -> bytes:
    video = _element(0xE0, _element(0xB0, _number(size[0])), _element(0xBA, _number(size[1])))
    entry = (
        _element(0xD7, _number(1)),
        _element(0x73C5, _number(1)),
        _element(0x83, _number(1)),  # video
        _element(0x9C, _number(0)),
        _element(0x86, b"V_VP8"),
    )
    return _element(0x1654AE6B, _element(0xAE, *entry, video))


def _cluster(frames: Sequence[bytes], begin: int, step: float) -> bytes:
    blocks = (
        _element(0xA3, b"\x81" + struct.pack(">hB", round(place * step), _KEY_FRAME) + frame)
        for place, frame in enumerate(frames)
    )
    return _element(0x1F43B675, _element(0xE7, _number(begin)), *blocks)


def _cues(places: Sequence[int]) -> bytes:
    """Where each second begins: without this list, players can't jump."""
    points = (
        _element(
            0xBB,
            _element(0xB3, _number(second * 1_000)),
            _element(0xB7, _element(0xF7, _number(1)), _element(0xF1, _number(place))),
        )
        for second, place in enumerate(places)
    )
    return _element(0x1C53BB6B, *points)


def _seek_head(cues_at: int) -> bytes:
    """Where the cues are; as long whatever the place."""
    found = _element(0x53AB, bytes.fromhex("1c53bb6b")), _element(0x53AC, struct.pack(">Q", cues_at))
    return _element(0x114D9B74, _element(0x4DBB, *found))


def _element(key: int, *content: bytes) -> bytes:
    body = b"".join(content)
    # Sizes take eight bytes each: a marker, then 56 bits.
    return key.to_bytes((key.bit_length() + 7) // 8) + struct.pack(">Q", (1 << 56) | len(body)) + body


def _number(value: int) -> bytes:
    return value.to_bytes(max(1, (value.bit_length() + 7) // 8))
