"""The id of each request: on every response, in problems and in the audit log, so that one finds the other."""

from __future__ import annotations

import re
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.logs import REQUEST, redact

REQUEST_ID = "x-request-id"
_KEY = "gearbox.request_id"
_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


def request_id_of(scope: Scope) -> str:
    """The id that came with the request, where it is well formed, else one of ours; always the same for a request."""
    if _KEY not in scope:
        given = Headers(scope=scope).get(REQUEST_ID, "")
        # It goes into the audit log for good: a key that was sent by mistake must not get there.
        fits = _WELL_FORMED.fullmatch(given) and redact(given) == given
        scope[_KEY] = given if fits else uuid.uuid4().hex
    known: str = scope[_KEY]
    return known


class RequestIds:
    """Names every HTTP response after its request. The outermost middleware: refusals at the door have one, too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and set the header when the response starts."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = request_id_of(scope)
        REQUEST.set(request_id)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            await send(message)

        await self._app(scope, receive, send_with_id)
