from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from data.store import Store
from data.store.engine import make_engine
from data.store.tables import outbox
from data.values.errors import WarehouseError
from data.warehouse.file import open_warehouse
from data.warehouse.writer import Pace, WarehouseWriter
from tests.warehouse.books import NOW, Clock, book, ids_of, some, stored_ids
from tests.warehouse.conftest import StartWriter

ROOT = Path(__file__).resolve().parents[2]
HOLD = "import duckdb, sys; con = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"

MAKE = """
import duckdb, sys
from datetime import UTC, datetime
from pathlib import Path
from data.warehouse.file import open_warehouse
print("ready", flush=True)
open_warehouse(Path(sys.argv[1]), datetime.now(UTC))
sys.stdin.read()
"""


def count(writer: WarehouseWriter) -> int:
    with writer.reader() as cursor:
        row = cursor.execute("SELECT count(*) FROM model_calls").fetchone()
    assert row is not None
    return int(row[0])


def eventually(check: Callable[[], bool], within: float = 10.0) -> None:
    until = time.monotonic() + within
    while not check():
        assert time.monotonic() < until, "did not happen in time"
        time.sleep(0.02)


def test_an_empty_warehouse_answers(writer: WarehouseWriter) -> None:
    assert count(writer) == 0
    assert writer.flush(10)
    status = writer.status()
    assert (status.rows_waiting, status.oldest_waiting, status.last_error) == (0, None, "")
    assert status.last_drained_at == NOW


def test_wake_drains_without_waiting_for_the_poll(store: Store, start_writer: StartWriter) -> None:
    writer = start_writer(store, pace=Pace(poll=60, settle=0.05))
    assert writer.flush(10)
    book(store, some(4))
    time.sleep(0.3)
    assert count(writer) == 0
    writer.wake()
    eventually(lambda: count(writer) == 4)


def test_polls_when_nobody_wakes_it(store: Store, start_writer: StartWriter) -> None:
    writer = start_writer(store, pace=Pace(poll=0.1, settle=0.01))
    assert writer.flush(10)
    book(store, some(4))
    eventually(lambda: count(writer) == 4)


def test_close_drains_what_waits(store: Store, warehouse_path: Path, start_writer: StartWriter) -> None:
    writer = start_writer(store, pace=Pace(poll=60))
    assert writer.flush(10)
    calls = some(6)
    book(store, calls)
    writer.close()
    assert stored_ids(warehouse_path) == ids_of(calls)
    assert not warehouse_path.with_name(warehouse_path.name + ".wal").exists()
    with pytest.raises(WarehouseError), writer.reader():
        pass
    assert not writer.flush(1)


def test_close_before_start_and_twice(store: Store, warehouse_path: Path) -> None:
    writer = WarehouseWriter(warehouse_path, store.outbox)
    writer.close()
    writer.close()
    assert not warehouse_path.exists()


def test_readers_in_many_threads_while_it_writes(store: Store, writer: WarehouseWriter) -> None:
    seen: list[list[int]] = []

    def read() -> None:
        mine = [count(writer) for _ in range(20)]
        seen.append(mine)

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for seed in range(5):
        book(store, some(10, seed))
        writer.wake()
    for thread in threads:
        thread.join()
    assert len(seen) == 6
    assert all(mine == sorted(mine) for mine in seen)
    assert writer.flush(10)
    assert count(writer) == 50


