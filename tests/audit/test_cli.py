"""`python -m core audit ...` as its own process."""

from __future__ import annotations

import json
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.cli import main
from data.store import Store
from data.values.audit import Action, AuditEvent, AuditOutcome
from tests.audit import servers
from tests.cli.conftest import Gearbox, Said


def events(store: Store, _vault: object) -> None:
    for number in range(9):
        store.audit.record(AuditEvent(Action.SETTINGS_CHANGE, AuditOutcome.DONE, "alice", details={"n": number}))


@pytest.fixture
def gearbox(tmp_path: Path) -> Gearbox:
    made = Gearbox(tmp_path / "home")
    made.set_up(events)
    return made


Command = Callable[..., Said]


@pytest.fixture
def command(gearbox: Gearbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """A command without the seconds that a process takes to start."""

    def run(*arguments: str, **environment: str) -> Said:
        with monkeypatch.context() as patch:
            own = {"GEARBOX_HOME": str(gearbox.home), "GEARBOX_KEK_SOURCE": "file"}
            for name, value in (own | environment).items():
                patch.setenv(name, value)
            code = main(arguments)
        return Said(code, capsys.readouterr().out)

    return run


def test_verify_export_and_what_auditors_need(gearbox: Gearbox, tmp_path: Path) -> None:
    said = gearbox.run("audit", "export", "--format", "cef", "--output", str(tmp_path / "export.zip"))
    assert said.code == 0, said.text
    assert (tmp_path / "export.zip").stat().st_mode & 0o777 == 0o600
    said = gearbox.run("audit", "verify")
    assert (said.code, said.text[:6]) == (0, "WHOLE:")
    (tmp_path / "key.pem").write_text(gearbox.run("audit", "public-key").text)
    (tmp_path / "verifier.py").write_text(gearbox.run("audit", "standalone-verifier").text)
    run = subprocess.run(
        [sys.executable, "-I", "verifier.py", "export.zip", "key.pem"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert run.stdout.startswith("WHOLE"), run.stdout + run.stderr
    again = gearbox.run("audit", "export", "--output", str(tmp_path / "export.zip"))
    assert again.code == 2
    assert "--output" in again.text


def test_verify_names_the_first_bad_row(gearbox: Gearbox) -> None:
    connection = sqlite3.connect(gearbox.database, isolation_level=None)
    (trigger,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'audit_events_guard_update'").fetchone()
    connection.execute("DROP TRIGGER audit_events_guard_update")
    connection.execute("UPDATE audit_events SET actor_id = 'mallory' WHERE body LIKE '%\"n\":4%'")
    connection.execute(trigger)
    connection.close()
    said = gearbox.run("audit", "verify")
    assert said.code == 1
    assert said.text.startswith("BROKEN")
    assert "edited" in said.text
    assert "another actor" in said.text


def test_dropped_triggers_are_a_finding_and_the_rest_is_verified(command: Command, gearbox: Gearbox) -> None:
    connection = sqlite3.connect(gearbox.database, isolation_level=None)
    connection.execute("DROP TRIGGER audit_events_guard_update")
    connection.execute("DROP TRIGGER audit_keys_guard_delete")
    said = command("audit", "verify")
    assert said.code == 1, said.text
    lines = [line for line in said.text.splitlines() if line.startswith("  unguarded")]
    assert [name for name in ("audit_events", "audit_keys") if name in " ".join(lines)] == [
        "audit_events",
        "audit_keys",
    ]
    assert "BROKEN: " in said.text
    assert "BROKEN: 0 events" not in said.text
    connection.execute("UPDATE audit_events SET actor_id = 'mallory' WHERE body LIKE '%\"n\":4%'")
    said = command("audit", "verify")
    assert said.code == 1
    assert "unguarded" in said.text
    assert "another actor" in said.text
    for words in (("vault", "verify"), ("audit", "export", "--output", str(gearbox.home / "a.zip"))):
        said = command(*words)  # only verification looks at such a database
        assert said.code == 2, said.text
        assert "append-only" in said.text
    connection.execute("ALTER TABLE teams ADD COLUMN surprise TEXT")
    connection.close()
    said = command("audit", "verify")
    assert said.code == 2, said.text
    assert "surprise" in said.text


def test_a_lost_checkpoint_file_is_a_finding(command: Command, gearbox: Gearbox) -> None:
    said = command("audit", "verify")
    assert (said.code, said.text[:6]) == (0, "WHOLE:"), said.text  # nothing was written outside so far
    (gearbox.home / "audit-checkpoints.jsonl").unlink()
    said = command("audit", "verify")
    assert said.code == 1
    assert "file_short" in said.text
    assert "audit-checkpoints.jsonl is gone" in said.text
    said = command("audit", "verify")
    assert said.code == 0
    assert "note: On" in said.text


def test_bad_dates_and_no_database(tmp_path: Path) -> None:
    nowhere = Gearbox(tmp_path / "nowhere")
    said = nowhere.run("audit", "export", "--since", "yesterday")
    assert said.code == 2
    assert "2026-11-25" in said.text
    assert "no database" in nowhere.run("audit", "verify").text
    assert not nowhere.home.exists()


def test_a_restore_is_an_epoch_and_no_cut(command: Command, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert command("audit", "verify").code == 0  # makes the key that signs
    assert command("vault", "backup", str(tmp_path / "monday.backup")).code == 0
    assert command("vault", "rotate").code == 0  # signed in the file outside, and not in the backup
    said = command("vault", "restore", str(tmp_path / "monday.backup"), "--force")
    assert said.code == 0, said.text
    assert "epoch 1 begins" in said.text
    assert not caplog.records, "a restore is not told as a loss"
    said = command("audit", "verify")
    assert (said.code, said.text[:6]) == (0, "WHOLE:"), said.text


def test_commands_say_who_and_from_where(gearbox: Gearbox, command: Command) -> None:
    assert command("vault", "rotate").code == 0
    connection = sqlite3.connect(gearbox.database)
    query = "SELECT actor_id, surface, request_id, body FROM audit_events WHERE action = 'kek.retire'"
    ((actor, surface, request, body),) = connection.execute(query).fetchall()
    origins = dict(connection.execute("SELECT id, address FROM origins").fetchall())
    connection.close()
    assert (actor, surface) == ("operator", "cli")
    assert len(request) == 32
    assert origins[json.loads(body)["origin"]].endswith(f"@{socket.gethostname()}")


def test_commands_do_nothing_with_keys_while_a_sink_is_down(gearbox: Gearbox, command: Command) -> None:
    server = servers.HttpSink()
    sink = {"GEARBOX_AUDIT_SINK_URL": server.url, "GEARBOX_AUDIT_PATIENCE": "0"}
    with servers.serving(server):
        assert command("vault", "rotate", **sink).code == 0
        assert server.got
    assert command("vault", "backup", str(gearbox.home / "a.backup"), **sink).code == 0  # finds out as it ends
    for words in (("vault", "rotate"), ("vault", "verify")):
        said = command(*words, **sink)
        assert said.code == 2
        assert server.url in said.text
    with servers.serving(servers.HttpSink(port=server.server_address[1])):
        assert command("vault", "rotate", **sink).code == 0


def test_the_first_command_already_does_nothing_where_the_file_can_not_be_written(
    gearbox: Gearbox, command: Command
) -> None:
    assert command("vault", "verify").code == 0  # there are checkpoints
    (gearbox.home / "no-folder").write_text("")
    elsewhere = {"GEARBOX_AUDIT_CHECKPOINT_FILE": str(gearbox.home / "no-folder" / "file")}
    for words in (("vault", "verify"), ("vault", "rotate")):
        said = command(*words, **elsewhere)
        assert said.code == 2, said.text
        assert "no-folder" in said.text
    assert "KEK v2" not in command("vault", "status").text


def test_a_sink_that_can_not_be_used_is_told_before_anything_is_made(tmp_path: Path) -> None:
    fresh = Gearbox(tmp_path / "fresh")
    said = fresh.run("token", "create", "--name", "ci", GEARBOX_AUDIT_SINK_URL="http://example.org/x")
    assert (said.code, "GEARBOX_AUDIT_SINK_URL" in said.text) == (2, True), said.text
    assert not fresh.home.exists()
