"""What a model costs in use, so that models priced by different units can be compared."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from data.values.registry import Category, ModelCard

INPUT_TOKENS: Final = 1_500
OUTPUT_TOKENS: Final = 350
"""A typical turn of a chat: a short question with some turns of history and instructions, and an answer of three or
four paragraphs. The order of magnitude is that of public chat logs (LMSYS-Chat-1M, https://arxiv.org/abs/2309.11998:
70 tokens a prompt and 215 an answer, without history; five turns of such history and a system prompt make the rest).
"""

TURNS: Final = 1_000
SECONDS: Final = 30
CHARACTERS: Final = 1_000


def typical_cost(card: ModelCard) -> Decimal | None:
    """What 1,000 typical turns cost in the currency of the card's prices; None where nothing tells.

    A turn is `INPUT_TOKENS` and `OUTPUT_TOKENS` of a chat, one picture, half a minute of speech heard (or of video
    made), a page read, one query; or a thousand characters read aloud. Nothing is taken from the provider's cache.
    """
    prices = card.prices
    if prices is None:
        return None
    match card.category:
        case Category.CHAT | Category.TALK | Category.CHECK:
            return None if prices.tokens is None else _tokens(prices.tokens.input, prices.tokens.output)
        case Category.SEARCH:
            each = prices.query if prices.query else _times(prices.input_token, INPUT_TOKENS)
        case Category.PICTURES:
            each = prices.image
        case Category.SPEAK:
            each = _times(prices.input_character, CHARACTERS) or _times(prices.output_second, SECONDS)
        case Category.LISTEN:
            each = _times(prices.input_second, SECONDS) or _times(prices.output_second, SECONDS)
        case Category.VIDEO:
            each = _times(prices.output_second, SECONDS)
        case Category.READ:
            each = prices.page
        case _:
            each = prices.query
    return None if not each else each * TURNS


def _tokens(paid: Decimal, answer: Decimal) -> Decimal:
    return (paid * INPUT_TOKENS + answer * OUTPUT_TOKENS) * TURNS


def _times(price: Decimal | None, units: int) -> Decimal | None:
    return None if price is None else price * units
