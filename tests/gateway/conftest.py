from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.routing import Mount

from core.providers.direct_transport import DirectTransport
from core.providers.reply import Timeouts
from core.sandbox import sandbox_app
from tests.gateway.server import serve


@pytest.fixture(scope="session")
def sandbox() -> Iterator[str]:
    """Base URL of a running sandbox."""
    with serve(Starlette(routes=[Mount("/sandbox/v1", sandbox_app())])) as origin:
        yield f"{origin}/sandbox/v1"


@pytest_asyncio.fixture
async def direct() -> AsyncIterator[DirectTransport]:
    """A direct transport that loses patience soon."""
    transport = DirectTransport(Timeouts(connect=2, first=1, between=0.6, finish=0.3, drain=0.1, total=6))
    yield transport
    await transport.aclose()
