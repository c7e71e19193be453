from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from core.sandbox import sandbox_app
from tests.gateway.server import serve


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    """A plain HTTP client of a running sandbox."""
    with (
        serve(Starlette(routes=[Mount("/sandbox/v1", sandbox_app())])) as origin,
        httpx.Client(base_url=f"{origin}/sandbox/v1", trust_env=False, timeout=10) as http,
    ):
        yield http
