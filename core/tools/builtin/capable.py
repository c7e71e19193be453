"""What other models can do for one that can't: draw, edit, speak, write down. Any that the person may use serves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.calls import CallService
from core.errors import GearboxError
from core.providers.gateway import Booking
from core.registry.service import Registry
from core.tools.tool import ToolContext
from data.values.actor import Actor
from data.values.calls import CallIntent
from data.values.money import Cost
from data.values.operations import OperationRequest, Wanted
from data.values.registry import Capability, ModelQuery
from data.values.results import OperationResult

SECONDS = 180.0
"""How long a model may take to do it."""

_SANDBOX = "sandbox/"
_MOST_NAMED = 20

Perform = Callable[[OperationRequest, CallIntent, Booking], Awaitable[OperationResult]]


@dataclass(frozen=True, slots=True)
class Job:
    """Something that not every model does.

    Args:
        capability: what a model needs for it.
        does: completes "a model that ...", such as "draws".
        doing: begins the line that is shown meanwhile, such as "Drawing".
    """

    capability: Capability
    does: str
    doing: str


@dataclass(frozen=True, slots=True)
class Done:
    """What a model did: its id, what it gave, and what that cost in words."""

    model: str
    result: OperationResult
    cost: str


class Capable:
    """Has jobs done by models that can do them.

    Args:
        calls: resolves a model for the person.
        registry: knows which models do what.
        perform: makes the call; see `Attempts.perform`. Of the loop that tools run on.
        booking: where the call is booked.
    """

    def __init__(self, calls: CallService, registry: Registry, perform: Perform, booking: Booking) -> None:
        self._calls = calls
        self._registry = registry
        self._perform = perform
        self._booking = booking

    async def do(self, job: Job, wanted: Wanted, context: ToolContext, *, model: str | None) -> Done:
        """Have it done by `model`, or by one that the person can use.

        Raises:
            GearboxError: no such model, in words that say what there is or what to add; or the call failed.
        """

        def call() -> tuple[OperationRequest, CallIntent]:
            chosen = chosen_of(self.models(context.actor, job), job.does, model)
            return self._calls.operation(context.actor, chosen, wanted)

        request, intent = await asyncio.to_thread(call)
        name = f"{intent.provider}/{intent.model}"
        context.progress(f"{job.doing} with {name}")
        result = await self._perform(request, intent, self._booking)
        return Done(name, result, in_words(result.cost))

    def models(self, actor: Actor, job: Job) -> list[str]:
        """The ids of those that the person can use for it. Blocking. Raises AccessRefused."""
        query = ModelQuery(capability=job.capability, usable=True, limit=50)
        return [card.id for card in self._registry.search(actor, query).cards]


def chosen_of(known: list[str], does: str, asked: str | None) -> str:
    """The model that was asked for, or the first one; the sandbox, which plays it only, where nothing else is.

    Raises:
        GearboxError: there is none, or not this one.
    """
    if not known:
        raise GearboxError(
            f"The person can use no model that {does}.",
            "They have to connect a provider that has one: the Models page finds those.",
        )
    if asked is not None and asked not in known:
        raise GearboxError(f"There is no model {asked!r} that {does}. There are: {', '.join(known[:_MOST_NAMED])}.")
    return asked or min(known, key=lambda each: each.startswith(_SANDBOX))


def in_words(cost: Cost) -> str:
    """A cost for a model to tell; what nobody knows is not nothing."""
    return "not known" if cost.amount is None else f"{cost.amount.normalize():f} {cost.currency}"
