"""Calls of tools and sign-ins of a day of the sample data."""

from __future__ import annotations

import numpy as np
import polars as pl

from data.sample.calls import Called
from data.sample.company import Company
from data.sample.frames import as_frame, ids, only, taken
from data.sample.models import Ints
from data.sample.prompts import HOUR, MINUTE, NOBODY, Prompts
from data.values.actor import Surface
from data.values.sample import SAMPLE_PREFIX
from data.values.tool_calls import BUILTIN, Effect, ToolState
from data.warehouse.activity import SignIn, ToolCall

# Name, effect, usual milliseconds, and how often; the last one comes from a server.
_TOOLS = (
    ("web_search", Effect.GOES_OUT, 900, 0.30),
    ("fetch_page", Effect.GOES_OUT, 1300, 0.20),
    ("calculator", Effect.NONE, 4, 0.15),
    ("query_data", Effect.READS, 220, 0.15),
    ("make_chart", Effect.READS, 350, 0.11),
    ("search_tickets", Effect.CHANGES, 600, 0.09),
)
_NAMES = np.array([name for name, *_ in _TOOLS])
_EFFECTS = np.array([effect.value for _, effect, *_ in _TOOLS])
_ASKS = np.array([effect.needs_approval for _, effect, *_ in _TOOLS])
_USUAL_MS = np.array([usual for *_, usual, _ in _TOOLS], dtype=float)
_ORIGINS = np.array([*(BUILTIN for _ in _TOOLS[:-1]), f"{SAMPLE_PREFIX}server"])
_SHARES = np.array([share for *_, share in _TOOLS])
_MOST = 4  # calls of one answer
_FAILED, _DENIED = 0.05, 0.05

_AGAIN = 0.3  # of those who sign in
_LOOKS = 0.2  # a workday, of those who never ask
_BEFORE = 12  # days before their first prompt that people may have signed in


def tool_calls(rng: np.random.Generator, company: Company, day: int, asked: Prompts, called: Called) -> pl.DataFrame:
    """Rows of `tool_calls`, not yet in the order of time: those of answers in chats."""
    n = len(asked.ts)
    uses = (asked.chooser != NOBODY) & called.answered & (rng.random(n) < company.tools[asked.person])
    rows = np.flatnonzero(uses)
    times = np.minimum(1 + rng.poisson(0.5, len(rows)), _MOST)
    of = np.repeat(rows, times)
    number = np.arange(len(of)) - np.repeat(times.cumsum() - times, times)
    tool = rng.choice(len(_TOOLS), p=_SHARES, size=len(of))
    luck = rng.random(len(of))
    denied = _ASKS[tool] & (luck < _DENIED)
    failed = luck > 1 - _FAILED
    status = np.where(denied, ToolState.DENIED.value, np.where(failed, ToolState.FAILED.value, ToolState.DONE.value))
    sitting = asked.person[of] * 8 + (asked.ts[of] // (3 * HOUR)) % 8  # as the calls' conversations
    return as_frame(
        ToolCall,
        {
            "event_id": ids(company, day, "u", of * _MOST + number),
            "ts": asked.ts[of] + 400_000 + number * 2_500_000 + rng.integers(0, 900_000, size=len(of)),
            "user_id": taken(company.person_ids, asked.person[of]),
            "team_id": taken(company.team_ids, asked.person[of]),
            "surface": np.full(len(of), Surface.CHAT.value),
            "conversation_id": ids(company, day, "v", sitting),
            "turn_id": ids(company, day, "t", of),
            "tool": _NAMES[tool],
            "origin": _ORIGINS[tool],
            "effect": _EFFECTS[tool],
            "status": status,
            "latency_ms": only(~denied, _USUAL_MS[tool] * rng.lognormal(0.0, 0.5, len(of))),
        },
    )


def sign_ins(rng: np.random.Generator, company: Company, day: int, asked: Prompts) -> pl.DataFrame:
    """Rows of `sign_ins`, not yet in the order of time: some minutes before somebody's first prompt, some once more
    later, and people who only look."""
    person, first = np.unique(asked.person[~asked.is_api], return_index=True)
    ahead = rng.integers(MINUTE // 4, 12 * MINUTE, size=len(person))
    midnight = int(company.midnight(day).timestamp()) * 1_000_000
    at = np.maximum(asked.ts[~asked.is_api][first] - ahead, midnight)
    looking = _looking(rng, company, day)
    looked = midnight + rng.choice(24, size=len(looking), p=company.hours(day)) * HOUR
    looked += rng.integers(HOUR, size=len(looking))
    person, at = np.concatenate([person, looking]), np.concatenate([at, looked])
    again = np.flatnonzero(rng.random(len(person)) < _AGAIN)
    later = np.minimum(at[again] + rng.integers(HOUR, 6 * HOUR, size=len(again)), midnight + 24 * HOUR - 1)
    person, at = np.concatenate([person, person[again]]), np.concatenate([at, later])
    return as_frame(
        SignIn,
        {
            "event_id": ids(company, day, "s", np.arange(len(person))),
            "ts": at,
            "user_id": taken(company.person_ids, person),
            "team_id": taken(company.team_ids, person),
            "mode": np.full(len(person), "oidc"),
        },
    )


def _looking(rng: np.random.Generator, company: Company, day: int) -> Ints:
    """Who signs in on this day without a reason to ask: those who never do, and those who do later."""
    never = company.never & (company.joined <= day)
    soon = ~company.never & (company.joined > day) & (company.joined <= day + _BEFORE)
    is_workday = company.midnight(day).weekday() < 5
    looks: Ints = np.flatnonzero(is_workday & (never | soon) & (rng.random(len(never)) < _LOOKS))
    return looks
