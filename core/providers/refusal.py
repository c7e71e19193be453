"""An HTTP error answer in the provider's own words."""

from __future__ import annotations

import asyncio
from datetime import datetime

import httpx
from pydantic_core import from_json

from core.errors import ProviderError
from core.providers.failures import failure, kind_of_status, message_of, retry_after_seconds

_MAX_ERROR_BYTES = 64 * 1024


async def refusal(
    response: httpx.Response, who: str, key: str | None, *, within: float, now: datetime
) -> ProviderError:
    """What a streamed response of status 300 or more means; closes it.

    Reads at most 64 KiB of its body, and for `within` seconds at most. `now` (aware) is what a Retry-After date is
    counted from.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(within):
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) >= _MAX_ERROR_BYTES:
                    break
    except (TimeoutError, httpx.HTTPError):
        pass  # the status alone has to do
    finally:
        await response.aclose()
    status = response.status_code
    words = _error_words(bytes(body[:_MAX_ERROR_BYTES]), response.headers.get("content-type", ""))
    wait = retry_after_seconds(response.headers.get("retry-after"), now)
    said = f"{who} answered {status}: {words}" if words else f"{who} answered {status} {response.reason_phrase}."
    return failure(kind_of_status(status), said, key, status=status, retry_after=wait)


def _error_words(body: bytes, content_type: str) -> str:
    try:
        return message_of(from_json(body, allow_inf_nan=False))
    except ValueError:
        # Plain text is as good as it gets; a proxy's web page is not.
        return "" if "html" in content_type.lower() else body.decode("utf-8", "replace").strip()
