"""HTTP clients with few connections each.

httpcore asks every connection of its pool several times a call whether it is idle, expired or readable: with 16 in one
pool that is a quarter of a call's time, and grows with the square. So a client gets four calls at a time, then the
next client takes over; the first with room is asked first, so that calls one after another share one connection.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import httpx

CALLS_PER_CLIENT = 4
MAX_CALLS = 256
# Idle connections stay a minute: a person's next message should not pay for a TLS handshake again.
LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=8, keepalive_expiry=60.0)


class PoolsFullError(Exception):
    """`MAX_CALLS` calls are running."""


class ClientPools:
    """Lends out clients; belongs to one event loop.

    Args:
        make: builds a client; must use `LIMITS`.
    """

    def __init__(self, make: Callable[[], httpx.AsyncClient]) -> None:
        self._make = make
        self._clients: list[httpx.AsyncClient] = []
        self._busy: list[int] = []

    @contextlib.contextmanager
    def lend(self) -> Iterator[httpx.AsyncClient]:
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
