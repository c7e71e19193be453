"""What the sandbox answers when it answers with an error, in OpenAI's JSON."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.sandbox import wire
from core.sandbox.directives import Fault

MAX_BODY_BYTES = 24 * 1024 * 1024  # a chat's pictures go in its request
RETRY_AFTER_SECONDS = 2


class RefusedError(Exception):
    """The request can't be answered; `response` says why in OpenAI's error JSON."""

    def __init__(self, status: int, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.response: Response = JSONResponse(wire.error(message, "invalid_request_error", code), status)

    @classmethod
    def of(cls, response: Response) -> RefusedError:
        """A refusal that is answered with `response`."""
        refused = cls(response.status_code, "as requested")
        refused.response = response
        return refused


async def read_json(request: Request) -> dict[str, Any]:
    """The request's JSON object, bounded.

    Raises:
        RefusedError: it is none, or too large.
    """
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MAX_BODY_BYTES:
            raise RefusedError(413, f"The request is larger than the sandbox's {MAX_BODY_BYTES} bytes.", "too_large")
    try:
        body = json.loads(raw)
    except ValueError:
        raise RefusedError(400, "The request body is not JSON.") from None
    if not isinstance(body, dict):
        raise RefusedError(400, "The request body is not a JSON object.")
    return body


def failure(fault: Fault | None) -> Response | None:
    """The faults that answer with an HTTP error."""
    match fault:
        case Fault.RATE_LIMIT:
            body = wire.error("Sandbox fault: rate limit reached, as requested.", "requests", "rate_limit_exceeded")
            return JSONResponse(body, 429, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
        case Fault.SERVER:
            return JSONResponse(wire.error("Sandbox fault: internal error, as requested.", "server_error"), 500)
        case Fault.KEY:
            text = "Sandbox fault: incorrect API key, as requested."
            return JSONResponse(wire.error(text, "invalid_request_error", "invalid_api_key"), 401)
        case Fault.REFUSED:
            text = "Sandbox fault: this request was refused by the content rules, as requested."
            return JSONResponse(wire.error(text, "invalid_request_error", "content_policy_violation"), 400)
        case _:
            return None
