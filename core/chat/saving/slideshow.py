"""A film of an answer: its pictures over its voice."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from core.chat.saving.reply import contents_of
from core.errors import GearboxError
from data.values.media import Blob
from data.values.messages import Message
from data.values.parts import AudioPart, ImagePart

SECONDS = 180.0
"""For making one: a minute of film takes a few."""

_CHILD = Path(__file__).with_name("slideshow_child.py")
_MOST_PICTURES = 40
_REFUSED = 3


def has_slideshow(message: Message) -> bool:
    """Whether there is enough in an answer for one: a picture with a sound, or two pictures; and what makes films."""
    pictures = _pictures(message)
    if not pictures or (len(pictures) == 1 and not _sounds(message)):
        return False
    return importlib.util.find_spec("av") is not None  # who installed it may have left it out


def slideshow(message: Message, load: Callable[[Blob], bytes | None]) -> bytes:
    """An MP4 file. Blocks, for some seconds; it starts a process that is ended after `SECONDS`.

    Raises:
        GearboxError: there is too little or too much of it, or a part is gone or can't be read.
    """
    pictures = [found for part in _pictures(message)[:_MOST_PICTURES] if (found := load(part.blob)) is not None]
    heard = [(part.blob.media_type, found) for part in _sounds(message) if (found := load(part.blob)) is not None]
    if not pictures:
        raise GearboxError("There is no picture to show.", "They are gone, or this answer has none.")
    told = {"pictures": list(map(len, pictures)), "sounds": [(kind, len(sound)) for kind, sound in heard]}
    given = b"".join([json.dumps(told).encode() + b"\n", *pictures, *(sound for _, sound in heard)])
    command = [sys.executable, "-I", str(_CHILD)]
    try:
        # No environment: the child must not know what the server was given.
        done = subprocess.run(  # noqa: S603 our own script, and no shell
            command, input=given, capture_output=True, timeout=SECONDS, env={}, check=False
        )
    except subprocess.TimeoutExpired:
        raise GearboxError("The film takes too long to make.", "Save the answer as one page instead.") from None
    if done.returncode == _REFUSED:
        why = done.stderr.decode("utf-8", "replace")[:200]
        raise GearboxError(f"The film can't be made: {why}", "Save the answer as one page instead.")
    if done.returncode != 0 or not done.stdout:
        raise GearboxError(
            "The film can't be made: a picture or a sound could not be read.", "Save the answer as one page instead."
        )
    return done.stdout


def _pictures(message: Message) -> list[ImagePart]:
    found = [part for part in contents_of(message.parts) if isinstance(part, ImagePart)]
    return list({part.blob.digest: part for part in found}.values())


def _sounds(message: Message) -> list[AudioPart]:
    return [part for part in contents_of(message.parts) if isinstance(part, AudioPart)]
