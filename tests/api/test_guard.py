"""The loopback guard and the security headers, over real HTTP where a socket can say it, else by scope."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route
from starlette.types import Message

from core.api.guard import CONTENT_SECURITY_POLICY, LoopbackOnly, SecurityHeaders, is_loopback
from tests.gateway.server import serve


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "LOCALHOST", "localhost.", "app.localhost", "127.0.0.1", "127.0.0.2", "127.255.255.254",
        "::1", "[::1]", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "[::ffff:127.0.0.1]", "::1%lo",
    ],
)  # fmt: skip
def test_this_machine_is_recognised(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        "", "0.0.0.0", "::", "[::]", "10.0.0.1", "192.168.1.7", "169.254.1.1", "8.8.8.8", "2001:db8::1", "fe80::1%eth0",
        "::ffff:10.0.0.1", "[::ffff:192.168.1.7]", "evil.example", "localhost.evil.example", "notlocalhost",
        "127.0.0.1.evil.example", "127.0.0.1.nip.io", "127.1", "2130706433", "0x7f.1", "localhost:80", "127.0.0.1@evil",
    ],
)  # fmt: skip
def test_everything_else_is_another_machine(host: str) -> None:
    assert not is_loopback(host)


async def _hello(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("hello", headers={"Content-Security-Policy": "default-src *", "X-Own": "kept"})


async def _stream(_request: Request) -> StreamingResponse:
    return StreamingResponse(iter([b"one ", b"two"]))


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    routes = [Route("/", _hello), Route("/stream", _stream)]
    app = Starlette(routes=routes, middleware=[Middleware(SecurityHeaders), Middleware(LoopbackOnly)])
    with serve(app) as address:
        yield address


@pytest.mark.parametrize("host", ["localhost", "localhost:8501", "127.0.0.1:9", "[::1]:8501", "[::1]", "x.localhost:1"])
def test_a_request_that_names_this_machine_passes(origin: str, host: str) -> None:
    answer = httpx.get(origin, headers={"Host": host}, trust_env=False)
    assert (answer.status_code, answer.text) == (200, "hello")


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "evil.example:8501", "localhost.evil.example", "127.0.0.1.nip.io:80", "10.0.0.1:8501",
        "[2001:db8::1]:8501", "[::ffff:10.0.0.1]:80", "", ":8501", "localhost:80:80", "evil.example:localhost",
    ],
)  # fmt: skip
def test_a_name_that_was_pointed_at_this_machine_is_refused(origin: str, host: str) -> None:
    answer = httpx.get(origin, headers={"Host": host}, trust_env=False)
    assert answer.status_code == 403
    assert "hello" not in answer.text
    assert "localhost" in answer.text, "the refusal says how to open it"


@pytest.mark.parametrize("path", ["/", "/stream", "/missing"])
def test_every_response_has_the_security_headers(origin: str, path: str) -> None:
    assert_secured(httpx.get(f"{origin}{path}", trust_env=False))


def test_a_refusal_has_the_security_headers_too(origin: str) -> None:
    assert_secured(httpx.get(origin, headers={"Host": "evil.example"}, trust_env=False))


def test_a_route_can_t_loosen_the_policy_but_keeps_its_other_headers(origin: str) -> None:
    answer = httpx.get(origin, trust_env=False)
    assert answer.headers.get_list("content-security-policy") == [CONTENT_SECURITY_POLICY]
    assert answer.headers["x-own"] == "kept"


def assert_secured(answer: httpx.Response) -> None:
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_the_policy_lets_a_page_talk_to_nobody_else() -> None:
    rules = dict(rule.split(" ", 1) for rule in CONTENT_SECURITY_POLICY.split("; "))
    assert rules["default-src"] == "'self'"
    assert rules["frame-ancestors"] == rules["object-src"] == "'none'"
    assert not any(source.startswith(("http", "ws", "*")) for rule in rules.values() for source in rule.split())
    assert "'unsafe-eval'" not in rules["script-src"].split()
    assert "blob:" not in rules["script-src"]


class Inside:
    """What the guard protects; notes who got in."""

    def __init__(self) -> None:
        self.entered = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.entered += 1


async def sent_for(scope: dict[str, Any]) -> tuple[int, list[Message]]:
    """How often the app behind the guard ran for a connection, and what the guard itself sent."""
    inside, sent = Inside(), []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await LoopbackOnly(inside)(scope, receive, send)
    return inside.entered, sent


def connection(kind: str, client: str | None, server: str | None, host: bytes | None = b"localhost") -> dict[str, Any]:
    return {
        "type": kind, "method": "GET", "path": "/", "headers": [(b"host", host)] if host is not None else [],
        "client": (client, 5000) if client else None, "server": (server, 8501) if server else None,
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    ("client", "server"),
    [("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("::ffff:127.0.0.1", "::ffff:127.0.0.1"), (None, "127.0.0.1")],
)
async def test_a_connection_within_this_machine_enters(kind: str, client: str | None, server: str) -> None:
    assert await sent_for(connection(kind, client, server)) == (1, [])


FROM_OUTSIDE = [
    ("10.0.0.7", "10.0.0.1", b"localhost"),
    ("10.0.0.7", "127.0.0.1", b"localhost"),
    ("127.0.0.1", "10.0.0.1", b"localhost"),
    ("2001:db8::7", "::1", b"localhost"),
    ("::ffff:10.0.0.7", "::ffff:127.0.0.1", b"localhost"),
    ("127.0.0.1", "127.0.0.1", b"evil.example"),
    ("127.0.0.1", "127.0.0.1", None),
]


@pytest.mark.parametrize(("client", "server", "host"), FROM_OUTSIDE)
async def test_an_http_request_from_outside_is_answered_403(client: str, server: str, host: bytes | None) -> None:
    entered, sent = await sent_for(connection("http", client, server, host))
    assert entered == 0
    assert sent[0]["status"] == 403


@pytest.mark.parametrize(("client", "server", "host"), FROM_OUTSIDE)
async def test_a_websocket_from_outside_is_closed_before_it_opens(client: str, server: str, host: bytes | None) -> None:
    entered, sent = await sent_for(connection("websocket", client, server, host))
    assert entered == 0
    assert [message["type"] for message in sent] == ["websocket.close"]
    assert sent[0]["code"] == 1008


async def test_start_and_stop_of_the_server_pass_the_guard() -> None:
    assert await sent_for({"type": "lifespan"}) == (1, [])
