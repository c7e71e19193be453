"""No SQL gets out: not to files, the network, settings, Python or the environment, and it changes nothing."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars
import pytest

from data.query import Queries, QueryError
from data.query.loading import connect, load, lock
from tests.query.conftest import SALES, Canaries
from tests.query.escapes import CANARY, ESCAPES, Escape

WORKING = [each for each in ESCAPES if each.works]
HOST = re.compile(r"/(?:root|home|tmp|usr|opt|work|var|proc|Users)\b")


def _all(found: duckdb.DuckDBPyConnection) -> str:
    return repr((found.description, found.fetchall()))


def test_the_corpus_is_large() -> None:
    assert len(ESCAPES) >= 100
    assert len(WORKING) >= 40
    assert len({each.name for each in ESCAPES}) == len(ESCAPES)


@pytest.mark.parametrize("escape", WORKING, ids=lambda each: each.name)
def test_an_open_duckdb_is_left_this_way(escape: Escape, canaries: Canaries, tmp_path: Path) -> None:
    out = Canaries(canaries.folder, tmp_path, canaries.origin)
    canary_frame = polars.DataFrame({"a": [CANARY]})
    with duckdb.connect() as con:
        con.execute("CREATE TABLE sales AS SELECT 'Bern' AS city, 1 AS amount")
        told = _all(con.execute(out.fill(escape.sql)))
        if "log" in escape.name:
            con.execute("SELECT 1")
    del canary_frame
    assert CANARY in told or out.written()


@pytest.mark.parametrize("escape", ESCAPES, ids=lambda each: each.name)
async def test_nothing_gets_out(escape: Escape, canaries: Canaries, kept_queries: Queries) -> None:
    canary_frame = polars.DataFrame({"a": [CANARY]})
    with pytest.raises(QueryError) as refused:
        await kept_queries.run("ann", [SALES], canaries.fill(escape.sql))
    del canary_frame
    said = refused.value.explain().replace(canaries.fill("{folder}"), "")  # what the statement itself says
    assert CANARY not in said.replace(escape.sql, "")
    assert not HOST.search(said.replace("/proc/", "").replace(canaries.fill("{out}"), ""))
    assert (canaries.written(), canaries.requests) == ([], [])
    after = await kept_queries.run("ann", [SALES], "FROM sales ORDER BY city")
    assert after.rows == (("Bern", 1), ("Rome", 2))


@pytest.fixture(scope="module")
def locked() -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB as the child has it, in this process: without the fence around statements or any of the kernel's."""
    con = connect(2**28)
    load(con, SALES.name, SALES.kind, SALES.read())
    lock(con, 5)
    yield con
    con.close()


@pytest.mark.parametrize("escape", ESCAPES, ids=lambda each: each.name)
def test_duckdbs_own_locks_hold_without_the_other_fences(
    escape: Escape, canaries: Canaries, locked: duckdb.DuckDBPyConnection
) -> None:
    canary_frame = polars.DataFrame({"a": [CANARY]})
    told = ""
    with contextlib.suppress(duckdb.Error):
        told = _all(locked.execute(canaries.fill(escape.sql)))
    del canary_frame
    with contextlib.suppress(duckdb.Error):  # what was only turned on shows at the next statement
        locked.execute("SELECT 1")
    assert CANARY not in told
    assert (canaries.written(), canaries.requests) == ([], [])
