"""One batch from the outbox into DuckDB, exactly once.

The batch and its ledger entries commit in one DuckDB transaction; the outbox rows are deleted after it. A
crash between the two leaves rows that are in both places, and the ledger (`drained`) tells them apart when
they are read again. It holds the ids that may still be in the outbox and nothing else: see
docs/adr/0006-drain-ledger.md for why it is a set and not a high watermark.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from data.warehouse.schema import MONEY_DIGITS, MONEY_SCALE, ModelCall, columns, naive_utc

if TYPE_CHECKING:
    import polars as pl
    from duckdb import DuckDBPyConnection

    from data.store.outbox import OutboxRow

MODEL_CALL = "model_call"


@dataclass(frozen=True, slots=True)
class Applied:
    """What one batch came to: rows booked, rows seen before, rows that could not be read."""

    booked: int
    repeated: int
    unread: int


def apply(con: DuckDBPyConnection, rows: Sequence[OutboxRow], *, complete: bool, now: datetime) -> Applied:
    """Book a batch in one transaction.

    Args:
        con: the owning connection, outside a transaction.
        rows: the lowest waiting rows of the outbox, ordered by id; not empty.
        complete: the batch is everything that waits. Ledger entries outside of it then belong to rows
            that are deleted already, and go.
        now: when.
    """
    con.begin()
    try:
        known = set(
            con.execute(
                "SELECT outbox_id, event_id FROM drained WHERE outbox_id BETWEEN ? AND ?", [rows[0].id, rows[-1].id]
            ).fetchall()
        )
        fresh = [row for row in rows if _mark(row) not in known]
        calls, unread = _read(fresh, now)
        _insert(con, "model_calls", _calls_frame(calls) if calls else None)
        _insert(con, "unread_events", _unread_frame(unread) if unread else None)
        if complete:
            con.execute("DELETE FROM drained")
        _insert(con, "drained", _ledger_frame(rows if complete else fresh))
        con.commit()
    except BaseException:
        con.rollback()
        raise
    return Applied(len(calls), len(rows) - len(fresh), len(unread))


def _mark(row: OutboxRow) -> tuple[int, str]:
    """A row's ledger entry. With the event's id, because SQLite may give a deleted row's id out again."""
    return row.id, str(row.payload.get("event_id", ""))


def _read(rows: Sequence[OutboxRow], now: datetime) -> tuple[list[ModelCall], list[dict[str, Any]]]:
    """Sort rows into calls and unread ones.

    A row that this release can't read must neither be lost nor stop those behind it, so it is kept whole.
    """
    calls: list[ModelCall] = []
    unread: list[dict[str, Any]] = []
    for row in rows:
        reason = f"unknown kind {row.kind}"
        if row.kind == MODEL_CALL:
            try:
                calls.append(ModelCall.model_validate(row.payload))
                continue
            except ValidationError as error:
                reason = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        payload = json.dumps(row.payload, default=str)
        unread.append(
            {"outbox_id": row.id, "kind": row.kind, "payload": payload, "reason": reason, "seen_at": naive_utc(now)}
        )
    return calls, unread


def _insert(con: DuckDBPyConnection, table: str, frame: pl.DataFrame | None) -> None:
    # A ready frame goes in at hundreds of thousands of rows a second, executemany at a few hundred.
    if frame is None or frame.is_empty():
        return
    con.register("batch", frame)
    try:
        con.execute(f"INSERT INTO {table} BY NAME SELECT * FROM batch")  # noqa: S608 - three literals above
    finally:
        con.unregister("batch")


def _calls_frame(calls: list[ModelCall]) -> pl.DataFrame:
    import polars as pl  # 0.7 s: kept off the start path

    types: dict[str, pl.DataType | type[pl.DataType]] = {
        "VARCHAR": pl.String,
        "TIMESTAMP": pl.Datetime("us"),
        "DOUBLE": pl.Float64,
        "BIGINT": pl.Int64,
        "BOOLEAN": pl.Boolean,
    }
    money = pl.Decimal(MONEY_DIGITS, MONEY_SCALE)
    schema = {column.name: types.get(column.sql_type, money) for column in columns()}
    values = {name: [getattr(call, name) for call in calls] for name in schema}
    # In time order, so that DuckDB's zone maps can skip what a period does not touch.
    return pl.DataFrame(values, schema=schema).sort("ts")


def _unread_frame(unread: list[dict[str, Any]]) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(unread, infer_schema_length=None)


def _ledger_frame(rows: Sequence[OutboxRow]) -> pl.DataFrame:
    import polars as pl

    marks = [_mark(row) for row in rows]
    return pl.DataFrame(marks, schema={"outbox_id": pl.Int64, "event_id": pl.String}, orient="row")
