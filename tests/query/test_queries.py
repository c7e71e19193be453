"""Runaways end, bombs end, killed processes are replaced, and meanwhile the event loop goes on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from _pytest.mark import ParameterSet

from data.query import DataFile, Limits, Queries, QueryError
from tests.query.conftest import SALES

QUICK = replace(Limits(), query_seconds=1.0)
RUNAWAYS = {
    "cross join": "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range % 7 = 3",
    "recursion": "WITH RECURSIVE r AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM r) SELECT max(a) FROM r",
    "range": "SELECT count(*) FROM range(1000000000000)",
    "series": "SELECT sum(x) FROM generate_series(1, 100000000000) t(x)",
    "rows without end": "SELECT range, repeat('x', 500) FROM range(100000000000) WHERE range % 100000000 = 7",
    "long text": "SELECT max(length(replace(repeat('x', 300000000), 'x', 'y')))",
    "hashes": "SELECT count(*) FROM range(10000000000) WHERE md5(range::VARCHAR) = 'x'",
}
BOMBS = {
    "list": "SELECT list_sort(list(range)) FROM range(1000000000)",
    "text": "SELECT length(repeat('x', 4000000000))",
    "padded": "SELECT sum(length(lpad('x', 900000000, 'y'))) FROM range(20)",
    "group": "SELECT count(*) FROM (SELECT range, repeat('x', 1000) AS y FROM range(100000000) GROUP BY ALL)",
    "sort": "SELECT range, repeat('x', 1000) AS x FROM range(100000000) ORDER BY hash(range) LIMIT 1000000",
}


def _long_ones_apart(statements: dict[str, str], *always: str) -> list[ParameterSet]:
    """Each as a parameter; those that are not named in `always` are left to the campaign."""
    return [
        pytest.param(sql, id=name, marks=() if name in always else pytest.mark.campaign)
        for name, sql in statements.items()
    ]


@asynccontextmanager
async def _ticking() -> AsyncIterator[list[float]]:
    """How long each turn of the event loop took, in seconds."""
    gaps: list[float] = []

    async def tick() -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.01)
            gaps.append(time.monotonic() - before)

    ticker = asyncio.create_task(tick())
    yield gaps
    ticker.cancel()


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110  # a thread makes it true
        await asyncio.sleep(0.005)


async def _asked(queries: Queries) -> tuple[object, ...]:
    return (await queries.run("ann", [SALES], "SELECT sum(amount) FROM sales")).rows[0]


async def test_a_runaway_ends_within_five_seconds(kept_queries: Queries) -> None:
    await _asked(kept_queries)  # so that no process is being started meanwhile
    async with _ticking() as gaps:
        begun = time.monotonic()
        with pytest.raises(QueryError, match="longer than 5 s"):
            await kept_queries.run("ann", [SALES], RUNAWAYS["cross join"])
        took = time.monotonic() - begun
    assert took < 8  # five, on a machine with something else to do
    assert len(gaps) > 50
    assert max(gaps) < 2
    assert await _asked(kept_queries) == (3,)


@pytest.mark.parametrize("sql", _long_ones_apart(RUNAWAYS, "recursion", "long text"))
async def test_every_runaway_is_stopped_and_the_next_query_works(sql: str) -> None:
    queries = Queries(QUICK)
    try:
        with pytest.raises(QueryError) as stopped:
            await queries.run("ann", [SALES], sql)
        assert "longer than 1 s" in str(stopped.value) or "memory" in str(stopped.value)
        assert await _asked(queries) == (3,)
    finally:
        queries.close()


@pytest.mark.parametrize("sql", _long_ones_apart(BOMBS, "list", "text"))
async def test_a_memory_bomb_ends_in_words_and_the_next_query_works(sql: str, kept_queries: Queries) -> None:
    with pytest.raises(QueryError, match=r"memory|longer than"):
        await kept_queries.run("ann", [SALES], sql)
    assert await _asked(kept_queries) == (3,)


async def test_a_killed_process_is_replaced(queries: Queries) -> None:
    await _asked(queries)
    (process,) = queries._idle.values()
    running = asyncio.create_task(queries.run("ann", [SALES], RUNAWAYS["recursion"]))
    await _until(lambda: process not in queries._idle.values())
    process.kill()
    with pytest.raises(QueryError, match="ended the process"):
        await running
    assert await _asked(queries) == (3,)


async def test_a_process_that_dies_between_queries_is_replaced(queries: Queries) -> None:
    await _asked(queries)
    (process,) = queries._idle.values()
    process._child.kill()
    process._child.wait()
    assert await _asked(queries) == (3,)


async def test_a_query_that_nobody_waits_for_is_ended(queries: Queries) -> None:
    await _asked(queries)
    (process,) = queries._idle.values()
    running = asyncio.create_task(queries.run("ann", [SALES], RUNAWAYS["recursion"]))
    await _until(lambda: process not in queries._idle.values())
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await asyncio.to_thread(process._child.wait, 10) != 0
    assert await _asked(queries) == (3,)


async def test_many_at_once_each_get_their_own_answer(queries: Queries) -> None:
    async def ask(at: int) -> None:
        mine = DataFile("mine.csv", "csv", f"a\n{at % 3}\n".encode)
        got = await queries.run(f"person {at % 3}", [mine], f"SELECT a, {at} FROM mine")
        assert got.rows == ((at % 3, at),)

    await asyncio.gather(*(ask(at) for at in range(9)))
    assert len(queries._idle) <= Limits().processes


async def test_one_person_cant_fill_the_queue(queries: Queries) -> None:
    asked = [queries.run("ann", [SALES], "FROM sales") for _ in range(Limits().waiting_per_owner + 1)]
    got = await asyncio.gather(*asked, return_exceptions=True)
    assert [str(each) for each in got if isinstance(each, Exception)] == ["Too many queries wait already."]


async def test_nobody_shares_a_process(queries: Queries) -> None:
    await queries.run("ann", [SALES], "FROM sales")
    (anns,) = queries._idle.values()
    await queries.run("bob", [SALES], "FROM sales")
    assert len({each.pid for each in queries._idle.values()}) == 2
    await queries.run("ann", [SALES], "FROM sales")
    assert anns in queries._idle.values()


async def test_idle_processes_end() -> None:
    queries = Queries(replace(Limits(), idle_seconds=0.2))
    await queries.run("ann", [SALES], "FROM sales")
    await _until(lambda: not queries._idle and queries._spare is None)
    assert await _asked(queries) == (3,)
    queries.close()


async def test_results_are_bounded(kept_queries: Queries) -> None:
    limits = Limits()
    many = await kept_queries.run("ann", [SALES], "FROM range(50000)")
    assert (len(many.rows), many.total, many.is_cut) == (limits.rows, 50_000, False)
    more = await kept_queries.run("ann", [SALES], "FROM range(10000000)", rows=5)
    assert (len(more.rows), more.total, more.is_cut) == (5, limits.counted_rows, True)
    wide = await kept_queries.run("ann", [SALES], "SELECT repeat('x', 1000000)")
    assert wide.rows == (("x" * limits.cell_chars + " [cut]",),)
    heavy = await kept_queries.run("ann", [SALES], "SELECT repeat('x', 1900) FROM range(1000)")
    assert 500 < len(heavy.rows) < 600
    assert heavy.total == 1000
    columns = ", ".join(f"{at} AS c{at}" for at in range(600))
    assert len((await kept_queries.run("ann", [SALES], f"SELECT {columns}")).columns) == limits.columns
    with pytest.raises(QueryError, match="20,000 characters"):
        await kept_queries.run("ann", [SALES], "SELECT " + "1 + " * 6000 + "1")


async def test_values_that_json_has_no_form_for_are_text(kept_queries: Queries) -> None:
    got = await kept_queries.run(
        "ann",
        [SALES],
        "SELECT 1.50::DECIMAL(9,2), DATE '2024-02-29', TIMESTAMPTZ '2024-01-01 10:00+00', [1, NULL], {'a': 1}, "
        "'nan'::DOUBLE, 9007199254740993, 'x'::BLOB, NULL, true, 1.5::DOUBLE, INTERVAL 3 DAY, TIME '10:00', "
        "1 AS a, 2 AS a",
    )
    assert got.rows == (
        ("1.50", "2024-02-29", "2024-01-01 10:00:00+00", "[1, NULL]", "{'a': 1}", "nan", "9007199254740993", "x", None,
         True, 1.5, "3 days", "10:00:00", 1, 2),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT nothing FROM sales", "nothing"),
        ("SELEC 1", "syntax error"),
        ("", "0 statements"),
        ("SELECT 1; SELECT 2", "2 statements"),
        ("FROM elsewhere", "The tables are: sales"),
        ("PIVOT sales ON city USING sum(amount)", "ON column IN"),
        ("SELECT " + "(" * 3000 + "1" + ")" * 3000, "depth"),
        ("SELECT " + "1 + " * 600 + "1", "deep"),
        ("SELECT ?", "parameters"),
        ("SELECT 'x\udcff'", "."),
    ],
    ids=["column", "syntax", "nothing", "two", "table", "pivot", "deep", "long", "parameter", "surrogate"],
)
async def test_what_is_wrong_is_said(sql: str, said: str, kept_queries: Queries) -> None:
    with pytest.raises(QueryError) as wrong:
        await kept_queries.run("ann", [SALES], sql)
    assert said in str(wrong.value)
    assert "LINE" not in str(wrong.value)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT city FROM sales ORDER BY amount DESC -- the largest",
        "WITH a AS (FROM sales), b AS (FROM a) SELECT city FROM b ORDER BY amount DESC;",
        "SELECT city FROM Sales s WHERE amount = (SELECT max(amount) FROM sales) UNION ALL SELECT 'Bern'",
        "EXPLAIN SELECT * FROM sales",
        "EXPLAIN ANALYZE SELECT * FROM sales",
        "DESCRIBE sales",
        "SUMMARIZE sales",
        "SHOW TABLES",
        "PIVOT sales ON city IN ('Bern', 'Rome') USING sum(amount)",
        "SELECT unnest([1, 2]), x FROM generate_series(1, 2) t(x)",
    ],
)
async def test_what_reads_is_run(sql: str, kept_queries: Queries) -> None:
    got = await kept_queries.run("ann", [SALES], sql)
    assert got.rows
    if got.columns[0][0] == "city" and len(got.columns) == 1:
        assert got.rows == (("Rome",), ("Bern",))
