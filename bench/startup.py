"""Start-up: `uv run python -m bench.startup [--runs N] [--sessions N]`.

Process start to `/healthz`, to warm, and to a chat page that can be typed into in Chromium; then resident memory idle
and per idle browser session. The file cache is left as it is. The baseline of the same run is an empty Streamlit app,
started the same way: what Gearbox adds to it is Gearbox's.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
from playwright.sync_api import sync_playwright

from bench.app_process import CHROMIUM_ARGUMENTS, ROOT, AppProcess, chromium

_COMPOSER = "[data-testid=stChatInput] textarea:enabled"

_IMPORTS = """
import json, sys, app
heavy = [name for name in ("litellm", "sklearn", "torch", "pandas", "duckdb", "polars") if name in sys.modules]
print(json.dumps(heavy))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--sessions", type=int, default=50)
    options = parser.parse_args()
    empty, healthy, warm, usable = [], [], [], []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        for run in range(options.runs):
            empty.append(_empty_streamlit(Path(folder)))
            with AppProcess(Path(folder) / f"home{run}") as app:
                healthy.append(app.wait_healthy())
                page = browser.new_page()
                page.goto(app.url)
                page.wait_for_selector(_COMPOSER)
                usable.append(time.perf_counter() - app.started)
                warm.append(app.wait_warm())
                page.close()
        print(f"start-up, median of {options.runs} runs, seconds (min to max)")
        for name, values in (
            ("empty Streamlit app: to /_stcore/health", empty),
            ("Gearbox: to /healthz", healthy),
            ("Gearbox: to warm (/readyz)", warm),
            ("Gearbox: to a usable chat page in Chromium", usable),
        ):
            print(f"  {name:<46}{statistics.median(values):6.2f}  ({min(values):.2f} to {max(values):.2f})")
        ratio = statistics.median(healthy) / statistics.median(empty)
        print(f"  /healthz against the empty app: {ratio:.2f}x")
        print(f"  heavy packages imported on the start path: {_imported() or 'none of those looked for'}")
        _memory(browser, Path(folder) / "memory", options.sessions)
        browser.close()


def _memory(browser, home: Path, sessions: int) -> None:  # type: ignore[no-untyped-def]
    with AppProcess(home) as app:
        app.wait_warm()
        page = browser.new_page()
        page.goto(app.url)
        page.wait_for_selector(_COMPOSER)
        time.sleep(2)
        idle = app.memory_mib()
        contexts = []
        for _ in range(sessions):
            context = browser.new_context()
            contexts.append(context)
            tab = context.new_page()
            tab.goto(app.url)
            tab.wait_for_selector(_COMPOSER)
        time.sleep(2)
        full = app.memory_mib()
        print("resident memory of the server, MiB")
        print(f"  idle, one session open      {idle:7.0f}")
        print(f"  with {sessions} more sessions      {full:7.0f}  ({(full - idle) / sessions:.2f} per idle session)")
        print(f"  litellm loaded: {app.loaded('litellm')}, scikit-learn loaded: {app.loaded('sklearn')}")
        for context in contexts:
            context.close()


def _empty_streamlit(folder: Path) -> float:
    script = folder / "empty.py"
    script.write_text("import streamlit as st\nst.chat_input('Ask')\n")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    began = time.perf_counter()
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    process = subprocess.Popen(
        [*command, "--server.headless", "true", "--server.address", "127.0.0.1", "--browser.gatherUsageStats", "false"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while time.perf_counter() - began < 60:
            try:
                if httpx.get(f"http://127.0.0.1:{port}/_stcore/health", trust_env=False).status_code == 200:
                    return time.perf_counter() - began
            except httpx.HTTPError:
                time.sleep(0.02)
        raise RuntimeError("the empty Streamlit app did not start within a minute")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def _imported() -> list[str]:
    environment = {**os.environ, "GEARBOX_LOG_LEVEL": "ERROR"}
    done = subprocess.run(
        [sys.executable, "-c", _IMPORTS], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    names: list[str] = json.loads(done.stdout.splitlines()[-1])
    return names


if __name__ == "__main__":
    main()
