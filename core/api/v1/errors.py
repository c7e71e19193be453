"""Failures in OpenAI's shape, with the status by which its client picks the right exception."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from core.errors import (
    AccessRefused,
    ConfigError,
    GearboxError,
    KeyExpired,
    KeyLocked,
    NotAllowed,
    NotFound,
    ProviderError,
    RateLimited,
    SignedOut,
    StoreError,
    SwitchedOff,
    TooLarge,
    UnderMaintenance,
    VaultError,
)
from core.videos.video import NoVideo
from data.values.calls import ErrorKind


class Unusable(GearboxError):
    """The request can't be used as it is; `param` is the field that is to blame."""

    def __init__(self, message: str, remedy: str = "", *, param: str | None = None) -> None:
        super().__init__(message, remedy)
        self.param = param


class Oversized(TooLarge):
    """A part of a request is too large; `param` is the field that holds it."""

    def __init__(self, message: str, remedy: str = "", *, param: str) -> None:
        super().__init__(message, remedy)
        self.param = param


class InternalError(GearboxError):
    """Something that should not happen; the log has it."""

    def __init__(self) -> None:
        super().__init__("Gearbox failed to answer.", "The operator finds the reason in the log.")


# Status, type and code. A provider that refuses *its* key is no 401: the caller's own token is in order.
_OF_PROVIDER = {
    ErrorKind.AUTH: (502, "provider_error", "provider_refused_key"),
    ErrorKind.RATE_LIMIT: (429, "rate_limit_error", "provider_rate_limit"),
    ErrorKind.BAD_REQUEST: (400, "invalid_request_error", "provider_refused_request"),
    ErrorKind.NOT_FOUND: (404, "invalid_request_error", "model_not_found"),
    ErrorKind.PROVIDER: (502, "provider_error", "provider_failed"),
    ErrorKind.TIMEOUT: (504, "provider_error", "provider_timeout"),
    ErrorKind.ADDRESS_REFUSED: (403, "permission_error", "address_not_allowed"),
    ErrorKind.INTERNAL: (500, "server_error", "internal"),
}
_KINDS: tuple[tuple[type[GearboxError], tuple[int, str, str]], ...] = (
    (SignedOut, (401, "invalid_request_error", "invalid_api_key")),
    (SwitchedOff, (403, "permission_error", "switched_off")),
    (AccessRefused, (403, "permission_error", "insufficient_scope")),
    (NotAllowed, (403, "permission_error", "model_not_allowed")),
    (NotFound, (404, "invalid_request_error", "model_not_found")),
    (TooLarge, (413, "invalid_request_error", "request_too_large")),
    (RateLimited, (429, "rate_limit_error", "rate_limit_exceeded")),
    (KeyExpired, (403, "permission_error", "key_expired")),
    (KeyLocked, (403, "permission_error", "key_locked")),
    (VaultError, (403, "permission_error", "key_not_usable")),
    (InternalError, (500, "server_error", "internal")),
    (UnderMaintenance, (503, "server_error", "maintenance")),
    (ConfigError, (503, "server_error", "not_ready")),
    (StoreError, (503, "server_error", "store_unavailable")),
)
# Statuses that OpenAI's client would try again by itself although that can't help.
_POINTLESS_AGAIN = {"provider_refused_key", "internal"}


def failure_body(error: GearboxError) -> tuple[int, dict[str, Any]]:
    """Status and body."""
    if isinstance(error, ProviderError):
        status, kind, code = _OF_PROVIDER.get(error.kind, (502, "provider_error", f"provider_{error.kind}"))
        if error.kind is ErrorKind.BAD_REQUEST and error.status in {413, 422}:
            status = error.status
    else:
        known = (known for base, known in _KINDS if isinstance(error, base))
        status, kind, code = next(known, (400, "invalid_request_error", "invalid_request"))
    if isinstance(error, NoVideo):
        code = error.code
    param = error.param if isinstance(error, Unusable | Oversized) else None
    return status, {"error": {"message": error.explain(), "type": kind, "param": param, "code": code}}


def failure_response(error: GearboxError, headers: Mapping[str, str] | None = None) -> Response:
    """What is answered instead of an answer; `headers` are sent, too."""
    status, body = failure_body(error)
    headers = dict(headers or {})
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    wait = error.retry_after if isinstance(error, RateLimited | ProviderError | UnderMaintenance) else None
    if wait is not None and status in {429, 502, 503, 504}:
        headers["Retry-After"] = str(math.ceil(wait))
    if body["error"]["code"] in _POINTLESS_AGAIN:
        headers["x-should-retry"] = "false"
    return Response(json.dumps(body), status, headers, "application/json")
