"""The Vercel AI SDK's chat: UI messages in, the UI message stream protocol (version 1) out."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from core.api.ai_sdk.bodies import UIChatBody, UITool
from core.api.ai_sdk.drawn import drawn, draws
from core.api.ai_sdk.history import history_of
from core.api.ai_sdk.parts import STREAM_HEADERS, PartWriter
from core.api.ai_sdk.refused import problem_response
from core.api.described import EVENTS
from core.api.v1.bodies import OPTIONS, ChatBody
from core.api.v1.entrance import Asked, Entrance, read_as
from core.api.v1.question import check, check_media, messages_of, options_of, sampling_of
from core.api.v1.watched import Watched
from core.calls import AUTO, CallService
from core.errors import GearboxError, ProviderError
from core.flags.capabilities import Capability
from core.providers.attempts import Candidate
from data.values.events import AttemptEvent, StreamEnd, ToolsPrompted

_SETTINGS = ("temperature", "top_p", "max_tokens", *OPTIONS)


def ui_routes(entrance: Entrance) -> list[Route]:
    """The area's routes."""
    return [
        entrance.route(
            "POST",
            "/api/chat",
            ui_chat,
            body=UIChatBody,
            media=(EVENTS,),
            failed=problem_response,
            behind=Capability.AI_SDK_ENDPOINT,
        )
    ]


async def ui_chat(asked: Asked) -> Response:
    """A model's answer to the AI SDK's messages, as a UI message stream. For `useChat` and `readUIMessageStream`.

    A model that makes pictures draws what the last message says.
    """
    body = await asked.read(UIChatBody)
    # The results of tools that a client sends back go on with the message that called them.
    last = body.messages[-1]
    message_id = (last.role == "assistant" and last.id) or f"msg-{uuid.uuid4().hex}"
    if body.model != AUTO and await asked.aside(lambda: draws(asked, body.model)):
        return await drawn(asked, body, message_id)
    question = _question(body)
    check(question)
    calls = asked.services.calls

    def prepared() -> list[Candidate]:
        said = messages_of(question)
        found = calls.candidates(asked.actor, body.model, said, sampling_of(question), options_of(question))
        check_media(question, found)
        return found

    candidates = await asked.aside(prepared)
    stream = _Stream(calls, candidates, PartWriter(candidates, message_id), asked.headers)
    return Watched(stream, stream.ended)


class _Stream:
    """One answer on its way out.

    Nothing is sent before its first delta, so that a limit of ours has its status. A provider's failure is told in the
    stream: `useChat` shows those words, and of a response that is no stream the whole JSON.
    """

    def __init__(
        self, calls: CallService, candidates: list[Candidate], writer: PartWriter, headers: Mapping[str, str]
    ) -> None:
        self._calls = calls
        self._candidates = candidates
        self._writer = writer
        self._headers = dict(headers)
        self._begun = self._over = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it as it comes."""
        try:
            async with contextlib.aclosing(self._calls.stream(self._candidates)) as deltas:
                async for delta in deltas:
                    if isinstance(delta, ToolsPrompted):
                        self._headers["x-gearbox-tools"] = "prompted"
                    elif isinstance(delta, AttemptEvent):
                        self._writer.note(delta)
                    elif piece := self._writer.write(delta):
                        await self._send(send, piece, more=not isinstance(delta, StreamEnd))
        except GearboxError as error:
            if self._begun or isinstance(error, ProviderError):
                await self._send(send, self._writer.failed(error.explain()), more=False)
            else:
                response = problem_response(scope, error)
                response.headers.update(self._headers)
                await response(scope, receive, send)

    async def ended(self, send: Send) -> None:
        """The server is being ended in the middle of it: the client hears so, and does not take it for whole."""
        if self._begun and not self._over:
            await self._send(send, self._writer.aborted(), more=False)

    async def _send(self, send: Send, piece: bytes, *, more: bool) -> None:
        if self._over:
            return
        if not self._begun:
            self._begun = True
            raw = [(name.encode(), value.encode()) for name, value in {**STREAM_HEADERS, **self._headers}.items()]
            await send({"type": "http.response.start", "status": 200, "headers": raw})
            piece = self._writer.start() + piece
        self._over = not more
        await send({"type": "http.response.body", "body": piece, "more_body": more})


def _question(body: UIChatBody) -> ChatBody:
    """The same as `/v1/chat/completions` would be asked."""
    asked: dict[str, Any] = {"model": body.model, "messages": history_of(body.messages, body.system), "stream": True}
    asked |= {name: value for name in _SETTINGS if (value := getattr(body, name, None)) is not None}
    if isinstance(body.tools, dict):
        asked["tools"] = [_tool(name, tool) for name, tool in body.tools.items()]
    elif body.tools:
        asked["tools"] = [tool.model_dump(exclude_none=True) for tool in body.tools]
    if not asked.get("tools"):  # an empty list is refused by OpenAI, and so is a choice without tools
        asked.pop("tools", None)
        asked.pop("tool_choice", None)
    elif isinstance(choice := asked.get("tool_choice"), dict) and isinstance(choice.get("toolName"), str):
        asked["tool_choice"] = {"type": "function", "function": {"name": choice["toolName"]}}
    return read_as(ChatBody, asked)


def _tool(name: str, tool: UITool) -> dict[str, Any]:
    schema = tool.input_schema
    # What jsonSchema() returns becomes this when it is sent as JSON.
    if schema and set(schema) == {"jsonSchema"} and isinstance(schema["jsonSchema"], dict):
        schema = schema["jsonSchema"]
    function = {"name": name, "description": tool.description, "parameters": schema, "strict": tool.strict}
    return {"type": "function", "function": {key: value for key, value in function.items() if value is not None}}
