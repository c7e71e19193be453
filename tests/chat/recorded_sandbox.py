"""The sandbox over real HTTP, with a record of what it was asked."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.sandbox import sandbox_app
from tests.gateway.server import serve


class RecordedSandbox:
    """`calls` are the bodies of the chat completions asked for, `keys` their Authorization headers."""

    def __init__(self) -> None:
        self.base_url = ""
        self.calls: list[dict[str, Any]] = []
        self.keys: list[str | None] = []

    @property
    def messages(self) -> list[tuple[str, str]]:
        """Role and content of the messages of the last call."""
        return [(message["role"], message["content"]) for message in self.calls[-1]["messages"]]

    def record(self, app: ASGIApp) -> ASGIApp:
        async def recording(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or not scope["path"].endswith("/chat/completions"):
                await app(scope, receive, send)
                return
            body = bytearray()

            async def listen() -> Message:
                message = await receive()
                body.extend(message.get("body", b""))
                if message["type"] == "http.request" and not message.get("more_body"):
                    self.keys.append(dict(scope["headers"]).get(b"authorization", b"").decode() or None)
                    self.calls.append(json.loads(bytes(body)))
                return message

            await app(scope, listen, send)

        return recording


@contextlib.contextmanager
def recorded_sandbox(port: int = 0) -> Iterator[RecordedSandbox]:
    """Serve a sandbox of one's own until the end of the block; on any free port unless one is named."""
    sandbox = RecordedSandbox()
    with serve(sandbox.record(Starlette(routes=[Mount("/v1", sandbox_app())])), port) as origin:
        sandbox.base_url = f"{origin}/v1"
        yield sandbox
