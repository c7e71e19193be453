"""A person's message on OpenAI's wire: text, or a list of texts, pictures and sounds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.chat.bridge.abilities import Abilities, Files
from core.chat.bridge.described import picture
from core.chat.bridge.enclosed import words
from data.values.parts import AudioPart, ImagePart, Part, TextPart, ToolResultPart

MOST_PICTURES = 20
"""Pictures in one request, the newest: with more, Anthropic takes smaller ones only."""

MOST_PICTURE_BYTES = 14 * 1024 * 1024
"""Of all pictures of a request together: 19 MB on the wire, where Gemini takes 20."""

_MOST_BYTES_OF_ONE = 3_750_000  # 5 MB in base64, as much as Anthropic takes
_TAKEN = {"image/png", "image/jpeg", "image/webp"}  # by every provider that has models that see; Gemini reads no GIF

MOST_SECONDS = 1_800.0
"""Of all sounds of a request together."""

_FORMATS = {"audio/wav": "wav", "audio/mpeg": "mp3"}  # what `input_audio` takes
_TOKENS_PER_SECOND = 32  # Gemini's rule; OpenAI's come to a third of that
_BYTES_PER_SECOND = 4_000  # of speech at 32 kbit/s, where a sound does not say how long it is

_PIXELS_PER_TOKEN = 750  # Anthropic's rule; OpenAI's and Gemini's tiles come to about as much
_FEWEST_TOKENS, _MOST_TOKENS = 85, 1_600


def picture_tokens(part: ImagePart) -> int:
    """What a picture counts in a model's context: its pixels by 750, from 85 to 1,600 tokens."""
    return min(max(math.ceil(part.width * part.height / _PIXELS_PER_TOKEN), _FEWEST_TOKENS), _MOST_TOKENS)


def tokens_of(part: Part) -> int:
    """What a picture or a sound that goes as such counts in a model's context; 0 for anything else."""
    if isinstance(part, ImagePart):
        return picture_tokens(part)
    return math.ceil(_seconds(part) * _TOKENS_PER_SECOND) if isinstance(part, AudioPart) else 0


class Pictures:
    """The pictures and sounds that go into one request. Ask for the newest message's first: only so many fit."""

    def __init__(self, abilities: Abilities, files: Files) -> None:
        self._sees, self._hears = abilities.pictures, abilities.sounds
        self._files = files
        self._left = MOST_PICTURES
        self._room = MOST_PICTURE_BYTES
        self._seconds = MOST_SECONDS

    def address(self, part: ImagePart | AudioPart) -> str | None:
        """It as a `data:` address; None where it can't go."""
        if not (self._may_go(part) if isinstance(part, ImagePart) else self._may_be_played(part)):
            return None
        address = self._files.picture(part.blob)
        if address is None:
            return None
        if isinstance(part, ImagePart):
            self._left -= 1
        else:
            self._seconds -= _seconds(part)
        self._room -= part.blob.size
        return address

    def _may_go(self, part: ImagePart) -> bool:
        if not self._sees or part.blob.media_type not in _TAKEN or part.blob.size > _MOST_BYTES_OF_ONE:
            return False
        return self._left > 0 and part.blob.size <= self._room

    def _may_be_played(self, part: AudioPart) -> bool:
        if not self._hears or part.blob.media_type not in _FORMATS:
            return False
        return _seconds(part) <= self._seconds and part.blob.size <= self._room


def sent(parts: Sequence[Part], pictures: Pictures) -> dict[int, str]:
    """The addresses of those pictures and sounds among the parts that go as such, by their place."""
    places = [(place, part) for place, part in enumerate(parts) if isinstance(part, ImagePart | AudioPart)]
    found = ((place, pictures.address(part)) for place, part in places)
    return {place: address for place, address in found if address is not None}


def content_of(parts: Sequence[Part], addresses: dict[int, str]) -> str | list[dict[str, Any]]:
    """The message's content. A list only where something is no text: some servers take nothing else."""
    made: list[dict[str, Any]] = []
    for place, part in enumerate(parts):
        if place in addresses:
            made.append(_shown(part, addresses[place]))
        elif (text := words(part)) is not None:
            if addresses and not text.strip():
                continue
            if made and made[-1]["type"] == "text":
                made[-1]["text"] += f"\n\n{text}"
            else:
                made.append({"type": "text", "text": text})
    if addresses:
        # Some servers want words in every message; these also say what the picture is called.
        names = [f"“{part.name}”" for part in parts if isinstance(part, ImagePart | AudioPart)]
        has_words = any(each["type"] == "text" for each in made)
        return made if has_words else [*made, {"type": "text", "text": f"[{', '.join(names)}]"}]
    return str(made[0]["text"]) if made else ""


def _shown(part: Part, address: str) -> dict[str, Any]:
    if not isinstance(part, AudioPart):
        return {"type": "image_url", "image_url": {"url": address}}
    data = address.partition(",")[2]
    return {"type": "input_audio", "input_audio": {"data": data, "format": _FORMATS[part.blob.media_type]}}


def _seconds(part: AudioPart) -> float:
    return part.blob.size / _BYTES_PER_SECOND if part.seconds is None else part.seconds


@dataclass(frozen=True, slots=True)
class Said:
    """The parts of one message, and before them pictures of the answer before, where there is room for these."""

    parts: tuple[Part, ...]
    handed: tuple[Part, ...] = ()


def handed_on(said: Sequence[tuple[bool, tuple[Part, ...]]]) -> list[Said]:
    """Messages (whether a person's, and its parts) with the pictures of answers moved to the next person's message.

    On the wire only a person's message may hold pictures; where one stood, it is said that it follows.
    """
    made: list[Said] = []
    handed: list[Part] = []
    for is_persons, parts in said:
        if is_persons:
            made.append(Said(parts, tuple(handed)))
            handed = []
        else:
            shown, found = _without_pictures(parts)
            for each in found:
                handed += [TextPart(f"[The picture “{each.name}” of the answer before:]"), each]
            made.append(Said(shown))
    return made


def _without_pictures(parts: tuple[Part, ...]) -> tuple[tuple[Part, ...], list[ImagePart]]:
    shown: list[Part] = []
    found: list[ImagePart] = []
    for part in parts:
        if isinstance(part, ImagePart):
            found.append(part)
            shown.append(TextPart(picture(part, "It comes with the next message.")))
        elif isinstance(part, ToolResultPart):
            inner, of_result = _without_pictures(part.parts)
            found += of_result
            shown.append(replace(part, parts=inner))
        else:
            shown.append(part)
    return tuple(shown), found
