"""A provider on loopback that takes some keys and refuses all others, and remembers what it was sent."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.gateway.server import serve


class Provider:
    """`accepted` keys get an answer; `asked` holds the key of each chat call, in order.

    The list of models is for all keys, unless `lists_for_all` is false.
    """

    def __init__(self) -> None:
        self.accepted: set[str] = set()
        self.lists_for_all = True
        self.asked: list[str] = []
        self.listed: list[str] = []
        self.base_url = ""

    def app(self) -> Starlette:
        """Its two routes."""
        return Starlette(
            routes=[
                Route("/v1/models", self._models),
                Route("/v1/chat/completions", self._chat, methods=["POST"]),
            ]
        )

    async def _models(self, request: Request) -> Response:
        self.listed.append(_key(request))
        if not self.lists_for_all and _key(request) not in self.accepted:
            return JSONResponse({"error": {"message": "Incorrect API key provided."}}, 401)
        return JSONResponse({"data": [{"id": "small"}]})

    async def _chat(self, request: Request) -> Response:
        key = _key(request)
        self.asked.append(key)
        if key not in self.accepted:
            return JSONResponse({"error": {"message": "Incorrect API key provided."}}, 401)
        pieces: list[dict[str, object]] = [{"delta": {"content": "OK"}}, {"delta": {}, "finish_reason": "stop"}]
        events = [f"data: {json.dumps({'choices': [{'index': 0, **piece}]})}\n\n" for piece in pieces]
        return Response("".join([*events, "data: [DONE]\n\n"]), media_type="text/event-stream")


def _key(request: Request) -> str:
    return request.headers.get("authorization", "").removeprefix("Bearer ")


@contextlib.contextmanager
def running_provider() -> Iterator[Provider]:
    """A provider that answers at `base_url`."""
    provider = Provider()
    with serve(provider.app()) as origin:
        provider.base_url = f"{origin}/v1"
        yield provider
