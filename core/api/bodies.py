"""Bodies of requests, bounded before anything is made of them."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from starlette.requests import Request

from core.errors import TooLarge


async def bounded(request: Request, most: int) -> AsyncGenerator[bytes, None]:
    """The body's pieces, as long as together they have at most `most` bytes.

    Raises:
        TooLarge: it has more; before the first piece where its length is announced.
    """
    refusal = TooLarge(f"The request is larger than {_amount(most)}.", "Send less at once.")
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > most:
        raise refusal
    left = most
    async for piece in request.stream():
        left -= len(piece)
        if left < 0:
            raise refusal
        yield piece


async def whole_body(request: Request, most: int) -> bytes:
    """A body of at most `most` bytes. Raises TooLarge, see `bounded`."""
    return b"".join([piece async for piece in bounded(request, most)])


def _amount(size: int) -> str:
    return f"{size // 1024**2} MiB" if size >= 1024**2 else f"{size // 1024} KiB"
