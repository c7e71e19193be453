"""The model calls that the prompts of a day come to, as rows of `model_calls`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from data.sample.company import Company
from data.sample.frames import as_frame, ids, money, only, taken
from data.sample.models import (
    FIRST_MS,
    IS_PRICED,
    MODALITIES,
    NAMES,
    PICTURE,
    PROVIDERS,
    SPEED,
    TASKS,
    UNIT_PRICE,
    VECTORS,
    VOICE,
    WORK_MS,
    Floats,
    Ints,
    Mask,
    Strings,
    prices,
)
from data.sample.prompts import CHOOSERS, HOUR, NOBODY, Prompts
from data.values.calls import CacheUse, CallStatus, ChosenBy, KeyOwner, Unit
from data.values.money import CostBasis
from data.values.routing import Chooser
from data.values.tasks import Task
from data.warehouse.schema import ModelCall

_BY = {Chooser.POLICY: ChosenBy.AUTO, Chooser.FIXED: ChosenBy.DEFAULT}
_CHOSEN_BY = np.array([*(_BY.get(each, ChosenBy.PERSON).value for each in CHOOSERS), ChosenBy.PERSON.value])
_ERRORS = np.array(["rate_limit", "timeout", "provider", "stream_cut"])
_ERROR_SHARES = (0.45, 0.25, 0.2, 0.1)
_OUT_OF_ORDER = np.array(["provider", "unreachable", "timeout"])
_STOPPED, _LOST = 0.02, 0.0004

# Usual tokens in and out.
_SIZES = {Task.CODE: (1400, 620), Task.SUMMARIZE: (3800, 320), Task.ANALYSIS: (2600, 540), Task.EXTRACT: (2900, 260),
          Task.TRANSLATE: (700, 680), Task.WRITING: (320, 760), Task.IMAGE: (60, 0), Task.SPEECH: (380, 0)}  # fmt: skip
_SIZE = np.array([_SIZES.get(task, (520, 340)) for task in TASKS], dtype=float)


@dataclass(frozen=True)
class _Calls:
    """Calls to be: `of` are the places of their prompts."""

    of: Ints
    ts: Ints
    model: Ints
    failed: Mask
    is_fallback: Mask


@dataclass(frozen=True)
class Called:
    """The calls of a day; and of each prompt whether an answer came that can be judged, and when it was there."""

    frame: pl.DataFrame
    answered: Mask
    at: Ints


def calls(rng: np.random.Generator, company: Company, day: int, asked: Prompts) -> Called:
    """Of one day, not yet in the order of time: a fallback's call comes after its prompt's other one."""
    n = len(asked.ts)
    again = np.flatnonzero(asked.helped)
    wait = rng.integers(800_000, 4_000_000, size=len(again))
    made = _Calls(
        of=np.concatenate([np.arange(n), again]),
        ts=np.concatenate([asked.ts, asked.ts[again] + wait]),
        model=np.concatenate([asked.model, asked.model_after[again]]),
        failed=np.concatenate([asked.failed, np.zeros(len(again), dtype=bool)]),
        is_fallback=np.arange(n + len(again)) >= n,
    )
    ended = _ended(rng, company, day, asked, made)
    answered = np.zeros(n, dtype=bool)
    at = asked.ts.copy()
    well = ended["status"] == CallStatus.OK.value
    answered[made.of[well]] = True
    answered &= asked.chooser != NOBODY
    at[made.of[well]] = made.ts[well] + (np.asarray(ended["latency_ms"])[well] * 1000).astype(np.int64)
    return Called(as_frame(ModelCall, {**_begun(company, day, asked, made), **ended}), answered, at)


def _begun(company: Company, day: int, asked: Prompts, made: _Calls) -> dict[str, Strings | pl.Series]:
    """What is known as a call begins."""
    of, model = made.of, made.model
    in_chat = ~asked.is_api[of]
    sitting = company.person_ids  # a conversation is what somebody asks within three hours
    person = asked.person[of]
    conversation = ids(company, day, "v", person * 8 + (asked.ts[of] // (3 * HOUR)) % 8)
    turn = ids(company, day, "t", of)
    priced = IS_PRICED[model]
    whose = np.where(asked.is_api[of], KeyOwner.TEAM.value, KeyOwner.ORGANISATION.value)
    return {
        "event_id": ids(company, day, "c", np.arange(len(of))),
        "ts": made.ts,
        "user_id": taken(sitting, person),
        "team_id": taken(company.team_ids, person),
        "surface": np.where(in_chat, "chat", "api"),
        "conversation_id": only(in_chat, conversation),
        "turn_id": only(in_chat, turn),
        "endpoint_id": np.char.add("sample-endpoint-", PROVIDERS)[model],
        "provider": PROVIDERS[model],
        "model": NAMES[model],
        "modality": MODALITIES[model],
        "task": np.array([task.value for task in TASKS])[asked.task[of]],
        "chosen_by": np.where(made.is_fallback, ChosenBy.FALLBACK.value, _CHOSEN_BY[asked.chooser[of]]),
        "key_owner": np.where(priced, whose, KeyOwner.NONE.value),
    }


def _ended(
    rng: np.random.Generator, company: Company, day: int, asked: Prompts, made: _Calls
) -> dict[str, Strings | pl.Series]:
    """How it ends."""
    n, model, went = len(made.of), made.model, ~made.failed
    luck = rng.random(n)
    stopped = went & (luck < _STOPPED) & (asked.chooser[made.of] != NOBODY)
    lost = went & (luck > 1 - _LOST)
    status = np.where(made.failed, CallStatus.FAILED.value, np.where(lost, CallStatus.UNKNOWN.value, "ok"))
    status = np.where(stopped, CallStatus.STOPPED.value, status)
    hit = (model == VECTORS) & went & (rng.random(n) < 0.3)
    tokens_in, tokens_out, cached = _tokens(rng, asked, made, stopped)
    first = FIRST_MS[model] * rng.lognormal(0.0, 0.35, n)
    whole = first + tokens_out / SPEED[model] * 1000 + WORK_MS[model] * rng.lognormal(0.0, 0.25, n)
    latency = np.where(made.failed, rng.uniform(40, 1500, n), np.where(hit, rng.uniform(0.2, 3, n), whole))
    streams = went & ~lost & (FIRST_MS[model] > 0)
    units = np.where(model == PICTURE, 1, np.where(model == VOICE, tokens_in * 4, 0))
    price_in, price_out = prices(cheaper=day >= company.price_change)
    amount = tokens_in * price_in[model] - cached * (price_in[model] * 3 // 4)
    amount = amount + tokens_out * price_out[model] + units * UNIT_PRICE[model]
    paid = went & IS_PRICED[model]
    basis = np.where(lost, CostBasis.ESTIMATED.value, CostBasis.PRICED.value)
    version = "sample-2" if day >= company.price_change else "sample-1"
    return {
        "status": status,
        "error_kind": only(made.failed, _errors(rng, company, day, n)),
        "ttft_ms": only(streams, first),
        "latency_ms": latency,
        "input_tokens": only(went & (model != PICTURE), tokens_in),
        "output_tokens": only(went & (model != PICTURE), tokens_out),
        "cached_tokens": only(went & (model != PICTURE), cached),
        "reasoning_tokens": only(went & (model != PICTURE), np.zeros(n, dtype=np.int64)),
        "tokens_estimated": only(went, lost),
        "cost_amount": only(paid, money(np.where(hit, 0, amount))),
        "cost_currency": only(paid, np.full(n, "USD")),
        "cost_basis": np.where(paid, basis, CostBasis.UNPRICED.value),
        "price_version": only(paid, np.full(n, version)),
        "stopped": stopped,
        "quantity": only(went & (units > 0), money(units * 10**15)),
        "unit": only(went & (units > 0), np.where(model == PICTURE, Unit.IMAGE.value, Unit.CHARACTER.value)),
        "cache": only(model == VECTORS, np.where(hit, CacheUse.HIT.value, CacheUse.MISS.value)),
        "saved_amount": only(hit, money(amount)),
    }


def _tokens(rng: np.random.Generator, asked: Prompts, made: _Calls, stopped: Mask) -> tuple[Ints, Ints, Ints]:
    """In, out, and in from the provider's cache."""
    n, usual = len(made.of), _SIZE[asked.task[made.of]]
    tokens_in = np.maximum(4, usual[:, 0] * rng.lognormal(0.0, 0.7, n))
    out: Floats = usual[:, 1] * rng.lognormal(0.0, 0.6, n)
    out = np.where(made.model == VECTORS, 0.0, np.where(stopped, out * rng.random(n), out))
    chats = MODALITIES[made.model] == "text"
    cached = np.where(chats & (tokens_in > 2000) & (rng.random(n) < 0.35), tokens_in * 0.6, 0.0)
    return tokens_in.astype(np.int64), out.astype(np.int64), cached.astype(np.int64)


def _errors(rng: np.random.Generator, company: Company, day: int, n: int) -> Strings:
    if day == company.outage:
        return rng.choice(_OUT_OF_ORDER, size=n, p=(0.6, 0.25, 0.15))
    return rng.choice(_ERRORS, size=n, p=_ERROR_SHARES)
