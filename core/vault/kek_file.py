"""The KEK in a file that only its owner may read."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from core.errors import VaultError, WrongKek
from core.vault.envelope import KEY_BYTES
from core.vault.kek import MadeKek, decode_kek, encode_kek

_MOST_BYTES = 1024


class FileKek:
    """KEKs as files `vault-<deployment>-v<id>.kek` in `folder`, readable by their owner alone."""

    name = "file"

    def __init__(self, folder: Path, deployment: str) -> None:
        self._folder = folder
        self._deployment = deployment

    def load(self, kek_id: int, wrapped: bytes | None = None) -> tuple[bytes, ...]:
        """See `KekSource.load`. Refuses a file that others own or can read, and a link."""
        path = self._path(kek_id)
        try:  # without O_NONBLOCK a pipe of that name would hold the start for ever
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise WrongKek(
                f"The key file {path} can't be read: {error.strerror}.",
                "It must be a file, no link, and belong to the user that runs Gearbox.",
            ) from None
        try:
            _require_private(path, os.fstat(descriptor))
            return (decode_kek(os.read(descriptor, _MOST_BYTES), self.place(kek_id)),)
        finally:
            os.close(descriptor)

    def create(self, kek_id: int) -> MadeKek:
        """See `KekSource.create`. The file appears whole or not at all, also when two processes race."""
        path = self._path(kek_id)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._write_once(path, encode_kek(os.urandom(KEY_BYTES)))
        except OSError as error:
            raise VaultError(
                f"The key file {path} can't be written: {error.strerror}.",
                "Make the folder writable, or set GEARBOX_HOME to one that is.",
            ) from None
        kept = self.load(kek_id)
        if not kept:
            raise VaultError(f"The key file {path} vanished while it was made.", "Start Gearbox again.")
        return MadeKek(kept[0])

    def destroy(self, kek_id: int) -> bool:
        """See `KekSource.destroy`. What a disk or its backups still hold of the file is beyond us."""
        try:
            self._path(kek_id).unlink(missing_ok=True)
        except OSError as error:
            raise VaultError(
                f"The key file {self._path(kek_id)} can't be deleted: {error.strerror}.", "Delete it by hand."
            ) from None
        return True

    def place(self, kek_id: int) -> str:
        """See `KekSource.place`."""
        return f"the file {self._path(kek_id)}"

    def _path(self, kek_id: int) -> Path:
        return self._folder / f"vault-{self._deployment}-v{kek_id}.kek"

    def _write_once(self, path: Path, content: str) -> None:
        # mkstemp opens with O_EXCL and 0600; the link fails where the name exists, so that the first writer wins.
        draft_of = f".{path.name}-"
        descriptor, draft = tempfile.mkstemp(prefix=draft_of, dir=self._folder)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError, FileNotFoundError):  # another process was first, and tidied up
                os.link(draft, path)
        finally:
            # Also those of processes that were killed here: one may be a second name of this very KEK, under which it
            # would outlive its destruction.
            for left in self._folder.glob(f"{draft_of}*"):
                left.unlink(missing_ok=True)
        if os.name == "posix":  # the name must be as durable as the content, before anything is sealed with it
            folder = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def _require_private(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise WrongKek(f"The key file {path} is not a file.", "Restore it from a backup.")
    if os.name != "posix":
        return
    if status.st_uid != os.geteuid():
        raise WrongKek(
            f"The key file {path} belongs to another user (id {status.st_uid}), who can read and change it.",
            f"Start Gearbox as that user, or run `chown {os.geteuid()} {path}`.",
        )
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise WrongKek(
            f"Other users of this machine may read the key file {path} (mode {stat.S_IMODE(status.st_mode):04o}).",
            f"Run `chmod 600 {path}` and replace the stored provider keys, if anyone else had access.",
        )
