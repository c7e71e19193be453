"""The HTTP of calls to providers: whatever a server sends, in whatever pieces, is read right or refused."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence

import httpx
import pytest

from core.providers import http1_transport
from core.providers.guard import AddressGuard
from core.providers.http1_transport import Http1Transport

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n"
SIZED = b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world"

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Answers each request of each connection with the next script: pieces of bytes, or None to hang up."""

    def __init__(self, *scripts: Sequence[bytes | None]) -> None:
        self._scripts = list(scripts)
        self.heads: list[bytes] = []
        self.bodies: list[bytes] = []
        self.connections = 0
        self.gone = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.heads.append(head)
                lengths = [line[15:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
                self.bodies.append(await reader.readexactly(int(lengths[0])) if lengths else b"")
                for piece in self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]:
                    if piece is None:
                        writer.close()
                        return
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0)
        self.gone.set()


@contextlib.asynccontextmanager
async def client_of(serve: Serve) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    """A client, and the address of a server."""
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        transport = AddressGuard(loopback=True).lean_transport()
        async with httpx.AsyncClient(transport=transport, timeout=20) as client:
            yield client, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        # A server that is closed waits for those who still talk to it.
        assert not transport._open, "a closed client leaves no connection behind"


def torn(whole: bytes) -> list[bytes]:
    return [whole[place : place + 1] for place in range(len(whole))]


