"""`python -m core vault ...` as its own process, beside an open database."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from core.vault import Vault
from core.vault.kek import decode_kek
from data.store import Store
from data.store.rotations import ROTATION_LEASE
from data.values.calls import KeyOwner
from tests.app.server import ROOT
from tests.cli.conftest import Gearbox, environment
from tests.people import ALICE
from tests.rotation.places import ORIGIN


@pytest.fixture
def gearbox(tmp_path_factory: pytest.TempPathFactory) -> Gearbox:
    return Gearbox(tmp_path_factory.mktemp("cli") / "home")


def test_rotate_and_status(gearbox: Gearbox) -> None:
    gearbox.set_up()
    assert "never rotated" in gearbox.run("vault", "status").text
    said = gearbox.run("vault", "rotate")
    assert said.code == 0, said.text
    assert "KEK v2 is active" in said.text
    assert len(list(gearbox.home.glob("*.kek"))) == 2
    said = gearbox.run("vault", "rotate", "--source", "environment")
    assert said.code == 2
    assert "new-kek" in said.text
    status = gearbox.run("vault", "status").text
    assert "KEK v1  retired" in status
    assert "KEK v2  active" in status
    assert "abandoned" in status


def test_several_at_once_rotate_once(gearbox: Gearbox) -> None:
    gearbox.set_up()
    command = [sys.executable, "-m", "core", "vault", "rotate"]
    started = [
        subprocess.Popen(
            command, cwd=ROOT, env=environment(GEARBOX_HOME=str(gearbox.home)), stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    said = [(process.communicate(timeout=120)[0], process.returncode) for process in started]
    assert sorted(code for _, code in said) == [0, 3, 3], said
    assert all("Nothing was done here" in text for text, code in said if code == 3)
    assert len(list(gearbox.home.glob("*.kek"))) == 2
    assert gearbox.run("vault", "rotate").code == 0, "whoever asks afterwards means another one"
    assert len(list(gearbox.home.glob("*.kek"))) == 3


def test_who_rotates_is_named(gearbox: Gearbox) -> None:
    def lead(store: Store, vault: Vault) -> None:
        assert store.leases.acquire(ROTATION_LEASE, timedelta(minutes=5))

    gearbox.set_up(lead)
    said = gearbox.run("vault", "rotate")
    assert said.code == 3
    assert f"Process {os.getpid()} on {socket.gethostname()} is rotating the KEK already" in said.text
    assert len(list(gearbox.home.glob("*.kek"))) == 1


def test_a_new_kek_is_printed_and_can_be_handed_in(gearbox: Gearbox) -> None:
    said = gearbox.run("vault", "new-kek")
    assert said.code == 0
    assert len(decode_kek(said.text.encode(), "what was printed")) == 32
    assert not gearbox.home.exists()
    assert gearbox.run("vault", "new-kek").text != said.text
    gearbox.set_up()
    moved = gearbox.run("vault", "rotate", "--source", "environment", GEARBOX_KEK=said.text)
    assert moved.code == 0, moved.text
    assert gearbox.run("vault", "status", GEARBOX_KEK=said.text).code == 0
    assert gearbox.run("vault", "status").code == 2, "without the KEK it is refused"


def test_without_a_database_nothing_is_made(gearbox: Gearbox) -> None:
    for command in ("rotate", "status"):
        said = gearbox.run("vault", command)
        assert said.code == 2
        assert "no database" in said.text
    assert not gearbox.home.exists()


def test_the_recovery_drill(gearbox: Gearbox, tmp_path: Path) -> None:
    """docs/guide/recovery.md, step by step."""
    keys: list[str] = []

    def keep(store: Store, vault: Vault) -> None:
        card = vault.put(
            ALICE, KeyOwner.USER, ALICE.user_id, provider="openai", origin=ORIGIN, plaintext="sk-canary-drill-1234"
        )
        keys.append(card.binding.secret_id)

    gearbox.set_up(keep)
    backup = tmp_path / "monday.backup"
    said = gearbox.run("vault", "backup", str(backup))
    assert said.code == 0, said.text
    assert str(gearbox.kek) in said.text, "what to keep apart from it is named"

    elsewhere = Gearbox(tmp_path / "elsewhere" / "home")
    said = elsewhere.run("vault", "verify", str(backup))
    assert said.code == 2
    assert gearbox.kek.name in said.text, "what is missing is named"
    shutil.copy(gearbox.kek, elsewhere.home)
    said = elsewhere.run("vault", "verify", str(backup))
    assert said.code == 0, said.text
    assert "unchanged since" in said.text
    assert not elsewhere.database.exists()
    said = elsewhere.run("vault", "restore", str(backup))
    assert said.code == 0, said.text
    assert "signs in again" in said.text
    again = elsewhere.run("vault", "restore", str(backup))
    assert again.code == 2
    assert "1 provider keys" in again.text
    assert elsewhere.run("vault", "rotate", "--destroy").code == 0
    said = elsewhere.run("vault", "verify")
    assert (said.code, said.text[:24]) == (0, "2 of 2 secrets open, in "), said.text
    assert b"sk-canary" not in backup.read_bytes() + elsewhere.database.read_bytes()
