"""The sandbox on a loopback port of its own: where people sign in, it is no part of what they can reach."""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from core.sandbox.app import sandbox_app


@dataclass(frozen=True, slots=True)
class SandboxPlace:
    """Where the sandbox answers, and the key of this process that it asks for; None where it asks for none."""

    base_url: Callable[[], str]
    key: str | None = field(default=None, repr=False)


class _KeyGuard:
    """Passes on what carries the key: other users of this machine reach loopback, too."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self._app = app
        self._expected = f"Bearer {key}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = dict(scope["headers"]).get(b"authorization", b"")
        if secrets.compare_digest(given, self._expected):
            await self._app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 401, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


class InnerListener(socket.socket):
    """A listening socket that is none of the app's own."""


@contextmanager
def serve_sandbox() -> Iterator[SandboxPlace]:
    """Serve it while the context is open, on a free port, in plain HTTP within this machine."""
    key = secrets.token_urlsafe(32)
    with InnerListener(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server = uvicorn.Server(
            uvicorn.Config(
                _KeyGuard(sandbox_app(), key),
                log_config=None,
                access_log=False,
                lifespan="off",
                proxy_headers=False,
                timeout_graceful_shutdown=1,
            )
        )
        thread = threading.Thread(target=server.run, args=([listener],), name="gearbox-sandbox", daemon=True)
        thread.start()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            yield SandboxPlace(lambda: address, key)
        finally:
            server.should_exit = True
            thread.join(5)
