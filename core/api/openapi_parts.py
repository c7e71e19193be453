"""What many routes have in common in the OpenAPI document: failures, headers, ways in."""

from __future__ import annotations

from typing import Any

from core.access.arrival import SESSION_COOKIE
from core.api.described import JSON, DescribedRoute
from core.api.problems import KINDS, MEDIA_TYPE

INTRODUCTION = (
    "What pages and the command line do, for programs. Make a token in the settings and send it with every request: "
    "`Authorization: Bearer gbx_...`. A token does what its scopes say and its person's roles still allow. "
    "Times are ISO 8601 with an offset. Every answer has `X-Request-Id`, by which the audit log finds it."
)
SECURITY_SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API token, `gbx_...`. What stands with it at an operation is the scope that it needs.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": SESSION_COOKIE,
        "description": "The browser's own session; the person's role has to have the scope.",
    },
}
PROBLEM = {
    "type": "object",
    "description": "Problem details (RFC 9457). Programs go by `type`; `remedy` is what to do about it.",
    "required": ["type", "title", "status", "detail", "instance", "remedy", "request_id", "error"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "enum": [kind.type for kind in KINDS]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri-reference"},
        "remedy": {"type": "string", "minLength": 1},
        "request_id": {"type": "string"},
        "error": {
            "type": "object",
            "description": "The same as before there were problem details.",
            "properties": {"message": {"type": "string"}, "remedy": {"type": "string"}},
        },
    },
}


def _header(description: str, kind: str = "string") -> dict[str, Any]:
    return {"description": description, "schema": {"type": kind}}


HEADERS = {
    "X-Request-Id": _header("The request's id: the one that was sent, where that is well formed, else a new one."),
    "RateLimit-Policy": _header('Requests in so many seconds: `"requests";q=600;w=60`. Absent without a limit.'),
    "RateLimit": _header('What is left, and in how many seconds all of it is there again: `"requests";r=599;t=1`.'),
    "Retry-After": _header("Seconds until it is worth trying again.", "integer"),
    "ETag": _header("Names this answer; sent back in If-None-Match it is answered 304 while nothing has changed."),
    "Allow": _header("The methods that there are."),
    "WWW-Authenticate": _header("How to come in."),
}
_OF_STATUS = {401: ("WWW-Authenticate",), 405: ("Allow",), 429: ("Retry-After",), 503: ("Retry-After",)}


def _named(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _failure(description: str, media: str, schema: str, status: int) -> dict[str, Any]:
    return {
        "description": description,
        "headers": _named("X-Request-Id", *_OF_STATUS.get(status, ())),
        "content": {media: {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }


# /v1 passes on what a provider answered, so it has statuses of its own.
_OPENAI = {
    400: "The request can't be used, or the provider refused it; `param` is the field.",
    401: "No good token.",
    403: "The scope is missing, or the provider's key is expired, locked or revoked.",
    404: "There is no such model, or video, for this person.",
    413: "Too large.",
    422: "The provider can't make use of it.",
    429: "Too many requests, here or at the provider.",
    500: "A fault of Gearbox; the log has it.",
    502: "The provider failed, or refused its own key.",
    503: "A needed part can't be used, or maintenance is on (code `maintenance`).",
    504: "The provider was too slow.",
}
_TITLES: dict[int, list[str]] = {}
for _kind in KINDS:
    _TITLES.setdefault(_kind.status, []).append(_kind.title)
COMMON = {
    **{
        f"Problem{status}": _failure(f"{', or: '.join(titles)}.", MEDIA_TYPE, "Problem", status)
        for status, titles in _TITLES.items()
    },
    **{f"OpenAI{status}": _failure(words, JSON, "FailureBody", status) for status, words in _OPENAI.items()},
}


def failures(route: DescribedRoute) -> dict[str, Any]:
    """How a route can fail: in OpenAI's form under `/v1`, else as a problem."""
    if not route.path.startswith(("/api", "/v1")):
        return {}
    openai = route.path.startswith("/v1")
    statuses = list(_OPENAI) if openai else [status for status in _TITLES if status != 405]
    if route.told.needs is None:
        statuses = [status for status in statuses if status in {403, 429, 500, 503}]
    form = "OpenAI" if openai else "Problem"
    return {str(status): {"$ref": f"#/components/responses/{form}{status}"} for status in statuses}


def told_headers(route: DescribedRoute) -> dict[str, Any]:
    """The headers of a good answer."""
    limited = () if not route.path.startswith(("/api", "/v1")) else ("RateLimit-Policy", "RateLimit")
    return _named("X-Request-Id", *limited, *(("ETag",) if route.told.etag else ()))
