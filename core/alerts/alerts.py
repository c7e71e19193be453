"""The one function by which other parts tell that something is wrong with them, or right again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from core.alerts.rules import WATCHES
from data.store import Store
from data.values.alerts import Observation

HOLDS = timedelta(hours=1)


class Alerts:
    """Thread-safe, blocking for one commit.

    Args:
        wake: begins a round of the evaluator now, if it is this process's.
    """

    def __init__(self, store: Store, clock: Callable[[], datetime], wake: Callable[[], object] = lambda: None) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake

    def tell(self, kind: str, subject: str, summary: str, *, value: float = 1.0, holds: timedelta = HOLDS) -> None:
        """Say what was seen; the rule decides whether it fires, for how long, and who is told. That is looked at now.

        Say it again while it holds: it is forgotten after `holds`, and with `value=0` at once.

        Args:
            kind: the key of a rule, such as `guardrail-breach`.
            subject: what it is about, by an id: alerts of one kind are told apart by it.
            summary: a sentence for people; no names of people, no addresses.
            value: in the unit of the rule.

        Raises:
            KeyError: there is no such rule.
            StoreError: it can't be kept.
        """
        known = WATCHES[kind].rule.key
        self._store.alerts.tell(known, Observation(subject, value, summary), self._clock() + holds)
        self._wake()
