"""Takes rows out of the warehouse: those of forgotten people, and what is older than it is to be kept.

Each time something goes, a receipt stays in `erasures`: when, why, by which rule, and how many rows of which table.
Whose they were is in there only as the SHA-256 of an id: who holds the id can check that it is gone, nobody can find it
out.
"""

from __future__ import annotations

import hashlib
import json
import logging
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from data.values.holds import Held
from data.values.retention import KINDS, OF_TEAMS, Forgotten, RetentionRule
from data.warehouse.dirty import JUDGED, mark_rows
from data.warehouse.rollups import midnight
from data.warehouse.schema import naive_utc

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_log = logging.getLogger(__name__)

GONE_PREFIX = "gone-"
"""What the id begins with that stands in a forgotten person's rows; random, and kept nowhere else."""

_IN_SUMS = {"model_calls": "{which}", "routing_feedback": JUDGED}
_IN_CONVERSATIONS = ("model_calls", "tool_calls")
_NOT_OF_TEAMS = "(team_id IS NULL OR NOT list_contains(?::VARCHAR[], team_id))"
_NOT_OF_PEOPLE = "NOT list_contains(?::VARCHAR[], user_id)"


class PersonForgotten(BaseModel):
    """The event that a person was forgotten."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    event_id: str
    user_id: str
    policy: Forgotten


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was taken out once.

    Args:
        at: UTC.
        reason: `forgotten` or `retention`.
        policy: what the rule was: `anonymise`, `remove`, or days.
        scope: whose: the SHA-256 of a person's id, the id of a team, or `everybody`.
        counts: rows by table.
    """

    id: str
    at: datetime
    reason: str
    policy: str
    scope: str
    counts: Mapping[str, int]


def scope_of(user_id: str) -> str:
    """How a receipt names a person."""
    return hashlib.sha256(user_id.encode()).hexdigest()


def erase_forgotten(
    con: DuckDBPyConnection,
    told: Iterable[PersonForgotten],
    people: Callable[[], Iterable[str]],
    now: datetime,
    zone: tzinfo,
) -> None:
    """Erase who was forgotten with these events, and again who was so before: a call may end after its person is gone.

    Args:
        con: within a transaction, after the rows of the batch.
        told: the events.
        people: whom the rows of the batch are of; asked only where somebody was forgotten ever.
    """
    gone = {each.user_id: (each.event_id, each.policy) for each in told}
    known = dict(con.execute("SELECT scope, policy FROM erasures WHERE reason = 'forgotten'").fetchall())
    for user_id in people() if known else ():
        if user_id not in gone and (policy := known.get(scope_of(user_id))):
            gone[user_id] = (uuid.uuid4().hex, Forgotten(policy))
    for user_id, (event_id, told_policy) in gone.items():
        policy = Forgotten(known.get(scope_of(user_id), told_policy))  # what was removed once comes back in no form
        counts = _erase(con, user_id, policy, zone)
        keep_receipt(con, Receipt(event_id, now, "forgotten", policy.value, scope_of(user_id), counts))


def _erase(con: DuckDBPyConnection, user_id: str, policy: Forgotten, zone: tzinfo) -> dict[str, int]:
    mark_rows(con, f"user_id = ? OR {JUDGED.format(which='user_id = ?')}", (user_id, user_id), zone)
    con.execute("DELETE FROM unread_events WHERE json_extract_string(payload, '$.user_id') = ?", [user_id])
    nobody = f"{GONE_PREFIX}{uuid.uuid4().hex}"
    counts = {}
    for table in KINDS:
        if policy is Forgotten.REMOVE:
            done = con.execute(f"DELETE FROM {table} WHERE user_id = ?", [user_id])  # noqa: S608 - ours
        else:
            bare = ", conversation_id = NULL" if table in _IN_CONVERSATIONS else ""
            done = con.execute(f"UPDATE {table} SET user_id = ?{bare} WHERE user_id = ?", [nobody, user_id])  # noqa: S608
        counts[table] = _changed(done)
    return {table: rows for table, rows in counts.items() if rows}


