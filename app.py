"""ASGI wiring: Streamlit's app with our routes, middleware and lifespan. Nothing is decided here.

`streamlit run app.py` finds `app` below; `uvicorn app:app` serves the same. The script is `pages/frame.py`, whose
folder has no `pages/` inside: with one beside the main script, Streamlit would serve `/settings` by running
`pages/settings.py` on its own, past the sign-in gate.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount
from streamlit.runtime import Runtime
from streamlit.starlette import App

from core import running
from core.api.ai_sdk.ui_chat import ui_routes
from core.api.answers import Api
from core.api.deployment import check_deployment
from core.api.front_door import FrontDoor
from core.api.headers import SecurityHeaders
from core.api.health import health_routes
from core.api.listening import Listening, read_peers_ourselves
from core.api.measured import Measured
from core.api.request_ids import RequestIds
from core.api.routes import api_routes
from core.api.sign_in_gate import SignInGate
from core.api.switched import Switched
from core.api.v1 import v1_routes
from core.api.v1.entrance import Entrance
from core.config import load_settings
from core.errors import GearboxError
from core.logs import configure_logging
from core.memory import keep_memory_private
from core.sandbox import sandbox_app
from pages import failures, warm
from pages.identity import IdentityCookies, auth_secrets
from pages.page_sessions import keep_account, run_again
from pages.server_options import check_server_options


def _refuse(error: GearboxError) -> NoReturn:
    """End the process with the reason alone: raised from a lifespan it would drown in the server's traceback."""
    print(f"\nGearbox does not start.\n{error.explain()}\n", file=sys.stderr, flush=True)  # noqa: T201
    os._exit(2)


def _interrupt_answers_on_signal() -> None:
    """Have Ctrl+C and SIGTERM end answers before the server waits for its connections.

    An answer of the sandbox is a request to this very server, which would wait for it to come to its end.
    """
    if threading.current_thread() is not threading.main_thread():
        return  # a server that runs in another thread handles no signals
    for number in (signal.SIGINT, signal.SIGTERM):
        servers_own = signal.getsignal(number)

        def handler(received: int, frame: FrameType | None, then: Any = servers_own) -> None:
            running.interrupt()
            if callable(then):
                then(received, frame)

        if callable(servers_own):
            signal.signal(number, handler)


@asynccontextmanager
async def lifespan(_app: App) -> AsyncIterator[dict[str, Any]]:
    """Build the services, serve, and stop them in reverse."""
    read_peers_ourselves()
    try:
        check_server_options()
        listening.check()
        await asyncio.to_thread(
            running.start, settings, own_address=listening.own_address, warm_up=[("pages", warm.imports)]
        )
    except GearboxError as refusal:
        _refuse(refusal)
    keep_account(Runtime.instance(), running.current().holdings)
    _interrupt_answers_on_signal()
    late_check = asyncio.create_task(listening.check_once_bound())
    try:
        yield {}
    finally:
        late_check.cancel()
        await running.current().calls.aclose()
        await asyncio.to_thread(running.stop)


keep_memory_private()
os.umask(0o077)  # what this process writes, the warehouse and temporary files too, is for its owner alone
try:
    settings = load_settings()
    check_deployment(settings)
except GearboxError as refusal:
    _refuse(refusal)
configure_logging(settings)
listening = Listening(settings)
claims = IdentityCookies(settings)
entrance = Entrance(running.current)
beside = [*health_routes(running.readiness), *ui_routes(entrance), *v1_routes(entrance)]
routes: list[BaseRoute] = [*beside, *api_routes(Api(running.current, claims), beside)]
if settings.sandbox and settings.sign_in == "local":
    routes.append(Mount("/sandbox/v1", Switched(sandbox_app(), running.require_sandbox)))

app = App(
    Path(__file__).resolve().parent / "pages" / "frame.py",
    secrets=auth_secrets(settings),
    routes=routes,
    middleware=[
        Middleware(RequestIds),
        Middleware(Measured, running.telemetry),
        Middleware(SecurityHeaders),
        Middleware(FrontDoor, settings),
        Middleware(SignInGate, running.current, claims, run_again),
    ],
    lifespan=lifespan,
    on_script_error=failures.show,
)
