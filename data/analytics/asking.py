"""Runs a named statement of a report with the parameters that it names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def rows(con: DuckDBPyConnection, statement: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of a statement by the names of its columns.

    Args:
        con: a cursor of the warehouse.
        statement: with `$name` for each parameter.
        parameters: those of the whole report; DuckDB refuses ones that a statement does not name, so they are left out.
    """
    answer = con.execute(statement, {key: value for key, value in parameters.items() if f"${key}" in statement})
    columns = [column[0] for column in answer.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]
