"""Sounds are known by their bytes, and what they say of their length is read; nothing else is taken for one."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.chat.sound_headers import seconds_of, sound_type
from core.chat.sounds import SOUND_BYTES, read_sound
from core.errors import GearboxError
from core.sandbox import sounds as sandbox
from tests.chat import sounds_made as made

SOUNDS = {
    "wav": (made.wav(1.5), "audio/wav", 1.5),
    "sandbox": (sandbox.speak("tea"), "audio/wav", 0.15),
    "mp3": (made.mp3(100), "audio/mpeg", 2.61),
    "tagged mp3": (made.mp3(100, tag=True), "audio/mpeg", 2.61),
    "mp3 of a varying rate": (made.mp3(2, counted=1_000), "audio/mpeg", 26.12),
    "opus": (made.ogg("opus"), "audio/ogg", 2.0),
    "vorbis": (made.ogg("vorbis"), "audio/ogg", 2.0),
    "m4a": (made.m4a(), "audio/mp4", 3.0),
    "webm": (made.webm(), "audio/webm", 1.5),
    "flac": (made.flac(), "audio/flac", 4.0),
}


@pytest.mark.parametrize(("content", "kind", "seconds"), SOUNDS.values(), ids=SOUNDS)
def test_a_sound_is_known_by_its_bytes(content: bytes, kind: str, seconds: float) -> None:
    part, stored = read_sound("voice", content)
    assert part.blob == stored.blob and stored.content == content
    assert part.blob.media_type == kind
    assert part.seconds == pytest.approx(seconds, abs=0.01)


def _picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (9, 9)).save(out, "WEBP")
    return out.getvalue()


OTHERS = {
    "film in mp4": made.m4a(track=b"vide"),
    "film in webm": made.webm(codec=b"V_VP8A_OPUS"),
    "film in ogg": made.ogg("theora"),
    "utf-16": "\ufeffSome text".encode("utf-16-le"),
    "one frame alone": made.mp3(1)[:50] + b"x" * 1_000,
    "webp": _picture(),
    "text": b"ID3 is a tag",
    "heic": b"\0\0\0\x18ftypheic",
    "nothing": b"",
}


@pytest.mark.parametrize("content", OTHERS.values(), ids=OTHERS)
def test_what_is_no_sound_is_not_taken_for_one(content: bytes) -> None:
    assert sound_type(content) is None
    with pytest.raises(GearboxError, match="no sound"):
        read_sound("voice", content)


def test_one_that_is_too_large_is_refused_by_name() -> None:
    with pytest.raises(GearboxError, match=r"“long.wav” has 20 MB; a sound may have 20"):
        read_sound("long.wav", made.wav() + bytes(SOUND_BYTES))


@settings(max_examples=300)
@given(st.sampled_from(list(SOUNDS)), st.integers(0, 400), st.binary(min_size=1, max_size=12), st.integers(0, 4_000))
def test_damaged_ones_never_raise_anything_else(name: str, place: int, patch: bytes, cut: int) -> None:
    content = SOUNDS[name][0]
    damaged = (content[:place] + patch + content[place + len(patch) :])[: max(1, len(content) - cut)]
    for kind in (sound_type(damaged), "audio/ogg", "audio/mp4", "audio/mpeg", "audio/flac", "audio/webm", "audio/wav"):
        seconds = seconds_of(damaged, kind or "")
        assert seconds is None or 0 < seconds <= 24 * 3600
