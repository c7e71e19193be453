from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.providers.catalog import Catalogue
from tests.chat.house import ChatHouse, now
from tests.chat.recorded_sandbox import RecordedSandbox, recorded_sandbox


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue(now)


@pytest.fixture
def sandbox() -> Iterator[RecordedSandbox]:
    with recorded_sandbox() as running:
        yield running


@pytest.fixture
def house(tmp_path: Path, sandbox: RecordedSandbox, catalogue: Catalogue) -> Iterator[ChatHouse]:
    built = ChatHouse(tmp_path, sandbox.base_url, catalogue)
    yield built
    built.close()
