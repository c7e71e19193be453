"""A built Gearbox whose time goes by as a test says: its own threads, its own port, and a clock that is ahead."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.alerts.evaluator import LEASE
from core.clock import utc_now
from data.store import OwnerId, Store, open_store
from data.store.alerts import ALERT_LEASE
from data.warehouse.writer import WarehouseWriter
from tests.alerts.house import Heard, listening
from tests.api.gearbox import Gearbox, running
from tests.warehouse.conftest import QUICK

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
_PATIENCE = 120.0


class Ahead(datetime):
    """What `core.clock` reads: the real time and as much as the test has let go by, on every thread of the app."""

    by = timedelta()

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + cls.by


@dataclass
class Day:
    """A running app, its database, and who is told."""

    gearbox: Gearbox
    store: Store
    heard: Heard

    def forward(self, lasts: timedelta, every: timedelta = MINUTE) -> None:
        """Let time go by, with a round every so often."""
        for _ in range(lasts // every):
            Ahead.by += every
            self.round()

    def jump(self, by: timedelta) -> None:
        """Let time go by in which nothing is looked at, and what runs beside the rules catch up with it."""
        Ahead.by += by
        self.settle()

    def round(self) -> None:
        """One round of the app's own evaluator, to its end: it renews the lease then."""
        began = utc_now()
        self.gearbox.services.alert_parts.wake()
        until(lambda: (held := self.store.leases.held_until(ALERT_LEASE)) is not None and held - LEASE >= began)

    def settle(self) -> None:
        """A minute later, when the next checkpoint is due: wait until it covers what was audited, and the warehouse has
        what was booked."""
        Ahead.by += MINUTE
        audit, owner = self.gearbox.services.audit, self.gearbox.services.actor()
        until(lambda: not self.store.outbox.batch(1) and not audit.status(owner).pending)

    def limit(self, rule: str, **limits: Any) -> None:
        """Change a rule as an admin's program does."""
        rules = self.ask("GET", "/api/v1/alert-rules").json()["rules"]
        version = next(each["version"] for each in rules if each["key"] == rule)
        answer = self.ask("PATCH", f"/api/v1/alert-rules/{rule}", json={"version": version, **limits})
        assert answer.status_code == 200, answer.text

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self.gearbox.ask(method, path, **options)

    def call(self, prompt: str, *, count: int = 1, address: str = "127.0.0.1", model: str = "own/scripted") -> set[int]:
        """Calls of a model by HTTP, some at a time, as a program at an address makes them; the statuses."""

        def body(number: int) -> dict[str, Any]:
            content = f"[[pace:instant]] {prompt} number {number}"  # no two alike: the cache would answer
            return {"model": model, "messages": [{"role": "user", "content": content}]}

        headers = {"Authorization": f"Bearer {self.gearbox.token}"}
        with (
            httpx.Client(
                base_url=self.gearbox.origin,
                transport=httpx.HTTPTransport(local_address=address),
                headers=headers,
                timeout=60,
            ) as client,
            ThreadPoolExecutor(8) as pool,
        ):
            asked = [pool.submit(client.post, "/v1/chat/completions", json=body(number)) for number in range(count)]
            return {each.result().status_code for each in asked}

    def told(self, rule: str) -> dict[str, list[str]]:
        """What the webhook heard of a rule, by what it was about."""
        heard: dict[str, list[str]] = {}
        for each in self.heard.hook.received:
            if each.body["rule"] == rule:
                heard.setdefault(each.body["group"], []).append(each.body["event"])
        return heard


def until(holds: Callable[[], object], patience: float = _PATIENCE) -> None:
    """Wait for another thread of the app."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < patience, "it did not come to that"
        time.sleep(0.005)


@contextmanager
def begun(home: Path, at: datetime) -> Iterator[Day]:
    """An app that begins at a moment, with two channels, both real."""
    with pytest.MonkeyPatch.context() as patch:
        Ahead.by = at - datetime.now(at.tzinfo)
        patch.setattr("core.clock.datetime", Ahead)
        patch.setattr("core.parts.WarehouseWriter", partial(WarehouseWriter, pace=QUICK))
        patch.setattr("core.flag_parts.LOOKED", timedelta(seconds=0.05))
        with (
            running(home, public_url="https://gearbox.example") as gearbox,
            closing(open_store(gearbox.services.settings.store_url, owner=OwnerId.current(), clock=utc_now)) as store,
            listening(gearbox.services.alert_parts.settings, gearbox.services.actor()) as heard,
        ):
            yield Day(gearbox, store, heard)
