"""The kernel's fences hold alone: a process behind them, with an open DuckDB, gets nowhere."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from data.query import Queries
from tests.project.places import ROOT
from tests.query.conftest import SALES, Canaries
from tests.query.escapes import CANARY

_TRIES = """
import encodings.idna, json, os, socket, sys
sys.path.insert(0, sys.argv[1])
folder, out, port = sys.argv[2], sys.argv[3], int(sys.argv[4])
import duckdb
from data.query import fence
con = duckdb.connect(":memory:", config={"threads": 1, "async_threads": 0})
inherited = os.open(out + "/inherited", os.O_RDWR | os.O_CREAT)
fences = fence.close_in(2**31, 2**20)
fence.no_more_files()
print(json.dumps(fences), flush=True)  # first: a program that could be run would take this one's place
def tries():
    yield "open", lambda: open(folder + "/canary.txt").read()
    yield "duckdb", lambda: repr(con.execute(f"SELECT content FROM read_text('{folder}/canary.txt')").fetchall())
    yield "list", lambda: os.listdir(folder)
    yield "create", lambda: open(out + "/made", "w").write("x")
    yield "create here", lambda: open("made", "w").write("x")
    yield "write", lambda: os.write(inherited, b"x")
    yield "delete", lambda: os.unlink(out + "/inherited")
    yield "connect", lambda: socket.create_connection(("127.0.0.1", port), 2).close()
    yield "listen", lambda: socket.create_server(("127.0.0.1", 0)).close()
    yield "fork", lambda: os._exit(0) if os.fork() == 0 else None
    yield "program", lambda: os.execv("/bin/true", ["true"])
    yield "signal", lambda: os.kill(os.getppid(), 0)
    yield "environment", lambda: open(f"/proc/{os.getppid()}/environ").read()
    yield "memory", lambda: bytearray(2**31)
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
done = []
for name, each in tries():
    try:
        each()
        done.append(name)
    except (OSError, MemoryError, duckdb.Error):
        pass
print(json.dumps(done))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Landlock and namespaces are Linux's")
def test_a_fenced_process_gets_nowhere(canaries: Canaries) -> None:
    port = canaries.origin.rpartition(":")[2]
    child = subprocess.run(
        [sys.executable, "-I", "-c", _TRIES, ROOT, canaries.folder, canaries.out, port],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert child.returncode == 0, child.stderr
    fences, *rest = child.stdout.splitlines()
    (canaries.out / "inherited").unlink(missing_ok=True)
    assert canaries.requests == []
    if "landlock" not in json.loads(fences):
        pytest.skip("this kernel has no Landlock: the process relies on DuckDB's own locks and on limits")
    assert set(json.loads(rest[0])) <= {"listen"}  # in a network of its own, where nobody hears
    assert CANARY not in child.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_a_query_runs_behind_them_with_nothing_of_the_app(queries: Queries) -> None:
    await queries.run("ann", [SALES], "FROM sales")
    (process,) = queries._idle.values()
    facts, environment, open_files = await asyncio.to_thread(_look_at, process.pid)
    assert environment in (b"", None)
    assert all(each.startswith(("pipe:", "/dev/null")) for each in open_files)
    assert facts["Threads"].strip() == "1"
    assert facts["NoNewPrivs"].strip() == "1"
    assert int(facts["CapEff"], 16) == 0
    assert int(facts["Uid"].split()[0]) != 0
    assert os.getsid(process.pid) == process.pid


def _look_at(pid: int) -> tuple[dict[str, str], bytes | None, list[str]]:
    folder = Path(f"/proc/{pid}")
    status = (folder / "status").read_text("ascii").splitlines()
    facts = dict(line.split(":\t", 1) for line in status if ":\t" in line)
    try:
        return facts, (folder / "environ").read_bytes(), [str(each.readlink()) for each in (folder / "fd").iterdir()]
    except PermissionError:  # nobody but root can look into it
        return facts, None, []


_INSIDE = """
    yield "inside", lambda: open("day.txt").read()
    yield "list inside", lambda: os.listdir(".")
    yield "write inside", lambda: open("day.txt", "a").write("x")
    yield "make inside", lambda: os.mkdir("made")
    yield "delete inside", lambda: os.unlink("day.txt")
    yield "rename inside", lambda: os.rename("day.txt", "night.txt")
    yield "link", lambda: os.symlink(folder + "/canary.txt", "link")
    yield "above", lambda: open("../above.txt").read()
    yield "list above", lambda: os.listdir("..")
    yield "through a link", lambda: open("out.txt").read()
def further():
    yield "nothing", lambda: 1 / 0
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Landlock and namespaces are Linux's")
def test_one_that_may_read_a_folder_reads_that_and_nothing_else(canaries: Canaries, tmp_path: Path) -> None:
    inside = tmp_path / "exports"
    inside.mkdir(mode=0o777)
    inside.chmod(0o777)  # the fence holds, not the rights of files
    (inside / "day.txt").write_text("rows")
    (inside / "day.txt").chmod(0o644)  # also where this process's umask is another test's
    (inside / "out.txt").symlink_to(canaries.folder / "canary.txt")
    (tmp_path / "above.txt").write_text(CANARY)
    tries = _TRIES.replace("import signal\n", f"{_INSIDE.rstrip()}\nimport signal\n", 1)
    tries = tries.replace("close_in(2**31, 2**20)", f"close_in(2**31, 2**20, folder={str(inside)!r})")
    child = subprocess.run(
        [sys.executable, "-I", "-c", tries, ROOT, canaries.folder, canaries.out, canaries.origin.rpartition(":")[2]],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    (canaries.out / "inherited").unlink(missing_ok=True)
    fences, *rest = child.stdout.splitlines()
    if "landlock" not in json.loads(fences):
        pytest.skip("this kernel has no Landlock: the process relies on DuckDB's own locks and on limits")
    assert child.returncode == 0, child.stderr
    assert set(json.loads(rest[0])) - {"listen"} == {"inside", "list inside"}
    assert sorted(each.name for each in inside.iterdir()) == ["day.txt", "out.txt"]
    assert CANARY not in child.stdout
