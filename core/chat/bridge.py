"""Renders a conversation for a model: stored parts in, the model's message list out.

No history may ever brick a chat. What a model can't take is left out here, and the policy for long histories is
stated once: whole turns are dropped from the oldest on until the estimate fits; the newest prompt always goes. A file
that has not enough room is cut, the newest messages' files last; each time anew, so that a model that reads more gets
all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.chat.enclosed import as_text, fitted
from core.providers.request import ChatMessage
from data.values.messages import Author, Message, Utterance
from data.values.parts import Part

CHARS_PER_TOKEN = 4
"""A rough, common rule for English; it only decides what is left out, never what is billed."""

DEFAULT_CONTEXT_TOKENS = 16_000
"""Assumed for models that no list describes: small enough for any current chat model."""

NO_ANSWER = "(no answer)"
"""Stands in for an answer that failed or was stopped before its first word."""

REPLY_SHARE = 0.25
"""Part of the context that is kept free for the answer."""


def room_for(context_tokens: int | None) -> int:
    """Characters of history and prompt that a model with this context is sent, the answer's share kept free."""
    return int((context_tokens or DEFAULT_CONTEXT_TOKENS) * (1 - REPLY_SHARE)) * CHARS_PER_TOKEN


@dataclass(frozen=True, slots=True)
class RenderedHistory:
    """Messages in OpenAI shape, oldest first; `is_cut` when some of the given history was left out.

    `cut_files` are the names of attached files of which only the beginning is in them, oldest first.
    """

    messages: tuple[ChatMessage, ...]
    is_cut: bool
    cut_files: tuple[str, ...] = ()


def render(
    history: Sequence[Message | Utterance],
    prompt: tuple[Part, ...],
    *,
    system_prompt: str = "",
    context_tokens: int | None = None,
) -> RenderedHistory:
    """Render `history` (ascending) and the new `prompt` within three quarters of `context_tokens`."""
    budget = room_for(context_tokens) - len(system_prompt)
    asked, cut_files = fitted(prompt, budget)
    newest: ChatMessage = {"role": "user", "content": as_text(asked)}
    budget -= len(as_text(asked))
    kept: list[tuple[ChatMessage, tuple[str, ...]]] = []
    spoken = [message for message in history if as_text(message.parts).strip()]
    for message in reversed(spoken):
        parts, cut = fitted(message.parts, budget)
        content = as_text(parts)
        budget -= len(content)
        if budget < 0:
            break
        kept.append(({"role": "user" if message.author is Author.USER else "assistant", "content": content}, cut))
    kept.reverse()
    # A history that was cut must not open with an answer to a question the model can't see.
    while len(kept) < len(spoken) and kept and kept[0][0]["role"] == "assistant":
        kept.pop(0)
    opening: list[ChatMessage] = [{"role": "system", "content": system_prompt}] if system_prompt.strip() else []
    sent = _alternating([*opening, *(message for message, _ in kept), newest])
    names = dict.fromkeys([*(name for _, cut in kept for name in cut), *cut_files])
    return RenderedHistory(tuple(sent), len(kept) < len(spoken), tuple(names))


def _alternating(messages: Iterable[ChatMessage]) -> list[ChatMessage]:
    """Make the roles take turns: several providers refuse two messages of one role in a row.

    A prompt without an answer gets `NO_ANSWER`, so that the model sees what was asked and does not take it for a part
    of the next prompt.
    """
    turns: list[ChatMessage] = []
    for message in messages:
        if not turns or turns[-1]["role"] != message["role"]:
            turns.append(message)
        elif message["role"] == "user":
            turns += [{"role": "assistant", "content": NO_ANSWER}, message]
        else:
            turns[-1] = {"role": message["role"], "content": f"{turns[-1]['content']}\n\n{message['content']}"}
    return turns
