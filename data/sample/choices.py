"""How models were chosen on a day of the sample data, and what people showed of the answers."""

from __future__ import annotations

import json

import numpy as np
import polars as pl

from data.sample.calls import Called
from data.sample.company import Company
from data.sample.frames import as_frame, dollars, ids, money, only, taken
from data.sample.models import FIRST_MS, IS_PRICED, MODELS, SPEED, TASKS, Floats, Ints, Strings, prices, quality
from data.sample.prompts import CHOOSERS, MINUTE, NOBODY, Prompts, there
from data.values.routing import Chooser, Reason, Signal, Weights
from data.warehouse.routing import RoutingDecision, RoutingFeedback

_IDS = [each.id for each in MODELS]
_TASK_NAMES = np.array([task.value for task in TASKS])
_TYPICAL = (1200, 450)  # tokens in and out that an estimate supposes
_SURE = 0.82  # how likely the likeliest task is

_THUMBS, _COPIES, _AGAIN, _COMPARED = 0.18, 0.07, 0.03, 0.02
_REASONS = np.array([each.value for each in Reason])


def decisions(company: Company, day: int, asked: Prompts) -> pl.DataFrame:
    """Rows of `routing_decisions`, in the order of time."""
    rows = np.flatnonzero(asked.chooser != NOBODY)
    task, model, chooser = asked.task[rows], asked.model[rows], asked.chooser[rows]
    weighed = chooser == CHOOSERS.index(Chooser.POLICY)
    good, cost, seconds = quality(company.progress(day)), _costs(company, day), _seconds()
    rewards = _rewards(good, cost)
    arms = [_arms(company, day, place) for place in range(len(TASKS))]
    usual = Weights()

    return as_frame(
        RoutingDecision,
        {
            "event_id": ids(company, day, "d", rows),
            "ts": asked.ts[rows],
            "user_id": taken(company.person_ids, asked.person[rows]),
            "turn_id": ids(company, day, "t", rows),
            "task": _TASK_NAMES[task],
            "tasks": taken([_likely(place) for place in range(len(TASKS))], task),
            "chosen": np.array(_IDS)[model],
            "chooser": np.array([each.value for each in CHOOSERS])[chooser],
            "explored": asked.explored[rows],
            "policy": np.where(weighed, "sample-1", ""),
            "snapshot": pl.Series([str(day)] * len(rows), dtype=pl.String),
            "overrules": pl.Series([None] * len(rows), dtype=pl.String),
            "propensity": only(weighed, asked.propensity[rows]),
            "quality": only(weighed, good[task, model]),
            "reward": only(weighed, rewards[task, model]),
            "cost_estimate": only(weighed & IS_PRICED[model], money(cost[model])),
            "seconds_estimate": only(weighed, seconds[model]),
            "cost_weight": np.full(len(rows), usual.cost),
            "speed_weight": np.full(len(rows), usual.speed),
            "candidates": np.where(weighed, len(there(company, day)), 0),
            "arms": only(weighed, taken(arms, task), "[]"),
        },
    )


def feedback(rng: np.random.Generator, company: Company, day: int, asked: Prompts, called: Called) -> pl.DataFrame:
    """Rows of `routing_feedback`: thumbs and the like, and comparisons, an event of each side."""
    answered = np.flatnonzero(called.answered)
    luck, n = rng.random(len(answered)), len(answered)
    good = quality(company.progress(day))
    is_good = rng.random(n) < good[asked.task[answered], asked.model_after[answered]]
    thumbs = np.where(is_good, Signal.THUMB_UP.value, Signal.THUMB_DOWN.value)
    again = np.where(rng.random(n) < 0.5, Signal.REGENERATED.value, Signal.SWITCHED.value)
    signal = np.select(
        [luck < _THUMBS, (luck < _THUMBS + _COPIES) & is_good, (luck > 1 - _AGAIN) & ~is_good],
        [thumbs, np.full(n, Signal.COPIED.value), again],
        default="",
    )
    told = np.flatnonzero(signal != "")
    rows, shown = answered[told], signal[told]
    at = called.at[rows] + rng.integers(2_000_000, 4 * MINUTE, size=len(rows))
    says_why = (shown == Signal.THUMB_DOWN.value) & (rng.random(len(rows)) < 0.4)
    said = _row(
        company, day, asked, rows, at,
        event_id=ids(company, day, "f", rows),
        turn_id=ids(company, day, "t", rows),
        decision_id=ids(company, day, "d", rows),
        model=asked.model_after[rows],
        signal=shown,
        against=np.full(len(rows), "[]"),
        reason=only(says_why, rng.choice(_REASONS, size=len(rows))),
    )  # fmt: skip
    return pl.concat([said, _compared(rng, company, day, asked, called)])


