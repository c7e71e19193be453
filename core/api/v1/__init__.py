"""`/v1`: OpenAI's API, so that its clients and everything built on them work with Gearbox unchanged."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute
from starlette.types import Scope

from core.api.problems import Kind
from core.api.request_ids import REQUEST_ID, request_id_of
from core.api.unknown import Unknown
from core.api.v1 import chat, models, operations, pictures, rerank, transcriptions, videos
from core.api.v1.entrance import Entrance

AREAS = (chat, models, operations, pictures, rerank, transcriptions, videos)


def v1_routes(entrance: Entrance) -> list[BaseRoute]:
    """All of them, and at last what answers where there is none."""
    routes = [route for area in AREAS for route in area.routes(entrance)]
    return [*routes, Unknown("/v1", routes, _missing)]


def _missing(scope: Scope, kind: Kind, message: str, remedy: str, headers: Mapping[str, str]) -> Response:
    said = f"{message} {remedy}"
    error = {"message": said, "type": "invalid_request_error", "param": None, "code": "unknown_url"}
    return JSONResponse({"error": error}, kind.status, {REQUEST_ID: request_id_of(scope), **headers})
