"""When nobody is told: silences, and maintenance of the workspace, whose noise was to be expected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from data.store import Store
from data.values.alert_delivery import Silence, SilenceForm


def quiet_times(store: Store, after: datetime) -> Sequence[Silence]:
    """Those that end after a moment. Maintenance is one of all alerts, for as long as it was expected to take."""
    of_maintenance = [
        Silence(
            each.id,
            SilenceForm.MAINTENANCE,
            rule="",
            group="",
            starts_at=each.starts_at,
            ends_at=each.quiet_until,
            why=each.words,
            created_by=each.created_by,
            created_at=each.created_at,
        )
        for each in store.notices.maintenances(after)
        if each.quiet_until > after
    ]
    return [*store.alert_delivery.silences(after), *of_maintenance]
