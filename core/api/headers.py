"""The security headers and cookie flags of every response, set on purpose and not by the server's defaults."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.api.front_door import host_name
from core.api.peer import is_loopback

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
        "connect-src 'self' blob:",  # a page reads what it has just recorded; such an address leads to no server
        "worker-src 'self' blob:",
        "frame-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

SECURITY_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "permissions-policy": "camera=(), geolocation=(), payment=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
STRICT_TRANSPORT = f"max-age={365 * 24 * 3600}"
# Streamlit's pages read this one to send it back, which is how it guards against other sites' requests.
_READ_BY_PAGES = "_streamlit_xsrf"


class SecurityHeaders:
    """Adds the security headers to every HTTP response; gives no other site leave to read it; tightens cookies."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and set the headers when the response starts."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                # By now the scheme is the one that the person used, see `core.api.front_door`. A browser that learnt
                # HTTPS for localhost would open nothing else there any more.
                encrypted = scope["scheme"] == "https" and not is_loopback(host_name(scope))
                _secure(MutableHeaders(scope=message), encrypted)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _secure(headers: MutableHeaders, encrypted: bool) -> None:
    for name in [name for name in headers if name.startswith("access-control-")]:
        del headers[name]
    for name, value in SECURITY_HEADERS.items():
        # A page of ours may allow less than Streamlit's need; nothing may allow more.
        if name != "content-security-policy" or not headers.get(name, "").startswith("default-src 'none'; "):
            headers[name] = value
    if encrypted:
        headers["strict-transport-security"] = STRICT_TRANSPORT
    cookies = headers.getlist("set-cookie")
    if cookies:
        del headers["set-cookie"]
        for cookie in cookies:
            headers.append("set-cookie", _tightened(cookie, encrypted))


def _tightened(cookie: str, encrypted: bool) -> str:
    set_already = {attribute.strip().partition("=")[0].lower() for attribute in cookie.split(";")[1:]}
    wanted = {"SameSite=Lax": "samesite"}
    if not cookie.startswith(f"{_READ_BY_PAGES}="):
        wanted["HttpOnly"] = "httponly"
    if encrypted:
        wanted["Secure"] = "secure"
    return "; ".join([cookie, *(text for text, name in wanted.items() if name not in set_already)])
