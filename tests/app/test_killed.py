"""kill -9 in the middle of answers, at many moments, without a browser: what was said before is there afterwards."""

from __future__ import annotations

import os
import random
import sqlite3
import time
from pathlib import Path

import pytest

from tests.app.forking import forking
from tests.forking import Forked

_CHARS_A_SECOND = 50 * 8  # the sandbox's natural pace in words, with generous words


@pytest.mark.parametrize("rounds", [2, pytest.param(12, marks=pytest.mark.campaign)])
def test_at_most_a_second_of_text_is_lost(tmp_path: Path, rounds: int) -> None:
    rng = random.Random(20261123)
    home = tmp_path / "home"
    for finished in range(rounds):
        told = tmp_path / f"told-{finished}"
        process = forking().start("tests.app.answering", [str(home)], os.environ, out=told, err=tmp_path / "errors")
        _wait_begun(process, told)
        # The process before this one was killed too: its answer is marked as soon as this one has started.
        assert _statuses(home).count("interrupted") == finished
        time.sleep(rng.uniform(1.5, 3.0))
        process.kill()
        process.wait(60)
        seen = max(map(int, told.read_text().split()))
        kept = _newest_answer(home)
        assert seen - len(kept) <= _CHARS_A_SECOND
    assert _statuses(home).count("streaming") == 1  # only the last one, which nobody has found yet


def _wait_begun(process: Forked, told: Path) -> None:
    deadline = time.monotonic() + 120
    while not (told.exists() and told.read_text()):
        assert process.poll() is None and time.monotonic() < deadline, "the answer never began"
        time.sleep(0.02)


def _statuses(home: Path) -> list[str]:
    with sqlite3.connect(home / "gearbox.db") as database:
        return [status for (status,) in database.execute("SELECT status FROM messages WHERE author = 'assistant'")]


def _newest_answer(home: Path) -> str:
    with sqlite3.connect(home / "gearbox.db") as database:
        query = "SELECT json_extract(parts, '$.parts[0].text') FROM messages WHERE author = 'assistant'"
        [(text,)] = database.execute(f"{query} ORDER BY created_at DESC LIMIT 1").fetchall()
    return text or ""
