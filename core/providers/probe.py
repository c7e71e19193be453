"""Asking one server for its models, in OpenAI's wire format; bounded in time and size."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from core.providers.failures import failure
from core.providers.guard import AddressGuard, is_forbidden
from core.providers.listed import Told, contexts_of, told_of
from core.providers.refusal import refusal
from data.values.calls import ErrorKind

MAX_LISTING_BYTES = 8 * 1024 * 1024
MAX_MODELS = 5_000
LOCAL_SECONDS = 3.0
_CONNECT_SECONDS = 5.0  # `within` is often less; on this machine a closed port refuses at once
_MAX_NAME_CHARS = 200
_MAX_TAG_CHARS = 200


@dataclass(frozen=True, slots=True)
class Listing:
    """What a server said of its models: their names, or None where they are those of the `etag` that was known.

    `told` is what it said of their abilities, if anything, `contexts` how many tokens each reads.
    """

    names: tuple[str, ...] | None
    etag: str = ""
    told: Told = field(default_factory=dict)
    contexts: Mapping[str, int] = field(default_factory=dict)


async def list_models(
    base_url: str, *, client: httpx.AsyncClient, key: str | None = None, within: float = LOCAL_SECONDS, etag: str = ""
) -> Listing:
    """The names of the models behind an OpenAI-compatible base URL. Follows no redirect.

    Args:
        base_url: without `/models`.
        client: whose proxies and certificates apply.
        key: sent as a bearer token, to this address only.
        within: seconds for everything.
        etag: of the list that is known already.

    Raises:
        ProviderError: nothing answers there, it refuses, or it is something else.
    """
    try:
        async with asyncio.timeout(within):
            body, tag = await _get(f"{base_url}/models", client, key, within, etag)
    except TimeoutError:
        raise failure(ErrorKind.TIMEOUT, f"{base_url} did not list its models in time.", key) from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        kind = ErrorKind.TIMEOUT if isinstance(error, httpx.TimeoutException) else ErrorKind.UNREACHABLE
        if isinstance(error, httpx.ConnectError) and is_forbidden(error):
            kind = ErrorKind.ADDRESS_REFUSED
        reason = (str(error) if isinstance(error, httpx.ConnectError) else "") or type(error).__name__
        raise failure(kind, f"{base_url} can't be reached ({reason}).", key) from None
    if body is None:
        return Listing(None, etag)
    listing = await asyncio.to_thread(_read, body, tag)  # OpenRouter's list is a megabyte: too long for the loop
    if listing is None:
        raise failure(ErrorKind.BAD_RESPONSE, f"{base_url} does not list models the way OpenAI's API does.", key)
    return listing


async def open_client(guard: AddressGuard | None = None) -> httpx.AsyncClient:
    """A client for probes: no redirects, no proxy or credentials from the environment, like the direct transport.

    Args:
        guard: says which addresses may be called; without one this machine and the public internet.
    """
    judge = guard or AddressGuard(loopback=True)

    def make() -> httpx.AsyncClient:
        transport = judge.transport(verify=httpx.create_ssl_context(trust_env=False))
        return httpx.AsyncClient(transport=transport, follow_redirects=False, trust_env=False)

    return await asyncio.to_thread(make)  # building the TLS context takes tens of milliseconds


async def _get(
    url: str, client: httpx.AsyncClient, key: str | None, within: float, etag: str
) -> tuple[bytes | None, str]:
    """Body and entity tag; no body where the list is the known one."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    if etag:
        headers["If-None-Match"] = etag
    limits = httpx.Timeout(within, connect=_CONNECT_SECONDS)
    async with client.stream("GET", url, headers=headers, follow_redirects=False, timeout=limits) as response:
        if response.status_code == 304 and etag:
            return None, etag
        if response.status_code != 200:
            raise await refusal(response, url, key, within=within, now=datetime.now(UTC))
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > MAX_LISTING_BYTES:
                raise failure(ErrorKind.BAD_RESPONSE, f"{url} sent more than {MAX_LISTING_BYTES} bytes.", key)
        tag = response.headers.get("etag", "")
        return bytes(body), tag if tag.isascii() and tag.isprintable() and len(tag) <= _MAX_TAG_CHARS else ""


def _read(body: bytes, etag: str) -> Listing | None:
    """A list in OpenAI's shape, or None for anything else. Together AI leaves the wrapping object out."""
    try:
        document: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    rows = document.get("data") if isinstance(document, dict) else document
    if not isinstance(rows, list):
        return None
    models = [row for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)]
    if rows and not models:
        return None
    known = [row for row in models[:MAX_MODELS] if row["id"].isprintable() and 0 < len(row["id"]) <= _MAX_NAME_CHARS]
    return Listing(tuple(dict.fromkeys(row["id"] for row in known)), etag, told_of(known), contexts_of(known))
