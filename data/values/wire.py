"""The stored JSON form of message parts, versioned.

A document is `{"v": 1, "parts": [{"type": "text", "text": "..."}, ...]}`. Unknown part types are
kept verbatim; a document of a newer version is read part by part in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypedDict

from data.values.calls import ErrorKind
from data.values.parts import (
    ErrorPart,
    NoticePart,
    Part,
    ReasoningPart,
    SourcesPart,
    TextFilePart,
    TextPart,
    UnknownPart,
)
from data.values.sources import source

PARTS_VERSION = 1


class PartsDocument(TypedDict):
    """The stored form of a message's parts."""

    v: int
    parts: list[dict[str, Any]]


def parts_to_wire(parts: tuple[Part, ...]) -> PartsDocument:
    """Encode parts for storage."""
    return {"v": PARTS_VERSION, "parts": [_encode(part) for part in parts]}


def parts_from_wire(document: Mapping[str, Any]) -> tuple[Part, ...]:
    """Decode stored parts; never raises for a part it does not know."""
    return tuple(_decode(raw) for raw in document.get("parts", ()))


def _encode(part: Part) -> dict[str, Any]:
    raw: dict[str, Any]
    match part:
        case TextPart(text):
            raw = {"type": "text", "text": text}
        case TextFilePart(name, text, size):
            raw = {"type": "text_file", "name": name, "text": text, "size": size}
        case ReasoningPart(text):
            raw = {"type": "reasoning", "text": text}
        case SourcesPart(sources):
            raw = {"type": "sources", "sources": [{"url": each.url, "title": each.title} for each in sources]}
        case NoticePart(text):
            raw = {"type": "notice", "text": text}
        case ErrorPart(kind, message, remedy):
            raw = {"type": "error", "kind": kind.value, "message": message, "remedy": remedy}
        case UnknownPart(kept):
            raw = dict(kept)
    return raw


def _sources(raw: Mapping[str, Any]) -> SourcesPart:
    named = (source(each["url"], each.get("title")) for each in raw["sources"])
    return SourcesPart(tuple(each for each in named if each is not None))


_DECODERS: Mapping[str, Callable[[Mapping[str, Any]], Part]] = {
    "text": lambda raw: TextPart(str(raw["text"])),
    "text_file": lambda raw: TextFilePart(str(raw["name"]), str(raw["text"]), int(raw["size"])),
    "reasoning": lambda raw: ReasoningPart(str(raw["text"])),
    "sources": _sources,
    "notice": lambda raw: NoticePart(str(raw["text"])),
    "error": lambda raw: ErrorPart(ErrorKind(raw["kind"]), str(raw["message"]), str(raw.get("remedy", ""))),
}


def _decode(raw: Mapping[str, Any]) -> Part:
    try:
        return _DECODERS[raw["type"]](raw)
    except (AttributeError, KeyError, TypeError, ValueError):
        return UnknownPart(dict(raw))
