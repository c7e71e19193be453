"""Sends spans and metrics to a collector by OTLP over HTTP, where the operator names one."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from core.errors import ConfigError
from core.telemetry.traces import AGENT, Traces

if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource

_CLOSES_MS = 3_000
_METRICS_EVERY_MS = 30_000


def traces_to(endpoint: str, version: str, instance: str, stack: ExitStack) -> Traces:
    """Spans and metrics for the collector at `endpoint`; what waits is sent as the stack closes.

    They leave on threads of their own; where the collector does not answer they are dropped, and nothing waits for it.
    Headers, sampling and the like are OpenTelemetry's own settings (`OTEL_EXPORTER_OTLP_HEADERS`,
    `OTEL_TRACES_SAMPLER`).

    Args:
        endpoint: base address, such as http://localhost:4318; empty: nothing is sent.
        version: of the release.
        instance: which process this is.

    Raises:
        ConfigError: the packages for it are not installed.
    """
    if not endpoint:
        return Traces()
    try:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise ConfigError(
            "GEARBOX_OTLP_ENDPOINT is set, but OpenTelemetry's packages are not installed.",
            "Run `uv sync --group otel`, or take the setting away.",
        ) from None
    base, resource = endpoint.rstrip("/"), _resource(version, instance)
    spans = TracerProvider(resource=resource, shutdown_on_exit=False)
    spans.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{base}/v1/traces", timeout=5)))
    reader = PeriodicExportingMetricReader(
        OTLPMetricExporter(f"{base}/v1/metrics", timeout=5), export_interval_millis=_METRICS_EVERY_MS
    )
    metrics = MeterProvider([reader], resource, shutdown_on_exit=False)
    stack.callback(metrics.shutdown, _CLOSES_MS)
    stack.callback(spans.shutdown)
    return Traces(spans.get_tracer(AGENT, version), metrics.get_meter(AGENT, version))


def _resource(version: str, instance: str) -> Resource:
    from opentelemetry.sdk.resources import Resource

    return Resource.create({"service.name": AGENT, "service.version": version, "service.instance.id": instance})
