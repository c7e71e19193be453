"""Where alerts are told, the messages that wait, and when nobody is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, or_, select, update

from data.store.alert_rows import channel_of, channel_row, notification_of, silence_of, silence_row
from data.store.database import Database
from data.store.tables import alert_channels, alert_notifications, alert_silences
from data.values.alert_delivery import Channel, Notification, Silence
from data.values.audit import AuditEvent
from data.values.errors import NotFound

_n = alert_notifications.c


class AlertDelivery:
    """Blocking. Events are recorded with the change they tell of, or neither happens."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def channels(self) -> list[Channel]:
        """All of them, the oldest first."""
        order = alert_channels.c.created_at, alert_channels.c.id
        with self._database.read() as connection:
            return [channel_of(row) for row in connection.execute(select(alert_channels).order_by(*order))]

    def add_channel(self, channel: Channel, event: AuditEvent) -> None:
        """Keep a new one."""

        def work(connection: Connection) -> None:
            connection.execute(insert(alert_channels).values(channel_row(channel)))
            self._database.audit(event)

        self._database.write(work)

    def change_channel(self, channel: Channel, event: AuditEvent) -> None:
        """Replace what it is called, what it hears, and whether it is on. Raises NotFound."""
        changed = {
            "label": channel.label,
            "least": channel.least.value,
            "is_escalation": channel.is_escalation,
            "is_on": channel.is_on,
        }

        def work(connection: Connection) -> None:
            changing = update(alert_channels).where(alert_channels.c.id == channel.id).values(changed)
            if not connection.execute(changing).rowcount:
                raise missing_channel()
            self._database.audit(event)

        self._database.write(work)

    def remove_channel(self, channel_id: str, event: AuditEvent) -> None:
        """Forget one, and what it was still to be told. Raises NotFound."""

        def work(connection: Connection) -> None:
            if not connection.execute(delete(alert_channels).where(alert_channels.c.id == channel_id)).rowcount:
                raise missing_channel()
            waiting = (_n.channel_id == channel_id) & _n.due_at.is_not(None)
            connection.execute(delete(alert_notifications).where(waiting))
            self._database.audit(event)

        self._database.write(work)

    def of_alert(self, alert_id: str) -> list[Notification]:
        """What was told of an alert, the oldest first."""
        found = select(alert_notifications).where(_n.alert_id == alert_id).order_by(_n.created_at, _n.id)
        with self._database.read() as connection:
            return [notification_of(row) for row in connection.execute(found)]

    def claim(self, lasts: timedelta, limit: int) -> list[Notification]:
        """Messages that are due and that this process now sends; no other one does before the claim is over."""
        now = self._database.clock()
        free = (_n.due_at <= now) & or_(_n.claimed_until.is_(None), _n.claimed_until <= now)
        with self._database.read() as connection:  # almost always there is none, and a write would cost an fsync
            if connection.execute(select(_n.id).where(free).limit(1)).first() is None:
                return []

        def work(connection: Connection) -> list[Notification]:
            due = connection.execute(select(alert_notifications).where(free).order_by(_n.due_at, _n.id).limit(limit))
            taken = []
            for row in due.all():
                # The condition again: on PostgreSQL two may have read the same rows.
                claiming = update(alert_notifications).where((_n.id == row.id) & free)
                if connection.execute(claiming.values(claimed_until=now + lasts)).rowcount:
                    taken.append(notification_of(row))
            return taken

        return self._database.write(work)

    def sent(self, notification: Notification) -> None:
        """It was taken."""
        now = self._database.clock()

        def work(connection: Connection) -> None:
            done = {
                "due_at": None,
                "claimed_until": None,
                "sent_at": now,
                "tries": notification.tries + 1,
                "trouble": None,
            }
            connection.execute(update(alert_notifications).where(_n.id == notification.id).values(done))
            heard = update(alert_channels).where(alert_channels.c.id == notification.channel_id)
            connection.execute(heard.values(sent_at=now, trouble=None))

        self._database.write(work)

    def failed(self, notification: Notification, trouble: str, again_at: datetime | None) -> None:
        """It was not taken; with None it is given up."""

        def work(connection: Connection) -> None:
            values = {"due_at": again_at, "claimed_until": None, "tries": notification.tries + 1, "trouble": trouble}
            connection.execute(update(alert_notifications).where(_n.id == notification.id).values(values))
            channel = update(alert_channels).where(alert_channels.c.id == notification.channel_id)
            connection.execute(channel.values(trouble=trouble))

        self._database.write(work)

    def silences(self, after: datetime) -> Sequence[Silence]:
        """Those that end after a moment, the first to end first."""
        found = select(alert_silences).where(alert_silences.c.ends_at > after).order_by(alert_silences.c.ends_at)
        with self._database.read() as connection:
            return [silence_of(row) for row in connection.execute(found)]

    def add_silence(self, silence: Silence, event: AuditEvent) -> None:
        """Keep a new one."""

        def work(connection: Connection) -> None:
            connection.execute(insert(alert_silences).values(silence_row(silence)))
            self._database.audit(event)

        self._database.write(work)

    def end_silence(self, silence_id: str, at: datetime, event: AuditEvent) -> None:
        """Tell people again from then on. Raises NotFound."""

        def work(connection: Connection) -> None:
            which = (alert_silences.c.id == silence_id) & (alert_silences.c.ends_at > at)
            if not connection.execute(update(alert_silences).where(which).values(ends_at=at)).rowcount:
                raise NotFound("There is no such silence, or it is over.", "Look at the list of silences.")
            self._database.audit(event)

        self._database.write(work)


def missing_channel() -> NotFound:
    """There is none of this id."""
    return NotFound("There is no such channel.", "Look at the list of channels.")
