"""The metrics that are counted as things happen; what is read when somebody asks is in `core.telemetry.readings`.

Names and units follow https://prometheus.io/docs/practices/naming/: seconds, and money in whole units of its currency.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
)

from core.providers.local_servers import LOCAL
from core.telemetry.gaps import GapHistogram, Gaps
from core.telemetry.labels import Bounded, Series
from data.values.audit import AuditEvent
from data.values.calls import CallIntent, CallOutcome, CallStatus
from data.values.money import CostBasis

MOST_MODELS = 200
"""Models with time series of their own; more of them are counted together."""

OWN = "own"
"""What stands for a server that a person, a team or the organisation entered, and for its models."""

MOST_TOOLS = 100
MOST_FLAGS = 100

_HTTP_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)
_TTFT_BOUNDS = (0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0)
_CALL_BOUNDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0)
_TOOL_BOUNDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_MODEL = ("provider", "model")


class Instruments:
    """All of them, in a registry of their own. Thread-safe; a call of a model costs some 20 µs here.

    Everything is of one process: who runs several adds them up, as Prometheus does.

    Args:
        version: of the release.
        providers: the known ones.
    """

    def __init__(self, version: str, providers: Collection[str]) -> None:
        # They are twice as many series, for what a restart shows anyway. This is of the whole process.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self._providers = frozenset(providers)
        self._models, self._tools, self._flags = Bounded(MOST_MODELS), Bounded(MOST_TOOLS), Bounded(MOST_FLAGS)
        self._make_http()
        self._make_calls()
        self._make_others()
        Info("gearbox_build", "The release that runs.", registry=self.registry).info({"version": version})
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)

    def _make_http(self) -> None:
        self._requests = self._counter("http_requests", "Requests answered, by route.", "route", "method", "status")
        self._request_seconds = self._histogram(
            "http_request_duration_seconds", "From a request to the end of its answer.", _HTTP_BOUNDS, "route", "method"
        )
        self._in_progress = Gauge(
            "gearbox_http_requests_in_progress", "Requests whose answer has not ended.", registry=self.registry
        )

    def _make_calls(self) -> None:
        self._calls = self._counter(
            "model_calls", "Calls of models that ended.", *_MODEL, "modality", "status", "error"
        )
        self._call_seconds = self._histogram(
            "model_call_duration_seconds", "Calls that were answered, from request to end.", _CALL_BOUNDS, *_MODEL
        )
        self._ttft = self._histogram(
            "model_ttft_seconds", "From the request to the first token (TTFT).", _TTFT_BOUNDS, *_MODEL
        )
        self._gaps = GapHistogram(
            "gearbox_model_inter_token_seconds", "Between one streamed piece of an answer and the next.", _MODEL
        )
        self.registry.register(self._gaps)
        self._tokens = self._counter(
            "model_tokens", "Tokens; cached ones are part of input, reasoning of output.", *_MODEL, "kind"
        )
        self._cost = self._counter("model_cost", "What calls cost, in units of the currency.", *_MODEL, "currency")
        self._unpriced = self._counter("model_calls_unpriced", "Calls that used tokens without a known price.", *_MODEL)
        self._cache = self._counter("cache_requests", "Calls that Gearbox's own cache was asked for.", "outcome")

    def _make_others(self) -> None:
        self._tool_calls = self._counter("tool_calls", "Calls of tools that ended.", "tool", "outcome")
        self._tool_seconds = self._histogram("tool_call_duration_seconds", "Calls of tools.", _TOOL_BOUNDS, "tool")
        self._audited = self._counter(
            "audit_events", "Events committed to the audit log; those of `key.*` and `kek.*` are the vault's.",
            "action", "outcome",
        )  # fmt: skip
        self._evaluations = self._counter("flag_evaluations", "Evaluations of feature flags.", "flag", "variant")

    def _counter(self, name: str, text: str, *labels: str) -> Series[Counter]:
        return Series(Counter(f"gearbox_{name}", text, labels, registry=self.registry))

    def _histogram(self, name: str, text: str, bounds: tuple[float, ...], *labels: str) -> Series[Histogram]:
        return Series(Histogram(f"gearbox_{name}", text, labels, registry=self.registry, buckets=bounds))

    def request_began(self) -> None:
        """A request is being answered; `request_ended` must follow."""
        self._in_progress.inc()

    def request_ended(self, route: str, method: str, status: int, seconds: float) -> None:
        """A request was answered.

        Args:
            route: its pattern, of which there are few; never the path that was asked for.
            status: 0 where the connection was lost before there was one.
        """
        self._in_progress.dec()
        self._requests.of(route, method, str(status)).inc()
        self._request_seconds.of(route, method).observe(seconds)

    def call_ended(self, intent: CallIntent, outcome: CallOutcome, gaps: Gaps | None = None) -> None:
        """A call of a model has ended, or its answer came from the cache."""
        model = self.named(intent)
        error = outcome.error_kind.value if outcome.error_kind else ""
        self._calls.of(*model, intent.modality, outcome.status.value, error).inc()
        if intent.cache is not None:
            self._cache.of(intent.cache.value).inc()
        if outcome.status is CallStatus.OK:
            self._call_seconds.of(*model).observe(outcome.latency_ms / 1000)
        if outcome.ttft_ms is not None:
            self._ttft.of(*model).observe(outcome.ttft_ms / 1000)
        if gaps is not None:
            self._gaps.add(model, gaps)
        if (usage := outcome.usage) is not None:
            for kind in ("input", "output", "cached", "reasoning"):
                if count := getattr(usage, kind):
                    self._tokens.of(*model, kind).inc(count)
            if outcome.cost.basis is CostBasis.UNPRICED:
                self._unpriced.of(*model).inc()
        if outcome.cost.amount:
            self._cost.of(*model, outcome.cost.currency).inc(float(outcome.cost.amount))

    def named(self, intent: CallIntent) -> tuple[str, str]:
        """Provider and model as labels: what somebody entered, such as a server of their own, has no name here."""
        if intent.provider not in self._providers and not intent.endpoint_id.startswith(LOCAL):
            return OWN, OWN
        fine_tuned = intent.model.startswith("ft:")  # ft:base:organisation::id
        model = ":".join(intent.model.split(":")[:2]) if fine_tuned else intent.model
        provider, model = self._models.of(intent.provider, model)
        return provider, model

    def tool_ended(self, tool: str, seconds: float, error: str) -> None:
        """A call of a tool has ended; `error` is empty where it did not fail."""
        (named,) = self._tools.of(tool)
        self._tool_calls.of(named, "failed" if error else "done").inc()
        self._tool_seconds.of(named).observe(seconds)

    def audited(self, events: Sequence[AuditEvent]) -> None:
        """These events were committed."""
        for event in events:
            self._audited.of(event.action.value, event.outcome.value).inc()

    def flag_evaluated(self, flag: str, variant: str) -> None:
        """A feature flag was evaluated."""
        self._evaluations.of(*self._flags.of(flag, variant)).inc()
