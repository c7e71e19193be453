"""A planned step with who makes it, what that costs and how long it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.chat.planning.estimates import (
    CHARACTERS_A_TOKEN,
    Size,
    chart_size,
    cost_of,
    cost_of_text,
    seconds_of,
    written_tokens,
)
from core.chat.planning.makers import Maker
from data.values.messages import Utterance
from data.values.models import Model
from data.values.parts import text_of
from data.values.plans import Action, Input, Step

_MOST_REWRITTEN = 2_000  # tokens


def estimated(
    step: Step, steps: Sequence[Step], maker: Maker | None, chat_model: Model, history: Sequence[Utterance] = ()
) -> Step:
    """The step as it will be made.

    Args:
        steps: all of the plan: a speech is as long as the text that is written for it.
        maker: who makes it; None leaves it to the chat model.
        history: what a chat model reads besides.
    """
    size = _size(step, steps, history)
    if maker is None:
        price = chat_model.price
        cost = None if price is None else cost_of_text(price, size)
    else:
        cost = cost_of(step.action, maker.prices, size)
    model = maker.model_id if maker else ""
    return replace(step, model=model, cost=cost, seconds=round(seconds_of(step.action, size), 1))


def _size(step: Step, steps: Sequence[Step], history: Sequence[Utterance]) -> Size:
    taken = sum(len(each.text) for each in step.earlier)
    if step.action is Action.SPEAK:
        texts = [each for each in steps if each.id in step.uses]
        written = sum(_written(each) for each in texts) * CHARACTERS_A_TOKEN
        return Size(spoken=(written + taken) or len(step.instruction))
    read = len(step.instruction) + taken + sum(len(text_of(each.parts)) for each in history)
    if step.action is Action.CHART:
        return chart_size(read)
    pictures = sum(each.kind is Input.IMAGE for each in step.earlier)
    return Size(read=read, written=_written(step), pictures=max(1, pictures))


def _written(step: Step) -> int:
    """Tokens that a chat model writes: of its length says the first line, else the text that it is made of."""
    taken = sum(len(each.text) for each in step.earlier) // CHARACTERS_A_TOKEN
    return written_tokens(step.instruction.split("\n")[0], min(taken, _MOST_REWRITTEN) or None)
