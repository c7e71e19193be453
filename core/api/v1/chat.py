"""`POST /v1/chat/completions`."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence

from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from core.api.described import EVENTS, JSON
from core.api.v1.bodies import ChatBody
from core.api.v1.entrance import Asked, Entrance
from core.api.v1.errors import failure_body, failure_response
from core.api.v1.outlet import Outlet
from core.api.v1.question import check, check_media, messages_of, options_of, sampling_of
from core.api.v1.shapes import ChatCompletion
from core.api.v1.watched import Watched
from core.api.v1.wire import AnswerState, ChunkWriter, WholeWriter
from core.calls import CallService
from core.errors import GearboxError
from core.providers.attempts import Candidate
from data.values.events import AnotherTry, AttemptEvent, LeftOut, StreamEnd, TookOver, ToolsPrompted, UsageReport

_QUICK_MESSAGES = 100
_LEFT_OUT = "x-gearbox-left-out"


def routes(entrance: Entrance) -> list[Route]:
    """The area's routes."""
    return [
        entrance.route(
            "POST",
            "/v1/chat/completions",
            chat_completions,
            body=ChatBody,
            gives=ChatCompletion,
            media=(JSON, EVENTS),
        )
    ]


async def chat_completions(asked: Asked) -> Response:
    """A model's answer to messages: whole, or as server-sent events with `stream`."""
    body = await asked.read(ChatBody)
    check(body)
    calls = asked.services.calls

    def prepared() -> list[Candidate]:
        found = calls.candidates(asked.actor, body.model, messages_of(body), sampling_of(body), options_of(body))
        check_media(body, found)
        return found

    # In a thread it takes no longer by itself, but waits twice for a core: most of the time, on a busy machine.
    is_quick = len(body.messages) <= _QUICK_MESSAGES and calls.at_hand(asked.actor, body.model)
    candidates = prepared() if is_quick else await asked.aside(prepared)
    answer = _Answer(calls, candidates, asked.headers)
    if not body.stream:
        return Watched(answer.whole)
    answer.include_usage = bool(body.stream_options and body.stream_options.include_usage)
    return Watched(answer.streamed)


class _Answer:
    """One answer on its way out. Nothing is sent before its first delta, so that a failure has its status."""

    include_usage = False

    def __init__(self, calls: CallService, candidates: Sequence[Candidate], headers: Mapping[str, str]) -> None:
        self._calls = calls
        self._candidates = candidates
        self._headers = dict(headers)
        self._state = AnswerState(candidates[0].request)

    async def whole(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it as one document. Nobody has seen what was cut, so that it may be begun anew."""
        writer = WholeWriter(self._state)
        try:
            async with contextlib.aclosing(self._calls.stream(self._candidates, anew=True)) as deltas:
                async for delta in deltas:
                    if not isinstance(delta, AttemptEvent):
                        writer.add(delta)
                    elif isinstance(delta, TookOver):
                        self._state = AnswerState(self._candidates[0].request, model=f"{delta.provider}/{delta.model}")
                        writer = WholeWriter(self._state)
                    else:
                        self._note(delta)
            response = Response(writer.body(), headers=self._told(), media_type="application/json")
        except GearboxError as error:
            response = failure_response(error, self._told())
        await response(scope, receive, send)

    async def streamed(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it as it comes."""
        writer: ChunkWriter | None = None
        async with Outlet(send) as outlet:
            try:
                async with contextlib.aclosing(self._calls.stream(self._candidates)) as deltas:
                    async for delta in deltas:
                        if isinstance(delta, AttemptEvent):
                            self._note(delta)
                            continue
                        if isinstance(delta, UsageReport):
                            self._state.note(delta)
                            continue
                        piece, put = b"", outlet.put
                        if writer is None:
                            writer = ChunkWriter(self._state, include_usage=self.include_usage)
                            piece, put = writer.role(), outlet.first
                            await send(self._start())
                        piece += writer.write(delta)
                        await (outlet.end if isinstance(delta, StreamEnd) else put)(piece)
            except GearboxError as error:
                if writer is None:
                    await failure_response(error, self._told())(scope, receive, send)
                else:
                    await outlet.end(_failed(error))

    def _note(self, event: AttemptEvent) -> None:
        """Another model answers, the answer is begun anew, or lacks something: the reply says so, and why."""
        if isinstance(event, ToolsPrompted):
            self._headers["x-gearbox-tools"] = "prompted"
        if isinstance(event, LeftOut):
            self._headers[_LEFT_OUT] = ", ".join(event.features)
        if not isinstance(event, AnotherTry):
            return
        self._headers.pop(_LEFT_OUT, None)  # of the call that failed
        failed = f"{event.failed_provider}/{event.failed_model}; reason={event.kind}"
        if event.anew:
            self._headers.setdefault("x-gearbox-begun-anew", failed)
        if event.is_fallback:
            self._state.model = f"{event.provider}/{event.model}"
            self._headers["x-gearbox-fallback"] = failed

    def _told(self) -> dict[str, str]:
        headers = {**self._headers, "x-gearbox-model": self._state.model}
        # Names of models come from other servers.
        return {name: "".join(char if " " <= char <= "~" else "?" for char in value) for name, value in headers.items()}

    def _start(self) -> dict[str, object]:
        headers = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache", **self._told()}
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        return {"type": "http.response.start", "status": 200, "headers": raw}


def _failed(error: GearboxError) -> bytes:
    """An error after the answer began: OpenAI's client raises an APIError of it. Without `[DONE]`: it is not whole."""
    return b"data: " + json.dumps(failure_body(error)[1]).encode() + b"\n\n"
