"""`python -m core doctor`: says what is wrong and how to put it right, and changes nothing."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy
from starlette.applications import Starlette
from starlette.routing import Mount

from core.access.sign_in import LOCAL_OWNER_ID
from core.api.health import health_routes
from core.sandbox import sandbox_app
from core.sandbox.wire import MODELS
from core.vault import Vault
from data.store import Store, migrate
from data.values.actor import Actor, Role
from data.values.calls import KeyOwner
from data.values.models import Endpoint, EndpointKind, Wire
from tests.app.server import AppServer
from tests.cli.conftest import Gearbox
from tests.gateway.server import serve

KEY = "sk-live-6Tq1mNc8RzXw2LpV5dKy"


def change(database: Path, *statements: str) -> None:
    with closing(sqlite3.connect(database)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_before_the_first_start_there_are_notes_and_no_faults(gearbox: Gearbox) -> None:
    said = gearbox.doctor()
    assert said.code == 0
    assert "does not exist yet" in said.line("note", "home")
    assert "is empty" in said.line("note", "database")
    assert "uv run streamlit run app.py" in said.line("note", "app")
    assert "sandbox" in said.line("ok", "sandbox")
    assert "litellm-" in said.line("ok", "price list")
    assert said.text.endswith("No faults.\n")
    assert not gearbox.home.exists()


def test_after_a_real_run_everything_is_fine(gearbox: Gearbox) -> None:
    with AppServer(gearbox.home) as app:
        running = gearbox.doctor(app.url)
        assert running.code == 0, running.text
        assert f"runs at {app.url}" in running.line("ok", "app")
        assert "database ready" in running.line("ok", "app")
        assert "schema is current" in running.line("ok", "database")
        assert "in use" in running.line("ok", "warehouse")
    before = gearbox.everything()
    stopped = gearbox.doctor(app.url)
    assert stopped.code == 0, stopped.text
    assert "does not answer" in stopped.line("note", "app")
    assert "sqlite, schema is current" in stopped.line("ok", "database")
    assert "KEK in: file; 0 provider keys" in stopped.line("ok", "vault")
    assert "none connected" in stopped.line("note", "providers")
    assert "can be read" in stopped.line("ok", "warehouse")
    assert "holds checkpoints up to" in stopped.line("ok", "audit log")
    assert gearbox.everything() == before


def test_a_damaged_warehouse_is_named(gearbox: Gearbox) -> None:
    gearbox.home.mkdir(mode=0o700)
    (gearbox.home / "warehouse.duckdb").write_bytes(b"this is no database at all" * 1000)
    said = gearbox.doctor()
    assert said.code == 1
    assert "damaged" in said.line("FAULT", "warehouse")


def connect(store: Store, vault: Vault) -> None:
    card = vault.put(
        Actor(LOCAL_OWNER_ID, frozenset(Role)),
        KeyOwner.USER,
        LOCAL_OWNER_ID,
        provider="acme",
        origin="http://127.0.0.1:9",
        plaintext=KEY,
    )
    endpoint = Endpoint(
        "e1",
        "acme",
        "Acme AI",
        EndpointKind.CUSTOM,
        Wire.OPENAI,
        "http://127.0.0.1:9/v1",
        card.binding.secret_id,
        KeyOwner.USER,
        LOCAL_OWNER_ID,
    )
    store.endpoints.add(endpoint)


def test_connections_are_named_and_keys_are_not(gearbox: Gearbox) -> None:
    gearbox.set_up(connect)
    said = gearbox.doctor()
    assert "1 provider keys stored (1 of people)" in said.line("ok", "vault")
    assert "connected: Acme AI" in said.line("ok", "providers")
    assert KEY[-8:] not in said.text


def test_why_keys_are_refused_is_named_with_the_place(gearbox: Gearbox) -> None:
    gearbox.set_up()
    assert "no checkpoint yet" in gearbox.doctor().line("note", "audit log")
    assert gearbox.run("audit", "verify").code == 0  # leaves a checkpoint
    outside = gearbox.home / "audit-checkpoints.jsonl"
    lines = outside.read_bytes()
    outside.unlink()
    said = gearbox.doctor()
    assert said.code == 1
    assert "were written to it" in said.line("FAULT", "audit log")
    outside.mkdir()
    assert str(outside) in gearbox.doctor().line("FAULT", "audit log")
    outside.rmdir()
    outside.write_bytes(lines)
    assert "up to 1" in gearbox.doctor().line("ok", "audit log")


def test_the_keys_of_all_owners_count(gearbox: Gearbox) -> None:
    def everybodys(store: Store, vault: Vault) -> None:
        actor = Actor("bob", frozenset(Role), team_ids=("research",))
        owners = {KeyOwner.USER: "bob", KeyOwner.TEAM: "research", KeyOwner.ORGANISATION: ""}
        for owner, owner_id in owners.items():
            origin = "https://api.example"
            card = vault.put(actor, owner, owner_id, provider="acme", origin=origin, plaintext=KEY)
            store.endpoints.add(
                Endpoint(
                    f"e-{owner}", "acme", f"Acme of the {owner}", EndpointKind.CUSTOM, Wire.OPENAI,
                    "https://api.example/v1", card.binding.secret_id, owner, owner_id,
                )
            )  # fmt: skip

    gearbox.set_up(everybodys)
    said = gearbox.doctor()
    vault = said.line("ok", "vault")
    assert "3 provider keys stored (1 of the organisation, 1 of teams, 1 of people)" in vault
    assert "connected: Acme of the organisation, Acme of the team, Acme of the user" in said.line("ok", "providers")


@pytest.mark.parametrize(
    ("statements", "difference"),
    [
        (["ALTER TABLE messages DROP COLUMN superseded_by"], "Column messages.superseded_by is missing."),
        (["ALTER TABLE calls ADD COLUMN notes TEXT"], "Column calls.notes is unknown to this release."),
        (["DROP TABLE outbox"], "Table outbox is missing."),
        (["DROP INDEX ux_turns_running"], "Index ux_turns_running on turns is missing."),
        (["UPDATE alembic_version SET version_num = '9999'"], "revision 9999 by a newer release"),
        (["DROP TABLE alembic_version"], "but no revision"),
    ],
    ids=["column gone", "column more", "table gone", "index gone", "newer release", "no revision"],
)
def test_a_database_that_a_start_would_refuse_is_a_fault_with_the_difference(
    gearbox: Gearbox, statements: list[str], difference: str
) -> None:
    gearbox.set_up()
    change(gearbox.database, *statements)
    before = gearbox.everything()
    said = gearbox.doctor()
    assert said.code == 1
    fault = said.line("FAULT", "database")
    assert difference in fault
    assert "->" in fault, "a fault without a fix"
    assert said.text.endswith("1 fault.\n")
    assert gearbox.everything() == before


def test_every_difference_is_a_finding_of_its_own(gearbox: Gearbox) -> None:
    gearbox.set_up()
    change(gearbox.database, "ALTER TABLE calls ADD COLUMN one TEXT", "ALTER TABLE calls ADD COLUMN two TEXT")
    said = gearbox.doctor()
    assert said.code == 1
    assert "calls.one" in said.text and "calls.two" in said.text
    assert said.text.endswith("2 faults.\n")


def test_an_older_database_is_no_fault_and_stays_older(gearbox: Gearbox) -> None:
    gearbox.home.mkdir(mode=0o700)
    engine = sqlalchemy.create_engine(f"sqlite:///{gearbox.database}")
    with engine.begin() as connection:
        migrate.upgrade(connection, "0001")
    engine.dispose()
    before = gearbox.everything()
    said = gearbox.doctor()
    assert said.code == 0, said.text
    assert "is of an older release" in said.line("note", "database")
    assert gearbox.everything() == before


def test_a_file_that_is_no_database_is_a_fault(gearbox: Gearbox) -> None:
    gearbox.home.mkdir(mode=0o700)
    gearbox.database.write_bytes(b"This is a shopping list, not a database. " * 200)
    before = gearbox.everything()
    said = gearbox.doctor()
    assert said.code == 1
    assert "->" in said.line("FAULT", "database")
    assert gearbox.everything() == before


def another_kek(gearbox: Gearbox) -> None:
    other = Gearbox(gearbox.home.parent / "other")
    other.set_up()
    shutil.copy(other.kek, gearbox.kek)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (another_kek, "is not the one this database was sealed with"),
        (lambda gearbox: gearbox.kek.unlink(), "is missing from"),
        (lambda gearbox: gearbox.kek.write_text("nonsense"), "is not a Gearbox key"),
        (lambda gearbox: gearbox.kek.chmod(0o644), "may read the key file"),
    ],
    ids=["another's", "missing", "nonsense", "readable by others"],
)
def test_a_kek_that_does_not_open_the_vault_is_a_fault(
    gearbox: Gearbox, damage: Callable[[Gearbox], object], words: str
) -> None:
    gearbox.set_up(connect)
    damage(gearbox)
    before = gearbox.everything()
    said = gearbox.doctor()
    assert said.code == 1
    fault = said.line("FAULT", "vault")
    assert words in fault
    assert str(gearbox.home) in fault, "where the key is looked for"
    assert "->" in fault
    assert gearbox.everything() == before


def test_a_setting_that_does_not_move_the_kek_is_noted_with_what_does(gearbox: Gearbox) -> None:
    gearbox.set_up(connect)
    said = gearbox.doctor(GEARBOX_KEK_SOURCE="keyring")
    notes = [line for line in said.text.splitlines() if "counts only where a KEK is made" in line]
    assert (said.code, len(notes)) == (0, 1), said.text
    assert "vault rotate --source keyring" in said.text


def test_a_kek_in_a_state_that_there_is_not_is_a_fault(gearbox: Gearbox) -> None:
    gearbox.set_up(connect)
    with sqlite3.connect(gearbox.database) as raw:
        raw.execute("UPDATE keks SET state = 'destroyed'")
    raw.close()
    said = gearbox.run("vault", "verify")
    assert (said.code, "no state of a KEK" in said.text) == (2, True), said.text


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
def test_a_home_that_others_can_read_is_noted_with_the_command(gearbox: Gearbox) -> None:
    gearbox.set_up()
    gearbox.home.chmod(0o755)
    said = gearbox.doctor()
    assert said.code == 0
    assert f"chmod 700 {gearbox.home}" in said.line("note", "home")


def test_a_running_app_with_a_failed_part_is_a_fault(gearbox: Gearbox) -> None:
    states = {"database": "failed: StoreError", "vault": "ready"}
    with serve(Starlette(routes=list(health_routes(lambda: states)))) as url:
        said = gearbox.doctor(url)
    assert said.code == 1
    assert "database failed: StoreError" in said.line("FAULT", "app")


def test_a_warming_app_is_fine(gearbox: Gearbox) -> None:
    with serve(Starlette(routes=list(health_routes(lambda: {"pages": "warming"})))) as url:
        said = gearbox.doctor(f"{url}/")
    assert said.code == 0
    assert "pages warming" in said.line("ok", "app")


def test_something_else_at_the_app_s_address_is_not_taken_for_it(gearbox: Gearbox) -> None:
    with serve(sandbox_app()) as url:
        assert "does not answer" in gearbox.doctor(url).line("note", "app")


def test_local_servers_that_answer_are_listed(gearbox: Gearbox) -> None:
    with serve(Starlette(routes=[Mount("/v1", sandbox_app())])) as origin:
        there = {"here": f"{origin}/v1", "gone": "http://127.0.0.1:9/v1"}
        said = gearbox.doctor(GEARBOX_LOCAL_DISCOVERY="true", GEARBOX_LOCAL_ENDPOINTS=json.dumps(there))
    assert f"here at {origin}/v1: {len(MODELS)} models" in said.line("ok", "local servers")
    assert "gone" not in said.text


def test_settings_that_turn_something_off_are_named(gearbox: Gearbox) -> None:
    said = gearbox.doctor(GEARBOX_SANDBOX="false")
    assert "GEARBOX_SANDBOX" in said.line("note", "sandbox")
    assert "GEARBOX_LOCAL_DISCOVERY" in said.line("note", "local servers")


def test_an_unusable_setting_ends_with_2_and_its_name(gearbox: Gearbox) -> None:
    said = gearbox.doctor(GEARBOX_KEK_SOURCE="the cloud")
    assert said.code == 2
    assert "GEARBOX_KEK_SOURCE" in said.text
    assert "the cloud" not in said.text, "values are never repeated"


def test_a_database_that_can_t_be_reached_is_a_fault_without_its_password(gearbox: Gearbox) -> None:
    said = gearbox.doctor(GEARBOX_DATABASE_URL="postgresql+psycopg://gearbox:hunter2@127.0.0.1:9/gearbox")
    assert said.code == 1
    assert "->" in said.line("FAULT", "database")
    assert "hunter2" not in said.text


@pytest.mark.parametrize("arguments", [(), ("surgeon",), ("doctor", "--knife")])
def test_an_unknown_command_ends_with_2_and_the_usage(gearbox: Gearbox, arguments: tuple[str, ...]) -> None:
    said = gearbox.run(*arguments)
    assert said.code == 2
    assert "usage: python -m core" in said.text


def test_help_names_the_commands(gearbox: Gearbox) -> None:
    said = gearbox.really_run("--help")
    assert said.code == 0
    assert "doctor" in said.text
