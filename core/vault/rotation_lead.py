"""Of several that are asked to rotate the KEK at once, one does; the others say who."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from core.errors import RotatedElsewhere
from data.store.rotations import LEASE, ROTATION_LEASE
from data.values.keks import RotationRecord, RotationStep

if TYPE_CHECKING:
    from data.store import Store


def led_elsewhere(store: Store) -> RotatedElsewhere:
    """For who could not get the lease: who has it, and how far they are."""
    leader, rotation = store.leases.holder(ROTATION_LEASE), store.rotations.unfinished()
    who = f"Process {leader.pid} on {leader.host}" if leader else "Another process"
    step = rotation.step.value.replace("_", " ") if rotation else ""
    how_far = f" (v{rotation.from_kek} to v{rotation.to_kek}, {step})" if rotation else ""
    return RotatedElsewhere(
        f"{who} is rotating the KEK already{how_far}.",
        f"Nothing was done here. Watch it with `python -m core vault status`. If it has died on another machine, "
        f"try again in {LEASE.seconds} seconds.",
    )


def refuse_again(last: RotationRecord | None, since: datetime | None) -> None:
    """For who got the lease: go on only where no rotation was done since they were asked to.

    Raises:
        RotatedElsewhere: one was.
    """
    if since is None or last is None or last.finished_at is None or last.step is not RotationStep.DONE:
        return
    if last.finished_at >= since:
        raise RotatedElsewhere(
            f"Another process rotated the KEK while this one started: v{last.to_kek} is active since "
            f"{last.finished_at:%F %T} UTC.",
            "Nothing was done here. To rotate once more, run the command again.",
        )
