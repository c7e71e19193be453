"""The sandbox over real HTTP, with faults at random in a share of its calls."""

from __future__ import annotations

import contextlib
import json
import random
import re
from collections import Counter
from collections.abc import Iterator

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.sandbox import sandbox_app
from tests.gateway.server import serve

WRONG_USAGE = "usage"
FAULTS = ("429", "500", "stall", "cut", "malformed", WRONG_USAGE)
_USAGE = re.compile(rb'"usage":\{.*?\}\}')


class FaultySandbox:
    """`calls` counts what it was asked, `faults` what it did to them. While `down` every call fails."""

    def __init__(self, seed: int, share: float) -> None:
        self.base_url = ""
        self.calls = 0
        self.faults: Counter[str] = Counter()
        self.down = False
        self._rng = random.Random(seed)
        self._share = share

    def wrap(self, app: ASGIApp) -> ASGIApp:
        """`app` with faults in its chat completions."""

        async def faulty(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or not scope["path"].endswith("/chat/completions"):
                await app(scope, receive, send)
                return
            body = json.loads(await _body(receive))
            self.calls += 1
            fault = self._pick()
            if fault and fault != WRONG_USAGE:
                body["messages"][-1]["content"] += f"[[fault:{fault}]]"
            replaced: list[Message] = [{"type": "http.request", "body": json.dumps(body).encode()}]

            async def listen() -> Message:
                return replaced.pop() if replaced else await receive()

            async def miscount(message: Message) -> None:
                wrong = b'"usage":{"prompt_tokens": -7, "completion_tokens": "many"}'
                if fault == WRONG_USAGE and message["type"] == "http.response.body":
                    message = {**message, "body": _USAGE.sub(wrong, message.get("body", b""))}
                await send(message)

            await app(scope, listen, miscount)

        return faulty

    def _pick(self) -> str:
        fault = self._rng.choice(FAULTS) if self._rng.random() < self._share else ""
        if self.down:
            fault = "500"
        if fault:
            self.faults[fault] += 1
        return fault


async def _body(receive: Receive) -> bytes:
    body: bytes = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body


@contextlib.contextmanager
def faulty_sandbox(seed: int, share: float) -> Iterator[FaultySandbox]:
    """Serve one until the end of the block."""
    sandbox = FaultySandbox(seed, share)
    with serve(sandbox.wrap(Starlette(routes=[Mount("/v1", sandbox_app())]))) as origin:
        sandbox.base_url = f"{origin}/v1"
        yield sandbox
