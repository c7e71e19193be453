"""What signed checkpoints claim about each chain, and whether the checkpoints themselves are in order.

Those of the database and those of the file outside are read side by side. The file decides where they differ: whoever
changed the database could not change it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.audit.heads import SignedHeads, read_heads
from core.audit.report import Finding, FindingKind
from core.audit.signer import is_signed
from core.audit.statement import Statement, first_prev, read_statement
from data.store.audit_chain import instant
from data.values.audit import ChainHead, Checkpoint

SKEW = timedelta(minutes=5)
"""How far the clocks of processes may be apart."""

Claim = tuple[int, bytes, int, str]
"""A chain's event of this number had this hash, says the checkpoint of that number; the checkpoint before it did not
know the event, which therefore can't be older than this moment."""


@dataclass(slots=True)
class Claims:
    """The result of reading all checkpoints; see `read_claims`."""

    by_chain: dict[str, list[Claim]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    checkpoints: int = 0
    covered_until: datetime | None = None
    floor: str = ""
    """Events that no checkpoint knows can't be older than this."""

    def find(self, kind: FindingKind, seq: int, words: str) -> None:
        """Book a finding about a checkpoint; of each kind only the first is told."""
        if not any(one.kind is kind for one in self.findings):
            self.findings.append(Finding(kind, "", seq, words))

    def add(self, heads: Iterable[ChainHead], checkpoint: Checkpoint) -> None:
        """Take what a checkpoint says."""
        for head in heads:
            claim = (head.seq, head.hash, checkpoint.seq, self.floor)
            self.by_chain.setdefault(head.chain_id, []).append(claim)
        self.floor = instant(checkpoint.at - SKEW)


def read_claims(
    stored: Iterable[Checkpoint], outside: Iterable[Checkpoint], keys: dict[str, bytes], deployment_id: str
) -> Claims:
    """Read all checkpoints. Both sides come in the order of their numbers, those of `outside` with good signatures."""
    reader = _Reader(keys, deployment_id)
    for ours, theirs in _side_by_side(stored, outside):
        reader.take(ours, theirs)
    reader.end()
    for claims in reader.claims.by_chain.values():
        claims.sort()
    return reader.claims


class _Reader:
    def __init__(self, keys: dict[str, bytes], deployment_id: str) -> None:
        self.claims = Claims()
        self._keys = keys
        self._deployment_id = deployment_id
        self._heads: SignedHeads | None = SignedHeads()  # None: not known until a checkpoint lists all
        self._prev = first_prev(deployment_id)
        self._seq = 0
        self._lost: list[Checkpoint] = []  # outside only, and so far no restore says why

    def take(self, ours: Checkpoint | None, theirs: Checkpoint | None) -> None:
        if ours is not None:
            self.claims.checkpoints += 1
        if ours is None and theirs is not None:
            self._lost.append(theirs)
            self._follow(theirs, read_statement(theirs.body), is_ours=False)
            return
        assert ours is not None
        if theirs is not None and theirs.hash != ours.hash:
            self.claims.find(
                FindingKind.CHECKPOINT_EDITED,
                ours.seq,
                f"Checkpoint {ours.seq} is not the one that was written outside the database.",
            )
            self._follow(theirs, read_statement(theirs.body), is_ours=False)
            self.claims.add(read_heads(theirs.heads)[0], theirs)
            return
        statement = self._checked(ours)
        if statement is None:
            self._heads = None
            self._seq, self._prev = ours.seq, ours.hash.hex()
            return
        if statement.restored is not None:
            resumes = statement.restored.resumes
            self._lost = [lost for lost in self._lost if lost.seq <= resumes]
        elif ours.seq != self._seq + 1:
            gone = self._seq + 1
            words = f"Checkpoint {gone} is not in the database any more."
            self.claims.find(FindingKind.CHECKPOINT_MISSING, gone, words)
        self._follow(ours, statement, is_ours=True)
        if theirs is not None:
            self.claims.covered_until = ours.at

    def end(self) -> None:
        """Book what no later checkpoint explained."""
        for lost in self._lost:
            words = f"Checkpoint {lost.seq} lies outside and is not in the database any more."
            self.claims.find(FindingKind.CHECKPOINT_MISSING, lost.seq, words)
            self.claims.add(read_heads(lost.heads)[0], lost)
            self.claims.covered_until = max(lost.at, self.claims.covered_until or lost.at)

    def _checked(self, checkpoint: Checkpoint) -> Statement | None:
        """What a stored checkpoint states, when it is signed and its row says the same."""
        fault = ""
        statement = None
        if not is_signed(checkpoint, self._keys):
            fault = "does not have a signature of Gearbox's"
        else:
            statement = read_statement(checkpoint.body)
            at = datetime.fromisoformat(statement.at)
            row = (checkpoint.seq, checkpoint.epoch, checkpoint.key_id, checkpoint.at)
            if row != (statement.seq, statement.epoch, statement.key, at):
                fault = "has another number, time, epoch or key in its row than in its text"
            elif statement.deployment != self._deployment_id:
                fault = "belongs to another deployment"
        if fault:
            words = f"Checkpoint {checkpoint.seq} {fault}."
            self.claims.find(FindingKind.CHECKPOINT_EDITED, checkpoint.seq, words)
            return None
        return statement

    def _follow(self, checkpoint: Checkpoint, statement: Statement, *, is_ours: bool) -> None:
        """Move the heads on and compare their root with the one that was signed."""
        if statement.seq == self._seq + 1 and statement.prev != self._prev:
            words = f"Checkpoint {statement.seq} does not follow the one before it."
            self.claims.find(FindingKind.CHECKPOINT_EDITED, statement.seq, words)
        elif statement.seq != self._seq + 1:
            self._heads = None
        self._seq, self._prev = statement.seq, checkpoint.hash.hex()
        try:
            listed, full = read_heads(checkpoint.heads)
        except ValueError:
            listed, full = [], True
        if full:
            self._heads = SignedHeads(listed)
        elif self._heads is not None:
            for head in listed:
                self._heads.move(head)
        if self._heads is not None:
            led_to = (self._heads.root, len(self._heads), self._heads.events)
            if led_to != (statement.root, statement.chains, statement.events):
                words = f"The chains listed with checkpoint {statement.seq} are not those that it signed."
                self.claims.find(FindingKind.CHECKPOINT_EDITED, statement.seq, words)
                self._heads = None
                return
        if is_ours:
            self.claims.add(listed, checkpoint)


def signed_outside(
    lines: Iterable[Checkpoint | int], keys: dict[str, bytes], findings: list[Finding]
) -> Iterator[Checkpoint]:
    """The checkpoints of the file that are signed, by their numbers; the first other line becomes a finding."""
    newest = 0
    for number, found in enumerate(lines, 1):
        if isinstance(found, int) or not is_signed(found, keys) or not _is_readable(found):
            if not findings:
                words = f"Line {number} of the checkpoint file is no checkpoint that Gearbox signed."
                findings.append(Finding(FindingKind.FILE_EDITED, "", number, words))
        elif found.seq > newest:
            newest = found.seq
            yield found


def _is_readable(checkpoint: Checkpoint) -> bool:
    try:
        read_heads(checkpoint.heads)
    except ValueError:
        return False
    return True


def _side_by_side(
    stored: Iterable[Checkpoint], outside: Iterable[Checkpoint]
) -> Iterator[tuple[Checkpoint | None, Checkpoint | None]]:
    """Merge by number."""
    left, right = iter(stored), iter(outside)
    ours, theirs = next(left, None), next(right, None)
    while ours is not None or theirs is not None:
        if theirs is None or (ours is not None and ours.seq < theirs.seq):
            yield ours, None
            ours = next(left, None)
        elif ours is None or theirs.seq < ours.seq:
            yield None, theirs
            theirs = next(right, None)
        else:
            yield ours, theirs
            ours, theirs = next(left, None), next(right, None)
