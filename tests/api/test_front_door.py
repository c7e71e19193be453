"""Who gets in by the front door: over real HTTP where a socket can say it, else by scope."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from core.api.front_door import FrontDoor
from core.api.peer import is_loopback, peer_of
from core.config import Settings
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
    return PlainTextResponse("hello")


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    app = Starlette(routes=[Route("/", _hello)], middleware=[Middleware(FrontDoor, Settings())])
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


PROXY = "10.0.0.2"
OPEN = Settings(
    sign_in="proxy", allowed_hosts="gearbox.example, *.apps.example", tls_proxy=True, proxy_addresses="10.0.0.0/28",
    proxy_user_header="Remote-Email",
)  # fmt: skip
DIRECT = Settings(sign_in="oidc", public_url="https://gearbox.example")


class Inside:
    """What the door protects; notes who got in."""

    def __init__(self) -> None:
        self.entered: list[Scope] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.entered.append(scope)


async def passed(scope: Scope, settings: Settings) -> tuple[list[Scope], list[Message]]:
    """What the app behind the door was asked, and what the door itself sent."""
    inside, sent = Inside(), list[Message]()

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await FrontDoor(inside, settings)(scope, receive, send)
    return inside.entered, sent


def connection(
    kind: str,
    client: str | None,
    server: str | None = "10.0.0.1",
    host: str | None = "gearbox.example",
    *,
    scheme: str = "http",
    method: str = "GET",
    **headers: str,
) -> Scope:
    named = {"host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return {
        "type": kind, "method": method, "path": "/a", "query_string": b"b=1",
        "scheme": scheme if kind == "http" else {"http": "ws", "https": "wss"}[scheme],
        "headers": [(name.encode(), value.encode()) for name, value in named.items() if value is not None],
        "client": (client, 5000) if client else None, "server": (server, 8501) if server else None,
    }  # fmt: skip


async def status(scope: Scope, settings: Settings) -> int:
    """200 where it got in, else what the door answered."""
    entered, sent = await passed(scope, settings)
    if entered:
        assert sent == []
        return 200
    return int(sent[0]["status"])


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    ("client", "server"),
    [("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("::ffff:127.0.0.1", "::ffff:127.0.0.1"), (None, "127.0.0.1")],
)
async def test_a_connection_within_this_machine_enters(kind: str, client: str | None, server: str) -> None:
    scope = connection(kind, client, server, "localhost")
    assert await passed(scope, Settings()) == ([scope], [])


FROM_OUTSIDE = [
    ("10.0.0.7", "10.0.0.1", "localhost"),
    ("10.0.0.7", "127.0.0.1", "localhost"),
    ("127.0.0.1", "10.0.0.1", "localhost"),
    ("2001:db8::7", "::1", "localhost"),
    ("::ffff:10.0.0.7", "::ffff:127.0.0.1", "localhost"),
    ("127.0.0.1", "127.0.0.1", "evil.example"),
    ("127.0.0.1", "127.0.0.1", None),
]


@pytest.mark.parametrize(("client", "server", "host"), FROM_OUTSIDE)
async def test_an_http_request_from_outside_is_answered_403(client: str, server: str, host: str | None) -> None:
    assert await status(connection("http", client, server, host), Settings()) == 403


@pytest.mark.parametrize(("client", "server", "host"), FROM_OUTSIDE)
async def test_a_websocket_from_outside_is_closed_before_it_opens(client: str, server: str, host: str | None) -> None:
    entered, sent = await passed(connection("websocket", client, server, host), Settings())
    assert entered == []
    assert [message["type"] for message in sent] == ["websocket.close"]
    assert sent[0]["code"] == 1008


async def test_without_sign_in_a_proxy_on_this_machine_opens_it_to_nobody_else() -> None:
    here = ("http", "127.0.0.1", "127.0.0.1", "localhost")
    assert await status(connection(*here, x_forwarded_for="203.0.113.9"), Settings()) == 403
    assert await status(connection(*here, x_forwarded_for="127.0.0.1"), Settings()) == 200


async def test_start_and_stop_of_the_server_pass_the_door() -> None:
    assert await passed({"type": "lifespan"}, Settings()) == ([{"type": "lifespan"}], [])


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("gearbox.example", 200), ("GEARBOX.example:443", 200), ("gearbox.example.", 200), ("a.apps.example", 200),
        ("evil.example", 403), ("apps.example", 403), ("evilapps.example", 403), ("localhost", 403), (None, 403),
        ("gearbox.example.evil.example", 403), ("", 403),
    ],
)  # fmt: skip
async def test_it_answers_the_names_it_was_told(host: str | None, expected: int) -> None:
    scope = connection("http", PROXY, host=host, x_forwarded_for="203.0.113.9", x_forwarded_proto="https")
    assert await status(scope, OPEN) == expected


@pytest.mark.parametrize(
    ("forwarded_for", "client"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("6.6.6.6, 203.0.113.9", "203.0.113.9"),
        ("6.6.6.6, [2001:db8::9]:77, 10.0.0.3", "2001:db8::9"),
        ("10.0.0.4, 10.0.0.3", "10.0.0.4"),
        ("", PROXY),
    ],
)
def test_the_client_is_the_last_that_is_no_listed_proxy(forwarded_for: str, client: str) -> None:
    scope = connection("http", PROXY, x_forwarded_for=forwarded_for, x_forwarded_proto="https")
    assert peer_of(scope, OPEN.proxy_addresses).address == client


@pytest.mark.parametrize(("kind", "scheme"), [("http", "https"), ("websocket", "wss")])
async def test_behind_a_declared_proxy_scheme_and_address_are_the_person_s(kind: str, scheme: str) -> None:
    (entered,), _ = await passed(connection(kind, PROXY, x_forwarded_for="203.0.113.9"), OPEN)
    assert (entered["scheme"], entered["client"][0]) == (scheme, "203.0.113.9")


async def test_past_the_proxy_nothing_is_answered() -> None:
    assert await status(connection("http", "203.0.113.9", remote_email="ann@example.org"), OPEN) == 403


async def test_a_person_s_name_is_believed_from_a_listed_proxy_only() -> None:
    (from_proxy,), _ = await passed(connection("http", PROXY, remote_email="ann@example.org"), OPEN)
    assert (b"remote-email", b"ann@example.org") in from_proxy["headers"]
    unlisted = OPEN.model_copy(update={"tls_proxy": False})
    forged = connection("http", "203.0.113.9", scheme="https", remote_email="ann@example.org")
    (from_elsewhere,), _ = await passed(forged, unlisted)
    assert [name for name, _ in from_elsewhere["headers"]] == [b"host"]


async def test_a_forged_forwarded_header_changes_nothing() -> None:
    unlisted = OPEN.model_copy(update={"tls_proxy": False})
    forged = connection("http", "203.0.113.9", x_forwarded_for=PROXY, x_forwarded_proto="https")
    assert await status(forged, unlisted) == 308, "the connection itself was not encrypted"


async def test_plain_http_is_sent_to_https_with_its_path() -> None:
    entered, sent = await passed(connection("http", PROXY, x_forwarded_proto="http", host="gearbox.example:80"), OPEN)
    assert (entered, sent[0]["status"]) == ([], 308)
    assert (b"location", b"https://gearbox.example/a?b=1") in sent[0]["headers"]


@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_what_would_carry_secrets_in_clear_is_refused(kind: str) -> None:
    entered, sent = await passed(connection(kind, "203.0.113.9", method="POST"), DIRECT)
    assert entered == []
    assert sent[0].get("status", sent[0].get("code")) in {403, 1008}


async def test_this_machine_may_ask_without_tls() -> None:
    assert await status(connection("http", "127.0.0.1", "127.0.0.1", "localhost"), DIRECT) == 200


ANOTHER_SITE = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "https://gearbox.example:444"},
    {"sec_fetch_site": "cross-site"},
    {"sec_fetch_site": "same-site"},
]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("headers", ANOTHER_SITE)
async def test_another_site_s_page_can_t_change_anything(method: str, headers: dict[str, str]) -> None:
    scope = connection("http", "203.0.113.9", scheme="https", method=method, **headers)
    assert await status(scope, DIRECT) == 403


@pytest.mark.parametrize("headers", ANOTHER_SITE)
async def test_another_site_s_page_gets_no_websocket(headers: dict[str, str]) -> None:
    entered, sent = await passed(connection("websocket", "203.0.113.9", scheme="https", **headers), DIRECT)
    assert (entered, sent[0]["type"]) == ([], "websocket.close")


async def test_its_own_pages_and_programs_may_change_things() -> None:
    own = {"origin": "https://gearbox.example", "sec_fetch_site": "same-origin"}
    for headers in ({}, own):
        scope = connection("http", "203.0.113.9", scheme="https", method="POST", **headers)
        assert await status(scope, DIRECT) == 200
