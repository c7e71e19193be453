"""Verification of the whole audit log: every event, every link, every checkpoint, and the file outside.

One pass streams all events; only a chain that does not hold together is read again, to say what happened to it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from core.audit.chain_check import ChainCheck, tail_cut
from core.audit.claims import Claim, Claims, read_claims, signed_outside
from core.audit.outside import lost_lines, rewritten_note
from core.audit.report import Finding, FindingKind, Report

if TYPE_CHECKING:
    from core.audit.places import CheckpointFile
    from data.store import Store
    from data.store.audit_walk import ChainRecord, EventRow, Walk
    from data.values.audit import Checkpoint

_MOST_FINDINGS = 100


class Verifier:
    """Verifies one database, once.

    Args:
        store: the database.
        keys: the public halves of the keys that may have signed, by key id.
        foreign: ids of keys on record that are not Gearbox's.
        file: the checkpoints outside.
    """

    def __init__(self, store: Store, keys: dict[str, bytes], foreign: list[str], file: CheckpointFile) -> None:
        self._store = store
        self._keys = keys
        self._foreign = foreign
        self._file = file
        self._findings: list[Finding] = []
        self._broken: list[tuple[str, ChainCheck]] = []
        self._events = 0
        self._covered = 0

    def run(self) -> Report:
        """Verify everything; blocking.

        Raises:
            StoreError: the database can't be read.
            PlaceFailed: the file outside can't be read.
        """
        began = time.monotonic()
        in_file: list[Finding] = []
        # A checkpoint gets into the database, then into the file, then into the bookmark. Read the other way round,
        # what is written meanwhile is missing nowhere.
        bookmark = self._store.checkpoints.deliveries().get(self._file.bookmark)
        outside = list(signed_outside(self._file.read(), self._keys, in_file))
        stored: list[int] = []
        with self._store.audit_walk.begin() as walk:
            self._look_at_guards(walk)
            claims = read_claims(_noted(walk.checkpoints(), stored), outside, self._keys, self._store.deployment_id)
            self._findings += [*claims.findings, *in_file]
            if bookmark is not None and not in_file:  # lines that can't be read are told already
                self._find(lost_lines(self._file.path, bookmark.seq, {one.seq for one in outside}, stored))
            chains = self._follow_chains(walk, claims)
            for chain_id, check in self._broken:
                self._find(check.explain(walk.chain(chain_id)))
        note = rewritten_note(self._store)
        return Report(
            ok=not self._findings,
            events=self._events,
            chains=chains,
            checkpoints=claims.checkpoints,
            covered=self._covered,
            covered_until=claims.covered_until,
            findings=tuple(self._findings[:_MOST_FINDINGS]),
            seconds=time.monotonic() - began,
            notes=(note,) if note else (),
        )

    def _look_at_guards(self, walk: Walk) -> None:
        for table in walk.unguarded():
            words = f"The append-only triggers of the table {table} are missing or switched off."
            self._find(Finding(FindingKind.UNGUARDED, "", 0, words))
        for key_id in self._foreign:
            words = f"The signing key {key_id} on record was not made by Gearbox."
            self._find(Finding(FindingKind.FOREIGN_KEY, "", 0, words))

    def _follow_chains(self, walk: Walk, claims: Claims) -> int:
        chains = walk.chains()
        known = len(chains)
        for chain_id, rows in groupby(walk.events(), key=itemgetter(0)):
            record, claimed = chains.pop(chain_id, None), claims.by_chain.pop(chain_id, [])
            if record is None:
                self._count_unrecorded(chain_id, rows, claimed)
            else:
                self._follow(record, rows, claimed, claims.floor)
        for chain_id, claimed in claims.by_chain.items():
            self._find(tail_cut(chain_id, 0, 0, claimed[-1]))
        for chain_id in chains.keys() - claims.by_chain.keys():
            self._find(Finding(FindingKind.TAIL_CUT, chain_id, 1, "Every event of this chain was deleted."))
        return known

    def _follow(self, record: ChainRecord, rows: Iterator[EventRow], claims: list[Claim], floor: str) -> None:
        check = ChainCheck(self._store.deployment_id, record, claims, floor)
        check.follow(rows)
        self._events += check.events
        self._covered += check.covered
        if check.is_broken:
            self._broken.append((record.id, check))
        else:
            self._find(check.finding)

    def _count_unrecorded(self, chain_id: str, rows: Iterator[EventRow], claims: list[Claim]) -> None:
        self._events += sum(1 for _ in rows)
        kind = FindingKind.DELETED if claims else FindingKind.INSERTED
        words = "The record of this chain was deleted." if claims else "This chain was inserted: it has no record."
        self._find(Finding(kind, chain_id, 0, words))

    def _find(self, finding: Finding | None) -> None:
        if finding is not None:
            self._findings.append(finding)


def _noted(checkpoints: Iterator[Checkpoint], seqs: list[int]) -> Iterator[Checkpoint]:
    for checkpoint in checkpoints:
        seqs.append(checkpoint.seq)
        yield checkpoint
