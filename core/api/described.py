"""Routes that know what may be said of them: the OpenAPI document is read off them, so it can't miss one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, get_type_hints

from pydantic import BaseModel
from starlette.responses import Response
from starlette.routing import Route

from core.access.policy import Permission

JSON = "application/json"
EVENTS = "text/event-stream"
MULTIPART = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of a route.

    Args:
        answer: the function that answers; its docstring and module are said, too.
        status: of a good answer; 204 where it gives nothing.
        needs: scopes of which any one opens it; empty: whoever is signed in; None: nobody need be.
        body, query: what it reads.
        gives: type of its JSON; None: what the function is annotated with.
        media: its good answer's media types.
        takes: its body's media type.
        etag: whether it answers 304 to who has the answer already.
        ways_in: names of security schemes.
        always: whether it answers everybody during maintenance, too.
    """

    answer: Callable[..., Any]
    status: int = 200
    needs: tuple[Permission, ...] | None = ()
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    gives: Any = None
    media: tuple[str, ...] = (JSON,)
    takes: str = JSON
    etag: bool = False
    ways_in: tuple[str, ...] = ("token", "session")
    always: bool = False

    @property
    def area(self) -> str:
        """What it belongs to."""
        return self.answer.__module__.rpartition(".")[2]

    def result(self) -> Any:
        """Type of its JSON; None where it gives none."""
        found = get_type_hints(self.answer)["return"] if self.gives is None else self.gives
        return None if found is type(None) or (isinstance(found, type) and issubclass(found, Response)) else found


class DescribedRoute(Route):
    """A route of one method."""

    def __init__(self, method: str, path: str, endpoint: Callable[..., Any], told: Told) -> None:
        endpoint.__name__ = told.answer.__name__
        super().__init__(path, endpoint, methods=[method])
        self.method = method
        nothing = told.gives is None and told.media == (JSON,) and get_type_hints(told.answer)["return"] is type(None)
        self.told = replace(told, status=204) if nothing else told
