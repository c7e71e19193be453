"""What there is to answer in a request in OpenAI's form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.chat.bridge import CHARS_PER_TOKEN
from core.providers.request import ChatMessage
from core.routing.matter import PICTURE_TOKENS, SOUND_TOKENS, Matter, Past
from data.values.plans import Input

_KINDS = {"image_url": Input.IMAGE, "input_audio": Input.AUDIO, "file": Input.DOCUMENT}
_TOKENS = {"image_url": PICTURE_TOKENS, "input_audio": SOUND_TOKENS, "file": PICTURE_TOKENS}


def of_messages(messages: Sequence[ChatMessage]) -> tuple[Matter, Past]:
    """The last message of the person, with what follows it, and what was said before."""
    asked = max((place for place, each in enumerate(messages) if each.get("role") == "user"), default=0)
    now, before = messages[asked:], messages[:asked]
    text = "\n".join(part["text"] for part in _parts(now[:1]) if isinstance(part.get("text"), str))
    kinds = {part.get("type") for part in _parts(before)}
    return (
        Matter(
            text, frozenset(_KINDS[kind] for part in _parts(now) if (kind := part.get("type")) in _KINDS), _size(now)
        ),
        Past(_size(before), pictures="image_url" in kinds, sounds="input_audio" in kinds),
    )


def _size(messages: Sequence[ChatMessage]) -> int:
    """Tokens, estimated."""
    return sum(
        _TOKENS[part["type"]] if part.get("type") in _TOKENS else len(str(part.get("text", ""))) // CHARS_PER_TOKEN
        for part in _parts(messages)
    )


def _parts(messages: Sequence[ChatMessage]) -> Iterator[Mapping[str, Any]]:
    for message in messages:
        content = message.get("content")
        if isinstance(content, str):
            yield {"type": "text", "text": content}
        elif isinstance(content, list):
            yield from (part for part in content if isinstance(part, dict))
