from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.providers.catalog import Catalogue

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue(lambda: NOW)
