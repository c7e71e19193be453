"""What models were seen to refuse."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select

from data.store.columns import upsert
from data.store.database import Database
from data.store.tables import model_refusals


class ModelRefusals:
    """One row per endpoint, model and refused feature; blocking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> dict[tuple[str, str, str], datetime]:
        """When each was seen last, by endpoint's id, model and feature."""
        with self._database.read() as connection:
            rows = connection.execute(select(model_refusals))
            return {(row.endpoint_id, row.model, row.feature): row.seen_at for row in rows}

    def save(self, endpoint_id: str, model: str, feature: str, at: datetime) -> None:
        """Keep one; `at` (aware) takes the place of an earlier time."""
        row = {"endpoint_id": endpoint_id, "model": model, "feature": feature, "seen_at": at}

        def work(connection: Connection) -> None:
            upsert(connection, model_refusals, row, key=["endpoint_id", "model", "feature"])

        self._database.write(work)

    def remove(self, endpoint_id: str, model: str, feature: str) -> None:
        """Forget one that no longer holds."""
        columns = model_refusals.c
        this = (columns.endpoint_id == endpoint_id) & (columns.model == model) & (columns.feature == feature)
        self._database.write(lambda connection: connection.execute(delete(model_refusals).where(this)))
