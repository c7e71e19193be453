"""Alembic, driven from code: upgrade, and compare the live schema with the tables of this release.

Only imported where there is something to do: importing Alembic costs about as much as the rest of opening a store.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from data.store.append_only import unguarded
from data.store.tables import APPEND_ONLY, metadata

_SCRIPTS = Path(__file__).with_name("migrations")


def revisions() -> list[str]:
    """Every revision this release knows, oldest first."""
    return [script.revision for script in reversed(list(_scripts().walk_revisions()))]


def live_revisions(connection: Connection) -> tuple[str, ...]:
    """The revision a database is at: none for one that was never migrated, an unknown one for a newer release's."""
    return tuple(MigrationContext.configure(connection).get_current_heads())


def unknown_revisions(connection: Connection) -> list[str]:
    """Revisions that only a newer release can have left."""
    return sorted(set(live_revisions(connection)) - set(revisions()))


def unversioned_tables(connection: Connection) -> list[str]:
    """Tables called like ours in a database that was never migrated: somebody else's, or a damaged one."""
    if live_revisions(connection):
        return []
    return sorted(set(inspect(connection).get_table_names()) & set(metadata.tables))


def upgrade(connection: Connection, target: str = "head") -> None:
    """Run the migrations up to `target` inside the caller's transaction."""
    scripts = _scripts()

    def steps(revision: Any, context: MigrationContext) -> Any:
        return scripts._upgrade_revs(target, revision)

    with EnvironmentContext(Config(), scripts, fn=steps) as environment:
        environment.configure(connection=connection, target_metadata=metadata)
        environment.run_migrations()


def differences(connection: Connection, *, guards: bool = True) -> list[str]:
    """How the live schema differs from this release's tables, one sentence each; tables of others don't count.

    Args:
        connection: to the database.
        guards: whether missing append-only triggers count.
    """
    context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": _is_ours})
    differing = [sentence for change in compare_metadata(context, metadata) for sentence in _in_words(change)]
    lacking = unguarded(connection, APPEND_ONLY) if guards else []
    return differing + [f"Table {table} lacks its append-only triggers." for table in lacking]


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(_SCRIPTS))


def _is_ours(name: str | None, kind: str, parents: Any) -> bool:
    return kind != "table" or name in metadata.tables


def _in_words(change: Any) -> Iterator[str]:
    if isinstance(change, list):  # several changes of one column
        for one in change:
            yield from _in_words(one)
        return
    match change:
        case ("add_table", table):
            yield f"Table {table.name} is missing."
        case ("add_column", _, table, column):
            yield f"Column {table}.{column.name} is missing."
        case ("remove_column", _, table, column):
            yield f"Column {table}.{column.name} is unknown to this release."
        case ("modify_type", _, table, column, _, live, wanted):
            yield f"Column {table}.{column} has type {live}, not {wanted}."
        case ("modify_nullable", _, table, column, _, live, _):
            yield f"Column {table}.{column} is {'optional' if live else 'required'}; this release expects the opposite."
        case (kind, thing) if kind.startswith("add_"):
            yield f"{_title(kind)} {thing.name} on {thing.table.name} is missing."
        case (kind, thing) if kind.startswith("remove_"):
            yield f"{_title(kind)} {thing.name} on {thing.table.name} is unknown to this release."
        case _:
            yield f"Something else differs: {change[0]}."


def _title(kind: str) -> str:
    return {"index": "Index", "fk": "Foreign key", "constraint": "Constraint"}.get(kind.split("_", 1)[1], "Something")
