"""Errors of `/api` as problem details (RFC 9457), each with something to do about it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import Scope

from core.api.request_ids import REQUEST_ID, request_id_of
from core.errors import (
    AccessRefused,
    ConfigError,
    Conflict,
    GearboxError,
    NotAllowed,
    NotFound,
    ProviderError,
    RateLimited,
    SignedOut,
    StoreError,
    TooLarge,
    UnderMaintenance,
)

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem. `name` never changes: programs go by it. `remedy` is for errors that have none themselves."""

    status: int
    name: str
    title: str
    remedy: str

    @property
    def type(self) -> str:
        """Where people read about it, on this server: there is no other one that everybody could reach."""
        return f"/api/docs#problem-{self.name}"


UNUSABLE = Kind(400, "unusable-request", "The request can't be used", "Correct what the detail names and ask again.")
SIGNED_OUT = Kind(401, "signed-out", "Nobody is signed in", "Send a token: Authorization: Bearer gbx_...")
REFUSED = Kind(403, "refused", "This may not be done", "Use a token with the scope, or ask an admin for the role.")
MISSING = Kind(404, "not-found", "There is no such thing", "Check the address and the id; lists have what you can see.")
WRONG_METHOD = Kind(405, "wrong-method", "There is no such method here", "Use a method that the header Allow lists.")
CONFLICT = Kind(409, "conflict", "What is there already stands in the way", "Look at what there is, and ask again.")
TOO_LARGE = Kind(413, "too-large", "The request is too large", "Send less at once.")
TOO_MANY = Kind(429, "too-many-requests", "Too many requests", "Wait for the seconds that Retry-After says.")
FAULT = Kind(500, "fault", "Gearbox failed to answer", "The operator finds the reason in the log, by the request id.")
NOT_READY = Kind(503, "not-ready", "A needed part can't be used", "Try again soon; the operator finds why in the log.")
MAINTENANCE = Kind(503, "maintenance", "Maintenance is on", "Wait for the seconds that Retry-After says.")
KINDS = (
    UNUSABLE, SIGNED_OUT, REFUSED, MISSING, WRONG_METHOD, CONFLICT, TOO_LARGE, TOO_MANY, FAULT, NOT_READY, MAINTENANCE,
)  # fmt: skip

_OF_ERRORS: tuple[tuple[type[GearboxError], Kind], ...] = (
    (SignedOut, SIGNED_OUT),
    (AccessRefused, REFUSED),
    (NotAllowed, REFUSED),
    (NotFound, MISSING),
    (Conflict, CONFLICT),
    (TooLarge, TOO_LARGE),
    (RateLimited, TOO_MANY),
    (UnderMaintenance, MAINTENANCE),
    (ConfigError, NOT_READY),
    (StoreError, NOT_READY),
)


def problem_of(scope: Scope, error: GearboxError, headers: Mapping[str, str] | None = None) -> Response:
    """What is answered to a request instead of an answer; `headers` are sent, too."""
    kind = next((kind for base, kind in _OF_ERRORS if isinstance(error, base)), UNUSABLE)
    headers = dict(headers or {})
    if kind is SIGNED_OUT:
        headers["WWW-Authenticate"] = "Bearer"
    wait = error.retry_after if isinstance(error, RateLimited | ProviderError | UnderMaintenance) else None
    if wait is not None:
        headers["Retry-After"] = str(math.ceil(wait))
    return problem(scope, kind, str(error), error.remedy, headers)


def problem(
    scope: Scope, kind: Kind, detail: str, remedy: str = "", headers: Mapping[str, str] | None = None
) -> Response:
    """A problem of this kind.

    The instance is the request in the audit log, not the path that was asked for: a key may have been pasted there.
    `error` repeats what there was before there were problem details.
    """
    request_id, remedy = request_id_of(scope), remedy or kind.remedy
    body = {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "instance": f"/api/audit/events?request_id={request_id}",
        "remedy": remedy,
        "request_id": request_id,
        "error": {"message": detail, "remedy": remedy},
    }
    return Response(json.dumps(body), kind.status, {REQUEST_ID: request_id, **(headers or {})}, MEDIA_TYPE)
