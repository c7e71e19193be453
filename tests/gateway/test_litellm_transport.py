from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest
import pytest_asyncio
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.errors import ProviderError
from core.providers.direct_transport import DirectTransport
from core.providers.litellm_transport import LitellmTransport
from core.providers.reply import Timeouts
from data.values.calls import ErrorKind
from data.values.models import Wire
from tests.gateway.calls import KEY, ask, request
from tests.gateway.server import serve, serve_bytes


@pytest_asyncio.fixture
async def litellm() -> AsyncIterator[LitellmTransport]:
    transport = LitellmTransport(Timeouts(connect=2, first=2, between=1, total=8))
    await transport.warm()
    yield transport
    await transport.aclose()


async def test_the_same_answer_as_direct(litellm: LitellmTransport, direct: DirectTransport, sandbox: str) -> None:
    for prompt in ("[[pace:instant]] show me a table", "[[pace:instant]][[words:60]]"):
        one = await ask(litellm, request(sandbox, prompt, wire=Wire.LITELLM), KEY)
        other = await ask(direct, request(sandbox, prompt))
        assert (one.text, one.usage, one.end) == (other.text, other.usage, other.end)
        assert len(one.text) > 100


async def test_a_server_that_does_not_stream_answers_whole(
    litellm: LitellmTransport, direct: DirectTransport, sandbox: str
) -> None:
    asked = replace(request(sandbox, "[[say:all at once]]", wire=Wire.LITELLM), streams=False)
    one, other = await ask(litellm, asked, KEY), await ask(direct, asked)
    assert (one.text, one.usage, one.end) == (other.text, other.usage, other.end)
    assert one.text == "all at once"


@pytest.mark.parametrize(
    ("fault", "kind", "status"),
    [
        ("401", ErrorKind.AUTH, 401),
        ("429", ErrorKind.RATE_LIMIT, 429),
        ("500", ErrorKind.PROVIDER, 500),
    ],
)
async def test_errors_are_ours(
    litellm: LitellmTransport, sandbox: str, fault: str, kind: ErrorKind, status: int
) -> None:
    with pytest.raises(ProviderError) as caught:
        await ask(litellm, request(sandbox, f"[[fault:{fault}]]", wire=Wire.LITELLM), KEY)
    error = caught.value
    assert (error.kind, error.status) == (kind, status)
    assert error.retry_after == (2.0 if fault == "429" else None)
    assert "Sandbox fault" in str(error)
    assert "litellm" not in str(error).lower()


async def test_a_broken_stream_fails(litellm: LitellmTransport, sandbox: str) -> None:
    for fault in ("cut", "malformed"):
        with pytest.raises(ProviderError):
            await ask(litellm, request(sandbox, f"[[pace:instant]][[fault:{fault}]]", wire=Wire.LITELLM), KEY)


async def test_a_stall_ends_in_a_timeout(litellm: LitellmTransport, sandbox: str) -> None:
    began = asyncio.get_running_loop().time()
    with pytest.raises(ProviderError) as caught:
        await ask(litellm, request(sandbox, "[[fault:stall]]", wire=Wire.LITELLM), KEY)
    assert caught.value.kind is ErrorKind.TIMEOUT
    assert asyncio.get_running_loop().time() - began < 4


async def test_nobody_there(litellm: LitellmTransport) -> None:
    with serve_bytes() as origin:
        pass
    with pytest.raises(ProviderError) as caught:
        await ask(litellm, request(origin, wire=Wire.LITELLM), KEY)
    assert (caught.value.kind, caught.value.status) == (ErrorKind.UNREACHABLE, None)


async def test_the_environments_key_is_never_sent(litellm: LitellmTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-operators-own-key")
    seen: list[str] = []

    async def app(scope: object, receive: object, send: object) -> None:
        seen.append(Request(scope).headers.get("authorization", ""))  # type: ignore[arg-type]
        await JSONResponse({"error": {"message": "no"}}, 401)(scope, receive, send)  # type: ignore[arg-type]

    with serve(app) as origin:
        for base_url in (origin, ""):
            with pytest.raises(ProviderError) as caught:
                await ask(litellm, request(base_url, wire=Wire.LITELLM), None)
            assert caught.value.kind is ErrorKind.AUTH
    assert seen == ["Bearer none"]


async def test_neither_errors_nor_logs_repeat_a_key(
    litellm: LitellmTransport, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    echo: Callable[[], Response] = lambda: JSONResponse({"error": {"message": f"bad key {KEY}"}}, 401)  # noqa: E731
    with caplog.at_level(logging.DEBUG), serve(echo()) as origin, pytest.raises(ProviderError) as caught:
        await ask(litellm, request(origin, wire=Wire.LITELLM), KEY)
    error = caught.value
    shown = f"{error!r} {error.explain()} {error.__cause__!r} {error.__context__!r}"
    assert "bad key [key]" in shown
    out, err = capfd.readouterr()
    for text in (shown, caplog.text, out, err):
        assert KEY[:10] not in text
