"""Which model may describe a picture, or write down a sound, for one that can't see or hear."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.errors import NotFound
from core.preferences import Describe
from core.providers.connections import Connections
from data.values.actor import Actor
from data.values.models import Endpoint, EndpointKind, Model
from data.values.registry import ModelCard

_READ, _WRITTEN = 1_500, 300  # tokens of a picture with what is asked of it, and of what is said of it


@dataclass(frozen=True, slots=True)
class Describer:
    """A model that the person can use, and where."""

    endpoint: Endpoint
    model: Model
    cost: Decimal | None = None
    """Of one description, roughly; None where nobody knows."""


class Describers:
    """Finds them. Blocking; never waits for a provider.

    Args:
        connections: what the person can use.
        listeners: the cards of the models that write sounds down, as the person sees them.
        cost_of: what a typical call of such a model costs.
    """

    def __init__(
        self,
        connections: Connections,
        listeners: Callable[[Actor], Sequence[ModelCard]],
        cost_of: Callable[[ModelCard], Decimal | None],
    ) -> None:
        self._connections = connections
        self._listeners = listeners
        self._cost_of = cost_of

    def of_pictures(self, actor: Actor, asked: Endpoint, scope: Describe) -> Describer | None:
        """The cheapest that is known to see; None where there is none that may be sent the picture."""
        return self._first(self._seeing(actor), asked, scope)

    def of_sounds(self, actor: Actor, asked: Endpoint, scope: Describe) -> Describer | None:
        """The cheapest that writes sounds down."""
        return self._first(self._hearing(actor), asked, scope)

    def _first(self, found: Iterator[Describer], asked: Endpoint, scope: Describe) -> Describer | None:
        if scope is Describe.OFF:
            return None
        silences = self._connections.silences()
        able = [
            each
            for each in found
            if may_have(each.endpoint, asked, scope) and silences.since(each.endpoint.id, each.model.name) is None
        ]
        # What nobody knows the price of comes last: it may be anything.
        return min(able, key=lambda each: (each.cost is None, each.cost or 0, each.model.id), default=None)

    def _seeing(self, actor: Actor) -> Iterator[Describer]:
        for model in self._connections.models(actor):
            if not model.vision:
                continue
            with contextlib.suppress(NotFound):
                endpoint, sees = self._connections.resolve(actor, model.id)
                price = sees.price
                cost = _READ * price.input + _WRITTEN * price.output if price else None
                yield Describer(endpoint, sees, _nothing_here(endpoint, cost))

    def _hearing(self, actor: Actor) -> Iterator[Describer]:
        for card in self._listeners(actor):
            with contextlib.suppress(NotFound):
                endpoint, model = self._connections.resolve(actor, card.id)
                yield Describer(endpoint, model, _nothing_here(endpoint, self._cost_of(card)))


def may_have(endpoint: Endpoint, asked: Endpoint, scope: Describe) -> bool:
    """Whether a picture in a chat with `asked` may go to `endpoint`.

    The sandbox describes nothing that a real model should be told.
    """
    if endpoint.kind is EndpointKind.SANDBOX:
        return asked.kind is EndpointKind.SANDBOX
    return scope is Describe.ANY or endpoint.id == asked.id or endpoint.kind is EndpointKind.LOCAL


def _nothing_here(endpoint: Endpoint, cost: Decimal | None) -> Decimal | None:
    """What runs on this machine is paid for already."""
    return Decimal(0) if endpoint.kind is EndpointKind.LOCAL else cost
