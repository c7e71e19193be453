"""Backup, verification and restore, from each database to each."""

from __future__ import annotations

import hashlib
import signal
import sqlite3
import stat
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from core.audit.trail import Trail
from core.config import Settings
from core.errors import StoreError, VaultError, WrongKek
from core.vault.backup import Manifest, opened_backup, write_backup
from core.vault.restoring import Restored, restore_backup
from core.vault.verification import verify_in_use, verify_vault
from data.store import OwnerId, open_store
from data.store.engine import for_writing, make_engine, sqlite_path
from data.store.tables import metadata, outbox, sessions, users
from data.values.errors import DatabaseDamaged, DatabaseInUse
from tests.rotation import processes
from tests.rotation.chains import chain_faults
from tests.rotation.conftest import Open, now
from tests.rotation.places import ADMIN, Place
from tests.rotation.test_rotation import events, harm


def back_up(place: Place, folder: Path, name: str = "first.backup") -> Path:
    path = folder / name
    write_backup(ADMIN, place.store, place.ring, now, path)
    return path


def restore(path: Path, settings: Settings, *, force: bool = False) -> Restored:
    return restore_backup(ADMIN, path, settings, now, force=force, keyring=lambda: None)


@pytest.fixture
def elsewhere(tmp_path: Path, settings: Settings, another_url: str) -> Settings:
    """Another machine with another database, to which the KEKs were brought."""
    home = tmp_path / "elsewhere"
    home.mkdir()
    return settings.model_copy(update={"home": home, "database_url": another_url})


def bring_keks(settings: Settings, elsewhere: Settings) -> None:
    for path in settings.home.glob("*.kek"):
        copy = elsewhere.home / path.name
        copy.write_bytes(path.read_bytes())
        copy.chmod(0o600)


def rows(url: str) -> dict[str, list[tuple[object, ...]]]:
    engine = make_engine(url)
    with engine.begin() as connection:
        found = {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for table in metadata.sorted_tables
        }
    engine.dispose()
    return found


@pytest.fixture(params=["sqlite", "postgresql"])
def another_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a database that does not exist yet, or an empty one."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'another' / 'gearbox.db'}"
        return
    server = request.getfixturevalue("postgresql")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE gearbox_another")
        yield server.replace("/postgres?", "/gearbox_another?").replace("postgresql://", "postgresql+psycopg://")
        connection.execute("DROP DATABASE gearbox_another WITH (FORCE)")


def fill(place: Place, settings: Settings) -> None:
    """Something in every kind of column, and a session that must not come back."""
    place.put(3)
    place.rotator.run(ADMIN)
    place.put(2)
    engine = make_engine(settings.store_url)
    with for_writing(engine).begin() as connection:
        for name, roles in (("ann", None), ("ben", ["admin", "ÄÖ\u2028"])):
            connection.execute(insert(users).values(id=name, display_name=name, created_at=now(), roles=roles))
        connection.execute(
            insert(sessions).values(
                id="s", user_id="ann", created_at=now(), last_seen_at=now(), expires_at=now(), mode="local"
            )
        )
        connection.execute(text("UPDATE users SET roles = NULL WHERE id = 'ann'"))
        for n in range(3):
            connection.execute(
                insert(outbox).values(kind="model_call", payload={"n": n, "cost": 0.1, "nul": "\x00"}, created_at=now())
            )
    engine.dispose()


