from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from openai import OpenAI
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount

from core.access.policy import Permission
from core.api.ai_sdk.ui_chat import ui_routes
from core.api.request_ids import RequestIds
from core.api.v1 import v1_routes
from core.api.v1.entrance import Entrance
from core.config import Settings
from core.sandbox import sandbox_app
from core.services import Services, build
from tests.gateway.server import serve


@dataclass
class House:
    """A running Gearbox: its services, its address, and a token of the owner's."""

    services: Services
    origin: str
    token: str

    def client(self, token: str = "") -> OpenAI:
        return OpenAI(api_key=token or self.token, base_url=f"{self.origin}/v1", max_retries=0, timeout=20)


@contextmanager
def running(home: Path, **settings: Any) -> Iterator[House]:
    """A Gearbox of one's own."""
    chosen = Settings(
        home=home,
        database_url="",
        kek_source="file",
        sandbox=True,
        local_discovery=False,
        warm_up=False,
        rate_limit=100_000,
        **settings,
    )
    origin = ""
    with ExitStack() as stack:
        services = build(chosen, stack, own_address=lambda: origin)
        entrance = Entrance(lambda: services)
        app = Starlette(
            routes=[*v1_routes(entrance), *ui_routes(entrance), Mount("/sandbox/v1", sandbox_app())],
            middleware=[Middleware(RequestIds)],
        )
        origin = stack.enter_context(serve(app))
        _, token = services.tokens.create(services.actor(), "test", [Permission.CHAT])
        yield House(services, origin, token)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running(tmp_path_factory.mktemp("v1")) as house:
        yield house


@pytest.fixture
def client(house: House) -> OpenAI:
    return house.client()


@pytest.fixture
def home(house: House) -> Path:
    return house.services.settings.home
