"""Apps as processes of their own that need not import everything first.

A start of the app is six seconds of a busy core, most of it imports, some fifty times in a run of the tests. Here one
process imports what an app has loaded once it is warm, and forks for each app: `streamlit run`, or uvicorn, goes on
from there in a process with its own environment, home, log, signals and end.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from tests.cli.forking import become

ROOT = Path(__file__).resolve().parents[2]
_LOADED_ONCE_WARM = (
    "streamlit.web.cli",
    "streamlit.starlette",
    "streamlit.elements.plotly_chart",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.auto",
    "websockets.asyncio.server",
    "core.services",
    "core.parts",
    "core.api.ai_sdk.ui_chat",
    "core.api.routes",
    "core.api.v1",
    "core.sandbox",
    "core.evidence.service",
    "data.store.migrate",
    "data.warehouse",
    "duckdb",
    "polars",
    "pages.audit",
    "pages.entrance",
    "pages.failures",
    "pages.identity",
    "pages.look",
    "pages.page_sessions",
    "pages.server_options",
    "pages.warm",
)
"""Not `app` and not `pages.frame`: they do things when they are imported."""


class Forked:
    """One app's process, with as much of `subprocess.Popen` as is asked of it."""

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
                raise subprocess.TimeoutExpired("the forked app", timeout)
            time.sleep(0.02)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:  # until then its number is nobody else's
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Forking:
    """A process that forks for each app. Thread-safe."""

    def __init__(self) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("GEARBOX_", "STREAMLIT_"))}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.app.forking"],
            cwd=ROOT,
            env={**clean, "OPENBLAS_NUM_THREADS": "1"},  # its threads would be missing in a fork
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._lock = threading.Lock()

    def start(self, module: str, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> Forked:
        """Like `subprocess.Popen` of `python -m module` with these arguments, and all it says appended to a log."""
        said = {"out": str(log), "err": str(log)}
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


@cache
def forking() -> Forking:
    """The one of this process, started when it is first needed."""
    started = Forking()
    atexit.register(started.close)
    return started


def _serve() -> None:
    for line in sys.stdin.buffer:
        order = json.loads(line)
        if "ended" in order:
            pid, status = os.waitpid(order["ended"], os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if pid else None
        else:
            answer = os.fork()
            if answer == 0:
                become(order["module"], order)
        os.write(sys.stdout.fileno(), json.dumps(answer).encode() + b"\n")


def _import_all() -> None:
    from pages import warm

    for name in _LOADED_ONCE_WARM:
        importlib.import_module(name)
    warm.imports()
    assert threading.active_count() == 1, "a fork takes the thread that forks and no other"
    from streamlit import config

    assert config._config_options is None, "each app reads its own options"
    gc.freeze()  # what is shared is not gone through, and so not copied, by every app


if __name__ == "__main__":
    _import_all()
    _serve()
    os._exit(0)  # DuckDB's binding has much to say about an end with nothing else to do
