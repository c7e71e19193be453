"""Endpoints that people added, and the cached model lists of all endpoints."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from data.store.columns import upsert
from data.store.database import Database
from data.store.tables import endpoints, model_listings
from data.values.errors import NotFound, StoreError
from data.values.models import Endpoint, EndpointKind, Wire

_STORED = {EndpointKind.PROVIDER, EndpointKind.CUSTOM}


class Endpoints:
    """Providers with a key and custom base URLs, per person. Blocking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, user_id: str) -> list[Endpoint]:
        """The person's endpoints, the oldest first."""
        mine = select(endpoints).where(endpoints.c.user_id == user_id)
        with self._database.read() as connection:
            rows = connection.execute(mine.order_by(endpoints.c.created_at, endpoints.c.id)).all()
        return [
            Endpoint(
                id=row.id,
                provider=row.provider,
                label=row.label,
                kind=EndpointKind(row.kind),
                wire=Wire(row.wire),
                base_url=row.base_url,
                secret_id=row.secret_id,
            )
            for row in rows
        ]

    def add(self, user_id: str, endpoint: Endpoint) -> None:
        """Keep an endpoint.

        Raises:
            StoreError: the person already has one for this provider.
            ValueError: an endpoint that is found anew at every start.
        """
        if endpoint.kind not in _STORED:
            raise ValueError(f"a {endpoint.kind.value} endpoint is not stored")

        def work(connection: Connection) -> None:
            row = {
                "id": endpoint.id,
                "user_id": user_id,
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
                raise StoreError(
                    f"There is already a connection named “{endpoint.provider}”.",
                    "Remove it first, or choose another name.",
                ) from None

        self._database.write(work)

    def remove(self, user_id: str, endpoint_id: str) -> None:
        """Forget an endpoint. Raises NotFound for a missing one and for another person's."""

        def work(connection: Connection) -> None:
            mine = (endpoints.c.id == endpoint_id) & (endpoints.c.user_id == user_id)
            if not connection.execute(delete(endpoints).where(mine)).rowcount:
                raise NotFound("There is no such connection.", "It may have been removed already.")

        self._database.write(work)


class Listings:
    """Model names that an endpoint listed, and when. Blocking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, key: str, names: list[str], fetched_at: datetime) -> None:
        """Replace the list kept under `key`."""
        row = {"key": key, "names": list(names), "fetched_at": fetched_at}
        self._database.write(lambda connection: upsert(connection, model_listings, row, key=["key"]))

    def load(self, key: str) -> tuple[list[str], datetime] | None:
        """One list with its age, if there is one."""
        query = select(model_listings).where(model_listings.c.key == key)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return None if row is None else (list(row.names), row.fetched_at)

    def all(self) -> dict[str, tuple[list[str], datetime]]:
        """Every list, by key."""
        with self._database.read() as connection:
            return {row.key: (list(row.names), row.fetched_at) for row in connection.execute(select(model_listings))}
