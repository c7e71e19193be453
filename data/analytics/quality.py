"""What is known of answers and of how their models were chosen: the typed queries behind the Quality page.

Times in and out are aware UTC. Whether a number may be shown (nothing about fewer than three people) is for the caller
to say: `people` is beside each. Nothing here knows a prompt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from data.analytics.asking import rows as asked
from data.analytics.period import Span
from data.analytics.quality_sql import SQL
from data.learning.routing.counting import ITS_FAULT
from data.learning.routing.wins import Comparison
from data.values.calls import CHAT
from data.values.routing import Arm, Chooser, Decision, Signal
from data.values.sample import is_sample
from data.values.tasks import Task
from data.warehouse.schema import naive_utc

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Heads:
    """How many people are behind a number, and how many of them are not the one who looks.

    People of sample data count only where there are no real ones: they hide nobody.
    `third_at`: when they came to be three; None: they are fewer.
    """

    people: int = 0
    others: int = 0
    third_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What people showed of a model's answers at a task: a signal, `times` times, by how likely the task was.

    On one day (UTC), before the period in the week that begins with it.
    """

    model_id: str
    task: Task
    day: date
    signal: Signal
    times: float


@dataclass(frozen=True, slots=True)
class Choices:
    """How models were chosen in one bucket of the period."""

    start: datetime
    policy: int = 0
    explored: int = 0
    others: int = 0


@dataclass(frozen=True, slots=True)
class JudgedChoice:
    """A choice of the policy, and the last thing of each kind that somebody showed of its answer.

    `candidates`: how many there were; the decision's arms may be only the best of them.
    """

    decision: Decision
    signals: tuple[Signal, ...]
    candidates: int


@dataclass(frozen=True, slots=True)
class CostBeside:
    """On the policy's choices where both prices are known: what they cost a piece, and what one model would have.

    Estimates of before the answer, on both sides. US dollars.
    """

    model_id: str
    choices: int
    chosen: Decimal
    always: Decimal


@dataclass(frozen=True, slots=True)
class QualityFacts:
    """Everything the page is made of."""

    span: Span
    first_choice_at: datetime | None
    choices: tuple[Choices, ...]
    heads: Heads
    shown: tuple[Shown, ...]
    heads_by_cell: Mapping[tuple[str, Task], Heads]
    judged: tuple[JudgedChoice, ...]
    heads_of_judged: Heads
    costs: tuple[CostBeside, ...]
    comparisons: tuple[Comparison, ...]
    sampled: bool
    """Whether some of it is sample data."""


def quality_facts(con: DuckDBPyConnection, span: Span, viewer: str) -> QualityFacts:
    """Run the queries.

    Args:
        con: a cursor of the warehouse.
        span: the period. What people showed counts from the beginning, up to its end.
        viewer: who looks: what is their own alone may be shown to them.
    """
    parameters = {
        "start": naive_utc(span.start),
        "end": naive_utc(span.end),
        "viewer": viewer,
        "signals": sorted(_SIGNALS),
        "faults": sorted(ITS_FAULT),
        "chat": CHAT,
        "edges": [naive_utc(edge) for edge in span.edges],
    }

    def rows(name: str) -> list[dict[str, Any]]:
        return asked(con, SQL[name], parameters)

    totals = rows("totals")[0]
    judged = rows("judged")
    return QualityFacts(
        span=span,
        first_choice_at=totals["first_at"] and totals["first_at"].replace(tzinfo=UTC),
        choices=_filled(span, rows("choices")),
        heads=Heads(totals["people"], totals["others"]),
        shown=tuple(_shown(row) for row in rows("shown")),
        heads_by_cell={(row.pop("model_id"), _task(row.pop("task"))): _heads_of(row) for row in rows("heads_by_cell")},
        judged=tuple(_judged(row) for row in judged),
        heads_of_judged=_heads({row["user_id"] for row in judged}, viewer),
        costs=tuple(_cost(row) for row in rows("costs")),
        comparisons=tuple(
            Comparison(row["user_id"], row["model_id"], Signal(row["signal"]), tuple(row["against"] or ()))
            for row in rows("comparisons")
        ),
        sampled=rows("sampled")[0]["sampled"],
    )


# A newer release's signals are not known here, and a thumb that was taken back says nothing.
_SIGNALS = frozenset(map(str, Signal)) - {Signal.THUMB_TAKEN_BACK.value}
_TASKS = frozenset(map(str, Task))


def _task(name: str) -> Task:
    """A newer release's task is one of the others here."""
    return Task(name) if name in _TASKS else Task.OTHER


def _heads(user_ids: set[str], viewer: str) -> Heads:
    behind = {each for each in user_ids if not is_sample(each)} or user_ids
    return Heads(len(behind), len(behind - {viewer}))


def _heads_of(row: dict[str, Any]) -> Heads:
    third = row["third_at"]
    return Heads(row["people"], row["others"], third and third.replace(tzinfo=UTC))


def _filled(span: Span, rows: list[dict[str, Any]]) -> tuple[Choices, ...]:
    found = {row["start"].replace(tzinfo=UTC): row for row in rows}
    return tuple(Choices(**{**found.get(edge, {}), "start": edge}) for edge in span.edges)


def _cost(row: dict[str, Any]) -> CostBeside:
    # Not DuckDB's avg: it makes money a float.
    n = row["choices"]
    return CostBeside(row["model_id"], n, row["chosen"] / n, row["always"] / n)


def _shown(row: dict[str, Any]) -> Shown:
    return Shown(row["model_id"], _task(row["task"]), row["day"], Signal(row["signal"]), row["times"])


def _judged(row: dict[str, Any]) -> JudgedChoice:
    arms = tuple(
        Arm(arm["model"], arm["quality"], arm["quality"], arm["quality"], arm["n"] or 0.0) for arm in row["arms"] or ()
    )
    decision = Decision(
        id=row["event_id"],
        user_id=row["user_id"],
        task=_task(row["task"]),
        chosen=row["chosen"],
        chooser=Chooser.POLICY,
        decided_at=row["ts"].replace(tzinfo=UTC),
        arms=arms,
        explored=row["explored"],
        propensity=row["propensity"],
    )
    return JudgedChoice(decision, tuple(Signal(each) for each in row["signals"]), row["candidates"])
