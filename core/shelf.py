"""Keys as their owners see them: what each is for, its versions, when it expires, and whether calls use it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from core.vault import Vault
from core.vault.owners import ORGANISATION_ID, may_manage
from data.store import Store
from data.values.actor import Actor
from data.values.calls import KeyOwner
from data.values.expiry import ExpiryWarning, expiry_warning
from data.values.models import Endpoint, nearest
from data.values.secrets import SecretRecord, VersionCard, VersionState
from data.values.tool_servers import KEY_PREFIX


@dataclass(frozen=True, slots=True)
class KeyShelfItem:
    """A key and its versions, the newest first.

    `endpoint` is the connection it is for, None where that is gone. `last4`, `expires_at` and `warning` are those of
    the version in use; of a shared key only who may change it sees the last characters. `is_used` says that the
    viewer's calls use it, because nothing nearer is connected, and `is_locked` that it is sealed with the viewer's
    passphrase and not unlocked in this session.
    """

    secret_id: str
    label: str
    provider: str
    origin: str
    owner: KeyOwner
    owner_id: str
    endpoint: Endpoint | None
    last4: str
    versions: tuple[VersionCard, ...]
    expires_at: datetime | None
    warning: ExpiryWarning | None
    user_sealed: bool
    is_locked: bool
    is_used: bool
    may_change: bool

    @property
    def is_shared(self) -> bool:
        """Whether it belongs to a team or to the organisation."""
        return self.owner is not KeyOwner.USER

    @property
    def has_way_back(self) -> bool:
        """Whether a version in its grace can be fallen back to."""
        return any(version.state is VersionState.IN_GRACE for version in self.versions)


class Shelf:
    """Puts keys and their connections together. It asks nobody whether the actor may see them."""

    def __init__(self, store: Store, vault: Vault, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock

    def within_reach(self, actor: Actor) -> list[KeyShelfItem]:
        """The person's own keys, their teams' and the organisation's, the nearest first."""
        teams = [(KeyOwner.TEAM, team_id) for team_id in actor.team_ids]
        owners = [(KeyOwner.USER, actor.user_id), *teams, (KeyOwner.ORGANISATION, ORGANISATION_ID)]
        return self._items(actor, owners)

    def shared(self, actor: Actor) -> list[KeyShelfItem]:
        """The organisation's keys and every team's."""
        endpoints = self._store.endpoints.shared()
        return self._items(actor, sorted({(each.owner, each.owner_id) for each in endpoints}), endpoints)

    def _items(
        self, actor: Actor, owners: list[tuple[KeyOwner, str]], others: Iterable[Endpoint] = ()
    ) -> list[KeyShelfItem]:
        """The keys of these owners, in this order; `others` are endpoints that may be beyond the actor's reach."""
        # The chat page asks at every run, to warn of dates: two queries, however many owners there are.
        reached = self._store.endpoints.within_reach(actor.user_id, actor.team_ids)
        used = {endpoint.id for endpoint in nearest(reached)}
        by_secret = {endpoint.secret_id: endpoint for endpoint in (*reached, *others)}
        items = []
        # A tool server's secret is looked after on the Tools page.
        every = self._store.secrets.of_each(owners)
        records = [each for each in every if not each.versions[-1].binding.provider.startswith(KEY_PREFIX)]
        for record in sorted(records, key=lambda each: owners.index((each.owner.kind, each.owner.owner_id))):
            endpoint = by_secret.get(record.owner.secret_id)
            items.append(self._item(actor, record, endpoint, is_used=endpoint is not None and endpoint.id in used))
        return items

    def _item(self, actor: Actor, record: SecretRecord, endpoint: Endpoint | None, *, is_used: bool) -> KeyShelfItem:
        now = self._clock()
        shown = record.in_use(now) or record.versions[-1]
        binding, may_change = shown.binding, may_manage(record.owner, actor)
        label = endpoint.label if endpoint else binding.provider
        return KeyShelfItem(
            secret_id=record.owner.secret_id,
            label=label,
            provider=binding.provider,
            origin=binding.origin,
            owner=record.owner.kind,
            owner_id=record.owner.owner_id,
            endpoint=endpoint,
            last4=shown.last4 if may_change else "",
            versions=tuple(sealed.card(now) for sealed in reversed(record.versions)) if may_change else (),
            expires_at=binding.expires_at,
            warning=expiry_warning(label, binding.expires_at, now, may_change=may_change),
            user_sealed=record.user_sealed,
            is_locked=record.user_sealed and self._vault.unlocked.find(actor) is None,
            is_used=is_used,
            may_change=may_change,
        )
