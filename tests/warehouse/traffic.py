"""Model calls and what people showed of their answers, as rows of the warehouse: made up, seeded, of every kind."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl

from data.warehouse.schema import columns, naive_utc
from tests.warehouse.chosen import Books

SPEEDS = {
    "anthropic/claude-sonnet-4-5": (620, 78, "0.000003", "0.000015"),
    "openai/gpt-4o": (430, 95, "0.0000025", "0.00001"),
    "openai/gpt-4o-mini": (310, 120, "0.00000015", "0.0000006"),
    "mistral/mistral-large-latest": (510, 62, "0.000002", "0.000006"),
    "local/llama:8b": (180, 34, "", ""),
}
"""Of each milliseconds to the first token, tokens a second, and what a token costs in and out; nothing is no price."""
_GOOD = {"anthropic/claude-sonnet-4-5": 0.93, "openai/gpt-4o": 0.86, "mistral/mistral-large-latest": 0.74}
_TASKS = ("code", "writing", "summarize", "translate", "question")


@dataclass
class Traffic:
    """Rows to be, with ids of their own."""

    calls: list[dict[str, Any]] = field(default_factory=list)
    books: Books = field(default_factory=Books)
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def call(self, user: str, at: datetime, model_id: str = "openai/gpt-4o", **more: Any) -> dict[str, Any]:
        """One call, answered; returns its row."""
        id_ = f"call-{next(self._ids)}"
        provider, _, model = model_id.partition("/")
        row = dict.fromkeys(column.name for column in columns()) | {
            "event_id": id_, "ts": at, "user_id": user, "surface": "chat", "turn_id": f"turn-of-{id_}",
            "endpoint_id": "e", "provider": provider, "model": model, "modality": "text", "task": "code",
            "chosen_by": "auto", "key_owner": "organisation", "status": "ok", "ttft_ms": 400.0, "latency_ms": 2400.0,
            "input_tokens": 1000, "output_tokens": 201, "cached_tokens": 0, "reasoning_tokens": 0,
            "tokens_estimated": False, "cost_amount": Decimal("0.0045"), "cost_currency": "USD",
            "cost_basis": "priced", "price_version": "list-1", "stopped": False,
        }  # fmt: skip
        self.calls.append(row | more)
        return self.calls[-1]

    def shown(self, call: dict[str, Any], signal: str, after: timedelta = timedelta(minutes=1)) -> None:
        """Somebody showed something of its answer."""
        model_id = f"{call['provider']}/{call['model']}"
        self.books.signal(call["user_id"], call["ts"] + after, model_id, signal, turn_id=call["turn_id"])

    def write(self, con: duckdb.DuckDBPyConnection) -> None:
        """Insert everything."""
        rows = [row | {"ts": naive_utc(row["ts"])} for row in self.calls]
        types = {"cost_amount": pl.Decimal(38, 15), "saved_amount": pl.Decimal(38, 15), "quantity": pl.Decimal(38, 15)}
        frame = pl.DataFrame(rows, infer_schema_length=None, schema_overrides=types)
        with con.cursor() as cursor:
            cursor.register("rows", frame)
            cursor.execute("INSERT INTO model_calls BY NAME FROM rows").fetchall()
        self.books.write(con)
        con.execute("DELETE FROM rollup_zone")  # whoever reads by days sums all of them anew


NOTHING: dict[str, Any] = {
    "status": "failed", "ttft_ms": None, "input_tokens": None, "output_tokens": None, "cached_tokens": None,
    "reasoning_tokens": None, "tokens_estimated": None, "cost_amount": None, "cost_currency": "USD",
    "cost_basis": "unpriced",
}  # fmt: skip
"""What a call leaves that failed."""


def busy(now: datetime, *, people: int = 12, days: int = 70, a_day: int = 60, seed: int = 5) -> Traffic:
    """A company's calls, the newest just now: errors with others standing in, an outage, caches, thumbs, slow days."""
    rng, made = random.Random(seed), Traffic()
    for number in range(days * a_day):
        at = now - timedelta(days=days * (1 - (number + rng.random()) / (days * a_day)), minutes=2)
        if at.weekday() >= 5 and rng.random() < 0.75:
            continue
        user = f"person-{min(rng.randrange(people), rng.randrange(people))}"
        model = rng.choices(list(SPEEDS), [5, 6, 8, 3, 2])[0]
        more = {"task": rng.choice(_TASKS), "surface": "api" if rng.random() < 0.2 else "chat"}
        ago = (now - at).days
        out = model.startswith("openai/") and ago == 9
        if rng.random() < (0.5 if out else 0.03):
            kind = "provider" if out else rng.choice(["rate_limit", "timeout", "timeout", "stream_cut", "bad_request"])
            failed = made.call(user, at, model, **NOTHING, latency_ms=rng.uniform(200, 30_000), error_kind=kind, **more)
            if kind == "bad_request":
                continue
            model, more = "mistral/mistral-large-latest", more | {"chosen_by": "fallback", "turn_id": failed["turn_id"]}
            at += timedelta(seconds=3)
        elif rng.random() < 0.004:
            made.call(user, at, model, **NOTHING | {"status": "unknown"}, **more)
            continue
        _answered(made, rng, user, at, model, slow=1.8 if 14 <= ago < 18 else 1.0, **more)
    return made


