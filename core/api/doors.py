"""Which paths need what. One table, so that a matrix can be held against the routes that there are."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache


class Door(StrEnum):
    """What it takes to get in."""

    OPEN = "open"  # nothing: health, the front end's own files, signing in and out
    PAGE = "page"  # nothing: the empty document in which a page is drawn; its content comes through STREAM
    STREAM = "stream"  # the websocket of a page; without a sign-in it shows the sign-in page
    MEDIA = "media"  # a file, by its address: only whose page shows it
    UPLOAD = "upload"  # a file into, or out of, a page session: only whose it is
    SIGNED_IN = "signed_in"  # anybody who is signed in
    API = "api"  # its routes ask for a token or session themselves, see core.api.routes
    SANDBOX = "sandbox"  # its application asks for the process's key itself
    SIGN_OUT = "sign_out"
    CLOSED = "closed"  # not served


# The first that fits counts. A prefix ends with a slash; everything else is a whole path.
_DOORS = (
    ("/healthz", Door.OPEN),
    ("/readyz", Door.OPEN),
    ("/metrics", Door.API),
    ("/_stcore/health", Door.OPEN),
    ("/_stcore/host-config", Door.OPEN),
    ("/_stcore/stream", Door.STREAM),
    ("/_stcore/upload_file/", Door.UPLOAD),
    ("/_stcore/bidi-components/", Door.SIGNED_IN),
    ("/_stcore/", Door.CLOSED),  # metrics name what people have open; the script health check runs as nobody
    ("/component/", Door.SIGNED_IN),
    ("/media/", Door.MEDIA),
    ("/auth/login", Door.OPEN),
    ("/auth/logout", Door.SIGN_OUT),
    ("/oauth2callback", Door.OPEN),
    ("/static/", Door.OPEN),
    ("/app/static/", Door.CLOSED),
    ("/api", Door.API),
    ("/api/", Door.API),
    ("/v1", Door.API),
    ("/v1/", Door.API),
    ("/sandbox/v1/", Door.SANDBOX),
)


@lru_cache(maxsize=4096)
def door_of(path: str) -> Door:
    """What a path needs. What is not in the table is a page: the server answers it with the empty document."""
    for known, door in _DOORS:
        if path == known or (known.endswith("/") and path.startswith(known)):
            return door
    return Door.PAGE
