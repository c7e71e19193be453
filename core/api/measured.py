"""Counts every HTTP request by its route (RED: rate, errors, duration)."""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.api.doors import door_of
from core.telemetry.instruments import Instruments

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Measured:
    """Measures from the first byte of a request to the last one of its answer. Websockets are pages and not counted.

    Args:
        instruments: where to; None while there are none yet.
    """

    def __init__(self, app: ASGIApp, instruments: Callable[[], Instruments | None]) -> None:
        self._app = app
        self._instruments = instruments

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and count it as its answer ends."""
        instruments = self._instruments() if scope["type"] == "http" else None
        if instruments is None:
            await self._app(scope, receive, send)
            return
        status = 0

        async def send_watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        began = time.perf_counter()
        instruments.request_began()
        try:
            await self._app(scope, receive, send_watched)
        finally:
            seconds = time.perf_counter() - began
            method = scope["method"] if scope["method"] in _METHODS else "other"
            instruments.request_ended(_route(scope), method, status, seconds)


def _route(scope: Scope) -> str:
    """The pattern that answered. What none did is named after what its path needs, for paths are anybody's words."""
    route = scope.get("route")
    pattern = getattr(route, "path_format", None) or getattr(route, "path", None)
    if not isinstance(pattern, str) or pattern in {"", "/{path}", "/{path:path}"}:
        return door_of(scope["path"]).value
    mounted_at: str = scope.get("root_path", "").removeprefix(scope.get("app_root_path", ""))
    return f"{mounted_at}{pattern}"
