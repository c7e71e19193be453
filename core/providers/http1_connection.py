"""One HTTP/1.1 connection to a provider: a request out, its reply in, piece by piece as it comes.

What httpx does over httpcore, h11 and anyio takes ten times as long for a streamed answer, most of it before the first
token: three layers of objects, a parser in Python, a turn of the event loop for each write. Here llhttp parses (Node's
parser, which uvicorn uses for us already), and what came with one read is handed on as one piece.
"""

from __future__ import annotations

import asyncio
import select
from collections.abc import AsyncIterable, Awaitable
from dataclasses import dataclass, field
from typing import TypeVar

import httptools
import httpx

_T = TypeVar("_T")

_MOST_FRAMING_BYTES = 256 * 1024
"""Of headers, chunk sizes and trailers without one byte of the body among them."""

_MOST_WAITING_BYTES = 256 * 1024


@dataclass(slots=True)
class Head:
    """The beginning of a reply."""

    status: int = 0
    reason: bytes = b""
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)


class Connection(asyncio.Protocol):
    """A connection on which one request at a time is made. Made by `loop.create_connection`."""

    def __init__(self) -> None:
        self._out: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._head = Head()
        self._has_head = self._is_interim = self._has_length = False
        self._is_answering = False
        self._is_whole = self._stays = False
        self._pieces: list[bytes] = []
        self._waiting_bytes = self._framing_bytes = 0
        self._error: httpx.TransportError | None = None
        self._news: asyncio.Future[None] | None = None
        self._is_full = self._holds_up = self._is_cut_short = False
        self.lost = asyncio.get_running_loop().create_future()
        """Done when the connection is closed."""
        self.expiry: asyncio.TimerHandle | None = None
        """Of whoever keeps the connection while it is idle."""

    async def ask(self, head: bytes, body: bytes | AsyncIterable[bytes], patience: float | None = None) -> Head:
        """Send a request and wait for the reply's headers; then `read` until `b""`, or `abort`.

        Args:
            head: all of it, with the empty line.
            body: in pieces where it is large; each waits for the ones before.
            patience: seconds of silence; None for ever.

        Raises:
            httpx.TransportError: the connection broke, or what came is no HTTP.
        """
        self._begin()
        if isinstance(body, bytes):
            self._write(head + body)
        else:
            self._write(head)
            async for piece in body:
                if self._has_head:  # answered already: it was refused
                    self._is_cut_short = True
                    break
                self._write(piece)
                while self._is_full and not self._has_head:
                    await self._waited(patience, httpx.WriteTimeout)
        while not self._has_head:
            await self._waited(patience, httpx.ReadTimeout)
        return self._head

    async def read(self, patience: float | None = None) -> bytes:
        """What came of the body since the last time; empty after its end. Raises what `ask` does."""
        while not self._pieces:
            if self._is_whole:
                return b""
            await self._waited(patience, httpx.ReadTimeout)
        came = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces.clear()
        self._waiting_bytes = 0
        if self._holds_up and self._out is not None:
            self._holds_up = False
            self._out.resume_reading()
        return came

    @property
    def is_reusable(self) -> bool:
        """Whether another request may be made: the last reply is whole, and nobody wants to close."""
        return self._is_whole and self._stays and not (self._pieces or self._error or self._is_cut_short)

    @property
    def is_silent(self) -> bool:
        """Whether nothing lies in an idle connection. A server that hung up has left its farewell there."""
        if self._out is None or self._out.is_closing() or self._error is not None:
            return False
        poll = select.poll()
        poll.register(self._out.get_extra_info("socket"), select.POLLIN)
        return not poll.poll(0)

    def abort(self) -> None:
        """Drop the connection at once."""
        if self._out is not None:
            self._out.abort()

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._head = Head()
        self._has_head = self._is_interim = self._has_length = self._is_whole = self._stays = False
        self._framing_bytes = 0
        self._is_answering = True

    def _write(self, data: bytes) -> None:
        if self._error is not None or self._out is None:
            raise self._error or httpx.WriteError("the connection is closed")
        self._out.write(data)

    async def _waited(self, patience: float | None, too_late: type[httpx.TimeoutException]) -> None:
        if self._error is not None:
            raise self._error
        self._news = asyncio.get_running_loop().create_future()
        try:
            await _within(patience, self._news)
        except TimeoutError:
            raise too_late("the server fell silent") from None
        finally:
            self._news = None

    def _tell(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)

    def _fail(self, error: httpx.TransportError) -> None:
        if self._error is None:
            self._error = error
        self._tell()

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        assert isinstance(transport, asyncio.Transport)
        self._out = transport

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        if not self._is_answering or self._is_whole:  # nobody asked
            self._fail(httpx.RemoteProtocolError("the server spoke unasked"))
            self.abort()
            return
        self._framing_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(httpx.RemoteProtocolError(f"the server speaks no HTTP/1.1 ({type(error).__name__})"))
            self.abort()
            return
        if self._framing_bytes > _MOST_FRAMING_BYTES and not self._is_whole:
            self._fail(httpx.RemoteProtocolError("the server sends headers without end"))
            self.abort()
        elif self._waiting_bytes > _MOST_WAITING_BYTES and not self._holds_up and self._out is not None:
            self._holds_up = True
            self._out.pause_reading()
        if self._pieces or self._has_head:
            self._tell()

    def eof_received(self) -> None:
        """See asyncio.Protocol."""
        if self._is_answering and self._has_head and not self._has_length:
            self._is_whole = True  # as long as the connection lasts: HTTP/1.0's way to end a body

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        if not self._is_whole:
            if exc is not None:
                self._fail(httpx.ReadError(str(exc)))
            else:
                self._fail(httpx.RemoteProtocolError("the server closed the connection before the reply was whole"))
        self._error = self._error or httpx.RemoteProtocolError("the connection is closed")
        self._out = None
        self._tell()
        if not self.lost.done():
            self.lost.set_result(None)

    def pause_writing(self) -> None:
        """See asyncio.Protocol."""
        self._is_full = True

    def resume_writing(self) -> None:
        """See asyncio.Protocol."""
        self._is_full = False
        self._tell()

    # What the parser calls.

    def on_message_begin(self) -> None:
        """A reply, or one that only says that another will come."""
        if self._is_whole:
            raise ValueError("a second reply to one request")
        self._head = Head()
        self._is_interim = False

    def on_status(self, reason: bytes) -> None:
        """Of the first line."""
        self._head.reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        """Also of trailers, which nobody asked for."""
        if self._has_head:
            return
        self._head.headers.append((name, value))
        self._has_length = self._has_length or name.lower() in {b"content-length", b"transfer-encoding"}

    def on_headers_complete(self) -> None:
        """The body comes next."""
        self._head.status = self._parser.get_status_code()
        self._is_interim = self._head.status < 200  # 101 comes to nothing: the parser refuses it
        self._has_head = not self._is_interim

    def on_body(self, piece: bytes) -> None:
        """Some of it."""
        self._pieces.append(piece)
        self._waiting_bytes += len(piece)
        self._framing_bytes = 0

    def on_message_complete(self) -> None:
        """The end, unless it was only announced."""
        self._is_whole = not self._is_interim
        self._stays = self._parser.should_keep_alive()  # not after this call: the parser then waits for the next reply


async def _within(patience: float | None, step: Awaitable[_T]) -> _T:
    if patience is None:
        return await step
    async with asyncio.timeout(patience):
        return await step
