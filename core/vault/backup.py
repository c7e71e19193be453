"""Backups: the whole state database in one sealed file, without the KEKs that open its keys.

A backup is a zip archive of three members:

    manifest.json   what it is: id, deployment, instant, KEK, rows of each table, SHA-256 of state.db
    seal            SHA-256 of manifest.json, sealed with the KEK: whoever changes the file needs that
    state.db        a SQLite database with everything (`data.store.snapshot`); provider keys are sealed in it as always
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import uuid
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from core.config import Settings
from core.errors import GearboxError, VaultError
from core.vault.envelope import open_head, seal_head
from core.vault.kek_keyring import system_keyring
from core.vault.ring import KekRing
from data.store import OwnerId, open_store
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.calls import KeyOwner
from data.values.secrets import SecretOwner

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

    from data.store import Store

_MANIFEST, _SEAL, _STATE = "manifest.json", "seal", "state.db"
_CHUNK = 1 << 20
_MOST_MANIFEST_BYTES = 1 << 20


class Manifest(BaseModel):
    """What a backup is. `kek_id` sealed it; `rows` are those of each table."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True)

    format: Literal[1] = 1
    backup_id: str
    deployment_id: str
    made_at: datetime
    kek_id: int
    rows: dict[str, int]
    sha256: str


@dataclass(frozen=True, slots=True)
class OpenBackup:
    """A backup whose seal was opened: its manifest, its database, and the KEKs that open it."""

    manifest: Manifest
    snapshot: Path
    store: Store
    ring: KekRing


def write_backup(actor: Actor, store: Store, ring: KekRing, clock: Callable[[], datetime], path: Path) -> Manifest:
    """Write a backup to a new file at `path`, readable by its owner alone, while everything goes on.

    Raises:
        VaultError: the file is there already, or can't be written.
        StoreError: the database can't be read, or the audit log not written.
    """
    if path.exists():
        raise VaultError(f"{path} is there already.", "Name another file: a backup is never overwritten.")
    backup_id = uuid.uuid4().hex

    def told(outcome: AuditOutcome, **details: str | int) -> AuditEvent:
        return AuditEvent.by(
            actor, Action.VAULT_BACKUP, outcome, target=f"backup:{backup_id}", operation=backup_id, **details
        )

    store.audit.intend(told(AuditOutcome.INTENT))
    try:
        manifest = _write(path, backup_id, store, ring, clock)
    except (OSError, GearboxError) as error:
        store.audit.record(told(AuditOutcome.FAILED, error=type(error).__name__))
        if isinstance(error, GearboxError):
            raise
        raise VaultError(
            f"The backup can't be written to {path}: {error.strerror}.", "Name a file in a folder with enough space."
        ) from None
    store.audit.record(told(AuditOutcome.DONE, kek=manifest.kek_id, sha256=manifest.sha256))
    return manifest


@contextmanager
def opened_backup(
    path: Path,
    settings: Settings,
    clock: Callable[[], datetime],
    keyring: Callable[[], KeyringBackend | None] = system_keyring,
) -> Iterator[OpenBackup]:
    """A backup that is what was written, unpacked in the home folder for as long as the context lasts.

    One of an earlier release is brought to this release's schema. Nothing else of Gearbox is read or changed.

    Raises:
        VaultError: it is no backup, or was changed.
        WrongKek: its KEKs can't be had here.
        StoreError: a newer release made it.
    """
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".gearbox-restore-", dir=settings.home) as folder:
        snapshot = Path(folder) / _STATE
        manifest, digest, seal = _unpack(path, snapshot)
        store = open_store(f"sqlite:///{snapshot}", owner=OwnerId.current(), clock=clock)
        try:
            if store.deployment_id != manifest.deployment_id or not store.keks.all():
                raise _not_a_backup(path)
            ring = KekRing.open(store, settings, clock, keyring)
            if open_head(seal, _sealed_as(manifest), manifest.deployment_id, ring.get(manifest.kek_id)) != digest:
                raise _changed(path)
            yield OpenBackup(manifest, snapshot, store, ring)
        finally:
            store.close()


def _write(path: Path, backup_id: str, store: Store, ring: KekRing, clock: Callable[[], datetime]) -> Manifest:
    with tempfile.TemporaryDirectory(prefix=".gearbox-backup-", dir=path.parent) as folder:
        state, archive = Path(folder) / _STATE, Path(folder) / "backup"
        rows = store.snapshot(state)
        kek = ring.active()
        manifest = Manifest(
            backup_id=backup_id,
            deployment_id=store.deployment_id,
            made_at=clock(),
            kek_id=kek.kek_id,
            rows=rows,
            sha256=_sha256(state),
        )
        text = manifest.model_dump_json(indent=2).encode()
        seal = seal_head(hashlib.sha256(text).digest(), _sealed_as(manifest), store.deployment_id, kek)
        with os.fdopen(os.open(archive, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "r+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
                packed.writestr(_MANIFEST, text)
                packed.writestr(_SEAL, seal)
                packed.write(state, _STATE)
            file.flush()
            os.fsync(file.fileno())
        archive.rename(path)
    return manifest


def _unpack(path: Path, snapshot: Path) -> tuple[Manifest, bytes, bytes]:
    """Manifest, its digest and its seal; `state.db` goes to `snapshot`."""
    try:
        with zipfile.ZipFile(path) as packed:
            text = packed.open(_MANIFEST).read(_MOST_MANIFEST_BYTES)
            seal = packed.open(_SEAL).read(_CHUNK)
            with (
                packed.open(_STATE) as state,
                os.fdopen(os.open(snapshot, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file,
            ):
                while chunk := state.read(_CHUNK):
                    file.write(chunk)
        manifest = Manifest.model_validate_json(text)
    except (zipfile.BadZipFile, KeyError, EOFError, zlib.error, ValidationError, NotImplementedError):
        raise _not_a_backup(path) from None
    except OSError as error:
        raise VaultError(
            f"{path} can't be unpacked: {error.strerror}.", "Check its name, and the disk's space."
        ) from None
    if _sha256(snapshot) != manifest.sha256:
        raise _changed(path)
    return manifest, hashlib.sha256(text).digest(), seal


def _sealed_as(manifest: Manifest) -> SecretOwner:
    return SecretOwner(f"backup:{manifest.backup_id}", KeyOwner.SYSTEM, "backup")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _not_a_backup(path: Path) -> VaultError:
    return VaultError(f"{path} is not a backup of Gearbox, or was cut off.", "Use another one.")


def _changed(path: Path) -> VaultError:
    return VaultError(f"{path} was changed or damaged after it was written.", "Use another one.")
