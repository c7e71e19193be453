"""Renders a conversation for a model: stored parts in, the model's message list out.

No history may ever brick a chat. What a model can't take becomes text here, and what is stored stays as it is: a model
that takes more is sent the originals again. The policy for long histories is stated once: whole turns are dropped from
the oldest on until the estimate fits, a call of a tool together with its result; the newest prompt always goes. A file
that has not enough room is cut, the newest messages' files last; each time anew, so that a model that reads more gets
all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from core.chat.bridge import tool_traffic
from core.chat.bridge.abilities import NO_FILES, READS_ONLY, Abilities, Files
from core.chat.bridge.content import Pictures, Said, content_of, handed_on, picture_tokens, sent, tokens_of
from core.chat.bridge.enclosed import as_text, fitted, whole
from core.chat.bridge.losses import NO_LOSSES, Losses, losses_of
from core.providers.request import ChatMessage, text_in
from data.values.messages import Author, Message, Utterance
from data.values.parts import AudioPart, FilePart, ImagePart, Part, TextFilePart, ToolResultPart, unfolded

CHARS_PER_TOKEN = 4
"""A rough, common rule for English; it only decides what is left out, never what is billed."""

DEFAULT_CONTEXT_TOKENS = 16_000
"""Assumed for models that no list describes: small enough for any current chat model."""

NO_ANSWER = "(no answer)"
"""Stands in for an answer that failed or was stopped before its first word."""

NO_PROMPT = "(no prompt)"
"""Stands in for a prompt that holds nothing that this release can send."""

REPLY_SHARE = 0.25
"""Part of the context that is kept free for the answer."""


def room_for(context_tokens: int | None) -> int:
    """Characters of history and prompt that a model with this context is sent, the answer's share kept free."""
    return int((context_tokens or DEFAULT_CONTEXT_TOKENS) * (1 - REPLY_SHARE)) * CHARS_PER_TOKEN


def weight(parts: Iterable[Part]) -> int:
    """Characters of room that a stored message takes at most, its documents not counted: their text is not in it."""
    weighed = 0
    for part in unfolded(parts):
        if isinstance(part, ImagePart):
            weighed += picture_tokens(part) * CHARS_PER_TOKEN
        elif isinstance(part, ToolResultPart):
            weighed += weight(part.parts)
        else:
            weighed += len(as_text((part,)))
    return weighed


@dataclass(frozen=True, slots=True)
class RenderedHistory:
    """Messages in OpenAI shape, oldest first; `left_out` is how many of the given history's, its oldest, are not in it.

    `cut_files` are the names of attached files of which only the beginning is in them, oldest first; `losses` says
    what else the model is not shown as it is.
    """

    messages: tuple[ChatMessage, ...]
    left_out: int = 0
    cut_files: tuple[str, ...] = ()
    losses: Losses = NO_LOSSES

    @property
    def is_cut(self) -> bool:
        """Whether some of the history was left out."""
        return self.left_out > 0


@dataclass(frozen=True, slots=True)
class _Entry:
    """One stored message as the model gets it."""

    messages: tuple[ChatMessage, ...]
    weight: int
    cut_files: tuple[str, ...] = ()
    losses: Losses = NO_LOSSES

    @property
    def is_answer(self) -> bool:
        return bool(self.messages) and self.messages[0]["role"] == "assistant"


def render(
    history: Sequence[Message | Utterance],
    prompt: tuple[Part, ...],
    *,
    system_prompt: str = "",
    context_tokens: int | None = None,
    abilities: Abilities = READS_ONLY,
    files: Files = NO_FILES,
) -> RenderedHistory:
    """Render `history` (ascending) and the new `prompt` within three quarters of `context_tokens`. Reads blobs."""
    said = [(message.author is Author.USER, unfolded(message.parts)) for message in history] + [(True, prompt)]
    shown = handed_on(said) if abilities.pictures else [Said(parts) for _, parts in said]
    pictures = Pictures(abilities, files)
    budget = room_for(context_tokens) - len(system_prompt)
    newest = _prompt(shown[-1], budget, pictures, files)
    if not newest.messages:
        newest = _Entry(({"role": "user", "content": NO_PROMPT},), len(NO_PROMPT))
    budget -= newest.weight
    kept, left_out = [(len(history), newest)], 0
    for place, message in zip(reversed(range(len(history))), reversed(history), strict=True):
        each = shown[place]
        if message.author is Author.USER:
            entry = _prompt(each, budget, pictures, files)
        else:
            entry = _answer(each.parts, message.seq, budget, abilities, files)
        budget -= entry.weight
        if budget < 0:
            left_out = place + 1
            break
        if entry.messages:
            kept.append((place, entry))
    kept.reverse()
    # A history that was cut must not open with an answer to a question the model can't see.
    while left_out and kept[0][1].is_answer:
        left_out = kept.pop(0)[0] + 1  # with what had nothing to send before it
    entries = [entry for _, entry in kept]
    turns = _taking_turns(message for entry in entries for message in entry.messages)
    opening: list[ChatMessage] = []
    if system_prompt.strip():
        opening = [{"role": "system", "content": whole(system_prompt)}]
    names = tuple(dict.fromkeys(name for entry in entries for name in entry.cut_files))
    # That a document went as text is said where it came; whatever else is missing, with every answer.
    earlier = (replace(entry.losses, documents=(), tables=()) for entry in entries if entry is not newest)
    losses = sum(earlier, start=NO_LOSSES) + newest.losses
    return RenderedHistory((*opening, *turns), left_out, names, losses)


