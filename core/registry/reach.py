"""What one person reaches: their connections, what those list, and so which models they can use now, and why not."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from core.access.allowing import NOT_AMONG_ALLOWED
from core.providers.catalog import Catalogue
from core.providers.circuits import Silences
from core.providers.connections import Connections
from core.providers.directory import PROVIDERS
from core.providers.facts import Place
from core.providers.keys import KeyTrouble
from core.registry.by_name import card_by_name
from core.registry.truth import corrected
from data.values.access_rules import ALL_ALLOWED, Allowed
from data.values.actor import Actor
from data.values.models import Endpoint, EndpointKind
from data.values.registry import CapabilityFact, Category, FactSource, ModelCard, Usability

if TYPE_CHECKING:
    from core.registry.index import ModelIndex

_LISTING: Final = FactSource.LISTING
_NO_USE: Final = frozenset({Category.TALK, Category.READ, Category.CHECK, Category.OTHER})
"""Kinds of models that Gearbox makes no calls of."""

_A_PRICE: Final = re.compile(
    r"((\d+-x-\d+|max-x-max|hd|standard|low|medium|high|auto|\d+-steps)/|ft:[^:]+$|container$)"
)
_KEYS: Final[Mapping[KeyTrouble, tuple[str, str]]] = {
    KeyTrouble.EXPIRED: ("has expired", "Rotate it in the settings: enter a new one."),
    KeyTrouble.REVOKED: ("was revoked", "Rotate it in the settings: enter a new one."),
    KeyTrouble.LOCKED: ("is locked", "Unlock it with your passphrase, in the settings or in the chat."),
    KeyTrouble.GONE: ("is gone", "Connect it again in the settings."),
}


@dataclass(frozen=True, slots=True)
class Reach:
    """A person's connections by provider, and what is known of each.

    `listed` are the models that it lists, `contexts` how many tokens they read where it says so, `key_troubles` why its
    key can't be used, `silences` what does not answer, `allowed` which models
    are not kept for others, `off` kinds of models whose capability is switched off.
    """

    endpoints: Mapping[str, Endpoint]
    listed: Mapping[str, frozenset[str]]
    key_troubles: Mapping[str, KeyTrouble]
    silences: Silences
    contexts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    allowed: Allowed = ALL_ALLOWED
    off: frozenset[Category] = frozenset()

    @property
    def signature(self) -> tuple[object, ...]:
        """Differs where anything may be usable that was not, or the other way round."""
        ends = tuple((slug, endpoint.id, endpoint.base_url) for slug, endpoint in self.endpoints.items())
        told = tuple(self.listed.items()), tuple(self.key_troubles.items()), self.silences, self.contexts
        return ends, told, self.allowed, self.off

    def label(self, slug: str) -> str:
        """What people call a provider."""
        endpoint = self.endpoints.get(slug)
        return endpoint.label if endpoint else labels().get(slug, slug)

    def usability(self, card: ModelCard) -> Usability:
        """Whether a model can be used now, and if not, what to do about it."""
        endpoint = self.endpoints.get(card.provider)
        if not card.enabled:
            return Usability(False, "An admin has turned this model off for everyone.", "Choose another model.")
        if card.category in self.off:
            return Usability(False, "What it makes is switched off here.", "Ask an admin: a feature flag says so.")
        if endpoint is not None and not self.allowed.allows(card.id):
            return Usability(False, f"{NOT_AMONG_ALLOWED.capitalize()}.", "Choose another model, or ask an admin.")
        return self._unconnected(card.provider) if endpoint is None else self._connected(card, endpoint)

    def _unconnected(self, slug: str) -> Usability:
        if slug in PROVIDERS:
            return Usability(
                False, f"You have no key of {self.label(slug)}.", "Add one in the settings, or ask an admin for one."
            )
        return Usability(
            False,
            f"Gearbox has no connection to {self.label(slug)}.",
            "If it offers an OpenAI-compatible address, add that as a server in the settings.",
        )

    def _connected(self, card: ModelCard, endpoint: Endpoint) -> Usability:
        if trouble := self.key_troubles.get(card.provider):
            return _of_key(trouble, endpoint)
        if _A_PRICE.match(card.name):
            reason = "This is a price in the list, of a size, a quality or a fine-tune: not a model that can be called."
            return Usability(False, reason, "Choose the model itself.")
        if card.category in _NO_USE:
            return Usability(False, "Gearbox makes no calls of models of this kind.", "It is listed for its price.")
        listed = self.listed.get(card.provider)
        if listed is not None and card.name not in listed and not card.custom:
            reason = f"{endpoint.label} does not list this model for your key."
            return Usability(False, reason, "Check with the provider that your account may use it.")
        if since := self.silences.since(endpoint.id, card.name):
            reason = f"{endpoint.label} is not answering since {since.day} {since:%B %Y, %H:%M} UTC."
            return Usability(False, reason, "Gearbox asks it again by itself. To try at once, test it in the settings.")
        return Usability(True)


def _of_key(trouble: KeyTrouble, endpoint: Endpoint) -> Usability:
    said, remedy = _KEYS[trouble]
    if endpoint.is_shared:
        remedy = "It is shared: ask an admin for a new one, or connect a key of your own in the settings."
    whose = "shared key" if endpoint.is_shared else "key"
    return Usability(False, f"Your {whose} of {endpoint.label} {said}.", remedy)


def reach_of(
    connections: Connections,
    actor: Actor,
    key_trouble: Callable[[Endpoint, Actor], KeyTrouble | None],
    off: frozenset[Category] = frozenset(),
) -> Reach:
    """What this person reaches now. Waits for no provider; reads the database."""
    endpoints = {endpoint.provider: endpoint for endpoint in connections.endpoints(actor)}
    listed = {slug: connections.listed(endpoint) for slug, endpoint in endpoints.items()}
    return Reach(
        endpoints,
        {slug: frozenset(names) for slug, names in listed.items() if names is not None},
        {slug: trouble for slug, endpoint in endpoints.items() if (trouble := key_trouble(endpoint, actor))},
        connections.silences(),
        {slug: connections.contexts(endpoint) for slug, endpoint in endpoints.items()},
        connections.allowed(actor),
        off,
    )


def live_cards(reach: Reach, base: ModelIndex, catalogue: Catalogue, *, off: Collection[str]) -> list[ModelCard]:
    """Models that this person's servers list and the registry does not have."""
    found = []
    for slug, names in reach.listed.items():
        endpoint = reach.endpoints[slug]
        for name in sorted(names):
            if base.find(f"{slug}/{name}") is None:
                found.append(replace(_live(endpoint, name, catalogue), enabled=f"{slug}/{name}" not in off))
    return found


