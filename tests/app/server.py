"""Starts the whole app as a user does, in a process of its own and a fresh home."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from tests.app.forking import forking
from tests.forking import Forked

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 120.0


def free_port() -> int:
    """A TCP port on loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class AppServer:
    """`streamlit run app.py` on a free port; use it as a context manager. `home` survives a restart.

    `anew`: by starting Python, as a person does; else see `tests.app.forking`.
    """

    application = "app:app"
    anew = False
    trust: ssl.SSLContext | bool = True

    def __init__(self, home: Path, *, environment: Mapping[str, str] | None = None, uvicorn: bool = False) -> None:
        self.home = home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = dict(environment or {})
        self._uvicorn = uvicorn
        self._process: subprocess.Popen[bytes] | Forked | None = None
        self.log = home.parent / f"{home.name}-{self.port}.log"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start and wait until `/healthz` answers."""
        self._process = self._spawn()
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise AssertionError(f"the app ended with {self._process.returncode}:\n{self.log.read_text()}")
            if self._answers("/healthz") is not None:
                return
            time.sleep(0.05)
        self.stop()
        raise AssertionError(f"no answer in {START_SECONDS} s:\n{self.log.read_text()}")

    def wait_warm(self, timeout: float = 120.0) -> dict[str, str]:
        """Wait until `/readyz` says ready; returns the parts."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            answer = self._answers("/readyz")
            if answer is not None and answer["status"] == "ready":
                parts: dict[str, str] = answer["parts"]
                return parts
            time.sleep(0.1)
        raise AssertionError(f"not warm after {timeout} s: {answer}")

    def _answers(self, path: str) -> dict[str, Any] | None:
        # Not httpx's functions: each call of them makes a TLS context anew, 30 ms of CPU that the app needs to start.
        connection: http.client.HTTPConnection
        if isinstance(self.trust, ssl.SSLContext):
            connection = http.client.HTTPSConnection("localhost", self.port, timeout=30, context=self.trust)
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path, headers={"Host": httpx.URL(self.url).netloc.decode()})
            answer = connection.getresponse()
            said: dict[str, Any] = json.loads(answer.read())
            return said if answer.status in {200, 503} else None
        except OSError:
            return None
        finally:
            connection.close()

    def stop(self) -> None:
        """End it as Ctrl+C does."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(60)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(60)

    def kill(self) -> None:
        """End it as a power cut does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(60)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def _spawn(self) -> subprocess.Popen[bytes] | Forked:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("GEARBOX_", "STREAMLIT_"))},
            "GEARBOX_HOME": str(self.home),
            "GEARBOX_KEK_SOURCE": "file",
            "GEARBOX_LOCAL_DISCOVERY": "false",
            **self.environment,
        }
        streamlit = ["streamlit", "run", "app.py", "--server.port", str(self.port)]
        uvicorn = ["uvicorn", self.application, "--host", "127.0.0.1", "--port", str(self.port)]
        module, *arguments = uvicorn if self._uvicorn else streamlit
        if not self.anew:
            return forking().start(module, arguments, environment, out=self.log, err=self.log)
        command = [sys.executable, "-m", module, *arguments]
        with self.log.open("ab") as log:
            return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
