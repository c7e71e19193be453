"""What the gateway costs: in one process, and over HTTP beside LiteLLM's proxy (see `bench.served`).

`uv run python -m bench.gateway` runs the variants in turn, over and over, because the machine is noisy, and prints
medians as ratios to the direct calls. In one process: direct to an instant upstream, through the gateway, with attempts
above it, through litellm. The gateway's variants include everything that a call does: the intent
committed to a SQLite file, the key opened by the vault, the answer parsed, the outcome and the usage event committed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

import httpx

from bench import served
from bench.upstream import CHUNKS
from core.config import Settings, load_settings
from core.providers.attempts import Attempts, Candidate
from core.providers.direct_transport import DirectTransport
from core.providers.gateway import Gateway, StoreBooking
from core.providers.keys import key_for_call
from core.providers.litellm_transport import LitellmTransport
from core.providers.openai_wire import request_body
from core.providers.request import ModelRequest
from core.vault import Vault
from data.store import OwnerId, Store, open_store
from data.values.actor import Actor
from data.values.calls import CallIntent, KeyOwner
from data.values.events import AttemptEvent, Delta, TextDelta
from data.values.models import Endpoint, EndpointKind, Model, Wire
from data.values.money import TokenPrice

USER = "bench"
ACTOR = Actor(USER, frozenset())
PARALLEL = 16

# Seconds to the first token and to the end of one call.
Call = Callable[[], Awaitable[tuple[float, float]]]


@dataclass
class Variant:
    """One way to the upstream, and what was measured of it."""

    name: str
    call: Call
    batch: int
    firsts: list[float] = field(default_factory=list)
    totals: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)


@contextlib.contextmanager
def upstream() -> Iterator[str]:
    """A running upstream; yields its base URL."""
    command = [sys.executable, "-m", "bench.upstream"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        finally:
            process.stdin.close()


def _request(endpoint: Endpoint) -> ModelRequest:
    price = TokenPrice(Decimal("0.000002"), Decimal("0.000008"), Decimal("0.000001"), "bench")
    model = Model("openai", "bench", "Bench", price=price)
    return ModelRequest(endpoint, model, ({"role": "user", "content": "Count to fifty, please."},))


def direct_call(client: httpx.AsyncClient, endpoint: Endpoint) -> Call:
    """Plain httpx and a line split: the least that any client does."""
    body = request_body(_request(endpoint))
    url = f"{endpoint.base_url}/chat/completions"

    async def call() -> tuple[float, float]:
        began = time.perf_counter()
        first, words = 0.0, 0
        async with client.stream("POST", url, json=body) as response:
            async for line in response.aiter_lines():
                if line.startswith("data: ") and '"content":"word' in line:
                    words += 1
                    first = first or time.perf_counter() - began
        assert words == CHUNKS
        return first, time.perf_counter() - began

    return call


def gateway_call(gateway: Gateway, endpoint: Endpoint, store: Store, attempts: Attempts | None = None) -> Call:
    """One booked call, as the product makes it where the attempts are given."""
    request, booking = _request(endpoint), StoreBooking(store)

    def stream(intent: CallIntent) -> AsyncGenerator[Delta, None] | AsyncGenerator[Delta | AttemptEvent, None]:
        if attempts is None:
            return gateway.stream(request, intent, booking)
        return attempts.stream((Candidate(request, intent),), booking)

    async def call() -> tuple[float, float]:
        began = time.perf_counter()
        first, words = 0.0, 0
        intent = CallIntent(
            uuid.uuid4().hex,
            ACTOR,
            "openai",
            "bench",
            datetime.now(UTC),
            endpoint.id,
            key_owner=KeyOwner.USER,
            secret_id=endpoint.secret_id,
        )
        async with contextlib.aclosing(stream(intent)) as deltas:
            async for delta in deltas:
                if isinstance(delta, TextDelta):
                    words += 1
                    first = first or time.perf_counter() - began
        assert words == CHUNKS
        return first, time.perf_counter() - began

    return call


async def measure(variants: list[Variant], rounds: int, sequential: int) -> None:
    """All variants in turn, `rounds` times: some calls one after another, then a batch, 16 at a time."""
    for variant in variants:  # connections, caches and lazy imports
        for _ in range(5):
            await variant.call()
    for turn in range(rounds):
        for variant in variants[turn % len(variants) :] + variants[: turn % len(variants)]:
            for _ in range(sequential):
                first, total = await variant.call()
                variant.firsts.append(first * 1000)
                variant.totals.append(total * 1000)
            variant.rates.append(await _rate(variant))


async def _rate(variant: Variant) -> float:
    left = iter(range(variant.batch))

    async def worker() -> None:
        for _ in left:
            await variant.call()

    began = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(PARALLEL)))
    return variant.batch / (time.perf_counter() - began)


def commit_ms(store: Store, endpoint: Endpoint, count: int = 50) -> list[float]:
    """Milliseconds of each of `count` commits through the store with one waiting caller."""
    times = []
    for _ in range(count):
        now = datetime.now(UTC)
        intent = CallIntent(uuid.uuid4().hex, ACTOR, "openai", "bench", now, endpoint.id)
        began = time.perf_counter()
        store.calls.intend(intent).result()
        times.append((time.perf_counter() - began) * 1000)
    return times


def fsync_ms(folder: Path, count: int = 50) -> float:
    """Median milliseconds of writing 4 KiB and fsync on that disk."""
    times = []
    with (folder / "fsync.probe").open("wb", buffering=0) as probe:
        for _ in range(count):
            probe.write(b"x" * 4096)
            began = time.perf_counter()
            os.fsync(probe.fileno())
            times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def report(variants: list[Variant], commits: list[float], fsync: float) -> None:
    base = variants[0]
    print(f"\n{'':28}{'first token, ms':>20}{'whole answer, ms':>22}{'at 16 in parallel':>24}")
    print(f"{'':28}{'median':>10}{'p95':>10}{'median':>12}{'p95':>10}{'req/s':>14}{'ratio':>10}")
    for variant in variants:
        first, total, rate = (statistics.median(each) for each in (variant.firsts, variant.totals, variant.rates))
        ratio = rate / statistics.median(base.rates)
        print(
            f"{variant.name:28}{first:10.2f}{_p95(variant.firsts):10.2f}{total:12.2f}{_p95(variant.totals):10.2f}"
            f"{rate:14.0f}{ratio:9.0%}"
        )
    commit = statistics.median(commits)
    print(f"\none commit through the store, one waiting caller: median {commit:.2f} ms, p95 {_p95(commits):.2f} ms")
    print(f"one fsync of 4 KiB on the same disk: median {fsync:.2f} ms")
    for variant in variants[1:]:
        added = statistics.median(variant.firsts) - statistics.median(base.firsts)
        print(
            f"{variant.name}: adds {added:.2f} ms to the first token, {added - commit:.2f} ms beside the commit; "
            f"the whole answer takes {statistics.median(variant.totals) / statistics.median(base.totals):.1f}x"
        )


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


async def run(base_url: str, store: Store, vault: Vault, options: argparse.Namespace) -> list[Variant]:
    card = vault.put(
        ACTOR, KeyOwner.USER, USER, provider="openai", origin=base_url[: -len("/v1")], plaintext="sk-" + "b" * 48
    )
    secret_id = card.binding.secret_id
    endpoint = Endpoint("e1", "openai", "Bench", EndpointKind.PROVIDER, Wire.OPENAI, base_url, secret_id)
    other = Endpoint("e2", "openai", "Bench", EndpointKind.PROVIDER, Wire.LITELLM, base_url, secret_id)
    lite = LitellmTransport()
    gateway = Gateway(
        {Wire.OPENAI: DirectTransport(), Wire.LITELLM: lite},
        partial(key_for_call, vault),
    )
    attempts = Attempts(gateway)
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        variants = [
            Variant("direct (httpx)", direct_call(client, endpoint), options.batch),
            Variant("gateway, direct transport", gateway_call(gateway, endpoint, store), options.batch),
            Variant("the same with attempts", gateway_call(gateway, endpoint, store, attempts), options.batch),
        ]
        if not options.no_litellm:
            await lite.warm()
            variants.append(
                Variant("gateway, litellm", gateway_call(gateway, other, store), max(PARALLEL * 2, options.batch // 8))
            )
        await measure(variants, options.rounds, options.sequential)
    await gateway.aclose()
    return variants


def inside(base_url: str, folder: Path, options: argparse.Namespace) -> None:
    """The gateway in this process."""
    settings = Settings(home=folder, kek_source="file")
    store = open_store(settings.store_url, owner=OwnerId.current())
    try:
        store.users.ensure(USER, "Bench")
        vault = Vault.open_or_create(store, settings, lambda: datetime.now(UTC), keyring=lambda: None)
        endpoint = Endpoint("e0", "openai", "Bench", EndpointKind.PROVIDER, Wire.OPENAI, base_url)
        commits = commit_ms(store, endpoint)
        variants = asyncio.run(run(base_url, store, vault, options))
        commits += commit_ms(store, endpoint)
        report(variants, commits, fsync_ms(folder))
    finally:
        store.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--sequential", type=int, default=20, help="calls one after another, each round")
    parser.add_argument("--batch", type=int, default=256, help="calls 16 at a time, each round")
    parser.add_argument("--no-litellm", action="store_true", help="not the litellm library, in this process")
    parser.add_argument("--no-proxy", action="store_true", help="not LiteLLM's proxy, as a server")
    parser.add_argument("--only", choices=("inside", "served"))
    options = parser.parse_args()
    home = load_settings().home
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home, prefix="bench-") as folder, upstream() as base_url:
        if options.only != "served":
            inside(base_url, Path(folder), options)
        if options.only != "inside":
            with served.ways(base_url, Path(folder), options.batch, proxy=not options.no_proxy) as found:
                asyncio.run(served.measure(found, options.rounds, options.sequential))
                served.report(found)


if __name__ == "__main__":
    main()
