"""The direct transport: OpenAI's wire format over httpx, without litellm's cost of a millisecond a chunk."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
from pydantic_core import from_json

from core.errors import ProviderError
from core.providers.direct_operations import DirectOperation
from core.providers.failures import failure
from core.providers.guard import AddressGuard
from core.providers.openai_wire import ChunkReader, request_body, stream_error
from core.providers.operation_limits import OperationLimits
from core.providers.refusal import refusal
from core.providers.reply import Reply, Timeouts
from core.providers.request import Answer, ModelRequest
from core.providers.sending import send
from core.providers.straight_client import StraightClient
from data.values.calls import ErrorKind
from data.values.events import Delta, StreamEnd, UsageReport
from data.values.operations import OperationRequest

MAX_CALLS = 256
"""How many calls one loop makes at once."""

_DONE = b"[DONE]"


def _utc_now() -> datetime:
    return datetime.now(UTC)


class DirectTransport:
    """Streams from any endpoint that speaks OpenAI's HTTP format. One instance belongs to one event loop.

    Takes no proxy or certificate from the environment and follows no redirect: a key goes to the origin that it
    was sealed for, or nowhere.

    Args:
        guard: says which addresses may be called; without one this machine and the public internet.
    """

    def __init__(
        self,
        timeouts: Timeouts | None = None,
        now: Callable[[], datetime] = _utc_now,
        limits: OperationLimits | None = None,
        guard: AddressGuard | None = None,
    ) -> None:
        self._guard = guard or AddressGuard(loopback=True)
        self._timeouts = timeouts or Timeouts()
        self._limits = limits or OperationLimits()
        self._now = now
        self._client = self._made()
        self._running = 0

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def stream(self, request: ModelRequest, key: str | None) -> AsyncGenerator[Delta, None]:
        """See `Transport.stream`."""
        label = request.endpoint.label
        reader = ChunkReader()
        done = False
        async with contextlib.AsyncExitStack() as stack:
            client = stack.enter_context(self._lend(key))
            reply = await stack.enter_async_context(contextlib.aclosing(await self._open(client, request, key)))
            while not done and (events := await reply.next_events()) is not None:
                for data in events:
                    if data.strip() == _DONE:
                        done = True
                        break
                    deltas = _read(reader, data, label, key, ended=reply.ended and not reply.whole)
                    if deltas:
                        reply.started()
                    for delta in deltas:
                        yield delta
                if reader.finish_reason:
                    reply.finishing()
            if not (done or reply.whole or reader.finish_reason):
                raise failure(ErrorKind.STREAM_CUT, f"{label} ended the answer in the middle.", key)
            await reply.drain()
        if reader.usage:
            yield UsageReport(reader.usage)
        yield StreamEnd(reader.finish_reason or "unknown")

    async def perform(self, request: OperationRequest, key: str | None) -> Answer:
        """See `Transport.perform`."""
        with self._lend(key) as client:
            return await DirectOperation(client, request, key, self._timeouts, self._limits, self._now).run()

    @contextlib.contextmanager
    def _lend(self, key: str | None) -> Iterator[StraightClient]:
        if self._running >= MAX_CALLS:
            raise failure(ErrorKind.INTERNAL, "Too many model calls are running at once.", key)
        self._running += 1
        try:
            yield self._client
        finally:
            self._running -= 1

    def _made(self) -> StraightClient:
        return StraightClient(
            self._guard.lean_transport(),
            # Reads have deadlines of their own, in Reply: httpx knows only one for all of them.
            timeout=httpx.Timeout(None, connect=self._timeouts.connect),
            trust_env=False,
            follow_redirects=False,
            headers={"Accept": "text/event-stream, application/json", "User-Agent": "gearbox"},
        )

    async def _open(self, client: StraightClient, request: ModelRequest, key: str | None) -> Reply:
        """Send the request and wait for a successful reply's headers."""
        began = asyncio.get_running_loop().time()
        response = await self._send(client, request, key)
        if response.status_code >= 300:
            label, within = request.endpoint.label, self._timeouts.connect
            raise await refusal(response, label, key, within=within, now=self._now())
        try:
            return Reply(response, request.endpoint.label, key, began, self._timeouts)
        except ProviderError:
            await response.aclose()
            raise

    async def _send(self, client: StraightClient, request: ModelRequest, key: str | None) -> httpx.Response:
        body = json.dumps(request_body(request), separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json"}
        return await send(
            client, request.endpoint, "/chat/completions", key, self._timeouts, headers=headers, content=body
        )


def _read(reader: ChunkReader, data: bytes, who: str, key: str | None, *, ended: bool) -> list[Delta]:
    """The deltas of one event; `ended` says that the stream may have been cut within it."""
    try:
        chunk: Any = from_json(data, allow_inf_nan=False, cache_strings="keys")
        if not isinstance(chunk, dict):
            raise ValueError("not an object")
        if not chunk.get("error"):
            return reader.read(chunk)
    except ValueError as error:
        if ended:
            raise failure(ErrorKind.STREAM_CUT, f"{who} broke off the answer.", key) from error
        raise failure(ErrorKind.BAD_RESPONSE, f"{who} sent something that is not a completion.", key) from error
    kind, words = stream_error(chunk["error"])
    raise failure(kind, f"{who} reported an error: {words or 'it gave no reason'}", key)
