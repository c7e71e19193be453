"""Who may come in: every request and websocket is somebody's, or gets no further than the sign-in page.

What belongs to somebody else answers as if it were not there.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.access.arrival import SESSION_COOKIE, Arrival
from core.access.holdings import Holdings
from core.api.doors import Door, door_of
from core.api.request_ids import request_id_of
from core.errors import GearboxError, RateLimited, SignedOut
from core.services import Services
from data.values.actor import Actor

CHECK_SECONDS = 2.0
"""How often an open websocket asks whether its person still is signed in."""

Claims = Callable[[Mapping[str, str]], Mapping[str, Any] | None]
"""From a browser's cookies to the claims of the ID token that they carry, where their signature is good."""


def arrival_of(scope: Scope, claims: Claims) -> Arrival:
    """What a request brings of its sender."""
    connection = HTTPConnection(scope)
    client = scope.get("client")
    return Arrival(
        cookies=connection.cookies,
        headers=dict(connection.headers),
        address=client[0] if client else "",
        user_agent=connection.headers.get("user-agent", ""),
        claims=claims(connection.cookies),
        request_id=request_id_of(scope),
    )


class SignInGate:
    """Lets people to their own pages, files and uploads, and everybody to what is open.

    Args:
        services: the running services.
        claims: reads identity cookies.
        run_again: has a page session, by its id, run its script anew; False when nobody has it open. On the event loop.
    """

    def __init__(
        self, app: ASGIApp, services: Callable[[], Services], claims: Claims, run_again: Callable[[str], bool]
    ) -> None:
        self._app = app
        self._run_again = run_again
        self._services = services
        self._claims = claims

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer why not and close."""
        door = door_of(scope["path"]) if scope["type"] in {"http", "websocket"} else Door.OPEN
        if scope["type"] == "websocket":
            await self._stream(scope, receive, send) if door is Door.STREAM else await _close(send)
            return
        match door:
            case Door.OPEN | Door.API | Door.SANDBOX:
                await self._app(scope, receive, send)
            case Door.PAGE:
                await self._page(scope, receive, send)
            case Door.SIGN_OUT:
                await self._sign_out(scope, receive, send)
            case Door.CLOSED | Door.STREAM:
                await _missing(scope, receive, send)
            case Door.MEDIA | Door.UPLOAD | Door.SIGNED_IN:
                actor = await self._admitted(scope)
                allowed = self._is_theirs(door, scope["path"], actor.user_id if actor else "")
                await (self._app if allowed else _missing)(scope, receive, send)

    def _is_theirs(self, door: Door, path: str, user_id: str) -> bool:
        holdings = self._services().holdings
        if door is Door.MEDIA:
            file = PurePosixPath(path.removeprefix("/media/"))
            return holdings.may_open(str(file.with_suffix("")) if file.name else "", user_id)
        if door is Door.UPLOAD:
            return holdings.is_of(path.removeprefix("/_stcore/upload_file/").partition("/")[0], user_id)
        return user_id != ""

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        if "text/html" not in Headers(scope=scope).get("accept", ""):
            await self._app(scope, receive, send)  # no browser that opens a page
            return
        try:
            cookie = await self._begun(scope)
        except SignedOut as refusal:
            await PlainTextResponse(f"{refusal.explain()}\n", 401)(scope, receive, send)
            return
        except GearboxError as refusal:
            await _answer(refusal)(scope, receive, send)
            return
        await self._app(scope, receive, _with_cookie(send, cookie, "http.response.start"))

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            cookie = await self._begun(scope)
        except GearboxError:
            await _close(send)
            return
        actor = await self._admitted(scope)
        _keep_to_own_session(scope, self._services().holdings, actor)
        send = _with_cookie(send, cookie, "websocket.accept")
        if actor is None:
            await self._app(scope, receive, send)  # draws the sign-in page
            return
        watching = asyncio.create_task(self._watch(scope, actor, send))
        try:
            await self._app(scope, receive, send)
        finally:
            watching.cancel()

    async def _watch(self, scope: Scope, actor: Actor, send: Send) -> None:
        """Have the page run anew soon after its sign-in was ended, and so ask for another one.

        Closing the websocket alone would leave on the screen what was there, until somebody touched it.
        """
        while await self._admitted(scope) is not None:  # noqa: ASYNC110  # nobody tells when another process ends it
            await asyncio.sleep(CHECK_SECONDS)
        pages = self._services().holdings.pages_of(actor.session_id)
        if not [page for page in pages if self._run_again(page)]:
            with contextlib.suppress(OSError, RuntimeError):  # it closed meanwhile
                await send({"type": "websocket.close", "code": 1008, "reason": "signed out"})

    async def _sign_out(self, scope: Scope, receive: Receive, send: Send) -> None:
        actor = await self._admitted(scope)
        if actor is not None:
            await asyncio.to_thread(self._services().sessions.sign_out, actor)
        await self._app(scope, receive, send)

    async def _admitted(self, scope: Scope) -> Actor | None:
        try:
            return await asyncio.to_thread(self._services().sign_in.admit, arrival_of(scope, self._claims))
        except GearboxError:
            return None

    async def _begun(self, scope: Scope) -> str | None:
        """Begin a session for whoever needs no asking and has none; the cookie to set, if so.

        Raises:
            SignedOut: the proxy names nobody, or somebody who may not come in.
        """
        sign_in = self._services().sign_in
        if sign_in.mode == "oidc" or await self._admitted(scope) is not None:
            return None
        begun = await asyncio.to_thread(sign_in.begin, arrival_of(scope, self._claims))
        _replace_cookie(scope, SESSION_COOKIE, begun.held)
        return f"{SESSION_COOKIE}={begun.held}; Path=/; Max-Age={int(begun.lasts.total_seconds())}; SameSite=Lax"


def _keep_to_own_session(scope: Scope, holdings: Holdings, actor: Actor | None) -> None:
    """Forget the page session that the browser asks to go on with, unless it is this person's.

    Streamlit's front end names it third in the subprotocols; whoever knows the name could take over a page.
    """
    headers = MutableHeaders(scope=scope)
    asked = [part.strip() for part in headers.get("sec-websocket-protocol", "").split(",")]
    if len(asked) > 2 and (actor is None or not holdings.is_of(asked[2], actor.user_id)):
        headers["sec-websocket-protocol"] = ", ".join(asked[:2])
        scope["subprotocols"] = asked[:2]


def _replace_cookie(scope: Scope, name: str, value: str) -> None:
    others = {key: each for key, each in HTTPConnection(scope).cookies.items() if key != name}
    headers = MutableHeaders(scope=scope)
    headers["cookie"] = "; ".join(f"{key}={each}" for key, each in {**others, name: value}.items())


def _with_cookie(send: Send, cookie: str | None, first: str) -> Send:
    if cookie is None:
        return send

    async def send_with_cookie(message: Message) -> None:
        if message["type"] == first:
            message.setdefault("headers", [])
            MutableHeaders(scope=message).append("set-cookie", cookie)
        await send(message)

    return send_with_cookie


def _answer(refusal: GearboxError) -> Response:
    if isinstance(refusal, RateLimited):
        return PlainTextResponse(f"{refusal.explain()}\n", 429, {"Retry-After": str(int(refusal.retry_after) + 1)})
    return PlainTextResponse(f"{refusal.explain()}\n", 503)


async def _missing(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("Not found", 404)(scope, receive, send)


async def _close(send: Send) -> None:
    await send({"type": "websocket.close", "code": 1008, "reason": "refused"})
