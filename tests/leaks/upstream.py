"""Providers that say the key they were called with in all the ways in which a server may repeat it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from core.sandbox import sandbox_app
from core.sandbox.wire import models
from tests.gateway.server import serve

WAYS = ("refuses", "breaks", "garbles", "cuts")


class Repeating:
    """`heard` are the keys that requests carried."""

    def __init__(self) -> None:
        self.origin = ""
        self.heard: list[str] = []
        self._sandbox = sandbox_app()

    def base_url(self, way: str) -> str:
        return f"{self.origin}/{way}/v1"

    async def answers(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._hear(Request(scope))
        await self._sandbox(scope, receive, send)

    async def listing(self, request: Request) -> JSONResponse:
        self._hear(request)
        return JSONResponse(models())

    async def complete(self, request: Request) -> Response:
        authorization = self._hear(request)
        said = f"Incorrect API key provided: {self.heard[-1]} ({authorization})"
        headers = {"x-key": authorization, "www-authenticate": authorization}
        match request.path_params["way"]:
            case "refuses":
                return JSONResponse({"error": {"message": said, "code": self.heard[-1]}}, 401, headers)
            case "breaks":
                return PlainTextResponse(f"<html>{said}</html>", 500, headers)
            case "garbles":
                return Response(f"data: {{nonsense {said}\n\n", 200, headers, media_type="text/event-stream")
            case "stalls":
                await asyncio.sleep(60)
                return PlainTextResponse(said, 504, headers)
            case _:
                headers["content-length"] = "100000"
                error = f'data: {{"error": {{"message": "{said}"}}}}\n\n'
                return Response(error, 200, headers, media_type="text/event-stream")

    def _hear(self, request: Request) -> str:
        authorization = request.headers.get("authorization", "")
        self.heard.append(authorization.removeprefix("Bearer "))
        return authorization


@contextmanager
def repeating() -> Iterator[Repeating]:
    """Serve them all, and the sandbox below `/answers`."""
    upstream = Repeating()
    routes = [
        Mount("/answers/v1", upstream.answers),
        Route("/{way}/v1/models", upstream.listing),
        Route("/{way}/v1/chat/completions", upstream.complete, methods=["POST"]),
    ]
    with serve(Starlette(routes=routes)) as origin:
        upstream.origin = origin
        yield upstream
