"""Feature flags: kept with every change that was made to them, each with its event of the audit log."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, text

from data.store.columns import upsert
from data.store.database import Database
from data.store.outbox import FLAG_EXPOSURE, post_all
from data.store.replies import new_id
from data.store.tables import flag_changes, flag_uses, flags
from data.values.audit import AuditEvent
from data.values.errors import Conflict
from data.values.flag_checks import check
from data.values.flags import Flag, FlagChange, FlagKind, FlagState, from_json, to_json

log = logging.getLogger(__name__)


class Flags:
    """Blocking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def mark(self) -> tuple[int, int]:
        """Another one whenever a flag has changed; cheap. No row is ever deleted, and versions only grow."""
        with self._database.read() as connection:
            counted = connection.execute(select(func.count(), func.coalesce(func.sum(flags.c.version), 0))).one()
        return int(counted[0]), int(counted[1])

    def all(self) -> dict[str, Flag]:
        """Every flag by key, removed ones too. One of a newer release that can't be read here is off: see `_unread`."""
        with self._database.read() as connection:
            return _all(connection)

    def save(self, flag: Flag, declared: Mapping[str, Flag], *, by: str, why: str, event: AuditEvent) -> Flag:
        """Keep a flag in the place of the version that it was made of; returns it with its new version.

        Args:
            flag: its `version` is the one that is to be replaced, 0 where there is none.
            declared: flags that are there without having been kept.
            by: id of the person.
            why: in their words; may be empty.
            event: of the audit log, in the same transaction.

        Raises:
            Conflict: somebody else changed it meanwhile.
            FlagRefused: it can't be kept beside the others.
        """

        def work(connection: Connection) -> Flag:
            if connection.dialect.name == "postgresql":  # SQLite has one writer
                connection.execute(text("LOCK TABLE flags IN SHARE ROW EXCLUSIVE MODE"))
            kept = _all(connection)
            before, now = kept.get(flag.key), self._database.clock()
            if before is not None and flag.version == 0:
                raise Conflict("There is a flag of this key already.", "Choose another key, or change that flag.")
            if (before.version if before else 0) != flag.version:
                raise Conflict("Somebody else has changed this flag meanwhile.", "Look at it again, then change it.")
            created_at = before.created_at if before is not None else flag.created_at
            after = replace(flag, version=flag.version + 1, created_at=created_at or now)
            check(after, {**declared, **kept})
            row = {"key": flag.key, "version": after.version, "body": to_json(after), "changed_at": now}
            upsert(connection, flags, row, key=["key"])
            change = FlagChange(new_id(), flag.key, after.version, now, by, why, before, after)
            connection.execute(insert(flag_changes), _row(change))
            self._database.audit(event)
            return after

        return self._database.write(work)

    def history(self, key: str | None = None, limit: int = 100) -> list[FlagChange]:
        """The last changes, of one flag or of all, the newest first."""
        query = select(flag_changes).order_by(flag_changes.c.at.desc(), flag_changes.c.version.desc()).limit(limit)
        if key is not None:
            query = query.where(flag_changes.c.key == key)
        with self._database.read() as connection:
            return [change for row in connection.execute(query) if (change := _change(row))]

    def change(self, key: str, version: int) -> FlagChange | None:
        """The change that made this version; None where there is none."""
        query = select(flag_changes).where(flag_changes.c.key == key, flag_changes.c.version == version)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return None if row is None else _change(row)

    def changed(self) -> dict[str, datetime]:
        """When each flag was changed last."""
        with self._database.read() as connection:
            return {row.key: row.changed_at for row in connection.execute(select(flags.c.key, flags.c.changed_at))}

    def used(self, keys: Iterable[str], at: datetime) -> None:
        """Note that flags were evaluated."""

        def work(connection: Connection) -> None:
            for key in sorted(keys):
                upsert(connection, flag_uses, {"key": key, "evaluated_at": at}, key=["key"])

        self._database.write(work)

    def uses(self) -> dict[str, datetime]:
        """When each flag was last evaluated, as far as that was noted."""
        with self._database.read() as connection:
            return {row.key: row.evaluated_at for row in connection.execute(select(flag_uses))}

    def expose(self, exposures: Sequence[Mapping[str, Any]]) -> None:
        """Tell the warehouse what flags came to; each as `data.warehouse.activity.FlagExposure` describes it."""
        events = [(FLAG_EXPOSURE, exposure) for exposure in exposures]
        self._database.write(lambda connection: post_all(connection, events, self._database.clock()))


def _all(connection: Connection) -> dict[str, Flag]:
    found = {}
    for row in connection.execute(select(flags).order_by(flags.c.key)):
        try:
            found[row.key] = replace(from_json(row.body), version=row.version)
        except ValueError:
            log.warning("the flag %s can't be read by this release; it is off here", row.key)
            found[row.key] = _unread(row.key, row.version)
    return found


def _unread(key: str, version: int) -> Flag:
    """In the place of a flag that only a newer release can read: off is the safe side, whatever that one says."""
    words = "Written by a newer release of Gearbox, which this one can't read."
    return Flag(
        key,
        FlagKind.BOOLEAN,
        {"on": True, "off": False},
        "off",
        "off",
        FlagState.OFF,
        version=version,
        description=words,
    )


def _row(change: FlagChange) -> dict[str, Any]:
    return {
        "id": change.id,
        "key": change.key,
        "version": change.version,
        "at": change.at,
        "by": change.by,
        "why": change.why,
        "before": None if change.before is None else to_json(change.before),
        "after": to_json(change.after),
    }


def _change(row: Row[Any]) -> FlagChange | None:
    try:
        before = None if row.before is None else from_json(row.before)
        return FlagChange(row.id, row.key, row.version, row.at, row.by, row.why, before, from_json(row.after))
    except ValueError:  # of a newer release
        return None
