"""What a model call used and what that costs."""

from __future__ import annotations

import math
from collections.abc import Sequence

from core.providers.request import ChatMessage, text_in
from data.values.calls import TokenUsage
from data.values.money import UNPRICED, Cost, CostBasis, TokenPrice

# OpenAI's rule of thumb for English text; other scripts need more tokens, so this underestimates them.
CHARS_PER_TOKEN = 4


def estimate_usage(messages: Sequence[ChatMessage], *, text_chars: int, reasoning_chars: int = 0) -> TokenUsage:
    """Token counts guessed from lengths in characters, marked as estimated.

    `text_chars` and `reasoning_chars` are what the model sent; `messages` what it was sent.
    """
    reasoning = math.ceil(reasoning_chars / CHARS_PER_TOKEN)
    return TokenUsage(
        input=math.ceil(sum(len(text_in(message)) for message in messages) / CHARS_PER_TOKEN),
        output=math.ceil(text_chars / CHARS_PER_TOKEN) + reasoning,
        reasoning=reasoning,
        estimated=True,
    )


def cost_of(price: TokenPrice | None, usage: TokenUsage | None) -> Cost:
    """The cost of `usage` at `price`: input read from or written to the provider's cache at its own price.

    All of a call with a long prompt is at the price for those.

    What rests on estimated usage is marked as such.

    Without a price or without usage the amount is unknown, never zero.
    """
    if price is None or usage is None:
        return UNPRICED
    price = price.of_prompt(usage.input)
    cached = min(usage.cached, usage.input)
    written = min(usage.written, usage.input - cached)
    of_written = price.input if price.cache_write is None else price.cache_write
    read = (usage.input - cached - written) * price.input + cached * price.cached_input + written * of_written
    amount = read + usage.output * price.output
    basis = CostBasis.ESTIMATED if usage.estimated else CostBasis.PRICED
    return Cost(amount, basis, price.currency, price.version)
