from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from starlette.applications import Starlette

from core.api.health import health_routes
from tests.gateway.server import serve


class Parts:
    """The readiness that a test decides on."""

    def __init__(self) -> None:
        self.states: dict[str, str] = {}
        self.asked = 0

    def __call__(self) -> dict[str, str]:
        self.asked += 1
        return self.states


@pytest.fixture
def parts() -> Parts:
    return Parts()


@pytest.fixture
def origin(parts: Parts) -> Iterator[str]:
    with serve(Starlette(routes=list(health_routes(parts)))) as address:
        yield address


def test_healthz_asks_no_part(origin: str, parts: Parts) -> None:
    parts.states = {"database": "failed: OperationalError"}
    answer = httpx.get(f"{origin}/healthz", trust_env=False)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert parts.asked == 0


@pytest.mark.parametrize(
    ("states", "code", "status"),
    [
        ({"database": "ready", "pages": "ready"}, 200, "ready"),
        ({"database": "ready", "pages": "warming"}, 200, "warming"),
        ({"database": "ready", "pages": "skipped: ImportError"}, 200, "ready"),
        ({"database": "ready", "warehouse": "degraded: locked"}, 200, "ready"),
        ({"database": "failed: StoreError", "pages": "ready"}, 503, "failed"),
        ({"database": "failed: StoreError", "pages": "warming"}, 503, "failed"),
        ({"services": "warming"}, 200, "warming"),
    ],
)
def test_readyz_says_how_each_part_is(
    origin: str, parts: Parts, states: dict[str, str], code: int, status: str
) -> None:
    parts.states = states
    answer = httpx.get(f"{origin}/readyz", trust_env=False)
    assert (answer.status_code, answer.json()) == (code, {"status": status, "parts": states})


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_only_read(origin: str, path: str) -> None:
    assert httpx.post(f"{origin}{path}", trust_env=False).status_code == 405
    assert httpx.head(f"{origin}{path}", trust_env=False).status_code == 200
