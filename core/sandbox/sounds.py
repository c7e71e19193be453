"""The sandbox's voice and ear: a WAV with a tone for each letter, which carries its text as a comment."""

from __future__ import annotations

import array
import io
import math
import struct
import sys
import wave

RATE = 8_000
MAX_LETTERS = 600
_LETTER_SECONDS = 0.06
_COMMENT = b"ICMT"


def speak(text: str, speed: float = 1.0) -> bytes:
    """A mono 16-bit WAV: letters and digits as tones, everything else as silence. The text is in its INFO chunk."""
    spoken = text[:MAX_LETTERS]
    samples = array.array("h")
    count = max(1, int(RATE * _LETTER_SECONDS / speed))
    tones: dict[str, array.array[int]] = {}
    for letter in spoken.lower() or " ":
        samples += tones.setdefault(letter, _tone(letter, count))
    if sys.byteorder == "big":
        samples.byteswap()
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(samples.tobytes())
    return _with_comment(out.getvalue(), text)


def hear(audio: bytes) -> tuple[str, float | None]:
    """What was said and how many seconds it took.

    The sandbox understands its own voice only: of any other sound it says that it heard one.
    """
    seconds = _seconds(audio)
    text = _comment(audio)
    if text is None:
        length = f"{seconds:.1f} seconds" if seconds is not None else f"{len(audio):,} bytes"
        text = f"The sandbox is scripted and can't hear: it was sent {length} of sound."
    return text, seconds


def _tone(letter: str, count: int) -> array.array[int]:
    if not letter.isalnum():
        return array.array("h", bytes(2 * count))
    step = math.tau * (220 * 2 ** (ord(letter) % 24 / 12)) / RATE
    # Fades in and out, so that letters do not click.
    return array.array("h", (int(9_000 * math.sin(math.pi * n / count) * math.sin(step * n)) for n in range(count)))


def _with_comment(sound: bytes, text: str) -> bytes:
    """The WAV with a LIST/INFO chunk behind its samples (RIFF 1.0, INFO list)."""
    said = text.encode("utf-8", "replace")
    comment = _COMMENT + struct.pack("<I", len(said)) + said + bytes(len(said) % 2)
    chunk = b"LIST" + struct.pack("<I", 4 + len(comment)) + b"INFO" + comment
    whole = sound[8:] + chunk
    return b"RIFF" + struct.pack("<I", len(whole)) + whole


def _comment(audio: bytes) -> str | None:
    place = 12
    while audio[:4] == b"RIFF" and place + 8 <= len(audio):
        name, size = audio[place : place + 4], int.from_bytes(audio[place + 4 : place + 8], "little")
        inner = place + 12
        if name == b"LIST" and audio[inner : inner + 4] == _COMMENT:
            length = int.from_bytes(audio[inner + 4 : inner + 8], "little")
            return audio[inner + 8 : inner + 8 + length].decode("utf-8", "replace")
        place += 8 + size + size % 2
    return None


def _seconds(audio: bytes) -> float | None:
    try:
        with wave.open(io.BytesIO(audio)) as sound:
            return float(round(sound.getnframes() / sound.getframerate(), 3))
    except (wave.Error, EOFError, ZeroDivisionError):
        return None
