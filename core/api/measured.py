"""Counts every HTTP request by its route (RED: rate, errors, duration), and begins a trace for those of programs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.api.doors import Door, door_of
from core.telemetry.telemetry import Telemetry

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Measured:
    """Measures from the first byte of a request to the last one of its answer. Websockets are pages and not counted.

    Args:
        telemetry: where to; None while there is none yet.
    """

    def __init__(self, app: ASGIApp, telemetry: Callable[[], Telemetry | None]) -> None:
        self._app = app
        self._telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and count it as its answer ends."""
        telemetry = self._telemetry() if scope["type"] == "http" else None
        if telemetry is None:
            await self._app(scope, receive, send)
            return
        status = 0

        async def send_watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        method = scope["method"] if scope["method"] in _METHODS else "other"
        began = time.perf_counter()
        telemetry.instruments.request_began()
        with _span(telemetry, scope, method) as answered:
            try:
                await self._app(scope, receive, send_watched)
            finally:
                route = _route(scope)
                telemetry.instruments.request_ended(route, method, status, time.perf_counter() - began)
                answered(route, status)


@contextmanager
def _span(telemetry: Telemetry, scope: Scope, method: str) -> Iterator[Callable[[str, int], None]]:
    """What programs ask for has a trace; the front end's files do not need one, and a page's turn has its own."""
    if not telemetry.traces.are_on or door_of(scope["path"]) is not Door.API:
        yield lambda _route, _status: None
        return
    with telemetry.traces.request(method, Headers(scope=scope)) as answered:
        yield answered


def _route(scope: Scope) -> str:
    """The pattern that answered. What none did is named after what its path needs, for paths are anybody's words."""
    route = scope.get("route")
    pattern = getattr(route, "path_format", None) or getattr(route, "path", None)
    if not isinstance(pattern, str) or pattern in {"", "/{path}", "/{path:path}"}:
        return door_of(scope["path"]).value
    mounted_at: str = scope.get("root_path", "").removeprefix(scope.get("app_root_path", ""))
    return f"{mounted_at}{pattern}"
