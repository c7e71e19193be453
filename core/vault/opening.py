"""Finding a database's KEKs in their sources, and proving them with the canary."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from core.config import Settings
from core.errors import GearboxError, VaultError, WrongKek
from core.vault.envelope import Kek, canary_opens
from core.vault.kek import TRANSIT, KekSource, MadeKek
from core.vault.kek_environment import EnvironmentKek
from core.vault.kek_file import FileKek
from core.vault.kek_keyring import KeyringKek
from data.values.keks import KekRecord

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend


class KekSources:
    """The sources that this process may take KEKs from.

    Args:
        settings: what the operator set; `kek_source` only counts where a KEK is made.
        deployment: the database's id.
        keyring: this machine's real keyring, or None.
    """

    def __init__(self, settings: Settings, deployment: str, keyring: Callable[[], KeyringBackend | None]) -> None:
        self._settings = settings
        self._deployment = deployment
        self._keyring = keyring

    def named(self, name: str) -> KekSource:
        """A source by its name.

        Raises:
            WrongKek: it can't be had here.
            ConfigError: its settings are missing or can't be used.
        """
        settings = self._settings
        if name == FileKek.name:
            return FileKek(settings.home, self._deployment)
        if name == EnvironmentKek.name:
            return EnvironmentKek(settings.kek, settings.kek_file)
        if name == TRANSIT:
            from core.vault.kek_transit import TransitKek  # it brings an HTTP client: 0.3 s

            return TransitKek(
                settings.transit_url,
                settings.transit_mount,
                settings.transit_key,
                settings.transit_token,
                settings.transit_token_file,
            )
        if name != KeyringKek.name:
            raise WrongKek(f"This database keeps its KEK in “{name}”, which this release does not know.", "Upgrade.")
        backend = self._keyring()
        if backend is None:
            raise WrongKek(
                "This database keeps its KEK in the OS keyring, and there is no keyring here.",
                "Start Gearbox in the session of the user it was made for.",
            )
        return KeyringKek(backend, self._deployment)

    def place(self, record: KekRecord) -> str:
        """Where a person finds a KEK, in words; why not, where its source can't be had here."""
        try:
            return self.named(record.source).place(record.kek_id)
        except GearboxError as error:
            return f"{record.source}: {error}"

    def first(self, kek_id: int) -> tuple[KekSource, MadeKek]:
        """Make the first KEK of a database, where the settings say.

        Raises:
            VaultError: it can't be kept there.
        """
        setting = self._settings.kek_source
        if setting not in {"auto", KeyringKek.name}:
            source = self.named(setting)
            return source, source.create(kek_id)
        backend = self._keyring()
        if backend is None and setting == KeyringKek.name:
            raise VaultError(
                "GEARBOX_KEK_SOURCE is keyring, but this machine has no OS keyring.", "Set it to file or auto."
            )
        if backend is not None:
            ring = KeyringKek(backend, self._deployment)
            try:
                return ring, ring.create(kek_id)
            except VaultError:  # locked, or it keeps nothing
                if setting == KeyringKek.name:
                    raise
        file = self.named(FileKek.name)
        return file, file.create(kek_id)

    def next_source(self, current: str) -> str:
        """Where a rotation keeps the new KEK unless it is told: as the settings say, `auto` where the last one is."""
        return current if self._settings.kek_source == "auto" else self._settings.kek_source

    def proven(self, record: KekRecord) -> Kek:
        """The KEK of a record, proven by its canary.

        Raises:
            WrongKek: it is missing, or what is there is another one.
        """
        source = self.named(record.source)
        found = source.load(record.kek_id, record.wrapped)
        for material in found:
            kek = Kek(record.kek_id, material)
            if canary_opens(record.canary, kek, self._deployment, record.source):
                return kek
        if not found:
            raise WrongKek(
                f"KEK v{record.kek_id} of this database is missing from {source.place(record.kek_id)}.",
                "Restore it from a backup, and start Gearbox as the user it was made for. Without it the stored "
                "provider keys can't be read by anyone: then start with a new database and enter them again.",
            )
        raise WrongKek(
            f"The key in {source.place(record.kek_id)} is not the one this database was sealed with.",
            "Restore the one that was backed up together with this database.",
        )
