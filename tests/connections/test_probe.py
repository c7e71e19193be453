from __future__ import annotations

import json
import socket
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from core.errors import ProviderError
from core.providers.probe import MAX_LISTING_BYTES, list_models, open_client
from data.values.calls import ErrorKind
from tests.connections.listing_server import serving

KEY = "sk-canary-abcdefgh12345678"


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with await open_client() as client:
        yield client


async def test_the_names_come_once_each_in_the_servers_order(client: httpx.AsyncClient) -> None:
    with serving("b", "a/x", "b") as server:
        assert (await list_models(server.base_url, client=client)).names == (
            "b",
            "a/x",
        )
        assert server.requests == [("/v1/models", None)]


async def test_the_key_goes_out_as_a_bearer_token(client: httpx.AsyncClient) -> None:
    with serving("a") as server:
        await list_models(server.base_url, client=client, key=KEY)
        assert server.requests == [("/v1/models", f"Bearer {KEY}")]


async def test_a_redirect_is_not_followed_and_the_key_stays_here(client: httpx.AsyncClient) -> None:
    with serving("a") as elsewhere, serving("a") as server:
        server.status, server.headers = 302, {"Location": f"{elsewhere.base_url}/models"}
        with pytest.raises(ProviderError):
            await list_models(server.base_url, client=client, key=KEY)
        assert elsewhere.requests == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>hello</html>",
        b'"text"',
        b"null",
        b"{}",
        b'{"data": {}}',
        b'{"data": ["a"]}',
        b'{"data": [{"name": "a"}]}',
        b'{"data": [{"id": 5}]}',
        b'{"models": [{"id": "a"}]}',
        b"[" * 100_000,
        b"\xff\xfe\x00",
    ],
)
async def test_anything_else_is_not_taken_for_a_model_server(client: httpx.AsyncClient, body: bytes) -> None:
    with serving() as server:
        server.body = body
        with pytest.raises(ProviderError) as refused:
            await list_models(server.base_url, client=client)
        assert refused.value.kind is ErrorKind.BAD_RESPONSE


async def test_together_sends_the_bare_list(client: httpx.AsyncClient) -> None:
    with serving() as server:
        server.body = json.dumps([{"id": "meta/x", "object": "model"}]).encode()
        assert (await list_models(server.base_url, client=client)).names == ("meta/x",)


async def test_a_row_that_is_no_model_costs_the_others_nothing(client: httpx.AsyncClient) -> None:
    with serving() as server:
        server.body = json.dumps({"data": [{"id": "ok"}, {"id": None}, "loose", {"id": "too"}]}).encode()
        assert (await list_models(server.base_url, client=client)).names == ("ok", "too")


async def test_names_that_no_page_could_show_are_left_out(client: httpx.AsyncClient) -> None:
    with serving("good", "", "bad\nname", "x" * 201) as server:
        assert (await list_models(server.base_url, client=client)).names == ("good",)


async def test_a_huge_answer_is_cut_off(client: httpx.AsyncClient) -> None:
    with serving() as server:
        server.body = server.body.ljust(MAX_LISTING_BYTES + 1)
        with pytest.raises(ProviderError) as refused:
            await list_models(server.base_url, client=client)
        assert refused.value.kind is ErrorKind.BAD_RESPONSE


async def test_a_refusal_keeps_its_kind_and_never_tells_the_key(client: httpx.AsyncClient) -> None:
    with serving() as server:
        server.status, server.body = 401, f'{{"error": "bad key {KEY}"}}'.encode()
        with pytest.raises(ProviderError) as refused:
            await list_models(server.base_url, client=client, key=KEY)
    assert (refused.value.kind, refused.value.status) == (ErrorKind.AUTH, 401)
    assert KEY not in refused.value.explain() + repr(refused.value)


async def test_a_slow_server_costs_no_more_than_the_limit(client: httpx.AsyncClient) -> None:
    with serving("a") as server:
        server.pause = 2.0
        began = time.monotonic()
        with pytest.raises(ProviderError) as refused:
            await list_models(server.base_url, client=client, within=0.2)
        assert time.monotonic() - began < 1.0
        assert refused.value.kind is ErrorKind.TIMEOUT


async def test_nobody_there(client: httpx.AsyncClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ProviderError) as refused:
        await list_models(f"http://127.0.0.1:{port}/v1", client=client)
    assert refused.value.kind is ErrorKind.UNREACHABLE
