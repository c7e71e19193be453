from __future__ import annotations

import asyncio
import contextlib
import json
import time
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from core.errors import ProviderError
from core.providers.direct_transport import DirectTransport
from data.values.calls import ErrorKind, TokenUsage
from data.values.events import TextDelta
from data.values.models import Sampling
from tests.gateway.calls import KEY, Answer, ask, request
from tests.gateway.server import serve, serve_bytes

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


class Recorder:
    """Answers every request with `response` and keeps what it was sent."""

    def __init__(self, *responses: Response) -> None:
        self.responses = list(responses)
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.clients: list[object] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        incoming = Request(scope, receive)
        self.bodies.append(await incoming.json())
        self.headers.append(dict(incoming.headers))
        self.clients.append(incoming.client)
        response = self.responses.pop(0) if len(self.responses) > 1 else self.responses[0]
        await response(scope, receive, send)


def events(*documents: object, done: bool = True) -> Response:
    lines = [f"data: {json.dumps(document)}\n\n" for document in documents] + ["data: [DONE]\n\n"] * done
    return Response("".join(lines), media_type="text/event-stream")


def chunk(finish_reason: str | None = None, **delta: object) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}]}


async def answer_to(transport: DirectTransport, app: ASGIApp, key: str | None = None) -> Answer:
    with serve(app) as origin:
        return await ask(transport, request(f"{origin}/v1"), key)


async def error_of(transport: DirectTransport, app: ASGIApp, key: str | None = None) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await answer_to(transport, app, key)
    return caught.value


async def test_the_request_is_openais(direct: DirectTransport) -> None:
    server = Recorder(events(chunk("stop", content="hi")))
    with serve(server) as origin:
        sampling = Sampling(temperature=0.5, top_p=0.9, max_tokens=64)
        await ask(direct, request(f"{origin}/v1/", "Grüße", sampling=sampling), KEY)
    assert server.bodies == [
        {
            "model": "scripted",
            "messages": [{"role": "user", "content": "Grüße"}],
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": 0.5,
            "top_p": 0.9,
            "max_tokens": 64,
        }
    ]
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


async def test_without_a_key_no_authorization_is_sent(direct: DirectTransport) -> None:
    server = Recorder(events(chunk("stop", content="hi")))
    await answer_to(direct, server)
    assert "authorization" not in server.headers[0]


async def test_text_reasoning_and_usage(direct: DirectTransport) -> None:
    usage = {
        "prompt_tokens": 10,
        "completion_tokens": 7,
        "prompt_tokens_details": {"cached_tokens": 4},
        "completion_tokens_details": {"reasoning_tokens": 3},
    }
    server = events(
        chunk(role="assistant", content=""),
        chunk(reasoning_content="let me "),
        chunk(reasoning="think"),
        chunk(content="Hel"),
        chunk(content="lo"),
        chunk("length"),
        {"choices": [], "usage": usage},
    )
    assert await answer_to(direct, server) == Answer("Hello", "let me think", TokenUsage(10, 7, 4, 3), "length")


async def test_usage_in_every_chunk_is_reported_once_and_last(direct: DirectTransport) -> None:
    counts = [{"prompt_tokens": 5, "completion_tokens": count} for count in (1, 2)]
    server = events(*({**chunk(content="a"), "usage": usage} for usage in counts), chunk("stop"))
    assert (await answer_to(direct, server)).usage == TokenUsage(5, 2)


async def test_typed_content_parts(direct: DirectTransport) -> None:
    thinking = [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]
    server = events(chunk(content=thinking), chunk("stop", content=[{"type": "text", "text": "yes"}]))
    assert await answer_to(direct, server) == Answer("yes", "hm", None, "stop")


async def test_a_whole_answer_to_a_streaming_request(direct: DirectTransport) -> None:
    choice = {"message": {"role": "assistant", "content": "all at once"}, "finish_reason": "stop"}
    server = JSONResponse({"choices": [choice], "usage": {"prompt_tokens": 1, "completion_tokens": 3}})
    assert await answer_to(direct, server) == Answer("all at once", "", TokenUsage(1, 3), "stop")


async def test_every_split_of_the_bytes_gives_the_same_text(direct: DirectTransport) -> None:
    body = ("data: " + json.dumps(chunk(content="zwölf 🛠"), ensure_ascii=False) + "\r\n\r\n").encode()
    body += b"data: " + json.dumps(chunk("stop")).encode() + b"\r\n\r\ndata: [DONE]\r\n\r\n"
    for split in range(0, len(body), 5):
        with serve_bytes(HEAD, body[:split], body[split:], pause=0.001) as origin:
            assert (await ask(direct, request(origin))).text == "zwölf 🛠"


