"""Orders to the sandbox, such as `[[image-fault:500]]`: no words of the request, and meant for each of its steps.

Trap: the word "image" of this one looks like a wish for a picture, and an order in one clause is lost for the steps of
the others. So prompts are understood without them, and every step is told them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from core.chat.planning.words import shortened
from data.values.parts import Part, TextPart
from data.values.plans import Action, Earlier, Input, Plan, Step

_ORDER = re.compile(r"\[\[[a-z][a-z0-9-]*:.*?\]\]", re.DOTALL)


def without_orders(prompt: Sequence[Part]) -> tuple[Part, ...]:
    """A prompt's parts, with what is ordered taken out of the text."""
    return tuple(
        replace(part, text=words_of(part.text)) if isinstance(part, TextPart) else part
        for part in prompt
    )  # fmt: skip


def words_of(text: str) -> str:
    """A text without what is ordered in it."""
    return _ORDER.sub("", text).strip()


def with_orders(plan: Plan, prompt: Sequence[Part]) -> Plan:
    """The plan, its steps told what the prompt orders."""
    orders = "".join(each for part in prompt if isinstance(part, TextPart) for each in _ORDER.findall(part.text))
    if not orders:
        return plan
    return replace(plan, steps=tuple(_told(step, orders) for step in plan.steps))


def _told(step: Step, orders: str) -> Step:
    if step.action is Action.SPEAK and not step.uses and not step.earlier:
        # Its instruction is what is to be heard: an order in it would be in the transcript, too.
        words = Earlier(Input.TEXT, shortened(step.instruction, 60), text=step.instruction)
        return replace(step, instruction=orders, earlier=(words,))
    return replace(step, instruction=f"{step.instruction} {orders}".strip())
