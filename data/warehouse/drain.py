"""One batch from the outbox into DuckDB, exactly once.

The batch and its ledger entries commit in one DuckDB transaction; the outbox rows are deleted after it. A
crash between the two leaves rows that are in both places, and the ledger (`drained`) tells them apart when
they are read again. It holds the ids that may still be in the outbox and nothing else: see
docs/adr/0006-drain-ledger.md for why it is a set and not a high watermark.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from data.values.sample import SAMPLE_PREFIX
from data.warehouse.activity import FlagExposure, SignIn, ToolCall
from data.warehouse.erasing import PersonForgotten, erase_forgotten
from data.warehouse.frames import frame_schema
from data.warehouse.rollups import mark_calls, mark_rows
from data.warehouse.routing import Propensity, RoutingDecision, RoutingFeedback
from data.warehouse.sample import SAMPLE_CLEARED, SampleCleared, remove_sample
from data.warehouse.schema import ModelCall, naive_utc

if TYPE_CHECKING:
    import polars as pl
    from duckdb import DuckDBPyConnection

    from data.store.outbox import OutboxRow

MODEL_CALL = "model_call"
ROUTING_DECISION = "routing_decision"
ROUTING_PROPENSITY = "routing_propensity"
ROUTING_FEEDBACK = "routing_feedback"
TOOL_CALL = "tool_call"
SIGN_IN = "sign_in"
FLAG_EXPOSURE = "flag_exposure"
PERSON_FORGOTTEN = "person_forgotten"

_TABLES = {
    MODEL_CALL: "model_calls",
    TOOL_CALL: "tool_calls",
    ROUTING_DECISION: "routing_decisions",
    ROUTING_FEEDBACK: "routing_feedback",
    SIGN_IN: "sign_ins",
    FLAG_EXPOSURE: "flag_exposures",
}
_ROWS: dict[str, type[BaseModel]] = {
    MODEL_CALL: ModelCall,
    TOOL_CALL: ToolCall,
    SIGN_IN: SignIn,
    FLAG_EXPOSURE: FlagExposure,
    ROUTING_DECISION: RoutingDecision,
    ROUTING_PROPENSITY: Propensity,
    ROUTING_FEEDBACK: RoutingFeedback,
    SAMPLE_CLEARED: SampleCleared,
    PERSON_FORGOTTEN: PersonForgotten,
}


KINDS = frozenset(_ROWS)
"""That this release reads."""

Event = tuple[str, dict[str, Any], int]
"""Kind, payload, and the id of its row in the outbox; 0 for one that is told again from the books."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What one batch came to: rows booked, rows seen before, rows that could not be read."""

    booked: int
    repeated: int
    unread: int


def apply(
    con: DuckDBPyConnection, rows: Sequence[OutboxRow], *, complete: bool, now: datetime, zone: tzinfo = UTC
) -> Applied:
    """Book a batch in one transaction.

    Args:
        con: the owning connection, outside a transaction.
        rows: the lowest waiting rows of the outbox, ordered by id; not empty.
        complete: the batch is everything that waits. Ledger entries outside of it then belong to rows
            that are deleted already, and go.
        now: when.
        zone: whose days the rollups are of.
    """
    con.begin()
    try:
        known = set(
            con.execute(
                "SELECT outbox_id, event_id FROM drained WHERE outbox_id BETWEEN ? AND ?", [rows[0].id, rows[-1].id]
            ).fetchall()
        )
        fresh = [row for row in rows if _mark(row) not in known]
        booked, unread = insert(con, [(row.kind, row.payload, row.id) for row in fresh], now, zone)
        if complete:
            con.execute("DELETE FROM drained")
        note(con, rows if complete else fresh)
        con.commit()
    except BaseException:
        import duckdb

        with suppress(duckdb.TransactionException):  # a commit that fails, of a full disk say, has rolled back already
            con.rollback()
        raise
    return Applied(booked, len(rows) - len(fresh), unread)


