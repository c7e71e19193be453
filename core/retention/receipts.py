"""Proof of what was destroyed: people who were forgotten, and rows that were older than they are to be kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from core.access.access import Access
from core.access.policy import Permission
from core.audit.heads import read_heads
from data.store import Store
from data.values.actor import Actor
from data.values.audit import Action
from data.values.audit_search import AuditFilter
from data.values.errors import WarehouseError
from data.values.retention import KINDS, ForgetReceipt
from data.warehouse.erasing import Receipt as Erasure
from data.warehouse.erasing import scope_of

_LOOKED = 10
"""Checkpoints that are looked through for the one that signs an event; the first one mostly does."""

SHOWN = 200

Erasures = Callable[[], Sequence[Erasure]]
"""What was taken out of the warehouse, the newest first. Raises WarehouseError where that can't be read."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Where the audit log says it: an event of a chain, its hash in hex, and the checkpoint that signs it, if any."""

    chain_id: str
    seq: int
    hash: str
    checkpoint: int | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was destroyed once.

    Args:
        at: UTC.
        reason: `forgotten` or `retention`.
        policy: what the rule was: `anonymise` or `remove` for rows of the warehouse, or a number of days.
        by: who did it; None where a rule did.
        person_id: who was forgotten: an id that nothing leads from.
        team_id: whose rows they were, where the rule is a team's.
        removed: how many of each kind.
        rows: rows of the warehouse by table, removed or anonymised; None while that is not done, or can't be read.
        proof: see there; None for rules, whose rows have no names.
    """

    id: str
    at: datetime
    reason: str
    policy: str
    by: str | None
    person_id: str | None
    team_id: str | None
    removed: Mapping[str, int]
    rows: Mapping[str, int] | None
    proof: Proof | None


@dataclass(frozen=True, slots=True)
class Receipts:
    """The newest first; `trouble` says why those of the warehouse are missing, empty where they are not."""

    receipts: Sequence[Receipt]
    trouble: str = ""


class ReceiptService:
    """Every method needs `Permission.MANAGE_RETENTION` and raises AccessRefused without it. Thread-safe, blocking."""

    def __init__(self, access: Access, store: Store, erasures: Erasures) -> None:
        self._access = access
        self._store = store
        self._erasures = erasures

    def list(self, actor: Actor) -> Receipts:
        """The newest of both kinds."""
        self._access.require(actor, Permission.MANAGE_RETENTION)
        erasures, trouble = self._read()
        forgotten = [self._of_person(each, erasures) for each in self._store.forgetting.receipts(limit=SHOWN)]
        by_rule = [_of_rule(each) for each in erasures or () if each.reason == "retention"]
        found = sorted([*forgotten, *by_rule], key=lambda receipt: receipt.at, reverse=True)
        return Receipts(found[:SHOWN], trouble)

    def find(self, actor: Actor, receipt_id: str) -> Receipt:
        """One of them. Raises NotFound."""
        self._access.require(actor, Permission.MANAGE_RETENTION)
        erasures, _ = self._read()
        of_rule = next((each for each in erasures or () if each.id == receipt_id and each.reason == "retention"), None)
        if of_rule is not None:
            return _of_rule(of_rule)
        return self._of_person(self._store.forgetting.receipt(receipt_id), erasures)

    def _read(self) -> tuple[Sequence[Erasure] | None, str]:
        try:
            return self._erasures(), ""
        except WarehouseError as error:
            return None, error.explain()

    def _of_person(self, kept: ForgetReceipt, erasures: Sequence[Erasure] | None) -> Receipt:
        scope = scope_of(kept.person_id)
        theirs = [each for each in erasures or () if each.reason == "forgotten" and each.scope == scope]
        rows: dict[str, int] = {}
        for each in theirs:  # calls that ended after their person was gone have a receipt of their own
            rows |= {table: rows.get(table, 0) + count for table, count in each.counts.items()}
        return Receipt(
            id=kept.id,
            at=kept.at,
            reason="forgotten",
            policy=kept.usage.value,
            by=kept.by,
            person_id=kept.person_id,
            team_id=None,
            removed=kept.removed,
            rows=rows if theirs else None,
            proof=self._proof(kept.person_id),
        )

    def _proof(self, person_id: str) -> Proof | None:
        wanted = AuditFilter(target=f"person:{person_id}", actions=(Action.PERSON_FORGET,))
        entries = self._store.audit.search(wanted, None, 1).entries
        if not entries:
            return None
        record = entries[0].record
        first = self._store.checkpoints.first_from(record.at)
        later = [] if first is None else [first, *self._store.checkpoints.after(first.seq, _LOOKED)]
        for checkpoint in later:
            heads, _ = read_heads(checkpoint.heads)
            if any(head.chain_id == record.chain_id and head.seq >= record.seq for head in heads):
                return Proof(record.chain_id, record.seq, record.hash.hex(), checkpoint.seq)
        return Proof(record.chain_id, record.seq, record.hash.hex(), None)


def counted(counts: Mapping[str, int]) -> str:
    """How much of each kind, as words: 3 keys, 1 identity; rows of the warehouse by what they are."""
    return ", ".join(f"{count:,} {_one(kind) if count == 1 else kind}" for kind, count in _in_words(counts))


def _in_words(counts: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    for kind, count in counts.items():
        yield KINDS.get(kind, kind), count


def _one(kind: str) -> str:
    """A kind of which there is one: calls of models, addresses, identities."""
    thing, of, rest = kind.partition(" of ")
    for many, one in (("ies", "y"), ("sses", "ss"), ("s", "")):
        if thing.endswith(many):
            return f"{thing.removesuffix(many)}{one}{of}{rest}"
    return kind


def as_json(receipt: Receipt, indent: int | None = 2) -> str:
    """A receipt to be kept or handed on; with no indent in one line."""
    return json.dumps(asdict(receipt), default=datetime.isoformat, indent=indent)


def _of_rule(erasure: Erasure) -> Receipt:
    return Receipt(
        id=erasure.id,
        at=erasure.at,
        reason=erasure.reason,
        policy=erasure.policy,
        by=None,
        person_id=None,
        team_id=None if erasure.scope == "everybody" else erasure.scope,
        removed={},
        rows=erasure.counts,
        proof=None,
    )
