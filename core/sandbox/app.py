"""The sandbox's HTTP server: a Starlette application to mount, with OpenAI's paths below it; and its chat."""

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

from core.sandbox import wire
from core.sandbox.directives import Failures, Fault
from core.sandbox.operations import OPERATION_ROUTES
from core.sandbox.ordered import STALL_SECONDS, CutResponse, answering, ordered
from core.sandbox.refusals import RefusedError, read_json
from core.sandbox.script import SECONDS_PER_WORD, Script, last_prompt, write_script
from core.sandbox.structured import scope_of
from core.sandbox.wishes import granted

_BREATH_WORDS = 32


def sandbox_app() -> Starlette:
    """Build the application: models, chat and the other operations. It needs no key, and keeps next to nothing."""
    app = Starlette(
        routes=[
            Route("/models", _models, methods=["GET"]),
            Route("/chat/completions", answering(_chat_completions), methods=["POST"]),
            *OPERATION_ROUTES,
        ]
    )
    app.state.failures = Failures()
    app.state.stills = {}  # pictures that films begin with, by their names
    return app


async def _models(_: Request) -> Response:
    return JSONResponse(wire.models())


async def _chat_completions(request: Request) -> Response:
    body = await _read(request)
    fault = await ordered(request, last_prompt(body["messages"]), (scope_of(body), body["model"]))
    script = write_script(body["messages"], _max_tokens(body), fault)
    # Pictures and sounds are measured, which takes its time.
    has_media = any(isinstance(message.get("content"), list) for message in body["messages"])
    script = await asyncio.to_thread(granted, script, body) if has_media else granted(script, body)
    call_id = f"chatcmpl-{uuid.uuid4().hex}"
    if not body.get("stream"):
        return await _whole(call_id, script)
    options = body.get("stream_options")
    include_usage = isinstance(options, dict) and options.get("include_usage") is True
    kind = CutResponse if script.fault is Fault.CUT else StreamingResponse
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