def _answered(
    made: Traffic, rng: random.Random, user: str, at: datetime, model: str, *, slow: float, **more: Any
) -> None:
    first, speed, paid, answer = SPEEDS[model]
    if rng.random() < 0.05:
        _cached(made, rng, user, at, more | {"chosen_by": "auto"})
        return
    read, wrote = int(rng.lognormvariate(7, 0.9)), max(1, int(rng.lognormvariate(5.6, 0.7)))
    cached = int(read * rng.random() * 0.8) if read > 1500 and paid else 0
    ttft = first * slow * rng.lognormvariate(0, 0.45) + read * 0.05
    cost = Decimal(paid) * read + Decimal(answer) * wrote if paid else None
    guessed = rng.random() < 0.05
    call = made.call(
        user, at, model, ttft_ms=ttft, latency_ms=ttft + wrote * 1000 * slow / (speed * rng.lognormvariate(0, 0.25)),
        input_tokens=read, output_tokens=wrote, cached_tokens=cached, tokens_estimated=guessed, cost_amount=cost,
        cost_currency="USD",
        cost_basis="unpriced" if cost is None else "estimated" if guessed else "priced",
        status="stopped" if rng.random() < 0.03 else "ok", **more,
    )  # fmt: skip
    chance = rng.random()
    if more["surface"] == "chat" and chance < 0.22:
        made.shown(call, "thumb_up" if rng.random() < _GOOD.get(model, 0.62) else "thumb_down")
    elif chance < 0.3:
        made.shown(call, rng.choice(["copied", "regenerated", "switched"]))


def _cached(made: Traffic, rng: random.Random, user: str, at: datetime, more: dict[str, Any]) -> None:
    """An embedding, which Gearbox's own cache may know."""
    hit = rng.random() < 0.4
    about = {
        "modality": "embedding", "ttft_ms": None, "output_tokens": None, "task": "other", "surface": more["surface"]
    }  # fmt: skip
    if hit:
        made.call(
            user, at, "openai/text-embedding-3-small", **about, latency_ms=0.3, input_tokens=None, cached_tokens=None,
            tokens_estimated=None, cost_amount=Decimal(), cache="hit",
            saved_amount=None if rng.random() < 0.1 else Decimal("0.00002"),
        )  # fmt: skip
    else:
        made.call(
            user, at, "openai/text-embedding-3-small", **about, latency_ms=rng.uniform(80, 300),
            cost_amount=Decimal("0.00002"), cache="miss",
        )  # fmt: skip
