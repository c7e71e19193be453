"""An HTTP client that sends a request and nothing else."""

from __future__ import annotations

from typing import Any

import httpx


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
