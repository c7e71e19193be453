from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.providers.catalog import Catalogue
from tests.chat.fixtures import catalogue, sandbox
from tests.chat.house import ChatHouse
from tests.chat.recorded_sandbox import RecordedSandbox

__all__ = ["catalogue", "house", "sandbox"]


@pytest.fixture
def house(tmp_path: Path, sandbox: RecordedSandbox, catalogue: Catalogue) -> Iterator[ChatHouse]:
    built = ChatHouse(tmp_path, sandbox.base_url, catalogue)
    yield built
    built.close()
