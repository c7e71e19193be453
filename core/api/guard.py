"""What every request passes: the loopback guard, the host check and the security headers.

Sign-in mode `local` knows one owner and asks for no password, so only this machine may reach it. Three locks, each
for a way past the others: the listening address is checked at start (`core.api.listening`), the address a
connection came in on is checked per request, and so is the Host header, because a hostile web page can point a
name of its own at 127.0.0.1 (DNS rebinding).
"""

from __future__ import annotations

import ipaddress

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Streamlit's front end needs inline scripts, and WebAssembly for data frames; nothing may be loaded from, or sent
# to, another host: a picture in a model's answer can't phone home.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "frame-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "permissions-policy": "camera=(), geolocation=(), payment=()",
}


def is_loopback(host: str) -> bool:
    """Whether an address or host name means this machine. Names other than `localhost` do not."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


class LoopbackOnly:
    """Refuses every HTTP request and websocket that did not come over loopback, or names another host."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 403 and close."""
        if scope["type"] not in {"http", "websocket"} or self._allowed(scope):
            await self._app(scope, receive, send)
            return
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "loopback only"})
            return
        refusal = PlainTextResponse(
            "Gearbox runs without sign-in and answers on this machine only.\n"
            "Open it as http://localhost, or through an SSH tunnel.\n",
            status_code=403,
        )
        await refusal(scope, receive, send)

    def _allowed(self, scope: Scope) -> bool:
        client, server = scope.get("client"), scope.get("server")
        ends = [end[0] for end in (client, server) if end is not None]
        host = Headers(scope=scope).get("host", "")
        return all(is_loopback(end) for end in ends) and is_loopback(_without_port(host))


class SecurityHeaders:
    """Adds the security headers to every HTTP response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and set the headers when the response starts."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.rpartition(":")[0] if host.count(":") == 1 else host
