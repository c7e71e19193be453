"""What a file of sound says of itself: its kind, and how long it lasts. Nothing is decoded.

Sources: RIFF (WAVE), RFC 3533 (Ogg), ISO 14496-12 (the boxes `moov` and `mvhd`), the frame header of MPEG audio, and
EBML (RFC 8794) with Matroska's segment info (RFC 9559).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

_LONGEST = 24 * 3600.0
_HEAD = 64 * 1024
_BITRATES = {  # kbit/s of layer III, by whether it is MPEG 1
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_OGG_CODECS = {b"\x01vorbis": 12, b"OpusHead": None, b"\x7fFLAC": None, b"Speex   ": 36}
"""How a stream of sound begins, and where its sample rate stands; Opus counts in 48 kHz whatever it was."""


def sound_type(content: bytes) -> str | None:
    """The media type of a sound that can be taken, by its bytes; None for anything else, a video too."""
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return "audio/wav" if _wav_chunks(content) else None
    if content.startswith(b"OggS"):
        return "audio/ogg" if _ogg_codec(content) else None
    if content.startswith(b"fLaC"):
        return "audio/flac"
    if content[4:8] == b"ftyp" and content[8:12] not in {b"heic", b"heix", b"mif1", b"avif", b"avis"}:
        return "audio/mp4" if b"soun" in content and b"vide" not in _handlers(content) else None
    if content.startswith(b"\x1aE\xdf\xa3"):
        head = content[:_HEAD]
        return "audio/webm" if b"A_" in head and b"V_" not in head else None
    return "audio/mpeg" if _mpeg_frames(content) else None


def seconds_of(content: bytes, kind: str) -> float | None:
    """How long a sound of this media type lasts; None where it does not say."""
    read: Callable[[bytes], float | None] | None = {
        "audio/wav": _wav,
        "audio/ogg": _ogg,
        "audio/mp4": _mp4,
        "audio/mpeg": _mpeg,
        "audio/webm": _webm,
        "audio/flac": _flac,
    }.get(kind)
    try:
        seconds = round(read(content) or 0.0, 3) if read else 0.0
    except (struct.error, IndexError, ZeroDivisionError, OverflowError, ValueError):
        return None
    return seconds if 0 < seconds <= _LONGEST else None


def _wav_chunks(content: bytes) -> tuple[int, int] | None:
    """Where the format and the samples of a WAV begin; None where one is missing."""
    form, samples = content.find(b"fmt ", 12, _HEAD), content.find(b"data", 12, _HEAD)
    return None if min(form, samples) < 0 else (form + 8, samples + 8)


def _wav(content: bytes) -> float | None:
    chunks = _wav_chunks(content)
    if chunks is None:
        return None
    form, samples = chunks
    size = min(int(struct.unpack_from("<I", content, samples - 4)[0]), len(content) - samples)
    return float(size / struct.unpack_from("<I", content, form + 8)[0])


def _flac(content: bytes) -> float | None:
    packed = int.from_bytes(content[18:26], "big")  # 20 bits of rate, 3 of channels, 5 of depth, 36 of samples
    return (packed & (1 << 36) - 1) / (packed >> 44)


def _ogg_codec(content: bytes) -> bytes | None:
    body = content[27 + content[26] :][:40] if len(content) > 27 else b""
    return next((codec for codec in _OGG_CODECS if body.startswith(codec)), None)


def _ogg(content: bytes) -> float | None:
    codec, last = _ogg_codec(content), content.rfind(b"OggS")
    if codec is None:
        return None
    body, place = content[27 + content[26] :], _OGG_CODECS[codec]
    rate = 48_000 if codec == b"OpusHead" else None if place is None else struct.unpack_from("<I", body, place)[0]
    return None if rate is None else float(struct.unpack_from("<q", content, last + 6)[0] / rate)


def _boxes(content: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, beginning and end of the content of each box; at most a thousand."""
    for _ in range(1_000):
        if start + 8 > end:
            return
        size, name = struct.unpack_from(">I4s", content, start)
        head = 8
        if size == 1 and start + 16 <= end:
            size, head = struct.unpack_from(">Q", content, start + 8)[0], 16
        size = end - start if size == 0 else size
        if size < head:
            return
        yield name, start + head, min(start + size, end)
        start += size


