"""The parts of the benchmark over HTTP, with a few requests and without LiteLLM's proxy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.gateway import upstream
from bench.lean_client import Target
from bench.served import Way, measure, report


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with upstream() as base_url:
        yield int(base_url.rpartition(":")[2].removesuffix("/v1"))


async def test_each_way_is_measured_in_turn_and_reported(port: int, capsys: pytest.CaptureFixture[str]) -> None:
    ways = [Way(Target(name, port, "bench", "none"), 5) for name in ("direct", "Gearbox", "LiteLLM's proxy")]
    await measure(ways, rounds=2, sequential=3)
    for way in ways:
        assert (len(way.firsts), len(way.totals), len(way.rates)) == (6, 6, 2)
        assert way.first > 0 and way.rate > 0
        assert way.streams
    ways[1].firsts, ways[2].firsts = [value + 1 for value in ways[0].firsts], [value + 8 for value in ways[0].firsts]
    report(ways)
    said = capsys.readouterr().out
    assert "Gearbox adds 1.00 ms" in said
    assert "0.12 times as much" in said
