from __future__ import annotations

import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, inspect, text

from data.store import OwnerId, SchemaState, describe_drift, migrate, open_store, schema_state
from data.store.engine import create_file, make_engine, sqlite_path
from data.store.schema import HEAD
from data.values.errors import SchemaDrift, SchemaNewer, StoreError

REPOSITORY = Path(__file__).parents[2]

OPEN = """
import sys
from data.store import OwnerId, open_store
store = open_store(sys.argv[1], owner=OwnerId.current())
print(store.deployment_id, "alembic" in sys.modules)
store.close()
"""


@pytest.fixture
def engine(store_url: str) -> Iterator[Engine]:
    if (path := sqlite_path(store_url)) is not None:
        create_file(path)
    made = make_engine(store_url)
    yield made
    made.dispose()


def change(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def content(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    with engine.connect() as connection:
        return {
            name: sorted(tuple(row) for row in connection.execute(text(f"SELECT * FROM {name}")))
            for name in inspect(connection).get_table_names()
        }


def shape(connection: Connection) -> dict[str, list[str]]:
    looked = inspect(connection)
    return {name: [column["name"] for column in looked.get_columns(name)] for name in looked.get_table_names()}


def open_and_close(url: str) -> str:
    store = open_store(url, owner=OwnerId.current())
    store.close()
    return store.deployment_id


def test_head_is_the_newest_migration() -> None:
    assert migrate.revisions()[-1] == HEAD


def test_the_migrations_make_exactly_this_releases_tables(store_url: str) -> None:
    assert schema_state(store_url) is SchemaState.ABSENT
    deployment = open_and_close(store_url)
    assert describe_drift(store_url) == []
    assert schema_state(store_url) is SchemaState.CURRENT
    assert open_and_close(store_url) == deployment


def test_an_older_database_is_upgraded_with_its_rows(store_url: str, engine: Engine) -> None:
    with engine.begin() as connection:
        migrate.upgrade(connection, "0001")
    change(engine, "INSERT INTO users VALUES ('ann', 'Ann', '2026-01-01 00:00:00')")
    assert describe_drift(store_url) == []
    assert schema_state(store_url) is SchemaState.OLDER

    open_and_close(store_url)
    assert schema_state(store_url) is SchemaState.CURRENT
    assert [row[:2] for row in content(engine)["users"]] == [("ann", "Ann")]


def test_a_newer_database_is_refused_and_left_alone(store_url: str, engine: Engine) -> None:
    open_and_close(store_url)
    change(engine, "UPDATE alembic_version SET version_num = '9999'", "ALTER TABLE users ADD COLUMN shoe_size TEXT")
    before = content(engine)

    with pytest.raises(SchemaNewer, match="9999") as caught:
        open_and_close(store_url)
    assert caught.value.remedy
    assert content(engine) == before
    assert describe_drift(store_url) == ["It was migrated to revision 9999 by a newer release."]
    assert schema_state(store_url) is SchemaState.REFUSED


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("ALTER TABLE users ADD COLUMN shoe_size TEXT", "Column users.shoe_size is unknown to this release."),
        ("ALTER TABLE users DROP COLUMN display_name", "Column users.display_name is missing."),
        ("ALTER TABLE deployment DROP COLUMN schema_fingerprint", "Column deployment.schema_fingerprint is missing."),
        ("DROP TABLE model_listings", "Table model_listings is missing."),
        ("DROP INDEX ix_turns_conversation_id", "Index ix_turns_conversation_id on turns is missing."),
        ("CREATE INDEX mine ON users (created_at)", "Index mine on users is unknown to this release."),
    ],
)
def test_a_drifted_database_is_refused_and_the_difference_named(
    store_url: str, engine: Engine, statement: str, sentence: str
) -> None:
    open_and_close(store_url)
    change(engine, statement)

    with pytest.raises(SchemaDrift) as caught:
        open_and_close(store_url)
    assert sentence in str(caught.value)
    assert describe_drift(store_url) == [sentence]
    assert schema_state(store_url) is SchemaState.REFUSED


def test_a_changed_type_is_drift(postgresql_url: str) -> None:
    open_and_close(postgresql_url)
    engine = make_engine(postgresql_url)
    change(
        engine, "ALTER TABLE messages ALTER COLUMN seq TYPE text", "ALTER TABLE users ALTER display_name DROP NOT NULL"
    )
    assert describe_drift(postgresql_url) == [
        "Column messages.seq has type TEXT, not INTEGER.",
        "Column users.display_name is optional; this release expects the opposite.",
    ]
    with pytest.raises(SchemaDrift):
        open_and_close(postgresql_url)
    engine.dispose()


