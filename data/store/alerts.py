"""Alerts as they are kept: each transition and the messages that it calls for are one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, select, update

from data.store.alert_rows import alert_of, alert_row
from data.store.columns import insert_new, upsert
from data.store.database import Database
from data.store.leases import renew_lease
from data.store.tables import alert_facts, alert_notifications, alert_reads, alerts
from data.values.alert_delivery import Notification
from data.values.alerts import Alert, AlertState, Observation
from data.values.audit import AuditEvent
from data.values.errors import Conflict, NotFound

ALERT_LEASE = "alerts"
"""Who holds it evaluates the rules."""
_OPEN = (AlertState.PENDING.value, AlertState.FIRING.value)


@dataclass(frozen=True, slots=True)
class Moved:
    """An alert after a step; `is_over` where it never fired and is forgotten."""

    alert: Alert
    notifications: Sequence[Notification] = ()
    is_over: bool = False


class Alerts:
    """Blocking."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self) -> list[Alert]:
        """Those that are pending or firing, the oldest first."""
        return self._some(alerts.c.state.in_(_OPEN), newest=False)

    def firing(self) -> list[Alert]:
        """Those that fire, the newest first."""
        return self._some(alerts.c.state == AlertState.FIRING.value)

    def history(
        self, limit: int, *, rule: str = "", since: datetime | None = None, until: datetime | None = None
    ) -> list[Alert]:
        """The newest that ever fired, also those that are over: of one rule, or that fired within some time."""
        asked: list[ColumnElement[bool]] = [alerts.c.fired_at.is_not(None)]
        asked += [alerts.c.rule == rule] if rule else []
        asked += [alerts.c.fired_at >= since] if since else []
        asked += [alerts.c.fired_at < until] if until else []
        return self._some(and_(*asked), limit=limit)

    def find(self, alert_id: str) -> Alert | None:
        """One by its id; None where there is none."""
        return next(iter(self._some(alerts.c.id == alert_id)), None)

    def numbers(self, keys: Collection[str]) -> Mapping[tuple[str, str], int]:
        """How often rules fired so far, by rule and group."""
        counted = (
            select(alerts.c.rule, alerts.c.group_key, func.max(alerts.c.number))
            .where(alerts.c.rule.in_(sorted(keys)))
            .group_by(alerts.c.rule, alerts.c.group_key)
        )
        with self._database.read() as connection:
            return {(rule, group): number for rule, group, number in connection.execute(counted)}

    def count_firing(self) -> int:
        """How many fire."""
        counted = select(func.count()).select_from(alerts).where(alerts.c.state == AlertState.FIRING.value)
        with self._database.read() as connection:
            return int(connection.execute(counted).scalar_one())

    def read_by(self, user_id: str, alert_ids: Collection[str]) -> set[str]:
        """Those of some alerts that somebody has looked at."""
        theirs = (alert_reads.c.user_id == user_id) & alert_reads.c.alert_id.in_(sorted(alert_ids))
        with self._database.read() as connection:
            return set(connection.execute(select(alert_reads.c.alert_id).where(theirs)).scalars())

    def read(self, user_id: str, alert_ids: Iterable[str], at: datetime) -> None:
        """Somebody has looked at these."""

        def work(connection: Connection) -> None:
            for alert_id in alert_ids:
                row = {"alert_id": alert_id, "user_id": user_id, "read_at": at}
                insert_new(connection, alert_reads, row, key=["alert_id", "user_id"])

        self._database.write(work)

    def move(self, moved: Sequence[Moved], lasts: timedelta) -> bool:
        """Keep what a round of the evaluator came to, and what is to be told of it.

        Args:
            lasts: of the lease, which is renewed.

        Returns:
            False where another process evaluates by now; nothing is kept then.
        """

        def work(connection: Connection) -> bool:
            if not renew_lease(connection, self._database, ALERT_LEASE, lasts):
                return False
            for each in moved:
                if each.is_over:
                    connection.execute(delete(alerts).where(alerts.c.id == each.alert.id))
                    continue
                _keep(connection, each.alert)
                for notification in each.notifications:
                    insert_new(connection, alert_notifications, _notification_row(notification), key=["id"])
            return True

        return self._database.write(work)

    def acknowledge(self, alert_id: str, user_id: str, at: datetime, event: AuditEvent) -> None:
        """Somebody takes an alert on. Raises NotFound where it does not fire, Conflict where somebody has it."""

        def work(connection: Connection) -> None:
            which = (alerts.c.id == alert_id) & (alerts.c.state == AlertState.FIRING.value)
            taking = update(alerts).where(which & alerts.c.acknowledged_at.is_(None))
            if not connection.execute(taking.values(acknowledged_by=user_id, acknowledged_at=at)).rowcount:
                state = connection.execute(select(alerts.c.state).where(alerts.c.id == alert_id)).scalar()
                if state == AlertState.FIRING.value:
                    raise Conflict("Somebody took it on already.")
                missing = "There is no such alert." if state is None else "This alert is over."
                raise NotFound(missing, "Look at the list of those that fire.")
            self._database.audit(event)

        self._database.write(work)

    def tell(self, rule: str, seen: Observation, until: datetime) -> None:
        """Keep what a part of Gearbox says of itself, until it says something else or that moment comes."""
        row = {
            "rule": rule, "group_key": seen.group, "value": seen.value, "summary": seen.summary,
            "at": self._database.clock(), "until": until,
        }  # fmt: skip

        def work(connection: Connection) -> None:
            connection.execute(delete(alert_facts).where(alert_facts.c.until <= self._database.clock()))
            upsert(connection, alert_facts, row, key=["rule", "group_key"])

        self._database.write(work)

    def facts(self) -> Mapping[str, list[Observation]]:
        """What holds of what was told, by rule."""
        found: dict[str, list[Observation]] = {}
        with self._database.read() as connection:
            for row in connection.execute(select(alert_facts).where(alert_facts.c.until > self._database.clock())):
                found.setdefault(row.rule, []).append(Observation(row.group_key, row.value, row.summary))
        return found

    def _some(self, which: Any, *, limit: int | None = None, newest: bool = True) -> list[Alert]:
        order = (alerts.c.fired_at.desc(), alerts.c.id) if newest else (alerts.c.since, alerts.c.id)
        with self._database.read() as connection:
            return [
                alert_of(row) for row in connection.execute(select(alerts).where(which).order_by(*order).limit(limit))
            ]


def _keep(connection: Connection, alert: Alert) -> None:
    row = alert_row(alert)
    # Who took it on may have done so while the round was under way.
    theirs = {"acknowledged_by", "acknowledged_at"}
    if not insert_new(connection, alerts, row, key=["id"]):
        ours = {name: value for name, value in row.items() if name not in theirs}
        connection.execute(update(alerts).where(alerts.c.id == alert.id).values(ours))


def _notification_row(notification: Notification) -> dict[str, Any]:
    return {
        "id": notification.id,
        "alert_id": notification.alert_id,
        "channel_id": notification.channel_id,
        "occasion": notification.occasion.value,
        "created_at": notification.created_at,
        "due_at": notification.due_at,
        "claimed_until": None,
        "sent_at": None,
        "tries": 0,
        "trouble": None,
    }
