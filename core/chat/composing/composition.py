"""What a planned reply is made of before it begins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from core.chat.asking import Asking
from core.chat.selection import Choice
from data.values.actor import Actor
from data.values.calls import CallIntent
from data.values.operations import OperationRequest, Wanted
from data.values.parts import Part, StepPart
from data.values.plans import Plan

Operation = Callable[[Actor, str, Wanted], tuple[OperationRequest, CallIntent]]
"""What is to be done by a model beside chatting, and how it is booked. Blocks. See `CallService.operation`."""

Resolve = Callable[[Actor, str], Choice]
"""The chat model of an id as this person calls it. Blocks. Raises NotFound."""


@dataclass(frozen=True, slots=True)
class Composition:
    """A reply in several parts.

    Args:
        plan: its steps.
        asking: how chat models are asked; the prompt in it is the person's.
        choices: who is asked for words, in order: the conversation's model first.
        operation: how others are asked for pictures, sounds and films.
        resolve: how a chat model that a step names is found.
        patience: seconds that the plan waits for the person's word before anything is made; None: it does not.
        made: steps that stay as they are, by id: those of a reply of which only some are made again.
        message_id: the reply that is written on; None begins a new one.
        around: what else stands in that reply, before its steps.
    """

    plan: Plan
    asking: Asking
    choices: Sequence[Choice]
    operation: Operation
    resolve: Resolve
    patience: float | None = None
    made: Mapping[str, StepPart] = field(default_factory=dict)
    message_id: str | None = None
    around: tuple[Part, ...] = ()
