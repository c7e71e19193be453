"""Endpoints over real HTTP that fail by a script: each call takes the next line of its endpoint's."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Send

from tests.gateway.server import serve


class _Cut(StreamingResponse):
    async def stream_response(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        async for chunk in self.body_iterator:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})


@dataclass
class Script:
    """Lines: `text`, `text!` (cut after it), `text?` (garbage after it), `text...` (silence after it), a status, or
    `status:seconds` with Retry-After. The last line is repeated."""

    lines: Sequence[str]
    base_url: str = ""
    calls: int = 0
    gone: list[float] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        await request.body()
        line = self.lines[min(self.calls, len(self.lines) - 1)]
        self.calls += 1
        status, _, wait = line.partition(":")
        if status.isdecimal():
            headers = {"Retry-After": wait} if wait else {}
            return JSONResponse({"error": {"message": f"scripted {status}"}}, int(status), headers=headers)
        kind = _Cut if line.endswith("!") else StreamingResponse
        return kind(self._stream(line), media_type="text/event-stream")

    async def _stream(self, line: str) -> AsyncIterator[bytes]:
        for word in line.rstrip("!?.").split(" "):
            yield _event({"delta": {"content": word + " "}})
            await asyncio.sleep(0.002)
        if line.endswith("?"):
            yield b"data: {nonsense\n\n"
        if line.endswith("..."):
            try:
                await asyncio.sleep(30)
            finally:
                self.gone.append(asyncio.get_running_loop().time())
        if line.endswith("!"):
            return
        yield _event({"delta": {}, "finish_reason": "stop"})
        yield b"data: [DONE]\n\n"


async def _models(_: Request) -> Response:
    return JSONResponse({"data": [{"id": "scripted"}]})


def _event(choice: dict[str, object]) -> bytes:
    return b"data: " + json.dumps({"choices": [{"index": 0, **choice}]}).encode() + b"\n\n"


@contextlib.contextmanager
def scripted(*scripts: Sequence[str]) -> Iterator[list[Script]]:
    """An endpoint for each script."""
    with contextlib.ExitStack() as stack:
        running = []
        for lines in scripts:
            script = Script(lines)
            app = Starlette(
                routes=[
                    Route("/v1/chat/completions", script.answer, methods=["POST"]),
                    Route("/v1/models", _models, methods=["GET"]),
                ]
            )
            script.base_url = f"{stack.enter_context(serve(app))}/v1"
            running.append(script)
        yield running
