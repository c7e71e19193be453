"""To whom reports are sent every week, and what came of it. Where they go is in the vault."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from data.store.database import Database
from data.store.tables import report_schedules as table
from data.values.audit import AuditEvent
from data.values.errors import NotFound
from data.values.reports import ReportSchedule


class ReportSchedules:
    """Blocking. Events are recorded with the change they tell of, or neither happens."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[ReportSchedule]:
        """Every schedule, the oldest first."""
        with self._database.read() as connection:
            return [
                _schedule(row) for row in connection.execute(select(table).order_by(table.c.created_at, table.c.id))
            ]

    def find(self, schedule_id: str) -> ReportSchedule | None:
        """One schedule; None where it is gone."""
        with self._database.read() as connection:
            row = connection.execute(select(table).where(table.c.id == schedule_id)).first()
        return None if row is None else _schedule(row)

    def add(self, schedule: ReportSchedule, event: AuditEvent) -> None:
        """Keep a new one."""
        row = {
            "id": schedule.id,
            "created_by": schedule.created_by,
            "created_at": schedule.created_at,
            **_changeable(schedule),
        }

        def work(connection: Connection) -> None:
            connection.execute(insert(table).values(row))
            self._database.audit(event)

        self._database.write(work)

    def change(self, schedule: ReportSchedule, event: AuditEvent) -> None:
        """Replace everything that may change of one. Raises NotFound."""

        def work(connection: Connection) -> None:
            changing = update(table).where(table.c.id == schedule.id).values(_changeable(schedule))
            if not connection.execute(changing).rowcount:
                raise missing_schedule()
            self._database.audit(event)

        self._database.write(work)

    def remove(self, schedule_id: str, event: AuditEvent) -> None:
        """Forget one. Raises NotFound."""

        def work(connection: Connection) -> None:
            if not connection.execute(delete(table).where(table.c.id == schedule_id)).rowcount:
                raise missing_schedule()
            self._database.audit(event)

        self._database.write(work)

    def sent(self, schedule_id: str, at: datetime, event: AuditEvent, week: date | None = None) -> None:
        """A report got there; with a `week` that one is dealt with. The schedule may be gone."""
        values = {"sent_at": at, "failures": 0, "trouble": None} | ({"sent_for": week.isoformat()} if week else {})
        self._outcome(schedule_id, values, event)

    def nothing_to_tell(self, schedule_id: str, week: date) -> None:
        """A week is dealt with, without a report."""
        self._outcome(schedule_id, {"sent_for": week.isoformat(), "failures": 0, "trouble": None}, None)

    def failed(self, schedule_id: str, trouble: str, event: AuditEvent, *, given_up: date | None = None) -> None:
        """A try failed; with `given_up`, the last one for that week."""
        values: dict[str, Any] = {"trouble": trouble, "failures": table.c.failures + 1}
        if given_up is not None:
            values |= {"failures": 0, "sent_for": given_up.isoformat()}
        self._outcome(schedule_id, values, event)

    def _outcome(self, schedule_id: str, values: dict[str, Any], event: AuditEvent | None) -> None:
        def work(connection: Connection) -> None:
            connection.execute(update(table).where(table.c.id == schedule_id).values(values))
            if event is not None:
                self._database.audit(event)

        self._database.write(work)


def missing_schedule() -> NotFound:
    """There is none of this id."""
    return NotFound("There is no such report.", "Reload the page.")


def _changeable(schedule: ReportSchedule) -> dict[str, Any]:
    return {
        "team_id": schedule.team_id,
        "label": schedule.label,
        "secret_id": schedule.secret_id,
        "weekday": schedule.weekday,
        "hour": schedule.hour,
        "is_on": schedule.is_on,
        "sent_for": schedule.sent_for.isoformat() if schedule.sent_for else None,
        "sent_at": schedule.sent_at,
        "failures": schedule.failures,
        "trouble": schedule.trouble,
    }


def _schedule(row: Any) -> ReportSchedule:
    return ReportSchedule(
        id=row.id,
        team_id=row.team_id,
        label=row.label,
        secret_id=row.secret_id,
        weekday=row.weekday,
        hour=row.hour,
        is_on=row.is_on,
        created_by=row.created_by,
        created_at=row.created_at,
        sent_for=date.fromisoformat(row.sent_for) if row.sent_for else None,
        sent_at=row.sent_at,
        failures=row.failures,
        trouble=row.trouble,
    )
