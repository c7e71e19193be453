"""kill -9 in the middle of answers, at many moments, without a browser: what was said before is there afterwards."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# One process of the product's own services with the sandbox on loopback, in the middle of an answer until it is killed.
_ANSWERING = """
import socket, sys, threading, time
from contextlib import ExitStack
from pathlib import Path
import uvicorn
from core import services
from core.config import Settings
from core.sandbox import sandbox_app
from starlette.applications import Starlette
from starlette.routing import Mount

listener = socket.create_server(("127.0.0.1", 0))
port = listener.getsockname()[1]
app = Starlette(routes=[Mount("/sandbox/v1", sandbox_app())])
server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True).start()
while not server.started:
    time.sleep(0.01)
settings = Settings(home=Path(sys.argv[1]), kek_source="file", local_discovery=False, warm_up=False)
with ExitStack() as stack:
    running = services.build(settings, stack, own_address=lambda: f"http://127.0.0.1:{port}")
    actor = running.actor()
    choice = running.chat.choice(actor, running.preferences.load(actor), picked=None, history=[])
    turn = running.chat.send(actor, None, "[[words:2000]] talk", choice)
    said = 0
    for batch in turn.follow():
        said += sum(len(getattr(event, "text", "")) for event in batch)
        print(said, flush=True)
"""

_CHARS_A_SECOND = 50 * 8  # the sandbox's natural pace in words, with generous words


@pytest.mark.parametrize("rounds", [2, pytest.param(12, marks=pytest.mark.campaign)])
def test_at_most_a_second_of_text_is_lost(tmp_path: Path, rounds: int) -> None:
    rng = random.Random(20261123)
    home = tmp_path / "home"
    for finished in range(rounds):
        process = subprocess.Popen(
            [sys.executable, "-c", _ANSWERING, str(home)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        first = process.stdout.readline()
        assert first.strip(), "the answer never began"
        # The process before this one was killed too: its answer is marked as soon as this one has started.
        assert _statuses(home).count("interrupted") == finished
        time.sleep(rng.uniform(1.5, 3.0))
        process.kill()
        seen = max(int(line) for line in [first, *process.stdout.read().split()] if line.strip())
        process.wait()
        kept = _newest_answer(home)
        assert seen - len(kept) <= _CHARS_A_SECOND
    assert _statuses(home).count("streaming") == 1  # only the last one, which nobody has found yet


def _statuses(home: Path) -> list[str]:
    with sqlite3.connect(home / "gearbox.db") as database:
        return [status for (status,) in database.execute("SELECT status FROM messages WHERE author = 'assistant'")]


def _newest_answer(home: Path) -> str:
    with sqlite3.connect(home / "gearbox.db") as database:
        query = "SELECT json_extract(parts, '$.parts[0].text') FROM messages WHERE author = 'assistant'"
        [(text,)] = database.execute(f"{query} ORDER BY created_at DESC LIMIT 1").fetchall()
    return text or ""
