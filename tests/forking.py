"""Processes of their own that need not import everything first.

A server process imports once and forks for each process that is wanted: what runs is `python -m module`, with its own
environment, arguments, output, signals and end. `tests.cli.forking` and `tests.app.forking` say what is imported.
"""

from __future__ import annotations

import contextlib
import json
import os
import runpy
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parents[1]


class Forked:
    """One process, with as much of `subprocess.Popen` as is asked of it."""

    def __init__(self, forking: Forking, pid: int) -> None:
        self._forking = forking
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._forking.ask({"ended": self.pid})
        return self.returncode

    def wait(self, timeout: float) -> int:
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("the forked process", timeout)
            time.sleep(0.02)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:  # until then its number is nobody else's
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Forking:
    """A server that forks. Thread-safe.

    Args:
        server: the module that imports what is wanted and calls `serve`.
        environment: more of it for the server itself.
    """

    def __init__(self, server: str, environment: Mapping[str, str] | None = None) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("GEARBOX_", "STREAMLIT_"))}
        self._process = subprocess.Popen(
            [sys.executable, "-m", server],
            cwd=ROOT,
            env={**clean, **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._lock = threading.Lock()

    def start(
        self, module: str, arguments: Sequence[str], environment: Mapping[str, str], *, out: Path, err: Path
    ) -> Forked:
        """Like `subprocess.Popen` of `python -m module` with this environment alone; output is appended to files."""
        said = {"out": str(out), "err": str(err)}
        pid = self.ask({"module": module, "arguments": list(arguments), "environment": dict(environment), **said})
        assert pid is not None
        return Forked(self, pid)

    def ask(self, order: Mapping[str, Any]) -> int | None:
        with self._lock:
            assert self._process.stdin is not None and self._process.stdout is not None
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()
            answer: int | None = json.loads(self._process.stdout.readline())
            return answer

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


def serve() -> None:
    """The server's end: forks for whoever writes to its input, until that is closed."""
    assert threading.active_count() == 1, "a fork takes the thread that forks and no other"
    for line in sys.stdin.buffer:
        order = json.loads(line)
        if "ended" in order:
            pid, status = os.waitpid(order["ended"], os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if pid else None
        else:
            answer = os.fork()
            if answer == 0:
                _become(order["module"], order)
        os.write(sys.stdout.fileno(), json.dumps(answer).encode() + b"\n")


def _become(module: str, order: Mapping[str, Any]) -> NoReturn:
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
