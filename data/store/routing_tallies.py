"""Tallies as rows: sums that grow in the transaction of the event that they count. In the caller's transaction.

Integers, so that the order of the events makes no difference; `routing_state` numbers the changes, so that a reader
needs no more than what has changed since it last looked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, fields
from functools import cache
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from data.store.tables import routing_state as state
from data.store.tables import routing_tallies as table
from data.values.counting import Learned
from data.values.errors import StoreError
from data.values.routing import Level, Tallies, Tally, TallyKey
from data.values.tasks import Task

_SUMS = tuple(field.name for field in fields(Tally))
_NOTHING = Tally()
_KEY = tuple(column.name for column in table.primary_key)
_TASKS, _LEVELS = {task.value: task for task in Task}, {level.value: level for level in Level}
_MOST = 2**50
"""What one event may add: a thousand times that still is an exact integer of both databases, where SQLite would go on
with floating-point numbers without a word."""


def add(connection: Connection, adds: Tallies) -> None:
    """Add an event's increments; nothing where it has none."""
    rows = [_row(key, tally) for key, tally in adds.items() if tally != _NOTHING]
    if not rows:
        return
    if any(abs(row[name]) > _MOST for row in rows for name in _SUMS):
        raise StoreError("What is learned of an answer is out of range.", "Report this: it is a fault of Gearbox.")
    version = next_version(connection)
    connection.execute(_adding(connection.dialect.name), [{**row, "changed": version} for row in rows])


def learned(connection: Connection, known: Learned | None) -> Learned:
    """All tallies; those that did not change since are taken from `known`, which is given back where none did."""
    row = connection.execute(select(state.c.version, state.c.whole_from)).one_or_none()
    if row is None:
        return Learned(0, {})
    if known is not None and known.version == row.version:
        return known
    query = select(*(table.c[name] for name in (*_KEY, *_SUMS)))
    kept: dict[TallyKey, Tally] = {}
    if known is not None and row.whole_from <= known.version < row.version:
        kept = dict(known.tallies)
        query = query.where(table.c.changed > known.version)
    for level, scope_id, task, model_id, epoch, *sums in connection.execute(query):
        if level not in _LEVELS or task not in _TASKS:  # of a later release, before it was rolled back
            continue
        key = TallyKey(_LEVELS[level], scope_id, _TASKS[task], model_id, epoch)
        if any(sums):
            kept[key] = Tally(*sums)
        else:
            kept.pop(key, None)
    return Learned(row.version, kept)


def forget_scope(connection: Connection, level: Level, scope_id: str) -> None:
    """Delete what is known of a person's or a team's own experience."""
    mine = (table.c.level == level.value) & (table.c.scope_id == scope_id)
    if connection.execute(delete(table).where(mine)).rowcount:
        next_version(connection, whole=True)


def replace_all(connection: Connection, tallies: Tallies) -> None:
    """Put these in the place of all."""
    connection.execute(delete(table))
    version = next_version(connection, whole=True)
    rows = [{**_row(key, tally), "changed": version} for key, tally in tallies.items() if tally != _NOTHING]
    for start in range(0, len(rows), 2000):
        connection.execute(insert(table), rows[start : start + 2000])


def version_of(connection: Connection) -> int:
    """The number of the last change; 0 before the first."""
    return int(connection.execute(select(state.c.version)).scalar() or 0)


def next_version(connection: Connection, *, whole: bool = False) -> int:
    """Number a change; `whole`: one that is told by no row."""
    version = version_of(connection) + 1
    if version == 1:
        connection.execute(insert(state), {"id": 1, "version": version, "whole_from": version})
        return version
    changed = {"version": version, "whole_from": version} if whole else {"version": version}
    connection.execute(update(state).values(changed))
    return version


def as_json(tallies: Tallies) -> list[list[Any]]:
    """Increments, to be kept with the event that they are of."""
    return [[*_names(key), *astuple(tally)] for key, tally in tallies.items() if tally != _NOTHING]


def from_json(kept: list[list[Any]]) -> Mapping[TallyKey, Tally]:
    """What `as_json` wrote."""
    return {
        TallyKey(Level(level), scope_id, Task(task), model_id, epoch): Tally(*sums)
        for level, scope_id, task, model_id, epoch, *sums in kept
    }


@cache
def _adding(dialect: str) -> Any:
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite

        adding: Any = sqlite.insert(table)
    else:
        from sqlalchemy.dialects import postgresql

        adding = postgresql.insert(table)
    sums = {name: table.c[name] + adding.excluded[name] for name in _SUMS}
    return adding.on_conflict_do_update(index_elements=_KEY, set_={**sums, "changed": adding.excluded.changed})


def _row(key: TallyKey, tally: Tally) -> dict[str, Any]:
    named = dict(zip(_KEY, _names(key), strict=True))
    return {**named, **dict(zip(_SUMS, astuple(tally), strict=True))}


def _names(key: TallyKey) -> tuple[str, str, str, str, int]:
    return key.level.value, key.scope_id, key.task.value, key.model_id, key.epoch
