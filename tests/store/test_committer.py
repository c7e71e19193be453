from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from data.store.audit_chain import ChainWriter
from data.store.committer import GroupCommitter
from data.store.engine import create_file, make_engine, sqlite_path
from data.values.errors import StoreError


def idle_chain() -> ChainWriter:
    """A chain that these tests append nothing to."""
    return ChainWriter("nobody:1:test", "deployment", lambda: datetime.now(UTC))


@pytest.fixture
def engine(store_url: str) -> Iterator[Engine]:
    if (path := sqlite_path(store_url)) is not None:
        create_file(path)
    made = make_engine(store_url, patience=0.3)
    with made.begin() as connection:
        connection.execute(text("CREATE TABLE jobs (name TEXT PRIMARY KEY)"))
        connection.execute(text("CREATE TABLE late (job TEXT REFERENCES jobs (name) DEFERRABLE INITIALLY DEFERRED)"))
    yield made
    made.dispose()


@pytest.fixture
def committer(engine: Engine) -> Iterator[GroupCommitter]:
    made = GroupCommitter(engine, idle_chain())
    yield made
    made.close()


def add(name: str) -> Callable[[Connection], str]:
    def work(connection: Connection) -> str:
        connection.execute(text("INSERT INTO jobs VALUES (:name)"), {"name": name})
        return name

    return work


def seen(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.execute(text("SELECT name FROM jobs")).scalars())


class Gate:
    """A job that holds the writer inside its transaction until it is let go, so that others gather behind it."""

    def __init__(self, committer: GroupCommitter) -> None:
        self._inside, self._open = threading.Event(), threading.Event()
        self.future = committer.submit(self._work)
        assert self._inside.wait(10)

    def _work(self, connection: Connection) -> None:
        add("gate")(connection)
        self._inside.set()
        assert self._open.wait(10)

    def open(self) -> None:
        self._open.set()


def test_a_hundred_concurrent_writes_share_one_transaction(engine: Engine, committer: GroupCommitter) -> None:
    gate = Gate(committer)
    futures: list[Future[str]] = []
    threads = [
        threading.Thread(target=lambda n=n: futures.append(committer.submit(add(f"job-{n}")))) for n in range(100)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    gate.open()

    assert {future.result(10) for future in futures} == {f"job-{n}" for n in range(100)}
    assert seen(engine) == {f"job-{n}" for n in range(100)} | {"gate"}
    assert committer.transactions == 2


def test_a_failing_job_fails_alone_and_leaves_nothing(engine: Engine, committer: GroupCommitter) -> None:
    def broken(connection: Connection) -> None:
        add("half")(connection)
        raise LookupError("on purpose")

    gate = Gate(committer)
    before = committer.submit(add("before"))
    failing, duplicate = committer.submit(broken), committer.submit(add("before"))
    after = committer.submit(add("after"))
    gate.open()

    assert (before.result(10), after.result(10)) == ("before", "after")
    with pytest.raises(LookupError, match="on purpose"):
        failing.result(10)
    with pytest.raises(IntegrityError):
        duplicate.result(10)
    assert seen(engine) == {"gate", "before", "after"}
    assert committer.transactions == 2


def test_a_future_resolves_only_after_others_can_see_the_write(engine: Engine, committer: GroupCommitter) -> None:
    gate = Gate(committer)
    seen_at_resolution: list[set[str]] = []
    gate.future.add_done_callback(lambda _: seen_at_resolution.append(seen(engine)))
    assert not gate.future.done()
    assert seen(engine) == set()
    gate.open()

    gate.future.result(10)
    committer.run(add("next"))  # the callback runs on the writer thread: by now it is through
    assert seen_at_resolution == [{"gate"}]


def test_when_commit_fails_every_future_fails_and_the_writer_lives_on(
    engine: Engine, committer: GroupCommitter
) -> None:
    def dangling(connection: Connection) -> None:
        connection.execute(text("INSERT INTO late VALUES ('nobody')"))

    gate = Gate(committer)
    innocent, guilty = committer.submit(add("innocent")), committer.submit(dangling)
    gate.open()

    for future in (innocent, guilty):
        with pytest.raises(IntegrityError):
            future.result(10)
    assert committer.run(add("later")) == "later"
    assert seen(engine) == {"gate", "later"}


def test_a_write_waits_for_another_writer(engine: Engine, committer: GroupCommitter) -> None:
    other = GroupCommitter(engine, idle_chain())
    gate = Gate(other)
    waiting = committer.submit(add("mine"))
    threading.Timer(0.6, gate.open).start()  # longer than one attempt is patient, shorter than all of them

    assert waiting.result(10) == "mine"
    other.close()
    assert seen(engine) == {"gate", "mine"}


def test_a_database_that_stays_locked_is_an_error_in_words(engine: Engine, committer: GroupCommitter) -> None:
    other = GroupCommitter(engine, idle_chain())
    gate = Gate(other)
    with pytest.raises(StoreError, match="locked by another program") as caught:
        committer.submit(add("mine")).result(20)
    gate.open()
    other.close()

    assert caught.value.remedy
    assert committer.run(add("mine")) == "mine"


def test_closing_writes_what_waits_and_takes_no_more(engine: Engine) -> None:
    committer = GroupCommitter(engine, idle_chain())
    gate = Gate(committer)
    futures = [committer.submit(add(f"job-{n}")) for n in range(300)]
    threading.Timer(0.1, gate.open).start()
    committer.close()

    assert all(future.done() for future in futures)
    assert len(seen(engine)) == 301
    with pytest.raises(StoreError, match="closed"):
        committer.submit(add("too late"))
    committer.close()


def test_a_cancelled_write_does_not_happen(engine: Engine, committer: GroupCommitter) -> None:
    gate = Gate(committer)
    unwanted = committer.submit(add("unwanted"))
    assert unwanted.cancel()
    gate.open()
    committer.run(add("wanted"))
    assert seen(engine) == {"gate", "wanted"}


def test_a_write_that_waits_for_a_write_is_refused_instead_of_hanging(committer: GroupCommitter) -> None:
    with pytest.raises(RuntimeError, match="wait for itself"):
        committer.submit(lambda connection: committer.run(add("inner"))).result(10)


def test_a_lost_connection_is_replaced_and_the_jobs_run_again(postgresql_url: str) -> None:
    engine = make_engine(postgresql_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE jobs (name TEXT PRIMARY KEY)"))
    attempts: list[int] = []

    def cut_off_once(connection: Connection) -> None:
        add("survivor")(connection)
        attempts.append(1)
        if len(attempts) == 1:
            connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    committer = GroupCommitter(engine, idle_chain())
    committer.run(cut_off_once)
    committer.close()
    assert len(attempts) == 2
    assert seen(engine) == {"survivor"}
    engine.dispose()


def test_a_full_disk_is_an_error_in_words(sqlite_url: str) -> None:
    path = sqlite_path(sqlite_url)
    assert path is not None
    create_file(path)
    engine = make_engine(sqlite_url)

    def too_much(connection: Connection) -> None:
        # SQLite's own limit on the file's size fails as a full disk does: the whole transaction is rolled back.
        connection.exec_driver_sql("PRAGMA max_page_count=20")
        connection.execute(text("CREATE TABLE big (x BLOB)"))
        connection.execute(text("INSERT INTO big VALUES (zeroblob(1000000))"))

    committer = GroupCommitter(engine, idle_chain())
    with pytest.raises(StoreError, match="disk is full"):
        committer.run(too_much)
    committer.close()
    engine.dispose()
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    connection.close()
