"""No SQL gets out: not to files, the network, settings, Python or the environment, and it changes nothing."""

from __future__ import annotations

import contextlib
import random
import re
from pathlib import Path

import duckdb
import polars
import pytest

from data.query import Queries, QueryError
from data.query.loading import connect, load, lock
from tests.query.conftest import SALES, Canaries
from tests.query.escapes import CANARY, ESCAPES, GROUPS, Escape

WORKING = [each for each in ESCAPES if each.works]
HOST = re.compile(r"/(?:root|home|tmp|usr|opt|work|var|proc|Users)\b")


def _all(found: duckdb.DuckDBPyConnection) -> str:
    return repr((found.description, found.fetchall()))


def test_the_corpus_is_large() -> None:
    assert len(ESCAPES) >= 100
    assert len(WORKING) >= 40
    assert len({each.name for each in ESCAPES}) == len(ESCAPES)


def test_an_open_duckdb_is_left_these_ways(canaries: Canaries, tmp_path: Path) -> None:
    canary_frame = polars.DataFrame({"a": [CANARY]})
    for at, escape in enumerate(WORKING):
        out = Canaries(canaries.folder, tmp_path / str(at), canaries.origin)
        out.out.mkdir()
        with duckdb.connect(config={"threads": 1}) as con:
            con.execute("CREATE TABLE sales AS SELECT 'Bern' AS city, 1 AS amount")
            told = _all(con.execute(out.fill(escape.sql)))
        assert CANARY in told or out.written(), escape.name
    del canary_frame


@pytest.mark.parametrize("group", GROUPS)
async def test_nothing_gets_out(group: str, canaries: Canaries, kept_queries: Queries) -> None:
    canary_frame = polars.DataFrame({"a": [CANARY]})
    for escape in GROUPS[group]:
        with pytest.raises(QueryError) as refused:
            pytest.fail(f"{escape.name}: {await kept_queries.run('ann', [SALES], canaries.fill(escape.sql))}")
        said = refused.value.explain().replace(canaries.fill("{folder}"), "")  # what the statement itself says
        assert CANARY not in said.replace(escape.sql, ""), escape.name
        assert not HOST.search(said.replace("/proc/", "").replace(canaries.fill("{out}"), "")), escape.name
        assert (canaries.written(), canaries.requests) == ([], []), escape.name
        after = await kept_queries.run("ann", [SALES], "FROM sales ORDER BY city")
        assert after.rows == (("Bern", 1), ("Rome", 2)), escape.name
    del canary_frame


@pytest.mark.parametrize("group", GROUPS)
def test_duckdbs_own_locks_hold_without_the_other_fences(group: str, canaries: Canaries) -> None:
    """A DuckDB as the child has it, in this process: without the fence around statements or any of the kernel's."""
    canary_frame = polars.DataFrame({"a": [CANARY]})
    con = connect(2**28)
    load(con, SALES.name, SALES.kind, SALES.read())
    lock(con, 5)
    for escape in GROUPS[group]:
        told = ""
        with contextlib.suppress(duckdb.Error):
            told = _all(con.execute(canaries.fill(escape.sql)))
        with contextlib.suppress(duckdb.Error):  # what was only turned on shows at the next statement
            con.execute("SELECT 1")
        assert CANARY not in told, escape.name
        assert (canaries.written(), canaries.requests) == ([], []), escape.name
    con.close()
    del canary_frame


WRAPPINGS = (
    "SELECT * FROM ({})",
    "WITH x AS ({}) SELECT * FROM x",
    "WITH RECURSIVE x AS ({} UNION ALL SELECT * FROM x) FROM x",
    "SELECT 1 WHERE EXISTS ({})",
    "SELECT (SELECT count(*) FROM ({}))",
    "SELECT * FROM sales, LATERAL ({}) AS x",
    "SELECT * FROM sales WHERE city IN (SELECT CAST(x AS VARCHAR) FROM ({}) AS t(x))",
    "{} UNION ALL {}",
    "EXPLAIN ANALYZE {}",
    "DESCRIBE {}",
    "SUMMARIZE {}",
    "/* SELECT 1 */ {} -- FROM sales",
    "{};",
    "SELECT 1; {}",
    "SELECT ARRAY({})",
    "FROM sales LEFT JOIN ({}) AS x ON true",
    "SELECT * FROM ({}) TABLESAMPLE 100%",
    "SELECT list_transform([1], lambda x: (SELECT count(*) FROM ({})))",
)
WRAPPED = [(escape, wrapping) for escape in ESCAPES for wrapping in WRAPPINGS]


async def _nothing_gets_out_of(
    wrapped: list[tuple[Escape, str]], canaries: Canaries, queries: Queries, rng: random.Random
) -> None:
    for escape, wrapping in wrapped:
        inner = canaries.fill(escape.sql).rstrip(";")
        sql = wrapping.replace("{}", inner)
        if rng.random() < 0.3:
            sql = sql.swapcase() if "'" not in sql and '"' not in sql else sql.replace(" ", "\n\t")
        with contextlib.suppress(QueryError):
            got = await queries.run("ann", [SALES], sql)
            assert CANARY not in repr(got).replace(sql, ""), (escape.name, wrapping)
            assert wrapping.startswith(("EXPLAIN", "DESCRIBE")), (escape.name, wrapping)
        assert (canaries.written(), canaries.requests) == ([], []), (escape.name, wrapping)
    assert (await queries.run("ann", [SALES], "FROM sales ORDER BY city")).rows == (("Bern", 1), ("Rome", 2))


async def test_nothing_gets_out_from_inside_other_statements(canaries: Canaries, kept_queries: Queries) -> None:
    rng = random.Random(34)
    await _nothing_gets_out_of(rng.sample(WRAPPED, 150), canaries, kept_queries, rng)


@pytest.mark.campaign
async def test_nothing_gets_out_from_inside_any_statement(canaries: Canaries, kept_queries: Queries) -> None:
    await _nothing_gets_out_of(WRAPPED, canaries, kept_queries, random.Random(35))
