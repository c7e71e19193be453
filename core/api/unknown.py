"""What `/api` answers where it has no route, so that no program gets the page that people get for an unknown path."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

from core.api.problems import MISSING, WRONG_METHOD, Kind, problem

Answer = Callable[[Scope, Kind, str, str, Mapping[str, str]], Response]


class Unknown(BaseRoute):
    """404, or 405 with `Allow` where there is a route for another method.

    It stands last and takes every method and all below `root`. No `Route`: where nothing fits whole, Starlette answers
    405 as plain text, and the pattern of its paths stops at a line's end, which may stand in an address.
    """

    def __init__(self, root: str, routes: Sequence[Route], answer: Answer = problem) -> None:
        self.path = f"{root}/{{rest:path}}"
        self._root = root
        self._routes = routes
        self._answer = answer

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether the request is for a path here."""
        path = scope["path"]
        here = scope["type"] == "http" and (path == self._root or path.startswith(f"{self._root}/"))
        return Match.FULL if here else Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer in the form of the other errors."""
        methods = {
            method
            for route in self._routes
            if route.matches(scope)[0] is Match.PARTIAL
            for method in route.methods or ()
        }
        if methods:
            allowed = ", ".join(sorted(methods))
            words = f"There is no {scope['method']} here.", f"Use {allowed}."
            answer = self._answer(scope, WRONG_METHOD, *words, {"Allow": allowed})
        else:
            answer = self._answer(scope, MISSING, "There is no such path.", "The routes are at /api/docs.", {})
        await answer(scope, receive, send)
