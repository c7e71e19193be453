"""The sandbox's HTTP server: a Starlette application to mount, with OpenAI's paths below it."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Send

from core.sandbox import wire
from core.sandbox.operations import OPERATION_ROUTES
from core.sandbox.refusals import RefusedError, failure, read_json
from core.sandbox.script import SECONDS_PER_WORD, Fault, Script, write_script
from core.sandbox.wishes import granted

# Longer than any client waits in a test or a demonstration, short enough not to pile up connections.
STALL_SECONDS = 180.0
_BREATH_WORDS = 32


def sandbox_app() -> Starlette:
    """Build the application: models, chat and the other operations. It keeps no state and needs no key."""
    return Starlette(
        routes=[
            Route("/models", _models, methods=["GET"]),
            Route("/chat/completions", _chat_completions, methods=["POST"]),
            *OPERATION_ROUTES,
        ]
    )


class _CutResponse(StreamingResponse):
    """A stream that breaks off: the body is never completed, so the server drops the connection."""

    async def stream_response(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for chunk in self.body_iterator:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})


async def _models(_: Request) -> Response:
    return JSONResponse(wire.models())


async def _chat_completions(request: Request) -> Response:
    try:
        body = await _read(request)
        script = granted(write_script(body["messages"], _max_tokens(body)), body)
    except RefusedError as refused:
        return refused.response
    if fault := failure(script.fault):
        return fault
    call_id = f"chatcmpl-{uuid.uuid4().hex}"
    if not body.get("stream"):
        return await _whole(call_id, script)
    options = body.get("stream_options")
    include_usage = isinstance(options, dict) and options.get("include_usage") is True
    kind = _CutResponse if script.fault is Fault.CUT else StreamingResponse
    stream = _stream(call_id, script, include_usage=include_usage)
    return kind(stream, media_type="text/event-stream", headers={"Cache-Control": "no-cache"})


async def _read(request: Request) -> dict[str, Any]:
    """The request's JSON, bounded and checked as far as the script needs it."""
    body = await read_json(request)
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages or not all(isinstance(message, dict) for message in messages):
        raise RefusedError(400, "'messages' must be a non-empty list of objects.")
    if body.get("model") == wire.PLAIN:
        if body.get("tools"):
            raise RefusedError(400, f"{wire.PLAIN} does not support tools")
    elif body.get("model") != wire.MODEL:
        raise RefusedError(404, f"The sandbox's one model for chats is '{wire.MODEL}'.", "model_not_found")
    return body


def _max_tokens(body: dict[str, Any]) -> int | None:
    value = body.get("max_completion_tokens", body.get("max_tokens"))
    return value if isinstance(value, int) else None


async def _whole(call_id: str, script: Script) -> Response:
    """The answer without streaming, as late as the last word of the stream would have come."""
    await asyncio.sleep(SECONDS_PER_WORD[script.pace] * len(script.pieces))
    if script.fault is Fault.STALL:
        await asyncio.sleep(STALL_SECONDS)
    text = json.dumps(wire.completion(call_id, script))
    if script.fault in {Fault.CUT, Fault.MALFORMED}:
        text = text[: len(text) // 2]
    return Response(text, media_type="application/json")


async def _stream(call_id: str, script: Script, *, include_usage: bool) -> AsyncIterator[bytes]:
    if script.fault is Fault.STALL:
        await asyncio.sleep(STALL_SECONDS)
        return
    pause = SECONDS_PER_WORD[script.pace]
    break_at = max(1, len(script.pieces) // 2)
    for index, event in enumerate(wire.content_events(call_id, script)):
        # Event 0 is the role, 1 the first word: a pause before each word but the first.
        # Without one, other requests still get their turn every few words.
        if pause and index > 1:
            await asyncio.sleep(pause)
        elif not index % _BREATH_WORDS:
            await asyncio.sleep(0)
        yield event
        if index == break_at and script.fault is Fault.CUT:
            return
        if index == break_at and script.fault is Fault.MALFORMED:
            yield b'data: {"choices": [{"delta": {"content": \n\n'
    for event in wire.closing_events(call_id, script, include_usage=include_usage):
        yield event
