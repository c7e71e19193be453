"""The audit log as a whole: checkpoints in the background, verification, and what to do when it can't be kept.

Fails closed: an event that can't be committed stops what it tells of (`data.store`), and where checkpoints can't be
signed, or do not get outside for longer than a place's patience, nothing begins to be done with keys.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from tenacity import RetryError, Retrying
from tenacity import retry_if_exception_type as retry_if
from tenacity.nap import sleep_using_event
from tenacity.stop import stop_when_event_set
from tenacity.wait import wait_random_exponential

from core.audit.carrier import Carrier
from core.audit.checkpointer import EVENTS, Checkpointer
from core.audit.places import CheckpointFile, PlaceFailed
from core.audit.report import ChainStatus, PlaceStatus, Report
from core.audit.signer import SigningKeys, pem
from core.audit.sinks import sinks_of
from core.audit.statement import Restored, read_statement
from core.audit.verify import Verifier
from core.config import Settings
from core.errors import AuditUnavailable, GearboxError, VaultError
from core.vault import Vault
from data.store import Store
from data.store.audit_checkpoints import CHECKPOINT_LEASE
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome, Checkpoint, Delivery

_TICK = 1.0
_SIGNER = "signer"  # its bookmark stands beside those of the places: every process reads there what fails
_SIGNER_PATIENCE = timedelta(seconds=60)
_LONGEST_PAUSE = 15.0
_ASK = (
    "Your keys are as they were, and are in use again within seconds of the repair. "
    "Ask an admin: the Audit page and `python -m core doctor` say what has to be mended."
)

_log = logging.getLogger(__name__)


class Trail:
    """One process's part in keeping the audit log. Thread-safe; `start` it, and `close` it before the store."""

    def __init__(
        self, store: Store, keys: SigningKeys, file: CheckpointFile, sinks: list[Carrier], clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._keys = keys
        self._file = file
        self._clock = clock
        self._checkpointer = Checkpointer(store, keys, file, clock)
        self._carriers = [Carrier(store, file, clock), *sinks]
        self._closing = threading.Event()
        self._wake = threading.Event()
        self._fresh = [threading.Event() for _ in sinks]
        self._threads: list[threading.Thread] = []
        self._refusing = ""
        self._unseen = 0
        store.audit.on_written(self._count)

    @classmethod
    def open(cls, store: Store, vault: Vault, settings: Settings, clock: Callable[[], datetime]) -> Trail:
        """The trail of a database; nothing runs yet.

        Raises:
            ConfigError: a sink of the settings can't be used.
        """
        sinks = [Carrier(store, place, clock) for place in sinks_of(settings)]
        return cls(store, SigningKeys(store, vault, clock), CheckpointFile(settings.checkpoint_file), sinks, clock)

    def start(self) -> None:
        """Write checkpoints, carry them outside, and watch over both, in the background."""
        sinks = zip(self._carriers[1:], self._fresh, strict=True)
        self._threads = [
            threading.Thread(target=self._run, name="gearbox-audit", daemon=True),
            *(threading.Thread(target=self._feed, args=pair, name="gearbox-audit-sink", daemon=True) for pair in sinks),
        ]
        for thread in self._threads:
            thread.start()

    def close(self, timeout: float = 10.0) -> None:
        """Stop; the process that leads signs what is still unsigned first. `timeout` in seconds for each thread."""
        self._closing.set()
        self._wake.set()
        for fresh in self._fresh:
            fresh.set()
        for thread in self._threads:
            thread.join(timeout)
        if self._checkpointer.leads:
            with contextlib.suppress(GearboxError):
                self._write_and_carry()
            with contextlib.suppress(GearboxError):
                self._checkpointer.stand_down()
        self._threads = []

    def verify(self) -> Report:
        """Verify the whole log; blocking, about 25 µs an event.

        Raises:
            GearboxError: the database or the file outside can't be read.
        """
        keys, foreign = self._keys.trusted()
        return Verifier(self._store, keys, foreign, self._file).run()

    def status(self) -> ChainStatus:
        """How the log stands."""
        heads, newest = self._store.checkpoints.heads(), self._store.checkpoints.newest()
        deliveries = self._store.checkpoints.deliveries()
        events = sum(head.seq for head in heads)
        signed = read_statement(newest.body).events if newest else 0
        places = [deliveries.get(one.place.name, Delivery(one.place.name, 0, None)) for one in self._carriers]
        leader = self._store.leases.holder(CHECKPOINT_LEASE)
        return ChainStatus(
            chains=len(heads),
            events=events,
            pending=max(0, events - signed),
            epoch=newest.epoch if newest else 0,
            checkpoint=newest.seq if newest else 0,
            checkpoint_at=newest.at if newest else None,
            places=tuple(PlaceStatus(one.place, one.seq, one.at, one.failing_since, one.problem) for one in places),
            leader=str(leader) if leader else "",
            refusing=self._refusing,
        )

    @property
    def refusing(self) -> str:
        """Why nothing is done with keys now; empty when all is well."""
        return self._refusing

    def checkpoint_now(self) -> Checkpoint | None:
        """Sign what is new, if this process leads or nobody does; returns the newest checkpoint."""
        if self._checkpointer.lead():
            self._write_and_carry()
        return self._store.checkpoints.newest()

    def heed(self) -> None:
        """For commands: refuse keys where a place outside has failed for too long, and still does.

        Raises:
            StoreError: the database can't be read.
        """
        self._watch()
        if self._refusing:
            with contextlib.suppress(GearboxError):
                self.checkpoint_if_alone()  # beside no running Gearbox nobody else finds out that all is well again
            self._watch()
        if not self._refusing:
            try:
                self._file.require_writable()
            except PlaceFailed as error:
                self._refuse(error.explain())

    def checkpoint_if_alone(self) -> bool:
        """For commands beside no running Gearbox: sign what they did. Whether this process did so."""
        if not self._checkpointer.lead():
            return False
        try:
            self._write_and_carry()
            for carrier in self._carriers[1:]:
                with contextlib.suppress(PlaceFailed):
                    carrier.carry()
        finally:
            self._checkpointer.stand_down()
        return True

    def restored(self, actor: Actor, backup_id: str) -> Checkpoint:
        """Sign that this database was restored from a backup: what came after the backup was not cut off by anybody.

        Raises:
            VaultError: another process writes checkpoints: Gearbox still runs on this database.
        """
        if not self._checkpointer.lead():
            raise VaultError("Gearbox runs on this database.", "Stop it before restoring a backup.")
        newest = self._store.checkpoints.newest()
        event = AuditEvent.by(
            actor,
            Action.VAULT_RESTORE,
            AuditOutcome.DONE,
            target=f"backup:{backup_id}",
            operation=f"restore:{backup_id}",  # that of the intent, which was put in with the backup's rows
        )
        self._store.audit.record(event)
        checkpoint = self._checkpointer.write(Restored(backup_id, newest.seq if newest else 0))
        if checkpoint is None:
            raise VaultError("Another process writes checkpoints.", "Stop Gearbox before restoring a backup.")
        self._carriers[0].carry()
        return checkpoint

    def public_key(self) -> bytes:
        """The public half of the key that signs, as PEM."""
        return pem(self._keys.signer().public_key)

    def _count(self, written: Sequence[AuditEvent]) -> None:
        self._unseen += len(written)
        if self._unseen >= EVENTS:
            self._unseen = 0
            self._wake.set()

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                self._tick()
            except Exception:  # noqa: BLE001  # the thread must outlive any error; what fails for long closes the vault
                _log.exception("The audit log's checkpoints met an unexpected error.")
            self._wake.wait(_TICK)
            self._wake.clear()

    def _tick(self) -> None:
        if self._checkpointer.lead():
            try:
                written = self._checkpointer.write_if_due()
                self._signs("")
            except GearboxError as error:
                written = None
                self._signs(error.explain())
            with contextlib.suppress(PlaceFailed):
                self._carriers[0].carry()
            if written:
                for fresh in self._fresh:
                    fresh.set()
        self._watch()

    def _write_and_carry(self) -> None:
        self._checkpointer.write()
        self._carriers[0].carry()
        for fresh in self._fresh:
            fresh.set()

    def _feed(self, carrier: Carrier, fresh: threading.Event) -> None:
        retrying = Retrying(
            wait=wait_random_exponential(max=_LONGEST_PAUSE),
            stop=stop_when_event_set(self._closing),
            sleep=sleep_using_event(self._closing),
            retry=retry_if(GearboxError),
        )
        while not self._closing.is_set():
            if self._checkpointer.leads:
                with contextlib.suppress(RetryError):
                    retrying(carrier.carry)
            fresh.wait(_LONGEST_PAUSE)
            fresh.clear()

    def _signs(self, problem: str) -> None:
        known = self._store.checkpoints.deliveries().get(_SIGNER)
        if problem == (known.problem if known else ""):
            return
        if problem:
            _log.error("The audit log's checkpoints can't be signed: %s", problem)
        since = (known.failing_since if known else None) or self._clock()
        self._store.checkpoints.mark([Delivery(_SIGNER, 0, None, since if problem else None, problem)])

    def _watch(self) -> None:
        """Refuse everything with keys while checkpoints do not get where they have to, and no longer."""
        patience = {one.place.name: one.place.patience for one in self._carriers} | {_SIGNER: _SIGNER_PATIENCE}
        now = self._clock()
        problems = [
            one.problem
            for one in self._store.checkpoints.deliveries().values()
            if one.failing_since is not None and now - one.failing_since >= patience.get(one.place, timedelta.max)
        ]
        self._refuse(problems[0] if problems else "")

    def _refuse(self, refusing: str) -> None:
        if refusing != self._refusing:
            self._refusing = refusing
            _log.log(
                logging.ERROR if refusing else logging.INFO,
                "Keys are %s.%s",
                "refused" if refusing else "in use",
                f" {refusing}" if refusing else "",
            )
        # Everybody may read this one: what is wrong names files and servers, which are for admins.
        why = AuditUnavailable("The audit log can't be kept safe, so keys are not used now.", _ASK)
        self._store.audit.refuse_keys(why if refusing else None)
