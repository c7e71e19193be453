"""Questions that are picked instead of written: what can be counted, by what, and of which calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from data.analytics.period import Period

NONE = "(none)"
"""What stands for nothing: a call without a team, or without an error."""


class Subject(StrEnum):
    """What is counted."""

    CALLS = "calls"
    TOOLS = "tools"
    SIGN_INS = "sign-ins"
    CHOICES = "choices"
    FEEDBACK = "feedback"
    FLAGS = "flags"


class Unit(StrEnum):
    """What a measure's numbers are."""

    COUNT = "count"
    MONEY = "money"
    MILLISECONDS = "ms"
    SECONDS = "s"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that is counted: `sql` is an aggregate over the subject's view."""

    label: str
    sql: str
    unit: Unit = Unit.COUNT


@dataclass(frozen=True, slots=True)
class Dimension:
    """Something to count by. Of a `time` the values have an order. `needs` is a view that is joined for it."""

    label: str
    sql: str
    is_time: bool = False
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Topic:
    """A subject with what can be picked of it, by their names in the address and in the result."""

    label: str
    view: str
    measures: Mapping[str, Measure]
    dimensions: Mapping[str, Dimension]


@dataclass(frozen=True, slots=True)
class Picked:
    """One question.

    Args:
        subject: what is counted.
        measures: names of measures of it, at least one.
        dimensions: names of dimensions of it.
        filters: pairs of a dimension's name and the values that it may have.
        period: how far back, today included; None: everything.
    """

    subject: Subject = Subject.CALLS
    measures: tuple[str, ...] = ("calls",)
    dimensions: tuple[str, ...] = ("day",)
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    period: Period | None = Period.MONTH


_TIME = {
    "day": Dimension("Day", "day", is_time=True),
    "week": Dimension("Week", "CAST(date_trunc('week', day) AS DATE)", is_time=True),
    "month": Dimension("Month", "CAST(date_trunc('month', day) AS DATE)", is_time=True),
    "weekday": Dimension("Day of the week", "isodow(day) || ' ' || dayname(day)", is_time=True),
    "hour": Dimension("Hour of the day", "hour(ts AT TIME ZONE 'UTC' AT TIME ZONE $zone)", is_time=True),
}
_WHO = {
    "team": Dimension("Team", f"coalesce(teams.name, team_id, '{NONE}')", needs="teams"),
    "person": Dimension("Person", "person"),
    "name": Dimension("Name", "coalesce(people.name, person)", needs="people"),
    "sample": Dimension("Sample data", "CASE WHEN is_sample THEN 'sample' ELSE 'real' END"),
}
_TEAMLESS = {name: dimension for name, dimension in _WHO.items() if name != "team"}
_PEOPLE = Measure("People", "count(DISTINCT person)")


def _plain(label: str, column: str, *, nullable: bool = False) -> Dimension:
    return Dimension(label, f"coalesce({column}, '{NONE}')" if nullable else column)


def _of(label: str, condition: str) -> Measure:
    return Measure(label, f"count(*) FILTER ({condition})")


def _share(label: str, condition: str) -> Measure:
    return Measure(label, f"round(100.0 * count(*) FILTER ({condition}) / count(*), 2)", Unit.PERCENT)


