"""Servers made with the `mcp` package, over both transports; and over HTTP, what the guard is for."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from core.errors import GearboxError
from core.providers.guard import AddressGuard
from core.tools.mcp.listing import PROMPTS, RESOURCES
from core.tools.mcp.live import TOKEN
from core.tools.mcp.results import result_of
from data.values.media import Blob
from data.values.parts import ImagePart
from data.values.questions import Reply
from data.values.server_contents import ListedPrompt
from data.values.tool_servers import ToolServer
from tests.app.server import free_port
from tests.gateway.server import serve
from tests.tools.mcp.house import ANN, CANARY, HERE, Person, SessionHouse, address, program, text

OFFICIAL = str(HERE / "official.py")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    port = free_port()
    process = subprocess.Popen([sys.executable, OFFICIAL, str(port)], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    yield f"http://127.0.0.1:{port}/mcp"
    process.kill()
    process.wait()


@pytest.fixture(params=["stdio", "http"])
def server(request: pytest.FixtureRequest, url: str) -> ToolServer:
    return program(sys.executable, OFFICIAL) if request.param == "stdio" else address(url)


async def test_every_kind_of_answer(house: SessionHouse, server: ToolServer) -> None:
    tools = house.tools(server)
    assert text(await house.call(server, tools["add"], a=1, b=2)) == "3"
    assert json.loads(text(await house.call(server, tools["weather"], city="Oslo"))) == {
        "degrees": 21.5,
        "words": "clear in Oslo",
    }
    assert text(await house.call(server, tools["slowly"], steps=3)) == "there"
    assert house.lines == ["1 of 3: step 1", "2 of 3: step 2", "3 of 3: step 3"]
    assert (await house.call(server, tools["fail"])).failed
    wrong = await house.call(server, tools["add"], a="one", b=2)
    assert wrong.failed
    picture = await house.sessions.call(server, ANN, tools["picture"], {}, seconds=60, progress=print)
    [part] = result_of(picture, lambda content, kind: Blob(str(len(content)), kind, len(content))).parts
    assert isinstance(part, ImagePart)
    assert (part.width, part.height, part.blob.media_type) == (3, 2, "image/png")
    assert "image/png" in text(result_of(picture, None))


def test_a_server_of_the_second_era_is_heard_when_its_list_changes(house: SessionHouse, server: ToolServer) -> None:
    tools = house.tools(server)
    assert text(house.called(server, tools["grow"])) == "grown"
    deadline = time.monotonic() + 60
    while "grown" not in (now := house.tools(server)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert text(house.called(server, now[RESOURCES], uri="note://grown")) == "[Resource note://grown]\ngrown"
    assert house.contents(server, now[PROMPTS]).prompts == (ListedPrompt("grown", "", "What is there later."),)


async def test_a_server_of_the_second_era_asks_within_the_call(house: SessionHouse, url: str) -> None:
    server = address(url)
    tools = await asyncio.to_thread(house.tools, server)
    person, other = Person(Reply.ACCEPT, name="Ann", age=3), Person(Reply.DECLINE)
    greeted, refused, alone = await asyncio.gather(
        house.call(server, tools["greet"], ask=person),
        house.call(server, tools["greet"], ask=other),
        house.call(server, tools["greet"]),
    )
    assert (text(greeted), text(refused), text(alone)) == ("Hello Ann, 3", "Nobody: decline", "Nobody: decline")
    assert [each.message for each in (*person.heard, *other.heard)] == ["Who are you?"] * 2


def test_loopback_is_refused_unless_the_operator_allows_it(url: str) -> None:
    house = SessionHouse(AddressGuard())
    with pytest.raises(GearboxError, match="may not be called") as refused:
        house.tools(address(url))
    house.sessions.close()
    assert "GEARBOX_INNER_HOSTS" in str(refused.value)


def test_a_redirect_is_not_followed_to_another_place_and_takes_no_token_there() -> None:
    reached: list[str] = []

    async def inner(scope: object, receive: object, send: object) -> None:
        request = Request(scope, receive)  # type: ignore[arg-type]
        reached.append(request.headers.get("authorization", ""))
        await JSONResponse({})(scope, receive, send)  # type: ignore[arg-type]

    with serve(inner) as secret_place:

        async def outer(scope: object, receive: object, send: object) -> None:
            answer: Response = RedirectResponse(f"{secret_place}/mcp", 307)
            await answer(scope, receive, send)  # type: ignore[arg-type]

        with serve(outer) as place:
            house = SessionHouse(AddressGuard(hosts=[place.removeprefix("http://")]), {TOKEN: CANARY})
            with pytest.raises(GearboxError) as refused:
                house.tools(address(f"{place}/mcp"))
            house.sessions.close()
    assert reached == []
    assert CANARY not in refused.value.explain()


def test_a_bearer_token_is_sent_and_an_answer_without_end_is_cut() -> None:
    tokens: list[str] = []

    async def endless(scope: object, receive: object, send: object) -> None:
        request = Request(scope, receive)  # type: ignore[arg-type]
        tokens.append(request.headers.get("authorization", ""))
        body = b'{"jsonrpc": "2.0", "id": 1, "result": "' + b"x" * 9_000_000 + b'"}'
        await Response(body, media_type="application/json")(scope, receive, send)  # type: ignore[arg-type]

    with serve(endless) as place:
        house = SessionHouse(secret={TOKEN: CANARY})
        with pytest.raises(GearboxError):
            house.tools(address(f"{place}/mcp"))
        house.sessions.close()
    assert tokens[0] == f"Bearer {CANARY}"


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_told(status: int) -> None:
    async def closed(scope: object, receive: object, send: object) -> None:
        await Response("no", status)(scope, receive, send)  # type: ignore[arg-type]

    with serve(closed) as place:
        house = SessionHouse(secret={TOKEN: CANARY})
        with pytest.raises(GearboxError, match=f"it answers {status}: the bearer token"):
            house.tools(address(f"{place}/mcp"))
        house.sessions.close()
