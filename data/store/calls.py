"""The books of model calls: an intent before, an outcome and a usage event after."""

from __future__ import annotations

from concurrent.futures import Future
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, bindparam, insert, select, update

from data.store.database import Database
from data.store.outbox import MODEL_CALL, post
from data.store.routing_counting import count_call
from data.store.rows import OUTCOME_COLUMNS, intent_row, outcome_columns, usage_event
from data.store.tables import calls, secrets
from data.store.teams import first_team
from data.values.actor import Actor, Surface
from data.values.audit import Action, AuditEvent, AuditOutcome, Receipt, secret_target
from data.values.calls import BookedCall, CallIntent, CallOutcome, CallStatus, ErrorKind, KeyOwner, Unit


class Calls:
    """Calls that belong to no turn, such as those of the HTTP API; a turn books its own (`Turns`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def intend(self, intent: CallIntent) -> Future[Receipt]:
        """Book a call that is about to be made; the vault asks for the receipt before it opens a key."""
        return self._database.submit(lambda connection: book(connection, self._database, intent))

    def conclude(self, call_id: str, outcome: CallOutcome, actor: Actor | None = None) -> Future[None]:
        """Book how a call ended, together with its usage event. Only the first conclusion of a call counts.

        `actor` is who called, with where from; None for one that is gone.
        """

        def work(connection: Connection) -> None:
            settle(connection, self._database, call_id, outcome, self._database.clock(), actor=actor)

        return self._database.submit(work)

    def spent(self, since: datetime, *, user_id: str | None = None, secret_id: str | None = None) -> Decimal:
        """US dollars that the calls begun since then cost: a person's, a key's, or all. Blocking.

        Added up here and not by SQLite, which would do it in floating point.
        """
        query = select(calls.c.cost_amount).where(
            calls.c.started_at >= since, calls.c.cost_amount.is_not(None), calls.c.cost_currency == "USD"
        )
        if user_id is not None:
            query = query.where(calls.c.user_id == user_id)
        if secret_id is not None:
            query = query.where(calls.c.secret_id == secret_id)
        with self._database.read() as connection:
            return sum(connection.execute(query).scalars(), Decimal(0))

    def find(self, call_id: str) -> BookedCall | None:
        """A call by its id; None where there is none. Blocking."""
        with self._database.read() as connection:
            row = connection.execute(select(calls).where(calls.c.id == call_id)).one_or_none()
        if row is None:
            return None
        return BookedCall(
            row.id,
            row.user_id,
            row.provider,
            row.model,
            row.modality,
            row.started_at,
            CallStatus(row.status),
            ErrorKind(row.error_kind) if row.error_kind else None,
            row.quantity,
            Unit(row.unit) if row.unit else None,
        )


# Built once: building a statement costs more than running it.
_PAYING_TEAM = select(secrets.c.owner_id).where(
    secrets.c.id == bindparam("secret"), secrets.c.owner_kind == KeyOwner.TEAM.value
)
_CONCLUDE = (
    update(calls)
    .where(calls.c.id == bindparam("concluded_id"), calls.c.status == CallStatus.INTENT.value)
    .values({name: bindparam(name) for name in OUTCOME_COLUMNS})
    .returning(calls)
)


def book(connection: Connection, database: Database, intent: CallIntent) -> Receipt:
    """Insert an intent in the caller's transaction, and the audit intent of the key that it is about to use."""
    row = intent_row(intent, str(database.owner))
    connection.execute(insert(calls), row | {"team_id": _team(connection, intent)})
    if intent.secret_id is None:
        return Receipt(intent.id, "")
    target = secret_target(intent.secret_id)
    database.audit(
        AuditEvent.by(
            intent.actor,
            Action.KEY_TEST if intent.is_test else Action.KEY_USE,
            AuditOutcome.INTENT,
            target=target,
            operation=intent.id,
            provider=intent.provider,
            model=intent.model,
            key_owner=intent.key_owner.value,
        )
    )
    return Receipt(intent.id, target)


def _team(connection: Connection, intent: CallIntent) -> str | None:
    """Whose a call is among the teams: it is kept with the call, as people come and go."""
    if intent.key_owner is KeyOwner.TEAM:
        paying = connection.execute(_PAYING_TEAM, {"secret": intent.secret_id}).scalar()
        if paying is not None:
            return str(paying)
    return first_team(connection, intent.actor.user_id)


def settle(
    connection: Connection,
    database: Database,
    call_id: str,
    outcome: CallOutcome,
    now: datetime,
    *,
    actor: Actor | None = None,
) -> None:
    """Conclude a call, with its usage and audit events, in the caller's transaction; nothing for a concluded one."""
    row = connection.execute(_CONCLUDE, {"concluded_id": call_id, **outcome_columns(outcome)}).one_or_none()
    if row is None:
        return
    post(connection, MODEL_CALL, usage_event(row), now)
    count_call(connection, database.counting, row)
    if row.secret_id is not None:
        database.audit(
            AuditEvent.by(
                actor or Actor(row.user_id, frozenset(), Surface(row.surface)),
                Action.KEY_TEST if row.is_test else Action.KEY_USE,
                _AUDITED[outcome.status],
                target=secret_target(row.secret_id),
                operation=call_id,
                error=row.error_kind,
            )
        )


_AUDITED = {
    CallStatus.OK: AuditOutcome.DONE,
    CallStatus.FAILED: AuditOutcome.FAILED,
    CallStatus.STOPPED: AuditOutcome.STOPPED,
    CallStatus.UNKNOWN: AuditOutcome.UNKNOWN,
}