def corrected_cards(
    reach: Reach, base: ModelIndex, live: Iterable[ModelCard], found: Mapping[Place, Sequence[CapabilityFact]]
) -> list[ModelCard]:
    """The live cards, and those of the base about which this person's connections tell something else."""
    own = {card.id: card for card in live}
    slugs = {endpoint.id: slug for slug, endpoint in reach.endpoints.items()}
    for (endpoint_id, name), facts in found.items():
        model_id = f"{slugs.get(endpoint_id)}/{name}"
        if endpoint_id in slugs and (card := own.get(model_id) or base.find(model_id)):
            own[model_id] = corrected(card, facts)
    for slug, sizes in reach.contexts.items():
        for name, size in sizes.items():
            card = own.get(f"{slug}/{name}") or base.find(f"{slug}/{name}")
            entered = card is not None and card.context_from is FactSource.PERSON
            if card is not None and not entered and (card.context_tokens, card.context_from) != (size, _LISTING):
                own[card.id] = replace(card, context_tokens=size, context_from=_LISTING)
    return list(own.values())


def labels() -> dict[str, str]:
    """What people call the providers that a key alone connects."""
    return {slug: provider.label for slug, provider in PROVIDERS.items()}


def _live(endpoint: Endpoint, name: str, catalogue: Catalogue) -> ModelCard:
    if endpoint.kind is EndpointKind.PROVIDER:
        slug = PROVIDERS[endpoint.provider].catalogue_slug if endpoint.provider in PROVIDERS else endpoint.provider
        if known := catalogue.card(slug, name):  # a fine-tune of a model that the list has
            return replace(known, provider=endpoint.provider, name=name, label=name)
    return card_by_name(endpoint.provider, name)
