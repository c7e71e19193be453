"""What there is to answer, as far as the choice of a model goes: words, the kinds of what comes with them, how much."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.chat.attachments import Attachment, Received, Taken, clean_name
from core.chat.bridge import CHARS_PER_TOKEN, weight
from core.chat.composing.compositions import inputs_of, outputs_before
from core.chat.composing.orders import without_orders
from core.chat.documents import is_document
from core.chat.pictures import kind_of
from core.chat.planning.things import kind_of_file
from core.chat.sound_headers import sound_type
from data.values.messages import Author, Utterance
from data.values.parts import AudioPart, FilePart, ImagePart, Part, TextFilePart, TextPart, every, text_of
from data.values.plans import Input, Output

PICTURE_TOKENS, SOUND_TOKENS = 1_200, 2_000
"""Assumed of each that nobody has looked into."""

_BYTES_PER_TOKEN = 4
_BYTES_PER_TOKEN_INSIDE = 40
"""Of files and documents that were not looked into, their wrapping with them: rough."""


@dataclass(frozen=True, slots=True)
class Matter:
    """A prompt.

    Args:
        text: what was typed.
        inputs: the kinds of what is attached.
        tokens: of all of it together, estimated.
        same: the same for the same prompt with the same files; tells nothing else of them.
    """

    text: str
    inputs: frozenset[Input] = frozenset()
    tokens: int = 0
    same: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """What was said before in the conversation.

    Args:
        tokens: of all of it, estimated.
        pictures: some of it can be shown to a model that sees.
        sounds: some of it can be played to a model that hears.
        outputs: what the last replies held, the newest last.
    """

    tokens: int = 0
    pictures: bool = False
    sounds: bool = False
    outputs: tuple[frozenset[Output], ...] = ()


NOTHING_BEFORE = Past()


def of_parts(said: Received) -> Matter:
    """Of a prompt whose files were looked at."""
    parts = without_orders(said.parts)
    tokens = _tokens(said.parts, {blob.blob.digest: blob.text or "" for blob in said.blobs})
    return Matter(text_of(parts), inputs_of(said.parts), tokens, _same(text_of(said.parts), _names(said.parts)))


def of_draft(prompt: str, files: Sequence[Attachment | Taken]) -> Matter:
    """Of one that is being written. Fast: files that nobody looked at are told by their first bytes and their size."""
    looked_at = [each for each in files if isinstance(each, Taken)]
    parts = tuple(each.part for each in looked_at)
    known = of_parts(Received(parts, tuple(each.blob for each in looked_at if each.blob is not None)))
    others = [_guessed(each) for each in files if isinstance(each, Attachment)]
    typed = text_of(without_orders((TextPart(prompt),))) if prompt.strip() else ""
    tokens = known.tokens + len(prompt) // CHARS_PER_TOKEN + sum(each[1] for each in others)
    names = [each.part.name if isinstance(each, Taken) else clean_name(each.name) for each in files]
    inputs = known.inputs | {each[0] for each in others}
    return Matter(typed, frozenset(inputs), tokens, _same(prompt, names))


def of_history(history: Sequence[Utterance]) -> Past:
    """Of what was said, in order."""
    parts = [(each.author, part) for each in history for part in every(each.parts)]
    return Past(
        tokens=sum(_tokens(each.parts, {}) for each in history),
        pictures=any(isinstance(part, ImagePart) for _, part in parts),
        # Those of answers go to no model.
        sounds=any(isinstance(part, AudioPart) and author is Author.USER for author, part in parts),
        outputs=tuple(outputs_before(history)),
    )


def _tokens(parts: tuple[Part, ...], texts: Mapping[str, str]) -> int:
    """`texts` are those of documents, by their digests."""
    documents = (part.blob for part in every(parts) if isinstance(part, FilePart))
    inside = sum(
        len(texts[blob.digest]) // CHARS_PER_TOKEN if blob.digest in texts else blob.size // _BYTES_PER_TOKEN_INSIDE
        for blob in documents
    )
    return weight(parts) // CHARS_PER_TOKEN + inside


def _guessed(file: Attachment) -> tuple[Input, int]:
    size = len(file.content)
    if kind_of(file.content):
        return Input.IMAGE, PICTURE_TOKENS
    if is_document(file.content):
        return kind_of_file(file.name, "application/octet-stream"), size // _BYTES_PER_TOKEN_INSIDE
    if sound_type(file.content):
        return Input.AUDIO, SOUND_TOKENS
    return kind_of_file(file.name, "text/plain"), size // _BYTES_PER_TOKEN


def _names(parts: Iterable[Part]) -> list[str]:
    return [part.name for part in parts if isinstance(part, ImagePart | AudioPart | FilePart | TextFilePart)]


def _same(text: str, names: Iterable[str]) -> str:
    told = hashlib.blake2b(text.strip().encode(errors="surrogatepass"), digest_size=16)
    for name in names:
        told.update(b"\0" + name.encode(errors="surrogatepass"))
    return told.hexdigest()
