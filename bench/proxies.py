"""The two proxies that are compared, each a process of its own in front of the same upstream."""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import httpx

from bench.app_process import ROOT
from bench.lean_client import Target
from core.access.policy import Permission
from core.config import Settings
from core.services import build

_LITELLM = """
model_list:
  - model_name: bench
    litellm_params:
      model: openai/bench
      api_base: {base_url}
      api_key: {key}
general_settings:
  master_key: {master_key}
"""


@contextlib.contextmanager
def gearbox(base_url: str, home: Path) -> Iterator[Target]:
    """Gearbox as an operator runs it: `uvicorn app:app`; its key to the upstream in the vault, a token to come in.

    The rate limit is on and never reached: 600 a minute, which is the default, would end the run.
    """
    settings = Settings(
        home=home, database_url="", kek_source="file", sandbox=False, local_discovery=False, warm_up=False
    )
    with ExitStack() as stack:
        services = build(settings, stack, own_address=lambda: "http://127.0.0.1:1")
        actor = services.actor()
        services.keys.add_server(actor, "Bench", base_url, "sk-" + secrets.token_hex(24))
        _, token = services.tokens.create(actor, "bench", [Permission.CHAT])
    port = _free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GEARBOX_")}
    environment |= {
        "GEARBOX_HOME": str(home),
        "GEARBOX_KEK_SOURCE": "file",
        "GEARBOX_LOCAL_DISCOVERY": "false",
        "GEARBOX_LOG_LEVEL": "WARNING",
        "GEARBOX_RATE_LIMIT": "1000000000",
    }
    options = ["--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"]
    with _process([sys.executable, "-m", "uvicorn", "app:app", *options], ROOT, environment) as process:
        _wait(process, f"http://127.0.0.1:{port}/readyz", '"status":"ready"')
        yield Target("Gearbox", port, "bench/bench", token)


@contextlib.contextmanager
def litellm_proxy(base_url: str, folder: Path) -> Iterator[Target]:
    """LiteLLM's proxy of the version that Gearbox uses: a master key, one worker, no database, its production mode.

    Without a database it books nothing and knows one key only, the cheapest that it can be.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port, master_key = _free_port(), "sk-" + secrets.token_hex(24)
    config = folder / "litellm.yaml"
    config.write_text(_LITELLM.format(base_url=base_url, key="sk-" + secrets.token_hex(24), master_key=master_key))
    environment = os.environ | {
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_LOG": "ERROR",
        "LITELLM_MODE": "PRODUCTION",
        "NO_PROXY": "127.0.0.1",
    }
    environment.pop("VIRTUAL_ENV", None)
    options = ["--config", str(config), "--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"]
    with _process([str(_environment() / "bin" / "litellm"), *options], folder, environment) as process:
        _wait(process, f"http://127.0.0.1:{port}/health/liveliness", "alive")
        yield Target("LiteLLM's proxy", port, "bench", master_key)


def _environment() -> Path:
    """A virtual environment with the proxy's own dependencies, made at the first run; they are none of Gearbox's."""
    wanted = importlib.metadata.version("litellm")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gearbox-bench"
    place = cache / f"litellm-proxy-{wanted}"
    if not (place / "bin" / "litellm").exists():
        uv = shutil.which("uv")
        if uv is None:
            raise SystemExit("LiteLLM's proxy is installed with uv; without it use --no-proxy.")
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(place)], check=True)
        python = str(place / "bin" / "python")
        subprocess.run([uv, "pip", "install", "--quiet", "--python", python, f"litellm[proxy]=={wanted}"], check=True)
    return place


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def _process(command: Sequence[str], folder: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=quiet, stderr=quiet)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], url: str, word: str) -> None:
    with httpx.Client(trust_env=False, timeout=5) as client:
        until = time.monotonic() + 240
        while time.monotonic() < until:
            if process.poll() is not None:
                raise RuntimeError(f"the server ended with status {process.returncode}")
            with contextlib.suppress(httpx.HTTPError):
                if word in client.get(url).text:
                    return
            time.sleep(0.1)
    raise RuntimeError(f"{url} did not say {word} within four minutes")
