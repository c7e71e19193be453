"""Which SQL is run: one statement that reads the tables that are there, and nothing else.

DuckDB's own settings keep it from files and networks; this is a fence of its own before them, and the one with the
better words. It walks DuckDB's own syntax tree: no second parser that could read a text otherwise.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import duckdb

_QUERY_NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
_TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest", "json_each", "json_tree"})
_NOT_THERE = frozenset(
    {
        *("current_setting", "getenv", "getvariable", "set_config", "write_log", "sleep_ms"),
        *("nextval", "currval", "setval", "json_execute_serialized_sql", "json_serialize_plan", "query", "query_table"),
    }
)
_EXPLAIN = re.compile(r"\s*EXPLAIN(?:\s+ANALYZE)?\s(?!\s*\()", re.IGNORECASE)
_ONLY = "Only a single statement that reads (SELECT, WITH ... SELECT, DESCRIBE, SUMMARIZE, EXPLAIN) is run here."


class NotAllowed(Exception):
    """The statement does something else than reading the tables; the text says what."""


def admit(con: duckdb.DuckDBPyConnection, sql: str, tables: frozenset[str]) -> duckdb.Statement:
    """The one statement in `sql`. `tables` are the names of those that may be read, in lower case.

    Raises:
        NotAllowed: it does more than read them.
        duckdb.Error: it is no SQL.
    """
    statements = con.extract_statements(sql)
    if len(statements) != 1:
        raise NotAllowed(f"There are {len(statements)} statements. {_ONLY}")
    kind = statements[0].type
    if kind == duckdb.StatementType.EXPLAIN:
        inner = _EXPLAIN.sub("", sql, count=1)
        if inner == sql:
            raise NotAllowed("EXPLAIN is run without options, and with nothing before it.")
        _check(_tree(con, inner), tables)
    elif kind == duckdb.StatementType.MULTI:
        raise NotAllowed("PIVOT needs its values named here: PIVOT t ON column IN (value, value) USING sum(x).")
    elif kind == duckdb.StatementType.SELECT:
        _check(_tree(con, sql), tables)
    else:
        raise NotAllowed(f"{kind.name} is not run here. {_ONLY}")
    return statements[0]


def _tree(con: duckdb.DuckDBPyConnection, sql: str) -> dict[str, Any]:
    row = con.execute("SELECT json_serialize_sql(?, skip_null := true, skip_empty := true)", [sql]).fetchone()
    tree: dict[str, Any] = json.loads(row[0]) if row else {"error": True}
    if tree.get("error") or len(tree.get("statements", ())) != 1:
        raise NotAllowed(_ONLY)
    return tree


def _check(tree: dict[str, Any], tables: frozenset[str]) -> None:
    named = tables | frozenset(_with_names(tree))
    for node in _nodes(tree):
        kind = str(node.get("type", ""))
        if kind.endswith("_NODE") and kind not in _QUERY_NODES:
            raise NotAllowed(f"The data can be read and not changed. {_ONLY}")
        if kind == "BASE_TABLE":
            _check_table(node, named, tables)
        elif kind == "TABLE_FUNCTION":
            name = str(node.get("function", {}).get("function_name", "")).lower()
            if name not in _TABLE_FUNCTIONS:
                raise NotAllowed(f"The table function {name} is not there. {_there(tables)}")
        elif kind == "SHOW_REF":
            _check_show(node)
        elif kind == "FUNCTION":
            name = str(node.get("function_name", "")).lower()
            if name in _NOT_THERE or name.startswith("__internal"):
                raise NotAllowed(f"The function {name} is not there.")


def _check_table(node: dict[str, Any], named: frozenset[str], tables: frozenset[str]) -> None:
    name = str(node.get("table_name", ""))
    path = node.get("qualified_name", {}).get("path", [name])
    is_of_the_system = name.lower().startswith(("duckdb_", "pragma_", "sqlite_", "pg_"))
    if len(path) != 1 or name.lower() not in named or (is_of_the_system and name.lower() not in tables):
        raise NotAllowed(f"There is no table {'.'.join(map(str, path))}. {_there(tables)}")


def _check_show(node: dict[str, Any]) -> None:
    special = str(node.get("table_name", "")).strip('"').lower()
    if "query" not in node and special not in {"tables", "__show_tables_expanded"}:
        raise NotAllowed(f"SHOW {special} is not run here; SHOW TABLES and DESCRIBE are.")


def _with_names(tree: dict[str, Any]) -> Iterator[str]:
    for node in _nodes(tree):
        entries = node["cte_map"].get("map", []) if isinstance(node.get("cte_map"), dict) else []
        yield from (str(entry["key"]).lower() for entry in entries)


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object of the tree. Without recursion: a statement can be nested deeper than Python's stack."""
    left = [tree]
    while left:
        each = left.pop()
        if isinstance(each, dict):
            yield each
            left.extend(each.values())
        elif isinstance(each, list):
            left.extend(each)


def _there(tables: frozenset[str]) -> str:
    if not tables:
        return "There are no tables."
    return (
        f"The tables are: {', '.join(sorted(tables))}. Nothing else can be read: no files, no addresses, no settings."
    )
