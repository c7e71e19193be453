"""The app as a process of its own, timed and weighed."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

ROOT = Path(__file__).resolve().parent.parent

# Without these Chromium looks up its vendor's hosts at every start; nothing here makes an outside connection.
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def find_chromium() -> str | None:
    """Path of the browser, if this machine has one."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def chromium() -> str:
    """Path of the browser; ends the benchmark with a word when there is none."""
    found = find_chromium()
    if found is None:
        raise SystemExit("This benchmark needs Chromium (Debian's package chromium).")
    return found


class AppProcess:
    """`streamlit run app.py` in `home`. Times are seconds since the process was started."""

    def __init__(self, home: Path) -> None:
        self._home = home
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.started = 0.0

    def __enter__(self) -> Self:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GEARBOX_")}
        environment |= {
            "GEARBOX_HOME": str(self._home),
            "GEARBOX_KEK_SOURCE": "file",
            "GEARBOX_LOCAL_DISCOVERY": "false",
            "GEARBOX_LOG_LEVEL": "WARNING",
        }
        self.started = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(self.port)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def wait_healthy(self) -> float:
        """Wait for `/healthz`; returns the time."""
        return self._wait("/healthz", "ok")

    def wait_warm(self) -> float:
        """Wait until `/readyz` says that all is warm; returns the time."""
        return self._wait("/readyz", "ready")

    def memory_mib(self) -> float:
        """Resident memory of the server process in MiB."""
        for line in Path(f"/proc/{self._process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise RuntimeError("no VmRSS: resident memory is read from Linux's /proc")

    def loaded(self, name: str) -> str:
        """Whether a shared library of package `name` is mapped: a package with none can't be seen this way."""
        try:
            return "yes" if f"/{name}/" in Path(f"/proc/{self._process.pid}/maps").read_text() else "no"
        except PermissionError:  # see core.memory
            return "only root can see"

    def _wait(self, path: str, status: str) -> float:
        with httpx.Client(trust_env=False, timeout=5.0) as client:
            while time.perf_counter() - self.started < 120:
                if self._process.poll() is not None:
                    raise RuntimeError(f"the app ended with status {self._process.returncode}")
                try:
                    if client.get(f"{self.url}{path}").json().get("status") == status:
                        return time.perf_counter() - self.started
                except httpx.HTTPError:
                    pass
                time.sleep(0.02)
        raise RuntimeError(f"{path} did not say {status} within two minutes")
