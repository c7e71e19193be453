"""The API about itself: `/api/openapi.json` for programs, `/api/docs` for people. Open to all, without secrets."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from core.api.answers import Api
from core.api.described import JSON, DescribedRoute
from core.api.docs_page import POLICY, docs_page
from core.api.openapi import document

HTML = "text/html"


def document_routes(api: Api, described: Callable[[], Sequence[DescribedRoute]]) -> list[DescribedRoute]:
    """The two routes, about these and all of `described`."""
    documents = _Documents(lambda: [*described(), *routes])

    def openapi(request: Request) -> Response:
        """What this document says of every route, as OpenAPI 3.1."""
        return _answered(request, *documents.json)

    def docs(request: Request) -> Response:
        """The same for people, as one page without scripts."""
        return _answered(request, *documents.page)

    routes = [
        api.public("/api/openapi.json", openapi, gives=dict[str, Any]),
        api.public("/api/docs", docs, gives=None, media=HTML),
    ]
    return routes


class _Documents:
    """Made once, when somebody asks: routes don't change while the process runs."""

    def __init__(self, described: Callable[[], Sequence[DescribedRoute]]) -> None:
        self._described = described

    @cached_property
    def _document(self) -> dict[str, Any]:
        return document(self._described())

    @cached_property
    def json(self) -> tuple[bytes, dict[str, str]]:
        body = json.dumps(self._document, separators=(",", ":")).encode()
        return body, _headers(body, JSON)

    @cached_property
    def page(self) -> tuple[bytes, dict[str, str]]:
        body = docs_page(self._document).encode()
        return body, {**_headers(body, f"{HTML}; charset=utf-8"), "Content-Security-Policy": POLICY}


def _headers(body: bytes, media_type: str) -> dict[str, str]:
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    return {"ETag": tag, "Cache-Control": "no-cache", "Content-Type": media_type}


def _answered(request: Request, body: bytes, headers: dict[str, str]) -> Response:
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers)
