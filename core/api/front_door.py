"""What every request passes first: where it comes from, by which name it calls us, and whether it came encrypted.

Sign-in mode `local` knows one owner and asks for no password, so only this machine may reach it. Three locks, each
for a way past the others: the listening address is checked at start (`core.api.listening`), the address a
connection came in on is checked per request, and so is the Host header, because a hostile web page can point a
name of its own at 127.0.0.1 (DNS rebinding).

The other modes answer the names they were told, over TLS or through a declared proxy. Afterwards `client` and `scheme`
of the request are the person's, and a header that names a person is there only if a listed proxy set it.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import URL, Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from core.api.peer import LOOPBACK, Network, Peer, is_loopback, peer_of
from core.api.refusals import refusal
from core.config import Settings
from core.errors import AccessRefused

_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class FrontDoor:
    """Refuses what may not reach this server, and takes forged names out of what may."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._is_local = settings.sign_in == "local"
        self._tls_proxy = settings.tls_proxy
        self._proxies: Sequence[Network] = LOOPBACK if self._is_local else settings.proxy_addresses
        self._names = settings.host_names
        self._person_headers = {name.encode() for name in settings.person_headers}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer why not and close."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        peer = peer_of(scope, self._proxies, tls_proxy=self._tls_proxy)
        refused = self._refusal_locally(scope, peer) if self._is_local else self._refusal(scope, peer)
        self._introduce(scope, peer)
        refused = refused or _foreign_page(scope)
        if refused is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "refused"})
        else:
            await refused(scope, receive, send)

    def _refusal_locally(self, scope: Scope, peer: Peer) -> Response | None:
        ends = [end[0] for end in (scope.get("client"), scope.get("server")) if end is not None]
        ends += [peer.address] if peer.forwarded else []
        if all(is_loopback(end) for end in ends) and is_loopback(host_name(scope)):
            return None
        return _refuse(
            scope,
            "Gearbox runs without sign-in and answers on this machine only.",
            "Open it as http://localhost, or through an SSH tunnel.",
        )

    def _refusal(self, scope: Scope, peer: Peer) -> Response | None:
        name = host_name(scope)
        from_here = is_loopback(peer.address)
        if not (self._answers_to(name) or (from_here and is_loopback(name))):
            return _refuse(
                scope, "Gearbox does not answer to this name.", "The operator lists its names: GEARBOX_ALLOWED_HOSTS."
            )
        if self._tls_proxy and not (peer.is_proxy or from_here):
            return _refuse(scope, "This connection came past the proxy.", "Open Gearbox by its public address.")
        if peer.scheme == "https" or from_here:
            return None
        if scope["type"] == "http" and scope["method"] in _SAFE_METHODS:
            return RedirectResponse(URL(scope=scope).replace(scheme="https", port=None), 308)
        return _refuse(scope, "Gearbox answers over HTTPS only.", "Ask by https://.")

    def _answers_to(self, name: str) -> bool:
        return any(name == known or (known.startswith("*.") and name.endswith(known[1:])) for known in self._names)

    def _introduce(self, scope: Scope, peer: Peer) -> None:
        scope["scheme"] = peer.scheme if scope["type"] == "http" else {"http": "ws", "https": "wss"}[peer.scheme]
        if peer.forwarded:
            scope["client"] = (peer.address, 0)
        if not peer.is_proxy:
            scope["headers"] = [pair for pair in scope["headers"] if pair[0].lower() not in self._person_headers]


def host_name(scope: Scope) -> str:
    """The name in the Host header, lower case, without port and final dot."""
    host = Headers(scope=scope).get("host", "").lower()
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return (host.rpartition(":")[0] if host.count(":") == 1 else host).rstrip(".")


def _foreign_page(scope: Scope) -> Response | None:
    """A refusal where a page of another site is behind the request: it would ride on this person's cookies.

    Browsers name the page's origin with every websocket and every request that changes something.
    """
    if scope["type"] == "http" and scope["method"] in _SAFE_METHODS:
        return None
    headers = Headers(scope=scope)
    origin = headers.get("origin")
    own = origin is None or urlsplit(origin).netloc == headers.get("host")
    if own and headers.get("sec-fetch-site", "same-origin") in {"same-origin", "none"}:
        return None
    return _refuse(scope, "This was asked by a page of another site.", "Open Gearbox itself, or ask with a program.")


def _refuse(scope: Scope, message: str, remedy: str) -> Response:
    return refusal(scope, AccessRefused(message, remedy))
