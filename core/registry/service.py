"""The registry as people ask it: models found, compared, explained, turned on and off, and added."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from threading import Lock
from typing import TYPE_CHECKING, Any

from core.access.access import Access
from core.access.policy import Permission
from core.errors import GearboxError, NotFound
from core.providers.catalog import Catalogue
from core.providers.connections import Connections
from core.providers.directory import PROVIDERS
from core.providers.keys import KeyTrouble
from core.providers.precautions import Precautions
from core.registry.described import DescribedModel, described
from core.registry.overrides import Overridden, Overrides
from core.registry.packaged import packaged_cards
from core.registry.reach import Reach, corrected_cards, labels, live_cards, reach_of
from core.registry.truth import found_out
from core.registry.typical import typical_cost
from data.store import Store
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.models import Endpoint
from data.values.registry import Capability, Category, ModelCard, ModelPage, ModelQuery, ProviderCard, Usability

if TYPE_CHECKING:
    from core.registry.index import ModelIndex

_PEOPLE_KEPT = 64


class Registry:
    """Every model that is known. Thread-safe; never waits for a provider.

    Args:
        precautions: know what models were seen to do and to refuse.
        switched_off: kinds of models whose capability is off for a person.
        key_trouble: what keeps an endpoint's key from being used by this person now; None for nothing.
        clock: UTC; says which models are deprecated.
    """

    def __init__(
        self,
        access: Access,
        store: Store,
        catalogue: Catalogue,
        connections: Connections,
        overrides: Overrides,
        *,
        precautions: Precautions,
        key_trouble: Callable[[Endpoint, Actor], KeyTrouble | None],
        clock: Callable[[], datetime],
        switched_off: Callable[[Actor], frozenset[Category]] = lambda _actor: frozenset(),
    ) -> None:
        self._access = access
        self._switched_off = switched_off
        self._store = store
        self._catalogue = catalogue
        self._connections = connections
        self._overrides = overrides
        self._precautions = precautions
        self.key_trouble = key_trouble
        self._clock = clock
        self._lock = Lock()
        self._base: tuple[Overridden, ModelIndex] | None = None
        self._seen: OrderedDict[str, tuple[object, ModelIndex]] = OrderedDict()

    def load(self) -> None:
        """Read the catalogue and make what everybody sees of it, so that nobody's first search has to."""
        self._shared(self._overrides.now())

    def search(self, actor: Actor, query: ModelQuery) -> ModelPage:
        """One page of the models that fit, as this person sees them.

        Raises:
            GearboxError: the cursor is of another list, or the limit is out of range.
        """
        return self._index(actor)[1].search(query, self._clock().date())

    def ids(self, actor: Actor) -> list[str]:
        """The ids of every model that this person knows of."""
        return [card.id for card in self._index(actor)[1].cards]

    def card(self, actor: Actor, model_id: str) -> ModelCard:
        """One model. Raises NotFound where this person knows of none with this id."""
        found = self._index(actor)[1].find(model_id)
        if found is None:
            raise _unknown()
        return found

    def usability(self, actor: Actor, model_id: str) -> Usability:
        """Whether this person can use a model now, and why not. Raises NotFound as `card` does."""
        reach, index = self._index(actor)
        found = index.find(model_id)
        if found is None:
            raise _unknown()
        return reach.usability(found)

    def usabilities(self, actor: Actor, cards: Iterable[ModelCard]) -> dict[str, Usability]:
        """`usability` of many at once, by id."""
        reach, _ = self._index(actor)
        return {card.id: reach.usability(card) for card in cards}

    def providers(self, actor: Actor) -> list[ProviderCard]:
        """Every provider with a model, those the person is connected to first."""
        reach, index = self._index(actor)
        cards = [
            ProviderCard(slug, reach.label(slug), count, slug in reach.endpoints)
            for slug, count in index.providers().items()
        ]
        return sorted(cards, key=lambda card: (not card.connected, card.label.lower()))

    def capabilities(self, actor: Actor) -> dict[Capability, int]:
        """How many models have each capability."""
        return self._index(actor)[1].capabilities()

    def typical_cost(self, card: ModelCard) -> Decimal | None:
        """See `core.registry.typical.typical_cost`."""
        return typical_cost(card)

    def set_enabled(self, actor: Actor, model_id: str, enabled: bool) -> None:
        """Let everyone use a model, or nobody.

        Raises:
            AccessRefused: the actor does not manage models.
            NotFound: they know of none with this id.
        """
        self._access.require(actor, Permission.MANAGE_MODELS)
        if self._shared(self._overrides.now()).find(model_id) is None:
            # Perhaps only a server within their reach has it; a token for this alone does not see those.
            if not self._access.may(actor, Permission.CHAT):
                raise _unknown()
            self.card(actor, model_id)
        described = self._store.model_overrides.all().get(model_id, (True, None))[1]
        event = _changed(actor, "enable" if enabled else "disable", model_id)
        self._store.model_overrides.save(model_id, enabled=enabled, described=described, event=event)
        self._overrides.forget()

    def add_model(self, actor: Actor, **fields: Any) -> ModelCard:
        """Describe a model that no list has, or better than the list does.

        Args:
            fields: see `DescribedModel`; what is left out or None stays as who described the model before said, else
                as the list has it.

        Raises:
            AccessRefused: the actor does not manage models.
            GearboxError: a field can't be, or no connection has this provider's prefix.
        """
        self._access.require(actor, Permission.MANAGE_MODELS)
        model = described(**fields, described_at=self._clock())
        known = self._overrides.now().cards.get(model.id)
        enabled, before = self._store.model_overrides.all().get(model.id, (True, None))
        if known is not None and before and model.category in {None, known.category}:
            said = DescribedModel.model_validate(before).said() | model.said()
            model = described(**said, described_at=model.described_at)
        stored = self._store.endpoints.within_reach(actor.user_id, actor.team_ids)
        if model.provider not in {*PROVIDERS, *(endpoint.provider for endpoint in stored)}:
            raise GearboxError(
                f"There is no connection whose models begin with {model.provider}/.",
                "Add the server as a connection first: in the settings, or for everybody on the Admin page.",
            )
        kept = model.model_dump(mode="json", exclude_none=True)
        self._store.model_overrides.save(
            model.id, enabled=enabled, described=kept, event=_changed(actor, "add", model.id)
        )
        self._overrides.forget()
        return self._overrides.now().cards[model.id]

    def remove_model(self, actor: Actor, model_id: str) -> None:
        """Forget what was described; a model that a list has is shown as the list has it again.

        Raises:
            AccessRefused: the actor does not manage models.
            NotFound: nobody described it.
        """
        self._access.require(actor, Permission.MANAGE_MODELS)
        enabled, known = self._store.model_overrides.all().get(model_id, (True, None))
        if known is None:
            raise NotFound("Nobody added this model.", "Reload the page.")
        self._store.model_overrides.save(
            model_id, enabled=enabled, described=None, event=_changed(actor, "remove", model_id)
        )
        self._overrides.forget()

    def _index(self, actor: Actor) -> tuple[Reach, ModelIndex]:
        """What is known, as one person sees it; made anew only when something of it changed."""
        self._access.require(actor, Permission.CHAT)
        said = self._overrides.now()
        base = self._shared(said)
        reach = reach_of(self._connections, actor, self.key_trouble, self._switched_off(actor))
        known, refusals = self._precautions.facts.now(), self._precautions.learned.all()
        # `off` beside the digest: models that only a server lists are not in the base.
        signature = (said.off, base.etag, reach.signature, known, refusals)
        with self._lock:
            kept = self._seen.get(actor.user_id)
            if kept is not None and kept[0] == signature:
                self._seen.move_to_end(actor.user_id)
                return reach, kept[1]
        live = live_cards(reach, base, self._catalogue, off=said.off)
        more = corrected_cards(reach, base, live, found_out(known, refusals))
        usable = [card.id for card in self._candidates(base, more) if reach.usability(card).usable]
        index = base.seen_by(usable, more)
        with self._lock:
            self._seen[actor.user_id] = signature, index
            while len(self._seen) > _PEOPLE_KEPT:
                self._seen.popitem(last=False)
        return reach, index

    def _candidates(self, base: ModelIndex, more: Iterable[ModelCard]) -> Iterable[ModelCard]:
        yield from more
        own = {card.id for card in more}
        yield from (card for card in base.cards if card.id not in own)

    def _shared(self, said: Overridden) -> ModelIndex:
        """What everybody knows: the catalogue under our names of providers, and what admins said."""
        with self._lock:
            if self._base is not None and self._base[0] is said:
                return self._base[1]
        cards = {**packaged_cards(self._catalogue), **said.cards}
        for model_id in said.off & cards.keys():
            cards[model_id] = replace(cards[model_id], enabled=False)
        from core.registry.index import ModelIndex  # Polars takes a third of a second: nobody's start waits for it

        index = ModelIndex(cards.values(), labels())
        with self._lock:
            self._base = said, index
        return index


def _unknown() -> NotFound:
    # Without the id: somebody may have pasted a key into its place.
    return NotFound("No model is known by this id.", "Search for it on the Models page.")


def _changed(actor: Actor, change: str, model_id: str) -> AuditEvent:
    return AuditEvent.by(actor, Action.SETTINGS_CHANGE, AuditOutcome.DONE, target=f"model:{model_id}", change=change)
