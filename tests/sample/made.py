"""Sample data of one quarter, made once for a run of tests, and of a few days."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

import numpy as np
import polars as pl
from pydantic import BaseModel

from data.sample.company import Company
from data.sample.days import SampleDay, company_of, sample_days
from data.warehouse.activity import SignIn, ToolCall
from data.warehouse.frames import frame_schema
from data.warehouse.routing import RoutingDecision, RoutingFeedback
from data.warehouse.schema import ModelCall

NOW = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
DAYS, PEOPLE, SEED = 90, 40, 5
ROWS: tuple[type[BaseModel], ...] = (ModelCall, RoutingDecision, RoutingFeedback, ToolCall, SignIn)


@cache
def quarter() -> tuple[SampleDay, ...]:
    """As `demo seed` makes it."""
    return few(days=DAYS, people=PEOPLE, seed=SEED)


def few(days: int = 4, people: int = 6, seed: int = SEED, now: datetime = NOW) -> tuple[SampleDay, ...]:
    """A few days."""
    return tuple(sample_days(np.random.default_rng(seed), now, days=days, people=people))


@cache
def company() -> Company:
    """Of the quarter."""
    return company_of(np.random.default_rng(SEED), NOW, days=DAYS, people=PEOPLE)


@cache
def all_of(table: str) -> pl.DataFrame:
    """The quarter's rows of a table, with the place of their day."""
    frames: list[pl.DataFrame] = [getattr(day, table) for day in quarter()]
    frames = [frame.with_columns(day=pl.lit(place)) for place, frame in enumerate(frames)]
    return pl.concat(frames)


def schemas_match(day: SampleDay) -> bool:
    """Whether its frames are what goes into the warehouse."""
    return all(dict(frame.schema) == frame_schema(rows) for frame, rows in zip(day.frames.values(), ROWS, strict=True))
