"""While the audit log can't be kept, nothing is done with keys: 0 of all key operations succeed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from core.config import Settings
from core.errors import AuditUnavailable, GearboxError
from data.store import OwnerId
from data.store.engine import make_engine
from data.store.tables import endpoints, keks, secret_versions, secrets, user_seals
from data.values.audit import Action
from tests.audit import servers
from tests.audit.intruder import Intruder
from tests.audit.key_operations import MORE, Furniture, KeyOperations, Now, Operations, found_in_code, furnish, seals_of
from tests.audit.log import Log, RealClock
from tests.audit.waiting import wait_for
from tests.keys.house import ADMIN, ALICE, BOB, KEY, KeyHouse
from tests.keys.provider import Provider, running_provider


@dataclass
class Keys:
    """A deployment with keys for everything that can be done with some; `log` is of the same process."""

    log: Log
    house: KeyHouse
    furniture: Furniture
    provider: Provider

    @classmethod
    def of(cls, log: Log, provider: Provider) -> Keys:
        house = KeyHouse(log.store, log.settings.home, Now())
        return cls(log, house, furnish(house, provider.base_url), provider)

    def in_another_process(self, log: Log) -> Keys:
        house = KeyHouse(log.store, log.settings.home, Now(), is_second=True)
        house.discover()
        return Keys(log, house, self.furniture, self.provider)

    def operations(self) -> Operations:
        return KeyOperations(self.house, self.furniture, self.provider.base_url).all()

    def use(self) -> object:
        return self.operations()["Vault.open_key"]()

    def close(self) -> None:
        self.house.close()
        self.log.close()

    def state(self) -> list[object]:
        looking = Intruder(self.log.settings.store_url)
        try:
            rows = [looking.table(table) for table in (secrets, secret_versions, keks, user_seals, endpoints)]
            return [*rows, [seals_of(self.house).is_unlocked(actor) for actor in (ALICE, BOB, ADMIN)]]
        finally:
            looking.close()


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        running.accepted = {KEY}
        yield running


@pytest.fixture
def keys(settings: Settings, provider: Provider) -> Iterator[Keys]:
    log = Log(settings, RealClock(), OwnerId("here", 1, "token"))
    made = Keys.of(log, provider)
    yield made
    made.close()


def succeeding(keys: Keys) -> set[str]:
    """The operations that do not fail; those that fail leave nothing changed."""
    done = set()
    for name, operation in keys.operations().items():
        before = keys.state()
        try:
            operation()
            done.add(name)
        except (GearboxError, SQLAlchemyError):
            assert keys.state() == before, name
    return done


ALL = found_in_code() | MORE
"""Nothing about keys that `core` has can be missed here: what is new there has no operation yet, and fails a test."""
EVERYTHING_BUT_REVEAL = ALL - {"Vault.reveal"}


def test_with_a_sound_log_everything_works_but_showing_a_key(keys: Keys) -> None:
    """So that the zeros below mean something; and every event about keys that there is was written."""
    assert keys.operations().keys() == ALL
    assert succeeding(keys) == EVERYTHING_BUT_REVEAL
    about_keys = [one for one in Action if one.value.startswith(("key.", "kek."))]
    assert [action for action in about_keys if not keys.house.audited(actions=(action,))] == []


DOWN = {
    "the table of events is gone": (
        "ALTER TABLE audit_events RENAME TO elsewhere",
        "ALTER TABLE elsewhere RENAME TO audit_events",
    ),
    "the table of chains is gone": (
        "ALTER TABLE audit_chains RENAME TO elsewhere",
        "ALTER TABLE elsewhere RENAME TO audit_chains",
    ),
}


@pytest.mark.parametrize("name", DOWN)
def test_no_key_operation_succeeds_while_the_database_takes_no_events(
    settings: Settings, keys: Keys, name: str
) -> None:
    down, up = DOWN[name]
    # A process that has not written yet: it has a chain to begin.
    log = Log(settings, RealClock(), OwnerId("here", 2, "another"))
    fresh = keys.in_another_process(log)
    change(settings, down)
    assert succeeding(fresh) == set()
    change(settings, up)
    assert succeeding(fresh) == EVERYTHING_BUT_REVEAL
    assert log.trail.verify().ok
    fresh.close()


def change(settings: Settings, statement: str) -> None:
    engine = make_engine(settings.store_url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_no_key_operation_succeeds_while_the_file_outside_can_not_be_written(keys: Keys) -> None:
    keys.log.trail.start()
    path = keys.log.file
    wait_for(path.exists)
    path.rename(path.with_suffix(".away"))
    path.mkdir()
    wait_for(lambda: keys.log.trail.refusing)
    assert str(path) in keys.log.trail.status().refusing
    with pytest.raises(AuditUnavailable) as caught:
        keys.use()
    assert "Ask an admin" in caught.value.explain()
    assert path.name not in caught.value.explain(), "members read this"
    assert str(path.parent) not in caught.value.explain()
    assert succeeding(keys) == set()

    path.rmdir()
    wait_for(lambda: not keys.log.trail.refusing)
    assert succeeding(keys) == EVERYTHING_BUT_REVEAL
    keys.log.trail.checkpoint_now()
    assert keys.log.trail.verify().ok


@pytest.mark.parametrize("kind", ["http", "syslog"])
def test_no_key_operation_succeeds_while_a_sink_is_down(
    sqlite_url: str, tmp_path: Path, provider: Provider, kind: str
) -> None:
    server = servers.HttpSink() if kind == "http" else servers.SyslogStream()
    sinks = {"audit_sink_url": server.url} if kind == "http" else {"audit_syslog": server.url}
    home = tmp_path / "home"
    home.mkdir()
    settings = Settings(home=home, database_url=sqlite_url, kek_source="file", audit_patience=0, **sinks)  # type: ignore[arg-type]
    log = Log(settings, RealClock(), OwnerId("here", 1, "token"))
    keys = Keys.of(log, provider)
    try:
        with servers.serving(server):
            log.trail.start()
            wait_for(lambda: server.got)
            assert not log.trail.refusing
        keys.use()
        log.trail.checkpoint_now()
        wait_for(lambda: log.trail.refusing)
        assert succeeding(keys) == set()

        again = type(server)(port=server.server_address[1])
        with servers.serving(again):
            wait_for(lambda: not log.trail.refusing)
            assert succeeding(keys) == EVERYTHING_BUT_REVEAL
        assert len(again.got) == log.store.checkpoints.deliveries()[_other_than_file(log)].seq - len(server.got)
    finally:
        keys.close()


def _other_than_file(log: Log) -> str:
    return next(place.name for place in log.trail.status().places if place.name != "file")


def test_within_its_patience_a_sink_may_fail(settings: Settings, provider: Provider) -> None:
    log = Log(
        settings.model_copy(update={"audit_sink_url": "http://127.0.0.1:9", "audit_patience": 3600}),
        RealClock(),
        OwnerId("here", 1, "token"),
    )
    keys = Keys.of(log, provider)
    try:
        log.trail.start()
        wait_for(lambda: any(place.problem for place in log.trail.status().places))
        assert not log.trail.refusing
        assert succeeding(keys) == EVERYTHING_BUT_REVEAL
    finally:
        keys.close()
