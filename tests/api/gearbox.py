"""The whole API of one Gearbox over real HTTP, as `app.py` puts it together, without Streamlit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route

from core.access.policy import Permission
from core.api.answers import Api
from core.api.front_door import FrontDoor
from core.api.headers import SecurityHeaders
from core.api.health import health_routes
from core.api.measured import Measured
from core.api.request_ids import RequestIds
from core.api.routes import api_routes
from core.api.v1 import v1_routes
from core.api.v1.entrance import Entrance
from core.config import Settings
from core.sandbox import sandbox_app
from core.services import Services, build
from tests.gateway.server import serve


@dataclass
class Gearbox:
    """A running one, with a token of its owner's for everything."""

    services: Services
    origin: str
    token: str

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        with httpx.Client(base_url=self.origin, headers=headers, trust_env=False, timeout=30) as client:
            return client.request(method, path, **options)


@contextmanager
def running(home: Path, *more: tuple[str, Any], **chosen: Any) -> Iterator[Gearbox]:
    """A Gearbox of one's own; `more` are further paths with what answers GET there."""
    defaults = {"database_url": "", "kek_source": "file", "local_discovery": False, "warm_up": False, "rate_limit": 0}
    settings = Settings(home=home, **{**defaults, **chosen})
    origin = ""
    with ExitStack() as stack:
        services = build(settings, stack, own_address=lambda: origin)
        api = Api(lambda: services, lambda _cookies: None)
        beside = [*health_routes(services.readiness), *v1_routes(Entrance(lambda: services))]
        odd: list[Route] = [api.route("GET", path, answer) for path, answer in more]
        routes = [*beside, *odd, *api_routes(api, beside), Mount("/sandbox/v1", sandbox_app())]
        measured = Middleware(Measured, lambda: services.metrics.telemetry)
        middleware = [
            Middleware(RequestIds), measured, Middleware(SecurityHeaders), Middleware(FrontDoor, settings)
        ]  # fmt: skip
        origin = stack.enter_context(serve(Starlette(routes=routes, middleware=middleware)))
        _, token = services.tokens.create(services.actor(), "test", list(Permission))
        yield Gearbox(services, origin, token)
