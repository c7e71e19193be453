"""Commands as processes of their own that need not import everything first.

`python -m core` spends three to four seconds of a busy core on imports, hundreds of times in a run of the tests. Here
one process imports once and forks for each command: what runs is `core/__main__.py` in a process with its own
environment, arguments, output and exit status. `Gearbox.really_run` still starts Python anew.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import runpy
import select
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120.0


class Forking:
    """A process that forks for each command. Thread-safe; one command at a time."""

    def __init__(self) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GEARBOX_")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.cli.forking"],
            cwd=ROOT,
            env=clean,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._lock = threading.Lock()

    def run(self, arguments: Sequence[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """Like `subprocess.run` of `python -m core` with these arguments and this environment alone."""
        with self._lock, tempfile.TemporaryDirectory() as folder:
            out, err = Path(folder, "out"), Path(folder, "err")
            order = {"arguments": list(arguments), "environment": dict(environment), "out": str(out), "err": str(err)}
            self._say(order)
            pid = self._answer(SECONDS)
            try:
                code = self._answer(SECONDS)
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                self._answer(SECONDS)
                raise
            return subprocess.CompletedProcess(list(arguments), code, out.read_text(), err.read_text())

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)

    def _say(self, order: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()

    def _answer(self, within: float) -> int:
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], within)[0]:
            raise TimeoutError("the command did not end")
        return int(self._process.stdout.readline())


@cache
def forking() -> Forking:
    """The one of this process, started when it is first needed."""
    started = Forking()
    atexit.register(started.close)
    return started


def _serve() -> None:
    for line in sys.stdin.buffer:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            become("core", order)
        _tell(pid)
        _tell(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


def _tell(number: int) -> None:
    os.write(sys.stdout.fileno(), f"{number}\n".encode())


def become(module: str, order: Mapping[str, Any]) -> NoReturn:
    """Turn this fork into `python -m module` with the order's arguments, environment and output; never comes back."""
    code = 1
    try:
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        for number, path in ((1, order["out"]), (2, order["err"])):
            os.dup2(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600), number)
        os.environ.clear()
        os.environ.update(order["environment"])
        sys.argv = [module, *order["arguments"]]
        from core import clock

        clock.BEGAN = datetime.now(UTC)
        try:
            runpy.run_module(module, run_name="__main__", alter_sys=True)
            code = 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
        except BaseException as error:  # noqa: BLE001  # this is the top of a process
            sys.excepthook(type(error), error, error.__traceback__)
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
    finally:
        os._exit(code)


def _import_all() -> None:
    for name in ("core.cli", "core.evidence.service", "data.store.migrate"):
        importlib.import_module(name)
    assert threading.active_count() == 1, "a fork takes the thread that forks and no other"


if __name__ == "__main__":
    _import_all()
    _serve()
