"""Starts the whole app as a user does, in a fresh process and a fresh home."""

from __future__ import annotations

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
from typing import Self

import httpx

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 60.0


def free_port() -> int:
    """A TCP port on loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class AppServer:
    """`streamlit run app.py` on a free port; use it as a context manager. `home` survives a restart."""

    application = "app:app"
    trust: ssl.SSLContext | bool = True

    def __init__(self, home: Path, *, environment: Mapping[str, str] | None = None, uvicorn: bool = False) -> None:
        self.home = home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = dict(environment or {})
        self._uvicorn = uvicorn
        self._process: subprocess.Popen[bytes] | None = None
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
            try:
                if httpx.get(f"{self.url}/healthz", timeout=1.0, trust_env=False, verify=self.trust).status_code == 200:
                    return
            except httpx.HTTPError:
                time.sleep(0.05)
        self.stop()
        raise AssertionError(f"no answer in {START_SECONDS} s:\n{self.log.read_text()}")

    def wait_warm(self, timeout: float = 60.0) -> dict[str, str]:
        """Wait until `/readyz` says ready; returns the parts."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            answer = httpx.get(f"{self.url}/readyz", timeout=5.0, trust_env=False).json()
            if answer["status"] == "ready":
                parts: dict[str, str] = answer["parts"]
                return parts
            time.sleep(0.1)
        raise AssertionError(f"not warm after {timeout} s: {answer}")

    def stop(self) -> None:
        """End it as Ctrl+C does."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(10)

    def kill(self) -> None:
        """End it as a power cut does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def _spawn(self) -> subprocess.Popen[bytes]:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("GEARBOX_", "STREAMLIT_"))},
            "GEARBOX_HOME": str(self.home),
            "GEARBOX_KEK_SOURCE": "file",
            "GEARBOX_LOCAL_DISCOVERY": "false",
            **self.environment,
        }
        streamlit = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(self.port)]
        uvicorn = [sys.executable, "-m", "uvicorn", self.application, "--host", "127.0.0.1", "--port", str(self.port)]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                uvicorn if self._uvicorn else streamlit, cwd=ROOT, env=environment, stdout=log, stderr=log
            )