async def test_the_end_without_done_is_fine_after_a_finish_reason(direct: DirectTransport) -> None:
    assert (await answer_to(direct, events(chunk("stop", content="x"), done=False))).end == "stop"
    with serve_bytes(HEAD, b'data: {"choices":[{"delta":{"content":"x"}}]}\n\ndata: [DONE]') as origin:
        assert await ask(direct, request(origin)) == Answer("x", "", None, "unknown")


async def test_a_server_that_keeps_the_line_open_after_the_end_is_not_waited_for(direct: DirectTransport) -> None:
    for tail in (b"", b"data: [DONE]\n\n"):
        began = time.monotonic()
        with serve_bytes(
            HEAD, b"data: " + json.dumps(chunk("stop", content="x")).encode() + b"\n\n" + tail, hold=3
        ) as url:
            assert (await ask(direct, request(url))).text == "x"
        assert time.monotonic() - began < 1.5


async def test_a_connection_is_used_again(direct: DirectTransport) -> None:
    async def body() -> Any:
        for piece in (chunk(content="x"), chunk("stop")):
            yield f"data: {json.dumps(piece)}\n\n"
            await asyncio.sleep(0.01)
        yield "data: [DONE]\n\n"

    server = Recorder(*(StreamingResponse(body(), media_type="text/event-stream") for _ in range(3)))
    with serve(server) as origin:
        for _ in range(3):
            await ask(direct, request(origin))
    assert len(set(server.clients)) == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, ErrorKind.BAD_REQUEST),
        (401, ErrorKind.AUTH),
        (402, ErrorKind.PROVIDER),
        (403, ErrorKind.AUTH),
        (404, ErrorKind.NOT_FOUND),
        (413, ErrorKind.BAD_REQUEST),
        (422, ErrorKind.BAD_REQUEST),
        (429, ErrorKind.RATE_LIMIT),
        (500, ErrorKind.PROVIDER),
        (503, ErrorKind.PROVIDER),
        (504, ErrorKind.TIMEOUT),
        (529, ErrorKind.PROVIDER),
    ],
)
async def test_http_errors_keep_the_providers_words(direct: DirectTransport, status: int, kind: ErrorKind) -> None:
    headers = {"Retry-After": "3"}
    error = await error_of(direct, JSONResponse({"error": {"message": "No luck today."}}, status, headers=headers))
    assert (error.kind, error.status, error.retry_after) == (kind, status, 3.0)
    assert str(error) == f"Acme AI answered {status}: No luck today."
    assert error.remedy


async def test_a_redirect_is_not_followed(direct: DirectTransport) -> None:
    seen = Recorder(events(chunk("stop", content="stolen")))
    with serve(seen) as elsewhere:
        redirect = Response(status_code=307, headers={"Location": f"{elsewhere}/v1/chat/completions"})
        error = await error_of(direct, redirect, KEY)
    assert (error.kind, error.status) == (ErrorKind.BAD_RESPONSE, 307)
    assert seen.bodies == []


async def test_a_provider_s_cookies_are_not_kept(direct: DirectTransport) -> None:
    # One client serves everybody's calls: a cookie of one person's account would go out with another one's key.
    answer = events(chunk("stop", content="hi"))
    answer.set_cookie("account", "ann")
    server = Recorder(answer)
    with serve(server) as origin:
        for _ in range(2):
            await ask(direct, request(f"{origin}/v1"), KEY)
    assert len({str(client) for client in server.clients}) == 1, "on one connection"
    assert ["cookie" in headers for headers in server.headers] == [False, False]


async def test_an_echoed_key_does_not_come_back(direct: DirectTransport) -> None:
    echoes = [
        JSONResponse({"error": {"message": f"Incorrect API key provided: {KEY}."}}, 401),
        PlainTextResponse(f"denied {KEY[:12]}*** Authorization: Bearer {KEY}", 403),
        JSONResponse({"error": {"message": "x" * 390 + KEY}}, 500),
        events(chunk(content="a"), {"error": {"message": f"key {KEY} expired", "code": "invalid_api_key"}}),
    ]
    for echo in echoes:
        error = await error_of(direct, echo, KEY)
        shown = f"{error!r} {error.explain()} {error.__cause__!r} {error.__context__!r}"
        assert KEY[:10] not in shown, shown


