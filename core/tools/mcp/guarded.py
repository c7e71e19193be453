"""HTTP of the `mcp` package through the project's guard of outgoing calls.

The package speaks httpx2, the guard httpx. The two have the same requests and answers, so that one is handed on as the
other: there is one guard, and what it forbids is forbidden here as everywhere.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator

import httpx
import httpx2

from core.providers.guard import AddressGuard, is_forbidden

_NOT_LET_IN = (401, 403)
MOST_BYTES = 8_000_000
"""Of one answer that is no event stream: what is longer is cut off as an error. Events have a limit of their own."""


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Sends what httpx2 asks for over the guard's transport; follows no redirect by itself."""

    def __init__(self, guard: AddressGuard) -> None:
        self._inner = guard.transport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """See httpx2."""
        body = request.stream
        assert isinstance(body, httpx2.AsyncByteStream)
        asked = httpx.Request(
            request.method,
            str(request.url),
            headers=request.headers.raw,
            stream=_Sent(body),
            extensions={"timeout": request.extensions["timeout"]} if "timeout" in request.extensions else {},
        )
        with _as_httpx2(request):
            answer = await self._inner.handle_async_request(asked)
        if answer.status_code in _NOT_LET_IN:
            await answer.aclose()
            # The package would tell of an error without its number, which here says what to do.
            words = f"it answers {answer.status_code}: the bearer token is missing, or not accepted"
            raise httpx2.RemoteProtocolError(words, request=request)
        streams = answer.headers.get("content-type", "").lower().startswith("text/event-stream")
        received = _Received(answer, request, None if streams else MOST_BYTES)
        return httpx2.Response(answer.status_code, headers=answer.headers.raw, stream=received, request=request)

    async def aclose(self) -> None:
        """Close its connections."""
        await self._inner.aclose()


class _Sent(httpx.AsyncByteStream):
    def __init__(self, body: httpx2.AsyncByteStream) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._body:
            yield piece


class _Received(httpx2.AsyncByteStream):
    def __init__(self, answer: httpx.Response, request: httpx2.Request, most: int | None) -> None:
        self._answer = answer
        self._request = request
        self._most = most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        body, size = self._answer.stream, 0
        assert isinstance(body, httpx.AsyncByteStream)
        with _as_httpx2(self._request):
            async for piece in body:
                size += len(piece)
                if self._most is not None and size > self._most:
                    raise httpx2.ReadError(f"the answer is longer than {self._most} bytes", request=self._request)
                yield piece

    async def aclose(self) -> None:
        await self._answer.aclose()


@contextlib.contextmanager
def _as_httpx2(request: httpx2.Request) -> Iterator[None]:
    """Errors of httpx as httpx2's of the same name."""
    try:
        yield
    except httpx.ConnectError as error:
        words = f"{error}: {ASKS_ADMIN}" if is_forbidden(error) else str(error)
        raise httpx2.ConnectError(words, request=request) from error
    except httpx.RequestError as error:
        kind = getattr(httpx2, type(error).__name__, httpx2.TransportError)
        raise kind(str(error), request=request) from error


ASKS_ADMIN = "only whoever runs Gearbox can allow that, with GEARBOX_INNER_HOSTS or GEARBOX_INNER_NETWORKS"
