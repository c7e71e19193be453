"""The sandbox's voice and ear: a WAV that hums each syllable, and carries its text as a comment."""

from __future__ import annotations

import array
import hashlib
import io
import itertools
import math
import re
import struct
import sys
import unicodedata
import wave
from functools import lru_cache

RATE = 12_000
MAX_SECONDS = 180.0
"""Of one sound; what is said beyond is in its comment only."""
_COMMENT = b"ICMT"
_UNREADABLE = (wave.Error, EOFError, ValueError, ZeroDivisionError, RuntimeError)  # `wave` raises all of them
_SYLLABLE_SECONDS = 0.15
_PAUSES = {" ": 0.03, ",": 0.16, ";": 0.2, ":": 0.2, ".": 0.32, "!": 0.32, "?": 0.32, "\n": 0.3, "—": 0.2, "…": 0.35}
_PIECES = re.compile(r"[^\W_]+|.", re.DOTALL)
_SYLLABLES = re.compile(r"[^aeiouy]*[aeiouy]+(?:[^aeiouy]+$)?|[^aeiouy]+")
# A scale without half-tones, in which no two notes quarrel; from A below middle C.
_SCALE = tuple(220 * 2 ** (step / 12) for step in (0, 2, 4, 7, 9, 12, 14))
# How strong each harmonic is, as the mouth shapes it.
_VOWELS = {
    "a": (1.0, 0.8, 0.7, 0.4, 0.15), "e": (1.0, 0.6, 0.25, 0.3, 0.3), "i": (1.0, 0.25, 0.08, 0.2, 0.3),
    "o": (1.0, 0.7, 0.3, 0.08, 0.03), "u": (1.0, 0.4, 0.1, 0.03, 0.01), "y": (1.0, 0.35, 0.15, 0.2, 0.2),
}  # fmt: skip


def speak(text: str, speed: float = 1.0, *, low: bool = False) -> bytes:
    """A mono 16-bit WAV: a hummed note for each syllable, silence for each stop; `low` is another voice.

    The text is in its INFO chunk, all of it.
    """
    samples, most = array.array("h"), int(MAX_SECONDS * RATE)
    place = 2
    for piece in _PIECES.findall(text) or [" "]:
        if len(samples) >= most:
            break
        if not piece[0].isalnum():
            samples.extend(array.array("h", bytes(2 * int(RATE * _PAUSES.get(piece, 0.03) / speed))))
            continue
        for syllable in _syllables(piece):
            digest = hashlib.sha256(syllable.encode("utf-8", "replace")).digest()
            place = min(max(place + digest[0] % 5 - 2, 0), len(_SCALE) - 1)
            vowel = next((letter for letter in syllable if letter in _VOWELS), "a")
            samples += _note(vowel, _SCALE[place] / (2 if low else 1), max(1, int(RATE * _SYLLABLE_SECONDS / speed)))
    return wav(samples[:most] or array.array("h", [0]), RATE, text)


def wav(samples: array.array[int], rate: int, text: str) -> bytes:
    """Mono samples of 16 bits as a WAV that carries a text."""
    if sys.byteorder == "big":
        samples = samples[:]
        samples.byteswap()
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(samples.tobytes())
    return _with_comment(out.getvalue(), text)


def hear(audio: bytes) -> tuple[str, float | None]:
    """What was said and how many seconds it took.

    The sandbox understands its own voice only: of any other sound it says what can be measured.
    """
    seconds = _seconds(audio)
    text = _comment(audio)
    if text is None:
        length = f"{seconds:.1f} seconds" if seconds is not None else f"{len(audio):,} bytes"
        text = f"The sandbox is scripted and can't hear: it was sent {length} of sound{_measured(audio)}."
    return text, seconds


def _syllables(word: str) -> list[str]:
    spread = unicodedata.normalize("NFKD", word.casefold())
    plain = "".join(letter for letter in spread if not unicodedata.combining(letter))
    if plain.isascii() and plain.isalpha():
        return _SYLLABLES.findall(plain)
    return [*plain[:24]]  # digits and other scripts: one for each sign


@lru_cache(maxsize=256)
def _note(vowel: str, pitch: float, count: int) -> array.array[int]:
    """A sung vowel with a soft beginning and end."""
    harmonics = _VOWELS[vowel]
    loud = 9_500 / sum(harmonics)
    steps = [math.tau * pitch * (place + 1) / RATE for place in range(len(harmonics))]
    samples = array.array("h")
    for n in range(count):
        at = n / count
        swell = math.sin(math.pi * min(1.0, at * 3.2) / 2) * min(1.0, (1 - at) * 3.5)
        wobble = n + 2.2 * math.sin(math.tau * 5.5 * n / RATE)
        value = sum(strong * math.sin(step * wobble) for strong, step in zip(harmonics, steps, strict=True))
        samples.append(int(loud * swell * value))
    return samples


def _measured(audio: bytes) -> str:
    """How loud a WAV of 16 bits is, and how high it may sound: by how often it crosses zero."""
    try:
        with wave.open(io.BytesIO(audio)) as sound:
            if sound.getsampwidth() != 2 or not sound.getnframes():
                return ""
            channels, rate = sound.getnchannels(), sound.getframerate()
            samples = array.array("h", sound.readframes(min(sound.getnframes(), 30 * rate)))[::channels]
    except _UNREADABLE:
        return ""
    if not samples:
        return ""
    loud = math.sqrt(sum(each * each for each in samples) / len(samples)) / 32_768
    crossings = sum((a < 0) != (b < 0) for a, b in itertools.pairwise(samples))
    level = "silent" if loud < 0.001 else "quiet" if loud < 0.03 else "of middle loudness" if loud < 0.15 else "loud"
    kind = "stereo" if channels == 2 else "mono" if channels == 1 else f"{channels} channels"
    pitch = f", around {crossings * rate / len(samples) / 2:,.0f} Hz" if loud >= 0.001 else ""
    return f" ({kind}, {rate:,} samples a second, {level}{pitch})"


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
    except _UNREADABLE:
        return None
