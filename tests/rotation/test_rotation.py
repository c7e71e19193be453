"""A rotation from beginning to end, and what may come between."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select, text, update

from core.config import Settings
from core.errors import VaultError, WrongKek
from core.vault.envelope import open_head, seal_head
from data.store.engine import for_writing, make_engine
from data.store.rotations import LEASE, ROTATION_LEASE
from data.store.tables import audit_events, secrets
from data.values.calls import KeyOwner
from data.values.errors import StoreError
from data.values.keks import KekState, RotationStep
from data.values.secrets import SecretOwner
from tests.people import ALICE
from tests.rotation.conftest import Open
from tests.rotation.places import ADMIN, Place


def states(place: Place) -> dict[int, KekState]:
    return {record.kek_id: record.state for record in place.store.keks.all()}


def events(settings: Settings, *actions: str) -> list[tuple[str, str, str]]:
    engine = make_engine(settings.store_url)
    with engine.begin() as connection:
        query = select(audit_events.c.action, audit_events.c.outcome, audit_events.c.target)
        rows = connection.execute(query.order_by(audit_events.c.at, audit_events.c.chain_id, audit_events.c.seq))
        found = [(row.action, row.outcome, row.target) for row in rows if row.action in actions]
    engine.dispose()
    return found


def harm(settings: Settings, statement: str) -> None:
    engine = make_engine(settings.store_url)
    with for_writing(engine).begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_everything_moves_and_opens_here_and_elsewhere(here: Place, opened: Open, settings: Settings) -> None:
    elsewhere = opened()
    here.put(25)
    assert elsewhere.opens(here.keys)
    seen: list[RotationStep] = []
    done = here.rotator.run(ADMIN, lambda record: seen.append(record.step))
    assert done.step is RotationStep.DONE
    assert done.finished_at is not None
    assert done.done == done.total >= 25
    assert list(dict.fromkeys(seen)) == [step for step in RotationStep if step is not RotationStep.ABANDONED]
    assert states(here) == {1: KekState.RETIRED, 2: KekState.ACTIVE}
    assert set(here.store.keks.in_use()) == {2}
    assert here.opens(here.keys)
    assert elsewhere.opens(here.keys)
    elsewhere.put(1)  # sealed with the KEK it had not heard of
    assert set(here.store.keks.in_use()) == {2}
    assert opened().opens(here.keys)
    assert not list(settings.home.glob("*.draft"))
    wanted = ["kek.create", "kek.activate", "key.rewrap", "kek.retire"]
    told = [event for event in events(settings, *wanted) if event[2] in {"kek:1", "kek:2"}]
    assert [event for event in told if event[2] == "kek:2"][:3] == [
        ("kek.create", "intent", "kek:2"),
        ("kek.create", "done", "kek:2"),
        ("kek.activate", "done", "kek:2"),
    ]
    assert told[-1] == ("kek.retire", "done", "kek:1")


def test_rotating_again_and_again_never_uses_an_id_twice(here: Place) -> None:
    here.put(3)
    for kek_id in (2, 3, 4):
        assert here.rotator.run(ADMIN, destroy=True).to_kek == kek_id
        assert states(here) == {kek_id: KekState.ACTIVE}
    assert here.opens(here.keys)
    assert [record.to_kek for record in here.rotator.history()] == [4, 3, 2]


def test_a_destroyed_kek_is_gone_from_its_source_and_one_in_use_is_not(here: Place, settings: Settings) -> None:
    here.put(2)
    here.rotator.run(ADMIN)
    assert len(list(settings.home.glob("*.kek"))) == 2
    assert here.rotator.destroy_retired(ADMIN) == [1]
    (left,) = settings.home.glob("*.kek")
    assert left.name.endswith("-v2.kek")
    assert here.rotator.destroy_retired(ADMIN) == []
    told = events(settings, "kek.destroy")
    assert told == [("kek.destroy", "intent", "kek:1"), ("kek.destroy", "done", "kek:1")]
    assert here.opens(here.keys)


def test_destroying_waits_until_rows_that_others_have_read_are_used_up(here: Place) -> None:
    waited: list[float] = []
    here.rotator._sleep = waited.append
    here.put(1)
    here.rotator.run(ADMIN, destroy=True)
    assert len(waited) == 1
    assert 5 < waited[0] <= 10


def test_heads_move_too_and_keep_their_facts(here: Place, settings: Settings) -> None:
    here.put(3)
    deployment = here.store.deployment_id
    facts = {secret_id: json.dumps({"seq": 1, "of": secret_id}).encode() for secret_id in here.keys}
    engine = make_engine(settings.store_url)
    with for_writing(engine).begin() as connection:
        for secret_id, fact in facts.items():
            head = seal_head(fact, owner(secret_id), deployment, here.ring.active())
            connection.execute(update(secrets).where(secrets.c.id == secret_id).values(head=head, head_kek_id=1))
    done = here.rotator.run(ADMIN)
    assert (done.total, done.done) == (6, 6)
    with engine.begin() as connection:
        rows = connection.execute(select(secrets)).all()
    engine.dispose()
    assert {row.head_kek_id for row in rows} == {2}
    for row in rows:
        assert open_head(row.head, owner(row.id), deployment, here.ring.get(2)) == facts[row.id]
    assert here.rotator.destroy_retired(ADMIN) == [1]


def owner(secret_id: str) -> SecretOwner:
    return SecretOwner(secret_id, KeyOwner.USER, ALICE.user_id)


def test_a_damaged_record_stops_nobody_elses_and_keeps_its_kek(here: Place, opened: Open, settings: Settings) -> None:
    here.put(5)
    bad = sorted(here.keys)[2]
    harm(settings, f"UPDATE secret_versions SET origin = 'https://evil.example' WHERE secret_id = '{bad}'")
    here.rotator.run(ADMIN, destroy=True)
    in_use = here.store.keks.in_use()
    assert in_use[1] == 1
    assert states(here) == {1: KekState.RETIRED, 2: KekState.ACTIVE}, "its KEK is kept"
    assert ("key.rewrap", "failed", f"secret:{bad}") in events(settings, "key.rewrap")
    harm(settings, f"UPDATE secret_versions SET origin = 'https://api.openai.com' WHERE secret_id = '{bad}'")
    assert here.opens(here.keys), "put right, it opens"
    here.rotator.run(ADMIN, destroy=True)
    assert states(here) == {3: KekState.ACTIVE}
    assert opened().opens(here.keys)


def test_only_one_leads_and_the_other_is_told(here: Place, opened: Open) -> None:
    elsewhere = opened()
    assert elsewhere.store.leases.acquire(ROTATION_LEASE, LEASE)
    for attempt in (here.rotator.run, here.rotator.start, here.rotator.destroy_retired):
        with pytest.raises(VaultError, match="already") as refused:
            attempt(ADMIN)
        assert "status" in refused.value.remedy
    assert here.rotator.is_running()
    elsewhere.store.leases.release(ROTATION_LEASE)
    assert not here.rotator.is_running()
    assert here.rotator.run(ADMIN).step is RotationStep.DONE


def test_a_leader_that_lost_its_lease_changes_nothing_more(here: Place, opened: Open) -> None:
    elsewhere = opened()
    here.put(5)

    def taken_over(record: object) -> None:
        here.store.leases.release(ROTATION_LEASE)
        elsewhere.store.leases.acquire(ROTATION_LEASE, LEASE)

    with pytest.raises(StoreError, match="taken over"):
        here.rotator.run(ADMIN, taken_over)
    assert states(here) == {1: KekState.ACTIVE}
    assert elsewhere.store.leases.holder(ROTATION_LEASE) is not None, "the other's lease is left alone"
    elsewhere.store.leases.release(ROTATION_LEASE)
    assert elsewhere.rotator.run(ADMIN).to_kek == 2
    assert here.opens(here.keys)


def test_what_was_started_is_resumed_by_anybody(here: Place, opened: Open) -> None:
    here.put(2)
    begun = here.rotator.start(ADMIN)
    assert begun.step is RotationStep.CREATE
    assert here.rotator.start(ADMIN) == begun
    elsewhere = opened()
    assert elsewhere.rotator.state() == begun
    with pytest.raises(VaultError, match="unfinished"):
        elsewhere.rotator.run(ADMIN, source="environment")
    with pytest.raises(VaultError, match="unfinished"):
        elsewhere.rotator.destroy_retired(ADMIN)
    assert elsewhere.rotator.run(ADMIN).rotation_id == begun.rotation_id
    assert here.opens(here.keys)


@pytest.mark.parametrize("harmed", ["lost", "another"])
def test_a_kek_that_does_not_come_back_is_given_up_before_anything_is_sealed(
    here: Place, settings: Settings, harmed: str
) -> None:
    here.put(2)

    def spoil(record: object) -> None:
        for path in settings.home.glob("*-v2.kek"):
            path.unlink()
            if harmed == "another":
                here.ring.sources.named("file").create(2)

    with pytest.raises(WrongKek):
        here.rotator.run(ADMIN, spoil)
    state = here.rotator.state()
    assert state is not None
    assert state.step is RotationStep.ABANDONED
    assert states(here) == {1: KekState.ACTIVE}
    assert ("kek.create", "failed", "kek:2") in events(settings, "kek.create")
    assert here.opens(here.keys)
    assert here.rotator.run(ADMIN).to_kek == 3


def test_an_old_kek_that_can_not_be_had_pauses_the_rotation(here: Place, opened: Open, settings: Settings) -> None:
    here.put(3)
    first = next(settings.home.glob("*-v1.kek"))

    class Cut(Exception):
        pass

    def cut(record: object) -> None:
        if here.rotator.state().step is RotationStep.REWRAP:  # type: ignore[union-attr]
            raise Cut

    with pytest.raises(Cut):
        here.rotator.run(ADMIN, cut)
    other = opened()  # has both open
    first.rename(settings.home / "aside")
    with pytest.raises(WrongKek, match="v1"):
        opened()
    (settings.home / "aside").rename(first)
    assert other.rotator.run(ADMIN).step is RotationStep.DONE
    assert here.opens(here.keys)


def test_a_source_that_can_not_be_had_is_refused_before_anything_is_written(here: Place) -> None:
    with pytest.raises(VaultError):
        here.rotator.run(ADMIN, source="keyring")
    assert here.rotator.state() is None
