"""The audit log as it is written and read back. Blocking; events of other work are recorded by `Database.audit`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from data.store.audit_search import AuditSearch
from data.store.database import Database
from data.values.audit import AuditEvent, Receipt
from data.values.audit_search import AuditCursor, AuditFilter, AuditPage
from data.values.errors import AuditUnavailable


class Audit:
    """Events that stand alone, and intents of operations that the store takes no other part in."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._search = AuditSearch(database)

    def record(self, event: AuditEvent) -> None:
        """Commit one event.

        Raises:
            StoreError: it could not be written; what it tells of must not happen then.
        """
        self._database.write(lambda _connection: self._database.audit(event))

    def intend(self, event: AuditEvent) -> Receipt:
        """Commit the intent of an operation; the receipt lets the vault open its target. See `record`."""
        self.record(event)
        return Receipt(event.operation, event.target)

    def search(self, wanted: AuditFilter, cursor: AuditCursor | None = None, limit: int = 50) -> AuditPage:
        """A page of the log, newest first. See `AuditSearch.page`."""
        return self._search.page(wanted, cursor, limit)

    def refuse_keys(self, why: AuditUnavailable | None) -> None:
        """From now on refuse everything that begins to do something with a key, or with None nothing any more."""
        self._database.refusal = why

    def on_written(self, listener: Callable[[Sequence[AuditEvent]], None]) -> None:
        """Tell `listener`, too, what this process just committed. It runs between commits, so it must be quick."""
        self._database.on_audited(listener)