def outdated(
    rule: RetentionRule, rules: Sequence[RetentionRule], held: Held, now: datetime, zone: tzinfo
) -> tuple[str, list[object]] | None:
    """Which rows of its table a rule removes, as a condition with its values; None: none, for all of them are held.

    Days are whole days of the zone: a rule of 30 days keeps today and the 30 days before it.

    Args:
        rules: all of them: a team with a rule of its own is not under everybody's.
        held: whose rows stay, however old they are.
    """
    if held.everybody:
        return None
    before = midnight(now.astimezone(zone).date() - timedelta(days=rule.days), zone)
    where, parameters = "ts < ?", list[object]([naive_utc(before)])
    own = [each.team_id for each in rules if each.kind == rule.kind and each.team_id is not None]
    if rule.team_id is not None:
        where, parameters = f"{where} AND team_id = ?", [*parameters, rule.team_id]
    elif own:
        where, parameters = f"{where} AND {_NOT_OF_TEAMS}", [*parameters, own]
    if held.user_ids:
        where, parameters = f"{where} AND {_NOT_OF_PEOPLE}", [*parameters, sorted(held.user_ids)]
    if held.team_ids and rule.kind in OF_TEAMS:
        where, parameters = f"{where} AND {_NOT_OF_TEAMS}", [*parameters, sorted(held.team_ids)]
    return where, parameters


def apply_retention(
    con: DuckDBPyConnection,
    rules: Sequence[RetentionRule],
    now: datetime,
    zone: tzinfo,
    held: Callable[[], Held] = Held,
) -> int:
    """Remove what is older than these rules say; how many rows that were. See `outdated`.

    Args:
        con: the owning connection, outside a transaction.
        held: whose rows stay; asked before each rule is carried out, so that a hold placed meanwhile holds.
    """
    removed = 0
    for rule in rules:
        found = outdated(rule, rules, held(), now, zone)
        if found is None:
            continue
        where, parameters = found
        con.begin()
        try:
            if rule.kind in _IN_SUMS:
                mark_rows(con, _IN_SUMS[rule.kind].format(which=where), parameters, zone)
            rows = _changed(con.execute(f"DELETE FROM {rule.kind} WHERE {where}", parameters))  # noqa: S608 - ours
            if rows:
                scope = rule.team_id or "everybody"
                receipt = Receipt(uuid.uuid4().hex, now, "retention", f"{rule.days} days", scope, {rule.kind: rows})
                keep_receipt(con, receipt)
            con.commit()
        except BaseException:
            con.rollback()
            raise
        removed += rows
    return removed


class Retention:
    """Applies rules once a day, when they are others, and when others are held. For one thread.

    Args:
        rules: those that hold now.
        held: whose rows stay now.
    """

    def __init__(self, rules: Callable[[], Sequence[RetentionRule]], held: Callable[[], Held] = Held) -> None:
        self._rules = rules
        self._held = held
        self._done: tuple[date, Sequence[RetentionRule], Held] | None = None

    def apply(self, con: DuckDBPyConnection, now: datetime, zone: tzinfo) -> None:
        """Remove what is too old, where that was not done today."""
        due = (now.astimezone(zone).date(), tuple(self._rules()), self._held())
        if due != self._done:
            if removed := apply_retention(con, due[1], now, zone, self._held):
                _log.info("%d rows were older than they are to be kept, and are removed", removed)
            self._done = due


def receipts(con: DuckDBPyConnection) -> list[Receipt]:
    """All of them, the newest first."""
    rows = con.execute(
        "SELECT event_id, ts, reason, policy, scope, counts FROM erasures ORDER BY ts DESC, event_id"
    ).fetchall()
    return [
        Receipt(id_, at.replace(tzinfo=UTC), reason, policy, scope, json.loads(counts))
        for id_, at, reason, policy, scope, counts in rows
    ]


def keep_receipt(con: DuckDBPyConnection, receipt: Receipt) -> None:
    """Write it down, in the caller's transaction."""
    con.execute(
        "INSERT INTO erasures VALUES (?, ?, ?, ?, ?, ?)",
        [
            receipt.id,
            naive_utc(receipt.at),
            receipt.reason,
            receipt.policy,
            receipt.scope,
            json.dumps(dict(receipt.counts)),
        ],
    )


def _changed(done: DuckDBPyConnection) -> int:
    row = done.fetchone()
    return int(row[0]) if row else 0
