"""The button: who may press it, and what every replica shows of it."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from core.access.access import Access
from core.errors import AccessRefused, VaultError
from core.vault.admin import VaultAdmin
from data.store.rotations import LEASE, ROTATION_LEASE
from data.values.actor import Actor, Role
from data.values.keks import KekState, RotationStep
from tests.people import ALICE
from tests.rotation.conftest import Open
from tests.rotation.places import ADMIN, Place


@pytest.fixture
def store_url(sqlite_url: str) -> str:
    """Nothing here depends on the database."""
    return sqlite_url


def admin_of(place: Place) -> VaultAdmin:
    return VaultAdmin(Access(place.store), place.store, place.ring, place.rotator)


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_done(admin: VaultAdmin) -> bool:
    status = admin.rotation(ADMIN)
    return status is not None and status.record.step is RotationStep.DONE and not status.running


@pytest.mark.parametrize("actor", [ALICE, Actor("ann", frozenset({Role.ANALYST})), Actor("nobody", frozenset())])
def test_only_admins(here: Place, actor: Actor) -> None:
    admin = admin_of(here)
    for attempt in (admin.keks, admin.rotation, admin.history, admin.rotate):
        with pytest.raises(AccessRefused):
            attempt(actor)
    assert here.rotator.state() is None


def test_it_runs_in_the_background_and_every_replica_shows_it(here: Place, opened: Open) -> None:
    here.put(20)
    elsewhere = opened()
    admin, other = admin_of(here), admin_of(elsewhere)
    assert admin.rotation(ADMIN) is None
    begun = admin.rotate(ADMIN)
    assert begun.to_kek == 2
    wait_for(lambda: is_done(other))
    status = other.rotation(ADMIN)
    assert status is not None
    assert status.record.done == status.record.total >= 20
    assert [(card.kek_id, card.state, card.seals > 0) for card in other.keks(ADMIN)] == [
        (1, KekState.RETIRED, False),
        (2, KekState.ACTIVE, True),
    ]
    assert "-v2.kek" in other.keks(ADMIN)[1].place
    assert other.history(ADMIN) == [status.record]
    assert elsewhere.opens(here.keys)
    admin.close()


def test_a_second_press_elsewhere_is_refused(here: Place, opened: Open) -> None:
    elsewhere = opened()
    assert elsewhere.store.leases.acquire(ROTATION_LEASE, LEASE)
    with pytest.raises(VaultError, match="already"):
        admin_of(here).rotate(ADMIN)


def test_what_a_dead_process_left_is_taken_up_at_the_next_start(here: Place, opened: Open) -> None:
    here.put(3)
    here.rotator.start(ADMIN)
    status = admin_of(here).rotation(ADMIN)
    assert status is not None
    assert not status.running
    admin = admin_of(opened())
    admin.resume_interrupted()
    wait_for(lambda: is_done(admin))
    assert here.opens(here.keys)


@pytest.mark.parametrize(
    ("mode", "told"), [(0o644, "chmod 600"), (0o600, "is not a Gearbox key")], ids=["others may read it", "no key"]
)
def test_a_problem_is_told_in_words(here: Place, mode: int, told: str) -> None:
    admin = admin_of(here)
    here.rotator.start(ADMIN)
    folder = here.ring.sources.named("file")._folder  # type: ignore[attr-defined]
    nonsense = folder / f"vault-{here.store.deployment_id}-v2.kek"
    nonsense.write_text("nonsense")
    # Which refusal comes first must not depend on the umask: the app sets one where it is imported.
    nonsense.chmod(mode)
    admin.rotate(ADMIN)
    wait_for(lambda: (status := admin.rotation(ADMIN)) is not None and status.problem)
    status = admin.rotation(ADMIN)
    assert status is not None
    assert told in status.problem
    assert status.record.step is RotationStep.ABANDONED
    admin.close()
