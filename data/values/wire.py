"""The stored JSON form of message parts, versioned.

A document is `{"v": 1, "parts": [{"type": "text", "text": "..."}, ...]}`. Unknown part types are
kept verbatim; a document of a newer version is read part by part in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from data.values.calls import ErrorKind
from data.values.parts import ErrorPart, NoticePart, Part, ReasoningPart, SourcesPart, TextPart, UnknownPart
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
    match part:
        case TextPart(text):
            return {"type": "text", "text": text}
        case ReasoningPart(text):
            return {"type": "reasoning", "text": text}
        case SourcesPart(sources):
            return {"type": "sources", "sources": [{"url": each.url, "title": each.title} for each in sources]}
        case NoticePart(text):
            return {"type": "notice", "text": text}
        case ErrorPart(kind, message, remedy):
            return {"type": "error", "kind": kind.value, "message": message, "remedy": remedy}
        case UnknownPart(raw):
            return dict(raw)


def _decode(raw: Mapping[str, Any]) -> Part:
    try:
        match raw.get("type"):
            case "text":
                return TextPart(str(raw["text"]))
            case "reasoning":
                return ReasoningPart(str(raw["text"]))
            case "sources":
                named = (source(each["url"], each.get("title")) for each in raw["sources"])
                return SourcesPart(tuple(each for each in named if each is not None))
            case "notice":
                return NoticePart(str(raw["text"]))
            case "error":
                return ErrorPart(ErrorKind(raw["kind"]), str(raw["message"]), str(raw.get("remedy", "")))
    except (AttributeError, KeyError, TypeError, ValueError):
        pass
    return UnknownPart(dict(raw))