def test_another_process_has_the_file(
    store: Store, warehouse_path: Path, start_writer: StartWriter, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "data.warehouse.writer")
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(warehouse_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    writer = start_writer(store)
    with pytest.raises(WarehouseError, match="Another process") as refused, writer.reader():
        pass
    assert "only one process" in refused.value.remedy
    book(store, some(3))
    assert not writer.flush(10)
    status = writer.status()
    assert "Another process" in status.last_error
    assert (status.rows_waiting, status.last_drained_at) == (3, None)
    assert str(warehouse_path.parent) not in status.last_error + status.remedy
    tried = writer._failures
    eventually(lambda: writer._failures >= tried + 3)
    (said,) = caplog.records
    assert said.exc_info is None
    assert "the other one counts them" in said.getMessage()

    holder.communicate("")
    eventually(lambda: writer.status().last_error == "")
    assert count(writer) == 3
    assert writer.status().rows_waiting == 0
    assert caplog.records[-1].getMessage() == "The usage warehouse is written again."


def test_a_process_that_dies_while_it_makes_the_file_leaves_none_or_a_whole_one(warehouse_path: Path) -> None:
    rng = random.Random(20261128)
    for _ in range(5):
        maker = subprocess.Popen(
            [sys.executable, "-c", MAKE, str(warehouse_path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert maker.stdout is not None
        assert maker.stdout.readline() == b"ready\n"
        time.sleep(rng.uniform(0.0, 0.06))
        maker.kill()
        maker.communicate()
        if warehouse_path.exists():
            open_warehouse(warehouse_path, NOW).close()
            warehouse_path.unlink()
    open_warehouse(warehouse_path, NOW).close()
    assert [path.name for path in warehouse_path.parent.iterdir() if path.is_dir()] == []


@pytest.mark.parametrize("damage", ["not a database", "torn block"])
def test_a_damaged_file(store: Store, warehouse_path: Path, start_writer: StartWriter, damage: str) -> None:
    if damage == "not a database":
        warehouse_path.write_bytes(b"garbage" * 2000)
    else:
        open_warehouse(warehouse_path, NOW).close()
        content = bytearray(warehouse_path.read_bytes())
        content[4096:12288] = b"\xff" * 8192
        warehouse_path.write_bytes(content)
    before = warehouse_path.read_bytes()
    book(store, some(3))
    writer = start_writer(store)
    with pytest.raises(WarehouseError, match="damaged"), writer.reader():
        pass
    status = writer.status()
    assert "damaged" in status.last_error
    assert "warehouse rebuild" in status.remedy
    assert status.rows_waiting == 3
    assert warehouse_path.read_bytes() == before  # evidence, and perhaps repairable: never overwritten

    warehouse_path.unlink()  # what the remedy says
    eventually(lambda: writer.status().last_error == "")
    assert count(writer) == 3


def test_a_newer_schema_is_refused(store: Store, warehouse_path: Path, start_writer: StartWriter) -> None:
    con = open_warehouse(warehouse_path, NOW)
    con.execute("INSERT INTO schema_version VALUES (99, now()::TIMESTAMP)")
    con.close()
    book(store, some(2))
    writer = start_writer(store)
    with pytest.raises(WarehouseError, match="schema 99"), writer.reader():
        pass
    assert writer.status().rows_waiting == 2


def test_a_bad_query_is_told_and_harms_nothing(store: Store, writer: WarehouseWriter) -> None:
    with pytest.raises(WarehouseError, match="no_such_table"), writer.reader() as cursor:
        cursor.execute("SELECT * FROM no_such_table")
    book(store, some(2))
    assert writer.flush(10)
    assert count(writer) == 2


def test_readers_cannot_reach_other_files(writer: WarehouseWriter, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n")
    with pytest.raises(WarehouseError), writer.reader() as cursor:
        cursor.execute(f"SELECT * FROM read_csv('{tmp_path / 'secret.csv'}')").fetchall()


def test_rows_it_cannot_read_are_kept_and_stop_nobody(
    store: Store, sqlite_url: str, start_writer: StartWriter, clock: Clock
) -> None:
    book(store, some(1))
    (good,) = (row.payload for row in store.outbox.batch(1))
    strange: list[tuple[str, dict[str, object]]] = [
        ("from_the_future", {"event_id": "a", "x": 1}),
        ("model_call", {"event_id": "b"}),
        ("model_call", {**good, "event_id": "c", "cost_amount": "NaN"}),
        ("model_call", {**good, "event_id": "d", "ts": "2026-11-23T10:00:00"}),  # no zone: which moment?
        ("model_call", {**good, "event_id": "e", "input_tokens": -1}),
    ]
    engine = make_engine(sqlite_url)
    with engine.begin() as connection:
        rows = [{"kind": kind, "payload": payload, "created_at": clock()} for kind, payload in strange]
        connection.execute(insert(outbox), rows)
    engine.dispose()
    book(store, some(1, seed=2))
    writer = start_writer(store, batch_rows=2)
    assert writer.flush(10)
    assert count(writer) == 2
    with writer.reader() as cursor:
        kept = cursor.execute("SELECT payload->>'event_id', reason FROM unread_events ORDER BY 1").fetchall()
    assert [event_id for event_id, _ in kept] == ["a", "b", "c", "d", "e"]
    assert kept[0][1] == "unknown kind from_the_future"
    assert kept[2][1].startswith("cost_amount")
    assert kept[3][1].startswith("ts")
    assert writer.status().unread_rows == 5
    assert store.outbox.lag() == (0, None)


def test_a_state_database_that_fails_is_told_and_tried_again(
    store: Store, sqlite_url: str, start_writer: StartWriter
) -> None:
    writer = start_writer(store)
    assert writer.flush(10)
    engine = make_engine(sqlite_url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE outbox RENAME TO hidden"))
    assert not writer.flush(10)
    assert count(writer) == 0  # readers don't notice
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE hidden RENAME TO outbox"))
    engine.dispose()
    assert writer.status().last_error
    eventually(lambda: writer.status().last_error == "")


def test_nothing_slow_is_imported_with_it() -> None:
    code = (
        "import sys, core.usage, data.warehouse.writer, pages.usage\n"
        "print(sorted({'duckdb', 'polars', 'pyarrow', 'sqlalchemy', 'pandas'} & set(sys.modules)))"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_amounts_keep_every_digit(store: Store, writer: WarehouseWriter) -> None:
    calls = [call for call in some(50) if call.outcome.cost.amount is not None]
    book(store, calls)
    assert writer.flush(10)
    with writer.reader() as cursor:
        kept = dict(cursor.execute("SELECT event_id, cost_amount FROM model_calls").fetchall())
    assert kept == {call.intent.id: call.outcome.cost.amount for call in calls}


def test_readers_go_on_while_writing_fails(store: Store, writer: WarehouseWriter) -> None:
    assert writer.flush(10)
    with writer.reader() as cursor:
        cursor.execute("DROP TABLE drained")  # stands for anything that makes an insert fail
        cursor.commit()
    book(store, some(2))
    assert not writer.flush(10)
    assert "can't be used" in writer.status().last_error
    assert writer.status().rows_waiting == 2
    with writer.reader() as cursor:
        cursor.execute("CREATE TABLE drained (outbox_id BIGINT NOT NULL, event_id VARCHAR NOT NULL)")
        cursor.commit()
    eventually(lambda: writer.status().last_error == "")
    assert count(writer) == 2