def _moov(content: bytes) -> list[tuple[bytes, int, int]]:
    inside = next((each for each in _boxes(content, 0, len(content)) if each[0] == b"moov"), None)
    return list(_boxes(content, inside[1], inside[2])) if inside else []


def _handlers(content: bytes) -> set[bytes]:
    """What the tracks of a file in MP4's form hold: `soun`, `vide`."""
    found = set()
    for name, start, end in _moov(content):
        if name == b"trak":
            place = content.find(b"hdlr", start, end)
            found.add(content[place + 12 : place + 16] if place >= 0 else b"")
    return found


def _mp4(content: bytes) -> float | None:
    start = next((start for name, start, _ in _moov(content) if name == b"mvhd"), None)
    if start is None:
        return None
    scale, length = struct.unpack_from(
        ">IQ" if content[start] else ">II", content, start + (20 if content[start] else 12)
    )
    return float(length / scale)


def _mpeg_frames(content: bytes) -> tuple[int, int, int] | None:
    """Where the first frame begins, with its bits and samples a second; None where no two frames follow each other."""
    start = 0
    if content.startswith(b"ID3") and len(content) > 10:
        start = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(content[6:10], (21, 14, 7, 0), strict=True))
    for place in range(start, min(start + 4_096, len(content) - 4)):
        frame = _mpeg_frame(content, place)
        if frame is not None and (place + frame[2] >= len(content) or _mpeg_frame(content, place + frame[2])):
            return place, frame[0], frame[1]
        if not content.startswith(b"ID3"):  # without a tag it begins with a frame, or is something else
            return None
    return None


def _mpeg_frame(content: bytes, place: int) -> tuple[int, int, int] | None:
    """Bits a second, samples a second and length in bytes of a frame of layer III."""
    if place + 4 > len(content):
        return None
    bits = int.from_bytes(content[place : place + 4], "big")
    version, layer, rate, sampled = bits >> 19 & 3, bits >> 17 & 3, bits >> 12 & 15, bits >> 10 & 3
    if bits >> 21 != 0x7FF or version == 1 or layer != 1 or rate in {0, 15} or sampled == 3:
        return None
    speed, samples = _BITRATES[version == 3][rate] * 1000, _RATES[version][sampled]
    return speed, samples, (144 if version == 3 else 72) * speed // samples + (bits >> 9 & 1)


def _mpeg(content: bytes) -> float | None:
    found = _mpeg_frames(content)
    if found is None:
        return None
    place, speed, samples = found
    head = content[place : place + 200]
    tag = max(head.find(b"Xing"), head.find(b"Info"))
    if tag >= 0 and head[tag + 7] & 1:  # of a varying rate: the number of frames stands in the first one
        frames = struct.unpack_from(">I", head, tag + 8)[0]
        return float(frames * (1_152 if samples >= 32_000 else 576) / samples)
    return (len(content) - place) * 8 / speed


def _webm(content: bytes) -> float | None:
    head = content[:_HEAD]
    place = head.find(b"\x44\x89")  # Duration, a float in units of the timestamp scale (a millisecond unless it says)
    if place < 0:
        return None
    scale_at = head.find(b"\x2a\xd7\xb1\x83")
    scale = int.from_bytes(head[scale_at + 4 : scale_at + 7], "big") if scale_at >= 0 else 1_000_000
    kind = {0x84: ">f", 0x88: ">d"}.get(head[place + 2])
    return None if kind is None else float(struct.unpack_from(kind, head, place + 3)[0] * scale / 1e9)
