"""Calls as the app books them, with seeded variety."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb

from data.store import Store
from data.values.actor import Actor
from data.values.calls import CallIntent, CallOutcome, CallStatus, ErrorKind, TokenUsage
from data.values.money import UNPRICED, Cost, CostBasis

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
MODELS = (("openai", "gpt-large"), ("openai", "gpt-small"), ("sandbox", "scripted"), ("local", "llama:8b"))

_ids = itertools.count(1)


class Clock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, by: timedelta) -> None:
        self.now += by


@dataclass(frozen=True, slots=True)
class Booked:
    intent: CallIntent
    outcome: CallOutcome


def booked(rng: random.Random, started_at: datetime, user_id: str = "ann") -> Booked:
    """One call; a third is unpriced, some fail, are stopped, or have estimated tokens."""
    provider, model = rng.choice(MODELS)
    status = rng.choices([CallStatus.OK, CallStatus.FAILED, CallStatus.STOPPED], [8, 1, 1])[0]
    failed = status is CallStatus.FAILED
    usage = None if failed else TokenUsage(rng.randrange(5000), rng.randrange(900), 3, 2, estimated=rng.random() < 0.1)
    cost = UNPRICED
    if usage is not None and provider == "openai":
        basis = CostBasis.ESTIMATED if usage.estimated else CostBasis.PRICED
        amount = Decimal(usage.input) * Decimal("0.0000000375") + Decimal(usage.output) * Decimal("0.00001")
        cost = Cost(amount, basis, "USD", "list-1")
    return Booked(
        CallIntent(
            f"call-{next(_ids)}", Actor(user_id, frozenset()), provider, model, started_at, f"endpoint-{provider}"
        ),
        CallOutcome(
            status,
            latency_ms=rng.uniform(100, 9000),
            ttft_ms=None if failed else rng.uniform(5, 900),
            usage=usage,
            cost=cost,
            error_kind=ErrorKind.TIMEOUT if failed else None,
        ),
    )


def book(store: Store, calls: list[Booked]) -> None:
    """Book the calls as the gateway does, and wait for the commits."""
    for begun in [store.calls.intend(call.intent) for call in calls]:
        begun.result(30)
    for future in [store.calls.conclude(call.intent.id, call.outcome) for call in calls]:
        future.result(30)


def some(count: int, seed: int = 1, user_id: str = "ann") -> list[Booked]:
    rng = random.Random(seed)
    return [booked(rng, NOW - timedelta(seconds=rng.uniform(0, 3600)), user_id) for _ in range(count)]


def stored_ids(path: Path) -> list[str]:
    """Event ids in the warehouse file, with every repetition; only while nobody has the file open."""
    with duckdb.connect(str(path), read_only=True) as con:
        tables = {row[0] for row in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
        if "model_calls" not in tables:
            return []
        return [row[0] for row in con.execute("SELECT event_id FROM model_calls ORDER BY event_id").fetchall()]


def ids_of(calls: list[Booked]) -> list[str]:
    return sorted(call.intent.id for call in calls)
