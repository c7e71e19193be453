"""Who speaks for the sandbox: espeak-ng where it is installed, else the hummed notes of its own voice."""

from __future__ import annotations

import array
import logging
import os
import re
import shutil
import subprocess
import sys

from core.sandbox.languages import language_named, language_of
from core.sandbox.sounds import MAX_SECONDS, speak, wav

log = logging.getLogger(__name__)

PROGRAM = "espeak-ng"
_SECONDS = 20.0  # it speaks a thousand times faster than people listen
_WORDS_A_MINUTE = 165
_ENVIRONMENT = ("PATH", "HOME", "ESPEAK_DATA_PATH")  # and none of the app's own settings
_VOICES = {
    "en": "en-us", "de": "de", "fr": "fr-fr", "es": "es", "it": "it", "pt": "pt", "nl": "nl", "ja": "ja", "zh": "cmn",
    "ru": "ru",
}  # fmt: skip
# OpenAI's names for its voices that sound like women; its others sound like men.
_HIGH = frozenset({"nova", "shimmer", "coral", "sage", "fable", "alloy", "marin"})
_LOW_WORDS = re.compile(
    r"\b(?:deep|low|male|man|tief\w*|männlich\w*|grave|grav[ei]|profund\w*|masculin\w*)\b", re.IGNORECASE
)
_HIGH_WORDS = re.compile(
    r"\b(?:high|female|woman|hoch|hohe\w*|weiblich\w*|aigu\w*|femenin\w*|féminin\w*)\b", re.IGNORECASE
)
_SLOW, _FAST = (
    re.compile(r"\b(?:slow\w*|langsam\w*|lent\w*|despacio|devagar)\b", re.I),
    re.compile(r"\b(?:fast|quick\w*|schnell\w*|rapid\w*|vite|rápid\w*|veloce)\b", re.I),
)


def spoken(text: str, *, speed: float = 1.0, voice: str = "", manner: str = "", low: bool = False) -> bytes:
    """A WAV of the text, which carries it in a comment.

    Args:
        voice: a name as OpenAI has them.
        manner: how to speak, in words: slowly, in a deep voice, in Spanish.
        low: for the second model: the other voice of the two.
    """
    speed *= 0.8 if _SLOW.search(manner) else 1.25 if _FAST.search(manner) else 1.0
    is_high = voice in _HIGH
    if _LOW_WORDS.search(manner) or _HIGH_WORDS.search(manner):
        is_high = not _LOW_WORDS.search(manner)
    if low:
        is_high = not is_high
    language = language_named(manner) or language_of(text)
    return _by_espeak(text, language, speed, is_high=is_high) or speak(text, speed, low=not is_high)


def _by_espeak(text: str, language: str, speed: float, *, is_high: bool) -> bytes | None:
    """By the program, with the text on its standard input; None where it is not there or can't."""
    program = shutil.which(PROGRAM)
    if program is None:
        return None
    voice = f"{_VOICES.get(language, 'en-us')}+{'f3' if is_high else 'm3'}"
    pace = str(min(max(round(_WORDS_A_MINUTE * speed), 80), 450))
    told = [program, "-b", "1", "--stdin", "--stdout", "-v", voice, "-s", pace]
    try:
        said = subprocess.run(  # noqa: S603 the arguments are fixed, the text is none of them
            told,
            input=text.encode("utf-8", "replace"),
            capture_output=True,
            timeout=_SECONDS,
            check=True,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        log.info("%s did not speak: %s", PROGRAM, type(error).__name__)
        return None
    return _rewritten(said, text)


def _rewritten(said: bytes, text: str) -> bytes | None:
    """Its WAV with the right lengths: trap, what goes to standard output has those of a sound without end."""
    place = said.find(b"data", 12)
    rate = int.from_bytes(said[24:28], "little")
    if said[:4] != b"RIFF" or place < 0 or not 4_000 <= rate <= 48_000 or said[22:24] != b"\x01\x00":
        return None
    body = said[place + 8 :]
    samples = array.array("h", body[: len(body) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    return wav(samples[: int(MAX_SECONDS * rate)], rate, text) if samples else None
