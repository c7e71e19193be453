"""Canaries, a server that counts, and queries over a small file."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import duckdb
import pytest
import pytest_asyncio

from data.query import DataFile, Queries
from tests.query.escapes import CANARY

SALES = DataFile("sales.csv", "csv", lambda: b"city,amount\nBern,1\nRome,2\n")


@dataclass(slots=True)
class Canaries:
    """Where the canaries are, and who came for them."""

    folder: Path
    out: Path
    origin: str
    requests: list[str] = field(default_factory=list)

    def fill(self, sql: str) -> str:
        places = {"{folder}": self.folder, "{out}": self.out, "{origin}": self.origin, "{parent}": os.getpid()}
        for name, place in places.items():
            sql = sql.replace(name, str(place))
        return sql

    def written(self) -> list[Path]:
        return sorted(self.out.rglob("*"))


@pytest.fixture(scope="module")
def canaries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Canaries]:
    folder, out = tmp_path_factory.mktemp("kept"), tmp_path_factory.mktemp("out")
    root = Path(os.environ.get("PYTEST_DEBUG_TEMPROOT") or tempfile.gettempdir())
    for each in (folder, out, *folder.parents):  # a process that became nobody could read and write them
        if each.is_relative_to(root) and each.stat().st_uid == os.getuid():
            each.chmod(0o755 if each != out else 0o777)
    (folder / "canary.csv").write_text(f"a,b\n{CANARY},1\n{CANARY}2,2\n", "utf-8")
    (folder / "canary.txt").write_text(CANARY, "utf-8")
    (folder / "canary.json").write_text(f'{{"a": "{CANARY}"}}\n', "utf-8")
    with duckdb.connect(str(folder / "canary.db")) as con:
        con.execute(f"CREATE TABLE kept AS SELECT '{CANARY}' AS a")
        con.execute(f"COPY kept TO '{folder}/canary.parquet'")
        con.execute(f"EXPORT DATABASE '{folder}/exported'")
    requests: list[str] = []

    class Count(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(self.path)
            self.send_error(404)

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Count)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GEARBOX_CANARY", CANARY)
        yield Canaries(folder, out, f"http://127.0.0.1:{server.server_port}", requests)
    server.shutdown()
    server.server_close()


@pytest_asyncio.fixture
async def queries() -> AsyncIterator[Queries]:
    queries = Queries()
    yield queries
    queries.close()


@pytest.fixture(scope="module")
def kept_queries() -> Iterator[Queries]:
    """One for a whole module: its process is used again and again."""
    queries = Queries()
    yield queries
    queries.close()
