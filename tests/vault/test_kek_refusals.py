"""Without its KEK a database is left alone by the app and by the commands, both as processes of their own."""

from __future__ import annotations

import hashlib
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.config import Settings
from core.vault import Vault
from core.vault.kek import new_kek
from core.vault.ring import KekRing
from core.vault.rotation import KekRotator
from data.store import Store
from data.values.calls import KeyOwner
from tests.app.server import free_port
from tests.app.test_serving import STREAMLIT, attempt
from tests.cli.conftest import Gearbox, now
from tests.gateway.server import serve
from tests.people import ALICE
from tests.rotation.places import ADMIN, ORIGIN
from tests.vault.transit_server import TransitServer

HANDED = new_kek().strip()


@dataclass
class Scene:
    """A home whose database holds a key, and what its KEK is had with."""

    gearbox: Gearbox
    transit: TransitServer
    environment: dict[str, str] = field(default_factory=dict)

    def made(self, source: str, origin: str) -> None:
        if source == "transit":
            self.environment |= {"GEARBOX_TRANSIT_URL": origin, "GEARBOX_TRANSIT_TOKEN": self.transit.token}
        if source == "environment":
            self.environment["GEARBOX_KEK"] = HANDED
        settings = Settings(
            home=self.gearbox.home,
            database_url="",
            kek_source="file",
            kek=HANDED,
            transit_url=origin,
            transit_token=self.transit.token,
        )

        def keep(store: Store, vault: Vault) -> None:
            vault.put(ALICE, KeyOwner.USER, "alice", provider="openai", origin=ORIGIN, plaintext="sk-canary-12345678")
            if source != "file":
                ring = KekRing.open(store, settings, now, lambda: None)
                KekRotator(store, ring, now, sleep=lambda _seconds: None).run(ADMIN, source=source, destroy=True)

        self.gearbox.set_up(keep)

    @property
    def log(self) -> Path:
        return Path(f"{self.gearbox.database}-wal")

    def hashes(self) -> dict[str, str]:
        """Of each file but SQLite's shared memory, which whoever reads a log makes anew; it keeps nothing."""
        return {
            str(path.relative_to(self.gearbox.home)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.gearbox.home.rglob("*"))
            if path.is_file() and not path.name.endswith("-shm")
        }


@pytest.fixture
def scene_at(tmp_path: Path) -> Iterator[tuple[Scene, str]]:
    transit = TransitServer()
    with serve(transit.app) as origin:
        yield Scene(Gearbox(tmp_path / "home"), transit), origin


def lose_file(scene: Scene) -> None:
    scene.gearbox.kek.unlink()


def lose_file_after_a_crash(scene: Scene) -> None:
    crash = "import os,signal,sqlite3,sys; database = sqlite3.connect(sys.argv[1]); "
    crash += (
        "database.execute('UPDATE deployment SET id = id'); database.commit(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", crash, str(scene.gearbox.database)], check=False, timeout=60)
    assert scene.log.stat().st_size > 0, "what was committed last is in SQLite's log alone"
    scene.gearbox.kek.unlink()


def swap_file(scene: Scene) -> None:
    scene.gearbox.kek.write_text(new_kek())


def open_file(scene: Scene) -> None:
    scene.gearbox.kek.chmod(0o644)


def lose_record(scene: Scene) -> None:
    with sqlite3.connect(scene.gearbox.database) as raw:
        raw.execute("DELETE FROM keks")
    raw.close()


def hand_in_another(scene: Scene) -> None:
    scene.environment["GEARBOX_KEK"] = new_kek().strip()


def hand_in_nothing(scene: Scene) -> None:
    del scene.environment["GEARBOX_KEK"]


def seal_server(scene: Scene) -> None:
    scene.transit.sealed = True


def wrong_token(scene: Scene) -> None:
    scene.environment["GEARBOX_TRANSIT_TOKEN"] = "s.wrong-5d2e"


CASES = [
    ("file", lose_file, "is missing from the file", "Restore it from a backup"),
    ("file", lose_file_after_a_crash, "is missing from the file", "Restore it from a backup"),
    ("file", swap_file, "is not the one this database was sealed with", "Restore the one"),
    ("file", open_file, "Other users of this machine may read", "chmod 600"),
    ("file", lose_record, "no record of the KEK", "Restore the whole database"),
    ("environment", hand_in_another, "is not the one", "Restore the one"),
    ("environment", hand_in_nothing, "is missing from GEARBOX_KEK", "Restore it"),
    ("transit", seal_server, "is sealed", "Unseal it"),
    ("transit", wrong_token, "permission denied", "Renew it"),
]
# Each process takes seconds to start, and what a ring refuses is shown in test_opening as well.
ALWAYS = {lose_file_after_a_crash, hand_in_another, wrong_token}
APP_TOO = {lose_file, lose_file_after_a_crash, lose_record, hand_in_another, wrong_token}
PARAMS = [
    pytest.param(*case, id=case[1].__name__, marks=[] if case[1] in ALWAYS else pytest.mark.campaign) for case in CASES
]


def refused_by_command(scene: Scene) -> tuple[int, str]:
    said = scene.gearbox.run("vault", "status", **scene.environment)
    return said.code, said.text


def refused_by_app(scene: Scene) -> tuple[int, str]:
    port = free_port()
    command = [*STREAMLIT, "--server.port", str(port)]
    ended = attempt(scene.gearbox.home, command, port=port, environment=scene.environment, ask=["127.0.0.1"])
    assert ended.answers == []
    return ended.code, ended.log


def refuses(
    scene: Scene, by: Callable[[Scene], tuple[int, str]], harm: Callable[[Scene], None], says: str, remedy: str
) -> None:
    harm(scene)
    before = scene.hashes()
    code, text = by(scene)
    assert scene.hashes() == before
    assert code == 2
    assert says in text
    assert remedy in text
    assert "Traceback" not in text
    for secret in (HANDED, scene.transit.token, "5d2e", "sk-canary", "gearbox-kek-v1"):
        assert secret not in text


@pytest.mark.parametrize(("source", "harm", "says", "remedy"), PARAMS)
def test_a_command_refuses_with_the_remedy_and_changes_not_a_byte(
    scene_at: tuple[Scene, str], source: str, harm: Callable[[Scene], None], says: str, remedy: str
) -> None:
    scene, origin = scene_at
    scene.made(source, origin)
    refuses(scene, refused_by_command, harm, says, remedy)


@pytest.mark.parametrize(
    ("source", "harm", "says", "remedy"),
    [
        pytest.param(
            *case, id=case[1].__name__, marks=[] if case[1] is lose_file_after_a_crash else pytest.mark.campaign
        )
        for case in CASES
        if case[1] in APP_TOO
    ],
)
def test_the_app_does_not_start_and_changes_not_a_byte(
    scene_at: tuple[Scene, str], source: str, harm: Callable[[Scene], None], says: str, remedy: str
) -> None:
    scene, origin = scene_at
    scene.made(source, origin)
    refuses(scene, refused_by_app, harm, says, remedy)


@pytest.mark.campaign
@pytest.mark.parametrize("source", ["file", "environment", "transit"])
def test_with_its_kek_each_of_them_opens(scene_at: tuple[Scene, str], source: str) -> None:
    scene, origin = scene_at
    scene.made(source, origin)
    said = scene.gearbox.run("vault", "verify", **scene.environment)
    assert (said.code, "secrets open" in said.text) == (0, True), said.text
