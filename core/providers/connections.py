"""What a person can call: the endpoints within their reach, and the models behind them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from core.access.access import Access
from core.access.policy import Permission
from core.config import Settings
from core.errors import NotAllowed, NotFound
from core.providers.catalog import Catalogue, model_of
from core.providers.circuits import Silences
from core.providers.directory import SANDBOX
from core.providers.discovery import Discovery
from core.providers.facts import Place
from core.providers.offer import SANDBOX_NAMES, Offer
from core.providers.within_reach import WithinReach
from core.registry.overrides import Overridden, Overrides
from core.registry.truth import as_found
from core.vault.owners import may_see
from data.store import Store
from data.values.access_rules import Allowed
from data.values.actor import Actor
from data.values.models import Endpoint, EndpointKind, Model, Wire, nearest
from data.values.registry import CapabilityFact, Category, FactSource, ModelCard, Prices

Found = Mapping[Place, Sequence[CapabilityFact]]
"""What was found out about models, by endpoint and name."""

_CONNECTED = (EndpointKind.PROVIDER, EndpointKind.CUSTOM)


class Connections:
    """The endpoints and models of each person. Thread-safe; never waits for a provider, except in `test_model`.

    Args:
        sandbox_address: the sandbox's base URL, up to and with `/sandbox/v1`.
        overrides: models that admins turned off, or described.
        plays: for whom the sandbox is there, where it is not off for everybody.
    """

    def __init__(
        self,
        access: Access,
        store: Store,
        catalogue: Catalogue,
        discovery: Discovery,
        *,
        settings: Settings,
        sandbox_address: Callable[[], str],
        overrides: Overrides,
        plays: Callable[[Actor], bool] = lambda _actor: True,
    ) -> None:
        self._access = access
        self._store = store
        self._offer = Offer(catalogue)
        self._discovery = discovery
        self._settings = settings
        self._sandbox_address = sandbox_address
        self._overrides = overrides
        self._plays = plays
        self._within_reach = WithinReach(store.endpoints)

    def endpoints(self, actor: Actor) -> list[Endpoint]:
        """Connected endpoints, servers found on this machine, and the sandbox unless it is off.

        Of several for one provider it is the nearest: the person's own, then their teams', then the organisation's.
        """
        self._access.require(actor, Permission.CHAT)
        self._discovery.watch(actor)
        return self._beside(actor, nearest(self._store.endpoints.within_reach(actor.user_id, actor.team_ids)))

    def endpoint(self, actor: Actor, endpoint_id: str) -> Endpoint:
        """One endpoint that the person may know of, also where a nearer one is used.

        Raises:
            NotFound: there is none.
        """
        usable = next((each for each in self.endpoints(actor) if each.id == endpoint_id), None)
        found = usable or self._store.endpoints.find(endpoint_id)
        if found is None or not (usable or may_see(found.owner, found.owner_id, actor)):
            self._access.note_refusal(actor, target=f"endpoint:{endpoint_id}", reason=NotFound.__name__)
            raise NotFound("There is no such connection.", "Reload the page.")
        return found

    def models(self, actor: Actor) -> list[Model]:
        """Every chat model the person can choose, in the order of `endpoints`."""
        allowed = self._access.allowing.models(actor)
        return [model for model in self._chats(self.endpoints(actor)) if allowed.allows(model.id)]

    def allowed(self, actor: Actor) -> Allowed:
        """Which models the person may use, by id, of all kinds and whether they are connected or not."""
        self._access.require(actor, Permission.CHAT)
        return self._access.allowing.models(actor)

    def kept_back(self, actor: Actor) -> list[str]:
        """The ids of the chat models that the person could choose, were they not kept for others."""
        allowed = self.allowed(actor)
        if not allowed.layers:
            return []
        return [model.id for model in self._chats(self.endpoints(actor)) if not allowed.allows(model.id)]

    def nothing_usable(self, actor: Actor) -> NotFound:
        """What to tell somebody for whom no model can be used: theirs are kept for others, or they have none."""
        if self.kept_back(actor):
            return NotAllowed(
                "An admin allows you none of the chat models that are connected.", "Ask an admin for one."
            )
        return NotFound(
            "No model can be used yet.", "Open settings (the gear) and add a provider key, or ask an admin for one."
        )

    def offered_to(self, user_id: str, team_ids: Sequence[str]) -> list[str]:
        """The ids of all chat models behind somebody's connections, whatever they may use of them; asks no server."""
        connected = nearest(self._store.endpoints.within_reach(user_id, team_ids))
        sandbox = [self._sandbox()] if self._settings.sandbox else []
        return [model.id for model in self._chats([*connected, *self._local(connected), *sandbox])]

    def known_to_lists(self) -> list[str]:
        """The ids of the chat models that the packaged list has of known providers, whoever is connected to them."""
        return self._offer.listed_chats()

    def listed(self, endpoint: Endpoint) -> tuple[str, ...] | None:
        """The names that an endpoint listed last; None where that is not known. Never waits."""
        return SANDBOX_NAMES if endpoint.kind is EndpointKind.SANDBOX else self._names(endpoint)

    def contexts(self, endpoint: Endpoint) -> Mapping[str, int]:
        """How many tokens the models of an endpoint read, by name, where its own list says so. Never waits."""
        return self._discovery.snapshot.contexts.get(endpoint.id, {})

    def resolve(self, actor: Actor, model_id: str) -> tuple[Endpoint, Model]:
        """Who serves `provider/name` for this person. A name may contain slashes.

        What another process changed counts after two seconds, see `WithinReach`.

        Raises:
            NotFound: no such endpoint, or it has no such model.
            NotAllowed: the model is kept for others.
        """
        self._access.require(actor, Permission.CHAT)
        self._discovery.watch(actor)
        prefix, _, name = model_id.partition("/")
        endpoints = self._beside(actor, self._within_reach.of(actor))
        endpoint = next((each for each in endpoints if each.provider == prefix), None)
        if endpoint is None or not name:
            raise NotFound(
                f"There is no connection for the model {model_id}.",
                "Choose another model, or connect its provider in the settings.",
            )
        said, place = self._overrides.now(), (endpoint.id, name)
        found = {place: self._discovery.found_at(place)}
        if model_id in said.off:
            raise NotFound(f"An admin has turned the model {model_id} off for everyone.", "Choose another model.")
        self._access.allowing.require_model(actor, model_id)
        if described := said.cards.get(model_id):
            return endpoint, self._entered(endpoint, described, found)
        model = self._offer.named(endpoint, self._names(endpoint), name)
        if model is None:
            raise NotFound(f"{endpoint.label} has no model named {name}.", "Choose another model.")
        return endpoint, as_found(model, found[place], self.contexts(endpoint).get(name))

    def at_hand(self, actor: Actor) -> bool:
        """Whether `resolve` would now answer without the database, so that an event loop may ask it."""
        return (
            self._access.standings.at_hand(actor)
            and self._within_reach.at_hand(actor)
            and self._overrides.at_hand()
            and self._access.allowing.at_hand()
            and self._discovery.at_hand()
        )

    def prices_of(self, endpoint: Endpoint, model: Model) -> Prices | None:
        """What a model's tokens, pictures, seconds and the like cost; None where nobody knows."""
        described = self._overrides.now().cards.get(model.id)
        return described.prices if described else self._offer.prices(endpoint, model.name)

    def silences(self) -> Silences:
        """What is known not to answer now; no server is asked."""
        return self._discovery.silences()

    def default_model(self, actor: Actor, preferred: str | None, *, never: Collection[str] = ()) -> Model | None:
        """`preferred` if it can be used, else a sensible one of those of known providers, other servers, this machine.

        Of a known provider it is said which model to begin with; of another server's list nobody knows which of them
        answers a question well. One that is known not to answer comes after those, but before the sandbox: a script
        answers nobody's question. None of `never` is taken.
        """
        if preferred:
            with contextlib.suppress(NotFound):
                return self.resolve(actor, preferred)[1]
        off, allowed = {*self._overrides.now().off, *never}, self._access.allowing.models(actor)
        silences, silent = self.silences(), None
        endpoints = self.endpoints(actor)
        for endpoint in sorted(endpoints, key=lambda each: each.kind is not EndpointKind.PROVIDER):
            names = self._names(endpoint)
            resting = {
                f"{endpoint.provider}/{each.model}" for each in silences.models if each.endpoint_id == endpoint.id
            }
            model = self._offer.first(endpoint, names, _fitting(allowed, off | resting))
            if model and silences.since(endpoint.id, model.name) is None:
                return silent if silent and endpoint.kind is EndpointKind.SANDBOX else model
            silent = silent or self._offer.first(endpoint, names, _fitting(allowed, off))
        return silent

    def test_model(self, actor: Actor, endpoint: Endpoint) -> Model | None:
        """A sensible model to try an endpoint with; None where it lists no chat model.

        Waits for the endpoint's own list where it was never seen.

        Raises:
            NotFound: it is gone, or not within the person's reach.
            NotAllowed: all of its models are kept for others.
            GearboxError: the list could not be had; a `ProviderError` says why in the provider's case.
        """
        endpoint = self.endpoint(actor, endpoint.id)
        names = self._names(endpoint)
        if names is None and endpoint.kind in _CONNECTED and endpoint.wire is Wire.OPENAI:
            names = self._discovery.ask_now(actor, endpoint)
        found = self._offer.first(endpoint, names, self._access.allowing.models(actor).allows)
        if found is None and self._offer.first(endpoint, names):
            raise NotAllowed(f"An admin allows you no model of {endpoint.label}.", "Ask an admin for one.")
        return found

    def look_again(self, actor: Actor) -> None:
        """Ask every server of the person's for its models again, and wait for the answers for some seconds."""
        self._access.require(actor, Permission.CHAT)
        self._discovery.look_now(actor)

    def _chats(self, endpoints: Sequence[Endpoint]) -> list[Model]:
        """The chat models that are on, in the order of the endpoints."""
        said, found = self._overrides.now(), self._discovery.found_out()
        described = (model for endpoint in endpoints for model in self._described(endpoint, said, found))
        return [model for model in described if model.id not in said.off]

    def _described(self, endpoint: Endpoint, said: Overridden, found: Found) -> list[Model]:
        """The models offered, those that an admin described in their words, and those that only an admin knows."""
        own = {
            card.id: self._entered(endpoint, card, found)
            for card in said.cards.values()
            if card.provider == endpoint.provider and card.category is Category.CHAT
        }
        return [own.pop(model.id, model) for model in self._offered(endpoint, found)] + list(own.values())

    def _entered(self, endpoint: Endpoint, card: ModelCard, found: Found) -> Model:
        """A model that an admin described, with what was found out about it: what they entered stands before lists."""
        model, listed = model_of(card), self._offer.named(endpoint, (card.name,), card.name)
        if listed and listed.price and model.price and listed.price.version == model.price.version:
            model = replace(model, price=listed.price)  # with what a card does not have: long prompts that cost more
        facts = found.get((endpoint.id, card.name), ())
        entered = card.context_from is FactSource.PERSON
        size = None if entered else self.contexts(endpoint).get(card.name)
        return as_found(model, (*card.facts, *facts), size)

    def _offered(self, endpoint: Endpoint, found: Found) -> list[Model]:
        offered = self._offer.models(endpoint, self._names(endpoint))
        sizes = self.contexts(endpoint)
        return [as_found(model, found.get((endpoint.id, model.name), ()), sizes.get(model.name)) for model in offered]

    def _beside(self, actor: Actor, connected: Sequence[Endpoint]) -> list[Endpoint]:
        sandbox = [self._sandbox()] if self._settings.sandbox and self._plays(actor) else []
        return [*connected, *self._local(connected), *sandbox]

    def _local(self, connected: Sequence[Endpoint]) -> list[Endpoint]:
        taken = {endpoint.provider for endpoint in connected}
        return [endpoint for endpoint in self._discovery.snapshot.local if endpoint.provider not in taken]

    def _sandbox(self) -> Endpoint:
        return Endpoint(SANDBOX, SANDBOX, "Sandbox", EndpointKind.SANDBOX, Wire.OPENAI, self._sandbox_address())

    def _names(self, endpoint: Endpoint) -> tuple[str, ...] | None:
        return self._discovery.snapshot.names.get(endpoint.id)


def _fitting(allowed: Allowed, off: Collection[str]) -> Callable[[str], bool]:
    return lambda model_id: model_id not in off and allowed.allows(model_id)
