"""The open KEKs of this process: found and proven at start, and looked for again when another process rotated."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from core.config import Settings
from core.errors import StoreError, VaultError, WrongKek
from core.vault.envelope import Kek, canary_opens, seal_canary
from core.vault.kek_keyring import system_keyring
from core.vault.opening import KekSources
from data.store import looked_at
from data.store.rotations import LEASE
from data.values.actor import Actor, Surface
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.errors import KekNotActive
from data.values.keks import KekRecord, KekState

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

    from data.store import Store
    from data.store.keks import NeededKeks

T = TypeVar("T")
FIRST_KEK = 1
_GEARBOX = Actor("gearbox", frozenset(), Surface.BACKGROUND)
_SEAL_ATTEMPTS = 3
_FIRST_LEASE = "first kek"
_WAIT_SECONDS = 0.05


class KekRing:
    """KEKs by id. Thread-safe; a KEK that is open stays open as long as the process runs.

    What is known already costs a dictionary look-up; anything else a database read, and what its source takes.
    """

    def __init__(self, store: Store, sources: KekSources, clock: Callable[[], datetime]) -> None:
        self.sources = sources
        self._store = store
        self._clock = clock
        self._keks: dict[int, Kek] = {}
        self._active: Kek | None = None
        self._loading = threading.Lock()

    @classmethod
    def open(
        cls,
        store: Store,
        settings: Settings,
        clock: Callable[[], datetime],
        keyring: Callable[[], KeyringBackend | None] = system_keyring,
    ) -> KekRing:
        """Open the KEKs that `store` needs, or make the first one of a database that never had any.

        Raises:
            WrongKek: one is missing or is another database's; nothing was written anywhere.
            VaultError: a first KEK could not be kept.
        """
        ring = cls(store, KekSources(settings, store.deployment_id, keyring), clock)
        if not store.keks.all():
            ring._make_first()
        ring.refresh()
        return ring

    @classmethod
    def require(
        cls,
        settings: Settings,
        clock: Callable[[], datetime],
        keyring: Callable[[], KeyringBackend | None] = system_keyring,
    ) -> None:
        """Refuse a database whose KEKs can't be had, before anything opens it for writing.

        `open` refuses it as well, but by then it has been upgraded, and what a crash left in SQLite's log is moved into
        the file.

        Raises:
            WrongKek: see `open`; not a byte was written anywhere.
        """
        # What keeps it from being read is told by whoever opens it; an older release's tables may lack something.
        with contextlib.suppress(StoreError), looked_at(settings.store_url) as store:
            if store is None:
                return
            ring = cls(store, KekSources(settings, store.deployment_id, keyring), clock)
            if store.keks.all():
                ring.refresh()
            else:
                ring._require_new()

    def active(self) -> Kek:
        """The KEK to seal with, as far as this process knows; see `seal_with`."""
        return self._active or self._loaded()

    def get(self, kek_id: int) -> Kek:
        """The KEK that sealed something.

        Raises:
            WrongKek: this database has no such KEK, or it can't be had here.
        """
        kek = self._keks.get(kek_id)
        if kek is not None:
            return kek
        with self._loading:
            if (kek := self._keks.get(kek_id)) is not None:
                return kek
            # It was made by another process, so the active one may be new as well.
            self._read(also=kek_id)
            return self._keks[kek_id]

    def refresh(self) -> None:
        """Read the records again, and open what is new among the KEKs that are needed.

        Raises:
            WrongKek: see `open`.
        """
        with self._loading:
            self._read()

    def proven(self, record: KekRecord) -> Kek:
        """A KEK read from its source again, whatever this process has open already, and proven by its canary.

        Raises:
            WrongKek: it is missing there, or another one.
        """
        return self.sources.proven(record)

    def forget(self, kek_id: int) -> None:
        """Let go of a KEK that was destroyed; other processes hold it until they end."""
        with self._loading:
            self._keks = {known: kek for known, kek in self._keks.items() if known != kek_id}

    def seal_with(self, write: Callable[[Kek], T]) -> T:
        """Run `write` with the active KEK; once more with the new one where another process has rotated meanwhile.

        Raises:
            KekNotActive: the KEK changed again and again.
        """
        for _ in range(_SEAL_ATTEMPTS):
            try:
                return write(self.active())
            except KekNotActive:
                self.refresh()
        return write(self.active())

    def _loaded(self) -> Kek:
        self.refresh()
        if self._active is None:
            raise VaultError("The vault has no active KEK.", "Restart Gearbox.")
        return self._active

    def _read(self, also: int | None = None) -> None:
        seen = self._store.keks.needed()
        while True:
            try:
                self._take(seen, also)
            except WrongKek:
                # A rotation may have ended between reading the records and asking the sources: what is missing then
                # is needed no more.
                before, seen = seen, self._store.keks.needed()
                if seen == before:
                    raise
            else:
                return

    def _take(self, seen: NeededKeks, also: int | None) -> None:
        active = [record for record in seen.records if record.state is KekState.ACTIVE]
        if len(active) != 1:
            raise WrongKek("This database does not have exactly one active KEK.", "Restore it from a backup.")
        lost = seen.lost
        if also is not None and all(record.kek_id != also for record in seen.records):
            lost = also
        if lost is not None:
            raise WrongKek(
                f"Stored keys were sealed with KEK v{lost}, which this database has no record of.",
                "Restore the whole database from a backup.",
            )
        # One that is retired and seals nothing may be gone from its source: that is how an operator ends its life.
        opened = {
            record.kek_id: self._opened(record)
            for record in sorted(seen.records, key=lambda record: record.state is not KekState.ACTIVE)
            if record.kek_id in seen.needed or record.kek_id == also
        }
        self._keks = self._keks | opened
        self._active = opened[active[0].kek_id]

    def _opened(self, record: KekRecord) -> Kek:
        kek = self._keks.get(record.kek_id)
        if kek is not None and canary_opens(record.canary, kek, self._store.deployment_id, record.source):
            return kek  # asking its source again could take seconds, and tell nothing new
        return self.sources.proven(record)

    def _require_new(self) -> None:
        if not self._store.keks.may_be_first():
            raise WrongKek(
                "This database holds sealed provider keys, but no record of the KEK they were sealed with.",
                "Restore the whole database from a backup.",
            )

    def _make_first(self) -> None:
        self._require_new()
        # A keyring has no write that fails where something is: of two processes one would replace the other's KEK.
        leases = self._store.leases
        while not leases.acquire(_FIRST_LEASE, LEASE):
            if self._store.keks.all():
                return
            time.sleep(_WAIT_SECONDS)
        try:
            if not self._store.keks.all():
                self._keep_first()
        finally:
            leases.release(_FIRST_LEASE)

    def _keep_first(self) -> None:
        source, made = self.sources.first(FIRST_KEK)
        kek = Kek(FIRST_KEK, made.material)
        canary = seal_canary(kek, self._store.deployment_id, source.name)
        record = KekRecord(FIRST_KEK, KekState.ACTIVE, source.name, canary, self._clock(), made.wrapped)
        try:
            self._store.keks.add(record, _told(Action.KEK_CREATE, source.name), _told(Action.KEK_ACTIVATE, source.name))
        except StoreError:
            # Another process was first with this id: its record is the one to prove our KEK against.
            if not self._store.keks.all():
                raise


def kek_target(kek_id: int) -> str:
    """How audit events name a KEK."""
    return f"kek:{kek_id}"


def _told(action: Action, source: str) -> AuditEvent:
    return AuditEvent.by(_GEARBOX, action, AuditOutcome.DONE, target=kek_target(FIRST_KEK), source=source)
