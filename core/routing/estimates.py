"""What an answer is going to cost, before anybody is asked."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from core.registry.typical import OUTPUT_TOKENS
from data.values.models import Model
from data.values.tasks import Task

INSTRUCTIONS: Final = 400
"""Tokens of the system prompt and the tools that are told of with every request; an order of magnitude."""

_AS_LONG: Final = frozenset({Task.REWRITE, Task.TRANSLATE})
_MOST_OUTPUT: Final = 8_000


def output_tokens(task: Task, prompt_tokens: int) -> int:
    """How long an answer is going to be: a typical one, or as long as the text that is only put another way."""
    return max(OUTPUT_TOKENS, min(prompt_tokens, _MOST_OUTPUT)) if task in _AS_LONG else OUTPUT_TOKENS


def cost_of_answer(model: Model, task: Task, prompt_tokens: int, tokens_before: int) -> Decimal | None:
    """US dollars of one answer of the model; None where its price is not known, or in another currency.

    Nothing is taken from the provider's cache, and tools are called for nothing: it may turn out either way.
    """
    if model.price is None or model.price.currency != "USD":
        return None
    sent = prompt_tokens + tokens_before + INSTRUCTIONS
    if model.context_tokens:
        sent = min(sent, model.context_tokens)
    price = model.price.of_prompt(sent)
    return price.input * sent + price.output * output_tokens(task, prompt_tokens)