TOPICS: Mapping[Subject, Topic] = {
    Subject.CALLS: Topic(
        "Calls of models",
        "model_calls",
        {
            "calls": Measure("Calls", "count(*)"),
            "people": _PEOPLE,
            "cost_usd": Measure("Cost, US dollars", "sum(cost_usd)", Unit.MONEY),
            "cost_per_call": Measure("Cost of a call, US dollars", "avg(cost_usd)", Unit.MONEY),
            "unpriced": _of("Calls without a price", "cost_basis = 'unpriced'"),
            "tokens": Measure("Tokens", "sum(tokens)"),
            "input_tokens": Measure("Tokens in", "sum(input_tokens)"),
            "output_tokens": Measure("Tokens out", "sum(output_tokens)"),
            "images": Measure("Pictures made", "sum(images)"),
            "audio_seconds": Measure("Seconds of sound and film", "sum(audio_seconds)", Unit.SECONDS),
            "failed": _of("Failed", "status = 'failed'"),
            "failed_percent": _share("Failed, %", "status = 'failed'"),
            "stopped": _of("Stopped by the person", "stopped"),
            "ttft_ms_median": Measure("First token, median ms", "median(ttft_ms)", Unit.MILLISECONDS),
            "latency_ms_median": Measure("Whole answer, median ms", "median(latency_ms)", Unit.MILLISECONDS),
            "latency_ms_p95": Measure(
                "Whole answer, 95 of 100 under, ms", "quantile_cont(latency_ms, 0.95)", Unit.MILLISECONDS
            ),
            "cache_hits": _of("Answered from Gearbox's cache", "cache = 'hit'"),
            "saved_usd": Measure(
                "Saved by the cache, US dollars", "sum(saved_amount) FILTER (cost_currency = 'USD')", Unit.MONEY
            ),
        },
        {
            **_TIME,
            "model": _plain("Model", "model_id"),
            "provider": _plain("Provider", "provider"),
            "task": _plain("Task", "task"),
            "modality": _plain("Asked for", "modality"),
            **_WHO,
            "surface": _plain("Asked in", "surface"),
            "chosen_by": _plain("Model chosen by", "chosen_by"),
            "key_owner": _plain("Whose key", "key_owner"),
            "status": _plain("Outcome", "status"),
            "error": _plain("Why it failed", "error_kind", nullable=True),
            "currency": _plain("Currency", "cost_currency", nullable=True),
        },
    ),
    Subject.TOOLS: Topic(
        "Calls of tools",
        "tool_calls",
        {
            "calls": Measure("Calls", "count(*)"),
            "people": _PEOPLE,
            "failed": _of("Failed", "status = 'failed'"),
            "failed_percent": _share("Failed, %", "status = 'failed'"),
            "denied": _of("Not allowed", "status = 'denied'"),
            "latency_ms_median": Measure("Time, median ms", "median(latency_ms)", Unit.MILLISECONDS),
        },
        {
            **_TIME,
            "tool": _plain("Tool", "tool"),
            "origin": _plain("Brought by", "origin"),
            "effect": _plain("What it does", "effect"),
            "status": _plain("Outcome", "status"),
            "surface": _plain("Asked in", "surface"),
            **_WHO,
        },
    ),
    Subject.SIGN_INS: Topic(
        "Sign-ins",
        "sign_ins",
        {"sign_ins": Measure("Sign-ins", "count(*)"), "people": _PEOPLE},
        {**_TIME, "mode": _plain("How", "mode"), **_WHO},
    ),
    Subject.CHOICES: Topic(
        "Choices of models",
        "routing_decisions",
        {
            "choices": Measure("Choices", "count(*)"),
            "people": _PEOPLE,
            "explored": _of("Tried to learn", "explored"),
            "overruled": _of("In the place of another choice", "overrules IS NOT NULL"),
            "quality": Measure("Expected quality, %", "round(100 * avg(quality), 1)", Unit.PERCENT),
        },
        {
            **_TIME,
            "model": _plain("Model", "chosen"),
            "chooser": _plain("Chosen by", "chooser"),
            "task": _plain("Task", "task"),
            **_TEAMLESS,
        },
    ),
    Subject.FEEDBACK: Topic(
        "Feedback on answers",
        "routing_feedback",
        {
            "signals": Measure("Signs", "count(*)"),
            "people": _PEOPLE,
            "thumbs_up": _of("Thumbs up", "signal = 'thumb_up'"),
            "thumbs_down": _of("Thumbs down", "signal = 'thumb_down'"),
        },
        {
            **_TIME,
            "model": _plain("Model", "model_id"),
            "signal": _plain("Sign", "signal"),
            "task": _plain("Task", "task"),
            "reason": _plain("Why", "reason", nullable=True),
            **_TEAMLESS,
        },
    ),
    Subject.FLAGS: Topic(
        "Feature flags",
        "flag_exposures",
        {"exposures": Measure("Times decided", "count(*)"), "people": _PEOPLE},
        {
            **_TIME,
            "flag": _plain("Flag", "flag"),
            "variant": _plain("Came to", "variant"),
            "reason": _plain("Why", "reason"),
            "arm": _plain("Group", "arm", nullable=True),
            **_WHO,
        },
    ),
}


def topic(subject: Subject, *, sees_people: bool) -> Topic:
    """What somebody may pick of a subject."""
    whole = TOPICS[subject]
    shown = {name: each for name, each in whole.dimensions.items() if sees_people or each.needs != "people"}
    return Topic(whole.label, whole.view, whole.measures, shown)
