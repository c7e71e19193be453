"""kill -9 at every step of a rotation: a real process dies there, and the next one ends the work."""

from __future__ import annotations

import os
import signal
import socket
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.config import Settings
from data.store import OwnerId, Store, open_store
from data.values.keks import KekState, RotationStep
from tests.rotation.chains import chain_faults
from tests.rotation.places import Place
from tests.rotation.processes import finish, place, rotate_until_killed, start

Fresh = Callable[[], Place]


@pytest.fixture
def store_url(request: pytest.FixtureRequest, database: str) -> str:
    return str(request.getfixturevalue(f"{database}_url"))


@pytest.fixture
def fresh(settings: Settings) -> Iterator[Fresh]:
    """Opens the database as a process that starts now would, on the machine of those that were killed."""
    stores: list[Store] = []

    def open_one() -> Place:
        while stores:
            stores.pop().close()
        owner = OwnerId(socket.gethostname(), os.getpid(), uuid.uuid4().hex)
        stores.append(open_store(settings.store_url, owner=owner))
        return place(stores[-1], settings)

    yield open_one
    while stores:
        stores.pop().close()


def killed_at(settings: Settings, told: Path, step: int) -> list[str]:
    """The steps that a rotation went through until it died at `step`; all of them where it has fewer."""
    told.unlink(missing_ok=True)
    child = start(rotate_until_killed, settings, str(told), step)
    child.join(60)
    assert child.exitcode in {-signal.SIGKILL, 0}, child.exitcode
    names = told.read_text().splitlines()
    assert (child.exitcode == 0) == (len(names) <= step)
    return names


def assert_whole(here: Place, keys: dict[str, str], home: Path) -> None:
    """Nothing is lost, exactly one KEK is left, and it seals everything."""
    assert here.opens(keys)
    (record,) = here.store.keks.all()
    assert record.state is KekState.ACTIVE
    assert here.store.keks.in_use() == {record.kek_id: 2 * len(keys)}
    assert [path.name for path in home.glob("*kek*")] == [f"vault-{here.store.deployment_id}-v{record.kek_id}.kek"]
    assert not list(home.glob(".kek*"))


# PostgreSQL takes four times as long over it: each third step in the short form, which meets all kinds of them.
@pytest.mark.parametrize(
    "database, stride",
    [("sqlite", 1), ("postgresql", 3), pytest.param("postgresql", 1, marks=pytest.mark.campaign)],
)
def test_killed_at_every_step(  # noqa: PLR0917 - fixtures
    here: Place, fresh: Fresh, settings: Settings, tmp_path: Path, database: str, stride: int
) -> None:
    here.put(3)
    every = killed_at(settings, tmp_path / "steps", 10_000)
    assert_whole(fresh(), here.keys, settings.home)
    phases = {name.split(":")[0] for name in every}
    assert phases == {step.value for step in RotationStep if step is not RotationStep.ABANDONED}
    assert len(every) > 30
    for step in range(0, len(every), stride):
        assert killed_at(settings, tmp_path / "steps", step) == every[: step + 1]
        assert here.opens(here.keys), f"a process that runs on lost a key at {every[step]}"
        starting = fresh()
        assert starting.opens(here.keys), f"a process that starts lost a key at {every[step]}"
        finish(starting)
        assert_whole(starting, here.keys, settings.home)
        state = starting.rotator.state()
        finish(starting)
        assert starting.rotator.state() == state, "finishing again does nothing"
    assert chain_faults(settings.store_url) == []


@pytest.mark.campaign
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_killed_again_while_resuming(here: Place, fresh: Fresh, settings: Settings, tmp_path: Path) -> None:
    here.put(3)
    every = killed_at(settings, tmp_path / "steps", 10_000)
    for first in range(0, len(every), 4):
        for second in range(1, len(every) - first, 5):
            killed_at(settings, tmp_path / "steps", first)
            killed_at(settings, tmp_path / "steps", second)
            starting = fresh()
            assert starting.opens(here.keys)
            finish(starting)
            assert_whole(starting, here.keys, settings.home)
    assert here.opens(here.keys)
    assert chain_faults(settings.store_url) == []
