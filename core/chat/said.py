"""What a person says in one message: words, and files with them."""

from __future__ import annotations

from core.chat.attachments import Received
from core.chat.title import title_from
from core.errors import GearboxError
from data.values.parts import AudioPart, FilePart, ImagePart, Part, TextFilePart, TextPart, text_of

PROMPT_CHARS = 400_000
"""Longest prompt taken, its files included: about 100,000 tokens, more than most models read."""


def said_with(prompt: str, attached: Received) -> Received:
    """A message of these words after these files. Raises GearboxError where it is empty or too long."""
    if not prompt.strip() and not attached.parts:
        raise GearboxError("The message is empty.", "Type something first.")
    length = len(prompt) + sum(len(part.text) for part in attached.parts if isinstance(part, TextFilePart))
    if length > PROMPT_CHARS:
        raise GearboxError(
            f"The message has {length:,} characters{', its files included' if attached.parts else ''}; "
            f"at most {PROMPT_CHARS:,} fit.",
            "Split it, or send the important part.",
        )
    typed = (TextPart(prompt),) if prompt.strip() else ()
    return Received((*attached.parts, *typed), attached.blobs)


def title_of(prompt: tuple[Part, ...]) -> str:
    """A title from what was typed, else from the first file's name."""
    names = (part.name for part in prompt if isinstance(part, TextFilePart | FilePart | ImagePart | AudioPart))
    return title_from(text_of(prompt) or next(names, ""))
