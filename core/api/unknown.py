"""What `/api` answers where it has no route, so that no program gets the page that people get for an unknown path."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from starlette.responses import JSONResponse
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send


class Unknown:
    """404, or 405 with `Allow` where there is a route for another method.

    It stands last and takes every method: where nothing fits whole, Starlette answers 405 as plain text.
    """

    def __init__(self, routes: Sequence[Route], body: Callable[[str, str], object] | None = None) -> None:
        self._routes = routes
        self._body = body or (lambda message, remedy: {"error": {"message": message, "remedy": remedy}})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer in the form of the API's other errors."""
        methods = {
            method
            for route in self._routes
            if route.matches(scope)[0] is Match.PARTIAL
            for method in route.methods or ()
        }
        if methods:
            allowed = ", ".join(sorted(methods))
            await self._problem(405, f"There is no {scope['method']} here.", f"Use {allowed}.", allowed)(
                scope, receive, send
            )
            return
        await self._problem(404, "There is no such path.", "The routes are in docs/api.md.")(scope, receive, send)

    def _problem(self, status: int, message: str, remedy: str, allowed: str = "") -> JSONResponse:
        return JSONResponse(self._body(message, remedy), status, {"Allow": allowed} if allowed else None)
