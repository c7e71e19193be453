"""Sends one HTTP request to a provider; whatever keeps it from being answered becomes a `ProviderError`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx

from core.providers.failures import failure
from core.providers.guard import is_forbidden
from core.providers.reply import Timeouts
from core.providers.straight_client import StraightClient
from data.values.calls import ErrorKind
from data.values.models import Endpoint


async def send(
    client: StraightClient,
    endpoint: Endpoint,
    path: str,
    key: str | None,
    timeouts: Timeouts,
    *,
    method: str = "POST",
    headers: Mapping[str, str] | None = None,
    **body: Any,
) -> httpx.Response:
    """The reply's headers, of any status, with its body unread; close it.

    Args:
        client: whose connections are used.
        endpoint: whom to ask.
        path: below its base URL, from the slash.
        key: goes into the Authorization header.
        timeouts: of these `connect` and `first` count.
        method: of HTTP.
        headers: besides the key's.
        body: httpx's `content`, or `data` and `files`.

    Raises:
        ProviderError: nothing came back.
    """
    who = endpoint.label
    # Checked here because httpx and h11 quote a bad header value, and so the key, in their errors.
    if key is not None and not (key.isascii() and key.isprintable() and " " not in key):
        raise failure(ErrorKind.AUTH, f"The key for {who} contains characters that no key has.", None)
    sent = dict(headers or {}) | ({"Authorization": f"Bearer {key}"} if key else {})
    try:
        outgoing = client.build_request(method, f"{endpoint.base_url.rstrip('/')}{path}", headers=sent, **body)
        async with asyncio.timeout(timeouts.first):
            return await client.send_straight(outgoing)
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError) as error:
        raise failure(ErrorKind.UNREACHABLE, f"The base URL of {who} can't be used.", key) from error
    except httpx.ConnectTimeout as error:
        message = f"{who} did not accept a connection within {timeouts.connect:g} seconds."
        raise failure(ErrorKind.UNREACHABLE, message, key) from error
    except httpx.ConnectError as error:
        kind = ErrorKind.ADDRESS_REFUSED if is_forbidden(error) else ErrorKind.UNREACHABLE
        raise failure(kind, f"{who} can't be reached: {error}.", key) from error
    except httpx.TransportError as error:
        raise failure(ErrorKind.UNREACHABLE, f"{who} closed the connection without an answer.", key) from error
    except TimeoutError:
        raise failure(ErrorKind.TIMEOUT, f"{who} sent nothing within {timeouts.first:g} seconds.", key) from None
