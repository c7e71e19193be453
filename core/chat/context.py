"""How much of what a model can read at once a conversation takes up."""

from __future__ import annotations

from collections.abc import Sequence

from core.chat.bridge import CHARS_PER_TOKEN, DEFAULT_CONTEXT_TOKENS, weight
from data.values.messages import Message
from data.values.models import Model
from data.values.parts import StepPart


def tokens_in(messages: Sequence[Message], before: int = 0) -> int:
    """Tokens of a conversation so far, as its last answer's provider counted them; what came since is estimated.

    Args:
        messages: its last ones, in order.
        before: the tokens of what was said before them, used where no answer among them was counted.
    """
    tokens, since = before, list(messages)
    for place, message in enumerate(messages):
        if any(isinstance(part, StepPart) for part in message.parts):
            continue  # each of its parts was sent the conversation, so their tokens say nothing of its length
        if message.details is not None and (usage := message.details.usage) is not None:
            # What a model thought to itself is not sent again.
            tokens, since = usage.input + usage.output - usage.reasoning, list(messages[place + 1 :])
    return tokens + sum(weight(message.parts) for message in since) // CHARS_PER_TOKEN


def share_in_words(tokens: int, model: Model) -> str:
    """For example "Context: 12% of 128k"; of a model whose context nobody knows the one that is assumed."""
    most = model.context_tokens or DEFAULT_CONTEXT_TOKENS
    share = min(100, round(100 * tokens / most))
    assumed = "" if model.context_tokens else " (assumed)"
    return f"Context: {f'{share}%' if share or not tokens else 'under 1%'} of {_short(most)}{assumed}"


def _short(tokens: int) -> str:
    if tokens < 1_000:
        return str(tokens)
    return f"{tokens / 1_000:.0f}k" if tokens < 1_000_000 else f"{tokens / 1_000_000:.1f}".removesuffix(".0") + "M"
