"""What tests of the chat and of the model choice start from."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.providers.catalog import Catalogue
from tests.chat.house import now
from tests.chat.recorded_sandbox import RecordedSandbox, recorded_sandbox


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue(now)


@pytest.fixture
def sandbox() -> Iterator[RecordedSandbox]:
    with recorded_sandbox() as running:
        yield running
