"""The one way in which a flag is changed: history, audit log and flag in one transaction."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import replace

from core.errors import GearboxError
from core.flags.capabilities import declared
from core.flags.snapshot import FlagSnapshot
from data.store import Store
from data.values.actor import Actor
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.flags import Flag, FlagState, to_json


def keep(store: Store, snapshot: FlagSnapshot, flag: Flag, *, by: Actor, why: str, change: str) -> Flag:
    """Keep a flag in the place of the version that it was made of; it counts at once in this process.

    Args:
        by: who did it; it was asked before whether they may.
        change: what was done, in words for the audit log.

    Raises:
        Conflict: somebody else changed it meanwhile.
        FlagRefused: it can't be kept as it is.
        GearboxError: Gearbox's own stay what they are, on or off, and can't be removed.
    """
    known = declared()
    own = known.get(flag.key)
    if own is not None and flag.state is FlagState.REMOVED:
        raise GearboxError("This flag belongs to Gearbox and can't be removed.", "Turn it off.")
    if own is not None and (flag.kind, dict(flag.variants), flag.off) != (own.kind, dict(own.variants), own.off):
        raise GearboxError("This flag belongs to Gearbox: it is on or off.", "Change its rules, not its variants.")
    state = hashlib.sha256(json.dumps(to_json(replace(flag, version=0)), sort_keys=True).encode()).hexdigest()
    event = AuditEvent.by(
        by,
        Action.FLAG_FLIP,
        AuditOutcome.DONE,
        target=f"flag:{flag.key}",
        change=change,
        state=flag.state.value,
        version=flag.version + 1,
        sha256=state,
    )
    saved = store.flags.save(flag, known, by=by.user_id, why=why.strip(), event=event)
    with suppress(GearboxError):  # it is kept; if that can't be read, the next look sees it
        snapshot.look()
    return saved
