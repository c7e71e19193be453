"""Spans and metrics by OpenTelemetry's GenAI conventions: one trace spans request, turn, and calls of models and tools.

Without a collector (`core.telemetry.otlp`) they go nowhere, at about a microsecond each. No prompt, no answer, no
argument of a tool and no person is in them. Names: https://opentelemetry.io/docs/specs/semconv/gen-ai/ (1.41; they are
still being developed, and so are written out here and not imported from a package that changes with them).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from opentelemetry.context import attach, detach
from opentelemetry.metrics import Meter, NoOpMeter
from opentelemetry.propagate import extract
from opentelemetry.trace import NoOpTracer, Span, SpanKind, Status, StatusCode, Tracer

from data.values.calls import CHAT, CallIntent, CallOutcome, CallStatus
from data.values.operations import OperationKind

AGENT = "gearbox"

_OPERATION, _PROVIDER, _MODEL = "gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model"
_CONVERSATION, _TOKEN_TYPE, _ERROR = "gen_ai.conversation.id", "gen_ai.token.type", "error.type"
_OPERATIONS = {CHAT: "chat", OperationKind.EMBEDDING.value: "embeddings"}
_CONTENT = "generate_content"  # pictures, speech, films: what the conventions have for all that is no text
_PROVIDERS = {"gemini": "gcp.gemini", "mistral": "mistral_ai", "xai": "x_ai", "bedrock": "aws.bedrock"}
# As the conventions say.
_SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
_TOKENS = (1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864)

CallEnded = Callable[[CallOutcome], None]


class Traces:
    """Begins and ends spans. Thread-safe.

    Args:
        tracer, meter: where they go.
    """

    def __init__(self, tracer: Tracer | None = None, meter: Meter | None = None) -> None:
        self.are_on = tracer is not None
        self._tracer = tracer or NoOpTracer()
        meter = meter or NoOpMeter(AGENT)
        self._duration = meter.create_histogram(
            "gen_ai.client.operation.duration",
            "s",
            "GenAI operation duration.",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )
        self._first = meter.create_histogram(
            "gen_ai.client.operation.time_to_first_chunk",
            "s",
            "Time to receive the first chunk.",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )
        self._tokens = meter.create_histogram(
            "gen_ai.client.token.usage",
            "{token}",
            "Number of input and output tokens used.",
            explicit_bucket_boundaries_advisory=_TOKENS,
        )

    def call(self, intent: CallIntent, provider: str, model: str) -> CallEnded:
        """A call of a model begins, within the request or turn that is under way; what comes back ends it.

        Not the current span meanwhile: an answer that streams may be ended in another context than it began in.

        Args:
            provider, model: what they are called here, see `Instruments.named`.
        """
        if not self.are_on:
            return _nobody
        operation = _OPERATIONS.get(intent.modality, _CONTENT)
        labels = {
            _OPERATION: operation,
            _PROVIDER: _PROVIDERS.get(provider, provider),
            _MODEL: model,
        }
        span = self._tracer.start_span(f"{operation} {model}", kind=SpanKind.CLIENT, attributes=labels)
        if intent.conversation_id and span.is_recording():
            span.set_attribute(_CONVERSATION, intent.conversation_id)

        def ended(outcome: CallOutcome) -> None:
            self._count(labels, outcome)
            if span.is_recording():
                _describe(span, intent, outcome)
            span.end()

        return ended

    def _count(self, labels: Mapping[str, str], outcome: CallOutcome) -> None:
        error = {_ERROR: outcome.error_kind.value} if outcome.error_kind else {}
        self._duration.record(outcome.latency_ms / 1000, {**labels, **error})
        if outcome.ttft_ms is not None:
            self._first.record(outcome.ttft_ms / 1000, labels)
        if outcome.usage is not None and not outcome.usage.estimated:
            self._tokens.record(outcome.usage.input, {**labels, _TOKEN_TYPE: "input"})
            self._tokens.record(outcome.usage.output, {**labels, _TOKEN_TYPE: "output"})

    @contextmanager
    def turn(self) -> Iterator[Callable[[str], None]]:
        """An answer in a chat, with all its calls; gives what is told of its conversation, which may be a new one."""
        attributes = {_OPERATION: "invoke_agent", "gen_ai.agent.name": AGENT}
        with self._tracer.start_as_current_span(
            f"invoke_agent {AGENT}", attributes=attributes, record_exception=False
        ) as span:
            yield lambda conversation_id: span.set_attribute(_CONVERSATION, conversation_id)

    @contextmanager
    def tool(self, name: str) -> Iterator[None]:
        """A call of a tool; what it calls in turn is within it."""
        attributes = {_OPERATION: "execute_tool", "gen_ai.tool.name": name}
        with self._tracer.start_as_current_span(
            f"execute_tool {name}", attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield
            except Exception as error:
                # Its words may hold what the model asked, or a server's.
                span.set_attribute(_ERROR, type(error).__name__)
                span.set_status(Status(StatusCode.ERROR))
                raise

    @contextmanager
    def request(self, method: str, headers: Mapping[str, str]) -> Iterator[Callable[[str, int], None]]:
        """A request of a program, within its own trace where it sent one; gives what is told of its answer."""
        token = attach(extract(headers)) if "traceparent" in headers else None
        try:
            with self._tracer.start_as_current_span(
                method, kind=SpanKind.SERVER, attributes={"http.request.method": method}, record_exception=False
            ) as span:

                def answered(route: str, status: int) -> None:
                    span.update_name(f"{method} {route}")
                    span.set_attributes({"http.route": route, "http.response.status_code": status})
                    if status >= 500:  # the conventions': a caller's mistake is no error of the server's
                        span.set_attribute(_ERROR, str(status))
                        span.set_status(Status(StatusCode.ERROR))

                yield answered
        finally:
            if token is not None:
                detach(token)


def _nobody(_outcome: CallOutcome) -> None:
    """Nobody is told."""


def _describe(span: Span, intent: CallIntent, outcome: CallOutcome) -> None:
    """What is known at the end of a call; all at once, for the span is locked for each."""
    known: dict[str, str | int | float] = {"gearbox.call.id": intent.id, "gearbox.chosen_by": intent.chosen_by.value}
    if intent.cache is not None:
        known["gearbox.cache"] = intent.cache.value
    if (usage := outcome.usage) is not None:
        known["gen_ai.usage.input_tokens"] = usage.input
        known["gen_ai.usage.output_tokens"] = usage.output
        known["gen_ai.usage.cache_read.input_tokens"] = usage.cached
        known["gen_ai.usage.reasoning.output_tokens"] = usage.reasoning
    if outcome.ttft_ms is not None:
        known["gen_ai.response.time_to_first_chunk"] = outcome.ttft_ms / 1000
    if outcome.cost.amount is not None:
        known["gearbox.cost"] = str(outcome.cost.amount)
        known["gearbox.currency"] = outcome.cost.currency
    if outcome.status is CallStatus.FAILED:
        known[_ERROR] = outcome.error_kind.value if outcome.error_kind else "_OTHER"
        span.set_status(Status(StatusCode.ERROR))
    span.set_attributes(known)


UNTRACED = Traces()
"""For whom nobody listens to."""
