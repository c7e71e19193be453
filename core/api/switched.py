"""What is mounted beside the routes and can be switched off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from core.api.v1.errors import failure_response
from core.errors import GearboxError


class Switched:
    """Passes requests on while a check lets them, and says else why not, in OpenAI's shape.

    Args:
        check: raises GearboxError to refuse; it may block for a moment.
    """

    def __init__(self, app: ASGIApp, check: Callable[[], object]) -> None:
        self._app = app
        self._check = check

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; its body is not read where it is refused."""
        try:
            await asyncio.to_thread(self._check)
        except GearboxError as error:
            await failure_response(error)(scope, receive, send)
            return
        await self._app(scope, receive, send)
