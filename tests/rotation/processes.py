"""Processes of these tests: what they run, and how they die.

They come from a fork server that has everything imported, so that a process costs 50 ms and not two seconds.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import sys
import time
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from threading import BrokenBarrierError, Lock
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, event

from core.config import Settings
from core.errors import GearboxError, VaultError
from core.vault import Vault
from core.vault.restoring import restore_backup
from core.vault.ring import KekRing
from core.vault.rotation import KekRotator
from data.store import OwnerId, Store, open_store
from data.store.database import Database
from data.store.engine import make_engine
from data.store.store import unpriced, utc_now
from data.values.calls import KeyOwner
from data.values.keks import RotationRecord, RotationStep
from tests.people import ALICE
from tests.rotation.places import ADMIN, ORIGIN, Place

T = TypeVar("T")
BATCH = 2
"""Records in one transaction here, so that a few keys make several batches."""


def context() -> ForkServerContext:
    forks = multiprocessing.get_context("forkserver")
    forks.set_forkserver_preload([__name__])
    return forks


def start(target: Any, *arguments: Any) -> ForkServerProcess:
    process = context().Process(target=target, args=arguments)
    process.start()
    return process


class SkippingClock:
    """The real clock, which a sleep sets forward at once."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self._ahead

    def sleep(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)


def place(store: Store, settings: Settings) -> Place:
    clock = SkippingClock()
    ring = KekRing.open(store, settings, clock, lambda: None)
    rotator = KekRotator(store, ring, clock, sleep=clock.sleep, batch=BATCH)
    return Place(store, ring, Vault(store, ring, clock), rotator)


def finish(here: Place) -> None:
    """What an operator does after a crash: `vault rotate --destroy`, or the rest of it."""
    last = here.rotator.state()
    if last is None or last.finished_at is None:
        here.rotator.run(ADMIN, destroy=True)
    else:
        here.rotator.destroy_retired(ADMIN)


class Steps:
    """Counts everything that a rotation makes durable, and dies at one of them.

    Each transaction counts twice, just before its COMMIT and just after; each change of a file that holds a KEK once,
    just before. Nothing is listed by hand: a step that is added to the code is a step here.
    """

    def __init__(self, told: Path, dies_at: int) -> None:
        self._told = told
        self._dies_at = dies_at
        self._count = 0
        self._lock = Lock()
        self.phase = RotationStep.CREATE.value

    def passed(self, what: str) -> None:
        with self._lock:
            with self._told.open("a") as file:
                file.write(f"{self.phase}: {what}\n")
            if self._count == self._dies_at:
                os.kill(os.getpid(), signal.SIGKILL)
            self._count += 1

    def progress(self, record: RotationRecord) -> None:
        self.phase = record.step.value

    def before_commit(self, connection: Connection) -> None:
        if connection.get_execution_options().get("gearbox_write"):
            self.passed("before COMMIT")

    def on_file(self, name: str, arguments: tuple[Any, ...]) -> None:
        if name in {"tempfile.mkstemp", "os.link", "os.remove"} and "kek" in str(arguments[0]):
            self.passed(name)


class CountedDatabase(Database):
    """A real database that tells `steps` of every commit."""

    steps: Steps

    def write(self, work: Any) -> Any:
        result = super().write(work)
        self.steps.passed("after COMMIT")
        return result


def rotate_until_killed(settings: Settings, told: str, dies_at: int) -> None:
    """Finish what is unfinished, or rotate and destroy the old KEK; killed at the step `dies_at`, counted from 0."""
    steps = Steps(Path(told), dies_at)
    first = open_store(settings.store_url, owner=OwnerId.current())
    deployment = first.deployment_id
    first.close()
    database = CountedDatabase(make_engine(settings.store_url), OwnerId.current(), utc_now, unpriced, deployment)
    database.steps = steps
    here = place(Store(database), settings)
    event.listen(database.engine, "commit", steps.before_commit)
    sys.addaudithook(steps.on_file)
    here.rotator.run(ADMIN, steps.progress, destroy=True)


def restore_until_killed(settings: Settings, path: str, told: str, dies_at: int) -> None:
    """Restore a backup; killed at the step `dies_at`, counted from 0."""
    steps = Steps(Path(told), dies_at)
    steps.passed("begun")
    event.listen(Engine, "commit", steps.before_commit)
    restore_backup(ADMIN, Path(path), settings, utc_now, force=True, keyring=lambda: None)
    steps.passed("after COMMIT")


@dataclass
class Seen:
    """What one of many processes did."""

    opened: int = 0
    put: int = 0
    rotated: int = 0
    waited: int = 0
    failures: tuple[str, ...] = ()


def key_of(number: str) -> str:
    return f"sk-canary-{number}"


def live(  # noqa: PLR0917 - a process's arguments
    settings: Settings, me: int, seconds: float, destroy: bool, barrier: Any, result: str
) -> None:
    """Read, put and rotate among others for a while."""
    store = open_store(settings.store_url, owner=OwnerId.current())
    here = place(store, settings)
    if destroy:
        here.rotator = KekRotator(store, here.ring, utc_now, batch=BATCH)
    rng = random.Random(me)
    seen = Seen()
    try:
        barrier.wait(60)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            _act(here, me, rng.random(), destroy, seen)
    except BrokenBarrierError:
        seen.failures = ("it started too late",)
    store.close()
    Path(result).write_text(json.dumps(asdict(seen)))


def _act(here: Place, me: int, chance: float, destroy: bool, seen: Seen) -> None:
    try:
        if chance < 0.05:
            _rotate(here, destroy, seen)
        elif chance < 0.1:
            number = f"{me}-{seen.put:06d}"
            here.vault.put(
                ALICE, KeyOwner.USER, ALICE.user_id, provider=number, origin=ORIGIN, plaintext=key_of(number)
            )
            seen.put += 1
        else:
            # A fresh vault has proven nothing yet: it reads the database, as a call after five seconds would.
            vault = Vault(here.store, here.ring, utc_now)
            for card in vault.cards(KeyOwner.USER, ALICE.user_id):
                keys = {card.binding.secret_id: key_of(card.binding.provider)}
                if not Place(here.store, here.ring, vault, here.rotator).opens(keys):
                    raise VaultError("Another key came out.")
                seen.opened += 1
    except GearboxError as error:
        seen.failures += (f"{type(error).__name__}: {error}",)


def _rotate(here: Place, destroy: bool, seen: Seen) -> None:
    try:
        here.rotator.run(ADMIN, destroy=destroy)
        seen.rotated += 1
    except VaultError as error:
        if "already" not in str(error):
            raise
        seen.waited += 1
