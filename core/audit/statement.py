"""What a checkpoint says: the canonical JSON that is signed, and reading it back."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from data.values.audit import Checkpoint
from data.values.canonical import canonical_json

_KIND = "gearbox.audit.checkpoint"
_VERSION = 1
_PLAIN = ("deployment", "seq", "prev", "at", "epoch", "key", "base", "chains", "events", "root")


@dataclass(frozen=True, slots=True)
class Restored:
    """This checkpoint begins a new epoch: the database was restored from a backup.

    `resumes` is the last checkpoint that the backup holds; those between it and this one are given up.
    """

    backup: str
    resumes: int


@dataclass(frozen=True, slots=True)
class Statement:
    """The body of a checkpoint.

    Args:
        deployment: the database's own id.
        seq: its number; one more than the last that was written anywhere.
        prev: hash of the checkpoint before it in hexadecimal, or of the deployment's origin (`first_prev`).
        at: when, as events spell it.
        epoch: how often the database was restored, from 0.
        key: id of the key that signs.
        base: the last checkpoint that lists all heads; the lists since then lead to `root`.
        chains, events: how many it covers.
        root: Merkle root over all chains' heads, in hexadecimal.
        restored: why a new epoch begins here; else None.
    """

    deployment: str
    seq: int
    prev: str
    at: str
    epoch: int
    key: str
    base: int
    chains: int
    events: int
    root: str
    restored: Restored | None = None

    def body(self) -> str:
        """The text that is hashed and signed."""
        restored = self.restored and {"backup": self.restored.backup, "resumes": self.restored.resumes}
        return canonical_json(
            {
                "kind": _KIND,
                "v": _VERSION,
                "deployment": self.deployment,
                "seq": self.seq,
                "prev": self.prev,
                "at": self.at,
                "epoch": self.epoch,
                "key": self.key,
                "base": self.base,
                "chains": self.chains,
                "events": self.events,
                "root": self.root,
                "restored": restored,
            }
        )


def read_statement(body: str) -> Statement:
    """The reverse of `Statement.body`.

    Raises:
        ValueError: it is something else.
    """
    try:
        said = json.loads(body)
        restored = said["restored"] and Restored(said["restored"]["backup"], said["restored"]["resumes"])
        rest = {name: said[name] for name in _PLAIN}
        statement = Statement(**rest, restored=restored)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("no checkpoint") from error
    if statement.body() != body:
        raise ValueError("no checkpoint of this version")
    return statement


def first_prev(deployment_id: str) -> str:
    """What the first checkpoint names as the one before it."""
    return hashlib.sha256(f"gearbox.audit.checkpoints\n{deployment_id}".encode()).hexdigest()


def prev_of(checkpoint: Checkpoint | None, deployment_id: str) -> str:
    """What the checkpoint after this one names as the one before it."""
    return first_prev(deployment_id) if checkpoint is None else checkpoint.hash.hex()
