"""Ways of a key through the API and the command line."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import httpx

from tests.app.server import ROOT
from tests.cli.conftest import environment
from tests.leaks.traces import canary
from tests.leaks.upstream import Repeating


class Client:
    """Asks the running app, and keeps all that it says."""

    def __init__(self, url: str) -> None:
        self.said: list[str] = []
        self._http = httpx.Client(base_url=url, headers={"Origin": url}, trust_env=False, timeout=60)
        self._http.get("/", headers={"Accept": "text/html"})  # signs in

    def ask(self, method: str, path: str, expected: int, **more: object) -> httpx.Response:
        answer = self._http.request(method, path, **more)  # type: ignore[arg-type]
        assert answer.status_code == expected, f"{method} {path}: {answer.status_code} {answer.text}"
        self.said.append(answer.text + repr(answer.headers))
        return answer

    def close(self) -> None:
        self._http.close()


@contextmanager
def waiting_in_vain(client: Client, upstream: Repeating) -> Iterator[None]:
    """Meanwhile, a test of a connection whose server takes the key and says nothing, until the test gives up."""
    key = canary("stalls")
    server = {"base_url": upstream.base_url("stalls"), "label": "Stalls", "key": key}
    added = client.ask("POST", "/api/connections", 201, json=server).json()
    with ThreadPoolExecutor(1) as pool:
        test = pool.submit(client.ask, "POST", f"/api/connections/{added['id']}/test", 200)
        yield
        assert not test.result().json()["ok"]
    assert key in upstream.heard


def through_the_api(client: Client, home: Path, out: Path) -> None:
    """Add, rotate and remove, and everything that is refused on the way."""
    ask, key = client.ask, canary("api")
    secret_id = ask("POST", "/api/keys", 201, json={"provider": "openai", "key": key}).json()["secret_id"]
    ask("POST", f"/api/keys/{secret_id}/rotate", 200, json={"key": canary("api-rotated")})
    ask("POST", f"/api/keys/{secret_id}/fall-back", 200)
    ask("POST", f"/api/keys/{secret_id}/rotate", 400, json={"key": key, "grace_hours": -1})
    ask("POST", f"/api/keys/{secret_id}/rotate", 400, json={"key": [key]})
    ask("POST", f"/api/keys/{secret_id}/rotate", 400, json={"key": f"{key} with spaces"})
    ask("POST", f"/api/keys/{secret_id}/rotate", 400, json={"key": "x", key: "as the name of a field"})
    ask("POST", "/api/keys/none/rotate", 404, json={"key": key})
    ask("POST", "/api/keys", 404, json={"provider": key, "key": key})
    ask("POST", "/api/keys", 400, content=f'{{"key": "{key}", ', headers={"Content-Type": "application/json"})
    ask("POST", "/api/keys", 400, content=f"key={key}")
    ask("POST", "/api/keys", 400, json={"provider": "openai", "key": key, "expires_at": key})
    ask("POST", "/api/keys", 404, json={"provider": "openai", "key": key, "owner": "team", "owner_id": "none"})
    ask("POST", "/api/connections", 400, json={"base_url": f"https://user:{key}@models.example.test/v1", "key": key})
    ask("GET", f"/api/keys?key={key}", 200)
    ask("GET", "/api/keys", 401, headers={"Authorization": f"Bearer {key}"})
    with refusing_database(home):
        ask("POST", "/api/keys", 503, json={"provider": "anthropic", "key": key})
        ask("POST", f"/api/keys/{secret_id}/rotate", 503, json={"key": key})
    ask("DELETE", f"/api/keys/{secret_id}/versions/1", 204)
    ask("DELETE", f"/api/keys/{secret_id}", 204)
    ask("POST", "/api/vault/rotate", 202)
    for form in ("jsonl", "ocsf", "cef"):
        (out / f"api-{form}.zip").write_bytes(ask("POST", "/api/audit/export", 200, json={"format": form}).content)


@contextmanager
def refusing_database(home: Path) -> Iterator[None]:
    """No version of a secret can be kept while this is open."""
    with closing(sqlite3.connect(home / "gearbox.db", isolation_level=None)) as database:
        for change in ("INSERT", "UPDATE"):
            refuse = f"BEFORE {change} ON secrets BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
            database.execute(f"CREATE TRIGGER no_{change} {refuse}")
        yield
        for change in ("INSERT", "UPDATE"):
            database.execute(f"DROP TRIGGER no_{change}")


_SEVERAL = """
import json, os, sys
from core.cli import main
from core.logs import redact_everything
redact_everything()
for home, command in json.loads(sys.argv[1]):
    os.environ["GEARBOX_HOME"] = home
    print(command, "ended with", main(command), flush=True)
"""


def through_commands(folder: Path) -> str:
    """What the commands say beside the running app, in one process; what they write is below `folder`."""
    home, elsewhere, out = folder / "home", folder / "elsewhere", folder / "out"
    elsewhere.mkdir(mode=0o700)
    for kek in home.glob("*.kek"):
        shutil.copy(kek, elsewhere)
    backup = str(out / "gearbox.backup")
    commands = [
        (home, ["vault", "backup", backup]),
        (home, ["vault", "verify", backup]),
        (elsewhere, ["vault", "restore", backup]),
        (elsewhere, ["vault", "verify"]),
        (home, ["vault", "rotate"]),
        (home, ["audit", "export", "--output", str(out / "audit.zip")]),
        (home, ["audit", "verify"]),
        (home, ["doctor"]),
    ]
    done = subprocess.run(
        [sys.executable, "-c", _SEVERAL, json.dumps([(str(where), command) for where, command in commands])],
        cwd=ROOT,
        env=environment(TMPDIR=str(folder / "tmp")),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.count("] ended with 0") == len(commands), done.stdout + done.stderr
    return done.stdout + done.stderr
