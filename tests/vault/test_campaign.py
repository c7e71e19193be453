"""Whoever may write the tables of keys gets nothing out of it: at random, one tampering or two on top of each other.

Each case is done to real tables, met by a process that has proven nothing yet, and undone.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, assume, given, seed
from hypothesis import settings as run_with
from hypothesis import strategies as st

from core.config import Settings
from data.store import Store
from tests.conftest import OpenTestStore
from tests.vault.conftest import Clock
from tests.vault.scene import Row, Rows, Scene, history
from tests.vault.tamperings import TAMPERINGS, Tampering

CONTROL_EVERY = 25
REFUSED, IDLE = True, False
NOT_IN_HEAD = {"wrapped_dek", "kek_id"}
"""What a head can't say of a version, because a rotation of the KEK replaces it. Whoever uses the version finds it."""


@pytest.fixture
def memory_url() -> Iterator[str]:
    """URL of a SQLite database in memory, where the system has such a folder: 30,000 fsyncs show nothing here."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="gearbox-", dir=memory if memory.is_dir() else None) as folder:
        yield f"sqlite:///{folder}/gearbox.db"


@pytest.fixture
def settings(settings: Settings, store_url: str) -> Settings:
    return settings.model_copy(update={"database_url": store_url})


@pytest.fixture
def store(open_test_store: OpenTestStore, clock: Clock) -> Store:
    return open_test_store(clock=clock)


@pytest.fixture
def scene(store: Store, settings: Settings, clock: Clock) -> Iterator[Scene]:
    made = history(store, settings, clock)
    yield made
    made.close()


def touched(scene: Scene, rows: Rows) -> dict[str, bool]:
    """The secrets that differ, and whether anything differs that is read to open them."""
    states = {secret_id: (rows.of(secret_id), scene.sound.of(secret_id)) for secret_id in rows.secrets}
    return {secret_id: read(*now) != read(*was) for secret_id, (now, was) in states.items() if now != was}


def read(owner: Row, versions: Mapping[int, Row]) -> tuple[Row, list[Row]]:
    """What is read to open a secret: all of it, but for the wrapped DEKs of versions that are not in use."""
    newest = max(versions, default=0)
    return owner, [
        {name: value for name, value in row.items() if number == newest or name not in NOT_IN_HEAD}
        for number, row in sorted(versions.items())
    ]


def attack(scene: Scene, rows: Rows, changed: Mapping[str, bool]) -> None:
    """Do it, see that nothing comes out and that each touched secret is named, and undo it."""
    try:
        scene.put(rows)
        asked = {secret_id: rows.origins(secret_id) | scene.sound.origins(secret_id) for secret_id in changed}
        expected = {secret_id: set() if is_read else {scene.keys[secret_id]} for secret_id, is_read in changed.items()}
        assert scene.opened(asked) == expected
        assert changed.keys() <= scene.named()
    finally:
        scene.put(scene.sound)


def campaign(scene: Scene, cases: int) -> Counter[str | bool]:
    """Tamper so many times with some keys at once; how many keys that were, and how often each way was taken."""
    done: Counter[str | bool] = Counter()
    assert scene.all_open()

    @seed(20261125)
    @run_with(
        max_examples=cases,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=[*HealthCheck],
    )
    @given(st.data(), st.lists(st.sampled_from(TAMPERINGS), min_size=8, max_size=16))
    def tampered(data: st.DataObject, ways: list[Tampering]) -> None:
        rows = scene.sound
        for way in ways:
            rows = way(data, scene, rows)
        changed = touched(scene, rows)
        assume(changed)
        attack(scene, rows, changed)
        done.update([*changed.values(), "cases", *(way.__name__ for way in ways)])
        if done["cases"] % CONTROL_EVERY == 0:
            assert scene.all_open()

    tampered()
    return done


def test_nothing_comes_out_of_rows_that_were_tampered_with(scene: Scene) -> None:
    done = campaign(scene, 25)
    assert done[REFUSED] + done[IDLE] >= 100  # which keys are touched is drawn, and draws change with the code around
    assert all(done[way.__name__] for way in TAMPERINGS)
    assert scene.all_open()


@pytest.mark.campaign
@pytest.mark.timeout(600)
@pytest.mark.parametrize("store_url", ["memory"], indirect=True)
def test_ten_thousand_attacks_on_rows(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    done = campaign(scene, 1_600)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{done[REFUSED]:,} keys tampered with and refused, {done[IDLE]:,} where only verify reads: {done}\n"
        )
    assert done[REFUSED] >= 10_000
    assert scene.all_open()
