"""Message parts: what a message is made of.

Parts are values without identity; equal content is equal. Their wire form lives beside them in
`data.values.wire`, so that a part can change shape without old rows becoming unreadable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data.values.calls import ErrorKind
from data.values.sources import Source


@dataclass(frozen=True, slots=True)
class TextPart:
    """Markdown text."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningPart:
    """What a model thought aloud before it answered; shown folded, never sent to another model."""

    text: str


@dataclass(frozen=True, slots=True)
class TextFilePart:
    """A text file that a person attached, as text; `size` is the length of the file itself, in bytes."""

    name: str
    text: str
    size: int


@dataclass(frozen=True, slots=True)
class SourcesPart:
    """The pages that an answer names, for people to follow; never sent to a model."""

    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class NoticePart:
    """Something Gearbox itself says inside a message, for example that older turns were left out."""

    text: str


@dataclass(frozen=True, slots=True)
class ErrorPart:
    """Why a reply is missing or cut short: what happened and what to do."""

    kind: ErrorKind
    message: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class UnknownPart:
    """A part written by a newer release; kept verbatim so that nothing is lost on a rollback."""

    raw: Mapping[str, Any]


Part = TextPart | TextFilePart | ReasoningPart | SourcesPart | NoticePart | ErrorPart | UnknownPart


def text_of(parts: tuple[Part, ...]) -> str:
    """The plain text of a message: its text parts, one blank line between them. What was attached is not in it."""
    return "\n\n".join(part.text for part in parts if isinstance(part, TextPart))