def test_somebody_elses_database_is_refused_and_left_alone(store_url: str, engine: Engine) -> None:
    change(engine, "CREATE TABLE users (name TEXT)")
    with pytest.raises(SchemaDrift, match="no revision: users"):
        open_and_close(store_url)
    assert content(engine) == {"users": []}


def test_tables_of_others_beside_ours_do_not_matter(store_url: str, engine: Engine) -> None:
    change(engine, "CREATE TABLE guestbook (name TEXT)")
    open_and_close(store_url)
    change(engine, "ALTER TABLE guestbook ADD COLUMN said TEXT")
    open_and_close(store_url)
    assert describe_drift(store_url) == []


def test_an_upgrade_that_fails_leaves_nothing_behind(store_url: str, engine: Engine) -> None:
    with engine.begin() as connection:
        migrate.upgrade(connection, "0001")
        before = shape(connection)
    # The last step of 0002 can't be done, after its first ones were.
    change(engine, "CREATE INDEX ix_calls_open ON calls (started_at)")
    with pytest.raises(Exception, match="ix_calls_open"):
        open_and_close(store_url)
    with engine.connect() as connection:
        assert shape(connection) == before
        assert migrate.live_revisions(connection) == ("0001",)


def test_processes_that_start_at_once_agree(store_url: str) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN, store_url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=REPOSITORY
        )
        for _ in range(3)
    ]
    results = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], results
    assert len({out.split()[0] for out, _ in results}) == 1
    assert describe_drift(store_url) == []


def test_opening_a_known_database_needs_no_alembic(store_url: str) -> None:
    command = [sys.executable, "-c", OPEN, store_url]
    first, second = (
        subprocess.run(command, capture_output=True, text=True, check=True, cwd=REPOSITORY).stdout.split()
        for _ in range(2)
    )
    assert first[0] == second[0]
    assert (first[1], second[1]) == ("True", "False")


def test_a_new_sqlite_database_is_readable_by_its_owner_only(sqlite_url: str) -> None:
    path = sqlite_path(sqlite_url)
    assert path is not None
    store = open_store(sqlite_url, owner=OwnerId.current())
    store.users.ensure("ann", "Ann")
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {path.name: 0o600, f"{path.name}-wal": 0o600, f"{path.name}-shm": 0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    store.close()


def test_sqlite_is_set_up_to_lose_nothing(sqlite_url: str) -> None:
    open_and_close(sqlite_url)
    engine = make_engine(sqlite_url)
    names = ("journal_mode", "synchronous", "foreign_keys")
    with engine.connect() as connection:
        pragmas = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]
    assert pragmas == ["wal", 2, 1]
    engine.dispose()


def test_looking_does_not_create_a_database(sqlite_url: str) -> None:
    assert describe_drift(sqlite_url) == []
    assert schema_state(sqlite_url) is SchemaState.ABSENT
    path = sqlite_path(sqlite_url)
    assert path is not None
    assert not path.exists()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql+psycopg://ann:hunter2@127.0.0.1:1/gearbox", "can't be reached"),
        ("mysql://ann:hunter2@127.0.0.1/gearbox", "can't use"),
        ("ann:hunter2@127.0.0.1/gearbox", "not a database URL"),
        ("sqlite://", "can't use"),
    ],
)
def test_a_useless_url_is_an_error_in_words_without_its_password(url: str, words: str) -> None:
    with pytest.raises(StoreError, match=words) as caught:
        open_and_close(url)
    assert caught.value.remedy
    assert "hunter2" not in f"{caught.value!r} {caught.value.explain()} {caught.value.__cause__}"


def test_a_missing_postgresql_database_is_named_as_the_fault(postgresql: str) -> None:
    with pytest.raises(StoreError, match="does not exist"):
        open_and_close(postgresql.replace("/postgres?", "/nowhere?"))


def test_files_that_are_no_database_are_errors_in_words(tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("dear diary " * 100)
    with pytest.raises(StoreError, match="not a database"):
        open_and_close(f"sqlite:///{note}")
    with pytest.raises(StoreError, match="can't be created"):
        open_and_close(f"sqlite:///{note / 'gearbox.db'}")
    assert note.read_text().startswith("dear diary")
