"""Answers that end when their reader goes: a program that hangs up ends the provider's stream, too."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

Work = Callable[[Scope, Receive, Send], Awaitable[None]]
LastWords = Callable[[Send], Awaitable[None]]


class Watched(Response):
    """Runs `work`, which sends the answer, and cancels it when the client has gone.

    A server that is being ended cancels it, too; then `last_words` may be sent before the books are closed, for which
    nobody may be given the time. `work` sends nothing more after them.

    Not Starlette's StreamingResponse: it passes each chunk through a task group and an iterator of its own, and
    begins to answer before anybody knows whether there will be an answer.
    """

    def __init__(self, work: Work, last_words: LastWords | None = None) -> None:
        super().__init__()
        self._work = work
        self._last_words = last_words

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        working = asyncio.ensure_future(self._work(scope, receive, send))
        watching = asyncio.create_task(_gone(receive))
        try:
            await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            if self._last_words is not None and not working.done():
                await self._last_words(send)
            raise
        finally:
            watching.cancel()
            if not working.done():
                working.cancel()
            # Books are closed in there: nothing may be left running behind the server's back.
            await asyncio.wait({working})
        if not working.cancelled():
            working.result()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