def _compared(rng: np.random.Generator, company: Company, day: int, asked: Prompts, called: Called) -> pl.DataFrame:
    """Comparisons of the model with another one that was there, an event of each side."""
    answered = np.flatnonzero(called.answered)
    rows = answered[rng.random(len(answered)) < _COMPARED]
    models = np.array(there(company, day))
    one = asked.model_after[rows]
    step = rng.integers(1, len(models), size=len(rows))
    other = models[(np.searchsorted(models, one) + step) % len(models)]
    good, task = quality(company.progress(day)), asked.task[rows]
    ahead = 1 / (1 + np.exp(-6 * (good[task, one] - good[task, other])))
    luck = rng.random(len(rows))
    ties = luck > 0.88
    won = luck < 0.88 * ahead
    at = called.at[rows] + rng.integers(5_000_000, 2 * MINUTE, size=len(rows))
    sides = []
    for name, model, against, wins in (("a", one, other, won), ("b", other, one, ~won)):
        signal = np.where(ties, Signal.TIED.value, np.where(wins, Signal.WON.value, Signal.LOST.value))
        sides.append(
            _row(
                company, day, asked, rows, at,
                event_id=ids(company, day, f"w{name}", rows),
                turn_id=ids(company, day, f"w{name}", rows),
                decision_id=pl.Series([None] * len(rows), dtype=pl.String),
                model=model,
                signal=signal,
                against=np.array([json.dumps([each]) for each in _IDS])[against],
                reason=pl.Series([None] * len(rows), dtype=pl.String),
            )
        )  # fmt: skip
    return pl.concat(sides)


def _row(
    company: Company, day: int, asked: Prompts, rows: Ints, at: Ints, *, model: Ints, **more: Strings | pl.Series
) -> pl.DataFrame:
    common: dict[str, Strings | pl.Series] = {
        "ts": at,
        "user_id": taken(company.person_ids, asked.person[rows]),
        "model_id": np.array(_IDS)[model],
        "task": _TASK_NAMES[asked.task[rows]],
    }
    return as_frame(RoutingFeedback, common | more)


def _likely(task: int) -> str:
    second = TASKS[(task + 1) % len(TASKS)]
    return json.dumps({TASKS[task].value: _SURE, second.value: round(1 - _SURE, 2)}, separators=(",", ":"))


def _costs(company: Company, day: int) -> Ints:
    """Of a usual answer, by model."""
    price_in, price_out = prices(cheaper=day >= company.price_change)
    costs: Ints = price_in * _TYPICAL[0] + price_out * _TYPICAL[1]
    return costs


def _seconds() -> Floats:
    seconds: Floats = (FIRST_MS + _TYPICAL[1] / SPEED * 1000) / 1000
    return seconds


def _rewards(good: Floats, cost: Ints) -> Floats:
    """Quality, less a tenth for an answer of usual cost."""
    of_chats = cost[: len(MODELS)]
    rewards: Floats = good - Weights().cost * of_chats / of_chats.max()
    return rewards


def _arms(company: Company, day: int, task: int) -> str:
    """The candidates at a task, the best first, as events tell them."""
    good, cost, seconds = quality(company.progress(day)), _costs(company, day), _seconds()
    rewards = _rewards(good, cost)[task]
    seen = round(5 + 60 * company.progress(day), 1)
    found = [
        {
            "model": _IDS[place],
            "quality": round(float(good[task, place]), 4),
            "n": seen,
            "reward": round(float(rewards[place]), 4),
            "cost": f"{dollars(int(cost[place])):f}" if IS_PRICED[place] else None,
            "seconds": round(float(seconds[place]), 2),
        }
        for place in sorted(there(company, day), key=lambda place: -rewards[place])
    ]
    return json.dumps(found, separators=(",", ":"))
