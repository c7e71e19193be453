from __future__ import annotations

import os
import random
from collections.abc import Iterator

import pytest

from tests.scenarios.checks import check_warehouse
from tests.scenarios.drawn import Drawing
from tests.scenarios.stage import Stage, staged

_SEED, _KEPT = "GEARBOX_SCENARIO_SEED", "scenarios/seed"


@pytest.fixture(scope="session")
def scenario_seed(request: pytest.FixtureRequest, testrun_uid: str) -> str:
    """Another one in each run, the same in all of its processes; the last one's where what failed is run again."""
    cache = request.config.cache
    kept = cache.get(_KEPT, None) if cache is not None and request.config.getoption("lf", False) else None
    seed = os.environ.get(_SEED) or kept or testrun_uid[:12]
    if cache is not None:
        cache.set(_KEPT, seed)
    return str(seed)


@pytest.fixture
def rng(request: pytest.FixtureRequest, scenario_seed: str) -> random.Random:
    """One scenario's; it does not depend on which others are run."""
    print(f"drawn with {_SEED}={scenario_seed}")  # noqa: T201  # pytest shows it where the scenario fails
    return random.Random(f"{scenario_seed} {request.node.name}")


@pytest.fixture
def drawing(rng: random.Random) -> Drawing:
    return Drawing(rng)


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One for all scenarios; at the end the books are held against the warehouse."""
    with staged(tmp_path_factory.mktemp("stage")) as stage:
        yield stage
        check_warehouse(stage)
