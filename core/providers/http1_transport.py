"""The way of calls to providers: HTTP/1.1 over kept connections, to addresses that the guard has judged.

A transport of httpx, so that its requests and responses, and what is built on them, stay what they are. It takes no
proxy from the environment, follows nothing and keeps no cookie.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from asyncio.staggered import staggered_race
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Sequence
from functools import partial

import httpcore
import httpx

from core.providers.http1_connection import Connection

IDLE_SECONDS = 60.0
"""How long an idle connection is kept: a person's next message should not pay for a TLS handshake again."""

HEAD_START_SECONDS = 0.25
"""What an address has before the next is tried as well: RFC 8305's recommendation."""

MOST_IDLE = 64

Origin = tuple[str, str, int]
Judge = Callable[[str, int, float | None], Awaitable[Sequence[str]]]
"""The addresses of a host and port that may be called, all of them judged; seconds it may take. Raises httpcore's
ConnectError and ConnectTimeout."""


async def dial(address: str, port: int) -> socket.socket:
    """A connected socket to a numeric address. Raises OSError."""
    # Trap: asyncio turns Nagle's algorithm off only where the protocol is named.
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    dialled = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        dialled.setblocking(False)
        await asyncio.get_running_loop().sock_connect(dialled, (address, port))
    except BaseException:
        dialled.close()
        raise
    return dialled


class Http1Transport(httpx.AsyncBaseTransport):
    """Belongs to one event loop. Of httpx's timeouts all but the pool's count.

    Args:
        judge: who may be called.
        tls: how a server proves who it is.
        dial: connects; tests watch it.
    """

    def __init__(
        self, judge: Judge, tls: ssl.SSLContext, dial: Callable[[str, int], Awaitable[socket.socket]] = dial
    ) -> None:
        self._judge = judge
        self._tls = tls
        self._tls.set_alpn_protocols(["http/1.1"])
        self._dial = dial
        self._open: set[Connection] = set()
        self._idle: dict[Origin, list[Connection]] = {}
        self._idle_count = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The reply's headers, its body unread; close it. Raises httpx.TransportError."""
        timeouts = request.extensions.get("timeout", {})
        head, body = _head(request), await _body(request)
        url = request.url
        origin = (url.scheme, url.raw_host.decode("ascii"), url.port or (443 if url.scheme == "https" else 80))
        connection = self._kept(origin) or await self._connected(origin, request, timeouts.get("connect"))
        patience = timeouts.get("read")
        try:
            reply = await connection.ask(head, body, patience)
        except BaseException:
            connection.abort()
            raise
        extensions = {"http_version": b"HTTP/1.1", "reason_phrase": reply.reason}
        stream = _Body(connection, patience, partial(self._done_with, origin, connection))
        return httpx.Response(reply.status, headers=reply.headers, stream=stream, extensions=extensions)

    async def aclose(self) -> None:
        """Close all connections."""
        closing = list(self._open)
        for connection in closing:
            connection.abort()
        for connection in closing:
            await connection.lost
            self._open.discard(connection)

    def _kept(self, origin: Origin) -> Connection | None:
        """The connection that was used last; the others may so grow old."""
        idle = self._idle.get(origin, [])
        while idle:
            connection = idle.pop()
            self._idle_count -= 1
            if connection.expiry is not None:
                connection.expiry.cancel()
            if connection.is_silent:
                return connection
            connection.abort()
        return None

    def _done_with(self, origin: Origin, connection: Connection) -> None:
        if not connection.is_reusable or self._idle_count >= MOST_IDLE:
            connection.abort()
            return
        self._idle.setdefault(origin, []).append(connection)
        self._idle_count += 1
        connection.expiry = asyncio.get_running_loop().call_later(IDLE_SECONDS, connection.abort)

    async def _connected(self, origin: Origin, request: httpx.Request, within: float | None) -> Connection:
        scheme, host, port = origin
        if scheme not in {"http", "https"}:
            raise httpx.UnsupportedProtocol(f"{scheme} is not spoken here", request=request)
        name = host.strip("[]")
        try:
            async with asyncio.timeout(within):
                dialled = await self._dialled(await self._judge(host, port, within), port)
                tls = (self._tls, name) if scheme == "https" else (None, None)
                connection = await _raised(dialled, *tls)
        except (TimeoutError, httpcore.ConnectTimeout) as error:
            raise httpx.ConnectTimeout(str(error), request=request) from error
        except (httpcore.ConnectError, OSError) as error:  # of TLS, too
            raise httpx.ConnectError(str(error), request=request) from error
        self._open.add(connection)
        connection.lost.add_done_callback(partial(self._lost, origin, connection))
        return connection

    async def _dialled(self, addresses: Sequence[str], port: int) -> socket.socket:
        # The next address is tried soon, not when the first has timed out (RFC 8305): a dead IPv6 route costs nobody
        # ten seconds.
        attempts = [partial(self._dial, address, port) for address in addresses]
        raced = await staggered_race(attempts, delay=HEAD_START_SECONDS)
        dialled: socket.socket | None = raced[0]
        errors = raced[2]
        if dialled is not None:
            return dialled
        # Not asyncio's words: they name the address that a name leads to.
        reasons = {os.strerror(error.errno) for error in errors if isinstance(error, OSError) and error.errno}
        raise httpcore.ConnectError("; ".join(sorted(reasons)) or "no connection could be made")

    def _lost(self, origin: Origin, connection: Connection, _lost: asyncio.Future[None]) -> None:
        self._open.discard(connection)
        if connection.expiry is not None:
            connection.expiry.cancel()
        idle = self._idle.get(origin, [])
        if connection in idle:
            idle.remove(connection)
            self._idle_count -= 1
        if not idle:
            self._idle.pop(origin, None)


class _Body(httpx.AsyncByteStream):
    """A reply's body. Closed before its end it drops the connection."""

    def __init__(self, connection: Connection, patience: float | None, done: Callable[[], None]) -> None:
        self._connection = connection
        self._patience = patience
        self._done: Callable[[], None] | None = done

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        """Piece by piece."""
        while piece := await self._connection.read(self._patience):
            yield piece
        await self.aclose()

    async def aclose(self) -> None:
        """Give the connection back, or drop it."""
        done, self._done = self._done, None
        if done is not None:
            done()


async def _raised(dialled: socket.socket, tls: ssl.SSLContext | None, name: str | None) -> Connection:
    """The connection over a socket. Who is called by its address still proves the name that was asked for."""
    try:
        _, connection = await asyncio.get_running_loop().create_connection(
            Connection, sock=dialled, ssl=tls, server_hostname=name
        )
    except BaseException:
        dialled.close()
        raise
    return connection


def _head(request: httpx.Request) -> bytes:
    lines = [b"%b %b HTTP/1.1" % (request.method.encode("ascii"), request.url.raw_path)]
    lines += [b"%b: %b" % pair for pair in request.headers.raw]
    head = b"\r\n".join([*lines, b"", b""])
    # Nothing in a header may begin another one, or a request. Not quoted: it may be a key.
    if head.count(b"\n") != len(lines) + 1 or head.count(b"\r") != len(lines) + 1 or b"\0" in head:
        raise httpx.LocalProtocolError("a header can't be sent", request=request)
    return head


async def _body(request: httpx.Request) -> bytes | AsyncIterable[bytes]:
    try:
        return request.content
    except httpx.RequestNotRead:
        pass
    if "content-length" not in request.headers or not isinstance(request.stream, httpx.AsyncByteStream):
        raise httpx.LocalProtocolError("a body without a length can't be sent", request=request)
    return request.stream
