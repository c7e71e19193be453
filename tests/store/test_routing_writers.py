"""Many writers come to the same as one, bit for bit: threads, processes, and processes that are killed."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest

from data.store import Store
from data.values.routing import Tallies
from tests.store.routing_writer import history, opened, part, set_up

ROOT = Path(__file__).resolve().parents[2]
SEED = 20261129


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    made = opened(store_url)
    yield made
    made.close()


@cache
def by_one(turns: int, length: int) -> Tallies:
    """What the history comes to when one writer tells it in its order."""
    with tempfile.TemporaryDirectory() as folder:
        alone = opened(f"sqlite:///{folder}/alone.db")
        set_up(alone, SEED, turns)
        for event in history(SEED, turns, length):
            event(alone)
        assert alone.routing.differences() == []
        came_to = alone.routing.tallies().tallies
        alone.close()
    return came_to


@pytest.mark.parametrize(
    ("turns", "length", "writers"), [(12, 90, 6), pytest.param(60, 1000, 12, marks=pytest.mark.campaign)]
)
def test_threads(store: Store, turns: int, length: int, writers: int) -> None:
    set_up(store, SEED, turns)
    events = history(SEED, turns, length)

    def work(place: int) -> None:
        for event in part(events, place, writers):
            event(store)

    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(work, range(writers)))
    assert store.routing.tallies().tallies == by_one(turns, length)
    assert store.routing.differences() == []


@pytest.mark.parametrize(
    ("turns", "length", "writers"), [(12, 90, 2), pytest.param(60, 1000, 5, marks=pytest.mark.campaign)]
)
def test_processes_of_which_one_is_killed(store: Store, store_url: str, turns: int, length: int, writers: int) -> None:
    set_up(store, SEED, turns)
    sizes = [str(SEED), str(turns), str(length)]

    def start(place: int) -> subprocess.Popen[str]:
        arguments = [store_url, *sizes, str(place), str(writers)]
        command = [sys.executable, "-m", "tests.store.routing_writer", *arguments]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    started = [start(place) for place in range(writers)]
    victim, *others = started
    assert victim.stdout is not None and victim.stdout.readline() == "under way\n"
    victim.kill()
    assert [each.wait(120) for each in others] == [0] * (writers - 1)
    assert victim.wait(60) in {-9, 0}
    assert store.routing.differences() == []  # whatever it had committed is counted, and nothing else

    for event in part(history(SEED, turns, length), 0, writers):  # told again, from the beginning
        event(store)
    assert store.routing.tallies().tallies == by_one(turns, length)
    assert store.routing.differences() == []
    for each in started:
        assert each.stdout is not None
        each.stdout.close()
