"""Places outside the database that checkpoints are carried to, and the one that always is: a file."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import socket
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Protocol

from core.audit.statement import read_statement
from core.errors import GearboxError
from data.values.audit import Checkpoint

_LONGEST_LINE = 1 << 24
"""Bytes; a checkpoint over all chains that there may be is far below. What is longer was not written by Gearbox."""


class PlaceFailed(GearboxError):
    """A place outside did not take a checkpoint."""


class Place(Protocol):
    """Takes checkpoints, in their order; may get one twice."""

    @property
    def name(self) -> str:
        """What admins know it by."""

    @property
    def bookmark(self) -> str:
        """What tells it from places of the same name that other processes write to."""

    @property
    def patience(self) -> timedelta:
        """How long it may fail before nothing is done with keys any more."""

    def reached(self) -> int | None:
        """The last checkpoint that it has, None where it can't say."""

    def take(self, checkpoint: Checkpoint) -> None:
        """Keep a checkpoint for good.

        Raises:
            PlaceFailed: it could not.
        """


_Identity = tuple[int, int] | None
"""Inode and size of a file; None where there is none."""


class CheckpointFile:
    """A file of checkpoints, one JSON object a line, 0600, each on disk before `take` returns.

    Best on another disk or machine than the database: who can change both can cut both.
    """

    name = "file"
    patience = timedelta(0)

    def __init__(self, path: Path) -> None:
        self.path = path
        self.bookmark = f"file {socket.gethostname()}:{path.absolute()}"
        self._seen: tuple[_Identity, int] | None = None  # the file, and what it then held last

    def reached(self) -> int | None:
        """See `Place.reached`."""
        there = _identity(self.path.stat()) if self.path.exists() else None
        if self._seen is None or self._seen[0] != there:
            held = (found.seq for found in self.read() if isinstance(found, Checkpoint))
            self._seen = there, max(held, default=0)
        return self._seen[1]

    def take(self, checkpoint: Checkpoint) -> None:
        """See `Place.take`."""
        line = json.dumps(as_record(checkpoint), separators=(",", ":")) + "\n"
        try:
            reached = self.reached() or 0
            self._seen = self._append(line.encode()), max(reached, checkpoint.seq)
        except OSError as error:
            raise self._unwritable(f": {error.strerror}") from None

    def require_writable(self) -> None:
        """Go on only where a checkpoint could be taken; nothing is written.

        Raises:
            PlaceFailed: it could not.
        """
        there = next(path for path in (self.path, *self.path.absolute().parents) if path.exists())
        is_fit = there.is_file() if there == self.path else there.is_dir()
        if not is_fit or not os.access(there, os.W_OK):
            raise self._unwritable()

    def read(self) -> Iterator[Checkpoint | int]:
        """Every checkpoint in the file; for a line that holds none, the line's number.

        Raises:
            PlaceFailed: the file can't be read.
        """
        try:
            if not stat.S_ISREG(self.path.stat().st_mode):  # a device may never end
                raise PlaceFailed(f"{self.path} is no file.", "Set GEARBOX_AUDIT_CHECKPOINT_FILE to a file's path.")
            with self.path.open("rb") as file:
                for number, line in enumerate(iter(partial(file.readline, _LONGEST_LINE), b""), 1):
                    if line.endswith(b"\n"):  # else a process died while it wrote; the next one writes it anew
                        checkpoint = _checkpoint(line)
                        yield number if checkpoint is None else checkpoint
        except FileNotFoundError:
            return
        except OSError as error:
            raise PlaceFailed(
                f"The checkpoint file {self.path} can't be read: {error.strerror}.",
                "Let the user that runs Gearbox read it.",
            ) from None

    def _unwritable(self, why: str = "") -> PlaceFailed:
        return PlaceFailed(
            f"The checkpoint file {self.path} can't be written{why}.",
            "Let the user that runs Gearbox write it, or set GEARBOX_AUDIT_CHECKPOINT_FILE.",
        )

    def _append(self, line: bytes) -> _Identity:
        is_new = not self.path.exists()
        if is_new:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            _cut_torn_line(file)
            os.write(file, line)
            os.fsync(file)
            written = _identity(os.fstat(file))  # of what was written, whatever lies at the path by now
        finally:
            os.close(file)
        if is_new:
            _sync_folder(self.path.parent)
        return written


def _identity(found: os.stat_result) -> _Identity:
    return found.st_ino, found.st_size


def as_record(checkpoint: Checkpoint) -> dict[str, str]:
    """A checkpoint as the file and the sinks get it."""
    return {
        "body": checkpoint.body,
        "heads": checkpoint.heads,
        "key": checkpoint.key_id,
        "signature": base64.b64encode(checkpoint.signature).decode(),
    }


def _checkpoint(line: bytes) -> Checkpoint | None:
    try:
        said = json.loads(line)
        body, heads, key = str(said["body"]), str(said["heads"]), str(said["key"])
        signature = base64.b64decode(said["signature"], validate=True)
        statement = read_statement(body)
        at = datetime.fromisoformat(statement.at)
    except (KeyError, TypeError, ValueError, binascii.Error):
        return None
    digest = hashlib.sha256(body.encode()).digest()
    return Checkpoint(statement.seq, at, statement.epoch, body, heads, digest, signature, key)


def _cut_torn_line(file: int) -> None:
    """Take away what a process wrote of a line before it died."""
    end = os.fstat(file).st_size
    start = end
    while start > 0:
        step = min(start, 65536)
        chunk = os.pread(file, step, start - step)
        newline = chunk.rfind(b"\n")
        if newline >= 0:
            start = start - step + newline + 1
            break
        start -= step
    if start != end:
        os.ftruncate(file, start)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return  # a folder can't be opened there
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
