"""Endpoints that people connected, for themselves, a team or the organisation, and the cached model lists of all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, true
from sqlalchemy.exc import IntegrityError

from data.store.columns import upsert
from data.store.database import Database
from data.store.tables import endpoints, model_facts, model_listings, model_refusals
from data.values.audit import AuditEvent
from data.values.calls import KeyOwner
from data.values.errors import Conflict, NotFound
from data.values.models import Endpoint, EndpointKind, Wire

_STORED = {EndpointKind.PROVIDER, EndpointKind.CUSTOM}
_OWNERS = {KeyOwner.USER, KeyOwner.TEAM, KeyOwner.ORGANISATION}


class Endpoints:
    """Providers with a key and custom base URLs, per owner. Blocking."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.changes = 0
        """Grows after each change that this process makes: whoever remembers what they read can tell by it."""

    def of(self, owner: KeyOwner, owner_id: str) -> list[Endpoint]:
        """One owner's endpoints, the oldest first."""
        return self._found(_owned_by(owner, owner_id))

    def within_reach(self, user_id: str, team_ids: Sequence[str]) -> list[Endpoint]:
        """What a person may use, the nearest first: their own, their teams' in this order, the organisation's."""
        teams = {_holder(KeyOwner.TEAM, team_id): place for place, team_id in enumerate(team_ids)}
        organisation = _holder(KeyOwner.ORGANISATION, "")
        shared = endpoints.c.owner_kind.is_not(None) & endpoints.c.user_id.in_([*teams, organisation])
        found = self._found(_owned_by(KeyOwner.USER, user_id) | shared)

        def distance(endpoint: Endpoint) -> int:
            if endpoint.owner is KeyOwner.USER:
                return -1
            return teams.get(_holder(endpoint.owner, endpoint.owner_id), len(teams))

        return sorted(found, key=distance)

    def everybodys(self) -> list[Endpoint]:
        """Every endpoint of every owner, the oldest first."""
        return self._found(true())

    def shared(self) -> list[Endpoint]:
        """Every team's and the organisation's, the oldest first."""
        return self._found(endpoints.c.owner_kind.is_not(None))

    def find(self, endpoint_id: str) -> Endpoint | None:
        """One endpoint, whoever owns it."""
        found = self._found(endpoints.c.id == endpoint_id)
        return found[0] if found else None

    def of_secret(self, secret_id: str) -> Endpoint | None:
        """The endpoint that a key is for."""
        found = self._found(endpoints.c.secret_id == secret_id)
        return found[0] if found else None

    def add(self, endpoint: Endpoint, *events: AuditEvent) -> None:
        """Keep an endpoint for its owner, with the events that tell of it.

        Raises:
            Conflict: its owner already has one for this provider.
            ValueError: an endpoint that is found anew at every start.
        """
        if endpoint.kind not in _STORED or endpoint.owner not in _OWNERS:
            raise ValueError(f"a {endpoint.kind.value} endpoint of {endpoint.owner.value} is not stored")

        def work(connection: Connection) -> None:
            row = {
                "id": endpoint.id,
                "user_id": _holder(endpoint.owner, endpoint.owner_id),
                "owner_kind": None if endpoint.owner is KeyOwner.USER else endpoint.owner.value,
                "provider": endpoint.provider,
                "label": endpoint.label,
                "kind": endpoint.kind.value,
                "wire": endpoint.wire.value,
                "base_url": endpoint.base_url,
                "secret_id": endpoint.secret_id,
                "created_at": self._database.clock(),
            }
            try:
                connection.execute(insert(endpoints).values(row))
            except IntegrityError:
                raise Conflict(
                    f"There is already a connection named “{endpoint.provider}”.",
                    "Remove it first, or choose another name.",
                ) from None
            for event in events:
                self._database.audit(event)

        self._change(work)

    def remove(self, owner: KeyOwner, owner_id: str, endpoint_id: str, *events: AuditEvent) -> None:
        """Forget an endpoint and what was found out about its models, with the events that tell of it.

        Raises:
            NotFound: there is none, or it is another owner's.
        """

        def work(connection: Connection) -> None:
            theirs = (endpoints.c.id == endpoint_id) & _owned_by(owner, owner_id)
            if not connection.execute(delete(endpoints).where(theirs)).rowcount:
                raise NotFound("There is no such connection.", "It may have been removed already.")
            # The next one of this provider has an id of its own: nobody would ask for these any more.
            connection.execute(delete(model_facts).where(model_facts.c.endpoint_id == endpoint_id))
            connection.execute(delete(model_refusals).where(model_refusals.c.endpoint_id == endpoint_id))
            connection.execute(delete(model_listings).where(model_listings.c.key == endpoint_id))
            for event in events:
                self._database.audit(event)

        self._change(work)

    def _change(self, work: Callable[[Connection], None]) -> None:
        try:
            self._database.write(work)
        finally:  # also of one that failed: perhaps it is there all the same
            self.changes += 1

    def _found(self, which: ColumnElement[bool]) -> list[Endpoint]:
        query = select(endpoints).where(which).order_by(endpoints.c.created_at, endpoints.c.id)
        with self._database.read() as connection:
            return [_endpoint(row) for row in connection.execute(query)]


def _holder(owner: KeyOwner, owner_id: str) -> str:
    return owner_id if owner is KeyOwner.USER else f"{owner.value}:{owner_id}"


def _owned_by(owner: KeyOwner, owner_id: str) -> ColumnElement[bool]:
    # A person's id may look like a team's holder; the kind tells them apart.
    kind = endpoints.c.owner_kind
    of_kind = kind.is_(None) if owner is KeyOwner.USER else kind == owner.value
    return of_kind & (endpoints.c.user_id == _holder(owner, owner_id))


def _endpoint(row: Row[Any]) -> Endpoint:
    owner = KeyOwner.USER if row.owner_kind is None else KeyOwner(row.owner_kind)
    return Endpoint(
        id=row.id,
        provider=row.provider,
        label=row.label,
        kind=EndpointKind(row.kind),
        wire=Wire(row.wire),
        base_url=row.base_url,
        secret_id=row.secret_id,
        owner=owner,
        owner_id=row.user_id if owner is KeyOwner.USER else row.user_id.partition(":")[2],
    )


@dataclass(frozen=True, slots=True)
class KeptListing:
    """A list of models as its server gave it. `etag` is the server's name of this very list; empty without one.

    `contexts` are the tokens that models read, by name, where the list says so; None: an earlier release did not look.
    """

    names: tuple[str, ...]
    fetched_at: datetime
    etag: str = ""
    contexts: Mapping[str, int] | None = field(default_factory=dict)


class Listings:
    """Model names that an endpoint listed, and when. Blocking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, key: str, listing: KeptListing) -> None:
        """Replace the list kept under `key`."""
        row = {
            "key": key,
            "names": list(listing.names),
            "fetched_at": listing.fetched_at,
            "etag": listing.etag or None,
            "contexts": None if listing.contexts is None else dict(listing.contexts),
        }
        self._database.write(lambda connection: upsert(connection, model_listings, row, key=["key"]))

    def load(self, key: str) -> KeptListing | None:
        """One list, if there is one."""
        query = select(model_listings).where(model_listings.c.key == key)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return None if row is None else _listing(row)

    def all(self) -> dict[str, KeptListing]:
        """Every list, by key."""
        with self._database.read() as connection:
            return {row.key: _listing(row) for row in connection.execute(select(model_listings))}


def _listing(row: Any) -> KeptListing:
    return KeptListing(tuple(row.names), row.fetched_at, row.etag or "", row.contexts)
