"""KEKs that an operator hands in: an environment variable, or a file that a secret store mounted."""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path

from core.errors import VaultError, WrongKek
from core.vault.kek import MadeKek, decode_kek

_MOST_BYTES = 64 * 1024

_log = logging.getLogger(__name__)


class EnvironmentKek:
    """KEKs as `python -m core vault new-kek` prints them, separated by white space, the newest first.

    Which of them is which KEK the canaries tell, so that nobody has to number them. Gearbox can't write here: a
    rotation takes the newest one up, which the operator put in front.
    """

    name = "environment"

    def __init__(self, variable: str, file: Path | None) -> None:
        self._variable = variable
        self._file = file
        self._warned = False

    def load(self, kek_id: int, wrapped: bytes | None = None) -> tuple[bytes, ...]:
        """See `KekSource.load`: every key that was handed in. The file is read anew each time."""
        handed = [(entry, "GEARBOX_KEK") for entry in self._variable.encode("ascii", "replace").split()]
        if self._file is not None:
            handed += [(entry, f"the file {self._file}") for entry in self._content(self._file).split()]
        return tuple(decode_kek(entry, f"{place}, entry {n}") for n, (entry, place) in enumerate(handed, start=1))

    def create(self, kek_id: int) -> MadeKek:
        """See `KekSource.create`: the newest key that was handed in."""
        handed = self.load(kek_id)
        if not handed:
            raise VaultError(
                "GEARBOX_KEK_SOURCE is environment, but no key was handed in.",
                "Set GEARBOX_KEK or GEARBOX_KEK_FILE to what `python -m core vault new-kek` prints.",
            )
        return MadeKek(handed[0])

    def destroy(self, kek_id: int) -> bool:
        """See `KekSource.destroy`: only the operator can."""
        return False

    def place(self, kek_id: int) -> str:
        """See `KekSource.place`."""
        return f"GEARBOX_KEK or the file {self._file}" if self._file else "GEARBOX_KEK"

    def _content(self, path: Path) -> bytes:
        try:
            with path.open("rb") as file:
                status = os.fstat(file.fileno())
                _refuse_what_others_write(path, status)
                if not self._warned and (others := _readers(status)):
                    self._warned = True
                    _log.warning("The KEK in the file %s of GEARBOX_KEK_FILE can be read by %s.", path, others)
                return file.read(_MOST_BYTES)
        except OSError as error:
            raise WrongKek(
                f"The file {path} of GEARBOX_KEK_FILE can't be read: {error.strerror}.",
                "Mount it, and let the user that runs Gearbox read it.",
            ) from None


def readers_beside_us(path: Path) -> str:
    """Who else may read the mounted file, in words; empty for nobody, or where that can't be told.

    Secret stores mount files for reading by everybody in their container (Kubernetes: 0644), and often nobody else is
    in there: so this is for people to judge, and no refusal.
    """
    try:
        return _readers(path.stat())
    except OSError:
        return ""


def _readers(status: os.stat_result) -> str:
    if os.name != "posix" or not stat.S_ISREG(status.st_mode):
        return ""
    who = {stat.S_IRGRP: "its group", stat.S_IROTH: "every user"}
    mode = f"mode {stat.S_IMODE(status.st_mode):04o}"
    may = [words for bit, words in who.items() if status.st_mode & bit]
    return f"{may[-1]} of this machine or container ({mode})" if may else ""


def _refuse_what_others_write(path: Path, status: os.stat_result) -> None:
    if os.name != "posix" or not stat.S_ISREG(status.st_mode):
        return
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise WrongKek(
            f"Others may change the file {path} of GEARBOX_KEK_FILE (mode {stat.S_IMODE(status.st_mode):04o}): "
            "the next KEK could be one that they know.",
            f"Run `chmod go-w {path}`, or mount it read-only with mode 0400 or 0444.",
        )
