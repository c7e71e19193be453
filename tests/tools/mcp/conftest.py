from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.tools.mcp.house import CANARY, SessionHouse


@pytest.fixture
def house() -> Iterator[SessionHouse]:
    opened = SessionHouse(secret={"TEST_KEY": CANARY})
    yield opened
    opened.sessions.close()
