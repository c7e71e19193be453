"""A client that costs next to nothing, so that what is measured is the server: one kept connection, no HTTP library.

It knows just enough HTTP for the three servers of `bench.served`: chunked answers, of which one is in flight at a time.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from dataclasses import dataclass

from bench.upstream import CHUNKS

_WORD = re.compile(rb'"content": ?"word')
_END = b"\r\n0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Target:
    """A server under `http://127.0.0.1:{port}` that answers `path` in OpenAI's streaming format."""

    name: str
    port: int
    model: str
    token: str
    path: str = "/v1/chat/completions"

    def request(self, question: str) -> bytes:
        """The whole request, head and body."""
        messages = [{"role": "user", "content": question}]
        body = json.dumps({"model": self.model, "messages": messages, "stream": True}).encode()
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Type: application/json\r\nAccept: text/event-stream\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


class Lane(asyncio.Protocol):
    """One kept connection to a target."""

    def __init__(self) -> None:
        self._out: asyncio.Transport | None = None
        self._waiting: asyncio.Future[tuple[float, float]] | None = None
        self._answer = bytearray()
        self._began = self._first = 0.0

    async def ask(self, target: Target, question: str = "Count to fifty, please.") -> tuple[float, float]:
        """Seconds to the first word and to the end of one answer.

        Raises:
            RuntimeError: the answer was another one than the upstream's.
        """
        loop = asyncio.get_running_loop()
        if self._out is None or self._out.is_closing():
            await loop.create_connection(lambda: self, "127.0.0.1", target.port)
        assert self._out is not None
        self._answer.clear()
        self._waiting = loop.create_future()
        self._first = 0.0
        request = target.request(question)
        self._began = time.perf_counter()
        self._out.write(request)
        return await self._waiting

    def close(self) -> None:
        """Hang up."""
        if self._out is not None:
            self._out.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        assert isinstance(transport, asyncio.Transport)
        self._out = transport

    def connection_lost(self, _exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        self._fail("hung up in the middle")

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        self._answer += data
        if not self._first and _WORD.search(self._answer):
            self._first = time.perf_counter() - self._began
        if self._answer.endswith(_END):
            total = time.perf_counter() - self._began
            if len(_WORD.findall(self._answer)) != CHUNKS or not self._answer.startswith(b"HTTP/1.1 200"):
                self._fail("sent another answer")
            elif self._waiting and not self._waiting.done():
                self._waiting.set_result((self._first, total))
        elif not self._answer.startswith(b"HTTP/1.1 200"[: len(self._answer)]):
            self._fail("refused")

    def _fail(self, what: str) -> None:
        if self._waiting and not self._waiting.done():
            self._waiting.set_exception(RuntimeError(f"the server {what}: {bytes(self._answer[:2000])!r}"))