@pytest.mark.parametrize(
    "sent",
    [
        [CHUNKED + b"\r\n"],
        [CHUNKED + b"X-Trailer: late\r\n\r\n"],
        torn(CHUNKED + b"X-Trailer: late\r\n\r\n"),
        [SIZED],
        torn(SIZED),
        [b"HTTP/1.1 100 Continue\r\n\r\n" + SIZED],
        [b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", SIZED],
    ],
    ids=["chunked", "trailer", "torn-chunks", "sized", "torn", "continue", "hints"],
)
async def test_a_reply_is_read_however_it_is_framed_and_torn(sent: list[bytes]) -> None:
    server = Server(sent)
    async with client_of(server) as (client, url):
        for _ in range(3):
            answer = await client.post(url, content=b"asked")
            assert (answer.status_code, answer.text) == (200, "hello world")
            assert "x-trailer" not in answer.headers and "link" not in answer.headers
    assert server.connections == 1, "calls in a row share one"
    assert server.bodies == [b"asked"] * 3


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.0 200 OK\r\nContent-Type: a/b\r\n\r\n"])
async def test_a_body_without_a_length_ends_with_its_connection(head: bytes) -> None:
    server = Server([head, b"hello ", b"world", None])
    async with client_of(server) as (client, url):
        assert [(await client.get(url)).text for _ in range(2)] == ["hello world"] * 2
    assert server.connections == 2


async def test_a_packed_body_is_unpacked() -> None:
    packed = gzip.compress(b"hello world")
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    async with client_of(Server([head, packed])) as (client, url):
        assert (await client.get(url)).text == "hello world"


@pytest.mark.parametrize(
    "sent",
    [
        [None],
        [CHUNKED, None],
        [SIZED[:-1], None],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello", None],
        [b"SSH-2.0-OpenSSH_9.9\r\n"],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nhello"],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"],
        [b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"],
        [b"HTTP/1.1 200 OK\r\n", *[b"X-More: " + b"x" * 8000 + b"\r\n"] * 60],
        [b"HTTP/1.1 200 OK\r\nX-Long: ", *[b"x" * 8000] * 60],
        [CHUNKED, *[b"X-More: " + b"x" * 8000 + b"\r\n"] * 60],
    ],
    ids=[
        "nothing", "cut-chunks", "cut", "cut-coded", "ssh", "two-lengths", "length-and-chunks", "upgrade", "no-size",
        "headers", "header", "trailers",
    ],
)  # fmt: skip
async def test_what_is_cut_garbled_or_endless_is_an_error(sent: list[bytes | None]) -> None:
    server = Server(sent)
    async with client_of(server) as (client, url):
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(url)
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(url)
    assert server.connections == 2, "nobody is asked again on such a connection"


@pytest.mark.parametrize("surplus", [b"x", SIZED, b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\nowned"])
async def test_what_comes_after_a_reply_is_nobody_s(surplus: bytes) -> None:
    """Else it would be the answer to somebody else's next question."""
    server = Server([SIZED + surplus])
    async with client_of(server) as (client, url):
        assert [(await client.get(url)).text for _ in range(3)] == ["hello world"] * 3
    assert server.connections == 3


async def test_what_comes_to_an_idle_connection_is_nobody_s_either() -> None:
    spoken = asyncio.Event()

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(SIZED)
            await writer.drain()
            await spoken.wait()
            writer.write(SIZED.replace(b"hello", b"owned"))
            await reader.readuntil(b"\r\n\r\n")

    async with client_of(speak) as (client, url):
        assert (await client.get(url)).text == "hello world"
        transport = client._transport
        assert isinstance(transport, Http1Transport)
        spoken.set()
        async with asyncio.timeout(20):
            while transport._open:  # noqa: ASYNC110  # nobody tells
                await asyncio.sleep(0.001)
        assert (await client.get(url)).text == "hello world"


async def test_a_server_that_hung_up_meanwhile_costs_a_new_connection_and_no_error() -> None:
    server = Server([SIZED, None])
    async with client_of(server) as (client, url):
        for _ in range(3):
            assert (await client.get(url)).text == "hello world"
            await asyncio.sleep(0.01)
    assert server.connections == 3


async def test_a_connection_that_is_idle_for_long_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http1_transport, "IDLE_SECONDS", 0.01)
    server = Server([SIZED])
    async with client_of(server) as (client, url):
        await client.get(url)
        await asyncio.wait_for(server.gone.wait(), 20)
        assert (await client.get(url)).text == "hello world"
    assert server.connections == 2


async def test_a_reply_that_is_not_read_to_its_end_drops_its_connection() -> None:
    server = Server([CHUNKED])
    async with client_of(server) as (client, url):
        async with client.stream("GET", url) as answer:
            assert await anext(answer.aiter_raw()) == b"hello world"
        await asyncio.wait_for(server.gone.wait(), 20)


@pytest.mark.parametrize("header", ["a\r\nHost: evil.example", "a\nb", "a\rb", "a\0b"])
async def test_no_header_can_begin_another_one(header: str) -> None:
    server = Server([SIZED])
    async with client_of(server) as (client, url):
        with pytest.raises(httpx.LocalProtocolError) as refused:
            await client.get(url, headers={"X-Given": header})
        assert "evil" not in str(refused.value)
    assert server.heads == []


async def test_a_large_body_goes_out_in_pieces_and_a_refusal_ends_it() -> None:
    sent = 0

    class Large(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncGenerator[bytes, None]:
            nonlocal sent
            for _ in range(640):
                sent += 1
                yield b"x" * 65536

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(20)

    server = Server([SIZED])
    async with client_of(server) as (client, url):
        answer = await client.post(url, content=Large(), headers={"Content-Length": str(640 * 65536)})
        assert answer.text == "hello world" and len(server.bodies[0]) == 640 * 65536 and sent == 640
    sent = 0
    async with client_of(refuse) as (client, url):
        answer = await client.post(url, content=Large(), headers={"Content-Length": str(640 * 65536)})
        assert answer.status_code == 413
        assert sent < 640, "what was refused is not sent on"


async def test_a_reader_that_is_slower_than_the_server_holds_it_up() -> None:
    sent = 0

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (640 * 65536))
        for _ in range(640):
            writer.write(b"x" * 65536)
            await writer.drain()
            sent += 1

    async with client_of(pour) as (client, url), client.stream("GET", url) as answer:
        before = -1
        while sent != before:  # until nothing moves
            before = sent
            await asyncio.sleep(0.2)
        assert sent < 640
        assert sum([len(piece) async for piece in answer.aiter_raw()]) == 640 * 65536


async def test_silence_is_borne_as_long_as_was_asked() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await reader.read()

    async with client_of(silent) as (client, url):
        with pytest.raises(httpx.ReadTimeout):
            await client.get(url, timeout=httpx.Timeout(20.0, read=0.05))
