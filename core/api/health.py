"""`/healthz` and `/readyz`: for load balancers, scripts and the warm-up benchmark."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

Readiness = Callable[[], Mapping[str, str]]
"""Gives each part's state: "ready", "warming", "off", or "failed: reason"."""


def health_routes(readiness: Readiness) -> list[Route]:
    """The two routes. `/healthz` needs no part but the server; `/readyz` is 503 while a needed part has failed."""

    async def healthz(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    async def readyz(_request: Request) -> JSONResponse:
        parts = dict(readiness())
        failed = any(state.startswith("failed") for state in parts.values())
        warming = any(state == "warming" for state in parts.values())
        status = "failed" if failed else "warming" if warming else "ready"
        return JSONResponse({"status": status, "parts": parts}, status_code=503 if failed else 200)

    return [Route("/healthz", healthz, methods=["GET"]), Route("/readyz", readyz, methods=["GET"])]
