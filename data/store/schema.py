"""Is this database the one this release was written for?

At start the live schema is compared with the tables. The comparison proper needs Alembic and reflection; once it
found nothing, a fingerprint of the database's own catalogue is kept, and as long as revision, tables and catalogue
stay what they were, one query answers.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, Engine, Table, insert, inspect, select, text, update

from data.store.engine import for_writing
from data.store.failures import translated
from data.store.tables import deployment, metadata
from data.values.errors import SchemaDrift, SchemaNewer

HEAD = "0029"
"""The revision of `data.store.tables`; a test holds it to the newest migration."""

_UPGRADE_SECONDS = 60
"""How long a process waits for another one that is upgrading the database."""

_CATALOGUE = {
    "sqlite": "SELECT coalesce(name || ' ' || sql, name) FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat%' "
    "ORDER BY 1",
    "postgresql": """
        SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default)
        FROM information_schema.columns WHERE table_schema = current_schema()
        UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema()
        UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid))
        FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
        UNION ALL SELECT concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled)
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace
        ORDER BY 1""",
}


def ensure_current(engine: Engine, clock: Callable[[], datetime], *, guards: bool = True) -> str:
    """Bring the database to this release's schema, or refuse it; returns the deployment's id.

    Everything happens in one transaction under the write lock: of several processes starting at once one upgrades
    and the others find it done, and a refused database is left as it was.

    Args:
        engine: to the database.
        clock: returns aware instants.
        guards: whether it is refused without its append-only triggers; only a verification wants to look at it then.

    Raises:
        SchemaNewer: a newer release migrated the database.
        SchemaDrift: its tables are not what its revision says.
        StoreError: the database can't be reached or written.
    """
    with translated():
        with engine.begin() as connection:
            known = _verified(connection)
        if known is not None:
            return known
        with for_writing(engine).connect() as connection:
            connection.detach()  # its patience must not go back into the pool
            _be_patient(connection)
            with connection.begin():
                return _verified(connection) or _upgraded(connection, clock(), guards)


def known_deployment(engine: Engine) -> str | None:
    """The deployment's id, whatever release the database is of; None where Gearbox never kept anything."""
    with translated(), engine.begin() as connection:
        if not inspect(connection).has_table(deployment.name):
            return None
        return connection.execute(select(deployment.c.deployment_id)).scalar()


def _upgraded(connection: Connection, now: datetime, guards: bool) -> str:
    from data.store import migrate

    if unknown := migrate.unknown_revisions(connection):
        raise SchemaNewer(
            f"A newer release of Gearbox migrated this database to revision {', '.join(unknown)}; "
            f"this release knows it up to {HEAD}.",
            "Run the newer release, or restore the backup made before the upgrade.",
        )
    if tables := migrate.unversioned_tables(connection):
        raise SchemaDrift(
            f"This database holds tables named like Gearbox's, but no revision: {', '.join(tables)}.",
            "Point GEARBOX_DATABASE_URL at a database of Gearbox's own.",
        )
    migrate.upgrade(connection)
    if drift := migrate.differences(connection, guards=guards):
        raise SchemaDrift(
            f"The database is not as revision {HEAD} left it: {' '.join(drift)}",
            "Undo the change, or restore a backup; `python -m core doctor` lists the differences.",
        )
    row = connection.execute(select(deployment.c.deployment_id)).first()
    known = str(row[0]) if row else str(uuid.uuid4())
    if row is None:
        connection.execute(insert(deployment).values(id=1, deployment_id=known, created_at=now))
    if guards:  # what was not looked at must not count as found good
        connection.execute(update(deployment).values(schema_fingerprint=_fingerprint(_catalogue(connection))))
    return known


def _verified(connection: Connection) -> str | None:
    """The deployment's id, if this very schema was found good before."""
    catalogue = _catalogue(connection)
    if not all(name in catalogue for name in ("alembic_version", "deployment_id", "schema_fingerprint")):
        return None
    if connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() != [HEAD]:
        return None
    row = connection.execute(select(deployment.c.deployment_id, deployment.c.schema_fingerprint)).first()
    return str(row[0]) if row is not None and row[1] == _fingerprint(catalogue) else None


def _catalogue(connection: Connection) -> str:
    return "\n".join(str(line) for line in connection.execute(text(_CATALOGUE[connection.dialect.name])).scalars())


def _fingerprint(catalogue: str) -> str:
    wanted = [_signature(table) for table in metadata.sorted_tables]
    return hashlib.sha256("\n".join([HEAD, *wanted, catalogue]).encode()).hexdigest()


def _signature(table: Table) -> str:
    columns = (f"{c.name} {c.type!r} {c.nullable} {c.primary_key}" for c in table.columns)
    indexes = sorted(f"{i.name} {[c.name for c in i.columns]} {i.unique}" for i in table.indexes)
    return f"{table.name}: {'; '.join(columns)}; {indexes}"


def _be_patient(connection: Connection) -> None:
    # On the driver's own connection: SQLAlchemy's transaction would begin with the lock that this is to wait for.
    milliseconds = _UPGRADE_SECONDS * 1000
    lite = connection.dialect.name == "sqlite"
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={milliseconds}" if lite else f"SET lock_timeout={milliseconds}")
    cursor.close()
