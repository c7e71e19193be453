"""Over real HTTP: Gearbox's `/v1/chat/completions` and LiteLLM's proxy, in turn, in front of the same upstream.

Both are whole server processes of one worker, asked by the same client over kept connections. Gearbox does all that it
always does: token, limits, intent and audit committed, key opened in the vault, outcome and usage event committed.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bench.lean_client import Lane, Target
from bench.proxies import gearbox, litellm_proxy
from bench.upstream import CHUNKS, PAUSE

PARALLEL = 16
_WARM = 20


@dataclass
class Way:
    """One way to the upstream, and what was measured of it: milliseconds, and requests a second of each round."""

    target: Target
    batch: int
    firsts: list[float] = field(default_factory=list)
    totals: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    streams: bool = False

    @property
    def first(self) -> float:
        """Median milliseconds to the first token."""
        return statistics.median(self.firsts)

    @property
    def rate(self) -> float:
        """Median requests a second with 16 in parallel."""
        return statistics.median(self.rates)


@contextmanager
def ways(base_url: str, folder: Path, batch: int, *, proxy: bool) -> Iterator[list[Way]]:
    """Direct, Gearbox and, with `proxy`, LiteLLM's, all running."""
    with ExitStack() as stack:
        direct = Target("direct", urlsplit(base_url).port or 0, "bench", "none")
        found = [Way(direct, batch), Way(stack.enter_context(gearbox(base_url, folder / "gearbox")), batch)]
        if proxy:
            slow = max(PARALLEL * 2, batch // 8)
            found.append(Way(stack.enter_context(litellm_proxy(base_url, folder / "litellm")), slow))
        yield found


async def measure(all_ways: Sequence[Way], rounds: int, sequential: int) -> None:
    """All ways in turn, `rounds` times: some calls one after another, then a batch, 16 at a time."""
    lanes = {way.target.name: [Lane() for _ in range(PARALLEL)] for way in all_ways}
    for way in all_ways:
        for _ in range(_WARM):
            await lanes[way.target.name][0].ask(way.target)
        first, total = await lanes[way.target.name][0].ask(way.target, "Count to fifty, slowly.")
        way.streams = total - first > CHUNKS * PAUSE / 2
    for turn in range(rounds):
        for way in [*all_ways[turn % len(all_ways) :], *all_ways[: turn % len(all_ways)]]:
            mine = lanes[way.target.name]
            for _ in range(sequential):
                first, total = await mine[0].ask(way.target)
                way.firsts.append(first * 1000)
                way.totals.append(total * 1000)
            way.rates.append(await _rate(way, mine))
    for lane in [lane for mine in lanes.values() for lane in mine]:
        lane.close()


async def _rate(way: Way, lanes: Sequence[Lane]) -> float:
    left = iter(range(way.batch))

    async def worker(lane: Lane) -> None:
        for _ in left:
            await lane.ask(way.target)

    began = time.perf_counter()
    await asyncio.gather(*map(worker, lanes))
    return way.batch / (time.perf_counter() - began)


def report(all_ways: Sequence[Way]) -> None:
    """Print the table, and what the aims are about."""
    direct, ours, *others = all_ways
    print(
        f"\n{'over HTTP':20}{'first token, ms':>18}{'whole, ms':>12}{'req/s at 16':>14}{'  passes on as it comes':24}"
    )
    for way in all_ways:
        p95 = statistics.quantiles(way.firsts, n=20)[-1] if len(way.firsts) > 1 else way.first
        print(
            f"{way.target.name:20}{way.first:9.2f} ({p95:6.2f}){statistics.median(way.totals):12.2f}{way.rate:14.0f}"
            f"  {'yes' if way.streams else 'NO'}"
        )
    added = ours.first - direct.first
    print(f"Gearbox adds {added:.2f} ms to the first token.")
    for other in others:
        theirs = other.first - direct.first
        pairs = [mine / his for mine, his in zip(ours.rates, other.rates, strict=True)]
        share = added / theirs
        print(
            f"{other.target.name} adds {theirs:.2f} ms: Gearbox {share:.2f} times as much (aim: at most 0.25). "
            f"Gearbox answers {statistics.median(pairs):.1f} times as many requests a second (aim: at least 6; "
            f"rounds {min(pairs):.1f} to {max(pairs):.1f})."
        )
