"""Requests of tools to the web: by the guard's rules, without cookies, keys or a proxy, and bounded in every way."""

from __future__ import annotations

import asyncio
import json
import re
import ssl
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import httpx

from core.errors import GearboxError
from core.providers.guard import AddressGuard, is_forbidden
from data.values.sources import source

MOST_BYTES = 2 * 1024 * 1024
SECONDS = 20.0
MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LIMITS = httpx.Timeout(10.0, connect=5.0)
_HEADERS = {"User-Agent": "Mozilla/5.0 (compatible; Gearbox/0.1)", "Accept-Encoding": "gzip"}
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was sent in the end, and from where; `is_cut` when only its beginning was read."""

    url: str
    media_type: str
    charset: str
    body: bytes
    is_cut: bool


class Web:
    """Asks servers on the internet.

    Args:
        guard: says which addresses may be called. Give it one that knows no exceptions: these are not the addresses
            that people connect providers at, but whatever a model read somewhere.
    """

    def __init__(self, guard: AddressGuard) -> None:
        self._guard = guard
        self._tls: ssl.SSLContext | None = None

    async def get(self, url: str) -> Fetched:
        """The page behind an address, after redirects, of each of which the address is judged anew.

        Raises:
            GearboxError: it is no http(s) address, may not be called, or did not answer with a page.
        """
        address = _address(url)
        async with self._asking(address) as client:
            for _ in range(MOST_REDIRECTS + 1):
                request = client.build_request("GET", address, headers={"Accept": "text/html,text/*;q=0.9,*/*;q=0.5"})
                response = await client.send(request, stream=True)
                try:
                    if response.status_code not in _REDIRECTS or "location" not in response.headers:
                        return await _fetched(response)
                    address = _address(str(httpx.URL(address).join(response.headers["location"])))
                finally:
                    await response.aclose()
        raise GearboxError(f"The address leads on more than {MOST_REDIRECTS} times.")

    async def ask(
        self, method: str, url: str, *, headers: Mapping[str, str] = {}, body: Mapping[str, Any] | None = None
    ) -> Any:
        """The JSON that a service answers with. Follows no redirect: it would take a key along.

        Args:
            url: of the operator's.
            headers: may hold a key; none of them is in any error.

        Raises:
            GearboxError: it can't be reached, refuses or answers with something else.
        """
        async with self._asking(url) as client:
            request = client.build_request(method, url, headers={**headers, "Accept": "application/json"}, json=body)
            response = await client.send(request, stream=True)
            try:
                answered = await _fetched(response)
            finally:
                await response.aclose()
        try:
            return json.loads(answered.body)
        except (ValueError, RecursionError):
            raise GearboxError(f"{httpx.URL(url).host} answered with something that is no JSON.") from None

    async def _client(self) -> httpx.AsyncClient:
        if self._tls is None:  # reading the certificates takes a tenth of a second
            self._tls = await asyncio.to_thread(partial(httpx.create_ssl_context, trust_env=False))
        client = httpx.AsyncClient(
            transport=self._guard.transport(verify=self._tls), headers=_HEADERS, timeout=_LIMITS, trust_env=False
        )
        client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=()))
        return client

    @asynccontextmanager
    async def _asking(self, url: str) -> AsyncIterator[httpx.AsyncClient]:
        """A client for one answer: nothing is carried from one request to another. Errors come in our own words."""
        host = httpx.URL(url).host
        try:
            async with asyncio.timeout(SECONDS), await self._client() as client:
                yield client
        except (TimeoutError, httpx.TimeoutException):
            raise GearboxError(f"{host} did not answer in time.") from None
        except httpx.ConnectError as error:
            reason = f" ({error})" if is_forbidden(error) else ""
            raise GearboxError(f"{host} can't be reached{reason}.") from None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            raise GearboxError(f"{host} broke off or sent what is no HTTP.") from None


def _address(url: str) -> str:
    read = source(url)
    try:
        if read is not None and httpx.URL(read.url).host:
            return read.url.partition("#")[0]
    except httpx.InvalidURL:  # 0177.0.0.1 and the like
        pass
    raise GearboxError("That is no address that can be fetched: it has to be http:// or https://, without password.")


async def _fetched(response: httpx.Response) -> Fetched:
    status = response.status_code
    if not response.is_success:
        known = {each.value: f" ({each.phrase})" for each in HTTPStatus}
        raise GearboxError(f"{response.url.host} answered with status {status}{known.get(status, '')}.")
    kind = response.headers.get("content-type", "")
    charset = _CHARSET.search(kind)
    body, is_cut = await _read(response)
    return Fetched(
        url=str(response.url),
        media_type=kind.partition(";")[0].strip().lower(),
        charset=charset[1] if charset else "",
        body=body,
        is_cut=is_cut,
    )


async def _read(response: httpx.Response) -> tuple[bytes, bool]:
    """The first `MOST_BYTES`, unpacked by ourselves: httpx unpacks whole chunks, and 64 KB of zeros are 64 MB then."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"identity", "", "gzip", "x-gzip", "deflate"}:
        raise GearboxError(f"{response.url.host} sent it packed in a way that was not asked for.")
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 32) if encoding not in {"identity", ""} else None
    body = bytearray()
    try:
        async for chunk in response.aiter_raw():
            body += unpack.decompress(chunk, MOST_BYTES + 1 - len(body)) if unpack else chunk
            if len(body) > MOST_BYTES:
                return bytes(body[:MOST_BYTES]), True
    except zlib.error:
        raise GearboxError(f"{response.url.host} sent what can't be unpacked.") from None
    return bytes(body), False
