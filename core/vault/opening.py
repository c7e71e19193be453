"""Opening a database's KEKs: find them, prove them with the canary, or make the first one. Fails closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from core.errors import StoreError, VaultError, WrongKek
from core.vault.envelope import Kek, canary_opens, seal_canary
from core.vault.kek import KekSource
from core.vault.kek_file import FileKek
from core.vault.kek_keyring import KeyringKek
from data.values.secrets import KekRecord, KekState

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

    from data.store import Store

FIRST_KEK = 1


class KekDoor:
    """Opens, or for a fresh database makes, the KEKs of one deployment.

    Args:
        home: folder of the file source.
        setting: `Settings.kek_source`; only a database without a KEK asks it.
        keyring: this machine's real keyring, or None.
    """

    def __init__(
        self,
        store: Store,
        home: Path,
        setting: Literal["auto", "keyring", "file"],
        clock: Callable[[], datetime],
        keyring: Callable[[], KeyringBackend | None],
    ) -> None:
        self._store = store
        self._home = home
        self._setting = setting
        self._clock = clock
        self._keyring = keyring

    def open(self) -> tuple[Kek, ...]:
        """Every KEK on record, each proven by its canary; the ACTIVE one comes first.

        Raises:
            WrongKek: one is missing or is another database's; nothing was written.
            VaultError: a first KEK could not be kept.
        """
        records = self._store.secrets.keks()
        if not records:
            if self._store.secrets.count():
                raise WrongKek(
                    "This database holds sealed provider keys, but no record of the KEK they were sealed with.",
                    "Restore the whole database from a backup.",
                )
            records = self._first()
        if sum(record.state is KekState.ACTIVE for record in records) != 1:
            raise WrongKek("This database does not have exactly one active KEK.", "Restore it from a backup.")
        records = sorted(records, key=lambda record: record.state is not KekState.ACTIVE)
        return tuple(self._proven(record) for record in records)

    def _proven(self, record: KekRecord) -> Kek:
        source = self._source(record.source)
        material = source.load(record.kek_id)
        if material is None:
            raise WrongKek(
                f"KEK v{record.kek_id} of this database is missing from {source.place(record.kek_id)}.",
                "Restore it from a backup, and start Gearbox as the user it was made for. Without it the stored "
                "provider keys can't be read by anyone: then start with a new database and enter them again.",
            )
        kek = Kek(record.kek_id, material)
        if not canary_opens(record.canary, kek, self._store.deployment_id, record.source):
            raise WrongKek(
                f"The key in {source.place(record.kek_id)} is not the one this database was sealed with.",
                "Restore the one that was backed up together with this database.",
            )
        return kek

    def _source(self, name: str) -> KekSource:
        if name == FileKek.name:
            return FileKek(self._home, self._store.deployment_id)
        if name != KeyringKek.name:
            raise WrongKek(f"This database keeps its KEK in “{name}”, which this release does not know.", "Upgrade.")
        backend = self._keyring()
        if backend is None:
            raise WrongKek(
                "This database keeps its KEK in the OS keyring, and there is no keyring here.",
                "Start Gearbox in the session of the user it was made for.",
            )
        return KeyringKek(backend, self._store.deployment_id)

    def _first(self) -> list[KekRecord]:
        source, material = self._made()
        kek = Kek(FIRST_KEK, material)
        canary = seal_canary(kek, self._store.deployment_id, source.name)
        record = KekRecord(FIRST_KEK, KekState.ACTIVE, source.name, canary, self._clock())
        try:
            self._store.secrets.add_kek(record)
        except StoreError:
            # Another process was first with this id: its record is the one to prove our KEK against.
            if not (records := self._store.secrets.keks()):
                raise
            return records
        return self._store.secrets.keks()

    def _made(self) -> tuple[KekSource, bytes]:
        file = FileKek(self._home, self._store.deployment_id)
        if self._setting == "file":
            return file, file.create(FIRST_KEK)
        backend = self._keyring()
        if backend is None and self._setting == "keyring":
            raise VaultError(
                "GEARBOX_KEK_SOURCE is keyring, but this machine has no OS keyring.", "Set it to file or auto."
            )
        if backend is not None:
            ring = KeyringKek(backend, self._store.deployment_id)
            try:
                return ring, ring.create(FIRST_KEK)
            except VaultError:  # locked, or it keeps nothing
                if self._setting == "keyring":
                    raise
        return file, file.create(FIRST_KEK)
