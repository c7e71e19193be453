"""`/healthz` and `/readyz`: for load balancers, scripts and the warm-up benchmark."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from starlette.requests import Request
from starlette.responses import JSONResponse
from typing_extensions import TypedDict

from core.api.described import DescribedRoute, Told

Readiness = Callable[[], Mapping[str, str]]
"""Gives each part's state: "ready", "warming", "off", or "failed: reason"."""


class _Alive(TypedDict):
    status: Literal["ok"]


class _Ready(TypedDict):
    """`parts` are "ready", "warming", "off", "degraded: reason" or "failed: reason"."""

    status: Literal["ready", "warming", "failed"]
    parts: dict[str, str]


def health_routes(readiness: Readiness) -> list[DescribedRoute]:
    """The two routes. `/healthz` needs no part but the server; `/readyz` is 503 while a needed part has failed."""

    async def healthz(_request: Request) -> JSONResponse:
        """Whether the server answers."""
        return JSONResponse({"status": "ok"})

    async def readyz(_request: Request) -> JSONResponse:
        """Whether every needed part can be used; 503 while one has failed."""
        parts = dict(readiness())
        failed = any(state.startswith("failed") for state in parts.values())
        warming = any(state == "warming" for state in parts.values())
        status = "failed" if failed else "warming" if warming else "ready"
        return JSONResponse({"status": status, "parts": parts}, status_code=503 if failed else 200)

    return [
        DescribedRoute("GET", "/healthz", healthz, Told(healthz, needs=None, gives=_Alive)),
        DescribedRoute("GET", "/readyz", readyz, Told(readyz, needs=None, gives=_Ready)),
    ]
