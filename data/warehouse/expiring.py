"""What a rule of retention would remove: looked at before it is set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from data.values.holds import NOBODY_HELD, Held
from data.values.retention import RetentionRule
from data.warehouse.erasing import outdated
from data.warehouse.file import open_warehouse

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Lend = Callable[[], "AbstractContextManager[DuckDBPyConnection]"]
"""Lends the warehouse for reading. Raises WarehouseError where it can't be read."""


def lent(path: Path, clock: Callable[[], datetime]) -> Lend:
    """The file at `path`, opened anew each time: for a process that does not own it. Raises WarehouseBusy, too."""
    return lambda: closing(open_warehouse(path, clock()))


@dataclass(frozen=True, slots=True)
class Expiring:
    """Rows that go at once.

    Args:
        rows: how many.
        oldest: when the oldest of them is from (UTC); None where there is none.
        held: how many more would go, if they were not on hold.
    """

    rows: int
    oldest: datetime | None
    held: int


def expiring(
    con: DuckDBPyConnection,
    rule: RetentionRule,
    rules: Sequence[RetentionRule],
    held: Held,
    *,
    now: datetime,
    zone: tzinfo,
) -> Expiring:
    """What `rule` removes in the place of the rule for the same rows, beside the others of `rules`."""
    others = [each for each in rules if (each.kind, each.team_id) != (rule.kind, rule.team_id)]
    every = [*others, rule]
    rows, oldest = _counted(con, rule, outdated(rule, every, held, now, zone))
    told, _ = (
        _counted(con, rule, outdated(rule, every, NOBODY_HELD, now, zone)) if held != NOBODY_HELD else (rows, None)
    )
    return Expiring(rows, oldest, told - rows)


def _counted(
    con: DuckDBPyConnection, rule: RetentionRule, which: tuple[str, list[object]] | None
) -> tuple[int, datetime | None]:
    if which is None:
        return 0, None
    where, parameters = which
    query = f"SELECT count(*), min(ts) FROM {rule.kind} WHERE {where}"  # noqa: S608 - ours
    ((rows, oldest),) = con.execute(query, parameters).fetchall()
    return int(rows), None if oldest is None else oldest.replace(tzinfo=UTC)
