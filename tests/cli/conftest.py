from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.access.sign_in import LOCAL_OWNER_ID
from core.config import Settings
from core.vault import Vault
from data.store import OwnerId, Store
from tests.app.server import ROOT
from tests.cli import forking
from tests.databases import open_store

NOWHERE = "http://127.0.0.1:9"
"""Where no app runs."""


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    code: int
    text: str

    def line(self, mark: str, subject: str) -> str:
        """The one finding with this mark about this subject, with its fix."""
        lines = self.text.splitlines()
        found = [number for number, line in enumerate(lines) if line.split()[:1] == [mark] and subject in line[5:22]]
        assert len(found) == 1, f"{mark} {subject} is there {len(found)} times:\n{self.text}"
        return "\n".join(lines[found[0] : found[0] + 2])


def environment(**more: str) -> dict[str, str]:
    """What a command of Gearbox runs in: nothing of this machine's own settings."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GEARBOX_")}
    return {**clean, "GEARBOX_KEK_SOURCE": "file", "GEARBOX_LOCAL_DISCOVERY": "false", **more}


class Gearbox:
    """A home folder, and the command line as a process of its own over it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.database = home / "gearbox.db"

    def run(self, *arguments: str, **more: str) -> Said:
        """The command in a process of its own, which need not import everything first; see `tests.cli.forking`."""
        done = forking.run(arguments, environment(GEARBOX_HOME=str(self.home)) | more)
        assert "Traceback" not in done.stderr, done.stderr
        return Said(done.returncode, done.stdout + done.stderr)

    def really_run(self, *arguments: str, **more: str) -> Said:
        """The command as a person starts it: Python anew."""
        done = subprocess.run(
            [sys.executable, "-m", "core", *arguments],
            cwd=ROOT,
            env=environment(GEARBOX_HOME=str(self.home)) | more,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Said(done.returncode, done.stdout + done.stderr)

    def doctor(self, url: str = NOWHERE, **environment: str) -> Said:
        return self.run("doctor", "--url", url, **environment)

    def set_up(self, then: Callable[[Store, Vault], object] = lambda store, vault: None) -> None:
        """What the first start makes: database and vault."""
        self.home.mkdir(mode=0o700)
        settings = Settings(home=self.home, database_url="", kek_source="file")
        store = open_store(settings.store_url, owner=OwnerId.current(), clock=now)
        try:
            store.users.ensure(LOCAL_OWNER_ID, "Owner")
            then(store, Vault.open_or_create(store, settings, now, lambda: None))
        finally:
            store.close()

    @property
    def kek(self) -> Path:
        (path,) = self.home.glob("*.kek")
        return path

    def everything(self) -> dict[str, bytes | None]:
        """Every path below the home's parent with its bytes; None for folders."""
        below = self.home.parent.rglob("*")
        return {str(path): path.read_bytes() if path.is_file() else None for path in below}


@pytest.fixture
def gearbox(tmp_path: Path) -> Gearbox:
    return Gearbox(tmp_path / "home")
