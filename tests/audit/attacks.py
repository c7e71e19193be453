"""What somebody may do to a chain at its event `n` (1-based), and what a verification must say then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.audit.report import FindingKind
from tests.audit.intruder import Rows, changed, hashed, renumbered, restamped


@dataclass(frozen=True)
class Attack:
    """Args:
    change: the chain, the number and the chain's origin in; the chain as it is afterwards out.
    kind: what must be found. At event `n` itself.
    last: whether it can be done to the last event, too.
    """

    change: Callable[[Rows, int, bytes], Rows]
    kind: FindingKind
    last: bool = True


def edit_body(rows: Rows, n: int, _origin: bytes) -> Rows:
    return [changed(row, actor="mallory") if row["seq"] == n else row for row in rows]


def edit_column(rows: Rows, n: int, _origin: bytes) -> Rows:
    return [{**row, "actor_id": "mallory"} if row["seq"] == n else row for row in rows]


def edit_hash(rows: Rows, n: int, _origin: bytes) -> Rows:
    return [{**row, "hash": bytes(32)} if row["seq"] == n else row for row in rows]


def edit_both_and_hash(rows: Rows, n: int, _origin: bytes) -> Rows:
    return [{**hashed(row, actor="mallory"), "actor_id": "mallory"} if row["seq"] == n else row for row in rows]


def replace(rows: Rows, n: int, _origin: bytes) -> Rows:
    return [hashed(row, prev="00" * 32, target="") | {"target": ""} if row["seq"] == n else row for row in rows]


def remove(rows: Rows, n: int, _origin: bytes) -> Rows:
    return [row for row in rows if row["seq"] != n]


def remove_and_renumber(rows: Rows, n: int, _origin: bytes) -> Rows:
    return renumbered([row for row in rows if row["seq"] != n])


def forge_before(rows: Rows, n: int, origin: bytes) -> Rows:
    prev = rows[n - 2]["hash"] if n > 1 else origin
    forged = hashed(rows[n - 1], target="forged", prev=prev.hex()) | {"target": "forged"}
    return renumbered([*rows[: n - 1], forged, *rows[n - 1 :]])


def copy_before(rows: Rows, n: int, _origin: bytes) -> Rows:
    other = rows[(n + 2) % len(rows)]
    return renumbered([*rows[: n - 1], hashed(other, details={"forged": 1}), *rows[n - 1 :]])


def garbage_before(rows: Rows, n: int, _origin: bytes) -> Rows:
    return renumbered([*rows[: n - 1], rows[n - 1] | {"body": "{}", "hash": bytes(32)}, *rows[n - 1 :]])


def swap(rows: Rows, n: int, _origin: bytes) -> Rows:
    m = n + 1 + (n % 2)
    m = m if m <= len(rows) else n + 1
    numbers = {n: m, m: n}
    return [row | {"seq": numbers.get(row["seq"], row["seq"])} for row in rows]


def move_to_end(rows: Rows, n: int, _origin: bytes) -> Rows:
    return renumbered([*(row for row in rows if row["seq"] != n), rows[n - 1]])


def edit_and_restamp(rows: Rows, n: int, origin: bytes) -> Rows:
    return restamped(edit_both_and_hash(rows, n, origin), origin)


def remove_and_restamp(rows: Rows, n: int, origin: bytes) -> Rows:
    return restamped(remove(rows, n, origin), origin)


def insert_and_restamp(rows: Rows, n: int, origin: bytes) -> Rows:
    return restamped(forge_before(rows, n, origin), origin)


def swap_and_restamp(rows: Rows, n: int, origin: bytes) -> Rows:
    return restamped(sorted(swap(rows, n, origin), key=lambda row: int(row["seq"])), origin)


def cut_tail(rows: Rows, n: int, _origin: bytes) -> Rows:
    return rows[: n - 1]


EXACT = {
    "a body edited": Attack(edit_body, FindingKind.EDITED),
    "a column edited": Attack(edit_column, FindingKind.EDITED),
    "a hash edited": Attack(edit_hash, FindingKind.EDITED),
    "edited with its hash": Attack(edit_both_and_hash, FindingKind.EDITED, last=False),
    "replaced": Attack(replace, FindingKind.EDITED),
    "deleted": Attack(remove, FindingKind.DELETED, last=False),
    "deleted and renumbered": Attack(remove_and_renumber, FindingKind.DELETED, last=False),
    "inserted with all that belongs to it": Attack(forge_before, FindingKind.INSERTED),
    "a copy inserted": Attack(copy_before, FindingKind.INSERTED),
    "garbage inserted": Attack(garbage_before, FindingKind.INSERTED),
    "two swapped": Attack(swap, FindingKind.REORDERED, last=False),
    "moved to the end": Attack(move_to_end, FindingKind.REORDERED, last=False),
    "tail cut": Attack(cut_tail, FindingKind.TAIL_CUT),
}
"""Those after which the first bad event itself is named."""

RESTAMPS = {
    "edited and all restamped": edit_and_restamp,
    "deleted and all restamped": remove_and_restamp,
    "inserted and all restamped": insert_and_restamp,
    "swapped and all restamped": swap_and_restamp,
}
"""Those that leave a chain without a contradiction: the checkpoints tell between which two of them it changed."""
