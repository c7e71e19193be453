"""Days whose sums are not what the rows are any more: written down in the transaction that changes the rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from data.warehouse.schema import naive_utc

if TYPE_CHECKING:
    import polars as pl
    from duckdb import DuckDBPyConnection

_SOON = timedelta(days=2)
"""Most feedback is given so soon after its answer."""

JUDGED = "coalesce(turn_id, event_id) IN (SELECT turn_id FROM routing_feedback WHERE {which})"
"""Of `model_calls`: calls of answers that this feedback is about."""


def mark(con: DuckDBPyConnection, days: Sequence[date]) -> None:
    """These days are to be summed anew; in the caller's transaction."""
    told = {"days": list(days)}
    con.execute("INSERT INTO dirty_days SELECT unnest($days::DATE[]) AS day EXCEPT SELECT day FROM dirty_days", told)


def mark_calls(con: DuckDBPyConnection, calls: pl.DataFrame | None, zone: tzinfo) -> None:
    """The days of these calls are to be summed anew; in the transaction that adds them."""
    if calls is None or calls.is_empty():
        return
    first, last = calls["ts"].min(), calls["ts"].max()
    assert isinstance(first, datetime) and isinstance(last, datetime)
    days = _days(first, last, zone)
    if len(days) > 1:
        local = {stamp.replace(tzinfo=UTC).astimezone(zone).date() for stamp in calls["ts"].dt.truncate("15m").unique()}
        days = [day for day in days if day in local]
    mark(con, days)


def mark_rows(con: DuckDBPyConnection, where: str, parameters: Sequence[object], zone: tzinfo) -> None:
    """The days of the calls that fit are to be summed anew; in the transaction that removes or changes them.

    Args:
        where: of `model_calls`; values as `?`.
        parameters: of `where`.
    """
    stamps = con.execute(
        f"SELECT DISTINCT time_bucket(INTERVAL 15 MINUTE, ts) FROM model_calls WHERE {where}",  # noqa: S608 - ours
        list(parameters),
    ).fetchall()
    mark(con, sorted({stamp.replace(tzinfo=UTC).astimezone(zone).date() for (stamp,) in stamps}))


def _days(first: datetime, last: datetime, zone: tzinfo) -> list[date]:
    """All days from one naive UTC moment to another."""
    begin, end = (moment.replace(tzinfo=UTC).astimezone(zone).date() for moment in (first, last))
    return [begin + timedelta(days=number) for number in range((end - begin).days + 1)]


def dirty_days(con: DuckDBPyConnection) -> list[date]:
    """What has to be read from the rows, in order."""
    return [day for (day,) in con.execute("SELECT day FROM dirty_days ORDER BY day").fetchall()]


def mark_judged(con: DuckDBPyConnection, shown: pl.DataFrame | None, zone: tzinfo) -> None:
    """The days of the answers that this feedback is about are to be summed anew; in the transaction that adds it.

    Looked for among the calls shortly before it first, as all calls have to be read for the id of a turn.
    """
    if shown is None or shown.is_empty():
        return
    since = shown["ts"].min()
    assert isinstance(since, datetime)
    turns = set(shown["turn_id"].to_list())
    for when in ("ts >= ?", "ts < ?"):
        rows = con.execute(
            "SELECT DISTINCT coalesce(turn_id, event_id), time_bucket(INTERVAL 15 MINUTE, ts) FROM model_calls "  # noqa: S608
            f"WHERE {when} AND coalesce(turn_id, event_id) IN (SELECT unnest(?::VARCHAR[]))",
            [naive_utc(since.replace(tzinfo=UTC)) - _SOON, sorted(turns)],
        ).fetchall()
        mark(con, sorted({stamp.replace(tzinfo=UTC).astimezone(zone).date() for _, stamp in rows}))
        turns -= {turn for turn, _ in rows}
        if not turns:
            return
