"""Choices of models and what people showed of the answers, as rows of the warehouse: a little company, made up."""

from __future__ import annotations

import itertools
import json
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl

from data.values.tasks import Task
from data.warehouse.schema import naive_utc

MODELS = {
    "anthropic/claude-sonnet-4-5": (0.93, "0.0105"),
    "openai/gpt-4.1": (0.86, "0.0062"),
    "mistral/mistral-large-latest": (0.74, "0.0031"),
    "openai/gpt-4o-mini": (0.62, "0.0004"),
}
"""Of each the quality (a share of good answers) and the price of an answer."""
TASKS = {Task.CODE: 0.0, Task.WRITING: 0.04, Task.SUMMARIZE: 0.05, Task.TRANSLATE: 0.02, Task.MATH: -0.12}
"""How much easier each is."""


@dataclass
class Books:
    """Rows to be, with ids of their own."""

    decisions: list[dict[str, Any]] = field(default_factory=list)
    feedback: list[dict[str, Any]] = field(default_factory=list)
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def choice(
        self,
        user: str,
        at: datetime,
        model: str,
        *,
        task: str = Task.CODE,
        chooser: str = "policy",
        propensity: float | None = 0.5,
        **more: Any,
    ) -> str:
        """One decision; returns its id."""
        id_ = f"decision-{next(self._ids)}"
        arms = [
            {"model": name, "quality": quality, "n": 20.0, "reward": quality, "cost": price, "seconds": 5.0}
            for name, (quality, price) in MODELS.items()
        ]
        row = {
            "event_id": id_, "ts": at, "user_id": user, "turn_id": f"turn-of-{id_}", "task": str(task),
            "tasks": json.dumps({str(task): 1.0}), "chosen": model, "chooser": chooser, "explored": False,
            "policy": "thompson-1", "snapshot": "7", "overrules": None,
            "propensity": propensity if chooser == "policy" else None, "quality": 0.8, "reward": 0.7,
            "cost_estimate": Decimal(MODELS[model][1]) if model in MODELS else None, "seconds_estimate": 5.0,
            "cost_weight": 0.1, "speed_weight": 0.05, "candidates": len(arms), "arms": json.dumps(arms),
        }  # fmt: skip
        self.decisions.append(row | more)
        return id_

    def signal(
        self, user: str, at: datetime, model: str, signal: str, *, decision: str | None = None, **more: Any
    ) -> None:
        """One thing that somebody showed."""
        id_ = f"feedback-{next(self._ids)}"
        row = {
            "event_id": id_, "ts": at, "user_id": user, "turn_id": f"turn-of-{decision or id_}",
            "decision_id": decision, "model_id": model, "task": Task.CODE.value, "signal": signal, "against": "[]",
            "reason": None,
        }  # fmt: skip
        self.feedback.append(row | {key: str(value) for key, value in more.items()})

    def comparison(self, user: str, at: datetime, task: str, winner: str, loser: str) -> None:
        """One comparison, an event of each side."""
        for model, signal, other in ((winner, "won", loser), (loser, "lost", winner)):
            self.signal(user, at, model, signal, against=json.dumps([other]), task=task)

    def write(self, con: duckdb.DuckDBPyConnection) -> None:
        """Insert everything."""
        for table, rows in (("routing_decisions", self.decisions), ("routing_feedback", self.feedback)):
            if not rows:
                continue
            frame = pl.DataFrame([row | {"ts": naive_utc(row["ts"])} for row in rows], infer_schema_length=None)
            with con.cursor() as cursor:
                cursor.register("rows", frame)
                cursor.execute(f"INSERT INTO {table} BY NAME FROM rows").fetchall()


def company(now: datetime, *, people: int = 8, days: int = 80, a_day: int = 20, seed: int = 7) -> Books:
    """People who ask, Gearbox that chooses and tries things out, thumbs for a third of the answers.

    The best model gets worse at summarizing in the last seven weeks.
    """
    rng = random.Random(seed)
    books = Books()
    for number in range(days * a_day):
        at = now - timedelta(days=days * (1 - number / (days * a_day)), minutes=-rng.random() * 30 - 1)
        at = min(at, now - timedelta(minutes=2))
        user = f"person-{rng.randrange(people)}"
        task = rng.choice(list(TASKS))
        picked = rng.random() < 0.2
        shares = {model: quality**14 for model, (quality, _) in MODELS.items()}
        total = sum(shares.values())
        shares = {model: 0.8 * share / total + 0.05 for model, share in shares.items()}
        model = rng.choices(list(shares), list(shares.values()))[0]
        explored = not picked and model != max(shares, key=lambda each: shares[each])
        id_ = books.choice(
            user, at, model, task=task, chooser="person" if picked else "policy", propensity=shares[model],
            explored=explored,
        )  # fmt: skip
        if rng.random() < 0.35:
            worse = (
                0.45 if model == next(iter(MODELS)) and task is Task.SUMMARIZE and now - at < timedelta(days=50) else 0
            )
            good = rng.random() < MODELS[model][0] + TASKS[task] - worse
            books.signal(user, at, model, "thumb_up" if good else "thumb_down", decision=id_, task=task)
        elif rng.random() < 0.1:
            books.signal(user, at, model, "copied", decision=id_, task=task)
        if rng.random() < 0.06:
            one, other = rng.sample(list(MODELS), 2)
            ahead = 0.5 + MODELS[one][0] - MODELS[other][0]
            books.comparison(user, at, task, *((one, other) if rng.random() < ahead else (other, one)))
    return books
