"""HTTP clients with few connections each.

httpcore asks every connection of its pool several times a call whether it is idle, expired or readable: with 16 in one
pool that is a quarter of a call's time, and grows with the square. So a client gets four calls at a time, then the
next client takes over; the first with room is asked first, so that calls one after another share one connection.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

import httpx

CALLS_PER_CLIENT = 4
MAX_CALLS = 256
# Idle connections stay a minute: a person's next message should not pay for a TLS handshake again.
LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=8, keepalive_expiry=60.0)


class PoolsFullError(Exception):
    """`MAX_CALLS` calls are running."""


class StraightClient(httpx.AsyncClient):
    """A client whose requests can go straight to its transport.

    `AsyncClient.send` passes through sign-in schemes, redirects, hooks and cookies. A call to a provider has none, and
    must not: one client serves everybody's calls, and would send a cookie of one person's account with another's key.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport, **options: Any) -> None:
        super().__init__(transport=transport, **options)
        self._straight = transport

    async def send_straight(self, request: httpx.Request) -> httpx.Response:
        """The response's headers, its body unread; close it. Raises what transports do."""
        response = await self._straight.handle_async_request(request)
        response.request = request
        return response


C = TypeVar("C", bound=httpx.AsyncClient)


class ClientPools(Generic[C]):
    """Lends out clients; belongs to one event loop.

    Args:
        make: builds a client; must use `LIMITS`.
    """

    def __init__(self, make: Callable[[], C]) -> None:
        self._make = make
        self._clients: list[C] = []
        self._busy: list[int] = []

    @contextlib.contextmanager
    def lend(self) -> Iterator[C]:
        """A client for one call.

        Raises:
            PoolsFullError: too many calls are running.
        """
        index = next((place for place, calls in enumerate(self._busy) if calls < CALLS_PER_CLIENT), len(self._busy))
        if index == len(self._busy):
            if index * CALLS_PER_CLIENT >= MAX_CALLS:
                raise PoolsFullError
            self._clients.append(self._make())
            self._busy.append(0)
        self._busy[index] += 1
        try:
            yield self._clients[index]
        finally:
            self._busy[index] -= 1

    async def aclose(self) -> None:
        """Close all connections."""
        for client in self._clients:
            await client.aclose()
