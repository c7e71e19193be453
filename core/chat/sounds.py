"""Sounds that a person attaches or a tool gives: taken for what their bytes say, and kept as they came."""

from __future__ import annotations

import hashlib

from core.chat.sound_headers import seconds_of, sound_type
from core.errors import GearboxError
from data.values.media import Blob, StoredBlob
from data.values.parts import AudioPart

SOUND_BYTES = 20 * 1024 * 1024
"""Largest sound taken; providers that transcribe take 25 MB."""

NAMES = {
    "audio/mpeg": "MP3",
    "audio/wav": "WAV",
    "audio/mp4": "M4A",
    "audio/ogg": "Ogg",
    "audio/webm": "WebM",
    "audio/flac": "FLAC",
}
"""The kinds that are taken, as people call them."""


def read_sound(name: str, content: bytes) -> tuple[AudioPart, StoredBlob]:
    """The part for a sound, and what is kept of it: the bytes as they came.

    Raises:
        GearboxError: it is none that can be taken, or too large.
    """
    kind = sound_type(content)
    if kind is None:
        raise GearboxError(f"“{name}” is no sound that can be taken.", f"{', '.join(NAMES.values())} are.")
    if len(content) > SOUND_BYTES:
        raise GearboxError(
            f"“{name}” has {len(content) / 2**20:,.0f} MB; a sound may have {SOUND_BYTES // 2**20}.",
            "Save it as MP3 or M4A, or send the part that matters.",
        )
    blob = Blob(hashlib.sha256(content).hexdigest(), kind, len(content))
    return AudioPart(blob, name, seconds_of(content, kind)), StoredBlob(blob, content)
