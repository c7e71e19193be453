"""The KEK in a file that only its owner may read."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from core.errors import VaultError, WrongKek
from core.vault.envelope import KEY_BYTES
from core.vault.kek import decode_kek, encode_kek


class FileKek:
    """KEKs as files `vault-<deployment>-v<id>.kek` in `folder`, readable by their owner alone."""

    name = "file"

    def __init__(self, folder: Path, deployment: str) -> None:
        self._folder = folder
        self._deployment = deployment

    def load(self, kek_id: int) -> bytes | None:
        """See `KekSource.load`. Refuses a file that others can read."""
        path = self._path(kek_id)
        try:
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise WrongKek(f"The key file {path} can't be read: {error.strerror}.", "Check its owner.") from None
        with os.fdopen(descriptor, "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise WrongKek(
                    f"Other users of this machine may read the key file {path} (mode {stat.S_IMODE(mode):04o}).",
                    f"Run `chmod 600 {path}` and replace the stored provider keys, if anyone else had access.",
                )
            return decode_kek(file.read(1024), self.place(kek_id))

    def create(self, kek_id: int) -> bytes:
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
        if kept is None:
            raise VaultError(f"The key file {path} vanished while it was made.", "Start Gearbox again.")
        return kept

    def place(self, kek_id: int) -> str:
        """See `KekSource.place`."""
        return f"the file {self._path(kek_id)}"

    def _path(self, kek_id: int) -> Path:
        return self._folder / f"vault-{self._deployment}-v{kek_id}.kek"

    def _write_once(self, path: Path, content: str) -> None:
        # mkstemp opens with O_EXCL and 0600; the link fails where the name exists, so that the first writer wins.
        descriptor, draft = tempfile.mkstemp(prefix=".kek-", dir=self._folder)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(draft, path)
            except FileExistsError:
                return
        finally:
            Path(draft).unlink()
        if os.name == "posix":  # the name must be as durable as the content, before anything is sealed with it
            folder = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