@pytest.mark.parametrize("key", ["sk-abc\ndef-123456789", "sk-ключ-123456789", "sk abc def 123456789"])
async def test_a_key_that_is_none_is_refused_without_being_quoted(direct: DirectTransport, key: str) -> None:
    server = Recorder(events(chunk("stop")))
    error = await error_of(direct, server, key)
    assert error.kind is ErrorKind.AUTH
    assert "123456789" not in f"{error!r} {error.__cause__!r} {error.__context__!r}"
    assert server.bodies == []


async def test_an_error_in_the_middle_of_the_stream(direct: DirectTransport) -> None:
    error = {"error": {"message": "Too fast.", "code": "rate_limit_exceeded"}}
    with serve(events(chunk(content="so far"), error)) as origin:
        seen = []
        with pytest.raises(ProviderError) as caught:
            async for delta in direct.stream(request(origin), None):
                seen.append(delta)
    assert seen == [TextDelta("so far")]
    assert caught.value.kind is ErrorKind.RATE_LIMIT
    assert str(caught.value) == "Acme AI reported an error: Too fast."


@pytest.mark.parametrize(
    "response",
    [
        Response("<html>Welcome</html>", media_type="text/html"),
        JSONResponse({"hello": "world"}),
        JSONResponse([1, 2]),
        Response("data: {broken\n\n", media_type="text/event-stream"),
        Response('data: {"choices": [7]}\n\n', media_type="text/event-stream"),
        Response('data: {"choices": {"a": 1}}\n\n', media_type="text/event-stream"),
        Response("data: 7\n\n", media_type="text/event-stream"),
        Response(b"not gzip", media_type="text/event-stream", headers={"Content-Encoding": "gzip"}),
    ],
)
async def test_what_is_no_completion_is_called_so(direct: DirectTransport, response: Response) -> None:
    assert (await error_of(direct, response)).kind is ErrorKind.BAD_RESPONSE


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'data: {"choices":[{"delta":{"content":"x"}}]}\n\n',
        b'data: {"choices":[{"delta":{"content":"x"}}]}\n\ndata: {"choi',
    ],
)
async def test_an_end_in_the_middle_is_a_cut_stream(direct: DirectTransport, body: bytes) -> None:
    for head in (HEAD, HEAD.replace(b"Connection: close", b"Content-Length: 5000")):
        with serve_bytes(head, body) as origin, pytest.raises(ProviderError) as caught:
            await ask(direct, request(origin))
        assert caught.value.kind is ErrorKind.STREAM_CUT


async def test_silence_before_and_within_the_answer(direct: DirectTransport) -> None:
    for pieces, seconds in (
        ([], 1.0),
        ([HEAD, b": ping\n\n"], 1.0),
        ([HEAD, b"data: " + json.dumps(chunk(content="x")).encode() + b"\n\n"], 0.6),
    ):
        began = time.monotonic()
        with serve_bytes(*pieces, hold=4) as origin, pytest.raises(ProviderError) as caught:
            await ask(direct, request(origin))
        assert caught.value.kind is ErrorKind.TIMEOUT
        assert seconds - 0.05 < time.monotonic() - began < seconds + 1.0, str(caught.value)


async def test_nobody_there(direct: DirectTransport) -> None:
    with serve_bytes() as origin:
        pass
    for url in (origin, "http://", "ftp://x", "no scheme", "http://[bad"):
        with pytest.raises(ProviderError) as caught:
            await ask(direct, request(url))
        assert caught.value.kind is ErrorKind.UNREACHABLE, url


async def test_closed_without_an_answer(direct: DirectTransport) -> None:
    with serve_bytes(b"") as origin, pytest.raises(ProviderError) as caught:
        await ask(direct, request(origin))
    assert caught.value.kind is ErrorKind.UNREACHABLE


@pytest.mark.parametrize("how", ["close", "cancel"])
async def test_stopping_drops_the_connection_at_once(direct: DirectTransport, how: str) -> None:
    gone: asyncio.Future[float] = asyncio.get_running_loop().create_future()
    loop = asyncio.get_running_loop()

    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        piece = b"data: " + json.dumps(chunk(content="x")).encode() + b"\n\n"
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        message = await receive()
        assert message["type"] == "http.disconnect"
        loop.call_soon_threadsafe(gone.set_result, time.monotonic())

    with serve(endless) as origin:
        stream = direct.stream(request(origin), None)
        assert await anext(stream) == TextDelta("x")
        if how == "close":
            stopped = time.monotonic()
            await stream.aclose()
        else:
            waiting = asyncio.ensure_future(anext(stream))
            await asyncio.sleep(0.05)
            stopped = time.monotonic()
            waiting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await waiting
        assert await asyncio.wait_for(gone, 5) - stopped < 0.5
