"""What watching costs the gateway: `uv run python -m bench.telemetry`.

The same calls through three gateways of one process, in turn, 16 at a time: unwatched; with metrics as every Gearbox
has them; and with spans as well, sent to a collector in another process. Each call is in the middleware that counts
requests, as calls of programs are. Printed are requests/s and the processor's time of a call as ratios to the
unwatched gateway; of the second the best round, since others on the machine can only add to it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from starlette.types import Message, Receive, Scope, Send

from bench.gateway import ACTOR, PARALLEL, USER, gateway_call, upstream
from core.api.measured import Measured
from core.config import Settings, load_settings
from core.providers.attempts import Attempts
from core.providers.direct_transport import DirectTransport
from core.providers.gateway import Gateway
from core.providers.keys import key_for_call
from core.telemetry.telemetry import Telemetry
from core.telemetry_parts import make_telemetry
from core.vault import Vault
from data.store import OwnerId, open_store
from data.values.calls import KeyOwner
from data.values.models import Endpoint, EndpointKind, Wire

_COLLECTOR = """
import http.server

class Collector(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_said):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
print(server.server_address[1], flush=True)
server.serve_forever()
"""


@dataclass
class Way:
    """A gateway that is watched so much, and what was measured of it."""

    name: str
    gateway: Gateway
    telemetry: Telemetry | None
    rates: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


@contextlib.contextmanager
def collector() -> Iterator[str]:
    """A collector that takes everything and keeps nothing; yields its address."""
    with subprocess.Popen([sys.executable, "-c", _COLLECTOR], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


async def _batch(way: Way, endpoint: Endpoint, store: object, calls: int) -> None:
    """So many calls, 16 at a time."""
    call = gateway_call(way.gateway, endpoint, store, Attempts(way.gateway))  # type: ignore[arg-type]

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await call()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(_message: Message) -> None:
        pass

    measured = Measured(app, lambda: way.telemetry)
    left = iter(range(calls))

    async def worker() -> None:
        for _ in left:
            scope = {"type": "http", "method": "POST", "path": "/v1/chat/completions", "headers": []}
            await measured(scope, receive, send)

    began, used = time.perf_counter(), time.process_time()
    await asyncio.gather(*(worker() for _ in range(PARALLEL)))
    way.rates.append(calls / (time.perf_counter() - began))
    way.processor.append((time.process_time() - used) / calls * 1000)


async def measure(ways: list[Way], endpoint: Endpoint, store: object, options: argparse.Namespace) -> None:
    """All ways in turn, so many rounds; the first one is not counted."""
    for turn in range(options.rounds + 1):
        for way in ways[turn % len(ways) :] + ways[: turn % len(ways)]:
            await _batch(way, endpoint, store, options.batch)
    for way in ways:
        del way.rates[0], way.processor[0]
        await way.gateway.aclose()


def report(ways: list[Way]) -> None:
    """The ratios."""
    base = ways[0]
    print(f"\n{'':34}{'req/s, median':>16}{'ratio':>9}{'processor, ms a call':>24}{'ratio':>9}")
    for way in ways:
        ratios = [mine / first for mine, first in zip(way.rates, base.rates, strict=True)]
        least = min(way.processor)
        print(
            f"{way.name:34}{statistics.median(way.rates):16.0f}{statistics.median(ratios):9.1%}"
            f"{least:24.3f}{least / min(base.processor):9.1%}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--batch", type=int, default=256, help="calls of a round")
    options = parser.parse_args()
    home = load_settings().home
    home.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=home, prefix="bench-")))
        base_url = stack.enter_context(upstream())
        settings = Settings(home=folder, kek_source="file", database_url="")
        store = open_store(settings.store_url, owner=OwnerId.current())
        stack.callback(store.close)
        store.users.ensure(USER, "Bench")
        vault = Vault.open_or_create(store, settings, lambda: datetime.now(UTC), keyring=lambda: None)
        origin = base_url.removesuffix("/v1")
        card = vault.put(ACTOR, KeyOwner.USER, USER, provider="openai", origin=origin, plaintext="sk-" + "b" * 48)
        secret = card.binding.secret_id
        endpoint = Endpoint("e1", "openai", "Bench", EndpointKind.PROVIDER, Wire.OPENAI, base_url, secret)
        metrics = make_telemetry(settings, stack)
        address = stack.enter_context(collector())
        spans = make_telemetry(settings.model_copy(update={"otlp_endpoint": address}), stack)
        new = partial(Gateway, {Wire.OPENAI: DirectTransport()}, partial(key_for_call, vault))
        ways = [
            Way("unwatched", new(), None),
            Way("metrics", new(watch=metrics.call), metrics),
            Way("metrics, and spans to a collector", new(watch=spans.call), spans),
        ]
        asyncio.run(measure(ways, endpoint, store, options))
        report(ways)


if __name__ == "__main__":
    main()
