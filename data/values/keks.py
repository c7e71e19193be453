"""Key-encryption keys (KEKs) as rows: what is known of each, and how far their rotations got. Never a key itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class KekState(StrEnum):
    """Exactly one KEK is ACTIVE: it seals. RETIRED ones only unwrap what was not re-wrapped yet.

    A PENDING one was made by a rotation that has not activated it; nothing is sealed with it.
    """

    PENDING = "pending"
    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class KekRecord:
    """A KEK known to this database, by id.

    `canary` is a fixed text sealed under it; `wrapped` the KEK itself as a KMS sealed it, for sources that keep no key.
    """

    kek_id: int
    state: KekState
    source: str
    canary: bytes = field(repr=False)
    created_at: datetime
    wrapped: bytes | None = field(default=None, repr=False)


class RotationStep(StrEnum):
    """What a rotation does next, in this order. Stored: add members, never rename one."""

    CREATE = "create"
    READ_BACK = "read_back"
    CANARY = "canary"
    ACTIVATE = "activate"
    REWRAP = "rewrap"
    RETIRE = "retire"
    DONE = "done"
    ABANDONED = "abandoned"  # before the new KEK was activated; nothing was sealed with it


@dataclass(frozen=True, slots=True)
class RotationRecord:
    """One rotation: from which KEK to which, kept in `source`; `step` is what comes next.

    `done` of `total` versions are re-wrapped. `finished_at` is None while it is under way, or interrupted.
    """

    rotation_id: str
    from_kek: int
    to_kek: int
    source: str
    step: RotationStep
    total: int
    done: int
    started_at: datetime
    updated_at: datetime
    finished_at: datetime | None = None
