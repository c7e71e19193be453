"""What a step takes: what the steps before it gave, and things of the conversation."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import GearboxError
from data.values.operations import Media
from data.values.parts import ChartPart, ImagePart, Part, StepPart, TablePart, TextPart, every
from data.values.plans import Earlier, Input, Step

if TYPE_CHECKING:
    from data.store import Store

SPOKEN_CHARS = 4_000
"""Of one sound: OpenAI takes 4,096 characters."""

MOST_SOUNDS = 5
"""Sounds that one text is read aloud in."""

_BELONGS_CHARS = 2_000  # of a text that a picture belongs to: image models read about as much

_FENCED = re.compile(r"^[ \t]*(`{3,}|~{3,}).*?^[ \t]*\1[ \t]*$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*\)")
_LINE_MARKS = re.compile(r"^[ \t]*(?:#{1,6}|>|[-*+]|\d{1,3}[.)])[ \t]+|^[ \t]*(?:[-*_][ \t]*){3,}$", re.MULTILINE)
_MARKS = re.compile(r"(\*\*\*|\*\*|\*|___|__|~~|`+)(?=\S)(.+?)(?<=\S)\1")
_SENTENCE = re.compile(r"(?<=[.!?…。！？])[\s]+|\n{2,}")


@dataclass(frozen=True, slots=True)
class Material:
    """What one step takes, in the order in which it is given.

    Args:
        used: what the steps before it gave.
        earlier: things of the conversation.
    """

    used: tuple[Part, ...] = ()
    earlier: tuple[Earlier, ...] = ()

    @property
    def text(self) -> str:
        """The words among it, one blank line between them."""
        words = [part.text for part in self.used if isinstance(part, TextPart)]
        words += [each.text for each in self.earlier if each.text.strip()]
        return "\n\n".join(words).strip()

    @property
    def pictures(self) -> tuple[ImagePart | Earlier, ...]:
        """The pictures among it."""
        drawn = [part for part in every(self.used) if isinstance(part, ImagePart)]
        return (*(each for each in self.earlier if each.kind is Input.IMAGE and each.digest), *drawn)

    def for_words(self) -> tuple[Part, ...]:
        """What a chat model is given of it, beside its prompt."""
        given = [part for part in self.used if isinstance(part, TextPart | ImagePart | ChartPart | TablePart)]
        texts = [each for each in self.earlier if each.text.strip()]
        given += [TextPart(each.text if len(texts) == 1 else f"[{each.name}]\n{each.text}") for each in texts]
        return tuple(given)


def material_of(step: Step, done: Mapping[str, StepPart]) -> Material:
    """What a step takes; all that it uses is done."""
    used = [part for each in step.uses for part in done[each].parts]
    return Material(tuple(used), step.earlier)


def pictures_of(material: Material, store: Store, user_id: str, conversation_id: str) -> tuple[Media, ...]:
    """The pictures in full. Blocks.

    Raises:
        GearboxError: one is gone, or there is none.
    """
    found = []
    for each in material.pictures:
        digest = each.blob.digest if isinstance(each, ImagePart) else each.digest
        media_type = store.blobs.media_type(user_id, conversation_id, digest)
        content = store.blobs.content(user_id, conversation_id, digest)
        if media_type is None or content is None:
            raise GearboxError(f"“{each.name}” is not there any more.", "Attach the picture again.")
        found.append(Media(content, media_type))
    if not found:
        raise GearboxError("There is no picture to change.", "Attach one, or say which one is meant.")
    return tuple(found)


def drawn_from(step: Step, material: Material) -> str:
    """What an image or video model is told: what to make, and the text that it belongs to."""
    text = material.text
    if not text:
        return step.instruction
    cut = text if len(text) <= _BELONGS_CHARS else f"{text[:_BELONGS_CHARS]} …"
    return f"{step.instruction}\n\nIt belongs to this text:\n{cut}"


def spoken_pieces(text: str) -> tuple[str, ...]:
    """A text as it is read aloud: without Markdown, in pieces that end with a sentence where one can.

    At most `MOST_SOUNDS` of `SPOKEN_CHARS` each; what is longer is left out, see `is_longer`.
    """
    pieces: list[str] = []
    for sentence in _SENTENCE.split(heard(text)):
        for part in _cut(sentence.strip()):
            if pieces and len(pieces[-1]) + len(part) < SPOKEN_CHARS:
                pieces[-1] += f" {part}"
            else:
                pieces.append(part)
    return tuple(pieces[:MOST_SOUNDS])


def is_longer(text: str, pieces: Sequence[str]) -> bool:
    """Whether a text has more than these pieces hold."""
    return len("".join(heard(text).split())) > len("".join("".join(pieces).split()))


def heard(text: str) -> str:
    """Markdown as one would read it aloud; code is not."""
    plain = _LINE_MARKS.sub("", _LINK.sub(r"\1", _FENCED.sub("", text)))
    for _ in range(3):  # marks stand in marks
        plain = _MARKS.sub(r"\2", plain)
    return plain.strip()


def _cut(sentence: str) -> list[str]:
    return [sentence[at : at + SPOKEN_CHARS] for at in range(0, len(sentence), SPOKEN_CHARS)]
