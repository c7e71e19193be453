"""How fast the Audit page's queries answer on a long log: `run()` is part of `bench.vault`."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bench.audit_log import person
from data.store import OwnerId, Store, open_store
from data.values.actor import Surface
from data.values.audit import Action, AuditOutcome
from data.values.audit_search import AuditFilter

_ROUNDS = 20
_PAGES = 5
_PERCENTILE = 95


@dataclass(frozen=True, slots=True)
class SearchTimes:
    """Seconds for a page of 50 events; `slowest` names the kind of question whose p95 is the highest."""

    p50: float
    p95: float
    slowest: str
    slowest_p95: float
    queries: int


def questions(now: datetime) -> dict[str, AuditFilter]:
    """What admins ask for: each facet alone and together, common and rare, and what is not there at all."""
    week = now - timedelta(days=7)
    return {
        "everything": AuditFilter(folded=True),
        "with intents": AuditFilter(),
        "last week": AuditFilter(since=week, folded=True),
        "half a year ago": AuditFilter(until=now - timedelta(days=180), folded=True),
        "a busy person": AuditFilter(actor_ids=(person(0),), folded=True),
        "a quiet person": AuditFilter(actor_ids=(person(199),), folded=True),
        "a common action": AuditFilter(actions=(Action.KEY_USE,), folded=True),
        "a rare action": AuditFilter(actions=(Action.ROLE_CHANGE,), folded=True),
        "many actions": AuditFilter(actions=tuple(Action), folded=True),
        "an action nobody did": AuditFilter(actions=(Action.KEK_DESTROY,), folded=True),
        "refused": AuditFilter(outcomes=(AuditOutcome.REFUSED,), folded=True),
        "unknown": AuditFilter(outcomes=(AuditOutcome.UNKNOWN,), folded=True),
        "person and rare action": AuditFilter(actor_ids=(person(0),), actions=(Action.ROLE_CHANGE,), folded=True),
        "person and outcome": AuditFilter(actor_ids=(person(1),), outcomes=(AuditOutcome.FAILED,), folded=True),
        "all facets": AuditFilter(
            actor_ids=(person(2),),
            actions=(Action.KEY_USE,),
            outcomes=(AuditOutcome.STOPPED,),
            surfaces=(Surface.API,),
            since=now - timedelta(days=90),
            folded=True,
        ),
        "a surface nobody used": AuditFilter(surfaces=(Surface.CLI,), folded=True),
        "a name": AuditFilter(text="Ada Adler", folded=True),
        "a word": AuditFilter(text="mistral", folded=True),
        "an id": AuditFilter(text=person(5)),
        "a word that is nowhere": AuditFilter(text="no such word", folded=True),
    }


def run(url: str) -> SearchTimes:
    """Ask each question on the log of `bench.audit_log.fill` at `url`, and leaf through its first pages."""
    store = open_store(url, owner=OwnerId.current())
    try:
        timed = {name: list(_times(store, wanted)) for name, wanted in questions(datetime.now(UTC)).items()}
    finally:
        store.close()
    every = [seconds for times in timed.values() for seconds in times]
    worst = max(timed, key=lambda name: _p95(timed[name]))
    return SearchTimes(statistics.median(every), _p95(every), worst, _p95(timed[worst]), len(every))


def _times(store: Store, wanted: AuditFilter) -> Iterator[float]:
    store.audit.search(wanted)  # the first look at a part of the file reads it from the disk
    for _ in range(_ROUNDS // _PAGES):
        cursor = None
        for _ in range(_PAGES):
            began = time.perf_counter()
            page = store.audit.search(wanted, cursor)
            yield time.perf_counter() - began
            cursor = page.older
            if cursor is None:
                break


def _p95(times: list[float]) -> float:
    return sorted(times)[min(len(times) - 1, len(times) * _PERCENTILE // 100)]
