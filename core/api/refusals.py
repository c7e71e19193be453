"""How a request is turned away before it reaches a route: in the form that its sender reads."""

from __future__ import annotations

from starlette.responses import PlainTextResponse, Response
from starlette.types import Scope

from core.api.doors import Door, door_of
from core.api.problems import problem_of
from core.errors import GearboxError


def refusal(scope: Scope, error: GearboxError, status: int = 403) -> Response:
    """OpenAI's form for its clients, a problem for programs; words, with `status`, for people."""
    path = scope["path"]
    if door_of(path) is not Door.API:
        return PlainTextResponse(f"{error}\n{error.remedy}\n", status)
    from core.api.v1.errors import failure_response  # here, since the package needs the services, and they this module

    return failure_response(error) if path == "/v1" or path.startswith("/v1/") else problem_of(scope, error)
