"""Does the file outside still hold what was written to it?

Each process that signs remembers in the database how far its own file has got: `CheckpointFile.bookmark` names the
machine and the path, so that replicas with a file each are not taken for one that lost it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import pairwise
from pathlib import Path

from core.audit.report import Finding, FindingKind
from data.store import Store
from data.values.actor import Actor, Surface
from data.values.audit import SYSTEM_ACTOR, Action, AuditEvent, AuditOutcome
from data.values.audit_search import AuditFilter

_GEARBOX = Actor(SYSTEM_ACTOR, frozenset(), Surface.BACKGROUND)


def lost_lines(path: Path, reached: int, held: Collection[int], stored: Iterable[int]) -> Finding | None:
    """What was written to the file and is not in it any more.

    Args:
        path: the file.
        reached: the last checkpoint that it took, says the database.
        held: the checkpoints in it.
        stored: those in the database: the file got every one of them, and of others only those of its own time.
    """
    newest = max(held, default=0)
    gone = sorted({seq for seq in stored if seq <= reached} - set(held) | set(range(newest + 1, reached + 1)))
    if not gone:
        return None
    last = next((seq for seq, after in pairwise(gone) if after != seq + 1), gone[-1])
    which = f"Checkpoint {last} was" if last == gone[0] else f"Checkpoints {gone[0]} to {last} were"
    if not path.exists():
        words = f"The checkpoint file {path} is gone. {which} written to it."
    else:
        words = f"{which} written to the checkpoint file {path} and can't be found in it any more."
    if gone[-1] != last:
        words += f" So were others up to {gone[-1]}."
    return Finding(FindingKind.FILE_SHORT, "", gone[0], words)


def tell_rewritten(store: Store, held: int, reached: int) -> None:
    """Book that the file held only up to checkpoint `held` of `reached`, and was filled again from the database."""
    store.audit.record(
        AuditEvent.by(
            _GEARBOX, Action.AUDIT_VERIFY, AuditOutcome.FAILED, target="checkpoint file", held=held, reached=reached
        )
    )


def rewritten_note(store: Store) -> str:
    """What has to be known of a file that was filled again; empty where it never was."""
    wanted = AuditFilter(actions=(Action.AUDIT_VERIFY,), target="checkpoint file")
    found = store.audit.search(wanted, None, 1).entries
    if not found:
        return ""
    at = found[0].record.at
    return (
        f"On {at:%F %T} UTC the checkpoint file had lost checkpoints and was filled again from the database: "
        "whether any had been cut off the database, too, only an older copy of the file or a sink can tell."
    )
