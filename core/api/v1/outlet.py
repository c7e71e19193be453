"""The way out of a streamed answer: what comes at once goes out at once."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from starlette.types import Send

_MOST_WAITING_BYTES = 64 * 1024


class Outlet:
    """Sends the pieces of a body, those that came within one turn of the event loop together.

    A fast provider's chunks come in dozens with one read, and each sending passes through every middleware and into
    a system call: more work than all else that is done with a chunk. Pieces that come one by one go out one by one,
    and a reader that is slower than the provider still holds it up.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self._waiting = bytearray()
        self._sending: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Nothing to begin."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave nothing running."""
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.wait({self._sending})

    async def first(self, piece: bytes) -> None:
        """Send the first piece at once: somebody waits for it."""
        await self._send({"type": "http.response.body", "body": piece, "more_body": True})

    async def put(self, piece: bytes) -> None:
        """Have a piece sent; waits only while too much has not gone out yet."""
        self._waiting += piece
        if self._sending is None:
            self._sending = asyncio.create_task(self._send_waiting())
        elif self._sending.done():
            self._sending.result()
            self._sending = asyncio.create_task(self._send_waiting())
        elif len(self._waiting) > _MOST_WAITING_BYTES:
            await self._sending

    async def end(self, piece: bytes) -> None:
        """Send the last piece after all others."""
        if self._sending is not None:
            await self._sending
        await self._send({"type": "http.response.body", "body": bytes(self._waiting) + piece, "more_body": False})

    async def _send_waiting(self) -> None:
        while self._waiting:
            body = bytes(self._waiting)
            self._waiting.clear()
            await self._send({"type": "http.response.body", "body": body, "more_body": True})
