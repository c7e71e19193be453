"""`/metrics`: for Prometheus and whatever else reads its format."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from core.access.policy import Permission
from core.api.answers import Api, Asked

_TEXT = "text/plain"


def routes(api: Api) -> list[Route]:
    """The area's route."""
    return [api.route("GET", "/metrics", _metrics, needs=Permission.SEE_METRICS, media=_TEXT, always=True)]


def _metrics(asked: Asked) -> Response:
    """Counts, sums and histograms of this process, in OpenMetrics where `Accept` asks for it."""
    text, media_type = asked.services.metrics.exposition(asked.actor, asked.accept)
    return Response(text, headers={"Content-Type": media_type})
