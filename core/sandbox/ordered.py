"""How a request is answered that orders a failure or a delay: late, broken, or not at all."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Send

from core.sandbox.directives import Failures, Fault, orders_in
from core.sandbox.refusals import RefusedError, failure

# Longer than any client waits in a test or a demonstration, short enough not to pile up connections.
STALL_SECONDS = 180.0

Handler = Callable[[Request], Awaitable[Response]]


class CutResponse(StreamingResponse):
    """A stream that breaks off: the body is never completed, so the server drops the connection."""

    async def stream_response(self, send: Send) -> None:  # noqa: D102 Starlette's
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for chunk in self.body_iterator:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})


async def ordered(request: Request, text: str, scopes: Collection[str]) -> Fault | None:
    """Wait as long as `text` orders, and give the fault that is due; what answers with an error is raised.

    Args:
        request: on its way, with its body read.
        text: all that it says.
        scopes: what it is: kinds of content, and the name of its model.

    Raises:
        RefusedError: of the faults with a status of HTTP.
    """
    orders = orders_in(text, scopes)
    if orders.delay:
        await linger(request, orders.delay)
    failures: Failures = request.app.state.failures
    fault = failures.next(orders, request.url.path, text)
    if refused := failure(fault):
        raise RefusedError.of(refused)
    return fault


async def linger(request: Request, seconds: float) -> None:
    """Wait, or until the client hangs up."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (await request.receive())["type"] != "http.disconnect":
                pass


def answering(handler: Handler) -> Handler:
    """The handler, with refusals as answers."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except RefusedError as refused:
            return refused.response

    return answer


def broken(response: Response, fault: Fault | None) -> Response:
    """A whole answer as the fault leaves it."""
    body, kind = bytes(response.body), response.media_type
    match fault:
        case Fault.STALL:
            return StreamingResponse(_nothing(), media_type=kind)
        case Fault.CUT:
            return CutResponse(_pieces(body[: len(body) // 2]), media_type=kind)
        case Fault.MALFORMED:
            return Response(body[: len(body) // 2], media_type=kind)
        case Fault.EMPTY:
            return _emptied(body) if isinstance(response, JSONResponse) else Response(b"", media_type=kind)
        case _:
            return response


def _emptied(body: bytes) -> Response:
    answer: dict[str, Any] = json.loads(body)
    return JSONResponse({name: type(value)() if name in _CONTENT else value for name, value in answer.items()})


_CONTENT = {"data", "text", "results", "segments"}


async def _nothing() -> AsyncIterator[bytes]:
    await asyncio.sleep(STALL_SECONDS)
    return
    yield b""


async def _pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
