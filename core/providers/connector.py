"""Connecting and disconnecting: an endpoint and its key come together and go together."""

from __future__ import annotations

import contextlib
import re
import uuid
from dataclasses import dataclass, replace
from datetime import datetime

from core.config import Settings
from core.errors import GearboxError, NotFound, StoreError, VaultError
from core.providers.addresses import clean_base_url, origin_of
from core.providers.directory import PROVIDERS, RESERVED, key_origin
from core.providers.discovery import Discovery
from core.providers.guard import AddressGuard
from core.vault import Vault
from data.store import Store
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.calls import KeyOwner
from data.values.models import Endpoint, EndpointKind, Wire

_MAX_LABEL_CHARS = 60


@dataclass(frozen=True, slots=True)
class Terms:
    """Whose a new connection is, and what holds for its key."""

    owner: KeyOwner
    owner_id: str
    expires_at: datetime | None = None
    user_sealed: bool = False


class Connector:
    """Writes endpoints and their keys. Thread-safe. Asks nobody whether the actor may: `core.keys` does."""

    def __init__(self, store: Store, vault: Vault, discovery: Discovery, settings: Settings) -> None:
        self._store = store
        self._vault = vault
        self._discovery = discovery
        self._settings = settings
        self._guard = AddressGuard.of(settings)

    def provider(self, actor: Actor, terms: Terms, provider_slug: str, key: str) -> Endpoint:
        """Connect a known provider; where its owner has it already, the new key takes the old one's place at once.

        Raises:
            NotFound: an unknown slug.
            VaultError: this can't be a key, or the actor's seal is locked, or an unsealed key would take the place of a
                user-sealed one.
        """
        provider = PROVIDERS.get(provider_slug)
        if provider is None:
            raise NotFound("That is not a known provider.", "Add it as a custom endpoint.")
        address = provider.base_url if provider.wire is Wire.OPENAI else ""
        endpoint = _new(
            terms, provider.slug, provider.label, kind=EndpointKind.PROVIDER, wire=provider.wire, address=address
        )
        own = self._store.endpoints.of(terms.owner, terms.owner_id)
        old = next((each for each in own if each.provider == provider.slug), None)
        self._refuse_to_unseal(terms, old)
        return self._connect(actor, terms, replace(endpoint, id=old.id) if old else endpoint, key, old)

    def server(self, actor: Actor, terms: Terms, label: str, base_url: str, key: str | None) -> Endpoint:
        """Connect any server that speaks OpenAI's format. Its label becomes the prefix of its models' ids.

        Raises:
            GearboxError: the address or the label can't be used; the message says why.
            VaultError: this can't be a key, or the actor's seal is locked.
        """
        address = clean_base_url(base_url, self._settings.plain_http_hosts)
        self._guard.check_url(address)
        name = " ".join(label.split()) or origin_of(address).partition("://")[2]
        if len(name) > _MAX_LABEL_CHARS or not name.isprintable():
            raise GearboxError(f"A name has at most {_MAX_LABEL_CHARS} printable characters.", "Enter a shorter one.")
        slug = self._free_slug(actor, terms, name, address)
        endpoint = _new(terms, slug, name, kind=EndpointKind.CUSTOM, wire=Wire.OPENAI, address=address)
        return self._connect(actor, terms, endpoint, key or None, None)

    def disconnect(self, actor: Actor, endpoint: Endpoint) -> None:
        """Forget an endpoint and its key.

        Raises:
            NotFound: it is gone already.
        """
        # The key first, so that no half-done removal leaves one behind.
        if endpoint.secret_id and self._vault.card(endpoint.secret_id):
            with contextlib.suppress(NotFound):
                self._vault.remove(actor, endpoint.secret_id)
        self._forget(actor, endpoint)

    def forget_secret(self, actor: Actor, secret_id: str) -> None:
        """Forget the endpoint of a key that is gone, if there is one."""
        if endpoint := self._store.endpoints.of_secret(secret_id):
            with contextlib.suppress(NotFound):
                self._forget(actor, endpoint)

    def forget_all(self, actor: Actor, owner: KeyOwner, owner_id: str) -> None:
        """Forget every endpoint of an owner whose keys are gone."""
        for endpoint in self._store.endpoints.of(owner, owner_id):
            with contextlib.suppress(NotFound):
                self._forget(actor, endpoint)

    def _forget(self, actor: Actor, endpoint: Endpoint) -> None:
        told = _told(actor, "disconnect", endpoint)
        self._store.endpoints.remove(endpoint.owner, endpoint.owner_id, endpoint.id, told)

    def _connect(
        self, actor: Actor, terms: Terms, endpoint: Endpoint, key: str | None, old: Endpoint | None
    ) -> Endpoint:
        secret_id = None if key is None else self._sealed(actor, terms, endpoint, key)
        connected = replace(endpoint, secret_id=secret_id)
        try:
            if old:
                self._store.endpoints.remove(old.owner, old.owner_id, old.id)
            self._store.endpoints.add(connected, _told(actor, "connect", connected))
        except StoreError:
            if old:
                with contextlib.suppress(StoreError):  # where it never went
                    self._store.endpoints.add(old)
            if secret_id:
                self._vault.remove(actor, secret_id)
            raise
        if old and old.secret_id:
            with contextlib.suppress(NotFound):
                self._vault.remove(actor, old.secret_id)
        self._discovery.watch(actor)
        self._discovery.ask_soon(connected)
        return connected

    def _refuse_to_unseal(self, terms: Terms, old: Endpoint | None) -> None:
        if terms.user_sealed or old is None or old.secret_id is None:
            return
        card = self._vault.card(old.secret_id)
        if card is not None and card.user_sealed:
            raise VaultError(
                f"Your key of {old.label} is sealed with your passphrase, and this one would not be.",
                "Rotate that key, or seal this one, too. To give up the seal, remove that key first.",
            )

    def _sealed(self, actor: Actor, terms: Terms, endpoint: Endpoint, key: str) -> str:
        card = self._vault.put(
            actor,
            terms.owner,
            terms.owner_id,
            provider=endpoint.provider,
            origin=key_origin(endpoint),
            plaintext=key,
            expires_at=terms.expires_at,
            user_seal=self._vault.unlocked.get(actor) if terms.user_sealed else None,
        )
        return card.binding.secret_id

    def _free_slug(self, actor: Actor, terms: Terms, label: str, address: str) -> str:
        base = re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")[:32].strip("-") or "custom"
        own = self._store.endpoints.of(terms.owner, terms.owner_id)
        # Another server within the person's reach must not be hidden by this one. The same server may: with a key that
        # is nearer.
        near = self._store.endpoints.within_reach(actor.user_id, actor.team_ids)
        other = [endpoint for endpoint in near if endpoint.base_url != address]
        taken = {endpoint.provider for endpoint in (*own, *other)} | RESERVED | set(self._settings.local_endpoints)
        return next(slug for slug in (base, *(f"{base}-{n}" for n in range(2, 1000))) if slug not in taken)


def _new(terms: Terms, slug: str, label: str, *, kind: EndpointKind, wire: Wire, address: str) -> Endpoint:
    return Endpoint(uuid.uuid4().hex, slug, label, kind, wire, address, owner=terms.owner, owner_id=terms.owner_id)


def _told(actor: Actor, change: str, endpoint: Endpoint) -> AuditEvent:
    return AuditEvent.by(
        actor,
        Action.SETTINGS_CHANGE,
        AuditOutcome.DONE,
        target=f"endpoint:{endpoint.id}",
        change=change,
        provider=endpoint.provider,
        origin=key_origin(endpoint),
        owner=endpoint.owner.value,
    )
