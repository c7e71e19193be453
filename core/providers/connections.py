"""What a person can call: their endpoints, the models behind them, and adding and removing both."""

from __future__ import annotations

import contextlib
import re
import uuid
from collections.abc import Callable
from dataclasses import replace

from core.config import Settings
from core.errors import GearboxError, NotFound, StoreError
from core.providers.addresses import clean_base_url, origin_of
from core.providers.catalog import Catalogue
from core.providers.directory import PROVIDERS, RESERVED, SANDBOX, key_origin
from core.providers.discovery import Discovery
from core.providers.offer import Offer
from core.vault import Vault
from data.store import Store
from data.values.calls import KeyOwner
from data.values.models import Endpoint, EndpointKind, Model, Wire
from data.values.secrets import SecretCard

_MAX_LABEL_CHARS = 60
_CONNECTED = (EndpointKind.PROVIDER, EndpointKind.CUSTOM)


class Connections:
    """The endpoints and models of each person. Thread-safe; never waits for a provider, except in `test_model`.

    Args:
        sandbox_address: the sandbox's base URL, up to and with `/sandbox/v1`.
    """

    def __init__(
        self,
        store: Store,
        vault: Vault,
        catalogue: Catalogue,
        discovery: Discovery,
        settings: Settings,
        *,
        sandbox_address: Callable[[], str],
    ) -> None:
        self._store = store
        self._vault = vault
        self._offer = Offer(catalogue)
        self._discovery = discovery
        self._settings = settings
        self._sandbox_address = sandbox_address

    def endpoints(self, user_id: str) -> list[Endpoint]:
        """The person's own endpoints, servers found on this machine, and the sandbox unless it is off."""
        self._discovery.watch(user_id)
        own = self._store.endpoints.of(user_id)
        taken = {endpoint.provider for endpoint in own}
        local = [endpoint for endpoint in self._discovery.snapshot.local if endpoint.provider not in taken]
        return [*own, *local, *self._sandbox()]

    def models(self, user_id: str) -> list[Model]:
        """Every chat model the person can choose, in the order of `endpoints`."""
        return [
            model
            for endpoint in self.endpoints(user_id)
            for model in self._offer.models(endpoint, self._names(endpoint))
        ]

    def resolve(self, user_id: str, model_id: str) -> tuple[Endpoint, Model]:
        """Who serves `provider/name` for this person. A name may contain slashes.

        Raises:
            NotFound: no such endpoint, or it has no such model.
        """
        prefix, _, name = model_id.partition("/")
        endpoint = next((each for each in self.endpoints(user_id) if each.provider == prefix), None)
        if endpoint is None or not name:
            raise NotFound(
                f"There is no connection for the model {model_id}.",
                "Choose another model, or connect its provider in the settings.",
            )
        model = self._offer.named(endpoint, self._names(endpoint), name)
        if model is None:
            raise NotFound(f"{endpoint.label} has no model named {name}.", "Choose another model.")
        return endpoint, model

    def default_model(self, user_id: str, preferred: str | None) -> Model | None:
        """`preferred` if it can be used, else a sensible one: the person's own providers, this machine, the sandbox."""
        if preferred:
            with contextlib.suppress(NotFound):
                return self.resolve(user_id, preferred)[1]
        found = (self._offer.first(endpoint, self._names(endpoint)) for endpoint in self.endpoints(user_id))
        return next((model for model in found if model), None)

    def test_model(self, user_id: str, endpoint: Endpoint) -> Model | None:
        """A sensible model to try an endpoint with; None where it lists no chat model.

        Waits for the endpoint's own list where it was never seen.

        Raises:
            GearboxError: the list could not be had; a `ProviderError` says why in the provider's case.
        """
        names = self._names(endpoint)
        if names is None and endpoint.kind in _CONNECTED and endpoint.wire is Wire.OPENAI:
            names = self._discovery.ask_now(user_id, endpoint)
        return self._offer.first(endpoint, names)

    def add_provider(self, user_id: str, provider_slug: str, key: str) -> Endpoint:
        """Connect a known provider; where it is connected already, the new key takes the old one's place.

        Raises:
            NotFound: an unknown slug.
            VaultError: this can't be a key.
        """
        provider = PROVIDERS.get(provider_slug)
        if provider is None:
            raise NotFound(f"{provider_slug} is not a known provider.", "Add it as a custom endpoint.")
        address = provider.base_url if provider.wire is Wire.OPENAI else ""
        endpoint = Endpoint(
            uuid.uuid4().hex, provider.slug, provider.label, EndpointKind.PROVIDER, provider.wire, address
        )
        old = next((each for each in self._store.endpoints.of(user_id) if each.provider == provider.slug), None)
        return self._connect(user_id, replace(endpoint, id=old.id) if old else endpoint, key, old)

    def add_custom(self, user_id: str, label: str, base_url: str, key: str | None) -> Endpoint:
        """Connect any server that speaks OpenAI's format. Its label becomes the prefix of its models' ids.

        Raises:
            GearboxError: the address or the label can't be used; the message says why.
            VaultError: this can't be a key.
        """
        address = clean_base_url(base_url)
        name = " ".join(label.split()) or origin_of(address).partition("://")[2]
        if len(name) > _MAX_LABEL_CHARS or not name.isprintable():
            raise GearboxError(f"A name has at most {_MAX_LABEL_CHARS} printable characters.", "Enter a shorter one.")
        endpoint = Endpoint(
            uuid.uuid4().hex, self._free_slug(user_id, name), name, EndpointKind.CUSTOM, Wire.OPENAI, address
        )
        return self._connect(user_id, endpoint, key or None, None)

    def remove(self, user_id: str, endpoint_id: str) -> None:
        """Disconnect an endpoint and forget its key.

        Raises:
            NotFound: no such endpoint of this person.
        """
        endpoint = next((each for each in self._store.endpoints.of(user_id) if each.id == endpoint_id), None)
        if endpoint is None:
            raise NotFound("There is no such connection.", "Reload the page.")
        if endpoint.secret_id:
            # First, so that no half-done removal leaves a key behind.
            with contextlib.suppress(NotFound):
                self._vault.remove(endpoint.secret_id, user_id=user_id)
        self._store.endpoints.remove(user_id, endpoint_id)

    def card(self, endpoint: Endpoint) -> SecretCard | None:
        """What may be shown of an endpoint's key; None where it has none."""
        return self._vault.card(endpoint.secret_id) if endpoint.secret_id else None

    def _connect(self, user_id: str, endpoint: Endpoint, key: str | None, old: Endpoint | None) -> Endpoint:
        secret_id = None
        if key is not None:
            card = self._vault.put(
                KeyOwner.USER, user_id, provider=endpoint.provider, origin=key_origin(endpoint), plaintext=key
            )
            secret_id = card.binding.secret_id
        connected = replace(endpoint, secret_id=secret_id)
        try:
            if old:
                self._store.endpoints.remove(user_id, old.id)
            self._store.endpoints.add(user_id, connected)
        except StoreError:
            if old:
                with contextlib.suppress(StoreError):  # where it never went
                    self._store.endpoints.add(user_id, old)
            if secret_id:
                self._vault.remove(secret_id, user_id=user_id)
            raise
        if old and old.secret_id:
            with contextlib.suppress(NotFound):
                self._vault.remove(old.secret_id, user_id=user_id)
        self._discovery.watch(user_id)
        self._discovery.refresh_now()
        return connected

    def _sandbox(self) -> list[Endpoint]:
        if not self._settings.sandbox:
            return []
        return [Endpoint(SANDBOX, SANDBOX, "Sandbox", EndpointKind.SANDBOX, Wire.OPENAI, self._sandbox_address())]

    def _names(self, endpoint: Endpoint) -> tuple[str, ...] | None:
        return self._discovery.snapshot.names.get(endpoint.id)

    def _free_slug(self, user_id: str, label: str) -> str:
        base = re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")[:32].strip("-") or "custom"
        taken = {endpoint.provider for endpoint in self._store.endpoints.of(user_id)}
        taken |= RESERVED | set(self._settings.local_endpoints)
        return next(slug for slug in (base, *(f"{base}-{n}" for n in range(2, 1000))) if slug not in taken)
