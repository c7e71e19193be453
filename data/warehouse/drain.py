"""One batch from the outbox into DuckDB, exactly once.

The batch and its ledger entries commit in one DuckDB transaction; the outbox rows are deleted after it. A
crash between the two leaves rows that are in both places, and the ledger (`drained`) tells them apart when
they are read again. It holds the ids that may still be in the outbox and nothing else: see
docs/adr/0006-drain-ledger.md for why it is a set and not a high watermark.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from data.values.sample import SAMPLE_PREFIX
from data.warehouse.activity import FlagExposure, SignIn, ToolCall
from data.warehouse.dirty import mark_calls, mark_judged, mark_rows
from data.warehouse.erasing import PersonForgotten, erase_forgotten
from data.warehouse.frames import frame_schema
from data.warehouse.reading import frame_of, texts_at
from data.warehouse.routing import Propensity, RoutingDecision, RoutingFeedback
from data.warehouse.sample import SAMPLE_CLEARED, SampleCleared, remove_sample
from data.warehouse.schema import ModelCall, naive_utc

if TYPE_CHECKING:
    import polars as pl
    from duckdb import DuckDBPyConnection

    from data.values.outbox import OutboxRow

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


_AT_ONCE = (*_TABLES, ROUTING_PROPENSITY)
"""Kinds of which there are many: they are read into columns."""

KINDS = frozenset(_ROWS)
"""That this release reads."""


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
        known = con.execute(
            "SELECT outbox_id, event_id FROM drained WHERE outbox_id BETWEEN ? AND ?", [rows[0].id, rows[-1].id]
        ).fetchall()
        fresh = _unknown(rows, dict(known))
        booked, unread = insert(con, fresh, now, zone)
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


def insert(con: DuckDBPyConnection, events: Sequence[OutboxRow], now: datetime, zone: tzinfo = UTC) -> tuple[int, int]:
    """Events into their tables, within a transaction; how many were booked, and how many could not be read."""
    frames, read, unread = _sorted(con, events, now)
    known_later = frames.pop(ROUTING_PROPENSITY, None)
    if SAMPLE_CLEARED in read:
        # Before the inserts: what is behind it in this batch was seeded after it, for what was before it left the
        # outbox with the transaction that it came with.
        mark_rows(con, "starts_with(user_id, ?)", (SAMPLE_PREFIX,), zone)
        remove_sample(con, _TABLES.values())
    for kind, frame in frames.items():
        # In time order, so that DuckDB's zone maps can skip what a period does not touch.
        _insert(con, _TABLES[kind], frame.sort("ts"))
    mark_calls(con, frames.get(MODEL_CALL), zone)
    mark_judged(con, frames.get(ROUTING_FEEDBACK), zone)
    _complete(con, known_later)
    _insert(con, "unread_events", _unread_frame(unread) if unread else None)
    forgotten = [each for each in read.get(PERSON_FORGOTTEN, ()) if isinstance(each, PersonForgotten)]
    erase_forgotten(con, forgotten, lambda: set(texts_at([row.text for row in events], "user_id")), now, zone)
    return len(events) - len(unread), len(unread)


def note(con: DuckDBPyConnection, rows: Sequence[OutboxRow]) -> None:
    """In the ledger: these rows are booked, also if they are found in the outbox once more."""
    _insert(con, "drained", _ledger_frame(rows))


def _unknown(rows: Sequence[OutboxRow], known: Mapping[int, str]) -> list[OutboxRow]:
    """Those that the ledger does not have. With the event's id: SQLite may give a deleted row's id out again."""
    return [row for row in rows if row.id not in known or known[row.id] != str(row.payload.get("event_id", ""))]


def _sorted(
    con: DuckDBPyConnection, events: Sequence[OutboxRow], now: datetime
) -> tuple[dict[str, pl.DataFrame], dict[str, list[BaseModel]], list[dict[str, Any]]]:
    """Frames of the kinds that there are many of, other events by their kinds, and what can't be read."""
    by_kind: dict[str, list[OutboxRow]] = {}
    for row in events:
        by_kind.setdefault(row.kind, []).append(row)
    frames: dict[str, pl.DataFrame] = {}
    read: dict[str, list[BaseModel]] = {}
    unread: list[dict[str, Any]] = []
    for kind, rows in by_kind.items():
        frame = frame_of(con, _ROWS[kind], [row.text for row in rows]) if kind in _AT_ONCE else None
        if frame is None:
            good, bad = _read(rows, now)
            unread += bad
            if not good:
                continue
            if kind not in _AT_ONCE:
                read[kind] = good
                continue
            frame = _frame(good)
        frames[kind] = frame
    return frames, read, unread


def _read(rows: Sequence[OutboxRow], now: datetime) -> tuple[list[BaseModel], list[dict[str, Any]]]:
    """Events of a kind one by one: those that are sound, and those that this release can't read.

    Such an event must neither be lost nor stop those behind it, so it is kept whole.
    """
    read: list[BaseModel] = []
    unread: list[dict[str, Any]] = []
    for row in rows:
        reason = f"unknown kind {row.kind}"
        if row.kind in _ROWS:
            try:
                read.append(_ROWS[row.kind].model_validate(row.payload))
                continue
            except ValidationError as error:
                reason = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        unread.append(
            {
                "outbox_id": row.id,
                "kind": row.kind,
                "payload": json.dumps(row.payload),
                "reason": reason,
                "seen_at": naive_utc(now),
            }
        )
    return read, unread


def _insert(con: DuckDBPyConnection, table: str, frame: pl.DataFrame | None) -> None:
    # A ready frame goes in at hundreds of thousands of rows a second, executemany at a few hundred.
    if frame is None or frame.is_empty():
        return
    with _batch(con, frame):
        con.execute(f"INSERT INTO {table} BY NAME SELECT * FROM batch")  # noqa: S608 - literals above


def _complete(con: DuckDBPyConnection, told: pl.DataFrame | None) -> None:
    """Put what is known only later of decisions into their rows, which are there: it was told after them."""
    if told is None:
        return
    with _batch(con, told):
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


def _frame(rows: Sequence[BaseModel]) -> pl.DataFrame:
    import polars as pl  # 0.7 s: kept off the start path

    schema = frame_schema(type(rows[0]))
    return pl.DataFrame({name: [getattr(row, name) for row in rows] for name in schema}, schema=schema)


def _unread_frame(unread: list[dict[str, Any]]) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(unread, infer_schema_length=None)


def _ledger_frame(rows: Sequence[OutboxRow]) -> pl.DataFrame:
    import polars as pl

    ids = pl.Series([row.id for row in rows], dtype=pl.Int64)
    return pl.DataFrame({"outbox_id": ids, "event_id": texts_at([row.text for row in rows], "event_id")})