def _prompt(said: Said, room: int, pictures: Pictures, files: Files) -> _Entry:
    """A person's message; before it pictures of the answer before, if there is room beside what was typed."""
    typed = weight(part for part in said.parts if not isinstance(part, TextFilePart))
    fits = typed + weight(said.handed) <= room
    parts = (*said.handed, *said.parts) if fits else said.parts
    missed = NO_LOSSES if fits else losses_of(said.handed, said.handed, files.described)
    addresses = sent(parts, pictures)
    read = tuple(part if place in addresses else _with_text(part, files) for place, part in enumerate(parts))
    heavy = sum(tokens_of(read[place]) for place in addresses) * CHARS_PER_TOKEN
    fitting, cut = fitted(read, room - heavy)
    content = content_of(fitting, addresses)
    if isinstance(content, str) and not content.strip():
        return _Entry((), 0)
    message: ChatMessage = {"role": "user", "content": content}
    lost = losses_of(parts, read, files.described, set(addresses))
    return _Entry((message,), len(text_in(message)) + heavy, cut, missed + lost)


def _answer(parts: tuple[Part, ...], seq: int, room: int, abilities: Abilities, files: Files) -> _Entry:
    """A model's message: several, where it called tools."""
    read, cut = fitted(_with_texts(parts, files), room)
    if abilities.tools:
        messages = tool_traffic.of_history(read, seq)
    else:
        text = as_text(tool_traffic.in_words(read))
        messages = [{"role": "assistant", "content": text}] if text.strip() else []
    weighed = sum(len(text_in(message)) for message in messages)
    return _Entry(tuple(messages), weighed, cut, losses_of(parts, read, files.described))


def _with_texts(parts: tuple[Part, ...], files: Files) -> tuple[Part, ...]:
    """The parts with the text of their documents in the place of those, and words of pictures and sounds with them."""
    return tuple(_with_text(part, files) for part in parts)


def _with_text(part: Part, files: Files) -> Part:
    match part:
        case FilePart(blob, name):
            text = files.text(blob)
            return TextFilePart(name, text, blob.size) if text and text.strip() else part
        case ImagePart(blob, caption="") if words := files.described(blob):
            return replace(part, caption=words.text)
        case AudioPart(blob, transcript="") if words := files.described(blob):
            return TextFilePart(f"{part.name}, written down", words.text, blob.size)  # so that it can be cut
        case ToolResultPart():
            return replace(part, parts=_with_texts(part.parts, files))
        case _:
            return part


def _taking_turns(messages: Iterable[ChatMessage]) -> list[ChatMessage]:
    """Make the roles take turns, a person's first: several providers refuse anything else.

    A prompt without an answer gets `NO_ANSWER`, so that the model sees what was asked and does not take it for a part
    of the next prompt; so does one whose answer was ended between a tool's result and the next word.
    """
    turns: list[ChatMessage] = []
    for message in messages:
        before = turns[-1]["role"] if turns else None
        if message["role"] == "user" and before in {"user", "tool"}:
            turns += [{"role": "assistant", "content": NO_ANSWER}, message]
        elif message["role"] == "assistant" and before is None:
            turns += [{"role": "user", "content": NO_PROMPT}, message]
        elif message["role"] == "assistant" and before == "assistant":
            texts = [text for text in (turns[-1]["content"], message["content"]) if isinstance(text, str)]
            turns[-1] = {**message, "content": "\n\n".join(texts)}
        else:
            turns.append(message)
    return turns
