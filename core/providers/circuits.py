"""Circuit breakers: a model that keeps failing at an endpoint is left alone for a while, then tried with one call.

Beside them: which endpoints did not answer when they were asked for something else than an answer. They are
called as before, but chosen last. Kept in this process: each replica finds out for itself, with at most `FAILURES`
calls.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.clock import utc_now
from core.errors import ProviderError
from data.values.calls import ErrorKind

FAILURES = 5
"""Failures in a row after which a circuit opens."""

FIRST_REST = 5.0
LONGEST_REST = 120.0
"""Seconds that it stays open: twice as long after each probe that fails."""

SILENT_FOR = 3600.0
"""Seconds after which an endpoint that nobody asked again no longer counts as silent."""

_MOST = 10_000

# What says that the endpoint is in trouble. A refused key or request says that it works, and a rate limit is the
# account's: neither opens a circuit.
_TROUBLE = {
    ErrorKind.UNREACHABLE,
    ErrorKind.TIMEOUT,
    ErrorKind.STREAM_CUT,
    ErrorKind.BAD_RESPONSE,
    ErrorKind.PROVIDER,
}


# Nobody is there. What else an endpoint says to a request for its models says little of its answers.
_SILENT = {ErrorKind.UNREACHABLE, ErrorKind.TIMEOUT}


@dataclass(frozen=True, slots=True)
class Circuit:
    """What is called: an endpoint, and which of its models. At an aggregator one model may fail while others work."""

    endpoint_id: str
    model: str


@dataclass(frozen=True, slots=True)
class CircuitState:
    """An open circuit as people see it: `rests` seconds until the next probe, 0 while one is due or under way."""

    circuit: Circuit
    label: str
    failures: int
    rests: float


@dataclass(frozen=True, slots=True)
class Silences:
    """What does not answer, since when (UTC): endpoints by their id, and models at an endpoint."""

    endpoints: Mapping[str, datetime] = field(default_factory=dict)
    models: Mapping[Circuit, datetime] = field(default_factory=dict)

    def since(self, endpoint_id: str, model: str) -> datetime | None:
        """Since when a model there has not answered; None where it is not known to be silent."""
        return self.endpoints.get(endpoint_id) or self.models.get(Circuit(endpoint_id, model))


class CircuitOpen(ProviderError):
    """No call was made: the last ones all failed."""


@dataclass(slots=True)
class _Record:
    label: str
    since: datetime
    failures: int = 0
    rest: float = 0.0
    until: float = 0.0
    probing: bool = False

    @property
    def is_open(self) -> bool:
        return self.rest > 0


class Circuits:
    """Thread-safe: the loops of chat and API share one.

    Args:
        clock: monotonic seconds.
        rng: spreads the probes of many processes.
        now: UTC; says since when.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        rng: random.Random | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._clock = clock
        self._now = now
        self._silent: dict[str, tuple[datetime, float]] = {}  # by endpoint: since when, and when it was seen last
        self._rng = rng or random.Random()  # noqa: S311  # jitter
        self._records: dict[Circuit, _Record] = {}
        self._lock = threading.Lock()

    def admits(self, circuit: Circuit) -> bool:
        """Whether `enter` would let a call through now."""
        record = self._records.get(circuit)
        return record is None or self._lets_through(record)

    def enter(self, circuit: Circuit, label: str) -> None:
        """Begin a call; `left` must follow. `label` is what people call the endpoint.

        Raises:
            CircuitOpen: it is not to be made; says when the next one may.
        """
        if circuit not in self._records:  # almost every call
            return
        with self._lock:
            record = self._records.get(circuit)
            if record is None or not record.is_open:
                return
            if self._lets_through(record):
                record.label, record.probing = label, True
                return
            wait, failures = max(record.until - self._clock(), 1.0), record.failures
        raise CircuitOpen(
            ErrorKind.PROVIDER,
            f"{label} failed {failures} times in a row and is left alone for now.",
            f"Try again in {math.ceil(wait)} seconds, or choose another model.",
            retry_after=wait,
        )

    def left(self, circuit: Circuit, label: str, error: ErrorKind | None, *, answered: bool) -> None:
        """A call ended: with an error of this kind, or without one; `answered` when anything came of it."""
        if error is None and circuit not in self._records and not self._silent:  # almost every call
            return
        with self._lock:
            self._note(circuit, label, error, answered=answered)
            if answered:
                self._silent.pop(circuit.endpoint_id, None)

    def asked(self, endpoint_id: str, error: ErrorKind | None) -> None:
        """An endpoint was asked for something else than an answer, or tested: with this error, or without one."""
        with self._lock:
            if error in _SILENT:
                since = self._silent.get(endpoint_id, (self._now(), 0.0))[0]
                self._silent[endpoint_id] = since, self._clock()
            else:
                self._silent.pop(endpoint_id, None)

    def try_now(self, circuit: Circuit) -> None:
        """Let the next call through, however long the circuit would rest: a person wants to know."""
        with self._lock:
            if record := self._records.get(circuit):
                record.until = self._clock()

    def silences(self) -> Silences:
        """What is known not to answer now. Asks nobody."""
        with self._lock:
            old = self._clock() - SILENT_FOR
            self._silent = {key: seen for key, seen in self._silent.items() if seen[1] >= old}
            return Silences(
                {key: since for key, (since, _) in self._silent.items()},
                {circuit: record.since for circuit, record in self._records.items() if record.is_open},
            )

    def states(self) -> list[CircuitState]:
        """The open circuits, the longest resting first."""
        now = self._clock()
        with self._lock:
            found = [
                CircuitState(circuit, record.label, record.failures, max(record.until - now, 0.0))
                for circuit, record in self._records.items()
                if record.is_open
            ]
        return sorted(found, key=lambda state: -state.rests)

    def _lets_through(self, record: _Record) -> bool:
        return not record.is_open or (not record.probing and self._clock() >= record.until)

    def _note(self, circuit: Circuit, label: str, error: ErrorKind | None, *, answered: bool) -> None:
        record = self._records.get(circuit)
        if error in _TROUBLE:
            if record is None:
                self._make_room()
                record = self._records.setdefault(circuit, _Record(label, self._now()))
            record.failures += 1
            if record.probing or (not record.is_open and record.failures >= FAILURES):
                record.rest = min(record.rest * 2, LONGEST_REST) or FIRST_REST
                record.until = self._clock() + record.rest * self._rng.uniform(0.8, 1.2)
            record.probing = False
        elif record is not None and (answered or error in {ErrorKind.AUTH, ErrorKind.BAD_REQUEST, ErrorKind.NOT_FOUND}):
            del self._records[circuit]  # it works
        elif record is not None:
            record.probing = False  # stopped before it said anything: as good as not tried

    def _make_room(self) -> None:
        if len(self._records) >= _MOST:
            self._records = {circuit: record for circuit, record in self._records.items() if record.is_open}
