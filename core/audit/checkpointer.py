"""Writes checkpoints: of all processes on a database the one that leads signs what all chains have come to."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from core.audit.heads import SignedHeads, heads_json, read_heads
from core.audit.places import CheckpointFile
from core.audit.signer import SigningKeys, is_signed
from core.audit.statement import Restored, Statement, prev_of, read_statement
from data.store import Store
from data.store.audit_chain import instant
from data.store.audit_checkpoints import CHECKPOINT_LEASE
from data.values.audit import ChainHead, Checkpoint

INTERVAL = timedelta(seconds=30)
"""Half of what is promised (60 s), so that a slow moment breaks no promise."""
EVENTS = 500
"""Half of what is promised (1,000 events)."""
LEASE = timedelta(seconds=30)
FULL_EVERY = 500
"""Checkpoints from one that lists all chains to the next: bounds what has to be read to go on."""
_SLACK = timedelta(minutes=2)  # clocks of replicas differ, and a transaction takes a while from its time to its commit

_log = logging.getLogger(__name__)


class Checkpointer:
    """The signer's state in one process. Thread-safe.

    It goes on after what was signed last, in the database or in the file outside, whichever is further: a database that
    lost checkpoints without a signed restore stays found out.
    """

    def __init__(
        self,
        store: Store,
        keys: SigningKeys,
        file: CheckpointFile,
        clock: Callable[[], datetime],
        full_every: int = FULL_EVERY,
    ) -> None:
        self._full_every = full_every
        self._store = store
        self._keys = keys
        self._file = file
        self._clock = clock
        self._lock = threading.RLock()
        self._lease_from: datetime | None = None
        self._heads: SignedHeads | None = None
        self._stored: Checkpoint | None = None  # the newest in the database
        self._last: Checkpoint | None = None  # the newest anywhere
        self._base = 0

    @property
    def leads(self) -> bool:
        """Whether this process signs."""
        return self._lease_from is not None

    def lead(self) -> bool:
        """Lead if nobody else does, and go on leading; returns whether this process does."""
        with self._lock:
            now = self._clock()
            leases = self._store.leases
            if self._lease_from is None:
                if leases.holder(CHECKPOINT_LEASE) is None and leases.acquire(CHECKPOINT_LEASE, LEASE):
                    self._lease_from, self._heads = now, None
            elif now - self._lease_from >= LEASE / 3:
                self._lease_from = now if leases.renew(CHECKPOINT_LEASE, LEASE) else None
            return self.leads

    def stand_down(self) -> None:
        """Let another process lead."""
        with self._lock:
            if self.leads:
                self._lease_from = None
                self._store.leases.release(CHECKPOINT_LEASE)

    def write_if_due(self) -> Checkpoint | None:
        """Write a checkpoint when the last one is old enough, or enough happened since."""
        with self._lock:
            heads, last = self._loaded(), self._last
            if last is None or self._clock() - last.at >= INTERVAL:
                return self.write()
            recent = self._store.checkpoints.recent(last.at - _SLACK)
            new = sum(max(0, seq - heads.seq(chain)) for chain, seq in recent.items())
            return self.write() if new >= EVENTS else None

    def write(self, restored: Restored | None = None) -> Checkpoint | None:
        """Sign what all chains have come to; None when nothing is new or another process leads."""
        with self._lock:
            self._keys.signer()  # before looking: the first call writes events itself
            heads = self._loaded(is_restore=restored is not None)
            live = self._store.checkpoints.heads()
            if restored is not None:
                heads = self._heads = SignedHeads()
            moved = heads.behind(live)
            if not moved and restored is None:
                return None
            for head in moved:
                heads.move(head)
            seq = self._last.seq + 1 if self._last else 1
            # All chains are listed where the list of the checkpoint before is not in the database to begin from.
            gap = self._last is not self._stored
            full = restored is not None or gap or self._stored is None or seq - self._base >= self._full_every
            base = seq if full else self._base
            checkpoint = self._signed(seq, base, moved, heads, restored)
            before = self._stored.seq if self._stored else 0
            if not self._store.checkpoints.add(checkpoint, before, LEASE):
                self._lease_from = self._heads = None  # somebody else leads, or the database is not what it was
                return None
            self._stored = self._last = checkpoint
            self._base = base
            return checkpoint

    def _signed(
        self, seq: int, base: int, moved: list[ChainHead], heads: SignedHeads, restored: Restored | None
    ) -> Checkpoint:
        signer, now, last = self._keys.signer(), self._clock().astimezone(UTC), self._last
        epoch = (last.epoch if last else 0) + (restored is not None)
        statement = Statement(
            self._store.deployment_id,
            seq,
            prev_of(last, self._store.deployment_id),
            instant(now),
            epoch,
            signer.key_id,
            base,
            len(heads),
            heads.events,
            heads.root,
            restored,
        )
        body = statement.body()
        full = base == seq
        listed = heads_json(list(heads) if full else moved, full=full)
        digest = hashlib.sha256(body.encode()).digest()
        return Checkpoint(seq, now, epoch, body, listed, digest, signer.sign(body), signer.key_id)

    def _loaded(self, *, is_restore: bool = False) -> SignedHeads:
        if self._heads is None:
            self._stored = self._store.checkpoints.newest()
            self._last, self._base = self._stored, 0
            self._heads = self._replayed()
            self._look_outside(self._heads, is_restore)
        return self._heads

    def _replayed(self) -> SignedHeads:
        """What the checkpoints in the database lead to; nothing, so that all is listed anew, where they are no good."""
        heads = SignedHeads()
        if self._stored is None:
            return heads
        keys = {self._keys.signer().key_id: self._keys.signer().public_key}
        try:
            self._base = read_statement(self._stored.body).base
            seq = self._base - 1
            while batch := self._store.checkpoints.after(seq):
                for checkpoint in batch:
                    if not is_signed(checkpoint, keys):
                        raise ValueError("not signed")
                    heads = _moved(heads, checkpoint)
                    seq = checkpoint.seq
            if read_statement(self._stored.body).root != heads.root:
                raise ValueError("another root")
        except ValueError:
            _log.error("The checkpoints of the audit log are damaged. Run: python -m core audit verify")
            self._base = -self._full_every
            return SignedHeads()
        return heads

    def _look_outside(self, heads: SignedHeads, is_restore: bool) -> None:
        if (self._file.reached() or 0) <= (self._stored.seq if self._stored else 0):
            return
        keys = {self._keys.signer().key_id: self._keys.signer().public_key}
        for found in self._file.read():
            newest = self._last.seq if self._last else 0
            if isinstance(found, Checkpoint) and found.seq > newest and is_signed(found, keys):
                self._last = found
                for head in heads.behind(read_heads(found.heads)[0]):
                    heads.move(head)
        if self._last is not self._stored and not is_restore:  # which is just what says why
            _log.error("The file outside has checkpoints that the database lost. Run: python -m core audit verify")


def _moved(heads: SignedHeads, checkpoint: Checkpoint) -> SignedHeads:
    listed, full = read_heads(checkpoint.heads)
    if full:
        return SignedHeads(listed)
    for head in listed:
        heads.move(head)
    return heads
