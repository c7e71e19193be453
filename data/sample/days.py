"""The sample data, day by day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from data.sample.activity import sign_ins, tool_calls
from data.sample.calls import calls
from data.sample.choices import decisions, feedback
from data.sample.company import Company, found
from data.sample.prompts import prompts
from data.warehouse.schema import naive_utc

A_DAY = 9.0
"""Prompts of a person on a usual workday."""
ROWS_A_DAY = 13.0
"""What all kinds of events come to, about, for a person and a day of any kind."""


@dataclass(frozen=True, slots=True)
class SampleDay:
    """Ready frames for the tables of these names, each in the order of time."""

    model_calls: pl.DataFrame
    routing_decisions: pl.DataFrame
    routing_feedback: pl.DataFrame
    tool_calls: pl.DataFrame
    sign_ins: pl.DataFrame

    @property
    def frames(self) -> Mapping[str, pl.DataFrame]:
        """By the names of their tables."""
        return {
            "model_calls": self.model_calls,
            "routing_decisions": self.routing_decisions,
            "routing_feedback": self.routing_feedback,
            "tool_calls": self.tool_calls,
            "sign_ins": self.sign_ins,
        }

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return sum(frame.height for frame in self.frames.values())


def sample_days(
    rng: np.random.Generator, now: datetime, *, days: int, people: int, a_day: float = A_DAY
) -> Iterator[SampleDay]:
    """Made-up usage of `days` days (UTC), the last of them that of `now` and only as far as that.

    In it: more people and more prompts from week to week, quiet weekends, an afternoon on which one provider answers
    nearly nothing, a price that is halved, a new model, and one that gets worse at something. Some people stop, some
    only ever sign in, some have no tool called for them. With the same generator the same rows; at another time of the
    same day only the last day is longer or shorter. One day is in memory at a time; to have some number of rows, choose
    `a_day`.

    Args:
        rng: draws everything.
        now: an aware moment.
        days: at least 1.
        people: at least 1.
        a_day: prompts of a person on a usual workday in the middle of the period.
    """
    root, *of_days = rng.spawn(days + 1)
    company = found(root, now, days, people)
    for day, own in enumerate(of_days):
        yield _day(own, company, day, a_day, now)


def company_of(rng: np.random.Generator, now: datetime, *, days: int, people: int) -> Company:
    """The company of `sample_days`, given a generator in the same state: whom it has, and when what happens."""
    return found(rng.spawn(days + 1)[0], now, days, people)


def _day(rng: np.random.Generator, company: Company, day: int, a_day: float, now: datetime) -> SampleDay:
    asked = prompts(rng, company, day, a_day)
    called = calls(rng, company, day, asked)
    shown = feedback(rng, company, day, asked, called)

    def past(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.filter(pl.col("ts") < naive_utc(now)).sort("ts", "event_id")

    (own,) = rng.spawn(1)
    return SampleDay(
        past(called.frame),
        past(decisions(company, day, asked)),
        past(shown),
        past(tool_calls(own, company, day, asked, called)),
        past(sign_ins(own, company, day, asked)),
    )
