"""Sounds for tests: the smallest files that are ones."""

from __future__ import annotations

import io
import struct
import wave


def wav(seconds: float = 1.0, rate: int = 8_000) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(bytes(2 * int(rate * seconds)))
    return out.getvalue()


def mp3(frames: int = 100, *, tag: bool = False, counted: int | None = None) -> bytes:
    """Frames of 128 kbit/s at 44.1 kHz: 1,152 samples in 417 bytes. `counted` is how many the first one speaks of."""
    frame = b"\xff\xfb\x90\xc0" + bytes(413)
    first = b"\xff\xfb\x90\xc0" + bytes(32)
    first += b"Xing" + struct.pack(">II", 1, counted or 0) + bytes(417 - len(first) - 12)
    head = b"ID3\x04\0\0\0\0\x01\x00" + bytes(128) if tag else b""
    return head + (first if counted else b"") + frame * frames


def ogg(codec: str = "opus", seconds: float = 2.0) -> bytes:
    bodies = {
        "opus": b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 0, 16_000, 0, 0),
        "vorbis": b"\x01vorbis" + struct.pack("<IBIiii", 0, 1, 44_100, 0, 0, 0),
        "theora": b"\x80theora" + bytes(30),
    }
    rate = {"opus": 48_000, "vorbis": 44_100, "theora": 25}[codec]

    def page(granule: int, body: bytes) -> bytes:
        return b"OggS" + struct.pack("<BBqIIIB", 0, 0, granule, 1, 0, 0, 1) + bytes([len(body)]) + body

    return page(0, bodies[codec]) + page(int(rate * seconds), bytes(100))


def _box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + name + body


def m4a(seconds: float = 3.0, *, track: bytes = b"soun") -> bytes:
    header = _box(b"mvhd", bytes(12) + struct.pack(">II", 1_000, int(seconds * 1_000)) + bytes(80))
    handler = _box(b"hdlr", bytes(8) + track + bytes(12))
    trak = _box(b"trak", _box(b"mdia", handler))
    return _box(b"ftyp", b"M4A \0\0\0\0") + _box(b"moov", header + trak) + _box(b"mdat", bytes(64))


def webm(seconds: float = 1.5, *, codec: bytes = b"A_OPUS") -> bytes:
    duration = b"\x44\x89\x88" + struct.pack(">d", seconds * 1_000)
    scale = b"\x2a\xd7\xb1\x83" + (1_000_000).to_bytes(3, "big")
    return b"\x1a\x45\xdf\xa3\x84\x42\x82webm" + scale + duration + b"\x86" + bytes([0x80 | len(codec)]) + codec


def flac(seconds: float = 4.0) -> bytes:
    packed = 44_100 << 44 | int(44_100 * seconds)
    return b"fLaC\0\0\0\x22" + bytes(10) + packed.to_bytes(8, "big") + bytes(16)
