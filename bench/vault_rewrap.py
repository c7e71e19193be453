"""All keys re-wrapped under a new KEK while another process uses the vault: part of `bench.vault`."""

from __future__ import annotations

import json
import multiprocessing
import os
import statistics
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from multiprocessing.synchronize import Event
from pathlib import Path

from core.config import Settings
from core.errors import GearboxError
from core.vault import Vault, envelope
from core.vault.ring import KekRing
from core.vault.rotation import KekRotator
from data.store import OwnerId, Store, open_store
from data.values.actor import Actor, Role
from data.values.audit import Receipt, secret_target
from data.values.calls import KeyOwner
from data.values.secrets import SecretBinding

ADMIN = Actor("admin", frozenset({Role.ADMIN}))
ORIGIN = "https://api.openai.com"
KEY = "sk-proj-" + "0123456789abcdef" * 3
_BARE_RUNS = 20_000
_KEYS_SEEN = 97  # the other process goes through every 97th key


def run(settings: Settings, keys: int) -> float:
    """Rotate the KEK over `keys` keys while another process uses the vault; returns the seconds it took."""
    store = open_store(settings.store_url, owner=OwnerId.current())
    ring = KekRing.open(store, settings, _now, lambda: None)
    started = time.perf_counter()
    fill(Vault(store, ring, _now), keys)
    print(f"re-wrap: {keys:,} keys with their heads, made in {time.perf_counter() - started:.0f} s")
    spawn = multiprocessing.get_context("spawn")
    ready, stop = spawn.Event(), spawn.Event()
    told = settings.home / "used.json"
    user = spawn.Process(target=use, args=(settings, ready, stop, told))
    user.start()
    ready.wait(60)
    time.sleep(2)  # what it is like without a rotation
    started = time.perf_counter()
    wall = time.time()
    done = KekRotator(store, ring, _now).run(ADMIN)
    seconds = time.perf_counter() - started
    until = time.time()
    stop.set()
    user.join(60)
    used = Used(**json.loads(told.read_text()))
    assert set(store.keks.in_use()) == {done.to_kek}
    store.close()
    bare = _bare()
    print(f"  moved online in           {seconds:>6.2f} s  {done.done:,} records, {keys / seconds:,.0f} keys a second")
    print(
        f"  their cryptography alone  {bare * done.done:>6.2f} s  so {seconds / bare / done.done:.0f}x of the baseline"
    )
    print(f"  meanwhile in another process: {len(used.failures)} failures {used.failures[:3] or ''}")
    for what, times in (("open a key, proven anew", used.opened), ("store a key", used.stored)):
        before = [took for at, took in times if at < wall]
        during = [took for at, took in times if wall <= at < until]
        print(f"    {what:<24} {len(during):>6,} times, {_words(during)}; before: {_words(before)}")
    return seconds


def _bare() -> float:
    """Seconds to open one wrapped DEK and wrap it again, in memory: the baseline."""
    old, new = envelope.Kek(1, os.urandom(32)), envelope.Kek(2, os.urandom(32))
    binding = SecretBinding(uuid.uuid4().hex, 1, KeyOwner.USER, "ann", "openai", ORIGIN)
    _, wrapped = envelope.seal(KEY.encode(), binding, "deployment", old)
    began = time.perf_counter()
    for _ in range(_BARE_RUNS):
        envelope.rewrap(wrapped, binding, "deployment", old, new)
    return (time.perf_counter() - began) / _BARE_RUNS


def fill(vault: Vault, count: int) -> None:
    """Keys of as many people; many at once, so that they share their fsyncs."""

    def put(number: int) -> None:
        vault.put(ADMIN, KeyOwner.USER, f"person-{number}", provider="openai", origin=ORIGIN, plaintext=KEY)

    with ThreadPoolExecutor(128) as pool:
        for _ in pool.map(put, range(count)):
            pass


@dataclass
class Used:
    """What another process saw: when something was done (seconds since 1970) and how long it took (seconds)."""

    opened: list[tuple[float, float]] = field(default_factory=list)
    stored: list[tuple[float, float]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def use(settings: Settings, ready: Event, stop: Event, told: Path) -> None:
    """Another replica: a key is opened every 5 ms, proven anew each time, and every tenth time one is stored."""
    store = open_store(settings.store_url, owner=OwnerId.current())
    ring = KekRing.open(store, settings, _now, lambda: None)
    ids, used, number = store.secrets.ids()[::_KEYS_SEEN], Used(), 0
    ready.set()
    while not stop.is_set():
        number += 1
        vault, secret_id = Vault(store, ring, _now), ids[number % len(ids)]
        owner = Actor(_owner_of(store, secret_id), frozenset({Role.MEMBER}))
        began = time.perf_counter()
        try:
            vault.open_key(secret_id, origin=ORIGIN, actor=owner, receipt=Receipt("bench", secret_target(secret_id)))
            used.opened.append((time.time(), time.perf_counter() - began))
            if number % 10 == 0:
                began = time.perf_counter()
                vault.put(owner, KeyOwner.USER, owner.user_id, provider="mistral", origin=ORIGIN, plaintext=KEY)
                used.stored.append((time.time(), time.perf_counter() - began))
        except GearboxError as error:
            used.failures.append(f"{type(error).__name__}: {error}")
        time.sleep(0.005)
    store.close()
    told.write_text(json.dumps(asdict(used)))


def _owner_of(store: Store, secret_id: str) -> str:
    record = store.secrets.find(secret_id)
    return record.owner.owner_id if record else ""


def _words(times: list[float]) -> str:
    if len(times) < 2:
        return "too few"
    percentiles = statistics.quantiles(times, n=100)
    return f"median {1000 * statistics.median(times):.1f} ms, p99 {1000 * percentiles[98]:.1f} ms"


def _now() -> datetime:
    return datetime.now(UTC)
