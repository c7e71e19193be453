"""The sample data as events of the outbox, in the very form in which real ones are told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC
from decimal import Decimal
from functools import lru_cache
from typing import Any

import polars as pl

from data.sample.days import SampleDay
from data.warehouse.drain import MODEL_CALL, ROUTING_DECISION, ROUTING_FEEDBACK, SIGN_IN, TOOL_CALL

Event = tuple[str, dict[str, Any]]
"""Kind and payload."""

_AS_JSON = ("tasks", "arms", "against")


def events_of(day: SampleDay) -> Iterator[Event]:
    """Calls, then choices, what people showed, calls of tools and sign-ins; each in the order of time."""
    kinds = (MODEL_CALL, ROUTING_DECISION, ROUTING_FEEDBACK, TOOL_CALL, SIGN_IN)
    for kind, frame in zip(kinds, day.frames.values(), strict=True):
        for row in frame.iter_rows(named=True):
            yield kind, _payload(row, frame)


def _payload(row: dict[str, Any], frame: pl.DataFrame) -> dict[str, Any]:
    told = {name: str(value) if isinstance(value, Decimal) else value for name, value in row.items()}
    told["ts"] = row["ts"].replace(tzinfo=UTC).isoformat()
    return told | {name: _parsed(row[name]) for name in _AS_JSON if name in frame.columns}


@lru_cache(maxsize=1000)
def _parsed(text: str) -> Any:
    """The same few texts again and again; what comes out is only read."""
    return json.loads(text)
