"""The sandbox's voice: a real WAV, by espeak-ng or by itself, which it understands again."""

from __future__ import annotations

import array
import io
import random
import sys
import wave
from pathlib import Path

import httpx
import pytest

from core.sandbox.sounds import MAX_SECONDS, hear, speak
from core.sandbox.voices import spoken

# What espeak-ng writes to standard output says that it never ends; it notes what it was told and asked.
ESPEAK = """#!{python}
import pathlib, struct, sys
noted = pathlib.Path(__file__).parent
(noted / "told").write_text(" ".join(sys.argv[1:]))
(noted / "text").write_bytes(sys.stdin.buffer.read())
if (noted / "broken").exists():
    sys.exit(1)
head = b"RIFF" + struct.pack("<I", 0x7FFFF024) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 22050, 44100, 2, 16)
sys.stdout.buffer.write(head + b"data" + struct.pack("<I", 0x7FFFF000) + b"\\x10\\x00" * 11025)
"""


@pytest.fixture
def espeak(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = tmp_path / "espeak-ng"
    program.write_text(ESPEAK.format(python=sys.executable))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


@pytest.fixture
def no_espeak(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


def seconds(sound: bytes) -> float:
    with wave.open(io.BytesIO(sound)) as opened:
        return float(opened.getnframes() / opened.getframerate())


@pytest.mark.parametrize("text", ["Hello, gears!", "grüße 海 😀", "", "\0 \u202e", "12345"])
def test_what_is_said_is_heard_again(text: str) -> None:
    sound = speak(text)
    heard, length = hear(sound)
    assert heard == text
    assert length == round(seconds(sound), 3)


def test_longer_texts_take_longer_up_to_a_bound() -> None:
    assert seconds(speak("one two three four")) > seconds(speak("one two"))
    assert seconds(speak("one two", 2.0)) < seconds(speak("one two"))
    long = "A sentence that goes on. " * 400
    assert seconds(speak(long)) == MAX_SECONDS
    assert hear(speak(long))[0] == long


def test_it_is_heard_at_all_and_does_not_clip() -> None:
    with wave.open(io.BytesIO(speak("An old pond, a frog jumps in"))) as sound:
        samples = array.array("h", sound.readframes(sound.getnframes()))
    assert 6_000 < max(map(abs, samples)) < 30_000


@pytest.mark.usefixtures("no_espeak")
def test_voices_and_manners_differ() -> None:
    text = "An old pond"
    sounds = [spoken(text, voice="nova"), spoken(text, voice="onyx"), spoken(text, voice="nova", manner="Slowly.")]
    assert len(set(sounds)) == 3
    assert spoken(text, voice="nova", low=True) == spoken(text, voice="nova", manner="in a deep voice") == sounds[1]
    assert seconds(sounds[2]) > seconds(sounds[0])


def test_espeak_speaks_where_it_is_installed(espeak: Path) -> None:
    text = "Ein alter Teich; $(touch x) -v en --stdout"
    sound = spoken(text, voice="onyx")
    assert (espeak / "text").read_text() == text
    assert (espeak / "told").read_text() == "-b 1 --stdin --stdout -v de+m3 -s 165"
    assert seconds(sound) == 0.5
    assert hear(sound) == (text, 0.5)
    spoken("Die Räder und das Wasser sind nicht müde", manner="Schnell.", speed=1.5)
    assert (espeak / "told").read_text() == "-b 1 --stdin --stdout -v de+m3 -s 309"
    spoken("Hello", voice="nova", manner="Speak Spanish.")
    assert "-v es+f3" in (espeak / "told").read_text()


def test_it_hums_where_espeak_fails(espeak: Path) -> None:
    (espeak / "broken").touch()
    assert spoken("Hello", voice="nova") == speak("Hello")


def test_other_sounds_are_measured() -> None:
    def sound(samples: array.array[int], channels: int = 1) -> bytes:
        out = io.BytesIO()
        with wave.open(out, "wb") as opened:
            opened.setparams((channels, 2, 8_000, 0, "NONE", ""))
            opened.writeframes(samples.tobytes())
        return out.getvalue()

    square = array.array("h", ([8_000] * 10 + [-8_000] * 10) * 400)
    assert "1.0 seconds of sound (mono, 8,000 samples a second, loud, around 400 Hz)" in hear(sound(square))[0]
    assert "stereo, 8,000 samples a second, silent" in hear(sound(array.array("h", [0] * 800), 2))[0]
    rng = random.Random(9)
    for _ in range(100):
        whole = bytearray(sound(array.array("h", [5] * 40)))
        for _ in range(4):
            whole[rng.randrange(len(whole))] = rng.randrange(256)
        assert isinstance(hear(bytes(whole[: rng.randrange(len(whole))]))[0], str)


def test_directives_are_not_spoken(client: httpx.Client) -> None:
    body = {"model": "scripted-speech", "input": "Hello [[image-fault:500]][[speech-delay:0.01]]"}
    assert hear(client.post("/audio/speech", json=body).content)[0] == "Hello"
