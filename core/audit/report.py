"""What a verification of the audit log found, and how the log stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FindingKind(StrEnum):
    """What happened to the log."""

    EDITED = "edited"
    DELETED = "deleted"
    INSERTED = "inserted"
    REORDERED = "reordered"
    RESTAMPED = "restamped"  # changed with all hashes computed anew; only a checkpoint tells
    TAIL_CUT = "tail_cut"
    CHECKPOINT_EDITED = "checkpoint_edited"
    CHECKPOINT_MISSING = "checkpoint_missing"
    FILE_EDITED = "file_edited"  # the checkpoint file outside
    FILE_SHORT = "file_short"  # the file outside does not hold any more what was written to it
    FOREIGN_KEY = "foreign_key"  # a key on record that is not Gearbox's
    UNGUARDED = "unguarded"  # append-only triggers are missing


@dataclass(frozen=True, slots=True)
class Finding:
    """The first bad row of a chain, or of the checkpoints, and what happened to it.

    `chain_id` is empty where it is about no chain; `seq` is the number of the event, or of the checkpoint, and 0 for
    the record of a chain itself. `words` is one sentence for a person.
    """

    kind: FindingKind
    chain_id: str
    seq: int
    words: str


@dataclass(frozen=True, slots=True)
class Report:
    """A verification of the whole log.

    `covered` events are vouched for by a signed checkpoint; `covered_until` is when the newest checkpoint was signed
    that also lies outside the database, None when there is none: up to there no change goes unnoticed. `notes` are
    sentences about what is no finding, but limits what the verdict means.
    """

    ok: bool
    events: int
    chains: int
    checkpoints: int
    covered: int
    covered_until: datetime | None
    findings: tuple[Finding, ...]
    seconds: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlaceStatus:
    """How far a place outside the database has got: `file`, or the address of a sink."""

    name: str
    seq: int
    at: datetime | None
    failing_since: datetime | None
    problem: str


@dataclass(frozen=True, slots=True)
class ChainStatus:
    """How the log stands now; cheap to ask.

    `pending` events wait for the next checkpoint. `leader` is the process that signs, empty when there is none.
    `refusing` says why nothing is done with keys now, and is empty when all is well.
    """

    chains: int
    events: int
    pending: int
    epoch: int
    checkpoint: int
    checkpoint_at: datetime | None
    places: tuple[PlaceStatus, ...]
    leader: str
    refusing: str
