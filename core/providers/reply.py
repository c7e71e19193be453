"""An HTTP reply that is still coming in: its events, its deadlines, its failures in our words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx

from core.errors import ProviderError
from core.providers.deadline import Deadline
from core.providers.failures import failure
from core.providers.sse import MAX_EVENT_BYTES, EventTooLongError, SseParser
from data.values.calls import ErrorKind


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait, in seconds.

    Args:
        connect: a server that takes longer to accept a connection is not there.
        first: from the request to the first delta; a local server may load tens of gigabytes first, and
            reasoning models think in silence. Keep-alive comments do not extend it.
        between: silence on the line of a running stream; a keep-alive comment is a sign of life.
        finish: from the finish reason to the end; usage may come after it, and some servers keep the line open.
        drain: from `[DONE]` to the end of the body, so that the connection can be used again.
        total: no answer is worth waiting longer for.
    """

    connect: float = 10.0
    first: float = 180.0
    between: float = 90.0
    finish: float = 2.0
    drain: float = 0.1
    total: float = 1800.0


class Reply:
    """A successful reply, event by event, whether it came as a stream or as one JSON document.

    Args:
        response: open, its body unread.
        who: what the messages call the server.
        key: taken out of messages.
        began: loop time when the request was sent.
    """

    def __init__(self, response: httpx.Response, who: str, key: str | None, began: float, limits: Timeouts) -> None:
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "text/html":
            raise failure(ErrorKind.BAD_RESPONSE, f"{who} answered with a web page instead of a completion.", key)
        self.whole = kind == "application/json"
        self.ended = False
        self._response = response
        self._chunks = _body(response)
        self._parser = SseParser()
        self._who = who
        self._key = key
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._last = began + limits.total
        self._deadline = Deadline(min(began + limits.first, self._last))
        self._started = False
        self._finishing = False

    async def next_events(self) -> list[bytes] | None:
        """The data of the events that came next, perhaps none yet; None after the end.

        Raises:
            ProviderError: the line went silent, broke, or carries something else.
        """
        if self.ended:
            return None
        if self.whole:
            self.ended = True
            return [await self._read_all()]
        chunk = await self._next_chunk()
        if not self.ended:
            try:
                return self._parser.feed(chunk)
            except EventTooLongError as error:
                raise failure(ErrorKind.BAD_RESPONSE, f"{self._who} sent too much: {error}.", self._key) from error
        return self._parser.flush()

    def started(self) -> None:
        """The first delta came: from now on only silence on the line counts."""
        self._started = True

    def finishing(self) -> None:
        """The finish reason came: whatever is still missing has little time left."""
        if not self._finishing:
            self._finishing = True
            self._deadline.move(self._loop.time() + self._limits.finish)

    async def drain(self) -> None:
        """Read on to the end of the body, which frees the connection for the next call; give up soon."""
        self._finishing = True
        self._deadline.move(self._loop.time() + self._limits.drain)
        while not self.ended:
            await self._next_chunk()

    async def aclose(self) -> None:
        """Drop the connection unless the body was read to its end."""
        self._deadline.close()
        await self._response.aclose()

    async def _read_all(self) -> bytes:
        body = bytearray()
        while chunk := await self._next_chunk():
            body += chunk
            if len(body) > MAX_EVENT_BYTES:
                raise failure(ErrorKind.BAD_RESPONSE, f"{self._who} sent too much.", self._key)
        return bytes(body)

    async def _next_chunk(self) -> bytes:
        """The next bytes; empty, and `ended` set, after the last."""
        if self._started and not self._finishing:
            self._deadline.move(min(self._loop.time() + self._limits.between, self._last))
        try:
            return await self._deadline.wait(anext(self._chunks))
        except StopAsyncIteration:
            self.ended = True
        except TimeoutError:
            if not self._finishing:
                raise self._silence() from None
            self.ended = True
        except httpx.DecodingError as error:
            raise failure(ErrorKind.BAD_RESPONSE, f"{self._who} sent a garbled body.", self._key) from error
        except httpx.TransportError as error:
            if not self._finishing:
                message = f"{self._who} broke off the answer."
                raise failure(ErrorKind.STREAM_CUT, message, self._key) from error
            self.ended = True
        return b""

    def _silence(self) -> ProviderError:
        if self._loop.time() >= self._last:
            what = f"did not finish within {self._limits.total:g} seconds"
        elif self._started:
            what = f"fell silent for {self._limits.between:g} seconds"
        else:
            what = f"sent nothing within {self._limits.first:g} seconds"
        return failure(ErrorKind.TIMEOUT, f"{self._who} {what}.", self._key)


def _body(response: httpx.Response) -> AsyncIterator[bytes]:
    """The body piece by piece; a plain one without httpx's decoding layers, a tenth of a chunk's cost."""
    if isinstance(response.stream, httpx.AsyncByteStream) and "content-encoding" not in response.headers:
        return aiter(response.stream)
    return response.aiter_bytes()
