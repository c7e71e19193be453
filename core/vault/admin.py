"""What admins see of the vault, and the button that rotates its KEK."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from core.access.access import Access
from core.access.policy import Permission
from core.errors import GearboxError
from core.vault.ring import KekRing
from core.vault.rotation import KekRotator
from data.values.actor import Actor, Surface
from data.values.audit import SYSTEM_ACTOR
from data.values.keks import KekState, RotationRecord

if TYPE_CHECKING:
    from data.store import Store

_log = logging.getLogger(__name__)
_GEARBOX = Actor(SYSTEM_ACTOR, frozenset(), Surface.BACKGROUND)


@dataclass(frozen=True, slots=True)
class KekCard:
    """What may be shown of a KEK: its id, where it is kept, and how many records it seals (versions and heads)."""

    kek_id: int
    state: KekState
    source: str
    place: str
    created_at: datetime
    seals: int


@dataclass(frozen=True, slots=True)
class RotationStatus:
    """A rotation as any replica sees it.

    `running` tells one under way from one that was interrupted; `problem` is what stopped it, known only to the process
    that it ran in.
    """

    record: RotationRecord
    running: bool
    problem: str = ""


class VaultAdmin:
    """For actors who may manage the vault. Thread-safe; `close()` pauses a rotation that runs here."""

    def __init__(self, access: Access, store: Store, ring: KekRing, rotator: KekRotator) -> None:
        self._access = access
        self._store = store
        self._ring = ring
        self._rotator = rotator
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()
        self._problem = ""

    def keks(self, actor: Actor) -> list[KekCard]:
        """Every KEK on record, by id."""
        self._access.require(actor, Permission.MANAGE_VAULT)
        in_use = self._store.keks.in_use()
        return [
            KekCard(
                record.kek_id,
                record.state,
                record.source,
                self._ring.sources.place(record),
                record.created_at,
                in_use.get(record.kek_id, 0),
            )
            for record in self._store.keks.all()
        ]

    def rotation(self, actor: Actor) -> RotationStatus | None:
        """The rotation under way in any process, else the last one there was."""
        self._access.require(actor, Permission.MANAGE_VAULT)
        record = self._rotator.state()
        if record is None:
            return None
        # The thread that was just started may not have taken the lease yet.
        here = self._thread is not None and self._thread.is_alive()
        running = record.finished_at is None and (here or self._rotator.is_running())
        return RotationStatus(record, running, "" if running else self._problem)

    def history(self, actor: Actor) -> list[RotationRecord]:
        """Every rotation, the newest first."""
        self._access.require(actor, Permission.MANAGE_VAULT)
        return self._rotator.history()

    def rotate(self, actor: Actor, source: str | None = None) -> RotationRecord:
        """Begin a rotation, or take up the one that was interrupted, and run it in the background.

        Raises:
            AccessRefused: the actor may not.
            VaultError: a process is at it already, or the source can't be had here.
        """
        self._access.require(actor, Permission.MANAGE_VAULT)
        record = self._rotator.start(actor, source)
        self._run(actor)
        return record

    def resume_interrupted(self) -> None:
        """At start: take up the rotation of a process that died, unless another one is at it."""
        if self._store.rotations.unfinished() is not None and not self._rotator.is_running():
            self._run(_GEARBOX)

    def close(self, timeout: float = 10.0) -> None:
        """Pause a rotation of this process after its batch; `timeout` in seconds. Whoever starts next takes it up."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def _run(self, actor: Actor) -> None:
        with self._lock:
            if self._closing.is_set() or (self._thread is not None and self._thread.is_alive()):
                return
            self._problem = ""
            self._thread = threading.Thread(target=self._work, args=(actor,), name="gearbox-rotation", daemon=True)
            self._thread.start()

    def _work(self, actor: Actor) -> None:
        try:
            self._rotator.run(actor, self._pause_if_closing)
        except _Paused:
            _log.info("The rotation of the KEK is paused; the next start takes it up.")
        except GearboxError as error:
            self._problem = error.explain()
            _log.error("The rotation of the KEK stopped: %s", self._problem)
        except Exception:  # noqa: BLE001  # the thread has nobody to raise it to, and the page must not show it as running for ever
            self._problem = "Something went wrong inside Gearbox. The server's log says what."
            _log.exception("The rotation of the KEK stopped.")

    def _pause_if_closing(self, _record: RotationRecord) -> None:
        if self._closing.is_set():
            raise _Paused


class _Paused(Exception):
    """Gearbox is shutting down."""