def insert(con: DuckDBPyConnection, events: Sequence[Event], now: datetime, zone: tzinfo = UTC) -> tuple[int, int]:
    """Events into their tables, within a transaction; how many were booked, and how many could not be read."""
    read, unread = _read(events, now)
    if SAMPLE_CLEARED in read:
        # Before the inserts: what is behind it in this batch was seeded after it, for what was before it left the
        # outbox with the transaction that it came with.
        mark_rows(con, "starts_with(user_id, ?)", (SAMPLE_PREFIX,), zone)
        remove_sample(con, _TABLES.values())
    for kind, table in _TABLES.items():
        frame = _frame(read.get(kind))
        _insert(con, table, frame)
        if kind == MODEL_CALL:
            mark_calls(con, frame, zone)
    _complete(con, read.get(ROUTING_PROPENSITY, ()))
    _insert(con, "unread_events", _unread_frame(unread) if unread else None)
    people = {str(payload["user_id"]) for _, payload, _ in events if "user_id" in payload}
    forgotten = [each for each in read.get(PERSON_FORGOTTEN, ()) if isinstance(each, PersonForgotten)]
    erase_forgotten(con, forgotten, people, now, zone)
    return sum(map(len, read.values())), len(unread)


def note(con: DuckDBPyConnection, rows: Sequence[OutboxRow]) -> None:
    """In the ledger: these rows are booked, also if they are found in the outbox once more."""
    _insert(con, "drained", _ledger_frame(rows))


def _mark(row: OutboxRow) -> tuple[int, str]:
    """A row's ledger entry. With the event's id, because SQLite may give a deleted row's id out again."""
    return row.id, str(row.payload.get("event_id", ""))


def _read(events: Sequence[Event], now: datetime) -> tuple[dict[str, list[BaseModel]], list[dict[str, Any]]]:
    """Sort events by their kind, and into those that this release can't read.

    Such an event must neither be lost nor stop those behind it, so it is kept whole.
    """
    read: dict[str, list[BaseModel]] = {}
    unread: list[dict[str, Any]] = []
    for kind, payload, outbox_id in events:
        reason = f"unknown kind {kind}"
        if kind in _ROWS:
            try:
                read.setdefault(kind, []).append(_ROWS[kind].model_validate(payload))
                continue
            except ValidationError as error:
                reason = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        kept = json.dumps(payload, default=str)
        unread.append(
            {"outbox_id": outbox_id, "kind": kind, "payload": kept, "reason": reason, "seen_at": naive_utc(now)}
        )
    return read, unread


def _insert(con: DuckDBPyConnection, table: str, frame: pl.DataFrame | None) -> None:
    # A ready frame goes in at hundreds of thousands of rows a second, executemany at a few hundred.
    if frame is None or frame.is_empty():
        return
    with _batch(con, frame):
        con.execute(f"INSERT INTO {table} BY NAME SELECT * FROM batch")  # noqa: S608 - literals above


def _complete(con: DuckDBPyConnection, told: Sequence[BaseModel]) -> None:
    """Put what is known only later of decisions into their rows, which are there: it was told after them."""
    if not told:
        return
    import polars as pl

    with _batch(con, pl.DataFrame([each.model_dump() for each in told])):
        con.execute(
            "UPDATE routing_decisions SET propensity = batch.propensity FROM batch "
            "WHERE routing_decisions.event_id = batch.event_id"
        )


@contextmanager
def _batch(con: DuckDBPyConnection, frame: pl.DataFrame) -> Iterator[None]:
    """A frame as the table `batch`, within a transaction."""
    con.register("batch", frame)
    yield
    con.unregister("batch")  # after an error DuckDB only takes a rollback, which does the same: no `finally`


def _frame(rows: Sequence[BaseModel] | None) -> pl.DataFrame | None:
    if not rows:
        return None
    import polars as pl  # 0.7 s: kept off the start path

    schema = frame_schema(type(rows[0]))
    values = {name: [getattr(row, name) for row in rows] for name in schema}
    # In time order, so that DuckDB's zone maps can skip what a period does not touch.
    return pl.DataFrame(values, schema=schema).sort("ts")


def _unread_frame(unread: list[dict[str, Any]]) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(unread, infer_schema_length=None)


def _ledger_frame(rows: Sequence[OutboxRow]) -> pl.DataFrame:
    import polars as pl

    marks = [_mark(row) for row in rows]
    return pl.DataFrame(marks, schema={"outbox_id": pl.Int64, "event_id": pl.String}, orient="row")
