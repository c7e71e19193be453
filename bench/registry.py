"""The registry: loading the catalogue, finding models, and starting without a network.

    uv run python -m bench.registry

Every figure stands beside a baseline of the same run: the plain scan over the same cards, in the same order.
"""

from __future__ import annotations

import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from core.providers.catalog import Catalogue
from core.registry.index import ModelIndex
from core.registry.typical import typical_cost
from data.values.registry import Capability, Category, Modality, ModelCard, ModelQuery, Sort

T = TypeVar("T")
ROUNDS = 40
TODAY = datetime.now(UTC).date()
QUERIES = {
    "list": ModelQuery(),
    "search two words": ModelQuery(q="gpt mini"),
    "search one letter": ModelQuery(q="a"),
    "filter": ModelQuery(category=Category.CHAT, capability=Capability.TOOLS, modality=Modality.IMAGE),
    "usable": ModelQuery(usable=True),
    "by price": ModelQuery(category=Category.CHAT, max_price=Decimal(5), sort=Sort.PRICE),
    "by context": ModelQuery(sort=Sort.CONTEXT),
}
# A child that counts and refuses every connection, as where the cable is out.
CHILD = """
import json, sys, tempfile, time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar
asked = []
def watch(event, args):
    if event in ("socket.connect", "socket.getaddrinfo"):
        asked.append(str(args[-1] if event == "socket.connect" else args[0]))
        raise OSError("the network is unplugged")
home = Path(sys.argv[1])
sys.addaudithook(watch)
began = time.perf_counter()
from core.config import Settings
from core.services import build
from data.values.registry import ModelQuery
imported = time.perf_counter()
settings = Settings(home=home, database_url="", kek_source="file", local_discovery=False, warm_up=False)
with ExitStack() as stack:
    services = build(settings, stack, own_address=lambda: "http://127.0.0.1:1")
    built = time.perf_counter()
    actor = services.actor()
    page = services.registry.search(actor, ModelQuery(q="gpt"))
    found = time.perf_counter()
    if len(sys.argv) > 2:
        from datetime import UTC, datetime
        from data.store.endpoints import KeptListing
        endpoint = services.keys.add(actor, "openai", "sk-bench-0123456789abcdef")
        services.connections._store.listings.save(endpoint.id, KeptListing(("gpt-4o",), datetime.now(UTC)))
    else:
        time.sleep(3)  # what the background would ask
print(json.dumps({"imports": imported - began, "build": built - imported, "first search": found - built,
                  "found": page.total, "asked": asked}))
"""


def main() -> None:
    """Print the figures."""
    cards = _load()
    for size in (len(cards), 100_000):
        _find(_grown(cards, size))
    _warm_start()


def _load() -> list[ModelCard]:
    def read() -> list[ModelCard]:
        return Catalogue().cards()

    def parse() -> object:
        return json.loads(_list_path().read_text("utf-8"), parse_float=Decimal)

    parsed = [_timed(parse)[0] for _ in range(7)]
    loaded = [_timed(lambda: Catalogue().load())[0] for _ in range(7)]
    carded = [_timed(read)[0] for _ in range(7)]
    base = statistics.median(parsed)
    print(f"Parsing the list's JSON alone: {base:.0f} ms")
    for name, times in (("loaded", loaded), ("all of it as cards", carded)):
        print(f"  {name}: {statistics.median(times):.0f} ms, {statistics.median(times) / base:.1f}x")
    return read()


def _list_path() -> Path:
    import importlib.util

    spec = importlib.util.find_spec("litellm")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "model_prices_and_context_window_backup.json"


def _grown(cards: list[ModelCard], size: int) -> list[ModelCard]:
    copies = (replace(card, provider=f"{card.provider}{n}") for n in range(1, size // len(cards) + 1) for card in cards)
    return [*cards, *(card for card, _ in zip(copies, range(size - len(cards)), strict=False))]


def _find(cards: list[ModelCard]) -> None:
    built, base = _timed(lambda: ModelIndex(cards, {}))
    usable = {card.id for card in cards[::50]}
    seen, index = _timed(lambda: base.seen_by(usable))
    print(f"\n{len(cards):,} models: index in {built:.0f} ms, one person's in {seen:.0f} ms")
    print(f"{'':20} {'found':>7} {'median':>9} {'p95':>9} {'plain scan':>11} {'ratio':>7}")
    for name, query in QUERIES.items():
        times, plain = [], []
        for turn in range(ROUNDS):
            took, page = _timed(lambda query=query: index.search(query, TODAY))  # type: ignore[misc]
            times.append(took)
            if turn < 5:
                plain.append(_timed(lambda query=query: _scan(cards, query, usable))[0])  # type: ignore[misc]
        median, scan = statistics.median(times), statistics.median(plain)
        p95 = statistics.quantiles(times, n=20)[-1]
        print(f"{name:20} {page.total:7,} {median:6.1f} ms {p95:6.1f} ms {scan:8.0f} ms {median / scan:6.2f}x")


def _scan(cards: list[ModelCard], query: ModelQuery, usable: set[str]) -> list[ModelCard]:
    words = query.q.lower().split()

    def fits(card: ModelCard) -> bool:
        text = f"{card.id} {card.label} {card.family}".lower()
        return (
            all(word in text for word in words)
            and query.category in (None, card.category)
            and (query.capability is None or card.can(query.capability) is True)
            and (query.modality is None or query.modality in card.inputs | card.outputs)
            and (query.usable is None or card.id in usable)
            and (query.max_price is None or ((cost := typical_cost(card)) is not None and cost <= query.max_price))
            and (card.deprecated_on is None or card.deprecated_on > TODAY)
        )

    return sorted(filter(fits, cards), key=lambda card: (card.id not in usable, card.id))[: query.limit]


def _warm_start() -> None:
    with _home() as home:
        _started(home, "fill")
        runs = [_started(home) for _ in range(5)]
    print("\nA warm start with every connection refused, one provider connected:")
    for name in ("imports", "build", "first search"):
        print(f"  {name}: {statistics.median(run[name] for run in runs) * 1000:.0f} ms")
    print(f"  connections tried: {sum(len(run['asked']) for run in runs)}; models found: {runs[0]['found']}")


@contextlib.contextmanager
def _home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="gearbox-bench-") as folder:
        yield Path(folder) / "home"


def _started(home: Path, *more: str) -> dict[str, Any]:
    run = subprocess.run(
        [sys.executable, "-c", CHILD, str(home), *more], capture_output=True, text=True, timeout=120, check=True
    )
    return dict(json.loads(run.stdout.splitlines()[-1]))


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    began = time.perf_counter()
    result = work()
    return (time.perf_counter() - began) * 1000, result


if __name__ == "__main__":
    main()
