"""Provider keys as people handle them: looked at, added, rotated, revoked, removed.

Who may do what is decided by `core.access`; every change, and every refusal, is in the audit log.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from core.access.access import Access
from core.access.policy import Permission
from core.errors import GearboxError, NotFound
from core.providers.connector import Connector, Terms
from core.shelf import KeyShelfItem, Shelf
from core.vault import Vault
from core.vault.owners import ORGANISATION_ID, may_see
from data.store import Store
from data.values.actor import Actor
from data.values.audit import secret_target
from data.values.calls import KeyOwner
from data.values.expiry import ExpiryWarning
from data.values.models import Endpoint
from data.values.secrets import SecretCard, VersionCard

DEFAULT_GRACE = timedelta(days=1)
"""How long there is a way back to a replaced key, unless somebody says otherwise."""


class KeyService:
    """Keys of the person who acts, and for who manages shared ones those of teams and the organisation. Thread-safe.

    Keys are named by `secret_id`, connections by `endpoint_id`. Foreign ids look exactly like missing ones.
    """

    def __init__(
        self, access: Access, store: Store, vault: Vault, connector: Connector, clock: Callable[[], datetime]
    ) -> None:
        self._access = access
        self._store = store
        self._vault = vault
        self._connector = connector
        self._shelf = Shelf(store, vault, clock)

    def shelf(self, actor: Actor) -> list[KeyShelfItem]:
        """Every key within the person's reach: their own, their teams', the organisation's.

        Raises:
            AccessRefused: the actor may neither chat nor look after keys, which needs their ids.
        """
        keeps = self._access.may(actor, Permission.MANAGE_OWN_KEYS)
        self._access.require(actor, Permission.MANAGE_OWN_KEYS if keeps else Permission.CHAT)
        return self._shelf.within_reach(actor)

    def shared(self, actor: Actor) -> list[KeyShelfItem]:
        """Every key of the organisation and of all teams.

        Raises:
            AccessRefused: the actor does not manage shared keys.
        """
        self._access.require(actor, Permission.MANAGE_SHARED_KEYS)
        return self._shelf.shared(actor)

    def warnings(self, actor: Actor) -> list[ExpiryWarning]:
        """Keys that the person's calls use and whose date is near or has come, the most urgent first."""
        found = [item.warning for item in self.shelf(actor) if item.is_used and item.warning]
        return sorted(found, key=lambda warning: warning.days_left)

    def add(
        self,
        actor: Actor,
        provider: str,
        key: str,
        *,
        expires_at: datetime | None = None,
        user_sealed: bool = False,
    ) -> Endpoint:
        """Connect a known provider for the person; a key that it has already is replaced at once.

        Raises:
            NotFound: an unknown provider.
            KeyLocked: `user_sealed`, and the person's seal is not unlocked in this session.
            VaultError: this can't be a key.
        """
        self._access.require(actor, Permission.MANAGE_OWN_KEYS)
        terms = Terms(KeyOwner.USER, actor.user_id, expires_at, user_sealed)
        return self._connector.provider(actor, terms, provider, key)

    def add_server(
        self,
        actor: Actor,
        label: str,
        base_url: str,
        key: str | None,
        *,
        expires_at: datetime | None = None,
        user_sealed: bool = False,
    ) -> Endpoint:
        """Connect a server that speaks OpenAI's format for the person.

        Raises:
            GearboxError: the address or the label can't be used; see also `add`.
        """
        self._access.require(actor, Permission.MANAGE_OWN_KEYS)
        terms = Terms(KeyOwner.USER, actor.user_id, expires_at, user_sealed)
        return self._connector.server(actor, terms, label, base_url, key)

    def add_shared(
        self,
        actor: Actor,
        owner: KeyOwner,
        owner_id: str,
        provider: str,
        key: str,
        *,
        expires_at: datetime | None = None,
    ) -> Endpoint:
        """Connect a known provider for a team, or for the organisation, whose `owner_id` is empty.

        Raises:
            AccessRefused: the actor does not manage shared keys.
            NotFound: an unknown provider or team.
            VaultError: this can't be a key.
        """
        return self._connector.provider(actor, self._shared_terms(actor, owner, owner_id, expires_at), provider, key)

    def add_shared_server(
        self,
        actor: Actor,
        owner: KeyOwner,
        owner_id: str,
        *,
        label: str,
        base_url: str,
        key: str | None,
        expires_at: datetime | None = None,
    ) -> Endpoint:
        """Connect a server that speaks OpenAI's format for a team or the organisation. See `add_shared`."""
        terms = self._shared_terms(actor, owner, owner_id, expires_at)
        return self._connector.server(actor, terms, label, base_url, key)

    def rotate(
        self,
        actor: Actor,
        secret_id: str,
        key: str,
        *,
        grace: timedelta = DEFAULT_GRACE,
        expires_at: datetime | None = None,
    ) -> SecretCard:
        """Put a new version in use; for `grace` there is a way back to the one before, and none without.

        Raises:
            NotFound: no such key within the person's reach.
            AccessRefused: it is shared, and the actor does not manage shared keys.
            VaultError: this can't be a key, or the person's seal is locked.
        """
        self._require(actor, secret_id)
        return self._vault.rotate(actor, secret_id, key, grace=grace, expires_at=expires_at)

    def versions(self, actor: Actor, secret_id: str) -> list[VersionCard]:
        """The versions of a key, the newest first. Raises what `rotate` does."""
        self._require(actor, secret_id)
        try:
            return self._vault.versions(actor, secret_id)
        except NotFound:
            self._access.note_refusal(actor, target=secret_target(secret_id), reason=NotFound.__name__)
            raise

    def fall_back(self, actor: Actor, secret_id: str) -> SecretCard:
        """Put the version in its grace back in use. Raises what `rotate` does, and VaultError where there is none."""
        self._require(actor, secret_id)
        return self._vault.fall_back(actor, secret_id)

    def revoke(self, actor: Actor, secret_id: str, version: int) -> None:
        """Never send this version again. Raises what `rotate` does."""
        self._require(actor, secret_id)
        self._vault.revoke(actor, secret_id, version)

    def set_expiry(self, actor: Actor, secret_id: str, expires_at: datetime | None) -> SecretCard:
        """Set when the version in use expires, or that it does not. Raises what `rotate` does."""
        self._require(actor, secret_id)
        return self._vault.set_expiry(actor, secret_id, expires_at)

    def remove(self, actor: Actor, secret_id: str) -> None:
        """Forget a key, all versions, and the connection it is for. Raises what `rotate` does."""
        self._require(actor, secret_id)
        self._vault.remove(actor, secret_id)
        self._connector.forget_secret(actor, secret_id)

    def disconnect(self, actor: Actor, endpoint_id: str) -> None:
        """Forget a connection and its key, if it has one.

        Raises:
            NotFound: no such connection within the person's reach.
            AccessRefused: it is shared, and the actor does not manage shared keys.
        """
        endpoint = self._store.endpoints.find(endpoint_id)
        within_reach = endpoint is not None and may_see(endpoint.owner, endpoint.owner_id, actor)
        self._require_for(actor, endpoint.owner if endpoint and within_reach else KeyOwner.USER)
        if endpoint is None or not within_reach:
            if endpoint:
                self._access.note_refusal(actor, target=f"endpoint:{endpoint_id}", reason=NotFound.__name__)
            raise NotFound("There is no such connection.", "Reload the page.")
        self._connector.disconnect(actor, endpoint)

    def remove_all(self, actor: Actor, owner: KeyOwner, owner_id: str) -> int:
        """Forget every key and connection of a person or team that goes; returns how many keys.

        Raises:
            AccessRefused: they are not the actor's own, who does not manage people.
        """
        own = (owner, owner_id) == (KeyOwner.USER, actor.user_id)
        self._access.require(actor, Permission.MANAGE_OWN_KEYS if own else Permission.MANAGE_PEOPLE)
        removed = self._vault.remove_all(actor, owner, owner_id)
        self._connector.forget_all(actor, owner, owner_id)
        return removed

    def _require(self, actor: Actor, secret_id: str) -> None:
        record = self._store.secrets.find(secret_id)
        seen = record is not None and may_see(record.owner.kind, record.owner.owner_id, actor)
        # What the actor can't see is the vault's to refuse, and to tell of.
        self._require_for(actor, record.owner.kind if record and seen else KeyOwner.USER)

    def _require_for(self, actor: Actor, owner: KeyOwner) -> None:
        own = owner is KeyOwner.USER
        self._access.require(actor, Permission.MANAGE_OWN_KEYS if own else Permission.MANAGE_SHARED_KEYS)

    def _shared_terms(self, actor: Actor, owner: KeyOwner, owner_id: str, expires_at: datetime | None) -> Terms:
        self._access.require(actor, Permission.MANAGE_SHARED_KEYS)
        if owner is KeyOwner.ORGANISATION:
            return Terms(owner, ORGANISATION_ID, expires_at)
        if owner is not KeyOwner.TEAM:
            raise GearboxError("A shared key belongs to a team or to the organisation.", "Choose one of them.")
        if all(team.id != owner_id for team in self._store.teams.all()):
            raise NotFound("There is no such team.", "Reload the page.")
        return Terms(owner, owner_id, expires_at)
