"""Which models a person can use for a step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.chat.planning.estimates import Size, cost_of
from core.flags.capabilities import Capability as Switch
from core.registry.service import Registry
from data.values.actor import Actor
from data.values.plans import Action
from data.values.registry import MOST_CARDS, Capability, Category, ModelQuery, Prices

SANDBOX = "sandbox"
"""The provider that only plays: it is taken where nothing else is, or where it is what the person chats with."""

_CAPABILITIES = {
    Action.DRAW: Capability.IMAGE_GENERATION,
    Action.EDIT: Capability.IMAGE_EDIT,
    Action.SPEAK: Capability.SPEECH,
    Action.FILM: Capability.VIDEO_GENERATION,
}

_BEHIND = {
    Action.DRAW: Switch.IMAGE_GENERATION,
    Action.EDIT: Switch.IMAGE_GENERATION,
    Action.SPEAK: Switch.SPEECH_GENERATION,
    Action.FILM: Switch.VIDEO_GENERATION,
}


@dataclass(frozen=True, slots=True)
class Maker:
    """A model that can make a step. `prices` are None where none are listed."""

    model_id: str
    provider: str
    prices: Prices | None = None


class Makers:
    """Finds them. Blocking; reads what the registry has in memory, and never waits for a provider.

    Args:
        is_on: whether a person has a capability.
    """

    def __init__(
        self, registry: Registry, is_on: Callable[[Actor, Switch], bool] = lambda _actor, _capability: True
    ) -> None:
        self._registry = registry
        self._is_on = is_on

    def switched_off(self, actor: Actor, action: Action) -> bool:
        """Whether nobody makes it for this person because an admin turned it off."""
        return action in _BEHIND and not self._is_on(actor, _BEHIND[action])

    def for_action(self, actor: Actor, action: Action, beside: str = "") -> Sequence[Maker]:
        """Those that can do it for this person, the best first.

        Real ones come before the sandbox, unless the person chats with that; then those of the provider that they chat
        with, whose key is there and who has seen the prompt anyway; then the cheapest. What has no price comes last.

        Args:
            beside: the provider of the model that the conversation is had with.
        """
        if self.switched_off(actor, action):
            return ()
        capability = _CAPABILITIES.get(action)
        if capability is None:
            query = ModelQuery(category=Category.CHAT, usable=True, limit=MOST_CARDS)
        else:
            query = ModelQuery(capability=capability, usable=True, limit=MOST_CARDS)
        cards = self._registry.search(actor, query).cards
        return sorted(
            (Maker(card.id, card.provider, card.prices) for card in cards),
            key=lambda maker: _rank(maker, action, beside),
        )


def _rank(maker: Maker, action: Action, beside: str) -> tuple[bool, bool, bool, Decimal, str]:
    cost = cost_of(action, maker.prices, Size())
    plays = maker.provider == SANDBOX and beside != SANDBOX
    return plays, maker.provider != beside, cost is None, cost or Decimal(0), maker.model_id
