"""Announcements, who has put them away, and maintenance."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select, update

from data.store.columns import upsert
from data.store.database import Database
from data.store.tables import announcement_dismissals, announcements, maintenances
from data.values.actor import Role
from data.values.audit import AuditEvent
from data.values.errors import Conflict, NotFound
from data.values.notices import Announcement, Maintenance, NoticeKind, Standing

_a, _d, _m = announcements.c, announcement_dismissals.c, maintenances.c


class Notices:
    """Blocking. Events are recorded with the change they tell of, or neither happens."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def announcements(self, *, ended: int = 0) -> list[Announcement]:
        """Those that are live or to come, and the `ended` ones that ended last."""
        now = self._database.clock()
        is_over = _a.ends_at <= now
        with self._database.read() as connection:
            rows = connection.execute(select(announcements).where(or_(_a.ends_at.is_(None), _a.ends_at > now))).all()
            if ended:
                last = select(announcements).where(is_over).order_by(_a.ends_at.desc(), _a.id).limit(ended)
                rows = [*rows, *connection.execute(last)]
        return [_announcement(row) for row in rows]

    def find(self, announcement_id: str) -> Announcement:
        """One of them. Raises NotFound."""
        with self._database.read() as connection:
            row = connection.execute(select(announcements).where(_a.id == announcement_id)).first()
        if row is None:
            raise missing_announcement()
        return _announcement(row)

    def add(self, announcement: Announcement, event: AuditEvent) -> None:
        """Keep a new one. Raises Conflict where there is one of this id."""

        def work(connection: Connection) -> None:
            if connection.execute(select(_a.id).where(_a.id == announcement.id)).first() is not None:
                raise Conflict("This announcement is there already.")
            connection.execute(insert(announcements).values(_row(announcement)))
            self._database.audit(event)

        self._database.write(work)

    def change(self, announcement: Announcement, event: AuditEvent) -> None:
        """Put it in the place of the version before its own. Raises NotFound, and Conflict where that is gone."""

        def work(connection: Connection) -> None:
            here = _a.id == announcement.id
            changing = update(announcements).where(here, _a.version == announcement.version - 1)
            if not connection.execute(changing.values(_row(announcement))).rowcount:
                if connection.execute(select(_a.id).where(here)).first() is None:
                    raise missing_announcement()
                raise Conflict("Somebody else changed this announcement meanwhile.", "Look at it again.")
            self._database.audit(event)

        self._database.write(work)

    def remove(self, announcement_id: str, event: AuditEvent) -> None:
        """Forget one, and who has put it away. Raises NotFound."""

        def work(connection: Connection) -> None:
            if not connection.execute(delete(announcements).where(_a.id == announcement_id)).rowcount:
                raise missing_announcement()
            connection.execute(delete(announcement_dismissals).where(_d.announcement_id == announcement_id))
            self._database.audit(event)

        self._database.write(work)

    def dismiss(self, user_id: str, announcement: Announcement) -> None:
        """Note that a person has put away these words of it."""
        row = {"announcement_id": announcement.id, "user_id": user_id, "wording": announcement.wording}
        key = ["announcement_id", "user_id"]
        self._database.write(lambda connection: upsert(connection, announcement_dismissals, row, key=key))

    def dismissed(self, user_id: str, announcement_ids: Collection[str]) -> dict[str, int]:
        """Of these announcements those that a person has put away, each with the wording that it had then."""
        asked = select(_d.announcement_id, _d.wording).where(
            _d.user_id == user_id, _d.announcement_id.in_(announcement_ids)
        )
        with self._database.read() as connection:
            return {row.announcement_id: row.wording for row in connection.execute(asked)}

    def maintenance(self) -> Maintenance | None:
        """The one that is on or planned."""
        return next(iter(self._open()), None)

    def maintenances(self, after: datetime) -> Sequence[Maintenance]:
        """Those that were not over by then, the newest first."""
        asked = select(maintenances).where(or_(_m.ended_at.is_(None), _m.ended_at > after))
        with self._database.read() as connection:
            found = [_maintenance(row) for row in connection.execute(asked.order_by(_m.created_at.desc(), _m.id))]
        return [each for each in found if each.standing(after) is not Standing.ENDED]

    def hold(self, maintenance: Maintenance, event: AuditEvent) -> None:
        """Keep one, in the place of the one of its id where there is one."""

        def work(connection: Connection) -> None:
            upsert(connection, maintenances, _maintenance_row(maintenance), key=["id"])
            self._database.audit(event)

        self._database.write(work)

    def end_maintenance(self, at: datetime, event: AuditEvent) -> None:
        """Whatever is on or planned is over. Raises NotFound where nothing is."""
        found = [each.id for each in self._open()]

        def work(connection: Connection) -> None:
            ending = update(maintenances).where(_m.id.in_(found), _m.ended_at.is_(None)).values(ended_at=at)
            if not connection.execute(ending).rowcount:
                raise NotFound("There is no maintenance that could be ended.")
            self._database.audit(event)

        self._database.write(work)

    def _open(self) -> Sequence[Maintenance]:
        return self.maintenances(self._database.clock())


def missing_announcement() -> NotFound:
    """There is none of this id."""
    return NotFound("There is no such announcement.", "Look at the list of announcements.")


def _row(announcement: Announcement) -> dict[str, Any]:
    return {
        "id": announcement.id,
        "words": announcement.words,
        "kind": announcement.kind.value,
        "roles": sorted(role.value for role in announcement.roles),
        "team_ids": sorted(announcement.team_ids),
        "starts_at": announcement.starts_at,
        "ends_at": announcement.ends_at,
        "dismissible": announcement.dismissible,
        "wording": announcement.wording,
        "version": announcement.version,
        "created_by": announcement.created_by,
        "created_at": announcement.created_at,
    }


def _announcement(row: Any) -> Announcement:
    known = {kind.value for kind in NoticeKind}
    return Announcement(
        id=row.id,
        words=row.words,
        kind=NoticeKind(row.kind) if row.kind in known else NoticeKind.INFO,  # of a newer release
        roles=frozenset(Role(role) for role in row.roles),
        team_ids=frozenset(row.team_ids),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        dismissible=row.dismissible,
        wording=row.wording,
        version=row.version,
        created_by=row.created_by,
        created_at=row.created_at,
    )


def _maintenance_row(maintenance: Maintenance) -> dict[str, Any]:
    return {
        "id": maintenance.id,
        "words": maintenance.words,
        "starts_at": maintenance.starts_at,
        "ends_at": maintenance.ends_at,
        "ends_itself": maintenance.ends_itself,
        "ended_at": maintenance.ended_at,
        "created_by": maintenance.created_by,
        "created_at": maintenance.created_at,
    }


def _maintenance(row: Any) -> Maintenance:
    return Maintenance(
        id=row.id,
        words=row.words,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        ends_itself=row.ends_itself,
        ended_at=row.ended_at,
        created_by=row.created_by,
        created_at=row.created_at,
    )