def test_everything_comes_back_as_it_was(here: Place, settings: Settings, elsewhere: Settings, tmp_path: Path) -> None:
    fill(here, settings)
    before = rows(settings.store_url)
    path = back_up(here, tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    bring_keks(settings, elsewhere)
    restored = restore(path, elsewhere)
    assert restored.report.findings == ()
    assert (restored.report.secrets, restored.report.versions) == (5, 5)
    after = rows(elsewhere.store_url)
    for name in before.keys() - {"audit_events", "audit_chains", "deployment", "leases", "sessions"}:
        assert after[name] == before[name], name
    assert after["sessions"] == after["leases"] == []
    assert [row for row in before["audit_events"] if row in after["audit_events"]] == before["audit_events"]
    told = [("vault.backup", "intent"), ("vault.restore", "intent")]
    assert [event[:2] for event in events(elsewhere, "vault.backup", "vault.restore")] == told
    assert [event[:2] for event in events(settings, "vault.backup")] == [told[0], ("vault.backup", "done")]
    assert not list(tmp_path.rglob(".gearbox-*"))


@pytest.mark.parametrize(("store_url", "another_url"), [("sqlite", "sqlite"), ("sqlite", "postgresql")], indirect=True)
def test_what_was_restored_is_used_as_if_nothing_had_been(
    here: Place, settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    fill(here, settings)
    bring_keks(settings, elsewhere)
    restore(back_up(here, tmp_path), elsewhere)
    store = open_store(elsewhere.store_url, owner=OwnerId.current())
    place = processes.place(store, elsewhere)
    assert store.deployment_id == here.store.deployment_id
    assert place.opens(here.keys)
    place.rotator.run(ADMIN, destroy=True)
    place.put(1)
    assert place.opens(here.keys | place.keys)
    assert next(iter(store.outbox.batch(10))).id == 1
    with store._database.engine.begin() as connection:  # ids go on where they were
        connection.execute(insert(outbox).values(kind="x", payload={}, created_at=now()))
    assert [row.id for row in store.outbox.batch(10)] == [1, 2, 3, 4]
    with pytest.raises(DBAPIError, match="append-only"):
        harm(elsewhere, "DELETE FROM audit_events")
    store.close()
    assert chain_faults(elsewhere.store_url) == []


class OneDatabase:
    """What does not depend on the kind of database."""

    @pytest.fixture
    def store_url(self, sqlite_url: str) -> str:
        return sqlite_url

    @pytest.fixture
    def another_url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path / 'another' / 'gearbox.db'}"


class TestRefused(OneDatabase):
    def test_without_its_keks(self, here: Place, settings: Settings, elsewhere: Settings, tmp_path: Path) -> None:
        here.put(1)
        path = back_up(here, tmp_path)
        with pytest.raises(WrongKek, match="missing") as refused:
            restore(path, elsewhere)
        assert f"vault-{here.store.deployment_id}-v1.kek" in str(refused.value)
        assert not sqlite_path(elsewhere.store_url).exists()  # type: ignore[union-attr]
        bring_keks(settings, elsewhere)
        restore(path, elsewhere)

    @pytest.mark.parametrize("harm", ["state", "manifest", "seal", "another", "cut", "nonsense"])
    def test_changed_by_anybody(
        self, here: Place, settings: Settings, elsewhere: Settings, tmp_path: Path, harm: str
    ) -> None:
        here.put(1)
        path = back_up(here, tmp_path)
        bring_keks(settings, elsewhere)
        with zipfile.ZipFile(path) as packed:
            members = {name: packed.read(name) for name in packed.namelist()}
        manifest = Manifest.model_validate_json(members["manifest.json"])
        if harm == "state":
            members["state.db"] = members["state.db"].replace(b"api.openai.com", b"api.evil.local")
        elif harm == "manifest":
            changed = members["state.db"].replace(b"api.openai.com", b"api.evil.local")
            update = {"sha256": hashlib.sha256(changed).hexdigest()}
            members |= {
                "state.db": changed,
                "manifest.json": manifest.model_copy(update=update).model_dump_json().encode(),
            }
        elif harm == "seal":
            members["seal"] = bytes(len(members["seal"]))
        elif harm == "another":  # another backup's seal
            with zipfile.ZipFile(back_up(here, tmp_path, "second.backup")) as packed:
                members["seal"] = packed.read("seal")
        path.unlink()
        with zipfile.ZipFile(path, "w") as packed:
            for name, content in members.items():
                packed.writestr(name, content)
        if harm == "cut":
            path.write_bytes(path.read_bytes()[:-200])
        elif harm == "nonsense":
            path.write_text("nonsense")
        with pytest.raises(VaultError):
            restore(path, elsewhere)
        assert not sqlite_path(elsewhere.store_url).exists()  # type: ignore[union-attr]

    def test_over_a_database_unless_told_to(
        self, here: Place, opened: Open, settings: Settings, tmp_path: Path
    ) -> None:
        here.put(2)
        path = back_up(here, tmp_path)
        first = dict(here.keys)
        here.put(3)
        with pytest.raises(StoreError, match="5 provider keys, 0 conversations") as refused:
            restore(path, settings)
        assert "--force" in refused.value.remedy
        with pytest.raises(DatabaseInUse, match="A Gearbox, or another program, has the database open") as busy:
            restore(path, settings, force=True)
        assert "Stop every Gearbox" in busy.value.remedy
        assert here.opens(here.keys), "one that is in use is left alone"
        here.store.close()
        restore(path, settings, force=True)
        again = opened()
        assert again.opens(first)
        assert len(again.store.secrets.ids()) == 2

    def test_over_what_gearbox_would_not_start_on(
        self, here: Place, opened: Open, settings: Settings, tmp_path: Path
    ) -> None:
        here.put(2)
        path = back_up(here, tmp_path)
        here.store.close()
        database = sqlite_path(settings.store_url)
        assert database is not None
        with closing(sqlite3.connect(database)) as raw:
            raw.execute("DROP TRIGGER audit_events_guard_update")
        with pytest.raises(StoreError, match="would not start on") as refused:
            restore(path, settings)
        assert "audit_events lacks its append-only triggers" in str(refused.value)
        assert "--force" in refused.value.remedy
        restore(path, settings, force=True)
        place = opened()
        assert place.opens(here.keys)
        place.store.close()
        database.write_text("nonsense " * 1000)
        for left in ("-wal", "-shm"):
            Path(f"{database}{left}").unlink(missing_ok=True)
        with pytest.raises(DatabaseDamaged) as damaged:
            restore(path, settings, force=True)
        assert f"Move {database} away" in damaged.value.remedy
        database.unlink()
        restore(path, settings)
        assert opened().opens(here.keys)

    def test_a_file_that_is_there(self, here: Place, tmp_path: Path) -> None:
        path = back_up(here, tmp_path)
        content = path.read_bytes()
        with pytest.raises(VaultError, match="there already"):
            back_up(here, tmp_path)
        assert path.read_bytes() == content
        with pytest.raises(VaultError, match="can't be written"):
            back_up(here, tmp_path / "nowhere")


class TestPostgresql:
    """What PostgreSQL does in its own way."""

    @pytest.fixture
    def store_url(self, postgresql_url: str) -> str:
        return postgresql_url

    def test_it_is_not_pulled_from_under_a_replica(self, here: Place, settings: Settings, tmp_path: Path) -> None:
        here.put(1)
        path = back_up(here, tmp_path)
        with pytest.raises(StoreError, match="still runs"):
            restore(path, settings, force=True)
        assert here.opens(here.keys)


class TestVerification(OneDatabase):
    def test_all_is_well(self, here: Place, settings: Settings) -> None:
        here.put(3)
        here.vault.put_system("signing", b"\x00\xff" * 16)
        report = verify_in_use(ADMIN, here.store, here.ring)
        assert (report.secrets, report.versions, report.findings) == (4, 4, ())
        assert [event[:2] for event in events(settings, "vault.verify")] == [
            ("vault.verify", "intent"),
            ("vault.verify", "done"),
        ]

    def test_what_does_not_open_is_named(
        self, here: Place, settings: Settings, elsewhere: Settings, tmp_path: Path
    ) -> None:
        here.put(3)
        bad = min(here.keys)
        harm(settings, f"UPDATE secret_versions SET blob = zeroblob(80) WHERE secret_id = '{bad}'")
        report = verify_in_use(ADMIN, here.store, here.ring)
        assert [finding.secret_id for finding in report.findings] == [bad]
        path = back_up(here, tmp_path)
        bring_keks(settings, elsewhere)
        with opened_backup(path, elsewhere, now, lambda: None) as backup:
            assert verify_vault(backup.store, backup.ring) == report
        assert restore(path, elsewhere).report == report, "it does not keep the others from coming back"


@pytest.mark.parametrize("another_url", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_killed_over_a_restore(here: Place, settings: Settings, elsewhere: Settings, tmp_path: Path) -> None:
    here.put(2)
    bring_keks(settings, elsewhere)
    first = back_up(here, tmp_path)
    here.put(1)
    restore(back_up(here, tmp_path, "second.backup"), elsewhere)
    told, step, before = tmp_path / "steps", 0, rows(elsewhere.store_url)
    while True:
        told.unlink(missing_ok=True)
        child = processes.start(processes.restore_until_killed, elsewhere, str(first), str(told), step)
        child.join(60)
        names = told.read_text().splitlines()
        if child.exitcode == 0:
            break
        assert child.exitcode == -signal.SIGKILL
        whole = rows(elsewhere.store_url)
        assert (whole == before) == (names[-1] != "create: after COMMIT"), names
        store = open_store(elsewhere.store_url, owner=OwnerId.current())
        assert len(store.secrets.ids()) == (3 if whole == before else 2)
        assert processes.place(store, elsewhere).opens({key: here.keys[key] for key in store.secrets.ids()})
        store.close()
        before, step = rows(elsewhere.store_url), step + 1
    assert step >= 2


class TestAudit(OneDatabase):
    def test_a_signed_restore_is_not_taken_for_a_cut(
        self, here: Place, opened: Open, settings: Settings, tmp_path: Path
    ) -> None:
        def trail_of(place: Place) -> Trail:
            return Trail.open(place.store, place.vault, settings, now)

        trail = trail_of(here)
        here.put(1)
        trail.checkpoint_now()
        path = back_up(here, tmp_path)
        here.put(2)
        trail.checkpoint_now()  # the file outside knows of more than the backup
        assert trail.verify().ok
        trail.close()
        here.store.close()
        manifest = restore(path, settings, force=True).manifest
        again = opened()
        trail = trail_of(again)
        assert not trail.verify().ok
        trail.restored(ADMIN, manifest.backup_id)
        again.put(1)
        trail.checkpoint_now()
        report = trail.verify()
        assert report.ok, report.findings
        assert [event[1] for event in events(settings, "vault.restore")] == ["intent", "done"]
        trail.close()
